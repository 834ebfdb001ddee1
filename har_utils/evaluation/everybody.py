"""Which model is better, judged by all thirty people: each was left out once and recognised.

Nine test people are few, and whoever looked at them may have learned something from them. Everybody
left out in turn gives thirty people, paired by person, and an exact test that assumes no shape.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from har_utils import recipe, results
from har_utils.evaluation.folds import load_all_pooled
from har_utils.evaluation.intervals import _subject_confusions, holm, per_subject_table, rescored
from har_utils.results import Key, Run

BY_HAND = "linear_svc"
"""The model whose answers for everybody are a table that a lesson writes, not runs of folds."""

LEVEL = 0.05
"""A p-value below, after Holm, decides."""


def left_out(profile: str) -> dict[str, list[Run]]:
    """Return every model that recognised each person without having learned from them.

    Parameters
    ----------
    profile
        Whose build comes first, then what was published.

    Returns
    -------
    dict
        Model → one run per seed, on all windows of all people; only models that met everybody.
    """
    found = networks_left_out(profile)
    answers = next(filter(_is_there, (_answers(place) for place in results.sources(profile))), None)
    if answers is not None and found:
        found[BY_HAND] = [_as_run(answers, next(iter(found.values()))[0])]
    most = max((len(runs[0].row) for runs in found.values()), default=0)
    return {name: runs for name, runs in found.items() if len(runs[0].row) == most}


def networks_left_out(profile: str) -> dict[str, list[Run]]:
    """Return every model that was trained without one person at a time, its folds put together.

    Parameters
    ----------
    profile
        Whose build comes first.

    Returns
    -------
    dict
        Model → one run per seed. A model in a variant that is also trained for the test people
        has that name: ``"modern"`` and ``"modern@unmirrored"``.
    """
    return {
        "@".join(filter(None, (name.partition("@")[0], trained_as))): runs
        for variant, trained_as in recipe.LEFT_OUT.items()
        for name, runs in load_all_pooled(profile, variant, quiet=True).items()
    }


def name_left_out(name: str) -> str:
    """Return where the runs of a model are in which it left everybody out.

    ``"modern@unmirrored"`` → ``"modern@unmirrored_loso"``.
    """
    model, _, variant = name.partition("@")
    [left_out_as] = [each for each, usual in recipe.LEFT_OUT.items() if usual == (variant or None)]
    return f"{model}@{left_out_as}"


def _answers(folder: Path) -> pd.DataFrame | None:
    """Return the table of answers for everybody, if a folder has one."""
    return results.read_table(folder, f"loso/{BY_HAND}")


def _is_there(table: pd.DataFrame | None) -> bool:
    """Return whether there is a table."""
    return table is not None


def _as_run(answers: pd.DataFrame, like: Run) -> Run:
    """Return a table of answers as a run, sure of each."""
    n_classes = like.probability.shape[1]
    arrays = {
        name: answers[name].to_numpy().astype(results.ARRAYS[name])
        for name in ("activity", "row", "subject")
    }
    probability = np.eye(n_classes, dtype=np.float32)[answers["predicted"].to_numpy()]
    record = like.record | {"model": BY_HAND, "probability_kind": "score"}
    run = replace(like, key=Key(BY_HAND, "loso"), record=record, **arrays)
    return rescored(run, probability)


def confusions(runs: Sequence[Run]) -> np.ndarray:
    """Return one confusion matrix per person, the first seed's, ``(n_people, k, k)`` float64."""
    return _subject_confusions(runs[0]).astype(np.float64)


def sign_flip(differences: np.ndarray) -> float:
    """Return the exact two-sided p-value of the permutation test of signs (Fisher 1935).

    If two models were equally good, each person's difference might as well have had the other
    sign. Of all those 2ⁿ ways, p is the share whose mean is at least as far from zero as the one
    found. They need not be listed: the sums of one half of the people, sorted, are searched for
    each sum of the other half, so that thirty people take 2 · 2¹⁵ sums instead of 2³⁰.

    Parameters
    ----------
    differences
        ``(n,)`` one for each person; at most 40.

    Raises
    ------
    ValueError
        If there are more.
    """
    found = np.asarray(differences, dtype=np.float64)
    if len(found) > 40:
        raise ValueError(f"{len(found)} people are too many for the exact test: 40 at most")
    half = len(found) // 2
    one, other = _signed_sums(found[:half]), np.sort(_signed_sums(found[half:]))
    least = abs(found.sum()) - 1e-12  # equal sums differ in their last digit by their order
    above = len(other) - np.searchsorted(other, least - one, side="left")
    below = np.searchsorted(other, -least - one, side="right")
    return min(1.0, float((above + below).sum()) / 2.0 ** len(found))


def _signed_sums(values: np.ndarray) -> np.ndarray:
    """Return the sum of values under every choice of their signs, ``(2ⁿ,)``."""
    sums = np.zeros(1)
    for value in values:
        sums = np.concatenate([sums + value, sums - value])
    return sums


def compare(
    runs_by_name: Mapping[str, Sequence[Run]],
    pairs: Iterable[Sequence[str]],
    n_listed: int | None = None,
) -> pd.DataFrame:
    """Compare models two by two over everybody left out in turn.

    Parameters
    ----------
    runs_by_name
        What `left_out` returns.
    pairs
        Names to compare.
    n_listed
        How many pairs were listed to be compared, for Holm's correction; without it, those of
        which both are there.

    Returns
    -------
    DataFrame
        Columns ``a``, ``b``, ``n_people``, ``difference`` (a − b, the mean over people of their
        own accuracies, means over seeds), ``better`` (people whom a recognises better), ``worse``,
        ``p``, ``p_holm`` and ``verdict``: "a" or "b" where p after Holm is below `LEVEL`, else
        "undecided".
    """
    known = {name: list(runs) for name, runs in runs_by_name.items()}
    by_person = per_subject_table(known) if known else pd.DataFrame()
    rows = [_compared(by_person, a, b) for a, b in pairs if {a, b} <= known.keys()]
    columns = ["a", "b", "n_people", "difference", "better", "worse", "p"]
    table = pd.DataFrame(rows, columns=columns)
    table["p_holm"] = holm(table["p"], n_listed)
    table["verdict"] = np.where(
        table["p_holm"] >= LEVEL, "undecided", np.where(table["difference"] > 0, "a", "b")
    )
    return table


def _compared(by_person: pd.DataFrame, a: str, b: str) -> tuple[str | float, ...]:
    """Return one row of the comparison, without what depends on the other rows."""
    apart = (by_person.loc[a] - by_person.loc[b]).to_numpy()
    better, worse = int((apart > 0).sum()), int((apart < 0).sum())
    return a, b, len(apart), float(apart.mean()), better, worse, sign_flip(apart)


def decide(pairs: pd.DataFrame, everybody: pd.DataFrame) -> pd.DataFrame:
    """Let everybody left out in turn decide pairs that were compared on the test people.

    Parameters
    ----------
    pairs
        What ``evaluation.pair_table`` returns.
    everybody
        What `compare` returns.

    Returns
    -------
    DataFrame
        The pairs with ``n_people``, ``everybody`` (the difference over all people) and
        ``p_everybody`` (after Holm), not a number where a model never left everybody out. The
        ``verdict`` of those is "undecided", whatever the few test people say.
    """
    found = everybody.set_index(["a", "b"])
    place = pd.MultiIndex.from_frame(pairs[["a", "b"]])
    kept = found.reindex(place)
    return pairs.assign(
        n_people=kept["n_people"].to_numpy(dtype=float),
        everybody=kept["difference"].to_numpy(dtype=float),
        p_everybody=kept["p_holm"].to_numpy(dtype=float),
        verdict=kept["verdict"].fillna("undecided").to_numpy(),
    )
