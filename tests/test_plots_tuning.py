"""Figures of searches show these values on these axes."""

import drawn
import numpy as np
import pandas as pd
import pytest
from drawn import assert_line, labels, line, points, texts, ticks, titles, unequal
from matplotlib.colors import to_hex

from har_utils import models, plots, tuning

pytestmark = pytest.mark.usefixtures("course_style")

POINTS = {"grid": unequal(9, 2), "random": unequal(8, 2, seed=1)}
POINTS["grid"][:, 0] = [0.1, 0.5, 0.9] * 3
RATES, GOOD, BAD = np.geomspace(1e-4, 1e-1, 9), unequal(9), unequal(9, seed=1)
FINISHED = pd.DataFrame(
    {
        "learning_rate": [0.001, 0.002, 0.03, 0.04],
        "loss": [0.3, 0.2, 0.5, 0.6],
        "good": [True, True, False, False],
    }
)
LOSSES = {0.001: [1.0, 0.5, 0.7], 0.01: [0.9, 0.3], 0.1: [99.0]}
TRIALS = pd.DataFrame(
    {
        "trial": range(6),
        "state": ["complete", "pruned", "complete", "complete", "pruned", "complete"],
        "loss": [0.4, 0.5, 0.6, 0.3, 7.0, 0.35],
    }
)
SCALES = {"dropout": [0, 0.2, 0.5], "width": [8, 16, 32]}
TRIED = pd.DataFrame(
    {
        "state": ["complete", "pruned", "complete", "complete"],
        "dropout": [0.5, 0.3, 0.1, 0.25],
        "width": [8, 8, 32, 16],
        "loss": [0.6, 0.1, 0.2, 0.3],
    }
)
IMPORTANCE = pd.Series({"learning_rate": 0.7, "width": 0.1, "dropout": 0.2})


def _searched(n):
    """Return a search as ``tuning.read`` returns it."""
    states = (["complete"] * 4 + ["complete", "pruned"] * n)[:n]
    settings = {name: np.resize(ticks, n) for name, ticks in tuning.TICKS.items()}
    loss = unequal(n, low=0.2, high=0.6)
    return pd.DataFrame({"trial": range(n), "state": states, "loss": loss} | settings)


FIGURES = {
    "grid_and_random": lambda: plots.grid_and_random(POINTS, np.square),
    "learned_sampling": lambda: plots.learned_sampling(RATES, GOOD, BAD, FINISHED, 0.0015),
    "tuning_learning_rate": lambda: plots.tuning_learning_rate(LOSSES),
    "tuning_history": lambda: plots.tuning_history(
        dict.fromkeys(models.NETWORKS[:3], _searched(30))
    ),
    "tuning_history, one": lambda: plots.tuning_history({"cnn_1d": TRIALS}),
    "tuning_parameters": lambda: plots.tuning_parameters(_searched(30), tuning.TICKS, IMPORTANCE),
    "tuning_parameters, few": lambda: plots.tuning_parameters(_searched(2), tuning.TICKS, None),
}


def test_grid_and_random_draws_places_below_and_what_they_find_above():
    figure = FIGURES["grid_and_random"]()
    above, below = np.reshape(figure.axes, (2, 2))
    for top, bottom, places in zip(above, below, POINTS.values(), strict=True):
        assert_line(bottom.lines[0], places[:, 0], places[:, 1])
        assert_line(top.lines[1], places[:, 0], places[:, 0] ** 2)
        along = np.linspace(0, 1, 200)
        assert_line(top.lines[0], along, along**2)
    assert titles(figure)[:2] == ["grid: 3 values that matter", "random: 8 values that matter"]
    assert [axis.get_ylabel() for axis in (above[0], below[0])] == ["loss", "one that does not"]
    assert below[0].get_xlabel() == "a setting that matters"


def test_learned_sampling_draws_trials_above_densities_and_the_proposal():
    above, below = FIGURES["learned_sampling"]().axes
    assert points(line(above, "good")) == [(0.001, 0.3), (0.002, 0.2)]
    assert points(line(above, "others")) == [(0.03, 0.5), (0.04, 0.6)]
    assert_line(line(below, "density of the good"), RATES, GOOD)
    assert_line(line(below, "density of the others"), RATES, BAD)
    assert line(below, "look here next").get_xdata() == [0.0015, 0.0015]
    for kind in ("good", "others"):
        assert line(above, kind).get_color() == line(below, f"density of the {kind}").get_color()
    assert (above.get_ylabel(), below.get_xlabel()) == ("loss", "learning rate")
    assert below.get_xscale() == "log"


def test_tuning_learning_rate_draws_losses_left_and_the_lowest_right():
    left, right = FIGURES["tuning_learning_rate"]().axes
    assert labels(left) == ["0.001", "0.01", "0.1"]
    for rate, losses in LOSSES.items():
        assert_line(line(left, f"{rate:g}"), range(1, len(losses) + 1), losses)
    lowest = [0.5, 0.3, 99.0]
    assert_line(right.lines[0], list(LOSSES), lowest)
    cloud = right.collections[0]
    np.testing.assert_allclose(cloud.get_offsets(), list(zip(LOSSES, lowest, strict=True)))
    shades = [to_hex(color) for color in cloud.get_facecolor()]
    assert shades == [to_hex(item.get_color()) for item in left.lines]
    assert (left.get_xlabel(), right.get_xlabel()) == ("epoch", "learning rate")


def test_tuning_history_draws_each_trial_the_best_so_far_and_the_first():
    [axis] = FIGURES["tuning_history, one"]().axes
    assert points(line(axis, "finished")) == [(0, 0.4), (2, 0.6), (3, 0.3), (5, 0.35)]
    assert points(line(axis, "given up")) == [(1, 0.5)]
    best = line(axis, "best so far")
    assert_line(best, [0, 2, 3, 5], [0.4, 0.4, 0.3, 0.3])
    assert best.get_drawstyle() == "steps-post"
    assert line(axis, "the source's settings").get_ydata() == [0.4, 0.4]
    beyond = [points(item) for item in axis.lines if item.get_marker() == "^"]
    assert beyond == [[(4, 0.75)], []]  # given up at 7, twice the median is 0.75
    assert axis.get_title() == models.title("cnn_1d")
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("trial", "loss of people held out")


def test_tuning_history_has_a_panel_for_each_network():
    worse = TRIALS.assign(loss=TRIALS["loss"] + 0.01)
    first, second = plots.tuning_history({"cnn_1d": TRIALS, "modern": worse}).axes
    assert [axis.get_title() for axis in (first, second)] == list(
        map(models.title, ("cnn_1d", "modern"))
    )
    assert points(line(second, "finished"))[0] == (0, 0.41)


def test_tuning_parameters_draws_each_finished_trial_and_the_best_in_red():
    left, _ = plots.tuning_parameters(TRIED, SCALES, None).axes
    trials = [item for item in left.lines if len(item.get_xdata()) == 3]
    settings = [np.round(item.get_ydata()[:2], 6).tolist() for item in trials]
    assert settings == [[1, 0], [0.5, 0.5], [0.2, 1]]  # the worst first, the widths by factors
    assert trials[-1].get_ydata()[2] == pytest.approx(0)  # the lowest loss
    assert trials[0].get_ydata()[2] == pytest.approx(1.03)
    colors = [to_hex(item.get_color()).upper() for item in trials]
    assert [color == "#D55E00" for color in colors] == [False, False, True]
    assert list(ticks(left.xaxis).values()) == ["dropout", "width", "loss"]
    assert texts(left)[:6] == ["0", "0.2", "0.5", "8", "16", "32"]
    heights = [text.xy[1] for text in left.texts[:6]]
    np.testing.assert_allclose(heights, [0, 0.4, 1, 0, 0.5, 1])


def test_tuning_parameters_draws_what_mattered_most_on_top():
    _, right = plots.tuning_parameters(TRIED, SCALES, IMPORTANCE).axes
    np.testing.assert_allclose(drawn.bars(right), [(0, 10), (0, 20), (0, 70)])
    assert list(ticks(right.yaxis).values()) == ["width", "dropout", "learning rate"]
    assert right.get_xlabel() == "part of the differences (%)"
    _, none = plots.tuning_parameters(TRIED, SCALES, None).axes
    assert not none.axison


@pytest.mark.parametrize("name", FIGURES)
def test_figure_is_whole(name):
    drawn.check(FIGURES[name])
