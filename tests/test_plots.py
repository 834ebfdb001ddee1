"""Figures are drawn, have the same bytes each time, and tell activities apart the same way."""

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex, to_rgb

from har_utils import plots
from har_utils.dataset import ACTIVITIES, CHANNELS

ACTIVITY = np.repeat(ACTIVITIES, 30)
SECONDS = np.arange(600) / 50
SIGNAL = np.sin(2 * np.pi * SECONDS)


@pytest.fixture(autouse=True)
def _style(tmp_path, monkeypatch):
    monkeypatch.setenv("HAR_BUILD", str(tmp_path))
    plots.use_style()
    plt.rcParams["savefig.dpi"] = 50  # the bytes are compared, nobody looks at them
    yield
    plt.close("all")


def _table():
    split = np.where(np.arange(len(ACTIVITY)) % 3 == 0, "test", "train")
    return pd.DataFrame({"activity": ACTIVITY, "split": split})


def _per_subject(*activities):
    values = np.random.default_rng(0).uniform(5, 20, (6, len(activities)))
    return pd.DataFrame(values, columns=list(activities))


def _spans():
    rows = [("STANDING", 0, 200), ("SITTING", 220, 380), ("LAYING", 400, 600)]
    return pd.DataFrame(rows, columns=["activity", "start", "stop"])


def _grid_scores():
    rows = [
        (model, parameter, value, folds, 0.9, 0.85, 0.95)
        for model, parameter, values in (("A", "C", (0.1, 1, 10)), ("B", "max_depth", (3, 5)))
        for value in values
        for folds in ("subjects", "random")
    ]
    columns = ["model", "parameter", "value", "folds", "accuracy", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def _promises():
    return pd.DataFrame(
        {"random": 0.98, "subjects": 0.93, "test": 0.96, "low": 0.93, "high": 0.985},
        index=["Logistic regression", "Decision tree"],
    )


STAGES = dict.fromkeys(("raw", "median", "total", "gravity", "body"), SIGNAL)

FIGURES = {
    "windows_per_activity": lambda: plots.windows_per_activity(_table()),
    "one_window_each": lambda: plots.one_window_each(np.ones((6, 128, 9)), CHANNELS),
    "stationary_vs_moving": lambda: plots.stationary_vs_moving(
        np.geomspace(0.01, 0.6, len(ACTIVITY)), ACTIVITY
    ),
    "gravity_posture": lambda: plots.gravity_posture(
        np.ones((600, 3)), _spans(), np.ones((len(ACTIVITY), 3)), ACTIVITY
    ),
    "subject_differences": lambda: plots.subject_differences(
        _per_subject(*ACTIVITIES[:3]), _per_subject("STANDING", "SITTING")
    ),
    "walking_spectra": lambda: plots.walking_spectra(
        np.linspace(0.4, 25, 64), {name: np.ones((4, 64)) for name in ACTIVITIES[:3]}
    ),
    "feature_embedding": lambda: plots.feature_embedding(
        np.ones((len(ACTIVITY), 2)), ACTIVITY, np.ones((12, 2)), np.repeat([1, 2, 3], 4)
    ),
    "before_and_after": lambda: plots.before_and_after(SECONDS, {"raw": SIGNAL, "new": SIGNAL}),
    "filter_response": lambda: plots.filter_response(
        SECONDS, {"order 3": SIGNAL, "order 10": SIGNAL}, cutoff=5
    ),
    "window_brackets": lambda: plots.window_brackets(SECONDS, SIGNAL),
    "preprocessing_steps": lambda: plots.preprocessing_steps(SECONDS, STAGES, slice(100, 200)),
    "filter_chain_error": lambda: plots.filter_chain_error(
        SECONDS,
        {"published": SIGNAL, "causal": SIGNAL, "zero-phase": SIGNAL},
        pd.DataFrame({"causal": 0.3, "zero-phase": 0.5}, index=list(CHANNELS)),
    ),
    "classical_grid_search": lambda: plots.classical_grid_search(
        _grid_scores(), {"A": 1.0, "B": 5.0}
    ),
    "confusion_matrices": lambda: plots.confusion_matrices({"A": np.eye(6), "B": np.eye(6)}),
    "leakage": lambda: plots.leakage(_promises()),
}


@pytest.mark.parametrize("name", FIGURES)
def test_figure_has_the_same_bytes_each_time(name):
    files = []
    for profile in ("first", "second"):
        image = plots.save_figure(FIGURES[name](), name, profile)
        files.append([image.read_bytes(), image.with_suffix(".pdf").read_bytes()])
    assert files[0] == files[1]


@pytest.mark.parametrize("name", FIGURES)
def test_figure_fits_the_report_and_cuts_nothing_off(name):
    figure = FIGURES[name]()
    width, height = figure.get_size_inches()
    assert width in (plots.COLUMN_WIDTH, plots.PAGE_WIDTH)
    figure.draw_without_rendering()
    drawn = figure.get_tightbbox()
    assert drawn.x0 > -0.05
    assert drawn.y0 > -0.05
    assert drawn.x1 < width + 0.05
    assert drawn.y1 < height + 0.05


def test_saving_leaves_only_the_two_files(tmp_path):
    plots.save_figure(FIGURES["leakage"](), "leakage", "lab")
    names = sorted(path.name for path in (tmp_path / "lab" / "figures").iterdir())
    assert names == ["leakage.pdf", "leakage.png"]


def test_every_activity_has_a_colour_and_a_marker_of_its_own():
    assert tuple(plots.ACTIVITY_COLORS) == ACTIVITIES
    assert tuple(plots.ACTIVITY_MARKERS) == ACTIVITIES
    assert len(set(plots.ACTIVITY_COLORS.values())) == len(ACTIVITIES)
    assert len(set(plots.ACTIVITY_MARKERS.values())) == len(ACTIVITIES)


def _lines(figure):
    """Activity label → colour of its line, over all axes."""
    lines = [line for axis in figure.axes for line in axis.lines]
    return {line.get_label(): to_hex(line.get_color()).upper() for line in lines}


@pytest.mark.parametrize("name", ["stationary_vs_moving", "subject_differences", "walking_spectra"])
def test_activities_have_the_same_colour_in_every_figure(name):
    drawn = _lines(FIGURES[name]())
    expected = {plots.activity_label(key): value for key, value in plots.ACTIVITY_COLORS.items()}
    shared = drawn.keys() & expected.keys()
    assert shared
    assert {label: drawn[label] for label in shared} == {label: expected[label] for label in shared}


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
