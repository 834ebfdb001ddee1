"""The published data set, rebuilt from the raw recordings: 10 299 windows and their features.

`load` returns windows, features and a table of who did what and where it was cut from. Splits
are by person: two windows of one recording share half of their samples.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import uuid
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pandas as pd
import scipy

from har_utils import features, phone, recordings, signals
from har_utils.digests import code_digest
from har_utils.recordings import Recording
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

TWELVE_ACTIVITIES = (
    *ACTIVITIES,
    "STAND_TO_SIT",
    "SIT_TO_STAND",
    "SIT_TO_LIE",
    "LIE_TO_SIT",
    "STAND_TO_LIE",
    "LIE_TO_STAND",
)
"""The six activities and the six transitions between postures, as the recordings label them."""

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

TEN_GROUPS = tuple(tuple(range(k, 31, 10)) for k in range(1, 11))
"""Ten groups of three of the thirty people, for the task with twelve activities."""

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
    folds : tuple of tuple of int
        Groups of training subjects, each of which can be held out.
    """

    windows: np.ndarray
    features: np.ndarray
    table: pd.DataFrame
    digest: str
    source: str
    folds: tuple[tuple[int, ...], ...] = FOLDS

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
        return replace(
            self,
            windows=self.windows[mask],
            features=self.features[mask],
            table=table,
            digest=digest,
        )

    def fold(self, k: int) -> tuple[Dataset, Dataset]:
        """Split the training subjects: fold `k` of `folds` apart from the others.

        Parameters
        ----------
        k : int
            From 0.

        Returns
        -------
        train, validation : Dataset
            Neither holds a window of a test subject, and no person is in both.

        Raises
        ------
        ValueError
            If there is no such fold, or nobody of it in this data set.
        """
        if k not in range(len(self.folds)):
            raise ValueError(f"there is no fold {k}: folds are 0 to {len(self.folds) - 1}")
        held_out = np.isin(self.train.subjects, self.folds[k])
        if not held_out.any():
            raise ValueError(
                f"fold {k} holds subjects {self.folds[k]}, none of whom is among "
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


def leave_one_subject_out(data: Dataset) -> Dataset:
    """Make every person a training subject, and a fold for each of them.

    Parameters
    ----------
    data : Dataset

    Returns
    -------
    Dataset
        The same windows; fold k holds out the k-th person. Nothing may be chosen on its folds
        that is then scored on the same people.
    """
    people = sorted(set(data.subjects.tolist()))
    return replace(
        data,
        table=data.table.assign(split="train"),
        digest=hashlib.sha256(f"{data.digest} leave one subject out".encode()).hexdigest(),
        folds=tuple((person,) for person in people),
    )


def load_twelve() -> Dataset:
    """Load the task with twelve activities: also the transitions between postures.

    Returns
    -------
    Dataset
        10 929 windows of 128 samples, every 64 samples inside each labelled stretch of the
        recordings; no features. Everybody is a training subject, the folds are `TEN_GROUPS`;
        7767 windows are of `TRAIN_SUBJECTS`.

    Notes
    -----
    Published as HAPT (Reyes-Ortiz et al. 2016, "Transition-aware human activity recognition
    using smartphones").
    """
    table = _twelve_table()
    windows = np.empty((len(table), signals.WINDOW, len(CHANNELS)), dtype=np.float32)
    for rows, starts, filtered in _filtered_recordings(table):
        windows[rows] = _windows(filtered, starts)
    nothing = np.empty((len(table), 0))
    digest = _content_digest(windows, nothing, table)
    return Dataset(windows, nothing, table, digest, recordings.source(), TEN_GROUPS)


def load_for(variant: str | None, subjects: str = "all") -> Dataset:
    """Load what a variant of a model is trained on and scored on.

    Parameters
    ----------
    variant : str or None
        "loso" makes a fold of every person (`leave_one_subject_out`), "twelve" is the task with
        twelve activities (`load_twelve`); every other one is the published data set.
    subjects : {"all", "smoke"}
        As in `load`.

    Returns
    -------
    Dataset
    """
    if variant == "loso":
        return leave_one_subject_out(load(subjects))
    if variant != "twelve":
        return load(subjects)
    data = load_twelve()
    chosen = SMOKE_SUBJECTS["train"] + SMOKE_SUBJECTS["test"]
    return data if subjects == "all" else data.take(np.isin(data.subjects, chosen))


def fold_numbers(variant: str, subjects: str = "all") -> tuple[int, ...]:
    """Return which folds of a variant hold anybody, without loading any data.

    Parameters
    ----------
    variant : {"loso", "twelve"}
    subjects : {"all", "smoke"}
        As in `load`.
    """
    people = set(TRAIN_SUBJECTS + TEST_SUBJECTS)
    if subjects == "smoke":
        people = set(SMOKE_SUBJECTS["train"] + SMOKE_SUBJECTS["test"])
    folds = [{person} for person in sorted(people)] if variant == "loso" else TEN_GROUPS
    return tuple(k for k, fold in enumerate(folds) if people & set(fold))


def _twelve_table() -> pd.DataFrame:
    """List the windows inside the labelled stretches of all recordings, as `Dataset.table`."""
    rows = [
        (recording.subject, label.activity - 1, recording.experiment, start)
        for recording in recordings.load()
        for label in recording.labels.itertuples()
        for start in range(label.start, label.stop - signals.WINDOW + 1, signals.STRIDE)
    ]
    subject, activity, recording, start = (np.array(column) for column in zip(*rows, strict=True))
    return pd.DataFrame(
        {
            "subject": subject,
            "activity": pd.Categorical.from_codes(activity, TWELVE_ACTIVITIES, ordered=True),
            "split": "train",
            "recording": recording,
            "start": start,
        }
    )


def recording_windows(recording: Recording, starts: np.ndarray) -> np.ndarray:
    """Filter a recording as the published ones were and cut windows from it.

    Parameters
    ----------
    recording : Recording
        For example of somebody's own phone (`har_utils.phone.read`).
    starts : ndarray of shape (n,), int
        First sample of each window (`har_utils.phone.window_starts`).

    Returns
    -------
    ndarray of shape (n, 128, 9), float32
        Channels as in `CHANNELS`.
    """
    return _windows(_filtered(recording), starts).astype(np.float32)


def with_recording(
    data: Dataset, recording: Recording, labels: list[tuple[str, float, float]]
) -> Dataset:
    """Add labelled stretches of somebody's own recording to the training windows.

    Parameters
    ----------
    data : Dataset
    recording : Recording
        Of a subject from 100 to 127, whom no fold holds out.
    labels : list of (activity, start, stop)
        An activity by name, and the seconds between which the person did it.

    Returns
    -------
    Dataset
        The windows of `data`, then those inside the stretches.

    Raises
    ------
    ValueError
        If an activity is unknown, a stretch holds no window, or the subject's number is taken.
    """
    if not phone.OWN_SUBJECT <= recording.subject <= 127 or recording.subject in data.subjects:
        raise ValueError(f"subject {recording.subject}: own recordings need a new one, 100 to 127")
    stretches = [_stretch(recording, *label) for label in labels]
    activities = [label[0] for label, starts in zip(labels, stretches, strict=True) for _ in starts]
    starts = np.concatenate([np.empty(0, dtype=np.int64), *stretches])
    added = pd.DataFrame(
        {
            "subject": recording.subject,
            "activity": pd.Categorical(activities, ACTIVITIES, ordered=True),
            "split": "train",
            "recording": recording.experiment,
            "start": starts,
        },
        index=max(data.table.index.max(), len(published_table()) - 1) + 1 + np.arange(len(starts)),
    )
    filtered = _filtered(recording)
    windows = _windows(filtered, starts).astype(np.float32)
    content = _content_digest(windows, np.empty((len(starts), 0)), added)
    return replace(
        data,
        windows=np.concatenate([data.windows, windows]),
        features=np.concatenate([data.features, _features(filtered, starts)]),
        table=pd.concat([data.table, added]),
        digest=hashlib.sha256(f"{data.digest} {content}".encode()).hexdigest(),
    )


def _stretch(recording: Recording, activity: str, start: float, stop: float) -> np.ndarray:
    """List where the windows of one labelled stretch begin."""
    if activity not in ACTIVITIES:
        raise ValueError(f"no activity is called {activity!r}; there are {', '.join(ACTIVITIES)}")
    first, last = (phone.sample_at(recording, seconds) for seconds in (start, stop))
    starts = phone.window_starts(recording, first, last)
    if not len(starts):
        length = len(recording.acceleration) / signals.SAMPLING_RATE
        raise ValueError(
            f"{activity} from {start:g} to {stop:g} s holds no window of {phone.LEAST_SECONDS} s "
            f"without a gap; the recording has {length:.0f} s"
        )
    return starts


def _filtered(recording: Recording) -> Filtered:
    """Filter a recording that is used from its first sample on."""
    return signals.preprocess(recording.acceleration, recording.rotation, signals.LEAD_IN)


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
    table = segments.loc[segments.index.repeat(segments["n_windows"])].reset_index(drop=True)
    number = np.concatenate([np.arange(n) for n in segments["n_windows"]])
    return pd.DataFrame(
        {
            "subject": table["subject"],
            "activity": pd.Categorical.from_codes(table["activity"] - 1, ACTIVITIES, ordered=True),
            "split": np.where(np.isin(table["subject"], TEST_SUBJECTS), "test", "train"),
            "recording": table["experiment"],
            "start": table["start"] + signals.STRIDE * number,
        }
    )


def exact_windows(
    table: pd.DataFrame | None = None, change: Callable[[Recording], Recording] | None = None
) -> np.ndarray:
    """Compute published windows in full precision.

    Parameters
    ----------
    table : DataFrame, optional
        Which ones: rows of `published_table`. All of them if not given.
    change : callable, optional
        What happens to every recording before it is filtered.

    Returns
    -------
    ndarray of shape (n, 128, 9), float64
        Channels as in `CHANNELS`.
    """
    table = published_table() if table is None else table
    windows = np.empty((len(table), signals.WINDOW, len(CHANNELS)))
    for rows, starts, filtered in _filtered_recordings(table, change):
        windows[rows] = _windows(filtered, starts)
    return windows


def _filtered_recordings(
    table: pd.DataFrame, change: Callable[[Recording], Recording] | None = None
) -> Iterator[tuple[np.ndarray, np.ndarray, Filtered]]:
    """Yield, per recording: the rows of its windows, where they start, its filtered signals."""
    by_experiment = {recording.experiment: recording for recording in recordings.load()}
    starts = table["start"].to_numpy()
    for experiment, rows in table.groupby("recording").indices.items():
        recording = by_experiment.get(experiment)
        if recording is None:
            raise FileNotFoundError(f"recording {experiment} is missing in the data set HAPT")
        if starts[rows].max() + signals.WINDOW > len(recording.acceleration):
            raise ValueError(f"recording {experiment} of the data set HAPT is cut short")
        recording = change(recording) if change else recording
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
    digest = hashlib.sha256(table.to_csv(lineterminator="\n").encode())
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
    # A cache that cannot be written (a read-only checkout) costs time, not correctness.
    with contextlib.suppress(OSError), _written_aside(file) as stream:
        np.savez(stream, **arrays)


@contextlib.contextmanager
def _written_aside(file: Path) -> Iterator[BinaryIO]:
    """Open a file for writing that takes its place when it is whole, so nobody reads half of it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_name(f"{file.name}.{uuid.uuid4().hex}.part")
    try:
        with aside.open("wb") as stream:
            yield stream
        aside.replace(file)
    finally:
        aside.unlink(missing_ok=True)


# ---- The published files: comparing with them, writing them --------------------------------------


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
    with _written_aside(folder / "README.txt") as stream:
        stream.write(_README.encode())
    for file in _official_files():
        with _written_aside(folder / file.name) as stream:
            stream.write(file.printed(file.values))
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
