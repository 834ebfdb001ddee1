"""How sure a model is, and how sure it should be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from har_utils import metrics
from har_utils.evaluation.intervals import _check_same_windows, _values, rescored
from har_utils.results import Run

TEMPERATURES = (0.05, 20.0)
"""The lowest and the highest temperature that is tried."""


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
