"""The squat over time, and its forces divided between the feet."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaitload.cohorts.embedded import squat

TIME_S = np.arange(4001) / 1000.0


def test_the_knee_bends_as_far_as_it_should_and_as_often():
    knee = squat.knee_flexion_rad(TIME_S)
    assert np.degrees([knee.min(), knee.max()]) == pytest.approx([5.0, 45.0])
    deepest = np.flatnonzero((np.diff(knee)[:-1] > 0) & (np.diff(knee)[1:] <= 0))
    assert len(deepest) == squat.REPETITIONS


def test_it_starts_and_ends_in_stillness():
    knee = squat.knee_flexion_rad(TIME_S)
    still = (TIME_S < squat.STILL_S) | (TIME_S > squat.DURATION_S - squat.STILL_S)
    assert np.ptp(knee[still]) < 1e-12


def test_accelerations_have_no_jumps():
    acceleration = np.gradient(np.gradient(squat.knee_flexion_rad(TIME_S), 1e-3), 1e-3)
    # Down and up take 0.9 s for 0.70 rad: the jerk of a minimum-jerk movement is at most 60 x 0.70 / 0.9^3 = 58 rad/s3.
    assert np.abs(np.diff(acceleration)).max() < 0.1
    assert np.abs(acceleration).max() == pytest.approx(5.77 * np.radians(40.0) / 0.9**2, rel=0.01)


def test_the_ankle_stays_inside_the_range_of_the_model():
    ankle = squat.ankle_dorsiflexion_rad(squat.knee_flexion_rad(TIME_S))
    assert np.degrees(ankle.max()) < 28.0


@given(
    upward_n=st.floats(300, 2000),
    forward_n=st.floats(-200, 200),
    ahead_m=st.floats(-2, 2),
    middle_m=st.floats(-2, 2),
    half_m=st.floats(0.05, 0.5),
)
def test_two_halves_are_the_whole(upward_n, forward_n, ahead_m, middle_m, half_m):
    force = np.array([[forward_n, upward_n, 0.0]])
    moment = np.cross([[ahead_m, 0.0, middle_m]], force)
    soles_z = np.array([middle_m + half_m, middle_m - half_m])
    forces, moments = squat.halved(force, moment, soles_z)
    assert forces.sum(axis=1) == pytest.approx(force, abs=1e-9)
    assert moments.sum(axis=1) == pytest.approx(moment, abs=1e-9)
    assert forces[:, 0].tolist() == forces[:, 1].tolist()
