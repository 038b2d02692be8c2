"""Joint angles of the legs."""

from __future__ import annotations

from gaitload.conventions import SIDES, column_stem
from gaitload.labels import Columns, Label, TrialLoads
from gaitload.models.anatomy import Anatomy

LABEL = Label(
    name="angle",
    unit="rad",
    definition="Generalized coordinates of hip, knee and ankle after the low-pass filter.",
    frame="joint coordinates of the model",
    positive="hip and knee flexion, hip adduction, hip internal rotation, ankle dorsiflexion",
    source="inverse kinematics of the markers",
    group="joint angles",
)


def compute(loads: TrialLoads) -> Columns:
    """One column per coordinate (rad)."""
    return {
        column_stem(name, side): loads.coordinates[f"{name}_{side}"]
        for name in loads.family.side_coordinates
        for side in SIDES
    }


def depends(stem: str, anatomy: Anatomy) -> frozenset[str]:
    """Poses of the segments at the joint."""
    return anatomy.angle(stem)
