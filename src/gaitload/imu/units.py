"""Units of inertial signals: what the numbers themselves say, held against what a file or a person says.

Every body on earth carries its ruler: at most times the specific force is about one gravity, and the direction of
gravity turns in the sensor frame exactly as the gyroscope says, if its unit is the one supposed.
"""

from __future__ import annotations

import math

import numpy as np

from gaitload.conventions import STANDARD_GRAVITY_M_PER_S2
from gaitload.errors import ConventionError, DataError
from gaitload.imu.rotations import angular_velocity_sensor

ACCELERATION_UNITS = {"m/s2": 1.0, "g": STANDARD_GRAVITY_M_PER_S2}
ANGULAR_VELOCITY_UNITS = {"rad/s": 1.0, "deg/s": math.pi / 180.0}

_FACTOR = 2.0
"""Between a quantity and its measure, either way: units here are a factor 9.8 or 57 apart, and no gait's median specific
force leaves half to twice gravity."""
_RATE_LIMIT_RAD_PER_S = 70.0
"""4,000 deg/s, the widest range sold: nothing faster is a number of rad/s."""
_MOVING_RAD_PER_S = 0.3
"""Slower than this, the rounding of exported quaternions and the drift of gyroscopes are no longer small."""
_MOVING_SAMPLES_MIN = 20
_WINDOW_S = 1.0
_WINDOWS_MAX = 200
_SPREAD_RATIO = 0.5
"""A unit is recognised when its spread of specific force is at most this share of the other's. Measured on 13 sensors
of walking people, the share of the true unit is at most 0.35 of the false one's (docs/imu.md)."""
_SPREAD_MIN = 0.01
"""Both spreads below this: nothing turned, nothing is proven."""


def acceleration_unit(acceleration: np.ndarray) -> str | None:
    """Unit of specific force, shape (T, 3), by its median norm: `m/s2`, `g`, or None when it is near neither."""
    size = np.linalg.norm(acceleration, axis=1)
    size = size[np.isfinite(size)]
    if not len(size):
        return None
    gravities = np.median(size) / STANDARD_GRAVITY_M_PER_S2
    for unit, size_m_per_s2 in ACCELERATION_UNITS.items():
        if 1.0 / _FACTOR < gravities * size_m_per_s2 < _FACTOR:
            return unit
    return None


def angular_velocity_unit(
    angular_velocity: np.ndarray,
    rate_hz: float,
    *,
    acceleration: np.ndarray | None = None,
    orientation_wxyz: np.ndarray | None = None,
) -> str | None:
    """Unit of a gyroscope, shape (T, 3), or None when nothing here can tell.

    Parameters
    ----------
    angular_velocity : ndarray, shape (T, 3)
    rate_hz : float
    acceleration : ndarray, shape (T, 3), optional
        In any one unit; of the same sensor.
    orientation_wxyz : ndarray, shape (T, 4), optional
        Of the same sensor; its own rate of turn is asked first, being the surest witness.

    Returns
    -------
    str or None
        `rad/s` or `deg/s`.
    """
    if orientation_wxyz is not None:
        unit = _unit_by_orientation(angular_velocity, angular_velocity_sensor(orientation_wxyz, rate_hz))
        if unit is not None:
            return unit
    if np.nanmax(np.abs(angular_velocity), initial=0.0) > _RATE_LIMIT_RAD_PER_S:
        return "deg/s"
    return None if acceleration is None else _unit_by_gravity(angular_velocity, acceleration, rate_hz)


def settle_unit(seen: str | None, declared: str | None, *, quantity: str, where: str) -> str:
    """The unit to believe.

    Parameters
    ----------
    seen : str or None
        What the numbers say; None when they do not tell.
    declared : str or None
        What the format, the file or a person says; None when nobody does.

    Raises
    ------
    DataError
        `IMU_UNITS_AMBIGUOUS`: neither tells.
    ConventionError
        `IMU_UNITS_CONTRADICTED`: they tell different units.
    """
    if seen is None and declared is None:
        raise DataError(
            expected=f"{quantity} whose unit shows in the numbers",
            found="numbers that fit more than one unit, or none",
            where=where,
            do="Declare the unit of these columns; it is not guessed.",
            code="IMU_UNITS_AMBIGUOUS",
        )
    if seen is not None and declared is not None and seen != declared:
        raise ConventionError(
            expected=f"{quantity} in {declared}, as declared",
            found=f"numbers that can only be in {seen}",
            where=where,
            do="Correct the declared unit, or export the recording again in the units of its format.",
            code="IMU_UNITS_CONTRADICTED",
        )
    return declared or seen


def _unit_by_orientation(angular_velocity: np.ndarray, turning_rad_per_s: np.ndarray) -> str | None:
    # A quaternion's turn over an interval is the mean of the gyroscope's readings at its two ends.
    measured = np.linalg.norm(0.5 * (angular_velocity[:-1] + angular_velocity[1:]), axis=1)
    turning = np.linalg.norm(turning_rad_per_s, axis=1)
    moving = (turning > _MOVING_RAD_PER_S) & np.isfinite(measured)
    if moving.sum() < _MOVING_SAMPLES_MIN:
        return None
    ratio = np.median(measured[moving] / turning[moving])
    for unit, size_rad_per_s in ANGULAR_VELOCITY_UNITS.items():
        if 1.0 / _FACTOR < ratio * size_rad_per_s < _FACTOR:
            return unit
    return None


def _unit_by_gravity(angular_velocity: np.ndarray, acceleration: np.ndarray, rate_hz: float) -> str | None:
    windows = _windows(np.hstack((angular_velocity, acceleration)), max(round(_WINDOW_S * rate_hz), 2))
    if not len(windows):
        return None
    spreads = {
        unit: _spread(windows[..., :3] * size_rad_per_s, windows[..., 3:], rate_hz)
        for unit, size_rad_per_s in ANGULAR_VELOCITY_UNITS.items()
    }
    best, other = sorted(spreads, key=spreads.__getitem__)
    if spreads[other] < _SPREAD_MIN or not spreads[best] <= _SPREAD_RATIO * spreads[other]:
        return None
    return best


def _windows(signals: np.ndarray, length: int) -> np.ndarray:
    """Complete windows without a gap, shape (W, length, C), those in which most turns."""
    count = len(signals) // length
    windows = signals[: count * length].reshape(count, length, signals.shape[1])
    windows = windows[np.isfinite(windows).all(axis=(1, 2))]
    turning = np.linalg.norm(windows[..., :3], axis=2).sum(axis=1)
    return windows[np.argsort(-turning, kind="stable")[:_WINDOWS_MAX]]


def _spread(angular_velocity_rad_per_s: np.ndarray, acceleration: np.ndarray, rate_hz: float) -> float:
    """One minus how well specific force keeps its direction in the frame in which each window began.

    Turned by the true angular velocity, gravity stands still and the person's own accelerations average out. A false
    unit lets gravity swing with the sensor (too small) or tumble (too large).
    """
    turned = np.zeros_like(acceleration[:, 0])
    orientation = np.tile([1.0, 0.0, 0.0, 0.0], (len(acceleration), 1))
    for sample in range(acceleration.shape[1]):
        turned += _turn(orientation, acceleration[:, sample])
        orientation = _product(orientation, _small_turn(angular_velocity_rad_per_s[:, sample] / rate_hz))
    whole = np.linalg.norm(acceleration, axis=2).sum()
    return float(1.0 - np.linalg.norm(turned, axis=1).sum() / whole) if whole > 0.0 else 0.0


def _small_turn(rotation_vector_rad: np.ndarray) -> np.ndarray:
    angle = np.linalg.norm(rotation_vector_rad, axis=1, keepdims=True)
    return np.hstack((np.cos(angle / 2.0), 0.5 * np.sinc(angle / (2.0 * np.pi)) * rotation_vector_rad))


def _product(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    scalar = first[:, :1] * second[:, :1] - np.einsum("ij,ij->i", first[:, 1:], second[:, 1:])[:, np.newaxis]
    vector = first[:, :1] * second[:, 1:] + second[:, :1] * first[:, 1:] + np.cross(first[:, 1:], second[:, 1:])
    return np.hstack((scalar, vector))


def _turn(quaternion: np.ndarray, vector: np.ndarray) -> np.ndarray:
    twice = 2.0 * np.cross(quaternion[:, 1:], vector)
    return vector + quaternion[:, :1] * twice + np.cross(quaternion[:, 1:], twice)
