"""Sign and size of the free moment, from what both feet of a person who goes straight share: mirrored curves.

Half of the difference of the right and the left free moment is free of what a plate adds to both. Late in the stance of
walking it turns the foot outwards, early in it inwards; running turns it the other way round. So does everybody:
the change from the first to the second half of the loaded stance is above 0.025 N m/kg in eight walks of seven people
of four laboratories, and at most 0.050 N m/kg in 43 runs of fifteen people.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

import numpy as np

from gaitload.conventions import SIDES
from gaitload.signals.plates import center_of_pressure
from gaitload.trial import FootForces, Step

LOADED_SHARE = 0.4
"""Samples of the mean stance that carry less than this share of its peak are left out: there the centre of pressure,
and with it the free moment, is uncertain."""
_POINTS = np.linspace(0.0, 1.0, 51)


@dataclass(frozen=True)
class FreeMoment:
    """The part of the free moment that is mirrored between the feet; NaN without stances of both.

    Attributes
    ----------
    change_nm_per_kg : float
        From the first to the second half of the loaded stance, positive upwards for the right foot.
    spread_nm_per_kg : float
        Root mean square over the loaded stance: that of a plate without noise is below 0.06 in walking and running.
    """

    change_nm_per_kg: float
    spread_nm_per_kg: float

    def as_dict(self) -> dict:
        """For quality files."""
        return asdict(self)


def measure_free_moment(forces: FootForces, steps: Iterable[Step], mass_kg: float) -> FreeMoment:
    """Median curves over the stances of each foot, their mirrored part, weighted by the vertical force.

    Parameters
    ----------
    forces : FootForces
    steps : iterable of Step
    mass_kg : float
        Mass that the forces carry; NaN leaves both numbers unknown.
    """
    known = [step for step in steps if step.whole]
    curves = [_mean_stance(forces, [step for step in known if step.side == side], side) for side in SIDES]
    if None in curves or not np.isfinite(mass_kg):
        return FreeMoment(float("nan"), float("nan"))
    (right_n, right_nm), (left_n, left_nm) = curves
    weight_n, mirrored = (right_n + left_n) / 2, (right_nm - left_nm) / 2 / mass_kg
    loaded = weight_n > LOADED_SHARE * weight_n.max()
    early, late = (loaded & half for half in (_POINTS < 0.5, _POINTS >= 0.5))
    if not early.any() or not late.any():
        return FreeMoment(float("nan"), float("nan"))
    means = [float(np.average(mirrored[part], weights=weight_n[part])) for part in (early, late)]
    spread = float(np.sqrt(np.average(mirrored[loaded] ** 2, weights=weight_n[loaded])))
    return FreeMoment(means[1] - means[0], spread)


def _mean_stance(forces: FootForces, steps: list[Step], side: str) -> tuple[np.ndarray, np.ndarray] | None:
    """Vertical force and free moment over the stance of a foot, medians over its steps, shape (51,) each."""
    force, moment, _ = forces.side(side)
    free = np.nan_to_num(center_of_pressure(force, moment, forces.surface_height_m)[1])
    spans = [np.searchsorted(forces.time_s, (step.start_s, step.end_s)) for step in steps]
    spans = [(first, last) for first, last in spans if last - first >= len(_POINTS) // 2]
    if not spans:
        return None
    both = [
        [np.interp(_POINTS, np.linspace(0.0, 1.0, last - first), values[first:last]) for values in (force[:, 1], free)]
        for first, last in spans
    ]
    vertical_n, free_nm = np.median(both, axis=0)
    return vertical_n, free_nm
