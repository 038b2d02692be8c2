"""Bounded residual reduction: masses of the segments and the trunk's centre of mass, changed within stated bounds.

Residual force and moment at the pelvis are linear in the masses and in the first moment of the trunk. The best
adjustment within bounds is therefore a linear least squares problem. The motion stays as it was measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import lsq_linear

from gaitload.mechanics.body_tree import Mechanism
from gaitload.mechanics.newton_euler import inverse_dynamics

RESTRAINT = 0.003
"""Root mean square residual, in body weights, by which an adjustment at its bound has to improve. A larger value keeps
masses that hardly affect the residuals unchanged."""
WHOLE = 100.0
"""Penalty on a change of the total mass, in body weights for a change by all of it. It is so large that the total mass
stays."""


@dataclass(frozen=True)
class Adjustment:
    """Changes of the masses, and the residuals before and after them.

    Attributes
    ----------
    mass_share : ndarray, shape (B,)
        Change of the mass of each body, as a share of it.
    trunk_shift_m : ndarray, shape (3,)
        Shift of the trunk's centre of mass, in the trunk's frame.
    force_n, moment_nm : tuple of float
        Root mean square of the residual force and moment, before and after.
    """

    mass_share: np.ndarray
    trunk_shift_m: np.ndarray
    force_n: tuple[float, float]
    moment_nm: tuple[float, float]


def reduce_residuals(
    mechanism: Mechanism,
    motion: Sequence[np.ndarray],
    *,
    load_bodies: np.ndarray,
    loads: np.ndarray,
    residuals: tuple[Sequence[int], Sequence[int]],
    trunk: int,
    mass_share: float,
    trunk_m: float,
    height_m: float,
) -> Adjustment:
    """Masses and trunk centre of mass that leave the least residuals, within bounds.

    Both sides are changed alike. The body mass and the radii of gyration stay.

    Parameters
    ----------
    motion
        Coordinates, speeds and accelerations, each of shape (T, C).
    load_bodies, loads
        See `gaitload.mechanics.newton_euler.inverse_dynamics`.
    residuals
        Coordinates of the residual forces, and those of the residual moments.
    trunk
        Body whose centre of mass may move.
    mass_share, trunk_m
        Bounds: a share of each mass, and metres along each axis of the trunk.
    height_m
        Height of the centre of mass. Residual moments count as forces at that distance.
    """
    forces, moments = map(list, residuals)
    weight_n = float(mechanism.tree.mass_kg.sum() * np.linalg.norm(mechanism.tree.gravity))

    def residuals_of(changed: Mechanism) -> np.ndarray:
        found = inverse_dynamics(changed, *motion, load_bodies=load_bodies, loads=loads, simbody_bias=False)
        scaled = np.concatenate([found[:, forces] / weight_n, found[:, moments] / (weight_n * height_m)], axis=1)
        return scaled.ravel() / np.sqrt(len(found))

    groups = _by_pair(mechanism)
    steps = [_heavier(mechanism, bodies, mass_share) for bodies in groups]
    steps += [_moved(mechanism, trunk, trunk_m * axis) for axis in np.eye(3)]
    before = residuals_of(mechanism)
    slopes = np.stack([residuals_of(step) - before for step in steps], axis=1)
    masses = [mechanism.tree.mass_kg[bodies].sum() * mass_share for bodies in groups]
    whole = WHOLE * np.array([*masses, 0.0, 0.0, 0.0]) / mechanism.tree.mass_kg.sum()
    rows = np.vstack([slopes, RESTRAINT * np.eye(len(steps)), whole])
    wanted = np.concatenate([-before, np.zeros(len(steps) + 1)])
    best = lsq_linear(rows, wanted, bounds=(-1.0, 1.0)).x
    share = np.zeros(len(mechanism.bodies))
    for bodies, step in zip(groups, best, strict=False):
        share[bodies] = step * mass_share
    shift_m = trunk_m * best[len(groups) :]
    after = residuals_of(_moved(with_mass_share(mechanism, share), trunk, shift_m))
    sizes = [_sizes(values, len(forces), weight_n, height_m) for values in (before, after)]
    return Adjustment(share, shift_m, *zip(*sizes, strict=True))


def with_mass_share(mechanism: Mechanism, share: np.ndarray) -> Mechanism:
    """A mechanism whose bodies are heavier by a share of their mass, (B,), with unchanged radii of gyration."""
    tree = mechanism.tree
    mass_kg, inertia = tree.mass_kg * (1 + share), tree.inertia * (1 + share)[:, None, None]
    return replace(mechanism, tree=tree._replace(mass_kg=mass_kg, inertia=inertia))


def _heavier(mechanism: Mechanism, bodies: list[int], step: float) -> Mechanism:
    share = np.zeros(len(mechanism.bodies))
    share[bodies] = step
    return with_mass_share(mechanism, share)


def _moved(mechanism: Mechanism, body: int, shift_m: np.ndarray) -> Mechanism:
    center = mechanism.tree.mass_center.copy()
    center[body] += shift_m
    return replace(mechanism, tree=mechanism.tree._replace(mass_center=center))


def _by_pair(mechanism: Mechanism) -> list[list[int]]:
    """Groups of bodies that have a mass; left and right share a group."""
    groups: dict[str, list[int]] = {}
    for index, name in enumerate(mechanism.bodies):
        if mechanism.tree.mass_kg[index] > 0:
            groups.setdefault(name.removesuffix("_r").removesuffix("_l"), []).append(index)
    return list(groups.values())


def _sizes(values: np.ndarray, forces: int, weight_n: float, height_m: float) -> tuple[float, float]:
    """Root mean square residual force (N) and moment (N m) of scaled residuals."""
    rows = values.reshape(-1, 2 * forces)
    force, moment = (np.sqrt((part**2).sum()) for part in (rows[:, :forces], rows[:, forces:]))
    return float(force * weight_n), float(moment * weight_n * height_m)
