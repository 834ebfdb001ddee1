"""Exports of every kind of app, clock and habit: what is read of them, noted, or refused."""

from __future__ import annotations

import io
import json
import sys
import zipfile

import numpy as np
import pandas as pd
import pytest
import yaml

from har_utils import dataset, files, phone, recordings, signals
from har_utils.phone import STANDARD_GRAVITY, clocks, columns, tables

RATE, N = 50.0, 500
SECONDS = np.arange(N) / RATE
EPOCH = 1.7e9


def _walk():
    """Return acceleration in g and rotation in rad/s of a walk that is physically possible."""
    sway = 2 * np.pi * np.outer(SECONDS, (0.7, 1.0, 1.3)) + (0.3, 1.1, 2.0)
    rotation = np.cos(sway) * (0.5, 0.7, 0.4)
    up = np.empty((N, 3))
    up[0] = (0.97, -0.2, -0.1)
    for k in range(N - 1):
        up[k + 1] = up[k] + np.cross(up[k], rotation[k]) / RATE
    up /= np.linalg.norm(up, axis=1, keepdims=True)
    steps = 0.2 * np.sin(2 * np.pi * np.outer(SECONDS, (2, 2, 4))) * (1, 0.6, 0.8)
    return up, steps, rotation


GRAVITY, LINEAR, ROTATION = _walk()
TOTAL = GRAVITY + LINEAR
METRES = TOTAL * STANDARD_GRAVITY
DEGREES = np.rad2deg(ROTATION)

SUM = "acceleration is the sum of gravity and linear acceleration"
TURNED = "signs of acceleration turned round: iOS counts them the other way"
UNKNOWN = "nothing says whether signs"


def xyz(pattern, values, axes="xyz"):
    return {pattern.format(axis): column for axis, column in zip(axes, values.T, strict=True)}


def text(columns, separator=",", names=None):
    """Print a table: name → column of numbers or texts."""
    printed = [
        [f"{value:.9g}" if abs(value) < 1e6 else f"{value:.6f}" for value in column]
        if np.asarray(column).dtype.kind == "f"
        else list(map(str, column))
        for column in columns.values()
    ]
    head = separator.join(columns) if names is None else names
    return "\n".join([head, *map(separator.join, zip(*printed, strict=True))]) + "\n"


def written(folder, files):
    """Write one table, or a folder of several, and return its path."""
    if isinstance(files, str):
        files = {"walk.csv": files}
    place = folder / "walk" if len(files) > 1 else folder
    for name, content in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(content, encoding="utf-8")
    return place if len(files) > 1 else place / next(iter(files))


def dates(pattern):
    """Print a time for each sample: seconds as {s}, milliseconds as {ms}."""
    whole = np.round(SECONDS * 1000).astype(int)
    return [pattern.format(s=f"{k // 1000:02d}", ms=f"{k % 1000:03d}") for k in whole]


BOTH = xyz("acc_{}", METRES) | xyz("gyro_{}", ROTATION)
TIMED = {"time": SECONDS} | BOTH
NANOSECONDS = ((EPOCH + SECONDS) * 1e9).astype(np.int64)
MILLISECONDS = np.round(SECONDS * 1000).astype(int)


def logger(values, elapsed=True):
    return text(
        {"time": NANOSECONDS}
        | ({"seconds_elapsed": SECONDS} if elapsed else {})
        | xyz("{}", values)
    )


def interleaved(*values):
    """Stack the samples of several sensors row by row."""
    return xyz("{}", np.stack(values, axis=1).reshape(-1, 3))


# name → (files, is the gyroscope in it, how the notes begin)
READ = {
    "Physics Toolbox, all sensors": (
        text(
            {"time": SECONDS}
            | xyz("gF{}", TOTAL)
            | xyz("a{}", LINEAR * STANDARD_GRAVITY)
            | xyz("w{}", ROTATION)
        ),
        True,
        (),
    ),
    "Physics Toolbox, g-force meter": (
        "\n" + text({"time": SECONDS} | xyz("gF{}", TOTAL) | {"TgF": SECONDS}),
        False,
        (),
    ),
    "Physics Toolbox, time of day": (
        text({"time": dates("23:59:{s}:{ms}")} | xyz("gF{}", TOTAL)),
        False,
        (),
    ),
    "SensorLog": (
        text(
            {
                "loggingTime(txt)": dates("2024-05-01 10:00:{s}.{ms} +0100"),
                "locationTimestamp_since1970(s)": EPOCH + np.floor(SECONDS),
                "accelerometerTimestamp_sinceReboot(s)": 1000 + SECONDS,
            }
            | xyz("accelerometerAcceleration{}(G)", -TOTAL, "XYZ")
            | xyz("motionRotationRate{}(rad/s)", ROTATION, "XYZ")
            | xyz("motionUserAcceleration{}(G)", -LINEAR, "XYZ")
            | xyz("motionGravity{}(G)", -GRAVITY, "XYZ")
            | {"motionYaw(rad)": SECONDS, "motionQuaternionX(R)": SECONDS}
        ),
        True,
        (TURNED,),
    ),
    "CoreMotion": (
        text(
            {"timestamp": SECONDS, "attitude_roll": SECONDS}
            | xyz("rotation_rate_{}", ROTATION)
            | xyz("gravity_{}", -GRAVITY)
            | xyz("user_acc_{}", -LINEAR)
        ),
        True,
        (SUM, TURNED),
    ),
    "DeviceMotion": (
        text(
            {"timestamp": EPOCH * 1000 + SECONDS * 1000}
            | xyz("accelerationIncludingGravity.{}", METRES)
            | xyz("acceleration.{}", LINEAR * STANDARD_GRAVITY)
            | xyz("rotationRate.{}", DEGREES, ("alpha", "beta", "gamma"))
            | {"interval": 16 + 0 * SECONDS, "alpha": SECONDS}
        ),
        True,
        (UNKNOWN,),
    ),
    "AndroSensor": (
        "sep=;\n"
        + text(
            xyz("ACCELEROMETER {} (m/s²)", METRES, "XYZ")
            | xyz("GRAVITY {} (m/s²)", GRAVITY * STANDARD_GRAVITY, "XYZ")
            | xyz("LINEAR ACCELERATION {} (m/s²)", LINEAR * STANDARD_GRAVITY, "XYZ")
            | xyz("GYROSCOPE {} (rad/s)", ROTATION, "XYZ")
            | xyz("MAGNETIC FIELD {} (μT)", 30 * TOTAL, "XYZ")
            | {"ORIENTATION X (pitch °)": SECONDS, "Time since start in ms ": MILLISECONDS}
            | {"YYYY-MO-DD HH-MI-SS_SSS": dates("2024-05-01 10:00:{s}:{ms}")},
            ";",
        ),
        True,
        (),
    ),
    "HyperIMU": (
        "@ HyperIMU\n@ Sampling rate: 20 ms, sensors: two\n\n"
        + text(
            {"Timestamp": EPOCH * 1000 + SECONDS * 1000}
            | xyz("LSM6DSO Accelerometer.{}", METRES)
            | xyz("LSM6DSO Gyroscope.{}", ROTATION)
            | xyz("Game Rotation Vector Sensor.{}", 0 * ROTATION + 0.3)
        ),
        True,
        (),
    ),
    "Science Journal": (
        text({"relative_time": MILLISECONDS} | xyz("Acc{}", METRES, "XYZ")),
        False,
        (),
    ),
    "MATLAB Mobile": (
        {
            "Acceleration.csv": text(
                {"Timestamp": dates("01-May-2024 10:00:{s}.{ms}")} | xyz("{}", METRES, "XYZ")
            ),
            "AngularVelocity.csv": text(
                {"Timestamp": dates("01-May-2024 10:00:{s}.{ms}")} | xyz("{}", ROTATION, "XYZ")
            ),
            "Orientation.csv": text(
                {"Timestamp": dates("01-May-2024 10:00:{s}.{ms}")} | xyz("{}", DEGREES, "XYZ")
            ),
        },
        True,
        (UNKNOWN,),
    ),
    "units in the names of axes": (
        {
            "My_Accelerometer_50Hz.csv": text({"elapsed (s)": SECONDS} | xyz("{}-axis (g)", TOTAL)),
            "My_Gyroscope_50Hz.csv": text(
                {"elapsed (s)": SECONDS} | xyz("{}-axis (deg/s)", DEGREES)
            ),
        },
        True,
        (),
    ),
    "in German": (
        text(
            {"Zeit (s)": SECONDS}
            | xyz("Beschleunigung {} (m/s²)", METRES)
            | xyz("Drehrate {} (°/s)", DEGREES),
            ";",
        ),
        True,
        (),
    ),
    "milli-g": (text({"time": SECONDS} | xyz("acc_{} (mg)", TOTAL * 1000)), False, ()),
    "axis first": (
        text(xyz("{}_acc", METRES) | xyz("{}_gyro", ROTATION) | {"timestamp": MILLISECONDS}),
        True,
        (),
    ),
    "axis stuck to the name": (
        text({"timestamps": SECONDS} | xyz("accel{}", TOTAL) | xyz("gyro{}", ROTATION)),
        True,
        (),
    ),
    "axis in brackets": (
        text({"ts": MILLISECONDS} | xyz("Accel({})", METRES) | xyz("Gyro({})", ROTATION)),
        True,
        (),
    ),
    "only axes, of which gravity tells the sensor": (
        text({"t": SECONDS} | xyz("{}", METRES)),
        False,
        (),
    ),
    "names behind a mark": ("# " + text(TIMED), True, ()),
    "nothing in the first row": (",,,,,,\n" + text(TIMED), True, ()),
    "units below the names": (
        text(
            {"time": SECONDS} | xyz("acc_{}", METRES) | xyz("gyro_{}", DEGREES),
            names="t,acc_x,acc_y,acc_z,gyro_x,gyro_y,gyro_z\n"
            "(s),(m/s^2),(m/s^2),(m/s^2),(deg/s),(deg/s),(deg/s)",
        ),
        True,
        (),
    ),
    "a comment in the middle": (text(TIMED).replace("\n0.2,", "\n# here\n\n0.2,"), True, ()),
    "a delimiter at the end": (text(TIMED).replace("\n", ",\n"), True, ()),
    "one table of several sensors": (
        text(
            {
                "sensor": ["Linear Acceleration", "Gravity", "Gyroscope"] * N,
                "time": np.repeat(SECONDS, 3),
            }
            | interleaved(LINEAR * STANDARD_GRAVITY, GRAVITY * STANDARD_GRAVITY, ROTATION)
        ),
        True,
        (SUM,),
    ),
    "objects": (
        {
            "walk.json": json.dumps(
                [
                    {"sensor": name, "time": str(at)} | dict(zip("xyz", map(str, row), strict=True))
                    for name, values in (("Accelerometer", METRES), ("Gyroscope", ROTATION))
                    for at, row in zip(NANOSECONDS, values, strict=True)
                ]
            )
        },
        True,
        (),
    ),
    "a clock for each sensor": (
        text(
            {"Record Id": np.arange(N), "Acc Timestamp": NANOSECONDS}
            | xyz("Acc{}", METRES, "XYZ")
            | {"Gyro Timestamp": NANOSECONDS}
            | xyz("Gyro{}", ROTATION, "XYZ")
        ),
        True,
        (),
    ),
    "seconds and milliseconds": (
        text({"Timestamp": dates("2024-05-01 10:00:{s}"), "Milliseconds": MILLISECONDS} | BOTH),
        True,
        (),
    ),
    "milliseconds that begin anew each second": (
        text({"date": dates("2024-05-01 10:00:{s}"), "ms": MILLISECONDS % 1000} | BOTH),
        True,
        (),
    ),
    "a rotation vector is no gyroscope": (
        {
            "Accelerometer.csv": text({"Milliseconds": MILLISECONDS} | xyz("{}", METRES, "XYZ")),
            "RotationVector.csv": text(
                {"Milliseconds": MILLISECONDS} | xyz("{}", 0.1 * ROTATION + 0.3) | {"cos": SECONDS}
            ),
        },
        False,
        (),
    ),
    "angles are no gyroscope": (
        text({"time": SECONDS} | xyz("acc_{}", METRES) | xyz("angle_{}", ROTATION)),
        False,
        (),
    ),
    "Sensor Logger before 2022": (
        {
            "Accelerometer.csv": logger(LINEAR * STANDARD_GRAVITY, elapsed=False),
            "Gravity.csv": logger(GRAVITY * STANDARD_GRAVITY, elapsed=False),
            "Gyroscope.csv": logger(ROTATION, elapsed=False),
            "Metadata.csv": "version,platform\n2,android\n",
        },
        True,
        (SUM,),
    ),
    "Sensor Logger, renamed": ({"Walking_TotalAcceleration.csv": logger(METRES)}, False, ()),
    "Sensor Logger, renamed beyond recognition": ({"monday.csv": logger(METRES)}, False, ()),
    "Sensor Logger with a watch": (
        {
            "TotalAcceleration.csv": logger(METRES),
            "WatchAccelerometer.csv": logger(-METRES),
            "Metadata.csv": "version,platform\n3,android\n",
        },
        False,
        (),
    ),
    "phyphox 1.2.0, gravity called acceleration": (
        {
            "Gravity.csv": text(
                {"Time (s)": SECONDS} | xyz("Acceleration {} (m/s^2)", GRAVITY * STANDARD_GRAVITY)
            ),
            "Linear Acceleration.csv": text(
                {"Time (s)": SECONDS}
                | xyz("Linear Acceleration {} (m/s^2)", LINEAR * STANDARD_GRAVITY)
            ),
            "Gyroscope.csv": text({"Time (s)": SECONDS} | xyz("Gyroscope {} (rad/s)", ROTATION)),
        },
        True,
        (SUM,),
    ),
    "phyphox 1.2.0 with the accelerometer": (
        {
            "Gravity.csv": text(
                {"Time (s)": SECONDS} | xyz("Acceleration {} (m/s^2)", GRAVITY * STANDARD_GRAVITY)
            ),
            "Accelerometer.csv": text(
                {"Time (s)": SECONDS} | xyz("Acceleration {} (m/s^2)", METRES)
            ),
        },
        False,
        (),
    ),
    "thousandths of g and of degrees per second": (
        text(
            {"Time(ms)": MILLISECONDS}
            | xyz("Acc{} [mg]", TOTAL * 1000, "XYZ")
            | xyz("Gyro{} [mdps]", DEGREES * 1000, "XYZ")
        ),
        True,
        (),
    ),
    "axes that are numbered": (
        {
            "accelerometer.csv": text({"time": SECONDS} | xyz("v{}", METRES, "123")),
            "gyroscope.csv": text({"time": SECONDS} | xyz("values[{}]", ROTATION, "012")),
        },
        True,
        (),
    ),
    "sensors whose axes are numbered": (
        text({"time": SECONDS} | xyz("acc_{}", METRES, "012") | xyz("gyro_{}", ROTATION, "012")),
        True,
        (),
    ),
    "a unit before the axis": (
        text(
            {"time": SECONDS} | xyz("acceleration (g) {}", TOTAL) | xyz("gyro (deg/s) {}", DEGREES)
        ),
        True,
        (),
    ),
    "times in German without a unit": (
        text({"Zeit": dates("01.05.2024 10:00:{s},{ms}")} | BOTH, ";"),
        True,
        (),
    ),
    "minutes": (text({"time (min)": SECONDS / 60} | BOTH), True, ()),
    "minutes and seconds": (text({"Time": dates("03:{s}.{ms}")} | BOTH), True, ()),
    "spaces between columns": ("  " + text(TIMED, "   ").replace("\n", "\n  "), True, ()),
    "another ending": ({"walk.dat": text(TIMED)}, True, ()),
    "units below the names, none with a slash": (
        text(
            {"t": MILLISECONDS} | xyz("acc_{}", TOTAL),
            names="t,acc_x,acc_y,acc_z\nms,g,g,g",
        ),
        False,
        (),
    ),
    "lists of objects by sensor": (
        {
            "walk.json": json.dumps(
                {
                    name: [
                        {"t": float(at)} | dict(zip("xyz", map(float, row), strict=True))
                        for at, row in zip(SECONDS, values, strict=True)
                    ]
                    for name, values in (("accelerometer", METRES), ("gyroscope", ROTATION))
                }
            )
        },
        True,
        (),
    ),
    "an object a line": (
        {
            "walk.json": "\n".join(
                json.dumps(dict(zip(TIMED, map(float, row), strict=True)))
                for row in np.column_stack(list(TIMED.values()))
            )
        },
        True,
        (),
    ),
    "MATLAB Mobile, one table": (
        text(
            {"Timestamp": dates("01-May-2024 10:00:{s}.{ms}")}
            | xyz("{}_Acceleration", METRES, "XYZ")
            | xyz("{}_AngularVelocity", ROTATION, "XYZ")
        ),
        True,
        (),
    ),
    "Witmotion, angles beside rotation": (
        text(
            {"time": dates("10:00:{s}.{ms}")}
            | xyz("Acc{}(g)", TOTAL, "XYZ")
            | xyz("As{}(°/s)", DEGREES, "XYZ")
            | xyz("Angle{}(°)", DEGREES, "XYZ")
        ),
        True,
        (),
    ),
    "Xsens": (
        "//Sample rate: 50.0Hz\n"
        + text(
            {"PacketCounter": np.arange(N), "SampleTimeFine": (SECONDS * 1e6).astype(int)}
            | xyz("Acc_{}", METRES, "XYZ")
            | xyz("Gyr_{}", ROTATION, "XYZ")
        ),
        True,
        (),
    ),
    "decimal commas in quotes": (
        text({"time": SECONDS} | xyz("acc_{}", METRES), ";")
        .replace(".", ",")
        .replace(";", '";"')
        .replace("\n", '"\n"')
        .join('""')
        .removesuffix('""')
        .removesuffix('"')
        .replace(";", ","),
        False,
        (),
    ),
    "columns in any order": (
        text({name: TIMED[name] for name in sorted(TIMED, key=lambda name: name[::-1])}),
        True,
        (),
    ),
    "degrees per second in a quiet recording": (
        text({"time": SECONDS} | xyz("acc_{}", METRES) | xyz("gyro_{}", DEGREES * 0.7)),
        None,
        ("rotation was taken to be in °/s",),
    ),
}


EMPTY = xyz("acc_{}", METRES) | xyz("gyro_{}", np.full((N, 3), ""))
TOO_SLOW = "the gyroscope was left out: walk/gyro.csv, column 'time': 10 samples per second"
READ |= {
    f"a gyroscope that is not there, {kind}": (files, False, notes)
    for kind, files, notes in (
        ("empty columns", text({"time": SECONDS} | EMPTY), ()),
        ("dashes", text({"time": SECONDS} | EMPTY).replace(",,,", ",-,--,-"), ()),
        (
            "an empty file",
            {
                "acc.csv": text({"time": SECONDS} | xyz("{}", METRES)),
                "gyro.csv": "time,x,y,z\n",
                "gravity.csv": "time,x,y,z\n",
            },
            (),
        ),
        (
            "empty rows of a sensor",
            text(
                {
                    "time": np.repeat(SECONDS, 2),
                    "sensor": ["accelerometer", "gyroscope"] * N,
                }
                | interleaved(METRES, np.full((N, 3), np.nan))
            ),
            (),
        ),
        (
            "ten a second",
            {
                "acc.csv": text({"time": SECONDS} | xyz("{}", METRES)),
                "gyro.csv": text({"time (s)": SECONDS[::5]} | xyz("{}", ROTATION[::5])),
            },
            (TOO_SLOW.replace("'time'", "'time (s)'"),),
        ),
        (
            "two seconds",
            {
                "acc.csv": text({"time": SECONDS} | xyz("{}", METRES)),
                "gyro.csv": text({"time": SECONDS[:100]} | xyz("{}", ROTATION[:100])),
            },
            ("the gyroscope ran too short a time",),
        ),
    )
}
READ["acceleration that is empty beside its parts"] = (
    text(
        {"time": SECONDS}
        | xyz("acc_{}", np.full((N, 3), ""))
        | xyz("gravity_{}", GRAVITY)
        | xyz("linear_{}", LINEAR)
    ),
    False,
    (SUM,),
)


@pytest.mark.parametrize("kind", READ)
def test_read_takes_what_was_measured(kind, tmp_path):
    files, has_gyroscope, notes = READ[kind]
    recording = phone.read(written(tmp_path, files))
    assert len(recording.acceleration) == pytest.approx(N, abs=1)
    n_samples = min(len(recording.acceleration), N)
    np.testing.assert_allclose(recording.acceleration[:n_samples], TOTAL[:n_samples], atol=2e-3)
    assert len(recording.notes) == len(notes), recording.notes
    for said, begin in zip(recording.notes, notes, strict=True):
        assert said.startswith(begin)
    if has_gyroscope is not None:
        assert recording.has_gyroscope == has_gyroscope
        expected = ROTATION if has_gyroscope else 0 * ROTATION
        np.testing.assert_allclose(recording.rotation[:n_samples], expected[:n_samples], atol=2e-3)
    else:
        np.testing.assert_allclose(recording.rotation, 0.7 * ROTATION, atol=2e-3)


REFUSED = {
    "times that a spreadsheet rounded": (
        text({"Timestamp": ["1.70E+12"] * N} | BOTH),
        r"column 'Timestamp': all times are the same; did a spreadsheet round them",
    ),
    "without gravity, unit named": (
        text({"time": SECONDS} | xyz("a{} (m/s^2)", LINEAR * 4)),
        r"only acceleration without gravity",
    ),
    "without gravity, no unit": (
        text({"time": SECONDS} | xyz("a{}", LINEAR * 4) | {"aT": SECONDS}),
        r"only acceleration without gravity",
    ),
    "without gravity, called acceleration": (
        {"Raw Data.csv": text({"Time (s)": SECONDS} | xyz("Acceleration {} (m/s^2)", LINEAR * 9))},
        r"only acceleration without gravity",
    ),
    "only gravity": (
        text({"time": SECONDS} | xyz("gravity_{}", GRAVITY)),
        r"only gravity; record the accelerometer",
    ),
    "only rotation": (
        text({"time": SECONDS} | xyz("gyro_{}", ROTATION)),
        r"no acceleration, only rotation",
    ),
    "acceleration that is empty": (
        text({"time": SECONDS} | xyz("acc_{}", np.full((N, 3), "")) | xyz("gyro_{}", ROTATION)),
        r"column 'acc_x': no numbers in it$",
    ),
    "acceleration that is empty in a file of its own": (
        {
            "acc.csv": text({"time": SECONDS[:0]} | xyz("{}", METRES[:0])),
            "gyro.csv": text({"time": SECONDS} | xyz("{}", ROTATION)),
        },
        r"acc.csv, column 'x': no numbers in it$",
    ),
    "two a second": (
        text({"Time since start in ms ": MILLISECONDS * 25} | BOTH),
        r"column 'Time since start in ms': 2 samples per second; 20 are needed: set the",
    ),
    "one a second, unit not named": (
        text({"time": np.arange(N)} | BOTH),
        r"1 s, ms, µs or ns between samples is not 20 to 2000 samples per second$",
    ),
    "no names, a delimiter at the end": (
        text(TIMED, ";").partition("\n")[2].replace("\n", ";\n"),
        r"row 1 holds numbers; it must name the columns, as time, acc_x",
    ),
    "no names, but a sensor's": (
        text({"": [""] * N, "a": ["Accelerometer"] * N} | TIMED).partition("\n")[2],
        r"row 1 holds values; it must name the columns, as time, acc_x",
    ),
    "two phones": (
        text({"time": SECONDS} | xyz("left_acc_{}", TOTAL) | xyz("right_acc_{}", TOTAL)),
        r"acceleration twice, in walk.csv; keep one",
    ),
}


def quoted(*rows, at=0, names=None, times=1):
    """Print a table with a quotation mark before a cell of some rows, counted from 1."""
    lines = text(TIMED, names=names).splitlines()
    behind = lines[1:] * (times - 1)
    for row in rows:
        cells = lines[row - 1].split(",")
        cells[at] = f'"{cells[at]}'
        lines[row - 1] = ",".join(cells)
    return "\n".join(lines + behind)


NOT_CLOSED = r"walk.csv, row {}: a quotation mark that is not closed"
REFUSED |= {
    "a quotation mark": (quoted(300), NOT_CLOSED.format(300)),
    "a quotation mark, much behind it": (quoted(50, times=20), NOT_CLOSED.format(50)),
    "a quotation mark in the last column": (quoted(450, at=6), NOT_CLOSED.format(450)),
    "two quotation marks": (quoted(100, 300), NOT_CLOSED.format(100)),
    "two quotation marks in a column of no use": (
        quoted(100, 300, at=6, names="time,acc_x,acc_y,acc_z,mag_x,mag_y,remark"),
        NOT_CLOSED.format(100),
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_read_refuses_in_one_line(kind, tmp_path):
    files, message = REFUSED[kind]
    with pytest.raises(ValueError, match=message) as error:
        phone.read(written(tmp_path, files))
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 250


def test_read_counts_the_recordings_of_a_folder(tmp_path):
    table = text(TIMED)
    for day in ("monday", "tuesday", "wednesday"):
        written(tmp_path / day, {"acc.csv": table})
    message = r"recordings; read them one at a time, as .*/monday, or `classify .*` for all$"
    with pytest.raises(ValueError, match="3 " + message):
        phone.read(tmp_path)
    for day in ("thursday", "friday"):
        (tmp_path / f"gyro_{day}.csv").write_text(text({"time": SECONDS} | xyz("{}", ROTATION)))
        (tmp_path / f"acc_{day}.csv").write_text(text({"time": SECONDS} | xyz("{}", METRES)))
    found = phone.recordings_in(tmp_path)
    assert len(found) == 5
    names = {name.rpartition("/")[2]: read() for name, read in found.items()}
    assert names["friday"].has_gyroscope
    assert set(names) == {"monday", "tuesday", "wednesday", "thursday", "friday"}


def export():
    """Return the zip of an app."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("acc.csv", text({"time": SECONDS} | xyz("{}", METRES)))
        archive.writestr("gyro.csv", text({"time": SECONDS} | xyz("{}", ROTATION)))
    return content.getvalue()


def scratched(content):
    """Change some bytes of the last file in a zip."""
    at = content.rfind(b"gyro.csv", 0, content.rfind(b"PK\1\2")) + 100
    return content[:at] + bytes(byte ^ 0x55 for byte in content[at : at + 30]) + content[at + 30 :]


def inside(content):
    """Wrap a file in a zip."""
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("carl.zip", content)
    return outer.getvalue()


BROKEN = {
    "half.zip": (export()[:1000], r"class/half.zip: a damaged zip"),
    "page.zip": (b"<html>log in</html>", r"class/page.zip: not a zip"),
    "scratched.zip": (scratched(export()), r"class/scratched.zip/gyro.csv: damaged in its zip"),
    "nested.zip": (inside(export()[:1000]), r"class/nested.zip/carl.zip: a damaged zip"),
    "no.xlsx": (b"no Excel", r"class/no.xlsx: .* Excel file"),
    "half.json": (b'[{"time": 1,', r"class/half.json: not JSON \(.*\); was it saved whole\?"),
    "nothing.csv": (bytes(5000), r"class/nothing.csv: not a text file"),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_recordings_in_a_folder_are_read_though_one_file_is_broken(broken, tmp_path):
    folder = tmp_path / "class"
    folder.mkdir()
    for name in ("anna.zip", "ben.zip"):
        (folder / name).write_bytes(export())
    (folder / "~$ben.xlsx").write_bytes(b"Excel is open")
    content, message = BROKEN[broken]
    (folder / broken).write_bytes(content)
    found = phone.recordings_in(folder)
    assert len(found) == 3
    for name in ("anna.zip", "ben.zip"):
        np.testing.assert_allclose(found.pop(f"class/{name}")().rotation, ROTATION, atol=2e-3)
    [read] = found.values()
    with pytest.raises(ValueError, match=f"^{message}") as error:
        read()
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("broken", BROKEN)
def test_read_says_what_is_wrong_with_a_single_file(broken, tmp_path):
    content, message = BROKEN[broken]
    (tmp_path / broken).write_bytes(content)
    with pytest.raises(ValueError, match=message.replace("class/", "")):
        phone.read(tmp_path / broken)


def test_recordings_in_a_zip_of_zips_are_read_though_one_is_broken(tmp_path):
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as archive:
        for name, content in (("anna", export()), ("ben", export()), ("carl", export()[:1000])):
            archive.writestr(f"{name}.zip", content)
    found = phone.recordings_in(tmp_path / "class.zip")
    assert list(found) == ["class.zip/anna.zip", "class.zip/ben.zip", "class.zip/carl"]
    assert found["class.zip/ben.zip"]().has_gyroscope
    with pytest.raises(ValueError, match=r"^class.zip/carl.zip: a damaged zip"):
        found["class.zip/carl"]()


def test_read_names_the_endings_that_are_read(tmp_path):
    (tmp_path / "walk.csv.gz").write_bytes(b"\x1f\x8b")
    with pytest.raises(ValueError, match=r"no table in it .*csv.*json.*xlsx.*zip"):
        phone.read(tmp_path / "walk.csv.gz")


def test_read_looks_into_a_hidden_folder_that_is_named(tmp_path):
    (tmp_path / ".walks").mkdir()
    (tmp_path / ".walks" / "walk.csv").write_text(text(TIMED))
    assert phone.read(tmp_path / ".walks").has_gyroscope


def phyphox_table(name, values, unit):
    return text({"Time (s)": SECONDS} | xyz(f"{name} {{}} ({unit})", values))


LANGUAGES = [
    ("Beschleunigung", "Lineare Beschleunigung", "Schwerkraft", "Gyroskop"),
    ("Accélération", "Accélération linéaire", "Gravité", "Gyroscope"),
    ("Aceleración", "Aceleración lineal", "Gravedad", "Giroscopio"),
    ("Accelerazione", "Accelerazione lineare", "Gravità", "Giroscopio"),
    ("Przyspieszenie", "Przyspieszenie liniowe", "Grawitacja", "Żyroskop"),
    ("Versnelling", "Lineaire versnelling", "Zwaartekracht", "Gyroscoop"),
    ("加速度", "线性加速度", "重力", "陀螺仪"),
]


@pytest.mark.parametrize("names", LANGUAGES)
def test_recordings_in_any_language_are_one(names, tmp_path):
    values = (METRES, LINEAR * STANDARD_GRAVITY, GRAVITY * STANDARD_GRAVITY, ROTATION)
    units = ("m/s^2",) * 3 + ("rad/s",)
    with zipfile.ZipFile(tmp_path / "walk.zip", "w") as archive:
        for each in zip(names, values, units, strict=True):
            archive.writestr(f"{each[0]}.csv", phyphox_table(*each))
    [read] = phone.recordings_in(tmp_path / "walk.zip").values()
    np.testing.assert_allclose(read().acceleration, TOTAL, atol=2e-3)
    np.testing.assert_allclose(read().rotation, ROTATION, atol=2e-3)


def test_recordings_in_a_folder_are_called_after_their_files(tmp_path):
    folder = tmp_path / "class"
    folder.mkdir()
    (folder / "anna.csv").write_text(text({"time": SECONDS} | xyz("acc_{}", METRES)))
    (folder / "ben.zip").write_bytes(export())
    assert list(phone.recordings_in(folder)) == ["class/anna", "class/ben.zip"]


def test_recordings_in_a_folder_find_the_gyroscope_saved_a_second_later(tmp_path):
    for hour in (10, 11):
        (tmp_path / f"Accelerometer_20251130_{hour}5959.csv").write_text(
            phyphox_table("Acceleration", METRES, "m/s^2")
        )
        (tmp_path / f"Gyroscope_20251130_{hour + 1}0000.csv").write_text(
            phyphox_table("Gyroscope", ROTATION, "rad/s")
        )
    found = phone.recordings_in(tmp_path)
    assert len(found) == 2
    assert all(read().has_gyroscope for read in found.values())


def test_recordings_in_a_folder_name_a_gyroscope_that_is_nobodys(tmp_path):
    for name in ("lina", "linus"):
        (tmp_path / f"acc_{name}.csv").write_text(phyphox_table("Acceleration", METRES, "m/s^2"))
    (tmp_path / "gyro_carl.csv").write_text(phyphox_table("Gyroscope", ROTATION, "rad/s"))
    found = phone.recordings_in(tmp_path)
    assert [read().has_gyroscope for read in list(found.values())[:2]] == [False, False]
    with pytest.raises(ValueError, match=r"gyro_carl.csv: no acceleration, only rotation"):
        found[f"{tmp_path.name}/gyro_carl.csv"]()


def test_recordings_in_a_zip_are_not_made_of_spectra(tmp_path):
    spectrum = text({"Frequency (Hz)": SECONDS} | xyz("Acceleration {} (m/s^2)", METRES))
    files = {
        "Raw Data.csv": phyphox_table("Acceleration", METRES, "m/s^2"),
        "Spectrum.csv": spectrum,
    }
    [read] = phone.recordings_in(written(tmp_path, files)).values()
    np.testing.assert_allclose(read().acceleration, TOTAL, atol=2e-3)


def wrist():
    """Print what Sensor Logger writes of a watch."""
    parts = {"acceleration{}": LINEAR, "gravity{}": GRAVITY, "rotationRate{}": ROTATION}
    columns = {"time": NANOSECONDS, "seconds_elapsed": SECONDS}
    for name, values in parts.items():
        columns |= xyz(name, values, "XYZ")
    return text(columns)


def test_read_leaves_out_what_a_watch_recorded(tmp_path):
    files = {"TotalAcceleration.csv": logger(METRES), "Gyroscope.csv": logger(ROTATION)}
    place = written(tmp_path, files | {"WristMotion.csv": wrist()})
    assert len(phone.recordings_in(place)) == 1
    np.testing.assert_allclose(phone.read(place).acceleration, TOTAL, atol=2e-3)
    (tmp_path / "alone").mkdir()
    with pytest.raises(ValueError, match=r"WristMotion.csv: of a watch or headphones"):
        phone.read(written(tmp_path / "alone", {"WristMotion.csv": wrist()}))


def records(sensor, values, names="xyz"):
    """Return what Sensor Logger writes of a sensor in one JSON list."""
    times = {"time": NANOSECONDS, "seconds_elapsed": SECONDS}
    columns = times | xyz("{}", values, names)
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return [{"sensor": sensor, **{key: str(value) for key, value in row.items()}} for row in rows]


def test_read_takes_the_phone_out_of_the_one_list_of_sensor_logger(tmp_path):
    about = [{"sensor": "Metadata", "version": "3", "platform": "android"}]
    phones = records("TotalAcceleration", METRES) + records("Gyroscope", ROTATION)
    turned = ("rotationRateX", "rotationRateY", "rotationRateZ")
    watch = records("WristMotion", 2 * ROTATION, turned)
    content = json.dumps(about + watch + phones)
    recording = phone.read(written(tmp_path, {"walk.json": content}))
    np.testing.assert_allclose(recording.acceleration, TOTAL, atol=2e-3)
    np.testing.assert_allclose(recording.rotation, ROTATION, atol=2e-3)


def test_read_adds_what_an_iphone_has_in_the_one_list_of_sensor_logger(tmp_path):
    about = [{"sensor": "Metadata", "version": "3", "platform": "ios", "standardisation": "true"}]
    parts = records("Accelerometer", LINEAR * STANDARD_GRAVITY)
    parts += records("Gravity", GRAVITY * STANDARD_GRAVITY) + records("Gyroscope", ROTATION)
    recording = phone.read(written(tmp_path, {"walk.json": json.dumps(about + parts)}))
    np.testing.assert_allclose(recording.acceleration, TOTAL, atol=2e-3)


def test_read_knows_the_minus_sign_that_phones_write(tmp_path):
    content = text(TIMED).replace(",-", ",\N{MINUS SIGN}")
    np.testing.assert_allclose(
        phone.read(written(tmp_path, content)).acceleration, TOTAL, atol=1e-5
    )


def test_read_keeps_x_y_z_beside_a_gyroscope_with_a_name(tmp_path):
    columns = {"time": SECONDS} | xyz("{}", METRES) | xyz("g{}", ROTATION)
    recording = phone.read(written(tmp_path, text(columns)))
    np.testing.assert_allclose(recording.acceleration, TOTAL, atol=1e-5)
    np.testing.assert_allclose(recording.rotation, ROTATION, atol=1e-5)


def test_read_adds_linear_acceleration_to_gravity_without_its_name(tmp_path):
    columns = {"time": SECONDS} | xyz("grv_{} (m/s²)", GRAVITY * STANDARD_GRAVITY)
    columns |= xyz("lin_{} (m/s²)", LINEAR * STANDARD_GRAVITY) | xyz("gyro_{}", ROTATION)
    recording = phone.read(written(tmp_path, text(columns)))
    np.testing.assert_allclose(recording.acceleration, TOTAL, atol=1e-4)


def test_signs_of_physics_toolbox_are_those_of_ios_by_the_name_of_its_total(tmp_path):
    columns = {"time": SECONDS} | xyz("gF{}", -TOTAL) | {"gFTotal": np.linalg.norm(TOTAL, axis=1)}
    recording = phone.read(written(tmp_path, text(columns)))
    np.testing.assert_allclose(recording.acceleration, TOTAL, atol=1e-5)


def test_read_refuses_a_line_that_would_take_all_memory(tmp_path):
    with zipfile.ZipFile(tmp_path / "walk.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("walk.csv", text(TIMED) + "0," * tables.LONGEST_LINE)
    with pytest.raises(ValueError, match=r"walk\.csv, line 502: more than 1,000,000 letters"):
        phone.read(tmp_path / "walk.zip")


def test_read_notes_that_a_file_is_called_after_a_watch(tmp_path):
    [note] = phone.read(written(tmp_path, {"watch_accelerometer.csv": text(TIMED)})).notes
    assert note.startswith("watch_accelerometer.csv is called after a watch")


# ---- Sensors that did not run together -----------------------------------------------------------


def two_sensors(acceleration, rotation):
    """Print two tables; each is told which samples it holds and by how much its clock is off."""
    return {
        f"{name}.csv": text({"time": SECONDS[kept] + offset} | xyz("{}", values[kept]))
        for name, values, (kept, offset) in (
            ("acc", METRES, acceleration),
            ("gyro", ROTATION, rotation),
        )
    }


@pytest.mark.parametrize("epoch", [0.0, 7.5, EPOCH])
def test_sensors_that_ran_alone_are_noted(epoch, tmp_path):
    late = two_sensors((slice(None), epoch), (slice(200, None), epoch))
    recording = phone.read(written(tmp_path, late))
    assert recording.starts_at == pytest.approx(4.0, abs=1e-3)
    np.testing.assert_allclose(recording.acceleration, TOTAL[200:], atol=2e-3)
    [note] = recording.notes
    for number in ("0.0 to 10.0 s", "4.0 to 10.0 s", "0.0 s here is 4.0 s"):
        assert number in note


def test_sensors_that_stopped_early_are_noted(tmp_path):
    recording = phone.read(written(tmp_path, two_sensors((slice(None), 0), (slice(200), 0))))
    assert recording.starts_at == 0
    [note] = recording.notes
    assert "0.0 to 10.0 s" in note
    assert "0.0 to 4.0 s" in note
    assert "here" not in note


def test_sensors_that_nearly_ran_together_need_no_note(tmp_path):
    recording = phone.read(written(tmp_path, two_sensors((slice(25, 480), 0), (slice(None), 0))))
    assert recording.starts_at == 0.5
    assert recording.notes == ()


def test_sensors_that_are_added_may_have_run_alone_too(tmp_path):
    files = {
        "gravity.csv": text({"time": SECONDS} | xyz("{}", GRAVITY)),
        "linear.csv": text({"time": SECONDS[150:]} | xyz("{}", LINEAR[150:])),
    }
    recording = phone.read(written(tmp_path, files))
    assert recording.starts_at == 3.0
    assert recording.notes[0] == SUM
    assert "gravity ran from 0.0 to 10.0 s, linear acceleration ran from 3.0" in recording.notes[1]


def test_sensors_start_where_a_pause_of_another_was_left_out(tmp_path):
    gone = np.where(SECONDS < 2, 0.0, 60.0)  # the accelerometer rests for a minute
    files = {
        "acc.csv": text({"time": SECONDS + gone} | xyz("{}", METRES)),
        "gyro.csv": text({"time": SECONDS + 61} | xyz("{}", ROTATION)),
    }
    recording = phone.read(written(tmp_path, files))
    assert recording.starts_at == pytest.approx(61, abs=0.02)
    assert "0.0 s here is 61.0 s there" in recording.notes[0]


def test_read_shows_only_the_beginning_of_long_lines(tmp_path):
    for content in (
        "x" * 200_000,
        "word " * 40_000,
        "7," * 100_000,
        "time,acc_x,acc_y," + ",".join(f"other{k}" for k in range(9000)) + "\n0,1,2",
        f"time,acc_x,acc_y,acc_z\n0,{'one' * 20_000},2,3\n1,2,3,4\n2,3,4,5\n",
    ):
        with pytest.raises(ValueError, match=r"walk\.csv") as error:
            phone.read(written(tmp_path, content))
        assert len(str(error.value)) < 500


def test_read_asks_for_the_whole_zip_where_one_file_of_it_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"without gravity.*name the whole zip"):
        phone.read(written(tmp_path, {"Accelerometer.csv": logger(LINEAR * STANDARD_GRAVITY)}))


def test_read_knows_gravity_in_german(tmp_path):
    columns = {"Time since start in ms": MILLISECONDS}
    columns |= xyz("BESCHLEUNIGUNGSMESSER {} (m/s²)", METRES, "XYZ")
    columns |= xyz("SCHWERKRAFT {} (m/s²)", GRAVITY * STANDARD_GRAVITY, "XYZ")
    recording = phone.read(written(tmp_path, text(columns)))
    np.testing.assert_allclose(recording.acceleration, TOTAL, atol=2e-3)


# ---- Times as people write them ------------------------------------------------------------------


def midnight(pattern):
    """Print a time for each sample, the fifth second of which begins a new day."""
    moments = np.datetime64(pattern[0], "ms") - 5000 + MILLISECONDS
    return [moment.astype(object).strftime(pattern[1])[:-3] for moment in moments]


BACK = SECONDS - 0.8 * (np.arange(N) >= 250)

TIMES = {
    "days first, over the twelfth": (midnight(("2024-05-13", "%d/%m/%Y %H:%M:%S.%f")), ()),
    "days first, with points": (midnight(("2024-04-05", "%d.%m.%Y %H:%M:%S.%f")), ()),
    "months first": (midnight(("2024-04-05", "%m/%d/%Y %H:%M:%S.%f")), ()),
    "digits of dates": (dates("202405011059{s}{ms}"), ()),
    "nanoseconds like digits of dates": (
        np.array([20240501105320 + k * 20_000_000 for k in range(N)]),
        (),
    ),
    "half days": (dates("10:53:{s}.{ms} AM"), ()),
    "half days at noon": (
        [
            f"{'11:59:5' + str(5 + k // 1000) if k < 5000 else '12:00:0' + str(k // 1000 - 5)}"
            f".{k % 1000:03d} {'AM' if k < 5000 else 'PM'}"
            for k in MILLISECONDS
        ],
        (),
    ),
}


@pytest.mark.parametrize("kind", TIMES)
def test_times_are_read_as_people_write_them(kind, tmp_path):
    times, notes = TIMES[kind]
    recording = phone.read(written(tmp_path, text({"time": times} | BOTH)))
    assert recording.notes == notes
    assert not len(recording.gaps)
    np.testing.assert_allclose(recording.acceleration, TOTAL, atol=0.1)


def test_times_of_the_newest_row_first_are_turned_round(tmp_path):
    newest_first = {name: column[::-1] for name, column in TIMED.items()}
    recording = phone.read(written(tmp_path, text(newest_first)))
    np.testing.assert_allclose(recording.acceleration, TOTAL, atol=2e-3)
    [note] = recording.notes
    assert "newest row" in note


@pytest.mark.parametrize("stale", [0.0, EPOCH - 7200])
def test_times_of_a_lone_first_sample_are_left_out(stale, tmp_path):
    times = EPOCH + SECONDS
    times[0] = stale
    recording = phone.read(written(tmp_path, text({"time": times} | BOTH)))
    np.testing.assert_allclose(recording.acceleration, TOTAL[1:], atol=2e-3)
    [note] = recording.notes
    assert "first sample" in note


def test_times_that_were_set_back_are_noted(tmp_path):
    recording = phone.read(written(tmp_path, text({"time": BACK} | BOTH)))
    assert "time went back by 0.78 s at row 252" in recording.notes[0]


def test_times_without_a_unit_are_refused_with_what_to_do(tmp_path):
    for step, message in ((0.1, "10 samples per second; 20"), (0.00125, "call it 'time .s.'")):
        table = text({"time": np.arange(N) * step} | BOTH)
        with pytest.raises(ValueError, match=f"column 'time': .*{message}"):
            phone.read(written(tmp_path, table))


def test_times_of_two_clocks_are_refused_with_both(tmp_path):
    files = two_sensors((slice(None), 0), (slice(None), 1e5))
    with pytest.raises(ValueError, match=r"accelerometer from 0 to 10 s.* 100000 to 100010 s"):
        phone.read(written(tmp_path, files))


def test_tables_may_end_within_a_number(tmp_path):
    torn = text(TIMED)[: text(TIMED).rindex(",")] + ",0.98-"
    recording = phone.read(written(tmp_path, torn))
    assert len(recording.acceleration) == N - 1
    np.testing.assert_allclose(recording.acceleration, TOTAL[:-1], atol=2e-3)
    with pytest.raises(ValueError, match=r"'0.98-' is not a number"):
        phone.read(written(tmp_path, torn + "\n"))


# ---- Signs, lengths, axes ------------------------------------------------------------------------


def test_signs_follow_what_ios_writes_about_how_the_phone_lies(tmp_path):
    up = np.roll(TOTAL, 2, axis=1) * (-1, -1, 1)  # z is +0.97: face up
    for sign, called, notes in ((-1, "faceUp", (TURNED,)), (-1, 5, (TURNED,)), (1, "faceUp", ())):
        columns = {"Timestamp": SECONDS, "DeviceOrientation": [called] * N}
        columns |= xyz("Acceleration{}", sign * up, "XYZ")
        recording = phone.read(written(tmp_path, text(columns, ";")))
        np.testing.assert_allclose(recording.acceleration, up, atol=1e-5)
        assert recording.notes == notes


@pytest.mark.parametrize("time", ["time", "timeIntervalSince1970"])
def test_signs_that_nothing_tells_are_noted(time, tmp_path):
    columns = {time: EPOCH + SECONDS} | xyz("Acc{}", -TOTAL, "XYZ")
    recording = phone.read(written(tmp_path, text(columns)))
    np.testing.assert_allclose(recording.acceleration, -TOTAL, atol=1e-5)
    [note] = recording.notes
    assert note.startswith(UNKNOWN)
    assert "180°" in note


def test_gravity_of_a_wrong_length_is_noted(tmp_path):
    weak = TOTAL * (0.72, 1, 1)
    recording = phone.read(written(tmp_path, text({"time": SECONDS} | xyz("acc_{}", weak))))
    [note] = recording.notes
    length = np.linalg.norm(weak.mean(axis=0))
    assert note.startswith(f"gravity is {length:.1f}")
    assert phone.read(written(tmp_path, text(TIMED))).notes == ()


def test_gravity_is_not_said_to_be_short_because_a_leg_swings(tmp_path):
    seconds = np.arange(1500) / RATE
    swing = 1.1 * np.sin(2 * np.pi * 1.35 * seconds)  # a thigh of somebody who runs, in radians
    legs = 9.81 * np.column_stack([np.sin(swing), np.cos(swing), 0 * seconds])
    assert np.linalg.norm(legs.mean(axis=0)) < 0.9 * 9.81
    recording = phone.read(written(tmp_path, text({"time": seconds} | xyz("acc_{}", legs))))
    assert not any("g long" in note for note in recording.notes)


def turning():
    """Return a phone that is turned slowly about all its axes, as in the hand of a child."""
    seconds = np.arange(3000) / RATE
    rotation = np.cos(2 * np.pi * np.outer(seconds, (0.11, 0.17, 0.23))) * (0.8, 0.6, 0.7)
    up = np.empty((len(seconds), 3))
    up[0] = (0, 0, 1)
    for k in range(len(seconds) - 1):
        middle = up[k] + np.cross(up[k], rotation[k]) / RATE / 2
        up[k + 1] = up[k] + np.cross(middle, (rotation[k] + rotation[k + 1]) / 2) / RATE
    return seconds, up / np.linalg.norm(up, axis=1, keepdims=True), rotation


ROTATIONS = {
    "right": ("gyro_{}", lambda rotation: rotation, 1, ""),
    "fast degrees": ("gyro_{}", np.rad2deg, 1, ""),
    "degrees": (
        "gyro_{}",
        lambda rotation: np.rad2deg(rotation) * 0.7,
        0.7,
        "rotation was taken to be in °/s",
    ),
    "degrees called radians": (
        "gyro_{} (rad/s)",
        lambda rotation: np.rad2deg(rotation) * 0.7,
        0.7,
        "rotation is in °/s, though its columns say rad/s",
    ),
    "radians called degrees": (
        "gyro_{} (°/s)",
        lambda rotation: rotation,
        1,
        "rotation is in rad/s, though its columns say °/s",
    ),
    "axes": ("gyro_{}", lambda r: r[:, [1, 0, 2]], None, "gravity does not turn as the gyroscope"),
    "sign": ("gyro_{}", lambda r: r * (1, -1, 1), None, "gravity does not turn as the gyroscope"),
    "half": ("gyro_{}", lambda r: r / 3, 1 / 3, "gravity turns 3.0 times as fast"),
    "angles": ("rot_{}", lambda r: 0.1 * r + 1, 0, "what walk.csv calls rotation does not turn"),
}


@pytest.mark.parametrize("case", ROTATIONS)
def test_rotation_is_compared_with_how_gravity_turns(case, tmp_path):
    title, change, factor, note = ROTATIONS[case]
    seconds, up, rotation = turning()
    columns = {"time": seconds} | xyz("acc_{}", up) | xyz(title, change(rotation))
    recording = phone.read(written(tmp_path, text(columns)))
    assert "; ".join(recording.notes)[: len(note) or None] == note
    if factor is not None:
        np.testing.assert_allclose(recording.rotation, factor * rotation, atol=1e-4)


# ---- Clocks --------------------------------------------------------------------------------------


def test_bursts_are_spread_evenly(tmp_path):
    burst = np.repeat(np.arange(N // 5) * 100, 5) + np.tile(
        np.arange(5), N // 5
    )  # five, 1 ms apart
    recording = phone.read(written(tmp_path, text({"time": EPOCH * 1000 + burst} | BOTH)))
    assert recording.sampling_rate == pytest.approx(50, rel=0.01)
    assert recording.notes == (
        "the clock stood still between bursts of samples: they were spread evenly",
    )
    n_samples = min(N, len(recording.acceleration))
    np.testing.assert_allclose(
        recording.acceleration[10 : n_samples - 10], TOTAL[10 : n_samples - 10], atol=0.15
    )


@pytest.mark.parametrize(("fast", "slow"), [(100, 20), (200, 20), (400, 50)])
def test_bursts_are_not_seen_where_an_app_slows_down(fast, slow):
    seconds = np.concatenate([np.arange(0, 20, 1 / fast), np.arange(20, 80, 1 / slow)])
    assert not clocks._comes_in_bursts(seconds)
    in_turn = np.concatenate([np.arange(10 * k, 10 * k + 3, 1 / fast) for k in range(8)])
    between = np.concatenate([np.arange(10 * k + 3, 10 * k + 10, 1 / slow) for k in range(8)])
    assert not clocks._comes_in_bursts(np.sort(np.concatenate([in_turn, between])))


def test_times_in_ticks_of_dot_net_are_read(tmp_path):
    ticks = 638_500_000_000_000_000 + np.round(SECONDS * 1e7).astype(np.int64)
    recording = phone.read(written(tmp_path, text({"timestamp": ticks} | BOTH)))
    assert recording.sampling_rate == pytest.approx(50, rel=1e-3)
    np.testing.assert_allclose(recording.acceleration, TOTAL, atol=2e-3)


def test_times_without_leading_zeros_are_read(tmp_path):
    file = written(tmp_path, text({"time": dates("10:5:{s}.{ms}")} | BOTH))
    np.testing.assert_allclose(phone.read(file).acceleration, TOTAL, atol=1e-3)


def test_times_of_the_year_1_are_refused_in_one_line(tmp_path):
    file = written(tmp_path, text({"time": dates("0001-01-01 10:05:{s}.{ms}")} | BOTH))
    with pytest.raises(ValueError, match=r"^walk\.csv.*"):
        phone.read(file)


@pytest.mark.parametrize("stalled", [5, 12])
def test_a_clock_that_stalls_makes_no_acceleration_that_was_not_measured(stalled, tmp_path):
    late = SECONDS.copy()
    late[200 : 200 + stalled] = late[200 + stalled] - np.arange(stalled, 0, -1) * 4e-4
    clipped = np.clip(METRES * 3, -2 * STANDARD_GRAVITY, 2 * STANDARD_GRAVITY)  # a sensor of ±2 g
    clipped[:, 0] = METRES[:, 0]
    recording = phone.read(written(tmp_path, text({"time": late} | xyz("acc_{}", clipped))))
    measured = clipped / STANDARD_GRAVITY
    assert (recording.acceleration.max(axis=0) <= measured.max(axis=0) + 1e-5).all()
    assert (recording.acceleration.min(axis=0) >= measured.min(axis=0) - 1e-5).all()


def test_rounded_times_are_spread(tmp_path):
    for rounded in (np.floor(SECONDS * 10) / 10, np.floor(SECONDS)):
        time = {"time (s)": 7 + rounded}
        recording = phone.read(written(tmp_path, text(time | xyz("acc_{}", METRES))))
        assert recording.sampling_rate == pytest.approx(50, rel=1e-3)
        np.testing.assert_allclose(recording.acceleration[:N], TOTAL, atol=1e-3)
        [note] = recording.notes
        assert note.startswith(f"{N - len(np.unique(rounded))} of {N} times were equal")


def test_samples_that_stand_there_twice_are_taken_once(tmp_path):
    twice = {name: np.repeat(column, 2) for name, column in TIMED.items()}
    recording = phone.read(written(tmp_path, text(twice)))
    assert recording.notes == ()
    assert recording.sampling_rate == pytest.approx(50)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("useless", ["n.a. yet", ""])
def test_a_time_column_of_no_use_does_not_spoil_a_good_one(useless, tmp_path):
    dates = pd.to_datetime(EPOCH + SECONDS, unit="s").strftime("%Y-%m-%dT%H:%M:%S.%f")
    columns = {"time": dates.to_numpy(), "elapsed (ms)": np.full(N, useless)} | BOTH
    recording = phone.read(written(tmp_path, text(columns)))
    assert recording.sampling_rate == pytest.approx(50, rel=0.01)


def test_a_long_cell_is_shown_by_its_beginning(tmp_path):
    times = (
        pd.to_datetime(EPOCH + SECONDS, unit="s").strftime("%Y-%m-%dT%H:%M:%S.%f").to_numpy().copy()
    )
    times[10] = "later " * 1000
    with pytest.raises(ValueError, match="neither a number nor a time") as refused:
        phone.read(written(tmp_path, text({"time": times} | BOTH)))
    assert len(str(refused.value)) < 500


def test_bursts_of_samples_with_short_pauses_have_times_that_increase():
    random = np.random.default_rng(243)
    rate = random.choice([25, 50, 100])
    n = int(random.integers(4, 20) * rate)
    burst = int(random.choice([5, 10, 25, 50]))
    times = np.arange(n)[np.arange(n) // burst * burst] / rate + (np.arange(n) % burst) * 1e-3
    for _ in range(random.integers(1, 8)):
        times[random.integers(0, n) :] += random.uniform(0.8, 2.4)
    even, _ = clocks._evened(times)
    assert (np.diff(even) > 0).all()


def day(n_stretches=20, every=600.0):
    """Return a recording of ten seconds every ten minutes."""
    seconds = np.concatenate([SECONDS + every * k for k in range(n_stretches)])
    return {"time": seconds} | {name: np.tile(values, n_stretches) for name, values in BOTH.items()}


def test_pauses_cost_what_ten_seconds_cost(tmp_path):
    recording = phone.read(written(tmp_path, text(day())))
    assert len(recording.acceleration) == pytest.approx(20 * N + 19 * 500, abs=40)
    assert len(recording.gaps) == len(recording.left_out) == 19
    starts = recordings.window_starts(recording)
    seconds = recordings.seconds_at(recording, starts)
    assert ((seconds % 600) <= N / RATE - 2.56 + 1e-6).all()
    assert len(np.unique(seconds // 600)) == 20
    again = [recordings.sample_at(recording, second) for second in seconds]
    np.testing.assert_allclose(again, starts, atol=1)
    in_stretch = recording.acceleration[starts[-1] : starts[-1] + signals.WINDOW]
    at = round(seconds[-1] % 600 * RATE)
    np.testing.assert_allclose(in_stretch, TOTAL[at : at + signals.WINDOW], atol=0.05)


@pytest.mark.parametrize("rested", [(100, 130), (100, 130.1), (100.1, 130.1), (110, 150)])
def test_samples_are_found_again_where_two_sensors_rest_at_different_times(rested, tmp_path):
    seconds = np.arange(0, 200, 1 / RATE)
    files = {}
    for sensor, (start, stop) in {"acc": (100, 130), "gyro": rested}.items():
        kept = seconds[(seconds <= start) | (seconds >= stop)]
        columns = {"time": kept} | {f"{sensor}_{axis}": 0 * kept for axis in "xy"}
        files[f"{sensor}.csv"] = text(columns | {f"{sensor}_z": 0 * kept + 1})
    recording = phone.read(written(tmp_path, files))
    samples = np.arange(0, len(recording.acceleration), 64)
    again = [recordings.sample_at(recording, s) for s in recordings.seconds_at(recording, samples)]
    assert again == samples.tolist()


def test_a_stretch_of_a_day_is_labelled_by_its_own_seconds(data, tmp_path):
    recording = phone.read(written(tmp_path, text(day(3))))
    smoke = data.train.take(np.arange(0, 200))
    more = dataset.with_recording(smoke, recording, [("WALKING", 1200, 1209)])
    added = more.table["start"].to_numpy()[len(smoke) :]
    assert len(added) == 6
    np.testing.assert_allclose(recordings.seconds_at(recording, added[0]), 1200, atol=0.05)


# ---- Tables --------------------------------------------------------------------------------------


def test_tables_may_hold_quoted_lines_of_words(tmp_path):
    lines = text(TIMED | {"remark": [""] * N}).splitlines()
    lines[100] += '"a step, I think\nof 0,2 m\nor more"'
    recording = phone.read(written(tmp_path, "\n".join(lines)))
    np.testing.assert_allclose(recording.acceleration, TOTAL, atol=2e-3)
    lines[200] = lines[200].replace("0", "?", 1)
    with pytest.raises(ValueError, match=r"row 203: .* is not a number"):
        phone.read(written(tmp_path, "\n".join(lines)))


def test_tables_may_lie_beside_a_line_of_any_length(tmp_path):
    files = {"walk.csv": text(TIMED), "about.txt": "x" * 200_000, "more.csv": "1," * 100_000}
    np.testing.assert_allclose(phone.read(written(tmp_path, files)).acceleration, TOTAL, atol=2e-3)


def test_both_ways_of_reading_cells_agree(tmp_path):
    columns_with_holes = {name: values.copy() for name, values in TIMED.items()}
    columns_with_holes["acc_x"][[3, 7]] = np.nan, np.inf
    path = written(tmp_path, text(columns_with_holes))
    [table] = tables.read(path, wanted=lambda table: bool(columns.columns(table)))
    fast, thorough = tables._fast(table, range(7)), tables._thorough(table, range(7))
    assert fast is not None
    for place in range(7):
        np.testing.assert_array_equal(fast.numbers(place), thorough.numbers(place))
    np.testing.assert_array_equal(fast.rows, thorough.rows)


SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    "{}</sheetData></worksheet>"
)
WORKBOOK = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
    'content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
    'relationships+xml"/><Default Extension="xml" ContentType="application/xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    'relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/'
    '2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
    '<sheet name="Accelerometer" sheetId="1" r:id="s1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/'
    '2006/relationships"><Relationship Id="s1" Type="http://schemas.openxmlformats.org/'
    'officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}


def excel(path):
    """Write an Excel file with one sheet, as phyphox does."""
    names = ["Time (s)", *(f"Acceleration {axis} (m/s^2)" for axis in "xyz")]
    rows = ["".join(f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in names)]
    rows += [
        "".join(f"<c><v>{value!r}</v></c>" for value in row)
        for row in np.column_stack([SECONDS, METRES]).tolist()
    ]
    sheet = SHEET.format("".join(f"<row>{row}</row>" for row in rows))
    with zipfile.ZipFile(path, "w") as file:
        for name, content in (WORKBOOK | {"xl/worksheets/sheet1.xml": sheet}).items():
            file.writestr(name, content)
    return path


def test_excel_files_are_read(tmp_path):
    pytest.importorskip("python_calamine", reason="needs the extra `excel`")
    recording = phone.read(excel(tmp_path / "walk.xlsx"))
    assert recording.source == "phyphox"
    np.testing.assert_allclose(recording.acceleration, TOTAL, atol=1e-5)


def test_excel_files_without_the_extra_are_refused_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    message = r"^walk.xlsx: an Excel file; export it as CSV instead, or `pip install python-calami"
    with pytest.raises(ValueError, match=message):
        phone.read(excel(tmp_path / "walk.xlsx"))


# ---- The table of apps ---------------------------------------------------------------------------


def test_apps_say_only_what_is_understood():
    sensors = {"acceleration", "linear", "gravity", "rotation"}
    for app in columns.apps():
        assert app.marks
        assert app.signs in ("", "android", "ios", "unknown")
        assert set(app.files.values()) <= sensors
        for title, (sensor, unit) in app.columns.items():
            assert title.count("{}") == 1
            assert sensor.split()[0] in sensors
            assert unit in ("g", "m/s²", "rad/s", "°/s")


def test_an_app_of_five_lines_is_read(tmp_path, monkeypatch):
    """The example of CONTRIBUTING.md."""
    page = (files.REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines()
    start = page.index("    Moves:")
    block = "\n".join(line[4:] for line in page[start : start + 5])
    moves = columns.App("Moves", **yaml.safe_load(block)["Moves"])
    monkeypatch.setattr(columns, "apps", lambda: (moves,))
    table = {"time": SECONDS} | xyz("kick{}", -TOTAL) | xyz("spin{}", DEGREES)
    recording = phone.read(written(tmp_path, text(table)))
    assert recording.source == "Moves"
    assert recording.notes == (TURNED,)
    np.testing.assert_allclose(recording.acceleration, TOTAL, atol=1e-5)
    np.testing.assert_allclose(recording.rotation, ROTATION, atol=1e-5)
