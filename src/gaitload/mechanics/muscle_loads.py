"""From a motion and its external loads to moments, muscle forces and joint reactions: one kernel over frames."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np

from gaitload.mechanics.body_tree import Mechanism, spanned_bodies
from gaitload.mechanics.compiling import kernel
from gaitload.mechanics.curves import tendon_forces
from gaitload.mechanics.freedom import Freedom, every_column, free_columns
from gaitload.mechanics.kinematics import empty_pose, empty_rates, move, place
from gaitload.mechanics.moment_arms import muscle_work
from gaitload.mechanics.newton_euler import demand, generalized_forces, inverse_dynamics
from gaitload.mechanics.paths import empty_path, find_path, lengthening_speed, pull
from gaitload.mechanics.reactions import express, relieve
from gaitload.mechanics.redundancy import solve_frame
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
    exact_accelerations
        Simbody adds a term to the tibia's acceleration, see `gaitload.mechanics.kinematics.move`.
    within_limits
        Coordinates that leave their range (a filtered knee does at heel strike) are taken at its end for muscles and
        reactions, while the generalized forces reported are those of the motion as it is: OpenSim's AnalyzeTool
        assembles the model within its limits, its InverseDynamicsTool does not. One degree beyond a limit moves forces
        by 0.06 BW.
    without_force_velocity
        Muscles whose force does not depend on speed: those whose tendon is modelled rigid though it stretches.
    """

    true_pennation: bool
    passive_force: bool
    balanced_paths: bool
    exact_accelerations: bool
    within_limits: bool
    without_force_velocity: tuple[str, ...] = ()


OPENSIM = Physics(
    true_pennation=False, passive_force=False, balanced_paths=False, exact_accelerations=False, within_limits=True
)
"""What OpenSim's StaticOptimization and JointReaction do."""


class Blocks(NamedTuple):
    """Groups of free coordinates that no muscle connects with each other; each is solved by itself.

    Attributes
    ----------
    column_start, columns : (K + 1,) int, (any,) int
        Free coordinates of group k are `columns[column_start[k]:column_start[k + 1]]`.
    muscle_start, muscles : (K + 1,) int, (any,) int
        Likewise.
    """

    column_start: np.ndarray
    columns: np.ndarray
    muscle_start: np.ndarray
    muscles: np.ndarray


@dataclass(frozen=True)
class MotionLoads:
    """Loads of T frames.

    Attributes
    ----------
    generalized_forces : (T, C)
        Of every coordinate, followers on their own (N m, or N).
    activations, tendon_forces_n : (T, M)
    reserves : (T, F)
        Of the free coordinates (N m, or N).
    reactions : (T, J, 6)
        Force (N) and moment (N m) of each joint on its child, in the child's frame, about the joint's centre.
    solved : (T,) bool
        Whether static optimization found the optimum.
    """

    generalized_forces: np.ndarray
    activations: np.ndarray
    tendon_forces_n: np.ndarray
    reserves: np.ndarray
    reactions: np.ndarray
    solved: np.ndarray


def muscle_blocks(mechanism: Mechanism, freedom: Freedom, *, balanced: bool) -> Blocks:
    """Groups of free coordinates connected by muscles; in the order of their first coordinate.

    Balanced paths leave the pelvis alone, so that both legs are groups of their own.
    """
    paths, parent = mechanism.paths, mechanism.tree.parent
    touched: list[set[int]] = []
    for muscle in range(len(mechanism.muscle_names)):
        points = paths.point_body[paths.point_start[muscle] : paths.point_start[muscle + 1]].tolist()
        wraps = paths.wrap_body[paths.wrap_start[muscle] : paths.wrap_start[muscle + 1]].tolist()
        joints = [
            body - 1
            for body in spanned_bodies({*points, *wraps}, parent, through_ground=not balanced and len(wraps) > 1)
        ]
        dofs = chain(*(range(freedom.dof_start[joint], freedom.dof_start[joint + 1]) for joint in joints))
        touched.append({int(freedom.dof_column[dof]) for dof in dofs})
    groups = [{column} for column in range(len(freedom.coordinate))]
    for own in touched:
        joined = [group for group in groups if group & own]
        if len(joined) > 1:
            groups = [group for group in groups if not group & own] + [set.union(*joined)]
    groups.sort(key=min)
    columns = [np.array(sorted(group), dtype=np.int64) for group in groups]
    muscles = [
        np.array([muscle for muscle, own in enumerate(touched) if own & group], dtype=np.int64) for group in groups
    ]
    return Blocks(
        column_start=np.cumsum([0, *map(len, columns)], dtype=np.int64),
        columns=np.concatenate(columns),
        muscle_start=np.cumsum([0, *map(len, muscles)], dtype=np.int64),
        muscles=np.concatenate(muscles),
    )


@kernel
def _share(blocks, arms, active, passive, optimal, demanded, lower, upper, multiplier, activation, reserve):
    """Static optimization of one frame, group by group; returns whether all were solved.

    Parameters
    ----------
    arms : (M, F)
        Moment arms (m).
    active, passive : (M,)
        Tendon forces (N).
    optimal, demanded, multiplier, reserve : (F,)
        See `solve_frame`; `multiplier` holds the start.
    """
    solved = True
    for block in range(len(blocks.column_start) - 1):
        columns = blocks.columns[blocks.column_start[block] : blocks.column_start[block + 1]]
        muscles = blocks.muscles[blocks.muscle_start[block] : blocks.muscle_start[block + 1]]
        gain, left = np.empty((len(muscles), len(columns))), np.empty(len(columns))
        begin, found = np.empty(len(columns)), np.empty(len(muscles))
        for c in range(len(columns)):
            left[c] = demanded[columns[c]]
            for m in range(len(muscles)):
                arm = arms[muscles[m], columns[c]]
                gain[m, c] = arm * active[muscles[m]]
                left[c] -= arm * passive[muscles[m]]
            begin[c] = multiplier[columns[c]]
        if len(muscles) == 0:
            for c in range(len(columns)):
                begin[c] = left[c] / optimal[columns[c]] ** 2
        elif solve_frame(gain, optimal[columns], left, lower[muscles], upper[muscles], begin, found) < 0:
            solved = False
        for m in range(len(muscles)):
            activation[muscles[m]] = found[m]
        for c in range(len(columns)):
            multiplier[columns[c]] = begin[c]
            reserve[columns[c]] = begin[c] * optimal[columns[c]] ** 2
    return solved


@kernel
def _solve(
    tree,
    every,
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
    generalized,
    activation,
    tension,
    reserve,
    reaction,
    solved,
):
    true_pennation, passive_force, balanced, exact = switches
    pose, rates = empty_pose(tree), empty_rates(tree)
    points, places, memory = empty_path(paths)
    bodies, spans, count = len(tree.mass_kg), len(paths.span_body), len(muscles.force_max_n)
    force, moment = np.zeros((bodies, 3)), np.zeros((bodies, 3))
    pulled, twisted = np.zeros((bodies, 3)), np.zeros((bodies, 3))
    span_force, span_moment = np.empty((spans, 3)), np.empty((spans, 3))
    every_turn, every_shift = np.empty((len(every.dof_column), 3)), np.empty((len(every.dof_column), 3))
    turn, shift = np.empty((len(freedom.dof_column), 3)), np.empty((len(freedom.dof_column), 3))
    demanded, multiplier = np.empty(len(optimal)), np.zeros(len(optimal))
    arms, active, passive = np.empty((count, len(optimal))), np.empty(count), np.empty(count)
    length, speed = np.empty(count), np.empty(count)
    parent, rotation, position = tree.parent, pose.rotation, pose.position
    spin, velocity = rates.angular_velocity, rates.velocity
    for frame in range(len(q)):
        place(tree, q[frame], pose)
        move(tree, u[frame], udot[frame], not exact, pose, rates)
        demand(tree, pose, rates, load_bodies, loads[frame], force, moment)
        fill_twists(tree, every, pose, every_turn, every_shift)
        generalized_forces(every, every_turn, every_shift, force, moment, generalized[frame])
        fill_twists(tree, freedom, pose, turn, shift)
        generalized_forces(freedom, turn, shift, force, moment, demanded)
        for muscle in range(count):
            used, length[muscle] = find_path(paths, muscle, rotation, position, balanced, points, places, memory)
            speed[muscle] = lengthening_speed(points, places, used, position, spin, velocity)
            pull(points, places, used, pulled, twisted)
            out = arms[muscle]
            muscle_work(paths, muscle, parent, freedom, turn, shift, pulled, twisted, span_force, span_moment, out)
        tendon_forces(muscles, length, speed, true_pennation, passive_force, force_velocity, active, passive)
        solved[frame] = _share(
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
    """Moments, muscle forces of least squared activation, and joint reactions of every frame.

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
    freedom, every = free_columns(mechanism), every_column(mechanism)
    frames, muscles, names = len(q), len(mechanism.muscle_names), mechanism.muscle_names
    loads_out = MotionLoads(
        generalized_forces=np.empty((frames, q.shape[1])),
        activations=np.empty((frames, muscles)),
        tendon_forces_n=np.empty((frames, muscles)),
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
        every,
        freedom,
        mechanism.paths,
        mechanism.muscles,
        muscle_blocks(mechanism, freedom, balanced=physics.balanced_paths),
        *(np.ascontiguousarray(values, dtype=np.float64) for values in (at, u, udot)),
        np.ascontiguousarray(load_bodies, dtype=np.int64),
        *(np.ascontiguousarray(values, dtype=np.float64) for values in (loads, optimal)),
        mechanism.muscles.activation_min,
        mechanism.muscles.activation_max,
        (physics.true_pennation, physics.passive_force, physics.balanced_paths, physics.exact_accelerations),
        np.array([name not in physics.without_force_velocity for name in names], dtype=np.bool_),
        loads_out.generalized_forces,
        loads_out.activations,
        loads_out.tendon_forces_n,
        loads_out.reserves,
        loads_out.reactions,
        loads_out.solved,
    )
    if physics.within_limits and not np.array_equal(at, q):
        loads_out.generalized_forces[:] = inverse_dynamics(
            mechanism, q, u, udot, load_bodies=load_bodies, loads=loads, simbody_bias=not physics.exact_accelerations
        )
    return loads_out
