"""What the course's own models say to other people, and to a phone without its error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, partial
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from har_utils import dataset, models, placement, results, sensors
from har_utils.dataset import Dataset
from har_utils.models import rocket
from har_utils.others import final
from har_utils.others.protocol import Data
from har_utils.others.windows import OWN
from har_utils.robustness import scoring
from har_utils.robustness.scoring import Predict

EVERY = 3
"""One window in so many is shown to a published model: a recurrent one takes its time."""

UNSURE = ("linear_svc", *models.CONVOLUTIONS)
"""Models whose numbers are distances from a plane and no probabilities: they are never sure."""

SCORES = ("accuracy", "macro_f1", "worst_person", "sure", "sure_and_wrong")


def networks() -> dict[str, Predict]:
    """Return the course's networks that read one window and name one of six activities."""
    folder, load = results.networks_folder(), models.prepare().models.load_model
    names = ("modern", "modern_small", "modern_tiny", "modern_integer", "cnn_1d", "cnn_lstm")
    files = [folder / f"{name}.keras" for name in (*names, "single_lstm", "multi_lstm")]
    found = {file.stem: load(file, compile=False) for file in files if file.exists()}
    return {
        name: partial(model.predict, batch_size=256, verbose=0) for name, model in found.items()
    }


def classical(train: Dataset) -> dict[str, Predict]:
    """Fit the classical models of notebook 3 as they were published, on the training people."""
    runs = results.load_runs(results.published_folder(), models.CLASSICAL)
    fitted = {}
    for name, [run] in runs.items():
        value = run.record["chosen"][models.HYPERPARAMETERS[name]]
        fitted[name] = models.classical(name, value).fit(train.features, train.labels)
    return {name: predict for (name, _), predict in scoring.on_features(fitted).items()}


def convolutions(train: Dataset) -> dict[str, Predict]:
    """Return the models of notebook 3c with seed 0, fitted when they are first asked."""
    return {name: _fitted_when_asked(name, train) for name in models.CONVOLUTIONS}


def _fitted_when_asked(name: str, train: Dataset) -> Predict:
    """Return a function that fits a model at its first call, which takes minutes."""

    @cache
    def fitted() -> Pipeline:
        model = rocket.BUILDERS[name](0, rocket.N_KERNELS[name])
        return model.fit(train.windows, train.labels)

    return lambda windows: fitted().decision_function(windows)


def table(data: Data, asked: Mapping[str, Predict], every: int = EVERY) -> pd.DataFrame:
    """Score models on other people, as recorded and turned.

    Parameters
    ----------
    data : Data
    asked : dict
        Name of a model → function from windows to probabilities (`networks`, `classical`).
    every : int
        One window in so many is shown to them.

    Returns
    -------
    DataFrame
        One row per model, set and way: ``network`` (its name), ``data_set``, ``turned``,
        ``windows``, ``accuracy``, ``macro_f1``, ``worst_person``, ``sure``, ``sure_and_wrong``;
        the last two are missing where a model's numbers are no probabilities.
    """
    found = pd.DataFrame([row for name in data.sets for row in _rows(data, name, asked, every)])
    order = {name: number for number, name in enumerate(asked)}
    return found.sort_values("network", key=lambda names: names.map(order), kind="stable")


def _rows(
    data: Data, name: str, asked: Mapping[str, Predict], every: int
) -> Iterator[dict[str, Any]]:
    """Yield the scores of one set: all models see the same windows, as recorded, then turned."""
    if name == OWN:
        return
    chosen = np.arange(0, len(data.sets[name]), every)
    some = data.sets[name].take(chosen)
    for turned, windows in ((False, some.windows), (True, data.upright(name)[chosen])):
        for model, predict in asked.items():
            scores = final.describe(some, np.asarray(predict(windows)))
            if model in UNSURE:
                scores |= {"sure": np.nan, "sure_and_wrong": np.nan}
            yield {
                **{"network": model, "data_set": name, "turned": turned, "windows": len(some)},
                **{score: round(scores[score], 5) for score in SCORES},
            }


def calibration(train: Dataset) -> sensors.Calibration:
    """Find the errors of the course's phone where its training people keep still."""
    still = train.windows[placement.motion(train.windows) < placement.LEAST_MOTION]
    return sensors.calibrate(still[:, :, 6:].mean(axis=1, dtype=float))


def calibrated(data: Dataset, asked: Mapping[str, Predict]) -> pd.DataFrame:
    """Score models on the course's test people: as measured, and without the phone's error.

    Returns
    -------
    DataFrame
        ``model``, and its accuracy ``as_measured`` and ``calibrated``.
    """
    test, right = data.test, calibration(data.train).applied_to_windows(data.test.windows)
    ways = {"as_measured": test.windows, "calibrated": right}
    rows: dict[str, dict[str, float]] = {name: {} for name in asked}
    for way, windows in ways.items():
        for name, predict in asked.items():
            said = np.asarray(predict(windows)).argmax(axis=1)
            rows[name][way] = round(float((said == test.labels).mean()), 5)
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("model").reset_index()


def all_models() -> dict[str, Predict]:
    """Return the published networks, and the other models fitted on the training people."""
    train = dataset.load().train
    return {**networks(), **classical(train), **convolutions(train)}
