"""How often an interval holds the truth, measured where the truth is known.

The thirty people of the data set, each recognised by a model that never saw them, play the whole of
mankind. Nine of them, or thirty, are drawn again and again, with replacement; each draw gives an
interval, and the share of intervals that hold the score of all thirty is the coverage. It should be
0.95. What covers too little finds differences too easily.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from har_utils import metrics
from har_utils.evaluation import intervals
from har_utils.evaluation.everybody import confusions
from har_utils.results import Run

N_DRAWS = 2000
"""How often people are drawn; the coverage is then known to less than 0.01."""

N_RESAMPLES = 400
"""Resamples of one draw, for the percentiles."""

Ends = tuple[np.ndarray, np.ndarray]


def student(people: np.ndarray, statistic: str) -> Ends:
    """Return `intervals.student_ends` of draws, ``(n_draws, n_people, k, k)`` → ``(n_draws,)``."""
    return intervals.student_ends(*_error(people, statistic))


def log_odds(people: np.ndarray, statistic: str) -> Ends:
    """Return `intervals.log_odds_ends` of draws, which reports use."""
    return intervals.log_odds_ends(*_error(people, statistic))


def _error(people: np.ndarray, statistic: str) -> tuple[np.ndarray, np.ndarray, int]:
    """Return a statistic of each draw, its standard error, and of how many people it is."""
    value, moved = intervals.leave_one_out(people, statistic)
    return value, np.linalg.norm(moved, axis=-1), people.shape[-3]


def percentile(people: np.ndarray, statistic: str) -> Ends:
    """Return the middle 95 % of resamples of people, as `intervals.subject_bootstrap` does."""
    n_people = people.shape[-3]
    counts = intervals._how_often_drawn(n_people, N_RESAMPLES, 0)
    flat = people.reshape(*people.shape[:-2], -1)
    totals = (counts @ flat).reshape(len(people), N_RESAMPLES, *people.shape[-2:])
    sides = [(1 - intervals.LEVEL) / 2, (1 + intervals.LEVEL) / 2]
    low, high = np.quantile(metrics.STATISTICS[statistic](totals), sides, axis=-1)
    return low, high


METHODS: dict[str, Callable[[np.ndarray, str], Ends]] = {
    "percentiles of resamples": percentile,
    "Student": student,
    "Student on log-odds": log_odds,
}
"""Ways to make an interval of one score; the last one is what reports use."""


def of_score(
    people: np.ndarray,
    n_people: int,
    method: Callable[[np.ndarray, str], Ends] = log_odds,
    statistic: str = "accuracy",
    n_draws: int = N_DRAWS,
) -> float:
    """Return the coverage of a way to make an interval of a score.

    Parameters
    ----------
    people
        ``(n, k, k)`` one confusion matrix for each of all people there are.
    n_people
        How many are drawn.
    method
        One of `METHODS`.
    statistic
        One of `metrics.STATISTICS`.
    n_draws
        How often.
    """
    truth = metrics.STATISTICS[statistic](people.sum(axis=0))
    low, high = method(people[_draws(len(people), n_people, n_draws)], statistic)
    return float(np.mean((low <= truth) & (truth <= high)))


def of_difference(
    a: np.ndarray, b: np.ndarray, n_people: int, statistic: str = "accuracy", n_draws: int = N_DRAWS
) -> float:
    """Return the coverage of the interval of a difference between two models on the same people.

    Parameters
    ----------
    a, b
        ``(n, k, k)`` each model's confusion matrices, people in the same order.
    n_people, statistic, n_draws
        As in `of_score`.
    """
    formula = metrics.STATISTICS[statistic]
    truth = formula(a.sum(axis=0)) - formula(b.sum(axis=0))
    drawn = _draws(len(a), n_people, n_draws)
    shares, moves = [], []
    for people in (a[drawn], b[drawn]):
        value, moved = intervals.leave_one_out(people, statistic)
        shares.append((value, *intervals.wider_ends(*_error(people, statistic))))
        moves.append(moved)
    product = np.prod([np.linalg.norm(moved, axis=-1) for moved in moves], axis=0)
    shared = (moves[0] * moves[1]).sum(axis=-1)
    together = np.divide(shared, product, out=np.zeros_like(shared), where=product > 0)
    low, high = intervals.difference_ends(shares[0], shares[1], together)
    return float(np.mean((low <= truth) & (truth <= high)))


def _draws(n: int, n_people: int, n_draws: int) -> np.ndarray:
    """Return who is drawn each time, ``(n_draws, n_people)``."""
    return np.random.default_rng(n_people).integers(n, size=(n_draws, n_people))


def coverage_table(
    everybody: Mapping[str, Sequence[Run]], pairs: Iterable[tuple[str, str]]
) -> pd.DataFrame:
    """Return the coverage with nine and with thirty people, in accuracy and in macro F1.

    Parameters
    ----------
    everybody
        What ``evaluation.left_out`` returns; the first seed of each model counts.
    pairs
        Names to compare; those of models that did not leave everybody out have no part.

    Returns
    -------
    DataFrame
        Columns ``of`` ("score" or "difference"), ``models``, ``n_people``, ``statistic`` and
        ``coverage``.
    """
    by_model = {name: confusions(runs) for name, runs in everybody.items()}
    compared, rows = [pair for pair in pairs if set(pair) <= set(by_model)], []
    for n_people in (9, 30):
        for statistic in ("accuracy", "macro_f1"):
            for name, people in by_model.items():
                found = of_score(people, n_people, statistic=statistic)
                rows.append(("score", name, n_people, statistic, found))
            for a, b in compared:
                found = of_difference(by_model[a], by_model[b], n_people, statistic)
                rows.append(("difference", f"{a}, {b}", n_people, statistic, found))
    return pd.DataFrame(rows, columns=["of", "models", "n_people", "statistic", "coverage"])
