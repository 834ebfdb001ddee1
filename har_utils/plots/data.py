"""Figures of the recordings, windows and features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch, Patch, Polygon, Rectangle
from matplotlib.ticker import NullFormatter
from scipy.stats import gaussian_kde

from har_utils import signals
from har_utils.plots.alt_text import captioned
from har_utils.plots.style import (
    ACTIVITY_COLORS,
    ACTIVITY_MARKERS,
    AXIS_COLORS,
    COLUMN_WIDTH,
    PAGE_WIDTH,
    _canvas,
    _subject_dots,
    activity_label,
)


@captioned("How many windows each activity has, those of the test subjects hatched.")
def windows_per_activity(table: pd.DataFrame) -> Figure:
    """Draw stacked bars: windows per activity, training and test subjects.

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


@captioned("One window of every activity, a row per channel and a column per activity.")
def one_window_each(windows: np.ndarray, channels: Sequence[str], named: bool = True) -> Figure:
    """Draw a grid of line plots: a row per channel, a column per activity.

    Parameters
    ----------
    windows
        Shape (6, n_samples, n_channels), in the order of the activities.
    channels
        The channels' names.
    named
        Whether the columns have the activities' names and colours; without them they are A to F,
        for a class that guesses.
    """
    seconds = np.arange(windows.shape[1]) / signals.SAMPLING_RATE
    heads = {activity_label(name): color for name, color in ACTIVITY_COLORS.items()}
    if not named:
        heads = dict.fromkeys("ABCDEF", "0.2")
    figure, axes = plt.subplots(
        len(channels), len(windows), figsize=(PAGE_WIDTH, 5.6), sharex=True, sharey="row"
    )
    for column, (head, color) in enumerate(heads.items()):
        axes[0, column].set_title(head.replace(" ", "\n"), color=color, fontweight="bold")
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


def _density(axis: Axes, values: np.ndarray, label: str, style: str, color: str) -> None:
    """Draw the density of positive values on a logarithmic axis."""
    logarithms = np.log10(values)
    grid = np.linspace(logarithms.min() - 0.15, logarithms.max() + 0.15, 300)
    density = gaussian_kde(logarithms)(grid)
    axis.plot(10**grid, density, style, color=color, linewidth=1.4, label=label)
    axis.fill_between(10**grid, density, color=color, alpha=0.1, linewidth=0)


@captioned("The density of one positive feature at rest and in motion, then of each activity.")
def stationary_vs_moving(values: np.ndarray, activity: np.ndarray) -> Figure:
    """Draw kernel densities of a feature on logarithmic axes, in three panels.

    The first panel sets the stationary activities together against the moving ones, the others
    have a curve for each activity.

    Parameters
    ----------
    values
        Mean body acceleration of each window in g, shape (n,), above 0.
    activity
        Each window's activity by name, shape (n,).
    """
    names = list(ACTIVITY_COLORS)
    groups = {"Stationary": names[3:], "Moving": names[:3]}
    figure, axes = plt.subplots(1, 3, figsize=(PAGE_WIDTH, 2.3))
    for (group, members), axis, look in zip(
        groups.items(), axes[1:], (("--", "0.5"), ("-", "0.1")), strict=True
    ):
        _density(axes[0], values[np.isin(activity, members)], group, *look)
        for name, style in zip(members, ("-", "--", ":"), strict=True):
            own, label = values[activity == name], activity_label(name)
            _density(axis, own, label, style, ACTIVITY_COLORS[name])
    _label_densities(axes)
    axes[0].legend(loc="upper left")
    walking_first = [*axes[2].lines, *axes[1].lines]
    figure.legend(handles=walking_first, loc="outside lower center", ncols=6)
    return figure


def _label_densities(axes: Sequence[Axes]) -> None:
    """Give the panels of `stationary_vs_moving` their titles, limits and ticks."""
    panels = (
        ("All windows", (0.01, 0.1, 1), (None, None)),
        ("Stationary", (0.005, 0.01, 0.02, 0.05, 0.1), (None, 0.2)),
        ("Moving", (0.15, 0.2, 0.3, 0.4, 0.6), (0.12, 0.8)),
    )
    for axis, (title, ticks, limits) in zip(axes, panels, strict=True):
        axis.set(xscale="log", xlim=limits, ylim=(0, None), yticks=[], title=title)
        axis.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axis.xaxis.set_minor_formatter(NullFormatter())
        axis.set_xlabel("mean body acceleration (g)")
    axes[0].set_ylabel("density")


@captioned("Gravity turning while one person changes posture, then where every window's points.")
def gravity_posture(
    gravity: np.ndarray, spans: pd.DataFrame, window_gravity: np.ndarray, activity: np.ndarray
) -> Figure:
    """Draw gravity over time with posture as background, and a scatter plot of its direction.

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


@captioned("How differently people do the same thing: how hard they walk, how they sit.")
def subject_differences(strength: pd.DataFrame, tilt: pd.DataFrame) -> Figure:
    """Draw dot plots of a mean per subject and activity: motion on the left, tilt on the right.

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


@captioned("The mean spectrum of each way of walking; the band holds 80 % of the subjects.")
def walking_spectra(frequency: np.ndarray, spectra: dict[str, np.ndarray]) -> Figure:
    """Draw amplitude spectra: mean over subjects and the band from 10th to 90th percentile.

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


@captioned("The windows in the plane of their first two principal components, twice.")
def feature_embedding(
    points: np.ndarray,
    activity: np.ndarray,
    walking_points: np.ndarray,
    walking_subject: np.ndarray,
) -> Figure:
    """Draw scatter plots of two principal components, coloured by activity and by subject.

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
    styles = (("0.6", 1.8, "-"), ("#0072B2", 1.0, "-"), ("#D55E00", 1.0, (0, (3, 1.5))))
    for (label, values), (color, width, dashes) in zip(lines.items(), styles, strict=False):
        axis.plot(seconds, values, color=color, linewidth=width, linestyle=dashes, label=label)
    axis.set(xlabel="seconds", ylabel=unit, xlim=(seconds[0], seconds[-1]))
    axis.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3, columnspacing=1.0)


@captioned("Signals over time, one over the other where there are several.")
def before_and_after(seconds: np.ndarray, lines: dict[str, np.ndarray], unit: str = "g") -> Figure:
    """Draw one signal before and after a step, over each other.

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


@captioned("How much of each frequency a filter lets pass.")
def filter_response(frequency: np.ndarray, gains: dict[str, np.ndarray], cutoff: float) -> Figure:
    """Draw the amplitude response of filters.

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


@captioned("How overlapping windows lie over a signal.")
def window_brackets(seconds: np.ndarray, signal: np.ndarray, first: int = 0) -> Figure:
    """Draw a signal and the extent of each of its windows below it.

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


@captioned("The way from a raw signal to windows in four panels.")
def preprocessing_steps(
    seconds: np.ndarray, stages: dict[str, np.ndarray], close_up: slice, first: int = 0
) -> Figure:
    """Draw a signal after each step of preprocessing, in four panels.

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


@captioned(
    "One window after the published and the documented filters, and the error of all windows."
)
def filter_chain_error(
    seconds: np.ndarray, lines: dict[str, np.ndarray], errors: pd.DataFrame
) -> Figure:
    """Draw a window after each filter chain, and each chain's error per channel.

    Parameters
    ----------
    seconds
        Time of each sample, shape (n,).
    lines
        Label → signal of the first channel, shape (n,), in g; the published one first, then the
        documented ones.
    errors
        Root mean square error in standard deviations of the channel: a row per channel, a column
        per documented filter, in the order of ``lines``.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(PAGE_WIDTH, 2.4), width_ratios=(1.4, 1))
    _before_and_after(left, seconds, lines, f"{errors.index[0]} (g)")
    colors, markers = ("#0072B2", "#D55E00"), ("o", "s")
    for column, color, marker in zip(errors.columns, colors, markers, strict=True):
        right.plot(errors[column], errors.index, marker, color=color, label=column)
    right.set(xlabel="error (standard deviations of the channel)", xlim=(0, None))
    right.invert_yaxis()
    right.grid(axis="x", color="0.9", linewidth=0.5)
    right.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2, columnspacing=1.0)
    return figure


@captioned("The phone on the body, and its three axes.")
def phone_axes() -> Figure:
    """Draw where the thirty people wore the phone, and which way its axes point.

    The phone lies on its side: Android's x, its short edge, points up, y along the belt and z out
    of the screen. Seen from the front; y is to the left of whoever faces the screen.
    """
    figure, axis = _canvas(COLUMN_WIDTH, 2.0)
    _draw_body(axis)
    axis.plot([0.84, 1.62], [0.88, 0.42], [0.84, 1.62], [1.0, 1.58], color="0.6", linewidth=0.5)
    style = "round,pad=0,rounding_size=0.1"
    axis.add_patch(
        FancyBboxPatch((1.65, 0.42), 1.6, 1.16, style, facecolor="0.93", edgecolor="0.3")
    )
    axis.add_patch(Rectangle((1.8, 0.52), 1.3, 0.96, facecolor="white", edgecolor="0.6"))
    centre, (up, along, out) = (2.45, 0.95), AXIS_COLORS
    for (right, above), color in (((0, 0.85), up), ((-0.98, 0), along)):
        arrow = {"color": color, "linewidth": 1.5, "shrinkA": 0, "shrinkB": 0, "arrowstyle": "->"}
        tip = (centre[0] + right, centre[1] + above)
        axis.annotate("", tip, centre, arrowprops=arrow)
    axis.plot(*centre, "o", color=out, markersize=9, markerfacecolor="white", markeredgewidth=1.5)
    axis.plot(*centre, "o", color=out, markersize=3)
    axis.text(2.53, 1.7, "x: up", color=up, fontsize=8)
    axis.text(1.4, 1.02, "y: along\nthe belt", color=along, fontsize=7, ha="center", va="bottom")
    axis.text(2.45, 0.68, "z: out of the screen", color=out, fontsize=7, ha="center")
    axis.text(2.45, 0.2, "the phone lies on its side", fontsize=7, ha="center")
    return figure


def _draw_body(axis: Axes) -> None:
    """Draw a person from the front, with a belt and a phone on the left hip."""
    axis.add_patch(Circle((0.6, 1.75), 0.14, facecolor="0.85", edgecolor="0.4"))
    line: dict[str, Any] = {"color": "0.4", "linewidth": 1.2, "solid_capstyle": "round"}
    shoulders, hips, feet = ((0.3, 1.5), (0.9, 1.5)), ((0.38, 0.92), (0.82, 0.92)), (0.36, 0.84)
    body = [shoulders[0], shoulders[1], hips[1], hips[0]]
    axis.add_patch(Polygon(body, facecolor="0.93", edgecolor="0.4", linewidth=1.2))
    for side in (0, 1):
        outwards = 2 * side - 1
        axis.plot([shoulders[side][0], shoulders[side][0] + 0.14 * outwards], [1.5, 0.85], **line)
        axis.plot([hips[side][0] - 0.05 * outwards, feet[side]], [0.92, 0.12], **line)
    axis.plot([0.38, 0.82], [0.95, 0.95], color="0.2", linewidth=3, solid_capstyle="butt")
    phone = Rectangle((0.66, 0.88), 0.18, 0.12, facecolor="white", edgecolor="black", zorder=3)
    axis.add_patch(phone)
