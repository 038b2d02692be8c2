"""How the bodies, joints and muscles of a model hang together, in plain words and numbers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import opensim

from gaitload.conventions import SIDES
from gaitload.models.family import Family
from gaitload.opensim.model import tree_places

SHARE_MIN = 0.01
"""Smaller shares are left out of the record."""


def describe_anatomy(model: opensim.Model, family: Family) -> dict:
    """What `gaitload.models.anatomy.Anatomy` is made from.

    Returns
    -------
    dict
        `bodies`: body -> `parent`, `joint` and `coordinates`; `crossed_joints`: muscle -> joints that its path spans;
        `capacity_share`: coordinate -> muscle -> share, in the default pose, of moment arm times maximum isometric
        force among the muscles that act in the same direction; `range`: coordinate -> its ends (rad, or m).
    """
    state = model.initSystem()
    bodies = {}
    for joint in model.getJointSet():
        child, parent = (frame.findBaseFrame().getName() for frame in (joint.getChildFrame(), joint.getParentFrame()))
        names = [joint.get_coordinates(index).getName() for index in range(joint.numCoordinates())]
        bodies[child] = {"parent": parent, "joint": joint.getName(), "coordinates": names}
    return {
        "bodies": bodies,
        "crossed_joints": {muscle.getName(): list(_crossed(muscle, bodies)) for muscle in model.getMuscles()},
        "capacity_share": _capacity_shares(model, state, family),
        "range": {one.getName(): [one.getRangeMin(), one.getRangeMax()] for one in model.getCoordinateSet()},
    }


def _crossed(muscle: opensim.Muscle, bodies: dict) -> Iterator[str]:
    """Joints between the bodies that a path touches."""
    path = opensim.GeometryPath.safeDownCast(muscle.getPath())
    frames = [point.getParentFrame() for point in path.getPathPointSet()]
    frames += [wrap.getWrapObject().getFrame() for wrap in path.getWrapSet()]
    lines = []
    for name in {frame.findBaseFrame().getName() for frame in frames}:
        line = [name]
        while line[-1] in bodies:
            line.append(bodies[line[-1]]["parent"])
        lines.append(set(line))
    spanned = set.union(*lines) - set.intersection(*lines)
    return (row["joint"] for body, row in bodies.items() if body in spanned)


def _capacity_shares(model: opensim.Model, state: opensim.State, family: Family) -> dict[str, dict[str, float]]:
    names = [f"{name}_{side}" for name in family.side_coordinates for side in SIDES]
    coordinates, places = model.getCoordinateSet(), tree_places(model, state)
    followers = family.drivers()
    rows = {name: [places[coordinates.getIndex(name)]] for name in names}
    for follower, driver in followers.items():
        if driver in rows:
            rows[driver].append(places[coordinates.getIndex(follower)])
    shares: dict[str, dict[str, float]] = {name: {} for name in names}
    model.realizePosition(state)
    moments = {muscle.getName(): _moments(model, state, muscle) for muscle in model.getMuscles()}
    for name in names:
        acting = {one: float(values[rows[name]].sum()) for one, values in moments.items()}
        for sign in (1.0, -1.0):
            total = sum(max(sign * value, 0.0) for value in acting.values())
            found = {one: round(sign * value / total, 4) for one, value in acting.items() if sign * value > 0.0}
            shares[name] |= {one: share for one, share in found.items() if share >= SHARE_MIN}
    return shares


def _moments(model: opensim.Model, state: opensim.State, muscle: opensim.Muscle) -> np.ndarray:
    """Generalized forces of the maximum isometric force along a path, in the order of the multibody tree."""
    zero = opensim.SpatialVec(opensim.Vec3(0), opensim.Vec3(0))
    on_bodies = opensim.VectorOfSpatialVec(model.getBodySet().getSize() + 1, zero)
    on_mobilities, generalized = opensim.Vector(state.getNU(), 0.0), opensim.Vector(state.getNU(), 0.0)
    path = opensim.GeometryPath.safeDownCast(muscle.getPath())
    path.addInEquivalentForces(state, muscle.getMaxIsometricForce(), on_bodies, on_mobilities)
    model.getMatterSubsystem().multiplyBySystemJacobianTranspose(state, on_bodies, generalized)
    return generalized.to_numpy().copy() + on_mobilities.to_numpy()
