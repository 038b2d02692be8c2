"""Hip contact force."""

from __future__ import annotations

from gaitload.labels import Columns, Label, TrialLoads, contact_columns

LABEL = Label(
    name="hcf",
    unit="n",
    definition="Reaction force of the hip joint on the femur; norm is its length.",
    frame="femur: x forward, y up, z to the right",
    positive="force on the femur along its axes; compression is negative y",
    source="joint reactions, on and in the child body",
)


def compute(loads: TrialLoads) -> Columns:
    """Components and norm (N)."""
    return contact_columns(LABEL.name, loads, "hip")
