"""Contact by threshold with hysteresis."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gaitload.signals.contact import feet_loaded, loaded, zero_unloaded
from gaitload.signals.runs import true_runs

RATE_HZ = 1000.0


def pulse(at_s: float, length_s: float, peak_n: float, total_s: float = 1.0) -> np.ndarray:
    phase = (np.arange(round(total_s * RATE_HZ)) / RATE_HZ - at_s) / length_s
    return np.where((phase >= 0) & (phase < 1), peak_n * np.sin(np.pi * np.clip(phase, 0, 1)), 0.0)


def test_a_load_that_wavers_about_the_threshold_is_one_stance():
    force = pulse(0.1, 0.6, 700.0)
    wavering = np.repeat([14.0, 26.0] * 4, 30)
    force[690:930] = wavering
    (only,) = true_runs(loaded(force, RATE_HZ, 20.0))
    assert only.stop == 930


def test_noise_in_flight_neither_begins_nor_draws_out_a_stance():
    force = pulse(0.2, 0.5, 1500.0) + 10.0 * np.random.default_rng(0).normal(size=1000)
    (only,) = true_runs(loaded(force, RATE_HZ, 50.0))
    assert 195 < only.start < 215
    assert 685 < only.stop < 705


def test_a_recording_that_begins_just_before_a_step_begins_unloaded():
    assert not loaded(pulse(0.01, 0.5, 700.0), RATE_HZ, 20.0)[:10].any()


def test_a_knock_is_no_contact_and_a_short_dip_no_flight():
    force = pulse(0.1, 0.02, 500.0) + pulse(0.4, 0.4, 700.0)
    force[600:610] = 0.0
    (only,) = true_runs(loaded(force, RATE_HZ, 20.0))
    assert 395 < only.start < 410
    assert 790 < only.stop < 805


def test_a_load_that_stays_below_the_threshold_is_none():
    assert not loaded(pulse(0.2, 0.5, 19.0), RATE_HZ, 20.0).any()


@given(st.integers(0, 2**32 - 1), st.sampled_from((20.0, 50.0)))
def test_contact_is_the_same_backwards(seed, threshold_n):
    force = 80.0 * np.cumsum(np.random.default_rng(seed).normal(size=400)) / 10
    forwards = loaded(force, RATE_HZ, threshold_n)
    np.testing.assert_array_equal(loaded(force[::-1], RATE_HZ, threshold_n)[::-1], forwards)


def test_force_and_moment_vanish_together():
    contact = np.array([False, True, False])
    values = np.arange(1.0, 10.0).reshape(3, 3)
    np.testing.assert_array_equal(zero_unloaded(values, contact), [[0, 0, 0], [4, 5, 6], [0, 0, 0]])


def test_each_foot_is_loaded_by_its_own_vertical_force():
    force = np.random.default_rng(1).normal(size=(500, 2, 3)) * 200.0
    force[100:300, 0, 1], force[250:400, 1, 1] = 700.0, 700.0
    found = feet_loaded(force, 1000.0, 50.0)
    for side in range(2):
        np.testing.assert_array_equal(found[:, side], loaded(force[:, side, 1], 1000.0, 50.0))
    assert found[100:300, 0].all() and found[250:400, 1].all()
