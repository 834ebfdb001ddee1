"""What the name of a column says: which sensor, which axis, which unit."""

from __future__ import annotations

import re
from dataclasses import dataclass

from har_utils.phone.tables import Table


@dataclass(frozen=True)
class Column:
    """What the name of a column says.

    Attributes
    ----------
    sensor : str
        "time", "acceleration" (with gravity), "linear" (without), "gravity" or "rotation".
    axis : str
        "x", "y", "z"; "" for times.
    unit : str
        As in `UNITS`, "" if none is named.
    """

    sensor: str
    axis: str
    unit: str


UNITS = {
    "m/s²": ("m/s^2", "m/s²", "m/s2", "m/s/s", "ms2", "mps2"),
    "g": ("g", "gs"),
    "rad/s": ("rad/s", "rads", "radps"),
    "°/s": ("deg/s", "°/s", "dps", "degs", "degps"),
    "s": ("s", "sec", "second", "seconds"),
    "ms": ("ms", "msec", "millis", "millisecond", "milliseconds"),
    "µs": ("us", "µs", "μs", "micros", "microsecond", "microseconds"),
    "ns": ("ns", "nsec", "nanos", "nanosecond", "nanoseconds"),
}
"""Units, and how people write them."""

TIME_UNITS = {"s": 1.0, "ms": 1e-3, "µs": 1e-6, "ns": 1e-9}
"""Seconds in one unit of time."""

_UNIT_OF = {written: unit for unit, ways in UNITS.items() for written in ways}

_TIME_WORDS = ("time", "timestamp", "t", "elapsed", "epoch", "date", "datetime", "utc")

_SENSOR_WORDS = {
    "linear": r"lin\w*|user\w*|.*without.*",
    "gravity": r"grav\w*",
    "acceleration": r"(total)?acc\w*|a",
    "rotation": r"gyr\w*|rot\w*|ang\w*|omega|g|w",
}
"""How sensors are called, tried in this order."""

SENSOR_LOGGER_FILES = {
    "accelerometer": "linear",
    "gravity": "gravity",
    "totalacceleration": "acceleration",
    "accelerometeruncalibrated": "acceleration",
    "gyroscope": "rotation",
    "gyroscopeuncalibrated": "rotation",
}
"""Sensor Logger's files and what they hold; its accelerometer leaves gravity out."""


def is_sensor_logger(table: Table) -> bool:
    """Tell Sensor Logger by the column that no other app writes."""
    return "seconds_elapsed" in table.titles


def columns(table: Table) -> dict[int, Column]:
    """Say what each column of a table holds that is of use here."""
    files = SENSOR_LOGGER_FILES if is_sensor_logger(table) else {table.stem: table.stem}
    if table.stem not in files:
        return {}
    columns = {place: _column(title, files[table.stem]) for place, title in enumerate(table.titles)}
    found = {place: column for place, column in columns.items() if column is not None}
    return found if any(column.axis for column in found.values()) else {}


def _column(title: str, sensor: str) -> Column | None:
    """Say what the name of a column means, None if nothing that is of use here.

    A name that is nothing but an axis is of the sensor that the file is called after.
    """
    words, unit = _words(title)
    if not words:
        return Column("time", "", unit) if unit in TIME_UNITS else None
    if words[0] in _TIME_WORDS:
        return Column("time", "", unit)
    axis = words[-1][-1]
    if axis not in "xyz" or len(words[-1]) > 2:
        return None
    name = "".join(words)[:-1] or re.sub(r"\W", "", sensor)
    if name in _SENSOR_WORDS:
        return Column(name, axis, unit)
    matching = (kind for kind, words in _SENSOR_WORDS.items() if re.fullmatch(words, name))
    kind = next(matching, None)
    return Column(kind, axis, unit) if kind else None


def _words(title: str) -> tuple[list[str], str]:
    """Split a name into words and a unit: ``Acceleration x (m/s^2)``, ``accX``, ``gyro_y_dps``."""
    text, unit = re.match(r"([^(\[]*)[(\[]?([^)\]]*)", title).groups()
    separated = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    words = [word.lower() for word in re.split(r"[\W_]+", separated) if word]
    if words[:1] == ["seconds"]:
        return ["time"], "s"  # seconds, seconds_elapsed
    if not unit and words and words[-1] in _UNIT_OF and words != ["g"]:
        unit = words.pop()
    unit = unit.strip().lower().replace(" ", "")
    return words, _UNIT_OF.get(unit, unit)
