"""The calibration pose: frames of sensors brought together, and standing told from walking."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from gaitload.baselines.standing import (
    facing_rad,
    heading_of_axis_rad,
    in_ground,
    longest_standing,
    mean_orientations,
)
from gaitload.errors import DataError
from gaitload.sync.quaternions import (
    GROUND_TO_EARTH_WXYZ,
    about_vertical,
    from_rotation_vector,
    multiply,
    shortest_angle,
)

RATE_HZ = 100.0
TIME_S = np.arange(600) / RATE_HZ


def swinging(still: slice, sensors: int = 2, rad: float = 0.4) -> np.ndarray:
    """Orientations, shape (T, S, 4), of sensors that swing once a second but for some frames."""
    angle = rad * np.sin(2 * np.pi * TIME_S)
    angle[still] = angle[still.start]
    turn = np.stack([np.zeros_like(angle), angle, np.zeros_like(angle)], axis=-1)
    return np.repeat(from_rotation_vector(turn)[:, None], sensors, axis=1)


def test_headings_and_their_creep_are_taken_off():
    ground = from_rotation_vector(np.random.default_rng(1).normal(0, 0.5, (len(TIME_S), 3, 3)))
    heading, rate, centre_s = np.array([0.3, -2.0, 3.0]), np.array([0.01, 0.0, -0.02]), 2.5
    course = heading + rate * (TIME_S[:, None] - centre_s)
    recorded = multiply(about_vertical(course), multiply(np.asarray(GROUND_TO_EARTH_WXYZ), ground))
    found = in_ground(recorded, TIME_S, heading_rad=heading, heading_rate_rad_per_s=rate, centre_s=centre_s)
    assert shortest_angle(found, ground).max() < 1e-7


def test_in_ground_a_sensor_that_lies_flat_points_up_along_y():
    flat = np.tile([1.0, 0.0, 0.0, 0.0], (2, 1, 1))
    found = in_ground(flat, TIME_S[:2], heading_rad=np.zeros(1), heading_rate_rad_per_s=np.zeros(1), centre_s=0.0)
    up = Rotation.from_quat(found[0, 0], scalar_first=True).apply([0.0, 0.0, 1.0])
    assert up == pytest.approx([0.0, 1.0, 0.0], abs=1e-12)


@pytest.mark.parametrize("facing", [-3.0, -1.0, 0.0, 0.5, 2.0])
def test_who_is_turned_about_the_vertical_faces_there(facing):
    tilted = Rotation.from_rotvec([0, facing, 0]) * Rotation.from_rotvec([0, 0, 0.2])
    assert facing_rad(tilted.as_matrix()) == pytest.approx(facing)


def test_standing_within_a_walk_is_found():
    found = longest_standing(swinging(slice(250, 400)), RATE_HZ)
    # The swing is slower than the limit for some frames before and after.
    assert found.start == pytest.approx(250, abs=15)
    assert found.stop == pytest.approx(400, abs=15)


def test_the_turning_point_of_a_swing_is_no_standing():
    assert longest_standing(swinging(slice(0, 0)), RATE_HZ) is None


def test_one_sensor_that_moves_or_is_missing_ends_the_standing():
    orientations = swinging(slice(200, 500))
    orientations[300:, 1] = swinging(slice(0, 0))[300:, 1]
    assert longest_standing(orientations, RATE_HZ).stop == pytest.approx(300, abs=15)
    orientations = swinging(slice(200, 500))
    orientations[260, 0] = np.nan
    found = longest_standing(orientations, RATE_HZ)
    assert found.start == 261 and np.isfinite(orientations[found]).all()


def test_standing_before_the_cameras_ran_does_not_count():
    orientations = swinging(slice(0, 250))
    orientations[400:] = orientations[399]
    assert longest_standing(orientations, RATE_HZ).start == 0
    found = longest_standing(orientations, RATE_HZ, within=TIME_S >= 3.0)
    assert found.start == pytest.approx(400, abs=15)
    assert longest_standing(orientations, RATE_HZ, within=(TIME_S >= 2.7) & (TIME_S < 3.8)) is None


def test_recordings_shorter_than_a_turn_are_no_standing():
    assert longest_standing(swinging(slice(0, 600))[:5], RATE_HZ) is None


def test_the_mean_does_not_care_for_signs_or_missing_samples():
    standing = swinging(slice(0, 600))[:50].copy()
    standing[::2, 0] *= -1
    standing[10:20, 1] = np.nan
    found = mean_orientations(standing, "static")
    assert shortest_angle(found, standing[25]).max() < 1e-7
    assert (found[:, 0] >= 0).all()


def test_a_sensor_that_recorded_nothing_is_refused():
    standing = swinging(slice(0, 600))[:50].copy()
    standing[:, 1] = np.nan
    with pytest.raises(DataError, match="1 of 2") as caught:
        mean_orientations(standing, "cohort/p1/static")
    assert caught.value.code == "IMU_CALIBRATION_EMPTY"


@pytest.mark.parametrize("heading_deg", [0.0, 50.0, -130.0])
@pytest.mark.parametrize(("axis", "forward"), [("+z", [0, 0, 1]), ("-y", [0, -1, 0])])
def test_the_heading_of_an_axis_is_taken_off_by_bringing_the_sensor_into_the_ground_frame(heading_deg, axis, forward):
    # A sensor whose axis points forward and a little up, in an earth frame turned by some heading.
    sitting = Rotation.align_vectors([[0.95, 0.0, 0.3]], [forward])[0]
    recorded = Rotation.from_euler("z", heading_deg, degrees=True) * sitting
    quaternion = recorded.as_quat(scalar_first=True)[None, None]

    def ahead(heading_rad: float) -> np.ndarray:
        level = in_ground(quaternion, np.zeros(1), **_one_heading(heading_rad))
        return Rotation.from_quat(level[0, 0], scalar_first=True).as_matrix()

    found = heading_of_axis_rad(ahead(0.0), axis)
    np.testing.assert_allclose(np.degrees(found), heading_deg, atol=1e-9)
    assert heading_of_axis_rad(ahead(found), axis) == pytest.approx(0.0, abs=1e-12)


def test_an_axis_that_points_up_tells_no_heading():
    assert np.isnan(heading_of_axis_rad(np.eye(3), "+y"))


def _one_heading(heading_rad: float) -> dict:
    return {"heading_rad": np.array([heading_rad]), "heading_rate_rad_per_s": np.zeros(1), "centre_s": 0.0}
