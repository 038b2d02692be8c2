"""Floors are what they say."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from gaitload.estimators import knn, phase_mean, ridge


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
    ours = ridge.fit(*data)(inputs, covariates)
    design = ridge.flattened(inputs, covariates)[:, :-1]
    theirs = Ridge(alpha=50.0 * len(design) / 1000).fit(design, targets.reshape(60, -1)).predict(design)
    np.testing.assert_allclose(ours.reshape(60, -1), theirs, atol=1e-4)


def test_the_penalty_is_chosen_on_people_left_out(data, monkeypatch):
    inputs, covariates, _, groups = data
    chosen = []
    solved = ridge._solved
    monkeypatch.setattr(ridge, "_solved", lambda moments, penalty: chosen.append(penalty) or solved(moments, penalty))
    # What differs from person to person for no reason that inputs tell wants the largest penalty; a law the smallest.
    noise = np.random.default_rng(1).standard_normal((60, 9, 1))
    ridge.fit(inputs, covariates, noise, groups)
    assert chosen[-1] == ridge.PENALTIES[-1]
    ridge.fit(inputs, covariates, inputs[..., :1], groups)
    assert chosen[-1] == ridge.PENALTIES[0]


def test_the_mean_curve_counts_people_and_not_windows(data):
    inputs, covariates, targets, groups = data
    some = np.r_[0:20, 20:25, 40:60]
    curve = phase_mean.fit(inputs[some], covariates[some], targets[some], groups[some])(inputs[:1], covariates[:1])
    means = [targets[some][groups[some] == who].mean(axis=0) for who in "abc"]
    np.testing.assert_allclose(curve[0], np.mean(means, axis=0), rtol=1e-5)


def test_the_nearest_window_of_all_is_itself(data):
    inputs, covariates, targets, _ = data
    np.testing.assert_allclose(knn.fit(*data)(inputs, covariates), targets, atol=1e-5)
