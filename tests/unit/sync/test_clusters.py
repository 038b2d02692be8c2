"""Rigid clusters of markers: known turns recovered, and nothing claimed of clusters that fix none."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.errors import DataError
from gaitload.sync.clusters import cluster_orientations
from gaitload.sync.quaternions import from_rotation_vector, rotate, shortest_angle

SHAPE_M = np.array([[0.0, 0.0, 0.0], [0.1, 0.0, 0.02], [0.0, 0.2, 0.0], [0.03, 0.1, 0.08]])
TURN_WXYZ = from_rotation_vector(np.random.default_rng(0).normal(0, 1.0, (20, 3)))
PLACES_M = rotate(TURN_WXYZ[:, None], np.broadcast_to(SHAPE_M, (20, 4, 3))) + np.linspace(0, 3, 20)[:, None, None]


def test_the_turn_of_a_rigid_cluster_is_found_wherever_it_moves():
    found = cluster_orientations(PLACES_M, SHAPE_M, where="shank")
    assert shortest_angle(found, TURN_WXYZ).max() < 1e-6


def test_three_of_four_markers_are_enough_and_two_are_not():
    places = PLACES_M.copy()
    places[3, 1] = np.nan
    places[5, :2] = np.nan
    found = cluster_orientations(places, SHAPE_M, where="shank")
    assert shortest_angle(found[3], TURN_WXYZ[3]) < 1e-6
    assert np.isnan(found[5]).all()
    assert np.isfinite(np.delete(found, 5, axis=0)).all()


def test_skin_that_slides_alike_turns_nothing():
    slid = PLACES_M + 0.02 * np.sin(np.arange(20))[:, None, None]
    assert shortest_angle(cluster_orientations(slid, SHAPE_M, where="shank"), TURN_WXYZ).max() < 1e-6


def test_markers_on_a_line_leave_a_turn_open():
    line = np.array([[0.0, 0.0, 0.0], [0.0, 0.1, 0.0], [0.0, 0.2, 0.001]])
    with pytest.raises(DataError, match="on a line") as caught:
        cluster_orientations(np.zeros((4, 3, 3)), line, where="shank")
    assert caught.value.code == "SEGMENT_MARKERS_FEW"
    # Seen are the two on the line and a third next to it: frames without the one beside say nothing.
    shape = np.vstack([line, [0.1, 0.1, 0.0]])
    places = rotate(TURN_WXYZ[:, None], np.broadcast_to(shape, (20, 4, 3)))
    places[7, 3] = np.nan
    found = cluster_orientations(places, shape, where="shank")
    assert np.isnan(found[7]).all() and np.isfinite(found[8]).all()


def test_two_markers_are_refused():
    with pytest.raises(DataError, match="at least 3"):
        cluster_orientations(PLACES_M[:, :2], SHAPE_M[:2], where="shank")
