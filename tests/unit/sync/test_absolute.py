"""The published search finds what it can, and fails where its assumption does."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.sync.absolute import mean_angles, published_offset
from gaitload.sync.quaternions import GROUND_TO_EARTH_WXYZ
from sync_motion import Motion, recorded

TIME_S = np.arange(0, 8, 0.01)
MOTION = Motion(2, 5)


def test_in_one_frame_it_finds_the_sample():
    imu = recorded(MOTION, TIME_S[:300], at_s=TIME_S[:300] + 2.37, before=GROUND_TO_EARTH_WXYZ)
    found = published_offset(imu, recorded(MOTION, TIME_S), overlap_min_s=1.0)
    assert found.offset_s == pytest.approx(2.37, abs=1e-9)
    assert found.angle_rad < 1e-4


def test_lags_with_too_little_overlap_are_not_tried():
    imu = recorded(MOTION, TIME_S[:300], before=GROUND_TO_EARTH_WXYZ)
    offset_s, angle_rad = mean_angles(imu, recorded(MOTION, TIME_S), overlap_min_s=1.0)
    assert offset_s[[0, -1]] == pytest.approx([-2.0, 7.0])
    assert np.isfinite(angle_rad).all()
