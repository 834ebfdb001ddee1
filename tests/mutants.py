"""Do the tests notice a wrong line? Change one at a time in a copy and see.

``make mutants``, or ``python tests/mutants.py figures`` for the list ``tests/mutants/figures.yaml``
alone. An entry is ``{file, old, new, tests, why}``: ``old`` occurs once in ``file``, ``tests``
should then fail. Every pytest is a fork of a process that has imported other people's packages
(`forking`).
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import yaml

from har_utils import forking
from har_utils.build import snakemake

REPOSITORY = Path(__file__).resolve().parents[1]
LISTS = REPOSITORY / "tests" / "mutants"
ENOUGH = 0.95

PACKAGES = ("pytest", "hypothesis", *snakemake.PACKAGES, *snakemake.NETWORK_PACKAGES)
"""What tests import of other people's."""


def read(files: Iterable[Path]) -> list[dict[str, str]]:
    """Return the changes of several lists, each checked against the source it changes."""
    changes = [entry for file in files for entry in yaml.safe_load(file.read_text("utf-8"))]
    for change in changes:
        found = (REPOSITORY / change["file"]).read_text("utf-8").count(change["old"])
        if found != 1:
            raise SystemExit(f"{change['file']}: {change['old']!r} occurs {found} times, not once")
    return changes


def copy_of_repository(folder: Path) -> Path:
    """Copy what git knows, and the data set already computed, to a folder of its own."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(REPOSITORY / name, target)
    for made in ("data/derived", "build/smoke"):
        if (REPOSITORY / made).exists():
            shutil.copytree(REPOSITORY / made, folder / made)
    return folder


@contextlib.contextmanager
def server(folder: Path) -> Iterator[None]:
    """Keep a process ready, from which tests in a copy of the repository are forked."""
    before = Path.cwd()
    os.chdir(folder)
    os.environ["PYTHONPATH"] = str(folder)
    try:
        with forking.server(PACKAGES, {"KERAS_BACKEND": "tensorflow"}):
            yield
    finally:
        os.chdir(before)


def passes(tests: Iterable[str], **variables: str) -> bool:
    """Return whether tests pass in the copy of the repository that is the current folder."""
    command = [sys.executable, "-m", forking.__name__]
    command += ["pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    done = subprocess.run(command, env=os.environ | variables, capture_output=True, text=True)
    if done.returncode not in (0, 1, 2):
        raise SystemExit(f"pytest could not run {' '.join(tests)}:\n{done.stdout}{done.stderr}")
    return done.returncode == 0


def is_killed(change: dict[str, str]) -> bool:
    """Apply one change, run its tests, take it back; return whether a test failed."""
    path = Path(change["file"])
    before, times = path.read_text("utf-8"), path.stat()
    path.write_text(before.replace(change["old"], change["new"]), "utf-8")
    try:
        return not passes(change["tests"].split(), PYTHONDONTWRITEBYTECODE="1")
    finally:
        path.write_text(before, "utf-8")
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))  # what was compiled still holds


def list_file(name: str) -> Path:
    """Return the file of a list, which may be named without folder and ending.

    Raises
    ------
    argparse.ArgumentTypeError
        If there is no such list.
    """
    for file in (LISTS / f"{name}.yaml", LISTS / name, Path(name)):
        if file.is_file():
            return file
    there = ", ".join(sorted(file.stem for file in LISTS.glob("*.yaml")))
    folder = LISTS.relative_to(REPOSITORY)
    raise argparse.ArgumentTypeError(f"there is no list {name!r} in {folder}: name one of {there}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Try every change of the lists and print what became of it; 0 if enough were noticed."""
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    parser.add_argument("lists", nargs="*", type=list_file, help="only these; all without a name")
    changes = read(parser.parse_args(arguments).lists or sorted(LISTS.glob("*.yaml")))
    survived = []
    with tempfile.TemporaryDirectory() as name, server(copy_of_repository(Path(name))):
        tests = sorted({test for change in changes for test in change["tests"].split()})
        if not passes(tests):
            raise SystemExit("the tests fail before anything is changed")
        for number, change in enumerate(changes, 1):
            killed = is_killed(change)
            print(f"{number:3} {'killed  ' if killed else 'SURVIVED'} {change['why']}", flush=True)
            survived += [] if killed else [change]
    share = 1 - len(survived) / len(changes)
    print(f"{len(changes) - len(survived)} of {len(changes)} killed ({100 * share:.0f} %)")
    return 0 if share >= ENOUGH else 1


if __name__ == "__main__":
    sys.exit(main())
