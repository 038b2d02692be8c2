"""A straight line bent around a cylinder.

Where the line touches is chosen as OpenSim 4.6 chooses it (`WrapCylinder::wrapLine`), branch by branch. Where along the
axis it touches is either OpenSim's estimate, or exact: on the unrolled cylinder the shortest path is straight, so that
height grows evenly with the way around.
"""

from __future__ import annotations

import math

from gaitload.mechanics.vectors import add, cross, dot, kernel, scaled, subtract, unit

NO_WRAP, INSIDE, WRAPPED, MANDATORY = range(4)
"""What came of a segment: untouched; an end inside the cylinder; bent, if no other segment is bent with less; cut."""

_PARALLEL = 2e-13
_SLIDE = 1e-5
_SAMPLE_M = 0.002
_TANGENT_COSINE = math.cos(math.radians(0.1))
_TANGENT_ITERATIONS = 100


@kernel
def _on_side(value, sign):
    return (1 if value >= 0.0 else -1) == sign


@kernel
def _touching(point, radius):
    """Both points of a cylinder about z at which a line through `point` can touch, at the point's height."""
    x, y, z = point
    distance = math.sqrt(x * x + y * y)
    vx, vy = x / distance, y / distance
    reach = radius * (radius / distance)
    aside = math.sqrt(max(radius * radius - reach * reach, 0.0))
    a = (reach * vx - aside * vy, reach * vy + aside * vx, z)
    b = (reach * vx + aside * vy, reach * vy - aside * vx, z)
    return a, b, distance


@kernel
def _across(a, b):
    return a[0] * b[0] + a[1] * b[1]


@kernel
def _sided_choice(r1a, r1b, r2a, r2b, sign, axis):
    """Pair of touching points for a path that must stay on one side, and whether it goes the far way round."""
    # Angles between the pairs, told by their cosines.
    ab_wider = _across(r1a, r2b) < _across(r1b, r2a)
    a1, b1 = _on_side(r1a[axis], sign), _on_side(r1b[axis], sign)
    a2, b2 = _on_side(r2a[axis], sign), _on_side(r2b[axis], sign)
    if a1 != b1:
        take_a, far = a1, ab_wider if a1 else not ab_wider
    elif a2:
        take_a, far = False, not ab_wider
    elif a1 or b2:
        take_a, far = True, ab_wider
    else:
        take_a, far = ab_wider, True
    if take_a:
        return r1a, r2b, far
    return r1b, r2a, far


@kernel
def _nearest_choice(r1a, r1b, r2a, r2b):
    """Pair of touching points that lie closest together."""
    aa, ab, ba, bb = _across(r1a, r2a), _across(r1a, r2b), _across(r1b, r2a), _across(r1b, r2b)
    if aa > ab and aa > ba and aa > bb:
        return r1a, r2a
    if ab > ba and ab > bb:
        return r1a, r2b
    if ba > bb:
        return r1b, r2a
    return r1b, r2b


@kernel
def _slid(touch, normal, offset, own, other):
    """Touching point moved along its edge into a plane, if it stays between the heights of the path's ends."""
    slope = 20.0 * normal[2]
    if abs(slope) < _SLIDE:
        return touch
    start = touch[2] - 10.0
    t = (-offset - normal[0] * touch[0] - normal[1] * touch[1] - normal[2] * start) / slope
    if t < -_SLIDE or t > 1.0 + _SLIDE:
        return touch
    height = start + 20.0 * t
    if (height - other) ** 2 < (own - other) ** 2:
        return touch[0], touch[1], height
    return touch


@kernel
def _estimated_heights(p1, p2, r1, r2, d1, d2, radius, far):
    """OpenSim's estimate: both points move into the plane through the ends and an apex of the cylinder between them."""
    middle = add(p1, scaled(d1 / (d1 + d2), subtract(p2, p1)))
    on_axis = (0.0, 0.0, middle[2])
    normal = unit(cross(unit(subtract(p1, on_axis)), unit(subtract(p2, on_axis))))
    out = unit((-normal[1], normal[0], 0.0))
    apex_a, apex_b = add(on_axis, scaled(radius, out)), add(on_axis, scaled(-radius, out))
    to_a, to_b = subtract(middle, apex_a), subtract(middle, apex_b)
    apex = apex_a if (dot(to_a, to_a) < dot(to_b, to_b)) != far else apex_b
    normal = unit(cross(unit(subtract(p1, apex)), unit(subtract(p2, apex))))
    offset = -dot(p1, normal)
    return _slid(r1, normal, offset, p1[2], p2[2]), _slid(r2, normal, offset, p2[2], p1[2])


@kernel
def _around(r1, r2, long):
    """Angle from one touching point to the other about the axis."""
    angle = math.atan2(r1[0] * r2[1] - r1[1] * r2[0], r1[0] * r2[0] + r1[1] * r2[1])
    return 2.0 * math.pi - angle if long else angle


@kernel
def _look_ahead(point, touch, c, s):
    """Seen along the axis: way from a touching point to the next point of the spiral, and where its edge cuts the line.

    Parameters
    ----------
    c, s : float
        Cosine and sine of the turn to the next point.

    Returns
    -------
    chord : float
        Distance of the touching and the next point (m).
    share : float
        Part of the line from `point` to the next point that lies before the edge; NaN where it runs along the edge.
    """
    next_x, next_y = c * touch[0] - s * touch[1], s * touch[0] + c * touch[1]
    along_x, along_y = next_x - point[0], next_y - point[1]
    level = along_x * along_x + along_y * along_y
    share = math.nan
    if level > _PARALLEL:
        share = ((touch[0] - point[0]) * along_x + (touch[1] - point[1]) * along_y) / level
    return math.sqrt((next_x - touch[0]) ** 2 + (next_y - touch[1]) ** 2), share


@kernel
def _bends(free, climb, chord, rise):
    """Whether two directions, told by their ways across and along the axis, differ by more than the tolerance."""
    both = math.sqrt((free * free + climb * climb) * (chord * chord + rise * rise))
    return climb * rise + free * chord < _TANGENT_COSINE * both


@kernel
def _smoothed(p1, p2, r1, r2, radius, long):
    """OpenSim's search for a smooth path where a muscle has several wraps; returns the points and the length.

    Both points slide along their edges until lines and spiral meet without a bend, the spiral being looked at 2 mm from
    its ends (`WrapCylinder::_make_spiral_path`). Seen along the axis nothing moves, so that is worked out once.
    """
    angle = _around(r1, r2, long)
    sense, iterations, last_pieces = -1.0 if long else 1.0, 0, 0
    free_1 = math.sqrt((r1[0] - p1[0]) ** 2 + (r1[1] - p1[1]) ** 2)
    free_2 = math.sqrt((r2[0] - p2[0]) ** 2 + (r2[1] - p2[1]) ** 2)
    chord_1, share_1, chord_2, share_2 = 0.0, 0.0, 0.0, 0.0
    z1, z2 = r1[2], r2[2]
    while True:
        rise = z2 - z1
        length = math.sqrt((radius * angle) ** 2 + rise * rise)
        pieces = int(length / _SAMPLE_M)
        if pieces < 2 or iterations >= _TANGENT_ITERATIONS:
            break
        if pieces != last_pieces:
            c, s = math.cos(angle / pieces), sense * math.sin(angle / pieces)
            chord_1, share_1 = _look_ahead(p1, r1, c, s)
            chord_2, share_2 = _look_ahead(p2, r2, c, -s)
            last_pieces = pieces
        step, moved = rise / pieces, False
        if _bends(free_1, z1 - p1[2], chord_1, step) and share_1 == share_1:
            z1 += 1.5 * (p1[2] + share_1 * (z1 + step - p1[2]) - z1)
            moved = True
        # The second point looks along the spiral from where the first one has just been moved to.
        near = z1 + (1.0 - 1.0 / pieces) * rise
        if _bends(free_2, z2 - p2[2], chord_2, near - z2) and share_2 == share_2:
            z2 += 1.5 * (p2[2] + share_2 * (near - p2[2]) - z2)
            moved = True
        if not moved:
            break
        iterations += 1
    return (r1[0], r1[1], z1), (r2[0], r2[1], z2), length


@kernel
def wrap_segment(p1, p2, radius, length_m, sign, axis, single, exact):
    """Bend the line from p1 to p2 around a cylinder about z.

    Parameters
    ----------
    p1, p2 : 3-tuples
        In the cylinder's frame (m).
    sign, axis : int
        Side on which the path must stay, see `Paths`.
    single : bool
        The path has one wrap only; OpenSim then leaves out the search for a smooth path.
    exact : bool
        Heights of the shortest path instead of OpenSim's.

    Returns
    -------
    code : int
        `NO_WRAP`, `INSIDE`, `WRAPPED` or `MANDATORY`; points and length mean nothing for the first two.
    r1, r2 : 3-tuples
        Where the path touches and leaves (m).
    length : float
        Of the path between them (m).
    """
    zero = (0.0, 0.0, 0.0)
    squared = radius * radius
    if p1[0] ** 2 + p1[1] ** 2 < squared or p2[0] ** 2 + p2[1] ** 2 < squared:
        return INSIDE, zero, zero, 0.0
    along = subtract(p2, p1)
    straight = math.sqrt(dot(along, along))
    along = unit(along)
    level = along[0] ** 2 + along[1] ** 2
    near, share = (math.nan, math.nan, math.nan), math.nan
    if level > _PARALLEL:
        at = -(p1[0] * along[0] + p1[1] * along[1]) / level
        near, share = add(p1, scaled(at, along)), at / straight
    cut = near[0] ** 2 + near[1] ** 2 < squared and 0.0 < share < 1.0
    code = MANDATORY if cut else WRAPPED
    if sign == 0:
        if not cut:
            return NO_WRAP, zero, zero, 0.0
    elif _on_side(p1[axis], sign) or _on_side(p2[axis], sign):
        crosses = _on_side(p1[axis], 1) != _on_side(p2[axis], 1) and not _on_side(near[axis], sign)
        if not (cut or crosses):
            return NO_WRAP, zero, zero, 0.0
    else:
        code = WRAPPED
    r1a, r1b, d1 = _touching(p1, radius)
    r2a, r2b, d2 = _touching(p2, radius)
    far, long = False, False
    if sign == 0:
        r1, r2 = _nearest_choice(r1a, r1b, r2a, r2b)
    else:
        r1, r2, far = _sided_choice(r1a, r1b, r2a, r2b, sign, axis)
        to_path = add(subtract(r1, p1), subtract(r2, p2))
        long = (r1[0] + r2[0]) * to_path[0] + (r1[1] + r2[1]) * to_path[1] < 0.0
    if exact:
        arc = radius * abs(_around(r1, r2, long))
        free_1, free_2 = math.sqrt(max(d1 * d1 - squared, 0.0)), math.sqrt(max(d2 * d2 - squared, 0.0))
        rise = (p2[2] - p1[2]) / (free_1 + arc + free_2)
        r1, r2 = (r1[0], r1[1], p1[2] + rise * free_1), (r2[0], r2[1], p2[2] - rise * free_2)
    else:
        r1, r2 = _estimated_heights(p1, p2, r1, r2, d1, d2, radius, far)
    half = length_m / 2.0
    if abs(r1[2]) > half and abs(r2[2]) > half:
        return NO_WRAP, zero, zero, 0.0
    if exact or single:
        x, y = radius * _around(r1, r2, long), r2[2] - r1[2]
        return code, r1, r2, math.sqrt(x * x + y * y)
    r1, r2, length = _smoothed(p1, p2, r1, r2, radius, long)
    return code, r1, r2, length
