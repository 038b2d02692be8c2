"""The motions of the embedded cohort, as coordinates of a model that keep its feet still and its weight above them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import opensim
from scipy.optimize import root

from gaitload.cohorts.embedded import squat
from gaitload.cohorts.embedded.laboratory import MARKER_RATE_HZ, PERSON_GROUND_M
from gaitload.conventions import LATERAL_SIGN, SIDES
from gaitload.errors import ConfigError, SolverError
from gaitload.io.sto import Table
from gaitload.opensim.model import array, vector
from gaitload.opensim.virtual_person import VirtualPerson
from gaitload.opensim.virtual_recording import coordinate_order

STANDING_S = 1.0
SOLE_M = np.array([0.10, -0.015, 0.0])
"""Point of the generic right foot (frame of the heel bone) that stays on its spot on the floor, below the body's centre
of mass: the middle of the sole."""
STRADDLE_M = 0.008
"""Soles stand this much farther from the midline than by default (generic size). The model's subtalar joint is locked:
as the knee bends, the foot has to roll about its long axis, by 1.9 deg in all. With this straddle it rolls 1 deg to
either side of flat, 1.2 mm at the edge of the foot."""
ARMS_RAD = {"arm_flex": 0.15, "arm_add": -0.2, "elbow_flex": 0.35, "pro_sup": 0.8}
"""Inside the ranges of the model, whose ends would hold inverse kinematics."""
MISS_MAX = 1e-8
"""Of a posture's demands, in m and in sines of angles."""


def standing(person: VirtualPerson) -> Table:
    """Quiet standing with barely bent knees, where the squat starts."""
    time_s = _clock(STANDING_S)
    return balanced(person, time_s, np.full(len(time_s), squat.STANDING_KNEE_RAD))


def squatting(person: VirtualPerson) -> Table:
    """The squat of `gaitload.cohorts.embedded.squat`."""
    time_s = _clock(squat.DURATION_S)
    return balanced(person, time_s, squat.knee_flexion_rad(time_s))


MOTIONS: dict[str, Callable[[VirtualPerson], Table]] = {"static": standing, "squat": squatting}
"""Trial id -> motion, as coordinates (rad, m) over time."""


def motion_of(trial_id: str) -> Callable[[VirtualPerson], Table]:
    """The motion of a trial; raises `ConfigError` (MOTION_UNKNOWN)."""
    if trial_id not in MOTIONS:
        raise ConfigError(
            expected=f"one of the motions {', '.join(MOTIONS)}",
            found=trial_id,
            where="trial_id in trials.tsv of a cohort that is made",
            do="Correct the id, or add the motion to gaitload.opensim.virtual_motion.",
            code="MOTION_UNKNOWN",
        )
    return MOTIONS[trial_id]


def balanced(person: VirtualPerson, time_s: np.ndarray, knee_rad: np.ndarray) -> Table:
    """Postures that are the same left and right, with the feet on their spot and the centre of mass above the soles.

    In each frame six unknowns (tilt, place and height of the pelvis; three angles of the hip) follow from six demands:
    the middle of the right sole stays on its spot, the foot points straight ahead and is level from heel to toe, and
    the centre of mass is above the sole. The trunk keeps its place on the pelvis.

    Parameters
    ----------
    person : VirtualPerson
    time_s, knee_rad : ndarray, shape (T,)

    Returns
    -------
    Table
        Every coordinate of the model.

    Raises
    ------
    SolverError
        POSTURE_UNSOLVED.
    """
    state = person.model.initSystem()
    default = dict(zip(coordinate_order(person.model), state.getQ().to_numpy().tolist(), strict=True))
    spots = soles_ground_m(person)
    unknown = np.array([0.0, PERSON_GROUND_M[0], default["pelvis_ty"], 0.0, 0.0, 0.0])
    rows = []
    for bent in zip(knee_rad, squat.ankle_dorsiflexion_rad(knee_rad), strict=True):
        solved = root(_misses, unknown, args=(bent, person, state, default, spots[0]), tol=MISS_MAX / 1e3)
        unknown = solved.x
        _require(np.abs(solved.fun).max(), bent, person)
        rows.append(list(_posture(unknown, bent, person, default).values()))
    return Table(tuple(default), time_s, np.array(rows))


def soles_ground_m(person: VirtualPerson) -> np.ndarray:
    """Where the middles of the soles stand, shape (2, 3), ground frame; axis 0 runs over `SIDES`."""
    state = person.model.initSystem()
    person.model.realizePosition(state)
    z = _sole(person, state)[2] + STRADDLE_M * person.size
    return PERSON_GROUND_M + np.array([[0.0, 0.0, LATERAL_SIGN[side] * z] for side in SIDES])


def _clock(duration_s: float) -> np.ndarray:
    return np.arange(round(duration_s * MARKER_RATE_HZ) + 1) / MARKER_RATE_HZ


def _misses(
    unknown: np.ndarray,
    bent: tuple[float, float],
    person: VirtualPerson,
    state: opensim.State,
    default: dict[str, float],
    spot_m: np.ndarray,
) -> np.ndarray:
    """By how much a posture misses its demands, shape (6,)."""
    posture = list(_posture(unknown, bent, person, default).values())
    state.setQ(opensim.Vector.createFromMat(np.array(posture)))
    person.model.realizePosition(state)
    axes = _foot(person).getTransformInGround(state).R()
    ahead = array(person.model.calcMassCenterPosition(state))[0] - spot_m[0]
    return np.array([*(_sole(person, state) - spot_m), axes.get(1, 0), axes.get(2, 0), ahead])


def _posture(
    unknown: np.ndarray, bent: tuple[float, float], person: VirtualPerson, default: dict[str, float]
) -> dict[str, float]:
    """Coordinates in the order of the state's q."""
    legs = dict(zip(("hip_flexion", "hip_adduction", "hip_rotation"), unknown[3:], strict=True))
    legs |= dict(zip(("knee_angle", "ankle_angle"), bent, strict=True)) | ARMS_RAD
    pelvis = dict(zip(("pelvis_tilt", "pelvis_tx", "pelvis_ty"), unknown, strict=False))
    posture = default | pelvis | {"pelvis_tz": PERSON_GROUND_M[2]}
    posture |= {f"{name}_{side}": value for name, value in legs.items() for side in SIDES}
    return posture | {dependent: posture[driver] for dependent, driver in person.family.drivers().items()}


def _foot(person: VirtualPerson) -> opensim.Body:
    return person.model.getBodySet().get(person.family.foot(SIDES[0]))


def _sole(person: VirtualPerson, state: opensim.State) -> np.ndarray:
    return array(_foot(person).findStationLocationInGround(state, vector(SOLE_M * person.size)))


def _require(miss: float, bent: tuple[float, float], person: VirtualPerson) -> None:
    if miss > MISS_MAX:
        raise SolverError(
            expected="a posture with the feet on their spot and the weight above them",
            found=f"none at {np.degrees(bent[0]):.1f} deg of knee flexion (off by {miss:.1g})",
            where=person.model.getName(),
            do="Choose less knee flexion.",
            code="POSTURE_UNSOLVED",
        )
