"""Figures of what happens outside the test: altered recordings, confidence, mistakes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.typing import HashableList

from har_utils import models
from har_utils.plots.alt_text import captioned
from har_utils.plots.style import (
    ACTIVITY_COLORS,
    ACTIVITY_MARKERS,
    COLUMN_WIDTH,
    PAGE_WIDTH,
    _draw_sensor,
    _legend_below,
    _line_style,
    _model_style,
    _nothing_yet,
    _percent_axis,
    activity_label,
    draw_confusion,
    families,
)
from har_utils.words import minus


@captioned("The accuracy of every model under every perturbation, from harmless to severe.")
def robustness_curves(table: pd.DataFrame, perturbations: dict[str, Any]) -> Figure:
    """Draw accuracy against the strength of each perturbation, a panel each.

    Parameters
    ----------
    table
        What ``robustness.mean_curves`` returns.
    perturbations
        Name → perturbation, with ``title``, ``unit`` and ``order`` (its levels as they are
        drawn); those without a unit share the last panel.
    """
    names = [name for name in perturbations if name in set(table["perturbation"])]
    graded = [name for name in names if perturbations[name].unit]
    cells: list[HashableList[str]] = [[*graded[:3]], [*graded[3:6]], ["other"] * 3]
    figure, axes = plt.subplot_mosaic(cells, figsize=(PAGE_WIDTH, 5.4), sharey=True)
    for name in graded:
        _draw_levels(axes[name], table[table["perturbation"] == name], perturbations[name])
    yes_or_no = [name for name in names if not perturbations[name].unit]
    _draw_yes_or_no(axes["other"], table, {name: perturbations[name].title for name in yes_or_no})
    for axis in axes.values():
        axis.grid(axis="y", color="0.9", linewidth=0.5)
        axis.set_ylim(0, 103)
        place = axis.get_subplotspec()
        if place is not None and place.is_first_col():
            axis.set_ylabel("accuracy (%)")
    _legend_below(figure, axes[graded[0]])
    return figure


def _draw_levels(axis: Axes, rows: pd.DataFrame, perturbation: Any) -> None:
    """Draw one perturbation's panel, its levels at equal distances."""
    for name, scores in rows.groupby("model", sort=False):
        percent = 100 * scores.set_index("level")["accuracy"].reindex(perturbation.order)
        axis.plot(range(len(percent)), percent.to_numpy(), **_line_style(str(name)))
    axis.axvline(perturbation.order.index(perturbation.none), color="0.85", lw=3, zorder=0)
    axis.set_xticks(range(len(perturbation.order)), _signed(perturbation.order))
    axis.set(title=perturbation.title, xlabel=perturbation.unit)


def _signed(values: Iterable[float]) -> list[str]:
    """Return numbers as short texts with a real minus."""
    return [minus(f"{value:g}") for value in values]


def _draw_yes_or_no(axis: Axes, table: pd.DataFrame, titles: dict[str, str]) -> None:
    """Draw perturbations that are there or not: a group of marks for each, and one for none."""
    names = list(dict.fromkeys(table["model"]))
    offsets = 0.6 * (np.arange(len(names)) - (len(names) - 1) / 2) / max(len(names), 2)
    scores = table.set_index(["perturbation", "level", "model"])["accuracy"]
    for offset, name in zip(offsets, names, strict=True):
        first = next(iter(titles))
        values = [scores[first, 0, name], *(scores[key, 1, name] for key in titles)]
        style = _line_style(name) | {"linestyle": ""}
        axis.plot(np.arange(len(values)) + offset, 100 * np.array(values), **style)
    axis.set_xticks(range(len(titles) + 1), ["unchanged", *titles.values()])
    axis.tick_params(axis="x", length=0)


@captioned(
    "How often every model is right when it is so and so sure; on the diagonal it is honest."
)
def calibration_reliability(
    before: dict[str, pd.DataFrame], after: dict[str, pd.DataFrame]
) -> Figure:
    """Draw reliability diagrams before and after temperature scaling, a panel per model.

    Parameters
    ----------
    before, after
        Model → what ``evaluation.reliability`` returns, as the model is and after temperature
        scaling. Bins with less than one window in a thousand are not drawn.
    """
    columns = min(4, len(before))
    n_rows = -(-len(before) // columns)
    size = (PAGE_WIDTH, 0.6 + 1.8 * n_rows)
    figure, axes = plt.subplots(
        n_rows, columns, figsize=size, sharex=True, sharey=True, squeeze=False
    )
    for axis, name in zip(axes.flat, before, strict=False):
        axis.plot([0, 100], [0, 100], color="0.7", linewidth=0.8, zorder=0)
        for label, bins, fill in (("as it is", before, "white"), ("scaled", after, None)):
            if name in bins:
                drawn = 100 * bins[name].query("share >= 0.001")
                style = _model_style(name) | {"markersize": 3.5, "mfc": fill}
                style |= {"linestyle": "--" if fill else "-", "linewidth": 0.8, "label": label}
                axis.plot(drawn["confidence"], drawn["accuracy"], **style)
        title = models.title(name).replace(" (", "\n(")  # side by side, long ones would touch
        axis.set(title=title, xlim=(0, 102), ylim=(0, 102), aspect="equal")
        axis.legend(loc="upper left", handlelength=2)
    for axis in axes.flat[len(before) :]:
        axis.set_visible(False)
    for axis in axes[:, 0]:
        axis.set_ylabel("is right (%)")
    for axis in axes.flat[max(0, len(before) - columns) : len(before)]:
        axis.set_xlabel("is so sure (%)")
        axis.tick_params(labelbottom=True)
    return figure


@captioned("The accuracy of models that answer only when they are sure.")
def selective_prediction(curves: dict[str, pd.DataFrame]) -> Figure:
    """Draw accuracy against coverage, a line per model.

    Parameters
    ----------
    curves
        Model → what ``evaluation.selective_curve`` returns. What is answered by less than a
        twentieth of the windows is not drawn.
    """
    figure, axis = plt.subplots(figsize=(COLUMN_WIDTH, 2.9))
    for name, curve in curves.items():
        shown = 100 * curve[curve["coverage"] >= 0.05]
        style = _line_style(name) | {"markevery": max(1, len(shown) // 6)}
        axis.plot(shown["coverage"], shown["accuracy"], **style)
    axis.set(xlabel="windows answered, the surest first (%)", ylabel="of them right (%)")
    axis.set_xlim(5, 100)
    axis.grid(color="0.92", linewidth=0.5)
    _legend_below(figure, axis, columns=2)
    return figure


@captioned("How often models are wrong so and so far from a change of activity.")
def errors_transition(table: pd.DataFrame) -> Figure:
    """Draw the error rate against the distance to a transition, with bars of windows below.

    Parameters
    ----------
    table
        What ``evaluation.errors_by_distance`` returns.
    """
    figure, (top, bottom) = plt.subplots(
        2, 1, figsize=(COLUMN_WIDTH, 3.3), sharex=True, height_ratios=(3, 1)
    )
    for name in table.columns.drop("n_windows"):
        top.plot(table.index, 100 * table[name], **_line_style(name))
    top.set(ylabel="windows wrong (%)", ylim=(0, None))
    top.grid(axis="y", color="0.9", linewidth=0.5)
    bottom.bar(table.index, table["n_windows"], width=0.9, color="0.75", label="windows")
    bottom.set(ylabel="windows", xlabel="seconds to the nearest change of activity")
    ticks = [f"{second:.1f}" for second in table.index]
    bottom.set_xticks(table.index, [*ticks[:-1], f"{ticks[-1]}+"])
    _legend_below(figure, top, columns=2)
    return figure


@captioned("Windows that no model gets right, and where they lie among their person's others.")
def hard_windows(
    windows: dict[str, np.ndarray], people: dict[int, pd.DataFrame], channels: Sequence[str]
) -> Figure:
    """Draw windows that all models misclassify, and scatter plots of their subject's gravity.

    Parameters
    ----------
    windows
        Words above the picture → window ``(128, 9)``, of which the total acceleration is drawn.
    people
        Subject → a row per resting window: columns ``y`` and ``z`` (mean total acceleration along
        these axes in g), ``activity`` (name) and ``hard`` (bool).
    channels
        Names of the nine channels.
    """
    if not windows:
        return _nothing_yet("Every window is recognised by some model.")
    figure = plt.figure(figsize=(PAGE_WIDTH, 4.4))
    halves = figure.subfigures(2, 1, squeeze=False, height_ratios=(1, 1.25))
    upper, lower = halves[:, 0]
    top = upper.subplots(1, len(windows), sharey=True, squeeze=False)[0]
    for axis, (words, window) in zip(top, windows.items(), strict=True):
        _draw_sensor(axis, window, channels, "total_acc")
        axis.set(title=words, xlabel="seconds")
    top[0].set_ylabel("total (g)")
    top[-1].legend(loc="center left", bbox_to_anchor=(1, 0.5))
    bottom = lower.subplots(1, max(len(people), 1), sharex=True, sharey=True, squeeze=False)[0]
    for axis, (person, rows) in zip(bottom, people.items(), strict=False):
        _draw_postures(axis, rows)
        axis.set(title=f"subject {person}", xlabel="gravity y (g)")
    bottom[0].set_ylabel("gravity z (g)")
    _legend_below(lower, bottom[0])
    return figure


def _draw_postures(axis: Axes, rows: pd.DataFrame) -> None:
    """Draw where gravity points in one person's resting windows, the hard ones ringed."""
    for activity in ("SITTING", "STANDING"):
        own = rows[rows["activity"] == activity]
        color, marker = ACTIVITY_COLORS[activity], ACTIVITY_MARKERS[activity]
        style: dict[str, Any] = {"color": color, "marker": marker, "alpha": 0.7}
        axis.scatter(own["y"], own["z"], s=14, label=activity_label(activity), **style)
    hard = rows[rows["hard"]]
    ring: dict[str, Any] = {"facecolor": "none", "edgecolor": "black", "linewidth": 0.7}
    axis.scatter(hard["y"], hard["z"], s=45, label="no model is right", **ring)


@captioned("How well every recording is recognised as it is and seen in the mirror.")
def recording_sides(table: pd.DataFrame) -> Figure:
    """Draw a dot plot of two accuracies per recording: as worn, and mirrored.

    Parameters
    ----------
    table
        What ``robustness.mirror_scores`` returns. Recordings better in the mirror are drawn in
        orange.
    """
    if table.empty:
        return _nothing_yet("No network is here to be asked about the mirror.")
    figure, axis = plt.subplots(figsize=(COLUMN_WIDTH, 0.9 + 0.12 * len(table)))
    for row, scores in enumerate(100 * table[["as_worn", "mirrored"]].to_numpy()):
        color = "#D55E00" if scores[1] > scores[0] else "0.55"
        axis.plot(scores, [row, row], color=color, linewidth=0.8, zorder=1)
        axis.plot(scores[0], row, "o", color=color, markersize=4)
        axis.plot(scores[1], row, "o", color=color, markersize=4, mfc="white")
    words = [f"subject {person}, recording {number}" for person, number in table.index]
    axis.set_yticks(range(len(table)), words, fontsize=7)
    axis.set_ylim(len(table) - 0.5, -0.5)
    _percent_axis(axis, "accuracy (%)")
    kinds = (("as it is", "0.2"), ("in the mirror", "white"))
    handles = [
        axis.plot([], [], "o", color="0.2", markersize=4, mfc=fill, label=label)[0]
        for label, fill in kinds
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=2)
    return figure


@captioned("How well everybody is recognised by models that never saw them, the hardest first.")
def loso_subjects(accuracy: pd.DataFrame) -> Figure:
    """Draw a dot plot of accuracy per left-out subject, sorted by the mean over models.

    The best model of each family has its colour, with its variants; the others are grey.

    Parameters
    ----------
    accuracy
        Models (index) x subjects (columns), mean over seeds, fractions.
    """
    if accuracy.empty:
        return _nothing_yet("There are no runs that leave one person out yet.")
    order, best = accuracy.mean().sort_values().index, _best_of_families(accuracy)
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 2.3))
    for name, scores in accuracy[order].iterrows():
        style = _line_style(str(name)) | {"linestyle": ""}
        if "@" in str(name):
            style |= {"markerfacecolor": "none", "marker": "o", "markersize": 5}
        if str(name) not in best:
            style |= {"color": "0.6", "zorder": 1.9}
        axis.plot(range(len(order)), 100 * scores.to_numpy(), alpha=0.85, **style)
    axis.set_xticks(range(len(order)), order)
    axis.set(xlabel="person left out", ylabel="accuracy (%)")
    axis.grid(color="0.92", linewidth=0.5)
    _legend_below(figure, axis, columns=3)
    return figure


def _best_of_families(accuracy: pd.DataFrame) -> set[str]:
    """Return which model of each family recognises people best, and that model's variants."""
    mean = accuracy.mean(axis=1)
    plain = [str(name) for name in accuracy.index if "@" not in str(name)]
    best = [max(members, key=mean.__getitem__) for members in families(plain).values()]
    return {str(name) for name in accuracy.index if str(name).partition("@")[0] in best}


@captioned("The confusion matrix of six activities and six transitions, with numbers of windows.")
def twelve_confusion(confusion: np.ndarray | None, activities: Sequence[str]) -> Figure:
    """Draw a heatmap of the confusion matrix of twelve classes with counts.

    Parameters
    ----------
    confusion
        Counts, shape (12, 12), row: true activity, column: predicted one; None if there are no
        runs.
    activities
        Their names.
    """
    if confusion is None:
        return _nothing_yet("There are no runs of the task with twelve activities yet.")
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 5.2))
    labels = [activity_label(activity) for activity in activities]
    draw_confusion(axis, np.asarray(confusion), labels, counts=True)
    axis.axhline(5.5, color="0.3", linewidth=0.6)
    axis.axvline(5.5, color="0.3", linewidth=0.6)
    axis.set(xlabel="predicted", ylabel="true", aspect="auto")
    return figure


@captioned("What it gives or costs to let neighbouring windows have a say.")
def smoothing(table: pd.DataFrame) -> Figure:
    """Draw accuracy against the number of windows averaged: causal left, centred right.

    Parameters
    ----------
    table
        What ``evaluation.smoothing_table`` returns. Solid: the gaps between two stretches stay
        empty. Dotted: they are closed.
    """
    figure, axes = plt.subplots(1, 2, figsize=(PAGE_WIDTH, 2.9), sharey=True)
    panels = {False: "only windows before it", True: "windows before and after it"}
    for axis, (centred, title) in zip(axes, panels.items(), strict=True):
        rows = table[table["centred"] == centred]
        for (name, across_gaps), scores in rows.groupby(["model", "across_gaps"], sort=False):
            style = _line_style(str(name))
            if across_gaps:
                style |= {"linestyle": ":", "label": None, "mfc": "white"}
            axis.plot(scores["n_windows"], 100 * scores["accuracy"], **style)
        axis.set(title=title, xlabel="windows that have a say")
        axis.set_xticks(sorted(set(rows["n_windows"])))
        axis.grid(axis="y", color="0.9", linewidth=0.5)
    axes[0].set_ylabel("accuracy (%)")
    for line, words in (("-", "gaps stay empty"), (":", "gaps are closed")):
        axes[1].plot([], [], line, color="0.3", label=words)
    axes[1].legend(handles=axes[1].lines[-2:], loc="lower left", handlelength=3)
    _legend_below(figure, axes[0])
    return figure
