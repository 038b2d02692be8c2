"""What the channels of one inertial sensor say of each other: turning, gravity and rate.

A gyroscope and an orientation measure the same turn. A quaternion that is read the wrong way round, a gyroscope of the
other sign and a wrong rate each break this in their own way, so that the likely cause can be named. It holds for a
sensor in any pose, also for one that lies flat, where gravity cannot tell an inverse quaternion from a right one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations, product

import numpy as np

from gaitload.errors import ConventionError
from gaitload.imu.rotations import angular_velocity_sensor, rotation_of

RESIDUAL_MAX = 0.2
"""Largest difference of the rate vectors of gyroscope and orientation, root mean square, as a share of the gyroscope's
own. Sensors of three makers have 0.012 to 0.119 (44 sensors of docs/imu.md), inverse and scalar-last quaternions and an
inverted gyroscope 0.71 to 2.0. A cause is named where it brings the difference below this limit and halves it."""
RATE_OFF_MAX = 0.1
"""Largest share by which the sizes of both rate vectors may differ: a wrong rate makes them differ by its own error.
Right rates: 0.4 to 1.6 %. Smaller: scale errors of cheap gyroscopes (3 %) come near; larger: 100 for 90 Hz passes."""
_MOVING_RAD_PER_S = 0.3
"""Slower than this, rounding and noise are no longer small beside the turn."""
_MOVING_SAMPLES_MIN = 50
"""Fewer moving samples judge nothing."""
_USUAL_RATES_HZ = (
    20.0, 25.0, 30.0, 40.0, 50.0, 51.2, 60.0, 64.0, 75.0, 80.0, 100.0, 102.4, 120.0, 125.0, 128.0, 148.148, 150.0,
    200.0, 204.8, 240.0, 250.0, 256.0, 300.0, 400.0, 480.0, 500.0, 512.0, 600.0, 800.0, 1000.0, 1024.0, 1125.0, 1600.0,
    2000.0,
)  # fmt: skip
_USUAL_NEAR = 0.02
"""Share by which the rate of the numbers may miss a usual one to be called by it."""
_AXES = "xyz"
_UP_COSINE_MIN = math.cos(math.radians(45.0))
"""Walking sensors' mean specific force is up within 2 deg; a quaternion of the other direction, or with its scalar
last, sends it anywhere."""
_UP_COSINE_SURE = math.cos(math.radians(20.0))
"""Within this of the vertical, mean specific force is called up, or down."""
_DOWN = (
    "the accelerometer has the other sign, or the earth frame has Z down",
    "Negate the accelerometer (a sensor at rest with z up reads +9.81 along z), or export orientations to an earth "
    "frame with Z up.",
)


@dataclass(frozen=True)
class Agreement:
    """How well a gyroscope and an orientation agree.

    Attributes
    ----------
    residual : float
        Root mean square difference of the rate vectors, the orientation's being brought to the gyroscope's size, as a
        share of the gyroscope's root mean square.
    ratio : float
        Size of the gyroscope's rate over that of the orientation's, root mean square: true rate over declared rate.
    """

    residual: float
    ratio: float


@dataclass(frozen=True)
class Cause:
    """What explains a disagreement.

    Attributes
    ----------
    code, what, remedy : str
    residual : float
        Of `Agreement`, with the cause taken away.
    """

    code: str
    what: str
    remedy: str
    residual: float


def agreement(orientation_wxyz: np.ndarray, gyr_rad_per_s: np.ndarray, rate_hz: float) -> Agreement | None:
    """Compare a gyroscope, shape (T, 3), sensor frame, with an orientation, shape (T, 4), sensor to earth.

    Returns
    -------
    Agreement or None
        None where the sensor hardly turns.
    """
    pair = _moving(orientation_wxyz, gyr_rad_per_s, rate_hz)
    return None if pair is None else _agreement(*pair)


def causes(orientation_wxyz: np.ndarray, gyr_rad_per_s: np.ndarray, rate_hz: float) -> list[Cause]:
    """What explains that a gyroscope and an orientation disagree, the likeliest first; empty where they agree.

    Parameters
    ----------
    orientation_wxyz : ndarray, shape (T, 4)
    gyr_rad_per_s : ndarray, shape (T, 3)
        In the sensor frame.
    rate_hz : float
        As declared.
    """
    pair = _moving(orientation_wxyz, gyr_rad_per_s, rate_hz)
    if pair is None:
        return []
    now = _agreement(*pair)
    if now.residual <= RESIDUAL_MAX:
        return []
    found = [cause for cause in _explained(orientation_wxyz, gyr_rad_per_s, rate_hz) if _explains(cause, now)]
    # Causes that cannot be told apart stay in the order in which they are common.
    return sorted(found, key=lambda cause: round(cause.residual, 2))


def likely_rate_hz(declared_hz: float, ratio: float) -> float:
    """The rate that the turning shows, by `Agreement.ratio`: a usual rate where one is within 2 %."""
    rate_hz = declared_hz * ratio
    usual = min(_USUAL_RATES_HZ, key=lambda each: abs(each / rate_hz - 1.0))
    return usual if abs(usual / rate_hz - 1.0) <= _USUAL_NEAR else round(rate_hz, 1)


def require_agreement(orientation_wxyz: np.ndarray, gyr_rad_per_s: np.ndarray, rate_hz: float, *, where: str) -> None:
    """Make sure that a gyroscope turns as the orientation does, in direction and rate, or name the likely cause.

    A disagreement without a known cause passes here; the gate IMU_TURN_UNEXPLAINED reports it.

    Raises
    ------
    ConventionError
        `IMU_QUATERNIONS_INVERSE`, `IMU_QUATERNIONS_SCALAR_LAST`, `IMU_GYROSCOPE_INVERTED`, `IMU_GYROSCOPE_AXES`,
        `IMU_ORIENTATION_OF_ANOTHER_FRAME`: what brings both together; `IMU_RATE_CONTRADICTED`: the rate does.
    """
    seen = agreement(orientation_wxyz, gyr_rad_per_s, rate_hz)
    if seen is None:
        return
    found = causes(orientation_wxyz, gyr_rad_per_s, rate_hz)
    if found:
        first, *others = found
        also = f" (or {'; '.join(f'{other.what}, {other.residual:.2g}' for other in others[:2])})" if others else ""
        raise ConventionError(
            expected=f"a gyroscope that turns as the orientation does: relative difference at most {RESIDUAL_MAX:g}",
            found=f"a difference of {seen.residual:.2g}; {first.residual:.2g} if {first.what}{also}",
            where=where,
            do=first.remedy,
            code=first.code,
        )
    if seen.residual <= RESIDUAL_MAX and abs(seen.ratio - 1.0) > RATE_OFF_MAX:
        likely_hz = likely_rate_hz(rate_hz, seen.ratio)
        raise ConventionError(
            expected=f"orientations that turn as fast as the gyroscope says, within {100 * RATE_OFF_MAX:.0f} %",
            found=f"a gyroscope {seen.ratio:.2f} times as fast at {rate_hz:.4g} Hz; they agree at {likely_hz:g} Hz",
            where=where,
            do=f"The sampling rate is probably {likely_hz:g} Hz: correct imu_rate_hz in cohort.yaml, or the unit of "
            "the time column. Where the rate is certain, the gyroscope's scale is wrong.",
            code="IMU_RATE_CONTRADICTED",
        )


def conventions(orientation_wxyz: np.ndarray) -> dict[str, np.ndarray]:
    """An orientation, shape (T, 4), read in the three ways in which its columns are commonly mistaken, by code."""
    rolled = np.roll(orientation_wxyz, 1, axis=1)
    return {
        "IMU_QUATERNIONS_INVERSE": _inverse(orientation_wxyz),
        "IMU_QUATERNIONS_SCALAR_LAST": rolled,
        "IMU_QUATERNIONS_SCALAR_LAST_INVERSE": _inverse(rolled),
    }


MISTAKES = {
    "IMU_QUATERNIONS_INVERSE": (
        "the quaternions turn earth axes into sensor axes",
        "Invert the quaternions (negate x, y, z), or export them from sensor to earth.",
    ),
    "IMU_QUATERNIONS_SCALAR_LAST": (
        "the quaternions have their scalar last (x, y, z, w)",
        "Declare the columns of the quaternion in the order w, x, y, z.",
    ),
    "IMU_QUATERNIONS_SCALAR_LAST_INVERSE": (
        "the quaternions have their scalar last and turn earth axes into sensor axes",
        "Declare the columns of the quaternion in the order w, x, y, z, and invert it (negate x, y, z).",
    ),
}
"""What is mistaken, and the remedy, by code."""


def _explained(orientation_wxyz: np.ndarray, gyr_rad_per_s: np.ndarray, rate_hz: float) -> Iterator[Cause]:
    for code, turned in conventions(orientation_wxyz).items():
        pair = _moving(turned, gyr_rad_per_s, rate_hz)
        if pair is not None:
            yield Cause(code, *MISTAKES[code], _agreement(*pair).residual)
    gyr, turn = _moving(orientation_wxyz, gyr_rad_per_s, rate_hz)
    yield Cause(
        "IMU_GYROSCOPE_INVERTED",
        "the gyroscope has the other sign",
        "Negate all three axes of the gyroscope, and ask why: its frame may be left-handed.",
        _agreement(-gyr, turn).residual,
    )
    yield _axes(gyr, turn)
    yield _frames(gyr, turn)


def _axes(gyr: np.ndarray, turn: np.ndarray) -> Cause:
    """The exchange of axes and signs of the gyroscope that explains most."""
    ways = [way for way in product(permutations(range(3)), product((1.0, -1.0), repeat=3)) if way[1] != (-1.0,) * 3]
    residuals = [_agreement(gyr[:, order] * signs, turn).residual for order, signs in ways]
    order, signs = ways[int(np.argmin(residuals))]
    names = ", ".join(f"{'-' if sign < 0 else ''}{_AXES[axis]}" for axis, sign in zip(order, signs, strict=True))
    return Cause(
        "IMU_GYROSCOPE_AXES",
        f"the gyroscope's columns ({names}) are those along x, y, z",
        f"Declare the gyroscope's axes as ({names}), or export all channels in one sensor frame.",
        min(residuals),
    )


def _frames(gyr: np.ndarray, turn: np.ndarray) -> Cause:
    """The fixed rotation between the frames of both that explains most (Kabsch 1976)."""
    left, _, right = np.linalg.svd(gyr.T @ turn)
    rotation = left @ np.diag([1.0, 1.0, np.sign(np.linalg.det(left @ right))]) @ right
    angle_deg = np.degrees(np.arccos(np.clip((np.trace(rotation) - 1.0) / 2.0, -1.0, 1.0)))
    # Any rotation explains a part of what any of the named causes does: it comes last among equals.
    return Cause(
        "IMU_ORIENTATION_OF_ANOTHER_FRAME",
        f"the orientation is of a frame that is turned by {angle_deg:.0f} deg in the sensor",
        "Export the orientation of the sensor itself, not that of a segment or of an aligned frame.",
        1.1 * _agreement(gyr @ rotation, turn).residual,
    )


def _explains(cause: Cause, now: Agreement) -> bool:
    return cause.residual <= min(RESIDUAL_MAX, 0.5 * now.residual)


def _agreement(gyr: np.ndarray, turn: np.ndarray) -> Agreement:
    ratio = float(np.linalg.norm(gyr) / np.linalg.norm(turn))
    return Agreement(float(np.linalg.norm(gyr - ratio * turn) / np.linalg.norm(gyr)), ratio)


def _moving(
    orientation_wxyz: np.ndarray, gyr_rad_per_s: np.ndarray, rate_hz: float
) -> tuple[np.ndarray, np.ndarray] | None:
    """Rate vectors (rad/s) of gyroscope and orientation in the samples in which the sensor turns, shape (N, 3) each."""
    # A quaternion's turn over an interval is the mean of the gyroscope's readings at its two ends.
    gyr = 0.5 * (gyr_rad_per_s[:-1] + gyr_rad_per_s[1:])
    turn = angular_velocity_sensor(orientation_wxyz, rate_hz)
    known = np.isfinite(gyr).all(axis=1) & np.isfinite(turn).all(axis=1)
    moving = known & (np.linalg.norm(gyr, axis=1) > _MOVING_RAD_PER_S)
    if moving.sum() < _MOVING_SAMPLES_MIN or not turn[moving].any():
        return None
    return gyr[moving], turn[moving]


def _inverse(quaternion_wxyz: np.ndarray) -> np.ndarray:
    return quaternion_wxyz * np.array([1.0, -1.0, -1.0, -1.0])


def require_up(orientation_wxyz: np.ndarray, acc_sensor_m_per_s2: np.ndarray, where: str) -> None:
    """Make sure that orientations, shape (T, 4), turn mean specific force, shape (T, 3), upwards.

    Raises
    ------
    ConventionError
        `IMU_UP_CONTRADICTED`, when it is more than 45 deg off; the message names what would turn it upwards.
    """
    cosine = up_cosine(orientation_wxyz, acc_sensor_m_per_s2)
    if cosine is None or cosine >= _UP_COSINE_MIN:
        return
    ways = {code: up_cosine(each, acc_sensor_m_per_s2) for code, each in conventions(orientation_wxyz).items()}
    likely = [MISTAKES[code] for code, each in ways.items() if each is not None and each > _UP_COSINE_SURE]
    if cosine < -_UP_COSINE_SURE:
        likely.insert(0, _DOWN)
    because = f"; it is up if {' or if '.join(what for what, _ in likely)}" if likely else ""
    raise ConventionError(
        expected="orientations from the sensor frame to an earth frame with Z up",
        found=f"mean specific force {math.degrees(math.acos(max(cosine, -1.0))):.0f} deg from that frame's Z{because}",
        where=where,
        do=likely[0][1]
        if likely
        else "Check the order of the quaternion's columns (scalar first), its direction, the "
        "earth frame, and whether the accelerometer's axes are those of the orientation.",
        code="IMU_UP_CONTRADICTED",
    )


def up_cosine(orientation_wxyz: np.ndarray, acc_sensor_m_per_s2: np.ndarray) -> float | None:
    """Cosine of the angle between mean specific force, turned into the earth frame, and that frame's Z; or None."""
    mean = mean_force_earth(orientation_wxyz, acc_sensor_m_per_s2)
    size = 0.0 if mean is None else float(np.linalg.norm(mean))
    return None if size == 0.0 else float(mean[2]) / size


def mean_force_earth(orientation_wxyz: np.ndarray, acc_sensor_m_per_s2: np.ndarray) -> np.ndarray | None:
    """Mean specific force (m/s2) in the earth frame, shape (3,), or None where no sample is whole."""
    seen = np.isfinite(orientation_wxyz).all(axis=1) & np.isfinite(acc_sensor_m_per_s2).all(axis=1)
    if not seen.any():
        return None
    return rotation_of(orientation_wxyz[seen]).apply(acc_sensor_m_per_s2[seen]).mean(axis=0)
