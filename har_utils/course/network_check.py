"""What is wrong with somebody's network, said before an hour of training is lost on it."""

from __future__ import annotations

import inspect
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from har_utils import models, words
from har_utils.dataset import ACTIVITIES, CHANNELS
from har_utils.recipe import Recipe
from har_utils.signals import WINDOW

if TYPE_CHECKING:
    import keras

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
        return [f"Not yet: {self}"]


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
        return f"{'at least ' if self.uncounted else ''}{words.grouped(self.multiply_adds)}"


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
        raise PlainError(
            "the network has no weights that training could change. Give it at least one layer "
            f"that learns, for example Dense({n_classes}, activation='softmax'), and do not set "
            "trainable = False everywhere."
        )
    _check_fresh(model, _built(build_model, input_shape, n_classes))
    _check_probabilities(model, input_shape)
    return _described(model)


# --- The function -------------------------------------------------------------------------------


def _check_function(build_model: Any, input_shape: tuple[int, int], n_classes: int) -> None:
    """Raise ``PlainError`` unless this is a function of the shape and the number of classes."""
    import keras

    if isinstance(build_model, keras.Model):
        raise PlainError(
            "this is a finished network. The course builds it several times, each time new, so "
            "give it the function: build_model, without parentheses behind it."
        )
    if not callable(build_model):
        kind = type(build_model).__name__
        raise PlainError(
            f"build_model must be a function that returns a network; this is of type {kind}."
        )
    try:
        inspect.signature(build_model).bind(input_shape, n_classes)
    except TypeError:
        raise PlainError(
            "build_model must take two arguments, the shape of a window and the number of "
            "activities: def build_model(input_shape, n_classes):"
        ) from None


def _built(build_model: Callable, input_shape: tuple[int, int], n_classes: int) -> keras.Model:
    """Return a new network, or raise ``PlainError`` with what went wrong in words."""
    import keras

    try:
        model = build_model(input_shape, n_classes)
    except Exception as error:  # whatever a person's own code may raise
        raise PlainError(f"build_model stopped with an error. {explain(error)}") from None
    if model is None:
        raise PlainError("build_model returns nothing. End it with `return` and the network.")
    if not isinstance(model, keras.Model):
        kind = type(model).__name__
        raise PlainError(f"build_model must return a Keras network, not something of type {kind}.")
    return model


NEEDS_TIME = re.compile(r"layer '(\w+)' is incompatible.*expected (?:min_)?ndim=3, found ndim=2")
NEEDS_IMAGE = re.compile(r"layer '(\w+)' is incompatible.*expected (?:min_)?ndim=4, found ndim=3")


def explain(error: Exception) -> str:
    """Return in plain words what an error while building a network means.

    Parameters
    ----------
    error
        What ``build_model`` raised; the commonest ones of Keras are translated, of all others the
        first line is repeated.
    """
    said = " ".join(re.sub(r"\x1b\[\d+m", "", str(error)).split())
    if match := NEEDS_TIME.search(said):
        return (
            f"The layer {match[1]} reads a sequence (time × channels), but the layer before it "
            "hands over a single row of numbers. If that is an LSTM or GRU, give it "
            "return_sequences=True; if it is Flatten or a global pooling, put it further down."
        )
    if match := NEEDS_IMAGE.search(said):
        return (
            f"The layer {match[1]} is made for pictures. A window is a sequence of samples: use "
            "the layer of the same name that ends in 1D."
        )
    if "output size would be zero or negative" in said:
        return (
            "On its way through the network the window becomes shorter than the next filter or "
            "pooling is long. Pool less, take shorter filters, or write padding='same'."
        )
    if "Cannot convert" in said and "to a shape" in said:
        return "A shape has two numbers here, samples and channels: write Input(input_shape)."
    if isinstance(error, NameError):
        return f"Python says: {said}. Is there a typing mistake, or a cell above that was not run?"
    return f"Python says: {type(error).__name__}: {said[:300]}"


# --- What goes in and what comes out ------------------------------------------------------------


def _check_input(model: keras.Model, input_shape: tuple[int, int]) -> None:
    """Raise ``PlainError`` unless the network reads windows."""
    shape = getattr(model, "input_shape", None)
    if shape is None:
        raise PlainError(
            "the network does not know what it will read. Use keras.Sequential with "
            "Input(input_shape) as its first entry, or keras.Model(inputs, outputs)."
        )
    if isinstance(shape, list | dict):
        raise PlainError(f"the network has {len(shape)} inputs; it gets one window at a time: one.")
    given, expected = tuple(shape[1:]), tuple(input_shape)
    if given == expected:
        return
    samples, channels = expected
    advice = {
        1: "If you want one long row of numbers, let Flatten() make it inside the network.",
        2: "Samples come first, channels second.",
    }.get(len(given), "There is no further axis.")
    raise PlainError(
        f"the network reads {_words(given)}, but a window is {samples} samples × {channels} "
        f"channels: begin with Input(input_shape). {advice}"
    )


def _words(shape: tuple[int | None, ...]) -> str:
    """Return a shape as people say it."""
    return " × ".join("any number" if size is None else str(size) for size in shape) or "nothing"


def _check_output(model: keras.Model, n_classes: int) -> None:
    """Raise ``PlainError`` unless the network gives one number per activity for each window."""
    shape = model.output_shape
    if isinstance(shape, list | dict):
        raise PlainError(
            f"the network has {len(shape)} outputs; it needs one, of {n_classes} numbers"
        )
    given = tuple(shape[1:])
    last = f"Dense({n_classes}, activation='softmax')"
    if len(given) > 1:
        raise PlainError(
            f"for one window the network answers {_words(given)} numbers: one answer for every "
            f"moment. The time must go before {last}: let the last LSTM return only its last step "
            "(no return_sequences), or put Flatten() or GlobalAveragePooling1D() before it."
        )
    if given != (n_classes,):
        raise PlainError(
            f"the network answers with {_words(given)} number{'s' * (given != (1,))}, but there "
            f"are {n_classes} activities: end it with {last}."
        )


def _check_fresh(first: keras.Model, second: keras.Model) -> None:
    """Raise ``PlainError`` if two calls share layers: what one learned, the other would know."""
    shared = {id(layer) for layer in first.layers} & {id(layer) for layer in second.layers}
    if first is second or shared:
        raise PlainError(
            "build_model returns layers it has returned before, so a second training would start "
            "from what the first one learned. Create every layer inside the function."
        )


def _check_probabilities(model: keras.Model, input_shape: tuple[int, int]) -> None:
    """Raise ``PlainError`` unless the numbers for each window are probabilities."""
    import keras

    windows = np.random.default_rng(0).standard_normal((16, *input_shape), dtype=np.float32)
    try:
        answer = keras.ops.convert_to_numpy(model(windows, training=False))
    except Exception as error:  # whatever a layer of somebody's own may raise
        raise PlainError(f"the network cannot read a window. {explain(error)}") from None
    if not np.isfinite(answer).all():
        raise PlainError("even before training the network gives infinite or undefined numbers.")
    if answer.min() >= -ROUNDING and np.abs(answer.sum(axis=1) - 1).max() < ROUNDING:
        return
    activation = getattr(getattr(model.layers[-1], "activation", None), "__name__", "linear")
    reason = {
        "linear": "has no activation: it gives raw scores (logits)",
        "sigmoid": "ends with sigmoid, which judges every activity by itself",
    }.get(activation, f"ends with {activation}")
    raise PlainError(
        "the numbers the network gives for a window are no probabilities: they do not add up to "
        f"one. Its last layer {reason}. Write activation='softmax' in the last layer."
    )


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
        remarks.append(
            "You compiled the network: no need. The course gives every network the same loss and "
            "takes the optimiser from the recipe, so that only the architecture differs."
        )
    if model.count_params() > MANY_PARAMETERS:
        remarks.append(
            f"{words.grouped(model.count_params())} parameters are many for a few thousand "
            "windows: it can learn them by heart. Flatten before a wide Dense is where most of "
            "them usually sit."
        )
    if uncounted := _uncounted(model):
        remarks.append(f"The work of {', '.join(uncounted)} cannot be counted.")
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
    seconds, end = [], time.perf_counter() + PATIENCE
    while len(seconds) < 2 or (time.perf_counter() < end and len(seconds) < 10):
        started = time.perf_counter()
        model.train_on_batch(windows, labels)
        seconds.append(time.perf_counter() - started)
    return min(seconds)
