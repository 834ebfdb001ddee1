"""What the course's own networks say to other people: as recorded, and turned by the rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from har_utils import models, results
from har_utils.others import final
from har_utils.others.protocol import Data
from har_utils.others.windows import OWN

EVERY = 3
"""One window in so many is shown to a published network: a recurrent one takes its time."""


def networks() -> list[Path]:
    """List the course's networks that read one window and name one of six activities."""
    folder = results.networks_folder()
    names = ("modern", "modern_small", "modern_tiny", "modern_integer", "cnn_1d", "cnn_lstm")
    every = (folder / f"{name}.keras" for name in (*names, "single_lstm", "multi_lstm"))
    return [file for file in every if file.exists()]


def table(data: Data, files: Sequence[Path] | None = None, every: int = EVERY) -> pd.DataFrame:
    """Score published networks on other people, as recorded and turned.

    Parameters
    ----------
    data : Data
    files : sequence of Path, optional
        The networks; all published ones without it.
    every : int
        One window in so many is shown to them.

    Returns
    -------
    DataFrame
        One row per network, set and way: ``network``, ``data_set``, ``turned``, ``windows``,
        ``accuracy``, ``macro_f1``, ``worst_person``, ``sure``, ``sure_and_wrong``.
    """
    rows = [
        row for file in (networks() if files is None else files) for row in _rows(data, file, every)
    ]
    return pd.DataFrame(rows)


def _rows(data: Data, file: Path, every: int) -> Iterator[dict[str, Any]]:
    """Yield the scores of one network."""
    model = models.prepare().models.load_model(file, compile=False)
    for name, own in data.sets.items():
        if name == OWN:
            continue
        chosen = np.arange(0, len(own), every)
        some = own.take(chosen)
        for turned, windows in ((False, some.windows), (True, data.upright(name)[chosen])):
            probability = np.asarray(model.predict(windows, batch_size=256, verbose=0))
            scores = final.describe(some, probability)
            kept = ("accuracy", "macro_f1", "worst_person", "sure", "sure_and_wrong")
            yield {
                **{"network": file.stem, "data_set": name, "turned": turned, "windows": len(some)},
                **{score: round(scores[score], 5) for score in kept},
            }
