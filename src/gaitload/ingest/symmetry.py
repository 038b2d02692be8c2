"""Doubts about a static trial, which has no reference but the symmetry and the anatomy of people."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from gaitload.conventions import LATERAL_SIGN, SIDES
from gaitload.ingest.faults import FaultKind, LabelFault
from gaitload.models.landmarks import SIDED_LANDMARKS
from gaitload.models.markersets import MarkerSet

ASYMMETRY_MAX_M = 0.02
"""Left and right distances between the same two landmarks of a segment may differ by this much before the static trial
is doubted: legs and hand-placed markers differ by 10 mm in healthy people (largest of twelve runners: 11 mm)."""
_LATERAL_OF = (("mt5", "mt1"), ("knee_lateral", "knee_medial"), ("ankle_lateral", "ankle_medial"))
_AHEAD_OF = (("toe", "heel"), ("mt1", "heel"), ("mt5", "heel"))


def doubts(places_m: dict[str, np.ndarray], marker_set: MarkerSet) -> list[LabelFault]:
    """What looks wrong with the labels of a static trial; hints, never repaired.

    Parameters
    ----------
    places_m : dict of ndarray, shape (3,)
        Static places by marker; ground frame, person facing +X.
    marker_set : MarkerSet

    Returns
    -------
    list of LabelFault
        Kind `suspicious`: medial markers lateral to lateral ones, toes behind heels, or distances within a segment that
        differ between left and right.
    """
    found = {
        f"{landmark}_{side}": (name, places_m[name])
        for landmark in SIDED_LANDMARKS
        for side in SIDES
        if (name := marker_set.landmark(f"{landmark}_{side}")) in places_m
    }
    faults = [fault for side in SIDES for fault in _misplaced(found, side)]
    return faults + _asymmetries(found, marker_set)


def _misplaced(found, side) -> list[LabelFault]:
    faults = []
    for orders, axis, sign, word in (
        (_LATERAL_OF, 2, LATERAL_SIGN[side], "lateral to"),
        (_AHEAD_OF, 0, 1.0, "ahead of"),
    ):
        for first, second in orders:
            a, b = found.get(f"{first}_{side}"), found.get(f"{second}_{side}")
            if a and b and sign * (a[1] - b[1])[axis] < 0:
                mm = round(abs(float((a[1] - b[1])[axis])) * 1e3, 1)
                faults.append(
                    _doubt((a[0], b[0]), mm, f"{a[0]} should lie {word} {b[0]}; it lies {mm:.0f} mm the other way")
                )
    return faults


def _asymmetries(found, marker_set) -> list[LabelFault]:
    faults = []
    for a, b in combinations(SIDED_LANDMARKS, 2):
        keys = [(f"{a}_{side}", f"{b}_{side}") for side in SIDES]
        if not all(key in found for pair in keys for key in pair):
            continue
        names = [tuple(found[key][0] for key in pair) for pair in keys]
        if any(len({_segment_of(name, marker_set) for name in pair}) > 1 for pair in names):
            continue
        right, left = (float(np.linalg.norm(found[i][1] - found[j][1])) for i, j in keys)
        if abs(right - left) > ASYMMETRY_MAX_M:
            told = f"{' to '.join(names[0])} {right * 1e3:.0f} mm, {' to '.join(names[1])} {left * 1e3:.0f} mm"
            faults.append(_doubt((*names[0], *names[1]), round(abs(right - left) * 1e3, 1), told))
    return faults


def _segment_of(name: str, marker_set: MarkerSet) -> str:
    return next(segment for segment, members in marker_set.segments.items() if name in members)


def _doubt(markers: tuple[str, ...], mm: float, reason: str) -> LabelFault:
    return LabelFault(FaultKind.SUSPICIOUS, markers, mm, mm, False, reason)
