"""Runs of folds put together and scored as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from har_utils import results
from har_utils.evaluation.intervals import rescored
from har_utils.results import Record, Run


def pool(runs: Sequence[Run]) -> list[Run]:
    """Put the predictions of all folds together: one run per seed, as if of one model.

    Macro F1 over all people at once is not the mean of their own: somebody with few windows, or
    without one of the activities, would count too much.

    Parameters
    ----------
    runs
        Runs of folds of one model, of one or several seeds. Seeds that lack a fold which another
        seed has are left out, so that all predict the same windows.

    Returns
    -------
    list of Run
        By seed; ``record["folds"]`` says which folds there were.

    Raises
    ------
    ValueError
        If two folds predict the same window, or the runs are not of one model.
    """
    by_seed: dict[int, list[Run]] = {}
    for run in sorted(runs, key=lambda run: (run.key.seed, run.key.fold)):
        by_seed.setdefault(run.key.seed, []).append(run)
    every = {run.key.fold for run in runs}
    whole = [folds for folds in by_seed.values() if {run.key.fold for run in folds} == every]
    return [_pooled(folds) for folds in whole]


def _pooled(folds: Sequence[Run]) -> Run:
    """Return the runs of one seed's folds as one run, its windows in the order of their rows."""
    first = folds[0]
    if len({run.key.name for run in folds}) > 1:
        raise ValueError("only folds of one model can be put together")
    row = np.concatenate([run.row for run in folds])
    if len(np.unique(row)) < len(row):
        raise ValueError(f"{first.key.name}: two folds predict the same window")
    order = np.argsort(row)
    arrays: dict[str, Any] = {
        name: np.concatenate([getattr(run, name) for run in folds])[order]
        for name in results.ARRAYS
    }
    record: Record = {
        **first.record,
        "fold": None,
        "folds": [run.key.fold for run in folds if run.key.fold is not None],
        "predicted": sorted({int(subject) for run in folds for subject in run.subject}),
        "digest": results.run_digest(folds=[run.record["digest"] for run in folds]),
        "epochs": {"folds": [run.record["epochs"] for run in folds]},
        "history": {},
        "trained_on": [],
    }
    key = replace(first.key, fold=None)
    together = Run(key=key, record=record, folder=first.folder, **arrays)
    return rescored(together, together.probability)


def load_pooled(profile: str, name: str, quiet: bool = False) -> list[Run]:
    """Return the folds of a model put together, one run per seed; an empty list if there are none.

    Folds are looked for where runs are. Runs that somebody put together before and wrote as
    final runs (``results.write_run``) do as well, and go before folds of fewer windows or seeds.

    Parameters
    ----------
    profile
        Whose build comes first.
    name
        For example ``"modern@loso"``.
    quiet
        Do not say where the runs came from.
    """
    folds, whole = (
        results.load_runs(profile, [name], fold, quiet=quiet, optional=True).get(name, [])
        for fold in (results.EVERY_FOLD, None)
    )
    pooled = pool(folds)
    return whole if _n_answers(pooled) < _n_answers(whole) else pooled


def _n_answers(runs: Sequence[Run]) -> int:
    """Return how many windows were recognised, each as often as there are seeds."""
    return sum(len(run.row) for run in runs)


def load_all_pooled(profile: str, variant: str, quiet: bool = False) -> dict[str, list[Run]]:
    """Return every model of a variant that was trained fold by fold, its folds put together.

    Parameters
    ----------
    profile
        Whose build comes first.
    variant
        For example ``"loso"``.
    quiet
        Do not say where the runs came from.

    Returns
    -------
    dict
        Name → one run per seed; empty if there are none.
    """
    there = {*results.available(profile), *results.available(profile, fold=0)}
    names = sorted(name for name in there if name.endswith(f"@{variant}"))
    return {name: load_pooled(profile, name, quiet) for name in names}
