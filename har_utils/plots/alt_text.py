"""What a figure shows, in words, for people who cannot see it.

Everything is read from the figure itself: the words are as true as the picture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import ParamSpec

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.category import StrCategoryLocator
from matplotlib.collections import PathCollection
from matplotlib.container import BarContainer, ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator

from har_utils.words import grouped, minus

P = ParamSpec("P")

FEW = 8
"""Up to so many panels, lines or points are told one by one; more are summed up."""

BARS = 40
"""Up to so many bars are told one by one."""

CELLS = 150
"""A coloured table of up to so many cells is read out."""


def captioned(text: str) -> Callable[[Callable[P, Figure]], Callable[P, Figure]]:
    """Return a decorator that gives every figure of a function the same caption.

    Parameters
    ----------
    text
        What the figure is about, in one sentence with a full stop.

    Returns
    -------
    callable
        The decorator; the figures carry the caption as their label, where `caption` finds it.
    """

    def decorate(draw: Callable[P, Figure]) -> Callable[P, Figure]:
        @wraps(draw)
        def drawn(*arguments: P.args, **options: P.kwargs) -> Figure:
            figure = draw(*arguments, **options)
            figure.set_label(text)
            return figure

        return drawn

    return decorate


def caption(figure: Figure) -> str:
    """Say in one line what a figure is about.

    Returns
    -------
    str
        The caption from `captioned` and the title over all panels, else the panels' titles and
        labels; never empty.
    """
    own = " ".join(filter(None, (str(figure.get_label()), _one_line(figure.get_suptitle()))))
    if own:
        return own
    axes = _panels(figure)
    named = [words for panel in axes for words in (_title(panel), _labels(panel)) if words]
    return "; ".join(dict.fromkeys(named)) or "A figure without words"


def describe(figure: Figure) -> str:
    """Say what can be read from a figure, a line for each thing: values, ranges, extremes.

    Parameters
    ----------
    figure
        Any figure; bars, lines, dots, coloured tables and written words are told.

    Returns
    -------
    str
        Lines of text.
    """
    panels = _panels(figure)
    if len(panels) > FEW:
        return "\n".join(_ranges(panels))
    lines = [line for number, panel in enumerate(panels, start=1) for line in _panel(panel, number)]
    if len(panels) == 1:
        lines = [line.removeprefix("Panel 1: ") for line in lines]
    return "\n".join(lines)


def metadata(figure: Figure) -> dict[str, str]:
    """Return what goes with a figure's picture in a notebook: ``alt`` and ``description``."""
    return {"alt": caption(figure), "description": describe(figure)}


# --- Panels -------------------------------------------------------------------------------------


def _panels(figure: Figure) -> list[Axes]:
    """Return the axes that show something, without colour bars."""
    shown = [axes for axes in figure.axes if axes.get_visible()]
    return [axes for axes in shown if axes.get_label() != "<colorbar>"]


def _title(axes: Axes) -> str:
    """Return a panel's title in one line."""
    return _one_line(axes.get_title())


def _labels(axes: Axes) -> str:
    """Return what a panel's axes are, as "y against x"."""
    return " against ".join(filter(None, map(_one_line, (axes.get_ylabel(), axes.get_xlabel()))))


def _panel(axes: Axes, number: int) -> Iterator[str]:
    """Tell all there is in one panel; of a drawing in space only the words say something."""
    if axes.name == "3d":
        yield f"Panel {number}: {_title(axes)}. A drawing in space."
    else:
        yield f"Panel {number}: " + ". ".join(filter(None, (_title(axes), _axes_line(axes)))) + "."
        yield from _bars(axes)
        yield from _lines(axes)
        yield from _dots(axes)
        yield from _tables(axes)
    yield from _words(axes)


def _axes_line(axes: Axes) -> str:
    """Tell what the axes of a panel are and how far they go."""
    if not axes.axison:
        return "A drawing without axes"
    return "; ".join(
        _axis(axis, name) for axis, name in ((axes.xaxis, "across"), (axes.yaxis, "up"))
    )


def _axis(axis: Axis, name: str) -> str:
    """Tell what one axis is and how far it goes."""
    label = _one_line(axis.get_label_text()) or "no label"
    names = _tick_names(axis)
    if names and not _are_numbers(names.values()):
        return f"{name}: {label if axis.get_label_text() else ', '.join(names.values())}"
    low, high = sorted(axis.get_view_interval())
    scale = ", logarithmic" if axis.get_scale() == "log" else ""
    return f"{name}: {label}, {_number(low)} to {_number(high)}{scale}"


def _ranges(panels: list[Axes]) -> Iterator[str]:
    """Tell of many panels only how far their values go, a line for each row of panels."""
    columns: dict[int, str] = {}
    rows: dict[int, list[tuple[str, int, str]]] = {}
    for panel in panels:
        row, column = _grid_place(panel)
        columns.setdefault(column, _title(panel) or f"column {column + 1}")
        parts = [np.asarray(curve.get_ydata(), float) for curve in _curves(panel)]
        parts += [_colored(image) for image in panel.images]
        if parts:
            values = np.concatenate([some.ravel() for some in parts])
            extent = f"{_number(np.nanmin(values))} to {_number(np.nanmax(values))}"
            rows.setdefault(row, []).append((_one_line(panel.get_ylabel()), column, extent))
    for row, told in rows.items():
        named = next((label for label, _, _ in told if label), f"Row {row + 1}")
        yield f"{named}: " + "; ".join(f"{columns[column]} {extent}" for _, column, extent in told)


def _grid_place(panel: Axes) -> tuple[int, int]:
    """Return row and column of a panel in its figure."""
    place = panel.get_subplotspec()
    return (place.rowspan.start, place.colspan.start) if place else (0, 0)


# --- What is in a panel -------------------------------------------------------------------------


def _bars(axes: Axes) -> Iterator[str]:
    """Tell the value of every bar."""
    for container in axes.containers:
        if isinstance(container, BarContainer):
            across = container.orientation == "vertical"
            names = _tick_names(axes.xaxis if across else axes.yaxis)
            middles = [
                bar.get_x() + bar.get_width() / 2 if across else bar.get_y() + bar.get_height() / 2
                for bar in container
            ]
            places = [_place(middle, names) for middle in middles]
            lengths = np.asarray(container.datavalues, float)
            if len(container) > BARS or len(set(places)) < len(places):
                low, high = min(lengths), max(lengths)
                told = [f"{len(container)} bars, {_number(low)} to {_number(high)} long"]
            else:
                pairs = zip(places, lengths, strict=True)
                told = [f"{place} {_number(value)}" for place, value in pairs]
            yield f"{_name(container, 'Bars')}: {'; '.join(told)}."


def _lines(axes: Axes) -> Iterator[str]:
    """Tell every line: its values if they stand at named places, else where it goes."""
    if not axes.axison:
        return
    rows: dict[str, list[str]] = {}
    plain = []
    of_intervals = {each.lines[0]: _name(each) for each in _error_bars(axes)}
    for curve in _curves(axes):
        name = _name(curve) or of_intervals.get(curve, "")
        points = _named_points(axes, *_points(curve))
        if points and name:
            yield _at_places(name, points)
        elif len({place for place, _ in points}) == 1:
            _add_interval(rows, points)
        elif name:
            yield _course(curve)
        else:
            plain.append(curve)
    for bars in (bars for each in _error_bars(axes) for bars in each.lines[2]):
        for ends in bars.get_segments():
            _add_interval(rows, _named_points(axes, *np.transpose(ends)))
    for place, values in rows.items():
        yield f"{place}: {'; '.join(values)}."
    yield from map(_course, plain) if len(plain) <= FEW else [_extent(plain)]


def _error_bars(axes: Axes) -> list[ErrorbarContainer]:
    """Return the marks of a panel that were drawn together with their intervals."""
    return [each for each in axes.containers if isinstance(each, ErrorbarContainer)]


def _add_interval(rows: dict[str, list[str]], points: list[tuple[str, float]]) -> None:
    """Note from where to where a line goes at the one place where it stands, if that has a name."""
    if points:
        extent = " to ".join(_number(value) for _, value in points)
        rows.setdefault(points[0][0], []).append(extent)


def _at_places(name: str, points: list[tuple[str, float]]) -> str:
    """Tell the values of something at named places."""
    return f"{name}: {'; '.join(f'{place} {_number(value)}' for place, value in points)}."


def _curves(axes: Axes) -> list[Line2D]:
    """Return the lines that stand for data, not those that help to read the axes."""
    lines = (line for line in axes.lines if line.get_transform() == axes.transData)
    return [line for line in lines if len(_points(line)[0])]


def _points(curve: Line2D) -> tuple[np.ndarray, np.ndarray]:
    """Return where a line goes, without places that are not there."""
    x, y = (np.asarray(values, float) for values in curve.get_data(orig=False))
    there = np.isfinite(x) & np.isfinite(y)
    return x[there], y[there]


def _named_points(axes: Axes, x: np.ndarray, y: np.ndarray) -> list[tuple[str, float]]:
    """Return where points stand by name and their values; nothing if no axis has names."""
    for axis, places, values in ((axes.yaxis, y, x), (axes.xaxis, x, y)):
        names = _tick_names(axis)
        if names and not _are_numbers(names.values()):
            pairs = zip(places, values, strict=True)
            return [(_place(place, names), value) for place, value in pairs]
    return []


def _course(curve: Line2D) -> str:
    """Tell where a line goes."""
    x, y = _points(curve)
    name = _name(curve, "A line" if len(y) > 1 else "A mark")
    if np.ptp(x) == 0:
        return f"{name}: {' to '.join(map(_number, y))} at {_number(x[0])}."
    low, high = y.argmin(), y.argmax()
    return (
        f"{name}: begins at {_number(y[0])}, ends at {_number(y[-1])}, lowest {_number(y[low])} "
        f"at {_number(x[low])}, highest {_number(y[high])} at {_number(x[high])}."
    )


def _extent(curves: list[Line2D]) -> str:
    """Tell of many lines only how many there are and how far they go."""
    values = np.concatenate([_points(curve)[1] for curve in curves])
    return f"{len(curves)} lines between {_number(values.min())} and {_number(values.max())}."


def _dots(axes: Axes) -> Iterator[str]:
    """Tell how many dots there are and where most of them lie."""
    for cloud in axes.collections:
        points: np.ndarray = np.ma.filled(np.ma.asarray(cloud.get_offsets(), float), np.nan)
        if isinstance(cloud, PathCollection) and len(points):
            named = _named_points(axes, *points.T) if len(points) <= FEW else []
            if named and _name(cloud):
                yield _at_places(_name(cloud), named)
                continue
            (left, bottom), (right, top) = np.nanpercentile(points, (10, 90), axis=0)
            yield (
                f"{_name(cloud, 'Dots')}: {len(points)} dots, most of them between "
                f"{_number(left)} and {_number(right)} across, {_number(bottom)} and "
                f"{_number(top)} up."
            )


def _tables(axes: Axes) -> Iterator[str]:
    """Read out a table of colours row by row, or tell its range if it is large."""
    for image in axes.images:
        values = _colored(image)
        if values.ndim != 2 or values.size > CELLS:
            extent = f"{_number(np.nanmin(values))} to {_number(np.nanmax(values))}"
            size = " × ".join(map(str, values.shape[:2]))
            yield f"Colours of {size} values, {extent}."
            continue
        across, up = _tick_names(axes.xaxis), _tick_names(axes.yaxis)
        for row, line in enumerate(values):
            told = [
                f"{_place(column, across)} {_number(value)}"
                for column, value in enumerate(line)
                if value
            ]
            yield f"Row {_place(row, up)}: {'; '.join(told)}."


def _colored(image: AxesImage) -> np.ndarray:
    """Return the values of a table of colours, NaN where it is empty."""
    return np.ma.filled(np.ma.asarray(image.get_array(), float), np.nan)


def _words(axes: Axes) -> Iterator[str]:
    """Tell what is written in a panel; in a table of colours that has been read out already."""
    written = [_one_line(text.get_text()) for text in axes.texts]
    written = [text for text in written if any(character.isalnum() for character in text)]
    if written and not axes.images:
        yield f"In it is written: {'; '.join(written)}."


# --- Words and numbers --------------------------------------------------------------------------


def _name(thing, otherwise: str = "") -> str:
    """Return what the legend calls a thing; matplotlib's own names begin with "_"."""
    label = str(thing.get_label() or "")
    return otherwise if not label or label.startswith("_") else _one_line(label)


def _tick_names(axis: Axis) -> dict[float, str]:
    """Return what is written at the ticks of an axis where somebody chose the words."""
    if not isinstance(axis.get_major_locator(), FixedLocator | StrCategoryLocator):
        return {}
    places = axis.get_majorticklocs()
    texts = axis.get_major_formatter().format_ticks(list(places))
    return {place: _one_line(text) for place, text in zip(places, texts, strict=True) if text}


def _place(value: float, names: dict[float, str]) -> str:
    """Return the name of the nearest tick where there are names, else the number."""
    near = min(names, key=lambda place: abs(place - value), default=None)
    return names[near] if near is not None and abs(near - value) < 0.5 else _number(value)


def _are_numbers(texts: Iterable[str]) -> bool:
    """Return whether all of some words are numbers."""
    return all(text.replace("−", "-").replace(".", "").lstrip("-").isdigit() for text in texts)


def _number(value: float) -> str:
    """Return a number with three digits that count, and a real minus."""
    if abs(value) >= 1000:
        return minus(grouped(value))
    return minus(f"{value:.3g}") if abs(value) > 1e-9 else "0"


def _one_line(text: str) -> str:
    """Return text without line breaks."""
    return " ".join(str(text).split())
