"""A LiteRT file of the network for any placement: read, and asked in the network's place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from har_utils import models
from har_utils.deployment import device
from har_utils.deployment.device import LiteNetwork
from har_utils.others import anywhere, network, protocol
from har_utils.others.anywhere import Rule
from har_utils.others.network import Settings

if TYPE_CHECKING:
    import keras

PRECISION = "int8_full"
"""How its numbers are kept."""


@dataclass(frozen=True, eq=False)
class AnywhereFile:
    """A network that says of activities what a file says; it takes its place in a `Trained`.

    Attributes
    ----------
    content : bytes
    lite : LiteNetwork
        Gives a probability of each activity for each of `placement.PLACES`, ``(n, 2, 6)``.
    rule : Rule, optional
        How the place is found, and who has a say in an answer.
    """

    content: bytes
    lite: LiteNetwork
    rule: Rule | None = None

    def predict(self, windows: np.ndarray, **_: Any) -> tuple[np.ndarray, np.ndarray]:
        """Return both answers of a network; of the place the file knows nothing: half and half."""
        return self.lite.predict(windows), np.full((len(windows), 1), 0.5, dtype=np.float32)


def written(model: keras.Model, windows: np.ndarray) -> bytes:
    """Return a network's answers about activities as a LiteRT file.

    Parameters
    ----------
    model : keras.Model
        As `others.network.build` makes it.
    windows : ndarray of shape (n, 128, 9)
        For the converter to see what numbers the network meets.

    Raises
    ------
    ConversionError
        If LiteRT cannot take it.
    """
    return device.export(_activity(model), PRECISION, windows)


def read(content: bytes, settings: Settings, rule: Rule | None = None) -> AnywhereFile:
    """Read a file.

    Parameters
    ----------
    content : bytes
        As `written` returns it.
    settings : Settings
        How the network in it was built.
    rule : Rule, optional
        As in `AnywhereFile`.

    Raises
    ------
    ValueError
        If it is not a LiteRT file.
    """
    lite = device.load_lite(content, _activity(network.build(settings)), PRECISION)
    return AnywhereFile(content, lite, rule)


def load(file: Path) -> AnywhereFile:
    """Load a published file and the rule in the ``.json`` file beside it.

    Raises
    ------
    ValueError
        If either cannot be read.
    """
    rule = anywhere.read_rule(file.with_suffix(".json"))
    return read(file.read_bytes(), protocol.settings_of(rule.choice.candidate), rule)


def _activity(model: keras.Model) -> keras.Model:
    """Return the part of a network that names activities, for both places."""
    keras = models.prepare()
    return keras.Model(model.input, model.outputs[0])
