"""Which trajectory is which marker of a segment: a search over assignments, held against a static shape."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gaitload.ingest.rigid import fit_rigid, median_over_frames, pair_distances_m, place

PAIR_SLACK = 1.5
"""The search follows pairs of markers whose distance is off by up to this many tolerances; soft tissue over the pelvis
reaches 15 mm in fast running, a tolerance is 12 mm."""
TURN_MAX_DEG = 100.0
"""No part of a leg is turned from its static orientation by more than this most of the time (running: pelvis 15, thigh
35, shank 55, foot 65 deg on average), but flat segments fit their static shape upside down."""
UNASSIGNED = 1.25
"""What a marker without a trajectory costs, in tolerances. At 1 a renamed marker is not worth finding in a segment
whose others move a little (22 of the 26 markers of a published walk are found, at 1.25 all); more makes false finds
likelier."""
_SEARCH_MAX = 400
_FITTED_MAX = 24
_FRAMES_MIN = 5


@dataclass(frozen=True)
class Option:
    """One assignment of trajectories to the markers of a segment.

    Attributes
    ----------
    columns : tuple of (int or None)
        Trajectory of each marker of the segment; None when none is.
    error_m : ndarray, shape (K,)
        Per marker, median over frames of its distance from the static shape fitted to all of them; NaN without one.
    cost_m : float
        Sum of the errors, each cut off at two tolerances, and `UNASSIGNED` tolerances for each marker without a
        trajectory; everything counts as wrong when the segment would stand on its head.
    """

    columns: tuple[int | None, ...]
    error_m: np.ndarray
    cost_m: float


def evaluate(
    shape_m: np.ndarray,
    position_m: np.ndarray,
    columns: tuple[int | None, ...],
    tolerance_m: float,
    *,
    turn_max_deg: float = 180.0,
) -> Option:
    """Hold one assignment against the static shape.

    The fit is a proper rotation, so a mirrored assignment, whose distances may all be right, is not mistaken for the
    true one.

    Parameters
    ----------
    shape_m : ndarray, shape (K, 3)
        Static places of the segment's markers.
    position_m : ndarray, shape (T, M, 3)
        A sample of the trial's frames.
    columns : tuple of (int or None)
        Length K.
    tolerance_m : float
    turn_max_deg : float
        Median turn from the static orientation beyond which an assignment is wrong.

    Returns
    -------
    Option
    """
    chosen = points_of(position_m, columns)
    rotation, origin = fit_rigid(shape_m, chosen)
    fitted = place(shape_m, rotation, origin)
    error = median_over_frames(np.linalg.norm(fitted - chosen, axis=-1))
    assigned = np.array([column is not None for column in columns])
    # Seen, but never together with enough others to be judged: as good as unassigned.
    cost = np.where(assigned & ~np.isnan(error), np.minimum(error, 2 * tolerance_m), UNASSIGNED * tolerance_m)
    if _turn_deg(rotation) > turn_max_deg:
        cost = np.full(len(columns), 2 * tolerance_m)
    return Option(columns, error, float(cost.sum()))


def error_without_m(shape_m: np.ndarray, position_m: np.ndarray, columns: tuple[int | None, ...], marker: int) -> float:
    """How far a marker lies from where the others of its segment put it (median over frames, m).

    Its error in a fit that includes it is smaller, by what it pulls the fit along. NaN with fewer than three others.
    """
    others = tuple(None if k == marker else column for k, column in enumerate(columns))
    if sum(column is not None for column in others) < 3:
        return float("nan")
    predicted = place(shape_m[marker : marker + 1], *fit_rigid(shape_m, points_of(position_m, others)))[:, 0]
    return float(median_over_frames(np.linalg.norm(predicted - position_m[:, columns[marker]], axis=-1)))


def points_of(position_m: np.ndarray, columns: tuple[int | None, ...]) -> np.ndarray:
    """Trajectories in the order of the markers, shape (T, K, 3); NaN for markers without one."""
    points = np.full((len(position_m), len(columns), 3), np.nan)
    for marker, column in enumerate(columns):
        if column is not None:
            points[:, marker] = position_m[:, column]
    return points


def options(
    shape_m: np.ndarray,
    position_m: np.ndarray,
    identity: tuple[int | None, ...],
    pool: tuple[int, ...],
    tolerance_m: float,
    *,
    turn_max_deg: float = 180.0,
) -> list[Option]:
    """Assignments that agree with the static shape, best first; the one by name is always among them.

    Parameters
    ----------
    shape_m : ndarray, shape (K, 3)
    position_m : ndarray, shape (T, M, 3)
        A sample of the trial's frames.
    identity : tuple of (int or None)
        The assignment by name.
    pool : tuple of int
        Trajectories to choose from.
    tolerance_m, turn_max_deg : float
        See `evaluate`.

    Returns
    -------
    list of Option
    """
    static_distance = pair_distances_m(shape_m)
    distance = median_over_frames(pair_distances_m(position_m[:, list(pool)]), _FRAMES_MIN)
    found = _search(static_distance, distance, PAIR_SLACK * tolerance_m)
    candidates = {tuple(None if k is None else pool[k] for k in columns) for columns in found} | {identity}
    evaluated = [
        evaluate(shape_m, position_m, columns, tolerance_m, turn_max_deg=turn_max_deg) for columns in candidates
    ]
    return sorted(evaluated, key=lambda option: (option.cost_m, option.columns != identity))


def _turn_deg(rotation: np.ndarray) -> float:
    """Median angle of rotations, shape (T, 3, 3)."""
    cosine = (np.trace(rotation, axis1=1, axis2=2) - 1) / 2
    return float(median_over_frames(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))))


def _search(static_distance: np.ndarray, distance: np.ndarray, slack_m: float) -> list[tuple[int | None, ...]]:
    """Assignments with the fewest markers left out (three at least stay in) whose pairs all fit; the best few."""
    for left_out in range(len(static_distance) - 2):
        found: list[tuple[int | None, ...]] = []
        _extend((), left_out, static_distance, distance, slack_m, found)
        if found:
            return sorted(found, key=lambda columns: _misfit_m(columns, static_distance, distance))[:_FITTED_MAX]
    return []


def _extend(columns, left_out, static_distance, distance, slack_m, found) -> None:
    marker = len(columns)
    if len(found) >= _SEARCH_MAX:
        return
    if marker == len(static_distance):
        found.append(columns)
        return
    for candidate in range(len(distance)):
        if candidate not in columns and all(
            other is None or abs(distance[candidate, other] - static_distance[marker, k]) <= slack_m
            for k, other in enumerate(columns)
        ):
            _extend((*columns, candidate), left_out, static_distance, distance, slack_m, found)
    if left_out:
        _extend((*columns, None), left_out - 1, static_distance, distance, slack_m, found)


def _misfit_m(columns, static_distance, distance) -> float:
    kept = [k for k, column in enumerate(columns) if column is not None]
    chosen = [columns[k] for k in kept]
    return float(np.abs(distance[np.ix_(chosen, chosen)] - static_distance[np.ix_(kept, kept)]).mean())
