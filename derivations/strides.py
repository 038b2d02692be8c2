"""Strides cut from foot contacts, and what recurs from stride to stride as Fourier series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from gaitload.conventions import SIDES
from gaitload.signals.runs import true_runs
from gaitload.trial import FootForces

PHASES = np.arange(100) / 100.0
"""Of a stride, at which it is sampled: 0 is the contact of the foot it is cut by."""
SHARES = np.linspace(0.0, 1.0, 51)
"""Of a stance, at which it is sampled: 0 is contact, 1 toe-off."""
UNUSUAL_SHARE = 0.15
"""Strides that last longer or shorter than the median by more than this share are stumbles or faults of detection."""


@dataclass(frozen=True)
class Stance:
    """One foot on the floor, `[start_s, end_s)`."""

    side: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Stride:
    """From one contact of a foot to its next, `[start_s, end_s)`."""

    side: str
    start_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        """Stride time."""
        return self.end_s - self.start_s


def stances_of(forces: FootForces) -> list[Stance]:
    """Whole stances: those that neither begin nor end with the recording, by time."""
    found = [
        Stance(side, float(forces.time_s[run.start]), float(forces.time_s[run.stop]))
        for index, side in enumerate(SIDES)
        for run in true_runs(forces.contact[:, index])
        if run.start > 0 and run.stop < len(forces.time_s)
    ]
    return sorted(found, key=lambda stance: stance.start_s)


def strides_of(stances: list[Stance], last_s: float) -> list[Stride]:
    """Strides of either foot that end before `last_s`, without unusual ones.

    A foot whose next contact no plate recorded takes the stride time of the other foot (overground, three plates hold
    three stances).
    """
    starts = {side: [stance.start_s for stance in stances if stance.side == side] for side in SIDES}
    pairs = [(side, *pair) for side in SIDES for pair in zip(starts[side], starts[side][1:], strict=False)]
    usual_s = float(np.median([end_s - start_s for _, start_s, end_s in pairs]))
    pairs += [(side, found[0], found[0] + usual_s) for side, found in starts.items() if len(found) == 1]
    strides = [Stride(*pair) for pair in pairs if pair[2] <= last_s]
    return [stride for stride in strides if abs(stride.duration_s / usual_s - 1.0) <= UNUSUAL_SHARE]


def over_phases(time_s: np.ndarray, values: np.ndarray, stride: Stride) -> np.ndarray:
    """`values`, shape (T, Q), at `PHASES` of a stride: shape (P, Q)."""
    return CubicSpline(time_s, values)(stride.start_s + stride.duration_s * PHASES)


def without_drift(time_s: np.ndarray, values: np.ndarray, stride: Stride) -> np.ndarray:
    """A position, shape (T,), at `PHASES` less the straight line between the ends of the stride and less its mean."""
    position = CubicSpline(time_s, values)
    first, last = position([stride.start_s, stride.end_s])
    swung = position(stride.start_s + stride.duration_s * PHASES) - (last - first) * PHASES
    return swung - swung.mean()


def fourier(values: np.ndarray, harmonics: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Mean, cosine and sine coefficients, shapes (K,), of values at `PHASES` for the harmonics, shape (K,)."""
    spectrum = np.fft.rfft(values) / len(values)
    return float(spectrum[0].real), 2.0 * spectrum[harmonics].real, -2.0 * spectrum[harmonics].imag


def sine_series(values: np.ndarray, terms: int) -> np.ndarray:
    """Coefficients of sin(k pi share), k = 1 ... `terms`, that fit values at `SHARES` best: shape (terms,).

    Such a series is zero at either end.
    """
    basis = np.sin(np.pi * np.outer(SHARES, np.arange(1, terms + 1)))
    return np.linalg.lstsq(basis, values, rcond=None)[0]


def cosine_series(values: np.ndarray, weights: np.ndarray, terms: int) -> np.ndarray:
    """Coefficients of cos(k pi share), k = 0 ... `terms` - 1, that fit values at `SHARES` best: shape (terms,).

    `weights`, shape of `SHARES`, say how much a value counts: a centre of pressure under a foot that hardly presses is
    noise.
    """
    basis = np.cos(np.pi * np.outer(SHARES, np.arange(terms)))
    root = np.sqrt(np.maximum(weights, 0.0))
    return np.linalg.lstsq(basis * root[:, None], values * root, rcond=None)[0]
