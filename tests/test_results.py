import dataclasses
import json
import os
import zipfile
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from har_utils import digests, files, models, results
from har_utils.metrics import score
from har_utils.results import Key, Run


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    """Keep away from the repository's own build and published results."""
    monkeypatch.setenv("HAR_BUILD", str(tmp_path / "build"))
    monkeypatch.setattr(results, "published_folder", lambda: tmp_path / "published")
    return tmp_path


def make_run(model="cnn_1d", seed=0, variant=None, fold=None, n=24):
    """Return a run whose predictions are random."""
    generator = np.random.default_rng(seed)
    probability = generator.dirichlet(np.ones(6), n).astype(np.float32)
    activity = np.tile(np.arange(6), n // 6).astype(np.int8)
    subject = np.full(n, 2, np.int8)
    key = Key(model, variant, fold, seed)
    record = {
        **dict.fromkeys(results.RECORD_KEYS),
        **{"schema": 1, "model": model, "variant": variant, "fold": fold, "seed": seed},
        "digest": f"digest of seed {seed}",
        "metrics": score(activity, probability, subject),
    }
    phase = {"wall": 2.0, "cpu": 1.5}
    timing = {
        "threads": 1,
        "machine": {"processor": "test", "cores": 2},
        "seconds": {"refit": phase},
    }
    rows = np.arange(n, dtype=np.int32)
    return Run(key, record, probability, activity, rows, subject, timing)


def test_key_names_a_run():
    key = Key("cnn_lstm", "paper", 0, 1)
    assert key.name == "cnn_lstm@paper"
    assert key.stem.as_posix() == "cnn_lstm@paper/fold-0/seed-1"
    assert Key("cnn_lstm").stem.as_posix() == "cnn_lstm/seed-0"


def test_read_run_gives_back_what_was_written(tmp_path):
    run = make_run(variant="paper", fold=3, seed=2)
    results.write_run(tmp_path, run)
    back = results.read_run(tmp_path, run.key)
    for name in results.ARRAYS:
        np.testing.assert_array_equal(getattr(back, name), getattr(run, name))
    assert back.record["metrics"]["per_subject"] == pytest.approx(
        run.record["metrics"]["per_subject"]
    )
    assert back.timing == run.timing
    assert back.folder == tmp_path


def test_write_run_gives_the_same_bytes_for_the_same_run(tmp_path, monkeypatch):
    names = ("seed-0.json", "seed-0.npz", "seed-0.timing.json")
    results.write_run(tmp_path / "a", make_run())
    monkeypatch.setattr("time.time", lambda: 2e9)
    results.write_run(tmp_path / "b", make_run())
    for name in names:
        first, second = (tmp_path / folder / "cnn_1d" / name for folder in "ab")
        assert first.read_bytes() == second.read_bytes()


def test_write_weights_leaves_out_the_date(tmp_path):
    class Model:
        """What Keras writes, in small."""

        def __init__(self, date):
            self.date = date

        def save(self, path):
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("metadata.json", json.dumps({"date_saved": self.date}))
                archive.writestr("model.weights.h5", b"numbers")

    for name, date in (("a", "today"), ("b", "tomorrow")):
        results.write_weights(tmp_path / f"{name}.keras", Model(date))
    assert (tmp_path / "a.keras").read_bytes() == (tmp_path / "b.keras").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.keras", "b.keras"]


def test_write_run_without_weights_keeps_none_of_an_earlier_run(tmp_path):
    run = results.write_run(tmp_path, make_run())
    weights = results.run_file(tmp_path, run.key, ".keras")
    weights.touch()
    results.write_run(tmp_path, dataclasses.replace(run, timing=None))
    assert sorted(path.name for path in weights.parent.iterdir()) == ["seed-0.json", "seed-0.npz"]


def test_write_run_refuses_a_training_that_diverged(tmp_path):
    run = results.write_run(tmp_path, make_run())
    lost = dataclasses.replace(run, record=run.record | {"history": {"loss": [0.4, float("nan")]}})
    with pytest.raises(ValueError, match="the training diverged; try a smaller learning rate"):
        results.write_run(tmp_path, lost)
    assert results.read_run(tmp_path, run.key).record == run.record


def test_write_run_refuses_more_classes_than_the_confusion_matrix(tmp_path):
    run = make_run()
    wide = np.pad(run.probability, ((0, 0), (0, 2)))
    with pytest.raises(ValueError, match="does not belong to these predictions"):
        results.write_run(tmp_path, dataclasses.replace(run, probability=wide))


def test_read_values_leaves_out_half_a_file(folders):
    results.write_values("lab", "02_b", {"a": 1})
    (results.build_folder("lab") / "values" / ".03_c.1234.json").write_text('{"a": ')
    assert results.read_values("lab") == {"02_b": {"a": 1}}


def test_write_run_killed_leaves_no_run_that_looks_whole(tmp_path, monkeypatch):
    run = results.write_run(tmp_path, make_run())

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(results, "write_arrays", killed)
    with pytest.raises(KeyboardInterrupt):
        results.write_run(tmp_path, run)
    with pytest.raises(FileNotFoundError, match=r"seed-0\.json"):
        results.read_run(tmp_path, run.key)


def test_read_run_of_a_missing_one_says_what_to_do(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"seed-0\.json does not exist: train cnn_1d"):
        results.read_run(tmp_path, Key("cnn_1d"))


@pytest.mark.parametrize(
    ("ending", "content", "message"),
    [
        (".json", b"{", r"seed-0\.json is damaged"),
        (".json", b"[]", r"seed-0\.json: not a record"),
        (".json", b'{"schema": 1}', "lacks model, variant"),
        (".npz", b"PK", r"seed-0\.npz is damaged"),
        (".npz", b"", r"seed-0\.npz is damaged"),
        (".timing.json", b"{", r"seed-0\.timing\.json is damaged"),
    ],
)
def test_read_run_names_a_damaged_file_in_one_line(tmp_path, ending, content, message):
    run = results.write_run(tmp_path, make_run())
    results.run_file(tmp_path, run.key, ending).write_bytes(content)
    with pytest.raises(ValueError, match=message) as caught:
        results.read_run(tmp_path, run.key)
    assert "\n" not in str(caught.value)


def test_read_run_notices_predictions_of_another_run(tmp_path):
    results.write_run(tmp_path, make_run(seed=0))
    results.write_run(tmp_path, make_run(seed=1))
    folder = tmp_path / "cnn_1d"
    (folder / "seed-1.npz").replace(folder / "seed-0.npz")
    with pytest.raises(ValueError, match="does not belong to these predictions"):
        results.read_run(tmp_path, Key("cnn_1d"))


def test_read_run_notices_the_record_of_another_run(tmp_path):
    results.write_run(tmp_path, make_run(seed=0))
    folder = tmp_path / "cnn_1d"
    for ending in (".json", ".npz"):
        (folder / f"seed-0{ending}").replace(folder / f"seed-1{ending}")
    with pytest.raises(ValueError, match="belongs to cnn_1d/seed-0"):
        results.read_run(tmp_path, Key("cnn_1d", seed=1))


def test_write_run_refuses_arrays_that_differ_in_length(tmp_path):
    run = make_run()
    with pytest.raises(ValueError, match="differ in length"):
        results.write_run(tmp_path, replace(run, row=run.row[:-1]))
    assert not list(tmp_path.rglob("seed-*"))


def test_load_runs_takes_own_runs_before_published_ones_and_mixes_none(folders, capsys):
    own = results.results_folder("report")
    for seed in range(2):
        run = make_run("cnn_1d", seed)
        other = run.record | {"digest": "made in another way" if seed else run.record["digest"]}
        results.write_run(own, replace(run, record=other))
    for seed in range(5):
        results.write_run(folders / "published", make_run("cnn_1d", seed))
        results.write_run(folders / "published", make_run("single_lstm", seed))
    runs = results.load_runs("report", ["single_lstm", "cnn_1d"])
    assert list(runs) == ["single_lstm", "cnn_1d"]
    assert [run.key.seed for run in runs["cnn_1d"]] == [0, 1]
    assert {run.folder for run in runs["cnn_1d"]} == {own}
    assert len(runs["single_lstm"]) == 5
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert any("published" in line and "single_lstm (5)" in line for line in lines)


def test_load_runs_adds_published_seeds_made_in_the_same_way(folders, capsys):
    own = results.results_folder("report")
    for seed in range(2):
        results.write_run(own, make_run("cnn_1d", seed))
    for seed in range(4):
        results.write_run(folders / "published", make_run("cnn_1d", seed))
    runs = results.load_runs("report", ["cnn_1d"])["cnn_1d"]
    assert [run.key.seed for run in runs] == [0, 1, 2, 3]
    assert [run.folder for run in runs] == [own, own, folders / "published", folders / "published"]
    assert "cnn_1d (2 more)" in capsys.readouterr().out


def test_load_runs_leaves_out_published_seeds_that_came_out_differently(folders):
    own = results.results_folder("report")
    run = make_run("cnn_1d", 0)
    results.write_run(own, run)
    other = {"metrics": run.record["metrics"] | {"accuracy": 0.123}}
    results.write_run(folders / "published", dataclasses.replace(run, record=run.record | other))
    results.write_run(folders / "published", make_run("cnn_1d", 1))
    assert [run.folder for run in results.load_runs("report", ["cnn_1d"])["cnn_1d"]] == [own]


def test_load_runs_adds_no_published_seeds_to_one_that_is_not_published(folders):
    own = results.results_folder("report")
    results.write_run(own, make_run("cnn_1d", 7))
    for seed in range(4):
        results.write_run(folders / "published", make_run("cnn_1d", seed))
    assert [run.key.seed for run in results.load_runs("report", ["cnn_1d"])["cnn_1d"]] == [7]
    assert len(results.load_runs(folders / "published", ["cnn_1d"])["cnn_1d"]) == 4


def test_load_runs_of_a_folder_reads_nothing_else_and_says_nothing(folders, capsys):
    own = results.results_folder("report")
    results.write_run(own, make_run("cnn_1d", 0))
    for seed in range(2):
        results.write_run(folders / "published", make_run("cnn_1d", seed))
    assert [run.folder for run in results.load_runs(own)["cnn_1d"]] == [own]
    assert capsys.readouterr().out == ""


def test_load_runs_leaves_out_what_is_optional_and_not_there(folders):
    results.write_run(folders / "published", make_run("cnn_1d"))
    names = ["single_lstm", "cnn_1d"]
    assert list(results.load_runs("report", names, optional=True)) == ["cnn_1d"]
    with pytest.raises(FileNotFoundError, match=r"no run of single_lstm in \S+: train"):
        results.load_runs(folders / "published", names)


def test_load_runs_without_names_takes_every_model_there_is(folders):
    results.write_run(results.results_folder("lab"), make_run("my_network"))
    results.write_run(folders / "published", make_run("cnn_1d", variant="paper"))
    results.write_run(folders / "published", make_run("linear_svc", fold=1))
    assert list(results.load_runs("lab", quiet=True)) == ["cnn_1d@paper", "my_network"]
    assert list(results.load_runs("lab", fold=1, quiet=True)) == ["linear_svc"]


def short_run(**changes):
    """Return a run of somebody's lab: eight epochs."""
    run = make_run()
    return replace(run, record=run.record | {"epochs": {"cap": 8, "chosen": 8}} | changes)


def test_load_runs_in_the_lab_keeps_published_seeds_under_the_plain_title(folders):
    for seed in range(3):
        results.write_run(folders / "published", make_run("cnn_1d", seed))
    results.write_run(results.results_folder("lab"), short_run(n_parameters=1830))
    runs = results.load_runs("lab", ["cnn_1d"], quiet=True)["cnn_1d"]
    assert [run.folder for run in runs] == [folders / "published"] * 3


def test_available_leaves_out_what_only_the_lab_has_where_asked(folders):
    results.write_run(folders / "published", make_run("cnn_1d"))
    results.write_run(results.results_folder("lab"), make_run("gru"))
    results.write_run(results.results_folder("smoke"), make_run("gru"))
    assert results.available("lab") == ["cnn_1d", "gru"]
    assert results.available("lab", own=False) == ["cnn_1d"]
    assert results.available("smoke", own=False) == ["cnn_1d", "gru"]


def test_own_runs_are_rows_of_their_own_with_their_epochs(folders):
    results.write_run(folders / "published", make_run("cnn_1d"))
    results.write_run(results.results_folder("lab"), short_run())
    [(name, [own])] = results.own_runs("lab", ["cnn_1d", "single_lstm"]).items()
    assert models.title(name) == "1D-CNN (yours, 8 epochs)"
    assert own.key.name == name
    assert own.folder == results.results_folder("lab")


def test_own_runs_of_a_changed_network_say_so(folders):
    results.write_run(folders / "published", make_run("cnn_1d"))
    results.write_run(results.results_folder("lab"), short_run(n_parameters=830))
    [name] = results.own_runs("lab", ["cnn_1d"])
    assert models.title(name) == "1D-CNN (yours, 830 parameters, 8 epochs)"


def test_own_runs_are_the_lab_s_only(folders):
    results.write_run(results.results_folder("smoke"), short_run())
    assert results.own_runs("smoke", ["cnn_1d"]) == {}


def test_weights_of_in_the_lab_are_the_published_ones(folders, monkeypatch):
    monkeypatch.setattr(results, "networks_folder", lambda: folders / "networks")
    published = folders / "networks" / "cnn_1d.keras"
    owned = [results.results_folder(each) / "cnn_1d/seed-0.keras" for each in ("lab", "report")]
    for path in owned:
        path.parent.mkdir(parents=True)
        path.touch()
    assert [results.weights_of("cnn_1d", each) for each in ("lab", "report")] == owned
    published.parent.mkdir()
    published.touch()
    found = [results.weights_of("cnn_1d", each) for each in ("lab", "report")]
    assert found == [published, owned[1]]


def test_load_runs_for_the_report_reads_no_lab_runs():
    results.write_run(results.results_folder("lab"), make_run())
    with pytest.raises(FileNotFoundError, match="no run of cnn_1d"):
        results.load_runs("report", ["cnn_1d"])


def test_load_runs_orders_seeds_as_numbers():
    folder = results.results_folder("lab")
    for seed in (10, 2, 0):
        results.write_run(folder, make_run(seed=seed))
    runs = results.load_runs("lab", quiet=True)["cnn_1d"]
    assert [run.key.seed for run in runs] == [0, 2, 10]


def test_timings_of_own_runs():
    folder = results.results_folder("lab")
    results.write_run(folder, make_run(variant="paper", seed=1))
    results.write_run(folder, make_run(fold=2))
    table = results.timings("lab")
    assert isinstance(table, pd.DataFrame)
    assert sorted(table["name"]) == ["cnn_1d", "cnn_1d@paper"]
    assert set(table["refit_cpu"]) == {1.5}
    assert set(table["processor"]) == {"test"}


def test_timings_are_processor_time_where_it_was_measured():
    folder = results.results_folder("lab")
    for seed, cpu in enumerate((1.5, None)):
        timing = make_run().timing | {"seconds": {"refit": {"wall": 4.0, "cpu": cpu}}}
        results.write_run(folder, dataclasses.replace(make_run(seed=seed), timing=timing))
    assert results.timings("lab")["refit"].tolist() == [1.5, 4.0]


def test_timings_take_published_ones_first(folders):
    results.write_run(folders / "old", make_run())
    published = results.gather_timings(folders / "old")
    files.write_json(folders / "published" / "timing.json", published)
    folder = results.results_folder("lab")
    for seed in range(3):
        results.write_run(folder, make_run("cnn_1d", seed))
        results.write_run(folder, make_run("my_network", seed))
    counts = results.timings("lab")["name"].value_counts()
    assert counts.to_dict() == {"cnn_1d": 1, "my_network": 3}


def test_timings_of_nothing_are_an_empty_table():
    assert results.timings("lab").empty


def test_read_values_by_notebook():
    results.write_values("lab", "01_a", {"n": np.int64(3), "share": np.float32(0.5)})
    results.write_values("lab", "02_b", {"who": "all"})
    assert results.read_values("lab") == {"01_a": {"n": 3, "share": 0.5}, "02_b": {"who": "all"}}


def test_read_values_puts_the_parts_of_a_lesson_together():
    results.write_values("lab", "10_robustness", {"lost": 1})
    results.write_values("lab", "10b_sure_and_wrong", {"hard": 2})
    results.write_values("lab", "12b_on_the_device", {"bytes": 3})
    assert results.read_values("lab") == {
        "10_robustness": {"lost": 1, "hard": 2},
        "12_your_phone": {"bytes": 3},
    }


@pytest.mark.parametrize("value", [None, [1], {"a": 1}])
def test_write_values_takes_only_flat_ones(value):
    with pytest.raises(ValueError, match="'x' of 01_a"):
        results.write_values("lab", "01_a", {"x": value})


def test_write_json_is_the_same_whatever_the_order_and_the_last_digit(tmp_path):
    first = files.write_json(tmp_path / "a.json", {"x": 0.1 + 0.2, "y": [np.float64(1)]})
    second = files.write_json(tmp_path / "b.json", {"y": (1.0,), "x": 0.3})
    assert first.read_bytes() == second.read_bytes()


def test_write_json_refuses_nan(tmp_path):
    with pytest.raises(ValueError, match=r"a\.json not written"):
        files.write_json(tmp_path / "a.json", {"x": float("nan")})
    assert not list(tmp_path.glob("*.json"))


def test_code_digest_follows_the_code_and_not_its_comments(tmp_path, monkeypatch):
    module = tmp_path / "module.py"
    monkeypatch.setattr(digests, "_sources", lambda name: [(name, module)])

    def digest(time, text):
        module.write_text(text)
        os.utime(module, (time, time))  # a clock may be too coarse to tell two states apart
        return digests.code_digest(["module"])

    first = digest(1, "x = 1\n")
    assert digest(2, '"""Says something."""\n\nx = 1  # one\n') == first
    assert digest(3, "x = 2\n") != first
    assert digest(4, "x = 1\n") == first


def test_run_digest_depends_on_every_part():
    parts = {"data": "d", "recipe": {"batch_size": 32}}
    assert results.run_digest(**parts) == results.run_digest(**dict(reversed(parts.items())))
    assert results.run_digest(**parts) != results.run_digest(data="d", recipe={"batch_size": 64})


def test_build_folder_can_be_moved(tmp_path, monkeypatch):
    assert results.build_folder("lab") == tmp_path / "build" / "lab"
    monkeypatch.delenv("HAR_BUILD")
    assert results.build_folder("lab") == files.REPOSITORY / "build" / "lab"
    assert os.environ.get("HAR_BUILD") is None


def test_load_runs_of_every_fold_takes_the_first_place_that_has_any(folders, monkeypatch, capsys):
    validation = folders / "validation"
    monkeypatch.setattr(results, "validation_folder", lambda: validation)

    def load(profile, quiet=False):
        folds = results.EVERY_FOLD
        found = results.load_runs(profile, ["cnn_1d"], folds, quiet=quiet, optional=True)
        return found.get("cnn_1d", [])

    assert load("lab") == []
    results.write_run(validation, make_run(fold=0))
    assert [run.folder for run in load("lab")] == [validation]
    for fold, seed in ((10, 0), (2, 1), (2, 0)):
        results.write_run(results.results_folder("smoke"), make_run(fold=fold, seed=seed))
        results.write_run(results.results_folder("lab"), make_run(fold=fold, seed=seed))
    assert [run.folder for run in load("lab", quiet=True)] == [validation]
    capsys.readouterr()
    places = [(run.key.fold, run.key.seed) for run in load("smoke")]
    assert places == [(2, 0), (2, 1), (10, 0)]
    assert "cnn_1d (3)" in capsys.readouterr().out


def test_read_table_gives_back_what_was_written():
    table = pd.DataFrame({"model": ["a", "b"], "accuracy": [0.1 + 0.2, 1.0]})
    path = results.write_table("lab", "robustness/curves", table)
    assert path.read_text() == "model,accuracy\na,0.3\nb,1\n"
    folder = results.results_folder("lab")
    pd.testing.assert_frame_equal(results.read_table(folder, "robustness/curves"), table)
    assert results.read_table(folder, "other") is None


def test_read_arrays_makes_nothing_larger_than_the_file_holds(tmp_path):
    header = b"\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (%d, 6), }"
    claimed = header % 10**11
    claimed += b" " * (127 - len(claimed)) + b"\n"
    path = tmp_path / "seed-0.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("probability.npy", claimed + bytes(24))
    with pytest.raises(ValueError, match=r"^[^\n]*seed-0.npz is damaged[^\n]*\(100000000000, 6\)"):
        files.read_arrays(path, ["probability"])


def test_read_arrays_refuses_a_vast_array(tmp_path, monkeypatch):
    path = files.write_arrays(tmp_path / "a.npz", {"a": np.zeros(1000)})
    monkeypatch.setattr(files, "LARGEST_ARRAY", 8000)
    with pytest.raises(ValueError, match=r"a.npz is damaged"):
        files.read_arrays(path)


def test_job_sees_only_the_runs_it_waits_for(tmp_path, monkeypatch):
    monkeypatch.setenv("HAR_BUILD", str(tmp_path))
    for name in ("net/seed-0", "net/seed-1", "net/fold-1/seed-0", "other/seed-0"):
        path = results.results_folder("smoke") / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    folder = results.results_folder("smoke")
    monkeypatch.setattr(results, "sources", lambda profile: [folder])
    assert results.available("smoke") == ["net", "other"]
    monkeypatch.setenv("HAR_READS", "smoke\nnet/seed-0")
    assert results.available("smoke") == ["net"]
    assert results.available("smoke", fold=1) == []
    assert [key.seed for key in results._keys(folder, "net", None)] == [0]


def test_job_tries_things_in_a_lab_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setenv("HAR_LAB", str(tmp_path / "labs" / "08"))
    assert results.results_folder("lab") == tmp_path / "labs" / "08" / "results"
    assert "labs" not in str(results.results_folder("smoke"))
