"""OpenSim's own API on the same states: the oracle of every kernel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import opensim

from gaitload.mechanics.body_tree import Mechanism
from gaitload.opensim.model import array, open_model


class Oracle:
    """A model whose coordinates can all be set, locked, coupled and clamped ones too."""

    def __init__(self, path: str | Path, *, forces: bool = True):
        self.model = open_model(path)
        for coordinate in self.model.updCoordinateSet():
            coordinate.set_locked(False)
            coordinate.set_clamped(False)
        if not forces:
            forces = self.model.updForceSet()
            for index in range(forces.getSize() - 1, -1, -1):
                forces.remove(index)
        self.state = self.model.initSystem()
        self.muscles = [opensim.Millard2012EquilibriumMuscle.safeDownCast(muscle) for muscle in self.model.getMuscles()]
        self.places = self._places()

    def _places(self) -> list[int]:
        """Place of every coordinate among Simbody's."""
        places = []
        for coordinate in self.model.getCoordinateSet():
            old, before = coordinate.getValue(self.state), self.state.getQ().to_numpy().copy()
            coordinate.setValue(self.state, old + 1e-3, False)
            after = self.state.getQ().to_numpy().copy()
            coordinate.setValue(self.state, old, False)
            places.append(int(np.abs(after - before).argmax()))
        return places

    def ordered(self, values: np.ndarray) -> opensim.Vector:
        """Values by coordinate as Simbody orders them."""
        vector = opensim.Vector(len(self.places), 0.0)
        for place, value in zip(self.places, values, strict=True):
            vector[place] = float(value)
        return vector

    def move_to(self, q: np.ndarray, u: np.ndarray) -> opensim.State:
        """The state at these coordinates and speeds, realized to velocities."""
        self.state.setQ(self.ordered(q))
        self.state.setU(self.ordered(u))
        self.model.realizeVelocity(self.state)
        return self.state

    def body_motion(self, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Position, angular velocity and velocity of a body's frame in the ground frame."""
        body = self.model.getBodySet().get(name)
        velocity = body.getVelocityInGround(self.state)
        transform = body.getTransformInGround(self.state)
        return array(transform.p()), array(velocity.get(0)), array(velocity.get(1))

    def inverse_dynamics(self, udot: np.ndarray) -> np.ndarray:
        """Generalized forces, by coordinate, at the present state."""
        solver = opensim.InverseDynamicsSolver(self.model)
        forces = solver.solve(self.state, self.ordered(udot))
        return np.array([forces[place] for place in self.places])


def random_motion(mechanism: Mechanism, frames: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Coordinates over most of the joints' ranges, with speeds and accelerations of a sprint; each (T, C)."""
    generator = np.random.default_rng(seed)
    coordinates = mechanism.coordinates
    shape = (frames, len(coordinates.default))
    low, high = np.maximum(coordinates.lower, -0.7), np.minimum(coordinates.upper, 1.4)
    low, high = np.minimum(low, high), np.maximum(low, high)
    q = low + (high - low) * generator.uniform(0.0, 1.0, shape)
    return q, generator.normal(0.0, 4.0, shape), generator.normal(0.0, 50.0, shape)
