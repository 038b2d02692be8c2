"""The lag between forces and markers, estimated in two ways that share nothing but the recording.

One sign holds everywhere: a lag is positive where forces lead the markers, and the forces of a laboratory are delayed
by its lag to correct it. Forces that are 20 ms late have a lag of -0.020 s.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from gaitload.conventions import SIDES, STANDARD_GRAVITY_M_PER_S2, sampling_rate_hz
from gaitload.ingest.outline import Feet
from gaitload.ingest.pressure import metatarsal_heads_m
from gaitload.models.markersets import MarkerSet
from gaitload.signals.filters import lowpass
from gaitload.signals.plates import center_of_pressure
from gaitload.signals.runs import longest_run
from gaitload.trial import FootForces, Markers, Step

LAG_MAX_S = 0.12
"""Larger lags are not looked for: half a running step, after which force and motion look alike again, is 0.17 s."""
COARSE_S = 0.005
"""Distance of the shifts that are tried before the best one is refined."""
REFINED_S = 0.05
"""Kept free at either end for the refinement."""
BAND_HZ = (1.0, 8.0)
"""Forces and accelerations are compared in this band; the step frequency lies inside."""
BLOCK_S = 0.7
"""Length of the pieces whose agreement gives the standard error: about one running stride."""
BELT_MIN_M_PER_S = 1.5
"""Slower belts carry a foot by too little in some milliseconds."""
BELT_SHARES = (0.5, 0.6)
"""Shares of the stance at which the centre of pressure passes under the metatarsal heads in walking and running."""
STANCE_MIN_S = 0.1
SHORT_MIN_S, SHORT_TRIM_S, SHORT_CUTOFF_HZ = 0.5, 0.1, 8.0
"""Shortest stretch of known forces that tells a lag, what is left out at either end, where the filter would use unknown
forces, and the low-pass filter. In 0.8 s of running the estimates scatter by 0.5 ms."""
SHORT_MIN_CORRELATION = 0.7
"""Vertical force and acceleration of a stretch that correlate less have no lag in common; clean walks: 0.90 to 1."""
AGREEMENT_S = 0.004
"""Two methods agree within this: each is off by 1 to 3 ms where the truth is known (synthetic runners). A centre of
pressure that is off its place moves the belt's estimate alone."""
MOVING_MIN_M_PER_S2 = 0.3
"""Standard deviation of the vertical acceleration below which nothing moves that could show a lag. People who stand
reach about 0.1 by sway and noise of the markers, a trunk that rises and falls by 2 cm twice a second has 1.1."""
SKEW_MIN_S = 4.0
"""Shorter trials do not tell clocks apart that run at different rates."""
_PASSES = 8
_RESIDUALS_ALIKE = 10.0
_CONVERGED_S = 1e-6


@dataclass(frozen=True)
class Lag:
    """The lag of one trial by both methods.

    Attributes
    ----------
    vertical_s : float
        By `estimate_force_lag` or `estimate_short_lag`.
    vertical_error_s : float
        Its standard error; NaN where it is not known, infinite where no lag fits.
    belt_s : float
        Lag that `estimate_belt_lag` gives; NaN off a belt, or on a slow one.
    displaced : bool
        Whether the centre of pressure lies farther off the metatarsal heads than the lag explains, and the belt is
        ignored.
    """

    vertical_s: float
    vertical_error_s: float
    belt_s: float
    displaced: bool = False

    @property
    def agree(self) -> bool:
        """Whether both methods show one lag, within `AGREEMENT_S`, and the belt may be believed."""
        return not self.displaced and abs(self.vertical_s - self.belt_s) <= AGREEMENT_S

    @property
    def contradicted(self) -> bool:
        """Whether there is an estimate by the belt that is ignored."""
        return bool(np.isfinite(self.belt_s)) and not self.agree

    @property
    def mean_s(self) -> float:
        """The mean of both methods where they agree, else the lag by the vertical force alone."""
        return (self.vertical_s + self.belt_s) / 2 if self.agree else self.vertical_s

    @property
    def error_s(self) -> float:
        """The standard error by vertical force and, where the mean counts, half of the difference of both methods."""
        return self.vertical_error_s + (abs(self.vertical_s - self.belt_s) / 2 if self.agree else 0.0)

    def less(self, corrected_s: float) -> Lag:
        """The lag that is left after forces were delayed."""
        return Lag(self.vertical_s - corrected_s, self.vertical_error_s, self.belt_s - corrected_s, self.displaced)

    def describe(self) -> str:
        """Both numbers, the error, and whether the belt is ignored."""
        text = describe_error(self.error_s)
        if np.isnan(self.belt_s):
            return text
        both = f"{1e3 * self.vertical_s:.1f} ms by vertical force, {1e3 * self.belt_s:.1f} ms by the belt"
        ignored = ", which is ignored: the centre of pressure is off its place" if self.contradicted else ""
        return f"{both}{ignored}; {text}"


def estimate_force_lag(
    vertical_force_n: np.ndarray,
    force_time_s: np.ndarray,
    com_height_m: np.ndarray,
    time_s: np.ndarray,
    *,
    mass_kg: float,
    band_hz: tuple[float, float] = BAND_HZ,
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
        From the scatter of the estimates over blocks of `BLOCK_S`; NaN with fewer than two of them or where nothing
        moves (`MOVING_MIN_M_PER_S2`), infinite where no lag within `LAG_MAX_S` fits.
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
    if np.std(needed_n[inside]) < mass_kg * MOVING_MIN_M_PER_S2:
        return float("nan"), float("nan")
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


def estimate_short_lag(
    vertical_force_n: np.ndarray,
    force_time_s: np.ndarray,
    known: np.ndarray,
    com_height_m: np.ndarray,
    time_s: np.ndarray,
) -> tuple[float, float]:
    """The lag by the longest stretch of known forces, for trials over plates in the floor.

    The same law as in `estimate_force_lag`, with forces and accelerations smoothed alike and scaled freely.

    Parameters
    ----------
    vertical_force_n : ndarray, shape (N,)
    force_time_s : ndarray, shape (N,)
    known : ndarray of bool, shape (N,)
        Samples in which the forces of both feet are known.
    com_height_m : ndarray, shape (T,)
    time_s : ndarray, shape (T,)

    Returns
    -------
    lag_s : float
        Positive: forces lead. NaN where the stretch is too short, where nothing moves (`MOVING_MIN_M_PER_S2`), or where
        no lag within `LAG_MAX_S` fits.
    standard_error_s : float
        NaN, as there is a single stretch.
    """
    stretch = longest_run(known)
    if stretch.stop - stretch.start < 2:
        return float("nan"), float("nan")
    first_s, last_s = force_time_s[[stretch.start, stretch.stop - 1]]
    first_s, last_s = max(first_s, time_s[0]) + SHORT_TRIM_S, min(last_s, time_s[-1]) - SHORT_TRIM_S
    inside_s = time_s[(time_s >= first_s) & (time_s <= last_s)]
    if last_s - first_s < SHORT_MIN_S or len(inside_s) < 2:
        return float("nan"), float("nan")
    height = lowpass(com_height_m, rate_hz=sampling_rate_hz(time_s), cutoff_hz=SHORT_CUTOFF_HZ)
    acceleration = CubicSpline(time_s, height).derivative(2)(inside_s)
    if np.std(acceleration) < MOVING_MIN_M_PER_S2:
        return float("nan"), float("nan")
    force_rate_hz = sampling_rate_hz(force_time_s)
    measured = CubicSpline(
        force_time_s, lowpass(vertical_force_n, rate_hz=force_rate_hz, cutoff_hz=SHORT_CUTOFF_HZ), extrapolate=False
    )
    lag_s = _best_shift_s(measured, inside_s, acceleration, 0.0)
    fits = np.isfinite(lag_s) and _correlation(measured, inside_s - lag_s, acceleration) > SHORT_MIN_CORRELATION
    return (lag_s if fits else float("nan")), float("nan")


def estimate_belt_lag(
    forces: FootForces, feet: Feet, steps: Iterable[Step], markers: Markers, marker_set: MarkerSet
) -> float:
    """Time by which forces lead the markers, by the way that a belt carries the foot.

    At `BELT_SHARES` of the stance the centre of pressure passes under the heads of the metatarsals. On a belt, forces
    that lead show it farther back, by the lag times the speed of the belt.

    Parameters
    ----------
    forces : FootForces
    feet : Feet
    steps : iterable of Step
    markers : Markers
    marker_set : MarkerSet

    Returns
    -------
    float
        Median over stances, mean over `BELT_SHARES` and feet; NaN below `BELT_MIN_M_PER_S`, or without whole stances or
        markers of the metatarsals. The foot's anatomy leaves a constant error: that of the synthetic runners, whose
        lag is zero, is 1.1 ms at half of the stance and -2.9 ms at 60 %.
    """
    if feet.belt_m_per_s < BELT_MIN_M_PER_S:
        return float("nan")
    found = []
    for side in SIDES:
        own = [step for step in steps if step.side == side and step.whole and step.end_s - step.start_s > STANCE_MIN_S]
        heads_m = metatarsal_heads_m(markers, marker_set, feet, side)[:, 0]
        if not own or np.isnan(heads_m).all():
            continue
        force, moment, _ = forces.side(side)
        pressure_m = center_of_pressure(force, moment, forces.surface_height_m)[0][:, 0]
        at_s = np.array([[step.start_s + share * (step.end_s - step.start_s) for step in own] for share in BELT_SHARES])
        behind_m = np.interp(at_s, markers.time_s, heads_m) - np.interp(at_s, forces.time_s, pressure_m)
        found.append(np.nanmean(np.nanmedian(behind_m, axis=1)))
    return float(np.mean(found)) / feet.belt_m_per_s if found else float("nan")


def estimate_clock_skew(
    vertical_force_n: np.ndarray, force_time_s: np.ndarray, com_height_m: np.ndarray, time_s: np.ndarray, lag_s: float
) -> tuple[float, float]:
    """Share by which the clock of the forces runs faster than that of the markers: a lag that grows within the trial.

    Parameters
    ----------
    vertical_force_n : ndarray, shape (N,)
    force_time_s : ndarray, shape (N,)
    com_height_m : ndarray, shape (T,)
    time_s : ndarray, shape (T,)
    lag_s : float
        From `estimate_force_lag`, in the middle of the trial.

    Returns
    -------
    skew : float
        NaN below `SKEW_MIN_S`, or without a lag.
    standard_error : float
        From the residuals, a tenth of which are taken for independent. Clean trials of 30 s: 0.0000 +- 0.0001.
    """
    first_s, last_s = (max(time_s[0], force_time_s[0]) + 0.4, min(time_s[-1], force_time_s[-1]) - 0.4)
    if np.isnan(lag_s) or last_s - first_s < SKEW_MIN_S:
        return float("nan"), float("nan")
    rate_hz = sampling_rate_hz(time_s)
    height = lowpass(com_height_m, rate_hz=rate_hz, cutoff_hz=2 * BAND_HZ[1])
    inside = (time_s > first_s) & (time_s < last_s)
    needed = in_band(CubicSpline(time_s, height).derivative(2)(time_s), rate_hz, BAND_HZ)[inside]
    measured = CubicSpline(force_time_s, in_band(vertical_force_n, sampling_rate_hz(force_time_s), BAND_HZ))
    slope, at_s = measured.derivative(), time_s[inside]
    from_middle_s = at_s - at_s.mean()
    skew = 0.0
    for _ in range(_PASSES):
        shifted = at_s - lag_s - skew * from_middle_s
        falling = -slope(shifted)
        columns = np.column_stack((measured(shifted), falling, falling * from_middle_s, np.ones(len(at_s))))
        weights, *_ = np.linalg.lstsq(columns, needed, rcond=None)
        lag_s, skew = lag_s + weights[1] / weights[0], skew + weights[2] / weights[0]
    left = needed - columns @ weights
    variance = np.linalg.inv(columns.T @ columns)[2, 2] * float(left @ left) / len(left) * _RESIDUALS_ALIKE
    return float(skew), float(np.sqrt(variance) / abs(weights[0]))


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


def _correlation(measured: CubicSpline, at_s: np.ndarray, needed: np.ndarray) -> float:
    values = measured(at_s)
    known = np.isfinite(values)
    if known.sum() < 3 or not np.ptp(values[known]):
        return 0.0
    return float(np.corrcoef(values[known], needed[known])[0, 1])


def _coarse_shift_s(measured: CubicSpline, time_s: np.ndarray, needed_n: np.ndarray) -> float:
    """Shift of a grid at which `measured(time - shift)` correlates best with `needed_n`."""
    shifts = np.arange(-LAG_MAX_S, LAG_MAX_S + COARSE_S / 2, COARSE_S)
    return float(max(shifts, key=lambda shift: _correlation(measured, time_s - shift, needed_n)))


def _best_shift_s(measured: CubicSpline, time_s: np.ndarray, needed_n: np.ndarray, start_s: float) -> float:
    """Shift near a first guess at which `measured(time - shift)`, scaled freely, is nearest to `needed_n`.

    NaN where none is within `LAG_MAX_S`.
    """
    slope = measured.derivative()
    shift = start_s
    for _ in range(_PASSES):
        columns = np.column_stack((measured(time_s - shift), -slope(time_s - shift), np.ones(len(time_s))))
        seen = np.isfinite(columns).all(axis=1)
        scale, moved, _ = np.linalg.lstsq(columns[seen], needed_n[seen], rcond=None)[0]
        if scale == 0:
            return float("nan")
        step = moved / scale
        shift += step
        if not abs(shift) <= LAG_MAX_S:
            return float("nan")
        if abs(step) < _CONVERGED_S:
            break
    return float(shift)
