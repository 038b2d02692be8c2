"""Quaternion kernels against scipy's rotations and against their own inverses."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from gaitload.sync import quaternions


@pytest.fixture
def turns():
    return Rotation.random(50, random_state=1)


def wxyz(rotation: Rotation) -> np.ndarray:
    return rotation.as_quat(scalar_first=True)


def same(first: np.ndarray, second: np.ndarray) -> bool:
    return bool(quaternions.shortest_angle(first, second).max() < 1e-7)


def test_products_inverses_and_vectors_agree_with_scipy(turns):
    other = Rotation.random(50, random_state=2)
    assert same(quaternions.multiply(wxyz(turns), wxyz(other)), wxyz(turns * other))
    assert same(quaternions.conjugate(wxyz(turns)), wxyz(turns.inv()))
    assert same(quaternions.from_matrix(turns.as_matrix()), wxyz(turns))
    np.testing.assert_allclose(quaternions.rotation_vector(wxyz(turns)), turns.as_rotvec(), atol=1e-12)
    np.testing.assert_allclose(quaternions.rotate(wxyz(turns), np.eye(3)[0]), turns.apply([1, 0, 0]), atol=1e-12)


def test_rotation_vectors_come_back_from_quaternions_however_small():
    vectors = np.array([[1.0, -2.0, 0.5], [1e-9, 0, 0], [0, 0, 0]])
    np.testing.assert_allclose(
        quaternions.rotation_vector(quaternions.from_rotation_vector(vectors)), vectors, rtol=1e-6, atol=1e-15
    )


def test_the_mean_does_not_mind_signs(turns):
    centre = wxyz(turns)[0]
    q = quaternions.multiply(
        centre, quaternions.from_rotation_vector(np.random.default_rng(0).normal(0, 0.01, (400, 3)))
    )
    q[::2] *= -1
    # 0.01 rad over the root of 400 samples is 0.0005 per axis; five of these.
    assert quaternions.shortest_angle(quaternions.mean(q), centre) < 0.0025


def test_the_gain_without_a_singular_value_decomposition_is_that_of_the_best_rotation():
    covariance = np.random.default_rng(3).normal(size=(200, 3, 3))
    best = quaternions.wahba(covariance)
    np.testing.assert_allclose(np.linalg.det(best), 1.0)
    expected = np.einsum("nij,nij->n", best, covariance)
    np.testing.assert_allclose(quaternions.wahba_gain(covariance), expected, rtol=1e-6, atol=1e-9)


def test_wahba_finds_the_turn_between_two_sets_of_vectors(turns):
    vectors = np.random.default_rng(4).normal(size=(30, 3))
    turned = turns[0].apply(vectors)
    np.testing.assert_allclose(quaternions.wahba(turned.T @ vectors), turns[0].as_matrix(), atol=1e-12)


def test_heading_is_the_turn_about_the_vertical():
    angles = np.array([-3.0, 0.2, 3.1])
    np.testing.assert_allclose(quaternions.heading(quaternions.about_vertical(angles)), angles)


def test_ground_up_becomes_earth_up():
    turned = quaternions.rotate(quaternions.GROUND_TO_EARTH_WXYZ, np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]))
    np.testing.assert_allclose(turned, [[0, 0, 1], [1, 0, 0]], atol=1e-15)
