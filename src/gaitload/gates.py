"""The quality gates of a labelled trial: numbers held against limits, each with a reason a person can act on.

Limits and their sources: docs/quality.md. A gate fails a trial only where it says something about a label; gates that
no trial of a kind can pass (residuals without a trunk, saturation) warn or are not judged, so that they drop no data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from gaitload.config.motion import Gates
from gaitload.conventions import SIDES, STANDARD_GRAVITY_M_PER_S2, body_weight_n
from gaitload.labels import TrialLoads
from gaitload.labels.knee_compartments import split
from gaitload.quality import Gate, Quality, Verdict, judge, not_judged
from gaitload.signals.runs import true_runs

JOINT_LABELS = {
    "ankle_angle": ("atf", "acf", "kcf", "kcf_med", "kcf_lat"),
    "knee_angle": ("atf", "ptf", "kcf", "kcf_med", "kcf_lat", "hcf"),
    "hip_flexion": ("hcf",),
    "hip_adduction": ("hcf",),
    "hip_rotation": ("hcf",),
}
"""Labels that suffer when muscles cannot carry the moment of a coordinate; some cross two joints. The moments
themselves do not: no muscle enters them."""

MUSCLE_LABELS = ("atf", "ptf", "acf", "kcf", "hcf")
MOMENT_LABELS = ("hip_flexion_moment", "hip_adduction_moment", "hip_rotation_moment", "knee_moment", "ankle_moment")
BODY_LABELS = (*MUSCLE_LABELS, "hip_", "knee_", "ankle_")
"""What depends on the model and its pose: all but time, contact and ground reaction."""

MOMENT_FLOOR_NM_PER_KG = 0.05
"""Smallest joint moment that reserves are compared with; walking peaks are 0.15 (hip rotation) to 1.6 N m/kg (ankle). A
larger floor forgives more in quiet joints."""


@dataclass(frozen=True)
class Solution:
    """What the gates look at beside the loads themselves; arrays share axis 0 with `loads.time_s`.

    Attributes
    ----------
    loads : TrialLoads
    leg_marker_errors_m, other_marker_errors_m : mapping of str to ndarray, shape (T,)
        Markers of pelvis and legs, and those of trunk and arms.
    activations : mapping of str to ndarray, shape (T,)
        Of muscles.
    reserves_nm : mapping of str to ndarray, shape (T,)
        Coordinate -> moment of its reserve actuator.
    contact : ndarray of bool, shape (T, 2)
    com_height_m : float
    unsolved_s : tuple of float
    """

    loads: TrialLoads
    leg_marker_errors_m: Mapping[str, np.ndarray]
    other_marker_errors_m: Mapping[str, np.ndarray]
    activations: Mapping[str, np.ndarray]
    reserves_nm: Mapping[str, np.ndarray]
    contact: np.ndarray
    com_height_m: float
    unsolved_s: tuple[float, ...]

    @property
    def stance(self) -> np.ndarray:
        """Frames in which a foot is loaded, shape (T,)."""
        return self.contact.any(axis=1)


def judge_scaling(record: Mapping, limits: Gates) -> Iterator[Gate]:
    """Gates of the static pose; `record` as `scale_subject` returns it.

    They warn at most: errors of the static pose are those before the markers are moved to where they were seen, and so
    do not enter the trials.
    """
    if "instead_of" in record.get("strength", {}):
        reason = "no height in participants.tsv: muscles as strong as the generic model's"
        yield Gate("STRENGTH_UNSCALED", Verdict.WARNED, None, None, "", reason)
    errors = record.get("marker_errors_m")
    if not errors:
        reason = "no static trial: scaled by height, markers at generic places"
        yield Gate("STATIC_TRIAL_MISSING", Verdict.WARNED, None, None, "", reason, BODY_LABELS)
        return
    yield from judge_static_pose(errors, limits)


def judge_static_pose(errors: Mapping[str, float], limits: Gates) -> Iterator[Gate]:
    """Distances (m) of the weighted markers from the scaled model in the static pose."""
    values = np.array(list(errors.values()))
    worst = max(errors, key=errors.get)
    yield judge(
        "STATIC_MARKERS_RMS",
        float(np.sqrt(np.mean(values**2))),
        unit="m",
        reason="root mean square distance of the weighted markers in the static pose",
        warn_above=limits.static_rms_m,
        labels=BODY_LABELS,
    )
    yield judge(
        "STATIC_MARKERS_MAX",
        errors[worst],
        unit="m",
        reason=f"largest distance in the static pose: {worst}",
        warn_above=limits.static_max_m,
        labels=BODY_LABELS,
    )


def judge_kinematics(solution: Solution, limits: Gates) -> Iterator[Gate]:
    """Marker errors of pelvis and legs: all together, the worst marker, and the share of frames with an outlier.

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
        labels=BODY_LABELS,
    )
    worst, error_m = _worst_marker(solution.leg_marker_errors_m)
    yield judge(
        "IK_MARKER_WORST",
        error_m,
        unit="m",
        reason=f"root mean square error of the worst marker of pelvis and legs: {worst}",
        warn_above=limits.ik_rms_m,
        fail_above=limits.ik_max_m,
        labels=BODY_LABELS,
    )
    yield judge(
        "IK_MARKERS_MAX",
        float(np.mean(ik_outliers(solution, limits))),
        unit="share of frames",
        reason=f"frames in which a marker of pelvis and legs is off by more than {limits.ik_max_m * 1000:.0f} mm",
        warn_above=limits.frames_share,
        labels=BODY_LABELS,
    )
    if solution.other_marker_errors_m:
        worst, error_m = _worst_marker(solution.other_marker_errors_m)
        yield judge(
            "IK_UPPER_BODY",
            error_m,
            unit="m",
            reason=f"root mean square error of the worst marker of trunk and arms: {worst}",
            warn_above=limits.ik_max_m,
            labels=BODY_LABELS,
        )


def judge_residuals(solution: Solution, limits: Gates, *, untracked: tuple[str, ...]) -> Iterator[Gate]:
    """Residual force and moment at the pelvis (Hicks et al. 2015).

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
    external_n = np.nanmax(np.linalg.norm(loads.foot_force_ground_n.sum(axis=1), axis=1))
    shares = {
        "RESIDUAL_FORCE": (np.nanmax(force) / external_n, limits.residual_force_share, "peak external force"),
        "RESIDUAL_MOMENT": (
            np.nanmax(moment) / (external_n * solution.com_height_m),
            limits.residual_moment_share,
            "centre-of-mass height x peak external force",
        ),
    }
    concerned = (*MUSCLE_LABELS, *MOMENT_LABELS)
    for code, (share, limit, reference) in shares.items():
        if untracked:
            reason = f"{share:.3f} of {reference}; it holds the motion of untracked segments ({', '.join(untracked)})"
            yield not_judged(code, reason=reason, labels=concerned)
        else:
            reason = f"peak residual as a share of {reference}"
            yield judge(code, float(share), unit="share", reason=reason, warn_above=limit, labels=concerned)


def judge_reserves(solution: Solution, limits: Gates) -> Iterator[Gate]:
    """Peak reserve of every leg coordinate, while its foot is loaded, as a share of the joint's peak moment.

    In swing a stretched or fully bent muscle leaves a few N m that say nothing about peaks; those frames are flagged.
    """
    for coordinate, side, peak_nm, share in _reserve_shares(solution):
        name = f"{coordinate}_{side}"
        loaded = solution.contact[:, SIDES.index(side)]
        share = share[loaded] if loaded.any() else share
        yield judge(
            f"RESERVE_{name.upper()}",
            float(np.nanmax(share)) if np.isfinite(share).any() else np.nan,
            unit="share of peak moment",
            reason=f"reserve of {name}: {np.nanmax(share) * peak_nm:.0f} N m of a peak moment of {peak_nm:.0f} N m",
            warn_above=limits.reserve_warn_share,
            fail_above=limits.reserve_fail_share,
            labels=tuple(f"{label}_{side}" for label in JOINT_LABELS.get(coordinate, ())),
        )


def judge_muscles(solution: Solution, limits: Gates) -> Iterator[Gate]:
    """Frames without a solution, and saturated muscles.

    Saturation warns at most: the stock strength of the models saturates some muscle in most stance frames of running.
    """
    times = ", ".join(f"{time_s:g}" for time_s in solution.unsolved_s) or "no time"
    yield judge(
        "OPTIMIZATION_UNSOLVED",
        len(solution.unsolved_s) / len(solution.loads.time_s),
        unit="share of frames",
        reason=f"static optimization gave up at {times} (s)",
        warn_above=0.0,
        fail_above=limits.frames_share,
        labels=MUSCLE_LABELS,
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
        labels=MUSCLE_LABELS,
    )


def judge_plausibility(solution: Solution, limits: Gates, *, activity: str) -> Iterator[Gate]:
    """Peak Achilles force of runners, and knee compartments that would pull."""
    loads = solution.loads
    weight_n = body_weight_n(loads.mass_kg)
    for number, side in enumerate(SIDES):
        tendon_n = sum(loads.tendon_forces_n[name] for name in loads.family.muscles("achilles_tendon", side))
        loaded = solution.contact[:, number]
        if activity == "run" and loaded.any():
            yield _in_band(
                f"ACHILLES_PLAUSIBLE_{side.upper()}", float(np.nanmax(tendon_n[loaded]) / weight_n), limits, side
            )
        clamped = split(loads)[side][2][loaded]
        yield judge(
            f"KNEE_COMPARTMENT_CLAMPED_{side.upper()}",
            float(np.mean(clamped)) if clamped.size else np.nan,
            unit="share of stance frames",
            reason="a compartment would have pulled and was set to zero",
            warn_above=limits.frames_share,
            labels=(f"kcf_med_{side}", f"kcf_lat_{side}"),
        )


def judge_free_moment(solution: Solution, limits: Gates) -> Iterator[Gate]:
    """What the free moments of both feet have in common over whole stances: in straight gait they mirror each other."""
    code, loads = "FREE_MOMENT_BIAS", solution.loads
    concerned = tuple(f"{label}_{side}" for label in ("free_moment", "hip_rotation_moment", "hcf") for side in SIDES)
    moments = []
    for number in range(len(SIDES)):
        runs = true_runs(solution.contact[:, number])
        whole = [run for run in runs if run.start > 0 and run.stop < len(loads.time_s)]
        moments.append(np.concatenate([loads.foot_free_moment_nm[run, number] for run in whole] or [[np.nan]]))
    if not all(np.isfinite(values).any() for values in moments):
        yield not_judged(code, reason="no whole stance of each foot", labels=concerned)
        return
    bias = float(np.mean([np.nanmean(values) for values in moments])) / loads.mass_kg
    yield judge(
        code,
        abs(bias),
        unit="N m/kg",
        reason=f"mean free moment that both feet have in common: {bias:+.3f} N m/kg, counter-clockwise from above",
        warn_above=limits.free_moment_bias_nm_per_kg,
        labels=concerned,
    )


def judge_mass(solution: Solution, limits: Gates) -> Iterator[Gate]:
    """Body mass against the mean vertical force over whole strides, which is the weight.

    The body starts and ends a stride alike, so its mean acceleration vanishes. Strides are told by the foot that shows
    more of them.
    """
    loads = solution.loads
    code, vertical_n = "MASS_IN_FORCE", loads.foot_force_ground_n[..., 1].sum(axis=1)
    strikes = [np.flatnonzero(np.diff(foot.astype(int)) == 1) + 1 for foot in solution.contact.T]
    first, *_, last = max(strikes, key=len) if max(map(len, strikes)) > 1 else (0, 0)
    if first == last or np.isnan(vertical_n[first:last]).any():
        yield not_judged(code, reason="no whole stride whose ground reaction is known")
        return
    measured_kg = float(vertical_n[first:last].mean()) / STANDARD_GRAVITY_M_PER_S2
    yield judge(
        code,
        abs(measured_kg / loads.mass_kg - 1.0),
        unit="share of body mass",
        reason=f"mean vertical force in whole strides says {measured_kg:.1f} kg, participants.tsv {loads.mass_kg:g} kg",
        warn_above=limits.mass_warn_share,
        fail_above=limits.mass_fail_share,
    )


def judge_static(quality: Quality) -> Iterator[Gate]:
    """What ingest doubted about a static trial, whose markers decide the model; it warns, as scaling does."""
    for gate in quality.gates:
        if gate.verdict in (Verdict.WARNED, Verdict.FAILED):
            reason = f"{quality.where}: {gate.reason}"
            yield replace(
                gate,
                code=f"STATIC_{gate.code}",
                verdict=Verdict.WARNED,
                reason=reason,
                labels=gate.labels or BODY_LABELS,
            )


def ik_outliers(solution: Solution, limits: Gates) -> np.ndarray:
    """Frames in which a marker error is above the limit, shape (T,)."""
    return np.any([values > limits.ik_max_m for values in solution.leg_marker_errors_m.values()], axis=0)


def saturation(solution: Solution, limits: Gates) -> dict[str, np.ndarray]:
    """Muscle -> frames in which it is saturated, shape (T,)."""
    return {name: values > limits.saturated_activation for name, values in solution.activations.items()}


def excessive_reserves(solution: Solution, limits: Gates) -> np.ndarray:
    """Frames in which a reserve is above its share of the joint's peak moment, shape (T,)."""
    return np.any([share > limits.reserve_fail_share for _, _, _, share in _reserve_shares(solution)], axis=0)


def _worst_marker(errors_m: Mapping[str, np.ndarray]) -> tuple[str, float]:
    by_marker = {
        name: float(np.sqrt(np.nanmean(values**2))) for name, values in errors_m.items() if np.isfinite(values).any()
    }
    worst = max(by_marker, key=by_marker.get)
    return worst, by_marker[worst]


def _reserve_shares(solution: Solution) -> Iterator[tuple[str, str, float, np.ndarray]]:
    """`(coordinate, side, peak moment in N m, reserve over peak moment per frame)`.

    Moments below `MOMENT_FLOOR_NM_PER_KG` count as that much: a share of next to nothing says nothing.
    """
    loads = solution.loads
    for coordinate in loads.family.side_coordinates:
        for side in SIDES:
            name = f"{coordinate}_{side}"
            peak_nm = float(np.nanmax(np.abs(loads.generalized_forces[name])))
            peak_nm = max(peak_nm, MOMENT_FLOOR_NM_PER_KG * loads.mass_kg)
            yield coordinate, side, peak_nm, np.abs(solution.reserves_nm[name]) / peak_nm


def _in_band(code: str, peak_bw: float, limits: Gates, side: str) -> Gate:
    low, high = limits.achilles_band_bw
    outside = max(low - peak_bw, peak_bw - high, 0.0)
    return judge(
        code,
        outside,
        unit="BW outside the band",
        reason=f"peak Achilles tendon force {peak_bw:.1f} BW; plausible in running: {low:g} to {high:g} BW",
        warn_above=0.0,
        labels=(f"atf_{side}",),
    )
