"""Activations of least squares: the conditions that only a solution meets, and another solver."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from kernels_by_hand import solve_redundancy


def problem(seed: int, frames: int = 3, count: int = 5, muscles: int = 20) -> dict[str, np.ndarray]:
    """Legs with 5 coordinates and 20 muscles that pull either way, some frames beyond their strength."""
    random = np.random.default_rng(seed)
    moment_arms = random.normal(0, 0.03, (frames, muscles, count)) * (random.random((muscles, count)) < 0.5)
    return {
        "gain": moment_arms * random.uniform(200, 5000, (muscles, 1)),
        "optimal": np.where(random.random(count) < 0.7, 1.0, 100.0),
        "demanded": random.normal(0, 1, (frames, count)) * 10.0 ** random.uniform(0, 2.7, (frames, 1)),
        "lower": np.full(muscles, 0.01),
        "upper": np.ones(muscles),
    }


@settings(deadline=None)
@given(st.integers(0, 10**6))
def test_solutions_meet_the_conditions_of_the_least(seed):
    given_ = problem(seed)
    found = solve_redundancy(**given_)
    assert found.solved.all()
    a, multiplier = found.activations, found.reserves / given_["optimal"] ** 2
    provided = np.einsum("tmc,tm->tc", given_["gain"], a) + found.reserves
    scale = 1 + np.abs(given_["demanded"]).max(axis=1, keepdims=True)
    assert (np.abs(provided - given_["demanded"]) <= 1e-9 * scale).all()
    assert ((a >= 0.01) & (a <= 1)).all()
    # Between the bounds a muscle's activation is its gain on the multipliers; at a bound it would like to go beyond.
    wish = np.einsum("tmc,tc->tm", given_["gain"], multiplier)
    np.testing.assert_allclose(a, np.clip(wish, 0.01, 1), atol=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_another_solver_finds_the_same(seed):
    one = problem(seed, frames=1)
    gain, optimal, demanded = one["gain"][0], one["optimal"], one["demanded"][0]
    muscles, count = gain.shape
    equality = np.hstack([gain.T, np.diag(optimal)])
    slsqp = minimize(
        lambda x: 0.5 * x @ x,
        np.full(muscles + count, 0.1),
        jac=lambda x: x,
        bounds=[(0.01, 1.0)] * muscles + [(None, None)] * count,
        constraints={"type": "eq", "fun": lambda x: equality @ x - demanded, "jac": lambda x: equality},
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
    )
    found = solve_redundancy(**one)
    assert slsqp.success
    np.testing.assert_allclose(found.activations[0], slsqp.x[:muscles], atol=2e-6)


def test_frames_do_not_depend_on_the_one_before():
    whole = problem(7, frames=40)
    found = solve_redundancy(**whole)
    alone = solve_redundancy(**whole | {name: whole[name][31:32] for name in ("gain", "demanded")})
    np.testing.assert_allclose(found.activations[31], alone.activations[0], atol=1e-9)


def test_what_muscles_cannot_do_is_left_to_reserves():
    weak = {
        "gain": np.array([[[10.0]]]),
        "optimal": np.array([1.0]),
        "demanded": np.array([[25.0]]),
        "lower": np.array([0.01]),
        "upper": np.array([1.0]),
    }
    found = solve_redundancy(**weak)
    assert found.activations[0, 0] == pytest.approx(1.0)
    assert found.reserves[0, 0] == pytest.approx(15.0)


def test_a_frame_without_a_number_is_unsolved_and_the_next_one_solved():
    one = problem(3, frames=2)
    one["demanded"][0, 0] = np.nan
    assert solve_redundancy(**one).solved.tolist() == [False, True]
