"""Recordings on the clock of a trial: signals kept, gaps told, and nothing folded back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gaitload.imu.orientation import GAP_MAX_S
from gaitload.sync.quaternions import from_rotation_vector, shortest_angle
from gaitload.sync.transfer import on_trial_clock
from gaitload.trial import ImuRecording

TIME_S = np.arange(0.5, 3.5, 0.01)


def signal(time_s: np.ndarray, hz: float) -> np.ndarray:
    """Shape (T, 3)."""
    return np.sin(2 * np.pi * hz * time_s[:, None] + np.array([0.0, 1.0, 2.0]))


def turned(time_s: np.ndarray) -> np.ndarray:
    """Orientations, shape (T, 4)."""
    return from_rotation_vector(0.5 * signal(time_s, 1.0))


def recording(rate_hz: float, hz: float = 3.0) -> tuple[ImuRecording, np.ndarray]:
    """A recording whose clock says something else, and its times on the trial's."""
    there_s = np.arange(0.0, 4.0, 1 / rate_hz)
    return ImuRecording(
        "shank",
        7.0 + there_s,
        signal(there_s, hz),
        2 * signal(there_s, hz),
        mag_sensor=signal(there_s, hz),
        orientation_wxyz=turned(there_s),
    ), there_s


@pytest.mark.parametrize("rate_hz", [60.0, 100.0, 104.0])
def test_a_known_signal_is_the_same_at_the_times_of_the_trial(rate_hz):
    found = on_trial_clock(*recording(rate_hz), TIME_S)
    assert np.array_equal(found.time_s, TIME_S)
    # A cubic spline through twenty samples a period.
    assert found.acc_sensor_m_per_s2 == pytest.approx(signal(TIME_S, 3.0), abs=1e-3)
    assert found.gyr_sensor_rad_per_s == pytest.approx(2 * signal(TIME_S, 3.0), abs=2e-3)
    # Great circles between samples cut the corners of a turn of 3 rad/s.
    assert shortest_angle(found.orientation_wxyz, turned(TIME_S)).max() < 1e-3
    assert found.mag_sensor is None


def test_short_gaps_are_bridged_and_long_ones_told():
    whole, there_s = recording(100.0)
    acc, gyr, orientation = (
        column.copy() for column in (whole.acc_sensor_m_per_s2, whole.gyr_sensor_rad_per_s, whole.orientation_wxyz)
    )
    short, long = slice(100, 106), slice(200, 215)
    for gap in (short, long):
        acc[gap], gyr[gap], orientation[gap] = np.nan, np.nan, np.nan
    lost = replace(whole, acc_sensor_m_per_s2=acc, gyr_sensor_rad_per_s=gyr, orientation_wxyz=orientation)
    found = on_trial_clock(lost, there_s, TIME_S)
    before_s, after_s = there_s[long.start - 1] + 1e-6, there_s[long.stop] - 1e-6
    inside = (before_s < TIME_S) & (after_s > TIME_S)
    assert there_s[short.stop] - there_s[short.start - 1] < GAP_MAX_S < there_s[long.stop] - there_s[long.start - 1]
    for channel in (found.acc_sensor_m_per_s2, found.gyr_sensor_rad_per_s, found.orientation_wxyz):
        assert np.isnan(channel[inside]).all()
        assert np.isfinite(channel[~inside]).all()


def test_a_gap_at_an_end_stays_one():
    whole, there_s = recording(100.0)
    acc = whole.acc_sensor_m_per_s2.copy()
    acc[:55] = np.nan
    found = on_trial_clock(replace(whole, acc_sensor_m_per_s2=acc), there_s, TIME_S)
    assert np.isnan(found.acc_sensor_m_per_s2[:5]).all()
    assert np.isfinite(found.acc_sensor_m_per_s2[6:]).all()


def test_times_outside_of_the_recording_are_missing():
    found = on_trial_clock(*recording(100.0), np.arange(-0.5, 4.5, 0.01))
    for channel in (found.acc_sensor_m_per_s2, found.orientation_wxyz):
        assert np.isnan(channel[:50]).all() and np.isnan(channel[-50:]).all()
        assert np.isfinite(channel[50:450]).all()


def test_a_faster_sensor_does_not_fold_back():
    # 90 Hz, sampled at 100, would be 10 Hz of full size; the filter of fourth order at 45 Hz leaves an eighth of it.
    found = on_trial_clock(*recording(1000.0, hz=90.0), TIME_S)
    middle = slice(50, -50)
    assert np.abs(found.acc_sensor_m_per_s2[middle]).max() < 0.14
    slow = on_trial_clock(*recording(1000.0, hz=3.0), TIME_S)
    assert slow.acc_sensor_m_per_s2[middle] == pytest.approx(signal(TIME_S, 3.0)[middle], abs=1e-3)


def test_a_sensor_without_an_orientation_has_none():
    whole, there_s = recording(100.0)
    assert on_trial_clock(replace(whole, orientation_wxyz=None), there_s, TIME_S).orientation_wxyz is None
