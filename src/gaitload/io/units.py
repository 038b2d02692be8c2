"""Units as files spell them."""

from __future__ import annotations

import re

from gaitload.errors import DataError

METRES_PER = {"mm": 1e-3, "cm": 1e-2, "m": 1.0}
_PREFIXES = {"milli": 1e-3, "centi": 1e-2, "": 1.0}
_LENGTHS = METRES_PER | {
    f"{prefix}met{ending}{plural}": size
    for prefix, size in _PREFIXES.items()
    for ending in ("er", "re")
    for plural in ("", "s")
}
_POUND_N = 4.4482216152605
_KILOGRAM_N = 9.80665
_FORCES = {
    **dict.fromkeys(("n", "newton", "newtons"), 1.0),
    **dict.fromkeys(("kn", "kilonewton", "kilonewtons"), 1e3),
    **dict.fromkeys(("dan", "decanewton", "decanewtons"), 10.0),
    **dict.fromkeys(("mn", "millinewton", "millinewtons"), 1e-3),
    **dict.fromkeys(("lbf", "lbsf", "lb", "lbs", "pound", "pounds", "poundforce", "poundsforce"), _POUND_N),
    **dict.fromkeys(("kgf", "kp", "kilopond", "kiloponds", "kilogramforce"), _KILOGRAM_N),
}
_INCHES = {
    **dict.fromkeys(("in", "inch", "inches"), 0.0254),
    **dict.fromkeys(("ft", "foot", "feet"), 0.3048),
}
_MOMENTS = {
    **{f"{force}{lever}": _FORCES[force] * size for force in _FORCES for lever, size in (_LENGTHS | _INCHES).items()},
    **{f"{lever}{force}": _FORCES[force] * size for force in _FORCES for lever, size in _INCHES.items()},
}
_READINGS_V = {
    **dict.fromkeys(("v", "volt", "volts"), 1.0),
    **dict.fromkeys(("mv", "millivolt", "millivolts"), 1e-3),
    **dict.fromkeys(("uv", "microvolt", "microvolts"), 1e-6),
    **dict.fromkeys(("bit", "bits", "count", "counts"), 0.0),
}


def metres_per(unit: str, where: str) -> float:
    """Length of one `unit` in metres; raises `DataError` (`UNITS_UNKNOWN`) when the unit is none of mm, cm, m."""
    size = length_of(unit)
    if size is None:
        raise DataError(
            expected=f"lengths in one of {', '.join(METRES_PER)}",
            found=repr(unit.strip()) if unit.strip() else "no unit",
            where=where,
            do="Export the recording again with its units; they are not guessed.",
            code="UNITS_UNKNOWN",
        )
    return size


def length_of(unit: str) -> float | None:
    """Metres in one unit of length (`mm`, `cm`, `m`, or written out); None for anything else."""
    return _LENGTHS.get(unit.strip().lower())


def newtons_of(unit: str) -> float | None:
    """Newtons in one unit of force (N, kN, daN, lbf, kgf, or written out); None for anything else."""
    return _FORCES.get(_letters(unit))


def newton_metres_of(unit: str) -> float | None:
    """Newton metres in one unit of moment: a force and a length with any sign or none between; None otherwise."""
    return _MOMENTS.get(_letters(unit))


def is_silent(unit: str) -> bool:
    """Whether a unit says nothing of what a scaled channel of a force plate holds: none, volts or counts."""
    return not _plain(unit) or reading_v(unit) is not None


def reading_v(unit: str) -> float | None:
    """Volts in one unit of what an amplifier reads, 0 for counts of a converter; None for anything else."""
    return _READINGS_V.get(_plain(unit))


def _plain(unit: str) -> str:
    return unit.strip(" \0").lower().replace("µ", "u").replace("\u03bc", "u")


def _letters(unit: str) -> str:
    # Whatever stands between the letters is a sign of multiplication, also where another encoding spoiled it.
    return "" if "/" in unit else re.sub(r"[^a-z]", "", unit.lower())
