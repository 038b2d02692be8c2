"""Joint reactions against Simbody: a body that falls under muscle forces."""

from __future__ import annotations

import numpy as np
import pytest

from kernels_by_hand import joint_reactions
from mechanics_oracle import Oracle, random_motion

FRAMES = 5
NO_LOADS = {"load_bodies": np.zeros(0, dtype=np.int64), "loads": np.zeros((FRAMES, 0, 6))}


def test_reactions_are_those_of_simbody(mechanism, model_path):
    """OpenSim finds the accelerations that muscles cause; with them, every joint passes on what OpenSim says."""
    oracle = Oracle(model_path)
    oracle.disable_actuators()
    generator = np.random.default_rng(8)
    tension = generator.uniform(0.0, 800.0, (FRAMES, len(mechanism.muscle_names)))
    coordinates = mechanism.coordinates
    q, u, udot = random_motion(mechanism, FRAMES, seed=8)
    q = coordinates.slope * q[:, coordinates.leader] + coordinates.intercept
    u = 0.3 * coordinates.slope * u[:, coordinates.leader]
    expected = np.empty((FRAMES, len(mechanism.joints), 6))
    for frame in range(FRAMES):
        oracle.move_to(q[frame], u[frame])
        udot[frame], expected[frame] = oracle.fall(tension[frame])
    order = [joint.getName() for joint in oracle.model.getJointSet()]
    expected = expected[:, [order.index(name) for name in mechanism.joints]]
    ours = joint_reactions(mechanism, q, u, udot, **NO_LOADS, tension_n=tension, balanced=False, simbody_bias=True)
    # Forces reach 9e3 N here; rounding leaves 4e-11.
    assert ours == pytest.approx(expected, abs=1e-8)


def test_a_load_on_the_foot_goes_through_every_joint_of_the_leg(mechanism):
    """At rest without gravity's help: the load's own force and moment appear, turned, in each child's frame."""
    q = random_motion(mechanism, FRAMES, seed=9)[0]
    rest, tension = np.zeros_like(q), np.zeros((FRAMES, len(mechanism.muscle_names)))
    force = np.array([10.0, 800.0, -30.0])
    load = np.broadcast_to(np.concatenate([force, np.cross([1.0, 0.0, 0.2], force)]), (FRAMES, 1, 6))
    foot = [mechanism.bodies.index("calcn_r")]
    with_load, without = (
        joint_reactions(
            mechanism, q, rest, rest, load_bodies=foot, loads=scale * load, tension_n=tension, balanced=True,
            simbody_bias=False,
        )
        for scale in (1.0, 0.0)
    )  # fmt: skip
    carried = np.linalg.norm((without - with_load)[:, :, :3], axis=2)
    for joint, name in enumerate(mechanism.joints):
        on_the_way = name in ("ground_pelvis", "hip_r", "walker_knee_r", "ankle_r", "subtalar_r")
        assert carried[:, joint] == pytest.approx(np.linalg.norm(force) if on_the_way else 0.0, abs=1e-9), name
