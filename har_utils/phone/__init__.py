"""What people's own phones record, whatever app wrote it.

`read` turns any export into what the course works with: acceleration in g and rotation in rad/s,
fifty times a second. What it cannot be sure of it notes; what it cannot understand it refuses,
with one line that says which file, which column and which row.

A file becomes `tables`, the names of their columns say what they hold (`columns`, ``apps.yaml``),
times become seconds (`clocks`), cells become sensors (`readings`), sensors become motion in the
units and signs of the course (`motion`), and all that a `recording`.
"""

from har_utils.phone.motion import STANDARD_GRAVITY
from har_utils.phone.phyphox import as_phyphox
from har_utils.phone.recording import (
    PhoneRecording,
    read,
    recordings_in,
)
from har_utils.recordings import window_starts

__all__ = [
    "STANDARD_GRAVITY",
    "PhoneRecording",
    "as_phyphox",
    "read",
    "recordings_in",
    "window_starts",
]
