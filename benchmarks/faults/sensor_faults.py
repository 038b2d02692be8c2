"""Faults of inertial sensors: pure functions on the signals of a trial's sensors.

Every function takes sensors and a size, and returns faulty sensors; nothing is changed in place. The faults with
their sizes and causes are in `sensor_catalogue`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.spatial.transform import Rotation

from benchmarks.faults.sensor_signals import Sensors, Signals

GRAVITY_M_PER_S2 = 9.80665


def exchanged(sensors: Sensors, size: float) -> dict[str, Signals]:
    """Sensors of two bodies exchanged: left and right shank (0), thigh and shank (1), pelvis and shank (2)."""
    first, second = (("tibia_r", "tibia_l"), ("femur_r", "tibia_r"), ("pelvis", "tibia_r"))[int(size)]
    return {**sensors, first: sensors[second], second: sensors[first]}


def copied(sensors: Sensors, _: float) -> dict[str, Signals]:
    """The file of one sensor twice, under the names of two bodies."""
    first, second = list(sensors)[:2]
    return {**sensors, second: sensors[first]}


def remounted(sensors: Sensors, angle_deg: float) -> dict[str, Signals]:
    """A sensor that is worn turned about its x axis, with all of its channels; 180 deg is upside down."""
    mounting = Rotation.from_rotvec([np.radians(angle_deg), 0.0, 0.0])
    return _each(sensors, 1, lambda one: _in_frame(one, mounting))


def gyroscope_inverted(sensors: Sensors, count: float) -> dict[str, Signals]:
    """Gyroscopes of so many sensors (0: all) with the other sign."""
    return _each(sensors, int(count), lambda one: replace(one, gyr=-one.gyr))


def gyroscope_axis_inverted(sensors: Sensors, axis: float) -> dict[str, Signals]:
    """One axis of one gyroscope with the other sign."""
    return _each(sensors, 1, lambda one: replace(one, gyr=one.gyr * np.where(np.arange(3) == int(axis), -1.0, 1.0)))


def gyroscope_axes_exchanged(sensors: Sensors, count: float) -> dict[str, Signals]:
    """The x and y axes of so many gyroscopes (0: all) exchanged: a left-handed frame."""
    return _each(sensors, int(count), lambda one: replace(one, gyr=one.gyr[:, [1, 0, 2]]))


def accelerometer_inverted(sensors: Sensors, count: float) -> dict[str, Signals]:
    """Accelerometers of so many sensors (0: all) with the other sign."""
    return _each(sensors, int(count), lambda one: replace(one, acc=-one.acc))


def wrong_rate(sensors: Sensors, factor: float) -> dict[str, Signals]:
    """All sensors declared at `factor` times their rate."""
    return {body: replace(one, time_s=one.time_s / factor) for body, one in sensors.items()}


def other_unit(sensors: Sensors, channel: float) -> dict[str, Signals]:
    """deg/s declared as rad/s (0), g declared as m/s2 (1), or both (2)."""
    gyr_factor = np.degrees(1.0) if channel != 1 else 1.0
    acc_divisor = GRAVITY_M_PER_S2 if channel != 0 else 1.0
    return {body: replace(one, gyr=one.gyr * gyr_factor, acc=one.acc / acc_divisor) for body, one in sensors.items()}


def quaternion_convention(sensors: Sensors, which: float) -> dict[str, Signals]:
    """Quaternions of all sensors inverse (0), with the scalar last (1), or both (2)."""
    return {body: _requaternioned(one, int(which)) for body, one in sensors.items()}


def flat_quaternion_convention(sensors: Sensors, which: float) -> dict[str, Signals]:
    """Change the quaternion convention of one sensor that lies flat, z up, as on the top of a foot."""
    body = _oriented(sensors)
    one = sensors[body]
    up = Rotation.from_quat(_whole(one), scalar_first=True).inv().apply([0.0, 0.0, 1.0]).mean(axis=0)
    mounting, _ = Rotation.align_vectors([[0.0, 0.0, 1.0]], [up / np.linalg.norm(up)])
    return {**sensors, body: _requaternioned(_in_frame(one, mounting.inv()), int(which))}


def another_frame(sensors: Sensors, angle_deg: float) -> dict[str, Signals]:
    """Orientations of a frame that is turned against the sensor, as those of a segment are."""
    aligned = Rotation.from_rotvec(np.radians(angle_deg) * np.array([0.48, 0.6, 0.64]))

    def turned(one: Signals) -> Signals:
        rotation = Rotation.from_quat(_whole(one), scalar_first=True) * aligned
        return replace(one, orientation_wxyz=_kept(one, rotation))

    return {body: turned(one) for body, one in sensors.items()}


def samples_lost_unseen(sensors: Sensors, duration_s: float) -> dict[str, Signals]:
    """One sensor lacks a stretch in its middle, and its clock goes on as if nothing were lost."""

    def cut(one: Signals) -> Signals:
        begin = len(one.time_s) // 2
        kept = np.r_[0:begin, begin + max(round(duration_s * one.rate_hz), 1) : len(one.time_s)]
        return one.changed(lambda values: values[kept])

    return _each(sensors, 1, cut)


def clock_set(sensors: Sensors, duration_s: float) -> dict[str, Signals]:
    """The clock of one sensor jumps ahead in the middle: a stretch without samples that never was."""

    def jumped(one: Signals) -> Signals:
        begin, count = len(one.time_s) // 2, max(round(duration_s * one.rate_hz), 1)
        return one.changed(
            lambda values: np.vstack((values[:begin], np.full((count, values.shape[1]), np.nan), values[begin:]))
        )

    return _each(sensors, 1, jumped)


def delayed(sensors: Sensors, duration_s: float) -> dict[str, Signals]:
    """One sensor lags all others."""

    def late(one: Signals) -> Signals:
        count = max(round(duration_s * one.rate_hz), 1)
        return one.changed(lambda values: np.vstack((np.repeat(values[:1], count, axis=0), values[:-count])))

    return _each(sensors, 1, late)


def heading_reset(sensors: Sensors, angle_deg: float) -> dict[str, Signals]:
    """The orientation filter of one sensor starts anew in the middle, with another heading."""
    body = _oriented(sensors)
    one = sensors[body]
    rotation = Rotation.from_quat(_whole(one), scalar_first=True)
    later = np.arange(len(one.time_s)) >= len(one.time_s) // 2
    heading = Rotation.from_rotvec(np.outer(np.radians(angle_deg) * later, [0.0, 0.0, 1.0]))
    return {**sensors, body: replace(one, orientation_wxyz=_kept(one, heading * rotation))}


def saturated(sensors: Sensors, share: float) -> dict[str, Signals]:
    """All sensors have a range of `share` of the largest acceleration and angular velocity that each measured."""

    def limited(values: np.ndarray) -> np.ndarray:
        end = share * np.nanmax(np.abs(values))
        return np.clip(values, -end, end)

    return {body: replace(one, acc=limited(one.acc), gyr=limited(one.gyr)) for body, one in sensors.items()}


def frozen(sensors: Sensors, duration_s: float) -> dict[str, Signals]:
    """One sensor repeats its last sample for a while."""

    def held(one: Signals) -> Signals:
        begin = len(one.time_s) // 2
        rows = np.arange(len(one.time_s))
        rows[begin : begin + max(round(duration_s * one.rate_hz), 1)] = begin
        return one.changed(lambda values: values[rows])

    return _each(sensors, 1, held)


def packets_lost(sensors: Sensors, share: float) -> dict[str, Signals]:
    """One sensor lacks samples here and there."""
    rng = np.random.default_rng(7)

    def thinned(one: Signals) -> Signals:
        lost = rng.random(len(one.time_s)) < share
        return one.changed(lambda values: np.where(lost[:, np.newaxis], np.nan, values))

    return _each(sensors, 1, thinned)


def gyroscope_scaled(sensors: Sensors, factor: float) -> dict[str, Signals]:
    """One gyroscope reads too much."""
    return _each(sensors, 1, lambda one: replace(one, gyr=one.gyr * factor))


def gyroscope_offset(sensors: Sensors, offset_deg_per_s: float) -> dict[str, Signals]:
    """One gyroscope turns at rest."""
    return _each(sensors, 1, lambda one: replace(one, gyr=one.gyr + np.radians(offset_deg_per_s) * np.eye(3)[1]))


def accelerometer_scaled(sensors: Sensors, factor: float) -> dict[str, Signals]:
    """One accelerometer reads too much."""
    return _each(sensors, 1, lambda one: replace(one, acc=one.acc * factor))


def dead_axis(sensors: Sensors, axis: float) -> dict[str, Signals]:
    """One axis of one gyroscope reads zero."""
    return _each(sensors, 1, lambda one: replace(one, gyr=np.where(np.arange(3) == int(axis), 0.0, one.gyr)))


def unit_too_small(sensors: Sensors, channel: float) -> dict[str, Signals]:
    """rad/s declared as deg/s (0), m/s2 declared as g (1), or both (2), and converted."""
    gyr_factor = np.radians(1.0) if channel != 1 else 1.0
    acc_factor = GRAVITY_M_PER_S2 if channel != 0 else 1.0
    return {body: replace(one, gyr=one.gyr * gyr_factor, acc=one.acc * acc_factor) for body, one in sensors.items()}


def accelerometer_axes_exchanged(sensors: Sensors, count: float) -> dict[str, Signals]:
    """The x and y axes of so many accelerometers (0: all) exchanged, the gyroscopes right."""
    return _each(sensors, int(count), lambda one: replace(one, acc=one.acc[:, [1, 0, 2]]))


def without_gravity(sensors: Sensors, _: float) -> dict[str, Signals]:
    """All sensors export the acceleration without gravity, by their own orientation."""

    def taken_off(one: Signals) -> Signals:
        up = Rotation.from_quat(_whole(one), scalar_first=True).inv().apply([0.0, 0.0, GRAVITY_M_PER_S2])
        return replace(one, acc=one.acc - up)

    return {body: taken_off(one) for body, one in sensors.items()}


def gyroscope_late(sensors: Sensors, duration_s: float) -> dict[str, Signals]:
    """The gyroscope of one sensor lags its accelerometer and its orientation."""

    def late(one: Signals) -> Signals:
        count = max(round(duration_s * one.rate_hz), 1)
        return replace(one, gyr=np.vstack((np.repeat(one.gyr[:1], count, axis=0), one.gyr[:-count])))

    return _each(sensors, 1, late)


def accelerometer_noisy(sensors: Sensors, sd_m_per_s2: float) -> dict[str, Signals]:
    """White noise on one accelerometer."""
    rng = np.random.default_rng(7)
    return _each(sensors, 1, lambda one: replace(one, acc=one.acc + sd_m_per_s2 * rng.normal(size=one.acc.shape)))


def quaternions_rounded(sensors: Sensors, step: float) -> dict[str, Signals]:
    """The export rounds the quaternions of all sensors."""

    def rounded(one: Signals) -> Signals:
        if one.orientation_wxyz is None:
            raise KeyError("a sensor with an orientation of its own")
        return replace(one, orientation_wxyz=np.round(one.orientation_wxyz / step) * step)

    return {body: rounded(one) for body, one in sensors.items()}


def samples_repeated(sensors: Sensors, every: float) -> dict[str, Signals]:
    """One sensor repeats one of so many samples: it was recorded at a lower rate than it was exported."""

    def held(one: Signals) -> Signals:
        rows = np.arange(len(one.time_s))
        rows[int(every) - 1 :: int(every)] -= 1
        return one.changed(lambda values: values[rows])

    return _each(sensors, 1, held)


def _each(sensors: Sensors, count: int, change: Callable[[Signals], Signals]) -> dict[str, Signals]:
    """The last `count` sensors changed (0: all)."""
    chosen = set(list(sensors)[-count:])
    return {body: change(one) if body in chosen else one for body, one in sensors.items()}


def _oriented(sensors: Sensors) -> str:
    bodies = [body for body, one in sensors.items() if one.orientation_wxyz is not None]
    if not bodies:
        raise KeyError("a sensor with an orientation of its own")
    return bodies[-1]


def _requaternioned(one: Signals, which: int) -> Signals:
    if one.orientation_wxyz is None:
        raise KeyError("a sensor with an orientation of its own")
    quaternion = one.orientation_wxyz
    if which in (0, 2):
        quaternion = quaternion * np.array([1.0, -1.0, -1.0, -1.0])
    return replace(one, orientation_wxyz=np.roll(quaternion, -1, axis=1) if which in (1, 2) else quaternion)


def _in_frame(one: Signals, mounting: Rotation) -> Signals:
    """The signals of a sensor whose frame is turned by a fixed rotation in the frame of the one that recorded."""
    acc, gyr = (mounting.inv().apply(values) for values in (one.acc, one.gyr))
    if one.orientation_wxyz is None:
        return replace(one, acc=acc, gyr=gyr)
    rotation = Rotation.from_quat(_whole(one), scalar_first=True) * mounting
    return replace(one, acc=acc, gyr=gyr, orientation_wxyz=_kept(one, rotation))


def _whole(one: Signals) -> np.ndarray:
    """Quaternions with the unit one in place of missing ones, shape (T, 4)."""
    if one.orientation_wxyz is None:
        raise KeyError("a sensor with an orientation of its own")
    missing = ~np.isfinite(one.orientation_wxyz).all(axis=1, keepdims=True)
    return np.where(missing, [1.0, 0.0, 0.0, 0.0], one.orientation_wxyz)


def _kept(one: Signals, rotation: Rotation) -> np.ndarray:
    """Quaternions of rotations, shape (T, 4), missing where those of the sensor are."""
    missing = ~np.isfinite(one.orientation_wxyz).all(axis=1, keepdims=True)
    return np.where(missing, np.nan, rotation.as_quat(scalar_first=True))
