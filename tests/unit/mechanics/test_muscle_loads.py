"""Moments, muscle forces and reactions of one kernel: consistent with each other, and with each kernel alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gaitload.mechanics.curves import capacities
from gaitload.mechanics.freedom import free_columns
from gaitload.mechanics.moment_arms import muscle_geometry
from gaitload.mechanics.muscle_blocks import muscle_blocks
from gaitload.mechanics.muscle_loads import SIMBODY_BIAS, solve_motion
from gaitload.mechanics.newton_euler import inverse_dynamics
from gaitload.mechanics.physics import OPENSIM, Physics
from kernels_by_hand import joint_reactions, solve_redundancy
from mechanics_oracle import random_motion

FRAMES = 6
TRUE = Physics(true_pennation=True, passive_force=True, balanced_paths=True, within_limits=False)


@pytest.fixture(scope="module")
def motion(mechanism):
    """A gentle motion: coordinates, speeds, accelerations, followers following."""
    coordinates = mechanism.coordinates
    q, u, udot = random_motion(mechanism, FRAMES, seed=11)
    q = 0.3 * q
    q[:, coordinates.locked] = coordinates.default[coordinates.locked]
    u[:, coordinates.locked], udot[:, coordinates.locked] = 0.0, 0.0
    q = coordinates.slope * q[:, coordinates.leader] + coordinates.intercept
    return (
        q,
        0.2 * coordinates.slope * u[:, coordinates.leader],
        0.1 * coordinates.slope * udot[:, coordinates.leader],
    )


@pytest.fixture(scope="module")
def load(mechanism):
    """A ground reaction under the right foot."""
    force = np.array([20.0, 700.0, -30.0])
    wrench = np.broadcast_to(np.concatenate([force, np.cross([0.1, 0.0, 0.1], force)]), (FRAMES, 1, 6))
    return {"load_bodies": np.array([mechanism.bodies.index("calcn_r")]), "loads": wrench}


@pytest.fixture(scope="module")
def optimal(mechanism):
    """Optimal forces of reserves."""
    return np.full(len(free_columns(mechanism).coordinate), 10.0)


@pytest.mark.parametrize("physics", [OPENSIM, TRUE], ids=["opensim", "true"])
def test_one_kernel_says_what_its_parts_say(mechanism, motion, load, optimal, physics):
    found = solve_motion(mechanism, *motion, **load, optimal=optimal, physics=physics)
    freedom = free_columns(mechanism)
    q = motion[0]
    if physics.within_limits:
        q = q.copy()
        q[:, freedom.coordinate] = np.clip(q[:, freedom.coordinate], freedom.lower, freedom.upper)
        q = freedom.slope * q[:, freedom.leader] + freedom.intercept
    bias = {"simbody_bias": SIMBODY_BIAS}
    length, speed, arms = muscle_geometry(mechanism, q, motion[1], balanced=physics.balanced_paths)
    everyone = np.ones(len(mechanism.muscle_names), dtype=bool)
    active, passive = capacities(
        mechanism.muscles, length, speed, true_pennation=physics.true_pennation, force_velocity=everyone
    )
    passive = passive if physics.passive_force else np.zeros_like(passive)
    gather = np.zeros((q.shape[1], len(freedom.coordinate)))
    moving = np.flatnonzero(freedom.column >= 0)
    gather[moving, freedom.column[moving]] = freedom.gain[moving]
    demanded = inverse_dynamics(mechanism, q, *motion[1:], **load, **bias) @ gather
    gain = (arms @ gather) * active[:, :, None]
    demanded = demanded - np.einsum("tmf,tm->tf", arms @ gather, passive)
    muscles = mechanism.muscles
    whole = solve_redundancy(gain, optimal, demanded, muscles.activation_min, muscles.activation_max)
    assert found.solved.all() and whole.solved.all()
    # Both stop at 1e-10 of the largest moment, group by group or all at once.
    assert found.activations == pytest.approx(whole.activations, abs=1e-7)
    assert found.reserves == pytest.approx(whole.reserves, abs=1e-5)
    assert found.tendon_forces_n == pytest.approx(found.activations * active + passive, abs=1e-9)
    reactions = joint_reactions(
        mechanism, q, *motion[1:], **load, tension_n=found.tendon_forces_n, balanced=physics.balanced_paths, **bias
    )
    assert found.reactions == pytest.approx(reactions, abs=1e-9)


def test_balanced_paths_leave_each_leg_a_group_of_its_own(mechanism):
    freedom = free_columns(mechanism)
    names = [mechanism.coordinate_names[index] for index in freedom.coordinate]
    blocks = muscle_blocks(mechanism, freedom, balanced=True)
    groups = np.split(blocks.columns, blocks.column_start[1:-1])
    legs = [{names[index] for index in group} for group in groups if len(group) > 1]
    assert len(legs) == 2
    assert {name[-1] for name in legs[0]} | {name[-1] for name in legs[1]} == {"r", "l"}
    stale = muscle_blocks(mechanism, freedom, balanced=False)
    assert max(np.diff(stale.column_start)) > 10


def test_muscles_without_force_velocity_are_as_strong_as_at_rest(mechanism, motion, load, optimal):
    names = tuple(name for name in mechanism.muscle_names if name.startswith("soleus"))
    still = (motion[0], np.zeros_like(motion[1]), motion[2])
    moving = solve_motion(
        mechanism, *motion, **load, optimal=optimal, physics=replace(TRUE, without_force_velocity=names)
    )
    resting = solve_motion(mechanism, *still, **load, optimal=optimal, physics=TRUE)
    for name in names:
        index = mechanism.muscle_names.index(name)
        length, speed, _ = muscle_geometry(mechanism, motion[0], still[1], balanced=True)
        everyone = np.ones(len(mechanism.muscle_names), dtype=bool)
        active, passive = capacities(mechanism.muscles, length, speed, true_pennation=True, force_velocity=everyone)
        for found in (moving, resting):
            expected = found.activations[:, index] * active[:, index] + passive[:, index]
            assert found.tendon_forces_n[:, index] == pytest.approx(expected, abs=1e-9)


def test_a_muscle_over_locked_joints_alone_rests(mechanism, motion, load):
    coordinates = mechanism.coordinates
    below_knee = [name.startswith(("ankle", "subtalar", "mtp")) for name in mechanism.coordinate_names]
    stiff = replace(mechanism, coordinates=coordinates._replace(locked=coordinates.locked | below_knee))
    optimal = np.full(len(free_columns(stiff).coordinate), 10.0)
    found = solve_motion(stiff, *motion, **load, optimal=optimal, physics=TRUE)
    soleus = mechanism.muscle_names.index("soleus_r")
    assert (found.activations[:, soleus] == mechanism.muscles.activation_min[soleus]).all()
