"""Leave one data set out: what is trained on whom, what is chosen, and what is scored once.

``config/others.yaml`` holds the rule in words, the sets, and the list of what is compared.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from har_utils import (
    configuration,
    dataset,
    evaluation,
    files,
    metrics,
    placement,
    results,
    signals,
)
from har_utils.others import network, trials
from har_utils.others import windows as other_windows
from har_utils.others.network import Settings
from har_utils.others.windows import NAMES, OWN, STAIRS, Windows
from har_utils.placement import PlaceFinder

if TYPE_CHECKING:
    import keras

CONFIG = files.REPOSITORY / "config" / "others.yaml"


@lru_cache(maxsize=1)
def config() -> dict[str, Any]:
    """Return the rule's numbers and the list of candidates."""
    return configuration.read(CONFIG)


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


@dataclass(frozen=True)
class Choice:
    """What is chosen on other sets than the target.

    Attributes
    ----------
    candidate : str
        How the network is built and trained, by its name in the list.
    finder : str
        How the place is found, one of `FINDERS`.
    caution : float
        Log-odds by which a pocket has to be more probable than that.
    neighbours : int
        How many windows have a say in an answer.
    """

    candidate: str
    finder: str
    caution: float
    neighbours: int


@dataclass(frozen=True, eq=False)
class Answers:
    """What a network and its finder say to one set.

    Attributes
    ----------
    by_place : ndarray of shape (n, 2, 6), float32
    moves : ndarray of shape (n,), bool
        Whether somebody may be walking.
    log_odds : dict
        Name of a way to find the place → ``(n,)`` how much each window speaks for a pocket.
    recording : ndarray of shape (n,)
    """

    by_place: np.ndarray
    moves: np.ndarray
    log_odds: Mapping[str, np.ndarray]
    recording: np.ndarray

    def pocket(self, choice: Choice) -> np.ndarray:
        """Return how probable a pocket is."""
        odds = self.log_odds[choice.finder] - choice.caution
        return placement.pocket(odds, self.moves, self.recording)

    def probability(self, choice: Choice) -> np.ndarray:
        """Return ``(n, 6)``, each place weighted by how probable it is; half and half unknown."""
        pocket = self.pocket(choice)
        p = np.where(np.isnan(pocket), 0.5, pocket)[:, np.newaxis]
        return (1 - p) * self.by_place[:, 0] + p * self.by_place[:, 1]


FINDERS = ("gait", "network", "both")
"""Ways to find the place: five numbers of the gait, the network's own answer, or their mean."""


def answer(trained: Trained, upright: np.ndarray, recording: np.ndarray) -> Answers:
    """Let a network and its finder see upright windows."""
    turned = placement.headings(upright, config()["headings"])
    by_place, own = network.predict(trained.model, turned)
    gait = trained.finder.log_odds(upright)
    odds = {"gait": gait, "network": own, "both": (gait + own) / 2}
    return Answers(by_place, placement.moving(upright), odds, recording)


def alike(own: Windows) -> np.ndarray:
    """Return numbers of stretches in which windows follow each other and all move or all rest."""
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


def _inner_file(candidate: str, pair: tuple[str, str], name: str) -> Path:
    """Return where the answers to one of two sets that were left out are."""
    return build_folder() / "inner" / candidate / f"{'+'.join(pair)}.{name}.npz"


def inner(data: Data, candidate: str, pair: tuple[str, str]) -> float:
    """Train a candidate without two sets and keep its answers to both, if that was not done.

    Returns
    -------
    float
        CPU seconds.
    """
    if all(_inner_file(candidate, pair, name).exists() for name in pair):
        return 0.0
    began, settings = time.process_time(), settings_of(candidate)
    rest = [name for name in data.sets if name not in pair]
    trained = train(data, rest, settings, seed=0)
    weights = build_folder() / "inner" / candidate / f"{'+'.join(pair)}.keras"
    results.write_weights(weights, trained.model)
    for name in pair:
        said = answer(trained, data.upright[name, settings.local], data.sets[name].recording)
        arrays = {"by_place": said.by_place, **said.log_odds}
        files.write_arrays(_inner_file(candidate, pair, name), arrays)
    return time.process_time() - began


def _inner_answers(data: Data, candidate: str, pair: tuple[str, str], name: str) -> Answers:
    """Read what `inner` kept."""
    with np.load(_inner_file(candidate, pair, name)) as stored:
        odds = {finder: stored[finder] for finder in FINDERS}
        by_place = stored["by_place"]
    upright = data.upright[name, settings_of(candidate).local]
    return Answers(by_place, placement.moving(upright), odds, data.sets[name].recording)


def pairs() -> list[tuple[str, str]]:
    """Return the pairs of sets that are left out together."""
    return [(one, other) for one, other in config()["pairs"]]


def inner_table(data: Data) -> pd.DataFrame:
    """Score everything that `inner` kept.

    Returns
    -------
    DataFrame
        ``candidate``, ``finder``, ``caution``, ``neighbours``; ``target`` and ``scored``, the two
        sets that were left out; ``macro_f1`` and ``places_found`` (share of recordings), and
        ``known``, the macro F1 if somebody told the place.
    """
    rows = []
    for candidate, pair in itertools.product(config()["candidates"], pairs()):
        if all(_inner_file(candidate, pair, name).exists() for name in pair):
            for target, other in (pair, pair[::-1]):
                said = _inner_answers(data, candidate, pair, other)
                for row in _inner_rows(data.sets[other], said, candidate):
                    rows.append({"target": target, "scored": other, **row})
    return pd.DataFrame(rows)


def _inner_rows(own: Windows, said: Answers, candidate: str) -> Iterator[dict[str, Any]]:
    """Yield the scores of one set for every finder, caution and number of neighbours."""
    place, first = place_of(own.name), np.unique(own.recording, return_index=True)[1]
    for n in config()["neighbours"]:
        by_place = np.stack([with_neighbours(said.by_place[:, k], own, n) for k in (0, 1)], axis=1)
        smoothed = replace(said, by_place=by_place)
        known = macro_f1(own, by_place[:, place])
        for finder, caution in itertools.product(FINDERS, config()["caution"]):
            choice = Choice(candidate, finder, caution, n)
            found = (said.pocket(choice)[first] > 0.5) == (place == 1)
            yield {
                **asdict(choice),
                "macro_f1": macro_f1(own, smoothed.probability(choice)),
                "places_found": float(found.mean()),
                "known": known,
            }


CHOSEN = ["candidate", "finder", "caution", "neighbours"]
"""The columns of `inner_table` that make a `Choice`."""


def choose(table: pd.DataFrame, target: str | None = None) -> Choice:
    """Return what has the highest mean inner score, for one target or over all of them.

    Candidates that lack a pair are left out. Where no pocket is among the sets that were scored,
    nothing tells how to find one: then both finders are asked and there is no caution.
    """
    own = table if target is None else table[table["target"] == target]
    if not any(place_of(name) for name in own["scored"].unique()):
        own = own[(own["finder"] == "both") & (own["caution"] == 0)]
    grouped = own.groupby(CHOSEN)["macro_f1"].agg(["mean", "size"])
    complete = grouped[grouped["size"] == grouped["size"].max()]
    candidate, finder, caution, neighbours = complete["mean"].idxmax()
    return Choice(candidate, finder, float(caution), int(neighbours))
