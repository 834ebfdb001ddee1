"""Turn a saved network into a LiteRT file; `deployment.export` runs this in a process of its own.

A process of its own, because the converter does not always fail with an error: given an LSTM to
quantise, it takes the whole process with it. Nothing here needs the rest of the package.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import tensorflow

LAYERS = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "UNPACK")
"""Operations a network's first layer begins with; an unrolled LSTM unpacks the window's samples."""

PRECISIONS = {
    "float32": "floats of 32 bits",
    "float16": "weights of 16 bits",
    "dynamic": "weights of 8 bits",
    "int8": "layers of 8 bits",
    "int8_full": "all of 8 bits",
    "int16": "weights of 8 bits, between layers 16",
}
"""How numbers are kept in a LiteRT file; ``int8`` leaves the two ends of a network in floats,
``int8_full`` nothing but what LiteRT has no integers for (a sign): it reads and gives integers."""

CALIBRATED = ("int8", "int8_full", "int16")
"""The precisions for which the converter has to see windows."""


def convert(saved_model: Path, precision: str, windows: np.ndarray) -> bytes:
    """Convert a saved model.

    Parameters
    ----------
    saved_model
        Folder of a TensorFlow model whose input has a fixed shape.
    precision
        A key of `PRECISIONS`.
    windows
        ``(n, length, channels)`` float32, to measure between which values each layer's output lies;
        for the precisions `CALIBRATED`.

    Returns
    -------
    bytes
        The LiteRT file, without names and notes.
    """
    import tensorflow

    converter = tensorflow.lite.TFLiteConverter.from_saved_model(str(saved_model))
    if precision == "int8":
        named = converter.convert()
        _ask_for(converter, precision, windows)
        return stripped(_quantised_between(ends(named), converter))
    _ask_for(converter, precision, windows)
    return stripped(converter.convert())


def _ask_for(
    converter: tensorflow.lite.TFLiteConverter, precision: str, windows: np.ndarray
) -> None:
    """Set up a converter for one precision."""
    import tensorflow

    operations = tensorflow.lite.OpsSet
    if precision != "float32":
        converter.optimizations = [tensorflow.lite.Optimize.DEFAULT]
    if precision == "float16":
        converter.target_spec.supported_types = [tensorflow.float16]
    if precision in CALIBRATED:
        converter.representative_dataset = _one_by_one(windows)
    if precision == "int8_full":
        converter.target_spec.supported_ops = [operations.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tensorflow.int8
    if precision == "int16":
        wide = operations.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
        converter.target_spec.supported_ops = [wide]


def _one_by_one(windows: np.ndarray) -> Callable[[], Iterator[list[np.ndarray]]]:
    """Return windows as the converter wants them: a function that yields one after the other."""
    return lambda: ([window[np.newaxis]] for window in windows)


def _quantised_between(kept: list[str], converter: tensorflow.lite.TFLiteConverter) -> bytes:
    """Quantise a model but for the operations whose results are named in ``kept``."""
    import tensorflow

    experimental = tensorflow.lite.experimental
    debugger = experimental.QuantizationDebugger(
        converter=converter,
        debug_dataset=converter.representative_dataset,
        debug_options=experimental.QuantizationDebugOptions(denylisted_nodes=kept),
    )
    return debugger.get_nondebug_quantized_model()


def ends(content: bytes) -> list[str]:
    """Return the names of what stays in floats under "int8".

    That is what is computed before the first layer, from the last one on, and on the way to a
    logarithm. In front of the first layer numbers of very different size stand side by side
    (0.01 g at rest, 6 rad/s on the stairs) and would have to share 256 steps; a logarithm is there
    to tell small numbers apart, which the steps would make equal before. Behind the last dense
    layer stand the scores that decide, where rounding makes a tie of a narrow lead.

    Parameters
    ----------
    content
        A LiteRT file that still has its names.
    """
    from tensorflow.lite.tools import flatbuffer_utils

    model = flatbuffer_utils.convert_bytearray_to_object(content)
    [graph, *_] = model.subgraphs
    kinds = [flatbuffer_utils.opcode_to_name(model, step.opcodeIndex) for step in graph.operators]
    results = [graph.tensors[step.outputs[0]].name.decode() for step in graph.operators]
    layers = [place for place, kind in enumerate(kinds) if kind in LAYERS]
    last = max(place for place in layers if kinds[place] == "FULLY_CONNECTED")
    kept = {*range(layers[0]), *range(last, len(kinds)), *_before_logarithms(graph, kinds)}
    return [results[place] for place in sorted(kept)]


def _before_logarithms(graph: Any, kinds: list[str]) -> set[int]:
    """Return the places of the logarithms of a graph and of all that they are computed from."""
    maker = {out: place for place, step in enumerate(graph.operators) for out in step.outputs}
    waiting = [place for place, kind in enumerate(kinds) if kind == "LOG"]
    found: set[int] = set()
    while waiting:
        place = waiting.pop()
        if place not in found:
            found.add(place)
            waiting += [maker[t] for t in graph.operators[place].inputs if t in maker]
    return found


def stripped(content: bytes) -> bytes:
    """Return a LiteRT file without names and notes, which take a third of a small one.

    Several outputs stand in the order of the network's: no name tells them apart any more.
    """
    from tensorflow.lite.tools import flatbuffer_utils

    model: Any = flatbuffer_utils.convert_bytearray_to_object(content)
    for graph, signature in zip(model.subgraphs, model.signatureDefs or [], strict=False):
        outputs = sorted(signature.outputs, key=lambda output: output.name)
        graph.outputs = [output.tensorIndex for output in outputs]  # the converter mixes them up
    flatbuffer_utils.strip_strings(model)
    model.metadata = None
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    folder, *wanted = map(Path, sys.argv[1:])
    for each in wanted:
        place = folder / each if (folder / each).exists() else folder
        converted = convert(place / "saved", each.name, np.load(place / "windows.npy"))
        (folder / f"{each}.tflite").write_bytes(converted)
