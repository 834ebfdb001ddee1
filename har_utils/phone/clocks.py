"""When each sample was taken: columns of times, whatever their unit, and clocks that misbehave."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from har_utils.phone.columns import TIME_UNITS, Column
from har_utils.phone.tables import LONGEST_SHOWN, Table

LOWEST_RATE, HIGHEST_RATE = 20.0, 2000.0
"""Samples per second that a recording may have."""

FASTEST_UNNAMED = 550.0
"""Samples per second up to which a unit of time is guessed; no phone is faster by itself."""

LONGEST_GAP = 1800.0
"""Seconds without a sample within one recording; after a longer pause it is another one."""

WAVERS = 0.1
"""Seconds by which times may go back without a note: apps write samples a little out of turn."""

PAUSE = 2.0
"""Seconds without a sample that are no whim of the clock: nothing was recorded."""

NOW = (1.0e9, 2.2e9)
"""Seconds since 1970 that times of a phone can be: of the years 2001 to 2039."""


class TooSlowError(ValueError):
    """A sensor took fewer samples per second than are needed."""


@dataclass(frozen=True, eq=False)
class Clock:
    """When the rows of a table were recorded.

    Attributes
    ----------
    seconds : ndarray of shape (n,)
        Increasing.
    kept : ndarray of shape (n,), int
        Which of the rows these are.
    notes : tuple of str
        What had to be mended.
    """

    seconds: np.ndarray
    kept: np.ndarray
    notes: tuple[str, ...]


def read(table: Table, places: dict[int, Column], rows: np.ndarray, values: np.ndarray) -> Clock:
    """Read the times of some rows, from the finest of several columns.

    Parameters
    ----------
    table : Table
    places : dict
        Place → what the column's name says.
    rows : ndarray of shape (n,), int
        Rows of the table.
    values : ndarray of shape (n, 3)
        What was measured; equal times with equal values are one sample.

    Raises
    ------
    ValueError
        If no column can be read, time goes back, or samples are too few or too far apart.
    """
    place, seconds = finest(table, places, rows)
    there = np.flatnonzero(np.isfinite(seconds))
    there, said = _begun(seconds, *_turned(seconds, there))
    if len(there) < 2:
        raise table.refusal("no times in it", place)
    if seconds[there].max() == seconds[there].min():
        raise table.refusal("all times are the same; did a spreadsheet round them?", place)
    if len(there) < len(seconds) or there[0]:
        seconds, rows, values = seconds[there], rows[there], values[there]
    order = _in_order(table, seconds, rows, values)
    even, notes = _evened(seconds[order])
    _assert_dense(table, place, even, rows[order])
    return Clock(even, there[order], (*said, *_step_back(table, seconds, rows), *notes))


def finest(table: Table, places: dict[int, Column], rows: np.ndarray) -> tuple[int, np.ndarray]:
    """Choose the column with the most different times; of equals the one in named seconds."""
    found, problems = {}, []
    for place, column in places.items():
        try:
            found[place] = _seconds(table, place, column.unit, rows)
        except ValueError as error:
            problems.append(error)
    units = {place: places[place].unit for place in found}
    found |= _with_milliseconds(table, units, rows, found)
    forward = {place: at for place, at in found.items() if not _goes_back(at)} or found
    if not forward:
        raise problems[0]
    if len(forward) == 1:
        return next(iter(forward.items()))
    return max(
        forward.items(),
        key=lambda one: (len(np.unique(one[1])), places[one[0]].unit == "s"),
    )


def _with_milliseconds(
    table: Table, units: dict[int, str], rows: np.ndarray, found: dict[int, np.ndarray]
) -> dict[int, np.ndarray]:
    """Add milliseconds that begin anew each second to the dates beside them."""
    dates = [place for place in found if table.is_text(place)]
    for place, unit in units.items():
        if not dates or unit != "ms" or place in dates:
            continue
        part = table.numbers(place)[rows]
        known = part[np.isfinite(part)]
        within = len(known) and known.min() >= 0 and known.max() < 1000
        if within and (np.diff(part) < 0).any():
            return {place: np.floor(found[dates[0]]) + part / 1000}
    return {}


def _goes_back(seconds: np.ndarray) -> bool:
    return bool((np.diff(seconds) < -1).any())


TICK = 1e-7
"""Seconds of a tick of .NET, which are counted from the year 1."""

TICKS_OF_NOW = (6.2e17, 6.6e17)
"""Ticks of the years 1965 to 2092."""

# ---- Numbers and dates ---------------------------------------------------------------------------


def _seconds(table: Table, place: int, named: str, rows: np.ndarray) -> np.ndarray:
    """Read a column of times as seconds since whenever."""
    if table.is_text(place):
        return _clock_seconds(table, place)[rows]
    numbers = table.numbers(place)[rows]
    dates = None if named else _digits_of_dates(numbers)
    if dates is not None:
        return dates
    if not named and TICKS_OF_NOW[0] < np.nanmedian(numbers) < TICKS_OF_NOW[1]:
        return (numbers - numbers[0]) * TICK
    return numbers * TIME_UNITS[_time_unit(table, place, named, numbers)]


def _time_unit(table: Table, place: int, named: str, numbers: np.ndarray) -> str:
    """Tell the unit of times: by name, by the year they mean, or by the step between samples.

    Between samples of a phone lie 2 to 50 ms; read in a wrong unit they are a thousand times more
    or less, so only one unit fits.
    """
    numbers = numbers[np.isfinite(numbers)]
    if len(numbers) and (np.diff(numbers) <= 0).all():
        numbers = numbers[::-1]  # newest first
    steps, middle = _steps(numbers), len(numbers) // 2
    since_1970 = [
        unit for unit, one in TIME_UNITS.items() if _is_now(numbers[middle : middle + 1] * one)
    ]
    unit = named or "".join(since_1970)
    fastest = HIGHEST_RATE if unit else FASTEST_UNNAMED
    fitting, step = [], steps[0]
    for step in steps:
        fitting = [
            each
            for each, one in TIME_UNITS.items()
            if 0.99 / fastest <= step * one <= 1.01 / LOWEST_RATE
        ]
        if unit in fitting or (fitting and not unit):
            break
    else:
        step = steps[0]
    unit = unit or "".join(fitting[:1])
    if unit in fitting:
        return unit
    slow = unit and LOWEST_RATE / 130 < 1 / max(step * TIME_UNITS[unit], 1e-12) < LOWEST_RATE
    if slow or (unit and step == 0):
        return unit  # the clock is right, the sensor too slow: said where samples are counted
    if not unit and step:
        _assert_guessed(table, place, step)
    problem = f"{step:g} {unit or 's, ms, µs or ns'} between samples is not {LOWEST_RATE:g} to "
    advice = f"; are these {fitting[0]}?" if fitting else ""
    raise table.refusal(f"{problem}{HIGHEST_RATE:g} samples per second{advice}", place)


def _assert_guessed(table: Table, place: int, step: float) -> None:
    """Refuse times whose unit is not named where one would make a rate that is nearly usual."""
    if FASTEST_UNNAMED < 1 / step <= HIGHEST_RATE:
        problem = f"{1 / step:.4g} samples per second, if these are seconds; then call it"
        raise table.refusal(f"{problem} 'time (s)'", place)
    for unit, one in TIME_UNITS.items():
        if unit != "min" and 1 < 1 / (step * one) < LOWEST_RATE:
            raise _too_slow(table, place, 1 / (step * one))


def _steps(numbers: np.ndarray) -> tuple[float, float]:
    """Return the mean step between samples: without what may be pauses, and over all.

    Equal times count: a step of one second between rounded times is shared by many samples.
    """
    steps = np.diff(numbers)
    if not (steps > 0).any():
        return 0.0, 0.0
    usual = np.median(steps[steps > 0])
    near = steps[(steps >= 0) & (steps < 100 * usual)]
    return float(near.mean()), float(steps.mean())


def _is_now(seconds: np.ndarray) -> bool:
    return len(seconds) > 0 and NOW[0] < seconds[0] < NOW[1]


def _clock_seconds(table: Table, place: int) -> np.ndarray:
    """Read dates and times as ISO 8601 and most apps write them."""
    texts = pd.Series(table.texts(place))
    times = _parsed(texts)
    wrong = np.isnan(times) & (texts != "").to_numpy()
    if wrong.any():
        row = int(np.argmax(wrong))
        shown = texts[row][:LONGEST_SHOWN]
        problem = f"{shown!r} is neither a number nor a time like 2024-05-01T10:00:00.020"
        raise table.refusal(problem, place, row)
    return times


def _parsed(texts: pd.Series) -> np.ndarray:
    """Read dates and times of day; NaN where that fails."""
    parts = r"(\d\d?:\d\d:\d\d)[:._,;](\d{1,9})"  # 10:20:30:123, as some apps count milliseconds
    texts = texts.str.replace(parts, r"\1.\2", regex=True)
    texts = texts.str.replace(r"^\s*(\d\d?:\d\d[.,]\d+)$", r"0:\1", regex=True)  # 10:30.123
    if texts[texts != ""].str.fullmatch(r"\s*T?\d\d?:\d\d?:\d.*").all():
        return _times_of_day(texts)
    with_points = texts.str.replace(r"(\d)\.(\d\d?)\.(\d{4})", r"\1/\2/\3", regex=True)
    times = _as_seconds(with_points, format="ISO8601")
    if not (np.isnan(times) & (texts != "").to_numpy()).any():
        return times
    has_points = bool((with_points != texts).any())  # 24.12.2024: wherever points are used
    tried = {
        day_first: _as_seconds(with_points, format="mixed", dayfirst=day_first)
        for day_first in (False, True)
    }
    day_first = min(
        tried,
        key=lambda each: (np.isnan(tried[each]).sum(), has_points > each, _leaps(tried[each])),
    )
    mixed = tried[day_first]
    return times if np.isnan(times).sum() <= np.isnan(mixed).sum() else mixed


def _as_seconds(texts: pd.Series, **style: Any) -> np.ndarray:
    """Read dates as seconds since 1970; NaN where that fails."""
    try:
        times = pd.to_datetime(texts, errors="coerce", utc=True, **style)
        return (times - pd.Timestamp(0, tz="UTC")).dt.total_seconds().to_numpy()
    except (OverflowError, pd.errors.OutOfBoundsDatetime):  # "coerce" does not catch the year 1
        return np.full(len(texts), np.nan)


def _leaps(seconds: np.ndarray) -> bool:
    """Say whether times go back or leap, as they do at midnight if day and month are confused."""
    steps = np.diff(seconds[np.isfinite(seconds)])
    return bool(len(steps) and (steps.min() < -1 or steps.max() > LONGEST_GAP))


def _digits_of_dates(numbers: np.ndarray) -> np.ndarray | None:
    """Read 20240501100000 or 20240501100000020 as a date; None if it is a number."""
    there = numbers[np.isfinite(numbers)]
    if not len(there) or not any(
        2.0 * one <= there.min() and there.max() < 2.1 * one for one in (1e13, 1e16)
    ):
        return None
    whole, thousandths = np.divmod(numbers, 1000) if there[0] > 1e15 else (numbers, 0 * numbers)
    days, seconds = np.divmod(np.where(np.isfinite(whole), whole, there[0]), 1_000_000)
    hour, minute, second = seconds // 10_000, seconds // 100 % 100, seconds % 100
    date = pd.to_datetime(pd.Series(days.astype(int).astype(str)), format="%Y%m%d", errors="coerce")
    if date.isna().any() or hour.max() > 23 or minute.max() > 59 or second.max() > 59:
        return None  # nanoseconds since the phone was started, say
    midnight = (date - pd.Timestamp(0)).dt.total_seconds().to_numpy()
    return midnight + 3600 * hour + 60 * minute + second + thousandths / 1000


def _times_of_day(texts: pd.Series) -> np.ndarray:
    """Read times without a date; after midnight they go on."""
    half = texts.str.extract(r"([AaPp])\.?[Mm]\.?\s*$")[0].str.lower()  # 10:20:30 AM
    texts = texts.str.replace(r"\s*[AaPp]\.?[Mm]\.?\s*$", "", regex=True)
    times = pd.to_timedelta(texts.where(texts != ""), errors="coerce").dt.total_seconds().to_numpy()
    times = np.where(half.notna(), times % 43_200 + 43_200 * (half == "p"), times)
    midnights = np.cumsum(np.append(0, np.nan_to_num(np.diff(times)) < -43_200))
    return times + 86_400 * midnights


# ---- Clocks that misbehave -----------------------------------------------------------------------


def _turned(seconds: np.ndarray, there: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Turn rows round of which the newest stands first."""
    steps = np.diff(seconds[there])
    if len(steps) and (steps <= 0).all() and steps.any():
        return there[::-1], ["the newest row stands first in the file: rows were turned round"]
    return there, []


def _begun(
    seconds: np.ndarray, there: np.ndarray, notes: list[str]
) -> tuple[np.ndarray, list[str]]:
    """Leave out a lone first sample that is left from long before."""
    if len(there) > 2 and seconds[there[1]] - seconds[there[0]] > LONGEST_GAP:
        return there[1:], [*notes, "the first sample was from long before and was left out"]
    return there, notes


def _step_back(table: Table, seconds: np.ndarray, rows: np.ndarray) -> list[str]:
    """Note that the clock was set back by more than it wavers."""
    steps = np.diff(seconds)
    if not len(steps) or steps.min() > -WAVERS:
        return []
    row = int(np.argmin(steps)) + 1
    return [
        f"time went back by {-steps.min():.2g} s at row {table.rows[rows[row]]}: the rows were put "
        "in the order of time, and where two stretches overlap they are mixed"
    ]


def _in_order(
    table: Table, seconds: np.ndarray, rows: np.ndarray, values: np.ndarray
) -> np.ndarray:
    """Put samples in the order of time, and leave out those that stand there twice."""
    back = np.flatnonzero(np.diff(seconds) < -1)
    if len(back):
        row = back[0] + 1
        problem = f"time goes back by {seconds[row - 1] - seconds[row]:.1f} s"
        raise table.refusal(f"{problem}; are these two recordings?", row=rows[row])
    order = np.arange(len(seconds))
    if (np.diff(seconds) < 0).any():
        order = np.argsort(seconds, kind="stable")
    same_time = np.diff(seconds[order]) == 0
    if not same_time.any():
        return order
    same = same_time & (np.diff(values[order], axis=0) == 0).all(axis=1)
    if same.sum() < 0.9 * same_time.sum():
        return order  # a clock that was rounded: what was measured may well be equal, too
    return order[np.append(True, ~same)]


def _evened(seconds: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """Spread samples evenly whose times a spreadsheet rounded or a clock gave in bursts."""
    notes = []
    equal = int((np.diff(seconds) == 0).sum())
    if equal:
        seconds = _spread(seconds)
        notes.append(
            f"{equal} of {len(seconds)} times were equal to the one before (rounded?): such "
            "samples were spread evenly"
        )
    if _comes_in_bursts(seconds):
        seconds = _straightened(seconds)
        notes.append("the clock stood still between bursts of samples: they were spread evenly")
    return seconds, tuple(notes)


def _spread(seconds: np.ndarray) -> np.ndarray:
    """Spread equal times over the time until the next one."""
    first = np.flatnonzero(np.append(True, np.diff(seconds) > 0))
    count = np.diff(np.append(first, len(seconds)))
    length = np.diff(seconds[first])
    if not len(length):
        return seconds
    whole = length[1:].sum() if len(length) > 1 else length.sum()
    usual = whole / count[min(1, len(length) - 1) : -1].sum()
    step = np.append(length, usual * count[-1]) / count
    step[step > 3 * usual] = usual  # a pause follows
    start = seconds[first]
    start[0] = start[0] if count[0] == 1 else start[0] + max(length[0] - usual * count[0], 0)
    step[0] = min(step[0], usual)
    behind = np.arange(len(seconds)) - np.repeat(first, count)
    return np.repeat(start, count) + behind * np.repeat(step, count)


def rate(seconds: np.ndarray) -> float:
    """Return how many samples a second a sensor took while it recorded."""
    steps = np.diff(seconds)
    recorded = steps[steps < PAUSE] if (steps < PAUSE).any() else steps
    return float(len(recorded) / recorded.sum()) if len(recorded) else 0.0


def _comes_in_bursts(seconds: np.ndarray) -> bool:
    """Say whether most samples follow each other much faster than they were taken."""
    steps = np.diff(seconds)
    usual = np.median(steps)
    if usual * rate(seconds) >= 0.45:
        return False
    waits = steps > 2 * usual
    lone = waits & ~np.append(False, waits[:-1])
    return bool(lone.sum() > 0.5 * waits.sum())  # an app that slows down waits again and again


def _straightened(seconds: np.ndarray) -> np.ndarray:
    """Lay a straight line through the times between two pauses."""
    ends = np.flatnonzero(np.diff(seconds) >= PAUSE) + 1
    usual = 1 / rate(seconds)
    pieces = [_line(piece, usual) for piece in np.split(seconds, ends)]
    for before, piece in itertools.pairwise(pieces):
        late = before[-1] + usual - piece[0]  # of two short pieces one may reach into the other
        piece += max(late, 0.0)
    return np.concatenate(pieces)


def _line(seconds: np.ndarray, usual: float) -> np.ndarray:
    """Spread times evenly; by the usual step where there are too few to tell their own."""
    number = np.arange(len(seconds)) - (len(seconds) - 1) / 2
    step = usual
    if len(seconds) * usual > PAUSE:
        step = (number @ seconds) / (number @ number)
    return seconds.mean() + step * number


def _assert_dense(table: Table, place: int, seconds: np.ndarray, rows: np.ndarray) -> None:
    """Refuse a sensor that was too slow, or that rested for so long that it is another walk."""
    steps = np.diff(seconds)
    per_second = 1 / max(np.median(steps), 1e-9) if len(steps) else 0.0
    if per_second < LOWEST_RATE * 0.99:
        raise _too_slow(table, place, per_second)
    if steps.max() > LONGEST_GAP:
        row = int(np.argmax(steps)) + 1
        problem = f"{steps.max() / 60:.0f} minutes without a sample before it; cut the file there"
        raise table.refusal(problem, place, rows[row])


def _too_slow(table: Table, place: int, per_second: float) -> TooSlowError:
    """Say that a sensor took too few samples, and what to do."""
    problem = f"{per_second:.3g} samples per second; {LOWEST_RATE:g} are needed"
    return TooSlowError(str(table.refusal(f"{problem}: set the app to 50 or more", place)))
