import numpy as np
import pytest
from sklearn import metrics as reference

from har_utils import metrics
from har_utils.dataset import ACTIVITIES


@pytest.fixture
def predictions():
    """Predictions a bit better than chance: activity, probability, subject."""
    generator = np.random.default_rng(0)
    activity = generator.integers(0, 6, 500)
    probability = generator.dirichlet(np.ones(6), 500)
    probability[np.arange(500), activity] += 0.3
    probability /= probability.sum(axis=1, keepdims=True)
    return activity, probability.astype(np.float32), generator.choice([2, 4, 9], 500)


def test_score_agrees_with_scikit_learn(predictions):
    activity, probability, subject = predictions
    predicted = probability.argmax(axis=1)
    ours = metrics.score(activity, probability, subject)
    theirs = reference.precision_recall_fscore_support(activity, predicted, average="macro")
    assert ours["accuracy"] == pytest.approx(reference.accuracy_score(activity, predicted))
    assert ours["macro_precision"] == pytest.approx(theirs[0])
    assert ours["macro_recall"] == pytest.approx(theirs[1])
    assert ours["macro_f1"] == pytest.approx(theirs[2])
    assert ours["confusion"] == reference.confusion_matrix(activity, predicted).tolist()
    per_class = reference.f1_score(activity, predicted, average=None)
    assert [ours["per_class"][name]["f1"] for name in ACTIVITIES] == pytest.approx(per_class)
    loss = reference.log_loss(activity, probability, labels=range(6))
    assert ours["negative_log_likelihood"] == pytest.approx(loss, rel=1e-6)


def test_score_per_subject_is_each_persons_accuracy(predictions):
    activity, probability, subject = predictions
    ours = metrics.score(activity, probability, subject)["per_subject"]
    assert list(ours) == ["2", "4", "9"]
    of_four = subject == 4
    right = probability[of_four].argmax(axis=1) == activity[of_four]
    assert ours["4"] == pytest.approx(right.mean())


def test_negative_log_likelihood_is_clipped():
    certain_and_wrong = np.array([[0.0, 1.0]])
    value = metrics.negative_log_likelihood(np.array([0]), certain_and_wrong)
    assert value == pytest.approx(-np.log(1e-7))


def test_expected_calibration_error_by_hand():
    # Four windows in one bin: confidence 0.9, three of four right.
    probability = np.tile([0.9, 0.1], (4, 1))
    error = metrics.expected_calibration_error(np.array([0, 0, 0, 1]), probability)
    assert error == pytest.approx(0.9 - 0.75)


def test_expected_calibration_error_does_not_cancel_between_bins():
    probability = np.array([[0.6, 0.4], [0.9, 0.1]])
    error = metrics.expected_calibration_error(np.array([0, 1]), probability)
    assert error == pytest.approx((0.4 + 0.9) / 2)


def test_expected_calibration_error_keeps_the_two_highest_bins_apart():
    probability = np.array([[0.92, 0.08], [0.94, 0.06]])  # 14 / 15 = 0.933 lies between them
    error = metrics.expected_calibration_error(np.array([0, 1]), probability)
    assert error == pytest.approx((0.08 + 0.94) / 2)


def test_expected_calibration_error_is_zero_for_perfect_and_confident_predictions():
    activity = np.arange(6)
    ours = metrics.score(activity, np.eye(6), np.full(6, 2))
    assert ours["accuracy"] == ours["macro_f1"] == 1.0
    assert ours["ece"] == 0.0


def test_score_without_probabilities_has_no_likelihood():
    ours = metrics.score(np.arange(6), np.eye(6), np.full(6, 2), probability_kind="score")
    assert ours["negative_log_likelihood"] is None
    assert ours["ece"] is None


def test_macro_f1_counts_an_activity_nobody_did_as_zero():
    ours = metrics.score(np.array([0, 1]), np.eye(6)[:2], np.array([2, 2]))
    assert ours["accuracy"] == 1.0
    assert ours["macro_recall"] == pytest.approx(2 / 6)


def test_recall_keeps_leading_axes():
    matrices = np.random.default_rng(0).integers(0, 9, (4, 5, 6, 6))
    for statistic in metrics.STATISTICS.values():
        values = statistic(matrices)
        assert values.shape == (4, 5)
        assert values[1, 2] == pytest.approx(statistic(matrices[1, 2]))
