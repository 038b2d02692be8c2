"""What a real sensor would hand over: worn askew, noisy, its orientation estimated by a filter, packets lost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.spatial.transform import Rotation

from gaitload.imu.noise import ImuNoise, PacketLoss, noisy, without_lost
from gaitload.imu.orientation import estimate_orientation
from gaitload.imu.placement import AS_PLACED, Mounting, Placement
from gaitload.imu.rotations import canonical, rotation_of
from gaitload.imu.virtual import SensorClock, ideal_imu
from gaitload.trial import ImuRecording


def measured_imu(
    time_s: np.ndarray,
    rotation_ground: np.ndarray,
    origin_ground_m: np.ndarray,
    *,
    placement: Placement,
    noise: ImuNoise,
    random: np.random.Generator,
    mounting: Mounting = AS_PLACED,
    clock: SensorClock | None = None,
    loss: PacketLoss | None = None,
    field_earth: np.ndarray | None = None,
) -> ImuRecording:
    """A sensor's recording with its errors: placement, mounting, ideal signals, noise, filter, lost packets.

    The sensor integrates between its samples (see `ideal_imu`), as wearable ones do.

    The orientation is that of `gaitload.imu.orientation.estimate_orientation` on the noisy signals: VQF, run over the
    whole recording in both directions (Laidig & Seel 2023, doi 10.1016/j.inffus.2022.10.014). Its heading is the true
    one plus `mounting.heading_rad`: with a magnetometer as far as the filter holds it to the field; without one at the
    first sample, as after a heading reset, from where it drifts.

    Parameters
    ----------
    time_s, rotation_ground, origin_ground_m, clock, field_earth
        See `gaitload.imu.virtual.ideal_imu`.
    placement
        Where the sensor is meant to be.
    noise
        Of the sensor, `gaitload.imu.noise.MTI_1` for instance.
    random
        Everything that is drawn is drawn from it: equal states give equal bytes.
    mounting
        How it is worn in fact.
    loss
        None loses nothing.

    Returns
    -------
    ImuRecording
        Times are those its own clock shows; orientations are canonical.

    Raises
    ------
    ConfigError, DataError
        As `ideal_imu` does.
    """
    worn = mounting.worn(placement)
    # The filter turns by each rate for the period before its sample. Given the rate at the sample, it would be half a
    # period ahead: 2.4 deg at 8.5 rad/s and 100 Hz.
    ideal = ideal_imu(
        time_s,
        rotation_ground,
        origin_ground_m,
        placement=worn,
        clock=clock,
        field_earth=field_earth,
        integrating=True,
    )
    raw = noisy(ideal, noise, random)
    estimate = estimate_orientation(
        raw.acc_sensor_m_per_s2, raw.gyr_sensor_rad_per_s, raw.rate_hz, mag_sensor=raw.mag_sensor, where=raw.name
    )
    if field_earth is None:
        turn_rad = _heading_reset(estimate[0], ideal.orientation_wxyz[0])
    else:
        turn_rad = _north_heading(field_earth)
    turn = Rotation.from_rotvec([0.0, 0.0, turn_rad + mounting.heading_rad])
    orientation = canonical((turn * rotation_of(estimate)).as_quat(scalar_first=True))
    return without_lost(replace(raw, orientation_wxyz=orientation), loss or PacketLoss(), random)


def _heading_reset(estimate_wxyz: np.ndarray, true_wxyz: np.ndarray) -> float:
    """Turn about the vertical that gives one estimated orientation, shape (4,), the heading of the true one."""
    estimate, true = (rotation_of(one) for one in (estimate_wxyz, true_wxyz))
    missing = (true * estimate.inv()).as_quat(scalar_first=True)
    return float(2.0 * np.arctan2(missing[3], missing[0]))


def _north_heading(field_earth: np.ndarray) -> float:
    """Turn about the vertical from a frame whose y axis is magnetic north to the frame of the field."""
    return float(np.arctan2(field_earth[1], field_earth[0]) - np.pi / 2)
