"""Slips in config/ are said in one line: which file, where, what is expected."""

import shutil

import pytest
import yaml

from har_utils import configuration, files
from har_utils.build import plan

CONFIG = files.REPOSITORY / "config"
NAMES = sorted(path.name for path in CONFIG.glob("*.yaml"))


@pytest.fixture
def config(tmp_path, monkeypatch):
    """A copy of config/ that everything reads."""
    shutil.copytree(CONFIG, tmp_path / "config")
    monkeypatch.setattr(files, "REPOSITORY", tmp_path)
    return tmp_path / "config"


@pytest.mark.parametrize("name", NAMES)
def test_read_accepts_every_file_of_the_course(name):
    assert configuration.read(CONFIG / name) == yaml.safe_load((CONFIG / name).read_text("utf-8"))


SLIPS = [
    ("report.yaml", "seeds: 3", "seeds: three", ["report.yaml, seeds", "'three'", "whole number"]),
    ("report.yaml", "seeds: 3", "seeds: true", ["report.yaml, seeds", "True", "whole number"]),
    ("report.yaml", "seeds: 3", "seeds 3", ["report.yaml, line"]),
    ("report.yaml", "seeds: 3", "", ["report.yaml", "seeds is missing"]),
    ("report.yaml", "seeds: 3", "seeds: 3\nseeds: 4", ["report.yaml", "seeds stands there twice"]),
    ("report.yaml", "seeds: 3", "sedes: 4\nseeds: 3", ["report.yaml, sedes", "nothing asks"]),
    ("report.yaml", "subjects: all", "subjects: most", ["report.yaml, subjects", "'smoke'"]),
    (
        "report.yaml",
        "validation_fold: 0",
        "validation_fold: 7",
        ["validation_fold: 7", "4 or less"],
    ),
    ("smoke.yaml", "{max_epochs: 1, batch_size", "{max_epoch: 1, batch_size", ["smoke.yaml, net"]),
    ("full.yaml", "workers: 2", "workers: 0", ["full.yaml, tuning.workers: 0", "1 or more"]),
    ("notebooks.yaml", "settings: [grid]", "settings: grid", ["03_classical_baselines.settings"]),
    ("notebooks.yaml", "settings: [grid]", "settings: [grit]", ["settings", "grit is not in"]),
    (
        "notebooks.yaml",
        "after: [04_single",
        "after: [03_single",
        ["after", "no notebook 03_single"],
    ),
    ("notebooks.yaml", "values: true", "values: [", ["notebooks.yaml, line"]),
    ("candidates.yaml", "- name: plain", "- nome: plain", ["candidates.yaml", "name"]),
    ("candidates.yaml", "- name: plain", "- name: pl ain", ["candidates.yaml", "'pl ain'", "form"]),
    ("pairs.yaml", "- [cnn_1d, single_lstm]", "- [cnn_1d]", ["pairs.yaml, 1", "2 entries"]),
    ("pairs.yaml", "- [cnn_1d, single_lstm]", "- [cnn_1d, '']", ["pairs.yaml, 1.1", "no letters"]),
    ("needs.yaml", "\nmemory_gb: ", "\nmemory_gb: -", ["needs.yaml, memory_gb: -", "more than 0"]),
    (
        "published.yaml",
        "accuracy: 0.9479",
        "accuracy: 94.79",
        ["published.yaml, 1.accuracy: 94.79"],
    ),
    ("others.yaml", "headings: 4", "headings: [4]", ["others.yaml, headings: [4]", "whole number"]),
]


@pytest.mark.parametrize(("name", "old", "new", "words"), SLIPS)
def test_read_says_a_slip_in_one_line(config, name, old, new, words):
    path = config / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    profile = path.stem if path.stem in plan.PROFILES else "report"
    with pytest.raises(configuration.ConfigurationError) as caught:
        print(plan.course(profile), configuration.read(path))
    assert "\n" not in str(caught.value)
    assert [word for word in words if word not in str(caught.value)] == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "content", [b"", b"3", b"a: b: c", b"\xff\xfe", b"[[", b"- !!python/none x"]
)
def test_read_refuses_what_is_no_such_file(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(configuration.ConfigurationError, match=rf"^[^\n]*{name}[^\n]*$"):
        configuration.read(tmp_path / name)


def test_profile_without_settings_for_a_network_is_refused(config):
    settings = yaml.safe_load((config / "report.yaml").read_text("utf-8"))
    del settings["other_networks"], settings["networks"]["modern"]
    (config / "report.yaml").write_text(yaml.safe_dump(settings))
    with pytest.raises(configuration.ConfigurationError, match="networks: modern is missing"):
        plan.course("report")
