"""Units of external columns: how files spell them, and what each is multiplied by."""

from __future__ import annotations

import math

from gaitload.conventions import STANDARD_GRAVITY_M_PER_S2
from gaitload.io.units import length_of, newton_metres_of, newtons_of

MUSCLE_UNIT = "share"
"""Unit of a processed electromyogram: its share of the reference."""
PER_WEIGHT = "bw"
PER_MASS = ("n_per_kg", "nm_per_kg")
_ANGLES = {"rad": 1.0, "deg": math.radians(1.0), "degrees": math.radians(1.0), "°": math.radians(1.0)}
_RATES = {f"{angle}/s": size for angle, size in _ANGLES.items()} | {"dps": math.radians(1.0)}
_ACCELERATIONS = {
    "m/s2": 1.0,
    "m/s^2": 1.0,
    "g": STANDARD_GRAVITY_M_PER_S2,
    "mg": STANDARD_GRAVITY_M_PER_S2 / 1e3,
}
_SPEEDS = {"m/s": 1.0, "km/h": 1 / 3.6, "mm/s": 1e-3}
_PRESSURES = {"pa": 1.0, "kpa": 1e3, "mpa": 1e6, "n/cm2": 1e4}
_ELECTROMYOGRAMS = {"v": 1.0, "mv": 1e-3, "uv": 1e-6, "µv": 1e-6, "1": 1.0, "%": 0.01}

PLAUSIBLE = {
    "rad": (-7.0, 7.0),
    "rad_per_s": (-45.0, 45.0),
    "m_per_s2": (-2000.0, 2000.0),
    "m_per_s": (-20.0, 20.0),
    "m": (-100.0, 100.0),
    "n": (-3.0e4, 3.0e4),
    "nm": (-3.0e3, 3.0e3),
    "bw": (-30.0, 30.0),
    "n_per_kg": (-300.0, 300.0),
    "nm_per_kg": (-30.0, 30.0),
    "pa": (-1.0e3, 2.0e6),
    "share": (-0.5, 20.0),
}
"""Unit in names -> least and greatest value that a human movement can have; wide, so that only another unit leaves
them."""


def unit_of_name(name: str) -> str | None:
    """Unit that a name ends in; None for none that is known."""
    fits = [unit for unit in PLAUSIBLE if name.endswith(f"_{unit}")]
    return max(fits, key=len, default=None)


def factor_of(unit: str, wanted: str) -> float | None:
    """What a number in `unit` is multiplied by to be in `wanted`, a key of `PLAUSIBLE`; None where it cannot be.

    Newtons for `bw` and units of a kilogram give newtons and newton metres: the mass comes later.
    """
    text = unit.strip()
    if wanted in ("n", PER_WEIGHT, "n_per_kg"):
        if text.lower() in (wanted, wanted.replace("_per_", "/")):
            return 1.0
        return newtons_of(text)
    if wanted in ("nm", "nm_per_kg"):
        if wanted == "nm_per_kg" and text.lower().replace(" ", "") in ("nm/kg", "nm_per_kg"):
            return 1.0
        return newton_metres_of(text)
    if wanted == "m":
        return length_of(text)
    known = {
        "rad": _ANGLES,
        "rad_per_s": _RATES,
        "m_per_s2": _ACCELERATIONS,
        "m_per_s": _SPEEDS,
        "pa": _PRESSURES,
        MUSCLE_UNIT: _ELECTROMYOGRAMS,
    }
    return known[wanted].get(text.lower())


def needs_mass(unit: str, wanted: str) -> bool:
    """Whether the conversion divides by a mass or a weight."""
    plain = newtons_of(unit) is not None or newton_metres_of(unit) is not None
    return plain and (wanted == PER_WEIGHT or wanted in PER_MASS)


def others(unit: str, wanted: str) -> dict[str, float]:
    """Other units of the same quantity -> what a converted number would have to be multiplied by, were it in them."""
    spelled = {
        "rad": ("rad", "deg"),
        "rad_per_s": ("rad/s", "deg/s"),
        "m_per_s2": ("m/s2", "g", "mg"),
        "m_per_s": ("m/s", "km/h", "mm/s"),
        "m": ("m", "cm", "mm"),
        "pa": ("Pa", "kPa", "MPa", "N/cm2"),
    }
    forces = {"n": ("N", "kN"), PER_WEIGHT: ("N", "kN", "BW"), "n_per_kg": ("N", "kN", "N/kg")}
    moments = {"nm": ("N m", "N mm"), "nm_per_kg": ("N m", "N mm", "N m/kg")}
    own = factor_of(unit, wanted)
    alike = (spelled | forces | moments).get(wanted, ())
    return {each: factor / own for each in alike if (factor := factor_of(each, wanted)) not in (None, own)}
