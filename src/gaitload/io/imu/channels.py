"""From the rows of a file to a recording in SI units, whatever the format."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gaitload.errors import DataError
from gaitload.imu.consistency import require_agreement, require_up
from gaitload.imu.rotations import unit_quaternions
from gaitload.imu.units import (
    ACCELERATION_UNITS,
    ANGULAR_VELOCITY_UNITS,
    acceleration_unit,
    angular_velocity_unit,
    settle_unit,
)
from gaitload.io.imu.packets import spread
from gaitload.trial import ImuRecording

_UP_JUDGED_S = 2.0
"""Recordings longer than this hold whole strides, over which a person's own accelerations average out."""


@dataclass(frozen=True)
class Channels:
    """What the rows of a file hold of one sensor, in the units of the file.

    Attributes
    ----------
    acc, gyr, mag : ndarray, shape (T, 3), or None
        In the sensor frame.
    acc_unit, gyr_unit : str or None
        A key of `ACCELERATION_UNITS`, `ANGULAR_VELOCITY_UNITS`; None when nobody says.
    orientation_wxyz : ndarray, shape (T, 4), or None
    gravity : bool
        False: gravity was taken off `acc`, whose unit has to be stated then.
    """

    acc: np.ndarray | None = None
    gyr: np.ndarray | None = None
    mag: np.ndarray | None = None
    orientation_wxyz: np.ndarray | None = None
    acc_unit: str | None = None
    gyr_unit: str | None = None
    gravity: bool = True


@dataclass(frozen=True)
class Part:
    """One sensor's share of a file: its name, the rows of its channels, and which samples they are.

    Attributes
    ----------
    name : str
    channels : Channels
    samples : ndarray of int, shape (T,)
        Rising from 0.
    start_s, interval_s : float
        Time of sample 0 and between two samples.
    """

    name: str
    channels: Channels
    samples: np.ndarray
    start_s: float
    interval_s: float


def recordings_of(parts: Sequence[Part], *, where: str) -> list[ImuRecording]:
    """Recordings of the sensors of one file, which share the units that nobody states.

    One system writes one unit: the sensors whose numbers tell it, tell it for those whose numbers do not (a foot at
    high speed), unless they disagree.

    Raises
    ------
    DataError, ConventionError
        Those of `recording_of`.
    """
    acc = _told(acceleration_unit(part.channels.acc) for part in parts if part.channels.acc is not None)
    settled = [replace(part.channels, acc_unit=part.channels.acc_unit or acc) for part in parts]
    gyr = _told(_seen_gyr_unit(part, channels) for part, channels in zip(parts, settled, strict=True))
    return [
        recording_of(
            part.name,
            replace(channels, gyr_unit=channels.gyr_unit or gyr),
            part.samples,
            start_s=part.start_s,
            interval_s=part.interval_s,
            where=where,
        )
        for part, channels in zip(parts, settled, strict=True)
    ]


def _told(units: Iterable[str | None]) -> str | None:
    """The unit that all who tell one agree on."""
    known = {unit for unit in units if unit is not None}
    return known.pop() if len(known) == 1 else None


def _seen_gyr_unit(part: Part, channels: Channels) -> str | None:
    if channels.gyr is None or channels.acc is None or channels.acc_unit is None:
        return None
    acc = channels.acc * ACCELERATION_UNITS[channels.acc_unit]
    return angular_velocity_unit(channels.gyr, 1.0 / part.interval_s, acc_m_per_s2=acc)


def recording_of(
    name: str, channels: Channels, samples: np.ndarray, *, start_s: float, interval_s: float, where: str
) -> ImuRecording:
    """One sensor's recording on a uniform clock.

    Parameters
    ----------
    name : str
        Of the sensor.
    channels : Channels
        Rows of the file.
    samples : ndarray of int, shape (T,)
        Which sample each row is, rising from 0.
    start_s, interval_s : float
        Time of sample 0 and between two samples.
    where : str
        For messages.

    Raises
    ------
    DataError
        `IMU_CHANNELS_MISSING` (neither an orientation nor acceleration and angular velocity),
        `IMU_QUATERNIONS_NOT_UNIT`, `IMU_UNITS_AMBIGUOUS`.
    ConventionError
        `IMU_UNITS_CONTRADICTED`, `IMU_UP_CONTRADICTED`, those of `require_agreement`.
    """
    where = f"{where}, sensor {name}"
    acc, gyr, mag, orientation = (
        _present(values, samples) for values in (channels.acc, channels.gyr, channels.mag, channels.orientation_wxyz)
    )
    if orientation is None and (acc is None or gyr is None):
        raise DataError(
            expected="an orientation, or acceleration and angular velocity",
            found=_found({"acceleration": acc, "angular velocity": gyr, "magnetic field": mag}),
            where=where,
            do="Export the recording again with quaternions, or with accelerometer and gyroscope.",
            code="IMU_CHANNELS_MISSING",
        )
    if orientation is not None:
        orientation = unit_quaternions(orientation, where)
    missing = np.full((int(samples[-1]) + 1, 3), np.nan)
    if acc is not None:
        seen = acceleration_unit(acc) if channels.gravity else None
        unit = settle_unit(seen, channels.acc_unit, quantity="acceleration", where=where)
        acc = acc * ACCELERATION_UNITS[unit]
    if gyr is not None:
        turned = {"acc_m_per_s2": acc if channels.gravity else None, "orientation_wxyz": orientation}
        seen = angular_velocity_unit(gyr, 1.0 / interval_s, **turned)
        unit = settle_unit(seen, channels.gyr_unit, quantity="angular velocity", where=where)
        gyr = gyr * ANGULAR_VELOCITY_UNITS[unit]
    if orientation is not None and gyr is not None:
        require_agreement(orientation, gyr, 1.0 / interval_s, where=where)
    if orientation is not None and acc is not None and channels.gravity and interval_s * len(acc) > _UP_JUDGED_S:
        require_up(orientation, acc, where)
    return ImuRecording(
        name=name,
        time_s=start_s + interval_s * np.arange(len(missing)),
        acc_sensor_m_per_s2=missing if acc is None else acc,
        gyr_sensor_rad_per_s=missing.copy() if gyr is None else gyr,
        mag_sensor=mag,
        orientation_wxyz=orientation,
    )


def _present(values: np.ndarray | None, samples: np.ndarray) -> np.ndarray | None:
    # A column that is there and holds nothing is not there: exports keep the columns of what was switched off.
    if values is None or not np.isfinite(values).all(axis=1).any():
        return None
    return spread(values, samples)


def _found(channels: dict[str, np.ndarray | None]) -> str:
    return " and ".join(name for name, values in channels.items() if values is not None) or "none of these"
