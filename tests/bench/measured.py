"""Measure a piece of work in seconds; shared by both environments of ``make bench``."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any


def measured(amount: int, work: Callable[[], Any], **notes: Any) -> None:
    """Do some work and print its seconds as JSON.

    Parameters
    ----------
    amount
        Of how many pieces the work is; the seconds are for one of them.
    work
        What is measured.
    **notes
        What else there is to say of it.
    """
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(json.dumps({"cpu": cpu / amount, "wall": wall / amount} | notes))
