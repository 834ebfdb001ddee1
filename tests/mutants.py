"""Do the tests notice a wrong line? Change one at a time in a copy and see.

``make mutants``, or ``python tests/mutants.py tests/mutants/figures.yaml`` for one list. An entry
is ``{file, old, new, tests, why}``: ``old`` occurs once in ``file``, ``tests`` should then fail.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).resolve().parents[1]
LISTS = REPOSITORY / "tests" / "mutants"
ENOUGH = 0.95


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


def passes(folder: Path, tests: Iterable[str]) -> bool:
    """Return whether tests pass in a copy of the repository."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    environment = os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode not in (0, 1, 2):
        raise SystemExit(f"pytest could not run {' '.join(tests)}:\n{done.stdout}{done.stderr}")
    return done.returncode == 0


def is_killed(folder: Path, change: dict[str, str]) -> bool:
    """Apply one change, run its tests, take it back; return whether a test failed."""
    path = folder / change["file"]
    before = path.read_text("utf-8")
    path.write_text(before.replace(change["old"], change["new"]), "utf-8")
    try:
        return not passes(folder, change["tests"].split())
    finally:
        path.write_text(before, "utf-8")


def main(files: list[Path]) -> int:
    """Try every change of the lists and print what became of it; 0 if enough were noticed."""
    changes = read(files or sorted(LISTS.glob("*.yaml")))
    survived = []
    with tempfile.TemporaryDirectory() as name:
        folder = copy_of_repository(Path(name))
        tests = sorted({test for change in changes for test in change["tests"].split()})
        if not passes(folder, tests):
            raise SystemExit("the tests fail before anything is changed")
        for number, change in enumerate(changes, 1):
            killed = is_killed(folder, change)
            print(f"{number:3} {'killed  ' if killed else 'SURVIVED'} {change['why']}", flush=True)
            survived += [] if killed else [change]
    share = 1 - len(survived) / len(changes)
    print(f"{len(changes) - len(survived)} of {len(changes)} killed ({share:.0%})")
    return 0 if share >= ENOUGH else 1


if __name__ == "__main__":
    sys.exit(main([Path(argument) for argument in sys.argv[1:]]))
