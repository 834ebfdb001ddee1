"""What runs say about models: means over seeds, intervals over people, paired comparisons."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import binomtest, t

from har_utils import configuration, metrics
from har_utils.files import REPOSITORY
from har_utils.results import Run

N_RESAMPLES = 10_000
"""How often the subjects are drawn anew."""

LEVEL = 0.95
"""Confidence level of the intervals."""


PAIRS_FILE = REPOSITORY / "config" / "pairs.yaml"
"""The pairs of models that are compared."""


@dataclass(frozen=True)
class Interval:
    """A statistic and how sure we are of it.

    Parameters
    ----------
    low, high
        Ends of the 95 % interval over subjects; for a comparison, over seeds as well.
    mean
        The statistic averaged over seeds; for a comparison, the difference of two such means.
    sd
        Standard deviation over seeds (n − 1); not a number for one seed and for a comparison.
    """

    low: float
    high: float
    mean: float
    sd: float


# --- Resampling people, and seeds --------------------------------------------------------------


def _check_same_windows(runs: Sequence[Run]) -> None:
    """Raise ``ValueError`` unless all runs predict the same windows."""
    if not runs:
        raise ValueError("no runs to evaluate: train the model first")
    for run in runs[1:]:
        if not np.array_equal(run.row, runs[0].row):
            raise ValueError(
                f"{runs[0].key.name} and {run.key.name} predict different windows: compare runs "
                "of the same subjects"
            )


def _subject_confusions(run: Run) -> np.ndarray:
    """Return one confusion matrix per subject, ``(n_subjects, k, k)``, subjects ascending."""
    predicted = run.probability.argmax(axis=1)
    n_classes = run.probability.shape[1]
    owned = [run.subject == person for person in np.unique(run.subject)]
    return np.stack(
        [metrics.confusion(run.activity[own], predicted[own], n_classes) for own in owned]
    )


@lru_cache(maxsize=16)
def _how_often_drawn(n: int, n_resamples: int, *seed: int) -> np.ndarray:
    """Return how often each of n is drawn in each resample, ``(n_resamples, n)``.

    Whole numbers as float64: NumPy multiplies those matrices much faster.
    """
    drawn = np.random.default_rng(seed).integers(n, size=(n_resamples, n))
    return (drawn[:, :, np.newaxis] == np.arange(n)).sum(axis=1, dtype=np.float64)


def _resampled(runs: Sequence[Run], statistic: str, n_resamples: int, seed: int) -> np.ndarray:
    """Return the statistic of every run in every resample of people, ``(n_runs, n_resamples)``.

    A resample of people only adds up their confusion matrices, so no prediction is touched again.
    """
    values = []
    for run in runs:
        of_subjects = _subject_confusions(run)
        counts = _how_often_drawn(len(of_subjects), n_resamples, seed)
        matrices = np.tensordot(counts, of_subjects.astype(np.float64), axes=1)
        values.append(metrics.STATISTICS[statistic](matrices))
    return np.stack(values)


def _mean_of_drawn_seeds(values: np.ndarray, *seed: int) -> np.ndarray:
    """Average ``(n_runs, n_resamples)`` over as many runs, drawn anew in every resample."""
    n_runs, n_resamples = values.shape
    return (values.T * _how_often_drawn(n_runs, n_resamples, *seed)).sum(axis=1) / n_runs


def _values(runs: Sequence[Run], statistic: str) -> np.ndarray:
    """Return the statistic of each seed, ``(n_seeds,)``."""
    return np.array([run.record["metrics"][statistic] for run in runs], dtype=np.float64)


def _ends(values: np.ndarray) -> tuple[float, float]:
    """Return the ends of the percentile interval."""
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def subject_bootstrap(
    runs: Sequence[Run],
    statistic: str = "accuracy",
    n_resamples: int = N_RESAMPLES,
    seed: int = 0,
) -> Interval:
    """Return a statistic with the interval that other test subjects could have given.

    The subjects are drawn with replacement, all windows of a subject together: windows of one
    person are alike, so drawing windows would claim far too much certainty (Davison and Hinkley
    1997, "Bootstrap Methods and their Application", on clustered data).

    Parameters
    ----------
    runs
        All seeds of one model.
    statistic
        "accuracy", "macro_f1", "macro_precision" or "macro_recall".
    n_resamples
        Number of resamples.
    seed
        Seed of the draws; the same seed draws the same subjects for every model.

    Returns
    -------
    Interval

    Raises
    ------
    ValueError
        If there are no runs, or they predict different windows.
    """
    _check_same_windows(runs)
    values = _values(runs, statistic)
    low, high = _ends(_resampled(runs, statistic, n_resamples, seed).mean(axis=0))
    return Interval(low, high, float(values.mean()), _sd(values))


def _sd(values: np.ndarray) -> float:
    """Return the standard deviation over seeds; one seed has none."""
    return float(values.std(ddof=1)) if len(values) > 1 else float("nan")


def paired_bootstrap(
    runs_a: Sequence[Run],
    runs_b: Sequence[Run],
    statistic: str = "accuracy",
    n_resamples: int = N_RESAMPLES,
    seed: int = 0,
) -> Interval:
    """Return the difference a − b with its interval, both models on the same drawn subjects.

    Another pair of trainings would have differed, too, so that one unlucky seed must not decide:
    each resample also draws the seeds, with replacement and for each model by itself (people and
    seeds are crossed, and both are drawn: Owen 2007, "The pigeonhole bootstrap"). A model with one
    seed leaves that doubt out, and two or three seeds are too few to show how far one can fall:
    with so few, the interval is still too narrow.

    Parameters
    ----------
    runs_a, runs_b
        All seeds of each model.
    statistic, n_resamples, seed
        As in ``subject_bootstrap``.

    Returns
    -------
    Interval

    Raises
    ------
    ValueError
        If a model has no runs, or the models predict different windows.
    """
    _check_same_windows([*runs_a, *runs_b] if runs_a and runs_b else [])
    of_a, of_b = (_resampled(runs, statistic, n_resamples, seed) for runs in (runs_a, runs_b))
    difference = _mean_of_drawn_seeds(of_a, seed, 1) - _mean_of_drawn_seeds(of_b, seed, 2)
    mean = float(_values(runs_a, statistic).mean() - _values(runs_b, statistic).mean())
    return Interval(*_ends(difference), mean, float("nan"))


def seed_margin(sd: float, n_seeds: int) -> float:
    """Return how far two means over seeds may lie apart by the seeds alone.

    Two standard deviations of their difference.

    Parameters
    ----------
    sd
        Standard deviation from seed to seed of what they are means of.
    n_seeds
        Seeds in each mean.
    """
    return 2 * sd * math.sqrt(2 / n_seeds)


# --- Intervals with a known coverage ------------------------------------------------------------
# Nine people are too few for percentiles of resamples: those leave out too much, and do not know
# that no score is above 100 %. `evaluation.coverage` measures how often an interval is right.


def leave_one_out(
    confusions: np.ndarray, statistic: str | Callable[[np.ndarray], np.ndarray] = "accuracy"
) -> tuple[np.ndarray, np.ndarray]:
    """Return a statistic of all people, and what each of them adds to its standard error.

    The jackknife (Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapter 11): leave
    one person out after the other and see how far the statistic moves.

    Parameters
    ----------
    confusions
        ``(..., n_people, k, k)`` one confusion matrix per person.
    statistic
        One of `metrics.STATISTICS`, or a function of the same kind.

    Returns
    -------
    value
        ``(...)``.
    moved
        ``(..., n_people)``; the root of the sum of their squares is the standard error.
    """
    formula = metrics.STATISTICS[statistic] if isinstance(statistic, str) else statistic
    total = confusions.sum(axis=-3)
    without = formula(total[..., np.newaxis, :, :] - confusions)
    n_people = confusions.shape[-3]
    scale = np.sqrt((n_people - 1) / n_people)
    return formula(total), scale * (without.mean(axis=-1, keepdims=True) - without)


def log_odds_ends(
    value: np.ndarray, error: np.ndarray, n_people: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of Student's interval for a share, computed on its log-odds.

    On that scale a score near 100 % is about as far from the next one below as above, so that the
    interval is longer to the side where there is room, and never passes 0 or 1.

    Parameters
    ----------
    value, error
        ``(...)`` the share and its standard error. Of 0 or 1, nothing can be said: a point.
    n_people
        How many people the error was estimated from.
    """
    inside = (value > 0) & (value < 1)
    share = np.where(inside, value, 0.5)
    log_odds = np.log(share / (1 - share))
    reach = t.ppf((1 + LEVEL) / 2, n_people - 1) * error / (share * (1 - share))
    low, high = (1 / (1 + np.exp(-(log_odds + sign * reach))) for sign in (-1, 1))
    return np.where(inside, low, value), np.where(inside, high, value)


def student_ends(
    value: np.ndarray, error: np.ndarray, n_people: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of Student's interval of a share as it is, which may pass 0 or 1.

    Parameters
    ----------
    value, error, n_people
        As in `log_odds_ends`.
    """
    reach = t.ppf((1 + LEVEL) / 2, n_people - 1) * error
    return value - reach, value + reach


def wider_ends(
    value: np.ndarray, error: np.ndarray, n_people: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return, on each side, the end of `log_odds_ends` or of `student_ends` that is further away.

    What is to be subtracted needs room above, too: a model with one bad person would else be beaten
    for certain by one that makes no mistake. The coverage of differences is much nearer to what it
    says with it (`evaluation.coverage`).

    Parameters
    ----------
    value, error, n_people
        As in `log_odds_ends`.
    """
    ways = [ends(value, error, n_people) for ends in (log_odds_ends, student_ends)]
    return np.minimum(ways[0][0], ways[1][0]), np.maximum(ways[0][1], ways[1][1])


Share = tuple[np.ndarray, np.ndarray, np.ndarray]
"""A share, and the low and high end of its interval, ``(...)`` each."""


def difference_ends(a: Share, b: Share, together: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of the interval of a difference from those of both shares.

    Square-and-add (Newcombe 1998, "Improved confidence intervals for the difference between
    binomial proportions based on paired data"): each end adds the two distances that lead there as
    the sides of a triangle, less what both shares have in common.

    Parameters
    ----------
    a, b
        The shares with their `wider_ends`.
    together
        ``(...)`` correlation of the two over people.
    """
    (of_a, a_low, a_high), (of_b, b_low, b_high) = a, b
    below = _third_side(of_a - a_low, b_high - of_b, together)
    above = _third_side(a_high - of_a, of_b - b_low, together)
    return of_a - of_b - below, of_a - of_b + above


def _third_side(one: np.ndarray, other: np.ndarray, cosine: np.ndarray) -> np.ndarray:
    """Return the third side of a triangle."""
    return np.sqrt(np.maximum(one**2 + other**2 - 2 * cosine * one * other, 0))


def people_interval(runs: Sequence[Run], statistic: str = "accuracy") -> Interval:
    """Return a statistic with the interval that other test subjects could have given.

    The statistic is averaged over seeds. `log_odds_ends` says how the interval is made, and
    `evaluation.coverage` how often such intervals hold what they are for.

    Parameters
    ----------
    runs, statistic
        As in ``subject_bootstrap``.

    Raises
    ------
    ValueError
        If there are no runs, or they predict different windows.
    """
    _check_same_windows(runs)
    value, moved = _over_seeds(runs, statistic)
    low, high = log_odds_ends(value, np.asarray(np.linalg.norm(moved)), len(moved))
    values = _values(runs, statistic)
    return Interval(float(low), float(high), float(values.mean()), _sd(values))


def _over_seeds(runs: Sequence[Run], statistic: str) -> tuple[np.ndarray, np.ndarray]:
    """Return `leave_one_out` of the mean over seeds."""
    confusions = np.stack([_subject_confusions(run) for run in runs]).astype(np.float64)
    value, moved = leave_one_out(confusions, statistic)
    return value.mean(axis=0), moved.mean(axis=0)


def paired_interval(
    runs_a: Sequence[Run], runs_b: Sequence[Run], statistic: str = "accuracy"
) -> Interval:
    """Return the difference a − b with its interval: other people, and other seeds.

    Each model's own interval covers people and seeds; `difference_ends` puts the two together, less
    what both models have in common because they met the same people. A model with one seed leaves
    that doubt out.

    Parameters
    ----------
    runs_a, runs_b
        All seeds of each model.
    statistic
        As in ``subject_bootstrap``.

    Raises
    ------
    ValueError
        If a model has no runs, or the models predict different windows.
    """
    _check_same_windows([*runs_a, *runs_b] if runs_a and runs_b else [])
    shares: list[Share] = []
    errors, moves = [], []
    for runs in (runs_a, runs_b):
        value, moved = _over_seeds(runs, statistic)
        by_seed = np.nan_to_num(_sd(_values(runs, statistic))) / np.sqrt(len(runs))
        error = np.hypot(np.linalg.norm(moved), by_seed)
        shares.append((value, *wider_ends(value, error, len(moved))))
        errors.append(error)
        moves.append(moved)
    product = errors[0] * errors[1]
    together = np.asarray(moves[0] @ moves[1] / product if product else 0.0)
    low, high = difference_ends(shares[0], shares[1], together)
    mean = float(_values(runs_a, statistic).mean() - _values(runs_b, statistic).mean())
    return Interval(float(low), float(high), mean, float("nan"))


# --- Tests --------------------------------------------------------------------------------------


def mcnemar_exact(correct_a: np.ndarray, correct_b: np.ndarray) -> float:
    """Return the two-sided p-value of McNemar's exact test (McNemar 1947).

    Only windows that one model gets right and the other wrong say anything; if the models were
    equally good, each would win half of them.

    Parameters
    ----------
    correct_a, correct_b
        ``(n,)`` bool: whether each model is right on each window.
    """
    only_a = int(np.sum(correct_a & ~correct_b))
    only_b = int(np.sum(correct_b & ~correct_a))
    if only_a + only_b == 0:
        return 1.0
    return float(binomtest(only_a, only_a + only_b, 0.5).pvalue)


def holm(p_values: Sequence[float], n_questions: int | None = None) -> np.ndarray:
    """Return p-values corrected for how many there are (Holm 1979).

    The smallest is multiplied by n, the next by n − 1, and so on; none may fall below one that
    was smaller before.

    Parameters
    ----------
    p_values
        ``(n,)``.
    n_questions
        How many questions were meant to be asked, if more than have a p-value; those without one
        count as answered by chance.

    Returns
    -------
    ndarray
        ``(n,)`` float64 in the order given.
    """
    given = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(given)
    factors = max(n_questions or 0, len(given)) - np.arange(len(given))
    corrected = np.empty(len(given))
    corrected[order] = np.minimum(np.maximum.accumulate(given[order] * factors), 1.0)
    return corrected


def ensemble_correct(runs: Sequence[Run]) -> np.ndarray:
    """Return where the mean of the seeds' probabilities is right, ``(n,)`` bool."""
    _check_same_windows(runs)
    mean = np.mean([run.probability.astype(np.float64) for run in runs], axis=0)
    return mean.argmax(axis=1) == runs[0].activity


# --- Tables -------------------------------------------------------------------------------------


def summary_table(runs_by_name: dict[str, list[Run]]) -> pd.DataFrame:
    """Return one row per model: scores with spread and interval, and what the model costs.

    Parameters
    ----------
    runs_by_name
        Name → all seeds, as ``results.load_runs`` gives them.

    Returns
    -------
    DataFrame
        Index ``name``. Columns ``n_seeds``; for accuracy, macro_f1, macro_precision and
        macro_recall ``<statistic>_mean``, ``_sd``, ``_low`` and ``_high``;
        ``negative_log_likelihood_mean`` and ``ece_mean`` (not a number where a model gives no
        probabilities); ``n_parameters`` and ``multiply_adds``. Fractions, not per cent.
    """
    rows = [_summary(name, runs) for name, runs in runs_by_name.items()]
    return pd.DataFrame(rows).set_index("name")


def _summary(name: str, runs: Sequence[Run]) -> dict[str, str | float]:
    """Return one model's row of the summary."""
    row: dict[str, str | float] = {"name": name, "n_seeds": len(runs)}
    for statistic in metrics.STATISTICS:
        interval = people_interval(runs, statistic)
        for part in ("mean", "sd", "low", "high"):
            row[f"{statistic}_{part}"] = getattr(interval, part)
    for statistic in ("negative_log_likelihood", "ece"):
        row[f"{statistic}_mean"] = float(_values(runs, statistic).mean())
    for cost in ("n_parameters", "multiply_adds"):
        value = runs[0].record[cost]
        row[cost] = float("nan") if value is None else value
    return row


def read_pairs(path: Path = PAIRS_FILE) -> list[tuple[str, str]]:
    """Return the pairs of models to compare, from ``config/pairs.yaml``."""
    return [(a, b) for a, b in configuration.read(path, "pairs")]


def pair_table(runs_by_name: dict[str, list[Run]], pairs: Iterable[Sequence[str]]) -> pd.DataFrame:
    """Compare models two by two in accuracy.

    Parameters
    ----------
    runs_by_name
        Name → all seeds.
    pairs
        Names to compare; together they are the family of Holm's correction.

    Returns
    -------
    DataFrame
        Columns ``a``, ``b``, ``difference`` (a − b), ``low``, ``high``, ``p_mcnemar``, ``p_holm``
        and ``verdict``: "a" or "b" where the interval excludes zero, else "undecided".

    Raises
    ------
    ValueError
        If a pair names a model without runs.
    """
    rows = [_pair(runs_by_name, *pair) for pair in pairs]
    columns = ["a", "b", "difference", "low", "high", "p_mcnemar"]
    table = pd.DataFrame(rows, columns=columns)
    table["p_holm"] = holm(table["p_mcnemar"])
    table["verdict"] = "undecided"
    table.loc[table["low"] > 0, "verdict"] = "a"
    table.loc[table["high"] < 0, "verdict"] = "b"
    return table


def _pair(runs_by_name: dict[str, list[Run]], a: str, b: str) -> tuple[str | float, ...]:
    """Return one row of the table of pairs, without what depends on the other rows."""
    for name in (a, b):
        if name not in runs_by_name:
            raise ValueError(f"cannot compare {a} with {b}: there is no run of {name}")
    interval = paired_interval(runs_by_name[a], runs_by_name[b])
    p_value = mcnemar_exact(ensemble_correct(runs_by_name[a]), ensemble_correct(runs_by_name[b]))
    return a, b, interval.mean, interval.low, interval.high, p_value


def per_activity_table(
    runs_by_name: dict[str, list[Run]], statistic: str = "recall"
) -> pd.DataFrame:
    """Return a score of each activity, models (index) × activities (columns), mean over seeds.

    Parameters
    ----------
    runs_by_name
        Name → all seeds.
    statistic
        "recall" (how many of the activity's windows are recognised), "precision" or "f1".
    """
    rows = {
        name: _mean_of(
            {activity: scores[statistic] for activity, scores in each.items()}
            for each in (run.record["metrics"]["per_class"] for run in runs)
        )
        for name, runs in runs_by_name.items()
    }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("name")
    # A record that was written and read back has its keys in alphabetical order.
    return table[list(metrics.class_names(table.shape[1]))]


def per_subject_table(runs_by_name: dict[str, list[Run]]) -> pd.DataFrame:
    """Return accuracy on each subject, models (index) × subjects (columns, int), mean over seeds.

    A model that never saw a subject has no number there.
    """
    rows = {
        name: _mean_of(run.record["metrics"]["per_subject"] for run in runs)
        for name, runs in runs_by_name.items()
    }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("name")
    return table.rename(columns=int).sort_index(axis="columns")


def _mean_of(scores: Iterable[dict[str, float]]) -> pd.Series:
    """Return the mean of several dicts of the same numbers, in the first one's order."""
    return pd.DataFrame(list(scores)).mean()


def mean_confusion(runs: Sequence[Run]) -> np.ndarray:
    """Return the confusion matrix averaged over seeds, counts, ``(k, k)`` float64, rows true."""
    _check_same_windows(runs)
    return np.mean([run.record["metrics"]["confusion"] for run in runs], axis=0)


def confusion_shares(confusion: np.ndarray) -> np.ndarray:
    """Return the share of each activity's windows (row) called each activity (column).

    Parameters
    ----------
    confusion
        Counts, ``(k, k)``, rows true. Shares stay what they are.

    Returns
    -------
    ndarray
        ``(k, k)`` float64; rows add up to 1, those of activities without windows to 0.
    """
    counts = np.nan_to_num(np.asarray(confusion, dtype=float))
    total = counts.sum(axis=1, keepdims=True)
    return np.divide(counts, total, out=np.zeros_like(counts), where=total > 0)


# --- Other predictions of the same windows ------------------------------------------------------


def rescored(run: Run, probability: np.ndarray) -> Run:
    """Return a run with other probabilities for its windows, and the scores of those.

    Parameters
    ----------
    run
        A run.
    probability
        ``(n, n_classes)``.
    """
    kind = run.record["probability_kind"]
    n_classes = probability.shape[1]
    scores = metrics.score(run.activity, probability, run.subject, n_classes, kind)
    return replace(run, probability=probability, record=run.record | {"metrics": scores})
