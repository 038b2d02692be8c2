"""Lengths, lengthening speeds and moment arms of all muscles over the frames of a motion."""

from __future__ import annotations

import numpy as np

from gaitload.mechanics.body_tree import Mechanism
from gaitload.mechanics.compiling import kernel
from gaitload.mechanics.freedom import every_column
from gaitload.mechanics.kinematics import empty_pose, empty_rates, move, place
from gaitload.mechanics.paths import empty_path, find_path, lengthening_speed, pull
from gaitload.mechanics.twists import add_work, fill_twists
from gaitload.mechanics.vectors import accumulate, copy, put, row


@kernel
def muscle_work(paths, muscle, parent, freedom, turn, shift, force, moment, span_force, span_moment, generalized):
    """What a unit tension does beyond each joint, and its generalized forces: the moment arms.

    Parameters
    ----------
    parent : (J,) int
        See `Tree`.
    turn, shift : (D, 3)
        See `gaitload.mechanics.twists.fill_twists`.
    force, moment : (B, 3)
        As `pull` filled them; zero again afterwards.
    span_force, span_moment : (any, 3)
        Filled, in the rows `span_start[muscle]:span_start[muscle + 1]`: force, and moment about the ground's origin, on
        each spanned body and all beyond it (N, N m, a unit tension).
    generalized : (F,)
        Filled with the moment arms, positive where a pull increases the coordinate (m; 1 for translations).
    """
    generalized[:] = 0.0
    bodies, dof_start, dof_column = paths.span_body, freedom.dof_start, freedom.dof_column
    above = 0
    for index in range(paths.span_start[muscle], paths.span_start[muscle + 1]):
        body = bodies[index]
        total, turning = row(force, body), row(moment, body)
        put(span_force, index, total)
        put(span_moment, index, turning)
        put(force, body, (0.0, 0.0, 0.0))
        put(moment, body, (0.0, 0.0, 0.0))
        add_work(turn, shift, dof_start, dof_column, body - 1, total, turning, generalized)
        above = parent[body - 1]
        accumulate(force, above, total)
        accumulate(moment, above, turning)
    put(force, above, (0.0, 0.0, 0.0))
    put(moment, above, (0.0, 0.0, 0.0))


@kernel
def along_motion(tree, freedom, paths, q, u, balanced, chosen, length, speed, arms, force, moment):
    """Fill what some muscles do in every frame; see `gaitload.mechanics.pulls.Pulls`.

    Parameters
    ----------
    chosen : (K,) int
    force, moment : (T, K, B, 3)
        Left alone where T is 0: they are large.
    """
    pose, rates = empty_pose(tree), empty_rates(tree)
    points, places, memory = empty_path(paths)
    bodies, spans, dofs = len(tree.mass_kg), len(paths.span_body), len(freedom.dof_column)
    pulled, twisted = np.zeros((bodies, 3)), np.zeros((bodies, 3))
    span_force, span_moment = np.empty((spans, 3)), np.empty((spans, 3))
    turn, shift, rest = np.empty((dofs, 3)), np.empty((dofs, 3)), np.zeros(q.shape[1])
    parent, rotation, position = tree.parent, pose.rotation, pose.position
    spin, velocity = rates.angular_velocity, rates.velocity
    for frame in range(len(q)):
        place(tree, q[frame], pose)
        move(tree, u[frame], rest, False, pose, rates)
        fill_twists(tree, freedom, pose, turn, shift)
        for index in range(len(chosen)):
            muscle = chosen[index]
            count, length[frame, index] = find_path(paths, muscle, rotation, position, balanced, points, places, memory)
            speed[frame, index] = lengthening_speed(points, places, count, position, spin, velocity)
            pull(points, places, count, pulled, twisted)
            if len(force) > 0:
                copy(pulled, force[frame, index])
                copy(twisted, moment[frame, index])
            out = arms[frame, index]
            muscle_work(paths, muscle, parent, freedom, turn, shift, pulled, twisted, span_force, span_moment, out)


def muscle_geometry(
    mechanism: Mechanism, q: np.ndarray, u: np.ndarray, *, balanced: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lengths and lengthening speeds, (T, M), m and m/s, and moment arms, (T, M, C), m, on every coordinate.

    A moment arm is the generalized force of a unit tension, as OpenSim's is.

    Parameters
    ----------
    q, u : ndarray, shape (T, C)
        Coordinates and speeds (rad, m, s).
    balanced
        Shortest paths instead of OpenSim's, see `gaitload.mechanics.paths`.
    """
    frames, muscles = len(q), len(mechanism.muscle_names)
    length, speed = np.empty((frames, muscles)), np.empty((frames, muscles))
    arms, not_wanted = np.empty((frames, muscles, q.shape[1])), np.empty((0, 0, 0, 3))
    q, u = np.ascontiguousarray(q, dtype=np.float64), np.ascontiguousarray(u, dtype=np.float64)
    where, everyone = (mechanism.tree, every_column(mechanism), mechanism.paths, q, u), np.arange(muscles)
    along_motion(*where, balanced, everyone, length, speed, arms, not_wanted, not_wanted)
    return length, speed, arms
