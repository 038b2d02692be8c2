"""Inverse kinematics of sensors: truth recovered, the least squared angle found, and what no sensor sees left alone."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import least_squares
from scipy.spatial.transform import Rotation

from gaitload.errors import ConfigError
from gaitload.mechanics.freedom import free_columns
from gaitload.mechanics.kinematics import body_poses
from gaitload.mechanics.orientation_kinematics import solve_orientations
from gaitload.opensim.export import export_mechanism

BODIES = ["pelvis", "femur_r", "tibia_r", "calcn_r", "femur_l", "tibia_l", "calcn_l", "torso"]
SEEN = ("pelvis_tilt", "pelvis_rotation", "hip_flexion_r", "hip_rotation_l", "knee_angle_r", "ankle_angle_l")
FRAMES = 6


@pytest.fixture(scope="module")
def model(model_of):
    """The default model as arrays."""
    return export_mechanism(model_of("rajagopal2015"))


@pytest.fixture(scope="module")
def stride(model) -> np.ndarray:
    """Coordinates (T, C) inside of their ranges, arms and translations at rest."""
    q = np.tile(model.coordinates.default, (FRAMES, 1))
    swing = np.linspace(0.1, 1.0, FRAMES)
    for name, amplitude in {
        "pelvis_tilt": 0.2,
        "pelvis_rotation": -0.3,
        "hip_flexion_r": 0.7,
        "hip_adduction_l": 0.2,
        "hip_rotation_l": 0.2,
        "knee_angle_r": 1.1,
        "knee_angle_l": 0.3,
        "ankle_angle_l": -0.3,
        "lumbar_bending": 0.2,
    }.items():
        q[:, model.coordinate_names.index(name)] = amplitude * swing
    return model.coordinates.slope * q[:, model.coordinates.leader] + model.coordinates.intercept


@pytest.fixture(scope="module")
def mountings() -> np.ndarray:
    """Sensors turned anyhow on their bodies."""
    return Rotation.random(len(BODIES), random_state=1).as_matrix()


def observed_of(model, q, mountings) -> np.ndarray:
    poses = body_poses(model, q)
    return np.stack([poses[body][0] @ mount for body, mount in zip(BODIES, mountings, strict=True)], axis=1)


def test_a_known_motion_is_recovered(model, stride, mountings):
    observed = observed_of(model, stride, mountings)
    found, errors = solve_orientations(model, observed, np.ones(len(BODIES)), bodies=BODIES, mountings=mountings)
    assert np.abs(found - stride).max() < 1e-7
    assert errors.max() < 1e-7


def test_the_squared_angle_is_as_small_as_a_general_solver_makes_it(model, stride, mountings):
    noise = Rotation.from_rotvec(np.random.default_rng(2).normal(0, 0.1, (FRAMES * len(BODIES), 3)))
    observed = noise.as_matrix().reshape(FRAMES, len(BODIES), 3, 3) @ observed_of(model, stride, mountings)
    weights = np.array([1.0, 1.0, 0.5, 0.25, 1.0, 0.5, 0.25, 2.0])
    found, errors = solve_orientations(model, observed, weights, bodies=BODIES, mountings=mountings)
    freedom = free_columns(model)

    def residuals(free, frame):
        q = stride[frame].copy()
        q[freedom.coordinate] = free
        q = model.coordinates.slope * q[model.coordinates.leader] + model.coordinates.intercept
        left = observed[frame] @ np.swapaxes(observed_of(model, q[None], mountings)[0], 1, 2)
        return (np.sqrt(weights)[:, None] * Rotation.from_matrix(left).as_rotvec()).ravel()

    for frame in (0, FRAMES - 1):
        bounds = freedom.lower - 1e-12, freedom.upper + 1e-12
        start = np.clip(stride[frame][freedom.coordinate], freedom.lower, freedom.upper)
        best = least_squares(residuals, start, args=(frame,), bounds=bounds, xtol=1e-12, ftol=1e-14, gtol=1e-12)
        assert np.sum(weights * errors[frame] ** 2) <= 2 * best.cost * (1 + 1e-6)
        for name in SEEN:
            place = model.coordinate_names.index(name)
            other = best.x[list(freedom.coordinate).index(place)]
            assert found[frame, place] == pytest.approx(other, abs=2e-4), name


def test_a_half_turn_between_model_and_sensor_is_measured_as_such(model, stride, mountings):
    bodies = [*BODIES, "pelvis"]
    mounted = np.concatenate([mountings, mountings[:1]])
    observed = observed_of(model, stride[:1], mountings)
    turned = Rotation.from_rotvec([0, 0, np.pi - 1e-9]).as_matrix() @ observed[0, 0]
    observed = np.concatenate([observed, turned[None, None]], axis=1)
    weights = np.array([1.0] * len(BODIES) + [0.0])
    _, errors = solve_orientations(model, observed, weights, bodies=bodies, mountings=mounted)
    assert errors[0, -1] == pytest.approx(np.pi, abs=1e-6)


def test_a_lost_sensor_leaves_its_coordinates_where_they_were(model, stride, mountings):
    observed = observed_of(model, stride, mountings)
    observed[3:, BODIES.index("calcn_l")] = np.nan
    found, errors = solve_orientations(model, observed, np.ones(len(BODIES)), bodies=BODIES, mountings=mountings)
    ankle = model.coordinate_names.index("ankle_angle_l")
    assert np.allclose(found[3:, ankle], found[2, ankle])
    assert np.isnan(errors[3:, BODIES.index("calcn_l")]).all()
    assert np.abs(found - stride)[:, model.coordinate_names.index("knee_angle_r")].max() < 1e-7


def test_frames_without_any_sensor_have_no_coordinates(model, stride, mountings):
    observed = observed_of(model, stride, mountings)
    observed[2] = np.nan
    found, errors = solve_orientations(model, observed, np.ones(len(BODIES)), bodies=BODIES, mountings=mountings)
    assert np.isnan(found[2]).all() and np.isnan(errors[2]).all()
    assert np.abs(found[3] - stride[3]).max() < 1e-7


def test_a_body_the_model_lacks_is_named(model, mountings):
    with pytest.raises(ConfigError, match="tail"):
        solve_orientations(model, np.zeros((1, 1, 3, 3)), np.ones(1), bodies=["tail"], mountings=mountings[:1])
