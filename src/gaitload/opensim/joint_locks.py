"""Coordinates of a scaled model that are locked because no marker tracks them, or freed because markers do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import opensim

from gaitload.conventions import SIDES
from gaitload.models.family import Family
from gaitload.models.markersets import MarkerSet

PLANE_MARKERS, ASIDE_MIN_M = 3, 0.015
"""Markers that determine how a foot turns about its long axis, and their root mean square distance from one line: 15 mm
let 1 mm of marker error be 4 deg. Feet with markers at heel and toes reach 26 to 40 mm."""


def lock_untracked(model: opensim.Model, markers: MarkerSet, seen: set[str], carriers: Iterable[str] = ()) -> list[str]:
    """Lock coordinates beyond which no body is tracked: inverse kinematics could put them anywhere.

    Parameters
    ----------
    seen
        Markers of the static trial; empty: every marker of the set counts as seen.
    carriers
        Bodies that carry sensors; they are tracked, too.

    Returns
    -------
    list of str
        Coordinates that were locked.
    """
    # ASSUME: segments without markers do not move against the segment that carries them.
    parent_of, joint_of = {}, {}
    for joint in model.getJointSet():
        child = joint.getChildFrame().findBaseFrame().getName()
        parent_of[child] = joint.getParentFrame().findBaseFrame().getName()
        joint_of[child] = joint
    tracked = set()
    for body in _tracked(markers, seen).union(carriers):
        while body in parent_of:
            tracked.add(body)
            body = parent_of[body]
    state = model.initSystem()
    locked = []
    for child, joint in joint_of.items():
        if child in tracked:
            continue
        for index in range(joint.numCoordinates()):
            coordinate = joint.upd_coordinates(index)
            if not coordinate.isDependent(state) and not coordinate.getDefaultLocked():
                coordinate.setDefaultLocked(True)
                locked.append(coordinate.getName())
    return locked


def free_supported(
    model: opensim.Model, family: Family, markers: MarkerSet, seen_m: Mapping[str, np.ndarray]
) -> list[str]:
    """Free the supported coordinates of feet whose tracking markers span a plane; returns those coordinates.

    Parameters
    ----------
    seen_m
        Places of the markers in the static trial, (3,).
    """
    freed = []
    for side in SIDES:
        places = [
            seen_m[marker.name]
            for marker in markers.markers
            if marker.body == family.foot(side) and marker.ik_weight > 0 and marker.name in seen_m
        ]
        if len(places) < PLANE_MARKERS or _aside_m(np.array(places)) < ASIDE_MIN_M:
            continue
        for name in family.supported_coordinates:
            model.updCoordinateSet().get(name.format(side=side)).setDefaultLocked(False)
            freed.append(name.format(side=side))
    return freed


def _tracked(markers: MarkerSet, seen: set[str]) -> set[str]:
    """Bodies with a marker that tracks them; without a static trial every marker of the set counts as seen."""
    return {marker.body for marker in markers.markers if marker.ik_weight > 0 and (not seen or marker.name in seen)}


def _aside_m(places_m: np.ndarray) -> float:
    """Root mean square distance of points, (N, 3), from the line that fits them best."""
    spread = np.linalg.svd(places_m - places_m.mean(axis=0), compute_uv=False)
    return float(np.sqrt((spread[1:] ** 2).sum() / len(places_m)))
