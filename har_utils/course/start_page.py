"""The start page of ``make lab``: every lesson with its question, its parts and its run time.

It is written from the notebooks, ``config/notebooks.yaml`` and the measured times, so it names no
lesson that is not there.
"""

from __future__ import annotations

import os
import re
import resource
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from nbformat import NotebookNode

from har_utils import configuration, files, sentences, words
from har_utils.build import notebooks

say = sentences.beside(__file__)

NOTEBOOKS = files.REPOSITORY / "notebooks"

START = NOTEBOOKS / "start.md"
"""The page JupyterLab opens first; written anew each time, not committed."""

TIMES = files.REPOSITORY / "report" / "lesson_times.json"
"""How long each notebook took with its own parameters: processor seconds, and on what."""

LEARN = re.compile(r"\*\*You will learn\*\*\s+(.*?)\.(?=\s|$)")
"""How the opening of a lesson says what one learns in it."""

TIME_LINE = re.compile(r"\*\*Time:\*\*\s+(?P<reading>[^.,;]+?)(?:\s+to\s+read)?(?=[.,;])[^.]*\.")
"""How the opening of a lesson says how long it takes."""

HEAD = ("lesson", "you will learn", "to read", "to run", "")
"""The head of the table of lessons."""

FURTHER = {
    "exercises": "exercises/README.md",
    "glossary": "reference/glossary.md",
    "notation": "reference/notation.md",
    "maths": "reference/maths.md",
    "playground": "playground.ipynb",
    "one_run": "train.ipynb",
    "one_fit": "fit.ipynb",
    "report": "../report/report.pdf",
    "readme": "../README.md",
    "contributing": "../CONTRIBUTING.md",
}
"""What else the start page leads to: name of what is said of it → file."""


@dataclass(frozen=True)
class Lesson:
    """What a table of contents says of a notebook.

    Parameters
    ----------
    name
        The file's name without ending.
    title
        Its first heading: number and question.
    learn
        What one learns in it; empty where it does not say.
    reading
        How long it takes to read; empty where it does not say.
    """

    name: str
    title: str
    learn: str
    reading: str


# --- What there is ------------------------------------------------------------------------------


def lesson_names() -> list[str]:
    """Return the names of the numbered lessons, in the order of the course."""
    listed = files.REPOSITORY / "config" / "notebooks.yaml"
    return [name for name in configuration.read(listed) if name[0].isdigit()]


def headings(notebook: NotebookNode) -> list[tuple[int, str]]:
    """Return the headings of a notebook's text with their depth, 1 for ``#``."""
    found = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            text = re.sub(r"^```.*?^```", "", cell.source, flags=re.MULTILINE | re.DOTALL)
            found += re.findall(r"^(#{1,6})\s+(.*?)\s*$", text, flags=re.MULTILINE)
    return [(len(marks), title) for marks, title in found]


def lesson(name: str) -> Lesson:
    """Read what the start page says of a notebook.

    Raises
    ------
    ValueError
        If the notebook does not begin with a heading.
    """
    notebook = notebooks.read(NOTEBOOKS / f"{name}.ipynb")
    found = headings(notebook)
    if not found or found[0][0] != 1:
        raise ValueError(f"{name}.ipynb does not begin with a heading: # 1 · What does it ask?")
    opening = " ".join(notebook.cells[0].source.split())
    learn = LEARN.search(opening)
    reading = TIME_LINE.search(opening)
    return Lesson(
        name=name,
        title=found[0][1],
        learn=learn[1] if learn else "",
        reading=reading["reading"] if reading else "",
    )


# --- How long it takes --------------------------------------------------------------------------


def minutes() -> dict[str, float]:
    """Return how long each notebook took when it was measured: name → minutes of one core."""
    seconds = files.read_json(TIMES)["seconds"] if TIMES.exists() else {}
    return {name: value / 60 for name, value in seconds.items()}


def in_words(time: float | None) -> str:
    """Return some minutes in words; a dash where nobody measured."""
    if time is None:
        return words.MISSING
    whole = round(time)
    return say("minutes", minutes=whole)


def measure(names: Iterable[str]) -> dict[str, float]:
    """Execute notebooks with their own parameters and note how long they take.

    They write to a build that is thrown away, so nothing is read back. Measured is processor time,
    which other programs do not stretch. The times go to ``report/lesson_times.json`` and into the
    opening of each notebook.

    Parameters
    ----------
    names
        Lessons, for example ``["04_single_lstm"]``.

    Returns
    -------
    dict
        Name → minutes, of these notebooks.
    """
    from har_utils import training

    for name in names:
        print(f"{name} …", flush=True)
        seconds = _processor_seconds(name)
        known = files.read_json(TIMES)["seconds"] if TIMES.exists() else {}
        times = {**known, name: round(seconds, 1)}
        files.write_json(TIMES, {"machine": training.machine(), "seconds": times})
        write_time(NOTEBOOKS / f"{name}.ipynb", seconds / 60)
    return {name: minutes()[name] for name in names}


def _processor_seconds(name: str) -> float:
    """Return the processor time of executing a notebook in a build of its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory(prefix="har-") as folder:
        kept = os.environ.get("HAR_BUILD")
        os.environ["HAR_BUILD"] = folder
        try:
            notebooks.run(NOTEBOOKS / f"{name}.ipynb", Path(folder) / "executed.ipynb")
        finally:
            os.environ.pop("HAR_BUILD")
            os.environ |= {"HAR_BUILD": kept} if kept else {}
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def time_line(reading: str, time: float | None) -> str:
    """Return what the opening of a lesson says: time to read it, time to run it."""
    running = f", {in_words(time)} to run (measured, one core)" if time is not None else ""
    return f"**Time:** {reading} to read{running}."


def write_time(path: Path, time: float) -> bool:
    """Write into the opening of a notebook how long it takes; return whether that changed it."""
    notebook = notebooks.read(path)
    opening = notebook.cells[0]

    def said(found: re.Match) -> str:
        return time_line(" ".join(found["reading"].split()), time)

    text = TIME_LINE.sub(said, opening.source, count=1)
    if text == opening.source:
        return False
    opening.source = text
    files.write_text(path, notebooks.as_text(notebook))
    return True


# --- The page -----------------------------------------------------------------------------------


def start_page() -> str:
    """Return the start page, Markdown."""
    rows = [_row(lesson(name), minutes().get(name)) for name in lesson_names()]
    table = pd.DataFrame(rows, columns=HEAD)
    parts = [
        say("introduction", is_clone=(files.REPOSITORY / ".git").exists()),
        say("lessons"),
        table.to_markdown(index=False, disable_numparse=True, tablefmt="pipe"),
        _measured(),
        say("then"),
        "\n".join(_further()),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _row(lesson: Lesson, time: float | None) -> tuple[str, ...]:
    """Return a lesson's row of the start page, cells as in `HEAD`."""
    exercises = f"exercises/{lesson.name}.ipynb"
    return (
        f"[{lesson.title}]({lesson.name}.ipynb)",
        lesson.learn,
        lesson.reading or words.MISSING,
        in_words(time),
        f"[exercises]({exercises})" if (NOTEBOOKS / exercises).exists() else words.MISSING,
    )


def _further() -> list[str]:
    """Return a line for everything else there is."""
    there = {name: path for name, path in FURTHER.items() if (NOTEBOOKS / path).exists()}
    return [say(name, path=path) for name, path in there.items()]


def _measured() -> str:
    """Say where and how the times were measured."""
    if not TIMES.exists():
        return ""
    processor = files.read_json(TIMES)["machine"]["processor"]
    return say("measured", processor=processor)


def write_start_page() -> Path:
    """Write the start page where JupyterLab finds it."""
    files.write_text(START, start_page())
    return START
