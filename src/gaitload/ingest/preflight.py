"""A recording against what is declared of it, before anything is computed."""

from __future__ import annotations

from dataclasses import replace

from gaitload.config.motion import Activity
from gaitload.errors import DataError
from gaitload.ingest.axes import GroundFrame, ground_frame, to_ground
from gaitload.ingest.checks import pulling_plates
from gaitload.ingest.gaps import without_unseen, zeros_to_missing
from gaitload.ingest.names import named_as_in, require_match
from gaitload.ingest.suspects import fills_to_missing
from gaitload.models.markersets import MarkerSet
from gaitload.trial import Recording

FRAMES_MIN = 10
"""Medians over fewer frames say nothing about the names of markers."""


def require_usable(
    recording: Recording,
    marker_set: MarkerSet,
    lab_axes: tuple[str, str],
    activity: Activity,
    *,
    where: str,
    window: tuple[float, float] | None = None,
) -> tuple[Recording, GroundFrame]:
    """Hold a recording against what is declared of it; arguments as in `build_trial`.

    Returns
    -------
    recording : Recording
        Without markers that were never seen, and called as in the marker set; exact zeros and fill values are missing.
    frame : GroundFrame

    Raises
    ------
    ConfigError, ConventionError, DataError
        Those of `build_trial` about frames, names, units and axes.
    """
    _require_frames(recording, where)
    position, _ = fills_to_missing(zeros_to_missing(recording.marker_lab_m))
    recording = without_unseen(replace(recording, marker_lab_m=position))
    recording = named_as_in(recording, marker_set)
    require_match(recording.marker_names, marker_set, where=where)
    frame = ground_frame(recording, marker_set, lab_axes, activity, where=where, window=window)
    return (_without_dead_plates(recording, frame) if activity == "static" else recording), frame


def _require_frames(recording: Recording, where: str) -> None:
    if len(recording.marker_time_s) < FRAMES_MIN:
        raise DataError(
            expected=f"at least {FRAMES_MIN} frames of markers",
            found=f"{len(recording.marker_time_s)}",
            where=f"{where} ({recording.source})",
            do="Export the whole recording, or take the trial out.",
            code="FRAMES_TOO_FEW",
        )


def _without_dead_plates(recording: Recording, frame: GroundFrame) -> Recording:
    """A static trial without plates that pull the person down, which no label depends on, and a note of each."""
    dead = pulling_plates(to_ground(recording, frame.rotation).plates)
    notes = tuple(
        f"{name} reads {pull:.0f} to {push:.0f} N in a static trial: dead, or of reversed sign; passed over"
        for name, (pull, push) in dead.items()
    )
    plates = tuple(plate for plate in recording.plates if plate.name not in dead)
    return replace(recording, plates=plates, notes=(*recording.notes, *notes))


def has_forces(recording: Recording) -> bool:
    """Whether a recording holds ground reaction forces."""
    return bool(recording.plates and len(recording.force_time_s))
