"""Inverse kinematics: coordinates whose markers are closest to the observed ones (weighted least squares)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from gaitload.errors import DataError
from gaitload.mechanics.body_tree import Mechanism
from gaitload.mechanics.compiling import kernel
from gaitload.mechanics.damped_steps import (
    DAMPING_MAX,
    DAMPING_MIN,
    DAMPING_START,
    EASE,
    STIFFEN,
    damped_step,
    moved_by,
)
from gaitload.mechanics.freedom import Freedom, free_columns
from gaitload.mechanics.kinematics import empty_pose, place
from gaitload.mechanics.normal_equations import empty_equations, normal_equations, squared_distance
from gaitload.mechanics.vectors import copy

TOLERANCE = 1e-7
"""Largest step (rad, m) at which a frame counts as converged. Steps shrink by a factor of three to thirty, so what is
left is smaller still. A hundred times more saves a tenth of the time and moves no leg by 1e-5 deg."""

ITERATIONS_MAX = 200
"""Steps after which a frame is left as it is; three or four are usual, up to fifteen in the first frame of a trial."""

STARTS = 8
"""Poses from which the first frame is solved; a frame costs 1 ms there. Of single starts one in three went astray."""

_NEAR = 0.1
"""Step (rad, m) below which second derivatives are exact; Gauss-Newton alone takes three times as many steps."""


@kernel
def _solve_frame(tree, freedom, markers, places, observed, weights, settings, pose, equations, q):
    """Levenberg-Marquardt from q, which is overwritten; `pose` is left where it ends.

    Parameters
    ----------
    settings : (float, int, float)
        Tolerance, most steps, and the change that is to be expected at first: Newton's matrix is taken near the
        solution only.
    """
    tolerance, iterations_max, largest = settings
    moved = equations.moved
    place(tree, q, pose)
    cost = squared_distance(pose, markers, places, observed, weights)
    damping = DAMPING_START
    for _ in range(iterations_max):
        exact = largest < _NEAR
        normal_equations(tree, freedom, pose, markers, places, observed, weights, exact, equations)
        while True:
            taken = damped_step(equations, q, freedom, damping)
            largest = moved_by(q, equations.step, freedom, moved) if taken else np.inf
            place(tree, moved, pose)
            trial = squared_distance(pose, markers, places, observed, weights) if taken else np.inf
            # Near the minimum costs differ by rounding only; a step as small as that needs no proof.
            if trial <= cost * (1.0 + 1e-14) or damping >= DAMPING_MAX:
                break
            damping = max(damping * STIFFEN, DAMPING_START)
        if not trial <= cost * (1.0 + 1e-14):
            place(tree, q, pose)
            return
        copy(moved, q)
        cost = trial
        damping = max(damping * EASE, DAMPING_MIN)
        if largest < tolerance:
            return


@kernel
def _solve(tree, freedom, markers, places, observed, weights, q, tolerance, iterations_max, found, distance):
    pose, equations, expected = empty_pose(tree), empty_equations(tree, freedom), np.inf
    before, ahead = q.copy(), np.zeros(len(freedom.coordinate))
    for frame in range(len(observed)):
        seen = 0
        for marker in range(len(markers)):
            if weights[marker] > 0.0 and not np.isnan(observed[frame, marker, 0]):
                seen += 1
        if seen == 0:
            found[frame], distance[frame] = np.nan, np.nan
            continue
        settings = (tolerance, iterations_max, expected)
        _solve_frame(tree, freedom, markers, places, observed[frame], weights, settings, pose, equations, q)
        copy(q, found[frame])
        for marker in range(len(markers)):
            error = 0.0
            for i in range(3):
                at = pose.position[markers[marker], i] - observed[frame, marker, i]
                for j in range(3):
                    at += pose.rotation[markers[marker], i, j] * places[marker, j]
                error += at * at
            distance[frame, marker] = np.sqrt(error)
        expected = 0.0
        # The next frame starts where this one would have got to at the same speed: one step in five is saved.
        for index in range(len(freedom.coordinate)):
            ahead[index] = q[freedom.coordinate[index]] - before[freedom.coordinate[index]] if frame > 0 else 0.0
        copy(q, before)
        moved_by(before, ahead, freedom, q)


def solve(
    mechanism: Mechanism,
    observed_ground_m: np.ndarray,
    weights: np.ndarray,
    *,
    markers: Sequence[str],
    start: np.ndarray | None = None,
    tolerance: float = TOLERANCE,
    iterations_max: int = ITERATIONS_MAX,
) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates of every frame, each started from the one before.

    Locked coordinates keep their default value, followers follow, clamped ones stay within their range. A coordinate
    that no marker sees keeps its value of the frame before.

    Parameters
    ----------
    observed_ground_m : ndarray, shape (T, M, 3)
        NaN where a marker was not seen.
    weights : ndarray, shape (M,)
        Of the squared distances; 0 leaves a marker out but tells its error.
    markers
        Names of the M markers in the mechanism.
    start : ndarray, shape (C,), optional
        Coordinates from which the first frame starts; the model's default pose without.
    tolerance, iterations_max
        See `TOLERANCE` and `ITERATIONS_MAX`.

    Returns
    -------
    coordinates : ndarray, shape (T, C)
        rad, m; NaN in frames without any marker.
    errors_m : ndarray, shape (T, M)
        Distance of observed and model marker; NaN where not seen.

    Raises
    ------
    DataError
        A marker is not in the model.
    """
    chosen = _chosen(mechanism, markers)
    coordinates = mechanism.coordinates
    freedom = free_columns(mechanism)
    q = np.array(coordinates.default if start is None else start, dtype=np.float64)
    q[coordinates.locked] = coordinates.default[coordinates.locked]
    q = coordinates.slope * q[coordinates.leader] + coordinates.intercept
    q[freedom.coordinate] = np.clip(q[freedom.coordinate], freedom.lower, freedom.upper)
    q = coordinates.slope * q[coordinates.leader] + coordinates.intercept
    observed = np.ascontiguousarray(observed_ground_m, dtype=np.float64)
    weights = np.ascontiguousarray(weights, dtype=np.float64)
    markers_of = (
        np.ascontiguousarray(mechanism.marker_body[chosen]),
        np.ascontiguousarray(mechanism.marker_position[chosen]),
    )

    where = (mechanism.tree, freedom, *markers_of)
    settings = (tolerance, iterations_max)
    if start is None:
        q = _best_start(where, observed, weights, q, settings)
    return _run(where, observed, weights, q, settings)


def _run(where: tuple, observed: np.ndarray, weights: np.ndarray, start: np.ndarray, settings: tuple) -> tuple:
    found, errors = np.empty((len(observed), len(start))), np.empty(observed.shape[:2])
    _solve(*where, observed, weights, start.copy(), *settings, found, errors)
    return found, errors


def _best_start(where: tuple, observed: np.ndarray, weights: np.ndarray, q: np.ndarray, settings: tuple) -> np.ndarray:
    """Pose of the first frame that has markers, the best of several starts.

    From one start alone, limits can hold a coordinate in a valley of its own: an elbow stretched with the arm twisted.
    """
    seen = np.isfinite(observed[:, weights > 0, 0]).any(axis=1)
    if not seen.any():
        return q
    first = observed[[int(np.argmax(seen))]]
    found = [_run(where, first, weights, begin, settings) for begin in _starts(q, where[1])]
    costs = [float(np.nansum(weights * errors**2)) for _, errors in found]
    return found[int(np.argmin(costs))][0][0]


def _starts(q: np.ndarray, freedom: Freedom) -> Iterator[np.ndarray]:
    """The pose itself, and others with clamped turns anywhere within their ranges."""
    yield q
    bounded = freedom.rotational & np.isfinite(freedom.lower) & np.isfinite(freedom.upper)
    bounded &= freedom.upper - freedom.lower < 2 * np.pi
    generator = np.random.default_rng(0)
    for _ in range(STARTS - 1):
        other = q.copy()
        lower, width = freedom.lower[bounded], (freedom.upper - freedom.lower)[bounded]
        other[freedom.coordinate[bounded]] = lower + width * generator.uniform(size=len(lower))
        yield other


def _chosen(mechanism: Mechanism, markers: Sequence[str]) -> list[int]:
    unknown = [name for name in markers if name not in mechanism.marker_names]
    if unknown:
        raise DataError(
            expected="markers of the model",
            found=f"{', '.join(unknown)}, which it does not have",
            where="inverse kinematics",
            do="Leave them out, or add them to the model.",
            code="NO_MATCHING_MARKER",
        )
    return [mechanism.marker_names.index(name) for name in markers]
