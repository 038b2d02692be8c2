"""Ankle contact force."""

from __future__ import annotations

from gaitload.conventions import side_of
from gaitload.labels import Columns, Label, TrialLoads, contact_columns
from gaitload.models.anatomy import Anatomy

LABEL = Label(
    name="acf",
    unit="n",
    definition="Reaction force of the talocrural joint on the talus; norm is its length.",
    frame="talus: x forward, y up, z to the right",
    positive="force on the talus along its axes; compression is negative y",
    source="joint reactions, on and in the child body",
    group="ankle contact force",
)


def compute(loads: TrialLoads) -> Columns:
    """Components and norm (N)."""
    return contact_columns(LABEL.name, loads, "ankle")


def depends(stem: str, anatomy: Anatomy) -> frozenset[str]:
    """The joint's moments and principal muscles."""
    return anatomy.contact("ankle", side_of(stem))
