"""Other ways of asking a trained network, by what a whole recording shows without a label.

What they are is written in ``config/others.yaml``; `table` has their inner scores.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from har_utils import models, placement
from har_utils.dataset import ACTIVITIES
from har_utils.others import network, protocol
from har_utils.others.protocol import Data
from har_utils.others.windows import Windows

if TYPE_CHECKING:
    import keras

LEAST_BETWEEN = 0.85
"""Share of the variance between two groups of answers from which they are two."""

HALF = 0.5
"""How much a recording's own statistics count beside the training's."""

MOST_HEADINGS = 8

FEWEST = 10
"""Windows that it takes to see two groups."""

SITTING, STANDING = ACTIVITIES.index("SITTING"), ACTIVITIES.index("STANDING")

CLIMBING = (network.UP, network.DOWN)


# --- Statistics of the recording ----------------------------------------------------------------


def with_own_statistics(model: keras.Model, windows: np.ndarray) -> keras.Model:
    """Return a copy of a network that normalises half by what it is about to see.

    Every batch normalisation gets the mean of the training's statistics and those of `windows`,
    from the first layer to the last: each sees what the one before makes of its new statistics
    (after Li et al. 2016, arXiv:1603.04779, who take the new ones alone).

    Parameters
    ----------
    model : keras.Model
        Stays as it is.
    windows : ndarray of shape (n, 128, 9)
        Of one recording, as the network is shown them.
    """
    keras = models.prepare()
    own = keras.models.clone_model(model)
    own.set_weights(model.get_weights())
    for layer in own.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            reach = keras.Model(own.inputs, layer.input)
            seen = np.asarray(reach.predict(windows, batch_size=512, verbose=0))
            axes = tuple(range(seen.ndim - 1))
            for variable, new in (
                (layer.moving_mean, seen.mean(axis=axes)),
                (layer.moving_variance, seen.var(axis=axes)),
            ):
                variable.assign((1 - HALF) * np.asarray(variable) + HALF * new)
    return own


def by_recording(model: keras.Model, seen: np.ndarray, recording: np.ndarray) -> np.ndarray:
    """Return the answers for both places, ``(n, 2, 6)``, each recording by its own statistics."""
    faces = protocol.config()["headings"]
    answers = np.empty((len(seen), len(placement.PLACES), network.N), dtype=np.float32)
    for one in np.unique(recording):
        rows = recording == one
        turned = placement.headings(seen[rows], faces)
        own = with_own_statistics(model, np.concatenate(turned))
        answers[rows] = network.predict(own, turned)[0]
    return answers


# --- The line between two answers ---------------------------------------------------------------


def otsu_threshold(values: np.ndarray) -> float | None:
    """Return the threshold between two groups of numbers, or None if they are not two.

    The groups are those with the most variance between them (Otsu 1979); they are two if that is
    at least `LEAST_BETWEEN` of the whole. Of a normal distribution it is 2/π, of an even one 3/4.
    """
    if len(values) < FEWEST or np.ptp(values) < 1e-9:
        return None
    ordered = np.sort(values)
    n, below = len(ordered), np.arange(1, len(ordered))
    total = np.cumsum(ordered)
    low, high = total[:-1] / below, (total[-1] - total[:-1]) / (n - below)
    between = below * (n - below) / n**2 * (high - low) ** 2
    best = int(between.argmax())
    if between[best] < LEAST_BETWEEN * ordered.var():
        return None
    return float((low[best] + high[best]) / 2)


def with_own_threshold(
    probability: np.ndarray, first: list[int], second: list[int], own: Windows
) -> np.ndarray:
    """Move the threshold between two kinds of answers to the middle of a recording's two groups.

    Parameters
    ----------
    probability : ndarray of shape (n, 6)
    first, second : list of int
        Activities of either kind. Windows whose most probable activity is one of them take part;
        what both kinds have together, and within a kind, stays as it was.
    own : Windows
        Whose recordings.
    """
    moved = probability.copy()
    takes_part = np.isin(probability.argmax(axis=1), first + second)
    kinds = (np.asarray(first), np.asarray(second))
    for one in np.unique(own.recording):
        rows = np.flatnonzero(takes_part & (own.recording == one))
        before = [probability[np.ix_(rows, kind)].sum(axis=1) for kind in kinds]
        both = before[0] + before[1]
        odds = logit(np.clip(before[1] / np.maximum(both, network.FAINT), 1e-6, 1 - 1e-6))
        middle = otsu_threshold(odds)
        if middle is not None:
            new = expit(odds - middle)
            for kind, was, share in zip(kinds, before, (1 - new, new), strict=True):
                factor = share * both / np.maximum(was, network.FAINT)
                moved[np.ix_(rows, kind)] *= factor[:, np.newaxis]
    return moved


# --- The list -----------------------------------------------------------------------------------


def table(data: Data, candidate: str, pair: tuple[str, str]) -> pd.DataFrame:
    """Score all ways on a pair of sets that a network has not seen.

    Parameters
    ----------
    data : Data
    candidate : str
    pair : tuple of str
        The sets that were left out together (`protocol.inner` trained the network).

    Returns
    -------
    DataFrame
        ``way``, ``target`` and ``scored``, ``macro_f1``.
    """
    rows = []
    for target, name in (pair, pair[::-1]):
        for way in protocol.config()["ways"]:
            said = answered(data, candidate, pair, name, way)
            score = round(protocol.macro_f1(data.sets[name], said), 5)
            rows.append({"way": way, "target": target, "scored": name, "macro_f1": score})
    return pd.DataFrame(rows)


def answered(data: Data, candidate: str, pair: tuple[str, str], name: str, way: str) -> np.ndarray:
    """Return what a network that has not seen a pair of sets says to one of them, ``(n, 6)``."""
    said, own = protocol.inner_answers(data, candidate, pair, name), data.sets[name]
    if way in ASKED_ANEW:
        seen = data.shown(name, protocol.settings_of(candidate))
        model = protocol.inner_model(candidate, pair)
    if way == "own_statistics":
        said = replace(said, by_place=by_recording(model, seen, own.recording))
    elif way == "turned":
        turned = placement.headings(seen, MOST_HEADINGS)
        said = replace(said, by_place=network.predict(model, turned)[0])
    choice = protocol.Choice(candidate, "angle", 0.0, NEIGHBOURS.get(way, 25))
    probability = protocol.with_neighbours(said.probability(choice), own, choice.neighbours)
    return LINES[way](probability, own) if way in LINES else probability


ASKED_ANEW = ("own_statistics", "turned")
"""Ways in which a network itself says something else."""

NEIGHBOURS = {"longer": 51, "longest": 101}
"""Windows that have a say in an answer, where they are not 25."""


def _postures(probability: np.ndarray, own: Windows) -> np.ndarray:
    """Move the line between sitting and standing."""
    return with_own_threshold(probability, [SITTING], [STANDING], own)


def _stairs(probability: np.ndarray, own: Windows) -> np.ndarray:
    """Move the line between walking and climbing."""
    return with_own_threshold(probability, [ACTIVITIES.index("WALKING")], list(CLIMBING), own)


def _both(probability: np.ndarray, own: Windows) -> np.ndarray:
    """Move the line between sitting and standing, then that between walking and climbing."""
    return _stairs(_postures(probability, own), own)


LINES: dict[str, Callable[[np.ndarray, Windows], np.ndarray]] = {
    "own_postures": _postures,
    "own_stairs": _stairs,
    "own_lines": _both,
}
"""Ways that move a line between two answers."""


# --- Which one, and what it is worth ------------------------------------------------------------

LEAST_GAIN = 0.01
"""Macro F1 by which a way has to be better than `plain` on inner scores."""


def choose(scores: pd.DataFrame, target: str) -> str:
    """Return the way with the best mean inner score for a target, or ``plain``.

    Parameters
    ----------
    scores : DataFrame
        As `table` gives it, of all pairs.
    target : str
        Only scores of networks that left it out count, and never its own; all of them for a set
        that is in no pair. Ways that lack a score have no part.
    """
    own = scores[scores["target"] == target] if target in set(scores["target"]) else scores
    found = own.groupby("way")["macro_f1"].agg(["mean", "size"])
    mean = found.loc[found["size"] == found["size"].max(), "mean"]
    is_better = mean.max() >= mean["plain"] + LEAST_GAIN
    return str(mean.idxmax()) if is_better else "plain"
