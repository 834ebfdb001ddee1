"""What runs say about models: means over seeds, intervals over people, paired comparisons."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from scipy.stats import binomtest

from har_utils import metrics, results
from har_utils.results import REPOSITORY, Run
from har_utils.signals import SAMPLING_RATE, STRIDE, WINDOW

N_RESAMPLES = 10_000
"""How often the subjects are drawn anew."""

LEVEL = 0.95
"""Confidence level of the intervals."""

TEMPERATURES = (0.05, 20.0)
"""The lowest and the highest temperature that is tried."""

TIE_BREAK = 1e-3
"""Weight of the probabilities in a vote: less than one vote, for up to 500 windows."""

PAIRS_FILE = REPOSITORY / "config" / "pairs.yaml"
"""The pairs of models that are compared."""


@dataclass(frozen=True)
class Interval:
    """A statistic and how sure we are of it.

    Parameters
    ----------
    low, high
        Ends of the 95 % percentile interval over resampled subjects; for a comparison, over
        resampled seeds as well.
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


def holm(p_values: Sequence[float]) -> np.ndarray:
    """Return p-values corrected for how many there are (Holm 1979).

    The smallest is multiplied by n, the next by n − 1, and so on; none may fall below one that
    was smaller before.

    Parameters
    ----------
    p_values
        ``(n,)``.

    Returns
    -------
    ndarray
        ``(n,)`` float64 in the order given.
    """
    p_values = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p_values)
    factors = np.arange(len(p_values), 0, -1)
    corrected = np.empty(len(p_values))
    corrected[order] = np.minimum(np.maximum.accumulate(p_values[order] * factors), 1.0)
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
        interval = subject_bootstrap(runs, statistic)
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
    return [(a, b) for a, b in yaml.safe_load(path.read_text(encoding="utf-8"))]


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
    interval = paired_bootstrap(runs_by_name[a], runs_by_name[b])
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


# --- Runs of folds, put together ----------------------------------------------------------------


def pool(runs: Sequence[Run]) -> list[Run]:
    """Put the predictions of all folds together: one run per seed, as if of one model.

    Macro F1 over all people at once is not the mean of their own: somebody with few windows, or
    without one of the activities, would count too much.

    Parameters
    ----------
    runs
        Runs of folds of one model, of one or several seeds. Seeds that lack a fold which another
        seed has are left out, so that all predict the same windows.

    Returns
    -------
    list of Run
        By seed; ``record["folds"]`` says which folds there were.

    Raises
    ------
    ValueError
        If two folds predict the same window, or the runs are not of one model.
    """
    by_seed: dict[int, list[Run]] = {}
    for run in sorted(runs, key=lambda run: (run.key.seed, run.key.fold)):
        by_seed.setdefault(run.key.seed, []).append(run)
    every = {run.key.fold for run in runs}
    whole = [folds for folds in by_seed.values() if {run.key.fold for run in folds} == every]
    return [_pooled(folds) for folds in whole]


def _pooled(folds: Sequence[Run]) -> Run:
    """Return the runs of one seed's folds as one run, its windows in the order of their rows."""
    first = folds[0]
    if len({run.key.name for run in folds}) > 1:
        raise ValueError("only folds of one model can be put together")
    row = np.concatenate([run.row for run in folds])
    if len(np.unique(row)) < len(row):
        raise ValueError(f"{first.key.name}: two folds predict the same window")
    order = np.argsort(row)
    arrays = {
        name: np.concatenate([getattr(run, name) for run in folds])[order]
        for name in results.ARRAYS
    }
    record = first.record | {
        "fold": None,
        "folds": [run.key.fold for run in folds],
        "predicted": sorted({int(subject) for run in folds for subject in run.subject}),
        "digest": results.run_digest(folds=[run.record["digest"] for run in folds]),
        "epochs": {"folds": [run.record["epochs"] for run in folds]},
        "history": {},
        "trained_on": [],
    }
    key = replace(first.key, fold=None)
    together = Run(key=key, record=record, folder=first.folder, **arrays)
    return rescored(together, together.probability)


def load_pooled(profile: str, name: str) -> list[Run]:
    """Return the folds of a model put together, one run per seed; an empty list if there are none.

    Folds are looked for where runs are. Runs that somebody put together before and wrote as
    final runs (``results.write_run``) do as well, and go before folds of fewer windows.

    Parameters
    ----------
    profile
        Whose build comes first.
    name
        For example ``"modern@loso"``.
    """
    pooled = pool(results.load_folds(profile, name))
    if name in results.available(profile):
        whole = results.load_runs(profile, [name])[name]
        if not pooled or len(pooled[0].row) < len(whole[0].row):
            return whole
    return pooled


def load_all_pooled(profile: str, variant: str) -> dict[str, list[Run]]:
    """Return every model of a variant that was trained fold by fold, its folds put together.

    Parameters
    ----------
    profile
        Whose build comes first.
    variant
        For example ``"loso"``.

    Returns
    -------
    dict
        Name → one run per seed; empty if there are none.
    """
    there = {*results.available(profile), *results.available(profile, fold=0)}
    names = sorted(name for name in there if name.endswith(f"@{variant}"))
    return {name: load_pooled(profile, name) for name in names}


# --- Is a probability of 90 % right in nine of ten cases? ----------------------------------------


def reliability(activity: np.ndarray, probability: np.ndarray) -> pd.DataFrame:
    """Return how often a model is right when it is so and so sure: the reliability diagram.

    Parameters
    ----------
    activity
        ``(n,)`` codes from 0.
    probability
        ``(n, n_classes)``.

    Returns
    -------
    DataFrame
        One row per bin of the top probability, 15 of equal width as in the calibration error:
        ``low``, ``high``, ``confidence`` (its mean), ``accuracy`` and ``share`` of the windows.
        Confidence and accuracy of an empty bin are not numbers.
    """
    n_bins = metrics.N_BINS
    confidence = np.asarray(probability, dtype=np.float64).max(axis=1)
    right = np.argmax(probability, axis=1) == activity
    place = np.clip(np.ceil(confidence * n_bins).astype(int) - 1, 0, n_bins - 1)
    windows = pd.DataFrame({"confidence": confidence, "accuracy": right.astype(float)})
    table = windows.groupby(place).mean().reindex(range(n_bins))
    edges = np.arange(n_bins + 1) / n_bins
    share = np.bincount(place, minlength=n_bins) / len(place)
    return table.assign(low=edges[:-1], high=edges[1:], share=share)


def _logits(probability: np.ndarray) -> np.ndarray:
    """Return logarithms of probabilities; what a softmax saw before, up to a constant."""
    clipped = np.clip(np.asarray(probability, dtype=np.float64), metrics.SMALLEST_PROBABILITY, 1)
    return np.log(clipped)


def at_temperature(probability: np.ndarray, temperature: float) -> np.ndarray:
    """Make probabilities more cautious (temperature above 1) or bolder (below 1).

    The order of the activities, and so the prediction, stays (Guo et al. 2017, "On calibration of
    modern neural networks").

    Parameters
    ----------
    probability
        ``(n, n_classes)``; values below 1e-7 count as 1e-7.
    temperature
        What the logits are divided by.

    Returns
    -------
    ndarray
        ``(n, n_classes)`` float64.
    """
    return softmax(_logits(probability) / temperature, axis=1)


def fit_temperature(activity: np.ndarray, probability: np.ndarray) -> float:
    """Return the temperature at which the true activities are most likely.

    Parameters
    ----------
    activity
        ``(n,)`` codes from 0; of people the model has not been trained on.
    probability
        ``(n, n_classes)``.

    Returns
    -------
    float
        Minimises the softmax loss, between 0.05 and 20.

    Raises
    ------
    ValueError
        If there are no windows.
    """
    if len(activity) == 0:
        raise ValueError("no windows to fit a temperature on")
    logits, truth = _logits(probability), np.arange(len(activity))

    def loss(log_temperature: float) -> float:
        likely = log_softmax(logits / np.exp(log_temperature), axis=1)
        return -likely[truth, activity].mean()

    return float(np.exp(minimize_scalar(loss, bounds=np.log(TEMPERATURES), method="bounded").x))


def fold_temperature(folds: Sequence[Run]) -> float:
    """Return the temperature fitted on the windows that the runs of folds were not trained on."""
    activity = np.concatenate([run.activity for run in folds])
    return fit_temperature(activity, np.concatenate([run.probability for run in folds]))


def calibrated(runs: Sequence[Run], temperature: float) -> list[Run]:
    """Return runs with their probabilities at another temperature."""
    return [rescored(run, at_temperature(run.probability, temperature)) for run in runs]


def calibration_table(
    runs_by_name: Mapping[str, Sequence[Run]], temperatures: Mapping[str, float]
) -> pd.DataFrame:
    """Return loss and calibration error of models before and after temperature scaling.

    Parameters
    ----------
    runs_by_name
        Name → all seeds.
    temperatures
        Name → temperature; the models in the table.

    Returns
    -------
    DataFrame
        Index ``name``; ``temperature``, ``nll_before``, ``nll_after``, ``ece_before`` and
        ``ece_after``, means over seeds.
    """
    rows = {}
    for name, temperature in temperatures.items():
        row = {"temperature": temperature}
        after = calibrated(runs_by_name[name], temperature)
        for when, runs in (("before", runs_by_name[name]), ("after", after)):
            row[f"nll_{when}"] = _values(runs, "negative_log_likelihood").mean()
            row[f"ece_{when}"] = _values(runs, "ece").mean()
        rows[name] = row
    columns = ["temperature", "nll_before", "nll_after", "ece_before", "ece_after"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("name")


# --- Answering only when sure -------------------------------------------------------------------


def selective(activity: np.ndarray, probability: np.ndarray) -> pd.DataFrame:
    """Return the accuracy on the windows a model is surest of, for every share of them.

    Parameters
    ----------
    activity
        ``(n,)`` codes from 0.
    probability
        ``(n, n_classes)``.

    Returns
    -------
    DataFrame
        ``coverage`` (1/n to 1) and ``accuracy``, ``n`` rows. Windows of equal confidence each
        count as right to the share of them that is.
    """
    confidence = np.asarray(probability).max(axis=1)
    right = (np.argmax(probability, axis=1) == activity).astype(np.float64)
    _, group, size = np.unique(-confidence, return_inverse=True, return_counts=True)
    share_right = np.bincount(group, weights=right) / size
    counted = np.arange(1, len(right) + 1)
    accuracy = np.cumsum(np.repeat(share_right, size)) / counted
    return pd.DataFrame({"coverage": counted / len(right), "accuracy": accuracy})


def selective_area(curve: pd.DataFrame) -> float:
    """Return the mean accuracy over all coverages, the area under the curve of ``selective``."""
    return float(curve["accuracy"].mean())


def selective_curve(runs: Sequence[Run]) -> pd.DataFrame:
    """Return the curve of ``selective`` averaged over the seeds of one model."""
    _check_same_windows(runs)
    return sum(selective(run.activity, run.probability) for run in runs) / len(runs)


# --- One window after the other -----------------------------------------------------------------


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


# --- Which windows are wrong --------------------------------------------------------------------


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


def commonest_answer(runs_by_name: Mapping[str, Sequence[Run]]) -> np.ndarray:
    """Return what most models say about each window, ``(n,)`` codes.

    Every model has one say, the mean of its seeds' probabilities.
    """
    answers = [
        np.mean([run.probability for run in runs], axis=0).argmax(axis=1)
        for runs in runs_by_name.values()
    ]
    n_classes = max(run.probability.shape[1] for runs in runs_by_name.values() for run in runs)
    return np.eye(n_classes)[np.array(answers)].sum(axis=0).argmax(axis=1)


def in_company(runs: Sequence[Run], table: pd.DataFrame) -> float:
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
