"""From a motion and its external loads to muscle forces and joint reactions: one kernel over frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gaitload.mechanics.body_tree import Mechanism
from gaitload.mechanics.compiling import kernel
from gaitload.mechanics.curves import tendon_forces
from gaitload.mechanics.freedom import free_columns
from gaitload.mechanics.kinematics import empty_pose, empty_rates, move, place
from gaitload.mechanics.moment_arms import muscle_work
from gaitload.mechanics.muscle_blocks import muscle_blocks, share_moments
from gaitload.mechanics.newton_euler import demand, generalized_forces
from gaitload.mechanics.paths import empty_path, find_path, lengthening_speed, pull
from gaitload.mechanics.reactions import express, relieve
from gaitload.mechanics.twists import fill_twists


@dataclass(frozen=True)
class Physics:
    """Where OpenSim's static optimization departs from the physics it intends, and whether to follow it.

    Attributes
    ----------
    true_pennation
        Pennation angle at the fibre's length; OpenSim evaluates it at the normalised length, next to zero.
    passive_force
        Fibres pull when stretched; OpenSim leaves that out.
    balanced_paths
        Shortest paths; OpenSim has stale points in paths with two wraps, and estimates where a path touches one.
    within_limits
        Coordinates that leave their range (a filtered knee does at heel strike) are taken at its end for muscles and
        reactions: OpenSim's AnalyzeTool assembles the model within its limits, its InverseDynamicsTool does not. One
        degree beyond a limit moves forces by 0.06 BW.
    without_force_velocity
        Muscles whose force does not depend on speed: those whose tendon is modelled rigid though it stretches.
    """

    true_pennation: bool
    passive_force: bool
    balanced_paths: bool
    within_limits: bool
    without_force_velocity: tuple[str, ...] = ()


SIMBODY_BIAS = True
"""The tibia accelerates as Simbody has it, see `gaitload.mechanics.kinematics.move`: engines must agree, and one is
Simbody itself."""

OPENSIM = Physics(true_pennation=False, passive_force=False, balanced_paths=False, within_limits=True)
"""What OpenSim's StaticOptimization and JointReaction do."""


@dataclass(frozen=True)
class MotionLoads:
    """Loads of T frames.

    Attributes
    ----------
    activations, tendon_forces_n, passive_forces_n : (T, M)
        Passive force is the part of the tendon's that fibres bear without activation.
    reserves : (T, F)
        Of the free coordinates (N m, or N).
    reactions : (T, J, 6)
        Force (N) and moment (N m) of each joint on its child, in the child's frame, about the joint's centre.
    solved : (T,) bool
        Whether static optimization found the optimum.
    """

    activations: np.ndarray
    tendon_forces_n: np.ndarray
    passive_forces_n: np.ndarray
    reserves: np.ndarray
    reactions: np.ndarray
    solved: np.ndarray


@kernel
def _solve(
    tree,
    freedom,
    paths,
    muscles,
    blocks,
    q,
    u,
    udot,
    load_bodies,
    loads,
    optimal,
    lower,
    upper,
    switches,
    force_velocity,
    activation,
    tension,
    passive_tension,
    reserve,
    reaction,
    solved,
):
    true_pennation, passive_force, balanced = switches
    pose, rates = empty_pose(tree), empty_rates(tree)
    points, places, memory = empty_path(paths)
    bodies, spans, count = len(tree.mass_kg), len(paths.span_body), len(muscles.force_max_n)
    force, moment = np.zeros((bodies, 3)), np.zeros((bodies, 3))
    pulled, twisted = np.zeros((bodies, 3)), np.zeros((bodies, 3))
    span_force, span_moment = np.empty((spans, 3)), np.empty((spans, 3))
    turn, shift = np.empty((len(freedom.dof_column), 3)), np.empty((len(freedom.dof_column), 3))
    demanded, multiplier = np.empty(len(optimal)), np.zeros(len(optimal))
    arms, active, passive = np.empty((count, len(optimal))), np.empty(count), np.empty(count)
    length, speed = np.empty(count), np.empty(count)
    parent, rotation, position = tree.parent, pose.rotation, pose.position
    spin, velocity = rates.angular_velocity, rates.velocity
    for frame in range(len(q)):
        place(tree, q[frame], pose)
        move(tree, u[frame], udot[frame], SIMBODY_BIAS, pose, rates)
        demand(tree, pose, rates, load_bodies, loads[frame], force, moment)
        fill_twists(tree, freedom, pose, turn, shift)
        generalized_forces(freedom, turn, shift, force, moment, demanded)
        for muscle in range(count):
            used, length[muscle] = find_path(paths, muscle, rotation, position, balanced, points, places, memory)
            speed[muscle] = lengthening_speed(points, places, used, position, spin, velocity)
            pull(points, places, used, pulled, twisted)
            out = arms[muscle]
            muscle_work(paths, muscle, parent, freedom, turn, shift, pulled, twisted, span_force, span_moment, out)
        tendon_forces(muscles, length, speed, true_pennation, passive_force, force_velocity, active, passive)
        solved[frame] = share_moments(
            blocks,
            arms,
            active,
            passive,
            optimal,
            demanded,
            lower,
            upper,
            multiplier,
            activation[frame],
            reserve[frame],
        )
        if not solved[frame]:
            multiplier[:] = 0.0
        for muscle in range(count):
            passive_tension[frame, muscle] = passive[muscle]
            tension[frame, muscle] = activation[frame, muscle] * active[muscle] + passive[muscle]
        relieve(paths, tension[frame], span_force, span_moment, force, moment)
        express(pose, force, moment, reaction[frame])


def solve_motion(
    mechanism: Mechanism,
    q: np.ndarray,
    u: np.ndarray,
    udot: np.ndarray,
    *,
    load_bodies: np.ndarray,
    loads: np.ndarray,
    optimal: np.ndarray,
    physics: Physics,
) -> MotionLoads:
    """Muscle forces of least squared activation, and joint reactions, of every frame.

    Parameters
    ----------
    q, u, udot : ndarray, shape (T, C)
        Coordinates, speeds and accelerations (rad, m, s); followers and locked ones included.
    load_bodies : ndarray of int, shape (K,)
    loads : ndarray, shape (T, K, 6)
        Force, and moment about the ground's origin (N, N m, ground frame).
    optimal : ndarray, shape (F,)
        Optimal force of the actuator of each free coordinate (N m, or N), in the order of
        `gaitload.mechanics.freedom.free_columns`.
    physics
        Which departures of OpenSim's to follow.
    """
    freedom = free_columns(mechanism)
    frames, muscles, names = len(q), len(mechanism.muscle_names), mechanism.muscle_names
    loads_out = MotionLoads(
        # Muscles over locked joints alone are in no group: they rest.
        activations=np.tile(mechanism.muscles.activation_min, (frames, 1)),
        tendon_forces_n=np.empty((frames, muscles)),
        passive_forces_n=np.empty((frames, muscles)),
        reserves=np.empty((frames, len(freedom.coordinate))),
        reactions=np.empty((frames, len(mechanism.joints), 6)),
        solved=np.empty(frames, dtype=np.bool_),
    )
    at = q
    if physics.within_limits:
        at = q.copy()
        at[:, freedom.coordinate] = np.clip(q[:, freedom.coordinate], freedom.lower, freedom.upper)
        at[:, freedom.column >= 0] = (freedom.slope * at[:, freedom.leader] + freedom.intercept)[:, freedom.column >= 0]
    _solve(
        mechanism.tree,
        freedom,
        mechanism.paths,
        mechanism.muscles,
        muscle_blocks(mechanism, freedom, balanced=physics.balanced_paths),
        *(np.ascontiguousarray(values, dtype=np.float64) for values in (at, u, udot)),
        np.ascontiguousarray(load_bodies, dtype=np.int64),
        *(np.ascontiguousarray(values, dtype=np.float64) for values in (loads, optimal)),
        mechanism.muscles.activation_min,
        mechanism.muscles.activation_max,
        (physics.true_pennation, physics.passive_force, physics.balanced_paths),
        np.array([name not in physics.without_force_velocity for name in names], dtype=np.bool_),
        loads_out.activations,
        loads_out.tendon_forces_n,
        loads_out.passive_forces_n,
        loads_out.reserves,
        loads_out.reactions,
        loads_out.solved,
    )
    return loads_out
