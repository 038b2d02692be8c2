"""Knee contact force."""

from __future__ import annotations

from gaitload.conventions import side_of
from gaitload.labels import Columns, Label, TrialLoads, contact_columns
from gaitload.models.anatomy import Anatomy

LABEL = Label(
    name="kcf",
    unit="n",
    definition="Reaction force of the walker knee on the tibia; norm is its length.",
    frame="tibia: x forward, y up, z to the right",
    positive="force on the tibia along its axes; compression is negative y",
    source="joint reactions, on and in the child body",
    group="knee contact force",
)


def compute(loads: TrialLoads) -> Columns:
    """Components and norm (N)."""
    return contact_columns(LABEL.name, loads, "knee")


def depends(stem: str, anatomy: Anatomy) -> frozenset[str]:
    """The joint's moments and principal muscles."""
    return anatomy.contact("knee", side_of(stem))
