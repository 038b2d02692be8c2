"""Units, frames, sides and column names: the vocabulary every other room speaks.

Inside the package: SI units, radians, time on axis 0, NaN for missing, half-open intervals `[start, end)`.
The *ground* frame is OpenSim's: X forward, Y up, Z to the right. The *lab* frame is whatever the recording uses.
"""

from __future__ import annotations

STANDARD_GRAVITY_M_PER_S2 = 9.80665
SIDES = ("r", "l")
AXES = ("x", "y", "z")
LATERAL_SIGN = {"r": 1.0, "l": -1.0}
"""Sign of ground Z that points away from the midline, per side."""


def body_weight_n(mass_kg: float) -> float:
    """Weight of a body of `mass_kg` under standard gravity (N); the unit BW of every label."""
    return mass_kg * STANDARD_GRAVITY_M_PER_S2


def column_stem(label: str, side: str, component: str | None = None) -> str:
    """Column name without its unit, `<label>_<side>[_<component>]`: `kcf_l_y` of `kcf_l_y_bw`."""
    return "_".join(part for part in (label, side, component) if part)
