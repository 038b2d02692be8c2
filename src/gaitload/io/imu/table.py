"""Tables of anybody's own making, CSV or Parquet, whose columns and units are declared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from gaitload.errors import ConfigError, DataError
from gaitload.imu.units import ACCELERATION_UNITS, ANGULAR_VELOCITY_UNITS
from gaitload.io.columns import NUMBER_PLACE, read_columns
from gaitload.io.files import require_content
from gaitload.io.imu.channels import Channels, recording_of
from gaitload.io.imu.packets import samples_by_time
from gaitload.io.imu.text import LARGEST, delimiter_of, names_of, read_lines, split_rows, text_error
from gaitload.trial import ImuRecording

TIME_UNITS_S = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
_STEP_S = (2.5e-4, 0.1)
"""Steps between samples that a sensor has: 10 to 4,000 Hz. The units of time are a factor 1,000 apart, so that a median
step is within these limits in one unit at most."""
_UNEVEN_GAP = 2.5
"""Median intervals between two rows at uneven times above which samples were lost between them."""
PARQUET_MAGIC = b"PAR1"


@dataclass(frozen=True)
class ImuColumns:
    """Which columns of a table are one sensor's.

    Attributes
    ----------
    time : str
        Column of the clock.
    acc, gyr, mag : tuple of three str, or None
        Columns of x, y, z in the sensor frame.
    quaternion : tuple of four str, or None
        Columns of w, x, y, z; sensor frame to an earth frame with Z up.
    time_unit : str
        A key of `TIME_UNITS_S`.
    acc_unit : str or None
        `m/s2`, `g` or `mg`; None leaves it to the numbers, which are refused when they do not tell.
    gyr_unit : str or None
        `rad/s` or `deg/s`; None as above.
    gravity : bool
        Whether the acceleration holds gravity. Where it was taken off, acc_unit has to be stated, and without a
        quaternion the sensor has no orientation.
    uneven : bool
        Rows were taken at uneven times, as a logger does that asks its sensors in turn. They are interpolated linearly
        to an even clock; otherwise uneven times are refused, since those of arrival look alike.

    Raises
    ------
    ConfigError
        `IMU_COLUMNS_DECLARED`, when a unit is unknown or a channel has too few columns.
    """

    time: str
    acc: tuple[str, str, str] | None = None
    gyr: tuple[str, str, str] | None = None
    mag: tuple[str, str, str] | None = None
    quaternion: tuple[str, str, str, str] | None = None
    time_unit: str = "s"
    acc_unit: str | None = None
    gyr_unit: str | None = None
    gravity: bool = True
    uneven: bool = False

    def __post_init__(self) -> None:
        known = {"time_unit": TIME_UNITS_S, "acc_unit": ACCELERATION_UNITS, "gyr_unit": ANGULAR_VELOCITY_UNITS}
        for name, units in known.items():
            unit = getattr(self, name)
            if unit is not None and unit not in units:
                raise _declaration_error(f"{name} among {', '.join(units)}", repr(unit))
        if not self.gravity and self.acc_unit is None:
            raise _declaration_error("acc_unit, which acceleration without gravity does not tell", "none")
        for name, size in {"acc": 3, "gyr": 3, "mag": 3, "quaternion": 4}.items():
            columns = getattr(self, name)
            if columns is not None and len(columns) != size:
                raise _declaration_error(f"{size} columns for {name}", f"{len(columns)}")

    @property
    def names(self) -> tuple[str, ...]:
        """All columns, the clock first."""
        groups = (self.acc, self.gyr, self.mag, self.quaternion)
        return (self.time, *(name for group in groups if group is not None for name in group))


def time_unit_s(unit: str | None, ticks: np.ndarray, where: str) -> float:
    """Seconds in a tick of a clock, shape (T,): of its stated unit, else of the only one in which it ticks as sensors.

    Raises
    ------
    DataError
        `IMU_TIME`, when no unit is stated and none fits.
    """
    if unit is not None:
        return TIME_UNITS_S[unit]
    step = float(np.median(np.diff(ticks))) if len(ticks) > 1 else 0.0
    # Steps of one are a count of samples: milliseconds at 1,000 Hz cannot be told from it.
    for size_s in TIME_UNITS_S.values() if step != 1.0 else ():
        if _STEP_S[0] <= step * size_s <= _STEP_S[1]:
            return size_s
    raise DataError(
        expected="a clock in s, ms, us or ns that ticks 10 to 4,000 times a second",
        found=f"a median step of {step:g}",
        where=where,
        do="State the unit in the name of the column, such as time_s or `Time (ms)`.",
        code="IMU_TIME",
    )


def read_imu_table(path: Path, sensors: Mapping[str, ImuColumns]) -> tuple[ImuRecording, ...]:
    """Read the sensors declared, in the order of their declaration.

    Time begins at the first row of any sensor. Rows that are missing by their time are rows of NaN.

    Parameters
    ----------
    path : Path
        Parquet by its first bytes, else delimited text with one line of names. Where all columns are of the form `#3`,
        lines of text whose third number that is, see `gaitload.io.columns`.
    sensors : mapping of str to ImuColumns
        Name of the sensor -> its columns.

    Raises
    ------
    DataError
        Those of `text`, `packets` and `channels`, `IMU_COLUMNS_MISSING`, `IMU_PARQUET`.
    ConventionError
        `IMU_UNITS_CONTRADICTED`.
    """
    names = tuple(dict.fromkeys(name for columns in sensors.values() for name in columns.names))
    path = require_content(path)
    with path.open("rb") as handle:
        parquet = handle.read(len(PARQUET_MAGIC)) == PARQUET_MAGIC
    if all(map(NUMBER_PLACE.fullmatch, names)):
        values = read_columns(path, names)
    else:
        values = _parquet(path, names) if parquet else _text(path, names)
    starts_s = {name: values[each.time][0] * TIME_UNITS_S[each.time_unit] for name, each in sensors.items()}
    return tuple(
        _sensor(name, columns, values, start_s=starts_s[name] - min(starts_s.values()), where=str(path))
        for name, columns in sensors.items()
    )


def _sensor(
    name: str, columns: ImuColumns, values: Mapping[str, np.ndarray], *, start_s: float, where: str
) -> ImuRecording:
    clock = values[columns.time]
    # The first time is taken off before the unit is applied: beside seconds since 1970 intervals keep few digits.
    time_s = (clock - clock[0]) * TIME_UNITS_S[columns.time_unit]
    if columns.uneven:
        time_s, values = _even(time_s, {each: values[each] for each in columns.names}, where)
    samples, interval_s = samples_by_time(time_s, where=where)
    acc, gyr, mag, quaternion = (
        None if group is None else np.column_stack([values[column] for column in group])
        for group in (columns.acc, columns.gyr, columns.mag, columns.quaternion)
    )
    channels = Channels(
        acc, gyr, mag, quaternion, acc_unit=columns.acc_unit, gyr_unit=columns.gyr_unit, gravity=columns.gravity
    )
    return recording_of(name, channels, samples, start_s=start_s, interval_s=interval_s, where=where)


def _even(time_s: np.ndarray, values: Mapping[str, np.ndarray], where: str) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Times, shape (T,), that rise, and their rows, on an even clock of their median interval.

    Gaps stay: values are missing between two rows that are more than `_UNEVEN_GAP` intervals apart.
    """
    steps_s = np.diff(time_s)
    if not (steps_s > 0.0).all():
        row = int(np.argmin(steps_s > 0.0))
        raise text_error("IMU_TIME", "times that rise", f"a step of {steps_s[row]:g} s after sample {row}", where)
    step_s = float(np.median(steps_s))
    even_s = step_s * np.arange(int(time_s[-1] / step_s) + 1)
    after = np.clip(np.searchsorted(time_s, even_s), 1, len(time_s) - 1)
    inside = steps_s[after - 1] > _UNEVEN_GAP * step_s
    found = {name: np.interp(even_s, time_s, column) for name, column in values.items()}
    return even_s, {name: np.where(inside, np.nan, column) for name, column in found.items()}


def _text(path: Path, names: Sequence[str]) -> dict[str, np.ndarray]:
    lines, where = read_lines(path), str(path)
    delimiter = delimiter_of(lines[0], names, where)
    header = names_of(lines[0], delimiter)
    _require_columns(names, header, where)
    table = split_rows(lines[1:], header, delimiter, first_line=2, where=where)
    return dict(zip(names, table.numbers(names).T, strict=True))


def _parquet(path: Path, names: Sequence[str]) -> dict[str, np.ndarray]:
    where = str(path)
    try:
        _require_columns(names, pq.read_schema(path).names, where)
        table = pq.read_table(path, columns=list(names))
        values = {name: np.asarray(table.column(name).to_numpy(), dtype=float) for name in names}
    except DataError:
        raise
    # A damaged file makes the library raise nearly anything, a want of memory for sizes that are not true among it.
    except (pa.ArrowException, OSError, ValueError, TypeError, MemoryError, KeyError) as error:
        raise text_error("IMU_PARQUET", "a Parquet table of numbers", str(error).splitlines()[0][:80], where) from error
    if table.num_rows < 2:
        raise text_error("IMU_ROWS", "two samples or more", f"{table.num_rows}", where)
    for name, column in values.items():
        if np.nanmax(np.abs(column), initial=0.0) > LARGEST:
            raise text_error("IMU_CELLS", f"finite numbers in column {name}", "infinite or damaged ones", where)
    # Damaged bytes may be a NaN of another kind, which signals whenever it is added to something.
    return {name: np.where(np.isnan(column), np.nan, column) for name, column in values.items()}


def _require_columns(names: Sequence[str], header: Sequence[str], where: str) -> None:
    missing = [name for name in names if header.count(name) != 1]
    if missing:
        raise DataError(
            expected=f"a column {missing[0]}, once",
            found=", ".join(header[:12]) or "no names",
            where=where,
            do="Correct the declared names of the columns, or the first line of the table.",
            code="IMU_COLUMNS_MISSING",
        )


def _declaration_error(expected: str, found: str) -> ConfigError:
    return ConfigError(
        expected=expected,
        found=found,
        where="columns declared for an inertial sensor",
        do="Correct the declaration.",
        code="IMU_COLUMNS_DECLARED",
    )
