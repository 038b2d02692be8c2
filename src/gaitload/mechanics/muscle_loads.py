"""From a motion and its external loads to muscle forces and joint reactions: one kernel over frames."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from gaitload.mechanics.body_tree import Mechanism, Muscles
from gaitload.mechanics.compiling import kernel
from gaitload.mechanics.curves import curve_value, tendon_forces
from gaitload.mechanics.freedom import Freedom, free_columns
from gaitload.mechanics.kinematics import empty_pose, empty_rates, move, place
from gaitload.mechanics.moment_arms import muscle_work
from gaitload.mechanics.muscle_blocks import Blocks, muscle_blocks
from gaitload.mechanics.newton_euler import demand, generalized_forces
from gaitload.mechanics.paths import empty_path, find_path, lengthening_speed, pull
from gaitload.mechanics.physics import Physics, chosen_muscles, sharing_weights
from gaitload.mechanics.reactions import express, relieve
from gaitload.mechanics.sharing import Followed, Sharing, followed_nothing, share_frame
from gaitload.mechanics.tendons import elastic_muscles
from gaitload.mechanics.twists import fill_twists
from gaitload.mechanics.vectors import copy

SIMBODY_BIAS = True
"""The tibia accelerates as Simbody has it, see `gaitload.mechanics.kinematics.move`: engines must agree, and one is
Simbody itself."""

_GAP = 1.5
"""Step of time, in median steps, that separates two parts of a motion."""

CHUNK_FRAMES = 1000
"""Frames whose geometry is kept at a time, some 25 kB each."""


@dataclass(frozen=True)
class MotionLoads:
    """Loads of T frames.

    Attributes
    ----------
    activations, tendon_forces_n : (T, M)
    passive_forces_n : (T, M)
        Part of the tendon forces that is passive force of the fibres.
    fiber_along_m : (T, M)
        Length of the fibres along an elastic tendon; path less slack length where the tendon is rigid.
    reserves : (T, F)
        Of the free coordinates (N m, or N).
    reactions : (T, J, 6)
        Force (N) and moment (N m) of each joint on its child, in the child's frame, about the joint's centre.
    resultants : (T, J, 6)
        Reactions as they would be if no muscle pulled.
    solved : (T,) bool
        Whether static optimization found the optimum.
    """

    activations: np.ndarray
    tendon_forces_n: np.ndarray
    passive_forces_n: np.ndarray
    fiber_along_m: np.ndarray
    reserves: np.ndarray
    reactions: np.ndarray
    resultants: np.ndarray
    solved: np.ndarray


class _Geometry(NamedTuple):
    """All that bodies and paths say of T frames, before muscles share what is demanded.

    Attributes
    ----------
    demanded : (T, F)
    arms : (T, M, F)
    length, active, passive : (T, M)
        Of the paths (m); capacities of muscles behind rigid tendons (N).
    span_force, span_moment : (T, any, 3)
        As `muscle_work` fills them.
    force, moment : (T, B, 3)
        As `demand` fills them.
    rotation, center : (T, B, 3, 3), (T, J, 3)
        Of the pose.
    """

    demanded: np.ndarray
    arms: np.ndarray
    length: np.ndarray
    active: np.ndarray
    passive: np.ndarray
    span_force: np.ndarray
    span_moment: np.ndarray
    force: np.ndarray
    moment: np.ndarray
    rotation: np.ndarray
    center: np.ndarray


def _empty_geometry(frames: int, mechanism: Mechanism, free: int) -> _Geometry:
    muscles, spans = len(mechanism.muscle_names), len(mechanism.paths.span_body)
    bodies, joints = len(mechanism.bodies), len(mechanism.joints)
    shapes = (
        (free,),
        (muscles, free),
        *[(muscles,)] * 3,
        *[(spans, 3)] * 2,
        *[(bodies, 3)] * 2,
        (bodies, 3, 3),
        (joints, 3),
    )
    return _Geometry(*(np.empty((frames, *shape)) for shape in shapes))


@kernel
def _follow(tree, freedom, paths, muscles, q, u, udot, load_bodies, loads, switches, force_velocity, out):
    true_pennation, passive_force, balanced = switches
    pose, rates = empty_pose(tree), empty_rates(tree)
    points, places, memory = empty_path(paths)
    bodies, count = len(tree.mass_kg), len(muscles.force_max_n)
    pulled, twisted = np.zeros((bodies, 3)), np.zeros((bodies, 3))
    turn, shift = np.empty((len(freedom.dof_column), 3)), np.empty((len(freedom.dof_column), 3))
    speed = np.empty(count)
    parent, rotation, position = tree.parent, pose.rotation, pose.position
    spin, velocity = rates.angular_velocity, rates.velocity
    for frame in range(len(q)):
        force, moment, length, arms = out.force[frame], out.moment[frame], out.length[frame], out.arms[frame]
        spans = out.span_force[frame], out.span_moment[frame]
        place(tree, q[frame], pose)
        move(tree, u[frame], udot[frame], SIMBODY_BIAS, pose, rates)
        demand(tree, pose, rates, load_bodies, loads[frame], force, moment)
        fill_twists(tree, freedom, pose, turn, shift)
        generalized_forces(freedom, turn, shift, force, moment, out.demanded[frame])
        for muscle in range(count):
            used, length[muscle] = find_path(paths, muscle, rotation, position, balanced, points, places, memory)
            speed[muscle] = lengthening_speed(points, places, used, position, spin, velocity)
            pull(points, places, used, pulled, twisted)
            muscle_work(paths, muscle, parent, freedom, turn, shift, pulled, twisted, *spans, arms[muscle])
        capacity = out.active[frame], out.passive[frame]
        tendon_forces(muscles, length, speed, true_pennation, passive_force, force_velocity, *capacity)
        copy(pose.rotation, out.rotation[frame])
        copy(pose.center, out.center[frame])


class _Shares(NamedTuple):
    """What muscles do in T frames; fields as in `MotionLoads`.

    Attributes
    ----------
    activation, tension, along : (T, M)
    reserve : (T, F)
    multiplier : (T, F)
        See `gaitload.mechanics.redundancy.solve_frame`; a second solution starts from those of the first.
    solved : (T,) bool
    """

    activation: np.ndarray
    tension: np.ndarray
    along: np.ndarray
    reserve: np.ndarray
    multiplier: np.ndarray
    solved: np.ndarray


@kernel
def _share(muscles, blocks, sharing, followed, optimal, geometry, speed_factor, anew, out):
    slack = muscles.tendon_slack_m
    for frame in range(len(speed_factor)):
        if anew:
            for c in range(len(optimal)):
                known = frame > 0 and out.solved[frame - 1]
                out.multiplier[frame, c] = out.multiplier[frame - 1, c] if known else 0.0
            for m in range(len(slack)):
                out.activation[frame, m] = out.activation[frame - 1, m] if frame > 0 else 0.0
                out.along[frame, m] = geometry.length[frame, m] - slack[m]
                if frame > 0 and sharing.elastic[m]:
                    # Most of a change of length is the fibres'.
                    grown = geometry.length[frame, m] - geometry.length[frame - 1, m]
                    out.along[frame, m] = out.along[frame - 1, m] + grown
                if frame > 1:
                    out.activation[frame, m] += out.activation[frame - 1, m] - out.activation[frame - 2, m]
        out.solved[frame] = share_frame(
            blocks,
            muscles,
            sharing,
            followed.wanted[frame],
            followed.pull[frame],
            geometry.arms[frame],
            geometry.length[frame],
            speed_factor[frame],
            geometry.active[frame],
            geometry.passive[frame],
            optimal,
            geometry.demanded[frame],
            out.multiplier[frame],
            out.activation[frame],
            out.reserve[frame],
            out.tension[frame],
            out.along[frame],
        )


@kernel
def _react(tree, paths, geometry, tension, reaction, resultant):
    pose = empty_pose(tree)
    for frame in range(len(tension)):
        copy(geometry.rotation[frame], pose.rotation)
        copy(geometry.center[frame], pose.center)
        force, moment = geometry.force[frame], geometry.moment[frame]
        express(pose, force, moment, resultant[frame])
        relieve(paths, tension[frame], geometry.span_force[frame], geometry.span_moment[frame], force, moment)
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
    time_s: np.ndarray | None = None,
    followed: Followed | None = None,
) -> MotionLoads:
    """Muscle forces of least cost, and joint reactions, of every frame.

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
    time_s : ndarray, shape (T,), optional
        Of the frames; `physics.fiber_velocity` needs it. A step of more than 1.5 times the median one separates parts
        whose velocities have nothing to do with each other.
    """
    solver = _solver(mechanism, physics, load_bodies, optimal)
    motion = solver.motion(q, u, udot, loads)
    by_speed = physics.fiber_velocity and bool(solver.sharing.elastic.any())
    parts = _parts(time_s, len(q)) if by_speed else [slice(0, len(q))]
    chunks = [
        solver.solve(
            motion,
            slice(start, min(start + CHUNK_FRAMES, part.stop)),
            part,
            time_s if by_speed else None,
            followed or followed_nothing(len(q), len(mechanism.muscle_names)),
        )
        for part in parts
        for start in range(part.start, part.stop, CHUNK_FRAMES)
    ]
    return MotionLoads(*(np.concatenate(columns) for columns in zip(*chunks, strict=True)))


def reactions_of(
    mechanism: Mechanism,
    q: np.ndarray,
    u: np.ndarray,
    udot: np.ndarray,
    *,
    load_bodies: np.ndarray,
    loads: np.ndarray,
    tension_n: np.ndarray,
    physics: Physics,
) -> np.ndarray:
    """Joint reactions under muscle forces that are known, shape (T, J, 6); see `MotionLoads.reactions`.

    Parameters
    ----------
    q, u, udot, load_bodies, loads, physics
        As in `solve_motion`.
    tension_n : ndarray, shape (T, M)
    """
    solver = _solver(mechanism, physics, load_bodies, np.ones(len(free_columns(mechanism).coordinate)))
    geometry = solver.geometry(solver.motion(q, u, udot, loads))
    reaction, resultant = (np.empty((len(q), len(mechanism.joints), 6)) for _ in range(2))
    tension = np.ascontiguousarray(tension_n, dtype=np.float64)
    _react(mechanism.tree, mechanism.paths, geometry, tension, reaction, resultant)
    return reaction


@dataclass(frozen=True)
class _Solver:
    """All that stays the same along a motion; see `solve_motion`."""

    mechanism: Mechanism
    freedom: Freedom
    muscles: Muscles
    blocks: Blocks
    sharing: Sharing
    load_bodies: np.ndarray
    optimal: np.ndarray
    physics: Physics

    def motion(self, q: np.ndarray, u: np.ndarray, udot: np.ndarray, loads: np.ndarray) -> list[np.ndarray]:
        """Arrays as the kernels take them, coordinates within their limits where the physics says so."""
        freedom, at = self.freedom, q
        if self.physics.within_limits:
            at = q.copy()
            at[:, freedom.coordinate] = np.clip(q[:, freedom.coordinate], freedom.lower, freedom.upper)
            followed = freedom.column >= 0
            at[:, followed] = (freedom.slope * at[:, freedom.leader] + freedom.intercept)[:, followed]
        return [np.ascontiguousarray(values, dtype=np.float64) for values in (at, u, udot, loads)]

    def solve(
        self, motion: list[np.ndarray], chunk: slice, part: slice, time_s: np.ndarray | None, followed: Followed
    ) -> tuple[np.ndarray, ...]:
        """Fields of `MotionLoads` for the frames of a chunk.

        Parameters
        ----------
        motion
            Coordinates, speeds, accelerations and external loads of all frames.
        chunk
            Frames wanted.
        part
            Frames around them without a gap, to take velocities from.
        time_s
            None: fibres behind elastic tendons are at rest.
        followed
            Electromyograms of all frames, not of the chunk alone.
        """
        wide = chunk
        if time_s is not None:
            wide = slice(max(chunk.start - 1, part.start), min(chunk.stop + 1, part.stop))
        own = slice(chunk.start - wide.start, chunk.stop - wide.start)
        geometry = self.geometry([values[wide] for values in motion])
        frames, count = geometry.length.shape
        out = _Shares(
            *(np.empty((frames, count)) for _ in range(3)),
            *(np.empty((frames, len(self.optimal))) for _ in range(2)),
            np.empty(frames, dtype=np.bool_),
        )
        own_followed = Followed(*(np.ascontiguousarray(values[wide]) for values in followed))
        given = self.muscles, self.blocks, self.sharing, own_followed, self.optimal, geometry
        if time_s is None:
            _share(*given, np.ones((frames, count)), True, out)
        else:
            _share(*given, np.ones((frames, count)), True, out)
            factor = np.where(self.sharing.elastic, _speed_factors(self.muscles, out.along, time_s[wide]), 1.0)
            _share(*given, factor, False, out)
        joints = tuple(np.empty((frames, len(self.mechanism.joints), 6)) for _ in range(2))
        _react(self.mechanism.tree, self.mechanism.paths, geometry, out.tension, *joints)
        found = out.activation, out.tension, geometry.passive, out.along, out.reserve, *joints, out.solved
        return tuple(values[own] for values in found)

    def geometry(self, motion: list[np.ndarray]) -> _Geometry:
        """Bodies and paths of a motion."""
        mechanism, physics = self.mechanism, self.physics
        q, u, udot, loads = motion
        geometry = _empty_geometry(len(q), mechanism, len(self.optimal))
        model = mechanism.tree, self.freedom, mechanism.paths, self.muscles
        switches = physics.true_pennation, physics.passive_force, physics.balanced_paths
        by_speed = np.array([name not in physics.without_force_velocity for name in mechanism.muscle_names])
        _follow(*model, q, u, udot, self.load_bodies, loads, switches, by_speed, geometry)
        return geometry


def _solver(mechanism: Mechanism, physics: Physics, load_bodies: np.ndarray, optimal: np.ndarray) -> _Solver:
    freedom, muscles = free_columns(mechanism), chosen_muscles(mechanism.muscles, physics)
    return _Solver(
        mechanism,
        freedom,
        muscles,
        muscle_blocks(mechanism, freedom, balanced=physics.balanced_paths),
        _sharing(mechanism.muscle_names, muscles, physics),
        np.ascontiguousarray(load_bodies, dtype=np.int64),
        np.ascontiguousarray(optimal, dtype=np.float64),
        physics,
    )


def _sharing(names: tuple[str, ...], muscles: Muscles, physics: Physics) -> Sharing:
    strains, factors = dict(physics.tendon_strains), dict(physics.muscle_weights)
    none = np.zeros(len(names), dtype=np.bool_)
    return Sharing(
        elastic=elastic_muscles(muscles) if physics.elastic_tendons else none,
        strain=np.array([strains.get(name, own) for name, own in zip(names, muscles.tendon_strain, strict=True)]),
        weight=sharing_weights(muscles, physics.weighting) * [factors.get(name, 1.0) for name in names],
        exponent=float(physics.exponent),
    )


def _parts(time_s: np.ndarray, frames: int) -> list[slice]:
    """Frames between gaps in time."""
    steps = np.diff(time_s)
    ends = np.flatnonzero(steps > _GAP * np.median(steps)) + 1 if len(steps) else []
    edges = [0, *ends, frames]
    return [slice(int(first), int(last)) for first, last in pairwise(edges)]


def _speed_factors(muscles: Muscles, along_m: np.ndarray, time_s: np.ndarray) -> np.ndarray:
    """Force-velocity multipliers, (T, M), of fibres whose lengths along the tendon, (T, M), are known."""
    fiber_m = np.hypot(along_m, muscles.width_m)
    rate = np.gradient(fiber_m, time_s, axis=0) if len(time_s) > 1 else np.zeros_like(fiber_m)
    rate = np.clip(rate / (muscles.fiber_optimal_m * muscles.velocity_max), -1.0, 1.0)
    factor = np.empty_like(rate)
    _fill_speed_factors(muscles, rate, factor)
    return factor


@kernel
def _fill_speed_factors(muscles, rate, factor):
    first, step, nodes = muscles.curve_first, muscles.curve_step, muscles.curve_nodes
    for t in range(rate.shape[0]):
        for m in range(rate.shape[1]):
            factor[t, m] = curve_value(first, step, nodes, muscles.velocity_curve[m], rate[t, m])
