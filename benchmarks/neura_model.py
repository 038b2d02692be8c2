"""Poses of the walk of neura_sparse01 as this package finds them: a scaled model and inverse kinematics."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.neura_sparse import RATE_HZ, STANDING, Pose, ground_m
from gaitload.conventions import SIDES
from gaitload.io.trc import write_trc
from gaitload.mechanics.body_tree import Mechanism
from gaitload.mechanics.inverse_kinematics import solve
from gaitload.mechanics.kinematics import body_poses
from gaitload.models.markersets import load_marker_set
from gaitload.models.registry import find_model
from gaitload.opensim.export import export_mechanism
from gaitload.opensim.scaling import scale_subject
from gaitload.trial import Markers

BODIES = {"Root": "pelvis"} | {
    f"{side.upper()}_{segment}": f"{body}_{side}"
    for side in SIDES
    for segment, body in (("Femur", "femur"), ("Tibia", "tibia"), ("Foot", "calcn"))
}
"""Segment of the recording -> body of the model."""
MASS_KG = 70.0
"""Not told; the poses do not depend on it."""


@dataclass(frozen=True)
class Solved:
    """The scaled model, and coordinates, shape (T, C), of a person who is turned to face X in every frame.

    Models cannot turn round: `ahead`, shape (T, 3, 3), is the turn about the vertical that was taken off.
    """

    mechanism: Mechanism
    q: np.ndarray
    ahead: np.ndarray

    def poses(self) -> dict[str, Pose]:
        """Poses of the bodies in the ground frame, as they were recorded."""
        back, poses = np.swapaxes(self.ahead, 1, 2), body_poses(self.mechanism, self.q)
        return {
            body: (back @ poses[body][0], np.einsum("tij,tj->ti", back, poses[body][1])) for body in BODIES.values()
        }


def poses_by_model(vicon: Mapping[str, np.ndarray]) -> dict[str, Pose]:
    """Poses of the segments as bodies of the default model, scaled and registered in the standing."""
    poses = solved_walk(vicon).poses()
    return {segment: poses[body] for segment, body in BODIES.items()}


def solved_walk(vicon: Mapping[str, np.ndarray]) -> Solved:
    """Scale the default model, register its markers in the standing, and solve every frame."""
    source = find_model("rajagopal2015")
    table = source.marker_set_path("neura_sparse01")
    marker_set = load_marker_set(table)
    names = [marker.name for marker in marker_set.markers]
    places = np.stack([ground_m(vicon, name) for name in names], axis=1)
    ahead = _facing_ahead(ground_m(vicon, "RASI") - ground_m(vicon, "LASI"))
    places = places @ np.swapaxes(ahead, 1, 2)
    with tempfile.TemporaryDirectory(prefix="gaitload-") as text:
        folder = Path(text)
        standing = places[STANDING].mean(axis=0)
        time_s = np.arange(10) / RATE_HZ
        write_trc(folder / "static.trc", Markers(tuple(names), time_s, np.tile(standing, (10, 1, 1))))
        scale_subject(
            model=str(source.path),
            family=str(source.family_path),
            marker_set=str(table),
            static_trcs=[str(folder / "static.trc")],
            mass_kg=MASS_KG,
            height_m=None,
            method="joint_centres",
            strength="stock",
            condylar_spacing_m=0.04,
            output=str(folder / "scaled.osim"),
            where="neura_sparse01",
        )
        mechanism = export_mechanism(folder / "scaled.osim")
        weights = {one.name: one.ik_weight for one in marker_set.markers}
    used = [name for name in names if weights[name] > 0]
    seen = places[:, [names.index(name) for name in used]]
    q, _ = solve(mechanism, seen, np.array([weights[name] for name in used]), markers=used)
    return Solved(mechanism, q, ahead)


def _facing_ahead(to_the_right: np.ndarray) -> np.ndarray:
    """Turns about the vertical, shape (T, 3, 3), that make a person face X in every frame: models cannot turn round."""
    right = to_the_right * [1.0, 0.0, 1.0]
    right /= np.linalg.norm(right, axis=1, keepdims=True)
    up = np.tile([0.0, 1.0, 0.0], (len(right), 1))
    return np.stack([np.cross(up, right), up, right], axis=1)
