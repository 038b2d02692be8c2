"""What the benchmark of hips counts, and the free segments that it holds beside the model."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from benchmarks import hips, hips_free_segments

LIMB = np.array([[0.1, 0.9, 0.0], [0.1, 0.5, 0.0]])


def trial(runner: str, name: str, *, failed: int, reserve: float) -> dict:
    verdict = "failed" if reserve > 0.1 else "passed"
    return {
        "runner": runner,
        "trial": name,
        "columns": 64,
        "failed": failed,
        "reserves": {key: [(reserve, verdict), (0.0, "passed")] for key in hips.RESERVES},
        "peaks_bw": {key: [2.0, 4.0] for key in hips.PEAKS},
    }


def test_a_runner_counts_only_without_a_failed_column_at_any_speed():
    trials = [trial("a", speed, failed=0, reserve=0.02) for speed in hips.SPEEDS]
    trials += [trial("b", speed, failed=8 * (speed == "runT45"), reserve=0.3) for speed in hips.SPEEDS]
    trials += [{"runner": "c", "trial": "runT25", "refused": "FILE_MISSING"}]
    first = [row | {"peaks_bw": {key: [3.0, 4.0] for key in hips.PEAKS}} for row in trials[:-1]]
    *peaks, flexion, _, _, _, kept, clean = hips._step_row(trials, first)
    assert peaks == ["3.00 (-0.50)"] * len(hips.PEAKS)
    assert flexion == "3 of 12 (1.0%)"
    assert kept == f"{1 - 8 / 384:.1%}"
    assert clean == "2 / 2 / 1 / 1 of 2"


def test_markers_give_back_the_turn_and_the_shift_of_their_segment():
    places = np.random.default_rng(1).normal(size=(4, 3))
    turns, shifts = (
        Rotation.from_euler("xyz", [[0.3, -0.2, 1.1], [0, 0.5, 0]]).as_matrix(),
        np.array([[1, 2, 3], [0, 0, 1]]),
    )
    moving = np.einsum("tij,nj->tni", turns, places) + shifts[:, None]
    rotation, shift = hips_free_segments.rigid(places, moving)
    np.testing.assert_allclose(rotation, turns, atol=1e-12)
    np.testing.assert_allclose(shift, shifts, atol=1e-12)


def test_a_segment_at_rest_needs_its_weight_at_its_centre_of_mass():
    time_s = np.arange(20) / 100
    still = np.tile(np.eye(3), (20, 1, 1)), np.zeros((20, 3))
    upper, force, moment = hips_free_segments.inertial(time_s, *still, *LIMB, 70.0, 0.1, 0.5, 0.3)
    np.testing.assert_allclose(upper, np.tile(LIMB[0], (20, 1)))
    np.testing.assert_allclose(force, np.tile([0.0, 7.0 * 9.80665, 0.0], (20, 1)), atol=1e-9)
    np.testing.assert_allclose(moment[:, 2], 0.1 * 7.0 * 9.80665, atol=1e-9)


def test_a_turning_rod_needs_its_moment_of_inertia():
    time_s, rate = np.arange(200) / 100, 3.0
    turns = Rotation.from_rotvec(np.outer(0.5 * rate * time_s**2, [0, 0, 1])).as_matrix()
    middle = LIMB.mean(axis=0)
    shift = middle - turns @ middle
    _, _, moment = hips_free_segments.inertial(time_s, turns, shift, *LIMB, 70.0, 0.1, 0.5, 0.3)
    own = 7.0 * 0.4**2 * 0.3**2 * rate
    weight = middle[0] * 7.0 * 9.80665
    assert moment[50:150, 2].mean() == pytest.approx(weight + own, rel=1e-4)
