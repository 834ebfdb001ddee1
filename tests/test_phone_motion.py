"""Tests of `phone.motion`: acceleration, its signs, and the gyroscope beside it."""

from __future__ import annotations

import numpy as np
import pytest
from exports import text

from har_utils import phone
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
