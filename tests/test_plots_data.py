"""Figures of recordings, windows and features show these values on these axes."""

from itertools import pairwise

import drawn
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from drawn import assert_line, dots, labels, line, ticks, titles, unequal
from matplotlib.colors import to_hex

from har_utils import plots
from har_utils.dataset import ACTIVITIES, CHANNELS

pytestmark = pytest.mark.usefixtures("course_style")

NAMES = [plots.activity_label(name) for name in ACTIVITIES]
ACTIVITY = np.repeat(ACTIVITIES, 30)
SECONDS = np.arange(600) / 50
SIGNAL = unequal(600, low=-1)
OTHER = unequal(600, low=-2, seed=1)
THIRD = unequal(600, low=-3, seed=2)

TRAIN, TEST = (7, 3, 11, 5, 13, 2), (4, 9, 1, 8, 6, 10)
TABLE = pd.DataFrame(
    [(name, "train") for name, n in zip(ACTIVITIES, TRAIN, strict=True) for _ in range(n)]
    + [(name, "test") for name, n in zip(ACTIVITIES, TEST, strict=True) for _ in range(n)],
    columns=["activity", "split"],
)
CENTRES = (0.2, 0.3, 0.45, 0.01, 0.02, 0.05)
STRENGTH = pd.DataFrame(
    {"WALKING": [3, 1, 2], "WALKING_UPSTAIRS": [4, 5, 6], "WALKING_DOWNSTAIRS": [9, 8, 7]},
    index=[11, 22, 33],
)
TILT = pd.DataFrame({"STANDING": [20, 30, 10], "SITTING": [40, 60, 50]}, index=[11, 22, 33])
SPANS = pd.DataFrame(
    [("STANDING", 0, 200), ("SITTING", 220, 380), ("LAYING", 400, 600)],
    columns=["activity", "start", "stop"],
)
GRAVITY = unequal(600, 3, low=-1)
POINTING = unequal(len(ACTIVITY), 3, low=-1, seed=3)
WINDOWS = unequal(6, 128, 9, low=-1)
FREQUENCY = np.linspace(0.4, 25, 64)
COMPONENTS = unequal(len(ACTIVITY), 2, low=-5, high=5)
WALKING_COMPONENTS, WALKERS = unequal(12, 2, seed=4), np.repeat([3, 1, 2], 4)
STAGES = {
    name: unequal(600, low=-place, seed=place)
    for place, name in enumerate(("raw", "median", "total", "gravity", "body"), start=1)
}
CHAIN = {"published": SIGNAL, "causal": OTHER, "zero-phase": THIRD}
ERRORS = pd.DataFrame(unequal(9, 2), index=list(CHANNELS), columns=["causal", "zero-phase"])


def _densities():
    normal = np.linspace(-1, 1, 30)
    values = np.concatenate([centre * 10 ** (0.05 * normal) for centre in CENTRES])
    return plots.stationary_vs_moving(values, ACTIVITY)


def _spectra():
    """Draw spectra of eleven people who are 0, 1, … 10 times as strong as a shape."""
    people = np.arange(11)[:, None]
    shapes = {name: FREQUENCY + place for place, name in enumerate(ACTIVITIES[:3])}
    return plots.walking_spectra(FREQUENCY, {name: people * s for name, s in shapes.items()})


FIGURES = {
    "windows_per_activity": lambda: plots.windows_per_activity(TABLE),
    "one_window_each": lambda: plots.one_window_each(WINDOWS, CHANNELS),
    "stationary_vs_moving": _densities,
    "gravity_posture": lambda: plots.gravity_posture(GRAVITY, SPANS, POINTING, ACTIVITY),
    "phone_axes": plots.phone_axes,
    "subject_differences": lambda: plots.subject_differences(STRENGTH, TILT),
    "walking_spectra": _spectra,
    "feature_embedding": lambda: plots.feature_embedding(
        COMPONENTS, ACTIVITY, WALKING_COMPONENTS, WALKERS
    ),
    "before_and_after": lambda: plots.before_and_after(SECONDS, {"raw": SIGNAL, "new": OTHER}),
    "filter_response": lambda: plots.filter_response(
        SECONDS, {"order 3": SIGNAL, "order 10": OTHER}, cutoff=5
    ),
    "window_brackets": lambda: plots.window_brackets(SECONDS, SIGNAL, first=10),
    "preprocessing_steps": lambda: plots.preprocessing_steps(
        SECONDS, STAGES, slice(100, 200), first=30
    ),
    "filter_chain_error": lambda: plots.filter_chain_error(SECONDS, CHAIN, ERRORS),
}


def test_windows_per_activity_stacks_test_on_training_windows():
    [axis] = FIGURES["windows_per_activity"]().axes
    assert drawn.bars(axis, 0) == [(0, n) for n in TRAIN]
    assert drawn.bars(axis, 1) == list(zip(TRAIN, TEST, strict=True))
    assert list(ticks(axis.yaxis).values()) == NAMES
    assert axis.yaxis_inverted()
    assert axis.get_xlabel() == "windows"
    totals = [train + test for train, test in zip(TRAIN, TEST, strict=True)]
    assert [(text.get_text(), text.xy) for text in axis.texts] == [
        (str(total), (total, row)) for row, total in enumerate(totals)
    ]
    hatched = [bool(group.patches[0].get_hatch()) for group in axis.containers]
    assert hatched == [False, True]
    assert {p.get_label(): bool(p.get_hatch()) for p in axis.get_legend().get_patches()} == {
        "training subjects": False,
        "test subjects": True,
    }


def test_one_window_each_has_a_row_per_channel_and_a_column_per_activity():
    axes = np.reshape(FIGURES["one_window_each"]().axes, (9, 6))
    for (row, column), axis in np.ndenumerate(axes):
        assert_line(axis.lines[0], np.arange(128) / 50, WINDOWS[column, :, row])
        assert axis.lines[0].get_color() == plots.ACTIVITY_COLORS[ACTIVITIES[column]]
    assert [axis.get_title().replace("\n", " ") for axis in axes[0]] == NAMES
    units = ["g"] * 3 + ["rad/s"] * 3 + ["g"] * 3
    assert [axis.get_ylabel() for axis in axes[:, 0]] == [
        f"{name.replace('_', ' ')}\n({unit})" for name, unit in zip(CHANNELS, units, strict=True)
    ]


def test_one_window_each_tells_no_names_and_no_colours_to_those_who_guess():
    figure = plots.one_window_each(WINDOWS, CHANNELS, named=False)
    axes = np.reshape(figure.axes, (9, 6))
    assert [axis.get_title() for axis in axes[0]] == list("ABCDEF")
    assert len({axis.lines[0].get_color() for axis in axes.flat}) == 1
    assert_line(axes[2, 4].lines[0], np.arange(128) / 50, WINDOWS[4, :, 2])
    plt.close(figure)


def _assert_density(axis, label, centres):
    """Fail unless a filled curve of area 1 has its mass around these values."""
    value, density = line(axis, label).get_data()
    assert np.trapezoid(density, np.log10(value)) == pytest.approx(1, abs=0.05)
    mean = np.trapezoid(density * np.log10(value), np.log10(value))
    assert mean == pytest.approx(np.mean(np.log10(centres)), abs=0.1)
    below = drawn.band(axis, labels(axis).index(label))
    assert below[:, 1].max() == pytest.approx(density.max())


def test_stationary_vs_moving_sets_rest_against_motion_then_each_activity():
    figure = FIGURES["stationary_vs_moving"]()
    groups = {"Stationary": slice(3, 6), "Moving": slice(0, 3)}
    shown = {"All windows": list(groups)} | {name: NAMES[part] for name, part in groups.items()}
    assert {axis.get_title(): labels(axis) for axis in figure.axes} == shown
    assert {axis.get_xscale() for axis in figure.axes} == {"log"}
    for axis, part in zip(figure.axes[1:], groups.values(), strict=True):
        _assert_density(figure.axes[0], axis.get_title(), CENTRES[part])
        for name, centre in zip(NAMES[part], CENTRES[part], strict=True):
            _assert_density(axis, name, [centre])
        colors = [to_hex(item.get_color()).upper() for item in axis.lines]
        assert colors == list(plots.ACTIVITY_COLORS.values())[part]
    assert drawn.legend(figure) == NAMES


def test_gravity_posture_draws_gravity_over_the_postures_and_where_it_points():
    left, right = FIGURES["gravity_posture"]().axes
    for number, letter in enumerate("xyz"):
        assert_line(line(left, f"gravity {letter}"), SECONDS, GRAVITY[:, number])
    spans = [
        (p.get_x(), p.get_x() + p.get_width(), to_hex(p.get_facecolor())) for p in left.patches
    ]
    assert spans == [
        (pytest.approx(start / 50), pytest.approx(stop / 50), plots.ACTIVITY_COLORS[name].lower())
        for name, start, stop in SPANS.itertuples(index=False)
    ]
    for name in ("SITTING", "STANDING", "LAYING"):
        expected = POINTING[name == ACTIVITY][:, :2]
        np.testing.assert_allclose(dots(right, plots.activity_label(name)), expected)
    assert (right.get_xlabel(), right.get_ylabel()) == ("gravity x (g)", "gravity y (g)")


def test_subject_differences_sorts_people_by_the_first_activity():
    left, right = FIGURES["subject_differences"]().axes
    assert list(ticks(left.xaxis).values()) == ["22", "33", "11"]
    assert drawn.points(line(left, "Walking")) == [(0, 1), (1, 2), (2, 3)]
    assert drawn.points(line(left, "Walking upstairs")) == [(0, 5), (1, 6), (2, 4)]
    assert drawn.points(line(left, "Walking downstairs")) == [(0, 8), (1, 7), (2, 9)]
    assert list(ticks(right.xaxis).values()) == ["33", "11", "22"]
    assert drawn.points(line(right, "Standing")) == [(0, 10), (1, 20), (2, 30)]
    assert drawn.points(line(right, "Sitting")) == [(0, 50), (1, 40), (2, 60)]
    assert right.get_ylabel() == "angle of gravity to x (degrees)"
    assert left.get_xlabel() == "subject, sorted by walking"


def test_walking_spectra_draws_the_mean_and_a_band_of_eight_people_in_ten():
    [axis] = FIGURES["walking_spectra"]().axes
    for place, name in enumerate(NAMES[:3]):
        shape = FREQUENCY + place
        assert_line(line(axis, name), FREQUENCY, 5 * shape)
        corners = drawn.band(axis, place)
        np.testing.assert_allclose(corners[corners[:, 0] == FREQUENCY[-1], 1].min(), shape[-1])
        np.testing.assert_allclose(corners[corners[:, 0] == FREQUENCY[-1], 1].max(), 9 * shape[-1])
    assert axis.get_xlabel() == "frequency (Hz)"


def test_feature_embedding_colours_by_activity_and_by_person():
    left, right = FIGURES["feature_embedding"]().axes
    for name, label in zip(ACTIVITIES, NAMES, strict=True):
        np.testing.assert_allclose(dots(left, label), COMPONENTS[name == ACTIVITY])
    for person in (1, 2, 3):
        expected = WALKING_COMPONENTS[person == WALKERS]
        np.testing.assert_allclose(dots(right, f"subject {person}"), expected)
    assert titles(left.figure) == ["All windows, by activity", "Walking only, by person"]


def test_before_and_after_draws_the_first_signal_grey_and_underneath():
    [axis] = FIGURES["before_and_after"]().axes
    assert_line(line(axis, "raw"), SECONDS, SIGNAL)
    assert_line(line(axis, "new"), SECONDS, OTHER)
    assert [item.get_color() for item in axis.lines] == ["0.6", "#0072B2"]
    assert axis.get_ylabel() == "g"


def test_filter_response_draws_gain_against_frequency_and_marks_the_cutoff():
    [axis] = FIGURES["filter_response"]().axes
    assert_line(line(axis, "order 3"), SECONDS, SIGNAL)
    assert_line(line(axis, "order 10"), SECONDS, OTHER)
    assert axis.lines[2].get_xdata() == [5, 5]
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("frequency (Hz)", "amplitude left")


def _assert_windows(axis, signal, first):
    """Fail unless a signal is drawn over windows of 128 samples that begin every 64."""
    assert_line(axis.lines[0], SECONDS, signal)
    starts = np.arange(first, 600 - 127, 64)
    assert len(axis.lines) == 1 + len(starts)
    for start, window in zip(starts, axis.lines[1:], strict=True):
        np.testing.assert_allclose(window.get_xdata(), [start / 50, (start + 127) / 50])
    levels = [window.get_ydata()[0] for window in axis.lines[1:]]
    assert max(levels) < signal.min()
    assert all(one != other for one, other in pairwise(levels))


def test_window_brackets_lie_where_the_windows_are():
    [axis] = FIGURES["window_brackets"]().axes
    _assert_windows(axis, SIGNAL, first=10)


def test_preprocessing_steps_draws_each_step_in_its_panel():
    near = slice(100, 200)
    first, second, third, fourth = FIGURES["preprocessing_steps"]().axes
    assert_line(line(first, "raw"), SECONDS[near], STAGES["raw"][near])
    assert_line(line(first, "median of 3"), SECONDS[near], STAGES["median"][near])
    assert_line(line(second, "median of 3"), SECONDS[near], STAGES["median"][near])
    assert_line(line(second, "low-pass 20 Hz"), SECONDS[near], STAGES["total"][near])
    for name in ("total", "body", "gravity"):
        assert_line(line(third, name), SECONDS, STAGES[name])
    _assert_windows(fourth, STAGES["body"], first=30)
    for axis, letter in zip((first, second, third, fourth), "abcd", strict=True):
        assert axis.texts[0].get_text() == letter
        assert axis.texts[0].get_position() == (-0.1, 1.06)  # above the left corner


def test_filter_chain_error_names_each_chain_and_channel():
    left, right = FIGURES["filter_chain_error"]().axes
    for name, signal in CHAIN.items():
        assert_line(line(left, name), SECONDS, signal)
    for name in ERRORS:
        np.testing.assert_allclose(line(right, name).get_xdata(), ERRORS[name])
        assert list(line(right, name).get_ydata(orig=True)) == list(CHANNELS)
        assert line(right, name).get_color() == line(left, name).get_color()
    assert right.get_xlabel() == "error (standard deviations of the channel)"
    assert right.yaxis_inverted()


@pytest.mark.parametrize("name", FIGURES)
def test_figure_is_whole(name):
    drawn.check(FIGURES[name])


def test_phone_axes_names_the_three_axes_and_where_they_point():
    figure = FIGURES["phone_axes"]()
    [axis] = figure.axes
    written = [text.get_text().replace("\n", " ") for text in axis.texts if text.get_text()]
    assert written[:3] == ["x: up", "y: along the belt", "z: out of the screen"]
    up, along = (note for note in axis.texts if not note.get_text())
    assert up.xy[1] > up.get_position()[1]
    assert up.xy[0] == up.get_position()[0]
    assert along.xy[0] < along.get_position()[0]  # y to the left of whoever faces the screen
    assert along.xy[1] == along.get_position()[1]
