"""The page that recognises what somebody does from their phone's own browser.

The scripts in ``templates/site`` do what the course does in Python; all they need to know is put
into the page from here: constants, the network's layers and weights, a recording to replay.
"""

from __future__ import annotations

import base64
import functools
import json
import math
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from markupsafe import Markup
from scipy.signal import butter

from har_utils import (
    dataset,
    deployment,
    in_browser,
    models,
    phone,
    placement,
    recordings,
    results,
    signals,
    words,
)
from har_utils.dataset import ACTIVITIES, CHANNELS, Dataset
from har_utils.in_browser import Placing
from har_utils.others import anywhere, network, protocol, trials
from har_utils.recordings import Recording

if TYPE_CHECKING:
    import keras

TITLE = "What are you doing now?"

SCRIPTS = ("live_signals.js", "live_network.js", "live.js")
"""The page's own scripts, in the order in which they need each other."""

NETWORK = anywhere.MODEL
"""The network in the page: that for any placement."""

REPLAYED = 40
"""The experiment that is replayed: somebody lies, gets up, walks, and climbs stairs."""

REPLAYED_SECONDS = 100
"""Length of the part that is replayed: the one with the most activities."""

# --- A network as a list of layers ----------------------------------------------------------------

ELEMENTWISE = ("Absolute", "Sign", "Log", "Square", "Add", "Subtract", "Multiply", "TrueDivide")
POOLING = ("GlobalAveragePooling1D", "GlobalMaxPooling1D")
PLAIN = (*ELEMENTWISE, *POOLING, "ReLU", "Softmax")
USUAL: dict[str, dict[str, Any]] = {
    "Conv1D": {"strides": (1,), "dilation_rate": (1,), "groups": 1},
    "ReLU": {"max_value": None, "negative_slope": 0.0, "threshold": 0.0},
    "MaxPooling1D": {"padding": "valid"},
    "Softmax": {"axis": -1},
}
"""Options that the page takes for granted."""


def layers(model: keras.Model) -> dict[str, Any]:
    """Describe a network so that the page can run it.

    Parameters
    ----------
    model
        Of the layers that the modern networks are made of, with one input and one output.

    Returns
    -------
    dict
        input (name), outputs (names), layers (each with name, kind, inputs, its options, and where
        its weights lie) and weights (kernels in float16, the others in float32, in base64).

    Raises
    ------
    ValueError
        If a layer is of a kind that the page does not know.
    """
    keras = models.prepare()
    graph_of = keras.Model(model.inputs, model.outputs)  # a sequential model tells no inputs
    config = graph_of.get_config()
    parts = {part["name"]: part for part in config["layers"]}
    sources = {name: _sources(part) for name, part in parts.items()}
    graph = {name: [s for s in found if isinstance(s, str)] for name, found in sources.items()}
    found, weights = [], _Weights()
    for name in TopologicalSorter(graph).static_order():
        if parts[name]["class_name"] == "InputLayer":
            continue
        layer = {"name": name, "kind": parts[name]["class_name"], "inputs": sources[name]}
        found.append(layer | _options(model, parts[name], weights))
    return {
        "input": _names(config["input_layers"])[0],
        "outputs": _names(config["output_layers"]),
        "layers": found,
        "weights": weights.text(),
    }


def _names(ends: list) -> list[str]:
    """Return layers' names from (name, node, tensor), one such triple or a list of them."""
    return [str(name) for name in np.ravel(ends)[::3]]


class _Weights:
    """All weights of a network, one after the other: kernels in one row, the rest in another."""

    def __init__(self) -> None:
        self.blocks: dict[str, list[np.ndarray]] = {"kernels": [], "others": []}

    def add(self, **named: np.ndarray) -> dict[str, list[int]]:
        """Append arrays; return where each lies: the first number and the one after the last."""
        places = {}
        for name, values in named.items():
            block = self.blocks["kernels" if name == "kernel" else "others"]
            first = sum(map(np.size, block))
            places[name] = [first, first + values.size]
            block.append(np.asarray(values).ravel())
        return places

    def text(self) -> dict[str, str]:
        """Return everything in base64: kernels of 16 bits, the rest of 32."""
        types = {"kernels": "<f2", "others": "<f4"}
        rows = {name: np.concatenate(block) for name, block in self.blocks.items()}
        return {name: _base64(values.astype(types[name])) for name, values in rows.items()}


def _base64(values: np.ndarray) -> str:
    return base64.b64encode(values.tobytes()).decode("ascii")


def _sources(part: dict[str, Any]) -> list[str | float]:
    """Return what a layer reads: names of other layers, and numbers."""
    arguments = part["inbound_nodes"][0]["args"] if part["inbound_nodes"] else []
    found: list[str | float] = []
    for argument in arguments:
        tensors = argument if isinstance(argument, list) else [argument]
        for each in tensors:
            if isinstance(each, dict) and each["class_name"] == "__keras_tensor__":
                found.append(each["config"]["keras_history"][0])
            elif isinstance(each, int | float):
                found.append(each)
    return found


def _options(model: keras.Model, part: dict[str, Any], weights: _Weights) -> dict[str, Any]:
    """Return what the page has to know of one layer besides its inputs."""
    kind, config = part["class_name"], part["config"]
    for option, usual in USUAL.get(kind, {}).items():
        value = config[option]
        if (tuple(value) if isinstance(value, list) else value) != usual:
            raise ValueError(f"{part['name']}: the page knows {kind} only with {option}={usual}")
    if kind in ("Conv1D", "Dense"):
        return _weighted(model.get_layer(part["name"]), weights)
    if kind == "BatchNormalization":
        return {"weights": _normalisation(model.get_layer(part["name"]), weights)}
    if kind == "MaxPooling1D":
        return {"size": config["pool_size"][0]}
    if kind == "GetItem":
        return _slice(part)
    if kind == "Mean":
        return _over_time(part)
    if kind == "Concatenate":
        return {"kind": "Stack"} if config["axis"] == 1 else {}
    if kind == "Dropout" or (kind == "Reshape" and config["target_shape"][0] == 1):
        return {"kind": "Same"}  # after training nothing is hidden; a row is one row already
    if kind in PLAIN:
        return {}
    raise ValueError(f"{part['name']}: the page knows no layer {kind}")


def _weighted(layer: keras.Layer, weights: _Weights) -> dict[str, Any]:
    """Describe a convolution or a dense layer."""
    kernel = np.asarray(layer.kernel)
    named = {"kernel": kernel} | ({"bias": np.asarray(layer.bias)} if layer.use_bias else {})
    options = {"weights": weights.add(**named), "activation": layer.activation.__name__}
    if kernel.ndim == 3:
        options |= {"length": kernel.shape[0], "filters": kernel.shape[2], "padding": layer.padding}
    return options


def _normalisation(layer: keras.Layer, weights: _Weights) -> dict[str, list[int]]:
    """Describe what batch normalisation does after training: a factor and a shift per channel."""
    scale = np.asarray(layer.gamma) / np.sqrt(np.asarray(layer.moving_variance) + layer.epsilon)
    shift = np.asarray(layer.beta) - np.asarray(layer.moving_mean) * scale
    return weights.add(scale=scale, shift=shift)


def _slice(part: dict[str, Any]) -> dict[str, int]:
    """Describe a choice of channels, ``window[..., start:stop]``."""
    channels = part["inbound_nodes"][0]["args"][1][-1]["config"]
    return {"start": channels["start"] or 0, "stop": channels["stop"] or len(CHANNELS)}


def _over_time(part: dict[str, Any]) -> dict[str, Any]:
    """Check that a mean is one over time."""
    node = part["inbound_nodes"][0]
    axis = part["config"].get("axis", node["kwargs"].get("axis"))
    if axis not in (1, [1]):
        raise ValueError(f"{part['name']}: the page takes means over time only, not over {axis}")
    return {}


# --- What is put into the page --------------------------------------------------------------------


def placing() -> Placing:
    """Return how the page's network is told where the phone sits."""
    rule = anywhere.read_rule()
    return Placing(rule.finder, rule.choice.finder, rule.choice.caution)


def settings(
    people: Dataset, model: keras.Model, replayed: Recording, placing: Placing
) -> dict[str, Any]:
    """Return everything that the scripts of the page have to know.

    Parameters
    ----------
    people
        People of whose walking and resting the page knows how strong it is.
    model
        The network.
    replayed
        A recording to replay.
    placing
        How the network is told where the phone sits.
    """
    worn = deployment.wearing(people)
    return {
        "rate": int(signals.SAMPLING_RATE),
        "window": signals.WINDOW,
        "hop": in_browser.HOP,
        "g": phone.STANDARD_GRAVITY,
        "leadIn": signals.LEAD_IN,
        "longestBridge": signals.LONGEST_BRIDGE,
        "slow": deployment.SLOW,
        "sections": sections(),
        "channels": CHANNELS,
        "activities": ACTIVITIES,
        "words": {name: words.activity_name(name) for name in dataset.TWELVE_ACTIVITIES},
        "titles": in_browser.TITLES,
        "rounding": in_browser.ROUNDING,
        "unsure": anywhere.LEAST_PROBABILITY,
        "surePlace": anywhere.SURE_PLACE,
        "quiet": anywhere.QUIET,
        "edges": placement.EDGES,
        "turning": {
            "leastMotion": placement.LEAST_MOTION,
            "leastWalking": worn.least_motion,
            "mostMotion": placement.MOST_MOTION,
            "leastMoving": in_browser.LEAST_MOVING,
            "remembered": in_browser.REMEMBERED,
            "upsideDown": math.cos(math.radians(placement.UPSIDE_DOWN)),
        },
        "running": {
            "leastMotion": placement.GENTLEST_RUN,
            "leastPace": placement.QUICKEST_WALK,
            "bins": _bins(placement.PACES),
            "padded": placement.PADDED,
        },
        "usual": usual(people),
        **of_network(model, placing),
        "replay": excerpt(replayed),
    }


def sections() -> dict[str, list[list[float]]]:
    """Return the coefficients of the three filters, in second-order sections."""
    filters = {
        "noise": (signals.NOISE_ORDER, signals.NOISE_CUTOFF),
        "gravity": (signals.GRAVITY_ORDER, signals.GRAVITY_CUTOFF),
        "drift": (signals.DRIFT_ORDER, signals.DRIFT_CUTOFF),
    }
    rate = signals.SAMPLING_RATE
    return {name: butter(*one, fs=rate, output="sos").tolist() for name, one in filters.items()}


def of_network(model: keras.Model, placing: Placing) -> dict[str, Any]:
    """Return what the scripts have to know of one network."""
    return {
        "network": layers(model),
        "views": in_browser.views().tolist(),
        "finder": _finder(placing),
    }


def _finder(placing: Placing) -> dict[str, Any]:
    """Return the numbers by which places are told apart."""
    names = ("mean", "spread", "weights")
    numbers = {name: getattr(placing.finder, name).tolist() for name in names}
    bins = {"strides": _bins(placement.STRIDES), "steps": _bins(placement.STEPS)}
    parts = protocol.FINDERS[placing.way]
    return {
        **numbers,
        **bins,
        "bias": placing.finder.bias,
        "description": placing.finder.description,
        "rate": signals.SAMPLING_RATE,
        "gait": 1 - parts.count("network") / len(parts),
        "caution": placing.caution,
        "faint": network.FAINT,
    }


def _bins(part: slice) -> list[int]:
    return list(range(part.start, part.stop))


def usual(people: Dataset) -> dict[str, float]:
    """Say how people move: more than that nobody walks, less turning than that nobody rests."""
    resting = people.windows[people.labels >= 3]
    return {
        "mostMotion": anywhere.read_rule().most_motion,
        "leastSwing": float(np.quantile(_rms_rotation(resting), 0.001)),
    }


def _rms_rotation(windows: np.ndarray) -> np.ndarray:
    """Return the root of the mean squared angular velocity of each window, in rad/s."""
    return np.sqrt((windows[..., 3:6].astype(float) ** 2).sum(axis=-1).mean(axis=-1))


def busiest(recording: Recording, seconds: float = REPLAYED_SECONDS) -> int:
    """Find the part of a recording with the most activities in it: its first sample."""
    n_samples = int(seconds * signals.SAMPLING_RATE)
    known = recording.labels[recording.labels["activity"] <= len(ACTIVITIES)]
    last = max(len(recording.acceleration) - n_samples, 0)

    def variety(first: int) -> int:
        shown = np.minimum(known["stop"], first + n_samples) - np.maximum(known["start"], first)
        return known["activity"][shown > signals.WINDOW].nunique()

    return max(range(0, last + 1, signals.STRIDE), key=variety)


def excerpt(recording: Recording) -> dict[str, Any]:
    """Return the busiest part of a recording, rounded as a browser rounds."""
    first = busiest(recording)
    part = slice(first, first + int(REPLAYED_SECONDS * signals.SAMPLING_RATE))
    steps = [in_browser.ROUNDING["acceleration"]] * 3 + [in_browser.ROUNDING["rotation"]] * 3
    values = in_browser.as_browser(recording.acceleration[part], recording.rotation[part])
    done = [
        (int(start - first), int(stop - first), dataset.TWELVE_ACTIVITIES[activity - 1])
        for activity, start, stop in recording.labels[recordings.LABEL_COLUMNS].to_numpy()
        if stop > first and start < part.stop
    ]
    return {
        "done": done,
        "subject": recording.subject,
        "rate": signals.SAMPLING_RATE,
        "steps": steps,
        "values": _base64(np.rint(values / steps).astype("<i2")),
    }


def page() -> dict[str, Any]:
    """Return what the template of the page is filled with.

    Raises
    ------
    ValueError
        If a layer of the network is of a kind that the page does not know.
    """
    known = _settings()
    return {
        "title": TITLE,
        "settings": known,
        "settings_json": Markup(json.dumps(known, separators=(",", ":"))),
        "kilobytes": round(sum(map(len, known["network"]["weights"].values())) / 1000),
        "seconds": signals.LEAST_SECONDS,
        "answers": round(signals.SAMPLING_RATE / in_browser.HOP),
        "costs": costs(),
    }


def costs() -> list[tuple[str, str, str]]:
    """Say what a browser costs the page: whose windows, right as measured, right as it gives them.

    Nothing where `in_browser.PAGE_TABLE` is not published.
    """
    file = results.published_folder() / in_browser.PAGE_TABLE
    if not file.exists():
        return []
    table = pd.read_csv(file).groupby(["data_set", "condition"])["accuracy"].mean()
    return [
        (
            f"people of {trials.SETS[name].title}" if name in trials.SETS else "nine test people",
            words.percent(table[name, "as measured"]),
            words.percent(table[name, "uneven clock, rounded"]),
        )
        for name in table.index.unique("data_set")
    ]


@functools.cache
def _settings() -> dict[str, Any]:
    """Return the settings of the published network."""
    replayed = next(one for one in recordings.load() if one.experiment == REPLAYED)
    model = models.prepare().models.load_model(NETWORK, compile=False)
    return settings(dataset.load().train, model, replayed, placing())
