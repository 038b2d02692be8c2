"""Is the body of a trial that of its static trial? And do its markers stay where they were stuck?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

import numpy as np

from gaitload.ingest.glitches import typical_shape
from gaitload.ingest.labelling import sampled
from gaitload.ingest.rigid import fit_rigid, median_over_frames, pair_distances_m
from gaitload.models.markersets import MarkerSet
from gaitload.trial import Markers

LONG_M = 0.06
"""Distances shorter than this do not tell bodies apart."""
BEYOND_M = 0.003
"""What the static posture moves a marker by, beyond what motion does: none of 54 clean trials has more than 12 % of its
distances beyond this."""
_SEGMENTS = ("pelvis", "femur", "tibia", "foot")
STRIDES_MIN_S = 5.0
"""Thirds of a shorter trial show different parts of the gait."""
_FIRM = ("pelvis", "tibia", "foot")
_FRAMES_MIN = 10


@dataclass(frozen=True)
class Likeness:
    """Distances within the segments of a trial against those of its static trial; NaN without distances.

    Attributes
    ----------
    outside : float
        Share of the distances of at least `LONG_M` whose static value lies more than `BEYOND_M` outside of what the
        trial shows (10th to 90th percentile): skin that moves widens the range, another body leaves it.
    scale : float
        Median relative difference: what a calibration wand of the wrong length makes.
    spread : float
        Median size of what is left of the relative differences without the scale.
    segments_off : int
        Segments with such a distance.
    segments : int
    """

    outside: float
    scale: float
    spread: float
    segments_off: int
    segments: int

    def as_dict(self) -> dict:
        """For quality files."""
        return asdict(self)


def compare_bodies(markers: Markers, marker_set: MarkerSet, places_m: dict[str, np.ndarray]) -> Likeness:
    """Hold the segments of pelvis and legs against the static trial.

    Parameters
    ----------
    markers : Markers
    marker_set : MarkerSet
    places_m : dict of ndarray, shape (3,)
        Static places by marker.
    """
    relative, beyond, off, count = [], [], 0, 0
    for segment in marker_set.segments:
        names = [name for name in marker_set.rigid(segment) if name in markers.names and name in places_m]
        if segment.partition("_")[0] not in _SEGMENTS or len(names) < 2:
            continue
        points = sampled(markers.position_ground_m)[:, [markers.names.index(name) for name in names]]
        rows, columns = np.triu_indices(len(names), 1)
        distance = pair_distances_m(points)[:, rows, columns]
        static = pair_distances_m(np.array([places_m[name] for name in names]))[rows, columns]
        told = (~np.isnan(distance)).sum(axis=0) >= _FRAMES_MIN
        told &= static >= LONG_M
        if not told.any():
            continue
        low, high = np.nanpercentile(distance[:, told], (10, 90), axis=0)
        far = np.maximum(low - static[told], static[told] - high) > BEYOND_M
        count += 1
        off += bool(far.any())
        beyond += far.tolist()
        relative += (median_over_frames(distance[:, told]) / static[told] - 1).tolist()
    if not relative:
        return Likeness(np.nan, np.nan, np.nan, off, count)
    scale = float(np.median(relative))
    spread = float(np.median(np.abs(np.array(relative) - scale)))
    return Likeness(float(np.mean(beyond)), scale, spread, off, count)


def slides_m(markers: Markers, marker_set: MarkerSet) -> dict[str, float]:
    """How far each marker slid on its segment between the first and the last third of a trial.

    The larger of two measures: the median change of the distances to the others of the segment, and, on segments that
    keep their shape and over several strides, the change of the place that the others see. A slide across the distances
    shows in the second alone.

    Parameters
    ----------
    markers : Markers
    marker_set : MarkerSet

    Returns
    -------
    dict of float
        By marker, in segments of at least three (m); of short trials only those that keep their shape. One that slides
        stands out; it carries the others along by less than it moves.
    """
    count, found = len(markers.time_s), {}
    several = markers.time_s[-1] - markers.time_s[0] >= STRIDES_MIN_S
    for segment in marker_set.segments:
        names = [name for name in marker_set.rigid(segment) if name in markers.names]
        firm = segment.partition("_")[0] in _FIRM
        if len(names) < 3 or not (firm or several):
            continue
        points = markers.position_ground_m[:, [markers.names.index(name) for name in names]]
        thirds = points[: count // 3], points[-(count // 3) :]
        change = np.abs(np.subtract(*(median_over_frames(pair_distances_m(part), _FRAMES_MIN) for part in thirds)))
        np.fill_diagonal(change, np.nan)
        slid = median_over_frames(change)
        if len(names) >= 4 and several and firm:
            slid = np.fmax(slid, _moved_m(points, typical_shape(points)))
        found |= dict(zip(names, slid.tolist(), strict=True))
    return {name: value for name, value in found.items() if np.isfinite(value)}


def displaced_m(
    markers: Markers, marker_set: MarkerSet, places_m: Mapping[str, np.ndarray]
) -> dict[str, dict[str, float]]:
    """How far each marker lies from where the others of its segment see it in the static trial.

    A marker that moved across the distances of its segment, as one of a pelvis that slid down, changes none of them by
    much; the place that the others see does.

    Parameters
    ----------
    markers : Markers
    marker_set : MarkerSet
    places_m : mapping of str to ndarray, shape (3,)
        Static places by marker.

    Returns
    -------
    dict of dict of float
        Distance (m) by segment that keeps its shape and carries four markers or more, then by marker. A marker that
        moved raises the distances of the others, too; its own is the largest.
    """
    found = {}
    for segment in marker_set.segments:
        names = [name for name in marker_set.rigid(segment) if name in markers.names and name in places_m]
        if len(names) < 4 or segment.partition("_")[0] not in _FIRM:
            continue
        points = sampled(markers.position_ground_m)[:, [markers.names.index(name) for name in names]]
        shape = np.array([places_m[name] for name in names])
        apart = [median_over_frames(seen, _FRAMES_MIN) - shape[k] for k, seen in enumerate(_seen(points, shape))]
        known = dict(zip(names, map(float, np.linalg.norm(apart, axis=1)), strict=True))
        found[segment] = {name: value for name, value in known.items() if np.isfinite(value)}
    return {segment: known for segment, known in found.items() if known}


def _moved_m(points_m: np.ndarray, shape_m: np.ndarray) -> np.ndarray:
    """Distance between the median places of each marker, as the others see it, in the first and the last third."""
    third, moved = len(points_m) // 3, []
    for seen in _seen(points_m, shape_m):
        first, last = (median_over_frames(part, _FRAMES_MIN) for part in (seen[:third], seen[-third:]))
        moved.append(np.linalg.norm(last - first))
    return np.array(moved)


def _seen(points_m: np.ndarray, shape_m: np.ndarray) -> Iterator[np.ndarray]:
    """Places of each marker, shape (T, 3), in the frame in which the others fit a shape best."""
    for k in range(points_m.shape[1]):
        others = [j for j in range(points_m.shape[1]) if j != k]
        rotation, origin = fit_rigid(shape_m[others], points_m[:, others])
        yield np.einsum("tij,ti->tj", rotation, points_m[:, k] - origin)
