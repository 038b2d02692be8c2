"""Low-pass filters that do not shift in time."""

from __future__ import annotations

import math

import numpy as np
from scipy.signal import butter, sosfiltfilt

from gaitload.errors import DataError
from gaitload.signals.runs import finite_runs

_RUN_MIN_SAMPLES = 10
"""Shortest run that is filtered; scipy's own padding of a second-order section needs as many."""
_PADDING_PERIODS = 3
"""Length of the mirrored ends in periods of the cut-off: at the end of a ramp of 1/s one leaves 9e-5, three 1e-9."""


def lowpass(values: np.ndarray, *, rate_hz: float, cutoff_hz: float, order: int = 4) -> np.ndarray:
    """Zero-lag Butterworth low-pass along axis 0.

    A filter of half the order runs forwards and backwards. Two passes would halve the power at the cut-off twice, so
    each pass gets a higher one: tan(pi f / rate) is divided by (sqrt(2) - 1)^(1 / order), which is 0.802 for order 4
    (Winter, Biomechanics and Motor Control of Human Movement, 4th ed., section 3.4.4; Robertson & Dowling 2003, J
    Electromyogr Kinesiol 13:569). The amplitude at `cutoff_hz` is then 1/sqrt(2) of the input's.

    Parameters
    ----------
    values : ndarray, shape (T, ...)
        NaN where missing. Each run of finite samples is filtered on its own; runs of fewer than 10 samples are left as
        they are.
    rate_hz : float
    cutoff_hz : float
        Lower: smoother, with flatter peaks; higher: noisier derivatives.
    order : int
        Of both passes together; even.

    Returns
    -------
    ndarray, shape (T, ...)

    Raises
    ------
    DataError
        `CUTOFF_TOO_HIGH`, when the cut-off is not below half the rate.
    """
    if not 0.0 < cutoff_hz < rate_hz / 2.0:
        raise DataError(
            expected=f"a cut-off above 0 and below half the rate of {rate_hz:g} Hz",
            found=f"{cutoff_hz:g} Hz",
            where="low-pass filter",
            do="Lower loads.cutoff_hz, or raise ingest.rate_hz if the recording allows.",
            code="CUTOFF_TOO_HIGH",
        )
    warped = math.tan(math.pi * cutoff_hz / rate_hz) / (math.sqrt(2.0) - 1.0) ** (1.0 / order)
    sections = butter(order // 2, 2.0 * math.atan(warped) / math.pi, output="sos")
    padding = max(_RUN_MIN_SAMPLES - 1, math.ceil(_PADDING_PERIODS * rate_hz / cutoff_hz))
    columns = np.asarray(values, dtype=float).reshape(len(values), -1)
    filtered = columns.copy()
    for run, alike in finite_runs(columns):
        length = run.stop - run.start
        if length >= _RUN_MIN_SAMPLES:
            filtered[run, alike] = sosfiltfilt(sections, columns[run, alike], axis=0, padlen=min(padding, length - 1))
    return filtered.reshape(np.shape(values))
