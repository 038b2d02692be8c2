"""Stances of a running person from the gyroscope on one shank: legs swing forward between them."""

from __future__ import annotations

import numpy as np

from gaitload.conventions import sampling_rate_hz
from gaitload.signals.filters import lowpass
from gaitload.signals.flight import STANCE_MIN_S

CUTOFF_HZ = 10.0
"""What the swing of a shank, one and a half a second, leaves of its rate; higher lets the shock of a landing cross zero
once more."""
SWING_SHARE = 0.5
"""Of the 95th percentile of the rate, which a swing forward exceeds. Lower takes the rest in late stance for one."""
SWING_MIN_RAD_PER_S = 5.0
"""A shank whose rate has a lower 95th percentile does not run: 3.3 to 3.7 of a walker (neura_sparse01), 8 to 12 rad/s
of runners at 2.5 to 4.5 m/s (fukuchi2017)."""
START_LATE_S = 0.015
"""From the end of the swing, where the rate crosses zero, to the contact. Means of legs: 9 to 20 ms."""
KICK_SHARE, END_EARLY_S = 0.35, 0.030
"""After the foot leaves, the heel is kicked up: the rate falls through this share of its minimum so much later. Means
of legs: 22 to 40 ms (the least spread among eight features of four runners, docs/estimators.md)."""
_KICK = (0.25, 0.7)
"""Shares of a stride after contact between which the heel is kicked up."""
DUTY_MAX = 0.5
"""Share of a stride that a runner's foot stands at most: longer ones have no flight."""


def stances_by_swing(gyr_rad_per_s: np.ndarray, time_s: np.ndarray) -> np.ndarray:
    """First and last time of each stance of the leg, shape (N, 2); those that a gap or an end cuts are none.

    The shank swings about one axis, found as the principal one of its rate, so that it does not matter how the sensor
    is turned on the shank. Forward is the direction in which it turns fastest. Walking is too slow to give a stance.

    Parameters
    ----------
    gyr_rad_per_s : ndarray, shape (T, 3)
        In the frame of the sensor; NaN where missing.
    time_s : ndarray, shape (T,)
        Uniform clock.
    """
    rate = _swing_rate(gyr_rad_per_s, sampling_rate_hz(time_s))
    if not np.isfinite(rate).any() or np.nanpercentile(rate, 95) < SWING_MIN_RAD_PER_S:
        return np.empty((0, 2))
    landed_s = _ends_of_swings(rate, time_s)
    if len(landed_s) < 2:
        return np.empty((0, 2))
    stride_s = float(np.median(np.diff(landed_s)))
    found = np.array([(at + START_LATE_S, _kick_s(rate, time_s, at, stride_s) - END_EARLY_S) for at in landed_s])
    lasting_s = found[:, 1] - found[:, 0]
    return found[(lasting_s >= STANCE_MIN_S) & (lasting_s <= DUTY_MAX * stride_s)]  # NaN is no stance.


def _swing_rate(gyr_rad_per_s: np.ndarray, rate_hz: float) -> np.ndarray:
    """Rate about the axis of the swing, forward positive, shape (T,)."""
    smooth = lowpass(gyr_rad_per_s, rate_hz=rate_hz, cutoff_hz=CUTOFF_HZ)
    known = smooth[np.isfinite(smooth).all(axis=1)]
    axis = np.linalg.eigh(known.T @ known)[1][:, -1] if len(known) else np.zeros(3)
    rate = smooth @ axis
    return rate * (1.0 if np.nanmean(np.append(rate, 0.0) ** 3) >= 0 else -1.0)


def _ends_of_swings(rate: np.ndarray, time_s: np.ndarray) -> np.ndarray:
    """Times at which the rate falls through zero at the end of a swing, shape (N,)."""
    swinging = rate > SWING_SHARE * np.nanpercentile(rate, 95)
    down = np.flatnonzero((rate[:-1] > 0) & (rate[1:] <= 0))
    last = np.searchsorted(np.flatnonzero(swinging), down, side="right")
    # Each swing ends once: of crossings behind the same swing the first counts.
    _, first = np.unique(last, return_index=True)
    down = down[first[last[first] > 0]] if len(first) else down
    return np.array([_crossing_s(rate, time_s, frame, 0.0) for frame in down])


def _kick_s(rate: np.ndarray, time_s: np.ndarray, landed_s: float, stride_s: float) -> float:
    """When the rate falls through `KICK_SHARE` of its minimum after the stance; NaN beside a gap or the end."""
    first, start, stop = np.searchsorted(time_s, landed_s + stride_s * np.array([0.0, *_KICK]))
    if stop >= len(time_s) or not np.isfinite(rate[first:stop]).all():
        return np.nan
    lowest = int(start + rate[start:stop].argmin())
    level = KICK_SHARE * rate[lowest]
    before = np.flatnonzero((rate[first:lowest] > level) & (rate[first + 1 : lowest + 1] <= level))
    return _crossing_s(rate, time_s, first + int(before[-1]), level) if len(before) else np.nan


def _crossing_s(rate: np.ndarray, time_s: np.ndarray, frame: int, level: float) -> float:
    """Where a line from a frame to the next one falls through a level."""
    share = (rate[frame] - level) / (rate[frame] - rate[frame + 1])
    return float(time_s[frame] + share * (time_s[frame + 1] - time_s[frame]))
