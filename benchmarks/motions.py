"""Orientations of body segments in real trials, by the stages of the workflow, for benchmarks that need real motion."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from benchmarks.trials import Case, prepared
from gaitload.io.sto import read_sto
from gaitload.mechanics.kinematics import motion
from gaitload.opensim.export import export_mechanism

SEGMENTS = ("pelvis", "femur_r", "tibia_r", "calcn_r", "femur_l", "tibia_l", "calcn_l")
"""Bodies that carry a sensor; the trunk does not move of its own where it has no markers."""
CASES = (
    Case("fukuchi2017", "RBDS001", "runT35", 0.0, 30.0),
    Case("fukuchi2017", "RBDS001", "runT45", 0.0, 30.0),
    Case("fukuchi2017", "RBDS002", "runT25", 0.0, 30.0),
    Case("rajagopal2016", "walker", "walk", 0.1, 2.3),
    Case("rajagopal2016", "runner", "run", 0.1, 4.9),
)


@dataclass(frozen=True)
class Motion:
    """Segments of one trial on a uniform clock.

    Attributes
    ----------
    name : str
    rate_hz : float
    orientation_ground_wxyz : ndarray, shape (T, 7, 4)
        Of `SEGMENTS` in the ground frame (Y up); signs run on from frame to frame.
    """

    name: str
    rate_hz: float
    orientation_ground_wxyz: np.ndarray


def load_motions(results: Path) -> tuple[Motion, ...]:
    """The motions of `CASES`; computed once, then read from `results`."""
    return tuple(_kept(case, results) for case in CASES)


def _kept(case: Case, results: Path) -> Motion:
    place = results / f"segments_{case.cohort}_{case.participant}_{case.trial}.npz"
    if not place.is_file():
        rate_hz, quaternions = _segments(case, results)
        np.savez_compressed(place, rate_hz=rate_hz, orientation_ground_wxyz=quaternions)
    with np.load(place) as kept:
        label = f"{case.cohort} {case.participant} {case.trial}"
        return Motion(label, float(kept["rate_hz"]), kept["orientation_ground_wxyz"])


def _segments(case: Case, results: Path) -> tuple[float, np.ndarray]:
    job = prepared(case, results, upto="kinematics", engine="compiled")
    mechanism = export_mechanism(job.product("scale", ".osim"))
    table = read_sto(job.product("kinematics", ".mot"))
    turns = dict(zip(mechanism.coordinate_names, mechanism.coordinates.rotational, strict=True))
    columns = [
        np.radians(table.column(name)) if turns[name] else table.column(name) for name in mechanism.coordinate_names
    ]
    q = np.stack(columns, axis=1)
    rotation, _, _ = motion(mechanism.tree, q, np.zeros_like(q), np.zeros_like(q), simbody_bias=False)
    chosen = rotation[:, [mechanism.bodies.index(name) for name in SEGMENTS]]
    quaternions = (
        Rotation.from_matrix(chosen.reshape(-1, 3, 3)).as_quat(scalar_first=True).reshape(*chosen.shape[:2], 4)
    )
    return (len(table.time_s) - 1) / float(table.time_s[-1] - table.time_s[0]), continuous(quaternions)


def continuous(quaternions: np.ndarray) -> np.ndarray:
    """Quaternions along axis 0, shape (T, S, 4), with signs that run on."""
    flips = np.sign(np.einsum("tsk,tsk->ts", quaternions[1:], quaternions[:-1]))
    return quaternions * np.concatenate([np.ones((1, quaternions.shape[1])), np.cumprod(flips, axis=0)])[..., None]
