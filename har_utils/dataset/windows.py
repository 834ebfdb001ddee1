"""Windows cut from filtered recordings, and where they begin."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import resources

import numpy as np
import pandas as pd

from har_utils import features, recordings, signals
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


def published_table() -> pd.DataFrame:
    """List the published windows: who, what, and where in the recordings.

    Returns
    -------
    DataFrame of 10,299 rows
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
