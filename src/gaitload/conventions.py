"""Units, frames, sides and column names: the vocabulary every other room speaks.

Inside the package: SI units, radians, time on axis 0, NaN for missing, half-open intervals `[start, end)`.
The *ground* frame is OpenSim's: X forward, Y up, Z to the right. The *lab* frame is whatever the recording uses.
"""

from __future__ import annotations

import numpy as np

STANDARD_GRAVITY_M_PER_S2 = 9.80665
SIDES = ("r", "l")
AXES = ("x", "y", "z")
LATERAL_SIGN = {"r": 1.0, "l": -1.0}
"""Sign of ground Z that points away from the midline, per side."""


def body_weight_n(mass_kg: float) -> float:
    """Weight of a body of `mass_kg` under standard gravity (N); the unit BW of every label."""
    return mass_kg * STANDARD_GRAVITY_M_PER_S2


def sampling_rate_hz(time_s: np.ndarray) -> float:
    """Sampling rate of a uniform clock, shape (T,), from its mean interval."""
    return (len(time_s) - 1) / float(time_s[-1] - time_s[0])


def column_stem(label: str, side: str, component: str | None = None) -> str:
    """Column name without its unit, `<label>_<side>[_<component>]`: `kcf_l_y` of `kcf_l_y_bw`."""
    return "_".join(part for part in (label, side, component) if part)


def side_of(column: str) -> str:
    """Side in the name of a label column, with or without its unit: `l` of `kcf_l_y_bw`, `r` of `hip_flexion_r`.

    Raises
    ------
    ValueError
        No part of the name is a side.
    """
    sides = [part for part in column.split("_") if part in SIDES]
    if not sides:
        raise ValueError(f"{column} names no side")
    return sides[-1]
