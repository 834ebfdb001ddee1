"""What the lessons on the four networks say of a run: sentences, examples and costs.

Everything is made from the run, so that a rerun that comes out differently says something else.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from har_utils import evaluation, models, results, words
from har_utils.dataset import ACTIVITIES, Dataset
from har_utils.report import claims
from har_utils.results import Run

if TYPE_CHECKING:
    import keras

MOVING = 3
"""The first three activities move, the others rest."""


# --- The network and its training ---------------------------------------------------------------


def parameters(name: str, model: keras.Model) -> str:
    """Say how many parameters a network has, and whether the source report's has as many."""
    count, source = model.count_params(), models.PARAMETERS[name]
    if count == source:
        return f"**{count:,} parameters**, exactly as many as the source report's network."
    return f"**{count:,} parameters**: your own network, the source report's has {source:,}."


def curves(run: Run) -> str:
    """Say when the loss on the validation subjects was lowest and what became of it then."""
    history, chosen = run.record["history"]["select"], run.record["epochs"]["chosen"]
    n_epochs = len(history["val_loss"])
    reached = {key: history[key][chosen - 1] for key in ("val_loss", "accuracy", "val_accuracy")}
    said = (
        f"The loss of the validation subjects was lowest after **epoch {chosen}** of {n_epochs} "
        f"({reached['val_loss']:.3f}). During that epoch the network got {reached['accuracy']:.1%} "
        f"of the training windows right, after it {reached['val_accuracy']:.1%} of those of the "
        f"people held out. "
    )
    if chosen == n_epochs:
        return said + "No later epoch was tried: with a larger `max_epochs` it might still fall."
    return said + f"It did not get lower in the {words.plural(n_epochs - chosen, 'epoch')} after."


def apart(run: Run, others: Sequence[str], profile: str) -> str:
    """Say how far apart the two losses are after the chosen epoch, here and for other networks."""
    said = [f"{_gap(run)} here"]
    for name in others:
        with contextlib.suppress(FileNotFoundError):
            other = results.load_runs(profile, [name], quiet=True)[name][0]
            said.append(f"{_gap(other)} for {words.the(name)}")
    return f"Loss on validation subjects minus loss in training: {words.listing(said)}."


def _gap(run: Run) -> str:
    """Return validation loss minus training loss after the chosen epoch."""
    history, last = run.record["history"]["select"], run.record["epochs"]["chosen"] - 1
    return words.decimal(history["val_loss"][last] - history["loss"][last], 2)


# --- The scores ---------------------------------------------------------------------------------


def _reached(run: Run) -> str:
    """Return a run's test accuracy with its interval."""
    interval = evaluation.subject_bootstrap([run])
    accuracy = run.record["metrics"]["accuracy"]
    return f"**{accuracy:.1%}** (95% interval {interval.low:.1%} to {interval.high:.1%})"


def scores(run: Run) -> str:
    """Say what a run reaches on the test subjects, for whom it is worst, and the source's number.

    The interval resamples the test subjects: how different could it be with other people?
    """
    people = run.record["metrics"]["per_subject"]
    worst, best = min(people, key=people.get), max(people, key=people.get)
    said = (
        f"Of the {len(run.activity):,} windows of {words.plural(len(people), 'test subject')} the "
        f"network recognises {_reached(run)}; macro F1 is {run.record['metrics']['macro_f1']:.1%}. "
        f"For subject {worst} it is right in {people[worst]:.1%}, for subject {best} in "
        f"{people[best]:.1%}."
    )
    published = models.PUBLISHED.get(run.key.model, {}).get("accuracy")
    if published is None:
        return said
    interval = evaluation.subject_bootstrap([run])
    place = "inside" if interval.low <= published <= interval.high else "outside"
    return (
        f"{said} The source report's {published:.2%} lies {place} the interval; it watched the "
        f"test set while it trained, for 100 epochs."
    )


def confusions(run: Run) -> str:
    """Say which pair is confused most and how many errors cross between moving and resting."""
    confusion = np.array(run.record["metrics"]["confusion"])
    errors = confusion - np.diag(np.diag(confusion))
    crossing = errors[:MOVING, MOVING:].sum() + errors[MOVING:, :MOVING].sum()
    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    return (
        f"{claims.most_confused(shares, ACTIVITIES)} Of {errors.sum():,} errors in all, "
        f"{errors[:MOVING, :MOVING].sum():,} mix up two moving activities, "
        f"{errors[MOVING:, MOVING:].sum():,} two resting ones, and {crossing:,} take "
        f"moving for resting or resting for moving."
    )


def activities(run: Run) -> str:
    """Say which activity is recognised best and worst, and which name is given too freely."""
    table = pd.DataFrame(run.record["metrics"]["per_class"]).T
    best, worst = table["f1"].idxmax(), table["f1"].idxmin()
    excess = table["recall"] - table["precision"]
    freely = excess.idxmax()
    said = (
        f"F1 is highest for *{words.activity_name(best)}* ({table['f1'][best]:.1%}) and lowest "
        f"for *{words.activity_name(worst)}* ({table['f1'][worst]:.1%})."
    )
    if excess[freely] < 0.01:
        return f"{said} No name is given too freely: nowhere is precision far below recall."
    return (
        f"{said} The name given too freely is *{words.activity_name(freely)}*: "
        f"{table['recall'][freely]:.1%} of its windows are found, but of the windows so called "
        f"only {table['precision'][freely]:.1%} are."
    )


def _who_chose(run: Run) -> str:
    """Say who chose for how long a network was trained."""
    chosen, cap = run.record["epochs"]["chosen"], run.record["epochs"]["cap"]
    epochs = words.plural(chosen, "epoch")
    if run.record.get("recipe", {}).get("choose_epochs", True):
        return f"The validation subjects chose {epochs} (at most {cap})"
    return f"It was trained for {epochs}, fixed before"


def beside(run: Run, others: Sequence[str], profile: str) -> str:
    """Say how a run compares with one run of each of other models, on the same test windows.

    A model of which there is no run is named; a difference whose interval contains zero is not
    called better.
    """
    said = []
    for name in others:
        try:
            other = results.load_runs(profile, [name], quiet=True)[name][0]
        except FileNotFoundError:
            said.append(f"- No run of {words.the(name)} yet: its notebook comes before this one.")
            continue
        said.append(_pair(run, other))
    return "\n".join(said)


def _pair(run: Run, other: Run) -> str:
    """Return one line on two runs."""
    if not np.array_equal(run.row, other.row):
        return f"- The run of {words.the(other.key.name)} was scored on other windows."
    accuracy = other.record["metrics"]["accuracy"]
    versus = f"{words.the(other.key.name)} ({accuracy:.1%}{_trained(run, other)})"
    return f"- Against {versus}: {difference([run], [other])}."


def _trained(run: Run, other: Run) -> str:
    """Return how long another network was trained, where that is known and not as long."""
    ours, theirs = ((each.record.get("epochs") or {}).get("chosen") for each in (run, other))
    if not ours or not theirs or ours == theirs:
        return ""
    return f", trained for {words.plural(theirs, 'epoch')}, this one for {ours}"


def difference(ours: Sequence[Run], theirs: Sequence[Run]) -> str:
    """Say how two models differ in accuracy, unless other people or seeds could turn it round.

    Parameters
    ----------
    ours, theirs
        Runs of each on the same windows.
    """
    gap = evaluation.paired_bootstrap(ours, theirs)
    verdict = "the interval contains zero, so these runs do not tell which is better"
    if gap.low > 0 or gap.high < 0:
        ahead = ours if gap.low > 0 else theirs
        single = len(ours) == len(theirs) == 1
        which = "two runs, that of {} is better" if single else "runs, those of {} are better"
        verdict = f"of these {which}".format(words.the(ahead[0].key.name))
    numbers = (gap.mean, gap.low, gap.high)
    mean, low, high = (f"{100 * number:+.1f}".replace("-", "−") for number in numbers)
    return f"**{mean} points** (95% interval {low} to {high}); {verdict}"


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
        "parameters": f"{run.record['n_parameters']:,}",
        "multiply-adds for one window": f"{run.record['multiply_adds']:,}",
    }
    chooses = selection.record.get("recipe", {}).get("choose_epochs", True)
    without = "to choose the epochs" if chooses else "to train without the validation subjects"
    phases = {
        f"seconds {without}": (selection, "select"),
        "seconds to train on all training subjects": (run, "refit"),
        "seconds to classify all test windows": (run, "predict"),
    }
    for what, (source, phase) in phases.items():
        if source.timing is not None:
            rows[what] = f"{source.timing['seconds'][phase]['wall']:,.1f}"
    if run.timing is not None:
        seconds = run.timing["seconds"]["refit"]["wall"] / run.record["epochs"]["chosen"]
        rows["seconds of an epoch (all training subjects)"] = f"{seconds:,.1f}"
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
        low, high = 100 * scores["accuracy_low"], 100 * scores["accuracy_high"]
        rows[models.title(str(name))] = {
            "seeds": int(scores["n_seeds"]),
            "accuracy (%)": _mean_and_spread(scores, "accuracy"),
            "95% interval": f"{words.decimal(low)} to {words.decimal(high)}",
            "macro F1 (%)": _mean_and_spread(scores, "macro_f1"),
            "softmax loss": words.decimal(scores["negative_log_likelihood_mean"], 3),
        }
    return pd.DataFrame(rows).T


def _mean_and_spread(scores: pd.Series, statistic: str) -> str:
    """Return a mean over seeds and its standard deviation, in per cent."""
    mean, spread = (100 * scores[f"{statistic}_{part}"] for part in ("mean", "sd"))
    return f"{words.decimal(mean)} ± {words.decimal(spread, 2)}"


def doubt(summary: pd.DataFrame) -> str:
    """Say how wide the intervals over people are beside the spread over seeds."""
    several = summary[summary["n_seeds"] > 1]
    compared = summary if several.empty else several
    width = 100 * (compared["accuracy_high"] - compared["accuracy_low"]).mean()
    said = f"On average the intervals over people are **{width:.1f} points** wide"
    if several.empty:
        return f"{said}. There is one seed of each model, so nothing can be said about seeds."
    seeds = 400 * several["accuracy_sd"].mean()  # two on either side hold about 95%
    relation = "more" if width > seeds else "less"
    return (
        f"{said} for the models with several seeds; two standard deviations over seeds on either "
        f"side make {seeds:.1f}. Who is tested matters **{relation}** than the seed."
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
        return Mistake("It makes no mistake on the validation subjects.", windows, "")
    wrong = (run.activity == true) & (run.probability.argmax(axis=1) == called)
    row = int(np.where(wrong, run.probability[:, called], -1).argmax())
    sure = run.probability[row, called]
    text = (
        f"On the validation subjects it most often takes *{names[true]}* for *{names[called]}*: "
        f"{errors[true, called]} of {confusion[true].sum()} windows. It is surest about one of "
        f"subject {run.subject[row]}: the wrong answer gets {sure:.1%}."
    )
    above = f"{names[true]}, called\n{names[called]} ({sure:.0%} sure)"
    shown = {above: people.windows[row]} | windows
    return Mistake(text, shown, _closeness(look, row, examples, names, (true, called)))


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


def _closeness(
    look: np.ndarray,
    row: int,
    examples: dict[int, int],
    names: dict[int, str],
    pair: tuple[int, int],
) -> str:
    """Return whether a mistaken window looks like what it is or like what it was taken for."""
    distance = {code: np.linalg.norm(look[row] - look[examples[code]]) for code in pair}
    true, called = pair
    measured = (
        f"Measured by level and spread of the nine channels, the mistaken window is "
        f"{distance[true]:.1f} away from typical {names[true]}, which it is, and "
        f"{distance[called]:.1f} from typical {names[called]}, which it was taken for."
    )
    if distance[called] < distance[true]:
        return f"{measured} By this measure it looks more like what it was taken for."
    return (
        f"{measured} By this measure it looks like what it is; the network went by something else."
    )


def darkest(others: Sequence[str], profile: str) -> str:
    """Say which pair of activities each of other networks confuses most, one line each.

    One run of each, the first seed, as in the lesson that trains it: a mean over seeds would not
    be what the reader saw there.
    """
    said = []
    for name in others:
        with contextlib.suppress(FileNotFoundError):
            first = results.load_runs(profile, [name], quiet=True)[name][0]
            counts = np.array(first.record["metrics"]["confusion"])
            shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
            said.append(f"- {models.title(name)}: {claims.most_confused(shares, ACTIVITIES)}")
    return "\n".join(said) or "There is no run of another network yet."


# --- What we saw --------------------------------------------------------------------------------


def summary(run: Run) -> str:
    """Say in a few points what a lesson's run showed."""
    metrics = run.record["metrics"]
    confusion = np.array(metrics["confusion"])
    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    points = (
        f"Of the windows of people it has never met, {words.the(run.key.name)} recognises "
        f"{_reached(run)}.",
        f"{_who_chose(run)}; the test subjects chose nothing.",
        claims.most_confused(shares, ACTIVITIES),
        f"It has {run.record['n_parameters']:,} parameters and needs "
        f"{run.record['multiply_adds'] / 1e6:.1f} million multiply-adds for a window.",
        "This was one run with one seed; notebook 11 has several of each model.",
    )
    return "\n".join(f"- {point}" for point in points)
