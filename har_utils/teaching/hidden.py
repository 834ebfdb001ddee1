"""Questions to students' functions that no student has seen: other windows, other numbers.

``teaching/hidden/<lesson>.py`` says for each exercise, below a line ``# %% <number>``, what to ask:
``ask(function, *arguments)``. The code sees all names of the lesson's solution, ``rng``, whose seed
only the teacher has, and ``others(n)``, windows of training subjects that it draws. What the
solution answers is the right answer. It stays with the teacher: the process that runs a student's
code gets the questions only.
"""

from __future__ import annotations

import base64
import copy
import json
import pickle
import re
import secrets
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from har_utils import dataset, files, results
from har_utils.build import notebooks
from har_utils.course import exercises, selfcheck

FOLDER = files.REPOSITORY / "teaching" / "hidden"
"""What is asked, one file per lesson."""

TOLERANCE = 1e-6
"""How far a number may be off, relative and absolute, if a question does not say otherwise."""


@dataclass(frozen=True)
class Question:
    """One call of a student's function.

    Attributes
    ----------
    function
        The function's name.
    arguments
        What it is called with.
    expected
        What the solution answers.
    tolerance
        How far numbers may be off.
    """

    function: str
    arguments: tuple[Any, ...]
    expected: Any
    tolerance: float = TOLERANCE


@dataclass
class _Asking:
    """The ``ask`` of a file with hidden questions."""

    questions: list[Question] = field(default_factory=list)

    def __call__(self, function: Callable, *arguments: Any, tolerance: float = TOLERANCE) -> None:
        """Note a question, and what the solution answers."""
        given = copy.deepcopy(arguments)
        expected = function(*arguments)
        self.questions.append(Question(function.__name__, given, expected, tolerance))


def questions(lesson: str, seed: int) -> dict[int, list[Question]]:
    """Execute a lesson's solution and return the hidden questions: exercise → questions.

    Parameters
    ----------
    lesson
        Its name, for example ``"04_single_lstm"``.
    seed
        The teacher's; another one gives other questions.
    """
    path = FOLDER / f"{lesson}.py"
    if not path.exists():
        return {}
    parts = re.split(rf"^{selfcheck.MARKER}(\d+)\n", path.read_text("utf-8"), flags=re.MULTILINE)
    namespace = _solution(lesson)
    found = {}
    for number, code in zip(map(int, parts[1::2]), parts[2::2], strict=True):
        rng = np.random.default_rng([seed, number])
        ask = _Asking()
        given = {"ask": ask, "rng": rng, "others": _others(rng)}
        exec(compile(code, path.name, "exec"), namespace | given)
        found[number] = ask.questions
    return found


def _solution(lesson: str) -> dict[str, Any]:
    """Return all names that the solutions of a lesson define."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    notebook = notebooks.read(exercises.NOTEBOOKS / "solutions" / f"{lesson}.ipynb")
    for cell in notebooks.code_cells(notebook):
        if "check" not in exercises.tags(cell):
            exec(compile(cell.source, lesson, "exec"), namespace)
    return namespace


def _others(rng: np.random.Generator) -> Callable[[int], np.ndarray]:
    """Return a function that draws so many windows (n, 128, 9) of training subjects."""

    def draw(n: int) -> np.ndarray:
        windows = dataset.load().train.windows
        return windows[rng.integers(len(windows), size=n)]

    return draw


def judge(namespace: Mapping[str, Any], packed: str) -> None:
    """Raise ``AssertionError`` if a function answers a hidden question otherwise than the solution.

    Parameters
    ----------
    namespace
        The student's names.
    packed
        The questions, from `assignments.packed`. They come from the teacher.
    """
    for question in pickle.loads(zlib.decompress(base64.b64decode(packed))):
        answer = namespace[question.function](*question.arguments)
        assert agrees(answer, question), f"{question.function} is wrong about a hidden question"


def agrees(answer: Any, question: Question) -> bool:
    """Return whether a student's answer is the solution's."""
    return _alike(answer, question.expected, question.tolerance)


def _alike(answer: Any, expected: Any, tolerance: float) -> bool:
    """Compare numbers as numbers, at any depth, and everything else as it is."""
    if isinstance(expected, tuple | list) and not _is_numeric(expected):
        if not isinstance(answer, tuple | list | np.ndarray) or len(answer) != len(expected):
            return False
        return all(_alike(a, e, tolerance) for a, e in zip(answer, expected, strict=True))
    if isinstance(expected, str) or not _is_numeric(expected):
        return bool(np.array_equal(np.asarray(answer, object), np.asarray(expected, object)))
    if not _is_numeric(answer) or np.shape(answer) != np.shape(expected):
        return False
    return bool(np.allclose(answer, expected, rtol=tolerance, atol=tolerance, equal_nan=True))


def _is_numeric(value: Any) -> bool:
    """Return whether a value is a number, a truth value, or an array of them."""
    try:
        return np.asarray(value).dtype.kind in "biuf"
    except ValueError:
        return False


# --- The teacher's seed ---------------------------------------------------------------------------


def seed() -> int:
    """Return the teacher's seed, drawn the first time and kept in ``build/class/seed.json``."""
    path = results.build_folder("class") / "seed.json"
    if not path.exists():
        files.write_json(path, {"seed": secrets.randbelow(2**31)})
    return int(json.loads(path.read_text(encoding="utf-8"))["seed"])


# --- On the way between two processes -------------------------------------------------------------


def encoded(value: Any) -> Any:
    """Return an answer in JSON's own types. Nothing that a student's process sends is unpickled.

    Raises
    ------
    TypeError
        If it is nothing that an exercise asks for.
    """
    if isinstance(value, np.ndarray | np.generic):
        return encoded(value.tolist())
    if isinstance(value, bool | int | float | str) or value is None:
        return value
    if isinstance(value, tuple | list):
        return [encoded(item) for item in value]
    if hasattr(value, "__array__"):  # a tensor, or a column of a table
        return encoded(np.asarray(value))
    raise TypeError(f"an answer of type {type(value).__name__}")
