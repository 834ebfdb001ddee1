"""Notebooks as files: kept clean, checked, and executed without surprises."""

from __future__ import annotations

import ast
import contextlib
import json
import logging
import os
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from har_utils import forking
from har_utils.files import write_text

KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
"""The kernel every committed notebook names."""

MEDIAN_LINES = 6
"""Half of a notebook's code cells have at most this many lines; checks of exercises don't count."""

LONG_LINES = 20
"""Nine in ten of a notebook's code cells have at most this many lines."""


FOLDED = ("sentence", "numbers", "quiz")
"""Tags of cells whose code is folded: they put a result into words, save it, or ask questions."""

FIGURE = "figure:"
"""Begins the tag of a cell whose ``figure`` is saved, under the name that follows (`run`)."""

SAVE = """

from har_utils import plots as _plots
_plots.save_figure(figure, {name!r}, profile);"""
"""What is executed behind a cell that draws such a figure; the executed copy does not show it."""


class NotebookError(ValueError):
    """A notebook that cannot be executed as asked; the message is one line for the person."""


# --- Reading ------------------------------------------------------------------------------------


def read(path: Path) -> NotebookNode:
    """Read a notebook.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    NotebookError
        If the file is not a notebook.
    """
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist")
    try:
        # Some editors put a byte order mark in front, which JSON does not know.
        return nbformat.reads(path.read_text(encoding="utf-8-sig"), as_version=4)
    except Exception as error:  # nbformat raises several unrelated kinds
        raise NotebookError(f"{path.name} is not a notebook: {_one_line(error)}") from None


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return a notebook's code cells that hold anything."""
    cells = (cell for cell in notebook.cells if cell.cell_type == "code")
    return [cell for cell in cells if cell.source.strip()]


def syntax(notebook: NotebookNode) -> ast.Module:
    """Return the syntax tree of all code cells, without what only IPython understands.

    A cell that is not Python is left out: executing the notebook is what reports it.
    """
    body = []
    for cell in code_cells(notebook):
        lines = [line for line in cell.source.splitlines() if not line.lstrip().startswith("%")]
        with contextlib.suppress(SyntaxError):
            body += ast.parse("\n".join(lines)).body
    return ast.Module(body=body, type_ignores=[])


def parameters(notebook: NotebookNode) -> dict[str, Any]:
    """Return what the cell tagged ``parameters`` defines: name → default.

    Raises
    ------
    NotebookError
        If the cell holds anything but names and literal values.
    """
    found: dict[str, Any] = {}
    for cell in code_cells(notebook):
        if _is_parameters(cell):
            try:
                statements = ast.parse(cell.source).body
            except SyntaxError as error:
                problem = f"the parameters cell is not Python: {error.msg}, line {error.lineno}"
                raise NotebookError(problem) from None
            for statement in statements:
                found |= _literal_assignment(statement)
    return found


def _literal_assignment(statement: ast.stmt) -> dict[str, Any]:
    """Return ``{name: value}`` of a statement ``name = literal``."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            with contextlib.suppress(TypeError, ValueError):
                return {name: ast.literal_eval(value)}
    source = ast.unparse(statement)
    raise NotebookError(f"the parameters cell holds more than `name = value`: {source}")


# --- Kept clean ---------------------------------------------------------------------------------


def normalise(notebook: NotebookNode) -> NotebookNode:
    """Return a notebook as it is committed: no outputs, counts or widgets, cells numbered."""
    clean = nbformat.v4.new_notebook(metadata={"kernelspec": KERNELSPEC})
    for number, cell in enumerate(notebook.cells):
        fresh = NotebookNode(
            cell_type=cell.cell_type,
            id=f"cell-{number:02d}",
            metadata=_kept_metadata(cell),
            source=cell.source,
        )
        if cell.cell_type == "code":
            fresh.update(execution_count=None, outputs=[])
        clean.cells.append(fresh)
    clean.metadata["language_info"] = {"name": "python"}
    clean.nbformat_minor = 5
    return clean


def _kept_metadata(cell: NotebookNode) -> dict[str, Any]:
    """Return what is committed of a cell's metadata: its tags, and that its code is folded."""
    kept: dict[str, Any] = {}
    if tags := cell.metadata.get("tags"):
        kept["tags"] = tags
    if is_folded(cell):
        kept["jupyter"] = {"source_hidden": True}
    return kept


def is_folded(cell: NotebookNode) -> bool:
    """Return whether a cell's code is folded: it only says or saves what was computed above it."""
    return any(_has_tag(cell, tag) for tag in FOLDED)


def figures(notebook: NotebookNode) -> list[str]:
    """Return the names under which a notebook's figures are saved, in order."""
    return [name for cell in notebook.cells for name in _figure_names(cell)]


def _figure_names(cell: NotebookNode) -> list[str]:
    """Return the names under which the figure of a cell is saved: one or none."""
    tags = cell.metadata.get("tags", [])
    return [tag.removeprefix(FIGURE) for tag in tags if tag.startswith(FIGURE)]


def as_text(notebook: NotebookNode) -> str:
    """Return a notebook's JSON text, as Jupyter would write it."""
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT) + "\n"


def clean(path: Path) -> bool:
    """Write a notebook back without what executing it left; return whether that changed it."""
    text = as_text(normalise(read(path)))
    if path.read_text(encoding="utf-8") == text:
        return False
    write_text(path, text)
    return True


def problems(path: Path) -> list[str]:
    """Return what keeps a notebook from being committed, one line each."""
    try:
        notebook = read(path)
        read_by_people = [cell for cell in code_cells(notebook) if not _has_tag(cell, "check")]
        lengths = sorted(len(cell.source.strip().splitlines()) for cell in read_by_people)
        defaults = parameters(notebook)
    except ValueError as error:
        return [f"{path.name}: {error}"]
    found = []
    if path.read_text(encoding="utf-8") != as_text(normalise(notebook)):
        found.append("has outputs, counts or metadata: make clean-notebooks")
    if not defaults:
        found.append("has no cell tagged parameters")
    if not all(cell.source.strip() for cell in notebook.cells):
        found.append("has an empty cell")
    if lengths and statistics.median(lengths) > MEDIAN_LINES:
        found.append(f"half of its code cells are longer than {MEDIAN_LINES} lines")
    if lengths and lengths[int(0.9 * (len(lengths) - 1))] > LONG_LINES:
        found.append(f"more than one code cell in ten is longer than {LONG_LINES} lines")
    return [f"{path.name}: {problem}" for problem in found]


def executed_problems(path: Path, private: tuple[str, ...]) -> list[str]:
    """Return what makes an executed page unclean: noise on stderr, or a path of this machine.

    Parameters
    ----------
    path
        An executed notebook.
    private
        Paths that must not appear anywhere in it.
    """
    found = []
    for number, cell in enumerate(read(path).cells, start=1):
        noise = [output for output in cell.get("outputs", []) if output.get("name") == "stderr"]
        if noise:
            found.append(f"cell {number} writes to stderr: {_one_line(noise[0].text)}")
        found += [f"cell {number} shows {place}" for place in private if place in json.dumps(cell)]
    return [f"{path.name}: {problem}" for problem in found]


# --- Executing ----------------------------------------------------------------------------------


def run(path: Path, output: Path, values: dict[str, Any] | None = None) -> float:
    """Execute a notebook with papermill and write the executed copy, whole or not at all.

    What a cell tagged ``figure:name`` calls ``figure`` is saved under that name among the figures
    of the notebook's ``profile``.

    Parameters
    ----------
    path
        The notebook.
    output
        Where the executed copy goes. Of a notebook that raises, ``<name>.failed.ipynb`` beside it
        is kept for reading and ``output`` is left alone.
    values
        Parameters that replace the defaults of the cell tagged ``parameters``.

    Returns
    -------
    float
        Seconds it took.

    Raises
    ------
    NotebookError
        If a parameter is unknown (papermill alone would only warn) or a cell raises; the message
        names notebook, cell and error.
    """
    source = read(path)
    values = values or {}
    _refuse_unknown(path.name, parameters(source), values)
    output.parent.mkdir(parents=True, exist_ok=True)
    failed = output.with_suffix(".failed.ipynb")
    failed.unlink(missing_ok=True)
    started = time.monotonic()
    progress = _Progress(len(source.cells) + bool(values))
    with tempfile.TemporaryDirectory(prefix="har-", ignore_cleanup_errors=True) as runtime:
        aside = Path(runtime) / "executed.ipynb"
        try:
            _execute(_saving_figures(path, Path(runtime)), aside, values, path.parent, progress)
        except Exception as error:  # a cell's own error, a dead kernel, a kernel that never came
            if aside.exists():
                write_text(failed, as_text(_reproducible(_as_written(aside, source))))
            place = _place(source, progress.cell, injected=bool(values))
            raise NotebookError(f"{path.name}, {place}: {_description(error)}") from None
        write_text(output, as_text(_reproducible(_as_written(aside, source))))
    return time.monotonic() - started


def _refuse_unknown(name: str, known: dict[str, Any], values: dict[str, Any]) -> None:
    """Raise ``NotebookError`` if a value has no parameter to go to."""
    unknown = sorted(set(values) - set(known))
    if unknown:
        takes = ", ".join(known) or "none"
        raise NotebookError(f"{name}: unknown parameter {', '.join(unknown)} (it takes: {takes})")


def _saving_figures(path: Path, folder: Path) -> Path:
    """Write a copy of a notebook that saves its figures; return it."""
    notebook = read(path)
    for cell in notebook.cells:
        for name in _figure_names(cell):
            cell.source += SAVE.format(name=name)
    copy = folder / path.name
    write_text(copy, as_text(notebook))
    return copy


def _as_written(executed: Path, source: NotebookNode) -> NotebookNode:
    """Return an executed copy whose cells read as in the notebook it was made from."""
    written = {cell.id: cell.source for cell in source.cells if _figure_names(cell)}
    notebook = read(executed)
    for cell in notebook.cells:
        cell.source = written.get(cell.id, cell.source)
    return notebook


def _execute(path: Path, output: Path, values: dict, cwd: Path, progress: _Progress) -> None:
    """Let papermill execute a notebook; the kernel talks over sockets beside the output."""
    runtime = output.parent
    os.environ.update(_environment(runtime))
    import papermill
    from jupyter_client import AsyncKernelManager

    class LocalKernelManager(AsyncKernelManager):
        """A kernel reached through files, so that parallel jobs never fight over TCP ports."""

        transport = "ipc"
        ip = str(runtime / "kernel")

        def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
            """Let a build's server make the kernel, which begins with everything imported."""
            command = super().format_kernel_cmd(extra_arguments)
            at = command.index("-m") + 1
            return [*command[:at], forking.__name__, *command[at:]]

    logger = logging.getLogger("papermill")
    logger.addHandler(progress)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        papermill.execute_notebook(
            _literal(path),
            _literal(output),
            values,
            kernel_name="python3",
            kernel_manager_class=LocalKernelManager,
            cwd=cwd,
            progress_bar=False,
            log_output=True,
            start_timeout=300,
        )
    finally:
        logger.removeHandler(progress)


def _literal(path: Path) -> str:
    """Return a path for papermill, which would fill in what stands in braces."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _environment(runtime: Path) -> dict[str, str]:
    """Return the variables that keep a kernel quiet, single-threaded and away from your home."""
    return fixed_environment() | {
        "JUPYTER_RUNTIME_DIR": str(runtime),
        "IPYTHONDIR": str(runtime / "ipython"),
    }


def fixed_environment() -> dict[str, str]:
    """Return those of a kernel's variables that are the same for every kernel."""
    return {
        "HAR_THREADS": os.environ.get("HAR_THREADS", "1"),
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1"),
        "OPENBLAS_NUM_THREADS": os.environ.get("OPENBLAS_NUM_THREADS", "1"),
        "PYTHONHASHSEED": "0",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "JUPYTER_PLATFORM_DIRS": "1",
        "JUPYTER_PREFER_ENV_PATH": "1",
    }


class _Progress(logging.Handler):
    """Shows papermill's log on stdout as short lines: ``cell 3 of 20`` and what cells print."""

    def __init__(self, n_cells: int):
        super().__init__()
        self.n_cells = n_cells
        self.cell = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Print a line, unless it is papermill's own chatter."""
        message = record.getMessage().rstrip()
        started = re.fullmatch(r"Executing Cell (\d+)-+", message)
        if started:
            self.cell = int(started[1])
            message = f"cell {self.cell} of {self.n_cells}"
        chatter = r"(Ending Cell \d+-+|(Input|Output) Notebook: .*|Working dir.*|Executing .*)?"
        if not re.fullmatch(chatter, message):
            print(message, file=sys.stdout, flush=True)


def _place(source: NotebookNode, executing: int, injected: bool) -> str:
    """Return which cell was executing, counted as in the notebook, with its first line."""
    parameters_at = [i for i, cell in enumerate(source.cells, start=1) if _is_parameters(cell)]
    number = executing - (injected and executing > parameters_at[0])
    lines = source.cells[number - 1].source.splitlines() if number else []
    first = next((line.strip() for line in lines if line.strip()), "nothing yet")
    return f"cell {number} ({first[:60]})"


def _description(error: Exception) -> str:
    """Return what happened, in one line."""
    if not (hasattr(error, "ename") and hasattr(error, "evalue")):
        return f"the kernel stopped: {_one_line(error)}"
    return f"{error.ename}: {_one_line(error.evalue)}".removesuffix(": ")


def _has_tag(cell: NotebookNode, tag: str) -> bool:
    """Return whether a cell carries a tag."""
    return tag in cell.metadata.get("tags", [])


def _is_parameters(cell: NotebookNode) -> bool:
    """Return whether a cell is the one tagged ``parameters``."""
    return _has_tag(cell, "parameters")


def _one_line(error: object) -> str:
    """Return an error's text in one line."""
    return " ".join(str(error).split())[:300]


def _reproducible(notebook: NotebookNode) -> NotebookNode:
    """Drop what differs from run to run: papermill's paths and times, addresses, ids."""
    notebook.metadata.pop("papermill", None)
    for number, cell in enumerate(notebook.cells):
        for name in ("papermill", "execution"):
            cell.metadata.pop(name, None)
        if set(cell.metadata.get("tags", [])) & {"injected-parameters", "papermill-error-cell-tag"}:
            cell.id = f"added-{number:02d}"
        if cell.cell_type == "code":
            cell.outputs = _without_progress(_joined_streams(cell.outputs))
        for output in cell.get("outputs", []):
            for kind, content in output.get("data", {}).items():
                if isinstance(content, str) and kind.startswith("text/"):
                    output.data[kind] = _without_random_ids(content)
    return notebook


def _joined_streams(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Join printed text that follows on printed text: where it was cut is a matter of timing."""
    joined: list[NotebookNode] = []
    for output in outputs:
        follows = joined and output.get("name") and joined[-1].get("name") == output.name
        if follows:
            joined[-1].text += output.text
        else:
            joined.append(output)
    return joined


PROGRESS = re.compile(
    r"(.+, seed \d+, (without fold \d+|all training subjects): epoch \d+ of \d+, .*"
    r"|Nothing changed since this run was done: read from .*)\n?"
)
"""Lines that say how far a training is, or that there was nothing to train."""


def _without_progress(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Leave out how a run came to be: a page is the same if the run was read after a kill.

    The job's log keeps these lines.
    """
    kept = []
    for output in outputs:
        if output.get("name") == "stdout":
            lines = output.text.splitlines(keepends=True)
            output.text = "".join(line for line in lines if not PROGRESS.fullmatch(line))
        if output.get("text") != "":
            kept.append(output)
    return kept


def _without_random_ids(text: str) -> str:
    """Replace memory addresses and the ids pandas gives to styled tables."""
    text = re.sub(r" at 0x[0-9a-f]{6,}", "", text)
    ids = dict.fromkeys(re.findall(r"\bT_[0-9a-f]{5}(?=_|\b)", text))
    for number, name in enumerate(ids):
        text = text.replace(name, f"T_{number}")
    return text
