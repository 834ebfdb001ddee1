r"""Where each figure, table and number of the report comes from, as links of the PDF.

A figure or table links to the lesson that made it, a row of numbers to the folder of its runs.
``links.tex`` says what the links lead to; it depends on where the PDF will lie.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

from har_utils import configuration, files

TABLES = {
    "table_classical": "03_classical_baselines",
    "table_networks": "11_comparison",
    "table_pairs": "11_comparison",
    "table_retrained": "11_comparison",
    "table_searches": "09_tuning",
    "table_circumstances": "10_robustness",
    "table_cost": "11_comparison",
    "table_published": "11_comparison",
    "table_everybody": "10_robustness",
    "table_people": "10c_other_people",
}
"""The lesson in which a table's numbers are told; a lesson's figures are in ``notebooks.yaml``."""


@dataclass(frozen=True)
class Places:
    """Where lessons and runs lie, seen from a PDF.

    Parameters
    ----------
    lessons
        The folder of lessons.
    ending
        Of a lesson's file.
    runs
        The folder of runs.
    """

    lessons: str
    ending: str
    runs: str


BUILT = Places("site", "html", "results")
"""Seen from a build's own PDF."""

IN_SITE = Places(".", "html", "../results")
"""Seen from the PDF among the pages; whoever takes the pages elsewhere leaves the runs behind."""

PUBLISHED = Places("../notebooks", "ipynb", "results")
"""Seen from the PDF in the repository, where nobody says at which address it is."""


def published() -> Places:
    """Return the places of the published PDF, in the repository whose address CITATION.cff has."""
    told = yaml.safe_load((files.REPOSITORY / "CITATION.cff").read_text(encoding="utf-8"))
    if "repository-code" not in told:
        return PUBLISHED
    home = f"{told['repository-code'].rstrip('/')}/blob/HEAD"
    return Places(f"{home}/notebooks", "ipynb", f"{home}/report/results")


def origins() -> dict[str, str]:
    """Return which lesson made each figure and table: its name → the lesson's."""
    lessons = configuration.read(files.REPOSITORY / "config" / "notebooks.yaml")
    figures = {figure: name for name, made in lessons.items() for figure in made.get("figures", [])}
    return figures | TABLES


def number_of(lesson: str) -> str:
    """Return a lesson's number as people know it: ``08b_smaller`` → ``8b``."""
    found = re.match(r"0*(\d+[a-z]?)_", lesson)
    return found[1] if found else lesson


def as_tex(places: Places) -> str:
    """Return ``links.tex``."""
    lines = [
        rf"\newcommand{{\harlessons}}{{{places.lessons}}}",
        rf"\newcommand{{\harending}}{{{places.ending}}}",
        rf"\newcommand{{\harruns}}{{{places.runs}}}",
    ]
    for name, lesson in sorted(origins().items()):
        lines.append(rf"\hardefine{{from.{name}}}{{{lesson}}}")
        lines.append(rf"\hardefine{{lesson.{name}}}{{{number_of(lesson)}}}")
    return "\n".join([*lines, ""])
