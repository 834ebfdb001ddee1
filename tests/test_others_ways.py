"""Tests of other ways of asking a trained network, on small examples with known answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from har_utils.dataset import ACTIVITIES
from har_utils.others import network, protocol, ways
from har_utils.others.windows import Windows

WALKING, UP, DOWN, SITTING, STANDING, LAYING = range(6)


def recording_of(probability: np.ndarray, recording: list[int] | None = None) -> Windows:
    """Return windows that belong to these answers."""
    n = len(probability)
    order = np.arange(n)
    whose = np.zeros(n, dtype=int) if recording is None else np.array(recording)
    seen = np.zeros((n, 128, 9), dtype=np.float32)
    return Windows("usc_had", seen, whose, whose, whose, 64 * order, order * 0)


def saying(activity: int, other: int, odds: float) -> np.ndarray:
    """Return one row: two activities with these log-odds for the first, nothing else."""
    row = np.zeros(6)
    row[activity] = 1 / (1 + np.exp(-odds))
    row[other] = 1 - row[activity]
    return row


@pytest.mark.parametrize(
    ("values", "middle"),
    [
        ([0.0] * 10 + [4.0] * 10, 2.0),
        ([0.0] * 30 + [4.0] * 5, 2.0),
        (list(np.linspace(0, 1, 50)), None),
        ([3.0] * 20, None),
        ([0.0, 4.0], None),
    ],
)
def test_otsu_threshold_is_between_two_groups_and_nowhere_without_them(values, middle):
    assert ways.otsu_threshold(np.array(values)) == middle


def test_otsu_threshold_sees_no_groups_in_a_normal_distribution():
    assert ways.otsu_threshold(np.random.default_rng(0).normal(size=1000)) is None


def test_with_own_threshold_splits_two_groups_that_one_answer_had_swallowed():
    said = np.array([saying(STANDING, SITTING, odds) for odds in [4] * 10 + [1] * 10])
    moved = ways.with_own_threshold(said, [SITTING], [STANDING], recording_of(said))
    assert moved.argmax(axis=1).tolist() == [STANDING] * 10 + [SITTING] * 10
    assert moved.sum(axis=1) == pytest.approx(np.ones(20))


def test_with_own_threshold_leaves_one_group_and_other_activities_alone():
    said = np.array([saying(STANDING, SITTING, 2)] * 15 + [saying(LAYING, SITTING, 2)] * 15)
    moved = ways.with_own_threshold(said, [SITTING], [STANDING], recording_of(said))
    assert np.array_equal(moved, said)


def test_with_own_threshold_looks_at_each_recording_alone():
    said = np.array([saying(STANDING, SITTING, odds) for odds in [4] * 10 + [1] * 10])
    own = recording_of(said, [0] * 10 + [1] * 10)
    assert np.array_equal(ways.with_own_threshold(said, [SITTING], [STANDING], own), said)


def test_with_own_threshold_keeps_how_probable_up_is_beside_down():
    rows = [[1 - c, 0.75 * c, 0.25 * c, 0, 0, 0] for c in [0.6] * 10 + [0.99] * 10]
    said = np.array(rows)
    moved = ways.with_own_threshold(said, [WALKING], [UP, DOWN], recording_of(said))
    assert moved.argmax(axis=1).tolist() == [WALKING] * 10 + [UP] * 10
    assert moved[:, UP] / moved[:, DOWN] == pytest.approx(np.full(20, 3.0))


def test_with_own_statistics_goes_half_the_way_and_leaves_the_network_as_it_was():
    model = network.build(network.Settings(filters=(4, 4, 4, 4), n_listeners=2))
    seen = np.random.default_rng(0).normal(size=(40, 128, 9)).astype(np.float32)
    own = ways.with_own_statistics(model, seen)
    norms = [
        [layer for layer in each.layers if layer.name.startswith("batch_norm")]
        for each in (model, own)
    ]
    assert len(norms[0]) == len(norms[1]) == 5  # of four blocks and the listeners
    assert not any(np.asarray(layer.moving_mean).any() for layer in norms[0])
    import keras

    first = keras.Model(model.inputs, norms[0][0].input).predict(seen, verbose=0)
    expected = 0.5 * first.mean(axis=(0, 1))
    assert np.asarray(norms[1][0].moving_mean) == pytest.approx(expected, abs=1e-4)


def test_every_way_of_the_list_is_one():
    known = {"plain", *ways.ASKED_ANEW, *ways.NEIGHBOURS, *ways.LINES}
    assert set(protocol.config()["ways"]) == known
    assert [ACTIVITIES[code] for code in ways.CLIMBING] == list(ACTIVITIES[1:3])


# --- Which one ----------------------------------------------------------------------------------


def inner(**scores: list[float]) -> pd.DataFrame:
    """Return inner scores of ways: first of a network without A, scored on B, then the reverse."""
    places = [("A", "B"), ("B", "A")]
    rows = [
        {"way": way, "target": target, "scored": scored, "macro_f1": value}
        for way, values in scores.items()
        for (target, scored), value in zip(places, values, strict=False)
    ]
    return pd.DataFrame(rows)


def test_choose_never_looks_at_the_score_of_the_target():
    scores = inner(plain=[0.80, 0.80], own_stairs=[0.90, 0.70])
    assert ways.choose(scores, "A") == "own_stairs"
    assert ways.choose(scores, "B") == "plain"


def test_choose_takes_all_scores_for_a_set_in_no_pair_and_wants_a_point():
    assert ways.choose(inner(plain=[0.80, 0.80], own_stairs=[0.90, 0.74]), "C") == "own_stairs"
    assert ways.choose(inner(plain=[0.80, 0.80], own_stairs=[0.805, 0.805]), "C") == "plain"


def test_choose_leaves_out_ways_that_lack_a_score():
    assert ways.choose(inner(plain=[0.80, 0.80], longer=[0.99]), "C") == "plain"
