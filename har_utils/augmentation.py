"""What may be done to a training window without changing what the person did.

A phone sits a little differently on everybody: turning it turns what all three of its sensor
triples (body_acc, body_gyro, total_acc) measure by the same rotation, and the activity stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from har_utils.recipe import Recipe

if TYPE_CHECKING:
    import keras

MIRROR = np.array([[1, -1, 1], [-1, 1, -1], [1, -1, 1]], dtype=np.float32).ravel()
"""Sign of every channel after mirroring y: body acceleration, angular velocity, total."""


def random_rotations(n: int, degrees: float, generator: np.random.Generator) -> np.ndarray:
    """Draw rotations about axes of any direction.

    Parameters
    ----------
    n
        How many.
    degrees
        Standard deviation of the angle, which is normally distributed around 0.
    generator
        Source of the random numbers.

    Returns
    -------
    ndarray of shape (n, 3, 3), float64
        Rotation matrices by Rodrigues' formula, ``R = I + sin(a) K + (1 − cos(a)) K²`` with ``K``
        the cross product with the axis.
    """
    axis = generator.standard_normal((n, 3))
    x, y, z = (axis / np.linalg.norm(axis, axis=1, keepdims=True)).T
    angle = np.deg2rad(degrees) * generator.standard_normal(n)[:, np.newaxis, np.newaxis]
    zero = np.zeros(n)
    cross = np.array([[zero, -z, y], [z, zero, -x], [-y, x, zero]]).transpose(2, 0, 1)
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * (cross @ cross)


def rotate(windows: np.ndarray, rotations: np.ndarray) -> np.ndarray:
    """Turn the phone: rotate every sensor triple of a window by the window's rotation.

    Parameters
    ----------
    windows
        ``(n, length, 3 k)``, the axes x, y, z of one sensor after the other.
    rotations
        ``(n, 3, 3)``, or ``(3, 3)`` for one rotation of all.

    Returns
    -------
    ndarray
        As ``windows``, in the same type.
    """
    triples = windows.reshape(len(windows), -1, 3)
    turned = triples @ np.swapaxes(rotations, -1, -2)
    return turned.reshape(windows.shape).astype(windows.dtype)


def scale(windows: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """Make every window stronger or weaker: ``(n, …)`` times ``(n,)``, in the windows' type."""
    return (windows * factors[:, np.newaxis, np.newaxis]).astype(windows.dtype)


def mirror(windows: np.ndarray, chosen: np.ndarray | None = None) -> np.ndarray:
    """Show the body in a mirror: a phone on the right hip measures as if it were on the left.

    No rotation of the phone does this; ``robustness.other_pocket`` says where the signs come from.

    Parameters
    ----------
    windows
        ``(n, length, 9)``.
    chosen
        ``(n,)`` bool, which windows; default: all.

    Returns
    -------
    ndarray
        As ``windows``, in the same type.
    """
    signs = MIRROR.astype(windows.dtype)
    if chosen is None:
        return windows * signs
    return np.where(chosen[:, np.newaxis, np.newaxis], windows * signs, windows)


def continued(windows: np.ndarray) -> np.ndarray:
    """Find the windows whose second half is the first half of the next one in the data.

    Parameters
    ----------
    windows
        ``(n, length, n_channels)`` in the order of the data set, half a window apart.

    Returns
    -------
    ndarray
        ``(n,)`` bool.
    """
    half = windows.shape[1] // 2
    same = (windows[:-1, half:] == windows[1:, : windows.shape[1] - half]).all(axis=(1, 2))
    return np.append(same, False)


def shift(
    windows: np.ndarray, chosen: np.ndarray, goes_on: np.ndarray, generator: np.random.Generator
) -> np.ndarray:
    """Let windows begin anywhere between their own first sample and that of the next one.

    Nothing but the windows themselves is needed: where the next one goes on, the two together
    hold one and a half windows of signal.

    Parameters
    ----------
    windows
        ``(n, length, n_channels)``, all of them.
    chosen
        ``(m,)`` positions of those that are wanted.
    goes_on
        ``(n,)`` bool, as `continued` gives it; the others stay where they are.
    generator
        Source of the random numbers.

    Returns
    -------
    ndarray
        ``(m, length, n_channels)``.
    """
    length = windows.shape[1]
    following = windows[np.minimum(chosen + 1, len(windows) - 1), length - length // 2 :]
    longer = np.concatenate([windows[chosen], following], axis=1)
    starts = np.where(goes_on[chosen], generator.integers(0, length // 2, len(chosen)), 0)
    return longer[np.arange(len(chosen))[:, np.newaxis], starts[:, np.newaxis] + np.arange(length)]


def augment(windows: np.ndarray, recipe: Recipe, generator: np.random.Generator) -> np.ndarray:
    """Return windows as a recipe shows them to a network, different at every call."""
    if recipe.mirroring:
        windows = mirror(windows, generator.random(len(windows)) < recipe.mirroring)
    if recipe.rotation:
        rotations = random_rotations(len(windows), recipe.rotation, generator)
        windows = rotate(windows, rotations)
    if recipe.scaling:
        windows = scale(windows, 1 + recipe.scaling * generator.standard_normal(len(windows)))
    return windows


def soften(targets: np.ndarray, smoothing: float) -> np.ndarray:
    """Spread a share of every target ``(n, n_classes)`` evenly over the activities."""
    return (1 - smoothing) * targets + smoothing / targets.shape[1]


def batches(
    windows: np.ndarray,
    labels: np.ndarray,
    n_classes: int,
    recipe: Recipe,
    seed: int,
    teachers: Sequence[keras.Model] = (),
) -> keras.utils.PyDataset:
    """Return training data that shuffles and augments anew in every epoch.

    Parameters
    ----------
    windows
        ``(n, length, n_channels)``.
    labels
        ``(n,)`` codes from 0.
    n_classes
        Number of activities.
    recipe
        What to do to them. Windows that do not fill a last batch wait for another epoch.
    seed
        The same seed gives the same batches.
    teachers
        Trained networks; ``recipe.distillation`` is the share of the targets they give, as the
        mean of their probabilities for the augmented windows.

    Returns
    -------
    keras.utils.PyDataset
        Yields windows and targets ``(batch_size, n_classes)`` float32.
    """
    import keras
    import tensorflow

    @tensorflow.function(autograph=False)  # as one graph: four times as quick as layer by layer
    def mean_answer(shown: Any) -> Any:
        return keras.ops.mean([teacher(shown, training=False) for teacher in teachers], axis=0)

    one_hot = np.eye(n_classes, dtype=np.float32)[labels]
    size = min(recipe.batch_size, len(windows))
    goes_on = continued(windows)

    class Batches(keras.utils.PyDataset):
        epoch = 0
        order = np.random.default_rng([seed, 0]).permutation(len(windows))

        def __len__(self) -> int:
            return len(windows) // size

        def __getitem__(self, place: int) -> tuple[np.ndarray, np.ndarray]:
            chosen = self.order[place * size : (place + 1) * size]
            generator = np.random.default_rng([seed, self.epoch, place])
            shown = windows[chosen]
            if recipe.shifting:
                shown = shift(windows, chosen, goes_on, generator)
            shown = augment(shown, recipe, generator)
            targets = soften(one_hot[chosen], recipe.label_smoothing)
            if teachers and recipe.distillation:
                taught = np.asarray(mean_answer(shown))
                targets = (1 - recipe.distillation) * targets + recipe.distillation * taught
            return shown, targets.astype(np.float32)

        def on_epoch_end(self) -> None:
            self.epoch += 1
            self.order = np.random.default_rng([seed, self.epoch]).permutation(len(windows))

    return Batches(workers=0)
