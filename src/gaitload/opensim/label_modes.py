"""What a label mode means for muscles."""

from __future__ import annotations

from collections.abc import Mapping

from gaitload.mechanics.muscle_loads import OPENSIM, Physics
from gaitload.models.family import Family


def physics_of(label_mode: str, switches: Mapping[str, bool], family: Family) -> Physics:
    """Physics of a label mode.

    Parameters
    ----------
    label_mode
        `opensim`: what OpenSim's static optimization does, whatever the switches say; `physical`: as they say.
    switches
        Fields of `gaitload.config.motion.Muscles`.
    """
    if label_mode == "opensim":
        return OPENSIM
    # ASSUME: fibres of the triceps surae shorten slowly because its tendon stretches; their force is that at rest.
    rigid = () if switches["force_velocity_rigid_tendon"] else family.rigid_tendon_muscles()
    return Physics(
        true_pennation=switches["pennation"],
        passive_force=switches["passive_force"],
        balanced_paths=switches["balanced_paths"],
        within_limits=False,
        without_force_velocity=rigid,
    )
