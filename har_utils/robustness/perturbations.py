"""What may happen to a recording: pure functions on windows and recordings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.signal import resample_poly
from scipy.spatial.transform import Rotation

from har_utils import dataset
from har_utils.augmentation import mirror, rotate
from har_utils.dataset import CHANNELS, Dataset
from har_utils.recordings import Recording
from har_utils.signals import SAMPLING_RATE

HALF_TURN = np.diag([-1.0, -1.0, 1.0])
"""Rotation by 180° about z: the screen still looks outwards, what was up is down."""


Change = Callable[[np.ndarray], np.ndarray]
"""From ``(n, samples, 6)``, total acceleration and angular velocity, to the same shape."""


def _check(windows: np.ndarray) -> None:
    """Raise ``ValueError`` unless these are windows of nine channels."""
    if windows.ndim != 3 or windows.shape[2] != len(CHANNELS):
        raise ValueError(f"windows must be (n, samples, 9), not {windows.shape}")


def _remeasured(windows: np.ndarray, change: Change) -> np.ndarray:
    """Change what the two sensors measure; gravity stays, the body's acceleration follows.

    Gravity is what a filter at 0.3 Hz leaves of the acceleration: over one window it hardly
    answers to noise or to a missing sample, so it is kept as it was.

    Parameters
    ----------
    windows
        ``(n, samples, 9)``.
    change
        What happens to the two sensors.
    """
    _check(windows)
    body, gyro, total = np.split(windows.astype(np.float64), 3, axis=2)
    gravity = total - body
    total, gyro = np.split(change(np.concatenate([total, gyro], axis=2)), 2, axis=2)
    return np.concatenate([total - gravity, gyro, total], axis=2).astype(windows.dtype)


def rotate_phone(windows: np.ndarray, degrees: float, generator: np.random.Generator) -> np.ndarray:
    """Turn the phone in its pouch by an angle, every window about an axis of its own.

    All three triples turn alike: acceleration and angular velocity are vectors in the phone's
    axes, and gravity, which only the total acceleration contains, turns with them. (The filters
    of the preprocessing treat the axes alike, so turning before or after them is the same; only
    the median filter is not quite so.)

    Parameters
    ----------
    windows
        ``(n, samples, 9)``.
    degrees
        Angle.
    generator
        Draws one axis per window, every direction being as likely: an average over ways to turn.
    """
    _check(windows)
    axis = generator.standard_normal((len(windows), 3))
    axis /= np.linalg.norm(axis, axis=1, keepdims=True)
    return rotate(windows, Rotation.from_rotvec(np.deg2rad(degrees) * axis).as_matrix())


def turn_upside_down(windows: np.ndarray) -> np.ndarray:
    """Put the phone in upside down: half a turn about z, the axis out of its screen.

    Along x, which pointed up, gravity now has the other sign: a standing person seems to hang.
    """
    _check(windows)
    return rotate(windows, HALF_TURN)


def other_pocket(windows: np.ndarray) -> np.ndarray:
    """Wear the phone on the other side of the belt, the screen still outwards and x still up.

    A body is about the same in a mirror, so the movement of the other side is the mirror image
    of this one. In the phone's axes, wherever on the belt it sits, this mirrors y, the axis along
    the belt. Acceleration along y changes its sign. Angular velocity is different: the mirror
    image of a turning wheel turns the other way unless its axle is at right angles to the mirror.
    So the rates about x and z change their signs and the one about y does not. No rotation of
    the phone does this.
    """
    _check(windows)
    return mirror(windows)


def add_noise(windows: np.ndarray, level: float, generator: np.random.Generator) -> np.ndarray:
    """Add white noise to what both sensors measure.

    Parameters
    ----------
    windows
        ``(n, samples, 9)``.
    level
        Standard deviation of the noise, as a share of the sensor's own: that of all values of
        body acceleration, or of angular velocity, in these windows.
    generator
        Source of the noise.
    """
    return _remeasured(windows, _noisy(windows, level, generator))


def _noisy(windows: np.ndarray, level: float, generator: np.random.Generator) -> Change:
    """Return a function that adds noise, measured by the spread of these windows."""
    spread = [windows[:, :, channels].std(dtype=np.float64) for channels in (slice(3), slice(3, 6))]
    scale = level * np.repeat(spread, 3)
    return lambda seen: seen + scale * generator.standard_normal(seen.shape)


def drop_samples(windows: np.ndarray, share: float, generator: np.random.Generator) -> np.ndarray:
    """Lose samples on the way; the last one that arrived is held.

    Parameters
    ----------
    windows
        ``(n, samples, 9)``.
    share
        Chance of every sample but a window's first to be lost, both sensors together. With the
        same generator state, what is lost at a small share is lost at a larger one, too.
    generator
        Decides which.
    """
    return _remeasured(windows, _losing(share, generator))


def _losing(share: float, generator: np.random.Generator) -> Change:
    """Return a function that loses samples of both sensors and holds the last that arrived."""

    def change(seen: np.ndarray) -> np.ndarray:
        arrived = generator.random(seen.shape[:2]) >= share
        places = np.where(arrived, np.arange(seen.shape[1]), 0)
        held = np.maximum.accumulate(places, axis=1)[:, :, np.newaxis]
        return np.take_along_axis(seen, held, axis=1)

    return change


def without_gyroscope(windows: np.ndarray) -> np.ndarray:
    """Take a phone that has no gyroscope: its three channels are zero."""
    _check(windows)
    changed = windows.copy()
    changed[:, :, 3:6] = 0
    return changed


def sample_slower(windows: np.ndarray, rate: float) -> np.ndarray:
    """Sample at a lower rate, then fill up to 50 Hz again, as the networks expect.

    Both ways with a filter that keeps what the lower rate can carry (below ``rate / 2``), so
    that nothing faster is folded into it.

    Parameters
    ----------
    windows
        ``(n, samples, 9)`` at 50 Hz.
    rate
        In Hz, for example 25.
    """
    return _remeasured(windows, _resampling(rate))


def _resampling(rate: float) -> Change:
    """Return a function that samples both sensors at a lower rate and fills up to 50 Hz again."""
    ratio = Fraction(rate / SAMPLING_RATE).limit_denominator(100)
    up, down = ratio.numerator, ratio.denominator

    def change(seen: np.ndarray) -> np.ndarray:
        slow = resample_poly(seen, up, down, axis=1, padtype="line")
        return resample_poly(slow, down, up, axis=1, padtype="line")[:, : seen.shape[1]]

    return change


def stretch_time(windows: np.ndarray, share: float) -> np.ndarray:
    """Let the phone's clock be wrong: its samples are further apart, or closer, than it says.

    Cubic splines read the signals between the samples. A window that covers more time needs a
    few samples beyond its ends; there the signal is mirrored, which makes neither a jump nor a
    rest. A gyroscope measures the speed of turning itself, so its values stay as they are.

    Parameters
    ----------
    windows
        ``(n, samples, 9)``.
    share
        0.05: five per cent further apart, so everybody seems to move five per cent faster.
    """
    _check(windows)
    samples = windows.shape[1]
    centre = (samples - 1) / 2
    margin = int(np.ceil(centre * abs(share))) + 1
    longer = np.pad(windows, ((0, 0), (margin, margin), (0, 0)), mode="reflect")
    times = centre + (1 + share) * (np.arange(samples) - centre)
    signal = CubicSpline(np.arange(longer.shape[1]) - margin, longer, axis=1)
    return signal(times).astype(windows.dtype)


def shorten(windows: np.ndarray, samples: int) -> np.ndarray:
    """Decide earlier: only the first samples of a window are there, repeated until it is full.

    Zeros in the place of the rest would be a phone in free fall, and holding the last value a
    person who freezes. Repeating keeps posture, strength, rhythm and the direction of time; its
    price is a jump at every seam.

    Parameters
    ----------
    windows
        ``(n, samples, 9)``.
    samples
        How many there are; 64 are 1.28 s.
    """
    _check(windows)
    return windows[:, np.arange(windows.shape[1]) % int(samples)]


@dataclass(frozen=True)
class Perturbation:
    """One way in which windows may come out differently.

    Attributes
    ----------
    title
        What it is called in figures.
    unit
        What its levels measure; empty where there is nothing to measure.
    levels
        From harmless to severe.
    change
        Function of windows, level and a random generator.
    none
        The level that changes nothing.
    """

    title: str
    unit: str
    levels: tuple[float, ...]
    change: Callable[[np.ndarray, float, np.random.Generator], np.ndarray]
    none: float = 0

    @property
    def order(self) -> list[float]:
        """The levels and, where it belongs among them, the one that changes nothing."""
        if min(self.levels) < self.none < max(self.levels):
            return sorted([self.none, *self.levels])
        return [self.none, *self.levels]


PERTURBATIONS = {
    "rotated": Perturbation("phone rotated", "degrees", (5, 15, 30, 45, 60, 90), rotate_phone),
    "noise": Perturbation(
        "sensor noise",
        "% of sensor's sd",
        (10, 20, 50, 100, 200),
        lambda windows, level, draw: add_noise(windows, level / 100, draw),
    ),
    "dropped": Perturbation(
        "dropped samples",
        "%",
        (10, 25, 50, 75),
        lambda windows, level, draw: drop_samples(windows, level / 100, draw),
    ),
    "sampling": Perturbation(
        "slower sampling",
        "Hz",
        (25, 20, 10),
        lambda windows, level, _: sample_slower(windows, level),
        SAMPLING_RATE,
    ),
    "clock": Perturbation(
        "clock drift",
        "%",
        (-10, -5, -1, 1, 5, 10),
        lambda windows, level, _: stretch_time(windows, level / 100),
    ),
    "shorter": Perturbation(
        "shorter windows",
        "samples",
        (96, 64, 32),
        lambda windows, level, _: shorten(windows, int(level)),
        128,
    ),
    "upside_down": Perturbation(
        "upside down", "", (1,), lambda windows, *_: turn_upside_down(windows)
    ),
    "other_pocket": Perturbation(
        "other pocket", "", (1,), lambda windows, *_: other_pocket(windows)
    ),
    "no_gyroscope": Perturbation(
        "no gyroscope", "", (1,), lambda windows, *_: without_gyroscope(windows)
    ),
}
"""Name → perturbation; the order of figures and tables, and part of the random seed."""


def perturb(windows: np.ndarray, name: str, level: float, seed: int = 0) -> np.ndarray:
    """Return windows as they would have come out.

    Parameters
    ----------
    windows
        ``(n, samples, 9)`` at 50 Hz; not changed.
    name
        One of ``PERTURBATIONS``.
    level
        How much, in its unit.
    seed
        The same seed draws the same at every level: a larger angle about the same axes, more
        noise of the same shape.

    Returns
    -------
    ndarray
        As ``windows``, in the same type.

    Raises
    ------
    ValueError
        If there is no such perturbation, or the windows have not nine channels.
    """
    if name not in PERTURBATIONS:
        raise ValueError(f"no perturbation is called {name!r}: there are {list(PERTURBATIONS)}")
    return PERTURBATIONS[name].change(windows, level, _generator(name, seed))


def _generator(name: str, seed: int) -> np.random.Generator:
    """Return the source of a perturbation's random numbers."""
    return np.random.default_rng([seed, list(PERTURBATIONS).index(name)])


OF_SENSORS: dict[str, Callable[[np.ndarray, float, np.random.Generator], Change]] = {
    "noise": lambda windows, level, draw: _noisy(windows, level / 100, draw),
    "dropped": lambda _, level, draw: _losing(level / 100, draw),
    "sampling": lambda _, level, __: _resampling(level),
}
"""The perturbations that happen in a phone before anything is filtered, and how."""


Alter = Callable[[np.ndarray, str, float, int], np.ndarray]
"""From windows, the name of a perturbation, its level and a seed to altered windows."""


def as_recorded(sample: Dataset) -> Alter:
    """Return what alters these windows as a phone would: what its sensors do, before the filters.

    Parameters
    ----------
    sample
        The windows that will be altered, all of them, in any precision.

    Returns
    -------
    callable
        `perturb`, but for what is `OF_SENSORS` `before_filters`.
    """

    def alter(windows: np.ndarray, name: str, level: float, seed: int = 0) -> np.ndarray:
        if name in OF_SENSORS:
            return before_filters(sample, name, level, seed).astype(windows.dtype)
        return perturb(windows, name, level, seed)

    return alter


def before_filters(sample: Dataset, name: str, level: float, seed: int = 0) -> np.ndarray:
    """Return windows of recordings whose sensors were at fault before anything was filtered.

    `perturb` alters windows, which are filtered already. In a phone the sensors come first: the
    median filter and the low pass at 20 Hz see what is wrong with them, and mend part of it.

    Parameters
    ----------
    sample
        The windows to cut; the strength of the noise is measured by them, as in `perturb`.
    name
        One of `OF_SENSORS`.
    level, seed
        As for `perturb`.

    Returns
    -------
    ndarray
        ``(n, 128, 9)`` float64.

    Raises
    ------
    ValueError
        If it does not happen in the sensors.
    """
    if name not in OF_SENSORS:
        raise ValueError(f"{name!r} is not put into a recording: only {', '.join(OF_SENSORS)}")
    change = OF_SENSORS[name](sample.windows, level, _generator(name, seed))

    def worse(recording: Recording) -> Recording:
        sensed = np.hstack([recording.acceleration, recording.rotation])
        acceleration, rotation = np.split(change(sensed[np.newaxis])[0], 2, axis=1)
        return replace(recording, acceleration=acceleration, rotation=rotation)

    return dataset.exact_windows(sample.table, worse)
