"""Gates of what muscles share: reserves, saturation, and the passive part of their force."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from gaitload.config.motion import Gates
from gaitload.conventions import SIDES, side_of
from gaitload.dependencies import EVERYTHING, muscle
from gaitload.gates.solution import Solution
from gaitload.quality import Gate, Verdict, judge, not_judged
from gaitload.signals.runs import largest, median_peak

MOMENT_FLOOR_NM_PER_KG = 0.05
"""Smallest joint moment that reserves are compared with; walking peaks are 0.15 (hip rotation) to 1.6 N m/kg (ankle). A
larger floor forgives more in quiet joints."""
TENDON_GROUPS = {"atf": "achilles_tendon", "ptf": "patellar_tendon"}
"""Label of a tendon force -> the muscle group that pulls on the tendon."""


def judge_reserves(solution: Solution, limits: Gates) -> Iterator[Gate]:
    """Reserves of the leg's coordinates, stance by stance and swing by swing (criterion of Hicks et al. 2015).

    A phase counts by its largest reserve as a share of the joint's peak moment, which is the median of the stances'
    peaks. The median over the phases fails and warns; many single ones above the limit warn. What is questioned are the
    muscles that could have carried the moment.
    """
    for name in solution.anatomy.labelled:
        peak_nm, share = _reserve_share(solution, name)
        relevant = [one for one in solution.anatomy.crossed if name in solution.anatomy.relevant(one)]
        for phase, runs in solution.phases(side_of(name)).items():
            peaks = np.array([largest(share[run]) for run in runs])
            peaks = peaks[np.isfinite(peaks)]
            swings = phase == "swing"
            code = f"RESERVE_SWING_{name.upper()}" if swings else f"RESERVE_{name.upper()}"
            questions = tuple(map(muscle, relevant)) or (EVERYTHING,)
            about = {"questions": questions, "phase": phase if swings else ""}
            if not len(peaks):
                yield not_judged(code, reason=f"no {phase} of which the ground reaction is known", **about)
                continue
            median, above = float(np.median(peaks)), float(np.mean(peaks > limits.reserve_fail_share))
            measured = f"reserve of {name} in {phase}: {median * peak_nm:.0f} N m of a peak moment of {peak_nm:.0f} N m"
            spread = f"median of {len(peaks)}; {above:.0%} above {limits.reserve_fail_share:.0%}"
            gate = judge(
                code,
                median,
                unit="share of peak moment",
                reason=f"{measured}, {spread}; {_direction(solution, name, runs)}",
                warn_above=limits.reserve_warn_share,
                fail_above=limits.reserve_fail_share,
                **about,
            )
            if gate.verdict is Verdict.PASSED and above > limits.reserve_phases_share:
                gate = replace(gate, verdict=Verdict.WARNED, limit=limits.reserve_fail_share)
            yield gate


def judge_muscles(solution: Solution, limits: Gates) -> Iterator[Gate]:
    """Frames without a solution, and saturated muscles.

    Saturation warns at most: the stock strength of the models saturates some muscle in most stance frames of running.
    """
    every = tuple(map(muscle, solution.anatomy.crossed))
    times = ", ".join(f"{time_s:g}" for time_s in solution.loads.time_s[solution.unsolved]) or "no time"
    yield judge(
        "OPTIMIZATION_UNSOLVED",
        float(solution.unsolved.mean()),
        unit="share of frames",
        reason=f"static optimization gave up at {times} (s)",
        warn_above=0.0,
        fail_above=limits.frames_share,
        questions=every,
    )
    saturated = saturation(solution, limits)
    shares = {name: float(np.mean(frames[solution.stance])) for name, frames in saturated.items()}
    worst = max(shares, key=shares.get)
    yield judge(
        "MUSCLES_SATURATED",
        float(np.mean(np.any(list(saturated.values()), axis=0)[solution.stance])),
        unit="share of stance frames",
        reason=f"stance frames with a saturated muscle; most often {worst} ({shares[worst]:.0%})",
        warn_above=limits.saturated_share,
        questions=tuple(muscle(name) for name, share in shares.items() if share > 0) or (muscle(worst),),
    )


def judge_passive_forces(solution: Solution, limits: Gates) -> Iterator[Gate]:
    """How much of a tendon's peak force stretched fibres bear without activation, median over the stances."""
    loads, family = solution.loads, solution.loads.family
    for group in TENDON_GROUPS.values():
        for side in SIDES:
            names = family.muscles(group, side)
            total, passive = (
                np.sum([forces[name] for name in names], axis=0)
                for forces in (loads.tendon_forces_n, loads.passive_forces_n)
            )
            shares = [
                float(passive[run][peak] / total[run][peak])
                for run in solution.phases(side)["stance"]
                if np.isfinite(total[run]).any() and total[run][peak := int(np.nanargmax(total[run]))] > 0
            ]
            yield judge(
                f"PASSIVE_SHARE_{group.upper()}_{side.upper()}",
                float(np.median(shares)) if shares else np.nan,
                unit="share of the peak force",
                reason=f"passive part of the peak of {group.replace('_', ' ')} {side}, median of {len(shares)} stances",
                warn_above=limits.passive_warn_share,
                fail_above=limits.passive_fail_share,
                questions=tuple(map(muscle, names)),
            )


def saturation(solution: Solution, limits: Gates) -> dict[str, np.ndarray]:
    """Muscle -> frames in which it is saturated, shape (T,)."""
    return {name: values > limits.saturated_activation for name, values in solution.activations.items()}


def excessive_reserves(solution: Solution, limits: Gates, side: str) -> np.ndarray:
    """Frames in which a reserve of a leg is above its share of the joint's peak moment, shape (T,)."""
    names = [name for name in solution.anatomy.labelled if side_of(name) == side]
    return np.any([_reserve_share(solution, name)[1] > limits.reserve_fail_share for name in names], axis=0)


def reserve_shares(solution: Solution) -> dict[str, np.ndarray]:
    """Coordinate -> its reserve as a share of the joint's peak moment, shape (T,)."""
    return {name: _reserve_share(solution, name)[1] for name in solution.anatomy.labelled}


def _reserve_share(solution: Solution, name: str) -> tuple[float, np.ndarray]:
    """Peak moment of a coordinate (N m), the median of the stances' peaks, and its reserve as a share of it, shape
    (T,).

    Moments below `MOMENT_FLOOR_NM_PER_KG` count as that much: a share of next to nothing says nothing.
    """
    loads = solution.loads
    moment = np.abs(loads.generalized_forces[name])
    peak_nm = median_peak(moment, solution.phases(side_of(name))["stance"])
    peak_nm = float(np.nanmax([peak_nm, MOMENT_FLOOR_NM_PER_KG * loads.mass_kg]))
    return peak_nm, np.abs(solution.reserves_nm[name]) / peak_nm


def _direction(solution: Solution, name: str, runs: Iterable[slice]) -> str:
    """Which way the largest reserve of the median run acts, and what that says about the muscles."""
    reserve, moment = solution.reserves_nm[name], solution.loads.generalized_forces[name]
    places = [run.start + int(np.nanargmax(np.abs(reserve[run]))) for run in runs if np.isfinite(reserve[run]).any()]
    place = sorted(places, key=lambda frame: abs(reserve[frame]))[len(places) // 2]
    ways = solution.loads.family.directions[name.rpartition("_")[0]]
    way, other = ways if reserve[place] > 0 else ways[::-1]
    if reserve[place] * moment[place] > 0:
        return f"it adds to {way}: muscles are too weak for it"
    return f"it acts against {other}, which muscles exert more than the motion demands: passive force is too high"
