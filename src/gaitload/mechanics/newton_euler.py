"""Inverse dynamics: the generalized forces that a motion under external loads demands (recursive Newton-Euler)."""

from __future__ import annotations

import numpy as np

from gaitload.mechanics.body_tree import TRANSLATION, Tree
from gaitload.mechanics.kinematics import empty_pose, empty_rates, move, place
from gaitload.mechanics.vectors import (
    accumulate,
    add,
    cross,
    dot,
    kernel,
    put,
    row,
    scaled,
    subtract,
    turned,
    turned_back,
)


@kernel
def demand(tree, pose, rates, load_bodies, loads, force, moment):
    """Force and moment that each joint must pass to its child and all bodies beyond.

    Parameters
    ----------
    load_bodies : (K,) int
        Bodies on which external loads act.
    loads : (K, 6)
        Force, and moment about the ground's origin (N, N m, ground frame).
    force, moment : (B, 3)
        Filled: of each body's subtree; moment about the ground's origin.
    """
    gravity = (tree.gravity[0], tree.gravity[1], tree.gravity[2])
    force[:], moment[:] = 0.0, 0.0
    for body in range(1, len(tree.mass_kg)):
        spin, spin_rate = row(rates.angular_velocity, body), row(rates.angular_acceleration, body)
        arm = turned(pose.rotation, body, row(tree.mass_center, body))
        acceleration = add(row(rates.acceleration, body), add(cross(spin_rate, arm), cross(spin, cross(spin, arm))))
        weight = scaled(tree.mass_kg[body], subtract(acceleration, gravity))
        spin, spin_rate = turned_back(pose.rotation, body, spin), turned_back(pose.rotation, body, spin_rate)
        momentum = turned(tree.inertia, body, spin)
        momentum_rate = add(turned(tree.inertia, body, spin_rate), cross(spin, momentum))
        put(force, body, weight)
        at = add(row(pose.position, body), arm)
        put(moment, body, add(turned(pose.rotation, body, momentum_rate), cross(at, weight)))
    for index in range(len(load_bodies)):
        body = load_bodies[index]
        for i in range(3):
            force[body, i] -= loads[index, i]
            moment[body, i] -= loads[index, 3 + i]
    for body in range(len(tree.mass_kg) - 1, 0, -1):
        parent = tree.parent[body - 1]
        accumulate(force, parent, row(force, body))
        accumulate(moment, parent, row(moment, body))


@kernel
def add_joint_work(tree, pose, joint, force, moment, generalized):
    """Add to `generalized`, shape (C,), what a force and a moment about the ground's origin do on a joint's axes."""
    turning = subtract(moment, cross(row(pose.center, joint), force))
    for index in range(tree.axis_start[joint], tree.axis_start[joint + 1]):
        coordinate = tree.axis_coordinate[index]
        if coordinate >= 0:
            effort = force if tree.axis_slot[index] == TRANSLATION else turning
            generalized[coordinate] += pose.slope[index] * dot(row(pose.axis, index), effort)


@kernel
def _inverse_dynamics(tree, q, u, udot, load_bodies, loads, simbody_bias, generalized):
    pose, rates = empty_pose(tree), empty_rates(tree)
    force, moment = np.empty((len(tree.mass_kg), 3)), np.empty((len(tree.mass_kg), 3))
    for frame in range(len(q)):
        place(tree, q[frame], pose)
        move(tree, u[frame], udot[frame], simbody_bias, pose, rates)
        demand(tree, pose, rates, load_bodies, loads[frame], force, moment)
        for joint in range(len(tree.parent)):
            add_joint_work(tree, pose, joint, row(force, joint + 1), row(moment, joint + 1), generalized[frame])


def inverse_dynamics(
    tree: Tree,
    q: np.ndarray,
    u: np.ndarray,
    udot: np.ndarray,
    *,
    load_bodies: np.ndarray,
    loads: np.ndarray,
    simbody_bias: bool,
) -> np.ndarray:
    """Generalized forces of every coordinate, shape (T, C), N or N m; of dependent ones too, each on its own.

    Parameters
    ----------
    q, u, udot : ndarray, shape (T, C)
    load_bodies : ndarray of int, shape (K,)
    loads : ndarray, shape (T, K, 6)
        Force, and moment about the ground's origin (N, N m, ground frame).
    simbody_bias
        See `gaitload.mechanics.kinematics.move`.
    """
    generalized = np.zeros((len(q), q.shape[1]))
    q, u, udot, loads = (np.ascontiguousarray(values, dtype=np.float64) for values in (q, u, udot, loads))
    load_bodies = np.ascontiguousarray(load_bodies, dtype=np.int64)
    _inverse_dynamics(tree, q, u, udot, load_bodies, loads, simbody_bias, generalized)
    return generalized
