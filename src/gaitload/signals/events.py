"""Gait events: when a foot strikes the floor and when it leaves, by force, by coordinates, or by an angle alone.

Indices count samples of the clock of the input. A *stance* or *cycle* is a half-open `slice` whose last sample is the
last loaded one or the next strike.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy.signal import find_peaks

from gaitload.signals.runs import true_runs

HIP_FLEXION_SHIFT_SHARE = 0.15
"""Strikes come this share of a cycle after the peak of hip flexion (Hur et al. 2025). It moves every cycle alike, so it
decides where a curve begins and not how long it is."""
KEEP_SHARE = (0.7, 1.3)
"""Stances and cycles outside these shares of the mean duration are missed or doubled strikes (Hur et al. 2025). A
narrower band also drops true ones of uneven gait."""
SAMPLES_MIN = 5
"""A stance or cycle with fewer samples has no shape."""
CYCLE_MIN_S = 0.4
"""Peaks nearer than this belong to one cycle: sprinters need 0.45 s."""
REST_SHARE = 0.15
"""Share of the range of flexion below which somebody stands or sits still. Larger values cut more of either end of a
repetition; smaller ones join repetitions that follow each other without full extension."""
REPETITION_MIN_RAD = 0.35
"""A range of flexion below it (20 degrees) is no squat."""
PROMINENCE_SHARE = 0.4
"""Of the signal's range between its 5th and 95th percentile that a peak must stand out by. Lower takes the small second
peak of a running hip for a strike; higher loses short steps."""


def stances_by_contact(contact: np.ndarray) -> list[slice]:
    """Whole stances of a foot: runs of `contact`, shape (T,), bool, that neither begin nor end with the recording."""
    return [run for run in true_runs(contact) if run.start > 0 and run.stop < len(contact)]


def strikes_by_contact(contact: np.ndarray) -> np.ndarray:
    """First samples of every contact, shape (K,); the recording's own first sample is none.

    Contact itself is that of `gaitload.signals.contact.loaded`: 20 N in walking, 50 N in running, with hysteresis.
    """
    return np.flatnonzero(contact[1:] & ~contact[:-1]) + 1


def events_by_coordinates(
    heel_forward_m: np.ndarray, toe_forward_m: np.ndarray, pelvis_forward_m: np.ndarray, rate_hz: float
) -> tuple[np.ndarray, np.ndarray]:
    """Strikes where the heel is farthest before the pelvis, toe-offs where the toe is farthest behind it.

    Zeni et al. 2008 (Gait Posture 27:710), for treadmill and level ground. In running the heel is farthest before the
    pelvis in late swing, well before it lands: use it for walking.

    Parameters
    ----------
    heel_forward_m, toe_forward_m, pelvis_forward_m : ndarray, shape (T,)
        Positions along the direction of progression, finite.
    rate_hz : float

    Returns
    -------
    strikes, toe_offs : ndarray of int, shapes (K,) and (L,)
    """
    return _peaks(heel_forward_m - pelvis_forward_m, rate_hz), _peaks(pelvis_forward_m - toe_forward_m, rate_hz)


def strikes_by_hip_flexion(
    hip_flexion_rad: np.ndarray, rate_hz: float, *, shift_share: float = HIP_FLEXION_SHIFT_SHARE
) -> np.ndarray:
    """Strikes from the peaks of hip flexion, shape (K,): each later by a share of the cycle that follows it.

    Hur et al. 2025, for recordings without plates. The last peak takes the length of the cycle before it.

    Parameters
    ----------
    hip_flexion_rad : ndarray, shape (T,)
        Flexion positive; what is not finite is bridged by a line, and has no peak.
    rate_hz : float
    shift_share : float
        See the constant.
    """
    known = np.isfinite(hip_flexion_rad)
    if known.sum() < 2:
        return np.empty(0, dtype=int)
    samples = np.arange(len(hip_flexion_rad))
    peaks = _peaks(np.interp(samples, samples[known], hip_flexion_rad[known]), rate_hz)
    if len(peaks) < 2:
        return np.empty(0, dtype=int)
    lengths = np.diff(peaks)
    strikes = np.rint(peaks + shift_share * np.append(lengths, lengths[-1])).astype(int)
    return strikes[strikes < len(hip_flexion_rad)]


def repetitions_by_flexion(flexion_rad: np.ndarray, rate_hz: float, *, rest_share: float = REST_SHARE) -> list[slice]:
    """Repetitions of a squat, or of standing up and sitting down, by the flexion of a knee: half-open slices.

    One lasts from where flexion leaves rest before its largest value to where it comes back to rest. Rest is the lowest
    part of the range. What a trial's ends cut does not count.

    Parameters
    ----------
    flexion_rad : ndarray, shape (T,)
        Flexion positive; NaN bends nothing.
    rate_hz : float
    rest_share : float
        See the constant.
    """
    known = flexion_rad[np.isfinite(flexion_rad)]
    if len(known) < SAMPLES_MIN or np.ptp(known) < REPETITION_MIN_RAD:
        return []
    low, high = np.percentile(known, [2, 98])
    bent = np.nan_to_num(flexion_rad, nan=low) > low + rest_share * (high - low)
    runs = [run for run in true_runs(bent) if run.start > 0 and run.stop < len(bent)]
    whole = [run for run in runs if np.nanmax(flexion_rad[run]) - low > PROMINENCE_SHARE * (high - low)]
    return [slice(run.start - 1, run.stop + 1) for run in whole if run.stop - run.start >= CYCLE_MIN_S * rate_hz]


def usual_durations(
    samples: np.ndarray, *, keep_share: tuple[float, float] = KEEP_SHARE, samples_min: float = SAMPLES_MIN
) -> np.ndarray:
    """Which stances or cycles of one foot in a trial last as long as the others do; bool, shape (N,).

    The rule of Hur et al. 2025, 70 to 130 % of the mean duration, for windows, for evaluation and for cycles found by
    any event. A fragment of less than `samples_min` samples is left out and has no part in the mean.

    Parameters
    ----------
    samples : ndarray, shape (N,)
        Samples of each, the first and the last included (not whole where events lie between samples). A duration is the
        time between the first and the last: one sample less.
    keep_share : (float, float)
        See `KEEP_SHARE`; the limits are inside.
    samples_min : float
        See `SAMPLES_MIN`.
    """
    # Times that were made from samples come back with their rounding.
    durations, rounding = np.asarray(samples) - 1.0, 1e-6
    whole = durations >= samples_min - 1.0 - rounding
    if not whole.any():
        return whole
    low, high = (share * durations[whole].mean() for share in keep_share)
    return whole & (durations >= low - rounding) & (durations <= high + rounding)


def cycles_between(strikes: np.ndarray, *, keep_share: tuple[float, float] = KEEP_SHARE) -> list[slice]:
    """Cycles from strike to strike, shape (K,), both ends inside, that `usual_durations` keeps."""
    return usual_spans([slice(int(a), int(b) + 1) for a, b in pairwise(strikes)], keep_share=keep_share)


def usual_spans(spans: list[slice], *, keep_share: tuple[float, float] = KEEP_SHARE) -> list[slice]:
    """Stances or cycles of one foot in a trial that `usual_durations` keeps."""
    usual = usual_durations(np.array([span.stop - span.start for span in spans]), keep_share=keep_share)
    return [span for span, kept in zip(spans, usual, strict=True) if kept]


def time_normalised(values: np.ndarray, spans: list[slice], points: int) -> np.ndarray:
    """Curves of equal length, shape (N, points), linearly between the samples of each span, first and last included.

    Parameters
    ----------
    values : ndarray, shape (T,)
    spans : list of slice
        At least two samples each; what is not finite in one makes the points beside it NaN.
    """
    starts = np.array([span.start for span in spans], dtype=int)[:, None]
    lengths = np.array([span.stop - span.start - 1 for span in spans], dtype=int)[:, None]
    places = lengths * np.linspace(0.0, 1.0, points)
    before = np.clip(np.floor(places).astype(int), 0, np.maximum(lengths - 1, 0))
    share = places - before
    return values[starts + before] * (1.0 - share) + values[starts + before + 1] * share


def _peaks(signal: np.ndarray, rate_hz: float) -> np.ndarray:
    low, high = np.percentile(signal, [5, 95])
    return find_peaks(signal, distance=max(1, CYCLE_MIN_S * rate_hz), prominence=PROMINENCE_SHARE * (high - low))[0]
