"""Signals on another clock."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import CubicSpline

from gaitload.conventions import sampling_rate_hz
from gaitload.signals.runs import finite_runs

_SAME_TIME = 1e-6
"""Share of an interval within which two times are one: clocks are multiples of a period that no float holds exactly."""


def resample(values: np.ndarray, time_s: np.ndarray, new_time_s: np.ndarray) -> np.ndarray:
    """Cubic spline through each run of finite samples; gaps stay gaps, and nothing is extrapolated.

    Parameters
    ----------
    values : ndarray, shape (T, ...)
        NaN where missing.
    time_s : ndarray, shape (T,)
        Rising.
    new_time_s : ndarray, shape (N,)

    Returns
    -------
    ndarray, shape (N, ...)
        NaN unless both samples of `values` beside the new time (or the one at it) are finite.
    """
    columns = np.asarray(values, dtype=float).reshape(len(time_s), -1)
    resampled = np.full((len(new_time_s), columns.shape[1]), np.nan)
    tolerance = _SAME_TIME * (time_s[-1] - time_s[0]) / max(len(time_s) - 1, 1)
    for run, alike in finite_runs(columns):
        start, end = time_s[run.start], time_s[run.stop - 1]
        inside = np.flatnonzero((new_time_s >= start - tolerance) & (new_time_s <= end + tolerance))
        if run.stop - run.start == 1:
            resampled[np.ix_(inside, alike)] = columns[run, alike]
        else:
            spline = CubicSpline(time_s[run], columns[run, alike], axis=0)
            resampled[np.ix_(inside, alike)] = spline(np.clip(new_time_s[inside], start, end))
    return resampled.reshape(len(new_time_s), *np.shape(values)[1:])


def any_within(mask: np.ndarray, time_s: np.ndarray, new_time_s: np.ndarray) -> np.ndarray:
    """A mask on another clock: True where a True sample lies in the frame, or in one of the two samples beside it.

    Parameters
    ----------
    mask : ndarray of bool, shape (T, C)
    time_s : ndarray, shape (T,)
        Uniform.
    new_time_s : ndarray, shape (N,)
        Uniform.

    Returns
    -------
    ndarray of bool, shape (N, C)
    """
    reach_s = 0.5 * (1 / sampling_rate_hz(time_s) + 1 / sampling_rate_hz(new_time_s))
    count = np.concatenate((np.zeros((1, mask.shape[1]), dtype=int), np.cumsum(mask, axis=0)))
    first, last = (np.searchsorted(time_s, new_time_s + shift) for shift in (-reach_s, reach_s))
    return count[last] > count[first]
