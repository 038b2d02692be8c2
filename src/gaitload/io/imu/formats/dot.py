"""CSV exports of Movella (Xsens) DOT sensors: one file a sensor.

After the user manual XD0502P, section 4.2: acceleration in m/s2, angular velocity in deg/s, magnetic field relative to
the earth's, orientation from the sensor frame to the local earth frame (Z up) as quaternion or as Euler angles in
degrees (Rz(yaw) Ry(pitch) Rx(roll)), `SampleTimeFine` in microseconds with 32 bits. Lines above the names (`sep=,`,
`DeviceTag:,1`, `SyncStatus:,Synced`, `OutputRate:,60Hz`, ...) come with some versions of the app and not with others.
`PacketCounter` counts samples: packets that Bluetooth lost leave gaps in it. The app writes no line end behind the last
row (files of Allwillcome/XsensDot2Mtw4OpenSense).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gaitload.imu.rotations import quaternions_of_euler
from gaitload.io.imu.channels import Channels, recording_of
from gaitload.io.imu.formats import ImuFormat, xsens
from gaitload.io.imu.packets import samples_by_counter_and_time, unwrapped
from gaitload.io.imu.text import TextTable, delimiter_of, names_of, read_lines, split_rows, text_error
from gaitload.trial import ImuRecording

FORMAT = ImuFormat("Movella DOT CSV", suffixes=(".csv", ".txt"), sensors_per_file="one")
COUNTER, TIME = "PacketCounter", "SampleTimeFine"
QUATERNION = tuple(f"Quat_{part}" for part in "WXYZ")
EULER, ACC, GYR, MAG = (tuple(f"{kind}_{axis}" for axis in "XYZ") for kind in ("Euler", "Acc", "Gyr", "Mag"))
_KNOWN = (COUNTER, TIME, *QUATERNION, *EULER, *ACC, *GYR, *MAG)
_MICROSECOND_S = 1e-6
_TIME_WRAPS_AT = 1 << 32
_COUNTER_WRAPS_AT = 1 << 32
_RATE = re.compile(r"([\d.]+)\s*hz", re.IGNORECASE)
_PREAMBLE_LINES_MAX = 30


def recognises(lines: Sequence[str]) -> bool:
    """Whether lines are those of a DOT export: names with a packet counter and a fine time, and not MT Manager's."""
    return _header_place(lines) is not None and not xsens.recognises(lines)


def read(paths: Sequence[Path], *, rate_hz: float | None = None) -> tuple[ImuRecording, ...]:
    """Read the sensors of one trial. Files have times, so `rate_hz` is not needed.

    Time is the sensor's own and begins at its first sample; where every file says that the sensors were synchronised
    (`SyncStatus:,Synced`), it begins at the first sample of any. Lost packets are rows of NaN.

    Raises
    ------
    DataError
        Those of `text`, `packets` and `channels`.
    ConventionError
        `IMU_UNITS_CONTRADICTED`.
    """
    files = [_file(Path(path)) for path in paths]
    together = all(file.synchronised for file in files)
    # A sensor whose clock has already started again is later than one whose clock is about to.
    firsts = unwrapped(np.array([file.ticks[0] for file in files]), wraps_at=_TIME_WRAPS_AT)
    recordings = []
    for file, first in zip(files, firsts, strict=True):
        table, where = file.table, file.table.where
        samples, interval_s = samples_by_counter_and_time(
            table.numbers([COUNTER])[:, 0],
            (file.ticks - file.ticks[0]) * _MICROSECOND_S,
            wraps_at=_COUNTER_WRAPS_AT,
            interval_s=file.interval_s,
            where=where,
        )
        start_s = float(first - firsts.min()) * _MICROSECOND_S if together else 0.0
        channels = _channels(table)
        recordings.append(
            recording_of(file.name, channels, samples, start_s=start_s, interval_s=interval_s, where=where)
        )
    return tuple(recordings)


@dataclass(frozen=True)
class _File:
    """One file: its sensor, its rows, their time (microseconds), the interval that it states (s), and whether the
    sensors were synchronised."""

    name: str
    table: TextTable
    ticks: np.ndarray
    interval_s: float | None
    synchronised: bool


def _file(path: Path) -> _File:
    lines, where = read_lines(path), str(path)
    place = _header_place(lines)
    if place is None:
        raise text_error("IMU_FORMAT_UNKNOWN", f"names with {COUNTER} and {TIME}", repr(lines[0][:60]), where)
    preamble = dict(_entry(line) for line in lines[:place])
    delimiter = delimiter_of(lines[place], _KNOWN, where)
    names = names_of(lines[place], delimiter)
    table = split_rows(lines[place + 1 :], names, delimiter, first_line=place + 2, where=where)
    ticks = unwrapped(table.numbers([TIME])[:, 0], wraps_at=_TIME_WRAPS_AT)
    name = preamble.get("devicetag") or path.stem
    synchronised = preamble.get("syncstatus", "").lower() == "synced"
    return _File(name, table, ticks, _stated_interval_s(preamble), synchronised)


def _stated_interval_s(preamble: dict[str, str]) -> float | None:
    match = _RATE.search(preamble.get("outputrate", ""))
    try:
        rate_hz = float(match[1]) if match else 0.0
    except ValueError:
        return None
    return 1.0 / rate_hz if rate_hz > 0.0 else None


def _channels(table: TextTable) -> Channels:
    acc, gyr, mag = (table.numbers(names) if table.has(*names) else None for names in (ACC, GYR, MAG))
    orientation = None
    if table.has(*QUATERNION):
        orientation = table.numbers(QUATERNION)
    elif table.has(*EULER):
        orientation = quaternions_of_euler(np.radians(table.numbers(EULER)))
    return Channels(acc, gyr, mag, orientation, acc_unit="m/s2", gyr_unit="deg/s")


def _header_place(lines: Sequence[str]) -> int | None:
    places = range(min(len(lines), _PREAMBLE_LINES_MAX))
    return next((place for place in places if COUNTER in lines[place] and TIME in lines[place]), None)


def _entry(line: str) -> tuple[str, str]:
    key, _, value = line.partition(":")
    return key.strip().lower(), value.strip(" ,;\t")
