"""Virtual inertial sensors on a moving model: its bodies' poses by the compiled kernels, then the sensors' physics.

OpenSim is not asked; the room is that of everything that puts a motion on a model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from gaitload.cohorts.embedded.people import random_of
from gaitload.cohorts.embedded.sensors import draw_mountings
from gaitload.config.sensors import SensorErrors
from gaitload.conventions import sampling_rate_hz
from gaitload.imu.columns import sensor_columns
from gaitload.imu.measured import measured_imu
from gaitload.imu.noise import MTI_1, ImuNoise, PacketLoss
from gaitload.imu.placement import AS_PLACED, Mounting, Placement
from gaitload.imu.virtual import SensorClock, ideal_imu
from gaitload.io.tables import write_table
from gaitload.mechanics.body_tree import Mechanism
from gaitload.mechanics.kinematics import body_poses
from gaitload.models.sensors import load_sensors, require_bodies, scaled_placements
from gaitload.opensim.engines.compiled import coordinates_of
from gaitload.opensim.export import export_mechanism
from gaitload.sync.transfer import on_trial_clock
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


def at_mass_centres(placements: Iterable[Placement], mechanism: Mechanism) -> tuple[Placement, ...]:
    """The same sensors, each at the centre of mass of its body and turned as before."""
    placements = tuple(placements)
    require_bodies(placements, mechanism.bodies)
    centres_m = dict(zip(mechanism.bodies, mechanism.tree.mass_center, strict=True))
    return tuple(replace(placement, position_body_m=centres_m[placement.body]) for placement in placements)


def write_virtual_imus(
    *,
    model: str,
    coordinates_mot: str,
    sensors: str,
    factors: dict[str, list[float]],
    at: str,
    errors: dict,
    seed: int,
    person: str,
    trial: str,
    table: str,
    where: str,
) -> dict:
    """Write what sensors would have recorded of a motion, on its clock, as a table of `sensor_columns`.

    Parameters
    ----------
    model, coordinates_mot
        Scaled model and its filtered motion.
    sensors, factors
        The family's sensors.yaml, and the scale factors of the bodies.
    at
        `worn` or `mass_centres`, see `gaitload.config.sensors.AlignedSensors`.
    errors
        Fields of `gaitload.config.sensors.SensorErrors`.
    seed, person, trial
        A person wears the sensors the same way in all trials; noise is each trial's own.
    """
    wanted = SensorErrors.model_validate(errors)
    mechanism = export_mechanism(model)
    time_s, q = coordinates_of(Path(coordinates_mot), mechanism, where)
    placements = scaled_placements(load_sensors(Path(sensors)), factors)
    if at == "mass_centres":
        placements = at_mass_centres(placements, mechanism)
    recordings = measured_imus(
        mechanism,
        time_s - time_s[0],
        q,
        placements,
        noise=MTI_1.times(wanted.noise),
        random=random_of(seed, person, trial),
        mountings=draw_mountings(placements, wanted, random_of(seed, person, "sensors")),
        clock=SensorClock(rate_hz=sampling_rate_hz(time_s)),
    )
    columns = {"time_s": (time_s, {"unit": "s"})}
    for name, recording in recordings.items():
        placed = on_trial_clock(recording, recording.time_s + time_s[0], time_s)
        columns |= sensor_columns(name, placed, {"source": "virtual", "verdict": "passed", "reasons": []})
    write_table(Path(table), columns, {"errors": errors})
    return {}


def _carried(
    mechanism: Mechanism, q: np.ndarray, placements: Iterable[Placement]
) -> list[tuple[Placement, tuple[np.ndarray, np.ndarray]]]:
    """Every sensor with the pose of the body that carries it."""
    placements = tuple(placements)
    require_bodies(placements, mechanism.bodies)
    poses = body_poses(mechanism, q)
    return [(placement, poses[placement.body]) for placement in placements]
