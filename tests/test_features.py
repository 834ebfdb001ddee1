"""The 561 features: their names, their formulas, and that they are the published ones."""

from __future__ import annotations

import zipfile

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from har_utils import dataset, features

VALUES = arrays(float, st.just((2, 128, 3)), elements=st.floats(-2, 2, width=16))


@pytest.fixture
def noise() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(5, 128, 3))


def test_names_are_the_published_ones(shared):
    with zipfile.ZipFile(shared("data/UCI HAR Dataset (inertial signals).zip")) as archive:
        lines = archive.read("UCI HAR Dataset/features.txt").decode().splitlines()
    assert [line.split(" ", 1)[1] for line in lines] == list(features.NAMES)


def test_names_have_the_published_oddities():
    assert len(features.NAMES) == 561
    assert len(set(features.NAMES)) == 477
    assert features.NAMES[555] == "angle(tBodyAccJerkMean),gravityMean)"
    assert features.NAMES[200] == "tBodyAccMag-mean()"


def test_extract_gives_the_published_group_means(data, shared):
    published = pd.read_csv(shared("data/uci_har_feature_group_means.csv.gz"))
    scaled = pd.DataFrame(features.scale_as_published(data.features))
    ours = scaled.groupby([data.subjects, data.labels + 1]).mean()
    assert ours.index.to_list() == list(zip(published.subject, published.activity, strict=True))
    np.testing.assert_allclose(ours, published.iloc[:, 2:], rtol=0, atol=1e-8)


def test_extract_gives_tgravityaccmag_as_a_copy(data):
    np.testing.assert_array_equal(data.features[:, 213:226], data.features[:, 200:213])


def test_extract_gives_finite_features(data):
    assert np.isfinite(data.features).all()


def test_extract_puts_columns_under_their_names(data):
    columns = pd.DataFrame(data.features).set_axis(features.NAMES, axis=1)
    window = data.windows[:, :, :3].astype(float)
    mean, largest = window.mean(axis=1), window.max(axis=1)
    for axis, name in enumerate("XYZ"):
        np.testing.assert_allclose(columns[f"tBodyAcc-mean()-{name}"], mean[:, axis], atol=1e-6)
        np.testing.assert_allclose(columns[f"tBodyAcc-max()-{name}"], largest[:, axis], atol=1e-6)


@given(VALUES)
def test_statistics_by_hand(values):
    np.testing.assert_allclose(
        features.mean_absolute_deviation(values)[1, 2],
        np.mean(np.abs(values[1, :, 2] - np.mean(values[1, :, 2]))),
        atol=1e-12,
    )
    np.testing.assert_allclose(features.sma(values)[1], np.abs(values[1]).sum() / 128, atol=1e-12)


@given(VALUES)
def test_interquartile_range_stands_between_the_sorted_values(values):
    ordered = np.sort(values, axis=1)
    upper = (ordered[:, 95] + ordered[:, 96]) / 2
    lower = (ordered[:, 31] + ordered[:, 32]) / 2
    np.testing.assert_allclose(features.interquartile_range(values), upper - lower, atol=1e-12)


def test_interquartile_range_refuses_quarters_of_unequal_length(noise):
    with pytest.raises(ValueError, match="127 samples are not four quarters"):
        features.interquartile_range(noise[:, :127])


@given(VALUES)
def test_entropy_is_that_of_the_histogram(values):
    level = np.floor(255 * np.clip(values[1, :, 2], 0, 1) + 0.5)
    counts = np.unique(level, return_counts=True)[1]
    expected = stats.entropy(counts, base=2)
    assert features.entropy(values)[1, 2] == pytest.approx(expected, abs=1e-12)


def test_skewness_and_kurtosis_of_a_distribution(noise):
    np.testing.assert_allclose(features.skewness(noise), stats.skew(noise, axis=1))
    kurtosis = stats.kurtosis(noise, axis=1, fisher=False)
    np.testing.assert_allclose(features.kurtosis(noise), kurtosis)


def test_correlation_of_pairs_of_axes(noise):
    matrix = np.corrcoef(noise[3].T)
    expected = [matrix[0, 1], matrix[0, 2], matrix[1, 2]]
    np.testing.assert_allclose(features.correlation(noise)[3], expected)


def test_autoregression_finds_the_process_it_is_given():
    random, coefficients = np.random.default_rng(0), [-1.2, 0.8, -0.3, 0.1]
    signal = np.zeros(60_000)
    pushes = random.normal(size=signal.size)
    for t in range(4, signal.size):
        signal[t] = pushes[t] - np.dot(coefficients, signal[t - 4 : t][::-1])
    found = features.autoregression(signal[np.newaxis, :, np.newaxis])
    np.testing.assert_allclose(found[0, 0], coefficients, atol=0.02)


def test_spectrum_of_a_tone_is_one_bin():
    time = np.arange(128)
    tone = 0.7 * np.cos(2 * np.pi * 5 * time / 128)[np.newaxis, :, np.newaxis] + 3.0
    amplitude = features.spectrum(tone)
    assert amplitude.shape == (1, 64, 1)
    assert features.peak_bin(amplitude)[0, 0] == 5
    assert features.mean_bin(amplitude)[0, 0] == pytest.approx(5)
    assert amplitude[0, 4, 0] == pytest.approx(0.7)
    bands = features.band_energies(amplitude)[0, 0]
    expected = [0.49 if first <= 5 <= last else 0.0 for first, last in features.BANDS]
    np.testing.assert_allclose(bands, expected, atol=1e-12)


def test_angle_by_hand():
    x, y = np.eye(3)[[0]], np.eye(3)[[1]]
    assert features.angle(x, y)[0] == pytest.approx(np.pi / 2)
    assert features.angle(x, 5 * x)[0] == 0.0
    assert features.angle(x, -x)[0] == pytest.approx(np.pi)


def test_jerk_is_the_change_to_the_next_sample():
    signal = np.array([[1.0], [4.0], [2.0]])
    np.testing.assert_array_equal(features.jerk(signal), [[3.0], [-2.0], [0.0]])


def test_extract_has_a_column_per_name(noise):
    assert features.extract(*(noise + k for k in range(5))).shape == (5, 561)


def test_extract_takes_each_row_from_its_own_window_only(noise):
    signals = [noise + k for k in range(5)]
    together = features.extract(*signals)
    alone = features.extract(*(signal[2:3] for signal in signals))
    np.testing.assert_allclose(together[2:3], alone, rtol=1e-9, atol=1e-12)


def test_scale_as_published_fills_minus_one_to_one(data):
    scaled = features.scale_as_published(data.features)
    np.testing.assert_allclose(scaled.min(axis=0), -1.0)
    np.testing.assert_allclose(scaled.max(axis=0), 1.0)


def test_angle_to_gravity_tells_posture(data):
    x_to_gravity = pd.Series(data.features[:, features.NAMES.index("angle(X,gravityMean)")])
    by_activity = x_to_gravity.groupby(data.labels).median()
    lying = dataset.ACTIVITIES.index("LAYING")
    assert by_activity.idxmax() == lying
