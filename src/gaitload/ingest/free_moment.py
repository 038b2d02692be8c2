"""The free moments of both feet: their sign and size, and a moment about the vertical that a plate adds to both.

Free moments of left and right mirror each other in straight gait. Half of their difference is free of what a plate adds
to both. Late in the stance of walking it turns the foot outwards, early in it inwards; running turns it the other way
round. All participants do so: from the first to the second half of the loaded stance it rises by 0.025 N m/kg and more
in eight walks of seven people of four laboratories, and in runs by 0.017 N m/kg at most.

Their mean is either asymmetry of the participant or cross-talk of the plate, in proportion to the vertical force. Two
things tell these apart. Cross-talk follows the vertical force through the whole stance; and it breaks the balance of
angular momentum, by which the mean moment about a vertical axis through the body vanishes over whole strides.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

import numpy as np

from gaitload.conventions import SIDES
from gaitload.signals.filters import lowpass
from gaitload.signals.plates import center_of_pressure
from gaitload.signals.runs import most_strikes, true_runs
from gaitload.trial import FootForces, Step

STANCES_MIN = 3
"""Whole stances of either foot that a proof needs."""
EXPLAINED_MIN = 0.9
"""Share of the common curve that the vertical force has to explain. In 33 of 36 trials of twelve runners it explains
0.92 to 1.00, in the three of the twelfth runner 0.20 to 0.89."""
BALANCE = (0.5, 1.5)
"""Bias that the balance of angular momentum asks for, over the one that symmetry shows: 0.76 to 1.09 in those 33."""
ERRORS_MIN = 3.0
"""Standard errors by which a bias has to differ from none."""
SMOOTH_HZ = 15.0
"""Low-pass before curves are compared: impacts ring in the free moment."""
LOADED_SHARE = 0.4
"""Samples of the mean stance that carry less than this share of its peak are left out of the sign and the size: there
the centre of pressure, and with it the free moment, is uncertain."""
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


@dataclass(frozen=True)
class FreeMomentBias:
    """What both feet's free moments have in common; NaN where there are not enough whole stances.

    Attributes
    ----------
    lever_m : float
        Common moment over the vertical force, positive counter-clockwise from above.
    lever_se_m : float
        Its standard error, over stances.
    explained : float
        Share of the common curve (sum of squares over a stance) that the vertical force times `lever_m` explains.
    balance_m : float
        Mean moment about the vertical through the body over the mean vertical force, over whole strides; NaN where the
        body is not seen.
    stances : tuple of int
        Whole stances of the right and of the left foot.
    plates : int
        Plates that carried the feet. With several, symmetry and balance show the mean of their biases: a plate without
        one would be given half of another's.
    """

    lever_m: float
    lever_se_m: float
    explained: float
    balance_m: float
    stances: tuple[int, int]
    plates: int

    @property
    def proven(self) -> bool:
        """Whether symmetry over whole stances, and the balance of angular momentum, show it to be the plate's."""
        return (
            self.plates == 1
            and min(self.stances) >= STANCES_MIN
            and self.explained >= EXPLAINED_MIN
            and abs(self.lever_m) >= ERRORS_MIN * self.lever_se_m
            and BALANCE[0] <= self.balance_m / self.lever_m <= BALANCE[1]
        )

    def as_dict(self) -> dict:
        """For quality files."""
        return asdict(self) | {"proven": self.proven}


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


def measure_free_moment_bias(
    forces: FootForces, known: np.ndarray, com_m: np.ndarray | None, time_s: np.ndarray, *, plates: int
) -> FreeMomentBias:
    """Compare the free moments of both feet over the whole stances of a trial.

    Parameters
    ----------
    forces : FootForces
        On N samples.
    known : ndarray of bool, shape (N,)
        Samples in which the forces of both feet are known.
    com_m : ndarray, shape (T, 3), or None
        Centre of mass in the ground frame at the times `time_s`, shape (T,); None where the body is not seen.
    plates : int
        Plates that carried the feet.
    """
    curves = [_stance_curves(forces, side) for side in SIDES]
    stances = tuple(len(moments) for moments, _ in curves)
    if min(stances) < STANCES_MIN:
        return FreeMomentBias(np.nan, np.nan, np.nan, np.nan, stances, plates)
    moment_nm, vertical_n = (np.mean([one[part].mean(axis=0) for one in curves], axis=0) for part in (0, 1))
    lever_m = float(moment_nm @ vertical_n / (vertical_n @ vertical_n))
    left_nm = moment_nm - lever_m * vertical_n
    levers = [(moments * verticals).sum(axis=1) / (verticals**2).sum(axis=1) for moments, verticals in curves]
    error_m = float(np.sqrt(sum(np.var(one, ddof=1) / len(one) for one in levers)) / 2)
    explained = float(1 - left_nm @ left_nm / (moment_nm @ moment_nm)) if moment_nm.any() else 0.0
    balance_m = _balance_m(forces, known, com_m, time_s)
    return FreeMomentBias(lever_m, error_m, explained, balance_m, stances, plates)


def without_bias(forces: FootForces, lever_m: float) -> FootForces:
    """Foot forces less a moment about the vertical of `lever_m` times the vertical force; pressures stay."""
    moment_nm = forces.moment_ground_nm.copy()
    moment_nm[..., 1] -= lever_m * forces.force_ground_n[..., 1]
    return replace(forces, moment_ground_nm=moment_nm)


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


def _stance_curves(forces: FootForces, side: str) -> tuple[np.ndarray, np.ndarray]:
    """Free moment (N m) and vertical force (N) over each whole stance of a foot, both of shape (stances, 51)."""
    number = SIDES.index(side)
    smooth = {"rate_hz": forces.rate_hz, "cutoff_hz": min(SMOOTH_HZ, 0.4 * forces.rate_hz)}
    force_n, moment_nm = (
        lowpass(values[:, number], **smooth) for values in (forces.force_ground_n, forces.moment_ground_nm)
    )
    _, free_nm = center_of_pressure(force_n, moment_nm, forces.surface_height_m)
    runs = true_runs(forces.contact[:, number])
    whole = [run for run in runs if run.start > 0 and run.stop < len(forces.contact) and run.stop - run.start > 2]
    return tuple(
        np.array([np.interp(_POINTS, np.linspace(0.0, 1.0, run.stop - run.start), values[run]) for run in whole])
        for values in (free_nm, force_n[:, 1])
    )


def _balance_m(forces: FootForces, known: np.ndarray, com_m: np.ndarray | None, time_s: np.ndarray) -> float:
    """Mean vertical moment about the body over the mean vertical force, from the first strike to the last of a foot."""
    strikes = most_strikes(forces.contact)
    if com_m is None or len(strikes) < 2 or not known[strikes[0] : strikes[-1]].all():
        return np.nan
    whole = slice(strikes[0], strikes[-1])
    at_m = np.stack([np.interp(forces.time_s[whole], time_s, column) for column in com_m.T], axis=1)
    force_n, moment_nm = (values[whole].sum(axis=1) for values in (forces.force_ground_n, forces.moment_ground_nm))
    about_body_nm = moment_nm - np.cross(at_m, force_n)
    return float(about_body_nm[:, 1].mean() / force_n[:, 1].mean())
