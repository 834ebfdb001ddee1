"""Figures of somebody's own recording show these values on these axes."""

import drawn
import numpy as np
import pandas as pd
import pytest
from drawn import assert_line, bars, legend, line, points, ticks, unequal
from matplotlib.colors import to_hex

from har_utils import plots
from har_utils.dataset import ACTIVITIES

pytestmark = pytest.mark.usefixtures("course_style")

NAMES = [plots.activity_label(name) for name in ACTIVITIES]
COLORS = {name: color.lower() for name, color in plots.ACTIVITY_COLORS.items()}
SECONDS = np.arange(600) / 50
ACCELERATION = unequal(600, 3, low=-1)
ROTATION = unequal(600, 3, low=-3, high=-2, seed=1)
WINDOW = unequal(128, 9, low=-1)
ANSWERS = pd.DataFrame(
    {
        "start": [0.0, 1.28, 2.56],
        "stop": [2.56, 3.84, 5.12],
        "activity": ["WALKING", "LAYING", "SITTING"],
        "confidence": [0.9, 0.5, 0.7],
    }
)
TRUTH = pd.DataFrame({"start": [0, 2.0], "stop": [2, 5.0], "activity": ["STANDING", "LAYING"]})
STRIPS = {"done": TRUTH, "network": ANSWERS}

FIGURES = {
    "window_view": lambda: plots.window_view(WINDOW, "A window"),
    "window_view, strips": lambda: plots.window_view(
        WINDOW, "A window", strips=STRIPS, seconds=1.5
    ),
    "gravity_of_people": lambda: plots.gravity_of_people(
        unequal(2, 3, 128, 9, low=-1), ["SITTING", "STANDING"], [1, 3, 5]
    ),
    "recording": lambda: plots.recording(ACCELERATION, ROTATION),
    "timeline": lambda: plots.timeline(ACCELERATION, ANSWERS),
    "timeline, known": lambda: plots.timeline(ACCELERATION, ANSWERS, TRUTH),
    "wearing": lambda: plots.wearing(np.array([1.0, 20.0, 5.0]), {"mine": 85.0, "hers": 40.0}),
}


def test_window_view_draws_motion_rotation_and_acceleration():
    figure = FIGURES["window_view"]()
    panels = {axis.get_ylabel(): axis for axis in figure.axes}
    for first, label in ((0, "motion (g)"), (3, "rotation (rad/s)"), (6, "acceleration (g)")):
        for number, letter in enumerate("xyz"):
            expected = WINDOW[:, first + number]
            assert_line(line(panels[label], letter), np.arange(128) / 50, expected)
            assert line(panels[label], letter).get_color() == plots.AXIS_COLORS[number]
    assert figure.get_suptitle() == "A window"
    assert legend(figure) == ["x", "y", "z"]


def test_window_view_points_where_gravity_points():
    window = np.zeros((128, 9))
    window[:, :3], window[:, 6:] = (1, 2, 3), (1.1, 1.8, 3.9)
    figure = plots.window_view(window, "A window", turn=30)
    [space] = [axis for axis in figure.axes if axis.name == "3d"]
    assert space.get_title() == "gravity: x 0.10, y −0.20, z 0.90 g"
    shaft, *head = np.array(space.collections[0]._segments3d)
    np.testing.assert_allclose(shaft, [(0.1, -0.2, 0.9), (0, 0, 0)], atol=1e-9)
    np.testing.assert_allclose([side[0] for side in head], [(0.1, -0.2, 0.9)] * 2)
    assert space.azim == 30
    ends = {text.get_text(): text.get_position_3d() for text in space.texts}
    assert {letter: np.argmax(place) for letter, place in ends.items()} == {"x": 0, "y": 1, "z": 2}


def test_gravity_of_people_has_a_row_per_posture_and_a_column_per_person():
    windows = np.zeros((2, 3, 128, 9))
    windows[..., 6:] = np.arange(18).reshape(2, 3, 1, 3) / 10
    figure = plots.gravity_of_people(windows, ["SITTING", "LAYING"], [4, 5, 6])
    said = [axis.get_title() for axis in figure.axes]
    assert said[0] == "person 4, sitting\ngravity: x 0.00, y 0.10, z 0.20 g"
    assert said[2] == "person 6, sitting\ngravity: x 0.60, y 0.70, z 0.80 g"
    assert said[3] == "person 4, laying\ngravity: x 0.90, y 1.00, z 1.10 g"
    assert len(said) == 6


def test_window_view_shows_the_amplitude_of_each_frequency():
    window = np.zeros((128, 9))
    seconds = np.arange(128) / 50
    for axis, (bin_, amplitude) in enumerate(((5, 0.3), (10, 0.2), (15, 0.1))):
        window[:, axis] = amplitude * np.sin(2 * np.pi * bin_ * seconds / 2.56)
    figure = plots.window_view(window, "A window")
    [spectrum] = [axis for axis in figure.axes if axis.get_xlabel() == "frequency (Hz)"]
    for letter, bin_, amplitude in (("x", 5, 0.3), ("y", 10, 0.2), ("z", 15, 0.1)):
        frequency, height = line(spectrum, letter).get_data()
        assert frequency[height.argmax()] == pytest.approx(bin_ / 2.56)
        assert height.max() == pytest.approx(amplitude)


def test_window_view_marks_its_window_among_what_was_done_and_said():
    strips = FIGURES["window_view, strips"]().axes[0]
    done, said = strips.containers
    assert bars(strips, 0) == [(0, 2), (2, 3)]
    np.testing.assert_allclose(bars(strips, 1), [(0, 2.56), (1.28, 2.56), (2.56, 2.56)])
    for group, spans in ((done, TRUTH), (said, ANSWERS)):
        assert [to_hex(bar.get_facecolor()) for bar in group] == [
            COLORS[n] for n in spans["activity"]
        ]
    assert ticks(strips.yaxis) == {0: "done", 1: "network"}
    mark = strips.patches[-1]
    assert (mark.get_x(), mark.get_width()) == (1.5, pytest.approx(2.56))
    shown = [text.get_text() for text in strips.get_legend().get_texts()]
    assert shown == ["Walking", "Sitting", "Standing", "Laying"]


def test_recording_draws_acceleration_above_rotation():
    above, below = FIGURES["recording"]().axes
    for axis, signal in ((above, ACCELERATION), (below, ROTATION)):
        for number, letter in enumerate("xyz"):
            assert_line(line(axis, letter), SECONDS, signal[:, number])
    assert [axis.get_ylabel() for axis in (above, below)] == [
        "acceleration (g)",
        "rotation (rad/s)",
    ]
    assert below.get_xlabel() == "seconds"


def _rows(group):
    """Return the row in the middle of each bar."""
    return [round(bar.get_y() + bar.get_height() / 2) for bar in group]


def test_timeline_draws_each_answer_over_the_middle_half_of_its_window():
    signal, answers, confidence = FIGURES["timeline"]().axes
    for number, letter in enumerate("xyz"):
        assert_line(line(signal, letter), SECONDS, ACCELERATION[:, number])
    np.testing.assert_allclose(bars(answers), [(0.64, 1.28), (1.92, 1.28), (3.2, 1.28)])
    assert _rows(answers.containers[0]) == [0, 5, 3]
    assert ticks(answers.yaxis) == dict(enumerate(NAMES))
    np.testing.assert_allclose(bars(confidence), [(0.64, 90), (1.92, 50), (3.2, 70)])
    for axis in (answers, confidence):
        colors = [to_hex(bar.get_facecolor()) for bar in axis.containers[0]]
        assert colors == [COLORS[name] for name in ANSWERS["activity"]]
    assert confidence.get_ylabel() == "confidence (%)"
    assert confidence.lines[0].get_ydata() == [100 / 6, 100 / 6]
    assert answers.yaxis_inverted()


def test_timeline_draws_all_activities_that_an_answer_leaves_open_and_none_for_none():
    said = ["WALKING", "SITTING, STANDING or LAYING", "none of these"]
    open_answers = ANSWERS.assign(answer=said)
    _, answers, confidence = plots.timeline(ACCELERATION, open_answers).axes
    assert _rows(answers.containers[0]) == [0, 3, 4, 5]
    np.testing.assert_allclose(bars(answers), [(0.64, 1.28), *3 * [(1.92, 1.28)]])
    alpha = [bar.get_facecolor()[3] for bar in answers.containers[0]]
    assert alpha == [1, 0.35, 0.35, 0.35]
    np.testing.assert_allclose(bars(confidence), [(0.64, 90), (1.92, 50), (3.2, 0)])
    assert to_hex(confidence.containers[0][1].get_facecolor()) == to_hex("0.7")  # of all three


def test_timeline_draws_what_was_really_done_behind_the_answers():
    axis = FIGURES["timeline, known"]().axes[1]
    assert [group.get_label() for group in axis.containers] == ["really done", "network"]
    assert bars(axis, 0) == [(0, 2), (2, 3)]
    assert _rows(axis.containers[0]) == [4, 5]


def test_wearing_draws_own_angles_below_those_of_the_training_subjects():
    [axis] = FIGURES["wearing"]().axes
    assert [points(item) for item in axis.lines] == [
        [(1, 0), (20, 0), (5, 0)],
        [(85, 1)],
        [(40, 2)],
    ]
    assert ticks(axis.yaxis) == {0: "training subjects", 1: "mine", 2: "hers"}
    usual = axis.patches[0]
    assert (usual.get_x(), usual.get_width()) == (0, 20)
    assert axis.yaxis_inverted()


@pytest.mark.parametrize("name", FIGURES)
def test_figure_is_whole(name):
    drawn.check(FIGURES[name])
