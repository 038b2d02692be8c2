"""From a recording to a trial: everything of this room in its order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from gaitload.config.motion import Activity, Gates, Ingest
from gaitload.errors import DataError
from gaitload.ingest.axes import GroundFrame, ground_frame, to_ground
from gaitload.ingest.checks import pulling_plates
from gaitload.ingest.evidence import force_evidence
from gaitload.ingest.extent import labelled_extent, strike_numbers
from gaitload.ingest.faults import SWITCHED_OFF
from gaitload.ingest.feet import require_plates
from gaitload.ingest.force_gates import judge_forces
from gaitload.ingest.free_moment import without_bias
from gaitload.ingest.gaps import without_unseen, zeros_to_missing
from gaitload.ingest.labelling import sampled, static_places_m
from gaitload.ingest.likeness import compare_bodies, displaced_m, slides_m
from gaitload.ingest.loads import FootLoads, foot_loads
from gaitload.ingest.marker_gates import judge_likeness, judge_places, judge_samples, judge_slides, judge_still
from gaitload.ingest.markers import CleanMarkers, clean_markers
from gaitload.ingest.names import named_as_in, require_match
from gaitload.ingest.outline import Feet, track_feet
from gaitload.ingest.report import load_gates, load_numbers, marker_gates, marker_numbers, unmeasured
from gaitload.ingest.sides import require_sides
from gaitload.ingest.suspects import Suspects, fills_to_missing, frozen_samples, inspect_samples
from gaitload.ingest.symmetry import doubts
from gaitload.ingest.validity import trial_validity
from gaitload.models.markersets import MarkerSet
from gaitload.quality import Gate, Quality
from gaitload.signals.clock import frames_within
from gaitload.signals.resample import resample
from gaitload.trial import FootForces, Markers, Plate, Recording, Trial

OF_NO_FOOT = frozenset({"DOUBLE_SUPPORT_ONE_PLATE", "PLATES_UNEVEN"})
"""Codes of forces that are those of no single foot: the angles of the trial are as good as without any."""
FRAMES_MIN = 10
"""Medians over fewer frames say nothing about labels."""


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
        Start and end of the window that nobody said: `extent.labelled_extent` chooses them.
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
    moves, foot_of_plate = activity != "static", foot_of_plate or {}
    recorded, named = recording.marker_names, named_as_in(recording, marker_set)
    filled = dict(zip(named.marker_names, fills_to_missing(named.marker_lab_m)[1].T, strict=True))
    recording, frame = require_usable(recording, marker_set, lab_axes, activity, where=where, window=window)
    recording, suspects = _without_frozen(recording, filled, marker_set)
    marker_set = marker_set.worn_with({*recording.marker_names, *(static.names if static else ())})
    grounded = to_ground(recording, frame.rotation)
    _require_sides_within(grounded, marker_set, window, static_is_right=static is not None, where=where)
    places = None if static is None else static_places_m(static)
    cleaned = _cleaned(grounded, marker_set, static, places, activity, settings, gates)
    measured = has_forces(grounded)
    feet = loads = unusable = None
    if moves:
        require_plates([plate.name for plate in grounded.plates], foot_of_plate, where)
        feet = track_feet(cleaned.markers, marker_set, places, treadmill=treadmill, level_floor=measured)
    if moves and measured:
        loads, unusable = _loads(grounded, feet, activity, settings, foot_of_plate, where)
    chosen = {}
    if moves and window and any(free):
        window, chosen = _chosen_window(cleaned.markers, marker_set, loads, window, free, longest_s)
    time_s = _new_time_s(cleaned.markers, loads and loads.forces, window, pad_s, settings.rate_hz, where)
    markers = _resampled(cleaned.markers, time_s)
    validity = trial_validity(markers, marker_set, loads, forces_wanted=moves)
    kept_s = window or (float(time_s[0]), float(time_s[-1] + 1 / markers.rate_hz))
    trial, judged = Trial(markers, None, validity, kept_s), _part(markers, window)
    verdicts = list(judge_samples(suspects, len(recording.marker_time_s), marker_set, gates))
    numbers = marker_numbers(cleaned, frame, recording)
    numbers |= {"renamed": _renamed(recorded, marker_set), "samples": suspects.as_dict()} | chosen
    if not moves:
        verdicts += judge_still(markers.position_ground_m)
    if moves:
        of_body, measured_of_body = _body(cleaned.markers, marker_set, places, gates)
        verdicts += of_body
        numbers |= measured_of_body
    verdicts += marker_gates(cleaned, judged, marker_set, places, activity, settings, gates)
    if loads is None:
        verdicts += [unmeasured(recording, unusable)] if moves else []
        trial = replace(trial, down=_down(feet, time_s) if moves else None)
        return trial, Quality("ingest", where, tuple(verdicts), numbers)
    evidence = force_evidence(
        grounded, cleaned.markers, marker_set, loads, places_m=places or {}, delayed_s=settings.force_lag_s
    )
    bias = evidence.free_moment_bias
    subtracted_m = bias.lever_m if settings.free_moment_bias == "auto" and bias.proven else 0.0
    trial = _with_forces(trial, grounded, loads, subtracted_m)
    verdicts += [*judge_forces(evidence, activity, gates), *load_gates(loads, trial, judged.time_s, gates)]
    numbers |= {"forces": evidence.as_dict()} | load_numbers(loads, settings, trial, judged.time_s)
    numbers |= {"free_moment_bias": bias.as_dict() | {"subtracted_m": subtracted_m}}
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

    Who walks there and back has left and right on either side of the lab's forward axis.
    """
    inside = frames_within(grounded.marker_time_s, window or (-np.inf, np.inf))
    sample = sampled(grounded.marker_lab_m[inside] if inside.any() else grounded.marker_lab_m)
    require_sides(sample, grounded.marker_names, marker_set, static_is_right=static_is_right, where=where)


def _chosen_window(
    markers: Markers,
    marker_set: MarkerSet,
    loads: FootLoads | None,
    window: tuple[float, float],
    free: tuple[bool, bool],
    longest_s: float | None,
) -> tuple[tuple[float, float], dict]:
    """The window with its free ends chosen, and the numbers that say why."""
    steps = loads.assignment.steps if loads else ()
    known = trial_validity(markers, marker_set, loads, forces_wanted=True)
    extent = labelled_extent(window, known, steps, free=free, longest_s=longest_s)
    return extent.window_s, {"window_chosen": extent.reason, "strikes": strike_numbers(steps, known)}


def _loads(
    grounded: Recording,
    feet: Feet,
    activity: Activity,
    settings: Ingest,
    foot_of_plate: Mapping[str, str],
    where: str,
) -> tuple[FootLoads | None, DataError | None]:
    """Loads of the feet, or, where forces are those of no single foot (`OF_NO_FOOT`), the error that says so."""
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


def require_usable(
    recording: Recording,
    marker_set: MarkerSet,
    lab_axes: tuple[str, str],
    activity: Activity,
    *,
    where: str,
    window: tuple[float, float] | None = None,
) -> tuple[Recording, GroundFrame]:
    """Hold a recording against what is declared of it, before anything is computed; arguments as in `build_trial`.

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


def _without_dead_plates(recording: Recording, frame: GroundFrame) -> Recording:
    """A static trial without plates that pull the person down, which no label depends on, and a note of each."""
    dead = pulling_plates(to_ground(recording, frame.rotation).plates)
    notes = tuple(
        f"{name} reads {pull:.0f} to {push:.0f} N in a static trial: dead, or of reversed sign; passed over"
        for name, (pull, push) in dead.items()
    )
    plates = tuple(plate for plate in recording.plates if plate.name not in dead)
    return replace(recording, plates=plates, notes=(*recording.notes, *notes))


def _without_frozen(
    recording: Recording, filled: Mapping[str, np.ndarray], marker_set: MarkerSet
) -> tuple[Recording, Suspects]:
    """The recording with frozen samples missing, and what was wrong with the samples of the marker set."""
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


def require_window(window: tuple[float, float], span: tuple[float, float], *, where: str) -> None:
    """Raise `DataError` (WINDOW_OUTSIDE) unless a window has a part inside what was recorded; both in seconds."""
    if window[1] <= window[0] or window[0] > span[1] or window[1] <= span[0]:
        raise _outside(window, span, where)


def _renamed(names: tuple[str, ...], marker_set: MarkerSet) -> dict[str, str]:
    """Names of a recording that the marker set spells otherwise, with its own."""
    return {name: marker for name, marker in marker_set.matched(names).items() if name != marker}


def _require_frames(recording: Recording, where: str) -> None:
    if len(recording.marker_time_s) < FRAMES_MIN:
        raise DataError(
            expected=f"at least {FRAMES_MIN} frames of markers",
            found=f"{len(recording.marker_time_s)}",
            where=f"{where} ({recording.source})",
            do="Export the whole recording, or take the trial out.",
            code="FRAMES_TOO_FEW",
        )


def has_forces(recording: Recording) -> bool:
    """Whether a recording holds ground reaction forces."""
    return bool(recording.plates and len(recording.force_time_s))


def _new_time_s(
    markers: Markers, forces: FootForces | None, window, pad_s: float, rate_hz: float | None, where: str
) -> np.ndarray:
    """Uniform times inside the padded window, the markers and the forces."""
    clocks = [markers.time_s, *([forces.time_s] if forces else [])]
    span = max(float(clock[0]) for clock in clocks), min(float(clock[-1]) for clock in clocks)
    if window:
        require_window(window, span, where=where)
    start, end = (window[0] - pad_s, window[1] + pad_s) if window else (span[0], np.inf)
    first, last = max(start, span[0]), span[1]
    rate = rate_hz or markers.rate_hz
    count = int(np.floor((last - first) * rate + 1e-6)) + 1
    time_s = first + np.arange(max(count, 0)) / rate
    time_s = time_s[time_s < end - 1e-9]
    if len(time_s) < 2:
        raise _outside(window or span, span, where)
    return time_s


def _outside(window: tuple[float, float], span: tuple[float, float], where: str) -> DataError:
    """What was asked for beside what there is; a window that ends before it starts lies behind the recording."""
    start, end = window
    return DataError(
        expected=f"a recording of the window from {start:g} {f'to {end:g} s' if end > start else 's on'}",
        found=f"markers and forces from {span[0]:g} to {span[1]:g} s",
        where=where,
        do="Correct start_s and end_s in trials.tsv, or window in the configuration (pad_s is kept off either end).",
        code="WINDOW_OUTSIDE",
    )


def _resampled(markers: Markers, time_s: np.ndarray) -> Markers:
    """Markers at times, shape (T,)."""
    return Markers(markers.names, time_s, resample(markers.position_ground_m, markers.time_s, time_s))


def _part(markers: Markers, window: tuple[float, float] | None) -> Markers:
    """Frames inside the window."""
    kept = frames_within(markers.time_s, window or (-np.inf, np.inf))
    return Markers(markers.names, markers.time_s[kept], markers.position_ground_m[kept])


def _down(feet: Feet, time_s: np.ndarray) -> np.ndarray:
    """Feet on the floor at times (T,), by the nearest frame of the recording; bool, shape (T, 2)."""
    frames = np.rint((time_s - feet.time_s[0]) * feet.rate_hz).astype(int)
    return feet.down[np.clip(frames, 0, len(feet.down) - 1)]


def _with_forces(trial: Trial, grounded: Recording, loads: FootLoads, bias_m: float) -> Trial:
    """The trial with the forces, plates and steps of its time; a bias of the free moment is subtracted."""
    time_s = trial.markers.time_s
    steps = tuple(step for step in loads.assignment.steps if step.end_s > time_s[0] and step.start_s <= time_s[-1])
    forces = _cut(without_bias(loads.forces, bias_m), time_s)
    return replace(trial, forces=forces, plates=_plates(grounded, loads), steps=steps)


def _plates(recording: Recording, loads: FootLoads) -> tuple[Plate, ...]:
    declared = loads.assignment.declared
    return tuple(
        Plate(plate.name, declared[plate.name], plate.corners_lab_m, baseline.force_n)
        for plate, baseline in zip(recording.plates, loads.baselines, strict=True)
    )


def _cut(forces: FootForces, time_s: np.ndarray) -> FootForces:
    """Forces from the last sample before the first marker frame to the first one after the last."""
    first = max(int(np.searchsorted(forces.time_s, time_s[0], side="right")) - 1, 0)
    kept = slice(first, int(np.searchsorted(forces.time_s, time_s[-1])) + 1)
    return FootForces(
        time_s=forces.time_s[kept],
        force_ground_n=forces.force_ground_n[kept],
        moment_ground_nm=forces.moment_ground_nm[kept],
        contact=forces.contact[kept],
        surface_height_m=forces.surface_height_m,
    )
