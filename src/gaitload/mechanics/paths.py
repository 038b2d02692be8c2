"""Muscle paths: length, and the forces that a unit tension exerts on bodies.

In mode `opensim` a path with several wraps is that of OpenSim 4.6 (`GeometryPath::applyWrapObjects`), its caching
included: the place of a wrap point in the ground frame is remembered from the first round of the search over wraps,
while the place in its body's frame goes on (`Point::getLocationInGround`). Lengths and directions then come from the
first, points of attack and velocities from the last round; forces are off balance by up to 0.4 mm of moment arm. In
mode `balanced` every wrap is an exact shortest path, rounds end when they agree, and moment arms are the derivatives of the
length.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from gaitload.mechanics.vectors import (
    accumulate,
    add,
    cross,
    dot,
    kernel,
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


class Course(NamedTuple):
    """A muscle's path in one frame, and room to find it; up to N points, W wraps.

    Attributes
    ----------
    body, fixed, wrap : (N,) int
        Body of each point; index of a fixed point or -1; index of a wrap of the muscle or -1.
    at, seen : (N, 3)
        Place in the ground frame: true, and as lengths and directions see it (m).
    arc : (N,)
        Length along the wrap that ends at the point (m).
    count : (1,) int
        Points in use.
    remembered, has_memory : (W, 2, 3), (W,)
        Places of wrap points as first seen.
    order, result : (W,) int
    """

    body: np.ndarray
    fixed: np.ndarray
    wrap: np.ndarray
    at: np.ndarray
    seen: np.ndarray
    arc: np.ndarray
    count: np.ndarray
    remembered: np.ndarray
    has_memory: np.ndarray
    order: np.ndarray
    result: np.ndarray


@kernel
def empty_course(paths):
    """A `Course` with room for the longest path."""
    points, wraps = 0, 0
    for muscle in range(len(paths.point_start) - 1):
        points = max(points, paths.point_start[muscle + 1] - paths.point_start[muscle])
        wraps = max(wraps, paths.wrap_start[muscle + 1] - paths.wrap_start[muscle])
    size = points + 2 * wraps
    return Course(
        np.zeros(size, dtype=np.int64),
        np.zeros(size, dtype=np.int64),
        np.zeros(size, dtype=np.int64),
        np.zeros((size, 3)),
        np.zeros((size, 3)),
        np.zeros(size),
        np.zeros(1, dtype=np.int64),
        np.zeros((max(wraps, 1), 2, 3)),
        np.zeros(max(wraps, 1), dtype=np.bool_),
        np.zeros(max(wraps, 2), dtype=np.int64),
        np.zeros(max(wraps, 2), dtype=np.int64),
    )


@kernel
def _copy_point(course, source, target):
    course.body[target] = course.body[source]
    course.fixed[target] = course.fixed[source]
    course.wrap[target] = course.wrap[source]
    course.arc[target] = course.arc[source]
    put(course.at, target, row(course.at, source))
    put(course.seen, target, row(course.seen, source))


@kernel
def _remove_wrap(course, wrap):
    """Take both points of a wrap out of the path, if they are in it."""
    count = course.count[0]
    for index in range(count):
        if course.wrap[index] == wrap:
            for later in range(index + 2, count):
                _copy_point(course, later, later - 2)
            course.count[0] = count - 2
            return


@kernel
def _insert_wrap(course, place, wrap, body, first, second, arc, remember):
    """Put both points of a wrap into the path at `place`."""
    for index in range(course.count[0] - 1, place - 1, -1):
        _copy_point(course, index, index + 2)
    course.count[0] += 2
    if not (remember and course.has_memory[wrap]):
        for i in range(3):
            course.remembered[wrap, 0, i], course.remembered[wrap, 1, i] = first[i], second[i]
        course.has_memory[wrap] = True
    for offset in range(2):
        index = place + offset
        course.body[index], course.fixed[index], course.wrap[index] = body, -1, wrap
        course.arc[index] = arc if offset == 1 else 0.0
        put(course.at, index, first if offset == 0 else second)
        put(course.seen, index, row(course.remembered[wrap], offset))


@kernel
def _same_wrap(course, index):
    """Whether the segment that begins at a point lies on a cylinder."""
    return course.wrap[index] >= 0 and course.wrap[index] == course.wrap[index + 1]


@kernel
def _length(course):
    length = 0.0
    for index in range(course.count[0] - 1):
        if _same_wrap(course, index):
            length += course.arc[index + 1]
        else:
            length += norm(subtract(row(course.seen, index + 1), row(course.seen, index)))
    return length


@kernel
def _wrap_around(paths, muscle, wrap, pose, single, exact, course):
    """Bend the path around one cylinder where that lengthens it least; returns what came of the last segment."""
    index = paths.wrap_start[muscle] + wrap
    body = paths.wrap_body[index]
    origin = add(row(pose.position, body), turned(pose.rotation, body, row(paths.wrap_position, index)))
    start, stop = -1, -1
    for place in range(course.count[0]):
        if course.fixed[place] == paths.wrap_first[index]:
            start = place
        if course.fixed[place] == paths.wrap_last[index]:
            stop = place
    result, best, best_place, best_arc = NO_WRAP, math.inf, -1, 0.0
    best_first, best_second = (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)
    for place in range(start, stop):
        if _same_wrap(course, place):
            continue
        p1 = turned_back(pose.rotation, body, subtract(row(course.at, place), origin))
        p2 = turned_back(pose.rotation, body, subtract(row(course.at, place + 1), origin))
        result, r1, r2, arc = wrap_segment(
            turned_back(paths.wrap_rotation, index, p1),
            turned_back(paths.wrap_rotation, index, p2),
            paths.wrap_radius_m[index],
            paths.wrap_length_m[index],
            paths.wrap_sign[index],
            paths.wrap_axis[index],
            single,
            exact,
        )
        if result in (NO_WRAP, INSIDE):
            continue
        first = add(origin, turned(pose.rotation, body, turned(paths.wrap_rotation, index, r1)))
        second = add(origin, turned(pose.rotation, body, turned(paths.wrap_rotation, index, r2)))
        if result == WRAPPED:
            before, after = row(course.seen, place), row(course.seen, place + 1)
            bent = norm(subtract(first, before)) + arc + norm(subtract(second, after))
            longer = bent - norm(subtract(after, before))
            if not longer < best:
                continue
            best = longer
        best_place, best_arc, best_first, best_second = place, arc, first, second
        if result == MANDATORY:
            break
    if best_place >= 0:
        _insert_wrap(course, best_place + 1, wrap, body, best_first, best_second, best_arc, not exact)
    return result


@kernel
def find_path(paths, muscle, pose, balanced, course):
    """Fill `course` with a muscle's path at a pose; returns its length (m)."""
    start, stop = paths.point_start[muscle], paths.point_start[muscle + 1]
    course.count[0] = stop - start
    for place in range(stop - start):
        point = start + place
        body = paths.point_body[point]
        course.body[place], course.fixed[place], course.wrap[place] = body, place, -1
        at = add(row(pose.position, body), turned(pose.rotation, body, row(paths.point_position, point)))
        put(course.at, place, at)
        put(course.seen, place, at)
    wraps = paths.wrap_start[muscle + 1] - paths.wrap_start[muscle]
    if wraps == 0:
        return _length(course)
    for wrap in range(wraps):
        course.has_memory[wrap], course.order[wrap] = False, wrap
    rounds = ROUNDS_BALANCED if balanced else ROUNDS_OPENSIM
    agreement = AGREEMENT_BALANCED_M if balanced else AGREEMENT_OPENSIM_M
    last = math.inf
    for turn in range(rounds if wraps > 1 else 1):
        for index in range(wraps):
            wrap = course.order[index]
            _remove_wrap(course, wrap)
            course.result[index] = _wrap_around(paths, muscle, wrap, pose, wraps == 1, balanced, course)
        length = _length(course)
        if abs(length - last) < agreement:
            break
        last = length
        if turn == 0 and wraps > 1 and course.result[0] == NO_WRAP and course.result[1] == INSIDE:
            course.order[0], course.order[1] = 1, 0
            _remove_wrap(course, 0)
    return _length(course)


@kernel
def pull(course, force, moment):
    """Add to `force` and `moment`, (B, 3), what a unit tension does to bodies; moments about the ground's origin."""
    for index in range(course.count[0] - 1):
        near, far = course.body[index], course.body[index + 1]
        if near != far:
            between = subtract(row(course.seen, index + 1), row(course.seen, index))
            direction = scaled(1.0 / norm(between), between)
            accumulate(force, near, direction)
            accumulate(moment, near, cross(row(course.at, index), direction))
            accumulate(force, far, scaled(-1.0, direction))
            accumulate(moment, far, cross(direction, row(course.at, index + 1)))


@kernel
def lengthening_speed(course, pose, rates):
    """Speed at which the path grows (m/s), segment by segment as OpenSim adds it."""
    speed = 0.0
    for index in range(course.count[0] - 1):
        between = subtract(row(course.seen, index + 1), row(course.seen, index))
        length = norm(between)
        if length > 0.0:
            apart = subtract(_velocity(course, pose, rates, index + 1), _velocity(course, pose, rates, index))
            speed += dot(apart, between) / length
    return speed


@kernel
def _velocity(course, pose, rates, index):
    body = course.body[index]
    arm = subtract(row(course.at, index), row(pose.position, body))
    return add(row(rates.velocity, body), cross(row(rates.angular_velocity, body), arm))
