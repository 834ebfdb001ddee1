"""The network shown in full in a lesson is the one the package builds; the lessons' sentences."""

import dataclasses
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from tokens import lowered, tokens

from har_utils import metrics, models, results, training, words
from har_utils.build import notebooks
from har_utils.course import lessons
from har_utils.others import final, protocol, running
from har_utils.results import Key, Run

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
LESSONS = {
    "single_lstm": "04_single_lstm",
    "multi_lstm": "05_multi_lstm",
    "cnn_1d": "06_cnn_1d",
    "cnn_lstm": "07_cnn_lstm",
}


def shown_builder(name):
    """Execute the cell of a lesson that shows the network, and nothing else."""
    cells = notebooks.code_cells(notebooks.read(FOLDER / f"{LESSONS[name]}.ipynb"))
    [cell] = [cell for cell in cells if "build_model" in cell.metadata.get("tags", [])]
    models.prepare()
    namespace = {}
    exec(cell.source, namespace)
    return namespace["build_model"]


@pytest.mark.parametrize("name", models.NETWORKS)
def test_the_network_shown_is_the_network_built(name):
    shown = shown_builder(name)()
    assert models.configuration(shown) == models.configuration(models.build(name))
    assert shown.count_params() == models.PARAMETERS[name]


@pytest.mark.parametrize("name", models.NETWORKS)
def test_the_network_shown_takes_other_windows_and_classes(name):
    assert shown_builder(name)((64, 6), 12).output_shape == (None, 12)


def test_the_classical_models_shown_are_those_of_the_package():
    cells = notebooks.code_cells(notebooks.read(FOLDER / "03_classical_baselines.ipynb"))
    namespace = {}
    for beginning in ("import", "def scaled", "def linear_svc", "builders ="):
        [cell] = [cell for cell in cells if cell.source.startswith(beginning)]
        exec(cell.source, namespace)
    assert namespace["hyperparameter"] == models.HYPERPARAMETERS
    assert tuple(namespace["builders"]) == models.CLASSICAL
    for name, build in namespace["builders"].items():
        shown = namespace["scaled"](build(5))
        assert repr(shown) == repr(models.classical(name, 5))


def make_run(predicted, activity, subject, **record):
    """Return a run that predicted these activities with certainty 0.9."""
    probability = np.full((len(activity), 6), 0.02, np.float32)
    probability[np.arange(len(activity)), predicted] = 0.9
    scores = metrics.score(activity, probability, subject)
    return Run(
        Key("cnn_lstm"),
        {"metrics": scores, "n_parameters": 118_702, "multiply_adds": 7_000_000} | record,
        probability,
        activity.astype(np.int8),
        np.arange(len(activity), dtype=np.int32),
        subject.astype(np.int8),
    )


@pytest.fixture
def run():
    """A run on two unlike people whose activities are all recognised unequally well."""
    activity = np.tile(np.repeat(np.arange(6), 8), 2)
    subject = np.repeat([2, 4], 48)
    predicted = activity.copy()
    predicted[24:32:2] = 4  # 4 of person 2's sitting windows are called standing,
    predicted[[72, 80]] = (4, 3)  # 1 of person 4's, and 1 standing window sitting
    predicted[0] = 1  # one walking window is called upstairs
    predicted[8] = 3  # and one upstairs window sitting
    history = {
        "loss": [1.0, 0.5, 0.3],
        "accuracy": [0.5, 0.8, 0.9],
        "val_loss": [0.9, 0.61, 0.7],
        "val_accuracy": [0.6, 0.75, 0.7],
    }
    return make_run(
        predicted,
        activity,
        subject,
        history={"select": history, "refit": {}},
        epochs={"cap": 3, "chosen": 2},
    )


def test_curves_say_when_the_loss_was_lowest(run):
    said = lowered(lessons.curves(run))
    assert said == ["lowest", "2", "3", "0.610", "80.0", "75.0", "lower", "one"]


def test_curves_say_when_no_later_epoch_was_tried(run):
    before = lessons.curves(run)
    run.record["epochs"]["chosen"] = 3
    said = lowered(lessons.curves(run))
    assert said[:6] == ["lowest", "3", "3", "0.700", "90.0", "70.0"]
    assert "lower" in lowered(before)
    assert "lower" not in said


def test_confusions_count_errors_by_kind(run):
    said = lowered(lessons.confusions(run))
    assert said[2:8] == ["sitting", "standing", "31.2", "sitting", "standing", "6.2"]
    numbers = [token for token in said[8:] if token.isdigit()]
    assert numbers == ["8", "1", "6", "1"]  # all, moving, resting, across


def test_activities_best_worst_and_said_too_freely(run):
    said = [token for token in lowered(lessons.activities(run)) if token != "lowest"]
    f1 = run.record["metrics"]["per_class"]
    low, high = f1["SITTING"], f1["STANDING"]
    assert said[:5] == [
        "highest",
        "walking downstairs",
        "100.0",
        "sitting",
        f"{100 * low['f1']:.1f}",
    ]
    shown = [f"{100 * high[key]:.1f}" for key in ("recall", "precision")]
    assert said[-3:] == ["standing", *shown]


def test_activities_none_said_too_freely(run):
    perfect = make_run(run.activity.astype(int), run.activity.astype(int), run.subject)
    said = lowered(lessons.activities(perfect))
    assert said[-2:] == ["no", "below"]


def test_scores_name_the_worst_person_first(run):
    said = lowered(lessons.scores(run))
    people = run.record["metrics"]["per_subject"]
    assert people["2"] < people["4"]
    macro = f"{100 * run.record['metrics']['macro_f1']:.1f}"
    assert said[:3] == ["96", "two", "91.7"]
    start = said.index(macro)
    assert said[start : start + 5] == [macro, "2", "87.5", "4", "95.8"]
    assert said[start + 5 :] == ["92.37", "inside", "100"]


def test_scores_put_a_source_outside_the_interval(run):
    other = replace(run, key=Key("cnn_1d"), record=run.record)
    assert "inside" in lowered(lessons.scores(other))
    perfect = make_run(run.activity.astype(int), run.activity.astype(int), run.subject)
    assert "outside" in lowered(lessons.scores(perfect))
    unknown = replace(run, key=Key("mine"))
    assert not {"inside", "outside"} & set(lowered(lessons.scores(unknown)))


def test_parameters_notice_another_network():
    own, source = models.PARAMETERS["cnn_lstm"], models.PARAMETERS["single_lstm"]
    same = lowered(lessons.parameters("single_lstm", models.build("single_lstm")))
    assert same == [str(source), "exactly"]
    other = lowered(lessons.parameters("single_lstm", models.build("cnn_lstm")))
    assert other == [str(own), str(source)]


def test_size_table_counts_what_is_done_in_order():
    table = lessons.size_table()
    steps = dict(zip(models.NETWORKS, table["steps in order"], strict=True))
    assert steps == {"single_lstm": 128, "multi_lstm": 256, "cnn_1d": 0, "cnn_lstm": 32}
    for name in models.NETWORKS:
        row, layers = table.loc[models.title(name)], models.architecture(models.build(name))
        assert row["parameters"] == models.PARAMETERS[name]
        assert row["multiply-adds"] == sum(layer["multiply_adds"] for layer in layers)


class Windows:
    """Stands in for the data set: one channel level per activity."""

    def __init__(self, run, level=4.0):
        levels = run.activity[:, None, None].astype(np.float32)
        self.windows = levels + np.zeros((1, 128, 9), np.float32)
        self.windows[run.probability.argmax(axis=1) != run.activity] = level
        self.rows = run.row

    def take(self, positions):
        assert np.array_equal(positions, np.arange(len(self.windows)))
        return self


def test_commonest_mistake_is_found_and_explained(run):
    run.probability[26, 4] = 0.95
    mistake = lessons.commonest_mistake(run, Windows(run))
    said = [token for token in lowered(mistake.words) if token not in ("most", "often")]
    assert said[:4] == ["sitting", "standing", "5", "16"]
    assert said[4:] == ["one", "2", "95.0"] or said[-2:] == ["2", "95.0"]
    assert list(mistake.windows)[1:] == ["typical sitting", "typical standing"]
    first = next(iter(mistake.windows))
    assert first.index("sitting") < first.index("standing") < first.index("95")
    assert mistake.windows[first].max() == 4.0
    other = lessons.commonest_mistake(run, Windows(run, level=3.0))
    assert lowered(mistake.closeness)[:1] != lowered(other.closeness)[:1] or (
        mistake.closeness != other.closeness
    )


@pytest.mark.parametrize(
    ("level", "near", "far"), [(4.0, "standing", "sitting"), (3.0, "sitting", "standing")]
)
def test_commonest_mistake_says_what_the_window_looks_like(run, level, near, far):
    said = lowered(lessons.commonest_mistake(run, Windows(run, level)).closeness)
    distances = {said[k + 1]: float(said[k]) for k in range(len(said) - 1) if "." in said[k]}
    assert distances[near] < distances[far]
    assert ("more" in said) == (near == "standing")


def test_cost_gives_each_phase_and_the_share_of_an_epoch(run):
    phases = {"select": {"wall": 11.0}, "refit": {"wall": 12.0}, "predict": {"wall": 13.0}}
    record = run.record | {"n_parameters": 1234, "multiply_adds": 5678, "epochs": {"chosen": 4}}
    timed = replace(run, record=record, timing={"seconds": phases})
    cost = lessons.cost(timed, timed)[""]
    assert [each.replace(",", "") for each in cost] == [
        *("1234", "5678", "11.0", "12.0", "13.0", "3.0")
    ]
    assert list(cost.index)[:2] == ["parameters", "multiply-adds for one window"]
    order = ["validation|choose", "train on all", "classify", "of an epoch"]
    assert all(re.search(what, row) for what, row in zip(order, cost.index[2:], strict=True))


def test_cost_of_an_epoch_is_that_of_choosing_where_the_final_run_was_read(run):
    record = run.record | {"n_parameters": 1, "multiply_adds": 2, "epochs": {"chosen": 4}}
    chose = replace(
        run,
        record=record | {"history": {"select": {"loss": [0.5] * 8}}},
        timing={"seconds": {"select": {"wall": 16.0}}},
    )
    cost = lessons.cost(replace(run, record=record, timing=None), chose)[""]
    assert cost.iloc[-1] == "2.0"
    assert "without the validation" in cost.index[-1]
    assert words.plural(8, "epoch") in cost.index[2]  # what those seconds were spent on


def test_a_run_without_mistakes_has_none(run):
    perfect = make_run(run.activity.astype(int), run.activity.astype(int), run.subject)
    mistake = lessons.commonest_mistake(perfect, Windows(perfect))
    assert lowered(mistake.words)[:1] == ["no"]
    assert mistake.closeness == ""


def test_typical_windows_are_nearest_to_the_median_level_and_spread():
    size = np.array([3, 1, 2, 41, 6, 90, 5, 4, 9, 60, 14, 50], np.float32)
    labels = np.array([0] * 5 + [1] + [3] * 5 + [4])
    wave = np.where(np.arange(128) % 2, 1, -1)
    shapes = np.where(labels[:, None] == 3, wave, 1)  # sitting differs in spread, walking in level
    windows = np.repeat((size[:, None] * shapes)[..., None], 9, axis=2)
    found = lessons.typical_windows(
        SimpleNamespace(windows=windows, labels=labels), ["SITTING", "WALKING"]
    )
    assert list(found) == [words.activity_name("SITTING"), words.activity_name("WALKING")]
    for window, row in zip(found.values(), (8, 0), strict=True):  # of 4 5 9 14 60 and of 1 2 3 6 41
        np.testing.assert_array_equal(window, windows[row])


# --- Several models -----------------------------------------------------------------------------


def table(**changes):
    """Return the summary of two models whose numbers all differ."""
    columns = {
        "n_seeds": [3, 5],
        "accuracy_mean": [0.911, 0.942],
        "accuracy_sd": [0.0123, 0.0234],
        "accuracy_low": [0.87, 0.90],
        "accuracy_high": [0.93, 0.98],
        "macro_f1_mean": [0.901, 0.935],
        "macro_f1_sd": [0.0145, 0.0256],
        "negative_log_likelihood_mean": [0.2345, 0.1234],
    }
    return pd.DataFrame(columns | changes, index=["cnn_1d", "linear_svc"])


def test_results_table_columns():
    shown = lessons.results_table(table()).loc[models.title("cnn_1d")]
    assert list(shown) == [3, "91.1 ± 1.23", "87.0 to 93.0", "90.1 ± 1.45", "0.234"]
    names = ["seeds", "accuracy (%)", "95 % interval", "macro F1 (%)", "softmax loss"]
    assert list(shown.index) == names
    one = table(accuracy_sd=[np.nan, 0.1])
    assert lessons.results_table(one).loc["1D-CNN", "accuracy (%)"] == "91.1 ± –"


@pytest.mark.parametrize(
    ("spread", "seeds", "relation"), [(0.01, "4.0", "more"), (0.03, "12.0", "less")]
)
def test_uncertainty_weighs_people_against_seeds(spread, seeds, relation):
    said = lowered(lessons.uncertainty(table(accuracy_sd=[spread, spread])))
    assert said == ["7.0", "two", seeds, relation]


def test_uncertainty_of_single_seeds_says_nothing_of_them():
    said = lowered(lessons.uncertainty(table(n_seeds=[1, 1])))
    assert said == ["7.0", "one", "nothing"]
    some = lowered(lessons.uncertainty(table(n_seeds=[1, 3])))
    assert some == ["8.0", "two", "9.4", "less"]


def test_speed_table_has_what_another_library_did_too():
    rows = [
        {
            "row": "a, batch 2, one window",
            "peer": "X",
            "ratio": 1 / 17,
            "ours": {"cpu": 0.002},
            "X": {"cpu": 0.034},
        },
        {"row": "b", "peer": None, "ratio": None, "ours": {"cpu": 1.0}},
        {"row": "d", "peer": "before", "ratio": 2.0, "ours": {"cpu": 2.0}, "before": {"cpu": 1.0}},
        {"row": "c", "peer": "Y", "ratio": 1.25, "ours": {"cpu": 2.5}, "Y": {"cpu": 2.0}},
    ]
    table = lessons.speed_table({"rows": rows})
    spaced = [[cell.replace("\N{NO-BREAK SPACE}", " ") for cell in row] for row in table.to_numpy()]
    assert list(table.index) == ["a", "c"]
    assert list(table.columns) == ["this course", "the other", "ours / theirs", "work"]
    first = ["2.0 ms", "34 ms (X)", "0.0588", "batch 2, one window"]
    assert spaced == [first, ["2.5 s", "2.0 s (Y)", "1.25", ""]]


def test_training_seconds_are_means_of_final_or_of_fold_runs(monkeypatch):
    times = pd.DataFrame(
        {
            "name": ["cnn_1d", "cnn_1d", "cnn_1d", "cnn_lstm"],
            "fold": [None, None, 0, 1],
            "refit": [10.0, 20.0, 99.0, 98.0],
            "select": [1.0, 2.0, 30.0, 40.0],
        }
    )
    monkeypatch.setattr(lessons.results, "timings", lambda profile: {"lab": times}[profile])
    assert lessons.training_seconds("lab") == {"cnn_1d": 15.0}
    assert lessons.training_seconds("lab", fold=0) == {"cnn_1d": 30.0}
    assert lessons.training_seconds("lab", fold=1) == {"cnn_lstm": 40.0}
    monkeypatch.setattr(lessons.results, "timings", lambda _: pd.DataFrame())
    assert lessons.training_seconds("lab") == {}


def of_six(run):
    """Return a run of six people instead of two, of whom no interval excludes anything."""
    return replace(run, subject=np.repeat(np.arange(1, 7, dtype=np.int8), 16))


def with_mistakes(run, every, **record):
    """Return a run on the same windows that gets every so many of them wrong."""
    predicted = run.activity.astype(int)
    predicted[::every] = (predicted[::every] + 1) % 6
    return make_run(predicted, run.activity.astype(int), run.subject, **record)


@pytest.mark.parametrize(("every", "ahead"), [(2, words.the("cnn_lstm")), (12, None)])
def test_beside_calls_nothing_better_inside_the_interval(run, every, ahead, monkeypatch):
    run = of_six(run)
    other = replace(with_mistakes(run, every), key=Key("cnn_1d"))
    monkeypatch.setattr(lessons.results, "load_runs", lambda *_, **__: {"cnn_1d": [other]})
    said = tokens(lessons.comparison(run, ["cnn_1d"], "smoke"))
    accuracy = f"{100 * other.record['metrics']['accuracy']:.1f}"
    gap = 100 * (run.record["metrics"]["accuracy"] - other.record["metrics"]["accuracy"])
    assert said[:3] == [words.the("cnn_1d"), accuracy, f"{gap:+.1f}"]
    assert (ahead in said) == (ahead is not None)


def test_difference_names_who_is_ahead_and_keeps_the_sign(run):
    run = of_six(run)
    worse = replace(with_mistakes(run, 2), key=Key("cnn_1d"))
    said = tokens(lessons.difference([worse], [run]))
    gap = 100 * (worse.record["metrics"]["accuracy"] - run.record["metrics"]["accuracy"])
    assert said[0] == words.signed(gap)
    assert said[-1] in ("better", words.the("cnn_lstm"))
    assert float(said[2].replace("−", "-")) < float(said[3].replace("−", "-")) < 0


def test_beside_names_a_model_without_runs(run, tmp_path, monkeypatch):
    monkeypatch.setenv("HAR_BUILD", str(tmp_path))
    monkeypatch.setattr(lessons.results, "published_folder", lambda: tmp_path / "none")
    assert lowered(lessons.comparison(run, ["linear_svc"], "lab"))[:2] == ["no", "the linear svc"]


def test_others_are_asked_for_their_losses_and_their_most_confused_pair(run, monkeypatch):
    history = {key: list(values) for key, values in run.record["history"]["select"].items()}
    history["val_loss"][1] = 0.93
    record = run.record | {"history": {"select": history}}
    other = replace(run, key=Key("cnn_1d"), record=record)
    monkeypatch.setattr(lessons.results, "load_runs", lambda *_, **__: {"cnn_1d": [other]})
    assert lowered(lessons.loss_gap(run, ["cnn_1d"], "smoke")) == ["0.11", "0.43", "the 1d-cnn"]
    said = lessons.most_confused(["cnn_1d"], "smoke")
    assert said.startswith("- 1D-CNN: ")
    assert lowered(said)[-6:] == ["sitting", "standing", "31.2", "sitting", "standing", "6.2"]


def test_most_confused_is_about_the_run_the_reader_saw_not_a_mean_over_seeds(run, monkeypatch):
    first, second = replace(run, key=Key("cnn_1d")), replace(run, key=Key("cnn_1d", seed=1))
    confusion = np.diag([10] * 6)
    confusion[0, 1] = 90
    changed = run.record["metrics"] | {"confusion": confusion.tolist()}
    second = replace(second, record=run.record | {"metrics": changed})
    seen = []
    for seeds in ([first], [first, second]):
        monkeypatch.setattr(lessons.results, "load_runs", lambda *_, s=seeds, **__: {"cnn_1d": s})
        seen.append(lessons.most_confused(["cnn_1d"], "smoke"))
    assert seen[0] == seen[1]


def test_others_without_runs_are_left_out(run, tmp_path, monkeypatch):
    monkeypatch.setenv("HAR_BUILD", str(tmp_path))
    monkeypatch.setattr(lessons.results, "published_folder", lambda: tmp_path / "none")
    assert lowered(lessons.loss_gap(run, ["cnn_1d"], "lab")) == ["0.11"]
    assert lowered(lessons.most_confused(["cnn_1d"], "lab")) == ["no"]


def test_beside_says_who_trained_for_how_long(run, monkeypatch):
    longer = replace(run, key=Key("cnn_1d"), record=run.record | {"epochs": {"chosen": 16}})
    for other, meant in ((longer, ["16", "one", "2"]), (replace(run, key=Key("cnn_1d")), [])):
        found = {"cnn_1d": [other]}
        monkeypatch.setattr(lessons.results, "load_runs", lambda *_, f=found, **__: f)
        said = lowered(lessons.comparison(run, ["cnn_1d"], "smoke"))
        assert said[2 : said.index("+0.0")] == meant


@pytest.mark.parametrize("chooses", [True, False])
def test_summary_gives_the_run_in_a_few_points(run, chooses):
    run.record["recipe"] = {"choose_epochs": chooses}
    said = lowered(lessons.summary(run))
    assert said[:3] == ["the 1d-cnn + lstm", "91.7", "95"]
    assert ("most" in said[:9]) or not chooses
    assert "118702" in said
    assert "7.0" in said
    assert lessons.summary(run).count("\n- ") == 4


# --- The test subjects, on purpose --------------------------------------------------------------


@pytest.fixture
def asked(monkeypatch, tmp_path, run):
    """Keep a ledger of which runs `ask_test_subjects` has trained: fold, and whether counted."""
    monkeypatch.setenv("HAR_BUILD", str(tmp_path))
    monkeypatch.delenv("HAR_LAB", raising=False)
    asked = []

    def train(name, build_model, data, recipe, seed=0, profile="lab", fold=None, **_):
        asked.append(fold)
        key = Key(name, None, fold, seed)
        if fold is None:
            training._touch(profile, key)
        filled = dict.fromkeys(results.RECORD_KEYS) | run.record | dataclasses.asdict(key)
        made = replace(run, key=key, record=filled | {"schema": 1, "recipe": recipe.settings()})
        return results.write_run(results.results_folder(profile), made)

    monkeypatch.setattr(training, "run", train)
    return asked


def ask(*, cells=128, max_epochs=8, **settings):
    """Ask the test subjects about a single LSTM of so many cells."""

    def build_model():
        keras = models.prepare()
        model = models.build("single_lstm")
        if cells == 128:
            return model
        layers = keras.layers
        return keras.Sequential([keras.Input((128, 9)), layers.LSTM(cells), layers.Dense(6)])

    recipe = training.Recipe(max_epochs=max_epochs)
    return lessons.ask_test_subjects("single_lstm", build_model, None, recipe, **settings)


def test_ask_test_subjects_asks_once_for_the_network_of_the_lesson(asked, monkeypatch):
    said = []
    monkeypatch.setattr(lessons, "display", said.append)
    assert ask().key.fold is None
    assert ask().key.fold is None  # the same run again is read
    assert said == []
    assert ask(max_epochs=9).key.fold == 0
    assert asked == [None, None, 0]


def test_ask_test_subjects_sends_a_changed_network_to_the_validation_subjects(asked, monkeypatch):
    said = []
    monkeypatch.setattr(lessons, "display", said.append)
    assert ask(cells=16, validation_fold=2).key.fold == 2
    assert results.touches("lab") == []
    assert said[0].data == lessons.say("not_asked", reason="network")
    assert ask(cells=16, on_purpose=True).key.fold is None
    assert [touch["model"] for touch in results.touches("lab")] == ["single_lstm"]
    assert said[1].data == lessons.say("asked", name="single_lstm", n_times=1)
    assert tokens(said[1].data)[:2] == ["one", words.the("single_lstm")]


def test_ask_test_subjects_says_if_the_run_that_is_read_chose_other_epochs(asked, monkeypatch):
    said = []
    monkeypatch.setattr(lessons, "display", said.append)
    recipe = training.Recipe()
    own = training.run("single_lstm", None, None, recipe, profile="smoke", fold=0)
    changed = replace(own, record=own.record | {"epochs": {"chosen": 19}})
    results.write_run(results.results_folder("smoke"), changed)
    there = ask(profile="smoke").record["epochs"]["chosen"]
    facts = {"name": "single_lstm", "here": 19, "there": there}
    assert [each.data for each in said] == [lessons.say("chosen_elsewhere", **facts)]


def test_ask_test_subjects_asks_in_a_build_without_further_ado(asked):
    assert ask(cells=16, profile="smoke").key.fold is None


def test_what_a_lesson_says_of_validation_subjects_names_them(run):
    held_out = replace(run, key=replace(run.key, fold=0))
    whose = lessons.say("whose", fold=0, n_people=2)
    assert whose != lessons.say("whose", fold=None, n_people=2)
    assert whose in lessons.scores(held_out)
    assert words.percent(models.PUBLISHED["cnn_lstm"]["accuracy"], 2) not in lessons.scores(
        held_out
    )
    for each in (run, held_out):
        assert lessons.say("test_subjects", fold=each.key.fold) in lessons.summary(each)


def test_beside_compares_own_short_trainings_with_one_another(run, tmp_path, monkeypatch):
    monkeypatch.setenv("HAR_BUILD", str(tmp_path))
    monkeypatch.setattr(lessons.results, "published_folder", lambda: tmp_path / "published")
    filled = dict.fromkeys(results.RECORD_KEYS) | run.record
    for folder, chosen in ((tmp_path / "lab" / "results", 2), (tmp_path / "published", 16)):
        key = Key("cnn_1d")
        told = dataclasses.asdict(key) | {"schema": 1, "epochs": {"cap": chosen, "chosen": chosen}}
        results.write_run(folder, replace(run, key=key, record=filled | told))
    mine = lessons.comparison(run, ["cnn_1d"], "lab")
    assert "1D-CNN" in mine
    assert "2 epochs" in mine
    assert lessons.say("trained", ours=2, theirs=16) in lessons.comparison(run, ["cnn_1d"], "smoke")


# --- Sentences of one lesson each ---------------------------------------------------------------


def test_first_question_explains_mistakes_only_where_it_parts_moving_from_resting():
    parts = lessons.first_question("`x` at most 0.5", 0.02, 0.99, 3, 40)
    assert "`x` at most 0.5" in parts
    assert re.findall(r"\d+\.\d(?=\s%)|\b3\b|\b40\b", parts) == ["2.0", "99.0", "3", "40"]
    mixes = lessons.first_question("`x` at most 0.5", 0.2, 0.99, 3, 40)
    assert re.findall(r"\d+\.\d(?=\s%)|\b3\b|\b40\b", mixes) == ["20.0", "99.0"]


def test_lowest_loss_tells_what_came_after_it():
    before = lessons.lowest_loss(5, 8, 0.4, 0.6, 0.1)
    assert re.findall(r"\d\.\d+|5", before) == ["0.400", "5", "0.600", "0.100"]
    at_last = lessons.lowest_loss(8, 8, 0.4, 0.4, 0.1)
    assert re.findall(r"\d\.\d+|8", at_last) == ["0.400", "8", "0.100"]


def test_recipe_gains_are_told_in_points():
    said = lessons.recipe_gains(pd.Series([0.012, -0.004]), pd.Series([0.05, 0.03]))
    assert re.findall(r"−?\d\.\d", said) == ["−0.4", "1.2", "3.0", "5.0"]
    nothing = lessons.recipe_gains(pd.Series(dtype=float), pd.Series(dtype=float))
    assert re.findall(r"\d", nothing) == []


def test_readable_is_said_of_what_beats_one_answer(run):
    def said(baseline, linear=()):
        return lessons.readable(run, 0.85, "lying", baseline, linear)

    assert re.findall(r"\d+\.\d|lying", said(0.2)) == ["85.0", "lying", "20.0"]
    assert re.findall(r"\d+\.\d|lying", said(0.9)) == ["85.0", "lying", "90.0"]
    assert said(0.2).replace("20.0", "90.0") != said(0.9)
    beside = said(0.2, [run])
    assert beside.startswith(said(0.2))
    assert lessons.difference([run], [run]) in beside
    assert f"{100 * run.record['metrics']['accuracy']:.1f}" in beside


def test_second_layer_makes_visible_what_gains_more_than_a_point():
    assert "+1.2" in lessons.second_layer(1.2)
    much, little = lessons.second_layer(1.04), lessons.second_layer(0.96)
    assert "+1.0" in much
    assert much != little


def test_sitting_and_standing_counts_the_exceptions():
    said = lessons.sitting_and_standing(21, 15, 9)
    assert re.findall(r"\d+", said) == ["21", "15", "9", "6", "12"]


LOST = pd.Series({"a": 0.5, "b": 1.25, "c": -0.3})
BEHIND = pd.Series({"a": 3, "b": 5, "c": 1})
PART = {"a": "scaling", "b": "mirroring", "c": "shifting"}
TITLES = {name: f"without {part}" for name, part in PART.items()}


def test_ablation_names_the_part_that_is_missed_most_and_least():
    said = lessons.ablation(LOST, BEHIND, 5, TITLES, PART)
    falls, rises = (lessons.say("moves", lost=by) for by in (1.25, -0.3))
    assert "1.25" in falls
    assert "−" not in rises
    assert re.findall(r"\d[.\d]*", said) == ["1.25", "5", "5", "0.30", "1", "5"]
    places = [said.index(each) for each in ("mirroring", falls, "without shifting", rises)]
    assert places == sorted(places)
    assert "scaling" not in said


def test_ablation_of_one_part_or_none_names_no_second():
    one = lessons.ablation(LOST[:1], BEHIND, 5, TITLES, PART)
    assert re.findall(r"\d\.\d+", one) == ["0.50"]
    none = lessons.ablation(LOST[:0], BEHIND[:0], 5, TITLES, PART)
    assert none == lessons.say("ablation", missed=[])


def test_seed_effects_names_what_seeds_leave_open():
    open_, clear = (lessons.seed_effects(0.234, 3, each) for each in (["scaling"], []))
    assert "0.23" in open_
    assert "three" in open_
    assert "scaling" in open_
    assert "0.23" in clear
    assert "three" not in clear
    assert "0.23" not in lessons.seed_effects(0.234, 1, [])


def test_kept_though_undecided_is_silent_where_nothing_is_open():
    helped = {"wide": 0.456, "narrow": -0.123}
    assert lessons.kept_though_undecided(helped, False) == ""
    said = lessons.kept_though_undecided(helped, True)
    places = [said.index(each) for each in ("+0.46", "wide", "−0.12", "narrow")]
    assert places == sorted(places)


def test_everybody_tells_the_hardest_person_and_how_far_models_lie_apart():
    table = pd.DataFrame({7: [0.8, 0.9], 9: [1.0, 0.94]}, index=["cnn_1d", "modern"])
    said = lessons.everybody(table)
    assert re.findall(r"\d+\.\d|\d", said) == ["85.0", "7", "97.0", "2.0"]
    assert "two" in said.lower()
    assert re.findall(r"\d+\.\d", lessons.everybody(table[:1])) == ["80.0", "100.0"]


def test_twelve_tells_what_the_rarest_activity_weighs():
    activity = np.repeat(np.arange(12), [*[40] * 11, 10])
    predicted = activity.copy()
    predicted[-4:] = 6
    probability = np.full((len(activity), 12), 0.01, np.float32)
    probability[np.arange(len(activity)), predicted] = 0.89
    subject = np.arange(len(activity)) % 5
    scores = metrics.score(activity, probability, subject, 12)
    made = Run(
        Key("cnn_1d@twelve"),
        {"metrics": scores, "probability_kind": "softmax"},
        probability,
        *(activity.astype(np.int8), np.arange(450, dtype=np.int32), subject.astype(np.int8)),
    )
    rarest = {"rarest": "LIE_TO_STAND", "rarest_windows": 10, "rarest_per_window": 1 / 120}
    said = lessons.twelve([made], rarest, 0.987)
    shown = ["1D-CNN", f"{100 * scores['macro_f1']:.1f}", "lie to stand", "10"]
    shown += ["2.22", "0.83", "0.2083", "98.7"]
    places = [said.index(each) for each in shown]
    assert places == sorted(places)
    assert lessons.twelve([], {}, None) == lessons.say("no_twelve")


def test_repair_says_whom_it_helped():
    assert re.findall(r"\d+", lessons.repair(5, 3, 0)) == ["5", "3", "3", "2"]
    assert re.findall(r"\d+", lessons.repair(5, 3, 1)) == ["5", "3", "3", "2", "1", "1"]
    assert re.findall(r"\d+", lessons.repair(5, 5, 0)) == ["5", "5"]
    assert lessons.repair(5, 0, 0).replace("0", "5") != lessons.repair(5, 5, 0)


def test_mirror_tells_what_swapped_recordings_hold():
    index = [(9, 3), (4, 8), (9, 5)]
    swapped = pd.DataFrame({"as_worn": [0.5, 0.6, 0.4], "mirrored": [0.9, 0.8, 1.0]}, index=index)
    said = lessons.mirror(swapped, 18, 0.12, 0.456, 7, 11)
    assert re.findall(r"\d+", said) == ["3", "18", "4", "9", "90", "50", "12", "46", "7", "11"]
    none = lessons.mirror(pd.DataFrame(), 0, 0.0, 0.0, 0, 0)
    assert none == lessons.say("no_mirror")


def test_recovered_lists_networks_with_their_shares():
    said = lessons.recovered(pd.Series({"modern": 0.456, "modern_small": 0.123}))
    assert words.the("modern") in said
    assert re.findall(r"\d+", said.replace("older", "")) == ["46", "12"]
    assert lessons.recovered({}) == lessons.say("recovered", found=[])


def test_other_side_lists_recordings():
    assert re.findall(r"\d+", lessons.other_side(42, [(5, 9), (7, 13)])) == [
        *("42", "2", "9", "5", "13", "7"),
    ]
    assert re.findall(r"\d+", lessons.other_side(42, [])) == ["42", "0"]


def test_learned_error_lists_both_accuracies_of_each_model():
    error = pd.DataFrame({"as_measured": [0.98], "calibrated": [0.97]}, index=["cnn_1d"])
    said = lessons.learned_error(error)
    assert said.index("1D-CNN") < said.index("98.0") < said.index("97.0")
    assert lessons.learned_error(pd.DataFrame()) == ""


def test_frontier_names_who_is_better_than_all_that_are_quicker():
    accuracy = pd.Series({"modern": 0.97, "cnn_1d": 0.9, "linear_svc": 0.95, "multi_lstm": 0.99})
    said = lessons.frontier(accuracy, {"linear_svc": 2, "cnn_1d": 40, "modern": 90})
    assert said.index(words.the("linear_svc")) < said.index(words.the("modern"))
    assert words.the("cnn_1d") not in said
    assert words.the("multi_lstm") not in said
    assert "mirror" in said
    assert "mirror" not in lessons.frontier(accuracy, {"linear_svc": 2, "cnn_1d": 1})
    assert lessons.frontier(accuracy, {}) == ""


def _tried(*rows):
    columns = ["method", "title", "effort", "fold", "seconds", "accuracy"]
    return pd.DataFrame(rows, columns=columns)


def test_budgets_names_who_is_ahead_of_those_that_every_budget_can_pay():
    tried = _tried(
        ("linear_svc", "Linear SVC", 1, 0, 4, 0.94),
        ("linear_svc", "Linear SVC", 1, 1, 6, 0.96),
        ("modern", "Modern CNN", 1, 0, 20, 0.70),
        ("modern", "Modern CNN", 1, 1, 30, 0.72),
        ("modern", "Modern CNN", 9, 0, 90, 0.98),
        ("modern", "Modern CNN", 9, 1, 100, 0.96),
    )
    said = lessons.budgets(tried)
    told = re.findall(r"within (\d+) s ((?:(?!within).)+)", said)
    assert [int(budget) for budget, _ in told] == list(lessons.BUDGETS)
    scores = [re.findall(r"\d+\.\d", each) for _, each in told]
    assert scores == [["95.0"], ["95.0", "71.0"], *3 * [["97.0", "95.0"]]]
    assert words.the("linear_svc") in told[0][1]  # nothing else is done within 10 s
    assert told[2][1].startswith(words.the("modern"))
    assert lessons.budgets(pd.DataFrame()) == ""


@pytest.mark.parametrize(("larger", "n_texts"), [([0.9, 0.84], 1), ([0.9, 0.78], 2)])
def test_sensor_errors_says_whether_all_scores_move_one_way(larger, n_texts):
    def scores(inexact):
        rows = {"exact": [0.8, 0.8], "phones": [0.85, 0.81], "inexact": inexact}
        return pd.DataFrame(
            {"candidate": name, "target": "A", "scored": place, "macro_f1": score}
            for name, both in rows.items()
            for place, score in zip("BC", both, strict=True)
        )

    said = lessons.sensor_errors(scores(larger))
    numbers = [float(each.replace("−", "-")) for each in re.findall(r"[−+]?\d+\.\d", said)]
    assert numbers[:1] + numbers[-2:] == pytest.approx(
        [80.0, min(100 * np.subtract(larger, 0.8)), max(100 * np.subtract(larger, 0.8))]
    )
    one_way = lessons.sensor_errors(scores([0.9, 0.84]))
    texts = {re.sub(r"[\d.−+]+", "", each) for each in (said, one_way)}
    assert len(texts) == n_texts


@pytest.mark.parametrize(("best", "gain"), [(0.858, "0.8"), (0.862, "1.2"), (0.848, "0.2")])
def test_third_attempt_names_the_best_and_says_whether_it_goes_on(best, gain):
    scores = pd.DataFrame(
        {"candidate": name, "target": "A", "scored": place, "macro_f1": mean + shift}
        for name, mean in (("phones", 0.85), ("inexact", 0.84), ("inexact_long", best))
        for place, shift in (("B", 0.1), ("C", -0.1))
    )
    said = lessons.third_attempt(scores)
    assert "*larger errors and twice the training*, was" in said
    moved = f"{gain} points {'better' if best > 0.85 else 'worse'}"
    assert moved in said.replace("\xa0", " ")
    assert ("ended here" in said) == (best < 0.86)
    assert "mean of two scores" in said


def test_third_attempt_was_scored_on_no_set_because_none_was_a_point_better():
    table = pd.read_csv(final.folder() / "third.csv")
    mean = table.groupby("candidate")["macro_f1"].mean()
    asked = protocol.compared(running.THIRD)
    assert set(mean.index) == set(asked["candidates"])
    assert {frozenset(pair) for pair in asked["pairs"]} == set(
        map(frozenset, zip(table["target"], table["scored"], strict=True))
    )
    assert mean.max() - mean["phones"] < lessons.GAIN
    assert not any(
        name.startswith(f"{running.THIRD}@") for name in results.available(final.folder())
    )


def test_kinds_tells_ranges_and_whether_they_overlap():
    features = pd.Series({"linear_svc": 0.4, "decision_tree": 0.3})
    windows = pd.Series({"cnn_1d": 0.35, "modern": 0.5})
    said = lessons.kinds(features, windows, False)
    assert re.findall(r"\d+\.\d", said) == ["30.0", "40.0", "35.0", "50.0"]
    assert said.index(words.the("modern")) < said.index(words.the("decision_tree"))
    assert said != lessons.kinds(features, windows, True)


def test_held_back_names_who_is_better_on_every_fold():
    losses = pd.DataFrame({"folds better": [5, 3]}, index=["cnn_1d", "multi_lstm"])
    some = lessons.held_back(losses, 5)
    first, second = (words.the(name) for name in losses.index)
    assert some.index(first) < some.index(second)
    said = {lessons.held_back(losses.loc[[name]], 5) for name in losses.index} | {some}
    assert len(said) == 3
    small = lessons.held_back(losses, 5, n_small=8)
    assert small.endswith(some)
    assert "eight" in small.lower()


def test_outside_counts_circumstances_that_cost_a_network_much():
    lost = pd.Series({"clock": lessons.COSTLY, "noise": lessons.COSTLY - 0.1, "turned": 40})
    assert re.findall(r"\d+", lessons.outside(lost)) == ["3", "2", str(lessons.COSTLY)]
    assert re.findall(r"\d+", lessons.outside(lost[["noise"]])) == ["1", str(lessons.COSTLY)]
