"""The published data set, rebuilt from the raw recordings: 10,299 windows and their features.

`load` returns windows, features and a table of who did what and where it was cut from. Splits
are by person: two windows of one recording share half of their samples.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd
import scipy

from har_utils import features, files, recipe, recordings, signals
from har_utils.dataset.windows import (
    ACTIVITIES,
    CHANNELS,
    TEST_SUBJECTS,
    TRAIN_SUBJECTS,
    TWELVE_ACTIVITIES,
    _features,
    _filtered_recordings,
    _windows,
    published_table,
)
from har_utils.digests import code_digest
from har_utils.files import read_arrays
from har_utils.recordings import Recording
from har_utils.signals import Filtered

FOLDS = tuple(TRAIN_SUBJECTS[k::5] for k in range(5))
"""Five groups of training subjects: hold one out to choose anything, never the test subjects."""

TEN_GROUPS = tuple(tuple(range(k, 31, 10)) for k in range(1, 11))
"""Ten groups of three of the thirty people, for the task with twelve activities."""

SMOKE_SUBJECTS = {"train": (1, 3), "test": (2, 4)}
"""The four people that a quick trial run is content with."""

SMOKE_GROUPS = (1, 2)
"""Two of them, of two groups, for the task with twelve activities."""

CACHE_FOLDER = files.REPOSITORY / "data" / "derived"
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
        Those of `recipe.LEFT_OUT` make a fold of every person (`leave_one_subject_out`), "twelve"
        is the task with twelve activities (`load_twelve`); every other one is the published data
        set.
    subjects : {"all", "smoke"}
        As in `load`.

    Returns
    -------
    Dataset
    """
    if variant in recipe.LEFT_OUT:
        return leave_one_subject_out(load(subjects))
    if variant != "twelve":
        return load(subjects)
    data = load_twelve()
    return data if subjects == "all" else data.take(np.isin(data.subjects, SMOKE_GROUPS))


def fold_numbers(variant: str, subjects: str = "all") -> tuple[int, ...]:
    """Return which folds of a variant hold anybody, without loading any data.

    Parameters
    ----------
    variant : {"loso", "unmirrored_loso", "twelve"}
    subjects : {"all", "smoke"}
        As in `load`.
    """
    is_one_each = variant in recipe.LEFT_OUT
    people = set(TRAIN_SUBJECTS + TEST_SUBJECTS)
    if subjects == "smoke":
        few = SMOKE_SUBJECTS["train"] + SMOKE_SUBJECTS["test"]
        people = set(few if is_one_each else SMOKE_GROUPS)
    folds = [{person} for person in sorted(people)] if is_one_each else TEN_GROUPS
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
        First sample of each window (`har_utils.recordings.window_starts`).

    Returns
    -------
    ndarray of shape (n, 128, 9), float32
        Channels as in `CHANNELS`.

    Raises
    ------
    ValueError
        If a sample is not finite.
    """
    return _windows(_filtered(recording), starts).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Cut:
    """A recording in windows, one every half window, those that touch a gap left out.

    Attributes
    ----------
    starts : ndarray of shape (n,), int64
        First sample of each window.
    seconds : ndarray of shape (n,), float64
        When it was taken; long pauses count, though nothing is left of them in the samples.
    windows : ndarray of shape (n, 128, 9), float32
        Channels as in `CHANNELS`.
    """

    starts: np.ndarray
    seconds: np.ndarray
    windows: np.ndarray

    def answers(self, probability: np.ndarray) -> pd.DataFrame:
        """Say what a model answers to the windows.

        Parameters
        ----------
        probability : ndarray of shape (n, 6)

        Returns
        -------
        DataFrame
            One row per window: start and stop (seconds), activity (the most probable) and
            confidence (its probability).
        """
        named = pd.Categorical.from_codes(probability.argmax(axis=1), ACTIVITIES, ordered=True)
        return pd.DataFrame(
            {
                "start": self.seconds,
                "stop": self.seconds + signals.LEAST_SECONDS,
                "activity": named,
                "confidence": probability.max(axis=1).astype(float),
            }
        )


def cut(recording: Recording) -> Cut:
    """Cut a recording into all the windows that fit into it.

    Parameters
    ----------
    recording : Recording
        For example of somebody's own phone (`har_utils.phone.read`).

    Returns
    -------
    Cut

    Raises
    ------
    ValueError
        If no window of 2.56 s is free of gaps, or a sample is not finite.
    """
    starts = recordings.window_starts(recording)
    if not len(starts):
        raise ValueError(f"no {signals.LEAST_SECONDS} s of the recording are without a gap")
    seconds = recordings.seconds_at(recording, starts)
    return Cut(starts, seconds, recording_windows(recording, starts))


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
        The windows of `data`, then those inside the stretches. Features that a signal of zeros does
        not have, as of a phone without a gyroscope, are 0.

    Raises
    ------
    ValueError
        If an activity is unknown, a stretch holds no window, there is none, two overlap, the
        subject's number is taken, or a number is not finite.
    """
    if not recordings.OWN_SUBJECT <= recording.subject <= 127 or recording.subject in data.subjects:
        raise ValueError(f"subject {recording.subject}: own recordings need a new one, 100 to 127")
    _require_labels(labels)
    stretches = [_stretch(recording, *label) for label in labels]
    activities = [label[0] for label, starts in zip(labels, stretches, strict=True) for _ in starts]
    starts = np.concatenate(stretches)
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
    with np.errstate(invalid="ignore"):  # what a phone without a gyroscope measures has no shape
        described = np.nan_to_num(_features(filtered, starts))
    return replace(
        data,
        windows=np.concatenate([data.windows, windows]),
        features=np.concatenate([data.features, described]),
        table=pd.concat([data.table, added]),
        digest=hashlib.sha256(f"{data.digest} {content}".encode()).hexdigest(),
    )


def _require_labels(labels: list[tuple[str, float, float]]) -> None:
    """Refuse no stretches, those that are not in numbers, and two at once."""
    if not labels:
        raise ValueError("no labelled stretch: name an activity and from when to when it was done")
    spans = sorted((start, stop, activity) for activity, start, stop in labels)
    for start, stop, activity in spans:
        if not np.isfinite([start, stop]).all():
            raise ValueError(f"{activity} from {start:g} to {stop:g} s: not two numbers of seconds")
    for (_, stop, one), (start, _, other) in itertools.pairwise(spans):
        if start < stop:
            raise ValueError(f"{one} goes on until {stop:g} s, but {other} begins at {start:g} s")


def _stretch(recording: Recording, activity: str, start: float, stop: float) -> np.ndarray:
    """List where the windows of one labelled stretch begin."""
    if activity not in ACTIVITIES:
        raise ValueError(f"no activity is called {activity!r}; there are {', '.join(ACTIVITIES)}")
    first, last = (recordings.sample_at(recording, seconds) for seconds in (start, stop))
    starts = recordings.window_starts(recording, first, last)
    if not len(starts):
        length = len(recording.acceleration) / signals.SAMPLING_RATE
        raise ValueError(
            f"{activity} from {start:g} to {stop:g} s holds no window of {signals.LEAST_SECONDS} s "
            f"without a gap; the recording has {length:.0f} s"
        )
    return starts


def _filtered(recording: Recording) -> Filtered:
    """Filter a recording that is used from its first sample on."""
    _require_numbers(recording)
    return signals.preprocess(recording.acceleration, recording.rotation, signals.LEAD_IN)


def _require_numbers(recording: Recording) -> None:
    """Refuse samples that are not three numbers, or not finite, which filters would spread."""
    given = {"acceleration": recording.acceleration, "rotation": recording.rotation}
    for name, values in given.items():
        shape, kind = np.shape(values), np.asarray(values).dtype
        if shape != (len(recording.acceleration), 3) or kind.kind not in "fiu":
            raise ValueError(
                f"{name} of the recording: {kind} of shape {shape} instead of numbers of shape "
                f"({len(recording.acceleration)}, 3)"
            )
    samples = np.hstack([recording.acceleration, recording.rotation])
    bad = np.flatnonzero(~np.isfinite(samples).all(axis=1))
    if len(bad):
        raise ValueError(
            f"samples of the recording that are not finite: {len(bad)} of {len(samples)}, the "
            f"first after {bad[0] / signals.SAMPLING_RATE:.2f} s; interpolate them first"
        )


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


# ---- The cache -----------------------------------------------------------------------------------


def _load_all() -> Dataset:
    """Read everything from the cache, or compute it and fill the cache."""
    arrays = remembered("dataset", _build)
    return Dataset(
        windows=arrays["windows"],
        features=arrays["features"],
        table=published_table(),
        digest=str(arrays["digest"]),
        source=recordings.source(),
    )


def remembered(
    name: str, compute: Callable[[], dict[str, np.ndarray]], code: Iterable[str] = ()
) -> dict[str, np.ndarray]:
    """Return arrays that follow from the data set, from the cache if nothing has changed since.

    Parameters
    ----------
    name : str
        Of the file in the cache.
    compute : callable
        Computes them; what is there under the same name but from other recordings or other code is
        written over.
    code : iterable of str
        Modules whose code they depend on besides those that make the data set.

    Returns
    -------
    dict
        Name → array.
    """
    key = " ".join([_cache_key(), *([code_digest(code)] if code else [])])
    file = Path(os.environ.get("HAR_CACHE") or CACHE_FOLDER) / f"{name}.npz"
    arrays = _read_cache(file, key)
    if arrays is None:
        arrays = compute()
        _write_cache(file, {"key": np.array(key), **arrays})
    return arrays


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
        spread = values.std(axis=0, dtype=float)
        steps = np.round(values * (1e4 / np.where(spread > 0, spread, 1)))
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
    """Read the cached arrays; None if there are none, or old ones, or damaged ones."""
    try:
        if str(read_arrays(file, ["key"])["key"]) != key:
            return None
        return read_arrays(file)
    except (OSError, ValueError):
        return None


def _write_cache(file: Path, arrays: dict[str, np.ndarray]) -> None:
    # A cache that cannot be written (a read-only checkout) costs time, not correctness.
    with contextlib.suppress(OSError), files.atomic(file) as aside:
        np.savez(aside, allow_pickle=False, **arrays)
