"""The gates of ingest: numbers of one trial held against their limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from gaitload.config.motion import Gates
from gaitload.conventions import SIDES
from gaitload.ingest.baseline import Baseline
from gaitload.ingest.faults import FaultKind, LabelFault
from gaitload.ingest.labelling import sampled
from gaitload.ingest.rigid import median_over_frames, pair_distances_m
from gaitload.ingest.steps import SHARED, Step
from gaitload.models.markersets import MarkerSet
from gaitload.quality import Gate, Verdict, judge, not_judged
from gaitload.trial import Markers

LEG_SEGMENTS = ("femur", "tibia", "foot")
LEG_LABELS = ("atf", "ptf", "acf", "kcf", "kcf_med", "kcf_lat", "hcf")
LEG_MOMENTS = ("ankle_moment", "knee_moment", "hip_flexion_moment", "hip_adduction_moment", "hip_rotation_moment")
GROUND_LABELS = ("grf", "cop", "free_moment")


def leg_labels(side: str, *, ground: bool = False) -> tuple[str, ...]:
    """Labels that a fault on one leg spoils, and with `ground` those of the ground reaction too."""
    names = LEG_LABELS + LEG_MOMENTS + (GROUND_LABELS if ground else ())
    return tuple(f"{name}_{side}" for name in names)


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
        concerned = _labels_of(fault.markers, marker_set)
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
        reason=f"frames that lack a marker after filling; most lack {worst}",
        warn_above=limits.frames_share,
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
                reason=f"frames with fewer than three markers on {segment}",
                fail_above=limits.frames_share,
                labels=_labels_of(members, marker_set),
            )


def judge_foot_shape(
    markers: Markers, marker_set: MarkerSet, places_m: dict[str, np.ndarray] | None, limits: Gates
) -> Iterator[Gate]:
    """Distances between the markers of a foot against the static trial: they find what inverse kinematics hides."""
    for side in SIDES:
        code = f"FOOT_SHAPE_{side.upper()}"
        names = [name for name in marker_set.foot(side) if name in markers.names and name in (places_m or {})]
        if len(names) < 2:
            yield not_judged(code, reason="no static trial with two markers of this foot", labels=leg_labels(side))
            continue
        points = sampled(markers.position_ground_m)[:, [markers.names.index(name) for name in names]]
        static = pair_distances_m(np.array([places_m[name] for name in names]))
        error = np.abs(median_over_frames(pair_distances_m(points)) - static)
        first, second = np.unravel_index(np.argmax(np.nan_to_num(error)), error.shape)
        yield judge(
            code,
            float(error[first, second]),
            unit="m",
            reason=f"distance within the foot most changed since the static trial: {names[first]} to {names[second]}",
            fail_above=limits.segment_distance_m,
            labels=leg_labels(side),
        )


def judge_baselines(baselines: Iterable[Baseline], limits: Gates) -> Iterator[Gate]:
    """Unloaded readings of the plates that were taken off."""
    for baseline in baselines:
        code = f"FORCE_BASELINE_{baseline.plate.upper()}"
        if baseline.unloaded_share == 0.0:
            yield not_judged(code, reason=f"{baseline.plate} is never unloaded: no baseline could be taken off")
            continue
        told = ", ".join(f"{value:.1f}" for value in baseline.force_n)
        yield judge(
            code,
            float(np.linalg.norm(baseline.force_n)),
            unit="N",
            reason=f"{baseline.plate} reads {told} N (ground X, Y, Z) unloaded; taken off",
            warn_above=limits.baseline_n,
        )


def judge_steps(steps: Iterable[Step], limits: Gates) -> Iterator[Gate]:
    """Centre of pressure against the sole, stance by stance; contacts that nobody made."""
    steps = list(steps)
    for side in SIDES:
        stances = [step for step in steps if step.side == side and step.whole and not np.isnan(step.outside_m)]
        code, concerned = f"COP_IN_FOOT_{side.upper()}", leg_labels(side, ground=True)
        if not stances:
            yield not_judged(code, reason=f"no whole stance of foot {side}", labels=concerned)
            continue
        worst = max(stances, key=lambda step: step.outside_m)
        yield judge(
            code,
            float(np.median([step.outside_m for step in stances])),
            unit="m",
            reason=f"centre of pressure from the sole, median of {len(stances)} stances (negative: inside)",
            fail_above=limits.cop_outside_foot_m,
            labels=concerned,
        )
        yield judge(
            f"COP_WORST_STANCE_{side.upper()}",
            worst.outside_m,
            unit="m",
            reason=f"centre of pressure from the sole in the stance at {worst.start_s:.2f} s",
            warn_above=limits.cop_outside_foot_m,
            labels=concerned,
        )
    strange = [step for step in steps if step.side is None and step.whole and step.reason != SHARED]
    if strange:
        times = ", ".join(f"{step.plate} at {step.start_s:.2f} s" for step in strange[:5])
        yield judge(
            "CONTACT_UNASSIGNED",
            float(len(strange)),
            unit="contacts",
            reason=f"loads that are nobody's, left out: {times}",
            warn_above=0.0,
        )


def judge_coverage(unmeasured: np.ndarray, down: np.ndarray, shared_share: float, limits: Gates) -> Iterator[Gate]:
    """Feet on the floor without a force of their own.

    Parameters
    ----------
    unmeasured, down : ndarray of bool, shape (T, 2)
        Frames of the window in which a foot is on the floor and no plate measures it, and in which it is on the floor;
        axis 1 runs over `SIDES`.
    shared_share : float
        Share of the window in which both feet stand on one plate.
    limits : Gates
    """
    for k, side in enumerate(SIDES):
        yield judge(
            f"CONTACT_UNMEASURED_{side.upper()}",
            float(unmeasured[:, k].sum() / down[:, k].sum()) if down[:, k].any() else np.nan,
            unit="share of the frames on the floor",
            reason=f"foot {side} stands on the floor, by its markers, while no plate measures it",
            warn_above=0.0,
            fail_above=limits.unmeasured_share,
            labels=leg_labels(side, ground=True),
        )
    yield judge(
        "CONTACT_SHARED",
        shared_share,
        unit="share of frames",
        reason="both feet on one plate: forces left out of either",
        warn_above=0.0,
    )


def _left(marker: str, markers: Markers, marker_set: MarkerSet) -> int:
    """How many tracking markers the segment of a missing one still has, or 3 where it never had that many."""
    members = next(names for names in marker_set.segments.values() if marker in names)
    tracking = [name for name in members if marker_set.by_name[name].ik_weight > 0]
    return sum(name in markers.names for name in tracking) if len(tracking) >= 3 else 3


def _labels_of(names: Iterable[str], marker_set: MarkerSet) -> tuple[str, ...]:
    """Labels of the legs these markers sit on; all labels (empty) when one sits elsewhere."""
    segments = {segment for segment, members in marker_set.segments.items() if set(members) & set(names)}
    if not segments or any(segment.partition("_")[0] not in LEG_SEGMENTS for segment in segments):
        return ()
    sides = sorted({segment.rpartition("_")[2] for segment in segments})
    return tuple(label for side in sides for label in leg_labels(side))
