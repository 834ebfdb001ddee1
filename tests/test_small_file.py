"""Tests of `deployment.small_file`: a LiteRT file in the place of the network it was made of."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from har_utils.deployment import anywhere_file, small_file
from har_utils.others import final, network, protocol
from har_utils.others.protocol import Choice, Data
from har_utils.others.windows import Windows

TINY = network.Settings(filters=(4, 4, 4, 4), n_listeners=0)


@pytest.fixture
def data() -> Data:
    """Two sets of one person each, in which all six activities look alike but for their level."""
    return Data({name: made_up(name) for name in ("hapt", "usc_had")})


def made_up(name: str) -> Windows:
    """Return six windows of every activity; what an activity is shows in the strength."""
    generator = np.random.default_rng(len(name))
    activity = np.repeat(np.arange(6), 6)
    windows = generator.normal(size=(36, 128, 9)).astype(np.float32)
    windows *= 0.05 * (1 + activity)[:, np.newaxis, np.newaxis]
    windows[:, :, 6] += 1
    same, start = np.zeros(36, dtype=np.int64), 64 * np.arange(36)
    return Windows(name, windows, same, same, same, start, activity)


class Standing:
    """What stands in for a converted network: it says that everybody stands."""

    content = bytes(2000)

    def predict(self, windows: np.ndarray, **_: object) -> tuple[np.ndarray, np.ndarray]:
        """Return both answers."""
        by_place = np.zeros((len(windows), 2, 6), dtype=np.float32)
        by_place[:, :, 4] = 1
        return by_place, np.full((len(windows), 1), 0.5)


@pytest.fixture
def in_toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let networks be as small as can be, and everything be written aside."""
    monkeypatch.setenv("HAR_BUILD", str(tmp_path))
    monkeypatch.setattr(final, "folder", lambda: tmp_path / "others")
    monkeypatch.setattr(protocol, "settings_of", lambda _: TINY)
    monkeypatch.setattr(protocol, "_network", lambda *_, **__: network.build(TINY))  # untrained
    monkeypatch.setattr(anywhere_file, "written", lambda *_: Standing.content)
    monkeypatch.setattr(anywhere_file, "read", lambda *_: Standing())
    choice = Choice("integers", "angle", 0.0, 25)
    monkeypatch.setattr(small_file, "chosen_for", lambda *_: choice)
    return tmp_path


def test_converted_refuses_a_file_that_is_too_large(data, in_toy, monkeypatch):
    monkeypatch.setattr(protocol, "compared", lambda _: {"largest_file": 1000})
    with pytest.raises(ValueError, match=r"may have 1,000"):
        small_file.converted(network.build(TINY), data, ["hapt"], TINY)


def test_some_windows_are_drawn_of_known_activities_only(data):
    unknown = data.sets["hapt"].activity.copy()
    unknown[:30] = 7
    own = Windows(**{**vars(data.sets["hapt"]), "activity": unknown})
    assert len(small_file._some(Data({"hapt": own}), "hapt", TINY)) == 6


def test_target_run_scores_the_file_once_beside_its_floats(data, in_toy):
    run = small_file.target_run(data, "usc_had", 0)
    about = run.record["file"]
    assert about["bytes"] == 2000
    assert set(about["floats"]) == set(run.record["others"]["with_neighbours"])
    assert run.record["others"]["with_neighbours"]["accuracy"] == pytest.approx(1 / 6)
    assert run.record["n_parameters"] == network.build(TINY).count_params()
    again = small_file.target_run(data, "usc_had", 0)
    assert again.probability == pytest.approx(run.probability)
    [line] = (in_toy / "others" / "ledger.jsonl").read_text().splitlines()
    assert json.loads(line) == {
        **{"network": small_file.MODEL, "left_out": "usc_had"},
        **{"scored": "usc_had", "seed": 0},
    }


def test_inner_answers_are_those_of_the_file(data, in_toy, monkeypatch):
    three = Data({**data.sets, "dsads": made_up("dsads")})
    pair = ("usc_had", "dsads")
    protocol.inner(three, "integers", pair)
    monkeypatch.setattr(protocol, "fit_finders", lambda *_: {})
    kept = small_file.inner_answers(three, "integers", pair, "dsads").by_place
    assert (kept.argmax(axis=2) == 4).all()
    floats = protocol.inner_answers(three, "integers", pair, "dsads").by_place
    assert not (floats.argmax(axis=2) == 4).all()


def test_scores_are_read_where_they_are_published(tmp_path, monkeypatch):
    table = pd.DataFrame({"network": ["anywhere", small_file.MODEL], "macro_f1": [0.8, 0.9]})
    table.to_csv(tmp_path / "inner.csv", index=False)
    monkeypatch.setattr(protocol, "published_file", lambda: tmp_path / "inner.csv")
    assert small_file.scores(Data({}))["macro_f1"].tolist() == [0.9]


def test_published_files_are_as_small_as_the_rule_asks():
    most = protocol.compared(small_file.MODEL)["largest_file"]
    for record in final.folder().glob(f"{small_file.MODEL}@*/seed-?.json"):
        assert json.loads(record.read_text())["file"]["bytes"] <= most
