"""The published data set, rebuilt from the raw recordings: 10 299 windows and their features.

`load` returns windows, features and a table of who did what and where it was cut from. Splits
are by person: two windows of one recording share half of their samples.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd
import scipy

from har_utils import features, recordings, signals
from har_utils.digests import code_digest
from har_utils.signals import Filtered

ACTIVITIES = (
    "WALKING",
    "WALKING_UPSTAIRS",
    "WALKING_DOWNSTAIRS",
    "SITTING",
    "STANDING",
    "LAYING",
)
"""The six activities; the position is the label."""

CHANNELS = tuple(
    f"{signal}_{axis}" for signal in ("body_acc", "body_gyro", "total_acc") for axis in "xyz"
)
"""The nine channels of a window; accelerations in g, angular velocity in rad/s."""

TEST_SUBJECTS = (2, 4, 9, 10, 12, 13, 18, 20, 24)
"""The nine people whose windows the data set publishes as test set."""

TRAIN_SUBJECTS = tuple(subject for subject in range(1, 31) if subject not in TEST_SUBJECTS)
"""The other twenty-one."""

FOLDS = tuple(TRAIN_SUBJECTS[k::5] for k in range(5))
"""Five groups of training subjects: hold one out to choose anything, never the test subjects."""

SMOKE_SUBJECTS = {"train": (1, 3), "test": (2, 4)}
"""The four people that a quick trial run is content with."""

CACHE_FOLDER = Path(__file__).resolve().parents[1] / "data" / "derived"
"""Where `load` keeps what it has computed; the variable HAR_CACHE goes before it."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """Windows, their features, and who did what.

    Attributes
    ----------
    windows : ndarray of shape (n, 128, 9), float32
        Channels as in `CHANNELS`.
    features : ndarray of shape (n, 561), float64
        Columns as in `har_utils.features.NAMES`, unscaled.
    table : DataFrame
        One row per window; the index is its row in the whole published data set. Columns:
        subject (1 to 30), activity (ordered categories), split ("train" or "test"), recording (1
        to 61), start (first sample within the recording, counted from 0).
    digest : str
        SHA-256 of all this, the same on every machine.
    source : str
        Where the recordings came from: "packaged" or "original".
    """

    windows: np.ndarray
    features: np.ndarray
    table: pd.DataFrame
    digest: str
    source: str

    def __len__(self) -> int:
        """Count the windows."""
        return len(self.table)

    @cached_property
    def labels(self) -> np.ndarray:
        """Activity of each window as its position in `ACTIVITIES`, ``(n,)`` int64."""
        return self.table["activity"].cat.codes.to_numpy(dtype=np.int64)

    @cached_property
    def subjects(self) -> np.ndarray:
        """Person of each window, ``(n,)`` int64."""
        return self.table["subject"].to_numpy(dtype=np.int64)

    @cached_property
    def rows(self) -> np.ndarray:
        """Row of each window in the whole published data set, ``(n,)`` int32."""
        return self.table.index.to_numpy(dtype=np.int32)

    @cached_property
    def train(self) -> Dataset:
        """The windows of the training subjects."""
        return self.take((self.table["split"] == "train").to_numpy())

    @cached_property
    def test(self) -> Dataset:
        """The windows of the test subjects."""
        return self.take((self.table["split"] == "test").to_numpy())

    def take(self, mask: np.ndarray) -> Dataset:
        """Keep some windows.

        Parameters
        ----------
        mask : ndarray
            ``(n,)`` bool, or integer positions.

        Returns
        -------
        Dataset
        """
        table = self.table[mask] if mask.dtype == bool else self.table.iloc[mask]
        rows = table.index.to_numpy(dtype=np.int32)
        digest = hashlib.sha256(self.digest.encode() + rows.tobytes()).hexdigest()
        return Dataset(self.windows[mask], self.features[mask], table, digest, self.source)

    def fold(self, k: int) -> tuple[Dataset, Dataset]:
        """Split the training subjects: fold `k` of `FOLDS` apart from the others.

        Parameters
        ----------
        k : int
            0 to 4.

        Returns
        -------
        train, validation : Dataset
            Neither holds a window of a test subject, and no person is in both.

        Raises
        ------
        ValueError
            If there is no such fold, or nobody of it in this data set.
        """
        if k not in range(len(FOLDS)):
            raise ValueError(f"there is no fold {k}: folds are 0 to {len(FOLDS) - 1}")
        held_out = np.isin(self.train.subjects, FOLDS[k])
        if not held_out.any():
            raise ValueError(
                f"fold {k} holds subjects {FOLDS[k]}, none of whom is among "
                f"{sorted(set(self.train.subjects.tolist()))}; choose another fold"
            )
        train, validation = self.train.take(~held_out), self.train.take(held_out)
        assert_disjoint_subjects(train, validation)
        return train, validation


def load(subjects: str = "all") -> Dataset:
    """Load the data set, from the cache if it was made by this code from these recordings.

    Parameters
    ----------
    subjects : {"all", "smoke"}
        "smoke": only `SMOKE_SUBJECTS`, for a quick trial run.

    Returns
    -------
    Dataset
        Rows in the published order: training subjects first, then test subjects.

    Raises
    ------
    FileNotFoundError, ValueError
        If recordings are missing or damaged, or `subjects` is neither of the two words.
    """
    if subjects not in ("all", "smoke"):
        raise ValueError(f'subjects must be "all" or "smoke", not {subjects!r}')
    data = _load_all()
    assert_disjoint_subjects(data.train, data.test)
    if subjects == "all":
        return data
    chosen = SMOKE_SUBJECTS["train"] + SMOKE_SUBJECTS["test"]
    return data.take(np.isin(data.subjects, chosen))


def assert_disjoint_subjects(a: Dataset, b: Dataset) -> None:
    """Make sure that nobody is on both sides of a split.

    Raises
    ------
    ValueError
        If somebody is.
    """
    both = sorted(set(a.subjects.tolist()) & set(b.subjects.tolist()))
    if both:
        raise ValueError(f"subjects {both} are on both sides of a split")


def subject_folds(data: Dataset) -> list[tuple[np.ndarray, np.ndarray]]:
    """List the five folds as positions in `data`, as scikit-learn's ``cv=`` takes them.

    Parameters
    ----------
    data : Dataset
        Of training subjects only. Folds with nobody in `data` are left out.

    Returns
    -------
    list of (train, validation)
        Integer arrays of positions; no person is in both.

    Raises
    ------
    ValueError
        If `data` holds a test subject.
    """
    if np.isin(data.subjects, TEST_SUBJECTS).any():
        raise ValueError("folds are of training subjects only: use data.train")
    held_out = [np.isin(data.subjects, fold) for fold in FOLDS]
    return [(np.flatnonzero(~mask), np.flatnonzero(mask)) for mask in held_out if mask.any()]


def random_folds(
    data: Dataset, n_folds: int = 5, seed: int = 0
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Split windows at random, whoever they are of: the classic mistake, to measure what it adds.

    Parameters
    ----------
    data : Dataset
    n_folds : int
    seed : int

    Returns
    -------
    list of (train, validation)
        Integer arrays of positions in `data`, as `subject_folds`.
    """
    shuffled = np.random.default_rng(seed).permutation(len(data))
    parts = [np.sort(part) for part in np.array_split(shuffled, n_folds)]
    return [(np.setdiff1d(shuffled, part), part) for part in parts]


# ---- From recordings to windows ----------------------------------------------------------------


def published_table() -> pd.DataFrame:
    """List the published windows: who, what, and where in the recordings.

    Returns
    -------
    DataFrame of 10 299 rows
        As `Dataset.table`.

    Notes
    -----
    From the 857 segments in ``segments.csv``: the segments of the published windows cannot be
    derived from the labels of the recordings.
    """
    with resources.files("har_utils").joinpath("segments.csv").open() as file:
        segments = pd.read_csv(file)
    number = np.concatenate([np.arange(n) for n in segments["n_windows"]])
    table = segments.loc[segments.index.repeat(segments["n_windows"])].reset_index(drop=True)
    return _finish_table(
        subject=table["subject"],
        activity=table["activity"] - 1,
        recording=table["experiment"],
        start=table["start"] + signals.STRIDE * number,
    )


def _finish_table(subject, activity, recording, start) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "subject": np.asarray(subject, dtype=np.int64),
            "activity": pd.Categorical.from_codes(activity, ACTIVITIES, ordered=True),
            "split": np.where(np.isin(subject, TEST_SUBJECTS), "test", "train"),
            "recording": np.asarray(recording, dtype=np.int64),
            "start": np.asarray(start, dtype=np.int64),
        }
    )


def exact_windows() -> np.ndarray:
    """Compute the published windows in full precision.

    Returns
    -------
    ndarray of shape (10299, 128, 9), float64
        Channels as in `CHANNELS`.
    """
    table = published_table()
    windows = np.empty((len(table), signals.WINDOW, len(CHANNELS)))
    for rows, starts, filtered in _filtered_recordings(table):
        windows[rows] = _windows(filtered, starts)
    return windows


def _filtered_recordings(table: pd.DataFrame) -> Iterator[tuple[np.ndarray, np.ndarray, Filtered]]:
    """Yield, per recording: the rows of its windows, where they start, its filtered signals."""
    by_experiment = {recording.experiment: recording for recording in recordings.load()}
    starts = table["start"].to_numpy()
    for experiment, rows in table.groupby("recording").indices.items():
        recording = by_experiment.get(experiment)
        if recording is None:
            raise FileNotFoundError(f"recording {experiment} is missing in the data set HAPT")
        if starts[rows].max() + signals.WINDOW > len(recording.acceleration):
            raise ValueError(f"recording {experiment} of the data set HAPT is cut short")
        filtered = signals.preprocess(recording.acceleration, recording.rotation)
        yield rows, starts[rows], filtered


def _cut(signal: np.ndarray, starts: np.ndarray) -> np.ndarray:
    return signal[starts[:, np.newaxis] + np.arange(signals.WINDOW)]


def _windows(filtered: Filtered, starts: np.ndarray) -> np.ndarray:
    channels = np.hstack([filtered.body_acc, filtered.body_gyro, filtered.total_acc])
    return _cut(channels, starts)


def _features(filtered: Filtered, starts: np.ndarray) -> np.ndarray:
    return features.extract(
        body_acc=_cut(filtered.body_acc, starts),
        gravity=_cut(filtered.gravity, starts),
        body_acc_jerk=_cut(features.jerk(filtered.body_acc), starts),
        body_gyro=_cut(filtered.body_gyro, starts),
        body_gyro_jerk=_cut(features.jerk(filtered.body_gyro), starts),
    )


# ---- The cache -----------------------------------------------------------------------------------


def _load_all() -> Dataset:
    """Read everything from the cache, or compute it and fill the cache."""
    key = _cache_key()
    file = Path(os.environ.get("HAR_CACHE") or CACHE_FOLDER) / "dataset.npz"
    arrays = _read_cache(file, key)
    if arrays is None:
        arrays = _build()
        _write_cache(file, {"key": np.array(key), **arrays})
    return Dataset(
        windows=arrays["windows"],
        features=arrays["features"],
        table=published_table(),
        digest=str(arrays["digest"]),
        source=recordings.source(),
    )


def _build() -> dict[str, np.ndarray]:
    table = published_table()
    windows = np.empty((len(table), signals.WINDOW, len(CHANNELS)), dtype=np.float32)
    all_features = np.empty((len(table), len(features.NAMES)))
    for rows, starts, filtered in _filtered_recordings(table):
        windows[rows] = _windows(filtered, starts)
        all_features[rows] = _features(filtered, starts)
    digest = np.array(_content_digest(windows, all_features, table))
    return {"windows": windows, "features": all_features, "digest": digest}


def _content_digest(windows: np.ndarray, features: np.ndarray, table: pd.DataFrame) -> str:
    """SHA-256 of the content, blind to the last bits, in which processors differ."""
    digest = hashlib.sha256(table.to_csv().encode())
    for values in (windows.reshape(-1, windows.shape[2]), features):
        steps = np.round(values * (1e4 / values.std(axis=0, dtype=float)))
        digest.update(steps.astype(np.int64).tobytes())
    return digest.hexdigest()


def _cache_key() -> str:
    """Digest of everything that the cached arrays are made from."""
    segments = resources.files("har_utils").joinpath("segments.csv").read_bytes()
    parts = (
        recordings.fingerprint(),
        code_digest(("signals", "recordings", "features", "dataset")),
        hashlib.sha256(segments).hexdigest(),
        np.__version__,
        scipy.__version__,
    )
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()


def _read_cache(file: Path, key: str) -> dict[str, np.ndarray] | None:
    """Read the cached arrays; None if there are none, or old ones, or damaged ones.

    Reading an array of an npz to its end compares it with the checksum (CRC-32) stored with it.
    """
    try:
        with np.load(file) as stored:
            if str(stored["key"]) != key:
                return None
            return {name: stored[name] for name in ("windows", "features", "digest")}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        return None


def _write_cache(file: Path, arrays: dict[str, np.ndarray]) -> None:
    """Write the cache aside and rename it, so that nobody ever reads half of it."""
    # A cache that cannot be written (a read-only checkout) costs time, not correctness.
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".part", delete=False) as aside:
            np.savez(aside, **arrays)
        os.replace(aside.name, file)
