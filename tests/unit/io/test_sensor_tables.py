"""The sensor table of a trial gives back what was put into it, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gaitload.errors import DataError
from gaitload.io.imu.oriented import read_sensors, write_sensors
from gaitload.io.tables import read_table, write_table
from gaitload.trial import ImuRecording
from imu_files import swing

MOTION = swing(50, 100.0)
RIGHT = ImuRecording("00B4", np.arange(50) / 100.0, MOTION.acc, MOTION.gyr, MOTION.mag, MOTION.orientation_wxyz)
LEFT = replace(RIGHT, name="00A1", gyr_sensor_rad_per_s=np.full((50, 3), np.nan))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A table of two sensors, not in the order of the alphabet."""
    table = tmp_path / "walk.parquet"
    write_sensors(table, ("tibia_r", "calcn_l"), (RIGHT, LEFT), {"trial": "walk"})
    return table


def test_sensors_come_back_bit_for_bit_in_their_order_without_the_magnetic_field(path: Path) -> None:
    for read, wrote in zip(read_sensors(path), (RIGHT, LEFT), strict=True):
        assert read.name == wrote.name
        assert read.mag_sensor is None
        for channel in ("time_s", "acc_sensor_m_per_s2", "gyr_sensor_rad_per_s", "orientation_wxyz"):
            assert np.array_equal(getattr(read, channel), getattr(wrote, channel), equal_nan=True)


def test_the_table_describes_itself(path: Path) -> None:
    values, meanings, document = read_table(path)
    assert {"time_s", "tibia_r_acc_x_m_per_s2", "calcn_l_gyr_z_rad_per_s", "calcn_l_quat_w"} <= values.keys()
    assert meanings["tibia_r_acc_x_m_per_s2"]["frame"] == "sensor"
    assert document == {"trial": "walk", "sensors": {"tibia_r": "00B4", "calcn_l": "00A1"}}


def test_equal_sensors_are_equal_bytes(path: Path, tmp_path: Path) -> None:
    write_sensors(tmp_path / "again.parquet", ("tibia_r", "calcn_l"), (RIGHT, LEFT), {"trial": "walk"})
    assert (tmp_path / "again.parquet").read_bytes() == path.read_bytes()


def test_a_damaged_byte_is_told_where_it_matters(path: Path) -> None:
    """Parquet keeps bytes that nobody reads, among them statistics of columns."""
    whole, told = path.read_bytes(), 0
    places = np.linspace(0, len(whole) - 1, 100, dtype=int)
    for place in places:
        content = bytearray(whole)
        content[place] ^= 1
        path.write_bytes(content)
        try:
            read = read_sensors(path)
        except DataError as error:
            told += error.code == "TABLE_DAMAGED"
            continue
        assert [each.name for each in read] == ["00B4", "00A1"]
        assert np.array_equal(read[0].acc_sensor_m_per_s2, RIGHT.acc_sensor_m_per_s2)
    assert told > 50


@pytest.mark.parametrize("document", [{}, {"sensors": {"pelvis": "00B4"}}])
def test_a_table_of_another_kind_is_refused(tmp_path: Path, document: dict) -> None:
    columns = {"time_s": (np.arange(3.0), {"unit": "s"}), "atf_r_bw": (np.arange(3.0), {"unit": "BW"})}
    write_table(tmp_path / "labels.parquet", columns, document)
    with pytest.raises(DataError, match=r"TABLE_DAMAGED.*a table of inertial sensors"):
        read_sensors(tmp_path / "labels.parquet")
