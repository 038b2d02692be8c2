"""Splines that meet demands best, held against dense least squares."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import BSpline

from gaitload.cohorts.embedded.spline_fit import DEGREE, SplineBasis, settled
from gaitload.errors import SolverError

TIME_S = np.arange(101) / 100.0
BOTH = np.array([0, 1])


@pytest.fixture
def basis() -> SplineBasis:
    return SplineBasis.over(TIME_S, pieces_hz=20.0)


def test_weights_are_those_of_the_splines_and_local(basis):
    coefficients = np.random.default_rng(1).normal(size=(basis.weights.shape[2], 2))
    spline = BSpline(basis.knots, coefficients, DEGREE)
    for order, weights in enumerate(basis.weights):
        expected = spline.derivative(order)(TIME_S) if order else spline(TIME_S)
        np.testing.assert_allclose(weights @ coefficients, expected, rtol=1e-9, atol=1e-9 * np.abs(expected).max())
    for frame, first in enumerate(basis.first):
        others = np.delete(basis.weights[:, frame], np.arange(first, first + DEGREE + 1), axis=1)
        assert not others.any()


def test_a_fit_of_a_spline_is_that_spline(basis):
    coefficients = np.random.default_rng(2).normal(size=(basis.weights.shape[2], 3))
    np.testing.assert_allclose(basis.fitted(basis.weights[0] @ coefficients), coefficients, atol=1e-8)


def test_the_banded_step_is_that_of_dense_least_squares(basis):
    random = np.random.default_rng(3)
    residual, slopes = random.normal(size=(101, 4)), random.normal(size=(101, 4, 3, 2)) * [[1.0], [0.1], [0.01]]
    count = basis.weights.shape[2]
    dense = np.einsum("otn,trof->trnf", basis.weights, slopes).reshape(101 * 4, count * 2)
    expected = np.linalg.lstsq(dense, -residual.ravel(), rcond=None)[0].reshape(count, 2)
    np.testing.assert_allclose(basis.step(residual, slopes), expected, rtol=1e-6, atol=1e-9)


def test_demands_are_met_and_columns_that_do_not_give_way_stay(basis):
    """A circle that is followed by its angle, whose sine and cosine are demanded: not linear in the coefficients."""
    angle = 2.0 * np.sin(3.0 * TIME_S)

    def demands(state):
        return np.column_stack([np.sin(state[0][:, 0]) - np.sin(angle), np.cos(state[0][:, 0]) - np.cos(angle)])

    start = basis.fitted(np.column_stack([angle + 0.5, angle]))
    found = settled(demands, basis, start, np.array([0]), "t1")
    # A spline of this many pieces follows the sine to 1e-7 rad; the last step ends within its own square.
    np.testing.assert_allclose((basis.weights[0] @ found)[:, 0], angle, atol=1e-5)
    np.testing.assert_array_equal(found[:, 1], start[:, 1])


def test_a_step_that_is_too_far_is_no_end(basis):
    """From 1.39 the Gauss-Newton step on an arctangent leads to -1.388: hardly nearer, and far from zero."""
    start = np.full((basis.weights.shape[2], 2), 1.39)
    found = settled(lambda state: np.arctan(state[0]), basis, start, BOTH, "t1")
    np.testing.assert_allclose(basis.weights[0] @ found, 0.0, atol=1e-2)


def test_demands_that_never_settle_are_an_error(basis, monkeypatch):
    monkeypatch.setattr("gaitload.cohorts.embedded.spline_fit.STEPS_MAX", 1)
    with pytest.raises(SolverError, match=r"GAIT_UNSOLVED.* cohort/p1/t1"):
        settled(lambda state: np.exp(-state[0]), basis, np.zeros((basis.weights.shape[2], 2)), BOTH, "cohort/p1/t1")
