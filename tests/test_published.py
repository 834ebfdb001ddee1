"""What is published under report/ can be computed again from what lies beside it."""

import re
from dataclasses import asdict
from functools import cache

import numpy as np
import pandas as pd
import pytest

from har_utils import (
    configuration,
    dataset,
    deployment,
    files,
    metrics,
    models,
    recipe,
    results,
    training,
    tuning,
)
from har_utils.claims.people import LEAST_PERSON
from har_utils.others import final, protocol

PUBLISHED = results.published_folder()
RUNS = sorted(path.parent.name for path in PUBLISHED.glob("*/seed-0.npz"))
OTHERS = sorted(path.parent.name for path in PUBLISHED.glob("others/*/seed-0.npz"))
PLACES = [(PUBLISHED, name) for name in RUNS] + [(PUBLISHED / "others", name) for name in OTHERS]
"""The course's own runs, and those on other people's data sets."""


def reported(name):
    """Return a number of the report."""
    numbers = (files.REPOSITORY / "report/generated/numbers.tex").read_text(encoding="utf-8")
    return float(re.search(rf"{{{re.escape(name)}}}{{([\d.]+)}}", numbers)[1])


@pytest.mark.parametrize(("folder", "name"), PLACES, ids=[*RUNS, *OTHERS])
def test_score_of_a_run_follows_from_its_predictions(folder, name):
    for run in results.load_runs(folder, [name])[name]:
        record = run.record["metrics"]
        n_classes, kind = run.probability.shape[1], run.record["probability_kind"]
        again = metrics.score(
            run.activity, run.probability, run.subject, n_classes=n_classes, probability_kind=kind
        )
        for what in ("accuracy", "macro_f1"):
            assert again[what] == pytest.approx(record[what], abs=1e-9)
        assert again["per_subject"] == pytest.approx(record["per_subject"], abs=1e-9)


# --- The code of today would make the same runs -------------------------------------------------

N_TEACHERS = 3
"""How many runs of the modern network its students imitate (`config/full.yaml`)."""


@pytest.fixture(scope="module")
def all_runs():
    """Every published run, those that chose the epochs included."""
    final = results.load_runs(PUBLISHED, RUNS)
    names = sorted(models.BUILDERS)
    folds = results.load_runs("nobody", names, results.EVERY_FOLD, quiet=True, optional=True)
    return [run for runs in (*final.values(), *folds.values()) for run in runs]


@cache
def architecture(name, variant, n_classes):
    """Return what a network's layers add to the digest of its runs."""
    if variant == "tuned":
        return models.configuration(tuning.best(name, "nobody").build_model())
    return models.configuration(models.build(name, n_classes=n_classes))


@cache
def code(alters):
    """Return the digest of the code that makes a run."""
    return results.code_digest(training.AUGMENTING_CODE if alters else training.CODE)


@cache
def teachers():
    """Return the digests of the runs that students imitate."""
    seeds = results.load_runs(PUBLISHED, [recipe.TEACHER])[recipe.TEACHER][:N_TEACHERS]
    return [run.record["digest"] for run in seeds]


def digest_today(run):
    """Return the digest that the code gives today to a network's run, as training does."""
    how = recipe.Recipe(**run.record["recipe"])
    return results.run_digest(
        key=asdict(run.key),
        recipe=how.settings(),
        validation_fold=0 if run.key.fold is None and how.choose_epochs else None,
        data=run.record["data"]["digest"],
        architecture=architecture(run.key.model, run.key.variant, run.probability.shape[1]),
        code=code(how.alters),
        versions=run.record["versions"],
        teachers=teachers() if how.distillation else [],
    )


def test_code_digest_of_every_published_run_is_that_of_the_code(all_runs):
    assert {run.record["code_digest"] for run in all_runs} == {code(True), code(False)}


def test_run_digest_of_every_published_network_is_what_training_gives_today(all_runs):
    """Else ``REUSE=1`` would read none of them, and a change nobody noticed costs a day."""
    networks = [run for run in all_runs if run.key.model in models.BUILDERS]
    whole = [run for run in networks if run.key.variant not in recipe.POOLED]
    changed = [run.key.stem for run in whole if digest_today(run) != run.record["digest"]]
    assert (len(whole) > 100, changed) == (True, [])


def test_epochs_of_networks_that_leave_everybody_out_are_those_that_fold_0_chose():
    asked = configuration.read(files.REPOSITORY / "config" / "full.yaml")["variants"]["loso"]
    own = {name: each for name, each in asked["networks"].items() if isinstance(each, dict)}
    assert set(own) == set(models.NETWORKS)
    for name, each in own.items():
        epochs = results.read_run(PUBLISHED, results.Key(name)).record["epochs"]
        assert each["max_epochs"] == epochs["chosen"]


def test_versions_of_published_runs_are_those_of_the_lock(all_runs):
    lock = (files.REPOSITORY / "requirements.lock").read_text(encoding="utf-8")
    locked = set(re.findall(r"^([\w-]+==\S+)", lock, flags=re.MULTILINE))
    for run in all_runs:
        assert set(run.record["versions"]) == set(results.PACKAGES)
        assert {f"{name}=={number}" for name, number in run.record["versions"].items()} <= locked


# --- Devices ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def converted():
    """Return the table of converted files, a text of digits for the answers of each."""
    return pd.read_csv(PUBLISHED / "device" / "files.csv", dtype={"answer": str})


def test_accuracy_of_a_converted_file_follows_from_its_answers(converted, data):
    for row in converted.itertuples():
        answer = np.array([int(digit) for digit in row.answer])
        assert (answer == data.test.labels).mean() == pytest.approx(row.accuracy, abs=1e-9)


def test_reader_gives_the_answers_noted_of_a_published_file(converted, data):
    full = converted["precision"] == "int8_full"
    chosen = converted[(converted["name"] == "modern_integer") & full]
    content = (files.REPOSITORY / "report/models/modern_integer.tflite").read_bytes()
    assert [len(content)] == chosen["bytes"].tolist()
    network = deployment.load_model(files.REPOSITORY / "report/models/modern_integer.keras")
    lite = deployment.load_lite(content, network, "int8_full")
    some = slice(None, None, 25)
    noted = np.array([int(digit) for digit in chosen["answer"].item()])[some]
    assert (lite.predict(data.test.windows[some]).argmax(axis=1) == noted).mean() > 0.98


def test_linear_svc_has_met_everybody_once(data):
    table = pd.read_csv(PUBLISHED / "loso" / "linear_svc.csv")
    assert sorted(table["row"]) == list(range(len(data)))
    np.testing.assert_array_equal(table["activity"], data.labels[table["row"]])
    np.testing.assert_array_equal(table["subject"], data.subjects[table["row"]])
    confusion = metrics.confusion(table["activity"], table["predicted"], len(dataset.ACTIVITIES))
    found = metrics.macro_f1(confusion)
    assert found == pytest.approx(reported("10_robustness.linear_svc_loso_macro_f1"), abs=5e-4)


def test_networks_folder_holds_the_networks_of_the_course():
    names = {path.stem for path in results.networks_folder().glob("*.keras")}
    assert names == {"best", "anywhere", *models.BUILDERS}


def test_readme_counts_the_aims_that_were_missed():
    aims, found = protocol.config()["aims"], final.summary()
    missed = sum(found[name]["macro_f1"]["mean"] < aim for name, aim in aims.items())
    below = sum(found[name]["worst_person"] < LEAST_PERSON for name in aims)
    assert (missed, len(aims), below) == (3, 5, 4)
    assert "Three of the five are missed" in readme()
    assert "is missed in four sets" in readme()


@cache
def readme() -> str:
    """Return README.md in one line."""
    return " ".join((files.REPOSITORY / "README.md").read_text(encoding="utf-8").split())


def test_readme_says_how_often_none_of_these_is_said_of_people_of_other_sets():
    none = files.read_json(files.REPOSITORY / "report/others/summary.json")["none_of_these"]
    hip, pocket = (
        {name: f"{100 * share:.0f}" for name, share in none[where].items()}
        for where in ("usc_had", "wisdm2019")
    )
    low, high = sorted(hip[f"WALKING_{way}STAIRS"] for way in ("UP", "DOWN"))
    assert f"{low} to {high} % of the windows of stairs at the hip" in readme()
    assert f"{hip['LAYING']} % of lying and {hip['STANDING']} % of standing" in readme()
    assert f"{pocket['STAIRS']} % of stairs and {pocket['WALKING']} % of walking" in readme()
    assert f"So are {hip['JUMPING']} % of those of jumping" in readme()


def test_readme_says_what_the_rule_for_running_finds_and_of_whom_it_finds_least():
    table = pd.read_csv(files.REPOSITORY / "report/others/running.csv")
    table = table.assign(found=table["windows"] * table["share"])
    runners = table[table["activity"] == "RUNNING"]
    sums = runners.groupby("data_set")[["found", "windows"]].sum()
    share = 100 * sums["found"] / sums["windows"]
    assert f"finds {share['usc_had']:.0f} % of the windows of running at the hip" in readme()
    assert f"and {share['wisdm2019']:.0f} % of those in a pocket" in readme()
    stairs = table[(table["data_set"] == "sisfall") & (table["activity"] == "STAIRS")]
    taken = 100 * stairs["found"].sum() / stairs["windows"].sum()
    assert f"the rule for running alone takes {taken:.0f} % of stairs" in readme()
    each = 100 * runners.loc[runners["data_set"] == "wisdm2019", "share"]
    assert f"{each.min():.0f} to {each.max():.0f} % from person to person" in readme()
    climbing = table[table["activity"] == "WALKING_UPSTAIRS"].sort_values("share").iloc[-1]
    assert climbing["data_set"] == "motionsense"
    assert f"in {100 * climbing['share']:.0f} % of the windows upstairs" in readme()
