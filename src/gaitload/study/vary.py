"""Settings of a study that vary: a grid of variants, and sensor sets by their subsets."""

from __future__ import annotations

from itertools import combinations
from typing import Annotated, Literal

from pydantic import Field

from gaitload.section import Section, Share
from gaitload.study.parts import Name, Names

CENTRAL = frozenset({"pelvis", "torso"})
"""Bodies that carry one sensor; all others have one on each side."""
WHOLE = "whole"
"""The variant that leaves no inputs out, where others do."""
Protocol = Literal["loso", "user_generalised", "user_individualised", "user_adaptive", "leave_one_trial_out"]


class SensorSubsets(Section):
    """Sensor sets as all subsets of some sensors."""

    subsets_of: Names = Field(description="Sensors; every non-empty subset is a sensor set of the study.")
    by_side: bool = Field(
        False, description="Each of these but pelvis and torso is two sensors, of the right and of the left."
    )
    exclude: tuple[Name, ...] = Field((), description="Names of subsets that are no sensor sets.")

    def sets(self) -> dict[str, tuple[str, ...]]:
        """Subsets by their name, small ones first; a name is that of the sensors, joined by `+`."""
        sensors = [
            name
            for sensor in self.subsets_of
            for name in ([f"{sensor}_r", f"{sensor}_l"] if self.by_side and sensor not in CENTRAL else [sensor])
        ]
        subsets = [subset for size in range(1, len(sensors) + 1) for subset in combinations(sensors, size)]
        return {"+".join(subset): subset for subset in subsets if "+".join(subset) not in self.exclude}


class StudyVary(Section):
    """What a study varies; every combination is one variant, and one evaluation compares them all."""

    protocol: tuple[Protocol, ...] = Field((), description="Protocols; empty: that of the study alone.")
    calibration_share: tuple[Share, ...] = Field(
        (), description="Values of split.calibration_share for the variants of protocol user_adaptive."
    )
    leave_one_out: dict[Name, Names] = Field(
        {},
        description="Name -> features and covariates that one variant does without; one more variant has all of them.",
    )
    sensor_sets: Annotated[SensorSubsets | None, Field(description="Sensor sets beside study.sensor_sets.")] = None
