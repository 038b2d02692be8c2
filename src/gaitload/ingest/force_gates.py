"""Gates of force plates: channels, drift, place, free moment, and the clocks of forces and markers.

A reason names the likely cause and the remedy, the likeliest first where several fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from gaitload.config.motion import Activity, Gates
from gaitload.conventions import SIDES
from gaitload.dependencies import GROUND_REACTIONS, free_moment
from gaitload.ingest.channels import JUMP_SHARE, Channels
from gaitload.ingest.drift import DRIFT_MIN_N, Drift
from gaitload.ingest.evidence import ForceEvidence
from gaitload.ingest.floor import Floor
from gaitload.ingest.free_moment import FreeMoment
from gaitload.ingest.lag import Lag, describe_lag
from gaitload.ingest.momentum_gates import judge_momentum
from gaitload.ingest.pressure import Pressure
from gaitload.quality import Gate, Verdict, judge, not_judged, outside

_AXES = {"x": "fore-aft", "y": "vertical", "z": "lateral"}
BEYOND_SHOE_M = 0.06
"""A centre of pressure that lies farther than this outside its range along the walk is beyond the tip of the shoe, or
behind the arch: the toes end 50 to 70 mm ahead of the metatarsal heads."""
FAR_SHARE = 0.3
"""A centre of pressure that lies farther than this share of the sole outside its range is not that of the foot."""
SHORT_LAG_ERROR_S = 0.008
"""Uncertainty of a lag without a standard error: a walk over two plates in the floor shows a stance or two."""
SKEW_ERRORS = 4.0
"""Standard errors that are taken off a difference of clocks before it is judged."""
SKEW_WARNS, SKEW_FAILS = 0.0005, 0.003
"""Differences of clocks, as shares: a half of a per mille moves forces by 15 ms within 30 s."""
FREE_MOMENT_QUIET_NM_PER_KG = 0.08
"""Mirrored free moments that spread by more are those of a noisy plate, and tell no sign."""
LAG_FAILS_S = 0.015
"""A lag farther than this outside its range moves the peaks of runners by three body weights."""
DRIFT_FAILS_FACTOR = 6.0
"""A plate that drifts by so many times what is taken off unseen is broken: it crosses contact thresholds."""


def judge_forces(evidence: ForceEvidence, activity: Activity, limits: Gates) -> Iterator[Gate]:
    """All gates of a trial's plates, those that explain others first."""
    for channels in evidence.channels:
        yield from judge_channels(channels)
    for plate, drift in evidence.drifts.items():
        yield judge_drift(plate, drift)
    if np.isfinite(evidence.skew):
        yield judge_skew(evidence.skew, evidence.skew_se)
    of_pressure = list(judge_pressure(evidence.pressure, activity, limits))
    yield from of_pressure
    yield judge_floor(evidence.floor, limits)
    yield from judge_free_moment(evidence.free_moment, activity, limits)
    if evidence.momentum is None:
        reason = "pelvis or legs are not seen: nothing tells where the body moves"
        yield not_judged("FORCE_DIRECTION_AHEAD", reason=reason, questions=GROUND_REACTIONS)
    else:
        yield from judge_momentum(evidence.momentum, activity, limits)
    lag = beside_pressure(evidence.lag, of_pressure, evidence.belt_m_per_s)
    yield from judge_lag(lag, activity, limits, delayed_s=evidence.delayed_s)


def beside_pressure(lag: Lag, found: Iterable[Gate], belt_m_per_s: float) -> Lag:
    """A lag that knows whether the centre of pressure lies farther off the metatarsal heads than it explains.

    Parameters
    ----------
    lag : Lag
        Time by which the forces of the trial lead, before it is corrected.
    found : iterable of Gate
        Gates of the trial, COP_HEADS among them.
    belt_m_per_s : float
        Speed of the belt.
    """
    off_heads_m = next((gate.value for gate in found if gate.code == "COP_HEADS"), None)
    return replace(lag, displaced=off_heads_m is not None and off_heads_m > abs(lag.vertical_s) * belt_m_per_s)


def judge_channels(channels: Channels) -> Iterator[Gate]:
    """Dead, held and saturated channels of one plate."""
    code = channels.plate.upper()
    if channels.dead:
        dead = " and ".join(_AXES[axis] for axis in channels.dead)
        reason = (
            f"{channels.plate}: the {dead} channel is dead: it shows no signal under load. Look for a cable or "
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
    if channels.jump_n > 0:
        reason = (
            f"{channels.plate}: the vertical force jumps by {channels.jump_n:.0f} N from one sample to the next at "
            f"{channels.jump_at_s:.2f} s, faster than any foot lands or leaves: samples before it were lost, repeated "
            "or set to zero. Export the recording again, whole or the part without them"
        )
        yield _failed(f"FORCE_JUMP_{code}", channels.jump_n, JUMP_SHARE * channels.peak_n, "N", reason)
    if channels.flat:
        reason = (
            f"{channels.plate}: {channels.flat} samples lie at the greatest reading, {channels.peak_n:.0f} N: "
            "the amplifier is saturated (its range is too small). Peaks are lost: choose a larger range"
        )
        yield _failed(f"FORCE_SATURATED_{code}", float(channels.flat), 0.0, "samples", reason)


def judge_drift(plate: str, drift: Drift) -> Gate:
    """The unloaded reading of one plate within the trial."""
    in_newtons = drift.range_n / DRIFT_MIN_N >= drift.range_nm / drift.limit_nm
    value, limit, unit = (drift.range_n, DRIFT_MIN_N, "N") if in_newtons else (drift.range_nm, drift.limit_nm, "N m")
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


def judge_pressure(pressure: Pressure, activity: Activity, limits: Gates) -> Iterator[Gate]:
    """Place of the plates by the centre of pressure under the soles."""
    low, high = limits.forefoot
    yield judge(
        "COP_AHEAD",
        outside(pressure.forefoot, low, high),
        unit="share of the sole outside the range",
        reason=f"late in stance the centre of pressure lies at {100 * pressure.forefoot:.0f} % of the sole (people: "
        f"{100 * low:.0f} to {100 * high:.0f} %): the plates are declared off their place (corners, origin), or the "
        "sign of a moment channel is wrong",
        warn_above=0.0,
        fail_above=FAR_SHARE,
        questions=GROUND_REACTIONS,
    )
    low, high = limits.cop_heads_walk_m if activity == "walk" else limits.cop_heads_run_m
    ahead_m = pressure.ahead_of_heads_m
    yield judge(
        "COP_HEADS",
        outside(ahead_m, low, high),
        unit="m outside the range",
        reason=f"late in stance the centre of pressure lies {1e3 * ahead_m:+.0f} mm ahead of the metatarsal heads "
        f"(people: {1e3 * low:+.0f} to {1e3 * high:+.0f} mm): the plates are declared off their place along the walk "
        "(corners, origin of the cameras), or, on a belt, forces lag",
        warn_above=0.0,
        fail_above=BEYOND_SHOE_M,
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


def judge_lag(lag: Lag, activity: Activity, limits: Gates, *, delayed_s: float) -> Iterator[Gate]:
    """The lag of one trial against what laboratories have.

    People who neither walk nor run are not judged. An estimate without a standard error, of a short trial, is off by
    more, and never fails. No correction is recommended where the belt contradicts the vertical force.

    Parameters
    ----------
    lag : Lag
        The lag that is left.
    activity : str
    limits : Gates
    delayed_s : float
        Time by which forces were delayed already.
    """
    low, high = limits.force_lag_range_s
    if activity not in ("walk", "run"):
        reason = "the participant neither walks nor runs: the lag between forces and markers is not judged"
        yield not_judged("FORCE_LAG", reason=reason, questions=GROUND_REACTIONS)
        return
    if np.isinf(lag.vertical_error_s):
        reason = (
            "no lag within 0.12 s makes the vertical force fit the motion: forces and markers are not of the same "
            "trial, their clocks start or run differently, or a rate is declared wrong"
        )
        yield _failed("FORCE_LAG", None, None, "s", reason)
        return
    if np.isnan(lag.vertical_s):
        reason = (
            "the lag is not estimated: too short, too little motion, or forces are missing or do not fit the motion"
        )
        yield not_judged("FORCE_LAG", reason=reason, questions=GROUND_REACTIONS)
        return
    lag_s = lag.mean_s
    accuracy_s = limits.force_lag_accuracy_s if activity == "run" else limits.force_lag_accuracy_walk_s
    short = bool(np.isnan(lag.vertical_error_s))
    remedy = (
        "compare other trials of the laboratory before forces are corrected"
        if lag.contradicted
        else f"correct the delay of the recorder, or set ingest.force_lag to {delayed_s + lag_s:.4f} where all trials "
        "of the laboratory have it"
    )
    yield judge(
        "FORCE_LAG",
        outside(lag_s, low, high) - (SHORT_LAG_ERROR_S if short else lag.error_s),
        unit="s outside the range",
        reason=f"forces {describe_lag(lag_s)} the markers by {1e3 * abs(lag_s):.1f} ms "
        f"({lag.describe()}; laboratories: {1e3 * low:.0f} to {1e3 * high:.0f} ms): {remedy}",
        warn_above=accuracy_s,
        fail_above=None if short else max(LAG_FAILS_S, accuracy_s),
        questions=GROUND_REACTIONS,
    )


def judge_skew(skew: float, error: float) -> Gate:
    """Whether the clock of the forces runs at the rate of that of the markers."""
    return judge(
        "FORCE_CLOCK",
        abs(skew) - SKEW_ERRORS * error,
        unit="share",
        reason=f"the clock of the forces runs {1e3 * skew:+.1f} per mille faster than that of the markers (standard "
        f"error {1e3 * error:.1f}): a rate is declared wrong, or one system lost frames. Correct the rate in the "
        "recording, or export it again; record both systems by one clock",
        warn_above=SKEW_WARNS,
        fail_above=SKEW_FAILS,
        questions=GROUND_REACTIONS,
    )


def judge_floor(floor: Floor, limits: Gates) -> Gate:
    """Heights of standing feet above the plates, and against the static trial."""
    low, high = limits.foot_height_m
    off = (low - floor.lowest_m, floor.lowest_m - high, abs(floor.above_static_m) - limits.floor_change_m)
    known = [value for value in off if np.isfinite(value)]
    return judge(
        "FLOOR_HEIGHT",
        max(*known, 0.0) if known else float("nan"),
        unit="m outside the range",
        reason=f"the lowest markers of standing feet are {1e3 * floor.lowest_m:.0f} mm above the plates"
        f"{_against_static(floor)}: the floor (origin) of the cameras is not that of the plates, or it changed since "
        "the static trial. Calibrate the origin anew, or correct the corners of the plates",
        warn_above=0.0,
        questions=GROUND_REACTIONS,
    )


def _against_static(floor: Floor) -> str:
    changed = f" and {1e3 * floor.above_static_m:+.0f} mm from their height in the static trial"
    return changed if np.isfinite(floor.above_static_m) else ""


def judge_free_moment(found: FreeMoment, activity: Activity, limits: Gates) -> Iterator[Gate]:
    """Sign and gain of the vertical moment channel, by the part of the free moment that both feet mirror.

    Only walking and running are judged.
    """
    direction = {"walk": 1.0, "run": -1.0}.get(activity)
    questions = tuple(map(free_moment, SIDES))
    if direction is None or np.isnan(found.change_nm_per_kg):
        reason = "no stances of both feet in walking or running, or the mass that the forces carry is not known"
        yield not_judged("FREE_MOMENT_SIGN", reason=reason, questions=questions)
        return
    text = f"the free moment changes by {found.change_nm_per_kg:+.3f} N m/kg from early to late stance"
    quiet = found.spread_nm_per_kg <= FREE_MOMENT_QUIET_NM_PER_KG
    yield judge(
        "FREE_MOMENT_SIGN",
        -direction * found.change_nm_per_kg if quiet else float("nan"),
        unit="N m/kg the wrong way",
        reason=f"{text}, of people who {activity} the other way: the sign of the vertical moment of the plate is wrong "
        "(free moment)",
        warn_above=limits.free_moment_against_nm_per_kg,
        questions=questions,
    )
    largest = limits.free_moment_walk_nm_per_kg if activity == "walk" else limits.free_moment_run_nm_per_kg
    yield judge(
        "FREE_MOMENT_GAIN",
        abs(found.change_nm_per_kg),
        unit="N m/kg",
        reason=f"{text} (people: up to {largest:g}): the gain or the unit of the vertical moment of the plate is wrong "
        "(free moment)",
        warn_above=largest,
        questions=questions,
    )


def _failed(code: str, value: float | None, limit: float | None, unit: str, reason: str) -> Gate:
    return Gate(code, Verdict.FAILED, value, limit, unit, reason, GROUND_REACTIONS)
