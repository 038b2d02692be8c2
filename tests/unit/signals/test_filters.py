"""The low-pass filter: its cut-off, its lag, and its manners at gaps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaitload.errors import DataError
from gaitload.signals.filters import lowpass

RATE_HZ = 200.0
TIME_S = np.arange(0.0, 20.0, 1.0 / RATE_HZ)
MIDDLE = slice(1000, 3000)


def amplitude(frequency_hz: float, **options) -> float:
    filtered = lowpass(np.sin(2 * np.pi * frequency_hz * TIME_S), rate_hz=RATE_HZ, **options)
    return float(np.sqrt(2.0 * np.mean(filtered[MIDDLE] ** 2)))


@pytest.mark.parametrize("cutoff_hz", [4.0, 15.0, 60.0])
@pytest.mark.parametrize("order", [2, 4, 8])
def test_amplitude_at_the_cutoff_is_that_of_one_pass(cutoff_hz, order):
    # 1e-3: what the ends leak into the middle of the sine.
    assert amplitude(cutoff_hz, cutoff_hz=cutoff_hz, order=order) == pytest.approx(np.sqrt(0.5), abs=1e-3)


def test_fourth_order_falls_by_24_decibels_an_octave():
    ratio = amplitude(20.0, cutoff_hz=5.0) / amplitude(10.0, cutoff_hz=5.0)
    assert 20 * np.log10(ratio) == pytest.approx(-24.0, abs=1.5)


def test_nothing_is_shifted_in_time():
    bump = np.exp(-(((TIME_S - 10.0) / 0.1) ** 2))
    filtered = lowpass(bump, rate_hz=RATE_HZ, cutoff_hz=6.0)
    assert TIME_S[np.argmax(filtered)] == pytest.approx(10.0)
    np.testing.assert_allclose(filtered, np.roll(filtered[::-1], 1), atol=1e-6)


@given(offset=st.floats(-1e3, 1e3), slope=st.floats(-1e2, 1e2))
def test_a_straight_line_passes_unchanged_to_its_ends(offset, slope):
    line = offset + slope * TIME_S[:200]
    # What rings on after the padding is 1e-9 of the slope, over a second; the rest is rounding of the offset.
    tolerance = 1e-9 + 1e-8 * abs(slope)
    np.testing.assert_allclose(lowpass(line, rate_hz=RATE_HZ, cutoff_hz=6.0), line, rtol=1e-9, atol=tolerance)


@given(gain=st.floats(-10, 10))
def test_filtering_is_linear(gain):
    first, second = np.random.default_rng(1).normal(size=(2, 300))
    both = lowpass(first + gain * second, rate_hz=RATE_HZ, cutoff_hz=10.0)
    apart = [lowpass(each, rate_hz=RATE_HZ, cutoff_hz=10.0) for each in (first, second)]
    np.testing.assert_allclose(both, apart[0] + gain * apart[1], atol=1e-10)


def test_a_gap_stays_and_parts_the_signal():
    signal = np.random.default_rng(2).normal(size=(300, 2, 3))
    signal[120:140, 0] = np.nan
    filtered = lowpass(signal, rate_hz=RATE_HZ, cutoff_hz=10.0)
    np.testing.assert_array_equal(np.isnan(filtered), np.isnan(signal))
    for part in (slice(0, 120), slice(140, 300)):
        alone = lowpass(signal[part, 0], rate_hz=RATE_HZ, cutoff_hz=10.0)
        np.testing.assert_allclose(filtered[part, 0], alone, atol=1e-12)
    np.testing.assert_allclose(filtered[:, 1], lowpass(signal[:, 1], rate_hz=RATE_HZ, cutoff_hz=10.0), atol=1e-12)


def test_runs_too_short_to_filter_are_left_as_they_are():
    signal = np.full(40, np.nan)
    signal[5:14] = np.random.default_rng(3).normal(size=9)
    signal[20:30] = np.random.default_rng(4).normal(size=10)
    filtered = lowpass(signal, rate_hz=RATE_HZ, cutoff_hz=10.0)
    np.testing.assert_array_equal(filtered[5:14], signal[5:14])
    assert np.abs(filtered[20:30] - signal[20:30]).max() > 0.1


def test_the_input_is_not_touched():
    signal = np.random.default_rng(5).normal(size=100)
    before = signal.copy()
    lowpass(signal, rate_hz=RATE_HZ, cutoff_hz=10.0)
    np.testing.assert_array_equal(signal, before)


@pytest.mark.parametrize("cutoff_hz", [100.0, 150.0, 0.0, -6.0, float("nan")])
def test_a_cutoff_the_rate_cannot_carry_is_refused(cutoff_hz):
    with pytest.raises(DataError, match="CUTOFF_TOO_HIGH"):
        lowpass(TIME_S, rate_hz=RATE_HZ, cutoff_hz=cutoff_hz)
