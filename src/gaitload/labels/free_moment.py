"""Free moment of the ground, per foot."""

from __future__ import annotations

from gaitload.conventions import SIDES, column_stem
from gaitload.labels import Columns, Label, TrialLoads

LABEL = Label(
    name="free_moment",
    unit="nm",
    definition="Moment of the ground on the foot about the vertical through the centre of pressure.",
    frame="ground, about y (up)",
    positive="counter-clockwise seen from above",
    source="force plates",
)


def compute(loads: TrialLoads) -> Columns:
    """One column per foot (N m)."""
    return {column_stem(LABEL.name, side): loads.foot_free_moment_nm[:, number] for number, side in enumerate(SIDES)}
