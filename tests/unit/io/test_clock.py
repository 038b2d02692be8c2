"""Clocks of two files of one recording."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.io.clock import on_clock_of

MARKERS_S = 5.0 + np.arange(600) / 100.0


@pytest.mark.parametrize("rate_hz", [100.0, 1000.0])
def test_forces_that_count_from_their_first_row_begin_with_the_markers(rate_hz):
    forces_s, notes = on_clock_of(MARKERS_S, np.arange(round(6.0 * rate_hz)) / rate_hz)
    assert forces_s[0] == pytest.approx(5.0)
    assert "markers begin at 5.00 s and forces, as long, at 0.00 s" in notes[0]


def test_forces_of_the_capture_begin_with_markers_that_count_from_their_first_row():
    forces_s, notes = on_clock_of(MARKERS_S - 5.0, MARKERS_S)
    assert forces_s[0] == pytest.approx(0.0)
    assert notes


@pytest.mark.parametrize(
    "forces_s",
    [
        MARKERS_S,
        MARKERS_S + 0.05,
        np.arange(9000) / 1000.0,
        MARKERS_S - 3.0,
        np.empty(0),
    ],
    ids=["same clock", "a delay", "another length", "neither from zero", "none"],
)
def test_other_clocks_stay_as_they_are(forces_s):
    found, notes = on_clock_of(MARKERS_S, forces_s)
    assert found is forces_s
    assert notes == ()
