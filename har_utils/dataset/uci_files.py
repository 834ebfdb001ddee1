"""The published files of the UCI data set: verify ours against them, export ours as them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd

from har_utils import features, files, recordings
from har_utils.dataset.loading import Dataset, _load_all
from har_utils.dataset.windows import ACTIVITIES, CHANNELS, exact_windows, published_table


def _read_checksums() -> dict[str, str]:
    """Read the file of checksums, which is as ``sha256sum`` writes it."""
    text = resources.files("har_utils").joinpath("official_sha256.txt").read_text()
    return {line[66:]: line[:64] for line in text.splitlines()}


OFFICIAL_SHA256 = _read_checksums()
"""SHA-256 of the eighteen published files of windows, by their path in the data set.

Our windows print about nine of them byte for byte (which, depends on how the processor rounds); in
the others, up to seventy last digits are rounded the other way.
"""


_README = """\
UCI HAR Dataset, rebuilt by har_utils from the raw recordings

Same files, formats and rows as the data set "Human Activity Recognition Using Smartphones" (UCI
240; D. Anguita, A. Ghio, L. Oneto, X. Parra and J. L. Reyes-Ortiz, ESANN 2013), computed from the
recordings of "Smartphone-Based Recognition of Human Activities and Postural Transitions" (UCI
341; J.-L. Reyes-Ortiz, L. Oneto, A. Sama, X. Parra and D. Anguita, Neurocomputing 2016).
Changed: some last digits are rounded the other way. Licence of both: CC BY 4.0; cite both papers.
"""


@dataclass(frozen=True, eq=False)
class OfficialFile:
    """One file of the published data set, as we compute it.

    Attributes
    ----------
    name : str
        Path within the data set, with ``/``.
    values : ndarray
        Numbers ``(n_rows, n_columns)`` in full precision, or lines of text ``(n_rows,)``.
    printed : callable
        Turns `values` into the bytes of the file, in the published format.
    tolerance : float
        Largest distance from a printed number that printing explains; 0 for lines of text.
    """

    name: str
    values: np.ndarray
    printed: Callable[[np.ndarray], bytes]
    tolerance: float = 0.0


def _print_windows(values: np.ndarray) -> bytes:
    return _print_numbers(values, "%14.6e", exponent="0e")


def _print_features(values: np.ndarray) -> bytes:
    return _print_numbers(values, "%15.7e", exponent="e")


def _print_numbers(values: np.ndarray, number: str, exponent: str) -> bytes:
    """Print numbers 16 wide with three digits in the exponent, and lines that end in CRLF."""
    row = number * values.shape[1] + "\r\n"
    text = "".join(row % tuple(numbers) for numbers in values.tolist())
    return text.replace("e-", f"{exponent}-0").replace("e+", f"{exponent}+0").encode()


def _print_lines(lines: np.ndarray) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _window_files(windows: np.ndarray, split: np.ndarray) -> Iterator[OfficialFile]:
    for part in ("test", "train"):
        for channel, name in enumerate(CHANNELS):
            values = windows[split == part, :, channel]
            path = f"{part}/Inertial Signals/{name}_{part}.txt"
            yield OfficialFile(path, values, _print_windows, tolerance=5.1e-7)


def _other_files(data: Dataset) -> Iterator[OfficialFile]:
    scaled = features.scale_as_published(data.features)
    for part in ("test", "train"):
        chosen = (data.table["split"] == part).to_numpy()
        yield OfficialFile(f"{part}/X_{part}.txt", scaled[chosen], _print_features, 1e-8)
        for letter, codes in (("y", data.labels + 1), ("subject", data.subjects)):
            yield OfficialFile(
                f"{part}/{letter}_{part}.txt", codes[chosen].astype(str), _print_lines
            )
    for name, words in (("features", features.NAMES), ("activity_labels", ACTIVITIES)):
        lines = np.array([f"{number} {word}" for number, word in enumerate(words, start=1)])
        yield OfficialFile(f"{name}.txt", lines, _print_lines)


def _official_files() -> Iterator[OfficialFile]:
    data = _load_all()
    yield from _other_files(data)
    yield from _window_files(exact_windows(), data.table["split"].to_numpy())


def verify_checksums() -> dict[str, bool]:
    """Print our windows as published and compare the checksums; needs no published file.

    Returns
    -------
    dict
        Path of each of the eighteen files of windows → is ours the same, byte for byte?
    """
    split = published_table()["split"].to_numpy()
    return {
        file.name: hashlib.sha256(file.printed(file.values)).hexdigest()
        == OFFICIAL_SHA256[file.name]
        for file in _window_files(exact_windows(), split)
    }


def verify(archive: str | os.PathLike) -> pd.DataFrame:
    """Compare our data set with a copy of the published one, file by file.

    Parameters
    ----------
    archive : path
        Folder or zip (or a zip with the zip inside, as UCI gives it) of "Human Activity
        Recognition Using Smartphones"; files it lacks are named and left out.

    Returns
    -------
    DataFrame
        One row per file, with the columns

        - file: path within the data set;
        - rows: how many ours has;
        - identical: the same bytes?
        - differing: how many printed numbers (or lines) differ;
        - max_error: largest distance between our number, unrounded, and the printed one; NaN for
          files of labels and names;
        - agrees: no distance exceeds what printing rounds off;
        - note: what else there is to say, or "".

    Raises
    ------
    FileNotFoundError
        If `archive` does not exist or does not hold the data set.
    ValueError
        If it is damaged.
    """
    published = _published_members(archive)
    return pd.DataFrame(
        [_compare(file, published.get(file.name)) for file in _official_files()]
    ).astype({"identical": "boolean", "agrees": "boolean", "differing": "Int64"})


def _published_members(archive: str | os.PathLike) -> dict[str, Callable[[], bytes]]:
    """List the files of a copy of the published data set by their path within it."""
    members = {f"/{path}": read for path, read in recordings.list_members(archive).items()}
    anchor = "/train/y_train.txt"
    root = next((path.removesuffix(anchor) for path in members if path.endswith(anchor)), None)
    if root is None:
        raise FileNotFoundError(
            f"{archive}: not the data set UCI HAR (it has no {anchor[1:]}); "
            'verify needs "Human Activity Recognition Using Smartphones", UCI 240'
        )
    return {path[len(root) + 1 :]: read for path, read in members.items() if path.startswith(root)}


def _compare(file: OfficialFile, read: Callable[[], bytes] | None) -> dict[str, object]:
    row = {"file": file.name, "rows": len(file.values), "identical": None, "differing": None}
    row |= {"max_error": np.nan, "agrees": None, "note": ""}
    if read is None:
        return row | {"note": "not in the archive"}
    theirs, ours = read(), file.printed(file.values)
    row["identical"] = theirs == ours
    if not row["identical"] and theirs.split() == ours.split():
        row["note"] = "only line ends or spaces differ"
    published = _parse(file, theirs)
    if published.shape != file.values.shape:
        note = f"{len(published)} rows instead of {len(file.values)}"
        return row | {"agrees": False, "note": note}
    printed = published if row["identical"] else _parse(file, ours)
    row["differing"] = int((published != printed).sum())
    if file.values.ndim == 1:
        return row | {"agrees": row["differing"] == 0}
    error = float(np.abs(file.values - published).max())
    return row | {"max_error": error, "agrees": error <= file.tolerance}


def _parse(file: OfficialFile, text: bytes) -> np.ndarray:
    if file.values.ndim == 1:
        return np.array(text.decode(errors="replace").splitlines())
    return recordings.parse_numbers(text, file.name, file.values.shape[1])


def export(folder: str | os.PathLike) -> Path:
    """Write the data set as it was published, for programs that were written for the original.

    Eighteen files of windows, features (`scale_as_published`, as the original), labels, subjects
    and names; 270 MB. An earlier export is written over, file by file.

    Parameters
    ----------
    folder : path
        New, empty, or an earlier export.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    FileExistsError
        If there is something else in the folder.
    NotADirectoryError
        If it is a file.
    """
    folder = Path(folder)
    _assert_ours(folder)
    files.write_text(folder / "README.txt", _README)
    for file in _official_files():
        with files.atomic(folder / file.name) as aside:
            aside.write_bytes(file.printed(file.values))
    return folder


def _assert_ours(folder: Path) -> None:
    """Refuse a folder with content that is not an earlier export."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder}: a file; name a folder to export to")
    readme = folder / "README.txt"
    title = _README.splitlines()[0].encode()
    is_ours = readme.is_file() and readme.read_bytes().startswith(title)
    if any(folder.iterdir()) and not is_ours:
        raise FileExistsError(f"{folder}: not empty and not an earlier export; name another folder")
