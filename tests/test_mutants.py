"""The lists of mutations belong to the code of today."""

import mutants
import pytest


def test_read_finds_every_line_that_is_to_be_changed_once():
    assert len(mutants.read(sorted(mutants.LISTS.glob("*.yaml")))) >= 80


def test_read_names_a_line_that_is_not_there(tmp_path):
    file = tmp_path / "one.yaml"
    file.write_text("- {file: har_utils/metrics.py, old: no such line}")
    with pytest.raises(SystemExit, match=r"har_utils/metrics\.py: 'no such line' occurs 0 times"):
        mutants.read([file])


def test_list_file_takes_a_name_and_a_path():
    assert mutants.list_file("core") == mutants.LISTS / "core.yaml"
    assert mutants.list_file("core.yaml") == mutants.LISTS / "core.yaml"
    assert mutants.list_file(str(mutants.LISTS / "core.yaml")) == mutants.LISTS / "core.yaml"


def test_main_says_which_lists_there_are(capsys):
    with pytest.raises(SystemExit):
        mutants.main(["nonsense"])
    said = capsys.readouterr().err
    assert all(word in said for word in ("nonsense", "tests/mutants", "core"))
    assert "Traceback" not in said
