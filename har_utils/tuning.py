"""A search for better settings of the source's networks, kept on disk, shared by all who join it.

Everything is decided on folds of the training subjects; nobody else is looked at.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from har_utils import crossvalidation, files, models, results, sentences, training
from har_utils.dataset import Dataset
from har_utils.recipe import Recipe

if TYPE_CHECKING:
    import keras
    import optuna

say = sentences.beside(__file__)

MAX_EPOCHS = 20
"""A trial trains for at most so many epochs."""

PATIENCE = 5
"""A trial ends after so many epochs in which the held-out people's loss reached no new low."""

WARM_UP = 3
"""No trial is given up before so many epochs."""

RANDOM_TRIALS = 8
"""The first trials are random; from then on the library learns from them."""

ENOUGH = 10
"""Fewer finished trials than that, two for each setting, cannot say what mattered."""

WORST = 99.0
"""The loss of a network whose numbers have overflowed."""

SOURCE = {
    "single_lstm": {"batch_size": 32, "dropout": 0.5},
    "multi_lstm": {"batch_size": 32, "dropout": 0.5},
    "cnn_1d": {"batch_size": 32, "dropout": 0.6},
    "cnn_lstm": {"batch_size": 64, "dropout": 0.5},
}
"""What the source report set differently for each network; trial 0 of every study."""

SOURCE_COMMON = {"learning_rate": 0.001, "weight_decay": 0.0001, "width": 1.0}
"""What it set alike. Its networks had no weight decay: so little of it does nothing."""

SETTINGS = ("learning_rate", "batch_size", "dropout", "weight_decay", "width")
"""What is searched for."""


TICKS = {
    "learning_rate": (0.0001, 0.001, 0.01),
    "batch_size": (16, 32, 64, 128),
    "dropout": (0.0, 0.35, 0.7),
    "weight_decay": (0.0001, 0.001, 0.01, 0.1, 0.3),
    "width": (0.5, 1.0, 1.5),
}
"""Setting → marks on its axis, from one end of its space to the other."""


def space() -> dict[str, optuna.distributions.BaseDistribution]:
    """Return where each setting is searched: on a logarithmic scale what acts as a factor."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    return {
        "learning_rate": FloatDistribution(1e-4, 1e-2, log=True),
        "batch_size": CategoricalDistribution((16, 32, 64, 128)),
        "dropout": FloatDistribution(0.0, 0.7, step=0.05),
        "weight_decay": FloatDistribution(1e-4, 0.3, log=True),
        "width": FloatDistribution(0.5, 1.5, step=0.25),
    }


def source_settings(model: str) -> dict[str, Any]:
    """Return the settings of the source report's network.

    Raises
    ------
    ValueError
        If the source report has no such network.
    """
    if model not in SOURCE:
        raise ValueError(f"no settings to tune of {model!r}; there are {', '.join(SOURCE)}")
    return SOURCE_COMMON | SOURCE[model]


def recipe(settings: dict[str, Any], epochs: int) -> Recipe:
    """Return the recipe of some settings: exactly so many epochs."""
    chosen = {name: settings[name] for name in ("learning_rate", "batch_size", "weight_decay")}
    return Recipe(max_epochs=epochs, choose_epochs=False, **chosen)


def builder(model: str, settings: dict[str, Any]) -> Callable[[], keras.Model]:
    """Return the function that builds a network with some settings."""
    return partial(models.build, model, width=settings["width"], dropout=settings["dropout"])


# --- One trial ----------------------------------------------------------------------------------


def run_trial(
    model: str,
    data: Dataset,
    settings: dict[str, Any],
    seed: int,
    max_epochs: int = MAX_EPOCHS,
    should_prune: Callable[[int, float], bool] = lambda epoch, loss: False,
) -> dict[str, Any]:
    """Train one network per fold with some settings and say what the held-out people lost.

    Parameters
    ----------
    model
        A network of the source report.
    data
        The data set; only its training subjects are used.
    settings
        One value for each of `SETTINGS`.
    seed
        Seed of the initial weights, the order of the windows and dropout.
    max_epochs
        The most epochs.
    should_prune
        Asked after every epoch with its number and the lowest mean loss so far.

    Returns
    -------
    dict
        ``state`` ("complete", or "pruned" if it was given up), ``seed``, ``epochs`` (the number
        with the lowest mean loss over the folds), ``epochs_trained``, ``loss`` and ``accuracy``
        after that epoch, both as mean and per fold, and ``cpu_seconds``.
    """
    started, state = time.process_time(), "complete"
    best: crossvalidation.Epoch | None = None
    network, how = builder(model, settings), recipe(settings, max_epochs)
    for epoch in crossvalidation.epochs(network, data, how, seed):
        if best is None or _mean_loss(epoch) < _mean_loss(best):
            best = epoch
        if should_prune(epoch.number, _mean_loss(best)):
            state = "pruned"
            break
        if epoch.number - best.number >= PATIENCE:
            break
    assert best is not None  # there is at least one epoch
    folds = crossvalidation.folds_with_people(data)
    return {
        "state": state,
        "seed": seed,
        "epochs": best.number,
        "epochs_trained": epoch.number,
        "loss": _mean_loss(best),
        "accuracy": float(best.accuracy.mean()),
        **{f"loss_fold_{k}": float(best.loss[place]) for place, k in enumerate(folds)},
        **{f"accuracy_fold_{k}": float(best.accuracy[place]) for place, k in enumerate(folds)},
        "cpu_seconds": round(time.process_time() - started, 1),
    }


def _mean_loss(epoch: crossvalidation.Epoch) -> float:
    """Return the mean loss over folds, a large number where it overflowed."""
    return float(np.nan_to_num(epoch.loss.mean(), nan=WORST, posinf=WORST))


# --- A study on disk ----------------------------------------------------------------------------


def folder(profile: str) -> Path:
    """Return where a profile's studies are kept: ``build/<profile>/tuning``."""
    return results.build_folder(profile) / "tuning"


def search(
    model: str,
    data: Dataset,
    trials: int,
    profile: str = "lab",
    max_epochs: int = MAX_EPOCHS,
    name: str | None = None,
) -> pd.DataFrame:
    """Do trials until a study has so many, and return them all.

    The study is kept in ``build/<profile>/tuning/<name>/``. Calling this again goes on where it
    stopped; calling it in several processes shares the work. A process that is killed loses the
    trial it was at. With ``REUSE=1`` a new study begins with the published trials. After every
    trial the table is written to ``results/tuning/<name>.csv``.

    Parameters
    ----------
    model
        A network of the source report.
    data
        The data set; only its training subjects are used.
    trials
        How many finished trials the study shall have, those of earlier calls included.
    profile
        Whose build it is.
    max_epochs
        The most epochs of one trial.
    name
        What the study is called; None takes the model's name.

    Returns
    -------
    DataFrame
        One row per trial (see `read`).

    Raises
    ------
    ValueError
        If there is no such network, a number makes no sense, or the study's file is damaged.
    """
    if trials < 1 or max_epochs < 1:
        raise ValueError(f"{trials} trials of {max_epochs} epochs: at least one of each is needed")
    study = Study(model, data, profile, max_epochs, name)
    if there := int((study.table()["state"] != "failed").sum()):
        print(f"{study.name}: {there} trials are there, {trials} are wanted", flush=True)
    while (trial := study.next(trials)) is not None:
        study.do(trial)
    return study.table()


class Study:
    """One study, opened by one process.

    Optuna keeps it as a journal: a text file to which every process only ever appends a line.
    Unlike a database file that also works on the network disks of clusters. A trial's file in
    ``running/`` is locked as long as the process that does the trial lives, so that what a killed
    process left behind is noticed at once.
    """

    def __init__(
        self,
        model: str,
        data: Dataset,
        profile: str = "lab",
        max_epochs: int = MAX_EPOCHS,
        name: str | None = None,
    ) -> None:
        self.model, self.data, self.max_epochs = model, data, max_epochs
        self.name = name or model
        first = source_settings(model)
        self.folder, self.results = folder(profile) / self.name, results.results_folder(profile)
        self.digest = digest(model, data, max_epochs)[:12]
        self._locks: dict[int, Any] = {}
        (self.folder / "running").mkdir(parents=True, exist_ok=True)
        with _locked(self.folder / "lock"):
            self._study = _open(self.folder / "journal.log", self.digest)
            if not self._study.get_trials(deepcopy=False):
                self._begin(first)

    def _begin(self, first: dict[str, Any]) -> None:
        """Take over the published trials with ``REUSE=1`` if the same code did them on these data.

        Otherwise the source's settings are the first trial.
        """
        path = table_file(results.published_folder(), self.name)
        reuse = os.environ.get("REUSE") == "1"
        table = pd.read_csv(path) if reuse and path.exists() else pd.DataFrame()
        if table.empty or set(table["digest"]) != {self.digest}:
            self._study.enqueue_trial(first)
            return
        self._study.add_trials([_as_trial(row) for row in table.to_dict("records")])
        print(f"{self.name}: goes on from {files.shown(path)}", flush=True)

    def next(self, trials: int) -> optuna.Trial | None:
        """Return a new trial with its settings, or None if there are enough."""
        import optuna

        with _locked(self.folder / "lock"):
            self._fail_abandoned()
            states = [trial.state.name for trial in self._study.get_trials(deepcopy=False)]
            if sum(state in ("COMPLETE", "PRUNED", "RUNNING") for state in states) >= trials:
                return None
            number = states.index("WAITING") if "WAITING" in states else len(states)
            self._study.sampler = optuna.samplers.TPESampler(
                seed=self._seed(number), n_startup_trials=RANDOM_TRIALS
            )
            trial = self._study.ask(space())
            self._locks[trial.number] = _try_lock(self._lock_file(trial.number))
            return trial

    def do(self, trial: optuna.Trial) -> None:
        """Do a trial and write down what came out."""

        def should_prune(epoch: int, loss: float) -> bool:
            trial.report(loss, epoch)
            return trial.should_prune()

        settings = _rounded(trial.params)
        shown = ", ".join(f"{name.replace('_', ' ')} {settings[name]:g}" for name in SETTINGS)
        print(f"{self.name}, trial {trial.number}: {shown}", flush=True)
        seed = self._seed(trial.number)
        try:
            row = run_trial(self.model, self.data, settings, seed, self.max_epochs, should_prune)
            trial.set_user_attr("row", row)
            with _locked(self.folder / "lock"):
                self._study.tell(trial, **_answer(row))
                table = self.table()
                write(table, table_file(self.results, self.name))
        finally:
            self._locks.pop(trial.number).close()
        print(f"{self.name}, trial {trial.number}: {_outcome(row, table)}", flush=True)

    def _seed(self, number: int) -> int:
        """Return what decides a trial's random numbers, whichever process does it: its number.

        Published trials are numbered anew when a study takes them over, without those that were
        lost; the numbers that come after them must not be seeds that they have had.
        """
        trials = self._study.get_trials(deepcopy=False)
        rows = {trial.number: trial.user_attrs.get("row") for trial in trials}
        ahead = [int(row["seed"]) - at for at, row in rows.items() if row is not None]
        return number + max([0, *ahead])

    def table(self) -> pd.DataFrame:
        """Return the trials that are over, one row each."""
        rows = [
            {
                "trial": trial.number,
                "state": "failed",
                **_rounded(trial.params),
                **trial.user_attrs.get("row", {}),
                "digest": self.digest,
            }
            for trial in self._study.get_trials(deepcopy=False)
            if trial.state.is_finished()
        ]
        return pd.DataFrame(rows, columns=columns(self.data))

    def _lock_file(self, number: int) -> Path:
        """Return the file that is locked while a trial is being done."""
        return self.folder / "running" / f"{self.digest}-{number}"

    def _fail_abandoned(self) -> None:
        """Declare the trials failed whose process is no more; their settings get another go."""
        import optuna

        for trial in self._study.get_trials(states=(optuna.trial.TrialState.RUNNING,)):
            lock = _try_lock(self._lock_file(trial.number))
            if lock is not None:
                self._study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
                self._study.enqueue_trial(trial.params)
                lock.close()
                print(f"{self.name}, trial {trial.number}: lost with the process that did it")


def digest(model: str, data: Dataset, max_epochs: int = MAX_EPOCHS) -> str:
    """Return the digest of everything that decides what comes out of a study's trials."""
    probe = dict.fromkeys(SETTINGS, 0.25) | {"batch_size": 16}
    return results.run_digest(
        data=data.train.digest,
        folds=data.folds,
        space={name: repr(where) for name, where in space().items()},
        recipe=recipe(probe, max_epochs).settings(),
        architecture=models.configuration(builder(model, probe)()),
        rules=[PATIENCE, WARM_UP, RANDOM_TRIALS],
        code=results.code_digest((*training.CODE, "crossvalidation")),
        versions=results.versions(),
    )


def _open(journal: Path, name: str) -> optuna.Study:
    """Open a study in its journal, or begin it."""
    optuna = _quiet_optuna()
    from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

    lock = JournalFileOpenLock(str(journal))
    _cut_partial_line(journal, lock)
    try:
        storage = optuna.storages.JournalStorage(JournalFileBackend(str(journal), lock))
        return optuna.create_study(
            storage=storage,
            study_name=name,
            direction="minimize",
            pruner=optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=WARM_UP),
            load_if_exists=True,
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{files.shown(journal)} is damaged ({error}): delete its folder and begin anew"
        ) from None


def _quiet_optuna() -> ModuleType:
    """Return the library, told not to announce every study."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def _cut_partial_line(journal: Path, lock: Any) -> None:
    """Cut off a last line that was not written to its end (the power went, the disk was full)."""
    if not journal.exists():
        return
    lock.acquire()
    try:
        content = journal.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            with journal.open("r+b") as file:
                file.truncate(whole)
    finally:
        lock.release()


def _try_lock(path: Path) -> Any | None:
    """Lock a file for as long as this process lives; None if another process has it."""
    import fcntl  # not on Windows, where the course runs inside WSL

    file = path.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Let one process at a time into the ``with`` block."""
    import fcntl

    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _rounded(settings: dict[str, Any]) -> dict[str, Any]:
    """Return settings in three digits: what the table shows is exactly what was used."""
    return {
        name: float(f"{value:.3g}") if isinstance(value, float) else value
        for name, value in settings.items()
    }


def _as_trial(row: dict[str, Any]) -> optuna.trial.FrozenTrial:
    """Return a row of a table as the library remembers a trial."""
    import optuna

    state = {"complete": "COMPLETE", "pruned": "PRUNED", "failed": "FAIL"}[row["state"]]
    outside = {"trial", "digest", *SETTINGS}
    happened = {name: value for name, value in row.items() if name not in outside}
    return optuna.trial.create_trial(
        state=optuna.trial.TrialState[state],
        params={name: row[name] for name in SETTINGS},
        distributions=space(),
        value=row["loss"] if state == "COMPLETE" else None,
        user_attrs={} if state == "FAIL" else {"row": happened},
    )


def _answer(row: dict[str, Any]) -> dict[str, Any]:
    """Return what Optuna is told of a trial."""
    import optuna

    if row["state"] == "pruned":
        return {"state": optuna.trial.TrialState.PRUNED}
    return {"values": row["loss"]}


def _outcome(row: dict[str, Any], table: pd.DataFrame) -> str:
    """Say in a line what came out of a trial, and what is best so far."""
    return say(
        "outcome",
        given_up=row["state"] == "pruned",
        loss=row.get("loss"),
        n_epochs=row["epochs_trained"],
        n_trials=len(table),
        best=finished(table)["loss"].min(),
    )


# --- The table ----------------------------------------------------------------------------------


def columns(data: Dataset) -> list[str]:
    """Return the columns of a study's table."""
    folds = crossvalidation.folds_with_people(data)
    return [
        *("trial", "state", *SETTINGS, "seed", "epochs", "epochs_trained", "loss", "accuracy"),
        *(f"{score}_fold_{k}" for score in ("loss", "accuracy") for k in folds),
        *("cpu_seconds", "digest"),
    ]


def write(table: pd.DataFrame, path: Path) -> Path:
    """Write a study's table, whole or not at all."""
    counts = {"seed": "Int64", "epochs": "Int64", "epochs_trained": "Int64"}
    return files.write_table(path, table.astype(counts), "%.6g")


def table_file(folder: Path, name: str) -> Path:
    """Return the file of a study's table in a results folder."""
    return folder / "tuning" / f"{name}.csv"


def read(profile: str, name: str, quiet: bool = False) -> pd.DataFrame:
    """Read a study's table: the profile's own, else the published one.

    Returns
    -------
    DataFrame
        One row per trial: ``trial`` (its number), ``state`` ("complete", "pruned" for given up
        early, "failed"), one column for each of `SETTINGS`, ``seed``, ``epochs``,
        ``epochs_trained``, ``loss`` (mean negative log-likelihood over the folds), ``accuracy``
        (fraction), both also per fold (``loss_fold_0`` …), ``cpu_seconds``, and ``digest`` of the
        data and the code.

    Raises
    ------
    FileNotFoundError
        If no place has it.
    ValueError
        If the file is damaged.
    """
    paths = [table_file(place, name) for place in results.sources(profile)]
    path = next((path for path in paths if path.exists()), None)
    if path is None:
        places = " nor ".join(map(files.shown, paths))
        raise FileNotFoundError(
            f"neither {places} exists: python -m har_utils tune {name} --trials 20"
        )
    if not quiet:
        print(f"Trials from {files.shown(path)}")
    try:
        table = pd.read_csv(path)
        table[["trial", "state", *SETTINGS, "epochs", "loss", "accuracy", "digest"]]
    except (ValueError, KeyError) as error:
        raise ValueError(f"{files.shown(path)} is damaged ({error}): delete it") from None
    return table


def finished(table: pd.DataFrame) -> pd.DataFrame:
    """Return the trials that were not given up and did not fail."""
    return table[table["state"] == "complete"]


def settings_of(row: pd.Series) -> dict[str, Any]:
    """Return the settings in a row of a table."""
    return {name: float(row[name]) for name in SETTINGS} | {"batch_size": int(row["batch_size"])}


def source_trial(model: str, table: pd.DataFrame) -> pd.Series | None:
    """Return the first finished trial with the source report's settings, if there is one."""
    source = source_settings(model)
    same = (finished(table)[list(SETTINGS)] == [source[name] for name in SETTINGS]).all(axis=1)
    return finished(table)[same].iloc[0] if same.any() else None


@dataclass(frozen=True)
class Best:
    """The settings a study found, ready to train with.

    Attributes
    ----------
    trial
        Its row of the table.
    recipe
        How to train, the number of epochs included.
    build_model
        Function that builds the network.
    """

    trial: pd.Series
    recipe: Recipe
    build_model: Callable[[], keras.Model]


def best(model: str, profile: str = "lab") -> Best:
    """Return the settings with the lowest mean loss on the people held out.

    Raises
    ------
    FileNotFoundError, ValueError
        If there is no study of this network, or no trial of it came to its end.
    """
    source_settings(model)
    table = finished(read(profile, model))
    if table.empty:
        raise ValueError(f"no trial of {model} came to its end: do more of them")
    row = table.loc[table["loss"].idxmin()]
    settings = settings_of(row)
    return Best(row, recipe(settings, int(row["epochs"])), builder(model, settings))


def importance(table: pd.DataFrame) -> pd.Series:
    """Return how much of the differences in loss each setting explains, largest first.

    A random forest learns the loss from the settings of the finished trials; what share of its
    variance goes with one setting alone is that setting's part (Hutter, Hoos & Leyton-Brown 2014,
    "An efficient approach for assessing hyperparameter importance"). The parts add up to less than
    one: the rest goes with several settings together.

    Raises
    ------
    ValueError
        If fewer than `ENOUGH` trials are finished, or all of them lost the same.
    """
    optuna = _quiet_optuna()
    done = finished(table)
    if len(done) < ENOUGH or done["loss"].nunique() < 2:
        raise ValueError(f"{len(done)} finished trials say nothing of importance: do more of them")
    where = space()
    study = optuna.create_study()
    for row in done.to_dict("records"):
        settings = {name: row[name] for name in SETTINGS}
        study.add_trial(
            optuna.create_trial(params=settings, distributions=where, value=row["loss"])
        )
    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=0)
    return pd.Series(evaluator.evaluate(study)).sort_values(ascending=False)


# --- What a search says -------------------------------------------------------------------------


def searched(model: str, table: pd.DataFrame) -> str:
    """Say what a search found."""
    done, source = finished(table), source_trial(model, table)
    best = done.loc[done["loss"].idxmin()]
    return say(
        "searched",
        model=model,
        n_trials=len(table),
        n_given_up=(table["state"] == "pruned").sum(),
        source=None if source is None else source["loss"],
        number=best["trial"],
        best=best["loss"],
    )


def mattered(model: str, parts: pd.Series | None) -> str:
    """Say which settings explain most of the differences; None where there were too few trials."""
    if parts is None:
        return say("too_few", model=model)
    settings = [{"name": name.replace("_", " "), "share": share} for name, share in parts.items()]
    return say("mattered", model=model, settings=settings)


def repeated(again: pd.DataFrame) -> str:
    """Say what became of the best and a middling trial with another seed.

    Parameters
    ----------
    again
        Rows ``best`` and ``middle``; the loss as it was, then with another seed.
    """
    change = again.iloc[:, 1] - again.iloc[:, 0]
    before, after = again.loc["middle"] - again.loc["best"]
    return say("repeated", best=change["best"], middle=change["middle"], before=before, after=after)


def gain(model: str, source: float, promised: float, kept: float) -> str:
    """Say how much of what the best trial promised is left where others choose.

    Parameters
    ----------
    model
        Which network.
    source
        Loss with the source's settings.
    promised
        Loss of the best trial, on the folds that chose it.
    kept
        Mean loss, on each fold, of the trial that the other folds choose.
    """
    promise = source - promised
    left = (source - kept) / promise if promise > 0 else None
    return say("gain", model=model, promise=promise, left=left)


def recognised(model: str, table: pd.DataFrame) -> str:
    """Say how many windows of people held out are recognised, before and after."""
    done, source = finished(table), source_trial(model, table)
    return say(
        "recognised",
        model=model,
        source=None if source is None else source["accuracy"],
        best=done.loc[done["loss"].idxmin(), "accuracy"],
    )
