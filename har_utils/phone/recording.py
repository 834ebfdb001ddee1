"""Recordings of people's own phones, fifty times a second like all others.

Sources for names, units and signs: the experiments and the export of phyphox (github.com/phyphox,
``SimpleExperimentCreator`` and ``DataExport`` for Android, ``ExperimentSensorInput`` for iOS);
``UNITS.md``, ``COORDINATES.md`` and ``CROSSPLATFORM.md`` of Sensor Logger
(github.com/tszheichoi/awesome-sensor-logger).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd

from har_utils import recordings, signals
from har_utils.phone import clocks, motion, tables
from har_utils.phone.columns import App, columns, is_metadata, is_worn_elsewhere
from har_utils.phone.readings import Reading, readings
from har_utils.phone.tables import Table
from har_utils.recordings import Recording

ACCELERATE = ("acceleration", "unknown", "linear", "gravity")
"""Sensors that acceleration may come from; the likeliest first."""

MOST_APART = 60.0
"""Seconds between the dates in the names of two sensors' files of one recording."""

MOST_UNSHARED = 1.0
"""Seconds that one sensor may run alone, before or after the others, without a note."""

LONGEST_FILLED = 10.0
"""Seconds without a sample that are filled; of longer pauses the rest is left out.

In ten seconds the slowest filter has forgotten what was before.
"""


@dataclass(frozen=True, kw_only=True)
class PhoneRecording(Recording):
    """A recording of somebody's own phone, at 50 Hz like all others.

    Attributes
    ----------
    source : str
        What wrote it: "phyphox", "Sensor Logger (iOS)", another of ``apps.yaml``, or "CSV".
    sampling_rate : float
        Accelerometer samples per second as recorded.
    has_gyroscope : bool
        False: `rotation` is all zeros because nothing was recorded.
    notes : tuple of str
        What had to be guessed, turned round or left out, a sentence each.
    starts_at : float
        Seconds from the first sample of any of its sensors to the first sample here.
    """

    source: str
    sampling_rate: float
    has_gyroscope: bool
    notes: tuple[str, ...]
    starts_at: float = 0.0


def read(path: str | os.PathLike, subject: int = recordings.OWN_SUBJECT) -> PhoneRecording:
    """Read what a phone exported.

    Parameters
    ----------
    path : path
        A zip, a folder or an Excel file of tables as phyphox or Sensor Logger export it, or one
        table: a column of times, three of acceleration (in m/s² or g) and three of rotation, each
        with a name.
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
        If it is not such an export, too little of it can be understood, or it holds several
        recordings.
    """
    groups = _groups(path)
    if len(groups) > 2:
        name, first = Path(path).name, next(iter(groups))
        raise ValueError(
            f"{name}: {len(groups)} recordings; read them one at a time, as {first}, or "
            f"`classify {name}` for all"
        )
    found = [table for group in groups.values() for table in group]
    return _assembled(found, Path(path).name, subject)


def recordings_in(
    path: str | os.PathLike, subject: int = recordings.OWN_SUBJECT
) -> dict[str, Callable[[], PhoneRecording]]:
    """List the recordings in a folder or zip.

    Parameters
    ----------
    path, subject
        As in `read`.

    Returns
    -------
    dict
        Where a recording lies → a function that reads it, or raises as `read` does.
    """
    return {
        name: partial(_assembled, group, name, subject) for name, group in _groups(path).items()
    }


def _assembled(found: list[Table], name: str, subject: int) -> PhoneRecording:
    """Make a recording of the tables that belong to it."""
    problems = [table.problem for table in found if table.problem]
    if problems:
        raise ValueError(problems[0])
    worn = [table for table in found if is_worn_elsewhere(table)]
    if worn and not any(map(_accelerates, found)):
        raise ValueError(f"{worn[0].name}: of a watch or headphones; name what the phone recorded")
    source = motion.source_of(found)
    measured, said = _measured(found, source.app)
    try:
        acceleration, notes = motion.acceleration(measured, source, found, name)
    except ValueError as error:
        if len(found) == 1 and source.app.name == "Sensor Logger":  # one file of its zip
            raise ValueError(f"{error}; if you did, name the whole zip or folder") from None
        raise
    turning = motion.rotation(measured, name)
    sensors = [acceleration] if turning is None else [acceleration, turning]
    notes += [*said, *(note for sensor in sensors for note in sensor.notes)]
    if is_worn_elsewhere(acceleration.table):
        notes.append(
            f"{acceleration.table.name} is called after a watch or headphones, which no "
            "network here knows: where it sits and what was done is told as of a phone"
        )
    rate = clocks.rate(acceleration.seconds)
    if turning is not None and _is_scrap(turning, acceleration):
        sensors, turning = [acceleration], None
        notes.append("the gyroscope ran too short a time and was left out")
    ran = _ran(acceleration, turning, measured)
    sensors, left_out = _without_pauses(sensors)
    _assert_together(ran, name)
    start, n_samples = _shared(sensors, name)
    starts_at = _with_left_out(start, left_out) - min(first for first, _ in ran.values())
    notes += _ran_alone(ran, starts_at)
    values = [_resampled(sensor, start, n_samples) for sensor in sensors]
    rotation = None
    if turning is not None:
        rotation, said = motion.checked(values[0], values[1], turning)
        notes += said
    gaps = [_gaps(each.seconds, start, n_samples) for each in sensors]
    left_out[:, 0] -= start
    return PhoneRecording(
        subject=subject,
        experiment=subject,
        acceleration=values[0],
        rotation=np.zeros((n_samples, 3)) if rotation is None else rotation,
        labels=pd.DataFrame(columns=recordings.LABEL_COLUMNS, dtype=int),
        source=source.title,
        sampling_rate=rate,
        has_gyroscope=rotation is not None,
        gaps=_merged(np.vstack(gaps)),
        notes=tuple(dict.fromkeys(notes)),
        left_out=left_out[(left_out[:, 0] > 0) & (left_out[:, 0] < n_samples / 50)],
        starts_at=max(round(starts_at, 3), 0.0),
    )


def _measured(found: list[Table], app: App) -> tuple[list[Reading], list[str]]:
    """Read the sensors of all tables; do without a sensor that is not needed and of no use.

    Returns
    -------
    list of Reading
    list of str
        Notes.

    Raises
    ------
    ValueError
        If no acceleration can be used, or a table cannot be read.
    """
    measured: list[Reading] = []
    unused: dict[str, list[ValueError]] = {}
    for table in found:
        read, problems = readings(table, app)
        measured += read
        for sensor, errors in problems.items():
            unused.setdefault(sensor, []).extend(errors)
    needed = [error for sensor in ACCELERATE for error in unused.get(sensor, [])]
    if needed and not any(reading.sensor in ACCELERATE for reading in measured):
        raise needed[0]
    turns = any(reading.sensor == "rotation" for reading in measured)
    slow = [error for error in unused.get("rotation", []) if isinstance(error, clocks.TooSlowError)]
    return measured, [f"the gyroscope was left out: {error}" for error in slow[:1] if not turns]


# ---- Which tables belong together ----------------------------------------------------------------


def _groups(path: str | os.PathLike) -> dict[str, list[Table]]:
    """Part the tables of a folder into recordings; all together if there is only one."""
    found = tables.read(path, wanted=lambda table: bool(columns(table)) or is_metadata(table))
    groups = _paired(_by_name(found))
    whole = {name: group for name, group in groups.items() if _is_needed(group)}
    return whole if len(whole) > 1 else {Path(path).name: found}


def _by_name(found: list[Table]) -> dict[str, list[Table]]:
    """Part tables by what their names say besides the sensor, and by folders."""
    folders: dict[str, list[Table]] = {}
    for table in found:
        folders.setdefault(table.folder, []).append(table)
    groups: dict[str, list[Table]] = {}
    for folder, within in folders.items():
        is_one = _is_one_recording(within)
        for table in within:
            whole = is_one and not table.problem
            name = _recording_of(f"{folder}/metadata" if whole else table.name)
            groups.setdefault(name, []).append(table)
    return groups


def _is_one_recording(within: list[Table]) -> bool:
    """Say whether the tables of a folder, zip or workbook are a table for each sensor.

    Then it does not matter what they are called, and in which language.
    """
    sensors = [_sensors(table) for table in within]
    named = [sensor for each in sensors for sensor in each]
    return len(named) > 1 and max(map(len, sensors)) == 1 and len(set(named)) == len(named)


def _paired(groups: dict[str, list[Table]]) -> dict[str, list[Table]]:
    """Join what only turns to the acceleration that was saved at most a minute earlier or later."""
    kinds = {
        name: {sensor for table in group for sensor in _sensors(table)}
        for name, group in groups.items()
    }
    lonely = [name for name, sensors in kinds.items() if sensors == {"rotation"}]
    without = [name for name, sensors in kinds.items() if sensors and "rotation" not in sensors]
    partners = {name: _nearest(name, without) for name in lonely}
    chosen = list(partners.values())
    joined = dict(groups)
    for name, partner in partners.items():
        group = joined.pop(name)
        if partner and chosen.count(partner) == 1:
            joined[partner] = [*joined[partner], *group]
        else:
            joined[group[0].name] = group
    return joined


def _nearest(name: str, others: list[str]) -> str:
    """Choose the name that differs only in its date, and in that by a minute at most, or ""."""
    apart = {
        other: abs((_date(name) - _date(other)).total_seconds())
        for other in others
        if re.sub(r"\d", "", other) == re.sub(r"\d", "", name)
    }
    near = {other: seconds for other, seconds in apart.items() if seconds <= MOST_APART}
    return min(near, key=near.__getitem__, default="")


def _date(name: str) -> pd.Timestamp:
    """Read the date in a file's name, to the second; not a time if there is none."""
    digits = re.sub(r"\D", "", name.rpartition("/")[2])[:14]
    return pd.to_datetime(digits, format="%Y%m%d%H%M%S", errors="coerce")


def _is_needed(group: list[Table]) -> bool:
    """Say whether a group is a recording, or something that should be part of one."""
    sensors = [_sensors(table) for table in group]
    return any(
        bool(table.problem) or _accelerates(table) or each == {"rotation"}
        for table, each in zip(group, sensors, strict=True)
    )


def _sensors(table: Table) -> set[str]:
    """Say which sensors a table holds."""
    return {column.sensor for column in columns(table).values() if column.axis}


def _accelerates(table: Table) -> bool:
    """Say whether a table may hold acceleration."""
    return bool(_sensors(table) & set(ACCELERATE))


_SENSOR_IN_NAME = re.compile(
    r"(?<![a-z])(total|linear[a-z]?|user)?[_ ]?(acc[a-zéè]*|gyr[a-z]*|gravity|rotation_?vector"
    r"|angular_?velocity|metadata|magnet[a-z]*|orientation|linear[a-z]*|beschleunigung|acel[a-zó]*"
    r"|versnelling|gir[oó]sc[a-z]*|schwerkraft|zwaartekracht)(_?uncalibrated)?(?![a-z])"
)


def _recording_of(name: str) -> str:
    """Return a table's name without folder of its own, ending, and what tells its sensor."""
    path = PurePosixPath(name)
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", str(path.with_suffix(""))).lower()
    parts = [_SENSOR_IN_NAME.sub("", part).strip(" _-.") for part in plain.split("/")]
    return "/".join(part for part in parts if part)


# ---- One clock for all ---------------------------------------------------------------------------


def _without_pauses(sensors: list[Reading]) -> tuple[list[Reading], np.ndarray]:
    """Leave out what exceeds ten seconds of every pause, so that pauses cost nothing.

    Returns
    -------
    sensors : list of Reading
        On a clock that stands still meanwhile.
    left_out : ndarray of shape (n, 2)
        Second on that clock, and seconds left out there.
    """
    pauses = np.vstack([_pauses(sensor.seconds) for sensor in sensors])
    if not len(pauses):
        return sensors, np.empty((0, 2))
    pauses = pauses[np.argsort(pauses[:, 0])]
    left_out, gone, until = [], 0.0, -np.inf
    for start, stop in pauses:
        start, stop = max(start + LONGEST_FILLED / 2, until), stop - LONGEST_FILLED / 2
        stop = start + np.floor((stop - start) * signals.SAMPLING_RATE) / signals.SAMPLING_RATE
        if stop > start:
            left_out.append((start, stop - start, start - gone))
            gone, until = gone + stop - start, stop
    for start, length, _ in left_out:
        sensors = [_outside(sensor, start, start + length) for sensor in sensors]
    starts, lengths, at = np.array(left_out, dtype=float).reshape(-1, 3).T
    gone_before = np.append(0, np.cumsum(lengths))
    shortened = [
        replace(each, seconds=each.seconds - gone_before[np.searchsorted(starts, each.seconds)])
        for each in sensors
    ]
    return shortened, np.column_stack([at, lengths])


def _pauses(seconds: np.ndarray) -> np.ndarray:
    """List when a sensor rested for more than ten seconds: from, to."""
    before = np.flatnonzero(np.diff(seconds) > LONGEST_FILLED)
    return np.column_stack([seconds[before], seconds[before + 1]])


def _outside(sensor: Reading, start: float, stop: float) -> Reading:
    """Leave out what a sensor recorded while another one rested."""
    first, last = np.searchsorted(sensor.seconds, (start, stop))
    if first == last:
        return sensor
    kept = np.delete(np.arange(len(sensor.seconds)), slice(first, last))
    return replace(sensor, seconds=sensor.seconds[kept], values=sensor.values[kept])


def _assert_together(ran: dict[str, tuple[float, float]], name: str) -> None:
    """Refuse sensors whose times never meet."""
    first, last = np.array(list(ran.values())).T
    if first.max() > last.min():
        spans = ", ".join(f"{each} from {a:.0f} to {b:.0f} s" for each, (a, b) in ran.items())
        raise ValueError(
            f"{name}: times never meet ({spans}); are these two clocks, or two recordings? Leave "
            "the gyroscope's file out to do without it"
        )


def _shared(sensors: list[Reading], name: str) -> tuple[float, int]:
    """Find the time in which all sensors recorded: its start, and its samples at 50 Hz."""
    start = max(sensor.seconds[0] for sensor in sensors)
    length = max(min(sensor.seconds[-1] for sensor in sensors) - start, 0)
    if length < signals.LEAST_SECONDS:
        both = " in which accelerometer and gyroscope recorded" if len(sensors) == 2 else ""
        raise ValueError(f"{name}: {length:.2f} s{both}; a window needs {signals.LEAST_SECONDS} s")
    return start, int(length * signals.SAMPLING_RATE + 1e-6) + 1


def _ran(
    acceleration: Reading, turning: Reading | None, measured: list[Reading]
) -> dict[str, tuple[float, float]]:
    """Say when each sensor that is used ran: what it is called → its first and last second."""
    used = {"the accelerometer": [acceleration]}
    if acceleration.sensor == "gravity":  # a sum: what was added stands in files of its own
        parts = {"gravity": "gravity", "linear acceleration": "linear"}
        used = {
            called: [reading for reading in measured if reading.sensor == sensor]
            for called, sensor in parts.items()
        }
    if turning is not None:
        used["the gyroscope"] = [turning]
    return {
        called: (
            min(reading.seconds[0] for reading in own),
            max(reading.seconds[-1] for reading in own),
        )
        for called, own in used.items()
        if own
    }


def _with_left_out(second: float, left_out: np.ndarray) -> float:
    """Return a second of the clock that stands still in pauses as the phone's clock has it."""
    rounded = 1e-3
    return float(second + left_out[left_out[:, 0] <= second + rounded, 1].sum())


def _ran_alone(ran: dict[str, tuple[float, float]], starts_at: float) -> list[str]:
    """Note that a sensor began or stopped so much earlier than another that it is a loss."""
    first, last = np.array(list(ran.values())).T
    if max(np.ptp(first), np.ptp(last)) <= MOST_UNSHARED:
        return []
    spans = ", ".join(
        f"{called} ran from {start - first.min():.1f} to {stop - first.min():.1f} s"
        for called, (start, stop) in ran.items()
    )
    note = f"{spans}: only what all of them recorded is used"
    return [f"{note}; 0.0 s here is {starts_at:.1f} s there" if starts_at >= 0.05 else note]


def _is_scrap(turning: Reading, acceleration: Reading) -> bool:
    """Say whether the gyroscope stopped within less than a window while acceleration went on."""
    start, stop = acceleration.seconds[[0, -1]]
    is_short = np.ptp(turning.seconds) < signals.LEAST_SECONDS <= stop - start
    return bool(is_short and turning.seconds[-1] >= start and turning.seconds[0] <= stop)


def _resampled(sensor: Reading, start: float, n_samples: int) -> np.ndarray:
    """Read a sensor at 50 Hz; never beyond what it measured."""
    values = signals.resample(sensor.seconds, sensor.values, start, n_samples)
    return values.clip(sensor.values.min(axis=0), sensor.values.max(axis=0), out=values)


def _gaps(seconds: np.ndarray, start: float, n_samples: int) -> np.ndarray:
    """List the new samples that lie in pauses of a sensor, a row (start, stop) per pause."""
    before = np.flatnonzero(np.diff(seconds) > signals.LONGEST_BRIDGE)
    edges = np.column_stack([seconds[before], seconds[before + 1]]) - start
    samples = np.clip(np.ceil(edges * signals.SAMPLING_RATE - 1e-4), 0, n_samples).astype(np.int64)
    return samples[samples[:, 0] < samples[:, 1]]


def _merged(gaps: np.ndarray) -> np.ndarray:
    """Join gaps of two sensors that overlap."""
    joined: list[list[int]] = []
    for start, stop in gaps[np.argsort(gaps[:, 0])].tolist():
        if joined and start <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], stop)
        else:
            joined.append([start, stop])
    return np.array(joined, dtype=np.int64).reshape(-1, 2)
