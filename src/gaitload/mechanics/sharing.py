"""How muscles share the moments of one instant: tendons in balance, any exponent, any weights."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from gaitload.mechanics.compiling import kernel
from gaitload.mechanics.muscle_blocks import share_moments
from gaitload.mechanics.tendons import balance

ROUNDS_MAX = 40
"""Rounds of sharing, each with the muscles linear about the activations of the one before; three are usual."""

CHANGE_MAX = 1e-3
"""Greatest change of an activation in the last round. Tensions, linear in a round, are off by its square. Fibre lengths
are off by micrometres, whose differences along the trial are velocities: at 3e-2 contact has spikes of 0.5 BW."""

DAMPED_AFTER = 8
"""Rounds after which only half of a change is taken, so that nothing swings to and fro."""

IDLE = 0.01
"""Activation below which the curvature of the cost is that at this activation: powers above 2 are flat at 0."""


class Sharing(NamedTuple):
    """What muscles minimise, and which of them pull through elastic tendons.

    Attributes
    ----------
    elastic : (M,) bool
    strain : (M,)
        Of elastic tendons at the greatest isometric force.
    weight : (M,)
        Of a muscle in the cost.
    exponent : float
        Above 1.
    """

    elastic: np.ndarray
    strain: np.ndarray
    weight: np.ndarray
    exponent: float


@kernel
def share_frame(
    blocks,
    muscles,
    sharing,
    arms,
    length,
    speed_factor,
    active,
    passive,
    optimal,
    demanded,
    multiplier,
    activation,
    reserve,
    tension,
    along,
):
    """Activations of least cost, sum of weight a^exponent / exponent + sum r^2 / 2, that provide what is demanded.

    A muscle with an elastic tendon is in balance with it. Its tension is not linear in its activation, so rounds of
    quadratic programmes are solved, each with tensions linear, and costs quadratic, about the activations of the last.

    Parameters
    ----------
    blocks
        See `gaitload.mechanics.muscle_blocks`.
    muscles, sharing
        Activations stay within the bounds of `muscles`.
    arms : (M, F)
        Moment arms (m).
    length : (M,)
        Of the paths (m).
    speed_factor : (M,)
        Force-velocity multiplier of fibres behind an elastic tendon.
    active, passive : (M,)
        Tendon forces of muscles with a rigid tendon (N); filled for the others.
    optimal, demanded, multiplier, reserve : (F,)
        See `gaitload.mechanics.redundancy.solve_frame`; `multiplier` holds the start.
    activation : (M,)
        Holds the start, and is filled.
    tension : (M,)
        Filled (N).
    along : (M,)
        Length of the fibres along an elastic tendon (m): holds the start, and is filled.

    Returns
    -------
    bool
        Whether the optimum was found.
    """
    elastic, strain, weight, exponent = sharing.elastic, sharing.strain, sharing.weight, sharing.exponent
    lower, upper = muscles.activation_min, muscles.activation_max
    count, linear = len(length), exponent == 2.0 and not elastic.any()
    gain, rest, root, shift = np.empty(count), np.empty(count), np.empty(count), np.zeros(count)
    least, most, found = np.empty(count), np.empty(count), np.empty(count)
    for m in range(count):
        activation[m], root[m] = min(max(activation[m], lower[m]), upper[m]), math.sqrt(weight[m])
    solved = False
    for taken in range(ROUNDS_MAX):
        for m in range(count):
            a = activation[m]
            if elastic[m]:
                given = length[m], a, speed_factor[m], along[m]
                tension[m], active[m], passive[m], along[m] = balance(muscles, m, strain[m], *given)
                gain[m], rest[m] = active[m], tension[m] - active[m] * a
            else:
                gain[m], rest[m] = active[m], passive[m]
            if exponent != 2.0:
                bent = weight[m] * (exponent - 1.0) * max(a, IDLE) ** (exponent - 2.0)
                root[m] = math.sqrt(bent)
                shift[m] = (weight[m] * a ** (exponent - 1.0) - bent * a) / root[m]
            # In terms of y = root a + shift the cost is that of least squares.
            gain[m] /= root[m]
            rest[m] -= gain[m] * shift[m]
            # Muscles over locked joints alone are in no block: they stay as they are.
            found[m] = a * root[m] + shift[m]
            least[m], most[m] = lower[m] * root[m] + shift[m], upper[m] * root[m] + shift[m]
        solved = share_moments(blocks, arms, gain, rest, optimal, demanded, least, most, multiplier, found, reserve)
        change = 0.0
        for m in range(count):
            wanted = (found[m] - shift[m]) / root[m]
            step = wanted - activation[m]
            change = max(change, abs(step))
            activation[m] += step if taken < DAMPED_AFTER or linear else 0.5 * step
        if not solved or linear or change <= CHANGE_MAX:
            break
        solved = False
    for m in range(count):
        # Linear about the last round, so that moments are met exactly; of second order in the last change.
        tension[m] = rest[m] + gain[m] * found[m]
    return solved
