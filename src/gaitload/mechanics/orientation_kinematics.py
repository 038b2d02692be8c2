"""Inverse kinematics of inertial sensors: coordinates whose sensors are turned least from the observed orientations.

The cost is that of OpenSim's IMU inverse kinematics (Simbody's OrientationSensors): the weighted sum of squared
shortest angles. Its slope along a turn is the rotation vector itself, so the gradient is exact; the matrix is
Gauss-Newton's, by composite bodies as in `normal_equations`, whose weights take the place of masses.
"""

from __future__ import annotations

import numpy as np

from gaitload.errors import ConfigError
from gaitload.mechanics.body_tree import Mechanism
from gaitload.mechanics.compiling import kernel
from gaitload.mechanics.damped_steps import (
    DAMPING_MAX,
    DAMPING_MIN,
    DAMPING_START,
    EASE,
    STIFFEN,
    damped_step,
    moved_by,
)
from gaitload.mechanics.freedom import Freedom, free_columns
from gaitload.mechanics.kinematics import empty_pose, place
from gaitload.mechanics.normal_equations import empty_equations
from gaitload.mechanics.twists import fill_twists
from gaitload.mechanics.vectors import accumulate, copy, dot, product, product_transposed, row, scaled

TOLERANCE = 1e-7
"""Largest step (rad) at which a frame counts as converged."""
ITERATIONS_MAX = 200
"""Steps after which a frame is left as it is; five to ten are usual."""


@kernel
def _rotation_vector(turn):
    """Axis times shortest angle of a rotation matrix, by the largest component of its quaternion: safe at any angle."""
    trace = turn[0, 0] + turn[1, 1] + turn[2, 2]
    w = np.sqrt(max(0.0, 1.0 + trace)) / 2.0
    x, y, z = turn[2, 1] - turn[1, 2], turn[0, 2] - turn[2, 0], turn[1, 0] - turn[0, 1]
    if w > 0.3:
        x, y, z = x / (4.0 * w), y / (4.0 * w), z / (4.0 * w)
    else:
        major = 0
        for axis in range(1, 3):
            if turn[axis, axis] > turn[major, major]:
                major = axis
        size = np.sqrt(max(0.0, 1.0 + 2.0 * turn[major, major] - trace)) / 2.0
        signed = (x, y, z)[major] / (4.0 * size)
        parts = (
            (turn[0, major] + turn[major, 0]) / (4.0 * size),
            (turn[1, major] + turn[major, 1]) / (4.0 * size),
            (turn[2, major] + turn[major, 2]) / (4.0 * size),
        )
        sign = 1.0 if signed >= 0.0 else -1.0
        w, x, y, z = abs(signed), sign * parts[0], sign * parts[1], sign * parts[2]
    sine = np.sqrt(x * x + y * y + z * z)
    gain = 2.0 if sine < 1e-12 else 2.0 * np.arctan2(sine, w) / sine
    return gain * x, gain * y, gain * z


@kernel
def _left_to_turn(pose, body, mounting, observed, room):
    """Rotation vector, ground frame, that would turn a sensor of the model into the observed one."""
    product(pose.rotation[body], mounting, room[0])
    product_transposed(observed, room[0], room[1])
    return _rotation_vector(room[1])


@kernel
def _squared_angle(pose, bodies, mountings, observed, weights, room):
    """Weighted sum of squared shortest angles of a frame's sensors, those that were seen (rad^2)."""
    cost = 0.0
    for sensor in range(len(bodies)):
        if np.isnan(observed[sensor, 0, 0]):
            continue
        left = _left_to_turn(pose, bodies[sensor], mountings[sensor], observed[sensor], room)
        cost += weights[sensor] * dot(left, left)
    return cost


@kernel
def _turning_equations(tree, freedom, pose, bodies, mountings, observed, weights, room, equations):
    """Fill the lower triangle of `matrix`, J' W J, and `gradient`, J' W r, of angular velocities J at a filled pose."""
    equations.weight[:] = 0.0
    equations.moment[:] = 0.0
    for sensor in range(len(bodies)):
        if np.isnan(observed[sensor, 0, 0]):
            continue
        body = bodies[sensor]
        left = _left_to_turn(pose, body, mountings[sensor], observed[sensor], room)
        equations.weight[body] += weights[sensor]
        accumulate(equations.moment, body, scaled(weights[sensor], left))
    for body in range(len(tree.parent), 0, -1):
        equations.weight[tree.parent[body - 1]] += equations.weight[body]
        accumulate(equations.moment, tree.parent[body - 1], row(equations.moment, body))
    fill_twists(tree, freedom, pose, equations.turn, equations.shift)
    equations.matrix[:] = 0.0
    equations.gradient[:] = 0.0
    for joint in range(len(tree.parent)):
        body = joint + 1
        if equations.weight[body] == 0.0:
            continue
        for dof in range(freedom.dof_start[joint], freedom.dof_start[joint + 1]):
            column, turn = freedom.dof_column[dof], row(equations.turn, dof)
            equations.gradient[column] += dot(turn, row(equations.moment, body))
            stop, above = dof + 1, joint
            while True:
                for other in range(freedom.dof_start[above], stop):
                    second = freedom.dof_column[other]
                    shared = equations.weight[body] * dot(row(equations.turn, other), turn)
                    if second == column and other != dof:
                        shared *= 2.0
                    equations.matrix[max(column, second), min(column, second)] += shared
                if tree.parent[above] == 0:
                    break
                above = tree.parent[above] - 1
                stop = freedom.dof_start[above + 1]


@kernel
def _solve_frame(tree, freedom, bodies, mountings, observed, weights, room, pose, equations, q):
    """Levenberg-Marquardt from q, which is overwritten; `pose` is left where it ends."""
    place(tree, q, pose)
    cost, damping = _squared_angle(pose, bodies, mountings, observed, weights, room), DAMPING_START
    for _ in range(ITERATIONS_MAX):
        _turning_equations(tree, freedom, pose, bodies, mountings, observed, weights, room, equations)
        while True:
            taken = damped_step(equations, q, freedom, damping)
            largest = moved_by(q, equations.step, freedom, equations.moved) if taken else np.inf
            place(tree, equations.moved, pose)
            trial = _squared_angle(pose, bodies, mountings, observed, weights, room) if taken else np.inf
            # Near the minimum costs differ by rounding only; a step as small as that needs no proof.
            if trial <= cost * (1.0 + 1e-14) or damping >= DAMPING_MAX:
                break
            damping = max(damping * STIFFEN, DAMPING_START)
        if not trial <= cost * (1.0 + 1e-14):
            place(tree, q, pose)
            return
        copy(equations.moved, q)
        cost, damping = trial, max(damping * EASE, DAMPING_MIN)
        if largest < TOLERANCE:
            return


@kernel
def _solve(tree, freedom, bodies, mountings, observed, weights, q, found, angles):
    pose, equations, room = empty_pose(tree), empty_equations(tree, freedom), np.empty((2, 3, 3))
    for frame in range(len(observed)):
        seen = 0
        for sensor in range(len(bodies)):
            if weights[sensor] > 0.0 and not np.isnan(observed[frame, sensor, 0, 0]):
                seen += 1
        if seen == 0:
            found[frame], angles[frame] = np.nan, np.nan
            continue
        _solve_frame(tree, freedom, bodies, mountings, observed[frame], weights, room, pose, equations, q)
        copy(q, found[frame])
        for sensor in range(len(bodies)):
            left = _left_to_turn(pose, bodies[sensor], mountings[sensor], observed[frame, sensor], room)
            angles[frame, sensor] = np.sqrt(dot(left, left))


def solve_orientations(
    mechanism: Mechanism,
    observed_ground: np.ndarray,
    weights: np.ndarray,
    *,
    bodies: list[str],
    mountings: np.ndarray,
    start: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates of every frame, each started from the one before.

    Coordinates that no sensor sees keep their value: translations above all, of which orientations tell nothing.

    Parameters
    ----------
    observed_ground : ndarray, shape (T, S, 3, 3)
        Turn vectors of the sensors' frames into the ground frame (Y up); NaN where a sensor tells nothing.
    weights : ndarray, shape (S,)
        Of the squared angles; 0 leaves a sensor out but tells its error.
    bodies
        Bodies of the mechanism that carry the S sensors.
    mountings : ndarray, shape (S, 3, 3)
        Turn vectors of the sensors' frames into the bodies'.
    start : ndarray, shape (C,), optional
        Coordinates from which the first frame starts; the model's default pose without.

    Returns
    -------
    coordinates : ndarray, shape (T, C)
        rad, m; NaN in frames without any sensor.
    errors_rad : ndarray, shape (T, S)
        Shortest angle between observed and model sensor; NaN where not seen.

    Raises
    ------
    ConfigError
        SENSOR_BODY: a body that the model does not have.
    """
    strange = [body for body in bodies if body not in mechanism.bodies]
    if strange:
        raise ConfigError(
            expected=f"bodies of the model ({', '.join(mechanism.bodies[1:])})",
            found=", ".join(strange),
            where="inverse kinematics of inertial sensors",
            do="Correct imu_files in cohort.yaml.",
            code="SENSOR_BODY",
        )
    freedom = free_columns(mechanism)
    q = _allowed(mechanism, freedom, mechanism.coordinates.default if start is None else start)
    found, angles = np.empty((len(observed_ground), len(q))), np.empty(observed_ground.shape[:2])
    _solve(
        mechanism.tree,
        freedom,
        np.array([mechanism.bodies.index(body) for body in bodies], dtype=np.int64),
        np.ascontiguousarray(mountings, dtype=np.float64),
        np.ascontiguousarray(observed_ground, dtype=np.float64),
        np.ascontiguousarray(weights, dtype=np.float64),
        q,
        found,
        angles,
    )
    return found, angles


def _allowed(mechanism: Mechanism, freedom: Freedom, start: np.ndarray) -> np.ndarray:
    """The start with locks, followers and limits obeyed."""
    coordinates = mechanism.coordinates
    q = np.array(start, dtype=np.float64)
    q[coordinates.locked] = coordinates.default[coordinates.locked]
    q[freedom.coordinate] = np.clip(q[freedom.coordinate], freedom.lower, freedom.upper)
    return coordinates.slope * q[coordinates.leader] + coordinates.intercept
