"""LaTeX: escaping, tables, macros, and what a log says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import pandas as pd

from har_utils.words import MISSING, SPACE, decimal, span

OVERFULL = 10.0
"""How far in points a line may stick out of its column before the build fails."""


ESCAPES = {
    "\\": r"\textbackslash{}",
    **{character: f"\\{character}" for character in "{}#$%&_"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    SPACE: "~",
    "–": "--",
    "−": "$-$",
    "±": r"$\pm$",
    "×": r"$\times$",
    "<": "$<$",
    ">": "$>$",
    "…": r"\dots{}",
}
"""Characters that LaTeX reads as commands, or knows by another name."""


def latex(text: str) -> str:
    r"""Return plain text as LaTeX that prints it: ``92.4 %`` → ``92.4~\%``."""
    return "".join(ESCAPES.get(character, character) for character in str(text))


def macros(numbers: dict[str, str]) -> str:
    """Return the file that defines each number or sentence (plain text) under its key.

    Raises
    ------
    ValueError
        If a key holds a character that LaTeX does not take in a name.
    """
    for key in numbers:
        if not re.fullmatch(r"[A-Za-z0-9@._-]+", key):
            raise ValueError(f"{key!r} cannot be a number's key: use letters, digits and . _ - @")
    lines = [f"\\hardefine{{{key}}}{{{latex(numbers[key])}}}" for key in sorted(numbers)]
    return "\n".join(["% Written by har_utils.report from the results: do not edit.", *lines, ""])


def tabular(columns: str, head: Sequence[str], rows: Iterable[Sequence[str] | None]) -> str:
    r"""Return a table with rules above, below and under its head; cells are LaTeX already.

    Parameters
    ----------
    columns
        LaTeX column specification; with an ``X`` in it the table is as wide as its column.
    head
        One cell per column.
    rows
        One sequence of cells per row; None draws a rule.
    """
    wide = "X" in columns
    kind = "tabularx" if wide else "tabular"
    start = rf"\begin{{{kind}}}" + (r"{\linewidth}" if wide else "") + f"{{@{{}}{columns}@{{}}}}"
    body = [r"\midrule" if row is None else " & ".join(row) + r" \\" for row in rows]
    lines = [start, r"\toprule", " & ".join(head) + r" \\", r"\midrule", *body, r"\bottomrule"]
    return "\n".join([*lines, rf"\end{{{kind}}}", ""])


def millions(value: float | None) -> str:
    """Return a number of operations in millions, a dash where there is none."""
    return MISSING if not value or pd.isna(value) else f"{decimal(value / 1e6)}{SPACE}million"


def interval(row: pd.Series, score: str = "accuracy") -> str:
    """Return the interval of a score in per cent: ``89.9 to 94.6``."""
    return span(row[f"{score}_low"], row[f"{score}_high"])


ERROR = re.compile(r"^! (?P<what>.+)$")
"""An error of LaTeX."""


PROBLEMS = (
    re.compile(r"^(?:LaTeX|Package \w+) Warning: (?P<what>(?:Reference|Citation) .+ undefined.*)$"),
    re.compile(r"^LaTeX Warning: (?P<what>Label .+ multiply defined.*)$"),
    re.compile(r"^(?P<what>Missing character: .+)$"),
    re.compile(r"^LaTeX Warning: (?P<what>File .+ not found.*)$"),
)
"""What in a log means that the report is not whole."""


OVERFULL_BOX = re.compile(r"^Overfull \\[hv]box \((?P<by>[\d.]+)pt too (?:wide|high)\)")
"""A line or page that does not fit its box."""


LOG_WIDTH = 79
"""TeX breaks the lines of its log after so many characters."""


def check_log(text: str, overfull: float = OVERFULL) -> list[str]:
    """Return what is wrong with a report according to LaTeX's log of its last run.

    Parameters
    ----------
    text
        The log.
    overfull
        How far in points a box may be too full.

    Returns
    -------
    list of str
        One line per error (an undefined number is one) or else, since LaTeX stops there, per
        undefined reference or citation and per overfull box; empty if the report is whole.
    """
    lines = _unbroken(text)
    if errors := [match["what"] for line in lines if (match := ERROR.match(line))]:
        return errors
    found = []
    for line in lines:
        match = next((match for problem in PROBLEMS if (match := problem.match(line))), None)
        if match:
            found.append(match["what"])
        box = OVERFULL_BOX.match(line)
        if box and float(box["by"]) > overfull:
            found.append(line)
    return list(dict.fromkeys(found))


def _unbroken(text: str) -> list[str]:
    """Return the log's lines with TeX's line breaks undone."""
    lines, start = [], ""
    for line in text.splitlines():
        start += line
        if len(line) < LOG_WIDTH:
            lines.append(start)
            start = ""
    return [*lines, start] if start else lines
