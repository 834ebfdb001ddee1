"""How people of other data sets are recognised."""

from __future__ import annotations

from typing import Any

import pandas as pd

from har_utils import sentences
from har_utils.claims.material import Material, NotMeasuredError
from har_utils.claims.registry import claim
from har_utils.deployment.small_file import FLOATS, LARGE, SCORED
from har_utils.others import protocol
from har_utils.others.trials import SETS

say = sentences.beside(__file__)

LEAST_PERSON = 0.75
"""What share of the windows was to be right for everybody: an aim set before the first score."""


def scores(material: Material) -> list[dict[str, Any]]:
    """Return what is known of every other data set that a network was asked about.

    Returns
    -------
    list of dict
        ``title``, ``placement``, ``people``, ``activities`` (how many are told apart), macro F1 of
        the newest attempt (``mean`` with neighbouring windows, ``low``, ``high``, ``windows``
        window by window), of the ``attempts`` before, of the modern CNN on windows as ``recorded``
        and ``turned`` by the rule, and the accuracy for the ``worst`` person.

    Raises
    ------
    NotMeasuredError
        If no network was asked.
    """
    if not material.attempts:
        raise NotMeasuredError("no network was asked about people of another data set")
    *before, newest = material.attempts
    asked = material.other_data_sets.set_index(["network", "data_set", "turned"])["macro_f1"]
    return [
        {
            "title": SETS[name].title,
            "placement": SETS[name].placement,
            "people": newest[name]["people"],
            "activities": len(protocol.config()["sets"][name]),
            **newest[name]["macro_f1"],
            "windows": newest[name]["window_by_window"]["macro_f1"],
            "attempts": [each[name]["macro_f1"]["mean"] for each in before if name in each],
            "recorded": asked["modern", name, False],
            "turned": asked["modern", name, True],
            "worst": newest[name]["worst_person"],
            "neighbours": newest[name]["neighbours"],
        }
        for name in SETS
        if name in newest
    ]


def _span(told: list[dict[str, Any]], what: str) -> tuple[float, float]:
    """Return the lowest and the highest of one score over the sets."""
    return min(each[what] for each in told), max(each[what] for each in told)


def _spans(told: list[dict[str, Any]]) -> dict[str, Any]:
    """Return between which scores all sets lie, and how many attempts there were."""
    kinds = ("mean", "windows", "recorded", "turned", "activities")
    spans: dict[str, Any] = {what: _span(told, what) for what in kinds}
    return spans | {
        "n_sets": len(told),
        "n_attempts": 1 + max(len(each["attempts"]) for each in told),
    }


@claim("other_people")
def people(material: Material) -> str:
    """Say between which scores the sets lie, beside the network that knows one belt."""
    told = scores(material)
    behind = [each for each in told if any(each["mean"] < old - 5e-4 for old in each["attempts"])]
    neighbours = max(each["neighbours"] for each in told)
    return say("people", neighbours=neighbours, behind=behind, **_spans(told))


@claim("aims", missing="silent")
def aims(material: Material) -> str:
    """Say how many of the aims were reached that were set before the first score."""
    aimed = {SETS[name].title: aim for name, aim in protocol.config()["aims"].items()}
    told = scores(material)
    return say(
        "aims",
        n_sets=len(told),
        n_reached=sum(each["mean"] >= aimed[each["title"]] for each in told),
        n_below=sum(each["worst"] < LEAST_PERSON for each in told),
        least=LEAST_PERSON,
    )


@claim("worst_person_elsewhere", missing="silent")
def worst(material: Material) -> str:
    """Say who of all other people is recognised least, as a share of that person's windows."""
    return say("worst", **min(scores(material), key=lambda each: each["worst"]))


@claim("people_short")
def people_short(material: Material) -> str:
    """Say the same in one sentence, for abstract and conclusion."""
    return say("people_short", **_spans(scores(material)))


@claim("small_file", lambda m: (m.small_file,), missing="silent")
def small_file(told: pd.DataFrame) -> str:
    """Say what a small file loses against the large network, and how much of it by rounding.

    Parameters
    ----------
    told : DataFrame
        As ``deployment.small_file.table`` gives it.

    Raises
    ------
    NotMeasuredError
        If no file was scored.
    """
    if told.empty:
        raise NotMeasuredError("no small file was scored")
    lost = 100 * (told[LARGE] - told[SCORED])
    rounding = 100 * (told[FLOATS] - told[SCORED])
    return say(
        "small_file",
        kb=told["bytes"].max() / 1000,
        n_close=int((lost <= 1).sum()),
        n=len(lost),
        mean=lost.mean(),
        most=lost.max(),
        worst=lost.idxmax(),
        rounding=(rounding.min(), rounding.max()),
    )
