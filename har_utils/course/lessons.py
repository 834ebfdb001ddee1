"""What the lessons on the four networks say of a run: sentences, examples and costs.

Everything is made from the run, so that a rerun that comes out differently says something else.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from IPython.display import Markdown, display

from har_utils import claims, evaluation, models, results, sentences, training, words
from har_utils.dataset import ACTIVITIES, TWELVE_ACTIVITIES, Dataset
from har_utils.others import protocol
from har_utils.recipe import OWN, Recipe
from har_utils.results import Key, Run

if TYPE_CHECKING:
    import keras

say = sentences.beside(__file__)

MOVING = 3
"""The first three activities move, the others rest."""

TOO_FREELY = 0.01
"""By how much recall must exceed precision for a name to be given too freely (a fraction)."""

COSTLY = 10
"""From so many points on, a circumstance is said to cost a network much; set when the table of
what they cost was known."""


# --- The network and its training ---------------------------------------------------------------


def parameters(name: str, model: keras.Model) -> str:
    """Say how many parameters a network has, and whether the source report's has as many."""
    return say("parameters", count=model.count_params(), source=models.PARAMETERS[name])


def curves(run: Run) -> str:
    """Say when the loss on the validation subjects was lowest and what became of it then."""
    history, chosen = run.record["history"]["select"], _chosen(run)
    reached = {key: history[key][chosen - 1] for key in ("val_loss", "accuracy", "val_accuracy")}
    return say("curves", chosen=chosen, n_epochs=len(history["val_loss"]), **reached)


def _chosen(run: Run) -> int:
    """Return after which epoch the loss on the validation subjects was lowest."""
    chosen = run.record["epochs"]["chosen"]
    assert chosen is not None  # it is only of models that are not trained in epochs
    return chosen


def loss_gap(run: Run, others: Sequence[str], profile: str) -> str:
    """Say how far apart the two losses are after the chosen epoch, here and for other networks."""
    there = [{"network": name, "gap": _gap(seeds[0])} for name, seeds in _found(others, profile)]
    return say("loss_gap", here=_gap(run), others=there)


def _found(names: Sequence[str], profile: str) -> list[tuple[str, list[Run]]]:
    """Return the runs of those models that have any, by name.

    In JupyterLab one's own come first: a lesson compares short trainings with short ones.
    """
    found: list[tuple[str, list[Run]]] = []
    for name in names:
        own = dict(list(results.own_runs(profile, [name]).items())[:1])
        runs = own or results.load_runs(profile, [name], quiet=True, optional=True)
        found += runs.items()
    return found


def _gap(run: Run) -> float:
    """Return validation loss minus training loss after the chosen epoch."""
    history, last = run.record["history"]["select"], _chosen(run) - 1
    return history["val_loss"][last] - history["loss"][last]


# --- The test subjects, on purpose --------------------------------------------------------------


def ask_test_subjects(
    name: str,
    build_model: Callable[[], keras.Model],
    data: Dataset,
    recipe: Recipe,
    seed: int = 0,
    profile: str = results.LAB,
    validation_fold: int = 0,
    on_purpose: bool = False,
) -> Run:
    """Train on all training subjects and ask the test subjects, which is written down.

    In JupyterLab that is done once, for the network of the lesson as it is. Whoever has changed
    network or training has begun to try things, and tries belong to the validation subjects: then
    the run that held them out is returned, unless the test subjects are asked ``on_purpose``.

    Parameters
    ----------
    name, build_model, data, recipe, seed, profile, validation_fold
        As in ``training.run``.
    on_purpose
        Ask the test subjects although something was changed. It is counted (`results.touches`).

    Returns
    -------
    Run
        Scored on the test subjects; on the validation subjects where they were not to be asked.
    """
    how = partial(training.run, profile=profile, validation_fold=validation_fold)
    reason = (
        _why_not_ask(Key(name, seed=seed), build_model, recipe) if profile == results.LAB else None
    )
    if reason and not on_purpose:
        display(Markdown(say("not_asked", reason=reason)))
        return how(name, build_model, data, recipe, fold=validation_fold)
    run = how(name, build_model, data, recipe, seed)
    asked = sum(touch == asdict(run.key) for touch in results.touches(profile))
    if reason:
        display(Markdown(say("asked", name=name, n_times=asked)))
    here = _chosen_here(name, profile, validation_fold)
    if recipe.choose_epochs and here not in (None, _epochs(run)):
        display(Markdown(say("chosen_elsewhere", name=name, here=here, there=_epochs(run))))
    return run


def _chosen_here(name: str, profile: str, fold: int) -> int | None:
    """Return how many epochs a build's own training without a fold chose; None if it has none."""
    try:
        return _epochs(results.read_run(results.results_folder(profile), Key(name, fold=fold)))
    except FileNotFoundError:
        return None


def _why_not_ask(key: Key, build_model: Callable[[], keras.Model], recipe: Recipe) -> str | None:
    """Return why the test subjects are not asked without further ado; None if they are."""
    if models.configuration(build_model()) != models.configuration(models.build(key.model)):
        return "network"
    lab = results.results_folder(results.LAB)
    before = results.load_runs(lab, [key.model], optional=True).get(key.model, [])
    same = any(run.key == key and run.record["recipe"] == recipe.settings() for run in before)
    return None if same or asdict(key) not in results.touches(results.LAB) else "training"


# --- The scores ---------------------------------------------------------------------------------


def _reached(run: Run) -> dict[str, float]:
    """Return a run's test accuracy with its interval, the facts of text ``reached``."""
    interval = evaluation.people_interval([run])
    accuracy = run.record["metrics"]["accuracy"]
    return {"accuracy": accuracy, "low": interval.low, "high": interval.high}


def scores(run: Run) -> str:
    """Say what a run reaches on whom it predicts, for whom it is worst, and the source's number.

    The interval is over the test subjects: how different could it be with other people?
    """
    people = run.record["metrics"]["per_subject"]
    worst, best = min(people, key=people.get), max(people, key=people.get)
    return say(
        "scores",
        fold=run.key.fold,
        n_windows=len(run.activity),
        n_people=len(people),
        macro_f1=run.record["metrics"]["macro_f1"],
        worst=worst,
        lowest=people[worst],
        best=best,
        highest=people[best],
        published=_source_accuracy(run),
        **_reached(run),
    )


def _source_accuracy(run: Run) -> float | None:
    """Return what the source report gives for a network's test subjects, if these were asked."""
    return models.PUBLISHED.get(run.key.model, {}).get("accuracy") if run.key.fold is None else None


def confusions(run: Run) -> str:
    """Say which pair is confused most and how many errors cross between moving and resting."""
    confusion = np.array(run.record["metrics"]["confusion"])
    errors = confusion - np.diag(np.diag(confusion))
    return say(
        "confusions",
        most_confused=claims.most_confused(confusion, ACTIVITIES),
        n_errors=errors.sum(),
        n_moving=errors[:MOVING, :MOVING].sum(),
        n_resting=errors[MOVING:, MOVING:].sum(),
        n_crossing=errors[:MOVING, MOVING:].sum() + errors[MOVING:, :MOVING].sum(),
    )


def activities(run: Run) -> str:
    """Say which activity is recognised best and worst, and which name is given too freely."""
    table = pd.DataFrame(run.record["metrics"]["per_class"]).T
    best, worst = table["f1"].idxmax(), table["f1"].idxmin()
    excess = table["recall"] - table["precision"]
    freely = excess.idxmax()
    return say(
        "activities",
        best=best,
        highest=table["f1"][best],
        worst=worst,
        lowest=table["f1"][worst],
        is_free=excess[freely] >= TOO_FREELY,
        freely=freely,
        found=table["recall"][freely],
        right=table["precision"][freely],
    )


def _who_chose(run: Run) -> dict[str, Any]:
    """Return how long a network was trained and whether held-out people chose it."""
    chooses = run.record.get("recipe", {}).get("choose_epochs", True)
    return {"chooses": chooses, **run.record["epochs"]}


def comparison(run: Run, others: Sequence[str], profile: str) -> str:
    """Say how a run compares with one run of each of other models, on the same test windows.

    A model of which there is no run is named; a difference whose interval contains zero is not
    called better.
    """
    return "\n".join(_pair(run, name, profile) for name in others)


def _pair(run: Run, model: str, profile: str) -> str:
    """Return one line on a run and the first of another model's."""
    found = _found([model], profile)
    if not found:
        return say("no_run", name=model)
    name, [other, *_] = found[0]
    if not np.array_equal(run.row, other.row):
        return say("other_windows", name=name)
    return say(
        "against",
        name=name,
        accuracy=other.record["metrics"]["accuracy"],
        ours=_epochs(run),
        theirs=_epochs(other),
        difference=difference([run], [other]),
    )


def _epochs(run: Run) -> int | None:
    """Return for how many epochs a model was trained; None where that is not known."""
    return (run.record.get("epochs") or {}).get("chosen")


def difference(ours: Sequence[Run], theirs: Sequence[Run]) -> str:
    """Say how two models differ in accuracy, unless other people or seeds could turn it round.

    Parameters
    ----------
    ours, theirs
        Runs of each on the same windows.
    """
    gap = evaluation.paired_interval(ours, theirs)
    ahead = ours if gap.low > 0 else theirs if gap.high < 0 else None
    return say(
        "difference",
        mean=gap.mean,
        low=gap.low,
        high=gap.high,
        ahead=ahead[0].key.name if ahead else None,
        single=len(ours) == len(theirs) == 1,
    )


# --- What it costs ------------------------------------------------------------------------------


def cost(run: Run, selection: Run) -> pd.DataFrame:
    """Return what a network needs: parameters, multiply-adds per window, seconds of training.

    Parameters
    ----------
    run
        The final run.
    selection
        The run that held out the validation subjects.
    """
    rows = {
        "parameters": words.grouped(run.record["n_parameters"]),
        "multiply-adds for one window": words.grouped(run.record["multiply_adds"]),
    }
    chooses = selection.record.get("recipe", {}).get("choose_epochs", True)
    without = "to choose the epochs" if chooses else "to train without the validation subjects"
    n_epochs = len((selection.record.get("history") or {}).get("select", {}).get("loss", ()))
    if n_epochs:
        without = f"{without}, {words.plural(n_epochs, 'epoch')}"
    phases = {
        f"seconds {without}": (selection, "select"),
        "seconds to train on all training subjects": (run, "refit"),
        "seconds to classify all test windows": (run, "predict"),
    }
    for what, (source, phase) in phases.items():
        if source.timing is not None and phase in source.timing["seconds"]:
            rows[what] = words.decimal(source.timing["seconds"][phase]["wall"])
    if run.timing is not None and "refit" in run.timing["seconds"]:
        seconds = run.timing["seconds"]["refit"]["wall"] / run.record["epochs"]["chosen"]
        rows["seconds of an epoch (all training subjects)"] = words.decimal(seconds)
    elif n_epochs and selection.timing is not None:  # the final run was read, without its times
        seconds = selection.timing["seconds"]["select"]["wall"] / n_epochs
        rows["seconds of an epoch (without the validation subjects)"] = words.decimal(seconds)
    return pd.DataFrame({"": rows})


def results_table(summary: pd.DataFrame) -> pd.DataFrame:
    """Return the summary of several models as people read it; "–" where one seed has no spread.

    Parameters
    ----------
    summary
        What ``evaluation.summary_table`` returns.
    """
    rows = {}
    for name, scores in summary.iterrows():
        rows[models.title(str(name))] = {
            "seeds": int(scores["n_seeds"]),
            "accuracy (%)": _mean_and_spread(scores, "accuracy"),
            "95 % interval": words.span(scores["accuracy_low"], scores["accuracy_high"]),
            "macro F1 (%)": _mean_and_spread(scores, "macro_f1"),
            "softmax loss": words.decimal(scores["negative_log_likelihood_mean"], 3),
        }
    return pd.DataFrame(rows).T


def _mean_and_spread(scores: pd.Series, statistic: str) -> str:
    """Return a mean over seeds and its standard deviation, in per cent."""
    mean, spread = (100 * scores[f"{statistic}_{part}"] for part in ("mean", "sd"))
    return f"{words.decimal(mean)} ± {words.decimal(spread, 2)}"


def uncertainty(summary: pd.DataFrame) -> str:
    """Say how wide the intervals over people are beside the spread over seeds.

    Parameters
    ----------
    summary
        What ``evaluation.summary_table`` returns.
    """
    several = summary[summary["n_seeds"] > 1]
    compared = summary if several.empty else several
    return say(
        "uncertainty",
        n_several=len(several),
        people=(compared["accuracy_high"] - compared["accuracy_low"]).mean(),
        seeds=4 * several["accuracy_sd"].mean(),  # two on either side hold about 95 %
    )


def training_seconds(profile: str, fold: int | None = None) -> dict[str, float]:
    """Return how long a run of each model trains, mean over seeds, in seconds on one core.

    Parameters
    ----------
    profile
        Whose times; published ones come first.
    fold
        None: final runs. A number: the runs that hold out that fold.

    Returns
    -------
    dict
        Name → seconds; where nobody measured a model it is missing.
    """
    times, phase = results.timings(profile), "refit" if fold is None else "select"
    if phase not in times:
        return {}
    chosen = times[times["fold"].isna() if fold is None else times["fold"] == fold]
    return chosen.groupby("name")[phase].mean().dropna().to_dict()


def frontier(accuracy: pd.Series, seconds: Mapping[str, float]) -> str:
    """Name the models that are better than all that train as quickly or quicker.

    Parameters
    ----------
    accuracy
        Of each model.
    seconds
        How long it trains; models that nobody timed have no part.
    """
    timed = accuracy[accuracy.index.isin(list(seconds))]
    timed = timed.sort_index(key=lambda names: names.map(seconds))
    ahead = timed[timed > timed.cummax().shift(fill_value=-np.inf)]
    told = [
        {"model": name, "time": _time(seconds[name]), "accuracy": value}
        for name, value in ahead.items()
    ]
    is_mirrored = any(OWN[name].mirroring > 0 for name in ahead.index if name in OWN)
    return say("frontier", models=told, is_mirrored=is_mirrored) if told else ""


BUDGETS = (10, 30, 100, 300, 600)
"""Seconds of training on one core, named before anything was measured."""


def budgets(tried: pd.DataFrame) -> str:
    """Say which way to learn is ahead at each of `BUDGETS`.

    Parameters
    ----------
    tried
        As ``results.published_budgets`` returns it.
    """
    if tried.empty:
        return ""
    means = tried.groupby(["method", "title", "effort"])[["seconds", "accuracy"]].mean()
    told = []
    for budget in BUDGETS:
        affordable = means.loc[means["seconds"] <= budget, "accuracy"]
        ranked = affordable.groupby(level=["method", "title"]).max().sort_values(ascending=False)
        best = [
            {"method": _in_a_sentence(*named), "accuracy": accuracy}
            for named, accuracy in ranked.items()
        ]
        if best:
            told.append({"budget": budget, "best": best[:2]})
    return say("budgets", winners=told, n_folds=tried["fold"].nunique())


def _in_a_sentence(method: str, title: str) -> str:
    """Return a method as a sentence names it, whether it is of the course or not."""
    is_ours = method.partition("@")[0] in models.TITLES
    return words.the(method) if is_ours else title[0].lower() + title[1:]


def speed_table(measured: dict[str, Any]) -> pd.DataFrame:
    """Return processor seconds of this course beside those of other libraries.

    Rows that were compared with an older state of the course are left out.

    Parameters
    ----------
    measured
        What ``results.published_speed`` returns.
    """
    rows = {}
    for row in measured.get("rows", ()):
        if row["ratio"] is not None and row["peer"] != "before":
            what, _, work = row["row"].partition(", ")
            rows[what] = {
                "this course": _time(row["ours"]["cpu"]),
                "the other": f"{_time(row[row['peer']]['cpu'])} ({row['peer']})",
                "ours / theirs": words.significant(row["ratio"]),
                "work": work,
            }
    return pd.DataFrame(rows).T


def _time(seconds: float) -> str:
    """Return a time in a unit that suits it."""
    scale, unit = (1, "s") if seconds >= 0.1 else (1000, "ms")
    return f"{words.significant(scale * seconds, 2)}{words.SPACE}{unit}"


def size_table(names: Sequence[str] = models.NETWORKS) -> pd.DataFrame:
    """Return parameters, multiply-adds and steps in order of the networks, without training.

    ``steps in order`` counts the steps that each must wait for the one before: those of an LSTM.
    """
    rows = {}
    for name in names:
        layers = models.architecture(models.build(name))
        pairs = itertools.pairwise(layers)
        steps = [before["output_shape"][0] for before, layer in pairs if layer["type"] == "LSTM"]
        rows[models.title(name)] = {
            "parameters": sum(layer["parameters"] for layer in layers),
            "multiply-adds": sum(layer["multiply_adds"] for layer in layers),
            "steps in order": sum(steps),
        }
    return pd.DataFrame(rows).T


# --- A mistake, looked at -----------------------------------------------------------------------


def network(run: Run) -> keras.Model:
    """Return the trained network of a run.

    Raises
    ------
    FileNotFoundError
        If its weights are not there (published runs keep those of their first seed only).
    """
    path = results.weights(run)
    if path is None:
        raise FileNotFoundError(f"{run.key.name}: no weights of its run; train it again")
    return models.prepare().models.load_model(path)


@dataclass(frozen=True)
class Mistake:
    """The commonest confusion of a run, with windows to look at.

    Attributes
    ----------
    words
        Which confusion, and how common.
    windows
        Words above a picture → window ``(128, 9)``: the mistaken one, then typical ones.
    closeness
        Whether the mistaken window looks more like what it is or like what it was taken for.
    """

    words: str
    windows: dict[str, np.ndarray]
    closeness: str


def commonest_mistake(run: Run, data: Dataset) -> Mistake:
    """Find the confusion a run makes most often, and the window it is most sure about.

    Parameters
    ----------
    run
        A run on validation subjects.
    data
        The data set its rows point into.
    """
    confusion = np.array(run.record["metrics"]["confusion"])
    errors = confusion - np.diag(np.diag(confusion))
    true, called = np.unravel_index(errors.argmax(), errors.shape)
    people = data.take(np.searchsorted(data.rows, run.row))
    look = _appearance(people.windows)
    examples = {code: _typical(look, run.activity == code) for code in (true, called)}
    names = {code: words.activity_name(ACTIVITIES[code]) for code in (true, called)}
    windows = {f"typical {names[code]}": people.windows[row] for code, row in examples.items()}
    if errors.max() == 0:
        return Mistake(say("no_mistake"), windows, "")
    wrong = (run.activity == true) & (run.probability.argmax(axis=1) == called)
    row = int(np.where(wrong, run.probability[:, called], -1).argmax())
    away = [np.linalg.norm(look[row] - look[examples[code]]) for code in (true, called)]
    facts = {
        "actual": names[true],
        "called": names[called],
        "n_wrong": errors[true, called],
        "n_all": confusion[true].sum(),
        "subject": run.subject[row],
        "sure": float(run.probability[row, called]),
        "from_true": away[0],
        "from_called": away[1],
    }
    shown = {say("above", **facts): people.windows[row]} | windows
    return Mistake(say("mistake", **facts), shown, say("closeness", **facts))


def _appearance(windows: np.ndarray) -> np.ndarray:
    """Return level and spread of each channel, on a common scale, ``(n, 18)``."""
    look = np.hstack([windows.mean(axis=1), windows.std(axis=1)])
    return (look - look.mean(axis=0)) / np.maximum(look.std(axis=0), 1e-9)


def _typical(look: np.ndarray, members: np.ndarray) -> int:
    """Return the row of the member that lies nearest to the median of all members."""
    distance = np.linalg.norm(look - np.median(look[members], axis=0), axis=1)
    return int(np.where(members, distance, np.inf).argmin())


def typical_windows(people: Dataset, names: Sequence[str]) -> dict[str, np.ndarray]:
    """Return one typical window of each of some activities.

    Parameters
    ----------
    people
        Whose windows to choose from.
    names
        Activities, for example ``"WALKING"``.

    Returns
    -------
    dict
        Activity in words → window ``(128, 9)``: the one whose level and spread lie nearest to the
        median of the activity's windows.
    """
    look = _appearance(people.windows)
    rows = {name: _typical(look, people.labels == ACTIVITIES.index(name)) for name in names}
    return {words.activity_name(name): people.windows[row] for name, row in rows.items()}


def most_confused(others: Sequence[str], profile: str) -> str:
    """Say which pair of activities each of other networks confuses most, one line each.

    One run of each, the first seed, as in the lesson that trains it: a mean over seeds would not
    be what the reader saw there.
    """
    said = [
        f"- {models.title(name)}: "
        f"{claims.most_confused(evaluation.mean_confusion(seeds[:1]), ACTIVITIES)}"
        for name, seeds in _found(others, profile)
    ]
    return "\n".join(said) or say("no_other")


# --- What we saw --------------------------------------------------------------------------------


def summary(run: Run) -> str:
    """Say in a few points what a lesson's run showed."""
    multiply_adds = run.record["multiply_adds"]
    assert multiply_adds is not None  # a lesson's run is one of a network
    return say(
        "summary",
        fold=run.key.fold,
        network=run.key.name,
        most_confused=claims.most_confused(run.record["metrics"]["confusion"], ACTIVITIES),
        n_parameters=run.record["n_parameters"],
        millions=multiply_adds / 1e6,
        **_reached(run),
        **_who_chose(run),
    )


# --- Sentences of one lesson each ---------------------------------------------------------------


def first_question(question: str, yes: float, no: float, between: int, mistakes: int) -> str:
    """Say what the first question of a decision tree parts.

    Parameters
    ----------
    question
        What it asks of a window.
    yes, no
        Shares of moving windows among those that say yes, and no.
    between, mistakes
        The tree's mistakes on the test subjects: between moving and resting, and all.
    """
    return say(
        "first_question", question=question, yes=yes, no=no, between=between, mistakes=mistakes
    )


def lowest_loss(best: int, n_epochs: int, lowest: float, last: float, trained: float) -> str:
    """Say when the validation loss was lowest, and how training went on.

    Parameters
    ----------
    best, n_epochs
        The epoch with the lowest loss on validation people, of how many.
    lowest, last
        That loss then, and after the last epoch.
    trained
        Training loss of the last epoch.
    """
    return say(
        "lowest_loss", best=best, n_epochs=n_epochs, lowest=lowest, last=last, trained=trained
    )


def readable(run: Run, low: float, commonest: str, baseline: float, linear: Sequence[Run]) -> str:
    """Say whether a network learned to read raw windows, and how it does beside a linear SVC.

    Parameters
    ----------
    run
        The network's.
    low
        Lower end of the interval of its accuracy.
    commonest, baseline
        The commonest activity in words, and the accuracy of answering nothing else.
    linear
        A run of the linear SVC on the same windows; empty if there is none.
    """
    svc = linear[0].record["metrics"]["accuracy"] if linear else None
    less = difference([run], linear) if linear else None
    return say("readable", svc=svc, less=less, low=low, commonest=commonest, baseline=baseline)


def second_layer(gain: float) -> str:
    """Say what a probe gains, in points, from the first recurrent layer to the last."""
    return say("second_layer", gain=gain)


def sitting_and_standing(n_people: int, n_lean_more: int, n_move_more: int) -> str:
    """Say how many people lean more when they sit and how many move more when they stand."""
    return say(
        "sitting_and_standing", n_people=n_people, n_lean_more=n_lean_more, n_move_more=n_move_more
    )


def ablation(
    lost: pd.Series, behind: pd.Series, n_folds: int, titles: Mapping[str, str], part: Mapping
) -> str:
    """Say which part of a network is missed most, and which least.

    Parameters
    ----------
    lost, behind
        Of each candidate without a part: points of accuracy it loses, folds on which it is worse.
    n_folds
        Number of folds.
    titles, part
        What such a candidate is called, and what it does without.
    """
    ends = dict.fromkeys([lost.idxmax(), lost.idxmin()]) if len(lost) else []
    missed = [
        {"part": part[name], "title": titles[name], "lost": lost[name], "behind": behind[name]}
        for name in ends
    ]
    return say("ablation", missed=[one | {"n_folds": n_folds} for one in missed])


def seed_effects(seed_sd: float, n_seeds: int, undecided: Sequence[str]) -> str:
    """Say which changes of an ablation other seeds alone could make.

    Parameters
    ----------
    seed_sd
        Standard deviation over seeds of the mean of a row, in points.
    n_seeds
        Number of seeds.
    undecided
        The parts whose absence changes less than so many seeds leave open.
    """
    return say("seed_effects", seed_sd=seed_sd, n_seeds=n_seeds, undecided=undecided)


def kept_though_undecided(helped: Mapping[str, float], is_undecided: bool) -> str:
    """Say why the log energies stayed, if the ablation leaves open whether they help.

    Parameters
    ----------
    helped
        Kind of network → points gained when they were first tried.
    is_undecided
        Whether the ablation leaves it open.
    """
    tries = [{"kind": kind, "by": by} for kind, by in helped.items()]
    return say("kept_though_undecided", tries=tries, is_undecided=is_undecided)


def recipe_gains(gains: pd.Series, way: pd.Series) -> str:
    """Say what another recipe changes, beside the way that is left to the modern network.

    Parameters
    ----------
    gains
        Of each network trained in both ways: the change of its accuracy; empty if there is none.
    way
        How far its old accuracy lies below the modern network's.
    """
    ends = {"gains": (gains.min(), gains.max()), "way": (way.min(), way.max())}
    return say("recipe_gains", n_networks=len(gains), **ends)


def held_back(losses: pd.DataFrame, n_folds: int, n_small: int | None = None) -> str:
    """Say which networks were held back by their settings, on folds of the training people.

    Parameters
    ----------
    losses
        Network (index) and ``folds better``: on how many folds the settings that the other folds
        chose lose less than the source's.
    n_folds
        How many folds there are.
    n_small
        The number of trials of a small search, which settles nothing; None for a large one.
    """
    always = losses["folds better"] == n_folds
    better, others = list(losses.index[always]), list(losses.index[~always])
    return say("held_back", better=better, others=others, n_small=n_small)


def outside(lost: pd.Series) -> str:
    """Say whether networks stand what a phone may meet outside the laboratory.

    Parameters
    ----------
    lost
        Circumstance (index) → the most points that it costs any network.
    """
    return say("outside", n=len(lost), costly=list(lost.index[lost >= COSTLY]), points=COSTLY)


def everybody(by_person: pd.DataFrame) -> str:
    """Say how differently people are recognised when everybody is held out once.

    Parameters
    ----------
    by_person
        Accuracy, a row per model and a column per person.
    """
    of_people, of_models = by_person.mean(), by_person.mean(axis=1)
    return say(
        "everybody",
        n_people=len(of_people),
        n_models=len(of_models),
        hardest=of_people.idxmin(),
        lowest=of_people.min(),
        highest=of_people.max(),
        between=of_models.max() - of_models.min(),
    )


def twelve(runs: Sequence[Run], rarest: Mapping[str, Any], others: float) -> str:
    """Say how twelve activities are recognised, and how much the rarest one weighs.

    Parameters
    ----------
    runs
        Pooled runs of one model, one per seed; empty if there are none.
    rarest
        ``rarest``, the activity; ``rarest_windows``, how many it has; ``rarest_per_window``, by
        what one of them moves macro F1, a fraction.
    others
        Mean F1 of the other eleven.
    """
    if not runs:
        return say("no_twelve")
    confusion = evaluation.mean_confusion(runs)
    n_windows = confusion.sum(axis=1)
    f1 = evaluation.people_interval(runs, "macro_f1")
    return say(
        "twelve",
        network=runs[0].key.name.partition("@")[0],
        macro_f1=f1.mean,
        low=f1.low,
        high=f1.high,
        n_seeds=len(runs),
        share=rarest["rarest_windows"] / n_windows.sum(),
        commonest_per_window=1 / len(n_windows) / n_windows.max(),
        others=others,
        most_confused=claims.most_confused(confusion, TWELVE_ACTIVITIES),
        **rarest,
    )


def repair(n_networks: int, n_helped: int, n_misled: int) -> str:
    """Say how many networks a temperature helped.

    Parameters
    ----------
    n_networks
        How many were tried.
    n_helped
        How many had a smaller NLL on the test subjects after scaling.
    n_misled
        How many had not, though their temperature says that they were too shy.
    """
    return say("repair", n_networks=n_networks, n_helped=n_helped, n_misled=n_misled)


def mirror(
    swapped: pd.DataFrame,
    n_recordings: int,
    of_windows: float,
    of_mistakes: float,
    n_hard_there: int,
    n_hard: int,
) -> str:
    """Say which recordings are recognised better in the mirror, and what they hold.

    Parameters
    ----------
    swapped
        ``as_worn`` and ``mirrored``, accuracies of these recordings; index subject and recording.
    n_recordings
        How many recordings there are.
    of_windows, of_mistakes
        Shares of all windows and of all mistakes that these hold.
    n_hard_there, n_hard
        Windows that no older model gets right: in these recordings, and in all.
    """
    if not len(swapped):
        return say("no_mirror")
    return say(
        "mirror",
        n_swapped=len(swapped),
        n_recordings=n_recordings,
        subjects=[str(person) for person in sorted({person for person, _ in swapped.index})],
        of_windows=of_windows,
        of_mistakes=of_mistakes,
        n_hard_there=n_hard_there,
        n_hard=n_hard,
        **swapped[["as_worn", "mirrored"]].mean(),
    )


def recovered(shares: Mapping[str, float]) -> str:
    """Say what share of the hard windows newer networks recognise: name → share, or none."""
    found = [{"network": name, "share": share} for name, share in shares.items()]
    return say("recovered", found=found)


def other_side(n_recordings: int, odd: Sequence[tuple[int, int]]) -> str:
    """Say which recordings lean the other way: subject and number of each."""
    found = [{"subject": person, "number": number} for person, number in odd]
    return say("other_side", n_recordings=n_recordings, odd=found)


def learned_error(error: pd.DataFrame) -> str:
    """Say how models do with and without the error of the accelerometer they learned from.

    Parameters
    ----------
    error
        ``as_measured`` and ``calibrated``, accuracies, a row per model; empty if nobody measured.
    """
    told = [{"model": name, **both} for name, both in error.to_dict("index").items()]
    return say("learned_error", models=told)


def sensor_errors(scores: pd.DataFrame) -> str:
    """Say what random errors of the sensors in training do to people of other sets.

    Parameters
    ----------
    scores
        ``macro_f1`` of each ``candidate`` (``exact``, ``phones``, ``inexact``: no errors, those of
        the published network, larger ones), set by set (``target`` and ``scored``, both left out).
    """
    by_set = scores.pivot(index=["target", "scored"], columns="candidate", values="macro_f1")
    change = 100 * (by_set["inexact"] - by_set["exact"])
    usual, larger = (protocol.settings_of(name) for name in ("phones", "inexact"))
    return say(
        "sensor_errors",
        n_scores=len(by_set),
        mean=by_set.mean().to_dict(),
        usual=usual,
        larger=larger,
        change=(change.min(), change.max()),
        is_one_way=bool((change > 0).all() or (change < 0).all()),
    )


GAIN = 0.01
"""Macro F1 by which a third attempt had to be better to get final scores."""


def third_attempt(scores: pd.DataFrame) -> str:
    """Say what a third attempt at people of other sets compared, and whether it went on.

    Parameters
    ----------
    scores
        As `sensor_errors` takes them, of the candidates of the third attempt; ``phones`` are the
        settings of the attempt before.
    """
    mean = scores.groupby("candidate")["macro_f1"].mean()
    before = mean.pop("phones")
    return say(
        "third_attempt",
        n_scores=len(scores) // (len(mean) + 1),
        tried=[say(f"third_{name}") for name in scores["candidate"].unique() if name in mean],
        best=say(f"third_{mean.idxmax()}"),
        gain=mean.max() - before,
        needed=GAIN,
    )


def kinds(on_features: pd.Series, on_windows: pd.Series, are_disjoint: bool) -> str:
    """Say how models on features and networks on raw windows do on other people's data.

    Parameters
    ----------
    on_features, on_windows
        Macro F1 of each model of the kind, mean over the sets.
    are_disjoint
        Whether the worst of one kind is better than the best of the other.
    """
    both = pd.concat([on_features, on_windows])
    return say(
        "kinds",
        on_features=(on_features.min(), on_features.max()),
        on_windows=(on_windows.min(), on_windows.max()),
        highest=both.idxmax(),
        lowest=both.idxmin(),
        are_disjoint=are_disjoint,
    )
