"""What a person can do wrong stops with one line on stderr."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


def command(*arguments, **variables):
    """Run ``python -m har_utils`` with changed environment variables."""
    return subprocess.run(
        [sys.executable, "-m", "har_utils", *map(str, arguments)],
        env=os.environ | variables,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=120,
    )


def assert_one_line(done, *words):
    """Check that a command failed, with one line that has all the words."""
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    assert [word for word in words if word not in done.stderr] == []


def test_missing_tex_names_what_to_install(tmp_path):
    done = command("tex", PATH=str(tmp_path))
    assert_one_line(done, "no TeX", "pdflatex", "tectonic", "texlive-publishers")


def test_a_build_asks_for_tex_before_it_starts(tmp_path):
    done = command("build", "smoke", PATH=str(tmp_path), HAR_BUILD=str(tmp_path))
    assert_one_line(done, "no TeX")
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_a_tex_without_the_class_is_not_enough(tmp_path):
    for name in ("pdflatex", "bibtex", "kpsewhich"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    assert_one_line(command("tex", PATH=str(tmp_path)), "IEEEtran.cls is not installed")


def test_damaged_recordings_are_named(tmp_path):
    archive = tmp_path / "hapt.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("RawData/labels.txt", "1 1 5 250\n")
    done = command("data", HAR_DATA=str(archive), HAR_CACHE=str(tmp_path / "cache"))
    assert_one_line(done, "hapt.zip")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["verify", "nowhere.zip"], ["nowhere.zip"]),
        (["times", "nonsense"], ["nonsense", "smoke, report, full"]),
        (["build", "smoke", "--seeds", "0"], ["SEEDS=0"]),
        (["tune", "gru", "--trials", "1"], ["'gru'", "cnn_lstm"]),
        (["publish", "smoke"], ["smoke is never published"]),
        (["job", "smoke", "nonsense"], ["smoke has no job 'nonsense'"]),
        (["run-notebook", "notebooks/nowhere.ipynb", "out.ipynb"], ["nowhere.ipynb"]),
        (["run-notebook", "notebooks/train.ipynb", "out.ipynb", "epoch=1"], ["epoch", "seed"]),
    ],
    ids=lambda value: " ".join(value),
)
def test_mistakes_stop_with_one_line(arguments, words):
    assert_one_line(command(*arguments), *words)


def test_the_commands_are_listed():
    done = command("--help")
    assert done.returncode == 0
    commands = ("build", "data", "verify", "export", "tex", "publish", "summary", "times")
    assert [name for name in commands if name not in done.stdout] == []
