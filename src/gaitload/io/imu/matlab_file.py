"""Numbers of a MATLAB file, read in an interpreter of its own.

The libraries that read these files are written in C, and a damaged file can take them down or keep them busy for ever.
`python -m gaitload.io.imu.matlab_file FILE` writes what it finds to its standard output, as numpy's .npz.
"""

from __future__ import annotations

import io
import subprocess
import sys
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from gaitload.errors import DataError
from gaitload.io.files import require_content
from gaitload.io.imu.text import LARGEST, text_error

TIMEOUT_S = 60.0
"""Longer than the largest table takes (15 MB: 2 s)."""
_RATE = "rate_hz "
"""Name under which the rate that a file states is passed on; no variable of MATLAB has a blank."""
_AXES = {3: "xyz", 4: "wxyz"}
_RATES = frozenset(
    ("fs", "fsimu", "rate", "ratehz", "samplerate", "samplingrate", "samplefrequency", "samplingfrequency")
)
_DEPTH_MAX = 6


def columns_of(path: Path) -> tuple[dict[str, np.ndarray], float | None]:
    """All columns of numbers in a file by their names, shape (T,), and the rate (Hz) that it states, or None.

    Names of nested structures and tables are parted by points; a matrix of three or four columns gives its axes.
    Entries of an array of structures are numbered from 1: `data.3.force`.

    Raises
    ------
    DataError
        `FILE_MISSING`, `FILE_EMPTY`, `IMU_MATLAB`, `IMU_CELLS`.
    """
    where = str(require_content(path))
    command = [sys.executable, "-m", __spec__.name if __spec__ else __name__, where]
    try:
        done = subprocess.run(command, capture_output=True, timeout=TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise damaged(f"one that is not read within {TIMEOUT_S:g} s", where) from error
    if done.returncode:
        told = done.stderr.decode(errors="replace").strip().splitlines()
        raise damaged(told[-1][:120] if told and done.returncode > 0 else "one that takes its reader down", where)
    with np.load(io.BytesIO(done.stdout)) as found:
        columns = {name: found[name] for name in found.files}
    rate = columns.pop(_RATE, None)
    if any(np.nanmax(np.abs(values), initial=0.0) > LARGEST for values in columns.values()):
        raise text_error("IMU_CELLS", "finite numbers", "infinite or damaged ones", where)
    return columns, None if rate is None else float(rate)


def damaged(found: str, where: str) -> DataError:
    """A MATLAB file that cannot be used."""
    return DataError(
        expected="a MATLAB file with columns of a sensor, such as foot_Accel_X and foot_Gyro_X",
        found=found,
        where=where,
        do="Save the sensors as a table whose columns name sensor, channel and axis, and a column time_s.",
        code="IMU_MATLAB",
    )


def _loaded(path: str) -> dict[str, np.ndarray]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from matio import load_from_mat

        variables = load_from_mat(path)
    columns: dict[str, np.ndarray] = {}
    for name, values in _leaves(variables, "", 0):
        last = name.rpartition(".")[2]
        if values.size == 1 and last.replace("_", "").lower() in _RATES:
            columns[_RATE] = values.reshape(-1)[0]
        elif values.ndim == 2 and min(values.shape) in _AXES and max(values.shape) > max(_AXES):
            table = values if values.shape[1] in _AXES else values.T
            columns |= {f"{name} {axis}": table[:, place] for place, axis in enumerate(_AXES[table.shape[1]])}
        elif values.size == max(values.shape, default=0) > 1:
            columns[name] = values.reshape(-1)
    return columns


def _leaves(value: object, name: str, depth: int) -> Iterator[tuple[str, np.ndarray]]:
    """Arrays of numbers in nested structures, tables and datasets, with their names parted by points."""
    if depth > _DEPTH_MAX:
        return
    if isinstance(value, pd.DataFrame):
        if pd.api.types.is_timedelta64_dtype(value.index):
            yield _within(name, "time (s)"), value.index.total_seconds().to_numpy(dtype=float)
        for column in value.columns:
            yield from _leaves(value[column].to_numpy(), _within(name, str(column)), depth + 1)
    elif {"varnames", "data"} <= getattr(value, "properties", {}).keys():  # A dataset, which tables took the place of.
        names, columns = (value.properties[part].reshape(-1) for part in ("varnames", "data"))
        for column, inner in zip(names, columns, strict=True):
            yield from _leaves(np.asarray(inner), _within(name, str(np.asarray(column).item())), depth + 1)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if not str(key).startswith("__"):
                yield from _leaves(inner, _within(name, str(key)), depth + 1)
    elif isinstance(value, np.ndarray) and value.dtype.names:
        for key in value.dtype.names:
            inner = value[key].reshape(-1)
            for number, one in enumerate(inner, start=1):
                place = _within(name, str(number)) if len(inner) > 1 else name
                yield from _leaves(one, _within(place, key), depth + 1)
    elif isinstance(value, np.ndarray) and value.dtype == object:
        if value.size == 1:
            yield from _leaves(value.reshape(-1)[0], name, depth + 1)
    elif isinstance(value, np.ndarray | int | float | np.number) and np.asarray(value).dtype.kind in "iuf":
        yield name, np.asarray(value, dtype=float)


def _within(outer: str, inner: str) -> str:
    return f"{outer}.{inner}" if outer else inner


if __name__ == "__main__":
    np.savez(sys.stdout.buffer, **_loaded(sys.argv[1]))
