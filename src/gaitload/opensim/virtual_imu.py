"""Virtual inertial sensors on a moving model: its bodies' poses by the compiled kernels, then the sensors' physics.

OpenSim is not asked; the room is that of everything that puts a motion on a model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from gaitload.imu.measured import measured_imu
from gaitload.imu.noise import ImuNoise, PacketLoss
from gaitload.imu.placement import AS_PLACED, Mounting, Placement
from gaitload.imu.virtual import SensorClock, ideal_imu
from gaitload.mechanics.body_tree import Mechanism
from gaitload.mechanics.kinematics import body_poses
from gaitload.models.sensors import require_bodies
from gaitload.trial import ImuRecording


def ideal_imus(
    mechanism: Mechanism,
    time_s: np.ndarray,
    q: np.ndarray,
    placements: Iterable[Placement],
    *,
    clock: SensorClock | None = None,
) -> dict[str, ImuRecording]:
    """What perfect sensors on a moving model record, by their names.

    Parameters
    ----------
    mechanism
        Of the scaled model, see `gaitload.opensim.export.export_mechanism`.
    time_s : ndarray, shape (T,)
    q : ndarray, shape (T, C)
        All coordinates in the order of the mechanism (rad, m), low-passed: accelerations are taken from them.
    placements
        On the scaled model, see `gaitload.models.sensors`.
    clock
        By default 100 Hz on the motion's own clock.

    Raises
    ------
    ConfigError
        SENSOR_BODY: a sensor on a body that the model does not have.
    DataError
        MOTION_INVALID, see `gaitload.imu.virtual.ideal_imu`.
    """
    return {
        placement.name: ideal_imu(time_s, *pose, placement=placement, clock=clock)
        for placement, pose in _carried(mechanism, q, placements)
    }


def measured_imus(
    mechanism: Mechanism,
    time_s: np.ndarray,
    q: np.ndarray,
    placements: Iterable[Placement],
    *,
    noise: ImuNoise,
    random: np.random.Generator,
    mountings: Mapping[str, Mounting] | None = None,
    clock: SensorClock | None = None,
    loss: PacketLoss | None = None,
    field_earth: np.ndarray | None = None,
) -> dict[str, ImuRecording]:
    """What real sensors on a moving model record, by their names.

    Parameters
    ----------
    mechanism, time_s, q, placements, clock
        As in `ideal_imus`.
    noise, loss, field_earth
        See `gaitload.imu.measured.measured_imu`; the same for all.
    random
        Each sensor draws from a stream of its own that comes from it.
    mountings
        Sensor -> how it is worn in fact; as placed by default.

    Raises
    ------
    ConfigError, DataError
        As `ideal_imus` does.
    """
    carried = _carried(mechanism, q, placements)
    return {
        placement.name: measured_imu(
            time_s,
            *pose,
            placement=placement,
            noise=noise,
            random=own,
            mounting=(mountings or {}).get(placement.name, AS_PLACED),
            clock=clock,
            loss=loss,
            field_earth=field_earth,
        )
        for (placement, pose), own in zip(carried, random.spawn(len(carried)), strict=True)
    }


def _carried(
    mechanism: Mechanism, q: np.ndarray, placements: Iterable[Placement]
) -> list[tuple[Placement, tuple[np.ndarray, np.ndarray]]]:
    """Every sensor with the pose of the body that carries it."""
    placements = tuple(placements)
    require_bodies(placements, mechanism.bodies)
    poses = body_poses(mechanism, q)
    return [(placement, poses[placement.body]) for placement in placements]
