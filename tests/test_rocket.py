"""Random convolutions: the kernels, what is asked of them, the classifier, and their runs.

``rocket_aeon.json`` holds what the library aeon draws and finds for three short windows.
"""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import Ridge, RidgeClassifierCV

from har_utils import dataset, digests, fitting, models, results
from har_utils.models import ridge, rocket

RANDOM = np.random.default_rng(0)


@pytest.fixture(scope="module")
def aeon():
    """What aeon drew for three windows, and found."""
    return json.loads(Path(__file__).with_name("rocket_aeon.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def drawn(aeon):
    """The same kernels, channels and biases as our own."""
    biases, channels = iter(np.float32(aeon["biases"])), iter(aeon["channels"])
    return [
        rocket.Convolution(
            twos,
            int(dilation),
            np.array(next(channels)),
            (step + number) % 2 == 0,
            np.array(list(itertools.islice(biases, n_biases))),
        )
        for step, (dilation, n_biases) in enumerate(aeon["dilations"].items())
        for number, twos in enumerate(rocket.KERNELS)
    ]


# --- Kernels ------------------------------------------------------------------------------------


def test_kernels_are_all_ways_to_choose_three_of_nine():
    assert len(set(rocket.KERNELS)) == len(rocket.KERNELS) == 84
    assert {len(set(twos)) for twos in rocket.KERNELS} == {3}


def test_convolve_by_hand():
    series = np.array([[1.0], [0], [0], [10], [0]])
    answer = rocket.convolve(series, (4, 5, 6), 1)[:, 0]
    # the weights that meet a sample: 2 at itself and at the next two, -1 elsewhere
    assert answer.tolist() == [2 - 10, -1 + 20, -1 + 20, -1 + 20, -1 - 10]
    spread = rocket.convolve(series, (4, 5, 6), 3)[:, 0]
    assert spread.tolist() == [2 + 20, 0, 0, -1 + 20, 0]


def test_convolve_is_blind_to_what_does_not_change():
    for twos in rocket.KERNELS:
        assert rocket.convolve(np.ones((33, 1)), twos, 2)[8:-8].tolist() == [[0]] * 17


def test_dilations_are_those_of_aeon(aeon):
    assert list(rocket.dilations(40, 3).items()) == [
        (int(dilation), count) for dilation, count in aeon["dilations"].items()
    ]
    of_the_course = rocket.dilations(128, 119)
    assert list(of_the_course) == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
    assert sum(of_the_course.values()) == 119
    assert max(of_the_course) * 8 < 128


def test_dilations_refuse_a_window_shorter_than_a_kernel():
    with pytest.raises(ValueError, match="8 samples is shorter than a kernel"):
        rocket.dilations(8, 1)


def test_draw_takes_its_lines_from_answers_to_training_windows():
    windows = np.repeat(np.arange(4.0), 40).reshape(4, 40, 1).astype(np.float32)
    kernels = rocket.draw(windows, 84, np.random.default_rng(0))
    assert len(kernels) == 84
    for kernel in kernels:
        every = [rocket.convolve(window, kernel.twos, kernel.dilation) for window in windows]
        assert min(map(np.min, every)) <= kernel.biases.min()
        assert kernel.biases.max() <= max(map(np.max, every))


def test_draw_repeats_itself_with_the_same_seed_alone():
    windows = RANDOM.normal(size=(5, 40, 3)).astype(np.float32)

    def biases(seed):
        kernels = rocket.draw(windows, 168, np.random.default_rng(seed))
        return np.concatenate([kernel.biases for kernel in kernels])

    np.testing.assert_array_equal(biases(1), biases(1))
    assert not np.array_equal(biases(1), biases(2))


# --- Questions ----------------------------------------------------------------------------------


def test_share_positive_and_four_questions_by_hand():
    answer = np.array([[0.0, 5], [3, 5], [1, 5], [2, 5], [0, 5], [4, 5]])
    biases = np.array([0.5, 9])
    share = rocket.share_positive(answer, biases)
    np.testing.assert_allclose(share, [[4 / 6, 1], [0, 0]])
    found = rocket.four_questions(answer, biases)
    # 3, 1, 2 and 4 are above 0.5: by 2 on average, at 1, 2, 3 and 5; three at a stretch
    np.testing.assert_allclose(found[0, :, 0], [4 / 6, 2, 11 / 4, 3])
    np.testing.assert_allclose(found[0, :, 1], [1, 4.5, 2.5, 6])
    np.testing.assert_allclose(found[1, :, 0], [0, 0, -1, 0])


def test_longest_run_by_hand():
    above = np.array([[1, 1, 0, 1, 1, 1, 0, 1], [0] * 8, [1] * 8], bool).T[None]
    assert rocket.longest_run(above).tolist() == [[3, 0, 8]]


def test_asked_finds_the_shares_and_places_that_aeon_finds(aeon, drawn):
    windows = np.float32(aeon["windows"])
    share = rocket.asked(windows, drawn, rocket.share_positive)
    four = rocket.asked(windows, drawn, rocket.four_questions).reshape(3, -1, 4)
    same = np.isclose(share, aeon["share"], atol=1e-5)
    # a bias is a sample's own value now and then; which side that is on, rounding decides
    assert same.mean() > 0.998
    np.testing.assert_array_equal(four[:, :, 0], share)
    np.testing.assert_allclose(four[same][:, 2], np.array(aeon["place"])[same], atol=1e-4)


def test_asked_gives_the_same_for_windows_alone_and_together(monkeypatch, drawn, aeon):
    windows = np.float32(aeon["windows"])
    together = rocket.asked(windows, drawn, rocket.four_questions)
    monkeypatch.setattr(rocket, "CHUNK", 1)
    np.testing.assert_allclose(
        rocket.asked(windows, drawn, rocket.four_questions), together, rtol=1e-5, atol=1e-6
    )


# --- Kernels that compete -----------------------------------------------------------------------


@pytest.mark.parametrize("of_changes", [False, True])
def test_contest_counts_who_wins_as_a_loop_does(of_changes):
    weights = rocket._random_weights(3, np.random.default_rng(1))
    windows = RANDOM.normal(size=(2, 20, 4)).astype(np.float32)
    contest = rocket.Contest(weights, 2, np.array([0, 3, 3]), of_changes)
    won = contest.results(windows.transpose(2, 1, 0))
    for number, window in enumerate(windows):
        series = window[:, 0] + 2 * window[:, 3]
        series = np.pad(np.diff(series) if of_changes else series, 8)
        expected = np.zeros(6)
        for start in range(len(series) - 16):
            answers = weights @ series[start : start + 17 : 2]
            expected[answers.argmax()] += answers.max()
            expected[3 + answers.argmin()] += 1
        np.testing.assert_allclose(won[:, number], expected, rtol=1e-4)


def test_random_weights_add_up_to_nothing_and_their_sizes_to_one():
    weights = rocket._random_weights(8, np.random.default_rng(0))
    np.testing.assert_allclose(weights.sum(axis=1), 0, atol=1e-6)
    np.testing.assert_allclose(np.abs(weights).sum(axis=1), 1, rtol=1e-6)


def test_sparse_scaler_leaves_nothing_at_nothing_and_centres_the_roots_of_the_rest():
    counts = np.array([[4.0, 0], [16, 0], [36, 9]])
    scaled = rocket.SparseScaler().fit_transform(counts)
    assert scaled[:2, 1].tolist() == [0, 0]
    # roots 2, 4 and 6; roots 0, 0 and 3, of which two in three are 0
    np.testing.assert_allclose(scaled[:, 0], [-1, 0, 1], rtol=1e-5)
    assert scaled[2, 1] == pytest.approx((3 - 1) / (np.sqrt(3) + (2 / 3) ** 4), rel=1e-5)


def test_transforms_make_as_many_features_as_the_papers_say():
    windows = RANDOM.normal(size=(2, 128, 9)).astype(np.float32)
    assert rocket.MiniRocket(840).fit_transform(windows).shape == (2, 840)
    assert rocket.MultiRocket(168).fit_transform(windows).shape == (2, 2 * 4 * 168)
    assert rocket.Hydra(n_groups=4).fit_transform(windows).shape == (2, 4 * 4 * 8 * 2)


# --- The classifier -----------------------------------------------------------------------------


def toy_task(n_features):
    """Return features and labels of three classes that overlap."""
    random = np.random.default_rng(n_features)
    features = random.normal(size=(90, n_features)) + 3
    return features, (features[:, :3] + 2 * random.normal(size=(90, 3))).argmax(axis=1)


@pytest.mark.parametrize("n_features", [5, 200])
def test_ridge_is_that_of_scikit_learn(n_features):
    features, labels = toy_task(n_features)
    ours = ridge.LeaveOneOutRidge().fit(features, labels)
    theirs = RidgeClassifierCV(alphas=ridge.PENALTIES).fit(features, labels)
    assert ours.penalty_ == theirs.alpha_
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-9)
    np.testing.assert_allclose(ours.intercept_, theirs.intercept_, atol=1e-9)
    np.testing.assert_array_equal(ours.predict(features), theirs.predict(features))


def test_left_out_gives_the_error_of_fitting_again_without_each_window():
    features, labels = toy_task(5)
    targets = np.where(labels[:, None] == np.arange(3), 1.0, -1.0)
    errors = []
    for left_out in range(len(features)):
        others = np.arange(len(features)) != left_out
        again = Ridge(alpha=10).fit(features[others], targets[others])
        errors.append(again.predict(features[[left_out]])[0] - targets[left_out])
    gram = ridge._gram(features, features.mean(axis=0))
    _, error = ridge._left_out(gram, targets - targets.mean(axis=0), 10)
    assert error == pytest.approx(np.mean(np.square(errors)), rel=1e-9)


def test_ridge_refuses_windows_of_one_activity():
    with pytest.raises(ValueError, match="at least two activities"):
        ridge.LeaveOneOutRidge().fit(np.eye(3), np.zeros(3))


# --- Runs ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def few():
    """The four people of a quick trial, every eighth window."""
    data = dataset.load("smoke")
    return data.take(np.arange(0, len(data), 8))


@pytest.fixture(autouse=True)
def own_build(tmp_path, monkeypatch):
    monkeypatch.setenv("HAR_BUILD", str(tmp_path / "build"))


@pytest.mark.parametrize("name", models.CONVOLUTIONS)
def test_run_scores_the_test_people_and_is_read_back(name, few, monkeypatch):
    first = fitting.run(name, few, 3, "smoke", 84)
    assert first.key == results.Key(name, None, None, 3)
    assert first.row.tolist() == few.test.rows.tolist()
    assert first.record["trained_on"] == sorted(set(few.train.subjects.tolist()))
    assert first.record["metrics"]["accuracy"] > 0.5  # guessing gives about a sixth
    monkeypatch.setattr(fitting, "_fit", None)
    again = fitting.run(name, few, 3, "smoke", 84)
    assert again.record == first.record


def test_run_is_made_again_with_other_kernels(few):
    first = fitting.run("minirocket", few, 0, "smoke", 84)
    other = fitting.run("minirocket", few, 0, "smoke", 168)
    assert first.record["digest"] != other.record["digest"]
    assert (first.record["n_parameters"], other.record["n_parameters"]) == (6 * 85, 6 * 169)


def test_run_predicts_each_person_by_the_others(few, monkeypatch):
    everybody = dataset.leave_one_subject_out(few)
    met, fit = [], fitting._fit

    def watched(job, train, predicted):
        met.append((set(train.subjects), set(predicted.subjects)))
        return fit(job, train, predicted)

    monkeypatch.setattr(fitting, "_fit", watched)
    run = fitting.run("minirocket", everybody, 0, "smoke", 84, "loso")
    people = set(few.subjects)
    assert [predicted for _, predicted in met] == [{person} for person in sorted(people)]
    assert [train for train, _ in met] == [people - {person} for person in sorted(people)]
    assert run.key.name == "minirocket@loso"
    assert run.row.tolist() == few.rows.tolist()
    model = rocket.minirocket(0, 84).fit(*(getattr(everybody.fold(1)[0], x) for x in PART))
    held_out = everybody.fold(1)[1]
    expected = model.predict(held_out.windows)
    np.testing.assert_array_equal(
        run.probability[few.subjects == held_out.subjects[0]].argmax(axis=1), expected
    )


PART = ("windows", "labels")


def test_run_of_everybody_goes_on_where_it_was_stopped(few, monkeypatch):
    everybody = dataset.leave_one_subject_out(few)
    done, fit = [], fitting._fit

    def stops_at_the_third(job, train, predicted):
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(predicted.subjects[0])
        return fit(job, train, predicted)

    monkeypatch.setattr(fitting, "_fit", stops_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        fitting.run("minirocket", everybody, 0, "smoke", 84, "loso")
    rest = []
    monkeypatch.setattr(
        fitting, "_fit", lambda job, a, b: rest.append(b.subjects[0]) or fit(job, a, b)
    )
    fitting.run("minirocket", everybody, 0, "smoke", 84, "loso")
    assert sorted([*done, *rest]) == sorted(set(few.subjects))
    assert len(rest) == 2


def test_run_names_the_models_there_are(few):
    with pytest.raises(ValueError, match=r"'rocket'; there are minirocket, multirocket_hydra"):
        fitting.run("rocket", few)


def test_run_names_the_variant_there_is(few):
    with pytest.raises(ValueError, match=r"'twelve' is no variant .* only 'loso'"):
        fitting.run("minirocket", few, variant="twelve")


def test_published_runs_were_made_by_the_code_of_today():
    folder, code = results.published_folder(), digests.code_digest(fitting.CODE)
    names = [f"{name}{variant}" for name in models.CONVOLUTIONS for variant in ("", "@loso")]
    found = results.load_runs(folder, names, optional=True)
    assert set(models.CONVOLUTIONS) <= set(found)
    runs = [run for seeds in found.values() for run in seeds]
    assert {run.record["chosen"]["code"] for run in runs} == {code}
    assert {run.record["chosen"]["n_kernels"] for run in runs} <= set(rocket.N_KERNELS.values())
