"""The pages open from the disk, and everybody can read them: checked in a real browser."""

import base64
import io
import itertools
import re
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import browser
import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from PIL import Image, PngImagePlugin

from har_utils import dataset, files, models, quiz, report, words
from har_utils.build import dependencies, guesses, notebooks, plan, site, six_windows

REPOSITORY = files.REPOSITORY
STYLE = (site.TEMPLATES / "site" / "style.css").read_text(encoding="utf-8")
LARGEST = 3_000_000

SETTINGS = {
    "subjects": "smoke",
    "validation_fold": 1,
    "seeds": 1,
    "networks": {},
    "paper": {"seeds": 0, "max_epochs": 1},
    "minutes": {},
}
CONTENTS = {
    "01_dots": {"figures": ["dots"], "runs": ["linear_svc"]},
    "02_more": {"figures": ["dots_again"]},
}

CODE = '''\
@decorated
class Thing(Base):
    """Words about it."""

    def __init__(self, number: int = 3) -> None:
        self.text = f"{number:.2f} \\n" if number is not None and number >= 2.5 else r"none"  # why
'''
WIDE = "<table border='1' class='dataframe'><tr><th>a</th>" + "<td>12345678</td>" * 30 + "</table>"


def _png(**words: str) -> bytes:
    """Return a small picture that carries words."""
    info, file = PngImagePlugin.PngInfo(), io.BytesIO()
    for key, value in words.items():
        info.add_text(key, value)
    Image.new("RGB", (900, 300), "white").save(file, "PNG", pnginfo=info)
    return file.getvalue()


def _output(data: dict, **metadata: object) -> nbformat.NotebookNode:
    return nbformat.v4.new_output("display_data", data=data, metadata=metadata)


FOLDED = {"jupyter": {"source_hidden": True}}

QUIZ = """\
- question: How many `dots`?
  right: Two
  because: One and one.
  wrong:
    - {answer: Three, because: One too many.}
    - {answer: None at all, because: Look again.}
- question: Rising?
  right: "Yes"
  because: From 1 to 2.
  wrong:
    - {answer: "No", because: Left to right.}
"""


def _cells() -> list[nbformat.NotebookNode]:
    """Return cells with every kind of output there is."""
    picture = base64.b64encode(_png()).decode()
    widget = {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}}
    words = {"alt": "Dots, rising", "description": "Dots: a 1.\nIn it is written: <up>."}
    result = nbformat.v4.new_output("execute_result", data={"text/html": WIDE, "text/plain": "t"})
    outputs = [
        nbformat.v4.new_output("stream", name="stdout", text="a long line " * 40),
        result,
        _output({"image/png": picture}, **{"image/png": words}),
        _output({"image/png": picture}),
        _output(widget | {"image/png": picture}, **{"image/png": words}),
        _output({"text/markdown": "**Said** of [another](02_more.ipynb)"}),
        nbformat.v4.new_output("stream", name="stderr", text="\x1b[31mred\x1b[0m"),
    ]
    opening = "# 1 · Dots?\n\nWhy.\n\n**You will learn** dots.\n\n**You need** a pencil.\n\n"
    text = opening + "## How so?\n\n`code`, [gone](x.txt)"
    tags = ("parameters", "injected-parameters")
    own, added = ({"tags": [tag]} for tag in tags)
    return [
        nbformat.v4.new_markdown_cell(text),
        nbformat.v4.new_code_cell('profile = "lab"\nlook = False', metadata=own),
        nbformat.v4.new_code_cell('# Parameters\nprofile = "report"\n', metadata=added),
        nbformat.v4.new_code_cell(CODE, outputs=outputs),
        nbformat.v4.new_markdown_cell("| a | b |\n|---|---|\n| 1 | 2 |\n\n```python\nx = 1\n```"),
        nbformat.v4.new_markdown_cell("**Your\nguess:** which dot?\n\n✎ *write here*"),
        nbformat.v4.new_code_cell("dots()", outputs=[_output({"text/markdown": "The *last*."})]),
        nbformat.v4.new_markdown_cell("So it is."),
        nbformat.v4.new_code_cell("say()", metadata=FOLDED, outputs=[_output({"text/plain": "s"})]),
        nbformat.v4.new_code_cell("save()", metadata=FOLDED),
        nbformat.v4.new_markdown_cell("## Questions"),
        nbformat.v4.new_code_cell('quiz.show("01_dots")', metadata={"tags": ["quiz"]}),
    ]


def _write_exercises(folder: Path) -> None:
    """Write an exercise, its solution and the list of exercises."""
    task = "# 1 · Dots?: exercises\n\nTo [the lesson](../01_dots.ipynb)."
    for name in ("exercises", "solutions"):
        cells = [nbformat.v4.new_markdown_cell(task), nbformat.v4.new_code_cell(CODE)]
        text = notebooks.as_text(nbformat.v4.new_notebook(cells=cells))
        files.write_text(folder / name / "01_dots.ipynb", text)
    files.write_text(folder / "01_dots.ipynb", text)
    row = "| [1.1 Count](01_dots.ipynb) | [1](../01_dots.ipynb) | [s](../solutions/01_dots.ipynb) |"
    listed = f"# Exercises\n\n| exercise | lesson | solution |\n| --- | --- | --- |\n{row}\n"
    files.write_text(folder / "exercises" / "README.md", listed)


TWIN = """\
<h2 id="sec:data">Data</h2><p>As in the PDF.</p><table><tr><td>1</td></tr></table>
<figure><img src="figures/dots.png"><figcaption>Dots. <a href="./01_dots.html">[Lesson 1]</a>
</figcaption></figure>"""
"""What pandoc makes of a report."""


def _write_numbers(folder: Path) -> None:
    """Copy the published numbers, and make up those the abstract has only just begun to read."""
    shutil.copytree(REPOSITORY / "report" / "generated", folder)
    numbers = folder / "numbers.tex"
    known = numbers.read_text(encoding="utf-8")
    abstract = (REPOSITORY / "report" / "sections" / "abstract.tex").read_text(encoding="utf-8")
    new = {key for key in re.findall(r"\\har\{(.+?)\}", abstract) if f"{{{key}}}" not in known}
    made_up = {key: "Something new was found." for key in new}
    numbers.write_text(known + report.macros(made_up), encoding="utf-8")


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Iterator[plan.Course]:
    """A finished build of two lessons."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HAR_BUILD", str(tmp_path_factory.mktemp("build")))
        patch.setattr(site, "NOTEBOOKS", tmp_path_factory.mktemp("notebooks"))
        _write_exercises(site.NOTEBOOKS)
        patch.setattr(quiz, "FOLDER", site.NOTEBOOKS / "quiz")
        files.write_text(quiz.FOLDER / "01_dots.yaml", QUIZ)
        course = plan.Course("smoke", SETTINGS, CONTENTS)
        for number, name in enumerate(CONTENTS):
            cells = _cells() if number == 0 else [nbformat.v4.new_markdown_cell("# 2 · More")]
            executed = notebooks.as_text(nbformat.v4.new_notebook(cells=cells))
            files.write_text(course.executed(name), executed)
        (course.folder / "figures").mkdir()
        for name in ("dots", "dots_again"):
            words = {"Title": "Dots, rising", "Description": "Dots: a 1."}
            (course.folder / "figures" / f"{name}.png").write_bytes(_png(**words))
        _write_numbers(course.folder / "generated")
        shutil.copy(REPOSITORY / "report" / "report.pdf", course.pdf)
        patch.setattr(site.twin, "make", lambda _: TWIN)
        patch.setattr(site.tex, "make_pdf", lambda _, pdf, places: shutil.copy(course.pdf, pdf))
        site.make(course)
        yield course


@pytest.fixture(scope="module")
def folders(course) -> list[Path]:
    """Sites to look at: the toy, and the one `make test` has just made."""
    made = REPOSITORY / "build" / "smoke" / "site"
    return [course.site.resolve(), *([made] if (made / "index.html").exists() else [])]


def _pages(folder: Path) -> list[Path]:
    """Return a site's pages; of the exercises and solutions, which are all alike, one each."""
    some = [next(iter(sorted(part.glob("*.html"))), None) for part in folder.glob("[es]*s/")]
    return [*sorted(folder.glob("*.html")), *filter(None, some)]


@cache
def _soup(page: Path) -> BeautifulSoup:
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")


# --- Without a browser --------------------------------------------------------------------------


def test_a_page_shows_its_parameters_once_with_the_values_it_was_made_with(course):
    first, second, *_ = _soup(course.site / "01_dots.html").select("main .code")
    assert first.get_text().split("\n")[:2] == ['profile = "report"', "look = False"]
    assert "class Thing" in second.get_text()


def test_every_link_leads_somewhere(folders):
    for folder in folders:
        for page in sorted(folder.rglob("*.html")):
            for link in _soup(page).select("[href], [src]"):
                target = link.get("href") or link["src"]
                if target.startswith(("data:", "https:")):
                    assert target.startswith("data:") or link.name == "a", (page, target)
                    continue
                path, _, name = target.partition("#")
                goal = page.parent / path if path else page
                assert goal.is_file(), (page, target)
                assert not name or _soup(goal).find(id=name), (page, target)


def test_every_picture_has_words(folders):
    for page in (page for folder in folders for page in folder.rglob("*.html")):
        for picture in _soup(page)("img"):
            words = picture.get("alt", "").strip()
            assert len(words.split()) >= 2, (page, words)
            assert not re.search(r"\.(png|svg|jpe?g)\b|_|No description", words), (page, words)


def test_words_come_from_the_figure_else_from_its_section(course):
    page = _soup(course.site / "01_dots.html")
    words = [picture["alt"] for picture in page("img")]
    unnamed = site.say("unnamed_picture", section="How so?")
    assert "How so?" in unnamed
    assert words == ["Dots, rising", unnamed, "Dots, rising"]
    assert "In it is written: <up>." in [line.get_text() for line in page.select("figure li")]


def test_pages_have_landmarks_and_one_heading(folders):
    for page in (page for folder in folders for page in _pages(folder)):
        soup = _soup(page)
        assert soup.html["lang"] == "en"
        assert len(soup("main")) == len(soup("header")) == len(soup("h1")) == 1, page
        assert len({nav["aria-label"] for nav in soup("nav")}) == len(soup("nav"))
        ids = [tag["id"] for tag in soup(id=True)]
        assert len(ids) == len(set(ids)), page


def test_pages_are_small_and_need_no_widgets(folders):
    for folder in folders:
        style_and_script = sum((folder / name).stat().st_size for name in site.ASSETS)
        for page in folder.rglob("*.html"):
            soup = _soup(page)
            shown = {page.parent / img["src"] for img in soup("img") if img["src"][:5] != "data:"}
            size = page.stat().st_size + sum(picture.stat().st_size for picture in shown)
            assert size + style_and_script < LARGEST, page
            assert len(soup("script")) == (5 if page.name == "live.html" else 1)
            assert "widget-view" not in str(soup)


def test_what_is_in_the_site_is_linked_and_the_rest_is_not(course):
    page = _soup(course.site / "01_dots.html")
    assert page.select('main p a[href="02_more.html"]')
    assert "gone" in page.main.get_text()
    assert not page.select('a[href*="x.txt"]')


def test_the_list_of_exercises_leads_to_them_their_lessons_and_solutions(course):
    links = [link["href"] for link in _soup(course.site / "exercises.html").select("td a")]
    assert links == ["exercises/01_dots.html", "01_dots.html", "solutions/01_dots.html"]
    lesson = _soup(course.site / "exercises" / "01_dots.html").select_one("main p a")
    assert lesson["href"] == "../01_dots.html"


def test_start_page_says_what_one_needs_and_leads_to_the_live_page_and_the_notebooks(course):
    main = _soup(course.site / "index.html").main
    assert "dots" in main.select_one(".lessons").get_text()
    assert "You need a pencil" in main.select_one(".lessons").get_text()
    leads = [link["href"] for link in main.select(".ways a")]
    assert leads == ["live.html", "01_dots.html", "report.html"]
    downloads = [link["href"] for link in main.select("a[download]")]
    assert downloads == ["notebooks/01_dots.ipynb", "notebooks/exercises/01_dots.ipynb"]
    for place in downloads:
        assert (course.site / place).read_bytes() == (
            site.NOTEBOOKS / place.removeprefix("notebooks/")
        ).read_bytes()
    accuracies = [float(row("td")[1].get_text().split()[0]) for row in main.select("tbody tr")]
    result = main.find(id="result").find_next("p").get_text()
    assert f"{max(accuracies):.1f} %" in result
    assert f"{min(accuracies):.1f} %" in result


def test_start_page_names_the_mirror_where_the_network_without_it_has_a_row(course, tmp_path):
    titles = [models.title(name) for name in ("modern", models.UNMIRRORED)]
    table = pd.DataFrame({"accuracy (%)": ["99.0 ± 0.1", "97.7 ± 0.4"]}, index=titles)
    lessons = [site.Page("nothing.html", "Nothing", "")]
    for rows, named in ((table, True), (table[:1], False)):
        page = BeautifulSoup(site._start_page(course, lessons, rows, tmp_path).main, "html.parser")
        result = page.find(id="result").find_next("p").get_text()
        assert ("mirrored" in result, "97.7 %" in result) == (named, named)


def make_public(monkeypatch, folder, line="repository-code: https://github.com/somebody/a-course"):
    """Let CITATION.cff say where the repository is public, or whatever a line says."""
    monkeypatch.setattr(files, "REPOSITORY", folder)
    (folder / "CITATION.cff").write_text(f"title: A course\n{line}\n")


def test_ways_to_run_are_known_once_the_repository_is_public(monkeypatch, tmp_path):
    make_public(monkeypatch, tmp_path, line="")
    assert site._ways_to_run("01_dots") is None
    make_public(monkeypatch, tmp_path)
    ways = site._ways_to_run("01_dots")
    assert ways["binder"] == (
        "https://mybinder.org/v2/gh/somebody/a-course/HEAD?urlpath=lab/tree/notebooks/01_dots.ipynb"
    )
    assert ways["colab"] == (
        "https://colab.research.google.com/github/somebody/a-course/blob/HEAD/notebooks/01_dots.ipynb"
    )
    assert "git clone -q --depth 1 https://github.com/somebody/a-course course\n" in ways["cell"]


def test_a_lesson_offers_to_run_below_its_title_and_its_exercises_do_not(monkeypatch, tmp_path):
    make_public(monkeypatch, tmp_path)
    for path, expected in (("01_dots.html", 2), ("exercises/01_dots.html", 0)):
        soup = BeautifulSoup("<h1>Dots</h1><p>A text.</p>", "html.parser")
        site._offer_to_run(soup, path)
        links = [link["href"] for link in soup.select("h1 + div a")]
        assert [link.startswith("https://") for link in links] == [True] * expected
        assert ("sys.path.insert" in soup.get_text()) == bool(expected)


def test_start_page_shows_six_windows_without_names_once_a_lesson_has_drawn_them(course, tmp_path):
    assert site._start_picture(course, tmp_path) is None
    named = course.folder / "figures" / f"{six_windows.NAMED}.png"
    named.write_bytes(_png(Title="Six windows", Description="Six."))
    (tmp_path / "figures").mkdir()
    shown = site._start_picture(course, tmp_path)
    named.unlink()
    assert (tmp_path / "figures" / f"{shown['name']}.png").exists()
    said = f"{shown['question']} {shown['words']}".lower()
    assert not any(words.activity_name(name) in said for name in dataset.ACTIVITIES)


def test_a_class_s_site_has_the_exercises_and_no_solution(course):
    site.make(course, solutions=False)
    pages = sorted(course.student_site.rglob("*.html"))
    assert course.student_site / "exercises" / "01_dots.html" in pages
    assert not [page for page in pages if "solution" in str(page.relative_to(course.student_site))]
    listed = _soup(course.student_site / "exercises.html")
    assert [link["href"] for link in listed.select("td a")] == [
        *("exercises/01_dots.html", "01_dots.html")
    ]
    assert "solution" not in listed.main.get_text()
    assert (course.site / "solutions" / "01_dots.html").exists()


def test_the_abstract_has_this_build_s_numbers_and_no_latex(course):
    words = _soup(course.site / "report.html").select_one("h2 + p").get_text()
    assert re.search(r"\d", words)
    assert not re.search(r"[\\{}~$]", words)


def test_the_same_build_gives_the_same_bytes(course):
    before = {path: path.read_bytes() for path in course.site.rglob("*.*") if path.is_file()}
    site.make(course)
    assert {p: p.read_bytes() for p in course.site.rglob("*.*") if p.is_file()} == before


def test_an_unfinished_build_is_refused_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("HAR_BUILD", str(tmp_path))
    message = r"is not finished \(01_dots.ipynb is missing\): make report PROFILE=smoke$"
    with pytest.raises(dependencies.PipelineError, match=message):
        site.make(plan.Course("smoke", SETTINGS, CONTENTS))


def _colours() -> dict[str, tuple[str, str]]:
    """Return the style sheet's colours: name → for light pages, for dark pages."""
    found = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", STYLE)
    return {name: (light, dark) for name, light, dark in found}


def _luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("name", _colours())
def test_colours_stand_out(name, scheme):
    colours = {name: pair[scheme] for name, pair in _colours().items()}
    if name not in ("paper", "shade"):
        least = 3 if name in ("rule", "focus") else 4.5  # WCAG: lines and marks, and text
        for ground in ("paper", "shade"):
            assert _contrast(colours[name], colours[ground]) >= least, ground


def test_every_colour_is_one_that_is_checked():
    plain = re.findall(r"#[0-9a-f]{3,8}\b", re.sub(r"--[\w-]+: light-dark\(.*?\);", "", STYLE))
    assert set(plain) == {"#ffffff"}  # what pictures stand on
    assert set(re.findall(r"var\(--([\w-]+)\)", STYLE)) == set(_colours())


# --- In a browser -------------------------------------------------------------------------------


@pytest.fixture
def window(started: browser.Browser) -> browser.Browser:
    """A browser that has not complained yet."""
    started.complaints.clear()
    return started


PALE_TEXT = """(() => {
  const parse = c => (n => [...n.slice(0, 3), n[3] ?? 1])(c.match(/[\\d.]+/g).map(Number));
  const over = (a, b) => [0, 1, 2].map(i => a[i] * a[3] + b[i] * (1 - a[3])).concat(1);
  const light = c => c.slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const known = new Map([[null, over(parse(getComputedStyle(document.body).backgroundColor),
    [255, 255, 255, 1])]]);
  const ground = e => {
    if (!known.has(e)) {
      known.set(e, over(parse(getComputedStyle(e).backgroundColor), ground(e.parentElement)));
    }
    return known.get(e);
  };
  for (const details of document.querySelectorAll("details")) details.open = true;
  const pale = new Set(), walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !e.getClientRects().length) continue;
    const under = ground(e), ink = over(parse(getComputedStyle(e).color), under);
    const [low, high] = [light(ink), light(under)].sort((a, b) => a - b);
    const ratio = (high + 0.05) / (low + 0.05);
    const named = `${e.localName}.${e.className}: ${e.textContent.slice(0, 40)}`;
    if (ratio < 4.5) pale.add(`${named} (${ratio.toFixed(1)})`);
  }
  return [...pale];
})()"""


def test_nothing_goes_wrong_or_sticks_out_or_is_pale(window, folders):
    found = []
    for page in (page for folder in folders for page in _pages(folder)):
        window.size(1280)
        window.open(page)
        for width, scheme in itertools.product((1280, 390), ("light", "dark")):
            window.size(width)
            window.prefer(scheme)
            found += [f"{page.name}, {scheme}: {pale}" for pale in window.evaluate(PALE_TEXT)]
            if window.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.append(f"{page.name} is wider than {width} pixels")
        broken = "[...document.images].filter(i => i.complete && !i.naturalWidth).length"
        assert window.evaluate(broken) == 0, page
    assert found == []
    assert window.complaints == []


def test_the_keyboard_reaches_the_text_and_shows_where_it_is(window, course):
    window.size(1280)
    window.open((course.site / "01_dots.html").resolve())
    window.press("Tab")
    assert window.evaluate("document.activeElement.className") == "skip"
    assert window.evaluate("document.activeElement.getBoundingClientRect().left >= 0")
    window.press("Enter")
    assert window.evaluate("document.activeElement.id") == "main"
    reached = []
    here = "document.activeElement"
    window.press("Tab")
    while window.evaluate(f"{here} !== document.body") and len(reached) < 20:
        reached.append(window.evaluate(f"{here}.className || {here}.localName"))
        assert window.evaluate(f"getComputedStyle({here}).outlineStyle") != "none", reached
        window.press("Tab")
    assert "scroll" in reached
    assert "summary" in reached


def test_what_is_wide_can_be_scrolled_from_the_keyboard(window, course):
    window.size(390)
    window.open((course.site / "01_dots.html").resolve())
    out = "[...document.querySelectorAll('main *')].filter(e => e.scrollWidth > e.clientWidth + 1"
    out += " && getComputedStyle(e).overflowX === 'auto' && e.tabIndex < 0).length"
    assert window.evaluate("document.querySelectorAll('[tabindex=\"0\"]').length") > 0
    assert window.evaluate(out) == 0


def test_colours_follow_the_system_until_one_chooses_and_the_choice_is_remembered(window, course):
    first, second = ((course.site / name).resolve() for name in ("index.html", "02_more.html"))
    ground = "getComputedStyle(document.body).backgroundColor"
    pressed = "document.getElementById('colours-button').getAttribute('aria-pressed')"
    window.prefer("dark")
    window.open(first)
    dark = window.evaluate(ground)
    assert window.evaluate(pressed) == "true"
    window.prefer("light")
    window.wait_for(f"{pressed} === 'false'")
    assert window.evaluate(ground) != dark
    window.evaluate("document.getElementById('colours-button').click()")
    window.open(second)
    assert window.evaluate(ground) == dark
    assert window.evaluate(pressed) == "true"
    window.evaluate("localStorage.clear()")


def test_contents_open_and_close_on_a_phone(window, course):
    window.size(390)
    window.open((course.site / "01_dots.html").resolve())
    shown = "document.getElementById('contents').getClientRects().length > 0"
    click = "document.getElementById('contents-button').click()"
    assert not window.evaluate(shown)
    window.evaluate(click)
    assert window.evaluate(shown)
    expanded = "document.getElementById('contents-button').getAttribute('aria-expanded')"
    assert window.evaluate(expanded) == "true"
    current = "document.querySelector('#contents [aria-current=page]').textContent"
    assert window.evaluate(current) == "1 · Dots?"
    window.evaluate("document.dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape'}))")
    assert not window.evaluate(shown)
    assert window.evaluate(expanded) == "false"
    assert window.evaluate("document.activeElement.id") == "contents-button"
    window.size(1280)
    assert window.evaluate(shown)


# --- Formulas, and pages to look things up --------------------------------------------------------


def formulas_of(text: str) -> BeautifulSoup:
    """Return a page's text with its formulas shown."""
    pytest.importorskip("latex2mathml")
    return site._markdown(text, "page.html", ())


def test_a_formula_becomes_mathml_and_keeps_its_tex_in_words():
    page = formulas_of("So $a < b$, and\n\n$$c = \\frac{1}{2}$$\n\nfollows.")
    assert [math["display"] for math in page("math")] == ["inline", "block"]
    assert page.math["alttext"] == "a < b"
    assert page("mfrac")
    assert "$" not in page.get_text()


def test_a_percent_sign_stays_with_its_number_but_not_in_code():
    soup = BeautifulSoup("<p>From 3 % to <b>4.5 %</b></p><code>x = 7 % 2</code>", "html.parser")
    site._tidy(soup, "page.html", ())
    assert soup.p.get_text() == "From 3\N{NO-BREAK SPACE}% to 4.5\N{NO-BREAK SPACE}%"
    assert soup.code.get_text() == "x = 7 % 2"


def test_dollars_in_code_are_no_formulas():
    page = formulas_of("`$HOME and $PATH`\n\n```\n$x$\n```")
    assert not page("math")
    assert "$HOME and $PATH" in page.get_text()


SOURCES = sorted(site.NOTEBOOKS.glob("**/[!.]*.ipynb"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_page_of_a_notebook_shows_raw_tex(path, monkeypatch):
    pytest.importorskip("latex2mathml")
    monkeypatch.setattr(quiz, "FOLDER", REPOSITORY / "notebooks" / "quiz")
    monkeypatch.setattr(site, "_highlighter", lambda: lambda code: "")
    page = BeautifulSoup(site._notebook_page(f"{path.stem}.html", path, ()).main, "html.parser")
    for code in page(["code", "pre"]):
        code.decompose()
    assert "$$" not in page.get_text()
    assert not site.FORMULA.search(page.get_text())


def test_reference_pages_are_linked_with_their_anchors(monkeypatch):
    pytest.importorskip("latex2mathml")
    monkeypatch.setattr(site, "NOTEBOOKS", REPOSITORY / "notebooks")
    known = site._references()
    page = site._markdown("[t](reference/glossary.md#softmax)", "01_dots.html", known)
    assert page.a["href"] == "reference/glossary.html#softmax"
    [glossary] = [each for each in site._reference_pages(known) if "glossary" in each.path]
    assert BeautifulSoup(glossary.main, "html.parser").find(id="softmax")


def test_report_as_a_page_has_words_for_pictures_and_links_to_lessons(course):
    page = BeautifulSoup((course.site / "report_text.html").read_text(), "html.parser")
    assert page.main.img["alt"] == "Dots. [Lesson 1]"
    assert page.main.table.parent["class"] == ["scroll"]
    assert page.main.find("a", href="./01_dots.html")


def test_a_figure_of_the_report_without_a_caption_has_no_words(course, monkeypatch):
    monkeypatch.setattr(site.twin, "make", lambda _: '<figure><img src="dots.png"></figure>')
    page = BeautifulSoup(site._report_text_page(course).main, "html.parser")
    assert page.img["alt"] == ""


# --- Guesses, questions and folded code -----------------------------------------------------------


def test_a_guess_has_its_result_folded_behind_it(course):
    page = _soup(course.site / "01_dots.html")
    guess = page.select_one("p.guess")
    assert guess.get_text().endswith("which dot?")
    assert "✎" not in page.get_text()
    result = page.select_one("details.result")
    assert result.find_previous_sibling("p") is guess
    assert "dots()" not in result.get_text()  # the code can be read before one guesses
    assert "The last." in result.get_text()
    assert "So it is." in result.get_text()
    assert result.find_next_sibling().get_text() == "Questions"


def test_a_result_begins_with_the_cell_that_answers_the_guess():
    tags = {"tags": ["answers:sign"]}
    cells = [
        nbformat.v4.new_markdown_cell("**Your guess:** which sign?"),
        nbformat.v4.new_markdown_cell("Think of a wheel."),
        nbformat.v4.new_code_cell("signs = [-1, 1, -1]", metadata=tags),
        nbformat.v4.new_markdown_cell("It spins on.", metadata=tags),
        nbformat.v4.new_markdown_cell("**Your guess:** another?"),
    ]
    body, _ = site._exporter().from_notebook_node(nbformat.v4.new_notebook(cells=cells))
    page = BeautifulSoup(body, "html.parser")
    guesses.fold_results(page)
    [result] = page.select("details.result")
    assert result.summary.find_next_sibling()["class"] == ["code"]
    assert "It spins on." in result.get_text()
    assert "wheel" not in result.get_text()
    assert "another" not in result.get_text()
    assert not page.select(f".{guesses.MARK}")


def test_code_that_only_says_something_is_folded(course):
    folded = _soup(course.site / "01_dots.html").select("details.folded")
    said = {each.select_one(".code").get_text().strip(): each.summary.get_text() for each in folded}
    assert list(said) == ["say()", "save()"]
    assert "shows nothing" in said["save()"]
    assert "shows nothing" not in said["say()"]


def test_a_page_asks_the_questions_of_its_lesson_without_the_code(course):
    page = _soup(course.site / "01_dots.html")
    assert "quiz.show" not in page.main.get_text()
    answers = page.select(".quiz details")
    assert {each.summary.get_text() for each in answers} == {
        *("Two", "Three", "None at all", "Yes", "No")
    }
    assert [each["data-right"] for each in answers].count("true") == 2


def test_a_guess_is_shown_beside_the_result_and_remembered(window, course):
    page = (course.site / "01_dots.html").resolve()
    window.open(page)
    field = "document.querySelector('.guess-field textarea')"
    shown = "document.querySelector('.guessed')"
    assert window.evaluate(f"{shown}.hidden")
    type_in = f"{field}.value = 'the last'; {field}.dispatchEvent(new Event('input'))"
    window.evaluate(type_in)
    window.open(page)
    assert window.evaluate(f"{field}.value") == "the last"
    assert not window.evaluate("document.querySelector('details.result').open")
    window.evaluate("document.querySelector('details.result > summary').click()")
    assert window.evaluate(f"{shown}.textContent").endswith("the last")
    assert window.evaluate(f"{shown}.getClientRects().length > 0")
    window.evaluate("localStorage.clear()")


def test_questions_count_first_answers_and_remember_them(window, course):
    page = (course.site / "01_dots.html").resolve()
    window.open(page)
    click = (
        "[...document.querySelectorAll('.quiz summary')].find(s => s.textContent === '{}').click()"
    )
    count = "document.querySelector('.quiz-count').textContent"
    numbers = f"{count}.match(/\\d+/g).join(' ')"
    for answer, said in (("Three", "0 2 0"), ("Two", "1 2 0"), ("Yes", "2 2 1")):
        window.evaluate(click.format(answer))
        window.wait_for(f"{numbers} === '{said}'")
    window.open(page)
    assert window.evaluate(numbers) == "2 2 1"
    assert window.evaluate("document.querySelectorAll('.quiz details[open]').length") == 3
    window.evaluate("document.querySelector('.quiz button').click()")
    window.wait_for(f"{numbers} === '0 2 0'")
    assert window.evaluate("document.querySelectorAll('.quiz details[open]').length") == 0
    window.evaluate("localStorage.clear()")
