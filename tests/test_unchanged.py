"""A finished build is recognised until anything changes that Snakemake would look at."""

import os

import pytest

from har_utils import files
from har_utils.build import unchanged


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository with a finished build."""
    monkeypatch.setattr(files, "REPOSITORY", tmp_path)
    for name in ("HAR_BUILD", "HAR_DATA"):
        monkeypatch.delenv(name, raising=False)
    written = ["Snakefile", "har_utils/a.py", "notebooks/01.ipynb", "config/smoke.yaml"]
    written += ["report/results/x/seed-0.json", "build/smoke/results/x/seed-0.json"]
    for name in [*written, "build/smoke/report.pdf", "build/smoke/notebooks/01.ipynb"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("text")
    finish()
    return tmp_path


def finish(seeds=None):
    finished = unchanged.Finished("smoke", seeds)
    finished.begin()
    finished.end("the table")


def said(seeds=None):
    return unchanged.Finished("smoke", seeds).said()


def test_finished_build_says_what_it_said(repository):
    assert said() == "the table"
    (repository / "har_utils/__pycache__").mkdir()
    (repository / "har_utils/__pycache__/a.pyc").write_text("compiled")
    (repository / "build/smoke/logs").mkdir()
    assert said() == "the table"


CHANGES = {
    "source touched": lambda place: os.utime(place / "har_utils/a.py", ns=(5, 5)),
    "source added": lambda place: (place / "notebooks/02.ipynb").write_text("x"),
    "published run gone": lambda place: (place / "report/results/x/seed-0.json").unlink(),
    "page gone": lambda place: (place / "build/smoke/notebooks/01.ipynb").unlink(),
    "run gone": lambda place: (place / "build/smoke/results/x/seed-0.json").unlink(),
    "report changed": lambda place: (place / "build/smoke/report.pdf").write_text("longer text"),
    "note damaged": lambda place: (place / "build/smoke/.finished.json").write_text("{"),
    "another build begun": lambda place: unchanged.Finished("smoke", None).begin(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_said_is_nothing_after_a_change(repository, change):
    CHANGES[change](repository)
    assert said() is None


def test_said_is_nothing_for_another_question(repository, monkeypatch):
    assert said(seeds=5) is None
    monkeypatch.setenv("HAR_DATA", str(repository / "elsewhere"))
    assert said() is None


def test_end_notes_the_sources_that_the_build_began_with(repository):
    finished = unchanged.Finished("smoke", None)
    finished.begin()
    (repository / "config/smoke.yaml").write_text("another text")
    finished.end("the table")
    assert said() is None


def test_said_is_nothing_for_another_paper(repository, monkeypatch):
    monkeypatch.setenv("PAPER", "a4")
    assert said() is None
