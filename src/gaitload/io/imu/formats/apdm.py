"""CSV exports of APDM Opal sensors, versions 1 and 7: one file holds all sensors of a trial, on one clock."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gaitload.errors import DataError
from gaitload.io.imu.channels import Channels, recording_of
from gaitload.io.imu.formats import ImuFormat
from gaitload.io.imu.packets import samples_by_time
from gaitload.io.imu.text import TextTable, read_lines, split_rows, text_error
from gaitload.trial import ImuRecording

FORMAT = ImuFormat("APDM CSV", suffixes=(".csv", ".txt"), sensors_per_file="all")
_VERSION_1 = "Test Name:"
_VERSION_7 = "Format=7"
_TIME = "Time"
_MICROSECOND_S = 1e-6
_NAME_PLACE = 3
"""Where in the block of a sensor version 7 has its name; the block begins with its number."""
_GROUPS = {
    "acc": ("Acceleration", "Accelerometer"),
    "gyr": ("Angular Velocity", "Gyroscope"),
    "mag": ("Magnetic Field", "Magnetometer"),
    "orientation": ("Orientation", "Orientation"),
}
_AXES = {"acc": ["X", "Y", "Z"], "gyr": ["X", "Y", "Z"], "mag": ["X", "Y", "Z"], "orientation": ["S", "X", "Y", "Z"]}
_UNITS = {"m/s^2": "m/s2", "m/s2": "m/s2", "g": "g", "rad/s": "rad/s", "deg/s": "deg/s"}

Places = dict[str, dict[str, list[int]]]
"""Sensor -> kind of channel -> places of its columns."""


def recognises(lines: Sequence[str]) -> bool:
    """Whether lines begin as an APDM export does."""
    return lines[0].split(",")[0].strip() in (_VERSION_1, _VERSION_7)


def read(paths: Sequence[Path], *, rate_hz: float | None = None) -> tuple[ImuRecording, ...]:
    """Read all sensors of the files, in their order. Files have times, so `rate_hz` is not needed.

    Time begins at the first row of each file. Quaternions are those of the file: scalar first, sensor to earth, Z up.

    Raises
    ------
    DataError
        Those of `text`, `packets` and `channels`, `IMU_APDM_HEADER`.
    ConventionError
        `IMU_UNITS_CONTRADICTED`.
    """
    return tuple(recording for path in paths for recording in _sensors(path))


def _sensors(path: Path) -> tuple[ImuRecording, ...]:
    lines, where = read_lines(path), str(path)
    version_7 = lines[0].startswith(_VERSION_7)
    table, places, units = _version_7(lines, where) if version_7 else _version_1(lines, where)
    ticks = table.columns([0])[:, 0]
    time_s = (ticks - ticks[0]) * (_MICROSECOND_S if version_7 else 1.0)
    samples, interval_s = samples_by_time(time_s, where=where)
    return tuple(
        recording_of(name, _channels(table, groups, units), samples, start_s=0.0, interval_s=interval_s, where=where)
        for name, groups in places.items()
    )


def _channels(table: TextTable, groups: dict[str, list[int]], units: dict[str, str | None]) -> Channels:
    values = {kind: table.columns(columns) for kind, columns in groups.items()}
    return Channels(
        acc=values.get("acc"),
        gyr=values.get("gyr"),
        mag=values.get("mag"),
        orientation_wxyz=values.get("orientation"),
        acc_unit=units["acc"],
        gyr_unit=units["gyr"],
    )


def _version_1(lines: Sequence[str], where: str) -> tuple[TextTable, Places, dict[str, str | None]]:
    # Names `<sensor>/<group>/<axis>` in line 3, units in line 4.
    names = _cells(lines, 2)
    unit_cells = _cells(lines, 3)
    places: Places = {}
    for sensor in dict.fromkeys(name.partition("/")[0] for name in names if name.count("/") == 2):
        groups = {kind: [f"{sensor}/{label[0]}/{axis}" for axis in _AXES[kind]] for kind, label in _GROUPS.items()}
        groups["orientation"][0] = f"{sensor}/Orientation/Scalar"
        places[sensor] = {kind: _places(names, wanted) for kind, wanted in groups.items() if wanted[0] in names}
        if not all(places[sensor].values()):
            raise _header_error(f"all axes of the channels of sensor {sensor}", ", ".join(names[:6]), where)
    units = {kind: _unit(unit_cells, places, kind) for kind in ("acc", "gyr")}
    return _table(lines, 4, names, places, where), places, units


def _version_7(lines: Sequence[str], where: str) -> tuple[TextTable, Places, dict[str, str | None]]:
    # Sensors in line 1, groups in line 2, axes in line 3; a blank cell belongs to what stands left of it.
    sensors, groups, axes = (_cells(lines, line) for line in range(3))
    labels = {label[1]: kind for kind, label in _GROUPS.items()}
    places: Places = {}
    sensor, group = "", ""
    for place, label in enumerate(groups):
        if label == _GROUPS["acc"][1]:
            named = sensors[place + _NAME_PLACE] if place + _NAME_PLACE < len(sensors) else ""
            sensor = named or (sensors[place] if place < len(sensors) else "")
            if not sensor or sensor in places:
                raise _header_error("a name of its own for each sensor", sensor or "none", where)
            places[sensor] = {}
        group = label or group
        kind = labels.get(group)
        if sensor and kind and place < len(axes) and axes[place]:
            places[sensor].setdefault(kind, []).append(place)
    for sensor, kinds in places.items():
        if any([axes[place] for place in columns] != _AXES[kind] for kind, columns in kinds.items()):
            raise _header_error(f"all axes of the channels of sensor {sensor}", "some", where)
    return _table(lines, 3, groups, places, where), places, {"acc": "m/s2", "gyr": "rad/s"}


def _table(lines: Sequence[str], first: int, names: list[str], places: Places, where: str) -> TextTable:
    if not places or not names or names[0] != _TIME:
        raise _header_error("a column Time and those of sensors", ", ".join(names[:6]) or "none", where)
    return split_rows(lines[first:], names, ",", first_line=first + 1, where=where, spare=1)


def _cells(lines: Sequence[str], line: int) -> list[str]:
    return [cell.strip() for cell in lines[line].split(",")] if line < len(lines) else []


def _places(names: list[str], wanted: list[str]) -> list[int]:
    return [names.index(name) for name in wanted] if set(wanted) <= set(names) else []


def _unit(cells: list[str], places: Places, kind: str) -> str | None:
    spelled = {cells[groups[kind][0]] for groups in places.values() if kind in groups and groups[kind][0] < len(cells)}
    return _UNITS.get(spelled.pop()) if len(spelled) == 1 else None


def _header_error(expected: str, found: str, where: str) -> DataError:
    return text_error("IMU_APDM_HEADER", expected, found, where)
