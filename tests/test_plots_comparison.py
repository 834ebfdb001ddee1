"""Figures that set models side by side show these values on these axes."""

import drawn
import numpy as np
import pandas as pd
import pytest
import yaml
from drawn import assert_line, labels, legend, line, points, texts, ticks, titles, unequal

from har_utils import files, models, plots
from har_utils.dataset import ACTIVITIES

pytestmark = pytest.mark.usefixtures("course_style")

METRICS = ("accuracy", "macro_f1", "macro_precision", "macro_recall")


def _summary(names):
    """Return a summary as ``evaluation.summary_table`` makes it, each interval crooked."""
    names = list(names)
    means = pd.DataFrame(unequal(len(names), 4, low=0.8, high=0.9), index=names, columns=METRICS)
    columns = {"n_parameters": 10.0 ** np.linspace(2, 6, len(names))}
    for metric in METRICS:
        columns |= {f"{metric}_mean": means[metric], f"{metric}_low": means[metric] - 0.03}
        columns |= {f"{metric}_high": means[metric] + 0.02}
    return pd.DataFrame(columns, index=names)


ALL, TWO = _summary(models.TITLES), _summary(["cnn_1d", "multi_lstm"])
RECALL = pd.DataFrame(
    unequal(5, 6),
    ["cnn_lstm", "cnn_1d", "modern", "cnn_1d@yours, 8 epochs", "linear_svc"],
    sorted(ACTIVITIES),
)
SUBJECTS = pd.DataFrame(
    unequal(2, 4, low=0.62, high=0.995), ["cnn_1d", "modern"], columns=[4, 2, 9, 10]
)
HISTORIES = {
    name: {"accuracy": unequal(5, seed=place), "val_accuracy": unequal(5, seed=9 + place)}
    for place, name in enumerate(models.NETWORKS)
}
CHOSEN = {name: place for place, name in enumerate(models.NETWORKS, start=1)}
PAIRS = pd.DataFrame(
    {
        "a": ["cnn_lstm", "linear_svc"],
        "b": ["cnn_1d", "cnn_lstm"],
        "difference": [0.01, -0.03],
        "low": [-0.02, -0.05],
        "high": [0.03, -0.01],
        "verdict": ["undecided", "b"],
    }
)
PUBLISHED = pd.DataFrame(
    yaml.safe_load((files.REPOSITORY / "config" / "published.yaml").read_text(encoding="utf-8"))
)
LITERATURE = pd.DataFrame(
    [("First", 0.91, "UCI 240", "random"), ("Second", 0.95, "HAPT", "by subject")],
    columns=["label", "accuracy", "data", "protocol"],
)


BUDGETS = pd.DataFrame(
    [
        ("gradient_boosting", "Boosted trees", 5, 0, 6.0, 0.90),
        ("modern", "Modern CNN", 1, 0, 10.0, 0.72),
        ("modern", "Modern CNN", 1, 1, 20.0, 0.68),
        ("modern", "Modern CNN", 9, 0, 90.0, 0.97),
    ],
    columns=["method", "title", "effort", "fold", "seconds", "accuracy"],
)


def _curves(names):
    names = list(names)
    return plots.comparison_curves(
        {name: HISTORIES[name] for name in names}, {name: CHOSEN[name] for name in names}
    )


FIGURES = {
    "comparison_metrics": lambda: plots.comparison_metrics(ALL),
    "comparison_metrics, one model": lambda: plots.comparison_metrics(TWO[:1]),
    "comparison_per_activity": lambda: plots.comparison_per_activity(RECALL),
    "comparison_per_activity, all": lambda: plots.comparison_per_activity(
        pd.DataFrame(unequal(len(models.TITLES), 6), list(models.TITLES), sorted(ACTIVITIES))
    ),
    "comparison_curves": lambda: _curves(models.NETWORKS),
    "comparison_curves, three": lambda: _curves(models.NETWORKS[:3]),
    "comparison_subjects": lambda: plots.comparison_subjects(
        pd.DataFrame(unequal(len(models.TITLES), 9), list(models.TITLES))
    ),
    "comparison_cost": lambda: plots.comparison_cost(ALL, {"single_lstm": 80.0, "cnn_1d": 40.0}),
    "comparison_cost, no times": lambda: plots.comparison_cost(TWO[:1], {}),
    "comparison_budgets": lambda: plots.comparison_budgets(BUDGETS),
    "comparison_budgets, none": lambda: plots.comparison_budgets(pd.DataFrame()),
    "comparison_pairs": lambda: plots.comparison_pairs(PAIRS),
    "comparison_pairs, none": lambda: plots.comparison_pairs(PAIRS[:0]),
    "comparison_published": lambda: plots.comparison_published(
        PUBLISHED, _summary(["cnn_1d", "single_lstm@paper"])
    ),
}


def _marks(axis, marker):
    """Return where the marks of one shape are."""
    return [point for item in axis.lines if item.get_marker() == marker for point in points(item)]


def test_comparison_metrics_draws_each_metric_in_its_panel_over_its_interval():
    figure = plots.comparison_metrics(TWO)
    assert titles(figure) == ["accuracy", "macro F1", "macro precision", "macro recall"]
    for axis, metric in zip(figure.axes, METRICS, strict=True):
        for row, name in enumerate(TWO.index):
            low, mean, high = (
                round(100 * TWO.loc[name, f"{metric}_{end}"], 6) for end in ("low", "mean", "high")
            )
            assert (mean, row) in _marks(axis, plots.MODEL_MARKERS[name])
            [interval] = [
                points(item)
                for item in axis.lines
                if item.get_color() == plots.MODEL_COLORS[name] and len(item.get_xdata()) == 2
            ]
            assert interval == [(low, row), (high, row)]
    assert ticks(figure.axes[0].yaxis) == {
        row: models.title(name) for row, name in enumerate(TWO.index)
    }
    assert figure.axes[0].yaxis_inverted()


def test_comparison_metrics_sets_what_was_published_below_ours(monkeypatch):
    published = {name: unequal(4, low=0.5, seed=n) for n, name in enumerate(TWO.index)}
    named = {name: dict(zip(METRICS, values, strict=True)) for name, values in published.items()}
    monkeypatch.setattr(models, "PUBLISHED", named)
    figure = plots.comparison_metrics(TWO)
    for place, axis in enumerate(figure.axes):
        expected = [
            (round(100 * v[place], 6), row + 0.28) for row, v in enumerate(published.values())
        ]
        assert _marks(axis, plots.PUBLISHED_MARK["marker"]) == expected
    handles = figure.legends[0].legend_handles
    assert [handle.get_marker() for handle in handles] == ["o", plots.PUBLISHED_MARK["marker"]]
    assert legend(figure) == ["ours (95 % interval)", "source report"]


def test_comparison_per_activity_draws_each_recall_in_the_column_of_its_activity():
    figure = FIGURES["comparison_per_activity"]()
    families = {
        "On 561 features": ["linear_svc"],
        "Source report's networks": ["cnn_lstm", "cnn_1d"],
    }
    families |= {"Modern networks": ["modern"], "Yours": ["cnn_1d@yours, 8 epochs"]}
    assert titles(figure) == list(families)
    columns = {place: plots.short_label(name) for place, name in enumerate(ACTIVITIES)}
    for axis, names in zip(figure.axes, families.values(), strict=True):
        assert ticks(axis.xaxis) == columns
        assert labels(axis) == [models.title(name) for name in names]
        for name in names:
            mark = line(axis, models.title(name))
            np.testing.assert_allclose(mark.get_ydata(), 100 * RECALL.loc[name, list(ACTIVITIES)])
            np.testing.assert_array_equal(np.round(mark.get_xdata()), np.arange(6))
            assert mark.get_color() == plots.MODEL_COLORS[name.partition("@")[0]]
        others = [points(item) for item in axis.lines if item.get_label().startswith("_")]
        rest = 100 * RECALL.drop(index=names)[list(ACTIVITIES)].to_numpy()
        assert others == [[(x, pytest.approx(y)) for x, y in enumerate(row)] for row in rest]
    assert figure.axes[0].get_ylabel() == "recognised (%)"


def test_comparison_per_activity_has_a_column_of_the_legend_for_each_panel():
    figure = FIGURES["comparison_per_activity"]()
    shown = [[models.title(name)] for name in ("linear_svc", "modern", "cnn_1d@yours, 8 epochs")]
    shown.insert(1, [models.title(name) for name in ("cnn_lstm", "cnn_1d")])
    words = [text.strip() for text in legend(figure)]
    assert words == [word for column in shown for word in (*column, "")[:2]]


def test_comparison_per_activity_sets_models_of_a_panel_side_by_side():
    axis = FIGURES["comparison_per_activity"]().axes[1]
    first, second = (line(axis, models.title(name)) for name in ("cnn_lstm", "cnn_1d"))
    np.testing.assert_allclose(second.get_xdata() - first.get_xdata(), 0.18)


def test_comparison_curves_has_a_panel_for_each_network_and_its_own_epoch():
    figure = FIGURES["comparison_curves, three"]()
    names = models.NETWORKS[:3]
    assert titles(figure) == [models.title(name) for name in names]
    for axis, name in zip(figure.axes, names, strict=False):
        for group, key in (("training", "accuracy"), ("validation", "val_accuracy")):
            values = 100 * HISTORIES[name][key]
            assert_line(line(axis, f"{group} subjects"), range(1, 6), values)
        assert line(axis, "chosen").get_xdata() == [CHOSEN[name]] * 2
    assert figure.axes[0].get_ylabel() == "accuracy (%)"


def test_comparison_subjects_has_a_row_per_model_and_a_column_per_person():
    [axis] = plots.comparison_subjects(SUBJECTS).axes
    percent = 100 * SUBJECTS.to_numpy()
    np.testing.assert_allclose(axis.images[0].get_array(), percent)
    assert axis.images[0].get_clim() == (60, 100)
    cells = {text.get_position(): text.get_text() for text in axis.texts}
    assert cells == {(c, r): f"{percent[r, c]:.0f}" for r, c in np.ndindex(2, 4)}
    ink = {text.get_text(): text.get_color() for text in axis.texts}
    assert (ink["62"], ink["100"]) == ("white", "black")  # on dark and on bright cells
    assert list(ticks(axis.xaxis).values()) == ["4", "2", "9", "10"]
    assert list(ticks(axis.yaxis).values()) == [models.title(name) for name in SUBJECTS.index]


def test_comparison_cost_draws_accuracy_against_parameters_and_seconds():
    summary = _summary(["modern_tiny", "modern"])
    figure = plots.comparison_cost(summary, {"modern": 80.0, "modern_tiny": 40.0})
    left, right = figure.axes
    costs = {"modern_tiny": (1e2, 40), "modern": (1e6, 80)}
    for name, (parameters, seconds) in costs.items():
        mean = 100 * summary.loc[name, "accuracy_mean"]
        assert_line(line(left, models.title(name)), [parameters], [mean])
        assert_line(line(right, models.title(name)), [seconds], [mean])
        assert line(left, models.title(name)).get_color() == plots.MODEL_COLORS[name]
    ends = [100 * summary.loc["modern_tiny", f"accuracy_{end}"] for end in ("low", "high")]
    assert_line(left.lines[0], [1e2, 1e2], ends)
    assert [axis.get_xlabel() for axis in figure.axes] == ["parameters", "seconds to train"]
    assert [axis.get_xscale() for axis in figure.axes] == ["log", "log"]
    assert legend(figure) == [models.title(name) for name in summary.index]


def test_comparison_cost_names_other_families_once_and_draws_each_of_their_models():
    figure = FIGURES["comparison_cost"]()
    modern = [models.title(name) for name in models.TITLES if name.startswith("modern")]
    assert legend(figure)[:3] == [
        "On 561 features",
        "Untrained kernels",
        "Source report's networks",
    ]
    assert legend(figure)[3:] == modern
    marks = [item for item in figure.axes[0].lines if item.get_marker() not in ("None", None)]
    drawn_at = [points(mark)[0] for mark in marks]
    expected = 100 * ALL["accuracy_mean"], ALL["n_parameters"]
    assert sorted(y for _, y in drawn_at) == [pytest.approx(y) for y in sorted(expected[0])]
    assert sorted(x for x, _ in drawn_at) == [pytest.approx(x) for x in sorted(expected[1])]
    assert len({mark.get_color() for mark in marks}) == len(modern) + 1


def test_comparison_cost_marks_no_model_whose_time_is_unknown():
    right = FIGURES["comparison_cost, no times"]().axes[1]
    marks = [item for item in right.lines if item.get_marker() not in ("None", None)]
    assert [np.isnan(mark.get_xdata()).all() for mark in marks] == [True]


def test_comparison_budgets_draws_means_over_folds_from_little_training_to_much():
    figure = FIGURES["comparison_budgets"]()
    [axis] = figure.axes
    assert legend(figure) == ["Boosted trees", "Modern CNN"]
    assert points(line(axis, "Modern CNN")) == [(15, 30), (90, 3)]  # per cent that are wrong
    assert points(line(axis, "Boosted trees")) == [(6, 10)]
    assert axis.yaxis_inverted()
    assert line(axis, "Modern CNN").get_color() == plots.MODEL_COLORS["modern"]
    assert line(axis, "Boosted trees").get_color() == "0.6"
    assert axis.get_xscale() == "log"


def test_comparison_pairs_draws_the_first_minus_the_second_and_fills_decided_pairs():
    [axis] = FIGURES["comparison_pairs"]().axes
    marks = [item for item in axis.lines if item.get_marker() == "o"]
    assert [points(mark) for mark in marks] == [[(1, 0)], [(-3, 1)]]
    assert [mark.get_markerfacecolor() for mark in marks] == ["white", "0.2"]
    intervals = [points(item) for item in axis.lines if len(item.get_xdata()) == 2][:2]
    assert intervals == [[(-2, 0), (3, 0)], [(-5, 1), (-1, 1)]]
    title = models.title
    assert ticks(axis.yaxis) == {
        0: f"{title('cnn_lstm')}\n− {title('cnn_1d')}",
        1: f"{title('linear_svc')}\n− {title('cnn_lstm')}",
    }
    assert axis.get_xlabel() == "difference in accuracy (points)"
    assert axis.lines[-1].get_xdata() == [0, 0]
    assert axis.yaxis_inverted()


def test_comparison_pairs_fills_by_the_interval_whatever_everybody_decides():
    figure = plots.comparison_pairs(PAIRS.assign(verdict=["a", "undecided"]))
    marks = [item for item in figure.axes[0].lines if item.get_marker() == "o"]
    assert [mark.get_markerfacecolor() for mark in marks] == ["white", "0.2"]


def test_comparison_pairs_says_if_there_are_none():
    [axis] = FIGURES["comparison_pairs, none"]().axes
    assert texts(axis) == ["There are no two models to compare yet."]


def test_comparison_published_names_each_protocol_and_sets_ours_below():
    words, axis = plots.comparison_published(LITERATURE, TWO).axes
    assert _marks(axis, plots.PUBLISHED_MARK["marker"])[:2] == [(91, 0), (95, 1)]
    rows = [[], [], [], []]
    for text in words.texts:
        rows[text.get_position()[1]].append(text.get_text())
    assert rows == [
        ["First", "UCI 240; random"],
        ["Second", "HAPT; by subject"],
        [models.title("cnn_1d")],
        [models.title("multi_lstm")],
    ]
    for row, name in enumerate(TWO.index, start=2):
        mean = round(100 * TWO.loc[name, "accuracy_mean"], 6)
        assert _marks(axis, plots.MODEL_MARKERS[name]) == [(mean, row)]
    assert axis.get_ylim() == (3.5, -0.5)
    assert axis.get_xlabel() == "accuracy (%)"


def test_comparison_published_overlaps_no_words():
    figure = FIGURES["comparison_published"]()
    assert drawn.overlapping_words(figure) == []
    assert labels(figure.axes[1]) == []


@pytest.mark.parametrize("name", FIGURES)
def test_figure_is_whole(name):
    drawn.check(FIGURES[name])
