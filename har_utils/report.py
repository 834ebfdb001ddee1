r"""From results to LaTeX: the report's numbers, sentences and tables; a strict look at its log.

Nothing in the report is typed by hand. ``write_generated`` turns the runs, the values the
notebooks left and the published numbers of others into ``numbers.tex``, whose macros the text
reads with ``\har{key}``, and into one file per table.
"""

from __future__ import annotations

import importlib.metadata
import platform
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from har_utils import (
    claims,
    dataset,
    evaluation,
    features,
    models,
    recordings,
    results,
    selection,
    signals,
)
from har_utils.claims import MISSING, SPACE, decimal, grouped, listing, percent, word
from har_utils.notebooks import write_text
from har_utils.recipe import MODERN
from har_utils.results import Run

BANNER = "SMOKE RUN: numbers mean nothing"
"""What stands on every page of a report made by profile ``smoke``."""

SCORES = ("accuracy", "macro_f1", "macro_precision", "macro_recall")
"""The scores of the main table, in its order."""

SHORT_ACTIVITIES = ("Walk", "Up", "Down", "Sit", "Stand", "Lie")
"""The activities as the head of a narrow table names them."""

F1_WITH_INTERVAL = ("macro_f1", "macro_f1_low", "macro_f1_high")
"""What notebook 10 leaves of models that were tested on everybody, by the end of its name."""

SOURCE_EPOCHS = 100
"""How long the source trained every network; it showed the test subjects while doing so."""

TOOLS = ("scipy", "pandas", "matplotlib", "papermill", "snakemake")
"""Packages the appendix names besides those that can change a result."""

PUBLISHED_FILE = results.REPOSITORY / "config" / "published.yaml"
"""Accuracies other people published: label, cite, accuracy, data, protocol."""

OVERFULL = 10.0
"""How far in points a line may stick out of its column before the build fails."""


# --- Text to LaTeX ------------------------------------------------------------------------------

ESCAPES = {
    "\\": r"\textbackslash{}",
    **{character: f"\\{character}" for character in "{}#$%&_"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    SPACE: "~",
    "–": "--",
    "−": "$-$",
    "±": r"$\pm$",
    "×": r"$\times$",
    "<": "$<$",
    ">": "$>$",
    "…": r"\dots{}",
}
"""Characters that LaTeX reads as commands, or knows by another name."""


def latex(text: str) -> str:
    r"""Return plain text as LaTeX that prints it: ``92.4 %`` → ``92.4~\%``."""
    return "".join(ESCAPES.get(character, character) for character in str(text))


def macros(numbers: dict[str, str]) -> str:
    """Return the file that defines each number or sentence (plain text) under its key.

    Raises
    ------
    ValueError
        If a key holds a character that LaTeX does not take in a name.
    """
    for key in numbers:
        if not re.fullmatch(r"[A-Za-z0-9@._-]+", key):
            raise ValueError(f"{key!r} cannot be a number's key: use letters, digits and . _ - @")
    lines = [f"\\hardefine{{{key}}}{{{latex(numbers[key])}}}" for key in sorted(numbers)]
    return "\n".join(["% Written by har_utils.report from the results: do not edit.", *lines, ""])


def tabular(columns: str, head: Sequence[str], rows: Iterable[Sequence[str] | None]) -> str:
    r"""Return a table with rules above, below and under its head; cells are LaTeX already.

    Parameters
    ----------
    columns
        LaTeX column specification; with an ``X`` in it the table is as wide as its column.
    head
        One cell per column.
    rows
        One sequence of cells per row; None draws a rule.
    """
    wide = "X" in columns
    kind = "tabularx" if wide else "tabular"
    start = rf"\begin{{{kind}}}" + (r"{\linewidth}" if wide else "") + f"{{@{{}}{columns}@{{}}}}"
    body = [r"\midrule" if row is None else " & ".join(row) + r" \\" for row in rows]
    lines = [start, r"\toprule", " & ".join(head) + r" \\", r"\midrule", *body, r"\bottomrule"]
    return "\n".join([*lines, rf"\end{{{kind}}}", ""])


# --- What the report is made from ---------------------------------------------------------------


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
    """

    profile: str
    runs: dict[str, list[Run]]
    values: dict[str, dict[str, Any]]
    times: pd.DataFrame
    pairs: list[tuple[str, str]]
    published: pd.DataFrame

    @cached_property
    def summary(self) -> pd.DataFrame:
        """One row per model and variant."""
        return evaluation.summary_table(self.runs)

    @cached_property
    def pair_table(self) -> pd.DataFrame:
        """One row per pair whose two models have been run."""
        known = [pair for pair in self.pairs if set(pair) <= set(self.runs)]
        return evaluation.pair_table(self.runs, known)

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
    def titled(self) -> list[str]:
        """The models that have been run, without variants, in the order of the report."""
        return [name for name in models.TITLES if name in self.runs]

    @property
    def classical(self) -> pd.DataFrame:
        """The summary of the classical models."""
        return self.summary.loc[list(models.CLASSICAL)]

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
        found = {processor: [] for processor in timed.loc[names]}
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
        if parts[0] in models.TITLES and parts[2] not in models.POOLED
    ]
    names = dict.fromkeys([*models.CLASSICAL, *models.NETWORKS, *optional])
    runs = results.load_runs(profile, names, quiet=True)
    windows = runs[models.NETWORKS[0]][0].row  # a smoke run has fewer than what is published
    return Material(
        profile=profile,
        runs={n: seeds for n, seeds in runs.items() if np.array_equal(seeds[0].row, windows)},
        values=results.read_values(profile),
        times=results.timings(profile),
        pairs=evaluation.read_pairs(),
        published=pd.DataFrame(yaml.safe_load(PUBLISHED_FILE.read_text(encoding="utf-8"))),
    )


# --- Numbers ------------------------------------------------------------------------------------


def numbers(material: Material) -> dict[str, str]:
    """Return every number and sentence of the text: key → plain text."""
    return {
        "profile": material.profile,
        "banner": BANNER if material.profile == "smoke" else "",
        **_data_numbers(),
        **_protocol_numbers(material),
        **_model_numbers(material),
        **_value_numbers(material.values),
        **{f"claim.{key}": text for key, text in _claims(material).items()},
    }


def _data_numbers() -> dict[str, str]:
    """Return what is known about the data without any run."""
    table = dataset.published_table()
    split = table["split"].value_counts()
    recorded = recordings.load()
    return {
        "data.n_windows": grouped(len(table)),
        "data.n_train": grouped(split["train"]),
        "data.n_test": grouped(split["test"]),
        "data.n_subjects": word(table["subject"].nunique()),
        "data.n_train_subjects": word(len(dataset.TRAIN_SUBJECTS)),
        "data.n_test_subjects": word(len(dataset.TEST_SUBJECTS)),
        "data.n_activities": word(len(dataset.ACTIVITIES)),
        "data.n_channels": word(len(dataset.CHANNELS)),
        "recordings.count": grouped(len(recorded)),
        "recordings.n_samples": grouped(sum(len(each.acceleration) for each in recorded)),
        "features.count": grouped(len(features.NAMES)),
        "features.n_unique": grouped(len(set(features.NAMES))),
        "features.n_copied": grouped(
            sum(name.startswith("tGravityAccMag") for name in features.NAMES)
        ),
        "signals.window": str(signals.WINDOW),
        "signals.window_seconds": f"{signals.WINDOW / signals.SAMPLING_RATE:g}",
        "signals.sampling_rate": f"{signals.SAMPLING_RATE:g}",
        "signals.median_size": word(signals.MEDIAN_SIZE),
        "signals.noise_cutoff": f"{signals.NOISE_CUTOFF:g}",
        "signals.noise_order": word(signals.NOISE_ORDER),
        "signals.gravity_cutoff": f"{signals.GRAVITY_CUTOFF:g}",
        "signals.gravity_order": word(signals.GRAVITY_ORDER),
        "signals.drift_cutoff": f"{signals.DRIFT_CUTOFF:g}",
        "signals.drift_order": word(signals.DRIFT_ORDER),
        "folds.count": word(len(dataset.FOLDS)),
        "folds.first_size": word(len(dataset.FOLDS[0])),
    }


def _protocol_numbers(material: Material) -> dict[str, str]:
    """Return what was done how often."""
    record = next(iter(material.runs.values()))[0].record
    seeds = {len(runs) for runs in material.network_runs.values()}
    source = max(models.PUBLISHED[name]["accuracy"] for name in models.NETWORKS)
    return {
        "magnify.smallest": f"{models.SMALLEST:g}",
        "modern.rotation": f"{MODERN.rotation:g}",
        "ablation.epochs": str(selection.read()[0].recipe.max_epochs),
        "data.digest_short": record["data"]["digest"][:12],
        "networks.count": word(len(models.NETWORKS)),
        "networks.seeds": " to ".join(word(count) for count in sorted({min(seeds), max(seeds)})),
        "bootstrap.resamples": grouped(evaluation.N_RESAMPLES),
        "bootstrap.level": percent(evaluation.LEVEL, 0),
        "source.best_accuracy": percent(source, 2),
        "source.epochs": str(SOURCE_EPOCHS),
        "times.runs": grouped(len(material.times)),
        "times.minutes": decimal(_all_minutes(material.times), 0),
    }


def _all_minutes(times: pd.DataFrame) -> float:
    """Return how many minutes all timed runs took together, one after the other."""
    return float(times.reindex(columns=results.PHASES).sum().sum() / 60)


def _model_numbers(material: Material) -> dict[str, str]:
    """Return the scores and sizes of every model and variant."""
    numbers = {}
    for name, row in material.summary.iterrows():
        shown = {"title": models.title(name)}
        for score in SCORES:
            shown[score] = percent(row[f"{score}_mean"])
            shown[f"{score}_sd"] = decimal(100 * row[f"{score}_sd"])
            shown[f"{score}_interval"] = interval(row, score)
        shown["negative_log_likelihood"] = decimal(_float(row["negative_log_likelihood_mean"]), 3)
        shown["ece"] = decimal(_float(row["ece_mean"]), 3)
        shown["n_parameters"] = _count(row["n_parameters"])
        shown["multiply_adds"] = _millions(row["multiply_adds"])
        published = models.PUBLISHED.get(name.partition("@")[0], {})
        shown["published_accuracy"] = percent(published.get("accuracy"), 2)
        numbers |= {f"{name}.{key}": text for key, text in shown.items()}
    return numbers


def _value_numbers(values: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Return every value of every notebook, a fraction also as ``<key>.percent``."""
    numbers = {}
    for notebook, given in values.items():
        for key, value in given.items():
            name = f"{notebook}.{key}"
            if isinstance(value, float):
                numbers[f"{name}.percent"] = percent(value)
            numbers[name] = _shown_value(value)
    return numbers


def _shown_value(value: bool | int | float | str) -> str:
    """Return a value as text: whole numbers grouped, others to three digits."""
    if isinstance(value, bool | str):
        return str(value)
    return grouped(value) if isinstance(value, int) else f"{value:#.3g}".replace("-", "−")


def _float(value: float | None) -> float:
    """Return a number, nan where there is none."""
    return float("nan") if value is None else float(value)


def _count(value: float | None) -> str:
    """Return a whole number, a dash where there is none."""
    return MISSING if pd.isna(value) else grouped(value)


def _millions(value: float | None) -> str:
    """Return a number of operations in millions."""
    return MISSING if pd.isna(value) or not value else f"{decimal(value / 1e6)}{SPACE}million"


def interval(row: pd.Series, score: str = "accuracy", digits: int = 1) -> str:
    """Return the interval of a score in per cent: ``89.9 to 94.6``."""
    low, high = row[f"{score}_low"], row[f"{score}_high"]
    return f"{decimal(100 * low, digits)} to {decimal(100 * high, digits)}"


# --- Sentences ----------------------------------------------------------------------------------


def _claims(material: Material) -> dict[str, str]:
    """Return every generated sentence of the text: key → plain text."""
    source = {name: scores["accuracy"] for name, scores in models.PUBLISHED.items()}
    networks, pairs = material.networks, material.network_pairs
    recall = evaluation.per_activity_table(material.network_runs).T
    people = evaluation.per_subject_table(material.network_runs).T
    n_subjects = len(people)
    best = networks["accuracy_mean"].idxmax()
    return {
        "best": claims.best_network(networks, pairs),
        "reproduction": claims.reproduction(networks, source),
        "as_source": claims.as_source(material.variants("paper"), source),
        "source_ranking": claims.source_ranking(networks, source),
        "paper_against_ours": claims.retrained(material.against_usual("paper")),
        "paper_protocol": claims.paper_protocol(material.variants("paper"), source),
        "classical_reproduction": claims.classical_reproduction(
            material.variants("published"), source
        ),
        "classical_honest": claims.classical_honest(
            material.classical, material.variants("published")
        ),
        "pairs": claims.all_pairs(material.pair_table),
        "pairs_short": claims.network_pairs(pairs, n_subjects),
        "pairs_conclusion": claims.ranking_allowed(pairs, n_subjects),
        "features_or_networks": claims.features_or_networks(material.pair_table),
        "second_opinion": claims.second_opinion(material.pair_table),
        "confusion": claims.most_confused(
            _mean_confusion(material.network_runs), dataset.ACTIVITIES
        ),
        "hardest": claims.hardest_activity(recall),
        "subjects": claims.hardest_subject(people),
        "likelihood": claims.likelihood(pd.concat([networks, material.other_networks])),
        "cost": claims.cost(pd.concat([networks, material.other_networks]), material.minutes),
        "timed_on": claims.timed_on(material.timed_on),
        "epochs": claims.epochs_kept(
            {name: runs[0].record["epochs"] for name, runs in material.network_runs.items()}
        ),
        "balance": claims.balance(dataset.published_table()["activity"].value_counts()),
        "published": claims.published_work(
            networks.loc[best], claims.the(best), material.published
        ),
        "leakage": _leakage(material.values.get("03_classical_baselines", {})),
        **_beyond(material),
        **_outside(material.values.get("10_robustness", {})),
        "unrolled": _unrolled(material.values.get("12_your_phone", {})),
        "device": _device(material.values.get("12_your_phone", {})),
        "integers": _integers(material.values.get("12_your_phone", {})),
        "latency": _latency(material.values.get("12_your_phone", {})),
    }


def _leakage(values: dict[str, Any]) -> str:
    """Say what random folds would have promised, from the values of the classical notebook."""
    if not values:
        return "What random folds would have promised was not measured in this build."
    return claims.leakage(
        {name: values[f"{name}_cv_random"] for name in models.CLASSICAL},
        {name: values[f"{name}_cv_subjects"] for name in models.CLASSICAL},
        {name: values[f"{name}_test"] for name in models.CLASSICAL},
    )


def _beyond(material: Material) -> dict[str, str]:
    """Return what was found with the course's own network: key → plain text."""
    values = material.values.get("08_modern", {})
    summary, outside = material.summary, material.values.get("10_robustness", {})
    small = [name for name in ("modern_small", "modern_tiny") if name in summary.index]
    beyond = "The modern network was not trained in this build."
    if "ensemble" in values and "modern" in summary.index:
        beyond = claims.beyond(summary.loc["modern"], "modern", values["ensemble"])
    pooled = {
        variant: {
            name: tuple(outside[f"{name}_{variant}_{what}"] for what in F1_WITH_INTERVAL)
            for name in models.TITLES
            if f"{name}_{variant}_{F1_WITH_INTERVAL[-1]}" in outside
        }
        for variant in ("loso", "twelve")
    }
    return {
        "beyond": beyond,
        "smaller": claims.smaller(summary.loc[small]),
        "taken_away": claims.taken_away(
            _ending(values, "_lost"), values.get("seeds_move"), int(values.get("ablation_seeds", 1))
        ),
        "new_recipe": claims.retrained(material.against_usual("recipe")),
        "recipe_to_modern": _recipe_to_modern(material.recipe_to_modern),
        "searched": claims.searched(_searches(material.values.get("09_tuning", {}))),
        "tuned": claims.retrained(material.against_usual("tuned")),
        "tuned_settings": _tuned_settings(material),
        "tuned_loss": claims.tuned_loss(material.variants("tuned"), summary),
        **{key: claims.everybody(scores, key) for key, scores in pooled.items()},
        "people": _said(claims.people, outside, "loso", "best", "lowest", "hardest", "highest"),
        "rarest": _said(
            *(claims.rarest, outside, "twelve"),
            *("rarest", "rarest_windows", "rarest_per_window", "others"),
        ),
    }


def _tuned_settings(material: Material) -> str:
    """Say what the searches made of the networks."""
    tuned = {
        name.partition("@")[0]: runs[0].record
        for name, runs in material.runs.items()
        if name.endswith("@tuned")
    }
    return claims.tuned_settings(
        {name: record["n_parameters"] for name, record in tuned.items()},
        {name: record["epochs"]["chosen"] for name, record in tuned.items()},
    )


def _recipe_to_modern(pairs: pd.DataFrame) -> str:
    """Say what separates the course's own network from others that were trained by its recipe."""
    return claims.all_pairs(pairs) if len(pairs) else "This was not measured in this build."


def _searches(values: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Return what the large searches found: network → what is said of it; nothing of small ones."""
    if values.get("is_small", True):
        return {}
    keys = ("trials", "source_loss", "best_loss", "kept_loss")
    return {
        name: {key: values[f"{name}_{key}"] for key in keys}
        for name in models.NETWORKS
        if f"{name}_trials" in values
    }


def _said(say: Callable[..., str], values: dict[str, Any], what: str, *keys: str) -> str:
    """Return a sentence about values that all start with ``what``; nothing if there are none."""
    given = [values.get(f"{what}_{key}") for key in keys]
    return "" if None in given else say(*given)


def _ending(values: dict[str, Any], ending: str) -> dict[str, float]:
    """Return the values whose name ends so, by what stands before, in words if it is no model."""
    found = {k.removesuffix(ending): v for k, v in values.items() if k.endswith(ending)}
    return {k if k in models.TITLES else k.replace("_", " "): v for k, v in found.items()}


def _outside(values: dict[str, Any]) -> dict[str, str]:
    """Return what the notebook on other circumstances found: key → plain text."""
    if not values:
        keys = ("worn", "measured", "modern_outside", "classical_outside", "classical_kept")
        keys += ("modern_dearer", "other_hip", "never_right", "edges", "calibrated", "silence")
        keys += ("neighbours",)
        return dict.fromkeys(keys, "This was not measured in this build.")
    return {
        "worn": claims.conditions(_lost(values, claims.WORN, models.NETWORKS)),
        "measured": claims.conditions(_lost(values, claims.MEASURED, models.NETWORKS)),
        "modern_outside": _outside_of(values, ["modern"], claims.MEASURED | claims.WORN),
        "modern_dearer": _dearer(values, claims.MEASURED | claims.WORN),
        "classical_outside": _outside_of(values, models.CLASSICAL, claims.MEASURED | claims.WORN),
        "classical_kept": _outside_of(
            values, models.CLASSICAL, {"clock": claims.MEASURED["clock"]}, "kept"
        ),
        "other_hip": claims.other_hip(values),
        "never_right": claims.never_right(values) if "ceiling_windows" in values else "",
        "edges": claims.edges(values["edge_wrong"], values["inside_wrong"]),
        "calibrated": claims.calibrated(
            int(values["n_calibration_helped"]), int(values["n_calibrated"])
        ),
        "silence": claims.silence(values["selective_gone_low"], values["selective_gone_high"]),
        "neighbours": claims.neighbours(
            values["smoothing_best_gain"], values["smoothing_worst_gain"]
        ),
    }


def _lost(
    values: dict[str, Any],
    circumstances: dict[str, str],
    names: Iterable[str],
    what: str = "lost",
) -> dict[str, list[float]]:
    """Return what circumstances cost each model: their words → fractions."""
    return {
        words: [values[f"{name}_{what}_{circumstance}"] for name in names]
        for circumstance, words in circumstances.items()
    }


def _outside_of(
    values: dict[str, Any], names: Sequence[str], circumstances: dict[str, str], what: str = "lost"
) -> str:
    """Say what circumstances cost some models, where that was measured."""
    if any(f"{name}_{what}_clock" not in values for name in names):
        return "This was not measured in this build."
    return claims.conditions(_lost(values, circumstances, names, what))


def _dearer(values: dict[str, Any], circumstances: dict[str, str]) -> str:
    """Say what costs the course's network more than the source's, where that was measured."""
    if "modern_lost_clock" not in values:
        return ""
    own = {what: each for what, [each] in _lost(values, circumstances, ["modern"]).items()}
    return claims.dearer(own, _lost(values, circumstances, models.NETWORKS))


def _unrolled(values: dict[str, Any]) -> str:
    """Say what an LSTM loses whose loop was written out to be rounded."""
    words = {"int8_full": "eight bits", "int16": "sixteen bits between the steps"}
    for name in models.NETWORKS:
        found = {
            what: values.get(f"{name}_unrolled_{kind}_accuracy") for kind, what in words.items()
        }
        if None not in found.values():
            exact = values[f"{name}_float32_accuracy"]
            return claims.unrolled(name, {what: exact - each for what, each in found.items()})
    return ""


def _latency(values: dict[str, Any]) -> str:
    """Say how long a window takes on a phone's runtime, where that was measured."""
    return claims.latency(values) if "answer_processor" in values else ""


def _device(values: dict[str, Any]) -> str:
    """Say what is left of a network on a phone."""
    if "smallest_accuracy" not in values:
        return "What is left of a network on a phone was not measured in this build."
    return claims.on_device(values)


def _integers(values: dict[str, Any]) -> str:
    """Say what is left of a network whose numbers are all integers, where that was measured."""
    if "integer_lost" not in values:
        return "This was not measured in this build."
    return claims.in_integers(values)


def _mean_confusion(runs_by_name: dict[str, list[Run]]) -> np.ndarray:
    """Return the share of each activity's windows called each activity, mean over models."""
    counts = [evaluation.mean_confusion(runs) for runs in runs_by_name.values()]
    return np.mean([each / each.sum(axis=1, keepdims=True) for each in counts], axis=0)


# --- Tables -------------------------------------------------------------------------------------


def tables(material: Material) -> dict[str, str]:
    """Return every generated table: file name without ending → LaTeX."""
    return {
        "table_classical": _classical_table(material),
        "table_networks": _network_table(material),
        "table_pairs": _pair_table(material.pair_table),
        "table_activities": _activity_table(material),
        "table_cost": _cost_table(material),
        "table_published": _published_table(material),
        "table_versions": _version_table(material),
    }


def _classical_table(material: Material) -> str:
    """Return the classical models: the source's accuracy, ours as published, ours honest."""
    rows = []
    for name, row in material.classical.iterrows():
        as_published = MISSING
        if f"{name}@published" in material.runs:
            mean = material.summary.loc[f"{name}@published", "accuracy_mean"]
            as_published = decimal(100 * mean, 2)
        cells = [
            models.title(name),
            decimal(100 * models.PUBLISHED[name]["accuracy"], 2),
            as_published,
            decimal(100 * row["accuracy_mean"], 2),
            interval(row),
        ]
        rows.append([latex(cell) for cell in cells])
    return tabular("Xrrrr", ["Model", "Source", "As published", "Honest", "Interval"], rows)


def _network_table(material: Material) -> str:
    """Return the networks' scores by each protocol, and what the source says."""
    rows = []
    for name in material.networks.index:
        title, usual = models.title(name), material.summary.loc[name, "n_parameters"]
        protocols = {"ours": name, "as published": f"{name}@paper"}
        protocols |= {"tuned": f"{name}@tuned", "new recipe": f"{name}@recipe"}
        for protocol, run_name in protocols.items():
            if run_name in material.runs:
                row = material.summary.loc[run_name]
                size = _count(row["n_parameters"])
                shown = size if run_name == name or row["n_parameters"] != usual else ""
                cells = (title, shown, protocol, str(int(row["n_seeds"])), *_score_cells(row))
                rows.append([latex(cell) for cell in cells])
                title = ""
        source = [decimal(_float(models.PUBLISHED[name][score]) * 100, 2) for score in SCORES]
        rows.append([latex(cell) for cell in (title, "", "source", "1", *source)])
        rows.append(None)
    for name, row in material.other_networks.iterrows():
        size, seeds = _count(row["n_parameters"]), str(int(row["n_seeds"]))
        cells = (models.title(name), size, "ours", seeds, *_score_cells(row))
        rows += [[latex(cell) for cell in cells], None]
    head = ["Model", "Param.", "", "Seeds", "Accuracy", "F1", "Precision", "Recall"]
    return tabular("lrlrrrrr", head, rows[:-1])


def _score_cells(row: pd.Series) -> list[str]:
    """Return every score of one model: mean, spread over seeds, interval."""
    return [
        f"{decimal(100 * row[f'{score}_mean'])} ± {decimal(100 * row[f'{score}_sd'])} "
        f"({interval(row, score)})"
        for score in SCORES
    ]


def _pair_table(pairs: pd.DataFrame) -> str:
    """Return the comparisons of models, with a sign that says who is ahead."""
    rows = []
    for pair in pairs.itertuples():
        cells = [
            models.title(pair.a),
            {"a": ">", "b": "<"}.get(pair.verdict, "?"),
            models.title(pair.b),
            decimal(100 * pair.difference),
            claims.interval_of(pair),
            "<0.001" if pair.p_holm < 0.001 else decimal(pair.p_holm, 3),
        ]
        rows.append([latex(cell) for cell in cells])
    return tabular("lclrrr", ["First", "", "Second", "Diff.", "Interval", "$p$"], rows)


def _activity_table(material: Material) -> str:
    """Return the recall of each activity by each model."""
    recall = evaluation.per_activity_table({name: material.runs[name] for name in material.titled})
    rows = [
        [latex(models.title(name)), *(latex(decimal(100 * share)) for share in row)]
        for name, row in recall.iterrows()
    ]
    return tabular("Xrrrrrr", ["Model", *SHORT_ACTIVITIES], rows)


def _cost_table(material: Material) -> str:
    """Return what each network costs and how good its probabilities are."""
    rows = []
    for name, row in pd.concat([material.networks, material.other_networks]).iterrows():
        epochs = material.runs[name][0].record["epochs"]
        cells = [
            models.title(name),
            _count(row["n_parameters"]),
            decimal(_float(row["multiply_adds"]) / 1e6),
            f"{epochs['chosen']}",
            decimal(material.minutes.get(name)),
            decimal(_float(row["negative_log_likelihood_mean"]), 3),
            decimal(_float(row["ece_mean"]), 3),
        ]
        rows.append([latex(cell) for cell in cells])
    head = ["Model", "Param.", "Mult. (M)", "Epochs", "Min.", "NLL", "ECE"]
    return tabular("lrrrrrr", head, rows)


def _published_table(material: Material) -> str:
    """Return what others published, with its protocol, above ours with intervals."""
    rows: list[list[str] | None] = []
    for work in material.published.sort_values("accuracy", ascending=False).itertuples():
        cited = rf"{latex(work.label)}~\cite{{{work.cite}}}"
        rows.append([cited, latex(decimal(100 * work.accuracy, 2)), latex(_protocol(work))])
    rows.append(None)
    ours = material.summary.loc[material.titled].sort_values("accuracy_mean", ascending=False)
    for name, row in ours.iterrows():
        kind = "features" if name in models.CLASSICAL else "raw signals"
        cells = [models.title(name), decimal(100 * row["accuracy_mean"])]
        rows.append([latex(cell) for cell in (*cells, f"{kind}, ours; {interval(row)}")])
    return tabular("lrX", ["Work", "Accuracy", "Input and protocol"], rows)


def _protocol(work: Any) -> str:
    """Return a published result's protocol, with the data where they are not these."""
    return work.protocol if work.data == "UCI HAR" else f"{work.data}: {work.protocol}"


def _version_table(material: Material) -> str:
    """Return what the report was made from and with."""
    records = [run.record for runs in material.runs.values() for run in runs]
    record = next(iter(material.network_runs.values()))[0].record
    seeds = sorted({run.key.seed for runs in material.runs.values() for run in runs})

    def listed(key: str) -> str:
        return listing(sorted({each[key][:16] for each in records}))

    made = {
        "Profile": f"{material.profile} (runs: {listed('profile')})",
        "Recordings": record["data"]["source"],
        "Data digest": record["data"]["digest"][:16],
        "Code digests": listed("code_digest"),
        "Seeds": listing(map(str, seeds)),
        "Hardware": _hardware(material.times),
        "Python": platform.python_version(),
    }
    tools = {name: importlib.metadata.version(name) for name in TOOLS}
    rows = [
        [latex(name), latex(text)] for name, text in (made | record["versions"] | tools).items()
    ]
    return tabular(r"l>{\raggedright\arraybackslash}X", ["What", "Which"], rows)


def _hardware(times: pd.DataFrame) -> str:
    """Return the machines the times were measured on."""
    if times.empty:
        return MISSING
    machines = times[["processor", "cores"]].drop_duplicates()
    return listing(f"{row.processor}, {row.cores} cores" for row in machines.itertuples())


# --- Writing and checking -----------------------------------------------------------------------


def write_generated(profile: str, folder: Path) -> list[Path]:
    """Write ``numbers.tex`` and the tables; the same results give the same bytes.

    Parameters
    ----------
    profile
        The profile whose results the report shows.
    folder
        Where the files go, for example ``build/report/report/generated``.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    FileNotFoundError
        If a model of the report has not been run.
    """
    material = gather(profile)
    texts = {"numbers": macros(numbers(material)), **tables(material)}
    paths = []
    for name, text in texts.items():
        paths.append(Path(folder) / f"{name}.tex")
        write_text(paths[-1], text)
    return paths


ERROR = re.compile(r"^! (?P<what>.+)$")
"""An error of LaTeX."""

PROBLEMS = (
    re.compile(r"^(?:LaTeX|Package \w+) Warning: (?P<what>(?:Reference|Citation) .+ undefined.*)$"),
    re.compile(r"^LaTeX Warning: (?P<what>Label .+ multiply defined.*)$"),
    re.compile(r"^(?P<what>Missing character: .+)$"),
    re.compile(r"^LaTeX Warning: (?P<what>File .+ not found.*)$"),
)
"""What in a log means that the report is not whole."""

OVERFULL_BOX = re.compile(r"^Overfull \\[hv]box \((?P<by>[\d.]+)pt too (?:wide|high)\)")
"""A line or page that does not fit its box."""

LOG_WIDTH = 79
"""TeX breaks the lines of its log after so many characters."""


def check_log(text: str, overfull: float = OVERFULL) -> list[str]:
    """Return what is wrong with a report according to LaTeX's log of its last run.

    Parameters
    ----------
    text
        The log.
    overfull
        How far in points a box may be too full.

    Returns
    -------
    list of str
        One line per error (an undefined number is one) or else, since LaTeX stops there, per
        undefined reference or citation and per overfull box; empty if the report is whole.
    """
    lines = _unbroken(text)
    if errors := [match["what"] for line in lines if (match := ERROR.match(line))]:
        return errors
    found = []
    for line in lines:
        match = next((match for problem in PROBLEMS if (match := problem.match(line))), None)
        if match:
            found.append(match["what"])
        box = OVERFULL_BOX.match(line)
        if box and float(box["by"]) > overfull:
            found.append(line)
    return list(dict.fromkeys(found))


def _unbroken(text: str) -> list[str]:
    """Return the log's lines with TeX's line breaks undone."""
    lines, start = [], ""
    for line in text.splitlines():
        start += line
        if len(line) < LOG_WIDTH:
            lines.append(start)
            start = ""
    return [*lines, start] if start else lines
