"""Everybody left out in turn decides; intervals over people cover what they say."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from scipy.stats import permutation_test
from test_evaluation import make_run

from har_utils import evaluation, results
from har_utils.evaluation import coverage, everybody, intervals
from har_utils.results import Key

# --- The exact test -----------------------------------------------------------------------------


def test_sign_flip_by_hand():
    assert evaluation.sign_flip([1.0, 2.0, 3.0]) == 2 / 8  # all signs alike, twice
    assert evaluation.sign_flip([1.0, 2.0, -3.0]) == 1.0  # a mean of zero is never far
    assert evaluation.sign_flip([5.0]) == 1.0
    assert evaluation.sign_flip([0.0] * 6) == 1.0
    assert evaluation.sign_flip(np.full(30, 0.01)) == pytest.approx(2 / 2**30)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(-5, 5), min_size=2, max_size=10), st.sampled_from([1, 0.1, 1 / 3]))
def test_sign_flip_is_the_permutation_test_of_scipy(whole, scale):
    """Of whole numbers: SciPy misses ties of a mean that rounding has left beside zero."""
    listed = permutation_test((whole,), np.mean, permutation_type="samples", n_resamples=np.inf)
    differences = scale * np.array(whole)
    assert evaluation.sign_flip(differences) == pytest.approx(listed.pvalue)


def test_sign_flip_does_not_depend_on_order_or_sign():
    differences = np.random.default_rng(0).normal(0.3, 1, 30)
    p = evaluation.sign_flip(differences)
    assert 0 < p < 1
    assert evaluation.sign_flip(-differences[::-1]) == pytest.approx(p)


def test_sign_flip_refuses_too_many():
    with pytest.raises(ValueError, match="41 people are too many"):
        evaluation.sign_flip(np.ones(41))


# --- Comparing, deciding ------------------------------------------------------------------------


def of_people(name, accuracies, n=20):
    """Return a run in which each person has a given share of their windows right."""
    right = np.concatenate([np.arange(n) < round(n * share) for share in accuracies])
    return make_run(name, right, np.repeat(np.arange(1, len(accuracies) + 1), n))


def test_compare_is_paired_by_person_and_corrected_after_holm():
    low, high = np.linspace(0.3, 0.8, 12), np.linspace(0.4, 0.9, 12)
    runs = {"good": [of_people("good", high)], "bad": [of_people("bad", low)]}
    runs["same"] = [of_people("same", low)]
    pairs = [("good", "bad"), ("bad", "good"), ("bad", "same"), ("good", "unknown")]
    table = evaluation.compare(runs, pairs)
    assert table["verdict"].tolist() == ["a", "b", "undecided"]
    assert table.loc[0, ["n_people", "better", "worse"]].tolist() == [12, 12, 0]
    assert table.loc[0, "difference"] == pytest.approx(0.1, abs=0.03)
    assert table["p"].tolist() == pytest.approx([2 / 2**12, 2 / 2**12, 1])
    assert table["p_holm"].tolist() == pytest.approx(evaluation.holm(table["p"]))
    listed = evaluation.compare(runs, pairs, n_listed=5)
    assert listed["p_holm"].tolist() == pytest.approx([5 * 2 / 2**12] * 2 + [1])


def test_compare_of_nothing_is_empty():
    assert evaluation.compare({}, [("a", "b")]).empty


def test_decide_leaves_undecided_who_never_left_everybody_out():
    pairs = pd.DataFrame({"a": ["x", "y"], "b": ["y", "z"], "verdict": ["b", "a"]})
    runs = {"x": [of_people("x", np.full(9, 0.9))], "y": [of_people("y", np.full(9, 0.5))]}
    table = evaluation.decide(pairs, evaluation.compare(runs, [("x", "y"), ("y", "z")]))
    assert table["verdict"].tolist() == ["a", "undecided"]
    assert table["n_people"].tolist() == pytest.approx([9, np.nan], nan_ok=True)
    assert table["p_everybody"].tolist() == pytest.approx([2 / 2**9, np.nan], nan_ok=True)


def test_left_out_reads_runs_and_the_table_of_answers(tmp_path, monkeypatch):
    published = evaluation.left_out(results.PUBLISHED)
    assert {"modern", "linear_svc"} <= published.keys()
    answers = results.read_table(results.published_folder(), "loso/linear_svc")
    [svc] = published["linear_svc"]
    np.testing.assert_array_equal(svc.probability.argmax(axis=1), answers["predicted"])
    right = (answers["predicted"] == answers["activity"]).groupby(answers["subject"]).mean()
    told = svc.record["metrics"]["per_subject"]
    assert told == pytest.approx({str(person): share for person, share in right.items()})
    assert len(np.unique(svc.subject)) == len(np.unique(published["modern"][0].subject)) == 30


def test_networks_left_out_have_the_name_of_the_run_they_are_trained_like(monkeypatch):
    there = {"loso": {"m@loso": ["with"]}, "unmirrored_loso": {"m@unmirrored_loso": ["without"]}}
    monkeypatch.setattr(
        everybody, "load_all_pooled", lambda profile, variant, quiet: there.get(variant, {})
    )
    found = evaluation.networks_left_out("lab")
    assert found == {"m": ["with"], "m@unmirrored": ["without"]}
    assert [evaluation.name_left_out(name) for name in found] == ["m@loso", "m@unmirrored_loso"]


# --- Intervals ----------------------------------------------------------------------------------


def test_people_interval_by_hand():
    # Two people, 3 of 4 windows right in all: without one 1/2, without the other 1.
    run = make_run("m", [1, 1, 1, 0], [1, 1, 2, 2])
    interval = evaluation.people_interval([run])
    error = 0.25  # sqrt(1/2 · (0.25² + 0.25²))
    reach = 12.7062 * error / (0.75 * 0.25)  # Student's with one degree of freedom
    ends = [1 / (1 + np.exp(-(np.log(3) + sign * reach))) for sign in (-1, 1)]
    assert [interval.low, interval.high] == pytest.approx(ends, rel=1e-4)
    assert interval.mean == 0.75


def test_people_interval_of_people_who_are_alike_is_a_point_and_so_is_one_of_no_mistakes():
    for share in (0.5, 1.0):
        interval = evaluation.people_interval([of_people("m", [share] * 4)])
        assert (interval.low, interval.high) == pytest.approx((share, share))


@pytest.mark.parametrize("statistic", ["accuracy", "macro_f1"])
def test_people_interval_stays_within_0_and_1_and_is_longer_below(statistic):
    run = of_people("m", [1, 1, 1, 1, 1, 1, 1, 0.95, 0.8], n=60)
    interval = evaluation.people_interval([run], statistic)
    assert 0 < interval.low < interval.mean < interval.high < 1
    assert interval.mean - interval.low > interval.high - interval.mean


def test_paired_interval_does_not_count_a_person_who_is_hard_for_both():
    a, b = (of_people(name, np.linspace(0.3, 0.9, 9) + by) for name, by in (("a", 0.1), ("b", 0)))
    pair = evaluation.paired_interval([a], [b])
    alone = evaluation.people_interval([a])
    assert pair.low < pair.mean < pair.high
    assert pair.high - pair.low < (alone.high - alone.low) / 2
    other = evaluation.paired_interval([b], [a])
    assert (other.low, other.high) == pytest.approx((-pair.high, -pair.low))


def test_paired_interval_grows_with_the_spread_over_seeds():
    a = [of_people("a", np.linspace(0.7, 0.9, 9))]
    steady = [replace(a[0], key=Key("b", seed=seed)) for seed in range(2)]
    failed = [a[0], of_people("b", np.linspace(0.4, 0.6, 9))]
    alike, apart = evaluation.paired_interval(a, steady), evaluation.paired_interval(a, failed)
    assert alike.low < 0 < alike.high
    assert apart.low < 0 < apart.mean < apart.high
    assert apart.high - apart.low > 3 * (alike.high - alike.low)


# --- Coverage -----------------------------------------------------------------------------------


def made_up(generator, ease):
    """Return a confusion matrix of each person, who is right as often as the log-odds say."""
    recall = expit(ease[:, np.newaxis] + generator.normal(0, 0.5, (len(ease), 6)))
    right = generator.binomial(57, recall)
    next_one = np.roll(np.eye(6), 1, axis=1)
    return right[..., np.newaxis] * np.eye(6) + (57 - right)[..., np.newaxis] * next_one


@pytest.fixture(scope="module")
def populations():
    """Two models' confusion matrices of thirty people, eight times; some people are hard."""
    made = []
    for seed in range(8):
        generator = np.random.default_rng(seed)
        ease = generator.normal(3.2, 0.6, 30)
        made.append([made_up(generator, ease + 0.6), made_up(generator, ease)])
    return made


@pytest.mark.parametrize("n_people", [9, 30])
@pytest.mark.parametrize("statistic", ["accuracy", "macro_f1"])
def test_coverage_of_intervals_in_use(populations, n_people, statistic):
    """Below what they say where one person is far off; the report prints it for its own people."""
    options = {"statistic": statistic, "n_draws": 500}
    scores = [coverage.of_score(p, n_people, **options) for both in populations for p in both]
    assert 0.85 < np.mean(scores) < intervals.LEVEL
    assert min(scores) > 0.7
    differences = [coverage.of_difference(*both, n_people, **options) for both in populations]
    assert 0.85 < np.mean(differences) < 0.98


def test_coverage_of_the_interval_in_use_is_nearer_to_what_it_says_than_that_of_others(populations):
    """Nine people drawn from thirty: why reports use it and not percentiles of resamples."""
    found = [
        [coverage.of_score(p, 9, method, n_draws=500) for method in coverage.METHODS.values()]
        for both in populations
        for p in both
    ]
    *others, chosen = np.abs(np.mean(found, axis=0) - intervals.LEVEL)
    assert chosen < min(others)


def test_coverage_table_has_the_pairs_of_models_that_left_everybody_out():
    shares = np.linspace(0.5, 0.9, 12)
    runs = {name: [of_people(name, shares + n / 30)] for n, name in enumerate("abc")}
    table = evaluation.coverage_table(runs, [("c", "a"), ("b", "d")])
    differences = table[table["of"] == "difference"]
    assert set(differences["models"]) == {"c, a"}
    assert len(differences) == 4  # nine and thirty people, accuracy and macro F1
    assert set(table.loc[table["of"] == "score", "models"]) == {"a", "b", "c"}


def test_coverage_is_right_where_it_can_be_computed():
    """People who are all alike give the truth itself; two of two kinds, only where both came."""
    alike = np.tile(np.diag([5.0, 5.0]) + 1, (30, 1, 1))
    assert coverage.of_score(alike, 9) == 1.0
    two_kinds = np.concatenate([np.tile(np.diag([10.0, 10.0]), (15, 1, 1)), np.zeros((15, 2, 2))])
    two_kinds[15:, 0, 1] = two_kinds[15:, 1, 0] = 10
    drawn = np.random.default_rng(2).integers(30, size=(2000, 2)) < 15
    apart = (drawn.sum(axis=1) == 1).mean()  # both alike: a point at 0 or 1, the truth is 1/2
    assert coverage.of_score(two_kinds, 2) == pytest.approx(apart)
