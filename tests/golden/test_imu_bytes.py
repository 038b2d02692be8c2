"""Damaged exports of inertial sensors: a recording or a reason, never a crash and never a hang."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gaitload.errors import ConventionError, DataError
from gaitload.io.imu.quaternion_sto import write_quaternion_sto
from gaitload.io.imu.reader import read_imu
from gaitload.io.imu.table import ImuColumns

SAMPLES = 40
COLUMNS = {"shank": ImuColumns("t", acc=("ax", "ay", "az"), gyr=("gx", "gy", "gz"), gyr_unit="rad/s")}
DOT = """sep=,
DeviceTag:,1
OutputRate:,60Hz
SyncStatus:,Synced

PacketCounter,SampleTimeFine,Quat_W,Quat_X,Quat_Y,Quat_Z,Acc_X,Acc_Y,Acc_Z,Gyr_X,Gyr_Y,Gyr_Z
"""
CASES = [
    "Xsens/MT2022_ACC_GYRO_ROT_ALL_TAB_NAN_00B42D4B.txt",
    "Xsens/MT2022_ACC_GYRO_ROT_EULER_TAB_00B42D4F.txt",
    "Xsens/MT2022_ACC_GYRO_ROT_MAT_COMMA_00B42D4B.txt",
    "Xsens/MT2022_ACC_GYRO_ROT_MAT_SEMICOLON_00B42D4B.txt",
    "Xsens/MT2022_ACC_GYRO_ROT_MAT_SPACE_00B42D4B.txt",
    "Xsens/MT_012005D6_031-000_00B421AF.txt",
    "Xsens/MT_012005D6-000_sit_to_stand-000_00B421ED.txt",
    "Xsens/MT46_01-000_00B42D4D.txt",
    "APDM/apdm_format7.csv",
    "APDM/imuData01.csv",
    "dot",
    "sto",
    "csv",
    "parquet",
]

# What damage looks like: bytes changed, put in, left out; a stretch doubled or moved; the end missing.
PLACE = st.floats(0.0, 1.0, exclude_max=True)
TEXT = st.sampled_from(
    [b"\t", b",", b";", b"\n", b"\r", b" ", b"-", b"e9", b"1e308", b"nan", b"inf", b"\0", b"//", b"\xff"]
)
PIECE = st.one_of(TEXT, st.binary(min_size=1, max_size=4), st.integers(-9, 99999).map(lambda n: str(n).encode()))
DAMAGE = st.lists(
    st.tuples(st.sampled_from(["set", "insert", "cut", "double", "end"]), PLACE, PIECE), min_size=1, max_size=6
)


@pytest.fixture(scope="module")
def whole(shared, tmp_path_factory) -> dict[str, bytes]:
    """Beginning of every file: as much of it as shows its form."""
    folder = tmp_path_factory.mktemp("whole")
    cases = shared / "imu_cases"
    files = {name: _beginning(cases / name) for name in CASES if "/" in name}
    (sensor,) = read_imu(cases / "Xsens" / "MT_012005D6_031-000_00B421AF.txt")
    signals = np.hstack((sensor.acc_sensor_m_per_s2, sensor.gyr_sensor_rad_per_s))[:SAMPLES]
    write_quaternion_sto(folder / "sto", [sensor])
    files["sto"] = _beginning(folder / "sto")
    rows = np.column_stack((np.arange(SAMPLES), np.arange(SAMPLES) * 16667, sensor.orientation_wxyz[:SAMPLES], signals))
    rows[:, -3:] *= 180.0 / np.pi
    files["dot"] = (DOT + "".join(",".join(f"{value:.6f}" for value in row) + "\n" for row in rows)).encode()
    names = COLUMNS["shank"].names
    values = np.column_stack((sensor.time_s[:SAMPLES], signals))
    text = ",".join(names) + "\n" + "".join(",".join(f"{value:.6f}" for value in row) + "\n" for row in values)
    files["csv"] = text.encode()
    pq.write_table(pa.table(dict(zip(names, values.T, strict=True))), folder / "parquet")
    files["parquet"] = (folder / "parquet").read_bytes()
    return files


def _beginning(path: Path) -> bytes:
    return b"".join(path.read_bytes().splitlines(keepends=True)[:SAMPLES])


def _damaged(content: bytes, damage: list[tuple[str, float, bytes]]) -> bytes:
    for kind, share, piece in damage:
        place = int(share * len(content))
        match kind:
            case "set":
                content = content[:place] + piece + content[place + len(piece) :]
            case "insert":
                content = content[:place] + piece + content[place:]
            case "cut":
                content = content[:place] + content[place + 5 * len(piece) :]
            case "double":
                content = content[:place] + content[place : place + 300] * 2 + content[place + 300 :]
            case "end":
                content = content[: max(place, len(content) // 2)]
    return content


def _read(path: Path, case: str):
    given_rate = {"rate_hz": 40.0} if "MT2022" in case else {}
    columns = COLUMNS if case in ("csv", "parquet") else None
    return read_imu(path, columns=columns, **given_rate)


@pytest.mark.parametrize("case", CASES)
def test_what_is_damaged_here_was_readable(whole, tmp_path, case):
    path = tmp_path / "recording_1"
    path.write_bytes(whole[case])
    assert all(len(recording.time_s) >= 3 for recording in _read(path, case))


@pytest.mark.parametrize("case", CASES)
def test_damaged_bytes_give_a_recording_or_a_reason(whole, tmp_path, case):
    path = tmp_path / "recording_1"

    # The deadline is for what never ends; all of these take milliseconds.
    @settings(max_examples=40, deadline=timedelta(seconds=20), suppress_health_check=[HealthCheck.too_slow])
    @given(DAMAGE)
    def read(damage):
        path.write_bytes(_damaged(whole[case], damage))
        try:
            recordings = _read(path, case)
        except (DataError, ConventionError) as error:
            assert error.code != error.default_code
            return
        for recording in recordings:
            orientation = recording.orientation_wxyz
            if orientation is not None:
                size = np.linalg.norm(orientation, axis=1)
                np.testing.assert_allclose(size[np.isfinite(size)], 1.0, atol=1e-9)
            assert np.all(np.diff(recording.time_s) > 0.0)

    read()


@settings(max_examples=200, deadline=timedelta(seconds=20), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=400))
def test_arbitrary_bytes_are_refused(tmp_path, content):
    path = tmp_path / "recording_1"
    path.write_bytes(content)
    with pytest.raises(DataError):
        read_imu(path)
