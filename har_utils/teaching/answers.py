"""What answers a lesson's guesses: cells that say so by a tag, else whatever comes next.

A guess tagged ``asks:name`` is answered by the cells tagged ``answers:name``, in their order; what
they show is told, tables included. So no number of an answer is typed by hand: an executed lesson
has its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bs4 import BeautifulSoup
from nbformat import NotebookNode

from har_utils.build.guesses import ANSWERS

GUESS = re.compile(r"\*\*(?:Your guess|Before you look)\b")
"""How a lesson asks for a guess."""

NAMED = "asks:"
"""Begins the tag of a guess that names its answer."""

PLACE_TO_WRITE = re.compile(r"\n+✎[^\n]*")
"""The line in which students write their guess."""

ITEM = re.compile(r"\s*^- ", flags=re.MULTILINE)
"""Begins an item of a list."""


def found(notebook: NotebookNode, written: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return each guess of a lesson and its answer, Markdown; empty where nothing is in words.

    Parameters
    ----------
    notebook
        The lesson, executed.
    written
        What a person wrote about answers that have names: name → text, said before the cells'.
    """
    pairs = []
    for place, cell in enumerate(notebook.cells):
        for text in filter(GUESS.search, _said(cell)):
            names = _names(cell, NAMED)
            answer = _named(notebook, names[0], written) if names else _next(notebook, place)
            pairs.append((_question(text), answer))
    return pairs


def names(notebook: NotebookNode, begin: str) -> list[str]:
    """Return the names behind the tags of a notebook that begin so, in order."""
    return [name for cell in notebook.cells for name in _names(cell, begin)]


def _names(cell: NotebookNode, begin: str) -> list[str]:
    """Return the names behind the tags of a cell that begin so."""
    tags = cell.metadata.get("tags", [])
    return [tag.removeprefix(begin) for tag in tags if tag.startswith(begin)]


def _question(text: str) -> str:
    """Return the paragraph that asks for a guess, as one line."""
    paragraphs = PLACE_TO_WRITE.sub("", text).split("\n\n")
    return " ".join(next(each for each in paragraphs if GUESS.search(each)).split())


def _named(notebook: NotebookNode, name: str, written: Mapping[str, str]) -> str:
    """Return what a person wrote under a name, then what the cells of that name show."""
    cells = [cell for cell in notebook.cells if name in _names(cell, ANSWERS)]
    shown = [part for cell in cells for part in _shown(cell)]
    words = [" ".join(part.split()) for part in (written.get(name, ""), *shown) if part[:1] != "|"]
    tables = [part for part in shown if part.startswith("|")]
    return "\n\n".join(filter(None, [" ".join(filter(None, words)), *tables]))


def _next(notebook: NotebookNode, place: int) -> str:
    """Return what a lesson says next behind a place, other guesses left out."""
    later = (text for cell in notebook.cells[place + 1 :] for text in _said(cell))
    return _first_paragraph(next((text for text in later if not GUESS.search(text)), ""))


def _said(cell: NotebookNode) -> list[str]:
    """Return what a cell says: its text, or what its code gave in words."""
    if cell.cell_type == "markdown":
        return [cell.source]
    data = [output.get("data", {}) for output in cell.get("outputs", [])]
    return ["".join(each["text/markdown"]) for each in data if "text/markdown" in each]


def _first_paragraph(text: str) -> str:
    """Return the first paragraph of an answer as one line; what stands below a heading is none."""
    for paragraph in text.split("\n\n"):
        line = " ".join(paragraph.split())
        if line.startswith("#"):
            break
        if line and line[0] not in "|$<!-":
            return _ended(line.replace("*", ""))
    return ""


def _ended(line: str) -> str:
    """Return a line without a last sentence that only leads to what follows."""
    whole = re.fullmatch(r"(.*?[.!)])?\s*[^.!?]*[:?]", line)
    return (whole[1] or "") if whole else line


def _shown(cell: NotebookNode) -> Iterator[str]:
    """Yield what a cell shows as an answer: words, each a line, and tables, Markdown."""
    if cell.cell_type == "markdown":
        yield _first_paragraph(cell.source)
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        if "text/markdown" in data:
            yield _in_one_line(data["text/markdown"])
        elif "text/html" in data:
            yield _table(data["text/html"])
        elif output.get("name") == "stdout":
            yield output["text"]


def _in_one_line(text: str) -> str:
    """Return the first paragraph, and the list it leads to, as one line of plain words."""
    paragraphs = text.replace("*", "").strip().split("\n\n")
    leads_on = paragraphs[0].endswith(":")
    first, *items = ITEM.split("\n".join(paragraphs[: 1 + leads_on]))
    listed = "; ".join(item.strip().rstrip(".;") for item in items)
    return " ".join([first.strip(), listed + "." if items else ""]).strip()


def _table(html: str) -> str:
    """Return a table as Markdown; what spans rows or columns stands in each of them."""
    rows = BeautifulSoup(html, "html.parser")("tr")
    cells: dict[tuple[int, int], str] = {}
    for y, row in enumerate(rows):
        x = 0
        for cell in row(["th", "td"]):
            while (y, x) in cells:
                x += 1
            height, width = (int(str(cell.get(name, "1"))) for name in ("rowspan", "colspan"))
            spanned = [(y + down, x + right) for down in range(height) for right in range(width)]
            cells |= dict.fromkeys(spanned, " ".join(cell.get_text().split()))
    width = 1 + max(x for _, x in cells)
    n_heads = sum(row.find_parent("thead") is not None for row in rows)
    lines = [[cells.get((y, x), "") for x in range(width)] for y in range(len(rows))]
    heads = zip(*lines[:n_heads], strict=True)
    head = [" ".join(dict.fromkeys(filter(None, column))) for column in heads]
    return "\n".join(
        f"| {' | '.join(line)} |" for line in [head, ["---"] * width, *lines[n_heads:]]
    )
