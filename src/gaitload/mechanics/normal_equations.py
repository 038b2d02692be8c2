"""The normal equations of markers, by the composite rigid body algorithm.

With twists S of the degrees of freedom, a marker at p moves by J = [-p x, 1] S. A weighted sum of J' J over markers
is S' M S, M being the spatial inertia of point masses of the markers' weights, and the sum of J' r is what forces of
weight times residual do on the joints. Both are gathered body by body from the leaves to the root (Featherstone 2008,
Rigid Body Dynamics Algorithms, section 6.2), so that the cost grows with joints, not with markers times joints squared.

The exact second derivative of the cost is J' W J less the sum of w r . d2p. An axis that comes after another is carried
along: d2p = turn of the first x what the second does to p; its sum over markers needs the sums of p r' only.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gaitload.mechanics.body_tree import TRANSLATION
from gaitload.mechanics.vectors import accumulate, add, cross, dot, kernel, row, scaled, subtract, turned


class Equations(NamedTuple):
    """The system of one frame, and room to solve it; F free coordinates, D degrees of freedom, B bodies.

    Attributes
    ----------
    matrix, gradient : (F, F), (F,)
        Lower triangle of J' W J, and J' W r.
    factor, right, step, moved : (F, F), (F,), (F,), (C,)
    turn, shift : (D, 3)
        Twists: angular velocity, and velocity at the ground's origin, at unit speed.
    weight, first_moment, second_moment : (B,), (B, 3), (B, 6)
        Sums over the markers of a body and all beyond it: w, w p, and w (p.p 1 - p p') as xx yy zz xy xz yz.
    force, moment : (B, 3)
        Sums of w r and of p x w r.
    spread : (B, 3, 3)
        Sums of p w r'.
    """

    matrix: np.ndarray
    gradient: np.ndarray
    factor: np.ndarray
    right: np.ndarray
    step: np.ndarray
    moved: np.ndarray
    turn: np.ndarray
    shift: np.ndarray
    weight: np.ndarray
    first_moment: np.ndarray
    second_moment: np.ndarray
    force: np.ndarray
    moment: np.ndarray
    spread: np.ndarray


@kernel
def empty_equations(tree, freedom):
    """`Equations` to be filled."""
    free, dofs, bodies = len(freedom.coordinate), len(freedom.dof_column), len(tree.parent) + 1
    return Equations(
        np.zeros((free, free)),
        np.zeros(free),
        np.zeros((free, free)),
        np.zeros(free),
        np.zeros(free),
        np.zeros(len(freedom.column)),
        np.zeros((dofs, 3)),
        np.zeros((dofs, 3)),
        np.zeros(bodies),
        np.zeros((bodies, 3)),
        np.zeros((bodies, 6)),
        np.zeros((bodies, 3)),
        np.zeros((bodies, 3)),
        np.zeros((bodies, 3, 3)),
    )


@kernel
def squared_distance(pose, markers, places, observed, weights):
    """Weighted sum of squared distances of a frame's markers, those that were seen (m^2)."""
    cost = 0.0
    for marker in range(len(markers)):
        if np.isnan(observed[marker, 0]):
            continue
        body = markers[marker]
        at = add(row(pose.position, body), turned(pose.rotation, body, row(places, marker)))
        residual = subtract(row(observed, marker), at)
        cost += weights[marker] * dot(residual, residual)
    return cost


@kernel
def _gather(tree, pose, markers, places, observed, weights, equations):
    """Sums over markers, of every body and all beyond it."""
    equations.weight[:] = 0.0
    equations.first_moment[:] = 0.0
    equations.second_moment[:] = 0.0
    equations.force[:] = 0.0
    equations.moment[:] = 0.0
    equations.spread[:] = 0.0
    for marker in range(len(markers)):
        if np.isnan(observed[marker, 0]):
            continue
        body, w = markers[marker], weights[marker]
        at = add(row(pose.position, body), turned(pose.rotation, body, row(places, marker)))
        pull = scaled(w, subtract(row(observed, marker), at))
        accumulate(equations.force, body, pull)
        accumulate(equations.moment, body, cross(at, pull))
        for i in range(3):
            for j in range(3):
                equations.spread[body, i, j] += at[i] * pull[j]
        x, y, z = at
        equations.weight[body] += w
        accumulate(equations.first_moment, body, scaled(w, at))
        equations.second_moment[body, 0] += w * (y * y + z * z)
        equations.second_moment[body, 1] += w * (x * x + z * z)
        equations.second_moment[body, 2] += w * (x * x + y * y)
        equations.second_moment[body, 3] -= w * x * y
        equations.second_moment[body, 4] -= w * x * z
        equations.second_moment[body, 5] -= w * y * z
    for body in range(len(tree.parent), 0, -1):
        parent = tree.parent[body - 1]
        equations.weight[parent] += equations.weight[body]
        accumulate(equations.first_moment, parent, row(equations.first_moment, body))
        accumulate(equations.force, parent, row(equations.force, body))
        accumulate(equations.moment, parent, row(equations.moment, body))
        for i in range(6):
            equations.second_moment[parent, i] += equations.second_moment[body, i]
        for i in range(3):
            for j in range(3):
                equations.spread[parent, i, j] += equations.spread[body, i, j]


@kernel
def _twists(tree, freedom, pose, equations):
    equations.turn[:] = 0.0
    equations.shift[:] = 0.0
    for joint in range(len(tree.parent)):
        center = row(pose.center, joint)
        for axis in range(tree.axis_start[joint], tree.axis_start[joint + 1]):
            dof = freedom.axis_dof[axis]
            if dof < 0:
                continue
            speed = scaled(freedom.gain[tree.axis_coordinate[axis]] * pose.slope[axis], row(pose.axis, axis))
            if tree.axis_slot[axis] == TRANSLATION:
                accumulate(equations.shift, dof, speed)
            else:
                accumulate(equations.turn, dof, speed)
                accumulate(equations.shift, dof, cross(center, speed))


@kernel
def _momentum(equations, body, dof):
    """Spatial momentum of the markers' masses of a body and beyond, moved by a twist: force and moment."""
    turn, shift, first = row(equations.turn, dof), row(equations.shift, dof), row(equations.first_moment, body)
    xx, yy, zz, xy, xz, yz = (
        equations.second_moment[body, 0],
        equations.second_moment[body, 1],
        equations.second_moment[body, 2],
        equations.second_moment[body, 3],
        equations.second_moment[body, 4],
        equations.second_moment[body, 5],
    )
    spun = (
        xx * turn[0] + xy * turn[1] + xz * turn[2],
        xy * turn[0] + yy * turn[1] + yz * turn[2],
        xz * turn[0] + yz * turn[1] + zz * turn[2],
    )
    force = add(scaled(equations.weight[body], shift), cross(turn, first))
    return force, add(spun, cross(first, shift))


@kernel
def _carried(equations, body, turn, shift):
    """Sum over markers of what a twist does to p, crossed with w r: its work on a turn that carries the twist."""
    spread = equations.spread
    trace = spread[body, 0, 0] + spread[body, 1, 1] + spread[body, 2, 2]
    spun = subtract(turned(spread, body, turn), scaled(trace, turn))
    return add(spun, cross(shift, row(equations.force, body)))


@kernel
def _curve_of_joint(tree, freedom, pose, joint, equations):
    """Take the second derivatives among the axes of one joint off the matrix."""
    body, center = joint + 1, row(pose.center, joint)
    force = row(equations.force, body)
    turning = subtract(row(equations.moment, body), cross(center, force))
    for axis in range(tree.axis_start[joint], tree.axis_start[joint + 1]):
        if freedom.axis_dof[axis] < 0:
            continue
        column, gain = freedom.dof_column[freedom.axis_dof[axis]], freedom.gain[tree.axis_coordinate[axis]]
        direction, shifts = row(pose.axis, axis), tree.axis_slot[axis] == TRANSLATION
        effort = force if shifts else turning
        equations.matrix[column, column] -= gain * gain * pose.curvature[axis] * dot(direction, effort)
        if shifts:
            continue
        carried = _carried(equations, body, direction, cross(center, direction))
        for other in range(tree.axis_start[joint], axis + 1):
            if freedom.axis_dof[other] < 0 or tree.axis_slot[other] == TRANSLATION:
                continue
            second = freedom.dof_column[freedom.axis_dof[other]]
            speed = gain * pose.slope[axis] * freedom.gain[tree.axis_coordinate[other]] * pose.slope[other]
            work = speed * dot(row(pose.axis, other), carried)
            if second == column and other != axis:
                work *= 2.0
            equations.matrix[max(column, second), min(column, second)] -= work


@kernel
def normal_equations(tree, freedom, pose, markers, places, observed, weights, exact, equations):
    """Fill the lower triangle of `matrix`, and `gradient`, at a filled pose.

    With `exact`, the matrix is the second derivative of half the cost (Newton) instead of J' W J (Gauss-Newton).
    """
    _gather(tree, pose, markers, places, observed, weights, equations)
    _twists(tree, freedom, pose, equations)
    equations.matrix[:] = 0.0
    equations.gradient[:] = 0.0
    for joint in range(len(tree.parent)):
        body = joint + 1
        if equations.weight[body] == 0.0:
            continue
        for dof in range(freedom.dof_start[joint], freedom.dof_start[joint + 1]):
            column = freedom.dof_column[dof]
            equations.gradient[column] += dot(row(equations.shift, dof), row(equations.force, body)) + dot(
                row(equations.turn, dof), row(equations.moment, body)
            )
            force, moment = _momentum(equations, body, dof)
            carried = _carried(equations, body, row(equations.turn, dof), row(equations.shift, dof))
            stop, above = dof + 1, joint
            while True:
                for other in range(freedom.dof_start[above], stop):
                    shared = dot(row(equations.shift, other), force) + dot(row(equations.turn, other), moment)
                    if exact and above != joint:
                        shared -= dot(row(equations.turn, other), carried)
                    second = freedom.dof_column[other]
                    if second == column and other != dof:
                        shared *= 2.0
                    equations.matrix[max(column, second), min(column, second)] += shared
                if tree.parent[above] == 0:
                    break
                above = tree.parent[above] - 1
                stop = freedom.dof_start[above + 1]
        if exact:
            _curve_of_joint(tree, freedom, pose, joint, equations)
