"""Figures of networks on a device show these values on these axes."""

import drawn
import numpy as np
import pandas as pd
import pytest
from drawn import assert_line, legend, line, points, ticks, unequal

from har_utils import models, plots

pytestmark = pytest.mark.usefixtures("course_style")

TITLES = {"float32": "as trained", "int8": "integers"}
FILES = pd.DataFrame(
    {
        "name": ["cnn_1d", "cnn_1d", "single_lstm"],
        "precision": ["float32", "int8", "float32"],
        "bytes": [1_700_000, 430_000, 290_000],
        "accuracy": [0.9, 0.88, 0.91],
        "speedup": [5.0, 15.0, 6.0],
    }
)
WEIGHTS = np.linspace(-127, 127, 50)
INTEGERS = np.clip(np.round(WEIGHTS), -120, 120)
EXACT, ROUNDED = unequal(128), unequal(128, low=2, high=3)
VIEWS = {"as measured": (EXACT, ROUNDED), "compressed": (EXACT + 5, ROUNDED + 9)}
ERRORS = {"state": unequal(128, low=0.1), "weights": unequal(128, low=0.1, seed=1)}

FIGURES = {
    "quantised_weights": lambda: plots.quantised_weights(WEIGHTS, INTEGERS),
    "device_size_accuracy": lambda: plots.device_size_accuracy(FILES, TITLES, 20_000),
    "device_latency": lambda: plots.device_latency(FILES, TITLES),
    "rounded_window": lambda: plots.rounded_window(VIEWS),
    "rounding_in_a_loop": lambda: plots.rounding_in_a_loop(ERRORS),
}


def test_quantised_weights_draws_integers_against_weights_twice():
    whole, close = FIGURES["quantised_weights"]().axes
    for axis, limit in ((whole, 135), (close, 4.5)):
        assert_line(line(axis, "weights"), WEIGHTS, INTEGERS)
        assert axis.get_xlim() == axis.get_ylim() == (-limit, limit)
        exact, kept = line(axis, "rounding").get_data()
        np.testing.assert_array_equal(kept, np.clip(np.round(exact), -127, 127))
    assert (whole.get_xlabel(), whole.get_ylabel()) == ("weight (steps)", "integer kept for it")


def _marks(axis):
    """Return where each file is marked, with the mark's shape and colour."""
    single = [item for item in axis.lines if len(item.get_xdata()) == 1]
    return [(*points(item)[0], item.get_marker(), item.get_color()) for item in single]


COLORS, MARKERS = plots.MODEL_COLORS, plots.PRECISION_MARKERS


def test_device_size_accuracy_joins_the_files_of_a_network():
    figure = FIGURES["device_size_accuracy"]()
    [axis] = figure.axes
    assert_line(line(axis, models.title("cnn_1d")), [1700, 430], [90, 88])
    assert _marks(axis) == [
        (1700, 90, MARKERS["float32"], COLORS["cnn_1d"]),
        (430, 88, MARKERS["int8"], COLORS["cnn_1d"]),
        (290, 91, "None", COLORS["single_lstm"]),  # the line of a network with one file
        (290, 91, MARKERS["float32"], COLORS["single_lstm"]),
    ]
    assert [20, 20] in [list(item.get_xdata()) for item in axis.lines]
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("size of the file (kB)", "accuracy (%)")
    explained = [models.title("cnn_1d"), models.title("single_lstm"), *TITLES.values()]
    assert legend(figure) == explained


def test_device_latency_has_a_row_per_network_and_a_mark_per_file():
    figure = FIGURES["device_latency"]()
    [axis] = figure.axes
    assert _marks(axis) == [
        (5, 0, MARKERS["float32"], COLORS["cnn_1d"]),
        (15, 0, MARKERS["int8"], COLORS["cnn_1d"]),
        (6, 1, MARKERS["float32"], COLORS["single_lstm"]),
    ]
    assert ticks(axis.yaxis) == {0: models.title("cnn_1d"), 1: models.title("single_lstm")}
    assert axis.get_xlabel() == "times as fast as TensorFlow"
    shapes = [handle.get_marker() for handle in figure.legends[0].legend_handles]
    expected = [(title, MARKERS[precision]) for precision, title in TITLES.items()]
    assert list(zip(legend(figure), shapes, strict=True)) == expected


def test_rounded_window_draws_exact_and_rounded_values_in_each_view():
    figure = FIGURES["rounded_window"]()
    assert [axis.get_ylabel() for axis in figure.axes] == list(VIEWS)
    for axis, (exact, rounded) in zip(figure.axes, VIEWS.values(), strict=True):
        assert_line(line(axis, "exact"), np.arange(128) / 50, exact)
        assert_line(line(axis, "in integers"), np.arange(128) / 50, rounded)
    assert legend(figure) == ["exact", "in integers"]


def test_rounding_in_a_loop_draws_the_error_after_each_sample():
    [axis] = FIGURES["rounding_in_a_loop"]().axes
    for label, error in ERRORS.items():
        assert_line(line(axis, label), np.arange(1, 129), error)
    assert (axis.get_xlabel(), axis.get_yscale()) == ("samples read", "log")
    assert axis.get_ylabel() == "error of the output"


@pytest.mark.parametrize("name", FIGURES)
def test_figure_is_whole(name):
    drawn.check(FIGURES[name])
