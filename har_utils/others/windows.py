"""Windows of other people's recordings, made by the course's own chain of filters."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from har_utils import dataset, signals
from har_utils.dataset import ACTIVITIES
from har_utils.others import trials
from har_utils.others.trials import Trial

SETTLING = 250
"""Samples, five seconds, left out at the start of a trial where a window remains after them."""

OWN = "hapt"
"""What the course's own data set is called among the others."""

FURTHER = ("STAIRS", "RUNNING", "JUMPING", "ELEVATOR_UP", "ELEVATOR_DOWN")
"""Activities of other sets that are none of the course's six."""

NAMES = (*ACTIVITIES, *FURTHER)
"""Activities by the codes in `Windows.activity`."""

STAIRS = NAMES.index("STAIRS")
"""Code of stairs of which nobody wrote down whether they go up or down."""


@dataclass(frozen=True, eq=False)
class Windows:
    """Windows of one data set, not turned, in the order of people, trials and time.

    Attributes
    ----------
    name : str
        Key of `trials.SETS`, or `OWN`.
    windows : ndarray of shape (n, 128, 9), float32
        Channels as in `dataset.CHANNELS`, axes of the device.
    person : ndarray of shape (n,), int64
        Whose signal it is: the unit that is resampled and that no two sides of a split share.
    recording : ndarray of shape (n,), int64
        Windows of one number are of one person with the device in one place.
    trial : ndarray of shape (n,), int64
        Windows of one number were recorded without a break.
    start : ndarray of shape (n,), int64
        First sample within the trial.
    activity : ndarray of shape (n,), int64
        Code in `NAMES`.
    """

    name: str
    windows: np.ndarray
    person: np.ndarray
    recording: np.ndarray
    trial: np.ndarray
    start: np.ndarray
    activity: np.ndarray

    def __len__(self) -> int:
        """Return how many windows there are."""
        return len(self.windows)

    def take(self, chosen: np.ndarray) -> Windows:
        """Return some of the windows, by ``(n,)`` bool or positions."""
        names = ("windows", "person", "recording", "trial", "start", "activity")
        return Windows(self.name, *(getattr(self, name)[chosen] for name in names))


def load(name: str, path: str | os.PathLike | None = None, people: Sequence[int] = ()) -> Windows:
    """Read a data set and cut its windows.

    Parameters
    ----------
    name : str
        Key of `trials.SETS`.
    path : path, optional
        As in `trials.load`.
    people : sequence of int
        Whom to take; everybody if empty.

    Returns
    -------
    Windows
        A recording is all of a person.
    """
    chosen = [trial for trial in trials.load(name, path) if not people or trial.person in people]
    return cut(name, chosen)


def cut(name: str, chosen: Sequence[Trial]) -> Windows:
    """Filter trials as a whole and cut windows of 128 samples, every 64, from their spans."""
    columns, pieces = [], []
    for number, trial in enumerate(chosen):
        starts = span_starts(trial)
        if len(starts):
            pieces.append(trial_windows(trial, starts))
            code = NAMES.index(trial.activity)
            own = (trial.source, trial.person, number, code)
            columns.append(pd.DataFrame({"start": starts}).assign(own=[own] * len(starts)))
    table = pd.concat(columns, ignore_index=True)
    person, recording, number, code = np.array(table["own"].to_list()).T
    start = table["start"].to_numpy()
    return Windows(name, np.concatenate(pieces), person, recording, number, start, code)


def trial_windows(trial: Trial, starts: np.ndarray) -> np.ndarray:
    """Return windows ``(n, 128, 9)`` float32 of a trial whose filters had ten seconds of rest."""
    filtered = signals.preprocess(trial.acceleration, trial.rotation, signals.LEAD_IN)
    channels = np.hstack([filtered.body_acc, filtered.body_gyro, filtered.total_acc])
    every = np.lib.stride_tricks.sliding_window_view(channels, signals.WINDOW, axis=0)
    return every[starts].transpose(0, 2, 1).astype(np.float32)


def span_starts(trial: Trial) -> np.ndarray:
    """List where windows begin: in every span, after the filters have settled if they can."""
    found = []
    for first, stop in trial.spans:
        settled = max(first, SETTLING)
        first = settled if stop - settled >= signals.WINDOW else first
        found.append(np.arange(first, stop - signals.WINDOW + 1, signals.STRIDE))
    return np.concatenate(found) if found else np.empty(0, dtype=np.int64)


def own(part: dataset.Dataset) -> Windows:
    """Return the course's own windows in the same form; a recording is one experiment."""
    table = part.table
    recording = table["recording"].to_numpy()
    person, start = part.subjects, table["start"].to_numpy()
    return Windows(OWN, part.windows, person, recording, recording, start, part.labels)
