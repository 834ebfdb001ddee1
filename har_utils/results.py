"""What a run leaves on disk: one JSON record, its predictions, its times and its weights."""

from __future__ import annotations

import hashlib
import importlib.metadata
import itertools
import json
import os
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NotRequired, TypedDict

import numpy as np
import pandas as pd
import yaml

from har_utils import files, words
from har_utils.digests import code_digest as code_digest
from har_utils.files import (
    as_json,
    atomic,
    plain,
    read_arrays,
    read_json,
    shown,
    write_arrays,
    write_json,
    zip_entry,
)

SCHEMA = 1
"""Version of the record's layout; raise it when a key changes its meaning."""

PACKAGES = ("tensorflow", "keras", "numpy", "scikit-learn")
"""The packages whose version can change a result."""

ARRAYS = {"probability": "float32", "activity": "int8", "row": "int32", "subject": "int8"}
"""The arrays of a run's ``.npz`` and their types."""

RECORD_KEYS = (
    *("schema", "model", "variant", "fold", "seed", "profile", "data", "code_digest", "digest"),
    *("versions", "n_parameters", "multiply_adds", "epochs", "probability_kind", "history"),
    "metrics",
)
"""The keys every record has; it may have more."""

CANDIDATE = "candidate_"
"""What the runs of candidates are called, before the candidate's name (`har_utils.candidates`)."""

EVERY_FOLD = "every"
"""In place of a fold's number: the runs of all folds."""

TOUCHES = "test-touches.jsonl"
"""The file, below a profile's build, with one line per time that a model saw the test subjects."""

PUBLISHED = "published"
"""The profile under which what was published is read, as if it were a build of its own."""

PHASES = ("select", "refit", "predict")
"""What is timed: choosing the epochs, training on all training subjects, predicting."""


LAB = "lab"
"""The profile of what somebody runs in JupyterLab."""

OWN = "yours"
"""How a run of the lab is called where it stands beside published ones."""

UNWRITTEN = Path(os.devnull)
"""The folder of a run that has not been written: nothing can be in it."""


@dataclass(frozen=True)
class Key:
    """Which run: a model, perhaps a variant of it, perhaps one fold, and a seed.

    ``fold=None`` is a final run: trained on all training subjects, scored on the test subjects.
    """

    model: str
    variant: str | None = None
    fold: int | None = None
    seed: int = 0

    @classmethod
    def named(cls, name: str, fold: int | None = None, seed: int = 0) -> Key:
        """Return the key of a run by its `name`."""
        model, _, variant = name.partition("@")
        return cls(model, variant or None, fold, seed)

    @property
    def name(self) -> str:
        """Model and variant in one word, for example ``"cnn_lstm@paper"``."""
        return self.model if self.variant is None else f"{self.model}@{self.variant}"

    @property
    def stem(self) -> Path:
        """Path below a results folder, without ending: ``cnn_lstm@paper/fold-0/seed-1``."""
        folder = Path(self.name) if self.fold is None else Path(self.name, f"fold-{self.fold}")
        return folder / f"seed-{self.seed}"


class Origin(TypedDict):
    """Which data a run was made from."""

    source: str
    digest: str


class Epochs(TypedDict, total=False):
    """How many epochs were tried at most and how many trained; of folds put together, of each."""

    cap: int | None
    chosen: int | None
    folds: list[Epochs]


class History(TypedDict, total=False):
    """Losses and scores by epoch, of the training that chose their number and of the last one."""

    select: dict[str, list[float]]
    refit: dict[str, list[float]]


class Record(TypedDict):
    """What is written down of a run (`RECORD_KEYS`, and what only some kinds of run have)."""

    schema: int
    model: str
    variant: str | None
    fold: int | None
    seed: int
    profile: str
    data: Origin
    code_digest: str
    digest: str
    versions: dict[str, str]
    n_parameters: int | None
    multiply_adds: int | None
    epochs: Epochs
    probability_kind: str
    history: History
    metrics: dict[str, Any]
    recipe: NotRequired[dict[str, Any]]
    chosen: NotRequired[dict[str, Any]]
    trained_on: NotRequired[list[int]]
    predicted: NotRequired[list[int]]
    test_touches: NotRequired[int]
    folds: NotRequired[list[int]]
    others: NotRequired[dict[str, Any]]
    file: NotRequired[dict[str, Any]]


@dataclass(frozen=True)
class Run:
    """One run, as it is on disk.

    Parameters
    ----------
    key
        Which run it is.
    record
        The JSON record (scores, history, digests, versions).
    probability
        ``(n, n_classes)`` float32, one row per predicted window.
    activity
        ``(n,)`` int8, the true activity's code from 0.
    row
        ``(n,)`` int32, the window's row in the full data set.
    subject
        ``(n,)`` int8.
    timing
        Seconds, threads and machine, or None where nobody measured.
    folder
        The results folder it was read from or written to; `UNWRITTEN` before.
    """

    key: Key
    record: Record
    probability: np.ndarray
    activity: np.ndarray
    row: np.ndarray
    subject: np.ndarray
    timing: dict[str, Any] | None = None
    folder: Path = UNWRITTEN


# --- Where things are ---------------------------------------------------------------------------


def build_folder(profile: str) -> Path:
    """Return the folder a profile writes to: ``build/<profile>``; ``HAR_BUILD`` moves ``build``.

    Within a job of a build, ``HAR_LAB`` is the place of what the notebook tries as profile "lab".
    What was published lies in the repository as a build does in its folder: profile `PUBLISHED`.
    """
    if profile == PUBLISHED:
        return published_folder().parent
    if profile == "lab" and os.environ.get("HAR_LAB"):
        return Path(os.environ["HAR_LAB"])
    return Path(os.environ.get("HAR_BUILD") or files.REPOSITORY / "build") / profile


def results_folder(profile: str) -> Path:
    """Return the folder of a profile's runs: ``build/<profile>/results``."""
    return build_folder(profile) / "results"


def published_folder() -> Path:
    """Return the folder of the published runs: ``report/results``."""
    return files.REPOSITORY / "report" / "results"


def networks_folder() -> Path:
    """Return the folder of the published networks: ``report/models``."""
    return files.REPOSITORY / "report" / "models"


def validation_folder() -> Path:
    """Return the folder of the published runs that chose the epochs: ``report/validation``.

    They have no weights, so they can be looked at but not continued, and live apart from those
    that ``REUSE=1`` reads.
    """
    return files.REPOSITORY / "report" / "validation"


def sources(profile: str) -> list[Path]:
    """Return the folders in which a notebook looks for tables of results, its own first."""
    return [results_folder(profile), published_folder()]


# --- Writing files ------------------------------------------------------------------------------


def write_weights(path: Path, model: Any) -> Path:
    """Save a Keras model as ``.keras``, atomically; the same model gives the same bytes."""
    with atomic(path) as saved:
        model.save(saved)
        with atomic(saved) as aside, zipfile.ZipFile(saved) as source:
            _write_repeatable(source, aside)
    return path


def _write_repeatable(source: zipfile.ZipFile, path: Path) -> None:
    """Write the parts of a ``.keras`` file in the order of their names, without dates."""
    with zipfile.ZipFile(path, "w") as archive:
        for name in sorted(source.namelist()):
            archive.writestr(zip_entry(name), _repeatable(name, source.read(name)))


def _repeatable(name: str, content: bytes) -> bytes:
    """Return a part of a ``.keras`` file without the date and the memory addresses in it."""
    if name == "metadata.json":
        metadata = json.loads(content)
        metadata.pop("date_saved", None)
        return json.dumps(metadata, sort_keys=True).encode()
    if name == "config.json":
        numbers: dict[str, int] = {}
        pattern = r'(?<="shared_object_id": )\d+'
        counted = re.sub(
            pattern,
            lambda match: str(numbers.setdefault(match[0], len(numbers))),
            content.decode(),
        )
        return counted.encode()
    return content


# --- Digests ------------------------------------------------------------------------------------


def run_digest(**parts: Any) -> str:
    """Return the SHA-256 of everything a run depends on, given by name."""
    return hashlib.sha256(json.dumps(plain(parts), sort_keys=True).encode()).hexdigest()


def versions() -> dict[str, str]:
    """Return the versions of the packages that can change a result."""
    return {name: importlib.metadata.version(name) for name in PACKAGES}


# --- Runs ---------------------------------------------------------------------------------------


def run_file(folder: Path, key: Key, ending: str) -> Path:
    """Return a run's file in a results folder, for example with ``ending=".timing.json"``."""
    stem = folder / key.stem
    return stem.with_name(stem.name + ending)


def write_run(folder: Path, run: Run, weights: Any = None) -> Run:
    """Write a run; the record comes last, so a run that has one is whole.

    Parameters
    ----------
    folder
        A results folder, for example ``results_folder("lab")``.
    run
        The run.
    weights
        The trained Keras model, saved beside the record; None keeps none, those of an earlier run
        neither.

    Returns
    -------
    Run
        The run as it is read back from the folder.

    Raises
    ------
    ValueError
        If the record or an array does not have the agreed form, or a score or loss is not a number.
        Then the run that was there stays.
    """
    arrays = {
        name: np.asarray(getattr(run, name)).astype(kind, copy=False)
        for name, kind in ARRAYS.items()
    }
    record_path = run_file(folder, run.key, ".json")
    _check(record_path, run.key, run.record, arrays)
    _refuse_diverged(record_path, run.record)
    for ending in (".json", ".keras", ".timing.json"):
        run_file(folder, run.key, ending).unlink(missing_ok=True)
    write_arrays(run_file(folder, run.key, ".npz"), arrays)
    if weights is not None:
        write_weights(run_file(folder, run.key, ".keras"), weights)
    if run.timing is not None:
        write_json(run_file(folder, run.key, ".timing.json"), run.timing)
    write_json(record_path, run.record)
    return read_run(folder, run.key)


def _refuse_diverged(path: Path, record: Record) -> None:
    """Raise ``ValueError`` if a record holds what is no number: a training that diverged."""
    try:
        as_json(path, record)
    except ValueError:
        raise ValueError(
            f"{shown(path)} not written: a loss or score is not a number, the training diverged; "
            f"try a smaller learning rate"
        ) from None


def read_run(folder: Path, key: Key) -> Run:
    """Read a run and check that its record and its predictions belong together.

    Raises
    ------
    FileNotFoundError
        If the folder has no such run.
    ValueError
        If a file of the run is damaged; the message names it.
    """
    path = run_file(folder, key, ".json")
    arrays_path = run_file(folder, key, ".npz")
    for needed in (path, arrays_path):
        if not needed.exists():
            raise FileNotFoundError(f"{shown(needed)} does not exist: train {key.name} first")
    record = read_json(path)
    arrays = _read_arrays(arrays_path)
    _check(path, key, record, arrays)
    timing_path = run_file(folder, key, ".timing.json")
    timing = read_json(timing_path) if timing_path.exists() else None
    return Run(key=key, record=record, timing=timing, folder=folder, **arrays)


def weights(run: Run) -> Path | None:
    """Return the file that holds a final run's network, or None if there is none.

    It lies beside the run. Of a published run, or one that was read from there instead of being
    repeated, ``report/models/<name>.keras`` may be the network, if it is of seed 0.
    """
    beside = run_file(run.folder, run.key, ".keras")
    if beside.exists():
        return beside
    published = networks_folder() / f"{run.key.name}.keras"
    if run.key.seed or not published.exists():
        return None
    return published if _is_published(run) else None


def _is_published(run: Run) -> bool:
    """Return whether a run is among the published ones, or was made in the same way as one."""
    folder = published_folder()
    if run.folder == folder:
        return True
    try:
        return read_run(folder, run.key).record["digest"] == run.record["digest"]
    except FileNotFoundError:
        return False


def weights_of(name: str, profile: str) -> Path | None:
    """Return the file of a network by its name, or None if there is none.

    Parameters
    ----------
    name
        Model, perhaps with variant; of its runs the one with seed 0.
    profile
        Whose build comes first, then the published networks; in JupyterLab the other way round.
    """
    own = run_file(results_folder(profile), Key.named(name), ".keras")
    places = [own, networks_folder() / f"{name}.keras"]
    in_order = places[::-1] if profile == LAB else places
    return next((place for place in in_order if place.exists()), None)


def _read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Read a run's predictions."""
    return read_arrays(path, ARRAYS)


def _check(path: Path, key: Key, record: Any, arrays: dict[str, np.ndarray]) -> None:
    """Raise ``ValueError`` unless record and predictions have the agreed form and agree."""
    problem = _record_problem(key, record) or _array_problem(record, arrays)
    if problem:
        raise ValueError(f"{shown(path)}: {problem}; delete it and run again")


def _record_problem(key: Key, record: Any) -> str | None:
    """Return what is wrong with a record, or None."""
    if not isinstance(record, dict):
        return "not a record"
    missing = [name for name in RECORD_KEYS if name not in record]
    if missing:
        return f"lacks {', '.join(missing)}"
    if record["schema"] != SCHEMA:
        return f"schema {record['schema']!r}, this version reads {SCHEMA}"
    if not isinstance(record["metrics"], dict) or "confusion" not in record["metrics"]:
        return "has no scores"
    named = Key(*(record[name] for name in ("model", "variant", "fold", "seed")))
    return None if named == key else f"belongs to {named.stem}, not to {key.stem}"


def _array_problem(record: Record, arrays: dict[str, np.ndarray]) -> str | None:
    """Return what is wrong with the predictions of a record, or None."""
    for name, kind in ARRAYS.items():
        if arrays[name].dtype != kind:
            return f"{name} is {arrays[name].dtype}, not {kind}"
        if arrays[name].ndim != (2 if name == "probability" else 1):
            return f"{name} has the wrong shape"
    if len({len(array) for array in arrays.values()}) > 1:
        return "the arrays differ in length"
    confusion, n_classes = np.array(record["metrics"]["confusion"]), arrays["probability"].shape[1]
    if (
        confusion.shape != (n_classes, n_classes)
        or not np.isin(arrays["activity"], np.arange(n_classes)).all()
    ):
        return "the confusion matrix does not belong to these predictions"
    counted = np.zeros_like(confusion)
    np.add.at(counted, (arrays["activity"], arrays["probability"].argmax(axis=1)), 1)
    agrees = np.array_equal(confusion, counted)
    return None if agrees else "the confusion matrix does not belong to these predictions"


def _keys(folder: Path, name: str, fold: int | str | None) -> list[Key]:
    """Return the runs of one model in one folder, by fold and seed."""
    if fold == EVERY_FOLD:
        folds = sorted(int(path.name[5:]) for path in (folder / name).glob("fold-*[0-9]"))
        return [key for each in folds for key in _keys(folder, name, each)]
    first = Key.named(name, None if fold is None else int(fold))
    place = folder / first.stem.parent
    records = [path for path in place.glob("seed-*.json") if path.stem[5:].isdigit()]
    seeds = sorted(int(path.stem[5:]) for path in records)
    keys = [replace(first, seed=seed) for seed in seeds]
    return [key for key in keys if _is_readable(folder, key)]


def _is_readable(folder: Path, key: Key) -> bool:
    """Return whether a run counts: a job of a build sees only runs of jobs that it waits for.

    ``HAR_READS`` names the build's profile, then those runs (`har_utils.build.plan.run_job`).
    """
    profile, *stems = os.environ.get("HAR_READS", "").split("\n")
    if not profile or folder != results_folder(profile) or key.model.startswith(CANDIDATE):
        return True
    return key.stem.as_posix() in stems


def _places(place: str | Path, fold: int | str | None) -> list[Path]:
    """Return the folders that `load_runs` looks into."""
    if isinstance(place, Path):
        return [place]
    own, *published = [*sources(place), *([validation_folder()] if fold == EVERY_FOLD else [])]
    return [*published, own] if place == LAB else [own, *published]


def available(place: str | Path, fold: int | str | None = None, own: bool = True) -> list[str]:
    """Return the names of all models of which `load_runs` finds a run, sorted.

    Without ``own``, what was only trained in JupyterLab (profile "lab") is left out.
    """
    places = _places(place, fold)
    if place == LAB and not own:
        places.remove(results_folder(LAB))
    names = {
        model.name
        for folder in places
        if folder.is_dir()
        for model in folder.iterdir()
        if model.is_dir() and _keys(folder, model.name, fold)
    }
    return sorted(names)


def load_runs(
    place: str | Path,
    names: Iterable[str] | None = None,
    fold: int | str | None = None,
    *,
    quiet: bool = False,
    optional: bool = False,
) -> dict[str, list[Run]]:
    """Read all seeds of each model from the first place that has the model.

    The places of a profile are its own build, then ``report/results``; in JupyterLab the other way
    round, so that a short training does not stand in for the published ones (`own_runs`). The seeds
    of one model come from one place, with one exception: where the published runs are the very
    same ones (digests and scores agree, seed by seed) and more, the further seeds count as well.
    One line per place used says what came from there.

    Parameters
    ----------
    place
        A profile, or one results folder, of which nothing is said.
    names
        Models, for example ``["cnn_1d", "cnn_1d@paper"]``; None takes every model there is.
    fold
        None reads the final runs, a number the runs of that fold, `EVERY_FOLD` those of all; of a
        profile then also from the published runs that chose the epochs.
    quiet
        Do not say where the runs came from.
    optional
        Leave out models of which there is no run.

    Returns
    -------
    dict
        Name → runs by fold, then by seed; names in the order given, else sorted.

    Raises
    ------
    FileNotFoundError
        If no place has a run of one of the names, unless they are optional.
    """
    places = _places(place, fold)
    runs: dict[str, list[Run]] = {}
    used: dict[Path, list[str]] = {}
    for name in available(place, fold) if names is None else names:
        folder = next((each for each in places if _keys(each, name, fold)), None)
        if folder is None and optional:
            continue
        if folder is None:
            looked = " nor in ".join(map(shown, places))
            raise FileNotFoundError(f"no run of {name} in {looked}: train it first")
        runs[name] = [read_run(folder, key) for key in _keys(folder, name, fold)]
        used.setdefault(folder, []).append(f"{name} ({len(runs[name])})")
        if further := _further(folder, name) if len(places) > 1 and fold is None else []:
            runs[name] += further
            used.setdefault(published_folder(), []).append(f"{name} ({len(further)} more)")
    if not quiet and not isinstance(place, Path):
        _say_where_from(used, "folds" if fold == EVERY_FOLD else "seeds")
    return runs


def _say_where_from(used: dict[Path, list[str]], counted: str) -> None:
    """Print which place which runs came from."""
    for folder, models in used.items():
        print(f"Runs from {shown(folder)} (number of {counted}): {', '.join(models)}")


def _further(folder: Path, name: str) -> list[Run]:
    """Return the published final runs of a model that go on where those of a folder end.

    None do unless each run of the folder is published, too, with the same digest, which means that
    it was made in the same way, and the same scores: on another processor the same training may
    come out differently.
    """
    published = published_folder()
    own, there = _keys(folder, name, None), _keys(published, name, None)
    if folder == published or not own or not set(own) < set(there):
        return []
    for key in own:
        ours, theirs = (read_run(place, key).record for place in (folder, published))
        if any(ours[what] != theirs[what] for what in ("digest", "metrics")):
            return []
    return [read_run(published, key) for key in there if key not in own]


def own_runs(profile: str, names: Iterable[str]) -> dict[str, list[Run]]:
    """Read what somebody trained in JupyterLab, under names that say so and for how long.

    Parameters
    ----------
    profile
        Any but "lab" has none: a build's own runs are what it reports.
    names
        Models, perhaps with variant.

    Returns
    -------
    dict
        Name → final runs in the order of their seeds, for example under
        ``"single_lstm@yours, 8 epochs"``; a model without runs is left out.
    """
    if profile != LAB:
        return {}
    found = load_runs(results_folder(LAB), names, optional=True)
    runs: dict[str, list[Run]] = {}
    for run in itertools.chain.from_iterable(found.values()):
        called = own_key(run)
        runs.setdefault(called.name, []).append(replace(run, key=called))
    return runs


def own_key(run: Run) -> Key:
    """Return the key under which a run of the lab stands beside published ones.

    The variant says that it is somebody's own, for how many epochs it was trained, and, if it has
    another number of parameters than the published runs, how many.
    """
    epochs, size = run.record["epochs"].get("chosen"), run.record["n_parameters"]
    parts = [run.key.variant, OWN]
    published = _keys(published_folder(), run.key.name, None)[:1]
    if any(read_run(published_folder(), key).record["n_parameters"] != size for key in published):
        parts.append(f"{words.grouped(size)} parameters")
    parts.append(None if epochs is None else f"{epochs} epoch{'s' if epochs > 1 else ''}")
    return replace(run.key, variant=", ".join(part for part in parts if part))


# --- Looks at the test subjects -----------------------------------------------------------------


def touches(profile: str) -> list[dict[str, Any]]:
    """Return every look at the test subjects in a profile's build: the run's key, one each.

    `training.predict_test` writes them down.
    """
    path = build_folder(profile) / TOUCHES
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [json.loads(line) for line in lines]


# --- Tables -------------------------------------------------------------------------------------


def write_table(profile: str, name: str, table: pd.DataFrame) -> Path:
    """Write a table of results beside the runs: ``build/<profile>/results/<name>.csv``.

    Parameters
    ----------
    profile
        The run it belongs to.
    name
        File name without ending, perhaps with a folder: ``"robustness/curves"``.
    table
        Its columns; the index is not written.
    """
    return files.write_table(results_folder(profile) / f"{name}.csv", table, "%.12g")


def read_table(folder: Path, name: str) -> pd.DataFrame | None:
    """Return a table from a results folder, or None if it has none of that name."""
    path = folder / f"{name}.csv"
    return pd.read_csv(path) if path.exists() else None


# --- Times --------------------------------------------------------------------------------------


def gather_timings(folder: Path) -> list[dict[str, Any]]:
    """Return the times of every run in a results folder, one flat dict per run, sorted by run.

    Keys: name, model, variant, fold, seed, threads, processor, cores, and ``<phase>_wall`` and
    ``<phase>_cpu`` in seconds for the phases select, refit and predict.
    """
    rows = []
    for path in sorted(folder.rglob("seed-*.timing.json")):
        timing = read_json(path)
        model, _, variant = path.relative_to(folder).parts[0].partition("@")
        fold = path.parent.name.removeprefix("fold-")
        row = {
            "name": path.relative_to(folder).parts[0],
            "model": model,
            "variant": variant or None,
            "fold": int(fold) if fold.isdigit() else None,
            "seed": int(path.name.split(".")[0].removeprefix("seed-")),
            "threads": timing["threads"],
            **timing["machine"],
        }
        for phase, seconds in timing["seconds"].items():
            row[f"{phase}_wall"], row[f"{phase}_cpu"] = seconds["wall"], seconds["cpu"]
        rows.append(row)
    return rows


def timings(profile: str) -> pd.DataFrame:
    """Return the times of all runs, one row per run (columns as in ``gather_timings``).

    Times differ from run to run, so the report shows the published ones
    (``report/results/timing.json``, an input like any other); a model that file does not have
    appears with the times of the profile's own runs. Besides there is a column for each phase,
    the seconds on one core: processor time, which other programs do not stretch, or wall time
    where that was not measured.
    """
    path = published_folder() / "timing.json"
    published = read_json(path) if path.exists() else []
    known = {row["name"] for row in published}
    own = [row for row in gather_timings(results_folder(profile)) if row["name"] not in known]
    table = pd.DataFrame(published + own)
    for phase in PHASES:
        cpu, wall = f"{phase}_cpu", f"{phase}_wall"
        if cpu in table:
            table[phase] = table[cpu].astype(float).fillna(table[wall])
    return table


def published_speed() -> dict[str, Any]:
    """Return what ``make bench`` measured beside other libraries: machine, rows; empty if nothing.

    A row has what was measured, our seconds and those of the other library or the older state by
    its name (``peer``), and the ``ratio`` of ours to theirs in processor time.
    """
    path = published_folder() / "bench.json"
    return read_json(path) if path.exists() else {}


def published_budgets() -> pd.DataFrame:
    """Return what ``tests/bench/budgets.py`` measured: accuracy within a budget of training.

    Returns
    -------
    DataFrame
        A row per training, of the 21 training people only: ``method``, its ``title``, ``effort``
        (what it may spend), ``fold`` that was held out, ``accuracy`` on it and processor
        ``seconds`` of one core. Empty where nothing is published.
    """
    path = published_folder() / "budgets.csv"
    return pd.read_csv(path) if path.exists() else pd.DataFrame()


# --- Values -------------------------------------------------------------------------------------


def write_values(profile: str, notebook: str, values: dict[str, Any]) -> Path:
    """Write the numbers a notebook gives to the report: ``build/<profile>/values/<notebook>.json``.

    Parameters
    ----------
    profile
        The run they belong to.
    notebook
        The notebook's name without ending, for example ``"01_data_visualisation"``.
    values
        Flat: name → number or string.

    Raises
    ------
    ValueError
        If a value is neither a number nor a string.
    """
    flat = plain(values)
    for name, value in flat.items():
        if not isinstance(value, bool | int | float | str):
            raise ValueError(f"value {name!r} of {notebook} is neither a number nor a string")
    return write_json(build_folder(profile) / "values" / f"{notebook}.json", flat)


def read_values(profile: str) -> dict[str, dict[str, Any]]:
    """Return what all notebooks of a profile gave: notebook → (name → number or string).

    What the second part of a lesson gave is found under the lesson's own name: the numbers of
    ``10b_sure_and_wrong`` are among those of ``10_robustness``.
    """
    folder = build_folder(profile) / "values"
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("[!.]*.json")):
        found.setdefault(_whole_lesson(path.stem), {}).update(read_json(path))
    return found


def _whole_lesson(name: str) -> str:
    """Return the name of the lesson a notebook is a part of: ``10b_…`` → ``10_robustness``."""
    number = re.match(r"(\d+)[b-z]_", name)
    if number is None:
        return name
    page = files.REPOSITORY / "config" / "notebooks.yaml"
    listed = yaml.safe_load(page.read_text(encoding="utf-8"))
    return next((whole for whole in listed if whole.startswith(f"{number[1]}_")), name)
