"""Figures of searches for settings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullFormatter

from har_utils import models
from har_utils.plots.alt_text import captioned
from har_utils.plots.style import COLUMN_WIDTH, PAGE_WIDTH


@captioned("Where a grid and a random search look, and what they find out about what matters.")
def grid_and_random(points: dict[str, np.ndarray], loss: Any) -> Figure:
    """Draw the points of a grid and a random search, and the loss at each above them.

    Parameters
    ----------
    points
        Name of the search → where it looks, ``(n, 2)`` between 0 and 1: first the setting that
        matters, then the one that does not.
    loss
        Function of the setting that matters, on arrays.
    """
    figure, axes = plt.subplots(
        2, len(points), figsize=(COLUMN_WIDTH, 2.6), sharex=True, sharey="row", height_ratios=(1, 2)
    )
    along = np.linspace(0, 1, 200)
    for (above, below), (name, places) in zip(axes.T, points.items(), strict=True):
        above.plot(along, loss(along), color="0.6")
        above.plot(places[:, 0], loss(places[:, 0]), "o", color="#D55E00", markersize=3)
        below.plot(places[:, 0], places[:, 1], "o", color="#0072B2", markersize=3)
        below.vlines(places[:, 0], places[:, 1], 1.05, color="0.85", linewidth=0.5, zorder=0)
        above.set_title(f"{name}: {len(np.unique(places[:, 0]))} values that matter")
        below.set(xlabel="a setting that matters", xlim=(-0.05, 1.05), ylim=(-0.05, 1.05))
        below.set(xticks=[], yticks=[])
        above.set(yticks=[])
    axes[0, 0].set_ylabel("loss")
    axes[1, 0].set_ylabel("one that does not")
    return figure


@captioned("How a search learns: where good trials lie, where bad ones, and where to look next.")
def learned_sampling(
    along: np.ndarray, good: np.ndarray, bad: np.ndarray, trials: pd.DataFrame, proposal: float
) -> Figure:
    """Draw finished trials above the two densities from which TPE proposes the next one.

    Parameters
    ----------
    along
        Learning rates, ``(n,)``.
    good, bad
        How densely good and bad trials lie there, ``(n,)``.
    trials
        Columns ``learning_rate``, ``loss`` and ``good`` (bool).
    proposal
        The learning rate it proposes.
    """
    figure, (above, below) = plt.subplots(2, 1, figsize=(COLUMN_WIDTH, 2.8), sharex=True)
    kinds = (("good", "#0072B2", "o", trials["good"]), ("others", "#D55E00", "x", ~trials["good"]))
    for name, color, marker, rows in kinds:
        shown = trials[rows]
        above.plot(shown["learning_rate"], shown["loss"], marker, color=color, ms=4, label=name)
    below.plot(along, good, color="#0072B2", label="density of the good")
    below.plot(along, bad, "--", color="#D55E00", label="density of the others")
    below.axvline(proposal, color="black", linestyle=":", label="look here next")
    above.set(ylabel="loss", xscale="log")
    below.set(xlabel="learning rate", ylabel="density", yticks=[], ylim=(0, None))
    for axis in (above, below):
        axis.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


@captioned("How the loss on held-out people falls with each learning rate, and how far.")
def tuning_learning_rate(curves: dict[float, Sequence[float]]) -> Figure:
    """Draw validation loss against epochs per learning rate, and the lowest against the rate.

    Parameters
    ----------
    curves
        Learning rate → mean negative log-likelihood after each epoch.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(PAGE_WIDTH, 2.3), sharey=True)
    colors = plt.get_cmap("viridis")(np.linspace(0, 0.9, len(curves)))
    for color, (rate, losses) in zip(colors, curves.items(), strict=True):
        epochs = np.arange(1, len(losses) + 1)
        left.plot(epochs, losses, "o-", color=color, markersize=3, label=f"{rate:g}")
    lowest = [min(losses) for losses in curves.values()]
    right.plot(list(curves), lowest, color="0.7", zorder=0)
    right.scatter(list(curves), lowest, color=colors, s=20)
    right.set(xlabel="learning rate", xscale="log", ylabel="lowest loss")
    right.xaxis.set_minor_formatter(NullFormatter())
    right.tick_params(labelleft=True)
    left.set(xlabel="epoch", ylabel="loss of people held out", yscale="log")
    left.xaxis.set_major_locator(MaxNLocator(integer=True))
    left.set_xlim(0.5, max(map(len, curves.values())) + 0.5)
    marks = [digit * 10.0**power for power in range(-3, 3) for digit in (1, 2, 5)]
    highest = max(max(losses) for losses in curves.values())
    marks = [mark for mark in marks if min(lowest) / 2 <= mark <= 2 * highest]
    left.set_yticks(marks, [f"{mark:g}" for mark in marks])
    left.yaxis.set_minor_formatter(NullFormatter())
    handles, labels = left.get_legend_handles_labels()
    figure.legend(handles, labels, title="learning rate", loc="outside right center")
    return figure


@captioned("Every trial of each search in its order, the best so far, and the source's settings.")
def tuning_history(studies: dict[str, pd.DataFrame]) -> Figure:
    """Draw the loss of each trial in order and the best so far, a panel per network.

    Parameters
    ----------
    studies
        Network → table of trials, as ``tuning.read`` returns them; trial 0 has the source's
        settings.
    """
    columns = min(2, len(studies))
    rows = -(-len(studies) // columns)
    size = (PAGE_WIDTH if columns == 2 else COLUMN_WIDTH, 0.5 + 1.8 * rows)
    figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False)
    for axis, (name, table) in zip(axes.flat, studies.items(), strict=False):
        _draw_trials(axis, table)
        axis.set_title(models.title(name))
    for axis in axes.flat[len(studies) :]:
        axis.set_axis_off()
    for axis in axes[:, 0]:
        axis.set_ylabel("loss of people held out")
    for axis in axes[-1]:
        axis.set_xlabel("trial")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2 * columns)
    return figure


def _draw_trials(axis: Axes, table: pd.DataFrame) -> None:
    """Draw one search; what lies far above the finished trials is an arrow at the upper edge."""
    done, pruned = (table[table["state"] == state] for state in ("complete", "pruned"))
    top = 2 * done["loss"].median()
    best = done["loss"].cummin()
    kinds = (pruned, "x", "0.6", "given up"), (done, "o", "#0072B2", "finished")
    for trials, marker, color, label in kinds:
        near, far = (trials[trials["loss"].gt(top) == is_far] for is_far in (False, True))
        axis.plot(near["trial"], near["loss"], marker, color=color, label=label)
        axis.plot(far["trial"], np.full(len(far), top), "^", color=color)
    axis.step(done["trial"], best, color="black", where="post", label="best so far")
    first = done[done["trial"] == 0]["loss"]
    for loss in first:
        axis.axhline(loss, color="#D55E00", linestyle="--", label="the source's settings")
    for line in axis.lines:
        line.set_markersize(3.5)
    axis.set_ylim(0, 1.05 * top)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))


@captioned("Each trial as a line through its settings, and which settings mattered.")
def tuning_parameters(
    table: pd.DataFrame, scales: dict[str, Sequence[float]], importance: pd.Series | None
) -> Figure:
    """Draw parallel coordinates of the trials, and bars of hyperparameter importance.

    Parameters
    ----------
    table
        Trials, as ``tuning.read`` returns them; the finished ones are drawn.
    scales
        Setting → its ticks from bottom to top. Where these grow by factors, so does the axis.
    importance
        Part of the differences that each setting explains; None draws no bars.
    """
    done = table[table["state"] == "complete"].sort_values("loss", ascending=False)
    figure, (left, right) = plt.subplots(1, 2, figsize=(PAGE_WIDTH, 2.6), width_ratios=(2.4, 1))
    names = [*scales, "loss"]
    scales = {"loss": (done["loss"].min(), done["loss"].quantile(0.9)), **scales}
    heights = {name: _height(done[name], scales[name]) for name in names}
    colors = plt.get_cmap("viridis")(heights["loss"].clip(0, 0.9))
    for place, color in enumerate(colors):
        is_best = place == len(done) - 1
        line = [np.clip(heights[name][place], -0.03, 1.03) for name in names]
        left.plot(line, color="#D55E00" if is_best else color, linewidth=2 if is_best else 0.8)
    for place, name in enumerate(names):
        ticks = scales[name]
        left.axvline(place, color="0.5", linewidth=0.6)
        for tick, height in zip(ticks, _height(ticks, ticks), strict=True):
            text = f"{tick:.3g}"
            behind = {"facecolor": "white", "alpha": 0.7, "linewidth": 0, "pad": 0.5}
            left.annotate(
                text, (place, height), (3, 0), textcoords="offset points", fontsize=6, bbox=behind
            )
    left.set_xticks(range(len(names)), [name.replace("_", "\n") for name in names])
    left.set(yticks=[], xlim=(-0.1, len(names) - 0.6))
    left.spines[["left", "bottom"]].set_visible(False)
    left.set_title("finished trials, the best one red")
    _draw_importance(right, importance)
    return figure


def _height(values: Iterable[float], ticks: Sequence[float]) -> np.ndarray:
    """Return how high values stand between the lowest and the highest tick, 0 to 1."""
    places, ends = np.asarray(values, float), np.asarray(ticks, float)
    if len(ends) > 2 and ends[0] > 0 and ends[-1] / ends[-2] > 1.9:
        places, ends = np.log(places), np.log(ends)
    return (places - ends[0]) / max(ends[-1] - ends[0], 1e-12)


def _draw_importance(axis: Axes, importance: pd.Series | None) -> None:
    """Draw which part of the differences each setting explains."""
    if importance is None:
        axis.set_axis_off()
        return
    ordered = 100 * importance.sort_values()
    axis.barh([name.replace("_", " ") for name in ordered.index], ordered, color="#0072B2")
    axis.set(xlabel="part of the differences (%)", title="what mattered")
