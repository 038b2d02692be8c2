"""Straight walking there and back, with turns between."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.sync.quaternions import about_vertical, from_rotation_vector, multiply
from gaitload.sync.straight import dominant_direction, heading_of, straight_frames, straight_segments

TIME_S = np.arange(0, 20, 0.1)
WAY_RAD = 0.4
HEADING_RAD = WAY_RAD + np.interp(TIME_S, [0, 8, 10, 20], [0, 0, np.pi, np.pi]) + 0.1 * np.sin(6 * TIME_S)


def test_there_and_back_are_one_way():
    assert dominant_direction(HEADING_RAD) == pytest.approx(WAY_RAD, abs=np.radians(3))


def test_the_turn_is_left_out():
    spans = straight_segments(TIME_S, HEADING_RAD)
    # Within 30 degrees of the way for a sixth of the two seconds of turning at either end, give or take the swaying.
    np.testing.assert_allclose(spans, [(0, 8.4), (9.7, 20)], atol=0.25)


def test_frames_without_a_heading_are_not_straight():
    heading = HEADING_RAD.copy()
    heading[30:40] = np.nan
    assert not straight_frames(heading)[30:40].any()
    assert len(straight_segments(TIME_S, heading)) == 3


@pytest.mark.parametrize("way", [0.1, 1.5, -1.5])
def test_heading_comes_from_either_vertical(way):
    angle = HEADING_RAD - WAY_RAD + way
    ground = from_rotation_vector(np.stack([0 * angle, angle, 0 * angle], axis=-1))
    lean = from_rotation_vector(np.array([0.0, 0.0, 0.2]))
    np.testing.assert_allclose(heading_of(multiply(ground, lean)), angle, atol=1e-9)
    np.testing.assert_allclose(heading_of(about_vertical(angle), up="z"), angle, atol=1e-9)
