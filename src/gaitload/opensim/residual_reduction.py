"""Bounded residual reduction of one trial: masses of its model are changed, and their effect is recorded."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gaitload.errors import ConfigError
from gaitload.io.forces import read_foot_forces
from gaitload.mechanics.body_tree import Mechanism
from gaitload.mechanics.kinematics import empty_pose, place
from gaitload.mechanics.residuals import Adjustment, reduce_residuals
from gaitload.models.family import Family
from gaitload.opensim.engines.compiled import coordinates_of, foot_loads
from gaitload.opensim.export import export_mechanism
from gaitload.opensim.model import open_model, vector
from gaitload.signals.derivatives import derivative


def adjust_masses(
    model: Path, family: Family, folder: Path, known_s: list[tuple[float, float]], *, settings: dict, where: str
) -> dict:
    """Change masses and trunk centre of mass of a model in place, within the bounds of the settings.

    A force that is not known leaves a residual which no mass explains: frames of such forces do not count. Without any
    other frame the model stays as it is.

    Parameters
    ----------
    model
        The `.osim` file, rewritten.
    folder
        Holds `coordinates.mot` and `forces.mot`, filtered.
    known_s
        `(first, last)` times in which all forces are known.
    settings
        Fields of `gaitload.config.motion.Loads`.

    Returns
    -------
    dict
        `frames`: how many counted; `bounds`; and with any frame `mass_share`: body -> change as a share of its mass;
        `trunk`, `trunk_shift_m`; `force_rms_n`, `moment_rms_nm`: residuals before and after.

    Raises
    ------
    ConfigError
        MODEL_FAMILY: no trunk stands on the pelvis.
    """
    mechanism = export_mechanism(model)
    time_s, q = coordinates_of(folder / "coordinates.mot", mechanism, where)
    forces = read_foot_forces(folder / "forces.mot")
    inside = np.zeros(len(time_s), dtype=bool)
    for first, last in known_s:
        inside |= (time_s >= first - 1e-6) & (time_s <= last + 1e-6)
    pelvis = mechanism.bodies.index(family.pelvis_body)
    trunk = _trunk(mechanism, family, pelvis, where)
    bounds = {"mass_share": settings["residual_mass_share"], "trunk_m": settings["residual_trunk_m"]}
    counted = {"frames": int(inside.sum()), "bounds": bounds}
    if not inside.any():
        return counted
    found = reduce_residuals(
        mechanism,
        [values[inside] for values in (q, derivative(q, time_s), derivative(q, time_s, order=2))],
        **foot_loads(mechanism, family, forces, time_s[inside]),
        residuals=tuple(
            [mechanism.coordinate_names.index(name) for name in names]
            for names in (family.residual_forces, family.residual_moments)
        ),
        trunk=trunk,
        height_m=_pelvis_height_m(mechanism, q[inside][0], pelvis),
        **bounds,
    )
    _write(model, mechanism, found, trunk)
    return counted | {
        "mass_share": dict(zip(mechanism.bodies, found.mass_share.tolist(), strict=True)),
        "trunk": mechanism.bodies[trunk],
        "trunk_shift_m": found.trunk_shift_m.tolist(),
        "force_rms_n": list(found.force_n),
        "moment_rms_nm": list(found.moment_nm),
    }


def _write(path: Path, mechanism: Mechanism, found: Adjustment, trunk: int) -> None:
    """Rewrite a model with the masses and the trunk centre of mass of an adjustment."""
    model = open_model(path)
    for name, share in zip(mechanism.bodies, found.mass_share.tolist(), strict=True):
        if share:
            model.updBodySet().get(name).scaleMass(1 + share)
    center = vector(mechanism.tree.mass_center[trunk] + found.trunk_shift_m)
    model.updBodySet().get(mechanism.bodies[trunk]).setMassCenter(center)
    model.printToXML(str(path))


def _trunk(mechanism: Mechanism, family: Family, pelvis: int, where: str) -> int:
    """Body on the pelvis that belongs to no leg."""
    for body, parent in enumerate(mechanism.tree.parent.tolist(), start=1):
        if parent == pelvis and not family.is_leg(mechanism.bodies[body]):
            return body
    raise ConfigError(
        expected="a model with a trunk on its pelvis, which residual reduction moves",
        found=f"no body on {family.pelvis_body} but those of the legs",
        where=where,
        do="Set loads.residual_reduction: none, or choose a model with a trunk.",
        code="MODEL_FAMILY",
    )


def _pelvis_height_m(mechanism: Mechanism, q: np.ndarray, pelvis: int) -> float:
    """Height of the pelvis (m) in one frame; the centre of mass lies near it."""
    pose = empty_pose(mechanism.tree)
    place(mechanism.tree, np.ascontiguousarray(q), pose)
    return float(pose.position[pelvis, 1])
