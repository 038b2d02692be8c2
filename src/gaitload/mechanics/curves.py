"""What Millard muscles with a rigid tendon can do: active and passive force along the tendon.

OpenSim's static optimization (`Millard2012EquilibriumMuscle::calcInextensibleTendonActiveFiberForce`) departs from the
muscle model (Millard et al. 2013, J Biomech Eng 135:021005) in two ways, which are switches here: it evaluates the
pennation angle at the normalised fibre length, so that the angle is next to zero, and it leaves out the passive force.
"""

from __future__ import annotations

import math

import numpy as np

from gaitload.mechanics.body_tree import Muscles
from gaitload.mechanics.vectors import kernel


@kernel
def curve_value(muscles, curve, x):
    """A muscle curve at x: cubics between nodes, straight beyond them."""
    step, last = muscles.curve_step[curve], muscles.curve_nodes.shape[1] - 1
    place = (x - muscles.curve_first[curve]) / step
    if place <= 0.0:
        return muscles.curve_nodes[curve, 0, 0] + place * step * muscles.curve_nodes[curve, 0, 1]
    if place >= last:
        return muscles.curve_nodes[curve, last, 0] + (place - last) * step * muscles.curve_nodes[curve, last, 1]
    index = int(place)
    t = place - index
    y0, y1 = muscles.curve_nodes[curve, index, 0], muscles.curve_nodes[curve, index + 1, 0]
    d0, d1 = step * muscles.curve_nodes[curve, index, 1], step * muscles.curve_nodes[curve, index + 1, 1]
    return y0 + t * (d0 + t * (3.0 * (y1 - y0) - 2.0 * d0 - d1 + t * (2.0 * (y0 - y1) + d0 + d1)))


@kernel
def pennation_cosine(muscles, muscle, fiber_length):
    """Cosine of the pennation angle at a fibre length, taken as it is given (m, or as OpenSim gives it normalised)."""
    width = muscles.width_m[muscle]
    if width == 0.0:
        return 1.0
    if fiber_length * muscles.pennation_max_sine[muscle] <= width:
        return muscles.pennation_max_cosine[muscle]
    return math.sqrt(1.0 - (width / fiber_length) ** 2)


@kernel
def fiber_length(muscles, muscle, path_length):
    """Fibre length with a rigid tendon (m); no shorter than the most pennated fibre."""
    along, width = path_length - muscles.tendon_slack_m[muscle], muscles.width_m[muscle]
    least = muscles.pennated_min_m[muscle]
    if along >= least * muscles.pennation_max_cosine[muscle]:
        return math.sqrt(width * width + along * along)
    return least


@kernel
def tendon_force(muscles, muscle, path_length, path_speed, true_pennation, force_velocity):
    """Greatest active and the passive force along the tendon (N).

    Parameters
    ----------
    path_length, path_speed : float
        m, m/s.
    true_pennation : bool
        Pennation at the fibre's length; else as OpenSim takes it, at the normalised length.
    force_velocity : bool
        Whether the force depends on the speed of the fibre.
    """
    length, optimal = fiber_length(muscles, muscle, path_length), muscles.fiber_optimal_m[muscle]
    normalised, slant = length / optimal, pennation_cosine(muscles, muscle, length)
    cosine = slant if true_pennation else pennation_cosine(muscles, muscle, normalised)
    strength = muscles.force_max_n[muscle] * cosine
    passive = strength * curve_value(muscles, muscles.passive_curve[muscle], normalised)
    if length <= muscles.fiber_min_m[muscle]:
        return 0.0, passive
    active = strength * curve_value(muscles, muscles.active_curve[muscle], normalised)
    if force_velocity:
        speed = path_speed * slant / (optimal * muscles.velocity_max[muscle])
        active *= curve_value(muscles, muscles.velocity_curve[muscle], speed)
    return active, passive


@kernel
def _capacities(muscles, length, speed, true_pennation, force_velocity, active, passive):
    for frame in range(len(length)):
        for muscle in range(length.shape[1]):
            active[frame, muscle], passive[frame, muscle] = tendon_force(
                muscles, muscle, length[frame, muscle], speed[frame, muscle], true_pennation, force_velocity[muscle]
            )


def capacities(
    muscles: Muscles, length_m: np.ndarray, speed_m_s: np.ndarray, *, true_pennation: bool, force_velocity: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Greatest active and the passive force along the tendon of every muscle, (T, M), N.

    Parameters
    ----------
    length_m, speed_m_s : ndarray, shape (T, M)
        Of the paths.
    true_pennation
        Pennation at the fibre's length. False, as OpenSim takes it, makes a soleus 12 % too strong.
    force_velocity : ndarray of bool, shape (M,)
        Muscles whose force depends on speed. Where a tendon is modelled rigid that in truth stretches, fibres seem
        faster than they are: a running soleus then falls short.
    """
    active, passive = np.empty(length_m.shape), np.empty(length_m.shape)
    length, speed = (np.ascontiguousarray(values, dtype=np.float64) for values in (length_m, speed_m_s))
    which = np.ascontiguousarray(force_velocity, dtype=np.bool_)
    _capacities(muscles, length, speed, true_pennation, which, active, passive)
    return active, passive
