"""Poses of the walk of neura_sparse01 as this package finds them: a scaled model and inverse kinematics."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.neura_sparse import RATE_HZ, STANDING, Pose, ground_m
from gaitload.conventions import LATERAL_SIGN, SIDES
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
MARKER_SET = {
    "ASI": ("pelvis", "asis", (0.0105, 0.008, 0.1075), 25, 40),
    "PSI": ("pelvis", "psis", (-0.157, 0.0249, 0.0434), 25, 40),
    "HJC": ("femur_{side}", "hip_centre", (0.0, 0.0, 0.0), 25, 0),
    "THI": ("femur_{side}", "", (0.0, -0.2, 0.09), 0, 10),
    "KNE": ("femur_{side}", "knee_lateral", (-0.0046, -0.401, 0.0577), 50, 40),
    "KJC": ("tibia_{side}", "knee_centre", (0.00173, -0.00239, -0.0015), 50, 0),
    "TIB": ("tibia_{side}", "", (0.0, -0.2, 0.06), 0, 20),
    "ANK": ("tibia_{side}", "ankle_lateral", (-0.0223, -0.4064, 0.0352), 50, 40),
    "AJC": ("talus_{side}", "ankle_centre", (0.0, 0.0, 0.0), 50, 0),
    "HEE": ("calcn_{side}", "heel", (-0.0228, 0.0234, -0.0172), 25, 40),
    "TOE": ("calcn_{side}", "toe", (0.184, 0.02, -0.004), 25, 40),
}
"""Marker of the plug-in gait set -> body, landmark, generic place (m, right), weights standing and walking."""
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
    names = [f"{side.upper()}{marker}" for marker in MARKER_SET for side in SIDES]
    places = np.stack([ground_m(vicon, name) for name in names], axis=1)
    ahead = _facing_ahead(ground_m(vicon, "RASI") - ground_m(vicon, "LASI"))
    places = places @ np.swapaxes(ahead, 1, 2)
    with tempfile.TemporaryDirectory(prefix="gaitload-") as text:
        folder = Path(text)
        (folder / "plug_in_gait.tsv").write_text(_marker_table())
        standing = places[STANDING].mean(axis=0)
        time_s = np.arange(10) / RATE_HZ
        write_trc(folder / "static.trc", Markers(tuple(names), time_s, np.tile(standing, (10, 1, 1))))
        scale_subject(
            model=str(source.path),
            family=str(source.family_path),
            marker_set=str(folder / "plug_in_gait.tsv"),
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
        weights = {one.name: one.ik_weight for one in load_marker_set(folder / "plug_in_gait.tsv").markers}
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


def _marker_table() -> str:
    rows = ["marker\tbody\tlandmark\tx_m\ty_m\tz_m\tstatic_weight\tik_weight"]
    for marker, (body, landmark, (x, y, z), static_weight, ik_weight) in MARKER_SET.items():
        for side in SIDES:
            place = (x, y, LATERAL_SIGN[side] * z)
            meaning = f"{landmark}_{side}" if landmark else ""
            row = (f"{side.upper()}{marker}", body.format(side=side), meaning, *place, static_weight, ik_weight)
            rows.append("\t".join(map(str, row)))
    return "\n".join(rows) + "\n"
