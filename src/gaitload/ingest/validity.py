"""Where the loads of a leg are not known, and why: the validity mask of a trial."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gaitload.conventions import SIDES
from gaitload.ingest.feet import unmeasured_contact
from gaitload.ingest.loads import FootLoads
from gaitload.ingest.steps import ON_PLATE_SHARE
from gaitload.models.markersets import MarkerSet
from gaitload.signals.resample import any_within
from gaitload.trial import Invalid, Markers, Validity

WHOLE_SHARE = 0.75
"""A stance with less of its sole over plates (median over the stance) is measured in part only. Outlines from markers
are off by about a centimetre, a tenth of a sole's width."""
PLACED_BY = {"pelvis": 3, "femur": 1, "tibia": 2, "foot": 2}
"""Markers without which a segment cannot be placed in a chain of joints: the pelvis stands alone, the joints of a leg
place its segments with less. A segment that carries fewer is placed by all of them."""
PLACED_ALONE_BY = 3
"""Markers that place a segment without its joints."""


def weak_segments(counts: Mapping[str, int]) -> tuple[dict[str, int], dict[str, int]]:
    """Segments that markers cannot place even with the joints, and those that only the joints help to place.

    Parameters
    ----------
    counts : mapping of str to int
        Tracking markers by segment of pelvis and legs.
    """
    short = {name: count for name, count in counts.items() if count < PLACED_BY[name.partition("_")[0]]}
    weak = {name: count for name, count in counts.items() if count < PLACED_ALONE_BY and name not in short}
    return short, weak


def trial_validity(
    markers: Markers, marker_set: MarkerSet, loads: FootLoads | None, *, forces_wanted: bool = False
) -> Validity:
    """Mask of the frames of a trial.

    Parameters
    ----------
    markers : Markers
        As the trial keeps them.
    marker_set : MarkerSet
    loads : FootLoads or None
        Of the whole recording; None without any.
    forces_wanted : bool
        Loads are wanted of the trial: without forces nothing is known of them in any frame.
    """
    mask = np.where(lost_legs(markers, marker_set), np.uint8(Invalid.SEGMENT_LOST), np.uint8(0))
    if forces_wanted and loads is None:
        mask |= np.uint8(Invalid.FORCES_NOT_MEASURED)
    for reason, values in (contact_reasons(markers.time_s, loads) if loads else {}).items():
        mask |= np.where(values, np.uint8(reason), np.uint8(0))
    return Validity(markers.time_s, mask)


def lost_legs(markers: Markers, marker_set: MarkerSet) -> np.ndarray:
    """Frames in which a segment that a leg hangs on cannot be placed, shape (T, 2)."""
    lost = np.zeros((len(markers.time_s), 2), dtype=bool)
    for segment, members in marker_set.segments.items():
        name, _, side = segment.partition("_")
        tracking = [member for member in members if marker_set.by_name[member].ik_weight > 0]
        if name not in PLACED_BY or not tracking:
            continue
        seen = [~np.isnan(markers.of(member)[:, 0]) for member in tracking if member in markers.names]
        visible = np.sum(seen, axis=0) if seen else np.zeros(len(lost))
        here = visible < min(PLACED_BY[name], len(tracking))
        lost |= here[:, None] & np.array([side in ("", own) for own in SIDES])
    return lost


def forces_known(time_s: np.ndarray, loads: FootLoads) -> np.ndarray:
    """Whether the forces of both feet are known at some times, shape (T,)."""
    return ~np.any([frames.any(axis=1) for frames in contact_reasons(time_s, loads).values()], axis=0)


def contact_reasons(time_s: np.ndarray, loads: FootLoads) -> dict[Invalid, np.ndarray]:
    """Reason -> frames at `time_s`, shape (T,), and feet for which it holds, shape (T, 2)."""
    assignment, feet = loads.assignment, loads.feet
    force_s = assignment.forces.time_s
    bare = unmeasured_contact(feet, assignment)
    beside = np.zeros_like(bare)
    if assignment.sole_share is not None:
        beside = bare & (assignment.sole_share < ON_PLATE_SHARE)
    partly = np.zeros((len(force_s), 2), dtype=bool)
    for step in assignment.steps:
        if step.side and step.on_plates < WHOLE_SHARE:
            inside = (force_s >= step.start_s) & (force_s < step.end_s)
            partly[inside, SIDES.index(step.side)] = True
    both = {
        Invalid.PLATE_SHARED: any_within(assignment.shared[:, None], force_s, time_s),
        Invalid.CONTACT_UNASSIGNED: any_within(assignment.unassigned[:, None], force_s, time_s),
    }
    return {
        Invalid.CONTACT_UNMEASURED: any_within(bare & ~beside, feet.time_s, time_s),
        Invalid.CONTACT_OUTSIDE_PLATES: any_within(beside, feet.time_s, time_s) | any_within(partly, force_s, time_s),
        **{reason: np.repeat(values, 2, axis=1) for reason, values in both.items()},
    }
