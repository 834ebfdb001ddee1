"""Sentences made from results: they must turn round when the results do."""

import numpy as np
import pandas as pd
import pytest

from har_utils import models, words
from har_utils.dataset import ACTIVITIES
from har_utils.report import claims

NETWORKS = list(models.NETWORKS)
PUBLISHED = {name: scores["accuracy"] for name, scores in models.PUBLISHED.items()}


def summary(**accuracy):
    """Return a summary table with the given mean accuracies."""
    accuracy = accuracy or dict(zip(NETWORKS, (0.90, 0.91, 0.92, 0.93), strict=True))
    mean = pd.Series(accuracy)
    return pd.DataFrame(
        {
            "accuracy_mean": mean,
            "accuracy_low": mean - 0.02,
            "accuracy_high": mean + 0.02,
            "negative_log_likelihood_mean": 1 - mean,
            "n_parameters": [models.PARAMETERS.get(name, 1) for name in mean.index],
        }
    )


def pairs(*rows):
    """Return a pair table of (a, b, difference, half width of the interval)."""
    table = pd.DataFrame(rows, columns=["a", "b", "difference", "half"])
    table["low"], table["high"] = (
        table["difference"] - table["half"],
        table.eval("difference + half"),
    )
    table["p_holm"] = np.where(table["difference"].abs() > table["half"], 0.01, 0.5)
    table["verdict"] = np.select([table["low"] > 0, table["high"] < 0], ["a", "b"], "undecided")
    return table


def against_top(half, top="cnn_lstm"):
    """Return the pairs of a top network with the others, it being two points ahead."""
    others = [name for name in NETWORKS if name != top]
    return pairs(*((top, other, 0.02, half) for other in others))


# --- Words and numbers --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (words.percent(0.9237, 2), "92.37\N{NO-BREAK SPACE}%"),
        (words.percent(None), "–"),
        (words.decimal(float("nan")), "–"),
        (words.decimal(-0.04), "0.0"),
        (words.decimal(-1.26), "−1.3"),
        (words.points(-0.01), "1.0\N{NO-BREAK SPACE}point"),
        (words.points(0.012), "1.2\N{NO-BREAK SPACE}points"),
        (words.grouped(1122772), "1\N{NO-BREAK SPACE}122\N{NO-BREAK SPACE}772"),
        (words.word(9), "nine"),
        (words.word(21), "21"),
        (words.listing("abc"), "a, b and c"),
        (words.the("linear_svc"), "the linear SVC"),
        (words.the("cnn_1d"), "the 1D-CNN"),
        (words.activity_name("LAYING"), "lying"),
    ],
)
def test_words_and_numbers(said, meant):
    assert said == meant


# --- Which model is best ------------------------------------------------------------------------


def test_best_network_with_a_clear_lead():
    said = claims.best_network(summary(), against_top(0.01))
    assert said.startswith("Of the four networks, the 1D-CNN + LSTM has the highest mean accuracy")
    assert "excludes zero against every other" in said


def test_best_network_without_a_lead_is_not_called_better():
    said = claims.best_network(summary(), against_top(0.05))
    assert "cannot be told apart from any of the others" in said
    assert "ahead" not in said


def test_best_network_is_another_when_the_scores_turn():
    turned = summary(**dict(zip(NETWORKS, (0.95, 0.91, 0.92, 0.93), strict=True)))
    said = claims.best_network(turned, against_top(0.01, top="single_lstm"))
    assert "the single-layer LSTM has the highest" in said


def test_best_network_with_some_of_each():
    table = pairs(
        ("cnn_lstm", "single_lstm", 0.03, 0.01),
        ("cnn_lstm", "multi_lstm", 0.02, 0.03),
        ("cnn_1d", "cnn_lstm", -0.01, 0.03),
    )
    said = claims.best_network(summary(), table)
    assert "it is ahead of the single-layer LSTM, but it cannot be told apart from" in said
    assert "the multi-layer LSTM or the 1D-CNN" in said


def test_networks_with_equal_means_share_the_place():
    said = claims.best_network(summary(cnn_1d=0.9, cnn_lstm=0.9), pairs())
    assert "the 1D-CNN and the 1D-CNN + LSTM share" in said.replace("The", "the", 1)


def test_one_network_is_not_compared():
    assert "highest" not in claims.best_network(summary(cnn_1d=0.9), pairs())


def test_all_pairs_in_both_directions():
    apart = claims.all_pairs(pairs(("cnn_1d", "multi_lstm", -0.03, 0.01)))
    assert "the multi-layer LSTM is ahead of the 1D-CNN by 3.0" in apart
    assert "(2.0 to 4.0)" in apart
    alike = claims.all_pairs(pairs(("cnn_1d", "multi_lstm", -0.03, 0.04)))
    assert "ahead" not in alike
    assert "can be told apart" in alike
    assert alike.startswith("Not even")


def test_all_pairs_counts_what_stays_open():
    rows = [("cnn_1d", "multi_lstm", 0.03, half) for half in (0.01, 0.04, 0.04)]
    said = claims.all_pairs(pairs(*rows))
    assert said.startswith("One of the three pairs can be told apart: the 1D-CNN is ahead")
    assert said.endswith("Two cannot: their intervals contain zero.")


def test_of_many_leads_only_the_extremes_are_named():
    rows = [("cnn_1d", "multi_lstm", 0.01 * k, 0.001) for k in (1, 2, 3)]
    said = claims.all_pairs(pairs(("cnn_lstm", "single_lstm", -0.09, 0.01), *rows))
    assert "All four pairs can be told apart." in said
    assert "The largest lead: the single-layer LSTM is ahead of the 1D-CNN + LSTM by 9.0" in said
    assert "by 2.0" not in said


@pytest.mark.parametrize(
    ("halves", "short", "conclusion"),
    [
        ((0.01, 0.01), "all two pairs of the source's networks can", "suffice to tell every pair"),
        (
            (0.01, 0.05),
            "one of the two pairs of the source's",
            "one of the two pairs cannot be told",
        ),
        (
            (0.05, 0.05),
            "none of the two pairs of the source's",
            "none of their two pairs can be told",
        ),
    ],
)
def test_pairs_of_networks(halves, short, conclusion):
    table = pairs(*(("cnn_1d", "multi_lstm", 0.03, half) for half in halves))
    assert short in claims.network_pairs(table, 9)
    assert "nine test subjects" in claims.network_pairs(table, 9)
    assert conclusion in claims.ranking_allowed(table, 9)


@pytest.mark.parametrize(
    ("difference", "meant"),
    [
        (0.05, "The linear SVC, with an expert's features, is ahead of the 1D-CNN + LSTM."),
        (-0.05, "The 1D-CNN + LSTM, with features it learnt, is ahead of the linear SVC."),
        (0.001, "Between the linear SVC on an expert's features and the 1D-CNN + LSTM on the raw "),
    ],
)
def test_features_or_networks(difference, meant):
    for a, b, signed in (
        ("linear_svc", "cnn_lstm", difference),
        ("cnn_lstm", "linear_svc", -difference),
    ):
        said = claims.features_or_networks(pairs((a, b, signed, 0.02)))
        assert said.startswith(meant)


def test_second_opinion_agrees_or_says_where_not():
    table = pairs(("cnn_1d", "multi_lstm", 0.03, 0.01), ("cnn_1d", "cnn_lstm", 0.03, 0.05))
    assert "in all two pairs." in claims.second_opinion(table)
    table["p_holm"] = [0.5, 0.001]
    said = claims.second_opinion(table)
    assert "none of the two pairs" in said
    assert "in one it finds a difference that the interval does not" in said
    assert "in one it finds none where the interval does" in said


# --- Against the source and others --------------------------------------------------------------


def test_reproduction_of_all_some_and_none():
    near = {name: PUBLISHED[name] - 0.01 for name in NETWORKS}
    assert claims.reproduction(summary(**near), PUBLISHED).startswith("All four networks reach")
    far = near | {"cnn_1d": PUBLISHED["cnn_1d"] - 0.031}
    said = claims.reproduction(summary(**far), PUBLISHED)
    assert said.startswith("Three of the four networks reach")
    assert "the 1D-CNN stays 3.1" in said
    none = {name: PUBLISHED[name] - 0.05 for name in NETWORKS}
    assert claims.reproduction(summary(**none), PUBLISHED).startswith("No network comes within")


def test_a_miss_whose_interval_holds_the_source_is_said_to_be_open():
    name = "cnn_1d"
    low = summary(**{name: PUBLISHED[name] - 0.031}).loc[[name]]
    far = low.assign(accuracy_low=0.0, accuracy_high=PUBLISHED[name] - 0.001)
    assert "inside its interval" not in claims.reproduction(far, PUBLISHED)
    near = low.assign(accuracy_low=0.0, accuracy_high=PUBLISHED[name] + 0.001)
    assert "with the source's value inside its interval" in claims.reproduction(near, PUBLISHED)


def test_how_near_the_source_is_never_rounded_down():
    rows = {f"{name}@paper": PUBLISHED[name] + 0.01 for name in NETWORKS}
    assert claims.as_source(summary(**rows)[:0], PUBLISHED) == ""
    assert "all four networks reach its accuracy." in claims.as_source(summary(**rows), PUBLISHED)
    rows["cnn_1d@paper"] = PUBLISHED["cnn_1d"] - 0.0031
    assert "come within 0.4" in claims.as_source(summary(**rows), PUBLISHED)
    one = {"cnn_1d@paper": rows["cnn_1d@paper"]}
    assert "the 1D-CNN reaches its accuracy or" in claims.as_source(summary(**one), PUBLISHED)


def test_reproduction_counts_what_lies_above():
    above = {name: 0.99 for name in NETWORKS}
    assert claims.reproduction(summary(**above), PUBLISHED).startswith("All four")


def test_classical_reproduction_and_honest_change():
    published = summary(**{"linear_svc@published": 2849 / 2947})
    assert "exactly its 96.67" in claims.classical_reproduction(published, PUBLISHED)
    for accuracy, meant in ((0.95, "1.67"), (2849 / 2947, "the same"), (0.98, "more")):
        assert meant in claims.classical_honest(summary(linear_svc=accuracy), published)
    assert "not part of this build" in claims.classical_reproduction(published[:0], PUBLISHED)


def test_paper_protocol_is_named_only_if_it_was_run():
    assert "not part of this build" in claims.paper_protocol(summary()[:0], PUBLISHED)
    said = claims.paper_protocol(summary(**{"cnn_1d@paper": 0.914}), PUBLISHED)
    assert "the 1D-CNN reaches 91.4" in said
    assert "91.52" in said


def test_published_work_inside_and_above():
    row = summary(cnn_1d=0.92).loc["cnn_1d"]
    others = pd.DataFrame(
        {"accuracy": [0.91, 0.96], "protocol": "raw signals, the published split"}
    )
    said = claims.published_work(row, "the 1D-CNN", others)
    assert "one lies inside the interval of the 1D-CNN and one above it" in said
    assert "above" not in claims.published_work(row, "the 1D-CNN", others[:1])
    assert "none lies inside" in claims.published_work(row, "the 1D-CNN", others[1:])
    elsewhere = others.assign(protocol=["the published split", "as cited by somebody else"])
    assert "of the one " in claims.published_work(row, "the 1D-CNN", elsewhere).lower()


# --- Confusions, people, cost -------------------------------------------------------------------


def test_most_confused_pair_follows_the_matrix():
    share = np.eye(6)
    assert claims.most_confused(share, ACTIVITIES) == "No activity is taken for another."
    share[3, 4], share[4, 3] = 0.12, 0.06
    said = claims.most_confused(share, ACTIVITIES)
    assert "sitting and standing: 12.0" in said
    share[0, 1] = 0.5
    said = claims.most_confused(share, ACTIVITIES)
    assert "walking and walking upstairs" in said


def test_activity_never_seen_is_no_confusion():
    share = np.eye(6)
    share[5] = np.nan
    assert claims.most_confused(share, ACTIVITIES) == "No activity is taken for another."


def test_hardest_activity():
    recall = pd.DataFrame(
        {"cnn_1d": [0.9, 0.5], "cnn_lstm": [0.6, 0.7]}, index=list(ACTIVITIES[3:5])
    )
    said = claims.hardest_activity(recall)
    assert said.startswith("Standing has the lowest recall on average (60.0")
    assert "one of the two networks, sitting (75.0\N{NO-BREAK SPACE}%) of the others" in said
    recall.loc["STANDING"] = 0.1
    assert "all two networks" in claims.hardest_activity(recall)


@pytest.mark.parametrize(("other", "relation"), [(0.99, "more than"), (0.91, "no more than")])
def test_people_beside_networks(other, relation):
    accuracy = pd.DataFrame(
        {"cnn_1d": [0.9, other], "cnn_lstm": [0.95, other + 0.05]}, index=[2, 4]
    )
    said = claims.hardest_subject(accuracy)
    assert relation in said
    assert "for subject 2" in said


def test_an_epoch_at_the_cap_is_said_to_be_the_last():
    epochs = {"cnn_1d": {"chosen": 7, "cap": 30}, "multi_lstm": {"chosen": 15, "cap": 15}}
    said = claims.epochs_kept(epochs)
    assert "7 of 30 for the 1D-CNN and 15 of 15 for the multi-layer LSTM" in said
    assert "For the multi-layer LSTM that is the last one" in said
    assert "last" not in claims.epochs_kept({"cnn_1d": epochs["cnn_1d"]})


def test_every_processor_is_named_with_what_was_timed_on_it():
    assert "No times" in claims.timed_on({})
    assert claims.timed_on({"EPYC": ["cnn_1d"]}) == "Times are of one core of EPYC."
    said = claims.timed_on({"EPYC": ["cnn_1d", "cnn_lstm"], "Xeon": ["modern"]})
    assert "EPYC (the 1D-CNN and the 1D-CNN + LSTM) and Xeon (the modern CNN)" in said


def test_likelihood_is_described_not_tested():
    said = claims.likelihood(summary())
    assert said.index("1D-CNN + LSTM") < said.index("single-layer LSTM")
    assert "not tested" in said


def test_cost_without_times_says_nothing_of_them():
    assert "Training" not in claims.cost(summary(), {})
    said = claims.cost(summary(), {"cnn_1d": 1.5, "multi_lstm": 6.0, "other": 99.0})
    assert "from 1.5 minutes per run (the 1D-CNN) to 6.0" in said


def test_leakage_names_all_three_numbers():
    said = claims.leakage({"linear_svc": 0.98}, {"linear_svc": 0.94}, {"linear_svc": 0.95})
    assert said.startswith("For the linear SVC random folds promise 98.0")


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.144, 0.251, "14 to 25 points"),
        (0.121, 0.119, "12 points"),
        (0.01, 0.01, "1 point"),
        (-0.003, 0.02, "at most 2 points"),
        (-0.01, 0.001, "nothing"),
    ],
)
def test_range_of_losses(low, high, said):
    assert claims.between(low, high).replace(words.SPACE, " ") == said


def test_conditions_name_the_least_and_the_most_any_network_loses():
    said = claims.conditions({"a turn": [0.25, 0.14, 0.2], "noise": [0.0, 0.01, 0.02]})
    assert said.replace(words.SPACE, " ") == (
        "A turn costs 14 to 25 points and noise costs at most 2 points."
    )


def swapped(**changes):
    values = {"n_recordings": 19, "n_recordings_swapped": 3, "n_train_recordings": 42}
    values |= {"n_train_recordings_swapped": 1, "swapped_windows": 0.1, "swapped_mistakes": 0.49}
    values |= {"swapped_as_worn": 0.55, "swapped_mirrored": 0.95}
    return claims.other_hip(values | changes)


def test_recordings_of_the_other_hip_are_counted():
    said = swapped().replace(words.SPACE, " ")
    assert said.startswith("Three of the 19 recordings")
    assert "mirrored (95 % instead of 55 %)" in said
    assert "10 % of the windows and 49 % of all mistakes" in said
    assert "one of the 42 recordings of training subjects was made there" in said
    assert "none is recognised better" in swapped(n_recordings_swapped=0)


def test_calibration_that_helps_nobody_is_said():
    assert claims.calibrated(0, 4).endswith("none of the four networks.")
    assert claims.calibrated(3, 4).endswith("three of the four networks.")


def test_what_eight_bits_cost():
    values = {"int8_most_lost": 0.171, "int8_full_most_lost": 29.0, "smallest_bytes": 122_400}
    values["smallest_accuracy"] = 0.9612
    said = claims.on_device(values).replace(words.SPACE, " ")
    assert "0.17 points" in said
    assert "29.00 points" in said
    assert "122 kB and recognises 96.1 %" in said


def test_what_integers_cost_the_network_made_for_them():
    values = {"integer_bytes": 12_936, "integer_accuracy": 0.975, "integer_lost": 0.07}
    values |= {"integer_tried": 5, "integer_folds": 0.969}
    said = claims.in_integers(values).replace(words.SPACE, " ")
    assert said.startswith(
        "Chosen among five variations on the folds (96.9 % of the windows there, in floats)"
    )
    assert "12.9 kB and recognises 97.5 % of the test windows" in said
    assert "0.07 points fewer than with floats" in said
    said = claims.in_integers(values | {"integer_lost": -0.1})
    assert "points more than with floats" in said


@pytest.mark.parametrize(
    ("at_edge", "inside", "often"),
    [(0.08, 0.08, "about as often"), (0.12, 0.08, "more often"), (0.05, 0.08, "less often")],
)
def test_mistakes_at_the_edge_are_told_by_their_share(at_edge, inside, often):
    said = claims.edges(at_edge, inside).replace(words.SPACE, " ")
    assert said.endswith(f"further inside in 8.0 %: at the edge they err {often}.")


def test_no_mistakes_at_all_are_no_reason_to_stumble():
    assert "about as often" in claims.edges(0.0, 0.0)


def test_silence_and_votes_are_told_with_their_signs():
    assert "62 to 74" in claims.silence(0.62, 0.745)
    said = claims.neighbours(0.008, -0.246).replace(words.SPACE, " ")
    assert "by 0.8 (the best of the settings tried) to −24.6 points" in said


def test_a_loop_written_out_is_told_with_what_it_loses():
    lost = {"eight bits": 0.005, "sixteen bits": -0.001}
    said = claims.unrolled("single_lstm", lost)
    assert "the single-layer LSTM loses so: 0.5 with eight bits and −0.1 with sixteen" in said
    assert claims.unrolled("single_lstm", {}) == ""


def test_times_are_told_with_the_processor_they_are_of():
    values = {"answer_shortest": 11e-6, "answer_longest": 6.1e-4, "answer_processor": "an EPYC"}
    said = claims.latency(values | {"speedup_least": 4.6, "speedup_most": 98.2})
    assert said.startswith("On one core of an EPYC a window takes a file 0.01 to 0.61")
    assert "5 to 98 times as long" in said


def test_what_costs_a_network_more_than_the_others_is_named():
    others = {"noise": [0.01, 0.02], "a missing gyroscope": [0.2, 0.1], "turning": [0.3, 0.1]}
    lost = {"noise": 0.12, "a missing gyroscope": 0.29, "turning": 0.05}
    said = claims.dearer(lost, others)
    assert said.endswith("it loses by noise and a missing gyroscope.")
    assert claims.dearer({"noise": 0.023}, {"noise": [0.02]}) == ""


def test_windows_that_no_seed_gets_right_are_counted():
    values = {"windows": 13, "resting": 12, "people": 5, "of": 2947, "seeds": 10, "nobody": 0}
    said = claims.never_right({f"ceiling_{key}": each for key, each in values.items()})
    assert said.startswith("13 of the 2")
    assert "wrong with every one of ten seeds of our network, twelve of them sitting" in said
    assert said.endswith("of five people; in every run of every model: none.")
    nothing = {f"ceiling_{key}": 0 for key in values}
    assert claims.never_right(nothing).startswith("No test window")


def test_an_end_of_an_interval_is_on_one_side_of_zero():
    columns = ("a", "b", "difference", "low", "high", "verdict")
    [pair] = pd.DataFrame([("x", "y", 0.003, 0.0002, 0.007, "a")], columns=columns).itertuples()
    assert claims.interval_of(pair) == "0.02 to 0.70"


def test_the_network_of_the_course_is_told_with_its_seeds_and_their_ensemble():
    row = summary(cnn_1d=0.91).loc["cnn_1d"].copy()
    row["n_parameters"], row["n_seeds"] = 423_652, 3
    said = claims.beyond(row, "cnn_1d", 0.934)
    assert "423" in said
    assert "three seeds" in said
    assert words.percent(0.934) in said


def test_two_means_of_as_many_seeds_may_lie_so_far_apart():
    assert claims.left_open(0.3, 2) == pytest.approx(0.6)
    assert claims.left_open(0.3, 8) == pytest.approx(0.3)


def test_parts_taken_away_are_told_from_dear_to_cheap():
    said = claims.taken_away({"without a": 0.002, "without b": 0.031, "without c": -0.004})
    assert "accuracy falls by 3.1 points without b, falls by 0.2 points without a" in said.replace(
        words.SPACE, " "
    )
    assert "rises by 0.4\N{NO-BREAK SPACE}points without c" in said
    assert "Each is one seed." in said
    assert "not measured" in claims.taken_away({})
    said = claims.taken_away({"without a": 0.012, "without b": -0.002}, 0.0012, 2)
    assert said.startswith("On held-out training subjects, accuracy falls by 1.2")
    assert "Without b it changes by no more than two seeds leave open." in said
    assert "From seed to seed such a mean moves by 0.1\N{NO-BREAK SPACE}points" in said
    assert "one seed" not in said


def test_another_training_gains_loses_or_leaves_it_open():
    rows = [
        ("cnn_1d@recipe", "cnn_1d", 0.042, -0.004, 0.11, "undecided"),
        ("cnn_lstm@recipe", "cnn_lstm", 0.03, 0.01, 0.05, "a"),
        ("single_lstm@recipe", "single_lstm", -0.02, -0.04, -0.01, "b"),
    ]
    columns = ["a", "b", "difference", "low", "high", "verdict"]
    said = claims.retrained(pd.DataFrame(rows, columns=columns))
    assert "CNN + LSTM gains 3.0" in said
    assert "(1.0 to 5.0)" in said
    assert "single-layer LSTM loses 2.0" in said
    assert "1D-CNN gains" not in said
    assert "1D-CNN (difference 4.2, −0.4 to 11.0) the interval contains zero" in said
    assert "this build" in claims.retrained(pd.DataFrame(columns=columns))


def test_a_search_is_told_with_what_it_promises_and_what_it_keeps():
    found = {"trials": 30, "source_loss": 0.3012, "best_loss": 0.2204, "kept_loss": 0.2516}
    said = claims.searched({"cnn_1d": found})
    assert "for the 1D-CNN 30 trials promise 0.220 instead of 0.301 and keep 0.252" in said
    assert "No large search" in claims.searched({})


def test_what_a_search_was_asked_for_is_told_beside_what_it_was_not():
    usual, tuned = summary(cnn_1d=0.8, cnn_lstm=0.9), summary(**{"cnn_1d@tuned": 0.75})
    assert "is there 0.25 instead of 0.20 for the 1D-CNN." in claims.tuned_loss(tuned, usual)
    assert claims.tuned_loss(tuned.iloc[:0], usual) == ""


def test_the_hardest_person_is_named():
    said = claims.people("linear_svc", 0.802, 14, 1.0)
    assert "From person to person the linear SVC recognises 80.2 (subject 14) to 100.0" in said


def test_a_rare_activity_is_named_with_its_windows():
    said = claims.rarest("SIT_TO_STAND", 33, 1 / 12 / 33, 0.95)
    assert "Sit to stand has only 33 windows" in said
    assert "0.25" in said
    assert "95.0" in said


def test_everybody_held_out_once_is_told_or_said_to_be_missing():
    said = claims.everybody({"modern": (0.979, 0.971, 0.986)}, "loso")
    assert "97.9" in said
    assert "(97.1 to 98.6)" in said
    assert "not measured yet" in claims.everybody({}, "twelve")
