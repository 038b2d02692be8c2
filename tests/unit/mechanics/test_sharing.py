"""Sharing with elastic tendons, weights and exponents: optimal, and what it was where all of that is left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gaitload.mechanics.freedom import free_columns
from gaitload.mechanics.moment_arms import muscle_geometry
from gaitload.mechanics.muscle_loads import reactions_of, solve_motion
from gaitload.mechanics.physics import Physics, sharing_weights
from gaitload.mechanics.sharing import Followed
from gaitload.mechanics.tendons import balance, balanced_tensions, elastic_muscles

RIGID = Physics(true_pennation=True, passive_force=True, balanced_paths=True, within_limits=False)
ELASTIC = replace(RIGID, elastic_tendons=True, activation_min=0.0)
FRAMES = 12


@pytest.fixture(scope="module")
def standing(mechanism):
    """Coordinates of a slow dorsiflexion, standing on the right foot."""
    names = mechanism.coordinate_names
    q = np.tile(mechanism.coordinates.default, (FRAMES, 1))
    q[:, names.index("ankle_angle_r")] = np.radians(np.linspace(2, 8, FRAMES))
    q[:, names.index("knee_angle_r")] = np.radians(10)
    return mechanism.coordinates.slope * q[:, mechanism.coordinates.leader] + mechanism.coordinates.intercept


@pytest.fixture(scope="module")
def standing_loads(mechanism):
    """Ground reaction under that foot."""
    force = np.array([0.0, 735.0, 0.0])
    wrench = np.broadcast_to(np.concatenate([force, np.cross([0.08, 0.0, 0.08], force)]), (FRAMES, 1, 6))
    return {"load_bodies": np.array([mechanism.bodies.index("calcn_r")]), "loads": wrench}


@pytest.fixture(scope="module")
def solve(mechanism, standing, standing_loads):
    """Solves that motion with some physics."""
    still, free = np.zeros_like(standing), len(free_columns(mechanism).coordinate)

    def run(physics: Physics):
        optimal, time_s = np.full(free, 1.0), np.arange(FRAMES) / 100
        given = standing_loads | {"optimal": optimal, "physics": physics, "time_s": time_s}
        return solve_motion(mechanism, standing, still, still, **given)

    return run


def test_elastic_tendons_shorten_fibres_and_take_passive_force_off(mechanism, solve):
    rigid, elastic = solve(RIGID), solve(ELASTIC)
    soleus = mechanism.muscle_names.index("soleus_r")
    assert (elastic.fiber_along_m[:, soleus] < rigid.fiber_along_m[:, soleus]).all()
    assert (elastic.passive_forces_n[:, soleus] < rigid.passive_forces_n[:, soleus]).all()


@pytest.mark.parametrize("exponent", [1.5, 2.0, 3.0])
def test_activations_are_optimal(mechanism, standing, solve, exponent):
    """Between the bounds the marginal cost of a muscle is its gain times its arms times one price per coordinate."""
    found, muscles = solve(replace(ELASTIC, weighting="volume", exponent=exponent)), mechanism.muscles
    assert found.solved.all()
    length, _, arms = muscle_geometry(mechanism, standing, np.zeros_like(standing), balanced=True)
    elastic, weight, frame = elastic_muscles(muscles), sharing_weights(muscles, "volume"), FRAMES // 2
    a = found.activations[frame]
    inside = np.flatnonzero((a > 0.02) & (a < 0.98) & elastic)
    assert len(inside) >= 4
    gain = [balance(muscles, m, muscles.tendon_strain[m], length[frame, m], a[m], 1.0, 0.0)[1] for m in inside]
    price = weight[inside] * a[inside] ** (exponent - 1)
    moments = arms[frame, inside] * np.array(gain)[:, None]
    left = price - moments @ np.linalg.lstsq(moments, price, rcond=1e-9)[0]
    # Rounds that ignore how bent tensions are stop at 7e-3.
    assert np.abs(left).max() < 1e-3 * price.max()


def test_weights_move_force_to_muscles_without_them(mechanism, solve):
    soleus, gastrocnemius = (mechanism.muscle_names.index(name) for name in ("soleus_r", "gasmed_r"))
    even = solve(ELASTIC)
    names = tuple((name, 7.0) for name in ("gasmed_r", "gaslat_r"))
    weighted = solve(replace(ELASTIC, muscle_weights=names))
    assert weighted.tendon_forces_n[:, gastrocnemius].sum() < even.tendon_forces_n[:, gastrocnemius].sum()
    assert weighted.tendon_forces_n[:, soleus].sum() > even.tendon_forces_n[:, soleus].sum()


def test_exponent_two_and_equal_weights_are_least_squares(solve):
    plain, weighted = solve(RIGID), solve(replace(RIGID, exponent=2.0 + 1e-9))
    np.testing.assert_allclose(weighted.activations, plain.activations, atol=2e-3)


def test_chunks_do_not_show(monkeypatch, solve):
    whole = solve(replace(ELASTIC, fiber_velocity=True))
    monkeypatch.setattr("gaitload.mechanics.muscle_loads.CHUNK_FRAMES", 5)
    cut = solve(replace(ELASTIC, fiber_velocity=True))
    # Rounds end where activations change by less than 1e-3.
    np.testing.assert_allclose(cut.activations, whole.activations, atol=2e-3)


def test_mean_stress_weighs_by_the_share_of_fibres(mechanism):
    muscles = mechanism.muscles
    share = muscles.fiber_optimal_m / (muscles.fiber_optimal_m + muscles.tendon_slack_m)
    np.testing.assert_allclose(sharing_weights(muscles, "mean_stress"), share**-2)
    np.testing.assert_allclose(sharing_weights(muscles, "fibre_share"), 1 / share)
    assert (sharing_weights(muscles, "activation") == 1).all()
    assert sharing_weights(muscles, "volume").mean() == pytest.approx(1)


def test_tensions_of_given_activations_are_those_of_the_solution(mechanism, solve):
    found, muscles = solve(ELASTIC), mechanism.muscles
    elastic = np.flatnonzero(elastic_muscles(muscles))
    rigid = solve(RIGID)
    length = rigid.fiber_along_m + muscles.tendon_slack_m
    ones = np.ones_like(length)
    tension, passive, _ = balanced_tensions(muscles, length, found.activations, muscles.tendon_strain, ones)
    # Of second order in the last change of activation; the passive part is that of the round before.
    np.testing.assert_allclose(tension[:, elastic], found.tendon_forces_n[:, elastic], atol=0.1)
    np.testing.assert_allclose(passive[:, elastic], found.passive_forces_n[:, elastic], atol=1.0)


def test_reactions_under_known_forces_are_those_of_the_solution(mechanism, standing, solve, standing_loads):
    found, still = solve(ELASTIC), np.zeros_like(standing)
    given = standing_loads | {"tension_n": found.tendon_forces_n, "physics": ELASTIC}
    again = reactions_of(mechanism, standing, still, still, **given)
    np.testing.assert_allclose(again, found.reactions, atol=1e-9)
    knee = mechanism.joints.index("walker_knee_r")
    given["tension_n"] = np.zeros_like(found.tendon_forces_n)
    relaxed = reactions_of(mechanism, standing, still, still, **given)
    np.testing.assert_allclose(relaxed, found.resultants, atol=1e-9)
    assert np.linalg.norm(relaxed[:, knee, :3]) < np.linalg.norm(again[:, knee, :3])


@pytest.mark.parametrize("exponent", [2.0, 3.0])
def test_activations_follow_what_is_known_of_them_and_the_others_still_provide_the_moments(
    mechanism, standing, standing_loads, exponent
):
    still, free = np.zeros_like(standing), len(free_columns(mechanism).coordinate)
    soleus = mechanism.muscle_names.index("soleus_r")
    given = standing_loads | {"optimal": np.ones(free), "time_s": np.arange(FRAMES) / 100}
    given["physics"] = replace(ELASTIC, exponent=exponent)
    shape = (FRAMES, len(mechanism.muscle_names))
    wanted, pull = np.zeros(shape), np.zeros(shape)
    alone = solve_motion(mechanism, standing, still, still, **given)
    wanted[:, soleus] = 0.5 * alone.activations[:, soleus]
    off = []
    for uncertainty in (0.5, 0.1, 0.02):
        pull[:, soleus] = uncertainty**-2
        found = solve_motion(mechanism, standing, still, still, **given, followed=Followed(wanted, pull))
        assert found.solved.all()
        # Moments are met as before: by other muscles, not by reserves.
        assert np.abs(found.reserves - alone.reserves).max() < 5.0
        off.append(np.abs(found.activations[:, soleus] - wanted[:, soleus]).max())
    assert off[0] > off[1] > off[2]
    assert off[2] < 0.1 * np.abs(alone.activations[:, soleus] - wanted[:, soleus]).max()
    nothing = solve_motion(mechanism, standing, still, still, **given, followed=Followed(wanted, np.zeros(shape)))
    assert np.array_equal(nothing.activations, alone.activations)
