"""When somebody walks straight, to and fro, from the heading of the pelvis or the trunk (Hur 2025)."""

from __future__ import annotations

import numpy as np

from gaitload.conventions import sampling_rate_hz
from gaitload.signals.runs import true_runs
from gaitload.sync.quaternions import rotate

TOLERANCE_RAD = np.pi / 6
"""Hur 2025 keep what lies within n pi +- 30 degrees of the way."""


def heading_of(
    orientation_wxyz: np.ndarray, *, forward: tuple[float, float, float] = (1, 0, 0), up: str = "y"
) -> np.ndarray:
    """Heading (rad) of a segment's forward axis, shape (T,), counted anticlockwise from above, without jumps.

    Parameters
    ----------
    orientation_wxyz : ndarray, shape (T, 4)
        NaN where missing.
    forward
        Forward axis in the frame of the segment (sensor).
    up : "y" or "z"
        Vertical of the frame that the orientations turn into: ground or earth.
    """
    ahead = rotate(orientation_wxyz, np.broadcast_to(np.asarray(forward, dtype=float), (len(orientation_wxyz), 3)))
    side = -ahead[:, 2] if up == "y" else ahead[:, 1]
    angle = np.arctan2(side, ahead[:, 0])
    seen = np.isfinite(angle)
    angle[seen] = np.unwrap(angle[seen])
    return angle


def turn_about_vertical(orientation_wxyz: np.ndarray) -> np.ndarray:
    """Heading (rad) of a sensor up to a constant, shape (T,), without jumps: its twist about the vertical (Z up).

    It needs no forward axis, so a sensor may be worn any way but upside down, where it has no twist.
    """
    angle = 2 * np.arctan2(orientation_wxyz[:, 3], orientation_wxyz[:, 0])
    seen = np.isfinite(angle)
    angle[seen] = np.unwrap(angle[seen])
    return angle


def dominant_direction(heading_rad: np.ndarray) -> float:
    """Direction of the way (rad, in (-pi/2, pi/2]): the mean of the headings' axis, there and back alike."""
    doubled = heading_rad[np.isfinite(heading_rad)] * 2
    return float(np.arctan2(np.sin(doubled).sum(), np.cos(doubled).sum()) / 2)


def straight_frames(heading_rad: np.ndarray, *, tolerance_rad: float = TOLERANCE_RAD) -> np.ndarray:
    """Frames, bool of shape (T,), whose heading is within n pi +- the tolerance of the dominant direction.

    Parameters
    ----------
    heading_rad : ndarray, shape (T,)
        NaN is not straight.
    tolerance_rad : float
        Larger keeps more of the turns. Default: 30 degrees, Hur 2025.
    """
    off = heading_rad - dominant_direction(heading_rad)
    return np.abs(off - np.pi * np.round(off / np.pi)) <= tolerance_rad


def straight_segments(
    time_s: np.ndarray, heading_rad: np.ndarray, *, tolerance_rad: float = TOLERANCE_RAD, shortest_s: float = 1.0
) -> list[tuple[float, float]]:
    """Spans `[start_s, end_s)` of straight walking that last at least `shortest_s`."""
    interval_s = 1 / sampling_rate_hz(time_s)
    runs = true_runs(straight_frames(heading_rad, tolerance_rad=tolerance_rad))
    spans = [(float(time_s[run.start]), float(time_s[run.stop - 1] + interval_s)) for run in runs]
    return [span for span in spans if span[1] - span[0] >= shortest_s - interval_s / 2]
