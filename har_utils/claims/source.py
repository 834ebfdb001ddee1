"""How near the source's accuracies ours come, and those that others published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from har_utils import models, sentences, words
from har_utils.claims.registry import claim

say = sentences.beside(__file__)

TOLERANCE = 0.015
"""How far below the source a mean accuracy may lie and still count as reproduced (a fraction)."""

SAME_WINDOWS = "the published split"
"""What the protocol of a published accuracy ends with if it is of the same windows and people."""


@claim("reproduction", lambda m: (m.networks, m.source))
def reproduction(
    summary: pd.DataFrame, published: Mapping[str, float], tolerance: float = TOLERANCE
) -> str:
    """Say which networks reach the source's accuracy or come close to it.

    Parameters
    ----------
    summary
        One row per network.
    published
        The source's accuracies as fractions.
    tolerance
        How far below still counts, as a fraction.
    """
    gaps = summary["accuracy_mean"] - pd.Series(published)[summary.index]
    misses = [
        {
            "network": name,
            "gap": gap,
            "inside": summary.loc[name, "accuracy_low"]
            <= published[name]
            <= summary.loc[name, "accuracy_high"],
        }
        for name, gap in gaps[gaps < -tolerance].items()
    ]
    near = len(gaps) - len(misses)
    return say("reproduction", n_networks=len(gaps), n_near=near, near=tolerance, misses=misses)


@claim("as_source", lambda m: (m.variants("paper"), m.source))
def as_source(summary: pd.DataFrame, published: Mapping[str, float]) -> str:
    """Say how near the networks come to the source when trained as it trained them.

    Parameters
    ----------
    summary
        One row per ``@paper`` model; nothing is said of none.
    published
        The source's accuracies, by model without variant.
    """
    means = summary["accuracy_mean"].rename(lambda name: name.partition("@")[0])
    below = (pd.Series(published)[means.index] - means).max()
    who = list(means.index)
    return say("as_source", who=who, every=len(who) == len(models.NETWORKS), below=below)


@claim("source_ranking", lambda m: (m.networks, m.source))
def source_ranking(summary: pd.DataFrame, published: Mapping[str, float]) -> str:
    """Set the width of the intervals beside the distances the source ranked its networks by."""
    widths = summary["accuracy_high"] - summary["accuracy_low"]
    scores = [published[name] for name in summary.index]
    apart = max(scores) - min(scores)
    return say(
        "source_ranking",
        narrowest=widths.min(),
        widest=widths.max(),
        apart=apart,
    )


def _beside_source(summary: pd.DataFrame, published: Mapping[str, float]) -> list[dict[str, Any]]:
    """Return what each variant reached and what the source says of its model."""
    models_of = {name: name.partition("@")[0] for name in summary.index}
    return [
        {"model": model, "reached": summary.loc[name, "accuracy_mean"], "source": published[model]}
        for name, model in models_of.items()
    ]


@claim("paper_protocol", lambda m: (m.variants("paper"), m.source))
def paper_protocol(summary: pd.DataFrame, published: Mapping[str, float]) -> str:
    """Say what the networks reach when trained as the source trained them.

    Parameters
    ----------
    summary
        One row per ``@paper`` model; may be empty.
    published
        The source's accuracies, by model without variant.
    """
    return say("paper_protocol", networks=_beside_source(summary, published))


@claim("classical_reproduction", lambda m: (m.variants("published"), m.source))
def classical_reproduction(summary: pd.DataFrame, published: Mapping[str, float]) -> str:
    """Say how close the classical models come when trained as published (``@published`` rows)."""
    told = _beside_source(summary, published)
    for each in told:
        each["exactly"] = words.percent(each["reached"], 2) == words.percent(each["source"], 2)
    return say("classical_reproduction", models_told=told)


@claim("classical_honest", lambda m: (m.classical, m.variants("published")))
def classical_honest(honest: pd.DataFrame, as_published: pd.DataFrame) -> str:
    """Say what changes when scaling and setting are chosen on training subjects alone."""
    before = as_published["accuracy_mean"].rename(lambda name: name.partition("@")[0])
    told = []
    for name, reached in honest["accuracy_mean"].items():
        change = reached - before[name] if name in before else None
        same = change is not None and words.decimal(100 * abs(change), 2) == words.decimal(0, 2)
        told.append({"model": name, "reached": reached, "change": change, "same": same})
    return say("classical_honest", models_told=told)


@claim("published", lambda m: (m.best_network, words.the(m.best_network.name), m.published))
def published_work(best: pd.Series, title: str, published: pd.DataFrame) -> str:
    """Say how many accuracies published on the same windows of the same people lie in ours.

    Parameters
    ----------
    best
        The summary row of our network with the highest mean.
    title
        How the sentence names it.
    published
        One row per published result: ``accuracy`` as a fraction and ``protocol``, in words. Those
        whose protocol ends with `SAME_WINDOWS` count.
    """
    scores = published.loc[published["protocol"].str.endswith(SAME_WINDOWS), "accuracy"]
    return say(
        "published_work",
        title=title,
        n_published=len(scores),
        n_inside=int(scores.between(best["accuracy_low"], best["accuracy_high"]).sum()),
        n_above=int((scores > best["accuracy_high"]).sum()),
    )
