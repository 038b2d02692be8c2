"""Motion-BIDS folders: what of them can be converted to files that the workflow reads.

Of Jeung et al. 2024 (Scientific Data 11:716): `sub-*/[ses-*/]motion/*_motion.tsv` without a header, the meaning of its
columns in `*_channels.tsv`, the rate in `*_motion.json`. Positions become TRC files; acceleration with angular velocity
becomes Xsens text, a file a sensor, with the orientation where there is one. The standard has no force plates.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gaitload.discovery.findings import Fault
from gaitload.discovery.words import body_of, identifier
from gaitload.documents import parse_json
from gaitload.errors import ConfigError
from gaitload.imu.units import ACCELERATION_UNITS, ANGULAR_VELOCITY_UNITS
from gaitload.io.imu.xsens_write import write_xsens
from gaitload.io.trc import write_trc
from gaitload.io.units import METRES_PER
from gaitload.trial import ImuRecording, Markers

_SUFFIX = "_motion.tsv"
_POSITION = ("x", "y", "z")
_QUATERNION = ("quat_w", "quat_x", "quat_y", "quat_z")
_CONVERTED = ("POS", "ACCEL", "GYRO", "MAGN", "ORNT")
_KEPT_ALONGSIDE = (".mot", ".c3d", ".trc")


@dataclass(frozen=True)
class _Table:
    """One `_motion.tsv`: its columns, shape (T, C), what `_channels.tsv` says of each, and its rate."""

    values: np.ndarray
    channels: list[dict[str, str]]
    rate_hz: float

    def points(self, kind: str, components: tuple[str, ...]) -> dict[str, tuple[np.ndarray, str]]:
        """`(values (T, len(components)), unit)` by tracked point, of the points that have every component."""
        columns: dict[str, dict[str, int]] = {}
        for index, channel in enumerate(self.channels):
            if channel["type"].upper() == kind:
                columns.setdefault(channel["tracked_point"], {})[channel["component"].lower()] = index
        return {
            point: (self.values[:, [own[name] for name in components]], self.channels[own[components[0]]]["units"])
            for point, own in columns.items()
            if set(components) <= own.keys()
        }


def is_motion_bids(folder: Path) -> bool:
    """Whether a folder holds recordings as Motion-BIDS lays them out."""
    return any(folder.glob(f"sub-*/**/motion/*{_SUFFIX}"))


def convert_motion_bids(folder: Path, target: Path) -> tuple[Fault, ...]:
    """Write what can be converted into a folder of its own, and say what cannot.

    Files of forces (.mot) and recordings (.c3d, .trc) that lie in the same folder are copied beside, participants.tsv
    too.

    Raises
    ------
    ConfigError
        CONVERTED_EXISTS: the target is there and not empty.
    """
    if target.exists() and any(target.iterdir()):
        raise ConfigError(
            expected="a new folder for the converted recordings",
            found=f"{target}, which is not empty",
            where=str(folder),
            do="Give another --converted, or remove that folder.",
            code="CONVERTED_EXISTS",
        )
    faults: list[Fault] = []
    for path in sorted(folder.glob(f"sub-*/**/motion/*{_SUFFIX}")):
        name = path.relative_to(folder).as_posix()
        try:
            table = _table(path, folder)
        except (OSError, ValueError, KeyError, TypeError, csv.Error) as error:
            faults.append(Fault(name, f"not converted: {error or type(error).__name__}", "Complete the BIDS sidecars."))
            continue
        faults += _convert(table, name, target / _place(path, folder))
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in _KEPT_ALONGSIDE and path.is_file()):
        copy = target / path.relative_to(folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    if (folder / "participants.tsv").is_file():
        target.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / "participants.tsv", target / "participants.tsv")
    return tuple(faults)


def _convert(table: _Table, name: str, stem: Path) -> list[Fault]:
    """Write the markers and the sensors of one table; `stem` is where, without a suffix."""
    faults = [*_markers(table, name, stem), *_sensors(table, name, stem)]
    left = sorted({channel["type"] for channel in table.channels} - set(_CONVERTED))
    if left:
        told = f"channels of type {', '.join(left)} were not converted"
        faults.append(Fault(name, told, "Nothing is to be done unless they are forces: give these as .mot files."))
    return faults


def _markers(table: _Table, name: str, stem: Path) -> list[Fault]:
    points = table.points("POS", _POSITION)
    strange = sorted({unit for _, unit in points.values() if unit.strip().lower() not in METRES_PER})
    if strange:
        return [Fault(name, f"positions in {', '.join(strange)}", f"Declare units as {', '.join(METRES_PER)}.")]
    if points:
        metres = [values * METRES_PER[unit.strip().lower()] for values, unit in points.values()]
        time_s = np.arange(len(table.values)) / table.rate_hz
        write_trc(stem.with_name(f"{stem.name}.trc"), Markers(tuple(points), time_s, np.stack(metres, axis=1)))
    return []


def _sensors(table: _Table, name: str, stem: Path) -> list[Fault]:
    acc, gyr = table.points("ACCEL", _POSITION), table.points("GYRO", _POSITION)
    mag, turn = table.points("MAGN", _POSITION), table.points("ORNT", _QUATERNION)
    faults, time_s = [], np.arange(len(table.values)) / table.rate_hz
    for point in dict.fromkeys((*acc, *gyr, *turn)):
        if point not in acc or point not in gyr:
            told = f"{point}: not both acceleration and angular velocity"
            faults.append(Fault(name, told, "Such a sensor cannot be used; nothing is to be done."))
            continue
        try:
            recording = ImuRecording(
                identifier(point),
                time_s,
                _si(acc[point], ACCELERATION_UNITS),
                _si(gyr[point], ANGULAR_VELOCITY_UNITS),
                mag[point][0] if point in mag else None,
                turn[point][0] if point in turn else None,
            )
        except KeyError as error:
            faults.append(Fault(name, f"{point}: unit {error}", "Declare m/s^2 or g, and rad/s or deg/s."))
            continue
        folder = stem.with_name(f"{stem.name}_imu")
        write_xsens(folder / f"{body_of(point) or identifier(point)}.txt", recording)
    return faults


def _si(channel: tuple[np.ndarray, str], known: Mapping[str, float]) -> np.ndarray:
    values, unit = channel
    return values * known[unit.strip().lower().replace("^", "").replace("m/s²", "m/s2")]


def _table(path: Path, root: Path) -> _Table:
    channels = _rows(_sidecar(path, root, "channels.tsv"))
    rate_hz = float(parse_json(_sidecar(path, root, "motion.json").read_text(encoding="utf-8"))["SamplingFrequency"])
    if not 0.0 < rate_hz < np.inf:
        raise ValueError(f"a SamplingFrequency of {rate_hz:g}")
    values = np.genfromtxt(path, delimiter="\t", dtype=float, missing_values="n/a", filling_values=np.nan, ndmin=2)
    if values.shape[1] != len(channels):
        raise ValueError(f"{values.shape[1]} columns, and {len(channels)} rows in channels.tsv")
    return _Table(values, channels, rate_hz)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        rows = [
            {key: value or "" for key, value in row.items() if key} for row in csv.DictReader(handle, delimiter="\t")
        ]
    for needed in ("type", "component", "tracked_point", "units"):
        if rows and needed not in rows[0]:
            raise ValueError(f"{path.name} has no column {needed}")
    return rows


def _entities(path: Path) -> dict[str, str]:
    parts = (part.partition("-") for part in path.name.split("_")[:-1])
    return {key: value for key, _, value in parts}


def _sidecar(path: Path, root: Path, suffix: str) -> Path:
    """The file that describes another: the nearest whose entities are all among its own (BIDS' inheritance)."""
    own = _entities(path)
    folder = path.parent
    while True:
        found = [one for one in folder.glob(f"*{suffix}") if _entities(one).items() <= own.items()]
        if found:
            return max(found, key=lambda one: len(_entities(one)))
        if folder == root:
            raise ValueError(f"no {suffix} describes it")
        folder = folder.parent


def _place(path: Path, root: Path) -> Path:
    """`sub-01/walk_1` of `sub-01_task-walk_tracksys-omc_run-1_motion.tsv`: one name for all systems of a trial."""
    own = _entities(path)
    words = [own.get("task", "trial"), *(own[key] for key in ("acq", "run") if key in own)]
    place = Path(path.relative_to(root).parts[0], *([f"ses-{own['ses']}"] if "ses" in own else []))
    return place / identifier("_".join(words))
