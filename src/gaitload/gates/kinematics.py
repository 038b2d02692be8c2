"""Gates of scaling, of marker errors and of joint angles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from gaitload.config.motion import Gates
from gaitload.conventions import SIDES, side_of
from gaitload.dependencies import EVERYTHING, compartments, muscle, pose
from gaitload.gates.proportions import judge_proportions
from gaitload.gates.solution import Solution
from gaitload.models.anatomy import Anatomy
from gaitload.quality import Gate, Quality, Verdict, judge


def judge_static(quality: Quality) -> Iterator[Gate]:
    """What ingest doubted about a static trial, whose markers decide the model; it warns, as scaling does."""
    for gate in quality.gates:
        if gate.verdict in (Verdict.WARNED, Verdict.FAILED):
            reason = f"{quality.where}: {gate.reason}"
            yield replace(gate, code=f"STATIC_{gate.code}", verdict=Verdict.WARNED, reason=reason)


def judge_strength(record: Mapping, anatomy: Anatomy) -> Iterator[Gate]:
    """Whether muscles are as strong as the person's; it has no bearing on angles."""
    if "instead_of" in record.get("strength", {}):
        reason = "no height in participants.tsv: muscles as strong as the generic model's"
        questions = tuple(map(muscle, anatomy.crossed))
        yield Gate("STRENGTH_UNSCALED", Verdict.WARNED, None, None, "", reason, questions)


def judge_subtalar(record: Mapping, anatomy: Anatomy) -> Iterator[Gate]:
    """Whether a joint that the knee's place aside depends on was held stiff; `record` as `scale_subject` returns it."""
    locked = sorted(set(anatomy.family.supported()) - set(record.get("freed_coordinates", ())))
    sides = [side for side in SIDES if any(side_of(name) == side for name in locked)]
    if sides:
        reason = f"{', '.join(locked)} held stiff: the shank follows each turn of the foot, and the knee lies aside"
        yield Gate("SUBTALAR_LOCKED", Verdict.WARNED, None, None, "", reason, tuple(map(compartments, sides)))


def judge_scaling(record: Mapping, anatomy: Anatomy, limits: Gates) -> Iterator[Gate]:
    """Gates of the static pose; `record` as `scale_subject` returns it.

    Errors of the static pose warn at most: they are those before the markers are moved to where they were seen, and so
    do not enter the trials. Proportions that nobody has fail.
    """
    errors, poses = record.get("marker_errors_m"), tuple(map(pose, anatomy.parent))
    if not errors:
        reason = "no static trial: scaled by height, markers at generic places"
        yield Gate("STATIC_TRIAL_MISSING", Verdict.WARNED, None, None, "", reason, poses)
        return
    yield from judge_static_pose(errors, limits, questions=poses)
    yield from judge_proportions(record, questions=poses)


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


def ik_outliers(solution: Solution, limits: Gates) -> np.ndarray:
    """Frames in which a marker error is above the limit, shape (T,)."""
    return np.any([values > limits.ik_max_m for values in solution.leg_marker_errors_m.values()], axis=0)


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
