"""The window of a trial: which part of a recording is kept, and the markers, feet and forces of that part."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gaitload.errors import DataError
from gaitload.ingest.extent import labelled_extent, strike_numbers
from gaitload.ingest.free_moment import without_bias
from gaitload.ingest.loads import FootLoads
from gaitload.ingest.outline import Feet
from gaitload.ingest.validity import trial_validity
from gaitload.models.markersets import MarkerSet
from gaitload.signals.clock import frames_within
from gaitload.signals.resample import resample
from gaitload.trial import FootForces, Markers, Plate, Recording, Trial


def chosen_window(
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


def new_time_s(
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


def require_window(window: tuple[float, float], span: tuple[float, float], *, where: str) -> None:
    """Raise `DataError` (WINDOW_OUTSIDE) unless a window has a part inside what was recorded; both in seconds."""
    if window[1] <= window[0] or window[0] > span[1] or window[1] <= span[0]:
        raise _outside(window, span, where)


def _outside(window: tuple[float, float], span: tuple[float, float], where: str) -> DataError:
    """The error of a window outside the recording; one that ends before it starts lies behind the recording."""
    start, end = window
    return DataError(
        expected=f"a recording of the window from {start:g} {f'to {end:g} s' if end > start else 's on'}",
        found=f"markers and forces from {span[0]:g} to {span[1]:g} s",
        where=where,
        do="Correct start_s and end_s in trials.tsv, or window in the configuration (pad_s is kept off either end).",
        code="WINDOW_OUTSIDE",
    )


def resampled(markers: Markers, time_s: np.ndarray) -> Markers:
    """Markers at times, shape (T,)."""
    return Markers(markers.names, time_s, resample(markers.position_ground_m, markers.time_s, time_s))


def part_of(markers: Markers, window: tuple[float, float] | None) -> Markers:
    """Frames inside the window."""
    kept = frames_within(markers.time_s, window or (-np.inf, np.inf))
    return Markers(markers.names, markers.time_s[kept], markers.position_ground_m[kept])


def down_at(feet: Feet, time_s: np.ndarray) -> np.ndarray:
    """Feet on the floor at times (T,), by the nearest frame of the recording; bool, shape (T, 2)."""
    frames = np.rint((time_s - feet.time_s[0]) * feet.rate_hz).astype(int)
    return feet.down[np.clip(frames, 0, len(feet.down) - 1)]


def with_forces(trial: Trial, grounded: Recording, loads: FootLoads, bias_m: float) -> Trial:
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
