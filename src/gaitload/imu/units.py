"""Units of inertial signals: what the numbers themselves say, held against what a file or a person says.

Every sensor on earth carries its ruler: at most times the specific force is about one gravity, its direction turns in
the sensor frame as the gyroscope says, and nothing that is moved by a body is moved without turning.
"""

from __future__ import annotations

import math

import numpy as np

from gaitload.conventions import STANDARD_GRAVITY_M_PER_S2
from gaitload.errors import ConventionError, DataError
from gaitload.imu.rotations import angular_velocity_sensor

ACCELERATION_UNITS = {"m/s2": 1.0, "g": STANDARD_GRAVITY_M_PER_S2, "mg": 1e-3 * STANDARD_GRAVITY_M_PER_S2}
ANGULAR_VELOCITY_UNITS = {"rad/s": 1.0, "deg/s": math.pi / 180.0}

_GRAVITIES = (0.5, 3.0)
"""Median norm of specific force over gravity: 1.0 in walking, up to 2.8 at a runner's foot (Dorschky et al. 2019). In
the other unit it would be a factor 9.8 off."""
_FACTOR = 5.0
"""Between a gyroscope's reading and the turn of the sensor's own quaternions, either way; the units are a factor 57
apart. A wrong rate, which `consistency` names, makes up for the rest."""
_RATE_LIMIT_RAD_PER_S = 70.0
"""4,000 deg/s, the widest range sold: nothing faster is a number of rad/s."""
_TURNING_RAD_PER_S = 0.3
"""Slower than this, the rounding of exported quaternions and the drift of gyroscopes are no longer small."""
_TURNING_SAMPLES_MIN = 20
_MOVING_M_PER_S2 = 0.5
"""Standard deviation of specific force below which a sensor may be at rest, where noise has no ratio to speak of."""
_TURN_PER_ACCELERATION = (0.04, 2.5)
"""Root mean square angular velocity over standard deviation of specific force (rad/s per m/s2): 0.15 to 0.59 on sensors
of walking and running people and of a pendulum (docs/imu.md); in the other unit below 0.011 or above 8."""
_SPREAD_MAX = 0.15
"""See `_spread`: at most 0.081 on the same sensors in their unit, 0.237 and more where deg/s are read as rad/s."""
_WINDOW_S = 1.0
_WINDOWS_MAX = 200


def acceleration_unit(acceleration: np.ndarray) -> str | None:
    """Unit of specific force, shape (T, 3), by its median norm: `m/s2`, `g`, `mg`, or None when it is near neither."""
    size = np.linalg.norm(acceleration, axis=1)
    size = size[np.isfinite(size)]
    if not len(size):
        return None
    gravities = np.median(size) / STANDARD_GRAVITY_M_PER_S2
    for unit, size_m_per_s2 in ACCELERATION_UNITS.items():
        if _GRAVITIES[0] < gravities * size_m_per_s2 < _GRAVITIES[1]:
            return unit
    return None


def angular_velocity_unit(
    angular_velocity: np.ndarray,
    rate_hz: float,
    *,
    acc_m_per_s2: np.ndarray | None = None,
    orientation_wxyz: np.ndarray | None = None,
) -> str | None:
    """Unit of a gyroscope, shape (T, 3), or None when nothing here can tell.

    Parameters
    ----------
    angular_velocity : ndarray, shape (T, 3)
    rate_hz : float
    acc_m_per_s2 : ndarray, shape (T, 3), optional
        Of the same sensor.
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
    return None if acc_m_per_s2 is None else _unit_by_motion(angular_velocity, acc_m_per_s2, rate_hz)


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
    moving = (turning > _TURNING_RAD_PER_S) & np.isfinite(measured)
    if moving.sum() < _TURNING_SAMPLES_MIN:
        return None
    ratio = np.median(measured[moving] / turning[moving])
    for unit, size_rad_per_s in ANGULAR_VELOCITY_UNITS.items():
        if 1.0 / _FACTOR < ratio * size_rad_per_s < _FACTOR:
            return unit
    return None


def _unit_by_motion(angular_velocity: np.ndarray, acc_m_per_s2: np.ndarray, rate_hz: float) -> str | None:
    """The one unit in which the sensor turns as much as a moved thing must, and lets gravity stand still."""
    seen = np.isfinite(angular_velocity).all(axis=1) & np.isfinite(acc_m_per_s2).all(axis=1)
    windows = _windows(np.hstack((angular_velocity, acc_m_per_s2)), max(round(_WINDOW_S * rate_hz), 2))
    moving_m_per_s2 = np.sqrt(acc_m_per_s2[seen].var(axis=0).sum()) if seen.any() else 0.0
    if not moving_m_per_s2 > _MOVING_M_PER_S2 or not len(windows):
        return None
    ratio = np.sqrt(np.square(angular_velocity[seen]).sum(axis=1).mean()) / moving_m_per_s2
    low, high = _TURN_PER_ACCELERATION
    plausible = [
        unit
        for unit, size in ANGULAR_VELOCITY_UNITS.items()
        if low < ratio * size < high and _spread(windows[..., :3] * size, windows[..., 3:], rate_hz) < _SPREAD_MAX
    ]
    return plausible[0] if len(plausible) == 1 else None


def _windows(signals: np.ndarray, length: int) -> np.ndarray:
    """Complete windows without a gap, shape (W, length, C), those in which most turns."""
    count = len(signals) // length
    windows = signals[: count * length].reshape(count, length, signals.shape[1])
    windows = windows[np.isfinite(windows).all(axis=(1, 2))]
    turning = np.linalg.norm(windows[..., :3], axis=2).sum(axis=1)
    return windows[np.argsort(-turning, kind="stable")[:_WINDOWS_MAX]]


def _spread(angular_velocity_rad_per_s: np.ndarray, acceleration: np.ndarray, rate_hz: float) -> float:
    """One minus how well specific force keeps its direction in the frame in which each window began.

    Turned by the true angular velocity, gravity stands still and the person's own accelerations average out; turned too
    much, it tumbles. (Turned too little it swings with the sensor, which in walking shows no more than the person's own
    accelerations do: the swinging leg is a pendulum, along which specific force always points.)
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
