"""Perturbations do what physics says, leave alone what they should, and repeat."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from har_utils import (
    augmentation,
    dataset,
    features,
    files,
    metrics,
    models,
    results,
    robustness,
    training,
)
from har_utils.results import Key, Run
from har_utils.robustness import PERTURBATIONS, scoring

SECONDS = np.arange(128) / 50
BODY, GYRO, TOTAL = slice(0, 3), slice(3, 6), slice(6, 9)


def make_windows(n=4, seed=0, slowest=0.5, fastest=4.0):
    """Return windows of somebody moving at a few frequencies, with gravity along x."""
    draw = np.random.default_rng(seed)
    frequency = draw.uniform(slowest, fastest, (n, 1, 6))
    phase = draw.uniform(0, 2 * np.pi, (n, 1, 6))
    moving = np.sin(2 * np.pi * frequency * SECONDS[:, np.newaxis] + phase)
    windows = np.concatenate([0.2 * moving[:, :, :3], moving[:, :, 3:], 0.2 * moving[:, :, :3]], 2)
    windows[:, :, 6] += 1
    return windows.astype(np.float32)


def gravity(windows):
    return windows[:, :, TOTAL].astype(float) - windows[:, :, BODY]


def generator(seed=0):
    return np.random.default_rng(seed)


@given(degrees=st.floats(-180, 180), seed=st.integers(0, 1000))
@settings(max_examples=25)
def test_turning_the_phone_changes_no_length(degrees, seed):
    windows = make_windows()
    turned = robustness.rotate_phone(windows, degrees, generator(seed))
    for triple in (BODY, GYRO, TOTAL):
        before, after = (np.linalg.norm(w[:, :, triple], axis=2) for w in (windows, turned))
        np.testing.assert_allclose(after, before, atol=1e-5)


@given(degrees=st.floats(0, 180))
@settings(max_examples=25)
def test_gravity_turns_by_no_more_than_the_phone(degrees):
    turned = gravity(robustness.rotate_phone(make_windows(8), degrees, generator()))
    np.testing.assert_allclose(np.linalg.norm(turned, axis=2), 1, atol=1e-5)
    assert (turned[:, :, 0] >= np.cos(np.deg2rad(degrees)) - 1e-5).all()


def test_all_triples_of_a_window_turn_alike():
    windows = make_windows()
    windows[:, :, GYRO] = windows[:, :, BODY] = windows[:, :, TOTAL]
    turned = robustness.rotate_phone(windows, 50, generator())
    np.testing.assert_allclose(turned[:, :, GYRO], turned[:, :, TOTAL], atol=1e-6)
    np.testing.assert_allclose(turned[:, :, BODY], turned[:, :, TOTAL], atol=1e-6)


def test_upside_down_gravity_points_the_other_way_and_twice_is_once_round():
    windows = make_windows()
    turned = robustness.turn_upside_down(windows)
    np.testing.assert_allclose(gravity(turned), -gravity(windows) * [1, 1, -1], atol=1e-6)
    np.testing.assert_allclose(robustness.turn_upside_down(turned), windows, atol=1e-6)


def test_a_mirror_treats_turning_the_other_way_round():
    # The speed of a point on a turning body is the cross product of the rate of turning and the
    # point's place. In the mirror this must hold as well, whatever the signs.
    draw = generator()
    rate, place = draw.standard_normal((2, 50, 3))
    windows = np.zeros((1, 50, 9), np.float32)
    windows[0, :, GYRO], windows[0, :, BODY] = rate, np.cross(rate, place)
    mirrored = robustness.other_pocket(windows)[0]
    in_mirror = np.cross(mirrored[:, GYRO], place * [1, -1, 1])
    np.testing.assert_allclose(mirrored[:, BODY], in_mirror, atol=1e-5)


def test_the_other_pocket_twice_is_the_first_and_no_rotation_leads_there():
    windows = make_windows()
    mirrored = robustness.other_pocket(windows)
    np.testing.assert_array_equal(robustness.other_pocket(mirrored), windows)
    assert np.linalg.det(np.diag(augmentation.MIRROR[BODY])) == -1
    np.testing.assert_allclose(gravity(mirrored)[:, :, 0], 1, atol=1e-6)


def test_noise_is_as_strong_as_told_in_each_sensor_and_spares_gravity():
    windows = make_windows(200)
    noisy = robustness.add_noise(windows, 0.5, generator())
    for triple in (BODY, GYRO):
        added = (noisy - windows)[:, :, triple].std()
        assert added == pytest.approx(0.5 * windows[:, :, triple].std(), rel=0.02)
    np.testing.assert_allclose(gravity(noisy), gravity(windows), atol=1e-5)


def test_lost_samples_are_held_and_more_are_lost_at_a_larger_share():
    windows = make_windows(50)
    few, many = (robustness.drop_samples(windows, share, generator()) for share in (0.2, 0.6))
    held = (few[:, 1:, TOTAL] == few[:, :-1, TOTAL]).all(axis=2)
    assert held.mean() == pytest.approx(0.2, abs=0.02)
    np.testing.assert_array_equal(few[:, 1:, GYRO][held], few[:, :-1, GYRO][held])
    np.testing.assert_array_equal(few[:, 0], windows[:, 0])
    held_of_many = (many[:, 1:, TOTAL] == many[:, :-1, TOTAL]).all(axis=2)
    assert (held_of_many | ~held).all()


def test_everything_lost_leaves_the_first_sample():
    windows = make_windows()
    lost = robustness.drop_samples(windows, 1.0, generator())
    np.testing.assert_array_equal(lost[:, :, GYRO], windows[:, :1, GYRO].repeat(128, axis=1))


def test_without_gyroscope_the_rest_stays():
    windows = make_windows()
    without = robustness.without_gyroscope(windows)
    assert (without[:, :, GYRO] == 0).all()
    assert (windows[:, :, GYRO] != 0).any()
    np.testing.assert_array_equal(without[:, :, TOTAL], windows[:, :, TOTAL])


@pytest.mark.parametrize("rate", [25, 20, 10])
def test_slow_sampling_keeps_what_is_slow_and_loses_what_is_fast(rate):
    slow = make_windows(fastest=0.25 * rate)
    inner = slice(16, -16)  # a filter does not know what comes before and after
    again = robustness.sample_slower(slow, rate)
    assert np.abs(again - slow)[:, inner].max() < 0.1 * slow[:, :, GYRO].max()
    fast = make_windows(slowest=0.8 * rate, fastest=0.9 * rate)
    left = robustness.sample_slower(fast, rate)[:, inner, GYRO]
    assert left.std() < 0.1 * fast[:, :, GYRO].std()


@pytest.mark.parametrize("share", [-0.1, -0.01, 0.05, 0.1])
def test_a_wrong_clock_changes_the_rhythm(share):
    windows = make_windows(1)
    windows[0, :, 3] = np.sin(2 * np.pi * 2 * (SECONDS - SECONDS.mean()))
    stretched = robustness.stretch_time(windows, share)[0, :, 3]
    expected = np.sin(2 * np.pi * 2 * (1 + share) * (SECONDS - SECONDS.mean()))
    inner = slice(8, -8)  # beyond its ends a window is mirrored
    np.testing.assert_allclose(stretched[inner], expected[inner], atol=0.01)


def test_a_short_window_is_repeated():
    windows = make_windows()
    short = robustness.shorten(windows, 32)
    for start in range(0, 128, 32):
        np.testing.assert_array_equal(short[:, start : start + 32], windows[:, :32])


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("rotated", 0),
        ("noise", 0),
        ("dropped", 0),
        ("sampling", 50),
        ("clock", 0),
        ("shorter", 128),
    ],
)
def test_the_level_that_changes_nothing_changes_nothing(name, level):
    windows = make_windows()
    assert PERTURBATIONS[name].none == level
    np.testing.assert_allclose(robustness.perturb(windows, name, level), windows, atol=1e-6)


@pytest.mark.parametrize("name", PERTURBATIONS)
def test_perturbations_repeat_and_touch_neither_input_nor_type(name):
    windows = make_windows()
    kept = windows.copy()
    worst = PERTURBATIONS[name].levels[-1]
    first, second = (robustness.perturb(windows, name, worst) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(windows, kept)
    assert (first.dtype, first.shape) == (windows.dtype, windows.shape)
    assert np.isfinite(first).all()
    assert not np.allclose(first, windows)


def test_levels_are_drawn_in_order():
    assert PERTURBATIONS["sampling"].order == [50, 25, 20, 10]
    assert PERTURBATIONS["clock"].order == [-10, -5, -1, 0, 1, 5, 10]


def test_what_is_not_known_is_an_error():
    with pytest.raises(ValueError, match="no perturbation is called 'magic'"):
        robustness.perturb(make_windows(), "magic", 1)
    with pytest.raises(ValueError, match=r"windows must be \(n, samples, 9\)"):
        robustness.perturb(np.zeros((2, 128, 6)), "rotated", 5)


# --- Curves -------------------------------------------------------------------------------------

LABELS = np.arange(12) % 6
SUBJECTS = np.repeat([2, 4], 6)


def knows_all(windows):
    return np.eye(6, dtype=np.float32)[LABELS]


def needs_a_gyroscope(windows):
    return knows_all(windows) if windows[:, :, GYRO].any() else np.eye(6)[np.zeros(12, int)]


NETWORKS = {("a", 0): knows_all, ("b", 0): needs_a_gyroscope, ("b", 1): knows_all}


@pytest.fixture(scope="module")
def curves():
    names = ("rotated", "no_gyroscope")
    return robustness.curves(NETWORKS, make_windows(12), LABELS, SUBJECTS, names)


def test_curves_score_every_network_under_every_condition(curves):
    assert len(curves) == 3 * (1 + len(PERTURBATIONS["rotated"].levels) + 1)
    without = curves[curves["perturbation"] == "no_gyroscope"].set_index(["model", "seed"])
    assert without["accuracy"].to_dict() == {("a", 0): 1, ("b", 0): 1 / 6, ("b", 1): 1}
    assert without.loc[("b", 0), "macro_f1"] == pytest.approx(2 * 2 / (2 + 12) / 6)
    assert without.loc[("b", 0), "lowest"] == pytest.approx(1 / 6)


def test_every_network_sees_the_same_windows():
    seen = {key: [] for key in NETWORKS}

    def look(key):
        return lambda windows: (seen[key].append(windows.sum()), knows_all(windows))[1]

    networks = {key: look(key) for key in NETWORKS}
    robustness.curves(networks, make_windows(12), LABELS, SUBJECTS, ("noise", "rotated"))
    assert seen["a", 0] == seen["b", 0] == seen["b", 1]
    assert len(set(seen["a", 0])) == len(seen["a", 0])


def test_means_over_seeds_start_from_the_unchanged_windows(curves):
    mean = robustness.mean_curves(curves).set_index(["model", "perturbation", "level"])["accuracy"]
    assert mean["b", "no_gyroscope", 0] == 1
    assert mean["b", "no_gyroscope", 1] == pytest.approx((1 / 6 + 1) / 2)
    assert set(mean["a", "rotated"].index) == set(PERTURBATIONS["rotated"].order)


# --- Before the filters -------------------------------------------------------------------------


def test_recordings_with_nothing_wrong_give_the_windows_of_the_data(data):
    sample = data.test.take(np.arange(0, len(data.test), 60))
    expected = dataset.exact_windows()[sample.rows]
    windows = robustness.before_filters(sample, "dropped", 0)
    np.testing.assert_array_equal(windows, expected)
    np.testing.assert_array_equal(dataset.exact_windows(sample.table), expected)


def test_filters_take_away_part_of_the_noise_and_it_repeats(data):
    sample = data.test.take(np.arange(0, len(data.test), 60))
    alter = robustness.as_recorded(sample)
    seen = alter(sample.windows, "noise", 50, 0)
    left = (seen - sample.windows).std()
    on_windows = robustness.perturb(sample.windows, "noise", 50)
    assert 0.3 < left / (on_windows - sample.windows).std() < 0.9
    assert seen.dtype == sample.windows.dtype
    np.testing.assert_array_equal(seen, alter(sample.windows, "noise", 50, 0))
    assert (seen != alter(sample.windows, "noise", 50, 1)).any()


def test_what_is_not_of_the_sensors_is_altered_in_windows(data):
    sample = data.test.take(np.arange(3))
    turned = robustness.as_recorded(sample)(sample.windows, "rotated", 30, 0)
    np.testing.assert_array_equal(turned, robustness.perturb(sample.windows, "rotated", 30))
    with pytest.raises(ValueError, match="only noise, dropped, sampling"):
        robustness.before_filters(sample, "rotated", 30)


def test_a_recording_worn_on_the_other_side_is_found(data):
    # A network that knows people by the side: right where y of the total is positive on average.
    sample = data.test.take(np.flatnonzero(np.isin(data.test.table["recording"], [3, 4])))
    own_side = sample.windows[:, :, 7].mean(axis=1) > 0

    def knows_one_side(windows):
        known = windows[:, :, 7].mean(axis=1) > 0
        return np.eye(6)[np.where(known, sample.labels, (sample.labels + 1) % 6)]

    table = robustness.mirror_scores({("a", 0): knows_one_side, ("a", 1): knows_one_side}, sample)
    assert table.index.tolist() == [(2, 3), (2, 4)]
    share = [own_side[sample.table["recording"] == recording].mean() for recording in (3, 4)]
    np.testing.assert_allclose(table["as_worn"], share)
    np.testing.assert_allclose(table["mirrored"], 1 - np.array(share))


def test_losses_are_what_a_condition_costs(curves):
    lost = robustness.losses(curves)
    assert lost.loc[("no_gyroscope", 1), "b"] == pytest.approx(1 - (1 / 6 + 1) / 2)
    assert (lost["a"] == 0).all()


# --- Networks on disk ---------------------------------------------------------------------------


@pytest.fixture
def network(tmp_path, monkeypatch, data):
    """A run of an untrained network on a few windows, with its weights."""
    monkeypatch.setenv("HAR_BUILD", str(tmp_path / "build"))
    monkeypatch.setattr(files, "REPOSITORY", tmp_path)
    keras = models.prepare()
    layers = [keras.Input((128, 9)), keras.layers.Flatten(), keras.layers.Dense(6, "softmax")]
    model = keras.Sequential(layers)
    test = data.test.take(np.arange(40))
    probability = training.predict(model, test.windows)
    scores = metrics.score(test.labels, probability, test.subjects)
    record = dict.fromkeys(results.RECORD_KEYS) | {
        "schema": results.SCHEMA,
        "model": "toy",
        "seed": 0,
        "metrics": scores,
    }
    run = Run(Key("toy"), record, probability, test.labels, test.rows, test.subjects)
    return results.write_run(results.results_folder("smoke"), run, weights=model), test


def test_a_network_is_loaded_and_its_look_recorded(network):
    run, test = network
    sample = test.take(np.arange(0, 40, 4))
    networks = robustness.load_networks([run], sample, "smoke")
    probability = networks["toy", 0](sample.windows)
    np.testing.assert_allclose(probability, run.probability[::4], atol=1e-5)
    assert training.count_touches("smoke", Key("toy", "robustness")) == 1
    assert training.count_touches("smoke", Key("toy")) == 0


def test_a_loaded_network_answers_several_batches_as_training_does(network):
    run, test = network
    answer = robustness.load_networks([run], test, "smoke")["toy", 0]
    windows = np.tile(test.windows, (14, 1, 1))
    assert len(windows) > 2 * training.PREDICT_BATCH
    np.testing.assert_array_equal(answer(windows), training.predict(answer.args[0], windows))


def test_weights_of_another_training_are_refused(network):
    run, test = network
    other = Run(**{**vars(run), "probability": np.roll(run.probability, 1, axis=1)})
    with pytest.raises(ValueError, match="train toy again"):
        robustness.load_networks([other], test, "smoke")


def test_published_runs_have_their_network_among_the_models(network):
    run, test = network
    published = Run(**{**vars(run), "folder": results.published_folder()})
    assert robustness.load_networks([published], test, "smoke") == {}
    file = results.networks_folder() / "toy.keras"
    file.parent.mkdir(parents=True)
    file.write_bytes(results.run_file(run.folder, run.key, ".keras").read_bytes())
    assert list(robustness.load_networks([published], test, "smoke")) == [("toy", 0)]


def test_a_run_that_was_read_instead_of_repeated_has_the_published_network(network, tmp_path):
    run, _ = network
    results.write_run(results.published_folder(), run)
    file = results.networks_folder() / f"{run.key.name}.keras"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"weights")
    elsewhere = Run(**{**vars(run), "folder": tmp_path / "copied"})
    assert results.weights(elsewhere) == file
    other = Run(**{**vars(elsewhere), "record": run.record | {"digest": "of other settings"}})
    assert results.weights(other) is None


def test_features_of_unchanged_windows_are_those_of_the_data(data):
    some = data.take(np.arange(0, len(data), 400))
    ours = robustness.window_features(some.windows)
    # The jerk lacks the sample after a window. And windows are float32: of gravity, which hardly
    # moves, the coefficients that say how it follows from itself are made of the last digits.
    lost = [("Jerk" in name) or name.startswith("tGravityAcc-arCoeff") for name in features.NAMES]
    close = np.isclose(ours, some.features, rtol=1e-3, atol=1e-3)
    assert close[:, ~np.array(lost)].mean() > 0.999
    assert close.mean() > 0.9


def test_features_of_a_silent_gyroscope_are_numbers(data):
    silent = robustness.without_gyroscope(data.windows[:20])
    values = robustness.window_features(silent)
    assert np.isfinite(values).all()
    assert not values[:, features.NAMES.index("tBodyGyro-mean()-X")].any()


def test_models_on_features_share_them_until_other_windows_come(data, monkeypatch):
    some, counted = data.take(np.arange(0, len(data), 50)), []
    whole = robustness.window_features
    monkeypatch.setattr(
        scoring, "window_features", lambda windows: counted.append(1) or whole(windows)
    )
    fitted = {
        name: models.classical(name, 1).fit(some.features, some.labels)
        for name in ("linear_svc", "decision_tree")
    }
    predictors = robustness.on_features(fitted)
    assert list(predictors) == [("linear_svc", 0), ("decision_tree", 0)]
    answers = [predict(some.windows) for predict in predictors.values()]
    assert len(counted) == 1
    for answer in answers:
        np.testing.assert_allclose(answer.sum(axis=1), 1)
    assert (answers[0].argmax(axis=1) == some.labels).mean() > 0.5  # chance: a sixth
    predictors["linear_svc", 0](some.windows[::2])
    assert len(counted) == 2


def test_costliest_and_harmless_name_perturbation_level_and_loss():
    levels = [("noise", 0.5), ("noise", 1.0), ("other_pocket", 1.0)]
    index = pd.MultiIndex.from_tuples(levels, names=["perturbation", "level"])
    lost = pd.DataFrame(
        {"cnn_1d": [0.02, 0.2, 0.1], "linear_svc": [0.003, 0.001, 0.3]}, index=index
    )
    cnn, svc = robustness.costliest(lost).splitlines()
    noise, pocket = (robustness.PERTURBATIONS[name].title for name in ("noise", "other_pocket"))
    assert re.search(rf"1D-CNN.*{noise}.*1.*20", cnn)
    assert re.search(rf"SVC.*{pocket}.*30", svc)
    assert noise in robustness.harmless(lost, 0.25)
    assert pocket not in robustness.harmless(lost, 0.25)
    assert noise not in robustness.harmless(lost)


def test_in_order_goes_from_the_mildest_perturbation_to_the_worst():
    levels = [("noise", 0.5), ("noise", 1.0), ("other_pocket", 1.0)]
    index = pd.MultiIndex.from_tuples(levels, names=["perturbation", "level"])
    lost = pd.DataFrame({"cnn_1d": [0.5, 0.4, 0.1], "modern": [0.1, 0.3, 0.1]}, index=index)
    noise, pocket = (robustness.PERTURBATIONS[name].title for name in ("noise", "other_pocket"))
    assert re.search(rf"{pocket} 10, {noise} 40", robustness.in_order(lost))
