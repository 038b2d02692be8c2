"""Ground reaction force, per foot."""

from __future__ import annotations

from gaitload.conventions import SIDES, side_of
from gaitload.labels import Columns, Label, TrialLoads, vector_columns
from gaitload.models.anatomy import Anatomy

LABEL = Label(
    name="grf",
    unit="n",
    definition="Force of the ground on the foot, low-pass filtered like the motion.",
    frame="ground: x forward, y up, z to the right",
    positive="force on the person along the axes",
    source="force plates",
    measured=True,
    group="ground reaction",
)


def compute(loads: TrialLoads) -> Columns:
    """Components and norm (N)."""
    columns: Columns = {}
    for number, side in enumerate(SIDES):
        columns |= vector_columns(LABEL.name, side, loads.foot_force_ground_n[:, number])
    return columns


def depends(stem: str, anatomy: Anatomy) -> frozenset[str]:
    """The plates under the foot."""
    return anatomy.ground(side_of(stem))
