"""Choosing a network on training subjects: every candidate that was tried, and how it did.

A candidate is a variation of `models.modern` and of the recipe it is trained with, listed in
``config/candidates.yaml``. It is trained once per fold and seed; how it did is in
``report/results/selection/``, so that nobody has to believe that only one was tried.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from har_utils import configuration, files, models, results, training
from har_utils.dataset import Dataset
from har_utils.recipe import MODERN, Recipe
from har_utils.results import Key, Run

CANDIDATES_FILE = files.REPOSITORY / "config" / "candidates.yaml"
"""The candidates, in the order in which they were thought of."""

FOLDER = "selection"
"""Where the tables of the candidates are among the results."""


@dataclass(frozen=True)
class Candidate:
    """A network and a recipe to try.

    Attributes
    ----------
    name
        Letters, digits and ``_``; part of every run's digest.
    title
        What people read instead.
    since
        When it came into the list, as 2026-11-26.
    idea
        Why it might be better, in a line.
    network
        Arguments of `models.modern` that differ from its own.
    changes
        Settings of the recipe that differ from `recipe.MODERN`.
    of
        The network that it was tried for.
    """

    name: str
    title: str = ""
    since: str = ""
    idea: str = ""
    network: dict[str, Any] = field(default_factory=dict)
    changes: dict[str, Any] = field(default_factory=dict)
    of: str = "modern"

    def __post_init__(self) -> None:
        """Give a candidate without a title its name in words."""
        if not self.title:
            object.__setattr__(self, "title", self.name.replace("_", " "))

    @property
    def recipe(self) -> Recipe:
        """How it is trained."""
        return replace(MODERN, **self.changes)

    def shortened(self, max_epochs: int) -> Candidate:
        """Return the same candidate trained for so many epochs; 0 leaves it as it is."""
        changes = {**self.changes, "max_epochs": max_epochs} if max_epochs else self.changes
        return replace(self, changes=changes)

    def key(self, fold: int, seed: int) -> Key:
        """Return the run that holds out one fold."""
        return Key(results.CANDIDATE + self.name, fold=fold, seed=seed)


def read(path: Path = CANDIDATES_FILE) -> list[Candidate]:
    """Read the list of candidates.

    Raises
    ------
    ValueError
        If two have the same name, or one has an argument that does not exist.
    """
    listed = configuration.read(path, "candidates")
    try:
        candidates = [Candidate(**entry) for entry in listed]
        for candidate in candidates:
            assert candidate.recipe
            inspect.signature(models.modern).bind_partial(**candidate.network)
    except TypeError as error:
        raise ValueError(f"{files.shown(path)}: {error}") from None
    names = [candidate.name for candidate in candidates]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"{files.shown(path)}: {', '.join(twice)} is there more than once")
    return candidates


def titles(of: str = "modern") -> dict[str, str]:
    """Return what people read for each candidate's name, in the order of the list."""
    return {candidate.name: candidate.title for candidate in read() if candidate.of == of}


def find(name: str) -> Candidate:
    """Return a candidate by its name.

    Raises
    ------
    ValueError
        If there is none of that name.
    """
    candidates = {candidate.name: candidate for candidate in read()}
    if name not in candidates:
        raise ValueError(f"no candidate is called {name!r}; there are {', '.join(candidates)}")
    return candidates[name]


def train(
    candidate: Candidate,
    data: Dataset,
    folds: Iterable[int],
    seed: int = 0,
    profile: str = "full",
    progress: bool = True,
) -> Iterator[Run]:
    """Train a candidate without each fold, or read what was trained before; yield the runs.

    Parameters
    ----------
    candidate
        What to train.
    data
        The data set; its test subjects are not touched.
    folds
        Which folds to hold out, one after the other.
    seed
        Seed of the initial weights, of the order of the windows and of how they are altered.
    profile
        Whose build the runs are written to.
    progress
        Say how far a training is.
    """
    build_model = partial(models.modern, **candidate.network)
    for fold in folds:
        yield training.run(
            candidate.key(fold, seed).model,
            build_model,
            data,
            candidate.recipe,
            seed,
            profile,
            fold=fold,
            progress=progress,
        )


def write(candidate: Candidate, runs: Iterable[Run], profile: str = "full") -> pd.DataFrame:
    """Write how a candidate did on each fold, ``selection/<candidate>/seed-<k>.csv``.

    Parameters
    ----------
    candidate
        Which one.
    runs
        Its runs with one seed, as `train` yields them.
    profile
        Whose build it is written to.

    Returns
    -------
    DataFrame
        One row per run: candidate, fold, seed, accuracy, macro_f1, negative_log_likelihood,
        n_parameters, cpu_seconds, digest.
    """
    rows = pd.DataFrame([_row(candidate, run) for run in runs])
    results.write_table(profile, f"{FOLDER}/{candidate.name}/seed-{rows['seed'].iloc[0]}", rows)
    return rows


def table(profile: str = "full", of: str = "modern") -> pd.DataFrame:
    """Return what `write` wrote for every candidate, the profile's own or the published.

    Parameters
    ----------
    profile
        Whose build comes first.
    of
        The network that they were tried for.

    Returns
    -------
    DataFrame
        In the order of the list of candidates, seed by seed; empty if none has been trained.
    """
    wanted = [candidate.name for candidate in read() if candidate.of == of]
    found = [rows for name in wanted for rows in _read(name, profile)]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()


def accuracy_on_folds(profile: str = "full") -> float | None:
    """Return what the modern network, as it is, recognises on folds of the training people.

    It is the candidate that changes nothing; the mean over folds, of the mean over seeds. None if
    it has not been trained on them. The network was chosen on these folds, which flatters it.
    """
    itself = (each for each in read() if not each.network and each.recipe == MODERN)
    name = next((each.name for each in itself if each.of == "modern"), None)
    rows = _read(name, profile) if name else []
    return float(ranking(pd.concat(rows))["accuracy"].iloc[0]) if rows else None


def _read(name: str, profile: str) -> list[pd.DataFrame]:
    """Return one candidate's tables, one per seed, from the first place that has any."""
    for folder in results.sources(profile):
        if files := sorted((folder / FOLDER / name).glob("seed-*.csv")):
            return [pd.read_csv(path) for path in files]
    return []


def _row(candidate: Candidate, run: Run) -> dict[str, Any]:
    """Return what is told of one run."""
    scores = run.record["metrics"]
    assert run.timing is not None  # it was trained, and every training is timed
    return {
        "candidate": candidate.name,
        "fold": run.key.fold,
        "seed": run.key.seed,
        **{name: scores[name] for name in ("accuracy", "macro_f1", "negative_log_likelihood")},
        "n_parameters": run.record["n_parameters"],
        "cpu_seconds": round(run.timing["seconds"]["select"]["cpu"]),
        "digest": run.record["digest"][:12],
    }


def ranking(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row per candidate: the mean over folds, of the mean over seeds, best first.

    Parameters
    ----------
    rows
        As `table` gives them.

    Returns
    -------
    DataFrame
        Index candidate; columns n_folds, n_seeds, accuracy, worst_fold, negative_log_likelihood,
        n_parameters.
    """
    by_fold = rows.groupby(["candidate", "fold"])[["accuracy", "negative_log_likelihood"]].mean()
    grouped = by_fold.groupby("candidate")
    summary = pd.DataFrame(
        {
            "n_folds": grouped.size(),
            "n_seeds": rows.groupby("candidate")["seed"].nunique(),
            "accuracy": grouped["accuracy"].mean(),
            "worst_fold": grouped["accuracy"].min(),
            "negative_log_likelihood": grouped["negative_log_likelihood"].mean(),
            "n_parameters": rows.groupby("candidate")["n_parameters"].first(),
        }
    )
    return summary.sort_values("accuracy", ascending=False)


def for_people(rows: pd.DataFrame) -> pd.DataFrame:
    """Return `ranking` as people read it: titles, shares in per cent, best first."""
    wanted = ["n_seeds", "accuracy", "worst_fold", "negative_log_likelihood", "n_parameters"]
    shown = ranking(rows)[wanted]
    shown[["accuracy", "worst_fold"]] *= 100
    shown = shown.rename(index={each.name: each.title for each in read()}).rename_axis(None)
    columns = ["seeds", "accuracy (%)", "worst fold (%)", "softmax loss", "parameters"]
    return shown.set_axis(columns, axis=1).round(3)
