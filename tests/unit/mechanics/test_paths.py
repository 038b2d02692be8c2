"""Muscle paths and capacities against OpenSim's API, and balanced paths against their own length."""

from __future__ import annotations

import numpy as np
import opensim
import pytest

from gaitload.conventions import SIDES
from gaitload.mechanics.curves import capacities
from gaitload.mechanics.kinematics import motion
from gaitload.mechanics.moment_arms import muscle_geometry
from gaitload.opensim.model import array
from mechanics_oracle import Oracle, random_motion

FRAMES = 10


@pytest.fixture(scope="module")
def states(mechanism):
    """Coordinates and speeds all over the ranges."""
    return random_motion(mechanism, FRAMES, seed=5)[:2]


@pytest.fixture(scope="module")
def opensim_says(mechanism, model_path, states):
    """Lengths, speeds and capacities, (T, M), and generalized forces of unit tensions, (T, M, C)."""
    oracle = Oracle(model_path)
    shape = (FRAMES, len(mechanism.muscle_names))
    length, speed, capacity = np.empty((3, *shape))
    arms = np.empty((*shape, len(mechanism.coordinate_names)))
    for frame in range(FRAMES):
        state = oracle.move_to(states[0][frame], states[1][frame])
        for index, muscle in enumerate(oracle.muscles):
            path = muscle.getGeometryPath()
            length[frame, index], speed[frame, index] = path.getLength(state), path.getLengtheningSpeed(state)
            arms[frame, index] = oracle.unit_pull(muscle)
            capacity[frame, index] = muscle.calcInextensibleTendonActiveFiberForce(state, 1.0)
    return length, speed, arms, capacity


def test_paths_are_those_of_opensim_two_wraps_included(mechanism, states, opensim_says):
    length, speed, arms = muscle_geometry(mechanism, *states, balanced=False)
    # All three agree to rounding (1e-13); stale points of two wraps alone would make 4e-4 m.
    assert length == pytest.approx(opensim_says[0], abs=1e-12)
    assert speed == pytest.approx(opensim_says[1], abs=1e-11)
    assert arms == pytest.approx(opensim_says[2], abs=1e-11)


def test_capacities_are_those_of_opensim(mechanism, states, opensim_says):
    length, speed, _ = muscle_geometry(mechanism, *states, balanced=False)
    everyone = np.ones(len(mechanism.muscle_names), dtype=bool)
    active, _ = capacities(mechanism.muscles, length, speed, true_pennation=False, force_velocity=everyone)
    # The muscles' curves are cubics between 1,001 nodes: 1.3e-4 N of up to 6,000 N.
    assert active == pytest.approx(opensim_says[3], abs=1e-3)


def test_true_forces_are_those_of_the_muscle_model(mechanism, model_path):
    """The muscle itself, its tendon made rigid, at full activation: pennation and passive force as Millard has them."""
    oracle = Oracle(model_path)
    for muscle in oracle.muscles:
        muscle.set_ignore_tendon_compliance(True)
        muscle.set_ignore_activation_dynamics(True)
        muscle.set_fiber_damping(0.0)
    oracle.state = oracle.model.initSystem()
    q, u, _ = random_motion(mechanism, 4, seed=6)
    length, speed, _ = muscle_geometry(mechanism, q, u, balanced=False)
    everyone = np.ones(len(mechanism.muscle_names), dtype=bool)
    active, passive = capacities(mechanism.muscles, length, speed, true_pennation=True, force_velocity=everyone)
    for frame in range(4):
        state = oracle.move_to(q[frame], u[frame])
        oracle.model.realizeDynamics(state)
        for index, muscle in enumerate(oracle.muscles):
            if muscle.getFiberLength(state) <= muscle.getMinimumFiberLength():
                continue
            assert passive[frame, index] == pytest.approx(muscle.getPassiveFiberForceAlongTendon(state), abs=1e-3)
            fraction = muscle.getActivation(state)
            expected = muscle.getActiveFiberForceAlongTendon(state)
            assert fraction * active[frame, index] == pytest.approx(expected, abs=1e-3), muscle.getName()


def test_moment_arms_of_balanced_paths_are_derivatives_of_length(mechanism):
    q, _, _ = random_motion(mechanism, FRAMES, seed=7)
    rest, step = np.zeros_like(q), 1e-5
    arms = muscle_geometry(mechanism, q, rest, balanced=True)[2]
    differences = np.empty_like(arms)
    for coordinate in range(q.shape[1]):
        shift = step * np.eye(q.shape[1])[coordinate]
        ahead, behind = (muscle_geometry(mechanism, q + sign * shift, rest, balanced=True)[0] for sign in (1, -1))
        differences[:, :, coordinate] = (ahead - behind) / (2 * step)
    # Shortest paths, and central differences: 1e-9. A path that leaves a cylinder within the step has no derivative.
    error = np.abs(arms + differences).max(axis=2)
    assert np.mean(error < 1e-7) > 0.995
    assert np.median(error) < 1e-9


@pytest.mark.parametrize("side", SIDES)
def test_balanced_gastrocnemius_is_a_path_where_that_of_opensim_is_not(mechanism, model_path, side):
    """Standing straight it goes around two cylinders."""
    oracle, rest = Oracle(model_path), np.zeros_like(mechanism.coordinates.default)
    muscle = mechanism.muscle_names.index(f"gasmed_{side}")
    path = oracle.muscles[muscle].getGeometryPath()
    state = oracle.move_to(rest, rest)
    through = path.getCurrentPath(state)
    points = [opensim.AbstractPathPoint.safeDownCast(through.get(index)) for index in range(through.getSize())]
    places = np.array([array(point.getLocationInGround(state)) for point in points])
    straight_m = np.linalg.norm(np.diff(places, axis=0), axis=1).sum()
    assert len(points) == 2 + 2 * 2
    # Measured 5 to 7 mm: straight parts are those of the first round over the wraps, arcs those of the last.
    assert path.getLength(state) < straight_m - 0.003
    length = muscle_geometry(mechanism, rest[None], rest[None], balanced=True)[0][0, muscle]
    assert straight_m < length < straight_m + 0.003


def test_balancing_changes_wrapped_paths_alone(mechanism, states):
    ours, stale = (muscle_geometry(mechanism, *states, balanced=balanced)[2] for balanced in (True, False))
    turns = np.flatnonzero(mechanism.coordinates.rotational)
    turns = turns[turns >= 6]
    wraps = np.diff(mechanism.paths.wrap_start)
    moved = np.abs(ours - stale)[:, :, turns].max(axis=2)
    assert np.median(moved[:, wraps > 1]) > 1e-6
    assert moved[:, wraps == 1].max() > 1e-4  # estimates are good where a path crosses a cylinder at right angles
    assert (moved[:, wraps == 0] == 0).all()


def test_speed_of_a_balanced_path_is_its_moment_arms_times_speeds(mechanism, states):
    _, speed, arms = muscle_geometry(mechanism, *states, balanced=True)
    assert speed == pytest.approx(-np.einsum("tmc,tc->tm", arms, states[1]), abs=1e-9)


def test_unwrapped_length_is_the_distance_of_points(mechanism, states):
    """A muscle of two points and no wrap."""
    paths = mechanism.paths
    plain = np.flatnonzero((np.diff(paths.point_start) == 2) & (np.diff(paths.wrap_start) == 0))[0]
    rotation, position, _ = motion(mechanism.tree, *states, np.zeros_like(states[0]), simbody_bias=False)
    start = paths.point_start[plain]
    ends = [
        position[:, paths.point_body[index]]
        + np.einsum("tij,j->ti", rotation[:, paths.point_body[index]], paths.point_position[index])
        for index in (start, start + 1)
    ]
    length = muscle_geometry(mechanism, *states, balanced=True)[0]
    assert length[:, plain] == pytest.approx(np.linalg.norm(ends[1] - ends[0], axis=1), abs=1e-14)
