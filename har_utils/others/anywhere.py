"""Name what somebody did, with a phone in any of the usual places and turned any way.

The rule is that of ``config/others.yaml``; the network is `MODEL`, the numbers beside it `RULE`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from har_utils import dataset, files, models, placement, results
from har_utils.dataset import ACTIVITIES, Cut
from har_utils.others import network, protocol
from har_utils.others.protocol import Answers, Choice, Trained
from har_utils.others.windows import Windows
from har_utils.placement import PlaceFinder
from har_utils.recordings import Recording

if TYPE_CHECKING:
    import keras

MODEL = results.networks_folder() / "anywhere.keras"
"""The network that was trained on everybody but the course's nine test people."""

RULE = MODEL.with_suffix(".json")
"""How its finder of places weighs a gait, what was chosen with it, and what moves too much."""

LEAST_PROBABILITY = 0.5
"""Below this no activity is meant."""

SURE_PLACE = 0.8
"""Probability from which a place is told without a doubt."""

QUIET = (ACTIVITIES.index("SITTING"), ACTIVITIES.index("LAYING"))


@dataclass(frozen=True, eq=False)
class Anywhere:
    """What the network says to a recording.

    Attributes
    ----------
    windows : DataFrame
        One row per window: start and stop (seconds), activity, confidence, and ``none``: none of
        the six activities is meant.
    probability : ndarray of shape (n, 6), float64
    pocket : float
        How probable it is that the phone was in a trouser pocket; NaN if hardly anybody walks.
    angle : float
        Degrees by which the phone was turned from x upwards while its owner walked, or NaN.
    notes : tuple of str
        What the reader should know.
    """

    windows: pd.DataFrame
    probability: np.ndarray
    pocket: float
    angle: float
    notes: tuple[str, ...]

    @property
    def place(self) -> str | None:
        """Where the phone was: one of `placement.PLACES`, or None if nobody can tell."""
        return None if np.isnan(self.pocket) else placement.PLACES[int(self.pocket > 0.5)]


@dataclass(frozen=True, eq=False)
class Rule:
    """Everything but the network that an answer takes."""

    finder: PlaceFinder
    choice: Choice
    most_motion: float


def read_rule(file: Path = RULE) -> Rule:
    """Read what belongs to the published network."""
    values = files.read_json(file)
    finder = PlaceFinder.from_json(values["finder"])
    return Rule(finder, Choice(**values["choice"]), values["most_motion"])


def classify(
    recording: Recording, model: keras.Model | None = None, rule: Rule | None = None
) -> Anywhere:
    """Turn a recording upright, find where the phone was, and name what its owner did.

    Parameters
    ----------
    recording : Recording
        For example of somebody's own phone (`har_utils.phone.read`).
    model, rule : optional
        The published ones without them.

    Raises
    ------
    ValueError
        If no window of 2.56 s is free of gaps.
    """
    cut = dataset.cut(recording)
    rule = read_rule() if rule is None else rule
    if model is None:
        model = models.prepare().models.load_model(MODEL, compile=False)
    one = np.zeros(len(cut.starts), dtype=np.int64)
    settings = protocol.settings_of(rule.choice.candidate)
    trained = Trained(model, {rule.finder.description: rule.finder}, settings)
    own = Windows("recording", cut.windows, one, one, one, cut.starts, one)
    return _answered(cut, own, trained, rule)


def _answered(cut: Cut, own: Windows, trained: Trained, rule: Rule) -> Anywhere:
    """Answer the windows of one recording."""
    said = protocol.answer(trained, own)
    probability = protocol.with_neighbours(
        said.probability(rule.choice), own, rule.choice.neighbours
    )
    pocket = float(said.pocket(rule.choice)[0])
    angle = _angle(own.windows)
    none = none_of_these(own.windows, probability, rule.most_motion)
    notes = _notes(pocket, probability.argmax(axis=1), said)
    table = cut.answers(probability).assign(none=none)
    return Anywhere(table, probability, pocket, angle, tuple(notes))


def none_of_these(windows: np.ndarray, probability: np.ndarray, most_motion: float) -> np.ndarray:
    """Tell which windows show none of the six activities, ``(n,)`` bool.

    Parameters
    ----------
    windows : ndarray of shape (n, 128, 9)
    probability : ndarray of shape (n, 6)
    most_motion : float
        Standard deviation of the acceleration's length, in g, that only one in a thousand
        training windows exceeds.
    """
    wild = placement.motion(windows) > most_motion
    return wild | (probability.max(axis=1) < LEAST_PROBABILITY)


def _angle(windows: np.ndarray) -> float:
    """Return how far a phone is turned from x upwards in walking, in degrees, or NaN."""
    moves = placement.moving(windows)
    if moves.sum() < placement.LEAST_MOVING:
        return float("nan")
    up = placement.middle_direction(windows[moves][:, :, 6:].mean(axis=1))
    return float(np.degrees(np.arccos(np.clip(up[0], -1, 1))))


def _notes(pocket: float, named: np.ndarray, said: Answers) -> list[str]:
    """Say what cannot be told of this recording."""
    if np.isnan(pocket):
        return [
            "Hardly anybody walks in this recording: neither how the phone was turned nor where it "
            "was can be told, and so not sitting from lying or standing."
        ]
    notes = []
    if 1 - SURE_PLACE < pocket < SURE_PLACE:
        notes.append(
            "How the phone moves fits a trouser pocket as well as the waist: sitting and lying "
            "cannot be told apart for sure."
        )
    elif pocket >= SURE_PLACE and np.isin(named, QUIET).any():
        notes.append("In a trouser pocket lying looks like sitting; both are called sitting.")
    return notes


def publish(trained: Trained, choice: Choice, most_motion: float, file: Path = MODEL) -> None:
    """Write a network and what belongs to it."""
    results.write_weights(file, trained.model)
    finder = finder_of(trained, choice).as_json()
    content = {"finder": finder, "choice": vars(choice), "most_motion": most_motion}
    content |= {"activities": list(ACTIVITIES), "places": list(placement.PLACES)}
    content["headings"] = protocol.config()["headings"]
    content["gait"] = ["acc along", "acc across", "gyro about", "gyro across", "stride over step"]
    files.write_json(file.with_suffix(".json"), content)


def finder_of(trained: Trained, choice: Choice) -> PlaceFinder:
    """Return the finder that a way to find the place asks, the network's own answer aside."""
    asked = [part for part in protocol.FINDERS[choice.finder] if part in trained.finders]
    return trained.finders[asked[0] if asked else "gait"]


def most_motion(data: protocol.Data) -> float:
    """Return the motion that one in a thousand training windows of the six activities exceeds."""
    motion = [
        placement.motion(own.windows[own.activity <= network.N]) for own in data.sets.values()
    ]
    return float(np.quantile(np.concatenate(motion), 0.999))
