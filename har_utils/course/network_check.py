"""What is wrong with somebody's network, said before an hour of training is lost on it."""

from __future__ import annotations

import inspect
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from har_utils import models, sentences
from har_utils.dataset import ACTIVITIES, CHANNELS
from har_utils.recipe import Recipe
from har_utils.signals import WINDOW

if TYPE_CHECKING:
    import keras

say = sentences.beside(__file__, capitals=False)

INPUT_SHAPE = (WINDOW, len(CHANNELS))
"""Samples and channels of a window."""

N_CLASSES = len(ACTIVITIES)
"""How many activities a network has to tell apart."""

ROUNDING = 1e-3
"""How far from one the probabilities of a window may add up: float32 is not exact."""

MANY_PARAMETERS = 1_000_000
"""From here on a network has far more numbers to learn than the course has windows."""

FREE = ("BatchNormalization", "LayerNormalization", "GroupNormalization", "PReLU")
"""Layers with weights but without a matrix product: their work is not counted, by agreement."""

PATIENCE = 2.0
"""Seconds spent at most on measuring how long a step of training takes."""


class PlainError(ValueError):
    """A mistake people can put right; a notebook shows the sentence and no traceback."""

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows in place of a traceback."""
        return [say("not_yet", mistake=self)]


@dataclass(frozen=True)
class Inspected:
    """What can be said of a sound network before it is trained.

    Parameters
    ----------
    n_parameters
        How many numbers it learns or keeps.
    multiply_adds
        Work for one window (``models.multiply_adds``).
    uncounted
        Types of its layers whose work ``models.multiply_adds`` cannot count.
    layers
        Its layers in one line.
    remarks
        What is no mistake but worth knowing, one sentence each.
    """

    n_parameters: int
    multiply_adds: int
    uncounted: tuple[str, ...]
    layers: str
    remarks: tuple[str, ...]

    @property
    def work(self) -> str:
        """The multiply-adds in words; a lower bound where a layer cannot be counted."""
        return say("work", multiply_adds=self.multiply_adds, uncounted=self.uncounted)


def inspect_network(
    build_model: Callable[..., keras.Model],
    input_shape: tuple[int, int] = INPUT_SHAPE,
    n_classes: int = N_CLASSES,
) -> Inspected:
    """Look for the mistakes people make in a network, without training it.

    Parameters
    ----------
    build_model
        ``build_model(input_shape, n_classes)`` returns a new network.
    input_shape
        Samples and channels of a window.
    n_classes
        Number of activities.

    Returns
    -------
    Inspected

    Raises
    ------
    PlainError
        With a sentence that says what is wrong and what to try.
    """
    models.prepare()
    _check_function(build_model, input_shape, n_classes)
    model = _built(build_model, input_shape, n_classes)
    _check_input(model, input_shape)
    _check_output(model, n_classes)
    if not model.trainable_weights:
        raise PlainError(say("nothing_learns", n_classes=n_classes))
    _check_fresh(model, _built(build_model, input_shape, n_classes))
    _check_probabilities(model, input_shape)
    return _described(model)


# --- The function -------------------------------------------------------------------------------


def _check_function(build_model: Any, input_shape: tuple[int, int], n_classes: int) -> None:
    """Raise ``PlainError`` unless this is a function of the shape and the number of classes."""
    import keras

    if isinstance(build_model, keras.Model):
        raise PlainError(say("finished"))
    if not callable(build_model):
        raise PlainError(say("no_function", kind=type(build_model).__name__))
    try:
        inspect.signature(build_model).bind(input_shape, n_classes)
    except TypeError:
        raise PlainError(say("arguments")) from None


def _built(build_model: Callable, input_shape: tuple[int, int], n_classes: int) -> keras.Model:
    """Return a new network, or raise ``PlainError`` with what went wrong in words."""
    import keras

    try:
        model = build_model(input_shape, n_classes)
    except Exception as error:  # whatever a person's own code may raise
        raise PlainError(say("stopped", explanation=explain(error))) from None
    if model is None:
        raise PlainError(say("returns_nothing"))
    if not isinstance(model, keras.Model):
        raise PlainError(say("no_network", kind=type(model).__name__))
    return model


KNOWN_ERRORS = {
    "needs_sequence": r"layer '(?P<layer>\w+)' is incompatible.*ndim=3, found ndim=2",
    "needs_picture": r"layer '(?P<layer>\w+)' is incompatible.*ndim=4, found ndim=3",
    "too_short": r"output size would be zero or negative",
    "number_as_shape": r"Cannot convert.*to a shape",
}
"""Name of an explanation → how Keras words the error it explains."""


def explain(error: Exception) -> str:
    """Return in plain words what an error while building a network means.

    Parameters
    ----------
    error
        What ``build_model`` raised; the commonest ones of Keras are translated, of all others the
        first line is repeated.
    """
    said = " ".join(re.sub(r"\x1b\[\d+m", "", str(error)).split())
    for explanation, wording in KNOWN_ERRORS.items():
        if match := re.search(wording, said):
            return say(explanation, **match.groupdict())
    if isinstance(error, NameError):
        return say("unknown_name", said=said)
    return say("other_error", kind=type(error).__name__, said=said[:300])


# --- What goes in and what comes out ------------------------------------------------------------


def _check_input(model: keras.Model, input_shape: tuple[int, int]) -> None:
    """Raise ``PlainError`` unless the network reads windows."""
    shape = getattr(model, "input_shape", None)
    if shape is None:
        raise PlainError(say("no_input"))
    if isinstance(shape, list | dict):
        raise PlainError(say("several_inputs", n_inputs=len(shape)))
    given, expected = tuple(shape[1:]), tuple(input_shape)
    if given != expected:
        raise PlainError(say("other_input", given=given, expected=expected))


def _check_output(model: keras.Model, n_classes: int) -> None:
    """Raise ``PlainError`` unless the network gives one number per activity for each window."""
    shape = model.output_shape
    if isinstance(shape, list | dict):
        raise PlainError(say("several_outputs", n_outputs=len(shape), n_classes=n_classes))
    given = tuple(shape[1:])
    if given != (n_classes,):
        raise PlainError(say("other_output", given=given, n_classes=n_classes))


def _check_fresh(first: keras.Model, second: keras.Model) -> None:
    """Raise ``PlainError`` if two calls share layers: what one learned, the other would know."""
    shared = {id(layer) for layer in first.layers} & {id(layer) for layer in second.layers}
    if first is second or shared:
        raise PlainError(say("not_fresh"))


def _check_probabilities(model: keras.Model, input_shape: tuple[int, int]) -> None:
    """Raise ``PlainError`` unless the numbers for each window are probabilities."""
    import keras

    windows = np.random.default_rng(0).standard_normal((16, *input_shape), dtype=np.float32)
    try:
        answer = keras.ops.convert_to_numpy(model(windows, training=False))
    except Exception as error:  # whatever a layer of somebody's own may raise
        raise PlainError(say("cannot_read", explanation=explain(error))) from None
    if not np.isfinite(answer).all():
        raise PlainError(say("infinite"))
    if answer.min() >= -ROUNDING and np.abs(answer.sum(axis=1) - 1).max() < ROUNDING:
        return
    activation = getattr(getattr(model.layers[-1], "activation", None), "__name__", "linear")
    raise PlainError(say("no_probabilities", activation=activation))


# --- What there is to say -----------------------------------------------------------------------


def _described(model: keras.Model) -> Inspected:
    """Return what a sound network is like."""
    return Inspected(
        n_parameters=model.count_params(),
        multiply_adds=models.multiply_adds(model),
        uncounted=_uncounted(model),
        layers=_in_one_line(model),
        remarks=tuple(_remarks(model)),
    )


def _uncounted(model: keras.Model) -> tuple[str, ...]:
    """Return the types of layers whose multiply-adds are not counted though they do some."""
    kinds = {
        type(layer).__name__
        for layer in model.layers
        if layer.count_params() and not models.layer_multiply_adds(layer)
    }
    return tuple(sorted(kinds - set(FREE)))


def _in_one_line(model: keras.Model) -> str:
    """Return the layers that have weights, with their size: ``Conv1D 64 → LSTM 100 → Dense 6``."""
    parts = [
        f"{type(layer).__name__} {getattr(layer, 'units', None) or getattr(layer, 'filters', '')}"
        for layer in model.layers
        if layer.count_params() and type(layer).__name__ not in FREE
    ]
    return " → ".join(part.strip() for part in parts)


def _remarks(model: keras.Model) -> list[str]:
    """Return what is no mistake but worth knowing."""
    remarks = []
    if model.compiled:
        remarks.append(say("compiled"))
    if model.count_params() > MANY_PARAMETERS:
        remarks.append(say("many_parameters", n_parameters=model.count_params()))
    if uncounted := _uncounted(model):
        remarks.append(say("uncounted", layers=uncounted))
    return remarks


# --- How long it takes --------------------------------------------------------------------------


def seconds_per_step(
    build_model: Callable[..., keras.Model],
    recipe: Recipe,
    input_shape: tuple[int, int] = INPUT_SHAPE,
    n_classes: int = N_CLASSES,
) -> float:
    """Measure how long one step of training takes on this machine.

    Parameters
    ----------
    build_model
        As in ``inspect_network``.
    recipe
        Its batch size counts.
    input_shape, n_classes
        As in ``inspect_network``.

    Returns
    -------
    float
        Seconds, of the quickest of a few steps on random windows: the first one also prepares the
        computation, and other programs can only slow a step down.
    """
    model = build_model(input_shape, n_classes)
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    generator = np.random.default_rng(0)
    windows = generator.standard_normal((recipe.batch_size, *input_shape), dtype=np.float32)
    labels = generator.integers(n_classes, size=recipe.batch_size)
    seconds: list[float] = []
    end = time.perf_counter() + PATIENCE
    while len(seconds) < 2 or (time.perf_counter() < end and len(seconds) < 10):
        started = time.perf_counter()
        model.train_on_batch(windows, labels)
        seconds.append(time.perf_counter() - started)
    return min(seconds)
