"""Figures of the networks and of the comparison: they fit, nothing overlaps, colours keep."""

from itertools import combinations

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import yaml
from matplotlib.text import Text

from har_utils import models, plots, results
from har_utils.dataset import ACTIVITIES, CHANNELS

CURVES = {
    "loss": [1.0, 0.5, 0.3],
    "accuracy": [0.5, 0.8, 0.9],
    "val_loss": [0.9, 0.6, 0.7],
    "val_accuracy": [0.6, 0.75, 0.7],
}
ONE_EPOCH = {name: values[:1] for name, values in CURVES.items()}
PAIRS = pd.DataFrame(
    {
        "a": ["cnn_lstm", "linear_svc"],
        "b": ["cnn_1d", "cnn_lstm"],
        "difference": [0.01, 0.03],
        "low": [-0.02, 0.01],
        "high": [0.03, 0.05],
        "verdict": ["undecided", "a"],
    }
)
PUBLISHED = pd.DataFrame(
    yaml.safe_load((results.REPOSITORY / "config" / "published.yaml").read_text(encoding="utf-8"))
)


@pytest.fixture(autouse=True)
def _style():
    plots.use_style()
    yield
    plt.close("all")


def _random(*shape):
    return np.random.default_rng(0).uniform(0.7, 1, shape)


def _summary(names):
    """Return a summary as ``evaluation.summary_table`` makes it."""
    rows = {}
    for place, name in enumerate(names):
        row = {"n_parameters": 10.0 ** (2 + place)}
        for metric in ("accuracy", "macro_f1", "macro_precision", "macro_recall"):
            mean = 0.9 + 0.01 * place
            row |= {f"{metric}_mean": mean, f"{metric}_low": mean - 0.03}
            row |= {f"{metric}_high": mean + 0.02}
        rows[name] = row
    return pd.DataFrame(rows).T


def _per_class():
    """Return scores with the activities in the order of a record's keys: the alphabet's."""
    return {name: {"precision": 0.9, "recall": 0.8, "f1": 0.85} for name in sorted(ACTIVITIES)}


def _layers():
    """Return layers as ``models.architecture`` gives them, with the longest words there are."""
    rows = [
        ("Input", (128, 9), 0, "samples x channels"),
        ("Conv1D", (126, 128), 24_704, "128 filters of 3, valid padding, relu"),
        ("BatchNormalization", (128,), 512, ""),
        ("Dense", (50,), 396_850, "50 units, softmax"),
    ]
    keys = ("type", "output_shape", "parameters", "detail")
    return [dict(zip(keys, row, strict=True)) for row in rows]


def _windows(n_channels):
    return {f"window {n}\nin two lines": _random(128, n_channels) for n in range(3)}


def _curves(names):
    return plots.comparison_curves(dict.fromkeys(names, CURVES), dict.fromkeys(names, 2))


FIGURES = {
    "architecture": lambda: plots.architecture(_layers(), "A network"),
    "lstm_cell": plots.lstm_cell,
    "protocol": lambda: plots.protocol(range(1, 18), range(18, 22), range(22, 31)),
    "protocol, four people": lambda: plots.protocol([1], [3], [2, 4]),
    "training_curves": lambda: plots.training_curves(CURVES, 2),
    "training_curves, one epoch": lambda: plots.training_curves(ONE_EPOCH, 1),
    "confusion_matrix": lambda: plots.confusion_matrix(np.full((6, 6), 500)),
    "per_activity": lambda: plots.per_activity(_per_class()),
    "windows_beside": lambda: plots.windows_beside(_windows(9), CHANNELS),
    "changing_mind": lambda: plots.changing_mind(_windows(6)),
    "layer_outputs": lambda: plots.layer_outputs(_windows(64), "64 filters"),
    "comparison_metrics": lambda: plots.comparison_metrics(_summary(models.TITLES)),
    "comparison_metrics, one model": lambda: plots.comparison_metrics(_summary(["cnn_1d"])),
    "comparison_per_activity": lambda: plots.comparison_per_activity(
        pd.DataFrame(_random(7, 6), list(models.TITLES), sorted(ACTIVITIES))
    ),
    "comparison_confusion": lambda: plots.confusion_matrices(
        {title: np.full((6, 6), 500) for title in models.TITLES.values()}
    ),
    "comparison_curves": lambda: _curves(models.NETWORKS),
    "comparison_curves, three": lambda: _curves(models.NETWORKS[:3]),
    "comparison_subjects": lambda: plots.comparison_subjects(
        pd.DataFrame(_random(7, 9), list(models.TITLES))
    ),
    "comparison_cost": lambda: plots.comparison_cost(
        _summary(models.TITLES), {"single_lstm": 80.0, "cnn_1d": 40.0}
    ),
    "comparison_cost, no times": lambda: plots.comparison_cost(_summary(["cnn_1d"]), {}),
    "comparison_pairs": lambda: plots.comparison_pairs(PAIRS),
    "comparison_pairs, none": lambda: plots.comparison_pairs(PAIRS[:0]),
    "comparison_published": lambda: plots.comparison_published(
        PUBLISHED, _summary(["cnn_1d", "single_lstm@paper"])
    ),
}


@pytest.mark.parametrize("name", FIGURES)
def test_figure_fits_the_report_and_cuts_nothing_off(name):
    figure = FIGURES[name]()
    width, height = figure.get_size_inches()
    assert width in (plots.COLUMN_WIDTH, plots.PAGE_WIDTH)
    figure.draw_without_rendering()
    drawn = figure.get_tightbbox()
    assert drawn.x0 > -0.02
    assert drawn.y0 > -0.02
    assert drawn.x1 < width + 0.02
    assert drawn.y1 < height + 0.02


def _words(figure):
    """Return the texts of a drawing without ticks, with their boxes in pixels."""
    figure.canvas.draw()
    axes = [axis for axis in figure.axes if not axis.axison]
    texts = [text for axis in axes for text in axis.findobj(Text) if text.get_text()]
    return [(text.get_text(), text.get_window_extent()) for text in texts]


@pytest.mark.parametrize("name", ["architecture", "lstm_cell", "comparison_published"])
def test_words_of_a_drawing_do_not_overlap(name):
    boxes = _words(FIGURES[name]())
    assert len(boxes) > 3
    assert not [
        (one, other)
        for (one, box), (other, other_box) in combinations(boxes, 2)
        if box.padded(-1).overlaps(other_box.padded(-1))
    ]


def test_a_drawing_keeps_its_layout_after_a_notebook_showed_it(recwarn, tmp_path):
    figure = plots.lstm_cell()
    figure.savefig(tmp_path / "shown.png", bbox_inches="tight")
    figure.savefig(tmp_path / "saved.png")
    assert not list(recwarn)


def test_an_architecture_adds_its_parameters_up():
    assert "422,066 in all" in dict(_words(FIGURES["architecture"]()))


def test_activities_keep_order_and_colour_whatever_order_they_come_in():
    [axis] = plots.per_activity(_per_class()).axes
    labels = [label.get_text() for label in axis.get_yticklabels()]
    assert labels == [plots.activity_label(name) for name in ACTIVITIES]
    points = [line for line in axis.lines if line.get_marker() == "o" and len(line.get_xdata())]
    assert [line.get_color() for line in points] == list(plots.ACTIVITY_COLORS.values())


def test_only_a_decided_pair_is_filled():
    [axis] = plots.comparison_pairs(PAIRS).axes
    fills = [line.get_markerfacecolor() for line in axis.lines if line.get_marker() == "o"]
    assert fills == ["white", "0.2"]


def test_every_model_has_a_colour_and_a_marker_of_its_own():
    for table in (plots.MODEL_COLORS, plots.MODEL_MARKERS):
        assert set(table) == set(models.TITLES)
        assert len(set(table.values())) == len(table)
