"""The files that the instruments of the embedded laboratory leave of a performance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from gaitload.cohorts.embedded import laboratory
from gaitload.cohorts.embedded.sensors import BURST_SAMPLES
from gaitload.cohorts.embedded.trials import STATIC, made_trial
from gaitload.config.embedded import Embedded, VirtualSensors
from gaitload.imu.noise import MTI_1, PacketLoss
from gaitload.imu.placement import Mounting, Placement
from gaitload.imu.virtual import SensorClock
from gaitload.io.c3d_write import write_c3d
from gaitload.io.imu.xsens_write import write_xsens
from gaitload.mechanics.body_tree import Mechanism
from gaitload.mechanics.kinematics import body_poses
from gaitload.models.markersets import MarkerSet
from gaitload.opensim.virtual_imu import measured_imus
from gaitload.stages.made.performance import Performance


def write_cameras(
    path: Path,
    mechanism: Mechanism,
    marker_set: MarkerSet,
    performance: Performance,
    *,
    trial_id: str,
    rotation: np.ndarray,
    settings: Embedded,
    random: np.random.Generator,
) -> None:
    """Markers and force plates, as a C3D file; `rotation`, shape (3, 3), turns the ground frame into the lab's."""
    static = trial_id == STATIC
    landmarks = [marker_set.by_name[name].landmark for name in mechanism.marker_names]
    worn = laboratory.worn(landmarks, static=static)
    bodies = [mechanism.bodies[index] for index in mechanism.marker_body]
    skin_m = laboratory.skin_motion_m(performance.phase, bodies, 0.0 if static else settings.skin_motion_m, random)
    places = _marker_places_m(mechanism, performance.q, skin_m)
    observed = laboratory.seen(
        places[:, worn],
        np.array([landmark is None for landmark in landmarks])[worn],
        noise_m=settings.marker_noise_m,
        gaps=0 if static else settings.gaps,
        random=random,
    )
    under = laboratory.belts if static or made_trial(trial_id).two_belts else laboratory.wide_belt
    plates = under(performance.force_n, performance.moment_nm, rotation)
    channels = np.stack([plate.channels for plate in plates])
    write_c3d(
        path,
        marker_names=[name for name, on in zip(mechanism.marker_names, worn, strict=True) if on],
        marker_rate_hz=laboratory.MARKER_RATE_HZ,
        marker_lab_m=observed @ rotation.T,
        force_rate_hz=laboratory.FORCE_RATE_HZ,
        channels=channels + laboratory.plate_noise(channels.shape, settings.force_noise_n, random),
        corners_lab_m=np.stack([plate.corners_lab_m for plate in plates]),
        origins_plate_m=np.stack([plate.origin_plate_m for plate in plates]),
    )


def write_sensors(
    paths: Mapping[str, Path],
    mechanism: Mechanism,
    performance: Performance,
    placements: Iterable[Placement],
    *,
    mountings: Mapping[str, Mounting],
    clock: SensorClock,
    settings: VirtualSensors,
    random: np.random.Generator,
) -> SensorClock:
    """One text file a sensor.

    Parameters
    ----------
    paths
        Sensor -> its file.
    clock
        Whose motion starts with the sensors.

    Returns
    -------
    SensorClock
        As whoever reads the files has to find it: from their time, which begins at the first packet, to that of the
        cameras.
    """
    recordings = measured_imus(
        mechanism,
        performance.sensor_time_s - performance.sensor_time_s[0],
        performance.sensor_q,
        placements,
        noise=MTI_1.times(settings.noise),
        random=random,
        mountings=mountings,
        clock=clock,
        loss=PacketLoss(settings.loss_share, BURST_SAMPLES),
    )
    for name, path in paths.items():
        write_xsens(path, recordings[name])
    first_s = min(float(recordings[name].time_s[0]) for name in paths) if paths else 0.0
    return clock.between(motion_zero_s=performance.lead_s, shown_zero_s=first_s)


def _marker_places_m(mechanism: Mechanism, q: np.ndarray, skin_m: np.ndarray) -> np.ndarray:
    """Where the markers are, shape (T, M, 3), ground frame; `skin_m`, same shape, is in the frames of their bodies."""
    poses = body_poses(mechanism, q)
    places = np.empty((len(q), len(mechanism.marker_names), 3))
    for index, (body, on_body) in enumerate(zip(mechanism.marker_body, mechanism.marker_position, strict=True)):
        rotation, origin = poses[mechanism.bodies[body]]
        places[:, index] = origin + np.einsum("tij,tj->ti", rotation, on_body + skin_m[:, index])
    return places
