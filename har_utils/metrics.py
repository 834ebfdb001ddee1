"""Scores of one run's predictions.

What is counted over classes is a function of confusion matrices ``(..., n_classes, n_classes)``:
rows are the true activities, columns the predicted ones, and any leading axes are kept. So the
same formula scores one run and ten thousand resamples of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from har_utils.dataset import ACTIVITIES, TWELVE_ACTIVITIES

SMALLEST_PROBABILITY = 1e-7
"""Probabilities below count as this in the likelihood, so that no single window decides it."""

N_BINS = 15
"""Bins of the expected calibration error."""


def confusion(activity: np.ndarray, predicted: np.ndarray, n_classes: int = 6) -> np.ndarray:
    """Return how often each activity was taken for each.

    Parameters
    ----------
    activity, predicted
        ``(n,)`` codes from 0.
    n_classes
        Number of activities.

    Returns
    -------
    ndarray
        ``(n_classes, n_classes)`` int64; rows true, columns predicted.
    """
    cells = np.asarray(activity, dtype=np.int64) * n_classes + predicted
    return np.bincount(cells, minlength=n_classes**2).reshape(n_classes, n_classes)


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return ``part / whole``, and 0 where the whole is 0."""
    return np.divide(part, whole, out=np.zeros(np.shape(part)), where=np.asarray(whole) > 0)


def _correct(matrix: np.ndarray) -> np.ndarray:
    """Return the number of windows of each activity that were recognised, as float64."""
    return np.diagonal(matrix, axis1=-2, axis2=-1).astype(np.float64)


def accuracy(matrix: np.ndarray) -> np.ndarray:
    """Return the fraction of windows recognised; ``(..., k, k)`` → ``(...)`` float64."""
    return _ratio(_correct(matrix).sum(axis=-1), matrix.sum(axis=(-2, -1)))


def precision(matrix: np.ndarray) -> np.ndarray:
    """Return, per activity, the fraction of its predictions that are right; ``(..., k)``.

    An activity that was never predicted counts as 0.
    """
    return _ratio(_correct(matrix), matrix.sum(axis=-2))


def recall(matrix: np.ndarray) -> np.ndarray:
    """Return, per activity, the fraction of its windows that were recognised; ``(..., k)``.

    An activity without windows counts as 0.
    """
    return _ratio(_correct(matrix), matrix.sum(axis=-1))


def f1(matrix: np.ndarray) -> np.ndarray:
    """Return, per activity, the harmonic mean of precision and recall; ``(..., k)``."""
    return _ratio(2 * _correct(matrix), matrix.sum(axis=-1) + matrix.sum(axis=-2))


def macro_precision(matrix: np.ndarray) -> np.ndarray:
    """Return the mean of the activities' precisions, each activity counting the same."""
    return precision(matrix).mean(axis=-1)


def macro_recall(matrix: np.ndarray) -> np.ndarray:
    """Return the mean of the activities' recalls, each activity counting the same."""
    return recall(matrix).mean(axis=-1)


def macro_f1(matrix: np.ndarray) -> np.ndarray:
    """Return the mean of the activities' F1 scores, each activity counting the same."""
    return f1(matrix).mean(axis=-1)


STATISTICS = {
    "accuracy": accuracy,
    "macro_f1": macro_f1,
    "macro_precision": macro_precision,
    "macro_recall": macro_recall,
}
"""Name → function of confusion matrices."""


def negative_log_likelihood(activity: np.ndarray, probability: np.ndarray) -> float:
    """Return the mean of −ln(probability of the true activity), the softmax loss.

    Parameters
    ----------
    activity
        ``(n,)`` codes from 0.
    probability
        ``(n, n_classes)``; values below 1e-7 count as 1e-7.
    """
    given = np.asarray(probability, dtype=np.float64)[np.arange(len(activity)), activity]
    return float(-np.log(np.clip(given, SMALLEST_PROBABILITY, 1.0)).mean())


def expected_calibration_error(activity: np.ndarray, probability: np.ndarray) -> float:
    """Return how far confidence and accuracy lie apart, on average over windows.

    The top probabilities are sorted into 15 bins of equal width; each bin contributes
    |mean confidence − accuracy| weighted by its share of the windows (Guo et al. 2017,
    "On calibration of modern neural networks").

    Parameters
    ----------
    activity
        ``(n,)`` codes from 0.
    probability
        ``(n, n_classes)``.
    """
    confidence = np.asarray(probability, dtype=np.float64).max(axis=1)
    right = np.argmax(probability, axis=1) == activity
    bins = np.clip(np.ceil(confidence * N_BINS).astype(int) - 1, 0, N_BINS - 1)
    gap = np.bincount(bins, weights=confidence - right, minlength=N_BINS)
    return float(np.abs(gap).sum() / len(confidence))


def class_names(n_classes: int) -> tuple[str, ...]:
    """Return the names of six or twelve activities; of other numbers of classes, numbers."""
    for names in (ACTIVITIES, TWELVE_ACTIVITIES):
        if n_classes == len(names):
            return names
    return tuple(f"class_{code}" for code in range(n_classes))


def score(
    activity: np.ndarray,
    probability: np.ndarray,
    subject: np.ndarray,
    n_classes: int = 6,
    probability_kind: str = "softmax",
) -> dict[str, Any]:
    """Return every score of one run's predictions.

    Parameters
    ----------
    activity
        ``(n,)`` true codes from 0.
    probability
        ``(n, n_classes)``; the largest of a row is the prediction.
    subject
        ``(n,)`` whose window it is.
    n_classes
        Number of activities.
    probability_kind
        "softmax", or "score" where the numbers of a row rank the activities but are no
        probabilities: then likelihood and calibration error are None.

    Returns
    -------
    dict
        ``accuracy``, ``macro_f1``, ``macro_precision``, ``macro_recall``,
        ``negative_log_likelihood``, ``ece``, ``per_class`` (activity → precision, recall, f1),
        ``per_subject`` (subject as text → accuracy) and ``confusion`` (rows true).
    """
    predicted = np.argmax(probability, axis=1)
    matrix = confusion(activity, predicted, n_classes)
    is_probability = probability_kind == "softmax"
    return {
        **{name: float(statistic(matrix)) for name, statistic in STATISTICS.items()},
        "negative_log_likelihood": (
            negative_log_likelihood(activity, probability) if is_probability else None
        ),
        "ece": expected_calibration_error(activity, probability) if is_probability else None,
        "per_class": _per_class(matrix),
        "per_subject": {
            str(person): float(np.mean((predicted == activity)[subject == person]))
            for person in np.unique(subject)
        },
        "confusion": matrix.tolist(),
    }


def _per_class(matrix: np.ndarray) -> dict[str, dict[str, float]]:
    """Return precision, recall and F1 of each activity."""
    columns = zip(precision(matrix), recall(matrix), f1(matrix), strict=True)
    return {
        name: {"precision": float(p), "recall": float(r), "f1": float(f)}
        for name, (p, r, f) in zip(class_names(len(matrix)), columns, strict=True)
    }
