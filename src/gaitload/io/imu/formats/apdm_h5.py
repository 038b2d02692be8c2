"""HDF5 files of APDM Opal sensors (Mobility Lab, Moveo): one file holds all sensors of a trial.

After the layout that published readers agree on (scikit-digital-health `ReadApdmH5`, DAMVi `load_h5_APDM1Raw`): the
group `Sensors/<number>` holds `Accelerometer` (m/s2), `Gyroscope` (rad/s) and `Magnetometer` (uT), each of shape
(T, 3), `Time` (microseconds since 1970), and `Configuration` with the attribute `Label 0`, the sensor's name.
`Processed/<number>` holds `Orientation`, quaternions of shape (T, 4), scalar first, sensor to earth, Z up.

This reader is unverified: it was tested with files that were made after this layout, not with a recording.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import h5py
import numpy as np

from gaitload.errors import DataError
from gaitload.io.imu.channels import Channels, recording_of
from gaitload.io.imu.formats import ImuFormat
from gaitload.io.imu.packets import samples_by_time
from gaitload.io.imu.text import LARGEST, text_error
from gaitload.trial import ImuRecording

FORMAT = ImuFormat("APDM HDF5", suffixes=(".h5", ".hdf5"), sensors_per_file="all")
_MAGIC = "\x89HDF"
_SENSORS, _PROCESSED = "Sensors", "Processed"
_SIZES = {"Accelerometer": 3, "Gyroscope": 3, "Magnetometer": 3}
_MICROSECOND_S = 1e-6
_UNREADABLE = (OSError, RuntimeError, ValueError, KeyError, TypeError, MemoryError, OverflowError, AttributeError)
"""Errors that the library raises for damaged files."""


def recognises(lines: Sequence[str]) -> bool:
    """Whether a file begins as HDF5 does; MATLAB's own HDF5 files begin with a text."""
    return lines[0].startswith(_MAGIC)


def read(paths: Sequence[Path], *, rate_hz: float | None = None) -> tuple[ImuRecording, ...]:
    """Read all sensors of the files, in the order of their numbers. Files have times, so `rate_hz` is not needed.

    Time begins at the first sample of any sensor of a file.

    Raises
    ------
    DataError
        `IMU_APDM_HDF5`, those of `packets` and of `channels`.
    ConventionError
        Those of `channels`.
    """
    return tuple(recording for path in paths for recording in _recordings(Path(path)))


def _recordings(path: Path) -> list[ImuRecording]:
    where = str(path)
    try:
        with h5py.File(path, "r") as file:
            read = {number: _sensor(file, number, where) for number in sorted(file[_SENSORS])}
    except DataError:
        raise
    except _UNREADABLE as error:
        raise _error(
            "a file of APDM sensors", str(error).splitlines()[0][:80] if str(error) else "damage", where
        ) from error
    if not read:
        raise _error("a sensor or more", "none", where)
    first = min(time[0] for _, time, _ in read.values())
    recordings = []
    for name, time, channels in read.values():
        samples, interval_s = samples_by_time((time - time[0]) * _MICROSECOND_S, where=f"{where}, sensor {name}")
        start_s = float(time[0] - first) * _MICROSECOND_S
        recordings.append(recording_of(name, channels, samples, start_s=start_s, interval_s=interval_s, where=where))
    return recordings


def _sensor(file: h5py.File, number: str, where: str) -> tuple[str, np.ndarray, Channels]:
    group = file[_SENSORS][number]
    time = _numbers(group, "Time", 1, where)[:, 0]
    values = {name: _numbers(group, name, size, where) if name in group else None for name, size in _SIZES.items()}
    processed = file.get(f"{_PROCESSED}/{number}")
    orientation = None
    if isinstance(processed, h5py.Group) and "Orientation" in processed:
        orientation = _numbers(processed, "Orientation", 4, where)
    for each in (*values.values(), orientation):
        if each is not None and len(each) != len(time):
            raise _error(f"{len(time)} samples in every channel of sensor {number}", f"{len(each)}", where)
    if len(time) < 2:
        raise text_error("IMU_ROWS", "two samples or more", f"{len(time)}", where)
    acc, gyr, mag = values.values()
    return _name(group, number), time, Channels(acc, gyr, mag, orientation, acc_unit="m/s2", gyr_unit="rad/s")


def _numbers(group: h5py.Group, name: str, size: int, where: str) -> np.ndarray:
    """A data set, shape (T, size); values beyond what a sensor says are refused."""
    values = np.asarray(group[name][()], dtype=float)
    values = values[:, np.newaxis] if values.ndim == 1 else values
    if values.ndim != 2 or values.shape[1] != size:
        raise _error(f"{name} of shape (samples, {size})", f"{values.shape}", where)
    if np.nanmax(np.abs(values), initial=0.0) > LARGEST:
        raise text_error("IMU_CELLS", f"finite numbers in {name}", "infinite or damaged ones", where)
    return np.where(np.isnan(values), np.nan, values)


def _name(group: h5py.Group, number: str) -> str:
    """The label that the sensor was given in the software, or its number."""
    configuration = group.get("Configuration")
    label = configuration.attrs.get("Label 0", b"") if configuration is not None else b""
    text = label.decode("utf-8", errors="replace") if isinstance(label, bytes) else str(label)
    return text.replace("\0", "").strip() or number


def _error(expected: str, found: str, where: str) -> DataError:
    return DataError(
        expected=expected,
        found=found,
        where=where,
        do="Copy the file again, or export the recording as CSV.",
        code="IMU_APDM_HDF5",
    )
