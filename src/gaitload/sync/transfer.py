"""What a sensor recorded, on the clock of the trial."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gaitload.conventions import sampling_rate_hz
from gaitload.imu.orientation import GAP_MAX_S, resample_orientation
from gaitload.signals.filters import lowpass
from gaitload.signals.resample import resample
from gaitload.signals.runs import true_runs
from gaitload.trial import ImuRecording

_FASTER = 1.05
"""Share of the trial's rate above which a sensor's signals would fold back, and are filtered first."""
_NYQUIST_SHARE = 0.9


def on_trial_clock(recording: ImuRecording, there_s: np.ndarray, time_s: np.ndarray) -> ImuRecording:
    """The recording at the times of a trial, without its magnetometer.

    Accelerations and angular velocities go along cubic splines, orientations along great circles. Gaps of up to
    `GAP_MAX_S` are bridged, longer ones stay NaN. Signals of a faster sensor are low-passed at nine tenths of half the
    trial's rate first.

    Parameters
    ----------
    there_s : ndarray, shape (T,)
        Times of the recording's samples on the clock of the trial.
    time_s : ndarray, shape (N,)
        Of the trial; uniform.
    """
    signals = np.hstack([recording.acc_sensor_m_per_s2, recording.gyr_sensor_rad_per_s])
    bridged = _bridged(signals, there_s)
    rate_hz, wanted_hz = sampling_rate_hz(there_s), sampling_rate_hz(time_s)
    if rate_hz > _FASTER * wanted_hz:
        bridged = lowpass(bridged, rate_hz=rate_hz, cutoff_hz=_NYQUIST_SHARE * wanted_hz / 2)
    acc, gyr = np.hsplit(resample(bridged, there_s, time_s), 2)
    own = recording.orientation_wxyz
    return replace(
        recording,
        time_s=time_s,
        acc_sensor_m_per_s2=acc,
        gyr_sensor_rad_per_s=gyr,
        mag_sensor=None,
        orientation_wxyz=None if own is None else resample_orientation(own, there_s, time_s),
    )


def _bridged(signals: np.ndarray, time_s: np.ndarray) -> np.ndarray:
    seen = np.isfinite(signals).all(axis=1)
    filled = signals.copy()
    for gap in true_runs(~seen):
        inner = gap.start > 0 and gap.stop < len(seen)
        if inner and time_s[gap.stop] - time_s[gap.start - 1] <= GAP_MAX_S * (1 + 1e-6):
            ends = [gap.start - 1, gap.stop]
            filled[gap] = np.stack([np.interp(time_s[gap], time_s[ends], column[ends]) for column in signals.T], axis=1)
    return filled
