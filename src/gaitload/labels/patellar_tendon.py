"""Patellar tendon force."""

from __future__ import annotations

from gaitload.conventions import SIDES, column_stem, side_of
from gaitload.labels import Columns, Label, TrialLoads
from gaitload.models.anatomy import Anatomy

LABEL = Label(
    name="ptf",
    unit="n",
    definition=(
        "Tension of the segment from patella to tibia: sum of the tendon forces of rectus femoris and the vasti, whose "
        "paths run over a frictionless patella and end on the tibia."
    ),
    frame="along the tendon",
    positive="tension",
    source="Rajagopal et al. 2016; muscle group patellar_tendon of the model family",
    muscle_group="patellar_tendon",
    group="patellar tendon force",
)


def compute(loads: TrialLoads) -> Columns:
    """Sum over the quadriceps (N)."""
    # ASSUME: the patella has no friction and turns no force: patellar tendon force equals the quadriceps sum.
    return {
        column_stem(LABEL.name, side): sum(
            loads.tendon_forces_n[muscle] for muscle in loads.family.muscles(LABEL.muscle_group, side)
        )
        for side in SIDES
    }


def depends(stem: str, anatomy: Anatomy) -> frozenset[str]:
    """The quadriceps."""
    return anatomy.muscles(anatomy.family.muscles(LABEL.muscle_group, side_of(stem)))
