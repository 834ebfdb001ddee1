"""The pipeline on toy notebooks: what is made, kept, repeated, and said."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest
from toy import CONTENTS, PARAMETERS, RUN, SETTINGS, TRAINING, Toy

from har_utils import candidates, files
from har_utils.build import dependencies, notebooks, plan, snakemake

LEFT_OUT = (
    "modern@loso",
    "single_lstm@loso",
    "multi_lstm@loso",
    "cnn_1d@loso",
    "cnn_lstm@loso",
)
LESSONS = {"01_dots", "04_net", "11_all"}


@pytest.fixture
def toy(tmp_path):
    """A toy course, in a folder whose name shells, TOML and Snakemake might misread."""
    return Toy(tmp_path / "a b\"'$x;&({x}\\y")


def test_a_build_in_a_folder_of_any_name_makes_only_what_is_not_up_to_date(toy):
    first = toy.build()
    assert first.returncode == 0, first.stdout + first.stderr
    assert "Profile smoke: 5 jobs, about" in first.stdout
    assert sorted(toy.executions) == [*sorted(LESSONS), "train"]

    second = toy.build()
    assert (second.returncode, second.stdout.strip()) == (0, "All is up to date.")
    assert toy.executions == []

    (toy.results / "single_lstm" / "seed-1.npz").unlink()
    third = toy.build("--seeds", "1")
    assert third.returncode == 0, third.stdout + third.stderr
    assert toy.executions == ["11_all"]
    assert not (toy.results / "single_lstm" / "seed-1.json").exists()

    fourth = toy.build("--seeds", "2")
    assert fourth.returncode == 0, fourth.stdout + fourth.stderr
    assert toy.executions == ["train", "11_all"]
    assert (toy.results / "single_lstm" / "seed-1.npz").exists()


def test_a_failed_job_loses_only_itself(toy):
    toy.lesson("01_dots", "2 + 2")
    toy.lesson("04_net", RUN, "1 / 0", before="folds = (1, None)", parameters=PARAMETERS + TRAINING)
    failed = toy.build()
    assert failed.returncode == 1
    raised = "04_net.ipynb, cell 6 (1 / 0): ZeroDivisionError: division by zero"
    forgot = "01_dots.ipynb was executed but did not write build/smoke/figures/dots.pdf"
    assert [line for line in (raised, forgot) if line not in failed.stderr] == []
    assert "Traceback" not in failed.stdout + failed.stderr
    assert set(toy.executions) == {"01_dots", "04_net"}
    assert (toy.results / "single_lstm" / "seed-0.json").exists()
    assert (toy.folder / "build/smoke/notebooks/04_net.failed.ipynb").exists()

    toy.lesson("04_net", RUN, before="folds = (1, None)", parameters=PARAMETERS + TRAINING)
    toy.lesson("01_dots", "b =")
    mended = toy.build()
    assert "01_dots.ipynb, cell 5 (b =): SyntaxError: invalid syntax" in mended.stderr
    assert set(toy.executions) == {*LESSONS, "train"}
    assert not (toy.folder / "build/smoke/notebooks/04_net.failed.ipynb").exists()


SLOW = """\
import os, pathlib, time
pathlib.Path("pid.part").write_text(str(os.getpid()))
pathlib.Path("pid.part").rename("pid")
time.sleep(120)
"""


def _wait(condition, seconds):
    """Return whether a condition came true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.2)
    return False


def _alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_build_goes_on_where_it_was(toy, how):
    toy.configure(**SETTINGS | {"seeds": 1})
    toy.lesson("11_all", SLOW)
    process = toy.start()
    pid = toy.folder / "notebooks" / "pid"
    assert _wait(pid.exists, 120), process.communicate(timeout=5)
    process.send_signal(how)
    assert process.wait(timeout=120) != 0
    kernel = int(pid.read_text())
    assert _wait(lambda: not _alive(kernel), 120), "the kernel outlived its build"

    assert set(toy.executions) == LESSONS
    toy.lesson("11_all", "3 + 3")
    resumed = toy.build()
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    assert toy.executions == ["11_all"]
    left = {path.name for path in (toy.folder / "build/smoke").rglob(".*")}
    assert {name for name in left if not name.startswith((".building", ".snakemake"))} == set()


def test_runs_of_no_lesson_are_set_apart_and_tables_are_not(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HAR_BUILD", raising=False)
    monkeypatch.setattr(files, "REPOSITORY", tmp_path)
    made = CONTENTS | {"01_dots": {"tables": ["selection/wide/seed-0.csv"]}}
    course = plan.Course("report", SETTINGS, made)
    stays = ["selection/wide/seed-0.csv", "candidate_wide/fold-1/seed-0.json"]
    stays += ["single_lstm/seed-1.npz"]
    for name in [*stays, "single_lstm/seed-7.npz"]:
        path = course.folder / "results" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    snakemake._set_apart_other_runs(course)
    there = [path for path in (course.folder / "results").rglob("*") if path.is_file()]
    names = [path.relative_to(course.folder / "results").as_posix() for path in there]
    assert sorted(names) == sorted(stays)
    assert (course.folder / "results-set-apart/single_lstm/seed-7.npz").exists()


def test_published_runs_and_networks_of_others_are_inputs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(files, "REPOSITORY", tmp_path)
    course = plan.Course("report", SETTINGS, CONTENTS)
    read = ["results/single_lstm/seed-7.npz", "results/modern/seed-0.json"]
    own = ["results/single_lstm/seed-1.npz", "models/single_lstm.keras"]
    others = ["models/modern.keras", "validation/modern/fold-0/seed-0.json"]
    for name in [*read, *own, *others]:
        path = tmp_path / "report" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert plan.published_runs(course) == [f"report/{name}" for name in sorted(read)]
    inputs = plan.comparison_inputs(course)
    assert inputs == sorted(f"report/{name}" for name in [*read, *others])


def test_every_notebook_of_the_course_exists():
    jobs = plan.course("full").jobs
    assert {job.notebook for job in jobs if not job.notebook.exists()} == set()


def test_jobs_are_named_after_their_runs_and_follow_the_lesson():
    jobs = {job.name: job for job in plan.course("report", seeds=2).jobs}
    assert jobs["cnn_lstm/seed-1"].after == ("07_cnn_lstm",)
    assert jobs["cnn_lstm/seed-1"].parameters["batch_size"] == 64
    assert "cnn_lstm/seed-2" not in jobs
    assert {"multi_lstm/seed-1", "05_multi_lstm"} <= set(jobs["11_comparison"].after)


def test_full_reproduces_the_source_at_three_seeds():
    jobs = plan.course("full").jobs
    jobs = [job for job in jobs if job.parameters.get("variant") == "paper"]
    assert len(jobs) == 12
    assert {job.parameters["max_epochs"] for job in jobs} == {100}


def test_a_search_is_shared_by_its_workers_and_comes_before_what_reads_it():
    course = plan.course("smoke")
    jobs = {job.name: job for job in course.jobs}
    workers = [name for name in jobs if name.startswith("tuning/cnn_1d/")]
    assert len(workers) == course.settings["tuning"]["workers"]
    assert {jobs[name].tables for name in workers} == {("tuning/cnn_1d.csv",)}
    assert set(workers) <= set(jobs["09_tuning"].after)
    assert jobs["cnn_1d@tuned/seed-0"].after == tuple(workers)
    assert jobs["cnn_1d@tuned/seed-0"].parameters["variant"] == "tuned"
    assert "cnn_lstm@tuned/seed-0" not in jobs


def test_full_tries_every_candidate_and_smoke_one():
    tried = {
        profile: [job for job in plan.course(profile).jobs if "selection/" in job.name]
        for profile in plan.PROFILES
    }
    names = [candidate.name for candidate in candidates.read()]
    assert [job.parameters["candidate"] for job in tried["full"][::3]] == names
    assert [job.parameters["seed"] for job in tried["full"][:4]] == [0, 1, 2, 0]
    assert [job.tables for job in tried["smoke"]] == [(f"selection/{names[0]}/seed-0.csv",)]
    assert not tried["report"]


def test_small_networks_come_after_those_they_imitate():
    jobs = {job.name: job for job in plan.course("full").jobs}
    assert jobs["modern_tiny/seed-0"].after == ("08_modern", "modern/seed-1", "modern/seed-2")
    assert jobs["modern_tiny/seed-0"].parameters["n_teachers"] == 3
    assert "n_teachers" not in jobs["modern/seed-1"].parameters
    [only] = [job for job in plan.course("full", 1).jobs if job.name == "modern_tiny/seed-0"]
    assert (only.after, only.parameters["n_teachers"]) == (("08_modern",), 1)


def test_variants_that_hold_everybody_out_have_a_job_for_every_fold():
    names = [job.name for job in plan.course("full").jobs]
    assert sum("modern@loso/" in name for name in names) == 3 * 30
    assert sum("modern@twelve/" in name and name.endswith("seed-2") for name in names) == 10
    assert "modern@paper/seed-0" not in names
    small = [job.name for job in plan.course("smoke").jobs if "@twelve" in job.name]
    assert small == [f"cnn_1d@twelve/fold-{fold}/seed-0" for fold in range(2)]


def test_networks_of_a_variant_may_have_their_own_number_of_epochs():
    jobs = {job.name: job for job in plan.course("full").jobs}
    epochs = {name: jobs[f"{name}/fold-0/seed-0"].parameters["max_epochs"] for name in LEFT_OUT}
    assert epochs == dict(zip(LEFT_OUT, (40, 15, 15, 21, 21), strict=True))
    assert "single_lstm@loso/fold-0/seed-1" not in jobs


def test_random_convolutions_have_a_job_for_every_seed_that_no_lesson_fits():
    jobs = {job.name: job for job in plan.course("full").jobs}
    fits = [name for name, job in jobs.items() if job.notebook.stem == "fit"]
    assert "minirocket/seed-0" not in fits
    assert [f"minirocket/seed-{seed}" for seed in range(1, 10)] == fits[:9]
    assert [name for name in fits if "@" in name] == [
        *("minirocket@loso/seed-0", "multirocket_hydra@loso/seed-0")
    ]
    loso = jobs["minirocket@loso/seed-0"]
    assert (loso.parameters["model"], loso.parameters["variant"]) == ("minirocket", "loso")
    assert loso.name in jobs["10_robustness"].after
    small = {job.name: job for job in plan.course("smoke").jobs}
    assert small["multirocket_hydra/seed-0"].parameters["n_kernels"] == 336


def test_a_network_may_have_fewer_seeds_than_the_others():
    names = [job.name for job in plan.course("report", seeds=3).jobs]
    assert "cnn_1d/seed-2" in names
    assert not any(name.startswith("modern/") for name in names)


@pytest.mark.parametrize("profile", plan.PROFILES)
def test_every_job_gives_parameters_its_notebook_takes(profile):
    for job in plan.course(profile).jobs:
        takes = notebooks.parameters(notebooks.read(job.notebook))
        assert set(job.parameters) <= set(takes), job.name


def test_what_others_wait_for_is_urgent():
    course = plan.course("report")
    jobs = {job.name: job for job in course.jobs}
    assert course.urgency(jobs["05_multi_lstm"]) > course.urgency(jobs["multi_lstm/seed-1"])
    assert course.urgency(jobs["multi_lstm/seed-1"]) > course.urgency(jobs["11_comparison"])


def test_modules_are_followed_through_their_imports():
    modules = dependencies.modules_of(dependencies.module("dataset"))
    assert "har_utils/signals.py" in modules
    assert "har_utils/plots/__init__.py" not in modules
    assert "har_utils/report/__init__.py" not in dependencies.modules_of(
        dependencies.module("training")
    )


@pytest.mark.parametrize(("profile", "seeds"), [("nonsense", None), ("report", 0)])
def test_a_course_that_makes_no_sense_is_refused(profile, seeds):
    with pytest.raises(dependencies.PipelineError, match=r"^[^\n]+$"):
        plan.course(profile, seeds)


def test_shell_lines_quote_every_path():
    lines = (files.REPOSITORY / "Snakefile").read_text("utf-8").splitlines()
    commands = [line for line in lines if "exec " in line]
    assert len(commands) == 6
    for line in commands:
        bare = set(re.findall(r"\{([\w.]+)\}", line))
        assert bare <= {"course.profile", "options"}, line


def test_lesson_reads_the_runs_of_lessons_it_waits_for():
    course = plan.course("report")
    jobs = {job.name: job for job in course.jobs}
    seen = {key.stem.as_posix() for key in course.readable(jobs["08_modern"])}
    networks = ("single_lstm", "multi_lstm", "cnn_1d", "cnn_lstm", "modern")
    assert seen == {f"{name}/{which}seed-0" for name in networks for which in ("", "fold-0/")}
    first = {key.stem.as_posix() for key in course.readable(jobs["04_single_lstm"])}
    assert first == {"single_lstm/seed-0", "single_lstm/fold-0/seed-0"}
    everything = set(course.readable(jobs["11_comparison"]))
    assert set(course.runs) <= everything


@pytest.mark.parametrize("profile", plan.PROFILES)
def test_no_job_reads_what_may_still_be_made(profile):
    course = plan.course(profile)
    makers = {key: job.name for job in course.jobs for key in job.runs}
    for job in course.jobs:
        before = {each.name for each in course.waits_for(job)}
        assert {makers[key] for key in course.readable(job) if key in makers} <= before, job.name


def test_job_begins_without_what_an_earlier_one_left(tmp_path, monkeypatch):
    monkeypatch.setenv("HAR_BUILD", str(tmp_path))
    course = plan.course("report")
    job = next(job for job in course.jobs if job.name == "09_tuning")
    left = [course.folder / "tuning/small/journal.log", course.folder / "labs/09_tuning/x.json"]
    stays = course.folder / "tuning/cnn_1d/journal.log"
    for path in (*left, stays):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    with plan._only_what_it_waits_for(course, job):
        assert os.environ["HAR_READS"].split("\n")[0] == "report"
        assert os.environ["HAR_LAB"].endswith("labs/09_tuning")
    assert [path.exists() for path in (*left, stays)] == [False, False, True]
    assert not {"HAR_READS", "HAR_LAB"} & set(os.environ)


@pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
def test_make_finds_a_python_of_any_name(tmp_path):
    folder = tmp_path / "a b\"'$x;&({x}\\y"
    folder.mkdir()
    (folder / "python").symlink_to(sys.executable)
    made = f'include {files.REPOSITORY}/Makefile\nfind:\n\t@$(FIND_PYTHON); echo "$$python"\n'
    (tmp_path / "makefile").write_text(made)
    outside = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    environment = outside | {"PYTHON": str(folder / "python")}
    command = ["make", "--no-print-directory", "-f", str(tmp_path / "makefile"), "find"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.stdout == f"{folder / 'python'}\n", done.stderr
    environment["PYTHON"] = str(folder / "none $x")
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode
    assert f"found at {folder / 'none $x'}: install one" in done.stderr


def test_folder_for_builds_with_braces_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("HAR_BUILD", str(tmp_path / "{x}"))
    with pytest.raises(dependencies.PipelineError, match=r"^[^\n]*name another HAR_BUILD$"):
        snakemake.build(plan.course("smoke"), 1)
