"""What a recording shows against what the tables say of it; nothing of this stops a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gaitload.cohorts.recordings import read_recording
from gaitload.cohorts.tables import Cohort, TrialRow
from gaitload.discovery.activity import activity_of
from gaitload.discovery.gait import contacts_of, mass_striding_kg
from gaitload.discovery.marker_sets import body_lengths_m
from gaitload.discovery.pairing import UNDER_FOOT_MAX_M, under_foot_m
from gaitload.discovery.progress import progress_of
from gaitload.discovery.trials import SAME_PERSON_MAX_M
from gaitload.gates.mass import describe_mass
from gaitload.ingest.gaps import without_unseen
from gaitload.ingest.marker_gates import STILL_MAX_M, spread_m
from gaitload.ingest.preflight import has_forces
from gaitload.models.markersets import MarkerSet
from gaitload.signals.clock import frames_within
from gaitload.trial import Recording

_MASS_SHARE = 0.15
"""Beyond it the gate MASS_IN_FORCE fails labels."""
_MOVES_MIN_M_PER_S = 0.5


@dataclass(frozen=True)
class Witness:
    """Lengths of a body that no motion changes, by name, as one trial has them."""

    where: str
    static: bool
    lengths_m: dict[str, float]


def doubts_about(cohort: Cohort, row: TrialRow, marker_sets: Mapping[str, MarkerSet]) -> tuple[Witness, list[str]]:
    """Hold a trial against its row.

    Raises
    ------
    GaitloadError
        Those of `read_recording`.
    """
    recording = _part(without_unseen(read_recording(cohort, row)), row)
    person = cohort.by_id[row.participant_id]
    marker_set = marker_sets[cohort.marker_set_of(person)]
    lengths = body_lengths_m(recording, marker_set)
    witness = Witness(f"{row.participant_id}/{row.trial_id}", row.role == "static", lengths)
    if row.role == "static":
        return witness, []
    return witness, _about_motion(cohort, row, recording, person.mass_kg)


def other_person(witnesses: Sequence[Witness]) -> list[str]:
    """Trials of one person whose body is not that of the first static trial."""
    static = next((one for one in witnesses if one.static), None)
    if static is None:
        return []
    unlike = {}
    for one in witnesses:
        off = {name: one.lengths_m[name] - static.lengths_m[name] for name in one.lengths_m.keys() & static.lengths_m}
        worst = max(sorted(off), key=lambda name: abs(off[name]), default=None)
        if worst and abs(off[worst]) > SAME_PERSON_MAX_M:
            unlike[one.where] = f"{one.where}: {worst} differs by {100 * off[worst]:+.1f} cm from {static.where}"
    motions = sum(not one.static for one in witnesses)
    alone = 2 * len(unlike) < motions
    cause = ": is it another participant's static trial? Correct the file in trials.tsv"
    if alone:
        cause = ", and the other trials do not: is it a trial of another participant? Correct the file in trials.tsv"
    return [f"{said}{cause}" for said in unlike.values()]


def _part(recording: Recording, row: TrialRow) -> Recording:
    """Frames of the part that a row names, as a recording may hold a standing and a walk."""
    window = -np.inf if row.start_s is None else row.start_s, np.inf if row.end_s is None else row.end_s
    kept = frames_within(recording.marker_time_s, window)
    if not kept.any():  # The check of the window says so.
        return recording
    return replace(recording, marker_time_s=recording.marker_time_s[kept], marker_lab_m=recording.marker_lab_m[kept])


def _about_motion(cohort: Cohort, row: TrialRow, recording: Recording, mass_kg: float | None) -> list[str]:
    _, up = cohort.lab_axes_of(row)
    doubts = []
    progress = progress_of(recording, up)
    belt = cohort.on_treadmill(row)
    if progress.speed_m_per_s > _MOVES_MIN_M_PER_S and progress.treadmill != belt:
        shown = "feet on the floor move as on a belt" if progress.treadmill else "feet on the floor stand still"
        doubts.append(f"treadmill is {str(belt).lower()}, but {shown}: correct treadmill in cohort.yaml or trials.tsv")
    if spread_m(recording.marker_lab_m) < STILL_MAX_M:
        doubts.append("role is motion, but nobody moves: correct the role or the file in trials.tsv")
    if not has_forces(recording):
        return doubts
    contacts = contacts_of(recording.force_time_s, recording.plates, up)
    shown, reason = activity_of(progress, contacts)
    if row.activity in ("walk", "run") and shown != row.activity:
        doubts.append(f"activity is {row.activity}, but {reason}: {shown}? Correct it in trials.tsv")
    distance_m = under_foot_m(recording, recording.force_time_s, recording.plates, up)
    if distance_m > UNDER_FOOT_MAX_M:
        doubts.append(
            f"the centre of pressure lies {100 * distance_m:.0f} cm from the nearest marker of a foot: the plates are "
            "declared off their place (corners, origin of the cameras, unit of the moments), or forces and markers are "
            "not of the same trial"
        )
    by_force = mass_striding_kg(contacts, recording.force_time_s)
    if by_force and mass_kg and abs(by_force / mass_kg - 1.0) > _MASS_SHARE:
        doubts.append(describe_mass(mass_kg, by_force))
    return doubts
