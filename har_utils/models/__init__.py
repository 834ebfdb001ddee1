"""The architectures, one builder function each, and what can be said of them without training."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from har_utils.models.anatomy import (
    architecture,
    configuration,
    layer_multiply_adds,
    multiply_adds,
    parts,
)
from har_utils.models.backend import (
    muted,
    patch_keras,
    prepare,
)
from har_utils.models.catalogue import (
    BUILDERS,
    CLASSICAL,
    CONVOLUTIONS,
    HYPERPARAMETERS,
    NETWORKS,
    PARAMETERS,
    PUBLISHED,
    TITLES,
    UNMIRRORED,
    VARIANTS,
    classical,
    network,
    title,
)
from har_utils.models.networks import (
    COMPRESSED,
    ENERGY_GAIN,
    GYRO_PER_ACC,
    LEAST_ENERGY,
    N_MOVING,
    SMALLEST,
    build,
    cnn_1d,
    cnn_lstm,
    log_compress,
    log_energy,
    modern,
    modern_integer,
    modern_small,
    modern_tiny,
    multi_lstm,
    rectified_mean,
    signed_log,
    single_lstm,
)

if TYPE_CHECKING:
    import keras

__all__ = [
    "BUILDERS",
    "CLASSICAL",
    "COMPRESSED",
    "CONVOLUTIONS",
    "ENERGY_GAIN",
    "GYRO_PER_ACC",
    "HYPERPARAMETERS",
    "LEAST_ENERGY",
    "NETWORKS",
    "N_MOVING",
    "PARAMETERS",
    "PUBLISHED",
    "SMALLEST",
    "TITLES",
    "UNMIRRORED",
    "VARIANTS",
    "architecture",
    "build",
    "classical",
    "cnn_1d",
    "cnn_lstm",
    "configuration",
    "layer_multiply_adds",
    "log_compress",
    "log_energy",
    "modern",
    "modern_integer",
    "modern_small",
    "modern_tiny",
    "multi_lstm",
    "multiply_adds",
    "muted",
    "network",
    "parts",
    "patch_keras",
    "prepare",
    "rectified_mean",
    "signed_log",
    "single_lstm",
    "title",
]


def __getattr__(name: str) -> Callable[..., keras.Model]:
    """Return the builder of a network somebody added: ``@network`` made it known."""
    if name in BUILDERS:
        return BUILDERS[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
