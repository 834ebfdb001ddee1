"""Tests of `phone.motion`: acceleration, its signs, and the gyroscope beside it."""

from __future__ import annotations

import numpy as np
import pytest
from exports import text

from har_utils import phone, recordings
from har_utils.phone import motion

RATE = 50


def table(folder, titles, columns):
    """Write a table of a made-up recording; return its path."""
    file = folder / "walk.csv"
    file.write_text(text(titles, columns), encoding="utf-8")
    return file


def jogging(seconds: int) -> np.ndarray:
    """Return strides of 1 g on average whose landings a sensor for ±2 g cuts off."""
    swing = np.sin(2 * np.pi * 2.6 * np.arange(RATE * seconds) / RATE)
    return np.minimum(0.1 + 4.5 * np.maximum(swing, 0) ** 4, 2)


def walking(seconds: int) -> np.ndarray:
    """Return steps of 0.3 g about gravity, by a sensor that finds it a twentieth too long."""
    return 1.05 + 0.3 * np.sin(2 * np.pi * 1.9 * np.arange(RATE * seconds) / RATE)


PACES = {
    "after a walk": np.append(walking(50), jogging(30)),
    "jogging alone": jogging(60),
}


@pytest.mark.parametrize("unit", [1.0, phone.STANDARD_GRAVITY], ids=["g", "metres"])
@pytest.mark.parametrize("pace", PACES)
def test_gravity_is_found_where_a_sensor_cuts_off_strides(pace, unit, tmp_path):
    up = PACES[pace]
    across = np.zeros((2, len(up)))
    columns = [np.arange(len(up)) / RATE, *across, unit * up]
    recording = phone.read(table(tmp_path, ("time", "acc_x", "acc_y", "acc_z"), columns))
    assert recording.acceleration[:, 2].mean() == pytest.approx(up.mean(), abs=0.01)


def test_gravity_is_missed_where_it_was_left_out_of_jogging(tmp_path):
    up = jogging(60) - jogging(60).mean()
    columns = [np.arange(len(up)) / RATE, *np.zeros((2, len(up))), up]
    for kind, is_doubtful in (("acc", True), ("lin_acc", False)):
        titles = ("time", *(f"{kind}_{axis}" for axis in "xyz"))
        with pytest.raises(ValueError, match="only acceleration without gravity") as refused:
            phone.read(table(tmp_path, titles, columns))
        assert ("jogging" in str(refused.value)) == is_doubtful


def sensor_log(folder, orientation, up):
    """Write what SensorLog for iOS writes of a phone at rest; its signs are the other way round."""
    seconds = np.arange(200) / RATE
    values = [np.full(200, -value) for value in up]
    names = [f"accelerometerAcceleration{axis}(G)" for axis in "XYZ"]
    titles = ("accelerometerTimestamp_sinceReboot(s)", *names, "deviceOrientation(Z)")
    return table(folder, titles, [seconds, *values, np.full(200, orientation)])


PORTRAIT = 1


@pytest.mark.parametrize(
    ("up", "is_contradicted"),
    [((0.1, 0.99, 0), False), ((0.1, -0.99, 0), True), ((0.9, -0.3, 0.3), False)],
    ids=["as written", "upside down", "on its side"],
)
def test_signs_of_an_app_for_ios_go_before_a_locked_screen(up, is_contradicted, tmp_path):
    recording = phone.read(sensor_log(tmp_path, PORTRAIT, up))
    np.testing.assert_allclose(recording.acceleration, np.tile(up, (200, 1)), atol=1e-3)
    assert (motion.CONTRADICTED in recording.notes) == is_contradicted


def walk_and_rest(late: float) -> tuple[np.ndarray, np.ndarray]:
    """Return acceleration and rotation of somebody who walks, rests and walks, the latter late."""
    noise = np.random.default_rng(0).normal(0, 0.01, (2, 100 * RATE, 3))
    seconds = np.arange(100 * RATE) / RATE
    paces = [(seconds > 10) & (seconds < 31), (seconds > 45) & (seconds < 58), seconds > 83]
    walks = np.any(paces, axis=0)[:, np.newaxis]
    swing = np.sin(2 * np.pi * np.outer(seconds, (1.9, 0.95, 1.9))) * walks
    acceleration = (0, 0, 1) + 0.3 * swing + noise[0]
    return acceleration, np.roll(swing + noise[1], int(late * RATE), axis=0)


@pytest.mark.parametrize("late", [2.0, -1.0])
def test_lag_is_found_by_when_somebody_walks(late):
    assert motion.lag(*walk_and_rest(late)) == pytest.approx(late, abs=0.11)


def test_lag_is_none_where_both_sensors_move_at_once_or_evenly():
    assert motion.lag(*walk_and_rest(0)) == 0
    assert motion.lag(*walk_and_rest(0.3)) == 0
    acceleration, rotation = (each[11 * RATE : 30 * RATE] for each in walk_and_rest(2))
    assert motion.lag(acceleration, rotation) == 0
    assert motion.lag(acceleration, 0 * rotation) == 0
    assert motion.lag(acceleration[:100], rotation[:100]) == 0


@pytest.mark.parametrize("late", [0, 2])
def test_checked_notes_a_gyroscope_that_is_late(late, tmp_path):
    acceleration, rotation = walk_and_rest(late)
    titles = ("time", *(f"{kind}_{axis}" for kind in ("acc", "gyro") for axis in "xyz"))
    columns = [np.arange(len(rotation)) / RATE, *acceleration.T, *rotation.T]
    notes = phone.read(table(tmp_path, titles, columns)).notes
    assert sum("2.0 s later" in note for note in notes) == (late > 0)
    assert sum("clocks" in note for note in notes) == (late > 0)


# ---- Gravity and linear acceleration in files of their own ---------------------------------------

SECONDS = np.arange(60 * RATE) / RATE
STILL = np.tile([9.6, 1.5, 0.8], (len(SECONDS), 1))
STEPS = np.column_stack([2 * np.sin(4 * np.pi * SECONDS), np.cos(4 * np.pi * SECONDS), 0 * SECONDS])
ANDROID = "version,platform\n3,android\n"


def in_two_files(folder, linear, gravity, linear_seconds=SECONDS, gravity_seconds=SECONDS):
    """Write what Sensor Logger has of an Android phone without a file of total acceleration."""
    (folder / "Metadata.csv").write_text(ANDROID, encoding="utf-8")
    files = {"Accelerometer": (linear_seconds, linear), "Gravity": (gravity_seconds, gravity)}
    for name, (seconds, values) in files.items():
        columns = [seconds, *values.T]
        written = text(("seconds_elapsed", "x", "y", "z"), columns)
        (folder / f"{name}.csv").write_text(written, encoding="utf-8")
    return folder


def test_sum_of_gravity_and_hard_shaking_is_read(tmp_path):
    shaken = in_two_files(tmp_path, 15 * STEPS, STILL)
    recording = phone.read(shaken)
    expected = (STILL + 15 * STEPS) / phone.STANDARD_GRAVITY
    np.testing.assert_allclose(recording.acceleration, expected, atol=1e-3)
    assert not any("long in this recording" in note for note in recording.notes)


@pytest.mark.parametrize("rested", ["linear", "gravity"])
def test_sum_has_a_gap_where_either_sensor_rested(rested, tmp_path):
    kept = (SECONDS <= 20) | (SECONDS >= 28)
    values = {"linear": STEPS, "gravity": STILL}
    times = {f"{rested}_seconds": SECONDS[kept]}
    values[rested] = values[rested][kept]
    recording = phone.read(in_two_files(tmp_path, **values, **times))
    np.testing.assert_allclose(recording.gaps, [[1000, 1400]], atol=1)


def test_sum_keeps_nothing_of_what_is_too_fast_for_50_hz(tmp_path):
    fast = np.arange(60 * 200) / 200
    humming = np.column_stack([2 * np.sin(2 * np.pi * 48 * fast), 0 * fast, 0 * fast])
    recording = phone.read(in_two_files(tmp_path, humming, STILL, linear_seconds=fast))
    middle = recording.acceleration[RATE:-RATE]
    assert np.abs(middle - STILL[0] / phone.STANDARD_GRAVITY).max() < 0.01


def turned_once_a_second() -> np.ndarray:
    """Return gravity of a phone that rests for 50 s and is turned round and round for 10 s."""
    angle = 2 * np.pi * np.maximum(SECONDS - 50, 0)
    return phone.STANDARD_GRAVITY * np.column_stack([np.cos(angle), np.sin(angle), 0 * angle])


def test_gravity_is_found_however_fast_it_turns(tmp_path):
    gravity = turned_once_a_second()
    expected = gravity / phone.STANDARD_GRAVITY
    summed = phone.read(in_two_files(tmp_path, 0.01 * STEPS, gravity))
    np.testing.assert_allclose(summed.acceleration, expected, atol=0.01)
    titles = ("time", "acc_x", "acc_y", "acc_z")
    alone = phone.read(table(tmp_path / "..", titles, [SECONDS, *gravity.T]))
    np.testing.assert_allclose(alone.acceleration, expected, atol=0.01)


# ---- Units of rotation ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def walk():
    """Acceleration and rotation of somebody who walks and does nothing else."""
    recording = recordings.load()[0]
    first = recording.labels[recording.labels["activity"] == 1].iloc[0]
    steps = slice(first["start"], first["stop"])
    return recording.acceleration[steps], recording.rotation[steps]


def exported(walk, factor, unit, folder):
    """Write a walk with its rotation in another unit."""
    acceleration, rotation = walk
    names = [f"acc_{axis} (g)" for axis in "xyz"] + [f"gyro_{axis}{unit}" for axis in "xyz"]
    columns = [np.arange(len(rotation)) / RATE, *acceleration.T, *(factor * rotation).T]
    return table(folder, ("time", *names), columns)


DEGREES = 180 / np.pi


@pytest.mark.parametrize(
    ("factor", "unit", "note"),
    [
        (1, "", ""),
        (1, " (rad/s)", ""),
        (DEGREES, " (deg/s)", ""),
        (1, " (deg/s)", "rotation is in rad/s, though its columns say °/s"),
    ],
)
def test_rotation_of_a_walk_is_in_radians_whatever_its_columns_say(
    factor, unit, note, walk, tmp_path
):
    recording = phone.read(exported(walk, factor, unit, tmp_path))
    np.testing.assert_allclose(recording.rotation, walk[1], atol=1e-3)
    assert recording.notes == ((note,) if note else ())


@pytest.mark.parametrize("unit", ["", " (deg/s)"])
def test_rotation_that_no_phone_measures_in_degrees_is_refused(unit, walk, tmp_path):
    with pytest.raises(ValueError, match=r"°/s is more than any phone measures; which unit"):
        phone.read(exported(walk, 1000 * DEGREES, unit, tmp_path))


def test_rotation_in_counts_of_a_sensor_is_left_out(walk, tmp_path):
    slow = walk[0], 0.1 * walk[1]
    recording = phone.read(exported(slow, 131 * DEGREES, "", tmp_path))
    assert not recording.has_gyroscope
    assert any("even in °/s; it was left out" in note for note in recording.notes)


def test_nothing_but_zeros_is_called_so(tmp_path):
    columns = [SECONDS, *np.zeros((3, len(SECONDS)))]
    with pytest.raises(ValueError, match=r"walk\.csv: the accelerometer wrote nothing but zeros"):
        phone.read(table(tmp_path, ("time", "acc_x", "acc_y", "acc_z"), columns))


def test_an_empty_file_is_named_once(tmp_path):
    (tmp_path / "walk.csv").write_text("", encoding="utf-8")
    with pytest.raises(ValueError, match=r"^walk\.csv: it is empty"):
        phone.read(tmp_path / "walk.csv")
