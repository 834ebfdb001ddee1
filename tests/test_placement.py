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


def test_moving_is_neither_rest_nor_running():
    rest, walk, run = (windows_of([1, 0, 0], 1, strength) for strength in (0, 0.3, 1.5))
    assert placement.moving(np.concatenate([rest, walk, run])).tolist() == [False, True, False]


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
