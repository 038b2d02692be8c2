"""Uniform clocks."""

from __future__ import annotations

import numpy as np

from gaitload.conventions import sampling_rate_hz


def frames_within(time_s: np.ndarray, span_s: tuple[float, float]) -> np.ndarray:
    """Frames of a uniform clock, shape (T,), inside `[start, end)`: bool, shape (T,).

    Half a frame is the tolerance, so that ends that are frames need not be exactly so.
    """
    half_frame_s = 0.5 / sampling_rate_hz(time_s)
    return (time_s >= span_s[0] - half_frame_s) & (time_s < span_s[1] - half_frame_s)
