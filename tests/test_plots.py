"""Figures are drawn, have the same bytes each time, and tell activities apart the same way."""

from itertools import combinations, product

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import yaml
from matplotlib.colors import to_hex, to_rgb
from matplotlib.text import Text

from har_utils import dataset, files, models, plots, robustness, tuning
from har_utils.dataset import ACTIVITIES, CHANNELS

ACTIVITY = np.repeat(ACTIVITIES, 30)
SECONDS = np.arange(600) / 50
SIGNAL = np.sin(2 * np.pi * SECONDS)

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
    yaml.safe_load((files.REPOSITORY / "config" / "published.yaml").read_text(encoding="utf-8"))
)


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


def _tried():
    """Return scores of two candidates on three folds."""
    rows = [(name, fold, 0.9 + fold / 100) for name in ("all", "half") for fold in range(3)]
    return pd.DataFrame(rows, columns=["candidate", "fold", "accuracy"])


def _windows(n_channels):
    return {f"window {n}\nin two lines": _random(128, n_channels) for n in range(3)}


def _curves(names):
    return plots.comparison_curves(dict.fromkeys(names, CURVES), dict.fromkeys(names, 2))


def _robustness(names):
    """Return curves of some models under every perturbation."""
    rows = [
        (model, name, level, 0.9)
        for model in names
        for name, perturbation in robustness.PERTURBATIONS.items()
        for level in perturbation.order
    ]
    return pd.DataFrame(rows, columns=["model", "perturbation", "level", "accuracy"])


def _reliability(names):
    bins = pd.DataFrame({"confidence": [0.4, 0.9], "accuracy": [0.5, 0.8], "share": [0.1, 0.9]})
    return dict.fromkeys(names, bins)


def _smoothing(names):
    settings = product(names, (1, 3, 5), (False, True), (False, True))
    columns = ["model", "n_windows", "centred", "across_gaps"]
    return pd.DataFrame(list(settings), columns=columns).assign(accuracy=0.9)


def _people():
    rows = {"y": [0.1, 0.2], "z": 0.0, "activity": ["SITTING", "STANDING"], "hard": [True, False]}
    return {2: pd.DataFrame(rows), 10: pd.DataFrame(rows)}


def _sides():
    places = pd.MultiIndex.from_tuples([(2, 3), (10, 20)], names=["subject", "recording"])
    return pd.DataFrame({"as_worn": [0.9, 0.3], "mirrored": [0.4, 1.0]}, index=places)


SHARES = np.linspace(0.01, 1, 100)
DISTANCE = pd.DataFrame(
    {"cnn_1d": [0.1, 0.2], "n_windows": [40, 20]}, index=pd.Index([1.28, 2.56], name="seconds")
)


def _trials(n=30):
    """Return a search as ``tuning.read`` returns it."""
    generator = np.random.default_rng(0)
    states = ["complete", "complete", "complete", "complete", *["complete", "pruned"] * n][:n]
    columns = {name: generator.choice(ticks, n) for name, ticks in tuning.TICKS.items()}
    loss = generator.uniform(0.2, 0.6, n)
    return pd.DataFrame({"trial": range(n), "state": states, "loss": loss} | columns)


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
    "architecture": lambda: plots.architecture(_layers(), "A network"),
    "lstm_cell": plots.lstm_cell,
    "protocol": lambda: plots.protocol(range(1, 18), range(18, 22), range(22, 31)),
    "protocol, four people": lambda: plots.protocol([1], [3], [2, 4]),
    "training_curves": lambda: plots.training_curves(CURVES, 2),
    "training_curves, nothing chosen": lambda: plots.training_curves(CURVES, None),
    "training_curves, one epoch": lambda: plots.training_curves(ONE_EPOCH, 1),
    "confusion_matrix": lambda: plots.confusion_matrix(np.full((6, 6), 500)),
    "per_activity": lambda: plots.per_activity(_per_class()),
    "windows_beside": lambda: plots.windows_beside(_windows(9), CHANNELS),
    "changing_mind": lambda: plots.changing_mind(_windows(6)),
    "layer_outputs": lambda: plots.layer_outputs(_windows(64), "64 filters"),
    "magnified": lambda: plots.magnified(
        {words: _random(128, 3) for words in "abc"}, {words: _random(128, 3) for words in "abc"}
    ),
    "sitting_and_standing": lambda: plots.sitting_and_standing(
        _per_subject("STANDING", "SITTING"), _per_subject("STANDING", "SITTING")
    ),
    "ablation": lambda: plots.ablation(_tried(), {n: f"without {n}" for n in ("all", "half")}),
    "ablation, one": lambda: plots.ablation(_tried(), {"all": "everything"}),
    "sizes": lambda: plots.sizes(_summary(models.TITLES)),
    "architecture, branches": lambda: plots.architecture(
        [{**layer, "follows": n != 2} for n, layer in enumerate(_layers())], "A network"
    ),
    "comparison_metrics": lambda: plots.comparison_metrics(_summary(models.TITLES)),
    "comparison_metrics, one model": lambda: plots.comparison_metrics(_summary(["cnn_1d"])),
    "comparison_per_activity": lambda: plots.comparison_per_activity(
        pd.DataFrame(_random(len(models.TITLES), 6), list(models.TITLES), sorted(ACTIVITIES))
    ),
    "comparison_confusion": lambda: plots.confusion_matrices(
        {title: np.full((6, 6), 500) for title in models.TITLES.values()}
    ),
    "comparison_curves": lambda: _curves(models.NETWORKS),
    "comparison_curves, three": lambda: _curves(models.NETWORKS[:3]),
    "comparison_subjects": lambda: plots.comparison_subjects(
        pd.DataFrame(_random(len(models.TITLES), 9), list(models.TITLES))
    ),
    "comparison_cost": lambda: plots.comparison_cost(
        _summary(models.TITLES), {"single_lstm": 80.0, "cnn_1d": 40.0}
    ),
    "comparison_cost, no times": lambda: plots.comparison_cost(_summary(["cnn_1d"]), {}),
    "comparison_pairs": lambda: plots.comparison_pairs(PAIRS),
    "comparison_pairs, none": lambda: plots.comparison_pairs(PAIRS[:0]),
    "grid_and_random": lambda: plots.grid_and_random(
        {"grid": _random(9, 2), "random": _random(9, 2)}, np.square
    ),
    "learned_sampling": lambda: plots.learned_sampling(
        _random(9), _random(9), _random(9), _trials(9).assign(good=[True] * 4 + [False] * 5), 0.8
    ),
    "tuning_learning_rate": lambda: plots.tuning_learning_rate({0.001: [1.0, 0.5], 0.01: [99.0]}),
    "tuning_history": lambda: plots.tuning_history(dict.fromkeys(models.NETWORKS[:3], _trials())),
    "tuning_history, one": lambda: plots.tuning_history({"cnn_1d": _trials(2)}),
    "tuning_parameters": lambda: plots.tuning_parameters(
        _trials(), tuning.TICKS, pd.Series({"learning_rate": 0.7, "width": 0.3})
    ),
    "tuning_parameters, few": lambda: plots.tuning_parameters(_trials(2), tuning.TICKS, None),
    "comparison_published": lambda: plots.comparison_published(
        PUBLISHED, _summary(["cnn_1d", "single_lstm@paper"])
    ),
    "robustness_curves": lambda: plots.robustness_curves(
        _robustness([*models.NETWORKS, "cnn_1d@recipe"]), robustness.PERTURBATIONS
    ),
    "calibration_reliability": lambda: plots.calibration_reliability(
        _reliability(models.BUILDERS), _reliability(models.NETWORKS)
    ),
    "selective_prediction": lambda: plots.selective_prediction(
        dict.fromkeys(models.BUILDERS, pd.DataFrame({"coverage": SHARES, "accuracy": 0.9}))
    ),
    "errors_transition": lambda: plots.errors_transition(DISTANCE),
    "hard_windows": lambda: plots.hard_windows(_windows(9), _people(), CHANNELS),
    "hard_windows, none": lambda: plots.hard_windows({}, {}, CHANNELS),
    "recording_sides": lambda: plots.recording_sides(_sides()),
    "recording_sides, none": lambda: plots.recording_sides(pd.DataFrame()),
    "loso_subjects": lambda: plots.loso_subjects(
        pd.DataFrame(_random(2, 30), ["cnn_1d@loso", "cnn_lstm@loso"], range(1, 31))
    ),
    "loso_subjects, none": lambda: plots.loso_subjects(pd.DataFrame()),
    "twelve_confusion": lambda: plots.twelve_confusion(
        np.full((12, 12), 1500), dataset.TWELVE_ACTIVITIES
    ),
    "twelve_confusion, none": lambda: plots.twelve_confusion(None, dataset.TWELVE_ACTIVITIES),
    "smoothing": lambda: plots.smoothing(_smoothing(models.BUILDERS)),
}


@pytest.mark.parametrize("name", FIGURES)
def test_figure_has_the_same_bytes_each_time(name):
    written = []
    for profile in ("first", "second"):
        image = plots.save_figure(FIGURES[name](), name, profile)
        written.append([image.read_bytes(), image.with_suffix(".pdf").read_bytes()])
    assert written[0] == written[1]


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
        assert set(models.TITLES) <= set(table)
        assert len(set(table.values())) == len(table)
