"""Figures that set the models side by side."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter

from har_utils import models
from har_utils.plots.alt_text import captioned
from har_utils.plots.style import (
    ACTIVITY_COLORS,
    COLUMN_WIDTH,
    FAMILY_MARKERS,
    MODEL_COLORS,
    OTHERS,
    PAGE_WIDTH,
    PUBLISHED_MARK,
    _draw_cost,
    _draw_curve,
    _draw_interval,
    _log_axis,
    _model_style,
    _name_rows,
    _nothing_yet,
    _percent_axis,
    families,
    short_label,
)


@captioned("Accuracy, F1, precision and recall of every model beside the source report's.")
def comparison_metrics(summary: pd.DataFrame) -> Figure:
    """Draw a dot plot of four metrics, a panel each and a row per model.

    Parameters
    ----------
    summary
        What ``evaluation.summary_table`` returns.
    """
    metrics = ("accuracy", "macro_f1", "macro_precision", "macro_recall")
    size = (PAGE_WIDTH, 0.9 + 0.2 * len(summary))
    figure, axes = plt.subplots(1, len(metrics), figsize=size, sharex=True, sharey=True)
    for axis, metric in zip(axes, metrics, strict=True):
        for row, (name, scores) in enumerate(summary.iterrows()):
            published = models.PUBLISHED.get(str(name), {}).get(metric)
            if published is not None:
                axis.plot(100 * published, row + 0.28, **PUBLISHED_MARK)
            _draw_interval(axis, row, str(name), scores, metric)
        axis.set_title(metric.replace("_", " ").replace("f1", "F1"))
        _percent_axis(axis, "%")
    _name_rows(axes[0], summary.index)
    ours = axes[0].plot([], [], "o", color="0.2", ms=4, label="ours (95 % interval)")[0]
    theirs = axes[0].plot([], [], label="source report", **PUBLISHED_MARK)[0]
    figure.legend(handles=[ours, theirs], loc="outside lower center", ncols=2)
    return figure


@captioned("How many of each activity's windows every model recognises, one panel per family.")
def comparison_per_activity(recall: pd.DataFrame) -> Figure:
    """Draw dot plots of recall, a column per activity, a panel per family of models.

    A mark is a model; behind those of a panel's family are, in grey, the other families'.

    Parameters
    ----------
    recall
        Models (index) x activities (columns), mean over seeds, fractions.
    """
    percent = 100 * recall[list(ACTIVITY_COLORS)]
    groups = families(str(name) for name in percent.index)
    figure, axes = plt.subplots(
        1, len(groups), figsize=(PAGE_WIDTH, 2.55), sharey=True, squeeze=False
    )
    for axis, (family, members) in zip(axes[0], groups.items(), strict=True):
        _draw_recall(axis, percent.loc[members], percent.drop(index=members))
        axis.set_title(family)
    axes[0, 0].set_ylabel("recognised (%)")
    _legend_in_columns(figure, axes[0])
    return figure


def _legend_in_columns(figure: Figure, axes: Sequence[Axes]) -> None:
    """Put a legend under the figure, each panel's entries in a column of their own."""
    entries = [axis.get_legend_handles_labels()[0] for axis in axes]
    n_rows = max(len(column) for column in entries)
    blank = Line2D([], [], linestyle="", label=" ")
    handles = [mark for column in entries for mark in (column + n_rows * [blank])[:n_rows]]
    style = {"ncols": len(entries), "mode": "expand", "handletextpad": 0.2}
    figure.legend(handles=handles, loc="outside lower center", **style)


def _draw_recall(axis: Axes, percent: pd.DataFrame, others: pd.DataFrame) -> None:
    """Draw the recall of a few models side by side in each activity's column, others in grey."""
    places = np.arange(percent.shape[1])
    for scores in others.to_numpy():
        axis.plot(places, scores, **OTHERS)
    offsets = 0.18 * (np.arange(len(percent)) - (len(percent) - 1) / 2)
    for offset, (name, scores) in zip(offsets, percent.iterrows(), strict=True):
        style = _model_style(str(name)) | {"linestyle": "", "label": models.title(str(name))}
        axis.plot(places + offset, scores.to_numpy(), **style)
    labels = [short_label(activity) for activity in percent.columns]
    axis.set_xticks(places, labels, rotation=45, ha="right", rotation_mode="anchor")
    axis.tick_params(axis="x", length=0)
    axis.set_xlim(-0.5, len(places) - 0.5)
    axis.grid(color="0.92", linewidth=0.5)


@captioned("Accuracy over the epochs, one panel per network.")
def comparison_curves(histories: dict[str, dict], chosen: dict[str, int]) -> Figure:
    """Draw learning curves of accuracy, a panel per network.

    Parameters
    ----------
    histories
        Model → its history while the epochs were chosen (``accuracy``, ``val_accuracy``).
    chosen
        Model → the number of epochs chosen.
    """
    n_rows = -(-len(histories) // 2)
    size = (COLUMN_WIDTH, 0.6 + 1.35 * n_rows)
    figure, axes = plt.subplots(n_rows, 2, figsize=size, sharey=True, squeeze=False)
    for axis, (name, history) in zip(axes.flat, histories.items(), strict=False):
        _draw_curve(axis, history, "accuracy", chosen[name], scale=100)
        axis.set_title(models.title(name))
    for axis in axes.flat[len(histories) :]:
        axis.set_visible(False)
    for axis in axes[:, 0]:
        axis.set_ylabel("accuracy (%)")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, handlelength=1.6)
    return figure


@captioned("How well every model does on every test subject.")
def comparison_subjects(accuracy: pd.DataFrame) -> Figure:
    """Draw a heatmap of accuracy: a row per model, a column per test subject.

    Parameters
    ----------
    accuracy
        Models (index) x subjects (columns), mean over seeds, fractions.
    """
    percent = 100 * accuracy.to_numpy(dtype=float)
    lowest = min(90.0, np.floor(percent.min() / 10) * 10)
    figure, axis = plt.subplots(figsize=(COLUMN_WIDTH, 0.6 + 0.2 * len(accuracy)))
    axis.imshow(percent, cmap="cividis", vmin=lowest, vmax=100, aspect="auto")
    for (row, column), value in np.ndenumerate(percent):
        color = "white" if value < (lowest + 100) / 2 else "black"
        axis.text(column, row, f"{value:.0f}", ha="center", va="center", fontsize=6, color=color)
    _name_rows(axis, accuracy.index)
    axis.set_xticks(range(len(accuracy.columns)), accuracy.columns)
    axis.tick_params(axis="x", length=0)
    axis.spines[:].set_visible(False)
    axis.set_xlabel("test subject (cells: accuracy in %)")
    return figure


@captioned("Accuracy against what it costs: parameters, and seconds of training.")
def comparison_cost(summary: pd.DataFrame, seconds: dict[str, float]) -> Figure:
    """Draw accuracy against parameters and against training time, a mark per model.

    Modern networks have a mark of their own each, and so have yours; of the others, in grey,
    only the family is told.

    Parameters
    ----------
    summary
        What ``evaluation.summary_table`` returns.
    seconds
        Model → seconds of training; a model without a time has no mark in that panel.
    """
    groups = families(str(name) for name in summary.index)
    figure, axes = plt.subplots(1, 2, figsize=(COLUMN_WIDTH, 2.7), sharey=True)
    for family, members in groups.items():
        for name in members:
            style, label = _cost_style(family, name)
            scores = summary.loc[name]
            _draw_cost(axes[0], scores, scores["n_parameters"], style, label)
            _draw_cost(axes[1], scores, seconds.get(name), style, label)
    for axis, words in zip(axes, ("parameters", "seconds to train"), strict=True):
        axis.set_xlabel(words)
        axis.margins(x=0.15)
        axis.grid(axis="y", color="0.9", linewidth=0.5)
        _log_axis(axis)
    axes[0].set_ylabel("accuracy (%)")
    marks = dict(zip(*reversed(axes[0].get_legend_handles_labels()), strict=True))
    style = {"loc": "outside lower center", "ncols": 2, "handletextpad": 0.2}
    figure.legend(marks.values(), marks.keys(), **style)
    return figure


def _cost_style(family: str, name: str) -> tuple[dict[str, Any], str]:
    """Return how a model is drawn in `comparison_cost`, and its name or its family's."""
    if family not in FAMILY_MARKERS:
        return _model_style(name), models.title(name)
    return {"color": "0.55", "marker": FAMILY_MARKERS[family], "markersize": 3.5}, family


@captioned("The share of held-out windows that is wrong, against training time.")
def comparison_budgets(tried: pd.DataFrame) -> Figure:
    """Draw what each way to learn reaches with little training and with much.

    Parameters
    ----------
    tried
        As ``results.published_budgets`` returns it. A mark is the mean over folds of one effort,
        at the mean of its seconds; a method that is not of the course is grey. Both axes are
        logarithmic: from 2 % of wrong windows to 1 is as far as from 20 to 10.
    """
    if tried.empty:
        return _nothing_yet("Nobody has measured it here.")
    means = tried.groupby(["method", "title", "effort"], sort=False)[["seconds", "accuracy"]].mean()
    figure, axis = plt.subplots(figsize=(COLUMN_WIDTH, 2.9))
    for (method, title), line in means.groupby(level=[0, 1], sort=False):
        known = str(method).partition("@")[0] in MODEL_COLORS
        style = _model_style(str(method)) if known else {"color": "0.6", "marker": "s", "ms": 3.5}
        wrong = 100 * (1 - line["accuracy"])
        axis.plot(line["seconds"], wrong, label=title, linewidth=1, **style)
    axis.set(xlabel="seconds to train, one core", ylabel="wrong (%)")
    axis.grid(axis="y", color="0.9", linewidth=0.5)
    _log_axis(axis)
    axis.set_yscale("log")
    axis.invert_yaxis()  # better is higher, as where accuracy is drawn
    axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 3, 5)))
    axis.yaxis.set_major_formatter("{x:g}")
    axis.yaxis.set_minor_formatter(NullFormatter())
    figure.legend(loc="outside lower center", ncols=2, handletextpad=0.4)
    return figure


@captioned("The difference of each pair of models with its interval.")
def comparison_pairs(pairs: pd.DataFrame) -> Figure:
    """Draw a forest plot of paired differences in accuracy.

    Parameters
    ----------
    pairs
        What ``evaluation.pair_table`` returns. A filled mark: the interval excludes zero.
    """
    if pairs.empty:
        return _nothing_yet("There are no two models to compare yet.")
    figure, axis = plt.subplots(figsize=(COLUMN_WIDTH, 0.6 + 0.32 * len(pairs)))
    for row, pair in enumerate(pairs.itertuples()):
        fill = "0.2" if pair.low > 0 or pair.high < 0 else "white"
        axis.plot([100 * pair.low, 100 * pair.high], [row, row], color="0.2")
        axis.plot(100 * pair.difference, row, "o", ms=5, mec="0.2", mfc=fill)
    words = [f"{models.title(pair.a)}\n− {models.title(pair.b)}" for pair in pairs.itertuples()]
    axis.set_yticks(range(len(words)), words, fontsize=6.5, linespacing=1.0)
    axis.set_ylim(len(words) - 0.5, -0.5)
    axis.axvline(0, color="0.2", linewidth=0.6, linestyle=":")
    _percent_axis(axis, "difference in accuracy (points)")
    return figure


@captioned("Published accuracies, each with its protocol named, and ours with their intervals.")
def comparison_published(published: pd.DataFrame, summary: pd.DataFrame) -> Figure:
    """Draw a forest plot of accuracies from the literature above our own.

    Parameters
    ----------
    published
        Columns ``label``, ``accuracy`` (fraction), ``data`` and ``protocol``.
    summary
        What ``evaluation.summary_table`` returns.
    """
    n_rows = len(published) + len(summary)
    figure, (words, axis) = plt.subplots(
        1, 2, figsize=(PAGE_WIDTH, 0.5 + 0.21 * n_rows), width_ratios=(3, 2), sharey=True
    )
    words.axis("off")
    words.set_xlim(0, 1)
    for row, entry in enumerate(published.itertuples()):
        words.text(0, row, fill(entry.label, 34), fontsize=7, va="center", linespacing=1.0)
        protocol = fill(f"{entry.data}; {entry.protocol}", 60)
        style = {"fontsize": 6, "color": "0.35", "linespacing": 1.0}
        words.text(0.49, row, protocol, va="center", **style)
        axis.plot(100 * entry.accuracy, row, **PUBLISHED_MARK)
    for row, (name, scores) in enumerate(summary.iterrows(), start=len(published)):
        title = models.title(str(name))
        words.text(0, row, title, fontsize=7, va="center", weight="bold")
        _draw_interval(axis, row, str(name), scores, "accuracy")
    axis.axhline(len(published) - 0.5, color="0.6", linewidth=0.5)
    axis.set_ylim(n_rows - 0.5, -0.5)
    axis.tick_params(axis="y", length=0, labelleft=False)
    _percent_axis(axis, "accuracy (%)")
    return figure
