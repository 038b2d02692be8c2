"""Orientation of an inertial sensor: its own where it was exported, else estimated from what it measured."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.spatial.transform import Slerp
from vqf import offlineVQF

from gaitload.errors import DataError
from gaitload.imu.rotations import canonical, rotation_of
from gaitload.trial import ImuRecording

GAP_MAX_S = 0.1
"""Longest time between two samples that a straight line or a great circle may bridge. Longer: more of what wireless
sensors lose is saved; shorter: less of a swing (300 deg/s at the shank) is invented. A tenth of a second bridges the
three packets in a row that a 40 Hz recording of sitting and standing lost."""
_SAME_TIME = 1e-6
"""Share of an interval within which two times are one."""


def with_orientation(
    recording: ImuRecording, *, magnetometer: bool = False, gap_max_s: float = GAP_MAX_S
) -> ImuRecording:
    """The recording with an orientation: its own when it has one, else that of `estimate_orientation`.

    Parameters
    ----------
    recording : ImuRecording
    magnetometer : bool
        Estimate with the magnetometer (9D), so that the heading does not drift but follows the magnetic field, with
        all that steel and motors do to it; without (6D), only the heading drifts.
    gap_max_s : float
        See `GAP_MAX_S`.

    Raises
    ------
    DataError
        Those of `estimate_orientation`.
    """
    own = recording.orientation_wxyz
    if own is not None and np.isfinite(own).all(axis=1).any():
        return replace(recording, orientation_wxyz=canonical(own))
    if magnetometer and recording.mag_sensor is None:
        raise _missing(recording.name, "a magnetometer")
    orientation = estimate_orientation(
        recording.acc_sensor_m_per_s2,
        recording.gyr_sensor_rad_per_s,
        recording.rate_hz,
        mag_sensor=recording.mag_sensor if magnetometer else None,
        gap_max_s=gap_max_s,
        where=recording.name,
    )
    return replace(recording, orientation_wxyz=orientation)


def without_orientation(recording: ImuRecording) -> ImuRecording:
    """The recording with an orientation that is missing throughout, as where gravity was taken off the acceleration."""
    return replace(recording, orientation_wxyz=np.full((len(recording.time_s), 4), np.nan))


def estimate_orientation(
    acc_sensor_m_per_s2: np.ndarray,
    gyr_sensor_rad_per_s: np.ndarray,
    rate_hz: float,
    *,
    mag_sensor: np.ndarray | None = None,
    gap_max_s: float = GAP_MAX_S,
    where: str = "sensor",
) -> np.ndarray:
    """Orientation by VQF's offline filter (Laidig & Seel 2023, Information Fusion 91:187), with its own settings.

    The offline variant runs forwards and backwards over the whole recording, so that the estimate has no time to settle
    in and lags nothing.

    Parameters
    ----------
    acc_sensor_m_per_s2, gyr_sensor_rad_per_s : ndarray, shape (T, 3)
        NaN where missing.
    rate_hz : float
    mag_sensor : ndarray, shape (T, 3), optional
        With it the heading is that of the magnetic field (earth frame east, north, up); without, that of the start.
    gap_max_s : float
        Inner gaps up to this are bridged by straight lines for the filter's sake; see `GAP_MAX_S`.
    where : str
        For messages.

    Returns
    -------
    ndarray, shape (T, 4)
        Canonical unit quaternions, sensor to earth (Z up); NaN where a signal was missing.

    Raises
    ------
    DataError
        `IMU_CHANNELS_MISSING`, when no sample is whole; `IMU_GAP_LONG`, when an inner gap is too long to bridge: the
        rotation within it is lost.
    """
    parts = [gyr_sensor_rad_per_s, acc_sensor_m_per_s2] + ([] if mag_sensor is None else [mag_sensor])
    signals = np.hstack(parts)
    seen = np.isfinite(signals).all(axis=1)
    if not seen.any():
        raise _missing(where, "samples of acceleration and angular velocity" + (" and field" if len(parts) > 2 else ""))
    known = np.flatnonzero(seen)
    _require_short_gaps(known, rate_hz, gap_max_s, where)
    span = np.arange(known[0], known[-1] + 1)
    whole = np.column_stack([np.interp(span, known, column[known]) for column in signals.T])
    gyr, acc, *mag = (np.ascontiguousarray(part) for part in np.split(whole, len(parts), axis=1))
    estimate = offlineVQF(gyr, acc, mag[0] if mag else None, 1.0 / rate_hz)
    orientation = np.full((len(signals), 4), np.nan)
    orientation[span] = estimate["quat9D" if mag else "quat6D"]
    orientation[~seen] = np.nan
    return canonical(orientation)


def resample_orientation(
    orientation_wxyz: np.ndarray, time_s: np.ndarray, new_time_s: np.ndarray, *, gap_max_s: float = GAP_MAX_S
) -> np.ndarray:
    """Orientations at other times, by great circles between the samples on either side (slerp).

    Parameters
    ----------
    orientation_wxyz : ndarray, shape (T, 4)
        NaN where missing.
    time_s : ndarray, shape (T,)
        Rising.
    new_time_s : ndarray, shape (N,)
        Of any rate.
    gap_max_s : float
        See `GAP_MAX_S`; two neighbouring samples are never a gap, however slow the clock.

    Returns
    -------
    ndarray, shape (N, 4)
        Canonical; NaN outside of the samples and inside of longer gaps.
    """
    resampled = np.full((len(new_time_s), 4), np.nan)
    seen = np.isfinite(orientation_wxyz).all(axis=1)
    if not seen.any():
        return resampled
    known_s = time_s[seen]
    interval_s = (time_s[-1] - time_s[0]) / max(len(time_s) - 1, 1)
    tolerance_s = _SAME_TIME * interval_s
    after = np.searchsorted(known_s, new_time_s - tolerance_s)
    before = np.searchsorted(known_s, new_time_s + tolerance_s, side="right") - 1
    inside = (after < len(known_s)) & (before >= 0)
    gap_s = known_s[after[inside]] - known_s[before[inside]]
    inside[inside] = gap_s <= max(gap_max_s, interval_s) + tolerance_s
    if len(known_s) == 1:
        resampled[inside] = orientation_wxyz[seen]
    elif inside.any():
        slerp = Slerp(known_s, rotation_of(orientation_wxyz[seen]))
        times = np.clip(new_time_s[inside], known_s[0], known_s[-1])
        resampled[inside] = slerp(times).as_quat(scalar_first=True)
    return canonical(resampled)


def _require_short_gaps(known: np.ndarray, rate_hz: float, gap_max_s: float, where: str) -> None:
    gap_s = np.diff(known) / rate_hz
    long = (np.diff(known) > 1) & (gap_s > gap_max_s * (1.0 + _SAME_TIME))
    if long.any():
        worst = int(np.argmax(gap_s))
        raise DataError(
            expected=f"gaps of at most {gap_max_s:g} s between samples",
            found=f"{int(long.sum())} longer, the longest {gap_s[worst]:.3g} s from {known[worst] / rate_hz:.3f} s on",
            where=where,
            do="Use a part of the recording without that gap, or export the sensor's own orientation.",
            code="IMU_GAP_LONG",
        )


def _missing(where: str, what: str) -> DataError:
    return DataError(
        expected=what,
        found="none",
        where=where,
        do="Export the recording again with these channels, or with the sensor's own orientation.",
        code="IMU_CHANNELS_MISSING",
    )
