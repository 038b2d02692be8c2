"""Rigid bodies seen through markers: best-fit poses, and distances between markers."""

from __future__ import annotations

import numpy as np

_MIN_SPREAD_M = 0.01
"""Markers nearer than this to one line do not fix a rotation."""
_UPRIGHT_MIN = 0.2
"""Sine of the angle between a line of markers and the vertical below which the vertical says nothing of its roll."""


def fit_rigid(template_m: np.ndarray, points_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pose of a rigid template in every frame, by least squares over the markers seen (Kabsch 1976).

    The rotation is proper (determinant +1): a mirrored template keeps a large residual instead of fitting.

    Parameters
    ----------
    template_m : ndarray, shape (M, 3)
        Places of the markers in any frame; NaN where a marker has none.
    points_m : ndarray, shape (T, M, 3)
        NaN where missing.

    Returns
    -------
    rotation : ndarray, shape (T, 3, 3)
    origin_m : ndarray, shape (T, 3)
        A template point `p` is seen at `rotation @ p + origin_m`. NaN where fewer than three markers, or only markers
        near one line, are seen.
    """
    seen = ~np.isnan(points_m[..., 0]) & ~np.isnan(template_m[:, 0])
    count = np.maximum(seen.sum(axis=1), 1)[:, None]
    weight = seen[..., None].astype(float)
    template = np.nan_to_num(template_m)
    points = np.nan_to_num(points_m)
    template_mean = (weight * template).sum(axis=1) / count
    points_mean = (weight * points).sum(axis=1) / count
    centred_template = weight * (template - template_mean[:, None])
    centred_points = weight * (points - points_mean[:, None])
    u, spread, vt = np.linalg.svd(np.einsum("tmi,tmj->tij", centred_template, centred_points))
    handed = np.sign(np.linalg.det(np.swapaxes(vt, 1, 2) @ np.swapaxes(u, 1, 2)))
    vt[:, 2] *= handed[:, None]
    rotation = np.swapaxes(vt, 1, 2) @ np.swapaxes(u, 1, 2)
    loose = (seen.sum(axis=1) < 3) | (spread[:, 1] < _MIN_SPREAD_M**2)
    rotation[loose] = np.nan
    return rotation, points_mean - np.einsum("tij,tj->ti", rotation, template_mean)


def spans_plane(template_m: np.ndarray) -> bool:
    """Whether three markers of a template or more have places that are not on one line, as `fit_rigid` needs."""
    known = template_m[~np.isnan(template_m[:, 0])]
    if len(known) < 3:
        return False
    spread = np.linalg.svd(known - known.mean(axis=0), compute_uv=False)
    return bool(spread[1] > _MIN_SPREAD_M)


def fit_upright(template_m: np.ndarray, points_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pose of a template whose markers are on one line, by it and the vertical: there is no roll about the line.

    Parameters and returns are those of `fit_rigid`. The two markers farthest apart count; the pose is NaN in frames
    that lack one of them, and where their line is upright.
    """
    known = np.flatnonzero(~np.isnan(template_m[:, 0]))
    if len(known) < 2:
        return np.full((len(points_m), 3, 3), np.nan), np.full((len(points_m), 3), np.nan)
    distances = pair_distances_m(template_m[known])
    pair = known[list(np.unravel_index(np.argmax(distances), distances.shape))]
    return fit_rigid(_with_vertical(template_m[None, pair])[0], _with_vertical(points_m[:, pair]))


def _with_vertical(pair_m: np.ndarray) -> np.ndarray:
    """Two points, (T, 2, 3), with a third one above the first, perpendicular to their line: (T, 3, 3)."""
    along = pair_m[:, 1] - pair_m[:, 0]
    along = along / np.linalg.norm(along, axis=1, keepdims=True)
    above = np.array([0.0, 1.0, 0.0]) - along[:, 1:2] * along
    length = np.linalg.norm(above, axis=1, keepdims=True)
    above = np.where(length > _UPRIGHT_MIN, above / np.maximum(length, _UPRIGHT_MIN), np.nan)
    return np.concatenate((pair_m, (pair_m[:, 0] + 0.1 * above)[:, None]), axis=1)


def place(template_m: np.ndarray, rotation: np.ndarray, origin_m: np.ndarray) -> np.ndarray:
    """Template points, shape (M, 3), carried into every frame: shape (T, M, 3)."""
    return np.einsum("tij,mj->tmi", rotation, template_m) + origin_m[:, None]


def pair_distances_m(points_m: np.ndarray) -> np.ndarray:
    """Distances between all pairs of points: (..., M, 3) to (..., M, M)."""
    return np.linalg.norm(points_m[..., :, None, :] - points_m[..., None, :, :], axis=-1)


def median_over_frames(values: np.ndarray, frames_min: int = 1) -> np.ndarray:
    """Median over axis 0 that ignores NaN; NaN where fewer than `frames_min` values are left."""
    count = (~np.isnan(values)).sum(axis=0)
    # NaN sorts to the end. (numpy's nanmedian is ten times slower on many short columns.)
    ordered = np.sort(values, axis=0)
    last = np.maximum(count - 1, 0)
    middle = [np.take_along_axis(ordered, ((last + odd) // 2)[None], axis=0)[0] for odd in (0, 1)]
    return np.where(count >= max(frames_min, 1), (middle[0] + middle[1]) / 2, np.nan)
