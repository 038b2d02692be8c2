"""The installed model with the table of published changes is the published model, as far as muscles are concerned."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.mechanics.body_tree import Mechanism
from gaitload.mechanics.curves import capacities
from gaitload.mechanics.freedom import free_columns
from gaitload.mechanics.moment_arms import muscle_geometry
from gaitload.models.registry import find_model
from gaitload.opensim.export import export_mechanism

POSES = 60


@pytest.fixture(scope="module")
def models(shared) -> tuple[Mechanism, Mechanism]:
    """The model made here, and the published one."""
    published = shared.parent / "models" / "RajagopalLaiUhlrich2023.osim"
    if not published.is_file():
        pytest.skip(f"{published} is not here")
    return export_mechanism(find_model("rajagopal2023").path), export_mechanism(published)


@pytest.fixture(scope="module")
def geometry(models):
    """Lengths, moment arms and passive forces of both models in the same random poses of the legs."""
    random, found = np.random.default_rng(5), []
    reach = {"hip_flexion": 60, "hip_adduction": 20, "hip_rotation": 20, "ankle_angle": 30, "subtalar_angle": 15}
    angles = {
        f"{name}_{side}": np.radians(random.uniform(-most, most, POSES))
        for name, most in reach.items()
        for side in "rl"
    }
    angles |= {f"knee_angle_{side}": np.radians(random.uniform(0, 110, POSES)) for side in "rl"}
    for model in models:
        q = np.tile(model.coordinates.default, (POSES, 1))
        for name, values in angles.items():
            q[:, model.coordinate_names.index(name)] = values
        q = model.coordinates.slope * q[:, model.coordinates.leader] + model.coordinates.intercept
        length, speed, arms = muscle_geometry(model, q, np.zeros_like(q), balanced=True)
        still = np.zeros(len(model.muscle_names), dtype=bool)
        _, passive = capacities(model.muscles, length, speed, true_pennation=True, force_velocity=still)
        order = [model.muscle_names.index(name) for name in models[1].muscle_names]
        legs = [model.coordinate_names.index(name) for name in angles]
        found.append(
            (length[:, order], arms[:, order][:, :, legs], passive[:, order] / model.muscles.force_max_n[order])
        )
    return found


def test_lengths_are_the_published_ones(geometry):
    (ours, _, _), (theirs, _, _) = geometry
    assert np.abs(ours - theirs).max() < 1e-6


def test_moment_arms_are_the_published_ones(geometry):
    (_, ours, _), (_, theirs, _) = geometry
    assert np.abs(ours - theirs).max() < 1e-6


def test_passive_forces_are_the_published_ones(geometry):
    """To the figures of the table: left and right were calibrated apart and differ in the fifth."""
    (_, _, ours), (_, _, theirs) = geometry
    strong = np.maximum(theirs, 0.1)
    assert (np.abs(ours - theirs) / strong).max() < 2e-3


def test_ranges_are_wider_than_the_installed_models(models):
    ours, _ = models
    installed = export_mechanism(find_model("rajagopal2015").path)
    for model, most in ((installed, 30), (ours, 50)):
        limits = free_columns(model)
        ankle = list(limits.coordinate).index(model.coordinate_names.index("ankle_angle_r"))
        assert np.degrees(limits.upper[ankle]) == pytest.approx(most, abs=0.01)
