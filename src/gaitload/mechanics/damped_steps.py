"""Damped Gauss-Newton steps of coordinates that have limits and followers (Levenberg-Marquardt)."""

from __future__ import annotations

from gaitload.mechanics.cholesky import solve_positive
from gaitload.mechanics.compiling import kernel
from gaitload.mechanics.vectors import copy

DAMPING_START, DAMPING_MIN, DAMPING_MAX = 1e-6, 1e-10, 1e8
EASE, STIFFEN = 0.1, 10.0
TURN_MAX_RAD = 0.5
"""Longest turn in one step: markers move along arcs, and a longer one lands in the wrong valley."""
SOFT = 1e-12
"""Share of the largest diagonal that is added to all: coordinates that nothing observes then stay where they are."""


@kernel
def _hold(matrix, gradient, index):
    """Take a coordinate at its limit out of the system."""
    matrix[index, :index] = 0.0
    matrix[index + 1 :, index] = 0.0
    matrix[index, index] = 1.0
    gradient[index] = 0.0


@kernel
def damped_step(equations, q, freedom, damping):
    """Damped Gauss-Newton step of the free coordinates that are not held at a limit; False if none can be had."""
    count = len(freedom.coordinate)
    copy(equations.matrix, equations.factor)
    copy(equations.gradient, equations.right)
    largest = 0.0
    for index in range(count):
        largest = max(largest, equations.matrix[index, index])
    for index in range(count):
        equations.factor[index, index] += damping * abs(equations.matrix[index, index]) + SOFT * (largest + 1e-300)
    for index in range(count):
        value, push = q[freedom.coordinate[index]], equations.gradient[index]
        if (value <= freedom.lower[index] and push < 0.0) or (value >= freedom.upper[index] and push > 0.0):
            _hold(equations.factor, equations.right, index)
    return solve_positive(equations.factor, equations.right, equations.step)


@kernel
def moved_by(q, step, freedom, moved):
    """Write into `moved` the coordinates after a step that stops at limits; returns the largest change."""
    largest, share = 0.0, 1.0
    copy(q, moved)
    for index in range(len(freedom.coordinate)):
        if freedom.rotational[index] and abs(step[index]) * share > TURN_MAX_RAD:
            share = TURN_MAX_RAD / abs(step[index])
    for index in range(len(freedom.coordinate)):
        coordinate = freedom.coordinate[index]
        value = min(max(q[coordinate] + share * step[index], freedom.lower[index]), freedom.upper[index])
        largest = max(largest, abs(value - q[coordinate]))
        moved[coordinate] = value
    for coordinate in range(len(q)):
        leader = freedom.leader[coordinate]
        if leader != coordinate:
            moved[coordinate] = freedom.slope[coordinate] * moved[leader] + freedom.intercept[coordinate]
    return largest
