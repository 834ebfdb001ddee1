"""Tests of `placement`: where a phone sits and how it is turned."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from har_utils import placement


def windows_of(up: list[float], n: int = 10, strength: float = 0.3) -> np.ndarray:
    """Return `n` windows of somebody who bounces along the vertical (not at all: strength 0)."""
    bounce = strength * np.sin(2 * np.pi * 2 * np.arange(128) / 50)[:, np.newaxis]
    direction = np.array(up, dtype=float) / np.linalg.norm(up)
    body_acc = bounce * direction
    window = np.hstack([body_acc, np.zeros((128, 3)), body_acc + direction])
    return np.tile(window.astype(np.float32), (n, 1, 1))


def gravity(windows: np.ndarray) -> np.ndarray:
    """Return the mean acceleration of each window."""
    return windows[:, :, 6:].mean(axis=1)


def test_moving_is_neither_rest_nor_wild():
    rest, walk, run = (windows_of([1, 0, 0], 1, strength) for strength in (0, 0.3, 1.5))
    assert placement.moving(np.concatenate([rest, walk, run])).tolist() == [False, True, False]


def bouncing(steps: float, strength: float) -> np.ndarray:
    """Return a window of somebody who takes so many steps a second, the phone's x upwards."""
    window = np.zeros((1, 128, 9), dtype=np.float32)
    window[0, :, 6] = 1 + strength * np.sin(2 * np.pi * steps * np.arange(128) / 50)
    return window


@pytest.mark.parametrize("steps", [1.3, 1.9, 2.75, 3.6])
def test_pace_is_read_from_the_length_of_the_acceleration(steps):
    turned = bouncing(steps, 0.5).reshape(1, 128, 3, 3) @ Rotation.random(rng=0).as_matrix().T
    seen = turned.reshape(1, 128, 9).astype(np.float32)
    assert placement.pace(seen) == pytest.approx([steps], abs=0.06)


@pytest.mark.parametrize(
    ("steps", "strength", "runs"),
    [(2.7, 0.9, True), (2.7, 0.5, False), (1.9, 0.9, False), (2.45, 0.8, True), (2.2, 1.2, False)],
)
def test_running_has_a_pace_and_a_strength(steps, strength, runs):
    assert placement.running(bouncing(steps, strength)).tolist() == [runs]


def test_turns_to_x_are_rotations_that_bring_every_direction_to_x():
    directions = np.random.default_rng(0).standard_normal((50, 3))
    directions = np.vstack([directions, [-1, 0, 0], [1, 0, 0]])
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    turns = placement.turns_to_x(directions)
    assert np.einsum("nij,nj->ni", turns, directions) == pytest.approx(
        np.tile([1.0, 0, 0], (52, 1)), abs=1e-6
    )
    assert turns @ turns.transpose(0, 2, 1) == pytest.approx(
        np.tile(np.eye(3), (52, 1, 1)), abs=1e-6
    )
    assert np.linalg.det(turns) == pytest.approx(np.ones(52))


def test_turns_to_x_leave_alone_what_nobody_knows():
    assert placement.turns_to_x(np.full((1, 3), np.nan))[0] == pytest.approx(np.eye(3))


def test_middle_direction_hardly_heeds_a_few_that_point_elsewhere():
    most = np.tile([0.0, 0, 1], (20, 1))
    middle = placement.middle_direction(np.vstack([most, np.tile([1.0, 0, 0], (6, 1))]))
    assert np.degrees(np.arccos(middle @ [0, 0, 1])) < 3


@pytest.mark.parametrize("seed", range(3))
def test_turn_upright_finds_any_turn_of_the_phone(seed):
    turn = Rotation.random(rng=np.random.default_rng(seed)).as_matrix().astype(np.float32)
    walks, sits = windows_of([1, 0, 0]), windows_of([0.8, 0.6, 0], 4, 0)
    windows = np.concatenate([walks, sits])
    triples = windows.reshape(14, 128, 3, 3) @ turn.T
    seen = triples.reshape(14, 128, 9)
    one = np.zeros(14)
    upright = placement.turn_upright(seen, placement.upward(seen, one, one))
    assert gravity(upright)[:10] == pytest.approx(gravity(walks), abs=1e-3)
    assert gravity(upright)[10:, 0] == pytest.approx(np.full(4, 0.8), abs=1e-3)


def test_upward_is_unknown_without_five_moving_windows():
    windows = np.concatenate([windows_of([0, 0, 1], 20, 0), windows_of([1, 0, 0], 4)])
    one = np.zeros(24)
    assert np.isnan(placement.upward(windows, one, one)).all()


def test_upward_asks_moving_windows_of_their_own_trial_and_resting_ones_the_recording():
    windows = np.concatenate(
        [windows_of([1, 0, 0], 40), windows_of([0, 0, 1], 10), windows_of([0, 1, 0], 5, 0)]
    )
    recording, trial = np.zeros(55), np.repeat([0, 1, 2], [40, 10, 5])
    up = placement.upward(windows, recording, trial)
    assert up[45] == pytest.approx([0, 0, 1], abs=1e-6)
    assert up[54] == pytest.approx([1, 0, 0], abs=0.1)
    assert placement.upward(windows, recording, trial, local=False)[45] == pytest.approx(up[54])


def test_turn_upright_turns_a_phone_that_was_put_back_upside_down():
    windows = np.concatenate([windows_of([1, 0, 0]), windows_of([-1, 0.1, 0], 5, 0)])
    one = np.zeros(15)
    upright = placement.turn_upright(windows, placement.upward(windows, one, one))
    assert (gravity(upright)[:, 0] > 0.9).all()


def test_headings_leave_the_vertical_alone_and_go_round_once():
    windows = windows_of([1, 1, 0])
    every = placement.headings(windows, 4)
    assert every[0] == pytest.approx(windows)
    assert gravity(every[1])[0] == pytest.approx([np.sqrt(0.5), 0, np.sqrt(0.5)], abs=1e-2)
    assert np.mean([gravity(each)[0] for each in every], axis=0) == pytest.approx(
        [np.sqrt(0.5), 0, 0], abs=1e-2
    )


def test_gait_is_the_same_whichever_way_the_phone_faces():
    generator = np.random.default_rng(0)
    windows = generator.standard_normal((5, 128, 9)).astype(np.float32)
    for turned in placement.headings(windows, 3):
        assert placement.gait(turned) == pytest.approx(placement.gait(windows), abs=1e-3)


def test_gait_tells_a_thigh_that_swings_once_a_stride_from_a_hip_that_sways_every_step():
    seconds = np.arange(128) / 50
    swings = np.zeros((2, 128, 9), dtype=np.float32)
    swings[0, :, 4] = 2 * np.sin(2 * np.pi * 0.9 * seconds)
    swings[1, :, 4] = 2 * np.sin(2 * np.pi * 1.9 * seconds)
    thigh, hip = placement.gait(swings)[:, 4]
    assert thigh > 1 > -1 > hip


def test_pocket_is_decided_for_the_whole_recording_by_its_moving_windows():
    odds, moves = np.array([2.0, 2, 2, 2, 2, -9, -3, -3]), np.array([1, 1, 1, 1, 1, 0, 1, 1], bool)
    found = placement.pocket(odds, moves, np.array([0, 0, 0, 0, 0, 0, 1, 1]))
    assert found[:6] == pytest.approx(np.full(6, 1 / (1 + np.exp(-2))))
    assert np.isnan(found[6:]).all()


def test_edge_up_names_the_edge_or_face_and_how_far_it_is_off():
    named = {"right edge": [1, 0, 0], "bottom edge": [0, -1, 0], "screen": [0, 0, 1]}
    for name, up in named.items():
        assert placement.edge_up(np.array(up)) == (name, pytest.approx(0))
    leaning = np.array([-np.cos(np.radians(30)), np.sin(np.radians(30)), 0])
    assert placement.edge_up(leaning) == ("left edge", pytest.approx(30))


# --- Ahead, strength, swing ---------------------------------------------------------------------


def walking(degrees: float, n: int = 12) -> np.ndarray:
    """Return windows of somebody who is braked and pushed on with each step, ahead at an angle."""
    seconds = np.arange(128) / 50
    step, stride = 2 * np.pi * 1.95 * seconds, 2 * np.pi * 0.98 * seconds
    lift, push, sway = 0.3 * np.sin(step), -0.2 * np.cos(step), 0.15 * np.sin(stride)
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    window = np.zeros((128, 9), dtype=np.float32)
    window[:, :3] = np.column_stack([lift, c * push - s * sway, s * push + c * sway])
    window[:, 6:] = window[:, :3] + [1, 0, 0]
    return np.tile(window, (n, 1, 1))


@pytest.mark.parametrize("degrees", [0, 40, 170, -100])
def test_forward_turns_with_the_phone(degrees):
    seen, one = walking(degrees), np.zeros(12)
    found = placement.forward(seen, seen, one, one)
    straight = placement.forward(walking(0), walking(0), one, one)
    turned = np.degrees(np.arctan2(found[:, 1], found[:, 0]))
    expected = np.degrees(np.arctan2(straight[:, 1], straight[:, 0])) + degrees
    assert np.cos(np.radians(turned - expected)) == pytest.approx(np.ones(12), abs=1e-3)


def test_forward_of_resting_windows_is_that_of_their_recording():
    rest = walking(0, 3) * 0 + np.array([0] * 6 + [1, 0, 0], dtype=np.float32)
    seen, one = np.concatenate([walking(70), rest]), np.zeros(15)
    found = placement.forward(seen, seen, one, np.repeat([0, 1], [12, 3]))
    assert found[14] == pytest.approx(found[0], abs=1e-3)
    assert np.isnan(placement.forward(rest, rest, one[:3], one[:3])).all()


def test_turn_forward_makes_windows_alike_whichever_way_the_phone_faced():
    one = np.zeros(12)
    facing = [
        placement.turn_forward(seen, placement.forward(seen, seen, one, one))
        for seen in (walking(0), walking(130))
    ]
    assert facing[0] == pytest.approx(facing[1], abs=2e-3)
    assert placement.ahead(facing[0])[0] == pytest.approx([0, 0.9], abs=0.1)


def test_to_usual_motion_makes_recordings_equally_strong_and_leaves_gravity_alone():
    seen = np.concatenate([windows_of([1, 0, 0], strength=0.2), windows_of([1, 0, 0])])
    moves, recording = placement.moving(seen), np.repeat([0, 1], 10)
    changed = placement.to_usual_motion(seen, moves, recording)
    assert changed[0] == pytest.approx(changed[10], abs=1e-5)
    loud = np.sqrt((changed[0, :, :3] ** 2).sum(axis=1).mean())
    assert loud == pytest.approx(placement.USUAL_MOTION[0], abs=1e-4)
    assert changed[:, :, 6:] - changed[:, :, :3] == pytest.approx(
        np.tile([1.0, 0, 0], (20, 128, 1)), abs=1e-5
    )


def test_to_usual_motion_changes_nothing_where_hardly_anybody_moves():
    seen = windows_of([1, 0, 0], 4)
    same = placement.to_usual_motion(seen, placement.moving(seen), np.zeros(4))
    assert same == pytest.approx(seen)


def test_swing_angle_is_that_of_a_pendulum():
    swings = np.zeros((1, 128, 9), dtype=np.float32)
    frequency = 2 * np.pi * 2 * 50 / 128  # the third bin, a whole number of turns in a window
    swings[0, :, 4] = 0.3 * frequency * np.cos(frequency * np.arange(128) / 50)
    assert np.exp(placement.swing_angle(swings))[0, 0] == pytest.approx(0.3, rel=1e-3)


def test_swing_knows_one_axis_from_a_circle_and_is_the_same_whichever_way_the_phone_faces():
    t = 2 * np.pi * 0.98 * np.arange(128) / 50
    swings = np.zeros((2, 128, 9), dtype=np.float32)
    swings[:, :, 4] = np.sin(t)
    swings[1, :, 5] = np.cos(t)
    line, circle = placement.swing(swings)[:, 1]
    assert line > 5 > 1 > circle
    for turned in placement.headings(swings, 3):
        assert placement.swing(turned) == pytest.approx(placement.swing(swings), abs=1e-2)


@pytest.mark.parametrize("description", placement.DESCRIPTIONS)
def test_a_fitted_finder_finds_and_survives_a_file(description):
    generator = np.random.default_rng(0)
    seen = generator.standard_normal((40, 128, 9)).astype(np.float32)
    seen[:20, :, 3:6] *= 5
    numbers, swings = placement.DESCRIPTIONS[description](seen), np.arange(40) < 20
    assert len(placement.NUMBERS[description]) == numbers.shape[1]
    finder = placement.fit_place_finder(numbers, swings, np.ones(40), description)
    assert ((finder.log_odds(seen) > 0) == swings).mean() > 0.9
    again = placement.PlaceFinder.from_json(finder.as_json())
    assert again.log_odds(seen) == pytest.approx(finder.log_odds(seen))


def test_a_finder_that_saw_one_place_always_says_it():
    numbers = np.random.default_rng(0).standard_normal((5, 1))
    finder = placement.fit_place_finder(numbers, np.zeros(5, dtype=bool), np.ones(5), "angle")
    assert (finder.log_odds_of(numbers) == -10).all()
