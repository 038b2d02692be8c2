"""How a person moves as a whole, by markers whose names nobody knows yet: the path of the trunk, and the floor's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gaitload.conventions import AXES, STANDARD_GRAVITY_M_PER_S2, sampling_rate_hz
from gaitload.ingest.rigid import median_over_frames
from gaitload.signals.filters import lowpass
from gaitload.signals.runs import true_runs
from gaitload.trial import Recording

RATE_MAX_HZ = 50.0
"""Rate to which paths are thinned. Lower loses flights of 0.1 s; higher lets noise into velocities."""
BELT_MIN_M_PER_S = 0.3
"""A floor that moves faster than this is a belt; a body that moves slower goes nowhere."""
_UPPER_SHARE = 0.5
"""Markers above this share of the body's height tell of the trunk: pelvis, trunk, head, and arms, which swing."""
_STEADY_SHARE = 0.5
"""The trunk is this share of the upper markers: those whose velocity varies least."""
_STILL_M = 0.03
"""Markers that move less are on things, where most of the others move."""
_SEEN_SHARE = 0.5
_LOW_M = 0.05
"""Markers of feet come as near to the lowest place of those that swing; ankles, which slip less, stay above."""
_DOWN_M = 0.02
"""A marker of a foot on the floor is as near to its own lowest place."""
_RISE_MAX_M_PER_S = 0.25
_SWING_MIN_M_PER_S = 0.3
"""Standard deviation of the velocity of markers that stand and swing by turns; a belt at 1 m/s gives 0.7 m/s."""
_FRAMES_MIN = 5
FALL_SHARE = 0.75
"""A trunk that is accelerated downwards by this share of gravity falls. In fifteen recordings of walking it is at most
0.6, in running 1.0 to 1.5 (limbs move against the trunk)."""
_FALL_CUTOFF_HZ = 10.0
_FALL_FRAMES_MIN = 20


@dataclass(frozen=True)
class Trunk:
    """Path of the trunk.

    Attributes
    ----------
    time_s : ndarray, shape (T,)
    velocity_lab_m_per_s : ndarray, shape (T, 3)
    height_m : ndarray, shape (T,)
        Above its mean.
    """

    time_s: np.ndarray
    velocity_lab_m_per_s: np.ndarray
    height_m: np.ndarray


NOWHERE = Trunk(np.empty(0), np.empty((0, 3)), np.empty(0))
"""Path of a trunk that nothing is known of."""


@dataclass(frozen=True)
class Progress:
    """How a person moves over the floor, or the belt under the person.

    Attributes
    ----------
    speed_m_per_s : float
        Mean speed of the trunk against the floor, along its path.
    direction_lab : ndarray, shape (3,)
        Unit vector; zeros where nobody goes anywhere.
    treadmill : bool
        The floor moves.
    trunk : Trunk
    turned_deg : float
        Largest angle between the directions in which the trunk moves in two strides of the recording.
    """

    speed_m_per_s: float
    direction_lab: np.ndarray
    treadmill: bool
    trunk: Trunk = NOWHERE
    turned_deg: float = 0.0


def progress_of(recording: Recording, up: str) -> Progress:
    """Velocity of the trunk against that of the floor, which feet that carry somebody have.

    Parameters
    ----------
    recording : Recording
    up : str
        Signed lab axis.
    """
    axis, sign = AXES.index(up[1]), 1.0 if up[0] == "+" else -1.0
    points, time_s = _thinned(recording)
    if len(points) < _FRAMES_MIN:
        return Progress(0.0, np.zeros(3), False)
    velocity = np.gradient(points, time_s, axis=0)
    height = sign * points[..., axis]
    trunk = _trunk(velocity, height, time_s)
    floor = _floor(velocity, height, axis)
    body = trunk.velocity_lab_m_per_s.mean(axis=0)
    body[axis] = 0.0
    belt = float(np.linalg.norm(floor))
    treadmill = belt > BELT_MIN_M_PER_S and float(np.linalg.norm(body)) < 0.5 * belt
    against = trunk.velocity_lab_m_per_s - (floor if treadmill else 0.0)
    against[:, axis] = 0.0
    smooth = _over_strides(against, time_s)
    speed = float(np.linalg.norm(smooth, axis=1).mean())
    going = _main_direction(smooth) if speed > BELT_MIN_M_PER_S else np.zeros(3)
    return Progress(speed, going, treadmill, trunk, 0.0 if treadmill else _turned_deg(smooth))


def _thinned(recording: Recording) -> tuple[np.ndarray, np.ndarray]:
    """Positions, shape (T, M, 3), and times at up to `RATE_MAX_HZ`, without frames in which nothing is seen."""
    step = max(1, round(recording.marker_rate_hz / RATE_MAX_HZ))
    points, time_s = recording.marker_lab_m[::step], recording.marker_time_s[::step]
    seen = np.isfinite(points).any(axis=(1, 2))
    return points[seen], time_s[seen]


def _trunk(velocity: np.ndarray, height: np.ndarray, time_s: np.ndarray) -> Trunk:
    """Median velocity, and height above their means, of the upper markers that move most steadily."""
    seen = np.isfinite(velocity).all(axis=2)
    known = seen.mean(axis=0) >= min(_SEEN_SHARE, float(seen.mean(axis=0).max()))
    level = np.nanmean(np.where(seen, height, np.nan)[:, known], axis=0)
    bottom, top = level.min(), level.max()
    columns = np.flatnonzero(known)[level >= bottom + _UPPER_SHARE * (top - bottom)]
    columns = columns[_moves(velocity, time_s)[columns]] if _moves(velocity, time_s)[columns].any() else columns
    sway = np.nanstd(velocity[:, columns], axis=0).max(axis=1)
    steady = columns[np.argsort(sway)[: max(1, round(_STEADY_SHARE * len(columns)))]]
    middle = median_over_frames(np.moveaxis(velocity[:, steady], 1, 0))
    path = np.column_stack([_filled(middle[:, k], time_s) for k in range(3)])
    above = height[:, steady] - np.nanmean(height[:, steady], axis=0)
    return Trunk(time_s, path, _filled(median_over_frames(above.T), time_s))


def _moves(velocity: np.ndarray, time_s: np.ndarray) -> np.ndarray:
    """Markers, shape (M,), that go as far as a body does; all where most of them stay."""
    way = np.nansum(np.linalg.norm(velocity, axis=2), axis=0) * float(np.median(np.diff(time_s)))
    return (way > _STILL_M) | (np.median(way) < _STILL_M)


def _floor(velocity: np.ndarray, height: np.ndarray, axis: int) -> np.ndarray:
    """Median velocity, shape (3,), of markers that stand and swing by turns, while they stand; zeros without any."""
    seen = np.isfinite(velocity).all(axis=2)
    known = np.flatnonzero(seen.mean(axis=0) >= min(_SEEN_SHARE, float(seen.mean(axis=0).max())))
    swing = np.sqrt((np.nanstd(velocity[:, known], axis=0) ** 2).sum(axis=1))
    known = known[swing > _SWING_MIN_M_PER_S]
    if not len(known):
        return np.zeros(3)
    lowest = np.nanpercentile(np.where(seen, height, np.nan)[:, known], 5, axis=0)
    feet, level = known[lowest < lowest.min() + _LOW_M], lowest[lowest < lowest.min() + _LOW_M]
    still = np.abs(velocity[:, feet, axis]) < _RISE_MAX_M_PER_S
    down = (height[:, feet] < level + _DOWN_M) & still & seen[:, feet]
    if not down.any():
        return np.zeros(3)
    floor = np.median(velocity[:, feet][down], axis=0)
    floor[axis] = 0.0
    return floor


def _filled(values: np.ndarray, time_s: np.ndarray) -> np.ndarray:
    known = np.isfinite(values)
    return np.interp(time_s, time_s[known], values[known]) if known.any() else np.zeros(len(values))


def _over_strides(velocity: np.ndarray, time_s: np.ndarray) -> np.ndarray:
    """Velocity, shape (T, 3), averaged over a second, which takes the sway of strides out."""
    width = max(1, min(len(time_s), round(1.0 / float(np.median(np.diff(time_s))))))
    ones = np.convolve(np.ones(len(time_s)), np.ones(width), "same")
    return np.column_stack([np.convolve(velocity[:, k], np.ones(width), "same") / ones for k in range(3)])


def _main_direction(velocity: np.ndarray) -> np.ndarray:
    """The way most of the path goes, shape (3,); there and back count for the same line."""
    _, _, axes = np.linalg.svd(velocity, full_matrices=False)
    along = velocity @ axes[0]
    return axes[0] if along.sum() >= 0 else -axes[0]


def _turned_deg(velocity: np.ndarray) -> float:
    """Largest angle between directions of motion, while somebody moves at half the usual speed or more."""
    speed = np.linalg.norm(velocity, axis=1)
    moving = velocity[speed > max(0.5 * np.median(speed), BELT_MIN_M_PER_S)]
    if not len(moving):
        return 0.0
    units = moving / np.linalg.norm(moving, axis=1, keepdims=True)
    units = units[:: max(1, len(units) // 200)]
    return float(np.degrees(np.arccos(np.clip((units @ units.T).min(), -1.0, 1.0))))


def falls_known(progress: Progress) -> bool:
    """Whether frames are dense and many enough to see the trunk fall."""
    time_s = progress.trunk.time_s
    return len(time_s) >= _FALL_FRAMES_MIN and sampling_rate_hz(time_s) > 2 * _FALL_CUTOFF_HZ


def falls_s(progress: Progress) -> np.ndarray:
    """Lengths of the times in which the trunk falls freely, shape (K,): nobody touches the floor meanwhile."""
    trunk = progress.trunk
    if not falls_known(progress):
        return np.empty(0)
    rate_hz = sampling_rate_hz(trunk.time_s)
    height_m = lowpass(trunk.height_m, rate_hz=rate_hz, cutoff_hz=_FALL_CUTOFF_HZ)
    accelerated = np.gradient(np.gradient(height_m, trunk.time_s), trunk.time_s)
    falls = true_runs(accelerated < -FALL_SHARE * STANDARD_GRAVITY_M_PER_S2)
    return np.array([(run.stop - run.start) / rate_hz for run in falls])
