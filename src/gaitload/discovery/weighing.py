"""The mass of somebody who stands on force plates, without what the plates read unloaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

import numpy as np

from gaitload.conventions import STANDARD_GRAVITY_M_PER_S2
from gaitload.discovery.files import vertical_n
from gaitload.discovery.pairing import UNDER_FOOT_MAX_M, under_foot_m
from gaitload.trial import PlateWrench, Recording

_STEADY_SHARE = 0.05
_OFFSET_MAX_N = 100.0
"""No plate drifts further."""
_NOISE_MAX_N = 5.0
_LOADED_MIN_N = 100.0
_MASS_BAND_KG = (15.0, 250.0)


def standing_n(
    recording: Recording, time_s: np.ndarray, plates: Sequence[PlateWrench], up: str
) -> dict[str, float] | None:
    """Mean upward force of the plates that somebody stands on, by plate; None where that is not steady.

    A plate counts whose centre of pressure lies under the feet: beside them its reading is an offset.
    """
    under = [plate for plate in plates if under_foot_m(recording, time_s, [plate], up) <= UNDER_FOOT_MAX_M]
    total = sum((vertical_n(plate, up) for plate in under), np.zeros(1))
    if not under or total.mean() <= 0 or total.std() > _STEADY_SHARE * total.mean():
        return None
    return {plate.name: float(vertical_n(plate, up).mean()) for plate in under}


def unloaded_n(plates: Sequence[PlateWrench], up: str) -> dict[str, float]:
    """What plates read while nobody is on them, by plate; those are left out that are never seen unloaded."""
    found = {}
    for plate in plates:
        upward = vertical_n(plate, up)
        if len(upward) and (reading := _unloaded(upward)) is not None:
            found[plate.name] = reading
    return found


def weighed_kg(standing: Mapping[str, float], readings: Sequence[Mapping[str, float]]) -> tuple[float, bool] | None:
    """Mass by the plates somebody stands on, and whether the offsets of all of them are known and taken off.

    Parameters
    ----------
    standing : mapping of str to float
        As `standing_n` gives it.
    readings : sequence of mapping of str to float
        As `unloaded_n` gives them, of recordings of the same laboratory.
    """
    offsets = {plate: [one[plate] for one in readings if plate in one] for plate in standing}
    force_n = sum(force - (median(offsets[plate]) if offsets[plate] else 0.0) for plate, force in standing.items())
    mass_kg = force_n / STANDARD_GRAVITY_M_PER_S2
    if not _MASS_BAND_KG[0] < mass_kg < _MASS_BAND_KG[1]:
        return None
    return mass_kg, all(offsets.values())


def _unloaded(upward: np.ndarray) -> float | None:
    if np.percentile(upward, 99) < _LOADED_MIN_N and upward.std() < _NOISE_MAX_N:
        low = np.ones(len(upward), dtype=bool)
    else:
        low = upward < 0.1 * np.percentile(upward, 99)
    reading = float(np.median(upward[low])) if low.mean() > 0.05 else np.inf
    return reading if abs(reading) < _OFFSET_MAX_N else None
