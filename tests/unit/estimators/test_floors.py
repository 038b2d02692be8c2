"""Floors are what they say."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from gaitload.estimators import kernel_ridge, knn, phase_mean, ridge
from gaitload.estimators._rows import Rows, splines


@pytest.fixture
def data():
    random = np.random.default_rng(0)
    inputs = random.standard_normal((60, 9, 2)).astype(np.float32)
    groups = np.repeat(list("abc"), 20)
    targets = inputs[..., :1] * 2 + (groups == "a")[:, None, None] + 0.1 * random.standard_normal((60, 9, 1))
    return inputs, np.zeros((60, 0), np.float32), targets.astype(np.float32), groups


def test_ridge_is_that_of_scikit_learn(data, monkeypatch):
    inputs, covariates, targets, _ = data
    monkeypatch.setattr(ridge, "PENALTIES", (50.0,))
    monkeypatch.setattr(ridge, "INTERCEPTS", (0.0,))
    ours = ridge.fit(*data).estimate(inputs, covariates)
    design = Rows(inputs, covariates).exactly(inputs, covariates)
    theirs = Ridge(alpha=50.0 * len(design) / 1000).fit(design, targets.reshape(60, -1)).predict(design)
    np.testing.assert_allclose(ours.reshape(60, -1), theirs, atol=1e-4)


@pytest.mark.parametrize("intercept", ridge.INTERCEPTS)
def test_fewer_windows_than_columns_give_the_same_weights_by_the_dual_form(intercept):
    random = np.random.default_rng(4)
    design, wanted = random.standard_normal((24, 70)), random.standard_normal((24, 6))
    groups = np.repeat(list("abcd"), [3, 9, 7, 5])
    design += 2 * (groups == "b")[:, None]
    assert ridge._solver(design, wanted, groups).func is ridge._dual
    dual, primal = (
        ridge._dual(design, wanted, groups, intercept),
        ridge._primal(ridge._moments(design, wanted, groups), intercept),
    )
    for penalty in ridge.PENALTIES:
        np.testing.assert_allclose(dual.weights(penalty), primal.weights(penalty), atol=1e-5)
    assert dual.vectors.shape == (70, 24)


def test_the_penalty_is_chosen_on_people_left_out(data, monkeypatch):
    inputs, covariates, _, groups = data
    chosen, choose = [], ridge._chosen
    monkeypatch.setattr(ridge, "_chosen", lambda *arguments: chosen.append(choose(*arguments)) or chosen[-1])
    # What inputs do not tell wants the largest penalty; a law the smallest. Each target has its own.
    noise = np.random.default_rng(1).standard_normal((60, 9, 1))
    ridge.fit(inputs, covariates, np.concatenate([noise, inputs[..., :1]], axis=2), groups)
    assert [penalty for _, penalty in chosen[0]] == [ridge.PENALTIES[-1], ridge.PENALTIES[0]]


@pytest.mark.parametrize("floor", [ridge, kernel_ridge])
def test_what_people_are_by_themselves_does_not_hide_a_law(floor, monkeypatch):
    # Six people whose sizes differ for no reason, and whose inputs happen to differ with them the other way round.
    random = np.random.default_rng(3)
    groups, size = np.repeat(list("abcdef"), 20), np.repeat(np.linspace(-2, 2, 6), 20)
    step = 0.3 * random.standard_normal(120)
    inputs = np.broadcast_to((size + step)[:, None, None], (120, 9, 1)).astype(np.float32)
    targets = np.broadcast_to((step - 2 * size)[:, None, None], (120, 9, 1)).astype(np.float32)
    slopes = []
    for intercepts in ((0.0,), floor.INTERCEPTS[-1:]):
        monkeypatch.setattr(floor, "INTERCEPTS", intercepts)
        predict = floor.fit(inputs, np.zeros((120, 0), np.float32), targets, groups).estimate
        estimate = predict(inputs[:20], np.zeros((20, 0), np.float32))
        slopes.append(np.polyfit(step[:20], estimate[:, 4, 0], 1)[0])
    assert slopes[0] < slopes[1]


def test_a_kernel_bends_where_a_line_cannot(data):
    inputs, covariates, _, groups = data
    targets = np.repeat(np.abs(inputs.mean(axis=(1, 2), keepdims=True)), 9, axis=1)
    errors = []
    for floor in (ridge, kernel_ridge):
        estimate = floor.fit(inputs, covariates, targets, groups).estimate(inputs, covariates)
        errors.append(np.mean((estimate - targets) ** 2))
    assert errors[1] < 0.9 * errors[0]


def test_long_windows_are_written_in_splines():
    time, none = np.linspace(0, 1, 113), np.zeros((50, 1), np.float32)
    basis = splines(113)
    np.testing.assert_allclose(basis.T @ basis, np.eye(30), atol=1e-12)
    np.testing.assert_allclose(basis @ (basis.T @ np.sin(12 * time)), np.sin(12 * time), atol=1e-4)
    inputs = np.random.default_rng(0).standard_normal((50, 113, 2)).astype(np.float32) * [3.0, 0.1]
    rows = Rows(inputs, none).exactly(inputs, none)
    assert rows.shape == (50, 61)
    np.testing.assert_allclose(rows[:, :60].reshape(50, 30, 2).var(axis=0).mean(axis=0), 1.0, rtol=1e-6)


def test_the_mean_curve_counts_people_and_not_windows(data):
    inputs, covariates, targets, groups = data
    some = np.r_[0:20, 20:25, 40:60]
    curve = phase_mean.fit(inputs[some], covariates[some], targets[some], groups[some]).estimate(
        inputs[:1], covariates[:1]
    )
    means = [targets[some][groups[some] == who].mean(axis=0) for who in "abc"]
    np.testing.assert_allclose(curve[0], np.mean(means, axis=0), rtol=1e-5)


def test_the_nearest_window_of_all_is_itself(data):
    inputs, covariates, targets, _ = data
    np.testing.assert_allclose(knn.fit(*data).estimate(inputs, covariates), targets, atol=1e-5)
