"""What single muscles do along shortest paths, against all muscles and against the work of their forces."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.mechanics.kinematics import motion
from gaitload.mechanics.moment_arms import muscle_geometry
from gaitload.mechanics.pulls import balanced_pulls, wrapped_muscles
from mechanics_oracle import random_motion

FRAMES = 6


@pytest.fixture(scope="module")
def states(mechanism):
    """Coordinates and speeds all over the ranges."""
    return random_motion(mechanism, FRAMES, seed=11)[:2]


def test_only_muscles_with_wrapped_muscles_are_told(mechanism):
    names = {mechanism.muscle_names[index] for index in wrapped_muscles(mechanism)}
    assert {"gasmed_r", "gaslat_l"} <= names
    assert "soleus_r" not in names


def test_chosen_muscles_are_as_all_muscles_have_them(mechanism, states):
    chosen = wrapped_muscles(mechanism)
    found = balanced_pulls(mechanism, *states, chosen)
    length, speed, arms = muscle_geometry(mechanism, *states, balanced=True)
    np.testing.assert_array_equal(found.length_m, length[:, chosen])
    np.testing.assert_array_equal(found.speed_m_s, speed[:, chosen])
    np.testing.assert_array_equal(found.arms, arms[:, chosen])


def test_forces_on_bodies_balance_and_work_as_the_path_shortens(mechanism, states):
    q, u = states
    found = balanced_pulls(mechanism, q, u, wrapped_muscles(mechanism))
    # A path without friction pulls nothing but itself together: sums vanish to the agreement of its rounds, 1e-7 m.
    np.testing.assert_allclose(found.force.sum(axis=2), 0.0, atol=1e-9)
    np.testing.assert_allclose(found.moment.sum(axis=2), 0.0, atol=1e-6)
    _, position, rates = motion(mechanism.tree, q, u, np.zeros_like(q), simbody_bias=False)
    at_ground = rates.velocity - np.cross(rates.angular_velocity, position)
    power = np.einsum("tkbi,tbi->tk", found.force, at_ground)
    power += np.einsum("tkbi,tbi->tk", found.moment, rates.angular_velocity)
    np.testing.assert_allclose(power, -found.speed_m_s, atol=1e-6)
