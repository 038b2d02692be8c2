"""Whether feet that stand on a plate are as high above it as feet that stand in the static trial."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

import numpy as np

from gaitload.conventions import SIDES
from gaitload.models.markersets import MarkerSet
from gaitload.trial import Markers, Step

FLAT = (0.25, 0.5)
"""Share of the stance in which the whole foot stands on the floor."""
STATIC_LOWEST_M = (0.008, 0.06)
"""Height of the lowest marker of a foot above the floor in a static trial whose floor is that of the laboratory."""


@dataclass(frozen=True)
class Floor:
    """Heights of the markers of standing feet (m); NaN where there is no stance.

    Attributes
    ----------
    lowest_m : float
        Height of the lowest marker of the foot above the surface of the plates, median over stances.
    above_static_m : float
        Height of the markers of the foot above their height in the static trial, median over markers and stances. NaN
        where the static trial has another floor.
    """

    lowest_m: float
    above_static_m: float

    def as_dict(self) -> dict:
        """For quality files."""
        return asdict(self)


def measure_floor(
    markers: Markers,
    marker_set: MarkerSet,
    places_m: Mapping[str, np.ndarray],
    steps: Iterable[Step],
    surface_height_m: float,
) -> Floor:
    """Heights of the feet in the middle of their stances.

    Parameters
    ----------
    markers : Markers
    marker_set : MarkerSet
    places_m : mapping of str to ndarray, shape (3,)
        Static places by marker; empty without a static trial.
    steps : iterable of Step
    surface_height_m : float
        Height of the surface of the plates.
    """
    lowest, above = [], []
    known = [step for step in steps if step.side in SIDES and step.whole]
    for step in known:
        names = [name for name in marker_set.foot(step.side) if name in markers.names]
        edges_s = (step.start_s + share * (step.end_s - step.start_s) for share in FLAT)
        first, last = np.searchsorted(markers.time_s, list(edges_s))
        heights = {name: float(np.median(markers.of(name)[first:last, 1])) for name in names} if last > first else {}
        heights = {name: height for name, height in heights.items() if np.isfinite(height)}
        if heights:
            lowest.append(min(heights.values()) - surface_height_m)
        static = {name: float(places_m[name][1]) for name in heights if name in places_m}
        if static and STATIC_LOWEST_M[0] <= min(static.values()) <= STATIC_LOWEST_M[1]:
            above.append(float(np.median([heights[name] - static[name] for name in static])))
    return Floor(*(float(np.median(found)) if found else float("nan") for found in (lowest, above)))
