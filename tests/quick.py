"""A classifier that is fitted in a second, to test what is around classifiers."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from har_utils.dataset import Dataset


class QuickClassifier:
    """Logistic regression on means, deviations and spectra; predicts as a network does."""

    def __init__(self, people: Dataset) -> None:
        self.pipeline = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
        self.pipeline.fit(self.describe(people.windows), people.labels)

    @staticmethod
    def describe(windows: np.ndarray) -> np.ndarray:
        spectrum = np.abs(np.fft.rfft(windows, axis=1))[:, 1:16].mean(axis=2)
        return np.hstack([windows.mean(axis=1), windows.std(axis=1), spectrum])

    def predict(self, windows: np.ndarray, batch_size=None, verbose=0) -> np.ndarray:
        return self.pipeline.predict_proba(self.describe(windows))
