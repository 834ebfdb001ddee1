"""The preprocessing: medians, filters, gravity, windows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.signal import butter, medfilt, sosfilt

from har_utils import signals

SIGNALS = arrays(
    float,
    st.tuples(st.integers(3, 60), st.integers(1, 4)),
    elements=st.floats(-1e3, 1e3, allow_subnormal=False),
)


@pytest.fixture
def raw() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    return random.normal([0.9, 0.1, 0.4], size=(400, 3)), random.normal(size=(400, 3))


@given(SIGNALS)
def test_median_filter_is_the_median_of_three_with_zeros_outside(signal):
    padded = np.pad(signal, ((1, 1), (0, 0)))
    expected = np.median([padded[:-2], padded[1:-1], padded[2:]], axis=0)
    np.testing.assert_array_equal(signals.median_filter(signal), expected)


def test_median_filter_removes_a_spike():
    signal = np.ones((9, 1))
    signal[4] = 100.0
    assert signals.median_filter(signal)[1:-1].max() == 1.0


def test_low_pass_keeps_slow_and_removes_fast():
    time = np.arange(2000)[:, np.newaxis] / signals.SAMPLING_RATE
    slow, fast = np.sin(2 * np.pi * 0.5 * time), np.sin(2 * np.pi * 20 * time)
    filtered = signals.low_pass(slow + fast, cutoff=5.0, order=4, zero_phase=True)
    np.testing.assert_allclose(filtered[200:-200], slow[200:-200], atol=1e-3)


def test_low_pass_halves_the_power_at_the_cutoff():
    time = np.arange(5000)[:, np.newaxis] / signals.SAMPLING_RATE
    tone = np.sin(2 * np.pi * 3 * time)
    filtered = signals.low_pass(tone, cutoff=3.0, order=3)
    ratio = np.mean(filtered[1000:] ** 2) / np.mean(tone[1000:] ** 2)
    assert ratio == pytest.approx(0.5, rel=1e-3)


@pytest.mark.parametrize("chain", [signals.preprocess, signals.preprocess_as_documented])
def test_preprocess_splits_into_body_and_gravity_that_add_up(chain, raw):
    filtered = chain(*raw)
    np.testing.assert_allclose(filtered.body_acc + filtered.gravity, filtered.total_acc, atol=1e-12)


def test_preprocess_never_looks_ahead(raw):
    whole = signals.preprocess(*raw)
    cut = signals.preprocess(*(signal[:300] for signal in raw))
    # The last sample's median looks one sample ahead, and nothing looks further.
    np.testing.assert_array_equal(whole.total_acc[:299], cut.total_acc[:299])
    np.testing.assert_array_equal(whole.body_gyro[:299], cut.body_gyro[:299])


def test_preprocess_separates_posture_from_motion():
    still = np.tile([0.0, 0.6, 0.8], (3000, 1))
    filtered = signals.preprocess(still, np.zeros_like(still))
    np.testing.assert_allclose(filtered.gravity[-500], [0.0, 0.6, 0.8], atol=1e-6)
    np.testing.assert_allclose(filtered.body_acc[-500], 0.0, atol=1e-6)


@given(SIGNALS, st.integers(1, 70), st.integers(1, 70))
def test_sliding_windows_are_slices_and_none_is_missing(signal, window, stride):
    windows = signals.sliding_windows(signal, window, stride)
    starts = range(0, len(signal) - window + 1, stride)
    assert windows.shape == (len(starts), window, signal.shape[1])
    for cut, start in zip(windows, starts, strict=True):
        np.testing.assert_array_equal(cut, signal[start : start + window])


def test_sliding_windows_are_a_copy():
    signal = np.zeros((10, 2))
    signals.sliding_windows(signal, 4, 2)[:] = 1.0
    assert not signal.any()


@pytest.mark.parametrize(("window", "stride"), [(0, 1), (4, 0), (4, -1)])
def test_sliding_windows_refuses_impossible_ones(window, stride):
    with pytest.raises(ValueError, match="at least 1"):
        signals.sliding_windows(np.zeros((10, 2)), window, stride)


# ---- Resampling ----------------------------------------------------------------------------------


def wave(frequency: float, seconds: np.ndarray) -> np.ndarray:
    return np.sin(2 * np.pi * frequency * seconds)[:, np.newaxis]


@pytest.mark.parametrize("rate", [40, 50, 64, 100, 200, 480])
def test_resample_keeps_what_is_slow_whatever_the_rate(rate):
    random = np.random.default_rng(0)
    seconds = 7.3 + (np.arange(10 * rate) + random.uniform(-0.2, 0.2, 10 * rate)) / rate
    at = 8 + np.arange(400) / 50
    resampled = signals.resample(seconds, wave(3, seconds), 8, 400)
    assert np.abs(resampled - wave(3, at))[20:-20].max() < 0.02


@pytest.mark.parametrize("frequency", [30, 40, 49])
def test_resample_leaves_nothing_that_is_too_fast_to_be_told(frequency):
    seconds = np.arange(2000) / 200
    resampled = signals.resample(seconds, wave(frequency, seconds), 0, 500)
    assert np.abs(resampled)[50:-50].max() < 0.01
    assert np.abs(wave(frequency, seconds)[::4]).max() > 0.5  # every fourth sample would show it


def test_resample_draws_a_straight_line_over_a_gap():
    seconds = np.delete(np.arange(500) / 50, slice(100, 200))
    resampled = signals.resample(seconds, wave(1, seconds), 0, 490)
    np.testing.assert_allclose(np.diff(resampled[100:199], 2, axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(resampled[:100], wave(1, seconds)[:100], atol=1e-9)


def test_preprocess_after_a_lead_in_of_rest(raw):
    acceleration, rotation = raw
    rest = np.vstack(
        [np.repeat(acceleration[:50].mean(axis=0)[np.newaxis], 80, axis=0), acceleration]
    )
    long = signals.preprocess(rest, np.vstack([np.zeros((80, 3)), rotation]))
    led_in = signals.preprocess(acceleration, rotation, lead_in=80)
    for name in ("total_acc", "body_acc", "gravity", "body_gyro"):
        np.testing.assert_allclose(getattr(led_in, name), getattr(long, name)[80:])


def test_preprocess_is_the_chain_found_in_the_published_windows():
    def slow(signal, order, cutoff):
        sections = butter(order, cutoff, fs=50.0, output="sos")
        return sosfilt(sections, signal, axis=0)

    acceleration, rotation = np.random.default_rng(0).normal(size=(2, 400, 3))
    ours = signals.preprocess(acceleration, rotation)
    acc, gyro = (
        slow(np.column_stack([medfilt(axis, 3) for axis in raw.T]), 10, 20.0)
        for raw in (acceleration, rotation)
    )
    np.testing.assert_allclose(ours.total_acc, acc, atol=1e-12)
    np.testing.assert_allclose(ours.gravity, slow(acc, 3, 0.3), atol=1e-12)
    np.testing.assert_allclose(ours.body_acc, acc - slow(acc, 3, 0.3), atol=1e-12)
    np.testing.assert_allclose(ours.body_gyro, gyro - slow(gyro, 2, 0.1), atol=1e-12)
