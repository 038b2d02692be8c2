"""Muscles of a model at a pose: what they can pull with, moment arms, and what their tensions do to bodies."""

from __future__ import annotations

import numpy as np
import opensim

from gaitload.errors import ConfigError
from gaitload.mechanics.curves import capacities
from gaitload.mechanics.physics import Physics, chosen_muscles, sharing_weights
from gaitload.opensim.balanced_paths import BalancedPaths
from gaitload.opensim.export_muscles import export_muscles
from gaitload.opensim.model import unsupported


class MusclePaths:
    """The muscles of a model, posed frame by frame.

    OpenSim's objects live in C++ and refer to each other; this holds all of them for as long as any is used.

    Parameters
    ----------
    model : opensim.Model
        Not initialised yet; taken over.
    physics : Physics
    where : str
        Cohort/subject/trial, for messages.

    Raises
    ------
    ConfigError
        ENGINE_UNSUPPORTED: a muscle's path moves its points, or its physics is not that of Millard's muscle.
    """

    def __init__(self, model: opensim.Model, physics: Physics, where: str) -> None:
        self.model, self.state = model, model.initSystem()
        self._matter, self._bodies = model.getMatterSubsystem(), model.getBodySet().getSize() + 1
        self.muscles = list(model.getMuscles())
        self.names = [muscle.getName() for muscle in self.muscles]
        self._paths = [opensim.GeometryPath.safeDownCast(muscle.getPath()) for muscle in self.muscles]
        self._nothing = opensim.SpatialVec(opensim.Vec3(0), opensim.Vec3(0))
        self._on_mobilities = opensim.Vector(self.state.getNU(), 0.0)
        self._unused = opensim.Vector(self.state.getNU(), 0.0)
        self._physics = physics
        self._by_speed = np.array([name not in physics.without_force_velocity for name in self.names])
        self._check_paths(where)
        # OpenSim tells capacities at its own lengths only.
        stock = not (physics.true_pennation or physics.passive_force or physics.balanced_paths)
        stock = stock and physics.velocity_max is None and bool(self._by_speed.all())
        self._parameters = None if stock else chosen_muscles(_millard(model, where), physics)

    def pose(self, time_s: float, q: opensim.Vector, u: opensim.Vector) -> None:
        """Take coordinates and speeds, in the order of the multibody tree."""
        self.state.setTime(time_s)
        self.state.setQ(q)
        self.state.setU(u)
        self.model.realizeVelocity(self.state)

    def capacity_n(self, balanced: BalancedPaths | None) -> tuple[np.ndarray, np.ndarray]:
        """Greatest active and the passive tension of every muscle, shape (M,) each (N)."""
        if self._parameters is None:
            active = [muscle.calcInextensibleTendonActiveFiberForce(self.state, 1.0) for muscle in self.muscles]
            return np.array(active), np.zeros(len(active))
        length = np.array([path.getLength(self.state) for path in self._paths])
        speed = np.array([path.getLengtheningSpeed(self.state) for path in self._paths])
        if balanced:
            balanced.put_lengths(length, speed)
        (active,), (passive,) = capacities(
            self._parameters,
            length[None],
            speed[None],
            true_pennation=self._physics.true_pennation,
            force_velocity=self._by_speed,
        )
        return active, passive if self._physics.passive_force else np.zeros_like(passive)

    def sharing_weights(self) -> np.ndarray:
        """Weights of the activations in the cost of sharing, shape (M,)."""
        factors = dict(self._physics.muscle_weights)
        own = np.array([factors.get(name, 1.0) for name in self.names])
        if self._physics.weighting == "activation":
            return own
        parameters = self._parameters if self._parameters is not None else export_muscles(self.model)
        return own * sharing_weights(parameters, self._physics.weighting)

    def moment_arms(self) -> np.ndarray:
        """Generalized forces of unit tensions, shape (M, U), in the order of the multibody tree."""
        total = np.zeros((len(self._paths) + 1, self.state.getNU()))
        on_bodies = self.no_forces()
        # Each muscle is added to those before it and told by the difference: a third faster than beginning anew.
        for row, path in zip(total[1:], self._paths, strict=True):
            path.addInEquivalentForces(self.state, 1.0, on_bodies, self._unused)
            row[:] = self.generalized(on_bodies)
        return np.diff(total, axis=0)

    def add_tensions(self, tension_n: np.ndarray, on_bodies: opensim.VectorOfSpatialVec) -> None:
        """Add what tensions, shape (M,), do to the bodies."""
        for path, tension in zip(self._paths, tension_n.tolist(), strict=True):
            if tension != 0.0:
                path.addInEquivalentForces(self.state, tension, on_bodies, self._unused)

    def no_forces(self) -> opensim.VectorOfSpatialVec:
        """Moment and force on every body at its origin (ground frame), all zero."""
        return opensim.VectorOfSpatialVec(self._bodies, self._nothing)

    def generalized(self, on_bodies: opensim.VectorOfSpatialVec) -> np.ndarray:
        """Generalized forces of forces on bodies, shape (U,); overwritten by the next call."""
        self._matter.multiplyBySystemJacobianTranspose(self.state, on_bodies, self._on_mobilities)
        return self._on_mobilities.to_numpy()

    def bodies(self) -> set[str]:
        """Names of the bodies that muscles touch."""
        points = {_base(point.getParentFrame()) for path in self._paths for point in path.getPathPointSet()}
        wraps = {_base(wrap.getWrapObject().getFrame()) for path in self._paths for wrap in path.getWrapSet()}
        return points | wraps

    def _check_paths(self, where: str) -> None:
        # Points that move in their bodies would put forces on mobilities beside those on bodies.
        for name, path in zip(self.names, self._paths, strict=True):
            points = {point.getConcreteClassName() for point in path.getPathPointSet()} if path else {"another path"}
            strange = points & {"MovingPathPoint", "another path"}
            if strange:
                raise unsupported("muscle paths over points that stay where they are", f"{name}: {strange}", where)


def _base(frame: opensim.PhysicalFrame) -> str:
    return frame.findBaseFrame().getName()


def _millard(model: opensim.Model, where: str):
    try:
        return export_muscles(model)
    except ConfigError as error:
        raise unsupported("Millard muscles", error.found, where, do="Set label_mode: opensim.") from error
