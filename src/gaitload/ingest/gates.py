"""The gates of ingest: numbers of one trial held against their limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from gaitload.config.motion import Gates
from gaitload.conventions import SIDES
from gaitload.dependencies import EVERYTHING, GROUND_REACTIONS, ground_reaction, pose
from gaitload.ingest.baseline import Baseline
from gaitload.ingest.faults import FaultKind, LabelFault
from gaitload.ingest.labelling import sampled
from gaitload.ingest.rigid import median_over_frames, pair_distances_m
from gaitload.ingest.steps import CROSS_TALK, SHARED
from gaitload.models.markersets import MarkerSet
from gaitload.quality import Gate, Verdict, judge, not_judged
from gaitload.trial import Invalid, Markers, Step

LEG_SEGMENTS = ("femur", "tibia", "foot")


def judge_labels(
    faults: Iterable[LabelFault], markers: Markers, marker_set: MarkerSet, tolerance_m: float
) -> Iterator[Gate]:
    """One gate per labelling fault: repaired ones warn; open ones fail where the marker tracks the body.

    Extra markers are no fault of the trial. A missing marker fails when its segment is left with fewer than three.
    """
    for fault in faults:
        if fault.kind is FaultKind.EXTRA:
            continue
        reason = f"{', '.join(fault.markers)}: {fault.reason}"
        tracked = [name for name in fault.markers if name in marker_set.by_name and marker_set.by_name[name].ik_weight]
        concerned = questioned_by(fault.markers, marker_set)
        value = None if np.isnan(fault.before_mm) else fault.before_mm / 1e3
        if fault.repaired or fault.kind is FaultKind.SUSPICIOUS or not tracked:
            verdict = Verdict.WARNED
        elif fault.kind is FaultKind.MISSING:
            verdict = Verdict.FAILED if _left(fault.markers[0], markers, marker_set) < 3 else Verdict.WARNED
        elif fault.kind is FaultKind.IMPLAUSIBLE and value is not None and value <= 2 * tolerance_m:
            verdict = Verdict.WARNED
        else:
            verdict = Verdict.FAILED
        limit = None if value is None else tolerance_m
        yield Gate(f"LABELS_{fault.kind.upper()}", verdict, value, limit, "m", reason, concerned)


def judge_missing(markers: Markers, marker_set: MarkerSet, limits: Gates) -> Iterator[Gate]:
    """Frames without some marker, and frames in which a segment cannot be placed for want of markers."""
    seen = {name: ~np.isnan(markers.of(name)[:, 0]) for name in markers.names}
    tracked = [name for name in markers.names if marker_set.by_name[name].ik_weight > 0]
    shares = {name: 1.0 - float(seen[name].mean()) for name in tracked}
    worst = max(shares, key=shares.__getitem__)
    yield judge(
        "MARKERS_MISSING",
        shares[worst],
        unit="share of frames",
        reason=f"{100 * shares[worst]:.0f} % of the frames lack {worst}, and others lack fewer, after short gaps were "
        "filled: it was hidden from the cameras, or fell off. Fill its gaps in the capture software, by the markers "
        "beside it",
        warn_above=limits.frames_share,
        questions=questioned_by(
            [name for name in tracked if shares[name] > limits.frames_share] or tracked, marker_set
        ),
    )
    for segment, members in marker_set.segments.items():
        tracking = [name for name in members if marker_set.by_name[name].ik_weight > 0]
        if len(tracking) < 3 or segment.partition("_")[0] not in (*LEG_SEGMENTS, "pelvis"):
            continue
        visible = sum((seen[name].astype(int) for name in tracking if name in seen), np.zeros(len(markers.time_s)))
        share = float((visible < 3).mean())
        if share > 0:
            yield judge(
                f"SEGMENT_LOST_{segment.upper()}",
                share,
                unit="share of frames",
                reason=f"{100 * share:.0f} % of the frames have fewer than three markers on {segment}, which cannot be "
                "placed in them: markers were hidden from the cameras, or fell off. Fill gaps in the capture software, "
                "or choose a part of the trial without them (start_s, end_s in trials.tsv)",
                fail_above=limits.frames_share,
                questions=questioned_by(members, marker_set),
            )


def judge_foot_shape(
    markers: Markers, marker_set: MarkerSet, places_m: dict[str, np.ndarray] | None, limits: Gates
) -> Iterator[Gate]:
    """Distances between the markers of a foot against the static trial: they find what inverse kinematics hides."""
    for side in SIDES:
        code = f"FOOT_SHAPE_{side.upper()}"
        firm = marker_set.rigid(f"foot_{side}")
        names = [name for name in firm if name in markers.names and name in (places_m or {})]
        concerned = questioned_by(marker_set.foot(side), marker_set)
        if len(names) < 2:
            yield not_judged(code, reason="no static trial with two markers of this foot", questions=concerned)
            continue
        points = sampled(markers.position_ground_m)[:, [markers.names.index(name) for name in names]]
        static = pair_distances_m(np.array([places_m[name] for name in names]))
        error = np.abs(median_over_frames(pair_distances_m(points)) - static)
        first, second = np.unravel_index(np.argmax(np.nan_to_num(error)), error.shape)
        yield judge(
            code,
            float(error[first, second]),
            unit="m",
            reason=f"the distance from {names[first]} to {names[second]} is {1e3 * error[first, second]:.0f} mm off "
            "that of the static trial: names within the foot are exchanged, or a marker was stuck on anew. Correct the "
            "names, or record a static trial with the markers as they are worn now",
            fail_above=limits.segment_distance_m,
            questions=concerned,
        )


def judge_baselines(baselines: Iterable[Baseline], limits: Gates) -> Iterator[Gate]:
    """Unloaded readings of the plates that were taken off."""
    for baseline in baselines:
        code = f"FORCE_BASELINE_{baseline.plate.upper()}"
        if baseline.unloaded_share == 0.0:
            reason = f"{baseline.plate} is never unloaded: no baseline could be taken off"
            yield not_judged(code, reason=reason, questions=GROUND_REACTIONS)
            continue
        readings = ", ".join(f"{value:.1f}" for value in baseline.force_n)
        yield judge(
            code,
            float(np.linalg.norm(baseline.force_n)),
            unit="N",
            reason=f"{baseline.plate} reads {readings} N (ground X, Y, Z) unloaded; taken off. Set its amplifiers to "
            "zero before each trial",
            warn_above=limits.baseline_n,
            questions=GROUND_REACTIONS,
        )


def judge_steps(steps: Iterable[Step], limits: Gates) -> Iterator[Gate]:
    """Centre of pressure against the sole, stance by stance."""
    steps = list(steps)
    for side in SIDES:
        stances = [step for step in steps if step.side == side and step.whole and not np.isnan(step.outside_m)]
        code, concerned = f"COP_IN_FOOT_{side.upper()}", (ground_reaction(side),)
        if not stances:
            yield not_judged(code, reason=f"no whole stance of foot {side}", questions=concerned)
            continue
        worst = max(stances, key=lambda step: step.outside_m)
        yield judge(
            code,
            float(np.median([step.outside_m for step in stances])),
            unit="m",
            reason=f"centre of pressure from the sole, median of {len(stances)} stances (negative: inside); outside, "
            "the plates are declared off their place (corners, origin), or a moment channel is wrong (sign, unit)",
            fail_above=limits.cop_outside_foot_m,
            questions=concerned,
        )
        yield judge(
            f"COP_WORST_STANCE_{side.upper()}",
            worst.outside_m,
            unit="m",
            reason=f"centre of pressure from the sole in the stance at {worst.start_s:.2f} s; outside, the plates are "
            "declared off their place, or the foot was only in part on the plate",
            warn_above=limits.cop_outside_foot_m,
            questions=concerned,
        )


def judge_coverage(
    invalid: Mapping[Invalid, np.ndarray], down: np.ndarray, steps: Iterable[Step], limits: Gates
) -> Iterator[Gate]:
    """Feet on the floor without a force of their own, and loads without a foot.

    Parameters
    ----------
    invalid : mapping of Invalid to ndarray of bool, shape (T, 2)
        Frames of the window and feet for which a reason holds; axis 1 runs over `SIDES`.
    down : ndarray of bool, shape (F, 2)
        Frames of the window, at the rate of the recording, in which a foot is on the floor.
    steps : iterable of Step
        Of the window.
    limits : Gates
    """
    reasons = {
        Invalid.CONTACT_UNMEASURED: "stands on the floor, by its markers, while no plate measures it: it stepped "
        "beside the plates, or its plate is missing from the export or dead. Its loads are left out there",
        Invalid.CONTACT_OUTSIDE_PLATES: "stands beside the plates, or in part beside them: its loads are left out "
        "there. Repeat the trial with whole strikes, or correct the corners of the plates",
    }
    for reason, told in reasons.items():
        for k, side in enumerate(SIDES):
            yield judge(
                f"{reason.name}_{side.upper()}",
                float(invalid[reason][:, k].mean() / down[:, k].mean()) if down[:, k].any() else np.nan,
                unit="share of the frames on the floor",
                reason=f"foot {side} {told}",
                warn_above=0.0,
                fail_above=limits.unmeasured_share,
                questions=(ground_reaction(side),),
            )
    yield judge(
        "CONTACT_SHARED",
        float(invalid[Invalid.PLATE_SHARED].any(axis=1).mean()),
        unit="share of frames",
        reason="both feet on one plate: the wrench cannot be divided, and the loads of both are left out there. "
        "Walking needs a plate or a belt for each foot",
        warn_above=0.0,
        questions=GROUND_REACTIONS,
    )
    strange = [step for step in steps if step.side is None and step.reason not in (SHARED, CROSS_TALK)]
    times = ", ".join(f"{step.plate} at {step.start_s:.2f} s, {step.peak_n:.0f} N" for step in strange[:5])
    yield judge(
        "CONTACT_UNASSIGNED",
        float(invalid[Invalid.CONTACT_UNASSIGNED].any(axis=1).mean()),
        unit="share of frames",
        reason=f"plates measure loads that are given to no foot: {times or 'none but short knocks'}; where all loads "
        "are, plates are declared far off their place (corners, unit or sign of moments), or mirrored",
        warn_above=0.0,
        fail_above=limits.unmeasured_share,
        questions=GROUND_REACTIONS,
    )


def _left(marker: str, markers: Markers, marker_set: MarkerSet) -> int:
    """How many tracking markers the segment of a missing one still has, or 3 where it never had that many."""
    members = next(names for names in marker_set.segments.values() if marker in names)
    tracking = [name for name in members if marker_set.by_name[name].ik_weight > 0]
    return sum(name in markers.names for name in tracking) if len(tracking) >= 3 else 3


def questioned_by(names: Iterable[str], marker_set: MarkerSet) -> tuple[str, ...]:
    """What markers question: the poses of the bodies they sit on; everything where the set does not know one.

    Those of a foot question its ground reaction too, because the soles decide whose a contact is.
    """
    names = list(names)
    if not names or any(name not in marker_set.by_name for name in names):
        return (EVERYTHING,)
    poses = dict.fromkeys(pose(marker_set.by_name[name].body) for name in names)
    return (*poses, *(ground_reaction(side) for side in SIDES if set(names) & set(marker_set.foot(side))))
