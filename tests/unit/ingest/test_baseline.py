"""Unloaded readings of force plates."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaitload.ingest.baseline import measure_baseline, without_baseline

RATE_HZ = 300.0


def running(offset_n, moment_nm=(0.0, 0.0, 0.0), noise_n: float = 10.0):
    """Ten seconds of steps of 0.2 s with flights of 0.1 s, on a plate that is off by `offset_n`."""
    phase = np.arange(3000) / RATE_HZ % 0.3
    force = np.zeros((3000, 3))
    force[:, 1] = np.where(phase < 0.2, 1500 * np.sin(np.pi * phase / 0.2), 0.0)
    rng = np.random.default_rng(0)
    moment = np.zeros((3000, 3)) + moment_nm
    return force + offset_n + noise_n * rng.normal(size=force.shape), moment + rng.normal(size=force.shape)


@given(st.tuples(*[st.floats(-60, 60)] * 3), st.tuples(*[st.floats(-80, 80)] * 3))
def test_an_offset_of_any_channel_is_found_in_the_flights(offset_n, moment_nm):
    found = measure_baseline("p", *running(offset_n, moment_nm), RATE_HZ, 50.0)
    # Medians of 500 and more samples with noise of 10 N and 1 N m; landing leaves up to 1 N in the vertical force.
    np.testing.assert_allclose(found.force_n, offset_n, atol=3.0)
    np.testing.assert_allclose(found.moment_nm, moment_nm, atol=0.3)


def test_landing_and_leaving_do_not_lift_the_baseline():
    # Flights of 47 ms that carry 30 N for a third of the time at either end.
    flight = np.array([30.0] * 5 + [0.0] * 4 + [30.0] * 5)
    force = np.zeros((3000, 3))
    force[:, 1] = np.tile(np.concatenate((flight, np.full(46, 900.0))), 50)
    assert measure_baseline("p", force, force, RATE_HZ, 50.0).force_n == (0.0, 0.0, 0.0)


def test_what_was_found_is_taken_off_force_and_moment():
    force, moment = running((20.0, -30.0, 5.0), (3.0, 0.0, -40.0), noise_n=0.0)
    baseline = measure_baseline("p", force, moment, RATE_HZ, 50.0)
    clean_force, clean_moment = without_baseline(force, moment, baseline)
    np.testing.assert_allclose(np.median(clean_force[:, [0, 2]], axis=0), 0.0, atol=1e-9)
    np.testing.assert_allclose(np.median(clean_moment, axis=0), 0.0, atol=0.1)


def test_a_plate_that_is_never_unloaded_has_no_baseline():
    force, moment = running((0.0, 600.0, 0.0))
    found = measure_baseline("p", force, moment, RATE_HZ, 50.0)
    assert found.unloaded_share == 0.0
    assert found.force_n == (0.0, 0.0, 0.0)
    assert without_baseline(force, moment, found)[0] == pytest.approx(force)


def test_a_plate_nobody_stands_on_is_all_baseline():
    force = np.tile([1.0, -14.0, 2.0], (300, 1))
    found = measure_baseline("p", force, force, RATE_HZ, 20.0)
    assert found.unloaded_share == 1.0
    assert found.force_n == (1.0, -14.0, 2.0)
