"""Which model is ahead of which: a difference whose interval contains zero never makes one better.

Only a row of the pair table with a verdict makes a model "ahead".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from har_utils import models, sentences
from har_utils.report.claims.registry import claim, with_relation
from har_utils.report.material import NotMeasuredError

say = sentences.beside(__file__)


def _relations(name: str, others: Iterable[str], pairs: pd.DataFrame) -> dict[str, str]:
    """Return for each other model ``"ahead"``, ``"undecided"`` or ``"untested"`` of ``name``."""
    found = dict.fromkeys(others, "untested")
    for pair in pairs.itertuples():
        if name in (pair.a, pair.b):
            other = pair.b if pair.a == name else pair.a
            if other in found:
                winner = {"a": pair.a, "b": pair.b}.get(pair.verdict)
                found[other] = "ahead" if winner == name else "undecided"
    return found


@claim("best", lambda m: (m.networks, m.network_pairs))
def best_network(summary: pd.DataFrame, pairs: pd.DataFrame) -> str:
    """Say which network has the highest mean accuracy, and from which it can be told apart.

    Parameters
    ----------
    summary
        One row per network (``evaluation.summary_table``).
    pairs
        Comparisons (``evaluation.pair_table``).
    """
    highest = summary["accuracy_mean"].max()
    equals = list(summary.index[summary["accuracy_mean"] == highest])
    others = [name for name in summary.index if name != equals[0]]
    relations = _relations(equals[0], others, pairs)
    return say(
        "best_network",
        equals=equals,
        accuracy=highest,
        low=summary.loc[equals[0], "accuracy_low"],
        high=summary.loc[equals[0], "accuracy_high"],
        others=others,
        ahead=[name for name in others if relations[name] == "ahead"],
        undecided=[name for name in others if relations[name] == "undecided"],
    )


def _facts(pairs: pd.DataFrame) -> dict[str, Any]:
    """Return what texts say of a pair table: decided pairs, the largest lead first, and open ones.

    Both are lists of facts; ``n_pairs`` is the number of all.
    """
    rows = list(pairs.itertuples())
    decided = [with_relation(row) for row in rows if row.verdict in ("a", "b")]
    undecided = [row._asdict() for row in rows if row.verdict == "undecided"]
    return {"n_pairs": len(rows), "decided": decided, "undecided": undecided}


@claim("pairs", lambda m: (m.pair_table,))
def all_pairs(pairs: pd.DataFrame) -> str:
    """Say how many pairs can be told apart, and for those who is ahead by how much.

    Of more than three leads only the largest and the smallest are named.
    """
    return say("all_pairs", **_facts(pairs))


@claim("recipe_to_modern", lambda m: (m.recipe_to_modern,))
def recipe_to_modern(pairs: pd.DataFrame) -> str:
    """Say what separates the course's own network from others that were trained by its recipe."""
    if pairs.empty:
        raise NotMeasuredError("no network was trained by the recipe")
    return all_pairs(pairs)


@claim("random_convolutions", lambda m: (m.convolutions, m.modern_to_convolutions))
def random_convolutions(summary: pd.DataFrame, pairs: pd.DataFrame) -> str:
    """Say what kernels reach that nobody trained, and whether the course's network is ahead."""
    if summary.empty:
        raise NotMeasuredError("no model of random convolutions was fitted")
    scores = [
        {
            "model": name,
            "n_seeds": int(row["n_seeds"]),
            "accuracy": row["accuracy_mean"],
            "low": row["accuracy_low"],
            "high": row["accuracy_high"],
        }
        for name, row in summary.iterrows()
    ]
    return say("random_convolutions", scores=scores, **_facts(pairs))


@claim("pairs_short", lambda m: (m.network_pairs, len(m.people)))
def network_pairs(pairs: pd.DataFrame, n_subjects: int) -> str:
    """Say in one sentence how many pairs of networks so few subjects can tell apart."""
    return say("network_pairs", n_subjects=n_subjects, **_facts(pairs))


@claim("pairs_conclusion", lambda m: (m.network_pairs, len(m.people)))
def ranking_allowed(pairs: pd.DataFrame, n_subjects: int) -> str:
    """Say, for the conclusion, whether the data support a ranking of the source's networks."""
    return say("ranking_allowed", n_subjects=n_subjects, **_facts(pairs))


@claim("features_or_networks", lambda m: (m.pair_table,))
def features_or_networks(pairs: pd.DataFrame) -> str:
    """Say how a classical model compares with a network, for the pairs that hold one of each."""
    return " ".join(
        _across_kinds(pair)
        for pair in pairs.itertuples()
        if (pair.a in models.CLASSICAL) != (pair.b in models.CLASSICAL)
    )


def _across_kinds(pair: Any) -> str:
    """Say who is ahead in a pair of a classical model and a network."""
    classical, network = sorted((pair.a, pair.b), key=lambda name: name not in models.CLASSICAL)
    winner = {"a": pair.a, "b": pair.b}.get(pair.verdict)
    altered = network not in models.NETWORKS  # the source's networks train on windows as they are
    return say("across_kinds", classical=classical, network=network, winner=winner, altered=altered)


@claim("second_opinion", lambda m: (m.pair_table,))
def second_opinion(pairs: pd.DataFrame, level: float = 0.05) -> str:
    """Say how often McNemar's test after Holm agrees with the interval, and where it does not."""
    interval, test = pairs["verdict"] != "undecided", pairs["p_holm"] < level
    return say(
        "second_opinion",
        n_pairs=len(pairs),
        n_agree=int((interval == test).sum()),
        n_more=int((test & ~interval).sum()),
        n_less=int((interval & ~test).sum()),
    )


@claim("paper_against_ours", lambda m: (m.against_usual("paper"),))
@claim("new_recipe", lambda m: (m.against_usual("recipe"),))
@claim("tuned", lambda m: (m.against_usual("tuned"),))
def retrained(pairs: pd.DataFrame) -> str:
    """Say what networks gain by being trained in another way, and for which that is not decided.

    Parameters
    ----------
    pairs
        Comparisons (``evaluation.pair_table``) of a variant (``a``) with the same network trained
        as usual (``b``).
    """
    changed = [
        {"network": pair.b, "change": pair.difference, "low": pair.low, "high": pair.high}
        for pair in pairs.itertuples()
        if pair.verdict in ("a", "b")
    ]
    facts = _facts(pairs)
    return say("retrained", changed=changed, **facts)
