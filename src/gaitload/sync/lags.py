"""What a lag leaves unexplained, for every lag and every pair of sensor and segment, by FFT.

The rotation of a sensor over a short span, q(t)^-1 q(t + span), is that of its segment seen in the sensor's own axes:
r_sensor = M r_segment, whatever the earth frame, with one constant rotation M. Its angle is the same in both. For each
lag the best M leaves

    u = (sum |r_sensor|^2 + sum |r_segment|^2 - 2 max_M trace(M^T C)) / (sum |r_sensor|^2 + sum |r_segment|^2)

of the motion unexplained, C = sum r_sensor r_segment^T; all sums are correlations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

from gaitload.sync.quaternions import wahba_gain

UNEXPLAINED_MIN = 1e-6
"""Floor of u: less than a thousandth of the motion's root mean square cannot be told from nothing."""


@dataclass(frozen=True)
class Lags:
    """Unexplained shares by lag.

    Attributes
    ----------
    frames : ndarray of int, shape (L,)
        Sample n of the sensors meets sample n + lag of the segments.
    log_unexplained : ndarray, shape (S, S, L)
        Natural logarithm of u, axis 0 the sensors, axis 1 the segments; only the diagonal where pairs were not asked
        for, the rest NaN. NaN where the overlap is too short.
    """

    frames: np.ndarray
    log_unexplained: np.ndarray

    @property
    def matched(self) -> np.ndarray:
        """Mean over the sensors, each on its own segment, shape (L,); NaN where no sensor tells."""
        own = np.einsum("iil->il", self.log_unexplained)
        return _mean_or_nan(own)


def unexplained_at_all_lags(
    sensors: np.ndarray, segments: np.ndarray, *, overlap_min: int, overlap_share: float, pairs: bool
) -> Lags:
    """Search all lags.

    Parameters
    ----------
    sensors, segments : ndarray, shape (N, S, 3) and (K, S, 3)
        Rotation vectors on clocks of one rate; NaN where missing.
    overlap_min : int
        Samples that a sensor and a segment have to share.
    overlap_share : float
        Share of the lesser of both streams' motion (sum of squares) that has to lie in the overlap: an overlap in
        which nobody moves explains nothing.
    pairs : bool
        Every sensor with every segment, not only with its own.
    """
    size = next_fast_len(len(sensors) + len(segments) - 1, real=True)
    frames = np.arange(1 - len(sensors), len(segments))
    count = sensors.shape[1]
    ours, theirs = _transformed(sensors, size), _transformed(segments, size)
    found = np.full((count, count, len(frames)), np.nan)
    for sensor in range(count):
        for segment in range(count) if pairs else (sensor,):
            a, b = ours[sensor], theirs[segment]
            shared = _correlation(a.seen, b.seen, size)[frames]
            energy = _correlation(a.square, b.seen, size)[frames] + _correlation(a.seen, b.square, size)[frames]
            enough = (shared >= overlap_min - 0.5) & (energy >= overlap_share * min(a.total, b.total)) & (energy > 0)
            tried = frames[enough]
            covariance = np.array([[_correlation(x, y, size)[tried] for y in b.turn] for x in a.turn])
            share = 1 - 2 * wahba_gain(np.moveaxis(covariance, -1, 0)) / energy[enough]
            found[sensor, segment, enough] = np.log(np.clip(share, UNEXPLAINED_MIN, 1.0))
    return Lags(frames, found)


@dataclass(frozen=True)
class _Spectra:
    seen: np.ndarray
    square: np.ndarray
    turn: np.ndarray
    total: float


def _transformed(turns: np.ndarray, size: int) -> list[_Spectra]:
    seen = np.isfinite(turns).all(axis=-1)
    turns = np.where(seen[..., None], turns, 0.0)
    square = np.einsum("tsk,tsk->ts", turns, turns)
    return [
        _Spectra(
            rfft(seen[:, s].astype(float), size),
            rfft(square[:, s], size),
            rfft(turns[:, s].T, size),
            float(square[:, s].sum()),
        )
        for s in range(turns.shape[1])
    ]


def _correlation(first: np.ndarray, second: np.ndarray, size: int) -> np.ndarray:
    """Sum over n of first[n] second[n + lag], indexed by the lag (negative lags from the end)."""
    return irfft(np.conj(first) * second, size)


def _mean_or_nan(values: np.ndarray) -> np.ndarray:
    seen = np.isfinite(values)
    total = np.where(seen, values, 0.0).sum(axis=0)
    return np.where(seen.any(axis=0), total / np.maximum(seen.sum(axis=0), 1), np.nan)


def troughs(curve: np.ndarray, most: int) -> np.ndarray:
    """Lags (indices) of the lowest local minima of a curve with NaN, lowest first by the parabola through three points.

    The parabola is through exp(curve): the unexplained share, a mean of squares, is quadratic in the lag.
    """
    share = np.exp(np.where(np.isfinite(curve), curve, np.inf))
    padded = np.concatenate([[np.inf], share, [np.inf]])
    before, after = padded[:-2], padded[2:]
    lowest = np.flatnonzero((share <= before) & (share < after) & np.isfinite(share))
    left, here, right = before[lowest], share[lowest], after[lowest]
    with np.errstate(invalid="ignore"):
        dip = (left - right) ** 2 / (8 * (left - 2 * here + right))
    depth = here - np.where(np.isfinite(dip), dip, 0.0)
    return lowest[np.argsort(depth)[:most]]
