"""What figures share: sizes, colours, markers, saving, and parts that several of them draw."""

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
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from har_utils import files, models, results, signals
from har_utils.plots import alt_text

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
    "minirocket": "#9467BD",
    "multirocket_hydra": "#5D3A9B",
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


def show_alt_text() -> None:
    """Have this notebook keep alternative text with every figure it shows.

    Replaces the function with which Jupyter turns a figure into a PNG by `picture`. Outside
    Jupyter there is nothing to replace.
    """
    shell = get_ipython()
    if shell is not None:
        plt.switch_backend(plt.get_backend())  # loads Jupyter's own way, which this replaces
        shell.display_formatter.formatters["image/png"].for_type(Figure, picture)


def picture(figure: Figure) -> tuple[str, dict[str, str]] | None:
    """Return a figure as a notebook keeps it.

    Returns
    -------
    tuple
        The PNG in base 64, and its words (`alt_text.metadata`); None if the figure is empty.
    """
    if not figure.axes:
        return None
    words = alt_text.metadata(figure)
    return print_figure(figure, "png", base64=True, bbox_inches="tight"), words


def activity_label(activity: str) -> str:
    """Return an activity's name as people write it: ``WALKING_UPSTAIRS`` → ``Walking upstairs``."""
    return activity.replace("_", " ").capitalize()


def save_figure(figure: Figure, name: str, profile: str) -> Path:
    """Save a figure for LaTeX (PDF) and for people (PNG), the same bytes for the same figure.

    The PNG also holds what it shows in words: its entries ``Title`` and ``Description``. What is
    drawn where is decided for the PDF, and stays so.

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
    words = {"Title": alt_text.caption(figure), "Description": alt_text.describe(figure)}
    for ending, metadata in (("pdf", {"CreationDate": None}), ("png", {"Software": None} | words)):
        path = folder / f"{name}.{ending}"
        with files.atomic(path) as aside:
            figure.savefig(aside, format=ending, metadata=metadata)
        figure.set_layout_engine("none")  # laid out once, and half of the work; see `_canvas`
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
    with files.atomic(path) as aside:
        figure.savefig(aside, format=ending)
    return path


def short_label(activity: str) -> str:
    """Return an activity's name in one word: ``WALKING_UPSTAIRS`` → ``Upstairs``."""
    return activity.rsplit("_", 1)[-1].capitalize()


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


PEOPLE_COLORS = {"training": "#7F7F7F", "validation": "#0072B2", "test": "#D55E00"}
"""One colour per group of people in the protocol."""


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


def _draw_curve(
    axis: Axes, history: dict, quantity: str, chosen: int | None, scale: float = 1
) -> None:
    """Draw one quantity of a training history and mark the epoch that was chosen."""
    lines = {"training": ("o--", quantity), "validation": ("s-", f"val_{quantity}")}
    for group, (style, key) in lines.items():
        values = scale * np.asarray(history.get(key, []))
        color, label = PEOPLE_COLORS[group], f"{group} subjects"
        epochs = np.arange(1, len(values) + 1)
        axis.plot(epochs, values, style, markersize=3, color=color, label=label)
    if chosen is not None:
        axis.axvline(chosen, color="0.2", linewidth=0.6, linestyle=":", label="chosen")
    axis.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True, min_n_ticks=1))
    axis.set_xlabel("epoch")


def _percent_axis(axis: Axes, label: str) -> None:
    """Give a horizontal axis of percentages round ticks, a pale grid and a label."""
    axis.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
    axis.grid(axis="x", color="0.9", linewidth=0.5)
    axis.set_axisbelow(True)
    axis.set_xlabel(label)


def _draw_sensor(axis: Axes, window: np.ndarray, channels: Sequence[str], sensor: str) -> None:
    """Draw the three axes of one sensor in one window."""
    seconds = np.arange(len(window)) / signals.SAMPLING_RATE
    lines = {"x": ("#D55E00", "-"), "y": ("#0072B2", "--"), "z": ("0.35", ":")}
    for letter, (color, style) in lines.items():
        values = window[:, list(channels).index(f"{sensor}_{letter}")]
        axis.plot(seconds, values, color=color, linestyle=style, linewidth=0.8, label=letter)
    axis.set_xlim(0, seconds[-1])


MODEL_MARKERS = {
    "logistic_regression": "<",
    "linear_svc": ">",
    "decision_tree": "v",
    "minirocket": "H",
    "multirocket_hydra": "d",
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

FAMILIES = {
    "On 561 features": models.CLASSICAL,
    "Untrained kernels": models.CONVOLUTIONS,
    "Source report's networks": models.NETWORKS,
    "Modern networks": tuple(name for name in models.BUILDERS if name not in models.NETWORKS),
}
"""The models that a figure sets apart from the others together, at most four each."""

FAMILY_MARKERS = {
    "On 561 features": "v",
    "Untrained kernels": "s",
    "Source report's networks": "o",
}
"""One marker per family whose models are not told apart where only costs are compared."""

OTHERS: dict[str, Any] = {
    "color": "0.8",
    "marker": "_",
    "markersize": 4.5,
    "linestyle": "",
    "label": "_others",
}
"""How the models of other families are drawn behind those of one."""


def families(names: Iterable[str]) -> dict[str, list[str]]:
    """Return models by family, without empty ones; what is none of the course's is yours."""
    groups: dict[str, list[str]] = {family: [] for family in (*FAMILIES, "Yours")}
    homes = {name: family for family, members in FAMILIES.items() for name in members}
    for name in names:
        groups[homes.get(name, "Yours")].append(name)
    return {family: members for family, members in groups.items() if members}


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


def _draw_cost(
    axis: Axes, scores: pd.Series, cost: float | None, style: dict[str, Any], label: str
) -> None:
    """Draw one model's accuracy over its interval at its cost; an unknown cost shows nothing."""
    place = float(cost) if cost else np.nan
    ends = [100 * scores["accuracy_low"], 100 * scores["accuracy_high"]]
    axis.plot([place, place], ends, color=style["color"], linewidth=1.5, alpha=0.4)
    axis.plot(place, 100 * scores["accuracy_mean"], linestyle="", label=label, **style)


def _line_style(name: str) -> dict[str, Any]:
    """Return how a model's line is drawn; that of a variant is dashed."""
    style = _model_style(name) | {"label": models.title(name)}
    style["markersize"] = 5.5 if style["marker"] == "*" else 3.5  # a star is thin
    return style | {"linestyle": "--" if "@" in name else "-"}


def _legend_below(figure: Figure, axis: Axes, columns: int = 4) -> None:
    """Put one legend for all panels, taken from one of them, under the figure."""
    handles, labels = axis.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=columns, columnspacing=1.2)


AXIS_COLORS = ("#D55E00", "#0072B2", "0.35")
"""Colours of a sensor's x, y and z."""


def _draw_axes(axis: Axes, signal: np.ndarray, linewidth: float = 0.5) -> None:
    """Draw the three axes of one sensor."""
    seconds = np.arange(len(signal)) / signals.SAMPLING_RATE
    for letter, values, color in zip("xyz", signal.T, AXIS_COLORS, strict=True):
        axis.plot(seconds, values, color=color, linewidth=linewidth, label=letter)
    axis.set_xlim(0, seconds[-1])
