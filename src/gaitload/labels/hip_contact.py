"""Hip contact force."""

from __future__ import annotations

from gaitload.conventions import side_of
from gaitload.labels import Columns, Label, TrialLoads, contact_columns
from gaitload.models.anatomy import Anatomy

LABEL = Label(
    name="hcf",
    unit="n",
    definition="Reaction force of the hip joint on the femur; norm is its length.",
    frame="femur: x forward, y up, z to the right",
    positive="force on the femur along its axes; compression is negative y",
    source="joint reactions, on and in the child body",
    group="hip contact force",
)


def compute(loads: TrialLoads) -> Columns:
    """Components and norm (N)."""
    return contact_columns(LABEL.name, loads, "hip")


def depends(stem: str, anatomy: Anatomy) -> frozenset[str]:
    """The joint's moments and principal muscles."""
    return anatomy.contact("hip", side_of(stem))
