"""Runs of random convolutions: fitted once for the test subjects, or once for each person left out.

A run that was made before in the same way is read instead of repeated, and so is each person.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import softmax

from har_utils import files, models, results, training
from har_utils.dataset import Dataset, assert_disjoint_subjects
from har_utils.digests import code_digest
from har_utils.models import rocket
from har_utils.results import Key, Run

CODE = ("models.rocket", "models.ridge")
"""The modules that decide what a fitted model says."""

VARIANTS = (None, "loso")
"""Scored on the test subjects, or on everybody, left out in turn."""

HELD_OUT = ("probability", "penalty", "seconds", "n_parameters")
"""What is kept of a person left out, until everybody was."""


@dataclass(frozen=True)
class _Job:
    """Which model to fit, and for whose build."""

    name: str
    seed: int
    profile: str
    n_kernels: int

    @property
    def how(self) -> dict[str, Any]:
        """What decides how it is fitted, besides the data and the seed."""
        return {"n_kernels": self.n_kernels, "code": code_digest(CODE)}


def run(
    name: str,
    data: Dataset,
    seed: int = 0,
    profile: str = "lab",
    n_kernels: int | None = None,
    variant: str | None = None,
) -> Run:
    """Fit on the training subjects, let the model see the test subjects once, write the run.

    With variant "loso" everybody is left out in turn, the model is fitted on all the others, and
    what it says of each is written as one run.

    Parameters
    ----------
    name
        One of `models.CONVOLUTIONS`.
    data
        As ``dataset.load_for(variant)`` gives it.
    seed
        Of everything that is drawn.
    profile
        Whose build it is written to.
    n_kernels
        How many; None takes as many as the papers.
    variant
        None or "loso".

    Returns
    -------
    Run

    Raises
    ------
    ValueError
        If there is no model or no variant of that name.
    """
    if variant not in VARIANTS:
        raise ValueError(f"{variant!r} is no variant of random convolutions, only 'loso' is")
    job = _job(name, seed, profile, n_kernels)
    tested = replace(data, table=data.table.assign(split="test")) if variant else data
    done = _read_back(job, variant, tested)
    if done is not None:
        return done
    probability, fitted = _left_out(job, data) if variant else _tested(job, data)
    penalties = [each["penalty"].item() for each in fitted]
    chosen = job.how | ({"penalties": penalties} if variant else {"penalty": penalties[0]})
    return _write(job, variant, tested, probability, chosen, fitted)


def _tested(job: _Job, data: Dataset) -> tuple[np.ndarray, list[dict[str, np.ndarray]]]:
    """Return what a model says of the test subjects, and what fitting it took (`HELD_OUT`)."""
    fitted = _fit(job, data.train, data.test)
    return fitted["probability"], [fitted]


def _left_out(job: _Job, data: Dataset) -> tuple[np.ndarray, list[dict[str, np.ndarray]]]:
    """Return what models say of the people they were not fitted on, and what each fit took."""
    people = [_person(job, data, fold) for fold in range(len(data.folds))]
    probability = np.empty((len(data), people[0]["probability"].shape[1]), np.float32)
    for held_out, person in zip(data.folds, people, strict=True):
        probability[np.isin(data.subjects, held_out)] = person["probability"]
    return probability, people


def _job(name: str, seed: int, profile: str, n_kernels: int | None) -> _Job:
    """Return a job whose model there is."""
    if name not in models.CONVOLUTIONS:
        known = ", ".join(models.CONVOLUTIONS)
        raise ValueError(f"no model of random convolutions is called {name!r}; there are {known}")
    return _Job(name, seed, profile, n_kernels or rocket.N_KERNELS[name])


def _read_back(job: _Job, variant: str | None, data: Dataset) -> Run | None:
    """Return the run of a profile's build if it was made in the same way."""
    key = Key(job.name, variant, None, job.seed)
    try:
        done = results.read_run(results.results_folder(job.profile), key)
    except (FileNotFoundError, ValueError):
        return None
    record, chosen = done.record, done.record.get("chosen", {})
    was = (record["data"]["digest"], record["versions"], record["code_digest"])
    now = (data.digest, results.versions(), code_digest(training.CODE))
    return done if was == now and chosen.items() >= job.how.items() else None


def _fit(job: _Job, train: Dataset, predicted: Dataset) -> dict[str, np.ndarray]:
    """Fit a model; return what it says of others, and what it took (`HELD_OUT`)."""
    assert_disjoint_subjects(train, predicted)
    model = rocket.BUILDERS[job.name](job.seed, job.n_kernels)
    started = time.process_time()  # other programs do not stretch it
    model.fit(train.windows, train.labels)
    seconds = time.process_time() - started
    ridge, scores = model[-1], model.decision_function(predicted.windows)
    found = {
        "probability": softmax(scores, axis=1).astype(np.float32),
        "penalty": ridge.penalty_,
        "seconds": seconds,
        "n_parameters": ridge.coef_.size + ridge.intercept_.size,
    }
    return {name: np.atleast_1d(value) for name, value in found.items()}


def _person(job: _Job, data: Dataset, fold: int) -> dict[str, np.ndarray]:
    """Return what a model says of somebody it was not fitted on, read if it was done before."""
    train, person = data.fold(fold)
    digest = results.run_digest(data=train.digest, versions=results.versions(), **job.how)
    folder = results.build_folder(job.profile) / "held-out" / job.name / f"seed-{job.seed}"
    path = folder / f"{digest[:16]}.npz"
    if not path.exists():
        files.write_arrays(path, _fit(job, train, person))
    return files.read_arrays(path, HELD_OUT)


def _write(
    job: _Job,
    variant: str | None,
    data: Dataset,
    probability: np.ndarray,
    chosen: dict[str, Any],
    fitted: list[dict[str, np.ndarray]],
) -> Run:
    """Write a run, with the processor seconds of all that was fitted for it."""
    return training.record_classical(
        job.name,
        probability,
        data,
        job.seed,
        job.profile,
        variant,
        probability_kind="score",
        fit_seconds=sum(each["seconds"].item() for each in fitted),
        chosen=chosen,
        n_parameters=fitted[0]["n_parameters"].item(),
    )
