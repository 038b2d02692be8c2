"""Where along a curve people differ."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.ndimage import gaussian_filter1d

from gaitload.evaluation.waveforms import paired_waveforms


def _curves(seed: int, people: int, shift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    label = 5 * gaussian_filter1d(rng.normal(size=(people, 101)), 8, axis=1)
    estimate = label + gaussian_filter1d(rng.normal(size=(people, 101)), 8, axis=1)
    estimate[:, 30:60] += shift
    return estimate, label


@pytest.mark.parametrize("people", [12, 6])
def test_a_shift_is_found_where_it_is(people: int) -> None:
    found = paired_waveforms(*_curves(8, people, shift=1.5), alpha=0.05)
    cluster = max(found["clusters"], key=lambda each: each["end_percent"] - each["start_percent"])
    assert cluster["start_percent"] == pytest.approx(30, abs=2) and cluster["end_percent"] == pytest.approx(59, abs=2)
    assert cluster["p"] < 0.05
    estimate, label = _curves(8, people, shift=1.5)
    swapped = paired_waveforms(label, estimate, alpha=0.05)
    assert swapped["threshold"] == pytest.approx(found["threshold"])
    assert [each["start_percent"] for each in swapped["clusters"]] == [
        each["start_percent"] for each in found["clusters"]
    ]


@pytest.mark.parametrize("people", [6, 14])
def test_nothing_is_found_in_noise_oftener_than_alpha(people: int) -> None:
    false = [bool(paired_waveforms(*_curves(seed, people), alpha=0.05)["clusters"]) for seed in range(200)]
    assert np.mean(false) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)


def test_the_statistic_is_the_paired_t_of_scipy() -> None:
    estimate, label = _curves(8, 12, shift=1.5)
    found = paired_waveforms(estimate, label, alpha=0.05)
    t = np.abs(stats.ttest_rel(estimate, label).statistic)
    above = np.flatnonzero(t > found["threshold"])
    assert (above[0], above[-1]) == (found["clusters"][0]["start_percent"], found["clusters"][-1]["end_percent"])


def test_permutations_are_the_same_each_time() -> None:
    curves = _curves(3, 14, shift=0.3)
    found = paired_waveforms(*curves, alpha=0.05, iterations=200)
    assert found == paired_waveforms(*curves, alpha=0.05, iterations=200)
    assert found["threshold"] != paired_waveforms(*curves, alpha=0.05, iterations=200, seed=1)["threshold"]


def test_what_cannot_be_tested_is_told() -> None:
    assert "5 people" in paired_waveforms(*_curves(4, 5), alpha=0.05)["not_made"]
    estimate, label = _curves(5, 9)
    estimate[:, 0] = label[:, 0]
    assert "everybody differs by the same" in paired_waveforms(estimate, label, alpha=0.05)["not_made"]
