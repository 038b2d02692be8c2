"""Stances of a running person from one sensor at the pelvis: in flight nothing holds the body up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gaitload.conventions import sampling_rate_hz
from gaitload.signals.filters import lowpass
from gaitload.signals.runs import true_runs

CUTOFF_HZ = 6.0
"""What a runner's steps, two to three a second, leave of the pelvis; higher lets its own wobble move the ends."""
HELD_SHARE = 0.15
"""Of the 95th percentile of the specific force upwards, above which a foot holds the body. Lower begins earlier and
ends later; at this share neither end is off by more than a few milliseconds in the mean over runners
(docs/benchmarks/stance_times.md)."""
STANCE_MIN_S = 0.1
"""Shorter ones are wobble: sprinters stand for 0.1 s."""
_POINTS = 12
"""Of a stance that its roll and its braking are read at."""


@dataclass(frozen=True)
class Stance:
    """One stance: `side` `r` or `l`, and its ends on the clock of the sensor."""

    side: str
    start_s: float
    end_s: float


def stances_by_flight(acc_m_per_s2: np.ndarray, gyr_rad_per_s: np.ndarray, time_s: np.ndarray) -> list[Stance]:
    """Stances of both feet in the order of time; those that a gap or an end of the recording cuts are none.

    Feet alternate, and one bit a recording says which is which. Forward is where the body is pushed late in stance
    rather than early, since braking comes before propulsion; about that axis the pelvis rolls over a stance towards
    the foot that stands, as the other leg swings through. For running straight on or on a treadmill, with a flight
    after every step; walking has none, and gives no stance.

    Parameters
    ----------
    acc_m_per_s2, gyr_rad_per_s : ndarray, shape (T, 3)
        Specific force and angular rate of the sensor in an earth frame with Z up, whatever its heading; NaN where
        missing.
    time_s : ndarray, shape (T,)
        Uniform clock.
    """
    smooth = lowpass(
        np.concatenate([acc_m_per_s2, gyr_rad_per_s], axis=1), rate_hz=sampling_rate_hz(time_s), cutoff_hz=CUTOFF_HZ
    )
    up = smooth[:, 2]
    if not np.isfinite(up).any():
        return []
    above = up - HELD_SHARE * np.nanpercentile(up, 95)
    ends_s = np.array([_ends_s(run, above, time_s) for run in true_runs(above > 0)]).reshape(-1, 2)
    ends_s = ends_s[ends_s[:, 1] - ends_s[:, 0] >= STANCE_MIN_S]  # NaN, for ends that are not there, is no stance.
    if len(ends_s) < 2:
        return []
    odd, roll = _odd(ends_s[:, 0]), _roll(smooth, ends_s, time_s)
    odd_is_right = np.median(roll[odd]) > np.median(roll[~odd])
    return [
        Stance("r" if is_odd == odd_is_right else "l", float(start_s), float(end_s))
        for is_odd, (start_s, end_s) in zip(odd, ends_s, strict=True)
    ]


def _ends_s(run: slice, above: np.ndarray, time_s: np.ndarray) -> tuple[float, float]:
    """Where a line between samples crosses the threshold at both ends of a run; NaN beside a gap or end."""

    def crossing(before: int) -> float:
        if before < 0 or before + 1 >= len(above):
            return np.nan
        low, high = above[before], above[before + 1]
        return time_s[before] + (time_s[before + 1] - time_s[before]) * low / (low - high)

    return crossing(run.start - 1), crossing(run.stop - 1)


def _odd(start_s: np.ndarray) -> np.ndarray:
    """Whether a step is an odd one, shape (N,), steps that a gap hides counted too."""
    # ASSUME: over a gap the cadence drifts by less than half a step; otherwise the feet are swapped after it.
    steps_s = np.diff(start_s)
    return np.concatenate([[0], np.cumsum(np.maximum(1, np.rint(steps_s / np.median(steps_s))))]) % 2 == 1


def _roll(smooth: np.ndarray, ends_s: np.ndarray, time_s: np.ndarray) -> np.ndarray:
    """Mean angular rate of each stance about the axis that points forward, shape (N,)."""
    places_s = np.linspace(*ends_s.T, _POINTS, axis=1)
    force, rate = (
        np.stack([np.interp(places_s, time_s, smooth[:, column]) for column in columns], axis=-1)
        for columns in ((0, 1), (3, 4))
    )
    late_minus_early = force[:, _POINTS // 2 :].mean(axis=(0, 1)) - force[:, : _POINTS // 2].mean(axis=(0, 1))
    return rate.mean(axis=1) @ late_minus_early / np.linalg.norm(late_minus_early)
