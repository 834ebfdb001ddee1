"""What a student handed in: a notebook as a list of code and checks, or why it is none."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from har_utils.build import notebooks

LARGEST = 50_000_000
"""Bytes of a submission that are still read; one that is larger holds a flood of output."""

LESSON = re.compile(r"selfcheck\.checks\(\s*[\"'](\w+)[\"']")
"""Where an exercise notebook says to which lesson it belongs."""

CHECK = re.compile(r"^check\((\d+)\)\s*$", flags=re.MULTILINE)
"""The call of a check, alone in its line."""


CELL_MAGIC = re.compile(r"\A\s*%%.*$|^\s*%time\s+", flags=re.MULTILINE)
"""What IPython is to do with a whole cell; the cell is executed without it."""


class SubmissionError(ValueError):
    """A file that cannot be graded; the message is for the table."""


@dataclass(frozen=True)
class Submission:
    """A notebook that was handed in.

    Attributes
    ----------
    name
        Its path below the folder with the submissions.
    lesson
        The lesson its exercises belong to.
    steps
        In order: code to execute, or the number of an exercise to check.
    """

    name: str
    lesson: str
    steps: tuple[str | int, ...]


def handed_in(folder: Path, besides: Path | None = None) -> dict[str, Path]:
    """Return the files that were handed in: path below the folder → file.

    Hidden ones are none, nor is the table that is made of them, if it lies among them.

    Raises
    ------
    FileNotFoundError
        If there are none.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder}: no such folder; name the one with the submissions")
    own = besides and besides.resolve()
    found = sorted(p for p in folder.rglob("*") if p.is_file() and p.resolve() != own)
    named = {path.relative_to(folder).as_posix(): path for path in found}
    chosen = {n: p for n, p in named.items() if not any(part[0] == "." for part in n.split("/"))}
    if not chosen:
        raise FileNotFoundError(f"{folder}: no submission is in it")
    return chosen


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, read piece by piece."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read(name: str, path: Path, lessons: Iterable[str]) -> Submission:
    """Read a submission.

    Parameters
    ----------
    name
        What to call it.
    path
        The file.
    lessons
        The lessons that have exercises.

    Raises
    ------
    SubmissionError
        If it is no notebook, or one of no lesson.
    """
    if path.stat().st_size > LARGEST:
        raise SubmissionError(f"too large: over {LARGEST // 1_000_000} MB of output are in it")
    try:
        cells = notebooks.code_cells(notebooks.read(path))
    except (OSError, ValueError, AttributeError, KeyError, TypeError, RecursionError):
        raise SubmissionError("not a notebook") from None
    code = [cell.source for cell in cells]
    lesson = _lesson(name, code, list(lessons))
    return Submission(name, lesson, tuple(step for source in code for step in _steps(source)))


def _lesson(name: str, code: Iterable[str], lessons: Iterable[str]) -> str:
    """Return the lesson that the code, else the file's name, says the notebook belongs to."""
    said = LESSON.search("\n".join(code))
    found = [said[1]] if said else [lesson for lesson in lessons if lesson in name]
    if not set(found) & set(lessons):
        raise SubmissionError("of no lesson: neither its code nor its name says which")
    return found[0]


def _as_python(source: str) -> str:
    """Return a cell without what only IPython understands; one that is Python as it is."""
    try:
        compile(source, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except (SyntaxError, ValueError):
        from IPython.core.inputtransformer2 import TransformerManager

        with contextlib.suppress(Exception):  # it gives up on more than 500 magics, for example
            return TransformerManager().transform_cell(CELL_MAGIC.sub("", source))
    except (RecursionError, MemoryError):
        pass  # too deep for Python: it fails where it is run
    return source


def _steps(source: str) -> list[str | int]:
    """Return a cell as code and the numbers of the exercises it checks."""
    code, *rest = CHECK.split(_as_python(source))
    steps: list[str | int] = [code] if code.strip() else []
    for number, after in zip(rest[::2], rest[1::2], strict=True):
        steps += [int(number), *([after] if after.strip() else [])]
    return steps
