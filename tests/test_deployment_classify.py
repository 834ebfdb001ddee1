"""Classifying a recording: what is answered, what is warned of, what is written."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from dataclasses import replace

import exports
import numpy as np
import pandas as pd
import pytest
from quick import QuickClassifier
from spoken import listen

from har_utils import (
    __main__,
    dataset,
    deployment,
    files,
    models,
    phone,
    recordings,
    results,
    training,
)
from har_utils.deployment import classification
from har_utils.deployment.classification import say
from har_utils.others import anywhere
from har_utils.phone import PhoneRecording


@pytest.fixture(scope="module")
def people(data):
    """Return every fourth window of the training subjects."""
    return data.train.take(np.arange(0, len(data.train), 4))


@pytest.fixture(scope="module")
def quick(people):
    return QuickClassifier(people)


@pytest.fixture(scope="module")
def walk():
    """Return a test subject who lies, sits, lies and walks, from an own phone."""
    recording = next(r for r in recordings.load() if r.experiment == 7)
    part = exports.part(recording, 74 * 50, 185 * 50)
    known = {"source": "CSV", "sampling_rate": 100.0, "has_gyroscope": True, "notes": ()}
    return PhoneRecording(**vars(part), **known)


@pytest.fixture(scope="module")
def timeline(walk, quick, people):
    return deployment.classify(walk, quick, people)


def test_one_answer_for_each_window(timeline, walk, quick):
    windows = timeline.windows
    assert list(windows.columns) == ["start", "stop", "activity", "confidence"]
    np.testing.assert_allclose(windows["stop"] - windows["start"], 2.56)
    np.testing.assert_allclose(np.diff(windows["start"]), 1.28)
    assert windows["stop"].iloc[-1] <= len(walk.acceleration) / 50
    answers = timeline.probability.argmax(axis=1)
    assert [dataset.ACTIVITIES[k] for k in answers] == list(windows["activity"])
    np.testing.assert_array_equal(windows["confidence"], timeline.probability.max(axis=1))
    np.testing.assert_allclose(quick.predict(timeline.cut), timeline.probability, atol=1e-6)


def test_the_filters_have_settled_when_the_recording_begins(walk):
    later = replace(walk, acceleration=walk.acceleration[200:], rotation=walk.rotation[200:])
    np.testing.assert_allclose(
        dataset.recording_windows(later, np.array([0])),
        dataset.recording_windows(walk, np.array([200])),
        atol=0.05,
    )


def test_a_worn_phone_is_not_warned_of(timeline):
    assert timeline.warnings == ()


def test_stretches_join_equal_neighbours_and_nothing_else(timeline):
    stretches = timeline.stretches()
    assert stretches["windows"].sum() == len(timeline.windows)
    assert (stretches["activity"] != stretches["activity"].shift()).all()
    first = timeline.windows.iloc[: stretches["windows"].iloc[0]]
    assert stretches["confidence"].iloc[0] == pytest.approx(first["confidence"].mean())
    assert stretches["stop"].iloc[0] == first["stop"].iloc[-1]


def test_a_gap_parts_a_stretch(walk, quick, people):
    gap = np.array([[400, 700]])
    parted = deployment.classify(replace(walk, gaps=gap), quick, people)
    inside = (parted.windows["start"] < 14) & (parted.windows["stop"] > 8)
    assert not inside.any()
    assert not ((parted.stretches()["start"] < 8) & (parted.stretches()["stop"] > 14)).any()
    assert say("gaps", seconds=6.0, n_gaps=1) in parted.warnings
    with pytest.raises(ValueError, match=r"^no 2.56 s of the recording are without a gap$"):
        deployment.classify(replace(walk, gaps=np.array([[0, 9999]])), quick, people)


def turned(recording, matrix):
    return replace(
        recording,
        acceleration=recording.acceleration @ np.transpose(matrix),
        rotation=recording.rotation @ np.transpose(matrix),
    )


UPRIGHT = [[0, -1, 0], [1, 0, 0], [0, 0, 1]]

UNUSUAL = {
    "in a pocket": (lambda walk: turned(walk, UPRIGHT), "turned", {"angle": (70, 99)}),
    "upside down": (
        lambda walk: turned(walk, np.diag([-1, -1, 1])),
        *("turned", {"angle": (160, 180), "widest": (20, 30)}),
    ),
    "no gyroscope": (lambda walk: replace(walk, has_gyroscope=False), "no_gyroscope", {}),
    "slow": (
        lambda walk: replace(walk, sampling_rate=25.0),
        *("slow", {"rate": (25, 25), "enough": (40, 40)}),
    ),
    "wild": (
        lambda walk: replace(walk, acceleration=6 * walk.acceleration),
        *("wild", {"share": (0.05, 1)}),
    ),
    "still": (
        lambda walk: replace(walk, acceleration=walk.acceleration[:3000]),
        *("nobody_walks", {}),
    ),
}


@pytest.mark.parametrize("case", UNUSUAL)
def test_what_the_network_never_saw_is_warned_of(case, walk, quick, people, monkeypatch):
    change, key, numbers = UNUSUAL[case]
    changed = change(walk)
    changed = replace(changed, rotation=changed.rotation[: len(changed.acceleration)])
    heard = listen(monkeypatch, classification)
    warnings = deployment.classify(changed, quick, people).warnings
    assert say(key, **heard[key]) in warnings
    for name, (low, high) in numbers.items():
        assert low <= heard[key][name] <= high


def test_warnings_show_their_numbers():
    assert re.findall(r"\d+", say("turned", angle=88.4, widest=24.6)) == ["88", "25"]
    assert re.findall(r"\d+", say("slow", rate=25.2, enough=40.0)) == ["25", "40"]
    assert re.findall(r"[\d.]+\d|\d", say("gaps", seconds=6.04, n_gaps=3)) == ["6.0", "3"]
    assert re.findall(r"\d+", say("wild", share=0.126)) == ["13"]


def in_the_hand(swing):
    """Return a walk with the phone flat in the hand: 1.8 steps a second, of some g."""
    seconds = np.arange(1500) / 50
    steps = np.sin(2 * np.pi * 1.8 * seconds) + 0.2 * np.sin(2 * np.pi * 3.6 * seconds)
    acceleration = np.column_stack([0 * seconds, 0.1 + 0 * seconds, 0.99 + swing * steps])
    return PhoneRecording(
        subject=100,
        experiment=100,
        acceleration=acceleration,
        rotation=np.zeros((1500, 3)),
        labels=pd.DataFrame(columns=recordings.LABEL_COLUMNS, dtype=int),
        source="CSV",
        sampling_rate=50.0,
        has_gyroscope=True,
        notes=(),
    )


def test_a_walk_in_the_hand_is_seen_to_be_one(quick, people, monkeypatch):
    usual = deployment.wearing(people)
    heard = listen(monkeypatch, classification)
    gentle = deployment.classify(in_the_hand(0.05), quick, people)
    assert deployment.turned(gentle.cut, usual) == pytest.approx(90, abs=15)
    assert set(heard) == {"turned", "gentle"}
    heard.clear()
    still = deployment.classify(in_the_hand(0.004), quick, people)
    assert np.isnan(deployment.turned(still.cut, usual))
    assert set(heard) == {"nobody_walks"}


def test_the_clock_goes_on_in_pauses_that_were_left_out(walk, quick, people):
    gap, left_out = np.array([[1000, 1500]]), np.array([[25.0, 600.0]])
    paused = replace(walk, gaps=gap, left_out=left_out)
    timeline = deployment.classify(paused, quick, people)
    start = timeline.windows["start"].to_numpy()
    assert start[start < 300].max() <= 20 - 2.56
    assert start[start > 300].min() >= 630
    np.testing.assert_allclose(timeline.windows["stop"] - start, 2.56)
    assert timeline.as_sampled()["stop"].max() <= len(walk.acceleration) / 50
    assert say("gaps", seconds=610.0, n_gaps=1) in timeline.warnings
    seconds = len(walk.acceleration) / 50 - 10
    assert f"{seconds:.0f} s" in timeline.as_text().splitlines()[0]


def test_no_training_subject_is_beyond_the_widest(people):
    usual = deployment.wearing(people)
    assert usual.upright[0] > 0.9  # the phone lay on its side, x upwards
    assert len(usual.angles) == len(dataset.TRAIN_SUBJECTS)
    assert usual.widest == usual.angles.max() < 30


def test_a_timeline_as_text_and_as_json(timeline, tmp_path):
    text = timeline.as_text()
    assert re.findall(r"\d\.\d\d", text.splitlines()[0]) == ["2.56", "1.28"]
    assert len(text.splitlines()) == 2 + len(timeline.stretches())
    files.write_json(tmp_path / "walk.json", timeline.as_dict())
    read = json.loads((tmp_path / "walk.json").read_text())
    assert len(read["windows"]) == len(timeline.windows)
    assert sum(read["windows"][0]["probability"].values()) == pytest.approx(1, abs=1e-5)
    assert (read["notes"], read["warnings"]) == ([], [])


# ---- A phone in any place ------------------------------------------------------------------------


def own_phone(acceleration, rotation, has_gyroscope=True):
    """Return a recording of 50 samples a second without a gap."""
    return PhoneRecording(
        subject=100,
        experiment=100,
        acceleration=acceleration,
        rotation=rotation,
        labels=pd.DataFrame(columns=recordings.LABEL_COLUMNS, dtype=int),
        source="CSV",
        sampling_rate=50.0,
        has_gyroscope=has_gyroscope,
        gaps=np.empty((0, 2), dtype=int),
        notes=(),
    )


def in_a_pocket(turn):
    """Return a thigh that swings 0.9 times a second for a minute, then lies level in a chair."""
    n_walk, n_sit = 3000, 1500
    stride = 2 * np.pi * 0.9 * np.arange(n_walk) / 50
    angle = np.append(0.25 + 0.45 * np.sin(stride), np.full(n_sit, np.pi / 2))
    rate = np.append(0.45 * 2 * np.pi * 0.9 * np.cos(stride), np.zeros(n_sit))
    steps = np.append(0.3 * np.sin(2 * stride) + 0.15 * np.sin(4 * stride + 1), np.zeros(n_sit))
    up = np.column_stack([np.cos(angle), np.sin(angle), 0 * angle])
    acceleration = up * (1 + steps[:, np.newaxis])
    acceleration[:n_walk, 1] -= 0.25 * np.sin(stride)
    rotation = np.column_stack([0.2 * rate, 0.1 * rate, -rate])
    noise = np.random.default_rng(0).normal(0, 0.01, (2, n_walk + n_sit, 3))
    return own_phone((acceleration + noise[0]) @ turn.T, (rotation + noise[1]) @ turn.T)


TURNS = {
    "as it was": np.eye(3),
    "upside down": np.diag([-1.0, -1, 1]),
    "on its edge": np.array([[0.0, 1, 0], [0, 0, 1], [1, 0, 0]]),
}


SENSORS = ("acceleration", "rotation")


@pytest.mark.parametrize("way", TURNS)
def test_classify_finds_a_pocket_whichever_way_the_phone_is_turned(way):
    turn = TURNS[way]
    found = deployment.classify(in_a_pocket(turn))
    assert found.as_dict()["placement"]["place"] == "pocket"
    assert found.as_dict()["placement"]["confidence"] > 0.5
    up = found.as_dict()["placement"]["up"]
    assert up @ turn @ [np.cos(0.25), np.sin(0.25), 0] > np.cos(np.radians(10))
    last = found.windows[found.windows["start"] > 64]
    assert set(last["answer"]) == {"SITTING"}  # at the waist, so turned, it would lie
    assert anywhere.say("pocket") in found.warnings


@pytest.mark.parametrize("way", TURNS)
def test_classify_knows_a_waist_whichever_way_the_phone_is_turned(way, walk):
    turn = TURNS[way]
    found = deployment.classify(turned(walk, turn))
    placed = found.as_dict()["placement"]
    assert (placed["place"], placed["confidence"] > 0.5) == ("torso", True)
    edge = {"as it was": "right edge", "upside down": "left edge", "on its edge": "screen"}[way]
    assert placed["edge_up"] == edge
    assert placed["degrees_off"] < 20
    told = found.placement
    assert told in found.as_text()
    for fact in (say("torso"), edge, f"{100 * placed['confidence']:.1f}"):
        assert fact in told
    assert f"{placed['degrees_off']:.0f}°" in told
    lies = found.windows.query("2 < start and stop < 23")
    assert set(lies["answer"]) == {"LAYING"}


@pytest.mark.parametrize("way", ["upside down", "on its edge"])
def test_classify_tells_no_postures_apart_where_the_phone_was_turned_on_the_way(way, walk):
    other = turned(walk, TURNS[way])
    both = {name: np.vstack([getattr(walk, name), getattr(other, name)]) for name in SENSORS}
    found = deployment.classify(replace(walk, **both))
    placed = found.as_dict()["placement"]
    assert (placed["place"], placed["turned_round"]) == ("torso", True)
    assert [placed[name] for name in ("edge_up", "degrees_off", "up")] == [None] * 3
    assert anywhere.say("turned_round") in found.warnings
    assert (say("torso") in found.placement, "edge" in found.placement) == (True, False)
    still = found.windows["answer"].isin(["SITTING", "STANDING", "LAYING"])
    assert not still.any()
    assert (found.windows["answer"] == "SITTING, STANDING or LAYING").mean() > 0.5
    assert deployment.classify(walk).as_dict()["placement"]["turned_round"] is False


@pytest.mark.parametrize("way", TURNS)
@pytest.mark.parametrize("n_windows", [1, 3])
def test_classify_knows_a_short_walk_whichever_way_the_phone_is_turned(way, n_windows, walk):
    last = slice(-64 * (n_windows + 1), None)  # people end by walking here
    short = {name: getattr(walk, name)[last] @ TURNS[way].T for name in SENSORS}
    found = deployment.classify(replace(walk, **short))
    assert set(found.windows["answer"]) == {"WALKING"}
    assert found.warnings[-1] == anywhere.say("few_steps", n=n_windows)
    assert set(found.as_dict()["placement"].values()) <= {None, False}


def test_classify_calls_no_movement_a_posture_where_too_few_steps_show(walk):
    samples = np.arange(128)[:, np.newaxis] / 50
    shaken = 0.3 * np.sin(2 * np.pi * 5 * samples) * [0, 0, 1] + [0, 0, 1]  # too fast for steps
    found = deployment.classify(replace(walk, acceleration=shaken, rotation=0 * shaken))
    assert not found.windows["answer"].str.contains("SITTING|STANDING|LAYING").any()


def test_classify_tells_no_postures_apart_where_nobody_walks(walk):
    rest = {"acceleration": walk.acceleration[:3000], "rotation": walk.rotation[:3000]}
    found = deployment.classify(replace(walk, **rest))
    assert say("placement", is_known=False) in found.as_text()
    assert anywhere.say("nobody_walks") in found.as_text()
    assert set(found.as_dict()["placement"].values()) == {None}
    (stretch,) = found.stretches().query("windows > 5")["activity"].unique()
    assert stretch == "SITTING, STANDING or LAYING"
    vague = found.windows["answer"] == stretch
    expected = found.probability[:, 3:].sum(axis=1)
    np.testing.assert_allclose(found.windows["confidence"][vague], expected[vague], atol=1e-6)


def test_classify_knows_no_place_without_a_gyroscope(walk):
    mute = replace(walk, rotation=0 * walk.rotation, has_gyroscope=False)
    found = deployment.classify(mute)
    assert found.as_dict()["placement"]["place"] is None
    assert found.as_dict()["placement"]["edge_up"] == "right edge"
    assert say("torso") not in found.placement
    assert "right edge" in found.placement
    assert "SITTING or LAYING" in set(found.windows["answer"])


def test_classify_ends_a_note_with_one_mark(walk):
    told = deployment.classify(replace(walk, notes=("is this so", "or is it?"))).as_text()
    assert "Note: is this so.\nNote: or is it?\n" in told + "\n"


def test_classify_says_none_of_these_of_what_moves_too_much(walk):
    wild = replace(walk, acceleration=walk.acceleration.copy())
    wild.acceleration[2000:3000] *= 1 + 2 * np.sin(np.arange(1000))[:, np.newaxis]
    found = deployment.classify(wild).as_dict()["windows"]
    inside = [one for one in found if one["start"] > 41 and one["stop"] < 59]
    assert all(one["none"] and one["answer"] == anywhere.say("none") for one in inside)
    assert sum(one["none"] for one in found) < len(inside) + 12


def test_classify_is_sure_of_nothing_where_it_says_none_of_these(walk, tmp_path, monkeypatch):
    shaken = 1 + 2 * np.sin(np.arange(len(walk.acceleration)))[:, np.newaxis]
    wild = replace(walk, acceleration=shaken * walk.acceleration)
    heard = listen(monkeypatch, anywhere)
    found = deployment.classify(wild)
    assert heard["often_none"]["share"] == found.windows["none"].mean() > 0.9
    assert anywhere.say("nobody_walks") in found.warnings
    written = files.read_json(files.write_json(tmp_path / "wild.json", found.as_dict()))
    for window in written["windows"]:
        assert (window["confidence"] is None) == window["none"]
    for stretch in written["stretches"]:
        assert (stretch["confidence"] is None) == (stretch["activity"] == anywhere.say("none"))
    [row] = [line for line in found.as_text().splitlines() if anywhere.say("none") in line][:1]
    assert "%" not in row
    assert "nan" not in row.lower()


def test_classify_keeps_the_clock_of_pauses_that_were_left_out(walk):
    gap, left_out = np.array([[1000, 1500]]), np.array([[25.0, 600.0]])
    found = deployment.classify(replace(walk, gaps=gap, left_out=left_out))
    assert found.windows["start"].max() > 630
    assert say("gaps", seconds=610.0, n_gaps=1) in found.warnings


# ---- Networks, and the command -------------------------------------------------------------------


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """Return the file of an untrained network that reads windows."""
    keras = models.prepare()
    layers = [keras.Input((128, 9)), keras.layers.GlobalAveragePooling1D()]
    model = keras.Sequential([*layers, keras.layers.Dense(6, activation="softmax")])
    file = tmp_path_factory.mktemp("models") / "tiny.keras"
    model.save(file)
    keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]).save(file.with_name("other.keras"))
    return file


def test_networks_that_cannot_be_used_are_refused_in_one_line(network, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none.keras: no trained network there; `make rep"):
        deployment.load_model(tmp_path / "none.keras")
    (tmp_path / "broken.keras").write_text("no zip")
    with pytest.raises(ValueError, match=r"broken.keras: not a network Keras can read \([^\n]*$"):
        deployment.load_model(tmp_path / "broken.keras")
    other = network.with_name("other.keras")
    with pytest.raises(ValueError, match=r"it reads \(None, 3\) and gives \(None, 2\), not"):
        deployment.load_model(other)
    export = tmp_path / "an export.keras"
    with zipfile.ZipFile(export, "w") as archive:
        archive.writestr("Accelerometer.csv", "t,x,y,z")
    with pytest.raises(ValueError, match="not a network Keras can read"):
        deployment.load_model(export)
    for config in ("5", '"no network"', "null"):
        with zipfile.ZipFile(tmp_path / "odd.keras", "w") as archive:
            archive.writestr("config.json", config)
        with pytest.raises(ValueError, match=r"odd.keras: not a network Keras can read \([^\n]*$"):
            deployment.load_model(tmp_path / "odd.keras")


@pytest.mark.parametrize("ending", [".h5", ".json"])
def test_the_command_asks_no_network_but_the_one_that_is_named(ending, walk, tmp_path, capsys):
    export = phone.as_phyphox(exports.part(walk_of(walk), 0, 500), tmp_path / "my-walk.zip")
    named = anywhere.MODEL.with_suffix(ending)
    assert __main__.main(["classify", str(export), "--model", str(named)]) == 1
    captured = capsys.readouterr()
    assert "answered by" not in captured.out
    assert re.match(rf"har_utils: report/models/{named.name}: [^\n]*\.keras[^\n]*\n$", captured.err)


def test_load_model_is_silent_about_a_litert_file():
    command = "from har_utils import deployment; deployment.load_model('{}')"
    file = results.networks_folder() / "modern_tiny.tflite"
    run = [sys.executable, "-c", command.format(file)]
    done = subprocess.run(run, capture_output=True, check=True, cwd=files.REPOSITORY)
    assert (done.stdout, done.stderr) == (b"", b"")


def test_the_command_that_is_stopped_speaks_of_no_jobs(monkeypatch, capsys):
    def stop(path):
        raise KeyboardInterrupt

    monkeypatch.setattr(phone, "recordings_in", stop)
    assert __main__.main(["classify", "walk.csv"]) == 130
    assert capsys.readouterr().err == "har_utils: stopped\n"


def test_the_published_network_goes_before_those_trained_here(network, tmp_path, monkeypatch):
    monkeypatch.setenv("HAR_BUILD", str(tmp_path))
    monkeypatch.setattr(results, "networks_folder", lambda: tmp_path)
    with pytest.raises(FileNotFoundError, match=r"best.keras: no trained network there"):
        deployment.find_model("smoke")
    trained = tmp_path / "lab" / "results" / "cnn_1d" / "seed-0.keras"
    trained.parent.mkdir(parents=True)
    trained.write_bytes(network.read_bytes())
    assert deployment.find_model("smoke") == trained
    (tmp_path / "best.keras").write_bytes(network.read_bytes())
    assert deployment.find_model("smoke") == tmp_path / "best.keras"


def test_the_command_asks_the_network_for_any_place_by_default(walk, tmp_path, capsys):
    export = phone.as_phyphox(walk_of(walk), tmp_path / "my-walk.zip")
    json_file = tmp_path / "walk.json"
    assert __main__.main(["classify", str(export), "--json", str(json_file)]) == 0
    printed = capsys.readouterr().out
    assert say("torso") in printed
    assert "answered by: report/models/anywhere.keras" in printed
    read = json.loads(json_file.read_text())
    assert read["placement"]["place"] == "torso"
    assert {"activity", "answer", "none", "running", "confidence"} < set(read["windows"][0])
    assert read["starts_at"] == 0
    options = ["--model", "report/models/anywhere.keras", "--json", str(json_file)]
    assert __main__.main(["classify", str(export), *options]) == 0
    assert json.loads(json_file.read_text()) == read


def test_the_command_prints_a_table_and_writes_what_is_asked(network, walk, tmp_path, capsys):
    export = phone.as_phyphox(exports.part(walk_of(walk), 0, 1000), tmp_path / "my-walk.zip")
    json_file, picture = tmp_path / "walk.json", tmp_path / "walk.png"
    options = ["--model", network, "--json", json_file, "--picture", picture]
    assert __main__.main(["classify", str(export), *map(str, options)]) == 0
    printed = capsys.readouterr().out
    assert "20 s" in printed.splitlines()[0]
    assert "answered by: " in printed
    assert f"Warning: {say('nobody_walks')}" in printed
    assert printed.endswith(f"written: {json_file}\nwritten: {picture}\n")
    assert len(json.loads(json_file.read_text())["windows"]) == 14
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert {file.name for file in tmp_path.iterdir()} == {"my-walk.zip", "walk.json", "walk.png"}


def test_a_litert_file_answers_as_its_network_does(timeline):
    for name, atol in (("modern_tiny", 0.05), ("modern_integer", 0.3)):
        file = results.networks_folder() / f"{name}.tflite"
        windows = timeline.cut[::20]
        answers = training.predict(deployment.load_model(file), windows)
        expected = training.predict(deployment.load_model(file.with_suffix(".keras")), windows)
        np.testing.assert_allclose(answers, expected, atol=atol)


def test_litert_files_that_cannot_be_used_are_refused_in_one_line(tmp_path):
    (tmp_path / "broken.tflite").write_text("no network")
    with pytest.raises(ValueError, match=r"broken.tflite: not a network LiteRT can read \([^\n]*$"):
        deployment.load_model(tmp_path / "broken.tflite")
    copied = tmp_path / "copied.tflite"
    copied.write_bytes(anywhere.MODEL.with_suffix(".tflite").read_bytes())
    with pytest.raises(
        ValueError, match=r"copied.tflite: .* \(2 outputs; [^\n]* without --model\)$"
    ):
        deployment.load_model(copied)
    published = results.networks_folder() / "modern_integer.tflite"
    (tmp_path / "alone.tflite").write_bytes(published.read_bytes())
    message = r"\(1, 128, 15\), not .* beside it, as alone.keras, or its rule, as alone.json$"
    with pytest.raises(ValueError, match=message):
        deployment.load_model(tmp_path / "alone.tflite")


def test_a_litert_file_of_other_classes_is_refused(tmp_path):
    keras = models.prepare()
    window = keras.Input((128, 9))
    pooled = keras.layers.GlobalAveragePooling1D()(window)
    twelve = keras.Model(window, keras.layers.Dense(12, activation="softmax")(pooled))
    (tmp_path / "twelve.tflite").write_bytes(deployment.export(twelve, "float32"))
    message = r"twelve\.tflite: it gives \(1, 12\), not \(1, 6\), a probability of each activity"
    with pytest.raises(ValueError, match=message):
        deployment.load_model(tmp_path / "twelve.tflite")


def test_the_command_classifies_every_recording_of_a_folder(network, walk, tmp_path, capsys):
    for name, start in (("monday", 0), ("tuesday", 1000), ("wednesday", 2000)):
        (tmp_path / "walks").mkdir(exist_ok=True)
        part = exports.part(walk_of(walk), start, start + 500)
        phone.as_phyphox(part, tmp_path / "walks" / f"{name}.zip")
    options = ["--model", str(network), "--json", str(tmp_path / "all.json")]
    assert __main__.main(["classify", str(tmp_path / "walks"), *options]) == 0
    printed = capsys.readouterr().out
    assert printed.count("10 s recorded.") == 3
    names = list(json.loads((tmp_path / "all.json").read_text()))
    assert [name.rpartition("/")[2] for name in names] == [
        "monday.zip",
        "tuesday.zip",
        "wednesday.zip",
    ]
    (tmp_path / "walks" / "later").mkdir()
    (tmp_path / "walks" / "later" / "acc.csv").write_text("time,acc_x,acc_y,acc_z\n0,a,0,1\n")
    assert __main__.main(["classify", str(tmp_path / "walks"), *options]) == 1
    captured = capsys.readouterr()
    answers = json.loads((tmp_path / "all.json").read_text())
    assert list(answers) == ["walks/later", *names]
    assert "row 2: 'a' is not a number" in answers["walks/later"]["error"]
    assert captured.out.count("10 s recorded.") == 3
    assert captured.err.count("\n") == 1
    assert "column 'acc_x', row 2: 'a' is not a number" in captured.err
    picture = ["--picture", str(tmp_path / "all.png")]
    assert __main__.main(["classify", str(tmp_path / "walks"), *picture]) == 1
    assert "4 recordings, and one picture; name one" in capsys.readouterr().err


def test_the_command_writes_answers_and_picture_to_two_files(walk, tmp_path, capsys):
    export = phone.as_phyphox(exports.part(walk_of(walk), 0, 500), tmp_path / "walk.zip")
    target = str(tmp_path / "answers")
    assert __main__.main(["classify", str(export), "--json", target, "--picture", target]) == 1
    assert "answers and picture in one file; name two files" in capsys.readouterr().err
    assert not (tmp_path / "answers").exists()


@pytest.mark.parametrize("option", ["--json", "--picture"])
def test_the_command_writes_over_no_recording_and_no_folder(option, walk, tmp_path, capsys):
    export = phone.as_phyphox(exports.part(walk_of(walk), 0, 500), tmp_path / "walk.zip")
    before = export.read_bytes()
    for recording, target, message in (
        (export, export, "walk.zip: a recording, which would be lost"),
        (tmp_path, export, "walk.zip: a recording, which would be lost"),
        (export, tmp_path, f"{tmp_path.name}: a folder; name a file"),
    ):
        assert __main__.main(["classify", str(recording), option, str(target)]) == 1
        assert message in capsys.readouterr().err
        assert export.read_bytes() == before


def test_the_command_writes_over_its_own_answers(walk, tmp_path):
    phone.as_phyphox(exports.part(walk_of(walk), 0, 500), tmp_path / "walk.zip")
    for _ in range(2):
        assert __main__.main(["classify", str(tmp_path), "--json", str(tmp_path / "a.json")]) == 0


def test_the_command_names_the_file_that_cannot_be_written(walk, tmp_path, capsys):
    export = phone.as_phyphox(exports.part(walk_of(walk), 0, 500), tmp_path / "walk.zip")
    target = export / "answers.json"  # a file is no folder
    assert __main__.main(["classify", str(export), "--json", str(target)]) == 1
    assert f"har_utils: {target}: " in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[""], ["walk.csv", "--json", ""]])
def test_the_command_refuses_an_empty_path(arguments, capsys):
    with pytest.raises(SystemExit):
        __main__.main(["classify", *arguments])
    assert "an empty path" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("agrees", "status", "said"),
    [
        ([True, True], 0, ""),
        ([True, False], 1, ""),
        ([True, None], 1, "har_utils: 1 of 2 files are missing\n"),
    ],
)
def test_verify_succeeds_only_if_every_file_is_there(agrees, status, said, monkeypatch, capsys):
    table = pd.DataFrame({"file": ["a.txt", "b.txt"], "agrees": pd.array(agrees, "boolean")})
    monkeypatch.setattr(dataset, "verify", lambda archive: table)
    assert __main__.main(["verify", "somewhere"]) == status
    assert capsys.readouterr().err == said


def walk_of(recording):
    """Return a recording without what only phones have."""
    names = ("subject", "experiment", "acceleration", "rotation", "labels")
    return recordings.Recording(**{name: getattr(recording, name) for name in names})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.zip"], "har_utils: missing.zip: no such file or folder\n"),
        (["walk.csv"], "har_utils: walk.csv, column 'acc_x', row 2: 'a' is not a number\n"),
    ],
)
def test_the_command_refuses_in_one_line(arguments, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "walk.csv").write_text("time,acc_x,acc_y,acc_z\n0,a,0,1\n0.02,0,0,1\n")
    assert __main__.main(["classify", *arguments]) == 1
    assert capsys.readouterr().err == message


@pytest.mark.parametrize("file", [deployment.best_model(), anywhere.MODEL], ids=lambda f: f.stem)
def test_load_published_answers_as_keras_does(file, data):
    quick = deployment.load_published(file)
    assert isinstance(quick, deployment.BareNetwork)
    windows = data.train.windows[::200]
    said = quick.predict(windows)
    expected = models.prepare().models.load_model(file, compile=False).predict(windows, verbose=0)
    pairs = zip(said, expected, strict=True) if isinstance(said, list) else [(said, expected)]
    for ours, theirs in pairs:
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_load_published_takes_no_file_of_another_network(tmp_path, monkeypatch):
    for name in ("best.keras", "best.tflite"):
        (tmp_path / name).write_bytes((deployment.best_model().parent / name).read_bytes())
    (tmp_path / "best.json").write_text('{"lite_of": "of another one"}')
    monkeypatch.setattr("har_utils.deployment.networks.best_model", lambda: tmp_path / "best.keras")
    assert not isinstance(deployment.load_published(), deployment.BareNetwork)


def test_bare_network_refuses_what_is_no_network():
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        deployment.BareNetwork(b"nothing")
