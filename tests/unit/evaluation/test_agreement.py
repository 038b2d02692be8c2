"""Limits of agreement and conformal intervals."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.evaluation.agreement import conformal_coverage, conformal_half_width, limits_of_agreement


def test_one_difference_a_person_is_bland_and_altman_1986() -> None:
    difference = np.random.default_rng(0).normal(1.0, 2.0, 30)
    found = limits_of_agreement(difference, np.arange(30))
    sd = difference.std(ddof=1)
    assert found.bias == pytest.approx(difference.mean())
    assert (found.low, found.high) == pytest.approx((found.bias - 1.959964 * sd, found.bias + 1.959964 * sd))
    assert found.sd_within == 0.0


def test_variance_components_worked_out_by_hand() -> None:
    """Means 1, 3, 5 (variance 4); steps one either side (variance 2 within); m_h = 2: 4 + 2 / 2 = 5."""
    found = limits_of_agreement(np.array([0.0, 2, 2, 4, 4, 6]), np.array(list("aabbcc")))
    assert (found.bias, found.sd_between**2, found.sd_within**2) == pytest.approx((3.0, 4.0, 2.0))
    assert found.high == pytest.approx(3.0 + 1.959964 * np.sqrt(5.0))


def test_limits_hold_a_step_of_a_new_person_and_their_intervals_the_true_limits() -> None:
    rng = np.random.default_rng(1)
    true = 0.5 + 1.959964 * np.sqrt(1.0**2 + 0.7**2)
    inside, step = [], []
    for _ in range(400):
        person = np.repeat(np.arange(12), 5)
        found = limits_of_agreement(0.5 + rng.normal(size=12)[person] + 0.7 * rng.normal(size=60), person)
        inside.append(found.high_ci[0] <= true <= found.high_ci[1])
        new = 0.5 + rng.normal() + 0.7 * rng.normal()
        step.append(found.low <= new <= found.high)
    # Binomial standard errors are 0.011; the limits are estimates from twelve people, a little short.
    assert np.mean(inside) == pytest.approx(0.95, abs=0.035)
    assert 0.90 <= np.mean(step) <= 0.97


def test_more_steps_of_one_person_do_not_move_the_bias() -> None:
    difference, person = np.array([0.0, 2, 2, 4, 4, 6]), np.array(list("aabbcc"))
    again = limits_of_agreement(np.append(difference, np.tile(difference[:2], 50)), np.append(person, ["a"] * 100))
    assert again.bias == limits_of_agreement(difference, person).bias
    assert limits_of_agreement(difference[:4], person[:4]) is None


def test_conformal_intervals_hold_new_people_as_often_as_they_say() -> None:
    rng = np.random.default_rng(2)
    held = []
    for _ in range(400):
        spread = rng.uniform(0.5, 2.0, 20)
        person = np.repeat(np.arange(19), 6)
        width = conformal_half_width(spread[person] * rng.normal(size=114), person, 0.8)
        held.append(abs(spread[19] * rng.normal()) <= width)
    assert np.mean(held) == pytest.approx(0.8, abs=0.06)


def test_too_few_people_for_the_level_have_no_interval() -> None:
    residual, person = np.array([1.0, 2, 3, 4]), np.array(list("aabc"))
    assert conformal_half_width(residual, person, 0.9) == np.inf
    assert conformal_half_width(residual, person, 0.5) == 3.0
    assert conformal_half_width(np.tile(residual, 9), np.tile(person, 9), 0.5) == 3.0
    widths, shares = conformal_coverage(residual, person, 0.6)
    assert widths.tolist() == [4.0, 4.0, 3.0] and shares.tolist() == [1.0, 1.0, 0.0]
