"""What stands still, jumps, lacks or leaves gravity in the signals of a sensor."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from gaitload.imu.symptoms import (
    frozen_s,
    gravity_off,
    gyroscope_offset_rad_per_s,
    jumps,
    longest_gap_s,
    turn_of_gravity,
)
from gaitload.trial import ImuRecording
from imu_files import swing

SAMPLES, RATE_HZ = 1000, 100.0
MOTION = swing(SAMPLES, RATE_HZ)
NOISE = np.random.default_rng(5).normal(0.0, 0.01, (2, SAMPLES, 3))
SENSOR = ImuRecording(
    "a", np.arange(SAMPLES) / RATE_HZ, MOTION.acc + NOISE[0], MOTION.gyr + NOISE[1], None, MOTION.orientation_wxyz
)

SLOW = replace(SENSOR, time_s=2.5 * SENSOR.time_s, gyr_sensor_rad_per_s=SENSOR.gyr_sensor_rad_per_s / 2.5)
"""The same motion at 0.4 Hz: slow enough for gravity to show."""


def test_a_sound_sensor_shows_nothing():
    assert longest_gap_s(SENSOR) == frozen_s(SENSOR) == len(jumps(SENSOR)) == 0
    assert gravity_off(SENSOR) == (0.0, 0.0)
    assert gyroscope_offset_rad_per_s(SENSOR) < 0.01
    assert turn_of_gravity(SLOW) > 0.9


def test_a_gap_is_as_long_as_what_it_lacks():
    lost = slice(300, 340)
    channels = [values.copy() for values in (SENSOR.acc_sensor_m_per_s2, SENSOR.gyr_sensor_rad_per_s)]
    turned = SENSOR.orientation_wxyz.copy()
    for values in (*channels, turned):
        values[lost] = np.nan
    assert longest_gap_s(ImuRecording("a", SENSOR.time_s, *channels, None, turned)) == pytest.approx(0.4)


def test_a_channel_that_repeats_itself_is_frozen_and_a_dead_axis_is():
    gyr = SENSOR.gyr_sensor_rad_per_s.copy()
    gyr[200:230] = gyr[199]
    assert frozen_s(replace(SENSOR, gyr_sensor_rad_per_s=gyr)) == pytest.approx(0.3)
    dead = SENSOR.acc_sensor_m_per_s2 * [1.0, 0.0, 1.0]
    assert frozen_s(replace(SENSOR, acc_sensor_m_per_s2=dead)) == pytest.approx((SAMPLES - 1) / RATE_HZ)


@pytest.mark.parametrize(("angle_deg", "count"), [(4.0, 0), (10.0, 1), (90.0, 1)])
def test_a_heading_that_starts_anew_is_a_jump(angle_deg, count):
    later = np.arange(SAMPLES) >= 500
    heading = Rotation.from_rotvec(np.outer(np.radians(angle_deg) * later, [0.0, 0.0, 1.0]))
    turned = (heading * MOTION.rotation).as_quat(scalar_first=True)
    found_s = jumps(replace(SENSOR, orientation_wxyz=turned))
    assert len(found_s) == count and (found_s == 5.0).all()


def test_without_a_gyroscope_only_a_large_jump_is_one():
    alone = replace(SENSOR, gyr_sensor_rad_per_s=np.full((SAMPLES, 3), np.nan))
    assert len(jumps(alone)) == 0
    kept = np.r_[0:480, 530:SAMPLES]
    cut = replace(alone, time_s=SENSOR.time_s[:-50], orientation_wxyz=MOTION.orientation_wxyz[kept])
    assert len(jumps(cut)) > 0


def test_scale_and_tilt_show_in_mean_specific_force():
    size, tilt = gravity_off(replace(SENSOR, acc_sensor_m_per_s2=1.2 * SENSOR.acc_sensor_m_per_s2))
    assert size == pytest.approx(0.18, abs=0.01) and tilt == 0.0
    tilted = (Rotation.from_rotvec([0.2, 0.0, 0.0]) * MOTION.rotation).as_quat(scalar_first=True)
    size, tilt = gravity_off(replace(SENSOR, orientation_wxyz=tilted))
    assert size < 0.01 and tilt == pytest.approx(np.sin(0.2) - 0.02, abs=0.01)


def test_a_gyroscope_that_turns_at_rest_has_an_offset():
    off = replace(SENSOR, gyr_sensor_rad_per_s=SENSOR.gyr_sensor_rad_per_s + np.array([0.0, 0.1, 0.0]))
    assert gyroscope_offset_rad_per_s(off) == pytest.approx(0.1, abs=0.01)


def test_gravity_turns_against_an_inverted_gyroscope():
    assert turn_of_gravity(replace(SLOW, gyr_sensor_rad_per_s=-SLOW.gyr_sensor_rad_per_s)) < -0.9


def test_a_few_slow_turns_are_not_told_from_chance():
    few = slice(0, int(4.0 * SLOW.rate_hz))
    short = replace(
        SLOW,
        time_s=SLOW.time_s[few],
        acc_sensor_m_per_s2=SLOW.acc_sensor_m_per_s2[few],
        gyr_sensor_rad_per_s=-SLOW.gyr_sensor_rad_per_s[few],
    )
    assert np.isnan(turn_of_gravity(short))


def test_what_cannot_be_measured_is_unknown():
    nothing = np.full((SAMPLES, 3), np.nan)
    alone = replace(SENSOR, acc_sensor_m_per_s2=nothing, gyr_sensor_rad_per_s=nothing)
    assert np.isnan([*gravity_off(alone), gyroscope_offset_rad_per_s(alone), turn_of_gravity(alone)]).all()
