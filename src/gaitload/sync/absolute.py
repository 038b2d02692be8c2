"""The published search, literally: the integer lag with the smallest mean shortest angle (Hur 2025).

It takes both streams to be in one frame. Only the turn between a ground frame with Y up and an earth frame with Z up is
taken out, because it is a convention; headings and mountings stay in and count as angle.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gaitload.sync.quaternions import GROUND_TO_EARTH_WXYZ, multiply, shortest_angle
from gaitload.sync.streams import Orientations, normalised, orientation_spline


@dataclass(frozen=True)
class PublishedOffset:
    """What the published search finds.

    Attributes
    ----------
    offset_s : float
        `t_mocap = offset_s + t_imu`, to a whole sample.
    angle_rad : float
        Mean shortest angle there.
    lag_s, lag_angle_rad : ndarray, shape (L,)
        All lags.
    """

    offset_s: float
    angle_rad: float
    lag_s: np.ndarray
    lag_angle_rad: np.ndarray


def published_offset(imu: Orientations, mocap: Orientations, *, overlap_min_s: float) -> PublishedOffset:
    """The lag with the smallest mean shortest angle; parameters as in `mean_angles`."""
    lag_s, angle_rad = mean_angles(imu, mocap, overlap_min_s=overlap_min_s)
    best = int(np.nanargmin(angle_rad))
    return PublishedOffset(float(lag_s[best]), float(angle_rad[best]), lag_s, angle_rad)


def mean_angles(
    imu: Orientations, mocap: Orientations, *, overlap_min_s: float, every: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Mean shortest angle over all sensors and samples of the overlap, at every lag.

    Parameters
    ----------
    imu, mocap : Orientations
        Columns matched. Markers are brought to the rate of the sensors.
    overlap_min_s : float
        Lags with a shorter overlap are left out.
    every : int
        Only every so many lags; for measuring how long the whole takes.

    Returns
    -------
    offset_s : ndarray, shape (L,)
        `t_mocap - t_imu`.
    angle_rad : ndarray, shape (L,)
    """
    spline, interval_s = orientation_spline(mocap), 1 / imu.rate_hz
    time_s = np.arange(mocap.time_s[0], mocap.time_s[-1] + 1e-9, interval_s)
    valid = spline.valid(time_s)[..., None]
    theirs = multiply(GROUND_TO_EARTH_WXYZ, np.where(valid, normalised(spline(time_s)), np.nan))
    ours = imu.orientation_wxyz
    least = max(1, round(overlap_min_s * imu.rate_hz))
    lags = np.arange(least - len(ours), len(theirs) - least + 1, every)
    angles = np.array([_mean_angle(ours, theirs, int(lag)) for lag in lags])
    return time_s[0] - imu.time_s[0] + lags * interval_s, angles


def _mean_angle(ours: np.ndarray, theirs: np.ndarray, lag: int) -> float:
    first, last = max(0, -lag), min(len(ours), len(theirs) - lag)
    angles = shortest_angle(ours[first:last], theirs[first + lag : last + lag])
    return float(np.nanmean(angles)) if np.isfinite(angles).any() else np.nan
