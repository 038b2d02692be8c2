"""What single muscles do along a motion: lengths, moment arms, and forces on bodies of a unit tension."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gaitload.mechanics.body_tree import Mechanism
from gaitload.mechanics.freedom import every_column
from gaitload.mechanics.kinematics import empty_pose, empty_rates, move, place
from gaitload.mechanics.moment_arms import muscle_work
from gaitload.mechanics.paths import empty_path, find_path, lengthening_speed, pull
from gaitload.mechanics.twists import fill_twists
from gaitload.mechanics.vectors import kernel


@dataclass(frozen=True)
class Pulls:
    """K muscles over T frames of a mechanism with B bodies and C coordinates.

    Attributes
    ----------
    length_m, speed_m_s : ndarray, shape (T, K)
    arms : ndarray, shape (T, K, C)
        Generalized forces of unit tensions (m; 1 for translations).
    force, moment : ndarray, shape (T, K, B, 3)
        On every body, per unit tension; moment about the origin of the ground (m).
    """

    length_m: np.ndarray
    speed_m_s: np.ndarray
    arms: np.ndarray
    force: np.ndarray
    moment: np.ndarray


def wrapped_muscles(mechanism: Mechanism) -> np.ndarray:
    """Muscles whose paths go around cylinders, shape (K,)."""
    return np.flatnonzero(np.diff(mechanism.paths.wrap_start) > 0)


@kernel
def _fill(tree, freedom, paths, q, u, chosen, length, speed, arms, force, moment):
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
            count, length[frame, index] = find_path(paths, muscle, rotation, position, True, points, places, memory)
            speed[frame, index] = lengthening_speed(points, places, count, position, spin, velocity)
            pull(points, places, count, pulled, twisted)
            force[frame, index] = pulled
            moment[frame, index] = twisted
            out = arms[frame, index]
            muscle_work(paths, muscle, parent, freedom, turn, shift, pulled, twisted, span_force, span_moment, out)


def balanced_pulls(mechanism: Mechanism, q: np.ndarray, u: np.ndarray, chosen: np.ndarray) -> Pulls:
    """Pulls of some muscles along shortest paths, see `gaitload.mechanics.paths`.

    Parameters
    ----------
    q, u : ndarray, shape (T, C)
        Coordinates and speeds (rad, m, s).
    chosen : ndarray of int, shape (K,)
    """
    q, u = np.ascontiguousarray(q, dtype=np.float64), np.ascontiguousarray(u, dtype=np.float64)
    chosen = np.ascontiguousarray(chosen, dtype=np.int64)
    frames, count, bodies = len(q), len(chosen), len(mechanism.bodies)
    found = Pulls(
        length_m=np.empty((frames, count)),
        speed_m_s=np.empty((frames, count)),
        arms=np.empty((frames, count, q.shape[1])),
        force=np.empty((frames, count, bodies, 3)),
        moment=np.empty((frames, count, bodies, 3)),
    )
    freedom = every_column(mechanism)
    arrays = (found.length_m, found.speed_m_s, found.arms, found.force, found.moment)
    _fill(mechanism.tree, freedom, mechanism.paths, q, u, chosen, *arrays)
    return found
