from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from har_utils import evaluation, metrics, models, results
from har_utils.evaluation import intervals
from har_utils.results import Key, Run

SUBJECTS = (2, 4, 9)


def make_run(model, right, subject, seed=0, rows=None, kind="softmax"):
    """Return a run that is right where told, and confident about everything."""
    right, subject = np.asarray(right, bool), np.asarray(subject)
    activity = np.arange(len(right)) % 6
    predicted = np.where(right, activity, (activity + 1) % 6)
    probability = np.full((len(right), 6), 0.02, np.float32)
    probability[np.arange(len(right)), predicted] = 0.9
    record = {
        "metrics": metrics.score(activity, probability, subject, probability_kind=kind),
        "n_parameters": 7,
        "multiply_adds": None if kind == "score" else 5,
        "probability_kind": kind,
    }
    rows = np.arange(len(right)) if rows is None else rows
    return Run(Key(model, seed=seed), record, probability, activity, rows, subject)


def random_run(model, seed, skill, n=360):
    """Return a run that is right with a given chance."""
    right = np.random.default_rng(seed).random(n) < skill
    return make_run(model, right, np.repeat(SUBJECTS, n // 3), seed)


def test_subject_bootstrap_of_two_people_by_hand():
    # One person always right, one always wrong: a resample gives 0, 1/2 or 1.
    run = make_run("m", [1] * 6 + [0] * 6, [2] * 6 + [4] * 6)
    interval = evaluation.subject_bootstrap([run])
    assert interval.mean == 0.5
    assert (interval.low, interval.high) == (0.0, 1.0)
    assert np.isnan(interval.sd)


def test_subject_bootstrap_of_people_who_are_alike_is_a_point():
    run = make_run("m", [1, 1, 1, 0, 0, 0] * 3, np.repeat(SUBJECTS, 6))
    interval = evaluation.subject_bootstrap([run])
    assert interval.low == pytest.approx(0.5)
    assert interval.high == pytest.approx(0.5)


def test_subject_bootstrap_counts_a_person_with_more_windows_more():
    run = make_run("m", [1] * 18 + [0] * 6, [2] * 18 + [4] * 6)
    counts = intervals._how_often_drawn(2, 10_000, 0)
    (values,) = intervals._resampled([run], "accuracy", 10_000, 0)
    drawn_once_each = values[(counts == 1).all(axis=1)]
    assert set(drawn_once_each) == {0.75}


def test_subject_bootstrap_agrees_with_resampling_windows_person_by_person():
    run = random_run("m", 0, 0.8)
    predicted = run.probability.argmax(axis=1)
    counts = intervals._how_often_drawn(3, 50, 0)
    (fast,) = intervals._resampled([run], "macro_f1", 50, 0)
    for value, count in zip(fast, counts.astype(int), strict=True):
        chosen = np.concatenate(
            [
                np.flatnonzero(run.subject == person)
                for person, times in zip(SUBJECTS, count, strict=True)
                for _ in range(times)
            ]
        )
        matrix = metrics.confusion(run.activity[chosen], predicted[chosen])
        assert value == pytest.approx(metrics.macro_f1(matrix))


def test_subject_bootstrap_is_of_the_mean_over_seeds():
    # Two seeds, each wrong on the other's good person: the mean is the same whoever is drawn.
    right = np.repeat([1, 0], 6)
    runs = [make_run("m", r, [2] * 6 + [4] * 6, seed) for seed, r in enumerate((right, 1 - right))]
    interval = evaluation.subject_bootstrap(runs)
    assert (interval.low, interval.mean, interval.high) == (0.5, 0.5, 0.5)
    assert interval.sd == 0.0


def test_subject_bootstrap_spread_over_two_seeds_is_their_distance_over_the_root_of_two():
    runs = [make_run("m", np.arange(12) < right, [2] * 12, right) for right in (6, 9)]
    interval = evaluation.subject_bootstrap(runs, n_resamples=10)
    assert interval.sd == pytest.approx(0.25 / np.sqrt(2))


def test_subject_bootstrap_repeats():
    runs = [random_run("m", seed, 0.8) for seed in range(3)]
    first = evaluation.subject_bootstrap(runs, "macro_f1")
    assert first == evaluation.subject_bootstrap(runs, "macro_f1")
    assert first.low < first.mean < first.high
    assert first.sd > 0


def test_paired_bootstrap_is_tighter_than_two_apart():
    # Hard and easy people, and b one window worse than a on each of them.
    wrong_of_a = {2: 1, 4: 10, 9: 20}
    subject = np.repeat(SUBJECTS, 30)
    right_a = np.concatenate([np.arange(30) >= wrong_of_a[person] for person in SUBJECTS])
    right_b = np.concatenate([np.arange(30) >= wrong_of_a[person] + 1 for person in SUBJECTS])
    a, b = make_run("a", right_a, subject), make_run("b", right_b, subject)
    interval = evaluation.paired_bootstrap([a], [b])
    assert interval.low == pytest.approx(1 / 30)
    assert interval.high == pytest.approx(1 / 30)
    alone = evaluation.subject_bootstrap([a])
    assert alone.high - alone.low > 0.5


def alike(model, seed, n_right):
    """Return a run that is right in so many of ten windows, with whomever is drawn."""
    right = np.tile(np.arange(10) < n_right, len(SUBJECTS))
    return make_run(model, right, np.repeat(SUBJECTS, 10), seed)


def test_paired_bootstrap_draws_seeds_by_hand():
    # Both seeds of a, one of them twice or the other twice: a is at 0.5, 0.2 or 0.8, b at 0.5.
    a, b = [alike("a", 0, 2), alike("a", 1, 8)], [alike("b", 0, 5)]
    interval = evaluation.paired_bootstrap(a, b)
    assert interval.mean == pytest.approx(0.0)
    assert (interval.low, interval.high) == pytest.approx((-0.3, 0.3))


def test_paired_bootstrap_draws_seeds_of_two_models_apart():
    # Drawn together, a model would never differ from itself.
    runs = [alike("a", 0, 2), alike("a", 1, 8)]
    interval = evaluation.paired_bootstrap(runs, runs)
    assert (interval.mean, interval.low, interval.high) == pytest.approx((0.0, -0.6, 0.6))


def test_pair_table_is_not_decided_by_one_seed_that_failed():
    a = [alike("a", seed, 9) for seed in range(3)]
    b = [alike("b", seed, n_right) for seed, n_right in enumerate((9, 9, 3))]
    table = evaluation.pair_table({"a": a, "b": b}, [("a", "b")])
    assert table["difference"].item() == pytest.approx(0.2)
    assert table["verdict"].item() == "undecided"


def test_paired_bootstrap_refuses_different_windows():
    a = random_run("a", 0, 0.8)
    b = make_run("b", np.ones(360), a.subject, rows=np.arange(360) + 1)
    with pytest.raises(ValueError, match="a and b predict different windows"):
        evaluation.paired_bootstrap([a], [b])


def test_subject_bootstrap_refuses_no_runs():
    with pytest.raises(ValueError, match="no runs"):
        evaluation.subject_bootstrap([])


def test_seed_margin_is_two_deviations_of_a_difference():
    assert evaluation.seed_margin(0.3, 2) == pytest.approx(0.6)
    assert evaluation.seed_margin(0.3, 8) == pytest.approx(0.3)


def test_mcnemar_exact_by_hand():
    # a alone right 1 time, b alone 7 times: 2 * (C(8,0) + C(8,1)) / 2**8.
    correct_a = np.array([True] * 1 + [False] * 7 + [True] * 50)
    correct_b = np.array([False] * 1 + [True] * 7 + [True] * 50)
    assert evaluation.mcnemar_exact(correct_a, correct_b) == pytest.approx(2 * 9 / 256)
    assert evaluation.mcnemar_exact(correct_a, correct_a) == 1.0


def test_holm_by_hand():
    assert evaluation.holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert evaluation.holm([0.9, 0.8]) == pytest.approx([1.0, 1.0])
    assert evaluation.holm([]).shape == (0,)


def test_ensemble_correct_lets_the_sure_seed_decide():
    right = make_run("m", [True], [2])
    wrong = make_run("m", [False], [2], seed=1)
    unsure = 0.5 * wrong.probability + 0.5 / 6
    wrong.probability[:] = unsure
    assert evaluation.ensemble_correct([right, wrong]).tolist() == [True]


def test_summary_table_of_models():
    table = evaluation.summary_table(
        {
            "m": [random_run("m", seed, 0.8) for seed in range(3)],
            "svc": [make_run("svc", np.ones(360), np.repeat(SUBJECTS, 120), kind="score")],
        }
    )
    assert table.index.name == "name"
    assert table.loc["m", "n_seeds"] == 3
    assert table.loc["m", "accuracy_mean"] == pytest.approx(0.8, abs=0.05)
    assert table.loc["svc", "macro_f1_mean"] == 1.0
    assert np.isnan(
        table.loc["svc", ["accuracy_sd", "ece_mean", "multiply_adds"]].astype(float)
    ).all()
    assert table.loc["m", "n_parameters"] == 7


def test_pair_table_takes_its_verdict_from_the_interval_alone():
    subject = np.repeat(SUBJECTS, 30)
    good = make_run("good", np.ones(90), subject)
    bad = make_run("bad", np.arange(90) % 3 > 0, subject)
    odd = make_run("odd", np.arange(90) >= 20, subject)
    runs = {"good": [good], "bad": [bad], "odd": [odd]}
    table = evaluation.pair_table(runs, [("good", "bad"), ("bad", "good"), ("good", "odd")])
    assert table["verdict"].tolist() == ["a", "b", "undecided"]
    assert table["difference"].tolist() == pytest.approx([1 / 3, -1 / 3, 20 / 90])
    assert (table["p_holm"] >= table["p_mcnemar"]).all()
    # All errors of "odd" are one person's: McNemar is sure, resampled people are not.
    assert table.loc[2, "p_holm"] < 0.001


def test_pair_table_names_a_pair_without_runs():
    with pytest.raises(ValueError, match="no run of b"):
        evaluation.pair_table({"a": [random_run("a", 0, 0.8)]}, [("a", "b")])


def test_confusion_shares_are_of_rows_and_stay_shares():
    counts = np.array([[6.0, 2.0], [0.0, 0.0]])
    shares = evaluation.confusion_shares(counts)
    np.testing.assert_allclose(shares, [[0.75, 0.25], [0, 0]])
    np.testing.assert_allclose(evaluation.confusion_shares(shares), shares)


def test_per_activity_table_and_per_subject_table_are_means_over_seeds():
    runs = {"m": [random_run("m", seed, 0.8) for seed in range(2)]}
    activities = evaluation.per_activity_table(runs)
    assert list(activities.columns) == list(metrics.ACTIVITIES)
    mean = np.mean(
        [metrics.recall(np.array(r.record["metrics"]["confusion"])) for r in runs["m"]], 0
    )
    assert activities.loc["m"].to_numpy() == pytest.approx(mean)
    subjects = evaluation.per_subject_table(runs)
    assert list(subjects.columns) == list(SUBJECTS)
    assert evaluation.mean_confusion(runs["m"]).sum() == 360


def test_per_activity_table_keeps_the_order_whatever_a_record_has():
    run = random_run("m", 0, 0.8)
    per_class = run.record["metrics"]["per_class"]
    expected = evaluation.per_activity_table({"m": [run]})
    run.record["metrics"]["per_class"] = {name: per_class[name] for name in sorted(per_class)}
    table = evaluation.per_activity_table({"m": [run]})
    assert list(table.columns) == list(metrics.ACTIVITIES)
    np.testing.assert_array_equal(table, expected)


def test_read_pairs_names_models():
    pairs = evaluation.read_pairs()
    assert pairs
    known = (*models.TITLES, models.UNMIRRORED)
    assert all(name in known for pair in pairs for name in pair)
    assert len({frozenset(pair) for pair in pairs}) == len(pairs)


# --- Folds put together -------------------------------------------------------------------------


def make_fold(fold, rows, right, seed=0, name="m"):
    """Return a run of a fold: one person, whose number is the fold's."""
    run = make_run(name, right, np.full(len(rows), fold), seed, np.array(rows))
    digest = {"digest": f"{fold}", "epochs": {"cap": 1, "chosen": 1}}
    return Run(**{**vars(run), "key": Key(name, "loso", fold, seed), "record": run.record | digest})


def test_pool_scores_all_windows_at_once():
    # One person of eleven right windows, one of a single wrong one: people alone would give 1/2.
    folds = [make_fold(1, range(1, 12), [1] * 11), make_fold(0, [0], [0])]
    [run] = evaluation.pool(folds)
    assert (run.key, run.record["folds"]) == (Key("m", "loso"), [0, 1])
    assert run.row.tolist() == list(range(12))
    assert run.record["metrics"]["accuracy"] == 11 / 12
    assert run.record["metrics"]["per_subject"] == {"0": 0.0, "1": 1.0}
    matrix = metrics.confusion(run.activity, run.probability.argmax(axis=1))
    assert run.record["metrics"]["macro_f1"] == metrics.macro_f1(matrix)


def test_pool_leaves_out_seeds_without_all_folds():
    folds = [make_fold(k, [k], [1], seed) for k, seed in ((0, 0), (1, 0), (0, 1))]
    assert [run.key.seed for run in evaluation.pool(folds)] == [0]
    assert evaluation.pool([]) == []
    others = [make_fold(k, [k], [1], seed) for k, seed in ((0, 0), (1, 0), (0, 1), (2, 1))]
    assert evaluation.pool(others) == []


def test_pool_names_everybody_it_predicts():
    [pooled] = evaluation.pool([make_fold(0, [0], [1]), make_fold(1, [1], [1])])
    people = {int(s) for k in (0, 1) for s in make_fold(k, [k], [1]).subject}
    assert pooled.record["predicted"] == sorted(people)


def test_pool_puts_windows_in_the_order_of_their_rows():
    [pooled] = evaluation.pool([make_fold(0, [4, 1], [1, 1]), make_fold(1, [3, 0, 2], [1, 1, 1])])
    assert pooled.row.tolist() == [0, 1, 2, 3, 4]
    assert pooled.subject.tolist() == [1, 0, 1, 1, 0]


def test_pool_refuses_folds_that_overlap():
    with pytest.raises(ValueError, match="two folds predict the same window"):
        evaluation.pool([make_fold(0, [0, 1], [1, 1]), make_fold(1, [1], [1])])
    with pytest.raises(ValueError, match="only folds of one model"):
        evaluation.pool([make_fold(0, [0], [1]), make_fold(1, [1], [1], name="other")])


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HAR_BUILD", str(tmp_path))
    return results.results_folder("smoke")


def test_load_pooled_finds_folds_or_the_pooled_run_in_their_place(folder):
    record = dict.fromkeys(results.RECORD_KEYS) | {"schema": results.SCHEMA, "variant": "loso"}
    for fold in (0, 1):
        run = make_fold(fold, [fold], [1])
        told = {"model": "m", "fold": fold, "seed": 0}
        full = Run(**{**vars(run), "record": record | run.record | told})
        results.write_run(folder, full)
    [pooled] = evaluation.load_pooled("smoke", "m@loso")
    assert pooled.row.tolist() == [0, 1]
    results.write_run(folder, pooled)
    for path in folder.glob("m@loso/fold-*/*"):
        path.unlink()
    [again] = evaluation.load_pooled("smoke", "m@loso")
    np.testing.assert_array_equal(again.probability, pooled.probability)
    assert evaluation.load_pooled("smoke", "other@loso") == []


@pytest.mark.parametrize("own", [[(0, 0)], [(0, 1), (1, 1)]])
def test_load_pooled_is_not_hidden_by_fewer_folds_or_seeds_of_ones_own(
    own, folder, monkeypatch, tmp_path
):
    monkeypatch.setattr(results, "published_folder", lambda: tmp_path / "published")
    runs = {}
    for fold, seed in ((0, 0), (1, 0), (0, 1), (1, 1)):
        run = make_fold(fold, [fold], [1], seed)
        record = dict.fromkeys(results.RECORD_KEYS) | run.record
        told = {"schema": results.SCHEMA, "model": "m", "variant": "loso"}
        record |= told | {"fold": fold, "seed": seed}
        runs[fold, seed] = replace(run, record=record)
    for whole in evaluation.pool(list(runs.values())):
        results.write_run(results.published_folder(), whole)
    for each in own:
        results.write_run(folder, runs[each])
    found = evaluation.load_pooled("smoke", "m@loso")
    assert [(run.key.seed, run.row.tolist()) for run in found] == [(0, [0, 1]), (1, [0, 1])]


# --- Calibration --------------------------------------------------------------------------------

PROBABILITIES = arrays(np.float32, (5, 6), elements=st.floats(0, 1, width=32)).map(
    lambda values: (values + 1e-3) / (values + 1e-3).sum(axis=1, keepdims=True)
)


@given(probability=PROBABILITIES, temperature=st.floats(0.1, 10))
@settings(max_examples=50)
def test_at_temperature_changes_no_prediction(probability, temperature):
    scaled = evaluation.at_temperature(probability, temperature)
    np.testing.assert_allclose(scaled.sum(axis=1), 1)
    chosen = probability.argmax(axis=1)
    np.testing.assert_array_equal(scaled[np.arange(5), chosen], scaled.max(axis=1))


@given(probability=PROBABILITIES)
@settings(max_examples=25)
def test_at_temperature_one_changes_nothing_and_a_high_one_knows_nothing(probability):
    np.testing.assert_allclose(evaluation.at_temperature(probability, 1), probability, atol=1e-6)
    np.testing.assert_allclose(evaluation.at_temperature(probability, 1e6), 1 / 6, atol=1e-4)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_fit_temperature_finds_the_one_that_spoilt_probabilities(temperature):
    # Truth is drawn from honest probabilities; the model's logits are too large by a factor.
    draw = np.random.default_rng(0)
    honest = draw.dirichlet(np.ones(6), 20_000)
    activity = (honest.cumsum(axis=1) < draw.random((len(honest), 1))).sum(axis=1)
    told = evaluation.at_temperature(honest, 1 / temperature)
    found = evaluation.fit_temperature(activity, told)
    assert found == pytest.approx(temperature, rel=0.03)
    after = evaluation.at_temperature(told, found)
    assert metrics.expected_calibration_error(activity, after) < 0.02
    losses = [metrics.negative_log_likelihood(activity, p) for p in (after, told)]
    assert losses[0] <= losses[1] + 1e-9


def test_fit_temperature_is_one_where_90_percent_means_nine_in_ten():
    run = make_run("m", np.arange(60) % 10 > 0, np.full(60, 2))
    assert evaluation.fold_temperature([run]) == pytest.approx(1, abs=0.01)
    table = evaluation.reliability(run.activity, run.probability)
    [filled] = table[table["share"] > 0].to_dict("records")
    assert (filled["low"], filled["high"]) == (pytest.approx(13 / 15), pytest.approx(14 / 15))
    assert filled["confidence"] == pytest.approx(filled["accuracy"])


def test_fit_temperature_needs_windows():
    with pytest.raises(ValueError, match="no windows"):
        evaluation.fit_temperature(np.array([], int), np.empty((0, 6)))


@given(probability=PROBABILITIES)
@settings(max_examples=25)
def test_reliability_gives_the_calibration_error(probability):
    activity = np.arange(5)
    table = evaluation.reliability(activity, probability)
    gap = (table["share"] * (table["confidence"] - table["accuracy"]).abs()).sum()
    assert gap == pytest.approx(metrics.expected_calibration_error(activity, probability))


def test_reliability_counts_an_edge_to_the_bin_below_as_the_calibration_error_does():
    activity, probability = np.array([1, 0]), np.array([[0.6, 0.4], [0.55, 0.45]])  # 0.6 is 9 / 15
    table = evaluation.reliability(activity, probability)
    assert table["share"].to_dict() == {place: float(place == 8) for place in range(15)}
    error = metrics.expected_calibration_error(activity, probability)
    assert error == pytest.approx(abs(0.6 + (0.55 - 1)) / 2)


def test_calibration_table_has_before_and_after():
    runs = {"m": [random_run("m", seed, 0.5, n=600) for seed in range(2)]}
    temperature = evaluation.fold_temperature(runs["m"])
    table = evaluation.calibration_table(runs, {"m": temperature})
    assert temperature > 1.5
    assert table.loc["m", "ece_after"] < 0.1 < table.loc["m", "ece_before"]
    assert table.loc["m", "nll_after"] < table.loc["m", "nll_before"]
    scaled = evaluation.calibrated(runs["m"], temperature)
    assert [run.record["metrics"]["accuracy"] for run in scaled] == [
        run.record["metrics"]["accuracy"] for run in runs["m"]
    ]


# --- Answering only when sure -------------------------------------------------------------------


def test_selective_by_hand():
    confidence = np.array([0.9, 0.6, 0.8, 0.7])
    probability = np.column_stack([confidence, 1 - confidence])
    activity = np.array([0, 0, 0, 1])  # only the one at 0.7 is wrong
    curve = evaluation.selective(activity, probability)
    assert curve["coverage"].tolist() == [0.25, 0.5, 0.75, 1]
    assert curve["accuracy"].tolist() == pytest.approx([1, 1, 2 / 3, 3 / 4])
    assert evaluation.selective_area(curve) == pytest.approx((1 + 1 + 2 / 3 + 3 / 4) / 4)


def test_selective_treats_windows_of_equal_confidence_alike():
    run = make_run("m", [1, 1, 0, 0] * 3, [2] * 12)
    curve = evaluation.selective_curve([run])
    np.testing.assert_allclose(curve["accuracy"], 0.5)


@given(probability=PROBABILITIES)
@settings(max_examples=25)
def test_selective_over_everything_is_the_accuracy(probability):
    activity = np.arange(5)
    last = evaluation.selective(activity, probability)["accuracy"].iloc[-1]
    assert last == pytest.approx(np.mean(probability.argmax(axis=1) == activity))


# --- Smoothing ----------------------------------------------------------------------------------

# Recording 1: five windows, then after a gap two more; recording 2 stands between them.
PLACES = pd.DataFrame(
    {
        "recording": [1, 2, 1, 1, 1, 1, 1, 1],
        "start": [64 * k for k in (1, 0, 0, 2, 3, 4, 10, 11)],
        "activity": ["A", "A", "A", "A", "A", "A", "B", "B"],
    }
)


def sure_of(*codes):
    return np.eye(3)[list(codes)]


def test_smooth_causally_by_hand():
    said = sure_of(1, 2, 0, 1, 0, 1, 2, 2)
    causal = evaluation.smooth(said, PLACES, 3)
    np.testing.assert_allclose(causal[2], sure_of(0)[0])  # nothing comes before it
    np.testing.assert_allclose(causal[0], [1 / 2, 1 / 2, 0])
    np.testing.assert_allclose(causal[3], [1 / 3, 2 / 3, 0])
    np.testing.assert_allclose(causal[6], sure_of(2)[0])  # what came before is long ago
    np.testing.assert_allclose(causal[1], sure_of(2)[0])  # another recording


def test_smooth_centred_and_over_closed_gaps_by_hand():
    said = sure_of(1, 2, 0, 1, 0, 1, 2, 2)
    centred = evaluation.smooth(said, PLACES, 3, centred=True)
    np.testing.assert_allclose(centred[2], [1 / 2, 1 / 2, 0])
    np.testing.assert_allclose(centred[4], [1 / 3, 2 / 3, 0])
    closed = evaluation.smooth(said, PLACES, 3, across_gaps=True)
    np.testing.assert_allclose(closed[6], [1 / 3, 1 / 3, 1 / 3])


def test_smooth_by_vote_counts_heads_and_the_sum_decides_between_equals():
    said = np.array([[0.6, 0.4, 0], [0.6, 0.4, 0], [0, 1, 0]])
    three = pd.DataFrame({"recording": 1, "start": [0, 64, 128]})
    assert evaluation.smooth(said, three, 3)[2].argmax() == 1
    assert evaluation.smooth(said, three, 3, vote=True)[2].argmax() == 0
    assert evaluation.smooth(said[1:], three[1:], 2, vote=True)[1].argmax() == 1


@given(probability=PROBABILITIES, n=st.sampled_from([1, 3, 5]), centred=st.booleans())
@settings(max_examples=25)
def test_smooth_gives_probabilities_that_add_up(probability, n, centred):
    table = pd.DataFrame({"recording": 1, "start": 64 * np.arange(5)})
    smoothed = evaluation.smooth(probability, table, n, centred)
    np.testing.assert_allclose(smoothed.sum(axis=1), 1, atol=1e-5)
    if n == 1:
        np.testing.assert_allclose(smoothed, probability, atol=1e-6)


def test_smooth_does_not_depend_on_the_order_of_rows():
    draw = np.random.default_rng(0)
    said, order = draw.dirichlet(np.ones(3), len(PLACES)), draw.permutation(len(PLACES))
    shuffled = evaluation.smooth(said[order], PLACES.iloc[order], 3)
    np.testing.assert_allclose(shuffled, evaluation.smooth(said, PLACES, 3)[order])


def test_smooth_centred_refuses_an_even_number():
    with pytest.raises(ValueError, match="odd if centred"):
        evaluation.smooth(sure_of(*[0] * 8), PLACES, 4, centred=True)


def test_smooth_corrects_a_single_slip_when_it_may_look_back():
    right = [1, 1, 1, 0, 1, 1]
    run = make_run("m", right, [2] * 6)
    run = Run(**{**vars(run), "activity": np.zeros(6, int)})
    run.probability[:] = np.where(np.array(right)[:, None], [[0.9] + [0.02] * 5], 0.02)
    run.probability[3, 1] = 0.9
    table = pd.DataFrame({"recording": 1, "start": 64 * np.arange(6)})
    scores = evaluation.smoothing_table({"m": [run]}, table, numbers=(1, 3))
    accuracy = scores.set_index(["n_windows", "centred", "across_gaps"])["accuracy"]
    assert accuracy[1, False, False] == pytest.approx(5 / 6)
    assert accuracy[3, True, False] == accuracy[3, False, True] == 1


# --- Which windows are wrong --------------------------------------------------------------------


def test_seconds_to_transition_by_hand():
    # A: starts 0 to 256, ends at sample 384; B: starts 640 and 704, nothing after it.
    seconds = evaluation.seconds_to_transition(PLACES)
    in_samples = {0: 256, 1: np.inf, 2: 320, 3: 192, 4: 128, 5: 64, 6: 64, 7: 128}
    assert (seconds * 50).tolist() == [in_samples[row] for row in range(8)]


def test_errors_by_distance_are_counted():
    run = make_run("m", [1, 1, 0, 0, 1, 0], [2] * 6)
    seconds = np.array([1.28, 1.3, 2.56, 2.56, 3.84, np.inf])
    table = evaluation.errors_by_distance({"m": [run]}, seconds, n_bins=3)
    assert table.index.tolist() == pytest.approx([1.28, 2.56, 3.84])
    assert table["m"].tolist() == [0, 1, 0.5]
    assert table["n_windows"].tolist() == [2, 2, 2]


def test_share_right_finds_windows_nobody_gets_right():
    runs = {
        "a": [make_run("a", [1, 0, 0, 0], [2] * 4), make_run("a", [1, 1, 0, 0], [2] * 4, seed=1)],
        "b": [make_run("b", [1, 0, 1, 0], [2] * 4)],
    }
    share = evaluation.share_right(runs)
    assert share["a"].tolist() == [1, 0.5, 0, 0]
    assert share.index[(share == 0).all(axis=1)].tolist() == [3]
    assert evaluation.majority_vote(runs)[3] == 4


def test_adjacent_mistakes_counts_mistakes_with_a_neighbour():
    # Recording 1: wrong, wrong, right, right, wrong, then a gap, wrong; recording 2: wrong.
    table = pd.DataFrame({"recording": [1] * 6 + [2], "start": [0, 64, 128, 192, 256, 900, 64]})
    run = make_run("m", [0, 0, 1, 1, 0, 0, 0], [2] * 7)
    assert evaluation.adjacent_mistakes([run], table) == pytest.approx(2 / 5)
    assert np.isnan(evaluation.adjacent_mistakes([make_run("m", [1] * 7, [2] * 7)], table))
