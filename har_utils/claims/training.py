"""What training costs, and what other trainings, parts and searches gain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

import pandas as pd

from har_utils import candidates, evaluation, models, sentences
from har_utils.claims.material import Material, NotMeasuredError
from har_utils.claims.registry import claim
from har_utils.results import Epochs

say = sentences.beside(__file__)

MODERN, OUTSIDE = "08_modern", "10_robustness"
"""The notebooks that leave what is said here."""

F1_WITH_INTERVAL = ("macro_f1", "macro_f1_low", "macro_f1_high")
"""What notebook 10 leaves of models that were tested on everybody, by the end of its name."""


@claim("choices")
def choices(material: Material) -> str:
    """Say what was chosen on the test subjects, and what came from looking at them."""
    return say("choices", n_subjects=len(material.people))


@claim("likelihood", lambda m: (m.all_networks,))
def likelihood(summary: pd.DataFrame) -> str:
    """Say which network gives the truth the highest probability; the lead is not tested."""
    loss = summary["negative_log_likelihood_mean"].astype(float)
    low, high = loss.idxmin(), loss.idxmax()
    return say("likelihood", best=low, lowest=loss[low], worst=high, highest=loss[high])


@claim("cost", lambda m: (m.all_networks, m.minutes))
def cost(summary: pd.DataFrame, minutes: Mapping[str, float]) -> str:
    """Say which network is smallest and how long training takes.

    Parameters
    ----------
    summary
        One row per network.
    minutes
        Training time of a final run by model; may be empty.
    """
    sizes, accuracy = summary["n_parameters"].dropna().astype(int), summary["accuracy_mean"]
    small, large = sizes.idxmin(), sizes.idxmax()
    known = {name: value for name, value in minutes.items() if name in summary.index}
    (fast, least), (slow, most) = (
        end(known.items(), key=itemgetter(1), default=(None, None)) for end in (min, max)
    )
    return say(
        "cost",
        smallest={"network": small, "size": sizes[small], "accuracy": accuracy[small]},
        largest={"network": large, "size": sizes[large], "accuracy": accuracy[large]},
        n_timed=len(known),
        fastest={"network": fast, "minutes": least},
        slowest={"network": slow, "minutes": most},
    )


@claim("speed", lambda m: (m.speed,), missing="silent")
def speed(measured: Mapping[str, Any]) -> str:
    """Say how much processor time training and features take beside other libraries.

    Parameters
    ----------
    measured
        What ``results.published_speed`` returns.
    """
    rows = [row for row in measured.get("rows", ()) if row["ratio"] is not None]
    trained = [row for row in rows if row["peer"] == "PyTorch"]
    features = next((row for row in rows if row["peer"] == "tsfel"), None)
    if not trained or features is None:
        raise NotMeasuredError("nothing was measured beside PyTorch and tsfel")
    return say(
        "speed",
        processor=measured["machine"]["processor"],
        fastest=min(trained, key=lambda row: row["ratio"]),
        slowest=max(trained, key=lambda row: row["ratio"]),
        slower=1 / features["ratio"],
        n_theirs=int(features["tsfel"]["features"]),
        n_ours=int(features["ours"]["features"]),
    )


@claim("timed_on", lambda m: (m.timed_on,))
def timed_on(processors: Mapping[str, Sequence[str]]) -> str:
    """Say which processors the training times were measured on.

    Parameters
    ----------
    processors
        Processor → the models that were trained on it.
    """
    told = [{"processor": each, "timed": names} for each, names in processors.items()]
    return say("timed_on", processors=told)


@claim("epochs", lambda m: (m.epochs,))
def epochs_kept(epochs: Mapping[str, Epochs]) -> str:
    """Say after how many epochs the held-out loss was lowest.

    Parameters
    ----------
    epochs
        Network → ``{"chosen": …, "cap": …}``.
    """
    told = [{"network": name, **entry} for name, entry in epochs.items()]
    at_cap = [name for name, entry in epochs.items() if entry["chosen"] == entry["cap"]]
    return say("epochs_kept", networks=told, at_cap=at_cap)


@claim("leakage", missing="leakage_missing")
def leakage(material: Material) -> str:
    """Say how far random folds and folds by subject are from what the test subjects show."""
    values = material.left_by("03_classical_baselines")
    promised = {name: values[f"{name}_cv_random"] for name in models.CLASSICAL}
    more, more_test = (
        [promised[name] - values[f"{name}_{what}"] for name in models.CLASSICAL]
        for what in ("cv_subjects", "test")
    )
    less = [values[f"{name}_test"] - values[f"{name}_cv_subjects"] for name in models.CLASSICAL]
    return say(
        "leakage",
        least=min(more),
        most=max(more),
        least_test=min(more_test),
        most_test=max(more_test),
        fewest=min(less),
        farthest=max(less),
    )


@claim("beyond", missing="beyond_missing")
def beyond(material: Material) -> str:
    """Say what the course's network reaches without mirrored windows, and with them."""
    ensemble = material.left_by(MODERN, "ensemble")["ensemble"]
    return say("beyond", ensemble=ensemble, **_own_network(material))


@claim("beyond_short", missing="beyond_missing")
def beyond_short(material: Material) -> str:
    """Say the same in one sentence, for abstract and conclusion."""
    return say("beyond_short", **_own_network(material))


def _own_network(material: Material) -> dict[str, Any]:
    """Return the facts of the course's network, and under ``bare`` those without mirroring.

    Raises
    ------
    NotMeasuredError
        If it was not trained in this build.
    """
    if "modern" not in material.summary.index:
        raise NotMeasuredError("no run of modern")
    bare = material.summary.loc[material.summary.index == models.UNMIRRORED]
    own = _sized(material.summary.loc["modern"])
    return own | {"bare": _sized(bare.iloc[0]) if len(bare) else None}


def _sized(row: pd.Series) -> dict[str, Any]:
    """Return a network of the summary as the facts that texts name."""
    return {
        "network": str(row.name).partition("@")[0],
        "size": row["n_parameters"],
        "n_seeds": int(row["n_seeds"]),
        "accuracy": row["accuracy_mean"],
        "low": row["accuracy_low"],
        "high": row["accuracy_high"],
    }


@claim("smaller")
def smaller(material: Material) -> str:
    """Say what networks reach that were made small."""
    made = [name for name in ("modern_small", "modern_tiny") if name in material.summary.index]
    return say("smaller", networks=[_sized(material.summary.loc[name]) for name in made])


@claim("taken_away", lambda m: _ablation(m.values.get(MODERN, {})))
def taken_away(lost: Mapping[str, float], moved: float | None = None, n_seeds: int = 1) -> str:
    """Say what a network loses on people held out when one of its parts is taken away.

    Parameters
    ----------
    lost
        The part in words → accuracy lost, as a fraction; below zero where it did better without.
    moved
        Standard deviation from seed to seed of such an accuracy; None if there is one seed.
    n_seeds
        How many seeds each accuracy is the mean of; what they leave open
        (`evaluation.seed_margin`) is not told as a loss or gain.
    """
    order = sorted(lost, key=lost.__getitem__, reverse=True)
    least = evaluation.seed_margin(moved or 0, n_seeds)
    return say(
        "taken_away",
        parts=[{"part": part, "lost": lost[part]} for part in order if abs(lost[part]) >= least],
        unsure=[part for part in order if abs(lost[part]) < least],
        moved=moved,
        n_seeds=n_seeds,
    )


def _ablation(values: Mapping[str, Any]) -> tuple[dict[str, float], float | None, int]:
    """Return what parts are worth, from what notebook 8 left of them as ``…_lost``."""
    titles = {f"{name}_lost": title for name, title in candidates.titles().items()}
    lost = {title: values[key] for key, title in titles.items() if key in values}
    return lost, values.get("seeds_move"), int(values.get("ablation_seeds", 1))


@claim("searched", lambda m: (m.searches,))
def searched(studies: Mapping[str, Mapping[str, float]]) -> str:
    """Say for which networks a search is worth something where others choose its best trial.

    Parameters
    ----------
    studies
        Network → ``source_loss`` and ``kept_loss``, as `Material.searches` gives them.
    """
    more = {name: _more(found) for name, found in studies.items()}
    return say(
        "searched",
        studies=studies,
        better=[name for name in studies if more[name] < 0],
        equal=[name for name in studies if more[name] == 0],
        worse=[name for name in studies if more[name] > 0],
    )


def _more(found: Mapping[str, float]) -> float:
    """Return how much more a kept trial loses than the source's settings, in the digits shown."""
    return round(found["kept_loss"], 3) - round(found["source_loss"], 3)


@claim("tuned_loss", lambda m: (m.variants("tuned"), m.summary))
def tuned_loss(tuned: pd.DataFrame, usual: pd.DataFrame) -> str:
    """Say what became, on the test subjects, of the loss that a search was asked to lower.

    Parameters
    ----------
    tuned, usual
        Rows of ``evaluation.summary_table``: networks with searched settings (``cnn_1d@tuned``),
        and the same ones in our protocol (``cnn_1d``).
    """
    losses = tuned["negative_log_likelihood_mean"].rename(lambda name: name.partition("@")[0])
    before = usual["negative_log_likelihood_mean"]
    told = [
        {"network": name, "loss": loss, "before": before[name]} for name, loss in losses.items()
    ]
    return say("tuned_loss", networks=told)


@claim("tuned_settings")
def tuned_settings(material: Material) -> str:
    """Say how large the networks are that a search found, and how long they are trained."""
    told = [
        {"network": name, "size": record["n_parameters"], "epochs": record["epochs"]["chosen"]}
        for name, record in material.tuned_records.items()
    ]
    return say("tuned_settings", networks=told)


@claim("loso", lambda m: (_pooled(m.values.get(OUTSIDE, {}), "loso"), "loso"))
@claim("twelve", lambda m: (_pooled(m.values.get(OUTSIDE, {}), "twelve"), "twelve"))
def everybody(scores: Mapping[str, tuple[float, float, float]], variant: str) -> str:
    """Say what models reach on people of whom each was held out once.

    Parameters
    ----------
    scores
        Model → pooled macro F1 and the ends of its interval over people, fractions.
    variant
        "loso" or "twelve".
    """
    told = [
        {"model": name, "score": score, "low": low, "high": high}
        for name, (score, low, high) in scores.items()
    ]
    return say("everybody", variant=variant, scores=told)


def _pooled(values: Mapping[str, Any], variant: str) -> dict[str, tuple]:
    """Return the models tested on everybody: name → macro F1 with its interval."""
    ranked = (*models.TITLES, models.UNMIRRORED)
    named = {each: f"{each.replace('@', '_')}_{variant}" for each in ranked}
    return {
        name: tuple(values[f"{label}_{what}"] for what in F1_WITH_INTERVAL)
        for name, label in named.items()
        if f"{label}_{F1_WITH_INTERVAL[-1]}" in values
    }


@claim("people", missing="silent")
def people(material: Material) -> str:
    """Say how far apart people lie who were each left out once, of the course's own network.

    Raises
    ------
    NotMeasuredError
        If it left nobody out.
    """
    own = [name for name in ("modern", models.UNMIRRORED) if name in material.everybody]
    if not own:
        raise NotMeasuredError("modern left nobody out")
    by_person = evaluation.per_subject_table({name: material.everybody[name] for name in own})
    told = [
        {"model": name, "lowest": row.min(), "hardest": int(row.idxmin()), "highest": row.max()}
        for name, row in by_person.iterrows()
    ]
    return say("people", told=told)


@claim("rarest", missing="silent")
def rarest(material: Material) -> str:
    """Say what it does to a macro F1 that one of twelve activities is rare."""
    keys = ("rarest", "rarest_windows", "rarest_per_window", "others")
    values = material.left_by(OUTSIDE, *(f"twelve_{key}" for key in keys))
    return say("rarest", **{key: values[f"twelve_{key}"] for key in keys})
