"""Whether two reports agree: the same claims, and every number within its tolerance.

Two processors round differently, so their reports do not have the same bytes. What must stay is
what is *said*. A claim is compared as the expression that it is: its words must be the published
ones (they name who is ahead, and how many), and each number in it must satisfy
``|here − published| ≤ tolerance``. The tolerances lie in ``agreement.yaml``, with their reasons.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from har_utils.report.typesetting import ESCAPES
from har_utils.words import SPACE

CLAIM = "claim."
"""What the keys of claims begin with."""

NUMBER = re.compile(rf"(?<![\w.])[−-]?\d[\d{SPACE},]*(?:\.\d+)?(?![\w-]|\.\d)")
"""A number in a text; that of a name, as in 1D-CNN, is none."""

DEFINED = re.compile(r"^\\hardefine\{(.+?)\}\{(.*)\}$", flags=re.MULTILINE)
"""A line of ``numbers.tex``."""


@dataclass(frozen=True)
class Difference:
    """What one number or claim is here and in what was published.

    Parameters
    ----------
    key
        Its key in ``numbers.tex``.
    published, here
        The texts; None where there is none.
    """

    key: str
    published: str | None
    here: str | None

    def __str__(self) -> str:
        """Return it as text; what was published stands below what is said here."""
        return f"{self.key}\n    here:      {self.here}\n    published: {self.published}"


def defined(numbers: str) -> dict[str, str]:
    """Return what the text of a ``numbers.tex`` defines: key → number or sentence, plain text."""
    return {key: plain(text) for key, text in DEFINED.findall(numbers)}


def plain(text: str) -> str:
    """Return plain text that `typesetting.latex` made LaTeX of."""
    for character, written in sorted(ESCAPES.items(), key=lambda each: -len(each[1])):
        text = text.replace(written, character)
    return text


def unlike(published: Mapping[str, str], here: Mapping[str, str]) -> list[Difference]:
    """Return the numbers and claims that do not agree, in the order of their keys.

    Parameters
    ----------
    published, here
        Key → plain text, as `defined` gives them. Of numbers that only one side has, none is told:
        builds hold more models or fewer. A claim that only one side makes does not agree.
    """
    claims = {key for key in published.keys() | here.keys() if key.startswith(CLAIM)}
    keys = sorted(claims | (published.keys() & here.keys()))
    pairs = [Difference(key, published.get(key), here.get(key)) for key in keys]
    return [pair for pair in pairs if not _agree(pair)]


def _agree(pair: Difference) -> bool:
    """Return whether words are the same and numbers within their tolerance."""
    if pair.published is None or pair.here is None:
        return False
    rule = rule_of(pair.key)
    if pair.published == pair.here or rule.get("measured"):
        return True
    if _words(pair.published) != _words(pair.here):
        return False
    both = zip(_values(pair.published), _values(pair.here), strict=True)
    return all(abs(here - published) <= _tolerance(rule, published) for published, here in both)


def _tolerance(rule: Mapping[str, Any], published: float) -> float:
    """Return how far a number may lie from the published one.

    A hair more, since 92.4 − 91.4 is not 1 in binary.
    """
    return max(rule.get("within", 0), rule.get("share", 0) * abs(published)) + 1e-9


def _words(text: str) -> str:
    """Return a text without its numbers."""
    return NUMBER.sub("#", text)


def _values(text: str) -> list[float]:
    """Return the numbers of a text."""
    separators = str.maketrans({SPACE: None, ",": None, "−": "-"})
    return [float(found.translate(separators)) for found in NUMBER.findall(text)]


def rule_of(key: str) -> dict[str, Any]:
    """Return the rule of ``agreement.yaml`` that counts for a key."""
    return next(rule for rule in _rules() if any(fnmatchcase(key, each) for each in rule["keys"]))


@cache
def _rules() -> list[dict[str, Any]]:
    """Return the rules in their order."""
    return yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
