"""Notes for the teacher: what ``teaching/notes.yaml`` says, with times, guesses and their answers.

The answers are what executed lessons say (`answers`).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from har_utils import files, sentences
from har_utils.build import notebooks, plan
from har_utils.course import exercises, start_page
from har_utils.teaching import answers

say = sentences.beside(__file__)

NOTES = files.REPOSITORY / "teaching" / "notes.yaml"
"""What a person wrote."""

BESIDE_LESSONS = re.compile(r"\[([^][]+)\]\((?![a-z]+:)[^()]*\)")
"""A link that leads somewhere from a lesson's folder only; its words stay."""


def notes() -> str:
    """Return the notes to all lessons, Markdown.

    Raises
    ------
    ValueError
        If a lesson has no notes.
    """
    written = yaml.safe_load(NOTES.read_text(encoding="utf-8"))
    names = start_page.lesson_names()
    missing = [name for name in names if name not in written]
    if missing:
        raise ValueError(f"{files.shown(NOTES)}: nothing is said of {', '.join(missing)}")
    lessons = [_lesson(name, written[name]) for name in names]
    return BESIDE_LESSONS.sub(r"\1", "\n\n".join([say("introduction"), *lessons]) + "\n")


def _lesson(name: str, written: dict[str, Any]) -> str:
    """Return the notes to one lesson."""
    known = start_page.lesson(name)
    text = say(
        "lesson",
        title=known.title,
        time=start_page.time_line(known.reading, start_page.minutes().get(name)),
        show=written["show"],
        in_class=", ".join(f"{what} ({n} min)" for what, n in written["in_class"].items()) + ".",
        solved=f" {written['solved']}" if "solved" in written else "",
        misconceptions="\n".join(map(_misconception, written["misconceptions"])),
        ask=written["ask"],
    )
    found = answers.found(notebooks.read(newest(name)), written.get("answers", {}))
    if not is_executed(name):
        found = [(question, say("not_executed")) for question, _ in found]
    listed = "\n".join(_listed(*pair) for pair in found)
    return "\n\n".join([text, *([say("guesses"), listed] if listed else [])])


def _listed(question: str, answer: str) -> str:
    """Return a guess as an item of a list: its answer, then the tables that show it."""
    words, *tables = (answer or say("by_figure")).split("\n\n")
    if words.startswith("|"):
        words, tables = say("by_table"), [words, *tables]
    parts = [f"- {question}\n*{words}*", *tables]
    return "\n\n".join(parts).replace("\n", "\n  ").replace("\n  \n", "\n\n")


def _misconception(text: str) -> str:
    """Return a line of the list: what students think, in quotes, and what is so."""
    thought, _, truth = text.partition(". ")
    return f"- “{thought}.” {truth}"


def newest(name: str) -> Path:
    """Return a lesson as the last ``make report`` executed it, else as it is committed."""
    executed = plan.course("report").executed(name)
    return executed if executed.exists() else exercises.NOTEBOOKS / f"{name}.ipynb"


def is_executed(name: str) -> bool:
    """Return whether ``make report`` has executed a lesson, which then knows its answers."""
    return newest(name).parent != exercises.NOTEBOOKS


def write(output: Path) -> Path:
    """Write the notes; return the file."""
    files.write_text(output, notes())
    return output
