"""The redundancy of the muscles: activations of least squares that provide the moments a motion demands."""

from __future__ import annotations

import numpy as np

from gaitload.mechanics.cholesky import solve_positive
from gaitload.mechanics.compiling import kernel

TOLERANCE = 1e-10
"""Largest moment left over, relative to 1 + the largest demanded, at which a frame counts as solved. Newton converges
quadratically at the end, so a tighter one costs nothing until rounding is reached near 1e-14."""

STEPS_MAX = 60
"""Newton steps at one softness; two to five are usual."""

SOFTNESS = (0.0, 0.1, 1e-2, 1e-3, 1e-4, 1e-5, 0.0)
"""Slopes of the activation beyond its bounds, tried until one ends with 0. Where nearly all muscles are at a bound, the
curvature changes from step to step and Newton's method strays (one of 150 random problems, half of which ask for more
than the muscles have); soft bounds, made harder one by one, lead it to the solution."""

_HALVINGS_MAX = 25
_SUFFICIENT = 1e-4
"""Share of the promised increase that a step must bring (Armijo)."""


@kernel
def _respond(gain, optimal, demanded, lower, upper, softness, multiplier, wish, left):
    """What muscles wish for and the moments left over, for some multipliers; returns the value of the dual."""
    value = 0.0
    for c in range(len(demanded)):
        reserve = multiplier[c] * optimal[c]
        left[c] = demanded[c] - optimal[c] * reserve
        value += multiplier[c] * demanded[c] - 0.5 * reserve * reserve
    for m in range(len(wish)):
        wish[m] = 0.0
        for c in range(len(demanded)):
            wish[m] += gain[m, c] * multiplier[c]
        bounded = min(max(wish[m], lower[m]), upper[m])
        beyond = wish[m] - bounded
        value += 0.5 * bounded * bounded - wish[m] * bounded - 0.5 * softness * beyond * beyond
        for c in range(len(demanded)):
            left[c] -= gain[m, c] * (bounded + softness * beyond)
    return value


@kernel
def _curvature(gain, optimal, lower, upper, softness, wish, matrix):
    """Generalized Hessian of the dual (lower triangle, positive): muscles, softly beyond their bounds, and reserves."""
    count = len(optimal)
    matrix[:] = 0.0
    for m in range(len(wish)):
        slope = 1.0 if lower[m] < wish[m] < upper[m] else softness
        if slope > 0.0:
            for c in range(count):
                if gain[m, c] != 0.0:
                    for d in range(c + 1):
                        matrix[c, d] += slope * gain[m, c] * gain[m, d]
    for c in range(count):
        matrix[c, c] += optimal[c] * optimal[c]


@kernel
def _climb(gain, optimal, demanded, lower, upper, softness, multiplier, wish):
    """Newton's method on the dual; returns the steps taken, negative where it did not arrive."""
    count = len(demanded)
    room, matrix = np.empty((4, count)), np.empty((count, count))
    left, tried_left, step, tried = room[0], room[1], room[2], room[3]
    enough = TOLERANCE * (1.0 + np.max(np.abs(demanded)))
    value = _respond(gain, optimal, demanded, lower, upper, softness, multiplier, wish, left)
    for taken in range(STEPS_MAX):
        if np.max(np.abs(left)) <= enough:
            return taken
        _curvature(gain, optimal, lower, upper, softness, wish, matrix)
        if not solve_positive(matrix, left, step):
            return -taken - 1
        slope = 0.0
        for c in range(count):
            slope += left[c] * step[c]
        length, tried_value = 1.0, -np.inf
        for _ in range(_HALVINGS_MAX):
            for c in range(count):
                tried[c] = multiplier[c] + length * step[c]
            tried_value = _respond(gain, optimal, demanded, lower, upper, softness, tried, wish, tried_left)
            # Near the solution rounding hides the increase.
            if tried_value >= value + _SUFFICIENT * length * slope - 1e-12 * abs(value):
                break
            length *= 0.5
        multiplier[:], left[:], value = tried, tried_left, tried_value
    return STEPS_MAX if np.max(np.abs(left)) <= enough else -STEPS_MAX


@kernel
def solve_frame(gain, optimal, demanded, lower, upper, multiplier, activation):
    """Activations a and controls r of reserves that minimise (sum a^2 + sum r^2) / 2 and provide what is demanded.

    Subject to gain' a + optimal r = demanded and lower <= a <= upper, as OpenSim's static optimization with exponent 2.
    On the dual there are as many unknowns as coordinates and no constraints: a = clip(gain l, lower, upper),
    r = optimal l. A semismooth Newton method with a backtracking line search (Armijo) solves it, in place: `multiplier`
    holds the start and becomes the solution l.

    Parameters
    ----------
    gain : (M, C)
        Moment on each coordinate per activation of each muscle.
    optimal : (C,)
        Moment of a reserve at control 1; positive.
    demanded : (C,)
        Moments that muscles and reserves provide together.
    lower, upper : (M,)
        Bounds of the activations.
    multiplier : (C,)
    activation : (M,)

    Returns
    -------
    int
        Newton steps taken; negative where the frame is not solved.
    """
    # ASSUME: muscles share what is demanded with the least sum of squared activations, each instant by itself.
    steps = 0
    for attempt in range(len(SOFTNESS)):
        taken = _climb(gain, optimal, demanded, lower, upper, SOFTNESS[attempt], multiplier, activation)
        steps += abs(taken)
        if SOFTNESS[attempt] == 0.0 and taken >= 0:
            break
        if attempt == 0:
            multiplier[:] = 0.0
    for m in range(len(activation)):
        activation[m] = min(max(activation[m], lower[m]), upper[m])
    return steps if taken >= 0 else -steps - 1
