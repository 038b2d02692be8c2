"""Quaternions made of what files hold: by hand, by scipy, and refused where they are none."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from gaitload.errors import DataError
from gaitload.imu.rotations import (
    angular_velocity_sensor,
    canonical,
    inclination_difference_rad,
    quaternions_of_euler,
    quaternions_of_matrices,
    rotation_of,
    unit_quaternions,
)

HALF = np.sqrt(0.5)


@pytest.fixture
def rotations():
    return Rotation.random(50, rng=1)


def test_the_canonical_quaternion_is_the_same_rotation_with_a_positive_scalar(rotations):
    quaternion = rotations.as_quat(scalar_first=True)
    same = canonical(-quaternion)
    assert (same[:, 0] >= 0.0).all()
    assert (rotation_of(same).inv() * rotations).magnitude().max() < 1e-12


def test_a_quarter_turn_of_yaw_turns_sensor_x_to_earth_y():
    (quaternion,) = quaternions_of_euler(np.array([[0.0, 0.0, np.pi / 2.0]]))
    np.testing.assert_allclose(quaternion, [HALF, 0.0, 0.0, HALF], atol=1e-12)
    np.testing.assert_allclose(rotation_of(quaternion).apply([1.0, 0.0, 0.0]), [0.0, 1.0, 0.0], atol=1e-12)


def test_euler_angles_turn_yaw_first_and_roll_last():
    roll, pitch, yaw = 0.3, -0.4, 1.2
    (quaternion,) = quaternions_of_euler(np.array([[roll, pitch, yaw]]))
    by_hand = (
        Rotation.from_rotvec([0, 0, yaw]) * Rotation.from_rotvec([0, pitch, 0]) * Rotation.from_rotvec([roll, 0, 0])
    )
    assert (rotation_of(quaternion).inv() * by_hand).magnitude() < 1e-12


def test_matrices_and_quaternions_are_the_same_rotations_and_gaps_stay(rotations):
    matrix = rotations.as_matrix()
    matrix[7, 1, 2] = np.nan
    quaternion = quaternions_of_matrices(matrix, "here")
    assert np.flatnonzero(np.isnan(quaternion).any(axis=1)).tolist() == [7]
    seen = np.isfinite(quaternion[:, 0])
    np.testing.assert_allclose(quaternion[seen], canonical(rotations.as_quat(scalar_first=True))[seen], atol=1e-12)


@pytest.mark.parametrize("spoil", [lambda m: 1.1 * m, lambda m: m * [[1.0, 1.0, -1.0]], lambda m: m + 0.2])
def test_a_matrix_that_is_no_rotation_is_refused(rotations, spoil):
    matrix = rotations.as_matrix()
    matrix[3] = spoil(matrix[3])
    with pytest.raises(DataError, match="sample 3") as caught:
        quaternions_of_matrices(matrix, "here")
    assert caught.value.code == "IMU_MATRICES_NOT_ROTATIONS"


def test_quaternions_are_normalised_when_rounded_and_refused_when_not(rotations):
    quaternion = rotations.as_quat(scalar_first=True)
    np.testing.assert_allclose(unit_quaternions(np.round(quaternion, 3), "here"), canonical(quaternion), atol=2e-3)
    with pytest.raises(DataError, match="sample 4") as caught:
        unit_quaternions(np.where(np.arange(50)[:, np.newaxis] == 4, 1.02 * quaternion, quaternion), "here")
    assert caught.value.code == "IMU_QUATERNIONS_NOT_UNIT"


def test_angular_velocity_is_that_of_a_steady_turn_in_the_sensor_frame():
    omega = np.array([0.4, -1.1, 2.0])
    start = Rotation.from_rotvec([1.0, 0.3, -0.2])
    turned = start * Rotation.from_rotvec(np.outer(np.arange(20) / 50.0, omega))
    quaternion = turned.as_quat(scalar_first=True)
    quaternion[5] = np.nan
    velocity = angular_velocity_sensor(quaternion, 50.0)
    assert np.flatnonzero(np.isnan(velocity[:, 0])).tolist() == [4, 5]
    np.testing.assert_allclose(velocity[6:], np.tile(omega, (13, 1)), atol=1e-9)


def test_inclination_does_not_see_the_heading():
    first = Rotation.random(20, rng=2)
    turned = Rotation.from_rotvec([0.0, 0.0, 2.0]) * first
    tilted = Rotation.from_rotvec([0.1, 0.0, 0.0]) * first
    quaternions = [each.as_quat(scalar_first=True) for each in (first, turned, tilted)]
    assert inclination_difference_rad(quaternions[0], quaternions[1]).max() < 1e-12
    np.testing.assert_allclose(inclination_difference_rad(quaternions[0], quaternions[2]), 0.1, atol=1e-12)
