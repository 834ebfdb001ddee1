"""Notebooks are committed clean, and executing one is strict, quiet and reproducible."""

from pathlib import Path

import nbformat
import pytest
import yaml
from toy import write_notebook

from har_utils.build import notebooks

COURSE = sorted((Path(__file__).parents[1] / "notebooks").glob("**/[!.]*.ipynb"))


@pytest.mark.parametrize("path", COURSE, ids=lambda path: path.stem)
def test_notebooks_are_committed_clean(path):
    assert notebooks.problems(path) == []


@pytest.mark.parametrize("path", COURSE, ids=lambda path: path.stem)
def test_defaults_are_a_student_s(path):
    defaults = notebooks.parameters(notebooks.read(path))
    assert defaults.get("profile", "lab") == "lab"
    assert defaults.get("subjects", "all") == "all"


@pytest.fixture
def toy(tmp_path):
    def write(*cells, parameters='profile = "lab"\nseed = 0'):
        path = tmp_path / "toy.ipynb"
        write_notebook(path, parameters, *cells)
        return path

    return write


def test_an_executed_notebook_is_the_same_bytes_each_time(toy, tmp_path):
    printing = "import sys, time\nfor i in range(9):\n    print(i, flush=True); time.sleep(0.05)"
    path = toy("class Thing:\n    pass\nThing()", printing)
    first, second = tmp_path / "first.ipynb", tmp_path / "second.ipynb"
    for output in (first, second):
        notebooks.run(path, output, {"profile": "smoke"})
    assert first.read_bytes() == second.read_bytes()
    assert str(tmp_path) not in first.read_text()
    assert len(notebooks.read(first).cells[-1].outputs) == 1
    assert notebooks.executed_problems(first, (str(tmp_path),)) == []


def test_an_unknown_parameter_is_an_error(toy, tmp_path):
    output = tmp_path / "executed.ipynb"
    message = r"^toy.ipynb: unknown parameter epochs \(it takes: profile, seed\)$"
    with pytest.raises(notebooks.NotebookError, match=message):
        notebooks.run(toy("1"), output, {"epochs": 3})
    assert not output.exists()


def test_a_dead_kernel_is_named_with_its_cell(toy, tmp_path):
    path = toy("a = 1", "import os\nos._exit(1)")
    with pytest.raises(notebooks.NotebookError, match=r"^toy.ipynb, cell 4 \(import os\): the ker"):
        notebooks.run(path, tmp_path / "executed.ipynb", {"seed": 1})


def test_noise_and_private_paths_are_found_in_a_page(toy, tmp_path):
    path = toy("import sys\nprint('oh', file=sys.stderr)", f"print({str(tmp_path)!r})")
    output = tmp_path / "executed.ipynb"
    notebooks.run(path, output)
    found = notebooks.executed_problems(output, (str(tmp_path),))
    assert found[0] == "executed.ipynb: cell 3 writes to stderr: oh"
    assert {problem.partition(" shows ")[0] for problem in found[1:]} == {"executed.ipynb: cell 4"}


def test_cleaning_takes_out_what_executing_left(toy):
    path = toy("print(1)")
    notebook = nbformat.read(path, as_version=4)
    clean = path.read_text()
    notebook.cells[2].update(
        execution_count=3, outputs=[nbformat.v4.new_output("stream", text="1")]
    )
    notebook.metadata["widgets"] = {}
    nbformat.write(notebook, path)
    assert notebooks.problems(path) != []
    assert notebooks.clean(path)
    assert path.read_text() == clean
    assert not notebooks.clean(path)


def tagged(path, cell, *tags):
    """Give one cell of a notebook tags."""
    notebook = notebooks.read(path)
    notebook.cells[cell].metadata["tags"] = list(tags)
    path.write_text(notebooks.as_text(notebooks.normalise(notebook)))


def test_a_tagged_figure_is_saved_and_the_page_shows_only_what_draws_it(toy, tmp_path, monkeypatch):
    monkeypatch.setenv("HAR_BUILD", str(tmp_path / "build"))
    draw = "import matplotlib.pyplot as plt\nfigure, axis = plt.subplots()\naxis.plot([1, 2])"
    path, output = toy(f"{draw};"), tmp_path / "executed.ipynb"
    tagged(path, 2, "figure:line")
    notebooks.run(path, output, {"profile": "smoke"})
    saved = tmp_path / "build" / "smoke" / "figures"
    assert sorted(file.name for file in saved.iterdir()) == ["line.pdf", "line.png"]
    assert notebooks.read(output).cells[-1].source == f"{draw};"
    assert notebooks.figures(notebooks.read(path)) == ["line"]


def test_a_tagged_figure_that_is_missing_is_an_error(toy, tmp_path):
    path = toy("curve = 1")
    tagged(path, 2, "figure:line")
    with pytest.raises(notebooks.NotebookError, match=r"cell 3 \(curve = 1\): NameError: .*figure"):
        notebooks.run(path, tmp_path / "executed.ipynb")


def test_cells_that_only_say_or_save_are_folded(toy):
    path = toy("1", "'said'")
    tagged(path, 3, "sentence")
    assert [notebooks.is_folded(cell) for cell in notebooks.read(path).cells[-2:]] == [False, True]
    hidden = [cell.metadata.get("jupyter") for cell in notebooks.read(path).cells[-2:]]
    assert hidden == [None, {"source_hidden": True}]
    assert notebooks.problems(path) == []


LISTED = yaml.safe_load((COURSE[0].parents[1] / "config" / "notebooks.yaml").read_text())


@pytest.mark.parametrize("name", LISTED)
def test_the_figures_a_lesson_lists_are_those_its_cells_are_tagged_with(name):
    path = next(path for path in COURSE if path.stem == name)
    notebook = notebooks.read(path)
    assert sorted(notebooks.figures(notebook)) == sorted(LISTED[name].get("figures", []))
    assert not any("save_figure" in cell.source for cell in notebook.cells)


@pytest.mark.parametrize("name", LISTED)
def test_sentences_and_numbers_of_a_lesson_are_folded(name):
    path = next(path for path in COURSE if path.stem == name)
    for cell in notebooks.code_cells(notebooks.read(path)):
        only_says = cell.source.startswith(("Markdown(", "results.write_values("))
        assert notebooks.is_folded(cell) or not only_says, cell.source


@pytest.mark.parametrize("parameters", ["a = 1 + 1", "a: int = 3", "import os", "a, b = 1, 2"])
def test_parameters_are_flat_literals(toy, parameters):
    assert "more than `name = value`" in notebooks.problems(toy("1", parameters=parameters))[0]


@pytest.mark.parametrize(
    ("parameters", "said"),
    [("subjects = = 3", "is not Python"), ("subjects = {[]: 1}", "more than `name = value`")],
)
def test_a_slip_in_the_parameters_is_said_in_one_line(parameters, said, toy):
    with pytest.raises(notebooks.NotebookError, match=said):
        notebooks.parameters(notebooks.read(toy("1", parameters=parameters)))


def test_long_cells_are_found(toy):
    seven = "\n".join(f"a{i} = {i}" for i in range(7))
    assert notebooks.problems(toy(seven, seven, parameters="profile = 1"))[0].endswith("6 lines")


def test_empty_cells_are_found(toy):
    found = notebooks.problems(toy("1", " ", parameters="profile = 1"))
    assert any(problem.endswith("an empty cell") for problem in found)


def test_a_file_that_is_no_notebook_is_named(tmp_path):
    (tmp_path / "broken.ipynb").write_text("{")
    assert notebooks.problems(tmp_path / "broken.ipynb")[0].startswith("broken.ipynb")


def test_page_is_the_same_whether_a_run_was_trained_or_read():
    trained = (
        "Single LSTM, seed 0, without fold 0: epoch 4 of 20, loss 0.4, validation loss 0.5\n"
        "Single LSTM, seed 0, all training subjects: epoch 17 of 17, loss 0.3\n"
    )
    read = "Nothing changed since this run was done: read from build/smoke/x/seed-0.json\n"
    pages = []
    for said in (trained, read, read + trained):
        cell = nbformat.v4.new_code_cell("run()", id="a")
        cell.outputs = [
            nbformat.v4.new_output("stream", name="stdout", text=f"before\n{said}after\n"),
            nbformat.v4.new_output("display_data", {"text/plain": "a figure"}),
            nbformat.v4.new_output("stream", name="stdout", text=said),
        ]
        notebook = nbformat.v4.new_notebook(cells=[cell])
        pages.append(notebooks.as_text(notebooks._reproducible(notebook)))
    assert pages[0] == pages[1] == pages[2]
    assert pages[0].index("before") < pages[0].index("after")
    assert "a figure" in pages[0]
    assert "epoch" not in pages[0]
