"""Everything about other people in one command, resumable: choose, train, score once, publish."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from har_utils import dataset, files, models, results, words
from har_utils.others import anywhere, final, protocol, published, trials
from har_utils.others import windows as other_windows
from har_utils.others.protocol import Data


def run(
    seeds: Sequence[int] | None = None,
    candidates: Sequence[str] | None = None,
    is_chosen: bool = False,
) -> None:
    """Do all that is not done yet, saying what; do nothing where the data are not there.

    Parameters
    ----------
    seeds : sequence of int, optional
        Those of ``config/others.yaml`` without it.
    candidates : sequence of str, optional
        Which of the list to compare; all of them without it.
    is_chosen : bool
        Compare nothing: choose by the published scores.
    """
    missing = [name for name in protocol.config()["sets"] if name not in trials.available()]
    if missing:
        titles = ", ".join(trials.SETS[name].title for name in missing)
        print(f"Other people's data are not all here (missing: {titles}): nothing done.")
        return
    data = protocol.load()
    for candidate in () if is_chosen else candidates or protocol.compared()["candidates"]:
        for pair in protocol.pairs():
            seconds = protocol.inner(data, candidate, pair)
            print(f"{candidate}, without {' and '.join(pair)}: {seconds:.0f} CPU s", flush=True)
    results.write_table("others", "inner", protocol.scores(data))
    for line in _final(data, protocol.config()["seeds"] if seeds is None else seeds):
        print(line, flush=True)
    finish(data)


def _final(data: Data, seeds: Sequence[int]) -> Iterator[str]:
    """Score every network on its set, one seed after the other."""
    for seed in seeds:
        for target in protocol.config()["sets"]:
            done = final.target_run(data, target, seed)
            yield f"{target}, seed {seed}: macro F1 {_percent(done)}"
        done = final.official_run(data, seed)
        yield f"the course's test people, seed {seed}: macro F1 {_percent(done)}"


def _percent(run: results.Run) -> str:
    return words.percent(run.record["others"]["with_neighbours"]["macro_f1"])


def finish(data: Data) -> None:
    """Publish the network of the first seed, the summary and the tables."""
    table = protocol.scores(data)
    choice = final.chosen_for(data)
    trained = final.everything(data, protocol.config()["seeds"][0])
    rule = anywhere.Rule(anywhere.finder_of(trained, choice), choice, anywhere.most_motion(data))
    anywhere.publish(trained, choice, rule.most_motion)
    summary = final.summary()
    summary["none_of_these"] = none_of_these(data, protocol.config()["seeds"][0])
    files.write_json(final.folder() / "summary.json", summary)
    _write(table, "inner.csv")
    _write(protocol.place_scores(data), "places.csv")
    _write(protocol.swing_table(data).round(2), "swing.csv")
    _write(running_table(data).round(4), RUNNING)
    compare_published(data)


def compare_published(data: Data) -> None:
    """Ask the course's own models, if their answers are not published yet."""
    file = final.folder() / "published_networks.csv"
    there = pd.read_csv(file) if file.exists() else pd.DataFrame({"network": []})
    asked = published.all_models()
    missing = {name: asked[name] for name in asked if name not in set(there["network"])}
    if missing:
        found = published.table(data, missing)
        _write(pd.concat([there, found]) if len(there) else found, file.name)
    if not (final.folder() / "calibrated.csv").exists():
        few = {name: asked[name] for name in ("modern", *models.CLASSICAL)}
        _write(published.calibrated(dataset.load(), few), "calibrated.csv")


def _write(table: pd.DataFrame, name: str) -> None:
    """Write a published table."""
    files.write_table(final.folder() / name, table)


def compare_errors(data: Data) -> pd.DataFrame:
    """Train with smaller and larger errors of the sensors, and publish the inner scores.

    No published network was chosen by them.
    """
    table = _compare(data, protocol.NEWEST, protocol.config()["errors"])
    _write(table, "errors.csv")
    return table


THIRD = "anywhere3"
"""The attempt that has no final scores yet, in ``config/others.yaml``."""


def compare_third(data: Data) -> pd.DataFrame:
    """Train what the third attempt compares, and publish the inner scores."""
    table = _compare(data, THIRD, protocol.compared(THIRD)["candidates"])
    _write(table, "third.csv")
    return table


def _compare(data: Data, name: str, candidates: Sequence[str]) -> pd.DataFrame:
    """Score candidates on a network's pairs; places and neighbours are those of `final.MODEL`."""
    for candidate, pair in itertools.product(candidates, protocol.pairs(name)):
        protocol.inner(data, candidate, pair)
    table = protocol.inner_table(data, name, candidates=candidates)
    choice = final.chosen_for(data)
    same = (table["finder"] == choice.finder) & (table["neighbours"] == choice.neighbours)
    return table.loc[same, ["candidate", "target", "scored", "macro_f1", "known"]].round(5)


RUNNING = "running.csv"
"""File of `running_table`."""


def running_table(data: Data) -> pd.DataFrame:
    """Return how often the rule for running holds, for whom and in what; no network is asked.

    Returns
    -------
    DataFrame
        ``data_set``, ``person``, ``activity``, ``windows``, and the ``share`` of them in which
        somebody runs by `anywhere.running`.
    """
    tables = []
    for name in protocol.config()["sets"]:
        own = data.sets[name]
        activity = np.array(other_windows.NAMES)[own.activity]
        facts = {"data_set": name, "person": own.person, "activity": activity}
        tables.append(pd.DataFrame(facts | {"running": anywhere.running(own)}))
    grouped = pd.concat(tables).groupby(["data_set", "person", "activity"])["running"]
    return grouped.agg(windows="size", share="mean").reset_index()


def none_of_these(data: Data, seed: int) -> dict[str, dict[str, float]]:
    """Return how often "none of these" is said, by a network that never saw the set.

    Returns
    -------
    dict
        Set → activity → share of windows; for sets with activities that are none of the six.
    """
    found = {}
    for target in ("usc_had", "wisdm2019"):
        own, choice = data.sets[target], final.chosen_then(target, seed)
        rest = [name for name in data.sets if name != target]
        trained, _ = final.trained(data, rest, choice.candidate, seed, target)
        most = anywhere.most_motion(Data({name: data.sets[name] for name in rest}))
        said = protocol.answer(trained, own)
        runs = anywhere.running(own)
        probability = said.probability(choice)
        probability = anywhere.smoothed(probability, own, runs, choice.neighbours)
        flagged = anywhere.none_of_these(own.windows, probability, most, runs)
        found[target] = {
            name: float(flagged[own.activity == code].mean())
            for code, name in enumerate(other_windows.NAMES)
            if (own.activity == code).any()
        }
    return found
