"""Doubts about a static trial."""

from __future__ import annotations

import numpy as np

import synthetic_person as person
from gaitload.ingest.labelling import static_places_m
from gaitload.ingest.symmetry import doubts

MARKERS = person.marker_set()


def places(**moved):
    found = static_places_m(person.static_markers())
    return found | {name: found[name] + np.array(by) for name, by in moved.items()}


def test_a_symmetric_static_trial_raises_no_doubt():
    assert doubts(places(), MARKERS) == []


def test_metatarsals_the_wrong_way_round_are_suspected():
    found = places()
    found["RMT1"], found["RMT5"] = found["RMT5"], found["RMT1"]
    reasons = [fault.reason for fault in doubts(found, MARKERS)]
    assert "RMT5 should lie lateral to RMT1; it lies 95 mm the other way" in reasons


def test_a_foot_labelled_back_to_front_is_suspected():
    found = places()
    found["LHEE"], found["LMT1"] = found["LMT1"], found["LHEE"]
    assert any("LMT1 should lie ahead of LHEE" in fault.reason for fault in doubts(found, MARKERS))


def test_a_heel_marker_stuck_30_mm_too_far_back_is_suspected_by_the_other_foot():
    faults = doubts(places(RHEE=(-0.03, 0.0, 0.0)), MARKERS)
    assert {fault.kind for fault in faults} == {"suspicious"}
    assert {"RHEE", "LHEE"} <= {name for fault in faults for name in fault.markers}


def test_differences_that_people_have_raise_no_doubt():
    assert doubts(places(RHEE=(-0.010, 0.0, 0.0), LKNL=(0.0, 0.008, 0.0)), MARKERS) == []
