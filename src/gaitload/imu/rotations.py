"""Orientations as unit quaternions: made from what files hold, compared, and differentiated.

A quaternion is stored scalar first, `_wxyz`, and turns vectors of the sensor frame into the earth frame. `q` and `-q`
are the same rotation; the canonical one has a scalar that is not negative.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from gaitload.errors import DataError

_NORM_TOLERANCE = 0.01
"""How far the norm of an exported quaternion may be from 1: six decimals miss it by 1e-6, three by 1e-3. What is
farther off is another quantity, or a quaternion that was averaged or interpolated component by component."""


def canonical(quaternion_wxyz: np.ndarray) -> np.ndarray:
    """The same rotations, shape (..., 4), with scalars that are not negative."""
    return np.where(quaternion_wxyz[..., :1] < 0.0, -quaternion_wxyz, quaternion_wxyz)


def unit_quaternions(quaternion_wxyz: np.ndarray, where: str) -> np.ndarray:
    """Quaternions, shape (T, 4), as canonical unit ones; a row with a missing component is missing.

    Raises
    ------
    DataError
        `IMU_QUATERNIONS_NOT_UNIT`, when a norm is more than 1 % off.
    """
    size = np.linalg.norm(quaternion_wxyz, axis=1, keepdims=True)
    off = np.abs(size[:, 0] - 1.0) > _NORM_TOLERANCE
    if off.any():
        row = int(np.argmax(off))
        raise DataError(
            expected=f"quaternions of norm 1 within {_NORM_TOLERANCE:g}",
            found=f"{int(off.sum())} of {len(off)} others, the first of norm {size[row, 0]:.4g} in sample {row}",
            where=where,
            do="Check that these columns hold a quaternion, scalar first, and export it as the sensor made it.",
            code="IMU_QUATERNIONS_NOT_UNIT",
        )
    return canonical(quaternion_wxyz / size)


def quaternions_of_matrices(matrix: np.ndarray, where: str) -> np.ndarray:
    """Rotation matrices, shape (T, 3, 3), sensor to earth, as canonical quaternions, shape (T, 4).

    Raises
    ------
    DataError
        `IMU_MATRICES_NOT_ROTATIONS`, when a matrix times its transpose differs from one by more than 2 %, or mirrors.
    """
    seen = np.isfinite(matrix).all(axis=(1, 2))
    known = matrix[seen]
    squares = np.abs(known @ known.swapaxes(1, 2) - np.eye(3)).max(axis=(1, 2), initial=0.0)
    off = ~(squares <= 2.0 * _NORM_TOLERANCE) | (np.linalg.det(known) < 0.0)
    if off.any():
        raise DataError(
            expected="rotation matrices: rows of length 1 at right angles, right-handed",
            found=f"{int(off.sum())} of {len(known)} others, the first in sample {int(np.flatnonzero(seen)[off][0])}",
            where=where,
            do="Check the order of the columns: Mat[row][column] turns sensor axes into earth axes.",
            code="IMU_MATRICES_NOT_ROTATIONS",
        )
    return _where_seen(seen, Rotation.from_matrix(known))


def quaternions_of_euler(roll_pitch_yaw_rad: np.ndarray) -> np.ndarray:
    """Euler angles, shape (T, 3), as canonical quaternions, shape (T, 4).

    The aerospace sequence of Xsens: yaw about earth Z, then pitch about the new Y, then roll about the new X, so that
    the rotation is Rz(yaw) Ry(pitch) Rx(roll).
    """
    seen = np.isfinite(roll_pitch_yaw_rad).all(axis=1)
    return _where_seen(seen, Rotation.from_euler("ZYX", roll_pitch_yaw_rad[seen][:, ::-1]))


def rotation_of(quaternion_wxyz: np.ndarray) -> Rotation:
    """scipy's rotation of finite quaternions, shape (..., 4)."""
    return Rotation.from_quat(quaternion_wxyz, scalar_first=True)


def angular_velocity_sensor(quaternion_wxyz: np.ndarray, rate_hz: float) -> np.ndarray:
    """Mean angular velocity (rad/s) between neighbouring samples, in the sensor frame, shape (T - 1, 3).

    NaN where either sample is missing. Faster than half a turn a sample looks slower than it was.
    """
    seen = np.isfinite(quaternion_wxyz).all(axis=1)
    both = seen[:-1] & seen[1:]
    velocity = np.full((len(quaternion_wxyz) - 1, 3), np.nan)
    before, after = (rotation_of(samples[both]) for samples in (quaternion_wxyz[:-1], quaternion_wxyz[1:]))
    velocity[both] = (before.inv() * after).as_rotvec() * rate_hz
    return velocity


def inclination_difference_rad(first_wxyz: np.ndarray, second_wxyz: np.ndarray) -> np.ndarray:
    """Angle between the verticals that two orientations see from the sensor, shape (T,); headings do not count."""
    up = [rotation_of(quaternion).inv().apply([0.0, 0.0, 1.0]) for quaternion in (first_wxyz, second_wxyz)]
    return np.arctan2(np.linalg.norm(np.cross(*up), axis=1), np.einsum("ij,ij->i", *up))


def _where_seen(seen: np.ndarray, rotation: Rotation) -> np.ndarray:
    quaternion = np.full((len(seen), 4), np.nan)
    quaternion[seen] = canonical(rotation.as_quat(scalar_first=True))
    return quaternion
