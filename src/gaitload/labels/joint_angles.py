"""Joint angles of the legs."""

from __future__ import annotations

from gaitload.conventions import SIDES, column_stem
from gaitload.labels import Columns, Label, TrialLoads

LABEL = Label(
    name="angle",
    unit="rad",
    definition="Generalized coordinates of hip, knee and ankle after the low-pass filter.",
    frame="joint coordinates of the model",
    positive="hip and knee flexion, hip adduction, hip internal rotation, ankle dorsiflexion",
    source="inverse kinematics of the markers",
)


def compute(loads: TrialLoads) -> Columns:
    """One column per coordinate (rad)."""
    return {
        column_stem(name, side): loads.coordinates[f"{name}_{side}"]
        for name in loads.family.side_coordinates
        for side in SIDES
    }
