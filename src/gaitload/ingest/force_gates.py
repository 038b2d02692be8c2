"""Gates of force plates: channels, drift, sign and gain, place, and the lag between forces and markers.

A reason names the likely cause and the remedy, the likeliest first where several fit.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gaitload.config.motion import Activity, Gates
from gaitload.conventions import SIDES
from gaitload.dependencies import ground_reaction
from gaitload.ingest.channels import Channels
from gaitload.ingest.drift import DRIFT_MIN_N, DRIFT_MIN_NM, Drift
from gaitload.ingest.evidence import ForceEvidence
from gaitload.ingest.lag import describe_error, describe_lag
from gaitload.ingest.momentum import Momentum
from gaitload.ingest.pressure import Pressure
from gaitload.quality import Gate, Verdict, judge, not_judged

GROUND_REACTIONS = tuple(map(ground_reaction, SIDES))
_AXES = {"x": "fore-aft", "y": "vertical", "z": "lateral"}
SIGN_MIN_CORRELATION = 0.5
"""A horizontal force that correlates more strongly than this with the direction away from the body has a wrong sign."""
CLOCK_MIN_CORRELATION = 0.9
"""Vertical force and acceleration that correlate less do not tell a rate; 49 trials of four laboratories: 0.93 to 1."""
GAIN_MIN_CORRELATION = 0.85
"""Fore-aft forces that correlate less tell the sign alone; recorded people who walk or run: 0.87 to 0.97."""
FAR_SHARE = 0.3
"""A centre of pressure that lies farther than this share of the sole outside its range is not that of the foot."""
LAG_FAILS_S = 0.015
"""A lag farther than this outside its range moves the peaks of runners by three body weights."""
DRIFT_FAILS_FACTOR = 6.0
"""A plate that drifts by so many times what is taken off unseen is broken: it crosses contact thresholds."""
_CORRELATED = 0.6


def judge_forces(evidence: ForceEvidence, activity: Activity, limits: Gates) -> Iterator[Gate]:
    """All gates of a trial's plates, those that explain others first."""
    for channels in evidence.channels:
        yield from judge_channels(channels)
    for plate, drift in evidence.drifts.items():
        yield judge_drift(plate, drift)
    yield from judge_pressure(evidence.pressure, limits)
    if evidence.momentum is None:
        reason = "pelvis or legs are not seen: nothing tells where the body moves"
        yield not_judged("FORCE_DIRECTION_AHEAD", reason=reason, questions=GROUND_REACTIONS)
    else:
        yield from judge_momentum(evidence.momentum, activity, limits)
    yield from judge_lag(evidence.lag_s, evidence.lag_se_s, limits, delayed_s=evidence.delayed_s)


def judge_channels(channels: Channels) -> Iterator[Gate]:
    """Dead, held and saturated channels of one plate."""
    code = channels.plate.upper()
    if channels.dead:
        told = " and ".join(_AXES[axis] for axis in channels.dead)
        reason = (
            f"{channels.plate}: the {told} channel is dead: it shows no signal under load. Look for a cable or "
            "an amplifier that is off, or leave the plate out (plates in trials.tsv)"
        )
        yield _failed(f"FORCE_DEAD_{code}", float(len(channels.dead)), 0.0, "channels", reason)
    if channels.held_s > 0:
        reason = (
            f"{channels.plate}: all channels hold their value for {channels.held_s:.3f} s under load, first at "
            f"{channels.held_at_s:.2f} s: samples were lost and repeated. Export the recording again, whole or "
            "the part without them"
        )
        yield _failed(f"FORCE_HELD_{code}", channels.held_s, 0.0, "s", reason)
    if channels.flat:
        reason = (
            f"{channels.plate}: {channels.flat} samples lie at the greatest reading, {channels.peak_n:.0f} N: "
            "the amplifier is saturated (its range is too small). Peaks are lost: choose a larger range"
        )
        yield _failed(f"FORCE_SATURATED_{code}", float(channels.flat), 0.0, "samples", reason)


def judge_drift(plate: str, drift: Drift) -> Gate:
    """The unloaded reading of one plate within the trial."""
    in_newtons = drift.range_n / DRIFT_MIN_N >= drift.range_nm / DRIFT_MIN_NM
    value, limit, unit = (drift.range_n, DRIFT_MIN_N, "N") if in_newtons else (drift.range_nm, DRIFT_MIN_NM, "N m")
    return judge(
        f"FORCE_DRIFT_{plate.upper()}",
        value,
        unit=unit,
        reason=f"{plate}: the unloaded reading drifts by {value:.0f} {unit} within the trial; what lies between the "
        "unloaded phases is taken off instead of one offset. Let the amplifiers warm up, and set them to zero before "
        "each trial",
        warn_above=limit,
        fail_above=DRIFT_FAILS_FACTOR * limit,
        questions=GROUND_REACTIONS,
    )


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
    low, high = limits.force_bias
    outside = max(low - ahead.bias, ahead.bias - high, 0.0) if np.isfinite(ahead.bias) else np.nan
    yield judge(
        "FORCE_ORIGIN",
        outside,
        unit="share of the vertical force outside the range",
        reason=f"forces pass the body by {ahead.bias:+.3f} of its height on average: the plates are declared off their "
        "place along the walk (corners, origin of the cameras), cameras or plates are not level, or the vertical force "
        "shows on the fore-aft channel (cross-talk)",
        warn_above=0.0,
        questions=GROUND_REACTIONS,
    )
    yield _judge_clock(momentum, limits)


def judge_pressure(pressure: Pressure, limits: Gates) -> Iterator[Gate]:
    """Place of the plates by the centre of pressure under the soles."""
    low, high = limits.forefoot
    outside = max(low - pressure.forefoot, pressure.forefoot - high, 0.0)
    outside = float("nan") if np.isnan(pressure.forefoot) else outside
    yield judge(
        "COP_AHEAD",
        outside,
        unit="share of the sole outside the range",
        reason=f"late in stance the centre of pressure lies at {100 * pressure.forefoot:.0f} % of the sole (people: "
        f"{100 * low:.0f} to {100 * high:.0f} %): the plates are declared off their place (corners, origin), or the "
        "sign of a moment channel is wrong",
        warn_above=0.0,
        fail_above=FAR_SHARE,
        questions=GROUND_REACTIONS,
    )
    yield judge(
        "COP_ASIDE",
        abs(pressure.to_the_right_m),
        unit="m",
        reason=f"the centre of pressure of both feet lies {1e3 * pressure.to_the_right_m:+.0f} mm to the right: the "
        "plates are declared off their place across the walk (corners, origin of the cameras), or the sign of a moment "
        "channel is wrong",
        warn_above=limits.cop_aside_m,
        questions=GROUND_REACTIONS,
    )
    still = float("nan") if np.isnan(pressure.path_m) else max(limits.cop_path_m - pressure.path_m, 0.0)
    gate = judge(
        "COP_STILL",
        still,
        unit="m below the limit",
        reason=f"the centre of pressure moves by {1e3 * pressure.path_m:.0f} mm (standard deviation) in a stance: a "
        "moment channel of the plate is dead",
        fail_above=0.0,
        questions=GROUND_REACTIONS,
    )
    if gate.verdict is Verdict.FAILED:
        yield gate


def judge_lag(lag_s: float, error_s: float, limits: Gates, *, delayed_s: float) -> Iterator[Gate]:
    """The lag of one trial against what laboratories have.

    Parameters
    ----------
    lag_s, error_s : float
        What is left of the lag, and its standard error; see `lag.estimate_force_lag`.
    limits : Gates
    delayed_s : float
        By which forces were delayed already.
    """
    low, high = limits.force_lag_range_s
    if np.isinf(error_s):
        reason = (
            "no lag within 0.12 s makes the vertical force fit the motion: forces and markers are not of the same "
            "trial, their clocks start or run differently, or a rate is declared wrong"
        )
        yield _failed("FORCE_LAG", None, None, "s", reason)
        return
    if np.isnan(lag_s):
        reason = "too short, or forces are missing: the lag between forces and markers is not estimated"
        yield not_judged("FORCE_LAG", reason=reason, questions=GROUND_REACTIONS)
        return
    yield judge(
        "FORCE_LAG",
        max(low - lag_s, lag_s - high, 0.0) - 2 * np.nan_to_num(error_s),
        unit="s outside the range",
        reason=f"forces {describe_lag(lag_s)} the markers by {1e3 * abs(lag_s):.1f} ms "
        f"({describe_error(error_s)}; laboratories: {1e3 * low:.0f} to {1e3 * high:.0f} ms): correct the delay of the "
        f"recorder, or set ingest.force_lag to {delayed_s + lag_s:.4f} where all trials of the laboratory "
        "have it",
        warn_above=limits.force_lag_accuracy_s,
        fail_above=LAG_FAILS_S,
        questions=GROUND_REACTIONS,
    )


def _judge_ahead(slope: float, correlation: float, low: float, high: float) -> Gate:
    code = "FORCE_DIRECTION_AHEAD"
    told = f"fore-aft force is {slope:.2f} of what points at the body (correlation {correlation:.2f})"
    if np.isnan(slope):
        return not_judged(code, reason="no loaded frames whose forces are known", questions=GROUND_REACTIONS)
    if slope < 0 and correlation < -SIGN_MIN_CORRELATION:
        reason = (
            f"{told}: the sign of the fore-aft force is wrong, or the plate is declared turned by half a turn (order "
            "of its corners)"
        )
        return _failed(code, slope, low, "times", reason)
    if abs(correlation) < _CORRELATED and not (low <= slope <= high and correlation > 0):
        reason = (
            f"{told}: the horizontal channels are exchanged, or the plate is declared turned (order of its corners)"
        )
        return _failed(code, slope, low, "times", reason)
    if correlation < GAIN_MIN_CORRELATION:
        return Gate(code, Verdict.PASSED, slope, 0.0, "times", f"{told}; too little for the gain", GROUND_REACTIONS)
    reason = f"{told}; people: {low:g} to {high:g}: the gain of the fore-aft channel is wrong (calibration, amplifier)"
    outside = not low <= slope <= high
    return Gate(
        code,
        Verdict.FAILED if outside else Verdict.PASSED,
        slope,
        high if slope > high else low,
        "times",
        reason,
        GROUND_REACTIONS,
    )


def _judge_aside(slope: float, correlation: float) -> Gate:
    code = "FORCE_DIRECTION_ASIDE"
    if np.isnan(slope) or abs(correlation) < SIGN_MIN_CORRELATION:
        reason = "the lateral force does not tell which way it should point: narrow steps, or a trunk that is not seen"
        return not_judged(code, reason=reason, questions=GROUND_REACTIONS)
    reason = (
        f"lateral force is {slope:.2f} of what points at the body (correlation {correlation:.2f}): the sign of the "
        "lateral force is wrong, or plates or markers are mirrored (left-handed axes)"
    )
    if slope < 0:
        return _failed(code, slope, 0.0, "times", reason)
    return Gate(code, Verdict.PASSED, slope, 0.0, "times", reason, GROUND_REACTIONS)


def _judge_clock(momentum: Momentum, limits: Gates) -> Gate:
    low, high = limits.force_acceleration
    gain = momentum.vertical_gain
    if np.isnan(gain) or momentum.vertical_correlation < CLOCK_MIN_CORRELATION:
        reason = "vertical force and acceleration have too little in common, or too little is known"
        return not_judged("FORCE_ACCELERATION", reason=reason, questions=GROUND_REACTIONS)
    faster = 1 / np.sqrt(gain)
    return judge(
        "FORCE_ACCELERATION",
        max(low - gain, gain - high, 0.0),
        unit="times outside the range",
        reason=f"vertical force is {gain:.2f} of mass times acceleration, while its mean carries the weight: the rate "
        f"of the markers is declared {faster:.2f} times the true one, or frames were dropped",
        fail_above=0.0,
        questions=GROUND_REACTIONS,
    )


def _failed(code: str, value: float | None, limit: float | None, unit: str, reason: str) -> Gate:
    return Gate(code, Verdict.FAILED, value, limit, unit, reason, GROUND_REACTIONS)
