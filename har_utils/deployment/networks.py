"""Which network answers, and where its file is."""

from __future__ import annotations

import contextlib
import json
import os
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from har_utils import dataset, files, models, placement, results, signals
from har_utils.dataset import ACTIVITIES
from har_utils.deployment import anywhere_file
from har_utils.deployment.anywhere_file import AnywhereFile
from har_utils.deployment.interpreter import BareNetwork

if TYPE_CHECKING:
    import keras

    from har_utils.deployment.device import LiteNetwork


def best_model() -> Path:
    """Return the file of the published network: ``report/models/best.keras``."""
    return results.networks_folder() / "best.keras"


LARGEST_LAYER = 100_000
"""Units or filters of one layer; more is a damaged file."""

LARGEST_NETWORK = 1_000_000_000
"""Bytes of all parts of a ``.keras`` file."""


def load_model(path: str | os.PathLike | None = None) -> keras.Model | LiteNetwork | AnywhereFile:
    """Load a trained network.

    Parameters
    ----------
    path : path, optional
        A ``.keras`` or ``.tflite`` file; without it the published network.

    Returns
    -------
    keras.Model, LiteNetwork or AnywhereFile

    Raises
    ------
    FileNotFoundError
        If there is none.
    ValueError
        If it cannot be read, or does not read windows of this course.
    """
    file = Path(path or best_model())
    if not file.is_file():
        raise _no_model(file)
    if file.suffix not in (".keras", ".tflite"):
        raise ValueError(f"{files.shown(file)}: a network's file ends in .keras or .tflite")
    if file.suffix == ".tflite":
        return _load_lite(file)
    model = _read(file)
    expected = (None, signals.WINDOW, len(dataset.CHANNELS))
    if model.input_shape != expected or model.output_shape != (None, len(ACTIVITIES)):
        raise ValueError(
            f"{files.shown(file)}: it reads {model.input_shape} and gives {model.output_shape}, "
            f"not {expected} and {(None, len(ACTIVITIES))}"
        )
    return model


def _read(file: Path) -> keras.Model:
    """Read a ``.keras`` file, whatever the network reads and gives."""
    _refuse_vast(file)
    keras = models.prepare()
    try:
        return keras.models.load_model(file, compile=False)
    except Exception as error:  # a damaged file may break anything on its way through Keras
        reason = next(iter(str(error).splitlines()), "") or type(error).__name__
        problem = f"{files.shown(file)}: not a network Keras can read ({reason})"
        raise ValueError(problem) from None


def _load_lite(file: Path) -> LiteNetwork | AnywhereFile:
    """Load a LiteRT file; one that reads log-compressed windows needs more beside it.

    That is the network that it was made from, or the rule for any placement, which names it.
    """
    from har_utils.deployment.device import LiteNetwork

    models.prepare()  # loads TensorFlow without its log
    try:
        network = LiteNetwork(file.read_bytes())
    except (ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        problem = f"{files.shown(file)}: not a network LiteRT can read ({reason})"
        raise ValueError(problem) from None
    shape, expected = network.input_shape, (1, signals.WINDOW, len(dataset.CHANNELS))
    if shape == expected:
        return _answering(network, file)
    about = file.with_suffix(".json")
    if about.is_file() and "finder" in files.read_json(about):
        _answering(network, file, len(placement.PLACES))
        return anywhere_file.load(file)
    beside = file.with_suffix(".keras")
    parts = models.parts(load_model(beside)) if beside.is_file() else None
    if parts and parts[0].output_shape[1:] == shape[1:]:
        return _answering(LiteNetwork(file.read_bytes(), parts[0]), file)
    raise ValueError(
        f"{files.shown(file)}: it reads {shape}, not {expected}; if it is one of integers, keep "
        f"the network it was made from beside it, as {beside.name}, or its rule, as {about.name}"
    )


def _answering(network: LiteNetwork, file: Path, *places: int) -> LiteNetwork:
    """Return a network that gives a probability of each activity (for each place), or refuse it."""
    expected = (1, *places, len(ACTIVITIES))
    if network.output_shape != expected:
        problem = f"it gives {network.output_shape}, not {expected}, a probability of each activity"
        raise ValueError(f"{files.shown(file)}: {problem}")
    return network


def load_published(file: Path | None = None) -> BareNetwork | keras.Model:
    """Load a published network in the form that starts soonest.

    Parameters
    ----------
    file
        Its ``.keras`` file; the best one's without it.

    Returns
    -------
    BareNetwork or keras.Model
        The ``.tflite`` file beside it if it was made of it (the ``.json`` file says of which) and
        can be read without TensorFlow; the answers are the same but for rounding.

    Raises
    ------
    FileNotFoundError, ValueError
        As `load_model`.
    """
    file = file or best_model()
    if not file.is_file():
        raise _no_model(file)
    lite, about = file.with_suffix(".tflite"), file.with_suffix(".json")
    with contextlib.suppress(OSError, ValueError, ImportError, KeyError):
        if files.read_json(about)["lite_of"] == files.sha256(file):
            return BareNetwork(lite.read_bytes())
    return _read(file)


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
    if isinstance(config, list):
        for value in config:
            yield from _widths(value)
    for name, value in config.items() if isinstance(config, dict) else ():
        yield from _widths(value)
        if name in ("units", "filters", "input_dim", "output_dim") and isinstance(value, int):
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
    builds, last_first = dict.fromkeys((profile, "lab")), list(reversed(models.BUILDERS))
    trained = (results.weights_of(name, build) for build in builds for name in last_first)
    found = next((file for file in (best_model(), *trained) if file and file.is_file()), None)
    if found is None:
        raise _no_model(best_model())
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
    files_by_name = {name: results.weights_of(name, profile) for name in models.BUILDERS}
    found = {name: file for name, file in files_by_name.items() if file}
    if not found:
        raise FileNotFoundError(
            f"no trained weights in {files.shown(results.results_folder(profile))} nor in "
            f"{files.shown(results.networks_folder())}: execute one of notebooks 4 to 8 first"
        )
    return found
