"""Where a phone sits and how it is turned, found without a label from how it moves.

While people walk, climb or descend, gravity shows how the phone sits: on average it pulls along the
body. Whatever direction it has in the phone is turned to +x, which is *up* in the course's own
recordings. Which way the phone faces stays open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit

from har_utils import signals

PLACES = ("torso", "pocket")
"""Waist, hip, belt and chest are the torso; the other is a trouser pocket."""

EDGES = (("right edge", "left edge"), ("top edge", "bottom edge"), ("screen", "back"))
"""What of a phone points along and against each of its axes (x, y, z)."""

LEAST_MOTION, MOST_MOTION = 0.05, 0.6
"""Standard deviation of the acceleration's length within a window of walking, in g."""

NEIGHBOURS = 15
"""Moving windows on either side, about 20 s, that tell how the phone sits in one of them."""

LEAST_MOVING = 5
"""Moving windows that it takes to tell how a phone sits."""

UPSIDE_DOWN = 135.0
"""Degrees from which on gravity at rest shows a phone turned round, not a person on the head."""

SLOWEST_STEPS, FASTEST_STEPS = 1.1, 3.2
"""Steps per second, in Hz, between which people walk."""

QUICKEST_WALK, GENTLEST_RUN = 7 / 3, 0.5
"""Steps per second in Hz, and standard deviation of the acceleration's length in g: who takes more
than 140 steps a minute and shakes the phone more than that runs.

Looked up on the people of the five data sets, so less must be expected of others.
"""

PADDED = 1024
"""Samples to which a window is filled up with zeros, so that its pace is read to 0.05 Hz."""

PACES = slice(23, 82)
"""Bins of such a spectrum, 1.1 to 4.0 Hz, in which the pace of steps is looked for."""

GENTLEST_STEPS = 0.02
"""Standard deviation of the acceleration's length, in g, that steps shake any phone by."""

STRIDES, STEPS = slice(2, 4), slice(4, 8)
"""Bins of a window's spectrum: 0.8 to 1.2 Hz holds strides, 1.6 to 2.7 Hz steps."""

SWINGS = slice(1, 8)
"""Bins, 0.4 to 2.7 Hz, of everything that a leg does as a whole."""

USUAL_MOTION = (0.25, 1.0)
"""Root mean square of acceleration (g) and rotation (rad/s) to which movements are brought."""


def motion(windows: np.ndarray) -> np.ndarray:
    """Return how much the acceleration's length varies within each window, ``(n,)``, in g."""
    return np.linalg.norm(windows[:, :, 6:], axis=2).std(axis=1)


def moving(windows: np.ndarray) -> np.ndarray:
    """Tell which windows can be of walking or stairs, ``(n,)`` bool: neither rest nor wild.

    A gentle run is among them: it, too, shows how a phone sits.
    """
    varies = motion(windows)
    return (varies >= LEAST_MOTION) & (varies <= MOST_MOTION)


def steps(windows: np.ndarray) -> np.ndarray:
    """Say in which windows somebody takes steps, ``(n,)`` bool, however gently a phone is carried.

    Most of the power of the acceleration's length is at the pace of steps then. Of the course's
    training windows of walking 98 of 100 are so, of those of the still activities fewer than 1.
    """
    frequency, power = _spectrum(windows, signals.WINDOW)
    paced = (frequency > SLOWEST_STEPS) & (frequency < FASTEST_STEPS)
    total = power[:, (frequency > 0.3) & (frequency < signals.NOISE_CUTOFF)].sum(axis=1)
    regular = power[:, paced].sum(axis=1) > 0.5 * total
    return regular & (motion(windows) > GENTLEST_STEPS)


def pace(windows: np.ndarray) -> np.ndarray:
    """Return at which frequency the acceleration's length swings most, ``(n,)``, in Hz.

    In windows of walking and running it is mostly that of steps. It is looked for in `PACES`.
    """
    frequency, power = _spectrum(windows, PADDED)
    return frequency[PACES][power[:, PACES].argmax(axis=1)]


def running(windows: np.ndarray) -> np.ndarray:
    """Tell which windows have the pace and the strength of running, ``(n,)`` bool."""
    return (pace(windows) > QUICKEST_WALK) & (motion(windows) > GENTLEST_RUN)


def _spectrum(windows: np.ndarray, n_samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Return frequencies in Hz, and at them the power of the swings of the acceleration's length.

    Windows are filled up with zeros to `n_samples`.
    """
    length = np.linalg.norm(windows[:, :, 6:], axis=2)
    swing = (length - length.mean(axis=1, keepdims=True)) * np.hanning(signals.WINDOW)
    power = np.abs(np.fft.rfft(swing, n_samples, axis=1)) ** 2
    return np.fft.rfftfreq(n_samples, 1 / signals.SAMPLING_RATE), power


def middle_direction(directions: np.ndarray) -> np.ndarray:
    """Return the direction with the least sum of distances to others, of length 1.

    Unlike their mean it hardly heeds the few that point elsewhere (Weiszfeld's algorithm).

    Parameters
    ----------
    directions : ndarray of shape (n, 3)

    Returns
    -------
    ndarray of shape (3,), float64
    """
    units = np.asarray(directions, dtype=float)
    units = units / np.linalg.norm(units, axis=1, keepdims=True)
    middle = units.mean(axis=0)
    for _ in range(30):
        weights = 1 / np.maximum(np.linalg.norm(units - middle, axis=1), 1e-3)
        middle = weights @ units / weights.sum()
    return middle / max(np.linalg.norm(middle), 1e-12)


def upward(
    windows: np.ndarray, recording: np.ndarray, trial: np.ndarray, local: bool = True
) -> np.ndarray:
    """Find for every window which direction in the phone is up while its owner walks.

    Parameters
    ----------
    windows : ndarray of shape (n, 128, 9)
        In order of time within each trial.
    recording : ndarray of shape (n,)
        Equal where one person carries one phone in one place.
    trial : ndarray of shape (n,)
        Equal where nothing interrupts the recording.
    local : bool
        Let moving windows ask only the moving windows around them: people take phones out and put
        them back another way round.

    Returns
    -------
    ndarray of shape (n, 3), float64
        Of length 1; NaN in recordings with fewer than five moving windows.
    """
    gravity, moves = windows[:, :, 6:].mean(axis=1, dtype=float), moving(windows)
    found = np.full((len(windows), 3), np.nan)
    for one in np.unique(recording):
        own = recording == one
        if (own & moves).sum() >= LEAST_MOVING:
            found[own] = middle_direction(gravity[own & moves])
    for one in np.unique(trial) if local else ():
        places = np.flatnonzero((trial == one) & moves)
        if len(places) >= LEAST_MOVING:
            mean = _around(gravity[places])
            found[places] = mean / np.linalg.norm(mean, axis=1, keepdims=True)
    return found


def _around(directions: np.ndarray) -> np.ndarray:
    """Return the mean of each row and those around it."""
    total = np.vstack([np.zeros(directions.shape[1]), directions.cumsum(axis=0)])
    places = np.arange(len(directions))
    first, stop = (
        np.maximum(places - NEIGHBOURS, 0),
        np.minimum(places + NEIGHBOURS + 1, len(places)),
    )
    return (total[stop] - total[first]) / (stop - first)[:, np.newaxis]


def edge_up(up: np.ndarray) -> tuple[str, float]:
    """Return which edge or face of a phone points up, one of `EDGES`, and by how much it is off.

    Parameters
    ----------
    up : ndarray of shape (3,)
        Of length 1.

    Returns
    -------
    tuple
        Its name, and degrees.
    """
    axis = int(np.abs(up).argmax())
    off = np.degrees(np.arccos(np.minimum(1, np.abs(up[axis]))))
    return EDGES[axis][int(up[axis] < 0)], float(off)


def turns_to_x(directions: np.ndarray) -> np.ndarray:
    """Return the shortest turns that bring directions to +x.

    Parameters
    ----------
    directions : ndarray of shape (n, 3)
        Of length 1; where one is NaN nothing is turned.

    Returns
    -------
    ndarray of shape (n, 3, 3), float64
        Rotation matrices, ``R = I + K + K² / (1 + c)`` with c the cosine of the angle and K the
        cross product with d × x (Rodrigues' formula); half a turn about z for −x.
    """
    d = np.where(np.isnan(directions), [1.0, 0.0, 0.0], directions)
    zero, (_, y, z) = np.zeros(len(d)), d.T  # d × x = (0, z, −y)
    cross = np.array([[zero, y, z], [-y, zero, zero], [-z, zero, zero]]).transpose(2, 0, 1)
    cosine = d[:, 0][:, np.newaxis, np.newaxis]
    turns = np.eye(3) + cross + cross @ cross / np.maximum(1 + cosine, 1e-9)
    turns[d[:, 0] < -1 + 1e-9] = np.diag([-1.0, -1.0, 1.0])
    return turns


def turn_upright(windows: np.ndarray, up: np.ndarray) -> np.ndarray:
    """Turn windows so that the direction that is up while walking becomes +x.

    A phone that at rest is more than 135° away from how it is worn in walking was put back upside
    down: no person stands, sits or lies that way. Such windows are turned by half a turn.

    Parameters
    ----------
    windows : ndarray of shape (n, 128, 9)
    up : ndarray of shape (n, 3)
        As `upward` finds it.

    Returns
    -------
    ndarray
        As `windows`, in the same type.
    """
    turned = _turn(windows, turns_to_x(up))
    gravity = turned[:, :, 6:].mean(axis=1)
    cosine = gravity[:, 0] / np.maximum(np.linalg.norm(gravity, axis=1), 1e-12)
    inverted = cosine < np.cos(np.radians(UPSIDE_DOWN))
    turned[inverted] *= np.tile([-1, -1, 1], 3).astype(turned.dtype)
    return turned


def _turn(windows: np.ndarray, turns: np.ndarray) -> np.ndarray:
    """Turn all three sensor triples of each window by the window's own turn."""
    triples = windows.reshape(len(windows), -1, 3)
    turned = triples @ np.swapaxes(turns, 1, 2).astype(windows.dtype)
    return turned.reshape(windows.shape)


def headings(windows: np.ndarray, n: int) -> list[np.ndarray]:
    """Return upright windows as phones would measure them that face `n` other ways."""
    every = []
    for angle in 2 * np.pi * np.arange(n) / n:
        c, s = np.cos(angle), np.sin(angle)
        turn = np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
        every.append(_turn(windows, np.broadcast_to(turn, (len(windows), 3, 3))))
    return every


# --- Which way is ahead? ------------------------------------------------------------------------


def ahead(windows: np.ndarray) -> np.ndarray:
    """Return how clearly each upright window says which way its owner walks, and which.

    With every step the body is braked and pushed on again, a quarter of a step after it was lifted
    and let down. Sideways it sways once in two steps. So the horizontal acceleration that lags a
    quarter behind the vertical one, at the rate of steps, points ahead or straight back; which of
    both depends on where the phone sits, not on who carries it.

    Parameters
    ----------
    windows : ndarray of shape (n, 128, 9)
        Upright.

    Returns
    -------
    ndarray of shape (n, 2), float64
        Along y and z, of length 1 at most.
    """
    spectrum = np.fft.rfft(windows[:, :, :3].astype(float), axis=1)[:, STEPS]
    vertical, across = spectrum[:, :, :1], spectrum[:, :, 1:]
    lagging = (vertical.conj() * across).imag.sum(axis=1)
    power = (np.abs(spectrum) ** 2).sum(axis=(1, 2))
    return 2 * lagging / (power + 1e-6)[:, np.newaxis]


def forward(
    upright: np.ndarray, as_one: np.ndarray, recording: np.ndarray, trial: np.ndarray
) -> np.ndarray:
    """Find for every window which way its owner walks, or would.

    Parameters
    ----------
    upright, as_one : ndarray of shape (n, 128, 9)
        Turned window by window, and each recording as one (`upward` with and without `local`).
    recording, trial : ndarray of shape (n,)
        As in `upward`: moving windows ask those around them, resting ones all of the recording.

    Returns
    -------
    ndarray of shape (n, 2), float64
        Along y and z, of length 1; NaN in recordings with fewer than five moving windows.
    """
    moves, found = moving(upright), np.full((len(upright), 2), np.nan)
    whole, near = ahead(as_one), ahead(upright)
    for one in np.unique(recording):
        own = recording == one
        if (own & moves).sum() >= LEAST_MOVING:
            found[own] = whole[own & moves].mean(axis=0)
    for one in np.unique(trial):
        places = np.flatnonzero((trial == one) & moves)
        if len(places):
            found[places] += _around(near[places])
    return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12)


def turn_forward(windows: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """Turn upright windows about the vertical so that `forward` becomes +z.

    Parameters
    ----------
    windows : ndarray of shape (n, 128, 9)
    directions : ndarray of shape (n, 2)
        Of length 1; where one is NaN nothing is turned.
    """
    s, c = np.where(np.isnan(directions), [0.0, 1.0], directions).T
    zero, one = np.zeros(len(s)), np.ones(len(s))
    turns = np.array([[one, zero, zero], [zero, c, -s], [zero, s, c]]).transpose(2, 0, 1)
    return _turn(windows, turns)


# --- How strongly does it move? -----------------------------------------------------------------


def to_usual_motion(windows: np.ndarray, moves: np.ndarray, recording: np.ndarray) -> np.ndarray:
    """Make the movements of every recording as strong as all others', gravity aside.

    A chest moves less than a hip, and an old person less than a young one. What tells stairs from
    the level is how a movement differs from the person's others.

    Parameters
    ----------
    windows : ndarray of shape (n, 128, 9)
    moves : ndarray of shape (n,), bool
        Whose geometric mean becomes `USUAL_MOTION`; nothing changes where fewer than five move.
    recording : ndarray of shape (n,)
    """
    triples = windows[:, :, :6].reshape(len(windows), -1, 2, 3).astype(float)
    log_rms = np.log((triples**2).sum(axis=3).mean(axis=1) + 1e-9) / 2
    factor = np.ones((len(windows), 2), dtype=np.float32)
    for one in np.unique(recording):
        own = recording == one
        if (own & moves).sum() >= LEAST_MOVING:
            factor[own] = USUAL_MOTION / np.exp(log_rms[own & moves].mean(axis=0))
    acc, gyro = factor[:, np.newaxis, :1], factor[:, np.newaxis, 1:]
    body_acc, total_acc = windows[:, :, :3], windows[:, :, 6:]
    return np.concatenate(
        [acc * body_acc, gyro * windows[:, :, 3:6], total_acc + (acc - 1) * body_acc], axis=2
    )


# --- Torso or pocket? ---------------------------------------------------------------------------


def gait(windows: np.ndarray) -> np.ndarray:
    """Describe how a phone moves in windows of walking, in five numbers that no heading changes.

    Parameters
    ----------
    windows : ndarray of shape (n, 128, 9)
        Upright.

    Returns
    -------
    ndarray of shape (n, 5), float64
        Logarithms of the root mean square of acceleration (g) along and across the vertical and of
        rotation (rad/s) about and across it; and of the power of rotation across the vertical at
        the rate of strides over that at the rate of steps. A thigh swings once a stride.
    """
    body_acc, gyro = windows[:, :, :3].astype(float), windows[:, :, 3:6].astype(float)
    power = [
        *(body_acc[:, :, 0] ** 2, (body_acc[:, :, 1:] ** 2).sum(axis=2)),
        *(gyro[:, :, 0] ** 2, (gyro[:, :, 1:] ** 2).sum(axis=2)),
    ]
    log_rms = [np.log(values.mean(axis=1) + 1e-6) / 2 for values in power]
    return np.column_stack([*log_rms, _strides_over_steps(_power(_across(windows)))])


def swing(windows: np.ndarray) -> np.ndarray:
    """Describe how a phone swings in windows of walking, whatever its sensors and their mounting.

    Parameters
    ----------
    windows : ndarray of shape (n, 128, 9)
        Upright.

    Returns
    -------
    ndarray of shape (n, 4), float64
        Logarithms: of the angle (radians) by which it swings out once a stride, more for a thigh
        than for a hip; of how much more it swings about one horizontal axis than about
        the other; and of power at the rate of strides over that of steps, for rotation across the
        vertical and for acceleration along it. The last is small where both legs count the same.
    """
    gyro = _across(windows)
    vertical = np.fft.rfft(windows[:, :, :1].astype(float), axis=1)
    frequency = 2 * np.pi * np.fft.rfftfreq(windows.shape[1], 1 / signals.SAMPLING_RATE)
    power = _power(gyro)
    angle = power[:, STRIDES] / (frequency[STRIDES] * windows.shape[1] / 2) ** 2
    slow = gyro[:, SWINGS]
    matrix = (slow.conj().transpose(0, 2, 1) @ slow).real + 1e-6 * np.eye(2)
    small, large = np.linalg.eigvalsh(matrix).T
    return np.column_stack(
        [
            np.log(angle.sum(axis=1)) / 2,
            np.log(large / small),
            _strides_over_steps(power),
            _strides_over_steps(_power(vertical)),
        ]
    )


def _across(windows: np.ndarray) -> np.ndarray:
    """Return the spectrum of rotation across the vertical, ``(n, 65, 2)``, complex."""
    return np.fft.rfft(windows[:, :, 4:6].astype(float), axis=1)


def _power(spectrum: np.ndarray) -> np.ndarray:
    """Return the power of all axes together, ``(n, 65)``, never zero."""
    return (np.abs(spectrum) ** 2).sum(axis=2) + 1e-6


def _strides_over_steps(power: np.ndarray) -> np.ndarray:
    """Return the logarithm of the power at the rate of strides over that at steps', ``(n,)``."""
    return np.log(power[:, STRIDES].sum(axis=1) / power[:, STEPS].sum(axis=1))


def gait_and_swing(windows: np.ndarray) -> np.ndarray:
    """Return ``(n, 8)``: the numbers of `gait` and those of `swing` that it lacks."""
    return np.column_stack([gait(windows), swing(windows)[:, [0, 1, 3]]])


def swing_angle(windows: np.ndarray) -> np.ndarray:
    """Return ``(n, 1)``: the first number of `swing`, the angle by which a phone swings."""
    return swing(windows)[:, :1]


DESCRIPTIONS = {"gait": gait, "swing": swing, "wide": gait_and_swing, "angle": swing_angle}
"""Ways to describe a moving window in a few numbers."""

_GAIT = (
    "acceleration along the vertical",
    "acceleration across it",
    "rotation about it",
    "rotation across it",
    "rotation at the rate of strides over steps",
)
_SWING = (
    "angle of swinging once a stride",
    "rotation about one horizontal axis over the other",
    "rotation at the rate of strides over steps",
    "vertical acceleration at the rate of strides over steps",
)
NUMBERS = {
    "gait": _GAIT,
    "swing": _SWING,
    "wide": (*_GAIT, _SWING[0], _SWING[1], _SWING[3]),
    "angle": _SWING[:1],
}
"""What the numbers of each of `DESCRIPTIONS` are; all are logarithms."""


@dataclass(frozen=True, eq=False)
class PlaceFinder:
    """Tells torso from pocket by how the phone moves: a logistic regression on a few numbers.

    Attributes
    ----------
    mean, spread : ndarray of shape (n_numbers,)
        By which the numbers are standardised.
    weights : ndarray of shape (n_numbers,)
    bias : float
    description : str
        Which numbers, one of `DESCRIPTIONS`.
    """

    mean: np.ndarray
    spread: np.ndarray
    weights: np.ndarray
    bias: float
    description: str = "gait"

    def log_odds(self, windows: np.ndarray) -> np.ndarray:
        """Return ``(n,)`` how much each upright window speaks for a pocket: ln(p / (1 − p))."""
        return self.log_odds_of(DESCRIPTIONS[self.description](windows))

    def log_odds_of(self, numbers: np.ndarray) -> np.ndarray:
        """Return what `log_odds` does for windows that are described already."""
        return (numbers - self.mean) / self.spread @ self.weights + self.bias

    def as_json(self) -> dict[str, Any]:
        """Return the attributes as JSON can hold them."""
        return {name: np.asarray(value).tolist() for name, value in vars(self).items()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> PlaceFinder:
        """Return the finder whose attributes `as_json` wrote.

        Raises
        ------
        KeyError, TypeError, ValueError
            If something is missing or does not fit.
        """
        description = dict(values).get("description", "gait")
        shape = (len(NUMBERS[description]),)
        arrays = {name: np.array(values[name], float) for name in ("mean", "spread", "weights")}
        if any(array.shape != shape for array in arrays.values()):
            raise ValueError(f"{description!r} takes {shape[0]} numbers")
        return cls(**arrays, bias=float(values["bias"]), description=description)


def pocket(log_odds: np.ndarray, moves: np.ndarray, recording: np.ndarray) -> np.ndarray:
    """Return for every window how probable it is that its recording is from a pocket.

    Parameters
    ----------
    log_odds : ndarray of shape (n,)
        How much each window speaks for a pocket.
    moves : ndarray of shape (n,), bool
        Which windows move; only they have a say.
    recording : ndarray of shape (n,)

    Returns
    -------
    ndarray of shape (n,), float64
        From the mean log-odds of the recording's moving windows; NaN where fewer than five move.
    """
    found = np.full(len(log_odds), np.nan)
    for one in np.unique(recording):
        walks = moves & (recording == one)
        if walks.sum() >= LEAST_MOVING:
            found[recording == one] = expit(log_odds[walks].mean())
    return found


def fit_place_finder(
    numbers: np.ndarray, is_pocket: np.ndarray, weight: np.ndarray, description: str
) -> PlaceFinder:
    """Fit a finder; both places count the same.

    Parameters
    ----------
    numbers : ndarray of shape (n, n_numbers)
        Of moving, upright windows, or their means over recordings.
    is_pocket : ndarray of shape (n,), bool
    weight : ndarray of shape (n,)
        How much each row counts beside others of its place.
    description : str
        What the numbers are, one of `DESCRIPTIONS`.
    """
    from sklearn.linear_model import LogisticRegression

    mean, spread = numbers.mean(axis=0), np.maximum(numbers.std(axis=0), 1e-9)
    if is_pocket.all() or not is_pocket.any():
        always = 10.0 if is_pocket.all() else -10.0
        return PlaceFinder(mean, spread, np.zeros_like(mean), always, description)
    weight = weight.copy()
    for place in (True, False):
        weight[is_pocket == place] *= len(weight) / 2 / weight[is_pocket == place].sum()
    model = LogisticRegression(C=1.0).fit((numbers - mean) / spread, is_pocket, weight)
    return PlaceFinder(mean, spread, model.coef_[0], float(model.intercept_[0]), description)
