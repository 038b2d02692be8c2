"""Text exports of Xsens MT Manager: one file a sensor, comment lines, a line of names, one row a packet.

Units and frames are those of the MT manuals: m/s2, rad/s, magnetic field relative to the earth's, orientation from the
sensor frame to the earth frame (Z up). The packet counter has 16 bits and is that of the receiving station, so that the
sensors of a trial share it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gaitload.errors import ConventionError, DataError
from gaitload.imu.rotations import quaternions_of_euler, quaternions_of_matrices
from gaitload.io.imu.channels import Channels, recording_of
from gaitload.io.imu.formats import ImuFormat
from gaitload.io.imu.packets import samples_by_counter
from gaitload.io.imu.text import TextTable, delimiter_of, names_of, read_lines, split_rows, text_error
from gaitload.trial import ImuRecording

FORMAT = ImuFormat("Xsens MT Manager text", suffixes=(".txt", ".csv"), sensors_per_file="one")
COUNTER = "PacketCounter"
COMMENT = "//"
QUATERNION = tuple(f"Quat_q{part}" for part in range(4))
MATRIX = tuple(f"Mat[{row}][{column}]" for column in (1, 2, 3) for row in (1, 2, 3))
EULER = ("Roll", "Pitch", "Yaw")
ACC, GYR, MAG = (tuple(f"{kind}_{axis}" for axis in "XYZ") for kind in ("Acc", "Gyr", "Mag"))
_KNOWN = (COUNTER, "SampleTimeFine", *QUATERNION, *MATRIX, *EULER, *ACC, *GYR, *MAG)
COUNTER_WRAPS_AT = 1 << 16
_RATE = re.compile(r"update rate:\s*([\d.]+)\s*hz", re.IGNORECASE)
_DEVICE = re.compile(r"deviceid:\s*(\w+)", re.IGNORECASE)
_FRAME = re.compile(r"coordinate system:\s*(\w+)", re.IGNORECASE)
_RATE_TOLERANCE = 1e-3


@dataclass(frozen=True)
class _File:
    """One file: its sensor, its rows, and where on the station's counter they lie."""

    path: Path
    name: str
    rate_hz: float
    table: TextTable
    samples: np.ndarray
    counter_first: int
    counter_step: int


def recognises(lines: Sequence[str]) -> bool:
    """Whether lines are those of an MT Manager export: names that begin with the packet counter, below comments; where
    somebody took the comments off, names of orientations tell them from other exports of the maker.
    """
    header = next((line for line in lines if not line.startswith(COMMENT)), "")
    own_names = any(name in header for name in (*QUATERNION, *MATRIX, EULER[0]))
    return header.startswith(COUNTER) and (lines[0].startswith(COMMENT) or own_names)


def read(paths: Sequence[Path], *, rate_hz: float | None = None) -> tuple[ImuRecording, ...]:
    """Read the sensors of one trial.

    Orientation is taken from quaternions, else from matrices, else from Euler angles. Lost packets are rows of NaN.
    Time begins at the first packet of any sensor.

    Parameters
    ----------
    paths : sequence of Path
        One a sensor, of one trial.
    rate_hz : float, optional
        Needed where the files do not say it (MT Manager 2019 and later leave `Update Rate` out).

    Raises
    ------
    DataError
        Those of `text`, `packets` and `channels`, `IMU_RATE_UNKNOWN`, `IMU_FRAME`, `IMU_TRIAL_MIXED`.
    ConventionError
        `IMU_RATE_CONTRADICTED`, `IMU_UNITS_CONTRADICTED`.
    """
    files = [_file(Path(path), rate_hz) for path in paths]
    starts = _starts(files)
    return tuple(
        recording_of(
            file.name,
            _channels(file.table),
            file.samples,
            start_s=start / file.rate_hz,
            interval_s=1.0 / file.rate_hz,
            where=str(file.path),
        )
        for file, start in zip(files, starts, strict=True)
    )


def _file(path: Path, rate_hz: float | None) -> _File:
    lines = read_lines(path)
    where = str(path)
    first = next((place for place, line in enumerate(lines) if not line.startswith(COMMENT)), len(lines))
    comments = "\n".join(lines[:first])
    header = lines[first] if first < len(lines) else ""
    delimiter = delimiter_of(header, _KNOWN, where)
    names = names_of(header, delimiter)
    if COUNTER not in names:
        raise text_error("IMU_FORMAT_UNKNOWN", f"a column {COUNTER}", ", ".join(names[:6]), where)
    table = split_rows(lines[first + 1 :], names, delimiter, first_line=first + 2, where=where)
    counter = table.numbers([COUNTER])[:, 0]
    samples, step = samples_by_counter(counter, wraps_at=COUNTER_WRAPS_AT, where=where)
    _require_up(comments, where)
    return _File(path, _name(comments, path), _rate(comments, rate_hz, where), table, samples, int(counter[0]), step)


def _channels(table: TextTable) -> Channels:
    acc, gyr, mag = (table.numbers(names) if table.has(*names) else None for names in (ACC, GYR, MAG))
    return Channels(acc, gyr, mag, _orientation(table), acc_unit="m/s2", gyr_unit="rad/s")


def _orientation(table: TextTable) -> np.ndarray | None:
    if table.has(*QUATERNION):
        return table.numbers(QUATERNION)
    if table.has(*MATRIX):
        # Columns first, as the names say.
        matrix = table.numbers(MATRIX).reshape(-1, 3, 3).swapaxes(1, 2)
        return quaternions_of_matrices(matrix, table.where)
    if table.has(*EULER):
        return quaternions_of_euler(np.radians(table.numbers(EULER)))
    return None


def _starts(files: Sequence[_File]) -> list[int]:
    """Sample, on the clock of the trial, with which each file begins; the earliest is 0."""
    first = files[0]
    starts = []
    for file in files:
        behind = (file.counter_first - first.counter_first) % COUNTER_WRAPS_AT
        behind -= COUNTER_WRAPS_AT if behind > COUNTER_WRAPS_AT // 2 else 0
        start, rest = divmod(behind, first.counter_step)
        overlap = start <= first.samples[-1] and -start <= file.samples[-1]
        if rest or not overlap or file.rate_hz != first.rate_hz or file.counter_step != first.counter_step:
            raise DataError(
                expected=f"sensors of one trial, recorded together like {first.path.name} at {first.rate_hz:g} Hz",
                found=f"packets from {file.counter_first} on at {file.rate_hz:g} Hz, there from {first.counter_first}",
                where=str(file.path),
                do="Read files of one trial together, those of another on their own.",
                code="IMU_TRIAL_MIXED",
            )
        starts.append(start)
    return [start - min(starts) for start in starts]


def _rate(comments: str, given_hz: float | None, where: str) -> float:
    match = _RATE.search(comments)
    try:
        stated_hz = float(match[1]) if match else None
    except ValueError:
        stated_hz = None
    rate_hz = stated_hz if given_hz is None else given_hz
    if rate_hz is None or not 0.0 < rate_hz < np.inf:
        raise DataError(
            expected="a line `// Update Rate: <number>Hz`, or the rate given",
            found="neither" if rate_hz is None else f"{rate_hz:g} Hz",
            where=where,
            do="Give the rate at which MT Manager recorded (imu_rate_hz in cohort.yaml); newer exports do not hold it.",
            code="IMU_RATE_UNKNOWN",
        )
    if stated_hz is not None and abs(stated_hz / rate_hz - 1.0) > _RATE_TOLERANCE:
        raise ConventionError(
            expected=f"{rate_hz:g} Hz, as given",
            found=f"`Update Rate: {stated_hz:g}Hz`",
            where=where,
            do="Correct the rate given, or leave it out: the file says it.",
            code="IMU_RATE_CONTRADICTED",
        )
    return rate_hz


def _require_up(comments: str, where: str) -> None:
    match = _FRAME.search(comments)
    if match and match[1].upper() not in ("ENU", "NWU"):
        raise text_error("IMU_FRAME", "an earth frame with Z up (ENU or NWU)", match[1], where)


def _name(comments: str, path: Path) -> str:
    match = _DEVICE.search(comments)
    return match[1] if match else path.stem.rpartition("_")[2]
