"""The network for any placement, and how it is trained: one trunk, an answer for each place.

A turned waist lies, a turned thigh sits; going upstairs looks much the same on both. So everything
is shared but the last layer: the pocket's answer is the torso's plus a correction that training
keeps small where the data do not ask for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import logit

from har_utils import augmentation, models, signals
from har_utils.dataset import ACTIVITIES
from har_utils.others import windows as other_windows
from har_utils.placement import PLACES

if TYPE_CHECKING:
    import keras

N = len(ACTIVITIES)

UP, DOWN = ACTIVITIES.index("WALKING_UPSTAIRS"), ACTIVITIES.index("WALKING_DOWNSTAIRS")

FAINT = 1e-7
"""Probability below which the loss takes no logarithm."""

ASTRAY = 0.1
"""Share of training windows that face anywhere, as if nobody knew what is ahead."""

PLACE_LOSS = 0.3
"""What the loss of the place counts beside that of the activity; resting windows do not count."""


@dataclass(frozen=True)
class Settings:
    """A way to build and train the network; what is compared differs in one of these.

    Attributes
    ----------
    filters, n_listeners : tuple of int, int
        As in `models.modern`.
    dropout : float
        Share of the numbers about a window that is hidden in training.
    correction : float
        Penalty (L2) on the pocket's correction; None: one answer for both places.
    local : bool
        As in `placement.upward`.
    tilt : float
        Standard deviation of random tilts in training, degrees.
    gain, offset, gyro_gain : float
        Standard deviation of random errors per axis: of the accelerometer (share; g) and of the
        gyroscope (share).
    bands : float
        Share of training windows from which a low-pass filter takes what some sensors never see.
    strength : float
        Standard deviation of a random factor for all movements of a window.
    mirror : float
        Share of training windows seen in a mirror: the other hip, the other pocket.
    facing : float, optional
        Standard deviation in degrees of random turns about the vertical in training, of windows
        that were turned to face ahead; None: all turns alike, of windows that face anywhere.
    relative : bool
        Whether movements are brought to the same strength, recording by recording.
    noise : float
        Largest standard deviation of white noise that sensors may add (g; rad/s ten times that).
    by_person : bool
        Let every person of an activity count the same in training.
    epochs, per_epoch, batch_size : int
    learning_rate, weight_decay : float
    """

    filters: tuple[int, ...] = (32, 48, 64, 96)
    n_listeners: int = 32
    dropout: float = 0.5
    correction: float | None = 1e-3
    local: bool = True
    tilt: float = 5.0
    gain: float = 0.0
    offset: float = 0.0
    gyro_gain: float = 0.0
    bands: float = 0.0
    strength: float = 0.0
    mirror: float = 0.5
    facing: float | None = None
    relative: bool = False
    noise: float = 0.0
    by_person: bool = False
    epochs: int = 12
    per_epoch: int = 8192
    batch_size: int = 128
    learning_rate: float = 2e-3
    weight_decay: float = 0.02


def build(settings: Settings) -> keras.Model:
    """Return a new network: ``(n, 128, 9)`` upright windows → two answers.

    The first, ``(n, 2, 6)``, holds a probability of each activity for each of `placement.PLACES`;
    the second, ``(n, 1)``, the probability of a pocket, which means something where people walk.
    """
    keras = models.prepare()
    layers = keras.layers
    window = keras.Input((signals.WINDOW, 9))
    signal = models.log_compress(window, models.SMALLEST, keep_raw=True)
    for place, (n_filters, length) in enumerate(zip(settings.filters, (7, 5, 5, 3), strict=True)):
        if place:
            signal = layers.MaxPooling1D(2)(signal)
        signal = layers.Conv1D(n_filters, length, padding="same", use_bias=False)(signal)
        signal = layers.ReLU()(layers.BatchNormalization()(signal))
    found = [layers.GlobalAveragePooling1D()(signal), layers.GlobalMaxPooling1D()(signal)]
    if settings.n_listeners:
        found.append(models.log_energy(window, settings.n_listeners, 25))
    hidden = layers.Dropout(settings.dropout)(layers.Concatenate()(found))
    torso = layers.Dense(N, name="torso")(hidden)
    pocket = torso
    if settings.correction is not None:
        small = keras.regularizers.L2(settings.correction)
        correction = layers.Dense(N, name="correction", kernel_regularizer=small)(hidden)
        pocket = layers.Add()([torso, correction])
    logits = [layers.Reshape((1, N))(each) for each in (torso, pocket)]
    answers = layers.Softmax(name="activity")(layers.Concatenate(axis=1)(logits))
    return keras.Model(window, [answers, layers.Dense(1, "sigmoid", name="place")(hidden)])


def targets(activity: np.ndarray, place: int) -> np.ndarray:
    """Return which answers are right, ``(n, 2, 6)`` float32 of zeros and ones.

    Of stairs that nobody split both *up* and *down* are right.
    """
    right = np.zeros((len(activity), len(PLACES), N), dtype=np.float32)
    stairs = activity == other_windows.STAIRS
    right[stairs, place, UP] = right[stairs, place, DOWN] = 1
    known = np.flatnonzero(~stairs)
    right[known, place, activity[known]] = 1
    return right


def partial_loss(right: Any, probability: Any) -> Any:
    """Return −ln of what all right answers have in probability: the loss where labels are coarse.

    With one right answer it is the cross-entropy; of unsplit stairs it is −ln(P(up) + P(down)).
    """
    import keras

    likely = keras.ops.sum(right * probability, axis=(1, 2))
    return -keras.ops.log(likely + FAINT)


def altered(windows: np.ndarray, settings: Settings, generator: np.random.Generator) -> np.ndarray:
    """Return upright training windows as other phones, facing any way, would have measured them."""
    n = len(windows)
    angle = generator.uniform(0, 2 * np.pi, n)
    if settings.facing is not None:
        known = generator.random(n) >= ASTRAY
        near = np.radians(settings.facing) * generator.standard_normal(n)
        angle = np.where(known, near, angle)
    windows = augmentation.rotate(windows, _about_x(angle))
    if settings.mirror:
        windows = augmentation.mirror(windows, generator.random(n) < settings.mirror)
    if settings.tilt:
        tilts = augmentation.random_rotations(n, settings.tilt, generator)
        windows = augmentation.rotate(windows, tilts)
    if settings.strength:
        windows = _stronger(windows, settings.strength, generator)
    if settings.gain or settings.offset or settings.gyro_gain:
        windows = _miscalibrated(windows, settings, generator)
    if settings.bands:
        chosen = generator.random(n) < settings.bands
        windows[chosen] = _without_fast(windows[chosen], generator)
    if settings.noise:
        windows = _noisy(windows, settings.noise, generator)
    return windows


def _about_x(angle: np.ndarray) -> np.ndarray:
    """Return turns about the vertical, ``(n, 3, 3)``."""
    c, s, zero, one = np.cos(angle), np.sin(angle), np.zeros(len(angle)), np.ones(len(angle))
    return np.array([[one, zero, zero], [zero, c, -s], [zero, s, c]]).transpose(2, 0, 1)


def _stronger(windows: np.ndarray, spread: float, generator: np.random.Generator) -> np.ndarray:
    """Return windows whose movements, not their gravity, are stronger or weaker."""
    factor = np.exp(spread * generator.standard_normal((len(windows), 1, 1))).astype(np.float32)
    body_acc = windows[:, :, :3]
    total_acc = windows[:, :, 6:] + (factor - 1) * body_acc
    return np.concatenate([windows[:, :, :6] * factor, total_acc], axis=2)


def _miscalibrated(
    windows: np.ndarray, settings: Settings, generator: np.random.Generator
) -> np.ndarray:
    """Return windows as sensors with other gains and offsets would have measured them."""
    noise = generator.standard_normal((3, len(windows), 1, 3)).astype(np.float32)
    gain, offset = 1 + settings.gain * noise[0], settings.offset * noise[1]
    body_acc, gyro = (
        windows[:, :, :3] * gain,
        windows[:, :, 3:6] * (1 + settings.gyro_gain * noise[2]),
    )
    return np.concatenate([body_acc, gyro, windows[:, :, 6:] * gain + offset], axis=2)


def _noisy(windows: np.ndarray, largest: float, generator: np.random.Generator) -> np.ndarray:
    """Return windows of sensors with more noise: a random share of the largest, or a hundredth."""
    size = largest * 10 ** generator.uniform(-2, 0, (len(windows), 1, 1))
    white = generator.standard_normal((*windows.shape[:2], 6)).astype(np.float32)
    acc, gyro = (size * white[:, :, :3]), (10 * size * white[:, :, 3:])
    added = np.concatenate([acc, gyro, acc], axis=2)
    return windows + added.astype(np.float32)


def _without_fast(windows: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Return windows without what is faster than a random 7 to 20 Hz."""
    spectrum = np.fft.rfft(windows, axis=1)
    frequency = np.fft.rfftfreq(windows.shape[1], 1 / signals.SAMPLING_RATE)
    cutoff = generator.uniform(7, 20, (len(windows), 1))
    keep = 1 / (1 + (frequency / cutoff) ** 12)
    slow = np.fft.irfft(spectrum * keep[:, :, np.newaxis], windows.shape[1], axis=1)
    return slow.astype(np.float32)


def train(
    windows: np.ndarray,
    right: np.ndarray,
    weight: np.ndarray,
    moves: np.ndarray,
    settings: Settings,
    seed: int,
) -> keras.Model:
    """Train a network for a fixed number of epochs and keep the last.

    Parameters
    ----------
    windows : ndarray of shape (n, 128, 9), float32
        Upright.
    right : ndarray of shape (n, 2, 6)
        As `targets` gives it.
    weight : ndarray of shape (n,)
        How often each is drawn, in proportion.
    moves : ndarray of shape (n,), bool
        Which windows can be of walking: only they are asked about the place.
    settings : Settings
    seed : int
        Of the initial weights, the windows that are drawn, what is done to them, and dropout.
    """
    keras = models.prepare()
    keras.utils.set_random_seed(seed)
    model = build(settings)
    steps = settings.epochs * (settings.per_epoch // settings.batch_size)
    schedule = keras.optimizers.schedules.CosineDecay(
        settings.learning_rate / 10,
        steps,
        alpha=0.01,
        warmup_target=settings.learning_rate,
        warmup_steps=steps // 10,
    )
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=settings.weight_decay)
    model.compile(optimizer, [partial_loss, "binary_crossentropy"], jit_compile=False)
    drawn_as = weight / weight.sum()
    pocket = right[:, 1].any(axis=1, keepdims=True).astype(np.float32)
    place_weight = PLACE_LOSS * moves.astype(np.float32)
    for epoch in range(settings.epochs):
        generator = np.random.default_rng([seed, epoch])
        drawn = generator.choice(len(windows), settings.per_epoch, p=drawn_as)
        model.fit(
            altered(windows[drawn], settings, generator),
            [right[drawn], pocket[drawn]],
            sample_weight=[np.ones(len(drawn), dtype=np.float32), place_weight[drawn]],
            **{"batch_size": settings.batch_size, "epochs": 1, "shuffle": False, "verbose": 0},
        )
    return keras.Model(model.inputs, model.outputs)  # without what the optimizer remembers


def predict(model: keras.Model, turned: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return both answers of a network, means over windows that face several ways.

    Returns
    -------
    activity : ndarray of shape (n, 2, 6), float32
    log_odds : ndarray of shape (n,), float32
        How much each window speaks for a pocket.
    """
    answers = [model.predict(each, batch_size=512, verbose=0) for each in turned]
    activity = np.mean([each[0] for each in answers], axis=0, dtype=np.float32)
    pocket = np.clip([each[1][:, 0] for each in answers], FAINT, 1 - FAINT)
    return activity, logit(pocket).mean(axis=0, dtype=np.float32)
