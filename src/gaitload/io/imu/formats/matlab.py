"""MATLAB files (.mat, versions 5 and 7.3): tables, timetables and structures whose columns name themselves.

Tables and structures are flattened: `data.foot_Accel_X`, `imu.shank.acc` of shape (T, 3). Names are understood as those
of text tables (`column_names`); units that are not stated are recognised by the numbers. Tables are read by mat-io,
because scipy does not know MATLAB's objects. Verified with the sensor tables of Camargo et al. 2021 (version 5);
version 7.3 and structures are unverified.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from gaitload.errors import DataError
from gaitload.io.imu.channels import Part, recordings_of
from gaitload.io.imu.column_names import SensorColumns, channels_of, sensors_of
from gaitload.io.imu.formats import ImuFormat
from gaitload.io.imu.matlab_file import columns_of, damaged
from gaitload.io.imu.packets import samples_by_time
from gaitload.io.imu.table import time_unit_s
from gaitload.trial import ImuRecording

FORMAT = ImuFormat("MATLAB tables", suffixes=(".mat",), sensors_per_file="all")
_MAGIC = ("MATLAB 5.0 MAT-file", "MATLAB 7.3 MAT-file")


def recognises(lines: Sequence[str]) -> bool:
    """Whether a file begins with the text that MATLAB writes into its own."""
    return lines[0].startswith(_MAGIC)


def names_sensors(path: Path) -> bool:
    """Whether a file holds a table or structure whose columns name a sensor: MATLAB files may hold anything."""
    columns, _ = columns_of(path)
    return any(sensors_of(list(group)) for group in _by_length(columns))


def read(paths: Sequence[Path], *, rate_hz: float | None = None) -> tuple[ImuRecording, ...]:
    """Read all sensors of the files, in the order of their columns.

    A sensor without a name of its own is called after its file. `rate_hz` counts where a file has neither times nor a
    rate (`fs`, `SampleRate`, ...).

    Raises
    ------
    DataError
        `IMU_MATLAB` (damaged, or without a sensor), `IMU_RATE_UNKNOWN`, those of `packets` and `channels`.
    ConventionError
        Those of `channels`.
    """
    return tuple(recording for path in paths for recording in _recordings(Path(path), rate_hz))


def _recordings(path: Path, rate_hz: float | None) -> list[ImuRecording]:
    where = str(path)
    found: list[Part] = []
    columns, stated_hz = columns_of(path)
    for group in _by_length(columns):
        names = list(group)
        for sensor in sensors_of(names):
            values = [group[name] for name in names]
            found.append(_part(sensor, values, stated_hz or rate_hz, sensor.name or path.stem, where))
    if not found:
        told = ", ".join(list(columns)[:8]) or "no columns of numbers"
        raise damaged(told, where)
    return recordings_of(found, where=where)


def _part(sensor: SensorColumns, values: Sequence[np.ndarray], rate_hz: float | None, name: str, where: str) -> Part:
    if sensor.time is not None:
        ticks = values[sensor.time]
        step_s = time_unit_s(sensor.time_unit, ticks, where)
        samples, interval_s = samples_by_time((ticks - ticks[0]) * step_s, where=f"{where}, sensor {name}")
    elif rate_hz is not None and 0.0 < rate_hz < np.inf:
        samples, interval_s = np.arange(len(values[0])), 1.0 / rate_hz
    else:
        raise DataError(
            expected="times, a rate in the file (fs, SampleRate), or the rate given",
            found="none of these",
            where=where,
            do="Give the rate of the recording (imu_rate_hz in cohort.yaml).",
            code="IMU_RATE_UNKNOWN",
        )
    parts = {kind: np.column_stack([values[place] for place in places]) for kind, places in sensor.channels.items()}
    return Part(name, channels_of(sensor, parts), samples, 0.0, interval_s)


def _by_length(columns: Mapping[str, np.ndarray]) -> Iterator[dict[str, np.ndarray]]:
    """Columns of equal length that stand in one variable; each group is a table of its own."""
    groups: dict[tuple[str, int], dict[str, np.ndarray]] = {}
    for name, values in columns.items():
        groups.setdefault((name.partition(".")[0], len(values)), {})[name.partition(".")[2] or name] = values
    yield from groups.values()
