"""What inertial sensors say while a person stands still: the calibration pose of IMU inverse kinematics."""

from __future__ import annotations

import numpy as np

from gaitload.conventions import AXES
from gaitload.errors import DataError
from gaitload.imu.rotations import canonical
from gaitload.signals.runs import true_runs
from gaitload.sync.quaternions import GROUND_TO_EARTH_WXYZ, about_vertical, conjugate, mean, multiply

STILL_RAD_PER_S = 0.25
"""Fastest turn of any sensor while standing. Quiet standing stays below 0.1; slow gait is above 1 at every instant."""
STILL_SPAN_S = 0.1
"""Over which a turn is taken, so that noise of a tenth of a degree does not count as one."""
STANDING_MIN_S = 0.3
"""Shortest time that counts as standing: the instant between two steps of a slow walk is not."""


def in_ground(
    orientation_wxyz: np.ndarray,
    time_s: np.ndarray,
    *,
    heading_rad: np.ndarray,
    heading_rate_rad_per_s: np.ndarray,
    centre_s: float,
) -> np.ndarray:
    """Orientations of sensors in the ground frame, out of an earth frame of each sensor's own heading.

    Parameters
    ----------
    orientation_wxyz : ndarray, shape (T, S, 4)
        Sensor to earth (Z up); NaN where missing.
    time_s : ndarray, shape (T,)
        Of the sensors' clock.
    heading_rad, heading_rate_rad_per_s : ndarray, shape (S,)
        Of the sensors' earth frames relative to the ground frame at `centre_s`, and how fast they creep; see
        `gaitload.sync.alignment.Frames`.

    Returns
    -------
    ndarray, shape (T, S, 4)
        Sensor to ground (Y up), canonical.
    """
    heading = heading_rad + heading_rate_rad_per_s * (np.asarray(time_s)[:, None] - centre_s)
    level = multiply(about_vertical(-heading), orientation_wxyz)
    return canonical(multiply(conjugate(np.asarray(GROUND_TO_EARTH_WXYZ)), level))


def facing_rad(body_ground: np.ndarray) -> float:
    """Turn about the vertical (ground Y) of a body whose x axis points forward; `body_ground`, shape (3, 3)."""
    forward = body_ground[:, 0]
    return float(np.arctan2(-forward[2], forward[0]))


LEVEL_MIN = 0.5
"""Least level part of an axis that is said to point forward: within 30 deg of the vertical it tells no heading."""


def heading_of_axis_rad(sensor_ground: np.ndarray, axis: str) -> float:
    """Turn about the vertical (ground Y) of an axis of a sensor, `+x` to `-z`; NaN where it is nearly vertical.

    Parameters
    ----------
    sensor_ground : ndarray, shape (3, 3)
        Turns vectors of the sensor's frame into the ground frame.
    axis : str
    """
    ahead = sensor_ground[:, AXES.index(axis[1])] * (1.0 if axis[0] == "+" else -1.0)
    return float(np.arctan2(-ahead[2], ahead[0])) if np.hypot(ahead[0], ahead[2]) >= LEVEL_MIN else float("nan")


def longest_standing(orientation_wxyz: np.ndarray, rate_hz: float, *, within: np.ndarray | None = None) -> slice | None:
    """Frames of the longest time in which no sensor turned; None where nobody stood for `STANDING_MIN_S`.

    Parameters
    ----------
    orientation_wxyz : ndarray, shape (T, S, 4)
        In any frame; NaN where missing, which interrupts.
    within : ndarray of bool, shape (T,), optional
        Frames to look at; all by default.
    """
    if within is not None:
        orientation_wxyz = np.where(within[:, None, None], orientation_wxyz, np.nan)
    span = max(1, round(STILL_SPAN_S * rate_hz))
    if len(orientation_wxyz) <= span:
        return None
    turn = np.abs(np.einsum("tsk,tsk->ts", orientation_wxyz[:-span], orientation_wxyz[span:]))
    rate = 2 * np.arccos(np.clip(turn, 0, 1)) * rate_hz / span
    # A comparison with NaN is false: where a sensor is missing nobody is known to stand.
    still = (rate < STILL_RAD_PER_S).all(axis=1)
    runs = [slice(run.start, run.stop + span) for run in true_runs(still)]
    longest = max(runs, key=lambda run: run.stop - run.start, default=None)
    if longest is None or (longest.stop - longest.start) / rate_hz < STANDING_MIN_S:
        return None
    return longest


def mean_orientations(orientation_wxyz: np.ndarray, where: str) -> np.ndarray:
    """Mean orientation of each sensor (chordal mean), shape (S, 4), of shape (T, S, 4).

    Raises
    ------
    DataError
        IMU_CALIBRATION_EMPTY: a sensor that recorded nothing.
    """
    seen = np.isfinite(orientation_wxyz).all(axis=2)
    if not seen.any(axis=0).all():
        raise DataError(
            expected="every sensor to record while the person stands",
            found=f"{int((~seen.any(axis=0)).sum())} of {seen.shape[1]} that recorded nothing",
            where=where,
            do="Record the calibration pose again, or choose imu_kinematics.placement: markers.",
            code="IMU_CALIBRATION_EMPTY",
        )
    return canonical(np.stack([mean(column) for column in np.swapaxes(orientation_wxyz, 0, 1)]))
