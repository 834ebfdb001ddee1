"""What people's own phones record, whatever app wrote it."""

from har_utils.phone.sensors import (
    LEAST_SECONDS,
    OWN_SUBJECT,
    STANDARD_GRAVITY,
    PhoneRecording,
    as_phyphox,
    read,
    window_starts,
)

__all__ = [
    "LEAST_SECONDS",
    "OWN_SUBJECT",
    "STANDARD_GRAVITY",
    "PhoneRecording",
    "as_phyphox",
    "read",
    "window_starts",
]
