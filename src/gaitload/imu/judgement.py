"""Gates of inertial sensors: what their own signals say against them, before anything is made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from gaitload.conventions import STANDARD_GRAVITY_M_PER_S2
from gaitload.imu.consistency import RATE_OFF_MAX, RESIDUAL_MAX, agreement
from gaitload.imu.symptoms import (
    frozen_s,
    gravity_off,
    gyroscope_offset_rad_per_s,
    jumps,
    longest_gap_s,
    turn_of_gravity,
)
from gaitload.quality import Gate, judge, not_judged
from gaitload.trial import ImuRecording

MISSING_MAX = 0.2
"""Largest share of samples that a sensor may lack. A sensor that ends a little before the others lacks some per cent;
one that lacks a fifth was cut off or out of reach."""
GAP_MAX_S = 0.25
"""Longest time without a sample within a recording. Wireless sensors lose a few packets in a row (75 ms at 40 Hz)."""
FROZEN_MAX_S = 0.25
"""Longest time for which a channel may repeat its values: at most 0.055 s on sound sensors, one at rest among them."""
UNEXPLAINED_MAX = 0.3
"""Largest relative difference of the rates of gyroscope and orientation without a cause that can be named. Sound
sensors stay below 0.13."""
RATE_DOUBTED = 0.02
"""Share by which a gyroscope may turn faster or slower than the orientation: at most 1.6 % on sound sensors."""
OFFSET_MAX_RAD_PER_S = float(np.radians(5.0))
"""Largest angular velocity that a gyroscope may read at rest: 0.1 to 2.6 deg/s on 36 sound sensors."""
GRAVITY_OFF_MAX, TILTED_MAX = 0.08, 0.1
"""Shares of gravity by which mean specific force may be off in size, and lie sideways: at most 0.055 and 0.070 on 97
sound sensors (a foot that was struck), at most 0.031 and 0.027 on all others."""
AGAINST_GRAVITY_MAX = 0.4
"""Negative correlation of the slow turns of gravity and gyroscope: at most 0.28 on sound feet and shanks; 0.45 to 0.96
on trunks, thighs and sitting or swinging sensors with an inverted gyroscope."""
CLIPPED_SAMPLES = 6
"""Samples that share the largest or smallest value of a channel before it counts as clipped. Fewer: rounded signals
are taken for clipped ones; more: a few clipped impacts pass. In 18 recordings of a shank in steps of 1/64 g
(daffertshofer_walkrun) clipped channels have it 7 to 39 times, in one or two samples in a row, the others at most 5."""
FLAT_SAMPLES, FLAT_TOPS = 3, 3
"""So many tops of so many equal samples in a row are flat, however small they are: signals that an amplifier or a
filter cuts. Fewer: rounded peaks of slow motion count; more: short clipped peaks pass."""
FLAT_STEP = 2.5
"""Step into or out of a flat top in units of the smallest step of the channel: rounded peaks have 1."""
FLAT_MIN_ACC_M_PER_S2, FLAT_MIN_GYR_RAD_PER_S = 0.5, 0.3
"""Standard deviation of a channel below which it may be at rest, where rounded values repeat."""
CLIP_MIN_ACC_M_PER_S2 = 1.9 * STANDARD_GRAVITY_M_PER_S2
CLIP_MIN_GYR_RAD_PER_S = float(np.radians(240.0))
"""Below these no sensor clips: the smallest ranges on the market are 2 g and 250 deg/s (InvenSense MPU-9250 and Bosch
BMI160, data sheets), less a twentieth for their scale. They keep sensors at rest, whose samples repeat, out."""


def missing_shares(recordings: Sequence[ImuRecording]) -> list[float]:
    """Share of the time of all sensors in which each sensor has no orientation.

    A sensor that has none throughout is judged by its angular velocity.
    """
    return [float(np.isnan(_decisive(recording)).any(axis=1).mean()) for recording in recordings]


def _decisive(recording: ImuRecording) -> np.ndarray:
    known = np.isfinite(recording.orientation_wxyz).any()
    return recording.orientation_wxyz if known else recording.gyr_sensor_rad_per_s


def clipped_share(recording: ImuRecording) -> float:
    """Share of samples in which a channel of acceleration or angular velocity rests at an extreme of its own."""
    clipped = np.zeros(len(recording.time_s), dtype=bool)
    limits = (
        (recording.acc_sensor_m_per_s2, CLIP_MIN_ACC_M_PER_S2, FLAT_MIN_ACC_M_PER_S2),
        (recording.gyr_sensor_rad_per_s, CLIP_MIN_GYR_RAD_PER_S, FLAT_MIN_GYR_RAD_PER_S),
    )
    for signals, least, moving in limits:
        for column in signals.T:
            clipped |= _clipped(column, least, moving)
    return float(clipped.mean())


def copies(recordings: Sequence[ImuRecording]) -> list[tuple[int, int]]:
    """Pairs of sensors, by their places, that recorded the same numbers: one recording serves twice."""
    signals = [
        np.hstack([each.acc_sensor_m_per_s2, each.gyr_sensor_rad_per_s, each.orientation_wxyz]) for each in recordings
    ]
    return [
        (one, other)
        for one, other in combinations(range(len(signals)), 2)
        if np.array_equal(signals[one], signals[other], equal_nan=True)
    ]


def judge_sensors(sensors: Mapping[str, ImuRecording]) -> Iterator[Gate]:
    """Judge the sensors of a trial.

    Parameters
    ----------
    sensors : mapping of str to ImuRecording
        Body -> its sensor; all on one clock, each with an orientation.

    Yields
    ------
    Gate
        IMU_RECORDING_TWICE fails: one of the two bodies has the motion of another. All others warn. A symptom that no
        sensor can show, because it lacks the channels or hardly moves, is not judged.
    """
    yield _twice(sensors)
    yield from (_judged(symptom, sensors) for symptom in _SYMPTOMS)


@dataclass(frozen=True)
class _Symptom:
    """A number of each sensor, and what follows where it is above its limit.

    Attributes
    ----------
    code, what : str
        What the number is, for the reason of the gate.
    likely : str
        Causes, the likeliest first, and what to do; said where a sensor is above the limit.
    measure : callable
        Number of one sensor; NaN where it cannot be told.
    limit : float
    describe : callable
        Number in words.
    """

    code: str
    what: str
    likely: str
    measure: Callable[[ImuRecording], float]
    limit: float
    describe: Callable[[float], str]
    unit: str = ""


def _judged(symptom: _Symptom, sensors: Mapping[str, ImuRecording]) -> Gate:
    values = {body: symptom.measure(recording) for body, recording in sensors.items()}
    known = {body: value for body, value in values.items() if not np.isnan(value)}
    if not known:
        return not_judged(symptom.code, reason=f"{symptom.what}: no sensor has the channels or moves enough to tell")
    above = [f"{body} {symptom.describe(value)}" for body, value in known.items() if value > symptom.limit]
    reason = f"{symptom.what}: {', '.join(above)}. {symptom.likely}" if above else symptom.what
    return judge(symptom.code, max(known.values()), unit=symptom.unit, reason=reason, warn_above=symptom.limit)


def _twice(sensors: Mapping[str, ImuRecording]) -> Gate:
    bodies = list(sensors)
    pairs = [f"{bodies[one]} and {bodies[other]}" for one, other in copies(list(sensors.values()))]
    what = "pairs of bodies whose sensors recorded the same numbers"
    reason = (
        f"{what}: {', '.join(pairs)}. Correct imu_files in cohort.yaml, or find the file that was copied"
        if pairs
        else what
    )
    return judge("IMU_RECORDING_TWICE", float(len(pairs)), unit="", reason=reason, fail_above=0.0)


def _turn(recording: ImuRecording) -> float:
    seen = agreement(recording.orientation_wxyz, recording.gyr_sensor_rad_per_s, recording.rate_hz)
    return np.nan if seen is None else seen.residual


def _rate(recording: ImuRecording) -> float:
    seen = agreement(recording.orientation_wxyz, recording.gyr_sensor_rad_per_s, recording.rate_hz)
    return np.nan if seen is None or seen.residual > RESIDUAL_MAX else abs(seen.ratio - 1.0)


def _percent(share: float) -> str:
    return f"{100.0 * share:.2g} %"


def _seconds(time_s: float) -> str:
    return f"{time_s:.2f} s"


_SYMPTOMS = (
    _Symptom(
        "IMU_SAMPLES_MISSING",
        "share of samples that a sensor lacks",
        "It was cut off, out of reach, or its packets were lost: export it again, or leave it out of imu_files",
        lambda recording: missing_shares([recording])[0],
        MISSING_MAX,
        _percent,
    ),
    _Symptom(
        "IMU_GAP",
        "longest time without a sample within a recording (s)",
        "The sensor was out of reach, or its clock was set: what follows the gap may be off by the step of the clock",
        longest_gap_s,
        GAP_MAX_S,
        _seconds,
        "s",
    ),
    _Symptom(
        "IMU_CLIPPED",
        "share of samples at the end of a sensor's range",
        "Peaks were higher than recorded: choose a larger range of the sensor",
        clipped_share,
        0.0,
        _percent,
    ),
    _Symptom(
        "IMU_FROZEN",
        "longest time for which a channel repeats its values (s)",
        "The sensor hung, a dead axis, or lost packets that the export filled with the last value",
        frozen_s,
        FROZEN_MAX_S,
        _seconds,
        "s",
    ),
    _Symptom(
        "IMU_ORIENTATION_JUMPS",
        "samples to which the orientation turned as the gyroscope does not say",
        "Samples were lost without a trace (the clock jumped), or the sensor was reset (its heading starts anew): "
        "use the part before or after",
        lambda recording: float(len(jumps(recording))),
        0.0,
        lambda count: f"{count:.0f}",
    ),
    _Symptom(
        "IMU_GYROSCOPE_AGAINST_GRAVITY",
        "how far gravity turns against the gyroscope (correlation of slow turns, other sign)",
        "The gyroscope has the other sign, or its axes are not those of the accelerometer",
        lambda recording: -turn_of_gravity(recording),
        AGAINST_GRAVITY_MAX,
        lambda value: f"{value:.2f}",
    ),
    _Symptom(
        "IMU_TURN_UNEXPLAINED",
        "relative difference of the rates of turn of gyroscope and orientation",
        "The gyroscope's axes are not those of the accelerometer or the orientation, these are of different sensors or "
        "times, or the orientation is filtered",
        _turn,
        UNEXPLAINED_MAX,
        lambda residual: f"{residual:.2g}",
    ),
    _Symptom(
        "IMU_RATE_DOUBTFUL",
        "share by which gyroscope and orientation turn at different rates",
        f"The sampling rate is off (see imu_rate_hz), or the gyroscope's scale; above {RATE_OFF_MAX:g} it is refused",
        _rate,
        RATE_DOUBTED,
        _percent,
    ),
    _Symptom(
        "IMU_GYROSCOPE_OFFSET",
        "angular velocity that a gyroscope reads at rest, by its orientation (rad/s)",
        "The gyroscope's offset was not taken off: let the sensor rest for a few seconds before recording",
        gyroscope_offset_rad_per_s,
        OFFSET_MAX_RAD_PER_S,
        lambda offset: f"{np.degrees(offset):.2g} deg/s",
        "rad/s",
    ),
    _Symptom(
        "IMU_GRAVITY_OFF",
        "share by which the mean vertical specific force differs from gravity",
        "The accelerometer's scale or offset is wrong, or it is clipped: calibrate the sensor",
        lambda recording: gravity_off(recording)[0],
        GRAVITY_OFF_MAX,
        _percent,
    ),
    _Symptom(
        "IMU_GRAVITY_TILTED",
        "mean horizontal specific force as a share of gravity",
        "The orientation is tilted, the accelerometer's offset is wrong, or its axes are not those of the orientation",
        lambda recording: gravity_off(recording)[1],
        TILTED_MAX,
        _percent,
    ),
)


def _clipped(column: np.ndarray, least: float, moving: float) -> np.ndarray:
    """Samples of a channel, shape (T,), that rest at an extreme of it.

    Either the extreme is at least `least` in size and many samples share it, or the channel moves by `moving` and has
    several flat tops.
    """
    clipped = np.zeros(len(column), dtype=bool)
    known = column[np.isfinite(column)]
    for end in (known.max(), known.min()) if len(known) else ():
        there = column == end
        many = abs(end) >= least and there.sum() >= CLIPPED_SAMPLES
        if many or (known.std() >= moving and _flat_tops(column, there) >= FLAT_TOPS):
            clipped |= there
    return clipped


def _flat_tops(column: np.ndarray, there: np.ndarray) -> int:
    """Runs of samples at an extreme that the signal enters or leaves by more than rounding."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], there.astype(np.int8), [0]))))
    begins, ends = edges[::2], edges[1::2]
    long = ends - begins >= FLAT_SAMPLES
    if not long.any():
        return 0
    rounding = float(np.diff(np.unique(column[np.isfinite(column)])).min(initial=np.inf))
    padded = np.concatenate(([np.nan], column, [np.nan]))
    steps = np.fmax(np.abs(padded[begins] - padded[begins + 1]), np.abs(padded[ends + 1] - padded[ends]))
    return int((long & (steps > FLAT_STEP * rounding)).sum())
