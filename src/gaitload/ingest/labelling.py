"""Labelling faults: trajectories under the wrong name, found and repaired against the static trial.

Three kinds of evidence, none of which waits for inverse kinematics: distances within a rigid segment, its handedness (a
proper rotation has to fit), and the joints between neighbouring segments.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gaitload.conventions import SIDES
from gaitload.ingest.faults import Change, FaultKind, LabelFault, relabelling_faults
from gaitload.ingest.joints import GAP_MAX_M, joint_points_m, settle
from gaitload.ingest.names import name_faults
from gaitload.ingest.relabel import Option, error_without_m
from gaitload.ingest.rigid import median_over_frames, pair_distances_m
from gaitload.ingest.segments import Segment, examine, tolerance_of
from gaitload.models.markersets import MarkerSet
from gaitload.trial import Markers

FRAMES_SAMPLED = 120
_JOINTS_OF = {"femur": ("knee",), "tibia": ("knee", "ankle"), "foot": ("ankle",)}


@dataclass(frozen=True)
class Labelling:
    """What the names of a recording should be.

    Attributes
    ----------
    names : tuple of str
        One per trajectory; see `faults.relabelling_faults` for those that lost their name.
    faults : tuple of LabelFault
    joint_gaps_mm : dict of float
        By `<joint>_<side>`: how far joints are open, after repair.
    """

    names: tuple[str, ...]
    faults: tuple[LabelFault, ...]
    joint_gaps_mm: dict[str, float]


def check_labels(
    position_m: np.ndarray,
    names: tuple[str, ...],
    static: Markers,
    marker_set: MarkerSet,
    tolerance_m: float,
    *,
    repair: bool = True,
) -> Labelling:
    """Hold every segment against the static trial: what is swapped, misnamed, missing, extra or displaced?

    A repair is accepted when every renamed marker lies within `tolerance_m` of its static place, the assignment by name
    and the runner-up are worse by half of that (summed over the segment) or open a joint, and the joints are closed.
    Segments of fewer than three markers cannot be judged.

    Parameters
    ----------
    position_m : ndarray, shape (T, M, 3)
        Ground frame, person facing +X; NaN where missing.
    names : tuple of str
        Length M.
    static : Markers
        The static trial; its labels are taken as true.
    marker_set : MarkerSet
    tolerance_m : float
        Distance from the static place that marks a fault. Soft tissue moves markers by up to 10 mm on a pelvis and
        4 mm on a foot (medians, running); neighbouring markers of a foot are 20 mm and more apart.
    repair : bool
        False: report only.

    Returns
    -------
    Labelling
    """
    sample = sampled(position_m)
    places = static_places_m(static)
    segments = examine(marker_set, places, names, sample, tolerance_m)
    chosen, gaps, alternatives = _settle_legs(segments, marker_set, places, sample)
    changes = [
        change
        for name, segment in segments.items()
        for change in _changes(segment, chosen[name], _gaps_of(name, gaps), alternatives[name], names, sample)
    ]
    faults, renamed = relabelling_faults(changes, repair=repair)
    corrected = tuple(renamed.get(name, name) for name in names)
    faults += name_faults(corrected, _expected(places, marker_set), marker_set)
    faults += _displaced(sample, corrected, places, marker_set, tolerance_m)
    faults += _open_joints(segments, gaps, {change.new for change in changes})
    gaps_mm = {joint: round(gap * 1e3, 1) for joint, gap in gaps.items()}
    return Labelling(corrected, tuple(faults), gaps_mm)


def sampled(position_m: np.ndarray) -> np.ndarray:
    """`FRAMES_SAMPLED` frames spread over a trial, (T, M, 3) to (t, M, 3): enough for medians."""
    return position_m[np.unique(np.linspace(0, len(position_m) - 1, FRAMES_SAMPLED).astype(int))]


def static_places_m(static: Markers) -> dict[str, np.ndarray]:
    """Median places, shape (3,), ground frame, of the markers seen in a static trial."""
    places = dict(zip(static.names, median_over_frames(static.position_ground_m), strict=True))
    return {name: place for name, place in places.items() if not np.isnan(place).any()}


def distance_errors_m(
    position_m: np.ndarray, names: tuple[str, ...], places_m: dict[str, np.ndarray], marker_set: MarkerSet
) -> dict[str, float]:
    """How far each marker is off, by its distances to the other markers of its segment.

    Parameters
    ----------
    position_m : ndarray, shape (T, M, 3)
        A sample of the trial's frames.
    names : tuple of str
        Length M.
    places_m : dict of ndarray, shape (3,)
        Static places by marker.
    marker_set : MarkerSet

    Returns
    -------
    dict of float
        By marker, in segments with at least three: median, over its segment's others, of the median error of the
        distance (m). One displaced marker among three or more good ones stands out alone.
    """
    errors = {}
    for members in marker_set.segments.values():
        markers = [marker for marker in members if marker in names and marker in places_m]
        if len(markers) < 3:
            continue
        static_distance = pair_distances_m(np.array([places_m[marker] for marker in markers]))
        distance = median_over_frames(pair_distances_m(position_m[:, [names.index(marker) for marker in markers]]))
        error = np.abs(distance - static_distance)
        np.fill_diagonal(error, np.nan)
        errors |= dict(zip(markers, median_over_frames(error).tolist(), strict=True))
    return errors


def _expected(places_m: dict[str, np.ndarray], marker_set: MarkerSet) -> list[str]:
    return [marker.name for marker in marker_set.markers if marker.ik_weight > 0 and marker.name in places_m]


def _settle_legs(segments, marker_set, places_m, sample) -> tuple[dict[str, Option], dict[str, float], dict[str, int]]:
    """Option of every segment, how far joints are open, and how many options were as good, joints considered."""
    ties = {name: segment.ties for name, segment in segments.items()}
    shapes_m = {name: segment.shape_m for name, segment in segments.items()}
    gaps_m = {}
    alternatives = {name: len(options) for name, options in ties.items()}
    for side in SIDES:
        choice, open_m, closing = settle(side, ties, shapes_m, joint_points_m(marker_set, places_m, side), sample)
        ties |= {name: (option,) for name, option in choice.items()}
        alternatives |= closing
        gaps_m |= {f"{joint}_{side}": gap for joint, gap in open_m.items()}
    return {name: found[0] for name, found in ties.items()}, gaps_m, alternatives


def _gaps_of(segment: str, gaps_m: dict[str, float]) -> dict[str, float]:
    name, _, side = segment.partition("_")
    joints = [f"{joint}_{side}" for joint in _JOINTS_OF.get(name, ())]
    return {joint: gaps_m[joint] for joint in joints if joint in gaps_m}


def _changes(segment: Segment, option: Option, gaps_m, alternatives: int, names, sample) -> list[Change]:
    columns = zip(segment.markers, segment.by_name.columns, option.columns, strict=True)
    moved = [k for k, (_, old, new) in enumerate(columns) if new is not None and new != old]
    alone = [error_without_m(segment.shape_m, sample, option.columns, k) for k in moved]
    worst_m = float(np.max([*option.error_m[moved], *(error for error in alone if not np.isnan(error))], initial=0.0))
    proven, why = _proof(segment, worst_m, gaps_m, alternatives)
    return [
        Change(
            old=names[option.columns[k]],
            new=segment.markers[k],
            before_mm=float(segment.by_name.error_m[k]) * 1e3,
            after_mm=float(option.error_m[k]) * 1e3,
            proven=proven,
            why=why,
        )
        for k in moved
    ]


def _proof(segment: Segment, worst_m: float, gaps_m: dict[str, float], alternatives: int) -> tuple[bool, str]:
    opened = [f"{joint} is open by {gap * 1e3:.0f} mm" for joint, gap in gaps_m.items() if gap > GAP_MAX_M]
    if not worst_m <= segment.tolerance_m:
        return False, f"not repaired: still {worst_m * 1e3:.0f} mm off the static place"
    if opened:
        return False, f"not repaired: {', '.join(opened)}"
    if alternatives > 1:
        return False, f"not repaired: {alternatives} assignments fit the static trial equally well"
    closed = "".join(f", {joint} closes to {gap * 1e3:.0f} mm" for joint, gap in gaps_m.items())
    return True, f"fits the static trial on {segment.name}{closed}"


def _displaced(sample, names, places_m, marker_set, tolerance_m) -> list[LabelFault]:
    errors = distance_errors_m(sample, names, places_m, marker_set)
    limits = {
        marker: tolerance_of(members, marker_set, tolerance_m)
        for members in marker_set.segments.values()
        for marker in members
    }
    off = {marker: round(error * 1e3, 1) for marker, error in errors.items() if error > limits[marker]}
    reason = (
        "its distances to the rest of its segment differ from the static trial's, and no other name fits better: it "
        "moved or was stuck on anew after the static trial"
    )
    return [LabelFault(FaultKind.IMPLAUSIBLE, (marker,), mm, mm, False, reason) for marker, mm in off.items()]


def _open_joints(segments: dict[str, Segment], gaps_m: dict[str, float], renamed: set[str]) -> list[LabelFault]:
    faults = []
    for joint, gap in gaps_m.items():
        around = [segment for segment in segments.values() if joint in _gaps_of(segment.name, gaps_m)]
        markers = tuple(marker for segment in around for marker in segment.markers)
        if gap > GAP_MAX_M and not renamed & set(markers):
            mm = round(gap * 1e3, 1)
            where = " and ".join(segment.name for segment in around)
            reason = (
                f"{joint} is open by {mm:.0f} mm: wrong marker names on {where}, and no exchange of names closes it. "
                "Compare the names of this trial with those of the static trial"
            )
            faults.append(LabelFault(FaultKind.IMPLAUSIBLE, markers, mm, mm, False, reason))
    return faults
