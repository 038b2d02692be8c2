"""Units from the numbers alone, on a sensor that swings like a thigh."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from gaitload.errors import ConventionError, DataError
from gaitload.imu.units import acceleration_unit, angular_velocity_unit, settle_unit

RATE_HZ = 100.0
DEG = 180.0 / np.pi


@pytest.fixture
def swinging():
    """Signals of a sensor 0.3 m below a hip that moves up and down: acceleration, gyroscope, orientation; 10 s."""
    time_s = np.arange(1000) / RATE_HZ
    angle = 0.5 * np.sin(2.0 * np.pi * time_s)
    rate = np.pi * np.cos(2.0 * np.pi * time_s)
    turn = -2.0 * np.pi**2 * np.sin(2.0 * np.pi * time_s)
    rotation = Rotation.from_rotvec(np.outer(angle, [1.0, 0.0, 0.0]))
    along = np.column_stack((np.zeros_like(angle), 0.3 * turn, 0.3 * rate**2))
    bounce = np.column_stack((np.zeros((1000, 2)), 9.81 + 2.0 * np.sin(4.0 * np.pi * time_s)))
    gyr = np.outer(rate, [1.0, 0.0, 0.0])
    return rotation.inv().apply(bounce) + along, gyr, rotation.as_quat(scalar_first=True)


@pytest.mark.parametrize(("unit", "size"), [("m/s2", 1.0), ("g", 9.80665), ("mg", 9.80665e-3)])
def test_acceleration_shows_its_unit(swinging, unit, size):
    assert acceleration_unit(swinging[0] / size) == unit


@pytest.mark.parametrize("size", [0.1, 0.4, 40.0, 1e5])
def test_acceleration_near_neither_unit_is_not_guessed(size):
    assert acceleration_unit(np.full((10, 3), size / np.sqrt(3.0))) is None


def test_a_recording_without_acceleration_tells_nothing():
    assert acceleration_unit(np.full((10, 3), np.nan)) is None


@pytest.mark.parametrize(("unit", "size"), [("rad/s", 1.0), ("deg/s", DEG)])
def test_the_gyroscope_shows_its_unit_by_motion_alone(swinging, unit, size):
    acc, gyr, _ = swinging
    assert angular_velocity_unit(gyr * size, RATE_HZ, acc_m_per_s2=acc) == unit


@pytest.mark.parametrize(("unit", "size"), [("rad/s", 1.0), ("deg/s", DEG)])
def test_the_gyroscope_shows_its_unit_by_the_sensors_own_orientation(swinging, unit, size):
    _, gyr, orientation = swinging
    assert angular_velocity_unit(0.1 * gyr * size, RATE_HZ, orientation_wxyz=_slowed(orientation)) == unit


def _slowed(orientation):
    turn = Rotation.from_quat(orientation, scalar_first=True).as_rotvec() * 0.1
    return Rotation.from_rotvec(turn).as_quat(scalar_first=True)


def test_a_sensor_at_rest_tells_nothing():
    rng = np.random.default_rng(1)
    acc = np.array([0.0, 0.0, 9.81]) + rng.normal(scale=0.05, size=(500, 3))
    assert angular_velocity_unit(rng.normal(scale=0.01, size=(500, 3)), RATE_HZ, acc_m_per_s2=acc) is None


def test_faster_than_any_gyroscope_is_degrees():
    gyr = np.zeros((50, 3))
    gyr[7, 2] = 300.0
    assert angular_velocity_unit(gyr, RATE_HZ) == "deg/s"


def test_a_declared_unit_is_believed_when_the_numbers_are_silent():
    assert settle_unit(None, "g", quantity="acceleration", where="here") == "g"
    assert settle_unit("g", None, quantity="acceleration", where="here") == "g"


def test_neither_numbers_nor_declaration_is_refused():
    with pytest.raises(DataError) as caught:
        settle_unit(None, None, quantity="acceleration", where="here")
    assert caught.value.code == "IMU_UNITS_AMBIGUOUS"


def test_a_declaration_the_numbers_contradict_is_refused():
    with pytest.raises(ConventionError, match="only be in deg/s") as caught:
        settle_unit("deg/s", "rad/s", quantity="angular velocity", where="here")
    assert caught.value.code == "IMU_UNITS_CONTRADICTED"
