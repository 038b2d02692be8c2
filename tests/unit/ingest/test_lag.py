"""Lag between forces and the centre of mass."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaitload.ingest.lag import estimate_force_lag

MASS_KG = 70.0


def running(lag_s: float, duration_s: float = 4.0, noise_n: float = 0.0, noise_m: float = 0.0):
    """Vertical force of a runner and the height of the centre of mass, forces ahead by `lag_s`."""
    steps = 2 * np.pi * 2.8
    amplitudes = ((1, 0.035, 0.0), (2, 0.004, 0.7), (0.5, 0.003, 1.1))
    time_s, force_time_s = np.arange(round(duration_s * 100)) / 100, np.arange(round(duration_s * 1000)) / 1000
    height = 0.95 + sum(a * np.cos(n * steps * time_s + p) for n, a, p in amplitudes)
    ahead = force_time_s + lag_s
    acceleration = sum(-a * (n * steps) ** 2 * np.cos(n * steps * ahead + p) for n, a, p in amplitudes)
    rng = np.random.default_rng(1)
    force = MASS_KG * (acceleration + 9.80665) + noise_n * rng.normal(size=len(force_time_s))
    return force, force_time_s, height + noise_m * rng.normal(size=len(time_s)), time_s


@given(st.floats(-0.02, 0.02))
@settings(max_examples=8, deadline=None)
def test_any_lag_is_found_to_a_fraction_of_a_sample(lag_s):
    found, _ = estimate_force_lag(*running(lag_s), mass_kg=MASS_KG)
    # The two are filtered at different rates; what is left of that is below 0.1 ms.
    assert found == pytest.approx(lag_s, abs=1e-4)


def test_forces_that_lead_have_a_positive_lag():
    assert estimate_force_lag(*running(0.004), mass_kg=MASS_KG)[0] > 0.003


def test_the_standard_error_covers_the_error_that_noise_makes():
    lag_s, error_s = estimate_force_lag(*running(0.004, noise_n=60.0, noise_m=0.002), mass_kg=MASS_KG)
    assert 0 < error_s < 0.002
    assert abs(lag_s - 0.004) < 4 * error_s


def test_a_wrong_mass_does_not_move_the_lag():
    right = estimate_force_lag(*running(0.004), mass_kg=MASS_KG)[0]
    wrong = estimate_force_lag(*running(0.004), mass_kg=1.07 * MASS_KG)[0]
    assert wrong == pytest.approx(right, abs=1e-5)


def test_the_default_window_of_two_padded_seconds_is_enough():
    lag_s, error_s = estimate_force_lag(*running(0.004, duration_s=2.4, noise_n=20.0), mass_kg=MASS_KG)
    assert lag_s == pytest.approx(0.004, abs=1e-3)
    assert not np.isnan(error_s)


def test_a_stretch_shorter_than_a_stride_gives_no_estimate():
    assert np.isnan(estimate_force_lag(*running(0.004, duration_s=1.0), mass_kg=MASS_KG)).all()
