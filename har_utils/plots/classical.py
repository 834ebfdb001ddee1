"""Figures of the classical models."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from har_utils.plots.alt_text import captioned
from har_utils.plots.style import (
    ACTIVITY_COLORS,
    COLUMN_WIDTH,
    PAGE_WIDTH,
    draw_confusion,
    short_label,
)


@captioned("The cross-validated accuracy of every setting tried, under subject and random folds.")
def classical_grid_search(scores: pd.DataFrame, chosen: dict[str, float]) -> Figure:
    """Draw accuracy against a setting's value, a panel per model and a line per kind of folds.

    Parameters
    ----------
    scores
        One row per model, setting and kind of folds: columns ``model`` (title), ``parameter`` (its
        name), ``value``, ``folds`` (``"subjects"`` or ``"random"``), ``accuracy`` (mean), ``low``
        and ``high`` (worst and best fold).
    chosen
        Model's title → the value its subject folds chose.
    """
    columns = ["accuracy", "low", "high"]
    figure, axes = plt.subplots(1, len(chosen), figsize=(PAGE_WIDTH, 2.4))
    for axis, (model, best) in zip(axes, chosen.items(), strict=True):
        rows = scores[scores["model"] == model]
        settings = sorted(rows["value"].unique())
        for folds, label, color, style in (
            ("random", "random folds", "0.55", "s--"),
            ("subjects", "subject folds", "#0072B2", "o-"),
        ):
            percent = 100 * rows[rows["folds"] == folds].set_index("value").loc[settings, columns]
            band = {"color": color, "alpha": 0.15, "linewidth": 0}
            axis.fill_between(range(len(settings)), percent["low"], percent["high"], **band)
            axis.plot(percent["accuracy"].to_numpy(), style, color=color, markersize=4, label=label)
        line = {"color": "0.3", "linewidth": 0.8, "linestyle": ":", "zorder": 0}
        axis.axvline(settings.index(best), label="chosen by subject folds", **line)
        axis.set_xticks(range(len(settings)), [f"{value:g}" for value in settings])
        axis.set(title=model, xlabel=rows["parameter"].iloc[0].replace("_", " "))
    axes[0].set_ylabel("accuracy (%)")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3)
    return figure


@captioned("Confusion matrices side by side; rows are the truth, cells show percent of their row.")
def confusion_matrices(confusions: dict[str, np.ndarray]) -> Figure:
    """Draw a heatmap per model: row percentages of its confusion matrix.

    Parameters
    ----------
    confusions
        Title → counts, shape (6, 6). Up to four stand beside each other.
    """
    labels = [short_label(activity) for activity in ACTIVITY_COLORS]
    n_rows = -(-len(confusions) // 4)
    size = (PAGE_WIDTH, 2.7 if n_rows == 1 else 2.3 * n_rows)
    figure, axes = plt.subplots(
        n_rows, -(-len(confusions) // n_rows), figsize=size, sharey=True, squeeze=False
    )
    for axis, (title, confusion) in zip(axes.flat, confusions.items(), strict=False):
        draw_confusion(axis, np.asarray(confusion), labels)
        axis.set(title=title, xlabel="predicted")
    for axis in axes.flat[len(confusions) :]:
        axis.set_visible(False)
    for axis in axes[:, 0]:
        axis.set_ylabel("true")
    return figure


@captioned("What random folds promise, what subject folds promise, and what unseen people give.")
def leakage(scores: pd.DataFrame) -> Figure:
    """Draw three accuracies per model as dots: random folds, subject folds, test subjects.

    Parameters
    ----------
    scores
        A row per model (title); columns ``random``, ``subjects``, ``test`` (accuracies), and
        ``low`` and ``high`` (the test accuracy's interval).
    """
    figure, axis = plt.subplots(figsize=(COLUMN_WIDTH, 2.2))
    position = np.arange(len(scores))
    interval = np.abs(100 * (scores[["low", "high"]].T - scores["test"]).to_numpy())
    axis.errorbar(
        100 * scores["test"],
        position + 0.2,
        xerr=interval,
        fmt="D",
        color="#D55E00",
        markersize=4,
        elinewidth=0.8,
        label="unseen test subjects (95 %)",
    )
    for folds, label, shift, color, marker in (
        ("subjects", "subject folds", 0.0, "#0072B2", "o"),
        ("random", "random folds", -0.2, "0.5", "s"),
    ):
        dots, heights = 100 * scores[folds], position + shift
        axis.scatter(dots, heights, s=22, label=label, zorder=2, color=color, marker=marker)
    axis.set_yticks(position, scores.index)
    axis.set(xlabel="accuracy (%)", ylim=(-0.6, len(scores) - 0.4))
    axis.invert_yaxis()
    axis.grid(axis="x", color="0.9", linewidth=0.5)
    axis.legend(loc="upper center", bbox_to_anchor=(0.4, -0.25), ncols=2, columnspacing=0.8)
    return figure
