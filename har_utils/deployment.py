"""What a trained network is for: naming what somebody's phone recorded, and running on one."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from har_utils import dataset, models, phone, results, signals, training
from har_utils.conversion import CALIBRATED, PRECISIONS
from har_utils.dataset import ACTIVITIES, Dataset
from har_utils.phone import PhoneRecording
from har_utils.recordings import Recording

if TYPE_CHECKING:
    import keras

# --- Classify a recording -------------------------------------------------------------------------

BEST_MODEL = results.REPOSITORY / "report" / "models" / "best.keras"
"""The published network."""

SLOW = 2 * signals.NOISE_CUTOFF
"""Samples per second below which a recording lacks part of what the training windows hold."""

OFTEN = 0.05
"""Share of windows from which on something is worth a warning."""


SLOWEST_STEPS, FASTEST_STEPS = 1.1, 3.2
"""Steps per second, in Hz, between which people walk."""

GENTLEST_STEPS = 0.02
"""Standard deviation of the acceleration's length, in g, that steps shake any phone by."""


@dataclass(frozen=True, eq=False)
class Wearing:
    """How the people in a data set wore their phones, and how they moved.

    Attributes
    ----------
    upright : ndarray of shape (3,), float64
        Direction of gravity while walking, of length 1, the mean over the subjects.
    angles : ndarray of shape (n_subjects,), float64
        Between that and each subject's own direction, in degrees, in the order of the subjects.
    least_motion, most_motion : float
        Standard deviation of the acceleration's length within a window, in g: only 1 % of the
        windows of walking have less than the one, only 1 in 1000 has more than the other.
    """

    upright: np.ndarray
    angles: np.ndarray
    least_motion: float
    most_motion: float

    @property
    def widest(self) -> float:
        """The largest angle of all subjects, in degrees."""
        return float(self.angles.max())


@dataclass(frozen=True, eq=False)
class Timeline:
    """What a network says to a recording, one answer per window, as it gave them.

    Attributes
    ----------
    recording : Recording
    windows : DataFrame
        One row per window of 2.56 s, one every 1.28 s: start and stop (seconds), activity (the
        most probable), confidence (its probability). Nothing is smoothed.
    probability : ndarray of shape (n_windows, 6), float32
    cut : ndarray of shape (n_windows, 128, 9), float32
        What the network saw.
    warnings : tuple of str
        Why the answers may be worth less than the network's accuracy promises.
    """

    recording: Recording
    windows: pd.DataFrame
    probability: np.ndarray
    cut: np.ndarray
    warnings: tuple[str, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """What had to be guessed or turned round to read the recording."""
        return self.recording.notes if isinstance(self.recording, PhoneRecording) else ()

    def stretches(self) -> pd.DataFrame:
        """Join neighbouring windows with the same answer, and nothing else.

        Returns
        -------
        DataFrame
            start and stop (seconds; neighbours overlap as their windows do), activity, windows
            (how many) and confidence (their mean).
        """
        table = self.windows
        stride = signals.STRIDE / signals.SAMPLING_RATE
        follows = table["start"].diff().sub(stride).abs() < stride / 2
        same = follows & (table["activity"] == table["activity"].shift())
        grouped = table.groupby((~same).cumsum())
        return pd.DataFrame(
            {
                "start": grouped["start"].first(),
                "stop": grouped["stop"].last(),
                "activity": grouped["activity"].first(),
                "windows": grouped.size(),
                "confidence": grouped["confidence"].mean(),
            }
        ).reset_index(drop=True)

    def as_sampled(self) -> pd.DataFrame:
        """Return the windows on the clock of the samples, which stands still in long pauses."""
        seconds = self.windows[["start", "stop"]].map(
            lambda second: phone.sample_at(self.recording, second) / signals.SAMPLING_RATE
        )
        return self.windows.assign(start=seconds["start"], stop=seconds["stop"])

    def as_text(self) -> str:
        """Print the stretches as a table, then notes and warnings."""
        seconds = len(self.recording.acceleration) / signals.SAMPLING_RATE
        seconds -= _gap_seconds(self.recording)
        return "\n".join(
            [
                f"{seconds:.0f} s recorded. Each answer is about a window of 2.56 s, one every "
                "1.28 s; equal neighbours are joined.",
                self.stretches().to_string(
                    index=False,
                    formatters={
                        "start": "{:.1f} s".format,
                        "stop": "{:.1f} s".format,
                        "confidence": "{:.0%}".format,
                    },
                ),
                *(f"Note: {note}." for note in self.notes),
                *(f"Warning: {warning}" for warning in self.warnings),
            ]
        )

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain numbers and texts, to be written as JSON."""
        windows = self.windows.astype({"activity": str}).to_dict("records")
        for window, probability in zip(windows, self.probability.tolist(), strict=True):
            window["probability"] = dict(zip(ACTIVITIES, probability, strict=True))
        return {
            "windows": windows,
            "stretches": self.stretches().astype({"activity": str}).to_dict("records"),
            "notes": list(self.notes),
            "warnings": list(self.warnings),
        }


def load_model(path: str | os.PathLike | None = None) -> keras.Model | LiteNetwork:
    """Load a trained network.

    Parameters
    ----------
    path : path, optional
        A ``.keras`` or ``.tflite`` file; without it the published network.

    Returns
    -------
    keras.Model or LiteNetwork

    Raises
    ------
    FileNotFoundError
        If there is none.
    ValueError
        If it cannot be read, or does not read windows of this course.
    """
    file = Path(path or BEST_MODEL)
    if not file.is_file():
        raise _no_model(file)
    if file.suffix == ".tflite":
        return _load_lite(file)
    keras = models.prepare()
    try:
        model = keras.models.load_model(file, compile=False)
    except (ValueError, OSError, TypeError, KeyError) as error:
        reason = str(error).splitlines()[0]
        problem = f"{results.shown(file)}: not a network Keras can read ({reason})"
        raise ValueError(problem) from None
    expected = (None, signals.WINDOW, len(dataset.CHANNELS))
    if model.input_shape != expected or model.output_shape != (None, len(ACTIVITIES)):
        raise ValueError(
            f"{results.shown(file)}: it reads {model.input_shape} and gives {model.output_shape}, "
            f"not {expected} and {(None, len(ACTIVITIES))}"
        )
    return model


def _load_lite(file: Path) -> LiteNetwork:
    """Load a LiteRT file; one that reads magnified windows needs its network beside it."""
    try:
        network = LiteNetwork(file.read_bytes())
    except (ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        problem = f"{results.shown(file)}: not a network LiteRT can read ({reason})"
        raise ValueError(problem) from None
    shape, expected = network.input_shape, (1, signals.WINDOW, len(dataset.CHANNELS))
    if shape == expected:
        return network
    beside = file.with_suffix(".keras")
    parts = models.parts(load_model(beside)) if beside.is_file() else None
    if parts and parts[0].output_shape[1:] == shape[1:]:
        return LiteNetwork(file.read_bytes(), parts[0])
    raise ValueError(
        f"{results.shown(file)}: it reads {shape}, not {expected}; if it is one of integers, keep "
        f"the network it was made from beside it, as {beside.name}"
    )


def find_model(profile: str) -> Path:
    """Find the published network, else the last of the course's networks that was trained here.

    Parameters
    ----------
    profile : str
        Whose build is looked at before that of JupyterLab.

    Returns
    -------
    Path

    Raises
    ------
    FileNotFoundError
        If there is none.
    """
    builds = [results.results_folder(name) for name in dict.fromkeys((profile, "lab"))]
    keys = [results.Key(name) for name in reversed(models.BUILDERS)]
    trained = (results.run_file(folder, key, ".keras") for folder in builds for key in keys)
    found = next((file for file in (BEST_MODEL, *trained) if file.is_file()), None)
    if found is None:
        raise _no_model(BEST_MODEL)
    return found


def _no_model(file: Path) -> FileNotFoundError:
    return FileNotFoundError(
        f"{results.shown(file)}: no trained network there; `make report` trains networks and "
        "leaves them as build/report/results/<model>/seed-0.keras, of which you may name one"
    )


def classify(
    recording: Recording, model: keras.Model | LiteNetwork, people: Dataset | None = None
) -> Timeline:
    """Name what somebody did, window by window.

    Parameters
    ----------
    recording : Recording
        For example of somebody's own phone (`har_utils.phone.read`).
    model : keras.Model or LiteNetwork
        A trained network (`load_model`).
    people : Dataset, optional
        Whom the recording is compared with: the people the network was trained on. Without it,
        the training subjects of the whole data set.

    Returns
    -------
    Timeline

    Raises
    ------
    ValueError
        If no window of 2.56 s is free of gaps.
    """
    starts = phone.window_starts(recording)
    if not len(starts):
        raise ValueError(f"no {phone.LEAST_SECONDS} s of the recording are without a gap")
    windows = dataset.recording_windows(recording, starts)
    probability = training.predict(model, windows)
    answer = probability.argmax(axis=1)
    table = pd.DataFrame(
        {
            "start": phone.seconds_at(recording, starts),
            "stop": phone.seconds_at(recording, starts) + phone.LEAST_SECONDS,
            "activity": pd.Categorical.from_codes(answer, ACTIVITIES, ordered=True),
            "confidence": probability.max(axis=1).astype(float),
        }
    )
    people = dataset.load().train if people is None else people
    found = [*_recording_warnings(recording), *_wearing_warnings(windows, wearing(people))]
    return Timeline(recording, table, probability, windows, tuple(found))


def wearing(people: Dataset) -> Wearing:
    """Describe how people wore their phones and moved, from their windows of walking.

    Walking, upstairs and downstairs too, nobody lies: gravity shows how the phone sits.

    Parameters
    ----------
    people : Dataset

    Returns
    -------
    Wearing
    """
    walking = people.take(people.labels < 3)
    persons = sorted(set(walking.subjects.tolist()))
    own = [_direction(walking.windows[walking.subjects == person]) for person in persons]
    upright = np.mean(own, axis=0)
    upright /= np.linalg.norm(upright)
    angles = np.array([_angle(direction, upright) for direction in own])
    least, most = np.quantile(_motion(walking.windows), (0.01, 0.999))
    return Wearing(upright, angles, float(least), float(most))


def turned(windows: np.ndarray, usual: Wearing) -> float:
    """Say how far a phone was turned from where others wear it, while somebody walked.

    Parameters
    ----------
    windows : ndarray of shape (n, 128, 9), float32
    usual : Wearing

    Returns
    -------
    float
        Degrees; NaN if hardly any window can be one of walking.
    """
    motion = _motion(windows)
    walking = (motion >= usual.least_motion) & (motion <= usual.most_motion)
    if walking.mean() <= OFTEN:
        walking = _steps(windows) & (motion <= usual.most_motion)  # in the hand, say
    return _angle(_direction(windows[walking]), usual.upright) if walking.mean() > OFTEN else np.nan


def _direction(windows: np.ndarray) -> np.ndarray:
    """Return the direction of gravity in windows, of length 1."""
    mean = windows[:, :, 6:].mean(axis=(0, 1), dtype=float)
    return mean / np.linalg.norm(mean)


def _motion(windows: np.ndarray) -> np.ndarray:
    """Return how much the length of the acceleration varies within each window, in g."""
    return np.linalg.norm(windows[:, :, 6:], axis=2).std(axis=1)


def _steps(windows: np.ndarray) -> np.ndarray:
    """Say in which windows somebody takes steps, however gently the phone is carried.

    Most of the power of the acceleration's length is at the pace of steps then. Of the training
    windows of walking 98 of 100 are so, of those of the still activities fewer than 1.
    """
    length = np.linalg.norm(windows[:, :, 6:], axis=2)
    swing = (length - length.mean(axis=1, keepdims=True)) * np.hanning(signals.WINDOW)
    power = np.abs(np.fft.rfft(swing, axis=1)) ** 2
    frequency = np.fft.rfftfreq(signals.WINDOW, 1 / signals.SAMPLING_RATE)
    paced = (frequency > SLOWEST_STEPS) & (frequency < FASTEST_STEPS)
    total = power[:, (frequency > 0.3) & (frequency < signals.NOISE_CUTOFF)].sum(axis=1)
    regular = power[:, paced].sum(axis=1) > 0.5 * total
    return regular & (length.std(axis=1) > GENTLEST_STEPS)


def _gap_seconds(recording: Recording) -> float:
    """Return for how long within the samples the phone recorded nothing."""
    gaps = recording.gaps if isinstance(recording, PhoneRecording) else np.empty((0, 2))
    return float(np.diff(gaps, axis=1).sum() / signals.SAMPLING_RATE)


def _angle(a: np.ndarray, b: np.ndarray) -> float:
    """Return the angle between two directions, in degrees."""
    return float(np.degrees(np.arccos(np.clip(a @ b, -1, 1))))


def _recording_warnings(recording: Recording) -> list[str]:
    """Say what the phone did not record."""
    if not isinstance(recording, PhoneRecording):
        return []
    found = []
    if not recording.has_gyroscope:
        found.append("No gyroscope was recorded; the network sees a phone that never turns.")
    if recording.sampling_rate < SLOW:
        found.append(
            f"Only {recording.sampling_rate:.0f} samples per second were recorded; below "
            f"{SLOW:.0f} the faster part of each step is missing."
        )
    if len(recording.gaps):
        seconds = _gap_seconds(recording) + recording.left_out[:, 1].sum()
        found.append(
            f"For {seconds:.1f} s in all the phone recorded nothing (gaps: {len(recording.gaps)}); "
            "windows that touch a gap are left out."
        )
    return found


def _wearing_warnings(windows: np.ndarray, usual: Wearing) -> list[str]:
    """Say in what the phone's position and motion are unlike those the network knows."""
    found, angle = [], turned(windows, usual)
    if np.isnan(angle):
        found.append(
            "Hardly anybody walks in this recording, so it cannot be checked whether the phone "
            "is worn as in training."
        )
    elif angle > usual.widest:
        found.append(
            f"The phone is turned by {angle:.0f}° from where the training subjects wore it "
            f"(none of them by more than {usual.widest:.0f}°): do not trust the answers."
        )
    as_trained = (_motion(windows) >= usual.least_motion).mean()
    if as_trained <= OFTEN < _steps(windows).mean():
        found.append(
            "Somebody walks, but steps shake the phone less than any did in training: in the hand, "
            "or in a bag?"
        )
    wild = float((_motion(windows) > usual.most_motion).mean())
    if wild > OFTEN:
        found.append(
            f"{wild:.0%} of the windows move more than walking ever did in training: running, or "
            "something nobody taught the network."
        )
    return found


# --- From Keras to a phone ------------------------------------------------------------------------

LEAST_BYTES = {"float32": 4, "float16": 2}
"""Bytes of a weight in a file; 1 where it is not said."""

LARGEST_INTEGER = 127
"""Weights of 8 bits go from -127 to 127, so that 0 stays 0."""


class ConversionError(ValueError):
    """A network that LiteRT cannot take; the message is one line for the person."""


def trained(profile: str) -> dict[str, Path]:
    """Find the trained weights of every network there is.

    Parameters
    ----------
    profile
        Whose build comes first, then the published ones.

    Returns
    -------
    dict
        Name → the ``.keras`` file of its first seed, in the order of `models.BUILDERS`.

    Raises
    ------
    FileNotFoundError
        If there is none.
    """
    build, found = results.results_folder(profile), {}
    for name in models.BUILDERS:
        places = [results.run_file(build, results.Key(name), ".keras")]
        places.append(BEST_MODEL.with_name(f"{name}.keras"))
        there = [place for place in places if place.exists()]
        if there:
            found[name] = there[0]
    if not found:
        raise FileNotFoundError(
            f"no trained weights in {results.shown(build)} nor in "
            f"{results.shown(BEST_MODEL.parent)}: execute one of notebooks 4 to 8 first"
        )
    return found


def calibration_windows(data: Dataset, n_windows: int = 300, seed: int = 0) -> np.ndarray:
    """Draw windows of training subjects, for the converter to see what numbers a network meets.

    Parameters
    ----------
    data
        A data set; its test subjects are left alone.
    n_windows
        How many.
    seed
        Which.

    Returns
    -------
    ndarray
        ``(n_windows, 128, 9)`` float32, or all training windows if there are fewer.
    """
    shuffled = np.random.default_rng(seed).permutation(len(data.train))
    return data.train.windows[np.sort(shuffled[:n_windows])]


def export(
    model: keras.Model, precision: str, windows: np.ndarray | None = None, unroll: bool = False
) -> bytes:
    """Convert a network to a LiteRT file that reads one window at a time.

    See `export_all`, which does several at once and is quicker than one after the other.

    Parameters
    ----------
    model
        A trained network, ``(n, length, channels)`` → ``(n, n_classes)``.
    precision
        A key of `PRECISIONS`.
    windows
        ``(n, length, channels)`` float32 of training subjects (`calibration_windows`); "int8",
        "int8_full" and "int16" need them.
    unroll
        Write an LSTM's steps out one after the other instead of as a loop. The file becomes large,
        but the loop cannot be quantised.

    Returns
    -------
    bytes
        The file. It reads and gives float32 whatever it computes with, but for "int8_full": see
        `LiteNetwork`.

    Raises
    ------
    ConversionError
        If the network cannot be converted, or the file lacks weights.
    """
    made = export_all(model, [precision], windows, unroll)[precision]
    if isinstance(made, ConversionError):
        raise made
    return made


def export_all(
    model: keras.Model,
    precisions: Sequence[str],
    windows: np.ndarray | None = None,
    unroll: bool = False,
) -> dict[str, bytes | ConversionError]:
    """Convert a network to LiteRT files of several precisions.

    The work is done in a process of its own, which a crash of the converter cannot leave; the same
    network gives the same bytes.

    Parameters
    ----------
    model, windows, unroll
        As in `export`.
    precisions
        Keys of `PRECISIONS`.

    Returns
    -------
    dict
        Precision → the file, or why there is none.
    """
    for precision in precisions:
        if precision not in PRECISIONS:
            raise ValueError(f"no precision {precision!r}: there are {', '.join(PRECISIONS)}")
        if precision in CALIBRATED and windows is None:
            raise ValueError(
                f"{precision} needs windows of training subjects: calibration_windows()"
            )
    with tempfile.TemporaryDirectory(prefix="har-") as place:
        folder = Path(place)
        shape = (0, *model.input_shape[1:])
        shown = np.empty(shape, np.float32) if windows is None else windows
        _save_for_one_window(_unrolled(model) if unroll else model, shown, folder)
        if "int8_full" in precisions and (parts := models.parts(model)):
            _save_for_one_window(parts[1], _magnified(parts[0], shown), folder / "int8_full")
        made = _convert_aside(folder, precisions)
    return {precision: _checked(content, model, precision) for precision, content in made.items()}


def _save_for_one_window(model: keras.Model, windows: np.ndarray, folder: Path) -> None:
    """Save a network for TensorFlow, with room for one window only, and windows to look at.

    A free number of windows would cost operations, and an LSTM would not convert at all.
    """
    import tensorflow

    window = tensorflow.TensorSpec((1, *model.input_shape[1:]), tensorflow.float32)
    saved = folder / "saved"
    with models.muted():
        model.export(saved, format="tf_saved_model", input_signature=[window], verbose=False)
    np.save(folder / "windows.npy", windows)


def _magnified(magnifier: keras.Model, windows: np.ndarray) -> np.ndarray:
    """Return windows as a network's first part shows them to the second."""
    return np.asarray(magnifier(windows), np.float32)


def _unrolled(model: keras.Model) -> keras.Model:
    """Return a copy of a network whose LSTM layers are written out step by step."""
    import keras

    def copy(layer: keras.Layer) -> keras.Layer:
        settings = layer.get_config()
        if "unroll" in settings:
            settings["unroll"] = True
        return type(layer).from_config(settings)

    unrolled = keras.models.clone_model(model, clone_function=copy)
    unrolled.set_weights(model.get_weights())
    return unrolled


def _convert_aside(folder: Path, precisions: Sequence[str]) -> dict[str, bytes | ConversionError]:
    """Convert what lies in a folder in another process; after a crash, go on in a new one."""
    environment = os.environ | {"PYTHONPATH": str(results.REPOSITORY)}
    made, left = {}, list(precisions)
    while left:
        command = [sys.executable, "-m", "har_utils.conversion", str(folder), *left]
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        files = {precision: folder / f"{precision}.tflite" for precision in left}
        made |= {name: file.read_bytes() for name, file in files.items() if file.exists()}
        left = [precision for precision in left if precision not in made]
        if left:
            failed, reason = left.pop(0), _reason(done.returncode, done.stderr)
            made[failed] = ConversionError(f"no file with {PRECISIONS[failed]}: {reason}")
    return made


def _reason(status: int, said: str) -> str:
    """Return in a few words why a conversion failed."""
    if status < 0:
        return f"the converter crashed ({signal.Signals(-status).name})"
    unknown = re.search(r"tf\.(\w+) op is neither a custom op nor a flex op", said.replace("'", ""))
    if unknown:
        return f"LiteRT has no operation {unknown[1]}"
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1][:200] if lines else f"the converter ended with status {status}"


def _checked(
    content: bytes | ConversionError, model: keras.Model, precision: str
) -> bytes | ConversionError:
    """Return a file as it is, or what is wrong with it if it is too small to hold the weights."""
    if isinstance(content, ConversionError):
        return content
    n_weights = sum(weight.shape.num_elements() for weight in _kernels(model))
    needed, there = n_weights * LEAST_BYTES.get(precision, 1), sum(map(len, _constants(content)))
    if there >= needed:
        return content
    return ConversionError(
        f"no file with {PRECISIONS[precision]}: it holds {there:,} bytes of constants, the "
        f"weights are {needed:,}"
    )


def _kernels(model: keras.Model) -> list[Any]:
    """Return a network's tables of weights: what else it learned may be worked into them."""
    return [weight for weight in model.trainable_weights if len(weight.shape) > 1]


# What is in a file, and what it answers


def _constants(content: bytes) -> list[bytes]:
    """Return the constants in a LiteRT file: weights, biases, shapes."""
    from tensorflow.lite.tools import flatbuffer_utils

    buffers = flatbuffer_utils.convert_bytearray_to_object(content).buffers
    return [bytes(buffer.data) for buffer in buffers if buffer.data is not None]


def stored_kernel(content: bytes, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Read a convolution's weights from a LiteRT file as they are kept there.

    Parameters
    ----------
    content
        The file.
    shape
        Shape of the kernel in Keras: (length, channels, filters).

    Returns
    -------
    values : ndarray of that shape
        float32, or int8 of a file of 8 bits.
    steps : ndarray of shape (filters,)
        What an integer of 1 is worth in each filter; 1 for floats.

    Raises
    ------
    ValueError
        If the file has no weights of that shape.
    """
    from tensorflow.lite.tools import flatbuffer_utils

    length, channels, filters = shape
    model = flatbuffer_utils.convert_bytearray_to_object(content)
    for tensor in model.subgraphs[0].tensors:
        data = model.buffers[tensor.buffer].data
        if data is None or tensor.shape is None:
            continue
        if tuple(tensor.shape) == (filters, 1, length, channels):
            kind = np.int8 if len(data) == np.prod(shape) else np.float32
            values = np.frombuffer(bytes(data), kind).reshape(filters, length, channels)
            steps = tensor.quantization.scale if kind is np.int8 else None
            steps = np.ones(filters) if steps is None else np.asarray(steps)
            return values.transpose(1, 2, 0), np.broadcast_to(steps, filters)
    raise ValueError(f"the file has no convolution with weights of shape {shape}")


def quantise(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Round weights to 8 bits, with a step of its own for each unit.

    Parameters
    ----------
    weights
        ``(..., units)``, floats.

    Returns
    -------
    integers : ndarray of the same shape, int8
        -127 to 127.
    steps : ndarray of shape (units,)
        What 1 is worth: the largest weight of the unit is 127 steps.

    Notes
    -----
    As LiteRT does: symmetric, per axis
    (https://ai.google.dev/edge/litert/models/quantization_spec).
    """
    others = tuple(range(weights.ndim - 1))
    steps = np.maximum(np.abs(weights).max(axis=others), np.finfo(np.float32).tiny)
    steps = steps / LARGEST_INTEGER
    return np.round(weights / steps).astype(np.int8), steps


class LiteNetwork:
    """A LiteRT file that classifies windows, one at a time, with one thread.

    A file of integers ("int8_full") wants its window in integers. Where the network magnifies
    its window and looks at nothing else, the file begins after that: 0.01 g is less than a step
    then, and several once magnified. Both are done here, as an app would have to.
    """

    def __init__(self, content: bytes, magnifier: keras.Model | None = None):
        """Load a file.

        Parameters
        ----------
        content
            The file.
        magnifier
            What makes of a window that which the file reads; None if it reads windows. (`reader`
            knows.)

        Raises
        ------
        ValueError
            If it is not a LiteRT file.
        """
        import tensorflow

        with models.muted(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # TensorFlow announces that this part will move house
            self._interpreter = tensorflow.lite.Interpreter(model_content=content, num_threads=1)
            self._interpreter.allocate_tensors()
        [self._input] = self._interpreter.get_input_details()
        [self._output] = self._interpreter.get_output_details()
        self._magnifier = magnifier

    @property
    def input_shape(self) -> tuple[int, ...]:
        """What the file reads, one window at a time."""
        return tuple(int(size) for size in self._input["shape"])

    def shown(self, windows: np.ndarray) -> np.ndarray:
        """Return windows, ``(n, length, channels)`` float32, in the form the file wants them."""
        if self._magnifier is not None:
            windows = _magnified(self._magnifier, windows)
        if self._input["dtype"] == np.float32:
            return windows
        step, zero = self._input["quantization"]
        limits = np.iinfo(self._input["dtype"])
        rounded = np.clip(np.round(windows / step) + zero, limits.min, limits.max)
        return rounded.astype(self._input["dtype"])

    def __call__(self, window: np.ndarray) -> np.ndarray:
        """Return the probabilities for one window, ``(1, …)`` as `shown` gives it."""
        self._interpreter.set_tensor(self._input["index"], window)
        self._interpreter.invoke()
        answer = self._interpreter.get_tensor(self._output["index"])
        if answer.dtype == np.float32:
            return answer
        step, zero = self._output["quantization"]
        return ((answer.astype(np.int32) - zero) * step).astype(np.float32)

    def predict(self, windows: np.ndarray, **ignored: Any) -> np.ndarray:
        """Return the probabilities for windows, so that ``training.predict`` takes this network."""
        return np.concatenate([self(window[np.newaxis]) for window in self.shown(windows)])


def reader(content: bytes, model: keras.Model, precision: str) -> LiteNetwork:
    """Load a LiteRT file so that it can be shown windows.

    Parameters
    ----------
    content, precision
        A file and how its numbers are kept, as `export` made it.
    model
        The network it was made from.
    """
    parts = models.parts(model) if precision == "int8_full" else None
    return LiteNetwork(content, parts[0] if parts else None)


def latency(
    model: keras.Model, files: dict[str, bytes], window: np.ndarray, n_calls: int = 300
) -> dict[str, float]:
    """Measure how long one window takes on one core, in TensorFlow and from LiteRT files.

    They take turns, so that a processor that changes its pace does so for all of them.

    Parameters
    ----------
    model
        The network in Keras.
    files
        Precision → LiteRT file. What magnifies a window for a file of integers is not measured.
    window
        ``(length, channels)`` float32.
    n_calls
        Calls of each.

    Returns
    -------
    dict
        ``"tensorflow"`` and the precisions of the files → median processor seconds of a call.
    """
    import tensorflow

    graph = tensorflow.function(lambda batch: model(batch, training=False))
    one = window[np.newaxis]
    batch = tensorflow.constant(one)
    calls = {"tensorflow": lambda: graph(batch).numpy()}
    for precision, content in files.items():
        lite = reader(content, model, precision)
        calls[precision] = partial(lite, lite.shown(one))
    times = {name: np.empty(n_calls) for name in calls}
    for turn in range(-3, n_calls):  # the first few calls build things up and do not count
        for name, call in calls.items():
            started = time.process_time()  # other programs stretch wall time
            call()
            times[name][max(turn, 0)] = time.process_time() - started
    return {name: float(np.median(seconds)) for name, seconds in times.items()}


def shown_latency(profile: str, measured: dict[str, dict[str, float]]) -> dict[str, Any]:
    """Keep measured times, with the processor they are of, and return those to show.

    Times differ from run to run, so the report shows the published ones
    (``report/results/latency.json``, an input like any other). In JupyterLab your own are shown.

    Parameters
    ----------
    profile
        Whose times they are; they go to ``build/<profile>/results/latency.json``.
    measured
        Network → what `latency` returned.

    Returns
    -------
    dict
        ``seconds``, like `measured`, and ``machine``, what `training.machine` says of it.
    """
    own = {"machine": training.machine(), "seconds": measured}
    results.write_json(results.results_folder(profile) / "latency.json", own)
    published = results.published_folder() / "latency.json"
    return results.read_json(published) if profile != "lab" and published.exists() else own
