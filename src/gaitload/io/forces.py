"""Ground reaction forces in OpenSim's form: force, point and torque per plate or per foot, and how to apply them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from lxml import etree

from gaitload.conventions import AXES, SIDES
from gaitload.errors import DataError
from gaitload.io.clock import rows_on_grid, uniform_time
from gaitload.io.files import write_aside
from gaitload.io.force_columns import PlateColumns, plate_columns, repeated_columns
from gaitload.io.sto import Table, read_sto, write_sto
from gaitload.io.units import metres_per
from gaitload.signals.plates import center_of_pressure
from gaitload.trial import FootForces, PlateWrench

_LARGEST = 1e30
"""No plate says more (N, N m); a number beyond it is a damaged one, and its square may be infinite."""


@dataclass(frozen=True)
class ForceTable:
    """What a file of forces holds.

    Attributes
    ----------
    time_s : ndarray, shape (N,)
    plates : tuple of PlateWrench
        Named as `force_columns.PlateColumns` says; moments about the origin of the file's frame; no corners, but a
        point of the surface.
    notes : tuple of str
        What was left aside.
    """

    time_s: np.ndarray
    plates: tuple[PlateWrench, ...]
    notes: tuple[str, ...] = ()


def read_force_table(path: Path, *, plates: Collection[str] | None = None, length_unit: str = "m") -> ForceTable:
    """Read the forces of a .mot or .sto file.

    Columns are recognised by the grammar of `force_columns`. The point counts for nothing where the force is zero. The
    last row is left out where its time alone misses the grid of the others: exporters that cut a recording by time
    write such rows.

    Parameters
    ----------
    path : Path
    plates : collection of str, optional
        Names of the plates wanted; all by default.
    length_unit : str
        Unit of points and torques; OpenSim's C3D reader leaves both in the unit of the recording.

    Raises
    ------
    DataError
        Those of `read_sto`, `FORCES_TIME`, `FORCES_NOT_FOUND`, `FORCES_INCOMPLETE`, `FORCES_AMBIGUOUS`,
        `FORCES_NOT_FINITE`.
    """
    table = read_sto(path)
    rows, notes = rows_on_grid(table.time_s), table.notes
    if rows < len(table.time_s):
        odd = f"{path.name}: the last row, at {table.time_s[-1]:g} s, is off the grid of the others; left out"
        notes = (*notes, odd)
        table = replace(table, time_s=table.time_s[:rows], values=table.values[:rows])
    wrenches = _plates(table, plates, metres_per(length_unit, str(path)), path)
    return ForceTable(uniform_time(table.time_s, str(path), "FORCES_TIME"), wrenches, notes)


def read_forces(
    path: Path, *, plates: Collection[str] | None = None, length_unit: str = "m"
) -> tuple[np.ndarray, tuple[PlateWrench, ...]]:
    """`(time_s, plates)` of `read_force_table`, shape (N,) and length P; raises as it does."""
    table = read_force_table(path, plates=plates, length_unit=length_unit)
    return table.time_s, table.plates


def write_forces(path: Path, forces: FootForces) -> None:
    """Write foot forces as `ground_force_<side>_vx`, `ground_force_<side>_px`, `ground_torque_<side>_x`, ... .

    Force (N), centre of pressure (m) and free moment (N m) in the ground frame; all three are zero while unloaded.
    """
    names, columns = [], []
    for side in SIDES:
        force, moment, contact = forces.side(side)
        point, free_moment = center_of_pressure(force, moment, forces.surface_height_m)
        torque = np.column_stack((np.zeros(len(force)), free_moment, np.zeros(len(force))))
        names += _column_names(side)
        # A stance may hold a sample without vertical force, which has no centre of pressure.
        pressed = contact & (force[:, 1] > 0)
        columns.append(np.where(pressed[:, np.newaxis], np.hstack((force, point, torque)), 0.0))
    table = Table(tuple(names), forces.time_s, np.hstack(columns))
    write_sto(path, table, name=Path(path).stem, in_degrees=False)


def read_foot_forces(path: Path, *, contact_threshold_n: float = 0.0) -> FootForces:
    """Inverse of `write_forces`.

    Parameters
    ----------
    contact_threshold_n : float
        A foot is in contact while its vertical force is above this; 0 for files of `write_forces`, which are zero
        while unloaded.

    Raises
    ------
    DataError
        Those of `read_forces`, and `FORCES_NOT_FOUND` when a foot has no columns.
    """
    table = read_sto(path)
    by_name = {plate.name: plate for plate in _plates(table, None, 1.0, path)}
    missing = [f"ground_force_{side}" for side in SIDES if f"ground_force_{side}" not in by_name]
    if missing:
        raise _error("FORCES_NOT_FOUND", path, f"columns of {' and '.join(missing)}", ", ".join(by_name))
    feet = [by_name[f"ground_force_{side}"] for side in SIDES]
    force = np.stack([foot.force_lab_n for foot in feet], axis=1)
    contact = force[..., 1] > contact_threshold_n
    heights = np.stack([table.column(f"ground_force_{side}_py") for side in SIDES], axis=1)[contact]
    return FootForces(
        time_s=uniform_time(table.time_s, str(path), "FORCES_TIME"),
        force_ground_n=force,
        moment_ground_nm=np.stack([foot.moment_lab_nm for foot in feet], axis=1),
        contact=contact,
        surface_height_m=float(heights[0]) if heights.size else 0.0,
    )


def write_external_loads(path: Path, *, forces_file: Path, bodies: dict[str, str] | None = None) -> None:
    """Write the OpenSim document that applies a file of `write_forces` to a model.

    Parameters
    ----------
    forces_file : Path
        As the document shall name it; OpenSim takes a relative one from the folder of the document.
    bodies : dict, optional
        Body of the model per side; `calcn_r` and `calcn_l` by default.
    """
    document = etree.Element("OpenSimDocument", Version="40000")
    loads = etree.SubElement(document, "ExternalLoads", name=Path(path).stem)
    objects = etree.SubElement(loads, "objects")
    for side in SIDES:
        force = etree.SubElement(objects, "ExternalForce", name=f"ground_force_{side}")
        for key, value in {
            "applied_to_body": (bodies or {}).get(side, f"calcn_{side}"),
            "force_expressed_in_body": "ground",
            "point_expressed_in_body": "ground",
            "force_identifier": f"ground_force_{side}_v",
            "point_identifier": f"ground_force_{side}_p",
            "torque_identifier": f"ground_torque_{side}_",
        }.items():
            etree.SubElement(force, key).text = value
    etree.SubElement(loads, "groups")
    etree.SubElement(loads, "datafile").text = str(forces_file)
    with write_aside(path) as aside:
        etree.ElementTree(document).write(str(aside), pretty_print=True, xml_declaration=True, encoding="UTF-8")


def _column_names(side: str) -> list[str]:
    stems = (f"ground_force_{side}_v", f"ground_force_{side}_p", f"ground_torque_{side}_")
    return [f"{stem}{axis}" for stem in stems for axis in AXES]


def _plates(table: Table, wanted: Collection[str] | None, metres: float, path: Path) -> tuple[PlateWrench, ...]:
    _require_one_meaning(table.names, path)
    found = {plate.name: plate for plate in plate_columns(table.names)}
    chosen = found if wanted is None else wanted
    missing = [name for name in chosen if name not in found]
    if missing or not chosen or not len(table.time_s):
        like = "ground_force_1_vx, ground_force_1_px and ground_torque_1_x, or f1_x, p1_x and m1_x"
        expected = f"rows of forces of {', '.join(missing) or f'plates (columns such as {like})'}"
        there = f"plates {', '.join(found)}" if found else f"columns {', '.join(table.names)}"
        raise _error("FORCES_NOT_FOUND", path, expected, f"{len(table.time_s)} rows, {there}")
    return tuple(_plate(table, found[name], metres, path) for name in chosen)


def _require_one_meaning(names: tuple[str, ...], path: Path) -> None:
    twice = repeated_columns(names)
    known = {column for plate in plate_columns(names) for column in (*plate.force, *plate.point, *plate.moment)}
    pairs = [f"{first} and {second}" for first, second in twice if first in known]
    if pairs:
        raise _error("FORCES_AMBIGUOUS", path, "one column for each force, point and torque", ", ".join(pairs))


def _plate(table: Table, columns: PlateColumns, metres: float, path: Path) -> PlateWrench:
    if columns.missing:
        expected = f"force, point and torque of {columns.name} along x, y and z (zeros where nothing was measured)"
        raise _error("FORCES_INCOMPLETE", path, expected, f"no column for its {', '.join(columns.missing)}")
    triples = (columns.force, columns.point, columns.moment)
    force, point, torque = (np.column_stack([table.column(name) for name in triple]) for triple in triples)
    unloaded = (force == 0.0).all(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", over="ignore"):
        moment = np.cross(np.where(unloaded, 0.0, point * metres), force) + torque * metres
    if not all((np.abs(part) < _LARGEST).all() for part in (force, moment)):
        expected = f"numbers for {columns.name} wherever it carries load"
        raise _error("FORCES_NOT_FINITE", path, expected, "NaN, infinite or damaged values")
    return PlateWrench(columns.name, force, moment, None, _loaded_point(force, point * metres))


def _loaded_point(force: np.ndarray, point: np.ndarray) -> np.ndarray | None:
    """Median point of application, shape (3,), over the samples with more than half the largest force.

    Unloaded, files hold anything there: zeros, the last point, or hundreds of metres. On a plate that nobody steps on
    it means nothing.
    """
    size = np.linalg.norm(force, axis=1)
    return np.median(point[size > 0.5 * size.max()], axis=0) if size.any() else None


def _error(code: str, path: Path, expected: str, found: str) -> DataError:
    do = "Correct the columns of the file, or name those to use in trials.tsv (plates)."
    return DataError(expected=expected, found=found, where=str(path), do=do, code=code)
