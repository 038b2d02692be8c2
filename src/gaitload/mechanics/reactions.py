"""What joints pass on: the whole load on the child, of bodies, muscles and all else that acts beyond the joint."""

from __future__ import annotations

import numpy as np

from gaitload.mechanics.body_tree import Mechanism
from gaitload.mechanics.freedom import every_column
from gaitload.mechanics.kinematics import empty_pose, empty_rates, move, place
from gaitload.mechanics.moment_arms import muscle_work
from gaitload.mechanics.newton_euler import demand
from gaitload.mechanics.paths import empty_path, find_path, pull
from gaitload.mechanics.vectors import cross, kernel, row, subtract, turned_back


@kernel
def relieve(paths, tension, span_force, span_moment, force, moment):
    """Take what muscles do beyond each joint off what the joint must pass on.

    Parameters
    ----------
    tension : (M,)
        N.
    span_force, span_moment : (any, 3)
        As `muscle_work` filled them.
    force, moment : (B, 3)
        As `demand` filled them; changed in place.
    """
    span_start, span_body = paths.span_start, paths.span_body
    for muscle in range(len(tension)):
        for index in range(span_start[muscle], span_start[muscle + 1]):
            body = span_body[index]
            for i in range(3):
                force[body, i] -= tension[muscle] * span_force[index, i]
                moment[body, i] -= tension[muscle] * span_moment[index, i]


@kernel
def express(pose, force, moment, reaction):
    """Write the reactions of joints on their children, in the child's frame, about the joint's centre; (J, 6)."""
    for joint in range(len(reaction)):
        body = joint + 1
        total = row(force, body)
        about = subtract(row(moment, body), cross(row(pose.center, joint), total))
        total, about = turned_back(pose.rotation, body, total), turned_back(pose.rotation, body, about)
        for i in range(3):
            reaction[joint, i], reaction[joint, 3 + i] = total[i], about[i]


@kernel
def _reactions(tree, freedom, paths, q, u, udot, load_bodies, loads, tension, balanced, simbody_bias, reaction):
    pose, rates = empty_pose(tree), empty_rates(tree)
    points, places, memory = empty_path(paths)
    bodies, spans, dofs = len(tree.mass_kg), len(paths.span_body), len(freedom.dof_column)
    force, moment = np.zeros((bodies, 3)), np.zeros((bodies, 3))
    pulled, twisted = np.zeros((bodies, 3)), np.zeros((bodies, 3))
    span_force, span_moment = np.empty((spans, 3)), np.empty((spans, 3))
    turn, shift, arms = np.zeros((dofs, 3)), np.zeros((dofs, 3)), np.empty(q.shape[1])
    for frame in range(len(q)):
        place(tree, q[frame], pose)
        move(tree, u[frame], udot[frame], simbody_bias, pose, rates)
        demand(tree, pose, rates, load_bodies, loads[frame], force, moment)
        for muscle in range(tension.shape[1]):
            count, _ = find_path(paths, muscle, pose.rotation, pose.position, balanced, points, places, memory)
            pull(points, places, count, pulled, twisted)
            muscle_work(
                paths, muscle, tree.parent, freedom, turn, shift, pulled, twisted, span_force, span_moment, arms
            )
        relieve(paths, tension[frame], span_force, span_moment, force, moment)
        express(pose, force, moment, reaction[frame])


def joint_reactions(
    mechanism: Mechanism,
    q: np.ndarray,
    u: np.ndarray,
    udot: np.ndarray,
    *,
    load_bodies: np.ndarray,
    loads: np.ndarray,
    tension_n: np.ndarray,
    balanced: bool,
    simbody_bias: bool,
) -> np.ndarray:
    """Reactions of every joint on its child, (T, J, 6): force (N) and moment (N m), child's frame, about its centre.

    As OpenSim's joint reaction analysis on `child` in `child`: what reserves and other actuators of the joint's own
    coordinates do is part of the moment.

    Parameters
    ----------
    q, u, udot : ndarray, shape (T, C)
    load_bodies, loads
        See `gaitload.mechanics.newton_euler.inverse_dynamics`.
    tension_n : ndarray, shape (T, M)
    balanced, simbody_bias
        See `gaitload.mechanics.paths` and `gaitload.mechanics.kinematics.move`.
    """
    reaction = np.empty((len(q), len(mechanism.joints), 6))
    q, u, udot, loads, tension = (
        np.ascontiguousarray(values, dtype=np.float64) for values in (q, u, udot, loads, tension_n)
    )
    load_bodies = np.ascontiguousarray(load_bodies, dtype=np.int64)
    where = (mechanism.tree, every_column(mechanism), mechanism.paths, q, u, udot, load_bodies, loads)
    _reactions(*where, tension, balanced, simbody_bias, reaction)
    return reaction
