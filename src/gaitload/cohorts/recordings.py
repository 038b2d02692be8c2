"""Reads the recordings a cohort's tables name, whatever their format."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from gaitload.cohorts.tables import Cohort, TrialRow
from gaitload.errors import DataError
from gaitload.io.c3d import read_c3d
from gaitload.io.clock import on_clock_of
from gaitload.io.forces import read_force_table
from gaitload.io.mat import read_mat
from gaitload.io.points import require_one_subject
from gaitload.io.trc import TEXT_SUFFIX, read_trc
from gaitload.trial import Recording

_MARKERS = {".c3d", ".trc", TEXT_SUFFIX, ".mat"}
_FORCES = {".mot", ".sto"}
_PLATE = re.compile(r"plate_([1-9]\d*)")


def read_recording(cohort: Cohort, trial: TrialRow) -> Recording:
    """The recording of a trial; forces from `forces_file` take the place of those in `file`, on the markers' clock.

    Raises
    ------
    DataError
        RECORDING_FORMAT, PLATE_UNKNOWN, SUBJECTS_SEVERAL, or whatever the reader of the format found.
    """
    markers_file, *forces_files = cohort.files_of(trial)
    _require_format(markers_file, _MARKERS)
    recording = _markers_of(cohort, trial, markers_file, alone=not forces_files)
    require_one_subject(recording.marker_names, str(markers_file))
    for path in forces_files:
        _require_format(path, _FORCES)
        forces = read_force_table(path, plates=trial.plates_wanted, length_unit=trial.forces_length_unit)
        time_s, shifted = on_clock_of(recording.marker_time_s, forces.time_s)
        recording = replace(
            recording,
            source=f"{recording.source}, {path.name}",
            force_time_s=time_s,
            plates=forces.plates,
            notes=(*recording.notes, *forces.notes, *shifted),
        )
    return recording


def _numbers(plates: Sequence[str] | None, path: Path) -> list[int] | None:
    """Numbers of the plates of a C3D file by their names, `plate_1`, `plate_2`, ..."""
    if plates is None:
        return None
    strange = [name for name in plates if not _PLATE.fullmatch(name)]
    if strange:
        raise DataError(
            expected="plates of a C3D file by their numbers: plate_1, plate_2, ...",
            found=", ".join(strange),
            where=str(path),
            do="Correct plates in trials.tsv.",
            code="PLATE_UNKNOWN",
        )
    return [int(_PLATE.fullmatch(name)[1]) for name in plates]


def _markers_of(cohort: Cohort, trial: TrialRow, path: Path, *, alone: bool) -> Recording:
    """Markers of a file, and its plates where no other file holds the forces."""
    suffix = path.suffix.lower()
    if suffix == ".c3d":
        return read_c3d(path, plates=_numbers(trial.plates_wanted, path) if alone else (), subject=trial.subject)
    if alone:
        _require_no_plates(trial, path)
    if suffix in (".trc", TEXT_SUFFIX):
        return read_trc(path, subject=trial.subject)
    return read_mat(path, rate_hz=cohort.spec.marker_rate_hz, length_unit=cohort.spec.marker_length_unit)


def _require_no_plates(trial: TrialRow, path: Path) -> None:
    """Stop where plates are declared for markers that come without forces: their file was forgotten."""
    if trial.plates:
        raise DataError(
            expected=f"force plates {trial.plates}",
            found="markers alone",
            where=str(path),
            do="Name the file of the forces in forces_file of trials.tsv, or take plates out.",
            code="PLATE_UNKNOWN",
        )


def _require_format(path: Path, formats: set[str]) -> None:
    if path.suffix.lower() not in formats:
        raise DataError(
            expected=f"one of the formats {', '.join(sorted(formats))}",
            found=path.suffix or "no suffix",
            where=str(path),
            do="Export the recording to one of them.",
            code="RECORDING_FORMAT",
        )
