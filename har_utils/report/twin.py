r"""The report as a page: the same text, numbers, tables, figures and links, made by pandoc.

Pandoc reads LaTeX but not our own macros, whose names are made from keys. They are few, so they are
filled in here, and pandoc does all the rest. Where there is no pandoc, there is no such page.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from har_utils.report import agreement, links
from har_utils.report.links import Places
from har_utils.report.tex import SOURCES, TexError

ARGUMENT = r"\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}"
"""An argument of a macro, with two levels of braces in it at the most."""

FIGURE = re.compile(rf"\\harfigure{3 * ARGUMENT}")
TABLE = re.compile(rf"\\har(?:tight|wide)?table{4 * ARGUMENT}")
RUN = re.compile(rf"\\harrun{2 * ARGUMENT}")
ORIGIN = re.compile(r"\\harorigin\{(\w+)\}")
NUMBER = re.compile(r"\\har\{(.+?)\}")
PICTURE = re.compile(r"(\\includegraphics(?:\[[^]]*\])?)\{(\w+)\}")


def find() -> str | None:
    """Return the program that makes the page, or None if it is not installed."""
    return shutil.which("pandoc")


def make(build: Path, places: Places = links.IN_SITE) -> str | None:
    """Return the report of a build as HTML without a frame, or None where there is no pandoc.

    Parameters
    ----------
    build
        The build: its ``generated/`` is filled in; figures are looked for in ``figures/``.
    places
        What the links lead to, seen from the page.

    Raises
    ------
    TexError
        If the text asks for a number that there is not, or pandoc fails.
    """
    program = find()
    if program is None:
        return None
    command = [program, "--from=latex", "--to=html", "--mathml", "--citeproc"]
    command += [f"--bibliography={SOURCES / 'references.bib'}", "--shift-heading-level-by=1"]
    text = filled_in(SOURCES, build / "generated", places)
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["no reason"]
        raise TexError(f"pandoc: {said[-1]}")
    return done.stdout


def filled_in(sources: Path, generated: Path, places: Places) -> str:
    """Return the report as plain LaTeX: none of our macros is left.

    Parameters
    ----------
    sources
        The folder with ``report.tex``.
    generated
        The numbers and tables.
    places
        What the links lead to.

    Raises
    ------
    TexError
        If the text asks for a number that there is not.
    """
    numbers = dict(agreement.DEFINED.findall((generated / "numbers.tex").read_text("utf-8")))
    text = (sources / "report.tex").read_text(encoding="utf-8")
    body = r"\begin{document}" + text.partition(r"\begin{document}")[2]
    body = re.sub(
        r"\\input\{(sections/\w+)\}",
        lambda found: (sources / f"{found[1]}.tex").read_text(encoding="utf-8"),
        body,
    )
    body = re.sub(r"(?<!\\)%.*", "", body)
    body = FIGURE.sub(_figure, body)
    body = TABLE.sub(lambda found: _table(found, generated), body)
    body = re.sub(r"\\source\{([^}]*)\}", r"(Source: \1.)", body)
    body = re.sub(r"\\theirs\{([^}]*)\}", r"\1", body)
    body = PICTURE.sub(r"\1{figures/\2.png}", body)
    lessons = links.origins()
    body = ORIGIN.sub(lambda found: _origin(lessons.get(found[1]), places), body)
    body = RUN.sub(lambda found: rf"\href{{{places.runs}/{found[1]}/}}{{{found[2]}}}", body)
    body = NUMBER.sub(lambda found: _number(found[1], numbers), body)
    body = re.sub(r"\\Big[lr]", "", body)  # the size of a bracket, which pandoc does not know
    return "\\documentclass{article}\n" + body


def _figure(found: re.Match[str]) -> str:
    """Return a figure in LaTeX's own words."""
    name, label, caption = found.groups()
    inside = (
        rf"\includegraphics{{{name}}}\caption{{{caption} \harorigin{{{name}}}}}\label{{{label}}}"
    )
    return rf"\begin{{figure}}{inside}\end{{figure}}"


def _table(found: re.Match[str], generated: Path) -> str:
    """Return a table in LaTeX's own words, its note as part of the caption."""
    name, label, caption, note = found.groups()
    text = (generated / f"{name}.tex").read_text(encoding="utf-8")
    text = text.replace(r"{tabularx}{\linewidth}", "{tabular}").replace("tabularx", "tabular")
    text = text.replace(r">{\raggedright\arraybackslash}X", "l").replace("{@{}X", "{@{}l")
    head = rf"\caption{{{caption}. {note} \harorigin{{{name}}}}}\label{{{label}}}"
    return rf"\begin{{table}}{head}{text}\end{{table}}"


def _origin(lesson: str | None, places: Places) -> str:
    """Return the link to the lesson that made a figure or table; nothing where none did."""
    if lesson is None:
        return ""
    address = f"{places.lessons}/{lesson}.{places.ending}"
    return rf"\href{{{address}}}{{[Lesson~{links.number_of(lesson)}]}}"


def _number(key: str, numbers: dict[str, str]) -> str:
    """Return a number or sentence as LaTeX."""
    if key not in numbers:
        raise TexError(f"Undefined number: {key}. Nothing in the results defines it")
    return numbers[key]
