"""What a trained network is for: naming what somebody's phone recorded, and running on one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from har_utils import dataset, placement, recordings, sentences, signals, training, words
from har_utils.dataset import ACTIVITIES, Dataset
from har_utils.deployment import networks
from har_utils.deployment.anywhere_file import AnywhereFile
from har_utils.deployment.interpreter import BareNetwork
from har_utils.others import anywhere
from har_utils.others.anywhere import Anywhere
from har_utils.phone import PhoneRecording
from har_utils.recordings import Recording

if TYPE_CHECKING:
    import keras

    from har_utils.deployment.device import LiteNetwork

# --- Classify a recording -------------------------------------------------------------------------


SLOW = 2 * signals.NOISE_CUTOFF
"""Samples per second below which a recording lacks part of what the training windows hold."""

OFTEN = 0.05
"""Share of windows from which on something is worth a warning."""


say = sentences.beside(__file__)


@dataclass(frozen=True, eq=False)
class Wearing:
    """How the people in a data set wore their phones, and how they moved.

    Attributes
    ----------
    upright : ndarray of shape (3,), float64
        Direction of gravity while walking, of length 1, the mean over the subjects.
    angles : ndarray of shape (n_subjects,), float64
        Between that and each subject's own direction, in degrees, in the order of the subjects.
    least_motion, most_motion : float
        Standard deviation of the acceleration's length within a window, in g: only 1 % of the
        windows of walking have less than the one, only 1 in 1000 has more than the other.
    """

    upright: np.ndarray
    angles: np.ndarray
    least_motion: float
    most_motion: float

    @property
    def widest(self) -> float:
        """The largest angle of all subjects, in degrees."""
        return float(self.angles.max())


@dataclass(frozen=True, eq=False)
class Timeline:
    """What a network says to a recording, one answer per window, as it gave them.

    Attributes
    ----------
    recording : Recording
    windows : DataFrame
        One row per window of 2.56 s, one every 1.28 s: start and stop (seconds), activity (the
        most probable), confidence (its probability). Nothing is smoothed. From the network for any
        placement ``none``, ``running`` and ``answer``, too, and windows around that are alike have
        a say (`others.anywhere.Anywhere`). What is printed and written leaves the confidence of
        ``none`` empty.
    probability : ndarray of shape (n_windows, 6)
        float32; float64 from the network for any placement.
    cut : ndarray of shape (n_windows, 128, 9), float32
        The windows as the phone measured them.
    warnings : tuple of str
        Why the answers may be worth less than the network's accuracy promises.
    placed : Anywhere, optional
        What the network for any placement found out about the phone.
    """

    recording: Recording
    windows: pd.DataFrame
    probability: np.ndarray
    cut: np.ndarray
    warnings: tuple[str, ...]
    placed: Anywhere | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """What had to be guessed or turned round to read the recording."""
        return self.recording.notes if isinstance(self.recording, PhoneRecording) else ()

    @property
    def placement(self) -> str:
        """Where the phone seems to sit and how it is turned; empty if the network cannot tell."""
        if self.placed is None:
            return ""
        edge, off = placement.edge_up(self.placed.up)
        facts = {"place": self.placed.place, "sure": self.placed.sure, "edge": edge, "off": off}
        if self.placed.is_turned:
            return say("placement_turned", **facts)
        return say("placement", is_known=np.isfinite(off), **facts)

    def stretches(self) -> pd.DataFrame:
        """Join neighbouring windows with the same answer, and nothing else.

        Returns
        -------
        DataFrame
            start and stop (seconds; neighbours overlap as their windows do), activity, windows
            (how many) and confidence (their mean; NaN where it is none of the six activities).
        """
        table = self._meant()
        if "answer" in table:
            table = table.assign(activity=table["answer"])
        stride = signals.STRIDE / signals.SAMPLING_RATE
        follows = table["start"].diff().sub(stride).abs() < stride / 2
        same = follows & (table["activity"] == table["activity"].shift())
        grouped = table.groupby((~same).cumsum())
        return pd.DataFrame(
            {
                "start": grouped["start"].first(),
                "stop": grouped["stop"].last(),
                "activity": grouped["activity"].first(),
                "windows": grouped.size(),
                "confidence": grouped["confidence"].mean(),
            }
        ).reset_index(drop=True)

    def _meant(self) -> pd.DataFrame:
        """Return the windows; where no activity is meant nobody is sure of one."""
        if "none" not in self.windows:
            return self.windows
        sure = self.windows["confidence"].mask(self.windows["none"])
        return self.windows.assign(confidence=sure)

    def as_sampled(self) -> pd.DataFrame:
        """Return the windows on the clock of the samples, which stands still in long pauses."""
        seconds = self.windows[["start", "stop"]].map(
            lambda second: recordings.sample_at(self.recording, second) / signals.SAMPLING_RATE
        )
        return self.windows.assign(start=seconds["start"], stop=seconds["stop"])

    def as_text(self) -> str:
        """Print the stretches as a table, then notes and warnings."""
        seconds = len(self.recording.acceleration) / signals.SAMPLING_RATE
        seconds -= _gap_seconds(self.recording)
        window, stride = (n / signals.SAMPLING_RATE for n in (signals.WINDOW, signals.STRIDE))
        return "\n".join(
            [
                say("recorded", seconds=seconds, window=window, stride=stride),
                *([self.placement] if self.placement else []),
                self.stretches().to_string(
                    index=False,
                    na_rep="",
                    formatters={
                        "start": "{:.1f} s".format,
                        "stop": "{:.1f} s".format,
                        "confidence": partial(words.percent, digits=0),
                    },
                ),
                *(f"Note: {note}{'' if note.endswith('?') else '.'}" for note in self.notes),
                *(f"Warning: {warning}" for warning in self.warnings),
            ]
        )

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain numbers and texts, to be written as JSON.

        The confidence of a window or stretch that is none of the six activities is None; the
        ``activity`` of such a window is the most probable all the same, and not meant.
        """
        windows = _records(self._meant())
        for window, probability in zip(windows, self.probability.tolist(), strict=True):
            window["probability"] = dict(zip(ACTIVITIES, probability, strict=True))
        return {
            **({"placement": _placement_as_dict(self.placed)} if self.placed else {}),
            "windows": windows,
            "stretches": _records(self.stretches()),
            "notes": list(self.notes),
            "warnings": list(self.warnings),
        }


def _placement_as_dict(placed: Anywhere) -> dict[str, Any]:
    """Return where the phone sits as numbers and texts; None is not known.

    A phone that was turned round on the way (``turned_round``) has no edge that was up.
    """
    edge, off = placement.edge_up(placed.up)
    is_turn_known = np.isfinite(off)
    is_known = is_turn_known or placed.is_turned
    return {
        "place": placed.place,
        "confidence": placed.sure if placed.place else None,
        "edge_up": edge if is_turn_known else None,
        "degrees_off": off if is_turn_known else None,
        "up": placed.up.tolist() if is_turn_known else None,
        "turned_round": placed.is_turned if is_known else None,
    }


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as plain numbers and texts; None is not known."""
    plain = table.astype({"activity": str}).astype(object)
    return plain.where(table.notna(), None).to_dict("records")


def classify(
    recording: Recording,
    model: keras.Model | BareNetwork | LiteNetwork | AnywhereFile | None = None,
    people: Dataset | None = None,
) -> Timeline:
    """Name what somebody did, window by window.

    Without a model the network for any placement answers (`others.anywhere`): it finds out where
    the phone sits and how it is turned. Another knows phones as its people wore them.

    Parameters
    ----------
    recording : Recording
        For example of somebody's own phone (`har_utils.phone.read`).
    model : keras.Model, BareNetwork, LiteNetwork or AnywhereFile, optional
        A trained network (`load_model`, `load_published`); without it that for any placement.
    people : Dataset, optional
        Whom the recording is compared with: the people that network was trained on. Without it,
        the training subjects of the whole data set.

    Returns
    -------
    Timeline

    Raises
    ------
    ValueError
        If no window of 2.56 s is free of gaps.
    """
    if model is None:
        return _classify_anywhere(recording)
    if isinstance(model, AnywhereFile):
        return _classify_anywhere(recording, model, model.rule)
    cut = dataset.cut(recording)
    probability = training.predict(model, cut.windows)
    usual = usual_wearing() if people is None else wearing(people)
    found = [*_recording_warnings(recording), *_wearing_warnings(cut, usual)]
    return Timeline(recording, cut.answers(probability), probability, cut.windows, tuple(found))


def _classify_anywhere(
    recording: Recording, model: Any = None, rule: anywhere.Rule | None = None
) -> Timeline:
    """Let a network for any placement name what somebody did; the published one by itself."""
    model = networks.load_published(anywhere.MODEL) if model is None else model
    found = anywhere.classify(recording, model, rule)
    warnings = (*_recording_warnings(recording), *found.notes)
    return Timeline(recording, found.windows, found.probability, found.cut, warnings, found)


def wearing(people: Dataset) -> Wearing:
    """Describe how people wore their phones and moved, from their windows of walking.

    Walking, upstairs and downstairs too, nobody lies: gravity shows how the phone sits.

    Parameters
    ----------
    people : Dataset

    Returns
    -------
    Wearing
    """
    walking = people.take(people.labels < 3)
    persons = sorted(set(walking.subjects.tolist()))
    own = [_direction(walking.windows[walking.subjects == person]) for person in persons]
    upright = np.mean(own, axis=0)
    upright /= np.linalg.norm(upright)
    angles = np.array([_angle(direction, upright) for direction in own])
    least, most = np.quantile(placement.motion(walking.windows), (0.01, 0.999))
    return Wearing(upright, angles, float(least), float(most))


def usual_wearing() -> Wearing:
    """Describe all training subjects, as `wearing` does; from the cache if it is there.

    Returns
    -------
    Wearing
    """

    def compute() -> dict[str, np.ndarray]:
        return {
            name: np.asarray(each) for name, each in vars(wearing(dataset.load().train)).items()
        }

    kept = dataset.remembered("wearing", compute, code=("deployment.classification", "placement"))
    motion = (float(kept[name]) for name in ("least_motion", "most_motion"))
    return Wearing(kept["upright"], kept["angles"], *motion)


def turned(windows: np.ndarray, usual: Wearing) -> float:
    """Say how far a phone was turned from where others wear it, while somebody walked.

    Parameters
    ----------
    windows : ndarray of shape (n, 128, 9), float32
    usual : Wearing

    Returns
    -------
    float
        Degrees; NaN if hardly any window can be one of walking.
    """
    motion = placement.motion(windows)
    walking = (motion >= usual.least_motion) & (motion <= usual.most_motion)
    if walking.mean() <= OFTEN:
        walking = placement.steps(windows) & (motion <= usual.most_motion)  # in the hand, say
    return _angle(_direction(windows[walking]), usual.upright) if walking.mean() > OFTEN else np.nan


def _direction(windows: np.ndarray) -> np.ndarray:
    """Return the direction of gravity in windows, of length 1."""
    mean = windows[:, :, 6:].mean(axis=(0, 1), dtype=float)
    return mean / np.linalg.norm(mean)


def _gap_seconds(recording: Recording) -> float:
    """Return for how long within the samples the phone recorded nothing."""
    return float(np.diff(recording.gaps, axis=1).sum() / signals.SAMPLING_RATE)


def _angle(a: np.ndarray, b: np.ndarray) -> float:
    """Return the angle between two directions, in degrees."""
    return float(np.degrees(np.arccos(np.clip(a @ b, -1, 1))))


def _recording_warnings(recording: Recording) -> list[str]:
    """Say what the phone did not record."""
    if not isinstance(recording, PhoneRecording):
        return []
    found = []
    if not recording.has_gyroscope:
        found.append(say("no_gyroscope"))
    if recording.sampling_rate < SLOW:
        found.append(say("slow", rate=recording.sampling_rate, enough=SLOW))
    if len(recording.gaps):
        seconds = _gap_seconds(recording) + recording.left_out[:, 1].sum()
        found.append(say("gaps", seconds=seconds, n_gaps=len(recording.gaps)))
    return found


def _wearing_warnings(cut: dataset.Cut, usual: Wearing) -> list[str]:
    """Say in what the phone's position and motion are unlike those the network knows."""
    windows = cut.windows
    found, angle = [], turned(windows, usual)
    if np.isnan(angle):
        found.append(say("nobody_walks"))
    elif angle > usual.widest:
        found.append(say("turned", angle=angle, widest=usual.widest))
    as_trained = (placement.motion(windows) >= usual.least_motion).mean()
    if as_trained <= OFTEN < placement.steps(windows).mean():
        found.append(say("gentle"))
    too_strong = placement.motion(windows) > usual.most_motion
    wild = float((too_strong | anywhere.running(anywhere.of_recording(cut))).mean())
    if wild > OFTEN:
        found.append(say("wild", share=wild))
    return found
