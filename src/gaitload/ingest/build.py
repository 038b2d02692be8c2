"""From a recording to a trial: the steps of ingest in their order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from gaitload.config.motion import Activity, Gates, Ingest
from gaitload.errors import DataError
from gaitload.ingest.axes import to_ground
from gaitload.ingest.evidence import ForceEvidence, force_evidence
from gaitload.ingest.faults import SWITCHED_OFF
from gaitload.ingest.feet import require_plates
from gaitload.ingest.force_gates import judge_forces
from gaitload.ingest.labelling import sampled, static_places_m
from gaitload.ingest.likeness import compare_bodies, displaced_m, slides_m
from gaitload.ingest.loads import FootLoads, foot_loads
from gaitload.ingest.marker_gates import judge_likeness, judge_places, judge_samples, judge_slides, judge_still
from gaitload.ingest.markers import CleanMarkers, clean_markers
from gaitload.ingest.names import named_as_in
from gaitload.ingest.outline import Feet, track_feet
from gaitload.ingest.preflight import has_forces, require_usable
from gaitload.ingest.report import load_gates, load_numbers, marker_gates, marker_numbers, unmeasured
from gaitload.ingest.sides import require_sides
from gaitload.ingest.suspects import Suspects, fills_to_missing, frozen_samples, inspect_samples
from gaitload.ingest.symmetry import doubts
from gaitload.ingest.validity import trial_validity
from gaitload.ingest.window import chosen_window, down_at, new_time_s, part_of, resampled, with_forces
from gaitload.models.markersets import MarkerSet
from gaitload.quality import Gate, Quality
from gaitload.signals.clock import frames_within
from gaitload.trial import Markers, Recording, Trial

OF_NO_FOOT = frozenset({"DOUBLE_SUPPORT_ONE_PLATE", "PLATES_UNEVEN"})
"""Codes of forces that are those of no single foot; the trial keeps its angles, as without force plates."""


def build_trial(
    recording: Recording,
    *,
    marker_set: MarkerSet,
    static: Markers | None,
    activity: Activity,
    settings: Ingest,
    gates: Gates,
    lab_axes: tuple[str, str],
    treadmill: bool,
    where: str,
    foot_of_plate: Mapping[str, str] | None = None,
    window: tuple[float, float] | None = None,
    free: tuple[bool, bool] = (False, False),
    longest_s: float | None = None,
    pad_s: float = 0.0,
) -> tuple[Trial, Quality]:
    """Make a trial of a recording.

    Units and axes are checked first, since everything else compares metres; then labels over the whole recording,
    stray samples, and gaps; then forces, on clean markers. The window is cut last.

    Parameters
    ----------
    recording : Recording
        In the lab frame.
    marker_set : MarkerSet
    static : Markers or None
        Markers of the static trial as this function gave them; None for a static trial, or where there is none.
    activity : str
    settings : Ingest
    gates : Gates
    lab_axes : tuple of str
        `(forward, up)`, for example `("+x", "+z")`.
    treadmill : bool
    where : str
        For messages.
    foot_of_plate : mapping of str to str, optional
        Side by plate name.
    window : tuple of float, optional
        `(start_s, end_s)` on the recording's clock, the part that is judged; by default all of it.
    free : tuple of bool
        Whether `extent.labelled_extent` chooses the start and the end of the window, which were not declared.
    longest_s : float, optional
        Longest window that is chosen.
    pad_s : float
        Kept on either side of the window, as far as the recording goes.

    Returns
    -------
    trial : Trial
        Markers of the marker set at `settings.rate_hz`; forces at their own rate, zero while unloaded, not filtered,
        delayed by `settings.force_lag_s`, without a bias of the free moment that is proven. Its validity tells unloaded
        feet from those of which nothing is known. A motion that was recorded without force plates, or on plates whose
        forces are those of no single foot, has none, and its `down` says when the feet are on the floor.
    quality : Quality

    Raises
    ------
    ConfigError
        AXES_INVALID.
    ConventionError
        UNITS_IMPLAUSIBLE, GRAVITY_CONTRADICTED, DIRECTION_CONTRADICTED, SIDES_CONTRADICTED, FEET_SWAPPED.
    DataError
        FRAMES_TOO_FEW, NO_MATCHING_MARKER, PLATE_UNKNOWN, WINDOW_OUTSIDE.
    """
    moves, recorded = activity != "static", recording
    recording, frame = require_usable(recorded, marker_set, lab_axes, activity, where=where, window=window)
    recording, suspects = _without_frozen(recording, recorded, marker_set)
    marker_set = marker_set.worn_with({*recording.marker_names, *(static.names if static else ())})
    grounded = to_ground(recording, frame.rotation)
    _require_sides_within(grounded, marker_set, window, static_is_right=static is not None, where=where)
    places = None if static is None else static_places_m(static)
    cleaned = _cleaned(grounded, marker_set, static, places, activity, settings, gates)
    feet = loads = unusable = None
    if moves:
        require_plates([plate.name for plate in grounded.plates], foot_of_plate or {}, where)
        level = has_forces(grounded)
        feet = track_feet(cleaned.markers, marker_set, places, treadmill=treadmill, level_floor=level)
        loads, unusable = _loads(grounded, feet, activity, settings, foot_of_plate or {}, where)
    chosen = {}
    if moves and window and any(free):
        window, chosen = chosen_window(cleaned.markers, marker_set, loads, window, free, longest_s)
    time_s = new_time_s(cleaned.markers, loads and loads.forces, window, pad_s, settings.rate_hz, where)
    markers = resampled(cleaned.markers, time_s)
    validity = trial_validity(markers, marker_set, loads, forces_wanted=moves)
    kept_s = window or (float(time_s[0]), float(time_s[-1] + 1 / markers.rate_hz))
    trial, judged = Trial(markers, None, validity, kept_s), part_of(markers, window)
    verdicts = list(judge_samples(suspects, len(recording.marker_time_s), marker_set, gates))
    numbers = marker_numbers(cleaned, frame, recording)
    numbers |= {"renamed": _renamed(recorded.marker_names, marker_set), "samples": suspects.as_dict()} | chosen
    if moves:
        of_body, measured = _body(cleaned.markers, marker_set, places, gates)
    else:
        of_body, measured = judge_still(markers.position_ground_m), {}
    verdicts += [*of_body, *marker_gates(cleaned, judged, marker_set, places, activity, settings, gates)]
    numbers |= measured
    if loads is None:
        verdicts += [unmeasured(recording, unusable)] if moves else []
        trial = replace(trial, down=down_at(feet, time_s) if moves else None)
    else:
        evidence = force_evidence(
            grounded, cleaned.markers, marker_set, loads, places_m=places or {}, delayed_s=settings.force_lag_s
        )
        trial, of_forces, measured = _measured(trial, grounded, loads, evidence, judged, activity, settings, gates)
        verdicts += of_forces
        numbers |= measured
    return trial, Quality("ingest", where, tuple(verdicts), numbers)


def _require_sides_within(
    grounded: Recording,
    marker_set: MarkerSet,
    window: tuple[float, float] | None,
    *,
    static_is_right: bool,
    where: str,
) -> None:
    """Require right markers on the right within a window.

    A participant who walks there and back has left and right on either side of the lab's forward axis.
    """
    inside = frames_within(grounded.marker_time_s, window or (-np.inf, np.inf))
    sample = sampled(grounded.marker_lab_m[inside] if inside.any() else grounded.marker_lab_m)
    require_sides(sample, grounded.marker_names, marker_set, static_is_right=static_is_right, where=where)


def _loads(
    grounded: Recording,
    feet: Feet,
    activity: Activity,
    settings: Ingest,
    foot_of_plate: Mapping[str, str],
    where: str,
) -> tuple[FootLoads | None, DataError | None]:
    """Loads of the feet, or, where forces are those of no single foot (`OF_NO_FOOT`), the error that says so.

    Both are None for a recording without forces.
    """
    if not has_forces(grounded):
        return None, None
    try:
        loads = foot_loads(
            grounded,
            feet,
            settings.contact_threshold_n.of(activity),
            force_lag_s=settings.force_lag_s,
            foot_of_plate=foot_of_plate,
            where=where,
        )
    except DataError as error:
        if error.code not in OF_NO_FOOT:
            raise
        return None, error
    return loads, None


def _body(
    markers: Markers, marker_set: MarkerSet, places_m: dict[str, np.ndarray] | None, gates: Gates
) -> tuple[list[Gate], dict]:
    """Gates and numbers of the body of a motion: does it keep its shape, and is it that of the static trial?"""
    slides = slides_m(markers, marker_set)
    verdicts, numbers = list(judge_slides(slides, marker_set, gates)), {"slides_m": slides}
    if places_m is not None:
        likeness = compare_bodies(markers, marker_set, places_m)
        displaced = displaced_m(markers, marker_set, places_m)
        verdicts += [*judge_likeness(likeness, gates), *judge_places(displaced, marker_set, gates)]
        numbers |= {"likeness": likeness.as_dict(), "displaced_m": displaced}
    return verdicts, numbers


def _measured(
    trial: Trial,
    grounded: Recording,
    loads: FootLoads,
    evidence: ForceEvidence,
    judged: Markers,
    activity: Activity,
    settings: Ingest,
    gates: Gates,
) -> tuple[Trial, list[Gate], dict]:
    """The trial with its forces, and their gates and numbers; a proven bias of the free moment is subtracted."""
    bias = evidence.free_moment_bias
    subtracted_m = bias.lever_m if settings.free_moment_bias == "auto" and bias.proven else 0.0
    trial = with_forces(trial, grounded, loads, subtracted_m)
    verdicts = [*judge_forces(evidence, activity, gates), *load_gates(loads, trial, judged.time_s, gates)]
    numbers = {"forces": evidence.as_dict()} | load_numbers(loads, settings, trial, judged.time_s)
    return trial, verdicts, numbers | {"free_moment_bias": bias.as_dict() | {"subtracted_m": subtracted_m}}


def _cleaned(
    recording: Recording,
    marker_set: MarkerSet,
    static: Markers | None,
    places_m: dict[str, np.ndarray] | None,
    activity: Activity,
    settings: Ingest,
    gates: Gates,
) -> CleanMarkers:
    """Clean markers; names that a static trial would put right stay as recorded where that trial is in doubt itself.

    It is in doubt where its own places contradict anatomy or symmetry, or show another body even after the repair.
    """
    cleaned = clean_markers(recording, marker_set, static, activity, settings)
    renamed = {name for fault in cleaned.faults if fault.repaired and fault.start_s is None for name in fault.markers}
    if places_m is None or not renamed:
        return cleaned
    doubted = [fault.reason for fault in doubts(places_m, marker_set) if renamed & set(fault.markers)]
    if doubted:
        why = f"not repaired, as the static trial itself may be misnamed ({doubted[0]})"
    elif compare_bodies(cleaned.markers, marker_set, places_m).outside > gates.body_unlike_share:
        why = "not repaired, as the static trial shows another body"
    else:
        return cleaned
    unrepaired = settings.model_copy(update={"repair_labels": False})
    cleaned = clean_markers(recording, marker_set, static, activity, unrepaired)
    faults = tuple(replace(fault, reason=fault.reason.replace(SWITCHED_OFF, why)) for fault in cleaned.faults)
    return replace(cleaned, faults=faults)


def _without_frozen(recording: Recording, recorded: Recording, marker_set: MarkerSet) -> tuple[Recording, Suspects]:
    """The recording with frozen samples missing, and what was wrong with the samples of the marker set.

    Fill values are found in the recording as it was before they were set to missing, `recorded`.
    """
    named = named_as_in(recorded, marker_set)
    filled = dict(zip(named.marker_names, fills_to_missing(named.marker_lab_m)[1].T, strict=True))
    known = [column for column, name in enumerate(recording.marker_names) if name in marker_set.by_name]
    names = tuple(recording.marker_names[column] for column in known)
    position = recording.marker_lab_m.copy()
    segments = list(marker_set.segments.values())
    mates = [
        [
            names.index(mate)
            for members in segments
            if name in members
            for mate in members
            if mate in names and mate != name
        ]
        for name in names
    ]
    frozen = frozen_samples(position[:, known], recording.marker_time_s, mates)
    fill = np.stack([filled[name] for name in names], axis=1)
    suspects = inspect_samples(position[:, known], fill, frozen, names, recording.marker_time_s)
    rows, columns = np.nonzero(frozen)
    position[rows, np.array(known)[columns]] = np.nan
    return replace(recording, marker_lab_m=position), suspects


def _renamed(names: tuple[str, ...], marker_set: MarkerSet) -> dict[str, str]:
    """Names of a recording that the marker set spells otherwise, with its own."""
    return {name: marker for name, marker in marker_set.matched(names).items() if name != marker}
