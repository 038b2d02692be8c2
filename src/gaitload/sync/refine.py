"""From a lag to an offset finer than a sample, with the clock's skew, by Gauss-Newton on the streams' own rotations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gaitload.sync.lags import UNEXPLAINED_MIN
from gaitload.sync.quaternions import wahba
from gaitload.sync.streams import UniformSpline

_STEP_MAX_S = 0.02
_STEPS = 12
_CONVERGED_S = 1e-7
_NOISE_FLOOR_RAD = 1e-6


@dataclass(frozen=True)
class Clock:
    """`t_mocap = t_imu + offset_s + skew (t_imu - centre_s)`; times of the IMU clock on the right."""

    offset_s: float
    skew: float
    centre_s: float

    def __call__(self, time_s: np.ndarray) -> np.ndarray:
        """IMU times on the mocap clock."""
        return time_s + self.offset_s + self.skew * (time_s - self.centre_s)


@dataclass(frozen=True)
class Fit:
    """Streams laid over each other.

    Attributes
    ----------
    clock : Clock
    time_s : ndarray, shape (N,)
        Middles of the sensors' spans on the IMU clock.
    mount : ndarray, shape (S, 3, 3)
        Turns vectors of the segment frame into the sensor frame.
    error : ndarray, shape (N, S, 3)
        Rotation vectors of the sensors less those of their segments (rad); NaN where either is missing.
    slope : ndarray, shape (N, S, 3)
        Derivative of the latter by time (rad/s).
    variance : ndarray, shape (S,)
        Mean square of a component of the error (rad^2).
    log_unexplained : ndarray, shape (S,)
    """

    clock: Clock
    time_s: np.ndarray
    mount: np.ndarray
    error: np.ndarray
    slope: np.ndarray
    variance: np.ndarray
    log_unexplained: np.ndarray

    @property
    def cost(self) -> float:
        """Mean logarithm of the unexplained share; NaN where nothing overlaps."""
        seen = np.isfinite(self.log_unexplained)
        return float(self.log_unexplained[seen].mean()) if seen.any() else np.nan


def laid_over(time_s: np.ndarray, turns: np.ndarray, segments: UniformSpline, clock: Clock) -> Fit:
    """The streams at one clock, with the best mount of every sensor.

    Parameters
    ----------
    time_s, turns : ndarray, shape (N,) and (N, S, 3)
        Middles of the spans on the IMU clock, and rotation vectors of the sensors.
    segments : UniformSpline
        Rotation vectors of the segments.
    """
    there = clock(time_s)
    seen = np.isfinite(turns).all(axis=-1) & segments.valid(there)
    theirs, rate = (np.where(seen[..., None], values, 0.0) for values in (segments(there), segments.slope(there)))
    ours = np.where(seen[..., None], turns, 0.0)
    mount = wahba(ours.transpose(1, 2, 0) @ theirs.transpose(1, 0, 2))
    theirs, rate = (_turned(mount, values) for values in (theirs, rate))
    error = ours - theirs
    square, energy = (error**2).sum(axis=(0, 2)), (ours**2 + theirs**2).sum(axis=(0, 2))
    count = seen.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = np.maximum(square / (3 * count), _NOISE_FLOOR_RAD**2)
        unexplained = np.log(np.clip(square / energy, UNEXPLAINED_MIN, 1.0))
    return Fit(clock, time_s, mount, np.where(seen[..., None], error, np.nan), rate, variance, unexplained)


def _turned(mount: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    return (vectors.transpose(1, 0, 2) @ mount.transpose(0, 2, 1)).transpose(1, 0, 2)


def refined(
    time_s: np.ndarray,
    turns: np.ndarray,
    segments: UniformSpline,
    clock: Clock,
    *,
    skew_prior: float,
    steps: int = _STEPS,
) -> Fit:
    """Gauss-Newton from a clock within about a tenth of a second of the truth.

    Sensors weigh by the inverse of their own error's variance, found anew in each step. The skew is held near zero by a
    normal prior, which decides in recordings of seconds and does not matter in those of minutes; 0 fixes it.
    """
    fit = laid_over(time_s, turns, segments, clock)
    for _ in range(steps):
        step = _step(fit, skew_prior)
        if not np.isfinite(step).all():
            break
        shift = float(np.clip(step[0], -_STEP_MAX_S, _STEP_MAX_S))
        now = fit.clock
        fit = laid_over(time_s, turns, segments, Clock(now.offset_s + shift, now.skew + float(step[1]), now.centre_s))
        if abs(shift) < _CONVERGED_S:
            break
    return fit


def _step(fit: Fit, skew_prior: float) -> np.ndarray:
    seen = np.isfinite(fit.error)
    weight = 1 / fit.variance[None, :, None]
    slope, error = np.where(seen, fit.slope, 0.0), np.where(seen, fit.error, 0.0)
    information = np.nansum(weight * slope**2, axis=(1, 2))
    score = np.nansum(weight * slope * error, axis=(1, 2))
    arm = fit.time_s - fit.clock.centre_s
    if skew_prior == 0:
        total = information.sum()
        return np.array([score.sum() / total if total > 0 else np.nan, 0.0])
    normal = np.array(
        [
            [information.sum(), (information * arm).sum()],
            [(information * arm).sum(), (information * arm**2).sum() + skew_prior**-2],
        ]
    )
    right = np.array([score.sum(), (score * arm).sum() - fit.clock.skew / skew_prior**2])
    return np.linalg.solve(normal, right) if normal[0, 0] > 0 else np.full(2, np.nan)


def standard_errors(fit: Fit, *, skew_prior: float, block_s: float) -> np.ndarray:
    """Standard errors of `(offset at the centre (s), skew)`, shape (2,), true where errors run on in time.

    A sandwich estimate over clusters of one sensor and `block_s` of time (Liang and Zeger 1986).
    """
    weight = 1 / fit.variance[None, :, None]
    arm = fit.time_s - fit.clock.centre_s
    information = np.nansum(weight * np.where(np.isfinite(fit.error), fit.slope, 0.0) ** 2, axis=2)
    score = np.nansum(weight * fit.slope * fit.error, axis=2)
    scores = np.stack([score, score * arm[:, None]], axis=-1)
    clusters = block_sums(fit.time_s, scores, block_s).reshape(-1, 2)
    prior = skew_prior**-2 if skew_prior > 0 else np.inf
    total, moment = information.sum(), (information * arm[:, None]).sum()
    normal = np.array([[total, moment], [moment, (information * arm[:, None] ** 2).sum() + min(prior, 1e30)]])
    if not total > 0:
        return np.full(2, np.nan)
    inverse = np.linalg.inv(normal)
    meat = clusters.T @ clusters + np.diag([0.0, prior if np.isfinite(prior) else 0.0])
    return np.sqrt(np.diag(inverse @ meat @ inverse))


def block_sums(time_s: np.ndarray, values: np.ndarray, block_s: float) -> np.ndarray:
    """Sums over blocks of time, shape (blocks, ...); NaN counts as nothing."""
    first = np.floor((time_s - time_s[0]) / block_s + 1e-9).astype(int)
    starts = np.flatnonzero(np.diff(first, prepend=-1))
    return np.add.reduceat(np.where(np.isfinite(values), values, 0.0), starts, axis=0)


def sensor_offsets(fit: Fit, block_s: float) -> tuple[np.ndarray, np.ndarray]:
    """Offset each sensor alone would take at the centre (s), and its standard error; both of shape (S,).

    One Gauss-Newton step from the common clock, with the common skew.
    """
    seen = np.isfinite(fit.error)
    slope, error = np.where(seen, fit.slope, 0.0), np.where(seen, fit.error, 0.0)
    information = (slope**2).sum(axis=(0, 2))
    score = (slope * error).sum(axis=2)
    with np.errstate(invalid="ignore", divide="ignore"):
        offset = score.sum(axis=0) / information
        rest = (slope * (error - offset[None, :, None] * slope)).sum(axis=2)
        spread = np.sqrt((block_sums(fit.time_s, rest, block_s) ** 2).sum(axis=0)) / information
    return fit.clock.offset_s + offset, spread


def preference(best: Fit, other: Fit, block_s: float, *, by_mocap: bool) -> float:
    """How surely one fit is better than another: the difference of their squared errors over its standard error.

    In blocks of time that both fits use, each sensor's divided by its variance at the better fit. The standard error
    comes from the scatter of blocks within each sensor: sensors tell unequally much, which is no scatter.

    Parameters
    ----------
    by_mocap : bool
        Blocks are of the mocap clock: for a sensors' recording so long that the fits share no part of it.

    Returns
    -------
    float
        0 where they cannot be compared.
    """
    sums, counts = zip(*(_error_by_block(fit, block_s, by_mocap) for fit in (best, other)), strict=True)
    blocks = sorted(sums[0].keys() & sums[1].keys())
    if len(blocks) < 2:
        return 0.0
    sums, counts = (np.array([[of[block] for block in blocks] for of in each]) for each in (sums, counts))
    used = (counts > 0).all(axis=0)
    means = sums / np.maximum(counts, 1)
    difference = np.where(used, (means[1] - means[0]) / best.variance * counts[0], 0.0)
    count = used.sum(axis=0)
    middle = difference.sum(axis=0) / np.maximum(count, 1)
    scatter = np.where(used, (difference - middle) ** 2, 0.0).sum(axis=0)
    enough = count > 1
    error = np.sqrt((scatter * count / np.maximum(count - 1, 1))[enough].sum())
    return float(difference.sum(axis=0)[enough].sum() / error) if error > 0 else 0.0


def _error_by_block(fit: Fit, block_s: float, by_mocap: bool) -> Iterator[dict]:
    """Block number -> sum of squared errors and number of samples, both of shape (S,)."""
    time_s = fit.clock(fit.time_s) if by_mocap else fit.time_s
    number = np.floor(time_s / block_s + 1e-9).astype(int)
    starts = np.flatnonzero(np.diff(number, prepend=number[:1] - 1))
    square = (fit.error**2).sum(axis=2)
    seen = np.isfinite(square)
    sums = np.add.reduceat(np.where(seen, square, 0.0), starts, axis=0)
    counts = np.add.reduceat(seen.astype(float), starts, axis=0)
    return (dict(zip(number[starts], values, strict=True)) for values in (sums, counts))
