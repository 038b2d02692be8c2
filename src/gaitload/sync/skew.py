"""A clock that runs fast or slow: offsets window by window, and a line through them that strays do not move."""

from __future__ import annotations

import numpy as np
from scipy.stats import theilslopes

from gaitload.sync.refine import Clock, refined, sensor_offsets
from gaitload.sync.streams import UniformSpline

WINDOWS_MIN = 4
_STRAY_S = 0.2


def windowed_offsets(
    time_s: np.ndarray, turns: np.ndarray, segments: UniformSpline, clock: Clock, window_s: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Offset in windows of the overlap, each from its neighbour's, from the middle outwards.

    Returns
    -------
    centre_s, offset_s, standard_error_s : ndarray, shape (W,)
        Middle of the window on the IMU clock, and `t_mocap - t_imu` there; windows that move too little are left out.
    """
    starts = np.arange(time_s[0], time_s[-1] - window_s / 2, window_s)
    order = np.argsort(np.abs(starts + window_s / 2 - clock.centre_s))
    found: dict[int, tuple[float, float, float]] = {}
    for number in order:
        inside = (time_s >= starts[number]) & (time_s < starts[number] + window_s)
        centre = starts[number] + window_s / 2
        near = min(found, key=lambda other, number=number: abs(other - number), default=None)
        begin = clock.offset_s if near is None else found[near][1]
        fit = refined(time_s[inside], turns[inside], segments, Clock(begin, 0.0, centre), skew_prior=0.0, steps=8)
        _, alone = sensor_offsets(fit, 1.0)
        alone = alone[np.isfinite(alone) & (alone > 0)]
        if len(alone) and abs(fit.clock.offset_s - begin) < _STRAY_S:
            found[number] = (centre, fit.clock.offset_s, float(np.sum(alone**-2.0) ** -0.5))
    rows = np.array([found[number] for number in sorted(found)]).reshape(-1, 3)
    return rows[:, 0], rows[:, 1], rows[:, 2]


def line_through(centre_s: np.ndarray, offset_s: np.ndarray, clock: Clock) -> Clock:
    """Robust line (Theil-Sen) through windowed offsets; the clock as it was with fewer than `WINDOWS_MIN`."""
    if len(centre_s) < WINDOWS_MIN:
        return clock
    slope, intercept, _, _ = theilslopes(offset_s, centre_s - clock.centre_s)
    return Clock(float(intercept), float(slope), clock.centre_s)
