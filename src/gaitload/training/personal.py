"""The mean error of an estimator on the labelled steps of one person, which its other estimates are moved by."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

HALF_TRUSTED = 0.5
"""Windows of a side that make its mean error count by half: n / (n + 0.5). One step of a person differs from the mean
of all by less than that mean differs from what was estimated; larger trusts few steps less."""


def bias(errors: np.ndarray, sides: Mapping[str, np.ndarray]) -> np.ndarray:
    """Correction of test windows, shape (M, P, K): the mean error curve of the calibration windows of their side.

    The fewer these are, the nearer it is to zero (`HALF_TRUSTED`).

    Parameters
    ----------
    errors : ndarray, shape (N, P, K)
        What is wanted less what was estimated.
    sides
        Sides of the windows of `calibration`, shape (N,), and `test`, shape (M,).
    """
    curves = np.zeros((len(sides["test"]), *errors.shape[1:]), errors.dtype)
    for side in np.unique(sides["calibration"]):
        own = errors[sides["calibration"] == side]
        curves[sides["test"] == side] = own.sum(axis=0) / (len(own) + HALF_TRUSTED)
    return curves
