"""Upright frames do not know the heading of a sensor, and mirrored motions give mirrored signals."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from gaitload.imu.placement import AS_PLACED, Placement
from gaitload.imu.virtual import ideal_imu
from gaitload.models.sensors import load_sensors
from gaitload.windows.features import sensor_features
from gaitload.windows.mirror import channel_signs, column_sign

MIRROR = np.diag([1.0, 1.0, -1.0])
"""Of the ground frame, Z to the right."""


def motion(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A body that swings and tumbles smoothly: time, rotation to ground, place of its origin."""
    random, time_s = np.random.default_rng(seed), np.arange(60) / 100
    waves = [np.sin(2 * np.pi * (1.5 * time_s + random.uniform())) for _ in range(6)]
    vectors = 0.6 * np.stack(waves[:3], axis=1)
    return time_s, Rotation.from_rotvec(vectors).as_matrix(), 0.1 * np.stack(waves[3:], axis=1)


def recorded(placement: Placement, time_s, rotation, origin):
    found = ideal_imu(time_s, rotation, origin, placement=placement)
    return found.acc_sensor_m_per_s2, found.gyr_sensor_rad_per_s, found.orientation_wxyz


def test_signs_are_those_of_a_mirrored_motion(repository):
    placements = {one.name: one for one in load_sensors(repository / "opensim_models/rajagopal/sensors.yaml")}
    assert AS_PLACED.heading_rad == 0
    for right, left in (("tibia_r", "tibia_l"), ("calcn_r", "calcn_l"), ("femur_r", "femur_l"), ("pelvis", "pelvis")):
        time_s, rotation, origin = motion(seed=len(right))
        ours = recorded(placements[right], time_s, rotation, origin)
        theirs = recorded(placements[left], time_s, MIRROR @ rotation @ MIRROR, origin @ MIRROR)
        for channel, one, other in zip(("acc", "gyr", "quat"), ours, theirs, strict=True):
            seen = other * channel_signs(channel, "l")
            if channel == "quat":
                seen = seen * np.sign(np.sum(seen * one, axis=1, keepdims=True))
            np.testing.assert_allclose(seen, one, atol=1e-6, err_msg=f"{left} {channel}")


def test_heading_and_its_drift_do_not_matter_and_gravity_is_up():
    time_s, rotation, origin = motion(seed=5)
    acc, gyr, quat = recorded(Placement("s", "b", np.zeros(3), np.eye(3)), time_s, rotation, origin)
    turned = (Rotation.from_rotvec([0, 0, 2.1]) * Rotation.from_quat(quat, scalar_first=True)).as_quat(
        scalar_first=True
    )
    options = {"channels": ("acc", "gyr", "six_d"), "frame": "heading_free"}
    ours, theirs = (sensor_features(acc[None], gyr[None], one[None], **options) for one in (quat, -turned))
    np.testing.assert_allclose(ours, theirs, atol=1e-6)
    up = Rotation.from_quat(quat, scalar_first=True).inv().apply([0, 0, 9.81])
    resting = sensor_features(up[None], gyr[None], quat[None], **options)
    np.testing.assert_allclose(resting[0, :, :3], np.tile([0, 0, 9.81], (60, 1)), atol=1e-9)


def test_six_numbers_are_two_columns_and_three_are_angles():
    quat = Rotation.from_euler("ZYX", [[0.3, 0.2, 0.1]]).as_quat(scalar_first=True)[None]
    still = np.zeros((1, 1, 3))
    six = sensor_features(still, still, quat, channels=("six_d",), frame="sensor")
    np.testing.assert_allclose(np.linalg.norm(six.reshape(2, 3), axis=1), 1)
    euler = sensor_features(still, still, quat, channels=("euler",), frame="sensor")
    np.testing.assert_allclose(euler[0, 0], [0.1, 0.2, 0.3])


def test_columns_across_the_body_change_sign():
    assert [column_sign(name, "l") for name in ("grf_l_z_bw", "free_moment_l_nm", "grf_l_y_bw", "atf_l_bw")] == [
        -1,
        -1,
        1,
        1,
    ]
    assert column_sign("grf_r_z_bw", "r") == 1


def test_channels_of_sensors_are_mirrored_as_columns_too():
    columns = {
        "acc": [f"tibia_l_acc_{axis}_m_per_s2" for axis in "xyz"],
        "gyr": [f"tibia_l_gyr_{axis}_rad_per_s" for axis in "xyz"],
        "quat": [f"tibia_l_quat_{axis}" for axis in "wxyz"],
    }
    for channel, names in columns.items():
        for side in "lr":
            assert [column_sign(name, side) for name in names] == channel_signs(channel, side).tolist()
