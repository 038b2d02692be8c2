"""Folders of recordings as people bring them: somebody synthetic who stands, walks and runs, in files of any name."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import synthetic_person as person
from gaitload.conventions import AXES
from gaitload.io.sto import Table, write_sto
from gaitload.io.trc import write_trc
from gaitload.signals.plates import center_of_pressure
from gaitload.trial import Markers, Recording

OTHER_NAMES = {name: f"{name}_new" for name in person.static_markers().names}
"""The same markers under names of another laboratory."""


def write_standing(path: Path, new_names: dict[str, str] | None = None) -> None:
    """Somebody who stands for a second."""
    write_markers(path, person.static_recording(), new_names)


def write_moving(
    path: Path,
    gait: person.Gait,
    *,
    forces: Path | None = None,
    new_names: dict[str, str] | None = None,
    length_unit_per_m: float = 1.0,
) -> None:
    """Somebody who moves, with the forces per foot in a file of their own where `forces` names one."""
    recording = person.recording(gait, plates="per_foot")
    write_markers(path, recording, new_names)
    if forces:
        write_forces_file(forces, recording, length_unit_per_m)


def write_markers(path: Path, recording: Recording, new_names: dict[str, str] | None = None) -> None:
    """A TRC file of a recording."""
    names = tuple((new_names or {}).get(name, name) for name in recording.marker_names)
    write_trc(path, Markers(names, recording.marker_time_s, recording.marker_lab_m))


def write_forces_file(path: Path, recording: Recording, length_unit_per_m: float = 1.0) -> None:
    """A .mot file with force, point and torque of every plate; lengths in another unit where told."""
    names, columns = [], []
    for plate in recording.plates:
        point, torque = center_of_pressure(plate.force_lab_n, plate.moment_lab_nm, 0.0)
        torques = np.column_stack((np.zeros(len(torque)), torque, np.zeros(len(torque))))
        stem = plate.name
        for start, values in (
            (f"{stem}_v", plate.force_lab_n),
            (f"{stem}_p", np.nan_to_num(point) * length_unit_per_m),
            (f"{stem.replace('force', 'torque')}_", np.nan_to_num(torques) * length_unit_per_m),
        ):
            names += [f"{start}{axis}" for axis in AXES]
            columns.append(values)
    write_sto(path, Table(tuple(names), recording.force_time_s, np.hstack(columns)), name=path.stem, in_degrees=False)
