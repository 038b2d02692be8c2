"""Resampling: exact where it can be, silent where it must."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaitload.signals.resample import resample

TIME_S = np.arange(0.0, 2.0, 0.01)


def test_old_times_give_old_values():
    signal = np.random.default_rng(0).normal(size=(200, 2, 3))
    np.testing.assert_allclose(resample(signal, TIME_S, TIME_S), signal, atol=1e-12)


def test_a_cubic_is_met_exactly():
    cubic = 1 - 2 * TIME_S + 3 * TIME_S**2 - 0.5 * TIME_S**3
    new = np.linspace(0.0, 1.99, 777)
    np.testing.assert_allclose(resample(cubic, TIME_S, new), 1 - 2 * new + 3 * new**2 - 0.5 * new**3, atol=1e-12)


def test_a_walking_signal_survives_a_change_of_rate():
    new = np.arange(0.0, 1.99, 1.0 / 240.0)
    # Cubic splines err by 5/384 h^4 of the fourth derivative, (2 pi 5 Hz)^4: 1.3e-4 at 100 Hz; ends are worse.
    found = resample(np.sin(2 * np.pi * 5 * TIME_S), TIME_S, new)
    np.testing.assert_allclose(found, np.sin(2 * np.pi * 5 * new), atol=2e-3)
    np.testing.assert_allclose(found[20:-20], np.sin(2 * np.pi * 5 * new)[20:-20], atol=2e-4)


@given(start=st.integers(1, 150), length=st.integers(1, 40), rate=st.floats(20, 500))
def test_new_samples_exist_exactly_where_both_neighbours_do(start, length, rate):
    signal = np.sin(TIME_S)
    signal[start : start + length] = np.nan
    new = np.arange(0.0, TIME_S[-1], 1.0 / rate)
    position = new / 0.01
    # Times that fall on an old one need that one alone; 1e-4 of an interval keeps the two cases apart.
    on_sample = np.abs(position - np.rint(position)) < 1e-4
    finite = np.isfinite(signal)
    below = np.clip(np.floor(position).astype(int), 0, 198)
    expected = finite[below] & finite[below + 1]
    found = np.isfinite(resample(signal, TIME_S, new))
    np.testing.assert_array_equal(found[~on_sample], expected[~on_sample])


def test_nothing_is_extrapolated():
    found = resample(TIME_S, TIME_S, np.array([-0.005, 0.0, 1.99, 1.995]))
    np.testing.assert_array_equal(np.isnan(found), [True, False, False, True])


def test_the_last_sample_survives_rounding_of_its_time():
    found = resample(TIME_S, TIME_S, np.array([TIME_S[-1] * (1 + 1e-15)]))
    assert found[0] == pytest.approx(TIME_S[-1])


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_the_shortest_runs_are_used(length):
    signal = np.full(20, np.nan)
    signal[5 : 5 + length] = np.arange(length) + 1.0
    found = resample(signal, TIME_S[:20], TIME_S[5 : 5 + length])
    np.testing.assert_allclose(found, np.arange(length) + 1.0)


def test_one_marker_with_a_gap_does_not_disturb_another():
    signal = np.random.default_rng(1).normal(size=(200, 2, 3))
    whole = resample(signal, TIME_S, TIME_S[:-1] + 0.005)
    signal[50:60, 0] = np.nan
    with_gap = resample(signal, TIME_S, TIME_S[:-1] + 0.005)
    np.testing.assert_array_equal(with_gap[:, 1], whole[:, 1])
    assert np.isnan(with_gap[49:60, 0]).all()
