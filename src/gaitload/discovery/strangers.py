"""Where markers are whose names no set knows: by distances that no motion changes, and by the static trial.

A marker on a segment keeps its distance to the landmarks of this segment and to no others. Medial markers of knees,
ankles and elbows lie on the other side of the joint, as far as a joint is wide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gaitload.conventions import LATERAL_SIGN, SIDES
from gaitload.ingest.rigid import median_over_frames
from gaitload.models.anthropometry import harrington_hip_centres
from gaitload.trial import Recording

STEADY_MAX_M = 0.012
"""Largest variation of the distances (SD) of a marker to the landmarks of its own segment: soft tissue moves skin of a
thigh by 10 mm against the joints in walking."""
CLEAR_RATIO = 2.0
"""The next segment must vary by this much more, or the marker could be on either."""
DOUBT_RATIO = 1.3
SEEN_MIN_SHARE = 0.3
_FRAMES = 150
_REACH_M = 0.55
"""No marker of a segment is farther from the landmarks of that segment."""
_MEDIAL_M = {"knee": (0.06, 0.18), "ankle": (0.045, 0.12), "elbow": (0.05, 0.14)}
"""Width of a joint over the skin, of children and of adults."""
_MEDIAL_TURN_MAX_DEG = 40.0
"""Between the line across a joint and that across the pelvis, standing."""
_ANCHORS = {
    "pelvis": ("asis_r", "asis_l", "psis_r", "psis_l", "sacrum"),
    "femur_{side}": ("hip_centre_{side}", "knee_lateral_{side}", "knee_medial_{side}"),
    "tibia_{side}": ("knee_lateral_{side}", "knee_medial_{side}", "ankle_lateral_{side}", "ankle_medial_{side}"),
    "calcn_{side}": ("ankle_lateral_{side}", "heel_{side}", "mt1_{side}", "mt2_{side}", "mt5_{side}"),
    "torso": ("c7", "clavicle", "sternum", "xiphoid", "t10", "acromion_r", "acromion_l"),
    "humerus_{side}": ("acromion_{side}", "elbow_lateral_{side}", "elbow_medial_{side}"),
    "radius_{side}": ("elbow_lateral_{side}", "wrist_{side}", "wrist_ulnar_{side}"),
}


@dataclass(frozen=True)
class Finding:
    """What the recordings say of a marker whose name is unknown.

    Attributes
    ----------
    name : str
    body : str or None
        None where nothing speaks for any.
    landmark : str or None
        For the medial markers of a static trial.
    certain : bool
        False: another place would do nearly as well.
    reason : str
    """

    name: str
    body: str | None
    landmark: str | None
    certain: bool
    reason: str


def find_strangers(
    statics: Sequence[Recording],
    motions: Sequence[Recording],
    landmarks: Mapping[str, str],
    bodies: Mapping[str, str],
    names: Sequence[str],
) -> list[Finding]:
    """Assign markers to segments, or to medial landmarks.

    Parameters
    ----------
    statics, motions : sequence of Recording
        Of one participant, in the lab frame.
    landmarks : mapping of str to str
        Names of the recordings with the landmark that each is on, as far as they are known.
    bodies : mapping of str to str
        Names of the recordings with the body that carries each, likewise.
    names : sequence of str
        Those that are not known.
    """
    known = dict(landmarks)
    found: dict[str, Finding] = {}
    for static in statics:
        medial = _medial(static, known, [name for name in names if name not in found])
        found |= medial
        known |= {name: one.landmark for name, one in medial.items() if one.certain}
    left = [name for name in names if name not in found]
    votes: dict[str, list[dict[str, float]]] = {name: [] for name in left}
    for motion in motions:
        for name, spreads in _spreads_m(motion, known, bodies, left).items():
            votes[name].append(spreads)
    return [*found.values(), *(_judged(name, votes[name]) for name in left)]


def _medial(static: Recording, landmarks: Mapping[str, str], names: Sequence[str]) -> dict[str, Finding]:
    """Unknown markers beyond a joint from its lateral marker, where only one lies there."""
    places = _places(static)
    by_landmark = {landmark: places[name] for name, landmark in landmarks.items() if name in places}
    if not {"asis_r", "asis_l"} <= by_landmark.keys():
        return {}
    right = by_landmark["asis_r"] - by_landmark["asis_l"]
    right = right / np.linalg.norm(right)
    found: dict[str, Finding] = {}
    for side in SIDES:
        for joint, (near_m, far_m) in _MEDIAL_M.items():
            landmark, lateral = f"{joint}_medial_{side}", by_landmark.get(f"{joint}_lateral_{side}")
            if lateral is None or landmark in by_landmark:
                continue
            inward = -LATERAL_SIGN[side] * right
            offsets = {name: places[name] - lateral for name in names if name in places}
            there = {
                name: float(np.linalg.norm(offset))
                for name, offset in offsets.items()
                if near_m <= np.linalg.norm(offset) <= far_m
                and offset @ inward >= np.cos(np.radians(_MEDIAL_TURN_MAX_DEG)) * np.linalg.norm(offset)
            }
            for name, width_m in there.items():
                told = f"{100 * width_m:.0f} cm inside the lateral marker of {joint} {side} in the static trial"
                body = {"knee": "femur", "ankle": "tibia", "elbow": "humerus"}[joint]
                certain = len(there) == 1 and name not in found
                found[name] = Finding(name, f"{body}_{side}", landmark, certain, told)
    return found


def _spreads_m(
    motion: Recording, landmarks: Mapping[str, str], bodies: Mapping[str, str], names: Sequence[str]
) -> dict[str, dict[str, float]]:
    """Name -> body -> how much the distances to landmarks and markers of the body vary (SD, root mean square)."""
    frames = np.unique(np.linspace(0, len(motion.marker_time_s) - 1, _FRAMES).astype(int))
    position = motion.marker_lab_m[frames]
    track = {name: position[:, index] for index, name in enumerate(motion.marker_names)}
    anchors = {landmark: track[name] for name, landmark in landmarks.items() if name in track}
    anchors |= _hip_centres(anchors)
    points: dict[str, list[np.ndarray]] = {}
    for side in SIDES:
        for pattern, wanted in _ANCHORS.items():
            body, ends = pattern.format(side=side), {one.format(side=side) for one in wanted}
            plain = [track[name] for name, on in bodies.items() if on == body and name in track]
            marked = [anchors[one] for one in sorted(ends) if one in anchors]
            points[body] = [*marked, *(one for one in plain if not any(one is other for other in marked))]
    result = {}
    for name in names:
        if name not in track or np.isfinite(track[name][:, 0]).mean() < SEEN_MIN_SHARE:
            continue
        spreads = {body: _spread_m(track[name], near) for body, near in points.items() if len(near) >= 2}
        result[name] = {body: value for body, value in spreads.items() if np.isfinite(value)}
    return result


def _spread_m(track: np.ndarray, points: list[np.ndarray]) -> float:
    """NaN where the marker is out of reach of the landmarks, or seen with them too rarely."""
    variances, distances_m = [], []
    for point in points:
        distance = np.linalg.norm(track - point, axis=1)
        distance = distance[np.isfinite(distance)]
        if len(distance) < SEEN_MIN_SHARE * len(track):
            return float("nan")
        # Quantiles do not mind single frames in which a marker has jumped.
        low, high = np.quantile(distance, (0.16, 0.84))
        variances.append(((high - low) / 2) ** 2)
        distances_m.append(float(np.median(distance)))
    return float(np.sqrt(np.mean(variances))) if max(distances_m) <= _REACH_M else float("nan")


def _hip_centres(anchors: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Hip centres by regression in every frame, shape (T, 3)."""
    pelvis = {name: anchors[name] for name in ("asis_r", "asis_l", "psis_r", "psis_l", "sacrum") if name in anchors}
    if not {"asis_r", "asis_l"} <= pelvis.keys():
        return {}
    count = len(pelvis["asis_r"])
    frames = [
        harrington_hip_centres({name: points[frame] for name, points in pelvis.items()}) for frame in range(count)
    ]
    if not frames[0]:
        return {}
    return {name: np.array([frame[name] for frame in frames]) for name in frames[0]}


def _judged(name: str, votes: list[dict[str, float]]) -> Finding:
    bodies = set.intersection(*(set(vote) for vote in votes)) if votes else set()
    if not bodies:
        return Finding(name, None, None, False, "it is not seen together with known landmarks of any segment")
    spreads = sorted((float(np.mean([vote[body] for vote in votes])), body) for body in bodies)
    (best_m, body), *others = spreads
    next_m, other = others[0] if others else (float("inf"), "")
    told = f"distances to {body} vary by {1e3 * best_m:.0f} mm" + (
        f", to {other} by {1e3 * next_m:.0f} mm" if other else ""
    )
    if best_m > STEADY_MAX_M or next_m < DOUBT_RATIO * best_m:
        return Finding(name, None, None, False, told)
    return Finding(name, body, None, bool(other) and next_m >= CLEAR_RATIO * best_m, told)


def _places(recording: Recording) -> dict[str, np.ndarray]:
    median = median_over_frames(recording.marker_lab_m)
    return {name: place for name, place in zip(recording.marker_names, median, strict=True) if np.isfinite(place).all()}
