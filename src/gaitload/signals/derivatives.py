"""Derivatives of sampled motion."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import make_interp_spline


def derivative(values: np.ndarray, time_s: np.ndarray, *, order: int = 1) -> np.ndarray:
    """Derivative at the samples of the natural quintic spline through them, shape (T, C).

    The spline OpenSim's tools use (GCVSpline of degree 5 without smoothing): third and fourth derivatives vanish at the
    ends.

    Parameters
    ----------
    values : ndarray, shape (T, C)
    time_s : ndarray, shape (T,)
        Rising; T is 6 at least.
    """
    nothing = np.zeros(values.shape[1:])
    free_end = [(3, nothing), (4, nothing)]
    return make_interp_spline(time_s, values, k=5, bc_type=(free_end, free_end)).derivative(order)(time_s)
