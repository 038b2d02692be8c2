"""Where the soles are, and whether they are on the floor, by the markers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import minimum_filter1d

from gaitload.conventions import SIDES, sampling_rate_hz
from gaitload.ingest.glitches import typical_shape
from gaitload.ingest.rigid import fit_rigid, fit_upright, place, spans_plane
from gaitload.ingest.sole import LANDMARKS_OF_SOLE, sole_of
from gaitload.models.markersets import MarkerSet
from gaitload.signals.contact import without_short
from gaitload.trial import Markers

DOWN_HEIGHT_M = 0.03
DOWN_SPEED_M_PER_S = 1.0
"""A foot is down while one of its markers is lower than that above its lowest and slower than that against the floor.
That agrees with the force plate in 92-99 % of all frames (36 trials of treadmill running at 2.5-4.5 m/s)."""
LOWEST_WITHIN_S = 0.5
"""Where no plate says that the floor is level, a marker's lowest is that within so much before and after: a vertical
that is 3 deg off raises the floor by 30 mm a step. Shorter takes a long swing for a stance; longer is another step. On
level floors both ways agree."""
_DOWN_MIN_S = 0.03


@dataclass(frozen=True)
class Feet:
    """Both feet in every marker frame; axis 1 runs over `SIDES`.

    Attributes
    ----------
    time_s : ndarray, shape (T,)
    outline_m : ndarray, shape (T, 2, 6, 2)
        Corners of the soles seen from above, ground X and Z; NaN where the foot is not seen.
    down : ndarray of bool, shape (T, 2)
        On the floor, by height and speed of the markers.
    belt_m_per_s : float
        Speed at which the floor moves backwards; 0 overground.
    """

    time_s: np.ndarray
    outline_m: np.ndarray
    down: np.ndarray
    belt_m_per_s: float

    @property
    def rate_hz(self) -> float:
        """Frame rate (Hz), from the mean interval."""
        return sampling_rate_hz(self.time_s)


def track_feet(
    markers: Markers,
    marker_set: MarkerSet,
    places_m: dict[str, np.ndarray] | None,
    *,
    treadmill: bool,
    level_floor: bool = True,
) -> Feet:
    """Follow both soles through a trial.

    The shape of a foot is that of the static trial, so that a marker missing in the trial does not narrow the sole.

    Parameters
    ----------
    markers : Markers
    marker_set : MarkerSet
    places_m : dict of ndarray, shape (3,), or None
        Static places by marker; None takes the trial's most typical shape.
    treadmill : bool
        True estimates the speed of the belt from the feet.
    level_floor : bool
        False where no plate says so, see `LOWEST_WITHIN_S`.

    Returns
    -------
    Feet
    """
    names = [[name for name in marker_set.foot(side) if name in markers.names] for side in SIDES]
    points = [markers.position_ground_m[:, [markers.names.index(name) for name in found]] for found in names]
    belt = _belt_m_per_s(points, markers.rate_hz) if treadmill else 0.0
    outline = [
        _outline(side, found, foot, marker_set, places_m)
        for side, found, foot in zip(SIDES, names, points, strict=True)
    ]
    down = [_down(foot, markers.rate_hz, belt, level_floor) for foot in points]
    return Feet(markers.time_s, np.stack(outline, axis=1), np.stack(down, axis=1), belt)


def outside_m(point_m: np.ndarray, outline_m: np.ndarray) -> np.ndarray:
    """Distance of points from polygons, negative inside.

    Parameters
    ----------
    point_m : ndarray, shape (T, 2)
    outline_m : ndarray, shape (T, P, 2)
        Corners in order.

    Returns
    -------
    ndarray, shape (T,)
        NaN where either is.
    """
    start, end = outline_m, np.roll(outline_m, -1, axis=1)
    edge, to_point = end - start, point_m[:, None] - start
    with np.errstate(invalid="ignore", divide="ignore"):
        along = np.clip((to_point * edge).sum(axis=2) / (edge**2).sum(axis=2), 0.0, 1.0)
        distance = np.linalg.norm(to_point - along[..., None] * edge, axis=2).min(axis=1)
        level = point_m[:, None, 1]
        crosses = (start[..., 1] > level) != (end[..., 1] > level)
        where = start[..., 0] + (level - start[..., 1]) / edge[..., 1] * edge[..., 0]
        inside = (crosses & (point_m[:, None, 0] < where)).sum(axis=1) % 2 == 1
    return np.where(inside, -distance, distance)


def _outline(side, names, points_m, marker_set, places_m) -> np.ndarray:
    typical = dict(zip(names, typical_shape(_low_frames(points_m)), strict=True)) if names else {}
    places = (
        typical if places_m is None else {name: places_m[name] for name in marker_set.foot(side) if name in places_m}
    )
    found = {
        landmark: places[name]
        for landmark in LANDMARKS_OF_SOLE
        if (name := marker_set.landmark(f"{landmark}_{side}")) in places
    }
    corners = sole_of(side, found, min((place[1] for place in places.values()), default=0.0))
    if corners is None or not names:
        return np.full((len(points_m), 6, 2), np.nan)
    shape = np.array([places.get(name, np.full(3, np.nan)) for name in names])
    sole, ahead_m = corners
    fit = fit_rigid if spans_plane(shape) else fit_upright
    placed = place(sole, *fit(shape, points_m))[..., [0, 2]]
    # Toes stay flat while the heel rises: they are laid on along the foot as seen from above, not tilted with it.
    forward = placed[:, [1, 2]].mean(axis=1) - placed[:, [0, 3]].mean(axis=1)
    forward /= np.linalg.norm(forward, axis=1, keepdims=True)
    tips = placed[:, [1, 2]] + ahead_m[:, None] * forward[:, None]
    return np.concatenate((placed[:, :2], tips, placed[:, 2:]), axis=1)


def _low_frames(points_m: np.ndarray) -> np.ndarray:
    """The lowest tenth of the frames, in which the foot is flat on the floor rather than pointing at it.

    Frames that lack a marker count as high.
    """
    height = np.where(np.isnan(points_m[..., 1]), np.inf, points_m[..., 1]).max(axis=1)
    return points_m[np.argsort(height)[: max(len(height) // 10, 1)]]


def _lowest(points_m: np.ndarray) -> np.ndarray:
    """Height of each marker above its own lowest (5th percentile), shape (T, K)."""
    return points_m[..., 1] - np.nanpercentile(points_m[..., 1], 5, axis=0)


def _belt_m_per_s(points_m: list[np.ndarray], rate_hz: float) -> float:
    """Median backward speed of markers near their lowest, most of which stand on the belt; 0 without markers."""
    speeds = [-np.gradient(foot[..., 0], axis=0)[_lowest(foot) < DOWN_HEIGHT_M / 3] * rate_hz for foot in points_m]
    known = np.concatenate(speeds)
    known = known[~np.isnan(known)]
    return float(np.median(known)) if len(known) else 0.0


def _above_recent(points_m: np.ndarray, rate_hz: float) -> np.ndarray:
    """Height of each marker above its lowest within `LOWEST_WITHIN_S`, shape (T, K)."""
    seen = np.isfinite(points_m[..., 1])
    height = np.where(seen, points_m[..., 1], np.inf)
    if not height.size:
        return height
    lowest = minimum_filter1d(height, 2 * round(LOWEST_WITHIN_S * rate_hz) + 1, axis=0, mode="nearest")
    return np.subtract(height, lowest, out=np.full_like(height, np.inf), where=seen)


def _down(points_m: np.ndarray, rate_hz: float, belt_m_per_s: float, level_floor: bool) -> np.ndarray:
    velocity = np.gradient(points_m, axis=0) * rate_hz + np.array([belt_m_per_s, 0.0, 0.0])
    still = np.linalg.norm(velocity, axis=2) < DOWN_SPEED_M_PER_S
    height = _lowest(points_m) if level_floor else _above_recent(points_m, rate_hz)
    return without_short((still & (height < DOWN_HEIGHT_M)).any(axis=1), _DOWN_MIN_S * rate_hz)
