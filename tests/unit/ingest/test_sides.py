"""Left and right exchanged for a while are given back whole, and only where trajectories are continuous after it."""

from __future__ import annotations

import numpy as np
import pytest

import synthetic_person as person
from gaitload.ingest.sides import partners, undo_side_exchanges

EXCHANGED = slice(120, 160)


@pytest.fixture(scope="module")
def walk():
    return person.recording(person.WALK)


def exchanged(walk, pairs: dict[str, str]) -> np.ndarray:
    position = walk.marker_lab_m.copy()
    for right, left in pairs.items():
        columns = [walk.marker_names.index(name) for name in (right, left)]
        position[EXCHANGED, columns] = walk.marker_lab_m[EXCHANGED][:, columns[::-1]]
    return position


def undone(walk, marker_set, position, repair=True):
    return undo_side_exchanges(position, walk.marker_names, marker_set, walk.marker_time_s, repair=repair)


def test_an_exchange_of_the_whole_body_or_of_a_pelvis_pair_is_undone(walk, marker_set):
    pairs = partners(walk.marker_names, marker_set)
    for some in (pairs, {"RASI": "LASI"}):
        restored, (fault,) = undone(walk, marker_set, exchanged(walk, some))
        np.testing.assert_array_equal(restored, walk.marker_lab_m)
        assert fault.repaired and "left and right are exchanged" in fault.reason


def test_a_walk_without_an_exchange_stays_as_it_is(walk, marker_set):
    restored, faults = undone(walk, marker_set, walk.marker_lab_m)
    np.testing.assert_array_equal(restored, walk.marker_lab_m)
    assert faults == []


def test_an_exchange_that_leaves_jumps_is_reported_and_not_repaired(walk, marker_set):
    position = exchanged(walk, {"RASI": "LASI"})
    position[EXCHANGED, walk.marker_names.index("RASI")] += [0.0, 0.1, 0.0]
    restored, (fault,) = undone(walk, marker_set, position)
    np.testing.assert_array_equal(restored, position)
    assert not fault.repaired and "would jump" in fault.reason
    assert not undone(walk, marker_set, exchanged(walk, {"RASI": "LASI"}), repair=False)[1][0].repaired
