"""OpenSim's own dynamics and muscle geometry, called frame by frame; the muscles' redundancy solved on its dual.

The answer is that of the tools. They spend their time on one acceleration per muscle and frame; here one product with
the transposed Jacobian gives the moment arms of a muscle about all coordinates, and one acceleration the joint
reactions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import opensim

from gaitload.conventions import SIDES
from gaitload.errors import ConfigError, DataError
from gaitload.io.forces import read_foot_forces
from gaitload.io.sto import Table, read_sto
from gaitload.mechanics.redundancy import solve_frame
from gaitload.models.family import Family
from gaitload.opensim.actuation import RESERVE
from gaitload.opensim.model import array, free_coordinates, open_model, vector
from gaitload.signals.clock import frames_within
from gaitload.signals.derivatives import derivative
from gaitload.trial import FootForces

EXPONENT = 2.0
"""The only exponent of the cost for which the dual is that simple."""

AXES_OF_REACTIONS = ("fx", "fy", "fz", "mx", "my", "mz")


@dataclass(frozen=True)
class Motion:
    """Coordinates of the model along T frames, shape (T, C), in the model's order (rad or m)."""

    time_s: np.ndarray
    value: np.ndarray
    speed: np.ndarray
    acceleration: np.ndarray


def solve(
    *,
    model: str,
    family: Family,
    folder: Path,
    spans_s: list[tuple[float, float]],
    settings: dict,
    where: str,
) -> tuple[dict[str, Table], list[float]]:
    """Solve frame by frame; see `gaitload.opensim.engines`.

    Raises
    ------
    ConfigError
        ENGINE_UNSUPPORTED: another exponent than 2, moving path points, or actuators that are neither muscles nor, one
        for each free coordinate, coordinate actuators.
    """
    if settings["activation_exponent"] != EXPONENT:
        raise _unsupported(f"activation_exponent {EXPONENT:g}", f"{settings['activation_exponent']:g}", where)
    body = Body(model, family, where)
    motion = read_motion(folder / "coordinates.mot", body.coordinates, family, where)
    forces = read_foot_forces(folder / "forces.mot")
    wanted = [frame for span in spans_s for frame in _frames(motion.time_s, span)]
    rows = [body.solve(motion, frame, *_foot_wrenches(forces, motion.time_s[frame])) for frame in wanted]
    time_s = motion.time_s[wanted]
    columns = {
        "inverse_dynamics": body.coordinates,
        "muscle_forces": body.muscles,
        "activations": body.muscles,
        "reserves": body.reserves,
        "actuators": body.own_actuators,
        "joint_reactions": body.reaction_columns,
    }
    tables = {
        name: Table(tuple(names), time_s, np.array([row[name] for row in rows]).reshape(len(rows), len(names)))
        for name, names in columns.items()
    }
    unsolved_s = [float(motion.time_s[frame]) for frame, row in zip(wanted, rows, strict=True) if not row["solved"]]
    return tables, unsolved_s


def read_motion(path: Path, coordinates: list[str], family: Family, where: str) -> Motion:
    """Read a motion and differentiate it as OpenSim's analyses do: speeds from a quintic spline through the values,
    accelerations from one through the speeds. Dependent coordinates take the values of their drivers."""
    table = read_sto(path)
    columns = dict(zip(table.names, table.values.T, strict=True))
    missing = [name for name in coordinates if name not in columns and name not in family.drivers()]
    if missing:
        raise DataError(
            expected="a column for every coordinate of the model",
            found=f"no {', '.join(missing)}",
            where=f"{where} ({path.name})",
            do="Solve inverse kinematics with this model again.",
            code="STO_NAMES",
        )
    as_they_are = {*family.residual_forces}
    in_si = {
        name: np.radians(column) if table.in_degrees and name not in as_they_are else column
        for name, column in columns.items()
    }
    value = np.column_stack([in_si[family.drivers().get(name, name)] for name in coordinates])
    speed = derivative(value, table.time_s)
    return Motion(table.time_s, value, speed, derivative(speed, table.time_s))


class Body:
    """A model with what it takes to solve one frame after the other.

    Two copies: one whose muscles say how they pull, and one without muscles, whose bodies and coordinates take any
    force. The second costs no muscle geometry. OpenSim's objects live in C++ and refer to each other; this holds all of
    them for as long as any is used.
    """

    def __init__(self, path: str, family: Family, where: str) -> None:
        self._muscled, self._bare = open_model(path), open_model(path)
        self._take_muscles_away()
        self._muscled_state, self._bare_state = self._muscled.initSystem(), self._bare.initSystem()
        self._matter, self._ground = self._muscled.getMatterSubsystem(), self._bare.getGround()
        self._dynamics = opensim.InverseDynamicsSolver(self._bare)
        self._mobilities, self._bodies = self._bare_state.getNU(), self._bare.getBodySet().getSize() + 1
        self._on_mobilities = opensim.Vector(self._mobilities, 0.0)
        self._unused = opensim.Vector(self._mobilities, 0.0)
        self._nothing = opensim.SpatialVec(opensim.Vec3(0), opensim.Vec3(0))
        self.coordinates = [coordinate.getName() for coordinate in self._bare.getCoordinateSet()]
        self._slot = _slots(self._bare, self._bare_state)
        self._free = free_coordinates(self._bare, self._bare_state)
        self._least, self._most = self._limits(family)
        self._projection = self._projection_of(family)
        self._collect_muscles(where)
        self._collect_actuators(family, where)
        self._collect_joints(family)
        self._multiplier = np.zeros(len(self._free))

    def solve(self, motion: Motion, frame: int, force_ground_n: np.ndarray, moment_ground_nm: np.ndarray) -> dict:
        """Rows of all tables for one frame.

        Parameters
        ----------
        motion : Motion
        frame : int
        force_ground_n, moment_ground_nm : ndarray, shape (2, 3)
            On the feet, in the order of `SIDES`; moment about the origin of the ground frame.
        """
        held = np.clip(motion.value[frame], self._least, self._most)
        as_moved = None
        if not np.array_equal(held, motion.value[frame]):
            self._pose(motion, frame, motion.value[frame])
            as_moved = self._demanded(motion.acceleration[frame], self._on_feet(force_ground_n, moment_ground_nm))
        self._pose(motion, frame, held)
        on_bodies = self._on_feet(force_ground_n, moment_ground_nm)
        demanded = self._demanded(motion.acceleration[frame], on_bodies)
        capacity = np.array(
            [muscle.calcInextensibleTendonActiveFiberForce(self._muscled_state, 1.0) for muscle in self._muscle]
        )
        gain = capacity[:, None] * (self._moment_arms() @ self._projection)
        activation = np.empty(len(self._muscle))
        wanted = demanded @ self._projection
        steps = solve_frame(gain, self._optimal, wanted, self._lower, self._upper, self._multiplier, activation)
        tendon, control = activation * capacity, self._multiplier * self._optimal
        if steps < 0:
            self._multiplier[:] = 0.0
        for path, tension in zip(self._path, tendon, strict=True):
            path.addInEquivalentForces(self._muscled_state, float(tension), on_bodies, self._unused)
        return {
            "inverse_dynamics": (demanded if as_moved is None else as_moved)[self._slot],
            "muscle_forces": tendon,
            "activations": activation,
            "reserves": (control * self._optimal)[self._is_reserve],
            "actuators": (control * self._optimal)[~self._is_reserve],
            "joint_reactions": self._reactions(on_bodies, control),
            "solved": steps >= 0,
        }

    def _take_muscles_away(self) -> None:
        """Leave coordinate actuators in the bare model, and let every body be pulled at its origin."""
        forces = self._bare.updForceSet()
        for index in reversed(range(forces.getSize())):
            if not opensim.CoordinateActuator.safeDownCast(forces.get(index)):
                forces.remove(index)
        for body in self._bare.getBodySet():
            pull = opensim.BodyActuator()
            pull.setName(f"pull_{body.getName()}")
            pull.setBody(body)
            pull.set_point_is_global(False)
            pull.set_spatial_force_is_global(True)
            self._bare.addForce(pull)
        self._bare.finalizeConnections()

    def _limits(self, family: Family) -> tuple[np.ndarray, np.ndarray]:
        """Ranges of the coordinates, shape (C,); those that are not clamped may be anywhere.

        A filtered knee leaves its range at heel strike. OpenSim's AnalyzeTool assembles the model within its limits,
        and so muscles and reactions are those of a knee at its limit; its inverse dynamics tool does not.
        """
        of = {coordinate.getName(): coordinate for coordinate in self._bare.getCoordinateSet()}
        drivers = [of[family.drivers().get(name, name)] for name in self.coordinates]
        ranges = [
            (driver.getRangeMin(), driver.getRangeMax()) if driver.getDefaultClamped() else (-np.inf, np.inf)
            for driver in drivers
        ]
        least, most = np.array(ranges).T
        return least, most

    def _projection_of(self, family: Family) -> np.ndarray:
        """From forces on mobilities to those on free coordinates, shape (U, F)."""
        # ASSUME: a dependent coordinate moves one to one with its driver, as the patella with the knee here.
        index = {name: self._slot[number] for number, name in enumerate(self.coordinates)}
        projection = np.zeros((self._mobilities, len(self._free)))
        for column, name in enumerate(self._free):
            projection[index[name], column] = 1.0
        for dependent, driver in family.drivers().items():
            if driver in self._free:
                projection[index[dependent], self._free.index(driver)] = 1.0
        return projection

    def _collect_muscles(self, where: str) -> None:
        self._muscle = list(self._muscled.getMuscles())
        self._path = [muscle.getGeometryPath() for muscle in self._muscle]
        points = {point.getConcreteClassName() for path in self._path for point in path.getPathPointSet()}
        # Moving points would put forces on mobilities beside those on bodies.
        if "MovingPathPoint" in points:
            raise _unsupported("muscle paths over points that stay where they are", "MovingPathPoint", where)
        self.muscles = [muscle.getName() for muscle in self._muscle]
        self._lower = np.array([muscle.getMinControl() for muscle in self._muscle])
        self._upper = np.array([muscle.getMaxControl() for muscle in self._muscle])

    def _collect_actuators(self, family: Family, where: str) -> None:
        cast = [opensim.CoordinateActuator.safeDownCast(actuator) for actuator in self._muscled.getActuators()]
        strangers = len(cast) - sum(actuator is not None for actuator in cast) - len(self._muscle)
        acting = [actuator.get_coordinate() for actuator in cast if actuator]
        wrong = [name for name in self._free if acting.count(name) != 1]
        if strangers or wrong:
            found = f"{strangers} other actuators; none or several for {', '.join(wrong) or 'no coordinate'}"
            raise _unsupported("muscles, and one coordinate actuator for every free coordinate", found, where)
        of = {actuator.get_coordinate(): actuator for actuator in cast if actuator}
        names = [of[name].getName() for name in self._free]
        self._optimal = np.array([of[name].getOptimalForce() for name in self._free])
        self._is_reserve = np.array([name.startswith(RESERVE) for name in names])
        self.reserves = [name.removeprefix(RESERVE) for name in names if name.startswith(RESERVE)]
        self.own_actuators = [name for name in names if not name.startswith(RESERVE)]
        first, number = {}, 0
        for actuator in self._bare.getActuators():
            first[actuator.getName()] = number
            number += actuator.numControls()
        self._controls = np.zeros(number)
        self._control_of_free = np.array([first[name] for name in names])
        bodies = list(self._bare.getBodySet())
        self._index_of_body = {body.getName(): int(body.getMobilizedBodyIndex()) for body in bodies}
        self._control_of_body = {
            self._index_of_body[body.getName()]: first[f"pull_{body.getName()}"] for body in bodies
        }
        self._foot = [self._muscled.getBodySet().get(family.foot(side)) for side in SIDES]

    def _collect_joints(self, family: Family) -> None:
        names = [family.reaction(joint, side) for joint in family.reactions for side in SIDES]
        self._joint = [self._bare.getJointSet().get(name.joint) for name in names]
        self._child = [joint.getChildFrame().findBaseFrame() for joint in self._joint]
        self.reaction_columns = [
            f"{name.joint}_on_{name.body}_in_{name.body}_{axis}" for name in names for axis in AXES_OF_REACTIONS
        ]

    def _pose(self, motion: Motion, frame: int, coordinates: np.ndarray) -> None:
        value, speed = np.empty(self._mobilities), np.empty(self._mobilities)
        value[self._slot], speed[self._slot] = coordinates, motion.speed[frame]
        q, u = opensim.Vector.createFromMat(value), opensim.Vector.createFromMat(speed)
        for model, state in ((self._muscled, self._muscled_state), (self._bare, self._bare_state)):
            state.setTime(float(motion.time_s[frame]))
            state.setQ(q)
            state.setU(u)
            model.realizeVelocity(state)

    def _on_feet(self, force_ground_n: np.ndarray, moment_ground_nm: np.ndarray) -> opensim.VectorOfSpatialVec:
        """Spatial forces on all bodies at their origins, zero but for the feet."""
        on_bodies = opensim.VectorOfSpatialVec(self._bodies, self._nothing)
        for foot, force, moment in zip(self._foot, force_ground_n, moment_ground_nm, strict=True):
            origin = array(foot.getPositionInGround(self._muscled_state))
            spatial = opensim.SpatialVec(vector(moment - np.cross(origin, force)), vector(force))
            on_bodies.set(self._index_of_body[foot.getName()], spatial)
        return on_bodies

    def _demanded(self, acceleration: np.ndarray, on_bodies: opensim.VectorOfSpatialVec) -> np.ndarray:
        """Forces on all mobilities that motion and ground reaction demand, shape (U,)."""
        udot = np.empty(self._mobilities)
        udot[self._slot] = acceleration
        needed = self._dynamics.solve(self._bare_state, opensim.Vector.createFromMat(udot))
        return needed.to_numpy() - self._through_jacobian(on_bodies)

    def _moment_arms(self) -> np.ndarray:
        """Forces on all mobilities per unit of tension of each muscle, shape (M, U)."""
        arms = np.empty((len(self._path), self._mobilities))
        for row, path in zip(arms, self._path, strict=True):
            on_bodies = opensim.VectorOfSpatialVec(self._bodies, self._nothing)
            path.addInEquivalentForces(self._muscled_state, 1.0, on_bodies, self._unused)
            row[:] = self._through_jacobian(on_bodies)
        return arms

    def _through_jacobian(self, on_bodies: opensim.VectorOfSpatialVec) -> np.ndarray:
        self._matter.multiplyBySystemJacobianTranspose(self._muscled_state, on_bodies, self._on_mobilities)
        return self._on_mobilities.to_numpy()

    def _reactions(self, on_bodies: opensim.VectorOfSpatialVec, control: np.ndarray) -> np.ndarray:
        """Force and moment on the child of every joint at the joint, in the child's base frame."""
        for body, first in self._control_of_body.items():
            spatial = on_bodies.get(body)
            self._controls[first : first + 3] = array(spatial.get(0))
            self._controls[first + 3 : first + 6] = array(spatial.get(1))
        self._controls[self._control_of_free] = control
        self._bare.realizeVelocity(self._bare_state)
        self._bare.setControls(self._bare_state, opensim.Vector.createFromMat(self._controls))
        self._bare.realizeAcceleration(self._bare_state)
        parts = []
        for joint, child in zip(self._joint, self._child, strict=True):
            reaction = joint.calcReactionOnChildExpressedInGround(self._bare_state)
            for part in (reaction.get(1), reaction.get(0)):
                parts.append(array(self._ground.expressVectorInAnotherFrame(self._bare_state, part, child)))
        return np.concatenate(parts)


def _slots(model: opensim.Model, state: opensim.State) -> np.ndarray:
    """Place of every coordinate, in the model's order, among the mobilities of the multibody tree.

    Found by moving one after the other: the order of the tree is not to be had from Python.
    """
    probe = opensim.State(state)
    places = []
    for coordinate in model.getCoordinateSet():
        coordinate.setLocked(probe, False)
        before = probe.getQ().to_numpy().copy()
        coordinate.setValue(probe, coordinate.getValue(probe) + 1e-3, False)
        places.append(int(np.argmax(np.abs(probe.getQ().to_numpy() - before))))
    return np.array(places)


def _frames(time_s: np.ndarray, span_s: tuple[float, float]) -> Iterable[int]:
    """Frames of a span, its end included."""
    step_s = float(time_s[1] - time_s[0])
    return np.flatnonzero(frames_within(time_s, (span_s[0], span_s[1] + step_s))).tolist()


def _foot_wrenches(forces: FootForces, time_s: float) -> tuple[np.ndarray, np.ndarray]:
    frame = int(np.argmin(np.abs(forces.time_s - time_s)))
    return forces.force_ground_n[frame], forces.moment_ground_nm[frame]


def _unsupported(expected: str, found: str, where: str) -> ConfigError:
    return ConfigError(
        expected=expected,
        found=found,
        where=f"{where}, engine api",
        do="Set engine: tools, or change the model.",
        code="ENGINE_UNSUPPORTED",
    )
