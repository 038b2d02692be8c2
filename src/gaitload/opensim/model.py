"""Opening models quietly, and making sure they have what their family promises."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import opensim

from gaitload.conventions import SIDES
from gaitload.errors import ConfigError, DataError
from gaitload.models.family import Family

# OpenSim warns about every mesh it cannot draw, some ninety lines a model; nothing here draws.
opensim.Logger.setLevelString("error")


def open_model(path: str | Path) -> opensim.Model:
    """Load an `.osim` file; raises `DataError` when OpenSim cannot."""
    try:
        return opensim.Model(str(path))
    except RuntimeError as error:
        raise DataError(
            expected="a model that OpenSim can open",
            found=str(error).splitlines()[0],
            where=str(path),
            do="Open it in the OpenSim GUI and mend what it reports.",
            code="MODEL_UNREADABLE",
        ) from error


def check_family(model: opensim.Model, family: Family, where: str) -> None:
    """Raise `ConfigError` naming every body, joint, muscle and coordinate of the family that the model lacks."""
    wanted = {
        "body": [family.pelvis_body]
        + [name for side in SIDES for name in (family.thigh(side), family.shank(side), family.foot(side))]
        + [name.format(side=side) for name in family.leg_bodies for side in SIDES]
        + [family.reaction(joint, side).body for joint in family.reactions for side in SIDES]
        + [centre.body.format(side=side) for centre in family.joint_centres.values() for side in SIDES],
        "joint": [family.reaction(joint, side).joint for joint in family.reactions for side in SIDES],
        "muscle": [name for group in family.muscle_groups for side in SIDES for name in family.muscles(group, side)],
        "coordinate": [f"{name}_{side}" for name in family.side_coordinates for side in SIDES]
        + list(family.pelvis_coordinates),
    }
    present = {
        "body": model.getBodySet(),
        "joint": model.getJointSet(),
        "muscle": model.getMuscles(),
        "coordinate": model.getCoordinateSet(),
    }
    missing = [
        f"{kind} {name}"
        for kind, names in wanted.items()
        for name in dict.fromkeys(names)
        if not present[kind].contains(name)
    ]
    if missing:
        raise ConfigError(
            expected="every name of the model's family",
            found=f"a model without {', '.join(missing)}",
            where=where,
            do="Set model_family to the family of this model, choose another model, or describe the family: "
            "docs/extend.md.",
            code="MODEL_FAMILY",
        )


def unsupported(expected: str, found: str, where: str, do: str = "Set engine: tools.") -> ConfigError:
    """An error to be raised: engine api cannot take a model or a setting."""
    return ConfigError(expected=expected, found=found, where=f"{where}, engine: api", do=do, code="ENGINE_UNSUPPORTED")


def free_coordinates(model: opensim.Model, state: opensim.State) -> list[str]:
    """Names of the coordinates that are neither locked nor dependent."""
    return [
        coordinate.getName()
        for coordinate in model.getCoordinateSet()
        if not coordinate.getLocked(state) and not coordinate.isDependent(state)
    ]


def tree_places(model: opensim.Model, state: opensim.State) -> np.ndarray:
    """Place of every coordinate, in the model's order, among the mobilities of the multibody tree, shape (C,).

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


def vector(values: Iterable[float]) -> opensim.Vec3:
    """A Simbody vector of three numbers."""
    return opensim.Vec3(*(float(value) for value in values))


def spatial_force(force: np.ndarray, moment: np.ndarray, at: np.ndarray) -> opensim.SpatialVec:
    """Moment about a point and force, of a force and a moment about the origin; shape (3,) each."""
    (fx, fy, fz), (mx, my, mz), (x, y, z) = force.tolist(), moment.tolist(), at.tolist()
    # numpy's cross product of two vectors takes longer than the dynamics of the whole body.
    turned = opensim.Vec3(mx - (y * fz - z * fy), my - (z * fx - x * fz), mz - (x * fy - y * fx))
    return opensim.SpatialVec(turned, opensim.Vec3(fx, fy, fz))


def array(values: opensim.Vec3) -> np.ndarray:
    """Three numbers of a Simbody vector, copied; shape (3,)."""
    return values.to_numpy()


def rotation_matrix(transform: opensim.Transform) -> np.ndarray:
    """Rotation of a Simbody transform, copied; shape (3, 3)."""
    rotation = transform.R()
    return np.array([[rotation.get(row, column) for column in range(3)] for row in range(3)])
