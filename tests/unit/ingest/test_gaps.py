"""Gaps: written as zeros, filled with the segment, by a spline, or not at all."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import synthetic_person as person
from gaitload.ingest.gaps import fill_gaps, zeros_to_missing

RATE_HZ = person.MARKER_RATE_HZ
RUN = person.recording(person.TREADMILL_RUN, plates="none")
SEGMENTS = person.marker_set().segments
# Markers of rigid synthetic segments: filling is exact up to rounding.
EXACT_M = 1e-9


def filled_after(change, gap_max_s: float = 0.2):
    holed = person.with_position(RUN, change)
    return fill_gaps(holed.marker_lab_m, holed.marker_names, SEGMENTS, RATE_HZ, gap_max_s=gap_max_s)


def hole(marker: str, start: int, end: int):
    def change(position, names):
        position[start:end, names.index(marker)] = np.nan

    return change


def error_m(filled, marker: str) -> float:
    column = RUN.marker_names.index(marker)
    return np.abs(filled[:, column] - RUN.marker_lab_m[:, column]).max()


def test_a_point_at_exactly_the_origin_is_missing_and_one_beside_it_is_not():
    position = np.array([[[0.0, 0.0, 0.0], [0.0, 1e-4, 0.0]]])
    found = zeros_to_missing(position)
    assert np.isnan(found[0, 0]).all()
    np.testing.assert_array_equal(found[0, 1], position[0, 1])


@settings(deadline=None)
@given(st.sampled_from(("RHEE", "LMT5", "RTH1", "RASI")), st.integers(0, 310), st.integers(1, 20))
def test_a_gap_is_filled_by_its_segment_exactly_anywhere_in_the_trial(marker, start, length):
    filled, (record,) = filled_after(hole(marker, start, start + length))
    assert error_m(filled, marker) < EXACT_M
    assert (record.marker, record.filled, record.left) == (marker, length, 0)


def test_a_marker_that_slides_over_its_segment_joins_without_a_step():
    slide = np.linspace(0.0, 0.1, len(RUN.marker_time_s))

    def change(position, names):
        position[:, names.index("RHTP"), 0] += slide
        position[100:120, names.index("RHTP")] = np.nan

    filled, _ = filled_after(change)
    column = RUN.marker_names.index("RHTP")
    expected = RUN.marker_lab_m[100:120, column, 0] + slide[100:120]
    # The foot does not turn, so that a slide along X is a line in the foot as well.
    np.testing.assert_allclose(filled[100:120, column, 0], expected, atol=EXACT_M)


def test_a_gap_longer_than_allowed_stays():
    filled, (record,) = filled_after(hole("RHEE", 100, 121))
    assert np.isnan(filled[100:121, RUN.marker_names.index("RHEE")]).all()
    assert record.longest_gap_s == pytest.approx(0.21)
    assert record.left == 21


def test_without_three_neighbours_a_short_gap_gets_a_spline_and_a_long_one_stays():
    def change(position, names):
        position[:, [names.index("RTB2"), names.index("RTB3")]] = np.nan
        position[100:104, names.index("RTB1")] = np.nan
        position[200:210, names.index("RTB1")] = np.nan

    filled, _ = filled_after(change)
    column = RUN.marker_names.index("RTB1")
    # Four frames of a shank that moves at up to 4 m/s and stops at heel strike: 160 mm of way, 10 mm of error.
    assert np.abs(filled[100:104, column] - RUN.marker_lab_m[100:104, column]).max() < 0.010
    assert np.isnan(filled[200:210, column]).all()


def test_a_trial_without_gaps_comes_back_as_it_was():
    filled, records = filled_after(lambda position, names: None)
    np.testing.assert_array_equal(filled, RUN.marker_lab_m)
    assert records == []
