"""The one command that makes everything: Snakemake runs the jobs, short lines say what goes on."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NoReturn

from har_utils import forking, results
from har_utils.build import notebooks
from har_utils.build.dependencies import PipelineError, _from_here, module, modules_of
from har_utils.build.plan import Course

EVERY = 60.0
"""Seconds between two lines that say how far the running jobs are."""

START = (
    "from har_utils.imports import without_address_grammar; without_address_grammar(); "
    "from har_utils.build.plan import stop_with_parent; stop_with_parent(patience=0); "
    "from har_utils.build.snakemake import run; run()"
)
"""How Snakemake is started: so that it stops when the process that started it is gone."""


PACKAGES = (
    *("papermill", "jupyter_client.asynchronous", "jupyter_client.provisioning.local_provisioner"),
    *("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "IPython.display"),
    *("pandas", "scipy.signal", "scipy.stats", "matplotlib.pyplot", "yaml", "sklearn.svm"),
)
"""What the jobs of a build and their kernels import of other people's."""

NETWORK_PACKAGES = ("tensorflow", "keras")
"""The same of kernels in which networks are trained."""


def build(course: Course, cores: int, targets: tuple[str, ...] = ()) -> None:
    """Make everything of a course that is not up to date.

    Parameters
    ----------
    course
        What to make.
    cores
        How many jobs run at once.
    targets
        Files to make; none means the whole course.

    Raises
    ------
    PipelineError
        If a job failed; the message has a line for each. Whatever does not need it is made all
        the same, and a second call goes on from there.
    """
    _refuse_braces(course)
    imported = modules_of(*(job.notebook for job in course.jobs))  # or names a broken file
    networks = str(_from_here(module("models"))) in imported
    packages = [*PACKAGES, *(NETWORK_PACKAGES if networks else ())]
    with _alone(course), forking.server(packages, imported_as_by_kernels()):
        _set_apart_other_runs(course)
        progress = Progress(course, cores)
        with _snakemake(course, cores, *_forced(course), targets=targets) as process:
            assert process.stdout is not None  # it is a pipe
            try:
                progress.follow(process.stdout)
            except BaseException:
                process.kill()
                raise
        progress.close(process.returncode)


def imported_as_by_kernels() -> dict[str, str]:
    """Return the variables under which packages are imported as a kernel would."""
    return notebooks.fixed_environment() | {
        "KERAS_BACKEND": "tensorflow",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    }


def _refuse_braces(course: Course) -> None:
    """Refuse a folder for builds (`HAR_BUILD`) whose name Snakemake would take for a pattern."""
    if set("{}") & set(str(course.folder)):
        raise PipelineError(
            f"{course.folder}: Snakemake fills in what stands in braces; name another HAR_BUILD"
        )


def run() -> NoReturn:
    """Do what ``snakemake`` does on the command line, without a limit of jobs started per second.

    Every job that ends under such a limit, and there is one by default, adds a look at the inputs
    of all waiting jobs each second until Snakemake ends.
    """
    from snakemake import cli

    try:
        parser, options = cli.parse_args(None)
        options.max_jobs_per_timespan = None
        done = cli.args_to_api(options, parser)
    except Exception as error:
        cli.print_exception(error)
        done = False
    sys.exit(0 if done else 1)


def up_to_date(course: Course) -> bool:
    """Return whether a build would have nothing to do."""
    with _snakemake(course, 1, "--dry-run") as process:
        said, _ = process.communicate()
    nothing = "Nothing to be done" in said
    return nothing and process.returncode == 0 and not _forced(course)


def _snakemake(
    course: Course, cores: int, *options: str, targets: tuple[str, ...] = ()
) -> subprocess.Popen[str]:
    """Start Snakemake; what it says is text in the pipe ``stdout``.

    It keeps no lock of its own (a killed run would leave it behind) and makes again what a killed
    run left half done.
    """
    always = ["--cores", str(cores), "--nolock", "--rerun-incomplete", "--keep-going"]
    always += ["--scheduler", "greedy"]  # strictly by priority
    config = ["--config", f"profile={course.profile}", f"seeds={course.settings['seeds']}"]
    return subprocess.Popen(
        [sys.executable, "-c", START, *always, *options, *config, "--", *targets],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        errors="replace",
    )


@contextlib.contextmanager
def _alone(course: Course) -> Iterator[None]:
    """Wait until no other build of this profile is going on; a killed one does not count."""
    import fcntl  # not on Windows, where Snakemake does not run either

    course.folder.mkdir(parents=True, exist_ok=True)
    with (course.folder / ".building").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"Another build of profile {course.profile} is going on; waiting for it to end.")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _forced(course: Course) -> list[str]:
    """Return the option that repeats jobs whose runs were deleted from under their notebook.

    Runs are not outputs in Snakemake's sense: it would delete them before a job and after a
    failure, and a training that was finished would have to be repeated.
    """
    jobs = [
        job.name
        for job in course.jobs
        if course.executed(job).exists() and not all(p.exists() for p in course.kept_files(job))
    ]
    return ["--forcerun", *jobs] if jobs else []


def _set_apart_other_runs(course: Course) -> None:
    """Keep runs that are not part of this course (say, more seeds) where nothing reads them."""
    here, apart = course.folder / "results", course.folder / "results-set-apart"
    wanted = {key.stem for key in course.runs} | {Path(t).with_suffix("") for t in course.tables}
    for source, target, move_wanted in ((here, apart, False), (apart, here, True)):
        for path in sorted(source.rglob("seed-*")):
            relative = path.relative_to(source)
            is_wanted = relative.with_name(path.name.split(".")[0]) in wanted
            is_wanted |= relative.parts[0].startswith(results.CANDIDATE)  # those of tables
            if is_wanted == move_wanted:
                (target / relative).parent.mkdir(parents=True, exist_ok=True)
                path.replace(target / relative)


# --- Saying what goes on ------------------------------------------------------------------------


def say(line: str) -> None:
    """Print a line at once, also into a pipe."""
    print(line, flush=True)


def duration(seconds: float) -> str:
    """Return a time span as people say it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"


def last_line(log: Path) -> str:
    """Return the last thing a log says."""
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n") if log.exists() else []
    return next((line.strip() for line in reversed(lines) if line.strip()), "nothing in its log")


def how_far(log: Path) -> str:
    """Return how far a notebook's log says it is: the cell, and what that printed last."""
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    cells = re.findall(r"^cell \d+ of \d+$", text, flags=re.MULTILINE)
    last = last_line(log)
    if not cells:
        return "starting"
    return cells[-1] if last == cells[-1] else f"{cells[-1]}, {last[:60]}"


class Progress:
    """Reads what Snakemake says, keeps it in a log, and prints one short line per event."""

    def __init__(self, course: Course, cores: int):
        self.course = course
        self.cores = cores
        self.log = course.log("snakemake")
        self.minutes = {job.name: job.minutes for job in course.jobs}
        self.planned: list[str] = []
        self.running: dict[str, str] = {}
        self.since: dict[str, float] = {}
        self.failed: list[str] = []
        self.done = 0
        self.started = time.monotonic()
        self.ended = threading.Event()

    def follow(self, lines: Iterable[str]) -> None:
        """Read what Snakemake says to its end."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        threading.Thread(target=self._report_regularly, daemon=True).start()
        try:
            with self.log.open("w", encoding="utf-8") as log:
                for line in lines:
                    log.write(line)
                    log.flush()
                    self._read(line.rstrip())
        finally:
            self.ended.set()

    def close(self, status: int) -> None:
        """Say how it ended.

        Raises
        ------
        PipelineError
            If it did not end well.
        """
        took = duration(time.monotonic() - self.started)
        if self.failed:
            lines = [f"failed: {', '.join(self.failed)}, after {took}"]
            lines += [self._reason(name) for name in self.failed]
            kept = f"{self.done} of {len(self.planned)} jobs are done and kept"
            lines += [f"{kept}; the same command goes on from there"]
            raise PipelineError("\n".join(lines))
        if status:
            raise PipelineError(f"Snakemake: {last_line(self.log)} (all of it: {self.log})")
        say(f"All {self.done} jobs done in {took}." if self.planned else "All is up to date.")

    def _reason(self, name: str) -> str:
        """Return why a job failed, and where the rest of it is to be read."""
        log = self.course.log(name)
        return f"{last_line(log).removeprefix('har_utils: ')} (all of it: {log})"

    def _read(self, line: str) -> None:
        """Take one line of Snakemake's."""
        if match := re.fullmatch(r"(\S.*?)\s{2,}(\d+)", line):
            self.planned += [match[1]] * int(match[2]) * (match[1] not in ("all", "total"))
        elif line == "Select jobs to execute..." and not self.since:
            self._forecast()
        elif match := re.fullmatch(r"Job (\d+): (.*)", line):
            self._start(*match.groups())
        elif match := re.fullmatch(r"Reason: (.*)", line):
            self._why(match[1])
        elif match := re.fullmatch(r"Finished jobid: (\d+) \(Rule: .*\)", line):
            self._finish(match[1])
        elif match := re.fullmatch(r"Error in rule (.*):", line):
            self._fail(match[1])

    def _forecast(self) -> None:
        """Say how many jobs there are and roughly how long they take."""
        minutes = [self.minutes.get(name, 0.1) for name in self.planned]
        chain = [self.course.urgency(job) for job in self.course.jobs if job.name in self.planned]
        seconds = 60 * max(sum(minutes) / self.cores, max(chain, default=0))
        count = f"{len(self.planned)} job{'s' * (len(self.planned) != 1)}"
        cores = f"{self.cores} core{'s' * (self.cores != 1)}"
        say(f"Profile {self.course.profile}: {count}, about {duration(seconds)} on {cores}.")

    def _say(self, what: str) -> None:
        """Print a line with the number of finished jobs before it."""
        width = len(str(len(self.planned)))
        say(f"[{self.done:{width}d} of {len(self.planned)}] {what}")

    def _start(self, number: str, name: str) -> None:
        """Note that a job starts."""
        self.running[number] = name
        self.since[name] = time.monotonic()
        expected = self.minutes.get(name)
        self._say(f"start  {name}" + (f" (about {duration(60 * expected)})" if expected else ""))

    def _why(self, reason: str) -> None:
        """Say why a job is repeated; that something is not there yet goes without saying."""
        usual = ("Missing output files", "Input files updated by another job", "Forced execution")
        causes = [cause for cause in reason.split("; ") if not cause.startswith(usual)]
        if causes:
            say(f"       because: {'; '.join(causes)[:160]}")

    def _finish(self, number: str) -> None:
        """Note that a job is done."""
        name = self.running.pop(number, None)
        if name:
            self.done += 1
            self._say(f"done   {name} in {duration(time.monotonic() - self.since[name])}")

    def _fail(self, name: str) -> None:
        """Note that a job failed."""
        self.running = {n: other for n, other in self.running.items() if other != name}
        self.failed.append(name)
        self._say(f"FAILED {self._reason(name)}")

    def _report_regularly(self) -> None:
        """Say from time to time how far the running jobs are."""
        while not self.ended.wait(EVERY):
            for name in list(self.running.values()):
                took = duration(time.monotonic() - self.since[name])
                self._say(f"  ...  {name}: {how_far(self.course.log(name))} ({took})")
