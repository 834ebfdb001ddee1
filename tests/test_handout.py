"""The handout is what is committed, for a class: no solution, no link to one, nothing of git."""

from __future__ import annotations

import json
import os
import posixpath
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from har_utils import files
from har_utils.course import handout

GIT = ("git", "-C")
with_git = pytest.mark.skipif(
    not (files.REPOSITORY / ".git").exists(), reason="a copy of the course without git"
)


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Path:
    """A clone of the repository, in which a test may change and commit what it likes."""
    folder = tmp_path_factory.mktemp("clone") / "course"
    subprocess.run(["git", "clone", "-q", "--shared", files.REPOSITORY, folder], check=True)
    return folder


@pytest.fixture
def in_clone(clone, monkeypatch) -> Iterator[Path]:
    """The clone in place of the repository; it is as committed again after the test."""
    monkeypatch.setattr(files, "REPOSITORY", clone)
    head = subprocess.run([*GIT, clone, "rev-parse", "HEAD"], capture_output=True, text=True).stdout
    yield clone
    subprocess.run([*GIT, clone, "reset", "-q", "--hard", head.strip()], check=True)


def _packed(made: handout.Handout) -> dict[str, bytes]:
    """Return what is in a handout: name without the folder → content."""
    with zipfile.ZipFile(made.path) as archive:
        names = archive.namelist()
        assert {name.partition("/")[0] for name in names} == {handout.FOLDER}
        return {name.partition("/")[2]: archive.read(name) for name in names}


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> handout.Handout:
    """The handout of the last commit, without pages."""
    folder = tmp_path_factory.mktemp("handout")
    return handout.pack(folder / "handout.zip", folder / "no pages")


@pytest.fixture(scope="module")
def packed(made) -> dict[str, bytes]:
    """What is in it."""
    return _packed(made)


@with_git
def test_a_handout_has_the_course_but_no_solution_and_no_link_to_one(packed):
    texts = {n: content.decode() for n, content in packed.items() if n.endswith((".md", ".ipynb"))}
    assert not [name for name in packed if "solutions" in name]
    assert not [name for name, text in texts.items() if handout.LINK.search(text)]
    for word in ("solution", "clone", "make publish", "git", "make test", "{", "}"):
        assert not re.search(rf"(?<!\w){word}", texts["README.md"], re.IGNORECASE), word
    verbs = re.findall(r'@echo "make (\S+)', packed["Makefile"].decode())
    assert verbs == ["lab", "clean"]
    assert {
        *("Makefile", "README.md", "environment.yml", "requirements.lock", "pyproject.toml"),
        *("notebooks/01_data_visualisation.ipynb", "notebooks/exercises/README.md"),
        *("har_utils/course/selfcheck.py", "har_utils/segments.csv", "config/pairs.yaml"),
        *("data/README.md", "report/results/cnn_1d/seed-0.npz"),
    } <= set(packed)


@pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
def test_cleaning_leaves_what_belongs_to_a_class(tmp_path):
    (tmp_path / "har_utils").mkdir()
    (tmp_path / "tests").mkdir()
    kept = ("class/seed.json", "grades/one.csv")
    for name in (*kept, "report/report.pdf", "handout.zip"):
        (tmp_path / "build" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "build" / name).touch()
    outside = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    command = ["make", "-f", files.REPOSITORY / "Makefile", "clean"]
    subprocess.run(command, cwd=tmp_path, env=outside, check=True, capture_output=True)
    left = [path for path in (tmp_path / "build").rglob("*") if path.is_file()]
    assert sorted(path.relative_to(tmp_path / "build").as_posix() for path in left) == [*kept]


@with_git
def test_a_handout_has_nothing_for_developers(packed):
    top = {name.partition("/")[0] for name in packed}
    assert not top & {"tests", "teaching", ".github", ".ci", "figures", "CONTRIBUTING.md"}
    assert not [name for name in packed if name.startswith(("report/sections", "report/generated"))]


def _markdown(name: str, content: bytes) -> str:
    """Return the text that people read in a page or a notebook."""
    if not name.endswith(".ipynb"):
        return content.decode()
    cells = json.loads(content)["cells"]
    return "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")


@with_git
def test_a_handout_leads_only_to_what_is_in_it(packed):
    link = re.compile(r"\]\(((?!https?:|mailto:|#|attachment:)[^)\s#]+)")
    folders = {posixpath.dirname(name) for name in packed}
    for name, content in packed.items():
        if name.endswith((".md", ".ipynb")):
            there = posixpath.dirname(name)
            found = link.findall(_markdown(name, content))
            led = {posixpath.normpath(posixpath.join(there, to)) for to in found}
            assert led <= {*packed, *folders}, name


@with_git
def test_a_handout_is_what_is_committed_not_what_a_teacher_solved(tmp_path, in_clone):
    exercise = in_clone / "notebooks" / "exercises" / "01_data_visualisation.ipynb"
    before = exercise.read_bytes()
    exercise.write_text(exercise.read_text().replace("gravity[:, 0] > 2", "gravity[:, 0] < 0.45"))
    made = handout.pack(tmp_path / "handout.zip")
    assert exercise.read_bytes() != before
    assert _packed(made)["notebooks/exercises/01_data_visualisation.ipynb"] == before
    assert made.changed == ["notebooks/exercises/01_data_visualisation.ipynb"]


@with_git
def test_a_solved_exercise_that_was_committed_is_refused(tmp_path, in_clone):
    exercise = in_clone / "notebooks" / "exercises" / "01_data_visualisation.ipynb"
    exercise.write_text(exercise.read_text().replace("gravity[:, 0] > 2", "gravity[:, 0] < 0.45"))
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run([*GIT, in_clone, *who, "commit", "-qam", "solved"], check=True)
    with pytest.raises(handout.HandoutError, match=r"exercises/01_data_visualisation\.ipynb"):
        handout.pack(tmp_path / "handout.zip")
    assert not (tmp_path / "handout.zip").exists()


@with_git
def test_a_handout_takes_the_pages_along(tmp_path, in_clone):
    pages = tmp_path / "pages"
    (pages / "exercises").mkdir(parents=True)
    (pages / "exercises" / "a.html").write_text("A page")
    made = handout.pack(tmp_path / "handout.zip", pages)
    assert made.has_pages
    assert _packed(made)["pages/exercises/a.html"] == b"A page"


@with_git
def test_the_same_course_gives_the_same_handout(tmp_path, in_clone, made):
    again = handout.pack(tmp_path / "again.zip", tmp_path / "no pages")
    assert (again.has_pages, made.has_pages) == (False, False)
    assert again.path.read_bytes() == made.path.read_bytes()


def test_links_to_solutions_lose_the_link_and_keep_the_words():
    text = "See [a solution](../solutions/01_toy.ipynb) and [an exercise](01_toy.ipynb)."
    assert handout.without_links(text) == "See a solution and [an exercise](01_toy.ipynb)."
