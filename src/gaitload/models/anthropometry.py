"""Joint centres and segment proportions from the landmarks of a static trial. Pure geometry, no model opened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from gaitload.conventions import SIDES
from gaitload.models.family import Measurement

HIP_DISAGREEMENT_MAX_M = 0.03
"""Farther from the regression than this, a measured hip centre is not believed: two to three times the error that
Harrington's equations have in adults. A larger value trusts functional trials more."""

Points = Mapping[str, np.ndarray]
"""Landmark -> position, shape (3,), ground frame, m."""


def harrington_hip_centres(points: Points) -> dict[str, np.ndarray]:
    """Hip joint centres by regression on pelvis depth and width.

    Harrington et al. 2007, J Biomech 40:595-602, the equations in pelvis depth and pelvis width alone. Markers are
    taken to sit on the bone: their radius and the soft tissue beneath are not subtracted.

    Parameters
    ----------
    points
        Needs `asis_r`, `asis_l` and `psis_r`, `psis_l` or `sacrum`.

    Returns
    -------
    dict
        `hip_centre_r` and `hip_centre_l`, each (3,), ground frame, m; empty when landmarks are missing.
    """
    back = _middle(points, "psis_r", "psis_l")
    back = points.get("sacrum") if back is None else back
    front = _middle(points, "asis_r", "asis_l")
    if back is None or front is None:
        return {}
    width_m = float(np.linalg.norm(points["asis_r"] - points["asis_l"]))
    depth_m = float(np.linalg.norm(front - back))
    lateral = (points["asis_r"] - points["asis_l"]) / width_m
    up = _unit(np.cross(lateral, front - back))
    forward = np.cross(up, lateral)
    # ASSUME: hip centres follow the regression of Harrington et al. 2007 where the static trial does not measure them.
    centre = front - (0.24 * depth_m + 0.0099) * forward - (0.30 * width_m + 0.0109) * up
    aside = (0.33 * width_m + 0.0073) * lateral
    return {"hip_centre_r": centre + aside, "hip_centre_l": centre - aside}


def joint_centres(points: Points) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Hip, knee and ankle centres of both legs and how each was found.

    Knees and ankles: the middle of the medial and the lateral marker, or the centre that the static trial carries.
    Hips: the centre that the static trial carries (a functional trial's result, say), unless it contradicts
    Harrington's regression by more than `HIP_DISAGREEMENT_MAX_M`; else the regression.

    Returns
    -------
    centres : dict
        Landmark -> (3,), ground frame, m; only those that could be found.
    sources : dict
        Landmark -> `measured`, `regression`, `regression, measured one is off by <n> mm` or `midpoint`.
    """
    regression = harrington_hip_centres(points)
    centres, sources = {}, {}
    for side in SIDES:
        for joint in ("knee", "ankle"):
            name = f"{joint}_centre_{side}"
            middle = _middle(points, f"{joint}_lateral_{side}", f"{joint}_medial_{side}")
            if middle is not None:
                centres[name], sources[name] = middle, "midpoint"
            elif name in points:
                centres[name], sources[name] = points[name], "measured"
        name = f"hip_centre_{side}"
        if name in points or name in regression:
            centres[name], sources[name] = _hip_centre(points.get(name), regression.get(name))
    return centres, sources


def centres_beside_lateral(subject: Points, generic: Points) -> dict[str, np.ndarray]:
    """Knee and ankle centres of legs whose medial markers are missing: as far from the lateral marker as in the model.

    The offset of the model is turned with the leg and scaled with the length of the shank. Its axes are the line from
    ankle to knee, and the line from left to right of the pelvis perpendicular to it: the person stands with the knees
    facing as the pelvis does.

    Parameters
    ----------
    subject, generic
        Landmarks and centres of the person, and of the generic model in its default pose.

    Returns
    -------
    dict
        `knee_centre_r` and so on, each (3,), ground frame, m; without those that `subject` has, and without those of
        which a landmark is missing.
    """
    # ASSUME: knees and ankles without medial markers are as wide, against the shank, as those of the generic model.
    found = {}
    for side in SIDES:
        ends = [f"{joint}_lateral_{side}" for joint in ("ankle", "knee")]
        if not all(name in points for points in (subject, generic) for name in ("asis_r", "asis_l", *ends)):
            continue
        axes = {id(points): _leg_axes(points, ends) for points in (subject, generic)}
        scale = _distance(subject, tuple(ends)) / _distance(generic, tuple(ends))
        for joint in ("knee", "ankle"):
            centre, lateral = f"{joint}_centre_{side}", f"{joint}_lateral_{side}"
            if centre not in subject and centre in generic:
                offset = axes[id(generic)] @ (generic[centre] - generic[lateral])
                found[centre] = subject[lateral] + scale * axes[id(subject)].T @ offset
    return found


def _leg_axes(points: Points, ends: list[str]) -> np.ndarray:
    """Rows: forward, up along the shank, and to the right, perpendicular to each other; shape (3, 3)."""
    up = _unit(points[ends[1]] - points[ends[0]])
    across = points["asis_r"] - points["asis_l"]
    right = _unit(across - (across @ up) * up)
    return np.array([np.cross(up, right), up, right])


def _hip_centre(measured: np.ndarray | None, regression: np.ndarray | None) -> tuple[np.ndarray, str]:
    if measured is None:
        return regression, "regression"
    if regression is None:
        return measured, "measured"
    off_m = float(np.linalg.norm(measured - regression))
    if off_m > HIP_DISAGREEMENT_MAX_M:
        return regression, f"regression, measured one is off by {off_m * 1000:.0f} mm"
    return measured, "measured"


def scale_factors(subject: Points, generic: Points, measurements: Iterable[Measurement]) -> dict[str, np.ndarray]:
    """Scale factors of bodies from distances between landmarks.

    Parameters
    ----------
    subject, generic
        The same landmarks on the person and on the generic model in its default pose.
    measurements
        Pairs whose landmarks are not all known are skipped; those of `otherwise` count where one is skipped.

    Returns
    -------
    dict
        Body -> factors along its own x, y, z, shape (3,); NaN along axes that no measurement reaches.
    """
    factors: dict[str, np.ndarray] = {}
    for measurement in measurements:
        ratios = _ratios(subject, generic, measurement.pairs)
        if len(ratios) < len(measurement.pairs):
            ratios += _ratios(subject, generic, measurement.otherwise)
        if not ratios:
            continue
        for body in measurement.bodies:
            body_factors = factors.setdefault(body, np.full(3, np.nan))
            body_factors[["xyz".index(axis) for axis in measurement.axes]] = np.mean(ratios)
    return factors


def _ratios(subject: Points, generic: Points, pairs: Iterable[tuple[str, str]]) -> list[float]:
    return [
        _distance(subject, pair) / _distance(generic, pair)
        for pair in pairs
        if all(name in subject and name in generic for name in pair)
    ]


def handsfield_strength_factor(
    *, mass_kg: float, height_m: float, generic_mass_kg: float, generic_height_m: float
) -> float:
    """Ratio of total lower-limb muscle volume, person to generic model.

    Handsfield et al. 2014, J Biomech 47:631-638: V (cm3) = 47.05 x mass (kg) x height (m) + 1289.6. Maximum isometric
    force goes with volume over optimal fibre length, and so takes this ratio over the ratio of the fibre lengths.
    """
    return (47.05 * mass_kg * height_m + 1289.6) / (47.05 * generic_mass_kg * generic_height_m + 1289.6)


def _middle(points: Points, first: str, second: str) -> np.ndarray | None:
    return (points[first] + points[second]) / 2 if first in points and second in points else None


def _unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)


def _distance(points: Points, pair: tuple[str, str]) -> float:
    return float(np.linalg.norm(points[pair[0]] - points[pair[1]]))
