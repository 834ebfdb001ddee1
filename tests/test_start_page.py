"""The start page leads to everything there is; the parts of each notebook read like a syllabus."""

import json
import re
from itertools import pairwise

import nbformat
import pytest

from har_utils import files
from har_utils.build import notebooks
from har_utils.course import start_page

FOLDER = start_page.NOTEBOOKS
COURSE = sorted(FOLDER.glob("[!.]*.ipynb"))
LINK = re.compile(r"\]\(([^)]+)\)")


def test_every_numbered_notebook_is_a_lesson():
    there = [path.stem for path in COURSE if path.stem[0].isdigit()]
    assert start_page.lesson_names() == there


def test_the_start_page_leads_only_to_what_is_there():
    linked = set(LINK.findall(start_page.start_page()))
    assert {path for path in linked if not (FOLDER / path).exists()} == set()
    assert {f"{name}.ipynb" for name in start_page.lesson_names()} < linked
    assert {"playground.ipynb", "train.ipynb", "../report/report.pdf"} < linked


@pytest.mark.parametrize("name", start_page.lesson_names())
def test_each_lesson_says_what_one_learns_and_how_long_it_takes(name):
    found = start_page.lesson(name)
    assert re.fullmatch(r"\d+[bc]? · .+\?", found.title)
    assert found.learn
    assert found.reading


@pytest.mark.parametrize("path", COURSE, ids=lambda path: path.stem)
def test_headings_are_a_table_of_contents(path):
    depths = [depth for depth, _ in start_page.headings(notebooks.read(path))]
    assert depths.count(1) == 1
    assert depths[0] == 1
    steps = [after - before for before, after in pairwise(depths)]
    assert max(steps, default=1) <= 1, "a level is skipped"


@pytest.mark.parametrize("path", COURSE, ids=lambda path: path.stem)
def test_no_two_headings_are_the_same(path):
    titles = [title for _, title in start_page.headings(notebooks.read(path))]
    assert len(titles) == len(set(titles))


# --- Run times ----------------------------------------------------------------------------------


def test_measured_times_are_of_lessons_that_are_there():
    assert set(start_page.minutes()) <= set(start_page.lesson_names())


@pytest.mark.parametrize("name", sorted(start_page.minutes()))
def test_a_measured_lesson_says_its_time(name):
    opening = notebooks.read(FOLDER / f"{name}.ipynb").cells[0].source
    line = start_page.time_line(start_page.lesson(name).reading, start_page.minutes()[name])
    assert line in " ".join(opening.split()), "python -m har_utils time-lessons"


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course with one lesson that has not been measured."""
    monkeypatch.setattr(start_page, "NOTEBOOKS", tmp_path)
    monkeypatch.setattr(start_page, "TIMES", tmp_path / "times.json")
    monkeypatch.setattr(start_page, "lesson_names", lambda: ["01_dots"])
    text = (
        "# 1 · How many dots?\n\n**You will learn** to count (one by one). And\n"
        "**Time:** an hour to\nread; forever to run, perhaps. **So far:** nothing."
    )
    notebook = nbformat.v4.new_notebook()
    parameters = nbformat.v4.new_code_cell("dots = 3", metadata={"tags": ["parameters"]})
    notebook.cells = [nbformat.v4.new_markdown_cell(text), parameters]
    path = tmp_path / "01_dots.ipynb"
    path.write_text(notebooks.as_text(notebooks.normalise(notebook)))
    return path


def test_a_new_lesson_is_listed_before_it_was_measured(course):
    row = "| [1 · How many dots?](01_dots.ipynb) | to count (one by one) | an hour | – | – |"
    assert row in re.sub(" +", " ", start_page.start_page())


def test_measuring_writes_the_time_into_the_lesson(course, capsys):
    measured = start_page.measure(["01_dots"])
    assert json.loads(start_page.TIMES.read_text())["seconds"].keys() == {"01_dots"}
    assert 0 < measured["01_dots"] < 1
    opening = notebooks.read(course).cells[0].source
    line = start_page.time_line("an hour", 0.1)
    quick = start_page.say("minutes", minutes=0)
    assert quick in line
    assert f"And\n{line} **So far:**" in opening
    assert notebooks.problems(course) == []
    row = f"| an hour | {quick} | – |"
    assert row in re.sub(" +", " ", start_page.start_page())
    assert not start_page.write_time(course, measured["01_dots"])


@pytest.mark.parametrize(
    "line",
    [
        "**Time:** an hour to read.",
        "**Time:** an hour, and a walk.",
        "**Time:** an hour\nto read; three minutes to run.",
        "**Time:** an hour to read, about two minutes to run (measured, one core).",
    ],
)
def test_the_time_to_read_is_found(line):
    assert start_page.TIME_LINE.fullmatch(line)["reading"] == "an hour"


def test_minutes_in_words():
    assert start_page.in_words(1.2) == start_page.say("minutes", minutes=1)
    assert "15" in start_page.in_words(14.6)
    assert start_page.in_words(0.3) == start_page.say("minutes", minutes=0)
    assert start_page.in_words(0.3) != start_page.in_words(1.2)
    assert start_page.in_words(None) == "–"


def test_every_further_page_has_its_line():
    lines = [start_page.say(name, path=path) for name, path in start_page.FURTHER.items()]
    assert [LINK.findall(line) for line in lines] == [
        [path] for path in start_page.FURTHER.values()
    ]


def test_headings_in_code_are_none():
    notebook = nbformat.v4.new_notebook()
    text = "# A\n\n```python\n# no heading\n```\n\n### B\n#hashtag"
    notebook.cells = [nbformat.v4.new_markdown_cell(text)]
    assert start_page.headings(notebook) == [(1, "A"), (3, "B")]


def test_it_says_how_to_undo_also_where_there_is_no_git(course, monkeypatch):
    monkeypatch.setattr(files, "REPOSITORY", course.parent)
    assert "git restore" not in start_page.start_page()
    (course.parent / ".git").mkdir()
    assert "git restore" in start_page.start_page()


def test_the_start_page_is_written_where_jupyterlab_looks(course, monkeypatch):
    makefile = (FOLDER.parent / "Makefile").read_text()
    assert f"lab/tree/{start_page.START.relative_to(FOLDER.parent)}" in makefile
    monkeypatch.setattr(start_page, "START", course.with_name("start.md"))
    assert start_page.write_start_page().read_text() == start_page.start_page()
