"""Leave one data set out: what is trained on whom, what is chosen, and what is scored once.

``config/others.yaml`` holds the rule in words, the sets, and the list of what is compared.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import yaml

from har_utils import dataset, evaluation, metrics, placement, results, signals
from har_utils.others import network, trials
from har_utils.others import windows as other_windows
from har_utils.others.network import Settings
from har_utils.others.windows import NAMES, OWN, STAIRS, Windows
from har_utils.placement import PlaceFinder

if TYPE_CHECKING:
    import keras

CONFIG = results.REPOSITORY / "config" / "others.yaml"


@lru_cache(maxsize=1)
def config() -> dict[str, Any]:
    """Return the rule's numbers and the list of candidates."""
    return yaml.safe_load(CONFIG.read_text(encoding="utf-8"))


def settings_of(candidate: str, **changes: Any) -> Settings:
    """Return the settings of a candidate of the list."""
    values = {**config()["candidates"][candidate], **changes}
    known = {field.name for field in fields(Settings)}
    if not set(values) <= known:
        raise ValueError(f"{CONFIG.name}: {candidate} has settings that do not exist")
    return Settings(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})


def place_of(name: str) -> int:
    """Return where a set's people wore the device, as a position in `placement.PLACES`."""
    return int(name != OWN and trials.SETS[name].placement == "pocket")


@dataclass(frozen=True, eq=False)
class Data:
    """All data sets, the course's training people among them, turned by the rule.

    Attributes
    ----------
    sets : dict
        Name → windows as the devices measured them.
    upright : dict
        (name, local) → the same windows turned.
    """

    sets: Mapping[str, Windows]
    upright: Mapping[tuple[str, bool], np.ndarray]


def load(names: Iterable[str] | None = None, path: str | os.PathLike | None = None) -> Data:
    """Read data sets (all of them if none is named), cut and turn their windows.

    Raises
    ------
    FileNotFoundError
        If a set is not there.
    """
    sets = {OWN: other_windows.own(dataset.load().train)}
    for name in config()["sets"] if names is None else names:
        sets[name] = other_windows.load(name, path, config().get("people", {}).get(name, ()))
    turned = {
        (name, local): turn(own, local) for name, own in sets.items() for local in (True, False)
    }
    return Data(sets, turned)


def turn(own: Windows, local: bool) -> np.ndarray:
    """Turn the windows of a set by the rule: what is up while walking becomes +x."""
    up = placement.upward(own.windows, own.recording, own.trial, local)
    return placement.turn_upright(own.windows, up)


# --- Training -----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Trained:
    """A network and the finder of places that was fitted on the same people."""

    model: keras.Model
    finder: PlaceFinder
    settings: Settings


def train(data: Data, names: Sequence[str], settings: Settings, seed: int) -> Trained:
    """Train on all windows of some sets whose activity is one of the six, or unsplit stairs.

    Every set counts the same, and so does every activity within a set.
    """
    shown, right, weight, pocket = [], [], [], []
    for name in names:
        own = data.sets[name]
        chosen = own.activity <= STAIRS
        activity = own.activity[chosen]
        shown.append(data.upright[name, settings.local][chosen])
        right.append(network.targets(activity, place_of(name)))
        often = np.bincount(activity, minlength=len(NAMES))
        weight.append(1 / often[activity] / np.count_nonzero(often))
        pocket.append(np.full(len(activity), place_of(name) == 1))
    windows, weights = np.concatenate(shown), np.concatenate(weight)
    finder = fit_finder(windows, np.concatenate(pocket), weights)
    model = network.train(windows, np.concatenate(right), weights, settings, seed)
    return Trained(model, finder, settings)


def fit_finder(windows: np.ndarray, pocket: np.ndarray, weight: np.ndarray) -> PlaceFinder:
    """Fit the finder of places on the windows that move; both places count the same."""
    moves = placement.moving(windows)
    windows, pocket, weight = windows[moves], pocket[moves], weight[moves].copy()
    if not pocket.any():
        return PlaceFinder(np.zeros(5), np.ones(5), np.zeros(5), -10.0)
    for place in (True, False):
        weight[pocket == place] *= len(weight) / 2 / weight[pocket == place].sum()
    return placement.fit_place_finder(windows, pocket, weight)


# --- Answers ------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Answers:
    """What a network says to one set.

    Attributes
    ----------
    by_place : ndarray of shape (n, 2, 6), float32
    pocket : ndarray of shape (n,), float64
        How probable it is that the recording is from a pocket.
    """

    by_place: np.ndarray
    pocket: np.ndarray

    def probability(self) -> np.ndarray:
        """Return ``(n, 6)``, each place weighted by how probable it is; half and half unknown."""
        p = np.where(np.isnan(self.pocket), 0.5, self.pocket)[:, np.newaxis]
        return (1 - p) * self.by_place[:, 0] + p * self.by_place[:, 1]


def answer(trained: Trained, upright: np.ndarray, recording: np.ndarray) -> Answers:
    """Let a network and its finder see upright windows."""
    turned = placement.headings(upright, config()["headings"])
    by_place = network.predict(trained.model, turned)
    return Answers(by_place, trained.finder.pocket(upright, recording))


def alike(own: Windows) -> np.ndarray:
    """Number the stretches in which windows follow each other and all move, or all rest."""
    moves = placement.motion(own.windows) >= placement.LEAST_MOTION
    follows = (np.diff(own.trial) == 0) & (np.diff(own.start) == signals.STRIDE)
    return np.concatenate([[0], np.cumsum(~(follows & (np.diff(moves) == 0)))])


def with_neighbours(probability: np.ndarray, own: Windows, n: int) -> np.ndarray:
    """Average over the `n` windows around each that move, or rest, as it does."""
    if n == 1:
        return probability
    table = pd.DataFrame({"recording": alike(own), "start": own.start})
    return evaluation.smooth(probability, table, n, centred=True)


# --- Scores -------------------------------------------------------------------------------------


def scored(own: Windows, probability: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return truth and answers as codes, and who, of the windows that are scored.

    Up and down are the same answer where the set does not tell them apart.
    """
    wanted = [NAMES.index(name) for name in config()["sets"][own.name]]
    said = probability.argmax(axis=1)
    if STAIRS in wanted:
        said = np.where(np.isin(said, (network.UP, network.DOWN)), STAIRS, said)
    chosen = np.isin(own.activity, wanted)
    return own.activity[chosen], said[chosen], own.person[chosen]


def macro_f1(own: Windows, probability: np.ndarray) -> float:
    """Return the mean F1 over the activities a set has."""
    truth, said, _ = scored(own, probability)
    wanted = [NAMES.index(name) for name in config()["sets"][own.name]]
    return float(metrics.f1(metrics.confusion(truth, said, len(NAMES)))[wanted].mean())


# --- Choosing -----------------------------------------------------------------------------------


def build_folder() -> Path:
    """Return where trainings leave what they found."""
    return results.build_folder("others")


def inner(data: Data, candidate: str, pair: tuple[str, str]) -> dict[str, Any]:
    """Train a candidate without two sets and score both, or read it if that was done."""
    file = build_folder() / "inner" / candidate / f"{'+'.join(pair)}.json"
    if file.exists():
        return results.read_json(file)
    began, settings = time.process_time(), settings_of(candidate)
    rest = [name for name in data.sets if name not in pair]
    trained = train(data, rest, settings, seed=0)
    found: dict[str, Any] = {}
    for name in pair:
        own = data.sets[name]
        said = answer(trained, data.upright[name, settings.local], own.recording)
        found[name] = _inner_scores(own, said)
    found["cpu_seconds"] = time.process_time() - began
    results.write_json(file, found)
    return found


def _inner_scores(own: Windows, said: Answers) -> dict[str, Any]:
    """Return macro F1 for every number of neighbours, and how often the place is found."""
    probability, place = said.probability(), place_of(own.name)
    known = said.by_place[:, place]
    f1 = {
        str(n): macro_f1(own, with_neighbours(probability, own, n)) for n in config()["neighbours"]
    }
    truth, answers, _ = scored(own, with_neighbours(probability, own, 7))
    per_activity = metrics.f1(metrics.confusion(truth, answers, len(NAMES)))
    people = np.unique(own.recording, return_index=True)[1]
    return {
        "macro_f1": f1,
        "place_known": macro_f1(own, with_neighbours(known, own, 7)),
        "per_activity": dict(zip(NAMES, per_activity, strict=True)),
        "place_found": float(np.mean((said.pocket[people] > 0.5) == (place == 1))),
    }


def pairs() -> list[tuple[str, str]]:
    """Return the ten pairs of sets that are left out together."""
    return list(itertools.combinations(config()["sets"], 2))


def inner_table() -> pd.DataFrame:
    """Return every inner score there is.

    Returns
    -------
    DataFrame
        ``candidate``, ``target``, ``scored`` (the other set left out), ``neighbours``,
        ``macro_f1``.
    """
    rows = []
    for candidate, pair in itertools.product(config()["candidates"], pairs()):
        file = build_folder() / "inner" / candidate / f"{'+'.join(pair)}.json"
        if file.exists():
            found = results.read_json(file)
            for target, other in (pair, pair[::-1]):
                for n, value in found[other]["macro_f1"].items():
                    rows.append((candidate, target, other, int(n), value))
    columns = ["candidate", "target", "scored", "neighbours", "macro_f1"]
    return pd.DataFrame(rows, columns=columns)


def choose(table: pd.DataFrame, target: str | None = None) -> tuple[str, int]:
    """Return candidate and neighbours with the highest mean inner score, for a target or for all.

    Candidates that lack a pair are left out.
    """
    own = table if target is None else table[table["target"] == target]
    grouped = own.groupby(["candidate", "neighbours"])["macro_f1"].agg(["mean", "size"])
    complete = grouped[grouped["size"] == grouped["size"].max()]
    candidate, n = complete["mean"].idxmax()
    return candidate, int(n)
