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
