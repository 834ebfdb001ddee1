"""The course as pages for a browser: lessons, figures, report, exercises, results.

They need no network and no server: ``build/<profile>/site/index.html`` opens from the disk. The
templates, the style and the script are in ``templates/site``.
"""

from __future__ import annotations

import ast
import base64
import html
import io
import posixpath
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
import yaml
from bs4 import BeautifulSoup, Tag
from markupsafe import Markup
from nbformat import NotebookNode, v4
from PIL import Image

from har_utils import configuration, files, models, quiz, report, sentences
from har_utils.build import guesses, live, notebooks, publication, six_windows
from har_utils.build.dependencies import PACKAGE, PipelineError
from har_utils.build.plan import Course
from har_utils.report import links, tex, twin

say = sentences.beside(__file__)

TEMPLATES = PACKAGE / "templates"

NOTEBOOKS = files.REPOSITORY / "notebooks"
"""Where exercises and solutions are."""

COURSE_TITLE = "Human activity recognition with a smartphone"

ASSETS = ("style.css", "site.js", *live.SCRIPTS)

FORMULA = re.compile(
    r"\$\$(?P<block>.+?)\$\$|\$(?!\s)(?P<inline>[^$\n]+?)(?<!\s)\$", flags=re.DOTALL
)
"""A formula in TeX: ``$$…$$`` on lines of its own, ``$…$`` within one."""

NUMBER_AND_PERCENT = re.compile(r"(?<=\d) %")

COLAB_CELL = """\
%cd ~
!test -d course || git clone -q --depth 1 {address} course
%cd ~/course/notebooks
%pip install -q -e ..
import os, sys
sys.path.insert(0, os.path.expanduser("~/course"))
"""
"""What makes a notebook find the course where only the notebook was opened, as Colab does."""

START_PICTURE = "six_windows"
"""The file of the picture on the first page, which names no activity before lesson 1 has asked."""

SMALL = 640
"""Width in pixels of the pictures in the gallery."""

KINDS = (
    "text/html",
    "text/markdown",
    "image/png",
    "text/plain",
)
"""Which of several forms of an output a page shows: the first it has. None needs a script."""


@dataclass(frozen=True)
class Page:
    """One page.

    Attributes
    ----------
    path
        Its place in the site.
    title
        Its title.
    main
        Its text, HTML.
    sections
        Name and title of each part of it, for the contents.
    """

    path: str
    title: str
    main: str
    sections: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Group:
    """A heading of the contents and the pages under it."""

    title: str
    pages: list[Page]


# --- The whole site -----------------------------------------------------------------------------


def make(course: Course, solutions: bool = True) -> Path:
    """Write the site of a finished build, whole or not at all.

    Parameters
    ----------
    course
        What was built.
    solutions
        Whether the solutions of the exercises are in it; without them it is the class's site.

    Returns
    -------
    Path
        The page to begin with.

    Raises
    ------
    PipelineError
        If the build is not finished.
    """
    refuse_unfinished(course)
    place = course.site if solutions else course.student_site
    aside = course.folder / f".{place.name}"
    shutil.rmtree(aside, ignore_errors=True)
    (aside / "figures" / "small").mkdir(parents=True)
    sources = _notebooks(course, solutions)
    known = [*sources, *_references()]
    pages = {path: _notebook_page(path, source, known) for path, source in sources.items()}
    lessons = [pages[f"{name}.html"] for name in course.contents]
    results_table = publication.results_table(course)
    rest = [
        _figures_page(course, pages, aside),
        _exercises_page(sources, solutions),
        *_reference_pages(known),
        _report_page(course, aside),
        _report_text_page(course),
        _live_page(),
    ]
    groups = [
        Group("Course", [_start_page(course, lessons, results_table, aside)]),
        Group("Lessons", lessons),
        Group("More", [page for page in rest if page]),
    ]
    listed = [page for group in groups for page in group.pages]
    others = [page for page in pages.values() if page not in lessons]
    warning = say("warning", profile=course.profile)
    for page in [*listed, *others]:
        _write(aside, page, groups, warning)
    for name in ASSETS:
        shutil.copyfile(TEMPLATES / "site" / name, aside / name)
    files.put_in_place(aside, place)
    return place / "index.html"


def refuse_unfinished(course: Course) -> None:
    """Raise ``PipelineError`` if a lesson or the report is not there."""
    needed = [*map(course.executed, course.contents), course.folder / "generated"]
    missing = [path.name for path in needed if not path.exists()]
    if missing:
        command = f"make report PROFILE={course.profile}"
        raise PipelineError(f"{course.folder} is not finished ({missing[0]} is missing): {command}")


def _reference_pages(known: Iterable[str]) -> list[Page]:
    """Return the pages to look things up in: glossary, notation, maths."""
    pages = []
    for path, source in _references().items():
        main = _markdown(source.read_text(encoding="utf-8"), path, known)
        pages.append(Page(path, _title(main, source), Markup(main)))
    return pages


def _references() -> dict[str, Path]:
    """Return where every page of ``notebooks/reference`` goes, and its source."""
    sources = sorted((NOTEBOOKS / "reference").glob("[!.]*.md"))
    return {f"reference/{source.stem}.html": source for source in sources}


def _notebooks(course: Course, solutions: bool) -> dict[str, Path]:
    """Return where every notebook's page goes, and the notebook: lessons, exercises, solutions."""
    found = {f"{name}.html": course.executed(name) for name in course.contents}
    for folder in ("exercises", *(["solutions"] if solutions else [])):
        for path in sorted((NOTEBOOKS / folder).glob("[!.]*.ipynb")):
            found[f"{folder}/{path.stem}.html"] = path
    return found


@cache
def _templates() -> jinja2.Environment:
    """Return the templates of whole pages; what is put into them is escaped."""
    loader = jinja2.FileSystemLoader(TEMPLATES / "site")
    return jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)


def _fill(template: str, **values: object) -> Markup:
    """Return a template filled in, as HTML."""
    return Markup(_templates().get_template(template).render(course_title=COURSE_TITLE, **values))


def _write(folder: Path, page: Page, groups: list[Group], warning: str) -> None:
    """Write one page with the contents of the site around it."""
    lessons = groups[1].pages
    place = lessons.index(page) if page in lessons else None
    text = _fill(
        "page.html",
        page=page,
        groups=groups,
        warning=warning,
        root="../" * page.path.count("/"),
        before=lessons[place - 1] if place else None,
        after=lessons[place + 1] if place is not None and place + 1 < len(lessons) else None,
    )
    files.write_text(folder / page.path, text)


# --- A notebook as a page -----------------------------------------------------------------------


def _notebook_page(path: str, source: Path, known: Iterable[str]) -> Page:
    """Return a notebook's page.

    Parameters
    ----------
    path
        Where it goes.
    source
        The notebook, executed or not.
    known
        Where the pages of all notebooks go, for the links between them.
    """
    notebook = notebooks.read(source)
    _join_parameters(notebook)
    _name_pictures(notebook)
    _ask_anew(notebook)
    code = _take_code(notebook)
    body, _ = _exporter().from_notebook_node(notebook)
    soup = BeautifulSoup(body, "html.parser")
    _tidy(soup, path, known)
    guesses.fold_results(soup)
    _offer_to_run(soup, path)
    page = Markup(_put_code(str(soup), code))
    return Page(path, _title(soup, source), page, _sections(soup))


def _title(soup: BeautifulSoup, source: Path) -> str:
    """Return what a page is called: its heading, or its source's name if it has none."""
    return soup.h1.get_text() if soup.h1 else source.stem


def _sections(soup: BeautifulSoup) -> tuple[tuple[str, str], ...]:
    """Return the sections of a page that a link can lead to: anchor and heading."""
    return tuple((_only(heading, "id"), heading.get_text()) for heading in soup("h2", id=True))


def _only(tag: Tag, attribute: str) -> str:
    """Return an attribute that holds one value, as all do but ``class`` and its like."""
    return str(tag[attribute])


def _take_code(notebook: NotebookNode) -> list[str]:
    """Leave a mark for the code of every cell and return the code.

    Highlighted code is most of a page's tags, and nothing of it changes: it is put in at the end.
    """
    code = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            code.append(cell.source)
            cell.source = f"code {len(code) - 1}"
    return code


def _put_code(page: str, code: list[str]) -> str:
    """Put highlighted code where its marks are."""
    mark = r'(?<=<div class="code">)code (\d+)(?=</div>)'
    return re.sub(mark, lambda match: _highlighter()(code[int(match[1])]), page)


@cache
def _highlighter() -> Callable[[str], str]:
    """Return what makes HTML of Python."""
    from nbconvert.filters.highlight import Highlight2HTML

    return Highlight2HTML(pygments_lexer="ipython3")


@cache
def _exporter():
    """Return nbconvert's exporter with our template, which loads nothing from anywhere."""
    from nbconvert import HTMLExporter
    from traitlets.config import Config

    config = Config({"NbConvertBase": {"display_data_priority": list(KINDS)}})
    folder = str(TEMPLATES)
    return HTMLExporter(config=config, template_name="site", extra_template_basedirs=[folder])


def _markdown(text: str, path: str, known: Iterable[str]) -> BeautifulSoup:
    """Return text in Markdown as tidy HTML."""
    body, _ = _exporter().from_notebook_node(v4.new_notebook(cells=[v4.new_markdown_cell(text)]))
    soup = BeautifulSoup(body, "html.parser")
    _tidy(soup, path, known)
    return soup


def _join_parameters(notebook: NotebookNode) -> None:
    """Show the values a page was made with where the parameters are, not in a cell below them.

    A notebook that was executed with other values has both: what papermill added stands under the
    lesson's own cell, and a reader cannot know which of the two holds.
    """
    found = {tag: cell for cell in notebook.cells for tag in cell.metadata.get("tags", [])}
    own, added = found.get("parameters"), found.get("injected-parameters")
    if own and added:
        own.source = "\n".join((_assignments(own.source) | _assignments(added.source)).values())
        notebook.cells.remove(added)


def _assignments(source: str) -> dict[str, str]:
    """Return the lines ``name = value`` of some code: name → line."""
    lines = (line for line in ast.parse(source).body if isinstance(line, ast.Assign))
    return {
        ast.unparse(line.targets[0]): ast.get_source_segment(source, line) or ast.unparse(line)
        for line in lines
    }


def _name_pictures(notebook: NotebookNode) -> None:
    """Note every picture's size; name those that bring no words after the section they are in."""
    section = say("before_sections")
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            headings = re.findall(r"^#+ (.+)$", cell.source, flags=re.MULTILINE)
            section = headings[-1] if headings else section
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                words = output.metadata.setdefault("image/png", NotebookNode())
                words.setdefault("alt", say("unnamed_picture", section=section))
                with Image.open(io.BytesIO(base64.b64decode(output.data["image/png"]))) as png:
                    words["size"] = png.size


def _ask_anew(notebook: NotebookNode) -> None:
    """Give cells tagged ``quiz`` the questions as they are now, executed or not."""
    for cell in notebook.cells:
        if "quiz" in cell.metadata.get("tags", []):
            lesson = cell.source.partition('"')[2].partition('"')[0]
            asked = {"text/html": quiz.as_html(lesson)}
            cell.outputs = [v4.new_output("display_data", data=asked)]


def _tidy(soup: BeautifulSoup, path: str, known: Iterable[str]) -> None:
    """Make HTML fit for a page: links lead to pages, wide tables scroll by themselves.

    Links to what is not in the site become plain text, formulas become MathML, and the signs that
    nbconvert puts behind headings go.
    """
    _render_formulas(soup)
    _keep_units(soup)
    for sign in soup.select("a.anchor-link"):
        sign.decompose()
    for link in soup.select("a[href]"):
        href = _only(link, "href")
        if not re.match(r"[a-z]+:|#", href):
            target = _target(href, path)
            if target.partition("#")[0] in (*known, "exercises.html"):
                link["href"] = posixpath.relpath(target, posixpath.dirname(path) or ".")
            else:
                link.unwrap()
    _tell_apart(soup)
    for table in soup("table"):
        label = {"class": "scroll", "role": "region", "aria-label": "Table"}
        table.wrap(soup.new_tag("div", attrs=label))


def _render_formulas(soup: BeautifulSoup) -> None:
    """Replace formulas in TeX by MathML, which browsers show without a script."""
    for text in soup.find_all(string=FORMULA):
        if text.find_parent(["code", "pre", "script", "style"]) is None:
            shown = FORMULA.sub(_mathml, html.escape(text, quote=False))
            text.replace_with(BeautifulSoup(shown, "html.parser"))


def _keep_units(soup: BeautifulSoup) -> None:
    """Let no line end between a number and its percent sign."""
    for text in soup.find_all(string=NUMBER_AND_PERCENT):
        if text.find_parent(["code", "pre", "script", "style"]) is None:
            text.replace_with(NUMBER_AND_PERCENT.sub("\N{NO-BREAK SPACE}%", text))


def _mathml(formula: re.Match[str]) -> str:
    """Return one formula as MathML; it keeps its TeX for those who cannot see it."""
    from latex2mathml import converter

    block, inline = formula["block"], formula["inline"]
    tex = html.unescape(block or inline)
    shown = converter.convert(tex, display="block" if block else "inline")
    said = f'<math alttext="{html.escape(" ".join(tex.split()))}" '
    shown = shown.replace("<math ", said, 1)
    return f'<span class="formula">{shown}</span>' if block else shown


def _tell_apart(soup: BeautifulSoup) -> None:
    """Give the tables of a page different names: in the notebook each is the first of its kind."""
    for number, table in enumerate(soup.select('table[id^="T_"]')):
        old, new = _only(table, "id"), f"table-{number}"
        style = table.find_previous("style")
        if style is not None and style.string:
            style.string = style.string.replace(f"#{old}", f"#{new}")
        for tag in (table, *table.find_all(id=True)):
            tag["id"] = _only(tag, "id").replace(old, new, 1)


def _target(href: str, path: str) -> str:
    """Return the page that a link of a notebook leads to."""
    target = posixpath.normpath(posixpath.join(posixpath.dirname(path), href))
    if target == "exercises/README.md":
        return "exercises.html"
    if target.startswith("reference/"):
        return re.sub(r"\.md(?=#|$)", ".html", target)
    return re.sub(r"\.ipynb(?=#|$)", ".html", target)


# --- The other pages ----------------------------------------------------------------------------


def _start_page(
    course: Course, lessons: list[Page], results_table: pd.DataFrame, aside: Path
) -> Page:
    """Return the first page: what the course is, what one needs, its lessons, its results."""
    accuracy = results_table["accuracy (%)"].str.partition(" ")[0].astype(float)
    best, worst = (
        {"title": title, "accuracy": f"{accuracy[title]:.1f}"}
        for title in (accuracy.idxmax(), accuracy.idxmin())
    )
    unmirrored = accuracy.get(models.title(models.UNMIRRORED))
    main = _fill(
        "start.html",
        introduction=say("introduction"),
        picture=_start_picture(course, aside),
        lessons=[_listed(lesson, aside) for lesson in lessons],
        table=_as_table(results_table, course),
        best=best,
        worst=worst,
        unmirrored=None if unmirrored is None else f"{unmirrored:.1f}",
        needs=configuration.read(files.REPOSITORY / "config" / "needs.yaml"),
    )
    sections = _sections(BeautifulSoup(main, "html.parser"))
    return Page("index.html", COURSE_TITLE, main, sections)


def _start_picture(course: Course, aside: Path) -> dict[str, object] | None:
    """Return the picture of the first page, if a lesson has drawn its windows."""
    if not (course.folder / "figures" / f"{six_windows.NAMED}.png").exists():
        return None
    place = aside / "figures" / f"{START_PICTURE}.png"
    place.write_bytes(six_windows.picture())
    with Image.open(place) as picture:
        width, height = picture.size
    return {
        "name": START_PICTURE,
        **six_windows.texts(),
        "width": width,
        "height": height,
    }


def _listed(lesson: Page, aside: Path) -> dict[str, object]:
    """Return what the first page says of a lesson; put its notebooks where they are downloaded."""
    name = lesson.path.removesuffix(".html")
    opening = lesson.main.partition("<h2")[0]  # a page is long, and what is wanted stands there
    paragraphs = BeautifulSoup(opening, "html.parser")("p")
    return {
        "path": lesson.path,
        "title": lesson.title,
        "promise": _paragraph(paragraphs, "You will learn"),
        "effort": _paragraph(paragraphs, "You need"),
        "notebook": _download(f"{name}.ipynb", aside),
        "exercises": _download(f"exercises/{name}.ipynb", aside),
        "ways": _ways_to_run(name),
    }


def _ways_to_run(name: str) -> dict[str, str] | None:
    """Return where Binder and Colab run a lesson, and the cell that Colab needs first.

    None if nobody has said where the repository is public: ``repository-code`` in CITATION.cff, an
    address on GitHub.
    """
    citation = yaml.safe_load((files.REPOSITORY / "CITATION.cff").read_text(encoding="utf-8"))
    public = re.match(r"https://github\.com/([\w.-]+/[\w-]+)", citation.get("repository-code", ""))
    if not public:
        return None
    binder, colab = "https://mybinder.org/v2/gh", "https://colab.research.google.com/github"
    return {
        "binder": f"{binder}/{public[1]}/HEAD?urlpath=lab/tree/notebooks/{name}.ipynb",
        "colab": f"{colab}/{public[1]}/blob/HEAD/notebooks/{name}.ipynb",
        "cell": COLAB_CELL.format(address=public[0]),
    }


def _offer_to_run(soup: BeautifulSoup, path: str) -> None:
    """Put below the title of a lesson's page where it can be run."""
    name = path.removesuffix(".html")
    ways = _ways_to_run(name) if "/" not in path else None  # not of exercises and solutions
    if ways and soup.h1:
        soup.h1.insert_after(BeautifulSoup(_fill("ways.html", **ways), "html.parser"))


def _download(name: str, aside: Path) -> str | None:
    """Put a notebook into the site as it is in the course; return its place, None without one."""
    source, place = NOTEBOOKS / name, f"notebooks/{name}"
    if not source.exists():
        return None
    files.copy(source, aside / place)
    return place


def _paragraph(paragraphs: Iterable[Tag], beginning: str) -> Markup:
    """Return the first paragraph that begins so; nothing without one."""
    told = (p for p in paragraphs if p.get_text().startswith(beginning))
    return Markup(next(told, ""))


def _as_table(results_table: pd.DataFrame, course: Course) -> Markup:
    """Return the table of results."""
    table = results_table.rename_axis(None).to_html(border=0, na_rep="–")
    caption = f"<caption>Profile {course.profile}</caption>"
    soup = BeautifulSoup(table.replace("<thead>", caption + "<thead>", 1), "html.parser")
    _tidy(soup, "index.html", ())
    return Markup(soup)


def _figures_page(course: Course, pages: dict[str, Page], aside: Path) -> Page:
    """Return the gallery, and put its pictures in place."""
    groups: list[dict[str, Any]] = [
        {
            "lesson": pages[f"{name}.html"],
            "figures": [_figure(course, figure, aside) for figure in made.get("figures", [])],
        }
        for name, made in course.contents.items()
        if made.get("figures")
    ]
    sections = tuple((Path(g["lesson"].path).stem, g["lesson"].title) for g in groups)
    return Page("figures.html", "Figures", _fill("figures.html", groups=groups), sections)


def _figure(course: Course, name: str, aside: Path) -> dict[str, object]:
    """Copy one figure into the site, large and small; return what the gallery shows of it."""
    source = course.folder / "figures" / f"{name}.png"
    shutil.copyfile(source, aside / "figures" / source.name)
    with Image.open(source) as picture:
        words = {"Title": name.replace("_", " "), "Description": ""} | picture.info
        small = picture.convert("RGB")
        small.thumbnail((SMALL, 2 * SMALL), Image.Resampling.LANCZOS)
    small.quantize(64).save(aside / "figures" / "small" / source.name)
    return {
        "name": name,
        "caption": words["Title"],
        "words": words["Description"].splitlines(),
        "width": small.width,
        "height": small.height,
    }


def _exercises_page(known: Iterable[str], solutions: bool) -> Page | None:
    """Return the list of exercises, if there are any; its column of solutions if they are there."""
    path = NOTEBOOKS / "exercises" / "README.md"
    if not path.exists():
        return None
    listed = _markdown(path.read_text(encoding="utf-8"), "exercises/README.html", known)
    for table in [] if solutions else listed("table"):
        place = [cell.get_text() for cell in table("th")].index("solution")
        for row in table("tr"):
            row(["th", "td"])[place].decompose()
    for link in listed.select("a[href]"):
        link["href"] = posixpath.normpath(posixpath.join("exercises", _only(link, "href")))
    return Page("exercises.html", "Exercises", Markup(listed))


def _report_page(course: Course, aside: Path) -> Page:
    """Return the page of the report, and put the report in place."""
    tex.make_pdf(course.folder, aside / "report.pdf", links.IN_SITE)
    main = _fill(
        "report.html",
        abstract=_abstract(course),
        picture=_picture_of_first_page(aside / "report.pdf", aside / "report"),
        kilobytes=round((aside / "report.pdf").stat().st_size / 1000),
    )
    return Page("report.html", "The report", main, (("abstract", "Abstract"),))


def _report_text_page(course: Course) -> Page | None:
    """Return the report as a page, if there is a program that makes it one."""
    text = twin.make(course.folder)
    if text is None:
        return None
    soup = BeautifulSoup(text, "html.parser")
    for picture in soup("img"):
        figure = picture.find_parent("figure")
        caption = figure.figcaption if figure else None
        picture["alt"] = caption.get_text(" ", strip=True) if caption else ""
    for table in soup("table"):
        label = {"class": "scroll", "role": "region", "aria-label": "Table"}
        table.wrap(soup.new_tag("div", attrs=label))
    main = _fill("report_text.html", text=Markup(soup))
    return Page("report_text.html", "The report as a page", main, _sections(soup))


def _live_page() -> Page:
    """Return the page that recognises what somebody does now."""
    return Page("live.html", live.TITLE, _fill("live.html", **live.page()))


def _picture_of_first_page(pdf: Path, picture: Path) -> bool:
    """Draw the report's first page where there is a program for it; return whether there is."""
    program = shutil.which("pdftoppm")
    if not program:
        return False
    command = [program, "-png", "-singlefile", "-r", "90", "-l", "1", str(pdf), str(picture)]
    return subprocess.run(command, capture_output=True).returncode == 0


def _abstract(course: Course) -> str:
    """Return the report's abstract as plain text, with this build's numbers."""
    source = files.REPOSITORY / "report" / "sections" / "abstract.tex"
    begin, end = r"\begin{abstract}", r"\end{abstract}"
    text = source.read_text(encoding="utf-8").partition(begin)[2].partition(end)[0]
    numbers = (course.folder / "generated" / "numbers.tex").read_text(encoding="utf-8")
    values = dict(re.findall(r"^\\hardefine\{(.+?)\}\{(.*)\}$", numbers, flags=re.MULTILINE))
    text = re.sub(r"\\har\{(.+?)\}", lambda match: values[match[1]], text)
    text = re.sub(r"~?\\cite\{.+?\}", "", text)
    for character, written in report.ESCAPES.items():
        text = text.replace(written, character)
    return " ".join(text.split())
