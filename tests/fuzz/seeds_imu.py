"""Undamaged exports of inertial sensors: made here, and the beginnings of published ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from gaitload.io.imu.quaternion_sto import write_quaternion_sto
from gaitload.io.imu.table import ImuColumns
from gaitload.io.imu.xsens_write import write_xsens
from gaitload.trial import ImuRecording
from tests.fuzz.cases import Seed
from tests.fuzz.seeds import first_rows, published, written
from tests.imu_files import delimited, swing

ROWS = 40
_UNREADABLE = ("MT2022_ACC_00B42D4B",)
"""Neither an orientation nor a gyroscope: refused as it is."""
_MOTION = swing(ROWS, 60.0)
_COLUMNS = {"acc": ("ax", "ay", "az"), "gyr": ("gx", "gy", "gz"), "quaternion": ("w", "x", "y", "z")}
_SENSOR = ImuColumns("t", **_COLUMNS, gyr_unit="rad/s")
_DELIMITERS = {"comma": ",", "tab": "\t", "semicolon": ";"}


def xsens(shared: Path | None) -> list[Seed]:
    """A sensor with lost packets, as we write it; published exports of every delimiter and content."""
    acc = _MOTION.acc.copy()
    acc[20:23] = np.nan
    seeds = [Seed("made", written(lambda path: write_xsens(path, _recording(acc=acc))), ".txt")]
    for path in published(shared, "imu_cases/Xsens/MT*.txt"):
        if path.stem in _UNREADABLE:
            continue
        given = {} if b"pdate Rate" in path.read_bytes()[:2000] else {"rate_hz": 40.0}
        seeds.append(Seed(path.stem, first_rows(path, ROWS), ".txt", given))
    return seeds


def dot(shared: Path | None) -> list[Seed]:
    """Exports with quaternions and with Euler angles, with a preamble and without, and a clock that starts again."""
    seeds = []
    preamble = "sep=,\nDeviceTag:,1\nSyncStatus:,Synced\nOutputRate:,60Hz\n\n"
    for name, first in (("quaternions", 0), ("wrapping", (1 << 32) - 200_000), ("euler", 5)):
        ticks = (first + np.arange(ROWS) * 16667) % (1 << 32)
        names = ["PacketCounter", "SampleTimeFine"]
        if name == "euler":
            names += [f"Euler_{axis}" for axis in "XYZ"]
            rotation = _MOTION.rotation.as_euler("ZYX", degrees=True)[:, ::-1]
        else:
            names += [f"Quat_{part}" for part in "WXYZ"]
            rotation = _MOTION.orientation_wxyz
        columns = [np.arange(1, ROWS + 1), ticks, *rotation.T]
        columns += [*_MOTION.acc.T, *np.degrees(_MOTION.gyr).T, *_MOTION.mag.T]
        names += [f"{kind}_{axis}" for kind in ("Acc", "Gyr", "Mag") for axis in "XYZ"]
        text = (preamble if name != "wrapping" else "") + delimited(names, columns)
        seeds.append(Seed(name, text.encode(), ".csv"))
    return seeds


def apdm(shared: Path | None) -> list[Seed]:
    """Both versions with two sensors; of published files the first rows."""
    values = np.hstack((_MOTION.acc, _MOTION.gyr, _MOTION.mag, _MOTION.orientation_wxyz))
    channels = [f"{group}/{axis}" for group in ("Acceleration", "Angular Velocity", "Magnetic Field") for axis in "XYZ"]
    channels += [f"Orientation/{axis}" for axis in ("Scalar", "X", "Y", "Z")]
    sensors = ("Left Shank", "Right Shank")
    head = ["Test Name:,Walk,,", "Sample Rate:,60,Hz"]
    head.append(",".join(["Time", *(f"{sensor}/{channel}" for sensor in sensors for channel in channels)]))
    head.append(",".join(["s", *(["m/s^2"] * 3 + ["rad/s"] * 3 + ["uT"] * 3 + [""] * 4) * 2]))
    rows = np.column_stack((np.arange(ROWS) / 60.0 + 3.0, values, values))
    first = "\n".join([*head, *(",".join(f"{value:.9f}" for value in row) for row in rows)]) + "\n"
    head = ["Format=7," + ",".join(f"57{place:02d},,,{name}" + "," * 10 for place, name in enumerate(sensors))]
    head.append("Time" + ",Accelerometer,,,Gyroscope,,,Magnetometer,,,Barometer,Orientation,,," * 2)
    head.append("," + ",".join(["X,Y,Z,X,Y,Z,X,Y,Z,,S,X,Y,Z"] * 2))
    for row, cells in enumerate(values):
        block = [f"{v:.9f}" for v in (*cells[:9], 4.6e18, *cells[9:])]
        head.append(",".join([str(1550879504438281 + round(row * 16666.7)), *block, *block, "0"]))
    seeds = [Seed("version1", first.encode(), ".csv"), Seed("version7", ("\n".join(head) + "\n").encode(), ".csv")]
    return [
        *seeds,
        *(Seed(path.stem, first_rows(path, 14), ".csv") for path in published(shared, "imu_cases/APDM/*.csv")),
    ]


def quaternion_sto(shared: Path | None) -> list[Seed]:
    """Two sensors, one with a lost packet."""
    lost = _MOTION.orientation_wxyz.copy()
    lost[7] = np.nan
    both = [_recording(name="pelvis_imu"), _recording(name="tibia_r_imu", orientation=lost)]
    return [Seed("made", written(lambda path: write_quaternion_sto(path, both)), ".sto")]


def imu_csv(shared: Path | None) -> list[Seed]:
    """A table of somebody's own, with a few delimiters."""
    names = list(_SENSOR.names)
    table = np.column_stack((np.arange(ROWS) / 60.0, _MOTION.acc, _MOTION.gyr, _MOTION.orientation_wxyz))
    texts = {name: delimited(names, list(table.T), each) for name, each in _DELIMITERS.items()}
    return [Seed(name, text.encode(), ".csv", {"columns": {"shank": _SENSOR}}) for name, text in texts.items()]


def imu_parquet(shared: Path | None) -> list[Seed]:
    """The same as Parquet."""
    table = np.column_stack((np.arange(ROWS) / 60.0, _MOTION.acc, _MOTION.gyr, _MOTION.orientation_wxyz))
    columns = pa.table(dict(zip(_SENSOR.names, table.T, strict=True)))
    content = written(lambda path: pq.write_table(columns, path))
    return [Seed("made", content, ".parquet", {"columns": {"shank": _SENSOR}})]


def _recording(
    name: str = "00B40C35", acc: np.ndarray | None = None, orientation: np.ndarray | None = None
) -> ImuRecording:
    turned = _MOTION.orientation_wxyz if orientation is None else orientation
    signals = (_MOTION.acc if acc is None else acc, _MOTION.gyr, _MOTION.mag, turned)
    return ImuRecording(name, np.arange(ROWS) / 60.0, *signals)
