"""Gates of the ground reaction and of what it leaves at the pelvis."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from gaitload.config.motion import Gates
from gaitload.conventions import SIDES, STANDARD_GRAVITY_M_PER_S2
from gaitload.dependencies import BODY_MASS, GROUND_REACTIONS, free_moment
from gaitload.gates.mass import CONCERNED, describe_mass, judge_carried_mass
from gaitload.gates.solution import Solution
from gaitload.quality import Gate, Verdict, judge, not_judged
from gaitload.signals.runs import largest, median_peak, most_strikes, true_runs


def judge_mass(solution: Solution, limits: Gates, *, carried_kg: float = float("nan")) -> Iterator[Gate]:
    """Body mass against the mean vertical force over whole strides, which is the weight.

    The body starts and ends a stride alike, so its mean acceleration vanishes. Strides are those of the foot that shows
    more of them. Without a whole stride, the mass that the forces carry by the motion of the body counts
    (`carried_kg`, which ingest measured; NaN where it is not known).
    """
    loads = solution.loads
    code, vertical_n = "MASS_IN_FORCE", loads.foot_force_ground_n[..., 1].sum(axis=1)
    strikes = most_strikes(solution.contact)
    whole_n = vertical_n[strikes[0] : strikes[-1]] if len(strikes) > 1 else vertical_n[:0]
    if not len(whole_n) or np.isnan(whole_n).any():
        if np.isfinite(carried_kg):
            yield judge_carried_mass(loads.mass_kg, carried_kg, limits)
        else:
            reason = "neither a whole stride nor half a second of known ground reaction"
            yield not_judged(code, reason=reason, questions=CONCERNED)
        return
    measured_kg = float(whole_n.mean()) / STANDARD_GRAVITY_M_PER_S2
    yield judge(
        code,
        abs(measured_kg / loads.mass_kg - 1.0),
        unit="share of body mass",
        reason=describe_mass(loads.mass_kg, measured_kg),
        warn_above=limits.mass_warn_share,
        fail_above=limits.mass_fail_share,
        questions=CONCERNED,
    )


def judge_residuals(solution: Solution, limits: Gates, *, untracked: tuple[str, ...]) -> Iterator[Gate]:
    """Residual force and moment at the pelvis (Hicks et al. 2015): the median of the peaks of all stances.

    Parameters
    ----------
    untracked
        Coordinates that were locked because no marker tells them; with any, residuals hold the missing motion of those
        segments and cannot be judged.
    """
    loads = solution.loads
    force, moment = (
        np.linalg.norm(np.stack([loads.generalized_forces[name] for name in names], axis=1), axis=1)
        for names in (loads.family.residual_forces, loads.family.residual_moments)
    )
    external_n = largest(np.linalg.norm(loads.foot_force_ground_n.sum(axis=1), axis=1))
    stances = [run for side in SIDES for run in solution.phases(side)["stance"]]
    if not external_n > 0:
        for code in ("RESIDUAL_FORCE", "RESIDUAL_MOMENT"):
            yield not_judged(code, reason="no external force to compare residuals with", questions=(BODY_MASS,))
        return
    shares = {
        "RESIDUAL_FORCE": (
            median_peak(force, stances) / external_n,
            limits.residual_force_share,
            "peak external force",
        ),
        "RESIDUAL_MOMENT": (
            median_peak(moment, stances) / (external_n * solution.com_height_m),
            limits.residual_moment_share,
            "centre-of-mass height x peak external force",
        ),
    }
    for code, (share, limit, reference) in shares.items():
        if untracked:
            reason = f"{share:.3f} of {reference}; it holds the motion of untracked segments ({', '.join(untracked)})"
            yield not_judged(code, reason=reason, questions=(BODY_MASS,))
            continue
        gate = judge(
            code,
            float(share),
            unit="share",
            reason=f"peak residual of a stance as a share of {reference}, median of {len(stances)}",
            warn_above=limit,
            fail_above=limit * limits.residual_fail_factor,
            questions=(BODY_MASS,),
        )
        # Where mass and motion cannot explain the residual, the measured forces are in doubt themselves.
        yield replace(gate, questions=(BODY_MASS, *GROUND_REACTIONS)) if gate.verdict is Verdict.FAILED else gate


def judge_free_moment(solution: Solution, limits: Gates) -> Iterator[Gate]:
    """What the free moments of both feet have in common over whole stances: in straight gait they mirror each other."""
    code, loads = "FREE_MOMENT_BIAS", solution.loads
    concerned = tuple(map(free_moment, SIDES))
    moments = []
    for number in range(len(SIDES)):
        runs = true_runs(solution.contact[:, number])
        whole = [run for run in runs if run.start > 0 and run.stop < len(loads.time_s)]
        moments.append(np.concatenate([loads.foot_free_moment_nm[run, number] for run in whole] or [[np.nan]]))
    if not all(np.isfinite(values).any() for values in moments):
        yield not_judged(code, reason="no whole stance of each foot", questions=concerned)
        return
    bias = float(np.mean([np.nanmean(values) for values in moments])) / loads.mass_kg
    yield judge(
        code,
        abs(bias),
        unit="N m/kg",
        reason=f"mean free moment that both feet have in common: {bias:+.3f} N m/kg, counter-clockwise from above",
        warn_above=limits.free_moment_bias_nm_per_kg,
        questions=concerned,
    )
