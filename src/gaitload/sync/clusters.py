"""How a segment turned by the markers on it alone: rigid clusters, without a joint between them."""

from __future__ import annotations

import numpy as np

from gaitload.errors import DataError
from gaitload.sync.quaternions import from_matrix, wahba

MARKERS_MIN = 3
"""Fewest markers that fix an orientation."""
_WIDTH_MIN_M = 0.01
"""Narrowest cluster that fixes one: markers on a line leave the turn about it open. Smaller: noise of a millimetre
turns a segment by 6 degrees and more; larger: feet with markers along one edge are lost."""


def cluster_orientations(places_ground_m: np.ndarray, shape_body_m: np.ndarray, *, where: str) -> np.ndarray:
    """Orientation of a rigid cluster in every frame, by least squares over the markers seen (Kabsch 1976).

    Parameters
    ----------
    places_ground_m : ndarray, shape (T, M, 3)
        Markers of one segment; NaN where not seen.
    shape_body_m : ndarray, shape (M, 3)
        Where they are on it, in the segment's frame.
    where : str
        For messages.

    Returns
    -------
    ndarray, shape (T, 4)
        Unit quaternions, segment to ground; NaN in frames with fewer than three markers, or three on a line.

    Raises
    ------
    DataError
        SEGMENT_MARKERS_FEW: too few markers, or all on a line.
    """
    few = len(shape_body_m) < MARKERS_MIN
    if few or _width_m(shape_body_m) < _WIDTH_MIN_M:
        raise DataError(
            expected=f"at least {MARKERS_MIN} markers on a segment, not on a line",
            found=f"{len(shape_body_m)}" + ("" if few else " on a line"),
            where=where,
            do="Choose sync.segments: angles, or leave this sensor out of imu_files.",
            code="SEGMENT_MARKERS_FEW",
        )
    seen = np.isfinite(places_ground_m).all(axis=2)
    known = _fixed(seen, shape_body_m)
    share = seen[known] / seen[known].sum(axis=1, keepdims=True)
    places = np.where(seen[known, :, None], places_ground_m[known], 0.0)
    there = places - np.einsum("tm,tmk->tk", share, places)[:, None]
    here = shape_body_m - (share @ shape_body_m)[:, None]
    orientation = np.full((len(seen), 4), np.nan)
    orientation[known] = from_matrix(wahba(np.einsum("tm,tmi,tmj->tij", share, there, here)))
    return orientation


def _fixed(seen: np.ndarray, shape_body_m: np.ndarray) -> np.ndarray:
    """True in frames in which the markers seen fix an orientation; shape (T,)."""
    patterns, frames = np.unique(seen, axis=0, return_inverse=True)
    enough = [pattern.sum() >= MARKERS_MIN and _width_m(shape_body_m[pattern]) >= _WIDTH_MIN_M for pattern in patterns]
    return np.array(enough, dtype=bool)[frames.ravel()]


def _width_m(places_m: np.ndarray) -> float:
    """Root mean square spread of markers, shape (M, 3), across the line that fits them best."""
    return float(np.linalg.svd(places_m - places_m.mean(axis=0), compute_uv=False)[1] / np.sqrt(len(places_m)))
