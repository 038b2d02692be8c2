"""Gates of synchronisation: which numbers make an offset doubtful."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from gaitload.quality import Gate, Verdict, judge, not_judged
from gaitload.sync.result import Search

OVERLAP_WARN_S = 2.0
UNSTEADY_S = 0.010


def no_motion(rate_rad_per_s: float, search: Search) -> Gate:
    """Did the sensors turn at all?"""
    reason = "rate of turning, root mean square of the liveliest sensor; without motion there is nothing to match"
    return _at_least("SYNC_NO_MOTION", rate_rad_per_s, search.rate_min_rad_per_s, "rad/s", reason, Verdict.FAILED)


def no_overlap(search: Search) -> Gate:
    """No lag has enough overlap."""
    reason = f"no lag at which the streams share {search.overlap_min_s:g} s and enough motion"
    return Gate("SYNC_OVERLAP_SHORT", Verdict.FAILED, 0.0, search.overlap_min_s, "s", reason)


def overlap_gate(overlap_s: float) -> Gate:
    """Long enough to tell strides apart?"""
    reason = "what both streams recorded at the lag found"
    return _at_least("SYNC_OVERLAP_SHORT", overlap_s, OVERLAP_WARN_S, "s", reason, Verdict.WARNED)


def ambiguous(preference: float, runner_up_s: float, search: Search) -> Gate:
    """Is the best lag surely better than the runner-up?"""
    if math.isnan(preference):
        return not_judged("SYNC_AMBIGUOUS", reason="no second lag to compare with")
    reason = f"standard errors by which the best lag beats another; the runner-up lies {runner_up_s:+.3f} s from it"
    return _at_least("SYNC_AMBIGUOUS", preference, search.preference_min, "", reason, Verdict.FAILED)


def poor_match(cost: float, search: Search) -> Gate:
    """Is it the same motion?"""
    reason = "share of the motion that the segments leave unexplained (root mean square)"
    return judge("SYNC_POOR_MATCH", cost, unit="", reason=reason, fail_above=search.unexplained_max)


def disagreeing(names: Sequence[str], off_s: np.ndarray, error_s: np.ndarray, search: Search) -> Gate:
    """Do single sensors want another offset than all together?"""
    excess = np.where(np.abs(off_s) > 4 * error_s, np.abs(off_s), 0.0)
    worst = int(np.nanargmax(np.append(excess, 0.0)))
    named = f"; {names[worst]} by {off_s[worst] * 1e3:+.1f} ms" if worst < len(names) and excess[worst] > 0 else ""
    return judge(
        "SYNC_SENSORS_DISAGREE",
        float(np.nanmax(np.append(excess, 0.0))),
        unit="s",
        reason=f"furthest a sensor's own offset surely is from the common one{named}",
        warn_above=search.sensor_tolerance_s,
    )


def swapped(sensors: Sequence[str], said: Sequence[str], fits: Sequence[str], gain: float, search: Search) -> Gate:
    """Do sensors fit other segments better than those they were said to be on?"""
    moved = [f"{sensor} on {to}" for sensor, at, to in zip(sensors, said, fits, strict=True) if at != to]
    reason = "gain per sensor that changes place, in the logarithm of the unexplained share"
    reason += f": {', '.join(moved)}" if moved else "; none would"
    return judge("SENSORS_SWAPPED", gain, unit="", reason=reason, fail_above=search.swap_gain_min)


def unsteady(off_s: np.ndarray, error_s: np.ndarray) -> Gate:
    """Do the windows' offsets follow one line?"""
    if not len(off_s):
        return not_judged("SYNC_CLOCK_UNSTEADY", reason="too short for windows")
    excess = np.where(np.abs(off_s) > 4 * error_s, np.abs(off_s), 0.0)
    reason = "furthest a window's offset surely is from the line through all of them"
    return judge("SYNC_CLOCK_UNSTEADY", float(excess.max()), unit="s", reason=reason, warn_above=UNSTEADY_S)


def _at_least(code: str, value: float, least: float, unit: str, reason: str, otherwise: Verdict) -> Gate:
    verdict = Verdict.PASSED if value >= least else otherwise
    return Gate(code, verdict, float(value), least, unit, reason)
