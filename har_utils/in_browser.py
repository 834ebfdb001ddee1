"""What a browser gives of a phone's sensors, what the live page makes of it, and what that costs.

A browser's clock is uneven and its values are rounded. The page knows nothing of what comes later.
Everything here is what the scripts of the page do (``templates/site/live_signals.js``), in Python.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd
from scipy.interpolate import CubicSpline, PchipInterpolator
from scipy.spatial.transform import Rotation
from scipy.special import expit

from har_utils import (
    dataset,
    deployment,
    metrics,
    models,
    phone,
    placement,
    recordings,
    signals,
    training,
)
from har_utils.deployment import Wearing
from har_utils.others import network, protocol, trials
from har_utils.placement import PlaceFinder
from har_utils.recordings import Recording

if TYPE_CHECKING:
    import keras

Network: TypeAlias = "keras.Model | deployment.BareNetwork"

HOP = 16
"""Samples from one answer to the next: about three answers a second."""

ROUNDING = {"acceleration": 0.1, "rotation": 0.1}
"""To what a browser rounds, in m/s² and °/s (W3C, "Device Orientation and Motion")."""

TITLES = (
    "time (s)",
    *(f"acc_{axis} (m/s^2)" for axis in "xyz"),
    *(f"gyro_{axis} (rad/s)" for axis in "xyz"),
    "activity",
)
"""Titles of the table that the page saves."""

LEAST_MOVING = placement.LEAST_MOVING * signals.STRIDE // HOP
"""Windows of moving, one after the other, that it takes to tell how a phone sits."""

REMEMBERED = placement.NEIGHBOURS * signals.STRIDE // HOP
"""The last windows of moving that tell it."""


@dataclass(frozen=True, eq=False)
class Placing:
    """How a network for any placement is told where the phone sits.

    Attributes
    ----------
    finder : PlaceFinder
    way : str
        One of `protocol.FINDERS`: by numbers of the gait, by the network's own answer, or by both.
    caution : float
        Log-odds by which a pocket has to be more probable than that.
    """

    finder: PlaceFinder
    way: str
    caution: float


# --- What a browser gives -------------------------------------------------------------------------


def as_browser(
    acceleration: np.ndarray, rotation: np.ndarray, is_rounded: bool = True
) -> np.ndarray:
    """Return measurements in a browser's units and as it rounds them.

    Parameters
    ----------
    acceleration, rotation : ndarray of shape (n, 3)
        In g and rad/s.
    is_rounded
        Whether they are.

    Returns
    -------
    ndarray of shape (n, 6), float64
        In m/s² and °/s.
    """
    given = np.column_stack([acceleration * phone.STANDARD_GRAVITY, np.degrees(rotation)])
    steps = np.repeat(list(ROUNDING.values()), 3)
    return np.rint(given / steps) * steps if is_rounded else given


def as_events(
    recording: Recording,
    generator: np.random.Generator,
    rate: float = 60.0,
    jitter: float = 0.004,
    is_rounded: bool = True,
) -> tuple[np.ndarray, np.ndarray]:
    """Return what a browser would have given of a recording: an uneven clock, rounded values.

    Parameters
    ----------
    recording
        At 50 Hz; between its samples, a cubic curve says what would have been measured.
    generator
        Draws the clock.
    rate
        Events per second.
    jitter
        By how many seconds an event comes too early or too late at most.
    is_rounded
        Whether the values are rounded.

    Returns
    -------
    seconds : ndarray of shape (n,)
        When each event came.
    given : ndarray of shape (n, 6)
        As in `as_browser`.
    """
    known = np.arange(len(recording.acceleration)) / signals.SAMPLING_RATE
    even = np.arange(1, int(known[-1] * rate)) / rate
    seconds = even + generator.uniform(-jitter, jitter, len(even))
    both = np.hstack([recording.acceleration, recording.rotation])
    measured = CubicSpline(known, both)(seconds)
    return seconds, as_browser(measured[:, :3], measured[:, 3:], is_rounded)


# --- What the page makes of it --------------------------------------------------------------------


def resample(seconds: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Read the curve through a browser's events at even times, as the page does.

    The page sees one event ahead, so it draws a curve whose slopes need only neighbours; and one
    that never leaves their range, whatever the clock does.

    Parameters
    ----------
    seconds : ndarray of shape (n,)
        When each event came; increasing, without a pause.
    values : ndarray of shape (n, n_axes)

    Returns
    -------
    ndarray of shape (n_samples, n_axes), float64
        At 50 Hz from the second event to the last but one.
    """
    count = int(np.ceil((seconds[-2] - seconds[1]) * signals.SAMPLING_RATE - 1e-9))
    at = seconds[1] + np.arange(count) / signals.SAMPLING_RATE
    return PchipInterpolator(seconds, values)(at[at < seconds[-2]])


def windows(seconds: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Cut a browser's events into windows, filtered as the page filters and not turned.

    Parameters
    ----------
    seconds : ndarray of shape (n,)
        When each event came.
    given : ndarray of shape (n, 6)
        In m/s² and °/s (`as_browser`).

    Returns
    -------
    ndarray of shape (n_windows, 128, 9), float64
        One every `HOP` samples.
    """
    even = resample(seconds, given)
    channels = _channels(even[:, :3] / phone.STANDARD_GRAVITY, np.radians(even[:, 3:]))
    return signals.sliding_windows(channels[:-1], stride=HOP)  # the median needs one sample more


def upward(cut: np.ndarray) -> np.ndarray:
    """Find which direction was up while somebody walked, knowing only what was until then.

    As `placement.upward`, but nobody can wait for the windows that follow. So only what lasts and
    is as strong as walking counts: who lies down or gets up moves as well, but not for long. Until
    then a window of walking shows it for itself, as in `others.anywhere`.

    Parameters
    ----------
    cut : ndarray of shape (n_windows, 128, 9)
        One every `HOP` samples.

    Returns
    -------
    ndarray of shape (n_windows, 3), float64
        Of length 1; NaN in windows of rest until somebody has moved for long enough.
    """
    seen: list[np.ndarray] = []
    found, lasts = np.full((len(cut), 3), np.nan), 0
    gravity = cut[:, :, 6:].mean(axis=1, dtype=float)
    motion = placement.motion(cut)
    walks = (motion >= _worn().least_motion) & (motion <= placement.MOST_MOTION)
    for place, is_walking in enumerate(walks):
        lasts = lasts + 1 if is_walking else 0
        seen += [gravity[place]] if lasts >= LEAST_MOVING else []
        if seen or is_walking:
            mean = np.mean(seen[-REMEMBERED:] or [gravity[place]], axis=0)
            found[place] = mean / np.linalg.norm(mean)
    return found


def predict(model: Network, cut: np.ndarray, placing: Placing) -> np.ndarray:
    """Return what the page says to windows as the phone measured them.

    Parameters
    ----------
    model
        A network for any placement (`har_utils.others.network`).
    cut : ndarray of shape (n_windows, 128, 9)
        One every `HOP` samples (`windows`).
    placing
        How it is told where the phone sits.

    Returns
    -------
    ndarray of shape (n_windows, 6)
    """
    upright = placement.turn_upright(cut, upward(cut))
    answers, own = network.predict(model, [_seen(upright, view) for view in views()])
    said = {"network": own, placing.finder.description: placing.finder.log_odds(upright)}
    odds = np.mean([said[part] for part in protocol.FINDERS[placing.way]], axis=0)
    tells = placement.moving(upright) & cut[:, :, 3:6].any(axis=(1, 2))  # not without a gyroscope
    pocket = _pocket(odds - placing.caution, tells)[:, np.newaxis]
    return (1 - pocket) * answers[:, 0] + pocket * answers[:, 1]


@cache
def _worn() -> Wearing:
    """Return how the training people wore their phones."""
    return deployment.wearing(dataset.load().train)


def _seen(upright: np.ndarray, view: np.ndarray) -> np.ndarray:
    """Turn upright windows as a network shall see them."""
    triples = upright.reshape(len(upright), signals.WINDOW, 3, 3) @ view.T
    return triples.reshape(upright.shape).astype(np.float32)


def _pocket(log_odds: np.ndarray, moves: np.ndarray) -> np.ndarray:
    """Return how probable a pocket is after each window; half where nobody has moved enough.

    As `placement.pocket`, but nobody can wait for the windows that follow.
    """
    found = np.full(len(moves), 0.5)
    for place in np.flatnonzero(np.cumsum(moves) >= LEAST_MOVING):
        last = np.flatnonzero(moves[: place + 1])[-REMEMBERED:]
        found[place] = expit(log_odds[last].mean())
    return found


def views() -> np.ndarray:
    """Return the turns of an upright window whose answers are averaged: ``(n, 3, 3)``.

    A network for any placement does not care which way the phone faces, and sees several ways.
    """
    unturned = np.eye(3).reshape(1, 1, 9)
    every = placement.headings(unturned, protocol.config()["headings"])
    return np.array([each.reshape(3, 3).T for each in every])


def rounded(model: keras.Model) -> keras.Model:
    """Return a copy of a network with kernels as the page has them, in 16 bits."""
    copy = models.prepare().models.clone_model(model)
    copy.set_weights(model.get_weights())
    for layer in copy.layers:
        if hasattr(layer, "kernel"):
            layer.kernel.assign(np.asarray(layer.kernel).astype(np.float16).astype(np.float32))
    return copy


# --- What the page saves --------------------------------------------------------------------------


def labels(path: str | os.PathLike) -> list[tuple[str, float, float]]:
    """Read what was tapped while the page recorded, as `dataset.with_recording` takes it.

    Parameters
    ----------
    path
        A table that the page saved.

    Returns
    -------
    list of (activity, start, stop)
        Seconds of the recording that `phone.read` gives of the same table.

    Raises
    ------
    ValueError
        If the table has no activities, or nothing was tapped.
    """
    table = pd.read_csv(path, keep_default_na=False)
    time, tapped = TITLES[0], TITLES[-1]
    if not {time, tapped} <= set(table.columns):
        raise ValueError(
            f"{Path(path).name}: no columns {time!r} and {tapped!r}, as the page saves"
        )
    if not table[tapped].any():
        raise ValueError(f"{Path(path).name}: nothing was tapped while it was recorded")
    seconds = table[time] - table[time].iloc[0]
    runs = (table[tapped] != table[tapped].shift()).cumsum()
    found = [
        (rows.iloc[0], seconds[rows.index[0]], seconds[rows.index[-1]])
        for _, rows in table[tapped].groupby(runs)
    ]
    return [(name, float(start), float(stop)) for name, start, stop in found if name]


# --- What it costs --------------------------------------------------------------------------------

TABLE = "device/browser.csv"
"""Where the published costs for the course's networks are, among the results."""

PAGE_TABLE = "device/live_page.csv"
"""Where those for the live page are."""

N_CLOCKS = 5
"""How many clocks are drawn."""

PAGE_CLOCKS = 1
"""How many for the page, of each recording; there are many recordings, each with its own."""

TRIALS = 2
"""So many trials of each activity of a person of another data set are read."""

PAGE_SETS = ("usc_had", "motionsense")
"""Other data sets whose people the page gets: a hip and a trouser pocket, raw on both sensors."""


def costs(networks: Mapping[str, keras.Model]) -> pd.DataFrame:
    """Score networks on the test windows as a browser would have given them.

    This describes; nothing is chosen by it.

    Parameters
    ----------
    networks
        Title → a network of the course.

    Returns
    -------
    DataFrame
        Columns network, condition, clock (which was drawn; 0 where there is none), accuracy and
        macro_f1.
    """
    test = dataset.load().test
    rows = []
    for condition, clock, cut in _conditions(test.table):
        for name, model in networks.items():
            said = training.predict(model, cut.astype(np.float32)).argmax(axis=1)
            found = {"network": name, "condition": condition, "clock": clock}
            rows.append(found | _scores(test.labels, said))
    return pd.DataFrame(rows).astype({"accuracy": float, "macro_f1": float})


def _scores(truth: np.ndarray, said: np.ndarray) -> dict[str, float]:
    """Return accuracy, and macro F1 over the activities that were done."""
    matrix = metrics.confusion(truth, said)
    f1 = metrics.f1(matrix)[np.unique(truth)].mean()
    return {"accuracy": float(metrics.accuracy(matrix)), "macro_f1": float(f1)}


def _conditions(table: pd.DataFrame) -> Iterator[tuple[str, int, np.ndarray]]:
    """Yield what windows are measured with, which clock was drawn, and the windows."""
    yield "as published", 0, dataset.exact_windows(table)
    yield "rounded", 0, dataset.exact_windows(table, _rounded_values)
    for clock in range(N_CLOCKS):
        yield "uneven clock", clock, dataset.exact_windows(table, partial(_delivered, clock, False))
        delivered = partial(_delivered, clock, True)
        yield "uneven clock, rounded", clock, dataset.exact_windows(table, delivered)
        yield "filters start with the window", clock, _fresh(table, delivered)


def page_costs(
    model: Network, placing: Placing, people: Mapping[str, Sequence[Recording]]
) -> pd.DataFrame:
    """Score what the page says to whole recordings: as measured, and as a browser gives them.

    Scored are its answers about windows that lie within one activity.

    Parameters
    ----------
    model, placing
        As in `predict`.
    people
        Name of a data set → recordings of its people (`test_people`, `other_people`).

    Returns
    -------
    DataFrame
        Columns data_set, condition, clock, windows, accuracy and macro_f1.
    """
    rows = []
    for name, recorded in people.items():
        for condition, clock, give in _ways():
            answered = [_answered(model, placing, one, give(one)) for one in recorded]
            truth, said = map(np.concatenate, zip(*answered, strict=True))
            found = {"data_set": name, "condition": condition, "clock": clock}
            rows.append(found | {"windows": len(truth)} | _scores(truth, said))
    return pd.DataFrame(rows)


Given = tuple[np.ndarray, np.ndarray]


def _ways() -> Iterator[tuple[str, int, Callable[[Recording], Given]]]:
    """Yield how the page hears a recording, which clock was drawn, and what gives the events."""
    yield "as measured", 0, partial(_evenly, is_rounded=False)
    yield "rounded", 0, partial(_evenly, is_rounded=True)
    for clock in range(PAGE_CLOCKS):
        yield "uneven clock, rounded", clock, partial(_unevenly, clock)
        yield "turned at random", clock, partial(_carried, clock, partial(_unevenly, clock))


def _evenly(recording: Recording, is_rounded: bool) -> Given:
    """Return a recording's own samples as events."""
    seconds = np.arange(len(recording.acceleration)) / signals.SAMPLING_RATE
    return seconds, as_browser(recording.acceleration, recording.rotation, is_rounded)


def _unevenly(clock: int, recording: Recording) -> Given:
    """Return a recording as a browser gives it, by one of several clocks."""
    return as_events(recording, _generator(clock, recording))


def _generator(clock: int, recording: Recording) -> np.random.Generator:
    """Return what draws the clock of a recording."""
    return np.random.default_rng([clock, recording.subject, recording.experiment])


def _answered(
    model: Network, placing: Placing, recording: Recording, given: Given
) -> tuple[np.ndarray, np.ndarray]:
    """Return what was done and what the page says of windows within one activity."""
    seconds, values = given
    cut = windows(seconds, values)
    said = predict(model, cut, placing).argmax(axis=1)
    begins = seconds[1] * signals.SAMPLING_RATE + HOP * np.arange(len(cut))
    truth = np.full(len(cut), -1)
    for activity, start, stop in recording.labels[recordings.LABEL_COLUMNS].to_numpy():
        if activity <= len(dataset.ACTIVITIES):
            truth[(begins >= start) & (begins + signals.WINDOW <= stop)] = activity - 1
    return truth[truth >= 0], said[truth >= 0]


def test_people() -> list[Recording]:
    """Return the recordings of the course's own test people."""
    return [one for one in recordings.load() if one.subject in dataset.TEST_SUBJECTS]


def other_people(name: str) -> list[Recording]:
    """Return a recording of each person of another data set: some trials, those of walking first.

    Parameters
    ----------
    name : str
        Key of `others.trials.SETS`.
    """
    by_person: dict[int, dict[str, list[trials.Trial]]] = {}
    for trial in trials.load(name):
        if trial.activity in dataset.ACTIVITIES:
            by_person.setdefault(trial.person, {}).setdefault(trial.activity, []).append(trial)
    return [_one_after_the_other(person, own) for person, own in sorted(by_person.items())]


def _one_after_the_other(person: int, own: Mapping[str, list[trials.Trial]]) -> Recording:
    """Join trials of a person to one recording, in the order of the activities."""
    chosen = [one for name in dataset.ACTIVITIES for one in own.get(name, [])[:TRIALS]]
    ends = np.cumsum([len(one.acceleration) for one in chosen])
    rows = [
        (0, person, dataset.ACTIVITIES.index(one.activity) + 1, end - len(one.acceleration), end)
        for one, end in zip(chosen, ends, strict=True)
    ]
    labels = pd.DataFrame(rows, columns=["experiment", "subject", *recordings.LABEL_COLUMNS])
    acceleration = np.concatenate([one.acceleration for one in chosen])
    return Recording(person, 0, acceleration, np.concatenate([o.rotation for o in chosen]), labels)


def _rounded_values(recording: Recording) -> Recording:
    """Return a recording with rounded values and the clock it has."""
    return _measured(recording, as_browser(recording.acceleration, recording.rotation))


def _delivered(clock: int, is_rounded: bool, recording: Recording) -> Recording:
    """Return what the page has of a recording, read at the times of its own samples."""
    seconds, given = as_events(recording, _generator(clock, recording), is_rounded=is_rounded)
    at = np.arange(len(recording.acceleration)) / signals.SAMPLING_RATE
    inside = np.clip(at, seconds[0], seconds[-1])
    return _measured(recording, PchipInterpolator(seconds, given)(inside))


def _carried(clock: int, give: Callable[[Recording], Given], recording: Recording) -> Given:
    """Return what a browser gives of somebody who carries the phone another way round."""
    turn = Rotation.random(rng=_generator(clock, recording)).as_matrix()
    acceleration, rotation = recording.acceleration @ turn.T, recording.rotation @ turn.T
    return give(replace(recording, acceleration=acceleration, rotation=rotation))


def _measured(recording: Recording, given: np.ndarray) -> Recording:
    """Return a recording with a browser's values in its own units."""
    acceleration, rotation = given[:, :3] / phone.STANDARD_GRAVITY, np.radians(given[:, 3:])
    return replace(recording, acceleration=acceleration, rotation=rotation)


def _changed(
    table: pd.DataFrame, change: Callable[[Recording], Recording]
) -> Iterator[tuple[np.ndarray, np.ndarray, Recording]]:
    """Yield, per recording: the rows of its windows, where they start, and it, changed."""
    known = {one.experiment: one for one in recordings.load()}
    starts = table["start"].to_numpy()
    for experiment, rows in table.groupby("recording").indices.items():
        yield rows, starts[rows], change(known[experiment])


def _fresh(table: pd.DataFrame, change: Callable[[Recording], Recording]) -> np.ndarray:
    """Return windows of which each is the first that its page has heard."""
    cut = np.empty((len(table), signals.WINDOW, len(dataset.CHANNELS)))
    for rows, starts, recording in _changed(table, change):
        for row, start in zip(rows, starts, strict=True):
            part = slice(start, start + signals.WINDOW)
            cut[row] = _channels(recording.acceleration[part], recording.rotation[part])
    return cut


def _channels(acceleration: np.ndarray, rotation: np.ndarray) -> np.ndarray:
    """Return the nine channels of what the page has heard from its start: ``(n, 9)``."""
    filtered = signals.preprocess(acceleration, rotation, signals.LEAD_IN)
    return np.hstack([filtered.body_acc, filtered.body_gyro, filtered.total_acc])
