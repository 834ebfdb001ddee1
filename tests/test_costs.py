"""What much of it would cost: known arithmetic, and the table in the documents."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from har_utils import files, results
from har_utils.build import costs, plan, publication
from har_utils.build.costs import Pace, Undertaking


def test_pace_is_seconds_per_window_and_epoch(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "published_folder", lambda: tmp_path)
    times = [
        {"name": "quick", "fold": None, "seed": 0, "refit_cpu": 347 * 2 * 0.5},
        {"name": "quick", "fold": None, "seed": 1, "refit_cpu": 347 * 4 * 0.25},
        {"name": "quick", "fold": 0, "seed": 0, "refit_cpu": 1e9},
        {"name": "slow", "fold": None, "seed": 0, "refit_cpu": 1e9},
    ]
    files.write_json(tmp_path / "timing.json", times)
    for seed, epochs in enumerate((2, 4)):
        run = {"trained_on": [1], "epochs": {"chosen": epochs}}
        (tmp_path / "quick").mkdir(exist_ok=True)
        files.write_json(tmp_path / "quick" / f"seed-{seed}.json", run)
    assert costs.pace("quick") == Pace(seconds=0.375, windows=347, epochs=3)
    with pytest.raises(FileNotFoundError, match="no times of a run of 'other'"):
        costs.pace("other")


def test_hours_grow_with_runs_and_windows():
    pace = Pace(seconds=0.5, windows=720, epochs=10)
    assert pace.hours(1) == 1
    assert pace.hours(3) == 3
    assert pace.hours(1, windows=1440) == 2


@pytest.mark.parametrize(("cores", "hours"), [(1, 10), (2, 6), (4, 4), (5, 2), (1000, 2)])
def test_cores_divide_whole_jobs_only(cores, hours):
    assert Undertaking("five jobs", jobs=5, hours=2).on(cores) == hours


@pytest.mark.parametrize(
    ("hours", "text"),
    [
        (0.001, "3.6 s"),
        (0.02, "72 s"),
        (0.5, "30 min"),
        (2.0, "2.0 h"),
        (36, "1.5 days"),
        (24 * 365.25 * 7.3, "7.3 years"),
    ],
)
def test_said_is_a_span_in_its_unit(hours, text):
    assert costs.said(hours) == text


def test_course_hours_are_measured_where_what_was_measured_is_what_is_done(tmp_path, monkeypatch):
    jobs = [
        SimpleNamespace(name=name, minutes=60) for name in ("01", "04", "net/seed-1", "net/seed-2")
    ]
    made = SimpleNamespace(jobs=jobs, contents={"01": {}, "04": {"network": "net"}})
    monkeypatch.setattr(files, "REPOSITORY", tmp_path)
    monkeypatch.setattr(results, "published_folder", lambda: tmp_path)
    files.write_json(tmp_path / "report" / "lesson_times.json", {"seconds": {"01": 360, "04": 36}})
    times = [{"name": "net", "seed": seed, "fold": None} for seed in (1, 2)]
    times[0]["refit_cpu"] = 720
    times.append({"name": "net", "seed": 2, "fold": 0, "refit_cpu": 9})
    files.write_json(tmp_path / "timing.json", times)
    assert costs.course_hours(made) == pytest.approx(0.1 + 1 + 0.2 + 1)


def test_document_has_the_table_of_today():
    text = (files.REPOSITORY / costs.DOCUMENT).read_text(encoding="utf-8")
    anew = publication.put_between(text, costs.MARKERS, costs.table())
    assert anew == text, "python -m har_utils costs writes it anew"


def test_needs_grow_with_forecast_and_attempt():
    short, long = plan.needs(0), plan.needs(10)
    assert {name: want(None, 1) for name, want in short.items()} == {
        "mem_mb": plan.MEMORY,
        "runtime": plan.LEAST_MINUTES,
    }
    assert long["runtime"](None, 1) == plan.LEAST_MINUTES + 10 * plan.SLOWER
    assert [want(None, 2) / want(None, 1) for want in long.values()] == [2, 2]


def test_every_rule_says_what_it_needs():
    rules = (files.REPOSITORY / "Snakefile").read_text(encoding="utf-8").split("\nrule ")[1:]
    rules = [part for rule in rules for part in rule.split("    rule:\n")]
    silent = [rule for rule in rules if "shell:" in rule and "resources: **plan.needs(" not in rule]
    assert len([rule for rule in rules if "shell:" in rule]) == 6
    assert silent == []
