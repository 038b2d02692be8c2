"""Lengths, lengthening speeds and moment arms of all muscles over the frames of a motion."""

from __future__ import annotations

import numpy as np

from gaitload.mechanics.body_tree import Mechanism
from gaitload.mechanics.kinematics import empty_pose, empty_rates, move, place
from gaitload.mechanics.newton_euler import add_joint_work
from gaitload.mechanics.paths import empty_course, find_path, lengthening_speed, pull
from gaitload.mechanics.vectors import accumulate, kernel, row


@kernel
def muscle_work(tree, paths, muscle, pose, course, force, moment, span_force, span_moment, generalized):
    """Generalized forces of a unit tension along a path that was found.

    Parameters
    ----------
    force, moment : (B, 3)
        Zero, and zero again afterwards.
    span_force, span_moment : (any, 3)
        Filled, in the rows `span_start[muscle]:span_start[muscle + 1]`: what the muscle does to each spanned body and
        all beyond it (N, N m about the ground's origin, a unit tension).
    generalized : (C,)
        Zero; filled with the moment arms, positive where a pull increases the coordinate (m; 1 for translations).
    """
    pull(course, force, moment)
    start, stop = paths.span_start[muscle], paths.span_start[muscle + 1]
    for index in range(start, stop):
        body = paths.span_body[index]
        total, turning = row(force, body), row(moment, body)
        for i in range(3):
            span_force[index, i], span_moment[index, i] = total[i], turning[i]
            force[body, i], moment[body, i] = 0.0, 0.0
        add_joint_work(tree, pose, body - 1, total, turning, generalized)
        parent = tree.parent[body - 1]
        accumulate(force, parent, total)
        accumulate(moment, parent, turning)
    if stop > start:
        parent = tree.parent[paths.span_body[stop - 1] - 1]
        force[parent], moment[parent] = 0.0, 0.0


@kernel
def _muscle_geometry(tree, paths, q, u, balanced, length, speed, arms):
    pose, rates, course = empty_pose(tree), empty_rates(tree), empty_course(paths)
    bodies, spans = len(tree.mass_kg), len(paths.span_body)
    force, moment = np.zeros((bodies, 3)), np.zeros((bodies, 3))
    span_force, span_moment = np.empty((spans, 3)), np.empty((spans, 3))
    rest = np.zeros(q.shape[1])
    for frame in range(len(q)):
        place(tree, q[frame], pose)
        move(tree, u[frame], rest, False, pose, rates)
        for muscle in range(len(paths.point_start) - 1):
            length[frame, muscle] = find_path(paths, muscle, pose, balanced, course)
            speed[frame, muscle] = lengthening_speed(course, pose, rates)
            out = arms[frame, muscle]
            muscle_work(tree, paths, muscle, pose, course, force, moment, span_force, span_moment, out)


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
    arms = np.zeros((frames, muscles, q.shape[1]))
    q, u = np.ascontiguousarray(q, dtype=np.float64), np.ascontiguousarray(u, dtype=np.float64)
    _muscle_geometry(mechanism.tree, mechanism.paths, q, u, balanced, length, speed, arms)
    return length, speed, arms
