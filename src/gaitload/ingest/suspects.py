"""Samples that no marker can have made: fill values, frozen runs, lost frames, and trembling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from gaitload.conventions import sampling_rate_hz
from gaitload.signals.filters import lowpass
from gaitload.signals.runs import true_runs

FAR_FACTOR = 100.0
"""A coordinate this many times the median one is a number that stands for a missing sample, such as 9999999: whatever
the unit of the markers, no laboratory is so large."""
FILL_MIN_M = 5.0
"""Three equal coordinates of at least this size are a fill value too, such as -9999 mm."""
FROZEN_MIN_S, FROZEN_MIN_FRAMES = 0.04, 4
"""Shortest time, and fewest frames, that a marker stays exactly where it was, to be frozen rather than rounded."""
REPEATED_MOVING_M = 0.0005
"""Median step of all markers from frame to frame above which a frame that repeats the one before is no chance."""
MOVING_M = 0.01
"""A marker is frozen only while the others of its segment move by this much (median)."""
TREMBLE_CUTOFF_HZ = 20.0
"""What is faster is noise: people who run have little above it."""
JUMP_FACTOR = 2.0
"""A lost frame makes the second difference of most moving markers exceed their 99th percentile by this factor, forth
and then back."""


@dataclass(frozen=True)
class Suspects:
    """What is wrong with the samples of the markers of a recording.

    Attributes
    ----------
    filled : dict of int
        Samples at a fill value, by marker.
    frozen_s : dict of float
        Time in which a marker was frozen, by marker; the body as a whole stands under `everything`.
    repeated : int
        Frames, beside those frozen, in which every marker repeats its last place exactly while the body moves.
    lost_at_s : tuple of float
        Times at which frames are missing from the recording.
    tremble_m : float
        Size of what is faster than `TREMBLE_CUTOFF_HZ`, median over frames and markers; NaN where rates are too low.
    """

    filled: dict[str, int]
    frozen_s: dict[str, float]
    repeated: int
    lost_at_s: tuple[float, ...]
    tremble_m: float

    def as_dict(self) -> dict:
        """For quality files."""
        return asdict(self)


EVERYTHING = "everything"


def fills_to_missing(position_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Markers, shape (T, M, 3), with NaN where a number stands for a missing sample; and where: bool, shape (T, M).

    That is what lies beyond `FAR_FACTOR` times the median coordinate, and three equal coordinates, beyond `FILL_MIN_M`.
    """
    size = np.abs(position_m)
    seen = size[np.isfinite(size) & (size > 0)]
    limit_m = max(FILL_MIN_M, FAR_FACTOR * float(np.median(seen))) if len(seen) else np.inf
    far = (size > limit_m).any(axis=2)
    equal = (position_m == position_m[..., :1]).all(axis=2) & (size[..., 0] > FILL_MIN_M)
    fill = far | equal
    return np.where(fill[..., None], np.nan, position_m), fill


def frozen_samples(position_m: np.ndarray, time_s: np.ndarray, mates: Sequence[Sequence[int]]) -> np.ndarray:
    """Samples that repeat the one before while their segment moves, or while the whole body repeats; (T, M), bool.

    Parameters
    ----------
    position_m : ndarray, shape (T, M, 3)
        NaN where missing.
    time_s : ndarray, shape (T,)
    mates : sequence of sequence of int
        Columns of the other markers of the segment of each marker; a marker without any is not judged alone.
    """
    step = np.diff(position_m, axis=0)
    same = np.zeros(position_m.shape[:2], dtype=bool)
    same[1:] = (step == 0).all(axis=2)
    moved = np.linalg.norm(np.nan_to_num(step), axis=2)
    fewest = max(FROZEN_MIN_FRAMES, round(FROZEN_MIN_S * sampling_rate_hz(time_s)))
    frozen = np.zeros_like(same)
    seen = ~np.isnan(position_m[..., 0])
    repeated = (same | ~seen).all(axis=1) & seen.any(axis=1)
    travel = np.r_[0.0, np.cumsum(np.median(moved, axis=1))] if len(moved) else np.zeros(len(time_s))
    body_moves = travel[-1] / max(len(travel), 1) * fewest > MOVING_M / 4
    for run in true_runs(repeated):
        if run.stop - run.start >= fewest and body_moves:
            frozen[run] = seen[run]
    for column in np.flatnonzero(same.any(axis=0)):
        for run in true_runs(same[:, column] & ~repeated):
            if run.stop - run.start < fewest or not len(mates[column]):
                continue
            path_m = moved[max(run.start - 1, 0) : run.stop - 1, list(mates[column])].sum(axis=0)
            frozen[run, column] = np.median(path_m) > MOVING_M
    return frozen


def lost_frames_s(position_m: np.ndarray, time_s: np.ndarray) -> tuple[float, ...]:
    """Times at which most markers jump ahead together: frames are missing there.

    Parameters
    ----------
    position_m : ndarray, shape (T, M, 3)
        NaN where missing.
    time_s : ndarray, shape (T,)
    """
    change = position_m[2:] - 2 * position_m[1:-1] + position_m[:-2]
    size = np.linalg.norm(change, axis=2)
    seen = np.isfinite(size).mean(axis=0) > 0.8
    if seen.sum() < 6 or len(size) < 20:
        return ()
    typical = np.nanpercentile(size[:, seen], 99, axis=0)
    moving = typical > np.median(typical)
    if not moving.any():
        return ()
    ratio = size[:, seen][:, moving] / typical[moving]
    there = np.nanmedian(np.where(np.isnan(ratio), 0.0, ratio), axis=1)
    back = (change[:-1][:, seen][:, moving] * change[1:][:, seen][:, moving]).sum(axis=2)
    reversing = np.r_[(np.nan_to_num(back) < 0).mean(axis=1) > 0.6, False]
    jumps = np.flatnonzero((there > JUMP_FACTOR) & reversing)
    kept = [frame for k, frame in enumerate(jumps) if k == 0 or frame - jumps[k - 1] > 2]
    return tuple(float(time_s[frame + 1]) for frame in kept)


def tremble_m(position_m: np.ndarray, time_s: np.ndarray) -> float:
    """Size of the fast part of the trajectories, median over frames and the markers seen throughout (m)."""
    rate_hz = sampling_rate_hz(time_s)
    whole = ~np.isnan(position_m).any(axis=(0, 2))
    if not whole.any() or rate_hz < 3 * TREMBLE_CUTOFF_HZ or len(time_s) < 30:
        return float("nan")
    points = position_m[:, whole].reshape(len(position_m), -1)
    fast = points - lowpass(points, rate_hz=rate_hz, cutoff_hz=TREMBLE_CUTOFF_HZ)
    size = np.linalg.norm(fast.reshape(len(points), -1, 3), axis=2)
    return float(np.median(size))


def _repeated(position_m: np.ndarray) -> int:
    """Frames in which all markers repeat the frame before, where the frames around them move."""
    step_m = np.linalg.norm(np.diff(position_m, axis=0), axis=2)
    known = np.isfinite(step_m)
    still = known.any(axis=1) & np.where(known, step_m == 0, True).all(axis=1)
    usual_m = float(np.nanmedian(step_m)) if known.any() else 0.0
    return int(still.sum()) if usual_m > REPEATED_MOVING_M else 0


def inspect_samples(
    position_m: np.ndarray, fill: np.ndarray, frozen: np.ndarray, names: tuple[str, ...], time_s: np.ndarray
) -> Suspects:
    """Gather what is wrong with the samples of a recording.

    Parameters
    ----------
    position_m : ndarray, shape (T, M, 3)
        NaN where missing, fill values among them.
    fill, frozen : ndarray of bool, shape (T, M)
        From `fills_to_missing` and `frozen_samples`.
    names : tuple of str
        Length M.
    time_s : ndarray, shape (T,)
    """
    step_s = 1 / sampling_rate_hz(time_s)
    seen = ~np.isnan(position_m[..., 0])
    whole = (frozen | ~seen).all(axis=1) & frozen.any(axis=1)
    alone = frozen & ~whole[:, None]
    frozen_s = {names[k]: step_s * float(alone[:, k].sum()) for k in np.flatnonzero(alone.any(axis=0))}
    if whole.any():
        frozen_s[EVERYTHING] = step_s * float(whole.sum())
    moving = np.where(frozen[..., None], np.nan, position_m)
    return Suspects(
        filled={names[k]: int(fill[:, k].sum()) for k in np.flatnonzero(fill.any(axis=0))},
        frozen_s=frozen_s,
        repeated=_repeated(moving),
        lost_at_s=lost_frames_s(moving, time_s),
        tremble_m=tremble_m(position_m, time_s),
    )
