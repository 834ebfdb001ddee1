"""What one phone's sensors leave in the data: an accelerometer's errors, repeated rows, gaps.

Thirty people wore the same phone. Whatever it measures wrongly, it does so in all windows, and a
model can learn that as well as how people move.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from har_utils import signals

N_ACTIVITIES = 6
"""Labels from 1 to this are activities, those above it changes of posture."""


@dataclass(frozen=True, eq=False)
class Calibration:
    """What an accelerometer measures too large on each axis, and what it adds.

    Attributes
    ----------
    gain : ndarray of shape (3,)
        By which a measurement is divided once its offset is gone.
    offset : ndarray of shape (3,)
        In g.
    """

    gain: np.ndarray
    offset: np.ndarray

    def applied(self, acceleration: np.ndarray) -> np.ndarray:
        """Return what a sensor without these errors would have measured, ``(..., 3)`` in g."""
        return ((acceleration - self.offset) / self.gain).astype(acceleration.dtype)

    def applied_to_windows(self, windows: np.ndarray) -> np.ndarray:
        """Return windows ``(n, 128, 9)`` of a sensor without these errors.

        All filters are linear, and a median of three keeps its place when all samples are scaled
        and moved alike: windows can be corrected after filtering. Body acceleration has no offset.
        """
        body_acc = windows[:, :, :3] / self.gain.astype(windows.dtype)
        total_acc = self.applied(windows[:, :, 6:])
        return np.concatenate([body_acc, windows[:, :, 3:6], total_acc], axis=2)


def calibrate(gravity: np.ndarray, n_steps: int = 20) -> Calibration:
    """Find gain and offset of each axis so that gravity at rest has a length of 1 g.

    No label is needed: whichever way a phone at rest is turned, it feels one g. Gauss–Newton
    steps make the squared differences from it as small as they get.

    Parameters
    ----------
    gravity : ndarray of shape (n, 3)
        Measured at rest in many directions, in g.
    n_steps : int

    Raises
    ------
    ValueError
        With fewer than six measurements: there are six numbers to find.
    """
    if len(gravity) < 6:
        raise ValueError(f"{len(gravity)} measurements are too few for six numbers")
    inverse, offset = np.ones(3), np.zeros(3)
    for _ in range(n_steps):
        moved = gravity - offset
        true = moved * inverse
        length = np.linalg.norm(true, axis=1)
        unit = true / length[:, np.newaxis]
        slopes = np.hstack([unit * moved, -unit * inverse])
        step = np.linalg.lstsq(slopes, 1 - length, rcond=None)[0]
        inverse, offset = inverse + step[:3], offset + step[3:]
    return Calibration(1 / inverse, offset)


def best_threshold_accuracy(values: np.ndarray, is_second: np.ndarray) -> float:
    """Return how many values the best single threshold puts on the right side, as a share.

    Parameters
    ----------
    values : ndarray of shape (n,)
    is_second : ndarray of shape (n,), bool
        Which of two kinds each value is of; either may be the larger one.

    Notes
    -----
    The threshold is chosen on the values it is tried on: this says what a number holds, not what a
    rule would be worth for others.
    """
    order = np.argsort(values, kind="stable")
    below = np.concatenate([[0], np.cumsum(np.where(is_second[order], -1, 1))])
    ends = np.concatenate([[True], np.diff(values[order]) > 0, [True]])  # not between equal values
    right = (below + np.count_nonzero(is_second))[ends]
    return float(max(right.max(), len(values) - right.min()) / len(values))


def repeated_share(samples: np.ndarray) -> float:
    """Return which share of rows equals the row before it on all axes, of ``(n_samples, 3)``."""
    return float((np.diff(samples, axis=0) == 0).all(axis=1).mean())


def hold_changes(table: pd.DataFrame, labels: Mapping[int, pd.DataFrame]) -> np.ndarray:
    """Tell which windows hold samples that are labelled as a change of posture.

    Parameters
    ----------
    table : DataFrame
        As `dataset.Dataset.table`: ``recording`` and ``start`` of each window.
    labels : dict
        Experiment → its labels, as `recordings.Recording.labels`.

    Returns
    -------
    ndarray of shape (n,), bool
    """
    found = np.zeros(len(table), dtype=bool)
    recording, start = table["recording"].to_numpy(), table["start"].to_numpy()
    for experiment, own in labels.items():
        for change in own[own["activity"] > N_ACTIVITIES].itertuples():
            is_met = (start < change.stop) & (start + signals.WINDOW > change.start)
            found |= is_met & (recording == experiment)
    return found


def blocks(table: pd.DataFrame) -> pd.DataFrame:
    """List the blocks of windows of one person and activity that follow each other in a data set.

    Parameters
    ----------
    table : DataFrame
        ``subject``, ``activity``, ``recording`` and ``start`` of each window, in the published
        order.

    Returns
    -------
    DataFrame
        One row per block: ``subject``, ``activity``, ``windows``, and ``gap``: somewhere in it a
        window does not begin where the one before it has its middle.
    """
    own = table[["subject", "activity", "recording", "start"]].astype({"activity": str})
    before = own.shift()
    same_block = (own["subject"] == before["subject"]) & (own["activity"] == before["activity"])
    follows = (own["recording"] == before["recording"]) & (
        own["start"] - before["start"] == signals.STRIDE
    )
    own = own.assign(gap=same_block & ~follows)
    grouped = own.groupby((~same_block).cumsum())
    return grouped.agg(
        subject=("subject", "first"),
        activity=("activity", "first"),
        windows=("start", "size"),
        gap=("gap", "any"),
    ).reset_index(drop=True)
