"""One network per fold, all trained in step, and what each fold's held-out people lose."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from har_utils import models, training
from har_utils.dataset import Dataset, assert_disjoint_subjects
from har_utils.recipe import Recipe

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Epoch:
    """What one epoch of all folds left behind.

    Attributes
    ----------
    number
        From 1.
    loss
        Mean negative log-likelihood of each fold's held-out windows, ``(n_folds,)``.
    accuracy
        Share of each fold's held-out windows that is recognised, ``(n_folds,)``.
    """

    number: int
    loss: np.ndarray
    accuracy: np.ndarray


def folds_with_people(data: Dataset) -> tuple[int, ...]:
    """Return the folds that somebody in the data belongs to, and somebody else does not."""
    people = set(data.train.subjects.tolist())
    return tuple(
        k for k, fold in enumerate(data.folds) if people & set(fold) and people - set(fold)
    )


def epochs(
    build_model: Callable[[], keras.Model],
    data: Dataset,
    recipe: Recipe,
    seed: int = 0,
    folds: Sequence[int] | None = None,
) -> Iterator[Epoch]:
    """Train one network per fold on the other folds, all of them one epoch at a time.

    Because no fold runs ahead, the mean over folds is known after every epoch: whoever asks can
    stop early, and one number of epochs can be chosen for all.

    Parameters
    ----------
    build_model
        Function without arguments that returns a new network.
    data
        The data set; only its training subjects are used.
    recipe
        How to train, for at most ``max_epochs``. It must not alter the windows.
    seed
        Seed of the initial weights, the order of the windows and dropout.
    folds
        Which folds to hold out; None takes all that have anybody in the data.

    Yields
    ------
    Epoch

    Raises
    ------
    ValueError
        If the recipe alters windows, or there is no fold to hold out.
    """
    if recipe.alters:
        raise ValueError(f"cross-validation in step takes windows as they are, not {recipe}")
    folds = folds_with_people(data) if folds is None else folds
    if not folds:
        raise ValueError("nobody to hold out: the data needs training subjects of two folds")
    keras = models.prepare()
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    members = [_Member(build_model, *data.fold(k), recipe) for k in folds]
    for number in range(1, recipe.max_epochs + 1):
        loss, accuracy = zip(*(member.train(number) for member in members), strict=True)
        yield Epoch(number, np.array(loss), np.array(accuracy))


class _Member:
    """One fold's network with its two groups of people."""

    def __init__(
        self,
        build_model: Callable[[], keras.Model],
        train: Dataset,
        validation: Dataset,
        recipe: Recipe,
    ) -> None:
        assert_disjoint_subjects(train, validation)
        self.groups, self.batch_size = (train, validation), recipe.batch_size
        self.model = build_model()
        n_steps = recipe.max_epochs * max(1, len(train) // recipe.batch_size)
        training._compile(self.model, recipe, n_steps)  # the very same optimiser as in a real run

    def train(self, number: int) -> tuple[float, float]:
        """Train epoch ``number``; return loss and accuracy on the people held out."""
        train, validation = self.groups
        fitted = self.model.fit(
            train.windows,
            train.labels,
            batch_size=self.batch_size,
            initial_epoch=number - 1,
            epochs=number,
            validation_data=(validation.windows, validation.labels),
            validation_batch_size=training.PREDICT_BATCH,
            verbose=0,
        )
        return fitted.history["val_loss"][0], fitted.history["val_accuracy"][0]
