"""The protocol: choose the number of epochs, refit, predict the test subjects once, write it down.

A run whose digest matches one in the profile's build is read instead of repeated.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from har_utils import augmentation, metrics, models, results
from har_utils.dataset import Dataset, assert_disjoint_subjects
from har_utils.models import prepare
from har_utils.recipe import Recipe as Recipe
from har_utils.results import Key, Run

if TYPE_CHECKING:
    import keras

# What this file does is part of every published run's digest. Where a type is known to the reader
# only, a comment says so until the next full retraining.
CODE = ("metrics", "training")
"""The modules whose code is part of every run's digest."""

AUGMENTING_CODE = (*CODE, "augmentation")
"""The same for runs whose training windows or targets are altered."""

PREDICT_BATCH = 256
"""Windows predicted at a time; any number gives the same predictions."""


@dataclass(frozen=True)
class _Job:
    """One run to do, with everything it needs."""

    key: Key
    build_model: Callable[[], keras.Model]
    data: Dataset
    recipe: Recipe
    profile: str
    validation_fold: int
    progress: bool
    teachers: Sequence[Run] = ()

    @property
    def selects(self) -> bool:
        """Whether the number of epochs is chosen on held-out subjects."""
        return self.recipe.choose_epochs

    @property
    def code(self) -> str:
        """Digest of the code that the run depends on."""
        return results.code_digest(AUGMENTING_CODE if self.recipe.alters else CODE)

    @property
    def folder(self) -> Path:
        """Where the run is written."""
        return results.results_folder(self.profile)


def run(
    model_name: str,
    build_model: Callable[[], keras.Model],
    data: Dataset,
    recipe: Recipe,
    seed: int = 0,
    profile: str = "lab",
    variant: str | None = None,
    fold: int | None = None,
    validation_fold: int = 0,
    progress: bool = True,
    teachers: Sequence[Run] = (),
) -> Run:
    """Train one network by the protocol and write the run, or read it if it is already there.

    Without ``fold``: the number of epochs is the one with the lowest loss on the subjects of
    ``validation_fold`` (seed 0, at most ``recipe.max_epochs``); a new network is then trained on
    all training subjects for that many epochs, and predicts the test subjects once.

    With ``fold``: a network is trained on the other folds for ``recipe.max_epochs``, keeps the
    weights of its best epoch, and predicts the fold. (The run of ``validation_fold`` with seed 0
    is the one that chooses the epochs, so it is trained once for all seeds.)

    A recipe with ``choose_epochs=False`` chooses nothing: it trains for ``recipe.max_epochs`` and
    takes the last.

    Parameters
    ----------
    model_name
        What the run is called; letters, digits and ``_``.
    build_model
        Function without arguments that returns a new network, ``(n, 128, 9)`` → ``(n, 6)``.
    data
        The data set, training and test subjects.
    recipe
        How to train.
    seed
        Seed of the initial weights, the order of the windows and dropout.
    profile
        Whose build it is written to.
    variant
        Which variant of the model, for example "paper"; None is our protocol.
    fold
        Held-out fold, 0 to 4; None for a final run.
    validation_fold
        The fold on which the number of epochs is chosen.
    progress
        Say how far it is.
    teachers
        Runs whose networks the new one shall imitate (``recipe.distillation`` says how much).
        They must have been trained on nobody but the subjects the new network is trained on.

    Returns
    -------
    Run
        Final runs predict the test subjects, runs of a fold that fold's subjects.

    Raises
    ------
    ValueError
        If the data lacks the subjects the run needs, or the network does not fit the data.
    """
    keras = prepare()
    key = Key(model_name, variant, fold, seed)
    job = _Job(key, build_model, data, recipe, profile, validation_fold, progress, teachers)
    _check(job, keras)
    digest = _digest(job)
    done = _read_back(job, digest)
    if done is not None:
        return done
    return _final_run(job, digest) if fold is None else _fold_run(job, digest)


def _check(job: _Job, keras: Any) -> None:
    """Raise ``ValueError`` with advice where a job cannot work."""
    if not job.key.model.isidentifier():
        raise ValueError(f"{job.key.model!r} cannot name a model: use letters, digits and _")
    if isinstance(job.build_model, keras.Model):
        raise ValueError("give the function that builds the network, not a network it built")
    if job.recipe.max_epochs < 1 or job.recipe.batch_size < 1:
        raise ValueError(f"epochs and batch size must be at least 1: {job.recipe}")
    for part in ("train", "test") if job.key.fold is None else ("train",):
        if len(getattr(job.data, part)) == 0:
            raise ValueError(f"the data has no {part} subjects: give run() all of dataset.load()")


def _digest(job: _Job) -> str:
    """Return the digest of everything the run depends on."""
    model = job.build_model()
    _check_shapes(model, job.data)
    return results.run_digest(
        key=asdict(job.key),
        recipe=job.recipe.settings(),
        validation_fold=job.validation_fold if job.key.fold is None and job.selects else None,
        data=job.data.digest,
        architecture=models.configuration(model),
        code=job.code,
        versions=results.versions(),
        teachers=[teacher.record["digest"] for teacher in job.teachers],
    )


def _check_shapes(model: keras.Model, data: Dataset) -> None:
    """Raise ``ValueError`` unless a network reads these windows and names these activities."""
    expected = (None, *data.windows.shape[1:])
    if model.input_shape != expected:
        raise ValueError(f"the network reads {model.input_shape}, the windows are {expected}")
    needed = int(data.labels.max()) + 1
    if len(model.output_shape) != 2 or model.output_shape[1] < needed:
        raise ValueError(
            f"the network gives {model.output_shape}, it must give (None, {needed}): end it with "
            f"Dense({needed}, activation='softmax') on one vector per window"
        )


def _read_back(job: _Job, digest: str) -> Run | None:
    """Return the run if it was done before with the same inputs.

    The place is the profile's own build; with ``REUSE=1`` also the published results, from where
    the run is copied.
    """
    places = [job.folder]
    if os.environ.get("REUSE") == "1":
        places.append(results.published_folder())
    for folder in places:
        try:
            done = results.read_run(folder, job.key)
        except FileNotFoundError:
            continue
        except ValueError as error:
            print(f"{error} (doing that now)")
            continue
        if done.record["digest"] == digest:
            where = results.shown(results.run_file(folder, job.key, ".json"))
            print(f"Nothing changed since this run was done: read from {where}")
            return done if folder == job.folder else results.write_run(job.folder, done)
    return None


# --- The two kinds of run -----------------------------------------------------------------------


def _fold_run(job: _Job, digest: str) -> Run:
    """Train without a fold, keep the best epoch, predict the fold."""
    train, validation = job.data.fold(job.key.fold)  # type: ignore[arg-type]
    assert_disjoint_subjects(train, validation)
    clock = _Clock()
    with clock.phase("select"):
        model, history = _fit(job, train, job.recipe.max_epochs, validation)
    with clock.phase("predict"):
        probability = predict(model, validation.windows)
    best = int(np.argmin(history["val_loss"])) + 1 if job.selects else job.recipe.max_epochs
    facts = {
        "epochs": {"cap": job.recipe.max_epochs, "chosen": best},
        "history": {"select": history, "refit": {}},
        "test_touches": 0,
    }
    return _write(job, digest, model, train, validation, probability, facts, clock)


def _final_run(job: _Job, digest: str) -> Run:
    """Choose the number of epochs, refit on all training subjects, predict the test subjects."""
    train, test = job.data.train, job.data.test
    assert_disjoint_subjects(train, test)
    epochs, selection = _chosen_epochs(job)
    clock = _Clock()
    with clock.phase("refit"):
        model, history = _fit(job, train, epochs)
    before = count_touches(job.profile, job.key)
    with clock.phase("predict"):
        probability = predict_test(model, job.data, job.profile, job.key)
    facts = {
        "epochs": {"cap": job.recipe.max_epochs, "chosen": epochs},
        "history": {"select": selection, "refit": history},
        "test_touches": count_touches(job.profile, job.key) - before,
    }
    return _write(job, digest, model, train, test, probability, facts, clock)


def _chosen_epochs(job: _Job) -> tuple[int, dict[str, list[float]]]:
    """Return the number of epochs to train, and the history of the run that chose it."""
    if not job.selects:
        return job.recipe.max_epochs, {}
    selection = run(
        job.key.model,
        job.build_model,
        job.data,
        job.recipe,
        seed=0,
        profile=job.profile,
        variant=job.key.variant,
        fold=job.validation_fold,
        progress=job.progress,
        teachers=job.teachers,
    )
    return selection.record["epochs"]["chosen"], selection.record["history"]["select"]  # type: ignore[return-value]


def _write(
    job: _Job,
    digest: str,
    model: keras.Model,
    train: Dataset,
    predicted: Dataset,
    probability: np.ndarray,
    facts: dict[str, Any],
    clock: _Clock,
) -> Run:
    """Write a finished run with its weights."""
    record = {
        **_record(job.key, job.data, predicted, probability, job.profile),
        **facts,
        "code_digest": job.code,
        "digest": digest,
        "recipe": job.recipe.settings(),
        "trained_on": _people(train),
        "n_parameters": model.count_params(),
        "multiply_adds": models.multiply_adds(model),
    }
    return results.write_run(
        job.folder, _run(job.key, record, predicted, probability, clock.timing()), weights=model
    )


# --- Training and predicting --------------------------------------------------------------------


def _compile(model: keras.Model, recipe: Recipe, n_steps: int) -> None:
    """Give a network its loss and its optimiser for a training of so many steps."""
    import keras

    rate = recipe.learning_rate
    if recipe.cosine:
        rate = keras.optimizers.schedules.CosineDecay(rate, n_steps)
    optimizer = (
        keras.optimizers.AdamW(rate, weight_decay=recipe.weight_decay)
        if recipe.weight_decay
        else keras.optimizers.Adam(rate)
    )
    loss = "categorical_crossentropy" if recipe.alters else "sparse_categorical_crossentropy"
    model.compile(optimizer=optimizer, loss=loss, metrics=["accuracy"])


def _fit(
    job: _Job, train: Dataset, epochs: int, validation: Dataset | None = None
) -> tuple[keras.Model, dict[str, list[float]]]:
    """Train a new network.

    With ``validation`` the scores on it are recorded at every epoch and, if the job chooses its
    number of epochs, the weights of the best one are kept.
    """
    import keras

    keras.backend.clear_session()  # layers are counted from zero: same run, same weights file
    teachers = _teachers(job, train)
    keras.utils.set_random_seed(job.key.seed)
    model = job.build_model()
    _compile(model, job.recipe, epochs * max(1, len(train) // job.recipe.batch_size))
    callbacks = [_reporter(job, epochs, validation is not None)] if job.progress else []
    if validation is not None and job.selects:
        callbacks.append(_best_weights())
    fitted = model.fit(
        **_training_data(job, train, model.output_shape[1], teachers),
        epochs=epochs,
        validation_data=None if validation is None else _held_out(job, validation, model),
        validation_batch_size=PREDICT_BATCH,
        callbacks=callbacks,
        verbose=0,
    )
    return model, {
        name: [float(value) for value in fitted.history[name]] for name in fitted.history
    }


def _training_data(
    job: _Job, train: Dataset, n_classes: int, teachers: Sequence[keras.Model]
) -> dict[str, Any]:
    """Return what ``fit`` trains on: the windows as they are, or as the recipe alters them."""
    recipe = job.recipe
    if not recipe.alters:
        return {"x": train.windows, "y": train.labels, "batch_size": recipe.batch_size}
    seed = job.key.seed
    shown = augmentation.batches(train.windows, train.labels, n_classes, recipe, seed, teachers)
    return {"x": shown, "shuffle": False}


def _held_out(job: _Job, data: Dataset, model: keras.Model) -> tuple[np.ndarray, np.ndarray]:
    """Return windows and labels to score at every epoch, in the form the loss wants them."""
    if not job.recipe.alters:
        return data.windows, data.labels
    return data.windows, np.eye(model.output_shape[1], dtype=np.float32)[data.labels]


def _teachers(job: _Job, train: Dataset) -> list[keras.Model]:
    """Load the networks to imitate; none of them may know anybody outside the training data."""
    import keras

    strangers = {
        person for teacher in job.teachers for person in teacher.record["trained_on"]
    } - set(_people(train))
    if strangers:
        raise ValueError(f"a teacher was trained on subjects {sorted(strangers)}, held out here")
    files = [results.run_file(teacher.folder, teacher.key, ".keras") for teacher in job.teachers]
    return [keras.models.load_model(file, compile=False) for file in files]


def predict(model: keras.Model, windows: np.ndarray) -> np.ndarray:
    """Return a network's probabilities for windows.

    Parameters
    ----------
    model
        A trained network.
    windows
        ``(n, 128, 9)`` float32.

    Returns
    -------
    ndarray
        ``(n, n_classes)`` float32.
    """
    return np.asarray(model.predict(windows, batch_size=PREDICT_BATCH, verbose=0), np.float32)


def predict_test(model: keras.Model, data: Dataset, profile: str, key: Key) -> np.ndarray:
    """Return a network's probabilities for the test subjects, and record that it saw them.

    This is the only way from a network to the test subjects; ``count_touches`` counts.

    Parameters
    ----------
    model
        A trained network.
    data
        The data set.
    profile, key
        Whose touch it is.

    Returns
    -------
    ndarray
        ``(len(data.test), n_classes)`` float32.
    """
    _touch(profile, key)
    return predict(model, data.test.windows)


def _touch_file(profile: str) -> Path:
    """Return the file with one line per time that a model saw the test subjects."""
    return results.build_folder(profile) / "test-touches.jsonl"


def _touch(profile: str, key: Key) -> None:
    """Add a line to the record of touches; short appended lines of parallel jobs do not mix."""
    path = _touch_file(profile)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(key)) + "\n")


def count_touches(profile: str, key: Key) -> int:
    """Return how often a model has seen the test subjects, over all its repetitions."""
    path = _touch_file(profile)
    if not path.exists():
        return 0
    lines = path.read_text(encoding="utf-8").splitlines()
    return lines.count(json.dumps(asdict(key)))


# --- What happens at the end of an epoch --------------------------------------------------------


def _best_weights() -> keras.callbacks.Callback:
    """Return a callback that ends training with the weights of the lowest validation loss."""
    import keras

    class BestWeights(keras.callbacks.Callback):
        loss, weights = np.inf, None

        def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
            if logs["val_loss"] < self.loss:
                self.loss, self.weights = logs["val_loss"], self.model.get_weights()

        def on_train_end(self, logs: dict[str, float] | None = None) -> None:
            self.model.set_weights(self.weights)

    return BestWeights()


def is_live() -> bool:
    """Return whether somebody looks at this notebook while it runs (JupyterLab, VS Code)."""
    return "JPY_SESSION_NAME" in os.environ or "VSCODE_PID" in os.environ


def _reporter(job: _Job, epochs: int, chooses: bool) -> keras.callbacks.Callback:
    """Return a callback that says how far training is: a bar, or a line now and then."""
    import keras

    task = f"{models.title(job.key.name)}, seed {job.key.seed}, " + (
        f"without fold {job.key.fold}" if chooses else "all training subjects"
    )
    every = max(1, round(epochs / 5))
    bar = _bar(task, epochs) if is_live() else None

    class Reporter(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
            present = [name for name in _SHOWN if name in logs]
            scores = ", ".join(f"{_SHOWN[name]} {logs[name]:.3f}" for name in present)
            if bar is not None:
                bar.set_postfix_str(scores, refresh=False)
                bar.update()
            elif (epoch + 1) % every == 0 or epoch + 1 == epochs:
                print(f"{task}: epoch {epoch + 1} of {epochs}, {scores}", flush=True)

        def on_train_end(self, logs: dict[str, float] | None = None) -> None:
            if bar is not None:
                bar.close()

    return Reporter()


_SHOWN = {
    "loss": "loss",
    "accuracy": "accuracy",
    "val_loss": "validation loss",
    "val_accuracy": "validation accuracy",
}


def _bar(task: str, epochs: int) -> Any:
    """Return a progress bar for JupyterLab."""
    from tqdm.auto import tqdm

    return tqdm(total=epochs, desc=task, unit="epoch")


# --- Times --------------------------------------------------------------------------------------


class _Clock:
    """Measures the phases of a run in seconds of wall and processor time."""

    def __init__(self) -> None:
        self.seconds: dict[str, dict[str, float | None]] = {}

    @contextlib.contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Measure what happens inside the ``with`` block."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.seconds[name] = {
            "wall": round(time.perf_counter() - wall, 3),
            "cpu": round(time.process_time() - cpu, 3),
        }

    def timing(self) -> dict[str, Any]:
        """Return the content of a run's timing file."""
        return {
            "schema": results.SCHEMA,
            "threads": _threads(),
            "machine": machine(),
            "seconds": self.seconds,
        }


def _threads() -> int:
    """Return how many threads TensorFlow uses for one operation; 1 where it is not loaded."""
    tensorflow = sys.modules.get("tensorflow")
    if tensorflow is None:
        return 1
    return tensorflow.config.threading.get_intra_op_parallelism_threads()


def machine() -> dict[str, Any]:
    """Return the processor's name and the number of cores, and nothing that names the machine."""
    name = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                name = line.split(":", 1)[1].strip()
                break
    return {"processor": name, "cores": os.cpu_count()}


# --- Records ------------------------------------------------------------------------------------


def _people(data: Dataset) -> list[int]:
    """Return who is in the data, sorted."""
    return sorted(set(data.subjects.tolist()))


def _record(
    key: Key,
    data: Dataset,
    predicted: Dataset,
    probability: np.ndarray,
    profile: str,
    probability_kind: str = "softmax",
) -> dict[str, Any]:
    """Return the part of a record that every kind of run has."""
    return {
        "schema": results.SCHEMA,
        **asdict(key),
        "profile": profile,
        "data": {"source": data.source, "digest": data.digest},
        "code_digest": results.code_digest(CODE),
        "versions": results.versions(),
        "probability_kind": probability_kind,
        "predicted": _people(predicted),
        "metrics": metrics.score(
            predicted.labels,
            probability,
            predicted.subjects,
            n_classes=probability.shape[1],
            probability_kind=probability_kind,
        ),
    }


def _run(
    key: Key,
    record: dict[str, Any],
    predicted: Dataset,
    probability: np.ndarray,
    timing: dict[str, Any],
) -> Run:
    """Return a run with its predictions in the types they are stored in."""
    return Run(
        key=key,
        record=record,  # type: ignore[arg-type]
        probability=np.asarray(probability, np.float32),
        activity=predicted.labels.astype(np.int8),
        row=predicted.rows.astype(np.int32),
        subject=predicted.subjects.astype(np.int8),
        timing=timing,
    )


def record_classical(
    model_name: str,
    probability: np.ndarray,
    data: Dataset,
    seed: int = 0,
    profile: str = "lab",
    variant: str | None = None,
    probability_kind: str = "softmax",
    fit_seconds: float | None = None,
    chosen: dict[str, Any] | None = None,
    n_parameters: int | None = None,
) -> Run:
    """Write the run of a model that was fitted elsewhere, for example with scikit-learn.

    Parameters
    ----------
    model_name
        What the run is called.
    probability
        ``(len(data.test), n_classes)``: what the fitted model gave for the test subjects.
    data
        The data set.
    seed, profile, variant
        As in ``run``.
    probability_kind
        "softmax" for probabilities, "score" for numbers that only rank the activities (the
        softmax of a decision function).
    fit_seconds
        Wall seconds of fitting.
    chosen
        The hyperparameters that were chosen, by name.
    n_parameters
        How many numbers the model learned, where that can be said.

    Returns
    -------
    Run

    Raises
    ------
    ValueError
        If there is not one row per test window.
    """
    # float32 first: scores and predictions must come from the very numbers that are stored.
    probability = np.asarray(probability, np.float32)
    if probability.ndim != 2 or len(probability) != len(data.test):
        raise ValueError(
            f"{model_name}: probabilities are {probability.shape}, the test subjects have "
            f"{len(data.test)} windows"
        )
    key = Key(model_name, variant, None, seed)
    before = count_touches(profile, key)
    _touch(profile, key)
    record = _record(key, data, data.test, probability, profile, probability_kind)
    record |= {
        "n_parameters": n_parameters,
        "multiply_adds": None,
        "epochs": {"cap": None, "chosen": None},
        "history": {"select": {}, "refit": {}},
        "chosen": chosen or {},
        "trained_on": _people(data.train),
        "test_touches": count_touches(profile, key) - before,
    }
    record["digest"] = results.run_digest(
        key=asdict(key),
        chosen=record["chosen"],
        data=data.digest,
        code=record["code_digest"],
        versions=record["versions"],
    )
    clock = _Clock()
    clock.seconds["refit"] = {"wall": fit_seconds, "cpu": None}
    finished = _run(key, record, data.test, probability, clock.timing())
    return results.write_run(results.results_folder(profile), finished)
