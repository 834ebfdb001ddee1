"""CONTRIBUTING.md, followed to the letter in a copy of the repository, adds a network."""

import json
import os
import re
import shutil
import subprocess
import sys
from types import SimpleNamespace

import matplotlib.pyplot as plt
import nbformat
import pytest
from test_report import VALUES, fabricated_run, figures_used

from har_utils import dataset, files, results
from har_utils.build import notebooks, plan
from har_utils.report import tex

REPOSITORY = files.REPOSITORY
COPIED = ("har_utils", "notebooks", "config", "Snakefile", "CITATION.cff", "report/report.tex")
COPIED += ("report/sections", "report/references.bib")
NAME = "13_gru"


def blocks():
    """Return the pieces of code of the page: the builder, the notebook's cells, the line."""
    text = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
    found = re.findall(r"^```(\w+)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    builder, *cells, line = found
    assert (builder[0], line[0]) == ("python", "yaml")
    return builder[1], cells, line[1]


def copied(folder):
    """Copy what the report is made from."""
    for name in COPIED:
        source, target = REPOSITORY / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns(".*", "*.pyc.*"))
        else:
            shutil.copy(source, target)


def contribute(folder):
    """Do what the page says: one builder, one notebook, one line."""
    builder, cells, line = blocks()
    with (folder / "har_utils" / "models" / "networks.py").open("a", encoding="utf-8") as file:
        file.write(f"\n\n{builder}")
    with (folder / "config" / "notebooks.yaml").open("a", encoding="utf-8") as file:
        file.write(f"\n{line}")
    notebook = nbformat.v4.new_notebook()
    for kind, text in cells:
        new = getattr(nbformat.v4, f"new_{'code' if kind == 'python' else 'markdown'}_cell")
        notebook.cells.append(new(text.strip()))
    notebook.cells[1].metadata["tags"] = ["parameters"]
    path = folder / "notebooks" / f"{NAME}.ipynb"
    path.write_text(notebooks.as_text(notebooks.normalise(notebook)), encoding="utf-8")
    assert notebooks.problems(path) == []


def fabricate(build):
    """Write what all other jobs of a smoke build would have left."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HAR_BUILD", str(build))
        names = {key.name for key in plan.course("smoke").runs if key.fold is None}
        for place, name in enumerate(sorted(names)):
            run = fabricated_run(name, 0, 0.5 + 0.02 * place)
            results.write_run(results.results_folder("smoke"), run)
        for notebook, keys in VALUES.items():
            results.write_values("smoke", notebook, dict.fromkeys(keys, 0.5))
    (build / "smoke" / "figures").mkdir()
    figure = plt.figure(figsize=(3.5, 2))
    for name in figures_used():
        figure.savefig(build / "smoke" / "figures" / f"{name}.pdf")
    plt.close(figure)


@pytest.fixture(scope="module")
def contributed(tmp_path_factory):
    """A copy of the repository with a network more, in which its lesson was executed."""
    folder = tmp_path_factory.mktemp("copy")
    copied(folder)
    contribute(folder)
    fabricate(folder / "build")
    environment = os.environ | {
        "PYTHONPATH": str(folder),
        "HAR_CACHE": os.environ.get("HAR_CACHE") or str(dataset.CACHE_FOLDER),
    }
    environment.pop("HAR_BUILD", None)

    def python(*arguments):
        command = [sys.executable, *arguments]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    python("-m", "har_utils", "job", "smoke", NAME)
    return SimpleNamespace(folder=folder, build=folder / "build" / "smoke", python=python)


LIST = """\
from har_utils.imports import without_address_grammar
without_address_grammar()
import json
from har_utils import files
from har_utils.build import plan
jobs = {job.name: job for job in plan.course("report", 3).jobs}
print(json.dumps([sorted(jobs), jobs["11_comparison"].after]))
"""


def test_it_is_trained_with_as_many_seeds_as_the_others(contributed):
    jobs, before_comparing = json.loads(contributed.python("-c", LIST))
    expected = {NAME, "gru/seed-1", "gru/seed-2"}
    assert expected <= set(jobs)
    assert "gru/seed-3" not in jobs
    assert expected <= set(before_comparing)


def test_its_lesson_leaves_a_run(contributed):
    record = json.loads((contributed.build / "results" / "gru" / "seed-0.json").read_text())
    assert record["test_touches"] == 1
    assert record["epochs"]["cap"] == 1


def test_it_stands_in_the_report_with_its_title(contributed):
    contributed.python("-m", "har_utils", "numbers", "smoke", "build/smoke/generated")
    for table in ("table_networks", "table_cost", "table_published"):
        text = (contributed.build / "generated" / f"{table}.tex").read_text()
        assert re.search(r"^(\\harrun\{gru\}\{)?GRU\}? & ", text, re.MULTILINE), table
    try:
        tex.find()
    except tex.TexError as error:
        pytest.skip(f"needs TeX: {error}")
    contributed.python("-m", "har_utils", "pdf", "smoke", "build/smoke/report.pdf")
    assert (contributed.build / "report.pdf").read_bytes().startswith(b"%PDF")


def test_it_stands_in_the_table_of_results(contributed):
    said = contributed.python("-m", "har_utils", "summary", "smoke", "--seeds", "1")
    assert re.search(r"^GRU +1 ", said, re.MULTILINE)


def test_it_stands_on_the_start_page(contributed):
    contributed.python("-m", "har_utils", "start-page")
    page = (contributed.folder / "notebooks" / "start.md").read_text()
    page = re.sub(" +", " ", page)  # cells of the table are as wide as their column
    assert (
        "[13 · Is a GRU enough?](13_gru.ipynb) | what an LSTM can do without | five minutes" in page
    )
