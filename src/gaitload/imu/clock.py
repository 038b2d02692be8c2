"""Sensors of one trial on one time axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from gaitload.errors import DataError
from gaitload.trial import ImuRecording

_SAME_TIME = 0.01
"""Share of an interval within which two samples count as one instant."""


def on_common_clock(recordings: Sequence[ImuRecording]) -> tuple[ImuRecording, ...]:
    """Sensors that share a clock, from the first sample of any to the last of any; NaN where one has none.

    Raises
    ------
    DataError
        `IMU_CLOCKS_DIFFER`, when the samples do not lie on one grid; then synchronise the sensors and resample.
    """
    interval_s = 1.0 / recordings[0].rate_hz
    start_s = min(recording.time_s[0] for recording in recordings)
    ends = [_ticks(recording.time_s[[0, -1]], start_s, interval_s) for recording in recordings]
    for recording, end in zip(recordings, ends, strict=True):
        off = np.abs(end - np.rint(end)).max()
        if off > _SAME_TIME or round(end[1] - end[0]) != len(recording.time_s) - 1:
            raise DataError(
                expected=f"sensors that were sampled together, like {recordings[0].name} at {1.0 / interval_s:g} Hz",
                found=f"{recording.name} at {recording.rate_hz:g} Hz, {off:.2g} of an interval beside it",
                where=", ".join(each.name for each in recordings),
                do="Synchronise the sensors and resample them to one clock.",
                code="IMU_CLOCKS_DIFFER",
            )
    rows = 1 + max(round(end[1]) for end in ends)
    time_s = start_s + interval_s * np.arange(rows)
    return tuple(_placed(each, round(end[0]), time_s) for each, end in zip(recordings, ends, strict=True))


def _ticks(time_s: np.ndarray, start_s: float, interval_s: float) -> np.ndarray:
    return (time_s - start_s) / interval_s


def _placed(recording: ImuRecording, first: int, time_s: np.ndarray) -> ImuRecording:
    def padded(values: np.ndarray | None) -> np.ndarray | None:
        if values is None:
            return None
        whole = np.full((len(time_s), values.shape[1]), np.nan)
        whole[first : first + len(values)] = values
        return whole

    return replace(
        recording,
        time_s=time_s,
        acc_sensor_m_per_s2=padded(recording.acc_sensor_m_per_s2),
        gyr_sensor_rad_per_s=padded(recording.gyr_sensor_rad_per_s),
        mag_sensor=padded(recording.mag_sensor),
        orientation_wxyz=padded(recording.orientation_wxyz),
    )
