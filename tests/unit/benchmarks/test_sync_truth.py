"""Simulated recordings are what their truth says, and the table says what was measured."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import sync
from benchmarks.motions import SEGMENTS, Motion
from benchmarks.sync_truth import Condition, lengthened, recorded, stride_starts
from gaitload.sync.quaternions import from_rotation_vector, multiply, shortest_angle
from gaitload.sync.search import synchronise

RATE_HZ = 100.0
CLEAN = Condition(heading_rad=0, mount_rad=0, noise_rad=0, drift_rad_per_s=0, skew=0, lost=0)


@pytest.fixture(scope="module")
def gait() -> Motion:
    """Eight strides of about 1.1 s, no two alike."""
    rng, time_s = np.random.default_rng(2), np.arange(0, 9, 1 / RATE_HZ)
    phase = 2 * np.pi * (time_s / 1.1 + 0.01 * np.sin(1.3 * time_s))
    size, ahead = rng.uniform(0.2, 0.5, (len(SEGMENTS), 3)), rng.uniform(0, 6, (len(SEGMENTS), 3))
    vectors = size * np.sin(phase[:, None, None] + ahead) + 0.2 * size * np.sin(2 * phase[:, None, None] + 2 * ahead)
    return Motion("made", RATE_HZ, from_rotation_vector(vectors))


def test_strides_are_found(gait):
    assert np.median(np.diff(stride_starts(gait))) == pytest.approx(110, abs=2)


def test_joined_strides_go_on_smoothly_and_differ(gait):
    joined = lengthened(gait, 30.0, np.random.default_rng(1))
    steps = shortest_angle(joined[1:], joined[:-1])
    own = shortest_angle(gait.orientation_ground_wxyz[1:], gait.orientation_ground_wxyz[:-1])
    assert len(joined) >= 3000
    assert steps.max() < 1.5 * own.max()
    copies = lengthened(gait, 30.0, np.random.default_rng(1), varied=False)
    period = np.diff(stride_starts(gait))[0]
    assert shortest_angle(copies[500 : 500 + period], copies[500 + period : 500 + 2 * period]).max() < 1e-6
    assert shortest_angle(joined[500 : 500 + period], joined[500 + period : 500 + 2 * period]).max() > 0.02


def test_sensors_see_the_motion_at_the_time_of_the_truth(gait):
    truth = recorded(
        gait, gait.orientation_ground_wxyz, CLEAN, rate_hz=50, window_s=4, rng=np.random.default_rng(3), overhang=0
    )
    frame = round(truth.offset_s * RATE_HZ)
    from_ground = multiply(np.array([1, 1, 0, 0]) / np.sqrt(2), gait.orientation_ground_wxyz[frame])
    # Half a frame of turning at most: 0.5 rad at 2 Hz.
    assert shortest_angle(truth.imu.orientation_wxyz[0], from_ground).max() < 0.05
    assert synchronise(truth.imu, truth.mocap).offset_s == pytest.approx(truth.offset_s, abs=5e-4)


def test_slips_and_flags_are_counted():
    rows = [
        {"error_s": 0.002, "flagged": False, "preference": 9.0},
        {"error_s": 0.004, "flagged": True, "preference": 2.0},
        {"error_s": 0.7, "flagged": True, "preference": 1.0},
        {"error_s": np.inf, "flagged": False, "preference": 5.0},
    ]
    found = sync.summary(rows)
    assert found["slips"] == 2
    assert found["slips_flagged"] == 1
    assert found["false_flags_percent"] == 50
    assert found["largest_preference_of_a_slip"] == 5.0
