"""A folder of submissions as one table, each submission run in a process of its own.

The processes are forks of a server that has imported everything once, which is most of the time a
submission takes. What is graded is kept beside the table, so the same command goes on where it was
stopped, and grades only what is new.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pandas as pd

from har_utils import files, results
from har_utils.build import notebooks
from har_utils.course import exercises, selfcheck
from har_utils.teaching import confinement, hidden, submissions
from har_utils.teaching.hidden import Question
from har_utils.teaching.submissions import Submission

POINTS = {"one star": 1, "two stars": 2, "three stars": 3}
"""Difficulty of an exercise → its points."""

PUBLIC_SHARE = 0.5
"""The share of the points for an answer that only the public check is content with."""

RIGHT, ONLY_PUBLIC, WRONG, UNTOUCHED = "right", "public only", "wrong", "untouched"
STATUSES = {selfcheck.WRONG: WRONG, selfcheck.UNTOUCHED: UNTOUCHED}

GRADED, TIME, CRASHED, NOT_GRADED = "graded", "time limit", "crashed", "not graded"

LONGEST_MESSAGE = 20_000_000
"""Bytes of one exercise's answers; who sends more answers something that was not asked."""

PRIVATE = ("notebooks/solutions", "teaching", "build", ".git")
"""What of the repository no submission may read."""

PATIENCE = 4
"""How many times the limit of processor time a submission may take by the clock."""

LEAST_PATIENCE = 300
"""Seconds by the clock that every submission may take: others may be using the machine."""

OWN_CODE = ("grading", "hidden", "student", "submissions")
"""The modules here that decide about a grade."""

FIRST = ("submission", "lesson", "status", "points", "of")
LAST = ("seconds", "remark", "sentence")
"""The columns of the table before those of the exercises, and behind them."""

LONGEST_SENTENCE = 1000
"""Characters of a judgement that stand in the table."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Attributes
    ----------
    seconds
        Of processor time.
    gigabytes
        Of memory, besides what every submission shares.
    """

    seconds: int = 120
    gigabytes: float = 4.0


@dataclass(frozen=True)
class Key:
    """What a lesson's submissions are graded by.

    Attributes
    ----------
    points
        Of each exercise, in order.
    questions
        Exercise → hidden questions.
    digest
        Of all that decides about a grade, besides the submission and its limits.
    """

    points: tuple[int, ...]
    questions: Mapping[int, list[Question]]
    digest: str


# --- The whole folder -----------------------------------------------------------------------------


def grade(folder: Path, output: Path, limits: Limits, jobs: int = 1) -> pd.DataFrame:
    """Grade a folder of submissions and write the table.

    Parameters
    ----------
    folder
        What was handed in, in folders of any depth.
    output
        The table, CSV; what is graded already is kept beside it.
    limits
        What a submission may use.
    jobs
        How many are run at a time.

    Returns
    -------
    pandas.DataFrame
        One row per file, by name: lesson, status, points, what came of each exercise, seconds.

    Raises
    ------
    FileNotFoundError
        If there is no submission.
    ConfinementError
        If this system cannot confine what it runs.
    ValueError
        If the course lies in the folder, which would be hidden from what is run.
    """
    found = submissions.handed_in(folder, besides=output)
    if not confinement.version():
        raise confinement.ConfinementError(
            "grading runs students' code, which only Linux 5.13 or newer can confine (Landlock)"
        )
    if files.REPOSITORY.is_relative_to(folder.resolve()):
        raise ValueError(f"{folder}: holds the course itself; name a folder of submissions alone")
    kept = output.with_name(f".{output.stem}")
    grader = Grading(kept, limits, tuple(path.resolve() for path in (folder, output, kept)))
    with ThreadPoolExecutor(jobs) as pool:
        rows = list(pool.map(grader.row_or_reason, found, found.values()))
    table = pd.DataFrame(rows, columns=_columns(rows)).fillna("").sort_values("submission")
    with files.atomic(output) as aside:
        table.to_csv(aside, index=False, float_format="%.4g")
    return table


def default_output(folder: Path) -> Path:
    """Return where the table of a folder goes if nobody says."""
    return results.build_folder("grades") / f"{folder.resolve().name}.csv"


class Grading:
    """Grades one submission after the other, or several at a time; keeps what it graded.

    Parameters
    ----------
    kept
        The folder for what is graded.
    limits
        What a submission may use.
    private
        What it may not read, besides the course's own.
    """

    def __init__(self, kept: Path, limits: Limits, private: tuple[Path, ...] = ()) -> None:
        self.kept = kept
        self.limits = limits
        own = [files.REPOSITORY / name for name in PRIVATE]
        own += [results.build_folder("class").parent, *_history()]
        self.private = (*private, *(path for path in own if path.exists()))
        self.seed = hidden.seed()
        self.lessons = sorted(
            p.stem for p in (exercises.NOTEBOOKS / "solutions").glob("[!.]*.ipynb")
        )
        self.server = server()
        self.keys: dict[str, Key] = {}
        self.lock = multiprocessing.Lock()

    @classmethod
    def of_course(cls) -> Grading:
        """Return what grades the course's exercises, with limits as usual."""
        return cls(results.build_folder("grades"), Limits())

    def row_or_reason(self, name: str, path: Path) -> dict[str, Any]:
        """Return the row of a submission, or why there is none: one keeps no other from a grade."""
        name = _printable(name)
        try:
            return self.row(name, path)
        except (OSError, ValueError) as error:
            return _row(name, "", NOT_GRADED, remark=_printable(str(error).splitlines()[0]))

    def row(self, name: str, path: Path) -> dict[str, Any]:
        """Return the row of a submission, as it was kept or newly graded."""
        try:
            submission = submissions.read(name, path, self.lessons)
        except submissions.SubmissionError as error:
            return _row(name, "", NOT_GRADED, remark=str(error))
        key = self.key(submission.lesson)
        decides = (submissions.digest(path), key.digest, str(self.limits))
        place = self.kept / f"{_digest(*decides)}.json"
        if place.exists():
            return {**files.read_json(place), "submission": name}
        row = self.graded(submission, key)
        files.write_json(place, row)
        return row

    def key(self, lesson: str) -> Key:
        """Return a lesson's key, made the first time by its solution."""
        with self.lock:
            if lesson not in self.keys:
                self.keys[lesson] = _key(self.server, lesson, self.seed)
            return self.keys[lesson]

    def graded(self, submission: Submission, key: Key) -> dict[str, Any]:
        """Return the row of a submission that is run now."""
        with tempfile.TemporaryDirectory(prefix="har-grade-", ignore_cleanup_errors=True) as folder:
            status, messages = run(self.server, submission, key, Path(folder), self)
        row = _graded_row(submission, key, status, messages)
        # What was ended could only say how long it took up to its last check.
        return row | ({"seconds": float(self.limits.seconds)} if status == TIME else {})


# --- One submission -------------------------------------------------------------------------------


def server() -> multiprocessing.context.ForkServerContext:
    """Return the server that forks a process for each submission."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["har_utils.teaching.student"])
    return context


def run(
    context: multiprocessing.context.ForkServerContext,
    submission: Submission,
    key: Key,
    folder: Path,
    grader: Grading,
) -> tuple[str, list[dict[str, Any]]]:
    """Run a submission in a process of its own.

    Returns
    -------
    tuple
        How it ended, and what it sent of each exercise.
    """
    from har_utils.teaching import student

    calls = {n: [(q.function, q.arguments) for q in asked] for n, asked in key.questions.items()}
    limits = grader.limits
    task = student.Task(
        *(submission, calls, len(key.points), folder, grader.private),
        *(limits.seconds, limits.gigabytes),
    )
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=student.run, args=(theirs, task), daemon=True)
    process.start()
    theirs.close()
    messages, status = [], GRADED
    try:
        for message in _received(ours, max(LEAST_PATIENCE, PATIENCE * limits.seconds)):
            messages.append(message)
            if len(messages) > len(key.points) + 1:
                raise ValueError("more messages than exercises")
    except TimeoutError:
        status = TIME
    except (OSError, ValueError, RecursionError):
        status = CRASHED  # what it sent is none of our messages
    finally:
        _end(process)
        ours.close()
    if status == GRADED and process.exitcode:
        status = TIME if process.exitcode == -signal.SIGXCPU else CRASHED
    return status, messages


def _history() -> list[Path]:
    """Return where git keeps what was committed: in a worktree, outside the repository."""
    git = shutil.which("git")
    if git is None:
        return []
    command = [git, "rev-parse", "--path-format=absolute", "--git-common-dir"]
    done = subprocess.run(command, cwd=files.REPOSITORY, capture_output=True, text=True)
    return [] if done.returncode else [Path(done.stdout.strip())]


def _received(connection: Connection, patience: float) -> Iterator[dict[str, Any]]:
    """Yield what a process sends until it closes the connection.

    Raises
    ------
    TimeoutError
        If that takes longer than the patience, in seconds.
    """
    until = time.monotonic() + patience
    while connection.poll(max(0.0, until - time.monotonic())):
        try:
            yield json.loads(connection.recv_bytes(LONGEST_MESSAGE))
        except EOFError:
            return
    raise TimeoutError


def _end(process: multiprocessing.process.BaseProcess) -> None:
    """Wait a moment for a process to end, then end it and all that it started."""
    process.join(5)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid or 0, signal.SIGKILL)
    if process.is_alive():
        process.kill()
        process.join()


# --- The key --------------------------------------------------------------------------------------


def _key(context: multiprocessing.context.ForkServerContext, lesson: str, seed: int) -> Key:
    """Return the key of a lesson. The solution runs in a process of its own, too."""
    path = exercises.NOTEBOOKS / "solutions" / f"{lesson}.ipynb"
    listed = exercises.listed(path.name, notebooks.read(path))
    asked = questions(context, lesson, seed)
    decides = [path, selfcheck.CHECKS / f"{lesson}.py", hidden.FOLDER / f"{lesson}.py"]
    decides += [Path(__file__).with_name(f"{name}.py") for name in OWN_CODE]
    decides.append(Path(selfcheck.__file__))
    digest = _digest(str(seed), *(p.read_text("utf-8") for p in decides if p.exists()))
    return Key(tuple(POINTS[exercise.difficulty] for exercise in listed), asked, digest)


def questions(
    context: multiprocessing.context.ForkServerContext, lesson: str, seed: int
) -> dict[int, list[Question]]:
    """Return a lesson's hidden questions, asked of the solution in a process of its own.

    Raises
    ------
    RuntimeError
        If the solution or the questions fail; the message names the lesson.
    """
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_send_questions, args=(theirs, lesson, seed), daemon=True)
    process.start()
    theirs.close()
    try:
        return ours.recv()
    except EOFError:
        message = f"teaching/hidden/{lesson}.py or the solution stops; the error stands above"
        raise RuntimeError(message) from None
    finally:
        process.join()


def _send_questions(connection: Connection, lesson: str, seed: int) -> None:
    """Send a lesson's hidden questions."""
    with (
        tempfile.TemporaryDirectory(prefix="har-") as folder,
        contextlib.redirect_stdout(io.StringIO()),
    ):
        os.environ["HAR_BUILD"] = folder
        connection.send(hidden.questions(lesson, seed))


def _digest(*parts: str) -> str:
    """Return a digest of some texts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


# --- The table ------------------------------------------------------------------------------------


def _graded_row(
    submission: Submission, key: Key, status: str, messages: list[dict[str, Any]]
) -> dict[str, Any]:
    """Return the row of a submission that was run."""
    came, error, sentence, seconds = {}, "", "", 0.0
    for message in messages:
        with contextlib.suppress(KeyError, TypeError, ValueError, OverflowError):
            number = int(message["exercise"])
            came[number] = _status(message, key.questions.get(number, []))
            error = _printable(str(message["error"]))[:60] or error
            sentence = str(message["sentence"])[:LONGEST_SENTENCE] or sentence
            seconds = max(seconds, float(message["seconds"]))
    worth = {RIGHT: 1.0, ONLY_PUBLIC: PUBLIC_SHARE}
    points = [p * worth.get(came.get(n, ""), 0) for n, p in enumerate(key.points, start=1)]
    row = _row(submission.name, submission.lesson, status, remark=error and f"a cell: {error}")
    row |= {"points": sum(points), "of": sum(key.points), "seconds": round(seconds, 1)}
    sentence = _printable(sentence)
    row["sentence"] = sentence.lstrip("=+-@ \t\n")  # what a spreadsheet would take for a formula
    return row | {f"exercise {n}": came.get(n, "") for n in range(1, len(key.points) + 1)}


def _printable(text: str) -> str:
    """Return a text that can be written: half an emoji, or a name in an old encoding, cannot."""
    return text.encode("utf-8", "replace").decode()


def _status(message: Mapping[str, Any], asked: list[Question]) -> str:
    """Return what came of an exercise; the hidden answers are judged here, not by the student."""
    status = str(message["status"])
    if status != selfcheck.RIGHT:
        return STATUSES.get(status, status)
    answers = message["answers"]
    given = [bool(a) and hidden.agrees(a[0], q) for a, q in zip(answers, asked, strict=True)]
    return RIGHT if all(given) else ONLY_PUBLIC


def _columns(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the columns of the table: one for each exercise of the lesson that has most."""
    exercise_columns = {name for row in rows for name in row} - {*FIRST, *LAST}
    return [*FIRST, *sorted(exercise_columns, key=lambda name: int(name.split()[1])), *LAST]


def _row(name: str, lesson: str, status: str, remark: str = "") -> dict[str, Any]:
    """Return a row without grades."""
    row: dict[str, Any] = dict.fromkeys((*FIRST, *LAST), "")
    row |= {"submission": name, "lesson": lesson, "status": status, "remark": remark}
    return row | {"points": 0.0, "of": 0, "seconds": 0.0}
