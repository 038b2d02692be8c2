"""Which segment a sensor is on, by the same unexplained shares that give the lag."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

_LAGS_MOST = 24


def best_assignment(log_unexplained: np.ndarray, *, at_most: int = _LAGS_MOST) -> tuple[np.ndarray, int]:
    """Sensors dealt out to segments so that the mean over sensors is least, over all lags.

    Parameters
    ----------
    log_unexplained : ndarray, shape (S, S, L)
        Of every sensor (axis 0) on every segment (axis 1); NaN where not known.
    at_most : int
        Lags at which the assignment problem is solved: those where the sum of each sensor's best is least, which no
        assignment can better.

    Returns
    -------
    segment : ndarray of int, shape (S,)
        Column of the segment that each sensor fits.
    lag : int
        Index of the lag.
    """
    known = np.isfinite(log_unexplained).all(axis=(0, 1))
    bound = np.where(known, log_unexplained.min(axis=1).mean(axis=0), np.inf)
    best = (np.inf, np.arange(len(log_unexplained)), int(np.argmin(bound)))
    for lag in np.argsort(bound)[:at_most]:
        if bound[lag] >= best[0]:
            break
        rows, columns = linear_sum_assignment(log_unexplained[:, :, lag])
        total = log_unexplained[rows, columns, lag].mean()
        if total < best[0]:
            best = (total, columns, int(lag))
    return best[1], best[2]
