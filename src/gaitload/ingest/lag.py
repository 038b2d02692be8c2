"""The lag between forces and markers, estimated in two ways that share nothing but the recording."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import CubicSpline

from gaitload.conventions import STANDARD_GRAVITY_M_PER_S2, sampling_rate_hz
from gaitload.signals.filters import lowpass

LAG_MAX_S = 0.05
"""Larger lags are not looked for; half a running step is 0.17 s."""
BLOCK_S = 0.7
"""Length of the pieces whose agreement gives the standard error: about one running stride."""
_PASSES = 8
_CONVERGED_S = 1e-6


def estimate_force_lag(
    vertical_force_n: np.ndarray,
    force_time_s: np.ndarray,
    com_height_m: np.ndarray,
    time_s: np.ndarray,
    *,
    mass_kg: float,
    band_hz: tuple[float, float] = (1.0, 8.0),
) -> tuple[float, float]:
    """Time by which forces lead the motion of the centre of mass.

    Newton's second law holds at every instant, so the lag is the shift of the vertical force that fits mass times
    acceleration plus weight best (least squares, both in the same band). The fit is over the force's time derivative
    (Gauss-Newton), hence not tied to samples.

    Parameters
    ----------
    vertical_force_n : ndarray, shape (N,)
        Upward force of all plates on the person.
    force_time_s : ndarray, shape (N,)
        Uniform.
    com_height_m : ndarray, shape (T,)
    time_s : ndarray, shape (T,)
        Uniform, on the same clock.
    mass_kg : float
    band_hz : tuple of float
        The step frequency has to lie inside. A higher upper end sharpens the estimate and lets in what a rigid trunk or
        wobbling masses do not follow.

    Returns
    -------
    lag_s : float
        Positive: forces lead, and are to be delayed. NaN when there is too little to go by.
    standard_error_s : float
        From the scatter of the estimates over blocks of `BLOCK_S`; NaN with fewer than two of them.
    """
    rate_hz, force_rate_hz = sampling_rate_hz(time_s), sampling_rate_hz(force_time_s)
    acceleration = CubicSpline(time_s, lowpass(com_height_m, rate_hz=rate_hz, cutoff_hz=2 * band_hz[1])).derivative(2)
    needed_n = _in_band(mass_kg * (acceleration(time_s) + STANDARD_GRAVITY_M_PER_S2), rate_hz, band_hz)
    measured = CubicSpline(force_time_s, _in_band(vertical_force_n, force_rate_hz, band_hz))
    trim_s = 0.5 / band_hz[0] / 2
    first = max(time_s[0], force_time_s[0]) + trim_s + LAG_MAX_S
    last = min(time_s[-1], force_time_s[-1]) - trim_s - LAG_MAX_S
    blocks = _blocks(time_s, first, last)
    if not blocks:
        return float("nan"), float("nan")
    inside = np.concatenate(blocks)
    lag_s = _best_shift_s(measured, time_s[inside], needed_n[inside])
    each = [_best_shift_s(measured, time_s[block], needed_n[block]) for block in blocks]
    if len(blocks) < 2 or np.isnan(each).any():
        return lag_s, float("nan")
    return lag_s, float(np.std(each, ddof=1) / np.sqrt(len(each)))


def _in_band(values: np.ndarray, rate_hz: float, band_hz: tuple[float, float]) -> np.ndarray:
    below = lowpass(values, rate_hz=rate_hz, cutoff_hz=band_hz[0])
    return lowpass(values - below, rate_hz=rate_hz, cutoff_hz=band_hz[1])


def _blocks(time_s: np.ndarray, first_s: float, last_s: float) -> list[np.ndarray]:
    inside = np.flatnonzero((time_s >= first_s) & (time_s <= last_s))
    count = int(max(last_s - first_s, 0.0) / BLOCK_S)
    return np.array_split(inside, count) if count else []


def _best_shift_s(measured: CubicSpline, time_s: np.ndarray, needed_n: np.ndarray) -> float:
    """Shift at which `measured(time - shift)`, scaled freely, is nearest to `needed_n`; NaN without one in reach."""
    slope = measured.derivative()
    shift = 0.0
    for _ in range(_PASSES):
        columns = np.column_stack((measured(time_s - shift), -slope(time_s - shift), np.ones(len(time_s))))
        scale, moved, _ = np.linalg.lstsq(columns, needed_n, rcond=None)[0]
        step = moved / scale
        shift += step
        if not abs(shift) <= LAG_MAX_S:
            return float("nan")
        if abs(step) < _CONVERGED_S:
            break
    return float(shift)
