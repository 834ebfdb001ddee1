"""Which jobs make the course's pages and the report, what each leaves, and what it depends on.

The Snakefile turns what `course` returns into rules. Everything they make is in
``build/<profile>/``.
"""

from __future__ import annotations

import contextlib
import math
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from har_utils import configuration, dataset, files, models, recipe, recordings, results
from har_utils.build import notebooks
from har_utils.build.dependencies import PACKAGE, PipelineError, _from_here
from har_utils.configuration import ConfigurationError
from har_utils.results import Key

PROFILES = ("smoke", "report", "full")

RUN_FILES = (".json", ".npz")
"""Files every run has; a network also has ``.keras`` and ``.timing.json``."""


# --- What there is to do ------------------------------------------------------------------------


@dataclass(frozen=True)
class Job:
    """One notebook, executed once with one set of parameters.

    Attributes
    ----------
    name
        The lesson's name, or the run's (``single_lstm/seed-1``); also names log and executed copy.
    notebook
        The notebook that is executed.
    parameters
        What its parameters cell is given.
    minutes
        About how long it takes on one core.
    runs
        The runs it writes.
    figures
        Names of the figures it writes.
    values
        Whether it writes numbers for the report.
    tables
        Tables it writes, as paths below the folder of the runs.
    reads_tables
        Whether it reads tables of other jobs, its own profile's or published ones.
    shows_published
        Whether it shows published runs beside its own.
    after
        Names of the jobs that must be done before.
    compares
        Whether it reads the runs of all other jobs.
    scratch
        Folders of the build that it begins without, so that it does the same after a kill.
    """

    name: str
    notebook: Path
    parameters: dict[str, Any]
    minutes: float
    runs: tuple[Key, ...] = ()
    figures: tuple[str, ...] = ()
    values: bool = False
    tables: tuple[str, ...] = ()
    reads_tables: bool = False
    shows_published: bool = False
    after: tuple[str, ...] = ()
    compares: bool = False
    scratch: tuple[str, ...] = ()


@dataclass(frozen=True)
class Course:
    """Everything one profile makes.

    Attributes
    ----------
    profile
        "smoke", "report" or "full".
    settings
        Its file in ``config/``, with the number of seeds that was asked for.
    contents
        ``config/notebooks.yaml``: what each notebook leaves.
    """

    profile: str
    settings: dict[str, Any]
    contents: dict[str, dict[str, Any]] = field(repr=False)

    @cached_property
    def jobs(self) -> list[Job]:
        """The lessons and the trainings, those that read all runs last."""
        first = [name for name, made in self.contents.items() if not made.get("compares")]
        last = [name for name in self.contents if name not in first]
        before = [self._lesson(name) for name in first] + self._searches
        before += self._trainings(self._searches) + self._candidates + self._fits()
        with_runs = tuple(job.name for job in before if job.runs)
        return before + [self._lesson(name, with_runs) for name in last]

    @property
    def runs(self) -> list[Key]:
        """All runs of the course."""
        return [key for job in self.jobs for key in job.runs]

    @property
    def others_published(self) -> list[Path]:
        """The files of published runs of models that this course does not make."""
        own, folder = {key.name for key in self.runs}, results.published_folder()
        files = _published_run_files()
        return [path for path in files if path.relative_to(folder).parts[0] not in own]

    @property
    def further_published(self) -> list[Path]:
        """The files of published runs that this course does not make, further seeds included."""
        own, folder = {key.stem for key in self.runs}, results.published_folder()
        files = _published_run_files()
        return [path for path in files if path.relative_to(folder).with_suffix("") not in own]

    @property
    def networks_published(self) -> list[Path]:
        """What is published of networks this course does not train: weights, runs of a fold."""
        report = results.published_folder().parent
        weights = [p for p in report.glob("models/*.keras") if p.stem not in self.networks]
        held_out = report.glob("validation/*/fold-*/seed-*")
        other = [p for p in held_out if p.parent.parent.name not in self.networks]
        return sorted([*weights, *other])

    @property
    def tables(self) -> list[str]:
        """All tables of the course, and those published before, as paths below the runs."""
        folder = results.published_folder()
        published = [path.relative_to(folder).as_posix() for path in folder.rglob("*.csv")]
        return sorted({*published, *(table for job in self.jobs for table in job.tables)})

    def table(self, table: str) -> Path:
        """Return the file of a table: this course's own if there is one, else the published."""
        own = self.folder / "results" / table
        return own if own.exists() else results.published_folder() / table

    @property
    def folder(self) -> Path:
        """Where everything goes, relative to the repository where it lies inside."""
        folder = results.build_folder(self.profile)
        return folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder

    @property
    def pdf(self) -> Path:
        """The report."""
        return self.folder / "report.pdf"

    @property
    def manifest(self) -> Path:
        """What belongs together, file by file (`report.manifest`)."""
        return self.folder / "manifest.json"

    @property
    def site(self) -> Path:
        """The folder of the pages for a browser."""
        return self.folder / "site"

    @property
    def student_site(self) -> Path:
        """The folder with the same pages for a class, without solutions."""
        return self.folder / "site-for-students"

    def urgency(self, job: Job) -> float:
        """Return the minutes from a job's start to the end of the last one that waits for it."""
        waiting = [other for other in self.jobs if job.name in other.after]
        return job.minutes + max((self.urgency(other) for other in waiting), default=0)

    def waits_for(self, job: Job) -> list[Job]:
        """Return a job and all jobs that are done before it, those that they wait for included."""
        by_name, found = {each.name: each for each in self.jobs}, {job.name: job}
        waiting = list(job.after)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name] = by_name[name]
                waiting += by_name[name].after
        return list(found.values())

    def readable(self, job: Job) -> list[Key]:
        """Return the runs of this course that a job may read: those of the jobs it waits for.

        The run of a model that chose its epochs was done with the model's first seed.
        """
        runs = [key for each in self.waits_for(job) for key in each.runs]
        fold = self.settings["validation_fold"]
        chose = [replace(key, fold=fold, seed=0) for key in runs if key.fold is None]
        return list(dict.fromkeys([*runs, *chose]))

    def executed(self, job: Job | str) -> Path:
        """Return where a job's executed notebook goes."""
        name = job if isinstance(job, str) else job.name
        return self.folder / "notebooks" / f"{name}.ipynb"

    def log(self, name: str) -> Path:
        """Return where a job writes what it has to say."""
        return self.folder / "logs" / f"{name}.log"

    def figures(self, job: Job) -> list[Path]:
        """Return the figure files a job writes."""
        folder, endings = self.folder / "figures", ("pdf", "png")
        return [folder / f"{name}.{ending}" for name in job.figures for ending in endings]

    def values(self, job: Job) -> list[Path]:
        """Return the file of numbers a job writes for the report, if it does."""
        return [self.folder / "values" / f"{job.name}.json"] if job.values else []

    def run_files(self, job: Job) -> list[Path]:
        """Return the files of the runs a job writes, without weights and times."""
        folder = self.folder / "results"
        return [results.run_file(folder, key, end) for key in job.runs for end in RUN_FILES]

    def kept_files(self, job: Job) -> list[Path]:
        """Return the files of runs and tables a job writes, which outlive a job that fails."""
        return self.run_files(job) + self.table_files(job)

    def table_files(self, job: Job) -> list[Path]:
        """Return the files of the tables a job writes."""
        return [self.folder / "results" / table for table in job.tables]

    def _common(self) -> dict[str, Any]:
        """Return the parameters every notebook takes."""
        return {"profile": self.profile, "subjects": self.settings["subjects"]}

    def _training(self, network: str) -> dict[str, Any]:
        """Return the parameters every notebook that trains takes."""
        return {
            "validation_fold": self.settings["validation_fold"],
            "max_epochs": self.network(network)["max_epochs"],
        }

    @property
    def networks(self) -> list[str]:
        """The networks of the course: those the profile lists, and those lessons train."""
        taught = [made["network"] for made in self.contents.values() if "network" in made]
        return list(dict.fromkeys([*self.settings["networks"], *taught]))

    def network(self, name: str) -> dict[str, Any]:
        """Return how a network is trained: as `other_networks`, but for what the profile lists."""
        return self.settings.get("other_networks", {}) | self.settings["networks"].get(name, {})

    def _lesson(self, name: str, after_runs: tuple[str, ...] = ()) -> Job:
        """Return the job of one numbered notebook; a comparison comes after all runs."""
        made = self.contents[name]
        runs = [Key.named(model) for model in made.get("runs", [])]
        values = self._common()
        values |= {setting: self.settings[setting] for setting in made.get("settings", [])}
        if network := made.get("network"):
            values |= self._training(network) | {"seed": 0}
            runs += [Key(network, fold=values["validation_fold"]), Key(network)]
        return Job(
            name=name,
            notebook=Path("notebooks") / f"{name}.ipynb",
            parameters=values,
            minutes=self.settings["minutes"].get(name, 1),
            runs=tuple(runs),
            figures=tuple(made.get("figures", [])),
            values=made.get("values", False),
            tables=tuple(made.get("tables", [])),
            reads_tables="reads_tables" in made,
            shows_published=made.get("shows_published", False),
            after=(*made.get("after", []), *self._before(made), *after_runs),
            compares=made.get("compares", False),
            scratch=tuple(made.get("scratch", [])),
        )

    def _before(self, made: dict[str, Any]) -> list[str]:
        """Return the names of the jobs whose tables a lesson waits for."""
        folder = f"{made.get('reads_tables')}/"
        jobs = self._searches + self._candidates
        return [job.name for job in jobs if any(t.startswith(folder) for t in job.tables)]

    @cached_property
    def _searches(self) -> list[Job]:
        """Return the jobs that search for settings; the workers of one search share it."""
        tuning, jobs = self.settings.get("tuning", {}), []
        for model, trials in tuning.get("trials", {}).items():
            values = self._common() | {"model": model, "trials": trials}
            values["max_epochs"] = tuning["max_epochs"]
            # four fifths of the people, five times; about half the trials end early
            epochs = 2 * trials * tuning["max_epochs"] / tuning["workers"]
            jobs += [
                Job(
                    name=f"tuning/{model}/worker-{worker}",
                    notebook=Path("notebooks/tune.ipynb"),
                    parameters=values,
                    minutes=self.network(model)["minutes_per_epoch"] * epochs,
                    tables=(f"tuning/{model}.csv",),
                )
                for worker in range(tuning["workers"])
            ]
        return jobs

    @cached_property
    def _candidates(self) -> list[Job]:
        """Return the jobs that try variations of the modern network on the folds, seed by seed."""
        tried = self.settings.get("candidates")
        if not tried:
            return []
        values = self._common() | {"max_epochs": tried["max_epochs"]}
        listed = configuration.read(files.REPOSITORY / "config" / "candidates.yaml")
        return [
            Job(
                name=f"selection/{name}/seed-{seed}",
                notebook=Path("notebooks/select.ipynb"),
                parameters=values | {"candidate": name, "seed": seed},
                minutes=tried["minutes"],
                tables=(f"selection/{name}/seed-{seed}.csv",),
            )
            for name in [entry["name"] for entry in listed][: tried["at_most"]]
            for seed in range(tried["seeds"])
        ]

    def _fits(self) -> list[Job]:
        """Return the jobs of random convolutions that no lesson fits, seed by seed."""
        taught = [run for made in self.contents.values() for run in made.get("runs", [])]
        return [
            Job(
                name=key.stem.as_posix(),
                notebook=Path("notebooks/fit.ipynb"),
                parameters=self._common()
                | {"model": key.model, "variant": key.variant, "seed": key.seed}
                | {"n_kernels": asked.get("n_kernels")},
                minutes=asked["minutes"],
                runs=(key,),
            )
            for name, asked in self.settings.get("fits", {}).items()
            for seed in range(name in taught, asked["seeds"])
            for key in [Key.named(name, seed=seed)]
        ]

    def _trainings(self, searches: list[Job]) -> list[Job]:
        """Return a job for each run that no lesson makes: the other seeds, and the variants."""
        jobs = []
        for network in self.networks:
            first, after = self._taught(network)
            n_seeds = self.network(network).get("seeds", self.settings["seeds"])
            for seed in range(first, n_seeds):
                jobs.append(self._train(Key(network, seed=seed), after))
            source = network in models.NETWORKS
            for seed in range(self.settings["paper"]["seeds"] if source else 0):
                jobs.append(self._train(Key(network, "paper", seed=seed)))
            found = tuple(job.name for job in searches if job.parameters["model"] == network)
            for seed in range(self.settings["tuning"]["seeds"] if found else 0):
                jobs.append(self._train(Key(network, "tuned", seed=seed), found))
        for variant, asked in self.settings.get("variants", {}).items():
            jobs += self._variants(variant, **asked)
        return jobs

    def _taught(self, network: str) -> tuple[int, tuple[str, ...]]:
        """Return a network's first seed that no lesson trains, and the jobs it waits for.

        A network with a lesson comes after it; one that imitates others comes after those.
        """
        lesson_of = {made["network"]: n for n, made in self.contents.items() if "network" in made}
        if network in lesson_of:
            return 1, (lesson_of[network],)
        if not self._teachers(network):
            return 0, ()
        first, teacher = lesson_of[recipe.TEACHER], recipe.TEACHER
        others = [Key(teacher, seed=seed) for seed in range(1, self._teachers(network))]
        return 0, (first, *(key.stem.as_posix() for key in others))

    def _teachers(self, network: str) -> int:
        """Return how many runs a network imitates."""
        wanted = self.settings.get("n_teachers", 0) if recipe.is_student(network) else 0
        return min(wanted, self.settings["seeds"])

    def _variants(
        self, variant: str, networks: dict[str, Any], max_epochs: int | None = None
    ) -> list[Job]:
        """Return the jobs of a variant: networks, each with a number of seeds.

        A network may have its own number of epochs: ``{seeds: 1, max_epochs: 15}``. Variants of
        `recipe.POOLED` hold everybody out once, so they have a job for every fold.
        """
        folds: tuple[int | None, ...] = (None,)
        if variant in recipe.POOLED:
            folds = dataset.fold_numbers(variant, self.settings["subjects"])
        every = {"max_epochs": max_epochs}
        return [
            self._train(Key(network, variant, fold, seed), max_epochs=own["max_epochs"])
            for network, asked in networks.items()
            for own in [asked if isinstance(asked, dict) else every | {"seeds": asked}]
            for seed in range(own["seeds"])
            for fold in folds
        ]

    def _train(self, key: Key, after: tuple[str, ...] = (), max_epochs: int | None = None) -> Job:
        """Return the job of one run in ``train.ipynb``."""
        network = self.network(key.model)
        values = self._common() | self._training(key.model)
        values |= {"model": key.model, "seed": key.seed, "batch_size": network["batch_size"]}
        if key.fold is not None:
            values |= {"fold": key.fold}
        if key.variant is None and self._teachers(key.model):
            values |= {"n_teachers": self._teachers(key.model)}
        if key.variant == "paper":
            values |= {"variant": "paper", "max_epochs": self.settings["paper"]["max_epochs"]}
        elif key.variant:
            values |= {"variant": key.variant}
        if max_epochs:
            values |= {"max_epochs": max_epochs}
        return Job(
            name=key.stem.as_posix(),
            notebook=Path("notebooks/train.ipynb"),
            parameters=values,
            minutes=network["minutes_per_epoch"] * values["max_epochs"],
            runs=(key,),
            after=after,
        )


def course(profile: str, seeds: int | None = None) -> Course:
    """Read what a profile makes; ``seeds`` replaces the number in its file.

    Raises
    ------
    PipelineError
        If there is no such profile or the number of seeds makes no sense.
    ConfigurationError
        If one of their files in ``config/`` has a slip.
    """
    if profile not in PROFILES:
        raise PipelineError(f"no profile {profile!r}: there are {', '.join(PROFILES)}")
    folder = files.REPOSITORY / "config"
    settings = configuration.read(folder / f"{profile}.yaml")
    contents = configuration.read(folder / "notebooks.yaml")
    if seeds is not None:
        settings["seeds"] = int(seeds)
    if settings["seeds"] < 1:
        raise PipelineError(f"SEEDS={settings['seeds']}: at least one seed is needed")
    found = Course(profile, settings, contents)
    _refuse_unmatched(profile, found)
    return found


def _refuse_unmatched(profile: str, course: Course) -> None:
    """Raise ``ConfigurationError`` where one file names what another one does not have."""
    settings, lessons = course.settings, course.contents
    asked = {setting for made in lessons.values() for setting in made.get("settings", [])}
    for setting in sorted(set(settings) - asked - configuration.known("profile")):
        raise ConfigurationError(f"config/{profile}.yaml, {setting}: nothing asks for it")
    for name, made in lessons.items():
        place = f"config/notebooks.yaml, {name}"
        for setting in made.get("settings", []):
            if setting not in settings:
                raise ConfigurationError(f"{place}.settings: {setting} is not in {profile}.yaml")
        for other in made.get("after", []):
            if other not in lessons:
                raise ConfigurationError(f"{place}.after: there is no notebook {other}")
    for network in course.networks:
        if not course.network(network):
            raise ConfigurationError(
                f"config/{profile}.yaml, networks: {network} is missing, and so is other_networks"
            )
    taught = [made.get("network") for made in lessons.values()]
    if settings.get("n_teachers") and recipe.TEACHER not in taught:
        raise ConfigurationError(f"config/{profile}.yaml, n_teachers: no lesson trains a teacher")


# --- What a job needs on a cluster --------------------------------------------------------------


MEMORY = 4000
"""Megabytes any job may use, Snakemake beside it included; `har_utils times` says what they did."""

SLOWER = 4
"""How many times as long as forecast a job may take: other processors, and neighbours on a node."""

LEAST_MINUTES = 15
"""What any job may take besides: a shared file system is slow to give TensorFlow its files."""


def needs(minutes: float = 1) -> dict[str, Callable[..., int]]:
    """Return what a job asks of a cluster, as Snakemake's resources.

    Parameters
    ----------
    minutes
        About how long it takes on one core.

    Returns
    -------
    dict
        ``mem_mb`` in megabytes and ``runtime`` in minutes, by the number of the attempt: another
        attempt gets more of both, since want of one of them may have ended the one before.
    """
    limit = math.ceil(LEAST_MINUTES + SLOWER * minutes)
    return {
        "mem_mb": lambda wildcards, attempt: attempt * MEMORY,
        "runtime": lambda wildcards, attempt: attempt * limit,
    }


# --- What a job depends on ----------------------------------------------------------------------


def data_choice() -> str:
    """Return which recordings the data set is built from; a new answer builds it anew."""
    try:
        return recordings.fingerprint()
    except (OSError, ValueError) as error:
        return f"unreadable: {error}"  # the job that builds the data set says so to the person


def comparison_inputs(course: Course) -> list[str]:
    """Return what the comparison and the report read besides the runs of their own profile.

    The lists all profiles share, the published times as soon as there are any, and the published
    runs and networks that the profile does not make.
    """
    profiles = {f"{name}.yaml" for name in PROFILES}
    lists = [path for path in Path("config").glob("*.yaml") if path.name not in profiles]
    measured = ("timing", "latency", "bench")
    times = [results.published_folder() / f"{what}.json" for what in measured]
    others = [*course.further_published, *course.networks_published]
    published = [path for path in (*times, *others) if path.exists()]
    return sorted(map(str, [*lists, *map(_from_here, published)]))


def _published_run_files() -> list[Path]:
    """Return the records and predictions of all published runs."""
    files = sorted(results.published_folder().rglob("seed-*"))
    return [p for p in files if p.suffix in RUN_FILES and not p.name.endswith(".timing.json")]


def published_runs(course: Course) -> list[str]:
    """Return the published runs that a course does not make itself."""
    return sorted(str(_from_here(path)) for path in course.further_published)


def published_tables() -> list[str]:
    """Return the published tables of searches, and what was found on other people."""
    others = (files.REPOSITORY / "report" / "others").rglob("*.*")
    found = [*results.published_folder().rglob("*.csv"), *others]
    return sorted(str(_from_here(path)) for path in found)


def site_sources() -> list[str]:
    """Return what the site shows besides the executed lessons, and the forms it is poured into."""
    templates = (PACKAGE / "templates").rglob("*.*")
    exercises = [
        p for f in ("exercises", "solutions") for p in Path("notebooks", f).glob("[!.]*.*")
    ]
    needs = Path("config", "needs.yaml")
    return sorted(map(str, [*map(_from_here, templates), *exercises, needs, *report_sources()]))


def report_sources() -> list[str]:
    """Return the files people wrote for the report."""
    folder = Path("report")
    written = [*folder.glob("*.tex"), *folder.glob("*.bib"), *folder.glob("sections/*.tex")]
    return sorted(map(str, written))


# --- One job ------------------------------------------------------------------------------------


def run_job(course: Course, name: str) -> None:
    """Execute one job of a course and check that it left everything it should.

    Raises
    ------
    PipelineError
        If there is no such job, or something is missing afterwards.
    har_utils.build.notebooks.NotebookError
        If the notebook cannot be executed to its end.
    """
    job = next((job for job in course.jobs if job.name == name), None)
    if job is None:
        raise PipelineError(f"profile {course.profile} has no job {name!r}")
    stop_with_parent()
    with _only_what_it_waits_for(course, job):
        seconds = notebooks.run(job.notebook.resolve(), course.executed(job), job.parameters)
    expected = [*course.figures(job), *course.values(job), *course.kept_files(job)]
    missing = [str(path) for path in expected if not path.exists()]
    if missing:
        course.executed(job).unlink()
        raise PipelineError(f"{job.notebook.name} was executed but did not write {missing[0]}")
    took = {"seconds": round(seconds, 1), "memory_mb": _peak_memory()}
    files.write_json(_times_file(course, job), took)


@contextlib.contextmanager
def _only_what_it_waits_for(course: Course, job: Job) -> Iterator[None]:
    """Show a notebook no run but those its job waits for, and give it a lab of its own.

    Which other jobs happen to be done, or what somebody tried in JupyterLab, must change nothing.
    """
    lab = course.folder / "labs" / job.name
    for begun in (lab, *(course.folder / name for name in job.scratch)):
        shutil.rmtree(begun, ignore_errors=True)
    stems = [key.stem.as_posix() for key in course.readable(job)]
    before = dict(os.environ)
    os.environ["HAR_LAB"] = str(lab.resolve())
    os.environ["HAR_READS"] = "\n".join([course.profile, *stems])
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _peak_memory() -> int:
    """Return the megabytes that this process and the largest it started had at most."""
    import resource  # not on Windows, where Snakemake does not run either

    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, kilobytes elsewhere
    return round(unit * sum(resource.getrusage(kind).ru_maxrss for kind in kinds) / 1e6)


def _times_file(course: Course, job: Job) -> Path:
    """Return where the time a job took is kept, apart from its results."""
    return course.folder / "times" / f"{job.name}.json"


def stop_with_parent(patience: float = 10.0) -> None:
    """Stop this process soon after the one that started it is gone (killed, perhaps).

    Parameters
    ----------
    patience
        Seconds this process gets to stop by itself.
    """
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        if patience:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(patience)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
