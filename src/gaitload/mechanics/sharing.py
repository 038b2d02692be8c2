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
"""Greatest change of an activation in the last round. Rounds converge as Newton's method does: contact is then within
0.001 BW of that of 1e-7 in nearly all frames (greatest 0.03 BW). At 5e-3 single frames are 0.3 BW off, as differences
of fibre lengths along the trial are velocities."""

DAMPED_AFTER = 8
"""Rounds after which only half of a change is taken, so that nothing swings to and fro."""

MOVED_MIN = 1e-4
"""Change of an activation above which the change of its gain tells how bent a tension is."""

STEEPNESS = (0.3, 5.0)
"""Least and greatest steepness of a parabola, as a share of the cost's own."""

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


class Followed(NamedTuple):
    """Activations by electromyograms, and how firmly they are followed.

    Attributes
    ----------
    wanted : (T, M)
        Activation of each muscle in each frame.
    pull : (T, M)
        Inverse variance of the wanted activation, in units of the muscle's weight: the cost is weight pull
        (a - wanted)^2 / 2. Zero where nothing was measured.
    """

    wanted: np.ndarray
    pull: np.ndarray


def followed_nothing(frames: int, muscles: int) -> Followed:
    """No electromyogram: muscles share by the criterion alone."""
    return Followed(np.zeros((frames, muscles)), np.zeros((frames, muscles)))


@kernel
def share_frame(
    blocks,
    muscles,
    sharing,
    wanted,
    pull,
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

    Where electromyograms are followed, the sum of weight pull (a - wanted)^2 / 2 is added to the cost.

    A muscle with an elastic tendon is in balance with it. Its tension is not linear in its activation, so rounds of
    quadratic programmes are solved, each with tensions linear, and costs quadratic, about the activations of the last.

    Parameters
    ----------
    blocks
        See `gaitload.mechanics.muscle_blocks`.
    muscles, sharing
        Activations stay within the bounds of `muscles`.
    wanted, pull : (M,)
        See `Followed`.
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
    lower, upper = muscles.activation_min, muscles.activation_max
    count, linear = len(length), sharing.exponent == 2.0 and not sharing.elastic.any()
    gain, rest, root, shift = np.empty(count), np.empty(count), np.empty(count), np.zeros(count)
    least, most, found = np.empty(count), np.empty(count), np.empty(count)
    slide, moved, bend = np.zeros(count), np.zeros(count), np.zeros(count)
    for m in range(count):
        activation[m] = min(max(activation[m], lower[m]), upper[m])
    solved = False
    for taken in range(ROUNDS_MAX):
        for m in range(count):
            if sharing.elastic[m]:
                before, given = active[m], (length[m], activation[m], speed_factor[m], along[m])
                tension[m], active[m], passive[m], along[m], slide[m] = balance(muscles, m, sharing.strain[m], *given)
                if taken > 0 and abs(moved[m]) > MOVED_MIN:
                    bend[m] = (active[m] - before) / moved[m]
                gain[m], rest[m] = active[m], tension[m] - active[m] * activation[m]
            else:
                gain[m], rest[m] = active[m], passive[m]
        _bend_costs(sharing, wanted, pull, activation, arms, multiplier, bend, root, shift)
        for m in range(count):
            # In terms of y = root a + shift the cost is that of least squares.
            gain[m] /= root[m]
            rest[m] -= gain[m] * shift[m]
            # Muscles over locked joints alone are in no block: they stay as they are.
            found[m] = activation[m] * root[m] + shift[m]
            least[m], most[m] = lower[m] * root[m] + shift[m], upper[m] * root[m] + shift[m]
        solved = share_moments(blocks, arms, gain, rest, optimal, demanded, least, most, multiplier, found, reserve)
        change = 0.0
        for m in range(count):
            moved[m] = (found[m] - shift[m]) / root[m] - activation[m]
            change = max(change, abs(moved[m]))
            if taken >= DAMPED_AFTER and not linear:
                moved[m] *= 0.5
            activation[m] += moved[m]
            along[m] += slide[m] * moved[m]
        if not solved or linear or change <= CHANGE_MAX:
            break
        solved = False
    for m in range(count):
        # Linear about the last round, so that moments are met exactly; of second order in the last change.
        tension[m] = rest[m] + gain[m] * found[m]
    return solved


@kernel
def _bend_costs(sharing, wanted, pull, activation, arms, multiplier, bend, root, shift):
    """Parabolas through the slope of each muscle's cost, as `root` and `shift` of y = root a + shift.

    The parabola is as steep as the cost, and as the moments that a bent tension leaves to others are worth: with that,
    rounds converge as Newton's method does.
    """
    exponent = sharing.exponent
    for m in range(len(activation)):
        a, weight = activation[m], sharing.weight[m]
        slope, steepest = weight * a, weight
        if exponent != 2.0:
            slope = weight * a ** (exponent - 1.0)
            steepest = weight * (exponent - 1.0) * max(a, IDLE) ** (exponent - 2.0)
        slope += weight * pull[m] * (a - wanted[m])
        steepest += weight * pull[m]
        bent = steepest
        if bend[m] != 0.0:
            worth = 0.0
            for c in range(len(multiplier)):
                worth += arms[m, c] * multiplier[c]
            bent = min(max(steepest - worth * bend[m], STEEPNESS[0] * steepest), STEEPNESS[1] * steepest)
        root[m] = math.sqrt(bent)
        shift[m] = (slope - bent * a) / root[m]
