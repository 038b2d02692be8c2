"""Missing samples: finding them, and filling the gaps that are short enough."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

import numpy as np
from scipy.interpolate import CubicSpline

from gaitload.ingest.rigid import fit_rigid, place
from gaitload.signals.runs import true_runs
from gaitload.trial import Recording

SPLINE_SHARE = 1 / 3
"""A gap that only a spline can fill may be this share as long. On running feet a spline errs by up to 160 mm over 0.2 s
(carried along with the segment: 11 mm) and by up to 20 mm over a third of that (95th percentiles)."""
_SPLINE_SAMPLES = 6
"""Seen samples on either side of a gap that a spline goes through."""


@dataclass(frozen=True)
class GapRecord:
    """What was missing of one marker.

    Attributes
    ----------
    marker : str
    missing_share : float
        Of all frames, before filling.
    longest_gap_s : float
    filled : int
        Frames filled.
    left : int
        Frames still missing.
    """

    marker: str
    missing_share: float
    longest_gap_s: float
    filled: int
    left: int

    def as_dict(self) -> dict:
        """For quality files."""
        return asdict(self)


def zeros_to_missing(position_m: np.ndarray) -> np.ndarray:
    """NaN where a marker, shape (T, M, 3), lies at exactly 0 0 0: that is how many systems write a gap."""
    return np.where((position_m == 0.0).all(axis=-1, keepdims=True), np.nan, position_m)


def without_unseen(recording: Recording) -> Recording:
    """The recording without trajectories that are missing from beginning to end."""
    seen = np.flatnonzero(~np.isnan(recording.marker_lab_m[..., 0]).all(axis=0))
    names = tuple(recording.marker_names[column] for column in seen)
    return replace(recording, marker_names=names, marker_lab_m=recording.marker_lab_m[:, seen])


def fill_gaps(
    position_m: np.ndarray,
    names: tuple[str, ...],
    segments: dict[str, tuple[str, ...]],
    rate_hz: float,
    *,
    gap_max_s: float,
) -> tuple[np.ndarray, list[GapRecord]]:
    """Fill gaps of up to `gap_max_s`; longer ones stay missing.

    Where three other markers of the segment are seen from one edge of the gap to the other, the marker is carried along
    with them from both edges, the two results blended linearly: it then moves with its segment and joins its samples
    without a step. That also works at the beginning and the end of a trial, from one edge. Otherwise a cubic spline
    through the marker's own samples is taken, for gaps up to `SPLINE_SHARE` of that.

    Parameters
    ----------
    position_m : ndarray, shape (T, M, 3)
        NaN where missing.
    names : tuple of str
        Length M.
    segments : dict of tuple of str
        Marker names by rigid segment.
    rate_hz : float
    gap_max_s : float
        Larger carries soft-tissue error and, where a spline has to do, invention further into the gap.

    Returns
    -------
    position_m : ndarray, shape (T, M, 3)
        A copy.
    records : list of GapRecord
        Of the markers that miss samples.
    """
    missing = np.isnan(position_m[..., 0])
    neighbours = {
        name: [names.index(other) for other in members if other in names and other != name]
        for members in segments.values()
        for name in members
    }
    filled = position_m.copy()
    records = []
    for column in np.flatnonzero(missing.any(axis=0)):
        gaps = true_runs(missing[:, column])
        others = position_m[:, neighbours.get(names[column], [])]
        for gap in gaps:
            length_s = (gap.stop - gap.start) / rate_hz
            if length_s <= gap_max_s:
                filled[gap, column] = _carried_from_edges(position_m[:, column], others, gap.start, gap.stop)
            if length_s <= SPLINE_SHARE * gap_max_s and np.isnan(filled[gap, column]).any():
                filled[gap, column] = _spline(position_m[:, column], gap.start, gap.stop)
        left = int(np.isnan(filled[:, column, 0]).sum())
        lost = int(missing[:, column].sum())
        longest_s = max(gap.stop - gap.start for gap in gaps) / rate_hz
        records.append(GapRecord(names[column], lost / len(missing), longest_s, lost - left, left))
    return filled, records


def _carried_from_edges(marker_m: np.ndarray, others_m: np.ndarray, start: int, end: int) -> np.ndarray:
    edges = [frame for frame in (start - 1, end) if 0 <= frame < len(marker_m)]
    steady = ~np.isnan(others_m[max(start - 1, 0) : end + 1, :, 0]).any(axis=0)
    carried = [_carried(marker_m[edge], others_m[edge, steady], others_m[start:end, steady]) for edge in edges]
    if len(carried) < 2:
        return carried[0] if carried else np.full((end - start, 3), np.nan)
    weight = (np.arange(start, end) - edges[0])[:, None] / (edges[1] - edges[0])
    return (1 - weight) * carried[0] + weight * carried[1]


def _spline(marker_m: np.ndarray, start: int, end: int) -> np.ndarray:
    seen = np.flatnonzero(~np.isnan(marker_m[:, 0]))
    before, after = seen[seen < start][-_SPLINE_SAMPLES:], seen[seen >= end][:_SPLINE_SAMPLES]
    if min(len(before), len(after)) < 2:
        return np.full((end - start, 3), np.nan)
    knots = np.concatenate((before, after))
    return CubicSpline(knots, marker_m[knots])(np.arange(start, end))


def _carried(marker_m: np.ndarray, shape_m: np.ndarray, others_m: np.ndarray) -> np.ndarray:
    """A point of a segment, seen at (3,) when the others were at `shape_m`, carried along with them: (t, 3)."""
    if len(shape_m) < 3:
        return np.full((len(others_m), 3), np.nan)
    return place(marker_m[None], *fit_rigid(shape_m, others_m))[:, 0]
