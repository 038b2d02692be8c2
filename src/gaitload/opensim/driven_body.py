"""The bodies of a model without its muscles: what a motion demands of them, and what their joints bear."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import opensim

from gaitload.opensim.model import array


class DrivenBody:
    """A model whose muscles are replaced by a force and a moment on every body they touch, posed frame by frame.

    Joint reactions of the model with its muscles are the same, but realizing its paths again and overriding every
    muscle costs three times as much.

    Parameters
    ----------
    model : opensim.Model
        Not initialised yet; taken over and changed.
    joints : iterable of str
        Those whose reactions are wanted.
    loaded : iterable of str
        Bodies that bear forces.
    """

    def __init__(self, model: opensim.Model, joints: Iterable[str], loaded: Iterable[str]) -> None:
        forces = model.updForceSet()
        for index in reversed(range(forces.getSize())):
            if opensim.Muscle.safeDownCast(forces.get(index)):
                forces.remove(index)
        pulls = {name: _pull_on(model.getBodySet().get(name)) for name in sorted(set(loaded) - {"ground"})}
        for pull in pulls.values():
            model.addForce(pull)
        model.finalizeConnections()
        self.model, self.state = model, model.initSystem()
        first, count = {}, 0
        for actuator in model.getActuators():
            first[actuator.getName()] = count
            count += actuator.numControls()
        self._controls, self._rest = np.zeros(count), opensim.Vector(count, 0.0)
        self._first_of_body = {
            int(model.getBodySet().get(name).getMobilizedBodyIndex()): first[pull.getName()]
            for name, pull in pulls.items()
        }
        cast = [opensim.CoordinateActuator.safeDownCast(actuator) for actuator in model.getActuators()]
        self.actuators = [actuator for actuator in cast if actuator]
        self._first_of_actuator = np.array([first[actuator.getName()] for actuator in self.actuators])
        self._solver = opensim.InverseDynamicsSolver(model)
        self._joints = [model.getJointSet().get(name) for name in joints]
        self._children = [joint.getChildFrame().findBaseFrame() for joint in self._joints]

    def pose(self, time_s: float, q: opensim.Vector, u: opensim.Vector) -> None:
        """Take coordinates and speeds, in the order of the multibody tree; nothing pulls."""
        self.state.setTime(time_s)
        self.state.setQ(q)
        self.state.setU(u)
        self.model.realizeVelocity(self.state)
        self.model.setControls(self.state, self._rest)

    def demanded(self, udot: opensim.Vector) -> np.ndarray:
        """Generalized forces that accelerations demand while nothing pulls, shape (U,), in the order of the tree."""
        return self._solver.solve(self.state, udot).to_numpy().copy()

    def reactions(self, on_bodies: opensim.VectorOfSpatialVec, controls: np.ndarray) -> np.ndarray:
        """Reactions of joints on their children, shape (J, 6).

        Force and moment (N, N m) at the joint, in the base frame of the child.

        Parameters
        ----------
        on_bodies
            Moment and force on every body at its origin, ground frame (N m, N).
        controls : ndarray, shape (A,)
            Of `actuators`.
        """
        for body, first in self._first_of_body.items():
            spatial = on_bodies.get(body)
            self._controls[first : first + 3] = array(spatial.get(0))
            self._controls[first + 3 : first + 6] = array(spatial.get(1))
        self._controls[self._first_of_actuator] = controls
        self.model.realizeVelocity(self.state)
        self.model.setControls(self.state, opensim.Vector.createFromMat(self._controls))
        self.model.realizeAcceleration(self.state)
        ground, found = self.model.getGround(), np.empty((len(self._joints), 6))
        for row, joint, child in zip(found, self._joints, self._children, strict=True):
            reaction = joint.calcReactionOnChildExpressedInGround(self.state)
            row[:3] = array(ground.expressVectorInAnotherFrame(self.state, reaction.get(1), child))
            row[3:] = array(ground.expressVectorInAnotherFrame(self.state, reaction.get(0), child))
        return found


def _pull_on(body: opensim.Body) -> opensim.BodyActuator:
    pull = opensim.BodyActuator()
    pull.setName(f"pull_{body.getName()}")
    pull.setBody(body)
    pull.set_point_is_global(False)
    pull.set_spatial_force_is_global(True)
    return pull
