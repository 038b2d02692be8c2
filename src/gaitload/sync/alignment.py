"""The constant frames once the clocks agree: heading of the sensors' earth frame, and how sensors sit on segments.

q_sensor(t) = Z(psi + rate t) G q_segment(t) B: Z a turn about the vertical, G the fixed turn from the ground frame
(Y up) to an earth frame (Z up), and B from the sensor's to the segment's frame. This is the two-frame problem AX = YB
of robotics, with X known to be a turn about the vertical that may creep.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gaitload.sync.quaternions import (
    GROUND_TO_EARTH_WXYZ,
    about_vertical,
    conjugate,
    from_matrix,
    heading,
    mean,
    multiply,
    rotate,
    shortest_angle,
    wahba,
)

_PASSES = 10
_UP = np.array([0.0, 0.0, 1.0])


@dataclass(frozen=True)
class Frames:
    """Constant frames of S sensors; NaN where a sensor has no frame in common with its segment.

    Attributes
    ----------
    heading_rad : ndarray, shape (S,)
        Heading of the sensor's earth frame relative to the ground frame, about the vertical, at the overlap's middle.
    heading_rate_rad_per_s : ndarray, shape (S,)
        How fast it creeps.
    sensor_to_segment_wxyz : ndarray, shape (S, 4)
        Turns vectors of the sensor frame into the segment frame.
    residual_angle_rad : ndarray, shape (S,)
        Root mean square of the shortest angle that is left.
    """

    heading_rad: np.ndarray
    heading_rate_rad_per_s: np.ndarray
    sensor_to_segment_wxyz: np.ndarray
    residual_angle_rad: np.ndarray


def solve_frames(time_s: np.ndarray, sensors: np.ndarray, segments: np.ndarray, mount: np.ndarray) -> Frames:
    """Constant frames of orientations at the same instants.

    Parameters
    ----------
    time_s : ndarray, shape (N,)
    sensors, segments : ndarray, shape (N, S, 4)
        NaN where missing.
    mount : ndarray, shape (S, 3, 3)
        First guess of the turn from the segment's to the sensor's frame, from their own rotations.
    """
    solved = [_of_one(time_s, sensors[:, s], segments[:, s], mount[s]) for s in range(sensors.shape[1])]
    return Frames(*(np.array(column) for column in zip(*solved, strict=True)))


def _of_one(time_s, sensor, segment, mount):
    seen = np.isfinite(sensor).all(axis=-1) & np.isfinite(segment).all(axis=-1)
    if seen.sum() < 3:
        return np.nan, np.nan, np.full(4, np.nan), np.nan
    arm, sensor, segment = time_s[seen] - time_s.mean(), sensor[seen], multiply(GROUND_TO_EARTH_WXYZ, segment[seen])
    sitting = _by_gravity(sensor, segment, mount)
    for _ in range(_PASSES):
        course = np.unwrap(heading(multiply(multiply(sensor, conjugate(sitting)), conjugate(segment))))
        rate, middle = np.polyfit(arm, course, 1) if len(arm) > 2 else (0.0, course.mean())
        turned = multiply(about_vertical(middle + rate * arm), segment)
        sitting = mean(multiply(conjugate(turned), sensor))
    left = shortest_angle(multiply(turned, sitting), sensor)
    middle = np.arctan2(np.sin(middle), np.cos(middle))
    return middle, rate, sitting * (1 if sitting[0] >= 0 else -1), np.sqrt(np.mean(left**2))


def _by_gravity(sensor: np.ndarray, segment: np.ndarray, mount: np.ndarray) -> np.ndarray:
    """First guess: gravity, and own rotations for the turn about the vertical of a segment that hardly tilts."""
    up = np.broadcast_to(_UP, (len(sensor), 3))
    ours, theirs = rotate(conjugate(sensor), up), rotate(conjugate(segment), up)
    covariance = ours.T @ theirs / len(ours) + 0.1 * mount
    return conjugate(from_matrix(wahba(covariance)))
