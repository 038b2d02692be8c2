"""What one recording shows, kept small: recordings of a cohort do not fit into memory together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from gaitload.discovery.activity import activity_of
from gaitload.discovery.files import ForceFile
from gaitload.discovery.gait import (
    axis_of,
    contacts_of,
    mass_striding_kg,
    up_by_extent,
    up_by_forces,
)
from gaitload.discovery.marker_sets import body_lengths_m, facing_lab, ranked, up_by_markers
from gaitload.discovery.pairing import UNDER_FOOT_MAX_M, Pair, pair_forces, under_foot_m
from gaitload.discovery.progress import Progress, progress_of
from gaitload.discovery.weighing import standing_n, unloaded_n
from gaitload.errors import DataError
from gaitload.ingest.checks import check_units
from gaitload.ingest.gaps import without_unseen, zeros_to_missing
from gaitload.ingest.marker_gates import STILL_MAX_M, spread_m
from gaitload.ingest.preflight import FRAMES_MIN
from gaitload.io.c3d import read_c3d
from gaitload.io.points import subjects_of
from gaitload.io.trc import read_trc
from gaitload.models.markersets import MarkerSet
from gaitload.trial import Recording

_BELIEVED_SCORE = 0.4
"""Of a marker set whose pelvis and feet tell which way is up: half of the names may be strangers."""

_SHARES = (0.25, 0.5, 0.75)
"""Times in a recording, as shares of it, at which places of markers are kept."""


@dataclass(frozen=True)
class Look:
    """A first look at a recording, before anything is known of the laboratory.

    Attributes
    ----------
    file : str
    names : tuple of str
        Markers that are seen at least once.
    duration_s, rate_hz, spread_m : float
    best_set : str
        The marker set that fits the names best; empty where none does by and large.
    up_markers, up_forces, up_extent : str or None
        Signed lab axis that points up, by pelvis and feet, by the plates of the file, and by the largest extent.
    plates : tuple of str
    force_rate_hz : float or None
    subject : str or None
        Whose markers were read, where the file has those of several people or objects.
    subjects : dict of str to int
        How many markers each of these has.
    notes : tuple of str
        What the reader left out or decided.
    places_lab_m : dict of str to ndarray, shape (3, 3)
        Where markers are after a quarter, a half and three quarters of the recording, of those seen at all three times.
    """

    file: str
    names: tuple[str, ...]
    duration_s: float
    rate_hz: float
    spread_m: float
    best_set: str
    up_markers: str | None
    up_forces: str | None
    up_extent: str
    plates: tuple[str, ...]
    force_rate_hz: float | None
    subject: str | None = None
    subjects: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    places_lab_m: dict[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class Study:
    """A second look, with the vertical known.

    Attributes
    ----------
    progress : Progress
    forces : Pair or None
        A file of forces, where the recording has no plates of its own.
    loaded : bool
        Somebody steps on a plate.
    activity, reason : str
        `walk`, `run` or `other`, if it is no static trial, and why.
    under_foot_m : float
        NaN where nothing is loaded.
    standing_n : dict of str to float, or None
        Mean force of each plate that somebody stands on; None in motions and where nobody does.
    unloaded_n : dict of str to float
        What plates read unloaded, by plate.
    mass_striding_kg : float or None
    facing : ndarray, shape (3,), or None
        Lab frame.
    lengths_m : dict of str to float
        Distances that no motion changes.
    """

    progress: Progress
    forces: Pair | None
    loaded: bool
    activity: str
    reason: str
    under_foot_m: float
    standing_n: dict[str, float] | None
    unloaded_n: dict[str, float]
    mass_striding_kg: float | None
    facing: np.ndarray | None
    lengths_m: dict[str, float]


def choose_subject(folder: Path, file: str, marker_sets: Sequence[MarkerSet]) -> tuple[str | None, dict[str, int]]:
    """Choose the subject of a file whose markers fit a marker set best, and count the markers of each subject.

    Raises
    ------
    DataError
        Those of the readers.
    """
    names = _read(folder / file, None).marker_names
    subjects = subjects_of(names)
    if len(subjects) < 2:
        return None, {}
    worn = {one: [name.partition(":")[2] for name in names if name.startswith(f"{one}:")] for one in subjects}
    return max(worn, key=lambda one: ranked(tuple(worn[one]), marker_sets)[0].score), subjects


def read_markers_file(folder: Path, file: str, subject: str | None = None) -> Recording:
    """The recording of a file, exact zeros missing and markers left out that are never seen.

    Raises
    ------
    DataError
        Those of the readers; FRAMES_TOO_FEW.
    ConventionError
        UNITS_IMPLAUSIBLE.
    """
    recording = _read(folder / file, subject)
    if len(recording.marker_time_s) < FRAMES_MIN:
        raise DataError(
            expected=f"at least {FRAMES_MIN} frames of markers",
            found=f"{len(recording.marker_time_s)}",
            where=file,
            do="Export the whole recording, or leave it out.",
            code="FRAMES_TOO_FEW",
        )
    recording = without_unseen(replace(recording, marker_lab_m=zeros_to_missing(recording.marker_lab_m)))
    check_units(recording.marker_lab_m, where=file)
    return recording


def _read(path: Path, subject: str | None) -> Recording:
    return (read_c3d if path.suffix.lower() == ".c3d" else read_trc)(path, subject=subject)


def look_at(file: str, recording: Recording, marker_sets: Sequence[MarkerSet]) -> Look:
    """First look at a recording as `read_markers_file` gives it."""
    best = ranked(recording.marker_names, marker_sets)[0]
    trunk = up_by_markers(recording, best.marker_set) if best.score >= _BELIEVED_SCORE else None
    push = up_by_forces(recording.plates)
    time_s = recording.force_time_s
    return Look(
        file=file,
        names=recording.marker_names,
        duration_s=float(recording.marker_time_s[-1] - recording.marker_time_s[0]),
        rate_hz=recording.marker_rate_hz,
        spread_m=spread_m(recording.marker_lab_m),
        best_set=best.marker_set.name if best.score >= _BELIEVED_SCORE else "",
        up_markers=None if trunk is None else axis_of(trunk)[0],
        up_forces=None if push is None else axis_of(push)[0],
        up_extent=axis_of(up_by_extent(recording))[0],
        plates=tuple(plate.name for plate in recording.plates),
        force_rate_hz=(len(time_s) - 1) / float(time_s[-1] - time_s[0]) if len(time_s) > 1 else None,
        notes=recording.notes,
        places_lab_m=_places_m(recording),
    )


def _places_m(recording: Recording) -> dict[str, np.ndarray]:
    frames = [round(share * (len(recording.marker_time_s) - 1)) for share in _SHARES]
    seen = np.isfinite(recording.marker_lab_m[frames]).all(axis=(0, 2))
    names = (name for name, one in zip(recording.marker_names, seen, strict=True) if one)
    return dict(zip(names, recording.marker_lab_m[frames][:, seen].swapaxes(0, 1), strict=True))


def study(
    folder: Path, file: str, recording: Recording, marker_set: MarkerSet, forces: Sequence[ForceFile], up: str
) -> Study:
    """Second look; `up` is a signed lab axis, `forces` are the files that may belong to the recording.

    Forces are not needed of somebody who stands: there a file counts only if it lies under the feet.
    """
    moves = spread_m(recording.marker_lab_m) > STILL_MAX_M
    pair = None if recording.plates else pair_forces(folder, file, recording, forces, up)
    if pair and not moves and not pair.under_foot_m <= UNDER_FOOT_MAX_M:
        pair = None
    time_s, plates = (pair.time_s, pair.plates) if pair else (recording.force_time_s, recording.plates)
    contacts = contacts_of(time_s, plates, up) if plates and len(time_s) > 1 else None
    stepped = contacts is not None and bool(contacts.always or len(contacts.start_s))
    distance = pair.under_foot_m if pair else under_foot_m(recording, time_s, plates, up) if stepped else float("nan")
    progress = progress_of(recording, up)
    activity, reason = activity_of(progress, contacts)
    return Study(
        progress=progress,
        forces=pair,
        loaded=stepped,
        activity=activity,
        reason=reason,
        under_foot_m=distance,
        standing_n=standing_n(recording, time_s, plates, up) if plates and not moves else None,
        unloaded_n=unloaded_n(plates, up) if moves else {},
        mass_striding_kg=mass_striding_kg(contacts, time_s) if contacts and moves else None,
        facing=facing_lab(recording, marker_set),
        lengths_m=body_lengths_m(recording, marker_set),
    )
