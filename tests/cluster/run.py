"""Does the course come out alike on a cluster? ``make cluster-test``; needs root, SLURM and munge.

A profile is made twice: on this machine, and on a SLURM of two nodes on it, one of which is killed
in the middle. Every result must be the same, byte for byte; only how long it took may differ.
``--record`` puts what happened into ``docs/cluster.md``.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import itertools
import os
import re
import shutil
import signal
import socket
import string
import subprocess
import sys
import tempfile
import textwrap
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

from har_utils import files, training
from har_utils.build import plan

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
BUILD = REPOSITORY / "build" / "cluster"
PYTHON = BUILD / "env" / "bin" / "python"
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "unshare", "mount")
SETTINGS = Path("/etc/slurm")
"""Where SLURM's programs look for their settings."""

DOCUMENT = REPOSITORY / "docs" / "cluster.md"
MARKERS = ("<!-- cluster-test: begin -->", "<!-- cluster-test: end -->")
"""Between these lines of the document stands what happened last."""

ALONE = "CLUSTER_TEST_ALONE"
"""The variable with the process that sees mounts of its own."""

NODES = ("node1", "node2")
NODE_MEMORY = 13000
"""Megabytes a node says it has: enough for a job's third attempt, which asks for the most."""


def main() -> int:
    """Make the profile on both, compare, and say in numbers what happened."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("cluster-test: stopped"))  # daemons, too
    options = _options()
    _refuse_where_it_cannot_run()
    _see_mounts_of_its_own()
    _make_environment()
    shutil.rmtree(BUILD / "slurm", ignore_errors=True)
    targets = _targets(options.profile, options.jobs)
    _snakemake("local", options.profile, targets, "--cores", "1")
    with _cluster() as cluster:
        started = time.monotonic()
        _run_and_kill_a_node(cluster, options.profile, targets)
        cluster.minutes = (time.monotonic() - started) / 60
    for node in NODES:
        print(f"done on {node}: {', '.join(cluster.ended_on(node))}")
    same, different = compared(*(BUILD / where / options.profile for where in ("local", "slurm")))
    for name in different:
        print(f"differs: {name}")
    told = _told(cluster, options.profile, len(same), len(different))
    print(told)
    if options.record:
        _record(told)
    return bool(different or not same)


def _options() -> argparse.Namespace:
    """Return what was asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", default="smoke", choices=plan.PROFILES)
    parser.add_argument("--record", action="store_true", help="put what happened into the docs")
    parser.add_argument("jobs", nargs="*", help="only these, and what they need")
    return parser.parse_args()


def _refuse_where_it_cannot_run() -> None:
    """Stop with one line where a program or a right is missing."""
    missing = [name for name in PROGRAMS if not shutil.which(name)]
    if missing:
        raise SystemExit(f"cluster-test: no {missing[0]}; Debian: apt-get install slurm-wlm munge")
    if os.geteuid() != 0:
        raise SystemExit("cluster-test: only root may start the nodes of a SLURM")


def _see_mounts_of_its_own() -> None:
    """Start anew where what is mounted is seen by this program and its children alone."""
    if os.environ.get(ALONE) != str(os.getpid()):
        os.environ[ALONE] = str(os.getpid())  # the program stays the same process
        os.execvp("unshare", ["unshare", "--mount", sys.executable, *sys.argv])


def _make_environment() -> None:
    """Lay the plugin over the course's environment, in a folder of its own."""
    site = BUILD / "env" / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    if not PYTHON.exists():
        subprocess.run([sys.executable, "-m", "venv", BUILD / "env"], check=True)
    below = "\n".join(path for path in sys.path if path.endswith("site-packages"))
    (site / "site-packages" / "course.pth").write_text(below, encoding="utf-8")
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = project["optional-dependencies"]["cluster"]
    subprocess.run([PYTHON, "-m", "pip", "-q", "install", *wanted], check=True)


def _targets(profile: str, jobs: list[str]) -> list[str]:
    """Return the executed notebooks of some jobs; none means the whole course."""
    course = plan.course(profile)
    known = {job.name for job in course.jobs}
    if unknown := sorted(set(jobs) - known):
        raise SystemExit(f"cluster-test: profile {profile} has no job {unknown[0]!r}")
    return [str(Path(profile, "notebooks", f"{name}.ipynb")) for name in jobs]


def _snakemake(where: str, profile: str, targets: list[str], *options: str) -> None:
    """Make a profile in ``build/cluster/<where>``."""
    with _started(where, profile, targets, *options) as process:
        status = process.wait()
    if status:
        raise SystemExit(f"cluster-test: Snakemake failed; see {_log(where)}")


@contextlib.contextmanager
def _started(
    where: str, profile: str, targets: list[str], *options: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Start Snakemake, and stop it whatever happens."""
    folder = BUILD / where
    folder.mkdir(parents=True, exist_ok=True)
    environment = os.environ | {"HAR_BUILD": str(folder), "PYTHONPATH": str(REPOSITORY)}
    command = [PYTHON, "-m", "snakemake", *options, "--nolock", "--rerun-incomplete"]
    command += ["--config", f"profile={profile}", "--"]
    command += [str((folder / target).relative_to(REPOSITORY)) for target in targets]
    with _log(where).open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            command, cwd=REPOSITORY, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait()


def _log(where: str) -> Path:
    """Return the file of what Snakemake says."""
    return BUILD / f"{where}.log"


# --- A cluster on one machine --------------------------------------------------------------------


class Cluster:
    """A SLURM controller, its munge, and two nodes, each with processes of its own.

    Attributes
    ----------
    killed, lost
        The node that was killed, and the job that it took with it.
    ended
        The node and the name of each job that ended, by its number.
    minutes
        How long the profile took.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.daemons: dict[str, subprocess.Popen[bytes]] = {}
        self.killed, self.lost = "", ""
        self.ended: dict[str, tuple[str, str]] = {}
        self.minutes = 0.0

    def start(self) -> None:
        """Start the daemons; wait until both nodes take jobs."""
        self._write_settings()
        places = (f"--{kind}-file={self.folder / kind}" for kind in ("key", "pid", "log", "seed"))
        socket_of_it = self.folder / "munge.socket"
        self._daemon(
            "munged", "munged", "--foreground", "--force", f"--socket={socket_of_it}", *places
        )
        _wait("munge", socket_of_it.exists)
        self._daemon("slurmctld", "slurmctld", "-D")
        for node in NODES:
            # all its processes are in a namespace that ends with the first of them
            alone = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")
            self._daemon(node, *alone, "slurmd", "-D", "-N", node)
        _wait("both nodes", lambda: self._ask("sinfo", "-h", "-N", "-o", "%T") == ["idle"] * 2)

    def kill(self, node: str) -> None:
        """Take a node away with everything that runs on it, as if its plug were pulled."""
        self.lost = next(name for at, name in self.jobs("R").values() if at == node)
        self.daemons.pop(node).kill()
        self.killed = node

    def stop(self) -> None:
        """Stop all daemons, those that started last first."""
        for daemon in reversed(self.daemons.values()):
            daemon.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                daemon.wait(10)
            daemon.kill()
            daemon.wait()

    def jobs(self, state: str) -> dict[str, tuple[str, str]]:
        """Return the node and the name of the jobs in a state, as `squeue` calls it."""
        rows = [row.split() for row in self._ask("squeue", "-h", "-t", state, "-o", "%i %N %k")]
        return {row[0]: (row[1], row[2].removeprefix("rule_")) for row in rows if len(row) == 3}

    def ended_on(self, node: str) -> list[str]:
        """Return the names of the jobs that ended on a node."""
        return sorted(name for at, name in self.ended.values() if at == node)

    def _write_settings(self) -> None:
        """Write the key and the settings of the cluster."""
        (self.folder / "key").write_bytes(os.urandom(128))
        (self.folder / "key").chmod(0o600)
        for name in ("state", *(f"spool-{node}" for node in NODES)):
            (self.folder / name).mkdir()
        controller, first, second = _free_ports(3)
        settings = string.Template((HERE / "slurm.conf").read_text("utf-8")).substitute(
            host=socket.gethostname().split(".")[0],
            folder=self.folder,
            controller_port=controller,
            first_port=first,
            second_port=second,
            memory=NODE_MEMORY,
        )
        (self.folder / "slurm.conf").write_text(settings, encoding="utf-8")
        # the plugin takes SLURM_CONF out of a job's environment: only this place is left
        os.environ.pop("SLURM_CONF", None)
        subprocess.run(["mount", "--bind", self.folder, SETTINGS], check=True)

    def _daemon(self, name: str, *command: str) -> None:
        """Start one daemon; what it says goes to a file."""
        with (self.folder / f"{name}.out").open("wb") as out:
            self.daemons[name] = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)

    def _ask(self, *command: str) -> list[str]:
        """Return the lines of one of SLURM's answers; none while it does not answer."""
        done = subprocess.run(command, capture_output=True, text=True)
        return done.stdout.split("\n")[:-1]


@contextlib.contextmanager
def _cluster() -> Iterator[Cluster]:
    """Start a cluster in a folder with a short name, for sockets may not have a long one."""
    with tempfile.TemporaryDirectory(prefix="har-cluster-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        cluster = Cluster(Path(folder))
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop()
            for log in Path(folder).glob("*.log"):
                shutil.copy(log, BUILD)


def _free_ports(n: int) -> list[int]:
    """Return ports on which nobody listens."""
    sockets = [socket.socket() for _ in range(n)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _wait(what: str, condition: Callable[[], bool], seconds: float = 120) -> None:
    """Wait until a condition comes true."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"cluster-test: waited {seconds:.0f} s for {what}")
        time.sleep(0.5)


# --- The run -------------------------------------------------------------------------------------


def _run_and_kill_a_node(cluster: Cluster, profile: str, targets: list[str]) -> None:
    """Make a profile on the cluster; kill a node as soon as both are at work."""
    options = ["--profile", str(REPOSITORY / "config" / "slurm")]
    options += ["--slurm-init-seconds-before-status-checks", "5", "--latency-wait", "5"]
    with _started("slurm", profile, targets, *options) as process:
        while process.poll() is None:
            cluster.ended |= cluster.jobs("CD")  # SLURM forgets them after some minutes
            if not cluster.killed and _at_work(cluster, profile):
                cluster.kill(NODES[1])
            time.sleep(2)
    if process.returncode:
        raise SystemExit(f"cluster-test: Snakemake failed on SLURM; see {_log('slurm')}")
    if not cluster.killed:
        raise SystemExit("cluster-test: too few jobs: no node ended one while both worked")


def _at_work(cluster: Cluster, profile: str) -> bool:
    """Return whether each node has ended a job and executes the cells of a notebook."""
    running = cluster.jobs("R").values()
    logs = [BUILD / "slurm" / profile / "logs" / f"{name}.log" for _, name in running]
    started = [log.exists() and "cell 2 of" in log.read_text("utf-8") for log in logs]
    busy = all(started) and {node for node, _ in running} == set(NODES)
    return busy and all(cluster.ended_on(node) for node in NODES)


# --- What came of it -----------------------------------------------------------------------------


def compared(here: Path, there: Path) -> tuple[list[str], list[str]]:
    """Return which results two builds share, and which differ or are missing from one of them."""
    names = sorted({*_results(here), *_results(there)})
    same = [name for name in names if _alike(here / name, there / name)]
    return same, [name for name in names if name not in same]


def _results(folder: Path) -> list[str]:
    """Return what a build found: runs, tables, figures and numbers, but no times.

    What a killed node was writing lies beside them under a hidden name, and is no result.
    """
    parts = ("results", "figures", "values")
    found = [p for part in parts for p in (folder / part).rglob("[!.]*.*")]
    names = (path.relative_to(folder).as_posix() for path in found if path.is_file())
    return [name for name in names if not re.search(r"timing|latency", name)]


def _alike(one: Path, other: Path) -> bool:
    """Return whether two files hold the same bytes, but for a table's columns of seconds."""
    if not (one.exists() and other.exists()):
        return False
    if one.suffix != ".csv":
        return one.read_bytes() == other.read_bytes()
    return _without_seconds(one) == _without_seconds(other)


def _without_seconds(table: Path) -> list[list[str]]:
    """Return the cells of a table as they are written, without its columns of seconds."""
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    kept = [not title.endswith("seconds") for title in rows[0]]
    return [list(itertools.compress(row, kept)) for row in rows]


def _told(cluster: Cluster, profile: str, n_same: int, n_different: int) -> str:
    """Return in a few sentences what happened on the cluster."""
    notebook = {job.name: job.notebook for job in plan.course(profile).jobs}
    ended = [name for _, name in cluster.ended.values()]
    notebooks = {notebook[name] for name in ended if name in notebook}
    version = subprocess.run(["slurmctld", "-V"], capture_output=True, text=True).stdout.split()[1]
    survivor = next(node for node in NODES if node != cluster.killed)
    again = next(node for node, name in cluster.ended.values() if name == cluster.lost)
    return (
        f"The last run of it: SLURM {version}, two nodes on one {training.machine()['processor']}; "
        f"{len(ended)} jobs of {len(notebooks)} notebooks of profile `{profile}`, "
        f"{cluster.minutes:.0f} minutes. {survivor} ended {len(cluster.ended_on(survivor))} jobs, "
        f"{cluster.killed} {len(cluster.ended_on(cluster.killed))} before it was killed. The job "
        f"that it took with it, `{cluster.lost}`, went back into the queue and ended on {again}. "
        f"Of {n_same + n_different} results {n_same} are the same as without a cluster, byte for "
        "byte; columns of seconds are not compared."
    )


def _record(told: str) -> None:
    """Put the sentences into the page about clusters, between two lines of it."""
    begin, end = MARKERS
    before, rest = DOCUMENT.read_text("utf-8").split(begin)
    after = rest.split(end)[1]
    lines = textwrap.fill(told, 120, break_long_words=False, break_on_hyphens=False)
    files.write_text(DOCUMENT, f"{before}{begin}\n{lines}\n{end}{after}")


if __name__ == "__main__":
    sys.exit(main())
