"""Which network answers, and where its file is."""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from har_utils import dataset, files, models, results, signals
from har_utils.dataset import ACTIVITIES

if TYPE_CHECKING:
    import keras

BEST_MODEL = files.REPOSITORY / "report" / "models" / "best.keras"
"""The published network."""

LARGEST_LAYER = 100_000
"""Units or filters of one layer; more is a damaged file."""

LARGEST_NETWORK = 1_000_000_000
"""Bytes of all parts of a ``.keras`` file."""


def load_model(path: str | os.PathLike | None = None) -> keras.Model:
    """Load a trained network.

    Parameters
    ----------
    path : path, optional
        A ``.keras`` file; without it the published network.

    Returns
    -------
    keras.Model

    Raises
    ------
    FileNotFoundError
        If there is none.
    ValueError
        If it cannot be read, or does not read windows of this course.
    """
    file = Path(path or BEST_MODEL)
    if not file.is_file():
        raise _no_model(file)
    _refuse_vast(file)
    keras = models.prepare()
    try:
        model = keras.models.load_model(file, compile=False)
    except Exception as error:  # a damaged file may break anything on its way through Keras
        reason = next(iter(str(error).splitlines()), "") or type(error).__name__
        problem = f"{files.shown(file)}: not a network Keras can read ({reason})"
        raise ValueError(problem) from None
    expected = (None, signals.WINDOW, len(dataset.CHANNELS))
    if model.input_shape != expected or model.output_shape != (None, len(ACTIVITIES)):
        raise ValueError(
            f"{files.shown(file)}: it reads {model.input_shape} and gives {model.output_shape}, "
            f"not {expected} and {(None, len(ACTIVITIES))}"
        )
    return model


def _refuse_vast(file: Path) -> None:
    """Refuse what is no ``.keras`` file, or asks for layers that no network of a phone has.

    Raises
    ------
    ValueError
        Before anything of that size is made.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            config = json.loads(archive.read("config.json"))
            n_bytes = sum(entry.file_size for entry in archive.infolist())
    except (ValueError, KeyError, OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        problem = f"{files.shown(file)}: not a network Keras can read ({error})"
        raise ValueError(problem) from None
    widest = max(_widths(config), default=0)
    if widest > LARGEST_LAYER or n_bytes > LARGEST_NETWORK:
        raise ValueError(
            f"{files.shown(file)}: {n_bytes:,} bytes, layers up to {widest:,} wide; at most "
            f"{LARGEST_NETWORK:,} and {LARGEST_LAYER:,} are read"
        )


def _widths(config: object) -> Iterator[int]:
    """Yield the widths of all layers in a network's configuration."""
    inside = config.items() if isinstance(config, dict) else enumerate(config)
    for name, value in inside:
        if isinstance(value, dict | list):
            yield from _widths(value)
        elif name in ("units", "filters", "input_dim", "output_dim") and isinstance(value, int):
            yield value


def find_model(profile: str) -> Path:
    """Find the published network, else the last of the course's networks that was trained here.

    Parameters
    ----------
    profile : str
        Whose build is looked at before that of JupyterLab.

    Returns
    -------
    Path

    Raises
    ------
    FileNotFoundError
        If there is none.
    """
    builds = [results.results_folder(name) for name in dict.fromkeys((profile, "lab"))]
    keys = [results.Key(name) for name in reversed(models.BUILDERS)]
    trained = (results.run_file(folder, key, ".keras") for folder in builds for key in keys)
    found = next((file for file in (BEST_MODEL, *trained) if file.is_file()), None)
    if found is None:
        raise _no_model(BEST_MODEL)
    return found


def _no_model(file: Path) -> FileNotFoundError:
    return FileNotFoundError(
        f"{files.shown(file)}: no trained network there; `make report` trains networks and "
        "leaves them as build/report/results/<model>/seed-0.keras, of which you may name one"
    )


def trained(profile: str) -> dict[str, Path]:
    """Find the trained weights of every network there is.

    Parameters
    ----------
    profile
        Whose build comes first, then the published ones.

    Returns
    -------
    dict
        Name → the ``.keras`` file of its first seed, in the order of `models.BUILDERS`.

    Raises
    ------
    FileNotFoundError
        If there is none.
    """
    build, found = results.results_folder(profile), {}
    for name in models.BUILDERS:
        places = [results.run_file(build, results.Key(name), ".keras")]
        places.append(BEST_MODEL.with_name(f"{name}.keras"))
        there = [place for place in places if place.exists()]
        if there:
            found[name] = there[0]
    if not found:
        raise FileNotFoundError(
            f"no trained weights in {files.shown(build)} nor in "
            f"{files.shown(BEST_MODEL.parent)}: execute one of notebooks 4 to 8 first"
        )
    return found
