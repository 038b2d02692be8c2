"""Rigid fits."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from gaitload.ingest.rigid import fit_rigid, median_over_frames, place

SHAPE = np.array([[0.0, 0.0, 0.0], [0.1, 0.0, 0.0], [0.0, 0.2, 0.0], [0.02, 0.05, 0.15]])
seeds = st.integers(0, 2**32 - 1)


def moving(seed: int, shape=SHAPE, frames: int = 7) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rotations = Rotation.random(frames, random_state=seed % 2**31).as_matrix()
    return np.einsum("tij,mj->tmi", rotations, shape) + rng.normal(size=(frames, 1, 3))


@given(seeds)
def test_a_rigid_motion_is_recovered_even_with_one_marker_missing(seed):
    points = moving(seed)
    seen = points.copy()
    seen[np.arange(7), np.random.default_rng(seed).integers(0, 4, 7)] = np.nan
    np.testing.assert_allclose(place(SHAPE, *fit_rigid(SHAPE, seen)), points, atol=1e-9)


@given(seeds)
def test_a_mirrored_shape_does_not_fit(seed):
    points = moving(seed, SHAPE * [1.0, 1.0, -1.0])
    fitted = place(SHAPE, *fit_rigid(SHAPE, points))
    # The shape is 150 mm deep: its mirror image cannot come nearer than a few centimetres at the worst marker.
    assert np.linalg.norm(fitted - points, axis=2).max() > 0.03


def test_two_markers_and_markers_in_line_fix_no_rotation():
    two = moving(0)
    two[:, 2:] = np.nan
    line = np.array([[0.0, 0.0, 0.0], [0.1, 0.0, 0.0], [0.2, 0.0, 0.0]])
    assert np.isnan(fit_rigid(SHAPE, two)[0]).all()
    assert np.isnan(fit_rigid(line, moving(0, line))[0]).all()


@given(seeds)
def test_median_over_frames_is_that_of_the_values_seen(seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(rng.integers(1, 9), 3))
    values[rng.random(values.shape) < 0.4] = np.nan
    expected = [np.median(column[~np.isnan(column)]) if (~np.isnan(column)).any() else np.nan for column in values.T]
    np.testing.assert_array_equal(median_over_frames(values), expected)
