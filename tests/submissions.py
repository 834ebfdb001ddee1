"""Made-up submissions, right, wrong and broken, as a class of eighty would hand them in.

``python tests/submissions.py FOLDER`` writes eighty; then ``python -m har_utils grade FOLDER``. The
tests grade a few of them.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable
from pathlib import Path

from nbformat import NotebookNode, v4

from har_utils.build import notebooks
from har_utils.course import exercises

BAD_CELLS = {
    "exits": "import sys\nsys.exit(3)",
    "crashes": "import ctypes\nctypes.string_at(0)",
    "endless": "while True:\n    pass",
    "floods": "line = 'x' * 1_000_000\nfor _ in range(1000):\n    print(line)",
    "fills_memory": "kept = []\nwhile True:\n    kept.append(bytearray(500_000_000))",
    "fills_disk": "with open('large', 'wb') as file:\n    file.write(bytes(500_000_000))",
    "syntax": "def broken(:\n    return",
    "raises": "raise ValueError('the dog ate it')",
    "asks": "name = input('Who are you? ')",
    "magic": "%matplotlib inline\n!echo hello",
    "liar": (
        "from har_utils.course import selfcheck\n"
        "selfcheck.check = selfcheck.reaches = "
        "lambda *_, **__: selfcheck.Verdict(selfcheck.RIGHT, '')"
    ),
}
"""What goes wrong → a cell that makes it go wrong, put below the preparation."""

NO_NOTEBOOKS = {
    "essay.txt": b"Dear teacher, I could not open it.",
    "cut_off.ipynb": b'{"cells": [{"cell_type": "code", "sou',
    "list.ipynb": b"[1, 2, 3]",
    "empty.ipynb": b"",
    "picture.ipynb": b"\x89PNG\r\n\x1a\n" + bytes(100),
}
"""Name → content of a file that is no notebook."""


def solved(name: str, which: Callable[[int], bool] = lambda number: True) -> NotebookNode:
    """Return a student's notebook in which some exercises are solved.

    Parameters
    ----------
    name
        The lesson's.
    which
        Number of an exercise → whether it is solved.
    """
    notebook = notebooks.read(exercises.NOTEBOOKS / "exercises" / f"{name}.ipynb")
    solution = notebooks.read(exercises.NOTEBOOKS / "solutions" / f"{name}.ipynb")
    answers = [c.source for c in notebooks.code_cells(solution) if "solution" in exercises.tags(c)]
    number = 0
    for cell in notebook.cells:
        number += "exercise" in exercises.tags(cell)
        if "stub" in exercises.tags(cell):
            answer = answers.pop(0)
            cell.source = answer if which(number) else cell.source
    return notebook


def with_cell(notebook: NotebookNode, source: str, place: int = 2) -> NotebookNode:
    """Return a notebook with one more cell."""
    notebook.cells.insert(place, v4.new_code_cell(source))
    return notebook


def without(notebook: NotebookNode, tag: str) -> NotebookNode:
    """Return a notebook without the code cells that have a tag."""
    notebook.cells = [c for c in notebook.cells if tag not in exercises.tags(c)]
    return notebook


def write(folder: Path, who: str, name: str, notebook: NotebookNode) -> Path:
    """Write a submission as a learning platform packs it: a folder for each student."""
    path = folder / who / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(notebooks.as_text(notebook), encoding="utf-8")
    return path


def eighty(folder: Path) -> None:
    """Write eighty submissions."""
    chance = random.Random(0)
    lessons = sorted(path.stem for path in (exercises.NOTEBOOKS / "solutions").glob("*.ipynb"))
    for place, (name, content) in enumerate(NO_NOTEBOOKS.items()):
        (folder / f"broken_{place}").mkdir(parents=True, exist_ok=True)
        (folder / f"broken_{place}" / name).write_bytes(content)
    for kind, source in BAD_CELLS.items():
        lesson = chance.choice(lessons)
        honest = solved(lesson) if kind != "liar" else solved(lesson, lambda number: False)
        write(folder, kind, lesson, with_cell(honest, source))
    for tag in ("check", "stub", "parameters"):
        lesson = chance.choice(lessons)
        write(folder, f"no_{tag}", lesson, without(solved(lesson), tag))
    for number in range(80 - len(NO_NOTEBOOKS) - len(BAD_CELLS) - 3):
        lesson, share = lessons[number % len(lessons)], chance.choice([0, 0.5, 0.8, 1, 1])
        done = [chance.random() < share for _ in range(6)]
        write(folder, f"student_{number:02d}", lesson, solved(lesson, lambda n, d=done: d[n]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where they are written")
    eighty(parser.parse_args().folder)
