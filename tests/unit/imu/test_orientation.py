"""Orientation from signals whose truth is known, and rotations on other clocks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from gaitload.errors import DataError
from gaitload.imu.orientation import estimate_orientation, resample_orientation, with_orientation
from gaitload.imu.rotations import inclination_difference_rad, rotation_of
from gaitload.trial import ImuRecording

RATE_HZ = 100.0
SAMPLES = 2000


def turning(time_s):
    """A sensor that pitches and yaws about a tilted start."""
    swing = Rotation.from_rotvec(np.outer(0.6 * np.sin(2.0 * np.pi * 0.9 * time_s), [0.2, 0.9, 0.1]))
    yaw = Rotation.from_rotvec(np.outer(0.4 * time_s, [0.0, 0.0, 1.0]))
    return yaw * Rotation.from_rotvec([0.5, 0.2, 0.0]) * swing


@pytest.fixture(scope="module")
def truth():
    return turning(np.arange(SAMPLES) / RATE_HZ)


@pytest.fixture(scope="module")
def recording(truth):
    """Exact signals of it: gravity and field in the sensor frame, the turn since the sample before."""
    gyr = np.vstack((np.zeros(3), (truth[:-1].inv() * truth[1:]).as_rotvec() * RATE_HZ))
    acc = truth.inv().apply([0.0, 0.0, 9.81])
    mag = truth.inv().apply([0.0, 0.5, -0.8])
    return ImuRecording("thigh", np.arange(SAMPLES) / RATE_HZ, acc, gyr, mag)


def test_inclination_and_turns_are_found_without_a_magnetometer(recording, truth):
    estimated = with_orientation(recording).orientation_wxyz
    inclination = inclination_difference_rad(estimated, truth.as_quat(scalar_first=True))
    # Exact signals: what is left is the filter's low-pass on acceleration.
    assert np.degrees(inclination.max()) < 0.2
    turns = [rotation[:-100].inv() * rotation[100:] for rotation in (rotation_of(estimated), truth)]
    assert np.degrees((turns[0].inv() * turns[1]).magnitude().max()) < 0.3


def test_with_a_magnetometer_the_heading_is_east_north_up(recording, truth):
    estimated = rotation_of(with_orientation(recording, magnetometer=True).orientation_wxyz)
    assert np.degrees((estimated.inv() * truth).magnitude().max()) < 1.0


def test_the_sensors_own_orientation_is_kept(recording, truth):
    own = -truth.as_quat(scalar_first=True)
    kept = with_orientation(replace(recording, orientation_wxyz=own)).orientation_wxyz
    assert (rotation_of(kept).inv() * truth).magnitude().max() < 1e-12
    assert (kept[:, 0] >= 0.0).all()


def test_lost_packets_are_bridged_for_the_filter_and_stay_missing(recording, truth):
    lost = np.r_[0:5, 500:509, SAMPLES - 3 : SAMPLES]
    acc = recording.acc_sensor_m_per_s2.copy()
    acc[lost] = np.nan
    estimated = with_orientation(replace(recording, acc_sensor_m_per_s2=acc)).orientation_wxyz
    assert np.flatnonzero(np.isnan(estimated[:, 0])).tolist() == lost.tolist()
    seen = np.isfinite(estimated[:, 0])
    inclination = inclination_difference_rad(estimated[seen], truth.as_quat(scalar_first=True)[seen])
    assert np.degrees(inclination.max()) < 0.5


def test_a_long_gap_is_refused(recording):
    gyr = recording.gyr_sensor_rad_per_s.copy()
    gyr[500:510] = np.nan
    with pytest.raises(DataError, match=r"0\.11 s from 4\.990 s") as caught:
        with_orientation(replace(recording, gyr_sensor_rad_per_s=gyr))
    assert caught.value.code == "IMU_GAP_LONG"


def test_nothing_to_estimate_from_is_refused(recording):
    nothing = np.full((SAMPLES, 3), np.nan)
    with pytest.raises(DataError) as caught:
        estimate_orientation(nothing, recording.gyr_sensor_rad_per_s, RATE_HZ)
    assert caught.value.code == "IMU_CHANNELS_MISSING"
    with pytest.raises(DataError, match="magnetometer"):
        with_orientation(replace(recording, mag_sensor=None), magnetometer=True)


@pytest.mark.parametrize("rate_hz", [40.0, 60.0, 73.1, 100.0, 250.0])
def test_resampled_rotations_lie_on_the_motion(truth, rate_hz):
    time_s = np.arange(SAMPLES) / RATE_HZ
    new_time_s = np.arange(int(19.9 * rate_hz)) / rate_hz
    resampled = rotation_of(resample_orientation(truth.as_quat(scalar_first=True), time_s, new_time_s))
    # Between samples 10 ms apart a great circle misses a motion of 20 rad/s2 by 20 x 0.01^2 / 8 = 2.5e-4 rad.
    assert (resampled.inv() * turning(new_time_s)).magnitude().max() < 3e-4


def test_resampling_to_its_own_clock_changes_nothing(truth):
    time_s = np.arange(SAMPLES) / RATE_HZ
    quaternion = truth.as_quat(scalar_first=True)
    same = rotation_of(resample_orientation(quaternion, time_s, time_s))
    assert (same.inv() * truth).magnitude().max() < 1e-12


def test_signs_that_flip_do_not_matter(truth):
    time_s = np.arange(SAMPLES) / RATE_HZ
    quaternion = truth.as_quat(scalar_first=True)
    flipped = np.where(np.arange(SAMPLES)[:, np.newaxis] % 2, -quaternion, quaternion)
    new_time_s = time_s[:-1] + 0.004
    first, second = (resample_orientation(each, time_s, new_time_s) for each in (quaternion, flipped))
    np.testing.assert_allclose(first, second, atol=1e-12)
    assert (first[:, 0] >= 0.0).all()


@given(first=st.integers(1, 80), length=st.integers(1, 15))
def test_short_gaps_are_bridged_and_longer_ones_stay(first, length):
    time_s = np.arange(100) / 50.0
    quaternion = turning(time_s).as_quat(scalar_first=True)
    quaternion[first : first + length] = np.nan
    resampled = resample_orientation(quaternion, time_s, time_s, gap_max_s=0.1)
    # Between the samples on either side lie length + 1 intervals of 20 ms.
    bridged = length + 1 <= 5
    missing = np.flatnonzero(np.isnan(resampled[:, 0])).tolist()
    assert missing == ([] if bridged else list(range(first, first + length)))


def test_nothing_is_extrapolated(truth):
    time_s = np.arange(SAMPLES) / RATE_HZ
    outside = resample_orientation(truth.as_quat(scalar_first=True), time_s, np.array([-0.01, 0.0, 19.99, 20.0]))
    assert np.isnan(outside[:, 0]).tolist() == [True, False, False, True]


def test_neighbours_of_a_slow_clock_are_no_gap():
    time_s = np.arange(10) / 2.0
    quaternion = turning(time_s).as_quat(scalar_first=True)
    assert np.isfinite(resample_orientation(quaternion, time_s, np.linspace(0.0, 4.5, 31))).all()


def test_all_missing_stays_missing():
    assert np.isnan(resample_orientation(np.full((5, 4), np.nan), np.arange(5.0), np.arange(5.0))).all()
