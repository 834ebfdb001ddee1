"""Does ``make cluster-test`` tell results that differ from those that do not?"""

from __future__ import annotations

from pathlib import Path

import pytest
from cluster import run

TABLE = "fold,accuracy,cpu_seconds,digest\n0,0.5,4,ab\n1,0.25,5,cd\n"


@pytest.fixture
def builds(tmp_path: Path) -> tuple[Path, Path]:
    """Two builds with the same results."""
    for name in ("local", "slurm"):
        results = tmp_path / name / "results"
        results.mkdir(parents=True)
        (results / "seed-0.npz").write_bytes(b"probabilities")
        (results / "scores.csv").write_text(TABLE, encoding="utf-8")
        (results / "seed-0.timing.json").write_text(name, encoding="utf-8")
    return tmp_path / "local", tmp_path / "slurm"


def test_compared_takes_no_time_for_a_result(builds):
    (builds[1] / "results" / "scores.csv").write_text(TABLE.replace(",4,", ",9,"), "utf-8")
    assert run.compared(*builds) == (["results/scores.csv", "results/seed-0.npz"], [])


def test_compared_passes_over_what_a_killed_node_was_writing(builds):
    (builds[1] / "results" / ".seed-0.0a1b.npz").write_bytes(b"half")
    assert run.compared(*builds)[1] == []


@pytest.mark.parametrize(
    ("said", "instead"), [("0.25", "0.250"), ("cd", "ce"), ("1,0.25,5,cd\n", "")]
)
def test_compared_finds_a_cell_that_differs(builds, said, instead):
    (builds[1] / "results" / "scores.csv").write_text(TABLE.replace(said, instead), "utf-8")
    assert run.compared(*builds) == (["results/seed-0.npz"], ["results/scores.csv"])


def test_compared_finds_a_byte_that_differs(builds):
    (builds[0] / "results" / "seed-0.npz").write_bytes(b"probabilitieS")
    assert run.compared(*builds)[1] == ["results/seed-0.npz"]


def test_compared_finds_what_one_build_lacks(builds):
    (builds[0] / "results" / "seed-0.npz").unlink()
    (builds[1] / "results" / "scores.csv").unlink()
    assert run.compared(*builds) == ([], ["results/scores.csv", "results/seed-0.npz"])
