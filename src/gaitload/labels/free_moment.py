"""Free moment of the ground, per foot."""

from __future__ import annotations

from gaitload.conventions import SIDES, column_stem, side_of
from gaitload.dependencies import free_moment
from gaitload.labels import Columns, Label, TrialLoads
from gaitload.models.anatomy import Anatomy

LABEL = Label(
    name="free_moment",
    unit="nm",
    definition="Moment of the ground on the foot about the vertical through the centre of pressure.",
    frame="ground, about y (up)",
    positive="counter-clockwise seen from above",
    source="force plates",
    group="ground reaction",
)


def compute(loads: TrialLoads) -> Columns:
    """One column per foot (N m)."""
    return {column_stem(LABEL.name, side): loads.foot_free_moment_nm[:, number] for number, side in enumerate(SIDES)}


def depends(stem: str, anatomy: Anatomy) -> frozenset[str]:
    """The plates under the foot."""
    return anatomy.ground(side_of(stem)) | {free_moment(side_of(stem))}
