"""Outside the course: classify a recording, convert a network for a device."""

from har_utils.deployment.classification import (
    OFTEN,
    SLOW,
    Timeline,
    Wearing,
    classify,
    turned,
    usual_wearing,
    wearing,
)
from har_utils.deployment.conversion import CALIBRATED, PRECISIONS
from har_utils.deployment.device import (
    LARGEST_INTEGER,
    LEAST_BYTES,
    ConversionError,
    LiteNetwork,
    calibration_windows,
    export,
    export_all,
    latency,
    load_lite,
    quantise,
    shown_latency,
    stored_kernel,
    write_lite,
)
from har_utils.deployment.interpreter import BareNetwork
from har_utils.deployment.networks import (
    best_model,
    find_model,
    load_model,
    load_published,
    trained,
)

__all__ = [
    "CALIBRATED",
    "LARGEST_INTEGER",
    "LEAST_BYTES",
    "OFTEN",
    "PRECISIONS",
    "SLOW",
    "BareNetwork",
    "ConversionError",
    "LiteNetwork",
    "Timeline",
    "Wearing",
    "best_model",
    "calibration_windows",
    "classify",
    "export",
    "export_all",
    "find_model",
    "latency",
    "load_lite",
    "load_model",
    "load_published",
    "quantise",
    "shown_latency",
    "stored_kernel",
    "trained",
    "turned",
    "usual_wearing",
    "wearing",
    "write_lite",
]
