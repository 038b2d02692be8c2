"""Names of markers tell the set, and what of it is lacking."""

from __future__ import annotations

import numpy as np
import pytest

import synthetic_person as person
from gaitload.discovery.marker_sets import alike_names, body_lengths_m, facing_lab, match, ranked, up_by_markers
from gaitload.ingest.axes import ground_rotation, to_ground
from gaitload.models.markersets import MarkerSet

SET = person.marker_set()


def test_the_set_that_knows_the_names_comes_first() -> None:
    half = MarkerSet("half", SET.markers[: len(SET.markers) // 2])
    names = person.static_markers().names
    assert [one.marker_set.name for one in ranked(names, [half, SET])] == ["synthetic", "half"]
    assert ranked(names, [SET])[0].fits


def test_a_segment_that_lacks_markers_is_weak_and_then_too_short() -> None:
    names = list(person.static_markers().names)
    some = match([name for name in names if name != "RTB1"], SET)
    assert (some.short_segments, some.weak_segments) == ({}, {"tibia_r": 2})
    found = match([name for name in names if name not in ("RTB1", "RTB2")], SET)
    assert found.short_segments == {"tibia_r": 1}
    assert found.missing == ("RTB1", "RTB2")
    assert found.fits, "names alone say which set it is"


def test_markers_that_only_the_static_trial_needs_are_not_missed() -> None:
    names = [name for name in person.static_markers().names if name[1:] not in person.STATIC_ONLY]
    assert match(names, SET).fits
    assert match(names, SET).missing == ()


def test_names_in_another_spelling_are_recognised_as_alike() -> None:
    assert alike_names(["rasi", "R_TH_1", "banana"], SET) == {"rasi": "RASI", "R_TH_1": "RTH1"}


@pytest.mark.parametrize("lab", [("+x", "+y"), ("-y", "+z")])
def test_pelvis_and_feet_tell_up_and_the_way_people_face(lab: tuple[str, str]) -> None:
    rotation = ground_rotation(*lab)
    recording = to_ground(person.static_recording(), rotation.T)
    up, facing = up_by_markers(recording, SET), facing_lab(recording, SET)
    assert (rotation @ up)[1] / np.linalg.norm(up) > 0.95
    assert (rotation @ facing)[0] / np.linalg.norm(facing) > 0.95


def test_lengths_of_a_body_do_not_change_with_its_motion() -> None:
    standing, running = (
        body_lengths_m(one, SET) for one in (person.static_recording(), person.recording(person.TREADMILL_RUN))
    )
    assert running == {name: pytest.approx(standing[name], abs=1e-6) for name in running}
    assert standing["asis_r to asis_l"] == pytest.approx(0.26)
