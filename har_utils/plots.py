"""Every figure of the course, in one style."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython import get_ipython
from IPython.core.pylabtools import print_figure
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import PlaceHolderLayoutEngine
from matplotlib.patches import Circle, FancyBboxPatch, Patch, Rectangle
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter
from scipy.stats import gaussian_kde

from har_utils import descriptions, models, results, signals
from har_utils.descriptions import captioned

COLUMN_WIDTH = 3.5
"""Width in inches of one column of the report (IEEEtran)."""

PAGE_WIDTH = 7.16
"""Width in inches of both columns of the report."""

ACTIVITY_COLORS = {
    "WALKING": "#0072B2",
    "WALKING_UPSTAIRS": "#56B4E9",
    "WALKING_DOWNSTAIRS": "#009E73",
    "SITTING": "#D55E00",
    "STANDING": "#E69F00",
    "LAYING": "#CC79A7",
}
"""One colour per activity, the same in every figure (Okabe and Ito's colour-blind safe palette)."""

ACTIVITY_MARKERS = {
    "WALKING": "o",
    "WALKING_UPSTAIRS": "^",
    "WALKING_DOWNSTAIRS": "v",
    "SITTING": "s",
    "STANDING": "D",
    "LAYING": "P",
}
"""One marker per activity, so that a figure also reads without colour."""

MODEL_COLORS = {
    "logistic_regression": "#7F7F7F",
    "linear_svc": "#4D4D4D",
    "decision_tree": "#B3B3B3",
    "single_lstm": "#0072B2",
    "multi_lstm": "#009E73",
    "cnn_1d": "#D55E00",
    "cnn_lstm": "#CC79A7",
    "modern": "#E69F00",
    "modern_small": "#56B4E9",
    "modern_tiny": "#000000",
    "modern_integer": "#8C564B",
}
"""One colour per model; greys for the classical ones."""


def use_style() -> None:
    """Set the course's plotting style: sizes that match a column of the report."""
    plt.rcParams.update(
        {
            "figure.dpi": 120,
            "figure.figsize": (COLUMN_WIDTH, 2.4),
            "figure.constrained_layout.use": True,
            "savefig.dpi": 300,
            "font.family": "sans-serif",
            "font.sans-serif": ["DejaVu Sans"],
            "font.size": 8,
            "axes.titlesize": 8,
            "axes.labelsize": 8,
            "xtick.labelsize": 7,
            "ytick.labelsize": 7,
            "legend.fontsize": 7,
            "legend.frameon": False,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.linewidth": 0.6,
            "lines.linewidth": 1.0,
            "pdf.fonttype": 42,
            "svg.hashsalt": "har",
        }
    )
    _show_with_description()


def _show_with_description() -> None:
    """Have notebooks keep, with every figure they show, what it says in words."""
    shell = get_ipython()
    if shell is not None:
        plt.switch_backend(plt.get_backend())  # loads Jupyter's own way, which this replaces
        shell.display_formatter.formatters["image/png"].for_type(Figure, picture)


def picture(figure: Figure) -> tuple[str, dict[str, str]] | None:
    """Return a figure as a notebook keeps it.

    Returns
    -------
    tuple
        The PNG in base 64, and its words (`har_utils.descriptions.metadata`); None if the figure is
        empty.
    """
    if not figure.axes:
        return None
    words = descriptions.metadata(figure)
    return print_figure(figure, "png", base64=True, bbox_inches="tight"), words


def activity_label(activity: str) -> str:
    """Return an activity's name as people write it: ``WALKING_UPSTAIRS`` → ``Walking upstairs``."""
    return activity.replace("_", " ").capitalize()


def save_figure(figure: Figure, name: str, profile: str) -> Path:
    """Save a figure for LaTeX (PDF) and for people (PNG), the same bytes for the same figure.

    The PNG also holds what it shows in words: its entries ``Title`` and ``Description``.

    Parameters
    ----------
    figure
        The figure.
    name
        File name without ending, for example ``"windows_per_activity"``.
    profile
        The run it belongs to; the files go to ``build/<profile>/figures/``.

    Returns
    -------
    Path
        The PNG file.
    """
    folder = results.build_folder(profile) / "figures"
    folder.mkdir(parents=True, exist_ok=True)
    words = {"Title": descriptions.caption(figure), "Description": descriptions.describe(figure)}
    for ending, metadata in (("pdf", {"CreationDate": None}), ("png", {"Software": None} | words)):
        path = folder / f"{name}.{ending}"
        aside = path.with_name(f".{path.name}.part")
        figure.savefig(aside, format=ending, metadata=metadata)
        aside.replace(path)
    return path


def write_picture(figure: Figure, path: Path) -> Path:
    """Save a figure to a file of any place and name; the ending says the format.

    Raises
    ------
    ValueError
        If there is no such format.
    """
    ending = path.suffix.removeprefix(".")
    if ending not in figure.canvas.get_supported_filetypes():
        raise ValueError(f"{path}: pictures end in .png, .pdf or .svg")
    aside = path.with_name(f".{path.name}.part")
    figure.savefig(aside, format=ending)
    aside.replace(path)
    return path


# Notebooks 01 and 02: the data


def short_label(activity: str) -> str:
    """Return an activity's name in one word: ``WALKING_UPSTAIRS`` → ``Upstairs``."""
    return activity.rsplit("_", 1)[-1].capitalize()


@captioned
def windows_per_activity(table: pd.DataFrame) -> Figure:
    """Draw how many windows each activity has, those of the test subjects hatched.

    Parameters
    ----------
    table
        The data set's table; its columns ``activity`` and ``split`` are used.
    """
    counts = pd.crosstab(table["activity"], table["split"])
    counts = counts.reindex(index=list(ACTIVITY_COLORS), columns=["train", "test"], fill_value=0)
    labels = [activity_label(activity) for activity in counts.index]
    colors = list(ACTIVITY_COLORS.values())
    figure, axis = plt.subplots(figsize=(COLUMN_WIDTH, 2.1))
    axis.barh(labels, counts["train"], color=colors, label="training subjects")
    axis.barh(
        labels,
        counts["test"],
        label="test subjects",
        left=counts["train"],
        color="white",
        edgecolor=colors,
        hatch="////",
        linewidth=0.6,
    )
    total = counts.sum(axis=1)
    for row, number in enumerate(total):
        axis.annotate(f"{number}", (number, row), (3, 0), textcoords="offset points", va="center")
    axis.set(xlabel="windows", xlim=(0, total.max() * 1.12))
    axis.invert_yaxis()
    kinds = [
        Patch(color="0.5", label="training subjects"),
        Patch(facecolor="white", edgecolor="0.5", hatch="////", label="test subjects"),
    ]
    axis.legend(handles=kinds, loc="lower center", bbox_to_anchor=(0.4, 1), ncols=2)
    return figure


@captioned
def one_window_each(windows: np.ndarray, channels: Sequence[str]) -> Figure:
    """Draw one window of every activity, a row per channel and a column per activity.

    Parameters
    ----------
    windows
        Shape (6, n_samples, n_channels), in the order of the activities.
    channels
        The channels' names.
    """
    seconds = np.arange(windows.shape[1]) / signals.SAMPLING_RATE
    figure, axes = plt.subplots(
        len(channels), len(windows), figsize=(PAGE_WIDTH, 5.6), sharex=True, sharey="row"
    )
    for column, (activity, color) in enumerate(ACTIVITY_COLORS.items()):
        title = activity_label(activity).replace(" ", "\n")
        axes[0, column].set_title(title, color=color, fontweight="bold")
        axes[-1, column].set_xlabel("seconds")
        for row in range(len(channels)):
            axes[row, column].plot(seconds, windows[column, :, row], color=color, linewidth=0.8)
    for axis, channel in zip(axes[:, 0], channels, strict=True):
        unit = "rad/s" if "gyro" in channel else "g"
        axis.set_ylabel(f"{channel.replace('_', ' ')}\n({unit})", fontsize=6)
    for axis in axes.flat:
        axis.tick_params(labelsize=6)
        axis.axhline(0, color="0.8", linewidth=0.5, zorder=0)
    figure.align_ylabels(axes[:, 0])
    return figure


def _density(axis: Axes, values: np.ndarray, activity: str) -> None:
    """Draw the density of positive values on a logarithmic axis, in the activity's colour."""
    logarithms = np.log10(values)
    grid = np.linspace(logarithms.min() - 0.15, logarithms.max() + 0.15, 300)
    density = gaussian_kde(logarithms)(grid)
    color = ACTIVITY_COLORS[activity]
    style = ("-", "--", ":")[list(ACTIVITY_COLORS).index(activity) % 3]
    axis.plot(10**grid, density, style, color=color, linewidth=1.4, label=activity_label(activity))
    axis.fill_between(10**grid, density, color=color, alpha=0.1, linewidth=0)


@captioned
def stationary_vs_moving(values: np.ndarray, activity: np.ndarray) -> Figure:
    """Draw the density of one positive feature per activity, then each half of them by itself.

    Parameters
    ----------
    values
        Mean body acceleration of each window in g, shape (n,), above 0.
    activity
        Each window's activity by name, shape (n,).
    """
    names = list(ACTIVITY_COLORS)
    panels = (
        ("All six", names, (0.01, 0.1, 1), (None, None)),
        ("Stationary", names[3:], (0.005, 0.01, 0.02, 0.05, 0.1), (None, 0.2)),
        ("Moving", names[:3], (0.15, 0.2, 0.3, 0.4, 0.6), (0.12, 0.8)),
    )
    figure, axes = plt.subplots(1, 3, figsize=(PAGE_WIDTH, 2.3))
    for axis, (title, shown, ticks, limits) in zip(axes, panels, strict=True):
        for name in shown:
            _density(axis, values[activity == name], name)
        axis.set(xscale="log", xlim=limits, ylim=(0, None), yticks=[], title=title)
        axis.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axis.xaxis.set_minor_formatter(NullFormatter())
        axis.set_xlabel("mean body acceleration (g)")
    axes[0].set_ylabel("density")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=6)
    return figure


@captioned
def gravity_posture(
    gravity: np.ndarray, spans: pd.DataFrame, window_gravity: np.ndarray, activity: np.ndarray
) -> Figure:
    """Draw gravity turning while one person changes posture, then where every window's points.

    Parameters
    ----------
    gravity
        Gravity along part of one recording in g, shape (n_samples, 3).
    spans
        What the person does in it: columns ``activity`` (name), ``start`` and ``stop`` (samples).
    window_gravity
        Mean gravity of each window of the stationary activities in g, shape (n, 3).
    activity
        Their activities by name, shape (n,).
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(PAGE_WIDTH, 2.6), width_ratios=(1.7, 1))
    seconds = np.arange(len(gravity)) / signals.SAMPLING_RATE
    for name, values, style in zip("xyz", gravity.T, ("-", "--", ":"), strict=True):
        left.plot(seconds, values, style, color="black", label=f"gravity {name}")
    for span in spans.itertuples():
        start, stop = span.start / signals.SAMPLING_RATE, span.stop / signals.SAMPLING_RATE
        left.axvspan(start, stop, color=ACTIVITY_COLORS[span.activity], alpha=0.3, linewidth=0)
    left.set(xlabel="seconds", ylabel="g", xlim=(0, seconds[-1]))
    left.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3)
    for name in ("SITTING", "STANDING", "LAYING"):
        chosen = activity == name
        right.scatter(
            window_gravity[chosen, 0],
            window_gravity[chosen, 1],
            s=5,
            marker=ACTIVITY_MARKERS[name],
            color=ACTIVITY_COLORS[name],
            alpha=0.5,
            linewidth=0,
            label=activity_label(name),
        )
    right.set(xlabel="gravity x (g)", ylabel="gravity y (g)", aspect="equal")
    place = {"loc": "lower center", "bbox_to_anchor": (0.5, 1), "ncols": 3}
    right.legend(columnspacing=0.8, handletextpad=0.2, markerscale=2, **place)
    return figure


def _subject_dots(axis: Axes, table: pd.DataFrame, names: Sequence[str]) -> None:
    """Draw each subject's mean per activity, the subjects sorted by the first activity."""
    order = table[names[0]].sort_values().index
    for name in names:
        axis.plot(
            range(len(order)),
            table.loc[order, name],
            ACTIVITY_MARKERS[name],
            color=ACTIVITY_COLORS[name],
            markersize=4,
            label=activity_label(name),
        )
    axis.set_xticks(range(len(order)), order, fontsize=6, rotation=90)
    axis.set_xlabel(f"subject, sorted by {activity_label(names[0]).lower()}")
    axis.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3, columnspacing=0.8)
    axis.grid(axis="x", color="0.92", linewidth=0.5)


@captioned
def subject_differences(strength: pd.DataFrame, tilt: pd.DataFrame) -> Figure:
    """Draw how differently people do the same thing: how hard they walk, how they sit.

    Parameters
    ----------
    strength
        Mean body acceleration in g: a row per subject, a column per moving activity.
    tilt
        Angle between the phone's x axis and gravity in degrees: a row per subject, columns
        ``STANDING`` and ``SITTING``.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(PAGE_WIDTH, 2.5))
    _subject_dots(left, strength, ["WALKING", "WALKING_UPSTAIRS", "WALKING_DOWNSTAIRS"])
    left.set_ylabel("mean body acceleration (g)")
    _subject_dots(right, tilt, ["STANDING", "SITTING"])
    right.set_ylabel("angle of gravity to x (degrees)")
    return figure


@captioned
def walking_spectra(frequency: np.ndarray, spectra: dict[str, np.ndarray]) -> Figure:
    """Draw the mean spectrum of each way of walking; the band holds 80 % of the subjects.

    Parameters
    ----------
    frequency
        Frequency of each bin in Hz, shape (n_bins,).
    spectra
        Activity → mean amplitude per subject in g, shape (n_subjects, n_bins).
    """
    figure, axis = plt.subplots(figsize=(COLUMN_WIDTH, 2.4))
    for activity, amplitude in spectra.items():
        low, high = np.percentile(amplitude, (10, 90), axis=0)
        color = ACTIVITY_COLORS[activity]
        axis.fill_between(frequency, low, high, color=color, alpha=0.15, linewidth=0)
        axis.plot(
            frequency,
            amplitude.mean(axis=0),
            color=color,
            marker=ACTIVITY_MARKERS[activity],
            markersize=3,
            label=activity_label(activity),
        )
    axis.set(xlabel="frequency (Hz)", ylabel="amplitude (g)", xlim=(0, 12), ylim=(0, None))
    axis.legend()
    return figure


@captioned
def feature_embedding(
    points: np.ndarray,
    activity: np.ndarray,
    walking_points: np.ndarray,
    walking_subject: np.ndarray,
) -> Figure:
    """Draw the windows in the plane of their first two principal components, twice.

    Parameters
    ----------
    points
        All windows, shape (n, 2).
    activity
        Their activities by name, shape (n,).
    walking_points
        Walking windows of a few subjects, in components of their own, shape (m, 2).
    walking_subject
        Their subjects, shape (m,).
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(PAGE_WIDTH, 3.0))
    dots = {"s": 5, "alpha": 0.5, "linewidth": 0}
    for name, color in ACTIVITY_COLORS.items():
        marker, chosen = ACTIVITY_MARKERS[name], activity == name
        label = activity_label(name)
        left.scatter(*points[chosen].T, color=color, marker=marker, label=label, **dots)
    people = np.unique(walking_subject)
    shades = plt.colormaps["viridis"](np.linspace(0, 0.9, len(people)))
    for person, shade, marker in zip(people, shades, "osD^vP*X", strict=False):
        chosen = walking_subject == person
        label = f"subject {person}"
        right.scatter(*walking_points[chosen].T, color=shade, marker=marker, label=label, **dots)
    left.set_title("All windows, by activity")
    right.set_title("Walking only, by person")
    for axis in (left, right):
        axis.set(xlabel="first component", ylabel="second component", xticks=[], yticks=[])
        axis.legend(loc="upper center", bbox_to_anchor=(0.5, -0.1), ncols=3, markerscale=2)
    return figure


def _before_and_after(
    axis: Axes, seconds: np.ndarray, lines: dict[str, np.ndarray], unit: str = "g"
) -> None:
    """Draw signals over each other: the first in grey underneath, the others on top of it."""
    colors = ("0.6", "#0072B2", "#D55E00")
    for (label, values), color in zip(lines.items(), colors, strict=False):
        width = 1.8 if color == "0.6" else 1.0
        axis.plot(seconds, values, color=color, linewidth=width, label=label)
    axis.set(xlabel="seconds", ylabel=unit, xlim=(seconds[0], seconds[-1]))
    axis.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3, columnspacing=1.0)


@captioned
def before_and_after(seconds: np.ndarray, lines: dict[str, np.ndarray], unit: str = "g") -> Figure:
    """Draw what one step does to a signal.

    Parameters
    ----------
    seconds
        Time of each sample, shape (n,).
    lines
        Label → signal of shape (n,); the first is drawn in grey, the others (at most two) over it.
    unit
        Unit of the signals.
    """
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 2.0))
    _before_and_after(axis, seconds, lines, unit)
    return figure


@captioned
def filter_response(frequency: np.ndarray, gains: dict[str, np.ndarray], cutoff: float) -> Figure:
    """Draw how much of each frequency a filter lets pass.

    Parameters
    ----------
    frequency
        In Hz, shape (n,).
    gains
        Label → share of the amplitude that is left, shape (n,).
    cutoff
        The filters' cutoff in Hz, drawn as a line.
    """
    figure, axis = plt.subplots(figsize=(COLUMN_WIDTH, 2.0))
    for (label, gain), style in zip(gains.items(), ("--", "-", ":"), strict=False):
        axis.plot(frequency, gain, style, label=label)
    axis.axvline(cutoff, color="0.6", linewidth=0.8, zorder=0)
    axis.set(xlabel="frequency (Hz)", ylabel="amplitude left", xlim=(0, frequency[-1]))
    axis.legend()
    return figure


def _draw_windows(axis: Axes, seconds: np.ndarray, signal: np.ndarray, first: int) -> None:
    """Draw a signal and, under it, the windows that fit into it from sample ``first`` on."""
    axis.plot(seconds, signal, color="#0072B2", linewidth=0.8)
    bottom, height = signal.min(), np.ptp(signal)
    starts = range(first, len(signal) - signals.WINDOW + 1, signals.STRIDE)
    for number, start in enumerate(starts):
        level = bottom - height * (0.15 + 0.12 * (number % 2))
        window = seconds[[start, start + signals.WINDOW - 1]]
        axis.plot(window, [level, level], color="black", linewidth=2, solid_capstyle="butt")
    axis.set(xlabel="seconds", ylabel="g", xlim=(seconds[0], seconds[-1]))


@captioned
def window_brackets(seconds: np.ndarray, signal: np.ndarray, first: int = 0) -> Figure:
    """Draw how overlapping windows lie over a signal.

    Parameters
    ----------
    seconds
        Time of each sample, shape (n,).
    signal
        The signal, shape (n,).
    first
        Sample the first window starts at.
    """
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 2.0))
    _draw_windows(axis, seconds, signal, first)
    return figure


@captioned
def preprocessing_steps(
    seconds: np.ndarray, stages: dict[str, np.ndarray], close_up: slice, first: int = 0
) -> Figure:
    """Draw the way from a raw signal to windows in four panels.

    Parameters
    ----------
    seconds
        Time of each sample, shape (n,).
    stages
        One axis after each step, shape (n,): ``raw``, ``median``, ``total``, ``gravity``, ``body``.
    close_up
        The samples shown in the first two panels.
    first
        Sample the first window starts at.
    """
    figure, axes = plt.subplots(2, 2, figsize=(PAGE_WIDTH, 3.8))
    near = {name: values[close_up] for name, values in stages.items()}
    pairs = {"raw": near["raw"], "median of 3": near["median"]}
    _before_and_after(axes[0, 0], seconds[close_up], pairs)
    pairs = {"median of 3": near["median"], "low-pass 20 Hz": near["total"]}
    _before_and_after(axes[0, 1], seconds[close_up], pairs)
    parts = {"total": stages["total"], "body": stages["body"], "gravity": stages["gravity"]}
    _before_and_after(axes[1, 0], seconds, parts)
    _draw_windows(axes[1, 1], seconds, stages["body"], first)
    axes[1, 1].set_title("body, and windows that overlap by half")
    for axis, letter in zip(axes.flat, "abcd", strict=True):
        axis.text(-0.1, 1.06, letter, transform=axis.transAxes, fontsize=9, fontweight="bold")
    return figure


@captioned
def filter_chain_error(
    seconds: np.ndarray, lines: dict[str, np.ndarray], errors: pd.DataFrame
) -> Figure:
    """Draw one window after the published and the documented filters, and the error of all windows.

    Parameters
    ----------
    seconds
        Time of each sample, shape (n,).
    lines
        Label → signal of shape (n,) in g; the published one first, then the documented ones.
    errors
        Root mean square error in standard deviations of the channel: a row per channel, a column
        per documented filter, in the order of ``lines``.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(PAGE_WIDTH, 2.4), width_ratios=(1.4, 1))
    _before_and_after(left, seconds, lines)
    colors, markers = ("#0072B2", "#D55E00"), ("o", "s")
    for column, color, marker in zip(errors.columns, colors, markers, strict=True):
        right.plot(errors[column], errors.index, marker, color=color, label=column)
    right.set(xlabel="error (standard deviations of the channel)", xlim=(0, None))
    right.invert_yaxis()
    right.grid(axis="x", color="0.9", linewidth=0.5)
    right.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2, columnspacing=1.0)
    return figure


# Notebook 03: classical models


@captioned
def classical_grid_search(scores: pd.DataFrame, chosen: dict[str, float]) -> Figure:
    """Draw the cross-validated accuracy of every setting tried, under subject and random folds.

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


def draw_confusion(
    axis: Axes, confusion: np.ndarray, labels: Sequence[str], counts: bool = False
) -> None:
    """Draw a confusion matrix into an axis: rows are the truth, cells show percent of their row.

    Parameters
    ----------
    axis
        Where to draw.
    confusion
        Counts, shape (n_classes, n_classes); row: true activity, column: predicted one.
    labels
        One short name per class.
    counts
        Write the number of windows under the percentage; needs a column of the page.
    """
    totals = np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    percent = 100 * confusion / totals
    axis.imshow(percent, cmap="Blues", vmin=0, vmax=100)
    for row, column in np.ndindex(*confusion.shape):
        if confusion[row, column] == 0:
            continue
        color = "white" if percent[row, column] > 55 else "black"
        text = f"{percent[row, column]:.1f}" if percent[row, column] < 99.95 else "100"
        if counts:
            text += f" %\n{confusion[row, column]:.0f}"
        axis.text(column, row, text, ha="center", va="center", color=color, fontsize=5.5)
    axis.set_xticks(range(len(labels)), labels, rotation=45, ha="right", rotation_mode="anchor")
    axis.set_yticks(range(len(labels)), labels)
    axis.tick_params(length=0, labelsize=6)
    axis.spines[:].set_visible(False)


@captioned
def confusion_matrices(confusions: dict[str, np.ndarray]) -> Figure:
    """Draw confusion matrices side by side; rows are the truth, cells show percent of their row.

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


@captioned
def leakage(scores: pd.DataFrame) -> Figure:
    """Draw what random folds promise, what subject folds promise, and what unseen people give.

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
    for folds, label, shift, dot in (
        ("subjects", "subject folds", 0.0, {"color": "#0072B2", "marker": "o"}),
        ("random", "random folds", -0.2, {"color": "0.5", "marker": "s"}),
    ):
        axis.scatter(100 * scores[folds], position + shift, s=22, label=label, zorder=2, **dot)
    axis.set_yticks(position, scores.index)
    axis.set(xlabel="accuracy (%)", ylim=(-0.6, len(scores) - 0.4))
    axis.invert_yaxis()
    axis.grid(axis="x", color="0.9", linewidth=0.5)
    axis.legend(loc="upper center", bbox_to_anchor=(0.4, -0.25), ncols=2, columnspacing=0.8)
    return figure


# Notebooks 04 to 07: the four networks

PEOPLE_COLORS = {"training": "#7F7F7F", "validation": "#0072B2", "test": "#D55E00"}
"""One colour per group of people in the protocol."""

LAYER_COLORS = {"Input": "#F2F2F2", "LSTM": "#CCE3F0", "Conv1D": "#F7DFCC", "Dense": "#CCECE3"}
"""Fill of a layer's box; layers not named here only regularise or reshape and stay white."""


def _canvas(width: float, height: float) -> tuple[Figure, Axes]:
    """Return an empty drawing whose coordinates are inches from the lower left corner."""
    # layout="none" would not do: a notebook that shows the figure turns it into the default again.
    keep = PlaceHolderLayoutEngine(adjust_compatible=True, colorbar_gridspec=True)
    figure = plt.figure(figsize=(width, height), layout=keep)
    axis = figure.add_axes((0, 0, 1, 1))
    axis.set(xlim=(0, width), ylim=(0, height))
    axis.axis("off")
    return figure, axis


def _nothing_yet(words: str) -> Figure:
    """Return a figure that says why there is nothing to draw."""
    figure, axis = _canvas(COLUMN_WIDTH, 0.5)
    axis.text(0.1, 0.2, words, fontsize=7)
    return figure


def _box(axis: Axes, x: float, y: float, width: float, height: float, color: str) -> None:
    """Draw a rounded box whose lower left corner is at (x, y)."""
    style = "round,pad=0,rounding_size=0.055"
    box = FancyBboxPatch((x, y), width, height, boxstyle=style, fc=color, ec="0.2", lw=0.6)
    axis.add_patch(box)


def _arrow(axis: Axes, start: tuple[float, float], end: tuple[float, float], **style: Any) -> None:
    """Draw a straight arrow between two points."""
    plain = {"arrowstyle": "-|>", "lw": 0.7, "color": "0.2", "mutation_scale": 6}
    axis.annotate("", end, start, arrowprops=plain | {"shrinkA": 0, "shrinkB": 0} | style)


@captioned
def architecture(layers: Sequence[dict], title: str) -> Figure:
    """Draw a network as a stack of boxes: what each layer is, what it hands on, what it learns.

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
    step, box_height = 0.34, 0.25
    top = 0.22 + step * len(layers)
    figure, axis = _canvas(COLUMN_WIDTH, top + 0.3)
    axis.text(0.06, top + 0.1, title, weight="bold")
    axis.text(2.66, top + 0.1, "output", fontsize=6.5, color="0.45", ha="center")
    axis.text(3.42, top + 0.1, "parameters", fontsize=6.5, color="0.45", ha="right")
    for row, layer in enumerate(layers):
        bottom = top - step * (row + 1) + (step - box_height) / 2
        _box(axis, 0.06, bottom, 2.22, box_height, LAYER_COLORS.get(layer["type"], "white"))
        _layer_words(axis, layer, bottom + box_height / 2)
        if row and layer.get("follows", True):
            _arrow(axis, (0.3, bottom + step), (0.3, bottom + box_height), mutation_scale=5)
    total = sum(layer["parameters"] for layer in layers)
    axis.text(3.42, 0.08, f"{total:,} in all", fontsize=7, weight="bold", ha="right")
    return figure


def _layer_words(axis: Axes, layer: dict, height: float) -> None:
    """Write one layer of :func:`architecture`: type, detail, output shape, parameters."""
    shape = " × ".join(f"{size:,}" for size in layer["output_shape"])
    count = f"{layer['parameters']:,}" if layer["parameters"] else "–"
    axis.text(0.14, height, layer["type"], fontsize=7, va="center", weight="bold")
    axis.text(2.22, height, layer["detail"], fontsize=6, va="center", ha="right", color="0.35")
    axis.text(2.66, height, shape, fontsize=7, va="center", ha="center")
    axis.text(3.42, height, count, fontsize=7, va="center", ha="right")


@captioned
def lstm_cell() -> Figure:
    """Draw one step of an LSTM: gates (σ) decide what its memory drops, takes in and shows."""
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
    for x, y in [*paths, ((2.45, 2.45), (top, memory))]:
        axis.plot(x, y, lw=0.7, color="0.2")
    signs = ((0.85, memory, "×"), (1.66, memory, "+"), (1.66, joined, "×"), (2.45, joined, "×"))
    for x, y, sign in signs:
        axis.add_patch(Circle((x, y), 0.08, fc="white", ec="0.2", lw=0.6, zorder=3))
        axis.text(x, y, sign, ha="center", va="center", fontsize=7, zorder=4)


@captioned
def protocol(training: Iterable[int], validation: Iterable[int], test: Iterable[int]) -> Figure:
    """Draw who takes part in what: one square per person, one row per step of the protocol.

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
    axis.text(x + 0.05, y + 0.08, person, fontsize=4.6, ha="center", va="center", color=ink)


@captioned
def training_curves(history: dict[str, Sequence[float]], chosen: int | None) -> Figure:
    """Draw loss and accuracy, epoch by epoch, on training and on validation subjects.

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


def _draw_curve(
    axis: Axes, history: dict, quantity: str, chosen: int | None, scale: float = 1
) -> None:
    """Draw one quantity of a training history and mark the epoch that was chosen."""
    lines = {"training": ("o--", quantity), "validation": ("s-", f"val_{quantity}")}
    for group, (style, key) in lines.items():
        values = scale * np.asarray(history.get(key, []))
        line = {"markersize": 3, "color": PEOPLE_COLORS[group], "label": f"{group} subjects"}
        axis.plot(np.arange(1, len(values) + 1), values, style, **line)
    if chosen is not None:
        axis.axvline(chosen, color="0.2", linewidth=0.6, linestyle=":", label="chosen")
    axis.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True, min_n_ticks=1))
    axis.set_xlabel("epoch")


@captioned
def confusion_matrix(confusion: np.ndarray) -> Figure:
    """Draw one confusion matrix: percent of each row, and how many windows that is.

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


@captioned
def per_activity(per_class: dict[str, dict[str, float]]) -> Figure:
    """Draw precision, recall and F1 of every activity.

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


def _percent_axis(axis: Axes, label: str) -> None:
    """Give a horizontal axis of percentages round ticks, a pale grid and a label."""
    axis.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
    axis.grid(axis="x", color="0.9", linewidth=0.5)
    axis.set_axisbelow(True)
    axis.set_xlabel(label)


@captioned
def windows_beside(windows: dict[str, np.ndarray], channels: Sequence[str]) -> Figure:
    """Draw windows side by side: a column per window, a row per sensor, on the same scales.

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


def _draw_sensor(axis: Axes, window: np.ndarray, channels: Sequence[str], sensor: str) -> None:
    """Draw the three axes of one sensor in one window."""
    seconds = np.arange(len(window)) / signals.SAMPLING_RATE
    lines = {"x": ("#D55E00", "-"), "y": ("#0072B2", "--"), "z": ("0.35", ":")}
    for letter, (color, style) in lines.items():
        values = window[:, list(channels).index(f"{sensor}_{letter}")]
        axis.plot(seconds, values, color=color, linestyle=style, linewidth=0.8, label=letter)
    axis.set_xlim(0, seconds[-1])


@captioned
def changing_mind(probability: dict[str, np.ndarray]) -> Figure:
    """Draw what a network thinks of a window while it reads it, one panel per window.

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


@captioned
def layer_outputs(outputs: dict[str, np.ndarray], label: str) -> Figure:
    """Draw what a layer hands on for some windows: a row per unit, time from left to right.

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


# Notebook 08: a modern network


@captioned
def magnified(windows: dict[str, np.ndarray], shown: dict[str, np.ndarray]) -> Figure:
    """Draw movements as they are measured, and their orders of magnitude below.

    Parameters
    ----------
    windows
        Words → ``(n_samples, 3)``, one column of panels each; all share the scale of the largest.
    shown
        The same words → the same movements, magnified.
    """
    size = (PAGE_WIDTH, 2.9)
    figure, axes = plt.subplots(2, len(windows), figsize=size, sharex=True, sharey="row")
    for column, words in enumerate(windows):
        for axis, signal in zip(axes[:, column], (windows[words], shown[words]), strict=True):
            _draw_axes(axis, signal, linewidth=0.8)
        axes[0, column].set_title(words, fontsize=8)
        axes[1, column].set_xlabel("seconds")
    axes[0, 0].set_ylabel("as measured (g)")
    axes[1, 0].set_ylabel("magnified")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=3)
    return figure


@captioned
def sitting_and_standing(tilt: pd.DataFrame, loudness: pd.DataFrame) -> Figure:
    """Draw what may tell sitting from standing: how the phone leans, and how still people keep.

    Parameters
    ----------
    tilt
        Angle between the phone's x axis and gravity in degrees: a row per subject, columns
        ``STANDING`` and ``SITTING``.
    loudness
        Logarithm of the mean squared angular velocity, in the same form.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(PAGE_WIDTH, 2.5))
    _subject_dots(left, tilt, ["STANDING", "SITTING"])
    left.set_ylabel("angle of gravity to x (degrees)")
    _subject_dots(right, loudness, ["STANDING", "SITTING"])
    right.set_ylabel("loudness of the gyroscope")
    return figure


@captioned
def ablation(rows: pd.DataFrame, titles: dict[str, str]) -> Figure:
    """Draw how candidates do on people held out: the mean over folds, and every fold.

    Parameters
    ----------
    rows
        As ``selection.table`` gives them: columns candidate, fold and accuracy.
    titles
        Candidate → words, in the order in which they are drawn, the first one on top.
    """
    figure, axis = plt.subplots(figsize=(COLUMN_WIDTH, 0.8 + 0.24 * max(len(titles), 1)))
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


@captioned
def sizes(summary: pd.DataFrame) -> Figure:
    """Draw accuracy against the number of parameters, with intervals over people.

    Parameters
    ----------
    summary
        What ``evaluation.summary_table`` returns, for models with parameters.
    """
    figure, axis = plt.subplots(figsize=(COLUMN_WIDTH, 2.5 + 0.12 * len(summary)))
    for name, scores in summary.iterrows():
        _draw_cost(axis, str(name), scores, scores["n_parameters"])
    axis.set(xlabel="parameters", ylabel="accuracy (%)")
    axis.margins(x=0.1)
    axis.grid(axis="y", color="0.9", linewidth=0.5)
    _log_axis(axis)
    figure.legend(loc="outside lower center", ncols=2, handletextpad=0.2)
    return figure


# Notebook 11: all models side by side

MODEL_MARKERS = {
    "logistic_regression": "<",
    "linear_svc": ">",
    "decision_tree": "v",
    "single_lstm": "o",
    "multi_lstm": "s",
    "cnn_1d": "^",
    "cnn_lstm": "D",
    "modern": "*",
    "modern_small": "P",
    "modern_tiny": "X",
    "modern_integer": "p",
}
"""One marker per model, so that a figure also reads without colour."""

PUBLISHED_MARK = {"marker": "D", "ms": 4, "mfc": "white", "mec": "0.2", "mew": 0.8, "ls": ""}
"""How a published number is drawn wherever it stands beside ours."""


def _model_style(name: str) -> dict[str, Any]:
    """Return colour and marker of a model; a variant (``cnn_1d@paper``) looks like its model."""
    model = name.partition("@")[0]
    return {
        "color": MODEL_COLORS.get(model, "#56B4E9"),
        "marker": MODEL_MARKERS.get(model, "*"),
        "markersize": 4.5,
    }


def _name_rows(axis: Axes, names: Iterable[str]) -> None:
    """Write a title beside each row of a figure, the first on top."""
    words = [models.title(name) for name in names]
    axis.set_yticks(range(len(words)), words)
    axis.set_ylim(len(words) - 0.5, -0.5)
    axis.tick_params(axis="y", length=0)


def _draw_interval(axis: Axes, row: float, name: str, scores: pd.Series, metric: str) -> None:
    """Draw one model's mean over its interval."""
    ends = [100 * scores[f"{metric}_low"], 100 * scores[f"{metric}_high"]]
    style = _model_style(name)
    axis.plot(ends, [row, row], color=style["color"], linewidth=2.5, alpha=0.4)
    axis.plot(100 * scores[f"{metric}_mean"], row, **style)


@captioned
def comparison_metrics(summary: pd.DataFrame) -> Figure:
    """Draw accuracy, F1, precision and recall of every model beside the source report's.

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


@captioned
def comparison_per_activity(recall: pd.DataFrame) -> Figure:
    """Draw how many of each activity's windows every model recognises.

    Parameters
    ----------
    recall
        Models (index) x activities (columns), mean over seeds, fractions.
    """
    recall = recall[list(ACTIVITY_COLORS)]
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 2.5))
    offsets = 0.7 * (np.arange(len(recall)) - (len(recall) - 1) / 2) / max(len(recall), 2)
    for offset, (name, scores) in zip(offsets, recall.iterrows(), strict=True):
        style = _model_style(str(name)) | {"linestyle": "", "label": models.title(str(name))}
        axis.plot(np.arange(len(scores)) + offset, 100 * scores.to_numpy(), **style)
    for edge in range(1, len(recall.columns)):
        axis.axvline(edge - 0.5, linewidth=0.4, color="0.8")
    axis.set_xticks(range(len(recall.columns)), [activity_label(name) for name in recall.columns])
    axis.tick_params(axis="x", length=0)
    axis.set(ylabel="recognised (%)", xlim=(-0.5, len(recall.columns) - 0.5))
    axis.grid(axis="y", color="0.9", linewidth=0.5)
    figure.legend(loc="outside lower center", ncols=4, columnspacing=1.2, handletextpad=0.2)
    return figure


@captioned
def comparison_curves(histories: dict[str, dict], chosen: dict[str, int]) -> Figure:
    """Draw accuracy over the epochs, one panel per network.

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


@captioned
def comparison_subjects(accuracy: pd.DataFrame) -> Figure:
    """Draw how well every model does on every test subject.

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


@captioned
def comparison_cost(summary: pd.DataFrame, seconds: dict[str, float]) -> Figure:
    """Draw accuracy against what it costs: parameters, and seconds of training.

    Parameters
    ----------
    summary
        What ``evaluation.summary_table`` returns.
    seconds
        Model → seconds of training; a model without a time has no mark in that panel.
    """
    size = (COLUMN_WIDTH, 2.2 + 0.15 * (len(summary) / 2))
    figure, axes = plt.subplots(1, 2, figsize=size, sharey=True)
    for name, scores in summary.iterrows():
        _draw_cost(axes[0], str(name), scores, scores["n_parameters"])
        _draw_cost(axes[1], str(name), scores, seconds.get(str(name)))
    for axis, words in zip(axes, ("parameters", "seconds to train"), strict=True):
        axis.set_xlabel(words)
        axis.margins(x=0.15)
        axis.grid(axis="y", color="0.9", linewidth=0.5)
        _log_axis(axis)
    axes[0].set_ylabel("accuracy (%)")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, handletextpad=0.2)
    return figure


def _log_axis(axis: Axes) -> None:
    """Make a horizontal axis logarithmic with few and short numbers, if anything is drawn."""
    places = np.concatenate([line.get_xdata() for line in axis.lines])
    places = places[np.isfinite(places)]
    if not len(places):
        return
    decades = np.log10(places.max() / places.min())
    steps = (1, 2, 5) if decades < 1 else (1, 3) if decades < 2 else (1,)
    axis.set_xscale("log")
    axis.xaxis.set_major_locator(LogLocator(subs=steps))
    axis.xaxis.set_major_formatter(lambda x, _: f"{x / 1000:g}k" if x >= 1000 else f"{x:g}")
    axis.xaxis.set_minor_formatter(NullFormatter())


def _draw_cost(axis: Axes, name: str, scores: pd.Series, cost: float | None) -> None:
    """Draw one model's accuracy over its interval at its cost; an unknown cost shows nothing."""
    place = float(cost) if cost else np.nan
    style = _model_style(name)
    ends = [100 * scores["accuracy_low"], 100 * scores["accuracy_high"]]
    axis.plot([place, place], ends, color=style["color"], linewidth=1.5, alpha=0.4)
    label = models.title(name)
    axis.plot(place, 100 * scores["accuracy_mean"], linestyle="", label=label, **style)


@captioned
def comparison_pairs(pairs: pd.DataFrame) -> Figure:
    """Draw the difference of each pair of models with its interval.

    Parameters
    ----------
    pairs
        What ``evaluation.pair_table`` returns. A filled mark: the interval excludes zero.
    """
    if pairs.empty:
        return _nothing_yet("There are no two models to compare yet.")
    figure, axis = plt.subplots(figsize=(COLUMN_WIDTH, 0.6 + 0.32 * len(pairs)))
    for row, pair in enumerate(pairs.itertuples()):
        fill = "white" if pair.verdict == "undecided" else "0.2"
        axis.plot([100 * pair.low, 100 * pair.high], [row, row], color="0.2")
        axis.plot(100 * pair.difference, row, "o", ms=5, mec="0.2", mfc=fill)
    words = [f"{models.title(pair.a)}\n− {models.title(pair.b)}" for pair in pairs.itertuples()]
    axis.set_yticks(range(len(words)), words, fontsize=6.5, linespacing=1.0)
    axis.set_ylim(len(words) - 0.5, -0.5)
    axis.axvline(0, color="0.2", linewidth=0.6, linestyle=":")
    _percent_axis(axis, "difference in accuracy (points)")
    return figure


@captioned
def comparison_published(published: pd.DataFrame, summary: pd.DataFrame) -> Figure:
    """Draw published accuracies, each with its protocol named, and ours with their intervals.

    Parameters
    ----------
    published
        Columns ``label``, ``accuracy`` (fraction), ``data`` and ``protocol``.
    summary
        What ``evaluation.summary_table`` returns.
    """
    n_rows = len(published) + len(summary)
    figure, (words, axis) = plt.subplots(
        1, 2, figsize=(PAGE_WIDTH, 0.5 + 0.2 * n_rows), width_ratios=(3, 2), sharey=True
    )
    words.axis("off")
    words.set_xlim(0, 1)
    for row, entry in enumerate(published.itertuples()):
        words.text(0, row, entry.label, fontsize=7, va="center")
        protocol = f"{entry.data}; {entry.protocol}"
        words.text(0.49, row, protocol, fontsize=6, va="center", color="0.35")
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


# Notebook 10: outside the laboratory


def _line_style(name: str) -> dict[str, Any]:
    """Return how a model's line is drawn; that of a variant is dashed."""
    style = _model_style(name) | {"label": models.title(name), "markersize": 3.5}
    return style | {"linestyle": "--" if "@" in name else "-"}


def _legend_below(figure: Figure, axis: Axes, columns: int = 4) -> None:
    """Put one legend for all panels, taken from one of them, under the figure."""
    handles, labels = axis.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=columns, columnspacing=1.2)


@captioned
def robustness_curves(table: pd.DataFrame, perturbations: dict[str, Any]) -> Figure:
    """Draw the accuracy of every model under every perturbation, from harmless to severe.

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
    cells = [[*graded[:3]], [*graded[3:6]], ["other"] * 3]
    figure, axes = plt.subplot_mosaic(cells, figsize=(PAGE_WIDTH, 5.4), sharey=True)
    for name in graded:
        _draw_levels(axes[name], table[table["perturbation"] == name], perturbations[name])
    yes_or_no = [name for name in names if not perturbations[name].unit]
    _draw_yes_or_no(axes["other"], table, {name: perturbations[name].title for name in yes_or_no})
    for axis in axes.values():
        axis.grid(axis="y", color="0.9", linewidth=0.5)
        axis.set_ylim(0, 103)
        if axis.get_subplotspec().is_first_col():
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
    return [f"{value:g}".replace("-", "−") for value in values]


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


@captioned
def calibration_reliability(
    before: dict[str, pd.DataFrame], after: dict[str, pd.DataFrame]
) -> Figure:
    """Draw how often every model is right when it is so and so sure; on the diagonal it is honest.

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


@captioned
def selective_prediction(curves: dict[str, pd.DataFrame]) -> Figure:
    """Draw the accuracy of models that answer only when they are sure.

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


@captioned
def errors_transition(table: pd.DataFrame) -> Figure:
    """Draw how often models are wrong so and so far from a change of activity.

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


@captioned
def hard_windows(
    windows: dict[str, np.ndarray], people: dict[int, pd.DataFrame], channels: Sequence[str]
) -> Figure:
    """Draw windows that no model gets right, and where they lie among their person's others.

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
    upper, lower = figure.subfigures(2, 1, height_ratios=(1, 1.25))
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
        style = {"marker": ACTIVITY_MARKERS[activity], "color": ACTIVITY_COLORS[activity]}
        axis.scatter(own["y"], own["z"], s=14, alpha=0.7, label=activity_label(activity), **style)
    hard = rows[rows["hard"]]
    ring = {"facecolor": "none", "edgecolor": "black", "linewidth": 0.7}
    axis.scatter(hard["y"], hard["z"], s=45, label="no model is right", **ring)


@captioned
def recording_sides(table: pd.DataFrame) -> Figure:
    """Draw how well every recording is recognised as it is and seen in the mirror.

    Parameters
    ----------
    table
        What ``robustness.sides`` returns. Recordings better in the mirror are drawn in orange.
    """
    if table.empty:
        return _nothing_yet("No network is here to be asked about the mirror.")
    figure, axis = plt.subplots(figsize=(COLUMN_WIDTH, 0.9 + 0.15 * len(table)))
    for row, scores in enumerate(100 * table[["as_worn", "mirrored"]].to_numpy()):
        color = "#D55E00" if scores[1] > scores[0] else "0.55"
        axis.plot(scores, [row, row], color=color, linewidth=0.8, zorder=1)
        axis.plot(scores[0], row, "o", color=color, markersize=4)
        axis.plot(scores[1], row, "o", color=color, markersize=4, mfc="white")
    words = [f"subject {person}, recording {number}" for person, number in table.index]
    axis.set_yticks(range(len(table)), words, fontsize=6)
    axis.set_ylim(len(table) - 0.5, -0.5)
    _percent_axis(axis, "accuracy (%)")
    kinds = (("as it is", "0.2"), ("in the mirror", "white"))
    handles = [
        axis.plot([], [], "o", color="0.2", markersize=4, mfc=fill, label=label)[0]
        for label, fill in kinds
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=2)
    return figure


@captioned
def loso_subjects(accuracy: pd.DataFrame) -> Figure:
    """Draw how well everybody is recognised by models that never saw them, the hardest first.

    Parameters
    ----------
    accuracy
        Models (index) x subjects (columns), mean over seeds, fractions.
    """
    if accuracy.empty:
        return _nothing_yet("There are no runs that leave one person out yet.")
    order = accuracy.mean().sort_values().index
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, 2.6))
    for name, scores in accuracy[order].iterrows():
        style = _line_style(str(name).partition("@")[0]) | {"linestyle": ""}
        axis.plot(range(len(order)), 100 * scores.to_numpy(), alpha=0.85, **style)
    axis.set_xticks(range(len(order)), order)
    axis.set(xlabel="person left out", ylabel="accuracy (%)")
    axis.grid(color="0.92", linewidth=0.5)
    _legend_below(figure, axis, columns=3)
    return figure


@captioned
def twelve_confusion(confusion: np.ndarray | None, activities: Sequence[str]) -> Figure:
    """Draw the confusion matrix of six activities and six transitions, with numbers of windows.

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


@captioned
def smoothing(table: pd.DataFrame) -> Figure:
    """Draw what it gives or costs to let neighbouring windows have a say.

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
    for style, words in (("-", "gaps stay empty"), (":", "gaps are closed")):
        axes[1].plot([], [], style, color="0.3", label=words)
    axes[1].legend(handles=axes[1].lines[-2:], loc="lower left", handlelength=3)
    _legend_below(figure, axes[0])
    return figure


# Notebook 09: tuning


@captioned
def grid_and_random(points: dict[str, np.ndarray], loss: Any) -> Figure:
    """Draw where a grid and a random search look, and what they find out about what matters.

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


@captioned
def learned_sampling(
    along: np.ndarray, good: np.ndarray, bad: np.ndarray, trials: pd.DataFrame, proposal: float
) -> Figure:
    """Draw how a search learns: where good trials lie, where bad ones, and where to look next.

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


@captioned
def tuning_learning_rate(curves: dict[float, Sequence[float]]) -> Figure:
    """Draw how the loss on held-out people falls with each learning rate, and how far.

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


@captioned
def tuning_history(studies: dict[str, pd.DataFrame]) -> Figure:
    """Draw every trial of each search in its order, the best so far, and the source's settings.

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


@captioned
def tuning_parameters(
    table: pd.DataFrame, scales: dict[str, Sequence[float]], importance: pd.Series | None
) -> Figure:
    """Draw each trial as a line through its settings, and which settings mattered.

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
    ends = {"loss": (done["loss"].min(), done["loss"].quantile(0.9))}
    heights = {name: _height(done[name], scales.get(name, ends.get(name))) for name in names}
    colors = plt.get_cmap("viridis")(heights["loss"].clip(0, 0.9))
    for place, color in enumerate(colors):
        is_best = place == len(done) - 1
        line = [np.clip(heights[name][place], -0.03, 1.03) for name in names]
        left.plot(line, color="#D55E00" if is_best else color, linewidth=2 if is_best else 0.8)
    for place, name in enumerate(names):
        ticks = scales.get(name, ends.get(name))
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
    values, ticks = np.asarray(values, float), np.asarray(ticks, float)
    if len(ticks) > 2 and ticks[0] > 0 and ticks[-1] / ticks[-2] > 1.9:
        values, ticks = np.log(values), np.log(ticks)
    return (values - ticks[0]) / max(ticks[-1] - ticks[0], 1e-12)


def _draw_importance(axis: Axes, importance: pd.Series | None) -> None:
    """Draw which part of the differences each setting explains."""
    if importance is None:
        axis.set_axis_off()
        return
    ordered = 100 * importance.sort_values()
    axis.barh([name.replace("_", " ") for name in ordered.index], ordered, color="#0072B2")
    axis.set(xlabel="part of the differences (%)", title="what mattered")


# One window, looked at closely (the explorer of notebooks 01 and 12)


@captioned
def window_view(
    window: np.ndarray,
    title: str,
    turn: float = -60,
    strips: dict[str, pd.DataFrame] | None = None,
    seconds: float = 0,
) -> Figure:
    """Draw one window: its nine channels, which way gravity points, and its spectrum.

    Parameters
    ----------
    window
        Shape (128, 9), channels as in ``dataset.CHANNELS``.
    title
        What it is.
    turn
        From which side gravity is looked at, in degrees.
    strips
        What was done, and perhaps what a network says was done, in the recording around it:
        name → columns start and stop (seconds) and activity. Nothing without it.
    seconds
        When the window starts in the recording.
    """
    heights = (*([0.5] if strips else []), 1, 1, 1)
    figure = plt.figure(figsize=(PAGE_WIDTH, 0.4 + 1.35 * sum(heights)))
    grid = figure.add_gridspec(len(heights), 2, height_ratios=heights, width_ratios=(1.7, 1))
    if strips:
        _draw_strips(figure.add_subplot(grid[0, :]), strips, seconds)
    first = len(heights) - 3
    left = [figure.add_subplot(grid[first + row, 0]) for row in range(3)]
    for row, label in enumerate(("motion (g)", "rotation (rad/s)", "acceleration (g)")):
        _draw_axes(left[row], window[:, 3 * row : 3 * row + 3], linewidth=1.0)
        left[row].set_ylabel(label)
        left[row].tick_params(labelbottom=row == 2)
    left[2].set_xlabel("seconds")
    figure.align_ylabels(left)
    _draw_gravity(figure.add_subplot(grid[first : first + 2, 1], projection="3d"), window, turn)
    _draw_spectrum(figure.add_subplot(grid[first + 2, 1]), window[:, :3])
    handles, labels = left[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3)
    figure.suptitle(title, fontsize=9)
    return figure


def _draw_strips(axis: Axes, strips: dict[str, pd.DataFrame], seconds: float) -> None:
    """Draw what was done and what was said, a row of coloured spans each; mark one window."""
    for row, (name, spans) in enumerate(strips.items()):
        colors = [ACTIVITY_COLORS.get(activity, "0.8") for activity in spans["activity"]]
        length = spans["stop"] - spans["start"]
        axis.barh(row, length, left=spans["start"], color=colors, label=name)
    axis.axvspan(
        seconds, seconds + signals.WINDOW / signals.SAMPLING_RATE, color="black", alpha=0.6
    )
    axis.set_yticks(range(len(strips)), list(strips))
    axis.set_ylim(len(strips) - 0.5, -0.5)
    axis.tick_params(axis="y", length=0)
    axis.set_xlabel("seconds")
    shown = {activity for spans in strips.values() for activity in spans["activity"]}
    patches = [
        Patch(color=color, label=short_label(name))
        for name, color in ACTIVITY_COLORS.items()
        if name in shown
    ]
    axis.legend(handles=patches, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=6)


def _draw_gravity(axis: Axes, window: np.ndarray, turn: float) -> None:
    """Draw where gravity points, as the phone feels it, among the phone's own axes."""
    gravity = (window[:, 6:] - window[:, :3]).mean(axis=0)
    for letter, color, end in zip("xyz", AXIS_COLORS, np.eye(3), strict=True):
        axis.plot(*np.outer(end, (-1, 1)), color=color, linewidth=0.8)
        axis.text(*(1.15 * end), letter, color=color)
    axis.quiver(0, 0, 0, *gravity, color="black", linewidth=1.8, arrow_length_ratio=0.15)
    axis.set(xlim=(-1, 1), ylim=(-1, 1), zlim=(-1, 1))
    axis.set_box_aspect((1, 1, 1), zoom=1.3)
    axis.view_init(elev=20, azim=turn, vertical_axis="x")
    axis.set_axis_off()
    x, y, z = (f"{value:.2f}".replace("-", "−") for value in gravity)
    axis.set_title(f"gravity: x {x}, y {y}, z {z} g", fontsize=7)


def _draw_spectrum(axis: Axes, motion: np.ndarray) -> None:
    """Draw how strongly each frequency is present in the motion along each axis."""
    frequency = np.fft.rfftfreq(len(motion), 1 / signals.SAMPLING_RATE)[1:]
    amplitude = np.abs(np.fft.rfft(motion, axis=0))[1:] / (len(motion) // 2)
    for letter, values, color in zip("xyz", amplitude.T, AXIS_COLORS, strict=True):
        axis.plot(frequency, values, color=color, label=letter)
    axis.set(xlabel="frequency (Hz)", ylabel="of the motion (g)", xlim=(0, 12), ylim=(0, None))


# Notebook 12: somebody's own phone


AXIS_COLORS = ("#D55E00", "#0072B2", "0.35")
"""Colours of a sensor's x, y and z."""


@captioned
def recording(acceleration: np.ndarray, rotation: np.ndarray) -> Figure:
    """Draw a whole recording: acceleration above, rotation below.

    Parameters
    ----------
    acceleration
        In g, shape (n_samples, 3), at 50 Hz.
    rotation
        In rad/s, shape (n_samples, 3).
    """
    figure, axes = plt.subplots(2, 1, figsize=(PAGE_WIDTH, 3.0), sharex=True)
    for axis, signal, label in zip(
        axes, (acceleration, rotation), ("acceleration (g)", "rotation (rad/s)"), strict=True
    ):
        _draw_axes(axis, signal)
        axis.set_ylabel(label)
    axes[0].legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3)
    axes[1].set_xlabel("seconds")
    figure.align_ylabels()
    return figure


def _draw_axes(axis: Axes, signal: np.ndarray, linewidth: float = 0.5) -> None:
    """Draw the three axes of one sensor."""
    seconds = np.arange(len(signal)) / signals.SAMPLING_RATE
    for letter, values, color in zip("xyz", signal.T, AXIS_COLORS, strict=True):
        axis.plot(seconds, values, color=color, linewidth=linewidth, label=letter)
    axis.set_xlim(0, seconds[-1])


@captioned
def timeline(
    acceleration: np.ndarray, windows: pd.DataFrame, truth: pd.DataFrame | None = None
) -> Figure:
    """Draw a recording, what a network calls each of its windows, and how sure it is.

    Each answer is drawn over the middle half of its window, where no neighbour is.

    Parameters
    ----------
    acceleration
        In g, shape (n_samples, 3), at 50 Hz.
    windows
        Columns start and stop (seconds), activity and confidence: a row per window.
    truth
        What was really done, if it is known: columns start and stop (seconds) and activity.
    """
    figure, axes = plt.subplots(
        3, 1, figsize=(PAGE_WIDTH, 4.2), sharex=True, height_ratios=(1.1, 1.4, 0.9)
    )
    _draw_axes(axes[0], acceleration)
    axes[0].set_ylabel("acceleration (g)")
    axes[0].legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3)
    names = list(ACTIVITY_COLORS)
    if truth is not None:
        rows = [names.index(activity) for activity in truth["activity"]]
        length = truth["stop"] - truth["start"]
        style = {"color": "0.85", "height": 0.9, "label": "really done"}
        axes[1].barh(rows, length, left=truth["start"], **style)
    middle = (windows["start"] + windows["stop"]) / 2
    width = (windows["stop"] - windows["start"]) / 2
    colors = [ACTIVITY_COLORS[activity] for activity in windows["activity"]]
    rows = [names.index(activity) for activity in windows["activity"]]
    axes[1].barh(rows, width, left=middle - width / 2, color=colors, height=0.5, label="network")
    axes[1].set_yticks(range(len(names)), [activity_label(name) for name in names])
    axes[1].set_ylim(len(names) - 0.4, -0.6)
    axes[2].bar(middle, 100 * windows["confidence"], width, color=colors)
    axes[2].set(ylabel="confidence (%)", ylim=(0, 100), xlabel="seconds")
    axes[2].axhline(100 / len(names), color="0.2", linestyle=":", linewidth=0.6)
    return figure


@captioned
def wearing(training: np.ndarray, own: dict[str, float]) -> Figure:
    """Draw how far phones are turned from where they usually sit, in degrees.

    Parameters
    ----------
    training
        The angle of each training subject, shape (n,).
    own
        Name of a recording → its angle.
    """
    height = 0.7 + 0.22 * (len(own) + 1)
    figure, axis = plt.subplots(figsize=(PAGE_WIDTH, height))
    names = ["training subjects", *own]
    axis.axvspan(0, training.max(), color="0.93", linewidth=0)
    axis.plot(training, np.zeros(len(training)), "o", color="0.45", markersize=4, alpha=0.7)
    for row, angle in enumerate(own.values(), start=1):
        axis.plot(angle, row, "D", color="#D55E00", markersize=5)
    axis.set_yticks(range(len(names)), names)
    axis.set_ylim(len(names) - 0.5, -0.5)
    axis.set(xlabel="angle between the phone and its usual place (degrees)", xlim=(0, 180))
    return figure


# Notebook 12, second half: on the device

PRECISION_MARKERS = {
    "float32": "o",
    "float16": "s",
    "dynamic": "^",
    "int8": "D",
    "int8_full": "v",
    "int16": "P",
}
"""One marker for each way to keep the numbers of a network."""


@captioned
def quantised_weights(before: np.ndarray, after: np.ndarray, zoom: float = 4.5) -> Figure:
    """Draw the weights of a layer before and after rounding: all of them, and a close-up.

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
    style = {"linestyle": "", "color": "0.2", "markersize": 4.5}
    return [
        axis.plot([], [], marker=PRECISION_MARKERS[precision], label=title, **style)[0]
        for precision, title in titles.items()
    ]


def _device_legend(figure: Figure, axis: Axes, titles: dict[str, str]) -> None:
    """Explain models by colour and precisions by marker, under a figure."""
    lines, _ = axis.get_legend_handles_labels()
    handles = lines + _precision_handles(axis, titles)
    figure.legend(handles=handles, loc="outside lower center", ncols=2, columnspacing=1.2)


@captioned
def device_size_accuracy(table: pd.DataFrame, titles: dict[str, str], bar: float) -> Figure:
    """Draw the accuracy of every file against its size, the files of one network joined.

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
            marker = {"marker": PRECISION_MARKERS[row.precision], "markersize": 4.5}
            axis.plot(row.bytes / 1000, 100 * row.accuracy, color=color, linestyle="", **marker)
    axis.axvline(bar / 1000, color="0.4", linewidth=0.8, linestyle=":", zorder=0)
    axis.set(xlabel="size of the file (kB)", ylabel="accuracy (%)", xscale="log")
    axis.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.xaxis.set_major_formatter("{x:g}")
    axis.xaxis.set_minor_formatter(NullFormatter())
    axis.grid(axis="y", color="0.9", linewidth=0.5)
    _device_legend(figure, axis, titles)
    return figure


@captioned
def device_latency(table: pd.DataFrame, titles: dict[str, str]) -> Figure:
    """Draw how many times faster than TensorFlow every file answers, a row per network.

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


@captioned
def rounded_window(views: dict[str, tuple[np.ndarray, np.ndarray]]) -> Figure:
    """Draw what rounding leaves of a window's channel, a panel per way to look at it.

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


@captioned
def rounding_in_a_loop(errors: dict[str, np.ndarray]) -> Figure:
    """Draw how far rounding takes an LSTM's output from the exact one while it reads a window.

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
