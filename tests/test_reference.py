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


def terms(page):
    """Return what the headings of a page can be linked by."""
    headings = re.findall(r"^## (.+)$", text_of(REFERENCE / f"{page}.md"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\s-]", "", heading).replace(" ", "-") for heading in headings}


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


@pytest.mark.parametrize("name", start_page.lesson_names())
def test_a_lesson_is_no_longer_than_a_lesson(name):
    path = start_page.NOTEBOOKS / f"{name}.ipynb"
    notebook = notebooks.read(path)
    text = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    assert len(" ".join(text).split()) <= MOST_WORDS
    cells = notebooks.code_cells(notebook)
    assert sum(not notebooks.is_folded(cell) for cell in cells) <= MOST_CELLS
