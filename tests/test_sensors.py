"""Tests of what one phone's sensors leave in the data, on small examples with known answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from har_utils import dataset, recordings, sensors, signals
from har_utils.sensors import Calibration

WRONG = Calibration(np.array([1.05, 0.98, 1.01]), np.array([-0.03, 0.02, 0.01]))


def directions(n: int = 200) -> np.ndarray:
    """Return arrows of length 1 that point anywhere."""
    drawn = np.random.default_rng(0).standard_normal((n, 3))
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def test_calibrate_finds_the_gain_and_offset_that_a_sensor_was_given():
    found = sensors.calibrate(directions() * WRONG.gain + WRONG.offset)
    assert found.gain == pytest.approx(WRONG.gain, abs=1e-9)
    assert found.offset == pytest.approx(WRONG.offset, abs=1e-9)


def test_applied_takes_the_errors_away():
    measured = directions() * WRONG.gain + WRONG.offset
    assert np.linalg.norm(WRONG.applied(measured), axis=1) == pytest.approx(np.ones(200))


def test_calibrate_wants_as_many_measurements_as_numbers():
    with pytest.raises(ValueError, match="5 measurements are too few for six numbers"):
        sensors.calibrate(directions(5))


def test_applied_to_windows_is_what_filtering_a_calibrated_recording_gives():
    generator = np.random.default_rng(1)
    true = np.array([1, 0, 0]) + np.cumsum(generator.normal(0, 0.02, (600, 3)), axis=0)
    rotation = generator.normal(0, 0.1, (600, 3))

    def windows(acceleration):
        out = signals.preprocess(acceleration, rotation)
        return np.hstack([out.body_acc, out.body_gyro, out.total_acc])[np.newaxis, 400:528]

    measured = windows(true * WRONG.gain + WRONG.offset)
    assert np.abs(measured - windows(true)).max() > 0.02
    assert WRONG.applied_to_windows(measured) == pytest.approx(windows(true), abs=2e-4)


@pytest.mark.parametrize(
    ("values", "second", "share"),
    [
        ([1, 2, 3, 4], [0, 0, 1, 1], 1.0),
        ([1, 2, 3, 4], [1, 1, 0, 0], 1.0),
        ([1, 2, 3, 4], [0, 1, 0, 1], 0.75),
        ([1, 1, 1, 1], [0, 1, 0, 0], 0.75),
        ([5], [1], 1.0),
    ],
)
def test_best_threshold_accuracy_is_the_share_that_one_threshold_gets_right(values, second, share):
    assert sensors.best_threshold_accuracy(np.array(values), np.array(second, dtype=bool)) == share


def test_repeated_counts_rows_that_equal_the_one_before_on_all_axes():
    rows = np.array([[1, 2, 3], [1, 2, 3], [1, 2, 4], [0, 2, 4], [0, 2, 4]])
    assert sensors.repeated_share(rows) == 0.5


def test_hold_changes_finds_windows_that_a_change_of_posture_reaches_into():
    table = pd.DataFrame({"recording": [1, 1, 1, 2], "start": [0, 64, 200, 0]})
    labels = {
        1: pd.DataFrame({"activity": [5, 8, 4], "start": [0, 128, 195], "stop": [128, 195, 400]}),
        2: pd.DataFrame({"activity": [5], "start": [0], "stop": [400]}),
    }
    assert sensors.hold_changes(table, labels).tolist() == [False, True, False, False]


def test_blocks_are_of_one_person_and_activity_and_say_whether_they_have_a_gap():
    table = pd.DataFrame(
        {
            "subject": [1, 1, 1, 1, 2, 2],
            "activity": ["WALKING", "WALKING", "SITTING", "SITTING", "SITTING", "SITTING"],
            "recording": [1, 1, 1, 1, 2, 3],
            "start": [0, 64, 300, 400, 0, 64],
        }
    )
    found = sensors.blocks(table)
    assert found["windows"].tolist() == [2, 2, 2]
    assert found["gap"].tolist() == [False, True, True]


def test_one_phone_left_its_marks_in_the_course_data():
    data = dataset.load()
    labels = {each.experiment: each.labels for each in recordings.load()}
    assert sensors.hold_changes(data.table, labels).sum() == 125
    gaps = sensors.blocks(data.train.table)["gap"]
    assert (gaps.sum(), len(gaps)) == (248, 280)
    length = np.linalg.norm(data.windows[:, :, 6:].mean(axis=1), axis=1)
    pair = np.isin(data.labels, [4, 5])
    accuracy = sensors.best_threshold_accuracy(length[pair], data.labels[pair] == 5)
    assert accuracy == pytest.approx(0.978, abs=1e-3)
