import time

import numpy as np
import pytest

from har_utils import evaluation, metrics, models
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
    }
    rows = np.arange(len(right)) if rows is None else rows
    return Run(Key(model, seed=seed), record, probability, activity, rows, subject)


def random_run(model, seed, skill, n=360):
    """Return a run that is right with a given chance."""
    right = np.random.default_rng(seed).random(n) < skill
    return make_run(model, right, np.repeat(SUBJECTS, n // 3), seed)


def test_interval_of_two_people_by_hand():
    # One person always right, one always wrong: a resample gives 0, 1/2 or 1.
    run = make_run("m", [1] * 6 + [0] * 6, [2] * 6 + [4] * 6)
    interval = evaluation.subject_bootstrap([run])
    assert interval.mean == 0.5
    assert (interval.low, interval.high) == (0.0, 1.0)
    assert np.isnan(interval.sd)


def test_people_who_are_alike_leave_no_doubt():
    run = make_run("m", [1, 1, 1, 0, 0, 0] * 3, np.repeat(SUBJECTS, 6))
    interval = evaluation.subject_bootstrap([run])
    assert interval.low == pytest.approx(0.5)
    assert interval.high == pytest.approx(0.5)


def test_a_person_with_more_windows_counts_more():
    run = make_run("m", [1] * 18 + [0] * 6, [2] * 18 + [4] * 6)
    counts = evaluation._drawn_subjects(2, 10_000, 0)
    values = evaluation._resampled([run], "accuracy", 10_000, 0)
    drawn_once_each = values[(counts == 1).all(axis=1)]
    assert set(drawn_once_each) == {0.75}


def test_bootstrap_agrees_with_resampling_windows_person_by_person():
    run = random_run("m", 0, 0.8)
    predicted = run.probability.argmax(axis=1)
    counts = evaluation._drawn_subjects(3, 50, 0)
    fast = evaluation._resampled([run], "macro_f1", 50, 0)
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


def test_interval_is_of_the_mean_over_seeds():
    # Two seeds, each wrong on the other's good person: the mean is the same whoever is drawn.
    right = np.repeat([1, 0], 6)
    runs = [make_run("m", r, [2] * 6 + [4] * 6, seed) for seed, r in enumerate((right, 1 - right))]
    interval = evaluation.subject_bootstrap(runs)
    assert (interval.low, interval.mean, interval.high) == (0.5, 0.5, 0.5)
    assert interval.sd == 0.0


def test_intervals_repeat():
    runs = [random_run("m", seed, 0.8) for seed in range(3)]
    first = evaluation.subject_bootstrap(runs, "macro_f1")
    assert first == evaluation.subject_bootstrap(runs, "macro_f1")
    assert first.low < first.mean < first.high
    assert first.sd > 0


def test_paired_interval_is_tighter_than_two_apart():
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


def test_different_windows_are_not_compared():
    a = random_run("a", 0, 0.8)
    b = make_run("b", np.ones(360), a.subject, rows=np.arange(360) + 1)
    with pytest.raises(ValueError, match="a and b predict different windows"):
        evaluation.paired_bootstrap([a], [b])


def test_no_runs_is_an_error():
    with pytest.raises(ValueError, match="no runs"):
        evaluation.subject_bootstrap([])


def test_mcnemar_by_hand():
    # a alone right 1 time, b alone 7 times: 2 * (C(8,0) + C(8,1)) / 2**8.
    correct_a = np.array([True] * 1 + [False] * 7 + [True] * 50)
    correct_b = np.array([False] * 1 + [True] * 7 + [True] * 50)
    assert evaluation.mcnemar_exact(correct_a, correct_b) == pytest.approx(2 * 9 / 256)
    assert evaluation.mcnemar_exact(correct_a, correct_a) == 1.0


def test_holm_by_hand():
    assert evaluation.holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert evaluation.holm([0.9, 0.8]) == pytest.approx([1.0, 1.0])
    assert evaluation.holm([]).shape == (0,)


def test_ensemble_lets_the_sure_seed_decide():
    right = make_run("m", [True], [2])
    wrong = make_run("m", [False], [2], seed=1)
    unsure = 0.5 * wrong.probability + 0.5 / 6
    wrong.probability[:] = unsure
    assert evaluation.ensemble_correct([right, wrong]).tolist() == [True]


def test_summary_of_models():
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


def test_verdict_comes_from_the_interval_alone():
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


def test_pair_without_runs_is_named():
    with pytest.raises(ValueError, match="no run of b"):
        evaluation.pair_table({"a": [random_run("a", 0, 0.8)]}, [("a", "b")])


def test_tables_of_activities_and_subjects():
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


def test_activities_keep_their_order_whatever_order_a_record_has():
    run = random_run("m", 0, 0.8)
    per_class = run.record["metrics"]["per_class"]
    expected = evaluation.per_activity_table({"m": [run]})
    run.record["metrics"]["per_class"] = {name: per_class[name] for name in sorted(per_class)}
    table = evaluation.per_activity_table({"m": [run]})
    assert list(table.columns) == list(metrics.ACTIVITIES)
    np.testing.assert_array_equal(table, expected)


def test_pairs_of_the_report_name_models():
    pairs = evaluation.read_pairs()
    assert pairs
    assert all(name in models.TITLES for pair in pairs for name in pair)
    assert len({frozenset(pair) for pair in pairs}) == len(pairs)


def test_ten_thousand_resamples_take_no_time():
    runs = [random_run("m", seed, 0.9) for seed in range(10)]
    start = time.process_time()
    evaluation.subject_bootstrap(runs)
    assert time.process_time() - start < 2
