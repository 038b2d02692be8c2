"""Markers that were stuck on anew, and names that a static trial of another body would put right."""

from __future__ import annotations

from dataclasses import replace

import pytest

import synthetic_person as person
from gaitload.ingest.labelling import static_places_m
from gaitload.ingest.likeness import displaced_m


def test_a_pelvis_marker_that_slid_down_stands_out_by_its_place(build, static, walk, marker_set):
    def lower(position_m, names):
        position_m[:, names.index("RASI"), 1] -= 0.04

    clean, _ = build(walk)
    places = static_places_m(static)
    assert max(displaced_m(clean.markers, marker_set, places)["pelvis"].values()) < 0.005
    _, quality = build(person.with_position(walk, lower))
    (gate,) = [gate for gate in quality.gates if gate.code == "MARKER_MOVED_PELVIS"]
    assert gate.verdict == "warned"
    assert gate.value == pytest.approx(0.04, abs=0.006)


def test_names_are_not_put_right_by_the_static_trial_of_another_body(build, static, walk):
    def exchange(position_m, names):
        columns = [names.index(name) for name in ("RHEE", "RMT5")]
        position_m[:, columns] = position_m[:, columns[::-1]]

    def repaired(standing):
        _, quality = build(person.with_position(walk, exchange), static=standing)
        return [fault["repaired"] for fault in quality.numbers["label_faults"] if fault["kind"] == "swapped"]

    assert repaired(static) == [True]
    middle_m = static.position_ground_m.mean(axis=1, keepdims=True)
    taller = replace(static, position_ground_m=middle_m + 1.06 * (static.position_ground_m - middle_m))
    assert not any(repaired(taller))


def test_names_are_not_put_right_by_a_static_trial_whose_own_names_are_wrong(build, static, walk):
    columns = [static.names.index(name) for name in ("RHEE", "RMT5")]
    misnamed_m = static.position_ground_m.copy()
    misnamed_m[:, columns] = misnamed_m[:, columns[::-1]]
    _, quality = build(walk, static=replace(static, position_ground_m=misnamed_m))
    (fault,) = [fault for fault in quality.numbers["label_faults"] if fault["kind"] == "swapped"]
    assert not fault["repaired"]
    assert "the static trial itself may be misnamed" in fault["reason"]
