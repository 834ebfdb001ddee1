"""Tries: kept apart, shown beside the published models on the same windows, looks counted."""

import json
import re
from types import SimpleNamespace

import numpy as np
import pytest
import yaml

from har_utils import dataset, evaluation, files, models, results, training
from har_utils.course import network_check, playground
from har_utils.course.network_check import PlainError
from har_utils.recipe import Recipe

pytestmark = pytest.mark.usefixtures("patched_keras")

RECIPE = Recipe(batch_size=64, max_epochs=1)


def build_model(input_shape, n_classes):
    keras = models.prepare()
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.AveragePooling1D(16),
            layers.Flatten(),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )


def build_deeper(input_shape, n_classes):
    keras = models.prepare()
    window = keras.Input(input_shape)
    few = keras.layers.Dense(4)(keras.layers.Flatten()(window))
    return keras.Model(window, keras.layers.Dense(n_classes, activation="softmax")(few))


@pytest.fixture(scope="module")
def smoke():
    return dataset.load("smoke")


def attempt(data, name="mine", build=build_model, **options):
    """Try a network as somebody who looks on would."""
    return playground.try_model(name, build, data, **{"recipe": RECIPE, "train": True, **options})


@pytest.fixture(scope="module")
def lab(smoke, tmp_path_factory):
    """A lab with two tries, one of which was submitted."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HAR_BUILD", str(tmp_path_factory.mktemp("build")))
        patch.setenv("JPY_SESSION_NAME", "playground.ipynb")
        patch.setattr(training, "_bar", lambda *_: None)
        patch.setattr(playground, "display", lambda *_: None)
        pages = [attempt(smoke), attempt(smoke, build=build_deeper), attempt(smoke, look=True)]
        yield SimpleNamespace(pages=pages, folder=results.results_folder("lab"))


def own_rows(text):
    """Return the bold rows of a table: name → cells."""
    lines = [line.strip("| ") for line in text.splitlines() if line.startswith("| **")]
    rows = [[cell.strip() for cell in line.split("|")] for line in lines]
    return {row[0].strip("*"): row[1:] for row in rows}


# --- One try ------------------------------------------------------------------------------------


def test_a_try_is_scored_on_held_out_people_and_touches_nobody_else(lab, smoke):
    page = lab.pages[0]
    assert page.run.record["test_touches"] == 0
    assert page.run.record["predicted"] == [1]
    assert not set(page.run.row) & set(smoke.test.rows)
    assert playground.say("unused") in page.text


def test_a_submitted_try_looks_once(lab):
    page = lab.pages[2]
    assert (page.run.record["test_touches"], page.run.record["predicted"]) == (1, [2, 4])
    assert playground.say("looks", n_looks=1, n_own=1) in page.text
    assert re.findall(r"\d", playground.say("looks", n_looks=2, n_own=1)) == ["2", "1"]
    assert playground.say("selection_gain", n_looks=1) in page.text
    assert playground.say("unused") not in page.text


def test_its_row_stands_among_the_published_models_on_the_same_windows(lab):
    text = lab.pages[2].text
    [(name, cells)] = own_rows(text).items()
    run = lab.pages[2].run
    assert name == "mine (try-1)"
    assert cells[0] == f"{100 * run.record['metrics']['accuracy']:.1f}"
    assert cells[3] == "438"
    listed = [
        line.split(" | ")[0][2:].strip() for line in text.splitlines() if line.startswith("| ")
    ]
    assert {models.title(name) for name in published()} < {name.strip("*") for name in listed}
    accuracies = [float(a) for a in re.findall(r"^\| [^|]+ \| +([\d.]+)", text, re.MULTILINE)]
    assert accuracies == sorted(accuracies, reverse=True)
    assert playground.say("other_people", ours=2, theirs=[21]) in text


def published():
    """Return the models with published final runs."""
    there = results.available(results.published_folder())
    return [name for name in models.TITLES if name in there]


def test_published_runs_are_scored_on_the_same_windows(smoke):
    rows = smoke.test.rows
    for runs in playground._course_runs(None, rows).values():
        for run in runs:
            right = run.probability.argmax(axis=1) == run.activity
            np.testing.assert_array_equal(run.row, rows)
            np.testing.assert_array_equal(run.activity, smoke.test.labels)
            assert run.record["metrics"]["accuracy"] == pytest.approx(right.mean())


def test_row_shows_each_number_under_its_heading(monkeypatch):
    interval = evaluation.Interval(low=0.812, high=0.973, mean=0.914, sd=0.015)
    monkeypatch.setattr(evaluation, "people_interval", lambda _: interval)
    runs = [
        SimpleNamespace(
            record={"metrics": {"macro_f1": f1}, "n_parameters": 12345, "multiply_adds": 678901},
            subject=np.arange(playground.FEW_PEOPLE),
        )
        for f1 in (0.89, 0.9)
    ]
    assert playground._row("cnn_1d", runs, False, 90.6) == {
        **{"order": 0.914, "model": "1D-CNN", "accuracy (%)": "91.4 ± 1.5"},
        **{"95 % interval": "81.2 to 97.3", "macro F1 (%)": "89.5", "parameters": "12,345"},
        **{"multiply-adds": "678,901", "training (core min)": "1.51"},
    }
    own = playground._row("mine@try-1", runs[:1], True, None)
    shown = [own[what] for what in ("model", "accuracy (%)", "training (core min)")]
    assert shown == ["**mine (try-1)**", "91.4", "–"]


def test_two_people_have_no_interval(lab):
    assert next(iter(own_rows(lab.pages[2].text).values()))[1] == "–"


def test_other_networks_under_one_name_are_kept(lab):
    names = sorted(path.parent.name for path in lab.folder.glob("*/network.json"))
    assert names == ["mine@try-1", "mine@try-2"]
    assert json.loads((lab.folder / "mine@try-2" / "network.json").read_text())["layers"] == (
        "Dense 4 → Dense 6"
    )


def test_the_same_try_again_trains_nothing(lab, smoke, capsys):
    again = attempt(smoke)
    assert "Nothing changed since this run was done" in capsys.readouterr().out
    assert again.run.key == lab.pages[0].run.key
    assert again.text.count(playground.say("looks", n_looks=1, n_own=1)) == 1


def test_nothing_is_trained_where_nobody_looks(smoke, tmp_path, monkeypatch):
    monkeypatch.setenv("HAR_BUILD", str(tmp_path))
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.delenv("VSCODE_PID", raising=False)
    page = playground.try_model("mine", build_model, smoke)
    assert page.run is None
    assert "Dense 6" in page.text
    assert "438" in page.text
    assert page.text.endswith(playground.say("only_checked"))
    assert list(tmp_path.iterdir()) == []
    assert playground.check(build_model).data in page.text


def test_what_would_take_too_long_is_refused(smoke, tmp_path, monkeypatch):
    monkeypatch.setenv("HAR_BUILD", str(tmp_path))
    monkeypatch.setattr(playground, "display", lambda *_: None)
    monkeypatch.setattr(playground.network_check, "seconds_per_step", lambda *_: 600.0)
    minutes = 2 * 10 * -(-len(smoke.train) // RECIPE.batch_size)
    with pytest.raises(PlainError, match=rf"\b{minutes}\b.*minutes={minutes}"):
        attempt(smoke, look=True)
    assert not (tmp_path / "lab" / "test-touches.jsonl").exists()


@pytest.mark.parametrize(
    ("name", "said"), [("my network", "letters, digits"), ("cnn_1d", "a network of the course")]
)
def test_names_that_cannot_be_are_refused(name, said, smoke):
    with pytest.raises(PlainError, match=said):
        playground.try_model(name, build_model, smoke)


def test_a_mistake_stops_before_anything_is_kept(smoke, tmp_path, monkeypatch):
    monkeypatch.setenv("HAR_BUILD", str(tmp_path))
    with pytest.raises(PlainError, match=re.escape(network_check.say("returns_nothing"))):
        attempt(smoke, build=lambda input_shape, n_classes: None)
    assert list(tmp_path.iterdir()) == []


def test_the_held_out_people_are_those_of_the_published_networks():
    settings = yaml.safe_load((files.REPOSITORY / "config" / "report.yaml").read_text())
    assert settings["validation_fold"] == playground.VALIDATION_FOLD


# --- Confusions and looks -----------------------------------------------------------------------


def as_run(run, predicted):
    """Return a run that predicted something else."""
    probability = np.eye(6, dtype=np.float32)[predicted]
    matrix = training.metrics.confusion(run.activity, predicted)
    record = run.record | {"metrics": run.record["metrics"] | {"confusion": matrix.tolist()}}
    return playground.replace(run, probability=probability, record=record)


def test_confusions_that_the_other_has_less_are_named(lab):
    run = lab.pages[2].run
    truth = run.activity.astype(int)
    perfect = as_run(run, truth)
    mistaken = as_run(run, np.where(truth == 3, 4, truth))
    (said,) = playground.confused_more([mistaken], [perfect])
    shown = re.findall(r"sitting|standing|\d+\.\d", said)
    assert shown == ["sitting", "standing", "100.0", "0.0"]
    assert playground.confused_more([perfect], [mistaken]) == []


def test_the_best_of_several_equals_looks_better_than_they_are():
    draws = np.random.default_rng(0).standard_normal((200_000, 10))
    assert playground.expected_maximum(1) == 0
    for n_tries in (2, 5, 10):
        expected = draws[:, :n_tries].max(axis=1).mean()
        assert playground.expected_maximum(n_tries) == pytest.approx(expected, rel=0.05)


def test_seed_sd_is_the_spread_over_seeds(lab):
    run = lab.pages[2].run
    better = playground.replace(
        run, record=run.record | {"metrics": run.record["metrics"] | {"accuracy": 1.0}}
    )
    one = run.record["metrics"]["accuracy"]
    assert playground.seed_sd({"a": [run, better], "b": [run]}) == pytest.approx((1 - one) / 2**0.5)
    assert playground.seed_sd({"b": [run]}) is None


def test_many_looks_are_said_to_cost(lab):
    said = playground._selection_gain(10, 0.02)
    assert "10" in said
    assert re.findall(r"\d\.\d", said) == ["3.1", "2.0"]
    assert playground._selection_gain(10, None) == playground.say(
        "selection_gain", n_looks=10, gain=None
    )


def test_looks_say_what_looking_costs(lab, monkeypatch):
    said = playground.looks().data
    assert playground.say("looks", n_looks=1, n_own=1) in said
    assert re.search(r"\| best of 2 +\| +best of 5 \|", said)
    monkeypatch.delenv("JPY_SESSION_NAME")
    assert said.endswith(playground.looks().data)


# --- All tries ----------------------------------------------------------------------------------


def test_the_leaderboard_shows_every_try_and_which_network_it_was(lab):
    text = playground.leaderboard().data
    assert set(own_rows(text)) == {"mine (try-1)", "mine (try-2)"}
    assert "- mine (try-2): Dense 4 → Dense 6 (batch size 64, learning rate 0.001, max" in text
    assert set(own_rows(playground.leaderboard(look=True).data)) == {"mine (try-1)"}


def test_the_leaderboard_of_an_executed_page_is_the_same_for_everybody(lab, monkeypatch):
    monkeypatch.delenv("JPY_SESSION_NAME")
    text = playground.leaderboard().data
    assert own_rows(text) == {}
    assert models.title("cnn_1d") in text


def test_two_models_are_compared_on_the_same_windows(lab):
    text = playground.compare("mine (try-1)", "cnn_1d").data
    assert text.index("mine (try-1)") < text.index("1D-CNN")
    assert re.search(r"\| lying +\|", text)
    assert text == playground.compare("mine@try-1", "1D-CNN").data
    latest = playground.compare("mine", "mine@try-1").data
    assert latest.index("mine (try-2)") < latest.index("mine (try-1)")


def test_a_comparison_with_what_is_not_there_says_what_is(lab):
    with pytest.raises(
        PlainError, match=r"no run of 'yours' on fold 0. There are: .*mine \(try-1\)"
    ):
        playground.compare("yours", "cnn_1d")
    with pytest.raises(PlainError, match="no run of 'mine@try-2' on the test subjects"):
        playground.compare("mine@try-2", "linear_svc", look=True)


def test_clearing_deletes_tries_and_nothing_else(lab, smoke):
    other = lab.folder / "cnn_1d"
    other.mkdir()
    attempt(smoke, name="third")
    with pytest.raises(PlainError, match="there is no try 'cnn_1d'"):
        playground.clear("cnn_1d")
    assert playground.clear("third@try-1", "third").data.count("third (try-1)") == 1
    both = playground.clear().data
    assert both.index("mine (try-1)") < both.index("mine (try-2)")
    assert sorted(path.name for path in lab.folder.iterdir()) == ["cnn_1d"]
    assert playground.clear().data == playground.say("deleted", names=[], n_looks=1)
