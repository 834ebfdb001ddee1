"""The architectures, one builder function each, and what can be said of them without training."""

from __future__ import annotations

import contextlib
import math
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras
    from sklearn.pipeline import Pipeline

TITLES = {
    "logistic_regression": "Logistic regression",
    "linear_svc": "Linear SVC",
    "decision_tree": "Decision tree",
}
"""What each model is called in text and figures, in the order of the report; `network` adds."""

BUILDERS: dict[str, Callable[..., keras.Model]] = {}
"""Name → builder function of every network; `network` adds."""


def network(title: str) -> Callable[[Callable], Callable]:
    """Make a builder function one of the course's networks, under the function's name.

    Parameters
    ----------
    title
        What the network is called in text and figures.
    """

    def enter(build_model: Callable[..., keras.Model]) -> Callable[..., keras.Model]:
        TITLES[build_model.__name__] = title
        BUILDERS[build_model.__name__] = build_model
        return build_model

    return enter


VARIANTS = {
    "paper": "as published",
    "published": "published scaling",
    "tuned": "tuned",
    "recipe": "new recipe",
    "loso": "leave one subject out",
    "twelve": "twelve activities",
    "ensemble": "ensemble",
}
"""What each variant is called behind a model's title."""

POOLED = ("loso", "twelve")
"""The variants that hold everybody out once; their folds are put together and scored as one."""

CLASSICAL = ("logistic_regression", "linear_svc", "decision_tree")
"""The models on the 561 features."""

KNOBS = {"logistic_regression": "C", "linear_svc": "C", "decision_tree": "max_depth"}
"""What is chosen of each of them."""

NETWORKS = ("single_lstm", "multi_lstm", "cnn_1d", "cnn_lstm")
"""The source report's models on the raw windows; `BUILDERS` has all networks of the course."""

PARAMETERS = {
    "single_lstm": 71_942,
    "multi_lstm": 162_022,
    "cnn_1d": 423_652,
    "cnn_lstm": 118_702,
}
"""How many parameters the source report's networks have, batch-norm statistics included."""


def _published(
    accuracy: float,
    macro_f1: float | None = None,
    macro_precision: float | None = None,
    macro_recall: float | None = None,
) -> dict[str, float | None]:
    """Return published scores as fractions; the source gives only an accuracy for some models."""
    return {
        "accuracy": accuracy,
        "macro_f1": macro_f1,
        "macro_precision": macro_precision,
        "macro_recall": macro_recall,
    }


PUBLISHED = {
    "logistic_regression": _published(0.9583),
    "linear_svc": _published(0.9667),
    "decision_tree": _published(0.8717),
    "single_lstm": _published(0.9091, 0.9081, 0.9119, 0.9047),
    "multi_lstm": _published(0.9205, 0.9215, 0.9217, 0.9214),
    "cnn_1d": _published(0.9152, 0.9159, 0.9166, 0.9152),
    "cnn_lstm": _published(0.9237, 0.9244, 0.9244, 0.9244),
}
"""The scores the source report gives for its models."""


def title(name: str) -> str:
    """Return a run's name as people read it: ``cnn_1d@paper`` → ``1D-CNN (as published)``."""
    model, _, variant = name.partition("@")
    shown = TITLES.get(model, model)
    return f"{shown} ({VARIANTS.get(variant, variant)})" if variant else shown


# --- Starting TensorFlow ------------------------------------------------------------------------


@contextlib.contextmanager
def muted() -> Iterator[None]:
    """Send the process's error stream to nowhere, for example while TensorFlow is loaded.

    TensorFlow writes notes about processors and missing graphics cards past Python, and while it
    loads it does so whatever ``TF_CPP_MIN_LOG_LEVEL`` says.
    """
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def prepare(threads: int | None = None) -> ModuleType:
    """Load Keras on TensorFlow: silent, repeatable, with a known number of threads.

    Call it before the first ``import keras`` of a program; calling it again changes nothing.

    Parameters
    ----------
    threads
        Threads for one TensorFlow operation; None takes ``HAR_THREADS``, else 1. Several jobs
        with one thread each finish sooner than one job with several threads.

    Returns
    -------
    module
        The ``keras`` module.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    if "keras" in sys.modules and "tensorflow" in sys.modules:
        import keras
        import tensorflow
    else:
        with muted():
            import keras
            import tensorflow
    tensorflow.get_logger().setLevel("ERROR")  # a notebook of many small fits is not a mistake
    tensorflow.config.experimental.enable_op_determinism()
    _stop_tuning_pipelines(tensorflow)
    _set_threads(tensorflow, threads or int(os.environ.get("HAR_THREADS") or 1))
    return keras


def _stop_tuning_pipelines(tensorflow: ModuleType) -> None:
    """Feed networks as they are fed, without a search for a faster way.

    TensorFlow watches every pipeline of batches to find the best number of threads for it. With
    one thread there is nothing to find; but where other programs are running, too, the end of an
    epoch may miss that the watcher is to stop, and waits seconds until it wakes up by itself. The
    batches stay the same.
    """
    iterate = tensorflow.data.Dataset.__iter__
    if hasattr(iterate, "__wrapped__"):
        return

    @wraps(iterate)
    def untuned(pipeline: Any) -> Iterator:
        options = tensorflow.data.Options()
        options.autotune.enabled = False
        return iterate(pipeline.with_options(options))

    tensorflow.data.Dataset.__iter__ = untuned


def _set_threads(tensorflow: ModuleType, threads: int) -> None:
    """Set the number of threads unless TensorFlow already runs: then it can no longer change."""
    threading = tensorflow.config.threading
    if threading.get_intra_op_parallelism_threads() == threads:
        return
    with contextlib.suppress(RuntimeError):
        threading.set_intra_op_parallelism_threads(threads)
        threading.set_inter_op_parallelism_threads(1)


# --- The source report's networks, as its code built them ----------------------------------------


def _times(units: int, width: float) -> int:
    """Return the size of a layer that is so many times as wide."""
    return max(1, round(units * width))


@network("Single-layer LSTM")
def single_lstm(
    input_shape: tuple[int, int] = (128, 9),
    n_classes: int = 6,
    width: float = 1.0,
    dropout: float = 0.5,
) -> keras.Model:
    """Return the single-layer LSTM: one recurrent layer reads the window, the last state decides.

    Parameters
    ----------
    input_shape
        Samples and channels of a window.
    n_classes
        Number of activities.
    width
        How many times as wide as in the source report the layers are.
    dropout
        Share of a layer's outputs that dropout hides during training.

    Returns
    -------
    keras.Model
        Not compiled; ``(n, *input_shape)`` → ``(n, n_classes)`` probabilities.
    """
    keras = prepare()
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.LSTM(_times(128, width)),
            layers.BatchNormalization(),
            layers.Dropout(dropout),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )


@network("Multi-layer LSTM")
def multi_lstm(
    input_shape: tuple[int, int] = (128, 9),
    n_classes: int = 6,
    width: float = 1.0,
    dropout: float = 0.5,
) -> keras.Model:
    """Return the multi-layer LSTM: the second layer reads what the first says at every sample.

    Parameters and return value as in ``single_lstm``.
    """
    keras = prepare()
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.LSTM(_times(100, width), return_sequences=True),
            layers.Dropout(dropout),
            layers.LSTM(_times(128, width)),
            layers.Dropout(dropout),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )


@network("1D-CNN")
def cnn_1d(
    input_shape: tuple[int, int] = (128, 9),
    n_classes: int = 6,
    width: float = 1.0,
    dropout: float = 0.6,
) -> keras.Model:
    """Return the 1D-CNN: short filters slide along time, a dense layer reads all they found.

    Parameters and return value as in ``single_lstm``.
    """
    keras = prepare()
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Conv1D(_times(64, width), 3, activation="relu", kernel_initializer="he_uniform"),
            layers.Conv1D(
                _times(128, width), 3, activation="relu", kernel_initializer="he_uniform"
            ),
            layers.Dropout(dropout),
            layers.MaxPooling1D(2),
            layers.Flatten(),
            layers.Dense(_times(50, width), activation="relu"),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )


@network("1D-CNN + LSTM")
def cnn_lstm(
    input_shape: tuple[int, int] = (128, 9),
    n_classes: int = 6,
    width: float = 1.0,
    dropout: float = 0.5,
) -> keras.Model:
    """Return the 1D-CNN + LSTM: filters shorten the window to a quarter, an LSTM reads the rest.

    Parameters and return value as in ``single_lstm``.
    """
    keras = prepare()
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Conv1D(_times(64, width), 3, padding="same", activation="relu"),
            layers.MaxPooling1D(2),
            layers.Conv1D(_times(128, width), 3, padding="same", activation="relu"),
            layers.Dropout(dropout),
            layers.MaxPooling1D(2),
            layers.LSTM(_times(100, width)),
            layers.Dropout(dropout),
            layers.Dense(n_classes, activation="softmax"),
        ]
    )


# --- The course's own networks --------------------------------------------------------------------


N_MOVING = 6
"""The first channels of a window are of movement alone: body_acc and body_gyro."""

GYRO_PER_ACC = 2.0
"""A movement of 1 g goes with about 2 rad/s; so their small movements are equally small."""


SMALLEST = 0.01
"""What still counts as a movement, in g: about what the body of somebody who stands does."""


MAGNIFIED = "magnified"
"""Name of the layer whose output is the magnified window."""


def signed_log(values: Any, smallest: float) -> Any:
    """Return a value's order of magnitude: ``sign(x) ln(1 + |x| / s) / ln(1 + 1 / s)``.

    Below s, the smallest that counts, it grows like x, above like the logarithm of x; 1 stays 1.
    """
    import keras

    size = keras.ops.log(1 + keras.ops.abs(values) / smallest) / math.log(1 + 1 / smallest)
    return keras.ops.sign(values) * size


def magnify(window: Any, smallest: float, keep_raw: bool = True) -> Any:
    """Show a network small movements beside large ones.

    Parameters
    ----------
    window
        Input of a network, ``(n, length, 9)``, channels as in ``dataset.CHANNELS``.
    smallest
        What still counts as a movement, in g (twice the number for the gyroscope, in rad/s).
    keep_raw
        Show the movements as they were measured, too.

    Returns
    -------
    tensor
        ``(n, length, 9)``, or 15 channels with ``keep_raw``: the orders of magnitude of
        body_acc and body_gyro, then the channels as they are.
    """
    import keras

    acceleration, gyroscope = window[..., :3], window[..., 3:N_MOVING]
    shown = [signed_log(acceleration, smallest), signed_log(gyroscope / GYRO_PER_ACC, smallest)]
    shown.append(window if keep_raw else window[..., N_MOVING:])
    return keras.layers.Concatenate(name=MAGNIFIED)(shown)


LOUDNESS_GAIN = 20.0
"""What movements are multiplied by before listeners hear them: 0.05 g becomes 1."""

FAINTEST = 1e-4
"""What is added to a loudness before the logarithm is taken: no silence is endless."""


def loudness(window: Any, n_listeners: int, length: int) -> Any:
    """Tell how much of some learned kinds of movement is in a window.

    A listener is a filter; its loudness is the logarithm of its mean squared answer. That is what
    the energies of the classical features are, with frequency bands that training chooses.

    Parameters
    ----------
    window
        Input of a network, ``(n, n_samples, 9)``.
    n_listeners, length
        How many filters, and how many samples each covers.

    Returns
    -------
    tensor
        ``(n, n_listeners)``, normalised.
    """
    import keras

    layers = keras.layers
    heard = layers.Conv1D(n_listeners, length, use_bias=False)(
        window[..., :N_MOVING] * LOUDNESS_GAIN
    )
    strength = keras.ops.mean(keras.ops.square(heard), axis=1)
    return layers.BatchNormalization()(keras.ops.log(strength + FAINTEST))


def presence(magnified: Any, n_listeners: int, length: int) -> Any:
    """Tell how much of some learned kinds of movement is in a magnified window.

    What `loudness` tells, for integers of 8 bits: these movements have had their logarithm, so the
    mean of what a filter answers needs neither squares nor a logarithm of its own.

    Parameters
    ----------
    magnified
        ``(n, n_samples, channels)``, as `magnify` gives it.
    n_listeners, length
        How many filters, and how many samples each covers.

    Returns
    -------
    tensor
        ``(n, n_listeners)``, not negative.
    """
    import keras

    layers = keras.layers
    heard = layers.Conv1D(n_listeners, length, use_bias=False)(magnified[..., :N_MOVING])
    heard = layers.ReLU()(layers.BatchNormalization()(heard))
    return layers.GlobalAveragePooling1D()(heard)


@network("Modern CNN")
def modern(
    input_shape: tuple[int, int] = (128, 9),
    n_classes: int = 6,
    filters: Sequence[int] = (64, 64, 128, 128),
    kernels: Sequence[int] = (7, 5, 5, 3),
    smallest: float | None = SMALLEST,
    keep_raw: bool = True,
    n_listeners: int = 48,
    listener_length: int = 25,
    hear_magnified: bool = False,
    dropout: float = 0.5,
) -> keras.Model:
    """Return the modern CNN: magnified input, normalised convolutions, and how loud it is.

    Parameters
    ----------
    input_shape
        Samples and channels of a window.
    n_classes
        Number of activities.
    filters, kernels
        Filters of each block and their lengths.
    smallest, keep_raw
        As in ``magnify``; None for ``smallest`` shows the window as it is.
    n_listeners, listener_length
        As in ``loudness``; 0 listeners for none.
    hear_magnified
        Let listeners hear the magnified window (`presence`) instead of the measured one.
    dropout
        Share of the numbers about a window that is hidden from the last layer in training.

    Returns
    -------
    keras.Model
        Not compiled; ``(n, *input_shape)`` → ``(n, n_classes)`` probabilities.
    """
    keras = prepare()
    layers = keras.layers
    window = keras.Input(input_shape)
    shown = magnify(window, smallest, keep_raw) if smallest else window
    signal = shown
    for place, (n_filters, length) in enumerate(zip(filters, kernels, strict=True)):
        if place:
            signal = layers.MaxPooling1D(2)(signal)
        signal = layers.Conv1D(n_filters, length, padding="same", use_bias=False)(signal)
        signal = layers.ReLU()(layers.BatchNormalization()(signal))
    found = [layers.GlobalAveragePooling1D()(signal), layers.GlobalMaxPooling1D()(signal)]
    if n_listeners and hear_magnified:
        found.append(presence(shown, n_listeners, listener_length))
    elif n_listeners:
        found.append(loudness(window, n_listeners, listener_length))
    hidden = layers.Dropout(dropout)(layers.Concatenate()(found))
    return keras.Model(window, layers.Dense(n_classes, activation="softmax")(hidden))


@network("Modern CNN, small")
def modern_small(input_shape: tuple[int, int] = (128, 9), n_classes: int = 6) -> keras.Model:
    """Return the modern CNN with less than 10 000 parameters.

    Parameters and return value as in ``single_lstm``.
    """
    sizes = {"filters": (16, 16, 24, 32), "kernels": (7, 5, 3, 3)}
    return modern(input_shape, n_classes, **sizes, n_listeners=12, listener_length=15, dropout=0.1)


@network("Modern CNN, integer")
def modern_integer(input_shape: tuple[int, int] = (128, 9), n_classes: int = 6) -> keras.Model:
    """Return a small modern CNN whose numbers may all be integers.

    Parameters and return value as in ``single_lstm``.
    """
    sizes = {"filters": (16, 16, 24, 32), "kernels": (7, 5, 3, 3)}
    listeners = {"n_listeners": 16, "listener_length": 15, "hear_magnified": True}
    return modern(input_shape, n_classes, **sizes, **listeners, dropout=0.0)


@network("Modern CNN, tiny")
def modern_tiny(input_shape: tuple[int, int] = (128, 9), n_classes: int = 6) -> keras.Model:
    """Return the modern CNN with less than 3000 parameters.

    Parameters and return value as in ``single_lstm``.
    """
    sizes = {"filters": (8, 8, 12, 16), "kernels": (5, 3, 3, 3)}
    return modern(input_shape, n_classes, **sizes, n_listeners=6, listener_length=15, dropout=0.0)


def parts(model: keras.Model) -> tuple[keras.Model, keras.Model] | None:
    """Part a network where its window has been magnified.

    Returns
    -------
    tuple of two keras.Model, or None
        What magnifies a window, and what reads the magnified window. None if the network does not
        magnify, or looks at the measured window as well.
    """
    import keras

    try:
        magnified = model.get_layer(MAGNIFIED).output
        return keras.Model(model.input, magnified), keras.Model(magnified, model.output)
    except ValueError:
        return None


def build(
    name: str, input_shape: tuple[int, int] = (128, 9), n_classes: int = 6, **options: float
) -> keras.Model:
    """Return a new, untrained model by its name; ``options`` go to its builder.

    Raises
    ------
    ValueError
        If there is no network of that name.
    """
    if name not in BUILDERS:
        raise ValueError(f"no network is called {name!r}; there are {', '.join(BUILDERS)}")
    return BUILDERS[name](input_shape, n_classes, **options)


# --- The models on features ---------------------------------------------------------------------


def classical(name: str, value: float) -> Pipeline:
    """Return a new classical model of notebook 3, with the scaler in front of it.

    Parameters
    ----------
    name
        One of `CLASSICAL`.
    value
        Of its knob (`KNOBS`): ``C``, or the depth of the tree.

    Raises
    ------
    ValueError
        If there is no classical model of that name.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler
    from sklearn.svm import LinearSVC
    from sklearn.tree import DecisionTreeClassifier

    if name == "logistic_regression":
        model = LogisticRegression(C=value, solver="newton-cg", max_iter=1000)
    elif name == "linear_svc":
        model = LinearSVC(C=value, tol=5e-5, dual=False)
    elif name == "decision_tree":
        model = DecisionTreeClassifier(max_depth=int(value), random_state=0)
    else:
        raise ValueError(f"no classical model is called {name!r}; there are {', '.join(CLASSICAL)}")
    return make_pipeline(MinMaxScaler((-1, 1)), model)


# --- What a model is made of --------------------------------------------------------------------


def layer_multiply_adds(layer: keras.Layer) -> int:
    """Return how many multiply-adds one layer needs for one window.

    Counted are the matrix products, which take nearly all the time:

    * ``Conv1D``: outputs in time x filters x kernel size x input channels (per group);
    * ``Dense``: inputs x units, at every position it is applied to;
    * ``LSTM``: steps x 4 gates x units x (inputs + units).

    Additions of biases, activations, pooling and normalisation count as nothing.
    """
    kind = type(layer).__name__
    if kind == "Conv1D":
        _, n_steps, n_filters = layer.output.shape
        kernel_size, channels_per_group, _ = layer.kernel.shape
        return n_steps * n_filters * kernel_size * channels_per_group
    if kind == "Dense":
        n_inputs, n_units = layer.kernel.shape
        n_positions = 1
        for length in layer.input.shape[1:-1]:
            n_positions *= length
        return n_positions * n_inputs * n_units
    if kind == "LSTM":
        _, n_steps, n_inputs = layer.input.shape
        return n_steps * 4 * layer.units * (n_inputs + layer.units)
    return 0


def multiply_adds(model: keras.Model) -> int:
    """Return how many multiply-adds a model needs for one window (see ``layer_multiply_adds``)."""
    return sum(layer_multiply_adds(layer) for layer in model.layers)


def _detail(layer: keras.Layer) -> str:
    """Return in one line what distinguishes a layer from others of its type."""
    config = layer.get_config()
    kind = type(layer).__name__
    if kind == "Conv1D":
        text = f"{layer.filters} filters of {layer.kernel_size[0]}, {layer.padding} padding"
    elif kind == "LSTM":
        text = f"{layer.units} units, {'every' if layer.return_sequences else 'last'} step"
    elif kind == "Dense":
        text = f"{layer.units} units"
    elif kind == "Dropout":
        text = f"rate {layer.rate:g}"
    elif kind == "MaxPooling1D":
        text = f"by {layer.pool_size[0]}"
    else:
        text = ""
    activation = config.get("activation")
    shown = kind in ("Conv1D", "Dense") and activation not in (None, "linear")
    return f"{text}, {activation}" if shown else text


def architecture(model: keras.Model) -> list[dict[str, Any]]:
    """Return a model's layers in order, the input first; branches one after the other.

    Returns
    -------
    list of dict
        ``type`` (for example ``"Conv1D"``), ``output_shape`` (without the batch), ``parameters``,
        ``multiply_adds``, ``detail``, one line in words, and ``follows``: whether it reads what
        the layer above it gives, which the first one of a branch does not.
    """
    window = {
        "type": "Input",
        "output_shape": tuple(model.input_shape[1:]),
        "parameters": 0,
        "multiply_adds": 0,
        "detail": "samples x channels",
        "follows": False,
    }
    rows, above = [window], None
    for layer, reads in _branch_by_branch(model):
        rows.append(
            {
                "type": type(layer).__name__,
                "output_shape": tuple(layer.output.shape[1:]),
                "parameters": layer.count_params(),
                "multiply_adds": layer_multiply_adds(layer),
                "detail": _detail(layer),
                "follows": above is None or above in reads,
            }
        )
        above = layer
    return rows


def _branch_by_branch(model: keras.Model) -> list[tuple[keras.Layer, list[keras.Layer]]]:
    """Return a model's layers, a branch at a time, each with those whose output it reads.

    What is computed on the way without a layer (a logarithm, say) is passed over.
    """
    layers = [layer for layer in model.layers if type(layer).__name__ != "InputLayer"]
    order: list[tuple[keras.Layer, list[keras.Layer]]] = []
    found: dict[int, list[keras.Layer]] = {}

    def visit(tensor: Any) -> list[keras.Layer]:
        operation, node, _ = tensor._keras_history
        if id(operation) not in found:
            inputs = operation._inbound_nodes[node].input_tensors
            reads = [layer for each in inputs for layer in visit(each)]
            is_layer = any(operation is layer for layer in layers)
            if is_layer:
                order.append((operation, reads))
            found[id(operation)] = [operation] if is_layer else reads
        return found[id(operation)]

    visit(model.outputs[0])
    return order


def configuration(model: keras.Model) -> Any:
    """Return everything Keras needs to build the model again, with names that do not change.

    Keras counts layers as a session creates them (``lstm``, ``lstm_1``, …); here the names tell
    only the place in the model, so two equal models have equal configurations.
    """
    config = model.get_config()
    layers = enumerate(config.get("layers", []))
    names = {layer["config"]["name"]: f"layer-{place}" for place, layer in layers}
    return _renamed(config, {**names, model.name: "model"})


def _renamed(value: Any, names: dict[str, str]) -> Any:
    """Return a nested value in which every text that is a key of ``names`` is replaced."""
    if isinstance(value, dict):
        return {key: _renamed(item, names) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_renamed(item, names) for item in value]
    return names.get(value, value) if isinstance(value, str) else value
