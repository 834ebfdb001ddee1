"""What ``make class`` writes: the class's version of the exercises, and a course for nbgrader.

Both come from ``notebooks/solutions``, as the exercises do. nbgrader keeps what it needs to know in
the cells' metadata, so a student's notebook stays an ordinary one, which needs nothing installed.
(otter-grader, the other grader that is well kept, asks every student to install it, and grades
apart from one another only in Docker.)
"""

from __future__ import annotations

import base64
import pickle
import zlib
from collections.abc import Sequence
from pathlib import Path

from nbformat import NotebookNode, v4

from har_utils import files, results
from har_utils.build import notebooks
from har_utils.course import exercises, handout
from har_utils.teaching import grading
from har_utils.teaching.grading import Key
from har_utils.teaching.hidden import Question

SCHEMA = 3
"""The version of nbgrader's metadata."""

QUESTIONS = "# Here your teacher's checks ask your function about other windows and numbers."
"""What a student sees of the cell with the hidden questions."""

HIDDEN = """\
### BEGIN HIDDEN TESTS
{code}
### END HIDDEN TESTS"""
"""How nbgrader marks what no student sees."""

INSIST = 'verdict = check({number})\nassert verdict.status == "Right", verdict'
"""A check that fails where the answer is wrong, as nbgrader wants it."""

JUDGE = 'from har_utils.teaching import hidden\n\nhidden.judge(globals(), """\n{questions}\n""")'
"""Hidden questions with their answers, packed."""

CONFIG = '''\
"""Settings of nbgrader for the course; ``make class`` writes this file anew."""

from nbgrader.converters import GenerateAssignment
from nbgrader.preprocessors import ClearSolutions

from har_utils.course import exercises


class Placeholders(ClearSolutions):
    """Puts the exercise's own placeholder where nbgrader would put an error."""

    def preprocess_cell(self, cell, resources, cell_index):
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = exercises.stub(cell.source)
        return cell, resources


c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "har"
steps = GenerateAssignment.preprocessors.default_args[0]
c.GenerateAssignment.preprocessors = [
    Placeholders if step is ClearSolutions else step for step in steps
]
c.ExecutePreprocessor.timeout = 300
'''


def write(folder: Path | None = None) -> tuple[handout.Handout, Path]:
    """Write the class's version of the course and the course folder of nbgrader.

    Parameters
    ----------
    folder
        Where to; None is ``build/class``.

    Returns
    -------
    tuple
        The zip for students, and the folder for nbgrader.

    Raises
    ------
    HandoutError, FileNotFoundError
        As `handout.pack`.
    """
    folder = folder or results.build_folder("class")
    grader = grading.Grading.of_course()
    course = folder / "nbgrader"
    changes = {}
    with handout.committed() as commit:
        there = commit / "notebooks" / "solutions"
        solutions = {name: notebooks.read(there / f"{name}.ipynb") for name in grader.lessons}
    for name, solution in solutions.items():
        key = grader.key(name)
        source = notebook(name, solution, key, teacher=True)
        files.write_text(course / "source" / name / f"{name}.ipynb", notebooks.as_text(source))
        student = notebooks.as_text(notebook(name, solution, key, teacher=False))
        changes[f"notebooks/exercises/{name}.ipynb"] = student.encode()
    files.write_text(course / "nbgrader_config.py", CONFIG)
    packed = handout.pack(folder / "student.zip", handout.pages(), changes)
    return packed, course


def notebook(name: str, solution: NotebookNode, key: Key, teacher: bool) -> NotebookNode:
    """Return the exercises of a lesson with nbgrader's metadata.

    Parameters
    ----------
    name
        The lesson's.
    solution
        The notebook with the solutions.
    key
        Points and hidden questions.
    teacher
        Whether solutions and hidden questions are in it; else it is the student's.
    """
    title = exercises.lesson_title(notebooks.read(exercises.NOTEBOOKS / f"{name}.ipynb"))
    made = exercises.student_notebook(name, title, solution)
    answers = [c.source for c in notebooks.code_cells(solution) if "solution" in exercises.tags(c)]
    cells: list[NotebookNode] = []
    number = 0
    for place, cell in enumerate(made.cells):
        tags = exercises.tags(cell)
        number += "exercise" in tags
        cells.append(cell)
        if "stub" in tags:
            answer = answers.pop(0)
            cell.source = answer if teacher else cell.source
            _mark(cell, f"answer-{place:02d}", solution=True)
        elif "check" in tags:
            asked = key.questions.get(number, [])
            cells += _check(cell, number, key.points[number - 1], asked, teacher)
        elif cell.cell_type == "code" and number == 0:
            _mark(cell, f"given-{place:02d}", locked=True)
    made.cells = cells
    return made


def _check(
    cell: NotebookNode, number: int, points: int, asked: Sequence[Question], teacher: bool
) -> list[NotebookNode]:
    """Mark the cell with a check; return the cell with its hidden questions, if it has any."""
    public = points * grading.PUBLIC_SHARE if asked else points
    _mark(cell, f"check-{number}", locked=True, grade=True, points=public)
    if teacher:
        cell.source += "\n" + HIDDEN.format(code=INSIST.format(number=number))
    if not asked:
        return []
    questions = v4.new_code_cell(QUESTIONS, id=f"others-{number}")
    if teacher:
        questions.source += "\n" + HIDDEN.format(code=JUDGE.format(questions=packed(asked)))
    _mark(questions, f"others-{number}", locked=True, grade=True, points=points - public)
    return [questions]


def _mark(cell: NotebookNode, name: str, **details: object) -> None:
    """Give a cell nbgrader's metadata."""
    common = {"grade": False, "solution": False, "locked": False, "task": False}
    cell.metadata["nbgrader"] = {
        **common, **details, "grade_id": name, "schema_version": SCHEMA
    }  # fmt: skip


def packed(questions: Sequence[Question]) -> str:
    """Return questions with their answers as text, in lines."""
    text = base64.b64encode(zlib.compress(pickle.dumps(list(questions)), 9)).decode()
    return "\n".join(text[first : first + 96] for first in range(0, len(text), 96))
