"""Gates of forces against the motion of the body, by Newton's second law."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gaitload.config.motion import Activity, Gates
from gaitload.dependencies import GROUND_REACTIONS
from gaitload.ingest.momentum import Momentum
from gaitload.quality import Gate, Verdict, judge, not_judged, outside

SIGN_MIN_CORRELATION = 0.5
"""A horizontal force that correlates more strongly than this with the direction away from the body has a wrong sign."""
CLOCK_MIN_CORRELATION = 0.9
"""Vertical force and acceleration that correlate less do not tell a rate; 49 trials of four laboratories: 0.93 to 1."""
GAIN_MIN_CORRELATION = 0.85
"""Fore-aft forces that correlate less tell the sign alone; recorded people who walk or run: 0.87 to 0.97."""
_CORRELATED = 0.6


def judge_momentum(momentum: Momentum, activity: Activity, limits: Gates) -> Iterator[Gate]:
    """Sign, gain, exchange and mixing of the horizontal channels, and the clocks, by Newton's second law."""
    low, high = limits.force_direction_run if activity == "run" else limits.force_direction_walk
    ahead, aside = momentum.ahead, momentum.aside
    yield _judge_ahead(ahead.slope, ahead.correlation, low, high)
    yield _judge_aside(aside.slope, aside.correlation)
    yield judge(
        "FORCE_SIDEWAYS_GAIN",
        momentum.horizontal_aside,
        unit="share of the vertical force",
        reason=f"lateral force is {momentum.horizontal_aside:.2f} of the vertical one: the gain of the lateral channel "
        "is too large, or it is exchanged with the fore-aft one",
        warn_above=limits.force_sideways_share,
        questions=GROUND_REACTIONS,
    )
    for name, value, limit, channel in (
        ("AHEAD", momentum.mean_ahead, limits.force_impulse_share, "fore-aft"),
        ("ASIDE", momentum.mean_aside, limits.force_impulse_share, "lateral"),
    ):
        yield judge(
            f"FORCE_IMPULSE_{name}",
            abs(value),
            unit="share of the vertical force",
            reason=f"over whole strides the {channel} impulse is {value:+.3f} of the vertical one, and the body does "
            f"not speed up by it: cross-talk of the vertical force on the {channel} channel, or plates or cameras that "
            "are not level (calibration matrix, corners of the plates)",
            warn_above=limit,
            questions=GROUND_REACTIONS,
        )
    yield judge(
        "FORCE_ORIGIN",
        outside(ahead.bias, *limits.force_bias),
        unit="share of the vertical force outside the range",
        reason=f"forces pass the body by {ahead.bias:+.3f} of its height on average: the plates are declared off their "
        "place along the walk (corners, origin of the cameras), cameras or plates are not level, or the vertical force "
        "shows on the fore-aft channel (cross-talk)",
        warn_above=0.0,
        questions=GROUND_REACTIONS,
    )
    yield _judge_clock(momentum, limits)


def _judge_ahead(slope: float, correlation: float, low: float, high: float) -> Gate:
    code = "FORCE_DIRECTION_AHEAD"
    text = f"fore-aft force is {slope:.2f} of what points at the body (correlation {correlation:.2f})"
    if np.isnan(slope):
        return not_judged(code, reason="no loaded frames whose forces are known", questions=GROUND_REACTIONS)
    if slope < 0 and correlation < -SIGN_MIN_CORRELATION:
        reason = (
            f"{text}: the sign of the fore-aft force is wrong, or the plate is declared turned by half a turn (order "
            "of its corners)"
        )
        return _judged(code, Verdict.FAILED, slope, low, reason)
    if abs(correlation) < _CORRELATED and not (low <= slope <= high and correlation > 0):
        reason = (
            f"{text}: the horizontal channels are exchanged, or the plate is declared turned (order of its corners)"
        )
        return _judged(code, Verdict.FAILED, slope, low, reason)
    if correlation < GAIN_MIN_CORRELATION:
        return _judged(code, Verdict.PASSED, slope, 0.0, f"{text}; too little for the gain")
    reason = f"{text}; people: {low:g} to {high:g}: the gain of the fore-aft channel is wrong (calibration, amplifier)"
    verdict = Verdict.PASSED if low <= slope <= high else Verdict.FAILED
    return _judged(code, verdict, slope, high if slope > high else low, reason)


def _judge_aside(slope: float, correlation: float) -> Gate:
    code = "FORCE_DIRECTION_ASIDE"
    if np.isnan(slope) or abs(correlation) < SIGN_MIN_CORRELATION:
        reason = "the lateral force does not tell which way it should point: narrow steps, or a trunk that is not seen"
        return not_judged(code, reason=reason, questions=GROUND_REACTIONS)
    reason = (
        f"lateral force is {slope:.2f} of what points at the body (correlation {correlation:.2f}): the sign of the "
        "lateral force is wrong, or plates or markers are mirrored (left-handed axes)"
    )
    return _judged(code, Verdict.FAILED if slope < 0 else Verdict.PASSED, slope, 0.0, reason)


def _judge_clock(momentum: Momentum, limits: Gates) -> Gate:
    gain = momentum.vertical_gain
    if np.isnan(gain) or momentum.vertical_correlation < CLOCK_MIN_CORRELATION:
        reason = "vertical force and acceleration have too little in common, or too little is known"
        return not_judged("FORCE_ACCELERATION", reason=reason, questions=GROUND_REACTIONS)
    faster = 1 / np.sqrt(gain)
    return judge(
        "FORCE_ACCELERATION",
        outside(gain, *limits.force_acceleration),
        unit="times outside the range",
        reason=f"vertical force is {gain:.2f} of mass times acceleration, while its mean carries the weight: the rate "
        f"of the markers is declared {faster:.2f} times the true one, or frames were dropped. Correct the rate in the "
        "recording, or export it again with dropped frames as empty rows",
        fail_above=0.0,
        questions=GROUND_REACTIONS,
    )


def _judged(code: str, verdict: Verdict, slope: float, limit: float, reason: str) -> Gate:
    return Gate(code, verdict, slope, limit, "times", reason, GROUND_REACTIONS)
