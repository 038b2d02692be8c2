"""The cohort that is made, and the sensors that it wears."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gaitload.config.sensors import SensorErrors
from gaitload.section import NonNegative, Positive, Section


class VirtualSensors(SensorErrors):
    """Inertial sensors of the embedded cohort, which have a clock of their own."""

    rate_hz: Positive = 100.0
    skew_sd: NonNegative = Field(3e-5, description="Of the station's clock: 30 ppm.")
    loss_share: Annotated[float, Field(ge=0, lt=0.5)] = Field(0.005, description="Packets lost on the radio.")


class Embedded(Section):
    """The synthetic cohort `embedded`: its participants, and how well they are recorded."""

    people: Annotated[int, Field(gt=0)] = Field(4, description="The first of workflow/cohorts/embedded.")
    duration_s: Annotated[float, Field(ge=2.0, le=60.0)] = Field(6.0, description="Of every motion trial.")
    seed: Annotated[int, Field(ge=0)] = Field(20160513, description="Of everything random: equal seeds, equal bytes.")
    marker_noise_m: NonNegative = Field(
        0.0002, description="In each direction; what manufacturers state for volumes of this size."
    )
    skin_motion_m: NonNegative = Field(
        0.004, description="Root mean square of how far markers move with the skin, over the thigh; elsewhere less."
    )
    gaps: Annotated[int, Field(ge=0, le=20)] = Field(6, description="Markers hidden once in every trial.")
    force_noise_n: NonNegative = Field(1.0, description="Of each force channel; moments get as many N m per 10 N.")
    sensors: VirtualSensors = VirtualSensors()
