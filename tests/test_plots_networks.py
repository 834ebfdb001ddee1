"""Figures of one network show these values on these axes."""

import re

import drawn
import numpy as np
import pandas as pd
import pytest
from drawn import (
    assert_line,
    labels,
    legend,
    line,
    points,
    texts,
    ticks,
    titles,
    unequal,
)
from matplotlib.colors import to_hex
from matplotlib.patches import FancyBboxPatch, Rectangle
from matplotlib.text import Annotation

from har_utils import models, plots
from har_utils.dataset import ACTIVITIES, CHANNELS

pytestmark = pytest.mark.usefixtures("course_style")

NAMES = [plots.activity_label(name) for name in ACTIVITIES]
LAYERS = [  # as ``models.architecture`` gives them, with the longest words there are
    ("Input", (128, 9), 0, "samples x channels"),
    ("Conv1D", (126, 128), 24_704, "128 filters of 3, valid, relu"),
    ("BatchNormalization", (128,), 512, ""),
    ("Dense", (50,), 396_850, "50 units, softmax"),
]
KEYS = ("type", "output_shape", "parameters", "detail")
LAYERS = [dict(zip(KEYS, layer, strict=True)) for layer in LAYERS]
BRANCHES = [{**layer, "follows": number != 2} for number, layer in enumerate(LAYERS)]

HISTORY = {
    "loss": [1.0, 0.5, 0.3],
    "accuracy": [0.5, 0.8, 0.9],
    "val_loss": [0.9, 0.6, 0.7],
    "val_accuracy": [0.6, 0.75, 0.71],
}
COUNTS = np.arange(1.0, 37).reshape(6, 6) ** 2
PER_CLASS = {  # in the order of a record's keys: the alphabet's
    name: dict(zip(("precision", "recall", "f1"), scores, strict=True))
    for name, scores in zip(sorted(ACTIVITIES), unequal(6, 3, low=0.7), strict=True)
}
WINDOWS = {"window one\nin two lines": unequal(128, 9), "two": unequal(128, 9, seed=1)}
PROBABILITY = {"one": unequal(128, 6), "two": unequal(128, 6, seed=1)}
UNITS = {"one": unequal(30, 5, low=-1), "two": unequal(30, 5, low=-2, seed=1)}
MEASURED = {"one": unequal(128, 3), "two": unequal(128, 3, seed=1)}
COMPRESSED = {"one": unequal(128, 3, low=2, high=3), "two": unequal(128, 3, low=4, high=5)}
TILT = pd.DataFrame({"STANDING": [20, 30, 10], "SITTING": [40, 60, 50]}, index=[11, 22, 33])
ENERGY = pd.DataFrame({"STANDING": [-1, -3, -2], "SITTING": [-6, -5, -4]}, index=[11, 22, 33])
FOLDS = pd.DataFrame(
    [("all", 0, 0.90), ("all", 1, 0.94), ("half", 0, 0.81), ("half", 1, 0.83)],
    columns=["candidate", "fold", "accuracy"],
)
WITHOUT = {"half": "half of it", "all": "everything"}
SUMMARY = pd.DataFrame(
    {
        "n_parameters": [500.0, 20_000.0],
        "accuracy_mean": [0.91, 0.95],
        "accuracy_low": [0.88, 0.93],
        "accuracy_high": [0.92, 0.97],
    },
    index=["modern_tiny", "cnn_1d"],
)

LOOKS = np.full((100, 100), 0.005) + np.roll(np.eye(100), 25, axis=1) / 2

FIGURES = {
    "architecture": lambda: plots.architecture(LAYERS, "A network"),
    "architecture, branches": lambda: plots.architecture(BRANCHES, "A network"),
    "modern_blocks": lambda: plots.modern_blocks([(64, 7), (32, 5), (128, 3)], (48, 25), 12_345),
    "lstm_cell": plots.lstm_cell,
    "protocol": lambda: plots.protocol(range(1, 18), range(18, 22), range(22, 31)),
    "protocol, four people": lambda: plots.protocol([1], [3], [4, 2]),
    "training_curves": lambda: plots.training_curves(HISTORY, 2),
    "training_curves, nothing chosen": lambda: plots.training_curves(HISTORY, None),
    "training_curves, one epoch": lambda: plots.training_curves(
        {name: values[:1] for name, values in HISTORY.items()}, 1
    ),
    "confusion_matrix": lambda: plots.confusion_matrix(COUNTS),
    "per_activity": lambda: plots.per_activity(PER_CLASS),
    "windows_side_by_side": lambda: plots.windows_side_by_side(WINDOWS, CHANNELS),
    "probability_over_time": lambda: plots.probability_over_time(PROBABILITY),
    "attention_weights": lambda: plots.attention_weights({"one": LOOKS, "two": LOOKS.T}),
    "layer_outputs": lambda: plots.layer_outputs(UNITS, "5 filters"),
    "log_compressed": lambda: plots.log_compressed(MEASURED, COMPRESSED),
    "sitting_and_standing": lambda: plots.sitting_and_standing(TILT, ENERGY),
    "ablation": lambda: plots.ablation(FOLDS, WITHOUT),
    "ablation, one": lambda: plots.ablation(FOLDS, {"all": "everything"}),
    "sizes": lambda: plots.sizes(SUMMARY),
}


# ---- Drawings ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["architecture", "lstm_cell", "modern_blocks"])
def test_words_of_a_drawing_do_not_overlap(name):
    assert drawn.overlapping_words(FIGURES[name]()) == []


def test_modern_blocks_convolves_above_and_listens_below():
    [axis] = FIGURES["modern_blocks"]().axes
    ends = ("mean and\nmaximum", "48 filters of length 25")
    upper, lower = ([text for text in _row(axis, word) if text] for word in ends)
    numbers = [[int(word) for word in re.findall(r"\d+", text)] for text in upper]
    assert numbers == [[], [64, 7], [32, 5], [128, 3], []]
    assert ["half as long" in text for text in upper] == [False, True, True, False, False]
    assert lower[1].endswith("log energy")
    assert "12,345 parameters" in texts(axis)


def _row(axis, word):
    """Return what is written at the height of a word, from left to right."""
    [height] = [text.get_position()[1] for text in axis.texts if text.get_text() == word]
    beside = [text for text in axis.texts if text.get_position()[1] == pytest.approx(height)]
    return [text.get_text() for text in sorted(beside, key=lambda text: text.get_position()[0])]


def test_architecture_writes_shape_and_parameters_beside_each_layer():
    [axis] = FIGURES["architecture"]().axes
    convolution = ["Conv1D", "128 filters of 3, valid, relu", "126 × 128", "24,704"]
    assert _row(axis, "Conv1D") == convolution
    assert _row(axis, "Input") == ["Input", "samples x channels", "128 × 9", "–"]
    assert _row(axis, "A network") == ["A network", "output", "parameters"]
    assert "422,066 in all" in texts(axis)
    heights = {text.get_text(): text.get_position()[1] for text in axis.texts}
    names = [layer["type"] for layer in LAYERS]
    assert sorted(names, key=heights.get, reverse=True) == names
    boxes = [box for box in axis.patches if isinstance(box, FancyBboxPatch)]
    colors = [plots.LAYER_COLORS.get(name, "#FFFFFF").lower() for name in names]
    assert [to_hex(box.get_facecolor()) for box in boxes] == colors


@pytest.mark.parametrize(("name", "arrows"), [("architecture", 3), ("architecture, branches", 2)])
def test_architecture_leads_to_each_layer_from_the_one_it_reads(name, arrows):
    [axis] = FIGURES[name]().axes
    found = [text for text in axis.texts if isinstance(text, Annotation)]
    assert len(found) == arrows
    assert all(arrow.xy[1] < arrow.xyann[1] for arrow in found)  # downwards


def test_lstm_cell_names_its_gates_from_left_to_right():
    [axis] = plots.lstm_cell().axes
    gates = ["forget\nσ", "take in\nσ", "new\ntanh", "show\nσ"]
    assert _row(axis, "forget\nσ") == gates
    place = {text.get_text(): text.get_position() for text in axis.texts}
    junctions = [text.get_position() for text in axis.texts if text.get_text() == "×"]
    memory = place["+"][1]
    assert sum(height == memory for _, height in junctions) == 1  # only forgetting acts on memory
    left, right, hidden = 0.05, 3.45, 0.3
    for words, side in (("memory\nbefore", left), ("memory\nafter", right)):
        assert place[words] == (side, pytest.approx(memory + 0.07))
    assert place["output before"] == (left, pytest.approx(hidden + 0.06))
    assert place["and the next sample (9 numbers)"] == (left, pytest.approx(hidden - 0.15))
    assert place["output"][0] == right
    assert points(axis.lines[0]) == [(left, hidden), (2.45, hidden)]  # it reaches every gate
    for gate, path in zip(("take in\nσ", "new\ntanh", "show\nσ"), axis.lines[1:], strict=True):
        assert points(path)[0][0] == place[gate][0]
        assert points(path)[0][1] < points(path)[-1][1] <= memory  # upwards from its gate


def _people(axis):
    """Return row from above → person → colour of their square."""
    squares = {(box.get_x(), box.get_y()): box for box in axis.patches if type(box) is Rectangle}
    heights = sorted({y for _, y in squares}, reverse=True)
    numbers = [text for text in axis.texts if text.get_text().isdigit()]
    rows = [{} for _ in heights]
    for text in numbers:
        x, y = text.get_position()
        [box] = [
            b
            for (left, low), b in squares.items()
            if left < x < left + 0.101 and low < y < low + 0.17
        ]
        rows[heights.index(box.get_y())][int(text.get_text())] = to_hex(box.get_facecolor()).upper()
    return rows


def test_protocol_shows_who_takes_part_in_what():
    [axis] = FIGURES["protocol, four people"]().axes
    color, pale = plots.PEOPLE_COLORS, "#F2F2F2"
    assert _people(axis) == [
        {1: color["training"], 3: color["validation"], 2: pale, 4: pale},
        {1: color["training"], 3: color["training"], 2: pale, 4: pale},
        {1: pale, 3: pale, 2: color["test"], 4: color["test"]},
    ]
    steps = [text for text in texts(axis) if text[0] in "123" and not text.isdigit()]
    assert [step.split()[1] for step in steps] == ["choose", "fit", "score,"]
    assert {text.get_position()[0] for text in axis.texts if text.get_text() in steps} == {0.06}
    named = {text.get_text(): text.get_color() for text in axis.texts if text.get_text()[0] == "■"}
    assert named == {f"■ {group}": shade for group, shade in color.items()}


def test_a_drawing_keeps_its_layout_after_a_notebook_showed_it(recwarn, tmp_path):
    figure = plots.lstm_cell()
    figure.savefig(tmp_path / "shown.png", bbox_inches="tight")
    figure.savefig(tmp_path / "saved.png")
    assert not list(recwarn)


# ---- Training and scores -------------------------------------------------------------------------


def test_training_curves_draw_loss_left_accuracy_right_and_the_chosen_epoch():
    left, right = FIGURES["training_curves"]().axes
    for axis, quantity, scale in ((left, "loss", 1), (right, "accuracy", 100)):
        ours, held_out = (scale * np.array(HISTORY[f"{of}{quantity}"]) for of in ("", "val_"))
        assert_line(line(axis, "training subjects"), [1, 2, 3], ours)
        assert_line(line(axis, "validation subjects"), [1, 2, 3], held_out)
        assert line(axis, "chosen").get_xdata() == [2, 2]
        for group in ("training", "validation"):
            assert line(axis, f"{group} subjects").get_color() == plots.PEOPLE_COLORS[group]
    assert (left.get_ylabel(), right.get_ylabel()) == ("loss", "accuracy (%)")
    assert left.get_ylim() == (0, pytest.approx(1.06))


def test_training_curves_mark_no_epoch_that_was_fixed_beforehand():
    figure = FIGURES["training_curves, nothing chosen"]()
    assert [labels(axis) for axis in figure.axes] == [
        ["training subjects", "validation subjects"]
    ] * 2


def test_confusion_matrix_has_true_rows_and_predicted_columns():
    [axis] = FIGURES["confusion_matrix"]().axes
    expected = 100 * COUNTS / COUNTS.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(axis.images[0].get_array(), expected)
    cells = {text.get_position(): text.get_text() for text in axis.texts}
    assert cells[5, 0] == f"{expected[0, 5]:.1f} %\n36"
    assert cells[0, 5] == f"{expected[5, 0]:.1f} %\n961"
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("predicted", "true")


def test_per_activity_marks_each_score_in_the_row_of_its_activity():
    figure = FIGURES["per_activity"]()
    [axis] = figure.axes
    assert list(ticks(axis.yaxis).values()) == NAMES
    for score, marker in (("precision", "4"), ("recall", "3"), ("f1", "o")):
        marks = [
            item for item in axis.lines if item.get_marker() == marker and len(item.get_xdata())
        ]
        expected = [
            (round(100 * PER_CLASS[name][score], 6), row) for row, name in enumerate(ACTIVITIES)
        ]
        assert [points(item)[0] for item in marks] == expected
        assert [item.get_color() for item in marks] == list(plots.ACTIVITY_COLORS.values())
    joined = [points(item) for item in axis.lines if len(item.get_xdata()) == 2]
    assert joined == [
        [(round(100 * PER_CLASS[name][score], 6), row) for score in ("precision", "recall")]
        for row, name in enumerate(ACTIVITIES)
    ]
    handles = figure.legends[0].legend_handles
    words = dict(zip([handle.get_marker() for handle in handles], legend(figure), strict=True))
    assert words == {"4": "precision", "3": "recall", "o": "F1"}
    assert axis.yaxis_inverted()


# ---- Windows and what a network makes of them ----------------------------------------------------


def test_windows_side_by_side_has_a_column_per_window_and_a_row_per_sensor():
    figure = FIGURES["windows_side_by_side"]()
    axes = np.reshape(figure.axes, (3, 2))
    for column, window in enumerate(WINDOWS.values()):
        for row, sensor in enumerate(("total_acc", "body_acc", "body_gyro")):
            for letter in "xyz":
                expected = window[:, CHANNELS.index(f"{sensor}_{letter}")]
                assert_line(line(axes[row, column], letter), np.arange(128) / 50, expected)
    assert titles(figure)[:2] == list(WINDOWS)
    assert [axis.get_ylabel() for axis in axes[:, 0]] == [
        "total (g)",
        "motion (g)",
        "rotation (rad/s)",
    ]


def test_probability_over_time_draws_the_probability_of_each_activity_in_time():
    figure = FIGURES["probability_over_time"]()
    assert titles(figure) == list(PROBABILITY)
    for axis, opinion in zip(figure.axes, PROBABILITY.values(), strict=True):
        for column, name in enumerate(NAMES):
            assert_line(line(axis, name), np.arange(1, 129) / 50, 100 * opinion[:, column])
            assert line(axis, name).get_color() == plots.ACTIVITY_COLORS[ACTIVITIES[column]]
        assert axis.get_xlabel() == "seconds read"
    assert figure.axes[0].get_ylabel() == "probability (%)"


def test_layer_outputs_sorts_units_by_their_strength_in_the_first_window():
    figure = FIGURES["layer_outputs"]()
    order = np.argsort(-np.abs(UNITS["one"]).mean(axis=0))
    strongest = np.quantile(np.abs(np.concatenate(list(UNITS.values()))), 0.99)
    panels = figure.axes[:2]
    for axis, values in zip(panels, UNITS.values(), strict=True):
        [image] = axis.images
        np.testing.assert_array_equal(image.get_array(), values[:, order].T)
        assert image.get_clim() == (-strongest, strongest)
        assert image.get_extent() == [0, 2.56, 5, 0]
    assert [axis.get_title() for axis in panels] == list(UNITS)
    assert panels[0].get_ylabel() == "5 filters"
    assert panels[0].get_xlabel() == "seconds"


def test_log_compressed_draws_what_was_measured_above_its_compression():
    figure = FIGURES["log_compressed"]()
    axes = np.reshape(figure.axes, (2, 2))
    for row, windows in enumerate((MEASURED, COMPRESSED)):
        for column, window in enumerate(windows.values()):
            for number, letter in enumerate("xyz"):
                expected = window[:, number]
                assert_line(line(axes[row, column], letter), np.arange(128) / 50, expected)
    assert [axis.get_ylabel() for axis in axes[:, 0]] == ["as measured (g)", "log-compressed"]
    assert titles(figure)[:2] == ["one", "two"]


def test_sitting_and_standing_draws_tilt_left_and_energy_right():
    left, right = FIGURES["sitting_and_standing"]().axes
    assert points(line(left, "Standing")) == [(0, 10), (1, 20), (2, 30)]
    assert points(line(left, "Sitting")) == [(0, 50), (1, 40), (2, 60)]
    assert points(line(right, "Standing")) == [(0, -3), (1, -2), (2, -1)]
    assert points(line(right, "Sitting")) == [(0, -5), (1, -4), (2, -6)]
    assert list(ticks(right.xaxis).values()) == ["22", "33", "11"]
    assert "gyroscope" in right.get_ylabel()


# ---- Candidates and sizes ------------------------------------------------------------------------


def test_ablation_draws_every_fold_and_the_mean_of_each_candidate():
    [axis] = FIGURES["ablation"]().axes
    folds = [points(item) for item in axis.lines if item.get_marker() == "|"]
    assert folds == [[(81, 0), (83, 0)], [(90, 1), (94, 1)]]
    means = [points(item) for item in axis.lines if item.get_marker() == "o"]
    assert means == [[(82, 0)], [(92, 1)]]
    assert axis.lines[-1].get_xdata() == pytest.approx([82, 82])  # where the first one stands
    assert ticks(axis.yaxis) == {0: "half of it", 1: "everything"}
    assert axis.yaxis_inverted()


def test_sizes_draws_accuracy_over_its_interval_at_the_number_of_parameters():
    figure = FIGURES["sizes"]()
    [axis] = figure.axes
    for number, (name, size) in enumerate((("modern_tiny", 500), ("cnn_1d", 20_000))):
        low, mean, high = (
            100 * SUMMARY.loc[name, f"accuracy_{end}"] for end in ("low", "mean", "high")
        )
        assert_line(axis.lines[2 * number], [size, size], [low, high])
        assert_line(line(axis, models.title(name)), [size], [mean])
    assert (axis.get_xlabel(), axis.get_xscale()) == ("parameters", "log")
    assert legend(figure) == [models.title("modern_tiny"), models.title("cnn_1d")]


@pytest.mark.parametrize("name", FIGURES)
def test_figure_is_whole(name):
    drawn.check(FIGURES[name])


def test_attention_weights_stand_row_by_row_in_seconds():
    one, two = FIGURES["attention_weights"]().axes
    assert [axis.get_title() for axis in (one, two)] == ["one", "two"]
    for axis, looks in ((one, LOOKS), (two, LOOKS.T)):
        [shown] = axis.images
        assert np.array_equal(shown.get_array(), looks)
        assert shown.get_extent() == [0, 2, 2, 0]  # the first moment is on top
