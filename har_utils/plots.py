"""Every figure of the course, in one style."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from har_utils import results

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


def activity_label(activity: str) -> str:
    """Return an activity's name as people write it: ``WALKING_UPSTAIRS`` → ``Walking upstairs``."""
    return activity.replace("_", " ").capitalize()


def save_figure(figure: Figure, name: str, profile: str) -> Path:
    """Save a figure for LaTeX (PDF) and for people (PNG), the same bytes for the same figure.

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
    for ending, metadata in (("pdf", {"CreationDate": None}), ("png", {"Software": None})):
        path = folder / f"{name}.{ending}"
        aside = path.with_name(f".{path.name}.part")
        figure.savefig(aside, format=ending, metadata=metadata)
        aside.replace(path)
    return path
