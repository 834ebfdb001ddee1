"""Figures of one network: its layers, its training, what it answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch, Rectangle

from har_utils import models, signals
from har_utils.plots.alt_text import captioned
from har_utils.plots.style import (
    ACTIVITY_COLORS,
    ACTIVITY_MARKERS,
    COLUMN_WIDTH,
    PAGE_WIDTH,
    PEOPLE_COLORS,
    _canvas,
    _draw_axes,
    _draw_cost,
    _draw_curve,
    _draw_sensor,
    _log_axis,
    _model_style,
    _percent_axis,
    _subject_dots,
    activity_label,
    draw_confusion,
    short_label,
)
from har_utils.words import grouped

LAYER_COLORS = {"Input": "#F2F2F2", "LSTM": "#CCE3F0", "Conv1D": "#F7DFCC", "Dense": "#CCECE3"}
"""Fill of a layer's box; layers not named here only regularise or reshape and stay white."""


def _box(axis: Axes, x: float, y: float, width: float, height: float, color: str) -> None:
    """Draw a rounded box whose lower left corner is at (x, y)."""
    style = "round,pad=0,rounding_size=0.055"
    box = FancyBboxPatch((x, y), width, height, boxstyle=style, fc=color, ec="0.2", lw=0.6)
    axis.add_patch(box)


def _arrow(axis: Axes, start: tuple[float, float], end: tuple[float, float], **style: Any) -> None:
    """Draw a straight arrow between two points."""
    plain = {"arrowstyle": "-|>", "lw": 0.7, "color": "0.2", "mutation_scale": 6}
    axis.annotate("", end, start, arrowprops=plain | {"shrinkA": 0, "shrinkB": 0} | style)


@captioned("A network as a stack of boxes: what each layer is, what it hands on, what it learns.")
def architecture(layers: Sequence[dict], title: str) -> Figure:
    """Draw a network's layers as boxes from input to output, with shapes and parameters.

    Parameters
    ----------
    layers
        What ``models.architecture(model)`` returns: per layer ``type``, ``detail`` (one line),
        ``output_shape`` (without the batch), ``parameters`` (their number) and ``follows``: no
        arrow leads to a layer that does not read the one above it.
    title
        The network's name.

    Returns
    -------
    Figure
        One column wide; the height follows the number of layers.
    """
    step, box_height = 0.31, 0.24
    top = 0.22 + step * len(layers)
    figure, axis = _canvas(COLUMN_WIDTH, top + 0.3)
    axis.text(0.06, top + 0.1, title, weight="bold")
    axis.text(2.66, top + 0.1, "output", fontsize=6, color="0.45", ha="center")
    axis.text(3.42, top + 0.1, "parameters", fontsize=6, color="0.45", ha="right")
    for row, layer in enumerate(layers):
        bottom = top - step * (row + 1) + (step - box_height) / 2
        _box(axis, 0.06, bottom, 2.22, box_height, LAYER_COLORS.get(layer["type"], "white"))
        _layer_words(axis, layer, bottom + box_height / 2)
        if row and layer.get("follows", True):
            _arrow(axis, (0.3, bottom + step), (0.3, bottom + box_height), mutation_scale=5)
    total = sum(layer["parameters"] for layer in layers)
    axis.text(3.42, 0.08, f"{grouped(total)} in all", fontsize=7, weight="bold", ha="right")
    return figure


def _layer_words(axis: Axes, layer: dict, height: float) -> None:
    """Write one layer of :func:`architecture`: type, detail, output shape, parameters."""
    shape = " × ".join(map(grouped, layer["output_shape"]))
    count = grouped(layer["parameters"] or None)
    axis.text(0.14, height, layer["type"], fontsize=7, va="center", weight="bold")
    axis.text(2.22, height, layer["detail"], fontsize=7, va="center", ha="right", color="0.35")
    axis.text(2.66, height, shape, fontsize=7, va="center", ha="center")
    axis.text(3.42, height, count, fontsize=7, va="center", ha="right")


@captioned("The course's own network: one way convolves, the other keeps only the energy it hears.")
def modern_blocks(
    blocks: Sequence[tuple[int, int]], energy: tuple[int, int], n_parameters: int
) -> Figure:
    """Draw the course's own network from window to answer, its two ways above each other.

    Parameters
    ----------
    blocks
        Filters and their length in samples of each block of convolutions.
    energy
        The same of the filters of which only the energy goes on.
    n_parameters
        How many numbers the network learns.

    Returns
    -------
    Figure
        As wide as the page.
    """
    figure, axis = _canvas(PAGE_WIDTH, 1.5)
    gray, orange, green = (LAYER_COLORS[kind] for kind in ("Input", "Conv1D", "Dense"))
    convolved = [("beside it its\nlogarithmic\ncompression", 0.85, "white")]
    for n_filters, length in blocks[:-1]:
        text = f"{n_filters} filters\nof length {length},\nhalf as long"
        convolved.append((text, 0.74, orange))
    convolved.append(("{} filters\nof length {}".format(*blocks[-1]), 0.74, orange))
    convolved.append(("mean and\nmaximum", 0.6, "white"))
    filtered = [("{} filters of length {}".format(*energy), 1.3, orange)]
    filtered.append(("square, mean, logarithm:\nlog energy", 1.5, "white"))
    upper, lower = _box_row(axis, 1.06, 0.96, convolved), _box_row(axis, 2.1, 0.2, filtered)
    _box_row(axis, 0.04, 0.58, [("window\n128 samples,\n9 channels", 0.78, gray)])
    _box_row(axis, 6.36, 0.58, [("dropout,\ndense layer,\nsoftmax", 0.72, green)])
    for start, middle, end, door in ((1.06, 1.19, upper, 0.88), (2.1, 0.43, lower, 0.74)):
        _arrow(axis, (0.82, door), (start, middle))
        _arrow(axis, (end, middle), (6.36, door))
    axis.text(7.08, 0.35, f"{grouped(n_parameters)} parameters", ha="right", fontsize=7)
    return figure


def _box_row(
    axis: Axes, x: float, y: float, boxes: Sequence[tuple[str, float, str]], height: float = 0.46
) -> float:
    """Draw boxes from left to right, each a text, a width and a colour; return where they end."""
    end = x
    for place, (text, width, color) in enumerate(boxes):
        if place:
            _arrow(axis, (end, y + height / 2), (end + 0.12, y + height / 2))
            end += 0.12
        _box(axis, end, y, width, height, color)
        axis.text(end + width / 2, y + height / 2, text, ha="center", va="center", fontsize=7)
        end += width
    return end


@captioned("One step of an LSTM: gates (σ) decide what its memory drops, takes in and shows.")
def lstm_cell() -> Figure:
    """Draw the diagram of an LSTM cell."""
    figure, axis = _canvas(COLUMN_WIDTH, 2.35)
    _box(axis, 0.55, 0.55, 2.4, 1.5, "#F7FAFC")
    memory, hidden, gates = 1.78, 0.3, 0.85
    _arrow(axis, (0.05, memory), (3.45, memory), lw=1.6, color="#0072B2")
    axis.text(0.05, memory + 0.07, "memory\nbefore", fontsize=6.5, color="#0072B2")
    axis.text(3.45, memory + 0.07, "memory\nafter", fontsize=6.5, color="#0072B2", ha="right")
    axis.plot([0.05, 2.45], [hidden, hidden], lw=0.7, color="0.2")
    axis.text(0.05, hidden + 0.06, "output before", fontsize=6.5)
    axis.text(0.05, hidden - 0.15, "and the next sample (9 numbers)", fontsize=6.5)
    names = ("forget\nσ", "take in\nσ", "new\ntanh", "show\nσ")
    colors = ("#F7DFCC", "#CCECE3", "#F2F2F2", "#F2D9E6")
    for x, name, color in zip((0.85, 1.4, 1.92, 2.45), names, colors, strict=True):
        _box(axis, x - 0.22, gates - 0.17, 0.44, 0.34, color)
        axis.text(x, gates, name, fontsize=6.5, ha="center", va="center", linespacing=1.1)
        _arrow(axis, (x, hidden), (x, gates - 0.17))
    _lstm_junctions(axis, memory, gates + 0.17)
    return figure


def _lstm_junctions(axis: Axes, memory: float, top: float) -> None:
    """Draw where the gates of :func:`lstm_cell` meet its memory and make its output."""
    joined = (top + memory) / 2
    _arrow(axis, (0.85, top), (0.85, memory - 0.08))
    _arrow(axis, (1.66, joined), (1.66, memory - 0.08))
    _arrow(axis, (2.53, joined), (3.45, joined))
    axis.text(3.45, joined + 0.07, "output", fontsize=6.5, ha="right")
    axis.text(2.49, (memory + joined) / 2 - 0.02, "tanh", fontsize=6, va="center")
    paths = [((x, x, 1.66), (top, joined, joined)) for x in (1.4, 1.92)]
    for along, up in [*paths, ((2.45, 2.45), (top, memory))]:
        axis.plot(along, up, lw=0.7, color="0.2")
    signs = ((0.85, memory, "×"), (1.66, memory, "+"), (1.66, joined, "×"), (2.45, joined, "×"))
    for x, y, sign in signs:
        axis.add_patch(Circle((x, y), 0.08, fc="white", ec="0.2", lw=0.6, zorder=3))
        axis.text(x, y, sign, ha="center", va="center", fontsize=7, zorder=4)


@captioned("Who takes part in what: one square per person, one row per step of the protocol.")
def protocol(training: Iterable[int], validation: Iterable[int], test: Iterable[int]) -> Figure:
    """Draw the subjects in three rows of squares: choose epochs, refit, test.

    Parameters
    ----------
    training, validation, test
        The subjects who fit the weights, who choose the number of epochs, who give the score.
    """
    training, validation, test = set(training), set(validation), set(test)
    steps = {
        "1  choose the number of epochs": {"training": training, "validation": validation},
        "2  fit again, on all of them": {"training": training | validation},
        "3  score, once": {"test": test},
    }
    people = [*sorted(training | validation), *sorted(test)]
    figure, axis = _canvas(COLUMN_WIDTH, 1.75)
    for row, (words, groups) in enumerate(steps.items()):
        height = 1.3 - 0.5 * row
        axis.text(0.06, height + 0.2, words, fontsize=7)
        for column, person in enumerate(people):
            group = next((name for name in groups if person in groups[name]), None)
            _person(axis, person, 0.06 + 3.38 * column / len(people), height, group)
    for position, (group, color) in enumerate(PEOPLE_COLORS.items()):
        axis.text(0.06 + position * 0.95, 0.07, f"■ {group}", fontsize=7, color=color)
    return figure


def _person(axis: Axes, person: int, x: float, y: float, group: str | None) -> None:
    """Draw one person of :func:`protocol`, pale where they take no part."""
    color = "#F2F2F2" if group is None else PEOPLE_COLORS[group]
    axis.add_patch(Rectangle((x, y), 0.101, 0.17, fc=color, lw=0))
    ink = "0.7" if group is None else "white"
    axis.text(x + 0.05, y + 0.08, str(person), fontsize=4.6, ha="center", va="center", color=ink)


@captioned("Loss and accuracy, epoch by epoch, on training and on validation subjects.")
def training_curves(history: dict[str, Sequence[float]], chosen: int | None) -> Figure:
    """Draw learning curves: loss on the left, accuracy on the right.

    Parameters
    ----------
    history
        ``loss``, ``accuracy``, ``val_loss``, ``val_accuracy``: one value per epoch.
    chosen
        The number of epochs the protocol chose; marked, unless it was fixed beforehand (None).
    """
    figure, axes = plt.subplots(1, 2, figsize=(COLUMN_WIDTH, 2.0))
    _draw_curve(axes[0], history, "loss", chosen)
    _draw_curve(axes[1], history, "accuracy", chosen, scale=100)
    axes[0].set(ylabel="loss", ylim=(0, 1.06 * max(*history["loss"], *history["val_loss"])))
    axes[1].set(ylabel="accuracy (%)")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, handlelength=1.6)
    return figure


@captioned("One confusion matrix: percent of each row, and how many windows that is.")
def confusion_matrix(confusion: np.ndarray) -> Figure:
    """Draw a heatmap of one confusion matrix with row percentages and counts.

    Parameters
    ----------
    confusion
        Counts, shape (6, 6); row: true activity, column: predicted one.
    """
    figure, axis = plt.subplots(figsize=(COLUMN_WIDTH, 2.9))
    labels = [short_label(activity) for activity in ACTIVITY_COLORS]
    draw_confusion(axis, np.asarray(confusion), labels, counts=True)
    axis.tick_params(labelsize=7)
    axis.set(xlabel="predicted", ylabel="true")
    return figure


@captioned("Precision, recall and F1 of every activity.")
def per_activity(per_class: dict[str, dict[str, float]]) -> Figure:
    """Draw a dot plot of precision, recall and F1, a row per activity.

    Parameters
    ----------
    per_class
        Activity → ``precision``, ``recall`` and ``f1``, as fractions.
    """
    figure, axis = plt.subplots(figsize=(COLUMN_WIDTH, 2.1))
    marks = {"precision": ("4", 8), "recall": ("3", 8), "f1": ("o", 4)}
    for row, (activity, color) in enumerate(ACTIVITY_COLORS.items()):
        scores = per_class[activity]
        ends = [100 * scores["precision"], 100 * scores["recall"]]
        axis.plot(ends, [row, row], color=color, alpha=0.5)
        for score, (marker, size) in marks.items():
            axis.plot(100 * scores[score], row, marker=marker, color=color, markersize=size)
    axis.set_yticks(range(len(ACTIVITY_COLORS)), [activity_label(name) for name in ACTIVITY_COLORS])
    axis.invert_yaxis()
    _percent_axis(axis, "%")
    handles = [
        axis.plot([], [], marker, color="0.2", label=score.replace("f1", "F1"))[0]
        for score, (marker, _) in marks.items()
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=3, handletextpad=0.2)
    return figure


@captioned("Windows side by side: a column per window, a row per sensor, on the same scales.")
def windows_side_by_side(windows: dict[str, np.ndarray], channels: Sequence[str]) -> Figure:
    """Draw a grid of line plots: a column per window, a row per sensor.

    Parameters
    ----------
    windows
        Words above the column → window, shape (128, 9).
    channels
        Names of the nine channels, for example ``"total_acc_x"``.
    """
    rows = {"total_acc": "total (g)", "body_acc": "motion (g)", "body_gyro": "rotation (rad/s)"}
    figure, axes = plt.subplots(
        3, len(windows), figsize=(PAGE_WIDTH, 3.1), sharex=True, sharey="row", squeeze=False
    )
    for column, (words, window) in enumerate(windows.items()):
        axes[0, column].set_title(words)
        axes[-1, column].set_xlabel("seconds")
        for row, sensor in enumerate(rows):
            _draw_sensor(axes[row, column], window, channels, sensor)
    for axis, words in zip(axes[:, 0], rows.values(), strict=True):
        axis.set_ylabel(words)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3)
    figure.align_ylabels()
    return figure


@captioned("What a network thinks of a window while it reads it, one panel per window.")
def probability_over_time(probability: dict[str, np.ndarray]) -> Figure:
    """Draw class probabilities against the time read, a panel per window.

    Parameters
    ----------
    probability
        Words above the panel → probability of each activity after each sample, shape (n, 6).
    """
    figure, axes = plt.subplots(
        1, len(probability), figsize=(PAGE_WIDTH, 2.1), sharey=True, squeeze=False
    )
    for axis, (words, opinion) in zip(axes[0], probability.items(), strict=True):
        seconds = np.arange(1, len(opinion) + 1) / signals.SAMPLING_RATE
        for column, (activity, color) in enumerate(ACTIVITY_COLORS.items()):
            marks = {"marker": ACTIVITY_MARKERS[activity], "markevery": 16, "markersize": 3}
            label = activity_label(activity)
            axis.plot(seconds, 100 * opinion[:, column], color=color, label=label, **marks)
        axis.set(title=words, xlabel="seconds read", ylim=(0, 102))
    axes[0, 0].set_ylabel("probability (%)")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=6, columnspacing=1.0)
    return figure


@captioned("What a layer hands on for some windows: a row per unit, time from left to right.")
def layer_outputs(outputs: dict[str, np.ndarray], label: str) -> Figure:
    """Draw heatmaps of a layer's activations, a panel per window, units against time.

    Parameters
    ----------
    outputs
        Words above the panel → what the layer gives, shape (steps, units). The units are put in
        the order of their strength in the first window.
    label
        What a row is, for example ``"64 filters"``.
    """
    first = next(iter(outputs.values()))
    order = np.argsort(-np.abs(first).mean(axis=0), kind="stable")
    strongest = np.quantile(np.abs(np.concatenate(list(outputs.values()))), 0.99)
    figure, axes = plt.subplots(1, len(outputs), figsize=(PAGE_WIDTH, 2.0), sharey=True)
    for axis, (words, values) in zip(np.atleast_1d(axes), outputs.items(), strict=True):
        image = axis.imshow(
            values[:, order].T,
            cmap="RdBu_r",
            vmin=-strongest,
            vmax=strongest,
            aspect="auto",
            interpolation="nearest",
            extent=(0, signals.WINDOW / signals.SAMPLING_RATE, len(order), 0),
        )
        axis.set(title=words, xlabel="seconds", yticks=[])
    np.atleast_1d(axes)[0].set_ylabel(label)
    figure.colorbar(image, ax=axes, shrink=0.9, pad=0.02).outline.set_visible(False)
    return figure


@captioned("Movements as they are measured, and their orders of magnitude below.")
def log_compressed(windows: dict[str, np.ndarray], compressed: dict[str, np.ndarray]) -> Figure:
    """Draw windows before and after logarithmic compression, in two rows.

    Parameters
    ----------
    windows
        Words → ``(n_samples, 3)``, one column of panels each; all share the scale of the largest.
    compressed
        The same words → the same windows after logarithmic compression.
    """
    size = (PAGE_WIDTH, 2.9)
    figure, axes = plt.subplots(2, len(windows), figsize=size, sharex=True, sharey="row")
    for column, words in enumerate(windows):
        for axis, signal in zip(axes[:, column], (windows[words], compressed[words]), strict=True):
            _draw_axes(axis, signal, linewidth=0.8)
        axes[0, column].set_title(words, fontsize=8)
        axes[1, column].set_xlabel("seconds")
    axes[0, 0].set_ylabel("as measured (g)")
    axes[1, 0].set_ylabel("log-compressed")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=3)
    return figure


@captioned("What may tell sitting from standing: how the phone leans, and how still people keep.")
def sitting_and_standing(tilt: pd.DataFrame, log_energy: pd.DataFrame) -> Figure:
    """Draw dot plots of two means per subject: tilt, and the gyroscope's log energy.

    Parameters
    ----------
    tilt
        Angle between the phone's x axis and gravity in degrees: a row per subject, columns
        ``STANDING`` and ``SITTING``.
    log_energy
        Logarithm of the mean squared angular velocity, in the same form.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(PAGE_WIDTH, 2.5))
    _subject_dots(left, tilt, ["STANDING", "SITTING"])
    left.set_ylabel("angle of gravity to x (degrees)")
    _subject_dots(right, log_energy, ["STANDING", "SITTING"])
    right.set_ylabel("log energy of the gyroscope\n(log₁₀ of rad²/s²)")
    return figure


@captioned("How candidates do on people held out: the mean over folds, and every fold.")
def ablation(rows: pd.DataFrame, titles: dict[str, str]) -> Figure:
    """Draw a dot plot of cross-validated accuracy: each candidate's folds and their mean.

    Parameters
    ----------
    rows
        As ``candidates.table`` gives them: columns candidate, fold and accuracy.
    titles
        Candidate → words, in the order in which they are drawn, the first one on top.
    """
    figure, axis = plt.subplots(figsize=(COLUMN_WIDTH, 0.8 + 0.19 * max(len(titles), 1)))
    folds = rows.groupby(["candidate", "fold"])["accuracy"].mean().mul(100).unstack("fold")
    for place, name in enumerate(titles):
        axis.plot(folds.loc[name], [place] * folds.shape[1], "|", color="0.5", markersize=7)
        color = "#D55E00" if place == 0 else "#0072B2"
        axis.plot(folds.loc[name].mean(), place, "o", color=color, markersize=5)
    axis.axvline(folds.loc[next(iter(titles))].mean(), color="#D55E00", linewidth=0.6, zorder=0)
    axis.set_yticks(range(len(titles)), list(titles.values()))
    axis.set(xlabel="accuracy on people held out (%)", ylim=(len(titles) - 0.5, -0.5))
    axis.grid(axis="x", color="0.9", linewidth=0.5)
    return figure


@captioned("Accuracy against the number of parameters, with intervals over people.")
def sizes(summary: pd.DataFrame) -> Figure:
    """Draw accuracy against the number of parameters, a mark per model.

    Parameters
    ----------
    summary
        What ``evaluation.summary_table`` returns, for models with parameters.
    """
    figure, axis = plt.subplots(figsize=(COLUMN_WIDTH, 2.5 + 0.12 * len(summary)))
    for name, scores in summary.iterrows():
        style, label = _model_style(str(name)), models.title(str(name))
        _draw_cost(axis, scores, scores["n_parameters"], style, label)
    axis.set(xlabel="parameters", ylabel="accuracy (%)")
    axis.margins(x=0.1)
    axis.grid(axis="y", color="0.9", linewidth=0.5)
    _log_axis(axis)
    figure.legend(loc="outside lower center", ncols=2, handletextpad=0.2)
    return figure


@captioned("How much each moment of a window looks at each other one.")
def attention_weights(weights: dict[str, np.ndarray]) -> Figure:
    """Draw attention weights, a panel per window: darker where a row looks at a column.

    Parameters
    ----------
    weights
        Words above the panel → shape (samples, samples), each row sums to one.
    """
    figure, axes = plt.subplots(1, len(weights), figsize=(PAGE_WIDTH, 2.6), sharey=True)
    for axis, (title, values) in zip(np.atleast_1d(axes), weights.items(), strict=True):
        end = len(values) / signals.SAMPLING_RATE
        strongest = np.quantile(values, 0.99)
        axis.imshow(values, cmap="Blues", vmin=0, vmax=strongest, extent=(0, end, end, 0))
        axis.set(title=title, xlabel="looked at (seconds)")
    np.atleast_1d(axes)[0].set_ylabel("looks (seconds)")
    return figure
