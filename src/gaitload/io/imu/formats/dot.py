"""CSV exports of Movella (Xsens) DOT sensors: one file a sensor.

After the user manual XD0502P, section 4.2: acceleration in m/s2, angular velocity in deg/s, magnetic field relative to
the earth's, orientation from the sensor frame to the local earth frame (Z up) as quaternion or as Euler angles in
degrees (Rz(yaw) Ry(pitch) Rx(roll)), `SampleTimeFine` in microseconds with 32 bits. Lines above the names (`sep=,`,
`DeviceTag:,1`, `SyncStatus:,Synced`, ...) come with some versions of the app and not with others.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from gaitload.imu.rotations import quaternions_of_euler
from gaitload.io.imu.channels import Channels, recording_of
from gaitload.io.imu.formats import ImuFormat, xsens
from gaitload.io.imu.packets import samples_by_time, unwrapped
from gaitload.io.imu.text import TextTable, delimiter_of, names_of, read_lines, split_rows, text_error
from gaitload.trial import ImuRecording

FORMAT = ImuFormat("Movella DOT CSV", suffixes=(".csv", ".txt"), sensors_per_file="one")
COUNTER, TIME = "PacketCounter", "SampleTimeFine"
QUATERNION = tuple(f"Quat_{part}" for part in "WXYZ")
EULER, ACC, GYR, MAG = (tuple(f"{kind}_{axis}" for axis in "XYZ") for kind in ("Euler", "Acc", "Gyr", "Mag"))
_KNOWN = (COUNTER, TIME, *QUATERNION, *EULER, *ACC, *GYR, *MAG)
_MICROSECOND_S = 1e-6
_TIME_WRAPS_AT = 1 << 32
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
    together = all(synchronised for *_, synchronised in files)
    # A sensor whose clock has already started again is later than one whose clock is about to.
    firsts = unwrapped(np.array([ticks[0] for _, _, ticks, _ in files]), wraps_at=_TIME_WRAPS_AT)
    recordings = []
    for (name, table, ticks, _), first in zip(files, firsts, strict=True):
        samples, interval_s = samples_by_time((ticks - ticks[0]) * _MICROSECOND_S, where=table.where)
        start_s = float(first - firsts.min()) * _MICROSECOND_S if together else 0.0
        channels = _channels(table)
        recordings.append(
            recording_of(name, channels, samples, start_s=start_s, interval_s=interval_s, where=table.where)
        )
    return tuple(recordings)


def _file(path: Path) -> tuple[str, TextTable, np.ndarray, bool]:
    """Name of the sensor, its rows, their time in microseconds, and whether the sensors were synchronised."""
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
    return name, table, ticks, preamble.get("syncstatus", "").lower() == "synced"


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
