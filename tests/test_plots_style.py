"""What figures share: colours, words, saving, and parts that several of them draw."""

import json
from itertools import chain
from types import SimpleNamespace

import drawn
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from drawn import points, ticks
from IPython.core.formatters import PNGFormatter
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from PIL import Image

from har_utils import files, models, plots
from har_utils.dataset import ACTIVITIES
from har_utils.plots import alt_text, style

pytestmark = pytest.mark.usefixtures("course_style")


# ---- Colours, markers and words ------------------------------------------------------------------


def test_every_activity_has_a_colour_and_a_marker_of_its_own():
    assert tuple(plots.ACTIVITY_COLORS) == ACTIVITIES
    assert tuple(plots.ACTIVITY_MARKERS) == ACTIVITIES
    assert len(set(plots.ACTIVITY_COLORS.values())) == len(ACTIVITIES)
    assert len(set(plots.ACTIVITY_MARKERS.values())) == len(ACTIVITIES)


def test_every_model_has_a_colour_and_a_marker_of_its_own():
    for table in (plots.MODEL_COLORS, plots.MODEL_MARKERS):
        assert set(models.TITLES) <= set(table)
        assert len(set(table.values())) == len(table)


def test_families_hold_every_model_once_and_at_most_four_each():
    groups = style.families(models.TITLES)
    assert groups == {family: list(members) for family, members in style.FAMILIES.items()}
    assert sorted(chain(*groups.values())) == sorted(models.TITLES)
    assert max(map(len, groups.values())) <= 4
    assert style.families(["modern", "mine"]) == {"Modern networks": ["modern"], "Yours": ["mine"]}


def _seen_with(kind, color):
    """Colour as seen by somebody without the red or green receptor (Viénot et al. 1999)."""
    linear = np.array(to_rgb(color)) ** 2.2
    to_cones = np.array(
        [[17.8824, 43.5161, 4.1194], [3.4557, 27.1554, 3.8671], [0.03, 0.184, 1.467]]
    )
    without = {
        "red": [[0, 2.02344, -2.52581], [0, 1, 0], [0, 0, 1]],
        "green": [[1, 0, 0], [0.494207, 0, 1.24827], [0, 0, 1]],
    }[kind]
    seen = np.linalg.inv(to_cones) @ np.array(without) @ to_cones @ linear
    return np.clip(seen, 0, 1) ** (1 / 2.2)


@pytest.mark.parametrize("kind", ["red", "green"])
def test_activities_differ_for_colour_blind_people(kind):
    seen = [_seen_with(kind, color) for color in plots.ACTIVITY_COLORS.values()]
    distance = [np.linalg.norm(a - b) for i, a in enumerate(seen) for b in seen[:i]]
    assert min(distance) > 0.1


def test_labels_are_words():
    assert plots.activity_label("WALKING_UPSTAIRS") == "Walking upstairs"
    assert plots.short_label("WALKING_UPSTAIRS") == "Upstairs"
    assert plots.short_label("LAYING") == "Laying"


# ---- Saving --------------------------------------------------------------------------------------


def everything() -> Figure:
    """Draw one of each kind of thing that figures of the course are made of."""
    figure, axes = plt.subplots(2, 2, figsize=(plots.PAGE_WIDTH, 3))
    axes[0, 0].bar(["a", "b"], [2, 1], hatch="////", label="bars")
    axes[0, 0].annotate("→ × σ", (0, 1), (3, 0), textcoords="offset points")
    axes[0, 1].imshow(np.arange(6).reshape(2, 3), cmap="Blues")
    axes[1, 0].fill_between([0, 1], [0, 1], [1, 3], alpha=0.2)
    axes[1, 0].scatter([0, 1], [1, 2], alpha=0.5, label="dots")
    axes[1, 1].plot([1, 10], [1, 2], "o--", label="a line")
    axes[1, 1].set_xscale("log")
    figure.legend(loc="outside lower center")
    return figure


def test_save_figure_writes_the_same_bytes_each_time(tmp_path, monkeypatch):
    monkeypatch.setenv("HAR_BUILD", str(tmp_path))
    saved = [plots.save_figure(everything(), "all", profile) for profile in ("first", "second")]
    for ending in (".png", ".pdf"):
        first, second = (path.with_suffix(ending).read_bytes() for path in saved)
        assert first == second


def test_save_figure_leaves_two_files_and_words_in_the_picture(tmp_path, monkeypatch):
    monkeypatch.setenv("HAR_BUILD", str(tmp_path))
    figure = plots.lstm_cell()
    words = Image.open(plots.save_figure(figure, "cell", "lab")).info
    names = sorted(path.name for path in (tmp_path / "lab" / "figures").iterdir())
    assert names == ["cell.pdf", "cell.png"]
    assert words["Title"] == alt_text.caption(figure)
    assert words["Description"] == alt_text.describe(figure)


@pytest.mark.parametrize(
    ("ending", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")]
)
def test_write_picture_obeys_the_ending(ending, begins, tmp_path):
    written = plots.write_picture(plots.lstm_cell(), tmp_path / f"cell.{ending}")
    assert written.read_bytes().startswith(begins)
    assert [path.name for path in tmp_path.iterdir()] == [f"cell.{ending}"]


def test_write_picture_refuses_what_is_no_picture(tmp_path):
    with pytest.raises(ValueError, match=r"walk.doc: pictures end in .png, .pdf or .svg"):
        plots.write_picture(plots.lstm_cell(), tmp_path / "walk.doc")
    assert not list(tmp_path.iterdir())


# ---- In a notebook -------------------------------------------------------------------------------


@pytest.fixture
def formatter(monkeypatch):
    """What turns figures into PNG in a notebook that has just been opened."""
    png = PNGFormatter()
    shell = SimpleNamespace(display_formatter=SimpleNamespace(formatters={"image/png": png}))
    monkeypatch.setattr(style, "get_ipython", lambda: shell)
    return png


def test_use_style_changes_nothing_but_the_style(formatter):
    plots.use_style()
    assert plt.rcParams["figure.figsize"][0] == plots.COLUMN_WIDTH
    assert Figure not in formatter.type_printers


def test_show_alt_text_gives_a_notebook_words_with_each_picture(formatter):
    plots.show_alt_text()
    _, words = formatter(plots.lstm_cell())
    assert words["alt"].startswith("One step of an LSTM")
    assert "forget σ; take in σ" in words["description"]
    assert formatter(plt.figure()) is None


def test_show_alt_text_does_nothing_outside_a_notebook():
    assert plots.show_alt_text() is None


def test_notebooks_that_show_figures_show_their_alt_text():
    silent = []
    for path in sorted((files.REPOSITORY / "notebooks").rglob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = "".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
        if "plots.use_style()" in code and "plots.show_alt_text()" not in code:
            silent.append(path.name)
    assert silent == []


# ---- Parts of figures ----------------------------------------------------------------------------


def test_draw_confusion_has_the_truth_in_rows_and_percent_in_cells():
    axis = plt.subplots()[1]
    plots.draw_confusion(axis, np.array([[5, 15], [0, 4000]]), ["a", "b"])
    np.testing.assert_allclose(axis.images[0].get_array(), [[25, 75], [0, 100]])
    cells = {text.get_position(): text.get_text() for text in axis.texts}
    assert cells == {(0, 0): "25.0", (1, 0): "75.0", (1, 1): "100"}
    ink = {text.get_text(): text.get_color() for text in axis.texts}
    assert ink == {"25.0": "black", "75.0": "white", "100": "white"}
    assert ticks(axis.xaxis) == ticks(axis.yaxis) == {0: "a", 1: "b"}


def test_draw_confusion_writes_counts_below_and_bears_an_empty_row():
    axis = plt.subplots()[1]
    plots.draw_confusion(axis, np.array([[0, 0], [3, 1]]), ["a", "b"], counts=True)
    cells = {text.get_position(): text.get_text() for text in axis.texts}
    assert cells == {(0, 1): "75.0 %\n3", (1, 1): "25.0 %\n1"}


def test_subject_dots_have_their_activitys_colour_and_marker():
    axis = plt.subplots()[1]
    table = pd.DataFrame({name: [1.0, 2, 4] for name in ACTIVITIES})
    style._subject_dots(axis, table, ACTIVITIES)
    assert [mark.get_marker() for mark in axis.lines] == list(plots.ACTIVITY_MARKERS.values())
    found = {mark.get_label(): to_hex(mark.get_color()).upper() for mark in axis.lines}
    assert found == {plots.activity_label(key): c for key, c in plots.ACTIVITY_COLORS.items()}


def test_draw_interval_puts_the_mark_at_the_mean():
    axis = plt.subplots()[1]
    scores = pd.Series({"f1_low": 0.5, "f1_mean": 0.8, "f1_high": 0.9, "accuracy_mean": 0.1})
    style._draw_interval(axis, 3, "cnn_1d", scores, "f1")
    assert [points(item) for item in axis.lines] == [[(50, 3), (90, 3)], [(80, 3)]]


def test_model_style_of_a_variant_is_that_of_its_model_but_its_line_is_dashed():
    assert style._model_style("cnn_1d@paper") == style._model_style("cnn_1d")
    assert style._model_style("modern") != style._model_style("cnn_1d")
    assert style._line_style("cnn_1d")["linestyle"] == "-"
    assert style._line_style("cnn_1d@paper")["linestyle"] == "--"
    assert style._line_style("cnn_1d@paper")["label"] == models.title("cnn_1d@paper")


def test_log_axis_writes_thousands_short():
    axis = plt.subplots()[1]
    axis.plot([200, 50_000], [0, 1])
    style._log_axis(axis)
    assert axis.get_xscale() == "log"
    write = axis.xaxis.get_major_formatter()
    assert (write(300, 0), write(20_000, 0)) == ("300", "20k")


def test_check_sees_a_picture_that_is_drawn_otherwise_or_cut_off():
    seeds = iter(range(9))

    def restless():
        return _captioned(np.random.default_rng(next(seeds)).random(3))

    def cut_off():
        figure = _captioned([1, 2, 3])
        figure.set_layout_engine("none")
        figure.axes[0].text(-0.5, 0.5, "outside of the page", transform=figure.transFigure)
        return figure

    drawn.check(lambda: _captioned([1, 2, 3]))
    for draw in (restless, cut_off):
        with pytest.raises(AssertionError):
            drawn.check(draw)


def _captioned(values):
    figure, axis = plt.subplots()
    axis.plot(values)
    figure.set_label("A caption.")
    return figure
