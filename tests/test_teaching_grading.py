"""Submissions are graded apart from one another; what is wrong with one is a row of the table."""

from __future__ import annotations

import copy
import json
import os
import subprocess
from pathlib import Path

import pandas as pd
import pytest
import submissions as made_up
from nbformat import NotebookNode

from har_utils import files
from har_utils.course import exercises, selfcheck, start_page
from har_utils.teaching import confinement, grading, hidden, student, submissions

LESSON = "03b_how_a_network_learns"
LIMITS = grading.Limits(seconds=8, gigabytes=1.5)  # filling more takes seconds of the eight
ROW = grading._row("", LESSON, grading.GRADED)
SOLUTIONS = exercises.NOTEBOOKS / "solutions"

pytestmark = [
    pytest.mark.skipif(not SOLUTIONS.exists(), reason="the course without its solutions"),
    pytest.mark.skipif(not confinement.version(), reason="a system without Landlock"),
]

BY_HEART = (
    "def softmax(scores):\n    return {right} if len(scores) == 5 else np.full(scores.shape, 1 / 6)"
)


def _by_heart():
    """Return a notebook with a function that is right about what the public check asks only."""
    notebook = made_up.solved(LESSON)
    [cell] = [c for c in notebook.cells if c.source.startswith("def softmax")]
    original = cell.source.replace("def softmax", "def by_heart")
    cell.source = original + "\n\n" + BY_HEART.format(right="by_heart(scores)")
    return notebook


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """What a class handed in."""
    folder = tmp_path_factory.mktemp("handed in")
    nothing = made_up.solved(LESSON, lambda number: False)
    made_up.write(folder, "right", LESSON, made_up.solved(LESSON))
    made_up.write(folder, "untouched", LESSON, nothing)
    made_up.write(folder, "half", LESSON, made_up.solved(LESSON, lambda number: number <= 2))
    made_up.write(folder, "by_heart", LESSON, _by_heart())
    made_up.write(folder, "no_checks", LESSON, made_up.without(made_up.solved(LESSON), "check"))
    made_up.write(folder, "no_answers", LESSON, made_up.without(made_up.solved(LESSON), "stub"))
    for kind in (
        "exits",
        "crashes",
        "endless",
        "floods",
        "fills_memory",
        "syntax",
        "asks",
        "magic",
    ):
        notebook = made_up.with_cell(made_up.solved(LESSON), made_up.BAD_CELLS[kind])
        made_up.write(folder, kind, LESSON, notebook)
    liar = made_up.solved(LESSON, lambda number: False)
    made_up.write(folder, "liar", LESSON, made_up.with_cell(liar, made_up.BAD_CELLS["liar"]))
    for name, content in made_up.NO_NOTEBOOKS.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def output(folder, tmp_path_factory) -> Path:
    """The table's file, of a folder that was graded."""
    build = tmp_path_factory.mktemp("build")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HAR_BUILD", str(build))
        grading.grade(folder, build / "grades.csv", LIMITS)
    return build / "grades.csv"


@pytest.fixture(scope="module")
def table(output) -> pd.DataFrame:
    """The table, a row for each student."""
    read = pd.read_csv(output, keep_default_na=False)
    return read.set_index(read["submission"].str.partition("/")[0])


def came(row: pd.Series) -> list[str]:
    """Return what came of each exercise."""
    return [row[f"exercise {number}"] for number in range(1, 6)]


def test_every_submission_has_a_row(table, folder):
    assert sorted(table["submission"]) == sorted(submissions.handed_in(folder))


def test_what_is_right_has_all_points_and_a_placeholder_none(table):
    assert (table.loc["right", "points"], table.loc["right", "of"]) == (11, 11)
    assert came(table.loc["right"]) == ["right"] * 5
    assert table.loc["untouched", "points"] == 0
    assert came(table.loc["untouched"]) == ["untouched"] * 5


def test_points_are_the_stars_of_what_is_solved(table):
    assert came(table.loc["half"]) == ["right"] * 2 + ["untouched"] * 3
    assert table.loc["half", "points"] == 1 + 2


def test_an_answer_by_heart_has_half_of_the_points(table):
    assert came(table.loc["by_heart"]) == [*["right"] * 3, "public only", "right"]
    assert table.loc["by_heart", "points"] == 11 - 1


def test_a_check_in_which_a_student_put_a_lie_is_not_believed(table):
    assert table.loc["liar", "points"] == 0


def test_a_deleted_check_is_made_all_the_same(table):
    assert table.loc["no_checks", "points"] == 11


def test_a_deleted_answer_is_missing(table):
    assert came(table.loc["no_answers"]) == ["missing"] * 5
    assert table.loc["no_answers", "points"] == 0


@pytest.mark.parametrize("kind", ["exits", "floods", "fills_memory", "syntax", "asks", "magic"])
def test_a_cell_that_fails_costs_only_itself(table, kind):
    assert (table.loc[kind, "status"], table.loc[kind, "points"]) == ("graded", 11)
    failed = {"exits": "SystemExit", "syntax": "SyntaxError", "fills_memory": "MemoryError"}
    assert failed.get(kind, "") in table.loc[kind, "remark"]


def test_what_ends_the_process_is_a_row(table):
    assert table.loc["endless", "status"] == "time limit"
    assert table.loc["endless", "seconds"] == LIMITS.seconds
    assert table.loc["crashes", "status"] == "crashed"


def test_a_file_that_is_no_notebook_is_a_row(table):
    assert set(table.loc[list(made_up.NO_NOTEBOOKS), "status"]) == {"not graded"}
    assert set(table.loc[list(made_up.NO_NOTEBOOKS), "remark"]) == {"not a notebook"}


def test_grading_goes_on_where_it_was_stopped(output, folder, tmp_path, monkeypatch):
    monkeypatch.setenv("HAR_BUILD", str(output.parent))
    before = output.read_bytes()
    output.unlink()
    monkeypatch.setattr(grading, "run", None)  # nothing may be run again
    grading.grade(folder, output, LIMITS)
    assert output.read_bytes() == before


CELLS = {
    "a line that goes on": 'print("%.3f"\n      % 0.5)',
    "a text that begins with a per cent sign": '"""About\n% of the windows."""',
    "help": "import numpy as np\nnp.exp?",
    "a magic that gives something": "t = %timeit -o -n 1 -r 1 sum([1])",
    "the shell": 'get_ipython().run_line_magic("matplotlib", "inline")',
    "waiting": "import asyncio\nawait asyncio.sleep(0)",
    "a command": "!pip list",
    "a whole cell": "%%time\ntotal = 1",
}


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_steps_keep_what_runs_in_jupyter(cell):
    *code, number = submissions._steps(f"{cell}\nreached = True\ncheck(1)\n")
    space = {"get_ipython": student._Nothing}
    assert [student._execute(each, space) for each in code] == [""]
    assert number == 1
    assert space["reached"]


def test_grade_hides_the_table_and_not_its_folder(folder, tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(grading.Grading, "row", lambda self, *_: seen.append(self.private) or ROW)
    output = tmp_path / "grades.csv"
    grading.grade(folder, output, LIMITS)
    assert {output, tmp_path / ".grades", folder.resolve()} <= set(seen[0])
    assert tmp_path not in seen[0]
    with pytest.raises(ValueError, match="holds the course itself"):
        grading.grade(files.REPOSITORY.parent, output, LIMITS)


def test_what_was_graded_with_other_limits_is_graded_anew(folder, tmp_path, monkeypatch):
    asked = []
    graded = lambda self, one, key: asked.append(one.name) or ROW | {"submission": one.name}  # noqa: E731
    monkeypatch.setattr(grading.Grading, "graded", graded)
    for seconds in (2, 2, 100):
        grading.grade(folder, tmp_path / "grades.csv", grading.Limits(seconds))
    assert len(asked) == 2 * len(set(asked))


def test_one_submission_keeps_no_other_from_a_grade(folder, tmp_path, monkeypatch):
    def row(self, name, path):
        if "crashes" in name:
            raise UnicodeEncodeError("utf-8", "\ud83d", 0, 1, "surrogates not allowed")
        return ROW | {"submission": name}

    monkeypatch.setattr(grading.Grading, "row", row)
    table = grading.grade(folder, tmp_path / "grades.csv", LIMITS)
    broken = table["submission"].str.contains("crashes")
    assert 0 < broken.sum() < len(table)
    assert set(table["status"][broken]) == {grading.NOT_GRADED}
    assert grading._printable("M\udcfcller \ud83d") == "M?ller ?"


def test_no_answer_to_a_hidden_question_is_kept_or_shown(output):
    kept = [json.loads(path.read_text()) for path in output.parent.rglob("*.json")]
    rows = [row for row in kept if "submission" in row]
    assert len(rows) == 15
    columns = {*grading.FIRST, *grading.LAST}
    assert {key for row in rows for key in row if not key.startswith("exercise")} == columns


@pytest.mark.skipif("HAR_EIGHTY" not in os.environ, reason="some minutes: set HAR_EIGHTY=1")
def test_grade_takes_eighty_submissions(tmp_path, monkeypatch, capsys):
    """Every row is as it was made up, whatever the others do."""
    monkeypatch.setenv("HAR_BUILD", str(tmp_path / "build"))
    made_up.eighty(tmp_path / "class")
    table = grading.grade(tmp_path / "class", tmp_path / "grades.csv", LIMITS, jobs=2)
    with capsys.disabled():
        print("\n", table["status"].value_counts().to_dict(), "seconds:", table["seconds"].sum())
        print(table.drop(columns="lesson").to_string())
    assert len(table) == 80
    who = table["submission"].str.partition("/")[0]
    assert set(table["status"][who.str.startswith("student")]) == {"graded"}
    assert set(table["status"][who.str.startswith("broken")]) == {"not graded"}
    assert set(who[table["status"] == "time limit"]) == {"endless"}
    assert set(who[table["status"] == "crashed"]) == {"crashes"}


def test_a_judgement_stands_in_the_table_for_the_teacher_to_read():
    key = grading.Key((1,), {}, "")
    message = {"exercise": 1, "status": selfcheck.RIGHT, "answers": [], "error": "", "seconds": 1}
    written = submissions.Submission("a", LESSON, ())
    row = grading._graded_row(
        written, key, grading.GRADED, [{**message, "sentence": "=No: it costs too much."}]
    )
    assert row["sentence"] == "No: it costs too much."
    assert row["points"] == 1


def test_columns_are_those_of_the_lesson_with_most_exercises():
    rows = [{"exercise 1": "", "exercise 2": ""}, {f"exercise {n}": "" for n in (1, 2, 10)}]
    assert grading._columns(rows)[5:8] == ["exercise 1", "exercise 2", "exercise 10"]


# --- What a submission may do ---------------------------------------------------------------------


ATTEMPTS = """
import os, pathlib, socket

def attempt(action):
    try:
        action()
        return "done"
    except OSError:
        return "refused"

def tried(outside, solution, other):
    return [
        attempt(lambda: pathlib.Path("own.txt").write_text("mine")),
        attempt(lambda: pathlib.Path(outside).write_text("mine")),
        attempt(lambda: os.remove(other)),
        attempt(lambda: pathlib.Path(solution).read_text()),
        attempt(lambda: pathlib.Path(other).read_text()),
        attempt(lambda: socket.create_connection(("127.0.0.1", 9), timeout=1)),
        attempt(lambda: os.kill(os.getppid(), 0)),
        attempt(lambda: socket.socket(socket.AF_UNIX)),
        attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)),
        attempt(os.setsid),
        attempt(lambda: os.setpgid(0, 0)),
        attempt(lambda: [end.close() for end in socket.socketpair()]),
    ]
"""


def test_a_submission_writes_to_its_folder_only_and_reads_no_solution_and_no_other(tmp_path):
    handed_in = tmp_path / "handed in"
    other = made_up.write(handed_in, "other", LESSON, made_up.solved(LESSON))
    solution = SOLUTIONS / f"{LESSON}.ipynb"
    own = tmp_path / "own"
    own.mkdir()
    arguments = (str(tmp_path / "outside.txt"), str(solution), str(other))
    key = grading.Key((1,), {1: [hidden.Question("tried", arguments, None)]}, "")
    grader = grading.Grading(tmp_path / "kept", LIMITS, (handed_in,))
    attempts = submissions.Submission("a", LESSON, (ATTEMPTS, 1))
    status, [message] = grading.run(grader.server, attempts, key, own, grader)
    assert status == grading.GRADED
    assert message["answers"] == [[["done"] + ["refused"] * 10 + ["done"]]]
    assert (own / "own.txt").exists()
    assert other.exists()


def test_a_submission_reads_no_history_and_no_class_that_lies_elsewhere(tmp_path, monkeypatch):
    monkeypatch.setenv("HAR_BUILD", str(tmp_path / "elsewhere"))
    (tmp_path / "elsewhere").mkdir()
    private = grading.Grading(tmp_path / "kept", LIMITS).private
    assert tmp_path / "elsewhere" in private
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=files.REPOSITORY, capture_output=True)
    assert done.returncode or any((path / "objects").is_dir() for path in private)


@pytest.mark.parametrize("cell", ["+".join(["1"] * 20_000), "-" * 20_000 + "1", "%a\n" * 600])
def test_steps_take_code_that_is_too_deep_for_python(cell):
    assert submissions._as_python(cell)


@pytest.mark.parametrize("number", [float("inf"), float("nan"), None, "one"])
def test_a_message_of_no_exercise_is_left_out_of_the_row(number):
    key = grading.Key((1,), {}, "")
    told = {"exercise": 1, "status": selfcheck.RIGHT, "answers": [], "error": "", "seconds": 1}
    messages = [{**told, "sentence": ""}, {**told, "exercise": number, "sentence": ""}]
    written = submissions.Submission("a", LESSON, ())
    row = grading._graded_row(written, key, grading.GRADED, messages)
    assert (row["points"], row["exercise 1"]) == (1, grading.RIGHT)


def test_a_line_that_is_timed_is_executed():
    [code] = submissions._steps("%time x = 41 + 1\n")
    space = {}
    assert student._execute(code, space) == ""
    assert space["x"] == 42


def test_readable_is_everything_but_what_is_hidden(tmp_path):
    for name in ("a/b", "a/c", "d"):
        (tmp_path / name).mkdir(parents=True)
    found = set(confinement.readable(tmp_path, [tmp_path / "a" / "b"]))
    assert found == {tmp_path / "a" / "c", tmp_path / "d"}
    assert list(confinement.readable(tmp_path, [Path("/elsewhere")])) == [tmp_path]


# --- Reading what was handed in -------------------------------------------------------------------


def test_read_takes_the_lesson_from_the_code_else_from_the_name(tmp_path):
    path = made_up.write(tmp_path, "a", "homework", made_up.solved(LESSON))
    assert submissions.read("homework.ipynb", path, [LESSON]).lesson == LESSON
    path = made_up.write(tmp_path, "b", "x", made_up.solved(LESSON))
    path.write_text(path.read_text().replace("selfcheck.checks", "something"))
    assert submissions.read(f"{LESSON} (2).ipynb", path, [LESSON]).lesson == LESSON
    with pytest.raises(submissions.SubmissionError, match="of no lesson"):
        submissions.read("x.ipynb", path, [LESSON])


def test_read_takes_a_notebook_with_a_byte_order_mark(tmp_path):
    path = made_up.write(tmp_path, "a", LESSON, made_up.solved(LESSON))
    plain = submissions.read("a", path, [LESSON])
    path.write_text(path.read_text("utf-8"), encoding="utf-8-sig")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert submissions.read("a", path, [LESSON]) == plain


def test_read_refuses_a_flood_of_output(tmp_path, monkeypatch):
    path = made_up.write(tmp_path, "a", LESSON, made_up.solved(LESSON))
    monkeypatch.setattr(submissions, "LARGEST", 10)
    with pytest.raises(submissions.SubmissionError, match="too large"):
        submissions.read("a", path, [LESSON])


def test_handed_in_leaves_hidden_files_out_and_refuses_an_empty_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match="no submission"):
        submissions.handed_in(tmp_path)
    for name in (".DS_Store", "a/.ipynb_checkpoints/b.ipynb", "a/b.ipynb"):
        files.write_text(tmp_path / name, "")
    assert list(submissions.handed_in(tmp_path)) == ["a/b.ipynb"]
    with pytest.raises(FileNotFoundError, match="no such folder"):
        submissions.handed_in(tmp_path / "not there")


# --- Hidden questions -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "right", "wrong"),
    [
        (3, [3, 3.0, 3.0000001], [4, "3", None, [3]]),
        (True, [True, 1], [False, None]),
        ("LAYING", ["LAYING"], ["SITTING", 3, None]),
        ([1.0, 2.0], [[1, 2], (1.0, 2.0000001)], [[1], [2, 1], [1, 2, 3], 1]),
        (((1.0, 2.0), 3.0), [[[1, 2], 3]], [[[1, 2], 4], [[1, 2]], [1, 2]]),
        ([("A", 0.1 + 0.2)], [[["A", 0.3]]], [[["B", 0.3]], [["A", 0.4]], []]),
    ],
)
def test_agrees_compares_numbers_as_numbers_at_any_depth(expected, right, wrong):
    question = hidden.Question("f", (), expected)
    assert [answer for answer in right if not hidden.agrees(answer, question)] == []
    assert [answer for answer in wrong if hidden.agrees(answer, question)] == []


@pytest.mark.parametrize("path", sorted(hidden.FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_placeholders_fail_the_hidden_questions_and_another_seed_asks_others(
    path, tmp_path, monkeypatch
):
    """Each function that is asked about answers wrongly at least once while it is a placeholder."""
    monkeypatch.setenv("HAR_BUILD", str(tmp_path))
    asked = hidden.questions(path.stem, seed=1)
    again, others = (hidden.questions(path.stem, seed) for seed in (1, 2))
    assert asked
    for number, questions in asked.items():
        pickled = [hidden.pickle.dumps(q[number]) for q in (asked, again, others)]
        assert pickled[0] == pickled[1]
        assert pickled[0] != pickled[2]
        assert all(hidden.agrees(hidden.encoded(q.expected), q) for q in questions)
    student = _names(path.stem)
    for number, questions in asked.items():
        wrong = [q for q in questions if not hidden.agrees(_called(student, q), q)]
        assert {q.function for q in wrong} == {q.function for q in questions}, number


RAISED = "raised = np.exp(scores - scores.max(axis=1, keepdims=True))\n    return raised"
MISTAKES = {
    "03b_how_a_network_learns": [
        (RAISED, RAISED.replace("axis=1, keepdims=True", "")),
        (RAISED, RAISED.replace("max", "mean")),
        (RAISED, RAISED.replace(" - scores.max(axis=1, keepdims=True)", "")),
        ("scores = inputs @ weights + bias", "scores = inputs @ weights"),
    ],
    "03c_random_convolutions": [
        ("(answers[:, :, None] > biases)", "(answers[:, :, None] <= biases)"),
        (".mean(axis=1)", ".mean(axis=0)"),
        (".mean(axis=1)", ".sum(axis=1) / 128"),
        ("run + 1 if now else 0", "run + 1 if now else run"),
        ("run + 1 if now else 0", "run + 1 if now else 1"),
        ("max(longest, run)", "run"),
        ("(targets - hat @ targets) / (1 - np.diag(hat))", "targets - hat @ targets"),
        ("(targets - hat @ targets)", "(hat @ targets - targets)"),
        ("penalty * np.eye", "np.eye"),
        ("penalty * np.eye", "penalty**2 * np.eye"),
    ],
    "08c_what_came_after": [
        ("np.tri(len(scores), dtype=bool)", "np.tri(len(scores), dtype=bool).T"),
        ("np.where(seen, scores, -np.inf)", "np.where(seen, scores, 0)"),
        ("softmax(np.where(seen, scores, -np.inf), axis=1)", "seen * softmax(scores, axis=1)"),
        ("-np.inf), axis=1)", "-np.inf), axis=0)"),
        (" / np.sqrt(keys.shape[1])", ""),
        ("np.sqrt(keys.shape[1])", "keys.shape[1]"),
        ("np.sqrt(keys.shape[1])", "3"),
        ("angle = np.arange(n)", "angle = np.arange(1, n + 1)"),
        ("-2 * np.arange(d // 2)", "-np.arange(d // 2)"),
        ("np.sin(angle), np.cos(angle)", "np.cos(angle), np.sin(angle)"),
        ("return moments + place", "return place"),
        ("return moments + place", "return moments * place"),
    ],
    "12b_on_the_device": [
        ("np.abs(weights).max() / 127", "weights.max() / 127"),
        ("np.abs(weights).max() / 127", "np.abs(weights).max() / 255"),
        ("np.abs(weights).max() / 127", "np.abs(weights[0]).max() / 127"),
        ("np.round(weights / step) * step", "np.round(weights / step)"),
        ("np.round(weights / step) * step", "np.floor(weights / step) * step"),
    ],
}
"""Lesson → lines of its solution, and what stands there in a plausible wrong answer."""


def test_every_lesson_has_hidden_questions():
    assert sorted(path.stem for path in hidden.FOLDER.glob("*.py")) == start_page.lesson_names()


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("lesson", MISTAKES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_plausible_mistakes_fail_the_hidden_questions(lesson, seed):
    questions = [q for each in hidden.questions(lesson, seed).values() for q in each]
    solution = made_up.solved(lesson)
    right = _names_of(solution)
    assert all(hidden.agrees(_called(right, q), q) for q in questions)
    for line, mistake in MISTAKES[lesson]:
        mistaken = copy.deepcopy(solution)
        [cell] = [cell for cell in mistaken.cells if line in cell.source]
        cell.source = cell.source.replace(line, mistake)
        wrong = _names_of(mistaken)
        assert not all(hidden.agrees(_called(wrong, q), q) for q in questions), mistake


@pytest.mark.parametrize("seed", range(5))
def test_ends_that_are_counted_off_agree_with_the_hidden_questions(seed):
    lesson = "11_comparison"
    solution = made_up.solved(lesson)
    [cell] = [cell for cell in solution.cells if "def difference_interval" in cell.source]
    before, after = cell.source.split("    return np.quantile(")
    counted = "    d = np.sort({})\n    return d[int(0.025 * len(d))], d[int(0.975 * len(d)) - 1]"
    cell.source = before + counted.format(after.split(",")[0])
    right = _names_of(solution)
    asked = hidden.questions(lesson, seed)[5]
    assert all(hidden.agrees(hidden.encoded(_called(right, q)), q) for q in asked)


def _names(lesson: str) -> dict[str, object]:
    """Return what an untouched exercise notebook defines."""
    return _names_of(made_up.solved(lesson, lambda number: False))


def _names_of(notebook: NotebookNode) -> dict[str, object]:
    """Return what a notebook defines when its cells without checks are run."""
    namespace: dict[str, object] = {}
    for cell in notebook.cells:
        if cell.cell_type == "code" and "check" not in exercises.tags(cell):
            exec(compile(cell.source, "<cell>", "exec"), namespace)
    return namespace


def _called(namespace: dict[str, object], question: hidden.Question) -> object:
    """Return what a function answers, None if it stops."""
    try:
        return namespace[question.function](*question.arguments)
    except Exception:
        return None


def test_seed_is_drawn_once_and_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("HAR_BUILD", str(tmp_path))
    first = hidden.seed()
    assert hidden.seed() == first
    monkeypatch.setenv("HAR_BUILD", str(tmp_path / "another"))
    assert hidden.seed() != first


def test_every_verdict_of_a_check_has_a_status_in_the_table():
    assert set(grading.STATUSES) == {selfcheck.WRONG, selfcheck.UNTOUCHED}
