"""The network shown in full in a lesson is the one the package builds; the lessons' sentences."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from har_utils import files, metrics, models
from har_utils.build import notebooks
from har_utils.course import lessons
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
    assert namespace["knob"] == models.HYPERPARAMETERS
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
    """A run on two people that calls every fourth sitting window standing."""
    activity = np.tile(np.repeat(np.arange(6), 8), 2)
    subject = np.repeat([2, 4], 48)
    predicted = activity.copy()
    predicted[np.flatnonzero(activity == 3)[::4]] = 4
    history = {
        "loss": [1.0, 0.5, 0.3],
        "accuracy": [0.5, 0.8, 0.9],
        "val_loss": [0.9, 0.6, 0.7],
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
    said = lessons.curves(run)
    assert "**epoch 2** of 3 (0.600)" in said
    assert "80.0%" in said
    assert "75.0%" in said
    assert "one epoch after" in said


def test_curves_say_when_no_later_epoch_was_tried(run):
    run.record["epochs"]["chosen"] = 3
    assert "might still fall" in lessons.curves(run)


def test_confusions_count_errors_by_kind(run):
    said = lessons.confusions(run)
    assert "sitting and standing" in said
    assert "Of 4 errors in all, 0 mix up two moving activities, 4 two resting ones" in said


def test_activities_name_what_is_said_too_freely(run):
    assert "too freely is *standing*" in lessons.activities(run)


def test_scores_put_the_source_inside_or_outside_the_interval(run):
    said = lessons.scores(run)
    assert "**95.8%**" in said
    assert "92.37% lies outside the interval" in said


def test_parameters_notice_another_network():
    assert "exactly" in lessons.parameters("single_lstm", models.build("single_lstm"))
    assert "your own" in lessons.parameters("single_lstm", models.build("cnn_lstm"))


def test_size_table_counts_what_is_done_in_order():
    table = lessons.size_table()
    steps = dict(zip(models.NETWORKS, table["steps in order"], strict=True))
    assert steps == {"single_lstm": 128, "multi_lstm": 256, "cnn_1d": 0, "cnn_lstm": 32}


class Windows:
    """Stands in for the data set: one channel level per activity."""

    def __init__(self, run):
        levels = run.activity[:, None, None].astype(np.float32)
        self.windows = levels + np.zeros((1, 128, 9), np.float32)
        self.windows[run.probability.argmax(axis=1) != run.activity] = 4.0
        self.rows = run.row

    def take(self, positions):
        assert np.array_equal(positions, np.arange(len(self.windows)))
        return self


def test_the_commonest_mistake_is_found_and_explained(run):
    mistake = lessons.commonest_mistake(run, Windows(run))
    assert "takes *sitting* for *standing*: 4 of 16 windows" in mistake.words
    assert list(mistake.windows)[1:] == ["typical sitting", "typical standing"]
    assert next(iter(mistake.windows.values())).max() == 4.0
    assert "looks more like what it was taken for" in mistake.closeness


def test_the_cost_of_an_epoch_is_its_share_of_the_training(run):
    phases = {phase: {"wall": 12.0} for phase in ("select", "refit", "predict")}
    record = run.record | {"n_parameters": 1234, "multiply_adds": 5, "epochs": {"chosen": 4}}
    timed = replace(run, record=record, timing={"seconds": phases})
    cost = lessons.cost(timed, timed)[""]
    assert cost["seconds to train on all training subjects"] == "12.0"
    assert cost["seconds of an epoch (all training subjects)"] == "3.0"
    assert cost["parameters"] == "1,234"


def test_a_run_without_mistakes_has_none(run):
    perfect = make_run(run.activity.astype(int), run.activity.astype(int), run.subject)
    assert "no mistake" in lessons.commonest_mistake(perfect, Windows(perfect)).words


def with_mistakes(run, every):
    """Return a run on the same windows that gets every so many of them wrong."""
    predicted = run.activity.astype(int)
    predicted[::every] = (predicted[::every] + 1) % 6
    return make_run(predicted, run.activity.astype(int), run.subject)


@pytest.mark.parametrize(
    ("every", "said"), [(2, "of the 1D-CNN + LSTM is better"), (24, "do not tell which is better")]
)
def test_beside_calls_nothing_better_inside_the_interval(run, every, said, monkeypatch):
    other = with_mistakes(run, every)
    monkeypatch.setattr(lessons.results, "load_runs", lambda *_, **__: {"cnn_1d": [other]})
    assert said in lessons.beside(run, ["cnn_1d"], "lab")


def test_beside_names_a_model_without_runs(run, tmp_path, monkeypatch):
    monkeypatch.setenv("HAR_BUILD", str(tmp_path))
    monkeypatch.setattr(files, "REPOSITORY", tmp_path)
    assert "No run of the linear SVC yet" in lessons.beside(run, ["linear_svc"], "lab")


def test_others_are_asked_for_their_losses_and_their_darkest_pair(run, monkeypatch):
    other = replace(run, key=Key("cnn_1d"))
    monkeypatch.setattr(lessons.results, "load_runs", lambda *_, **__: {"cnn_1d": [other]})
    chosen = run.record["epochs"]["chosen"] - 1
    history = run.record["history"]["select"]
    gap = f"{history['val_loss'][chosen] - history['loss'][chosen]:.2f}"
    assert f"{gap} here and {gap} for the 1D-CNN" in lessons.apart(run, ["cnn_1d"], "lab")
    said = lessons.darkest(["cnn_1d"], "lab")
    assert said.startswith("- 1D-CNN: The pair most often confused is sitting and standing: 25.0")


def test_darkest_is_about_the_run_the_reader_saw_not_a_mean_over_seeds(run, monkeypatch):
    first, second = replace(run, key=Key("cnn_1d")), replace(run, key=Key("cnn_1d", seed=1))
    confusion = np.diag([10] * 6)
    confusion[0, 1] = 90
    metrics = run.record["metrics"] | {"confusion": confusion.tolist()}
    second = replace(second, record=run.record | {"metrics": metrics})
    seen = []
    for seeds in ([first], [first, second]):
        monkeypatch.setattr(lessons.results, "load_runs", lambda *_, s=seeds, **__: {"cnn_1d": s})
        seen.append(lessons.darkest(["cnn_1d"], "lab"))
    assert seen[0] == seen[1]


def test_others_without_runs_are_left_out(run, tmp_path, monkeypatch):
    monkeypatch.setenv("HAR_BUILD", str(tmp_path))
    monkeypatch.setattr(lessons.results, "published_folder", lambda: tmp_path / "none")
    assert lessons.apart(run, ["cnn_1d"], "lab").endswith("here.")
    assert "no run of another network" in lessons.darkest(["cnn_1d"], "lab")


def test_unequal_training_is_said(run):
    longer = replace(run, record=run.record | {"epochs": {"cap": 30, "chosen": 16}})
    assert lessons._trained(run, longer) == ", trained for 16 epochs, this one for 2"
    assert lessons._trained(run, run) == ""
    assert lessons._trained(run, replace(run, record={"metrics": {}})) == ""
