"""Which sample a row is: counters and clocks that start again, skip, and stumble."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaitload.errors import DataError
from gaitload.io.imu.packets import samples_by_counter, samples_by_counter_and_time, samples_by_time, spread, unwrapped

WRAP = 1 << 16


@pytest.fixture
def kept():
    """Half an hour at 100 Hz, of which every thousandth packet or so is lost: the counter starts again twice."""
    rng = np.random.default_rng(3)
    kept = np.flatnonzero(rng.random(180_000) > 0.001)
    kept[0] = 0
    return kept


@pytest.mark.parametrize("step", [1, 2, 5])
def test_a_long_recordings_counter_starts_again_and_again(kept, step):
    samples, found = samples_by_counter((7 + step * kept) % WRAP, wraps_at=WRAP, where="here")
    np.testing.assert_array_equal(samples, kept)
    assert found == step


@given(lost=st.sets(st.integers(1, 58), max_size=20), jitter=st.floats(0.0, 0.1), start=st.floats(0.0, 1e6))
def test_rows_by_time_are_where_their_time_says(lost, jitter, start):
    kept = np.array([0, 1, 2, *sorted(set(range(3, 60)) - lost), 60, 61, 62])
    rng = np.random.default_rng(len(lost))
    time_s = start + (kept + jitter * rng.uniform(-1.0, 1.0, len(kept))) * 0.01
    samples, interval_s = samples_by_time(time_s, where="here")
    np.testing.assert_array_equal(samples, kept)
    assert interval_s == pytest.approx(0.01, rel=2.0 * 0.1 / 62 + 1e-6)


def test_times_rounded_to_milliseconds_place_what_follows_a_gap():
    kept = np.r_[0:500, 540:900]
    samples, interval_s = samples_by_time(np.round(kept / 128.0, 3), where="here")
    np.testing.assert_array_equal(samples, kept)
    assert interval_s == pytest.approx(1.0 / 128.0, rel=2e-4)


@pytest.mark.parametrize(
    "time_s", [[0.0, 1.0, 1.5, 2.5, 3.5], [0.0, 1.0, 2.0, 1.0, 2.0, 3.0], [3.0, 2.0, 1.0], [0.0, np.nan]]
)
def test_times_that_are_no_clock_are_refused(time_s):
    with pytest.raises(DataError) as caught:
        samples_by_time(np.array(time_s), where="here")
    assert caught.value.code == "IMU_TIME"


def test_a_counter_of_fractions_is_refused():
    with pytest.raises(DataError) as caught:
        samples_by_counter(np.array([0.0, 0.5, 1.0]), wraps_at=WRAP, where="here")
    assert caught.value.code == "IMU_COUNTER"


def test_a_clock_goes_on_over_its_end_and_a_small_step_back_stays():
    np.testing.assert_allclose(unwrapped(np.array([90.0, 95.0, 3.0, 1.0, 6.0]), wraps_at=100), [90, 95, 103, 101, 106])


def test_lost_samples_are_rows_of_nan():
    whole = spread(np.array([[1.0], [2.0]]), np.array([0, 2]))
    np.testing.assert_array_equal(whole, [[1.0], [np.nan], [2.0]])


KEPT = np.array([0, 1, 3, 5, 7, 9, 11, 12, 14, 16, 18, 20, 21, 23, 24, 26, 28, 30, 31, 33, 34, 36])
"""Most packets of a stream are lost: the median step is two samples."""


def test_a_counter_places_rows_where_most_packets_are_lost():
    samples, interval_s = samples_by_counter_and_time(
        5.0 + KEPT, KEPT / 60.0, wraps_at=WRAP, interval_s=None, where="here"
    )
    np.testing.assert_array_equal(samples, KEPT)
    assert interval_s == pytest.approx(1.0 / 60.0)


@pytest.mark.parametrize("interval_s", [None, 1.0 / 60.0])
def test_a_counter_of_what_arrived_leaves_it_to_the_clock(interval_s):
    counter = np.arange(float(len(KEPT)))
    samples, found_s = samples_by_counter_and_time(
        counter, KEPT / 60.0, wraps_at=WRAP, interval_s=interval_s, where="here"
    )
    np.testing.assert_array_equal(samples, KEPT)
    assert found_s == pytest.approx(1.0 / 60.0)


def test_a_counter_starts_again_in_a_stream():
    samples, _ = samples_by_counter_and_time(
        (WRAP - 10.0 + KEPT) % WRAP, KEPT / 60.0, wraps_at=WRAP, interval_s=None, where="here"
    )
    np.testing.assert_array_equal(samples, KEPT)


def test_a_stream_that_lost_more_than_half_is_refused_by_its_counter():
    kept = 3 * np.arange(100.0)
    with pytest.raises(DataError, match=r"66 % of 298 missing by the packet counter from 1 to 298") as caught:
        samples_by_counter_and_time(1.0 + kept, kept / 60.0, wraps_at=WRAP, interval_s=1.0 / 60.0, where="here")
    assert caught.value.code == "IMU_PACKETS_LOST"


def test_a_row_without_a_time_is_named():
    with pytest.raises(DataError, match="sample 2"):
        samples_by_time(np.array([0.0, 1.0, np.nan, 3.0]), where="here")
