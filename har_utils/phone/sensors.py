"""What people's own phones record: exports of phyphox, of Sensor Logger, or a plain table.

`read` turns any of them into what the course works with: acceleration in g and rotation in rad/s,
fifty times a second. What it cannot be sure of it refuses, with one line that says which file,
which column and which row.

Sources for names, units and signs: the experiments and the export of phyphox (github.com/phyphox,
``SimpleExperimentCreator`` and ``DataExport`` for Android, ``ExperimentSensorInput`` for iOS);
``UNITS.md``, ``COORDINATES.md`` and ``CROSSPLATFORM.md`` of Sensor Logger
(github.com/tszheichoi/awesome-sensor-logger).
"""

from __future__ import annotations

import os
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from har_utils import recordings, signals
from har_utils.phone import tables
from har_utils.phone.columns import TIME_UNITS, Column, columns, is_sensor_logger
from har_utils.phone.tables import Table
from har_utils.recordings import Recording

STANDARD_GRAVITY = 9.80665
"""One g in m/s²."""

OWN_SUBJECT = 100
"""Number of a person who is not in the data set; such numbers start here."""

LOWEST_RATE, HIGHEST_RATE = 20.0, 2000.0
"""Samples per second that a recording may have."""

LONGEST_GAP = 600.0
"""Seconds without a sample within one recording; after a longer pause it is another one."""

FASTEST_ROTATION = 40.0
"""No phone's gyroscope measures more, in rad/s (2000 degrees per second are 35)."""

LEAST_SECONDS = signals.WINDOW / signals.SAMPLING_RATE
"""A recording must fill one window."""

NAMES_EXPECTED = "time, acc_x, acc_y, acc_z, gyro_x, gyro_y, gyro_z"
"""Names of columns that are understood, for the errors."""


@dataclass(frozen=True)
class PhoneRecording(Recording):
    """A recording of somebody's own phone, at 50 Hz like all others.

    Attributes
    ----------
    source : str
        What wrote it: "phyphox", "Sensor Logger (iOS)", "Sensor Logger (Android)" or "CSV".
    sampling_rate : float
        Accelerometer samples per second as recorded.
    has_gyroscope : bool
        False: `rotation` is all zeros because nothing was recorded.
    gaps : ndarray of shape (n_gaps, 2), int64
        Samples ``start`` to ``stop - 1`` that lie where a sensor recorded nothing.
    notes : tuple of str
        What had to be guessed or turned round, a sentence each.
    """

    source: str
    sampling_rate: float
    has_gyroscope: bool
    gaps: np.ndarray
    notes: tuple[str, ...]


def read(path: str | os.PathLike, subject: int = OWN_SUBJECT) -> PhoneRecording:
    """Read what a phone exported.

    Parameters
    ----------
    path : path
        A zip or a folder of tables as phyphox or Sensor Logger export it, or one table: a column
        of times, three of acceleration (in m/s² or g) and three of rotation, each with a name.
    subject : int
        The number the person shall have; 100 or more.

    Returns
    -------
    PhoneRecording
        From the first to the last moment that all its sensors recorded, without labels.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is not such an export, or too little of it can be understood.
    """
    name = Path(path).name
    found = tables.read(path, wanted=lambda table: bool(columns(table)) or _is_metadata(table))
    readings = [reading for table in found for reading in _readings(table)]
    source = _source(found)
    acceleration, notes = _acceleration(readings, source, found, name)
    rotation = _pick(readings, "rotation", name)
    sensors = [acceleration]
    if rotation is not None and rotation.values.any():  # zeros: the phone has none
        sensors.append(_in_radians(rotation))
    start, n_samples = _shared(sensors, name)
    values = [signals.resample(each.seconds, each.values, start, n_samples) for each in sensors]
    gaps = [_gaps(each.seconds, start, n_samples) for each in sensors]
    return PhoneRecording(
        subject=subject,
        experiment=subject,
        acceleration=values[0],
        rotation=values[1] if len(values) == 2 else np.zeros((n_samples, 3)),
        labels=pd.DataFrame(columns=recordings.LABEL_COLUMNS, dtype=int),
        source=source.title,
        sampling_rate=float(1 / np.median(np.diff(acceleration.seconds))),
        has_gyroscope=len(values) == 2,
        gaps=np.unique(np.vstack(gaps), axis=0),
        notes=tuple(notes),
    )


def window_starts(recording: Recording, first: int = 0, stop: int | None = None) -> np.ndarray:
    """List where windows of a recording begin: every half window, none that touches a gap.

    Parameters
    ----------
    recording : Recording
    first, stop : int
        Samples ``first`` to ``stop - 1`` are used; all of them without these.

    Returns
    -------
    ndarray of shape (n_windows,), int64
    """
    n_samples = len(recording.acceleration)
    last = min(n_samples if stop is None else stop, n_samples) - signals.WINDOW
    starts = np.arange(max(first, 0), last + 1, signals.STRIDE, dtype=np.int64)
    gaps = recording.gaps if isinstance(recording, PhoneRecording) else np.empty((0, 2))
    touches = (starts[:, np.newaxis] < gaps[:, 1]) & (
        starts[:, np.newaxis] + signals.WINDOW > gaps[:, 0]
    )
    return starts[~touches.any(axis=1)]


def _shared(sensors: list[Reading], name: str) -> tuple[float, int]:
    """Find the time in which all sensors recorded: its start, and its samples at 50 Hz."""
    start = max(sensor.seconds[0] for sensor in sensors)
    length = max(min(sensor.seconds[-1] for sensor in sensors) - start, 0)
    if length < LEAST_SECONDS:
        both = " in which accelerometer and gyroscope recorded" if len(sensors) == 2 else ""
        raise ValueError(f"{name}: {length:.2f} s{both}; a window needs {LEAST_SECONDS} s")
    return start, int(length * signals.SAMPLING_RATE + 1e-6) + 1


def _gaps(seconds: np.ndarray, start: float, n_samples: int) -> np.ndarray:
    """List the new samples that lie in pauses of a sensor, a row (start, stop) per pause."""
    before = np.flatnonzero(np.diff(seconds) > signals.LONGEST_BRIDGE)
    edges = np.column_stack([seconds[before], seconds[before + 1]]) - start
    samples = np.clip(np.ceil(edges * signals.SAMPLING_RATE), 0, n_samples).astype(np.int64)
    return samples[samples[:, 0] < samples[:, 1]]


# ---- From cells to numbers -----------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Reading:
    """What one sensor measured.

    Attributes
    ----------
    sensor : str
        As in `Column`.
    seconds : ndarray of shape (n,)
        Increasing.
    values : ndarray of shape (n, 3)
        In the unit of the file.
    unit : str
        The unit the file names, or "".
    columns : tuple of int
        Where x, y and z are in the table.
    rows : ndarray of shape (n,)
        Which rows of the table these are.
    table : Table
        Where it is from.
    """

    sensor: str
    seconds: np.ndarray
    values: np.ndarray
    unit: str
    columns: tuple[int, ...]
    rows: np.ndarray
    table: Table


def _readings(table: Table) -> list[Reading]:
    """Read every sensor that a table holds."""
    found = columns(table)
    sensors = dict.fromkeys(column.sensor for column in found.values() if column.axis)
    return [_reading(table, sensor, found) for sensor in sensors]


def _reading(table: Table, sensor: str, columns: dict[int, Column]) -> Reading:
    """Read one sensor; rows where anything is missing are left out."""
    time = _time_column(table, columns)
    places = tuple(_place(table, sensor, axis, columns) for axis in "xyz")
    values = np.column_stack([table.numbers(place) for place in places])
    rows = np.flatnonzero(np.isfinite(values).all(axis=1) & ~table.missing(time))
    if len(rows) < 2:
        raise table.refusal("no numbers in it", places[0])
    seconds = _seconds(table, time, columns[time].unit, rows)
    order = _in_order(table, seconds, rows)
    seconds, rows = seconds[order], rows[order]
    _assert_dense(table, time, seconds, rows)
    return Reading(sensor, seconds, values[rows], columns[places[0]].unit, places, rows, table)


def _time_column(table: Table, columns: dict[int, Column]) -> int:
    """Find the column of times; of several the one in named seconds, else the first."""
    places = [place for place, column in columns.items() if column.sensor == "time"]
    if not places:
        raise table.refusal(f"no column of times (there are: {', '.join(table.titles)})")
    return max(places, key=lambda place: columns[place].unit == "s")


def _place(table: Table, sensor: str, axis: str, columns: dict[int, Column]) -> int:
    """Find the column of one axis of one sensor."""
    wanted = (sensor, axis)
    places = [place for place, found in columns.items() if (found.sensor, found.axis) == wanted]
    if len(places) != 1:
        many = f"{len(places)} columns" if places else "no column"
        titles = ", ".join(table.titles)
        raise table.refusal(f"{many} for the {axis} axis of {sensor} (there are: {titles})")
    return places[0]


def _seconds(table: Table, column: int, named: str, rows: np.ndarray) -> np.ndarray:
    """Read the times of some rows, whatever their unit."""
    if not tables.is_number(table.cells[rows[0], column]):
        return _clock_seconds(table, column)[rows]
    numbers = table.numbers(column)[rows]
    steps = np.diff(numbers)
    step = float(np.median(steps[steps > 0])) if (steps > 0).any() else 0.0
    return numbers * TIME_UNITS[_time_unit(table, column, named, step)]


def _clock_seconds(table: Table, column: int) -> np.ndarray:
    """Read dates and times as ISO 8601 writes them."""
    texts = pd.Series(table.cells[:, column]).str.strip().str.replace(",", ".")
    times = pd.to_datetime(texts, format="ISO8601", errors="coerce", utc=True)
    wrong = times.isna().to_numpy() & ~table.missing(column)
    if wrong.any():
        row = int(np.argmax(wrong))
        problem = f"{texts[row]!r} is neither a number nor a time like 2024-05-01T10:00:00.020"
        raise table.refusal(problem, column, row)
    return (times - pd.Timestamp(0, tz="UTC")).dt.total_seconds().to_numpy()


def _time_unit(table: Table, column: int, named: str, step: float) -> str:
    """Tell the unit of times from the column's name, else from the step between samples.

    Between samples of a phone lie 0.5 to 50 ms; read in a wrong unit they are a thousand times
    more or less, so only one unit fits.
    """
    fitting = [
        unit
        for unit, seconds in TIME_UNITS.items()
        if 0.99 / HIGHEST_RATE <= step * seconds <= 1.01 / LOWEST_RATE
    ]
    unit = named if named in TIME_UNITS else "".join(fitting)
    if unit in fitting:
        return unit
    problem = f"{step:g} {unit or 's, ms, µs or ns'} between samples is not {LOWEST_RATE:g} to "
    advice = f"; are these {fitting[0]}?" if fitting else ""
    raise table.refusal(f"{problem}{HIGHEST_RATE:g} samples per second{advice}", column)


def _in_order(table: Table, seconds: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Put samples in the order of time, and leave out those that come (nearly) twice."""
    back = np.flatnonzero(np.diff(seconds) < -1)
    if len(back):
        row = back[0] + 1
        problem = f"time goes back by {seconds[row - 1] - seconds[row]:.1f} s"
        raise table.refusal(f"{problem}; are these two recordings?", row=rows[row])
    order = np.argsort(seconds, kind="stable")
    steps = np.diff(seconds[order])
    usual = np.median(steps[steps > 0]) if (steps > 0).any() else 0
    return order[np.append(True, steps > usual / 4)]


def _assert_dense(table: Table, time: int, seconds: np.ndarray, rows: np.ndarray) -> None:
    """Refuse a sensor that was too slow, or that rested for so long that it is another walk."""
    steps = np.diff(seconds)
    rate = 1 / np.median(steps) if len(steps) else 0.0
    if rate < LOWEST_RATE * 0.99:
        raise table.refusal(f"{rate:.3g} samples per second; {LOWEST_RATE:g} are needed", time)
    if steps.max() > LONGEST_GAP:
        row = int(np.argmax(steps)) + 1
        problem = f"{steps.max() / 60:.0f} minutes without a sample before it; cut the file there"
        raise table.refusal(problem, time, rows[row])


# ---- From numbers to g and rad/s -----------------------------------------------------------------


@dataclass(frozen=True)
class Source:
    """What wrote an export.

    Attributes
    ----------
    app : str
        "phyphox", "Sensor Logger" or "CSV".
    platform : str
        "iOS", "Android", or "" where it does not matter or is not known.
    standardised : bool
        Sensor Logger was told to write the same on iOS as on Android.
    """

    app: str
    platform: str = ""
    standardised: bool = False

    @property
    def title(self) -> str:
        """Name it: ``Sensor Logger (iOS)``."""
        return f"{self.app} ({self.platform})" if self.platform else self.app


def _is_metadata(table: Table) -> bool:
    """Tell the file in which Sensor Logger describes the phone."""
    return table.stem == "metadata" and "platform" in table.titles


def _source(found: list[Table]) -> Source:
    """Recognise the app by how it names things."""
    if any(is_sensor_logger(table) for table in found):
        about = [table for table in found if _is_metadata(table) and len(table.cells)]
        facts = dict(zip(about[0].titles, about[0].cells[0], strict=True)) if about else {}
        platform = {"ios": "iOS", "android": "Android"}.get(facts.get("platform", "").lower(), "")
        standardised = facts.get("standardisation", "").lower() == "true"
        return Source("Sensor Logger", platform, standardised)
    return Source("phyphox" if any("Time (s)" in table.titles for table in found) else "CSV")


def _pick(readings: list[Reading], sensor: str, name: str) -> Reading | None:
    """Take the reading of one sensor, the calibrated one if there are both."""
    found = [reading for reading in readings if reading.sensor == sensor]
    calibrated = [reading for reading in found if "uncalibrated" not in reading.table.stem]
    chosen = calibrated or found
    if len(chosen) > 1:
        files = " and ".join(reading.table.name for reading in chosen)
        raise ValueError(f"{name}: {sensor} twice, in {files}; keep one recording")
    return chosen[0] if chosen else None


def _in_radians(rotation: Reading) -> Reading:
    """Convert rotation to rad/s; without a named unit, what no phone can measure is degrees."""
    impossible = np.abs(rotation.values).max() > FASTEST_ROTATION
    if rotation.unit == "°/s" or (not rotation.unit and impossible):
        return replace(rotation, values=np.deg2rad(rotation.values))
    if impossible:
        row, axis = np.argwhere(np.abs(rotation.values) > FASTEST_ROTATION)[0]
        problem = f"{rotation.values[row, axis]:.4g} rad/s is more than any phone measures; "
        place = rotation.columns[axis], rotation.rows[row]
        raise rotation.table.refusal(f"{problem}are these degrees per second?", *place)
    return rotation


def _acceleration(
    readings: list[Reading], source: Source, found: list[Table], name: str
) -> tuple[Reading, list[str]]:
    """Take acceleration with gravity, in g, and as Android has it: lying face up, z is +1."""
    total, gravity, linear = (
        _pick(readings, sensor, name) for sensor in ("acceleration", "gravity", "linear")
    )
    notes = []
    known = total
    if total is None and gravity is not None and linear is not None:
        known, total = gravity, _sum(gravity, linear)
        notes.append("acceleration is the sum of gravity and linear acceleration")
    if total is None:
        raise ValueError(f"{name}: {_what_lacks(readings, found)}")
    unit, one = _unit_of_gravity(known)
    if total.unit not in ("", unit):
        notes.append(f"acceleration is in {unit}, though its columns say {total.unit}")
    if _has_opposite_sign(source, unit, bool(known is gravity), name):
        notes.append("signs of acceleration turned round: iOS counts them the other way")
        one = -one
    return replace(total, values=total.values / one), notes


def _has_opposite_sign(source: Source, unit: str, is_sum: bool, name: str) -> bool:
    """Say whether acceleration is as iOS has it: lying face up, z is −1.

    phyphox turns the signs round itself; Sensor Logger only if told to standardise.
    """
    if source.app != "Sensor Logger" or source.platform == "Android" or source.standardised:
        return False
    if source.platform == "iOS" or unit == "g":  # only what iOS itself measured is in g
        return True
    if is_sum:
        raise ValueError(f"{name}: no Metadata.csv, which tells iOS from Android; export all of it")
    return False  # only Android has a file of total acceleration


def _sum(gravity: Reading, linear: Reading) -> Reading:
    """Add linear acceleration, read at the times of gravity, to gravity."""
    inside = (gravity.seconds >= linear.seconds[0]) & (gravity.seconds <= linear.seconds[-1])
    seconds = gravity.seconds[inside]
    at = np.column_stack([np.interp(seconds, linear.seconds, axis) for axis in linear.values.T])
    values = gravity.values[inside] + at
    return replace(gravity, seconds=seconds, values=values, rows=gravity.rows[inside])


def _what_lacks(readings: list[Reading], found: list[Table]) -> str:
    """Say why there is no acceleration."""
    if any(reading.sensor == "linear" for reading in readings):
        return (
            "only acceleration without gravity, which tells no posture; record 'Acceleration (with "
            "g)' in phyphox, or 'Gravity' as well in Sensor Logger"
        )
    titles = found[0].titles
    if not titles:
        return f"{found[0].name} is empty"
    if all(tables.is_number(title) for title in titles):
        return f"row 1 holds numbers; it must name the columns, as {NAMES_EXPECTED}"
    if len(titles) == 1 and len(titles[0].split()) > 3:
        return "columns must be separated by commas, semicolons or tabs"
    seen = f"{found[0].name} has {', '.join(titles)}"
    return f"no acceleration found; names like {NAMES_EXPECTED} are understood ({seen})"


def _unit_of_gravity(reading: Reading) -> tuple[str, float]:
    """Tell the unit of acceleration, and one g in it, from gravity, which is always there."""
    length = float(np.median(np.linalg.norm(reading.values, axis=1)))
    for unit, one in (("g", 1.0), ("m/s²", STANDARD_GRAVITY)):
        if 0.7 < length / one < 1.4:
            return unit, one
    raise reading.table.refusal(
        f"the acceleration is {length:.3g} long, neither 1 (in g) nor 9.8 (in m/s²); "
        "is gravity left out, or is it in another unit?",
        reading.columns[0],
    )


# ---- Writing an export ---------------------------------------------------------------------------


def as_phyphox(
    recording: Recording,
    path: str | os.PathLike,
    sampling_rate: float = 100.0,
    separator: str = ",",
    decimal: str = ".",
) -> Path:
    """Write a recording as phyphox exports it, to try things without a phone.

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
    sensors = {
        "Accelerometer": ("Acceleration {} (m/s^2)", recording.acceleration * STANDARD_GRAVITY),
        "Gyroscope": ("Gyroscope {} (rad/s)", recording.rotation),
    }
    aside = Path(f"{path}.part")
    with zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, (title, values) in sensors.items():
            titles = ["Time (s)", *(title.format(axis) for axis in "xyz")]
            measured = signals.resample(recorded, values, 0, len(seconds), sampling_rate)
            numbers = np.column_stack([seconds, measured])
            archive.writestr(f"{name}.csv", _print(titles, numbers, separator, decimal))
    return aside.replace(path)


def _print(titles: list[str], numbers: np.ndarray, separator: str, decimal: str) -> str:
    """Print names, and numbers with nine decimals and a power of ten, as phyphox does."""
    row = separator.join(["%.9E"] * numbers.shape[1])
    body = "\n".join(row % tuple(values) for values in numbers.tolist())
    names = separator.join(f'"{title}"' for title in titles)
    return f"{names}\n{body.replace('.', decimal)}\n"
