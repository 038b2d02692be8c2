"""What Millard muscles with a rigid tendon can do: active and passive force along the tendon.

OpenSim's static optimization (`Millard2012EquilibriumMuscle::calcInextensibleTendonActiveFiberForce`) departs from the
muscle model (Millard et al. 2013, J Biomech Eng 135:021005) in two ways, which are switches here: it evaluates the
pennation angle at the normalised fibre length, so that the angle is next to zero, and it leaves out the passive force.
"""

from __future__ import annotations

import math

import numpy as np

from gaitload.mechanics.body_tree import Muscles
from gaitload.mechanics.compiling import kernel


@kernel
def curve_value(first, step, nodes, curve, x):
    """A muscle curve at x: cubics between nodes, straight beyond them; arrays as in `Muscles`."""
    width, last = step[curve], nodes.shape[1] - 1
    place = (x - first[curve]) / width
    if place <= 0.0:
        return nodes[curve, 0, 0] + place * width * nodes[curve, 0, 1]
    if place >= last:
        return nodes[curve, last, 0] + (place - last) * width * nodes[curve, last, 1]
    index = int(place)
    t = place - index
    y0, y1 = nodes[curve, index, 0], nodes[curve, index + 1, 0]
    d0, d1 = width * nodes[curve, index, 1], width * nodes[curve, index + 1, 1]
    return y0 + t * (d0 + t * (3.0 * (y1 - y0) - 2.0 * d0 - d1 + t * (2.0 * (y0 - y1) + d0 + d1)))


@kernel
def curve_point(first, step, nodes, curve, x):
    """Value and slope of a muscle curve at x; see `curve_value`."""
    width, last = step[curve], nodes.shape[1] - 1
    place = (x - first[curve]) / width
    if place <= 0.0:
        slope = nodes[curve, 0, 1]
        return nodes[curve, 0, 0] + place * width * slope, slope
    if place >= last:
        slope = nodes[curve, last, 1]
        return nodes[curve, last, 0] + (place - last) * width * slope, slope
    index = int(place)
    t = place - index
    y0, d0, d1 = nodes[curve, index, 0], nodes[curve, index, 1], nodes[curve, index + 1, 1]
    rise = (nodes[curve, index + 1, 0] - y0) / width
    bend, twist = 3.0 * rise - 2.0 * d0 - d1, d0 + d1 - 2.0 * rise
    return y0 + width * t * (d0 + t * (bend + t * twist)), d0 + t * (2.0 * bend + 3.0 * t * twist)


@kernel
def pennation_cosine(width, sine_max, cosine_max, length):
    """Cosine of the pennation angle at a fibre length, taken as it is given (m, or as OpenSim gives it normalised)."""
    if width == 0.0:
        return 1.0
    if length * sine_max <= width:
        return cosine_max
    return math.sqrt(1.0 - (width / length) ** 2)


@kernel
def tendon_forces(muscles, length, speed, true_pennation, passive_force, force_velocity, active, passive):
    """Greatest active and the passive forces along the tendons of one frame.

    Parameters
    ----------
    length, speed : (M,)
        Of the paths (m, m/s).
    true_pennation, passive_force : bool
        See `Physics`.
    force_velocity : (M,) bool
        Whether a muscle's force depends on the speed of its fibres.
    active, passive : (M,)
        Filled (N).
    """
    slack, widths, sines, cosines = (
        muscles.tendon_slack_m,
        muscles.width_m,
        muscles.pennation_max_sine,
        muscles.pennation_max_cosine,
    )
    optimal, strongest, fastest = muscles.fiber_optimal_m, muscles.force_max_n, muscles.velocity_max
    pennated, shortest = muscles.pennated_min_m, muscles.fiber_min_m
    lengths, speeds, stretches = muscles.active_curve, muscles.velocity_curve, muscles.passive_curve
    first, step, nodes = muscles.curve_first, muscles.curve_step, muscles.curve_nodes
    # ASSUME: tendons are rigid, so that a fibre's length and speed follow from those of its path.
    for m in range(len(length)):
        along, fiber = length[m] - slack[m], pennated[m]
        if along >= fiber * cosines[m]:
            fiber = math.sqrt(widths[m] * widths[m] + along * along)
        normalised, slant = fiber / optimal[m], pennation_cosine(widths[m], sines[m], cosines[m], fiber)
        cosine = slant if true_pennation else pennation_cosine(widths[m], sines[m], cosines[m], normalised)
        strength = strongest[m] * cosine
        active[m], passive[m] = 0.0, 0.0
        if passive_force:
            passive[m] = strength * curve_value(first, step, nodes, stretches[m], normalised)
        if fiber <= shortest[m]:
            continue
        active[m] = strength * curve_value(first, step, nodes, lengths[m], normalised)
        if force_velocity[m]:
            rate = speed[m] * slant / (optimal[m] * fastest[m])
            active[m] *= curve_value(first, step, nodes, speeds[m], rate)


@kernel
def _capacities(muscles, length, speed, true_pennation, force_velocity, active, passive):
    for t in range(len(length)):
        tendon_forces(muscles, length[t], speed[t], true_pennation, True, force_velocity, active[t], passive[t])


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
