"""Gates of external columns: gaps, range, unit, sign, clipping, and signals that do not move."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gaitload.errors import ConventionError, DataError
from gaitload.external.signals import Signal, longest_constant_s, missing_share
from gaitload.external.units import PLAUSIBLE, others
from gaitload.quality import Gate, Verdict, judge

OUTSIDE_MAX = 0.5
"""Share of samples outside of what can be from which on the unit is wrong, and not single samples."""
SPAN_MIN = 0.02
"""Least span of a signal, as a share of the range declared for it: less is another unit, or another quantity."""
CONSTANT_MAX_S = 5.0
"""Longest time for which a signal other than a force may rest at one value: an encoder of somebody who stands does so
for seconds. A force is zero in every swing."""

JUMP_RANK, JUMP_SAMPLES_MIN = 6, 200
"""A jump or a spike makes up to four large second differences: the sixth largest is that of the motion itself."""
JUMP_MAX = 10.0
"""Largest second difference of an angle over the sixth largest. Angles of 10 walks by markers and of six by an encoder
reach 1.3 to 2.0; one solution that jumps by 7 degrees within 5 ms has 58 (camargo2021_ab06, cw_slow_03)."""


def require_unit(signal: Signal, where: str) -> None:
    """Refuse numbers that cannot be in the unit declared.

    Raises
    ------
    ConventionError
        EXTERNAL_UNIT, with the unit in which they could be.
    """
    known = signal.values[np.isfinite(signal.values)]
    low, high = _range(signal)
    if signal.is_emg or not len(known):
        return
    outside, span = np.mean((known < low) | (known > high)), float(np.ptp(known))
    narrow = signal.declared.range is not None and 0.0 < span < SPAN_MIN * (high - low)
    if outside <= OUTSIDE_MAX and not narrow:
        return
    fits = [
        unit
        for unit, factor in others(signal.declared.unit, signal.unit).items()
        if np.mean((known * factor < low) | (known * factor > high)) <= OUTSIDE_MAX
        and (signal.declared.range is None or np.ptp(known * factor) >= SPAN_MIN * (high - low))
    ]
    raise ConventionError(
        expected=f"{signal.name} from {low:g} to {high:g} {signal.unit}, in the file in {signal.declared.unit}",
        found=f"{known.min():.4g} to {known.max():.4g} {signal.unit}"
        + (f"; in {' or '.join(fits)} it would fit" if fits else ""),
        where=where,
        do="Correct unit or range of the column in cohort.yaml.",
        code="EXTERNAL_UNIT",
    )


def judge_signal(signal: Signal, *, gap_max_s: float, missing_max: float, flipped: bool) -> Iterator[Gate]:
    """Judge one external column; of an electromyogram only gaps and clipping, `judge_channels` judges the rest."""
    name, known = signal.name, signal.values[np.isfinite(signal.values)]
    yield judge(
        "EXTERNAL_GAPS",
        missing_share(signal, gap_max_s),
        unit="",
        reason=f"{name}: share of its time in gaps longer than {gap_max_s:g} s",
        warn_above=0.0,
        fail_above=missing_max,
    )
    if not np.isnan(signal.clipped_share):
        yield judge(
            "EXTERNAL_CLIPPED",
            signal.clipped_share,
            unit="",
            reason=f"{name}: share of samples at the end of the range, {signal.declared.clips_at:g} "
            f"{signal.declared.unit}; peaks were higher than recorded",
            warn_above=0.0,
        )
    if signal.is_emg or not len(known):
        return
    low, high = _range(signal)
    yield judge(
        "EXTERNAL_RANGE",
        float(np.mean((known < low) | (known > high))),
        unit="",
        reason=f"{name}: share of samples outside of {low:g} to {high:g} {signal.unit}",
        warn_above=0.0,
        fail_above=missing_max,
    )
    yield from _jumps(signal)
    yield from _constant(signal, known)
    yield from _sign(signal, known)
    if flipped:
        reason = f"{name}: trials.tsv (external_flipped) turns its sign in this trial"
        yield Gate("EXTERNAL_FLIPPED", Verdict.WARNED, None, None, "", reason)


def judge_cover(name: str, span_s: np.ndarray, time_s: np.ndarray, overlap_min: float) -> Gate:
    """Judge whether a column whose first and last time are `span_s` covers a trial at times `time_s`, shape (T,)."""
    share = float(np.mean((time_s >= span_s[0] - 1e-9) & (time_s <= span_s[1] + 1e-9)))
    reason = (
        f"{name}: share of the trial ({time_s[0]:.2f} to {time_s[-1]:.2f} s) that its times ({span_s[0]:.2f} to "
        f"{span_s[1]:.2f} s) cover"
    )
    if share >= overlap_min:
        return Gate("EXTERNAL_CLOCK", Verdict.PASSED, share, overlap_min, "", reason)
    reason += "; another clock, the file of another trial, or a recording that was stopped early"
    return Gate("EXTERNAL_CLOCK", Verdict.WARNED if share else Verdict.FAILED, share, overlap_min, "", reason)


def no_time_in_common(clock: str, span_s: np.ndarray, time_s: np.ndarray, where: str) -> DataError:
    """The refusal (EXTERNAL_CLOCK) of columns from `span_s[0]` to `span_s[1]` of a trial at times `time_s`, (T,)."""
    remedies = {
        "own": "Correct external_offset_s in trials.tsv, which is added to the times of the file: the time of an event "
        "on the clock of the trial less its time in the file.",
        "cycle": "Correct cycle_start_s and cycle_end_s in trials.tsv, or the events of the recording, so that the "
        "cycle lies in the labelled part of the trial.",
    }
    do = remedies.get(
        clock,
        "They are on another clock: say clock: own and fill external_offset_s in trials.tsv, or from_start: true where "
        "both recordings began together; or correct time_unit.",
    )
    return DataError(
        expected=f"external columns at {time_s[0]:.2f} to {time_s[-1]:.2f} s, the time of the trial",
        found=f"columns from {span_s[0]:.2f} to {span_s[1]:.2f} s",
        where=where,
        do=do,
        code="EXTERNAL_CLOCK",
    )


def _jumps(signal: Signal) -> Iterator[Gate]:
    """An angle that leaves its neighbours within one sample, far more than it does elsewhere."""
    bends = np.abs(np.diff(signal.values, 2))
    known = bends[np.isfinite(bends)]
    usual = float(np.sort(known)[-JUMP_RANK]) if len(known) >= JUMP_SAMPLES_MIN else 0.0
    if signal.unit == "rad" and usual > 0.0:
        at_s = signal.time_s[1 + int(np.nanargmax(bends))]
        reason = (
            f"{signal.name}: largest change of its step from a sample to the next, at {at_s:.2f} s, over the sixth "
            "largest; above the limit the angle jumps: a marker was lost or misnamed, or an encoder missed counts"
        )
        yield judge("EXTERNAL_JUMP", float(known.max()) / usual, unit="", reason=reason, warn_above=JUMP_MAX)


def _constant(signal: Signal, known: np.ndarray) -> Iterator[Gate]:
    if np.ptp(known) == 0.0:
        reason = f"{signal.name} is {known[0]:g} throughout: the channel was not connected, or is another one"
        yield Gate("EXTERNAL_CONSTANT", Verdict.FAILED, None, None, "", reason)
    elif signal.unit not in ("n", "bw", "n_per_kg", "nm", "nm_per_kg", "pa"):
        yield judge(
            "EXTERNAL_CONSTANT",
            longest_constant_s(signal),
            unit="s",
            reason=f"{signal.name}: longest time without a change; the device hung, or its last value was held",
            warn_above=CONSTANT_MAX_S,
        )


def _sign(signal: Signal, known: np.ndarray) -> Iterator[Gate]:
    if signal.declared.mean_sign is None:
        return
    mean, wanted = float(known.mean()), 1.0 if signal.declared.mean_sign == "+" else -1.0
    reason = (
        f"{signal.name}: its mean is {mean:.3g} {signal.unit}, and mean_sign says {signal.declared.mean_sign}. "
        "The axis is flipped: the sensor was worn the other way round; name it in external_flipped of trials.tsv"
    )
    failed = mean * wanted <= 0.0
    verdict = Verdict.FAILED if failed else Verdict.PASSED
    yield Gate(
        "EXTERNAL_SIGN", verdict, mean, 0.0, signal.unit, reason if failed else f"{signal.name}: sign of its mean"
    )


def _range(signal: Signal) -> tuple[float, float]:
    return signal.declared.range or PLAUSIBLE[signal.unit]
