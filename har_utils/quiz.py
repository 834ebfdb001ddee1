"""Questions at the end of a lesson: every answer says why it is right or wrong.

The questions of a lesson stand in ``notebooks/quiz/<lesson>.yaml``. In JupyterLab an answer opens
with a click; on the pages the script also counts, and remembers what was answered.
"""

from __future__ import annotations

import hashlib
import html
import re
from dataclasses import dataclass
from pathlib import Path

import yaml
from IPython.display import HTML

from har_utils import files

FOLDER = files.REPOSITORY / "notebooks" / "quiz"
"""Where the questions are."""


@dataclass(frozen=True)
class Answer:
    """One of the answers to choose from.

    Attributes
    ----------
    words
        The answer.
    because
        Why it is right or wrong.
    is_right
        Whether it is right.
    """

    words: str
    because: str
    is_right: bool = False


@dataclass(frozen=True)
class Question:
    """One question.

    Attributes
    ----------
    words
        What is asked.
    answers
        One right one among wrong ones, in an order that tells nothing.
    """

    words: str
    answers: tuple[Answer, ...]


def read(lesson: str) -> list[Question]:
    """Read the questions of a lesson.

    Parameters
    ----------
    lesson
        For example ``"04_single_lstm"``.

    Raises
    ------
    FileNotFoundError
        If the lesson has none.
    ValueError
        If an answer or a reason is missing; the message names file and question.
    """
    path = FOLDER / f"{lesson}.yaml"
    if not path.exists():
        raise FileNotFoundError(f"{files.shown(path)} does not exist: this lesson has no questions")
    listed = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [_question(path, number, asked) for number, asked in enumerate(listed, start=1)]


def _question(path: Path, number: int, asked: dict) -> Question:
    """Return one question of a file."""
    try:
        right = Answer(str(asked["right"]), str(asked["because"]), is_right=True)
        wrong = [Answer(str(each["answer"]), str(each["because"])) for each in asked["wrong"]]
        words = str(asked["question"])
    except (KeyError, TypeError) as missing:
        raise ValueError(f"{files.shown(path)}, question {number}: lacks {missing}") from None
    return Question(words, tuple(sorted([right, *wrong], key=_place)))


def _place(answer: Answer) -> str:
    """Return what answers are sorted by: nothing that tells which is right, always the same."""
    return hashlib.sha256(answer.words.encode()).hexdigest()


def show(lesson: str) -> HTML:
    """Show the questions of a lesson; an answer opens with a click.

    Parameters
    ----------
    lesson
        For example ``"04_single_lstm"``.
    """
    return HTML(as_html(lesson))


def as_html(lesson: str) -> str:
    """Return the questions of a lesson as HTML that needs no script.

    Parameters
    ----------
    lesson
        For example ``"04_single_lstm"``.
    """
    asked = "\n".join(map(_question_html, read(lesson)))
    return f'<section class="quiz" data-lesson="{lesson}">\n<ol>\n{asked}\n</ol>\n</section>'


def _question_html(question: Question) -> str:
    """Return one question and its answers, each of which opens."""
    answers = "\n".join(map(_answer_html, question.answers))
    return f"<li><p>{_inline(question.words)}</p>\n{answers}\n</li>"


def _answer_html(answer: Answer) -> str:
    """Return one answer, and folded behind it whether it is right and why."""
    verdict = "Right" if answer.is_right else "Not quite"
    return (
        f'<details class="answer" data-right="{str(answer.is_right).lower()}">'
        f"<summary>{_inline(answer.words)}</summary>"
        f"<p><strong>{verdict}.</strong> {_inline(answer.because)}</p></details>"
    )


def _inline(text: str) -> str:
    """Return text as HTML; ``code`` and *stress* are written as in Markdown."""
    shown = html.escape(" ".join(text.split()), quote=False)
    shown = re.sub(r"`([^`]+)`", r"<code>\1</code>", shown)
    return re.sub(r"\*(\S[^*]*)\*", r"<em>\1</em>", shown)
