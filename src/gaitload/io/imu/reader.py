"""The front door: recordings of inertial sensors, whatever made the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from gaitload.errors import ConfigError, DataError
from gaitload.io.imu.formats import imu_formats
from gaitload.io.imu.table import ImuColumns, read_imu_table
from gaitload.io.imu.text import start_of
from gaitload.trial import ImuRecording


def read_imu(
    paths: Path | str | Sequence[Path | str],
    *,
    columns: Mapping[str, ImuColumns] | None = None,
    rate_hz: float | None = None,
) -> tuple[ImuRecording, ...]:
    """Read the inertial sensors of one trial.

    The format is recognised by what the file says, not by its name.

    Parameters
    ----------
    paths : path, or sequence of paths
        All of one format. Xsens and DOT write a file a sensor: those of one trial are read together, on one clock.
    columns : mapping of str to ImuColumns, optional
        Name of the sensor -> its columns: reads tables (CSV, Parquet) of anybody's own making.
    rate_hz : float, optional
        Of Xsens files that do not say their rate.

    Returns
    -------
    tuple of ImuRecording
        One a sensor, in SI units, in the order of the paths and of the sensors in them.

    Raises
    ------
    DataError
        `FILE_MISSING`, `FILE_EMPTY`, `IMU_FORMAT_UNKNOWN`, `IMU_FORMAT_AMBIGUOUS`, `IMU_FORMATS_MIXED`,
        `IMU_SENSOR_TWICE`, and those of the format's reader.
    ConventionError
        `IMU_UNITS_CONTRADICTED`, `IMU_RATE_CONTRADICTED`.
    ConfigError
        `IMU_NO_FILES`, when there is no path.
    """
    files = [Path(paths)] if isinstance(paths, (str, Path)) else [Path(path) for path in paths]
    if not files:
        raise ConfigError(
            expected="one file or more",
            found="none",
            where="inertial sensors of a trial",
            do="Name the files of the trial.",
            code="IMU_NO_FILES",
        )
    if columns is not None:
        recordings = tuple(recording for path in files for recording in read_imu_table(path, columns))
    else:
        recordings = imu_formats()[_one_format(files)].read(files, rate_hz=rate_hz)
    _require_different_names(recordings, files)
    return recordings


def format_of(path: Path) -> str:
    """Name of the format of a file, by its content.

    Raises
    ------
    DataError
        `FILE_MISSING`, `FILE_EMPTY`, `IMU_FORMAT_UNKNOWN`, `IMU_FORMAT_AMBIGUOUS`.
    """
    lines, formats = start_of(path), imu_formats()
    known = [name for name, module in formats.items() if module.recognises(lines)]
    names = [name for name in known if not formats[name].FORMAT.general] or known
    if len(names) > 1:
        raise DataError(
            expected="a file that one format recognises",
            found=f"one that begins {lines[0][:60]!r}, which {' and '.join(names)} do",
            where=str(path),
            do="Let `recognises` in src/gaitload/io/imu/formats ask for more of what tells these formats apart.",
            code="IMU_FORMAT_AMBIGUOUS",
        )
    if not names:
        raise DataError(
            expected=f"a file of one of the formats {', '.join(formats)}",
            found=f"one that begins {lines[0][:60]!r}",
            where=str(path),
            do="Export the recording in one of these formats, name its columns (time_s, acc_x, gyr_x, ...), or declare "
            "them in imu_columns.",
            code="IMU_FORMAT_UNKNOWN",
        )
    return names[0]


def _one_format(files: Sequence[Path]) -> str:
    names = {path: format_of(path) for path in files}
    if len(set(names.values())) > 1:
        raise DataError(
            expected="files of one format",
            found="; ".join(f"{path.name}: {name}" for path, name in names.items()),
            where=str(files[0].parent),
            do="Read files of different systems on their own; their clocks differ.",
            code="IMU_FORMATS_MIXED",
        )
    return next(iter(names.values()))


def _require_different_names(recordings: Sequence[ImuRecording], files: Sequence[Path]) -> None:
    names = [recording.name for recording in recordings]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(
            expected="each sensor once",
            found=f"{', '.join(twice)} more than once",
            where=", ".join(str(path) for path in files),
            do="Leave out the file that is there twice, or rename the sensor where the file names it.",
            code="IMU_SENSOR_TWICE",
        )
