"""What each sensor measured, out of the columns of a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from har_utils.phone import clocks
from har_utils.phone.columns import App, Column, columns, sensor_called
from har_utils.phone.tables import Table

SPARSE = 0.1
"""Share of the rows below which axes do not stand in the same row, but each in its own."""

_NAMES_OF_SENSORS = {"sensor", "sensorname", "sensortype", "type", "name", "source"}
"""How a column is called that says which sensor a row is of."""


class NothingMeasuredError(ValueError):
    """The columns of a sensor are there and empty: the phone has no such sensor."""


@dataclass(frozen=True, eq=False)
class Reading:
    """What one sensor measured.

    Attributes
    ----------
    sensor : str
        As in `Column`.
    seconds : ndarray of shape (n,)
        Increasing.
    values : ndarray of shape (n, 3), float32
        In the unit of the file.
    unit : str
        The unit the file names, or "".
    columns : tuple of int
        Where x, y and z are in the table.
    rows : ndarray of shape (n,)
        Which rows of the table these are.
    table : Table
        Where it is from.
    name : str
        What the columns are called, without axis and unit.
    notes : tuple of str
        What had to be mended.
    """

    sensor: str
    seconds: np.ndarray
    values: np.ndarray
    unit: str
    columns: tuple[int, ...]
    rows: np.ndarray
    table: Table
    name: str = ""
    notes: tuple[str, ...] = ()

    @property
    def is_raw(self) -> bool:
        """Say whether the phone also has it calibrated."""
        words = self.name + self.table.stem
        return any(word in words for word in ("uncal", "raw_", "rawacc", "rawgyr"))


def readings(table: Table, app: App) -> tuple[list[Reading], dict[str, list[ValueError]]]:
    """Read every sensor that a table holds.

    Parameters
    ----------
    table : Table
        Without cells.
    app : App

    Returns
    -------
    list of Reading
        What was measured.
    dict
        Sensor → why it cannot be used: it measured nothing, or too seldom.

    Raises
    ------
    ValueError
        If times or axes are missing, or a cell is not what it should be.
    """
    found = columns(table, app)
    if not found:
        return [], {}
    groups = list(_groups(table, found))
    label = _label(table) if any(sensor == "unknown" for sensor, _ in groups) else []
    loaded = table.load([*found, *label])
    every_row = np.arange(len(loaded.rows))
    wanted = [(sensor, "", places, every_row) for sensor, places in groups]
    if label:
        named = loaded.texts(label[0])
        kinds = {name: sensor_called(name) for name in dict.fromkeys(named.tolist())}
        wanted = [
            (kind, name, groups[0][1], every_row[named == name])
            for name, kind in kinds.items()
            if kind
        ] or wanted
    read: list[Reading] = []
    unused: dict[str, list[ValueError]] = {}
    for sensor, name, places, rows in wanted:
        try:
            reading = _reading(loaded, sensor, places, found, rows)
        except (NothingMeasuredError, clocks.TooSlowError) as error:
            unused.setdefault(sensor, []).append(error)
        except ValueError:
            if "acceleration" in unused:
                raise unused["acceleration"][0] from None  # the graver fault
            raise
        else:
            read.append(replace(reading, name=name) if name else reading)
    return read, unused


def _label(table: Table) -> list[int]:
    """Find the column that says which sensor a row is of."""
    plain = ["".join(filter(str.isalpha, title.lower())) for title in table.titles]
    return [place for place, title in enumerate(plain) if title in _NAMES_OF_SENSORS][:1]


def _groups(table: Table, found: dict[int, Column]) -> Iterator[tuple[str, tuple[int, int, int]]]:
    """Yield what belongs together: a sensor and the places of its three axes."""
    sensors = dict.fromkeys(column.sensor for column in found.values() if column.axis)
    if sensors.keys() & {"acceleration", "linear", "gravity"}:  # x, y, z beside a gyroscope stay
        sensors.pop("unknown", None)
    for sensor in sensors:
        of_sensor = {at: column for at, column in found.items() if column.sensor == sensor}
        names = list(dict.fromkeys(column.name for column in of_sensor.values()))
        whole = [of_sensor]
        if len(of_sensor) != 3:
            each = [{a: c for a, c in of_sensor.items() if c.name == name} for name in names]
            whole = each if all(len(group) == 3 for group in each) else whole
        for group in whole:
            x, y, z = (_place(table, sensor, axis, group) for axis in "xyz")
            yield sensor, (x, y, z)


def _place(table: Table, sensor: str, axis: str, found: dict[int, Column]) -> int:
    """Find the column of one axis of one sensor."""
    places = [place for place, column in found.items() if column.axis == axis]
    if len(places) != 1:
        many = f"{len(places)} columns" if places else "no column"
        raise table.refusal(f"{many} for the {axis} axis of {sensor} (there are: {table.shown})")
    return places[0]


def _reading(
    table: Table,
    sensor: str,
    places: tuple[int, int, int],
    found: dict[int, Column],
    rows: np.ndarray,
) -> Reading:
    """Read one sensor from some rows; those where anything is missing are left out."""
    times = _times(table, found, sensor)
    values = np.empty((len(rows), 3), dtype=np.float32)
    for axis, place in enumerate(places):
        values[:, axis] = table.numbers(place)[rows]
    there = np.isfinite(values)
    if there.all(axis=1).sum() < SPARSE * there.any(axis=1).sum():
        values = _met(clocks.finest(table, times, rows)[1], values)
    whole = np.isfinite(values).all(axis=1)
    if whole.sum() < 2:
        raise NothingMeasuredError(str(table.refusal("no numbers in it", places[0])))
    if not whole.all():
        rows, values = rows[whole], values[whole]
    clock = clocks.read(table, times, rows, values)
    column = found[places[0]]
    if len(clock.kept) < len(rows) or (np.diff(clock.kept) != 1).any():
        rows, values = rows[clock.kept], values[clock.kept]
    emptied = replace(table, cells={})  # an hour is not to be kept twice
    return Reading(
        sensor, clock.seconds, values, column.unit, places, rows, emptied, column.name, clock.notes
    )


def _met(seconds: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Bring axes together that stand in rows of their own, at the times of x."""
    at, met = np.isfinite(values[:, 0]), np.full_like(values, np.nan)
    for axis, column in enumerate(values.T):
        there = np.isfinite(column) & np.isfinite(seconds)
        if there.any():
            met[at, axis] = np.interp(seconds[at], seconds[there], column[there])
    return met


def _times(table: Table, found: dict[int, Column], sensor: str) -> dict[int, Column]:
    """Find the columns of times: the sensor's own if each has one, or else nobody's in particular.

    Two clocks of one phone may begin at different moments; of two kinds they are not mixed.
    """
    times = {place: column for place, column in found.items() if column.sensor == "time"}
    if not times:
        raise table.refusal(f"no column of times (there are: {table.shown})")
    own = {place: column for place, column in times.items() if column.name == sensor}
    shared = {place: column for place, column in times.items() if not column.name}
    sensors = {column.sensor for column in found.values() if column.axis}
    if shared and not sensors <= {column.name for column in times.values()}:
        return shared
    return own or shared or times
