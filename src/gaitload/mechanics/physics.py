"""The physics of muscles that a label mode follows, and the weights by which muscles share a moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from gaitload.mechanics.body_tree import Muscles

Weighting = Literal["activation", "volume", "fibre_share", "mean_stress"]


@dataclass(frozen=True)
class Physics:
    """Where OpenSim's static optimization departs from the physics it intends, and whether to follow it.

    Attributes
    ----------
    true_pennation
        Pennation angle at the fibre's length; OpenSim evaluates it at the normalised length, next to zero.
    passive_force
        Fibres pull when stretched; OpenSim leaves that out.
    balanced_paths
        Shortest paths; OpenSim has stale points in paths with two wraps, and estimates where a path touches one.
    within_limits
        Coordinates that leave their range (a filtered knee does at heel strike) are taken at its end for muscles and
        reactions: OpenSim's AnalyzeTool assembles the model within its limits, its InverseDynamicsTool does not. One
        degree beyond a limit moves forces by 0.06 BW.
    without_force_velocity
        Muscles whose force does not depend on speed: those whose tendon is modelled rigid though it stretches.
    elastic_tendons
        Fibres and tendons are in balance; short tendons stay rigid, see `gaitload.mechanics.tendons.elastic_muscles`.
        Needs `true_pennation` and `passive_force`.
    fiber_velocity
        Force-velocity of the fibres behind elastic tendons. Their velocity is that of a first solution without it.
    tendon_strains
        Muscle -> strain of its tendon at the greatest isometric force, where it is not the model's.
    velocity_max
        Greatest velocity of all fibres (optimal lengths a second); None: the model's.
    activation_min
        Least activation of all muscles; None: the model's.
    weighting
        Weight of a muscle's activation in the cost, see `sharing_weights`.
    muscle_weights
        Muscle -> factor of that weight.
    exponent
        Exponent of the activations in the cost of sharing.
    """

    true_pennation: bool
    passive_force: bool
    balanced_paths: bool
    within_limits: bool
    without_force_velocity: tuple[str, ...] = ()
    elastic_tendons: bool = False
    fiber_velocity: bool = False
    tendon_strains: tuple[tuple[str, float], ...] = ()
    velocity_max: float | None = None
    activation_min: float | None = None
    weighting: Weighting = "activation"
    muscle_weights: tuple[tuple[str, float], ...] = ()
    exponent: float = 2.0


OPENSIM = Physics(true_pennation=False, passive_force=False, balanced_paths=False, within_limits=True)
"""What OpenSim's StaticOptimization and JointReaction do."""


def sharing_weights(muscles: Muscles, weighting: Weighting) -> np.ndarray:
    """Weight of each muscle in the cost of sharing, shape (M,).

    With the force F of a muscle, its volume V (greatest isometric force times optimal fibre length, up to a factor) and
    the share R of its optimal fibre length in the length of fibres and tendon together, the cost is, for exponent 2,

    `activation`
        Sum of a^2, the squared stress over the physiological cross-section (Crowninshield & Brand 1981).
    `volume`
        Sum of V a^2 (Happee 1994), V in units of its mean over the muscles.
    `fibre_share`
        Sum of a^2 / R.
    `mean_stress`
        Sum of (a / R)^2: the squared stress over the mean cross-section of the whole unit, V over the length of fibres
        and tendon.
    """
    share = muscles.fiber_optimal_m / (muscles.fiber_optimal_m + muscles.tendon_slack_m)
    if weighting == "volume":
        volume = muscles.force_max_n * muscles.fiber_optimal_m
        return volume / volume.mean()
    powers = {"activation": 0, "fibre_share": -1, "mean_stress": -2}
    return share ** powers[weighting]


def chosen_muscles(muscles: Muscles, physics: Physics) -> Muscles:
    """Muscles with the greatest velocity and the least activation that the physics says, where it says them."""
    if physics.velocity_max is not None:
        muscles = muscles._replace(velocity_max=np.full_like(muscles.velocity_max, physics.velocity_max))
    if physics.activation_min is not None:
        muscles = muscles._replace(activation_min=np.full_like(muscles.activation_min, physics.activation_min))
    return muscles
