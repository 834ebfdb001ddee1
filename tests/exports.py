"""Exports of phones that never were: recordings of the data set in every format people have."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.interpolate import CubicSpline

from har_utils import phone, signals
from har_utils.phone import STANDARD_GRAVITY
from har_utils.recordings import Recording

PLAIN = ("acc_x", "acc_y", "acc_z", "gyro_x", "gyro_y", "gyro_z")
SENSOR_LOGGER = ("time", "seconds_elapsed", "z", "y", "x")
EPOCH = 1_714_557_600.0
"""2024-05-01T10:00:00Z."""


@dataclass(frozen=True)
class Sampled:
    """A recording as a phone's sensors sample it: seconds, g, rad/s."""

    seconds: np.ndarray
    acceleration: np.ndarray
    rotation: np.ndarray

    def take(self, kept: np.ndarray) -> Sampled:
        return Sampled(self.seconds[kept], self.acceleration[kept], self.rotation[kept])

    @property
    def numbers(self) -> np.ndarray:
        """Time and all six axes side by side."""
        return np.column_stack([self.seconds, self.acceleration, self.rotation])


def sample(recording: Recording, rate: float, jitter: float = 0.0, seed: int = 0) -> Sampled:
    """Sample a recording at another rate, with times that are irregular by a part of the step."""
    recorded = np.arange(len(recording.acceleration)) / signals.SAMPLING_RATE
    n_samples = int(recorded[-1] * rate)
    noise = np.random.default_rng(seed).uniform(-jitter, jitter, n_samples)
    noise[0] = 0
    seconds = np.clip((np.arange(n_samples) + noise) / rate, 0, recorded[-1])
    both = np.hstack([recording.acceleration, recording.rotation])
    values = CubicSpline(recorded, both)(seconds)
    return Sampled(seconds, values[:, :3], values[:, 3:])


def part(recording: Recording, start: int, stop: int) -> Recording:
    """Cut a piece out of a recording; it has no labels."""
    return replace(
        recording,
        acceleration=recording.acceleration[start:stop],
        rotation=recording.rotation[start:stop],
        labels=recording.labels.iloc[:0],
    )


def text(titles, columns, number="%.6f", separator=",") -> str:
    """Print a table; a column may hold texts."""
    columns = [
        [number % value for value in column] if column.dtype.kind == "f" else column.tolist()
        for column in map(np.asarray, columns)
    ]
    rows = (separator.join(map(str, row)) for row in zip(*columns, strict=True))
    return "\n".join([separator.join(titles), *rows]) + "\n"


def plain(path: Path, sampled: Sampled, titles=("time", *PLAIN), **style) -> Path:
    """Write one table with seven columns."""
    path.write_text(text(titles, sampled.numbers.T, **style), encoding="utf-8")
    return path


def archive(path: Path, files: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        for name, content in files.items():
            file.writestr(name, content)
    return path


# ---- phyphox -------------------------------------------------------------------------------------


def phyphox(folder, recording):
    return phone.as_phyphox(recording, folder / "walk.zip")


def phyphox_with_commas(folder, recording):
    return phone.as_phyphox(recording, folder / "walk.zip", 200.0, separator=";", decimal=",")


def phyphox_ios(folder, recording):
    """Names as on iOS, tabs, also acceleration without gravity, and hidden files of macOS."""
    sampled = sample(recording, 100)
    without = sampled.acceleration - signals.low_pass(sampled.acceleration, 0.3, 2, 100)
    files = {
        "meta/time.csv": '"event"\t"experiment time"\n"START"\t0\n',
        "__MACOSX/._Accelerometer.csv": "\0\0",
    }
    for name, values, unit in (
        ("Accelerometer", sampled.acceleration * STANDARD_GRAVITY, "m/s^2"),
        ("Linear Accelerometer", without * STANDARD_GRAVITY, "m/s^2"),
        ("Gyroscope", sampled.rotation, "rad/s"),
    ):
        titles = ('"Time (s)"', *(f'"{axis} ({unit})"' for axis in "XYZ"))
        columns = [sampled.seconds, *values.T]
        files[f"{name}.csv"] = text(titles, columns, number="%.9E", separator="\t")
    return archive(folder / "walk.zip", files)


# ---- Sensor Logger -------------------------------------------------------------------------------


def sensor_logger(folder, files: dict[str, Sampled | tuple], platform, standardised) -> Path:
    """Write the zip of Sensor Logger; files: name → (seconds, values (n, 3))."""
    contents = {"Annotation.csv": 'time,seconds_elapsed,text\n1,2,"well, here I sat"\n'}
    if platform:
        contents["Metadata.csv"] = (
            "version,device name,recording epoch time,platform,sampleRateMs,standardisation\n"
            f"3,My phone,1714557600000,{platform},10|10,{str(standardised).lower()}\n"
        )
    for name, (seconds, values) in files.items():
        time = ((EPOCH + seconds) * 1e9).astype(np.int64)
        columns = [time, seconds, *values.T[::-1]]
        contents[f"{name}.csv"] = text(SENSOR_LOGGER, columns, number="%.9f")
    return archive(folder / "2024-05-01_10-00-00.zip", contents)


def _split(sampled: Sampled) -> tuple[np.ndarray, np.ndarray]:
    """Part acceleration into gravity and the rest, in m/s², as a phone does it."""
    rate = 1 / np.median(np.diff(sampled.seconds))
    total = sampled.acceleration * STANDARD_GRAVITY
    gravity = signals.low_pass(total - total[0], 0.3, 2, rate) + total[0]
    return gravity, total - gravity


def sensor_logger_android(folder, recording):
    motion, turning = sample(recording, 100), sample(recording, 104, seed=1)
    gravity, linear = _split(motion)
    files = {
        "Accelerometer": (motion.seconds, linear),
        "Gravity": (motion.seconds, gravity),
        "TotalAcceleration": (motion.seconds, gravity + linear),
        "Magnetometer": (motion.seconds, 40 * gravity),
        "Gyroscope": (turning.seconds, turning.rotation),
        "GyroscopeUncalibrated": (turning.seconds, turning.rotation + 0.1),
        "AccelerometerUncalibrated": (motion.seconds, gravity + linear + 0.2),
    }
    return sensor_logger(folder, files, "android", standardised=False)


def sensor_logger_ios(folder, recording):
    motion = sample(recording, 100)
    gravity, linear = _split(motion)
    files = {
        "Accelerometer": (motion.seconds, -linear),
        "Gravity": (motion.seconds, -gravity),
        "Gyroscope": (motion.seconds, motion.rotation),
        "AccelerometerUncalibrated": (motion.seconds, -motion.acceleration - 0.002),
        "GyroscopeUncalibrated": (motion.seconds, motion.rotation + 0.1),
    }
    return sensor_logger(folder, files, "ios", standardised=False)


def sensor_logger_ios_raw(folder, recording):
    motion = sample(recording, 100)
    files = {
        "AccelerometerUncalibrated": (motion.seconds, -motion.acceleration),
        "GyroscopeUncalibrated": (motion.seconds, motion.rotation),
    }
    return sensor_logger(folder, files, "ios", standardised=False)


def sensor_logger_ios_standardised(folder, recording):
    motion = sample(recording, 100)
    files = {
        "AccelerometerUncalibrated": (motion.seconds, motion.acceleration * STANDARD_GRAVITY),
        "Gyroscope": (motion.seconds, motion.rotation),
    }
    return sensor_logger(folder, files, "ios", standardised=True)


# ---- A plain table -------------------------------------------------------------------------------


def irregular(folder, recording):
    """Times that jitter, some samples twice, some missing."""
    sampled = sample(recording, 60, jitter=0.3)
    random = np.random.default_rng(2)
    kept = np.flatnonzero(random.random(len(sampled.seconds)) > 0.02)
    return plain(folder / "walk.csv", sampled.take(np.sort(np.append(kept, kept[100:110]))))


def milliseconds_and_g(folder, recording):
    """Units in the names, a pause of two seconds, values missing here and there."""
    sampled = sample(recording, 50)
    numbers = sampled.numbers * [1000, *[1.0] * 6]
    kept = (sampled.seconds < 50) | (sampled.seconds > 52)
    titles = ["time_ms", *(f"{name}_g" for name in PLAIN[:3]), *PLAIN[3:]]
    content = text(titles, numbers[kept].T).splitlines()
    for row in range(500, len(content), 777):
        content[row] = content[row].rpartition(",")[0] + (",NaN" if row % 2 else ",")
    (folder / "walk.csv").write_text("\n".join(content))
    return folder / "walk.csv"


def nanoseconds_and_degrees(folder, recording):
    sampled = sample(recording, 50)
    time = ((EPOCH + sampled.seconds) * 1e9).astype(np.int64)
    names = ("accX", "accY", "accZ", "rotationRateX", "rotationRateY", "rotationRateZ")
    titles = ["timestamp", *(f"{name} [{'deg/s' if 'R' in name else 'm/s²'}]" for name in names)]
    columns = [time, *(sampled.acceleration * STANDARD_GRAVITY).T, *np.rad2deg(sampled.rotation).T]
    (folder / "walk.csv").write_bytes(text(titles, columns, separator=";").encode("latin-1"))
    return folder / "walk.csv"


def dates_and_commas(folder, recording):
    """Times as dates, decimal commas, as a spreadsheet in much of Europe leaves it."""
    sampled = sample(recording, 50)
    times = np.array(EPOCH * 1e9 + sampled.seconds * 1e9, dtype="datetime64[ns]")
    columns = [times.astype("datetime64[ms]").astype(str), *sampled.numbers.T[1:]]
    content = text(("Time", *PLAIN), columns, separator=";").replace(".", ",")  # in the dates too
    (folder / "walk.csv").write_text("sep=;\n" + content, encoding="utf-16")
    return folder / "walk.csv"


def two_files(folder, recording):
    """A folder with a table for each sensor, the faster one slower to start."""
    fast, slow = sample(recording, 200), sample(recording, 50)
    fast = fast.take(fast.seconds > 0.5)
    (folder / "walk").mkdir()
    for name, sampled, values in (
        ("acc", fast, fast.acceleration * STANDARD_GRAVITY),
        ("gyro", slow, slow.rotation),
    ):
        content = text(("t", "x", "y", "z"), [sampled.seconds, *values.T])
        (folder / "walk" / f"{name}.csv").write_text(content)
    return folder / "walk"


FORMATS: dict[str, Callable[[Path, Recording], Path]] = {
    write.__name__: write
    for write in (
        phyphox,
        phyphox_with_commas,
        phyphox_ios,
        sensor_logger_android,
        sensor_logger_ios,
        sensor_logger_ios_raw,
        sensor_logger_ios_standardised,
        irregular,
        milliseconds_and_g,
        nanoseconds_and_degrees,
        dates_and_commas,
        two_files,
    )
}
