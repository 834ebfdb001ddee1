"""Figures of networks on a device."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from har_utils import models, signals
from har_utils.plots.alt_text import captioned
from har_utils.plots.style import COLUMN_WIDTH, PAGE_WIDTH, _log_axis, _model_style, _name_rows

PRECISION_MARKERS = {
    "float32": "o",
    "float16": "s",
    "dynamic": "^",
    "int8": "D",
    "int8_full": "v",
    "int16": "P",
}
"""One marker for each way to keep the numbers of a network."""


@captioned("The weights of a layer before and after rounding: all of them, and a close-up.")
def quantised_weights(before: np.ndarray, after: np.ndarray, zoom: float = 4.5) -> Figure:
    """Draw quantised against exact weights, over the whole range and close to zero.

    Parameters
    ----------
    before
        The weights in steps of their filter, shape (n,).
    after
        The integers they became, shape (n,).
    zoom
        Steps from zero to either side of the close-up.
    """
    figure, axes = plt.subplots(1, 2, figsize=(PAGE_WIDTH, 2.7))
    for axis, limit, size in zip(axes, (135, zoom), (1.5, 3), strict=True):
        exact = np.linspace(-limit, limit, 2001)
        axis.plot(exact, np.clip(np.round(exact), -127, 127), color="0.75", label="rounding")
        axis.plot(before, after, "o", color="#0072B2", markersize=size, label="weights")
        axis.set(xlim=(-limit, limit), ylim=(-limit, limit), xlabel="weight (steps)")
    axes[0].set(title="all weights of the layer", ylabel="integer kept for it")
    axes[1].set_title("close to zero")
    axes[1].grid(axis="y", color="0.92", linewidth=0.5)
    axes[0].legend(loc="upper left")
    return figure


def _precision_handles(axis: Axes, titles: dict[str, str]) -> list[Any]:
    """Return what a legend needs to explain the markers of some precisions."""
    style: dict[str, Any] = {"linestyle": "", "color": "0.2", "markersize": 4.5}
    return [
        axis.plot([], [], marker=PRECISION_MARKERS[precision], label=title, **style)[0]
        for precision, title in titles.items()
    ]


def _device_legend(figure: Figure, axis: Axes, titles: dict[str, str]) -> None:
    """Explain models by colour and precisions by marker, under a figure."""
    lines, _ = axis.get_legend_handles_labels()
    handles = lines + _precision_handles(axis, titles)
    figure.legend(handles=handles, loc="outside lower center", ncols=2, columnspacing=1.2)


@captioned("The accuracy of every file against its size, the files of one network joined.")
def device_size_accuracy(table: pd.DataFrame, titles: dict[str, str], bar: float) -> Figure:
    """Draw accuracy against file size, a line per network and a mark per precision.

    Parameters
    ----------
    table
        A row per file: columns ``name`` (network), ``precision``, ``bytes`` and ``accuracy``;
        files are joined in the order of the rows.
    titles
        Precision → what it is called.
    bar
        Size in bytes that is marked by a line.
    """
    figure, axis = plt.subplots(figsize=(COLUMN_WIDTH, 3.6))
    for name, rows in table.groupby("name", sort=False):
        color = _model_style(str(name))["color"]
        size, percent = rows["bytes"] / 1000, 100 * rows["accuracy"]
        axis.plot(size, percent, color=color, linewidth=0.7, label=models.title(str(name)))
        for row in rows.itertuples():
            marker: dict[str, Any] = {"marker": PRECISION_MARKERS[row.precision], "markersize": 4.5}
            axis.plot(row.bytes / 1000, 100 * row.accuracy, color=color, linestyle="", **marker)
    axis.axvline(bar / 1000, color="0.4", linewidth=0.8, linestyle=":", zorder=0)
    axis.set(xlabel="size of the file (kB)", ylabel="accuracy (%)", xscale="log")
    axis.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.xaxis.set_major_formatter("{x:g}")
    axis.xaxis.set_minor_formatter(NullFormatter())
    axis.grid(axis="y", color="0.9", linewidth=0.5)
    _device_legend(figure, axis, titles)
    return figure


@captioned("How many times faster than TensorFlow every file answers, a row per network.")
def device_latency(table: pd.DataFrame, titles: dict[str, str]) -> Figure:
    """Draw a dot plot of speedups, a row per network and a mark per precision.

    Parameters
    ----------
    table
        A row per file: columns ``name`` (network), ``precision`` and ``speedup``.
    titles
        Precision → what it is called.
    """
    names = list(dict.fromkeys(table["name"]))
    figure, axis = plt.subplots(figsize=(COLUMN_WIDTH, 1.1 + 0.27 * len(names)))
    for row in table.itertuples():
        color, marker = _model_style(row.name)["color"], PRECISION_MARKERS[row.precision]
        axis.plot(row.speedup, names.index(row.name), marker=marker, color=color, markersize=4.5)
    axis.axvline(1, color="0.6", linewidth=0.6, linestyle=":", zorder=0)
    _name_rows(axis, names)
    axis.set_xlabel("times as fast as TensorFlow")
    axis.grid(axis="x", color="0.9", linewidth=0.5)
    _log_axis(axis)
    handles = _precision_handles(axis, titles)
    figure.legend(handles=handles, loc="outside lower center", ncols=2, columnspacing=1.2)
    return figure


@captioned("What rounding leaves of a window's channel, a panel per way to look at it.")
def rounded_window(views: dict[str, tuple[np.ndarray, np.ndarray]]) -> Figure:
    """Draw a channel before and after quantisation, a panel per representation.

    Parameters
    ----------
    views
        What is drawn, for the axis → the exact values and the rounded ones, each ``(n_samples,)``.
    """
    figure, axes = plt.subplots(1, len(views), figsize=(PAGE_WIDTH, 2.3), squeeze=False)
    for axis, (label, (exact, rounded)) in zip(axes.flat, views.items(), strict=True):
        seconds = np.arange(len(exact)) / signals.SAMPLING_RATE
        axis.plot(seconds, exact, color="0.65", label="exact")
        axis.step(seconds, rounded, color="#0072B2", where="mid", label="in integers")
        axis.set(xlabel="time (s)", ylabel=label)
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


@captioned("How far rounding takes an LSTM's output from the exact one while it reads a window.")
def rounding_in_a_loop(errors: dict[str, np.ndarray]) -> Figure:
    """Draw the error of a quantised LSTM's output against the samples read.

    Parameters
    ----------
    errors
        What is rounded → mean difference after each sample, shape (n_samples,).
    """
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 2.3))
    colors = ("#0072B2", "#009E73", "#D55E00")
    for (label, error), color, style in zip(errors.items(), colors, ("-", ":", "--"), strict=False):
        axis.plot(np.arange(1, len(error) + 1), error, style, color=color, label=label)
    axis.set(xlabel="samples read", ylabel="error of the output", yscale="log")
    axis.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return figure
