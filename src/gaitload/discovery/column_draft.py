"""Tables of sensors whose columns nobody understands: what the columns may be, by their numbers, as a question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gaitload.discovery.findings import Question
from gaitload.errors import GaitloadError
from gaitload.imu.units import acceleration_unit
from gaitload.io.imu.table import time_unit_s
from gaitload.io.imu.text import DELIMITERS, is_number, names_of, number, read_lines

TABLE_SUFFIXES = (".csv", ".tsv", ".txt")
_ROWS_MIN, _ROWS_MAX = 50, 3000
"""Rows that tell; fewer are a table of participants or trials."""
_PREAMBLE_LINES_MAX = 60
_STEADY = 0.05
"""Share by which the steps of a clock may differ, as their standard deviation."""
_UNIT_OFF_MAX = 0.01
"""How far the norm of quaternions may be from 1."""
_SPREAD_MAX = 1.5
"""Standard deviation over median of the norm of specific force: 0.1 to 0.9 in walking and running."""
_LOW_QUANTILE, _LOW = 0.05, 0.2
"""A person falls freely for a moment at most, whereas a plate is unloaded for half of the time."""
_MEAN_MAX = 0.7
"""Mean over root mean square of each axis of a gyroscope: it turns back and forth."""
_FILES_MAX = 3


@dataclass(frozen=True)
class Draft:
    """What the columns of a table may be.

    Attributes
    ----------
    time : str
        Column of the clock.
    time_unit : str
        `s`, `ms`, `us` or `ns`.
    channels : dict of str to tuple of str
        `acc`, `gyr` or `quaternion` -> columns.
    acc_unit : str or None
    """

    time: str
    time_unit: str
    channels: dict[str, tuple[str, ...]]
    acc_unit: str | None


def drafts_of(folder: Path, files: Sequence[str]) -> list[Question]:
    """Questions about tables in which some columns look like those of an inertial sensor.

    Parameters
    ----------
    folder : Path
        Of the cohort's recordings.
    files : sequence of str
        Tables that no reader knows, seen from it.
    """
    asked: dict[str, list[str]] = {}
    for file in files:
        if file.lower().endswith(TABLE_SUFFIXES) and (draft := draft_of(folder / file)) is not None:
            asked.setdefault(_declaration(draft), []).append(file)
    return [_question(declaration, places) for declaration, places in asked.items()]


def draft_of(path: Path) -> Draft | None:
    """What the columns of a table may be, or None where they look like no sensor's."""
    try:
        lines = read_lines(path)
    except (GaitloadError, OSError):
        return None
    for place, line in enumerate(lines[:_PREAMBLE_LINES_MAX]):
        for delimiter in DELIMITERS[:-1]:
            names = names_of(line, delimiter)
            if len(names) < 5 or len(set(names)) != len(names) or any(map(is_number, names)):
                continue
            values = _numbers(lines[place + 1 : place + 1 + _ROWS_MAX], delimiter, len(names))
            if values is not None:
                return _by_numbers(names, values, str(path))
    return None


def _numbers(lines: Sequence[str], delimiter: str, width: int) -> np.ndarray | None:
    rows = []
    for line in lines:
        cells = line.split(delimiter)[:width]
        if len(cells) == width and all(map(is_number, cells)):
            rows.append([number(cell) for cell in cells])
    return np.array(rows) if len(rows) >= _ROWS_MIN else None


def _by_numbers(names: Sequence[str], values: np.ndarray, where: str) -> Draft | None:
    clock = next((place for place in range(len(names)) if _ticks(values[:, place])), None)
    if clock is None:
        return None
    try:
        size_s = time_unit_s(None, values[:, clock], where)
    except GaitloadError:
        return None
    free = [place for place in range(len(names)) if place != clock]
    channels: dict[str, tuple[str, ...]] = {}
    acc_unit = None
    for kind, size, fits in (("quaternion", 4, _is_orientation), ("acc", 3, _is_force), ("gyr", 3, _is_turn)):
        if kind == "gyr" and "acc" not in channels:
            break
        group = next((group for group in _groups(free, size) if fits(values[:, group])), None)
        if group is None:
            continue
        channels[kind] = tuple(names[place] for place in group)
        free = [place for place in free if place not in group]
        acc_unit = acceleration_unit(values[:, group]) if kind == "acc" else acc_unit
    if "quaternion" not in channels and not {"acc", "gyr"} <= channels.keys():
        return None
    unit = {1.0: "s", 1e-3: "ms", 1e-6: "us", 1e-9: "ns"}[size_s]
    return Draft(names[clock], unit, channels, acc_unit)


def _groups(free: Sequence[int], size: int) -> Iterator[list[int]]:
    """Columns beside each other."""
    for at in range(len(free) - size + 1):
        group = list(free[at : at + size])
        if group[-1] - group[0] == size - 1:
            yield group


def _ticks(column: np.ndarray) -> bool:
    steps = np.diff(column)
    return bool(np.isfinite(steps).all() and (steps > 0).all() and steps.std() <= _STEADY * steps.mean())


def _is_orientation(values: np.ndarray) -> bool:
    size = np.linalg.norm(values, axis=1)
    return bool((np.abs(size - 1.0) < _UNIT_OFF_MAX).all() and np.ptp(values, axis=0).max() > _UNIT_OFF_MAX)


def _is_force(values: np.ndarray) -> bool:
    size = np.linalg.norm(values, axis=1)
    known = np.isfinite(size)
    return bool(
        known.any()
        and acceleration_unit(values) is not None
        and 0.0 < size[known].std() < _SPREAD_MAX * np.median(size[known])
        and np.quantile(size[known], _LOW_QUANTILE) > _LOW * np.median(size[known])
    )


def _is_turn(values: np.ndarray) -> bool:
    known = values[np.isfinite(values).all(axis=1)]
    size = np.sqrt(np.square(known).mean(axis=0)) if len(known) else np.zeros(3)
    return bool((size > 0.0).all() and (np.abs(known.mean(axis=0)) < _MEAN_MAX * size).all())


def _declaration(draft: Draft) -> str:
    """What imu_columns may say."""
    entries = {"time": draft.time, "time_unit": draft.time_unit}
    if draft.acc_unit:
        entries["acc_unit"] = draft.acc_unit
    cells = [f'{key}: "{value}"' for key, value in entries.items()]
    for kind, names in draft.channels.items():
        quoted = ", ".join(f'"{name}"' for name in names)
        cells.append(f"{kind}: [{quoted}]")
    return f"imu_columns: {{SENSOR: {{{', '.join(cells)}}}}}"


def _question(declaration: str, files: Sequence[str]) -> Question:
    more = f" and {len(files) - _FILES_MAX} more" if len(files) > _FILES_MAX else ""
    text = (
        f"Are these the columns of a sensor? By their numbers those of {', '.join(files[:_FILES_MAX])}{more} may be: "
        f"`{declaration}`. Correct names and order (x, y, z; w, x, y, z), add `gyr_unit` (rad/s or deg/s) and "
        'write `imu_files: {BODY: "*.csv#SENSOR"}`.'
    )
    return Question("cohort.yaml, imu_columns", text)
