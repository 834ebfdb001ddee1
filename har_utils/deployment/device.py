"""Networks as LiteRT files: export, quantise, read, time."""

from __future__ import annotations

import math
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from har_utils import files, forking, models, results, training
from har_utils.dataset import Dataset
from har_utils.deployment import conversion
from har_utils.deployment.conversion import CALIBRATED, PRECISIONS

if TYPE_CHECKING:
    import keras

LEAST_BYTES = {"float32": 4, "float16": 2}
"""Bytes of a weight in a file; 1 where it is not said."""


LARGEST_INTEGER = 127
"""Weights of 8 bits go from -127 to 127, so that 0 stays 0."""


class ConversionError(ValueError):
    """A network that LiteRT cannot take; the message is one line for the person."""


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
            _save_for_one_window(parts[1], _compressed(parts[0], shown), folder / "int8_full")
        made = _convert_aside(folder, precisions)
    return {precision: _checked(content, model, precision) for precision, content in made.items()}


def write_lite(file: Path) -> Path:
    """Write a network as a LiteRT file of 32 bits beside it, and of which one it was made.

    Parameters
    ----------
    file
        A ``.keras`` file; the ``.json`` file beside it gets its SHA-256 as ``lite_of``.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ConversionError
        If the network cannot be converted.
    """
    if not file.is_file():
        raise FileNotFoundError(f"{files.shown(file)}: no trained network there")
    lite, about = file.with_suffix(".tflite"), file.with_suffix(".json")
    content = export(models.prepare().models.load_model(file, compile=False), "float32")
    with files.atomic(lite) as new:
        new.write_bytes(content)
    known = files.read_json(about) if about.exists() else {}
    files.write_json(about, known | {"lite_of": files.sha256(file)})
    return lite


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


def _compressed(log_compression: keras.Model, windows: np.ndarray) -> np.ndarray:
    """Return windows as a network's first part, log compression, shows them to the second."""
    return np.asarray(log_compression(windows), np.float32)


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
    """Convert what lies in a folder in another process; after a crash, go on in a new one.

    A build's server has that process ready with TensorFlow imported (`forking`).
    """
    environment = os.environ | {"PYTHONPATH": str(files.REPOSITORY)}
    made: dict[str, bytes | ConversionError] = {}
    left = list(precisions)
    program = [forking.__name__, conversion.__name__, str(folder)]
    while left:
        command = [sys.executable, "-m", *program, *left]
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        written = {precision: folder / f"{precision}.tflite" for precision in left}
        made |= {name: file.read_bytes() for name, file in written.items() if file.exists()}
        left = [precision for precision in left if precision not in made]
        if left:
            failed, reason = left.pop(0), _reason(done.returncode, done.stderr)
            made[failed] = ConversionError(f"no file with {PRECISIONS[failed]}: {reason}")
    return made


def _reason(status: int, said: str) -> str:
    """Return in a few words why a conversion failed."""
    crash = -status if status < 0 else status - 128  # the second as a shell says it
    if crash in set(signal.Signals):
        return f"the converter crashed ({signal.Signals(crash).name})"
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
            kinds: dict[int, type[np.generic]] = {1: np.int8, 2: np.float16}
            kind = kinds.get(len(data) // math.prod(shape), np.float32)
            values = np.frombuffer(bytes(data), kind).reshape(filters, length, channels)
            steps = tensor.quantization.scale if kind is np.int8 else None
            steps = np.ones(filters) if steps is None else np.asarray(steps)
            values = values if kind is np.int8 else values.astype(np.float32)
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

    A file of integers ("int8_full") wants its window in integers. Where the network
    log-compresses its window and looks at nothing else, the file begins after that: as measured,
    0.01 g would be less than a step, once compressed it is several. Compressing and rounding are
    done here, as an app would have to.
    """

    def __init__(
        self,
        content: bytes,
        log_compression: keras.Model | None = None,
        reference: bool = False,
    ) -> None:
        """Load a file.

        Parameters
        ----------
        content
            The file.
        log_compression
            What makes of a window that which the file reads; None if it reads windows.
            (`load_lite` knows.)
        reference
            Compute as LiteRT's reference does, which microcontrollers follow, instead of as fast
            as this processor can. The two round a few numbers differently.

        Raises
        ------
        ValueError
            If it is not a LiteRT file, or has several outputs.
        """
        import tensorflow

        with models.muted(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # TensorFlow announces that this part will move house
            kinds = tensorflow.lite.experimental.OpResolverType
            self._interpreter = tensorflow.lite.Interpreter(
                model_content=content,
                num_threads=1,
                experimental_op_resolver_type=kinds.BUILTIN_REF if reference else kinds.AUTO,
            )
            self._interpreter.allocate_tensors()
        [self._input] = self._interpreter.get_input_details()
        outputs = self._interpreter.get_output_details()
        if len(outputs) != 1:
            raise ValueError(
                f"{len(outputs)} outputs; only the published network for any placement has more "
                "than one, which answers without --model"
            )
        [self._output] = outputs
        self._log_compression = log_compression

    @property
    def input_shape(self) -> tuple[int, ...]:
        """What the file reads, one window at a time."""
        return tuple(int(size) for size in self._input["shape"])

    @property
    def output_shape(self) -> tuple[int, ...]:
        """What the file gives for one window."""
        return tuple(int(size) for size in self._output["shape"])

    def as_input(self, windows: np.ndarray) -> np.ndarray:
        """Return windows, ``(n, length, channels)`` float32, in the form the file wants them."""
        if self._log_compression is not None:
            windows = _compressed(self._log_compression, windows)
        if self._input["dtype"] == np.float32:
            return windows
        step, zero = self._input["quantization"]
        limits = np.iinfo(self._input["dtype"])
        rounded = np.clip(np.round(windows / step) + zero, limits.min, limits.max)
        return rounded.astype(self._input["dtype"])

    def __call__(self, window: np.ndarray) -> np.ndarray:
        """Return the probabilities for one window, ``(1, …)`` as `as_input` gives it."""
        self._interpreter.set_tensor(self._input["index"], window)
        self._interpreter.invoke()
        answer = self._interpreter.get_tensor(self._output["index"])
        if answer.dtype == np.float32:
            return answer
        step, zero = self._output["quantization"]
        return ((answer.astype(np.int32) - zero) * step).astype(np.float32)

    def predict(self, windows: np.ndarray, **ignored: Any) -> np.ndarray:
        """Return the probabilities for windows, so that ``training.predict`` takes this network."""
        return np.concatenate([self(window[np.newaxis]) for window in self.as_input(windows)])


def load_lite(
    content: bytes, model: keras.Model, precision: str, reference: bool = False
) -> LiteNetwork:
    """Load a LiteRT file so that it can be shown windows.

    Parameters
    ----------
    content, precision
        A file and how its numbers are kept, as `export` made it.
    model
        The network it was made from.
    reference
        As in `LiteNetwork`.
    """
    parts = models.parts(model) if precision == "int8_full" else None
    return LiteNetwork(content, parts[0] if parts else None, reference)


def latency(
    model: keras.Model, converted: dict[str, bytes], window: np.ndarray, n_calls: int = 300
) -> dict[str, float]:
    """Measure how long one window takes on one core, in TensorFlow and from LiteRT files.

    They take turns, so that a processor that changes its pace does so for all of them.

    Parameters
    ----------
    model
        The network in Keras.
    converted
        Precision → LiteRT file. The log compression of a window for a file of integers is
        not measured.
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
    for precision, content in converted.items():
        lite = load_lite(content, model, precision)
        calls[precision] = partial(lite, lite.as_input(one))
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
    files.write_json(results.results_folder(profile) / "latency.json", own)
    published = results.published_folder() / "latency.json"
    return files.read_json(published) if profile != "lab" and published.exists() else own
