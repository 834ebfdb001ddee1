"""Recordings of other people: five published data sets, each with its own units and faults.

Every reader turns what the publisher's files hold into the same thing: acceleration in g, counted
as Android counts it (a phone at rest measures +1 g upwards), rotation in rad/s, both at 50 Hz.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.io import loadmat
from scipy.io.matlab import MatReadError
from scipy.ndimage import binary_closing, uniform_filter1d

from har_utils import recordings, signals

FOLDER = Path(__file__).resolve().parents[2] / "data" / "others"
"""Where other people's data sets are looked for; the variable HAR_OTHERS goes before it."""

G = 9.80665
"""Standard gravity in m/s²."""

Span = tuple[int, int]
"""Samples ``start`` to ``stop - 1``, counted from 0."""

Files = Mapping[tuple[str, ...], Callable[[], bytes]]
"""What a file's name says (`DataSet.pattern`) → a function that reads the file."""


@dataclass(frozen=True, eq=False)
class Trial:
    """One activity of one person, recorded without a break.

    Attributes
    ----------
    data_set : str
        Key of `SETS`.
    person : int
        As the publisher numbers them; 101 and higher for SisFall's elderly.
    source : int
        Whom the signal really comes from: `person`, but for those USC-HAD let sleep twice.
    name : str
        Which of the person's trials, for example ``"a10t3"``.
    activity : str
        One of `dataset.ACTIVITIES`, ``"STAIRS"`` where up and down are not told apart, or another.
    acceleration, rotation : ndarray of shape (n_samples, 3), float64
        In g and rad/s, at 50 Hz, in the axes of the device.
    spans : tuple of (int, int)
        The samples that show the activity.
    """

    data_set: str
    person: int
    source: int
    name: str
    activity: str
    acceleration: np.ndarray
    rotation: np.ndarray
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class DataSet:
    """A published data set and how it is read.

    Attributes
    ----------
    title, page, terms : str
        Its name, where its publisher offers it, and under which terms.
    placement : str
        Where its people wore the device: ``"waist"``, ``"chest"`` or ``"pocket"``.
    pattern : str
        Regular expression for the end of its files' paths; the groups tell a file from the others.
    read : callable
        Turns its files into trials.
    """

    title: str
    page: str
    terms: str
    placement: str
    pattern: str
    read: Callable[[Files], Iterator[Trial]]


def load(name: str, path: str | os.PathLike | None = None) -> list[Trial]:
    """Read one data set, person after person.

    Parameters
    ----------
    name : str
        Key of `SETS`.
    path : path, optional
        Folder or zip that holds it, in its publisher's layout; others may be beside it. Without
        it: the variable HAR_OTHERS, else ``data/others/``.

    Returns
    -------
    list of Trial

    Raises
    ------
    FileNotFoundError
        If the set is not there.
    ValueError
        If there is no set of that name, or a file is damaged.
    """
    if name not in SETS:
        raise ValueError(f"no data set is called {name!r}; there are {', '.join(SETS)}")
    files = _find(name, place(path))
    if not files:
        raise FileNotFoundError(
            f"{place(path)}: no files of {SETS[name].title} in it; get them from "
            f"{SETS[name].page} and put folder or zip there, or name the place in HAR_OTHERS"
        )
    return sorted(SETS[name].read(files), key=lambda trial: trial.person)


def place(path: str | os.PathLike | None = None) -> Path:
    """Return where other people's data sets are looked for."""
    return Path(path or os.environ.get("HAR_OTHERS") or FOLDER)


def available(path: str | os.PathLike | None = None) -> list[str]:
    """List the data sets that are there, in the order of `SETS`."""
    return [name for name in SETS if place(path).exists() and _find(name, place(path))]


def _find(name: str, where: Path) -> Files:
    """Return the files of one data set below a folder or in a zip."""
    if not where.exists():
        return {}
    pattern = re.compile(rf"(?:^|/){SETS[name].pattern}$")
    found = {
        match.groups(): read
        for path, read in sorted(recordings.list_members(where).items())
        if (match := pattern.search(path))
    }
    return found


def regular(signal: np.ndarray, rate: float) -> np.ndarray:
    """Turn ``(n, k)`` samples taken `rate` times a second into samples at 50 Hz."""
    seconds = np.arange(len(signal)) / rate
    n_samples = int(seconds[-1] * signals.SAMPLING_RATE + 1e-6) + 1
    return signals.resample(seconds, signal, 0.0, n_samples)


def _parse(text: bytes, name: str, n_columns: tuple[int, ...], **how: object) -> np.ndarray:
    """Parse a table of numbers that has one of some numbers of columns."""
    try:
        table = pd.read_csv(io.BytesIO(text), header=None, dtype=float, **how)
        numbers = table.to_numpy()
    except (ValueError, pd.errors.ParserError):
        numbers = np.empty((0, 0))
    if numbers.shape[1] not in n_columns or not np.isfinite(numbers).all() or len(numbers) < 2:
        wanted = " or ".join(map(str, n_columns))
        raise ValueError(f"{name}: not a table of {wanted} numbers per line; damaged?")
    return numbers


# --- USC-HAD ------------------------------------------------------------------------------------

USC_HAD_RATE = 100.0

USC_HAD_ACTIVITIES = (
    *("WALKING", "WALKING", "WALKING", "WALKING_UPSTAIRS", "WALKING_DOWNSTAIRS", "RUNNING"),
    *("JUMPING", "SITTING", "STANDING", "LAYING", "ELEVATOR_UP", "ELEVATOR_DOWN"),
)
"""By the number in a file's name, from 1: walking forward, left and right are all WALKING."""

SLEEPERS = {**dict.fromkeys(range(1, 9), 51), **dict.fromkeys(range(9, 13), 52)}
"""Person → who really sleeps in that person's files, where it is somebody else.

The signal goes on from person to person, within the step of the converter: one sleeper for persons
1 to 8, another for 9 to 12. Persons 13 and 14 are their own.
"""


def _usc_had(files: Files) -> Iterator[Trial]:
    """Read USC-HAD: g and degrees per second at 100 Hz; what the file is called is what it is.

    Three files name another activity or trial inside than on the outside, and activities are spelt
    five ways; no two recordings are equal, so the names of the files are believed.
    """
    for (subject, activity, trial), read in files.items():
        name, person = f"a{activity}t{trial}", int(subject)
        readings = _matlab(read(), f"Subject{subject}/{name}.mat")
        label = USC_HAD_ACTIVITIES[int(activity) - 1]
        source = SLEEPERS.get(person, person) if label == "LAYING" else person
        samples = regular(readings, USC_HAD_RATE)
        yield Trial(
            *("usc_had", person, source, name, label),
            *(samples[:, :3], np.radians(samples[:, 3:])),
            _whole(samples),
        )


def _matlab(content: bytes, name: str) -> np.ndarray:
    """Return the six columns of a file of USC-HAD."""
    try:  # SciPy says of MATLAB's newest format that reading it is not implemented
        readings = np.asarray(loadmat(io.BytesIO(content))["sensor_readings"], dtype=float)
    except (MatReadError, ValueError, TypeError, KeyError, NotImplementedError, OSError) as error:
        raise ValueError(f"{name}: not a file of USC-HAD ({error}); damaged?") from None
    if readings.ndim != 2 or readings.shape[1] != 6 or not np.isfinite(readings).all():
        raise ValueError(f"{name}: not six readings per sample; damaged?")
    return readings


def _whole(samples: np.ndarray) -> tuple[Span, ...]:
    return ((0, len(samples)),)


# --- SisFall ------------------------------------------------------------------------------------

SISFALL_RATE = 200.0

SISFALL_ACTIVITIES = {
    **dict.fromkeys(["D01", "D02"], "WALKING"),
    **dict.fromkeys(["D05", "D06"], "STAIRS"),
    "D14": "LAYING",
}
"""The activities with one posture or gait in a file; stairs go up and down in the same file."""

SISFALL_TRIALS = {"D01": 1, "D02": 1, "D05": 2, "D06": 1, "D14": 5}
"""How many of the trials of each activity are read."""

SISFALL_COUNTS_PER_G = 2**14 / 16
"""Of the accelerometer MMA8451Q: 14 bits for ±8 g."""

SISFALL_COUNTS_PER_DEGREE = 14.375
"""Counts of the gyroscope ITG3200 per degree per second.

The readme's formula, 2^16 counts for ±2000 degrees per second, makes rotation 14 % too small:
gravity turns farther than that. The chip's own number fits.
"""

ELDERLY = 100
"""What is added to the number of an elderly person: SE06 is 106."""

MOVES = 0.05
"""Standard deviation of the acceleration's length within a second from which somebody moves, g."""


def _sisfall(files: Files) -> Iterator[Trial]:
    """Read SisFall: counts of two chips at 200 Hz; of walking and stairs only what moves.

    A third of a file of stairs is standing, without a label that would tell.
    """
    for (code, group, number, trial), read in files.items():
        if code not in SISFALL_ACTIVITIES or int(trial) > SISFALL_TRIALS[code]:
            continue
        person = int(number) + ELDERLY * (group == "SE")
        name = f"{code}_{group}{number}_R{trial}.txt"
        text = read().replace(b";", b"").replace(b" ", b"")
        counts = _parse(text, name, (6, 9))[:, -6:]
        samples = regular(counts, SISFALL_RATE)
        rotation = np.radians(samples[:, :3] / SISFALL_COUNTS_PER_DEGREE)
        acceleration = samples[:, 3:] / SISFALL_COUNTS_PER_G
        activity = SISFALL_ACTIVITIES[code]
        spans = _whole(samples) if activity == "LAYING" else moving_spans(acceleration)
        yield Trial(
            *("sisfall", person, person, f"{code}_R{trial}", activity),
            *(acceleration, rotation, spans),
        )


def moving_spans(acceleration: np.ndarray) -> tuple[Span, ...]:
    """Find where somebody moves: the acceleration's length varies within a second.

    Parameters
    ----------
    acceleration : ndarray of shape (n_samples, 3)
        In g, at 50 Hz.

    Returns
    -------
    tuple of (int, int)
        From half a second before to half a second after what moves; pauses between two such of
        less than a second, so of less than two in all, count as moving.
    """
    second = int(signals.SAMPLING_RATE)
    length = np.linalg.norm(acceleration, axis=1)
    mean, square = (uniform_filter1d(values, second) for values in (length, length**2))
    moves = np.sqrt(np.maximum(square - mean**2, 0)) >= MOVES
    bridged = binary_closing(np.pad(moves, second), np.ones(second))[second:-second]
    return _runs(bridged)


def _runs(chosen: np.ndarray) -> tuple[Span, ...]:
    """Return where ``(n,)`` bool is true, run by run."""
    edges = np.flatnonzero(np.diff(chosen, prepend=False, append=False))
    return tuple(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


# --- MotionSense --------------------------------------------------------------------------------

MOTIONSENSE_RATE = 50.0

MOTIONSENSE_ACTIVITIES = {
    **{"dws": "WALKING_DOWNSTAIRS", "ups": "WALKING_UPSTAIRS", "wlk": "WALKING"},
    **{"sit": "SITTING", "std": "STANDING"},
}

MOTIONSENSE_TRIALS = (1, 2, 11, 3, 4, 12, 7, 15, 13, 14)
"""The trials that are read; 5, 6 and 8 repeat activities of these, 9 and 16 are jogging."""


def _motionsense(files: Files) -> Iterator[Trial]:
    """Read MotionSense: iPhones, whose gravity points down; what we count points up."""
    for (code, trial, subject), read in files.items():
        if int(trial) not in MOTIONSENSE_TRIALS:
            continue
        name = f"{code}_{trial}/sub_{subject}.csv"
        table = _named_columns(read(), name)
        down = table[[f"gravity.{axis}" for axis in "xyz"]].to_numpy()
        down = down + table[[f"userAcceleration.{axis}" for axis in "xyz"]].to_numpy()
        rotation = table[[f"rotationRate.{axis}" for axis in "xyz"]].to_numpy()
        yield Trial(
            *("motionsense", int(subject), int(subject), f"{code}_{trial}"),
            *(MOTIONSENSE_ACTIVITIES[code], -down, rotation, _whole(down)),
        )


def _named_columns(text: bytes, name: str) -> pd.DataFrame:
    """Parse a file of MotionSense."""
    needed = [
        f"{kind}.{axis}"
        for kind in ("gravity", "userAcceleration", "rotationRate")
        for axis in "xyz"
    ]
    try:
        table = pd.read_csv(io.BytesIO(text))[needed].astype(float)
    except (ValueError, KeyError, pd.errors.ParserError):
        table = pd.DataFrame()
    if table.empty or not np.isfinite(table.to_numpy()).all():
        raise ValueError(f"{name}: lacks numbers of gravity, userAcceleration or rotationRate")
    return table


# --- WISDM 2019 ---------------------------------------------------------------------------------

WISDM_ACTIVITIES = {
    **{"A": "WALKING", "B": "RUNNING", "C": "STAIRS"},
    **{"D": "SITTING", "E": "STANDING"},
}
"""By letter; the letters from F on are other things people do with their hands."""

NANOSECONDS = 1e-9


def _wisdm(files: Files) -> Iterator[Trial]:
    """Read WISDM 2019's phones: m/s² and rad/s, each sensor with its own times."""
    people = sorted({person for sensor, person in files if sensor == "accel"})
    for person in people:
        if ("gyro", person) not in files:
            raise FileNotFoundError(f"data_{person}_gyro_phone.txt of WISDM is missing")
        acceleration, rotation = (
            _wisdm_lines(files[sensor, person](), f"data_{person}_{sensor}_phone.txt")
            for sensor in ("accel", "gyro")
        )
        for letter, activity in WISDM_ACTIVITIES.items():
            if letter in acceleration and letter in rotation:
                sensors = acceleration[letter], rotation[letter]
                yield Trial(
                    *("wisdm2019", int(person), int(person), letter, activity),
                    *_together(*sensors),
                )


def _wisdm_lines(text: bytes, name: str) -> dict[str, np.ndarray]:
    """Return seconds, x, y and z of every activity in a file of WISDM."""
    columns = ["person", "letter", "time", "x", "y", "z"]
    try:
        lines = pd.read_csv(io.BytesIO(text.replace(b";", b"")), header=None, names=columns)
        lines[["time", "x", "y", "z"]] = lines[["time", "x", "y", "z"]].astype(float)
    except (ValueError, pd.errors.ParserError) as error:
        raise ValueError(f"{name}: not lines of person,activity,time,x,y,z ({error})") from None
    lines = lines.dropna()
    found = {}
    for letter, own in lines.groupby(lines["letter"].str.strip()):
        numbers = own[["time", "x", "y", "z"]].to_numpy()
        numbers = numbers[np.unique(numbers[:, 0], return_index=True)[1]]
        numbers[:, 0] *= NANOSECONDS
        found[letter] = numbers
    return found


def _together(
    acceleration: np.ndarray, rotation: np.ndarray
) -> tuple[np.ndarray, np.ndarray, tuple[Span, ...]]:
    """Bring two sensors to the same times; where one of them has a gap is in no span."""
    start = max(acceleration[0, 0], rotation[0, 0])
    stop = min(acceleration[-1, 0], rotation[-1, 0])
    n_samples = int(max(stop - start, 0) * signals.SAMPLING_RATE + 1e-6) + 1
    there = np.ones(n_samples, dtype=bool)
    for seconds in (acceleration[:, 0], rotation[:, 0]):
        for gap in np.flatnonzero(np.diff(seconds) > signals.LONGEST_BRIDGE):
            edges = (seconds[gap : gap + 2] - start) * signals.SAMPLING_RATE
            there[max(int(edges[0]), 0) : max(int(np.ceil(edges[1])), 0)] = False
    in_g, in_radians = (
        signals.resample(sensor[:, 0], sensor[:, 1:], start, n_samples)
        for sensor in (acceleration, rotation)
    )
    return in_g / G, in_radians, _runs(there)


# --- DSADS --------------------------------------------------------------------------------------

DSADS_RATE = 25.0

DSADS_ACTIVITIES = {
    **{1: "SITTING", 2: "STANDING", 3: "LAYING", 4: "LAYING", 5: "WALKING_UPSTAIRS"},
    **{6: "WALKING_DOWNSTAIRS", 9: "WALKING", 10: "WALKING"},
}
"""By the number in a folder's name; 3 lies on the back, 4 on the right side, 10 on a treadmill."""

DSADS_APART = {(activity, person) for activity in (5, 6) for person in (2, 3, 4, 7, 8)}
"""Activity and person where a file of 5 s does not go on where the one before it ended."""


def _dsads(files: Files) -> Iterator[Trial]:
    """Read Daily and Sports Activities: the unit on the chest, m/s² and rad/s at 25 Hz.

    Files of 5 s that go on from one to the next are joined; rows of zeros at the end of a file
    (one second in every file of stairs of persons 1 and 6) are no measurements.
    """
    pieces: dict[tuple[int, int], list[np.ndarray]] = {}
    for (activity, person, piece), read in files.items():
        if int(activity) in DSADS_ACTIVITIES:
            name = f"a{activity}/p{person}/s{piece}.txt"
            numbers = _without_zeros(_parse(read(), name, (6, 45))[:, :6])
            pieces.setdefault((int(activity), int(person)), []).append(numbers)
    for (activity, person), own in pieces.items():
        apart = (activity, person) in DSADS_APART
        for number, numbers in enumerate(own if apart else [np.concatenate(own)], start=1):
            samples = regular(numbers, DSADS_RATE)
            name = f"a{activity:02d}" + (f"s{number:02d}" if apart else "")
            yield Trial(
                *("dsads", person, person, name, DSADS_ACTIVITIES[activity]),
                *(samples[:, :3] / G, samples[:, 3:], _whole(samples)),
            )


def _without_zeros(numbers: np.ndarray) -> np.ndarray:
    """Drop the rows at the end that hold nothing but zeros."""
    measured = np.flatnonzero(numbers.any(axis=1))
    return numbers[: measured[-1] + 1] if len(measured) else numbers[:0]


# --- The sets -----------------------------------------------------------------------------------

SETS = {
    "usc_had": DataSet(
        title="USC-HAD",
        page="https://sipi.usc.edu/had/",
        terms="not stated in the files; its paper (UbiComp 2012) calls it freely available",
        placement="waist",
        pattern=r"Subject(\d+)/a(\d+)t(\d+)\.mat",
        read=_usc_had,
    ),
    "sisfall": DataSet(
        title="SisFall",
        page="the authors (Sensors 2017, 17(1), 198)",
        terms="not stated in the files; the article is open access",
        placement="waist",
        pattern=r"(D\d\d)_(S[AE])(\d\d)_R(\d\d)\.txt",
        read=_sisfall,
    ),
    "dsads": DataSet(
        title="Daily and Sports Activities",
        page="https://archive.ics.uci.edu/dataset/256",
        terms="CC BY 4.0",
        placement="chest",
        pattern=r"a(\d\d)/p(\d)/s(\d\d)\.txt",
        read=_dsads,
    ),
    "motionsense": DataSet(
        title="MotionSense",
        page="https://github.com/mmalekzadeh/motion-sense",
        terms="ODbL 1.0",
        placement="pocket",
        pattern=r"A_DeviceMotion_data/(dws|ups|wlk|sit|std)_(\d+)/sub_(\d+)\.csv",
        read=_motionsense,
    ),
    "wisdm2019": DataSet(
        title="WISDM 2019",
        page="https://archive.ics.uci.edu/dataset/507",
        terms="CC BY 4.0",
        placement="pocket",
        pattern=r"phone/(accel|gyro)/data_(\d+)_(?:accel|gyro)_phone\.txt",
        read=_wisdm,
    ),
}
"""Key → data set, worn at the waist first, then chest, then trouser pocket."""


def describe(trials: Iterable[Trial]) -> pd.DataFrame:
    """Return people, trials and seconds of every activity that trials show.

    Returns
    -------
    DataFrame
        Index ``data_set`` and ``activity``; ``people``, ``trials``, ``seconds``.
    """
    rows = [
        (
            *(trial.data_set, trial.activity, trial.source, trial.name),
            sum(stop - start for start, stop in trial.spans) / signals.SAMPLING_RATE,
        )
        for trial in trials
    ]
    table = pd.DataFrame(rows, columns=["data_set", "activity", "source", "name", "seconds"])
    grouped = table.groupby(["data_set", "activity"])
    return grouped.agg(
        people=("source", "nunique"), trials=("name", "size"), seconds=("seconds", "sum")
    )
