"""What the name of a column says: which sensor, which axis, which unit.

Apps name things as they like. What one app alone does stands in ``apps.yaml``; all others are read
by the words in their names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml

from har_utils.phone.tables import Table

UNITS = {
    "m/s²": ("m/s^2", "m/s²", "m/s2", "m/s/s", "ms2", "mps2", "ms-2", "m/s**2", "ms^-2"),
    "g": ("g", "gs", "g-force"),
    "mg": ("mg",),
    "rad/s": ("rad/s", "rads", "radps", "rad/sec"),
    "°/s": ("deg/s", "°/s", "dps", "degs", "degps", "deg/sec", "degrees/s", "º/s"),
    "m°/s": ("mdps", "mdeg/s", "m°/s"),
    "angle": ("°", "deg", "degree", "degrees", "rad", "radian", "radians"),
    "min": ("min", "mins", "minute", "minutes"),
    "s": ("s", "sec", "secs", "second", "seconds"),
    "ms": ("ms", "msec", "millis", "millisecond", "milliseconds"),
    "µs": ("us", "µs", "μs", "micros", "microsecond", "microseconds"),
    "ns": ("ns", "nsec", "nanos", "nanosecond", "nanoseconds"),
}
"""Units, and how people write them."""

TIME_UNITS = {"min": 60.0, "s": 1.0, "ms": 1e-3, "µs": 1e-6, "ns": 1e-9}
"""Seconds in one unit of time."""

_UNIT_OF = {written: unit for unit, ways in UNITS.items() for written in ways}

_SENSOR_UNITS = {"m/s²": "acceleration", "g": "acceleration", "mg": "acceleration"}
_SENSOR_UNITS |= {"rad/s": "rotation", "°/s": "rotation", "m°/s": "rotation"}

_TIME = re.compile(
    r"(time|times|ts|unix|timestamps?|elapsed|epoch?|date|datetime|utc|clock|yyyy|(time)?since\w*"
    r"|(milli|micro|nano)?sec(ond)?s|millis|nanos|micros|\w+time(stamp)?"
    r"|\w*zeit|uhrzeit|datum|temps|heure|tiempo|hora|fecha|tempo|ora|data|tijd|czas)"
)
_NO_TIME = {"zone", "timezone", "duration", "delta", "rate", "dt", "diff"}

_NOTHING = re.compile(
    r"mag\w*|\w*vector|vec|tilt|quat\w*|euler\w*|angles?|orient\w*|attitude|pitch|roll|yaw|heading|azimuth"
    r"|bias|drift|offset|std|var\w*|lat\w*|lon\w*|geo\w*|jerk|abs\w*|temp\w*|press\w*|baro\w*|compass"
)
"""Words of what is no acceleration and no rotation, although it may have three axes."""

_NOISE = {"axis", "value", "values", "val", "data", "sensor", "of", "in", "along", "the", "android"}

_WORDS = {
    "acceleration": r".*(incl|withg|total|gforce|gf$|mit(g|schw)|avecg|cong|metg|metzw|zgraw).*",
    "linear": r".*((?<!l)lin|user|without|dynamic|nograv|excl|ohne|sin(g|grav)|sans|senza|zonder"
    r"|bezg|线性).*",
    "gravity": r".*(grav|schwerkraft|zwaartekracht|graw|重力).*",
    "rotation": r".*(gyr|gir[oó]|[zż]yro|陀螺|angular|angv|omega|drehrate).*|rot\w*|ang\w*|w|g"
    r"|turn\w*",
}
"""How sensors are called, run together and in small letters, tried in this order."""
_WORDS_LAST = {
    "acceleration": r".*(acc|beschleunigung|acel|versnelling|przysp|加速度).*|a",
}

_GLUED = re.compile(
    r"((?:total|lin(?:ear)?|user)?acc(?:el|eleration|elerometer)?|gyr(?:o|oscope)?|grav(?:ity)?|gf"
    r"|lin(?:ear)?|rot(?:ation)?|rate|omega)([xyz])"
)
"""Names to which the axis is stuck without a capital: ``accx``."""

_ONLY_NUMBERED = re.compile(r"^(v|val|values?|data|axis|c|ch|col)$")
"""Names of numbered columns that say nothing of a sensor."""

_AXES = {axis: axis for axis in "xyz"} | {"alpha": "x", "beta": "y", "gamma": "z"}


@dataclass(frozen=True)
class Column:
    """What the name of a column says.

    Attributes
    ----------
    sensor : str
        "time", "acceleration" (with gravity), "linear" (without), "gravity", "rotation", or
        "unknown" where nothing but an axis is named.
    axis : str
        "x", "y", "z"; "" for times.
    unit : str
        As in `UNITS`, "" if none is named.
    name : str
        The name without axis and unit: what belongs together has the same. Of times: the sensor
        whose clock it is, "" if nobody's, "perhaps" if only the unit is one of time.
    """

    sensor: str
    axis: str
    unit: str
    name: str = ""


@dataclass(frozen=True)
class App:
    """What ``apps.yaml`` says of an app.

    Attributes
    ----------
    name : str
    marks : list of str
        Names of columns or files that only this app writes.
    signs : str
        "android", "ios", "unknown", or "" where the name of the app says nothing.
    columns : dict
        Name of a column with ``{}`` for the axis → sensor and unit.
    files : dict
        Name of a file whose columns are only called x, y and z → sensor.
    """

    name: str
    marks: list[str] = field(default_factory=list)
    signs: str = ""
    columns: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


PLAIN = App("CSV")
"""An app nobody knows."""


@cache
def apps() -> tuple[App, ...]:
    """Read ``apps.yaml``."""
    text = Path(__file__).with_name("apps.yaml").read_text(encoding="utf-8")
    return tuple(App(name, **details) for name, details in yaml.safe_load(text).items())


def app_of(tables: Iterable[Table]) -> App:
    """Recognise an app by what only this app writes."""
    tables = list(tables)
    names = {name for table in tables for name in (table.stem, *table.titles)}
    written = names | {_plain(name) for name in names}
    for app in apps():
        if written & {mark if "(" in mark else _plain(mark) for mark in app.marks}:
            return app
    if any(is_metadata(table) for table in tables):
        return next(app for app in apps() if app.name == "Sensor Logger")
    return PLAIN


def is_metadata(table: Table) -> bool:
    """Tell the file in which Sensor Logger describes the phone."""
    return table.stem == "metadata" and "platform" in table.titles


def is_worn_elsewhere(table: Table) -> bool:
    """Say whether a file is called after a watch or headphones, which are no phone."""
    return bool(re.search("watch|wrist|headphone|airpod", table.stem))


def columns(table: Table, app: App | None = None) -> dict[int, Column]:
    """Say what each column of a table holds that is of use here.

    Parameters
    ----------
    table : Table
    app : App, optional
        What wrote it; found out without it.

    Returns
    -------
    dict
        Place of a column → what it holds; empty if nothing has an axis.
    """
    app = app_of([table]) if app is None else app
    if app.name == "Sensor Logger" and is_worn_elsewhere(table):
        return {}
    titles = _lettered(table.titles)
    file = _sensor_of_file(table.stem, app)
    columns = [_column(title, file, app) for title in titles]
    found = {place: column for place, column in enumerate(columns) if column is not None}
    if _is_spectrum(table.titles, found):
        return {}
    axes = {column.axis for column in found.values() if column.axis}
    alone = not any(column.sensor != "unknown" for column in found.values() if column.axis)
    return {} if not axes or (alone and axes != set("xyz")) else found


def _is_spectrum(titles: list[str], found: dict[int, Column]) -> bool:
    """Say whether there are frequencies in place of times, as in phyphox's spectrum."""
    is_timed = any(column.sensor == "time" for column in found.values())
    return not is_timed and any(title.lower().startswith("freq") for title in titles)


def _lettered(titles: list[str]) -> list[str]:
    """Name axes that are only numbered, as ``value0`` to ``value2`` or ``acc_1`` to ``acc_3``."""
    parts = [re.fullmatch(r"(.*?)[_ \[(.]?([0-3])[\])]?", title.strip()) for title in titles]
    stems = [part[1].lower() if part else None for part in parts]
    lettered = list(titles)
    for stem in {stem for stem in stems if stem is not None}:
        places = [place for place, each in enumerate(stems) if each == stem]
        numbers = [int(part[2]) for part in parts if part and part[1].lower() == stem]
        if numbers in ([0, 1, 2], [1, 2, 3]):
            for place, axis in zip(places, "xyz", strict=True):
                lettered[place] = f"{_ONLY_NUMBERED.sub('', stem)} {axis}"
    return lettered


def _sensor_of_file(stem: str, app: App) -> str:
    """Say which sensor a file is called after; "" if after none, "nothing" if of no use."""
    plain = re.sub(r"[^a-z]", "", stem)
    known = [name for name in app.files if _plain(name) in plain]
    if known:
        return app.files[max(known, key=len)]
    words = [word for word in re.split(r"[\W_\d]+", _separated(stem)) if word]
    return _sensor(words) if "".join(words) not in ("a", "g", "w") else ""


def _column(title: str, file: str, app: App) -> Column | None:
    """Say what the name of a column means, None if nothing that is of use here."""
    words, unit = _words(title)
    known = _known(title, unit, app)
    if known:
        return known
    if _is_time(words, unit):
        return Column("time", "", unit if unit in TIME_UNITS else "", _sensor(words))
    words, axis = _axis(words)
    if not axis:
        in_brackets = unit in TIME_UNITS and not _NO_TIME & set(words)
        return Column("time", "", unit, "perhaps") if in_brackets else None  # Zeit (s)
    sensor = _sensor(words) or _of_unit(unit, file) or file or "unknown"
    if file in ("linear", "gravity") and sensor == "acceleration":
        sensor = file  # phyphox 1.2.0 calls gravity's columns as it does the accelerometer's
    if sensor == "nothing" or (unit == "angle" and not any(w.startswith("gyr") for w in words)):
        return None
    return Column(sensor, axis, _unit(unit, sensor), "".join(words))


def _of_unit(unit: str, file: str) -> str:
    """Say which sensor a unit belongs to, unless the file says it more exactly."""
    sensor = _SENSOR_UNITS.get(unit, "")
    return file if sensor == "acceleration" and file in ("linear", "gravity") else sensor


def _unit(unit: str, sensor: str) -> str:
    """Keep a unit if it is one of the sensor; people write "deg" for degrees per second."""
    return (
        unit
        if _SENSOR_UNITS.get(unit, "") == ("rotation" if sensor == "rotation" else "acceleration")
        else ""
    )


def _known(title: str, unit: str, app: App) -> Column | None:
    """Look a name up in what ``apps.yaml`` says of the app."""
    plain = _plain(title)
    for template, (sensor, usual) in app.columns.items():
        for written, axis in _AXES.items():
            if plain == _plain(template.format(written)):
                kind, _, quality = sensor.partition(" ")
                return Column(kind, axis, _unit(unit, kind) or usual, _plain(template) + quality)
    return None


def _is_time(words: list[str], unit: str) -> bool:
    """Say whether a name is that of a column of times."""
    if not words:
        return unit in TIME_UNITS
    if words == ["t"] or (len(words) == 1 and _UNIT_OF.get(words[0]) in TIME_UNITS):
        return True
    return any(_TIME.fullmatch(word) for word in words) and not _NO_TIME & set(words)


def _axis(words: list[str]) -> tuple[list[str], str]:
    """Take the axis out of a name: ``acc x``, ``x acc``, ``ax``, ``accx``."""
    words = [word for word in words if word not in _NOISE]
    for place in (-1, 0):
        if words and words[place] in _AXES and (words[place] in "xyz" or len(words) > 1):
            axis = _AXES[words.pop(place)]
            return words, axis
    for place in reversed(range(len(words))):
        word = words[place]
        glued = _GLUED.fullmatch(word) or re.fullmatch(r"(a|g|w|gf)([xyz])", word)
        if glued:
            return [*words[:place], glued[1], *words[place + 1 :]], glued[2]
        if word in _AXES and len(word) == 1:
            return words[:place] + words[place + 1 :], word
    return words, ""


def _sensor(words: list[str]) -> str:
    """Say which sensor words are about; "nothing" if of none of use, "" if they do not say."""
    name = "".join(words)
    if any(_NOTHING.fullmatch(word) for word in words):
        return "nothing"
    for sensor, pattern in (*_WORDS.items(), *_WORDS_LAST.items()):
        if re.fullmatch(pattern, name):
            return sensor
    return ""


def sensor_called(text: str) -> str:
    """Say which sensor somebody calls by a name, "" if none of use: ``Accelerometer``."""
    sensor = _sensor(re.split(r"[\W_]+", _separated(text)))
    return "" if sensor == "nothing" else sensor


def _words(title: str) -> tuple[list[str], str]:
    """Split a name into words and a unit: ``Acceleration x (m/s^2)``, ``accX``, ``gyro_y_dps``."""
    parts = re.match(r"([^(\[]*)[(\[]?([^)\]]*)[)\]]?(.*)", title)
    assert parts is not None  # every part may be empty
    text, unit, rest = parts.groups()
    if rest.strip().lower() in _AXES and text.strip():
        text = f"{text} {rest}"  # acceleration (g) x
    if (not text.strip() and unit) or unit.strip().lower() in _AXES:
        text, unit = f"{text} {unit}", "" if text.strip() else unit  # (s), accel(x)
    words = [word for word in re.split(r"[\W_]+", _separated(text)) if word]
    unit = unit.strip().lower().replace(" ", "")
    last = words[-1] if words else ""
    if not unit and last in _UNIT_OF and len(words) > 1:
        unit = words.pop()
    elif not unit and words and (words[0] in ("seconds", "milliseconds") or last in _UNIT_OF):
        unit = words[0]
    return words, _UNIT_OF.get(unit, unit)


def _separated(text: str) -> str:
    """Part words that are only told by capitals, and write them small."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return re.sub(r"(?<=[A-Z])(?=[A-Z][a-z])", " ", parted).lower()


def _plain(name: str) -> str:
    """Return a name without unit, capitals, spaces and marks."""
    text = re.sub(r"[(\[].*", "", name).lower()
    return re.sub(r"[\W_]", "", text) or re.sub(r"[\W_]", "", name.lower())
