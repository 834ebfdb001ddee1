"""What the tests of figures share: unequal values, and eyes for what is drawn."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

from har_utils import plots
from har_utils.plots import alt_text

Points = list[tuple[float, float]]


def unequal(*shape: int, low: float = 0.0, high: float = 1.0, seed: int = 0) -> np.ndarray:
    """Return values of which no two are equal, in no order: whatever is exchanged shows."""
    values = np.linspace(low, high, int(np.prod(shape)))
    return np.random.default_rng(seed).permutation(values).reshape(shape)


# ---- One rendering per figure --------------------------------------------------------------------


def check(draw: Callable[[], Figure]) -> None:
    """Render a figure once; it fits the page, cuts nothing off, has words, and is drawn alike."""
    figure = draw()
    assert artists(draw()) == artists(figure)
    figure.savefig(io.BytesIO(), format="png")
    assert_fits(figure)
    words = alt_text.metadata(figure)
    assert words["alt"].endswith(".") or figure.get_suptitle()
    assert words["alt"][0].isupper()
    assert words["description"]
    assert "nan" not in words["description"]


def assert_fits(figure: Figure) -> None:
    """Fail if a rendered figure has no width of the report's or something is cut off."""
    width, height = figure.get_size_inches()
    assert width in (plots.COLUMN_WIDTH, plots.PAGE_WIDTH)
    drawn = figure.get_tightbbox()
    assert drawn.x0 > -0.05
    assert drawn.y0 > -0.05
    assert drawn.x1 < width + 0.05
    assert drawn.y1 < height + 0.05


GETTERS = (
    "label",
    "text",
    "xydata",
    "offsets",
    "array",
    "facecolor",
    "edgecolor",
    "color",
    "linestyle",
    "marker",
    "markersize",
    "xy",
    "width",
    "height",
    "xlim",
    "ylim",
)


def artists(figure: Figure) -> list[tuple]:
    """Return all that a figure is made of: equal lists give equal pictures."""
    made = []
    for artist in figure.findobj():
        getters = [getattr(artist, f"get_{name}", None) for name in GETTERS]
        found = [repr(np.asarray(get()).tolist()) for get in getters if get]
        made.append((type(artist).__name__, *found))
    return made


def overlapping_words(figure: Figure) -> list[tuple[str, str]]:
    """Return words of drawings without ticks that lie over each other; there must be some words."""
    figure.canvas.draw()
    axes = [axis for axis in figure.axes if not axis.axison]
    words = [text for axis in axes for text in axis.findobj(Text) if text.get_text()]
    assert len(words) > 3
    boxes = [(text.get_text(), text.get_window_extent().padded(-1)) for text in words]
    return [(a, b) for (a, box), (b, other) in combinations(boxes, 2) if box.overlaps(other)]


# ---- What is drawn where -------------------------------------------------------------------------


def points(line: Line2D) -> Points:
    """Return where a line or a mark is, rounded to six digits after the point."""
    return [(round(float(x), 6), round(float(y), 6)) for x, y in line.get_xydata()]


def line(axis: Axes, label: str) -> Line2D:
    """Return the one line of a label."""
    [found] = [line for line in axis.lines if line.get_label() == label]
    return found


def labels(axis: Axes) -> list[str]:
    """Return the labels of an axis's lines that are meant for readers."""
    return [line.get_label() for line in axis.lines if not line.get_label().startswith("_")]


def dots(axis: Axes, label: str) -> np.ndarray:
    """Return where the dots of a label are, shape (n, 2)."""
    [found] = [cloud for cloud in axis.collections if cloud.get_label() == label]
    return np.asarray(found.get_offsets())


def bars(axis: Axes, number: int = 0) -> list[tuple[float, float]]:
    """Return where each bar of a group begins and how long it is."""
    group = [found for found in axis.containers if isinstance(found, BarContainer)][number]
    if group.orientation == "vertical":
        return [(bar.get_x(), bar.get_height()) for bar in group]
    return [(bar.get_x(), bar.get_width()) for bar in group]


def ticks(axis: Axis) -> dict[float, str]:
    """Return place → name of an axis's ticks."""
    texts = [text.get_text() for text in axis.get_ticklabels()]
    return dict(zip(map(float, axis.get_ticklocs()), texts, strict=True))


def texts(axis: Axes) -> list[str]:
    """Return what is written in an axis."""
    return [text.get_text() for text in axis.texts]


def titles(figure: Figure) -> list[str]:
    """Return the titles of a figure's visible axes."""
    return [axis.get_title() for axis in figure.axes if axis.get_visible()]


def legend(figure: Figure) -> list[str]:
    """Return what the legend under a figure says."""
    return [text.get_text() for text in figure.legends[0].get_texts()]


def assert_line(line: Line2D, x: Sequence[float], y: Sequence[float]) -> None:
    """Fail if a line does not go through these points."""
    np.testing.assert_allclose(line.get_xdata(), x)
    np.testing.assert_allclose(line.get_ydata(), y)


def band(axis: Axes, number: int = 0) -> np.ndarray:
    """Return the corners of a filled band, shape (n, 2)."""
    return axis.collections[number].get_paths()[0].vertices
