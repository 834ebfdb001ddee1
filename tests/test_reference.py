"""Glossary, notation and maths: every term leads further, every link to them has an end."""

import re

import pytest

from har_utils.build import guesses, notebooks
from har_utils.course import start_page

REFERENCE = start_page.NOTEBOOKS / "reference"
PAGES = sorted(REFERENCE.glob("[!.]*.md"))
COURSE = sorted(start_page.NOTEBOOKS.glob("[!.]*.ipynb"))
LINK = re.compile(r"\]\((?:reference/)?(?P<page>\w+)\.md(?:#(?P<anchor>[\w-]+))?\)")
OUTSIDE = re.compile(r"\]\(\s*https://[^)\s]+\)")
FEWEST_LINKS = 5
MOST_WORDS = 1600
MOST_CELLS = 40


def text_of(path):
    """Return the text that people wrote in a notebook, or a page."""
    if path.suffix == ".md":
        return path.read_text(encoding="utf-8")
    cells = notebooks.read(path).cells
    text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return re.sub(rf"^{guesses.PLACE} .*$", "", text, flags=re.MULTILINE)


def headings(page):
    """Return the headings of a page, in its order."""
    return re.findall(r"^## (.+)$", text_of(REFERENCE / f"{page}.md"), flags=re.MULTILINE)


def terms(page):
    """Return what the headings of a page can be linked by."""
    return {re.sub(r"[^\w\s-]", "", heading).replace(" ", "-") for heading in headings(page)}


@pytest.mark.parametrize("path", [*PAGES, *COURSE], ids=lambda path: path.stem)
def test_links_into_the_reference_have_an_end(path):
    for link in LINK.finditer(text_of(path)):
        assert (REFERENCE / f"{link['page']}.md").exists(), link[0]
        assert link["anchor"] is None or link["anchor"] in terms(link["page"]), link[0]


@pytest.mark.parametrize("page", ["glossary", "maths"])
def test_headings_are_lower_case_because_browsers_and_jupyter_spell_anchors_differently(page):
    assert {term for term in terms(page) if term != term.lower()} == set()


@pytest.mark.parametrize("page", ["glossary", "maths"])
def test_every_term_leads_to_a_place_to_read_more(page):
    parts = re.split(r"^## ", text_of(REFERENCE / f"{page}.md"), flags=re.MULTILINE)[1:]
    assert [part.partition("\n")[0] for part in parts if not OUTSIDE.search(part)] == []


@pytest.mark.parametrize("name", start_page.lesson_names())
def test_a_lesson_leads_outside(name):
    links = OUTSIDE.findall(text_of(start_page.NOTEBOOKS / f"{name}.ipynb"))
    assert len(set(links)) >= FEWEST_LINKS


@pytest.mark.parametrize("name", start_page.lesson_names())
def test_a_lesson_explains_its_terms_in_the_glossary(name):
    assert LINK.search(text_of(start_page.NOTEBOOKS / f"{name}.ipynb"))


TOO_COMMON = {"accuracy", "batch", "epoch", "loss", "seed", "window"}
"""Terms that nearly every lesson uses in nearly every paragraph."""

FORMS = {
    "adam": "AdamW?",
    "calibration": r"calibrat\w+(?! data)",  # LiteRT's calibration data are something else
    "causal filter": "causal|zero-phase",
    "confusion matrix": "confusion matri(x|ces)",
    "convolution": r"convolution\w*",
    "dataset shift": "(dataset|domain) shift",
    "encoder": "(auto)?encoders?",
    "equivariance": r"equivarian\w+",
    "generalisation": r"generalis\w+",
    "grid search": "(grid|random) search",
    "holm correction": "Holm's correction",
    "interpolation": r"interpolat\w+",
    "leave-one-subject-out": "leave-one-subject-out|leav(e|ing) one person out",
    "low-pass filter": "(low|band)-pass( filter)?",
    "mcnemar test": "McNemar's( exact)? test",
    "nll": "NLL|negative log-likelihood",
    "overfitting": "overfit(s|ting)?",
    "pooling": "(max-)?pooling",
    "precision": r"(?<!full\s)precision",  # of a number, not of a model
    "quantisation": r"quantis\w+",
    "recurrent network": "recurrent",
    "signed logarithm": "signed logarithm|symlog",
    "student interval": "Student's interval",
    "support vector classifier": "support vector classifier|SVC",
    "tree-structured parzen estimator": "tree-structured Parzen estimator|TPE",
    "validation subjects": "validation (subjects|people)",
}
"""Term → how lessons may write it, where it is not the term itself, with or without an s."""

CODE, MATHS, HEADING, URL = r"(?s:```.*?```)|`[^`]*`", r"\$+[^$]+\$+", r"^#.*$", r"(?<=\])\([^)]*\)"
NO_PROSE = re.compile("|".join([CODE, MATHS, HEADING, URL]), flags=re.MULTILINE)


def prose(name):
    """Return a lesson's prose and where, behind the opening cell, its explanations begin."""
    cells = notebooks.read(start_page.NOTEBOOKS / f"{name}.ipynb").cells
    written = [c for c in cells if c.cell_type == "markdown"]
    opening, *others = [c.source for c in written if "exercises" not in c.metadata.get("tags", [])]
    return "\n\n".join([opening, *others]), len(opening)


def first_mention(term, text, start):
    """Return the place of the first mention of a term from a place on, None if there is none."""
    form = FORMS.get(term, f"{term}s?").replace(" ", r"\s+")
    masked = NO_PROSE.sub(lambda match: " " * len(match[0]), text)
    found = re.compile(rf"(?<![\w-])({form})(?!\w)", re.IGNORECASE).search(masked, start)
    return found and found.start()


def is_linked(term, text, mention):
    """Return whether a link to a term's explanation begins no later than a mention of it."""
    anchor = re.escape(f"(reference/glossary.md#{term.replace(' ', '-')})")
    link = re.search(rf"\[[^\]]*\]{anchor}", text)
    return link is not None and link.start() <= mention


@pytest.mark.parametrize("name", start_page.lesson_names())
def test_the_first_mention_of_a_term_leads_to_its_explanation(name):
    text, start = prose(name)
    mentions = {
        term: first_mention(term, text, start)
        for term in headings("glossary")
        if term not in TOO_COMMON
    }
    missing = [t for t, place in mentions.items() if place and not is_linked(t, text, place)]
    assert missing == []


def test_the_glossary_is_in_the_order_of_the_alphabet():
    assert headings("glossary") == sorted(headings("glossary"))


@pytest.mark.parametrize("name", start_page.lesson_names())
def test_a_lesson_is_no_longer_than_a_lesson(name):
    path = start_page.NOTEBOOKS / f"{name}.ipynb"
    notebook = notebooks.read(path)
    text = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    assert len(" ".join(text).split()) <= MOST_WORDS
    cells = notebooks.code_cells(notebook)
    assert sum(not notebooks.is_folded(cell) for cell in cells) <= MOST_CELLS
