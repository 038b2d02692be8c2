"""Symptoms of faults in the signals of one inertial sensor: what stands still, jumps, lacks, or leaves gravity."""

from __future__ import annotations

import numpy as np
from scipy.signal import butter, sosfiltfilt

from gaitload.conventions import STANDARD_GRAVITY_M_PER_S2
from gaitload.imu.consistency import mean_force_earth
from gaitload.imu.rotations import angular_velocity_sensor
from gaitload.trial import ImuRecording

JUMP_DEG = 5.0
"""Least turn of the orientation from one sample to the next that the gyroscope must have seen. Largest in 37 sound
sensors at 100 to 200 Hz: 1.3 deg."""
_JUMP_SHARE = 0.5
"""Share of the gyroscope's own turn over the sample that is allowed on top: at 1,000 deg/s and 60 Hz, 8 deg."""
_JUMP_ALONE_DEG = 30.0
"""Least change of the turn from one sample to the next that counts as a jump where no gyroscope was recorded. Largest
in 14 sound sensors: 3.2 deg at 100 Hz, 11.9 deg at 40 Hz with three packets lost."""
_SWAY_M_PER_S = 2.0
"""Largest change of a person's velocity between begin and end of a recording; over its duration it adds to the mean
specific force."""
_DURATION_MIN_S = 2.0
"""Shorter recordings hold no whole strides, and show nothing of gravity."""
_SLOW_HZ = 0.7
"""Cut-off below which specific force is mostly gravity in walking. Lower: few turns are left; higher: strides count."""
_CHANCE_SDS = 3.5
"""Standard deviations of a correlation by chance, of so many slow turns, that it must exceed to show a sign."""
_SLOW_TURN_RAD_PER_S = 0.05
"""Root mean square of the slow turn of gravity below which it shows no sign."""


def longest_gap_s(recording: ImuRecording) -> float:
    """Longest time without a sample between two samples (s)."""
    signals = np.hstack(_channels(recording))
    seen = np.flatnonzero(np.isfinite(signals).any(axis=1))
    steps = np.diff(seen)
    return float(steps.max() - 1) / recording.rate_hz if len(steps) else 0.0


def frozen_s(recording: ImuRecording) -> float:
    """Longest time (s) for which a channel repeats its values in all axes, or one axis does while the others move.

    A live sensor has noise: no axis repeats the value before for long while others change.
    """
    return max((_longest_still(channel) for channel in _channels(recording)), default=0) / recording.rate_hz


def jumps(recording: ImuRecording) -> np.ndarray:
    """Times (s) of samples, shape (N,), to which the orientation turned as the gyroscope does not say."""
    orientation, rate_hz = recording.orientation_wxyz, recording.rate_hz
    turn_deg = np.degrees(angular_velocity_sensor(orientation, rate_hz)) / rate_hz
    gyr = recording.gyr_sensor_rad_per_s
    seen_deg = np.degrees(0.5 * (gyr[:-1] + gyr[1:])) / rate_hz
    if np.isfinite(seen_deg).any():
        off_deg = np.linalg.norm(turn_deg - seen_deg, axis=1)
        allowed_deg = JUMP_DEG + _JUMP_SHARE * np.linalg.norm(seen_deg, axis=1)
    else:
        change_deg = np.linalg.norm(np.diff(turn_deg, axis=0, prepend=turn_deg[:1]), axis=1)
        off_deg, allowed_deg = change_deg, np.full(len(change_deg), _JUMP_ALONE_DEG)
    return recording.time_s[1:][off_deg > allowed_deg]


def gyroscope_offset_rad_per_s(recording: ImuRecording) -> float:
    """Size of the mean difference (rad/s) between gyroscope and orientation: what the gyroscope reads at rest.

    NaN without both, or where too little was recorded.
    """
    gyr = recording.gyr_sensor_rad_per_s
    off = 0.5 * (gyr[:-1] + gyr[1:]) - angular_velocity_sensor(recording.orientation_wxyz, recording.rate_hz)
    seen = np.isfinite(off).all(axis=1)
    if seen.sum() < _DURATION_MIN_S * recording.rate_hz:
        return np.nan
    return float(np.linalg.norm(off[seen].mean(axis=0)))


def gravity_off(recording: ImuRecording) -> tuple[float, float]:
    """How far mean specific force in the earth frame is from gravity: in size and in tilt, both as shares of gravity.

    Over a recording the person's own accelerations average out, up to the change of velocity between its ends, which is
    taken off. NaN in both where nothing can be told.
    """
    duration_s = float(recording.time_s[-1] - recording.time_s[0])
    mean = mean_force_earth(recording.orientation_wxyz, recording.acc_sensor_m_per_s2)
    if mean is None or duration_s < _DURATION_MIN_S:
        return np.nan, np.nan
    allowed = _SWAY_M_PER_S / duration_s
    size, tilt = abs(float(mean[2]) - STANDARD_GRAVITY_M_PER_S2), float(np.hypot(mean[0], mean[1]))
    return tuple(max(off - allowed, 0.0) / STANDARD_GRAVITY_M_PER_S2 for off in (size, tilt))


def turn_of_gravity(recording: ImuRecording) -> float:
    """Correlation between the slow turn of specific force in the sensor frame and that which the gyroscope demands.

    Gravity g is fixed in the earth, so that it turns in the sensor frame by -omega x g: near 1 where slow turns prevail
    (sitting down, a trunk that sways), near 0 on a swinging leg, along which specific force always points, and
    negative where the gyroscope has the other sign.

    Returns
    -------
    float
        NaN where the sensor hardly turns, where the recording holds too few slow turns to tell the correlation from
        one by chance, or where channels are missing.
    """
    acc, gyr = recording.acc_sensor_m_per_s2, recording.gyr_sensor_rad_per_s
    seen = np.isfinite(acc).all(axis=1) & np.isfinite(gyr).all(axis=1)
    rate_hz = recording.rate_hz
    if seen.sum() < _DURATION_MIN_S * rate_hz or rate_hz <= 4.0 * _SLOW_HZ:
        return np.nan
    slow = butter(2, _SLOW_HZ, fs=rate_hz, output="sos")
    turned = np.gradient(sosfiltfilt(slow, acc[seen], axis=0), axis=0) * rate_hz
    demanded = -sosfiltfilt(slow, np.cross(gyr[seen], acc[seen]), axis=0)
    size = np.sqrt(np.mean(np.square(demanded).sum(axis=1))) / STANDARD_GRAVITY_M_PER_S2
    if not size > _SLOW_TURN_RAD_PER_S or not turned.any():
        return np.nan
    correlation = float(np.corrcoef(turned.ravel(), demanded.ravel())[0, 1])
    # A band of width f has 2 f independent values a second, and gravity turns in two directions.
    independent = 2.0 * 2.0 * _SLOW_HZ * seen.sum() / rate_hz
    return correlation if abs(correlation) > _CHANCE_SDS / np.sqrt(independent) else np.nan


def _channels(recording: ImuRecording) -> list[np.ndarray]:
    channels = (recording.acc_sensor_m_per_s2, recording.gyr_sensor_rad_per_s, recording.orientation_wxyz)
    return [each for each in channels if each is not None and np.isfinite(each).any()]


def _longest_still(channel: np.ndarray) -> int:
    """Most samples in a row of a channel, shape (T, C), that repeat the one before in all axes, or in one alone."""
    still = np.diff(channel, axis=0, prepend=np.nan) == 0.0
    moves = np.isfinite(channel).all(axis=1) & (still.sum(axis=1) <= 1)
    one_alone = [_longest_run(still[:, axis] & moves) for axis in range(channel.shape[1])]
    return max(_longest_run(still.all(axis=1)), *one_alone)


def _longest_run(flags: np.ndarray) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return int((edges[1::2] - edges[::2]).max()) if len(edges) else 0
