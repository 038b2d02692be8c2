"""What a motion shows to cameras and demands of the ground and of the joints.

A motion is a `Table` of coordinates (rad, m) whose names are those of the model; coordinates it does not name stay at
their defaults. All arrays of time share its clock.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import opensim
from scipy.interpolate import make_interp_spline

from gaitload.conventions import SIDES
from gaitload.io.sto import Table
from gaitload.models.family import Family
from gaitload.opensim.model import array, vector

_SPLINE_DEGREE = 5
"""Of the interpolation that accelerations are taken from: a quintic's are as smooth as a cubic's positions."""


def marker_trajectories(model: opensim.Model, motion: Table) -> tuple[tuple[str, ...], np.ndarray]:
    """Names of the model's markers, and where they are: shape (T, M, 3), ground frame, m."""
    markers = [model.getMarkerSet().get(index) for index in range(model.getMarkerSet().getSize())]
    places = [[array(marker.getLocationInGround(state)) for marker in markers] for state, _ in poses(model, motion)]
    return tuple(marker.getName() for marker in markers), np.array(places)


def demanded_wrench(model: opensim.Model, motion: Table, family: Family) -> tuple[np.ndarray, np.ndarray]:
    """The one wrench on the person that makes a motion possible without a hand on the pelvis.

    Inverse dynamics without external forces leaves generalized forces on the six coordinates between ground and pelvis.
    They are expressed as the force and the moment on the person that do the same.

    Parameters
    ----------
    model
        Without forces of its own (muscles, actuators); it weighs what gravity says.
    motion
    family

    Returns
    -------
    force_n, moment_nm : ndarray, shape (T, 3)
        Ground frame; moment about its origin.
    """
    solver = opensim.InverseDynamicsSolver(model)
    pelvis = model.getBodySet().get(family.pelvis_body)
    order = coordinate_order(model)
    rows = [order.index(name) for name in family.pelvis_coordinates]
    units = np.eye(6).reshape(6, 2, 3)
    wrenches = []
    for state, acceleration in poses(model, motion):
        residual = solver.solve(state, acceleration).to_numpy()[rows]
        effects = np.array([generalized(model, state, pelvis, force, moment)[rows] for force, moment in units])
        wrenches.append(np.linalg.solve(effects.T, residual))
    return np.array(wrenches)[:, :3], np.array(wrenches)[:, 3:]


def joint_forces(
    model: opensim.Model, motion: Table, family: Family, foot_force_n: np.ndarray, foot_moment_nm: np.ndarray
) -> Table:
    """Generalized forces (N m, N) that muscles must deliver while the ground pushes the feet.

    Parameters
    ----------
    model, motion, family
        As in `demanded_wrench`.
    foot_force_n, foot_moment_nm : ndarray, shape (T, 2, 3)
        Ground frame; moment about its origin; axis 1 runs over `SIDES`.

    Returns
    -------
    Table
        One column per coordinate, with forces on dependent coordinates added to those that drive them.
    """
    solver = opensim.InverseDynamicsSolver(model)
    feet = [model.getBodySet().get(family.foot(side)) for side in SIDES]
    order = coordinate_order(model)
    forces = np.empty((len(motion.time_s), len(order)))
    for frame, (state, acceleration) in enumerate(poses(model, motion)):
        pushed = [
            generalized(model, state, foot, force, moment)
            for foot, force, moment in zip(feet, foot_force_n[frame], foot_moment_nm[frame], strict=True)
        ]
        forces[frame] = solver.solve(state, acceleration).to_numpy() - np.sum(pushed, axis=0)
    for dependent, driver in family.drivers().items():
        forces[:, order.index(driver)] += forces[:, order.index(dependent)]
    return Table(tuple(order), motion.time_s, forces)


def poses(model: opensim.Model, motion: Table) -> Iterator[tuple[opensim.State, opensim.Vector]]:
    """Frame by frame a state with positions and velocities, and the accelerations that go with it."""
    state = model.initSystem()
    order = coordinate_order(model)
    values = np.tile(state.getQ().to_numpy(), (len(motion.time_s), 1))
    values[:, [order.index(name) for name in motion.names]] = motion.values
    spline = make_interp_spline(motion.time_s, values, k=_SPLINE_DEGREE)
    speeds, accelerations = (spline.derivative(order)(motion.time_s) for order in (1, 2))
    for row in zip(values, speeds, accelerations, strict=True):
        q, u, acceleration = (opensim.Vector.createFromMat(np.ascontiguousarray(values)) for values in row)
        state.setQ(q)
        state.setU(u)
        model.realizeVelocity(state)
        yield state, acceleration


def coordinate_order(model: opensim.Model) -> list[str]:
    """Names of the coordinates in the order of the state's q and u."""
    names = model.getCoordinateNamesInMultibodyTreeOrder()
    return [str(names.getElt(index)) for index in range(names.size())]


def generalized(
    model: opensim.Model, state: opensim.State, body: opensim.Body, force_n: np.ndarray, moment_nm: np.ndarray
) -> np.ndarray:
    """What a wrench on a body (ground frame, moment about its origin; shapes (3,)) does to each coordinate: (C,)."""
    origin = array(body.getPositionInGround(state))
    wrench = opensim.SpatialVec(vector(moment_nm - np.cross(origin, force_n)), vector(force_n))
    forces = opensim.Vector()
    model.getMatterSubsystem().multiplyByFrameJacobianTranspose(
        state, body.getMobilizedBodyIndex(), opensim.Vec3(0), wrench, forces
    )
    return forces.to_numpy()
