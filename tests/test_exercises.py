"""Exercises come from their solutions; both run, and only the solutions pass their checks."""

import ast

import matplotlib.pyplot as plt
import pytest

from har_utils import exercises, notebooks, selfcheck

SOLUTIONS = sorted((exercises.NOTEBOOKS / "solutions").glob("[!.]*.ipynb"))
pytestmark = pytest.mark.skipif(not SOLUTIONS, reason="a copy of the course without solutions")
each_lesson = pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)


@pytest.fixture(autouse=True)
def published_only(tmp_path, monkeypatch):
    """Read published runs, whatever a person has trained; draw to nowhere."""
    monkeypatch.setenv("HAR_BUILD", str(tmp_path))
    plt.switch_backend("agg")
    yield
    plt.close("all")


def verdicts(notebook):
    """Execute a notebook's code in this process; return what each check says."""
    namespace, found = {}, []
    for cell in notebooks.code_cells(notebook):
        tree = ast.parse(cell.source)
        if "check" not in exercises.tags(cell):
            exec(compile(tree, "<cell>", "exec"), namespace)
            continue
        *before, last = tree.body
        exec(compile(ast.Module(before, []), "<cell>", "exec"), namespace)
        found.append(eval(compile(ast.Expression(last.value), "<cell>", "eval"), namespace))
    return found


@each_lesson
def test_every_solution_passes_its_check(path):
    found = verdicts(notebooks.read(path))
    assert [str(verdict) for verdict in found if verdict.status != selfcheck.RIGHT] == []


@each_lesson
def test_every_placeholder_runs_and_is_told_apart(path):
    found = verdicts(notebooks.read(exercises.NOTEBOOKS / "exercises" / path.name))
    assert [str(verdict) for verdict in found if verdict.status != selfcheck.UNTOUCHED] == []
