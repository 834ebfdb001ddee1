"""Guesses on a page: a reader writes one first, the result is folded until then."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bs4 import BeautifulSoup, Tag

ASKS = re.compile(r"(Your\s+guess|Before\s+you\s+look)\b")
"""How the words begin, in bold, that ask for a guess."""

PLACE = "✎"
"""Begins the line of a notebook in which to write a guess; on a page a text field takes its place.
"""

ANSWERS = "answers:"
"""Begins the tag of a cell that answers a guess; the name that follows says which one."""

MARK = "answer-begins"
"""The class of what the template puts before a cell with such a tag."""

ENDS = ("h1", "h2", "h3")
"""What ends the result of a guess, if no other guess does."""


def fold_results(soup: BeautifulSoup) -> None:
    """Fold what follows a guess, from its first output or answer to the next guess or heading.

    The guess becomes ``<p class="guess">``, the result ``<details class="result">``; without
    scripts the result can be opened all the same. The script adds the text field.

    Parameters
    ----------
    soup
        A page's text, changed in place.
    """
    for place in soup.find_all("p", string=None):
        if place.get_text().startswith(PLACE):
            place.decompose()
    for guess in [paragraph for paragraph in soup("p") if _asks(paragraph)]:
        guess["class"] = "guess"
        result = list(_result(guess))
        if result:
            folded = soup.new_tag("details", attrs={"class": "result"})
            summary = soup.new_tag("summary")
            summary.string = "The result"
            result[0].insert_before(folded)
            folded.append(summary)
            folded.extend([part.extract() for part in result])
    for mark in soup(class_=MARK):
        mark.decompose()


def _asks(paragraph: Tag) -> bool:
    """Return whether a paragraph, outside what a cell gave, asks for a guess."""
    bold = paragraph.find_all("strong")
    return any(ASKS.match(words.get_text()) for words in bold) and not paragraph.find_parent(
        class_="output"
    )


def _result(guess: Tag) -> Iterable[Tag]:
    """Yield what belongs to a guess's result; nothing if no cell gave or answers anything."""
    begun = False
    for part in guess.find_next_siblings():
        if part.name in ENDS or (part.name == "p" and _asks(part)) or part.find(class_="quiz"):
            return
        begun = begun or bool({"output", MARK} & set(part.get("class") or []))
        if begun:
            yield part
