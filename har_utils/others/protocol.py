"""Leave one data set out: what is trained on whom, what is chosen, and what is scored once.

``config/others.yaml`` holds the rule in words, the sets, and the list of what is compared.
"""

from __future__ import annotations

import itertools
import os
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
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
    models,
    placement,
    results,
    signals,
)
from har_utils.others import network, trials
from har_utils.others import windows as other_windows
from har_utils.others.network import Settings
from har_utils.others.windows import NAMES, OWN, STAIRS, Windows
from har_utils.placement import DESCRIPTIONS, PlaceFinder

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
    known = {each.name for each in fields(Settings)}
    if not set(values) <= known:
        raise ValueError(f"{CONFIG.name}: {candidate} has settings that do not exist")
    settings: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in values.items()
    }
    return Settings(**settings)


def place_of(name: str) -> int:
    """Return where a set's people wore the device, as a position in `placement.PLACES`."""
    return int(name != OWN and trials.SETS[name].placement == "pocket")


@dataclass(frozen=True, eq=False)
class Data:
    """All data sets, the course's training people among them.

    Attributes
    ----------
    sets : dict
        Name → windows as the devices measured them.
    """

    sets: Mapping[str, Windows]
    _upright: dict[tuple[str, bool], np.ndarray] = field(default_factory=dict)
    _shown: dict[tuple, np.ndarray] = field(default_factory=dict)
    _described: dict[tuple[str, str], np.ndarray] = field(default_factory=dict)

    def upright(self, name: str, local: bool = True) -> np.ndarray:
        """Return the windows of a set turned by the rule (`turn`), which is done once."""
        if (name, local) not in self._upright:
            self._upright[name, local] = turn(self.sets[name], local)
        return self._upright[name, local]

    def shown(self, name: str, settings: Settings) -> np.ndarray:
        """Return the windows of a set as a network with these settings sees them (`shown`)."""
        key = (name, settings.local, settings.facing is None, settings.relative)
        if key not in self._shown:
            as_one = None if settings.facing is None else self.upright(name, local=False)
            upright = self.upright(name, settings.local)
            self._shown[key] = shown(self.sets[name], settings, upright, as_one)
        return self._shown[key]

    def described(self, name: str, description: str) -> np.ndarray:
        """Return the numbers by which a finder of places judges the windows of a set."""
        if (name, description) not in self._described:
            numbers = DESCRIPTIONS[description](self.upright(name))
            self._described[name, description] = numbers
        return self._described[name, description]


def load(names: Iterable[str] | None = None, path: str | os.PathLike | None = None) -> Data:
    """Read data sets (all of them if none is named), cut and turn their windows.

    Raises
    ------
    FileNotFoundError
        If a set is not there.
    ValueError
        If one is damaged.
    """
    sets = {OWN: other_windows.own(dataset.load().train)}
    for name in config()["sets"] if names is None else names:
        sets[name] = _cut(name, path)
    return Data(sets)


def _cut(name: str, path: str | os.PathLike | None) -> Windows:
    """Return the windows of a set; of damage that its reader did not expect one line tells."""
    try:
        return other_windows.load(name, path, config().get("people", {}).get(name, ()))
    except (AttributeError, IndexError, zlib.error) as error:
        known = trials.SETS[name]
        raise ValueError(
            f"{trials.place(path)}: {known.title} cannot be read ({error}); get it anew "
            f"from {known.page}"
        ) from error


def turn(own: Windows, local: bool) -> np.ndarray:
    """Turn the windows of a set by the rule: what is up while walking becomes +x."""
    up = placement.upward(own.windows, own.recording, own.trial, local)
    return placement.turn_upright(own.windows, up)


def shown(
    own: Windows,
    settings: Settings,
    upright: np.ndarray | None = None,
    as_one: np.ndarray | None = None,
) -> np.ndarray:
    """Return windows as a network with these settings sees them, ``(n, 128, 9)``.

    Parameters
    ----------
    own : Windows
    settings : Settings
    upright, as_one : ndarray, optional
        The windows turned window by window, and each recording as one, if that was done.
    """
    windows = turn(own, settings.local) if upright is None else upright
    if settings.facing is not None:
        whole = turn(own, local=False) if as_one is None else as_one
        ahead = placement.forward(windows, whole, own.recording, own.trial)
        windows = placement.turn_forward(windows, ahead)
    if settings.relative:
        moves = placement.moving(own.windows)
        windows = placement.to_usual_motion(windows, moves, own.recording)
    return windows


# --- Training -----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Trained:
    """A network and the finders of places that were fitted on the same people.

    Attributes
    ----------
    model : keras.Model
    finders : dict
        By what they look at, of `placement.DESCRIPTIONS`.
    settings : Settings
    """

    model: keras.Model
    finders: Mapping[str, PlaceFinder]
    settings: Settings


def train(data: Data, names: Sequence[str], settings: Settings, seed: int) -> Trained:
    """Train a network on some sets and fit the finders of places."""
    return Trained(_network(data, names, settings, seed), fit_finders(data, names), settings)


def _network(data: Data, names: Sequence[str], settings: Settings, seed: int) -> keras.Model:
    """Train on all windows of some sets whose activity is one of the six, or unsplit stairs.

    Every set counts the same, and so does every activity within a set.
    """
    parts = []
    for name in names:
        own = data.sets[name]
        chosen = own.activity <= STAIRS
        seen = data.shown(name, settings)[chosen]
        right = network.targets(own.activity[chosen], place_of(name))
        weight = _weights(own.take(chosen), settings.by_person)
        parts.append((seen, right, weight, placement.moving(own.windows[chosen])))
    seen, right, weight, moves = (np.concatenate(each) for each in zip(*parts, strict=True))
    return network.train(seen, right, weight, moves, settings, seed)


def _weights(own: Windows, by_person: bool) -> np.ndarray:
    """Return how often each window is drawn: every activity alike, or every person of it."""
    often = np.bincount(own.activity, minlength=len(NAMES))
    if not by_person:
        return 1 / often[own.activity] / np.count_nonzero(often)
    pair, count = np.unique([own.person, own.activity], axis=1, return_counts=True)
    people = np.bincount(pair[1], minlength=len(NAMES))
    windows = pd.MultiIndex.from_arrays(pair).get_indexer(
        pd.MultiIndex.from_arrays([own.person, own.activity])
    )
    return 1 / count[windows] / people[own.activity] / np.count_nonzero(often)


BY_RECORDING = "angle"
"""Which numbers are averaged over each recording before a finder is fitted, as when it is used."""


def fit_finders(data: Data, names: Sequence[str]) -> dict[str, PlaceFinder]:
    """Fit all finders of places on what moves in some sets; every set counts the same."""
    return {kind: _fitted(data, names, kind) for kind in DESCRIPTIONS}


def _fitted(data: Data, names: Sequence[str], kind: str) -> PlaceFinder:
    """Fit one finder of places; every activity of a set, or every recording, counts the same."""
    rows = []
    for name in names:
        own = data.sets[name]
        known = own.activity <= STAIRS
        moves = placement.moving(own.windows)[known]
        numbers = data.described(name, kind)[known][moves]
        weight = _weights(own.take(known), by_person=False)[moves]
        if kind == BY_RECORDING:
            means = pd.DataFrame(numbers).groupby(own.recording[known][moves]).mean()
            numbers, weight = means.to_numpy(), np.full(len(means), 1 / len(means))
        rows.append((numbers, np.full(len(numbers), place_of(name) == 1), weight))
    numbers, pocket, weight = (np.concatenate(each) for each in zip(*rows, strict=True))
    return placement.fit_place_finder(numbers, pocket, weight, kind)


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
        Part of a way to find the place → ``(n,)`` how much each window speaks for a pocket.
    recording : ndarray of shape (n,)
    """

    by_place: np.ndarray
    moves: np.ndarray
    log_odds: Mapping[str, np.ndarray]
    recording: np.ndarray

    def pocket(self, choice: Choice) -> np.ndarray:
        """Return how probable a pocket is."""
        odds = np.mean([self.log_odds[part] for part in FINDERS[choice.finder]], axis=0)
        odds = odds - choice.caution
        return placement.pocket(odds, self.moves, self.recording)

    def probability(self, choice: Choice) -> np.ndarray:
        """Return ``(n, 6)``, each place weighted by how probable it is; half and half unknown."""
        pocket = self.pocket(choice)
        p = np.where(np.isnan(pocket), 0.5, pocket)[:, np.newaxis]
        return (1 - p) * self.by_place[:, 0] + p * self.by_place[:, 1]


FINDERS = {
    **{"gait": ("gait",), "network": ("network",), "both": ("gait", "network")},
    **{"swing": ("swing",), "wide": ("wide",), "angle": ("angle",)},
}
"""Ways to find the place: by numbers of the gait, by the network's own answer, or their mean."""


def answer(
    trained: Trained,
    own: Windows,
    upright: np.ndarray | None = None,
    seen: np.ndarray | None = None,
) -> Answers:
    """Let a network and its finders see a set.

    Parameters
    ----------
    trained : Trained
    own : Windows
    upright, seen : ndarray, optional
        What `turn` and `shown` make of the windows, if that was done.
    """
    upright = turn(own, trained.settings.local) if upright is None else upright
    seen = shown(own, trained.settings, upright) if seen is None else seen
    by_place, said = predicted(trained.model, trained.settings, seen)
    odds = {kind: finder.log_odds(upright) for kind, finder in trained.finders.items()}
    return Answers(by_place, placement.moving(upright), odds | {"network": said}, own.recording)


def predicted(
    model: keras.Model, settings: Settings, seen: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return both answers of a network (`network.predict`), over all headings if none is known.

    Parameters
    ----------
    model, settings
        A network, and how it was built and trained.
    seen : ndarray of shape (n, 128, 9)
        Windows as `shown` gives them.
    """
    faces = 1 if settings.facing is not None else config()["headings"]
    return network.predict(model, placement.headings(seen, faces))


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
    model = _network(data, rest, settings, seed=0)
    weights = build_folder() / "inner" / candidate / f"{'+'.join(pair)}.keras"
    results.write_weights(weights, model)
    for name in pair:
        by_place, said = predicted(model, settings, data.shown(name, settings))
        files.write_arrays(
            _inner_file(candidate, pair, name), {"by_place": by_place, "network": said}
        )
    return time.process_time() - began


def published_file() -> Path:
    """Return the table of inner scores by which the published networks were chosen."""
    return results.published_folder().parent / "others" / "inner.csv"


@lru_cache(maxsize=1)
def scores(data: Data) -> pd.DataFrame:
    """Return the inner scores of all networks: the published ones, and what was computed besides.

    Published scores are replaced only if all of a network's were computed here: processors differ
    by more than candidates do, so a few new scores among old ones would choose something else.
    """
    own, file = inner_table(data).round(5), published_file()
    if not file.exists():
        return own
    published = pd.read_csv(file)
    if own.empty:
        return published
    newest = published["network"] == NEWEST
    there = set(published.loc[newest, "candidate"])
    if there <= set(own["candidate"]):
        return pd.concat([published[~newest], own], ignore_index=True)
    return pd.concat([published, own[~own["candidate"].isin(there)]], ignore_index=True)


def place_scores(data: Data) -> pd.DataFrame:
    """Return the published scores of finders of places, or score them here."""
    file = published_file().with_name("places.csv")
    return pd.read_csv(file) if file.exists() else places_table(data).round(5)


def inner_model(candidate: str, pair: tuple[str, str]) -> keras.Model:
    """Read the network that `inner` trained without two sets."""
    file = build_folder() / "inner" / candidate / f"{'+'.join(pair)}.keras"
    return models.prepare().models.load_model(file, compile=False)


def inner_answers(data: Data, candidate: str, pair: tuple[str, str], name: str) -> Answers:
    """Read what `inner` kept of one of two sets that were left out."""
    with np.load(_inner_file(candidate, pair, name)) as stored:
        by_place, odds = stored["by_place"], {"network": stored["network"]}
    own = data.sets[name]
    for kind, finder in fit_finders(data, [each for each in data.sets if each not in pair]).items():
        odds[kind] = finder.log_odds_of(data.described(name, kind))
    return Answers(by_place, placement.moving(own.windows), odds, own.recording)


NEWEST = "anywhere2"
"""The network that people get: of those in ``config/others.yaml`` that may be large, the last."""


def compared(name: str = NEWEST) -> dict[str, Any]:
    """Return what was compared for a network: its candidates, finders, cautions and pairs."""
    return config()["networks"][name]


def pairs(name: str = NEWEST) -> list[tuple[str, str]]:
    """Return the pairs of sets that are left out together when a network is chosen."""
    return [(one, other) for one, other in compared(name)["pairs"]]


def inner_table(
    data: Data,
    name: str = NEWEST,
    said: Callable[..., Answers] = inner_answers,
    candidates: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Score everything that `inner` kept.

    Parameters
    ----------
    data : Data
    name : str
        The network for which it was compared.
    said : function
        As `inner_answers`.
    candidates : sequence of str, optional
        Others than those on the network's list.

    Returns
    -------
    DataFrame
        ``candidate``, ``finder``, ``caution``, ``neighbours``; ``target`` and ``scored``, the two
        sets that were left out; ``macro_f1`` and ``places_found`` (share of recordings), and
        ``known``, the macro F1 if somebody told the place.
    """
    rows, candidates = [], candidates or compared(name)["candidates"]
    for candidate, pair in itertools.product(candidates, pairs(name)):
        if all(_inner_file(candidate, pair, one).exists() for one in pair):
            for target, other in (pair, pair[::-1]):
                answers = said(data, candidate, pair, other)
                for row in _inner_rows(data.sets[other], answers, candidate, name):
                    rows.append({"network": name, "target": target, "scored": other, **row})
    return pd.DataFrame(rows)


def _inner_rows(own: Windows, said: Answers, candidate: str, name: str) -> Iterator[dict[str, Any]]:
    """Yield the scores of one set for every finder, caution and number of neighbours."""
    place, first = place_of(own.name), np.unique(own.recording, return_index=True)[1]
    for n in compared(name)["neighbours"]:
        by_place = np.stack([with_neighbours(said.by_place[:, k], own, n) for k in (0, 1)], axis=1)
        smoothed = replace(said, by_place=by_place)
        known = macro_f1(own, by_place[:, place])
        for finder, caution in itertools.product(
            compared(name)["finders"], compared(name)["caution"]
        ):
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


def places_table(data: Data) -> pd.DataFrame:
    """Leave every set out with every other and score the finders that need no network.

    Returns
    -------
    DataFrame
        ``target`` and ``scored``, both left out; ``finder``; ``places_found`` (share of the
        scored set's recordings) and ``loss``, their mean of −ln(probability of the right place).
    """
    rows = []
    for target, other in itertools.permutations(data.sets, 2):
        rest = [name for name in data.sets if name not in (target, other)]
        if len({place_of(name) for name in rest}) == len(placement.PLACES):
            for kind in DESCRIPTIONS:
                odds = _fitted(data, rest, kind).log_odds_of(data.described(other, kind))
                said = _of_recordings(data.sets[other], odds)
                right = said if place_of(other) else 1 - said
                scores_ = {"places_found": (right > 0.5).mean(), "loss": -np.log(right).mean()}
                rows.append({"target": target, "scored": other, "finder": kind, **scores_})
    return pd.DataFrame(rows)


def swing_table(data: Data) -> pd.DataFrame:
    """Return by how many degrees devices swing once a stride, set by set.

    Returns
    -------
    DataFrame
        ``data_set``; ``placement``; ``recordings`` in which somebody walks; and of their medians
        the 10th percentile (``low``), the median, and the 90th percentile (``high``).
    """
    rows = []
    for name, own in data.sets.items():
        moves = placement.moving(own.windows) & (own.activity <= STAIRS)
        degrees = np.degrees(np.exp(data.described(name, "angle")[moves, 0]))
        each = pd.Series(degrees).groupby(own.recording[moves]).median()
        low, median, high = each.quantile([0.1, 0.5, 0.9])
        where = "waist" if name == OWN else trials.SETS[name].placement
        spread = {"low": low, "median": median, "high": high}
        rows.append({"data_set": name, "placement": where, "recordings": len(each), **spread})
    return pd.DataFrame(rows)


def _of_recordings(own: Windows, odds: np.ndarray) -> np.ndarray:
    """Return the probability of a pocket of each recording in which somebody walks."""
    found = placement.pocket(odds, placement.moving(own.windows), own.recording)
    each = found[np.unique(own.recording, return_index=True)[1]]
    return each[~np.isnan(each)]


def choose(
    table: pd.DataFrame,
    places: pd.DataFrame,
    target: str | None = None,
    name: str = NEWEST,
) -> Choice:
    """Return what has the best mean inner score, for one target or over all of them.

    Candidates that lack a pair are left out. How the place is found is chosen with the candidate,
    or before it by how well places are found, as the network's list says.

    Parameters
    ----------
    table, places : DataFrame
        As `scores` and `place_scores` give them.
    target : str, optional
        Only trainings that left it out count, and never its own score. A set that is in no pair
        is chosen on all others' scores.
    name : str
        The network, whose list counts.
    """
    allowed = table[(table["network"] == name)]
    allowed = allowed[allowed["candidate"].isin(compared(name)["candidates"])]
    own = allowed[allowed["target"] == target] if target in set(allowed["target"]) else allowed
    finder = _finder(own, places, target, name)
    if finder:
        own = own[(own["finder"] == finder) & (own["caution"] == 0)]
    grouped = own.groupby(CHOSEN)["macro_f1"].agg(["mean", "size"])
    complete = grouped[grouped["size"] == grouped["size"].max()]
    candidate, finder, caution, neighbours = complete["mean"].idxmax()
    return Choice(candidate, finder, float(caution), int(neighbours))


def _finder(own: pd.DataFrame, places: pd.DataFrame, target: str | None, name: str) -> str | None:
    """Return how the place is found, or None if that is chosen with the candidate.

    Where no pocket is among the sets that choose a candidate, nothing tells how to find one: then
    the way is the one that was fixed before.
    """
    if compared(name)["finder_by"] == "places":
        asked = places[places["finder"].isin(compared(name)["finders"])]
        asked = asked if target is None else asked[asked["target"] == target]
        return str(asked.groupby("finder")["loss"].mean().idxmin())
    is_pocket = any(place_of(scored) for scored in own["scored"].unique())
    return None if is_pocket else compared(name)["without_pockets"]
