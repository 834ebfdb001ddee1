"""What is mistaken for what, for whom, when, and how sure the networks are of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from har_utils import dataset, evaluation, sentences
from har_utils.claims.registry import claim

say = sentences.beside(__file__)

OUTSIDE = "10_robustness"
"""The notebook that looks at mistakes in time, and at recordings one by one."""

AS_OFTEN = 1.25
"""Up to what ratio two shares of mistakes are called about the same."""


@claim("confusion", lambda m: (_mean_shares(m.confusions), dataset.ACTIVITIES))
def most_confused(confusion: np.ndarray, activities: Sequence[str]) -> str:
    """Say which two activities are confused most.

    Parameters
    ----------
    confusion
        Windows of each true activity (row) called each activity (column), counts or shares.
    activities
        Their names in order.
    """
    shares = evaluation.confusion_shares(confusion)
    both = np.triu(shares + shares.T, k=1)
    first, second = np.unravel_index(both.argmax(), both.shape)
    return say(
        "most_confused",
        is_any=both.max() > 0,
        one=activities[first],
        other=activities[second],
        called=shares[first, second],
        called_back=shares[second, first],
    )


def _mean_shares(confusions: Sequence[np.ndarray]) -> np.ndarray:
    """Return the shares of several models' confusions, mean over the models."""
    return np.mean([evaluation.confusion_shares(each) for each in confusions], axis=0)


@claim("hardest", lambda m: (m.recall,))
def hardest_activity(recall: pd.DataFrame) -> str:
    """Say which activity is recognised worst on average, by how many networks, and which best.

    Parameters
    ----------
    recall
        A row per activity, a column per network, fractions.
    """
    mean, of_each = recall.mean(axis=1), recall.idxmin()
    worst, best = mean.idxmin(), mean.idxmax()
    return say(
        "hardest_activity",
        worst=worst,
        worst_recall=mean[worst],
        best=best,
        best_recall=mean[best],
        n_networks=recall.shape[1],
        n_worst=int((of_each == worst).sum()),
        others=[
            {"activity": each, "recall": mean[each]} for each in of_each.unique() if each != worst
        ],
    )


@claim("subjects", lambda m: (m.people,))
def hardest_subject(accuracy: pd.DataFrame) -> str:
    """Say how far apart people are.

    Parameters
    ----------
    accuracy
        A row per test subject, a column per network, fractions.
    """
    people = accuracy.mean(axis=1)
    return say(
        "hardest_subject",
        hardest=people.idxmin(),
        lowest=people.min(),
        easiest=people.idxmax(),
        highest=people.max(),
    )


@claim("balance", lambda m: (dataset.published_table()["activity"].value_counts(),))
def balance(counts: pd.Series) -> str:
    """Say how many windows the rarest and the commonest activity have."""
    rare, common = counts.idxmin(), counts.idxmax()
    return say("balance", rare=rare, n_rare=counts[rare], common=common, n_common=counts[common])


@claim("never_right", lambda m: (m.left_by(OUTSIDE, "ceiling_windows"),), missing="silent")
def never_right(values: Mapping[str, float]) -> str:
    """Say which windows no seed of the course's network gets right.

    Parameters
    ----------
    values
        ``ceiling_windows``, ``ceiling_resting`` (sitting or standing) and ``ceiling_people``,
        of ``ceiling_of`` windows; ``ceiling_seeds``; ``ceiling_nobody``, the windows that no run
        of any model gets right.
    """
    counts = ("windows", "resting", "people", "of", "seeds", "nobody")
    return say("never_right", **{f"n_{name}": int(values[f"ceiling_{name}"]) for name in counts})


@claim("other_hip", lambda m: (m.left_by(OUTSIDE),))
def other_hip(values: Mapping[str, float]) -> str:
    """Say how many recordings look as if the phone had been on the other hip.

    Parameters
    ----------
    values
        ``n_recordings``, ``n_recordings_swapped``, the same of training subjects
        (``n_train_…``), the accuracies ``swapped_as_worn`` and ``swapped_mirrored``, and the
        fractions ``swapped_windows`` and ``swapped_mistakes``.
    """
    return say(
        "other_hip",
        n_recordings=int(values["n_recordings"]),
        n_swapped=int(values["n_recordings_swapped"]),
        n_train=int(values["n_train_recordings"]),
        n_train_swapped=int(values["n_train_recordings_swapped"]),
        as_worn=values["swapped_as_worn"],
        mirrored=values["swapped_mirrored"],
        windows=values["swapped_windows"],
        mistakes=values["swapped_mistakes"],
    )


@claim("edges", lambda m: _values(m.left_by(OUTSIDE), "edge_wrong", "inside_wrong"))
def at_transitions(at_edge: float, inside: float) -> str:
    """Say whether networks err more where an activity begins or ends; fractions of the windows."""
    ratio = at_edge / inside if inside else 1.0
    return say("at_transitions", at_edge=at_edge, inside=inside, ratio=ratio, as_often=AS_OFTEN)


@claim("calibrated", lambda m: _values(m.left_by(OUTSIDE), "n_calibration_helped", "n_calibrated"))
def calibrated(helped: float, count: float) -> str:
    """Say for how many networks a temperature found on held-out subjects helped on others."""
    return say("calibrated", n_helped=int(helped), n_networks=int(count))


@claim(
    "silence", lambda m: _values(m.left_by(OUTSIDE), "selective_gone_low", "selective_gone_high")
)
def abstention(low: float, high: float) -> str:
    """Say which share of the mistakes is avoided by not answering for a fifth of the windows."""
    return say("abstention", low=low, high=high)


@claim(
    "neighbours",
    lambda m: _values(m.left_by(OUTSIDE), "smoothing_best_gain", "smoothing_worst_gain"),
)
def smoothing(best: float, worst: float) -> str:
    """Say what averaging over neighbouring windows does to the accuracy; fractions."""
    return say("smoothing", best=best, worst=worst)


def _values(values: Mapping[str, Any], *keys: str) -> tuple:
    """Return some of a notebook's values."""
    return tuple(values[key] for key in keys)
