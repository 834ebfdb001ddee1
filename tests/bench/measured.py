"""Run and measure a piece of work; shared by both environments of ``make bench``."""

from __future__ import annotations

import argparse
import inspect
import json
import time
from collections.abc import Callable
from typing import Any


def run(description: str | None, *programs: Callable[..., None]) -> None:
    """Run the function that the command line names, with the arguments behind its name.

    Parameters
    ----------
    description
        What ``--help`` says of the program.
    *programs
        The functions there are.
    """
    parser = argparse.ArgumentParser(description=description)
    names = {program.__name__: program for program in programs}
    parser.add_argument("what", choices=names)
    parser.add_argument("arguments", nargs="*")
    options = parser.parse_args()
    try:
        inspect.signature(names[options.what]).bind(*options.arguments)
    except TypeError as error:
        parser.error(f"{options.what}: {error}")
    names[options.what](*options.arguments)


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
