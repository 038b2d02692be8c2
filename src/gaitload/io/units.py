"""Units as files spell them."""

from __future__ import annotations

from gaitload.errors import DataError

METRES_PER = {"mm": 1e-3, "cm": 1e-2, "m": 1.0}
NEWTON_METRES_PER = {f"n{dot}{unit}": size for unit, size in METRES_PER.items() for dot in ("", ".", "*", "-", " ")}


def metres_per(unit: str, where: str) -> float:
    """Length of one `unit` in metres; raises `DataError` (`UNITS_UNKNOWN`) when the unit is none of mm, cm, m."""
    size = METRES_PER.get(unit.strip().lower())
    if size is None:
        raise DataError(
            expected=f"lengths in one of {', '.join(METRES_PER)}",
            found=repr(unit.strip()) if unit.strip() else "no unit",
            where=where,
            do="Export the recording again with its units; they are not guessed.",
            code="UNITS_UNKNOWN",
        )
    return size
