"""What a person can do wrong stops with one line on stderr."""

import io
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from har_utils import __main__

REPOSITORY = Path(__file__).resolve().parents[1]


def process(*arguments):
    """Run ``python -m har_utils``; return how it ended and what it said."""
    return subprocess.run(
        [sys.executable, "-m", "har_utils", *map(str, arguments)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture
def command(monkeypatch, capfd):
    """A function that does what ``python -m har_utils`` does, without a process of its own."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.chdir(REPOSITORY)
    monkeypatch.delenv("MAKELEVEL", raising=False)

    def run(*arguments, **variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        capfd.readouterr()
        status = __main__.main(list(map(str, arguments)))
        said = capfd.readouterr()
        return subprocess.CompletedProcess(arguments, status, said.out, said.err)

    return run


def assert_one_line(done, *words):
    """Check that a command failed, with one line that has all the words."""
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    assert [word for word in words if word not in done.stderr] == []


def test_missing_tex_names_what_to_install(tmp_path, command):
    done = command("tex", PATH=str(tmp_path))
    assert_one_line(done, "no TeX", "pdflatex", "tectonic", "texlive-publishers")


def test_a_build_asks_for_tex_before_it_starts(tmp_path, command):
    done = command("build", "smoke", PATH=str(tmp_path), HAR_BUILD=str(tmp_path))
    assert_one_line(done, "no TeX")
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_a_tex_without_the_class_is_not_enough(tmp_path, command):
    for name in ("pdflatex", "bibtex", "kpsewhich"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    assert_one_line(command("tex", PATH=str(tmp_path)), "IEEEtran.cls is not installed")


def test_damaged_recordings_are_named(tmp_path, command):
    archive = tmp_path / "hapt.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("RawData/labels.txt", "1 1 5 250\n")
    done = command("data", HAR_DATA=str(archive), HAR_CACHE=str(tmp_path / "cache"))
    assert_one_line(done, "hapt.zip")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
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
def test_mistakes_stop_with_one_line(arguments, words, command):
    assert_one_line(command(*arguments), *words)


def test_a_process_stops_with_one_line():
    assert_one_line(process("verify", "nowhere.zip"), "nowhere.zip")


HEAVY = {
    *("tensorflow", "keras", "snakemake", "nbformat", "papermill"),
    *("numpy", "pandas", "scipy", "sklearn", "matplotlib", "optuna"),
}

LOADED = """\
import sys
from har_utils import __main__
try:
    __main__.main(sys.argv[1:])
except SystemExit:
    pass
print("loaded:", *sorted(name for name in sys.modules if "." not in name), file=sys.stderr)
"""


def loaded(*arguments):
    """Return the modules that are loaded after a command."""
    command = [sys.executable, "-c", LOADED, *map(str, arguments)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=300)
    said = done.stderr.splitlines()[-1]
    assert said.startswith("loaded: "), done.stderr
    return set(said.split()[1:])


@pytest.mark.parametrize("arguments", [["--help"], ["classify", "--help"], ["build", "--help"]])
def test_help_loads_nothing_heavy(arguments):
    assert loaded(*arguments) & HEAVY == set()


def test_classify_loads_no_tensorflow(tmp_path):
    random = np.random.default_rng(0)
    seconds = np.arange(0, 8, 0.01)
    up = np.eye(6)[0] + random.normal(0, 0.01, (len(seconds), 6))
    walk = pd.DataFrame(up, columns=["acc_x", "acc_y", "acc_z", "gyro_x", "gyro_y", "gyro_z"])
    walk.insert(0, "time", seconds)
    walk.to_csv(tmp_path / "walk.csv", index=False)
    answers = tmp_path / "walk.json"
    there = loaded("classify", tmp_path / "walk.csv", "--json", answers)
    assert (
        there & {"tensorflow", "keras", "snakemake", "nbformat", "sklearn", "jsonschema"} == set()
    )
    assert answers.exists()


def _with_wide_layer(text):
    return text.replace(b'"filters": 64', b'"filters": 640000000')


@pytest.mark.parametrize(
    "arguments",
    [
        ["verify-report", "nope"],
        ["numbers", "nope", "x"],
        ["tune", "cnn_1d", "--trials", "1", "--profile", "published"],
        ["tune", "cnn_1d", "--trials", "1", "--profile", ""],
    ],
)
def test_a_profile_that_is_none_is_named(arguments, command):
    assert_one_line(command(*arguments), "no profile", "smoke, report, full")


def test_a_build_that_is_not_there_is_not_found_clean(tmp_path, command):
    done = command("check-notebooks", "--executed", "smoke", HAR_BUILD=str(tmp_path))
    assert_one_line(done, "no executed notebook")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["grade", "x", "--seconds", "0"], "at least 1"),
        (["grade", "x", "--jobs", "-1"], "at least 1"),
        (["grade", "x", "--memory", "nan"], "above 0"),
        (["grade", ""], "an empty path"),
        (["leaderboard", ""], "an empty path"),
        (["verify", ""], "an empty path"),
        (["serve", "report", "--port", "99999999"], "0 to 65535"),
    ],
)
def test_arguments_that_cannot_be_are_named(arguments, said, command, capfd):
    with pytest.raises(SystemExit) as ended:
        command(*arguments)
    assert ended.value.code == 2
    assert said in capfd.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[: len(content) // 2],
        lambda content: b"PK\x03\x04 not more than that",
        lambda content: b"",
        lambda content: _rewritten(content, "config.json", lambda text: b"{}"),
        lambda content: _rewritten(content, "config.json", lambda text: b"[1, 2"),
        lambda content: _rewritten(content, "config.json", _with_wide_layer),
    ],
    ids=["half", "a beginning", "nothing", "no layers", "no JSON", "vast"],
)
def test_damaged_network_is_named(tmp_path, damage, command):
    assert_one_line(command("classify", *damaged(tmp_path, damage)), "mine.keras")


def test_damaged_network_is_named_and_tensorflow_says_nothing(tmp_path):
    def half_the_weights(content):
        return _rewritten(content, "model.weights.h5", lambda text: text[:5000])

    assert_one_line(process("classify", *damaged(tmp_path, half_the_weights)), "mine.keras")


def damaged(folder, damage):
    """Return the arguments for a recording and a damaged network."""
    walk = folder / "walk.csv"
    rows = "\n".join(f"{k / 50},1,0,{k % 2 / 100},0,{k % 3 / 100},0" for k in range(300))
    walk.write_text(f"time,acc_x,acc_y,acc_z,gyro_x,gyro_y,gyro_z\n{rows}\n")
    network = folder / "mine.keras"
    network.write_bytes(damage((REPOSITORY / "report/models/best.keras").read_bytes()))
    return walk, "--model", network


def _rewritten(content, name, change):
    """Return a zip with one of its parts changed."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for part in old.namelist():
            text = old.read(part)
            new.writestr(part, change(text) if part == name else text)
    return made.getvalue()


def test_the_commands_are_listed():
    done = process("--help")
    assert done.returncode == 0
    commands = ("build", "data", "verify", "export", "tex", "publish", "summary", "times")
    assert [name for name in commands if name not in done.stdout] == []
