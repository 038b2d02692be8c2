"""Plate arithmetic against loads whose wrench is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gaitload.signals.plates import center_of_pressure, plate_wrench

CORNERS_LAB_M = np.array([[1.0, 2.0, 0.0], [1.0, 2.6, 0.0], [1.4, 2.6, 0.0], [1.4, 2.0, 0.0]])
"""A plate in a lab with Z up whose own z points down: x is the lab's -Y, y is -X."""
CENTRE_LAB_M = np.array([1.2, 2.3, 0.0])
TO_PLATE = np.array([[0.0, -1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, -1.0]])
PRESSED_LAB_M = np.array([0.1, -0.05, 0.0])
ORIGIN_PLATE_M = np.array([0.01, -0.02, -0.04])
vectors = arrays(float, 3, elements=st.floats(-500, 500))
on_plate = arrays(float, 3, elements=st.floats(-0.2, 0.2))


def wrench(force_lab_n, point_lab_m, couple_lab_nm):
    """Force and its moment about the origin of the lab."""
    return force_lab_n, np.cross(point_lab_m, force_lab_n) + couple_lab_nm


def channels_of_force_and_moment(force_lab_n, moment_lab_nm, origin_plate_m=ORIGIN_PLATE_M):
    """What a type 2 plate with its origin below the surface would record."""
    origin_lab_m = CENTRE_LAB_M - TO_PLATE.T @ origin_plate_m
    force = TO_PLATE @ force_lab_n
    moment = TO_PLATE @ (moment_lab_nm - np.cross(origin_lab_m, force_lab_n))
    return np.concatenate((force, moment))[np.newaxis]


@given(force=vectors, point=on_plate, couple=vectors)
def test_a_known_load_comes_back_from_type_2(force, point, couple):
    expected_force, expected_moment = wrench(force, CENTRE_LAB_M + point, couple)
    channels = channels_of_force_and_moment(expected_force, expected_moment)
    force_lab, moment_lab = plate_wrench(2, channels, CORNERS_LAB_M, ORIGIN_PLATE_M)
    np.testing.assert_allclose(force_lab[0], expected_force, atol=1e-9)
    np.testing.assert_allclose(moment_lab[0], expected_moment, atol=1e-9)


@given(force=vectors, moment=vectors)
def test_type_4_is_type_2_behind_its_matrix(force, moment):
    channels = channels_of_force_and_moment(force, moment)
    matrix = np.arange(36.0).reshape(6, 6) + 10 * np.eye(6)
    raw = np.linalg.solve(matrix, channels.T).T
    for known, found in zip(
        plate_wrench(2, channels, CORNERS_LAB_M, ORIGIN_PLATE_M),
        plate_wrench(4, raw, CORNERS_LAB_M, ORIGIN_PLATE_M, matrix),
        strict=True,
    ):
        np.testing.assert_allclose(found, known, atol=1e-8)


def test_a_centre_of_pressure_and_a_free_moment_come_back_from_type_1():
    force_lab, moment_lab = wrench(np.array([30.0, -20.0, 800.0]), CENTRE_LAB_M + PRESSED_LAB_M, [0.0, 0.0, 4.0])
    px, py, _ = TO_PLATE @ PRESSED_LAB_M
    channels = np.array([[*(TO_PLATE @ force_lab), px, py, -4.0]])
    found = plate_wrench(1, channels, CORNERS_LAB_M, np.zeros(3))
    np.testing.assert_allclose(found[0][0], force_lab)
    np.testing.assert_allclose(found[1][0], moment_lab)


def test_type_1_says_what_type_2_says_of_the_same_load():
    force_lab, moment_lab = wrench(np.array([30.0, -20.0, 800.0]), CENTRE_LAB_M + PRESSED_LAB_M, [0.0, 0.0, 4.0])
    type_1 = np.array([[*(TO_PLATE @ force_lab), *(TO_PLATE @ PRESSED_LAB_M)[:2], -4.0]])
    type_2 = channels_of_force_and_moment(force_lab, moment_lab)
    np.testing.assert_allclose(
        plate_wrench(1, type_1, CORNERS_LAB_M, np.zeros(3))[1],
        plate_wrench(2, type_2, CORNERS_LAB_M, ORIGIN_PLATE_M)[1],
    )


@pytest.mark.parametrize("height_m", [-0.04, 0.04])
def test_four_sensors_of_type_3_are_summed_where_they_sit(height_m):
    half_x, half_y = 0.12, 0.2
    sensors = np.array([[half_x, half_y], [-half_x, half_y], [-half_x, -half_y], [half_x, -half_y]])
    vertical = np.array([-100.0, -200.0, -50.0, -300.0])
    fx12, fx34, fy14, fy23 = 11.0, -7.0, 5.0, 13.0
    # Horizontal forces act along the line of their pair of sensors, all 0.04 m below the surface.
    loads = [([0.0, 0.0, load], [*place, 0.04]) for load, place in zip(vertical, sensors, strict=True)]
    loads += [([fx12, 0.0, 0.0], [0.0, half_y, 0.04]), ([fx34, 0.0, 0.0], [0.0, -half_y, 0.04])]
    loads += [([0.0, fy14, 0.0], [half_x, 0.0, 0.04]), ([0.0, fy23, 0.0], [-half_x, 0.0, 0.04])]
    force_plate = sum(np.array(force) for force, _ in loads)
    moment_plate = sum(np.cross(place, force) for force, place in loads)
    channels = np.array([[fx12, fx34, fy14, fy23, *vertical]])
    force, moment = plate_wrench(3, channels, CORNERS_LAB_M, np.array([half_x, half_y, height_m]))
    np.testing.assert_allclose(force[0], TO_PLATE.T @ force_plate)
    np.testing.assert_allclose(
        moment[0], TO_PLATE.T @ moment_plate + np.cross(CENTRE_LAB_M, TO_PLATE.T @ force_plate), atol=1e-12
    )


@pytest.mark.parametrize("kind", [2, 4])
def test_an_origin_stored_the_other_way_round_means_the_same(kind):
    channels = channels_of_force_and_moment(np.array([30.0, -20.0, 800.0]), np.array([5.0, 6.0, 7.0]))
    matrix = np.eye(6) if kind == 4 else None
    stored = plate_wrench(kind, channels, CORNERS_LAB_M, ORIGIN_PLATE_M, matrix)
    turned = plate_wrench(kind, channels, CORNERS_LAB_M, -ORIGIN_PLATE_M, matrix)
    np.testing.assert_array_equal(stored, turned)


def test_standing_on_a_plate_pushes_the_person_up():
    channels = np.array([[0.0, 0.0, -700.0, 0.0, 0.0, 0.0]])
    force, _ = plate_wrench(2, channels, CORNERS_LAB_M, np.zeros(3))
    np.testing.assert_allclose(force, [[0.0, 0.0, 700.0]], atol=1e-12)


@given(
    horizontal=vectors,
    vertical=st.floats(20, 3000),
    point=on_plate,
    free_moment=st.floats(-30, 30),
    up=st.integers(0, 2),
    height=st.floats(-1, 1),
)
def test_centre_of_pressure_and_free_moment_undo_the_wrench(horizontal, vertical, point, free_moment, up, height):
    force, couple, place = horizontal.copy(), np.zeros(3), point.copy()
    force[up], couple[up], place[up] = vertical, free_moment, height
    _, moment = wrench(force, place, couple)
    cop, found = center_of_pressure(force[np.newaxis], moment[np.newaxis], height, up)
    # Rounding of a moment of up to 4e3 N m, over a vertical force of at least 20 N.
    np.testing.assert_allclose(cop[0], place, atol=1e-9)
    np.testing.assert_allclose(found[0], free_moment, atol=1e-8)


def test_there_is_no_centre_of_pressure_without_vertical_force():
    force = np.array([[5.0, 0.0, 0.0], [0.0, 100.0, 0.0]])
    cop, free_moment = center_of_pressure(force, np.ones((2, 3)), 0.0)
    assert np.isnan(cop[0]).all()
    assert np.isnan(free_moment[0])
    assert np.isfinite(cop[1]).all()
    assert np.isfinite(free_moment[1])
