"""A gyroscope, an orientation and gravity tell of each other what is wrong, and by how much."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from gaitload.errors import ConventionError
from gaitload.imu.consistency import agreement, causes, likely_rate_hz, require_agreement, require_up
from imu_files import swing

RATE_HZ = 100.0
TIME_S = np.arange(600) / RATE_HZ


def motion(pose: Rotation) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Orientation, angular velocity and specific force of a sensor that turns about all axes around a mean pose."""
    turns = np.column_stack(
        (0.5 * np.sin(5.0 * TIME_S), 0.4 * np.sin(7.0 * TIME_S + 1.0), 0.6 * np.sin(6.0 * TIME_S + 2.0))
    )
    rotation = Rotation.from_rotvec([0.0, 0.0, 0.8]) * pose * Rotation.from_rotvec(turns)
    turn = (rotation[:-1].inv() * rotation[1:]).as_rotvec() * RATE_HZ
    gyr = np.vstack((turn[:1], 0.5 * (turn[:-1] + turn[1:]), turn[-1:]))
    acc = rotation.inv().apply([0.0, 0.0, 9.81])
    return rotation.as_quat(scalar_first=True), gyr, acc


POSES = {"lies flat": Rotation.identity(), "on edge": Rotation.from_rotvec([1.5, 0.0, 0.0])}
INVERSE = np.array([1.0, -1.0, -1.0, -1.0])


@pytest.mark.parametrize("pose", POSES.values(), ids=POSES)
def test_sound_sensors_agree_in_any_pose(pose):
    orientation, gyr, _ = motion(pose)
    seen = agreement(orientation, gyr, RATE_HZ)
    assert seen.residual < 0.01 and seen.ratio == pytest.approx(1.0, abs=0.01)
    assert causes(orientation, gyr, RATE_HZ) == []
    require_agreement(orientation, gyr, RATE_HZ, where="here")


FAULTS = {
    "IMU_QUATERNIONS_INVERSE": lambda orientation, gyr: (orientation * INVERSE, gyr),
    "IMU_QUATERNIONS_SCALAR_LAST": lambda orientation, gyr: (np.roll(orientation, -1, axis=1), gyr),
    "IMU_QUATERNIONS_SCALAR_LAST_INVERSE": lambda orientation, gyr: (np.roll(orientation * INVERSE, -1, axis=1), gyr),
    "IMU_GYROSCOPE_INVERTED": lambda orientation, gyr: (orientation, -gyr),
    "IMU_GYROSCOPE_AXES": lambda orientation, gyr: (orientation, gyr[:, [0, 2, 1]] * [1.0, -1.0, 1.0]),
    "IMU_ORIENTATION_OF_ANOTHER_FRAME": lambda orientation, gyr: (
        (Rotation.from_quat(orientation, scalar_first=True) * Rotation.from_rotvec([0.3, 0.2, 0.4])).as_quat(
            scalar_first=True
        ),
        gyr,
    ),
}


@pytest.mark.parametrize("pose", POSES.values(), ids=POSES)
@pytest.mark.parametrize("code", FAULTS)
def test_the_cause_of_a_disagreement_is_named(pose, code):
    orientation, gyr, _ = motion(pose)
    with pytest.raises(ConventionError) as caught:
        require_agreement(*FAULTS[code](orientation, gyr), RATE_HZ, where="here")
    assert caught.value.code == code
    assert caught.value.do


@pytest.mark.parametrize(("declared_hz", "likely_hz"), [(60.0, 100.0), (120.0, 100.0), (166.7, 100.0)])
def test_a_wrong_rate_is_named_with_the_likely_one(declared_hz, likely_hz):
    orientation, gyr, _ = motion(POSES["lies flat"])
    with pytest.raises(ConventionError, match=f"they agree at {likely_hz:g} Hz") as caught:
        require_agreement(orientation, gyr, declared_hz, where="here")
    assert caught.value.code == "IMU_RATE_CONTRADICTED"


@pytest.mark.parametrize(("ratio", "likely_hz"), [(0.6, 60.0), (0.9877, 100.0), (0.94, 94.0), (1.4815, 148.148)])
def test_a_usual_rate_is_preferred_within_two_per_cent(ratio, likely_hz):
    assert likely_rate_hz(100.0, ratio) == pytest.approx(likely_hz)


def test_a_disagreement_without_a_known_cause_is_left_to_the_gate():
    orientation, gyr, _ = motion(POSES["lies flat"])
    strange = gyr + 2.0 * np.random.default_rng(0).normal(size=gyr.shape)
    assert agreement(orientation, strange, RATE_HZ).residual > 0.5
    assert causes(orientation, strange, RATE_HZ) == []
    require_agreement(orientation, strange, RATE_HZ, where="here")


def test_a_sensor_at_rest_judges_nothing():
    orientation = np.tile([1.0, 0.0, 0.0, 0.0], (600, 1))
    assert agreement(orientation, np.full((600, 3), 0.01), RATE_HZ) is None
    require_agreement(orientation, np.full((600, 3), 0.01), RATE_HZ, where="here")


def test_the_made_motion_of_file_tests_agrees_although_its_gyroscope_looks_back():
    made = swing(300, 60.0)
    assert agreement(made.orientation_wxyz, made.gyr, 60.0).residual < 0.1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda orientation, acc: (orientation * INVERSE, acc), "turn earth axes into sensor axes"),
        (lambda orientation, acc: (np.roll(orientation, -1, axis=1), acc), "scalar last"),
        (lambda orientation, acc: (orientation, -acc), "the accelerometer has the other sign"),
    ],
)
def test_orientations_that_do_not_turn_gravity_upwards_are_refused_with_the_cause(change, says):
    rotation = Rotation.from_rotvec([0.2, 1.3, 0.4])
    acc = np.tile(rotation.inv().apply([0.0, 0.0, 9.81]), (10, 1))
    orientation = np.tile(rotation.as_quat(scalar_first=True), (10, 1))
    require_up(orientation, acc, "here")
    with pytest.raises(ConventionError, match=says) as caught:
        require_up(*change(orientation, acc), "here")
    assert caught.value.code == "IMU_UP_CONTRADICTED"
