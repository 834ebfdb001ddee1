"""The checks of the exercises: whether an answer is right, and if not, what is wrong with it.

A check knows the right answer, the answer of the untouched placeholder, and the answers that
common mistakes give. So it can say what went wrong without saying what is right.

What is compared with what stands in ``notebooks/exercises/checks``, apart from the exercises, where
it would give them away.
"""

from __future__ import annotations

import ast
import re
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from har_utils import sentences
from har_utils.dataset import ACTIVITIES
from har_utils.files import REPOSITORY

say = sentences.beside(__file__, capitals=False)

RIGHT = "Right"
WRONG = "Not yet"
UNTOUCHED = "Not solved yet"

CHECKS = REPOSITORY / "notebooks" / "exercises" / "checks"
"""The folder with the code of the checks, one file per lesson."""

MARKER = "# %% "
"""Begins the line above the check of an exercise; its number follows."""

CODE_OF_CHECKS = "<check>"
"""What Python calls the file that a check's code stands in."""

SENTENCE = 6
"""So many words make a judgement with its reason, at least."""

MOST_PLACES = 5
"""How many wrong places a message names."""

SPELLINGS = {"lying": "laying"}
"""A word of the lessons → what the data set calls the same."""

TRUTH_VALUES = "boolean subtract"
"""Stands in NumPy's error about ``-`` between truth values, which helps with something else."""


@dataclass(frozen=True)
class Verdict:
    """What a check found.

    Parameters
    ----------
    status
        ``RIGHT``, ``WRONG`` or ``UNTOUCHED``.
    message
        What to say besides.
    """

    status: str
    message: str

    def __str__(self) -> str:
        """Return the verdict in words."""
        return f"{self.status}: {self.message}" if self.message else f"{self.status}."

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        """Return the verdict as a notebook shows it."""
        return str(self).replace(self.status, f"**{self.status}**", 1)


def check(
    answer: Any,
    expected: Any,
    placeholder: Any,
    todo: str,
    hints: Mapping[str, Any] | None = None,
    right: str = "",
    tolerance: float = 1e-6,
) -> Verdict:
    """Compare an answer with the right one, and say what is wrong with it.

    Parameters
    ----------
    answer
        A number, a word, an array or a list of these; or a function without arguments that returns
        one (an error in it is then reported instead of raised). Words may be written in any case.
    expected
        The right answer.
    placeholder
        The answer before anybody has touched the exercise.
    todo
        What is left to do then.
    hints
        What to say → the answer that this mistake gives.
    right
        What to say of the right answer.
    tolerance
        How far numbers may be off: this much of the expected number, plus this much.

    Returns
    -------
    Verdict
    """
    try:
        value = answer() if callable(answer) else answer
    except Exception as error:  # it is the student's code, which may raise anything
        return Verdict(WRONG, _stopped(error))
    if value is None or (isinstance(value, list) and any(item is None for item in value)):
        return Verdict(WRONG, say("none"))
    if _same(value, expected, tolerance):
        return Verdict(RIGHT, right)
    if _same(value, placeholder, tolerance):
        return Verdict(UNTOUCHED, todo)
    for words, mistake in (hints or {}).items():
        if _same(value, mistake, tolerance):
            return Verdict(WRONG, words)
    return Verdict(WRONG, _difference(_array(value), _array(expected), tolerance))


def reaches(
    answer: Any, bar: float, placeholder: float, todo: str, right: str = "", turned: str = ""
) -> Verdict:
    """Judge an answer that need not be one certain number, only large enough.

    Parameters
    ----------
    answer
        What was reached, or a function without arguments that returns it.
    bar
        What has to be reached.
    placeholder, todo, right
        As in `check`.
    turned
        What to say where the answer is a share and its opposite would reach the bar.

    Returns
    -------
    Verdict
    """
    try:
        score = float(answer() if callable(answer) else answer)
    except Exception as error:  # as in `check`
        return Verdict(WRONG, _stopped(error))
    if score >= bar:
        return Verdict(RIGHT, right)
    if np.isclose(score, placeholder):
        return Verdict(UNTOUCHED, todo)
    if turned and 1 - score >= bar:
        return Verdict(WRONG, turned)
    return Verdict(WRONG, say("below_bar", score=f"{score:.4g}", bar=f"{bar:.4g}"))


def judge(answer: Any, placeholder: str, model: str) -> Verdict:
    """Take a judgement in a sentence, and give a model answer to hold against it.

    Whether somebody judges well no check can tell; it sees only that there is a sentence.

    Parameters
    ----------
    answer
        What the student wrote.
    placeholder
        What stood there before.
    model
        An answer to compare one's own with.

    Returns
    -------
    Verdict
    """
    if not isinstance(answer, str):
        return Verdict(WRONG, say("no_sentence"))
    if answer.strip() == placeholder.strip():
        return Verdict(UNTOUCHED, say("unwritten"))
    if len(answer.split()) < SENTENCE:
        return Verdict(WRONG, say("short_sentence", least=SENTENCE))
    return Verdict(RIGHT, say("model_answer", model=model))


# --- Running the checks of a lesson ---------------------------------------------------------------


def checks(lesson: str, namespace: Mapping[str, Any]) -> Callable[[int], Verdict]:
    """Return a function that checks the exercises of a lesson by their number.

    Parameters
    ----------
    lesson
        Its name, for example ``"04_single_lstm"``.
    namespace
        The student's names, ``globals()``. Checks look at them but change none.

    Raises
    ------
    FileNotFoundError
        If there are no checks for such a lesson.
    """
    path = CHECKS / f"{lesson}.py"
    if not path.exists():
        raise FileNotFoundError(f"there are no checks for a lesson {lesson!r}")
    text = path.read_text(encoding="utf-8")
    preparation, *parts = re.split(rf"^{MARKER}(\d+)\n", text, flags=re.MULTILINE)
    code = dict(zip(map(int, parts[::2]), parts[1::2], strict=True))

    def check(number: int) -> Verdict:
        """Check one exercise."""
        if number not in code:
            return Verdict(WRONG, say("no_exercise", number=number, last=len(code)))
        try:
            return run(preparation + code[number], dict(namespace))
        except NameError as error:
            return Verdict(WRONG, _missing(error))

    return check


def run(code: str, namespace: dict[str, Any]) -> Any:
    """Execute code and return the value of its last line, as a notebook's cell does."""
    *statements, last = ast.parse(code).body
    assert isinstance(last, ast.Expr)  # what a check says is its last line
    exec(compile(ast.Module(statements, []), CODE_OF_CHECKS, "exec"), namespace)
    return eval(compile(ast.Expression(last.value), CODE_OF_CHECKS, "eval"), namespace)


# --- Comparing ------------------------------------------------------------------------------------


def _array(value: Any) -> np.ndarray:
    """Return a value as an array; a list of unequal things becomes one of their texts."""
    try:
        array = np.asarray(value)
    except ValueError:
        return np.array([str(item) for item in value])
    are_names = array.dtype == object and all(isinstance(each, str) for each in array.flat)
    return array.astype(str) if are_names and array.size else array


def _is_numeric(array: np.ndarray) -> bool:
    """Return whether an array holds numbers one can subtract."""
    return np.issubdtype(array.dtype, np.number)


def _agreement(value: np.ndarray, other: np.ndarray, tolerance: float) -> np.ndarray:
    """Return where two arrays of one shape agree, bool of that shape."""
    if _is_numeric(value) and _is_numeric(other):
        return np.isclose(value, other, rtol=tolerance, atol=tolerance, equal_nan=True)
    if value.dtype.kind == other.dtype.kind == "U":
        value, other = _plain(value), _plain(other)
    return np.asarray(value == other)


def _plain(words: np.ndarray) -> np.ndarray:
    """Return words as they are compared: without case, blanks around them, a plus, other names."""
    plain = ["_".join(word.split()).casefold().removeprefix("+") for word in words.ravel()]
    return np.array([SPELLINGS.get(word, word) for word in plain], str).reshape(words.shape)


def _same(value: Any, other: Any, tolerance: float) -> bool:
    """Return whether two answers are the same."""
    one, two = _array(value), _array(other)
    return one.shape == two.shape and bool(_agreement(one, two, tolerance).all())


def _difference(value: np.ndarray, expected: np.ndarray, tolerance: float) -> str:
    """Say how an answer differs from the right one without giving that away."""
    if value.shape != expected.shape:
        return say("shape", given=value.shape, expected=expected.shape)
    if _is_numeric(expected) and not _is_numeric(value):
        return say("no_numbers", kind=value.dtype.name, is_text=value.dtype.kind == "U")
    if expected.dtype.kind == "U" and value.dtype.kind != "U":
        return say("no_names")
    if strange := _no_activities(value, expected):
        return say("no_activity", given=repr(strange[0]))
    if _is_numeric(value) and np.isnan(value).any():
        return say("nan")
    if value.shape:
        return _places(value, expected, tolerance)
    if _is_numeric(value):
        return say("number", given=f"{value:.6g}", is_small=value < expected)
    return say("other_name", given=repr(str(value)))


def _no_activities(value: np.ndarray, expected: np.ndarray) -> list[str]:
    """Return the words that name no activity, where activities are asked for."""
    names = _plain(np.array(ACTIVITIES))
    if expected.dtype.kind != "U" or not np.isin(_plain(expected), names).all():
        return []
    return [str(word) for word in value[~np.isin(_plain(value), names)].ravel()]


def _places(value: np.ndarray, expected: np.ndarray, tolerance: float) -> str:
    """Say where an array or a list is wrong."""
    agrees = _agreement(value, expected, tolerance).ravel()
    if not (agrees.any() or _is_numeric(value)):
        return say("none_right", n_all=len(agrees))
    wrong = np.flatnonzero(~agrees) + 1
    facts = {
        "n_right": agrees.sum(),
        "n_all": len(agrees),
        "named": wrong[:MOST_PLACES].tolist(),
        "n_more": len(wrong[MOST_PLACES:]),
    }
    # Labels and positions are whole numbers; how far apart two of them lie means nothing.
    if not _is_numeric(value) or np.issubdtype(expected.dtype, np.integer):
        return say("some_wrong", **facts)
    gap = np.abs(value.ravel() - expected.ravel().astype(float)).max()
    return say("some_numbers_wrong", gap=f"{gap:.3g}", **facts)


def _stopped(error: Exception) -> str:
    """Say where the student's code stopped, and why."""
    ours = Path(__file__).parent
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if "site-packages" not in f.filename and ours not in _parents(f)]
    own = [frame for frame in own if frame.filename != CODE_OF_CHECKS]
    if isinstance(error, NameError) and not own:
        return _missing(error)
    line = own[-1].line if own else None
    if TRUTH_VALUES in str(error):
        return say("truth_values", line=line)
    return say("stopped", kind=type(error).__name__, line=line, error=error)


def _missing(error: NameError) -> str:
    """Say that something a check asks for is not there."""
    return say("missing", name=error.name)


def _parents(frame: traceback.FrameSummary) -> tuple[Path, ...]:
    """Return the folders a line of code lies in."""
    return tuple(Path(frame.filename).parents)
