"""Soles by the markers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import synthetic_person as person
from gaitload.ingest.labelling import static_places_m
from gaitload.ingest.outline import outside_m, track_feet
from gaitload.trial import Markers

SQUARE = np.array([[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]])
MARKERS = person.marker_set()
PLACES = static_places_m(person.static_markers())


def markers_of(recording, without=()) -> Markers:
    kept = [k for k, name in enumerate(recording.marker_names) if name not in without]
    names = tuple(recording.marker_names[k] for k in kept)
    return Markers(names, recording.marker_time_s, recording.marker_lab_m[:, kept])


@given(st.floats(-2, 3), st.floats(-2, 3))
def test_distance_from_a_square_is_that_of_a_square(x, z):
    beyond = np.maximum(np.abs(np.array([x, z]) - 0.5) - 0.5, 0.0)
    within = 0.5 - np.abs(np.array([x, z]) - 0.5).max()
    expected = np.linalg.norm(beyond) if beyond.any() else -within
    assert outside_m(np.array([[x, z]]), SQUARE)[0] == pytest.approx(expected, abs=1e-12)


def test_the_belt_is_as_fast_as_the_feet_on_it():
    for gait, speed in ((person.TREADMILL_RUN, 3.0), (person.TREADMILL_WALK, 1.3)):
        feet = track_feet(markers_of(person.recording(gait)), MARKERS, PLACES, treadmill=True)
        assert feet.belt_m_per_s == pytest.approx(speed, abs=0.01)


@pytest.mark.parametrize("gait", [person.WALK, person.TREADMILL_RUN])
def test_feet_are_down_in_their_stances(gait):
    feet = track_feet(markers_of(person.recording(gait)), MARKERS, PLACES, treadmill=gait.treadmill)
    for k, side in enumerate("rl"):
        stance = np.zeros(len(feet.time_s), dtype=bool)
        for start, end, _ in person.stances(gait, side):
            stance |= (feet.time_s >= start) & (feet.time_s < end)
        assert feet.down[stance, k].mean() > 0.97
        # Just after lift-off and just before landing a foot is still near the floor and slow.
        assert feet.down[~stance, k].mean() < 0.25


def test_a_marker_missing_in_the_trial_does_not_narrow_the_sole():
    recording = person.recording(person.WALK)
    whole = track_feet(markers_of(recording), MARKERS, PLACES, treadmill=False)
    lacking = track_feet(markers_of(recording, without=("LMT1",)), MARKERS, PLACES, treadmill=False)
    np.testing.assert_allclose(lacking.outline_m, whole.outline_m, atol=1e-9)


def test_without_a_static_trial_the_sole_is_that_of_the_trial_itself():
    recording = person.recording(person.WALK)
    with_static = track_feet(markers_of(recording), MARKERS, PLACES, treadmill=False)
    without = track_feet(markers_of(recording), MARKERS, None, treadmill=False)
    np.testing.assert_allclose(without.outline_m, with_static.outline_m, atol=1e-6)


def test_a_foot_without_markers_is_nowhere():
    lacking = markers_of(person.recording(person.TREADMILL_RUN), without=[f"L{name}" for name in person.FOOT])
    feet = track_feet(lacking, MARKERS, PLACES, treadmill=True)
    assert np.isnan(feet.outline_m[:, 1]).all()
    assert not feet.down[:, 1].any()
    assert feet.belt_m_per_s == pytest.approx(3.0, abs=0.01)


def test_the_sole_reaches_from_the_heel_to_the_toes_and_is_as_wide_as_the_ball():
    feet = track_feet(markers_of(person.recording(person.WALK)), MARKERS, PLACES, treadmill=False)
    right = feet.outline_m[0, 0]
    # Fifth metatarsal 160 mm ahead of the heel, at two thirds of the shoe.
    assert np.ptp(right[:, 0]) == pytest.approx(0.16 / 0.66, abs=0.005)
    assert np.ptp(right[:, 1]) == pytest.approx(0.095, abs=0.005)
