"""OpenSim's own dynamics and muscle geometry, called frame by frame; the muscles' redundancy solved on its dual.

The answer is that of the tools. They spend their time on one acceleration per muscle and frame; here one product with
the transposed Jacobian gives the moment arms of a muscle about all coordinates, and one acceleration the joint
reactions.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import opensim

from gaitload.conventions import SIDES
from gaitload.io.forces import read_foot_forces
from gaitload.io.sto import Table
from gaitload.mechanics.redundancy import solve_frame
from gaitload.models.family import Family
from gaitload.opensim.actuation import RESERVE
from gaitload.opensim.balanced_paths import BalancedPaths
from gaitload.opensim.driven_body import DrivenBody
from gaitload.opensim.label_modes import physics_of
from gaitload.opensim.model import (
    array,
    free_coordinates,
    open_model,
    spatial_force,
    tree_places,
    unsupported,
)
from gaitload.opensim.motion import Motion, read_motion, within_limits
from gaitload.opensim.muscle_paths import MusclePaths
from gaitload.signals.clock import frames_within
from gaitload.trial import FootForces

EXPONENT = 2.0
"""The only exponent of the cost for which the dual is that simple."""


def solve(
    *, model: str, family: Family, folder: Path, spans_s: list[tuple[float, float]], settings: dict, where: str
) -> tuple[dict[str, Table], list[float]]:
    """Solve frame by frame; see `gaitload.opensim.engines`.

    Raises
    ------
    ConfigError
        ENGINE_UNSUPPORTED: another exponent than 2, elastic tendons, another actuator beside muscles than one
        coordinate actuator for each free coordinate, or what `MusclePaths` and `BalancedPaths` cannot take.
    """
    if settings["activation_exponent"] != EXPONENT:
        raise unsupported("loads.activation_exponent 2", f"{settings['activation_exponent']:g}", where)
    solver = _Solver(model, family, settings, where)
    motion = read_motion(folder / "coordinates.mot", solver.model, family.drivers(), where)
    frames = np.concatenate([_frames(motion.time_s, span) for span in spans_s])
    forces = read_foot_forces(folder / "forces.mot")
    rows = list(solver.rows(motion, frames, forces))
    time_s = motion.time_s[frames]
    tables = {
        name: Table(columns, time_s, np.array([row[name] for row in rows]).reshape(len(rows), len(columns)))
        for name, columns in solver.columns.items()
    }
    return tables, [float(time) for time, row in zip(time_s, rows, strict=True) if not row["solved"]]


class _Solver:
    """A model opened twice, with its muscles and without them, and what connects the two."""

    def __init__(self, model: str, family: Family, settings: dict, where: str) -> None:
        self._physics = physics_of(settings["label_mode"], settings["muscles"], family)
        if self._physics.elastic_tendons:
            raise unsupported("muscles.tendons rigid", "elastic", where, do="Choose it, or engine compiled.")
        self._followers = family.drivers()
        self._muscles = MusclePaths(open_model(model), self._physics, where)
        self._balanced = BalancedPaths(model, where) if self._physics.balanced_paths else None
        reactions = [family.reaction(joint, side) for joint in family.reactions for side in SIDES]
        feet = [family.foot(side) for side in SIDES]
        loaded = {*self._muscles.bodies(), *feet}
        self._body = DrivenBody(open_model(model), [reaction.joint for reaction in reactions], loaded)
        self.model, state = self._muscles.model, self._muscles.state
        self._place = tree_places(self.model, state)
        self._feet = [self.model.getBodySet().get(foot) for foot in feet]
        coordinates = tuple(coordinate.getName() for coordinate in self.model.getCoordinateSet())
        free = free_coordinates(self.model, state)
        self._to_free = self._projection(coordinates, free)
        self._take_actuators(free, where)
        self._lower = np.array([muscle.getMinControl() for muscle in self._muscles.muscles])
        if self._physics.activation_min is not None:
            self._lower[:] = self._physics.activation_min
        self._upper = np.array([muscle.getMaxControl() for muscle in self._muscles.muscles])
        self._multiplier = np.zeros(len(free))
        self._root = np.sqrt(self._muscles.sharing_weights())
        names = [actuator.getName() for actuator in self._body.actuators]
        self._is_reserve = np.array([name.startswith(RESERVE) for name in names])
        on_children = tuple(
            f"{reaction.joint}_on_{reaction.body}_in_{reaction.body}_{axis}"
            for reaction in reactions
            for axis in ("fx", "fy", "fz", "mx", "my", "mz")
        )
        self.columns = {
            "inverse_dynamics": coordinates,
            "muscle_forces": tuple(self._muscles.names),
            "passive_forces": tuple(self._muscles.names),
            "activations": tuple(self._muscles.names),
            "reserves": tuple(name.removeprefix(RESERVE) for name in names if name.startswith(RESERVE)),
            "actuators": tuple(name for name in names if not name.startswith(RESERVE)),
            "joint_reactions": on_children,
            "joint_resultants": on_children,
        }

    def rows(self, motion: Motion, frames: np.ndarray, forces: FootForces) -> Iterator[dict]:
        """Rows of all tables, frame by frame."""
        value = motion.value
        if self._physics.within_limits:
            value = within_limits(value, self.model, self._followers)
        moved = (value != motion.value).any(axis=1)
        force_row = np.searchsorted(forces.time_s, motion.time_s - 0.5 / forces.rate_hz)
        for frame in frames:
            if moved[frame]:
                self._pose(motion, frame, motion.value)
                reported = self._demanded(motion.acceleration[frame], self._on_feet(forces, force_row[frame]))
            self._pose(motion, frame, value)
            on_bodies = self._on_feet(forces, force_row[frame])
            demanded = self._demanded(motion.speed_rate[frame], on_bodies)
            if not moved[frame]:
                reported = self._demanded(motion.acceleration[frame], on_bodies)
            yield {"inverse_dynamics": reported[self._place], **self._shared(demanded, on_bodies)}

    def _shared(self, demanded: np.ndarray, on_bodies: opensim.VectorOfSpatialVec) -> dict:
        """Forces of muscles and actuators, and what the joints bear, at the present pose.

        Parameters
        ----------
        demanded : ndarray, shape (U,)
            Generalized forces that muscles and actuators provide together, in the order of the tree.
        on_bodies
            External loads; those of the muscles are added.
        """
        arms = self._muscles.moment_arms()
        if self._balanced:
            self._balanced.put_moment_arms(arms, self._place)
        arms = arms @ self._to_free
        active, passive = self._muscles.capacity_n(self._balanced)
        activation, wanted = np.empty(len(active)), demanded @ self._to_free - passive @ arms
        root, multiplier = self._root, self._multiplier
        # In terms of root a the weighted cost is that of least squares.
        gain, bounds = (active / root)[:, None] * arms, (self._lower * root, self._upper * root)
        steps = solve_frame(gain, self._optimal, wanted, *bounds, multiplier, activation)
        activation /= root
        controls = np.zeros(len(self._is_reserve))
        controls[self._actuator_of_free] = multiplier * self._optimal
        if steps < 0:
            multiplier[:] = 0.0
        # Without muscles, coordinate actuators move the body: by what it takes, whatever exerts it.
        alone = np.zeros_like(controls)
        alone[self._actuator_of_free] = demanded @ self._to_free / self._optimal
        resultants = self._body.reactions(on_bodies, alone).ravel()
        tension = unbalanced = activation * active + passive
        if self._balanced:
            unbalanced = self._balanced.take_tensions(tension, on_bodies, self.model, self._muscles.state)
        self._muscles.add_tensions(unbalanced, on_bodies)
        actuation = controls * self._actuator_optimal
        return {
            "muscle_forces": tension,
            "passive_forces": passive,
            "activations": activation,
            "reserves": actuation[self._is_reserve],
            "actuators": actuation[~self._is_reserve],
            "joint_resultants": resultants,
            "joint_reactions": self._body.reactions(on_bodies, controls).ravel(),
            "solved": steps >= 0,
        }

    def _projection(self, coordinates: tuple[str, ...], free: list[str]) -> np.ndarray:
        """From generalized forces in the order of the tree to those on free coordinates, shape (U, F)."""
        # ASSUME: a dependent coordinate moves one to one with its driver, as the patella with the knee here.
        projection = np.zeros((len(coordinates), len(free)))
        for place, name in zip(self._place, coordinates, strict=True):
            leader = self._followers.get(name, name)
            if leader in free:
                projection[place, free.index(leader)] = 1.0
        return projection

    def _take_actuators(self, free: list[str], where: str) -> None:
        actuators = self._body.actuators
        strangers = self.model.getActuators().getSize() - len(actuators) - len(self._muscles.names)
        acting = [actuator.get_coordinate() for actuator in actuators]
        wrong = [name for name in free if acting.count(name) != 1]
        if strangers or wrong:
            found = f"{strangers} other actuators; none or several for {', '.join(wrong) or 'no coordinate'}"
            raise unsupported("muscles, and one coordinate actuator for every free coordinate", found, where)
        self._actuator_optimal = np.array([actuator.getOptimalForce() for actuator in actuators])
        self._actuator_of_free = np.array([acting.index(name) for name in free])
        self._optimal = self._actuator_optimal[self._actuator_of_free]

    def _pose(self, motion: Motion, frame: int, value: np.ndarray) -> None:
        q, u = (self._in_tree_order(values[frame]) for values in (value, motion.speed))
        for model in (self._muscles, self._body):
            model.pose(float(motion.time_s[frame]), q, u)
        if self._balanced:
            self._balanced.pose(motion, frame)

    def _in_tree_order(self, values: np.ndarray) -> opensim.Vector:
        ordered = np.empty(len(values))
        ordered[self._place] = values
        return opensim.Vector.createFromMat(ordered)

    def _demanded(self, acceleration: np.ndarray, on_bodies: opensim.VectorOfSpatialVec) -> np.ndarray:
        """Generalized forces that accelerations demand under loads, in the order of the tree, shape (U,)."""
        return self._body.demanded(self._in_tree_order(acceleration)) - self._muscles.generalized(on_bodies)

    def _on_feet(self, forces: FootForces, row: int) -> opensim.VectorOfSpatialVec:
        """Ground reaction as moment and force on every body at its origin."""
        on_bodies = self._muscles.no_forces()
        for side, foot in enumerate(self._feet):
            force, moment = forces.force_ground_n[row, side], forces.moment_ground_nm[row, side]
            at = array(foot.getPositionInGround(self._muscles.state))
            on_bodies.set(int(foot.getMobilizedBodyIndex()), spatial_force(force, moment, at))
        return on_bodies


def _frames(time_s: np.ndarray, span_s: tuple[float, float]) -> np.ndarray:
    """Frames of a span, its end included."""
    step_s = float(time_s[1] - time_s[0])
    return np.flatnonzero(frames_within(time_s, (span_s[0], span_s[1] + step_s)))
