r"""From results to LaTeX: the report's numbers, sentences and tables; a strict look at its log.

Nothing in the report is typed by hand. ``write_generated`` turns the runs, the values the
notebooks left and the published numbers of others into ``numbers.tex``, whose macros the text
reads with ``\har{key}``, and into one file per table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from har_utils import (
    candidates,
    dataset,
    evaluation,
    features,
    models,
    recordings,
    results,
    signals,
    words,
)
from har_utils.files import write_text
from har_utils.recipe import MODERN
from har_utils.report import claims
from har_utils.report.material import SCORES, Material, _mean_confusion, gather
from har_utils.report.tabulars import tables
from har_utils.report.typesetting import _count, _float, _millions, interval, macros
from har_utils.words import decimal, grouped, percent, word

BANNER = "SMOKE RUN: numbers mean nothing"
"""What stands on every page of a report made by profile ``smoke``."""


F1_WITH_INTERVAL = ("macro_f1", "macro_f1_low", "macro_f1_high")
"""What notebook 10 leaves of models that were tested on everybody, by the end of its name."""

SOURCE_EPOCHS = 100
"""How long the source trained every network; it showed the test subjects while doing so."""


# --- Text to LaTeX ------------------------------------------------------------------------------


# --- What the report is made from ---------------------------------------------------------------


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
        "ablation.epochs": str(candidates.read()[0].recipe.max_epochs),
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
        "published": claims.published_work(networks.loc[best], words.the(best), material.published),
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


# --- Tables -------------------------------------------------------------------------------------


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
