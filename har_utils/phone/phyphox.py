"""Writing a recording as phyphox exports it."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import numpy as np

from har_utils import files, recordings, signals
from har_utils.phone.motion import STANDARD_GRAVITY
from har_utils.recordings import Recording


def as_phyphox(
    recording: Recording,
    path: str | os.PathLike,
    sampling_rate: float = 100.0,
    separator: str = ",",
    decimal: str = ".",
) -> Path:
    """Write a recording as phyphox exports it, to try things without a phone.

    What lies in a gap is not written, and pauses are as long as they were.

    Parameters
    ----------
    recording : Recording
    path : path
        The zip to write; written over if it is there.
    sampling_rate : float
        Samples per second of the phone, in Hz.
    separator, decimal : str
        What phyphox lets one choose: the mark between columns, and the decimal point.

    Returns
    -------
    Path
        `path`.
    """
    n_samples = len(recording.acceleration)
    recorded = np.arange(n_samples) / signals.SAMPLING_RATE
    seconds = np.arange(0, recorded[-1] + 1e-9, 1 / sampling_rate)
    kept = ~_in_gaps(recording, seconds)
    written = recordings.seconds_at(recording, seconds * signals.SAMPLING_RATE)[kept]
    sensors = {
        "Accelerometer": ("Acceleration {} (m/s^2)", recording.acceleration * STANDARD_GRAVITY),
        "Gyroscope": ("Gyroscope {} (rad/s)", recording.rotation),
    }
    with files.atomic(path) as aside, zipfile.ZipFile(aside, "w") as archive:
        for name, (title, values) in sensors.items():
            titles = ["Time (s)", *(title.format(axis) for axis in "xyz")]
            measured = signals.resample(recorded, values, 0, len(seconds), sampling_rate)
            numbers = np.column_stack([written, measured[kept]])
            text = _print(titles, numbers, separator, decimal)
            archive.writestr(files.zip_entry(f"{name}.csv"), text)
    return Path(path)


def _in_gaps(recording: Recording, seconds: np.ndarray) -> np.ndarray:
    """Say which times, of `recording`'s own samples, lie where a sensor recorded nothing."""
    starts, stops = recording.gaps.T / signals.SAMPLING_RATE
    place = seconds[:, np.newaxis]
    return ((place >= starts) & (place < stops)).any(axis=1)


def _print(titles: list[str], numbers: np.ndarray, separator: str, decimal: str) -> str:
    """Print names, and numbers with nine decimals and a power of ten, as phyphox does."""
    row = separator.join(["%.9E"] * numbers.shape[1])
    body = "\n".join(row % tuple(values) for values in numbers.tolist())
    names = separator.join(f'"{title}"' for title in titles)
    return f"{names}\n{body.replace('.', decimal)}\n"
