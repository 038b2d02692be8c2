"""Muscle paths: length, and the forces that a unit tension exerts on bodies.

In mode `opensim` a path with several wraps is that of OpenSim 4.6 (`GeometryPath::applyWrapObjects`), its caching
included: the place of a wrap point in the ground frame is remembered from the first round of the search over wraps,
while the place in its body's frame goes on (`Point::getLocationInGround`). Lengths and directions then come from the
first, points of attack and velocities from the last round; forces are off balance by up to 1.1 mm of moment arm. Where
a path touches its only cylinder along the axis is an estimate (up to 1.7 mm, psoas in walking). In mode `balanced`
every path is the shortest one, rounds end when they agree, and moment arms are the derivatives of the length.
"""

from __future__ import annotations

import math

import numpy as np

from gaitload.mechanics.compiling import kernel
from gaitload.mechanics.vectors import (
    accumulate,
    add,
    cross,
    dot,
    norm,
    put,
    row,
    scaled,
    subtract,
    turned,
    turned_back,
)
from gaitload.mechanics.wraps import INSIDE, MANDATORY, NO_WRAP, WRAPPED, wrap_segment

ROUNDS_OPENSIM, AGREEMENT_OPENSIM_M = 8, 0.0005
ROUNDS_BALANCED, AGREEMENT_BALANCED_M = 100, 1e-13
"""Rounds over several wraps, and the change of length at which they end. Balanced paths need ten to twenty rounds; at
1e-13 m moment arms are the derivative of the length to 1e-7 m."""

BODY, FIXED, WRAP = range(3)
"""Columns of a path's points: body; index of a fixed point or -1; index of a wrap of the muscle or -1."""
AT, SEEN, ARC = 0, 3, 6
"""Columns of a path's places: in the ground frame, true, and as lengths and directions see it (m, three each); length
along the wrap that ends at the point (m)."""


@kernel
def empty_path(paths):
    """Room for the longest path: points, (N, 3), places, (N, 7), and memory of wraps, (W, 7)."""
    longest, wraps = 0, 1
    for muscle in range(len(paths.point_start) - 1):
        longest = max(longest, paths.point_start[muscle + 1] - paths.point_start[muscle])
        wraps = max(wraps, paths.wrap_start[muscle + 1] - paths.wrap_start[muscle])
    size = longest + 2 * wraps
    return np.zeros((size, 3), dtype=np.int64), np.zeros((size, 7)), np.zeros((wraps, 7))


@kernel
def _seen(places, index):
    return places[index, 3], places[index, 4], places[index, 5]


@kernel
def _copy(points, places, source, target):
    for column in range(3):
        points[target, column] = points[source, column]
    for column in range(7):
        places[target, column] = places[source, column]


@kernel
def _remove(points, places, count, wrap):
    """Take both points of a wrap out of the path, if they are in it; returns how many are left."""
    for index in range(count):
        if points[index, WRAP] == wrap:
            for later in range(index + 2, count):
                _copy(points, places, later, later - 2)
            return count - 2
    return count


@kernel
def _insert(points, places, count, index, wrap, body, first, second, arc, memory, remember):
    """Put both points of a wrap into the path before the point `index`."""
    for later in range(count - 1, index - 1, -1):
        _copy(points, places, later, later + 2)
    if not remember or memory[wrap, 6] == 0.0:
        memory[wrap, 6] = 1.0
        for i in range(3):
            memory[wrap, i], memory[wrap, 3 + i] = first[i], second[i]
    for offset in range(2):
        target = index + offset
        points[target, BODY], points[target, FIXED], points[target, WRAP] = body, -1, wrap
        places[target, ARC] = arc if offset == 1 else 0.0
        put(places, target, first if offset == 0 else second)
        for i in range(3):
            places[target, SEEN + i] = memory[wrap, 3 * offset + i]


@kernel
def _on_wrap(points, index):
    """Whether the segment that begins at a point lies on a cylinder."""
    return points[index, WRAP] >= 0 and points[index, WRAP] == points[index + 1, WRAP]


@kernel
def _length(points, places, count):
    length = 0.0
    for index in range(count - 1):
        if _on_wrap(points, index):
            length += places[index + 1, ARC]
        else:
            length += norm(subtract(_seen(places, index + 1), _seen(places, index)))
    return length


@kernel
def _bend(points, places, count, paths, index, rotation, position, single, exact):
    """Where a cylinder bends the path with the least lengthening.

    Returns
    -------
    result : int
        What came of the last segment that was looked at.
    at : int
        Point with which the bent segment begins; -1 where none is bent.
    first, second, arc
        Points of the wrap (ground frame, m), and the length between them (m).
    """
    body, turns = paths.wrap_body[index], paths.wrap_rotation
    radius, length_m = paths.wrap_radius_m[index], paths.wrap_length_m[index]
    sign, axis = paths.wrap_sign[index], paths.wrap_axis[index]
    begin, end = paths.wrap_first[index], paths.wrap_last[index]
    origin = add(row(position, body), turned(rotation, body, row(paths.wrap_position, index)))
    start, stop = -1, -1
    for at in range(count):
        if points[at, FIXED] == begin:
            start = at
        if points[at, FIXED] == end:
            stop = at
    result, least, found, best_arc = NO_WRAP, math.inf, -1, 0.0
    best_first, best_second = (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)
    p1 = turned_back(turns, index, turned_back(rotation, body, subtract(row(places, start), origin)))
    for at in range(start, stop):
        p0 = p1
        p1 = turned_back(turns, index, turned_back(rotation, body, subtract(row(places, at + 1), origin)))
        if _on_wrap(points, at):
            continue
        result, r1, r2, arc = wrap_segment(p0, p1, radius, length_m, sign, axis, single, exact)
        if result in (NO_WRAP, INSIDE):
            continue
        first = add(origin, turned(rotation, body, turned(turns, index, r1)))
        second = add(origin, turned(rotation, body, turned(turns, index, r2)))
        if result == WRAPPED:
            before, after = _seen(places, at), _seen(places, at + 1)
            bent = norm(subtract(first, before)) + arc + norm(subtract(second, after))
            longer = bent - norm(subtract(after, before))
            if not longer < least:
                continue
            least = longer
        found, best_arc, best_first, best_second = at, arc, first, second
        if result == MANDATORY:
            break
    return result, found, best_first, best_second, best_arc


@kernel
def _fixed_points(paths, muscle, rotation, position, points, places):
    """Begin a path with its fixed points; returns how many they are."""
    start = paths.point_start[muscle]
    count = paths.point_start[muscle + 1] - start
    bodies, own = paths.point_body, paths.point_position
    for index in range(count):
        body = bodies[start + index]
        points[index, BODY], points[index, FIXED], points[index, WRAP] = body, index, -1
        at = add(row(position, body), turned(rotation, body, row(own, start + index)))
        for i in range(3):
            places[index, AT + i], places[index, SEEN + i] = at[i], at[i]
    return count


@kernel
def find_path(paths, muscle, rotation, position, balanced, points, places, memory):
    """Find a muscle's path at a pose.

    Parameters
    ----------
    rotation, position
        Of the bodies, see `Pose`.
    points, places, memory
        Filled, see `empty_path`.

    Returns
    -------
    count : int
        Points of the path.
    length : float
        m.
    """
    count = _fixed_points(paths, muscle, rotation, position, points, places)
    begin = paths.wrap_start[muscle]
    wraps = paths.wrap_start[muscle + 1] - begin
    if wraps == 0:
        return count, _length(points, places, count)
    for wrap in range(wraps):
        memory[wrap, 6] = 0.0
    rounds = ROUNDS_BALANCED if balanced else ROUNDS_OPENSIM
    agreement = AGREEMENT_BALANCED_M if balanced else AGREEMENT_OPENSIM_M
    last, length, swapped = math.inf, math.inf, False
    for turn in range(rounds if wraps > 1 else 1):
        results = (NO_WRAP, NO_WRAP)
        for index in range(wraps):
            wrap = 1 - index if swapped and index < 2 else index
            count = _remove(points, places, count, wrap)
            result, at, first, second, arc = _bend(
                points, places, count, paths, begin + wrap, rotation, position, wraps == 1, balanced
            )
            if at >= 0:
                body = paths.wrap_body[begin + wrap]
                _insert(points, places, count, at + 1, wrap, body, first, second, arc, memory, not balanced)
                count += 2
            results = (result if index == 0 else results[0], result if index == 1 else results[1])
        length = _length(points, places, count)
        if abs(length - last) < agreement:
            break
        last = length
        if turn == 0 and wraps > 1 and results[0] == NO_WRAP and results[1] == INSIDE:
            swapped = True
            count = _remove(points, places, count, 0)
    return count, length


@kernel
def pull(points, places, count, force, moment):
    """Add to `force` and `moment`, (B, 3), what a unit tension does to bodies; moments about the ground's origin."""
    for index in range(count - 1):
        near, far = points[index, BODY], points[index + 1, BODY]
        if near != far:
            between = subtract(_seen(places, index + 1), _seen(places, index))
            direction = scaled(1.0 / norm(between), between)
            accumulate(force, near, direction)
            accumulate(moment, near, cross(row(places, index), direction))
            accumulate(force, far, scaled(-1.0, direction))
            accumulate(moment, far, cross(direction, row(places, index + 1)))


@kernel
def lengthening_speed(points, places, count, position, angular_velocity, velocity):
    """Speed at which the path grows (m/s), segment by segment as OpenSim adds it."""
    speed = 0.0
    for index in range(count - 1):
        between = subtract(_seen(places, index + 1), _seen(places, index))
        length = norm(between)
        if length > 0.0:
            near, far = points[index, BODY], points[index + 1, BODY]
            ahead = cross(row(angular_velocity, far), subtract(row(places, index + 1), row(position, far)))
            behind = cross(row(angular_velocity, near), subtract(row(places, index), row(position, near)))
            apart = subtract(add(row(velocity, far), ahead), add(row(velocity, near), behind))
            speed += dot(apart, between) / length
    return speed
