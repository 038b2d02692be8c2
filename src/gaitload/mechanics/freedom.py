"""Which coordinates are free, and how the others follow them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gaitload.mechanics.body_tree import Mechanism


class Freedom(NamedTuple):
    """F free coordinates and D degrees of freedom of the joints: pairs of a joint and a free coordinate that moves it.

    Attributes
    ----------
    coordinate : (F,) int
        The free ones: neither locked nor following another.
    rotational : (F,) bool
    lower, upper : (F,)
        Limits, those of followers included.
    column, gain : (C,) int, (C,)
        Place among the free coordinates of the one that moves coordinate c, -1 where none does, and how much of its
        motion c takes.
    leader, slope, intercept : (C,)
        As in `Coordinates`.
    dof_start : (J + 1,) int
        Degrees of freedom of joint j are `dof_start[j]:dof_start[j + 1]`.
    dof_column : (D,) int
        Place of the free coordinate.
    axis_dof : (A,) int
        Degree of freedom that moves an axis, -1 where none does.
    """

    coordinate: np.ndarray
    rotational: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    column: np.ndarray
    gain: np.ndarray
    leader: np.ndarray
    slope: np.ndarray
    intercept: np.ndarray
    dof_start: np.ndarray
    dof_column: np.ndarray
    axis_dof: np.ndarray


def free_columns(mechanism: Mechanism) -> Freedom:
    """Degrees of freedom of a mechanism."""
    coordinates, tree = mechanism.coordinates, mechanism.tree
    everyone = np.arange(len(coordinates.default))
    free = np.flatnonzero(~coordinates.locked & (coordinates.leader == everyone))
    place = np.full(len(everyone), -1)
    place[free] = np.arange(len(free))
    column = np.where(coordinates.locked, -1, place[coordinates.leader])
    lower, upper = coordinates.lower.copy(), coordinates.upper.copy()
    for follower in np.flatnonzero((coordinates.leader != everyone) & (coordinates.slope != 0)):
        leader, slope = coordinates.leader[follower], coordinates.slope[follower]
        ends = (np.array([lower[follower], upper[follower]]) - coordinates.intercept[follower]) / slope
        lower[leader], upper[leader] = max(lower[leader], ends.min()), min(upper[leader], ends.max())
    axis_dof, dofs, starts = np.full(len(tree.axis_slot), -1), [], [0]
    for joint in range(len(tree.parent)):
        for axis in range(tree.axis_start[joint], tree.axis_start[joint + 1]):
            coordinate = tree.axis_coordinate[axis]
            if coordinate < 0 or column[coordinate] < 0:
                continue
            own = dofs[starts[joint] :]
            if column[coordinate] not in own:
                dofs.append(column[coordinate])
                own.append(column[coordinate])
            axis_dof[axis] = starts[joint] + own.index(column[coordinate])
        starts.append(len(dofs))
    return Freedom(
        coordinate=free,
        rotational=coordinates.rotational[free],
        lower=lower[free],
        upper=upper[free],
        column=column,
        gain=np.where(column >= 0, coordinates.slope, 0.0),
        leader=coordinates.leader,
        slope=coordinates.slope,
        intercept=coordinates.intercept,
        dof_start=np.array(starts, dtype=np.int64),
        dof_column=np.array(dofs, dtype=np.int64),
        axis_dof=axis_dof.astype(np.int64),
    )
