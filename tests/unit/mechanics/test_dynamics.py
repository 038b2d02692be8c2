"""Kinematics and inverse dynamics against Simbody, at random states far beyond walking and running."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.mechanics.kinematics import empty_pose, motion, place
from gaitload.mechanics.newton_euler import inverse_dynamics
from mechanics_oracle import Oracle, random_motion

FRAMES = 12
UNLOADED = {"load_bodies": np.zeros(0, dtype=np.int64), "loads": np.zeros((FRAMES, 0, 6))}


@pytest.fixture(scope="module")
def oracle(model_path):
    """Model without muscles and actuators."""
    return Oracle(model_path, forces=False)


def test_bodies_are_where_simbody_has_them_and_as_fast(mechanism, oracle):
    q, u, udot = random_motion(mechanism, FRAMES)
    _, position, rates = motion(mechanism.tree, q, u, udot, simbody_bias=True)
    for frame in range(FRAMES):
        oracle.move_to(q[frame], u[frame])
        for body, name in enumerate(mechanism.bodies[1:], start=1):
            at, spin, velocity = oracle.body_motion(name)
            # Rounding of a dozen products: 1e-15 m, 1e-14 m/s; a thousand times that is allowed.
            assert position[frame, body] == pytest.approx(at, abs=1e-12)
            assert rates.angular_velocity[frame, body] == pytest.approx(spin, abs=1e-11)
            assert rates.velocity[frame, body] == pytest.approx(velocity, abs=1e-11)


def test_generalized_forces_are_those_of_simbody(mechanism, oracle):
    q, u, udot = random_motion(mechanism, FRAMES)
    ours = inverse_dynamics(mechanism, q, u, udot, **UNLOADED, simbody_bias=True)
    for frame in range(FRAMES):
        oracle.move_to(q[frame], u[frame])
        # Forces reach 1e4 N here; rounding leaves 3e-12.
        assert ours[frame] == pytest.approx(oracle.inverse_dynamics(udot[frame]), abs=1e-9)


def test_exact_accelerations_are_the_derivative_of_velocities(mechanism):
    q, u, udot = random_motion(mechanism, FRAMES)
    step = 1e-5

    def velocities(time):
        at, speed = q + u * time + udot * time**2 / 2, u + udot * time
        return motion(mechanism.tree, at, speed, udot, simbody_bias=False)[2]

    now, before, after = velocities(0.0), velocities(-step), velocities(step)
    for rate, value in ((now.angular_acceleration, "angular_velocity"), (now.acceleration, "velocity")):
        slope = (getattr(after, value) - getattr(before, value)) / (2 * step)
        # Central differences of speeds whose third derivatives reach 1e5: 1e5 step^2 / 6, and their rounding. The third
        # derivative of a spline jumps at its knots, which leaves more in single frames.
        assert np.median(np.abs(rate - slope)) < 1e-5
        assert np.abs(rate - slope).max() < 2e-2 * max(1.0, np.abs(slope).max() / 100)


def test_simbody_departs_from_the_exact_tibia_by_one_term_only(mechanism):
    """Second times third turn of the knee, along their axes' cross product."""
    q, u, udot = random_motion(mechanism, FRAMES)
    exact = motion(mechanism.tree, q, u, udot, simbody_bias=False)[2]
    simbody = motion(mechanism.tree, q, u, udot, simbody_bias=True)[2]
    departed = np.abs(exact.angular_acceleration - simbody.angular_acceleration).max(axis=(0, 2))
    knees = {"tibia_r", "tibia_l", "talus_r", "talus_l", "calcn_r", "calcn_l", "toes_r", "toes_l"}
    assert {mechanism.bodies[index] for index in np.flatnonzero(departed > 1e-9)} == knees
    tree, tibia = mechanism.tree, mechanism.bodies.index("tibia_r")
    joint, pose = tibia - 1, empty_pose(tree)
    turns = [axis for axis in range(*tree.axis_start[joint : joint + 2]) if tree.axis_slot[axis] > 0]
    for frame in range(FRAMES):
        place(tree, q[frame], pose)
        second, third = (pose.slope[axis] * u[frame, tree.axis_coordinate[axis]] * pose.axis[axis] for axis in turns)
        term = simbody.angular_acceleration[frame, tibia] - exact.angular_acceleration[frame, tibia]
        assert term == pytest.approx(np.cross(third, second), abs=1e-9)


def test_a_load_is_felt_as_its_virtual_work(mechanism):
    """A force at rest: the generalized force is minus the power of the force at unit speeds."""
    generator = np.random.default_rng(1)
    q = random_motion(mechanism, 1)[0]
    body = mechanism.bodies.index("toes_r")
    force, couple, point = generator.normal(size=(3, 3))
    rest = np.zeros_like(q)
    load = np.concatenate([force, couple + np.cross(point, force)])[None, None]
    forces = [
        inverse_dynamics(mechanism, q, rest, rest, load_bodies=[body], loads=scale * load, simbody_bias=False)[0]
        for scale in (0.0, 1.0)
    ]
    for coordinate in range(q.shape[1]):
        speeds = np.eye(q.shape[1])[coordinate][None]
        _, position, rates = motion(mechanism.tree, q, speeds, rest, simbody_bias=False)
        spin = rates.angular_velocity[0, body]
        velocity = rates.velocity[0, body] + np.cross(spin, point - position[0, body])
        assert (forces[0] - forces[1])[coordinate] == pytest.approx(force @ velocity + couple @ spin, abs=1e-10)
