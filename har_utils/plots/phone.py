"""Figures of somebody's own recording."""

from __future__ import annotations

import re
from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from mpl_toolkits.mplot3d import Axes3D

from har_utils import signals, words
from har_utils.plots.alt_text import captioned
from har_utils.plots.style import (
    ACTIVITY_COLORS,
    AXIS_COLORS,
    PAGE_WIDTH,
    _draw_axes,
    activity_label,
    short_label,
)


@captioned("One window: its nine channels, which way gravity points, and its spectrum.")
def window_view(
    window: np.ndarray,
    title: str,
    turn: float = -60,
    strips: dict[str, pd.DataFrame] | None = None,
    seconds: float = 0,
) -> Figure:
    """Draw a window's channels, the direction of gravity in 3-D and the spectrum of its motion.

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


@captioned("Which way gravity points: a row of postures, a column of people.")
def gravity_of_people(
    windows: np.ndarray, postures: Sequence[str], people: Sequence[int]
) -> Figure:
    """Draw the direction of gravity in windows of several postures and people.

    Parameters
    ----------
    windows
        Shape (n_postures, n_people, 128, 9), channels as in ``dataset.CHANNELS``.
    postures
        Names of activities.
    people
        Numbers of subjects.
    """
    shape, width = windows.shape[:2], PAGE_WIDTH
    figure = plt.figure(figsize=(width, 0.95 * shape[0] * width / shape[1]))
    for place in np.ndindex(shape):
        axis = figure.add_subplot(*shape, 1 + place[0] * shape[1] + place[1], projection="3d")
        _draw_gravity(axis, windows[place], turn=-60)
        who = f"person {people[place[1]]}, {activity_label(postures[place[0]]).lower()}"
        axis.set_title(f"{who}\n{axis.get_title()}", fontsize=8)
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


def _draw_gravity(axis: Axes3D, window: np.ndarray, turn: float) -> None:
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
    x, y, z = (words.decimal(value, 2) for value in gravity)
    axis.set_title(f"gravity: x {x}, y {y}, z {z} g", fontsize=7)


def _draw_spectrum(axis: Axes, motion: np.ndarray) -> None:
    """Draw how strongly each frequency is present in the motion along each axis."""
    frequency = np.fft.rfftfreq(len(motion), 1 / signals.SAMPLING_RATE)[1:]
    amplitude = np.abs(np.fft.rfft(motion, axis=0))[1:] / (len(motion) // 2)
    for letter, values, color in zip("xyz", amplitude.T, AXIS_COLORS, strict=True):
        axis.plot(frequency, values, color=color, label=letter)
    axis.set(xlabel="frequency (Hz)", ylabel="of the motion (g)", xlim=(0, 12), ylim=(0, None))


@captioned("A whole recording: acceleration above, rotation below.")
def recording(acceleration: np.ndarray, rotation: np.ndarray) -> Figure:
    """Draw the accelerometer and the gyroscope of a recording over time.

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


@captioned("A recording, what a network calls each of its windows, and how sure it is.")
def timeline(
    acceleration: np.ndarray, windows: pd.DataFrame, truth: pd.DataFrame | None = None
) -> Figure:
    """Draw a recording, the predicted class of each window and its confidence over time.

    Each answer is drawn over the middle half of its window, where no neighbour is. Activities that
    an answer does not tell apart are all drawn, pale; where it means none of them there is nothing.

    Parameters
    ----------
    acceleration
        In g, shape (n_samples, 3), at 50 Hz.
    windows
        Columns start and stop (seconds), activity and confidence: a row per window; also
        ``answer``, if something else than an activity may be said (`others.anywhere.Anywhere`).
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
    meant = _meant(windows)
    of = np.repeat(np.arange(len(windows)), list(map(len, meant)))  # the window of each bar
    bars = [activity for activities in meant for activity in activities]
    shades = [
        (ACTIVITY_COLORS[a], 1.0 if len(meant[k]) == 1 else 0.35)
        for a, k in zip(bars, of, strict=True)
    ]
    rows, left = list(map(names.index, bars)), (middle - width / 2).to_numpy()[of]
    axes[1].barh(rows, width.to_numpy()[of], left=left, color=shades, height=0.5, label="network")
    axes[1].set_yticks(range(len(names)), [activity_label(name) for name in names])
    axes[1].set_ylim(len(names) - 0.4, -0.6)
    colors = [ACTIVITY_COLORS[each[0]] if len(each) == 1 else "0.7" for each in meant]
    sure = np.where(list(map(bool, meant)), 100 * windows["confidence"], 0)
    axes[2].bar(middle, sure, width, color=colors)
    axes[2].set(ylabel="confidence (%)", ylim=(0, 100), xlabel="seconds")
    axes[2].axhline(100 / len(names), color="0.2", linestyle=":", linewidth=0.6)
    return figure


def _meant(windows: pd.DataFrame) -> list[list[str]]:
    """Return which activities the answer to each window leaves open: one, several, or none."""
    answers = windows["answer"] if "answer" in windows else windows["activity"]
    return [re.findall(r"[A-Z_]+", str(answer)) for answer in answers]


@captioned("How far phones are turned from where they usually sit, in degrees.")
def wearing(training: np.ndarray, own: dict[str, float]) -> Figure:
    """Draw a dot plot of a phone's angle to its usual place: training subjects, own recordings.

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
