"""How alike a virtual and a recorded channel are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def agreement(virtual: np.ndarray, recorded: np.ndarray) -> dict[str, float]:
    """Correlation, root mean square difference, and standard deviation of the recorded one; shapes (T,)."""
    return {
        "r": float(np.corrcoef(virtual, recorded)[0, 1]),
        "rmse": float(np.sqrt(np.mean((virtual - recorded) ** 2))),
        "sd_recorded": float(np.std(recorded)),
    }


def angle_errors(
    names: Sequence[str], ours: np.ndarray, theirs: np.ndarray, angles: Sequence[str]
) -> dict[str, dict[str, float | None]]:
    """Errors of angles (deg) out of coordinates (rad), shape (T, C); frames that either lacks are left out."""
    found = {}
    for angle in angles:
        column = list(names).index(angle)
        pair = np.degrees(ours[:, column]), np.degrees(theirs[:, column])
        known = np.isfinite(pair[0]) & np.isfinite(pair[1])
        error = (pair[0] - pair[1])[known]
        found[angle] = {
            "rmse_deg": float(np.sqrt(np.mean(error**2))),
            "bias_deg": float(error.mean()),
            "median_deg": float(np.median(np.abs(error))),
            "max_deg": float(np.abs(error).max()),
            "r": _correlation(pair[0][known], pair[1][known]),
        }
    return found


def _correlation(ours: np.ndarray, theirs: np.ndarray) -> float | None:
    """None where one does not change, as an angle at its limit."""
    constant = np.ptp(ours) == 0 or np.ptp(theirs) == 0
    return None if constant else float(np.corrcoef(ours, theirs)[0, 1])
