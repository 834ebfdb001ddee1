"""Which files of the package a notebook or module imports, followed through."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from har_utils import files
from har_utils.build import notebooks

PACKAGE = files.REPOSITORY / "har_utils"
"""The folder of this package."""


class PipelineError(RuntimeError):
    """Something that stops a build; the message is for the person, one line per failed job."""


def modules_of(*sources: Path) -> list[str]:
    """Return the files of this package that notebooks or modules import, followed through.

    What a module says stands in a YAML file of its name, which therefore belongs to it.

    Parameters
    ----------
    *sources
        Notebooks, or Python files (which then are in the answer themselves).

    Raises
    ------
    PipelineError
        If a module is not Python.
    """
    found, waiting = set(), list(sources)
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        waiting += _imported(path)
    modules = [path for path in found if path.suffix == ".py"]
    texts = [path.with_suffix(".yaml") for path in modules if path.with_suffix(".yaml").exists()]
    return sorted(str(_from_here(path)) for path in [*modules, *texts])


def module(name: str) -> Path:
    """Return the file of one module of this package, or the ``__init__.py`` of a package in it.

    Parameters
    ----------
    name
        Without ``har_utils.``, for example ``"signals"`` or ``"dataset.windows"``.
    """
    path = PACKAGE.joinpath(*name.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _imported(path: Path) -> list[Path]:
    """Return the modules of this package that one notebook or module imports itself."""
    return _imported_by(path, path.stat().st_mtime_ns if path.exists() else None)


@cache
def _imported_by(path: Path, changed: int | None) -> list[Path]:
    """Return the same, looking into each state of a file once: all jobs share most modules."""
    is_notebook = path.suffix == ".ipynb"
    tree = notebooks.syntax(notebooks.read(path)) if is_notebook else _parse(path)
    names = {"har_utils"}
    for node in _statements(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return sorted({file for name in names for file in _files(name)})


def _statements(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield all statements; no import stands in an expression, and those are most of a tree."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        for part in ("body", "orelse", "finalbody", "handlers", "cases"):
            waiting += getattr(node, part, [])


def _files(name: str) -> list[Path]:
    """Return the files that importing a dotted name executes, as far as they are this package's.

    The last part may be something defined in a module instead of a module.
    """
    package, *inner = name.split(".")
    if package != PACKAGE.name:
        return []
    parts = [".".join(inner[:k]) for k in range(1, len(inner) + 1)]
    return [file for file in (PACKAGE / "__init__.py", *map(module, parts)) if file.exists()]


def _parse(path: Path) -> ast.Module:
    """Return a module's syntax tree."""
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError as error:
        raise PipelineError(f"{path.name}, line {error.lineno}: {error.msg}") from None


def _from_here(path: Path) -> Path:
    """Return a path relative to the working directory where it lies inside."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
