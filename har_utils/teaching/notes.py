"""Notes for the teacher: what ``teaching/notes.yaml`` says, with times, guesses and their answers.

A guess is a cell of a lesson; its answer is what the lesson says next. So no number of it is typed
by hand: an executed lesson has its own.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from nbformat import NotebookNode

from har_utils import files, sentences
from har_utils.build import notebooks, plan
from har_utils.course import exercises, start_page

say = sentences.beside(__file__)

NOTES = files.REPOSITORY / "teaching" / "notes.yaml"
"""What a person wrote."""

GUESS = re.compile(r"\*\*(?:Your guess|Before you look)\b")
"""How a lesson asks for a guess."""

PLACE_TO_WRITE = re.compile(r"\n+✎[^\n]*")
"""The line in which students write their guess."""


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
    return "\n\n".join([say("introduction"), *lessons]) + "\n"


def _lesson(name: str, written: dict[str, Any]) -> str:
    """Return the notes to one lesson."""
    known = start_page.lesson(name)
    text = say(
        "lesson",
        title=known.title,
        time=start_page.time_line(known.reading, start_page.minutes().get(name)),
        show=written["show"],
        in_class=", ".join(f"{what} ({n} min)" for what, n in written["in_class"].items()) + ".",
        misconceptions="\n".join(map(_misconception, written["misconceptions"])),
        ask=written["ask"],
    )
    found = guesses(notebooks.read(newest(name)))
    if not is_executed(name):
        found = [(question, say("not_executed")) for question, _ in found]
    listed = [f"- {question}\n  *{answer}*" for question, answer in found]
    return "\n\n".join([text, *([say("guesses"), "\n".join(listed)] if listed else [])])


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


def guesses(notebook: NotebookNode) -> list[tuple[str, str]]:
    """Return each guess of a lesson, and what the lesson says next."""
    texts = [_texts(cell) for cell in notebook.cells]
    found = []
    for place, said in enumerate(texts):
        for text in said:
            if GUESS.search(text):
                after = (each for later in texts[place + 1 :] for each in later)
                answer = next((each for each in after if not GUESS.search(each)), "")
                found.append((_paragraph(text, GUESS), _plain(answer)))
    return found


def _texts(cell: NotebookNode) -> list[str]:
    """Return what a cell says: its text, or what its code gave in words."""
    if cell.cell_type == "markdown":
        return [cell.source]
    if cell.cell_type != "code":
        return []
    data = [output.get("data", {}) for output in cell.get("outputs", [])]
    return ["".join(each["text/markdown"]) for each in data if "text/markdown" in each]


def _paragraph(text: str, wanted: re.Pattern) -> str:
    """Return the paragraph in which something is found, as one line."""
    paragraphs = PLACE_TO_WRITE.sub("", text).split("\n\n")
    return " ".join(next(each for each in paragraphs if wanted.search(each)).split())


def _plain(text: str) -> str:
    """Return the first paragraph of an answer as one line; what stands below a heading is none."""
    for paragraph in text.split("\n\n"):
        line = " ".join(paragraph.split())
        if line.startswith("#"):
            break
        if line and line[0] not in "|$<!-":
            return line.replace("*", "")
    return say("by_figure")


def write(output: Path) -> Path:
    """Write the notes; return the file."""
    files.write_text(output, notes())
    return output
