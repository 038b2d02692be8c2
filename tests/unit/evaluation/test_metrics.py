"""Metrics against independent implementations, and against cases that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import mean_squared_error, r2_score

from gaitload.evaluation import metrics


def _drawn(seed: int, shape: tuple[int, int] = (7, 101)) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    label = rng.normal(size=shape) + 3 * np.sin(np.linspace(0, np.pi, shape[1]))
    return label, label + rng.normal(0.2, 0.5, size=shape)


@given(st.integers(0, 10_000))
def test_they_agree_with_scikit_learn_and_scipy(seed: int) -> None:
    label, estimate = _drawn(seed)
    flat = label.ravel(), estimate.ravel()
    assert metrics.rmse(label, estimate) == pytest.approx(np.sqrt(mean_squared_error(*flat)))
    assert metrics.r2(label, estimate) == pytest.approx(r2_score(*flat))
    assert metrics.pearson_r(label, estimate) == pytest.approx(stats.pearsonr(*flat).statistic)
    assert metrics.nrmse(label, estimate) == pytest.approx(metrics.rmse(label, estimate) / np.ptp(label))
    assert metrics.bias(label, estimate) == pytest.approx(np.mean(estimate) - np.mean(label))


def test_the_mean_curve_scores_high_r2_and_nothing_beyond_itself() -> None:
    label, _ = _drawn(0)
    mean = np.tile(label.mean(axis=0), (len(label), 1))
    assert metrics.r2(label, mean) > 0.4
    assert metrics.r2_beyond(label, mean, mean) == 0.0
    assert metrics.r2_beyond(label, label, mean) == 1.0


def test_half_of_what_the_mean_curve_leaves() -> None:
    label = np.array([[0.0, 2.0], [0.0, -2.0]])
    assert metrics.r2_beyond(label, np.array([[0.0, 1.0], [0.0, -1.0]]), np.zeros((2, 2))) == 0.75


def test_what_has_no_meaning_is_nan() -> None:
    flat = np.full((2, 3), 0.1)
    assert np.isnan(metrics.r2(flat, flat + 1)) and np.isnan(metrics.nrmse(flat, flat))
    assert np.isnan(metrics.pearson_r(flat, np.arange(6.0).reshape(2, 3)))
    assert np.isnan(metrics.r2_beyond(flat + 1, flat, np.full(3, np.nan)))


def test_peaks_are_taken_in_the_direction_of_the_label() -> None:
    curves = np.array([[0.0, -5.0, 1.0], [0.0, -3.0, 9.0]])
    assert metrics.peaks(curves, -1.0).tolist() == [5.0, 3.0]
    assert metrics.peaks(curves, np.array([1.0, -1.0])).tolist() == [1.0, 3.0]


def test_the_impulse_of_a_half_sine() -> None:
    curve = np.sin(np.linspace(0, np.pi, 101))[None]
    assert metrics.impulses(curve, np.array([0.25])) == pytest.approx(0.25 * 2 / np.pi, rel=1e-4)


def test_errors_in_standard_deviations_of_the_label() -> None:
    label = np.zeros((2, 2))
    sd = np.array([[1.0, 2.0], [np.nan, 0.0]])
    assert metrics.rmse_per_sd(label, np.array([[3.0, 6.0], [100.0, 100.0]]), sd) == 3.0
    assert np.isnan(metrics.rmse_per_sd(label, label, np.full((2, 2), np.nan)))


def test_who_and_which_step_are_told_apart() -> None:
    """Two people of two steps: the estimate has the people right and the steps exactly wrong."""
    label = np.array([[2.0, 3.0], [4.0, 5.0], [-4.0, -5.0], [-2.0, -3.0]])
    group = np.array(["a", "a", "b", "b"])
    swapped = label[[1, 0, 3, 2]]
    between, within = metrics.between_and_within(label, swapped, np.zeros_like(label), group)
    assert between == 1.0 and within == pytest.approx(-3.0)
    means = np.repeat(label.reshape(2, 2, 2).mean(axis=1), 2, axis=0)
    between, within = metrics.between_and_within(label, means, np.zeros_like(label), group)
    assert between == 1.0 and within == pytest.approx(0.0)


def test_telling_walking_from_running_earns_nothing() -> None:
    peaks, activity = np.array([3.0, 4.0, 8.0, 9.0]), np.array(["walk", "walk", "run", "run"])
    means = np.array([3.5, 3.5, 8.5, 8.5])
    assert metrics.r2(peaks, means) > 0.9
    assert metrics.r2_about_groups(peaks, means, activity) == pytest.approx(0.0)
