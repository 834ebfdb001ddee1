"""Try an architecture of your own: checked first, trained by the protocol, shown beside the others.

Tries are kept in ``build/lab/results/<name>@try-<number>``, away from everything published. A try
is scored on held-out training subjects; only ``look=True`` goes to the test subjects, and the page
says what each further look costs.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from IPython.display import Markdown, display
from scipy.stats import norm

from har_utils import (
    dataset,
    evaluation,
    files,
    metrics,
    models,
    results,
    sentences,
    training,
    words,
)
from har_utils.course import lessons, network_check
from har_utils.course.network_check import Inspected, PlainError
from har_utils.dataset import ACTIVITIES, Dataset
from har_utils.recipe import Recipe
from har_utils.results import Key, Run

if TYPE_CHECKING:
    import keras

say = sentences.beside(__file__)

PROFILE = "lab"
"""Whose build the tries belong to."""

VALIDATION_FOLD = 0
"""The people a try is scored on; those on whom the published networks chose their epochs."""

MINUTES = 30.0
"""A training that would take longer is refused unless somebody asks for it."""

FEW_PEOPLE = 3
"""With fewer people than this, drawing them anew says nothing about other people."""

NOTABLE = 0.01
"""A confusion is named if its share of the activity's windows is larger by so much."""

NAMED = 3
"""So many confusions are named at most."""

LOOKS = (2, 5, 10, 20, 50)
"""For so many looks the price is shown."""

RECIPE = Recipe()
"""How a try is trained unless somebody says otherwise."""


# --- Before training ----------------------------------------------------------------------------


def check(
    build_model: Callable[..., keras.Model], data: Dataset | None = None, recipe: Recipe = RECIPE
) -> Markdown:
    """Say whether a network can be trained, and about how long that takes.

    Parameters
    ----------
    build_model
        ``build_model(input_shape, n_classes)`` returns a new network.
    data
        What it would be trained on; None is the whole data set.
    recipe
        How it would be trained.

    Returns
    -------
    Markdown
        What the network is like. How long training takes is measured, and therefore said only
        where somebody looks on.

    Raises
    ------
    PlainError
        With a sentence that says what is wrong and what to try.
    """
    found = network_check.inspect_network(build_model)
    said = _description(found)
    if training.is_live():
        n_windows = _published_windows() if data is None else len(data.train)
        said += " " + _forecast(_minutes_needed(build_model, n_windows, recipe), recipe)
    return Markdown(said)


def _published_windows() -> int:
    """Return how many windows of training subjects the whole data set has."""
    return int((dataset.published_table()["split"] == "train").sum())


def _description(found: Inspected) -> str:
    """Say what a sound network is like."""
    said = say("sound", layers=found.layers, n_parameters=found.n_parameters, work=found.work)
    return " ".join([said, *found.remarks])


def _minutes_needed(build_model: Callable, n_windows: int, recipe: Recipe) -> float:
    """Return how many minutes the longest training would take, from the time of a few steps."""
    steps = recipe.max_epochs * -(-n_windows // recipe.batch_size)
    return steps * network_check.seconds_per_step(build_model, recipe) / 60


def _forecast(minutes: float, recipe: Recipe) -> str:
    """Say how long a training takes at most."""
    return say("forecast", minutes=round(minutes), n_epochs=recipe.max_epochs)


def _refuse_long(minutes: float, patience: float, found: Inspected) -> None:
    """Raise ``PlainError`` if a training would take longer than somebody wants to wait."""
    if minutes > patience:
        facts = {"n_parameters": found.n_parameters, "work": found.work}
        raise PlainError(
            say("too_long", minutes=minutes, asked=10 * np.ceil(minutes / 10), **facts)
        )


# --- One try ------------------------------------------------------------------------------------


@dataclass(frozen=True, repr=False)
class Tried:
    """What came out of a try; the last line of a cell shows it as a page.

    Parameters
    ----------
    text
        The page, Markdown.
    run
        The run, or None where nothing was trained.
    """

    text: str
    run: Run | None = None

    def __repr__(self) -> str:
        """Return the page as plain text."""
        return self.text

    _repr_markdown_ = __repr__


def try_model(
    name: str,
    build_model: Callable[..., keras.Model],
    data: Dataset,
    look: bool = False,
    recipe: Recipe = RECIPE,
    seed: int = 0,
    validation_fold: int = VALIDATION_FOLD,
    minutes: float = MINUTES,
    train: bool | None = None,
) -> Tried:
    """Check a network, train it by the protocol of the course, and show it beside the others.

    Every different network, recipe or data set tried under one name is kept, numbered
    ``try-1``, ``try-2``, …; what was tried before is read, not trained again.

    Parameters
    ----------
    name
        What you call it: letters, digits and ``_``.
    build_model
        ``build_model(input_shape, n_classes)`` returns a new network.
    data
        The data set.
    look
        False: train without ``validation_fold`` and score on its people; nothing is used up.
        True: submit. Train on all training subjects for the number of epochs that was best for
        those people, and look at the test subjects, which is counted.
    recipe
        How to train.
    seed
        Seed of the initial weights, the order of the windows and dropout.
    validation_fold
        Who is held out.
    minutes
        Do not start a training that would take longer.
    train
        None: train only where somebody looks on (JupyterLab), else only check, so that executing
        a lesson takes no longer than the lesson.

    Returns
    -------
    Tried

    Raises
    ------
    PlainError
        With a sentence that says what is wrong with the network or its name.
    """
    _check_name(name)
    found = network_check.inspect_network(build_model)
    said = Markdown(_description(found))
    if not (training.is_live() if train is None else train):
        return Tried(f"{said.data} {say('only_checked')}")
    build = partial(build_model, network_check.INPUT_SHAPE, network_check.N_CLASSES)
    key = _key(name, build, data, recipe, validation_fold, found.layers)
    key = replace(key, fold=None if look else validation_fold, seed=seed)
    display(said)
    if not results.run_file(_folder(), key, ".json").exists():
        needed = (1 + look) * _minutes_needed(build_model, len(data.train), recipe)
        _refuse_long(needed, minutes, found)
        display(Markdown(_forecast(needed, recipe)))
    run = training.run(
        *(name, build, data, recipe, seed, PROFILE),
        variant=key.variant,
        fold=key.fold,
        validation_fold=validation_fold,
    )
    return Tried(_page(run), run)


def _check_name(name: str) -> None:
    """Raise ``PlainError`` unless a name can be a try's."""
    if not isinstance(name, str) or not name.isidentifier():
        raise PlainError(
            f"{name!r} cannot name a network: use letters, digits and _, for example my_network."
        )
    if name in models.TITLES:
        raise PlainError(f"{name} is a network of the course: give yours a name of its own.")


def _folder() -> Path:
    """Return the folder the tries are in."""
    return results.results_folder(PROFILE)


def _note(key: Key) -> Path:
    """Return the file that says which network a try was."""
    return _folder() / key.name / "network.json"


def _key(
    name: str,
    build: Callable[[], keras.Model],
    data: Dataset,
    recipe: Recipe,
    validation_fold: int,
    layers: str,
) -> Key:
    """Return the number of this very try: the one it got before, or the first free one."""
    digest = results.run_digest(
        architecture=models.configuration(build()),
        recipe=recipe.settings(),
        data=data.digest,
        validation_fold=validation_fold,
    )
    number = 1
    while _note(key := Key(name, f"try-{number}")).exists():
        if files.read_json(_note(key))["digest"] == digest:
            return key
        number += 1
    note = {"digest": digest, "layers": layers, "validation_fold": validation_fold}
    files.write_json(_note(key), note | {"recipe": recipe.settings()})
    return key


# --- Its page -----------------------------------------------------------------------------------


def _page(run: Run) -> str:
    """Return all there is to say of a try that was trained."""
    course = _course_runs(run.key.fold, run.row)
    own = {run.key.name: [run]}
    parts = [
        _score(run),
        _as_markdown(_table(own, course, run.key.fold)),
        _other_training(run, course),
        _beyond_the_best(run, course),
        _looks_text(course, run.key.fold is None),
        say("unused") if run.key.fold is not None else "",
    ]
    return "\n\n".join(part for part in parts if part)


def _score(run: Run) -> str:
    """Say what share of whose windows a run recognises."""
    n_people = len(np.unique(run.subject))
    interval = _interval(evaluation.people_interval([run]), n_people)
    return say(
        "score",
        name=run.key.name,
        accuracy=run.record["metrics"]["accuracy"],
        n_windows=len(run.row),
        n_people=n_people,
        fold=run.key.fold,
        interval=None if interval == words.MISSING else interval,
    )


def _interval(interval: evaluation.Interval, n_people: int) -> str:
    """Return an interval over people in per cent; a dash where there are too few to draw from."""
    if n_people < FEW_PEOPLE:
        return words.MISSING
    return words.span(interval.low, interval.high)


def _table(
    own: dict[str, list[Run]], course: dict[str, list[Run]], fold: int | None
) -> pd.DataFrame:
    """Return one row per model, the best first, one's own in bold.

    Parameters
    ----------
    own, course
        Name → runs, all on the same windows.
    fold
        The fold they are scored on; None for the test subjects.
    """
    minutes = lessons.training_seconds(PROFILE, fold)
    rows = [
        _row(name, runs, name in own, minutes.get(name)) for name, runs in {**course, **own}.items()
    ]
    rows.sort(key=lambda row: row.pop("order"), reverse=True)
    return pd.DataFrame(rows)


def _row(name: str, runs: list[Run], is_own: bool, seconds: float | None) -> dict[str, str | float]:
    """Return one model's row as text, and under ``order`` what it is sorted by."""
    accuracy = evaluation.people_interval(runs)
    f1 = np.mean([run.record["metrics"]["macro_f1"] for run in runs])
    costs = [runs[0].record[cost] for cost in ("n_parameters", "multiply_adds")]
    cells = {
        "model": f"**{models.title(name)}**" if is_own else models.title(name),
        "accuracy (%)": words.decimal(100 * accuracy.mean)
        + (f" ± {words.decimal(100 * accuracy.sd)}" if len(runs) > 1 else ""),
        "95 % interval": _interval(accuracy, len(np.unique(runs[0].subject))),
        "macro F1 (%)": words.decimal(100 * f1),
        "parameters": words.grouped(costs[0]),
        "multiply-adds": words.grouped(costs[1]),
        "training (core min)": words.decimal(None if seconds is None else seconds / 60, 2),
    }
    return {"order": accuracy.mean, **cells}


def _as_markdown(table: pd.DataFrame) -> str:
    """Return a table of text as Markdown, numbers on the right."""
    sides = ["left", *["right"] * (table.shape[1] - 1)]
    return table.to_markdown(index=False, disable_numparse=True, colalign=sides)


def _other_training(run: Run, course: dict[str, list[Run]]) -> str:
    """Say so where the models of the course were trained on other people than this run."""
    ours = run.record["trained_on"]
    others = {tuple(runs[0].record.get("trained_on", ours)) for runs in course.values()}
    if others <= {tuple(ours)}:
        return ""
    return say("other_people", ours=len(ours), theirs=sorted({len(people) for people in others}))


# --- What it confuses ---------------------------------------------------------------------------


def _shares(runs: Sequence[Run]) -> np.ndarray:
    """Return the share of each activity's windows called each activity, ``(k, k)``."""
    return evaluation.confusion_shares(evaluation.mean_confusion(runs))


def confused_more(ours: Sequence[Run], theirs: Sequence[Run]) -> list[str]:
    """Say which activities one model takes for another more often than a second model does.

    Parameters
    ----------
    ours, theirs
        Runs of each model on the same windows.

    Returns
    -------
    list of str
        At most three, the largest difference first; none where all are below a point.
    """
    first, second = _shares(ours), _shares(theirs)
    excess = first - second
    np.fill_diagonal(excess, 0)
    worst = np.argsort(-excess, axis=None, kind="stable")[:NAMED]
    pairs = zip(*np.unravel_index(worst, excess.shape), strict=True)
    return [
        say(
            "confused",
            actual=ACTIVITIES[true],
            called=ACTIVITIES[called],
            share=first[true, called],
            against=second[true, called],
        )
        for true, called in pairs
        if excess[true, called] >= NOTABLE
    ]


def _beyond_the_best(run: Run, course: dict[str, list[Run]]) -> str:
    """Say what a try confuses that the best model of the course does not."""
    if not course:
        return ""
    best = max(course, key=lambda name: evaluation.people_interval(course[name]).mean)
    return _confused_text(say("confuses", best=best), [run], course[best])


def _confused_text(head: str, ours: Sequence[Run], theirs: Sequence[Run]) -> str:
    """Return confusions as a list under a head, or a sentence that there are none."""
    return say("confusions", head=head, found=confused_more(ours, theirs))


# --- Looking at the test subjects ---------------------------------------------------------------


def looks() -> Markdown:
    """Say how often the test subjects have been looked at, and what looking does to the scores."""
    course = _course_runs(None)
    counted = _looks_text(course, looked=True) if training.is_live() else ""
    return Markdown(f"{counted}\n\n{_selection_gains(seed_sd(course))}".strip())


def _selection_gains(spread: float | None) -> str:
    """Return a table: how much too good the best of so many equally good tries looks."""
    if spread is None:
        return ""
    tries = {f"best of {n}": words.points(expected_maximum(n) * spread) for n in LOOKS}
    return f"{say('selection_gains', spread=spread)}\n\n{_as_markdown(pd.DataFrame([tries]))}"


def _looks_text(course: dict[str, list[Run]], looked: bool) -> str:
    """Say how often the test subjects have been looked at; where somebody looks, what it costs."""
    touches = results.touches(PROFILE)
    own = sum(_is_try(touch["variant"]) for touch in touches)
    said = say("looks", n_looks=len(touches), n_own=own)
    return f"{said} {_selection_gain(own, seed_sd(course))}" if looked else said


def _selection_gain(n_looks: int, spread: float | None) -> str:
    """Say what so many looks do to the best score among them."""
    gain = None if spread is None or n_looks < 2 else expected_maximum(n_looks) * spread
    return say("selection_gain", n_looks=n_looks, spread=spread, gain=gain)


def expected_maximum(n_tries: int) -> float:
    """Return how far the best of several equally good tries is expected above their mean.

    In standard deviations of a score that is normally distributed: the expected largest of
    n values is Φ⁻¹((n − 0.375) / (n + 0.25)), to five per cent for two of them and to 1.5 from five
    on (Blom 1958, "Statistical Estimates and Transformed Beta-Variables").

    Parameters
    ----------
    n_tries
        At least 1.
    """
    return float(norm.ppf((n_tries - 0.375) / (n_tries + 0.25)))


def seed_sd(runs_by_name: dict[str, list[Run]]) -> float | None:
    """Return by how much a score moves when only the seed changes, a fraction.

    Parameters
    ----------
    runs_by_name
        Name → runs; the mean standard deviation of those with several seeds is taken.

    Returns
    -------
    float or None
        None where no model has several seeds.
    """
    spreads = [
        evaluation.people_interval(runs).sd for runs in runs_by_name.values() if len(runs) > 1
    ]
    return float(np.mean(spreads)) if spreads else None


# --- The runs there are -------------------------------------------------------------------------


def _is_try(variant: str | None) -> bool:
    """Return whether a variant is the number of a try."""
    return re.fullmatch(r"try-\d+", variant or "") is not None


def _tries() -> list[str]:
    """Return the names of all tries, in the order of their names and numbers."""
    names = [path.parent.name for path in _folder().glob("*@try-*/network.json")]
    return sorted(names, key=lambda name: (name.partition("@")[0], int(name.rpartition("-")[2])))


def _own_runs(fold: int | None) -> dict[str, list[Run]]:
    """Return all tries that were scored on a fold, or (None) on the test subjects."""
    return results.load_runs(_folder(), _tries(), fold, optional=True)


def _course_runs(fold: int | None, rows: np.ndarray | None = None) -> dict[str, list[Run]]:
    """Return the published runs of the course, scored on some windows.

    Parameters
    ----------
    fold
        The fold they are scored on; None for the test subjects.
    rows
        Rows of the windows in the data set; None takes all there are. A model that was not scored
        on all of them is left out.
    """
    folder = results.published_folder() if fold is None else results.validation_folder()
    found = results.load_runs(folder, models.TITLES, fold, optional=True)
    return {
        name: [_on_windows(run, rows) for run in runs]
        for name, runs in found.items()
        if rows is None or np.isin(rows, runs[0].row).all()
    }


def _on_windows(run: Run, rows: np.ndarray | None) -> Run:
    """Return a run as if it had predicted only some of its windows."""
    if rows is None or np.array_equal(run.row, rows):
        return run
    place = {row: number for number, row in enumerate(run.row.tolist())}
    chosen = [place[row] for row in rows.tolist()]
    parts = {name: getattr(run, name)[chosen] for name in results.ARRAYS}
    kind = run.record["probability_kind"]
    n_classes = run.probability.shape[1]
    scores = metrics.score(
        parts["activity"], parts["probability"], parts["subject"], n_classes, kind
    )
    return replace(run, record=run.record | {"metrics": scores}, **parts)


# --- All tries ----------------------------------------------------------------------------------


def leaderboard(look: bool = False, validation_fold: int = VALIDATION_FOLD) -> Markdown:
    """Show all tries beside the models of the course, the best first.

    Parameters
    ----------
    look
        False: scored on held-out training subjects. True: those that were submitted, scored on the
        test subjects. Showing them is not another look.
    validation_fold
        Which held-out people.
    """
    fold = None if look else validation_fold
    own = _own_runs(fold) if training.is_live() else {}
    newest = max(own.values(), key=_written, default=None)
    rows = newest[0].row if newest else None
    shown = {
        name: runs
        for name, runs in own.items()
        if rows is not None and np.array_equal(runs[0].row, rows)
    }
    course = _course_runs(fold, rows)
    parts = [say("scored_on", fold=fold), _as_markdown(_table(shown, course, fold))]
    parts += [_layers_text(shown), _others_text(set(own) - set(shown))]
    parts += [_looks_text(course, look) if own else ""]
    return Markdown("\n\n".join(part for part in parts if part))


def _written(runs: list[Run]) -> float:
    """Return when the latest of some runs was written, in seconds of the system's clock."""
    return max(results.run_file(run.folder, run.key, ".json").stat().st_mtime for run in runs)


def _layers_text(names: Iterable[str]) -> str:
    """Say which network each try was."""
    lines = []
    for name in names:
        note = files.read_json(_folder() / name / "network.json")
        recipe = ", ".join(f"{key} {value}" for key, value in sorted(note["recipe"].items()))
        lines.append(f"- {models.title(name)}: {note['layers']} ({recipe.replace('_', ' ')})")
    return "\n".join(lines)


def _others_text(names: set[str]) -> str:
    """Name the tries that are not in the table because they were scored on other windows."""
    if not names:
        return ""
    return say("elsewhere", names=[models.title(name) for name in sorted(names)])


def compare(a: str, b: str, look: bool = False, validation_fold: int = VALIDATION_FOLD) -> Markdown:
    """Compare two models on the same windows: a try with a try, or with a model of the course.

    Parameters
    ----------
    a, b
        Names as the leaderboard shows them, or ``"my_network"`` for the last try of that name.
    look
        Compare on the test subjects; both must have been submitted.
    validation_fold
        Which held-out people, otherwise.

    Raises
    ------
    PlainError
        If there is no such model.
    """
    fold = None if look else validation_fold
    own = _own_runs(fold)
    first = _found(a, own, fold)
    second = _found(b, own, fold)
    if not np.isin(first[0].row, second[0].row).all():
        first = [_on_windows(run, second[0].row) for run in first]
    second = [_on_windows(run, first[0].row) for run in second]
    names = [models.title(runs[0].key.name) for runs in (first, second)]
    parts = [
        say("compared", names=names, difference=_difference(first, second)),
        _as_markdown(_recall_table(names, first, second)),
        _confused_text(say("confuses_more", name=names[0]), first, second),
        _confused_text(say("confuses_more", name=names[1]), second, first),
    ]
    return Markdown("\n\n".join(parts))


def _difference(first: Sequence[Run], second: Sequence[Run]) -> str:
    """Say how two models differ; of other people only where enough were asked."""
    people = len(np.unique(first[0].subject))
    if people >= FEW_PEOPLE:
        return lessons.difference(first, second)
    means = [evaluation.people_interval(runs).mean for runs in (first, second)]
    return say("few_people", gap=means[0] - means[1], n_people=people)


def _found(name: str, own: dict[str, list[Run]], fold: int | None) -> list[Run]:
    """Return the runs of a model that somebody named."""
    known = {**_course_runs(fold), **own}
    by_title = {models.title(each): each for each in known}
    latest = {each.partition("@")[0]: each for each in own}  # later tries overwrite earlier ones
    found = by_title.get(name) or (name if name in known else latest.get(name))
    if found is None:
        there = ", ".join(by_title) or "none at all"
        whose = "the test subjects" if fold is None else f"fold {fold}"
        raise PlainError(f"no run of {name!r} on {whose}. There are: {there}.")
    return known[found]


def _recall_table(names: list[str], a: Sequence[Run], b: Sequence[Run]) -> pd.DataFrame:
    """Return the share of each activity's windows that each of two models recognises."""
    first, second = (100 * np.diagonal(_shares(runs)) for runs in (a, b))
    return pd.DataFrame(
        {
            "recognised (%)": [words.activity_name(activity) for activity in ACTIVITIES],
            names[0]: [words.decimal(value) for value in first],
            names[1]: [words.decimal(value) for value in second],
            "difference": [words.decimal(value) for value in first - second],
        }
    )


def clear(*names: str) -> Markdown:
    """Delete tries; what was published and what the lessons trained stays.

    Parameters
    ----------
    *names
        As the leaderboard shows them, or ``"my_network"`` for all tries of that name; without any,
        all tries are deleted. Looks at the test subjects stay counted.

    Raises
    ------
    PlainError
        If there is no such try.
    """
    there = _tries()
    meant = [try_ for name in names for try_ in _meant(name, there)]
    chosen = list(dict.fromkeys(meant)) if names else there
    for name in chosen:
        shutil.rmtree(_folder() / name)
    titles = [models.title(name) for name in chosen]
    return Markdown(say("deleted", names=titles, n_looks=len(results.touches(PROFILE))))


def _meant(name: str, there: list[str]) -> list[str]:
    """Return the tries that a name means."""
    found = [each for each in there if name in (each, models.title(each), each.partition("@")[0])]
    if not found:
        listed = ", ".join(models.title(each) for each in there) or "none"
        raise PlainError(f"there is no try {name!r}. Tries: {listed}.")
    return found
