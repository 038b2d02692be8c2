"""Ideal sensors against a motion in closed form."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from gaitload.errors import ConfigError, DataError
from gaitload.imu.placement import Mounting, Placement, draw_mounting
from gaitload.imu.virtual import EARTH_FROM_GROUND, SensorClock, ideal_imu

UP_GROUND = np.array([0.0, 9.80665, 0.0])
OF_PEAK = 1e-3
"""What was asked for; the splines of 100 Hz samples are within 2e-4 of the peak, their ends included."""


def recorded(flight, time_s, placement, **options):
    return ideal_imu(time_s, flight.rotation(time_s), flight.origin(time_s), placement=placement, **options)


def test_a_spinning_and_swinging_body_is_felt_as_known(flight, time_s, placed):
    placement = placed()
    found = recorded(flight, time_s, placement)
    to_sensor = placement.rotation_sensor_body @ np.swapaxes(flight.rotation(time_s), 1, 2)
    force = flight.acceleration(time_s, placement.position_body_m) + UP_GROUND
    acc, gyr = (np.einsum("tij,tj->ti", to_sensor, values) for values in (force, flight.spin(time_s)))
    assert np.abs(found.acc_sensor_m_per_s2 - acc).max() < OF_PEAK * np.abs(acc).max()
    assert np.abs(found.gyr_sensor_rad_per_s - gyr).max() < OF_PEAK * np.abs(gyr).max()
    turned = Rotation.from_quat(found.orientation_wxyz, scalar_first=True).as_matrix()
    # Samples at the times of the motion are its own poses.
    assert turned == pytest.approx(EARTH_FROM_GROUND @ np.swapaxes(to_sensor, 1, 2), abs=1e-12)
    assert found.time_s == pytest.approx(time_s) and found.name == "shank"


def test_a_resting_sensor_reads_gravity_upwards(time_s):
    level = Placement("level", "box", np.array([0.1, 0.2, 0.3]), EARTH_FROM_GROUND)
    still = np.tile(np.eye(3), (len(time_s), 1, 1))
    found = ideal_imu(time_s, still, np.zeros((len(time_s), 3)), placement=level)
    # Rounding of a second derivative at 100 Hz: 1e-16 over the square of a period, some times over.
    assert found.acc_sensor_m_per_s2 == pytest.approx(np.tile([0.0, 0.0, 9.80665], (301, 1)), abs=1e-9)
    assert found.gyr_sensor_rad_per_s == pytest.approx(0.0, abs=1e-12)
    assert found.orientation_wxyz == pytest.approx(np.tile([1.0, 0.0, 0.0, 0.0], (301, 1)), abs=1e-12)


def test_turning_the_sensor_on_the_body_turns_its_channels(flight, time_s, placed):
    placement = placed()
    more = Rotation.from_rotvec([-0.7, 0.2, 1.9])
    turned = replace(placement, rotation_sensor_body=more.as_matrix() @ placement.rotation_sensor_body)
    first, second = (recorded(flight, time_s, one) for one in (placement, turned))
    # Splines through other components of the same turn differ by their own error, 2e-4 of the peak at most.
    for channel in ("acc_sensor_m_per_s2", "gyr_sensor_rad_per_s"):
        expected = more.apply(getattr(first, channel))
        assert np.abs(getattr(second, channel) - expected).max() < OF_PEAK * np.abs(expected).max()
    both = [Rotation.from_quat(one.orientation_wxyz, scalar_first=True) for one in (first, second)]
    assert (both[0] * more.inv() * both[1].inv()).magnitude() == pytest.approx(0.0, abs=1e-9)


def test_a_sensors_clock_is_offset_and_skewed_exactly(flight, time_s, placed):
    clock = SensorClock(rate_hz=60.0, offset_s=12.3456, skew=2e-3)
    assert clock.motion_time(clock.shown(time_s)) == pytest.approx(time_s, abs=1e-12)
    found = recorded(flight, time_s, placed(), clock=clock)
    assert found.time_s * 60 == pytest.approx(np.round(found.time_s * 60), abs=1e-9)
    assert found.rate_hz == pytest.approx(60.0)
    moments = 12.3456 + 1.002 * found.time_s
    assert moments[0] >= 0 and moments[-1] <= time_s[-1]
    assert moments[0] < 1 / 60 and moments[-1] > time_s[-1] - 1 / 60
    body_spin = np.einsum("tji,tj->ti", flight.rotation(moments), flight.spin(moments))
    gyr = body_spin @ placed().rotation_sensor_body.T
    assert np.abs(found.gyr_sensor_rad_per_s - gyr).max() < OF_PEAK * np.abs(gyr).max()


def test_an_integrating_sensor_gives_means_over_the_period_before(flight, time_s, placed):
    placement, fine_s = placed(), np.arange(30001) / 10000
    clock = SensorClock(rate_hz=50.0)
    found = recorded(flight, time_s, placement, clock=clock, integrating=True)
    assert found.time_s == pytest.approx(np.arange(1, 151) / 50)
    turned = Rotation.from_quat(found.orientation_wxyz, scalar_first=True)
    steps = Rotation.from_rotvec(found.gyr_sensor_rad_per_s[1:] / 50)
    # Its angular rates, held for a period each, lead from one orientation to the next exactly.
    assert (turned[:-1] * steps * turned[1:].inv()).magnitude() == pytest.approx(0.0, abs=1e-9)
    force = flight.acceleration(fine_s, placement.position_body_m) + UP_GROUND
    means = np.array([force[end - 200 : end + 1].mean(axis=0) for end in range(200, 30001, 200)])
    felt = turned.apply(found.acc_sensor_m_per_s2) @ EARTH_FROM_GROUND
    # Means of 201 values with both ends in full are 0.5 % of the change within a period off.
    assert np.abs(felt - means).max() < 5e-3 * np.abs(means).max()


def test_a_magnetometer_points_along_the_field(flight, time_s, placed):
    field = np.array([0.4, 0.0, -0.9])
    found = recorded(flight, time_s, placed(), field_earth=field)
    to_earth = Rotation.from_quat(found.orientation_wxyz, scalar_first=True)
    assert to_earth.apply(found.mag_sensor) == pytest.approx(np.tile(field, (301, 1)), abs=1e-12)


def test_a_sensor_worn_askew_differs_by_its_mounting(flight, time_s, placed):
    placement = placed()
    worn = Mounting(np.array([0.0, 0.0, np.pi / 2]), np.array([0.01, 0.0, 0.0]), 0.0).worn(placement)
    assert worn.position_body_m - placement.position_body_m == pytest.approx([0.01, 0.0, 0.0])
    # Turned by a quarter about its own z, the sensor's new x axis is where its y axis was.
    assert worn.rotation_sensor_body[0] == pytest.approx(placement.rotation_sensor_body[1])
    assert worn.rotation_sensor_body[2] == pytest.approx(placement.rotation_sensor_body[2])


def test_drawn_mountings_have_the_spread_asked_for():
    random = np.random.default_rng(4)
    drawn = [draw_mounting(random, turn_sd_rad=0.2, shift_sd_m=0.01, heading_max_rad=1.0) for _ in range(2000)]
    # A standard deviation of 6000 normal numbers is known to 1 %.
    assert np.std([one.turn_sensor_rad for one in drawn]) == pytest.approx(0.2, rel=0.04)
    assert np.std([one.shift_body_m for one in drawn]) == pytest.approx(0.01, rel=0.04)
    headings = [one.heading_rad for one in drawn]
    assert -1.0 <= min(headings) < -0.95 and 0.95 < max(headings) <= 1.0
    with pytest.raises(ConfigError, match="MOUNTING_INVALID"):
        draw_mounting(random, turn_sd_rad=-0.1, shift_sd_m=0.0, heading_max_rad=0.0)


@pytest.mark.parametrize("matrix", [2 * np.eye(3), np.diag([1.0, 1.0, -1.0]), np.eye(2), np.full((3, 3), np.nan)])
def test_what_is_no_rotation_is_refused(matrix):
    with pytest.raises(ConfigError, match="PLACEMENT_INVALID"):
        Placement("shank", "tibia_r", np.zeros(3), matrix)


def test_a_place_with_gaps_is_refused():
    with pytest.raises(ConfigError, match="PLACEMENT_INVALID"):
        Placement("shank", "tibia_r", np.array([0.0, np.nan, 0.0]), np.eye(3))


def test_a_motion_with_gaps_is_refused(flight, time_s, placed):
    origin = flight.origin(time_s)
    origin[50] = np.nan
    with pytest.raises(DataError, match="missing"):
        ideal_imu(time_s, flight.rotation(time_s), origin, placement=placed())


def test_times_that_do_not_rise_and_short_motions_are_refused(flight, time_s, placed):
    with pytest.raises(DataError, match="rise"):
        recorded(flight, np.where(time_s > 1, 1.0, time_s), placed())
    with pytest.raises(DataError, match="MOTION_INVALID"):
        recorded(flight, time_s[:5], placed())
    with pytest.raises(DataError, match="two samples of the sensor"):
        recorded(flight, time_s[:10] / 10, placed(), integrating=True)


def test_axes_that_stretch_during_a_motion_are_refused(flight, time_s, placed):
    with pytest.raises(ConfigError, match="PLACEMENT_INVALID"):
        ideal_imu(time_s, 1.001 * flight.rotation(time_s), flight.origin(time_s), placement=placed())


@pytest.mark.parametrize("wrong", [{"rate_hz": 0.0}, {"skew": -1.0}, {"offset_s": np.inf}])
def test_clocks_that_stand_still_are_refused(wrong):
    with pytest.raises(ConfigError, match="CLOCK_INVALID"):
        SensorClock(**wrong)
