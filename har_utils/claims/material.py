"""Everything the report is written from, read once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from har_utils import (
    configuration,
    evaluation,
    files,
    models,
    recipe,
    results,
)
from har_utils.deployment import small_file
from har_utils.others import final
from har_utils.results import Epochs, Record, Run

SCORES = ("accuracy", "macro_f1", "macro_precision", "macro_recall")
"""The scores of the main table, in its order."""


PUBLISHED_FILE = files.REPOSITORY / "config" / "published.yaml"
"""Accuracies other people published: label, cite, accuracy, data, protocol."""


TUNING = "09_tuning"
"""The lesson that leaves what searches found."""


class NotMeasuredError(LookupError):
    """A build did not measure what a claim is about; the message says what is missing."""


@dataclass(frozen=True)
class Material:
    """Everything the numbers come from.

    Parameters
    ----------
    profile
        The profile the report belongs to.
    runs
        Name → final runs, as ``results.load_runs`` gives them.
    values
        Notebook → what it left (``results.read_values``).
    times
        One row per timed run (``results.timings``); may be empty.
    pairs
        The pairs of models to compare.
    published
        Accuracies others published: columns label, cite, accuracy, data, protocol.
    everybody
        Model → runs in which everybody was left out in turn (``evaluation.left_out``).
    attempts
        What networks reached that saw nobody of a data set (``others.final.summary``), the first
        attempt first.
    other_data_sets
        What the course's own models reach on other data sets (``others.published.table``).
    speed
        What was measured beside other libraries (``results.published_speed``).
    small_file
        What a small file reaches on other data sets (``deployment.small_file.table``).
    """

    profile: str
    runs: dict[str, list[Run]]
    values: dict[str, dict[str, Any]]
    times: pd.DataFrame
    pairs: list[tuple[str, str]]
    published: pd.DataFrame
    everybody: dict[str, list[Run]] = field(default_factory=dict)
    attempts: list[dict[str, Any]] = field(default_factory=list)
    other_data_sets: pd.DataFrame = field(default_factory=pd.DataFrame)
    speed: dict[str, Any] = field(default_factory=dict)
    small_file: pd.DataFrame = field(default_factory=pd.DataFrame)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """One row per model and variant."""
        return evaluation.summary_table(self.runs)

    @cached_property
    def pair_table(self) -> pd.DataFrame:
        """One row per pair whose two models have been run; everybody left out decides."""
        known = [pair for pair in self.pairs if set(pair) <= set(self.runs)]
        table = evaluation.pair_table(self.runs, known)
        everybody = evaluation.compare(self.everybody, known, len(self.pairs))
        return evaluation.decide(table, everybody)

    @cached_property
    def coverage(self) -> pd.DataFrame:
        """How often the intervals hold the truth (``evaluation.coverage_table``); may be empty."""
        return evaluation.coverage_table(self.everybody, evaluation.read_pairs())

    def left_by(self, notebook: str, *needed: str) -> dict[str, Any]:
        """Return the values that a notebook left.

        Raises
        ------
        NotMeasuredError
            If it left none, or one that is ``needed`` is not among them.
        """
        values = self.values.get(notebook, {})
        missing = [key for key in needed if key not in values]
        if missing or not values:
            raise NotMeasuredError(f"notebook {notebook} left no {missing or 'values'}")
        return values

    @property
    def network_runs(self) -> dict[str, list[Run]]:
        """The runs of the source's networks, in the order of the report."""
        return {name: self.runs[name] for name in models.NETWORKS}

    @property
    def networks(self) -> pd.DataFrame:
        """The summary of the source's networks."""
        return self.summary.loc[list(models.NETWORKS)]

    @property
    def other_networks(self) -> pd.DataFrame:
        """The summary of the networks that the source does not have; may be empty."""
        others = [name for name in models.BUILDERS if name not in models.NETWORKS]
        return self.summary.loc[[name for name in others if name in self.runs]]

    @property
    def all_networks(self) -> pd.DataFrame:
        """The summary of all networks, the source's first."""
        return pd.concat([self.networks, self.other_networks])

    @cached_property
    def recall(self) -> pd.DataFrame:
        """Recall by activity (row) and source's network (column)."""
        return evaluation.per_activity_table(self.network_runs).T

    @cached_property
    def people(self) -> pd.DataFrame:
        """Accuracy by test subject (row) and source's network (column)."""
        return evaluation.per_subject_table(self.network_runs).T

    @property
    def source(self) -> dict[str, float]:
        """The source's accuracies, fractions, by model."""
        return {name: scores["accuracy"] for name, scores in models.PUBLISHED.items()}

    @property
    def best_network(self) -> pd.Series:
        """The summary row of the source's network with the highest mean accuracy."""
        return self.networks.loc[self.networks["accuracy_mean"].idxmax()]

    @property
    def confusions(self) -> list[np.ndarray]:
        """Counts by true and given activity of each of the source's networks, mean over seeds."""
        return [evaluation.mean_confusion(runs) for runs in self.network_runs.values()]

    @property
    def epochs(self) -> dict[str, Epochs]:
        """How many epochs each of the source's networks was trained: ``chosen`` and ``cap``."""
        return {name: runs[0].record["epochs"] for name, runs in self.network_runs.items()}

    @property
    def searches(self) -> dict[str, dict[str, float]]:
        """What large searches for settings found, by network; nothing of small ones.

        The number of ``trials``, and losses on held-out subjects: ``source_loss`` with the source's
        settings, ``best_loss`` of the best trial, ``kept_loss`` of the one the other folds choose.
        """
        values = self.values.get(TUNING, {})
        if values.get("is_small", True):
            return {}
        keys = ("trials", "source_loss", "best_loss", "kept_loss")
        return {
            name: {key: values[f"{name}_{key}"] for key in keys}
            for name in models.NETWORKS
            if f"{name}_trials" in values
        }

    @property
    def tuned_records(self) -> dict[str, Record]:
        """The record of the first run of each network with searched settings."""
        return {
            name.removesuffix("@tuned"): runs[0].record
            for name, runs in self.runs.items()
            if name.endswith("@tuned")
        }

    @property
    def titled(self) -> list[str]:
        """The models that have been run, without variants, in the order of the report."""
        return [name for name in models.TITLES if name in self.runs]

    @property
    def classical(self) -> pd.DataFrame:
        """The summary of the classical models."""
        return self.summary.loc[list(models.CLASSICAL)]

    @property
    def convolutions(self) -> pd.DataFrame:
        """The summary of the models of random convolutions; may be empty."""
        return self.summary.loc[[name for name in models.CONVOLUTIONS if name in self.runs]]

    @property
    def modern_to_convolutions(self) -> pd.DataFrame:
        """The course's own network compared with the models of random convolutions."""
        pairs = [("modern", name) for name in self.convolutions.index if "modern" in self.runs]
        return evaluation.pair_table(self.runs, pairs)

    def variants(self, variant: str) -> pd.DataFrame:
        """Return the summary of one variant's rows, in the order of the report; may be empty."""
        names = [f"{model}@{variant}" for model in models.TITLES]
        return self.summary.loc[[name for name in names if name in self.runs]]

    def against_usual(self, variant: str) -> pd.DataFrame:
        """Return the source's networks in a variant compared with the same in our protocol."""
        names = [name for name in models.NETWORKS if f"{name}@{variant}" in self.runs]
        return evaluation.pair_table(self.runs, [(f"{name}@{variant}", name) for name in names])

    @property
    def recipe_to_modern(self) -> pd.DataFrame:
        """The course's own network compared with the source's, trained by its recipe."""
        names = [f"{name}@recipe" for name in models.NETWORKS if f"{name}@recipe" in self.runs]
        pairs = [("modern", name) for name in names if "modern" in self.runs]
        return evaluation.pair_table(self.runs, pairs)

    @property
    def network_pairs(self) -> pd.DataFrame:
        """The pairs in which both are networks."""
        table = self.pair_table
        return table[table["a"].isin(models.NETWORKS) & table["b"].isin(models.NETWORKS)]

    @property
    def minutes(self) -> dict[str, float]:
        """Mean minutes of the final training of one seed, by name."""
        if "refit" not in self.times:
            return {}
        final = self.times[self.times["fold"].isna()]
        return (final.groupby("name")["refit"].mean().dropna() / 60).to_dict()

    @property
    def timed_on(self) -> dict[str, list[str]]:
        """The networks, without variants, that were timed on each processor."""
        if self.times.empty:
            return {}
        names = [name for name in models.BUILDERS if name in self.minutes]
        timed = self.times[["processor", "name"]].drop_duplicates().set_index("name")["processor"]
        found: dict[str, list[str]] = {processor: [] for processor in timed.loc[names]}
        for name in names:
            for processor in timed.loc[[name]]:
                found[processor].append(name)
        return found


def gather(profile: str) -> Material:
    """Read what a profile's report is made from.

    Raises
    ------
    FileNotFoundError
        If one of the source's models has not been run.
    """
    there = (name.partition("@") for name in results.available(profile))
    optional = [
        "".join(parts)
        for parts in there
        if parts[0] in models.TITLES and parts[2] not in recipe.POOLED
    ]
    names = dict.fromkeys([*models.CLASSICAL, *models.NETWORKS, *optional])
    runs = results.load_runs(profile, names, quiet=True)
    windows = runs[models.NETWORKS[0]][0].row  # a smoke run has fewer than what is published
    return Material(
        profile=profile,
        runs={n: seeds for n, seeds in runs.items() if np.array_equal(seeds[0].row, windows)},
        values=results.read_values(profile),
        times=_of_models(results.timings(profile)),
        pairs=evaluation.read_pairs(),
        published=pd.DataFrame(configuration.read(PUBLISHED_FILE)),
        everybody=_of_this_data(evaluation.left_out(profile), runs),
        attempts=_attempts(),
        other_data_sets=_on_other_data_sets(),
        speed=results.published_speed(),
        small_file=small_file.table(),
    )


def _attempts() -> list[dict[str, Any]]:
    """Return what networks reached on other data sets; nothing where no answers are published."""
    try:
        return [final.summary(name) for name in final.scored()]
    except FileNotFoundError:
        return []


def _on_other_data_sets() -> pd.DataFrame:
    """Return what the course's own models reach there; empty where nothing is published."""
    path = final.folder() / "published_networks.csv"
    return pd.read_csv(path) if path.exists() else pd.DataFrame()


def _of_models(times: pd.DataFrame) -> pd.DataFrame:
    """Leave out what a lesson trained for itself, like the first network of notebook 3b."""
    return times if times.empty else times[times["model"].isin(models.TITLES)]


def _of_this_data(
    everybody: dict[str, list[Run]], runs: dict[str, list[Run]]
) -> dict[str, list[Run]]:
    """Return the runs over everybody if they are of as many people as the others are made for.

    A smoke run has four people; what thirty said is not about it.
    """
    of_four = next(iter(runs.values()))[0].record["profile"] == "smoke"
    return {} if of_four else everybody
