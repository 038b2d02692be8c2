"""Text tables whose columns name themselves, with lines of other things above: one sensor or all sensors of a trial.

Read are tables whose names `column_names` understands completely: a clock or a packet counter, and for each sensor an
orientation or an accelerometer and a gyroscope with all axes. The spellings of these makers are known:

- Noraxon myoRESEARCH CSV: lines above, `time`, `Pelvis Accel Sensor X (mG)`,
  `Noraxon MyoMotion-Segments-Pelvis-Gyroscope-x (deg/s)` or `Ultium EMG.Internal Accel 1 Ax (mG)`;
- Delsys Trigno CSV: lines above, a clock `X[s]` before each channel, `Trigno IM sensor 1: ACC.X 1[g]`; channels of
  lower rates end early;
- Vicon Blue Trident CSV: `unix_timestamp_microsec,time_s,ax_m/s/s,...,gx_deg/s,...,mx_microT`;
- Shimmer Consensys CSV: `sep=,`, names such as `Shimmer_8665_Gyro_X_CAL`, a row of units;
- x-io x-IMU3 CSV: `Timestamp (us),Gyroscope X (deg/s),...,Accelerometer X (g),...`; x-IMU CSV with a `Packet number`.

Names come from published scripts that read such files (docs/imu.md). The reader is verified with two x-IMU3 recordings
(xioTechnologies/Gait-Tracking, MIT licence), which hold packets twice and lack others; it is unverified for the other
makers. Units that are not stated are recognised by the numbers, or refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from gaitload.errors import DataError
from gaitload.io.imu.channels import Part, recordings_of
from gaitload.io.imu.column_names import SensorColumns, channels_of, sensors_of
from gaitload.io.imu.formats import ImuFormat
from gaitload.io.imu.packets import repeated_rows, samples_by_counter, samples_by_time
from gaitload.io.imu.table import time_unit_s
from gaitload.io.imu.text import DELIMITERS, TextTable, is_number, names_of, read_lines, split_rows, text_error
from gaitload.trial import ImuRecording

FORMAT = ImuFormat("CSV with named columns", suffixes=(".csv", ".txt", ".tsv"), sensors_per_file="all", general=True)
_PREAMBLE_LINES_MAX = 60
_COUNTER_WRAPS_AT = 1 << 32


def recognises(lines: Sequence[str]) -> bool:
    """Whether a line of names of a complete sensor with a clock is among the first."""
    found = _header(lines)
    return found is not None and all(sensor.time is not None or sensor.counter is not None for sensor in found[3])


def read(paths: Sequence[Path], *, rate_hz: float | None = None) -> tuple[ImuRecording, ...]:
    """Read all sensors of the files, in the order of their columns.

    A sensor without a name of its own is called after its file. Time begins at the first row of any sensor of a file.
    `rate_hz` counts where rows have a packet counter and no time.

    Raises
    ------
    DataError
        Those of `text`, `packets` and `channels`, `IMU_RATE_UNKNOWN`, `IMU_COLUMNS_UNCLEAR`.
    ConventionError
        Those of `channels`.
    """
    return tuple(recording for path in paths for recording in _recordings(Path(path), rate_hz))


def _recordings(path: Path, rate_hz: float | None) -> list[ImuRecording]:
    lines, where = read_lines(path), str(path)
    found = _header(lines)
    if found is None:
        raise text_error("IMU_FORMAT_UNKNOWN", "names of the columns of a sensor", repr(lines[0][:60]), where)
    line, delimiter, names, sensors = found
    first = line + 1 + (1 if _units_below(lines, line, delimiter) else 0)
    table = split_rows(lines[first:], names, delimiter, first_line=first + 1, where=where)
    clocks = [_clock(table, sensor) for sensor in sensors]
    begin_s = min((time_s[0] for time_s, _ in clocks if time_s is not None), default=0.0)
    parts = [
        _part(table, sensor, clock, begin_s, rate_hz, sensor.name or path.stem)
        for sensor, clock in zip(sensors, clocks, strict=True)
    ]
    return recordings_of(parts, where=where)


def _part(
    table: TextTable,
    sensor: SensorColumns,
    clock: tuple[np.ndarray | None, np.ndarray],
    begin_s: float,
    rate_hz: float | None,
    name: str,
) -> Part:
    time_s, rows = clock
    if time_s is not None:
        samples, interval_s = samples_by_time(time_s - time_s[0], where=f"{table.where}, sensor {name}")
    else:
        samples, interval_s = _by_counter(table, sensor, rate_hz)
    start_s = 0.0 if time_s is None else float(time_s[0] - begin_s)
    values = {kind: table.columns(places)[rows] for kind, places in sensor.channels.items()}
    return Part(name, channels_of(sensor, values), samples, start_s, interval_s)


def _clock(table: TextTable, sensor: SensorColumns) -> tuple[np.ndarray | None, np.ndarray]:
    """Times (s) of a sensor's rows, or None, and which rows these are.

    Slower channels end before the others, and a packet that was written twice counts once.
    """
    if sensor.time is None:
        return None, np.arange(len(table.rows))
    ticks = table.columns([sensor.time])[:, 0]
    rows = np.flatnonzero(np.isfinite(ticks))
    if len(rows) < 2:
        raise text_error("IMU_ROWS", "two samples or more", f"{len(rows)} with a time", table.where)
    places = [place for channel in sensor.channels.values() for place in channel]
    rows = rows[~repeated_rows(ticks[rows], table.columns(places)[rows])]
    ticks = ticks[rows]
    return ticks * time_unit_s(sensor.time_unit, ticks, table.where), rows


def _by_counter(table: TextTable, sensor: SensorColumns, rate_hz: float | None) -> tuple[np.ndarray, float]:
    if rate_hz is None or not 0.0 < rate_hz < np.inf:
        raise DataError(
            expected="a column of times, or the rate given",
            found="a packet counter alone",
            where=table.where,
            do="Give the rate of the recording (imu_rate_hz in cohort.yaml).",
            code="IMU_RATE_UNKNOWN",
        )
    counter = table.columns([sensor.counter])[:, 0]
    samples, _ = samples_by_counter(counter, wraps_at=_COUNTER_WRAPS_AT, where=table.where)
    return samples, 1.0 / rate_hz


def _header(lines: Sequence[str]) -> tuple[int, str, list[str], list[SensorColumns]] | None:
    """Place of the line of names, its delimiter, the names, and the sensors they name; or None."""
    for place, line in enumerate(lines[:_PREAMBLE_LINES_MAX]):
        for delimiter in DELIMITERS[:-1]:
            names = names_of(line, delimiter)
            if len(names) < 5:
                continue
            units = names_of(lines[place + 1], delimiter) if _units_below(lines, place, delimiter) else ()
            sensors = sensors_of(names, units)
            if sensors:
                return place, delimiter, names, sensors
    return None


def _units_below(lines: Sequence[str], place: int, delimiter: str) -> bool:
    """Whether the line below the names holds no number: a row of units."""
    if place + 1 >= len(lines) or not lines[place + 1].strip():
        return False
    cells = [cell for cell in names_of(lines[place + 1], delimiter) if cell]
    return bool(cells) and not any(is_number(cell) for cell in cells)
