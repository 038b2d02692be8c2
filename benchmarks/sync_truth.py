"""Recordings of sensors and markers whose clocks and frames are known, made from the motion of real trials."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.signal import find_peaks

from benchmarks.motions import SEGMENTS, Motion
from gaitload.sync.quaternions import (
    GROUND_TO_EARTH_WXYZ,
    about_vertical,
    conjugate,
    from_rotation_vector,
    mean,
    multiply,
    rotation_vector,
)
from gaitload.sync.streams import Orientations, normalised, orientation_spline

STRIDE_TIME_SPREAD, AMPLITUDE_SPREAD, SHAPE_SPREAD = 0.015, 0.03, 0.02
"""Standard deviations from stride to stride: of its duration, of each segment's excursion, and of its shape (share of
the segment's own standard deviation, in the first four harmonics)."""
WANDER_RAD, WANDER_S = np.radians(3.0), 8.0
"""Of the heading, common to all segments."""


@dataclass(frozen=True)
class Condition:
    """What is done to the sensors.

    Attributes
    ----------
    heading_rad : float
        Headings of the sensors' earth frames are drawn from 0 to this, either way.
    mount_rad : float
        Sensors are turned on their segments by 0 to this, about any axis.
    noise_rad : float
        White, per axis and sample.
    drift_rad_per_s : float
        Of the heading, either way.
    skew : float
        Drawn from minus to plus this.
    wobble_rad : float
        Of the segments' skin: root mean square per axis between 2 and 8 Hz. The markers do not see it.
    lost : float
        Share of samples lost, in packets of five.
    """

    heading_rad: float = np.radians(90)
    mount_rad: float = np.radians(30)
    noise_rad: float = np.radians(1)
    drift_rad_per_s: float = np.radians(2) / 60
    skew: float = 1e-4
    wobble_rad: float = 0.0
    lost: float = 0.02


@dataclass(frozen=True)
class Truth:
    """One simulated recording: `t_mocap = offset_s + (1 + skew) t_imu`."""

    imu: Orientations
    mocap: Orientations
    offset_s: float
    skew: float
    stride_s: float


def stride_starts(motion: Motion) -> np.ndarray:
    """Frames at which the right thigh is furthest behind."""
    pitch = rotation_vector(motion.orientation_ground_wxyz[:, SEGMENTS.index("femur_r")])[:, 2]
    smooth = gaussian_filter1d(pitch, 0.03 * motion.rate_hz)
    return find_peaks(-smooth, distance=round(0.5 * motion.rate_hz), prominence=np.radians(20))[0]


def lengthened(motion: Motion, duration_s: float, rng: np.random.Generator, *, varied: bool = True) -> np.ndarray:
    """Strides of a motion, drawn at random and joined end to end, shape (T, S, 4).

    Segments are written as rotation vectors about their mean orientation. Each stride is bent by a straight line so
    that it begins and ends at the mean beginning, stretched in time, scaled and given a new shape (see the spreads).

    Parameters
    ----------
    varied : bool
        False joins copies of one stride: motion that nobody could tell apart from stride to stride.
    """
    starts = stride_starts(motion)
    centre = np.stack([mean(column) for column in np.moveaxis(motion.orientation_ground_wxyz, 1, 0)])
    away = rotation_vector(multiply(conjugate(centre), motion.orientation_ground_wxyz))
    begin, size = away[starts].mean(axis=0), away.std(axis=0)
    pieces, frames = [], 0
    while frames < duration_s * motion.rate_hz + 2:
        first = int(rng.integers(len(starts) - 1)) if varied else 0
        piece = away[starts[first] : starts[first + 1] + 1]
        pieces.append(_as_stride(piece, begin, size, rng if varied else None)[:-1])
        frames += len(pieces[-1])
    joined = gaussian_filter1d(np.concatenate(pieces), 0.01 * motion.rate_hz, axis=0)
    turned = multiply(centre, from_rotation_vector(joined))
    if varied:
        wander = rng.normal(size=len(turned))
        wander = gaussian_filter1d(wander, WANDER_S * motion.rate_hz / 2, mode="wrap")
        course = WANDER_RAD * wander / max(wander.std(), 1e-12)
        turned = multiply(_about_ground_vertical(course)[:, None], turned)
    return turned


def _as_stride(piece: np.ndarray, begin: np.ndarray, size: np.ndarray, rng: np.random.Generator | None) -> np.ndarray:
    phase = np.linspace(0, 1, len(piece))[:, None, None]
    bent = piece - (1 - phase) * (piece[0] - begin) - phase * (piece[-1] - begin)
    if rng is None:
        return bent
    frames = max(8, round(len(piece) * (1 + STRIDE_TIME_SPREAD * rng.normal())))
    wanted = np.linspace(0, 1, frames)
    flat = bent.reshape(len(piece), -1)
    warped = np.stack([np.interp(wanted, phase[:, 0, 0], column) for column in flat.T], axis=1)
    warped = warped.reshape(frames, *bent.shape[1:])
    shape = sum(
        rng.normal(size=(1, *size.shape)) * np.sin(np.pi * order * wanted)[:, None, None] for order in range(1, 5)
    )
    scale = 1 + AMPLITUDE_SPREAD * rng.normal(size=(1, size.shape[0], 1))
    return begin + scale * (warped - begin) + SHAPE_SPREAD * size * shape


def _about_ground_vertical(angle_rad: np.ndarray) -> np.ndarray:
    zero = np.zeros_like(angle_rad)
    return np.stack([np.cos(angle_rad / 2), zero, np.sin(angle_rad / 2), zero], axis=-1)


def recorded(
    motion: Motion,
    orientation: np.ndarray,
    condition: Condition,
    *,
    rate_hz: float,
    window_s: float,
    rng: np.random.Generator,
    columns: tuple[int, ...] | None = None,
    overhang: float = 0.2,
) -> Truth:
    """Sensors record a window of a motion that markers record whole.

    Parameters
    ----------
    orientation : ndarray, shape (T, S, 4)
        At the motion's rate; all of it is the markers' recording, with 0.1 degrees of noise.
    window_s : float
        Length of the sensors' recording. It may begin before the markers' and end after them by up to `overhang` of
        itself; the motion there is that of the trial's other end.
    columns : tuple of int, optional
        Segments with sensors; all by default.
    """
    columns = tuple(range(orientation.shape[1])) if columns is None else columns
    names = tuple(SEGMENTS[column] for column in columns)
    true = orientation[:, list(columns)]
    end_s = (len(true) - 1) / motion.rate_hz
    imu_s = np.arange(0, window_s - 1e-9, 1 / rate_hz)
    skew = rng.uniform(-1, 1) * condition.skew
    over_s = overhang * window_s
    offset_s = rng.uniform(-over_s, max(end_s - window_s, 0.0) + over_s)
    spline = orientation_spline(Orientations(names, np.arange(len(true)) / motion.rate_hz, true))
    at_s = offset_s + (1 + skew) * imu_s
    inside = np.where(at_s < 0, at_s + end_s, np.where(at_s > end_s, at_s - end_s, at_s))
    q = multiply(GROUND_TO_EARTH_WXYZ, normalised(spline(np.clip(inside, 0, end_s))))
    count = len(names)
    course = rng.uniform(-1, 1, count) * condition.heading_rad
    course = course + rng.choice([-1, 1], count) * condition.drift_rad_per_s * imu_s[:, None]
    mount = rng.normal(size=(count, 3))
    mount *= (rng.uniform(0, 1, count) * condition.mount_rad / np.linalg.norm(mount, axis=1))[:, None]
    if condition.wobble_rad:
        q = multiply(q, from_rotation_vector(_wobble(len(imu_s), count, rate_hz, rng) * condition.wobble_rad))
    q = multiply(multiply(about_vertical(course), q), from_rotation_vector(mount))
    q = multiply(q, from_rotation_vector(rng.normal(size=(*q.shape[:2], 3)) * condition.noise_rad))
    packets = max(0, round(condition.lost * len(imu_s) / 5))
    for start, sensor in zip(rng.integers(0, len(imu_s), packets * count), list(range(count)) * packets, strict=True):
        q[start : start + 5, sensor] = np.nan
    seen = multiply(true, from_rotation_vector(rng.normal(size=(*true.shape[:2], 3)) * np.radians(0.1)))
    mocap_s = np.arange(len(true)) / motion.rate_hz
    stride_s = float(np.median(np.diff(stride_starts(motion)))) / motion.rate_hz
    return Truth(Orientations(names, imu_s, q), Orientations(names, mocap_s, seen), offset_s, skew, stride_s)


def _wobble(frames: int, count: int, rate_hz: float, rng: np.random.Generator) -> np.ndarray:
    hz = np.fft.rfftfreq(frames, 1 / rate_hz)
    spectrum = np.fft.rfft(rng.normal(size=(frames, count, 3)), axis=0)
    spectrum[(hz < 2) | (hz > 8)] = 0
    signal = np.fft.irfft(spectrum, frames, axis=0)
    return signal / signal.std(axis=0)
