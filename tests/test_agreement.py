"""Tests of `signals.sensors_agree`: do accelerometer and gyroscope name their axes alike?"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from har_utils import signals

RATE = signals.SAMPLING_RATE


def turning_phone(seconds: float = 60, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return what a phone measures that is turned slowly every way: gravity (g) and rad/s."""
    generator = np.random.default_rng(seed)
    n = int(seconds * RATE)
    rotation = signals.low_pass(generator.standard_normal((n, 3)) * 4, 0.5, 2, zero_phase=True)
    attitude, up = Rotation.identity(), np.empty((n, 3))
    for sample, turn in enumerate(rotation / RATE):
        up[sample] = attitude.inv().apply([0.0, 0.0, 1.0])
        attitude = attitude * Rotation.from_rotvec(turn)
    return up, rotation


ACCELERATION, ROTATION = turning_phone()


def test_sensors_agree_when_gravity_turns_as_the_gyroscope_says():
    found = signals.sensors_agree(ACCELERATION, ROTATION)
    assert found.agrees is True
    assert found.axes == ("x", "y", "z")
    assert found.scale == pytest.approx(1, abs=0.02)
    assert found.correlation > 0.99


def test_sensors_agree_ranks_all_48_ways_the_best_first():
    ranking = signals.sensors_agree(ACCELERATION, ROTATION).ranking
    assert len({axes for axes, _ in ranking}) == 48
    correlations = [correlation for _, correlation in ranking]
    assert correlations == sorted(correlations, reverse=True)
    assert ranking[-1][0] == ("-x", "-y", "-z")


def test_sensors_agree_in_any_unit_and_whatever_the_sign_of_gravity():
    for factor in (9.81, -1):
        assert signals.sensors_agree(ACCELERATION * factor, ROTATION).agrees is True


@pytest.mark.parametrize(
    ("factor", "scale"), [(180 / np.pi, np.pi / 180), (1 / 1.14, 1.14)], ids=["degrees", "14 %"]
)
def test_sensors_agree_estimates_the_scale_that_is_missing(factor, scale):
    found = signals.sensors_agree(ACCELERATION, ROTATION * factor)
    assert found.agrees is True
    assert found.scale == pytest.approx(scale, rel=0.02)


@pytest.mark.parametrize(
    ("order", "signs", "axes"),
    [
        ([1, 0, 2], [1, 1, 1], ("y", "x", "z")),
        ([0, 1, 2], [-1, 1, 1], ("-x", "y", "z")),
        ([0, 1, 2], [-1, -1, -1], ("-x", "-y", "-z")),
    ],
    ids=["two axes exchanged", "one sign wrong", "all signs wrong"],
)
def test_sensors_agree_finds_the_axes_that_a_file_should_have(order, signs, axes):
    found = signals.sensors_agree(ACCELERATION, ROTATION[:, order] * signs)
    assert found.agrees is False
    assert found.axes == axes
    assert found.scale == pytest.approx(1, abs=0.02)


def test_sensors_agree_looks_only_where_nobody_walks():
    seconds = np.arange(len(ACCELERATION)) / RATE
    walks = seconds < 40
    steps = np.where(walks, 0.4 * np.sin(2 * np.pi * 2 * seconds), 0)[:, np.newaxis]
    found = signals.sensors_agree(ACCELERATION + steps, ROTATION * [1, 1, -1])
    assert found.axes == ("x", "y", "-z")


def test_sensors_agree_gives_the_benefit_of_the_doubt_after_turns_about_one_axis():
    seconds = np.arange(3000) / RATE
    angle = np.sin(2 * np.pi * 0.1 * seconds)
    up = np.column_stack([np.cos(angle), -np.sin(angle), np.zeros(3000)])
    rotation = np.column_stack([np.zeros((3000, 2)), np.gradient(angle, 1 / RATE)])
    assert signals.sensors_agree(up, rotation).agrees is True
    assert signals.sensors_agree(up, -rotation).agrees is False


def test_sensors_agree_cannot_tell_of_a_phone_that_lies_still():
    generator = np.random.default_rng(1)
    still = [0, 0, 1] + 0.01 * generator.standard_normal((3000, 3))
    found = signals.sensors_agree(still, 0.01 * generator.standard_normal((3000, 3)))
    assert found.agrees is None
    assert np.isnan(found.scale)


def test_sensors_agree_cannot_tell_where_the_gyroscope_has_nothing_to_do_with_gravity():
    _, other = turning_phone(seed=5)
    assert signals.sensors_agree(ACCELERATION, other).agrees is None


def test_sensors_agree_cannot_tell_from_less_than_four_seconds():
    assert signals.sensors_agree(ACCELERATION[:150], ROTATION[:150]).agrees is None


def test_sensors_agree_refuses_signals_of_different_lengths():
    with pytest.raises(ValueError, match="3000 samples of acceleration, 2999 of rotation"):
        signals.sensors_agree(ACCELERATION[:3000], ROTATION[:2999])
