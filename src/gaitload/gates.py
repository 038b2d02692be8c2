"""The quality gates of a labelled trial: numbers held against limits, each with a reason a person can act on.

Limits and their sources: docs/quality.md. A gate says what it questions in the vocabulary of `gaitload.dependencies`,
and so concerns the labels that depend on it. Gates that no trial of a kind can pass (residuals without a trunk,
saturation) warn or are not judged, so that they drop no data.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from gaitload.config.motion import Activity, Gates
from gaitload.conventions import SIDES, STANDARD_GRAVITY_M_PER_S2, body_weight_n, side_of
from gaitload.dependencies import (
    BODY_MASS,
    EVERYTHING,
    compartments,
    contact,
    free_moment,
    ground_reaction,
    muscle,
    pose,
)
from gaitload.labels import TrialLoads
from gaitload.labels.knee_compartments import split
from gaitload.models.anatomy import Anatomy
from gaitload.quality import Gate, Quality, Verdict, judge, not_judged
from gaitload.signals.runs import true_runs

MOMENT_FLOOR_NM_PER_KG = 0.05
"""Smallest joint moment that reserves are compared with; walking peaks are 0.15 (hip rotation) to 1.6 N m/kg (ankle). A
larger floor forgives more in quiet joints."""
GROUND_REACTIONS = tuple(map(ground_reaction, SIDES))
TENDON_GROUPS = {"atf": "achilles_tendon", "ptf": "patellar_tendon"}
"""Label of a tendon force -> the muscle group that pulls on the tendon."""


@dataclass(frozen=True)
class Solution:
    """What the gates look at beside the loads themselves; arrays share axis 0 with `loads.time_s`.

    Attributes
    ----------
    loads : TrialLoads
    anatomy : Anatomy
    leg_marker_errors_m, other_marker_errors_m : mapping of str to ndarray, shape (T,)
        Markers of pelvis and legs, and those of trunk and arms.
    marker_body : mapping of str to str
        Body of the model that each marker sits on.
    activations : mapping of str to ndarray, shape (T,)
        Of muscles.
    reserves_nm : mapping of str to ndarray, shape (T,)
        Coordinate -> moment of its reserve actuator.
    contact : ndarray of bool, shape (T, 2)
    com_height_m : float
    unsolved : ndarray of bool, shape (T,)
        Frames that static optimization gave up.
    """

    loads: TrialLoads
    anatomy: Anatomy
    leg_marker_errors_m: Mapping[str, np.ndarray]
    other_marker_errors_m: Mapping[str, np.ndarray]
    marker_body: Mapping[str, str]
    activations: Mapping[str, np.ndarray]
    reserves_nm: Mapping[str, np.ndarray]
    contact: np.ndarray
    com_height_m: float
    unsolved: np.ndarray

    @property
    def stance(self) -> np.ndarray:
        """Frames in which a foot is loaded, shape (T,)."""
        return self.contact.any(axis=1)

    def phases(self, side: str) -> dict[str, list[slice]]:
        """Runs of frames by phase: `stance` while the foot is loaded, `swing` between two stances."""
        loaded = self.contact[:, SIDES.index(side)]
        unloaded = [run for run in true_runs(~loaded) if run.start > 0 and run.stop < len(loaded)]
        return {"stance": true_runs(loaded), "swing": unloaded}


def judge_scaling(record: Mapping, anatomy: Anatomy, limits: Gates) -> Iterator[Gate]:
    """Gates of the static pose; `record` as `scale_subject` returns it.

    They warn at most: errors of the static pose are those before the markers are moved to where they were seen, and so
    do not enter the trials.
    """
    if "instead_of" in record.get("strength", {}):
        reason = "no height in participants.tsv: muscles as strong as the generic model's"
        questions = tuple(map(muscle, anatomy.crossed))
        yield Gate("STRENGTH_UNSCALED", Verdict.WARNED, None, None, "", reason, questions)
    errors, poses = record.get("marker_errors_m"), tuple(map(pose, anatomy.parent))
    if not errors:
        reason = "no static trial: scaled by height, markers at generic places"
        yield Gate("STATIC_TRIAL_MISSING", Verdict.WARNED, None, None, "", reason, poses)
        return
    yield from judge_static_pose(errors, limits, questions=poses)


def judge_static_pose(
    errors: Mapping[str, float], limits: Gates, *, questions: tuple[str, ...] = (EVERYTHING,)
) -> Iterator[Gate]:
    """Distances (m) of the weighted markers from the scaled model in the static pose."""
    values = np.array(list(errors.values()))
    worst = max(errors, key=errors.get)
    yield judge(
        "STATIC_MARKERS_RMS",
        float(np.sqrt(np.mean(values**2))),
        unit="m",
        reason="root mean square distance of the weighted markers in the static pose",
        warn_above=limits.static_rms_m,
        questions=questions,
    )
    yield judge(
        "STATIC_MARKERS_MAX",
        errors[worst],
        unit="m",
        reason=f"largest distance in the static pose: {worst}",
        warn_above=limits.static_max_m,
        questions=questions,
    )


def judge_kinematics(solution: Solution, limits: Gates) -> Iterator[Gate]:
    """Marker errors of pelvis and legs: all together, the worst marker of each body, and the share of frames with an
    outlier.

    Single frames warn at most: in running, markers on thighs and iliac crests swing by more than any limit that tells
    good trials from bad. Shoulders rise with the arms, and no model here has shoulder blades: trunk and arm markers
    warn at most, too.
    """
    errors = np.stack(list(solution.leg_marker_errors_m.values()), axis=1)
    yield judge(
        "IK_MARKERS_RMS",
        float(np.sqrt(np.nanmean(errors**2))),
        unit="m",
        reason="root mean square marker error of inverse kinematics, pelvis and legs",
        fail_above=limits.ik_rms_m,
        questions=_poses(solution, solution.leg_marker_errors_m),
    )
    rms = _rms_by_marker(solution.leg_marker_errors_m)
    for body in dict.fromkeys(solution.marker_body[name] for name in rms):
        worst = max((name for name in rms if solution.marker_body[name] == body), key=rms.__getitem__)
        yield judge(
            f"IK_MARKER_WORST_{body.upper()}",
            rms[worst],
            unit="m",
            reason=f"root mean square error of the worst marker on {body}: {worst}",
            warn_above=limits.ik_rms_m,
            fail_above=limits.ik_max_m,
            questions=(pose(body),),
        )
    swinging = [name for name, values in solution.leg_marker_errors_m.items() if (values > limits.ik_max_m).any()]
    yield judge(
        "IK_MARKERS_MAX",
        float(np.mean(ik_outliers(solution, limits))),
        unit="share of frames",
        reason=f"frames in which a marker of pelvis and legs is off by more than {limits.ik_max_m * 1000:.0f} mm",
        warn_above=limits.frames_share,
        questions=_poses(solution, swinging or solution.leg_marker_errors_m),
    )
    upper = _rms_by_marker(solution.other_marker_errors_m)
    if upper:
        worst = max(upper, key=upper.__getitem__)
        yield judge(
            "IK_UPPER_BODY",
            upper[worst],
            unit="m",
            reason=f"root mean square error of the worst marker of trunk and arms: {worst}",
            warn_above=limits.ik_max_m,
            questions=_poses(solution, [name for name in upper if upper[name] > limits.ik_max_m] or upper),
        )


def judge_ranges(solution: Solution, limits: Gates) -> Iterator[Gate]:
    """Stances in which a coordinate lies at the end of its range: the model could not follow the markers farther."""
    for name in solution.anatomy.labelled:
        low, high = solution.anatomy.range_rad[name]
        values = solution.loads.coordinates[name]
        at_end = (values >= high - limits.range_end_rad) | (values <= low + limits.range_end_rad)
        stances = solution.phases(side_of(name))["stance"]
        touching = sum(bool(at_end[run].any()) for run in stances)
        yield judge(
            f"RANGE_END_{name.upper()}",
            touching / len(stances) if stances else np.nan,
            unit="share of stances",
            reason=f"{touching} of {len(stances)} stances reach an end of the range of {name}, "
            f"{np.degrees(low):.0f} to {np.degrees(high):.0f} deg",
            warn_above=limits.frames_share,
            questions=tuple(sorted(_own_poses(solution.anatomy, name))),
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
    external_n = _largest(np.linalg.norm(loads.foot_force_ground_n.sum(axis=1), axis=1))
    stances = [run for side in SIDES for run in solution.phases(side)["stance"]]
    shares = {
        "RESIDUAL_FORCE": (
            _median_peak(force, stances) / external_n,
            limits.residual_force_share,
            "peak external force",
        ),
        "RESIDUAL_MOMENT": (
            _median_peak(moment, stances) / (external_n * solution.com_height_m),
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
            peaks = np.array([_largest(share[run]) for run in runs])
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


def judge_plausibility(solution: Solution, limits: Gates, *, activity: Activity) -> Iterator[Gate]:
    """Peaks of tendon and contact forces against what is known of the activity, and knee compartments that would
    pull."""
    loads = solution.loads
    weight_n, bands = body_weight_n(loads.mass_kg), limits.plausible_bw(activity)
    for side in SIDES:
        stances = solution.phases(side)["stance"]
        for label, (values_n, questions) in _judged_forces(loads, side).items():
            peak_bw = _median_peak(values_n, stances) / weight_n
            if label in bands and np.isfinite(peak_bw):
                code = f"PLAUSIBLE_{label.upper()}_{side.upper()}"
                yield _in_band(code, peak_bw, bands[label], activity, questions)
        clamped = split(loads)[side][2][solution.contact[:, SIDES.index(side)]]
        yield judge(
            f"KNEE_COMPARTMENT_CLAMPED_{side.upper()}",
            float(np.mean(clamped)) if clamped.size else np.nan,
            unit="share of stance frames",
            reason="a compartment would have pulled and was set to zero",
            warn_above=limits.frames_share,
            questions=(compartments(side),),
        )


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


def judge_mass(solution: Solution, limits: Gates) -> Iterator[Gate]:
    """Body mass against the mean vertical force over whole strides, which is the weight.

    The body starts and ends a stride alike, so its mean acceleration vanishes. Strides are told by the foot that shows
    more of them.
    """
    loads = solution.loads
    code, vertical_n = "MASS_IN_FORCE", loads.foot_force_ground_n[..., 1].sum(axis=1)
    concerned = (BODY_MASS, *GROUND_REACTIONS)
    strikes = [np.flatnonzero(np.diff(foot.astype(int)) == 1) + 1 for foot in solution.contact.T]
    first, *_, last = max(strikes, key=len) if max(map(len, strikes)) > 1 else (0, 0)
    if first == last or np.isnan(vertical_n[first:last]).any():
        yield not_judged(code, reason="no whole stride whose ground reaction is known", questions=concerned)
        return
    measured_kg = float(vertical_n[first:last].mean()) / STANDARD_GRAVITY_M_PER_S2
    yield judge(
        code,
        abs(measured_kg / loads.mass_kg - 1.0),
        unit="share of body mass",
        reason=f"mean vertical force in whole strides says {measured_kg:.1f} kg, participants.tsv {loads.mass_kg:g} kg",
        warn_above=limits.mass_warn_share,
        fail_above=limits.mass_fail_share,
        questions=concerned,
    )


def judge_static(quality: Quality) -> Iterator[Gate]:
    """What ingest doubted about a static trial, whose markers decide the model; it warns, as scaling does."""
    for gate in quality.gates:
        if gate.verdict in (Verdict.WARNED, Verdict.FAILED):
            reason = f"{quality.where}: {gate.reason}"
            yield replace(gate, code=f"STATIC_{gate.code}", verdict=Verdict.WARNED, reason=reason)


def ik_outliers(solution: Solution, limits: Gates) -> np.ndarray:
    """Frames in which a marker error is above the limit, shape (T,)."""
    return np.any([values > limits.ik_max_m for values in solution.leg_marker_errors_m.values()], axis=0)


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
    peak_nm = _median_peak(moment, solution.phases(side_of(name))["stance"])
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


def _own_poses(anatomy: Anatomy, coordinate: str) -> frozenset[str]:
    child = next(body for body, joint in anatomy.joint.items() if coordinate in anatomy.coordinates[joint])
    return frozenset((pose(child), pose(anatomy.parent[child])))


def _poses(solution: Solution, markers: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(pose(solution.marker_body[name]) for name in markers))


def _rms_by_marker(errors_m: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Marker -> root mean square error over the frames in which it was seen."""
    return {
        name: float(np.sqrt(np.nanmean(values**2))) for name, values in errors_m.items() if np.isfinite(values).any()
    }


def _judged_forces(loads: TrialLoads, side: str) -> dict[str, tuple[np.ndarray, tuple[str, ...]]]:
    """Label -> its size (N), shape (T,), and what its plausibility questions."""
    family = loads.family
    found = {}
    for label, group in TENDON_GROUPS.items():
        names = family.muscles(group, side)
        found[label] = sum(loads.tendon_forces_n[name] for name in names), tuple(map(muscle, names))
    for label, joint in (("acf", "ankle"), ("kcf", "knee"), ("hcf", "hip")):
        found[label] = np.linalg.norm(loads.reactions[joint, side][0], axis=1), (contact(joint, side),)
    return found


def _in_band(
    code: str, peak_bw: float, band_bw: tuple[float, float], activity: str, questions: tuple[str, ...]
) -> Gate:
    low, high = band_bw
    return judge(
        code,
        max(low - peak_bw, peak_bw - high, 0.0),
        unit="BW outside the range",
        reason=f"peak of {peak_bw:.1f} BW, median over stances; plausible for {activity}: {low:g} to {high:g} BW",
        warn_above=0.0,
        questions=questions,
    )


def _median_peak(values: np.ndarray, runs: Iterable[slice]) -> float:
    """Median over runs of the largest finite value in each; NaN without one."""
    peaks = [peak for run in runs if np.isfinite(peak := _largest(values[run]))]
    return float(np.median(peaks)) if peaks else float("nan")


def _largest(values: np.ndarray) -> float:
    """Largest finite value; NaN without one."""
    return float(np.nanmax(values)) if np.isfinite(values).any() else float("nan")
