"""How well does what is trained within a budget do? Measures what ``budgets.yaml`` lists.

Each training is a process of its own, on one thread, and is read instead of repeated where it was
done before. ``--publish`` writes the table that lesson 11 shows; it must be whole.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from har_utils import dataset, files, models, recipe, results, training
from har_utils.dataset import Dataset
from har_utils.models import rocket

LIST = Path(__file__).with_suffix(".yaml")
BUILD = files.REPOSITORY / "build" / "bench" / "budgets"
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

Listed = tuple[str, int, int]
"""Method, what it may spend, fold."""


def main() -> int:
    """Measure what is listed and not there yet; or, called by itself, measure one training."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--one", nargs=3, metavar=("METHOD", "EFFORT", "FOLD"))
    parser.add_argument("--share", default="1/1", help="1/2: the first of two halves of the list")
    parser.add_argument("--publish", action="store_true", help="write what lesson 11 shows")
    options = parser.parse_args()
    if options.one:
        method, effort, fold = options.one
        print(json.dumps(measure(method, int(effort), int(fold))))
        return 0
    part, parts = map(int, options.share.split("/"))
    for each in list(listed())[part - 1 :: parts]:
        print(*each, _measured(*each), flush=True)
    if options.publish:
        publish()
    return 0


def listed() -> Iterator[Listed]:
    """Yield what is measured, fold by fold, so that all methods meet the machine's moods alike."""
    content = yaml.safe_load(LIST.read_text("utf-8"))
    for fold in content["folds"]:
        for method, efforts in content["methods"].items():
            for effort in efforts:
                yield method, effort, fold


def _measured(method: str, effort: int, fold: int) -> dict[str, Any]:
    """Return one measurement, made in a new process or read."""
    path = BUILD / f"{method}-{effort}-{fold}.json"
    if not path.exists():
        command = [sys.executable, __file__, "--one", method, str(effort), str(fold)]
        done = subprocess.run(command, env=os.environ | ONE_THREAD, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"budgets: {method} failed:\n{done.stderr[-2000:]}")
        files.write_json(path, json.loads(done.stdout.split("\n")[-2]))
    return files.read_json(path)


def publish() -> None:
    """Write the table; say what is missing if it is not whole."""
    missing = [each for each in listed() if not (BUILD / "{}-{}-{}.json".format(*each)).exists()]
    if missing:
        raise SystemExit(f"budgets: {len(missing)} trainings are missing, {missing[0]} first")
    titles = yaml.safe_load(LIST.read_text("utf-8"))["titles"]
    rows = [
        {"method": method, "title": titles.get(method, models.title(method)), "effort": effort}
        | {"fold": fold, **_measured(method, effort, fold)}
        for method, effort, fold in listed()
    ]
    files.write_table(results.published_folder() / "budgets.csv", pd.DataFrame(rows))


# --- One training -------------------------------------------------------------------------------


def measure(method: str, effort: int, fold: int) -> dict[str, Any]:
    """Train without a fold and return its accuracy on that fold and its processor seconds."""
    train, held_out = dataset.load().fold(fold)
    ways = {"linear_svc": _svc, "gradient_boosting": _boosting}
    way = ways.get(method, _rocket if method in rocket.BUILDERS else _network)
    answers, seconds = way(method, effort, train, held_out)
    accuracy = float(np.mean(answers == held_out.labels))
    return {"accuracy": round(accuracy, 5), "seconds": round(seconds, 2)}


def _network(
    method: str, epochs: int, train: Dataset, held_out: Dataset
) -> tuple[np.ndarray, float]:
    """Train a network for so many epochs."""
    models.prepare()
    name, _, variant = method.partition("@")
    told = recipe.for_run(name, variant or None, recipe.OWN[name].batch_size, epochs)
    key = results.Key(name, variant or None, None, 0)
    job = training._Job(key, lambda: models.build(name), train, told, "bench", 0, progress=False)
    started = time.process_time()
    network, _ = training._fit(job, train, epochs)
    seconds = time.process_time() - started
    return training.predict(network, held_out.windows).argmax(axis=1), seconds


def _rocket(
    method: str, n_kernels: int, train: Dataset, held_out: Dataset
) -> tuple[np.ndarray, float]:
    """Fit random convolutions of so many kernels."""
    model = rocket.BUILDERS[method](0, n_kernels)
    return _fitted(model, train.windows, train.labels, held_out.windows, 0.0)


def _boosting(
    method: str, rounds: int, train: Dataset, held_out: Dataset
) -> tuple[np.ndarray, float]:
    """Fit gradient boosting on features with so many rounds and scikit-learn's defaults."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(max_iter=rounds, early_stopping=False, random_state=0)
    spent = _seconds_of_features(train)
    return _fitted(model, train.features, train.labels, held_out.features, spent)


def _svc(method: str, effort: int, train: Dataset, held_out: Dataset) -> tuple[np.ndarray, float]:
    """Fit the linear SVC of lesson 3 on features, with the penalty that was chosen there."""
    chosen = results.read_run(results.published_folder(), results.Key(method, None, None, 0))
    model = models.classical(method, next(iter(chosen.record["chosen"].values())))
    spent = _seconds_of_features(train)
    return _fitted(model, train.features, train.labels, held_out.features, spent)


def _seconds_of_features(train: Dataset) -> float:
    """Return the processor seconds of computing the features of the training windows."""
    from har_utils.dataset import loading

    table = dataset.published_table()
    started = time.process_time()
    loading._build()
    return (time.process_time() - started) * len(train) / len(table)


def _fitted(
    model: Any, x: np.ndarray, y: np.ndarray, asked: np.ndarray, spent: float
) -> tuple[np.ndarray, float]:
    """Fit a model; return its answers and the seconds, with those that were spent before."""
    started = time.process_time()
    model.fit(x, y)
    return model.predict(asked), spent + time.process_time() - started


if __name__ == "__main__":
    sys.exit(main())
