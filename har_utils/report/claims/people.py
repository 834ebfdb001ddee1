"""How people of other data sets are recognised."""

from __future__ import annotations

from typing import Any

from har_utils import sentences
from har_utils.others.trials import SETS
from har_utils.report.claims.outside import OUTSIDE
from har_utils.report.claims.registry import claim
from har_utils.report.material import Material, NotMeasuredError

say = sentences.beside(__file__)

SCORES = ("mean", "low", "high", "worst", "recorded")
"""What lesson 10c leaves of every set, behind ``others_<set>_``."""


def _scores(material: Material) -> list[dict[str, Any]]:
    """Return what is known of every other data set that a network was asked about."""
    values = material.left_by(OUTSIDE)
    asked = [name for name in SETS if f"others_{name}_mean" in values]
    if not asked:
        raise NotMeasuredError("no network was asked about people of another data set")
    return [
        {"title": SETS[name].title, **{what: values[f"others_{name}_{what}"] for what in SCORES}}
        for name in asked
    ]


@claim("other_people")
def people(material: Material) -> str:
    """Say how well each set's people are recognised, beside the network that knows one belt."""
    scores = _scores(material)
    return say("people", n_sets=len(scores), scores=scores)


@claim("worst_person_elsewhere", missing="silent")
def worst(material: Material) -> str:
    """Say who of all other people is recognised least, as a share of that person's windows."""
    return say("worst", **min(_scores(material), key=lambda each: each["worst"]))


@claim("people_short")
def people_short(material: Material) -> str:
    """Say between which scores all sets lie."""
    scores = _scores(material)
    now, before = ([each[what] for each in scores] for what in ("mean", "recorded"))
    return say(
        "people_short",
        least=min(now),
        most=max(now),
        least_before=min(before),
        most_before=max(before),
    )
