"""A trial that a folder holds twice is one trial, whatever its axes, its format and its name."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

import synthetic_person as person
from gaitload.discovery.copies import without_copies
from gaitload.discovery.looks import Look, look_at
from gaitload.trial import Recording

Y_UP = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])


def turned(recording: Recording) -> Recording:
    """As other software exports it: other axes, fewer markers, rounded to 0.1 mm."""
    position = np.round(recording.marker_lab_m[:, :-3] @ Y_UP.T, 4)
    return replace(recording, marker_names=recording.marker_names[:-3], marker_lab_m=position)


def look(file: str, recording: Recording) -> Look:
    return look_at(file, recording, [person.marker_set()])


def test_a_trial_in_other_axes_is_a_copy_of_the_one_with_plates() -> None:
    walk = person.recording(person.WALK, plates="per_foot")
    looks = {
        "out/S1/walk.trc": look("out/S1/walk.trc", turned(replace(walk, plates=(), force_time_s=np.empty(0)))),
        "in/S1/a.c3d": look("in/S1/a.c3d", walk),
        "in/S2/a.c3d": look("in/S2/a.c3d", walk),
    }
    kept, (note,) = without_copies(looks, {"out/S1/walk.trc": "S1", "in/S1/a.c3d": "S1", "in/S2/a.c3d": "S2"})
    assert list(kept) == ["in/S1/a.c3d", "in/S2/a.c3d"]
    assert "out/S1/walk.trc of in/S1/a.c3d" in note


def test_two_trials_of_one_person_are_no_copies() -> None:
    stand = person.static_recording()
    other = replace(stand, marker_lab_m=stand.marker_lab_m.copy())
    other.marker_lab_m[:, :4] += 0.003
    looks = {"a.trc": look("a.trc", stand), "b.trc": look("b.trc", other)}
    kept, notes = without_copies(looks, dict.fromkeys(looks, "S1"))
    assert (list(kept), notes) == (["a.trc", "b.trc"], [])


def test_of_two_formats_of_one_name_the_one_with_plates_counts() -> None:
    walk, stand = person.recording(person.WALK, plates="per_foot"), person.static_recording()
    looks = {"a.c3d": look("a.c3d", stand), "a.trc": look("a.trc", walk), "b.c3d": look("b.c3d", stand)}
    assert list(without_copies(looks, {"a.c3d": "S1", "a.trc": "S1", "b.c3d": "S2"})[0]) == ["a.trc", "b.c3d"]
