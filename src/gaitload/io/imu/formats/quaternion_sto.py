"""OpenSim's tables of orientations (.sto): one file holds all sensors of a trial, on one clock."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gaitload.io.imu.formats import ImuFormat
from gaitload.io.imu.quaternion_sto import DATA_TYPE, read_quaternion_sto
from gaitload.trial import ImuRecording

FORMAT = ImuFormat("OpenSim quaternion .sto", suffixes=(".sto",), sensors_per_file="all")
_HEADER_LINES_MAX = 1000


def recognises(lines: Sequence[str]) -> bool:
    """Whether lines begin with the header of a table of quaternions."""
    header = [line.replace(" ", "").strip().lower() for line in lines[:_HEADER_LINES_MAX]]
    return "endheader" in header and DATA_TYPE in header[: header.index("endheader")]


def read(paths: Sequence[Path], *, rate_hz: float | None = None) -> tuple[ImuRecording, ...]:
    """Read all sensors of the tables; see `read_quaternion_sto`. Tables have times, so `rate_hz` is not needed."""
    return tuple(recording for path in paths for recording in read_quaternion_sto(path))
