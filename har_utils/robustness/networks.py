"""The networks whose robustness is measured."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from har_utils import files, models, results, training
from har_utils.dataset import Dataset
from har_utils.results import Key, Run
from har_utils.robustness.scoring import Predict

if TYPE_CHECKING:
    import keras


def load_networks(
    runs: Iterable[Run], sample: Dataset, profile: str
) -> dict[tuple[str, int], Predict]:
    """Load the networks of final runs, and make sure that they are the ones that gave the runs.

    Parameters
    ----------
    runs
        Final runs; those without weights are left out.
    sample
        Some windows of test subjects, all of which the runs predict. Every network predicts them
        once, which is recorded as a look at the test subjects.
    profile
        Whose build keeps that record.

    Returns
    -------
    dict
        (model, seed) → function that predicts.

    Raises
    ------
    ValueError
        If a network does not give its run's predictions.
    """
    weights = {(run.key.name, run.key.seed): (run, results.weights(run)) for run in runs}
    return {
        key: partial(_predict, _checked(file, run, sample, profile))
        for key, (run, file) in weights.items()
        if file is not None
    }


def _checked(file: Path, run: Run, sample: Dataset, profile: str) -> keras.Model:
    """Return the network of a file that predicts what its run says."""
    model = models.prepare().models.load_model(file)
    look = Key(run.key.name, "robustness", seed=run.key.seed)
    probability = training.predict_test(model, sample, profile, look)
    expected = run.probability[np.searchsorted(run.row, sample.rows)]
    if not np.allclose(probability, expected, atol=0.01):
        raise ValueError(
            f"{files.shown(file)} does not give the predictions of {run.key.stem}: train "
            f"{run.key.name} again"
        )
    return model


def _predict(model: keras.Model, windows: np.ndarray) -> np.ndarray:
    """Return what `training.predict` does, at less cost where few windows are asked about often.

    Keras prepares a pipeline of batches for every call of ``predict``; here the batches are cut by
    hand.
    """
    starts = range(0, len(windows), training.PREDICT_BATCH)
    batches = [windows[start : start + training.PREDICT_BATCH] for start in starts]
    return np.concatenate([model.predict_on_batch(batch) for batch in batches])
