"""Tables of numbers as phones and spreadsheets write them, whatever their commas mean."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import json
import os
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

import numpy as np
import pandas as pd

from har_utils import recordings

if TYPE_CHECKING:
    from _csv import Reader

    from _typeshed import WriteableBuffer

ENDINGS = (".csv", ".tsv", ".txt", ".dat", ".log")
"""How names of tables end."""

EXCEL = (".xls", ".xlsx")
"""How names of Excel files end; a sheet in them is a table."""

DELIMITERS = "\t;,|"
"""What may stand between columns; if none of them does, spaces."""

COMMENTS = ("#", "%", "//", "@")
"""How lines begin that hold no numbers; the names of the columns may stand behind such a mark."""

LONGEST_PREAMBLE = 60
"""Lines among which the names of the columns are looked for."""

MISSING = ("", "nan", "na", "n/a", "null", "none", "inf", "-inf", "+inf", "-", "--")
"""What stands where nothing was measured, in small letters."""

LONGEST_SHOWN = 200
"""Characters of names of columns that an error shows."""

UTF_16 = (b"\xff\xfe", b"\xfe\xff")
"""How texts in UTF-16 begin."""

ROWS = 20_000
"""Rows that are read at once."""

LONGEST_LINE = 1_000_000
"""Letters of one line; no table of a phone comes near, and to split more takes all memory."""

LOOK = 1 << 18
"""Bytes that are looked at at once."""

Opener = Callable[[], IO[bytes]]
"""Opens a file as a stream of bytes."""

_AS_PYTHON = str.maketrans({",": ".", "\u2212": "-"})
"""Decimal commas, and the minus sign that phones write in many languages."""

_AS_PANDAS_SEES_THEM = [way(text) for text in MISSING for way in (str.lower, str.upper, str.title)]
_AS_PANDAS_SEES_THEM += ["NaN"]


@dataclass(frozen=True, eq=False)
class Table:
    """A table whose names are known, and whose cells are read when they are needed.

    Attributes
    ----------
    name : str
        Its file, for errors.
    titles : list of str
        Names of the columns.
    delimiter : str
        What stands between columns.
    line : int
        The line that names the columns, from 1.
    open : function
        Opens the file as a stream of bytes.
    cells : dict of int to ndarray of shape (n_rows,)
        By column: float64 (NaN where nothing was measured) or texts. Empty before `load`.
    rows : ndarray of shape (n_rows,), int
        Line of each row in the file, as a spreadsheet counts.
    problem : str
        Why the file cannot be read; then it has no columns.
    """

    name: str
    titles: list[str]
    delimiter: str = ","
    line: int = 1
    open: Opener = io.BytesIO
    cells: dict[int, np.ndarray] = field(default_factory=dict)
    rows: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=int))
    problem: str = ""

    @property
    def stem(self) -> str:
        """The file's name without folder and ending, in small letters."""
        return PurePosixPath(self.name).stem.lower()

    @property
    def folder(self) -> str:
        """The folder (or zip) it lies in."""
        return str(PurePosixPath(self.name).parent)

    @property
    def shown(self) -> str:
        """The names of the columns as an error lists them, not all where they are many."""
        return ", ".join(_shown(self.titles))

    def refusal(
        self, problem: str, column: int | None = None, row: int | None = None
    ) -> ValueError:
        """Return an error that says in one line what is wrong and where.

        Parameters
        ----------
        problem : str
        column, row : int, optional
            Positions in `titles` and `rows`.
        """
        place = self.name
        if column is not None:
            place += f", column {self.titles[column][:LONGEST_SHOWN]!r}"
        if row is not None:
            place += f", row {self.rows[row]}"
        return ValueError(f"{place}: {problem}")

    def is_text(self, column: int) -> bool:
        """Say whether the first value of a column is something else than a number."""
        cells = self.cells[column]
        if cells.dtype.kind == "f":
            return False
        there = (cell for cell in cells if cell.strip().lower() not in MISSING)
        return not is_number(next(there, "0"))

    def texts(self, column: int) -> np.ndarray:
        """Return a column as texts, "" where the value is missing."""
        cells = self.cells[column]
        if cells.dtype.kind == "f":
            return np.array(["" if np.isnan(cell) else f"{cell:g}" for cell in cells], object)
        return np.array(["" if cell.strip().lower() in MISSING else cell.strip() for cell in cells])

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
        cells = self.cells[column]
        if cells.dtype.kind == "f":
            return cells
        texts = [cell.strip().translate(_AS_PYTHON) for cell in cells]
        numbers = pd.to_numeric(pd.Series(texts), errors="coerce").to_numpy(dtype=float)
        for row in np.flatnonzero(np.isnan(numbers)).tolist():
            if texts[row].lower() not in MISSING:
                raise self.refusal(f"{cells[row][:LONGEST_SHOWN]!r} is not a number", column, row)
        return np.where(np.isfinite(numbers), numbers, np.nan)

    def load(self, columns: Sequence[int]) -> Table:
        """Read the cells of some columns.

        Raises
        ------
        ValueError
            If a row has too few or too many fields.
        """
        with _mended(self.name):
            return _fast(self, columns) or _thorough(self, columns)


def read(path: str | os.PathLike, wanted: Callable[[Table], bool]) -> list[Table]:
    """Find the tables of a zip or folder, or a single one.

    Parameters
    ----------
    path : path
    wanted : function
        Tells from the names of columns whether it is a table that can be used. The first line
        that passes for names is taken for them.

    Returns
    -------
    list of Table
        Without cells. A file that cannot be read is one without columns, with a `problem`.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If there is no table in it.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file or folder")
    members = dict(_members(path))
    if path.suffix.lower() not in EXCEL and f"{path.name}/xl/workbook.xml" in members:
        raise ValueError(f"{path.name}: an Excel file; give it the ending .xlsx")
    found = [
        table for name, opener in members.items() for table in _tables_of(name, opener, wanted)
    ]
    if not found:
        endings = ", ".join((*ENDINGS, ".json", *EXCEL, ".zip"))
        raise ValueError(f"{path.name}: no table in it ({endings}); export it as CSV")
    return found


def may_hold_one(path: Path) -> bool:
    """Say whether a file may hold a table; answers that `classify` wrote as JSON hold none."""
    ending = path.suffix.lower()
    if ending == ".json":
        answers = json.dumps("windows").encode()
        return answers not in path.read_bytes()
    return ending in (*ENDINGS, *EXCEL, ".zip")


def _tables_of(name: str, opener: Opener, wanted: Callable[[Table], bool]) -> Iterator[Table]:
    """Yield the tables of one file; one that says the problem where the file cannot be read."""
    try:
        for inner, content in _as_texts(name, opener).items():
            yield _named(inner, content, wanted)
    except OSError as error:
        yield Table(name, [], problem=f"{name}: {error.strerror or error}")
    except ValueError as error:
        yield Table(name, [], problem=str(error))


def _as_texts(name: str, opener: Opener) -> dict[str, Opener]:
    """List the CSV files that a file is or holds; a sheet of an Excel file is one."""
    ending = PurePosixPath(name).suffix.lower()
    if ending in EXCEL:
        return _sheets(name, _whole(name, opener))
    if ending == ".json":
        return _objects(name, _whole(name, opener))
    if ending == ".zip":
        start = _whole(name, opener)[:2]
        problem = "a damaged zip" if start == b"PK" else "not a zip, whatever its name says"
        raise ValueError(f"{name}: {problem}; copy or download it again")
    return {name: opener} if ending in ENDINGS else {}


def _whole(name: str, opener: Opener) -> bytes:
    """Read a file that is of use only as a whole."""
    with _mended(name), opener() as stream:
        content = stream.read(recordings.LARGEST_FILE + 1)
    if len(content) > recordings.LARGEST_FILE:
        raise ValueError(f"{name}: more than {recordings.LARGEST_FILE:,} bytes; damaged?")
    return content


@contextlib.contextmanager
def _mended(name: str) -> Iterator[None]:
    """Say in one line that a file in a zip is damaged, or that it is encrypted."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise ValueError(f"{name}: damaged in its zip ({error})") from None


def _members(path: Path) -> Iterator[tuple[str, Opener]]:
    """List the files of a folder or zip, those of zips in it included, or a single one.

    A zip that cannot be opened is a file like any other. An hour unpacked is large: what lies in a
    zip is a stream and never whole, save for zips in zips.
    """
    if not path.is_dir():
        yield from _unpacked(path.name, path)
        return
    for file in sorted(path.rglob("*")):
        inner = file.relative_to(path).as_posix()
        if file.is_file() and not _hidden(inner):
            yield from _unpacked(f"{path.name}/{inner}", file, inner)


def _unpacked(name: str, source: Path | Opener, inner: str = "") -> Iterator[tuple[str, Opener]]:
    """Yield what a zip holds, or the file itself if it is none.

    Parameters
    ----------
    name : str
        For errors.
    source : path or function
        A file, or what opens one that lies in a zip.
    inner : str
        The name of what lies in a folder or zip, "" of what somebody named himself.
    """
    ending = PurePosixPath(name).suffix.lower()
    opener: Opener = partial(_opened, source) if isinstance(source, Path) else source
    if ending in EXCEL or (inner and ending != ".zip"):
        yield name, opener
        return
    try:
        whole = source if isinstance(source, Path) else io.BytesIO(_whole(name, opener))
        archive = zipfile.ZipFile(whole)  # it is read from its end
    except (zipfile.BadZipFile, OSError, RuntimeError, ValueError):
        yield name, opener  # what is wrong with it is said where it is read
        return
    for member in archive.namelist():
        if not member.endswith("/") and not _hidden(member):
            yield from _unpacked(f"{name}/{member}", partial(archive.open, member), member)


def _opened(path: Path) -> IO[bytes]:
    """Open a file."""
    return path.open("rb")


def _objects(name: str, content: bytes) -> dict[str, Opener]:
    """Turn objects into CSV files: a list of them, one for each sensor, or an object a line."""
    try:
        listed = json.loads(content)
    except ValueError as whole:
        try:
            listed = [json.loads(line) for line in content.splitlines() if line.strip()]
        except ValueError:
            raise ValueError(f"{name}: not JSON ({whole}); was it saved whole?") from None
    named = listed if isinstance(listed, dict) else _by_sensor(listed)
    return {
        f"{name}{'/' if key else ''}{key}.csv": partial(io.BytesIO, _as_csv(rows))
        for key, rows in named.items()
        if isinstance(rows, list) and rows and all(isinstance(row, dict) for row in rows)
    }


def _by_sensor(rows: list) -> dict[str, list]:
    """Part what Sensor Logger writes in one list as it parts the files of its zip."""
    is_its_own = any(isinstance(row, dict) and "seconds_elapsed" in row for row in rows)
    if not is_its_own or not all(isinstance(row, dict) and "sensor" in row for row in rows):
        return {"": rows}
    parts: dict[str, list] = {}
    for row in rows:
        parts.setdefault(str(row["sensor"]), []).append(row)
    return {
        name: [{key: value for key, value in row.items() if key != "sensor"} for row in part]
        for name, part in parts.items()
    }


def _as_csv(rows: list[dict]) -> bytes:
    """Print objects as a table."""
    return pd.json_normalize(rows).to_csv(index=False).encode()


def _sheets(name: str, content: bytes) -> dict[str, Opener]:
    """Turn the sheets of an Excel file into CSV files."""
    try:
        import python_calamine  # noqa: F401  (pandas reads with it)
    except ImportError:
        problem = "an Excel file; export it as CSV instead, or `pip install python-calamine`"
        raise ValueError(f"{name}: {problem}") from None
    try:
        sheets = pd.read_excel(io.BytesIO(content), sheet_name=None, header=None, engine="calamine")
    except Exception as error:  # whatever calamine says of a damaged file
        raise ValueError(f"{name}: not an Excel file that can be read ({error})") from None
    return {
        f"{name}/{title}.csv": partial(io.BytesIO, sheet.to_csv(header=False, index=False).encode())
        for title, sheet in sheets.items()
    }


def _hidden(name: str) -> bool:
    """Say whether a file is hidden; macOS hides files in every zip, Excel beside what is open."""
    return any(part.startswith((".", "__MACOSX", "~$")) for part in name.split("/"))


# ---- The names of the columns --------------------------------------------------------------------


def _named(name: str, opener: Opener, wanted: Callable[[Table], bool]) -> Table:
    """Find the line that names the columns."""
    with _mended(name), opener() as stream:
        head = list(islice(_lines(name, stream), LONGEST_PREAMBLE))
    for place, (line, text) in enumerate(head):
        table = _header(name, line, text, opener)
        if wanted(table):
            return _with_units(table, head[place + 1 : place + 2])
    first = next((each for each in head if not each[1].startswith((*COMMENTS, "sep="))), (1, ""))
    unnamed = _header(name, *first, opener)
    return replace(unnamed, titles=_shown(unnamed.titles))


def _shown(titles: list[str]) -> list[str]:
    """Cut what passes for names where it is too long to be shown; none of them was understood."""
    if sum(map(len, titles)) <= LONGEST_SHOWN:
        return titles
    cut, left = [], LONGEST_SHOWN
    for title in titles:
        if left <= 0:
            break
        cut.append(title if len(title) <= left else f"{title[:left]} …")
        left -= len(title)
    return cut


def _header(name: str, line: int, text: str, opener: Opener) -> Table:
    """Take one line for the names of the columns."""
    for mark in COMMENTS:
        text = text.removeprefix(mark)
    delimiter = max(DELIMITERS, key=lambda mark: len(_split(text, mark)))
    delimiter = delimiter if delimiter in text or "(" in text else " "
    titles = [title.strip() for title in _split(text, delimiter)]
    return Table(name, titles, delimiter, line, opener)


def _with_units(table: Table, below: list[tuple[int, str]]) -> Table:
    """Add the units to the names, where a row of them stands below the names."""
    if not below:
        return table
    line, text = below[0]
    fields = [part.strip(" ()[]") for part in _split(text, table.delimiter)]
    if any(is_number(part) or len(part) > 8 for part in fields) or not any(
        "/s" in part or part.lower() in ("g", "mg") for part in fields
    ):
        return table
    titles = [
        f"{title} ({unit})" if unit else title
        for title, unit in zip(table.titles, fields, strict=False)
    ]
    return replace(table, titles=titles + table.titles[len(titles) :], line=line)


def _lines(name: str, stream: IO[bytes]) -> Iterator[tuple[int, str]]:
    r"""Yield the lines that are not empty, with numbers and ``\n``, however they are written."""
    start = stream.read(LOOK)
    encoding = "utf-16" if start.startswith(UTF_16) else "utf-8-sig"
    if b"\0" in start and encoding != "utf-16":
        raise ValueError(f"{name}: not a text file; export it as CSV")
    content = io.BufferedReader(_Again(start, stream))
    text = io.TextIOWrapper(content, encoding=encoding, errors="latin_1", newline=None)
    number = 0
    while line := text.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise ValueError(f"{name}, line {number}: more than {LONGEST_LINE:,} letters; a table?")
        if line.strip():
            yield number, line


class _Again(io.RawIOBase):
    """A stream of bytes whose beginning was looked at."""

    def __init__(self, start: bytes, rest: IO[bytes]) -> None:
        self._start, self._rest = io.BytesIO(start), rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        place = memoryview(buffer)
        read = self._start.read(len(place)) or self._rest.read(len(place))
        place[: len(read)] = read
        return len(read)


def _as_latin(error: UnicodeError) -> tuple[str, int]:
    """Read a byte that is no UTF-8 as older spreadsheets mean it."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("latin_1", _as_latin)


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return next(_rows([line], delimiter), [])
    except csv.Error:  # one field of more than 128 kB
        return line.split(delimiter)


def _rows(lines: Iterable[str], delimiter: str) -> Reader:
    """Split lines into fields; any number of spaces counts as one."""
    is_space = delimiter == " "
    stripped = (line.strip() for line in lines) if is_space else lines
    return csv.reader(stripped, delimiter=delimiter, skipinitialspace=is_space)


# ---- The cells -----------------------------------------------------------------------------------


def _fast(table: Table, columns: Sequence[int]) -> Table | None:
    """Read cells with pandas' parser; None where a file is not as regular as that needs."""
    with table.open() as stream:
        fields, lines = _regular(table, stream)
    if not lines:
        return None
    texts = {place for place in columns if not is_number(fields[place] or "0")}
    comma = any("," in fields[place] for place in set(columns) - texts)
    with table.open() as stream:
        for _ in range(table.line):
            stream.readline()
        pieces = pd.read_csv(
            stream,
            sep=table.delimiter,
            header=None,
            chunksize=ROWS,
            usecols=list(columns),
            dtype={place: str if place in texts else float for place in columns},
            na_values=_AS_PANDAS_SEES_THEM,
            keep_default_na=False,
            decimal="," if comma else ".",
            skip_blank_lines=False,
            skipinitialspace=True,
            encoding_errors="replace",
        )
        cells = {place: np.empty(lines, object if place in texts else float) for place in columns}
        try:
            read = _filled(cells, pieces)
        except ValueError:
            return None  # something is not a number; which, is found where every cell is looked at
    if read < lines:
        return None
    return replace(table, cells=cells, rows=np.arange(lines) + table.line + 1)


def _filled(cells: dict[int, np.ndarray], pieces: Iterable[pd.DataFrame]) -> int:
    """Write pieces of a table into arrays; infinite is not measured. Return how many rows."""
    row = 0
    for piece in pieces:
        for place, column in cells.items():
            values = piece[place].to_numpy()[: len(column) - row]
            if column.dtype.kind == "f":
                column[row : row + len(piece)] = np.where(np.isinf(values), np.nan, values)
            else:
                column[row : row + len(piece)] = piece[place].fillna("")[: len(values)]
        row += len(piece)
    return row


def _regular(table: Table, stream: IO[bytes]) -> tuple[list[str], int]:
    """Return the first row and the number of rows, 0 if any has more or fewer fields than it."""
    for _ in range(table.line):
        if stream.readline().startswith(UTF_16):
            return [], 0
    first = stream.readline()
    fields = _split(first.decode(errors="replace").rstrip("\r\n"), table.delimiter)
    if len(fields) < len(table.titles) or any(fields[len(table.titles) :]):
        return [], 0
    mark, lines, marks, end = table.delimiter.encode(), 0, 0, b""
    for part in chain([first], iter(lambda: stream.read(LOOK), b"")):
        lines += part.count(b"\n")
        marks += part.count(mark)
        end = (end + part)[-1000:]
    behind = end[len(end.rstrip(b"\r\n")) :].count(b"\n")
    lines += 1 - behind
    return fields, lines if marks == lines * (len(fields) - 1) else 0


def _thorough(table: Table, columns: Sequence[int]) -> Table:
    """Read cells one by one, so that an error can say in which row it is."""
    with table.open() as stream:
        lines = [
            (number, text)
            for number, text in _lines(table.name, stream)
            if number > table.line and not text.startswith(COMMENTS)
        ]
    rows, cells = _records(table, lines)
    n_columns = len(table.titles)
    if cells and len(cells[-1]) < n_columns:
        cells = cells[:-1]  # the app was stopped while it wrote
    elif lines and (not lines[-1][1].endswith("\n") and _is_torn(cells, columns)):
        cells = cells[:-1]
    for row, fields in zip(rows, cells, strict=False):
        if len(fields) < n_columns or any(part.strip() for part in fields[n_columns:]):
            raise ValueError(
                f"{table.name}, row {row}: {len(fields)} fields, but row {table.line} "
                f"names {n_columns} columns; export with semicolons between columns, or with "
                "decimal points"
            )
    chosen = {place: np.array([row[place] for row in cells], dtype=object) for place in columns}
    return replace(table, cells=chosen, rows=np.array(rows[: len(cells)], dtype=int))


def _records(table: Table, lines: list[tuple[int, str]]) -> tuple[list[int], list[list[str]]]:
    """Split lines into fields; a quoted field may hold line ends, but no rows of the table.

    Returns
    -------
    rows : list of int
        The line at which each record begins.
    cells : list of list of str
    """
    rows: list[int] = []
    cells: list[list[str]] = []
    reader, read = _rows((text for _, text in lines), table.delimiter), 0
    n_columns = len(table.titles)
    try:
        for fields in reader:
            within = [text for _, text in lines[read : reader.line_num]]
            if len(within) > 1 and (len(fields) != n_columns or _hold_rows(within, table)):
                raise csv.Error
            rows.append(lines[read][0])
            cells.append(fields)
            read = reader.line_num
    except csv.Error:  # also one field of more than 128 kB
        problem = "a quotation mark that is not closed; remove it"
        raise ValueError(f"{table.name}, row {lines[read][0]}: {problem}") from None
    return rows, cells


def _is_torn(cells: list[list[str]], columns: Sequence[int]) -> bool:
    """Say whether the last row ends within a number, where the row before has one."""
    if len(cells) < 2 or min(map(len, cells[-2:])) <= max(columns):
        return False
    return any(
        is_number(cells[-2][place]) and cells[-1][place].strip() and not is_number(cells[-1][place])
        for place in columns
    )


def _hold_rows(lines: list[str], table: Table) -> bool:
    """Say whether any but the first and last of some lines is a row of the table."""
    n_columns = len(table.titles)
    return any(len(_split(line, table.delimiter)) == n_columns for line in lines[1:-1])


def is_number(text: str) -> bool:
    """Say whether a text is a number, with a decimal point or comma."""
    try:
        float(text.translate(_AS_PYTHON))
    except ValueError:
        return False
    return True
