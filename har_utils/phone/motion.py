"""From what sensors measured to acceleration in g and rotation in rad/s, as Android counts."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from har_utils import signals
from har_utils.phone import clocks, tables
from har_utils.phone.columns import App, app_of, is_metadata
from har_utils.phone.readings import Reading
from har_utils.phone.tables import Table

STANDARD_GRAVITY = 9.80665
"""One g in m/s²."""

FASTEST_ROTATION = 40.0
"""No phone's gyroscope measures more, in rad/s (2000 degrees per second are 35)."""

NAMES_EXPECTED = "time, acc_x, acc_y, acc_z, gyro_x, gyro_y, gyro_z"
"""Names of columns that are understood, for the errors."""

ONE_G = {"g": 1.0, "m/s²": STANDARD_GRAVITY, "mg": 1000.0}
"""One g in each unit of acceleration."""

BLOCK = 1.0
"""Seconds over which acceleration is averaged: what the body adds goes, gravity stays."""

LEAST_SHARE = 0.5
"""Least part of the acceleration that gravity is, if it is in it; somebody who runs has 0.7."""

LEAST_STEADY = 0.4
"""Least part of its usual length that acceleration averaged over a second keeps nine times in ten.

Sensors that end at ±2 g cut off the strides of somebody who jogs: beside walking this leaves 0.59
of 1 g, as looked up on the people of four data sets.
"""

EVEN = 0.8
"""Acceleration that keeps so much of its usual length is gravity and hardly anything else."""

LENGTHS_OF_GRAVITY = (0.6, 1.4)
"""Between which lengths, in g, gravity can be measured; such sensors make it 0.62 in jogging alone.

Filtered out of recordings of the same people it leaves 0.3 at most, and less than `LEAST_SHARE`.
"""

USUAL_GRAVITY = (0.9, 1.1)
"""How long gravity may be, in g, before it is worth a note: no phone is off by a tenth."""

LONGEST_CHECK = 15_000
"""Samples, five minutes, over which accelerometer and gyroscope are compared."""

LEAST_TURNING, MOST_TURNING = 0.25, 20.0
"""Gravity's turning, as a share of what the gyroscope says of it, that can be.

In the data set's training recordings it is 0.75 to 5.7, whatever people do (more than 1, since
steps shake the accelerometer); taken for radians, degrees make it less than 0.1.
"""

LEAST_MOTION = 0.05
"""How much the length of acceleration varies, in g, where somebody moves (standard deviation)."""

LONGEST_LAG, LEAST_LAG, LAG_STEP = 150, 38, 5
"""Samples by which a gyroscope may lag: 3 s at most, tried 0.1 s apart; 0.75 s is much."""

LEAST_LIKENESS, LEAST_GAIN = 0.9, (0.01, 0.4)
"""How alike both sensors' motion must be with a lag, as a correlation; how much more than without:
by itself, and as a share of what was missing to 1.

Looked up, as `LEAST_LAG`, on people of four data sets and the course's training subjects: none of
466 recordings is noted. With a gyroscope a second late all 42 of the training subjects are, who
rest and move in turn, and 214 of all: who does one thing moves too evenly.
"""


# ---- Who wrote it --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Source:
    """What wrote an export.

    Attributes
    ----------
    app : App
    platform : str
        "iOS", "Android", or "" where it is not known.
    standardised : bool
        Sensor Logger was told to write the same on iOS as on Android.
    """

    app: App
    platform: str = ""
    standardised: bool = False

    @property
    def title(self) -> str:
        """Name it: ``Sensor Logger (iOS)``."""
        shown = self.platform and self.app.name == "Sensor Logger"
        return f"{self.app.name} ({self.platform})" if shown else self.app.name


def source_of(found: list[Table]) -> Source:
    """Recognise the app, and iOS or Android where that is written anywhere."""
    app = app_of(found)
    if app.name != "Sensor Logger":
        platform = {"ios": "iOS", "android": "Android"}.get(app.signs, "")
        return Source(app, platform)
    about = next((table for table in found if is_metadata(table)), None)
    if about is None:
        return Source(app)
    about = about.load(range(len(about.titles)))
    facts = {
        title: str(about.texts(place)[0]).lower() if len(about.rows) else ""
        for place, title in enumerate(about.titles)
    }
    platform = {"ios": "iOS", "android": "Android"}.get(facts.get("platform", ""), "")
    return Source(app, platform, facts.get("standardisation", "") == "true")


# ---- Acceleration --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Gravity:
    """What is left of acceleration in the mean over `BLOCK` seconds.

    Attributes
    ----------
    length : float
        How long it is, in the unit of the file.
    most : float
        How long it can be: the mean vector of a limb that swings is shorter than gravity, the mean
        length of acceleration is not.
    share : float
        Its part of the whole; 1 if nothing moves, near 0 if gravity was left out.
    """

    length: float
    most: float
    share: float

    def unit(self, named: str) -> str:
        """Tell the unit from the length, "" if gravity is not in it."""
        if self.share < LEAST_SHARE:
            return ""
        for unit, one in ONE_G.items():
            fits = LENGTHS_OF_GRAVITY[0] < self.length / one < LENGTHS_OF_GRAVITY[1]
            if fits and (unit != "mg" or named == "mg"):
                return unit
        return ""


def gravity_in(reading: Reading) -> Gravity:
    """Measure gravity in acceleration.

    Acceleration that is always about as long is gravity, however fast it turns.
    """
    every = reading.values[:: max(len(reading.values) // LONGEST_CHECK, 1)]
    of_samples = np.linalg.norm(every, axis=1)
    shortest, whole, longest = (float(each) for each in np.quantile(of_samples, (0.05, 0.5, 0.95)))
    most = float(np.mean(of_samples, dtype=float))
    if whole and shortest > EVEN * whole and longest < whole / EVEN:
        return Gravity(whole, most, 1.0)
    block = max(int(BLOCK * clocks.rate(reading.seconds)), 1)
    n_blocks = max(len(reading.values) // block, 1)
    starts = np.linspace(0, len(reading.values), n_blocks, endpoint=False).astype(int)
    sums = np.add.reduceat(reading.values, starts, axis=0, dtype=float)
    means = sums / np.diff(np.append(starts, len(reading.values)))[:, np.newaxis]
    lengths = np.linalg.norm(means, axis=1)
    usual = float(np.median(lengths))
    steady = np.quantile(lengths, 0.1) > LEAST_STEADY * usual or len(lengths) < 3
    share = usual / whole if whole and steady else 0.0
    return Gravity(usual, most, share)


def acceleration(
    readings: list[Reading], source: Source, found: list[Table], name: str
) -> tuple[Reading, list[str]]:
    """Take acceleration with gravity, in g, and as Android has it: lying face up, z is +1.

    Whether gravity is in it, the mean vector tells; names only where that leaves two answers.

    Returns
    -------
    Reading
    list of str
        Notes.

    Raises
    ------
    ValueError
        If there is none, there are two, or gravity was left out.
    """
    kinds = _by_kind(readings)
    total = _pick(kinds["acceleration"], "acceleration", name)
    if total is not None and kinds["linear"] and _is_gravity(total, kinds["linear"][0]):
        kinds["gravity"], total = [total], None
    notes: list[str] = []
    is_sum = False
    if total is None:
        total, notes = _sum_of(kinds, name)
        is_sum = total is not None
    if total is None:
        raise _refusal(kinds, readings, found, name)
    gravity = gravity_in(kinds["gravity"][0] if is_sum else total)
    unit = total.unit if is_sum else gravity.unit(total.unit)
    if total.unit not in ("", unit):
        notes.append(f"acceleration is in {unit}, though its columns say {total.unit}")
    length, most = gravity.length / ONE_G[unit], gravity.most / ONE_G[unit]
    if length > USUAL_GRAVITY[1] or most < USUAL_GRAVITY[0]:
        notes.append(
            f"gravity is {length:.2f} g long in this recording, not 1 g: is an axis of the "
            "accelerometer wrong, or its scale?"
        )
    total = replace(total, values=total.values / ONE_G[unit])
    total, said = _signed(total, source, unit, is_sum, found, name)
    return total, [*notes, *said]


def _by_kind(readings: list[Reading]) -> dict[str, list[Reading]]:
    """Sort readings by whether gravity is in them."""
    kinds: dict[str, list[Reading]] = {"acceleration": [], "linear": [], "gravity": [], "other": []}
    for reading in readings:
        gravity = gravity_in(reading)
        has = bool(gravity.unit(reading.unit))
        if reading.sensor == "gravity" or (reading.name == "g" and has):
            kinds["gravity"].append(reading)
        elif reading.sensor == "rotation":
            continue
        elif has and _believed(reading, gravity):
            kinds["acceleration"].append(reading)
        elif reading.sensor == "acceleration" and gravity.share >= LEAST_SHARE:
            kinds["other"].append(reading)
        elif reading.sensor != "unknown":
            kinds["linear"].append(reading)
        else:
            kinds["other"].append(reading)
    if any(each.sensor != "linear" for each in kinds["acceleration"]):
        wrongly = [each for each in kinds["acceleration"] if each.sensor == "linear"]
        kinds["acceleration"] = [e for e in kinds["acceleration"] if e.sensor != "linear"]
        kinds["linear"] += wrongly
    return kinds


def _believed(reading: Reading, gravity: Gravity) -> bool:
    """Say whether a length of 1 is believed, though the columns name m/s² or leave gravity out."""
    as_named = gravity.unit(reading.unit) == reading.unit or not reading.unit
    if reading.sensor == "linear":
        return as_named and gravity.share > 0.9 and gravity.length > 0.9 * STANDARD_GRAVITY
    return as_named or gravity.share > 0.9


def _pick(found: list[Reading], sensor: str, name: str) -> Reading | None:
    """Take the reading of one sensor, the calibrated one if there are both."""
    chosen = [reading for reading in found if not reading.is_raw] or found
    if len(chosen) > 1:
        files = " and ".join(dict.fromkeys(reading.table.name for reading in chosen))
        raise ValueError(f"{name}: {sensor} twice, in {files}; keep one recording")
    return chosen[0] if chosen else None


def _is_gravity(total: Reading, linear: Reading) -> bool:
    """Say whether gravity alone is called acceleration: what moves is only in the other."""
    unit = gravity_in(total).unit(total.unit)
    length = np.linalg.norm(total.values, axis=1) / ONE_G[unit]
    moved = np.linalg.norm(linear.values, axis=1) / ONE_G[linear.unit or unit]
    return bool(length.std() < 0.1 * moved.std() > 0)


def _sum_of(kinds: dict[str, list[Reading]], name: str) -> tuple[Reading | None, list[str]]:
    """Add gravity, read at the times of linear acceleration, to it; in the unit of gravity.

    Gravity turns slowly, so nothing is lost between its samples; where one of the two rested,
    nothing is added.
    """
    gravity = _pick(kinds["gravity"], "gravity", name)
    linear = _pick(kinds["linear"], "linear", name) if gravity is not None else None
    if gravity is None or linear is None:
        return None, []
    unit = gravity_in(gravity).unit(gravity.unit)
    both = _while_recorded(linear.seconds, gravity.seconds)
    if not unit or both.sum() < 2:
        return None, []
    seconds = linear.seconds[both]
    at = np.column_stack([np.interp(seconds, gravity.seconds, axis) for axis in gravity.values.T])
    factor = ONE_G[unit] / ONE_G[linear.unit or unit]
    total = replace(
        linear,
        sensor="gravity",
        unit=unit,
        seconds=seconds,
        values=at + factor * linear.values[both],
        rows=linear.rows[both],
        notes=(*gravity.notes, *linear.notes),
    )
    notes = ["acceleration is the sum of gravity and linear acceleration"]
    if gravity.unit not in ("", unit):
        notes.append(f"gravity is in {unit}, though its columns say {gravity.unit}")
    return total, notes


def _while_recorded(seconds: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Say at which times another sensor recorded: between two of its samples, and in no gap."""
    after = np.searchsorted(other, seconds).clip(1, len(other) - 1)
    is_measured = np.isin(seconds, other)
    is_bridged = other[after] - other[after - 1] <= signals.LONGEST_BRIDGE
    within = (seconds >= other[0]) & (seconds <= other[-1])
    return within & (is_bridged | is_measured)


def _refusal(
    kinds: dict[str, list[Reading]], readings: list[Reading], found: list[Table], name: str
) -> ValueError:
    """Say why there is no acceleration."""
    if kinds["gravity"] and kinds["linear"]:
        return ValueError(
            f"{name}: gravity and linear acceleration do not fit together: the times of "
            "both never meet, or gravity is not 1 g long"
        )
    if kinds["linear"]:
        if not any(reading.values.any() for reading in kinds["linear"]):
            return ValueError(f"{name}: the accelerometer wrote nothing but zeros; record again")
        is_said = any(reading.sensor == "linear" for reading in kinds["linear"])
        doubt = "" if is_said else " (if gravity is in it: record more than jogging or jumping)"
        return ValueError(
            f"{name}: only acceleration without gravity, which tells no posture; record "
            f"'Acceleration (with g)' in phyphox, or 'Gravity' as well in Sensor Logger{doubt}"
        )
    if kinds["gravity"]:
        return ValueError(f"{name}: only gravity; record the accelerometer as well")
    if kinds["other"]:
        reading = kinds["other"][0]
        return reading.table.refusal(
            f"the acceleration is {gravity_in(reading).length:.3g} long, neither 1 (in g) nor 9.8 "
            "(in m/s²); is gravity left out, or is it in another unit?",
            reading.columns[0],
        )
    if readings:
        return ValueError(
            f"{name}: no acceleration, only rotation; record the accelerometer as well"
        )
    return ValueError(f"{name}: {_what_lacks(found, name)}")


def _what_lacks(found: list[Table], name: str) -> str:
    """Say what is wrong with a table in which no name is understood."""
    titles = [title for title in found[0].titles if title]
    called = "it" if found[0].name == name else found[0].name
    if not titles:
        return f"{called} is empty"
    if any(tables.is_number(title) for title in titles):
        held = "numbers" if all(tables.is_number(title) for title in titles) else "values"
        return f"row {found[0].line} holds {held}; it must name the columns, as {NAMES_EXPECTED}"
    if len(titles) == 1 and len(titles[0].split()) > 3:
        return "columns must be separated by commas, semicolons or tabs"
    seen = f"{called} has {', '.join(titles)}"
    return f"no acceleration found; names like {NAMES_EXPECTED} are understood ({seen})"


# ---- Signs ---------------------------------------------------------------------------------------

ORIENTATIONS = {
    "portrait": (1, 1),
    "portraitupsidedown": (1, -1),
    "landscapeleft": (0, 1),
    "landscaperight": (0, -1),
    "faceup": (2, 1),
    "facedown": (2, -1),
}
ORIENTATIONS |= {str(code): up for code, up in enumerate(ORIENTATIONS.values(), start=1)}
"""iOS's names and numbers of how a phone lies: the axis that points up, its sign for Android."""


LEAST_UPRIGHT = 0.8
"""Acceleration along an axis, in g, from which on that axis points up or down for sure."""

CONTRADICTED = (
    "what is written of how the screen lies says the opposite of these signs: it stays as it was "
    "where the screen was locked, so the signs of who wrote the file were taken"
)


def _signed(
    total: Reading, source: Source, unit: str, is_sum: bool, found: list[Table], name: str
) -> tuple[Reading, list[str]]:
    """Turn the signs of iOS round; say so, and say it where nothing tells.

    Who wrote it goes before what it says of the screen, which stays as it was when it was locked.
    """
    written = _orientation_written(total)
    is_known = bool(source.platform) or source.app.name == "Sensor Logger"
    is_ios = _is_ios(source, unit, is_sum, name) if is_known else bool(written)
    notes = [CONTRADICTED] if is_known and written not in (None, is_ios) else []
    if is_ios:
        turned = "signs of acceleration turned round: iOS counts them the other way"
        return replace(total, values=-total.values), [turned, *notes]
    if is_known or written is not None:
        return total, notes
    mean = total.values.mean(axis=0)
    largest = int(np.abs(mean).argmax())
    if (
        source.app.signs == "unknown"
        or (mean[largest] < 0 and largest != 1)
        or _named_by_apple(found)
    ):
        return total, [_unknown_signs(mean)]
    return total, []


def _is_ios(source: Source, unit: str, is_sum: bool, name: str) -> bool:
    """Say whether acceleration is as iOS has it: lying face up, z is −1.

    phyphox turns the signs round itself; Sensor Logger only if told to standardise.
    """
    if source.app.name != "Sensor Logger":
        return source.platform == "iOS"
    if source.platform == "Android" or source.standardised:
        return False
    if source.platform == "iOS" or unit == "g":  # only what iOS itself measured is in g
        return True
    if is_sum:
        raise ValueError(f"{name}: no Metadata.csv, which tells iOS from Android; export all of it")
    return False  # only Android has a file of total acceleration


def _named_by_apple(found: list[Table]) -> bool:
    """Say whether a column has a name that programmers for iOS are used to."""
    titles = " ".join(title.lower() for table in found for title in table.titles)
    return any(word in titles for word in ("since1970", "since_1970", "sincereboot", "cmaccel"))


def _unknown_signs(mean: np.ndarray) -> str:
    """Say that signs may be wrong, and how the phone would have been worn then."""
    note = (
        "nothing says whether signs of acceleration are Android's or iOS's, which are the "
        "opposite; Android's were taken"
    )
    worn = mean[0] / np.linalg.norm(mean)
    if worn < -0.7:
        note += " (turned round by 180° the phone would be worn as usual: are they iOS's?)"
    return note


def _orientation_written(total: Reading) -> bool | None:
    """Compare signs with what iOS writes about how the phone lies; None if nothing is written."""
    table = total.table
    plain = ["".join(filter(str.isalpha, title.lower())) for title in table.titles]
    places = [at for at, title in enumerate(plain) if title.startswith("deviceorientation")]
    if not places:
        return None
    texts = table.load(places[:1]).texts(places[0])[total.rows]
    votes = 0
    for text in np.unique(texts):
        axis, sign = ORIENTATIONS.get("".join(filter(str.isalnum, text.lower())), (0, 0))
        along = total.values[texts == text, axis]
        votes += sign * np.sign(along[np.abs(along) > LEAST_UPRIGHT]).sum()
    return None if votes == 0 else bool(votes < 0)


# ---- Rotation ------------------------------------------------------------------------------------


def rotation(readings: list[Reading], name: str) -> Reading | None:
    """Take the gyroscope, in rad/s as far as the file says it; None if there is none.

    Raises
    ------
    ValueError
        If there are two, or no phone turns so fast.
    """
    found = [
        reading
        for reading in readings
        if reading.sensor == "rotation"
        and not (reading.name == "g" and gravity_in(reading).unit(reading.unit))
    ]
    chosen = _pick(found, "rotation", name)
    if chosen is None or not chosen.values.any():  # zeros: the phone has none
        return None
    if chosen.unit == "m°/s":
        chosen = replace(chosen, values=chosen.values / 1000, unit="°/s")
    too_fast = bool((np.abs(chosen.values) > FASTEST_ROTATION).any())
    if chosen.unit == "°/s" or (not chosen.unit and too_fast):
        turned = replace(chosen, values=np.deg2rad(chosen.values), unit="°/s")
        _assert_possible(turned.values, chosen, "°/s", "which unit is it in?")
        return turned
    _assert_possible(chosen.values, chosen, "rad/s", "are these degrees per second?")
    return chosen


def _assert_possible(in_radians: np.ndarray, reading: Reading, unit: str, doubt: str) -> None:
    """Refuse what no phone measures."""
    impossible = np.abs(in_radians) > FASTEST_ROTATION
    if impossible.any():
        row, axis = np.argwhere(impossible)[0]
        problem = f"{reading.values[row, axis]:.4g} {unit} is more than any phone measures; {doubt}"
        raise reading.table.refusal(problem, reading.columns[axis], reading.rows[row])


def checked(
    acceleration: np.ndarray, rotation: np.ndarray, reading: Reading
) -> tuple[np.ndarray | None, list[str]]:
    """Compare the gyroscope with how gravity turns, and mend its unit where that is plain.

    Parameters
    ----------
    acceleration, rotation : ndarray of shape (n_samples, 3)
        In g and, as far as is known, in rad/s; at 50 Hz.
    reading : Reading
        The gyroscope as it was read, for its name and unit.

    Returns
    -------
    rotation : ndarray of shape (n_samples, 3), or None
        In rad/s; None if it is no gyroscope.
    notes : list of str
    """
    found, notes = _with_unit(acceleration, rotation, reading)
    late = 0.0 if found is None else lag(acceleration, found)
    if late:
        notes = [*notes, _lagging(late)]
    return found, notes


def _lagging(late: float) -> str:
    """Say that two clocks do not agree."""
    when = "later" if late > 0 else "earlier"
    return (
        f"the gyroscope seems to move {abs(late):.1f} s {when} than the accelerometer: if their "
        "clocks differ, the answers are wrong; leave the gyroscope's file out"
    )


def lag(acceleration: np.ndarray, rotation: np.ndarray) -> float:
    """Find by how many seconds the gyroscope is later than the accelerometer; 0 if not for sure.

    Whoever begins to walk, or stops, is felt by both sensors at once.

    Parameters
    ----------
    acceleration, rotation : ndarray of shape (n_samples, 3)
        At 50 Hz.
    """
    n_samples = min(len(acceleration), LONGEST_CHECK)
    if n_samples < 4 * LONGEST_LAG or not rotation[:n_samples].any():
        return 0.0
    moved, turned = _liveliness(acceleration[:n_samples]), _liveliness(rotation[:n_samples])
    inner = moved[LONGEST_LAG:-LONGEST_LAG]
    lags = range(-LONGEST_LAG, LONGEST_LAG + 1, LAG_STEP)
    alike = {
        each: _alike(inner, turned[LONGEST_LAG + each : n_samples - LONGEST_LAG + each])
        for each in lags
    }
    best = max(alike, key=alike.__getitem__)
    gain, missing = alike[best] - alike[0], 1 - alike[0]
    is_clear = alike[best] >= LEAST_LIKENESS and gain >= max(LEAST_GAIN[0], LEAST_GAIN[1] * missing)
    return best / signals.SAMPLING_RATE if is_clear and abs(best) >= LEAST_LAG else 0.0


def _liveliness(signal: np.ndarray) -> np.ndarray:
    """Return the logarithm of how strongly a signal moves within half a second, ``(n,)``."""
    from scipy.ndimage import uniform_filter1d

    rate = int(signals.SAMPLING_RATE)
    swing = signal - uniform_filter1d(signal, 2 * rate, axis=0)
    power = uniform_filter1d((swing**2).sum(axis=1), rate // 2)
    strength = np.sqrt(np.maximum(power, 0))  # rounding may leave less than nothing
    return np.log(strength + 0.05 * np.median(strength) + 1e-4)


def _alike(one: np.ndarray, other: np.ndarray) -> float:
    """Return the correlation of two rows of numbers, 0 where one does not vary."""
    spread = one.std() * other.std()
    product = (one - one.mean()) * (other - other.mean())
    return float(product.mean() / spread) if spread else 0.0


def _with_unit(
    acceleration: np.ndarray, rotation: np.ndarray, reading: Reading
) -> tuple[np.ndarray | None, list[str]]:
    """Return the rotation in rad/s, and notes, as `checked`."""
    piece = _liveliest(rotation)
    turning = _turning(acceleration[piece], rotation[piece])
    fit = signals.sensors_agree(acceleration[piece], rotation[piece])
    if fit.agrees is False:
        axes = ", ".join(fit.axes)
        return rotation, [
            "gravity does not turn as the gyroscope says; its axes would fit as "
            f"({axes}) in place of (x, y, z)"
        ]
    if turning < LEAST_TURNING <= 57.3 * turning:
        return _too_much(rotation, reading, fit.agrees)
    dubious = turning > MOST_TURNING or _stays_aside(rotation)
    if dubious and not reading.unit and not _is_called_gyroscope(reading):
        note = "does not turn as gravity does (angles, or a rotation vector?) and was left out"
        return None, [f"what {reading.table.name} calls rotation {note}"]
    if reading.unit == "°/s" and _is_too_little(turning, fit, acceleration[piece]):
        return np.rad2deg(rotation), ["rotation is in rad/s, though its columns say °/s"]
    if fit.agrees and not 0.5 < fit.scale < 2:
        return rotation, [f"gravity turns {fit.scale:.1f} times as fast as the gyroscope says"]
    return rotation, []


def _is_too_little(turning: float, fit: signals.Agreement, acceleration: np.ndarray) -> bool:
    """Say whether somebody moves and gravity turns as if degrees had been radians all along."""
    moves = np.linalg.norm(acceleration, axis=1).std() > LEAST_MOTION
    by_hand = moves and turning / 57.3 <= MOST_TURNING < turning
    return bool(by_hand or (fit.agrees and 40 < fit.scale < 80))


def _stays_aside(rotation: np.ndarray) -> bool:
    """Say whether values stay on one side of zero, as angles do: a phone turns to and fro."""
    return bool(np.linalg.norm(rotation.mean(axis=0)) > np.linalg.norm(rotation.std(axis=0)))


def _is_called_gyroscope(reading: Reading) -> bool:
    return "gyr" in reading.name + reading.table.stem


def _too_much(
    rotation: np.ndarray, reading: Reading, agrees: bool | None
) -> tuple[np.ndarray | None, list[str]]:
    """Take what says that the phone turned far more than gravity did for degrees per second."""
    if reading.unit == "°/s":
        note = "gravity turns far less than the gyroscope says, even in °/s; it was left out"
        return None, [note]
    if reading.unit and not agrees:
        note = "gravity turns far less than the gyroscope says: are these degrees per second?"
        return rotation, [note]
    if reading.unit:
        return np.deg2rad(rotation), ["rotation is in °/s, though its columns say rad/s"]
    return np.deg2rad(rotation), ["rotation was taken to be in °/s, as gravity turns far less"]


def _liveliest(rotation: np.ndarray) -> slice:
    """Choose the five minutes in which the phone turned most."""
    starts = range(0, max(len(rotation) - LONGEST_CHECK // 2, 1), LONGEST_CHECK)
    energy = {at: float((rotation[at : at + LONGEST_CHECK] ** 2).sum()) for at in starts}
    start = max(energy, key=energy.__getitem__)
    return slice(start, start + LONGEST_CHECK)


def _turning(acceleration: np.ndarray, rotation: np.ndarray) -> float:
    """Return how much gravity turned, as a share of what the gyroscope says it did.

    Seen from a phone that turns with ω, the direction u of gravity turns by du/dt = u × ω.
    """
    edge = int(signals.SAMPLING_RATE)
    if len(rotation) <= 2 * edge:
        return 1.0
    slow, turns = _slow(acceleration), _slow(rotation - rotation.mean(axis=0))
    direction = slow / np.maximum(np.linalg.norm(slow, axis=1, keepdims=True), 1e-9)
    seen = np.gradient(direction, 1 / signals.SAMPLING_RATE, axis=0)[edge // 2 : -edge // 2]
    said = np.cross(direction, turns)[edge // 2 : -edge // 2]
    power = float((said**2).sum())
    return float(np.sqrt((seen**2).sum() / power)) if power else 1.0


def _slow(signal: np.ndarray) -> np.ndarray:
    """Keep what is slower than steps."""
    return signals.low_pass(signal, signals.SLOW_TURNS, signals.GRAVITY_ORDER, zero_phase=True)
