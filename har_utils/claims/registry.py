"""Which claims the report makes: each enters itself, with what it is made from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from har_utils import sentences
from har_utils.claims.material import Material, NotMeasuredError

say = sentences.beside(__file__)

CLAIMS: dict[str, Callable[[Material], str]] = {}
"""Key in the report's text → what says it; `claim` adds."""


def claim(
    key: str, of: Callable[[Material], tuple] = lambda m: (m,), missing: str = "not_measured"
) -> Callable[[Callable[..., str]], Callable[..., str]]:
    r"""Make a function one of the report's claims, which the text reads as ``\har{claim.<key>}``.

    Parameters
    ----------
    key
        Its name in the report.
    of
        What the function is called with, from the material; without it, the material.
    missing
        Which text of ``registry.yaml`` stands where this build did not measure it.
    """

    def enter(function: Callable[..., str]) -> Callable[..., str]:
        def said(material: Material) -> str:
            try:
                return function(*of(material))
            except NotMeasuredError:
                return say(missing)

        if key in CLAIMS:
            raise ValueError(f"two claims are called {key!r}: rename one")
        CLAIMS[key] = said
        return function

    return enter


def everything(material: Material) -> dict[str, str]:
    """Return every claim: key → plain text."""
    return {key: said(material) for key, said in CLAIMS.items()}


def with_relation(pair: Any) -> dict[str, Any]:
    """Return one row of a pair table as the facts that texts name, its winner first.

    Parameters
    ----------
    pair
        A row of ``evaluation.pair_table``, as ``itertuples`` gives it.
    """
    winner, loser = (pair.b, pair.a) if pair.verdict == "b" else (pair.a, pair.b)
    low, high = sorted(map(abs, (pair.low, pair.high)))
    return {"winner": winner, "loser": loser, "lead": abs(pair.difference), "by": (low, high)}
