"""Proof that PDF, tables, figures, pages and runs belong together, without training anything.

Four questions, each answered with the names of the files that fail it: is every file the one of
the manifest; was the PDF set from these texts, tables and figures; do the scores of every run
follow from its predictions; are numbers and tables what the runs give?
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from har_utils import files, metrics, models, results
from har_utils.claims.material import Material, gather
from har_utils.report import agreement, manifest
from har_utils.report.agreement import Difference
from har_utils.report.tabulars import tables
from har_utils.report.tex import SOURCES
from har_utils.report.typesetting import macros
from har_utils.report.values import numbers
from har_utils.results import Run

OF_THE_DAY = "paper.commit"
"""The number that says which code a report was made from; code may go on without its results."""

OF_THE_MACHINE = "table_versions"
"""The table that names the machine and tools of whoever made it: only its digest counts."""

CLOSE = 1e-9
"""How far a score may lie from what follows from its predictions: the twelfth digit is rounded."""


@dataclass(frozen=True)
class State:
    """A build, or what was published: where its parts lie.

    Parameters
    ----------
    profile
        Under which `results` reads it: a build's profile, or `results.PUBLISHED`.
    folder
        What the manifest's paths are below.
    home
        The folder of manifest, PDF and generated files.
    figures
        The folder of figures.
    """

    profile: str
    folder: Path
    home: Path
    figures: Path

    @property
    def is_there(self) -> bool:
        """Whether there is a report to look at."""
        return (self.home / "report.pdf").exists()


def built(profile: str) -> State:
    """Return the state of a profile's build."""
    folder = results.build_folder(profile)
    return State(profile, folder, folder, folder / "figures")


def published() -> State:
    """Return the state of what was published."""
    home = results.published_folder().parent
    return State(results.PUBLISHED, home.parent, home, home.parent / "figures")


def problems(state: State) -> list[str]:
    """Return everything that does not belong together, one line for each file; empty if all does.

    Parameters
    ----------
    state
        A build or what was published.
    """
    said = manifest.problems(state.home / manifest.NAME, state.folder)
    for look in (_pdf_problems, _run_problems, _number_problems):
        try:
            said += look(state)
        except (OSError, ValueError) as error:
            said.append(str(error))
    return list(dict.fromkeys(said))


def _pdf_problems(state: State) -> list[str]:
    """Return whether the PDF was set from other files than those that lie beside it."""
    pdf = state.home / "report.pdf"
    now = manifest.set_from(SOURCES, state.home / "generated", state.figures)
    if manifest.said_in(pdf) == now:
        return []
    return [f"{files.shown(pdf)} was set from other texts, numbers, tables or figures than these"]


def _run_problems(state: State) -> list[str]:
    """Return the runs whose scores do not follow from their predictions."""
    return [
        f"{files.shown(results.run_file(run.folder, run.key, '.json'))}: "
        "its scores do not follow from its predictions"
        for run in _runs(results.results_folder(state.profile))
        if not _is_sound(run)
    ]


def _runs(folder: Path) -> Iterator[Run]:
    """Yield every final run of a results folder."""
    yield from itertools.chain.from_iterable(results.load_runs(folder).values())


def _is_sound(run: Run) -> bool:
    """Return whether a run's scores are those of its predictions."""
    record = run.record
    again = metrics.score(
        run.activity,
        run.probability,
        run.subject,
        run.probability.shape[1],
        record["probability_kind"],
    )
    return _near(again, record["metrics"])


def _near(one: object, other: object) -> bool:
    """Return whether two nested scores agree to the digits that are written down."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_near(one[key], other[key]) for key in one)
    if isinstance(one, float) and isinstance(other, int | float):
        return abs(one - other) <= CLOSE
    return one == other


def _number_problems(state: State) -> list[str]:
    """Return the numbers and tables that are not what the runs give."""
    if not (state.home / "values").is_dir():
        where = files.shown(state.home / "values")
        return [f"{where} is missing: numbers that lessons left cannot be computed again"]
    material = _material(state)
    path = state.home / "generated" / "numbers.tex"
    written = agreement.defined(path.read_text(encoding="utf-8"))
    again = agreement.defined(macros(numbers(material)))
    said = [
        f"{files.shown(path)}, {key}: {written.get(key)}, but the runs give {again.get(key)}"
        for key in sorted(written.keys() | again.keys())
        if written.get(key) != again.get(key) and key != OF_THE_DAY
    ]
    for name, text in tables(material).items():
        path = state.home / "generated" / f"{name}.tex"
        if name != OF_THE_MACHINE and path.read_text(encoding="utf-8") != text:
            said.append(f"{files.shown(path)} is not what the runs give")
    return said


@cache
def _material(state: State) -> Material:
    """Return what a report was written from, as its author had it."""
    material = gather(state.profile)
    if state.profile == results.PUBLISHED:
        written_by = files.read_json(state.home / "provenance.json")["profile"]
        material = replace(material, profile=written_by)
    return material


# --- This machine and the one that published ----------------------------------------------------


@dataclass(frozen=True)
class Verdict:
    """What a build says beside what was published.

    Parameters
    ----------
    n_claims
        How many claims there are.
    claims, numbers
        The claims that do not hold here; the numbers outside their tolerance.
    """

    n_claims: int
    claims: list[Difference]
    numbers: list[Difference]

    def __str__(self) -> str:
        """Return the verdict in one sentence, then a line for everything that differs."""
        n_hold = self.n_claims - len(self.claims)
        said = f"{n_hold} of {self.n_claims} claims hold on this machine; "
        said += f"{len(self.numbers)} numbers outside the published tolerance"
        return "\n  ".join([said, *map(str, [*self.claims, *self.numbers])])


def verdict(here: State, other: State) -> Verdict:
    """Evaluate every claim of a build, and compare it with the published one.

    Parameters
    ----------
    here
        A build, or what was published: then the claims are evaluated from the published runs.
    other
        What was published.
    """
    now = agreement.defined(macros(numbers(_material(here))))
    then = agreement.defined((other.home / "generated" / "numbers.tex").read_text(encoding="utf-8"))
    unlike = [each for each in agreement.unlike(then, now) if each.key != OF_THE_DAY]
    claims = [each for each in unlike if each.key.startswith(agreement.CLAIM)]
    n_claims = sum(key.startswith(agreement.CLAIM) for key in then.keys() | now.keys())
    return Verdict(n_claims, claims, [each for each in unlike if each not in claims])


def processors(here: State) -> pd.DataFrame:
    """Return how far the runs of a build lie from the same ones as they were published.

    Returns
    -------
    DataFrame
        One row per kind of model and quantity: ``runs``, and of what they differ by ``median`` and
        ``largest``. Accuracy and macro F1 in points, epochs as a count, *answers* as the share of
        windows that are called otherwise, in per cent. Empty if no run was made in both places.
    """
    folder = results.published_folder()
    pairs = [
        (run, results.read_run(folder, run.key))
        for run in _runs(results.results_folder(here.profile))
        if results.run_file(folder, run.key, ".json").exists()
    ]
    rows = [
        {"models": _kind(ours), **_distances(ours, theirs)}
        for ours, theirs in pairs
        if np.array_equal(ours.row, theirs.row)
    ]
    if not rows:
        return pd.DataFrame()
    table = pd.DataFrame(rows).melt("models", var_name="quantity", value_name="apart").dropna()
    return table.groupby(["models", "quantity"], sort=False)["apart"].agg(
        runs="count", median="median", largest="max"
    )


def _kind(run: Run) -> str:
    """Return the kind of a model: what rounding means to it differs."""
    if run.key.model in models.CLASSICAL:
        return "classical"
    return "recurrent" if "lstm" in run.key.model else "convolutional"


def _distances(ours: Run, theirs: Run) -> dict[str, float | None]:
    """Return how far two runs of the same key are from one another, by quantity."""
    one, other = ours.record["metrics"], theirs.record["metrics"]
    here, there = ((run.record["epochs"] or {}).get("chosen") for run in (ours, theirs))
    answers = [run.probability.argmax(axis=1) for run in (ours, theirs)]
    found: dict[str, float | None] = {
        "accuracy (points)": 100 * abs(one["accuracy"] - other["accuracy"]),
        "macro F1 (points)": 100 * abs(one["macro_f1"] - other["macro_f1"]),
        "answers (% of windows)": 100 * float(np.mean(answers[0] != answers[1])),
        "probability (largest)": float(np.abs(ours.probability - theirs.probability).max()),
    }
    if here is not None and there is not None:
        found["epochs chosen"] = abs(here - there)
    if one["negative_log_likelihood"] is not None:
        for name in ("negative_log_likelihood", "ece"):
            found[name.replace("_", " ")] = abs(one[name] - other[name])
    return found
