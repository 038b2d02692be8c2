"""Tables of makers whose columns name themselves, as CSV and in MATLAB's files."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matio import save_to_mat
from scipy.io import savemat

from gaitload.errors import DataError
from gaitload.io.imu.reader import format_of, read_imu
from imu_files import delimited, swing
from tests.fuzz import seeds_imu

RATE_HZ = 60.0
MOTION = swing(300, RATE_HZ)
TIME_S = np.arange(300) / RATE_HZ


@pytest.mark.parametrize("seed", seeds_imu.named_columns(None), ids=lambda seed: seed.name)
def test_a_makers_table_becomes_a_recording_in_si_units(seed, tmp_path):
    path = tmp_path / "walk.csv"
    path.write_bytes(seed.content)
    (recording,) = read_imu(path)
    known = swing(seeds_imu.ROWS, RATE_HZ)
    assert recording.rate_hz == pytest.approx(RATE_HZ, rel=1e-4)
    np.testing.assert_allclose(recording.acc_sensor_m_per_s2, known.acc, atol=1e-5)
    np.testing.assert_allclose(recording.gyr_sensor_rad_per_s, known.gyr, atol=1e-5)


def table(*, time_s=TIME_S, scale=1.0):
    columns = {"time": scale * time_s}
    for body in ("pelvis", "thigh_r"):
        for kind, values in (("acc", MOTION.acc), ("gyr", np.degrees(MOTION.gyr))):
            columns |= {f"{body}_{kind}_{axis}": values[:, place] for place, axis in enumerate("xyz")}
    return delimited(list(columns), list(columns.values()))


@pytest.mark.parametrize("scale", [1.0, 1e3, 1e6])
def test_the_unit_of_a_clock_shows_in_its_steps(scale, tmp_path):
    (tmp_path / "walk.csv").write_text(table(scale=scale))
    pelvis, thigh = read_imu(tmp_path / "walk.csv")
    assert (pelvis.name, thigh.name) == ("pelvis", "thigh r")
    assert thigh.rate_hz == pytest.approx(RATE_HZ)


def test_a_clock_that_ticks_like_no_sensor_is_refused(tmp_path):
    (tmp_path / "walk.csv").write_text(table(time_s=np.arange(300.0)))
    with pytest.raises(DataError, match="median step of 1") as caught:
        read_imu(tmp_path / "walk.csv")
    assert caught.value.code == "IMU_TIME"


def test_a_packet_that_was_written_twice_counts_once_and_two_at_one_time_are_refused(tmp_path):
    """x-IMU3 exports hold packets twice where others are lost."""
    lines = table().rstrip("\n").split("\n")
    twice = [*lines[:50], lines[49], *lines[51:]]
    (tmp_path / "walk.csv").write_text("\n".join(twice) + "\n")
    pelvis, _ = read_imu(tmp_path / "walk.csv")
    assert np.flatnonzero(np.isnan(pelvis.acc_sensor_m_per_s2[:, 0])).tolist() == [49]
    other = lines[50].split(",")
    twice[50] = ",".join([lines[49].split(",")[0], *other[1:]])
    (tmp_path / "walk.csv").write_text("\n".join(twice) + "\n")
    with pytest.raises(DataError, match="times of arrival") as caught:
        read_imu(tmp_path / "walk.csv")
    assert caught.value.code == "IMU_TIME"


def test_one_unit_counts_for_all_sensors_of_a_file(tmp_path):
    """The thigh does not turn fast enough for its numbers to tell; the pelvis does."""
    names = [f"{body}_{kind}_{axis}" for body in ("pelvis", "thigh_r") for kind in ("acc", "gyr") for axis in "xyz"]
    slow = 0.01 * np.degrees(MOTION.gyr)
    still = np.tile([0.0, 0.0, 9.81], (300, 1))
    columns = [TIME_S, *MOTION.acc.T, *np.degrees(MOTION.gyr).T, *still.T, *slow.T]
    (tmp_path / "walk.csv").write_text(delimited(["time", *names], columns))
    _, thigh = read_imu(tmp_path / "walk.csv")
    np.testing.assert_allclose(thigh.gyr_sensor_rad_per_s, 0.01 * MOTION.gyr, atol=1e-9)
    alone = [columns[0], *columns[7:]]
    (tmp_path / "alone.csv").write_text(delimited(["time", *names[6:]], alone))
    with pytest.raises(DataError) as caught:
        read_imu(tmp_path / "alone.csv")
    assert caught.value.code == "IMU_UNITS_AMBIGUOUS"


def test_a_packet_number_needs_the_rate(tmp_path):
    names = ["Packet number", *(f"Gyroscope {axis} (deg/s)" for axis in "XYZ")]
    names += [f"Accelerometer {axis} (g)" for axis in "XYZ"]
    kept = np.r_[0:100, 103:300]
    columns = [np.arange(7, 307), *np.degrees(MOTION.gyr).T, *(MOTION.acc / 9.80665).T]
    (tmp_path / "walk.csv").write_text(delimited(names, [column[kept] for column in columns]))
    with pytest.raises(DataError) as caught:
        read_imu(tmp_path / "walk.csv")
    assert caught.value.code == "IMU_RATE_UNKNOWN"
    (recording,) = read_imu(tmp_path / "walk.csv", rate_hz=RATE_HZ)
    assert np.flatnonzero(np.isnan(recording.acc_sensor_m_per_s2[:, 0])).tolist() == [100, 101, 102]


def test_slower_channels_end_before_the_others(tmp_path):
    """Delsys writes channels of unlike rates beside each other, each with a clock."""
    pairs = {}
    for kind, values in (("ACC", MOTION.acc / 9.80665), ("GYRO", np.degrees(MOTION.gyr))):
        pairs |= {f"1: {kind}.{axis}": values[:150, place] for place, axis in enumerate("XYZ")}
    names = ["X[s]", "1: EMG 1[V]", *(cell for name in pairs for cell in ("X[s]", name))]
    rows = []
    for row in range(300):
        cells = [f"{row / 120.0:.6f}", "0.0"]
        for values in pairs.values():
            cells += [f"{row / RATE_HZ:.6f}", f"{values[row]:.6f}"] if row < 150 else ["", ""]
        rows.append(",".join(cells))
    (tmp_path / "walk.csv").write_text("\n".join(["Trigno", "", ",".join(names), *rows]) + "\n")
    (recording,) = read_imu(tmp_path / "walk.csv")
    assert len(recording.time_s) == 150 and recording.rate_hz == pytest.approx(RATE_HZ, rel=1e-4)


def structure(**more):
    return {"shank_r": {"acc": MOTION.acc, "gyr": MOTION.gyr, "quat": MOTION.orientation_wxyz}, **more}


def test_matlab_structures_and_tables_are_read(tmp_path):
    savemat(tmp_path / "walk.mat", {"imu": structure(fs=RATE_HZ)})
    (recording,) = read_imu(tmp_path / "walk.mat")
    assert format_of(tmp_path / "walk.mat") == "MATLAB tables"
    assert recording.name == "shank r" and recording.rate_hz == pytest.approx(RATE_HZ)
    np.testing.assert_allclose(recording.orientation_wxyz, MOTION.orientation_wxyz, atol=1e-12)
    columns = {"time_s": TIME_S}
    for kind, values in (("Accel", MOTION.acc), ("Gyro", np.degrees(MOTION.gyr))):
        columns |= {f"foot_{kind}_{axis}": values[:, place] for place, axis in enumerate("XYZ")}
    save_to_mat(str(tmp_path / "table.mat"), {"data": pd.DataFrame(columns)})
    (recording,) = read_imu(tmp_path / "table.mat")
    assert recording.name == "foot"
    np.testing.assert_allclose(recording.gyr_sensor_rad_per_s, MOTION.gyr, atol=1e-12)


def test_a_matlab_file_without_a_rate_needs_one_and_one_without_sensors_is_refused(tmp_path):
    savemat(tmp_path / "walk.mat", {"imu": structure()})
    with pytest.raises(DataError) as caught:
        read_imu(tmp_path / "walk.mat")
    assert caught.value.code == "IMU_RATE_UNKNOWN"
    (recording,) = read_imu(tmp_path / "walk.mat", rate_hz=RATE_HZ)
    assert recording.rate_hz == pytest.approx(RATE_HZ)
    savemat(tmp_path / "markers.mat", {"LASI": MOTION.acc})
    with pytest.raises(DataError, match="LASI x") as caught:
        read_imu(tmp_path / "markers.mat")
    assert caught.value.code == "IMU_MATLAB"
