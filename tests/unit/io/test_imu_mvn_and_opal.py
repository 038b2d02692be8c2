"""Xsens MVNX and APDM HDF5: made files after the published layouts."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from gaitload.errors import DataError
from gaitload.io.imu.formats.mvnx import SENSORS
from gaitload.io.imu.reader import format_of, read_imu
from imu_files import swing
from tests.fuzz import seeds_imu

MOTION = swing(seeds_imu.ROWS, 60.0)
MVNX = {seed.name: seed.content for seed in seeds_imu.mvnx(None)}


@pytest.fixture
def read(tmp_path):
    def read(content, suffix):
        path = tmp_path / f"walk{suffix}"
        path.write_bytes(content)
        return read_imu(path)

    return read


def test_sensors_of_mvn_get_gravity_back_in_their_own_frame(read):
    pelvis, shank = read(MVNX["sensors"], ".mvnx")
    assert (pelvis.name, shank.name) == ("Pelvis", "RightLowerLeg")
    assert pelvis.rate_hz == pytest.approx(60.0)
    np.testing.assert_allclose(shank.acc_sensor_m_per_s2, MOTION.acc, atol=2e-5)
    np.testing.assert_allclose(shank.orientation_wxyz, MOTION.orientation_wxyz, atol=1e-6)
    assert np.isnan(shank.gyr_sensor_rad_per_s).all()


def test_segments_stand_in_where_a_file_has_no_sensors(read):
    pelvis, _ = read(MVNX["segments"], ".mvnx")
    np.testing.assert_allclose(pelvis.gyr_sensor_rad_per_s, MOTION.gyr, atol=2e-5)
    np.testing.assert_allclose(pelvis.acc_sensor_m_per_s2, MOTION.acc, atol=2e-5)


def test_frames_alone_name_the_sensors_of_a_full_suit(read):
    recordings = read(MVNX["bare"], ".mvnx")
    assert tuple(recording.name for recording in recordings) == SENSORS
    assert recordings[0].rate_hz == pytest.approx(60.0, rel=0.01)


def test_a_frame_that_lacks_is_a_row_of_nan(read):
    lines = MVNX["sensors"].decode().split("\n")
    place = next(number for number, line in enumerate(lines) if 'index="7"' in line)
    pelvis, _ = read("\n".join([*lines[:place], *lines[place + 1 :]]).encode(), ".mvnx")
    assert np.flatnonzero(np.isnan(pelvis.orientation_wxyz[:, 0])).tolist() == [7]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('label="RightLowerLeg"', 'label=""', "IMU_MVNX"),
        ('<sensor label="RightLowerLeg"/>', "", "IMU_MVNX"),
        ('type="normal"', 'type="tpose"', "IMU_ROWS"),
        ("sensorOrientation", "strange", "IMU_MVNX"),
        ("</mvnx>", "", "XML_BROKEN"),
    ],
)
def test_what_is_wrong_with_an_mvnx_file_is_said(read, old, new, code):
    with pytest.raises(DataError) as caught:
        read(MVNX["sensors"].decode().replace(old, new).encode(), ".mvnx")
    assert caught.value.code == code


def test_opal_sensors_have_their_labels_and_the_orientations_that_were_processed(read, tmp_path):
    lumbar, foot = read(seeds_imu.apdm_h5(None)[0].content, ".h5")
    assert format_of(tmp_path / "walk.h5") == "APDM HDF5"
    assert (lumbar.name, foot.name) == ("Lumbar", "Right Foot")
    assert lumbar.rate_hz == pytest.approx(60.0, rel=1e-4)
    np.testing.assert_allclose(lumbar.orientation_wxyz, MOTION.orientation_wxyz, atol=1e-12)
    assert foot.orientation_wxyz is None
    np.testing.assert_allclose(foot.gyr_sensor_rad_per_s, MOTION.gyr, atol=1e-12)


def test_an_hdf5_file_of_something_else_is_refused(tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["values"] = np.arange(3)
    with pytest.raises(DataError) as caught:
        read_imu(tmp_path / "other.h5")
    assert caught.value.code == "IMU_APDM_HDF5"
