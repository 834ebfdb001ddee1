"""The network for any placement as a small LiteRT file: chosen and scored as that file.

``config/others.yaml`` says what is compared and how large the file may be.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from har_utils import dataset, files, placement, results, words
from har_utils.deployment import anywhere_file
from har_utils.deployment.anywhere_file import AnywhereFile
from har_utils.others import anywhere, final, protocol, trials
from har_utils.others import windows as other_windows
from har_utils.others.protocol import Answers, Choice, Data, Settings, Trained
from har_utils.others.windows import STAIRS, Windows
from har_utils.results import Key, Run

if TYPE_CHECKING:
    import keras

MODEL = "anywhere_small"
"""What the network is called, in ``config/others.yaml`` and in the names of its runs."""

FILE = results.networks_folder() / f"{MODEL}.tflite"
"""The file that was made of the network trained on everybody but the nine test people."""

N_SHOWN = 60
"""Windows of each set that the converter is shown, facing every way that is asked in use."""


def converted(
    model: keras.Model, data: Data, names: Sequence[str], settings: Settings
) -> AnywhereFile:
    """Convert a network that was trained on some sets, showing the converter windows of those.

    Raises
    ------
    ValueError
        If the file is larger than ``config/others.yaml`` allows.
    """
    shown = np.concatenate([_some(data, name, settings) for name in names])
    faces = 1 if settings.facing is not None else protocol.config()["headings"]
    content = anywhere_file.written(model, np.concatenate(placement.headings(shown, faces)))
    most = protocol.compared(MODEL)["largest_file"]
    if len(content) > most:
        raise ValueError(f"a file of {len(content):,} bytes; {MODEL} may have {most:,}")
    return anywhere_file.read(content, settings)


def _some(data: Data, name: str, settings: Settings) -> np.ndarray:
    """Draw windows of a set that networks learn from."""
    known = np.flatnonzero(data.sets[name].activity <= STAIRS)
    chosen = np.random.default_rng(0).permutation(known)[:N_SHOWN]
    return data.shown(name, settings)[np.sort(chosen)]


# --- Choosing -----------------------------------------------------------------------------------


def inner_answers(data: Data, candidate: str, pair: tuple[str, str], name: str) -> Answers:
    """Return what the file of a network that saw neither of two sets says to one of them."""
    said = protocol.inner_answers(data, candidate, pair, name)
    return replace(said, by_place=_kept(data, candidate, pair, name))


def _kept(data: Data, candidate: str, pair: tuple[str, str], name: str) -> np.ndarray:
    """Return a file's answers, ``(n, 2, 6)``: computed once, then read."""
    kept = protocol.build_folder() / "inner" / candidate / f"{'+'.join(pair)}.{name}.file.npz"
    if not kept.exists():
        settings = protocol.settings_of(candidate)
        rest = [one for one in data.sets if one not in pair]
        made = converted(protocol.inner_model(candidate, pair), data, rest, settings)
        by_place, _ = protocol.predicted(made, settings, data.shown(name, settings))
        files.write_arrays(kept, {"by_place": by_place})
    with np.load(kept) as stored:
        return stored["by_place"]


def scores(data: Data) -> pd.DataFrame:
    """Return the inner scores: the published ones, or computed and published here."""
    file = protocol.published_file()
    published = pd.read_csv(file)
    own = published[published["network"] == MODEL]
    if len(own):
        return own
    for candidate in protocol.compared(MODEL)["candidates"]:
        for pair in protocol.pairs(MODEL):
            protocol.inner(data, candidate, pair)
    own = protocol.inner_table(data, MODEL, inner_answers).round(5)
    files.write_table(file, pd.concat([published, own], ignore_index=True))
    return own


def chosen_for(data: Data, target: str | None = None) -> Choice:
    """Return what is chosen for a target, or for the file that everybody gets."""
    return protocol.choose(scores(data), protocol.place_scores(data), target, MODEL)


# --- Final scores -------------------------------------------------------------------------------


def target_run(data: Data, target: str, seed: int) -> Run:
    """Train without a set, convert, score the file once, and write the run; or read it.

    Parameters
    ----------
    data : Data
    target : str
        The set that is left out, or `final.OFFICIAL`: the course's nine test people.
    seed : int
    """
    key = Key(MODEL, target, None, seed)
    if results.run_file(final.folder(), key, ".json").exists():
        return results.read_run(final.folder(), key)
    is_official = target == final.OFFICIAL
    rest = [name for name in data.sets if name != target]
    chosen = chosen_for(data, None if is_official else target)
    left_out = "nothing" if is_official else target
    learned, seconds = final.trained(data, rest, chosen.candidate, seed, left_out)
    own = other_windows.own(dataset.load().test) if is_official else data.sets[target]
    made = converted(learned.model, data, rest, learned.settings)
    run = _file_run(own, learned, made, key, chosen)
    final.note(network=MODEL, left_out=left_out, seed=seed, scored=target)
    return results.write_run(
        final.folder(), replace(run, timing={"cpu_seconds": round(seconds, 1)})
    )


def _file_run(own: Windows, learned: Trained, made: AnywhereFile, key: Key, chosen: Choice) -> Run:
    """Return what a file says to a set; its record has the scores of the network in floats, too."""
    floats = final.scored_run(own, learned, key, chosen)
    run = final.scored_run(own, replace(learned, model=made), key, chosen, of=learned.model)
    about: dict[str, Any] = {"precision": anywhere_file.PRECISION, "bytes": len(made.content)}
    about["sha256"] = hashlib.sha256(made.content).hexdigest()
    about["floats"] = floats.record["others"]["with_neighbours"]
    return replace(run, record={**run.record, "file": about})


def publish(data: Data, seed: int) -> None:
    """Write the file of the network that was trained on everybody, and what belongs to it."""
    chosen = chosen_for(data)
    learned, _ = final.trained(data, list(data.sets), chosen.candidate, seed, "nothing")
    made = converted(learned.model, data, list(data.sets), learned.settings)
    with files.atomic(FILE) as new:
        new.write_bytes(made.content)
    most = anywhere.read_rule().most_motion  # of the same windows
    rule = anywhere.Rule(anywhere.finder_of(learned, chosen), chosen, most)
    files.write_json(FILE.with_suffix(".json"), rule.as_json())


LARGE, FLOATS, SCORED = "large", "small", "small file"
"""Columns of `table`."""


def table() -> pd.DataFrame:
    """Return what the published runs reached beside the large network, set by set.

    Returns
    -------
    DataFrame
        Macro F1, means over seeds, in the columns `LARGE`, `FLOATS` and `SCORED`, and ``bytes`` of
        the largest file; one row per set and one for the course's test people, by their titles.
        Empty where no file is published.
    """
    there = set(results.available(final.folder()))
    names = {name: trials.SETS[name].title for name in protocol.config()["sets"]}
    names |= {final.OFFICIAL: "the nine test subjects"}
    rows = {}
    for name, title in names.items():
        key = f"{MODEL}@{name}"
        if key in there:
            [seeds] = results.load_runs(final.folder(), [key]).values()
            records = [run.record for run in seeds]
            large = files.read_json(final.folder() / "summary.json")[name]
            rows[title] = {
                LARGE: large["macro_f1"]["mean"],
                FLOATS: np.mean([each["file"]["floats"]["macro_f1"] for each in records]),
                SCORED: np.mean([_macro_f1(each) for each in records]),
                "bytes": max(each["file"]["bytes"] for each in records),
            }
    return pd.DataFrame.from_dict(rows, orient="index", columns=[LARGE, FLOATS, SCORED, "bytes"])


def _macro_f1(record: results.Record) -> float:
    """Return the final score of a run."""
    return record["others"]["with_neighbours"]["macro_f1"]


def run(seeds: Sequence[int] | None = None) -> Iterator[str]:
    """Choose, train, score every set once, and publish; say what was done, line by line.

    Parameters
    ----------
    seeds : sequence of int, optional
        Those of ``config/others.yaml`` without it.
    """
    data = protocol.load()
    seeds = protocol.config()["seeds"] if seeds is None else seeds
    for seed in seeds:
        for target in (*protocol.config()["sets"], final.OFFICIAL):
            done = target_run(data, target, seed).record
            floats = done["file"]["floats"]["macro_f1"]
            yield (
                f"{target}, seed {seed}: macro F1 {words.percent(_macro_f1(done))} of a file of "
                f"{done['file']['bytes']:,} bytes, {words.percent(floats)} in floats"
            )
    publish(data, seeds[0])
    yield f"written: {files.shown(FILE)}"
