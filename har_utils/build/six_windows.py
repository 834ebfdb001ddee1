"""Six windows, A to F: what a class names before lesson 1 does."""

from __future__ import annotations

import io

import matplotlib.pyplot as plt
import numpy as np

from har_utils import dataset, plots, sentences

say = sentences.beside(__file__)

NAMED = "one_window_each"
"""The figure of lesson 1 with the names."""

SHUFFLED = (4, 1, 5, 0, 3, 2)
"""The activities of the windows A to F."""


def texts() -> dict[str, str]:
    """Return the question that is asked with the picture, and the picture in words."""
    return {"question": say("question"), "words": say("words")}


def picture() -> bytes:
    """Return a window of each activity as lesson 1 picks it, without names and out of order.

    Returns
    -------
    bytes
        A PNG file.
    """
    data, windows = dataset.load(), []
    for activity in SHUFFLED:
        rows = np.flatnonzero((data.subjects == 1) & (data.labels == activity))
        windows.append(data.windows[rows[len(rows) // 2]])
    plots.use_style()
    figure = plots.one_window_each(np.stack(windows), dataset.CHANNELS, named=False)
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=200, metadata={"Software": None})
    plt.close(figure)
    return drawn.getvalue()
