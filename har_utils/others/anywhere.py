"""Name what somebody did, with a phone in any of the usual places and turned any way.

The rule is that of ``config/others.yaml``; the network is `MODEL`, the numbers beside it `RULE`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from har_utils import dataset, files, models, placement, results, sentences, signals, words
from har_utils.dataset import ACTIVITIES
from har_utils.others import network, protocol
from har_utils.others.protocol import Choice, Trained
from har_utils.others.windows import Windows
from har_utils.phone import PhoneRecording
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

OFTEN = 0.05
"""Share of windows from which on something is worth a note."""

MOSTLY = 0.5
"""Share of stepping windows from which on a recording is a walk, if a short one."""

RUNNERS = 7
"""Windows, some ten seconds, of which most have to be of running for the middle one to be so.

On the people of the five data sets 25 were looked at, too.
"""

SURE_PLACE = 0.8
"""Probability from which a place is told without a doubt."""

FARTHEST_OFF, MOST_TURNED = 45.0, 0.2
"""Degrees from the usual direction of gravity, and the share of moving windows beyond them, from
which on a phone was turned round on the way.

Looked up on the people of the five data sets, so less must be expected of others. None of 105 has
as many on a minute each of walking and stairs; in all their trials three have, of MotionSense and
WISDM, where phones were turned between trials. Of 157 walks in which a phone was turned by 90° or
180° 148 have if it was half-way through a minute, 132 if it was after 60 of 90 seconds.
"""

QUIET = [ACTIVITIES.index(name) for name in ("SITTING", "LAYING")]
"""What a phone that is turned by 90° means at a thigh and at the waist."""

POSTURES = [ACTIVITIES.index(name) for name in ("SITTING", "STANDING", "LAYING")]
"""What only gravity tells apart, and so only where it is known how a phone sits."""

say = sentences.beside(__file__)


@dataclass(frozen=True, eq=False)
class Anywhere:
    """What the network says to a recording.

    Attributes
    ----------
    windows : DataFrame
        One row per window: start and stop (seconds), activity (the most probable), confidence, and
        ``none``: none of the six activities is meant, as in ``running``, told by pace and strength.
        ``answer`` is what may be said: the activity, or that it is none of them, or that it is one
        of two or three postures; then ``confidence`` is how probable these are together.
    probability : ndarray of shape (n, 6), float64
    cut : ndarray of shape (n, 128, 9), float32
        The windows as the phone measured them.
    pocket : float
        How probable it is that the phone was in a trouser pocket; NaN if that cannot be told.
    up : ndarray of shape (3,), float64
        Which direction in the phone was up while its owner walked, of length 1; NaN if hardly
        anybody walks, or if it was not one direction.
    notes : tuple of str
        What the reader should know.
    is_turned : bool
        The phone was turned round on the way: not one direction was up all the time.
    """

    windows: pd.DataFrame
    probability: np.ndarray
    cut: np.ndarray
    pocket: float
    up: np.ndarray
    notes: tuple[str, ...]
    is_turned: bool = False

    @property
    def place(self) -> str | None:
        """Where the phone was: one of `placement.PLACES`, or None if nobody can tell."""
        return None if np.isnan(self.pocket) else placement.PLACES[int(self.pocket > 0.5)]

    @property
    def sure(self) -> float:
        """How probable that place is; NaN without one."""
        return max(self.pocket, 1 - self.pocket)

    @property
    def angle(self) -> float:
        """Degrees by which the phone was turned from x upwards while its owner walked, or NaN."""
        return float(np.degrees(np.arccos(np.clip(self.up[0], -1, 1))))


@dataclass(frozen=True, eq=False)
class Rule:
    """Everything but the network that an answer takes."""

    finder: PlaceFinder
    choice: Choice
    most_motion: float

    def as_json(self) -> dict[str, Any]:
        """Return what `read_rule` reads, and what else an app would have to know."""
        own: dict[str, Any] = {"finder": self.finder.as_json(), "choice": vars(self.choice)}
        own |= {"most_motion": self.most_motion, "headings": protocol.config()["headings"]}
        own |= {"activities": list(ACTIVITIES), "places": list(placement.PLACES)}
        return own | {"numbers": list(placement.NUMBERS[self.finder.description])}


def _choice(values: dict[str, Any]) -> Choice:
    """Return a choice as a file has it, or say what of it there is not."""
    choice = Choice(**values)
    known = {"candidate": protocol.config()["candidates"], "finder": protocol.FINDERS}
    for what, names in known.items():
        if getattr(choice, what) not in names:
            raise ValueError(f"there is no {what} {getattr(choice, what)!r}")
    if not isinstance(choice.neighbours, int) or choice.neighbours < 1:
        raise ValueError(f"neighbours: {choice.neighbours!r} is not a number of windows")
    return replace(choice, caution=float(choice.caution))


def read_rule(file: Path = RULE) -> Rule:
    """Read what belongs to the published network, or to another file.

    Raises
    ------
    ValueError
        If the file is damaged.
    """
    values = files.read_json(file)
    try:
        finder, choice = PlaceFinder.from_json(values["finder"]), _choice(values["choice"])
        return Rule(finder, choice, float(values["most_motion"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"{files.shown(file)}: not the rule of a network for any placement ({error!r})"
        ) from None


def classify(
    recording: Recording, model: keras.Model | None = None, rule: Rule | None = None
) -> Anywhere:
    """Turn a recording upright, find where the phone was, and name what its owner did.

    Without a gyroscope nobody can tell where it was.

    Parameters
    ----------
    recording : Recording
        For example of somebody's own phone (`har_utils.phone.read`).
    model : optional
        Predicts as `network.build` says; the published network without it.
    rule : Rule, optional
        The published one without it.

    Raises
    ------
    ValueError
        If no window of 2.56 s is free of gaps.
    """
    cut = dataset.cut(recording)
    rule = read_rule() if rule is None else rule
    if model is None:
        model = models.prepare().models.load_model(MODEL, compile=False)
    settings = protocol.settings_of(rule.choice.candidate)
    trained = Trained(model, {rule.finder.description: rule.finder}, settings)
    has_gyroscope = not isinstance(recording, PhoneRecording) or recording.has_gyroscope
    found = answered(of_recording(cut), trained, rule, has_gyroscope)
    clock = cut.answers(found.probability)[["start", "stop"]]
    return replace(found, windows=found.windows.assign(**clock))


def of_recording(cut: dataset.Cut) -> Windows:
    """Return the windows of one recording as those of a set of one person are kept."""
    one = np.zeros(len(cut.starts), dtype=np.int64)
    return Windows("recording", cut.windows, one, one, one, cut.starts, one)


def answered(own: Windows, trained: Trained, rule: Rule, has_gyroscope: bool = True) -> Anywhere:
    """Answer the windows of one recording; start and stop are on the clock of its samples."""
    walks = (placement.moving(own.windows) & placement.steps(own.windows)).sum()
    is_walked = walks >= placement.LEAST_MOVING  # who only lies down and gets up moves as well
    runs = running(own)
    few = ~runs & ~is_walked & _stepping(own.windows, rule.most_motion)
    up = placement.upward(own.windows, own.recording, own.trial, trained.settings.local)
    up[:] = up if is_walked else _up_in(own.windows, few)
    said = protocol.answer(trained, own, placement.turn_upright(own.windows, up))
    if not (is_walked and has_gyroscope):
        said = replace(said, moves=np.zeros_like(said.moves))  # how a phone swings is not known
    probability = smoothed(said.probability(rule.choice), own, runs, rule.choice.neighbours)
    pocket = float(said.pocket(rule.choice)[0])
    walked, is_turned = _worn(own.windows) if is_walked else (np.full(3, np.nan), False)
    group = _alike(pocket, walked)
    told = joined(probability, group, 1.0 if np.isnan(walked[0]) else SURE_PLACE)
    none = none_of_these(own.windows, told, rule.most_motion, runs)
    if not is_walked:  # the network may not know movements that were not turned upright
        none |= _moves(own.windows) & np.isin(told.argmax(axis=1), POSTURES)
    table = _table(own.start, probability, told, none, group).assign(running=runs)
    notes = _notes(pocket, walked, is_turned, table, has_gyroscope)
    if few.mean() >= MOSTLY:  # somebody walks, if not for long
        notes[0] = say("few_steps", n=int(few.sum()))
    notes += _none_notes(own.windows, table)
    return Anywhere(table, probability, own.windows, pocket, walked, tuple(notes), is_turned)


def _alike(pocket: float, up: np.ndarray) -> list[int]:
    """Return the activities that cannot be told apart for want of knowing how the phone sits."""
    if np.isnan(up[0]):
        return POSTURES
    return [] if pocket <= 1 - SURE_PLACE or pocket >= SURE_PLACE else QUIET


def joined(probability: np.ndarray, group: Sequence[int], least: float) -> np.ndarray:
    """Let the first of some activities stand for all of them where none of them is told for sure.

    Parameters
    ----------
    probability : ndarray of shape (n, 6)
    group : sequence of int
        Codes of the activities; none if empty.
    least : float
        Probability from which one of them is told for sure.
    """
    told = probability.copy()
    if len(group):
        codes = np.asarray(group)
        vague = np.flatnonzero(probability[:, codes].max(axis=1) < least)
        told[np.ix_(vague, codes[1:])] = 0
        told[vague, codes[0]] = probability[np.ix_(vague, codes)].sum(axis=1)
    return told


def _table(
    start: np.ndarray,
    probability: np.ndarray,
    told: np.ndarray,
    none: np.ndarray,
    group: Sequence[int],
) -> pd.DataFrame:
    """Return what is said of each window by the probabilities of what can be told apart."""
    named, best = probability.argmax(axis=1), told.argmax(axis=1)
    answer = np.array(ACTIVITIES, dtype=object)[best]
    vague = np.isin(best, group[:1]) & (told != probability).any(axis=1)
    answer[vague] = words.listing([ACTIVITIES[code] for code in group], "or") if group else ""
    answer[none] = say("none")
    return pd.DataFrame(
        {
            "start": start / signals.SAMPLING_RATE,
            "stop": (start + signals.WINDOW) / signals.SAMPLING_RATE,
            "activity": pd.Categorical.from_codes(named, ACTIVITIES, ordered=True),
            "confidence": told.max(axis=1),
            "none": none,
            "answer": answer,
        }
    )


def none_of_these(
    windows: np.ndarray, probability: np.ndarray, most_motion: float, runs: np.ndarray
) -> np.ndarray:
    """Tell which windows show none of the six activities, ``(n,)`` bool.

    Parameters
    ----------
    windows : ndarray of shape (n, 128, 9)
    probability : ndarray of shape (n, 6)
    most_motion : float
        Standard deviation of the acceleration's length, in g, that only one in a thousand
        training windows exceeds.
    runs : ndarray of shape (n,), bool
        As `running` tells it.
    """
    too_strong = placement.motion(windows) > most_motion
    return runs | too_strong | (probability.max(axis=1) < LEAST_PROBABILITY)


def running(own: Windows) -> np.ndarray:
    """Tell in which windows somebody runs, ``(n,)`` bool: most of those around have to be so, too.

    Single windows of hurried stairs have the pace of running (`placement.running`) as well. Those
    around are those that follow each other and move; where a movement is that short, one will do.
    """
    said = placement.running(own.windows).astype(float)[:, np.newaxis]
    return protocol.with_neighbours(said, own, RUNNERS)[:, 0] > 0.5


def smoothed(probability: np.ndarray, own: Windows, runs: np.ndarray, n: int) -> np.ndarray:
    """Average over neighbours (`protocol.with_neighbours`), running and everything else apart.

    Running looks like stairs to the network; walking beside it would be taken for them.
    """
    mean = probability.copy()
    for part in (runs, ~runs):
        if part.any():
            mean[part] = protocol.with_neighbours(probability[part], own.take(part), n)
    return mean


def _moves(windows: np.ndarray) -> np.ndarray:
    """Tell which windows move too much for rest, ``(n,)`` bool."""
    return placement.motion(windows) >= placement.LEAST_MOTION


def _stepping(windows: np.ndarray, most_motion: float) -> np.ndarray:
    """Tell in which windows somebody takes steps, ``(n,)`` bool; hard ones in a pocket, too."""
    is_walk = _moves(windows) & (placement.motion(windows) <= most_motion)
    return is_walk & placement.steps(windows)


def _up_in(windows: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Return which direction is up in some windows by what they alone show, NaN in all others.

    Too few windows of walking do not tell how a phone sits at rest. They are turned upright
    nevertheless: as they were measured, the network knows them only if x points up. (Seen on short
    pieces of the nine test subjects' walking and of people of the five data sets.)
    """
    up = np.full((len(windows), 3), np.nan)
    if chosen.any():
        up[chosen] = placement.middle_direction(windows[chosen][:, :, 6:].mean(axis=1))
    return up


def _worn(windows: np.ndarray) -> tuple[np.ndarray, bool]:
    """Return which direction in the phone was up while its owner walked, and whether it changed.

    Where it changed it is NaN. Windows of rest may be from before the turn or from after it, so
    nothing tells what gravity means in them.
    """
    gravity = windows[placement.moving(windows)][:, :, 6:].mean(axis=1)
    up = placement.middle_direction(gravity)
    if _share_off(gravity, up) > MOST_TURNED:
        return np.full(3, np.nan), True
    return up, False


def _share_off(gravity: np.ndarray, up: np.ndarray) -> float:
    """Return the share of directions that are farther than `FARTHEST_OFF` from a direction."""
    cosine = gravity @ up / np.maximum(np.linalg.norm(gravity, axis=1), 1e-12)
    return float((cosine < np.cos(np.radians(FARTHEST_OFF))).mean())


def _notes(
    pocket: float, up: np.ndarray, is_turned: bool, table: pd.DataFrame, has_gyroscope: bool
) -> list[str]:
    """Say what cannot be told of this recording."""
    notes = []
    if is_turned:
        notes.append(say("turned_round"))
    elif np.isnan(up[0]):
        notes.append(say("nobody_walks"))
    elif not has_gyroscope:
        notes.append(say("no_gyroscope"))
    elif 1 - SURE_PLACE < pocket < SURE_PLACE:
        notes.append(say("unsure_place"))
    elif pocket >= SURE_PLACE and table["activity"].isin([ACTIVITIES[k] for k in QUIET]).any():
        notes.append(say("pocket"))
    return notes


def _none_notes(windows: np.ndarray, table: pd.DataFrame) -> list[str]:
    """Say how often somebody runs, and at what pace, and how often it is none of these otherwise.

    Nothing is said if both together are rare.
    """
    notes: list[str] = []
    runs = table["running"].to_numpy()
    if table["none"].mean() <= OFTEN:
        return notes
    if runs.any():
        pace = 60 * float(np.median(placement.pace(windows[runs])))
        notes.append(say("running", share=runs.mean(), pace=pace))
    unknown = (table["none"] & ~table["running"]).mean()
    if unknown:
        notes.append(say("often_none", share=unknown))
    return notes


def publish(trained: Trained, choice: Choice, most_motion: float, file: Path = MODEL) -> None:
    """Write a network and what belongs to it."""
    results.write_weights(file, trained.model)
    rule = Rule(finder_of(trained, choice), choice, most_motion)
    files.write_json(file.with_suffix(".json"), rule.as_json())


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
