"""Figures of altered recordings, confidence and mistakes show these values on these axes."""

from itertools import product
from types import SimpleNamespace

import drawn
import numpy as np
import pandas as pd
import pytest
from drawn import assert_line, dots, labels, legend, line, points, texts, ticks, titles, unequal

from har_utils import dataset, models, plots, robustness
from har_utils.dataset import CHANNELS

pytestmark = pytest.mark.usefixtures("course_style")

TWO = ("cnn_1d", "modern@recipe")
GRADED = {
    f"graded {place}": SimpleNamespace(
        title=f"Title {place}", unit=f"unit {place}", order=[-30, 0, 60 + place], none=0
    )
    for place in range(6)
}
KINDS = GRADED | {
    "mirror": SimpleNamespace(title="Mirrored", unit="", order=[0, 1], none=0),
    "swap": SimpleNamespace(title="Swapped", unit="", order=[0, 1], none=0),
}


def _curves(names, perturbations):
    rows = [
        (model, name, level)
        for model in names
        for name, perturbation in perturbations.items()
        for level in perturbation.order
    ]
    table = pd.DataFrame(rows, columns=["model", "perturbation", "level"])
    return table.assign(accuracy=unequal(len(rows), low=0.2))


CURVES = _curves(TWO, KINDS)
ACCURACY = CURVES.set_index(["model", "perturbation", "level"])["accuracy"]


def _bins(seed):
    """Return bins of which the last but one holds too few windows to be drawn."""
    values = {"confidence": unequal(4, low=0.2, seed=seed), "accuracy": unequal(4, seed=seed + 5)}
    return pd.DataFrame(values).assign(share=[0.3, 0.2, 0.0009, 0.4991])


BEFORE = {name: _bins(place) for place, name in enumerate(TWO)}
AFTER = {name: _bins(place) for place, name in enumerate(TWO, start=10)}
COVERAGE = pd.DataFrame({"coverage": np.arange(1, 101) / 100, "accuracy": unequal(100)})
DISTANCE = pd.DataFrame(
    {"cnn_1d": [0.3, 0.2], "modern": [0.1, 0.25], "n_windows": [40, 20]},
    index=pd.Index([1.28, 2.56], name="seconds"),
)
WINDOWS = {"window one\nin two lines": unequal(128, 9), "two": unequal(128, 9, seed=1)}
PEOPLE = {
    person: pd.DataFrame(
        {
            "y": unequal(4, seed=person),
            "z": unequal(4, low=2, high=3, seed=person),
            "activity": ["SITTING", "STANDING", "STANDING", "SITTING"],
            "hard": [True, False, True, False],
        }
    )
    for person in (2, 10)
}
SIDES = pd.DataFrame(
    {"as_worn": [0.9, 0.3], "mirrored": [0.4, 1.0]},
    index=pd.MultiIndex.from_tuples([(2, 3), (10, 20)], names=["subject", "recording"]),
)
LOSO = pd.DataFrame(
    [[0.9, 0.5, 0.7], [0.8, 0.6, 0.75]], index=["modern", "modern@unmirrored"], columns=[1, 2, 3]
)
TWELVE = np.arange(1.0, 145).reshape(12, 12)


def _smoothing(names):
    settings = list(product(names, (False, True), (False, True), (1, 3, 5)))
    table = pd.DataFrame(settings, columns=["model", "centred", "across_gaps", "n_windows"])
    return table.assign(accuracy=unequal(len(settings), low=0.8))


FIGURES = {
    "robustness_curves": lambda: plots.robustness_curves(
        _curves([*models.NETWORKS, "cnn_1d@recipe"], robustness.PERTURBATIONS),
        robustness.PERTURBATIONS,
    ),
    "calibration_reliability": lambda: plots.calibration_reliability(
        dict.fromkeys(models.BUILDERS, _bins(0)), dict.fromkeys(models.NETWORKS, _bins(1))
    ),
    "selective_prediction": lambda: plots.selective_prediction(
        dict.fromkeys(models.BUILDERS, COVERAGE)
    ),
    "errors_transition": lambda: plots.errors_transition(DISTANCE),
    "hard_windows": lambda: plots.hard_windows(WINDOWS, PEOPLE, CHANNELS),
    "hard_windows, none": lambda: plots.hard_windows({}, {}, CHANNELS),
    "recording_sides": lambda: plots.recording_sides(SIDES),
    "recording_sides, none": lambda: plots.recording_sides(pd.DataFrame()),
    "loso_subjects": lambda: plots.loso_subjects(
        pd.DataFrame(unequal(2, 30), ["modern", "modern@unmirrored"], range(1, 31))
    ),
    "loso_subjects, none": lambda: plots.loso_subjects(pd.DataFrame()),
    "twelve_confusion": lambda: plots.twelve_confusion(1000 * TWELVE, dataset.TWELVE_ACTIVITIES),
    "twelve_confusion, none": lambda: plots.twelve_confusion(None, dataset.TWELVE_ACTIVITIES),
    "smoothing": lambda: plots.smoothing(_smoothing(models.BUILDERS)),
}


def test_robustness_curves_draw_accuracy_against_the_level_of_each_perturbation():
    figure = plots.robustness_curves(CURVES, KINDS)
    *panels, others = figure.axes
    for axis, (key, perturbation) in zip(panels, GRADED.items(), strict=True):
        for name in TWO:
            expected = [100 * ACCURACY[name, key, level] for level in perturbation.order]
            assert_line(line(axis, models.title(name)), range(3), expected)
        assert axis.get_title() == perturbation.title
        assert axis.get_xlabel() == perturbation.unit
        assert list(ticks(axis.xaxis).values()) == ["−30", "0", f"{perturbation.order[2]}"]
        assert axis.lines[-1].get_xdata() == [1, 1]  # where nothing is altered
    assert list(ticks(others.xaxis).values()) == ["unchanged", "Mirrored", "Swapped"]
    for name in TWO:
        there = (("mirror", 0), ("mirror", 1), ("swap", 1))
        expected = [ACCURACY[name, key, level] for key, level in there]
        mark = line(others, models.title(name))
        np.testing.assert_allclose(mark.get_ydata(), 100 * np.array(expected))
        np.testing.assert_array_equal(np.round(mark.get_xdata()), range(3))
    styles = {name: line(panels[0], models.title(name)).get_linestyle() for name in TWO}
    assert styles == {"cnn_1d": "-", "modern@recipe": "--"}
    assert panels[0].get_ylabel() == "accuracy (%)"
    assert legend(figure) == [models.title(name) for name in TWO]


def test_calibration_reliability_draws_how_often_right_against_how_sure():
    figure = plots.calibration_reliability(BEFORE, AFTER)
    kept = [0, 1, 3]
    for axis, name in zip(figure.axes, TWO, strict=True):
        assert points(axis.lines[0]) == [(0, 0), (100, 100)]
        for label, bins in (("as it is", BEFORE), ("scaled", AFTER)):
            shown = 100 * bins[name].iloc[kept]
            assert_line(line(axis, label), shown["confidence"], shown["accuracy"])
        assert line(axis, "as it is").get_markerfacecolor() == "white"
        assert (axis.get_xlabel(), axis.get_title().replace("\n", " ")) == (
            "is so sure (%)",
            models.title(name),
        )
    assert figure.axes[0].get_ylabel() == "is right (%)"


def test_selective_prediction_draws_accuracy_against_the_share_that_is_answered():
    [axis] = plots.selective_prediction({"cnn_1d": COVERAGE}).axes
    expected = 100 * COVERAGE.iloc[4:]
    assert_line(line(axis, models.title("cnn_1d")), expected["coverage"], expected["accuracy"])
    assert axis.get_xlabel() == "windows answered, the surest first (%)"
    assert axis.get_ylabel() == "of them right (%)"


def test_errors_transition_draws_errors_above_the_number_of_windows():
    figure = FIGURES["errors_transition"]()
    top, bottom = figure.axes
    for name in ("cnn_1d", "modern"):
        assert_line(line(top, models.title(name)), [1.28, 2.56], 100 * DISTANCE[name])
    np.testing.assert_allclose(drawn.bars(bottom), [(1.28 - 0.45, 40), (2.56 - 0.45, 20)])
    assert list(ticks(bottom.xaxis).values()) == ["1.3", "2.6+"]
    assert (top.get_ylabel(), bottom.get_ylabel()) == ("windows wrong (%)", "windows")
    assert bottom.get_xlabel() == "seconds to the nearest change of activity"


def test_hard_windows_draws_total_acceleration_and_rings_the_hard_ones():
    figure = FIGURES["hard_windows"]()
    panels = {axis.get_title(): axis for axis in figure.axes}
    for words, window in WINDOWS.items():
        for letter in "xyz":
            expected = window[:, CHANNELS.index(f"total_acc_{letter}")]
            assert_line(line(panels[words], letter), np.arange(128) / 50, expected)
    for person, rows in PEOPLE.items():
        axis = panels[f"subject {person}"]
        places = rows[["y", "z"]].to_numpy()
        np.testing.assert_allclose(dots(axis, "Sitting"), places[[0, 3]])
        np.testing.assert_allclose(dots(axis, "Standing"), places[[1, 2]])
        np.testing.assert_allclose(dots(axis, "no model is right"), places[[0, 2]])
        assert axis.get_xlabel() == "gravity y (g)"
    first = next(iter(WINDOWS))
    assert (panels[first].get_xlabel(), panels[first].get_ylabel()) == ("seconds", "total (g)")
    assert panels["subject 2"].get_ylabel() == "gravity z (g)"


def test_recording_sides_fills_as_it_is_and_leaves_the_mirror_open():
    figure = FIGURES["recording_sides"]()
    [axis] = figure.axes
    marks = [item for item in axis.lines if item.get_marker() == "o" and len(item.get_xdata())]
    found = [(points(mark)[0], mark.get_markerfacecolor()) for mark in marks]
    worse, better = "0.55", "#D55E00"
    assert found == [
        ((90, 0), worse),
        ((40, 0), "white"),
        ((30, 1), better),
        ((100, 1), "white"),
    ]
    assert [mark.get_color() for mark in marks] == [worse, worse, better, better]
    joined = [points(item) for item in axis.lines if len(item.get_xdata()) == 2]
    assert joined == [[(90, 0), (40, 0)], [(30, 1), (100, 1)]]
    assert ticks(axis.yaxis) == {0: "subject 2, recording 3", 1: "subject 10, recording 20"}
    fills = [handle.get_markerfacecolor() for handle in figure.legends[0].legend_handles]
    assert dict(zip(legend(figure), fills, strict=True)) == {
        "as it is": "0.2",
        "in the mirror": "white",
    }
    assert axis.yaxis_inverted()


def test_loso_subjects_draws_people_from_the_hardest_to_the_easiest():
    [axis] = plots.loso_subjects(LOSO).axes
    assert ticks(axis.xaxis) == {0: "2", 1: "3", 2: "1"}
    with_it, without = (line(axis, models.title(name)) for name in LOSO.index)
    assert_line(with_it, [0, 1, 2], [50, 70, 90])
    assert_line(without, [0, 1, 2], [60, 75, 80])
    assert with_it.get_markerfacecolor() != without.get_markerfacecolor() == "none"
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("person left out", "accuracy (%)")


def test_loso_subjects_has_the_best_of_each_family_in_colour_and_the_others_grey():
    mean = {"linear_svc": 96, "minirocket": 97, "multirocket_hydra": 96.5, "cnn_1d": 92}
    mean |= {"cnn_lstm": 93, "modern": 98, "modern@unmirrored": 97.5}
    rows = [[(value - 1) / 100, (value + 1) / 100] for value in mean.values()]
    [axis] = plots.loso_subjects(pd.DataFrame(rows, list(mean), [7, 8])).axes
    grey = {name for name in mean if line(axis, models.title(name)).get_color() == "0.6"}
    assert grey == {"multirocket_hydra", "cnn_1d"}


def test_twelve_confusion_has_true_rows_and_predicted_columns():
    [axis] = plots.twelve_confusion(TWELVE, dataset.TWELVE_ACTIVITIES).axes
    expected = 100 * TWELVE / TWELVE.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(axis.images[0].get_array(), expected)
    names = [plots.activity_label(name) for name in dataset.TWELVE_ACTIVITIES]
    assert list(ticks(axis.xaxis).values()) == names
    assert list(ticks(axis.yaxis).values()) == names
    cells = {text.get_position(): text.get_text() for text in axis.texts}
    assert cells[11, 0].endswith("\n12")
    assert cells[0, 11].endswith("\n133")
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("predicted", "true")


def test_smoothing_draws_windows_before_left_and_closed_gaps_dotted():
    table = _smoothing(TWO)
    figure = plots.smoothing(table)
    expected = table.set_index(["model", "centred", "across_gaps"])["accuracy"]
    for axis, centred in zip(figure.axes, (False, True), strict=True):
        dotted = [item for item in axis.lines if item.get_linestyle() == ":"][:2]
        for name, closed in zip(TWO, dotted, strict=True):
            solid = line(axis, models.title(name))
            assert_line(solid, [1, 3, 5], 100 * expected[name, centred, False])
            assert_line(closed, [1, 3, 5], 100 * expected[name, centred, True])
            assert closed.get_color() == solid.get_color()
    assert titles(figure) == ["only windows before it", "windows before and after it"]
    assert [axis.get_xlabel() for axis in figure.axes] == ["windows that have a say"] * 2
    assert figure.axes[0].get_ylabel() == "accuracy (%)"
    assert legend(figure) == [models.title(name) for name in TWO]
    explained = figure.axes[1].get_legend()
    styles = [handle.get_linestyle() for handle in explained.legend_handles]
    words = [text.get_text() for text in explained.get_texts()]
    assert dict(zip(words, styles, strict=True)) == {"gaps stay empty": "-", "gaps are closed": ":"}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("hard_windows, none", "Every window is recognised by some model."),
        ("recording_sides, none", "No network is here to be asked about the mirror."),
        ("loso_subjects, none", "There are no runs that leave one person out yet."),
        ("twelve_confusion, none", "There are no runs of the task with twelve activities yet."),
    ],
)
def test_a_figure_without_runs_says_so(name, words):
    [axis] = FIGURES[name]().axes
    assert texts(axis) == [words]
    assert labels(axis) == []


@pytest.mark.parametrize("name", FIGURES)
def test_figure_is_whole(name):
    drawn.check(FIGURES[name])
