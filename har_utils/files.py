"""Files written whole or not at all, and where the repository is."""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import shutil
import uuid
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

REPOSITORY = Path(__file__).resolve().parent.parent
"""The folder that holds the notebooks, the report and this package."""


LARGEST_ARRAY = 2_000_000_000
"""Bytes of one array; all windows of the data set have 47 million."""

ZIP_DATE = (1980, 1, 1, 0, 0, 0)
"""The date given to everything in an archive, so that the same content has the same bytes."""


def shown(path: Path) -> str:
    """Return a path as people know it: relative to the repository where it lies inside."""
    return str(path.relative_to(REPOSITORY) if path.is_relative_to(REPOSITORY) else path)


def plain(value: Any) -> Any:
    """Return a value in JSON's own types, floats to twelve digits so that they stay the same."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    return float(f"{value:.12g}") if isinstance(value, float) else value


@contextlib.contextmanager
def atomic(path: str | os.PathLike) -> Iterator[Path]:
    """Give a name to write to; the file takes its place when the ``with`` block ends well.

    Who reads finds the old file or the new one, never half of one. Where writing fails, the old
    one stays and nothing is left beside it. Several jobs may write the same file: each has a name
    of its own, and the last one stays.

    Parameters
    ----------
    path
        The file; its folder is made.

    Yields
    ------
    Path
        A hidden name in the same folder with the same ending.

    Raises
    ------
    OSError
        If it cannot be written; the error names the file, not the hidden one.
    """
    path = Path(path)
    aside = path.with_name(f".{path.stem}.{uuid.uuid4().hex}{path.suffix}")
    own = {str(each) for each in (aside, *path.parents)}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield aside
        aside.replace(path)
    except OSError as error:
        if str(error.filename) not in own:
            raise  # of something else that was read or written meanwhile
        raise type(error)(error.errno, error.strerror, str(path)) from None
    finally:
        with contextlib.suppress(OSError):
            aside.unlink()


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def put_in_place(new: Path, old: Path) -> None:
    """Put a finished file or folder in the place of an older one, which stays where that fails."""
    before = old.with_name(f".{old.name}.before")
    old.parent.mkdir(parents=True, exist_ok=True)
    if old.is_dir():
        shutil.rmtree(before, ignore_errors=True)  # else it is all that a killed process left
        old.replace(before)
    try:
        new.replace(old)
    except OSError:
        if before.is_dir():
            before.replace(old)
        raise
    shutil.rmtree(before, ignore_errors=True)


def write_json(path: Path, content: Any) -> Path:
    """Write JSON atomically: keys sorted, floats to twelve digits, the same bytes every time.

    Raises
    ------
    ValueError
        If a number is infinite or not a number: JSON has neither.
    """
    write_text(path, as_json(path, content))
    return path


def as_json(path: Path, content: Any) -> str:
    """Return what is written to a JSON file.

    Raises
    ------
    ValueError
        If a number is infinite or not a number.
    """
    try:
        text = json.dumps(
            plain(content), indent=1, sort_keys=True, allow_nan=False, ensure_ascii=False
        )
    except ValueError as error:
        raise ValueError(f"{shown(path)} not written: {error}") from None
    return text + "\n"


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises
    ------
    ValueError
        If the file is not JSON; the message names the file.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{shown(path)} is damaged ({error}): delete it and run again") from None


def zip_entry(name: str) -> zipfile.ZipInfo:
    """Return an archive entry with the fixed date."""
    entry = zipfile.ZipInfo(name, date_time=ZIP_DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def write_arrays(path: Path, arrays: dict[str, np.ndarray]) -> Path:
    """Write arrays as ``.npz``, atomically; unlike ``np.savez`` the bytes never hold a date."""
    with atomic(path) as aside, zipfile.ZipFile(aside, "w") as archive:
        for name, array in sorted(arrays.items()):
            with archive.open(zip_entry(f"{name}.npy"), "w") as file:
                np.lib.format.write_array(file, np.ascontiguousarray(array), allow_pickle=False)
    return path


def read_arrays(path: Path, names: Iterable[str] | None = None) -> dict[str, np.ndarray]:
    """Read arrays of an ``.npz``; none is made that is larger than what the file holds of it.

    Parameters
    ----------
    path
        The file.
    names
        Which arrays; None takes all.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is damaged, lacks an array, or holds one of more than `LARGEST_ARRAY` bytes.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            there = (name.removesuffix(".npy") for name in archive.namelist())
            wanted = there if names is None else names
            return {name: _read_array(archive, f"{name}.npy") for name in wanted}
    except FileNotFoundError:
        raise
    except (ValueError, KeyError, OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        raise ValueError(f"{shown(path)} is damaged ({error}): delete it and run again") from None


def _read_array(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    """Read one array to its end, which also compares it with its checksum."""
    n_bytes = archive.getinfo(name).file_size
    with archive.open(name) as file:
        version = np.lib.format.read_magic(file)
        read_header = {(1, 0): "read_array_header_1_0", (2, 0): "read_array_header_2_0"}[version]
        shape, _, dtype = getattr(np.lib.format, read_header)(file)
        if math.prod(shape) * dtype.itemsize != n_bytes - file.tell() or n_bytes > LARGEST_ARRAY:
            raise ValueError(f"{name} says that it is {dtype} {shape}, it has {n_bytes:,} bytes")
    with archive.open(name) as file:
        return np.lib.format.read_array(file, allow_pickle=False)


def copy(source: Path, target: Path) -> None:
    """Copy a file atomically, making its folder."""
    with atomic(target) as aside:
        shutil.copyfile(source, aside)


def write_text(path: Path, text: str) -> None:
    """Write a text file (UTF-8) atomically."""
    with atomic(path) as aside:
        aside.write_text(text, encoding="utf-8")


def write_table(path: Path, table: pd.DataFrame, float_format: str | None = None) -> Path:
    """Write a table as CSV atomically, without its index: the same bytes on every system.

    Parameters
    ----------
    path
        The file; its folder is made.
    table
        Its columns.
    float_format
        How numbers with decimals are written, for example ``"%.6g"``; None writes all digits.
    """
    with atomic(path) as aside:
        table.to_csv(aside, index=False, float_format=float_format, lineterminator="\n")
    return path
