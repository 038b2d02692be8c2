"""Quiet standing: the posture of a person whose feet are flat on their spots with the weight above them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.optimize import root

from gaitload.cohorts.embedded.laboratory import PERSON_GROUND_M
from gaitload.conventions import SIDES
from gaitload.errors import SolverError
from gaitload.mechanics.body_tree import Mechanism
from gaitload.mechanics.kinematics import body_poses
from gaitload.mechanics.whole_body import whole_body

SOLE_M = np.array([0.10, -0.015, 0.0])
"""Point of the generic right foot (frame of the heel bone) below the body's centre of mass: the middle of the sole."""
CHOSEN_RAD = {"knee_angle": 0.0, "ankle_angle": 0.0, "elbow_flex": 0.1, "pro_sup": 0.1}
"""Straight knees: bent, the middle of the condyles would not be where the generic model has the centre of its knee.
Arms hang almost straight."""
MISS_MAX = 1e-8
"""Of a posture's demands, in m and in sines of angles."""


def standing(mechanism: Mechanism, foot: Mapping[str, str], foot_scale: np.ndarray, where: str) -> np.ndarray:
    """All coordinates, shape (C,), rad and m, the same left and right.

    Six unknowns (tilt, place and height of the pelvis; three angles of the hip) follow from six demands: the middle of
    the right sole is on its spot, the foot points straight ahead and is level from heel to toe, and the centre of mass
    is above the sole.

    Parameters
    ----------
    foot : mapping of side to body
    foot_scale : ndarray, shape (3,)

    Raises
    ------
    SolverError
        POSTURE_UNSOLVED.
    """
    wide_m = _sole(mechanism, mechanism.coordinates.default, foot["r"], foot_scale)[2]
    spot = PERSON_GROUND_M + np.array([0.0, 0.0, wide_m])
    height_m = mechanism.coordinates.default[mechanism.coordinate_names.index("pelvis_ty")]
    start = np.array([0.0, PERSON_GROUND_M[0], height_m, 0.0, 0.0, 0.0])

    def misses(unknown: np.ndarray) -> np.ndarray:
        q = _posture(mechanism, unknown)
        ahead = body_poses(mechanism, q[None])[foot["r"]][0][0][:, 0]
        body = whole_body(mechanism.tree, np.empty(0), q[None], np.zeros((1, len(q))), np.zeros((1, len(q))))
        weight_line_x = body.moment_nm[0, 2] / body.force_n[0, 1]
        off = _sole(mechanism, q, foot["r"], foot_scale) - spot
        return np.array([*off, ahead[1], ahead[2], weight_line_x - spot[0]])

    solved = root(misses, start, tol=MISS_MAX / 1e3)
    if np.abs(solved.fun).max() > MISS_MAX:
        raise SolverError(
            expected="a posture with the feet on their spots and the weight above them",
            found=f"none (off by {np.abs(solved.fun).max():.1g})",
            where=where,
            do="Choose another seed, or a body that is less out of the ordinary.",
            code="POSTURE_UNSOLVED",
        )
    return _posture(mechanism, solved.x)


def leg_length_m(mechanism: Mechanism, thigh: str, foot: str, foot_scale: np.ndarray) -> float:
    """Height of the hip's centre over the sole with all coordinates zero, as the gait templates have it."""
    q = np.zeros(len(mechanism.coordinate_names))
    return float(body_poses(mechanism, q[None])[thigh][1][0, 1] - _sole(mechanism, q, foot, foot_scale)[1])


def carried(force_n: np.ndarray, moment_nm: np.ndarray, sole_z_m: Mapping[str, float]) -> tuple[np.ndarray, np.ndarray]:
    """Divide the weight of somebody who stands symmetrically between the feet.

    Parameters
    ----------
    force_n, moment_nm : ndarray, shape (3,)
        On the person, ground frame; moment about the origin.
    sole_z_m : mapping of side to float
        Where across the floor the centre of pressure of each foot lies (ground Z).

    Returns
    -------
    force_n, moment_nm : ndarray, shape (2, 3)
        Half of the force on either foot, at centres of pressure equally far ahead; axis 0 runs over `SIDES`.
    """
    point = np.array([[moment_nm[2] / force_n[1], 0.0, sole_z_m[side]] for side in SIDES])
    force = np.tile([0.0, force_n[1] / 2.0, 0.0], (2, 1))
    return force, np.cross(point, force)


def soles_z_m(mechanism: Mechanism, q: np.ndarray, foot: Mapping[str, str], foot_scale: np.ndarray) -> dict[str, float]:
    """Where across the floor the middle of each sole is (ground Z)."""
    return {side: float(_sole(mechanism, q, foot[side], foot_scale)[2]) for side in SIDES}


def _posture(mechanism: Mechanism, unknown: np.ndarray) -> np.ndarray:
    coordinates = mechanism.coordinates
    chosen = dict(zip(("pelvis_tilt", "pelvis_tx", "pelvis_ty"), unknown, strict=False))
    chosen |= {"pelvis_tz": PERSON_GROUND_M[2]}
    legs = dict(zip(("hip_flexion", "hip_adduction", "hip_rotation"), unknown[3:], strict=True))
    sided = legs | CHOSEN_RAD
    chosen |= {f"{name}_{side}": value for name, value in sided.items() for side in SIDES}
    q = coordinates.default.copy()
    for name, value in chosen.items():
        q[mechanism.coordinate_names.index(name)] = value
    return coordinates.slope * q[coordinates.leader] + coordinates.intercept


def _sole(mechanism: Mechanism, q: np.ndarray, foot: str, foot_scale: np.ndarray) -> np.ndarray:
    rotation, position = body_poses(mechanism, q[None])[foot]
    return position[0] + rotation[0] @ (SOLE_M * foot_scale)
