"""A gait as intended becomes a motion that a body can do: in flight nothing pushes it, and on the floor only its feet.

The motion is a spline through time; its coefficients are the least squares solution of six demands on every frame

1. coordinates stay near the intended ones;
2. their accelerations stay near the intended ones: else trunk and legs would shake to make up for what the forces lack,
   and joint moments with them;
3. the point of a foot under which the force is meant to act lies on the floor and moves with the belt, the more
   strictly the more the foot bears: a foot that has to stand from one frame to the next jerks the whole body;
4. the one wrench from outside that the motion demands is near the sum of the intended forces, each at its point;
5. in flight there is none;
6. knees and ankles stay inside the ranges of the model.

It is found by the Gauss-Newton steps of `gaitload.cohorts.embedded.spline_fit`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import NamedTuple

import numpy as np
from scipy.interpolate import BSpline

from gaitload.cohorts.embedded.gait import Gait, Intention
from gaitload.cohorts.embedded.spline_fit import DEGREE, SplineBasis, settled
from gaitload.conventions import body_weight_n
from gaitload.mechanics.body_tree import Mechanism
from gaitload.mechanics.freedom import Freedom, free_columns
from gaitload.mechanics.whole_body import WholeBody, whole_body

KNOTS_HZ = 50.0
"""Knots of the spline per second. With 25, accelerations cannot follow a landing at 4.5 m/s: the vertical force is off
by 0.39 body weights (root mean square in stance) in place of 0.13, and the swinging leg shakes to make up for it."""
ARMS = ("arm_flex", "arm_add", "arm_rot", "elbow_flex", "pro_sup")
"""Coordinates that stay as intended: free to give way, they would by half a degree, at three times the work."""
TURN_SD_RAD = np.radians(2.0)
SHIFT_SD_M = 0.01
"""How far coordinates may stray from the intended ones: about as far as those of two strides of one runner."""
ACCELERATION_SHARES = {"walk": 0.25, "run": 0.0625}
"""How far accelerations of coordinates may stray, by activity, as a share of the intended ones' root mean square. The
intended ones of running are four times as large: with a half, swinging legs make up for all that forces lack in flight,
and the hip's flexion moment at 4.5 m/s departs from that of recorded runners by 0.8 N m/kg, with this by 0.3. Recorded
runners differ from each other by 0.2. With smaller shares, forces miss what is demanded of them."""
TRUNK, TRUNK_ACCELERATION_SHARE = "lumbar", 0.25
"""Coordinates of the trunk, and how far their accelerations may stray. The trunk of the templates is that of one other
runner; held as firmly as the legs, it leaves it to the pelvis to balance them, which asks the swinging hip for 0.07
N m/kg of rotation more than there is in recorded runners."""
BOUNDED = ("knee_angle", "ankle_angle")
INSIDE_RAD, BEYOND_SD_RAD = np.radians(1.0), np.radians(0.1)
"""Coordinates that must stay this far inside the ranges of the model, and how little they may stray beyond: inverse
kinematics holds them there, and the person would do what no model is allowed to."""
HEIGHT_SD_M, SLIP_SD_M_PER_S = 0.002, 0.03
BEARING_BW, BEARING_MIN = 0.8, 0.05
"""Vertical force from which on a foot must stand as said, in proportion below, and the least share of that."""
FORCE_SD, ARM_SD_M = np.array([0.02, 0.05, 0.02]), 0.005
"""Of the force on the body, in body weights, and of its moment about the intended point of application, in m of the
sole at one body weight. A horizontal force acts on the hip with the leg for a lever: 0.1 body weights add 0.9 N m/kg to
the flexion moment of walking, as much as there is, and 2 body weights to hip contact."""
FLIGHT_SHARES = (0.2, 0.002)
"""Shares of these in flight: a body that must at once be free of all force finds no way there, so it has two goes."""
MARGIN_S = 0.15
"""Solved before the beginning and after the end of what is wanted: at its ends a spline is held from one side only."""
EDGE_SHARE = 0.05
"""The same shortly before a foot touches the floor and after it has left."""
FRAMES_HZ = 200.0
"""At which the demands are made: four to a piece of the spline, more than it has coefficients."""
STILL = 1e-3
"""Acceleration (rad/s2, m/s2) added to what may stray, for coordinates that are not meant to move."""
FAINT_N = 1e-6
"""Force that stands for none under a foot that may push: what is divided in proportion to forces, or acts between them,
is then that foot's."""


@dataclass(frozen=True)
class Mover:
    """Whose body it is; `feet` in the order of `SIDES`, `foot_scale`, shape (3,), the factors of the heel bone."""

    mechanism: Mechanism
    pelvis: str
    feet: tuple[str, str]
    foot_scale: np.ndarray
    mass_kg: float

    @cached_property
    def freedom(self) -> Freedom:
        """Which coordinates of the mechanism are free; F of them."""
        return free_columns(self.mechanism)

    @property
    def names(self) -> list[str]:
        """Of the free coordinates."""
        return [self.mechanism.coordinate_names[index] for index in self.freedom.coordinate]

    @cached_property
    def moved(self) -> np.ndarray:
        """Places of the free coordinates that give way, shape (M,)."""
        return np.array([index for index, name in enumerate(self.names) if name.rpartition("_")[0] not in ARMS])

    def acceleration_shares(self, activity: str) -> np.ndarray:
        """How far accelerations of the free coordinates may stray, as a share of the intended ones, shape (F,)."""
        trunk = [name.startswith(TRUNK) for name in self.names]
        return np.where(trunk, TRUNK_ACCELERATION_SHARE, ACCELERATION_SHARES[activity])

    @cached_property
    def bounded(self) -> np.ndarray:
        """Places of the free coordinates that must stay inside their ranges."""
        return np.array([index for index, name in enumerate(self.names) if name.rpartition("_")[0] in BOUNDED])

    def beyond(self, free: np.ndarray) -> np.ndarray:
        """How far those are beyond, shape (T, 4), rad."""
        lower, upper = (limits[self.bounded] for limits in (self.freedom.lower, self.freedom.upper))
        values = free[:, self.bounded]
        return values - np.clip(values, lower + INSIDE_RAD, upper - INSIDE_RAD)

    @cached_property
    def watched(self) -> np.ndarray:
        """Places of pelvis and feet among the bodies."""
        return np.array([self.mechanism.bodies.index(body) for body in (self.pelvis, *self.feet)])

    def every(self, free: np.ndarray, order: int) -> np.ndarray:
        """All coordinates, shape (T, C), of free ones, shape (T, F); or their derivatives of an order."""
        coordinates = self.mechanism.coordinates
        values = np.tile(coordinates.default if order == 0 else np.zeros(len(coordinates.default)), (len(free), 1))
        values[:, self.freedom.coordinate] = free
        led = coordinates.slope * values[:, coordinates.leader]
        return led + coordinates.intercept if order == 0 else led


@dataclass(frozen=True)
class Motion:
    """A motion over time, and who makes it.

    Attributes
    ----------
    mover : Mover
    spline : BSpline
        Free coordinates over time (rad, m), shape (F,) at each.
    """

    mover: Mover
    spline: BSpline

    def coordinates(self, time_s: np.ndarray, order: int = 0) -> np.ndarray:
        """All coordinates, shape (T, C), or their first or second derivatives by time."""
        return self.mover.every(self.spline.derivative(order)(time_s) if order else self.spline(time_s), order)

    def body(self, time_s: np.ndarray) -> WholeBody:
        """What it demands of the outside, and where pelvis and feet are."""
        every = (self.coordinates(time_s, order) for order in range(3))
        return whole_body(self.mover.mechanism.tree, self.mover.watched, *every)


class Wrenches(NamedTuple):
    """Forces on the feet; T samples, axis 1 runs over `SIDES`; ground frame.

    Attributes
    ----------
    force_n, moment_nm : ndarray, shape (T, 2, 3)
        Moment about the ground's origin.
    residual_n : ndarray, shape (T, 3)
        Residual force of the motion in flight: demanded, and given by no foot.
    """

    force_n: np.ndarray
    moment_nm: np.ndarray
    residual_n: np.ndarray


def possible_motion(mover: Mover, intention: Intention, duration_s: float, where: str) -> Motion:
    """The motion nearest to an intended one that the ground and gravity allow, from time 0 to `duration_s`.

    Raises
    ------
    SolverError
        GAIT_UNSOLVED: steps did not settle.
    """
    margin = round(MARGIN_S * FRAMES_HZ)
    time_s = np.arange(-margin, round(duration_s * FRAMES_HZ) + margin + 1) / FRAMES_HZ
    gait, basis = intention.at(time_s), SplineBasis.over(time_s, pieces_hz=KNOTS_HZ)
    intended = np.column_stack([gait.coordinates[name] for name in mover.names])
    coefficients = basis.fitted(intended)
    intended = np.stack([intended, basis.weights[2] @ coefficients])
    shaking_sd = (
        mover.acceleration_shares(intention.template.activity) * np.sqrt((intended[1] ** 2).mean(axis=0)) + STILL
    )
    for flight_share in FLIGHT_SHARES:
        demands = partial(_demands, mover, gait, intended, shaking_sd, flight_share)
        coefficients = settled(demands, basis, coefficients, mover.moved, where)
    return Motion(mover, BSpline(basis.knots, coefficients, DEGREE))


def foot_wrenches(intention: Intention, motion: Motion, time_s: np.ndarray) -> Wrenches:
    """Which foot gives what at some times, shape (T,).

    Each foot gives what was intended at its point. What the motion demands beyond that is divided in proportion to the
    intended vertical forces, which fall to zero before a foot leaves: so none is torn away. A foot alone near its
    contact (`gaitload.cohorts.embedded.gait.EDGE_S`) gives whatever the motion demands, and may pull by 1 % of body
    weight.
    """
    gait, body = intention.at(time_s), motion.body(time_s)
    _, force, moment = _intended(motion.mover, gait, body)
    upward = force[..., 1] + FAINT_N * gait.near
    share = upward / np.maximum(upward.sum(axis=1, keepdims=True), FAINT_N / 2)
    missing_force = body.force_n - force.sum(axis=1)
    missing_moment = body.moment_nm - moment.sum(axis=1)
    given_force = force + share[..., None] * missing_force[:, None]
    given_moment = moment + share[..., None] * missing_moment[:, None]
    return Wrenches(given_force, given_moment, body.force_n - given_force.sum(axis=1))


def _intended(mover: Mover, gait: Gait, body: WholeBody) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points under the feet, forces and moments (about the ground's origin) as intended; shape (T, 2, 3)."""
    center = gait.center_foot_m * mover.foot_scale
    point = body.position_m[:, 1:] + np.einsum("tsij,tsj->tsi", body.rotation[:, 1:], center)
    at_floor = point * np.array([1.0, 0.0, 1.0])
    moment = np.cross(at_floor, gait.force_n)
    moment[..., 1] += gait.free_moment_nm
    return point, gait.force_n, moment


def _demands(
    mover: Mover,
    gait: Gait,
    intended: np.ndarray,
    shaking_sd: np.ndarray,
    flight_share: float,
    state: Sequence[np.ndarray],
) -> np.ndarray:
    """Weighted residuals of all demands, shape (T, R).

    Parameters
    ----------
    intended : ndarray, shape (2, T, F)
        Free coordinates and their second derivatives.
    shaking_sd : ndarray, shape (F,)
        How far the second derivatives may stray.
    state : sequence of ndarray, shape (T, F)
        Free coordinates and their first and second derivatives.
    """
    weight_n = body_weight_n(mover.mass_kg)
    every = [mover.every(values, order) for order, values in enumerate(state)]
    body = whole_body(mover.mechanism.tree, mover.watched, *every)
    point, force, moment = _intended(mover, gait, body)
    arm = point - body.position_m[:, 1:]
    velocity = body.velocity_m_per_s[:, 1:] + np.cross(body.spin_rad_per_s[:, 1:], arm)
    slip = velocity[..., ::2] + np.array([gait.speed_m_per_s, 0.0])
    bearing = gait.contact * np.clip(force[..., 1] / (BEARING_BW * weight_n), BEARING_MIN, 1.0)
    floor = np.concatenate([point[..., 1:2] / HEIGHT_SD_M, slip / SLIP_SD_M_PER_S], axis=-1) * bearing[..., None]
    missing_force = body.force_n - force.sum(axis=1)
    flight = ~gait.near.any(axis=1, keepdims=True)
    about = np.where(flight, body.position_m[:, 0], _middle(point, force, gait.near))
    missing_moment = body.moment_nm - moment.sum(axis=1) - np.cross(about, missing_force)
    standing = gait.contact.any(axis=1, keepdims=True)
    allowed_n = weight_n * np.where(flight, flight_share, np.where(standing, 1.0, EDGE_SHARE))
    strayed = (state[0] - intended[0]) / np.where(mover.freedom.rotational, TURN_SD_RAD, SHIFT_SD_M)
    shaken = (state[2] - intended[1]) / shaking_sd
    wrench = [missing_force / (FORCE_SD * allowed_n), missing_moment / (ARM_SD_M * allowed_n)]
    near = [strayed[:, mover.moved], shaken[:, mover.moved]]
    return np.hstack([floor.reshape(len(floor), -1), *wrench, mover.beyond(state[0]) / BEYOND_SD_RAD, *near])


def _middle(point: np.ndarray, force: np.ndarray, near: np.ndarray) -> np.ndarray:
    """Where the forces act together, shape (T, 3)."""
    upward = force[..., 1:2] + FAINT_N * near[..., None]
    return (point * upward).sum(axis=1) / np.maximum(upward.sum(axis=1), FAINT_N / 2)
