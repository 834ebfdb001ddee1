"""Tables of numbers as phones and spreadsheets write them, whatever their commas mean."""

from __future__ import annotations

import csv
import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd

from har_utils import recordings

ENDINGS = (".csv", ".tsv", ".txt")
"""How names of tables end."""

DELIMITERS = "\t;,|"
"""What may stand between columns."""

MISSING = ("", "nan", "na", "n/a", "null", "none", "inf", "-inf", "+inf")
"""What stands where nothing was measured, in small letters."""


@dataclass(frozen=True, eq=False)
class Table:
    """A table as text.

    Attributes
    ----------
    name : str
        Its file, for errors.
    titles : list of str
        Names of the columns.
    cells : ndarray of shape (n_rows, n_columns), str
    rows : ndarray of shape (n_rows,), int
        Line of each row in the file, the names being line 1, as a spreadsheet counts.
    """

    name: str
    titles: list[str]
    cells: np.ndarray
    rows: np.ndarray

    @property
    def stem(self) -> str:
        """The file's name without folder and ending, in small letters."""
        return PurePosixPath(self.name).stem.lower()

    def refusal(
        self, problem: str, column: int | None = None, row: int | None = None
    ) -> ValueError:
        """Return an error that says in one line what is wrong and where.

        Parameters
        ----------
        problem : str
        column, row : int, optional
            Positions in `cells`.
        """
        place = self.name
        if column is not None:
            place += f", column {self.titles[column]!r}"
        if row is not None:
            place += f", row {self.rows[row]}"
        return ValueError(f"{place}: {problem}")

    def missing(self, column: int) -> np.ndarray:
        """Say where a column has no value.

        Returns
        -------
        ndarray of shape (n_rows,), bool
        """
        return np.array([cell.strip().lower() in MISSING for cell in self.cells[:, column]], bool)

    def numbers(self, column: int) -> np.ndarray:
        """Read a column of numbers, with decimal points or decimal commas.

        Returns
        -------
        ndarray of shape (n_rows,), float64
            NaN where the value is missing.

        Raises
        ------
        ValueError
            If there is something else than a number.
        """
        texts = [cell.strip().replace(",", ".") for cell in self.cells[:, column]]
        numbers = pd.to_numeric(pd.Series(texts), errors="coerce").to_numpy(dtype=float)
        for row in np.flatnonzero(np.isnan(numbers)):
            if texts[row].lower() not in MISSING:
                raise self.refusal(f"{self.cells[row, column]!r} is not a number", column, row)
        return np.where(np.isfinite(numbers), numbers, np.nan)


def read(path: str | os.PathLike, wanted: Callable[[Table], bool]) -> list[Table]:
    """Read the tables of a zip or folder, or a single one.

    Parameters
    ----------
    path : path
    wanted : function
        Tells from a table that has names of columns, but no cells, whether the cells are needed.

    Returns
    -------
    list of Table
        Tables that are not wanted have no cells.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If there is no table in it, or one is damaged.
    """
    path = Path(path)
    if path.is_file() and not zipfile.is_zipfile(path):
        members = {path.name: path.read_bytes}
    else:
        inner = recordings.list_members(path)
        members = {f"{path.name}/{name}": read for name, read in inner.items()}
    if any(name.endswith("xl/workbook.xml") for name in members):
        raise ValueError(f"{path.name}: an Excel file; export it as CSV instead")
    texts = {name: read for name, read in members.items() if _is_table(name)}
    if not texts:
        raise ValueError(f"{path.name}: no table in it ({', '.join(ENDINGS)}); export it as CSV")
    return [_parse(name, _decode(read(), name), wanted) for name, read in texts.items()]


def _is_table(name: str) -> bool:
    """Tell a table by its name; macOS hides files of its own in every zip."""
    hidden = any(part.startswith((".", "__MACOSX")) for part in name.split("/"))
    return name.lower().endswith(ENDINGS) and not hidden


def _decode(content: bytes, name: str) -> str:
    """Decode a text file as spreadsheets and phones write them."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    if b"\0" in content[:1000]:
        raise ValueError(f"{name}: not a text file; export it as CSV")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _parse(name: str, text: str, wanted: Callable[[Table], bool]) -> Table:
    """Split a text into names and cells."""
    lines = [
        (row, line)
        for row, line in enumerate(text.splitlines(), start=1)
        if line.strip() and not line.startswith(("#", "sep="))
    ]
    names = lines[0][1] if lines else ""
    delimiter = max(DELIMITERS, key=lambda mark: len(_split(names, mark)))
    titles = [title.strip() for title in _split(names, delimiter)]
    table = Table(name, titles, np.empty((0, len(titles)), dtype=object), np.empty(0, dtype=int))
    if not wanted(table):
        return table
    rows = np.array([row for row, _ in lines[1:]], dtype=int)
    cells = list(csv.reader((line for _, line in lines[1:]), delimiter=delimiter))
    return _fill(table, cells, rows)


def _split(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter), [])


def _fill(table: Table, cells: list[list[str]], rows: np.ndarray) -> Table:
    """Add cells to a table; every row must have one for each column."""
    n_columns = len(table.titles)
    if cells and len(cells[-1]) < n_columns:
        cells = cells[:-1]  # the app was stopped while it wrote
    for row, fields in enumerate(cells):
        if len(fields) < n_columns or any(field.strip() for field in fields[n_columns:]):
            raise ValueError(
                f"{table.name}, row {rows[row]}: {len(fields)} fields, but row 1 names {n_columns} "
                "columns; export with semicolons between columns, or with decimal points"
            )
    filled = np.array([fields[:n_columns] for fields in cells], dtype=object)
    return replace(table, cells=filled.reshape(len(cells), n_columns), rows=rows[: len(cells)])


def is_number(text: str) -> bool:
    """Say whether a text is a number, with a decimal point or comma."""
    try:
        float(text.replace(",", "."))
    except ValueError:
        return False
    return True
