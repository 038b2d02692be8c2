"""Joint moments of the legs."""

from __future__ import annotations

from gaitload.conventions import SIDES, column_stem
from gaitload.labels import Columns, Label, TrialLoads
from gaitload.models.anatomy import Anatomy

LABEL = Label(
    name="moment",
    unit="nm",
    definition=(
        "Internal generalized forces that the motion demands of the muscles; what falls on coordinates that follow the "
        "knee (patella) is added to the knee."
    ),
    frame="joint coordinates of the model",
    positive="as the angle of the same name",
    source="inverse dynamics",
    group="joint moments",
)


def compute(loads: TrialLoads) -> Columns:
    """One column per coordinate (N m); `knee_angle` gives `knee_moment`."""
    return {
        _column(f"{name}_{side}"): loads.generalized_forces[f"{name}_{side}"]
        for name in loads.family.side_coordinates
        for side in SIDES
    }


def depends(stem: str, anatomy: Anatomy) -> frozenset[str]:
    """Everything from the joint to the ground."""
    return anatomy.moment(next(name for name in anatomy.labelled if _column(name) == stem))


def _column(coordinate: str) -> str:
    name, _, side = coordinate.rpartition("_")
    return column_stem(f"{name.removesuffix('_angle')}_moment", side)
