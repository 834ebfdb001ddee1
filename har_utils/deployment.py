"""What a trained network is for: naming what somebody's phone recorded, and running on one."""

from __future__ import annotations

# --- Classify a recording -------------------------------------------------------------------------


# --- On the device: LiteRT ------------------------------------------------------------------------
