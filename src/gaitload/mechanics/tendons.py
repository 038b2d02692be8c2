"""Muscles in balance with elastic tendons: their tension, and how it changes with activation.

Muscle model of Millard et al. 2013 (J Biomech Eng 135:021005), without damping: the force of the fibres along the
tendon, (a f_l(l) f_v(v) + f_p(l)) F cos(alpha), equals that of the tendon, F f_t(l_t). The velocity of the fibres is
given from outside, so that the balance of one instant stands alone.
"""

from __future__ import annotations

import math

import numpy as np

from gaitload.mechanics.body_tree import Muscles
from gaitload.mechanics.compiling import kernel
from gaitload.mechanics.curves import curve_point

TOLERANCE = 1e-6
"""Imbalance at which a muscle counts as balanced, of its greatest isometric force."""

STEPS_MAX = 60
"""Steps of Newton's method, or of bisection where it leaves the bracket; three to five are usual."""


def elastic_muscles(muscles: Muscles) -> np.ndarray:
    """Muscles whose tendon is worth stretching, shape (M,), bool.

    As the authors of the model chose (Rajagopal et al. 2016): a tendon shorter than the fibres at their optimal length
    is rigid. Its stretch, 5 % of its length at the greatest isometric force, is below 5 % of a fibre.
    """
    # ASSUME: a tendon with a slack length below the optimal length of its fibres does not stretch.
    return muscles.tendon_slack_m >= muscles.fiber_optimal_m


@kernel
def _fibers(curves, active_curve, passive_curve, strongest, optimal, width, along, speed_factor):
    """Active force at full activation and passive force along the tendon, and their slopes over `along` (N, N/m).

    Single numbers of a muscle, as handing on all arrays of `Muscles` takes longer than the balance.
    """
    first, step, nodes = curves
    fiber = math.sqrt(width * width + along * along)
    cosine, length = along / fiber, fiber / optimal
    bend = width * width / (fiber * fiber * fiber)
    pull, pull_slope = curve_point(first, step, nodes, active_curve, length)
    pull, pull_slope = pull * speed_factor, pull_slope * speed_factor
    stretch, stretch_slope = curve_point(first, step, nodes, passive_curve, length)
    turned = cosine * cosine / optimal
    return (
        strongest * cosine * pull,
        strongest * cosine * stretch,
        strongest * (bend * pull + turned * pull_slope),
        strongest * (bend * stretch + turned * stretch_slope),
    )


@kernel
def balance(muscles, m, strain, length, activation, speed_factor, start):
    """One muscle in balance with its tendon.

    Parameters
    ----------
    m : int
    strain : float
        Of the tendon at the muscle's greatest isometric force.
    length : float
        Of the path (m).
    activation, speed_factor : float
        Activation, and force-velocity multiplier of the active force.
    start : float
        Guess of the result `along`.

    Returns
    -------
    tension : float
        N, along the tendon.
    gain : float
        Change of the tension with activation, the tendon's stretch included (N).
    passive : float
        Part of the tension that is passive fibre force (N).
    along : float
        Length of the fibres along the tendon (m).
    slide : float
        Change of that length with activation (m).
    """
    slack, strongest = muscles.tendon_slack_m[m], muscles.force_max_n[m]
    first, step, nodes, curve = muscles.curve_first, muscles.curve_step, muscles.curve_nodes, muscles.tendon_curve[m]
    own = muscles.active_curve[m], muscles.passive_curve[m], strongest, muscles.fiber_optimal_m[m], muscles.width_m[m]
    stretched = muscles.tendon_strain[m] / strain
    low = max(muscles.pennated_min_m[m] * muscles.pennation_max_cosine[m], 0.0)
    high = length - slack
    if high <= low:
        return 0.0, 0.0, 0.0, low, 0.0
    along = min(max(start, low), high)
    active, passive, active_slope, passive_slope = 0.0, 0.0, 0.0, 0.0
    stiffness = 0.0
    for _ in range(STEPS_MAX):
        active, passive, active_slope, passive_slope = _fibers((first, step, nodes), *own, along, speed_factor)
        at = 1.0 + ((length - along) / slack - 1.0) * stretched
        force, steepness = curve_point(first, step, nodes, curve, at)
        surplus = activation * active + passive - strongest * force
        stiffness = strongest * steepness * stretched / slack
        if abs(surplus) <= TOLERANCE * strongest:
            break
        if surplus > 0.0:
            high = along
        else:
            low = along
        slope = activation * active_slope + passive_slope + stiffness
        following = along - surplus / slope if slope > 0.0 else low
        if not low < following < high:
            following = 0.5 * (low + high)
        if following == along:
            break
        along = following
    slope = activation * active_slope + passive_slope + stiffness
    slide = -active / slope if stiffness > 0.0 and slope > stiffness * 0.01 else 0.0
    return activation * active + passive, -slide * stiffness, passive, along, slide


def balanced_tensions(
    muscles: Muscles, length_m: np.ndarray, activation: np.ndarray, strain: np.ndarray, speed_factor: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Tensions and their passive parts (N), and lengths of the fibres along the tendon (m), each of shape (T, M).

    Parameters
    ----------
    length_m, activation, speed_factor : ndarray, shape (T, M)
    strain : ndarray, shape (M,)
        Of the tendons at the greatest isometric force.
    """
    tension, passive, along = (np.empty(length_m.shape) for _ in range(3))
    _balanced(muscles, length_m, activation, strain, speed_factor, tension, passive, along)
    return tension, passive, along


@kernel
def _balanced(muscles, length, activation, strain, speed_factor, tension, passive, along):
    for t in range(length.shape[0]):
        for m in range(length.shape[1]):
            given = length[t, m], activation[t, m], speed_factor[t, m], length[t, m] - muscles.tendon_slack_m[m]
            tension[t, m], _, passive[t, m], along[t, m], _ = balance(muscles, m, strain[m], *given)
