"""Undamaged exports of inertial sensors: made here, and the beginnings of published ones."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from scipy.io import savemat

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
_SIGNALS = (_MOTION.acc, _MOTION.gyr, _MOTION.mag)
_DELSYS = (("ACC", "[g]"), ("GYRO", "[deg/s]"))
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


def mvnx(shared: Path | None) -> list[Seed]:
    """Two sensors with free acceleration; segments alone; frames without lists of names."""
    gravity = np.array([0.0, 0.0, 9.80665])
    free = _MOTION.rotation.apply(_MOTION.acc) - gravity
    turn = _MOTION.rotation.apply(_MOTION.gyr)
    lists = '<sensors><sensor label="Pelvis"/><sensor label="RightLowerLeg"/></sensors>'
    sensors = {"sensorOrientation": _MOTION.orientation_wxyz, "sensorFreeAcceleration": free}
    sensors |= {"sensorMagneticField": _MOTION.mag}
    segments = {"orientation": _MOTION.orientation_wxyz, "acceleration": free, "angularVelocity": turn}
    named = '<segments><segment id="1" label="Pelvis"/><segment id="2" label="L5"/></segments>'
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<mvnx xmlns="http://www.xsens.com/mvn/mvnx" version="4">\n'
    subject = '<subject label="p1" frameRate="60" segmentCount="2">'
    texts = {
        "sensors": f"{head}{subject}{lists}{_frames(sensors, 2)}</subject></mvnx>\n",
        "segments": f"{head}{subject}{named}{_frames(segments, 2)}</subject></mvnx>\n",
        "bare": _frames(sensors, 17).replace("<frames>", '<frames segmentCount="23">') + "\n",
    }
    return [Seed(name, text.encode(), ".mvnx") for name, text in texts.items()]


def _frames(channels: dict[str, np.ndarray], sensors: int) -> str:
    """Frames in which every sensor records the same, behind one in T pose."""
    rows = ['<frames><frame time="0" index="" type="tpose"><orientation>1 0 0 0</orientation></frame>']
    for row in range(ROWS):
        tags = "".join(
            f"<{tag}>{' '.join([' '.join(f'{cell:.6f}' for cell in values[row])] * sensors)}</{tag}>"
            for tag, values in channels.items()
        )
        rows.append(f'<frame time="{round(row / 60.0 * 1000.0)}" index="{row}" type="normal">{tags}</frame>')
    return "\n".join([*rows, "</frames>"])


def apdm_h5(shared: Path | None) -> list[Seed]:
    """Two sensors, one without an orientation."""

    def write(path: Path) -> None:
        with h5py.File(path, "w") as file:
            for number, label in (("1264", "Lumbar"), ("1366", "Right Foot")):
                group = file.create_group(f"Sensors/{number}")
                for name, values in zip(("Accelerometer", "Gyroscope", "Magnetometer"), _SIGNALS, strict=True):
                    group[name] = values
                group["Time"] = (1550879504438281 + np.rint(np.arange(ROWS) * 1e6 / 60.0)).astype(np.uint64)
                group.create_group("Configuration").attrs["Label 0"] = np.bytes_(label.ljust(32, "\0"))
                if label == "Lumbar":
                    file[f"Processed/{number}/Orientation"] = _MOTION.orientation_wxyz

    return [Seed("made", written(write), ".h5")]


def matlab(shared: Path | None) -> list[Seed]:
    """A structure in a file of version 5. In damaged files of version 7.3 the HDF5 library may loop."""
    nested = {"fs": 60.0, "shank": {"acc": _MOTION.acc, "gyr": _MOTION.gyr, "quat": _MOTION.orientation_wxyz}}
    return [
        Seed("structure", written(lambda path: savemat(path, {"imu": nested}, appendmat=False)), ".mat"),
    ]


def named_columns(shared: Path | None) -> list[Seed]:
    """Spellings of Noraxon, Delsys, Vicon, Shimmer and x-io, as published scripts read them."""
    clock, degrees = np.arange(ROWS) / 60.0, np.degrees(_MOTION.gyr)
    both = [*_MOTION.acc.T, *degrees.T]
    in_mg = [*(_MOTION.acc.T / 9.80665e-3), *degrees.T]
    in_g = [*degrees.T, *(_MOTION.acc.T / 9.80665)]
    noraxon = ["time", *(f"Pelvis Accel Sensor {axis} (mG)" for axis in "XYZ")]
    noraxon += [f"Noraxon MyoMotion-Segments-Pelvis-Gyroscope-{axis} (deg/s)" for axis in "xyz"]
    trident = ["unix_timestamp_microsec", "time_s", *(f"a{axis}_m/s/s" for axis in "xyz")]
    trident += [f"g{axis}_deg/s" for axis in "xyz"]
    shimmer = ["Shimmer_8665_Timestamp_Unix_CAL"]
    shimmer += [f"Shimmer_8665_{kind}_{axis}_CAL" for kind in ("Accel_WR", "Gyro") for axis in "XYZ"]
    units = ",".join(["ms", *["m/(s^2)"] * 3, *["deg/s"] * 3])
    ximu = ["Timestamp (us)", *(f"Gyroscope {axis} (deg/s)" for axis in "XYZ")]
    ximu += [f"Accelerometer {axis} (g)" for axis in "XYZ"]
    delsys = [f"Trigno IM sensor 3: {kind}.{axis} 3{unit}" for kind, unit in _DELSYS for axis in "XYZ"]
    pairs = [column for values in in_g[3:] + in_g[:3] for column in (clock, values)]
    lines = delimited(shimmer, [1.6e12 + 1000.0 * clock, *both]).split("\n", 1)
    unix = (1.6e15 + np.rint(1e6 * clock)).astype(np.int64)
    texts = {
        "noraxon": "Noraxon MyoResearch\nWalk 1\n\n" + delimited(noraxon, [clock, *in_mg]),
        "trident": delimited(trident, [unix, clock, *both]),
        "shimmer": f"sep=,\n{lines[0]},\n{units},\n" + lines[1].replace("\n", ",\n"),
        "x_imu3": delimited(ximu, [np.rint(1e6 * clock).astype(np.int64), *in_g]),
        "delsys": "Label: Trigno\n\n" + delimited([name for each in delsys for name in ("X[s]", each)], pairs),
    }
    return [Seed(name, text.encode(), ".csv") for name, text in texts.items()]


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
