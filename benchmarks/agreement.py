"""How alike a virtual and a recorded channel are."""

from __future__ import annotations

import numpy as np


def agreement(virtual: np.ndarray, recorded: np.ndarray) -> dict[str, float]:
    """Correlation, root mean square difference, and standard deviation of the recorded one; shapes (T,)."""
    return {
        "r": float(np.corrcoef(virtual, recorded)[0, 1]),
        "rmse": float(np.sqrt(np.mean((virtual - recorded) ** 2))),
        "sd_recorded": float(np.std(recorded)),
    }
