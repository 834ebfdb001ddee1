"""Figures of the classical models show these values on these axes."""

import drawn
import numpy as np
import pandas as pd
import pytest
from drawn import assert_line, dots, line, ticks, titles, unequal

from har_utils import models, plots
from har_utils.dataset import ACTIVITIES

pytestmark = pytest.mark.usefixtures("course_style")

SHORT = [plots.short_label(name) for name in ACTIVITIES]
ACCURACY = unequal(5, 2, low=0.8, high=0.9)
SETTINGS = [
    ("A", "C", 0.1),
    ("A", "C", 10),
    ("A", "C", 1),
    ("B", "max_depth", 5),
    ("B", "max_depth", 3),
]
GRID = pd.DataFrame(
    [
        (*setting, folds, scores[place], scores[place] - 0.03, scores[place] + 0.02)
        for setting, scores in zip(SETTINGS, ACCURACY, strict=True)
        for place, folds in enumerate(("subjects", "random"))
    ],
    columns=["model", "parameter", "value", "folds", "accuracy", "low", "high"],
)
SCORES = pd.DataFrame(
    {
        "random": [0.98, 0.97],
        "subjects": [0.93, 0.91],
        "test": [0.96, 0.92],
        "low": [0.94, 0.89],
        "high": [0.975, 0.935],
    },
    index=["Logistic regression", "Decision tree"],
)
COUNTS = np.arange(1.0, 37).reshape(6, 6) ** 2
OTHER = COUNTS[::-1] + 5

FIGURES = {
    "classical_grid_search": lambda: plots.classical_grid_search(GRID, {"A": 10.0, "B": 3.0}),
    "confusion_matrices": lambda: plots.confusion_matrices({"A": COUNTS, "B": OTHER}),
    "confusion_matrices, all": lambda: plots.confusion_matrices(
        {title: COUNTS for title in models.TITLES.values()}
    ),
    "leakage": lambda: plots.leakage(SCORES),
}


def test_classical_grid_search_draws_each_kind_of_folds_and_marks_the_choice():
    first, second = FIGURES["classical_grid_search"]().axes
    in_order = {"A": [0, 2, 1], "B": [4, 3]}  # by the value of the setting
    for axis, (model, rows), chosen in zip((first, second), in_order.items(), (2, 0), strict=True):
        assert axis.get_title() == model
        for place, kind in enumerate(("subject folds", "random folds")):
            percent = 100 * ACCURACY[rows, place]
            assert_line(line(axis, kind), range(len(rows)), percent)
            corners = drawn.band(axis, 1 - place)
            assert corners[:, 1].min() == pytest.approx(percent.min() - 3)
            assert corners[:, 1].max() == pytest.approx(percent.max() + 2)
        assert line(axis, "chosen by subject folds").get_xdata() == [chosen, chosen]
    assert list(ticks(first.xaxis).values()) == ["0.1", "1", "10"]
    assert list(ticks(second.xaxis).values()) == ["3", "5"]
    assert (first.get_xlabel(), second.get_xlabel()) == ("C", "max depth")
    assert first.get_ylabel() == "accuracy (%)"


def test_confusion_matrices_show_each_title_with_its_own_rows():
    figure = FIGURES["confusion_matrices"]()
    assert titles(figure) == ["A", "B"]
    for axis, counts in zip(figure.axes, (COUNTS, OTHER), strict=True):
        expected = 100 * counts / counts.sum(axis=1, keepdims=True)
        np.testing.assert_allclose(axis.images[0].get_array(), expected)
        assert axis.get_xlabel() == "predicted"
        assert list(ticks(axis.xaxis).values()) == SHORT
    assert figure.axes[0].get_ylabel() == "true"


def test_confusion_matrices_hide_panels_without_a_model():
    three_rows = dict.fromkeys(map(str, range(9)), COUNTS)
    assert titles(plots.confusion_matrices(dict.fromkeys("abcde", COUNTS))) == list("abcde")
    assert titles(plots.confusion_matrices(three_rows)) == list(three_rows)


def test_leakage_puts_what_was_promised_beside_what_came():
    [axis] = FIGURES["leakage"]().axes
    np.testing.assert_allclose(dots(axis, "random folds"), [(98, -0.2), (97, 0.8)])
    np.testing.assert_allclose(dots(axis, "subject folds"), [(93, 0), (91, 1)])
    [test] = axis.containers
    assert test.get_label() == "unseen test subjects (95 %)"
    assert drawn.points(test.lines[0]) == [(96, 0.2), (92, 1.2)]
    [ends] = [bar.get_segments() for bar in test.lines[2]]
    np.testing.assert_allclose([segment[:, 0] for segment in ends], [(94, 97.5), (89, 93.5)])
    assert list(ticks(axis.yaxis).values()) == list(SCORES.index)
    assert axis.get_xlabel() == "accuracy (%)"
    assert axis.yaxis_inverted()


@pytest.mark.parametrize("name", FIGURES)
def test_figure_is_whole(name):
    drawn.check(FIGURES[name])
