"""What other circumstances cost the models, and what is left of a network on a phone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from har_utils import models, sentences
from har_utils.claims.material import Material, NotMeasuredError
from har_utils.claims.registry import claim

say = sentences.beside(__file__)

OUTSIDE, PHONE = "10_robustness", "12_your_phone"
"""The notebooks that leave what is said here."""

WORN = ("rotated", "upside_down", "other_pocket", "no_gyroscope")
"""How a phone may be worn or made: names in the values of notebook 10 and in ``outside.yaml``."""

MEASURED = ("noise", "dropped", "sampling", "clock")
"""How well a phone may measure, likewise."""


def losses(
    material: Material, names: Iterable[str], circumstances: Sequence[str], what: str = "lost"
) -> dict[str, list[float]]:
    """Return what circumstances cost each of some models: circumstance → fractions.

    Raises
    ------
    NotMeasuredError
        If one of them was not measured in this build.
    """
    keys = {where: [f"{name}_{what}_{where}" for name in names] for where in circumstances}
    values = material.left_by(OUTSIDE, *(key for each in keys.values() for key in each))
    return {where: [values[key] for key in each] for where, each in keys.items()}


def circumstance(where: str) -> str:
    """Return one of `MEASURED` or `WORN` in words: ``"sampling"`` → *20 Hz instead of 50*."""
    return say(where)


@claim("classical_kept", lambda m: (losses(m, models.CLASSICAL, ["clock"], "kept"),))
def conditions(lost: Mapping[str, Sequence[float]]) -> str:
    """Say what other circumstances cost some models.

    Parameters
    ----------
    lost
        Circumstance, of `WORN` or `MEASURED` → accuracy each model loses, fractions.
    """
    told = [{"where": where, "least": min(lost), "most": max(lost)} for where, lost in lost.items()]
    return say("conditions", circumstances=told)


@claim("modern_below", missing="silent")
def below_all(material: Material) -> str:
    """Say where the course's network recognises less than any of the source's.

    Points lost do not say so, since who has more can lose more.
    """
    own = kept(material, ["modern"], MEASURED + WORN)
    others = kept(material, models.NETWORKS, MEASURED + WORN)
    told: list[dict[str, Any]] = [
        {
            "where": where,
            "own": own[where][0],
            "least": min(others[where]),
            "most": max(others[where]),
        }
        for where in own
    ]
    below = [each for each in told if round(100 * each["own"]) < round(100 * each["least"])]
    return say("below_all", circumstances=below)


def kept(
    material: Material, names: Sequence[str], circumstances: Sequence[str]
) -> dict[str, list[float]]:
    """Return the accuracy that is left to each of some models: circumstance → fractions.

    Raises
    ------
    NotMeasuredError
        If one of them was not measured in this build.
    """
    keys = [f"{name}_unchanged" for name in names]
    values = material.left_by(OUTSIDE, *keys)
    return {
        where: [values[key] - each for key, each in zip(keys, lost, strict=True)]
        for where, lost in losses(material, names, circumstances).items()
    }


@claim("unrolled", missing="silent")
def unrolled(material: Material) -> str:
    """Say what a network loses whose loop was written out and rounded."""
    values = material.left_by(PHONE)
    for name in models.NETWORKS:
        keys = [f"{name}_unrolled_{kind}_accuracy" for kind in ("int8_full", "int16")]
        if all(key in values for key in keys):
            eight, sixteen = (values[f"{name}_float32_accuracy"] - values[key] for key in keys)
            return say("unrolled", network=name, eight=eight, sixteen=sixteen)
    raise NotMeasuredError("no network's loop was written out")


@claim("device", missing="device_missing")
def on_device(material: Material) -> str:
    """Say what is lost by rounding a network to integers of eight bits."""
    values = material.left_by(PHONE, "smallest_accuracy")
    return say(
        "device",
        most_lost=values["int8_most_lost"] / 100,
        full_most_lost=values["int8_full_most_lost"] / 100,
        kilobytes=values["smallest_bytes"] / 1000,
        accuracy=values["smallest_accuracy"],
    )


def by_rounding(lost: float) -> str:
    """Say how many points of accuracy rounding cost, which may be less than nothing."""
    return say("by_rounding", lost=lost / 100)


@claim("integers")
def in_integers(material: Material) -> str:
    """Say what is left of the network that was made for integers when all its numbers are."""
    values = material.left_by(PHONE, "integer_lost")
    return say(
        "in_integers",
        n_tried=int(values["integer_tried"]),
        on_folds=values["integer_folds"],
        kilobytes=values["integer_bytes"] / 1000,
        accuracy=values["integer_accuracy"],
        lost=values["integer_lost"] / 100,
    )


@claim("latency", missing="silent")
def latency(material: Material) -> str:
    """Say how long one window takes on one core, from a file and in TensorFlow."""
    values: Mapping[str, Any] = material.left_by(PHONE, "answer_processor")
    return say(
        "latency",
        processor=values["answer_processor"],
        shortest_ms=1000 * values["answer_shortest"],
        longest_ms=1000 * values["answer_longest"],
        least=values["speedup_least"],
        most=values["speedup_most"],
    )
