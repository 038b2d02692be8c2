"""What a label mode means for muscles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gaitload.conventions import SIDES
from gaitload.errors import ConfigError
from gaitload.mechanics.physics import OPENSIM, Physics
from gaitload.models.family import Family


def physics_of(label_mode: str, switches: Mapping, family: Family, *, exponent: float = 2.0) -> Physics:
    """Physics of a label mode.

    Parameters
    ----------
    label_mode
        `opensim`: what OpenSim's static optimization does, whatever the switches say; `physical`: as they say.
    switches
        Fields of `gaitload.config.motion.Muscles`.
    exponent
        Of the activations in the cost of sharing, in either mode.
    """
    if label_mode == "opensim":
        return replace(OPENSIM, exponent=exponent)
    elastic = switches["tendons"] == "elastic"
    # ASSUME: fibres of the triceps surae shorten slowly because its tendon stretches; where the tendon is modelled
    # rigid, their force is that at rest.
    at_rest = not elastic and not switches["force_velocity_rigid_tendon"]
    return Physics(
        true_pennation=switches["pennation"],
        passive_force=switches["passive_force"],
        balanced_paths=switches["balanced_paths"],
        within_limits=False,
        without_force_velocity=family.rigid_tendon_muscles() if at_rest else (),
        elastic_tendons=elastic,
        fiber_velocity=elastic and switches["fibre_velocity"],
        tendon_strains=_by_muscle(family.tendon_strains, family),
        velocity_max=switches["fibre_velocity_max"],
        activation_min=switches["activation_min"],
        weighting=switches["sharing"],
        muscle_weights=_by_muscle(switches["sharing_weights"], family),
        exponent=exponent,
    )


def _of_group(group: str, family: Family) -> tuple[str, ...]:
    return tuple(name for side in SIDES for name in family.muscles(group, side))


def _by_muscle(values: Mapping[str, float], family: Family) -> tuple[tuple[str, float], ...]:
    """Pairs of a muscle and the value of its group.

    Raises
    ------
    ConfigError
        MUSCLE_GROUP_UNKNOWN.
    """
    unknown = sorted(set(values) - set(family.muscle_groups))
    if unknown:
        raise ConfigError(
            expected=f"muscle groups of the model family: {', '.join(sorted(family.muscle_groups))}",
            found=", ".join(unknown),
            where="muscles.sharing_weights",
            do="Correct the names of the groups, or add the group to family.yaml.",
            code="MUSCLE_GROUP_UNKNOWN",
        )
    return tuple((name, value) for group, value in values.items() for name in _of_group(group, family))
