"""Rigid segments of a trial, each with the assignments of trajectories that fit its static shape."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gaitload.conventions import SIDES
from gaitload.ingest.relabel import TURN_MAX_DEG, Option, evaluate, options
from gaitload.models.markersets import MarkerSet

STRANGERS_MAX = 8
"""Trajectories with names the marker set does not know that are tried; the most visible ones."""
SHOULDER_FACTOR = 4.0
"""Acromion markers ride on the shoulder girdle: lowering the arms moves them by 60 mm against the trunk."""
SIDE_MARGIN_M = 0.03
"""The right thigh, shank or foot counts as lying on the left when it does by more than this, on average."""
_SIDED = ("femur", "tibia", "foot")
_UPRIGHT = ("pelvis", *_SIDED)


@dataclass(frozen=True)
class Segment:
    """A segment of at least three markers.

    Attributes
    ----------
    name : str
    markers : tuple of str
        Length K: those of the static trial that the trial has or should have.
    shape_m : ndarray, shape (K, 3)
        Their static places.
    by_name : Option
        The assignment by name.
    ties : tuple of Option
        The assignments as good as the best; the one by name first when it is among them.
    tolerance_m, turn_max_deg : float
        See `relabel.evaluate`.
    """

    name: str
    markers: tuple[str, ...]
    shape_m: np.ndarray
    by_name: Option
    ties: tuple[Option, ...]
    tolerance_m: float
    turn_max_deg: float

    @property
    def own(self) -> tuple[int, ...]:
        """Trajectories that belong to the segment by name."""
        return tuple(column for column in self.by_name.columns if column is not None)

    @property
    def doubtful(self) -> set[int]:
        """Own trajectories that lie off their place, and those that the best assignment does without."""
        pairs = zip(self.by_name.columns, self.by_name.error_m, strict=True)
        off = {column for column, error in pairs if column is not None and error > self.tolerance_m}
        return off | (set(self.own) - set(self.ties[0].columns))


def examine(
    marker_set: MarkerSet,
    places_m: dict[str, np.ndarray],
    names: tuple[str, ...],
    position_m: np.ndarray,
    tolerance_m: float,
) -> dict[str, Segment]:
    """Find the assignments that fit, segment by segment.

    First among a segment's own trajectories and strangers; then, where a marker is missing or lies off its place, among
    what does not fit elsewhere; and, where left and right lie the wrong way round, among those of the other side.

    Parameters
    ----------
    marker_set : MarkerSet
    places_m : dict of ndarray, shape (3,)
        Static places by marker.
    names : tuple of str
        Length M.
    position_m : ndarray, shape (T, M, 3)
        A sample of the trial's frames; ground frame, person facing +X.
    tolerance_m : float

    Returns
    -------
    dict of Segment
        By name.
    """
    strangers = _strangers(position_m, names, marker_set)
    segments = {}
    for name, members in marker_set.segments.items():
        found = sum(marker in names and marker in places_m for marker in members)
        if found >= 2 and found + len(strangers) >= 3:
            segment = _by_name(name, members, marker_set, places_m, names, position_m, tolerance_m)
            segments[name] = _searched(segment, position_m, (*segment.own, *strangers))
    segments |= _across(segments, position_m, strangers)
    return segments | _exchanged(segments, position_m)


def tolerance_of(segment_markers: tuple[str, ...], marker_set: MarkerSet, tolerance_m: float) -> float:
    """The tolerance for a segment, wider where the shoulder girdle moves."""
    landmarks = [marker_set.by_name[marker].landmark or "" for marker in segment_markers]
    return tolerance_m * (SHOULDER_FACTOR if any(name.startswith("acromion") for name in landmarks) else 1.0)


def _strangers(position_m, names, marker_set) -> tuple[int, ...]:
    seen = (~np.isnan(position_m[..., 0])).mean(axis=0)
    unknown = [column for column, name in enumerate(names) if name not in marker_set.by_name and seen[column] > 0]
    return tuple(sorted(unknown, key=lambda column: -seen[column])[:STRANGERS_MAX])


def _by_name(name, members, marker_set, places_m, names, position_m, tolerance_m) -> Segment:
    markers = tuple(
        marker
        for marker in members
        if marker in places_m and (marker in names or marker_set.by_name[marker].ik_weight > 0)
    )
    tolerance = tolerance_of(markers, marker_set, tolerance_m)
    shape = np.array([places_m[marker] for marker in markers])
    columns = tuple(names.index(marker) if marker in names else None for marker in markers)
    turn_max_deg = TURN_MAX_DEG if name.partition("_")[0] in _UPRIGHT else 180.0
    option = evaluate(shape, position_m, columns, tolerance, turn_max_deg=turn_max_deg)
    return Segment(name, markers, shape, option, (option,), tolerance, turn_max_deg)


def _searched(segment: Segment, position_m: np.ndarray, pool: tuple[int, ...]) -> Segment:
    found = options(
        segment.shape_m,
        position_m,
        segment.by_name.columns,
        pool,
        segment.tolerance_m,
        turn_max_deg=segment.turn_max_deg,
    )
    ties = [option for option in found if option.cost_m <= found[0].cost_m + segment.tolerance_m / 2]
    return replace(segment, ties=tuple(sorted(ties, key=lambda tie: tie.columns != segment.by_name.columns)))


def _across(segments: dict[str, Segment], position_m, strangers) -> dict[str, Segment]:
    doubtful = {name: segment.doubtful for name, segment in segments.items()}
    result = {}
    for name, segment in segments.items():
        foreign = [column for other, columns in doubtful.items() if other != name for column in sorted(columns)]
        if foreign and (None in segment.ties[0].columns or doubtful[name]):
            result[name] = _searched(segment, position_m, (*segment.own, *strangers, *foreign))
    return result


def _exchanged(segments: dict[str, Segment], position_m) -> dict[str, Segment]:
    result = {}
    for name in _SIDED:
        pair = [segments.get(f"{name}_{side}") for side in SIDES]
        if None in pair or _lateral_m(pair[0], position_m) - _lateral_m(pair[1], position_m) > -SIDE_MARGIN_M:
            continue
        crossed = [_searched(segment, position_m, other.own) for segment, other in zip(pair, pair[::-1], strict=True)]
        fitting = [tuple(option for option in segment.ties if _fits(segment, option)) for segment in crossed]
        if all(fitting):
            result |= {s.name: replace(s, ties=ties) for s, ties in zip(crossed, fitting, strict=True)}
    return result


def _lateral_m(segment: Segment, position_m: np.ndarray) -> float:
    return float(np.nanmedian(position_m[:, list(segment.own), 2]))


def _fits(segment: Segment, option: Option) -> bool:
    foreign = not set(option.columns) & set(segment.own)
    return foreign and None not in option.columns and bool((option.error_m <= segment.tolerance_m).all())
