"""Residual reduction finds masses that were changed, and stays within its bounds."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.mechanics.newton_euler import inverse_dynamics
from gaitload.mechanics.residuals import reduce_residuals, with_mass_share

SHARE, TRUNK_M = 0.03, 0.02


@pytest.fixture(scope="module")
def swaying(mechanism):
    """A motion of the whole body with an upright pelvis, and which coordinates and bodies it takes."""
    time = np.linspace(0.0, 1.0, 40)[:, None]
    rates = np.linspace(3.0, 9.0, len(mechanism.coordinate_names))
    free = np.array([not locked for locked in mechanism.coordinates.locked])
    q = np.where(free, mechanism.coordinates.default + 0.15 * np.sin(rates * time), mechanism.coordinates.default)
    u, a = (
        np.where(free, 0.15 * rates * np.cos(rates * time), 0.0),
        np.where(free, -0.15 * rates**2 * np.sin(rates * time), 0),
    )
    names = mechanism.coordinate_names
    residuals = (
        [names.index(f"pelvis_t{axis}") for axis in "xyz"],
        [names.index(f"pelvis_{turn}") for turn in ("tilt", "list", "rotation")],
    )
    return (q, u, a), residuals, mechanism.bodies.index("pelvis"), mechanism.bodies.index("torso")


def loads_of(mechanism, motion, residuals, pelvis):
    """External loads on the pelvis under which this very body has no residuals."""
    zero = np.zeros((len(motion[0]), 1, 6))
    given = {"load_bodies": np.array([pelvis]), "simbody_bias": False}
    base = inverse_dynamics(mechanism, *motion, loads=zero, **given)
    columns = [*residuals[0], *residuals[1]]
    slopes = []
    for axis in range(6):
        unit = zero.copy()
        unit[:, 0, axis] = 1.0
        slopes.append(inverse_dynamics(mechanism, *motion, loads=unit, **given)[:, columns] - base[:, columns])
    exact = np.linalg.solve(np.stack(slopes, axis=2), -base[:, columns][..., None])[..., 0]
    return exact[:, None, :]


def reduced(model, motion, residuals, pelvis, trunk, loads):
    return reduce_residuals(
        model,
        motion,
        load_bodies=np.array([pelvis]),
        loads=loads,
        residuals=residuals,
        trunk=trunk,
        mass_share=SHARE,
        trunk_m=TRUNK_M,
        height_m=0.9,
    )


def test_a_body_without_residuals_is_left_as_it_is(mechanism, swaying):
    motion, residuals, pelvis, trunk = swaying
    found = reduced(mechanism, *swaying[:2], pelvis, trunk, loads_of(mechanism, motion, residuals, pelvis))
    np.testing.assert_allclose(found.mass_share, 0.0, atol=1e-8)
    np.testing.assert_allclose(found.trunk_shift_m, 0.0, atol=1e-8)


@pytest.mark.parametrize("wrong", [0.02, 0.2])
def test_wrong_masses_are_made_good_within_the_bounds_and_the_body_stays_as_heavy(mechanism, swaying, wrong):
    motion, residuals, pelvis, trunk = swaying
    loads = loads_of(mechanism, motion, residuals, pelvis)
    share = np.zeros(len(mechanism.bodies))
    share[trunk] = wrong
    share[mechanism.bodies.index("femur_r")] = share[mechanism.bodies.index("femur_l")] = (
        -wrong * mechanism.tree.mass_kg[trunk] / (2 * mechanism.tree.mass_kg[mechanism.bodies.index("femur_r")])
    )
    found = reduced(with_mass_share(mechanism, share), motion, residuals, pelvis, trunk, loads)
    assert found.force_n[1] < found.force_n[0]
    assert found.moment_nm[1] < found.moment_nm[0]
    assert np.abs(found.mass_share).max() <= SHARE + 1e-12
    assert np.abs(found.trunk_shift_m).max() <= TRUNK_M + 1e-12
    assert found.mass_share[trunk] < 0.0
    masses = with_mass_share(mechanism, share).tree.mass_kg
    assert found.mass_share @ masses == pytest.approx(0.0, abs=1e-3 * masses.sum())
    right, left = (found.mass_share[mechanism.bodies.index(f"femur_{side}")] for side in "rl")
    assert right == left
