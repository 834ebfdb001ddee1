"""Mistakes in time: smoothing, distance from a change, windows that nobody gets right."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from har_utils.evaluation.intervals import _check_same_windows, _values, rescored
from har_utils.results import Run
from har_utils.signals import SAMPLING_RATE, STRIDE, WINDOW

TIE_BREAK = 1e-3
"""Weight of the probabilities in a vote: less than one vote, for up to 500 windows."""


def _in_time(table: pd.DataFrame) -> list[np.ndarray]:
    """Return, for each recording, the positions of its windows in the order of time."""
    by_recording = table.reset_index(drop=True).groupby("recording")["start"]
    return [starts.sort_values().index.to_numpy() for _, starts in by_recording]


def smooth(
    probability: np.ndarray,
    table: pd.DataFrame,
    n_windows: int,
    centred: bool = False,
    across_gaps: bool = False,
    vote: bool = False,
) -> np.ndarray:
    """Let the windows around a window have a say in what it is.

    Between two stretches of one activity the data have a gap: the change of posture, the walk to
    the stairs. A phone has windows there, too, and does not know that something ends; we do not
    have them. Leaving the gap empty is kinder than life, closing it harsher.

    Parameters
    ----------
    probability
        ``(n, n_classes)``.
    table
        ``recording`` and ``start`` (sample) of each window, ``n`` rows.
    n_windows
        How many have a say, the window itself included; fewer where there are fewer.
    centred
        False: only the window and those before it, so that the answer comes at once. True: as
        many after it as before, for recordings looked at later.
    across_gaps
        False: only windows that near in time. True: that many windows, however far.
    vote
        False: the mean of their probabilities. True: the majority of their predictions; the mean
        probability decides between equals.

    Returns
    -------
    ndarray
        ``(n, n_classes)`` float64; rows add up to 1.

    Raises
    ------
    ValueError
        If ``n_windows`` is less than 1, or even and centred.
    """
    if n_windows < 1 or (centred and n_windows % 2 == 0):
        raise ValueError(f"n_windows must be at least 1, and odd if centred, not {n_windows}")
    said = np.asarray(probability, dtype=np.float64)
    if vote:
        one_hot = np.eye(said.shape[1])[said.argmax(axis=1)]
        said = (1 - TIE_BREAK) * one_hot + TIE_BREAK * said
    after = n_windows // 2 if centred else 0
    starts = table["start"].to_numpy()
    smoothed = np.empty_like(said)
    for positions in _in_time(table):
        times = np.arange(len(positions)) * STRIDE if across_gaps else starts[positions]
        smoothed[positions] = _moving_mean(said[positions], times, n_windows - 1 - after, after)
    return smoothed


def _moving_mean(values: np.ndarray, times: np.ndarray, before: int, after: int) -> np.ndarray:
    """Return the mean of each row and those up to some strides before and after it."""
    first = np.searchsorted(times, times - before * STRIDE, side="left")
    end = np.searchsorted(times, times + after * STRIDE, side="right")
    total = np.vstack([np.zeros(values.shape[1]), values.cumsum(axis=0)])
    return (total[end] - total[first]) / (end - first)[:, np.newaxis]


def smoothing_table(
    runs_by_name: Mapping[str, Sequence[Run]],
    table: pd.DataFrame,
    numbers: Sequence[int] = (1, 3, 5, 7, 9),
    vote: bool = False,
) -> pd.DataFrame:
    """Return scores after smoothing, a track of its own: it knows more than one window.

    Parameters
    ----------
    runs_by_name
        Name → all seeds, all of the same windows.
    table
        ``recording`` and ``start`` of those windows.
    numbers
        How many windows have a say; odd.
    vote
        As in ``smooth``.

    Returns
    -------
    DataFrame
        Columns ``model``, ``n_windows``, ``centred``, ``across_gaps``, ``accuracy`` and
        ``macro_f1``, means over seeds.
    """
    settings = list(itertools.product(numbers, (False, True), (False, True)))
    rows = []
    for (name, runs), setting in itertools.product(runs_by_name.items(), settings):
        smoothed = [
            rescored(run, smooth(run.probability, table, *setting, vote=vote)) for run in runs
        ]
        scores = [_values(smoothed, score).mean() for score in ("accuracy", "macro_f1")]
        rows.append((name, *setting, *scores))
    columns = ["model", "n_windows", "centred", "across_gaps", "accuracy", "macro_f1"]
    return pd.DataFrame(rows, columns=columns)


def seconds_to_transition(table: pd.DataFrame) -> np.ndarray:
    """Return how far the middle of each window is from the nearest change of activity.

    The change is taken to be where the person's stretch of windows of one activity begins or
    ends; what comes between two stretches belongs to neither. The beginning and the end of a
    recording are no changes.

    Parameters
    ----------
    table
        ``recording``, ``start`` (sample) and ``activity`` of each window; all windows of the
        recordings in it.

    Returns
    -------
    ndarray
        ``(n,)`` float64, seconds; at least half a window, infinite where a recording has only
        one activity.
    """
    starts = table["start"].to_numpy()
    activity = table["activity"].astype(str).to_numpy()
    distance = np.full(len(table), np.inf)
    for positions in _in_time(table):
        change = np.flatnonzero(activity[positions[1:]] != activity[positions[:-1]])
        ends, begins = starts[positions[change]] + WINDOW, starts[positions[change + 1]]
        middle = starts[positions][:, np.newaxis] + WINDOW / 2
        to_end = np.where(middle <= ends, ends - middle, np.inf)
        to_begin = np.where(middle >= begins, middle - begins, np.inf)
        both = np.concatenate([to_end, to_begin], axis=1)
        distance[positions] = both.min(axis=1, initial=np.inf) / SAMPLING_RATE
    return distance


def errors_by_distance(
    runs_by_name: Mapping[str, Sequence[Run]], seconds: np.ndarray, n_bins: int = 8
) -> pd.DataFrame:
    """Return the share of wrong windows at every distance from a change of activity.

    Parameters
    ----------
    runs_by_name
        Name → all seeds, all of the same windows.
    seconds
        ``(n,)``, what ``seconds_to_transition`` returns.
    n_bins
        The first bin holds the windows nearest to a change, the next those one stride further
        in, and so on; the last holds all that are further still.

    Returns
    -------
    DataFrame
        Index ``seconds``: the smallest distance of the bin; a column per model with the share of
        errors, mean over seeds; and ``n_windows``.
    """
    step, nearest = STRIDE / SAMPLING_RATE, WINDOW / 2 / SAMPLING_RATE
    place = np.minimum((seconds - nearest) / step + 1e-9, n_bins - 1).astype(int)
    columns = {
        name: pd.Series(wrong(runs)).groupby(place).mean() for name, runs in runs_by_name.items()
    }
    table = pd.DataFrame(columns).assign(n_windows=pd.Series(place).value_counts())
    return table.set_index(pd.Index(nearest + step * table.index, name="seconds"))


def wrong(runs: Sequence[Run]) -> np.ndarray:
    """Return the share of a model's seeds that are wrong about each window, ``(n,)``."""
    return np.mean([run.probability.argmax(axis=1) != run.activity for run in runs], axis=0)


def share_right(runs_by_name: Mapping[str, Sequence[Run]]) -> pd.DataFrame:
    """Return how many of a model's seeds are right about each window.

    Parameters
    ----------
    runs_by_name
        Name → all seeds, all of the same windows.

    Returns
    -------
    DataFrame
        ``n`` rows, index: the window's row in the data set; a column per model, 0 to 1. A row of
        zeros is a window that no model gets right.
    """
    every = [run for runs in runs_by_name.values() for run in runs]
    _check_same_windows(every)
    right = {name: 1 - wrong(runs) for name, runs in runs_by_name.items()}
    return pd.DataFrame(right, index=pd.Index(every[0].row, name="row"))


def majority_vote(runs_by_name: Mapping[str, Sequence[Run]]) -> np.ndarray:
    """Return what most models say about each window, ``(n,)`` codes.

    Every model has one say, the mean of its seeds' probabilities.
    """
    answers = [
        np.mean([run.probability for run in runs], axis=0).argmax(axis=1)
        for runs in runs_by_name.values()
    ]
    n_classes = max(run.probability.shape[1] for runs in runs_by_name.values() for run in runs)
    return np.eye(n_classes)[np.array(answers)].sum(axis=0).argmax(axis=1)


def adjacent_mistakes(runs: Sequence[Run], table: pd.DataFrame) -> float:
    """Return the share of mistakes beside which there is another one.

    Parameters
    ----------
    runs
        All seeds of one model.
    table
        ``recording`` and ``start`` of their windows. Beside a window lie the one that starts a
        stride earlier and the one that starts a stride later.

    Returns
    -------
    float
        0 to 1; not a number if nothing is wrong.
    """
    place = pd.MultiIndex.from_frame(table[["recording", "start"]])
    steps = [place.set_levels(place.levels[1] + step, level=1) for step in (-STRIDE, STRIDE)]
    beside = np.stack([place.get_indexer(step) for step in steps])
    alone = mistakes = 0
    for run in runs:
        missed = run.probability.argmax(axis=1) != run.activity
        company = (np.append(missed, False)[beside]).any(axis=0)
        alone += (missed & ~company).sum()
        mistakes += missed.sum()
    return 1 - alone / mistakes if mistakes else float("nan")
