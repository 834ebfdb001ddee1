"""Which model is ahead of which: only a row of the pair table with a verdict makes one "ahead".

In the report's pairs everybody left out in turn decides (``evaluation.decide``). Pairs of models
that met the nine test people only are described, and decide nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from har_utils import candidates, dataset, evaluation, models, sentences
from har_utils.claims.material import Material, NotMeasuredError
from har_utils.claims.registry import claim, with_relation
from har_utils.results import Run

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


@claim("pairs", lambda m: (m.pair_table, len(m.people)))
def decided_pairs(pairs: pd.DataFrame, n_subjects: int) -> str:
    """Say what everybody left out in turn decides, and which models met the test people only.

    Parameters
    ----------
    pairs
        What ``evaluation.decide`` returns.
    n_subjects
        How many test people there are.
    """
    judged, described = _judged(pairs)
    decided = [row for row in judged.itertuples() if row.verdict != "undecided"]
    open_ = [row for row in judged.itertuples() if row.verdict == "undecided"]
    known = {*judged["a"], *judged["b"]}
    others = [name for name in dict.fromkeys([*described["a"], *described["b"]])]
    return say(
        "decided_pairs",
        n_people=int(judged["n_people"].max()) if len(judged) else 0,
        decided=[_led(row) for row in decided],
        undecided=[{"a": row.a, "b": row.b, "p": row.p_everybody} for row in open_],
        n_described=len(described),
        apart=int(((described["low"] > 0) | (described["high"] < 0)).sum()),
        only_nine=[name for name in others if name not in known],
        n_subjects=n_subjects,
    )


def left_out_pairs(compared: pd.DataFrame) -> str:
    """Say what everybody left out in turn decides, whatever the test people say.

    Parameters
    ----------
    compared
        What ``evaluation.compare`` returns.
    """
    told = compared.rename(columns={"difference": "everybody", "p_holm": "p_everybody"})
    return decided_pairs(told.assign(low=np.nan, high=np.nan), len(dataset.TEST_SUBJECTS)).strip()


def _judged(pairs: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the pairs that everybody was left out for, and the others."""
    judged = pairs["p_everybody"].notna()
    return pairs[judged], pairs[~judged]


def _led(pair: Any) -> dict[str, Any]:
    """Return who leads a pair over everybody, by how much."""
    winner, loser = (pair.b, pair.a) if pair.verdict == "b" else (pair.a, pair.b)
    return {"winner": winner, "loser": loser, "lead": abs(pair.everybody), "p": pair.p_everybody}


@claim("recipe_to_modern", lambda m: (m.recipe_to_modern, len(m.people)))
def recipe_to_modern(pairs: pd.DataFrame, n_subjects: int) -> str:
    """Say what separates the course's own network from others that were trained by its recipe.

    They met the test people only, who describe and do not decide.
    """
    if pairs.empty:
        raise NotMeasuredError("no network was trained by the recipe")
    return say("described_pairs", n_subjects=n_subjects, **_facts(pairs))


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
    return say("network_pairs", n_subjects=n_subjects, **_facts(_by_interval(pairs)))


@claim("pairs_conclusion", lambda m: (m.network_pairs, len(m.people)))
def ranking_allowed(pairs: pd.DataFrame, n_subjects: int) -> str:
    """Say, for the conclusion, whether the data support a ranking of the source's networks."""
    return say("ranking_allowed", n_subjects=n_subjects, **_facts(_by_interval(pairs)))


def _by_interval(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return pairs with the verdict of the test subjects' interval, whatever everybody decides."""
    verdict = np.select([pairs["low"] > 0, pairs["high"] < 0], ["a", "b"], "undecided")
    return pairs.assign(verdict=verdict)


@claim("features_or_networks", lambda m: (m.pair_table,))
def features_or_networks(pairs: pd.DataFrame) -> str:
    """Say how a classical model compares with a network, for the pairs that hold one of each."""
    across = [
        pair
        for pair in pairs.itertuples()
        if (pair.a in models.CLASSICAL) != (pair.b in models.CLASSICAL)
    ]
    judged = [pair for pair in across if pd.notna(getattr(pair, "p_everybody", 0))]
    if across and not judged:
        return say("across_unjudged")
    return " ".join(map(_across_kinds, judged))


def _across_kinds(pair: Any) -> str:
    """Say who is ahead in a pair of a classical model and a network."""
    classical, network = sorted((pair.a, pair.b), key=lambda name: name not in models.CLASSICAL)
    winner = {"a": pair.a, "b": pair.b}.get(pair.verdict)
    altered = network not in models.NETWORKS  # the source's networks train on windows as they are
    return say(
        "across_kinds",
        classical=classical,
        network=network,
        winner=winner,
        altered=altered,
    )


@claim("second_opinion", lambda m: (m.pair_table,))
def second_opinion(pairs: pd.DataFrame, level: float = 0.05) -> str:
    """Say how often McNemar's test after Holm agrees with the interval, and where it does not."""
    interval, test = (pairs["low"] > 0) | (pairs["high"] < 0), pairs["p_holm"] < level
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
    facts = _facts(pairs) | {"n_networks": len(models.NETWORKS)}
    return say("retrained", changed=changed, **facts)


def _test_people_and_others(runs: list[Run]) -> dict[str, float]:
    """Return what a model recognises of the official test people, and of the others, left out."""
    right = [run.probability.argmax(axis=1) == run.activity for run in runs]
    of_test = np.isin(runs[0].subject, dataset.TEST_SUBJECTS)
    shares = {"the_test_people": of_test, "the_others": ~of_test}
    return {
        who: float(np.mean([each[own].mean() for each in right])) for who, own in shares.items()
    }


@claim("coverage", lambda m: (m.coverage,))
def coverage(table: pd.DataFrame) -> str:
    """Say how often intervals of 95 % are right, measured on everybody (``coverage_table``)."""
    if table.empty:
        raise NotMeasuredError("nobody was left out")
    told = [
        {"of": kind, "n_people": n, "least": rows["coverage"].min(), "most": rows["coverage"].max()}
        for (kind, n), rows in table.groupby(["of", "n_people"], sort=False)
    ]
    return say("coverage", told=told)


@claim("thirty_short")
def thirty_short(material: Material) -> str:
    """Say the same of the course's own network alone, and whom everybody puts it before.

    Without mirrored windows if it was trained so, for they came from looking at test people.
    """
    told = {each["model"]: each for each in over_everybody(material)}
    name = _own(material)
    judged, _ = _judged(material.pair_table)
    own = [row for row in judged.itertuples() if name in (row.a, row.b) and not _same(row)]
    open_ = [row.a if row.b == name else row.b for row in own if row.verdict == "undecided"]
    led = [_led(row) for row in own if row.verdict != "undecided"]
    return say(
        "thirty_short",
        **told[name],
        ahead=[each | {"other": each["loser"]} for each in led if each["winner"] == name],
        behind=[each | {"other": each["winner"]} for each in led if each["loser"] == name],
        undecided=open_,
        n_people=_n_people(material),
        n_chosen=len(dataset.TRAIN_SUBJECTS),
    )


def _own(material: Material) -> str:
    """Return which network of the course is compared over everybody.

    Raises
    ------
    NotMeasuredError
        If none of them left everybody out.
    """
    own = (models.UNMIRRORED, "modern")
    name = next((name for name in own if name in material.everybody), None)
    if name is None:
        raise NotMeasuredError("modern left nobody out")
    return name


@claim("unchosen", missing="silent")
def unchosen(material: Material) -> str:
    """Say whom the network leads over those of everybody on whom nothing was chosen."""
    name, by_person = _own(material), evaluation.per_subject_table(material.everybody)
    nine = by_person[[who for who in by_person if int(who) in dataset.TEST_SUBJECTS]]
    others = [b for a, b in material.pairs if a == name and b in nine.index and not _alike(a, b)]
    apart = {other: (nine.loc[name] - nine.loc[other]).to_numpy() for other in others}
    leads = [
        {"other": other, "lead": float(each.mean()), "p": evaluation.sign_flip(each)}
        for other, each in apart.items()
    ]
    return say("unchosen", model=name, leads=leads, n_people=nine.shape[1])


def _same(pair: Any) -> bool:
    """Return whether both of a pair are one model, in two variants."""
    return _alike(pair.a, pair.b)


def _alike(a: str, b: str) -> bool:
    """Return whether two names are of one model, in two variants."""
    return a.partition("@")[0] == b.partition("@")[0]


def _n_people(material: Material) -> int:
    """Return how many people were left out in turn."""
    return len(np.unique(next(iter(material.everybody.values()))[0].subject))


def over_everybody(material: Material) -> list[dict[str, Any]]:
    """Return what each model reaches, over everybody and elsewhere; nothing of nobody."""
    ranked = (*models.TITLES, models.UNMIRRORED)
    names = [name for name in ranked if name in material.everybody]
    folds = candidates.accuracy_on_folds(material.profile)
    told = []
    for name in names:
        [together] = evaluation.summary_table({name: material.everybody[name]}).itertuples()
        told.append(
            {
                "model": name,
                "official": material.summary.loc[name, "accuracy_mean"],
                "everybody": together.accuracy_mean,
                "low": together.accuracy_low,
                "high": together.accuracy_high,
                "n_seeds": together.n_seeds,
                "folds": folds if name == "modern" else None,
                **_test_people_and_others(material.everybody[name]),
            }
        )
    return told
