"""What a figure shows is told in words, from the figure itself."""

import inspect
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from har_utils import plots
from har_utils.plots import alt_text

pytestmark = pytest.mark.usefixtures("course_style")

DRAWING = {
    name: function
    for name, function in inspect.getmembers(plots, inspect.isfunction)
    if function.__annotations__.get("return") == "Figure"
}


@pytest.fixture
def axis():
    return plt.subplots()[1]


def _told(axis):
    return alt_text.describe(axis.figure).splitlines()[1:]


def test_every_figure_of_the_course_has_a_caption():
    assert len(DRAWING) > 50
    assert [name for name, f in DRAWING.items() if not hasattr(f, "__wrapped__")] == []
    assert [name for name, f in DRAWING.items() if not f.__doc__.startswith("Draw ")] == []


def test_every_figure_of_the_course_has_a_test_of_what_it_draws():
    tests = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_plots_*"))
    assert [name for name in DRAWING if f"def test_{name}_" not in tests] == []


def test_captioned_keeps_the_caption_with_the_figure_and_the_function_as_it_was():
    @alt_text.captioned("Two lines, crossing.")
    def crossing(color: str) -> Figure:
        """Draw two lines."""
        return plt.figure(facecolor=color)

    assert alt_text.caption(crossing("red")) == "Two lines, crossing."
    assert (crossing.__name__, crossing.__doc__) == ("crossing", "Draw two lines.")


def test_a_figure_without_a_caption_is_called_after_its_axes(axis):
    assert alt_text.caption(axis.figure) == "A figure without words"
    axis.set(title="Two\nlines", xlabel="seconds", ylabel="g")
    assert alt_text.caption(axis.figure) == "Two lines; g against seconds"


def test_bars_are_told_one_by_one(axis):
    axis.barh(["Sitting", "Standing"], [1234, 5], label="training")
    assert _told(axis) == ["training: Sitting 1,234; Standing 5."]


def test_a_line_is_told_by_where_it_goes(axis):
    axis.plot([0, 1, 2, 3], [1, -2, 5, np.nan], label="x")
    assert _told(axis) == ["x: begins at 1, ends at 5, lowest −2 at 1, highest 5 at 2."]


def test_help_lines_and_what_is_not_there_are_left_out(axis):
    axis.axhline(3)
    axis.plot([np.nan], [1], label="x")
    assert _told(axis) == []


def test_marks_at_named_places_are_told_by_name(axis):
    axis.plot([90, 95], [0, 0])
    axis.plot(92, 0.28)
    axis.plot([80, 85], [0, 1], label="mine")
    axis.set_yticks([0, 1], ["LSTM", "CNN"])
    assert _told(axis) == ["mine: LSTM 80; CNN 85.", "LSTM: 90 to 95; 92."]


def test_intervals_are_told_beside_the_marks_they_belong_to(axis):
    axis.errorbar([90, 80], [0.2, 1.2], xerr=[[5, 1], [2, 3]], fmt="D", label="test (95 %)")
    axis.scatter([95, 85], [0, 1], label="random folds")
    axis.set_yticks([0, 1], ["SVC", "tree"])
    told = _told(axis)
    assert "test (95 %): SVC 90; tree 80." in told
    assert "random folds: SVC 95; tree 85." in told
    assert "SVC: 85 to 92." in told
    assert "tree: 79 to 83." in told


def test_a_line_without_a_name_is_not_called_after_the_place_where_it_begins(axis):
    axis.plot([0, 1], [99, 77], color="0.8")
    axis.set_xticks([0, 1], ["Walking", "Sitting"])
    [line] = _told(axis)
    assert line.startswith("A line: begins at 99, ends at 77")


def test_many_lines_are_summed_up(axis):
    axis.plot(np.arange(40).reshape(2, 20))
    assert _told(axis) == ["20 lines between 0 and 39."]


def test_dots_are_told_by_where_most_of_them_are(axis):
    axis.scatter(np.arange(101), np.full(101, 2.0), label="Walking")
    told = "Walking: 101 dots, most of them between 10 and 90 across, 2 and 2 up."
    assert _told(axis) == [told]


def test_a_table_of_colours_is_read_out_once(axis):
    axis.imshow([[9, 1], [0, 10]])
    axis.set_xticks([0, 1], ["a", "b"])
    axis.set_yticks([0, 1], ["a", "b"])
    axis.text(0, 0, "90 %")
    assert _told(axis) == ["Row a: a 9; b 1.", "Row b: b 10."]


def test_a_large_table_is_told_by_its_range(axis):
    axis.imshow(np.arange(200).reshape(20, 10))
    assert _told(axis) == ["Colours of 20 × 10 values, 0 to 199."]


def test_many_panels_are_told_by_row():
    figure, axes = plt.subplots(2, 5)
    for number, panel in enumerate(axes.flat):
        panel.plot([0, number])
    axes[0, 0].set(ylabel="x (g)")
    for number, panel in enumerate(axes[0]):
        panel.set_title(f"T{number}")
    first, second = alt_text.describe(figure).splitlines()
    assert first == "x (g): T0 0 to 0; T1 0 to 1; T2 0 to 2; T3 0 to 3; T4 0 to 4"
    assert second.startswith("Row 2: T0 0 to 5;")


def test_the_title_over_all_panels_goes_with_the_caption(axis):
    axis.figure.set_label("One window.")
    axis.figure.suptitle("Person 1")
    assert alt_text.caption(axis.figure) == "One window. Person 1"


def test_of_a_drawing_in_space_only_the_words_are_told():
    axis = plt.figure().add_subplot(projection="3d")
    axis.plot([0, 1], [0, 1], [0, 1])
    axis.text(1, 1, 1, "x")
    told = alt_text.describe(axis.figure).splitlines()
    assert told[1:] == ["In it is written: x."]


def test_many_bars_or_bars_of_one_name_are_summed_up(axis):
    axis.barh([0, 0], [1, 3], left=[0, 2], label="done")
    axis.set_yticks([0], ["done"])
    assert _told(axis) == ["done: 2 bars, 1 to 3 long."]


def test_what_is_written_in_a_drawing_is_told():
    assert "forget σ; take in σ" in alt_text.describe(plots.lstm_cell())


def test_many_tables_of_colours_are_told_by_their_ranges():
    figure, axes = plt.subplots(3, 3)
    for number, panel in enumerate(axes.flat):
        panel.imshow([[number, 90], [80, 91 + number]])
        panel.set_title(f"T{number}")
    first, *_ = alt_text.describe(figure).splitlines()
    assert first == "Row 1: T0 0 to 91; T1 1 to 92; T2 2 to 93"


@settings(max_examples=20)
@given(st.lists(st.floats(-1e12, 1e12, allow_nan=False), min_size=1, max_size=9))
def test_any_values_can_be_told(values):
    figure, axis = plt.subplots()
    axis.plot(values, label="values")
    axis.bar(range(len(values)), values)
    axis.scatter(values, values)
    told = alt_text.describe(figure)
    plt.close(figure)
    assert told
    assert "-" not in told.replace("e-", "")
    assert "nan" not in told
