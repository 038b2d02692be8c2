"""Tables with declared columns, CSV and Parquet, and OpenSim's tables of quaternions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gaitload.errors import ConfigError, ConventionError, DataError
from gaitload.io.imu.quaternion_sto import read_quaternion_sto, write_quaternion_sto
from gaitload.io.imu.reader import format_of, read_imu
from gaitload.io.imu.table import ImuColumns
from gaitload.io.sto import read_sto
from gaitload.trial import ImuRecording
from imu_files import delimited, swing

MOTION = swing()
NAMES = ["t", "ax", "ay", "az", "gx", "gy", "gz", "w", "x", "y", "z"]
COLUMNS = ImuColumns("t", acc=("ax", "ay", "az"), gyr=("gx", "gy", "gz"), quaternion=("w", "x", "y", "z"))


def values(*, acc=1.0, gyr=1.0, time=1.0, start=0.0):
    signals = (MOTION.acc * acc, MOTION.gyr * gyr, MOTION.orientation_wxyz)
    return np.column_stack((start + np.arange(300) / 60.0 * time, *signals))


@pytest.fixture
def read(tmp_path):
    def read(table, columns=COLUMNS, *, parquet=False, delimiter=","):
        path = tmp_path / "table"
        if parquet:
            pq.write_table(pa.table(dict(zip(NAMES, table.T, strict=True))), path)
        else:
            path.write_text(delimited(NAMES, list(table.T), delimiter))
        return read_imu(path, columns={"shank": columns})[0]

    return read


def assert_si(recording):
    assert recording.name == "shank"
    np.testing.assert_allclose(recording.acc_sensor_m_per_s2, MOTION.acc, atol=2e-8)
    np.testing.assert_allclose(recording.gyr_sensor_rad_per_s, MOTION.gyr, atol=2e-9)
    np.testing.assert_allclose(recording.orientation_wxyz, MOTION.orientation_wxyz, atol=2e-9)
    np.testing.assert_allclose(recording.time_s, np.arange(300) / 60.0, atol=1e-6)


@pytest.mark.parametrize("parquet", [True, False])
@pytest.mark.parametrize(("acc", "acc_unit"), [(1.0, "m/s2"), (1.0 / 9.80665, "g")])
@pytest.mark.parametrize(("gyr", "gyr_unit"), [(1.0, "rad/s"), (180.0 / np.pi, "deg/s")])
def test_declared_and_recognised_units_give_one_recording(read, parquet, acc, acc_unit, gyr, gyr_unit):
    table = values(acc=acc, gyr=gyr)
    assert_si(read(table, parquet=parquet))
    assert_si(read(table, replace(COLUMNS, acc_unit=acc_unit, gyr_unit=gyr_unit), parquet=parquet))
    with pytest.raises(ConventionError) as caught:
        read(table, replace(COLUMNS, acc_unit="g" if acc_unit == "m/s2" else "m/s2"), parquet=parquet)
    assert caught.value.code == "IMU_UNITS_CONTRADICTED"


def test_a_sensor_at_rest_needs_a_declared_unit(read):
    table = values()
    table[:, 1:] = table[0, 1:]
    with pytest.raises(DataError) as caught:
        read(table)
    assert caught.value.code == "IMU_UNITS_AMBIGUOUS"
    assert read(table, replace(COLUMNS, gyr_unit="rad/s")).gyr_sensor_rad_per_s.shape == (300, 3)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_any_delimiter_does(read, delimiter):
    assert_si(read(values(), delimiter=delimiter))


def test_names_may_be_quoted(tmp_path):
    text = delimited(NAMES, list(values().T))
    path = tmp_path / "table"
    path.write_text(text.replace(",".join(NAMES), ",".join(f'"{name}"' for name in NAMES), 1))
    assert_si(read_imu(path, columns={"shank": COLUMNS})[0])


def test_sensors_with_clocks_of_their_own_keep_their_distance(tmp_path):
    table = np.column_stack((values(), 1000.0 * (values()[:, 0] + 0.25)))
    path = tmp_path / "table"
    path.write_text(delimited([*NAMES, "ms"], list(table.T)))
    foot = replace(COLUMNS, time="ms", time_unit="ms")
    first, second = read_imu(path, columns={"shank": COLUMNS, "foot": foot})
    assert first.time_s[0] == 0.0
    np.testing.assert_allclose(second.time_s - first.time_s, 0.25, atol=1e-6)


def test_nanoseconds_since_1970_keep_their_intervals(read):
    table = values(time=1e9, start=1.7e18)
    assert_si(read(table, replace(COLUMNS, time_unit="ns"), parquet=True))


def test_a_quaternion_the_wrong_way_round_is_told_by_the_gyroscope_and_without_one_by_gravity(read):
    inverse = values() * [1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1]
    for columns, code in (
        (replace(COLUMNS, gyr_unit="rad/s"), "IMU_QUATERNIONS_INVERSE"),
        (replace(COLUMNS, gyr=None), "IMU_UP_CONTRADICTED"),
    ):
        with pytest.raises(ConventionError) as caught:
            read(inverse, columns)
        assert caught.value.code == code


def test_columns_that_are_not_there_are_named(read):
    for parquet in (True, False):
        with pytest.raises(DataError, match="column mx") as caught:
            read(values(), replace(COLUMNS, mag=("mx", "my", "mz")), parquet=parquet)
        assert caught.value.code == "IMU_COLUMNS_MISSING"


def test_words_and_infinities_in_parquet_are_refused(tmp_path):
    table = dict(zip(NAMES, values().T, strict=True))
    for damaged, code in ((["a"] * 300, "IMU_PARQUET"), (np.full(300, np.inf), "IMU_CELLS")):
        pq.write_table(pa.table({**table, "ax": damaged}), tmp_path / "table")
        with pytest.raises(DataError) as caught:
            read_imu(tmp_path / "table", columns={"shank": COLUMNS})
        assert caught.value.code == code


@pytest.mark.parametrize("wrong", [{"acc_unit": "ug"}, {"time_unit": "h"}, {"gyr": ("gx", "gy")}])
def test_a_declaration_that_cannot_be_is_refused(wrong):
    with pytest.raises(ConfigError) as caught:
        replace(COLUMNS, **wrong)
    assert caught.value.code == "IMU_COLUMNS_DECLARED"


def test_no_file_is_no_trial():
    with pytest.raises(ConfigError) as caught:
        read_imu([])
    assert caught.value.code == "IMU_NO_FILES"


@pytest.mark.parametrize("text", ["hello\n", "time,acc\n0,1\n", "\n\n\n", "PK\x03\x04"])
def test_an_unknown_format_is_refused_with_those_that_are_known(tmp_path, text):
    (tmp_path / "file").write_text(text)
    with pytest.raises(DataError, match="Movella DOT CSV") as caught:
        read_imu(tmp_path / "file")
    assert caught.value.code == "IMU_FORMAT_UNKNOWN"


def test_an_empty_file_and_a_missing_one_are_told_apart(tmp_path):
    (tmp_path / "empty").write_bytes(b"")
    for name, code in (("empty", "FILE_EMPTY"), ("missing", "FILE_MISSING")):
        with pytest.raises(DataError) as caught:
            read_imu(tmp_path / name)
        assert caught.value.code == code


def oriented(name, *, first=0, last=300):
    time_s = np.arange(first, last) / 60.0
    missing = np.full((last - first, 3), np.nan)
    return ImuRecording(name, time_s, missing, missing, None, MOTION.orientation_wxyz[first:last])


def test_orientations_written_are_read_back(tmp_path):
    path = tmp_path / "orientations.sto"
    write_quaternion_sto(path, [oriented("pelvis_imu", last=290), oriented("tibia_r_imu", first=10)])
    assert format_of(path) == "OpenSim quaternion .sto"
    pelvis, tibia = read_quaternion_sto(path)
    assert (pelvis.name, tibia.name) == ("pelvis_imu", "tibia_r_imu")
    np.testing.assert_allclose(pelvis.time_s, np.arange(300) / 60.0, atol=1e-12)
    # Normalised again when read: the last bit may differ.
    np.testing.assert_allclose(pelvis.orientation_wxyz[:290], MOTION.orientation_wxyz[:290], atol=1e-15)
    assert np.isnan(pelvis.orientation_wxyz[290:]).all()
    assert np.isnan(tibia.orientation_wxyz[:10]).all()
    assert np.isnan(tibia.acc_sensor_m_per_s2).all()


def test_a_sensor_without_orientation_is_not_written(tmp_path):
    with pytest.raises(DataError, match="none of pelvis_imu") as caught:
        write_quaternion_sto(tmp_path / "file.sto", [replace(oriented("pelvis_imu"), orientation_wxyz=None)])
    assert caught.value.code == "IMU_CHANNELS_MISSING"
    assert not (tmp_path / "file.sto").exists()


STO = "DataRate=2.0\nDataType=Quaternion\nversion=3\nendheader\n"


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        (STO + "time\ta\n0\t1,0,0,0\n0.5\t1,0,0\n", "IMU_COLUMNS", "line 7"),
        (STO + "time\ta\n0\t1,0,0,0\n0.5\t1,0,x,0\n", "IMU_CELLS", "'x' in line 7"),
        (STO + "time\ta\n0\t1,0,0,0\n", "IMU_ROWS", "found 1"),
        (STO + "time\n0\n1\n", "IMU_ROWS", "of 0"),
        (STO + "time\ta\n0\t1,0,0,0\n0.5\t1,1,0,0\n", "IMU_QUATERNIONS_NOT_UNIT", "sample 1"),
        (STO + "time\ta\n0\t1,0,0,0\n0\t1,0,0,0\n", "IMU_TIME", "median step of 0"),
        (STO.replace("Quaternion", "double") + "time\ta\n0\t1\n1\t1\n", "IMU_FORMAT_UNKNOWN", "DataType"),
    ],
)
def test_a_fault_of_a_table_of_quaternions_is_found(tmp_path, text, code, says):
    path = tmp_path / "file.sto"
    path.write_text(text)
    with pytest.raises(DataError, match=says) as caught:
        read_quaternion_sto(path)
    assert caught.value.code == code


def test_the_reader_of_plain_tables_refuses_quaternions(tmp_path):
    path = tmp_path / "file.sto"
    path.write_text(STO + "time\ta\n0\t1,0,0,0\n0.5\t1,0,0,0\n")
    with pytest.raises(DataError) as caught:
        read_sto(path)
    assert caught.value.code == "STO_CELLS"
