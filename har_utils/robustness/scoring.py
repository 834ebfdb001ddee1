"""What a phone outside the laboratory would deliver instead, and how much of it models bear.

Every perturbation is a pure function of windows ``(n, samples, 9)`` with channels as in
``dataset.CHANNELS``. A phone measures the total acceleration and the angular velocity; the
body's acceleration is what is left of the former when gravity is taken away. So a perturbation
changes what is *measured*, and the body's acceleration follows from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import softmax
from tqdm.auto import tqdm

from har_utils import features, metrics, results, sentences, training
from har_utils.dataset import Dataset
from har_utils.robustness.perturbations import PERTURBATIONS, Alter, _check, other_pocket, perturb

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

say = sentences.beside(__file__)

UNCHANGED = "unchanged"
"""Name, in the table of curves, of the windows as they are."""

TABLE = "robustness/curves"
"""Name of the table of curves among the results."""


# --- Curves -------------------------------------------------------------------------------------

Predict = Callable[[np.ndarray], np.ndarray]
"""From windows ``(n, samples, 9)`` to probabilities ``(n, n_classes)``."""


def curves(
    predictors: Mapping[tuple[str, int], Predict],
    windows: np.ndarray,
    labels: np.ndarray,
    subjects: np.ndarray,
    names: Iterable[str] = tuple(PERTURBATIONS),
    seed: int = 0,
    alter: Alter = perturb,
) -> pd.DataFrame:
    """Score models on the same perturbed windows, every perturbation at all its levels.

    Parameters
    ----------
    predictors
        (model, seed) → function that predicts.
    windows
        ``(n, samples, 9)``.
    labels
        ``(n,)`` codes from 0.
    subjects
        ``(n,)`` whose window it is.
    names
        Which of ``PERTURBATIONS``.
    seed
        Of the perturbations.
    alter
        What alters the windows: `perturb`, or what `as_recorded` returns.

    Returns
    -------
    DataFrame
        Columns ``model``, ``seed``, ``perturbation`` (``UNCHANGED`` first), ``level``,
        ``accuracy``, ``macro_f1`` and ``lowest``, the accuracy for the person it is worst for.
    """
    conditions = [(name, level) for name in names for level in PERTURBATIONS[name].levels]
    rows = _scores(predictors, windows, labels, subjects, (UNCHANGED, 0))
    for name, level in tqdm(conditions, disable=not training.is_live()):
        changed = alter(windows, name, level, seed)
        rows += _scores(predictors, changed, labels, subjects, (name, level))
    columns = ["model", "seed", "perturbation", "level", "accuracy", "macro_f1", "lowest"]
    return pd.DataFrame(rows, columns=columns)


def _scores(
    predictors: Mapping[tuple[str, int], Predict],
    windows: np.ndarray,
    labels: np.ndarray,
    subjects: np.ndarray,
    condition: tuple[str, float],
) -> list[tuple]:
    """Return a row of the curves for every model, under one condition."""
    rows = []
    for model, predict in predictors.items():
        probability = predict(windows)
        scores = metrics.score(labels, probability, subjects, probability.shape[1])
        lowest = min(scores["per_subject"].values())
        rows.append((*model, *condition, scores["accuracy"], scores["macro_f1"], lowest))
    return rows


def mirror_scores(networks: Mapping[tuple[str, int], Predict], sample: Dataset) -> pd.DataFrame:
    """Score every recording as it is and in the mirror, to see on which side the phone was worn.

    Parameters
    ----------
    networks
        (model, seed) → function that predicts; at least one.
    sample
        Windows of a few recordings.

    Returns
    -------
    DataFrame
        Index: subject and recording; ``as_worn`` and ``mirrored``: accuracy, mean over networks.
    """
    keys = [sample.subjects, sample.table["recording"].to_numpy()]
    answer = list(networks.values())
    versions = {"as_worn": sample.windows, "mirrored": other_pocket(sample.windows)}
    right = {
        version: np.mean([predict(w).argmax(axis=1) == sample.labels for predict in answer], axis=0)
        for version, w in versions.items()
    }
    return pd.DataFrame(right).groupby(keys).mean().rename_axis(["subject", "recording"])


# --- Models on features -------------------------------------------------------------------------


def window_features(windows: np.ndarray) -> np.ndarray:
    """Compute the 561 features of windows that are not cut out of a recording.

    They are as in ``Dataset.features``, but for two things. The jerk of a window's last sample
    needs the one after it, which is not there: that of the sample before is repeated. And a feature
    that divides by something that does not change, like the correlation of a silent gyroscope's
    axes, counts as zero.

    Parameters
    ----------
    windows
        ``(n, samples, 9)``.

    Returns
    -------
    ndarray
        ``(n, 561)`` float64, unscaled.
    """
    _check(windows)
    body, gyro, total = np.split(windows.astype(np.float64), 3, axis=2)
    body_jerk, gyro_jerk = (
        np.pad(np.diff(signal, axis=1), ((0, 0), (0, 1), (0, 0)), mode="edge")
        for signal in (body, gyro)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        values = features.extract(body, total - body, body_jerk, gyro, gyro_jerk)
    return np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)


def on_features(fitted: Mapping[str, Pipeline]) -> dict[tuple[str, int], Predict]:
    """Let classical models predict windows, by the windows' features.

    Parameters
    ----------
    fitted
        Name → model, fitted on features.

    Returns
    -------
    dict
        (name, 0) → function that predicts. All share the features of the windows they were asked
        about last, so that these are computed once.
    """
    last: dict[str, np.ndarray] = {}

    def predict(model: Pipeline, windows: np.ndarray) -> np.ndarray:
        if last.get("windows") is not windows:
            last.update(windows=windows, features=window_features(windows))
        if hasattr(model, "predict_proba"):
            return model.predict_proba(last["features"])
        return softmax(model.decision_function(last["features"]), axis=1)

    return {(name, 0): partial(predict, model) for name, model in fitted.items()}


# --- Curves in words and tables -----------------------------------------------------------------


def mean_curves(table: pd.DataFrame) -> pd.DataFrame:
    """Average curves over the seeds, and let each start from the windows as they are.

    Parameters
    ----------
    table
        As ``curves`` returns it.

    Returns
    -------
    DataFrame
        Columns ``model``, ``perturbation``, ``level``, ``accuracy``, ``macro_f1``, ``lowest``;
        every perturbation has also the level that changes nothing. Models stay in their order.
    """
    scores = ["accuracy", "macro_f1", "lowest"]
    parts = [table[table["perturbation"] != UNCHANGED]]
    unchanged = table[table["perturbation"] == UNCHANGED]
    for name in parts[0]["perturbation"].unique():
        none = PERTURBATIONS[name].none
        parts.append(unchanged.assign(perturbation=name, level=none))
    keys = ["model", "perturbation", "level"]
    return pd.concat(parts).groupby(keys, sort=False)[scores].mean().reset_index()


def losses(table: pd.DataFrame) -> pd.DataFrame:
    """Return the accuracy that every condition costs every model, mean over seeds.

    Parameters
    ----------
    table
        As ``curves`` returns it.

    Returns
    -------
    DataFrame
        Index: perturbation and level, in their order; a column per model; fractions.
    """
    keys = ["perturbation", "level"]
    order = pd.MultiIndex.from_frame(table[keys].drop_duplicates())
    mean = table.pivot_table(index=keys, columns="model", values="accuracy").reindex(order)
    mean = mean[table["model"].drop_duplicates()]
    unchanged = mean.xs(UNCHANGED, level="perturbation").iloc[0]
    return (unchanged - mean).drop(index=UNCHANGED, level="perturbation")


def with_published(table: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
    """Add the published curves of models that have none here, and say of which.

    Parameters
    ----------
    table
        As ``curves`` returns it.
    names
        Models wanted.
    """
    published = results.read_table(results.published_folder(), TABLE)
    missing = [name for name in names if name not in set(table["model"])]
    if published is None or not missing:
        return table
    added = published[published["model"].isin(missing)]
    if len(added):
        print("Published curves, their weights not being here:", *added["model"].unique())
    return pd.concat([table, added], ignore_index=True)


def costliest(lost: pd.DataFrame, perturbations: Iterable[str] = tuple(PERTURBATIONS)) -> str:
    """Say, for each model, which condition costs it most accuracy.

    Parameters
    ----------
    lost
        What ``losses`` returns.
    perturbations
        Those to look at.
    """
    looked = lost[lost.index.get_level_values("perturbation").isin(list(perturbations))]
    worst = {name: PERTURBATIONS[looked[name].idxmax()[0]] for name in looked}
    told = [
        {
            "model": name,
            "what": perturbation.title,
            "level": f"{looked[name].idxmax()[1]:g}",
            "unit": perturbation.unit,
            "lost": looked[name].max(),
        }
        for name, perturbation in worst.items()
    ]
    return "\n".join(say("costliest", **each) for each in told)


def harmless(lost: pd.DataFrame, points: float = 0.01) -> str:
    """Say which perturbations cost no model more than a little, whatever their level.

    Parameters
    ----------
    lost
        What ``losses`` returns.
    points
        What counts as a little, a fraction.
    """
    worst = lost.groupby(level="perturbation", sort=False).max().max(axis=1)
    names = [PERTURBATIONS[name].title for name in worst.index[worst <= points]]
    return say("harmless", limit=points, names=names)


def in_order(lost: pd.DataFrame) -> str:
    """Say what each perturbation costs at its worst, mean over models, from harmless to ruinous.

    Parameters
    ----------
    lost
        What ``losses`` returns, of the models to average.
    """
    worst = lost.groupby(level="perturbation").max().mean(axis=1).sort_values()
    order = [{"what": PERTURBATIONS[name].title, "lost": by} for name, by in worst.items()]
    return say("in_order", order=order)
