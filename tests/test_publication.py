"""Publishing: only finished builds of committed code, all of it or nothing."""

import json
import re
import subprocess
from dataclasses import asdict, replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from toy import CONTENTS, SETTINGS

from har_utils import (
    candidates,
    configuration,
    dataset,
    evaluation,
    files,
    metrics,
    models,
    results,
    training,
    words,
)
from har_utils.build import publication, snakemake
from har_utils.build.dependencies import PipelineError
from har_utils.build.plan import Course
from har_utils.others import final, protocol, trials
from har_utils.report import manifest
from har_utils.results import Key

TIMING = {
    "threads": 1,
    "machine": {"processor": "toy", "cores": 2},
    "seconds": {"refit": {"wall": 1.0, "cpu": 1.0}},
}


def write(path, text):
    """Write a text file, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A git repository with a README, code that is committed, and things published earlier."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HAR_BUILD", raising=False)
    monkeypatch.setattr(files, "REPOSITORY", tmp_path)
    monkeypatch.setattr(snakemake, "up_to_date", lambda course: True)
    monkeypatch.setattr(publication.tex, "make_pdf", lambda build, pdf, _: write(pdf, str(build)))
    monkeypatch.setattr(publication.archive, "write", lambda: [])
    monkeypatch.setattr(publication.links, "published", lambda: publication.links.PUBLISHED)
    table = pd.DataFrame({"accuracy": ["91.0"]}, index=pd.Index(["Net"], name="model"))
    monkeypatch.setattr(publication, "results_table", lambda course: table)
    write(tmp_path / "README.md", "\n".join(["before", *publication.MARKERS, "after"]))
    write(tmp_path / "requirements.lock", "numpy==2.4.6\n")
    write(tmp_path / "har_utils" / "code.py", "a = 1\n")
    write(tmp_path / "figures" / "of_last_year.pdf", "old")
    write(tmp_path / ".gitignore", "build/\n")
    identity = ["-c", "user.name=toy", "-c", "user.email=toy@example.org"]
    for command in (["init", "-q"], ["add", "."], [*identity, "commit", "-qm", "toy"]):
        subprocess.run(["git", *command], check=True)
    return tmp_path


@pytest.fixture
def course(repository):
    """A finished build of profile report."""
    course = Course("report", dict(SETTINGS), CONTENTS)  # a test may change it
    for job in course.jobs:
        for path in [*course.figures(job), *course.run_files(job)]:
            write(path, path.name)
        for path in course.run_files(job):
            write(path.with_name(path.name.split(".")[0] + ".timing.json"), json.dumps(TIMING))
    write(course.folder / "generated" / "numbers.tex", "numbers")
    write(course.folder / "generated" / ".snakemake_timestamp", "")
    write(course.folder / "data.json", '{"source": "packaged", "digest": "d"}')
    write(course.pdf, "pdf")
    return course


def test_publishing_replaces_what_was_there(repository, course):
    publication.publish(course)
    assert sorted(p.name for p in (repository / "figures").iterdir()) == ["dots.pdf", "dots.png"]
    published = repository / "report"
    assert [p.name for p in (published / "generated").iterdir()] == ["numbers.tex"]
    runs = {p.relative_to(published).as_posix() for p in (published / "results").rglob("*.json")}
    assert runs == {
        "results/timing.json",
        "results/single_lstm/seed-0.json",
        "results/single_lstm/seed-1.json",
    }
    chose = (published / "validation").rglob("*.json")
    assert [p.relative_to(published).as_posix() for p in chose] == [
        "validation/single_lstm/fold-1/seed-0.json"
    ]
    readme = (repository / "README.md").read_text()
    rows = ["| model   | accuracy   |", "|:--------|:-----------|", "| Net     | 91.0       |"]
    between = "\n".join([publication.MARKERS[0], *rows, publication.MARKERS[1]])
    assert readme == f"before\n{between}\nafter"
    assert [p for p in repository.rglob("*.before")] == []


def test_publishing_writes_what_belongs_together(repository, course):
    write(course.folder / "values" / "01_dots.json", "{}")
    write(course.site / "01_dots.html", "page")
    publication.publish(course)
    path = repository / "report" / manifest.NAME
    assert manifest.problems(path, repository) == []
    kept = files.read_json(path)
    known = {"figures/dots.pdf", "report/values/01_dots.json", "report/report.pdf"}
    assert known < kept["files"].keys()
    assert list(kept["pages"]) == ["site/01_dots.html"]
    write(repository / "figures" / "dots.png", "another")
    assert manifest.problems(path, repository) == [
        "figures/dots.png is not the file of the manifest"
    ]


def test_ledger_only_grows_and_knows_every_published_run(repository, course):
    save_run(repository / "report" / "results", results.Key("cnn_1d"), "old")
    path = repository / publication.LEDGER
    touch = json.dumps({"model": "single_lstm", "variant": None, "fold": None, "seed": 1}) + "\n"
    for touches, meant in ((2, 2), (1, 2), (3, 3)):
        write(course.folder / results.TOUCHES, touches * touch)
        files.write_json(path, publication.ledger(course))
        assert files.read_json(path) == [
            {"run": "cnn_1d/seed-0", "profile": "unknown", "at_least": 1},
            {"run": "single_lstm/seed-1", "profile": "report", "at_least": meant},
        ]


def test_tables_of_searches_stay_unless_there_are_new_ones(repository, course):
    folder = repository / "report" / "results" / "tuning"
    write(folder / "net.csv", "old")
    write(folder / "other.csv", "of the profile that takes days")
    searching = {"trials": {"single_lstm": 1}, "workers": 1, "max_epochs": 1, "seeds": 0}
    searched = Course("report", SETTINGS | {"tuning": searching}, CONTENTS)
    write(course.folder / "results" / "tuning" / "single_lstm.csv", "new")
    publication.publish(searched)
    tables = {path.name: path.read_text() for path in folder.iterdir()}
    assert tables == {
        "net.csv": "old",
        "other.csv": "of the profile that takes days",
        "single_lstm.csv": "new",
    }


@pytest.mark.parametrize("table", publication.MEASURED)
def test_tables_that_no_build_makes_stay(repository, course, table):
    write(repository / "report" / "results" / table, "measured")
    publication.publish(course)
    assert (repository / "report" / "results" / table).read_text() == "measured"


def test_provenance_names_code_data_and_seeds(repository, course):
    publication.publish(course)
    provenance = json.loads((repository / "report" / "provenance.json").read_text())
    head = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    assert provenance["commit"] == head.stdout.strip()
    assert (provenance["profile"], provenance["seeds"]) == ("report", SETTINGS["seeds"])
    assert provenance["data"] == {"source": "packaged", "digest": "d"}
    assert "single_lstm/seed-1" in provenance["runs"]


def test_published_times_stay_unless_new_ones_are_asked_for(repository, course):
    publication.publish(course)
    times = repository / "report" / "results" / "timing.json"
    times.write_text("[]\n")
    publication.publish(course)
    assert times.read_text() == "[]\n"
    publication.publish(course, new_times=True)
    assert len(json.loads(times.read_text())) == 3


def test_smoke_is_refused(course):
    with pytest.raises(PipelineError, match="smoke is never published"):
        publication.publish(Course("smoke", SETTINGS, CONTENTS))


def test_code_that_is_not_committed_is_refused(repository, course):
    write(repository / "har_utils" / "code.py", "a = 2\n")
    with pytest.raises(PipelineError, match=r"commit first: har_utils/code\.py"):
        publication.publish(course)
    assert (repository / "figures" / "of_last_year.pdf").exists()


def test_an_unfinished_build_is_refused(repository, course, monkeypatch):
    monkeypatch.setattr(snakemake, "up_to_date", lambda course: False)
    with pytest.raises(PipelineError, match="make report PROFILE=report SEEDS=2"):
        publication.publish(course)
    assert (repository / "figures" / "of_last_year.pdf").exists()


def test_too_much_is_refused_and_nothing_is_replaced(repository, course, monkeypatch):
    monkeypatch.setattr(publication, "LARGEST", 10)
    with pytest.raises(PipelineError, match="more than 0 MB"):
        publication.publish(course)
    assert [p.name for p in (repository / "figures").iterdir()] == ["of_last_year.pdf"]


def test_one_seed_has_no_spread():
    assert publication.spread(0.912, 0.004) == "91.2 ± 0.4"
    assert publication.spread(0.912, float("nan")) == "91.2 ± –"


def test_times_are_listed_longest_first(course):
    took = {"01_dots": {"seconds": 60}, "single_lstm/seed-1": {"seconds": 120, "memory_mb": 700}}
    for name, each in took.items():
        write(course.folder / "times" / f"{name}.json", json.dumps(each))
    assert publication.times_table(course).to_csv(lineterminator="\n").splitlines() == [
        "notebook or run,minutes,memory (MB)",
        "single_lstm/seed-1,2.0,700.0",
        "01_dots,1.0,",
    ]


def save_run(folder, key, code, sharpness=9.0):
    """Write a real run of six windows, all of them right, more or less surely."""
    activity = np.arange(6)
    probability = np.exp(sharpness * np.eye(6, dtype=np.float32))
    probability /= probability.sum(axis=1, keepdims=True)
    record = {name: "" for name in results.RECORD_KEYS} | {
        **asdict(key),
        "schema": results.SCHEMA,
        "code_digest": code,
        "metrics": metrics.score(activity, probability, activity),
    }
    run = results.Run(key, record, probability, activity, activity, activity, TIMING)
    return results.write_run(folder, run)


@pytest.fixture
def long_course(repository):
    """Return a course of days, of which one run is finished."""
    course = Course("full", {**SETTINGS, "paper": {"seeds": 3, "max_epochs": 9}}, CONTENTS)
    now = results.code_digest(training.CODE)
    save_run(course.folder / "results", results.Key("single_lstm", "paper", seed=1), now)
    return course


def test_finished_runs_are_published_as_they_land(repository, long_course):
    folder = repository / "report" / "results"
    earlier = save_run(folder, results.Key("cnn_1d"), "old")
    now = results.code_digest(training.CODE)
    other_seed = save_run(folder, results.Key("single_lstm", "paper", seed=0), now)
    files.write_json(folder / "timing.json", results.gather_timings(folder))
    assert publication.publish_runs(long_course) == ["single_lstm@paper: 1 seed"]
    assert results.read_run(folder, results.Key("single_lstm", "paper", seed=1))
    assert results.read_run(folder, earlier.key)
    assert results.read_run(folder, other_seed.key)
    times = [(row["name"], row["seed"]) for row in files.read_json(folder / "timing.json")]
    assert times == [("cnn_1d", 0), ("single_lstm@paper", 0), ("single_lstm@paper", 1)]
    assert not list(folder.rglob("*.part"))


def test_runs_of_models_the_course_does_not_make_stay(repository, course, long_course):
    publication.publish_runs(long_course)
    publication.publish(course)
    folder = repository / "report" / "results"
    assert results.read_run(folder, results.Key("single_lstm", "paper", seed=1))
    assert "single_lstm@paper" in {row["name"] for row in files.read_json(folder / "timing.json")}


def test_runs_of_other_code_are_not_published(repository, long_course):
    save_run(long_course.folder / "results", results.Key("single_lstm", "paper", seed=0), "old")
    with pytest.raises(PipelineError, match="seed-0 was made by other code"):
        publication.publish_runs(long_course)
    assert not (repository / "report" / "results").exists()


def save_fold(course, fold, rows):
    """Write one fold of a variant that holds everybody out once."""
    key = results.Key("single_lstm", "twelve", fold)
    now = results.code_digest(training.CODE)
    run = save_run(course.folder / "results", key, now)
    rows = np.asarray(rows, np.int32)
    results.write_run(course.folder / "results", replace(run, row=rows))


def test_folds_are_published_together_once_all_are_there(repository):
    asked = {"twelve": {"networks": {"single_lstm": 1}}}
    course = Course("full", {**SETTINGS, "variants": asked}, CONTENTS)
    folds = [key.fold for key in course.runs if key.variant == "twelve"]
    published = results.Key("single_lstm", "twelve")
    for fold in folds:
        with pytest.raises(PipelineError, match="has no finished run yet"):
            publication.publish_runs(course)
        save_fold(course, fold, np.arange(6) + 6 * fold)
    assert publication.publish_runs(course) == ["single_lstm@twelve: 1 seed"]
    pooled = results.read_run(repository / "report" / "results", published)
    assert pooled.record["folds"] == folds
    assert pooled.row.tolist() == list(range(6 * len(folds)))
    assert not list((repository / "report").rglob("fold-*"))


def test_run_that_has_all_its_folds_in_itself_is_published_once(tmp_path):
    whole, fold = Key("minirocket", "loso"), Key("modern", "loso", fold=0)
    course = SimpleNamespace(runs=[whole, fold], folder=tmp_path)
    for key in course.runs:
        path = results.run_file(tmp_path / "results", key, ".json")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert publication._whole(course) == {replace(fold, fold=None): [fold]}


def test_publishing_a_course_keeps_what_it_put_together(repository, course):
    asked = {"twelve": {"networks": {"single_lstm": 1}}}
    whole = Course("report", {**SETTINGS, "variants": asked}, CONTENTS)
    folds = [key.fold for key in whole.runs if key.variant == "twelve"]
    for fold in folds:
        save_fold(whole, fold, np.arange(6) + 6 * fold)
    publication.publish(whole)
    folder = repository / "report" / "results"
    pooled = results.read_run(folder, results.Key("single_lstm", "twelve"))
    assert pooled.record["folds"] == folds


def test_seeds_of_other_code_do_not_stay_beside_new_ones(repository, long_course):
    folder = repository / "report" / "results"
    old, other = results.Key("single_lstm", "paper", seed=2), results.Key("cnn_1d", seed=2)
    for key in (old, other):
        save_run(folder, key, "old")
    said = publication.publish_runs(long_course)
    assert "single_lstm@paper/seed-2: of other code, no longer published" in said
    assert [
        run.key.seed
        for run in results.load_runs(folder, ["single_lstm@paper"])["single_lstm@paper"]
    ] == [1]
    assert results.read_run(folder, other)


def test_published_latencies_stay_unless_new_ones_are_asked_for(repository, course):
    own = course.folder / "results" / "latency.json"
    published = repository / "report" / "results" / "latency.json"
    for text, new, meant in (("1", False, "1"), ("2", False, "1"), ("2", True, "2")):
        write(own, text)
        publication.publish(course, new_times=new)
        assert published.read_text() == meant


def test_a_readme_without_a_place_for_results_is_refused_first(repository, course):
    (repository / "README.md").write_text("nothing")
    with pytest.raises(PipelineError, match=r"README\.md has no place for the results"):
        publication.publish(course)
    assert [p.name for p in (repository / "figures").iterdir()] == ["of_last_year.pdf"]


def test_what_cannot_be_replaced_stays(tmp_path):
    write(tmp_path / "old" / "figure.pdf", "old")
    with pytest.raises(FileNotFoundError):
        files.put_in_place(tmp_path / "nothing", tmp_path / "old")
    assert (tmp_path / "old" / "figure.pdf").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["old"]


def test_nothing_finished_is_said(repository):
    with pytest.raises(PipelineError, match="profile full has no finished run yet"):
        publication.publish_runs(Course("full", SETTINGS, CONTENTS))


def test_best_network_is_chosen_on_held_out_people(repository, course):
    """A network that is right about the people held out goes before one that is wrong."""
    course.settings["networks"] = {"cnn_1d": {}, "cnn_lstm": {}}
    folder = course.folder / "results"
    for name, sharpness in (("cnn_1d", 1.0), ("cnn_lstm", 3.0)):
        network = models.build(name)
        results.write_weights(results.run_file(folder, results.Key(name), ".keras"), network)
        held_out = results.Key(name, fold=SETTINGS["validation_fold"])
        save_run(folder, held_out, "now", sharpness)
    published = repository / "report" / "models"
    others = ["anywhere.json", "anywhere.keras", "anywhere.tflite"]
    for name in others:  # of another command: it stays, its rule too
        write(published / name, name)
    publication.publish(course)
    names = sorted(path.name for path in published.iterdir())
    assert names == [*others, "best.json", "best.keras", "cnn_1d.keras", "cnn_lstm.keras"]
    assert (published / "best.keras").read_bytes() == (published / "cnn_lstm.keras").read_bytes()
    assert files.read_json(published / "best.json")["model"] == "cnn_lstm"


def records(table):
    """Return a table's rows, each as heading → cell."""
    return table.reset_index().to_dict("records")


def test_results_table_shows_each_number_under_its_heading(monkeypatch):
    costs = {"linear_svc": np.nan, "cnn_1d": 12345.0}
    scores = pd.DataFrame(
        {
            **{"accuracy_mean": [0.911, 0.932], "accuracy_sd": [np.nan, 0.012]},
            **{"accuracy_low": [0.823, 0.844], "accuracy_high": [0.955, 0.966]},
            **{"macro_f1_mean": [0.907, 0.928], "macro_f1_sd": [np.nan, 0.021]},
            "n_parameters": costs,
        },
        index=list(costs),
    )
    n_seeds = {"linear_svc": 1, "cnn_1d": 3}
    monkeypatch.setattr(results, "available", lambda _: ["cnn_1d", "cnn_1d@paper"])
    monkeypatch.setattr(
        results,
        "load_runs",
        lambda _, names, **__: {name: [None] * n_seeds[name] for name in names},
    )
    monkeypatch.setattr(evaluation, "summary_table", lambda runs: scores.loc[list(runs)])
    made = SimpleNamespace(runs=[Key("linear_svc"), Key("modern", fold=0)], profile="report")
    assert records(publication.results_table(made)) == [
        {
            **{"model": "Linear SVC", "seeds": "1", "accuracy (%)": "91.1 ± –"},
            **{"95 % interval": "82.3 to 95.5", "macro F1 (%)": "90.7 ± –", "parameters": "–"},
        },
        {
            **{"model": "1D-CNN", "seeds": "3", "accuracy (%)": "93.2 ± 1.2"},
            **{"95 % interval": "84.4 to 96.6", "macro F1 (%)": "92.8 ± 2.1"},
            "parameters": "12,345",
        },
    ]


def right_at(*places):
    """Return a run on four windows of a test person and five of another, right at some of them."""
    answer = np.isin(np.arange(9), places).astype(int)
    return SimpleNamespace(
        subject=np.repeat([dataset.TEST_SUBJECTS[0], dataset.TRAIN_SUBJECTS[0]], (4, 5)),
        activity=np.ones(9, int),
        probability=np.eye(2)[answer],
    )


def test_everybody_table_shows_each_number_under_its_heading(monkeypatch):
    own = {"modern": [right_at(0, 1, 2, 4, 5, 6), right_at(0, 1, 2, 3, 4, 5, 6, 7)]}
    own["linear_svc"] = [right_at(0, 4)]
    summary = pd.DataFrame(
        {
            "accuracy_mean": [0.981, 0.942],
            **{"accuracy_low": [0.963, 0.914], "accuracy_high": [0.995, 0.976]},
        },
        index=list(own),
    )
    official = {"modern": [0.98, 0.99], "linear_svc": [0.96]}
    runs = {
        name: [SimpleNamespace(record={"metrics": {"accuracy": one}}) for one in scores]
        for name, scores in official.items()
    }
    monkeypatch.setattr(evaluation, "left_out", lambda _: own)
    monkeypatch.setattr(evaluation, "summary_table", lambda _: summary)
    monkeypatch.setattr(results, "load_runs", lambda *_, **__: runs)
    monkeypatch.setattr(candidates, "accuracy_on_folds", lambda _: 0.977)
    headings = [
        *("model", "seeds", "30 people, each left out (%)", "95 % interval"),
        *("of these, the 9 test people (%)", "the other 21 (%)", "folds of the 21 (%)"),
        "official split (%)",
    ]
    rows = [
        ["Linear SVC", "1", "94.2", "91.4 to 97.6", "25.0", "20.0", "–", "96.0"],
        ["Modern CNN", "2", "98.1", "96.3 to 99.5", "87.5", "70.0", "97.7", "98.5"],
    ]
    table = publication.everybody_table()
    assert records(table) == [dict(zip(headings, row, strict=True)) for row in rows]


def test_everybody_decides_after_holm_over_the_whole_list(monkeypatch):
    listed = configuration.read(files.REPOSITORY / "config" / "pairs.yaml")
    asked = []

    def compare(runs, pairs, n_listed):
        asked.append((runs, pairs, n_listed))
        row = {"a": "modern", "b": "linear_svc", "n_people": 30, "difference": -0.017}
        return pd.DataFrame([row | {"p": 0.001, "p_holm": 0.02, "verdict": "b"}])

    monkeypatch.setattr(evaluation, "left_out", lambda place: f"those of {place}")
    monkeypatch.setattr(evaluation, "compare", compare)
    monkeypatch.setattr(publication, "_aim", lambda _: "")
    said = publication.everybody_decides()
    assert asked == [(f"those of {results.PUBLISHED}", listed, len(listed))]
    assert re.search(r"linear SVC is ahead of the modern CNN by 1\.7\spoints \(p = 0\.020\)", said)


@pytest.mark.parametrize(
    ("accuracy", "verdict", "end"),
    [
        (0.977, "undecided", "neither of the two has won."),
        (0.984, "a", "Both were reached."),
        (0.984, "undecided", "One of the two was missed."),
    ],
)
def test_everybody_decides_says_what_became_of_the_aims(accuracy, verdict, end, monkeypatch):
    run = SimpleNamespace(record={"metrics": {"accuracy": accuracy}})
    monkeypatch.setattr(results, "load_runs", lambda *_, **__: {models.UNMIRRORED: [run]})
    pair = {"a": models.UNMIRRORED, "b": "multirocket_hydra", "difference": 0.0104, "p_holm": 0.44}
    said = publication._aim(pd.DataFrame([pair | {"verdict": verdict}]))
    assert said.endswith(end)
    assert words.percent(accuracy) in said
    assert re.search(r"1\.0.point ahead \(p.= 0\.440\)", said)


def test_put_between_leaves_what_stands_outside_the_markers():
    table = pd.DataFrame({"b": ["2"]}, index=pd.Index(["1"], name="a"))
    made = publication.put_between("before\n<\nold\n>\nafter\n", ("<", ">"), table, "So it is.")
    lines = made.split("\n")
    assert lines[:4] == ["before", "<", "So it is.", ""]
    assert [cell.strip() for cell in lines[6].split("|")] == ["", "1", "2", ""]
    assert lines[7:] == [">", "after", ""]
    assert "So" not in publication.put_between("<\n>\n", ("<", ">"), table)
    assert publication.put_between("<\nold\n>\n", ("<", ">"), None, "So.") == "<\nSo.\n>\n"


def test_here_and_elsewhere_says_each_number_where_it_belongs():
    table = pd.DataFrame({"accuracy (%)": ["97.7 ± 0.4", "99.0 ± 0.1"]})
    table.index = pd.Index(["Modern CNN without mirroring", "Modern CNN"])
    people = pd.DataFrame(
        {
            "modern CNN, macro F1 (%)": ["8.7", "74.8", "30.1"],
            "any placement, macro F1 (%)": ["99.2", "92.0", "77.2"],
        }
    )
    said = publication.here_and_elsewhere(table, people).replace("\N{NO-BREAK SPACE}", " ")
    here, there = (
        r"right in 97\.7 % .* in 99\.0 %",
        r"three other .* of 8\.7 to 74\.8 %, .* 77\.2 to 99\.2 %",
    )
    assert re.search(f"{here} .* {there}", said, re.DOTALL)


def test_here_and_elsewhere_leads_in_the_readme():
    readme = (files.REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert readme.index(publication.BOTH_MARKERS[0]) < readme.index("## ")


def test_people_table_shows_each_number_under_its_heading(tmp_path, monkeypatch):
    write(
        tmp_path / "published_networks.csv",
        "network,data_set,turned,accuracy,macro_f1\n"
        "cnn_1d,usc_had,False,0.11,0.12\n"
        "modern,usc_had,False,0.21,0.313\n"
        "modern,usc_had,True,0.41,0.514\n",
    )
    newest = {
        "people": 14,
        "seeds": [0, 1, 2],
        "macro_f1": {"mean": 0.815, "low": 0.716, "high": 0.917},
        "window_by_window": {"macro_f1": 0.788},
        "worst_person": 0.619,
    }
    found = {None: newest, "first": {"macro_f1": {"mean": 0.666}}}
    monkeypatch.setattr(final, "folder", lambda: tmp_path)
    monkeypatch.setattr(final, "scored", lambda: ["first", "newest"])
    monkeypatch.setattr(final, "summary", lambda name=None: {"usc_had": found[name]})
    monkeypatch.setattr(protocol, "config", lambda: {"aims": {"usc_had": 0.95}})
    assert records(publication.people_table()) == [
        {
            **{"people of": "USC-HAD, waist", "people": "14", "seeds": "3"},
            **{"modern CNN, macro F1 (%)": "31.3", "windows turned (%)": "51.4"},
            "any placement, attempt 1 (%)": "66.6",
            "any placement, window by window (%)": "78.8",
            "any placement, macro F1 (%)": "81.5",
            **{"95 % interval": "71.6 to 91.7", "aim (%)": "95", "worst person (%)": "61.9"},
        }
    ]


def test_people_table_gives_every_set_its_own_row():
    table = publication.people_table()
    found = final.summary()
    assert len(table) == sum(name in found for name in trials.SETS)
    for name, each in trials.SETS.items():
        if name in found:
            row = table.loc[f"{each.title}, {each.placement}"]
            assert row["worst person (%)"] == f"{100 * found[name]['worst_person']:.1f}"
            own = found[name]["macro_f1"]
            assert row["any placement, macro F1 (%)"] == f"{100 * own['mean']:.1f}"
            assert row["95 % interval"] == f"{100 * own['low']:.1f} to {100 * own['high']:.1f}"


def test_people_table_keeps_the_attempts_before_beside_the_newest():
    table, attempts = publication.people_table(), final.scored()[:-1]
    for number, attempt in enumerate(attempts, start=1):
        for name, found in final.summary(attempt).items():
            if name in trials.SETS:
                row = table.loc[f"{trials.SETS[name].title}, {trials.SETS[name].placement}"]
                mean = 100 * found["macro_f1"]["mean"]
                assert row[f"any placement, attempt {number} (%)"] == f"{mean:.1f}"
