"""A linear classifier for many features and few windows: ridge regression on the activities.

scikit-learn's ``RidgeClassifierCV`` does the same. It decomposes a matrix as large as there are
windows, in double precision, to try all penalties; this one tries penalties from the strongest down
and stops when it gets worse, which takes a fraction of the time with thousands of windows.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import lapack
from sklearn.base import BaseEstimator, ClassifierMixin

PENALTIES = tuple(np.logspace(-3, 3, 10).tolist())
"""The penalties that are tried: those of the papers."""

BLOCK = 2048
"""Features multiplied at a time, so that no second copy of all of them is made."""


class LeaveOneOutRidge(ClassifierMixin, BaseEstimator):
    """Ridge regression to +1 for a window's activity and to -1 for the others.

    Each window is left out in turn to choose the penalty, and no window is fitted again for that:
    with ``G`` the inverse of the penalised Gram matrix, the error on a window left out follows from
    ``G`` alone.

    Parameters
    ----------
    penalties
        To try, of which the best is taken. The error is assumed to have one valley.

    Attributes
    ----------
    classes_
        The activities' labels.
    penalty_
        The one that was chosen.
    coef_
        ``(n_classes, n_features)``.
    intercept_
        ``(n_classes,)``.
    """

    def __init__(self, penalties: tuple[float, ...] = PENALTIES) -> None:
        self.penalties = penalties

    def fit(self, features: np.ndarray, labels: np.ndarray) -> LeaveOneOutRidge:
        """Choose the penalty and find the weights.

        Parameters
        ----------
        features
            ``(n, n_features)``, of similar size.
        labels
            ``(n,)``.

        Raises
        ------
        ValueError
            If all labels are the same.
        """
        self.classes_ = np.unique(labels)
        if len(self.classes_) < 2:
            raise ValueError("a classifier needs windows of at least two activities")
        targets = np.where(np.asarray(labels)[:, None] == self.classes_, 1.0, -1.0)
        middle, level = features.mean(axis=0), targets.mean(axis=0)
        gram = _gram(features, middle)
        best = np.inf
        for penalty in sorted(self.penalties, reverse=True):
            share, error = _left_out(gram, targets - level, penalty)
            if error >= best:
                break
            best, self.penalty_, chosen = error, penalty, share
        chosen = chosen.astype(features.dtype)
        self.coef_ = (features.T @ chosen - np.outer(middle, chosen.sum(axis=0))).T
        self.intercept_ = level - self.coef_ @ middle
        return self

    def decision_function(self, features: np.ndarray) -> np.ndarray:
        """Return a score for every activity, ``(n, n_classes)``."""
        return features @ self.coef_.T + self.intercept_

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Return the label with the highest score, ``(n,)``."""
        return self.classes_[self.decision_function(features).argmax(axis=1)]


def _gram(features: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """Return the products of all pairs of windows, ``(n, n)`` float64, features around 0."""
    gram = np.zeros((len(features), len(features)))
    for start in range(0, features.shape[1], BLOCK):
        columns = slice(start, start + BLOCK)
        block = features[:, columns] - middle[columns]
        gram += block @ block.T
    return gram


def _left_out(gram: np.ndarray, targets: np.ndarray, penalty: float) -> tuple[np.ndarray, float]:
    """Return each window's share in the weights, and the mean squared error on windows left out.

    The residuals are ``penalty · G · targets``, the leverages ``1 + 1/n - penalty · diag(G)``, and
    a residual over one minus its leverage is the error on a window that was left out (Allen 1974,
    "The relationship between variable selection and data augmentation and a method for prediction";
    the 1/n is the intercept's).
    """
    system = gram + penalty * np.eye(len(gram))
    root, _ = lapack.dpotrf(system.T, lower=True, overwrite_a=True)
    inverse, _ = lapack.dtrtri(root, lower=True, overwrite_c=True)
    share = inverse.T @ (inverse @ targets)
    diagonal = np.einsum("ij,ij->j", inverse, inverse)
    errors = penalty * share / (penalty * diagonal - 1 / len(gram))[:, None]
    return share, float(np.mean(errors**2))
