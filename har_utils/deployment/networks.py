"""Which network answers, and where its file is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from har_utils import dataset, files, models, results, signals
from har_utils.dataset import ACTIVITIES

if TYPE_CHECKING:
    import keras


def best_model() -> Path:
    """Return the file of the published network: ``report/models/best.keras``."""
    return results.networks_folder() / "best.keras"


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
    file = Path(path or best_model())
    if not file.is_file():
        raise _no_model(file)
    keras = models.prepare()
    try:
        model = keras.models.load_model(file, compile=False)
    except (ValueError, OSError, TypeError, KeyError) as error:
        reason = str(error).splitlines()[0]
        problem = f"{files.shown(file)}: not a network Keras can read ({reason})"
        raise ValueError(problem) from None
    expected = (None, signals.WINDOW, len(dataset.CHANNELS))
    if model.input_shape != expected or model.output_shape != (None, len(ACTIVITIES)):
        raise ValueError(
            f"{files.shown(file)}: it reads {model.input_shape} and gives {model.output_shape}, "
            f"not {expected} and {(None, len(ACTIVITIES))}"
        )
    return model


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
