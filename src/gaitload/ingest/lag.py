"""The lag between forces and markers, estimated in two ways that share nothing but the recording.

One sign holds everywhere: a lag is positive where forces lead the markers, and the forces of a laboratory are delayed
by its lag to correct it. Forces that are 20 ms late have a lag of -0.020 s.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy.interpolate import CubicSpline

from gaitload.conventions import SIDES, STANDARD_GRAVITY_M_PER_S2, sampling_rate_hz
from gaitload.models.markersets import MarkerSet
from gaitload.signals.filters import lowpass
from gaitload.signals.plates import center_of_pressure
from gaitload.trial import FootForces, Markers, Step

LAG_MAX_S = 0.12
"""Larger lags are not looked for: half a running step, after which force and motion look alike again, is 0.17 s."""
COARSE_S = 0.005
"""Distance of the shifts that are tried before the best one is refined."""
REFINED_S = 0.05
"""Kept free at either end for the refinement."""
BLOCK_S = 0.7
"""Length of the pieces whose agreement gives the standard error: about one running stride."""
BELT_MIN_M_PER_S = 1.5
"""Slower belts carry a foot by too little in some milliseconds."""
BELT_SHARES = (0.5, 0.6)
"""Shares of the stance at which the centre of pressure passes under the metatarsal heads in walking and running."""
STANCE_MIN_S = 0.1
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
        Positive: forces lead, and are to be delayed. NaN when there is too little to go by, or none within `LAG_MAX_S`
        fits.
    standard_error_s : float
        From the scatter of the estimates over blocks of `BLOCK_S`; NaN with fewer than two of them, infinite where no
        lag within `LAG_MAX_S` fits.
    """
    rate_hz, force_rate_hz = sampling_rate_hz(time_s), sampling_rate_hz(force_time_s)
    acceleration = CubicSpline(time_s, lowpass(com_height_m, rate_hz=rate_hz, cutoff_hz=2 * band_hz[1])).derivative(2)
    needed_n = in_band(mass_kg * (acceleration(time_s) + STANDARD_GRAVITY_M_PER_S2), rate_hz, band_hz)
    measured = CubicSpline(force_time_s, in_band(vertical_force_n, force_rate_hz, band_hz))
    known_s = max(time_s[0], force_time_s[0]), min(time_s[-1], force_time_s[-1])
    trim_s = 0.5 / band_hz[0] / 2
    widest = _blocks(time_s, known_s[0] + trim_s + LAG_MAX_S, known_s[1] - trim_s - LAG_MAX_S)
    if not widest:
        return float("nan"), float("nan")
    inside = np.concatenate(widest)
    start_s = _coarse_shift_s(measured, time_s[inside], needed_n[inside])
    reach_s = trim_s + min(abs(start_s) + REFINED_S, LAG_MAX_S)
    blocks = _blocks(time_s, known_s[0] + reach_s, known_s[1] - reach_s)
    inside = np.concatenate(blocks)
    lag_s = _best_shift_s(measured, time_s[inside], needed_n[inside], start_s)
    if np.isnan(lag_s):
        return lag_s, float("inf")
    each = [_best_shift_s(measured, time_s[block], needed_n[block], lag_s) for block in blocks]
    if len(blocks) < 2 or np.isnan(each).any():
        return lag_s, float("nan")
    return lag_s, float(np.std(each, ddof=1) / np.sqrt(len(each)))


def describe_lag(lag_s: float) -> str:
    """What forces do to the markers: `lead` or `lag behind`."""
    return "lead" if lag_s >= 0 else "lag behind (are late to)"


def describe_error(standard_error_s: float) -> str:
    """A standard error in ms, or that it is not known."""
    return f"standard error {'not known' if np.isnan(standard_error_s) else f'{1e3 * standard_error_s:.1f} ms'}"


def in_band(values: np.ndarray, rate_hz: float, band_hz: tuple[float, float]) -> np.ndarray:
    """Values, shape (N,), between the two frequencies of a band (Hz)."""
    below = lowpass(values, rate_hz=rate_hz, cutoff_hz=band_hz[0])
    return lowpass(values - below, rate_hz=rate_hz, cutoff_hz=band_hz[1])


def _blocks(time_s: np.ndarray, first_s: float, last_s: float) -> list[np.ndarray]:
    inside = np.flatnonzero((time_s >= first_s) & (time_s <= last_s))
    count = int(max(last_s - first_s, 0.0) / BLOCK_S)
    return np.array_split(inside, count) if count else []


def _coarse_shift_s(measured: CubicSpline, time_s: np.ndarray, needed_n: np.ndarray) -> float:
    """Shift of a grid at which `measured(time - shift)` correlates best with `needed_n`."""
    shifts = np.arange(-LAG_MAX_S, LAG_MAX_S + COARSE_S / 2, COARSE_S)
    return float(max(shifts, key=lambda shift: np.corrcoef(measured(time_s - shift), needed_n)[0, 1]))


def _best_shift_s(measured: CubicSpline, time_s: np.ndarray, needed_n: np.ndarray, start_s: float) -> float:
    """Shift near a first guess at which `measured(time - shift)`, scaled freely, is nearest to `needed_n`.

    NaN where none is within `LAG_MAX_S`.
    """
    slope = measured.derivative()
    shift = start_s
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


def estimate_belt_lag(
    forces: FootForces, markers: Markers, marker_set: MarkerSet, steps: Iterable[Step], belt_m_per_s: float
) -> float:
    """Time by which forces lead the markers, by the way that a belt carries the foot.

    At `BELT_SHARES` of the stance the centre of pressure passes under the heads of the metatarsals. On a belt, forces
    that lead show it farther back, by the lag times the speed of the belt.

    Parameters
    ----------
    forces : FootForces
    markers : Markers
    marker_set : MarkerSet
    steps : iterable of Step
    belt_m_per_s : float

    Returns
    -------
    float
        Median over stances, mean over `BELT_SHARES` and feet; NaN below `BELT_MIN_M_PER_S`, or without whole stances or
        markers of the metatarsals. The foot's anatomy leaves a constant error: that of the synthetic runners, whose
        lag is zero, is 1.1 ms at half of the stance and -2.9 ms at 60 %.
    """
    if belt_m_per_s < BELT_MIN_M_PER_S:
        return float("nan")
    found = []
    for side in SIDES:
        names = [marker_set.landmark(f"{landmark}_{side}") for landmark in ("mt1", "mt5")]
        names = [name for name in names if name in markers.names]
        own = [step for step in steps if step.side == side and step.whole and step.end_s - step.start_s > STANCE_MIN_S]
        if not names or not own:
            continue
        heads_m = np.mean([markers.of(name)[:, 0] for name in names], axis=0)
        force, moment, _ = forces.side(side)
        pressure_m = center_of_pressure(force, moment, forces.surface_height_m)[0][:, 0]
        at_s = np.array([[step.start_s + share * (step.end_s - step.start_s) for step in own] for share in BELT_SHARES])
        behind_m = np.interp(at_s, markers.time_s, heads_m) - np.interp(at_s, forces.time_s, pressure_m)
        found.append(np.nanmean(np.nanmedian(behind_m, axis=1)))
    return float(np.mean(found)) / belt_m_per_s if found else float("nan")
