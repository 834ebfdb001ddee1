"""Looking at windows one by one: pick one, see its channels, gravity and spectrum.

In JupyterLab the picture has controls; where nobody can use them (a notebook executed without a
window, a page) it is a picture of the first choice.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from har_utils import dataset, plots, signals, training, words
from har_utils.dataset import ACTIVITIES, TWELVE_ACTIVITIES, Dataset
from har_utils.recordings import Recording

DONE, SAID = "done", "network"
"""Names of the rows that say what somebody did, and what a network says."""


class Explorer:
    """A picture with controls that decide what it shows.

    Parameters
    ----------
    draw
        Draws the picture for the controls' values.
    *controls
        What can be chosen.
    """

    def __init__(self, draw: Callable[[], Figure], *controls: widgets.ValueWidget):
        self.draw = draw
        self.controls = controls
        self.shown: tuple | None = None
        self.frame = widgets.HTML()
        row = widgets.HBox(controls, layout=widgets.Layout(flex_flow="row wrap"))
        self.box = widgets.VBox([row, self.frame])
        for control in controls:
            control.observe(self.refresh, names="value")

    def picture(self) -> tuple[str, dict[str, str]]:
        """Draw; return the PNG in base 64 and what it shows in words."""
        figure = self.draw()
        try:
            picture = plots.picture(figure)
        finally:
            plt.close(figure)
        assert picture is not None  # `draw` leaves no figure empty
        return picture

    def refresh(self, *_: Any) -> None:
        """Draw anew if anything else was chosen."""
        values = tuple(control.value for control in self.controls)
        if values != self.shown:
            self.shown = values
            png, words = self.picture()
            told = html.escape(f"{words['alt']}. {words['description']}")
            self.frame.value = f'<img alt="{told}" src="data:image/png;base64,{png}">'

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the picture, and the controls where somebody can use them."""
        png, words = self.picture()
        forms = {"image/png": png, "text/plain": words["alt"]}
        if training.is_live():
            self.refresh()
            forms |= self.box._repr_mimebundle_()
        return forms, {"image/png": words}


def explore(data: Dataset) -> Explorer:
    """Look at the windows of a data set.

    Parameters
    ----------
    data : Dataset
        Only its training subjects can be picked: who looks closely at the test subjects has begun
        to choose on them.

    Returns
    -------
    Explorer
        Show it by naming it at the end of a cell.

    Raises
    ------
    ValueError
        If there are no training subjects in it.
    """
    people = data.train
    if not len(people):
        raise ValueError("explore: no training subjects in this data set to look at")
    person = widgets.Dropdown(options=np.unique(people.subjects).tolist(), description="person")
    activity = widgets.Dropdown(description="activity")
    window, turn = _slider("window"), _turn()

    def rows() -> np.ndarray:
        of_person = people.subjects == person.value
        return np.flatnonzero(of_person & (people.labels == activity.value))

    def offer_activities(*_: Any) -> None:
        before, of_person = activity.value, people.labels[people.subjects == person.value]
        codes = np.unique(of_person).tolist()
        activity.options = [(plots.activity_label(ACTIVITIES[code]), code) for code in codes]
        activity.value = before if before in codes else codes[0]

    def offer_windows(*_: Any) -> None:
        window.max = len(rows())

    def draw() -> Figure:
        chosen = rows()
        title = f"Person {person.value}, {activity.label.lower()}, window {window.value}"
        shown = people.windows[chosen[window.value - 1]]
        return plots.window_view(shown, f"{title} of {len(chosen)}", turn.value)

    offer_activities()
    offer_windows()
    person.observe(offer_activities, names="value")
    for control in (person, activity):
        control.observe(offer_windows, names="value")
    return Explorer(draw, person, activity, window, turn)


def explore_recording(
    recording: Recording, predictions: pd.DataFrame | None = None, first: int = 1
) -> Explorer:
    """Look at a recording window by window, and at what a network says about it.

    Parameters
    ----------
    recording : Recording
        One of the data set's, or one of somebody's own phone.
    predictions : DataFrame, optional
        One row per window: start and stop (seconds), activity, confidence, as in
        ``deployment.Timeline.windows``.
    first
        Number of the window it opens at, from 1.

    Returns
    -------
    Explorer
        Show it by naming it at the end of a cell.

    Raises
    ------
    ValueError
        If no window fits into the recording, or the predictions lack a column.
    """
    cut = dataset.cut(recording)
    strips = _strips(recording, predictions)
    window, turn = _slider("window"), _turn()
    window.max = len(cut.starts)
    window.value = first  # a slider keeps to its ends by itself

    def draw() -> Figure:
        start = float(cut.seconds[window.value - 1])
        title = "; ".join([_span(start), *(_said(name, strips[name], start) for name in strips)])
        return plots.window_view(cut.windows[window.value - 1], title, turn.value, strips, start)

    return Explorer(draw, window, turn)


def _slider(name: str) -> widgets.IntSlider:
    """Return a slider from 1 that tells its value when it is let go."""
    return widgets.IntSlider(1, 1, 1, description=name, continuous_update=False)


def _turn() -> widgets.IntSlider:
    """Return a slider that turns the view of gravity."""
    return widgets.IntSlider(-60, -180, 180, 15, description="view from", continuous_update=False)


def _strips(recording: Recording, predictions: pd.DataFrame | None) -> dict[str, pd.DataFrame]:
    """Return what was done and what was said, as far as it is known, in seconds."""
    strips = {}
    if len(recording.labels):
        spans = recording.labels[["start", "stop"]] / signals.SAMPLING_RATE
        names = [TWELVE_ACTIVITIES[code - 1] for code in recording.labels["activity"]]
        strips[DONE] = spans.assign(activity=names)
    if predictions is not None:
        missing = {"start", "stop", "activity", "confidence"} - set(predictions)
        if missing:
            raise ValueError(f"predictions: no column {', '.join(sorted(missing))}")
        strips[SAID] = predictions
    return strips


def _span(start: float) -> str:
    """Return from when to when a window goes."""
    return f"{start:.1f} to {start + signals.WINDOW / signals.SAMPLING_RATE:.1f} s"


def _said(name: str, spans: pd.DataFrame, start: float) -> str:
    """Return what a row says about the middle of the window that begins at a second.

    Windows overlap: of several answers the one counts whose window begins nearest.
    """
    middle = start + signals.WINDOW / signals.SAMPLING_RATE / 2
    there = spans[(spans["start"] <= middle) & (middle < spans["stop"])]
    if there.empty:
        return f"{name}: nothing"
    row = there.loc[(there["start"] - start).abs().idxmin()]
    sure = f" ({words.percent(row['confidence'], 0)})" if "confidence" in spans else ""
    return f"{name}: {plots.activity_label(row['activity']).lower()}{sure}"
