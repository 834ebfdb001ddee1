import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from har_utils import augmentation, dataset, models
from har_utils.recipe import Recipe


def draw(n=5, degrees=20.0, seed=0):
    return augmentation.random_rotations(n, degrees, np.random.default_rng(seed))


def windows(n=4, length=8, seed=0):
    return np.random.default_rng(seed).standard_normal((n, length, 9)).astype(np.float32)


@given(st.floats(0.1, 180), st.integers(0, 99))
def test_random_rotations_keep_lengths_and_handedness(degrees, seed):
    rotations = draw(4, degrees, seed)
    identity = np.broadcast_to(np.eye(3), (4, 3, 3))
    np.testing.assert_allclose(rotations @ np.swapaxes(rotations, 1, 2), identity, atol=1e-12)
    np.testing.assert_allclose(np.linalg.det(rotations), 1)


def test_random_rotations_have_the_spread_that_was_asked_for():
    trace = np.trace(draw(20_000, 15.0), axis1=1, axis2=2)
    angles = np.rad2deg(np.arccos(np.clip((trace - 1) / 2, -1, 1)))
    assert np.sqrt(np.mean(angles**2)) == pytest.approx(15, rel=0.02)


def test_rotate_by_a_quarter_about_z_sends_x_to_y():
    quarter = np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])
    window = np.tile([1.0, 2, 3], 3).reshape(1, 1, 9)
    np.testing.assert_allclose(augmentation.rotate(window, quarter)[0, 0], [-2, 1, 3] * 3)


def test_rotate_turns_each_window_and_all_its_triples_alike():
    shown, rotations = windows(), draw(4)
    turned = augmentation.rotate(shown, rotations)
    for window, after, rotation in zip(shown, turned, rotations, strict=True):
        for first in (0, 3, 6):
            triple = slice(first, first + 3)
            np.testing.assert_allclose(after[:, triple], window[:, triple] @ rotation.T, atol=1e-5)
    assert turned.dtype == np.float32


def test_rotate_keeps_body_plus_gravity_the_total():
    """The triples stay what they are: total acceleration minus body acceleration is gravity."""
    shown = windows()
    shown[:, :, 6:] = shown[:, :, :3] + np.array([1, 0, 0], dtype=np.float32)
    rotations = draw(4)
    turned = augmentation.rotate(shown, rotations)
    gravity = turned[:, :, 6:] - turned[:, :, :3]
    expected = np.broadcast_to(rotations[:, np.newaxis, :, 0], gravity.shape)
    np.testing.assert_allclose(gravity, expected, atol=1e-5)


def test_soften_keeps_targets_summing_to_one():
    soft = augmentation.soften(np.eye(6), 0.12)
    np.testing.assert_allclose(soft.sum(axis=1), 1)
    assert soft[0, 0] == pytest.approx(0.9)
    assert soft[0, 1] == pytest.approx(0.02)


def test_batches_of_a_recipe_that_alters_nothing_are_the_windows():
    shown = windows()
    assert augmentation.augment(shown, Recipe(), np.random.default_rng(0)) is shown


@pytest.fixture
def labelled():
    """Windows that carry their own number, and an activity that follows from it."""
    models.prepare()
    numbers = np.arange(22)
    shown = np.broadcast_to(numbers[:, np.newaxis, np.newaxis], (22, 8, 9)).astype(np.float32)
    return shown, numbers % 6


def epoch(data):
    """Return one epoch's windows and targets."""
    seen = [data[place] for place in range(len(data))]
    data.on_epoch_end()
    return [np.concatenate(part) for part in zip(*seen, strict=True)]


def test_batches_show_every_window_at_most_once_with_its_label(labelled):
    shown, labels = labelled
    data = augmentation.batches(shown, labels, 6, Recipe(5, label_smoothing=0.1), seed=1)
    first, targets = epoch(data)
    numbers = first[:, 0, 0].astype(int)
    assert len(numbers) == 20
    assert len(set(numbers)) == 20
    np.testing.assert_array_equal(targets.argmax(axis=1), labels[numbers])
    again, _ = epoch(data)
    assert not np.array_equal(first, again)


def test_batches_have_a_target_for_each_of_twelve_activities(labelled):
    windows, labels = labelled
    recipe = Recipe(5, label_smoothing=0.12)
    _, targets = epoch(augmentation.batches(windows, labels + 6, 12, recipe, seed=1))
    assert targets.shape[1] == 12
    assert set(targets.argmax(axis=1)) == set(labels + 6)
    np.testing.assert_allclose(targets.min(axis=1), 0.01, atol=1e-6)


def test_batches_are_the_same_for_the_same_seed(labelled):
    recipe = Recipe(5, rotation=10, scaling=0.1)
    one, two, other = (augmentation.batches(*labelled, 6, recipe, seed=s) for s in (1, 1, 2))
    for _ in range(2):
        first, second, third = (epoch(data)[0] for data in (one, two, other))
        np.testing.assert_array_equal(first, second)
        assert not np.array_equal(first, third)


def test_batches_of_fewer_windows_than_one_are_one(labelled):
    data = augmentation.batches(*labelled, 6, Recipe(100, scaling=0.1), seed=0)
    assert len(data) == 1
    assert data[0][0].shape == (22, 8, 9)


def test_mirror_changes_only_the_chosen_windows():
    shown = windows()
    chosen = np.array([True, False, False, True])
    seen = augmentation.mirror(shown, chosen)
    np.testing.assert_array_equal(seen[~chosen], shown[~chosen])
    np.testing.assert_array_equal(seen[chosen], augmentation.mirror(shown)[chosen])
    np.testing.assert_array_equal(augmentation.mirror(augmentation.mirror(shown)), shown)
    assert seen.dtype == np.float32


def test_batches_mirror_the_share_the_recipe_says():
    shown = np.ones((4000, 2, 9), np.float32)
    seen = augmentation.augment(shown, Recipe(mirroring=0.3), np.random.default_rng(0))
    assert np.mean(seen[:, 0, 1] < 0) == pytest.approx(0.3, abs=0.03)


def stretch(n_windows=5, length=8):
    """Return overlapping windows of one long signal, then one of another."""
    signal = np.random.default_rng(1).standard_normal((length * n_windows, 9)).astype(np.float32)
    starts = np.arange(n_windows) * (length // 2)
    cut = np.stack([signal[start : start + length] for start in starts])
    return signal, np.concatenate([cut, windows(1, length)])


def test_continued_where_the_next_window_begins_with_the_second_half():
    _, cut = stretch()
    assert augmentation.continued(cut).tolist() == [True] * 4 + [False, False]


def test_continued_exactly_inside_the_stretches_of_real_windows():
    train = dataset.load().train
    place = train.table[["recording", "activity"]].astype(str)
    same = (place == place.shift(-1)).all(axis=1)
    expected = same & (train.table["start"].shift(-1) - train.table["start"] == 64)
    np.testing.assert_array_equal(augmentation.continued(train.windows), expected)


@given(st.integers(0, 99))
def test_shift_gives_a_piece_of_the_same_signal(seed):
    signal, cut = stretch()
    goes_on, chosen = augmentation.continued(cut), np.array([3, 0, 4, 5])
    moved = augmentation.shift(cut, chosen, goes_on, np.random.default_rng(seed))
    for window, place in zip(moved[:2], chosen[:2], strict=True):
        starts = range(4 * place, 4 * place + 4)
        assert any(np.array_equal(window, signal[start : start + 8]) for start in starts)
    np.testing.assert_array_equal(moved[2:], cut[chosen[2:]])


def test_batches_shift_windows():
    signal, cut = stretch()
    labels = np.zeros(len(cut), int)
    shown = augmentation.batches(cut, labels, 6, Recipe(batch_size=6, shifting=True), seed=0)
    pieces = {signal[start : start + 8].tobytes() for start in range(len(signal) - 7)}
    first, _ = shown[0]
    assert sum(window.tobytes() in pieces for window in first) == 5
    assert {window.tobytes() for window in first} != {window.tobytes() for window in cut}
