"""What can be said of a network without training it: its layers, parameters and multiplications."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from har_utils.models.networks import COMPRESSED

if TYPE_CHECKING:
    import keras


def parts(model: keras.Model) -> tuple[keras.Model, keras.Model] | None:
    """Part a network where its window has been log-compressed.

    Returns
    -------
    tuple of two keras.Model, or None
        What log-compresses a window, and what reads the compressed window. None if the network does
        not compress, or looks at the measured window as well.
    """
    import keras

    try:
        compressed = model.get_layer(COMPRESSED).output
        return keras.Model(model.input, compressed), keras.Model(compressed, model.output)
    except ValueError:
        return None


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
        text = f"{layer.filters} filters of {layer.kernel_size[0]}, {layer.padding}"
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
