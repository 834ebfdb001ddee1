"""Pure functions on arrays of samples: median, low-pass, gravity, windows.

Every signal is an array of shape ``(n_samples, n_axes)``, time running down.

The preprocessing of the published windows (Anguita et al. 2013) was never released, and its
description is wrong. `preprocess` is the chain that reproduces the published numbers to
their last printed digit; `preprocess_as_documented` is the one described.

SciPy is imported where a filter runs: its signal processing brings all of its statistics along, and
most commands import this module without filtering anything.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np

SAMPLING_RATE = 50.0
"""Samples per second of every recording, in Hz."""

WINDOW = 128
"""Samples in one window: 2.56 s."""

LEAST_SECONDS = WINDOW / SAMPLING_RATE
"""A recording must fill one window."""

STRIDE = 64
"""Samples from the start of one window to the start of the next: half a window."""

MEDIAN_SIZE = 3
"""Samples the median filter looks at."""

NOISE_CUTOFF, NOISE_ORDER = 20.0, 10
"""The low-pass filter against noise: cutoff in Hz and order, as the data set was made."""

GRAVITY_CUTOFF, GRAVITY_ORDER = 0.3, 3
"""The low-pass filter that keeps gravity: cutoff in Hz and order."""

DRIFT_CUTOFF, DRIFT_ORDER = 0.1, 2
"""The low-pass filter that keeps the gyroscope's drift: cutoff in Hz and order."""

DOCUMENTED_ORDER = 3
"""The order of the filter against noise, as the description of the data set has it."""


LEAD_IN = 500
"""Samples, ten seconds, after which the slowest filters have settled."""

ANTI_ALIAS_CUTOFF, ANTI_ALIAS_ORDER = 0.48, 16
"""The low-pass filter before samples are left out: cutoff as a part of the rate that remains."""

CURVE = 10_000
"""Samples through which `resample` draws a curve at once."""

LONGEST_BRIDGE = 0.2
"""Seconds without a sample over which `resample` still draws a smooth curve."""


@dataclass(frozen=True)
class Filtered:
    """The four signals of one recording after preprocessing, each ``(n_samples, 3)`` float64.

    Attributes
    ----------
    total_acc : ndarray
        Acceleration with the noise removed, in g.
    body_acc : ndarray
        Acceleration of the body alone, in g: ``total_acc - gravity``.
    gravity : ndarray
        The slow part of the acceleration, in g.
    body_gyro : ndarray
        Angular velocity with the noise and the sensor's slow drift removed, in rad/s.
    """

    total_acc: np.ndarray
    body_acc: np.ndarray
    gravity: np.ndarray
    body_gyro: np.ndarray


def median_filter(signal: np.ndarray) -> np.ndarray:
    """Replace each sample by the median of itself and its two neighbours.

    Before the first and after the last sample the signal is taken to be zero.

    Parameters
    ----------
    signal : ndarray of shape (n_samples, n_axes)

    Returns
    -------
    ndarray of shape (n_samples, n_axes), float64
    """
    from scipy.signal import medfilt

    axes = np.asarray(signal, dtype=float).T
    return np.column_stack([medfilt(axis, MEDIAN_SIZE) for axis in axes])


def low_pass(
    signal: np.ndarray,
    cutoff: float,
    order: int,
    sampling_rate: float = SAMPLING_RATE,
    zero_phase: bool = False,
) -> np.ndarray:
    """Keep what is slower than `cutoff`, with a Butterworth filter.

    The filter runs as second-order sections: as one polynomial, a steep filter far below the
    sampling rate loses its precision.

    Parameters
    ----------
    signal : ndarray of shape (n_samples, n_axes)
    cutoff : float
        Frequency at which the filter halves the power, in Hz.
    order : int
        The higher, the steeper.
    sampling_rate : float
        In Hz.
    zero_phase : bool
        False: causal, starting from zero, and the output lags behind the input. True: forwards
        and backwards, without lag (and twice the order).

    Returns
    -------
    ndarray of shape (n_samples, n_axes), float64
    """
    from scipy.signal import sosfilt, sosfiltfilt

    filter_sections = sosfiltfilt if zero_phase else sosfilt
    return filter_sections(_sections(cutoff, order, sampling_rate), signal, axis=0)


@cache  # to design a filter takes longer than to run it over a window
def _sections(cutoff: float, order: int, sampling_rate: float) -> np.ndarray:
    """Return the second-order sections of a Butterworth filter, ``(n_sections, 6)``."""
    from scipy.signal import butter

    return butter(order, cutoff, fs=sampling_rate, output="sos")


def separate_gravity(total_acc: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Split acceleration into the body's motion and gravity, which changes slowly.

    Parameters
    ----------
    total_acc : ndarray of shape (n_samples, 3)
        In g.

    Returns
    -------
    body_acc, gravity : ndarray of shape (n_samples, 3), float64
        In g; they add up to `total_acc`.
    """
    gravity = low_pass(total_acc, cutoff=GRAVITY_CUTOFF, order=GRAVITY_ORDER)
    return total_acc - gravity, gravity


def preprocess(acceleration: np.ndarray, rotation: np.ndarray, lead_in: int = 0) -> Filtered:
    """Turn one whole raw recording into the signals of the published data set.

    Filters have a memory: run this over the whole recording and cut windows afterwards.

    Parameters
    ----------
    acceleration : ndarray of shape (n_samples, 3)
        Accelerometer, in g, at 50 Hz.
    rotation : ndarray of shape (n_samples, 3)
        Gyroscope, in rad/s, at 50 Hz.
    lead_in : int
        The filters start from zero and take seconds to find gravity. The published windows begin
        later. For a recording that is used from its first sample: let so many samples of rest go
        before it (the mean acceleration of its first second, no rotation).

    Returns
    -------
    Filtered

    Notes
    -----
    Identified from the data: over all 10,299 published windows the largest difference is
    5e-7, half of their last printed digit. Two steps differ from the description of the data set:
    the noise filter has order 10, not 3, and the gyroscope loses its drift below 0.1 Hz.
    """
    before = ((lead_in, 0), (0, 0))
    acceleration = np.pad(acceleration, before, mode="mean", stat_length=int(SAMPLING_RATE))
    rotation = np.pad(rotation, before)
    total_acc = low_pass(median_filter(acceleration), NOISE_CUTOFF, NOISE_ORDER)
    body_acc, gravity = separate_gravity(total_acc)
    gyro = low_pass(median_filter(rotation), NOISE_CUTOFF, NOISE_ORDER)
    body_gyro = gyro - low_pass(gyro, DRIFT_CUTOFF, DRIFT_ORDER)
    filtered = (total_acc, body_acc, gravity, body_gyro)
    return Filtered(*(signal[lead_in:] for signal in filtered))


def preprocess_as_documented(
    acceleration: np.ndarray, rotation: np.ndarray, zero_phase: bool = False
) -> Filtered:
    """Preprocess as the description of the data set says, which is not how it was made.

    Parameters
    ----------
    acceleration, rotation : ndarray of shape (n_samples, 3)
        As in `preprocess`.
    zero_phase : bool
        It does not say whether its filters lag behind the signal; try both.

    Returns
    -------
    Filtered

    Notes
    -----
    From the data set's ``features_info.txt``: "a median filter and a 3rd order low pass Butterworth
    filter with a corner frequency of 20 Hz", then "another low pass Butterworth filter with a
    corner frequency of 0.3 Hz", whose order is not said; 3 is taken here.
    """

    def without_noise(signal: np.ndarray) -> np.ndarray:
        median = median_filter(signal)
        return low_pass(median, NOISE_CUTOFF, DOCUMENTED_ORDER, zero_phase=zero_phase)

    total_acc, body_gyro = without_noise(acceleration), without_noise(rotation)
    gravity = low_pass(total_acc, GRAVITY_CUTOFF, GRAVITY_ORDER, zero_phase=zero_phase)
    return Filtered(total_acc, total_acc - gravity, gravity, body_gyro)


def sliding_windows(signal: np.ndarray, window: int = WINDOW, stride: int = STRIDE) -> np.ndarray:
    """Cut a signal into windows of equal length that may overlap.

    Samples at the end that do not fill a window are left out.

    Parameters
    ----------
    signal : ndarray of shape (n_samples, n_channels)
    window : int
        Samples in one window.
    stride : int
        Samples from the start of one window to the start of the next.

    Returns
    -------
    ndarray of shape (n_windows, window, n_channels)
        A copy; no windows if the signal is shorter than one.

    Raises
    ------
    ValueError
        If `window` or `stride` is less than 1.
    """
    if window < 1 or stride < 1:
        raise ValueError(f"window and stride must be at least 1, not {window} and {stride}")
    signal = np.asarray(signal)
    if len(signal) < window:
        return np.empty((0, window, signal.shape[1]), dtype=signal.dtype)
    every_window = np.lib.stride_tricks.sliding_window_view(signal, window, axis=0)
    return every_window[::stride].transpose(0, 2, 1).copy()


def resample(
    seconds: np.ndarray,
    signal: np.ndarray,
    start: float,
    n_samples: int,
    sampling_rate: float = SAMPLING_RATE,
) -> np.ndarray:
    """Turn samples taken at any times into samples taken at regular times.

    A smooth curve is drawn through the samples and read at the new times. If there are more old
    samples than new ones, whatever is faster than half the new rate has to go first: it would
    come out as something slow that was never there (aliasing).

    Parameters
    ----------
    seconds : ndarray of shape (n,)
        When each sample was taken; increasing.
    signal : ndarray of shape (n, n_axes)
    start : float
        When the first new sample shall be taken, in the same seconds.
    n_samples : int
        How many new samples.
    sampling_rate : float
        New samples per second, in Hz.

    Returns
    -------
    ndarray of shape (n_samples, n_axes), float64
    """
    steps = np.diff(seconds)
    surplus = 1 / np.mean(steps[steps <= max(LONGEST_BRIDGE, np.median(steps))]) / sampling_rate
    factor = max(1, int(np.ceil(surplus - 0.05)))  # 50.3 Hz and 50 Hz are the same rate
    n_fine = (n_samples - 1) * factor + 1
    fine_rate = sampling_rate * factor
    fine = _interpolate(seconds, signal, start + np.arange(n_fine) / fine_rate)
    if factor == 1:
        return fine
    cutoff = ANTI_ALIAS_CUTOFF * sampling_rate
    axes = (axis[:, np.newaxis] for axis in fine.T)  # one by one, which needs less memory
    slow = [low_pass(axis, cutoff, ANTI_ALIAS_ORDER, fine_rate, zero_phase=True) for axis in axes]
    return np.hstack([axis[::factor] for axis in slow])


def _interpolate(seconds: np.ndarray, signal: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Read a curve through the samples: cubic, but straight lines where the clock is uneven.

    Where samples are missing, or the clock stood still and caught up, a cubic curve swings far
    away from what was measured.
    """
    values = np.empty((len(at), signal.shape[1]))
    for axis, measured in enumerate(signal.T):
        values[:, axis] = np.interp(at, seconds, measured)
    steps = np.diff(seconds)
    smooth = ~_near(_uneven(steps))
    ends = np.flatnonzero(steps > LONGEST_BRIDGE) + 1
    bounds = np.concatenate([[0], ends, [len(seconds)]])
    for first, stop in itertools.pairwise(bounds.tolist()):
        for begin in range(first, stop - 1, CURVE):
            _draw_curve(seconds, signal, at, values, smooth, (first, begin, stop))
    return values


def _draw_curve(
    seconds: np.ndarray,
    signal: np.ndarray,
    at: np.ndarray,
    values: np.ndarray,
    smooth: np.ndarray,
    piece: tuple[int, int, int],
) -> None:
    """Write a part of a cubic curve into values, where the clock is even.

    `piece` is where samples without a pause begin, where the part begins, and where the samples
    end. The curve is drawn through some more samples on either side: it hardly depends on any that
    are twenty samples away, and all at once would need ten times the memory.
    """
    from scipy.interpolate import CubicSpline

    first, begin, stop = piece
    end = min(begin + CURVE, stop - 1)
    knots = slice(max(begin - 40, first), min(end + 41, stop))
    here = slice(*np.searchsorted(at, (seconds[begin], seconds[end] + 1e-9)))
    curve = CubicSpline(seconds[knots], signal[knots])(at[here])
    even = smooth[np.clip(np.searchsorted(seconds, at[here]) - 1, 0, len(smooth) - 1)]
    values[here][even] = curve[even]


def _uneven(steps: np.ndarray) -> np.ndarray:
    """Say between which samples a clock hurried or stood still."""
    usual = np.median(steps)
    return (steps < usual / 4) | (steps > 2.5 * usual)


def _near(marked: np.ndarray, reach: int = 2) -> np.ndarray:
    """Mark the neighbours of what is marked, too."""
    return np.convolve(marked, np.ones(2 * reach + 1), mode="same") > 0.5


# --- Do two sensors belong together? ------------------------------------------------------------

SLOW_TURNS = 1.5
"""Frequency in Hz below which the accelerometer shows gravity turning rather than steps."""

GRAVITY_TOLERANCE = 0.1
"""How far the acceleration's length may be from that of gravity, as a share of it: more is a step.

Its median over the recording is taken for gravity; the deviation is the root mean square in 1 s.
"""

LEAST_TURN = 90.0
"""Degrees that gravity has to turn in all before anything can be said about axes."""

LEAST_CORRELATION = 0.6
"""Correlation from which on turning as seen by one sensor is the turning seen by the other."""

LESS_THAN_BEST = 0.1
"""How much less than the best the axes as they are named may correlate and still be right."""


@dataclass(frozen=True)
class Agreement:
    """Whether a gyroscope turns as gravity does in the accelerometer beside it.

    Attributes
    ----------
    agrees : bool or None
        True: the axes as they are named fit. False: others fit and these do not. None: cannot
        tell, too little turns or no axes fit.
    scale : float
        What `rotation` has to be multiplied by, once its axes are right: 1 for rad/s, π / 180 if
        it is in degrees per second, 1.14 if it is 14 % too small. NaN where ``agrees`` is None.
    axes : tuple of str
        Which of the gyroscope's axes fit best as x, y and z, for example ``("-y", "x", "z")``.
    correlation, as_named : float
        Between the turning of gravity and what the gyroscope says of it: for the best axes, and
        for the axes as they are named.
    turned : float
        Degrees that gravity turned in all.
    ranking : tuple of (tuple of str, float)
        All 48 ways of naming and signing the axes with their correlations, the best first.
    """

    agrees: bool | None
    scale: float
    axes: tuple[str, ...]
    correlation: float
    as_named: float
    turned: float
    ranking: tuple[tuple[tuple[str, ...], float], ...]


def sensors_agree(
    acceleration: np.ndarray, rotation: np.ndarray, sampling_rate: float = SAMPLING_RATE
) -> Agreement:
    """Check whether accelerometer and gyroscope name, sign and scale their axes alike.

    Gravity stays where it is; seen from a phone that turns with angular velocity ω its direction
    u turns the other way, du/dt = u × ω. Below 1.5 Hz the accelerometer measures gravity and
    hardly anything else, so both sides of the equation can be computed. Each of the 48 ways of
    naming and signing the gyroscope's axes makes another prediction; the right one fits best.

    Parameters
    ----------
    acceleration : ndarray of shape (n_samples, 3)
        Gravity included, in any unit.
    rotation : ndarray of shape (n_samples, 3)
        Angular velocity, in rad/s if the file is right.
    sampling_rate : float
        Of both, in Hz.

    Returns
    -------
    Agreement
        `Agreement.agrees` is None where the phone hardly turns while nobody walks with it: a
        step's acceleration hides gravity.

    Raises
    ------
    ValueError
        If the two have different lengths.

    Notes
    -----
    If the phone turned about one axis only, several ways fit equally well; then the axes as they
    are named are given the benefit of the doubt. The sign of the acceleration cannot be seen:
    the equation holds for −u as it does for u.
    """
    if len(acceleration) != len(rotation):
        raise ValueError(
            f"{len(acceleration)} samples of acceleration, {len(rotation)} of rotation"
        )
    direction, rate, slow = _turning(acceleration, rotation, sampling_rate)
    predictions = {
        _axis_names(matrix): np.cross(direction, slow @ matrix.T) for matrix in _signed_axes()
    }
    fits = {axes: _correlation(rate, predicted) for axes, predicted in predictions.items()}
    ranking = tuple(sorted(fits.items(), key=lambda fit: -fit[1]))
    (best, correlation), as_named = ranking[0], fits["x", "y", "z"]
    turned = float(np.degrees(np.linalg.norm(rate, axis=1).sum() / sampling_rate))
    agrees, scale = None, np.nan
    if turned >= LEAST_TURN and correlation >= LEAST_CORRELATION:
        agrees = as_named >= correlation - LESS_THAN_BEST
        chosen = predictions["x", "y", "z"] if agrees else predictions[best]
        scale = float((rate * chosen).sum() / (chosen**2).sum())
    return Agreement(agrees, scale, best, correlation, as_named, turned, ranking)


def _turning(
    acceleration: np.ndarray, rotation: np.ndarray, sampling_rate: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return gravity's direction, how fast it turns, and the slow rotation, where all are sure."""
    from scipy.ndimage import uniform_filter1d

    acceleration, edge = np.asarray(acceleration, dtype=float), int(sampling_rate)
    if len(acceleration) <= 4 * edge:
        return (np.zeros((1, 3)),) * 3
    slow, rotation = (
        low_pass(signal, SLOW_TURNS, GRAVITY_ORDER, sampling_rate, zero_phase=True)
        for signal in (acceleration, rotation)
    )
    direction = slow / np.maximum(np.linalg.norm(slow, axis=1, keepdims=True), 1e-12)
    rate = np.gradient(direction, 1 / sampling_rate, axis=0)
    length = np.linalg.norm(acceleration, axis=1)
    deviation = uniform_filter1d((length - np.median(length)) ** 2, edge)
    sure = (deviation <= (GRAVITY_TOLERANCE * np.median(length)) ** 2)[edge:-edge]
    return tuple(signal[edge:-edge][sure] for signal in (direction, rate, rotation))


def _signed_axes() -> Iterator[np.ndarray]:
    """Yield the 48 matrices that name three axes anew and give each a sign."""
    for order in itertools.permutations(range(3)):
        for signs in itertools.product((1, -1), repeat=3):
            yield np.eye(3)[list(order)] * np.array(signs)[:, np.newaxis]


def _axis_names(matrix: np.ndarray) -> tuple[str, ...]:
    """Return what a matrix of `_signed_axes` takes for x, y and z: ``("-y", "x", "z")``."""
    places = np.abs(matrix).argmax(axis=1)
    return tuple(
        ("-" if row[place] < 0 else "") + "xyz"[place]
        for row, place in zip(matrix, places, strict=True)
    )


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Return the cosine between two signals; 0 where one of them is silent."""
    power = np.sqrt((a**2).sum() * (b**2).sum())
    return float((a * b).sum() / power) if power > 0 else 0.0
