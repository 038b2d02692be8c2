"""The centre of pressure under the sole over whole stances: where plates are declared off their place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

import numpy as np

from gaitload.conventions import LATERAL_SIGN, SIDES
from gaitload.ingest.outline import Feet
from gaitload.ingest.sole import HEADS_OUTWARD_SHARE, HEADS_SHARE, OUTWARD_SHARES_OF_HEADS, SHARES_OF_HEADS
from gaitload.models.markersets import MarkerSet
from gaitload.signals.plates import center_of_pressure
from gaitload.trial import FootForces, Markers, Step

STANCE_MIN_S = 0.1
LATE = 0.8
"""Share of the stance at which the pressure lies under the forefoot, of walkers and runners, heel strikers or not."""
MIDDLE = (0.3, 0.5, 0.7)
"""Shares of the stance over which the side of the pressure is averaged."""
OVER_HEADS = (0.6, 0.7, 0.8)
"""Shares of the stance over which the pressure lies under the metatarsal heads, of twelve runners within 20 mm."""


@dataclass(frozen=True)
class Pressure:
    """Where the centre of pressure lies on the soles; NaN where there is no whole stance.

    Attributes
    ----------
    forefoot : float
        At `LATE` of the stance, from the heel (0) to the tip of the shoe (1), median over the stances of both feet.
    forefoot_m : float
        The same as a distance from the heel (m).
    to_the_right_m : float
        Shift of the pressure to the right that both feet share, median over stances: half the difference of the
        distances outwards from the middle of the soles. Outlines that are too wide or narrow do not enter.
    path_m : float
        Standard deviation of the centre of pressure along the walk under load, median over the stances.
    ahead_of_heads_m : float
        Distance of the pressure ahead of the metatarsal heads, mean over `OVER_HEADS`, median over the stances.
    """

    forefoot: float
    forefoot_m: float
    to_the_right_m: float
    path_m: float
    ahead_of_heads_m: float

    def as_dict(self) -> dict:
        """For quality files."""
        return asdict(self)


def measure_pressure(
    forces: FootForces, feet: Feet, steps: Iterable[Step], markers: Markers, marker_set: MarkerSet
) -> Pressure:
    """Follow the centre of pressure over the soles.

    Parameters
    ----------
    forces : FootForces
    feet : Feet
    steps : iterable of Step
        Those that are cut off by an end of the recording, or that belong to nobody, are left out.
    markers : Markers
    marker_set : MarkerSet
    """
    steps = [step for step in steps if step.side and step.whole and step.end_s - step.start_s >= STANCE_MIN_S]
    share, ahead, aside, path, heads = [], [], {side: [] for side in SIDES}, [], []
    for side in SIDES:
        force, moment, contact = forces.side(side)
        pressure, _ = center_of_pressure(force, moment, forces.surface_height_m)
        sole = _Sole(feet, SIDES.index(side))
        heads_m = metatarsal_heads_m(markers, marker_set, feet, side)
        for step in (step for step in steps if step.side == side):
            at_s = step.start_s + np.array((LATE, *MIDDLE)) * (step.end_s - step.start_s)
            place = _at(at_s, forces.time_s, np.where(contact[:, None], pressure, np.nan)[:, [0, 2]])
            along, outward, length = sole.coordinates(at_s, place)
            share.append(along[0] / length)
            ahead.append(along[0])
            aside[side].append(np.mean(outward[1:]))
            first, last = np.searchsorted(forces.time_s, (step.start_s, step.end_s))
            loaded = force[first:last, 1] > 0.25 * step.peak_n
            path.append(np.std(pressure[first:last, 0][loaded]))
            over_s = step.start_s + np.array(OVER_HEADS) * (step.end_s - step.start_s)
            ahead_m = _at(over_s, forces.time_s, pressure[:, :1]) - _at(over_s, markers.time_s, heads_m)
            heads.append(ahead_m.mean())
    sides = [_median(aside[side]) * LATERAL_SIGN[side] for side in SIDES]
    return Pressure(_median(share), _median(ahead), float(np.mean(sides)), _median(path), _median(heads))


def metatarsal_heads_m(markers: Markers, marker_set: MarkerSet, feet: Feet, side: str) -> np.ndarray:
    """Middle of the metatarsal heads along the walk, shape (T, 1); NaN without a marker on one of them.

    A single head lies behind or ahead of the middle, and beside it, by shares of the sole: on a foot that is turned
    outwards the inner head is ahead.
    """
    found = {head: marker_set.landmark(f"{head}_{side}") for head in SHARES_OF_HEADS}
    found = {head: markers.of(name)[:, :1] for head, name in found.items() if name in markers.names}
    if "mt1" in found and "mt5" in found:
        found = {head: found[head] for head in ("mt1", "mt5")}
    if not found:
        return np.full((len(markers.time_s), 1), np.nan)
    ahead = HEADS_SHARE - np.mean([SHARES_OF_HEADS[head] for head in found])
    outward = HEADS_OUTWARD_SHARE - np.mean([OUTWARD_SHARES_OF_HEADS[head] for head in found])
    to_middle_m = _Sole(feet, SIDES.index(side)).along_the_walk(markers.time_s, ahead, outward)
    return np.mean(list(found.values()), axis=0) + to_middle_m


class _Sole:
    """Axes of one sole in every frame, from its outline."""

    def __init__(self, feet: Feet, number: int) -> None:
        outer_heel, outer_ball, outer_tip, inner_tip, inner_ball, inner_heel = np.moveaxis(
            feet.outline_m[:, number], 1, 0
        )
        self._time_s = feet.time_s
        self._heel = (outer_heel + inner_heel) / 2
        forward = (outer_ball + inner_ball) / 2 - self._heel
        self.length_m = float(_median(np.linalg.norm((outer_tip + inner_tip) / 2 - self._heel, axis=1)))
        self._forward = forward / np.linalg.norm(forward, axis=1, keepdims=True)
        # Seen from above with X ahead and Z to the right, right of forward (x, z) is (-z, x).
        self._outward = LATERAL_SIGN[SIDES[number]] * np.stack((-self._forward[:, 1], self._forward[:, 0]), axis=1)

    def along_the_walk(self, at_s: np.ndarray, ahead: float, outward: float) -> np.ndarray:
        """Way along the walk (m), shape (n, 1), of two ways on the sole that are shares of its length."""
        forward, aside = (_at(at_s, self._time_s, values[:, :1]) for values in (self._forward, self._outward))
        return (ahead * forward + outward * aside) * self.length_m

    def coordinates(self, at_s: np.ndarray, place_m: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
        """Distances ahead of the heel and outwards of points, each of shape (n,), and the length of the sole."""
        heel, forward, outward = (
            _at(at_s, self._time_s, values) for values in (self._heel, self._forward, self._outward)
        )
        away = place_m - heel
        return (away * forward).sum(axis=1), (away * outward).sum(axis=1), self.length_m


def _at(at_s: np.ndarray, time_s: np.ndarray, values: np.ndarray) -> np.ndarray:
    return np.stack([np.interp(at_s, time_s, column, np.nan, np.nan) for column in values.T], axis=1)


def _median(values) -> float:
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    return float(np.median(known)) if len(known) else float("nan")
