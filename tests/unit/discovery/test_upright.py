"""A part of a walk stands in for a static trial: where both legs are straight and all markers are seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import synthetic_person as person
from gaitload.cohorts.tables import TrialRow
from gaitload.discovery.upright import straightest_s, with_stand_ins
from gaitload.trial import Recording

FRAMES, STRAIGHT, RATE_HZ = 80, 40, 100.0


@pytest.fixture(scope="module")
def lifting() -> Recording:
    """Somebody who lowers the right foot until frame 40, and lifts the left one from then on."""
    standing = person.static_recording()
    places = standing.marker_lab_m[:1].repeat(FRAMES, axis=0)
    lift_m = 0.002 * (np.arange(FRAMES) - STRAIGHT)
    for side, lifted_m in (("r", np.maximum(-lift_m, 0.0)), ("l", np.maximum(lift_m, 0.0))):
        ankle = person.marker_set().landmark(f"ankle_lateral_{side}")
        places[:, standing.marker_names.index(ankle), 1] += lifted_m
    time_s = np.arange(FRAMES) / RATE_HZ
    return replace(standing, marker_time_s=time_s, marker_lab_m=places, plates=(), force_time_s=np.empty(0))


def hidden(recording: Recording, name: str, frames: slice) -> Recording:
    places = recording.marker_lab_m.copy()
    places[frames, recording.marker_names.index(name)] = np.nan
    return replace(recording, marker_lab_m=places)


def test_few_frames_around_the_straightest_are_taken(lifting: Recording) -> None:
    assert straightest_s(lifting, person.marker_set()) == pytest.approx((0.34, 0.46))


def test_frames_in_which_a_marker_is_hidden_are_passed_over(lifting: Recording) -> None:
    start_s, end_s = straightest_s(hidden(lifting, "RTH1", slice(30, 48)), person.marker_set())
    assert (start_s + end_s) / 2 == pytest.approx(0.48)


@pytest.mark.parametrize("name", ["RASI", "RPSI"])
def test_without_a_pelvis_nothing_tells_how_straight_legs_are(lifting: Recording, name: str) -> None:
    assert straightest_s(hidden(lifting, name, slice(None)), person.marker_set()) is None


def test_a_leg_that_is_always_bent_stands_in_for_nobody(lifting: Recording) -> None:
    bent = lifting.marker_lab_m.copy()
    left = lifting.marker_names.index(person.marker_set().landmark("ankle_lateral_l"))
    bent[:76, left, 1] += 0.2
    assert straightest_s(replace(lifting, marker_lab_m=bent), person.marker_set()) is None


def test_a_walk_stands_in_for_who_has_no_static_trial(lifting: Recording) -> None:
    cells = {"role": "motion", "activity": "walk"}
    rows = [
        TrialRow(participant_id="S1", trial_id="stand", role="static", activity="static", file="a.c3d"),
        TrialRow(participant_id="S1", trial_id="walk", file="b.c3d", **cells),
        TrialRow(participant_id="S2", trial_id="upright", file="c.c3d", **cells | {"activity": "run"}),
        TrialRow(participant_id="S2", trial_id="walk", file="d.c3d", subject="Ann", **cells),
        TrialRow(participant_id="S3", trial_id="walk", file="e.c3d", **cells),
    ]
    worn = dict.fromkeys(("S1", "S2"), person.marker_set())
    found, questions = with_stand_ins(rows, worn, lambda file: lifting)
    (stand_in,) = [row for row in found if row not in rows]
    assert (stand_in.participant_id, stand_in.trial_id, stand_in.file) == ("S2", "upright_2", "d.c3d")
    assert (stand_in.role, stand_in.start_s, stand_in.end_s, stand_in.subject) == ("static", 0.34, 0.46, "Ann")
    assert "d.c3d from 0.34 to 0.46 s" in questions[0].text
    assert "scaled by height alone" in questions[1].text
