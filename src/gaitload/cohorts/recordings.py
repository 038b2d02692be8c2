"""Reads the recordings a cohort's tables name, whatever their format."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gaitload.cohorts.tables import Cohort, TrialRow
from gaitload.errors import DataError
from gaitload.io.c3d import read_c3d
from gaitload.io.forces import read_forces
from gaitload.io.trc import read_trc
from gaitload.trial import Recording

_MARKERS = {".c3d": read_c3d, ".trc": read_trc}
_FORCES = {".mot": read_forces, ".sto": read_forces}


def read_recording(cohort: Cohort, trial: TrialRow) -> Recording:
    """The recording of a trial; forces from `forces_file` take the place of those in `file`.

    Raises
    ------
    DataError
        RECORDING_FORMAT, or whatever the reader of the format found.
    """
    markers_file, *forces_files = cohort.files_of(trial)
    recording = _reader(_MARKERS, markers_file)(markers_file)
    for path in forces_files:
        time_s, plates = _reader(_FORCES, path)(path)
        recording = replace(recording, source=f"{recording.source}, {path.name}", force_time_s=time_s, plates=plates)
    return recording


def _reader(readers: dict, path: Path):
    if path.suffix.lower() not in readers:
        raise DataError(
            expected=f"one of the formats {', '.join(readers)}",
            found=path.suffix or "no suffix",
            where=str(path),
            do="Export the recording to one of them.",
            code="RECORDING_FORMAT",
        )
    return readers[path.suffix.lower()]
