"""Gates of inertial sensors: what their own signals say against them, before anything is made of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np

from gaitload.conventions import STANDARD_GRAVITY_M_PER_S2
from gaitload.quality import Gate, judge
from gaitload.trial import ImuRecording

MISSING_MAX = 0.2
"""Largest share of samples that a sensor may lack. A sensor that ends a little before the others lacks some per cent;
one that lacks a fifth was cut off or out of reach."""
CLIPPED_SAMPLES = 6
"""Samples that share the largest or smallest value of a channel before it counts as clipped. Fewer: rounded signals
are taken for clipped ones; more: a few clipped impacts pass. In 18 recordings of a shank in steps of 1/64 g
(daffertshofer_walkrun) clipped channels have it 7 to 39 times, in one or two samples in a row, the others at most 5."""
CLIP_MIN_ACC_M_PER_S2 = 1.9 * STANDARD_GRAVITY_M_PER_S2
CLIP_MIN_GYR_RAD_PER_S = float(np.radians(240.0))
"""Below these no sensor clips: the smallest ranges on the market are 2 g and 250 deg/s (InvenSense MPU-9250 and Bosch
BMI160, data sheets), less a twentieth for their scale. They keep sensors at rest, whose samples repeat, out."""


def missing_shares(recordings: Sequence[ImuRecording]) -> list[float]:
    """Share of the time of all sensors in which a sensor has no orientation, one for each."""
    return [float(np.isnan(recording.orientation_wxyz).any(axis=1).mean()) for recording in recordings]


def clipped_share(recording: ImuRecording) -> float:
    """Share of samples in which a channel of acceleration or angular velocity rests at an extreme of its own."""
    clipped = np.zeros(len(recording.time_s), dtype=bool)
    limits = (
        (recording.acc_sensor_m_per_s2, CLIP_MIN_ACC_M_PER_S2),
        (recording.gyr_sensor_rad_per_s, CLIP_MIN_GYR_RAD_PER_S),
    )
    for signals, least in limits:
        for column in signals.T:
            clipped |= _clipped(column, least)
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
        IMU_SAMPLES_MISSING and IMU_CLIPPED warn; IMU_RECORDING_TWICE fails: one of the two bodies has the motion of
        another.
    """
    bodies, recordings = list(sensors), list(sensors.values())
    missing = dict(zip(bodies, missing_shares(recordings), strict=True))
    yield judge(
        "IMU_SAMPLES_MISSING",
        max(missing.values()),
        unit="",
        reason=f"share of samples that a sensor lacks{_named(missing, MISSING_MAX)}",
        warn_above=MISSING_MAX,
    )
    twice = copies(recordings)
    pairs = ", ".join(f"{bodies[one]} and {bodies[other]}" for one, other in twice)
    yield judge(
        "IMU_RECORDING_TWICE",
        float(len(twice)),
        unit="",
        reason=f"pairs of bodies whose sensors recorded the same numbers{f': {pairs}' if pairs else ''}",
        fail_above=0.0,
    )
    clipped = {body: clipped_share(recording) for body, recording in sensors.items()}
    yield judge(
        "IMU_CLIPPED",
        max(clipped.values()),
        unit="",
        reason=f"share of samples at the end of a sensor's range{_named(clipped, 0.0)}",
        warn_above=0.0,
    )


def _clipped(column: np.ndarray, least: float) -> np.ndarray:
    """Samples of a channel, shape (T,), that rest at an extreme of it which is at least `least` in size."""
    clipped = np.zeros(len(column), dtype=bool)
    known = column[np.isfinite(column)]
    for end in (known.max(), known.min()) if len(known) else ():
        there = column == end
        if abs(end) >= least and there.sum() >= CLIPPED_SAMPLES:
            clipped |= there
    return clipped


def _named(shares: Mapping[str, float], limit: float) -> str:
    """Bodies above a limit with their shares, for a reason."""
    above = [f"{body} {100 * share:.2g} %" for body, share in shares.items() if share > limit]
    return f": {', '.join(above)}" if above else ""
