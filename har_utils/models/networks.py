"""The architectures, one builder function each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from har_utils.models.backend import prepare
from har_utils.models.catalogue import BUILDERS, network

if TYPE_CHECKING:
    import keras


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


COMPRESSED = "magnified"
"""Name of the layer whose output is the log-compressed window; it is part of published digests."""


def signed_log(values: Any, smallest: float) -> Any:
    """Return a value's order of magnitude: ``sign(x) ln(1 + |x| / s) / ln(1 + 1 / s)``.

    Below s, the smallest that counts, it grows like x, above like the logarithm of x; 1 stays 1.
    """
    import keras

    size = keras.ops.log(1 + keras.ops.abs(values) / smallest) / math.log(1 + 1 / smallest)
    return keras.ops.sign(values) * size


def log_compress(window: Any, smallest: float, keep_raw: bool = True) -> Any:
    """Show a network small movements beside large ones: log-compress what is of movement alone.

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
    return keras.layers.Concatenate(name=COMPRESSED)(shown)


ENERGY_GAIN = 20.0
"""What movements are multiplied by before they are filtered: 0.05 g becomes 1."""

LEAST_ENERGY = 1e-4
"""What is added to an energy before the logarithm is taken: nothing at all has one, too."""


def log_energy(window: Any, n_filters: int, length: int) -> Any:
    """Tell how much of some learned kinds of movement is in a window: log energies of filters.

    A filter's log energy is the logarithm of its mean squared answer. That is what the energies of
    the classical features are, with frequency bands that training chooses. (The lessons say that a
    listener hears how loud a movement is.)

    Parameters
    ----------
    window
        Input of a network, ``(n, n_samples, 9)``.
    n_filters, length
        How many filters, and how many samples each covers.

    Returns
    -------
    tensor
        ``(n, n_filters)``, normalised.
    """
    import keras

    layers = keras.layers
    answer = layers.Conv1D(n_filters, length, use_bias=False)(window[..., :N_MOVING] * ENERGY_GAIN)
    energy = keras.ops.mean(keras.ops.square(answer), axis=1)
    return layers.BatchNormalization()(keras.ops.log(energy + LEAST_ENERGY))


def rectified_mean(compressed: Any, n_filters: int, length: int) -> Any:
    """Tell how much of some learned kinds of movement is in a log-compressed window.

    What `log_energy` tells, for integers of 8 bits: these movements have had their logarithm, so
    the mean of a filter's rectified answer needs neither squares nor a logarithm of its own.

    Parameters
    ----------
    compressed
        ``(n, n_samples, channels)``, as `log_compress` gives it.
    n_filters, length
        How many filters, and how many samples each covers.

    Returns
    -------
    tensor
        ``(n, n_filters)``, not negative.
    """
    import keras

    layers = keras.layers
    answer = layers.Conv1D(n_filters, length, use_bias=False)(compressed[..., :N_MOVING])
    answer = layers.ReLU()(layers.BatchNormalization()(answer))
    return layers.GlobalAveragePooling1D()(answer)


@network("Modern CNN")
def modern(
    input_shape: tuple[int, int] = (128, 9),
    n_classes: int = 6,
    filters: Sequence[int] = (64, 64, 128, 128),
    kernels: Sequence[int] = (7, 5, 5, 3),
    smallest: float | None = SMALLEST,
    keep_raw: bool = True,
    n_energy_filters: int = 48,
    energy_length: int = 25,
    energy_of_compressed: bool = False,
    dropout: float = 0.5,
) -> keras.Model:
    """Return the modern CNN: log-compressed input, normalised convolutions, and log energies.

    Parameters
    ----------
    input_shape
        Samples and channels of a window.
    n_classes
        Number of activities.
    filters, kernels
        Filters of each block and their lengths.
    smallest, keep_raw
        As in ``log_compress``; None for ``smallest`` shows the window as it is.
    n_energy_filters, energy_length
        As in ``log_energy``; 0 filters for no energies.
    energy_of_compressed
        Filter the log-compressed window (`rectified_mean`) instead of the measured one.
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
    shown = log_compress(window, smallest, keep_raw) if smallest else window
    signal = shown
    for place, (n_filters, length) in enumerate(zip(filters, kernels, strict=True)):
        if place:
            signal = layers.MaxPooling1D(2)(signal)
        signal = layers.Conv1D(n_filters, length, padding="same", use_bias=False)(signal)
        signal = layers.ReLU()(layers.BatchNormalization()(signal))
    found = [layers.GlobalAveragePooling1D()(signal), layers.GlobalMaxPooling1D()(signal)]
    if n_energy_filters and energy_of_compressed:
        found.append(rectified_mean(shown, n_energy_filters, energy_length))
    elif n_energy_filters:
        found.append(log_energy(window, n_energy_filters, energy_length))
    hidden = layers.Dropout(dropout)(layers.Concatenate()(found))
    return keras.Model(window, layers.Dense(n_classes, activation="softmax")(hidden))


@network("Small modern CNN")
def modern_small(input_shape: tuple[int, int] = (128, 9), n_classes: int = 6) -> keras.Model:
    """Return the modern CNN with less than 10 000 parameters.

    Parameters and return value as in ``single_lstm``.
    """
    sizes = {"filters": (16, 16, 24, 32), "kernels": (7, 5, 3, 3)}
    return modern(
        input_shape, n_classes, **sizes, n_energy_filters=12, energy_length=15, dropout=0.1
    )


@network("Integer modern CNN")
def modern_integer(input_shape: tuple[int, int] = (128, 9), n_classes: int = 6) -> keras.Model:
    """Return a small modern CNN whose numbers may all be integers.

    Parameters and return value as in ``single_lstm``.
    """
    sizes = {"filters": (16, 16, 24, 32), "kernels": (7, 5, 3, 3)}
    energies = {"n_energy_filters": 16, "energy_length": 15, "energy_of_compressed": True}
    return modern(input_shape, n_classes, **sizes, **energies, dropout=0.0)


@network("Tiny modern CNN")
def modern_tiny(input_shape: tuple[int, int] = (128, 9), n_classes: int = 6) -> keras.Model:
    """Return the modern CNN with less than 3000 parameters.

    Parameters and return value as in ``single_lstm``.
    """
    sizes = {"filters": (8, 8, 12, 16), "kernels": (5, 3, 3, 3)}
    return modern(
        input_shape, n_classes, **sizes, n_energy_filters=6, energy_length=15, dropout=0.0
    )


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
