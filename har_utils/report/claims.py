"""Sentences that state results, made from the results.

Every function takes tables and returns plain text, so that a rerun that comes out differently
changes what is said. One rule holds throughout: **a difference whose interval contains zero is
never called better**; only a row of the pair table with a verdict makes one model "ahead".

Numbers are in per cent; a difference of two percentages is in points.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from har_utils import models
from har_utils.words import (
    SPACE,
    activity_name,
    decimal,
    grouped,
    listing,
    percent,
    plural,
    points,
    sentence,
    the,
    word,
)

TOLERANCE = 0.015
"""How far below the source a mean accuracy may lie and still count as reproduced (a fraction)."""

# --- Words and numbers --------------------------------------------------------------------------


# --- Which model is best, and is it? ------------------------------------------------------------


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
    top, *equals = summary.index[summary["accuracy_mean"] == highest]
    if equals:
        shared = listing(map(the, [top, *equals]))
        return sentence(f"{shared} share the highest mean accuracy, {percent(highest)}")
    row = summary.loc[top]
    others = [name for name in summary.index if name != top]
    reached = (
        f"{percent(row['accuracy_mean'])} "
        f"(95{SPACE}% interval {decimal(100 * row['accuracy_low'])} to "
        f"{decimal(100 * row['accuracy_high'])})"
    )
    if not others:
        return sentence(f"{the(top)} has a mean accuracy of {reached}")
    relations = _relations(top, others, pairs)
    return sentence(
        f"of the {word(len(summary))} networks, {the(top)} has the highest mean accuracy, "
        f"{reached}{_standing(relations)}"
    )


def _standing(relations: Mapping[str, str]) -> str:
    """Return the clause that follows a highest mean: what it is ahead of and what not."""
    ahead = [the(name) for name, relation in relations.items() if relation == "ahead"]
    undecided = [the(name) for name, relation in relations.items() if relation == "undecided"]
    if len(ahead) == len(relations):
        return ", and the interval of its lead excludes zero against every other one"
    if len(undecided) == len(relations):
        return ", but it cannot be told apart from any of the others"
    clauses = []
    if ahead:
        clauses.append(f"it is ahead of {listing(ahead)}")
    if undecided:
        clauses.append(f"it cannot be told apart from {listing(undecided, 'or')}")
    return "; " + ", but ".join(clauses) if clauses else ""


def all_pairs(pairs: pd.DataFrame) -> str:
    """Say how many pairs can be told apart, and for those who is ahead by how much.

    Of more than three leads only the largest and the smallest are named.
    """
    decided, n_open = _split(pairs)
    if not decided:
        return sentence(f"{_of_pairs(0, len(pairs))} can be told apart")
    said = f"{_of_pairs(len(decided), len(pairs))} can be told apart"
    if len(decided) <= 3:
        said = sentence(f"{said}: {listing(map(_lead, decided))}")
    else:
        by_size = sorted(decided, key=lambda pair: abs(pair.difference))
        largest, smallest = _lead(by_size[-1]), _lead(by_size[0])
        said = f"{sentence(said)} The largest lead: {largest}; the smallest: {smallest}."
    if not n_open:
        return said
    zero = "its interval contains zero" if n_open == 1 else "their intervals contain zero"
    return f"{said} {sentence(f'{word(n_open)} cannot: {zero}')}"


def _of_pairs(count: int, total: int) -> str:
    """Return a number of pairs as the subject of a sentence: ``two of the six pairs``."""
    if total == 1:
        return "the one pair compared" if count else "not even the one pair compared"
    if count == total:
        return f"all {word(total)} pairs"
    return f"{'none' if count == 0 else word(count)} of the {word(total)} pairs"


def _split(pairs: pd.DataFrame) -> tuple[list, int]:
    """Return the decided pairs and the number of undecided ones."""
    rows = list(pairs.itertuples())
    decided = [row for row in rows if row.verdict in ("a", "b")]
    return decided, len(rows) - len(decided)


def _lead(pair: tuple) -> str:
    """Return who is ahead in a decided pair, by how much, with the interval."""
    winner, loser = (pair.a, pair.b) if pair.verdict == "a" else (pair.b, pair.a)
    ends = _ends(*sorted(map(abs, (pair.low, pair.high))))
    return f"{the(winner)} is ahead of {the(loser)} by {points(pair.difference)} ({ends})"


def network_pairs(pairs: pd.DataFrame, n_subjects: int) -> str:
    """Say in one sentence how many pairs of networks so few subjects can tell apart."""
    decided, _ = _split(pairs)
    people = plural(n_subjects, "test subject")
    told = _of_pairs(len(decided), len(pairs))
    return f"With {people}, {told} of the source's networks can be told apart."


def ranking_allowed(pairs: pd.DataFrame, n_subjects: int) -> str:
    """Say, for the conclusion, whether the data support a ranking of the source's networks."""
    decided, n_open = _split(pairs)
    people = plural(n_subjects, "test subject")
    if not decided:
        none = "their one pair cannot" if n_open == 1 else f"none of their {word(n_open)} pairs can"
        return (
            f"The data allow no ranking of the source's networks: with {people}, {none} be told "
            f"apart."
        )
    if not n_open:
        return (
            f"Few as they are, the {people} suffice to tell every pair of the source's networks "
            f"apart."
        )
    return (
        f"What the data do not allow is a full ranking of the source's networks: with {people}, "
        f"{_of_pairs(n_open, len(pairs))} cannot be told apart."
    )


def features_or_networks(pairs: pd.DataFrame) -> str:
    """Say how a classical model compares with a network, for the pairs that hold one of each."""
    mixed = [
        pair
        for pair in pairs.itertuples()
        if (pair.a in models.CLASSICAL) != (pair.b in models.CLASSICAL)
    ]
    return " ".join(map(_across_kinds, mixed))


def _across_kinds(pair: tuple) -> str:
    """Say who is ahead in a pair of a classical model and a network."""
    classical, network = sorted((pair.a, pair.b), key=lambda name: name not in models.CLASSICAL)
    if pair.verdict == "undecided":
        return (
            f"Between {the(classical)} on an expert's features and {the(network)} on the raw "
            f"windows the interval contains zero."
        )
    winner = pair.a if pair.verdict == "a" else pair.b
    kind = "an expert's features" if winner == classical else "features it learnt"
    loser = network if winner == classical else classical
    return sentence(f"{the(winner)}, with {kind}, is ahead of {the(loser)}")


def second_opinion(pairs: pd.DataFrame, level: float = 0.05) -> str:
    """Say how often McNemar's test after Holm agrees with the interval, and where it does not."""
    interval = pairs["verdict"] != "undecided"
    test = pairs["p_holm"] < level
    n_more, n_less = int((test & ~interval).sum()), int((interval & ~test).sum())
    if not n_more and not n_less:
        return f"McNemar's test agrees with the interval in {_of_pairs(len(pairs), len(pairs))}."
    told = [
        f"in {word(n_more)} it finds a difference that the interval does not" if n_more else "",
        f"in {word(n_less)} it finds none where the interval does" if n_less else "",
    ]
    n_agree = len(pairs) - n_more - n_less
    return sentence(
        f"McNemar's test agrees with the interval in {_of_pairs(n_agree, len(pairs))}; "
        f"{listing(filter(None, told))}"
    )


# --- Against the source -------------------------------------------------------------------------


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
    below = gaps[gaps < -tolerance]
    count, near = len(gaps), points(tolerance)
    misses = [
        f"{the(str(name))} stays {points(gap)} below{_inside(summary.loc[name], published[name])}"
        for name, gap in below.items()
    ]
    if not misses:
        if count == 1:
            return f"The network reaches the source's accuracy or comes within {near} of it."
        return sentence(
            f"all {word(count)} networks reach the source's accuracy or come within {near} of it"
        )
    if len(misses) == count:
        return sentence(
            f"no network comes within {near} of the source's accuracy: {listing(misses)}"
        )
    reach = count - len(misses)
    first, second = ("reaches", "comes") if reach == 1 else ("reach", "come")
    return sentence(
        f"{word(reach)} of the {word(count)} networks {first} the source's accuracy or {second} "
        f"within {near} of it; {listing(misses)}"
    )


def _inside(row: pd.Series, value: float) -> str:
    """Return the remark that an interval contains a value, if it does."""
    inside = row["accuracy_low"] <= value <= row["accuracy_high"]
    return ", with the source's value inside its interval" if inside else ""


def as_source(summary: pd.DataFrame, published: Mapping[str, float]) -> str:
    """Say how near the networks come to the source when trained as it trained them.

    Parameters
    ----------
    summary
        One row per ``@paper`` model; nothing is said of none.
    published
        The source's accuracies, by model without variant.
    """
    if summary.empty:
        return ""
    means = summary["accuracy_mean"].rename(lambda name: name.partition("@")[0])
    lowest = (means - pd.Series(published)[means.index]).min()
    who = f"{listing(map(the, means.index))} reach{'es' * (len(means) == 1)}"
    if len(means) == len(models.NETWORKS):
        who = f"all {word(len(means))} networks reach"
    near = points(math.ceil(1000 * -lowest) / 1000)
    reached = "its accuracy" if lowest >= 0 else f"its accuracy or come within {near} of it"
    return sentence(f"trained for as long as the source trained, {who} {reached}")


def source_ranking(summary: pd.DataFrame, published: Mapping[str, float]) -> str:
    """Set the width of the intervals beside the distances the source ranked its networks by."""
    widths = summary["accuracy_high"] - summary["accuracy_low"]
    scores = [published[name] for name in summary.index]
    apart = points(max(scores) - min(scores))
    return (
        f"Under our protocol the intervals are {_range(widths.min(), widths.max())} wide. All "
        f"accuracies of the source's networks lie within {apart} of one another."
    )


def _range(low: float, high: float) -> str:
    """Return a range of differences: ``3.1 to 4.0 points``."""
    shown = decimal(100 * low)
    return points(high) if shown == decimal(100 * high) else f"{shown} to {points(high)}"


def paper_protocol(summary: pd.DataFrame, published: Mapping[str, float]) -> str:
    """Say what the networks reach when trained as the source trained them.

    Parameters
    ----------
    summary
        One row per ``@paper`` model; may be empty.
    published
        The source's accuracies, by model without variant.
    """
    if summary.empty:
        return "Runs under the source's own protocol are not part of this build."
    told = listing(
        f"{the(name.partition('@')[0])} reaches {percent(row['accuracy_mean'])} "
        f"(source: {percent(published[name.partition('@')[0]], 2)})"
        for name, row in summary.iterrows()
    )
    return sentence(f"trained as the source trained, to the last of its epochs, {told}")


def classical_reproduction(summary: pd.DataFrame, published: Mapping[str, float]) -> str:
    """Say how close the classical models come when trained as published (``@published`` rows)."""
    if summary.empty:
        return "Runs with the published scaling are not part of this build."
    told = []
    for name, row in summary.iterrows():
        model = name.partition("@")[0]
        said, meant = percent(row["accuracy_mean"], 2), percent(published[model], 2)
        reached = f"exactly its {said}" if said == meant else f"{said} (source: {meant})"
        told.append(f"{the(model)} gives {reached}")
    return sentence(listing(told))


def classical_honest(honest: pd.DataFrame, as_published: pd.DataFrame) -> str:
    """Say what changes when scaling and setting are chosen on training subjects alone."""
    told = []
    for name, row in honest.iterrows():
        reached = f"{the(name)} reaches {percent(row['accuracy_mean'], 2)}"
        if f"{name}@published" in as_published.index:
            change = row["accuracy_mean"] - as_published.loc[f"{name}@published", "accuracy_mean"]
            direction = "more" if change > 0 else "less"
            same = decimal(100 * abs(change), 2) == decimal(0, 2)
            reached += ", the same" if same else f", {points(change, 2)} {direction}"
        told.append(reached)
    return sentence("; ".join(told))


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
        whose protocol ends with "the published split" count.
    """
    published = published[published["protocol"].str.endswith("the published split")]
    inside = int(published["accuracy"].between(best["accuracy_low"], best["accuracy_high"]).sum())
    above = int((published["accuracy"] > best["accuracy_high"]).sum())
    counted = "none lies" if not inside else f"{word(inside)} lie{'s' * (inside == 1)}"
    said = (
        f"of the {word(len(published))} accuracies published on the same windows, {counted} inside "
        f"the interval of {title}"
    )
    return sentence(f"{said} and {word(above)} above it" if above else said)


# --- What is confused, and for whom -------------------------------------------------------------


def most_confused(confusion: np.ndarray, activities: Sequence[str]) -> str:
    """Say which two activities the networks confuse most.

    Parameters
    ----------
    confusion
        Mean share of each true activity (row) called each activity (column), rows summing to 1.
    activities
        Their names in order.
    """
    shares = np.nan_to_num(np.asarray(confusion, dtype=float))
    both = np.triu(shares + shares.T, k=1)
    first, second = np.unravel_index(both.argmax(), both.shape)
    if both[first, second] == 0:
        return "No activity is taken for another."
    one, other = activity_name(activities[first]), activity_name(activities[second])
    return (
        f"The pair most often confused is {one} and {other}: {percent(shares[first, second])} of "
        f"the windows of {one} are called {other}, {percent(shares[second, first])} the other way "
        f"round."
    )


def hardest_activity(recall: pd.DataFrame) -> str:
    """Say which activity is recognised worst on average, by how many networks, and which best.

    Parameters
    ----------
    recall
        A row per activity, a column per network, fractions.
    """
    mean = recall.mean(axis=1)
    worst, best = mean.idxmin(), mean.idxmax()
    of_each = recall.idxmin()
    n_worst = int((of_each == worst).sum())
    by = f"{word(n_worst) if n_worst else 'none'} of the {word(recall.shape[1])} networks"
    if n_worst == recall.shape[1]:
        by = f"all {word(n_worst)} networks" if n_worst > 1 else "the network"
    else_worst = [
        f"{activity_name(a)} ({percent(mean[a])})" for a in of_each.unique() if a != worst
    ]
    rest = f", {listing(else_worst)} of the others" if else_worst else ""
    return sentence(
        f"{activity_name(worst)} has the lowest recall on average ({percent(mean[worst])}) and is "
        f"the worst activity of {by}{rest}; {activity_name(best)} has the highest "
        f"({percent(mean[best])})"
    )


def hardest_subject(accuracy: pd.DataFrame) -> str:
    """Say how far apart people are, and how far apart the networks are.

    Parameters
    ----------
    accuracy
        A row per test subject, a column per network, fractions.
    """
    people, networks = accuracy.mean(axis=1), accuracy.mean(axis=0)
    between_people, between_networks = np.ptp(people), np.ptp(networks)
    said = sentence(
        f"averaged over the networks, accuracy goes from {percent(people.min())} for subject "
        f"{people.idxmin()} to {percent(people.max())} for subject {people.idxmax()}"
    )
    relation = "more" if between_people > between_networks else "no more"
    return (
        f"{said} People are {points(between_people)} apart, {relation} than the "
        f"{points(between_networks)} between the networks (means over people, not over windows)."
    )


# --- What it costs, and how sure the models are -------------------------------------------------


def likelihood(summary: pd.DataFrame) -> str:
    """Say which network gives the truth the highest probability; the lead is not tested."""
    loss = summary["negative_log_likelihood_mean"].astype(float)
    low, high = loss.idxmin(), loss.idxmax()
    if len(summary) == 1:
        return sentence(f"{the(low)} has a negative log-likelihood of {decimal(loss[low], 3)}")
    return sentence(
        f"the mean negative log-likelihood goes from {decimal(loss[low], 3)} ({the(low)}) to "
        f"{decimal(loss[high], 3)} ({the(high)}); these differences are described, not tested"
    )


def cost(summary: pd.DataFrame, minutes: Mapping[str, float]) -> str:
    """Say which network is smallest and how long training takes.

    Parameters
    ----------
    summary
        One row per network.
    minutes
        Training time of a final run by model; may be empty.
    """
    parameters = summary["n_parameters"].dropna().astype(int)
    small, large = parameters.idxmin(), parameters.idxmax()
    said = (
        f"The smallest network, {the(small)}, has {grouped(parameters[small])} parameters, the "
        f"largest, {the(large)}, {grouped(parameters[large])}; their mean accuracies are "
        f"{percent(summary.loc[small, 'accuracy_mean'])} and "
        f"{percent(summary.loc[large, 'accuracy_mean'])}."
    )
    known = {name: value for name, value in minutes.items() if name in summary.index}
    if len(known) > 1:
        fast, slow = min(known, key=known.get), max(known, key=known.get)
        said += (
            f" Training takes from {decimal(known[fast])} minutes per run ({the(fast)}) to "
            f"{decimal(known[slow])} ({the(slow)})."
        )
    return said


def epochs_kept(epochs: Mapping[str, Mapping[str, int]]) -> str:
    """Say after how many epochs the held-out loss was lowest.

    Parameters
    ----------
    epochs
        Network → ``{"chosen": …, "cap": …}``.
    """
    told = listing(
        f"{entry['chosen']} of {entry['cap']} for {the(name)}" for name, entry in epochs.items()
    )
    said = f"The loss on the held-out subjects was lowest after epoch {told}."
    at_cap = [the(name) for name, entry in epochs.items() if entry["chosen"] == entry["cap"]]
    if not at_cap:
        return said
    return f"{said} For {listing(at_cap)} that is the last one: it might have fallen further."


def balance(counts: pd.Series) -> str:
    """Say how many windows the rarest and the commonest activity have."""
    low, high = counts.idxmin(), counts.idxmax()
    return sentence(
        f"{activity_name(low)} has the fewest windows ({grouped(counts[low])}), "
        f"{activity_name(high)} the most ({grouped(counts[high])})"
    )


def leakage(
    random_folds: Mapping[str, float],
    subject_folds: Mapping[str, float],
    test: Mapping[str, float],
) -> str:
    """Say how far random folds and folds by subject are from what the test subjects show.

    Parameters
    ----------
    random_folds, subject_folds
        Model → cross-validated accuracy, a fraction.
    test
        Model → accuracy on the test subjects.
    """
    told = [
        f"for {the(name)} random folds promise {percent(promised)}, folds by subject "
        f"{percent(subject_folds[name])}, and the test subjects give {percent(test[name])}"
        for name, promised in random_folds.items()
    ]
    return sentence("; ".join(told))


# --- Outside the laboratory ---------------------------------------------------------------------

WORN = {
    "rotated": "a phone turned by 30 degrees",
    "upside_down": "one upside down",
    "other_pocket": "one on the other side of the body",
    "no_gyroscope": "a missing gyroscope",
}
"""How a phone may be worn or made: its name in the values of notebook 10, and in a sentence."""

MEASURED = {
    "noise": "noise of half a sensor's standard deviation",
    "dropped": "losing half of the samples",
    "sampling": "20 Hz instead of 50",
    "clock": "a clock that is wrong by 10 %",
}
"""How well a phone may measure, likewise."""


def beyond(row: pd.Series, name: str, ensemble: float) -> str:
    """Say what a network of the course reaches over its seeds, and all of them together.

    Parameters
    ----------
    row
        Its row of ``evaluation.summary_table``.
    name
        The network.
    ensemble
        Accuracy of the mean of all seeds' probabilities.
    """
    low, high = decimal(100 * row["accuracy_low"]), decimal(100 * row["accuracy_high"])
    return sentence(
        f"{_sized(name, row)}, has, over {plural(int(row['n_seeds']), 'seed')}, a mean accuracy of "
        f"{percent(row['accuracy_mean'])} (95{SPACE}% interval {low} to {high}); the mean of its "
        f"seeds' probabilities recognises {percent(ensemble)}"
    )


def _sized(name: str, row: pd.Series) -> str:
    """Return a network's name with the number of its parameters."""
    count = row["n_parameters"]
    known = count is not None and not pd.isna(count)
    return f"{the(name)}, with {grouped(count) if known else 'some'} parameters"


def smaller(rows: pd.DataFrame) -> str:
    """Say what networks reach that were made small, one row of the summary each."""
    told = [
        f"{_sized(str(name), row)}, reaches {percent(row['accuracy_mean'])}"
        for name, row in rows.iterrows()
    ]
    return sentence(listing(told)) if told else "Smaller ones were not trained in this build."


def left_open(moved: float, n_seeds: int) -> float:
    """Return how far two means over seeds may lie apart by the seeds alone.

    Two standard deviations of their difference.

    Parameters
    ----------
    moved
        Standard deviation from seed to seed of what they are means of.
    n_seeds
        Seeds in each mean.
    """
    return 2 * moved * math.sqrt(2 / n_seeds)


def taken_away(lost: Mapping[str, float], moved: float | None = None, n_seeds: int = 1) -> str:
    """Say what a network loses on people held out when one of its parts is taken away.

    Parameters
    ----------
    lost
        The part in words → accuracy lost, as a fraction; below zero where it did better without.
    moved
        Standard deviation from seed to seed of such an accuracy; None if there is one seed.
    n_seeds
        How many seeds each accuracy is the mean of; what they leave open (`left_open`) is not told
        as a loss or gain.
    """
    if not lost:
        return "What each part is worth was not measured in this build."
    order = sorted(lost, key=lost.get, reverse=True)
    least = left_open(moved or 0, n_seeds)
    told = [
        f"{'falls' if lost[part] > 0 else 'rises'} by {points(lost[part])} {part}"
        for part in order
        if abs(lost[part]) >= least
    ]
    said = sentence(f"on held-out training subjects, accuracy {listing(told)}") if told else ""
    if moved is None:
        return f"{said} Each is one seed."
    if unsure := [part for part in order if abs(lost[part]) < least]:
        seeds = plural(n_seeds, "seed")
        said += f" {sentence(f'{listing(unsure)} it changes by no more than {seeds} leave open')}"
    said += f" From seed to seed such a mean moves by {points(moved)} (standard deviation)."
    return said.lstrip()


def retrained(pairs: pd.DataFrame) -> str:
    """Say what networks gain by being trained in another way, and for which that is not decided.

    Parameters
    ----------
    pairs
        Comparisons (``evaluation.pair_table``) of a variant (``a``) with the same network trained
        as usual (``b``).
    """
    if pairs.empty:
        return "No network was trained in this way in this build."
    decided, n_open = _split(pairs)
    told = [
        f"{the(pair.b)} {'gains' if pair.difference > 0 else 'loses'} {points(pair.difference)} "
        f"({interval_of(pair)})"
        for pair in decided
    ]
    if n_open:
        unsure = [
            f"{the(pair.b)} (difference {decimal(100 * pair.difference)}, {interval_of(pair)})"
            for pair in pairs[pairs["verdict"] == "undecided"].itertuples()
        ]
        told.append(f"for {listing(unsure)} the interval contains zero")
    return sentence("; ".join(told))


def searched(studies: Mapping[str, Mapping[str, float]]) -> str:
    """Say what searches for settings promise, and what is left where others choose.

    Parameters
    ----------
    studies
        Network → ``trials`` and the losses ``source_loss``, ``best_loss`` and ``kept_loss``.
    """
    if not studies:
        return "No large search was done in this build, only the small one of the lesson."
    told = [
        f"for {the(name)} {grouped(found['trials'])} trials promise "
        f"{decimal(found['best_loss'], 3)} instead of {decimal(found['source_loss'], 3)} and keep "
        f"{decimal(found['kept_loss'], 3)}"
        for name, found in studies.items()
    ]
    return sentence(f"in loss on held-out subjects, {'; '.join(told)}")


def tuned_loss(tuned: pd.DataFrame, usual: pd.DataFrame) -> str:
    """Say what became, on the test subjects, of the loss that a search was asked to lower.

    Parameters
    ----------
    tuned, usual
        Rows of ``evaluation.summary_table``: networks with searched settings (``cnn_1d@tuned``),
        and the same ones in our protocol (``cnn_1d``).
    """
    loss = "negative_log_likelihood_mean"
    told = [
        f"{decimal(row[loss], 2)} instead of {decimal(usual.loc[network, loss], 2)} for "
        f"{the(network)}"
        for network, row in tuned.rename(index=lambda name: name.partition("@")[0]).iterrows()
    ]
    if not told:
        return ""
    return f"What the search was asked to lower, the softmax loss, is there {listing(told)}."


def tuned_settings(parameters: Mapping[str, int], epochs: Mapping[str, int]) -> str:
    """Say how large the networks are that a search found, and how long they are trained.

    Parameters
    ----------
    parameters, epochs
        Network → its number of parameters, and of epochs.
    """
    told = [
        f"{grouped(count)} parameters and {plural(epochs[name], 'epoch')} for {the(name)}"
        for name, count in parameters.items()
    ]
    return listing(told) if told else "none in this build"


def timed_on(processors: Mapping[str, Sequence[str]]) -> str:
    """Say which processors the training times were measured on.

    Parameters
    ----------
    processors
        Processor → the models that were trained on it.
    """
    if not processors:
        return "No times were measured in this build."
    if len(processors) == 1:
        return f"Times are of one core of {next(iter(processors))}."
    told = [f"{each} ({listing(map(the, names))})" for each, names in processors.items()]
    return f"Times are of one core of {listing(told)}."


def interval_of(pair: Any) -> str:
    """Return the interval of a difference in points: ``−0.4 to 11.0``.

    Parameters
    ----------
    pair
        A row of ``evaluation.pair_table``, as ``itertuples`` gives it.
    """
    return _ends(pair.low, pair.high)


def _ends(low: float, high: float) -> str:
    """Return the ends of an interval in points; 0.0 would not say on which side of zero it is."""
    digits = 2 if min(abs(low), abs(high)) < 0.0005 else 1
    return f"{decimal(100 * low, digits)} to {decimal(100 * high, digits)}"


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
        f"{the(name)} {percent(score)} ({decimal(100 * low)} to {decimal(100 * high)})"
        for name, (score, low, high) in scores.items()
    ]
    ways = {
        "loso": "each of the thirty people held out in turn",
        "twelve": "twelve activities, ten groups of three people held out in turn",
    }
    said = f"with {ways[variant]}, the macro F1 of all predictions together"
    return sentence(f"{said} is: {listing(told)}" if told else f"{said} was not measured yet")


def people(name: str, lowest: float, hardest: int, highest: float) -> str:
    """Say how far apart people lie who were each held out once.

    Parameters
    ----------
    name
        The model.
    lowest, highest
        Accuracies of the worst and the best recognised person, fractions.
    hardest
        Number of the worst recognised person.
    """
    return sentence(
        f"from person to person {the(name)} recognises {decimal(100 * lowest)} (subject {hardest}) "
        f"to {percent(highest)} of the windows"
    )


def rarest(activity: str, count: int, per_window: float, others: float) -> str:
    """Say what it does to a macro F1 that one of twelve activities is rare.

    Parameters
    ----------
    activity
        Its name in the data.
    count
        How many windows it has.
    per_window
        By how much the macro F1 moves, as a fraction, with one window of it.
    others
        Mean F1 of the other activities.
    """
    return sentence(
        f"{activity_name(activity)} has only {grouped(count)} windows and weighs as much as any "
        f"other activity, so that one window of it moves the macro F1 by about "
        f"{points(per_window, 2)}; the mean F1 of the others is {percent(others)}"
    )


def between(low: float, high: float) -> str:
    """Return a range of differences of fractions: ``0.14, 0.25`` → ``14 to 25 points``.

    What is not above zero, rounded, is no cost: ``at most 2 points``, ``nothing``.
    """
    first, last = round(100 * low), round(100 * high)
    if last <= 0:
        return "nothing"
    if first <= 0:
        return f"at most {points(last / 100, 0)}"
    return points(last / 100, 0) if first == last else f"{first} to {points(last / 100, 0)}"


def conditions(lost: Mapping[str, Sequence[float]]) -> str:
    """Say what other circumstances cost the networks.

    Parameters
    ----------
    lost
        Circumstances in words → accuracy each network loses, fractions.
    """
    told = [f"{what} costs {between(min(each), max(each))}" for what, each in lost.items()]
    return sentence(listing(told))


def latency(values: Mapping[str, Any]) -> str:
    """Say how long one window takes on one core, from a file and in TensorFlow.

    Parameters
    ----------
    values
        ``answer_shortest`` and ``answer_longest`` of all files in seconds, ``speedup_least`` and
        ``speedup_most`` against TensorFlow, and ``answer_processor``.
    """
    low, high = (decimal(1000 * values[f"answer_{end}"], 2) for end in ("shortest", "longest"))
    least, most = (grouped(values[f"speedup_{end}"]) for end in ("least", "most"))
    return sentence(
        f"on one core of {values['answer_processor']} a window takes a file {low} to "
        f"{high}{SPACE}ms, and TensorFlow, measured by turns with it, {least} to {most} times as "
        f"long"
    )


def dearer(lost: Mapping[str, float], others: Mapping[str, Sequence[float]]) -> str:
    """Say which circumstances cost a network more than any of the others; nothing if none does.

    Parameters
    ----------
    lost
        Circumstances in words → accuracy this network loses, a fraction.
    others
        The same → what each of the others loses.
    """
    worse = [what for what, each in lost.items() if round(100 * (each - max(others[what]))) > 0]
    if not worse:
        return ""
    return sentence(f"more than any of the source's networks it loses by {listing(worse)}")


def never_right(values: Mapping[str, float]) -> str:
    """Say which windows no seed of the course's network gets right.

    Parameters
    ----------
    values
        ``ceiling_windows``, ``ceiling_resting`` (sitting or standing) and ``ceiling_people``,
        of ``ceiling_of`` windows; ``ceiling_seeds``; ``ceiling_nobody``, the windows that no run
        of any model gets right.
    """
    names = ("windows", "resting", "people", "of", "seeds", "nobody")
    windows, resting, people, of, seeds, nobody = (int(values[f"ceiling_{n}"]) for n in names)
    if not windows:
        return f"No test window is wrong with every one of {plural(seeds, 'seed')} of our network."
    return sentence(
        f"{word(windows)} of the {grouped(of)} test windows "
        f"{'is' if windows == 1 else 'are'} wrong with every one of {plural(seeds, 'seed')} of our "
        f"network, {word(resting)} of them sitting or standing, of "
        f"{plural(people, 'person', 'people')}; in every run of every model: "
        f"{word(nobody) if nobody else 'none'}"
    )


def other_hip(values: Mapping[str, float]) -> str:
    """Say how many recordings look as if the phone had been on the other hip.

    Parameters
    ----------
    values
        ``n_recordings``, ``n_recordings_swapped``, the same of training subjects
        (``n_train_…``), the accuracies ``swapped_as_worn`` and ``swapped_mirrored``, and the
        fractions ``swapped_windows`` and ``swapped_mistakes``.
    """
    swapped, count = int(values["n_recordings_swapped"]), int(values["n_recordings"])
    if not swapped:
        return f"Of the {count} recordings of test subjects none is recognised better mirrored."
    return sentence(
        f"{word(swapped)} of the {count} recordings of test subjects "
        f"{'is' if swapped == 1 else 'are'} recognised better mirrored "
        f"({percent(values['swapped_mirrored'], 0)} instead of "
        f"{percent(values['swapped_as_worn'], 0)}). "
        f"They hold {percent(values['swapped_windows'], 0)} of the windows and "
        f"{percent(values['swapped_mistakes'], 0)} of all mistakes of the source's networks; "
        f"they were picked for being recognised badly, so a large share is no surprise. "
        f"By another sign, where gravity leans while somebody walks, "
        f"{word(int(values['n_train_recordings_swapped']))} of the "
        f"{int(values['n_train_recordings'])} recordings of training subjects "
        f"{'was' if values['n_train_recordings_swapped'] == 1 else 'were'} made there"
    )


def calibrated(helped: int, count: int) -> str:
    """Say for how many networks a temperature found on held-out subjects helped on others."""
    return sentence(
        f"one that was found on held-out training subjects makes the answers for the test subjects "
        f"more likely with {word(helped) if helped else 'none'} of the {word(count)} networks"
    )


def silence(low: float, high: float) -> str:
    """Say which share of the mistakes is avoided by not answering for a fifth of the windows."""
    return sentence(
        f"a network that keeps silent on the fifth of the windows it is least sure of avoids "
        f"{decimal(100 * low, 0)} to {percent(high, 0)} of its mistakes; silence at random would "
        f"avoid a fifth"
    )


def edges(at_edge: float, inside: float) -> str:
    """Say whether networks err more where an activity begins or ends; fractions of the windows."""
    ratio = at_edge / inside if inside else 1.0
    often = "about as often" if 0.8 < ratio < 1.25 else "more often" if ratio > 1 else "less often"
    return sentence(
        f"next to a change of activity the networks are wrong in {percent(at_edge)} of the "
        f"windows, further inside in {percent(inside)}: at the edge they err {often}"
    )


def neighbours(best: float, worst: float) -> str:
    """Say what averaging over neighbouring windows does to the accuracy; fractions."""
    return sentence(
        f"averaging over neighbouring windows changes accuracy by {decimal(100 * best)} (the best "
        f"of the settings tried) to {decimal(100 * worst)} points (the worst of them)"
    )


def unrolled(name: str, lost: Mapping[str, float]) -> str:
    """Say what a network loses whose loop was written out and rounded.

    Parameters
    ----------
    name
        The network.
    lost
        How precise in words → accuracy lost, fractions.
    """
    if not lost:
        return ""
    told = listing(f"{decimal(100 * by)} with {what}" for what, by in lost.items())
    return sentence(f"points of accuracy that {the(name)} loses so: {told}")


def on_device(values: Mapping[str, float]) -> str:
    """Say what is lost by rounding a network to integers of eight bits.

    Parameters
    ----------
    values
        ``int8_most_lost`` and ``int8_full_most_lost`` in points; ``smallest_bytes`` and
        ``smallest_accuracy`` (a fraction).
    """
    return sentence(
        f"with layers of eight bits, but floats at both ends and in the listeners, a convolutional "
        f"network loses at most {points(values['int8_most_lost'] / 100, 2)} of accuracy, with "
        f"eight bits throughout up to {points(values['int8_full_most_lost'] / 100, 2)}; the "
        f"smallest file of the first kind has {grouped(values['smallest_bytes'] / 1000)}{SPACE}kB "
        f"and recognises {percent(values['smallest_accuracy'])} of the test windows"
    )


def by_rounding(lost: float) -> str:
    """Say how many points of accuracy rounding cost, which may be less than nothing."""
    return f"{points(abs(lost) / 100, 2)} {'fewer' if lost >= 0 else 'more'} than with floats"


def in_integers(values: Mapping[str, Any]) -> str:
    """Say what is left of the network that was made for integers when all its numbers are.

    Parameters
    ----------
    values
        ``integer_bytes``, ``integer_accuracy`` (a fraction), ``integer_lost`` (points), and of the
        candidates for it ``integer_tried`` (how many) and ``integer_folds`` (its accuracy on
        people held out, a fraction).
    """
    return sentence(
        f"chosen among {plural(int(values['integer_tried']), 'variation')} on the folds "
        f"({percent(values['integer_folds'])} of the windows there, in floats), it has as a file "
        f"of integers {decimal(values['integer_bytes'] / 1000)}{SPACE}kB and recognises "
        f"{percent(values['integer_accuracy'])} of the test windows, "
        f"{by_rounding(values['integer_lost'])}"
    )
