"""How the inertial sensors of the embedded laboratory are worn, and when they sample: all on one clock of their own."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from gaitload.config.embedded import VirtualSensors
from gaitload.config.sensors import SensorErrors
from gaitload.imu.placement import Mounting, Placement, draw_mounting
from gaitload.imu.virtual import SensorClock

BURST_SAMPLES = 3.0
"""Packets that are lost together, on average."""


def draw_mountings(
    placements: Iterable[Placement], settings: SensorErrors, random: np.random.Generator
) -> dict[str, Mounting]:
    """How a person wears each sensor in all trials, by the sensor's name."""
    return {
        placement.name: draw_mounting(
            random,
            turn_sd_rad=settings.turn_sd_rad,
            shift_sd_m=settings.shift_sd_m,
            heading_max_rad=settings.heading_max_rad,
        )
        for placement in placements
    }


def draw_clock(settings: VirtualSensors, random: np.random.Generator) -> SensorClock:
    """The station's clock in one trial: it starts anywhere within its first period, and runs fast or slow."""
    return SensorClock(
        rate_hz=settings.rate_hz,
        offset_s=random.uniform() / settings.rate_hz,
        skew=settings.skew_sd * random.standard_normal(),
    )
