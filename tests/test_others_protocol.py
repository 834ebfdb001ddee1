"""Tests of how other people's data sets are left out, chosen on, and scored."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit
from spoken import listen

from har_utils import models, placement, results
from har_utils.dataset import ACTIVITIES
from har_utils.others import anywhere, final, network, protocol, published, trials
from har_utils.others.protocol import Answers, Choice
from har_utils.others.windows import NAMES, STAIRS, Windows
from har_utils.recordings import Recording

WALKING, UP, DOWN, SITTING, STANDING, LAYING = range(6)
CHOICE = Choice("phones", "both", 0.0, 1)


def made_up(activity: list[int], name: str = "usc_had", **columns: list[int]) -> Windows:
    """Return windows of rest, one after the other, with these labels."""
    n = len(activity)
    seen = np.zeros((n, 128, 9), dtype=np.float32)
    seen[:, :, 6] = 1
    order = {"person": [1] * n, "recording": [1] * n, "trial": [0] * n}
    order["start"] = (64 * np.arange(n)).tolist()
    values = {**order, **columns, "activity": activity}
    return Windows(name, seen, **{key: np.array(value) for key, value in values.items()})


def saying(answers: list[int], sure: float = 0.95) -> np.ndarray:
    """Return probabilities that name these activities."""
    rest = (1 - sure) / 5
    return np.where(np.eye(6)[answers] > 0, sure, rest)


# --- The list and the rule ----------------------------------------------------------------------


def test_config_names_sets_that_can_be_read_and_activities_that_exist():
    assert set(protocol.config()["sets"]) == set(trials.SETS)
    for activities in protocol.config()["sets"].values():
        assert set(activities) <= set(NAMES)


@pytest.mark.parametrize("candidate", protocol.config()["candidates"])
def test_settings_of_every_candidate_are_settings(candidate):
    assert isinstance(protocol.settings_of(candidate), network.Settings)


@pytest.mark.parametrize("name", protocol.config()["networks"])
def test_pairs_of_every_network_leave_a_pocket_to_learn_from(name):
    assert {"motionsense", "wisdm2019"} not in map(set, protocol.pairs(name))


@pytest.mark.parametrize("name", protocol.config()["networks"])
def test_what_is_compared_for_a_network_exists(name):
    compared = protocol.compared(name)
    assert set(compared["candidates"]) <= set(protocol.config()["candidates"])
    assert set(compared["finders"]) <= set(protocol.FINDERS)


# --- Targets and loss ---------------------------------------------------------------------------


def test_targets_of_unsplit_stairs_are_up_and_down():
    right = network.targets(np.array([WALKING, STAIRS]), place=1)
    assert np.argwhere(right).tolist() == [[0, 1, WALKING], [1, 1, UP], [1, 1, DOWN]]


def test_partial_loss_is_the_cross_entropy_of_all_right_answers_together():
    right = network.targets(np.array([WALKING, STAIRS]), place=0)
    said = np.full((2, 2, 6), 1 / 6, dtype=np.float32)
    said[:, 0] = [0.5, 0.2, 0.1, 0.1, 0.05, 0.05]
    assert np.asarray(network.partial_loss(right, said)) == pytest.approx(
        [-np.log(0.5), -np.log(0.3)], abs=1e-5
    )


def test_altered_windows_still_feel_one_g_and_stay_upright():
    seen = made_up([WALKING] * 50).windows
    settings = network.Settings(tilt=5)
    changed = network.altered(seen, settings, np.random.default_rng(0))
    assert np.linalg.norm(changed[:, :, 6:], axis=2) == pytest.approx(np.ones((50, 128)), abs=1e-5)
    assert changed[:, :, 6].mean() > 0.98


def test_altered_movements_are_stronger_while_gravity_stays():
    seen = made_up([WALKING] * 20).windows
    seen[:, :, 0] = 0.3 * np.sin(np.arange(128) / 4)
    seen[:, :, 6] += seen[:, :, 0]
    settings = network.Settings(tilt=0, mirror=0, strength=0.3)
    changed = network.altered(seen, settings, np.random.default_rng(0))
    assert (changed[:, :, 6] - changed[:, :, 0]) == pytest.approx(np.ones((20, 128)), abs=1e-5)
    assert np.ptp(changed[:, :, 0].std(axis=1)) > 0.05


def test_build_answers_for_both_places_and_says_which():
    activity, place = network.build(network.Settings(filters=(4, 4, 4, 4), n_listeners=2)).outputs
    assert activity.shape == (None, len(placement.PLACES), len(ACTIVITIES))
    assert place.shape == (None, 1)


def test_altered_noise_is_the_same_in_both_accelerations():
    seen = made_up([WALKING] * 20).windows
    settings = network.Settings(tilt=0, mirror=0, noise=0.01)
    changed = network.altered(seen, settings, np.random.default_rng(0))
    assert changed[:, :, 6] - changed[:, :, 0] == pytest.approx(np.ones((20, 128)), abs=1e-5)
    assert 0 < changed[:, :, 0].std() < 0.01


def test_altered_windows_that_face_ahead_keep_facing_it():
    seen = made_up([WALKING] * 200).windows
    seen[:, :, 2] = 1
    ahead = network.altered(seen, network.Settings(tilt=0, facing=10), np.random.default_rng(0))
    anywhere_ = network.altered(seen, network.Settings(tilt=0), np.random.default_rng(0))
    assert ahead[:, 0, 2].mean() > 0.8
    assert abs(anywhere_[:, 0, 2].mean()) < 0.2


# --- Answers ------------------------------------------------------------------------------------


def answers(pocket: float, moves: bool = True) -> Answers:
    """Return answers of ten windows: the torso lies, the pocket sits; `pocket` in log-odds."""
    by_place = np.stack([saying([LAYING] * 10), saying([SITTING] * 10)], axis=1)
    parts = (*placement.DESCRIPTIONS, "network")
    odds = dict.fromkeys(parts, np.full(10, pocket))
    return Answers(by_place, np.full(10, moves), odds, np.zeros(10))


@pytest.mark.parametrize(("pocket", "answer"), [(4, SITTING), (-4, LAYING)])
def test_probability_asks_the_place_where_the_phone_is(pocket, answer):
    assert (answers(pocket).probability(CHOICE).argmax(axis=1) == answer).all()


def test_probability_asks_the_torso_unless_a_pocket_is_more_probable_than_caution():
    cautious = replace(CHOICE, caution=3)
    assert (answers(2).probability(CHOICE).argmax(axis=1) == SITTING).all()
    assert (answers(2).probability(cautious).argmax(axis=1) == LAYING).all()


def test_probability_is_half_and_half_where_nobody_walks():
    said = answers(4, moves=False).probability(CHOICE)
    assert said[:, SITTING] == pytest.approx(said[:, LAYING])


def test_alike_begins_anew_at_gaps_trials_and_changes_between_rest_and_motion():
    own = made_up([0] * 8, trial=[0] * 6 + [1] * 2, start=[0, 64, 128, 500, 564, 628, 0, 64])
    own.windows[5, :, 6] += 0.3 * np.sin(np.arange(128)).astype(np.float32)
    assert protocol.alike(own).tolist() == [0, 0, 0, 1, 1, 2, 3, 3]


def test_with_neighbours_outvotes_one_window():
    own = made_up([SITTING] * 5)
    said = protocol.with_neighbours(saying([3, 3, 4, 3, 3]), own, 7)
    assert said.argmax(axis=1).tolist() == [SITTING] * 5


# --- Scores -------------------------------------------------------------------------------------


def test_macro_f1_counts_up_and_down_alike_where_a_set_does_not_split_stairs():
    own = made_up([WALKING, STAIRS, STAIRS, LAYING], name="sisfall")
    assert protocol.macro_f1(own, saying([WALKING, UP, DOWN, LAYING])) == 1


def test_macro_f1_is_the_mean_over_the_activities_of_the_set():
    own = made_up([WALKING, STAIRS, LAYING, LAYING], name="sisfall")
    assert protocol.macro_f1(own, saying([WALKING, UP, LAYING, SITTING])) == pytest.approx(
        (1 + 1 + 2 / 3) / 3
    )


def test_folded_keeps_the_most_probable_answer():
    own = made_up([STAIRS, STAIRS], name="sisfall")
    said = np.array([[0.4, 0.25, 0.35, 0, 0, 0], [0.3, 0.1, 0.6, 0, 0, 0]])
    truth, shown, _ = final.folded(own, said)
    assert truth.tolist() == [UP, UP]
    assert shown.argmax(axis=1).tolist() == [WALKING, UP]
    assert shown.sum(axis=1) == pytest.approx([1, 1])


def test_folded_leaves_out_what_is_none_of_the_activities():
    own = made_up([WALKING, NAMES.index("RUNNING"), SITTING])
    assert final.folded(own, saying([0, 0, 0]))[2].tolist() == [0, 2]


def test_describe_counts_what_is_sure_and_wrong():
    own = made_up([WALKING] * 4, person=[1, 1, 2, 2])
    said = np.vstack([saying([WALKING, UP], 0.95), saying([WALKING, UP], 0.6)])
    scores = final.describe(own, said)
    assert scores["sure"] == 0.5
    assert scores["sure_and_wrong"] == 0.5
    assert scores["per_person"] == {"1": 0.5, "2": 0.5}


def test_note_refuses_to_score_a_set_twice(tmp_path, monkeypatch):
    monkeypatch.setattr(final, "folder", lambda: tmp_path)
    final.note(network="anywhere", scored="dsads", seed=0)
    final.note(network="anywhere", scored="dsads", seed=1)
    with pytest.raises(ValueError, match="scored before"):
        final.note(network="anywhere", scored="dsads", seed=0)


# --- Choosing -----------------------------------------------------------------------------------


def inner_scores(name: str, **best: str) -> pd.DataFrame:
    """Return a table in which each target's own scores are best for another candidate."""
    rows = [
        (name, candidate, finder, 1.0, 7, target, other, 0.5 + 0.4 * (best.get(other) == candidate))
        for candidate in protocol.compared(name)["candidates"][:2]
        for finder in protocol.compared(name)["finders"]
        for pair in protocol.pairs(name)
        for target, other in (pair, pair[::-1])
    ]
    columns = ["network", *protocol.CHOSEN, "target", "scored", "macro_f1"]
    table = pd.DataFrame(rows, columns=columns)
    return pd.concat([table, table.assign(caution=0.0, macro_f1=table["macro_f1"] - 0.1)])


def place_scores(**best: str) -> pd.DataFrame:
    """Return a table in which another finder finds the places of each set best."""
    sets = [*protocol.config()["sets"], "hapt"]
    rows = [
        (target, other, finder, 1 - 0.9 * (best.get(other, "gait") == finder))
        for target in sets
        for other in sets
        for finder in placement.DESCRIPTIONS
        if target != other
    ]
    return pd.DataFrame(rows, columns=["target", "scored", "finder", "loss"])


def chosen(table: pd.DataFrame, target: str, name: str, **best: str) -> Choice:
    """Return the choice from inner scores and from how well places were found."""
    return protocol.choose(table, place_scores(**best), target, name)


def test_choose_looks_at_the_other_sets_only():
    table = inner_scores("anywhere", usc_had="base", sisfall="phones", dsads="phones")
    found = chosen(table, "usc_had", "anywhere")
    assert (found.candidate, found.caution) == ("phones", 1)


def test_choose_leaves_out_a_candidate_that_lacks_a_pair():
    table = inner_scores("anywhere", dsads="base")
    partial = table[(table["candidate"] == "phones") | (table["scored"] == "dsads")]
    assert chosen(partial, "usc_had", "anywhere").candidate == "phones"


def test_choose_has_no_caution_where_no_pocket_was_scored():
    found = chosen(inner_scores("anywhere"), "motionsense", "anywhere")
    assert (found.finder, found.caution) == ("both", 0)


def test_choose_takes_all_scores_for_a_set_that_is_in_no_pair():
    assert "sisfall" not in {one for pair in protocol.pairs() for one in pair}
    best = dict.fromkeys(("usc_had", "dsads", "wisdm2019"), "phones")
    table = inner_scores(protocol.NEWEST, **best)
    assert chosen(table, "sisfall", protocol.NEWEST).candidate == "phones"


def test_choose_takes_the_finder_that_finds_places_of_the_other_sets():
    others = dict.fromkeys(("sisfall", "dsads", "motionsense", "wisdm2019", "hapt"), "angle")
    table = inner_scores(protocol.NEWEST)
    assert chosen(table, "usc_had", protocol.NEWEST, **others, usc_had="wide").finder == "angle"
    assert chosen(table, "usc_had", protocol.NEWEST, usc_had="angle").finder == "gait"


def test_places_table_leaves_both_sets_out_and_both_places_to_learn_from():
    sets = {
        name: swinging(name, 2.0 if protocol.place_of(name) else 0.3)
        for name in ("hapt", "usc_had", "motionsense", "wisdm2019")
    }
    table = protocol.places_table(protocol.Data(sets))
    assert not (table["target"] == table["scored"]).any()
    pairs = set(zip(table["target"], table["scored"], strict=True))
    assert ("motionsense", "wisdm2019") not in pairs
    assert ("usc_had", "wisdm2019") in pairs
    assert ("hapt", "usc_had") not in pairs
    assert (table.loc[table["finder"] == "angle", "places_found"] == 1).all()


def test_swing_table_says_how_far_devices_swing():
    table = protocol.swing_table(protocol.Data({"motionsense": swinging("motionsense", 2.0)}))
    [row] = table.to_dict("records")
    assert (row["placement"], row["recordings"]) == ("pocket", 2)
    assert row["median"] == pytest.approx(np.degrees(2 / (2 * np.pi * 0.98)), rel=0.1)
    assert row["low"] <= row["median"] <= row["high"]


def swinging(name: str, strength: float) -> Windows:
    """Return two people who walk upright while the device swings, in rad/s, once a stride."""
    generator = np.random.default_rng(len(name))
    own = made_up([WALKING] * 16, name, person=[1] * 8 + [2] * 8, recording=[1] * 8 + [2] * 8)
    t = 2 * np.pi * 0.98 * np.arange(128) / 50
    bounce = 0.3 * np.sin(2 * t)
    own.windows[:, :, 0] += bounce
    own.windows[:, :, 6] += bounce
    own.windows[:, :, 4] += strength * np.sin(t) * generator.uniform(0.8, 1.2, (16, 1))
    own.windows[:, :, 3:6] += 0.05 * generator.standard_normal((16, 128, 3))
    return own


@pytest.mark.parametrize("name", protocol.config()["networks"])
def test_published_scores_choose_what_the_published_runs_were_made_with(name):
    table = pd.read_csv(protocol.published_file())
    places = pd.read_csv(protocol.published_file().with_name("places.csv"))
    if name not in set(table["network"]):
        pytest.skip("no network of that name is published yet")
    for target in protocol.config()["sets"]:
        [seeds] = final.results.load_runs(final.folder(), [f"{name}@{target}"]).values()
        for run in seeds:
            found = vars(protocol.choose(table, places, target, name))
            assert {key: run.record["others"][key] for key in protocol.CHOSEN} == found


def test_published_runs_of_the_newest_network_were_made_by_this_code():
    code = final.results.code_digest(final.CODE)
    runs = final.results.load_runs(final.folder())
    for target in protocol.config()["sets"]:
        for run in runs.get(f"{protocol.NEWEST}@{target}", []):
            assert run.record["code_digest"] == code


def test_weights_count_activities_alike_or_people_of_an_activity_alike():
    own = made_up([WALKING] * 4 + [UP] * 2, person=[1, 1, 1, 2, 1, 2])
    by_activity = protocol._weights(own, by_person=False)
    assert by_activity == pytest.approx([1 / 8] * 4 + [1 / 4] * 2)
    by_person = protocol._weights(own, by_person=True)
    assert by_person == pytest.approx([1 / 12] * 3 + [1 / 4] * 3)


# --- One recording ------------------------------------------------------------------------------


class Mute:
    """A network that finds everything equally probable, and every phone in a pocket."""

    def predict(self, seen: np.ndarray, **_: object) -> list[np.ndarray]:
        """Return both answers."""
        return [np.full((len(seen), 2, 6), 1 / 6), np.full((len(seen), 1), 0.99)]


RULE = anywhere.Rule(
    placement.PlaceFinder(np.zeros(5), np.ones(5), np.zeros(5), 0.0), CHOICE, most_motion=0.5
)


def walking(seconds: float, strength: float = 0.3, steps: float = 2) -> Recording:
    """Return somebody who bounces, the phone's z upwards."""
    t = np.arange(int(50 * seconds)) / 50
    acceleration = np.column_stack([0 * t, 0 * t, 1 + strength * np.sin(2 * np.pi * steps * t)])
    labels = pd.DataFrame(columns=["activity", "start", "stop"])
    return Recording(0, 0, acceleration, np.zeros((len(t), 3)), labels)


def test_classify_says_where_the_phone_was_and_how_far_it_was_turned():
    found = anywhere.classify(walking(60), Mute(), RULE)
    assert found.place == "pocket"
    assert found.angle == pytest.approx(90, abs=1)
    assert found.windows["none"].all()  # nothing has half of the probability


def test_classify_says_that_postures_cannot_be_told_where_nobody_walks():
    found = anywhere.classify(walking(60, strength=0), Mute(), RULE)
    assert found.place is None
    assert found.notes[0] == anywhere.say("nobody_walks")


def leaning(degrees: float, share: float) -> Recording:
    """Return a walk of two minutes, the phone turned about x by an angle for its last part."""
    walk = walking(120)
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    later = np.arange(6000)[:, np.newaxis] >= 6000 * (1 - share)
    turned = walk.acceleration @ np.array([[1, 0, 0], [0, c, s], [0, -s, c]])
    return replace(walk, acceleration=np.where(later, turned, walk.acceleration))


@pytest.mark.parametrize(
    ("degrees", "share", "is_turned"),
    [(90, 0.5, True), (180, 0.5, True), (180, 0.3, True), (30, 0.5, False), (180, 0.1, False)],
)
def test_classify_sees_a_phone_that_was_turned_on_the_way(degrees, share, is_turned):
    found = anywhere.classify(leaning(degrees, share), Mute(), RULE)
    assert found.is_turned == is_turned
    assert (anywhere.say("turned_round") in found.notes) == is_turned
    assert np.isnan(found.up).all() == is_turned


class Walk(Mute):
    """A network that is sure of walking."""

    def predict(self, seen: np.ndarray, **_: object) -> list[np.ndarray]:
        """Return both answers."""
        walk = np.eye(6)[np.full((len(seen), 2), WALKING)]
        return [walk, np.full((len(seen), 1), 0.01)]


def test_classify_knows_a_run_from_a_walk_in_a_sentence_and_window_by_window(monkeypatch):
    heard = listen(monkeypatch, anywhere)
    walk, run = walking(60), walking(60, strength=0.8, steps=2.7)
    found = anywhere.classify(run, Walk(), RULE)
    assert found.windows["running"].all()
    assert found.windows["none"].all()
    assert heard["running"] == {"share": 1.0, "pace": pytest.approx(162, abs=2)}
    assert anywhere.say("running", **heard["running"]) in found.notes
    assert "often_none" not in heard
    both = np.vstack([walk.acceleration, run.acceleration])
    half = anywhere.classify(replace(walk, acceleration=both, rotation=0 * both), Walk(), RULE)
    started = half.windows.loc[half.windows["running"], "start"]
    assert started.min() == pytest.approx(60, abs=6)
    assert half.windows["running"].mean() == pytest.approx(0.5, abs=0.05)
    assert (half.windows["answer"] == "WALKING").sum() == (~half.windows["running"]).sum()


class Runner(Mute):
    """A network that takes strong movements for stairs, and others for walking."""

    def predict(self, seen: np.ndarray, **_: object) -> list[np.ndarray]:
        """Return both answers."""
        activity = np.where(placement.motion(seen) > 0.5, UP, WALKING)
        return [np.eye(6)[np.stack([activity] * 2, axis=1)], np.full((len(seen), 1), 0.01)]


def test_classify_keeps_a_run_out_of_the_walk_beside_it():
    walk, run = walking(20), walking(40, strength=0.8, steps=2.7)
    both = np.vstack([walk.acceleration, run.acceleration, walk.acceleration])
    rule = replace(RULE, choice=replace(CHOICE, neighbours=25))
    whole = replace(walk, acceleration=both, rotation=0 * both)
    said = anywhere.classify(whole, Runner(), rule).windows
    pure = (said["stop"] < 20) | (said["start"] > 60)
    assert (said["answer"][pure] == "WALKING").all()
    assert said["confidence"][pure].min() > 0.8


def test_classify_counts_no_steps_of_a_run_as_a_short_walk(monkeypatch):
    heard = listen(monkeypatch, anywhere)
    rule = replace(RULE, most_motion=2.0)
    anywhere.classify(walking(60, strength=1.2, steps=2.7), Walk(), rule)  # too strong for a walk
    assert "few_steps" not in heard
    assert {"nobody_walks", "running"} <= set(heard)


def test_classify_says_both_where_running_and_the_unknown_are_rare_alone():
    table = pd.DataFrame({"none": [True] * 8 + [False] * 92, "running": [True] * 4 + [False] * 96})
    windows = made_up([0] * 100).windows
    _, unknown = anywhere._none_notes(windows, table)
    assert unknown == anywhere.say("often_none", share=0.04)
    rare = table.assign(none=table["running"])
    assert anywhere._none_notes(windows, rare) == []


@pytest.mark.parametrize(
    ("computed", "expected"),
    [
        ([], {"phones": 0.9, "facing": 0.8}),
        (["phones"], {"phones": 0.9, "facing": 0.8}),
        (["phones", "relative"], {"phones": 0.9, "facing": 0.8, "relative": 0.7}),
        (["phones", "facing"], {"phones": 0.7, "facing": 0.7}),
    ],
)
def test_scores_of_two_processors_are_not_mixed(computed, expected, tmp_path, monkeypatch):
    def table(candidates, scores):
        rows = [
            (protocol.NEWEST, name, score) for name, score in zip(candidates, scores, strict=False)
        ]
        return pd.DataFrame(rows, columns=["network", "candidate", "macro_f1"])

    file = tmp_path / "inner.csv"
    old = pd.DataFrame([("anywhere", "phones", 0.6)], columns=table([], []).columns)
    pd.concat([old, table(["phones", "facing"], [0.9, 0.8])]).to_csv(file, index=False)
    monkeypatch.setattr(protocol, "published_file", lambda: file)
    monkeypatch.setattr(protocol, "inner_table", lambda _: table(computed, [0.7, 0.7]))
    found = protocol.scores(protocol.Data({})).set_index(["network", "candidate"])["macro_f1"]
    assert found["anywhere"].to_dict() == {"phones": 0.6}
    assert found[protocol.NEWEST].to_dict() == expected


def test_what_was_chosen_then_is_read_from_the_published_run():
    for target in protocol.config()["sets"]:
        then = final.chosen_then(target, 0)
        assert (then.candidate, then.finder, then.neighbours) == ("phones", "angle", 25)


def test_classify_takes_a_few_hurried_steps_for_no_run():
    walk, hurried = walking(60), walking(60, strength=0.8, steps=2.7)
    walk.acceleration[1500:1650] = hurried.acceleration[1500:1650]
    found = anywhere.classify(walk, Walk(), RULE)
    assert placement.running(found.cut).any()
    assert not found.windows["running"].any()


def test_classify_counts_the_seconds_of_a_pause():
    paused = replace(walking(10), left_out=np.array([[5.0, 100.0]]))
    found = anywhere.classify(paused, Mute(), RULE).windows["start"].to_numpy()
    np.testing.assert_allclose(found, [0, 1.28, 2.56, 3.84, 105.12, 106.4])


def test_none_of_these_is_said_of_what_moves_too_much_and_of_what_nobody_knows():
    seen = made_up([0, 0, 0]).windows
    seen[0, :, 6] += np.sin(np.arange(128)).astype(np.float32)
    said = np.vstack([saying([0, 0], 0.9), np.full((1, 6), 1 / 6)])
    runs = np.zeros(3, dtype=bool)
    assert anywhere.none_of_these(seen, said, 0.6, runs).tolist() == [True, False, True]
    assert anywhere.none_of_these(seen, said, 0.6, ~runs).all()


def test_classify_refuses_a_recording_without_a_whole_window():
    with pytest.raises(ValueError, match=r"no 2\.56 s"):
        anywhere.classify(walking(2), Mute(), RULE)


# --- Summary, figures, command ------------------------------------------------------------------


def other_run(seed: int, answers_: list[int]) -> final.Run:
    """Return a run of two people who do four activities each."""
    activity = np.array([0, 3, 4, 5] * 2, dtype=np.int8)
    subject = np.repeat([1, 2], 4).astype(np.int8)
    said = saying(answers_).astype(np.float32)
    key = final.Key("anywhere", "usc_had", None, seed)
    return final.Run(key, {}, said, activity, np.arange(8, dtype=np.int32), subject)


def test_interval_is_over_people_and_the_activities_of_the_set():
    perfect, half = [0, 3, 4, 5] * 2, [0, 3, 4, 5, 1, 1, 1, 1]
    found = final.interval([other_run(0, perfect), other_run(1, half)])
    assert found.mean == pytest.approx((1 + 2 / 3) / 2)  # F1 of 2/3 each: half recalled, precise
    # Without the first person F1 is 1 and 0, without the second 1 and 1; Student's t of one degree.
    error = np.sqrt(1 / 2) * np.linalg.norm([0.5 - 0.75, 1 - 0.75])
    reach = 12.706 * error / (5 / 6 * 1 / 6)
    assert logit(found.low) == pytest.approx(np.log(5) - reach, rel=1e-3)
    assert found.high == pytest.approx(1)


SUMMARY = {
    "dsads": {
        "per_person": {"1": 0.5, "2": 0.9},
        "with_neighbours": {"accuracy": 0.7},
        "macro_f1": {"mean": 0.8, "low": 0.6, "high": 0.9},
    }
}


def test_people_draws_a_point_for_everybody_and_a_bar_for_all():
    from har_utils import plots

    (axis,) = plots.other_people(SUMMARY).axes
    assert axis.lines[0].get_ydata().tolist() == [50, 90]
    assert axis.collections[0].get_segments()[0][:, 1].tolist() == [70, 70]


def test_before_and_after_draws_three_bars_and_the_interval():
    from har_utils import plots

    rows = [("modern", "dsads", False, 0.2), ("modern", "dsads", True, 0.4)]
    table = pd.DataFrame(rows, columns=["network", "data_set", "turned", "macro_f1"])
    (axis,) = plots.before_and_after_turning(table, SUMMARY, "modern").axes
    assert [bar.get_height() for bar in axis.patches] == pytest.approx([20, 40, 80])
    (errors,) = axis.collections
    assert errors.get_segments()[0][:, 1] == pytest.approx([60, 90])


def test_run_says_in_one_sentence_that_the_data_are_not_there(tmp_path, monkeypatch, capsys):
    from har_utils.others import running

    monkeypatch.setenv("HAR_OTHERS", str(tmp_path))
    running.run()
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    assert "USC-HAD" in said
    assert "nothing done" in said


def test_target_run_is_trained_scored_once_and_read_again(tmp_path, monkeypatch):
    tiny = network.Settings(filters=(4, 4, 4, 4), n_listeners=2, epochs=1, per_epoch=128)
    monkeypatch.setenv("HAR_BUILD", str(tmp_path))
    monkeypatch.setattr(final, "folder", lambda: tmp_path / "others")
    monkeypatch.setattr(protocol, "settings_of", lambda _: tiny)
    monkeypatch.setattr(final, "chosen_for", lambda *_: Choice("phones", "angle", 0.0, 7))
    data = protocol.Data(
        {
            name: swinging(name, 2.0 if protocol.place_of(name) else 0.3)
            for name in ("hapt", "usc_had", "motionsense")
        }
    )
    run = final.target_run(data, "usc_had", 0)
    assert run.key.stem.as_posix().startswith(f"{protocol.NEWEST}@usc_had")
    assert run.record["code_digest"] == final.results.code_digest(final.CODE)
    assert max(run.record["others"]["pocket"].values()) < 0.5
    again = final.target_run(data, "usc_had", 0)
    assert again.probability == pytest.approx(run.probability)
    (line,) = (tmp_path / "others" / "ledger.jsonl").read_text().splitlines()
    assert f'"network": "{protocol.NEWEST}"' in line


@pytest.mark.parametrize(("is_chosen", "n"), [(True, 0), (False, 1)])
def test_run_compares_nothing_where_the_choice_is_published(tmp_path, monkeypatch, is_chosen, n):
    from har_utils.others import running

    compared, made = [], []
    monkeypatch.setenv("HAR_BUILD", str(tmp_path))
    monkeypatch.setattr(trials, "available", lambda: list(trials.SETS))
    monkeypatch.setattr(protocol, "load", lambda: protocol.Data({}))
    monkeypatch.setattr(protocol, "pairs", lambda: [("usc_had", "dsads")])
    monkeypatch.setattr(protocol, "inner", lambda _, *what: compared.append(what) or 0.0)
    monkeypatch.setattr(protocol, "scores", lambda _: pd.DataFrame())
    monkeypatch.setattr(running, "_final", lambda _, seeds: made.append(seeds) or [])
    monkeypatch.setattr(running, "finish", made.append)
    running.run([0], ["phones"], is_chosen)
    assert compared == [("phones", ("usc_had", "dsads"))] * n
    assert made[0] == [0]


def test_classify_answers_with_the_published_network():
    if not anywhere.MODEL.exists():
        pytest.skip("the network for any placement is not published yet")
    found = anywhere.classify(walking(20))
    assert found.probability.shape == (len(found.windows), 6)
    assert found.probability.sum(axis=1) == pytest.approx(np.ones(len(found.windows)), abs=1e-3)


# --- The course's own models --------------------------------------------------------------------


def answering(activity: int):
    """Return a model that says one thing, surely, to every window."""
    return lambda windows: saying([activity] * len(windows))


def test_table_of_published_models_scores_windows_as_recorded_and_turned():
    own = made_up([STANDING, STANDING, LAYING, STANDING], name="usc_had")
    data = protocol.Data({"hapt": made_up([WALKING], "hapt"), "usc_had": own})
    asked = {"modern": answering(STANDING), "linear_svc": answering(LAYING)}
    found = published.table(data, asked, every=1).set_index(["network", "turned"])
    assert found["accuracy"].to_dict() == {
        **{("modern", False): 0.75, ("modern", True): 0.75},
        **{("linear_svc", False): 0.25, ("linear_svc", True): 0.25},
    }
    assert found.loc[("modern", True), ["sure", "sure_and_wrong"]].tolist() == [1.0, 0.25]
    assert found.loc["linear_svc", ["sure", "sure_and_wrong"]].isna().all(axis=None)


def test_table_of_published_models_shows_turned_windows_where_it_says_so():
    seen = []
    own = made_up([WALKING] * 6, name="usc_had")
    own.windows[:] = 0
    own.windows[:, :, 7] = 1 + 0.2 * np.sin(np.arange(128))  # walks with +y up
    asked = {"modern": lambda windows: seen.append(windows) or saying([WALKING] * len(windows))}
    published.table(protocol.Data({"usc_had": own}), asked, every=1)
    as_recorded, turned = (windows[:, :, 6:].mean(axis=(0, 1)) for windows in seen)
    assert as_recorded == pytest.approx([0, 1, 0], abs=0.02)
    assert turned == pytest.approx([1, 0, 0], abs=0.02)


def test_classical_models_are_fitted_with_what_was_chosen_for_the_published_ones():
    for name in models.CLASSICAL:
        [run] = results.load_runs(results.published_folder(), [name])[name]
        assert models.HYPERPARAMETERS[name] in run.record["chosen"]
