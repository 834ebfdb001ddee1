"""Exercises come from their solutions; both run, and only the solutions pass their checks."""

import ast
import functools

import matplotlib.pyplot as plt
import nbformat
import pytest
from toy import write_notebook

from har_utils import files
from har_utils.build import notebooks
from har_utils.course import exercises, selfcheck, start_page

SOLUTIONS = sorted((exercises.NOTEBOOKS / "solutions").glob("[!.]*.ipynb"))
with_solutions = pytest.mark.skipif(not SOLUTIONS, reason="the course without its solutions")
each_lesson = pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)


# --- The course's exercises -----------------------------------------------------------------------


@pytest.fixture
def quietly(tmp_path, monkeypatch):
    """Read published runs, whatever a person has trained; draw to nowhere."""
    monkeypatch.setenv("HAR_BUILD", str(tmp_path))
    plt.switch_backend("agg")
    yield
    plt.close("all")


def verdicts(path):
    """Execute a notebook's code in this process; return what each check says."""
    namespace, found = {}, []
    for cell in notebooks.code_cells(notebooks.read(path)):
        if "check" in exercises.tags(cell) and isinstance(last_line(cell), ast.Expr):
            found.append(selfcheck.run(cell.source, namespace))
        else:
            exec(compile(cell.source, "<cell>", "exec"), namespace)
    return found


def last_line(cell):
    """Return the last statement of a cell."""
    return ast.parse(cell.source).body[-1]


@pytest.fixture
def distinct_hints(monkeypatch):
    """Make sure that no hint is given for the right answer or the placeholder's."""
    original = selfcheck.check

    def check(answer, expected, placeholder, todo, hints=None, **details):
        known = [expected, placeholder]
        for words, mistake in (hints or {}).items():
            told_apart = [
                original(mistake, one, None, "", **details).status != selfcheck.RIGHT
                for one in known
            ]
            assert all(told_apart), f"{words!r} is said of something else, too"
            known.append(mistake)
        return original(answer, expected, placeholder, todo, hints, **details)

    monkeypatch.setattr(selfcheck, "check", check)


@each_lesson
def test_every_solution_passes_its_check(path, quietly, distinct_hints):
    found = verdicts(path)
    assert [str(verdict) for verdict in found if verdict.status != selfcheck.RIGHT] == []


@with_solutions
def test_a_change_of_the_given_signal_is_no_solution_of_lost_samples(tmp_path, quietly):
    notebook = notebooks.read(exercises.NOTEBOOKS / "solutions" / "10_robustness.ipynb")
    [place] = [i for i, c in enumerate(notebook.cells) if c.source.startswith("def received")]
    in_place = "def received(signal, arrived):\n    signal[~arrived] = 0\n    return signal"
    notebook.cells[place].source = in_place
    notebook.cells = notebook.cells[: place + 3]
    path = tmp_path / "10_robustness.ipynb"
    notebooks.write_text(path, notebooks.as_text(notebook))
    *_, verdict = verdicts(path)
    assert verdict.status == selfcheck.WRONG
    assert "signal.copy()" in verdict.message


@functools.cache
def solved(lesson):
    """Return the names that a lesson's solution defines, without its checks."""
    namespace = {}
    notebook = notebooks.read(exercises.NOTEBOOKS / "solutions" / f"{lesson}.ipynb")
    for cell in notebooks.code_cells(notebook):
        if "check" not in exercises.tags(cell):
            exec(compile(cell.source, "<cell>", "exec"), namespace)
    return namespace


def said(lesson, number, answer):
    """Return what the check of an exercise says of another answer than the solution's."""
    namespace = dict(solved(lesson))
    exec(compile(answer, "<cell>", "exec"), namespace)
    return selfcheck.checks(lesson, namespace)(number)


SOFTMAX = """\
def softmax(scores):
    raised = np.exp(scores - {number})
    return raised / raised.sum(axis=1, keepdims=True)
"""
DRAWN = """\
def window_interval(correct, chance, n_draws=1000):
    n = len(correct)
    return np.quantile([{one} for _ in range(n_draws)], {shares})
"""
BY_POSITION, BY_CHOICE = (
    "correct[chance.integers(n, size=n)].mean()",
    "chance.choice(correct, n).mean()",
)
SORTED = """\
def difference_interval(right, other_right, n_windows, places_drawn):
    tested, n = n_windows[places_drawn].sum(axis=1), len(places_drawn)
    found = np.sort((right - other_right)[places_drawn].sum(axis=1) / tested)
    return found[int(0.025 * n)], found[int(0.975 * n) - 1]
"""
RIGHT_TOO = [
    ("01_data_visualisation", 1, "my_names = [name.lower() for name in my_names]"),
    ("03_classical_baselines", 4, 'my_activity = "lying"'),
    ("10_robustness", 1, "my_axes = [f' {axis.upper()}' for axis in my_axes]"),
    ("11_comparison", 3, DRAWN.format(one=BY_POSITION, shares=[0.025, 0.975])),
    ("11_comparison", 3, DRAWN.format(one=BY_CHOICE, shares=[0.025, 0.975])),
    ("11_comparison", 5, SORTED),
]
"""Lesson, exercise, and an answer that is right, though it is not the solution's."""

SLIPS = [
    ("01_data_visualisation", 2, "def lies(gravity):\n    return gravity[:, 0] > 0.45", "turned"),
    (
        *("01_data_visualisation", 3),
        "def step_rate(signal):\n    return frequency[np.abs(np.fft.rfft(signal)).argmax()]",
        "frequency 0",
    ),
    ("03b_how_a_network_learns", 4, SOFTMAX.format(number="0"), "overflow"),
    ("03b_how_a_network_learns", 4, SOFTMAX.format(number="scores.max()"), "*row*"),
    (
        *("03b_how_a_network_learns", 4),
        SOFTMAX.format(number="scores.mean(axis=1, keepdims=True)"),
        "mean",
    ),
    (
        *("03b_how_a_network_learns", 5),
        "given = layer_gradient\n"
        "def layer_gradient(inputs, labels, weights, bias):\n"
        "    return given(inputs, labels, weights, 0 * bias)",
        "bias",
    ),
    (
        *("10_robustness", 3),
        "def points_lost(right, altered, person):\n"
        "    return np.mean([(right - altered)[person == p].mean() for p in np.unique(person)])",
        ".mean()",
    ),
    ("11_comparison", 3, DRAWN.format(one=BY_POSITION, shares=[0.05, 0.95]), "90 %"),
    ("11_comparison", 3, DRAWN.format(one=BY_CHOICE, shares=[0.05, 0.95]), "90 %"),
]
"""Lesson, exercise, a likely slip, and what the check says of it."""


@with_solutions
@pytest.mark.parametrize(("lesson", "number", "answer"), RIGHT_TOO)
def test_a_check_takes_what_is_right_in_another_way(lesson, number, answer, quietly):
    assert said(lesson, number, answer).status == selfcheck.RIGHT


@with_solutions
@pytest.mark.parametrize(("lesson", "number", "answer", "named"), SLIPS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_check_names_a_likely_slip(lesson, number, answer, named, quietly):
    verdict = said(lesson, number, answer)
    assert verdict.status == selfcheck.WRONG
    assert named in verdict.message


@each_lesson
def test_every_placeholder_runs_and_is_told_apart(path, quietly):
    found = verdicts(exercises.NOTEBOOKS / "exercises" / path.name)
    assert [str(verdict) for verdict in found if verdict.status != selfcheck.UNTOUCHED] == []


@each_lesson
def test_a_lesson_has_three_to_six_exercises(path):
    assert 3 <= len(exercises.listed(path.name, notebooks.read(path))) <= 6


@each_lesson
def test_a_lesson_asks_for_one_judgement(path):
    asked = [cell for cell in notebooks.read(path).cells if "selfcheck.judge(" in cell.source]
    assert len(asked) == 1


def test_exercises_are_in_step_with_their_solutions():
    assert exercises.problems() == []


@with_solutions
def test_every_lesson_has_exercises():
    assert [path.stem for path in SOLUTIONS] == start_page.lesson_names()


@with_solutions
def test_a_student_s_notebook_holds_nothing_of_the_solution():
    for path in (exercises.NOTEBOOKS / "exercises").glob("[!.]*.ipynb"):
        text = path.read_text(encoding="utf-8")
        assert "# stub:" not in text
        assert "solutions/" not in text


# --- How they are made ----------------------------------------------------------------------------

SOLUTION = '''\
def double(number):
    """Return twice a number."""
    # stub: return number
    twice = 2 * number
    return twice
    # end


print(double(1))'''

STUB = '''\
def double(number):
    """Return twice a number."""
    # Your turn. What follows is only a placeholder.
    return number


print(double(1))'''

CELLS = [
    ("markdown", "# Solutions: 1 · Toy", []),
    ("code", "import string", ["check"]),
    ("code", 'subjects = "all"', ["parameters"]),
    ("markdown", "## 1 · Twice\n\nDouble it.", ["exercise", "two-stars"]),
    ("code", SOLUTION, ["solution"]),
    ("code", "template = string.Template('judged $n')", ["check"]),
    ("code", "template.substitute(n=double(1))", ["check"]),
    ("markdown", "Two times.", ["solution"]),
]


@pytest.fixture
def course(tmp_path):
    """Return a function that writes a course with one lesson and one solution."""

    def write(cells=CELLS):
        write_notebook(tmp_path / "01_toy.ipynb", 'subjects = "all"')
        new = {"markdown": nbformat.v4.new_markdown_cell, "code": nbformat.v4.new_code_cell}
        solution = nbformat.v4.new_notebook(
            cells=[new[kind](source, metadata={"tags": tags}) for kind, source, tags in cells]
        )
        text = notebooks.as_text(notebooks.normalise(solution))
        files.write_text(tmp_path / "solutions" / "01_toy.ipynb", text)
        return tmp_path

    return write


def test_the_student_gets_placeholders_and_checks(course):
    folder = course()
    exercises.write(folder)
    cells = notebooks.read(folder / "exercises" / "01_toy.ipynb").cells
    assert "1. Twice (two stars)" in cells[0].source
    assert [cell.source for cell in cells[2:]] == [
        *('subjects = "all"', "## 1 · Twice\n\nDouble it.", STUB, "check(1)")
    ]


def test_the_code_of_the_checks_stands_apart(course, monkeypatch):
    folder = course()
    exercises.write(folder)
    monkeypatch.setattr(selfcheck, "CHECKS", folder / "exercises" / "checks")
    names = {"double": lambda number: 3 * number}
    check = selfcheck.checks("01_toy", names)
    assert check(1) == "judged 3"
    assert set(names) == {"double"}
    names["double"] = lambda number: 2 * number
    assert check(1) == "judged 2"
    assert check(2).message == selfcheck.say("no_exercise", number=2, last=1)
    del names["double"]
    missing = selfcheck.say("missing", name="double")
    assert check(1) == selfcheck.Verdict(selfcheck.WRONG, missing)
    with pytest.raises(FileNotFoundError, match="no checks for a lesson 'nothing'"):
        selfcheck.checks("nothing", {})


def test_lesson_and_index_list_the_exercises(course):
    folder = course()
    exercises.write(folder)
    last = notebooks.read(folder / "01_toy.ipynb").cells[-1]
    assert "exercises/01_toy.ipynb" in last.source
    assert "1. Twice (two stars)" in last.source
    index = (folder / "exercises" / "README.md").read_text(encoding="utf-8")
    assert "(../solutions/01_toy.ipynb)" in index
    assert index.count("(../01_toy.ipynb)") == 1
    assert "solutions" not in exercises.index(folder, solutions=False)


def test_what_is_not_in_step_is_named_until_it_is_written(course):
    folder = course()
    assert len(exercises.problems(folder)) == 4
    assert len(exercises.write(folder)) == 4
    assert exercises.problems(folder) == []
    assert exercises.write(folder) == []
    (folder / "exercises" / "99_old.ipynb").write_text("{}")
    assert [problem.split()[0] for problem in exercises.problems(folder)] == [
        "exercises/99_old.ipynb"
    ]


def test_a_course_without_solutions_has_nothing_to_be_in_step_with(tmp_path):
    assert exercises.problems(tmp_path) == []
    with pytest.raises(exercises.ExerciseError, match="there are no solutions"):
        exercises.write(tmp_path)


@pytest.mark.parametrize(
    ("place", "cells", "message"),
    [
        (3, [("markdown", "## 2 · Twice", ["exercise", "one-star"])], "is not '## 1 · …'"),
        (3, [("markdown", "## 1 · Twice", ["exercise"])], "needs one tag of one-star"),
        (3, [("markdown", "Twice", [])], "no cell is tagged exercise"),
        (4, [("code", "a = 1", [])], "'Twice' has no code cell tagged solution"),
        (4, [("code", "a = 1", ["solution"])], "no line of it begins with '# stub: '"),
        (5, [("code", "a = 1", []), ("code", "b = 1", [])], "has no code cell tagged check"),
    ],
)
def test_what_is_wrong_with_a_solution_is_said_in_one_line(course, place, cells, message):
    folder = course([*CELLS[:place], *cells, *CELLS[place + len(cells) :]])
    [problem] = exercises.problems(folder)
    assert message in problem
    assert "\n" not in problem
