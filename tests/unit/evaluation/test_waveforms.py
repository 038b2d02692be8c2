"""Where along a curve people differ."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d

from gaitload.evaluation.waveforms import paired_waveforms


def _curves(seed: int, people: int, shift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    label = 5 * gaussian_filter1d(rng.normal(size=(people, 101)), 8, axis=1)
    estimate = label + gaussian_filter1d(rng.normal(size=(people, 101)), 8, axis=1)
    estimate[:, 30:60] += shift
    return estimate, label


@pytest.mark.parametrize(("people", "test"), [(12, "parametric"), (6, "permutation")])
def test_a_shift_is_found_where_it_is(people: int, test: str) -> None:
    found = paired_waveforms(*_curves(8, people, shift=1.5), alpha=0.05)
    assert found["test"] == test
    cluster = max(found["clusters"], key=lambda each: each["end_percent"] - each["start_percent"])
    assert cluster["start_percent"] == pytest.approx(30, abs=2) and cluster["end_percent"] == pytest.approx(59, abs=2)
    assert cluster["p"] < 0.05
    estimate, label = _curves(8, people, shift=1.5)
    swapped = paired_waveforms(label, estimate, alpha=0.05)
    assert swapped["threshold"] == pytest.approx(found["threshold"])
    assert [each["start_percent"] for each in swapped["clusters"]] == [
        each["start_percent"] for each in found["clusters"]
    ]


def test_nothing_is_found_in_noise_oftener_than_alpha() -> None:
    false = [bool(paired_waveforms(*_curves(seed, 6), alpha=0.05)["clusters"]) for seed in range(100)]
    # 64 sign changes allow levels of 2 / 64 and less; four binomial standard errors above.
    assert np.mean(false) <= 0.10


def test_differences_that_are_not_normal_are_permuted() -> None:
    estimate, label = _curves(2, 14)
    found = paired_waveforms(label + np.exp(9 * (estimate - label)), label, alpha=0.05)
    assert found["test"] == "permutation"


def test_permutations_are_the_same_each_time_and_leave_numpys_own_generator_alone() -> None:
    curves = _curves(3, 14, shift=0.3)
    skewed = curves[1] + np.exp(9 * (curves[0] - curves[1])), curves[1]
    np.random.seed(5)
    expected = np.random.random()
    np.random.seed(5)
    first = paired_waveforms(*skewed, alpha=0.05, iterations=200)
    assert np.random.random() == expected
    assert first == paired_waveforms(*skewed, alpha=0.05, iterations=200)


def test_what_cannot_be_tested_is_told() -> None:
    assert "5 people" in paired_waveforms(*_curves(4, 5), alpha=0.05)["not_made"]
    estimate, label = _curves(5, 9)
    estimate[:, 0] = label[:, 0]
    assert "everybody differs by the same" in paired_waveforms(estimate, label, alpha=0.05)["not_made"]
