"""Exercises, generated from their solutions, and kept in step with them.

``notebooks/solutions/<lesson>.ipynb`` is the source. Its cells carry tags:

* ``exercise`` with ``one-star``, ``two-stars`` or ``three-stars``: a heading ``## 1 · Title`` and
  what is to be done;
* ``solution``: code of which the student gets a placeholder instead, or words that only the
  solution has. In the code, lines ``# stub: …`` hold the placeholder; the solution comes below
  them, up to a line ``# end`` or the end of the cell;
* ``check``: the code that judges the answer; its last line is a verdict of
  `har_utils.course.selfcheck`. Before the first exercise: what all checks of the notebook need.

From it come the student's notebook in ``notebooks/exercises``; beside it a file with the code of
its checks (the notebook only has ``check(1)``, since a check knows the answer); the last cell of
the lesson; and the list of all exercises.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from nbformat import NotebookNode, v4

from har_utils import files, sentences
from har_utils.build import notebooks
from har_utils.course import selfcheck

say = sentences.beside(__file__)

NOTEBOOKS = files.REPOSITORY / "notebooks"
"""The folder with the lessons, and in it ``exercises`` and ``solutions``."""

DIFFICULTIES = {"one-star": "one star", "two-stars": "two stars", "three-stars": "three stars"}
"""Tag → how difficult an exercise is, in words."""

STUB = "# stub: "
"""Begins a line of a solution that holds a line of the placeholder."""

END = "# end"
"""The line after which the student's code is the solution's again."""

YOUR_TURN = "# Your turn. What follows is only a placeholder."
"""Stands above each placeholder."""

PREPARATION = """\
from har_utils.course import selfcheck

check = selfcheck.checks("{name}", globals())"""
"""The student's first code cell."""

CHECKS = '''\
"""{about}
"""

# ruff: noqa
# fmt: off

{code}
'''
"""A file of checks: what it says of itself, its code."""


class ExerciseError(ValueError):
    """A solution notebook from which no exercises can be made; the message is one line."""


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    Attributes
    ----------
    title
        Its heading, without the number.
    difficulty
        "one star", "two stars" or "three stars".
    """

    title: str
    difficulty: str


# --- Reading a solution notebook ------------------------------------------------------------------


def tags(cell: NotebookNode) -> set[str]:
    """Return the tags of a cell."""
    return set(cell.metadata.get("tags", []))


def listed(name: str, solution: NotebookNode) -> list[Exercise]:
    """Return the exercises of a solution notebook.

    Parameters
    ----------
    name
        What to call the notebook in an error.
    solution
        The notebook.

    Raises
    ------
    ExerciseError
        If headings, difficulties, placeholders and checks do not belong together.
    """
    _, *parts = _parts(solution)
    if not parts:
        raise ExerciseError(f"{name}: no cell is tagged exercise")
    return [_exercise(name, part, number) for number, part in enumerate(parts, start=1)]


def _parts(solution: NotebookNode) -> list[list[NotebookNode]]:
    """Return the cells before the first exercise, then those of each exercise."""
    parts: list[list[NotebookNode]] = [[]]
    for cell in solution.cells:
        if "exercise" in tags(cell):
            parts.append([])
        parts[-1].append(cell)
    return parts


def _exercise(name: str, part: Sequence[NotebookNode], number: int) -> Exercise:
    """Return the exercise that some cells make."""
    heading = part[0].source.partition("\n")[0]
    title = re.fullmatch(rf"## {number} · (.+)", heading)
    stars = tags(part[0]) & set(DIFFICULTIES)
    if not title:
        raise ExerciseError(f"{name}: {heading!r} is not '## {number} · …'")
    if len(stars) != 1:
        raise ExerciseError(f"{name}: {heading!r} needs one tag of {', '.join(DIFFICULTIES)}")
    for tag in ("solution", "check"):
        if not any(tag in tags(cell) for cell in part if cell.cell_type == "code"):
            raise ExerciseError(f"{name}: {title[1]!r} has no code cell tagged {tag}")
    return Exercise(title[1], DIFFICULTIES[stars.pop()])


def lesson_title(lesson: NotebookNode) -> str:
    """Return a lesson's first heading: ``4 · Can a network read the raw windows?``."""
    return lesson.cells[0].source.partition("\n")[0].removeprefix("# ")


# --- What is generated ----------------------------------------------------------------------------


def stub(source: str) -> str:
    """Return the student's version of a solution's code.

    Raises
    ------
    ExerciseError
        If the code has no placeholder.
    """
    lines, in_solution = [], False
    for line in source.splitlines():
        text = line.lstrip()
        if text.startswith(STUB):
            indent = line[: len(line) - len(text)]
            lines += [] if in_solution else [indent + YOUR_TURN]
            lines.append(indent + text.removeprefix(STUB))
            in_solution = True
        elif text == END:
            in_solution = False
        elif not in_solution:
            lines.append(line)
    if YOUR_TURN not in {line.strip() for line in lines}:
        raise ExerciseError(f"no line of it begins with {STUB!r}: {source.partition(chr(10))[0]}")
    return "\n".join(lines).rstrip()


def student_notebook(name: str, title: str, solution: NotebookNode) -> NotebookNode:
    """Return the student's notebook: placeholders instead of solutions.

    Parameters
    ----------
    name
        The lesson's, for example ``"04_single_lstm"``.
    title
        The lesson's heading.
    solution
        The notebook with the solutions; its first cell is replaced by an introduction.
    """
    exercises = _numbered(listed(name, solution))
    introduction = say("introduction", name=name, title=title, exercises=exercises)
    cells = [v4.new_markdown_cell(introduction)]
    cells.append(v4.new_code_cell(PREPARATION.format(name=name)))
    before, *parts = _parts(solution)
    cells += [cell for cell in before[1:] if "check" not in tags(cell)]
    for number, part in enumerate(parts, start=1):
        cells += _for_student(part, number)
    return notebooks.normalise(v4.new_notebook(cells=cells))


def _for_student(part: Sequence[NotebookNode], number: int) -> list[NotebookNode]:
    """Return the cells of one exercise with a placeholder and a call of its check."""
    checks = [place for place, cell in enumerate(part) if "check" in tags(cell)]
    cells = []
    for place, cell in enumerate(part):
        if place == checks[-1]:
            call = f"check({number})"
            cells.append(v4.new_code_cell(call, metadata={"tags": ["check"]}))
        elif "solution" in tags(cell) and cell.cell_type == "code":
            code = stub(cell.source)
            cells.append(v4.new_code_cell(code, metadata={"tags": ["stub"]}))
        elif not tags(cell) & {"solution", "check"}:
            cells.append(cell)
    return cells


def checks_file(name: str, title: str, solution: NotebookNode) -> str:
    """Return the text of the file with the checks of all exercises of a notebook."""
    before, *parts = _parts(solution)
    code = _check_code(before)
    for number, part in enumerate(parts, start=1):
        code += f"\n\n{selfcheck.MARKER}{number}\n{_check_code(part)}"
    return CHECKS.format(about=say("about_checks", name=name, title=title), code=code)


def _check_code(part: Sequence[NotebookNode]) -> str:
    """Return the code of the cells tagged ``check``."""
    return "\n\n\n".join(cell.source for cell in part if "check" in tags(cell))


def _numbered(exercises: Sequence[Exercise]) -> str:
    """Return exercises as a numbered list."""
    lines = [f"{e.title} ({e.difficulty})" for e in exercises]
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, start=1))


def with_section(name: str, lesson: NotebookNode, exercises: Sequence[Exercise]) -> NotebookNode:
    """Return a lesson whose last cell lists its exercises."""
    section = say("section", name=name, exercises=_numbered(exercises))
    cells = [cell for cell in copy.deepcopy(lesson.cells) if "exercises" not in tags(cell)]
    cells.append(v4.new_markdown_cell(section, metadata={"tags": ["exercises"]}))
    return notebooks.normalise(v4.new_notebook(cells=cells))


def index(folder: Path = NOTEBOOKS, solutions: bool = True) -> str:
    """Return the list of all exercises, lesson by lesson, with links to the solutions or not."""
    parts = [_lesson_part(folder, path, made, solutions) for path, made in _solutions(folder)]
    return "\n\n".join([say("index"), *parts]) + "\n"


def _lesson_part(folder: Path, path: Path, solution: NotebookNode, solutions: bool) -> str:
    """Return a heading and a table: the exercises that a solution notebook has."""
    name = path.name
    title = lesson_title(notebooks.read(folder / name))
    rows = []
    for number, exercise in enumerate(listed(name, solution), start=1):
        link = f"[{title.split()[0]}.{number} {exercise.title}]({name})"
        rows.append([link, exercise.difficulty, f"[solution](../solutions/{name})"])
    table = pd.DataFrame(rows, columns=["exercise", "difficulty", "solution"])
    shown = table if solutions else table.drop(columns="solution")
    lines = shown.to_markdown(index=False, disable_numparse=True, tablefmt="pipe")
    return f"## [{title}](../{name})\n\n{lines}"


# --- Kept in step ---------------------------------------------------------------------------------


def generated(folder: Path = NOTEBOOKS) -> dict[Path, str]:
    """Return every file that comes from the solutions, with the text it should have.

    Parameters
    ----------
    folder
        The folder with the lessons.

    Raises
    ------
    ExerciseError
        If something is wrong with a solution notebook.
    FileNotFoundError
        If there is no lesson of its name.
    """
    made = {}
    for path, solution in _solutions(folder):
        name, place = path.stem, folder / path.name
        lesson = notebooks.read(place)
        exercises = listed(path.name, solution)
        title = lesson_title(lesson)
        student = student_notebook(name, title, solution)
        made[folder / "exercises" / path.name] = notebooks.as_text(student)
        checks = checks_file(name, title, solution)
        made[folder / "exercises" / "checks" / f"{name}.py"] = checks
        made[place] = notebooks.as_text(with_section(name, lesson, exercises))
    if made:
        made[folder / "exercises" / "README.md"] = index(folder)
    return made


def _solutions(folder: Path) -> Iterator[tuple[Path, NotebookNode]]:
    """Yield the solution notebooks in the order of their lessons."""
    for path in sorted((folder / "solutions").glob("[!.]*.ipynb")):
        yield path, notebooks.read(path)


def write(folder: Path = NOTEBOOKS) -> list[Path]:
    """Write what comes from the solutions; return the files that changed.

    Raises
    ------
    ExerciseError
        If there are no solutions, or something is wrong with one.
    """
    made = generated(folder)
    if not made:
        raise ExerciseError(f"there are no solutions in {files.shown(folder / 'solutions')}")
    changed = [path for path, text in made.items() if _text(path) != text]
    for path in changed:
        files.write_text(path, made[path])
    return changed


def problems(folder: Path = NOTEBOOKS) -> list[str]:
    """Return what is not in step with the solutions, one line each; nothing without solutions."""
    try:
        made = generated(folder)
    except (OSError, ValueError) as error:
        return [f"solutions: {error}"]
    if not made:
        return []
    found = [path for path, text in made.items() if _text(path) != text]
    for pattern in ("[!.]*.ipynb", "checks/[!.]*.py"):
        found += sorted(set((folder / "exercises").glob(pattern)) - set(made))
    advice = "is not what comes from the solutions: python -m har_utils exercises"
    return [f"{path.relative_to(folder)} {advice}" for path in found]


def _text(path: Path) -> str | None:
    """Return a file's text, None if there is no such file."""
    return path.read_text(encoding="utf-8") if path.exists() else None
