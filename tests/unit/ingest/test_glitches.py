"""Stray samples: ghosts beside gaps, jumps, and samples of another marker."""

from __future__ import annotations

import numpy as np
import pytest

import synthetic_person as person
from gaitload.ingest.exchanges import undo_exchanges
from gaitload.ingest.gaps import fill_gaps
from gaitload.ingest.glitches import clean

RUN = person.recording(person.TREADMILL_RUN, plates="none", noise_m=0.001)
SEGMENTS = person.marker_set().segments


def cleaned(change, **limits):
    changed = person.with_position(RUN, change)
    limits = {"ghost_distance_m": 0.03, "gap_max_s": 0.2} | limits
    return clean(changed.marker_lab_m, RUN.marker_names, SEGMENTS, RUN.marker_time_s, **limits)


def column(marker: str) -> int:
    return RUN.marker_names.index(marker)


def test_a_ghost_beside_a_gap_is_dropped_and_the_fill_does_not_swing_after_it():
    def change(position, names):
        position[100:110, names.index("RHTP")] = np.nan
        position[110, names.index("RHTP")] += [0.3, 0.2, -0.1]

    position, faults, dropped = cleaned(change)
    assert dropped == {"RHTP": 1}
    assert faults == []
    filled, _ = fill_gaps(position, RUN.marker_names, SEGMENTS, person.MARKER_RATE_HZ, gap_max_s=0.2)
    # Markers have noise of 1 mm, and the fill rests on three of them 40 to 190 mm apart.
    np.testing.assert_allclose(filled[:, column("RHTP")], RUN.marker_lab_m[:, column("RHTP")], atol=0.01)


def test_a_jump_of_a_few_frames_is_dropped_without_a_gap():
    position, _, dropped = cleaned(lambda position, names: position[200:203, names.index("RTB2")].__iadd__(0.05))
    assert dropped == {"RTB2": 3}
    assert np.isnan(position[200:203, column("RTB2")]).all()
    np.testing.assert_array_equal(np.delete(position, column("RTB2"), axis=1)[200:203], RUN_WITHOUT_TB2[200:203])


RUN_WITHOUT_TB2 = np.delete(RUN.marker_lab_m, RUN.marker_names.index("RTB2"), axis=1)


def test_what_soft_tissue_does_is_left_alone():
    # 20 mm on one marker of the pelvis: runners reach 22 mm.
    position, faults, dropped = cleaned(lambda position, names: position[::3, names.index("RASI")].__iadd__(0.0115))
    assert (faults, dropped) == ([], {})
    assert not np.isnan(position).any()


def test_of_two_markers_that_disagree_neither_is_accused():
    def change(position, names):
        position[:, names.index("RTB3")] = np.nan
        position[200:203, names.index("RTB2")] -= [0.0, 0.1, 0.0]

    _, faults, dropped = cleaned(change)
    assert (faults, dropped) == ([], {})


def test_samples_of_a_marker_under_another_name_are_given_back():
    def change(position, names):
        thigh, shank = names.index("RTH4"), names.index("RTB1")
        position[[50, 57, 64], shank] = position[[50, 57, 64], thigh]
        position[[50, 57, 64], thigh] = np.nan

    position, (fault,), dropped = cleaned(change)
    assert dropped == {}
    assert (fault.kind, fault.markers, fault.repaired) == ("misnamed", ("RTB1",), True)
    assert "RTB1 is RTH4 in 3 frames" in fault.reason
    assert (fault.start_s, fault.end_s) == pytest.approx((0.50, 0.64))
    np.testing.assert_array_equal(position[:, column("RTH4")], RUN.marker_lab_m[:, column("RTH4")])
    assert np.isnan(position[[50, 57, 64], column("RTB1")]).all()


def test_names_exchanged_across_legs_in_single_frames_are_exchanged_back():
    def change(position, names):
        pair = [names.index("RHEE"), names.index("LHEE")]
        position[120:123, pair] = position[120:123, pair[::-1]]

    position, (fault,), dropped = cleaned(change)
    assert (fault.kind, set(fault.markers), dropped) == ("swapped", {"RHEE", "LHEE"}, {})
    np.testing.assert_array_equal(position, RUN.marker_lab_m)


def test_a_marker_that_is_off_for_long_is_reported_and_left():
    def change(position, names):
        position[150:200, names.index("RMT1")] += 0.05

    position, (fault,), dropped = cleaned(change)
    assert dropped == {}
    assert (fault.kind, fault.markers, fault.repaired) == ("implausible", ("RMT1",), False)
    assert (fault.start_s, fault.end_s) == pytest.approx((1.50, 1.99))
    assert not np.isnan(position).any()


def test_names_exchanged_on_a_foot_for_a_while_are_exchanged_back():
    def change(position, names):
        pair = [names.index("RMT1"), names.index("RMT5")]
        position[200:260, pair] = position[200:260, pair[::-1]]

    exchanged = person.with_position(RUN, change)
    position, (fault,) = undo_exchanges(exchanged.marker_lab_m, RUN.marker_names, SEGMENTS, RUN.marker_time_s, 0.012)
    assert (fault.kind, set(fault.markers), fault.repaired) == ("swapped", {"RMT1", "RMT5"}, True)
    assert (fault.start_s, fault.end_s) == pytest.approx((2.00, 2.59))
    assert fault.before_mm > 20 > 5 > fault.after_mm
    np.testing.assert_array_equal(position, RUN.marker_lab_m)


def test_an_exchange_that_can_be_undone_in_two_ways_is_left():
    rectangle = np.array([[0.0, 0.0, 0.0], [0.12, 0.0, 0.0], [0.12, 0.06, 0.0], [0.0, 0.06, 0.0]])
    time_s = np.arange(100) / 100
    position = rectangle + np.column_stack((time_s, time_s**2, np.zeros(100)))[:, None]
    position[40:60] = position[40:60][:, [1, 2, 3, 0]]
    left, faults = undo_exchanges(position, ("A", "B", "C", "D"), {"plate": ("A", "B", "C", "D")}, time_s, 0.012)
    assert faults == []
    np.testing.assert_array_equal(left, position)


def test_a_sound_trial_has_no_exchanges():
    position, faults = undo_exchanges(RUN.marker_lab_m, RUN.marker_names, SEGMENTS, RUN.marker_time_s, 0.012)
    assert faults == []
    np.testing.assert_array_equal(position, RUN.marker_lab_m)
