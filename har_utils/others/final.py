"""Final scores: each network sees each set once, and what it said is written down."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from har_utils import dataset, evaluation, files, metrics, models, placement, results
from har_utils.evaluation import intervals
from har_utils.others import network, protocol
from har_utils.others.protocol import Choice, Data, Trained
from har_utils.others.windows import NAMES, STAIRS, Windows
from har_utils.results import Key, Run

if TYPE_CHECKING:
    import keras

MODEL = protocol.NEWEST
"""What the network is called; its runs are ``<name>@<set that was left out>``."""

SURE = 0.9
"""Confidence above which an answer is called sure."""

CODE = ("augmentation", "others.network", "others.trials", "others.windows")
"""What trains a network and makes its windows; `placement` and `signals` have known answers."""

OFFICIAL = "official"
"""Variant of the runs on the course's own test people, trained on all sets and nobody of those."""


def folder() -> Path:
    """Return where the runs are published: apart from those of the course's own protocol."""
    return results.published_folder().parent / "others"


def _ledger() -> Path:
    """Return the file with one line per (network, set) that was scored."""
    return folder() / "ledger.jsonl"


def note(**what: Any) -> None:
    """Add a line to the ledger.

    Raises
    ------
    ValueError
        If that network has seen that set before.
    """
    line = json.dumps(what, sort_keys=True)
    file = _ledger()
    done = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    if line in done:
        raise ValueError(f"{files.shown(file)}: {line} was scored before; it is scored once")
    files.write_text(file, "".join(f"{each}\n" for each in [*done, line]))


def chosen_for(data: Data, target: str | None = None) -> Choice:
    """Return what is chosen for a target, or for the network that everybody gets."""
    return protocol.choose(protocol.scores(data), protocol.place_scores(data), target)


def chosen_then(target: str, seed: int) -> Choice:
    """Return what had been chosen for a target when it was scored, by the published run."""
    said = results.read_run(folder(), Key(MODEL, target, None, seed)).record["others"]
    return Choice(**{name: said[name] for name in protocol.CHOSEN})


def target_run(data: Data, target: str, seed: int) -> Run:
    """Train without a set, score it, and write the run; or read it if it is there.

    Parameters
    ----------
    data : Data
    target : str
        The set that is left out; candidate, finder and neighbours are chosen on the others.
    seed : int
    """
    key = Key(MODEL, target, None, seed)
    if results.run_file(folder(), key, ".json").exists():
        return results.read_run(folder(), key)
    chosen = chosen_for(data, target)
    rest = [name for name in data.sets if name != target]
    learned, seconds = trained(data, rest, chosen.candidate, seed, target)
    run = scored_run(data.sets[target], learned, key, chosen)
    note(network=MODEL, left_out=target, seed=seed, scored=target)
    return results.write_run(folder(), replace(run, timing={"cpu_seconds": round(seconds, 1)}))


def everything(data: Data, seed: int) -> Trained:
    """Train on the course's training people and all other sets: the network that people get."""
    chosen = chosen_for(data)
    return trained(data, list(data.sets), chosen.candidate, seed, "nothing")[0]


def official_run(data: Data, seed: int) -> Run:
    """Score the network that was trained on everything on the course's own nine test people."""
    key = Key(MODEL, OFFICIAL, None, seed)
    if results.run_file(folder(), key, ".json").exists():
        return results.read_run(folder(), key)
    from har_utils.others import windows as other_windows

    learned, chosen = everything(data, seed), chosen_for(data)
    run = scored_run(other_windows.own(dataset.load().test), learned, key, chosen)
    note(network=MODEL, left_out="nothing", seed=seed, scored=OFFICIAL)
    return results.write_run(folder(), run)


def trained(
    data: Data, names: Sequence[str], candidate: str, seed: int, left_out: str
) -> tuple[Trained, float]:
    """Train, or read the weights if that was done; and CPU seconds."""
    settings = protocol.settings_of(candidate)
    place = protocol.build_folder() / "weights" / candidate / f"without-{left_out}-seed-{seed}"
    keras, began = models.prepare(), time.process_time()
    if not place.with_suffix(".json").exists():
        learned = protocol.train(data, names, settings, seed)
        results.write_weights(place.with_suffix(".keras"), learned.model)
        written = {kind: found.as_json() for kind, found in learned.finders.items()}
        files.write_json(place.with_suffix(".json"), written)
        return learned, time.process_time() - began
    values = files.read_json(place.with_suffix(".json"))
    finders = {kind: placement.PlaceFinder.from_json(each) for kind, each in values.items()}
    model = keras.models.load_model(place.with_suffix(".keras"), compile=False)
    return Trained(model, finders, settings), 0.0


# --- What is written of a run -------------------------------------------------------------------


def folded(own: Windows, probability: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return truth, probabilities and positions of the windows of a set that are scored.

    Where a set does not split stairs, *upstairs* stands for them: it takes the larger of the two
    probabilities, *downstairs* the smaller, so that the most probable answer stays what it was.
    """
    names = protocol.config()["sets"].get(own.name, list(dataset.ACTIVITIES))
    wanted = [NAMES.index(name) for name in names]
    chosen = np.flatnonzero(np.isin(own.activity, wanted))
    truth, said = own.activity[chosen], probability[chosen].astype(np.float32)
    if STAIRS in wanted:
        truth = np.where(truth == STAIRS, network.UP, truth)
        both = np.sort(said[:, [network.UP, network.DOWN]], axis=1)
        said[:, network.DOWN], said[:, network.UP] = both.T
    return truth, said, chosen


def describe(own: Windows, probability: np.ndarray) -> dict[str, Any]:
    """Return the scores that count for another set.

    Returns
    -------
    dict
        ``accuracy``; ``macro_f1`` over the set's own activities; ``per_activity`` (F1);
        ``per_person`` (accuracy); ``worst_person``; ``sure`` (share of answers above 90 %
        confidence) and ``sure_and_wrong`` (share of those that are false).
    """
    truth, said, chosen = folded(own, probability)
    answer, person = said.argmax(axis=1), own.person[chosen]
    matrix = metrics.confusion(truth, answer)
    there = np.unique(truth)
    f1 = metrics.f1(matrix)
    sure, right = said.max(axis=1) > SURE, answer == truth
    per_person = {str(one): float(right[person == one].mean()) for one in np.unique(person)}
    return {
        "accuracy": float(right.mean()),
        "macro_f1": float(f1[there].mean()),
        "per_activity": {_shown(own, code): float(f1[code]) for code in there},
        "per_person": per_person,
        "worst_person": min(per_person.values()),
        "sure": float(sure.mean()),
        "sure_and_wrong": float((~right[sure]).mean()) if sure.any() else 0.0,
    }


def _shown(own: Windows, code: int) -> str:
    """Return what an activity is called in a set."""
    names = protocol.config()["sets"].get(own.name, ())
    return "STAIRS" if code == network.UP and "STAIRS" in names else NAMES[code]


def scored_run(
    own: Windows,
    learned: Trained,
    key: Key,
    chosen: Choice,
    of: keras.Model | None = None,
) -> Run:
    """Let a trained network see a set and put together what is written down.

    Parameters
    ----------
    own, learned, key, chosen
        The set; what was trained; what the run is called; how it answers.
    of : keras.Model, optional
        What a LiteRT file was made of, where that answers: it has the parameters.
    """
    of = learned.model if of is None else of
    neighbours = chosen.neighbours
    said = protocol.answer(learned, own)
    alone = said.probability(chosen)
    smoothed = protocol.with_neighbours(alone, own, neighbours)
    truth, probability, row = folded(own, smoothed)
    probability = probability.astype(np.float16).astype(np.float32)  # a third of the file's size
    people = np.unique(own.person)
    subject = np.searchsorted(people, own.person[row]) + 1
    pocket = said.pocket(chosen)
    record: results.Record = {
        "schema": results.SCHEMA,
        "model": key.model,
        "variant": key.variant,
        "fold": None,
        "seed": key.seed,
        "profile": "others",
        "code_digest": results.code_digest(CODE),
        "versions": results.versions(),
        "data": {"source": own.name, "digest": digest(own)},
        "digest": results.run_digest(
            settings=asdict(learned.settings), data=digest(own), left_out=key.variant, seed=key.seed
        ),
        "n_parameters": of.count_params(),
        "multiply_adds": models.multiply_adds(of),
        "epochs": {"cap": learned.settings.epochs, "chosen": learned.settings.epochs},
        "probability_kind": "softmax",
        "history": {},
        "metrics": metrics.score(truth, probability, subject),
        "others": {
            **asdict(chosen),
            "people": people.tolist(),
            "with_neighbours": describe(own, smoothed),
            "window_by_window": describe(own, alone),
            "place_known": describe(
                own,
                protocol.with_neighbours(
                    said.by_place[:, protocol.place_of(own.name)], own, neighbours
                ),
            ),
            "pocket": {
                str(one): _number(pocket[own.recording == one][0])
                for one in np.unique(own.recording)
            },
        },
    }
    return Run(key, record, probability, truth, row, subject)


def _number(value: float) -> float | None:
    """Return a number for JSON, which has no NaN."""
    return None if np.isnan(value) else float(value)


def digest(own: Windows) -> str:
    """Return the SHA-256 of a set's windows, blind to the last bits."""
    steps = np.round(own.windows.astype(np.float64) * 1e3).astype(np.int32)
    labels = (own.person, own.recording, own.trial, own.start, own.activity)
    return results.run_digest(
        windows=hashlib.sha256(steps.tobytes()).hexdigest(),
        labels=hashlib.sha256(np.stack(labels).astype(np.int64).tobytes()).hexdigest(),
    )


# --- Tables -------------------------------------------------------------------------------------


def interval(runs: Sequence[Run]) -> evaluation.Interval:
    """Return macro F1 over a set's own activities, averaged over seeds, with a 95 % interval.

    The interval is over people, made as everywhere (`evaluation.intervals.log_odds_ends`);
    activities that a set does not have are not in the mean.
    """
    there = np.unique(runs[0].activity)

    def macro_f1(matrices: np.ndarray) -> np.ndarray:
        return metrics.f1(matrices)[..., there].mean(axis=-1)

    values, moved = intervals.leave_one_out(np.stack([_of_people(run) for run in runs]), macro_f1)
    mean, error = values.mean(), np.asarray(np.linalg.norm(moved.mean(axis=0)))
    low, high = intervals.log_odds_ends(mean, error, moved.shape[1])
    sd = float(np.std(values, ddof=1)) if len(values) > 1 else float("nan")
    return evaluation.Interval(float(low), float(high), float(mean), sd)


def _of_people(run: Run) -> np.ndarray:
    """Return a confusion matrix for each person, ``(n_people, k, k)``."""
    answer = run.probability.argmax(axis=1)
    own = (run.subject == one for one in np.unique(run.subject))
    return np.stack([metrics.confusion(run.activity[mask], answer[mask]) for mask in own])


def scored() -> list[str]:
    """List the networks that were scored on every set, in the order in which they were thought of.

    The small ones, which are scored as files, are not among them.

    Raises
    ------
    FileNotFoundError
        If there is none.
    """
    sets, names = protocol.config()["sets"], protocol.config()["networks"]
    names = [name for name in names if "largest_file" not in names[name]]
    there = set(results.available(folder()))
    found = [name for name in names if there >= {f"{name}@{one}" for one in sets}]
    if not found:
        raise FileNotFoundError(f"{files.shown(folder())} holds no network's answers to all sets")
    return found


def summary(name: str | None = None) -> dict[str, Any]:
    """Return everything that was found, per set, for the report and the lesson.

    Parameters
    ----------
    name : str, optional
        The network; the newest without it.

    Returns
    -------
    dict
        Set (or `OFFICIAL`) → seeds, macro F1 with its interval, accuracy, worst person (the lowest
        accuracy of a person averaged over seeds), per activity, sure and wrong, places found.
    """
    found, name = {}, name or scored()[-1]
    runs = results.load_runs(folder())
    for target in (*protocol.config()["sets"], OFFICIAL):
        if seeds := runs.get(f"{name}@{target}"):
            found[target] = _summary(target, seeds)
    return found


def _summary(name: str, runs: Sequence[Run]) -> dict[str, Any]:
    """Return what the seeds of one target have in common."""
    whole, kinds = interval(runs), ("with_neighbours", "window_by_window", "place_known")
    said = {kind: [run.record["others"][kind] for run in runs] for kind in kinds}
    mean = {
        kind: {
            score: float(np.mean([each[score] for each in said[kind]]))
            for score in ("accuracy", "macro_f1", "sure", "sure_and_wrong")
        }
        for kind in kinds
    }
    per_person = _mean_of([each["per_person"] for each in said["with_neighbours"]])
    pocket = _mean_of(
        [{k: v for k, v in run.record["others"]["pocket"].items() if v is not None} for run in runs]
    )
    place = protocol.place_of(name) if name != OFFICIAL else 0
    return {
        "seeds": [run.key.seed for run in runs],
        "macro_f1": {"mean": whole.mean, "low": whole.low, "high": whole.high},
        "macro_f1_by_seed": [each["macro_f1"] for each in said["with_neighbours"]],
        **mean,
        "worst_person": min(per_person.values()),
        "per_person": per_person,
        "per_activity": _mean_of([each["per_activity"] for each in said["with_neighbours"]]),
        "places_found": float(np.mean([(p > 0.5) == (place == 1) for p in pocket.values()])),
        "windows": len(runs[0].activity),
        "people": len(per_person),
        **{k: runs[0].record["others"][k] for k in protocol.CHOSEN},
    }


def _mean_of(tables: Sequence[dict[str, float]]) -> dict[str, float]:
    """Return the mean of several tables with the same keys."""
    return pd.DataFrame(list(tables)).mean().to_dict()
