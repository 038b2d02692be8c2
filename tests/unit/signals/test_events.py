"""Strikes and toe-offs, stances and cycles, and curves of equal length."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaitload.signals.events import (
    cycles_between,
    events_by_coordinates,
    repetitions_by_flexion,
    stances_by_contact,
    strikes_by_contact,
    strikes_by_hip_flexion,
    time_normalised,
)

RATE_HZ = 100.0


def test_stances_that_the_recording_cuts_are_none() -> None:
    contact = np.array([1, 1, 0, 0, 1, 1, 1, 0, 1], dtype=bool)
    assert stances_by_contact(contact) == [slice(4, 7)]
    assert strikes_by_contact(contact).tolist() == [4, 8]


def test_hip_flexion_strikes_come_15_percent_of_the_cycle_after_the_peak() -> None:
    time_s = np.arange(0, 5, 1 / RATE_HZ)
    strikes = strikes_by_hip_flexion(np.cos(2 * np.pi * (time_s - 0.5)), RATE_HZ)
    assert strikes.tolist() == [65, 165, 265, 365, 465]


def test_hip_flexion_with_a_gap_keeps_its_strikes_elsewhere() -> None:
    time_s = np.arange(0, 5, 1 / RATE_HZ)
    hip = np.cos(2 * np.pi * (time_s - 0.5))
    hip[210:220] = np.nan
    assert strikes_by_hip_flexion(hip, RATE_HZ).tolist() == [65, 165, 265, 365, 465]
    assert not len(strikes_by_hip_flexion(np.full(100, np.nan), RATE_HZ))


def test_ripple_on_the_hip_makes_no_strike() -> None:
    time_s = np.arange(0, 5, 1 / RATE_HZ)
    hip = np.cos(2 * np.pi * (time_s - 0.5)) + 0.1 * np.cos(2 * np.pi * 6 * time_s)
    assert len(strikes_by_hip_flexion(hip, RATE_HZ)) == 5


def test_walking_backwards_on_the_screen_changes_no_event() -> None:
    """Zeni's events depend on positions about the pelvis alone: a treadmill and a corridor agree."""
    time_s = np.arange(0, 4, 1 / RATE_HZ)
    heel, toe = 0.4 * np.cos(2 * np.pi * time_s), 0.15 + 0.4 * np.cos(2 * np.pi * time_s)
    belt = events_by_coordinates(heel, toe, np.zeros_like(time_s), RATE_HZ)
    floor = events_by_coordinates(heel + 1.3 * time_s, toe + 1.3 * time_s, 1.3 * time_s, RATE_HZ)
    assert [part.tolist() for part in belt] == [part.tolist() for part in floor]
    assert belt[0].tolist() == [100, 200, 300] and belt[1].tolist() == [50, 150, 250, 350]


def test_cycles_outside_70_to_130_percent_of_the_mean_are_left_out() -> None:
    strikes = np.array([0, 100, 200, 300, 500, 600])
    assert cycles_between(strikes) == [slice(a, a + 101) for a in (0, 100, 200, 500)]
    assert cycles_between(np.array([5])) == []


def test_curves_are_linear_between_samples() -> None:
    curves = time_normalised(np.array([9.0, 0.0, 1.0, 4.0, 9.0]), [slice(1, 4), slice(0, 2)], 5)
    assert curves == pytest.approx(np.array([[0, 0.5, 1, 2.5, 4], [9, 6.75, 4.5, 2.25, 0]]))


@given(st.integers(2, 60), st.integers(2, 120), st.integers(0, 5))
def test_curves_agree_with_numpys_interpolation(length: int, points: int, start: int) -> None:
    values = np.random.default_rng(length).normal(size=start + length + 3)
    span = slice(start, start + length)
    expected = np.interp(np.linspace(0, length - 1, points), np.arange(length), values[span])
    assert time_normalised(values, [span], points)[0] == pytest.approx(expected, abs=1e-12)


def test_missing_samples_outside_a_span_do_not_reach_into_it() -> None:
    values = np.array([np.nan, 1.0, 2.0, 3.0, np.nan])
    assert np.isfinite(time_normalised(values, [slice(1, 4)], 101)).all()
    assert np.isnan(time_normalised(values, [slice(1, 5)], 101)[0, -1])


def test_repetitions_of_a_squat_are_found_and_those_that_are_cut_are_not():
    rate_hz, time_s = 100.0, np.arange(0, 14, 0.01)
    flexion = np.zeros_like(time_s)
    for start_s, peak_rad in ((1.0, 1.6), (4.0, 1.4), (7.0, 1.7), (12.5, 1.6)):
        inside = (time_s > start_s) & (time_s < start_s + 2.0)
        flexion[inside] = peak_rad * np.sin(np.pi * (time_s[inside] - start_s) / 2.0) ** 2
    flexion += 0.05 + 0.02 * np.sin(9 * time_s)
    found = repetitions_by_flexion(flexion, rate_hz)
    assert len(found) == 3, "the fourth is cut by the end of the trial"
    starts_s = [time_s[span.start] for span in found]
    np.testing.assert_allclose(starts_s, [1.25, 4.25, 7.25], atol=0.06)
    assert all(1.3 < (span.stop - span.start) / rate_hz < 1.7 for span in found)


def test_who_stands_still_repeats_nothing():
    swaying = 0.1 + 0.05 * np.sin(np.arange(0, 10, 0.01))
    assert repetitions_by_flexion(swaying, 100.0) == []
    assert repetitions_by_flexion(np.full(500, np.nan), 100.0) == []
