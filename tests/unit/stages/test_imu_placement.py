"""A calibration pose in which the person moved is told."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from gaitload.quality import Verdict
from gaitload.stages import imu_kinematics, sensor_frames
from gaitload.sync.quaternions import from_rotation_vector
from gaitload.trial import ImuRecording

TIME_S = np.arange(200) / 100
FRAMES = SimpleNamespace(
    headings=lambda kind, creeping: {
        "heading_rad": np.zeros(1),
        "heading_rate_rad_per_s": np.zeros(1),
        "centre_s": 0.0,
    }
)


@pytest.mark.parametrize(("moves_until_s", "stood"), [(0.0, True), (1.0, True), (2.0, False)])
def test_only_who_stands_still_is_calibrated_without_a_doubt(jobs, monkeypatch, moves_until_s, stood):
    (job,) = jobs("imu_kinematics", "walk1")
    angle = np.where(moves_until_s > TIME_S, 0.5 * np.sin(2 * np.pi * TIME_S), 0.0)
    turned = from_rotation_vector(angle[:, None] * np.array([0.0, 1.0, 0.0]))
    nothing = np.zeros((len(TIME_S), 3))
    sensor = ImuRecording("shank", TIME_S, nothing, nothing, orientation_wxyz=turned)
    monkeypatch.setattr(sensor_frames, "read_sensors", lambda path: (sensor,))
    found, still = sensor_frames.static_orientations(job, FRAMES, job.trial)
    assert found.shape == (1, 4) and still == stood


def test_a_moving_calibration_warns():
    (gate,) = imu_kinematics._gates("static_moving")
    assert (gate.code, gate.verdict) == ("IMU_CALIBRATION_MOVED", Verdict.WARNED)
    assert not list(imu_kinematics._gates("static"))
