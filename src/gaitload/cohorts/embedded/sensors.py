"""What the inertial sensors of the embedded laboratory record: each worn askew, all on one clock of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from gaitload.config import VirtualSensors
from gaitload.imu.measured import measured_imu
from gaitload.imu.noise import MTI_1, PacketLoss
from gaitload.imu.placement import Mounting, Placement, draw_mounting
from gaitload.imu.virtual import SensorClock
from gaitload.trial import ImuRecording

BURST_SAMPLES = 3.0
"""Packets that are lost together, on average."""


def draw_mountings(
    placements: Iterable[Placement], settings: VirtualSensors, random: np.random.Generator
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


def recorded(
    time_s: np.ndarray,
    poses: Mapping[str, tuple[np.ndarray, np.ndarray]],
    placements: Iterable[Placement],
    mountings: Mapping[str, Mounting],
    clock: SensorClock,
    settings: VirtualSensors,
    random: np.random.Generator,
) -> list[ImuRecording]:
    """Recordings of all sensors.

    Parameters
    ----------
    time_s : ndarray, shape (T,)
    poses
        Body -> rotation (T, 3, 3) and origin (T, 3), ground frame.
    placements, mountings, clock
        Where the sensors are meant to be, how they are worn, and when they sample.
    """
    return [
        measured_imu(
            time_s,
            *poses[placement.body],
            placement=placement,
            noise=MTI_1.times(settings.noise),
            random=random,
            mounting=mountings[placement.name],
            clock=clock,
            loss=PacketLoss(settings.loss_share, BURST_SAMPLES),
        )
        for placement in placements
    ]
