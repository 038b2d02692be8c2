"""Blocks of static optimization: coordinates that share muscles, each block solved by itself."""

from __future__ import annotations

from itertools import chain
from typing import NamedTuple

import numpy as np

from gaitload.mechanics.body_tree import Mechanism, spanned_bodies
from gaitload.mechanics.compiling import kernel
from gaitload.mechanics.freedom import Freedom
from gaitload.mechanics.redundancy import solve_frame


class Blocks(NamedTuple):
    """Groups of free coordinates that no muscle connects with each other; each is solved by itself.

    Attributes
    ----------
    column_start, columns : (K + 1,) int, (any,) int
        Free coordinates of group k are `columns[column_start[k]:column_start[k + 1]]`.
    muscle_start, muscles : (K + 1,) int, (any,) int
        Likewise.
    """

    column_start: np.ndarray
    columns: np.ndarray
    muscle_start: np.ndarray
    muscles: np.ndarray


def muscle_blocks(mechanism: Mechanism, freedom: Freedom, *, balanced: bool) -> Blocks:
    """Groups of free coordinates connected by muscles; in the order of their first coordinate.

    Balanced paths leave the pelvis alone, so that both legs are groups of their own.
    """
    paths, parent = mechanism.paths, mechanism.tree.parent
    touched: list[set[int]] = []
    for muscle in range(len(mechanism.muscle_names)):
        points = paths.point_body[paths.point_start[muscle] : paths.point_start[muscle + 1]].tolist()
        wraps = paths.wrap_body[paths.wrap_start[muscle] : paths.wrap_start[muscle + 1]].tolist()
        joints = [
            body - 1
            for body in spanned_bodies({*points, *wraps}, parent, through_ground=not balanced and len(wraps) > 1)
        ]
        dofs = chain(*(range(freedom.dof_start[joint], freedom.dof_start[joint + 1]) for joint in joints))
        touched.append({int(freedom.dof_column[dof]) for dof in dofs})
    groups = [{column} for column in range(len(freedom.coordinate))]
    for own in touched:
        joined = [group for group in groups if group & own]
        if len(joined) > 1:
            groups = [group for group in groups if not group & own] + [set.union(*joined)]
    groups.sort(key=min)
    columns = [np.array(sorted(group), dtype=np.int64) for group in groups]
    muscles = [
        np.array([muscle for muscle, own in enumerate(touched) if own & group], dtype=np.int64) for group in groups
    ]
    return Blocks(
        column_start=np.cumsum([0, *map(len, columns)], dtype=np.int64),
        columns=np.concatenate(columns),
        muscle_start=np.cumsum([0, *map(len, muscles)], dtype=np.int64),
        muscles=np.concatenate(muscles),
    )


@kernel
def share_moments(blocks, arms, active, passive, optimal, demanded, lower, upper, multiplier, activation, reserve):
    """Static optimization of one frame, group by group; returns whether all were solved.

    Parameters
    ----------
    arms : (M, F)
        Moment arms (m).
    active, passive : (M,)
        Tendon forces (N).
    optimal, demanded, multiplier, reserve : (F,)
        See `solve_frame`; `multiplier` holds the start.
    """
    solved = True
    for block in range(len(blocks.column_start) - 1):
        columns = blocks.columns[blocks.column_start[block] : blocks.column_start[block + 1]]
        muscles = blocks.muscles[blocks.muscle_start[block] : blocks.muscle_start[block + 1]]
        if len(muscles) == 0:
            for c in columns:
                multiplier[c] = demanded[c] / optimal[c] ** 2
                reserve[c] = multiplier[c] * optimal[c] ** 2
            continue
        # Few arrays: asking for them took as long as the solution itself.
        gain = np.empty((len(muscles), len(columns)))
        own, of_muscle = np.empty((3, len(columns))), np.empty((3, len(muscles)))
        best, left, begin = own[0], own[1], own[2]
        least, most, found = of_muscle[0], of_muscle[1], of_muscle[2]
        for m in range(len(muscles)):
            least[m], most[m] = lower[muscles[m]], upper[muscles[m]]
        for c in range(len(columns)):
            best[c], left[c], begin[c] = optimal[columns[c]], demanded[columns[c]], multiplier[columns[c]]
            for m in range(len(muscles)):
                arm = arms[muscles[m], columns[c]]
                gain[m, c] = arm * active[muscles[m]]
                left[c] -= arm * passive[muscles[m]]
        if solve_frame(gain, best, left, least, most, begin, found) < 0:
            solved = False
        for m in range(len(muscles)):
            activation[muscles[m]] = found[m]
        for c in range(len(columns)):
            multiplier[columns[c]] = begin[c]
            reserve[columns[c]] = begin[c] * optimal[columns[c]] ** 2
    return solved
