"""Centre of pressure, per foot."""

from __future__ import annotations

from gaitload.conventions import AXES, SIDES, column_stem, side_of
from gaitload.labels import Columns, Label, TrialLoads
from gaitload.models.anatomy import Anatomy

LABEL = Label(
    name="cop",
    unit="m",
    definition="Centre of pressure under the foot; missing while the foot is unloaded.",
    frame="ground: x forward, y up, z to the right",
    positive="along the axes",
    source="force plates",
    group="ground reaction",
)


def compute(loads: TrialLoads) -> Columns:
    """Components (m)."""
    return {
        column_stem(LABEL.name, side, axis): loads.foot_cop_ground_m[:, number, index]
        for number, side in enumerate(SIDES)
        for index, axis in enumerate(AXES)
    }


def depends(stem: str, anatomy: Anatomy) -> frozenset[str]:
    """The plates under the foot."""
    return anatomy.ground(side_of(stem))
