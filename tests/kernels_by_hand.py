"""Kernels called frame by frame, each by itself: what the one kernel over frames is held against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gaitload.mechanics.body_tree import Mechanism
from gaitload.mechanics.freedom import every_column
from gaitload.mechanics.kinematics import empty_pose, empty_rates, move, place
from gaitload.mechanics.moment_arms import muscle_work
from gaitload.mechanics.newton_euler import demand
from gaitload.mechanics.paths import empty_path, find_path, pull
from gaitload.mechanics.reactions import express, relieve
from gaitload.mechanics.redundancy import solve_frame
from gaitload.mechanics.twists import fill_twists


@dataclass(frozen=True)
class Redundancy:
    """T frames: activations (T, M), moments of reserves (T, C), and whether each frame was solved."""

    activations: np.ndarray
    reserves: np.ndarray
    solved: np.ndarray


def solve_redundancy(
    gain: np.ndarray, optimal: np.ndarray, demanded: np.ndarray, lower: np.ndarray, upper: np.ndarray
) -> Redundancy:
    """`solve_frame` over frames, each started from the one before; gain (T, M, C), demanded (T, C)."""
    activations, reserves = np.empty(gain.shape[:2]), np.empty(demanded.shape)
    solved, multiplier = np.empty(len(gain), dtype=bool), np.zeros(len(optimal))
    for frame in range(len(gain)):
        steps = solve_frame(gain[frame], optimal, demanded[frame], lower, upper, multiplier, activations[frame])
        reserves[frame], solved[frame] = multiplier * optimal**2, steps >= 0
        if steps < 0:
            multiplier[:] = 0.0
    return Redundancy(activations, reserves, solved)


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
    """Reactions of every joint on its child under given tensions, (T, J, 6), as `MotionLoads` has them."""
    tree, paths, freedom = mechanism.tree, mechanism.paths, every_column(mechanism)
    pose, rates = empty_pose(tree), empty_rates(tree)
    points, places, memory = empty_path(paths)
    force, moment, pulled, twisted = (np.zeros((len(mechanism.bodies), 3)) for _ in range(4))
    span_force, span_moment = (np.empty((len(paths.span_body), 3)) for _ in range(2))
    turn, shift = (np.empty((len(freedom.dof_column), 3)) for _ in range(2))
    arms, reaction = np.empty(q.shape[1]), np.empty((len(q), len(mechanism.joints), 6))
    load_bodies, loads = np.asarray(load_bodies, dtype=np.int64), np.ascontiguousarray(loads, dtype=np.float64)
    for frame in range(len(q)):
        place(tree, q[frame], pose)
        move(tree, u[frame], udot[frame], simbody_bias, pose, rates)
        demand(tree, pose, rates, load_bodies, loads[frame], force, moment)
        fill_twists(tree, freedom, pose, turn, shift)
        for muscle in range(tension_n.shape[1]):
            count, _ = find_path(paths, muscle, pose.rotation, pose.position, balanced, points, places, memory)
            pull(points, places, count, pulled, twisted)
            muscle_work(
                paths, muscle, tree.parent, freedom, turn, shift, pulled, twisted, span_force, span_moment, arms
            )
        relieve(paths, tension_n[frame], span_force, span_moment, force, moment)
        express(pose, force, moment, reaction[frame])
    return reaction
