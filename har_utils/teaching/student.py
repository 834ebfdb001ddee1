"""The process that runs one submission: confined, limited, and without the right answers.

The fork server (`grading`) imports this module once, and with it all that notebooks import. Each
submission is a fork of it, so it starts in no time and sees nothing of another one.
"""

from __future__ import annotations

import ast
import asyncio
import builtins
import contextlib
import copy
import importlib
import inspect
import json
import os
import time
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("agg")  # before anything imports pyplot

import IPython.display
import matplotlib.pyplot as plt

from har_utils import evaluation, features, models, plots, recordings, robustness  # noqa: F401
from har_utils.course import lessons, selfcheck  # noqa: F401
from har_utils.models import backend
from har_utils.teaching import confinement, hidden
from har_utils.teaching.submissions import Submission

backend.prepare()

JUDGEMENT = "my_answer"
"""The name under which an exercise asks for a sentence, which only a teacher can judge."""

MISSING = "missing"
"""The status of an exercise whose check or function is not there."""


@dataclass(frozen=True)
class Task:
    """What a process is to do.

    Attributes
    ----------
    submission
        The notebook.
    calls
        Exercise → names of functions and what to call them with.
    n_exercises
        How many the lesson has.
    folder
        Where it may write.
    hidden
        What it may not read.
    seconds, gigabytes
        Processor time and memory it may use.
    """

    submission: Submission
    calls: dict[int, list[tuple[str, tuple[Any, ...]]]]
    n_exercises: int
    folder: Path
    hidden: tuple[Path, ...]
    seconds: int
    gigabytes: float


def run(connection: Connection, task: Task) -> None:
    """Execute a submission and send what came of each exercise as soon as it is known.

    One message per exercise, JSON in bytes: its number, the status of the public check, and for
    each hidden call the answer in a list, or an empty list if there was none.
    """
    os.setsid()
    _silence()
    os.chdir(task.folder)
    os.environ |= {"HAR_BUILD": str(task.folder / "build"), "HOME": str(task.folder)}
    confinement.limit(task.seconds, task.gigabytes)
    confinement.confine(task.folder, task.hidden)
    module = types.ModuleType("__main__")
    module.__dict__["display"] = IPython.display.display
    module.__dict__["get_ipython"] = _Nothing
    for number, found in _exercises(task, module.__dict__):
        calls = [_answer(module.__dict__, *call) for call in task.calls.get(number, [])]
        message = {"exercise": number, "answers": calls, **found, "seconds": time.process_time()}
        connection.send_bytes(json.dumps(message).encode())
    connection.close()
    os._exit(0)  # nothing that a student left behind may keep the process alive


class _Nothing:
    """What stands for IPython's shell: whatever it is asked for, nothing happens."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_, **__: None


def _silence() -> None:
    """Let the process say nothing and ask nothing."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nowhere, stream)
    builtins.input = lambda *_: ""


def _exercises(task: Task, namespace: dict[str, Any]) -> Iterator[tuple[int, dict[str, str]]]:
    """Execute the steps of a submission; yield each exercise when its check is due."""
    error, done = "", set()
    for step in task.submission.steps:
        if isinstance(step, str):
            error = _execute(step, namespace) or error
        elif step not in done and step <= task.n_exercises:
            done.add(step)
            yield step, _checked(task.submission.lesson, step, namespace, error)
    for number in range(1, task.n_exercises + 1):
        if number not in done:  # somebody deleted its check
            yield number, _checked(task.submission.lesson, number, namespace, error)


def _execute(code: str, namespace: dict[str, Any]) -> str:
    """Execute a cell; return how it failed, if it did."""
    try:
        waiting = eval(compile(code, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), namespace)
        if inspect.iscoroutine(waiting):
            asyncio.run(waiting)
    except BaseException as error:  # sys.exit() and the like are the student's, too
        return type(error).__name__
    finally:
        plt.close("all")
    return ""


def _checked(lesson: str, number: int, namespace: dict[str, Any], error: str) -> dict[str, str]:
    """Return the status of an exercise by its public check, the last error, a sentence if any."""
    importlib.reload(selfcheck)  # whatever a student may have put in its place
    try:
        verdict = selfcheck.checks(lesson, namespace)(number)
        status, message = verdict.status, verdict.message
    except BaseException as stopped:
        status, message = MISSING, f"the check stops with {type(stopped).__name__}"
    if "run the cells above first" in message:
        status = MISSING
    judgement = namespace.get(JUDGEMENT, "")
    sentence = judgement if isinstance(judgement, str) else ""
    return {"status": status, "error": error, "sentence": sentence}


def _answer(namespace: dict[str, Any], function: str, arguments: tuple[Any, ...]) -> list[Any]:
    """Call a student's function; return its answer in a list, an empty one if there is none."""
    with contextlib.suppress(BaseException):
        answer = hidden.encoded(namespace[function](*copy.deepcopy(arguments)))
        json.dumps(answer)
        return [answer]
    return []
