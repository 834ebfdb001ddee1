import contextlib
import io
import json
import os
import platform
import shutil
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from har_utils import dataset, metrics, models, results, training
from har_utils.build import dependencies
from har_utils.dataset import ACTIVITIES, Dataset
from har_utils.results import Key
from har_utils.training import Recipe

ENTER_BY_CONTENT = {
    "dataset": "the data digest",
    "features": "the data digest",
    "recordings": "the data digest",
    "signals": "the data digest",
    "words": "what is said of a run, not what is computed",
    "models": "the architecture in the digest",
    "recipe": "its settings in the digest",
    "augmentation": "its code, in the digest of runs it alters",
    "digests": "the code digest is its answer",
    "files": "nothing it does changes a number",
    "results": "nothing it does changes a number",
}
"""Modules below training that are not in its code digest, and how they count instead."""

pytestmark = pytest.mark.usefixtures("patched_keras")

RECIPE = Recipe(batch_size=16, max_epochs=3, learning_rate=0.01)


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    """Keep away from the repository's own build and published results."""
    monkeypatch.setenv("HAR_BUILD", str(tmp_path / "build"))
    monkeypatch.setattr(results, "published_folder", lambda: tmp_path / "published")
    monkeypatch.delenv("REUSE", raising=False)
    for variable in ("JPY_SESSION_NAME", "VSCODE_PID"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path


@pytest.fixture(scope="module")
def tiny():
    """Four people, short windows, activities that differ in level."""
    generator = np.random.default_rng(0)
    n = 4 * 36
    labels = np.tile(np.arange(6), n // 6)
    noise = generator.standard_normal((n, 8, 9))
    windows = (noise + labels[:, np.newaxis, np.newaxis]).astype(np.float32)
    table = pd.DataFrame(
        {
            "subject": np.repeat([1, 3, 2, 4], 36),
            "activity": pd.Categorical.from_codes(labels, ACTIVITIES, ordered=True),
            "split": np.repeat(["train", "test"], 72),
            "recording": 1,
            "start": 0,
        }
    )
    return Dataset(windows, np.zeros((n, 561)), table, "tiny", "packaged")


def build():
    """Return a small network for the short windows."""
    keras = models.prepare()
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((8, 9)),
            layers.Flatten(),
            layers.Dropout(0.2),
            layers.Dense(6, activation="softmax"),
        ]
    )


def recurrent():
    """Return a small network that reads sample by sample."""
    keras = models.prepare()
    layers = [keras.Input((8, 9)), keras.layers.LSTM(4), keras.layers.Dense(6, "softmax")]
    return keras.Sequential(layers)


def train(data, **options):
    """Train the small network without a word."""
    recipe = replace(RECIPE, choose_epochs=options.get("variant") != "paper")
    settings = {"recipe": recipe, "validation_fold": 1, "progress": False, **options}
    return training.run("small", settings.pop("build_model", build), data, **settings)


@pytest.fixture(scope="module")
def finished(tiny, tmp_path_factory):
    """Return two seeds of a final run, the run that chose their epochs, and what was said."""
    with pytest.MonkeyPatch.context() as patch, io.StringIO() as said:
        patch.setenv("HAR_BUILD", str(tmp_path_factory.mktemp("build")))
        with contextlib.redirect_stdout(said):
            runs = [train(tiny, seed=seed) for seed in range(2)]
        selection = results.read_run(runs[0].folder, Key("small", fold=1))
        return SimpleNamespace(runs=runs, selection=selection, said=said.getvalue())


@pytest.fixture(scope="module")
def paper(tiny, tmp_path_factory):
    """Return a final run as the source report trains, and what its build holds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HAR_BUILD", str(tmp_path_factory.mktemp("build")))
        return train(tiny, variant="paper")


@pytest.fixture
def own_paper(paper):
    """Return the same run in a build that a test may change."""
    shutil.copytree(paper.folder.parent, results.build_folder("lab"))
    return results.read_run(results.results_folder("lab"), paper.key)


def test_run_follows_the_protocol(tiny, finished):
    run = finished.runs[0]
    record = run.record
    assert record["trained_on"] == [1, 3]
    assert record["predicted"] == [2, 4]
    assert record["test_touches"] == 1
    assert run.probability.shape == (72, 6)
    np.testing.assert_allclose(run.probability.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(run.row, tiny.test.rows)
    expected = metrics.score(run.activity, run.probability, run.subject)
    assert record["metrics"]["accuracy"] == pytest.approx(expected["accuracy"])


def test_run_chooses_epochs_on_held_out_people(finished):
    record = finished.runs[0].record
    losses = record["history"]["select"]["val_loss"]
    assert record["epochs"] == {"cap": 3, "chosen": np.argmin(losses) + 1}
    assert len(losses) == 3
    assert set(record["history"]["refit"]) == {"loss", "accuracy"}
    assert len(record["history"]["refit"]["loss"]) == record["epochs"]["chosen"]


def test_run_of_a_fold_predicts_it_with_the_best_weights(finished):
    run = finished.selection
    assert run.record["trained_on"] == [1]
    assert run.record["predicted"] == [3]
    assert run.record["test_touches"] == 0
    loss = metrics.negative_log_likelihood(run.activity, run.probability)
    assert loss == pytest.approx(min(run.record["history"]["select"]["val_loss"]), rel=1e-4)


def test_run_selects_epochs_once_for_all_seeds(finished):
    assert finished.said.count("fold-1/seed-0.json") == 1
    records = (finished.runs[0].folder / "small" / "fold-1").glob("*[0-9].json")
    assert [path.name for path in records] == ["seed-0.json"]


def test_run_writes_times_that_name_no_machine(finished):
    timing = finished.runs[0].timing
    assert set(timing["seconds"]) == {"refit", "predict"}
    assert set(finished.selection.timing["seconds"]) == {"select", "predict"}
    assert all(s["wall"] > 0 and s["cpu"] > 0 for s in timing["seconds"].values())
    assert timing["machine"]["cores"] == os.cpu_count()
    assert platform.node() not in json.dumps(timing)


def test_run_differs_from_seed_to_seed(finished):
    first, second = finished.runs
    assert not np.array_equal(first.probability, second.probability)


def test_run_gives_the_same_bytes_for_the_same_seed(tiny):
    options = {"build_model": recurrent, "recipe": Recipe(36, 1)}
    first = train(tiny, variant="paper", **options)
    again = train(tiny, variant="paper", profile="again", **options)
    np.testing.assert_array_equal(first.probability, again.probability)
    for ending in (".npz", ".keras"):
        one, two = (results.run_file(run.folder, run.key, ending) for run in (first, again))
        assert one.read_bytes() == two.read_bytes()


def test_run_leaves_networks_built_before_it_alone(tiny):
    model = build()
    before = training.predict(model, tiny.windows)
    train(tiny, variant="paper", recipe=Recipe(16, 1))
    np.testing.assert_array_equal(training.predict(model, tiny.windows), before)
    assert models.architecture(model)[-1]["output_shape"] == (6,)


def test_run_keeps_the_weights_that_predicted(tiny, paper):
    keras = models.prepare()
    model = keras.models.load_model(results.weights(paper))
    np.testing.assert_array_equal(training.predict(model, tiny.test.windows), paper.probability)


def test_run_that_is_finished_is_read_not_repeated(tiny, own_paper, capsys, monkeypatch):
    monkeypatch.setattr(training, "_fit", None)
    again = train(tiny, variant="paper")
    np.testing.assert_array_equal(own_paper.probability, again.probability)
    assert "read from" in capsys.readouterr().out
    assert training.count_touches("lab", own_paper.key) == 1


def test_touches_are_read_from_where_training_writes_them(own_paper):
    assert results.touches("lab") == [asdict(own_paper.key)]
    assert results.touches("nobody") == []


def test_digest_covers_what_a_run_depends_on(tiny, monkeypatch):
    key = Key("small")

    def digest(key=key, builder=build, data=tiny, recipe=RECIPE, validation_fold=1):
        job = training._Job(key, builder, data, recipe, "lab", validation_fold, False)
        return training._digest(job)

    first = digest()
    assert digest() == first
    assert digest(key=Key("small", seed=1)) != first
    assert digest(builder=lambda: models.single_lstm((8, 9))) != first
    assert digest(data=tiny.take(np.arange(100))) != first
    assert digest(recipe=Recipe(batch_size=8)) != first
    assert digest(validation_fold=0) != first
    monkeypatch.setattr(training, "CODE", ("metrics",))
    assert digest() != first


def test_run_with_another_recipe_is_repeated(tiny, own_paper):
    second = train(tiny, variant="paper", recipe=Recipe(8, 1))
    assert second.record["recipe"]["batch_size"] == 8
    assert second.record["digest"] != own_paper.record["digest"]


def test_run_of_the_paper_variant_chooses_nothing(paper):
    assert paper.record["epochs"] == {"cap": 3, "chosen": 3}
    assert paper.record["history"]["select"] == {}
    assert len(paper.record["history"]["refit"]["loss"]) == 3
    assert not (paper.folder / "small@paper" / "fold-1").exists()


def test_run_that_is_damaged_is_repeated(tiny, own_paper, capsys):
    results.run_file(own_paper.folder, own_paper.key, ".npz").write_bytes(b"")
    again = train(tiny, variant="paper")
    np.testing.assert_array_equal(again.probability, own_paper.probability)
    assert "is damaged" in capsys.readouterr().out


def test_run_reads_a_published_one_only_where_asked(tiny, paper, monkeypatch):
    results.write_run(results.published_folder(), paper)
    monkeypatch.setenv("REUSE", "1")
    monkeypatch.setattr(training, "_fit", None)
    copy = train(tiny, variant="paper", profile="other")
    assert copy.folder == results.results_folder("other")
    np.testing.assert_array_equal(copy.probability, paper.probability)
    monkeypatch.delenv("REUSE")
    with pytest.raises(TypeError):
        train(tiny, variant="paper", profile="third")


def test_run_says_how_far_it_is_in_a_few_lines(tiny, capsys):
    train(tiny, recipe=Recipe(36, 10, 0.01, choose_epochs=False), progress=True)
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert len(lines) == 5
    assert lines[-1].startswith("small, seed 0, all training subjects: epoch 10 of")
    assert captured.err == ""


def test_run_shows_a_bar_where_somebody_looks(tiny, capsys, monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "lesson.ipynb")
    train(tiny, variant="paper", progress=True)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "3/3" in captured.err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"build_model": "network"}, "give the function that builds the network"),
        ({"build_model": models.cnn_1d}, r"the network reads \(None, 128, 9\)"),
        ({"build_model": lambda: models.single_lstm((8, 9), 4)}, r"must give \(None, 6\)"),
        ({"recipe": Recipe(max_epochs=0)}, "at least 1"),
        ({"validation_fold": 2}, "choose another fold"),
        ({"fold": 7}, "no fold 7"),
    ],
)
def test_run_explains_mistakes_in_one_line(tiny, options, message):
    if options.get("build_model") == "network":
        options = {"build_model": build()}
    with pytest.raises(ValueError, match=message) as caught:
        train(tiny, **options)
    assert "\n" not in str(caught.value)


def test_run_explains_data_without_test_subjects(tiny):
    with pytest.raises(ValueError, match="no test subjects"):
        train(tiny.train)


def test_run_needs_a_plain_name(tiny):
    with pytest.raises(ValueError, match="cannot name a model"):
        training.run("my net@x", build, tiny, RECIPE)


def test_record_classical_writes_a_run(tiny):
    probability = np.eye(6)[tiny.test.labels] * 0.5 + 0.5 / 6
    run = training.record_classical(
        "linear_svc",
        probability,
        tiny,
        probability_kind="score",
        fit_seconds=1.5,
        chosen={"C": 0.5},
    )
    assert run.record["metrics"]["accuracy"] == 1.0
    assert run.record["metrics"]["negative_log_likelihood"] is None
    assert run.record["chosen"] == {"C": 0.5}
    assert run.record["test_touches"] == 1
    assert run.timing["seconds"]["refit"]["wall"] == 1.5
    assert list(results.load_runs("lab", quiet=True)) == ["linear_svc"]


def test_record_classical_refuses_other_windows(tiny):
    with pytest.raises(ValueError, match="the test subjects have 72 windows"):
        training.record_classical("linear_svc", np.zeros((3, 6)), tiny)


NEW = Recipe(
    batch_size=16,
    max_epochs=3,
    learning_rate=0.01,
    choose_epochs=False,
    cosine=True,
    weight_decay=0.01,
    label_smoothing=0.1,
    rotation=10,
    scaling=0.1,
)


def test_run_with_an_altering_recipe_repeats_and_learns(tiny):
    first, again = (train(tiny, recipe=NEW, profile=profile) for profile in ("one", "two"))
    np.testing.assert_array_equal(first.probability, again.probability)
    losses = first.record["history"]["refit"]["loss"]
    assert losses[-1] < losses[0]
    assert first.record["history"]["select"] == {}
    assert first.record["recipe"]["rotation"] == 10
    other = train(tiny, recipe=NEW, profile="one", seed=1)
    assert not np.array_equal(first.probability, other.probability)


def test_run_of_a_fold_with_an_altering_recipe_keeps_the_last_epoch(tiny):
    run = train(tiny, recipe=NEW, fold=1)
    assert run.record["epochs"] == {"cap": 3, "chosen": 3}
    assert len(run.record["history"]["select"]["val_loss"]) == 3


def test_run_of_a_student_follows_its_teachers(tiny, finished, tmp_path):
    """Taught by a network that calls everything the first activity, so does the student."""
    keras = models.prepare()
    model = keras.models.load_model(results.weights(finished.selection), compile=False)
    model.layers[-1].set_weights([np.zeros((72, 6)), np.array([50.0, 0, 0, 0, 0, 0])])
    teacher = results.write_run(tmp_path, finished.selection, weights=model)
    recipe = replace(NEW, distillation=1.0, label_smoothing=0, max_epochs=20)
    student = train(tiny, recipe=recipe, fold=1, variant="student", teachers=[teacher])
    assert (student.probability.argmax(axis=1) == 0).mean() > 0.8


def test_run_refuses_a_teacher_who_knows_held_out_people(tiny, finished):
    with pytest.raises(ValueError, match=r"a teacher was trained on subjects \[3\]"):
        train(tiny, recipe=replace(NEW, distillation=0.5), fold=1, teachers=finished.runs)


def test_run_of_a_fold_needs_no_test_subjects(tiny):
    everybody = dataset.leave_one_subject_out(tiny)
    run = train(everybody, fold=3, recipe=replace(RECIPE, max_epochs=1))
    assert run.record["predicted"] == [4]
    assert run.record["trained_on"] == [1, 2, 3]


def test_code_digest_misses_no_import_of_training():
    files = dependencies.modules_of(dependencies.module("training"))
    rooms = {Path(file).relative_to("har_utils").parts[0].removesuffix(".py") for file in files}
    assert rooms - set(training.CODE) - {"__init__"} == set(ENTER_BY_CONTENT)


def test_run_learns_from_real_recordings():
    smoke = dataset.load("smoke")
    run = training.run(
        "cnn_1d",
        models.cnn_1d,
        smoke.take(np.arange(0, len(smoke), 4)),
        Recipe(max_epochs=1),
        profile="smoke",
        fold=1,
    )
    assert run.record["n_parameters"] == models.PARAMETERS["cnn_1d"]
    assert run.record["predicted"] == [3]
    assert run.record["metrics"]["accuracy"] > 1 / 6
