"""The 561 features of the published data set, from windows of preprocessed signals.

How the features were computed was never released, and their description is wrong in places.
The formulas here reproduce the published averages of all 561 features per person and activity to
5e-9. What is odd in them is theirs: 42 names occur three times, `tGravityAccMag` is a copy of
`tBodyAccMag`, and `mad` is the mean, not the median, absolute deviation.
"""

from __future__ import annotations

import numpy as np

AXES = ("X", "Y", "Z")
AXIS_PAIRS = ((0, 1), (0, 2), (1, 2))
N_BINS = 64
"""Bins of the spectrum of 128 samples, without the constant one; bin k is k·50/128 Hz."""

BANDS = (
    *((first, first + 7) for first in range(1, 65, 8)),
    *((first, first + 15) for first in range(1, 65, 16)),
    *((1, 24), (25, 48)),
)
"""First and last bin, both included, of the bands whose energy is a feature."""

TIME_SIGNALS = ("tBodyAcc", "tGravityAcc", "tBodyAccJerk", "tBodyGyro", "tBodyGyroJerk")
SPECTRA = ("fBodyAcc", "fBodyAccJerk", "fBodyGyro")
TIME_MAGNITUDES = tuple(f"{signal}Mag" for signal in TIME_SIGNALS)
MAGNITUDE_SPECTRA = (
    "fBodyAccMag",
    "fBodyBodyAccJerkMag",
    "fBodyBodyGyroMag",
    "fBodyBodyGyroJerkMag",
)
ANGLES = (
    "angle(tBodyAccMean,gravity)",
    "angle(tBodyAccJerkMean),gravityMean)",
    "angle(tBodyGyroMean,gravityMean)",
    "angle(tBodyGyroJerkMean,gravityMean)",
    *(f"angle({axis},gravityMean)" for axis in AXES),
)


# ---- Names, spelt as in features.txt -------------------------------------------------------


def _per_axis(name: str) -> list[str]:
    return [f"{name}-{axis}" for axis in AXES]


def _common_names(signal: str, endings: tuple[str, ...]) -> list[str]:
    """Names of the nine statistics that every signal has; one sma for all of its axes."""
    names = []
    for statistic in ("mean", "std", "mad", "max", "min", "sma", "energy", "iqr", "entropy"):
        of_axes = ("",) if statistic == "sma" else endings
        names += [f"{signal}-{statistic}(){ending}" for ending in of_axes]
    return names


def _three_axis_names(signal: str) -> list[str]:
    return _common_names(signal, tuple(f"-{axis}" for axis in AXES))


def _time_names(signal: str) -> list[str]:
    coefficients = [f"{signal}-arCoeff()-{axis},{k}" for axis in AXES for k in (1, 2, 3, 4)]
    correlations = [f"{signal}-correlation()-{AXES[a]},{AXES[b]}" for a, b in AXIS_PAIRS]
    return _three_axis_names(signal) + coefficients + correlations


def _spectrum_names(signal: str) -> list[str]:
    positions = _per_axis(f"{signal}-maxInds") + _per_axis(f"{signal}-meanFreq()")
    shapes = [f"{signal}-{shape}()-{axis}" for axis in AXES for shape in ("skewness", "kurtosis")]
    bands = [f"{signal}-bandsEnergy()-{first},{last}" for _ in AXES for first, last in BANDS]
    return _three_axis_names(signal) + positions + shapes + bands


def _magnitude_names(signal: str) -> list[str]:
    return _common_names(signal, ("",)) + [f"{signal}-arCoeff(){k}" for k in (1, 2, 3, 4)]


def _magnitude_spectrum_names(signal: str) -> list[str]:
    shape = [f"{signal}-{name}" for name in ("maxInds", "meanFreq()", "skewness()", "kurtosis()")]
    return _common_names(signal, ("",)) + shape


def _all_names() -> tuple[str, ...]:
    names = []
    for signals, names_of in (
        (TIME_SIGNALS, _time_names),
        (TIME_MAGNITUDES, _magnitude_names),
        (SPECTRA, _spectrum_names),
        (MAGNITUDE_SPECTRA, _magnitude_spectrum_names),
    ):
        names += [name for signal in signals for name in names_of(signal)]
    return (*names, *ANGLES)


NAMES = _all_names()
"""The 561 names in the order of the published ``features.txt``; only 477 of them differ."""


# ---- Statistics of one window: every function reduces axis 1, time or frequency --------------


def _column(values: np.ndarray) -> np.ndarray:
    return values[:, np.newaxis]


def sma(values: np.ndarray) -> np.ndarray:
    """Signal magnitude area: ``(n, length, n_axes)`` → ``(n,)``, mean of Σ over axes of |x|."""
    per_sample = np.abs(values).sum(axis=2)
    return np.ascontiguousarray(per_sample).mean(axis=1)  # rounded alike in every layout


def mean_absolute_deviation(values: np.ndarray) -> np.ndarray:
    """Mean distance from the mean: ``(n, length, n_axes)`` → ``(n, n_axes)``."""
    return np.abs(values - values.mean(axis=1, keepdims=True)).mean(axis=1)


def interquartile_range(values: np.ndarray) -> np.ndarray:
    """Upper minus lower quartile: ``(n, length, n_axes)`` → ``(n, n_axes)``.

    The k-th smallest of n values stands at the fraction (k - 0.5)/n, so a quartile lies midway
    between the last value of one quarter and the first of the next.

    Raises
    ------
    ValueError
        If the length is not a multiple of four.
    """
    quarter, rest = divmod(values.shape[1], 4)
    if rest:
        raise ValueError(f"{values.shape[1]} samples are not four quarters of equal length")
    in_order = np.sort(np.ascontiguousarray(values.swapaxes(1, 2)))  # each axis in one piece
    lower = _midway(in_order[:, :, quarter - 1], in_order[:, :, quarter])
    upper = _midway(in_order[:, :, -quarter - 1], in_order[:, :, -quarter])
    return upper - lower


def _midway(below: np.ndarray, above: np.ndarray) -> np.ndarray:
    return above - (above - below) * 0.5


def entropy(values: np.ndarray) -> np.ndarray:
    """Shannon entropy in bits of a histogram: ``(n, length, n_axes)`` → ``(n, n_axes)``.

    As of an 8-bit grey image: 256 levels between 0 and 1, everything outside cut off.
    """
    n, length, n_axes = values.shape
    level = np.floor(255 * np.clip(values, 0, 1) + 0.5).astype(np.int64)
    histogram_of = np.arange(n * n_axes).reshape(n, 1, n_axes)
    counts = np.bincount((256 * histogram_of + level).ravel(), minlength=256 * n * n_axes)
    share = np.arange(1, length + 1) / length
    bits = np.append(0, share * np.log2(share))
    return -np.sum(bits[counts.reshape(n, n_axes, 256)], axis=2)


def autoregression(values: np.ndarray, order: int = 4) -> np.ndarray:
    """Autoregressive coefficients by Burg's method, the mean not removed.

    Parameters
    ----------
    values : ndarray of shape (n, length, n_axes)
    order : int

    Returns
    -------
    ndarray of shape (n, n_axes, order)
        ``a[1] … a[order]`` of ``x[t] + a[1] x[t-1] + … + a[order] x[t-order] = noise``.

    Notes
    -----
    Burg (1975); the recursion as in Kay, *Modern Spectral Estimation* (1988), section 7.5.
    """
    forward, backward = values[:, 1:], values[:, :-1]
    n, _, n_axes = values.shape
    coefficients = np.ones((n, n_axes, 1))
    for _ in range(order):
        energy = np.sum(forward**2 + backward**2, axis=1)
        reflection = -2 * np.sum(forward * backward, axis=1) / energy
        padded = np.concatenate([coefficients, np.zeros((n, n_axes, 1))], axis=2)
        coefficients = padded + reflection[:, :, np.newaxis] * padded[:, :, ::-1]
        step = reflection[:, np.newaxis, :]
        forward, backward = forward + step * backward, backward + step * forward
        forward, backward = forward[:, 1:], backward[:, :-1]
    return coefficients[:, :, 1:]


def correlation(values: np.ndarray) -> np.ndarray:
    """Pearson's correlation of XY, XZ and YZ: ``(n, length, 3)`` → ``(n, 3)``."""
    centred = values - values.mean(axis=1, keepdims=True)
    unit = centred / np.sqrt(np.sum(centred**2, axis=1, keepdims=True))
    # in one layout, so that their sums are rounded alike in every layout of the windows
    products = [np.multiply(unit[:, :, a], unit[:, :, b], order="C") for a, b in AXIS_PAIRS]
    return np.stack([product.sum(axis=1) for product in products], axis=1)


def spectrum(values: np.ndarray) -> np.ndarray:
    """Amplitudes of bins 1 to 64, divided by 64: ``(n, 128, n_axes)`` → ``(n, 64, n_axes)``."""
    return np.abs(np.fft.rfft(values, axis=1)[:, 1:]) / N_BINS


def peak_bin(amplitude: np.ndarray) -> np.ndarray:
    """Bin of the largest amplitude, 1 to 64: ``(n, 64, n_axes)`` → ``(n, n_axes)``."""
    return amplitude.argmax(axis=1) + 1.0


def mean_bin(amplitude: np.ndarray) -> np.ndarray:
    """Mean bin, weighted by amplitude: ``(n, 64, n_axes)`` → ``(n, n_axes)``."""
    weight = amplitude / amplitude.sum(axis=1, keepdims=True)
    return np.einsum("k,nka->na", np.arange(1.0, N_BINS + 1), weight)


def skewness(values: np.ndarray) -> np.ndarray:
    """Third central moment over the 1.5th power of the second: → ``(n, n_axes)``."""
    centred = values - values.mean(axis=1, keepdims=True)
    squares = centred**2
    return (squares * centred).mean(axis=1) / squares.mean(axis=1) ** 1.5


def kurtosis(values: np.ndarray) -> np.ndarray:
    """Fourth central moment over the square of the second: → ``(n, n_axes)``."""
    squares = (values - values.mean(axis=1, keepdims=True)) ** 2
    return (squares**2).mean(axis=1) / squares.mean(axis=1) ** 2


def band_energies(amplitude: np.ndarray) -> np.ndarray:
    """Sum of squares in each of the bands: ``(n, 64, n_axes)`` → ``(n, n_axes, 14)``."""
    power = amplitude**2
    return np.stack([power[:, first - 1 : last].sum(axis=1) for first, last in BANDS], axis=2)


def angle(vector: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Angle in radians between vectors: ``(n, 3)``, ``(n, 3)`` → ``(n,)``."""
    lengths = np.linalg.norm(vector, axis=1) * np.linalg.norm(other, axis=1)
    return np.arccos(np.clip(np.sum(vector * other, axis=1) / lengths, -1, 1))


# ---- Families of features, columns in the order of their names -------------------------------


def _flat(values: np.ndarray) -> np.ndarray:
    return values.reshape(len(values), -1)


def _common(values: np.ndarray) -> np.ndarray:
    return np.hstack(
        [
            values.mean(axis=1),
            values.std(axis=1, ddof=1),
            mean_absolute_deviation(values),
            values.max(axis=1),
            values.min(axis=1),
            _column(sma(values)),
            (values**2).mean(axis=1),
            interquartile_range(values),
            entropy(values),
        ]
    )


def _of_time(values: np.ndarray) -> np.ndarray:
    return np.hstack([_common(values), _flat(autoregression(values)), correlation(values)])


def _of_magnitude(values: np.ndarray) -> np.ndarray:
    return np.hstack([_common(values), _flat(autoregression(values))])


def _of_magnitude_spectrum(amplitude: np.ndarray) -> np.ndarray:
    shape = np.stack([skewness(amplitude), kurtosis(amplitude)], axis=2)
    return np.hstack([_common(amplitude), peak_bin(amplitude), mean_bin(amplitude), _flat(shape)])


def _of_spectrum(amplitude: np.ndarray) -> np.ndarray:
    return np.hstack([_of_magnitude_spectrum(amplitude), _flat(band_energies(amplitude))])


def _of_angles(vectors: list[np.ndarray], gravity: np.ndarray) -> np.ndarray:
    mean_gravity = gravity.mean(axis=1)
    to_signals = [angle(values.mean(axis=1), mean_gravity) for values in vectors]
    to_axes = [angle(np.broadcast_to(axis, mean_gravity.shape), mean_gravity) for axis in np.eye(3)]
    return np.column_stack(to_signals + to_axes)


def _samples_apart(values: np.ndarray) -> np.ndarray:
    """Lay out windows sample after sample, so that a sum over time adds whole rows at once."""
    return np.ascontiguousarray(values.swapaxes(0, 1)).swapaxes(0, 1)


def _magnitude(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(np.linalg.norm(values, axis=2, keepdims=True))


def extract(
    body_acc: np.ndarray,
    gravity: np.ndarray,
    body_acc_jerk: np.ndarray,
    body_gyro: np.ndarray,
    body_gyro_jerk: np.ndarray,
) -> np.ndarray:
    """Compute the 561 features of windows, unscaled.

    Parameters
    ----------
    body_acc, gravity, body_acc_jerk, body_gyro, body_gyro_jerk : ndarray of shape (n, 128, 3)
        Windows of the preprocessed signals (g, rad/s) and of their `jerk`, in float64.

    Returns
    -------
    ndarray of shape (n, 561), float64
        Columns as in `NAMES`. A window without any change gives NaN where a feature divides by it.
    """
    given = (body_acc, gravity, body_acc_jerk, body_gyro, body_gyro_jerk)
    signals = [_samples_apart(values) for values in given]
    body_acc, gravity, body_acc_jerk, body_gyro, body_gyro_jerk = signals
    body = [body_acc, body_acc_jerk, body_gyro, body_gyro_jerk]
    magnitudes = [_magnitude(values) for values in body]
    return np.hstack(
        [
            *(_of_time(values) for values in signals),
            # The published tGravityAccMag is a copy of tBodyAccMag.
            *(_of_magnitude(magnitudes[i]) for i in (0, 0, 1, 2, 3)),
            *(_of_spectrum(spectrum(values)) for values in body[:3]),
            *(_of_magnitude_spectrum(spectrum(values)) for values in magnitudes),
            _of_angles(body, gravity),
        ]
    )


def jerk(signal: np.ndarray) -> np.ndarray:
    """Change from each sample to the next: ``(n_samples, n_axes)`` → the same shape.

    Per sample, not per second (the published features did not multiply by 50). Taken over a whole
    recording; its last sample, which has no next one, gets zero.
    """
    return np.diff(signal, axis=0, append=signal[-1:])


def scale_as_published(features: np.ndarray) -> np.ndarray:
    """Bring every feature to -1 … 1 over all the rows given.

    The published features are scaled over training and test subjects together, which leaks: use
    it to compare with published numbers, not to judge a model.

    Parameters
    ----------
    features : ndarray of shape (n, n_features)

    Returns
    -------
    ndarray of shape (n, n_features), float64
    """
    low, high = features.min(axis=0), features.max(axis=0)
    return 2 * (features - low) / (high - low) - 1
