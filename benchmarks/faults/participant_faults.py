"""Faults of what is declared of participants, and of their static trials."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.faults.situation import DEVELOPMENT, HELD_OUT, Fault, Situation

POUNDS_PER_KG = 2.20462


def mass_times(situation: Situation, factor: float) -> Situation:
    """The body mass declared wrong."""
    return replace(situation, participant={**situation.participant, "mass_kg": factor * situation.mass_kg})


def height_times(situation: Situation, factor: float) -> Situation:
    """The stature declared wrong."""
    if situation.height_m is None:
        raise KeyError("a participant whose height is declared")
    return replace(situation, participant={**situation.participant, "height_m": factor * situation.height_m})


def static_of_another(situation: Situation, _: float) -> Situation:
    """Static trials of another participant in place of the own ones."""
    if not situation.others:
        raise KeyError("a static trial of another participant")
    other = next(iter(situation.others.values()))
    return replace(situation, statics=dict.fromkeys(situation.statics, other))


def marker_stuck_on_anew(situation: Situation, distance_m: float) -> Situation:
    """A marker of the pelvis fell off after the static trial and was stuck on lower."""
    column = situation.column_of("asis_r")
    position = situation.motion.marker_lab_m.copy()
    position[:, column] -= distance_m * situation.rotation[1]
    return situation.with_markers(position)


def exchanged_in_static(situation: Situation, _: float) -> Situation:
    """Two markers of the right foot exchanged in the static trial."""
    return _exchanged_in_static(situation, "heel_r", "mt5_r")


def sides_exchanged_in_static(situation: Situation, _: float) -> Situation:
    """Left and right exchanged in the names of the static trial."""
    statics = {}
    for trial, recording in situation.statics.items():
        names = list(recording.marker_names)
        for right, left in pairs_of(situation, recording.marker_names):
            names[right], names[left] = names[left], names[right]
        statics[trial] = replace(recording, marker_names=tuple(names))
    return replace(situation, statics=statics)


def pairs_of(situation: Situation, names: tuple[str, ...]) -> list[tuple[int, int]]:
    """Columns of the markers that exist on the right and on the left, `(right, left)`."""
    found = []
    for marker in situation.marker_set.markers:
        landmark = marker.landmark or ""
        if landmark.endswith("_r") and marker.name in names:
            other = situation.marker_set.landmark(f"{landmark[:-2]}_l")
            if other in names:
                found.append((names.index(marker.name), names.index(other)))
    taken = {column for pair in found for column in pair}
    for first in range(len(names)):
        other = _mirrored_name(names[first])
        if first not in taken and other in names and names[first].lower().startswith("r"):
            found.append((first, names.index(other)))
    return found


def _mirrored_name(name: str) -> str:
    return {"R": "L", "r": "l"}.get(name[0], name[0]) + name[1:]


def _exchanged_in_static(situation: Situation, first: str, second: str) -> Situation:
    names = [situation.marker_set.landmark(landmark) for landmark in (first, second)]
    statics = {}
    for trial, recording in situation.statics.items():
        if not set(names) <= set(recording.marker_names):
            raise KeyError(first)
        columns = [recording.marker_names.index(name) for name in names]
        position = recording.marker_lab_m.copy()
        position[:, columns] = position[:, columns[::-1]]
        statics[trial] = replace(recording, marker_lab_m=position)
    return replace(situation, statics=statics)


def moved_in_static(situation: Situation, distance_m: float) -> Situation:
    """Somebody who moves through half of the static trial, by up to some distance."""
    statics = {}
    for trial, recording in situation.statics.items():
        count = len(recording.marker_time_s)
        ramp = np.clip(np.linspace(-1.0, 1.0, count), 0.0, None) * distance_m
        moved = recording.marker_lab_m + ramp[:, None, None] * situation.rotation[0]
        statics[trial] = replace(recording, marker_lab_m=moved)
    return replace(situation, statics=statics)


FAULTS = (
    Fault(
        "body mass declared wrong",
        "participants",
        DEVELOPMENT,
        (0.8, 1.2, POUNDS_PER_KG),
        "times",
        mass_times,
        (r"mass",),
    ),
    Fault("height declared wrong", "participants", HELD_OUT, (0.85, 1.15), "times", height_times, (r"height|stature",)),
    Fault(
        "static trial of another participant",
        "participants",
        DEVELOPMENT,
        (1.0,),
        "",
        static_of_another,
        (r"another (person|participant)|static trial of",),
        "others",
    ),
    Fault(
        "marker stuck on anew after the static trial",
        "participants",
        DEVELOPMENT,
        (0.01, 0.02, 0.04),
        "m",
        marker_stuck_on_anew,
        (r"moved|stuck|static|displaced|place",),
    ),
    Fault(
        "markers of a foot exchanged in the static trial",
        "participants",
        HELD_OUT,
        (1.0,),
        "",
        exchanged_in_static,
        (r"static.*(exchang|swap|is )|exchang|swap|lie ",),
        "static",
    ),
    Fault(
        "left and right exchanged in the static trial",
        "participants",
        DEVELOPMENT,
        (1.0,),
        "",
        sides_exchanged_in_static,
        (r"left|right",),
        "static",
    ),
    Fault(
        "the participant moves in the static trial",
        "participants",
        HELD_OUT,
        (0.05, 0.15, 0.5),
        "m",
        moved_in_static,
        (r"move|still|stand",),
        "static",
    ),
)
