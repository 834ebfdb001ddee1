"""Figures of people of other data sets, from the published summary and table."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from har_utils.others.trials import SETS
from har_utils.plots.alt_text import captioned
from har_utils.plots.style import PAGE_WIDTH


@captioned(
    "People of five other data sets, each recognised by a network that saw nobody of the set."
)
def other_people(summary: dict[str, Any], before: dict[str, Any] | None = None) -> Figure:
    """Draw how well the people of every set are recognised by a network that saw none of them.

    Parameters
    ----------
    summary : dict
        As `final.summary` returns it. A point is a person, a bar the accuracy over all windows.
    before : dict, optional
        The same of the attempt before; its bar is grey.
    """
    names = [name for name in SETS if name in summary]
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 2.1))
    for place, name in enumerate(names):
        accuracy = 100 * np.array(sorted(summary[name]["per_person"].values()))
        spread = np.linspace(-0.3, 0.3, len(accuracy))
        axis.plot(place + spread, accuracy, "o", color="#0072B2", markersize=3, alpha=0.8)
        bars = [("#D55E00", summary, "all windows")]
        if before is not None:
            bars.insert(0, ("0.6", before, "all windows, attempt 1"))
        for color, found, words in bars:
            mean = 100 * found[name]["with_neighbours"]["accuracy"]
            label = "" if place else words
            axis.hlines(mean, place - 0.38, place + 0.38, color=color, linewidth=1.5, label=label)
    labels = [f"{SETS[name].title}\n{SETS[name].placement}" for name in names]
    axis.set_xticks(range(len(names)), labels)
    axis.set(ylabel="accuracy (%)", ylim=(None, 101))
    if before is not None:
        axis.legend(ncols=2, loc="upper center", bbox_to_anchor=(0.5, 1.15), frameon=False)
    axis.grid(axis="y", color="0.92", linewidth=0.5)
    return figure


@captioned(
    "Macro F1 on other data sets: as recorded, turned by the rule, and trained for any placement."
)
def before_and_after_turning(table: pd.DataFrame, summary: dict[str, Any], network: str) -> Figure:
    """Draw macro F1 of one published network as recorded and turned, beside the new network.

    Parameters
    ----------
    table : DataFrame
        As `published.table` returns it.
    summary : dict
        As `final.summary` returns it; its intervals are drawn.
    network : str
        Which one of the table.
    """
    names = [name for name in SETS if name in summary]
    own = table[table["network"] == network].set_index(["data_set", "turned"])["macro_f1"]
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 2.8))
    places = np.arange(len(names))
    for shift, turned, words in ((-0.27, False, "as recorded"), (0, True, "turned")):
        height = [100 * own[name, turned] for name in names]
        axis.bar(places + shift, height, 0.25, color="0.75" if turned else "0.5", label=words)
    mean = np.array([100 * summary[name]["macro_f1"]["mean"] for name in names])
    low, high = (
        np.array([100 * summary[name]["macro_f1"][end] for name in names])
        for end in ("low", "high")
    )
    errors = np.maximum([mean - low, high - mean], 0)
    axis.bar(places + 0.27, mean, 0.25, yerr=errors, color="#E69F00", label="for any placement")
    axis.set_xticks(places, [SETS[name].title for name in names])
    axis.set(ylabel="macro F1 (%)", ylim=(0, 105))
    axis.legend(ncols=3, loc="upper center", bbox_to_anchor=(0.5, 1.15), frameon=False)
    return figure
