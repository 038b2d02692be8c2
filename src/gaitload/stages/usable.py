"""Whether ingest could use a recording: what it would find, without doing its work."""

from __future__ import annotations

from collections.abc import Mapping

from gaitload.cohorts.recordings import read_recording
from gaitload.cohorts.tables import Cohort, TrialRow
from gaitload.config.motion import Window
from gaitload.ingest.feet import require_plates
from gaitload.ingest.preflight import has_forces, require_usable
from gaitload.ingest.validity import weak_segments
from gaitload.ingest.window import require_window
from gaitload.models.markersets import MarkerSet
from gaitload.stages.ingest import free_ends, labelled_window, require_mass
from gaitload.trial import Recording

_NAMED = 5
"""Markers that are named; the others are counted."""


def describe_trial(cohort: Cohort, trial: TrialRow, marker_sets: Mapping[str, MarkerSet], window: Window) -> str:
    """Read the recording of a trial and say in one line what can be used of it.

    Parameters
    ----------
    cohort : Cohort
    trial : TrialRow
    marker_sets : mapping of str to MarkerSet
        Those of the cohort, by their name.
    window : Window
        What is labelled when the trial does not say.

    Raises
    ------
    GaitloadError
        What ingest would refuse the trial for: an unreadable file, names, units, axes, the window, a mass that forces
        need.
    """
    where = f"{cohort.name}/{trial.participant_id}/{trial.trial_id}"
    marker_set = marker_sets[cohort.marker_set_of(cohort.by_id[trial.participant_id])]
    lab_axes = cohort.lab_axes_of(trial)
    recording = read_recording(cohort, trial)
    require_mass(recording, trial, cohort.by_id[trial.participant_id], where=where)
    labelled = labelled_window(trial, window, recording) if len(recording.marker_time_s) > 1 else None
    used, frame = require_usable(recording, marker_set, lab_axes, trial.activity, where=where, window=labelled)
    span = _of_markers(used)
    if trial.role == "motion":
        require_plates([plate.name for plate in used.plates], trial.plate_feet, where)
        require_window(labelled, _recorded(used), where=where)
        if not any(free_ends(cohort, trial, window)):
            span += f", {labelled[0]:g} to {labelled[1]:g} s labelled"
    turned = f", turned by {frame.turn_deg} deg to face forward" if frame.turn_deg else ""
    notes = "".join(f"; {note}" for note in used.notes)
    return f"{_matching(used, marker_set, trial)}, {span}, {_forces(used, trial)}{turned}{notes}"


def _matching(recording: Recording, marker_set: MarkerSet, trial: TrialRow) -> str:
    """How many markers fit, which are lacking of those with a weight in the trial, and which segments are weak."""
    worn = marker_set.worn_with(recording.marker_names)
    moves = trial.role == "motion"
    weights = {marker.name: marker.ik_weight if moves else marker.static_weight for marker in worn.markers}
    lacking = [name for name, weight in weights.items() if weight > 0 and name not in recording.marker_names]
    told = ", ".join([*lacking[:_NAMED], *([f"{len(lacking) - _NAMED} more"] if len(lacking) > _NAMED else [])])
    found = sum(name in worn.by_name for name in recording.marker_names)
    others = len(recording.marker_names) - found
    notes = [*([f"{others} not of the set"] if others else []), *([f"lacks {told}"] if told else [])]
    short, weak = weak_segments(worn.tracking_counts(recording.marker_names)) if moves else ({}, {})
    if short:
        notes.append(f"too few on {_counted(short)} to place it: its angles and loads are missing")
    if weak:
        notes.append(f"fewer than three on {_counted(weak)}: placed with the joints, less certainly")
    said = f" ({'; '.join(notes)})" if notes else ""
    return f"{found} of {len(worn.markers)} markers of set {worn.name}{said}"


def _counted(segments: Mapping[str, int]) -> str:
    return ", ".join(f"{name} ({count})" for name, count in segments.items())


def _of_markers(recording: Recording) -> str:
    time_s, first = recording.marker_time_s, recording.first_frame
    numbered = "" if first in (None, 0, 1) else f" from frame {first} on"
    clock = f", clock {time_s[0]:.2f} to {time_s[-1]:.2f} s" if numbered or time_s[0] else ""
    return f"{len(time_s)} frames at {recording.marker_rate_hz:.5g} Hz{numbered}{clock}"


def _recorded(recording: Recording) -> tuple[float, float]:
    clocks = [recording.marker_time_s, *([recording.force_time_s] if has_forces(recording) else [])]
    return max(float(clock[0]) for clock in clocks), min(float(clock[-1]) for clock in clocks)


def _forces(recording: Recording, trial: TrialRow) -> str:
    plates = ", ".join(plate.name for plate in recording.plates)
    if plates:
        return f"forces of {plates}"
    return "no forces, and none needed" if trial.role == "static" else "no forces: angles alone, loads not measured"
