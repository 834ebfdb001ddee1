"""A study survives being killed, can be shared, and looks at nobody but training subjects."""

import os
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from har_utils import crossvalidation, dataset, files, models, results, tuning, words
from har_utils.dataset import TEST_SUBJECTS
from har_utils.recipe import Recipe

pytestmark = pytest.mark.usefixtures("patched_keras")

REPOSITORY = files.REPOSITORY


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    """Keep away from the repository's own build and published results."""
    monkeypatch.setenv("HAR_BUILD", str(tmp_path / "build"))
    monkeypatch.setattr(results, "published_folder", lambda: tmp_path / "published")
    return tmp_path


@pytest.fixture(scope="module")
def few():
    """A fortieth of the windows of all training subjects, and of the test subjects."""
    data = dataset.load()
    return data.take(np.arange(0, len(data), 40))


def loss_of(settings):
    """Return a loss that is lowest at a learning rate of 0.003 and no dropout."""
    return float(np.log10(settings["learning_rate"] / 0.003) ** 2 + settings["dropout"] + 0.1)


def imagine(model, data, settings, seed, max_epochs, should_prune):
    """Stand in for `run_trial` without training anything."""
    loss, state = loss_of(settings), "complete"
    for epoch in range(1, max_epochs + 1):
        if should_prune(epoch, loss + 1 / epoch):
            state = "pruned"
            break
    per_fold = {f"loss_fold_{k}": loss for k in range(5)}
    per_fold |= {f"accuracy_fold_{k}": 0.9 for k in range(5)}
    counts = {"seed": seed, "epochs": epoch, "epochs_trained": epoch, "cpu_seconds": 0.0}
    return {"state": state, "loss": loss, "accuracy": 0.9, **per_fold, **counts}


@pytest.fixture
def imagined(monkeypatch):
    """Let studies imagine their trials."""
    monkeypatch.setattr(tuning, "run_trial", imagine)
    monkeypatch.setattr(tuning, "digest", lambda *arguments: "imagined")


# --- One trial ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def two_people(few):
    """The windows of two people, each of another fold."""
    return few.take(np.isin(few.subjects, (1, 3)))


@pytest.fixture(scope="module")
def trials_of_source(two_people):
    """The same trial twice: one epoch with the source report's settings."""
    settings = tuning.source_settings("cnn_1d") | {"width": 0.25}
    return [tuning.run_trial("cnn_1d", two_people, settings, 3, max_epochs=1) for _ in range(2)]


def test_run_trial_repeats(trials_of_source):
    first, second = ({**row, "cpu_seconds": None} for row in trials_of_source)
    assert first == second


def test_run_trial_scores_every_fold(trials_of_source):
    row = trials_of_source[0]
    for score in ("loss", "accuracy"):
        assert row[score] == pytest.approx(np.mean([row[f"{score}_fold_{k}"] for k in range(2)]))
    assert row["epochs"] == row["epochs_trained"] == 1


def test_epochs_show_no_network_a_test_subject_or_those_held_out(few, monkeypatch):
    groups = []
    monkeypatch.setattr(
        crossvalidation,
        "_Member",
        lambda build, train, validation, recipe: groups.append((train, validation)),
    )
    with pytest.raises(AttributeError):  # a list entry cannot train
        next(crossvalidation.epochs(lambda: None, few, Recipe(max_epochs=1)))
    assert len(groups) == 5
    held_out = [set(validation.subjects) for _, validation in groups]
    assert set.union(*held_out) == set(few.train.subjects)
    for train, validation in groups:
        met = set(train.subjects) | set(validation.subjects)
        assert not met & set(TEST_SUBJECTS)
        assert not set(train.subjects) & set(validation.subjects)


def scripted(losses):
    """Return a stand-in for cross-validation with known losses of two folds."""

    def epochs(build_model, data, recipe, seed):
        for number, loss in enumerate(losses, start=1):
            yield crossvalidation.Epoch(number, np.array(loss), np.array([0.1, 0.1]) * number)

    return epochs


def test_run_trial_takes_the_epoch_with_the_lowest_mean_over_folds(two_people, monkeypatch):
    losses = [(5, 5), (1, 3), (0.5, 3.6), (4, 4)]  # the lowest of one fold is not the lowest mean
    monkeypatch.setattr(crossvalidation, "epochs", scripted(losses))
    row = tuning.run_trial("cnn_1d", two_people, tuning.source_settings("cnn_1d"), 0)
    assert (row["state"], row["epochs"], row["epochs_trained"]) == ("complete", 2, 4)
    assert (row["loss"], row["loss_fold_0"], row["loss_fold_1"]) == (2, 1, 3)
    assert row["accuracy"] == pytest.approx(0.2)


def test_run_trial_ends_when_it_gets_no_better(two_people, monkeypatch):
    monkeypatch.setattr(crossvalidation, "epochs", scripted([(1, 1)] + [(2, 2)] * 50))
    row = tuning.run_trial("cnn_1d", two_people, tuning.source_settings("cnn_1d"), 0)
    assert row["epochs_trained"] == 1 + tuning.PATIENCE


def test_run_trial_gives_a_network_that_overflows_the_worst_loss(two_people, monkeypatch):
    monkeypatch.setattr(crossvalidation, "epochs", scripted([(np.nan, 1)]))
    row = tuning.run_trial("cnn_1d", two_people, tuning.source_settings("cnn_1d"), 0)
    assert row["loss"] == tuning.WORST


def test_run_trial_can_be_given_up(two_people, monkeypatch):
    monkeypatch.setattr(crossvalidation, "epochs", scripted([(2, 2), (1, 1), (3, 3)]))
    asked = []

    def should_prune(epoch, loss):
        asked.append((epoch, loss))
        return epoch == 2

    settings = tuning.source_settings("cnn_1d")
    row = tuning.run_trial("cnn_1d", two_people, settings, 0, should_prune=should_prune)
    assert (row["state"], row["epochs"], row["loss"]) == ("pruned", 2, 1)
    assert asked == [(1, 2), (2, 1)]


def test_source_settings_build_the_source_networks():
    for name in models.NETWORKS[:4]:
        settings = tuning.source_settings(name)
        built = tuning.builder(name, settings)()
        assert models.configuration(built) == models.configuration(models.build(name))


# --- A study ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("imagined")
def test_search_begins_with_the_source_and_goes_on(few):
    first = tuning.search("cnn_1d", few, 3)
    assert {name: first[name][0] for name in tuning.SETTINGS} == tuning.source_settings("cnn_1d")
    longer = tuning.search("cnn_1d", few, 12)
    pd.testing.assert_frame_equal(longer[:3], first)
    assert longer["trial"].tolist() == longer["seed"].tolist() == list(range(12))
    assert len(tuning.search("cnn_1d", few, 5)) == 12


@pytest.mark.usefixtures("imagined")
def test_source_trial_is_found(few):
    table = tuning.search("cnn_1d", few, 3)
    assert tuning.source_trial("cnn_1d", table)["trial"] == 0
    assert tuning.source_trial("cnn_1d", table[1:]) is None


@pytest.mark.usefixtures("imagined")
def test_search_again_has_the_same_trials(few):
    once = tuning.search("cnn_1d", few, 14, profile="lab")
    again = tuning.search("cnn_1d", few, 14, profile="full")
    pd.testing.assert_frame_equal(once, again)


@pytest.mark.usefixtures("imagined")
def test_search_goes_on_from_published_trials_only_where_asked(few, folders, monkeypatch):
    before = tuning.search("cnn_1d", few, 14, profile="full")
    tuning.write(before, tuning.table_file(folders / "published", "cnn_1d"))
    assert len(tuning.search("cnn_1d", few, 1, name=None)) == 1
    monkeypatch.setenv("REUSE", "1")
    after = tuning.search("cnn_1d", few, 16, profile="report")
    pd.testing.assert_frame_equal(after[:14], before, check_dtype=False, rtol=1e-5)
    assert len(after) == 16
    monkeypatch.setattr(tuning, "digest", lambda *arguments: "another code")
    assert len(tuning.search("cnn_1d", few, 1, profile="smoke")) == 1


@pytest.mark.usefixtures("imagined")
def test_search_after_published_trials_repeats_none_of_their_seeds(few, folders, monkeypatch):
    before = tuning.search("cnn_1d", few, 8, profile="full")
    without_a_lost_one = before[before["trial"] != 6]
    tuning.write(without_a_lost_one, tuning.table_file(folders / "published", "cnn_1d"))
    monkeypatch.setenv("REUSE", "1")
    after = tuning.search("cnn_1d", few, 10, profile="report")
    assert after["seed"].tolist() == [0, 1, 2, 3, 4, 5, 7, 8, 9, 10]
    assert not after.duplicated(list(tuning.SETTINGS)).any()


@pytest.mark.usefixtures("imagined")
def test_search_gives_bad_trials_up_and_finds_good_ones(few):
    table = tuning.search("cnn_1d", few, 30)
    states = table.groupby("state")["loss"]
    assert set(table["state"]) == {"complete", "pruned"}
    assert states.median()["pruned"] > states.median()["complete"]
    after_random = table["loss"][tuning.RANDOM_TRIALS :].min()
    assert after_random < table["loss"][: tuning.RANDOM_TRIALS].min()


@pytest.mark.usefixtures("imagined")
def test_read_gives_the_table_as_it_is(few):
    table = tuning.search("cnn_1d", few, 3)
    read = tuning.read("lab", "cnn_1d")
    assert read.columns.tolist() == table.columns.tolist()
    for name in tuning.SETTINGS:
        assert read[name].tolist() == table[name].tolist()


@pytest.mark.usefixtures("imagined")
def test_search_with_other_code_or_data_begins_anew(few, monkeypatch):
    tuning.search("cnn_1d", few, 3)
    monkeypatch.setattr(tuning, "digest", lambda *arguments: "changed")
    assert tuning.search("cnn_1d", few, 1)["digest"].tolist() == ["changed"]


def test_digest_sees_data_epochs_and_network(few):
    half = few.take(np.arange(0, len(few), 2))
    digests = [
        tuning.digest("cnn_1d", few),
        tuning.digest("cnn_1d", half),
        tuning.digest("cnn_1d", few, max_epochs=3),
        tuning.digest("cnn_lstm", few),
    ]
    assert len(set(digests)) == 4


@pytest.mark.usefixtures("imagined")
def test_search_cuts_off_a_line_that_was_not_written_to_its_end(few):
    tuning.search("cnn_1d", few, 2)
    journal = tuning.folder("lab") / "cnn_1d" / "journal.log"
    with journal.open("a") as file:
        file.write('{"op_code":4,"worker')
    assert len(tuning.search("cnn_1d", few, 3)) == 3


@pytest.mark.usefixtures("imagined")
def test_search_names_a_damaged_journal(few):
    tuning.search("cnn_1d", few, 1)
    journal = tuning.folder("lab") / "cnn_1d" / "journal.log"
    journal.write_text("nonsense\n" + journal.read_text())
    with pytest.raises(ValueError, match=r"^[^\n]*journal\.log is damaged[^\n]*$"):
        tuning.search("cnn_1d", few, 2)


# --- Killed and shared --------------------------------------------------------------------------

WORKER = f"""\
import sys, time
from types import SimpleNamespace
import numpy as np
sys.path.insert(0, {str(REPOSITORY / "tests")!r})
from har_utils import dataset, tuning
from test_tuning import imagine
people = SimpleNamespace(subjects=np.array(dataset.TRAIN_SUBJECTS))
data = SimpleNamespace(train=people, folds=dataset.FOLDS)
tuning.digest = lambda *arguments: "imagined"
"""
"""A process that imagines its trials; the data it needs are nobody's, so it starts at once."""

KILLED = """\
def stuck(model, data, settings, seed, *arguments):
    if seed == 1:
        print("stuck", flush=True)
        time.sleep(300)
    return imagine(model, data, settings, seed, *arguments)
tuning.run_trial = stuck
tuning.search("cnn_1d", data, 3)
"""

SHARED = """\
def slowly(*arguments):
    time.sleep(0.2)
    return imagine(*arguments)
tuning.run_trial = slowly
tuning.search("cnn_1d", data, 16)
"""


def start(code):
    """Start a process that works on a study."""
    return subprocess.Popen(
        [sys.executable, "-c", WORKER + code],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.usefixtures("imagined")
def test_search_that_is_killed_loses_only_its_trial(few):
    process = start(KILLED)
    said = list(iter(process.stdout.readline, "stuck\n"))
    process.kill()
    process.wait()

    assert said
    before = tuning.read("lab", "cnn_1d")
    table = tuning.search("cnn_1d", few, 2)
    assert table["state"].tolist() == ["complete", "failed", "complete"]
    assert table["trial"].tolist() == [0, 1, 2]
    assert table["loss"][0] == pytest.approx(before["loss"][0], rel=1e-5)
    assert len(before) == 1
    settings = list(tuning.SETTINGS)
    assert table.loc[1, settings].tolist() == table.loc[2, settings].tolist()
    assert tuning.best("cnn_1d").trial["trial"] in (0, 2)


def test_search_is_shared_by_several_processes():
    processes = [start(SHARED) for _ in range(2)]
    said = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    table = tuning.read("lab", "cnn_1d")
    assert table["trial"].tolist() == list(range(16))
    assert not table["loss"].isna().any()
    done = [text.count("best of") for text in said]
    assert sum(done) == 16
    assert min(done) > 0


# --- What is made of it -------------------------------------------------------------------------


@pytest.fixture
def published(folders):
    """A published study of thirty imagined trials."""
    generator = np.random.default_rng(0)
    n = 30
    table = pd.DataFrame(
        {
            "trial": range(n),
            "state": ["complete", "complete", "pruned"] * (n // 3),
            "learning_rate": 10 ** generator.uniform(-4, -2, n),
            "batch_size": generator.choice((16, 32, 64, 128), n),
            "dropout": generator.integers(0, 15, n) * 0.05,
            "weight_decay": 10 ** generator.uniform(-4, -0.6, n),
            "width": generator.integers(2, 7, n) * 0.25,
            "seed": range(n),
            "epochs": 7,
            "epochs_trained": 9,
            "accuracy": 0.9,
            "digest": "imagined",
        }
    )
    table["loss"] = [loss_of(row) for row in table.to_dict("records")]
    table.loc[2, "loss"] = 0.0  # given up, so it does not count
    path = folders / "published" / "tuning" / "cnn_1d.csv"
    path.parent.mkdir(parents=True)
    table.to_csv(path, index=False)
    return table


def test_best_is_a_finished_trial_ready_to_train_with(published):
    best = tuning.best("cnn_1d")
    finished = published[published["state"] == "complete"]
    row = finished.loc[finished["loss"].idxmin()]
    assert best.trial["trial"] == row["trial"]
    assert best.recipe == Recipe(
        batch_size=row["batch_size"],
        max_epochs=7,
        learning_rate=row["learning_rate"],
        weight_decay=row["weight_decay"],
        choose_epochs=False,
    )
    wanted = models.build("cnn_1d", width=row["width"], dropout=row["dropout"])
    assert models.configuration(best.build_model()) == models.configuration(wanted)


def test_importance_finds_what_acts_on_the_loss(published):
    importance = tuning.importance(published)
    assert set(importance.index[:2]) == {"learning_rate", "dropout"}
    assert 0.5 < importance.sum() <= 1  # the rest goes with several together


def test_importance_needs_more_than_a_few_trials(published):
    with pytest.raises(ValueError, match="2 finished trials"):
        tuning.importance(published[:3])


def test_gain_says_what_is_left_of_a_promise():
    some, nothing = (tuning.gain("cnn_1d", 1.0, 0.6, kept) for kept in (0.7, 1.1))
    assert re.findall(r"\d+\.\d+|\d+(?=\s%)", some) == ["0.400", "75"]
    assert nothing == tuning.say("gain", model="cnn_1d", promise=0.4, left=-0.25)
    assert re.findall(r"\d+\.\d+|\d+(?=\s%)", nothing) == ["0.400"]
    no_promise = tuning.gain("cnn_1d", 1.0, 1.0, 1.0)
    assert no_promise == tuning.say("gain", model="cnn_1d", promise=0.0, left=None)
    assert no_promise != nothing


def test_repeated_tells_a_repetition_as_it_came_out():
    again = pd.DataFrame({"loss": [0.2, 0.5], "again": [0.4, 0.3]}, index=["best", "middle"])
    said = tuning.repeated(again)
    rises, falls = (tuning.say("moves", by=by) for by in (0.2, -0.2))
    assert rises != falls
    assert said.index(rises) < said.index(falls)
    assert re.findall(r"\d\.\d+", said) == ["0.200", "0.200", "0.300", "0.100"]
    facts = {"best": 0.2, "middle": -0.2, "before": 0.3}
    assert said == tuning.say("repeated", after=-0.1, **facts)
    assert said != tuning.say("repeated", after=0.1, **facts)


def test_searched_tells_a_search_with_and_without_the_source(published):
    table = published.copy()
    facts = {"model": "cnn_1d", "n_trials": 30, "n_given_up": 10}
    best = table.loc[tuning.finished(table)["loss"].idxmin()]
    facts |= {"number": best["trial"], "best": best["loss"]}
    without = tuning.searched("cnn_1d", table)
    assert without == tuning.say("searched", source=None, **facts)
    assert all(shown in without for shown in ("30", "ten given up", f"{best['loss']:.3f}"))
    for name, value in tuning.source_settings("cnn_1d").items():
        table.loc[0, name] = value
    beside = tuning.searched("cnn_1d", table)
    assert beside == tuning.say("searched", source=table["loss"][0], **facts)
    assert f"{table['loss'][0]:.3f}" in beside
    said = tuning.recognised("cnn_1d", table)
    assert said.count(words.percent(0.9)) == 2


def test_mattered_names_the_most_important_first():
    parts = pd.Series({"learning_rate": 0.6, "width": 0.3, "dropout": 0.1})
    said = tuning.mattered("cnn_1d", parts)
    assert said.index("learning rate") < said.index(words.percent(0.6, 0)) < said.index("width")
    assert said.index("width") < said.index(words.percent(0.3, 0))
    assert tuning.mattered("cnn_1d", None) == tuning.say("too_few", model="cnn_1d")


# --- What a person can do wrong -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (lambda data: tuning.search("gru", data, 1), "'gru'; there are single_lstm"),
        (lambda data: tuning.search("cnn_1d", data, 0), "0 trials of 20 epochs"),
        (lambda data: tuning.best("modern"), "'modern'"),
        (lambda data: next(crossvalidation.epochs(list, data.test, Recipe())), "nobody to hold"),
        (lambda data: next(crossvalidation.epochs(list, data, Recipe(rotation=1.0))), "as they"),
    ],
)
def test_search_best_and_epochs_name_mistakes(few, action, words):
    with pytest.raises(ValueError, match=rf"^[^\n]*{words}[^\n]*$"):
        action(few)


def test_best_of_no_study_says_how_to_make_one():
    with pytest.raises(FileNotFoundError, match="har_utils tune cnn_1d"):
        tuning.best("cnn_1d")


def test_best_names_a_damaged_table(published, folders):
    path = folders / "published" / "tuning" / "cnn_1d.csv"
    path.write_text("trial,state\n0,complete\n")
    with pytest.raises(ValueError, match=r"cnn_1d\.csv is damaged"):
        tuning.best("cnn_1d")


def test_best_needs_a_finished_trial(published, folders):
    path = folders / "published" / "tuning" / "cnn_1d.csv"
    published[published["state"] == "pruned"].to_csv(path, index=False)
    with pytest.raises(ValueError, match="no trial of cnn_1d came to its end"):
        tuning.best("cnn_1d")
