"""Claims turn round when the results do: their numbers, names and directions, not their English."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from tokens import lowered

from har_utils import candidates, claims, metrics, models, results, words
from har_utils.claims import mistakes, outside, ranking, registry, source, training
from har_utils.claims.material import NotMeasuredError
from har_utils.dataset import ACTIVITIES
from har_utils.deployment import small_file

NETWORKS = list(models.NETWORKS)
SINGLE, MULTI, CNN, CNN_LSTM = (words.the(name).lower() for name in NETWORKS)
SVC, MODERN = (words.the(name).lower() for name in ("linear_svc", "modern"))
PUBLISHED = {name: scores["accuracy"] for name, scores in models.PUBLISHED.items()}


def summary(**accuracy):
    """Return a summary table with the given mean accuracies."""
    accuracy = accuracy or dict(zip(NETWORKS, (0.90, 0.91, 0.92, 0.93), strict=True))
    mean = pd.Series(accuracy)
    return pd.DataFrame(
        {
            "accuracy_mean": mean,
            "accuracy_low": mean - 0.02,
            "accuracy_high": mean + 0.03,
            "negative_log_likelihood_mean": 1 - mean,
            "n_seeds": 3,
            "n_parameters": [models.PARAMETERS.get(name, 1234) for name in mean.index],
        }
    )


def pairs(*rows):
    """Return a pair table of (a, b, difference, half width of the interval)."""
    table = pd.DataFrame(rows, columns=["a", "b", "difference", "half"])
    table["low"] = table["difference"] - table["half"]
    table["high"] = table["difference"] + table["half"]
    table["p_holm"] = np.where(table["difference"].abs() > table["half"], 0.01, 0.5)
    table["verdict"] = np.select([table["low"] > 0, table["high"] < 0], ["a", "b"], "undecided")
    return table


def against_top(half, top="cnn_lstm"):
    """Return the pairs of a top network with the others, it being two points ahead."""
    return pairs(*((top, other, 0.02, half) for other in NETWORKS if other != top))


class Left:
    """Stands in for the material: what one notebook left, and a summary."""

    def __init__(self, values=None, **facts):
        self.values = values or {}
        self.__dict__ |= facts

    def left_by(self, _, *needed):
        if not self.values or not set(needed) <= set(self.values):
            raise NotMeasuredError("not there")
        return self.values


# --- The registry -------------------------------------------------------------------------------


def test_claim_enters_itself_and_says_what_is_missing(monkeypatch):
    monkeypatch.setattr(registry, "CLAIMS", {})
    registry.claim("double", lambda m: (m.x,), missing="silent")(lambda x: f"{2 * x}")

    @registry.claim("gone")
    def gone(material):
        raise NotMeasuredError("nothing")

    assert registry.everything(SimpleNamespace(x=4)) == {
        "double": "8",
        "gone": registry.say("not_measured"),
    }
    with pytest.raises(ValueError, match="'double'"):
        registry.claim("double")(gone)


# --- Words and numbers --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (words.percent(0.9237, 2), "92.37\N{NO-BREAK SPACE}%"),
        (words.percent(None), "–"),
        (words.decimal(float("nan")), "–"),
        (words.decimal(-0.04), "0.0"),
        (words.decimal(-1.26), "−1.3"),
        (words.signed(-1.26), "−1.3"),
        (words.signed(1.26), "+1.3"),
        (words.significant(-0.34567), "−0.346"),
        (words.points(-0.01), "1.0\N{NO-BREAK SPACE}point"),
        (words.points(0.012), "1.2\N{NO-BREAK SPACE}points"),
        (words.at_most(0.0111), "1.2\N{NO-BREAK SPACE}points"),
        (words.at_most(0.011), "1.1\N{NO-BREAK SPACE}points"),
        (words.at_most(0.0052, 0), "1\N{NO-BREAK SPACE}point"),
        (words.span(0.8991, 0.9462), "89.9 to 94.6"),
        (words.span(0.0002, 0.007), "0.02 to 0.70"),
        (words.span(-0.012, 0), "−1.2 to 0.0"),
        (words.grouped(1122772), "1,122,772"),
        (words.grouped(None), "–"),
        (words.word(9), "nine"),
        (words.word(21), "21"),
        (words.listing("abc"), "a, b and c"),
        (words.the("linear_svc"), "the linear SVC"),
        (words.the("cnn_1d"), "the 1D-CNN"),
        (words.the("minirocket"), "MiniRocket"),
        (words.models_listed(["cnn_1d", "linear_svc"]), "the 1D-CNN and the linear SVC"),
        (words.activity_name("LAYING"), "lying"),
    ],
)
def test_words_and_numbers(said, meant):
    assert said == meant


# --- Which model is best ------------------------------------------------------------------------


def test_best_network_with_a_clear_lead():
    said = lowered(claims.best_network(summary(), against_top(0.01)))
    assert said == ["four", CNN_LSTM, "highest", "93.0", "95", "91.0", "96.0", "ahead", "one"]


def test_best_network_without_a_lead_is_not_called_better():
    said = claims.best_network(summary(), against_top(0.05))
    assert "ahead" not in lowered(said)
    assert said != claims.best_network(summary(), against_top(0.01))


def test_best_network_is_another_when_the_scores_turn():
    turned = summary(**dict(zip(NETWORKS, (0.95, 0.91, 0.92, 0.93), strict=True)))
    said = lowered(claims.best_network(turned, against_top(0.01, top="single_lstm")))
    assert said[1:4] == [SINGLE, "highest", "95.0"]


def test_best_network_with_some_of_each():
    table = pairs(
        ("cnn_lstm", "single_lstm", 0.03, 0.01),
        ("cnn_lstm", "multi_lstm", 0.02, 0.03),
        ("cnn_1d", "cnn_lstm", -0.01, 0.03),
    )
    said = lowered(claims.best_network(summary(), table))
    assert said[-5:] == ["ahead", SINGLE, "apart", MULTI, CNN]


def test_best_network_shared_or_alone():
    shared = lowered(claims.best_network(summary(cnn_1d=0.9, cnn_lstm=0.9), pairs()))
    assert shared == [CNN, CNN_LSTM, "highest", "90.0"]
    assert "highest" not in lowered(claims.best_network(summary(cnn_1d=0.9), pairs()))


def by_everybody(*rows):
    """Return pairs (a, b, difference over all, p after Holm) that everybody decides or does not."""
    table = pairs(*((a, b, 0.03, 0.01) for a, b, *_ in rows))
    table["n_people"] = [30 if p < 2 else np.nan for *_, p in rows]
    table["everybody"] = [difference for *_, difference, _ in rows]
    table["p_everybody"] = [p if p < 2 else np.nan for *_, p in rows]
    ahead = np.where(table["everybody"] > 0, "a", "b")
    table["verdict"] = np.where(table["p_everybody"] < 0.05, ahead, "undecided")
    return table


NONE = 9
"""A p-value that is none: the pair met the test people only."""


def test_decided_pairs_are_decided_by_everybody_and_not_by_the_nine():
    table = by_everybody(
        ("modern", "linear_svc", 0.021, 0.0004),
        ("cnn_1d", "linear_svc", -0.04, 0.02),
        ("cnn_lstm", "linear_svc", 0.001, 0.6),
        ("modern", "single_lstm", 0.5, NONE),
        ("modern", "multi_lstm", 0.5, NONE),
    )
    said = claims.decided_pairs(table, 9)
    leads = [MODERN, "ahead", SVC, "2.1", "0.001", SVC, "ahead", CNN, "4.0", "0.020"]
    described = ["two", "nine", "no", SINGLE, MULTI, "two"]
    assert lowered(said) == ["30", *leads, "apart", CNN_LSTM, SVC, *described]
    assert "< 0.001" in said
    assert "= 0.020" in said


def test_left_out_pairs_say_nothing_of_test_people():
    compared = pd.DataFrame(
        [
            ("modern", "linear_svc", 30, 0.021, 24, 3, 0.0001, 0.0004, "a"),
            ("modern", "minirocket", 30, -0.012, 11, 14, 0.2, 0.4, "undecided"),
        ],
        columns=["a", "b", "n_people", "difference", "better", "worse", "p", "p_holm", "verdict"],
    )
    said = claims.left_out_pairs(compared)
    assert lowered(said) == [
        "30",
        MODERN,
        "ahead",
        SVC,
        "2.1",
        "0.001",
        "apart",
        MODERN,
        "minirocket",
    ]


def test_decided_pairs_of_nobody_left_out():
    said = claims.decided_pairs(by_everybody(("cnn_1d", "linear_svc", 0.1, NONE)), 9)
    assert lowered(said) == ["no", "one", "nine"]


def test_features_or_networks_says_nothing_of_pairs_that_nobody_decided():
    table = by_everybody(("modern", "linear_svc", 0.02, 0.001), ("cnn_1d", "linear_svc", 0.1, NONE))
    assert lowered(claims.features_or_networks(table)).count("ahead") == 1
    assert claims.features_or_networks(table[1:]) == ranking.say("across_unjudged")


def test_coverage_spans_models_and_statistics():
    rows = [("score", 9, 0.89), ("score", 9, 0.944), ("difference", 30, 0.93)]
    table = pd.DataFrame(rows, columns=["of", "n_people", "coverage"])
    said = lowered(claims.coverage(table))
    assert said == ["95", "89", "94", "nine", "93", "30", "two"]  # a score, a difference of two


@pytest.mark.parametrize(
    ("halves", "short", "conclusion"),
    [
        ((0.01, 0.01), ["nine", "two", "apart"], ["nine", "apart"]),
        ((0.01, 0.05), ["nine", "one", "two", "apart"], ["nine", "one", "two", "apart"]),
        ((0.05, 0.05), ["nine", "none", "two", "apart"], ["nine", "no", "none", "two", "apart"]),
    ],
)
def test_network_pairs_and_ranking(halves, short, conclusion):
    table = pairs(*(("cnn_1d", "multi_lstm", 0.03, half) for half in halves))
    for verdict in (table["verdict"], "a", "undecided"):  # everybody's, who decide elsewhere
        judged = table.assign(verdict=verdict)
        assert lowered(claims.network_pairs(judged, 9)) == short
        assert lowered(claims.ranking_allowed(judged, 9)) == conclusion


@pytest.mark.parametrize(
    ("difference", "meant"),
    [
        (0.05, [SVC, "ahead", CNN_LSTM]),
        (-0.05, [CNN_LSTM, "ahead", SVC]),
        (0.001, [SVC, CNN_LSTM, "apart"]),
    ],
)
def test_features_or_networks(difference, meant):
    rows = (("linear_svc", "cnn_lstm", difference), ("cnn_lstm", "linear_svc", -difference))
    for a, b, signed in rows:
        said = lowered(claims.features_or_networks(pairs((a, b, signed, 0.02))))
        assert [token for token in said if token != "no"] == meant


def test_features_or_networks_says_who_saw_altered_windows():
    usual, altered = (
        claims.features_or_networks(pairs((name, "linear_svc", 0.05, 0.02)))
        for name in ("cnn_1d", "modern")
    )
    assert "altered" in altered
    assert "altered" not in usual


def test_second_opinion_agrees_or_says_where_not():
    table = pairs(*(("cnn_1d", "multi_lstm", 0.03, half) for half in (0.01, 0.05, 0.05, 0.05)))
    assert lowered(claims.second_opinion(table)) == ["four"]
    table["p_holm"] = [0.5, 0.001, 0.001, 0.5]
    assert lowered(claims.second_opinion(table)) == ["one", "four", "two", "one", "none"]


def test_retrained_gains_loses_or_leaves_it_open():
    rows = [
        ("cnn_1d@recipe", "cnn_1d", 0.042, -0.004, 0.11, "undecided"),
        ("cnn_lstm@recipe", "cnn_lstm", 0.03, 0.01, 0.05, "a"),
        ("single_lstm@recipe", "single_lstm", -0.02, -0.04, -0.01, "b"),
    ]
    columns = ["a", "b", "difference", "low", "high", "verdict"]
    said = lowered(claims.retrained(pd.DataFrame(rows, columns=columns)))
    gained = [CNN_LSTM, "gains", "3.0", "1.0", "5.0"]
    lost = [SINGLE, "loses", "2.0", "−4.0", "−1.0"]
    assert said == [*gained, *lost, CNN]
    assert lowered(claims.retrained(pd.DataFrame(columns=columns))) == ["no"]
    none = [("", name, 0.01, -0.01, 0.03, "undecided") for name in NETWORKS]
    assert lowered(claims.retrained(pd.DataFrame(none, columns=columns))) == ["four"]


def test_recipe_to_modern_names_the_largest_and_the_smallest_lead_of_few_people():
    leads = [("single_lstm", -0.03, 0.02), ("cnn_1d", 0.06, 0.01), ("multi_lstm", 0.01, 0.02)]
    table = pairs(*(("modern", name, lead, half) for name, lead, half in leads))
    said = lowered(ranking.recipe_to_modern(table, 9))
    largest = [MODERN, "ahead", CNN, "6.0", "5.0", "7.0"]
    assert said == ["nine", "two", "three", *largest, SINGLE, "ahead", MODERN, "3.0", "1.0", "5.0"]
    open_ = pairs(*(("modern", name, 0.01, 0.02) for name in NETWORKS[:2]))
    assert lowered(ranking.recipe_to_modern(open_, 9)) == ["nine", "none", "two"]
    with pytest.raises(NotMeasuredError):
        ranking.recipe_to_modern(pairs(), 9)


# --- Against the source and others --------------------------------------------------------------


def test_reproduction_of_all_some_and_none():
    near = {name: PUBLISHED[name] - 0.01 for name in NETWORKS}
    assert lowered(claims.reproduction(summary(**near), PUBLISHED)) == ["four", "1.5"]
    far = near | {"cnn_1d": PUBLISHED["cnn_1d"] - 0.031}
    said = lowered(claims.reproduction(summary(**far), PUBLISHED))
    assert said == ["three", "four", "1.5", CNN, "3.1", "below"]
    none = {name: PUBLISHED[name] - 0.05 for name in NETWORKS}
    assert lowered(claims.reproduction(summary(**none), PUBLISHED))[:2] == ["no", "1.5"]
    above = {name: 0.99 for name in NETWORKS}
    assert lowered(claims.reproduction(summary(**above), PUBLISHED)) == ["four", "1.5"]


@pytest.mark.parametrize("past", [-0.001, 0.001])
def test_reproduction_says_where_the_interval_holds_the_source(past):
    low = summary(cnn_1d=PUBLISHED["cnn_1d"] - 0.031)
    table = low.assign(accuracy_low=0.0, accuracy_high=PUBLISHED["cnn_1d"] + past)
    assert ("inside" in lowered(claims.reproduction(table, PUBLISHED))) == (past > 0)


def test_as_source_never_rounds_down():
    rows = {f"{name}@paper": PUBLISHED[name] + 0.01 for name in NETWORKS}
    assert source.as_source(summary(**rows)[:0], PUBLISHED) == ""
    assert lowered(source.as_source(summary(**rows), PUBLISHED)) == ["four"]
    rows["cnn_1d@paper"] = PUBLISHED["cnn_1d"] - 0.0031
    assert lowered(source.as_source(summary(**rows), PUBLISHED)) == ["four", "0.4"]
    one = {"cnn_1d@paper": rows["cnn_1d@paper"]}
    assert lowered(source.as_source(summary(**one), PUBLISHED)) == [CNN, "0.4"]


def test_source_ranking_gives_widths_and_distance():
    table = summary()
    table["accuracy_high"] += [0.0, 0.01, 0.02, 0.03]
    said = lowered(source.source_ranking(table, PUBLISHED))
    assert said == ["1.5", "one", "5.0", "8.0"]
    apart = PUBLISHED | {"cnn_1d": 0.88}
    assert lowered(source.source_ranking(table, apart)) == ["4.4", "one", "5.0", "8.0"]


def test_classical_reproduction_and_honest_change():
    published = summary(**{"linear_svc@published": 2849 / 2947})
    exact = lowered(source.classical_reproduction(published, PUBLISHED))
    assert exact == [SVC, "exactly", "96.67"]
    other = summary(**{"linear_svc@published": 0.95})
    assert lowered(source.classical_reproduction(other, PUBLISHED)) == [SVC, "95.00", "96.67"]
    for accuracy, meant in ((0.95, ["1.67", "less"]), (2849 / 2947, []), (0.98, ["1.33", "more"])):
        said = lowered(source.classical_honest(summary(linear_svc=accuracy), published))
        assert said == [SVC, f"{100 * accuracy:.2f}", *meant]
    alone = lowered(source.classical_honest(summary(linear_svc=0.95), published[:0]))
    assert alone == [SVC, "95.00"]


def test_paper_protocol_names_both_accuracies():
    said = lowered(source.paper_protocol(summary(**{"cnn_1d@paper": 0.914}), PUBLISHED))
    assert said == [CNN, "91.4", "91.52"]
    assert lowered(source.paper_protocol(summary()[:0], PUBLISHED)) == []


def test_published_work_inside_and_above():
    row = summary(cnn_1d=0.92).loc["cnn_1d"]
    split = "raw signals, the published split"
    others = pd.DataFrame({"accuracy": [0.91, 0.93, 0.94, 0.96, 0.8], "protocol": split})
    said = lowered(claims.published_work(row, words.the("cnn_1d"), others))
    assert said == ["five", "three", "inside", CNN, "one", "above"]
    assert "above" not in lowered(claims.published_work(row, "the 1D-CNN", others[:1]))
    nobody = lowered(claims.published_work(row, "the 1D-CNN", others[3:4]))
    assert nobody == ["one", "none", "inside", CNN, "one", "above"]
    everybody = lowered(claims.published_work(row, "the 1D-CNN", others[:3]))
    assert everybody == ["three", "inside", CNN, "no", "nine"]
    elsewhere = others[:2].assign(protocol=[split, "the published split, own windows"])
    assert lowered(claims.published_work(row, "the 1D-CNN", elsewhere))[0] == "one"


# --- Confusions, people, cost -------------------------------------------------------------------


def test_most_confused_pair_follows_the_matrix():
    counts = 100 * np.eye(6)
    assert lowered(claims.most_confused(counts, ACTIVITIES)) == ["no"]
    counts[3, 3:5], counts[4, 3:5] = (88, 12), (12, 188)
    said = lowered(claims.most_confused(counts, ACTIVITIES))
    first = ["most", "often", "sitting", "standing", "12.0", "sitting", "standing", "6.0"]
    assert said == first
    counts[0, 1] = 500
    assert lowered(claims.most_confused(counts, ACTIVITIES))[2:4] == ["walking", "walking upstairs"]


def test_most_confused_ignores_an_activity_never_seen():
    share = np.eye(6)
    share[5] = np.nan
    assert lowered(claims.most_confused(share, ACTIVITIES)) == ["no"]


def test_hardest_activity_with_unequal_networks():
    recall = pd.DataFrame(
        {"cnn_1d": [0.9, 0.5, 0.99], "cnn_lstm": [0.6, 0.7, 0.97]}, index=list(ACTIVITIES[3:])
    )
    said = lowered(claims.hardest_activity(recall))
    worst = ["standing", "lowest", "60.0", "worst", "one", "two", "sitting", "75.0"]
    assert said == [*worst, "lying", "highest", "98.0"]
    recall.loc["STANDING"] = 0.1
    assert lowered(claims.hardest_activity(recall))[3:6] == ["worst", "two", "lying"]


def test_hardest_subject_comes_before_the_easiest():
    accuracy = pd.DataFrame({"cnn_1d": [0.9, 0.97], "cnn_lstm": [0.95, 0.99]}, index=[2, 4])
    assert lowered(claims.hardest_subject(accuracy)) == ["92.5", "2", "98.0", "4"]


def test_balance_names_the_rarest_first():
    said = lowered(mistakes.balance(pd.Series({"WALKING": 900, "SITTING": 1100, "LAYING": 1944})))
    assert said == ["walking", "fewest", "900", "lying", "most", "1944"]


def test_epochs_kept_at_the_cap_are_said_to_be_the_last():
    epochs = {"cnn_1d": {"chosen": 7, "cap": 30}, "multi_lstm": {"chosen": 15, "cap": 15}}
    said = lowered(claims.epochs_kept(epochs))
    assert said[:8] == ["lowest", "7", "30", CNN, "15", "15", MULTI, MULTI]
    assert lowered(claims.epochs_kept({"cnn_1d": epochs["cnn_1d"]})) == ["lowest", "7", "30", CNN]


def test_timed_on_names_every_processor_with_its_models():
    assert lowered(training.timed_on({})) == ["no"]
    assert "EPYC" in training.timed_on({"EPYC": ["cnn_1d"]})
    assert lowered(training.timed_on({"EPYC": ["cnn_1d"]})) == ["one"]
    said = training.timed_on({"EPYC": ["cnn_1d", "cnn_lstm"], "Xeon": ["modern"]})
    assert lowered(said) == ["one", CNN, CNN_LSTM, words.the("modern").lower()]
    assert said.index("EPYC") < said.index("1D-CNN") < said.index("Xeon")


def test_likelihood_goes_from_best_to_worst():
    said = lowered(training.likelihood(summary()))
    assert said == ["0.070", CNN_LSTM, "0.100", SINGLE]
    assert lowered(training.likelihood(summary(cnn_1d=0.9))) == [CNN, "0.100"]


def test_cost_names_smallest_largest_fastest_and_slowest():
    said = lowered(training.cost(summary(), {}))
    sizes = models.PARAMETERS
    small, large = min(NETWORKS, key=sizes.get), max(NETWORKS, key=sizes.get)
    assert [said[0], said[1], said[2], said[3]] == [
        words.the(small).lower(),
        str(sizes[small]),
        words.the(large).lower(),
        str(sizes[large]),
    ]
    accuracy = summary()["accuracy_mean"]
    assert said[4:] == [f"{100 * accuracy[name]:.1f}" for name in (small, large)]
    timed = lowered(training.cost(summary(), {"cnn_1d": 1.5, "multi_lstm": 6.0, "other": 99.0}))
    assert timed[6:] == ["1.5", CNN, "6.0", MULTI]


def test_leakage_gives_the_range_of_what_random_folds_promise_more():
    values = {}
    for place, name in enumerate(models.CLASSICAL):
        values |= {f"{name}_cv_random": 0.98, f"{name}_cv_subjects": 0.94 - place / 10}
        values[f"{name}_test"] = 0.95 - place / 10
    said = lowered(training.leakage(Left(values)))
    less = ["1.0", "1.0", "less"]
    assert said == ["4.0", "24.0", "more", "3.0", "23.0", "more", *less]
    values[f"{models.CLASSICAL[0]}_cv_subjects"] = 0.97  # 2 points more than the test
    said = lowered(training.leakage(Left(values)))
    assert said[6:] == ["1.0", "less", "2.0", "more"]


# --- Other circumstances ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("least", "most", "meant"),
    [
        (0.144, 0.251, ["14", "25"]),
        (0.119, 0.121, ["12"]),
        (0.01, 0.01, ["1"]),
        (-0.003, 0.0201, ["most", "3"]),
        (-0.01, 0.001, ["nothing"]),
    ],
)
def test_conditions_give_a_range_and_never_round_a_bound_down(least, most, meant):
    said = lowered(claims.conditions({"no_gyroscope": [most, least, (least + most) / 2]}))
    assert said == meant


def test_conditions_name_each_circumstance_with_its_cost():
    said = claims.conditions({"rotated": [0.25, 0.14, 0.2], "clock": [0.04, 0.06]})
    assert lowered(said) == ["30", "14", "25", "10", "4", "6"]


def test_losses_belong_to_their_circumstance():
    values = {
        f"{name}_lost_{where}": k / 10 + j / 100
        for k, where in enumerate(claims.MEASURED)
        for j, name in enumerate(NETWORKS)
    }
    found = outside.losses(Left(values), NETWORKS, claims.MEASURED)
    assert found["clock"] == pytest.approx([0.3, 0.31, 0.32, 0.33])
    with pytest.raises(NotMeasuredError):
        outside.losses(Left(values), ["modern"], claims.MEASURED)


def test_below_all_names_where_less_is_left_than_to_any_other_whatever_was_lost():
    where = claims.MEASURED + claims.WORN
    values = {f"{name}_lost_{each}": 0.1 for name in NETWORKS for each in where}
    values |= {f"modern_lost_{each}": 0.15 for each in where}
    values |= {f"{name}_unchanged": 0.88 + k / 100 for k, name in enumerate(NETWORKS)}
    values["modern_unchanged"] = 0.99
    assert outside.below_all(Left(values)) == ""
    values |= {"modern_lost_clock": 0.3, "modern_lost_noise": 0.22, "cnn_1d_lost_noise": 0.16}
    said = outside.below_all(Left(values))
    assert lowered(said) == ["10", "69", "78", "81", "less"]
    assert outside.say("noise") not in said


def swapped(**changes):
    values = {"n_recordings": 19, "n_recordings_swapped": 3, "n_train_recordings": 42}
    values |= {"n_train_recordings_swapped": 2, "swapped_windows": 0.11, "swapped_mistakes": 0.49}
    values |= {"swapped_as_worn": 0.55, "swapped_mirrored": 0.95}
    return lowered(mistakes.other_hip(values | changes))


def test_other_hip_counts_recordings():
    scores = ["95", "55", "11", "49"]
    said = [token for token in swapped() if token[0].isdigit() or token in ("three", "two")]
    assert said == ["three", "19", *scores, "two", "42"]
    assert "none" in swapped(n_recordings_swapped=0)


@pytest.mark.parametrize(("helped", "said"), [(0, ["none", "four"]), (3, ["three", "four"])])
def test_calibrated_counts_networks(helped, said):
    assert lowered(mistakes.calibrated(helped, 4))[-2:] == said


@pytest.mark.parametrize(
    ("at_edge", "inside", "direction"),
    [(0.081, 0.08, []), (0.12, 0.08, ["more"]), (0.05, 0.08, ["less"])],
)
def test_at_transitions_are_told_by_their_share(at_edge, inside, direction):
    said = lowered(claims.at_transitions(at_edge, inside))
    said = [token for token in said if token != "inside"]
    assert said == [f"{100 * at_edge:.1f}", "8.0", *direction, "often"]
    assert "more" not in lowered(claims.at_transitions(0.0, 0.0))


def test_abstention_and_smoothing_keep_their_signs():
    assert [t for t in lowered(mistakes.abstention(0.62, 0.745)) if t[0].isdigit()] == [
        "62.0",
        "74.5",
    ]
    said = [t for t in lowered(mistakes.smoothing(0.008, -0.246)) if t[-1].isdigit()]
    assert said == ["0.8", "−24.6"]


def test_never_right_counts_windows_and_people():
    values = {"windows": 13, "resting": 12, "people": 5, "of": 2947, "seeds": 10, "nobody": 0}
    said = lowered(mistakes.never_right({f"ceiling_{key}": n for key, n in values.items()}))
    numbers = ["13", "2947", "one", "ten", "twelve", "sitting", "standing", "five", "no"]
    assert said == numbers
    nothing = values | {"windows": 0}
    said = lowered(mistakes.never_right({f"ceiling_{key}": n for key, n in nothing.items()}))
    assert said == ["no", "one", "ten"]


# --- On a phone ---------------------------------------------------------------------------------


def test_on_device_says_what_eight_bits_cost():
    values = {"int8_most_lost": 0.171, "int8_full_most_lost": 29.0, "smallest_bytes": 122_400}
    said = lowered(outside.on_device(Left(values | {"smallest_accuracy": 0.9612})))
    assert [token for token in said if token[0].isdigit()] == ["0.18", "29.00", "122", "96.1"]


@pytest.mark.parametrize(("lost", "meant"), [(0.07, ["0.07", "fewer"]), (-0.1, ["0.10", "more"])])
def test_in_integers_says_what_they_cost(lost, meant):
    values = {"integer_bytes": 12_936, "integer_accuracy": 0.975, "integer_lost": lost}
    said = lowered(outside.in_integers(Left(values | {"integer_tried": 5, "integer_folds": 0.969})))
    assert said == ["five", "96.9", "12.9", "97.5", *meant]
    assert lowered(claims.by_rounding(lost)) == meant


def test_unrolled_says_what_each_precision_loses():
    values = {"multi_lstm_float32_accuracy": 0.9, "multi_lstm_unrolled_int8_full_accuracy": 0.895}
    with pytest.raises(NotMeasuredError):
        outside.unrolled(Left(values))
    said = outside.unrolled(Left(values | {"multi_lstm_unrolled_int16_accuracy": 0.901}))
    assert lowered(said) == [MULTI, "loses", "0.5", "eight", "−0.1"]


def test_latency_is_told_with_its_processor():
    values = {"answer_shortest": 11e-6, "answer_longest": 6.1e-4, "answer_processor": "an EPYC"}
    said = outside.latency(Left(values | {"speedup_least": 4.6, "speedup_most": 98.2}))
    assert "an EPYC" in said
    assert [t for t in lowered(said) if t[0].isdigit()] == ["0.01", "0.61", "4.6", "98.2"]


SPEED = {
    "machine": {"processor": "an EPYC"},
    "rows": [
        {"row": "LSTM", "network": "single_lstm", "peer": "PyTorch", "ratio": 1.28},
        {"row": "CNN", "network": "cnn_1d", "peer": "PyTorch", "ratio": 0.614},
        {"row": "help", "peer": "before", "ratio": 0.1},
        {"row": "modern", "peer": None, "ratio": None},
        {
            "row": "features",
            "peer": "tsfel",
            "ratio": 0.0125,
            "ours": {"features": 561},
            "tsfel": {"features": 300.0},
        },
    ],
}


def test_speed_tells_training_beside_pytorch_and_features_beside_tsfel():
    said = training.speed(SPEED)
    assert "an EPYC" in said
    found = [said.index(part) for part in ("61 %", "1D-CNN", "128 %", "single-layer LSTM", "80")]
    assert found == sorted(found)
    assert said.index("80") < said.index("300") < said.index("561")


@pytest.mark.parametrize("rows", [[], SPEED["rows"][:-1], SPEED["rows"][2:]])
def test_speed_is_silent_where_it_was_not_measured(rows):
    material = SimpleNamespace(speed=SPEED | {"rows": rows})
    assert registry.CLAIMS["speed"](material) == ""


# --- The course's own networks, other trainings -------------------------------------------------


def test_choices_counts_the_people_and_names_two_ideas():
    assert lowered(training.choices(SimpleNamespace(people=[0] * 9)))[:3] == ["no", "nine", "two"]


def test_beyond_tells_the_network_without_mirrored_windows_first():
    left = Left({"ensemble": 0.934}, summary=summary(modern=0.91))
    modern = words.the("modern").lower()
    mirrored = ["three", "91.0", "89.0", "94.0", "93.4"]
    assert lowered(training.beyond(left)) == mirrored
    both = Left({"ensemble": 0.934}, summary=summary(modern=0.91, **{"modern@unmirrored": 0.88}))
    bare = [modern, "1234", "three", "88.0", "95", "86.0", "91.0"]
    assert lowered(training.beyond(both)) == bare + mirrored
    with pytest.raises(NotMeasuredError):
        training.beyond(Left({"ensemble": 0.934}, summary=summary()))


def test_beyond_short_tells_the_score_without_mirrored_windows_first():
    mirrored = lowered(training.beyond_short(Left(summary=summary(modern=0.91))))
    assert mirrored == [MODERN, "91.0"]
    both = Left(summary=summary(modern=0.91, **{"modern@unmirrored": 0.88}))
    said = lowered(training.beyond_short(both))
    assert said == [UNMIRRORED, "88.0", "95", "86.0", "91.0", "91.0"]
    with pytest.raises(NotMeasuredError):
        training.beyond_short(Left(summary=summary()))


def test_smaller_names_what_was_trained():
    said = lowered(training.smaller(SimpleNamespace(summary=summary(modern_tiny=0.97))))
    assert said == [words.the("modern_tiny").lower(), "1234", "97.0"]


def test_taken_away_goes_from_dear_to_cheap():
    said = claims.taken_away({"without a": 0.002, "without b": 0.031, "without c": -0.004})
    assert lowered(said) == ["falls", "3.1", "falls", "0.2", "rises", "0.4", "one"]
    assert said.index("without b") < said.index("without a") < said.index("without c")
    said = claims.taken_away({"without a": 0.012, "without b": -0.002}, 0.0012, 2)
    assert lowered(said) == ["falls", "1.2", "two", "nothing", "0.1"]
    assert said.lower().index("without a") < said.lower().index("without b")
    assert lowered(claims.taken_away({})) == []


def test_ablation_reads_what_notebook_8_left():
    name, title = list(candidates.titles().items())[1]
    values = {f"{name}_lost": 0.1, "seeds_move": 0.02, "ablation_seeds": 3, "ensemble": 0.9}
    assert training._ablation(values) == ({title: 0.1}, 0.02, 3)


FOUND = {"trials": 30, "source_loss": 0.3012, "best_loss": 0.2204, "kept_loss": 0.2516}


def test_searched_names_the_networks_whose_kept_trial_loses_less():
    worse = FOUND | {"kept_loss": FOUND["source_loss"] - 0.0001}  # less than a table shows
    said = training.searched({"multi_lstm": worse, "cnn_1d": FOUND})
    assert said.index(words.the("cnn_1d")) < said.index(words.the("multi_lstm"))
    every, none = (training.searched({"cnn_1d": each}) for each in (FOUND, worse))
    assert len({said, every, none, training.searched({})}) == 4
    assert "no" in lowered(none)


def test_searched_tells_as_much_from_more():
    equal, worse = (FOUND | {"kept_loss": FOUND["source_loss"] + by} for by in (0.0001, 0.02))
    said = training.searched({"multi_lstm": worse, "cnn_1d": FOUND, "cnn_lstm": equal})
    assert lowered(said) == ["loses", "less", CNN, CNN_LSTM, "more", MULTI]


def test_tuned_loss_stands_beside_the_usual_one():
    usual, tuned = summary(cnn_1d=0.8, cnn_lstm=0.9), summary(**{"cnn_1d@tuned": 0.75})
    said = lowered(training.tuned_loss(tuned, usual))
    assert said[-3:] == ["0.25", "0.20", CNN]
    assert training.tuned_loss(tuned.iloc[:0], usual) == ""


def test_tuned_settings_gives_size_and_epochs():
    record = {"n_parameters": 1234, "epochs": {"chosen": 9}}
    said = lowered(training.tuned_settings(SimpleNamespace(tuned_records={"cnn_1d": record})))
    assert said == ["1234", "nine", CNN]


def test_everybody_is_told_with_its_interval():
    said = lowered(training.everybody({"modern": (0.979, 0.971, 0.986)}, "loso"))
    assert said[-4:] == ["97.9", "97.1", "98.6", words.the("modern").lower()]
    assert not any(token[0].isdigit() for token in lowered(training.everybody({}, "twelve")))
    values = {"modern_loso_macro_f1": 0.9, "modern_loso_macro_f1_low": 0.8}
    values["modern_loso_macro_f1_high"] = 0.95
    assert training._pooled(values, "loso") == {"modern": (0.9, 0.8, 0.95)}
    assert training._pooled(values, "twelve") == {}


def test_people_names_the_hardest():
    own = {"modern": [left_out("modern", 97, 91, 99)]}
    own |= {models.UNMIRRORED: [left_out(models.UNMIRRORED, 86, 95, 98)]}
    hardest = ["2", "1"]
    said = lowered(training.people(SimpleNamespace(everybody=own)))
    first, second = (words.the(name).lower() for name in own)
    assert said == [first, "91.0", hardest[0], "99.0", second, "86.0", hardest[1], "98.0"]
    with pytest.raises(NotMeasuredError):
        training.people(SimpleNamespace(everybody={}))


def test_rarest_gives_windows_and_their_weight():
    values = {"twelve_rarest": "SIT_TO_STAND", "twelve_rarest_windows": 33}
    values |= {"twelve_rarest_per_window": 1 / 12 / 33, "twelve_others": 0.95}
    said = training.rarest(Left(values))
    assert words.activity_name("SIT_TO_STAND") in said.lower()
    assert [token for token in lowered(said) if token[0].isdigit()] == ["33", "0.25", "95.0"]


# --- Everybody left out in turn ---


def left_out(name, *right):
    """Return a run in which a model recognised so many of each person's hundred windows."""
    activity = np.zeros(100 * len(right), dtype=int)
    predicted = np.concatenate([np.arange(100) >= n for n in right]).astype(int)
    people = np.repeat(np.arange(1, len(right) + 1), 100)
    model, _, variant = name.partition("@")
    scored = metrics.score(activity, np.eye(2)[predicted], people, 2, "softmax")
    record = {"metrics": scored, "n_parameters": 7, "multiply_adds": None}
    key = results.Key(model, variant or None)
    return results.Run(key, record, np.eye(2)[predicted], activity, np.arange(len(people)), people)


def over_everybody(monkeypatch, *names, p=0.001):
    """Return material of two test people and one other; each model is worse than the last."""
    monkeypatch.setattr(ranking.candidates, "accuracy_on_folds", lambda profile: 0.91)
    monkeypatch.setattr(ranking.dataset, "TEST_SUBJECTS", (1, 2))
    reached = [(90, 80, 70), (60, 50, 31), (40, 20, 9)]
    made = dict(zip(names, reached, strict=False))
    rows = [(a, b, 0.3, 0.05, p) for a in names for b in names if a < b]
    table = pd.DataFrame(rows, columns=["a", "b", "everybody", "p", "p_everybody"])
    return SimpleNamespace(
        profile="lab",
        everybody={name: [left_out(name, *right)] for name, right in made.items()},
        summary=summary(**{name: 0.955 - place / 10 for place, name in enumerate(made)}),
        pair_table=table.assign(verdict="a" if p < 0.05 else "undecided"),
    )


UNMIRRORED = words.the(models.UNMIRRORED).lower()
MINI = words.the("minirocket").lower()


def test_over_everybody_has_each_model_on_test_people_and_others(monkeypatch):
    material = over_everybody(monkeypatch, "modern", models.UNMIRRORED, "minirocket")
    told = {each["model"]: each for each in claims.over_everybody(material)}
    shares = ("everybody", "the_test_people", "the_others", "official")
    found = {name: [each[share] for share in shares] for name, each in told.items()}
    assert found["modern"] == pytest.approx([0.8, 0.85, 0.7, 0.955])
    assert found[models.UNMIRRORED] == pytest.approx([0.47, 0.55, 0.31, 0.855], abs=1e-6)
    assert found["minirocket"] == pytest.approx([0.23, 0.3, 0.09, 0.755])


def test_unchosen_compares_over_the_test_people_alone(monkeypatch):
    material = over_everybody(monkeypatch, models.UNMIRRORED, "modern", "minirocket")
    material.pairs = [(models.UNMIRRORED, "modern"), (models.UNMIRRORED, "minirocket")]
    said = lowered(ranking.unchosen(material))
    p = "0.500"  # two people, same sign
    assert said[:7] == ["two", "no", UNMIRRORED, "55.0", "more", MINI, p]  # 85 − 30


def test_thirty_short_is_about_the_network_without_mirroring_if_there_is_one(monkeypatch):
    names = ("minirocket", "modern", models.UNMIRRORED)
    said = lowered(ranking.thirty_short(over_everybody(monkeypatch, *names)))
    assert said[:3] == ["three", UNMIRRORED, "23.0"]
    assert said[-6:] == ["behind", MINI, "30.0", "0.001", "21", "one"]
    assert MODERN not in said
    undecided = lowered(ranking.thirty_short(over_everybody(monkeypatch, *names, p=0.2)))
    assert undecided[-4:] == ["apart", MINI, "21", "one"]
    ahead = over_everybody(monkeypatch, models.UNMIRRORED, "modern", "minirocket")
    ahead.pair_table["verdict"] = "b"
    assert lowered(ranking.thirty_short(ahead))[-6:-2] == ["ahead", MINI, "30.0", "0.001"]


def test_thirty_short_says_that_the_network_saw_mirrored_windows(monkeypatch):
    alone = ranking.thirty_short(over_everybody(monkeypatch, "modern"))
    assert "mirrored" in alone
    names = ("modern", models.UNMIRRORED)
    assert "mirrored" not in ranking.thirty_short(over_everybody(monkeypatch, *names))


# --- People of other data sets ------------------------------------------------------------------


def elsewhere(**changes):
    """Return material in which two sets were met, all of whose numbers differ."""
    usc, fall = (
        {
            "people": people,
            "neighbours": neighbours,
            "macro_f1": {"mean": mean, "low": mean - 0.06, "high": mean + 0.06},
            "window_by_window": {"macro_f1": mean - 0.02},
            "worst_person": worst,
        }
        for people, neighbours, mean, worst in ((14, 25, 0.91, 0.31), (38, 5, 0.82, 0.52))
    )
    first = {"usc_had": {"macro_f1": {"mean": 0.93}}, "sisfall": {"macro_f1": {"mean": 0.64}}}
    rows = [
        ("modern", "usc_had", False, 0.74),
        ("modern", "usc_had", True, 0.79),
        ("modern", "sisfall", False, 0.09),
        ("modern", "sisfall", True, 0.88),
    ]
    asked = pd.DataFrame(rows, columns=["network", "data_set", "turned", "macro_f1"])
    attempts = [first, {"usc_had": usc, "sisfall": fall}]
    return SimpleNamespace(**{"attempts": attempts, "other_data_sets": asked} | changes)


def test_people_spans_all_sets_with_neighbours_and_window_by_window():
    said = claims.people(elsewhere())
    newest = ["two", "82.0", "91.0", "25", "80.0", "89.0"]
    published = [MODERN, "one", "9.0", "74.0", "79.0", "88.0"]
    assert lowered(said) == [*newest, *published, "behind", "one"]
    assert "USC-HAD" in said  # 93 before, 91 now
    assert "SisFall" not in said


def test_people_who_nobody_met_are_not_measured():
    with pytest.raises(NotMeasuredError):
        claims.people(elsewhere(attempts=[]))


def test_scores_are_those_of_the_newest_attempt_beside_the_ones_before():
    usc, fall = claims.scores(elsewhere())
    assert (usc["title"], usc["people"], usc["activities"], usc["attempts"]) == (
        *("USC-HAD", 14, 6, [0.93]),
    )
    assert (fall["activities"], fall["recorded"], fall["turned"]) == (3, 0.09, 0.88)
    assert (fall["mean"], fall["windows"]) == pytest.approx((0.82, 0.80))


def test_worst_names_the_set_of_the_least_recognised_person():
    said = claims.worst(elsewhere())
    assert [token for token in lowered(said) if token[0].isdigit()] == ["31.0"]
    assert "USC-HAD" in said


def test_aims_count_what_was_reached_and_where_somebody_is_far_below():
    assert lowered(claims.aims(elsewhere())) == ["two", "none", "below", "75", "two"]
    good, fair = elsewhere().attempts[-1].values()
    good["macro_f1"]["mean"], good["worst_person"] = 0.95, 0.75
    changed = elsewhere(attempts=[{"usc_had": good, "sisfall": fair}])
    assert lowered(claims.aims(changed)) == ["two", "one", "below", "75", "one"]


def test_people_short_spans_all_sets_and_says_that_there_was_an_attempt_before():
    newest = ["one", "80.0", "89.0", "three", "six", "82.0", "91.0"]
    published = ["best", "one", "9.0", "74.0", "79.0", "88.0"]
    said = lowered(claims.people_short(elsewhere()))
    assert said == [*newest, "one", *published]  # one attempt before, and one belt
    only = elsewhere(attempts=elsewhere().attempts[1:])
    assert lowered(claims.people_short(only)) == [*newest, *published]


def convolved(half, difference=0.01):
    """Return what is said of two models of random kernels and the modern network."""
    names = models.CONVOLUTIONS
    made = summary(minirocket=0.972, multirocket_hydra=0.975).loc[list(names)]
    table = pairs(*(("modern", name, difference, half) for name in names))
    return lowered(claims.random_convolutions(made, table))


def test_random_convolutions_are_named_with_scores_and_who_is_ahead():
    mini, hydra, modern = (words.the(n).lower() for n in (*models.CONVOLUTIONS, "modern"))
    scores = [mini, "97.2", "95.2", "100.2", "three", hydra, "97.5", "95.5", "100.5", "three"]
    by = ["1.0", "0.5", "1.5"]
    leads = [modern, "ahead", mini, *by, modern, "ahead", hydra, *by]
    assert convolved(0.005) == scores + leads
    behind = [mini, "ahead", modern, *by, hydra, "ahead", modern, *by]
    assert convolved(0.005, -0.01) == scores + behind
    assert convolved(0.02) == [*scores, modern, mini, hydra]  # nobody is ahead


def test_random_convolutions_that_nobody_fitted_are_not_measured():
    with pytest.raises(NotMeasuredError):
        claims.random_convolutions(summary().iloc[:0], pairs())


@pytest.mark.parametrize(("as_file", "n_close"), [([0.88, 0.78], 0), ([0.895, 0.78], 1)])
def test_small_file_tells_what_it_loses_and_for_how_many(as_file, n_close):
    columns = {small_file.LARGE: [0.9, 0.8], small_file.FLOATS: [0.88, 0.83]}
    told = pd.DataFrame(
        columns | {small_file.SCORED: as_file, "bytes": [19_000, 18_000]}, index=["A-set", "B-set"]
    )
    said = claims.small_file(told)
    lost = 100 * np.subtract(columns[small_file.LARGE], as_file)
    rounding = 100 * np.subtract(columns[small_file.FLOATS], as_file)
    for number in (19.0, lost.mean(), lost.max()):
        assert words.decimal(number) in said
    assert ("B-set" in said) == (lost.argmax() == 1)
    assert said.index(words.signed(rounding.min())) < said.index(words.signed(rounding.max()))
    all_close = told.assign(**{small_file.SCORED: told[small_file.LARGE]})
    assert (words.word(n_close) in said.split()) == (n_close == 1)
    assert claims.small_file(all_close) != said


def test_small_file_is_silent_where_none_was_scored():
    with pytest.raises(NotMeasuredError):
        claims.small_file(pd.DataFrame())
