"""The house: a room imports only from rooms above it, and nothing goes round in a circle."""

from __future__ import annotations

import ast
import re
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import har_utils
from har_utils.build import dependencies

PACKAGE = Path(har_utils.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
NOTEBOOKS = sorted((PACKAGE.parent / "notebooks").glob("*.ipynb"))
DOORS = (PACKAGE / "__init__.py", PACKAGE / "__main__.py")

MODULE_IN_TEXT = r"\bhar_utils(?:\.| import )(\w+)"
"""A module named in a string, or imported by code in one: `har_utils.build.plan` is of `build`."""


def rooms_in_order() -> list[str]:
    """Return the rooms in the order of the package's map, which is in its docstring."""
    drawn = [line for line in har_utils.__doc__.splitlines() if line.startswith("    ")]
    names = [name for line in drawn for name in re.split(" {3,}", line.strip())[0].split()]
    return [name.removesuffix("/") for name in names]


def room_of(path: Path) -> str:
    """Return the room a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def imported_by(path: Path) -> set[Path]:
    """Return the files a module names in its import statements, those in functions included."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {(alias.name, "") for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}, line {node.lineno}: a relative import"
            names |= {(node.module, alias.name) for alias in node.names}
    return {file for name in names if (file := file_of(*name))}


@cache
def named_in_text(path: Path) -> set[str]:
    """Return the rooms whose modules stand in a module's strings, as what another process runs.

    What a docstring refers to is for people and runs nowhere.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docstrings
    ]
    return {room for text in texts for room in re.findall(MODULE_IN_TEXT, text)}


def file_of(module: str, name: str) -> Path | None:
    """Return the file of ``from module import name``, or None if it is not of this package."""
    package, *inner = module.split(".")
    if package != PACKAGE.name:
        return None
    places = [dependencies.module(".".join([*inner, name])), dependencies.module(".".join(inner))]
    return next(place for place in places if place.exists())


def test_package_map_shows_every_room_once():
    rooms = {room_of(path) for path in FILES if path not in DOORS}
    assert sorted(rooms_in_order()) == sorted(rooms)


@pytest.mark.parametrize("room", rooms_in_order())
def test_room_imports_only_from_rooms_above_it(room):
    order = rooms_in_order()
    allowed = {*order[: order.index(room) + 1], "__init__"}
    for path in FILES:
        if room_of(path) == room:
            below = {room_of(file) for file in imported_by(path)} - allowed
            assert not below, f"{path.relative_to(PACKAGE)} imports from below: {below}"


@pytest.mark.parametrize("room", rooms_in_order())
def test_room_names_no_room_below_in_a_string(room):
    """``python -m har_utils.build.…`` in a string is an import that no statement shows."""
    order = rooms_in_order()
    for path in FILES:
        if room_of(path) == room:
            below = named_in_text(path) & {*order[order.index(room) + 1 :]}
            assert not below, f"{path.relative_to(PACKAGE)} names rooms below in strings: {below}"


def test_named_in_text_sees_strings_and_no_docstring(tmp_path):
    path = tmp_path / "module.py"
    path.write_text(
        '"""As `har_utils.report` says."""\n'
        'RUN = ["-m", "har_utils.build.plan"]\n'
        'START = "from har_utils import plots; plots.use_style()"\n'
    )
    assert named_in_text(path) == {"build", "plots"}


def test_modules_import_each_other_in_no_circle():
    insides = [path for path in FILES if path.name != "__init__.py"]
    order = TopologicalSorter({path: imported_by(path) for path in insides}).static_order()
    assert set(order) >= set(insides)  # a circle would have raised


def test_package_imports_its_modules_and_no_module_its_package():
    """``dataset/loading.py`` must not ask ``dataset`` for what stands beside it."""
    for path in FILES:
        own = path.parent / "__init__.py"
        if path.parent != PACKAGE and path != own:
            assert own not in imported_by(path), path.relative_to(PACKAGE)


def test_package_imports_no_notebook():
    for path in FILES:
        source = path.read_text(encoding="utf-8")
        assert not re.search(r"^\s*(from|import) (notebooks|import_ipynb)\b", source, re.MULTILINE)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_imports_nothing_that_is_the_report_s(path):
    """What a lesson and the report both need stands above the report."""
    imported = {room_of(PACKAGE.parent / file) for file in dependencies.modules_of(path)}
    assert "report" not in imported


def test_modules_of_follows_packages():
    found = dependencies.modules_of(dependencies.module("evaluation"))
    names = {Path(file).relative_to("har_utils").as_posix() for file in found}
    assert {"__init__.py", "evaluation/__init__.py", "evaluation/folds.py"} <= names
    assert {"metrics.py", "dataset/__init__.py", "dataset/windows.py", "signals.py"} <= names
    assert not {name for name in names if name.startswith(("plots", "course", "build", "report"))}


def test_modules_of_a_package_brings_everything_its_door_opens():
    """A notebook that imports ``dataset`` depends on every module that ``dataset`` hands on."""
    notebook = PACKAGE.parent / "notebooks" / "02_windows.ipynb"
    found = {Path(file).resolve() for file in dependencies.modules_of(notebook)}
    assert {path for path in FILES if path.parent == PACKAGE / "dataset"} <= found


def test_statements_miss_no_import_of_a_module():
    kinds = (ast.Import, ast.ImportFrom)
    for path in sorted(dependencies.PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found = {node for node in dependencies._statements(tree) if isinstance(node, kinds)}
        assert found == {node for node in ast.walk(tree) if isinstance(node, kinds)}, path
