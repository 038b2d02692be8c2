"""Virtual sensors on a model whose coordinates are known functions of time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from gaitload.errors import ConfigError
from gaitload.imu.noise import MTI_1, PacketLoss
from gaitload.imu.virtual import SensorClock
from gaitload.mechanics.body_tree import Mechanism
from gaitload.mechanics.kinematics import body_poses, motion
from gaitload.models.sensors import load_sensors
from gaitload.opensim.export import export_mechanism
from gaitload.opensim.virtual_imu import at_mass_centres, ideal_imus, measured_imus

UP_GROUND = np.array([0.0, 9.80665, 0.0])
SWINGS = {
    "pelvis_ty": (0.95, 0.03, 12.0),
    "pelvis_tilt": (-0.1, 0.05, 12.0),
    "pelvis_rotation": (0.0, 0.1, 6.0),
    "hip_flexion_r": (0.2, 0.5, 6.0),
    "hip_adduction_r": (0.0, 0.1, 6.0),
    "knee_angle_r": (0.6, 0.5, 6.0),
    "ankle_angle_r": (0.0, 0.3, 12.0),
    "hip_flexion_l": (0.2, -0.5, 6.0),
    "lumbar_bending": (0.0, 0.1, 6.0),
}
"""Coordinate -> mean, amplitude (rad, m), circular frequency (rad/s)."""


@pytest.fixture(scope="module")
def mechanism(source) -> Mechanism:
    return export_mechanism(source.path)


@pytest.fixture(scope="module")
def placements(source):
    return load_sensors(source.sensors_path)


@pytest.fixture(scope="module")
def swinging(mechanism):
    """Times and coordinates with their exact first and second derivatives."""
    time_s = np.arange(201) / 100
    q = np.tile(mechanism.coordinates.default, (len(time_s), 1))
    u, udot = np.zeros_like(q), np.zeros_like(q)
    for name, (mean, amplitude, rate) in SWINGS.items():
        at = mechanism.coordinate_names.index(name)
        q[:, at] = mean + amplitude * np.sin(rate * time_s)
        u[:, at] = amplitude * rate * np.cos(rate * time_s)
        udot[:, at] = -amplitude * rate**2 * np.sin(rate * time_s)
    return time_s, q, u, udot


def test_sensors_feel_what_the_kernels_say_of_their_bodies(mechanism, placements, swinging):
    time_s, q, u, udot = swinging
    found = ideal_imus(mechanism, time_s, q, placements)
    rotation, _, rates = motion(mechanism.tree, q, u, udot, simbody_bias=False)
    for placement in placements:
        body = mechanism.bodies.index(placement.body)
        arm = rotation[:, body] @ placement.position_body_m
        spin, spin_rate = rates.angular_velocity[:, body], rates.angular_acceleration[:, body]
        force = UP_GROUND + rates.acceleration[:, body] + np.cross(spin_rate, arm) + np.cross(spin, np.cross(spin, arm))
        to_sensor = placement.rotation_sensor_body @ np.swapaxes(rotation[:, body], 1, 2)
        # Derivatives in closed form against splines through 100 Hz samples: within 1e-3 of the peak, ends included.
        acc, gyr = (np.einsum("tij,tj->ti", to_sensor, values) for values in (force, spin))
        recording = found[placement.name]
        assert np.abs(recording.acc_sensor_m_per_s2 - acc).max() < 1e-3 * np.abs(acc).max(), placement.name
        assert np.abs(recording.gyr_sensor_rad_per_s - gyr).max() < 1e-3 * np.abs(gyr).max(), placement.name


def test_sensors_at_the_mass_centres_feel_the_acceleration_of_the_segments(mechanism, placements, swinging):
    time_s, q, _, _ = swinging
    found = ideal_imus(mechanism, time_s, q, at_mass_centres(placements, mechanism))
    poses = body_poses(mechanism, q)
    for placement in placements:
        rotation, position = poses[placement.body]
        centre_m = position + rotation @ mechanism.tree.mass_center[mechanism.bodies.index(placement.body)]
        force = UP_GROUND + CubicSpline(time_s, centre_m)(time_s, 2)
        to_sensor = placement.rotation_sensor_body @ np.swapaxes(rotation, 1, 2)
        acc = np.einsum("tij,tj->ti", to_sensor, force)
        inside = slice(5, -5)  # Splines of a position and of a pose end differently.
        recording = found[placement.name]
        assert np.abs(recording.acc_sensor_m_per_s2 - acc)[inside].max() < 2e-3 * np.abs(acc).max(), placement.name


def test_poses_are_those_of_all_bodies_by_name(mechanism, swinging):
    _, q, _, _ = swinging
    poses = body_poses(mechanism, q)
    assert tuple(poses) == mechanism.bodies
    rotation, position = poses["pelvis"]
    assert rotation.shape == (len(q), 3, 3)
    assert position[:, 1] == pytest.approx(q[:, mechanism.coordinate_names.index("pelvis_ty")])


def test_each_real_sensor_draws_from_its_own_stream(mechanism, placements, swinging):
    time_s, q, _, _ = swinging
    options = {"noise": MTI_1, "loss": PacketLoss(0.01, 2.0), "clock": SensorClock(60.0, 0.3, 1e-4)}

    def measured(worn):
        return measured_imus(mechanism, time_s, q, worn, random=np.random.default_rng(9), **options)

    all_worn, first_two = measured(placements), measured(placements[:2])
    for name, recording in first_two.items():
        assert recording.orientation_wxyz.tobytes() == all_worn[name].orientation_wxyz.tobytes()
    assert all(recording.rate_hz == pytest.approx(60.0) for recording in all_worn.values())
    assert tuple(all_worn) == tuple(placement.name for placement in placements)


def test_a_sensor_on_no_body_of_the_model_is_refused(mechanism, placements, swinging):
    time_s, q, _, _ = swinging
    with pytest.raises(ConfigError, match=r"SENSOR_BODY.*tail"):
        ideal_imus(mechanism, time_s, q, [replace(placements[0], body="tail")])
