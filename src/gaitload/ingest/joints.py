"""Do neighbouring segments still meet at their joint? Evidence that distances within a segment cannot give.

The static trial shows where a joint lies as seen from the markers on either side of it. Carried into the trial by both
sides, the two places must coincide. Shells with four markers in a square fit their static shape in several ways; only
one of them brings knee and ankle together (9-24 mm in running against 55 mm and more, twelve runners).
"""

from __future__ import annotations

from itertools import product

import numpy as np

from gaitload.ingest.relabel import Option, points_of
from gaitload.ingest.rigid import fit_rigid, place
from gaitload.models.markersets import MarkerSet

GAP_MAX_M = 0.045
"""A joint opened wider than this has wrong marker names on one of its sides. Clean running trials stay below 25 mm."""
_JOINTS = (("knee", "femur", "tibia"), ("ankle", "tibia", "foot"))


def joint_points_m(marker_set: MarkerSet, static_m: dict[str, np.ndarray], side: str) -> dict[str, np.ndarray]:
    """Joint centres in the static trial by joint, (3,) each.

    Between the lateral and the medial marker, else the centre's own marker, else the lateral one: it lies on the axis.
    """
    points = {}
    for joint, _, _ in _JOINTS:
        both = [marker_set.landmark(f"{joint}_{end}_{side}") for end in ("lateral", "medial")]
        own = marker_set.landmark(f"{joint}_centre_{side}")
        if all(name in static_m for name in both):
            points[joint] = (static_m[both[0]] + static_m[both[1]]) / 2
        elif own in static_m:
            points[joint] = static_m[own]
        elif both[0] in static_m:
            points[joint] = static_m[both[0]]
    return points


def settle(
    side: str,
    ties: dict[str, list[Option]],
    shapes_m: dict[str, np.ndarray],
    points_m: dict[str, np.ndarray],
    position_m: np.ndarray,
) -> tuple[dict[str, Option], dict[str, float], dict[str, int]]:
    """Choose among equally good options of the segments of one leg the combination that keeps its joints closed.

    Parameters
    ----------
    side : str
    ties : dict of list of Option
        By segment, the preferred one first.
    shapes_m : dict of ndarray, shape (K, 3)
        By segment, static places of its markers.
    points_m : dict of ndarray, shape (3,)
        From `joint_points_m`.
    position_m : ndarray, shape (T, M, 3)
        A sample of the trial's frames.

    Returns
    -------
    choice : dict of Option
        By segment of this leg. The first options are kept when their joints are closed.
    gaps_m : dict of float
        By joint, how far it is open under `choice` (median over frames); joints without evidence are left out.
    closing : dict of int
        By segment, how many of its options keep its joints closed when the others are chosen.
    """
    joints = [(name, f"{a}_{side}", f"{b}_{side}") for name, a, b in _JOINTS if name in points_m]
    joints = [joint for joint in joints if joint[1] in ties and joint[2] in ties]
    segments = sorted({segment for _, *pair in joints for segment in pair})
    carried = {
        (joint, segment): [
            place(points_m[joint][None], *fit_rigid(shapes_m[segment], points_of(position_m, option.columns)))[:, 0]
            for option in ties[segment]
        ]
        for joint, *pair in joints
        for segment in pair
    }

    def gaps(picks: dict[str, int]) -> dict[str, float]:
        return {joint: _gap_m(carried[joint, a][picks[a]], carried[joint, b][picks[b]]) for joint, a, b in joints}

    first = dict.fromkeys(segments, 0)
    best = first
    if max(gaps(first).values(), default=0.0) > GAP_MAX_M:
        combinations = (
            dict(zip(segments, picks, strict=True)) for picks in product(*(range(len(ties[s])) for s in segments))
        )
        best = min(combinations, key=lambda picks: sum(gaps(picks).values()))
    known = {joint: gap for joint, gap in gaps(best).items() if not np.isnan(gap)}
    closing = {
        segment: sum(
            not max(gaps({**best, segment: pick}).values(), default=0.0) > GAP_MAX_M
            for pick in range(len(ties[segment]))
        )
        for segment in segments
    }
    return {segment: ties[segment][pick] for segment, pick in best.items()}, known, closing


def _gap_m(a: np.ndarray, b: np.ndarray) -> float:
    gap = np.linalg.norm(a - b, axis=1)
    return float(np.nanmedian(gap)) if not np.isnan(gap).all() else np.nan
