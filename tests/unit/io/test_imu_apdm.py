"""APDM CSV: several sensors in one file, units as it says them, a clock with lost rows."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.errors import ConventionError, DataError
from gaitload.io.imu.reader import read_imu
from imu_files import swing

MOTION = swing(400, 128.0)
CHANNELS = [*(f"{group}/{axis}" for group in ("Acceleration", "Angular Velocity", "Magnetic Field") for axis in "XYZ")]
CHANNELS += [f"Orientation/{axis}" for axis in ("Scalar", "X", "Y", "Z")]
UNITS = ["m/s^2"] * 3 + ["rad/s"] * 3 + ["uT"] * 3 + [""] * 4
VALUES = np.hstack((MOTION.acc, MOTION.gyr, MOTION.mag, MOTION.orientation_wxyz))


def version_1(*, sensors=("Left Shank", "Right Shank"), units=None, keep=slice(None), values=VALUES):
    names = ["Time", *(f"{sensor}/{channel}" for sensor in sensors for channel in CHANNELS)]
    rows = np.column_stack((np.arange(400) / 128.0 + 3.0, *([values] * len(sensors))))[keep]
    lines = [
        "Test Name:,Walk,,",
        "Sample Rate:,128,Hz",
        ",".join(names),
        ",".join(["s", *(units or UNITS) * len(sensors)]),
    ]
    return "\n".join([*lines, *(",".join(f"{value:.9f}" for value in row) for row in rows)]) + "\n"


def version_7(*, sensors=("Lumbar", "Left Foot"), axes="X,Y,Z,X,Y,Z,X,Y,Z,,S,X,Y,Z"):
    lines = ["Format=7," + ",".join(f"57{place:02d},,,{name}" + "," * 10 for place, name in enumerate(sensors))]
    lines.append("Time" + ",Accelerometer,,,Gyroscope,,,Magnetometer,,,Barometer,Orientation,,," * len(sensors))
    lines.append("," + ",".join([axes] * len(sensors)))
    block = [[f"{v:.9f}" for v in row[:9]] + ["4.6e18"] + [f"{v:.9f}" for v in row[9:]] for row in VALUES]
    for row, cells in enumerate(block):
        time_us = 1550879504438281 + round(row * 7812.5)
        lines.append(",".join([str(time_us), *(cells * len(sensors)), "0"]))
    return "\n".join(lines) + "\n"


@pytest.fixture
def read(tmp_path):
    def read(text):
        path = tmp_path / "walk.csv"
        path.write_text(text)
        return read_imu(path)

    return read


@pytest.mark.parametrize(
    ("text", "names"), [(version_1(), ["Left Shank", "Right Shank"]), (version_7(), ["Lumbar", "Left Foot"])]
)
def test_all_sensors_of_a_file_are_read(read, text, names):
    recordings = read(text)
    assert [recording.name for recording in recordings] == names
    for recording in recordings:
        assert recording.rate_hz == pytest.approx(128.0, rel=1e-6)
        assert recording.time_s[0] == 0.0
        np.testing.assert_allclose(recording.acc_sensor_m_per_s2, MOTION.acc, atol=1e-9)
        np.testing.assert_allclose(recording.gyr_sensor_rad_per_s, MOTION.gyr, atol=1e-9)
        np.testing.assert_allclose(recording.mag_sensor, MOTION.mag, atol=1e-9)
        np.testing.assert_allclose(recording.orientation_wxyz, MOTION.orientation_wxyz, atol=2e-9)


def test_units_are_those_of_the_file(read):
    values = VALUES.copy()
    values[:, :3] /= 9.80665
    values[:, 3:6] *= 180.0 / np.pi
    units = ["g"] * 3 + ["deg/s"] * 3 + ["uT"] * 3 + [""] * 4
    recording = read(version_1(units=units, values=values))[0]
    np.testing.assert_allclose(recording.acc_sensor_m_per_s2, MOTION.acc, atol=2e-8)
    np.testing.assert_allclose(recording.gyr_sensor_rad_per_s, MOTION.gyr, atol=1e-9)


def test_units_the_numbers_contradict_are_refused(read):
    with pytest.raises(ConventionError, match="only be in rad/s") as caught:
        read(version_1(units=["m/s^2"] * 3 + ["deg/s"] * 3 + ["uT"] * 3 + [""] * 4))
    assert caught.value.code == "IMU_UNITS_CONTRADICTED"


def test_a_unit_nobody_says_is_seen(read):
    recording = read(version_1(units=[""] * 13))[0]
    np.testing.assert_allclose(recording.gyr_sensor_rad_per_s, MOTION.gyr, atol=1e-9)


def test_lost_rows_keep_their_place(read):
    recording = read(version_1(keep=np.r_[0:10, 12:400]))[0]
    assert np.flatnonzero(np.isnan(recording.gyr_sensor_rad_per_s[:, 0])).tolist() == [10, 11]
    np.testing.assert_allclose(recording.time_s, np.arange(400) / 128.0, atol=1e-9)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (version_1().replace("Time,", "Zeit,", 1), "IMU_APDM_HEADER"),
        (version_1().replace("Left Shank/Acceleration/Y", "Left Shank/Acceleration/Q"), "IMU_APDM_HEADER"),
        (version_7(sensors=("Lumbar", "Lumbar")), "IMU_APDM_HEADER"),
        (version_7(axes="X,Y,Z,X,Y,,X,Y,Z,,S,X,Y,Z"), "IMU_APDM_HEADER"),
        ("Format=7\n", "IMU_APDM_HEADER"),
        (version_1(keep=np.r_[0:10, 9:400]), "IMU_TIME"),
        (version_1(keep=np.r_[0:40, 350:400]), "IMU_PACKETS_LOST"),
    ],
)
def test_a_fault_is_refused_with_its_code(read, text, code):
    with pytest.raises(DataError) as caught:
        read(text)
    assert caught.value.code == code
