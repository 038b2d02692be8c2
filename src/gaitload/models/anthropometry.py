"""Joint centres and segment proportions from the landmarks of a static trial. Pure geometry, no model opened."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import numpy as np

from gaitload.conventions import SIDES
from gaitload.errors import DataError
from gaitload.models.family import Family, Measurement

HIP_DISAGREEMENT_MAX_M = 0.03
"""Farther from the regression than this, a measured hip centre is not believed: two to three times the error that
Harrington's equations have in adults. A larger value trusts functional trials more."""

MARKER_DIAMETER_M = 0.014
"""Diameter of markers where participants.tsv does not say it: the default of Plug-in Gait."""
BESIDE_LATERAL = "beside the lateral marker, as in the model"
BY_WIDTH = "beside the lateral marker, by the measured width of the joint"

METHODS = ("joint_centres", "marker_pairs")
"""Methods of scaling by a static trial, the best first."""
SEEN_MIN_SHARE = 0.1
"""A marker seen in fewer frames of a static trial is not registered: it is often another reflection."""

Points = Mapping[str, np.ndarray]
"""Landmark -> position, shape (3,), ground frame, m."""


def with_asis_apart(points: Points, distance_m: float | None) -> dict[str, np.ndarray]:
    """Points with the ASIS moved along their line until they are as far apart as was measured on the body.

    Soft tissue keeps markers of the ASIS apart, which is why Plug-in Gait asks for the distance. Their middle stays.
    """
    moved = dict(points)
    if distance_m and "asis_r" in points and "asis_l" in points:
        middle = (points["asis_r"] + points["asis_l"]) / 2
        for side in SIDES:
            away = points[f"asis_{side}"] - middle
            moved[f"asis_{side}"] = middle + distance_m / 2 * _unit(away)
    return moved


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


def centres_beside_lateral(
    subject: Points, generic: Points, lengths_m: Mapping[str, float] | None = None
) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Knee and ankle centres of legs whose medial markers are missing: as far from the lateral marker as in the model.

    The offset of the model is turned with the leg and scaled with the length of the shank. Its axes are the line from
    ankle to knee, and the line from left to right of the pelvis perpendicular to it: the person stands with the knees
    facing as the pelvis does. Where the width of the joint was measured, the offset across is half of that and of the
    marker, as in Plug-in Gait.

    Parameters
    ----------
    subject, generic
        Landmarks and centres of the person, and of the generic model in its default pose.
    lengths_m
        `knee_width_r_m`, `ankle_width_r_m`, ..., `marker_diameter_m`, as far as they were measured.

    Returns
    -------
    centres : dict
        `knee_centre_r` and so on, each (3,), ground frame, m; without those that `subject` has, and without those of
        which a landmark is missing.
    sources : dict
        `BESIDE_LATERAL` or `BY_WIDTH` of each.
    """
    # ASSUME: knees and ankles without medial markers are as wide, against the shank, as those of the generic model.
    lengths = lengths_m or {}
    found, sources = {}, {}
    for side in SIDES:
        missing = [centre for centre in centres_to_assume(subject) if centre.endswith(f"_{side}") and centre in generic]
        ends = [f"{joint}_lateral_{side}" for joint in ("ankle", "knee")]
        if not missing or not all(name in generic for name in ("asis_r", "asis_l", *ends)):
            continue
        axes = {id(points): _leg_axes(points, ends) for points in (subject, generic)}
        scale = _distance(subject, tuple(ends)) / _distance(generic, tuple(ends))
        for centre in missing:
            joint, lateral = centre.partition("_")[0], centre.replace("centre", "lateral")
            offset = scale * (axes[id(generic)] @ (generic[centre] - generic[lateral]))
            width_m = lengths.get(f"{joint}_width_{side}_m")
            if width_m:
                across_m = (width_m + lengths.get("marker_diameter_m", MARKER_DIAMETER_M)) / 2
                offset[2] = np.copysign(across_m, offset[2])
            found[centre] = subject[lateral] + axes[id(subject)].T @ offset
            sources[centre] = assumed_source(centre, lengths)
    return found, sources


def centres_to_assume(landmarks: Collection[str]) -> list[str]:
    """Centres of knees and ankles that are not among the landmarks, and that can be put beside the lateral ones."""
    return [
        f"{joint}_centre_{side}"
        for side in SIDES
        for joint in ("knee", "ankle")
        if f"{joint}_centre_{side}" not in landmarks
        and all(name in landmarks for name in ("asis_r", "asis_l", f"ankle_lateral_{side}", f"knee_lateral_{side}"))
    ]


def assumed_source(centre: str, lengths_m: Mapping[str, float]) -> str:
    """How a centre beside a lateral marker is found: `BY_WIDTH` where its width was measured, else `BESIDE_LATERAL`."""
    return BY_WIDTH if f"{centre.replace('centre', 'width')}_m" in lengths_m else BESIDE_LATERAL


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


def choose_method(method: str, landmarks: Collection[str], height_m: float | None, family: Family, where: str) -> str:
    """The first method that the static trial allows, or the one demanded."""
    needed = {family.pelvis_body, *long_bones(family)}
    possible = [
        candidate
        for candidate in METHODS
        if all(
            any(all(name in landmarks for name in pair) for pair in (*measurement.pairs, *measurement.otherwise))
            for measurement in family.measurements(candidate)
            if needed & {*measurement.bodies}
        )
    ]
    if height_m is not None:
        possible.append("height")
    if method == "auto" and possible:
        return possible[0]
    if method in possible:
        return method
    raise DataError(
        expected=f"what scaling by {method} needs: pelvis, knee and ankle markers in a static trial, or a body height",
        found=f"landmarks {', '.join(sorted(landmarks)) or 'none'}; height {height_m}",
        where=where,
        do="Record a static trial, name the landmarks in the marker set, or give height_m in participants.tsv.",
        code="SCALING_IMPOSSIBLE",
    )


def long_bones(family: Family) -> tuple[str, ...]:
    """Thighs and shanks, in one order: a mean over a set differs in its last digit from one process to the next."""
    return tuple(name for side in SIDES for name in (family.thigh(side), family.shank(side)))


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
