"""Tests of `deployment.anywhere_file`: a LiteRT file that knows phones in any placement."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from har_utils import deployment, files, recordings
from har_utils.deployment import anywhere_file, small_file
from har_utils.others import anywhere, network, protocol

if TYPE_CHECKING:
    import keras

CANDIDATE = "integers"


@pytest.fixture(scope="module")
def windows() -> np.ndarray:
    """Return windows of noise, upright."""
    made = np.random.default_rng(0).normal(size=(30, 128, 9)).astype(np.float32) / 5
    made[:, :, 6] += 1
    return made


@pytest.fixture(scope="module")
def model() -> keras.Model:
    """Return a network that has learned nothing."""
    return network.build(protocol.settings_of(CANDIDATE))


@pytest.fixture(scope="module")
def file(model, windows, tmp_path_factory) -> Path:
    """Return the network's file with a rule beside it."""
    path = tmp_path_factory.mktemp("small") / "anywhere_small.tflite"
    path.write_bytes(anywhere_file.written(model, windows))
    published = anywhere.read_rule()
    choice = protocol.Choice(CANDIDATE, "angle", 0.0, 25)
    rule = anywhere.Rule(published.finder, choice, published.most_motion)
    files.write_json(path.with_suffix(".json"), rule.as_json())
    return path


def test_file_says_nearly_what_the_network_says_and_nothing_of_the_place(file, model, windows):
    activity, place = anywhere_file.load(file).predict(windows)
    assert activity.shape == (30, 2, 6)
    assert activity == pytest.approx(model.predict(windows, verbose=0)[0], abs=0.05)
    assert (place == 0.5).all()
    assert file.stat().st_size <= protocol.compared(small_file.MODEL)["largest_file"]


def test_load_model_reads_a_file_with_its_rule_and_classify_uses_it(file):
    loaded = deployment.load_model(file)
    assert isinstance(loaded, anywhere_file.AnywhereFile)
    found = deployment.classify(recordings.load()[0], loaded)
    assert found.placed.place == "torso"
    assert found.windows["activity"].notna().all()


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("choice", {"candidate": "nobody"}),
        ("choice", {"finder": "xangle"}),
        ("choice", {"neighbours": "25"}),
        ("choice", {"caution": "much"}),
        ("finder", {"description": "angel"}),
        ("finder", {"description": "gait"}),
        ("finder", {"weights": ["one"]}),
        ("finder", {"bias": None}),
    ],
)
def test_read_rule_names_the_file_of_a_rule_that_cannot_be(file, tmp_path, part, change):
    whole = files.read_json(file.with_suffix(".json"))
    files.write_json(tmp_path / "rule.json", whole | {part: whole[part] | change})
    with pytest.raises(ValueError, match=r"rule\.json: not the rule of a network") as error:
        anywhere.read_rule(tmp_path / "rule.json")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("content", ["", '{"finder": 1}', '{"finder": {}, "choice": {}}'])
def test_load_model_says_in_one_line_what_is_wrong_with_a_rule(file, tmp_path, content):
    damaged = tmp_path / file.name
    damaged.write_bytes(file.read_bytes())
    damaged.with_suffix(".json").write_text(content)
    with pytest.raises(ValueError, match=r"anywhere_small\.json") as error:
        deployment.load_model(damaged)
    assert "\n" not in str(error.value)
