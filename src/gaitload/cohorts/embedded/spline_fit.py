"""Splines through time that meet many small demands best: nonlinear least squares by Gauss-Newton steps.

A coefficient reaches over a few frames only, so the normal equations are banded, and a longer trial takes longer
only in proportion.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import BSpline
from scipy.linalg import solveh_banded

from gaitload.errors import SolverError

DEGREE = 5
"""Second derivatives, which forces hang on, are cubics."""
STEPS_MAX, SETTLED = 60, 5e-3
"""Steps end when the sum of squares falls by less than this share."""
PROMISED = 0.5
"""Unless the step had promised a fall by this share: then it had to be shortened far from the end, and the next may go
far."""
HALVINGS_MAX = 6
"""Of a step after which the sum of squares has not fallen; then it is settled."""
DIFFERENCE = 1e-6
"""By which coordinates (rad, m), speeds and accelerations are changed to find slopes: errors of rounding and of the
curve are both below 1e-6 of them."""

Demands = Callable[[Sequence[np.ndarray]], np.ndarray]
"""Weighted residuals, shape (T, R), of values and first and second derivatives, shape (T, F) each."""


@dataclass(frozen=True)
class SplineBasis:
    """Splines over T frames with N coefficients for each of F columns.

    Attributes
    ----------
    knots : ndarray, shape (N + DEGREE + 1,)
        Uniform, the outermost ones beyond the frames.
    weights : ndarray, shape (3, T, N)
        Value, first and second derivative at every frame by each coefficient.
    first : ndarray of int, shape (T,)
        First of the `DEGREE + 1` coefficients that matter in a frame.
    """

    knots: np.ndarray
    weights: np.ndarray
    first: np.ndarray

    @classmethod
    def over(cls, time_s: np.ndarray, *, pieces_hz: float) -> SplineBasis:
        """Uniform knots over times, shape (T,), that rise."""
        pieces = max(1, round((time_s[-1] - time_s[0]) * pieces_hz))
        breaks = np.linspace(time_s[0], time_s[-1], pieces + 1)
        step = breaks[1] - breaks[0]
        outside = step * np.arange(1, DEGREE + 1)
        knots = np.concatenate([breaks[0] - outside[::-1], breaks, breaks[-1] + outside])
        one_each = BSpline(knots, np.eye(pieces + DEGREE), DEGREE)
        weights = np.stack([one_each(time_s), one_each.derivative(1)(time_s), one_each.derivative(2)(time_s)])
        first = np.clip(np.searchsorted(breaks, time_s, side="right") - 1, 0, pieces - 1)
        return cls(knots, weights, first)

    def fitted(self, values: np.ndarray) -> np.ndarray:
        """Coefficients, shape (N, F), of the splines nearest to values of shape (T, F)."""
        return np.linalg.lstsq(self.weights[0], values, rcond=None)[0]

    def step(self, residual: np.ndarray, slopes: np.ndarray) -> np.ndarray:
        """The Gauss-Newton step of the coefficients of M columns, shape (N, M).

        Parameters
        ----------
        residual : ndarray, shape (T, R)
        slopes : ndarray, shape (T, R, 3, M)
            By values, first and second derivatives.
        """
        count, free, width = self.weights.shape[2], slopes.shape[3], (DEGREE + 1) * slopes.shape[3]
        banded, right = np.zeros((width, count * free)), np.zeros(count * free)
        for first in np.unique(self.first):
            frames = np.flatnonzero(self.first == first)
            local = self.weights[:, frames, first : first + DEGREE + 1]
            rows = np.einsum("otk,trof->trkf", local, slopes[frames]).reshape(-1, width)
            products, start = rows.T @ rows, first * free
            right[start : start + width] -= rows.T @ residual[frames].ravel()
            for below in range(width):
                banded[below, start : start + width - below] += np.diagonal(products, -below)
        return solveh_banded(banded, right, lower=True).reshape(count, free)


def settled(
    demands: Demands, basis: SplineBasis, coefficients: np.ndarray, moved: np.ndarray, where: str
) -> np.ndarray:
    """Coefficients, shape (N, F), with the least sum of squared demands.

    Parameters
    ----------
    demands
        Weighted residuals; those of a frame hang on the values and derivatives of that frame alone.
    coefficients : ndarray, shape (N, F)
        To begin with.
    moved : ndarray of int, shape (M,)
        Columns whose coefficients give way.
    where
        For messages.

    Raises
    ------
    SolverError
        GAIT_UNSOLVED: still falling after `STEPS_MAX` steps.
    """
    for _ in range(STEPS_MAX):
        residual, slopes = _linearised(demands, basis, coefficients, moved)
        cost = float((residual**2).sum())
        step = np.zeros_like(coefficients)
        step[:, moved] = basis.step(residual, slopes)
        promised = cost - _linear_cost(basis, residual, slopes, step[:, moved])
        coefficients, left = _descended(demands, basis, coefficients, step, cost)
        if left == cost or (cost - left < SETTLED * cost and promised < PROMISED * cost):
            return coefficients
    raise SolverError(
        expected=f"a motion near the intended one within {STEPS_MAX} steps",
        found=f"a sum of squares that still fell by {(cost - left) / cost:.1%}",
        where=where,
        do="Choose another seed, or less variation between strides.",
        code="GAIT_UNSOLVED",
    )


def _linearised(
    demands: Demands, basis: SplineBasis, coefficients: np.ndarray, moved: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Residuals, shape (T, R), and their slopes by M coordinates, speeds and accelerations: shape (T, R, 3, M)."""
    state = basis.weights @ coefficients
    residual = demands(state)
    slopes = np.empty((*residual.shape, 3, len(moved)))
    for order, place in np.ndindex(slopes.shape[2:]):
        changed = state.copy()
        changed[order, :, moved[place]] += DIFFERENCE
        slopes[:, :, order, place] = (demands(changed) - residual) / DIFFERENCE
    return residual, slopes


def _linear_cost(basis: SplineBasis, residual: np.ndarray, slopes: np.ndarray, step: np.ndarray) -> float:
    """Sum of squares after a step of M columns, shape (N, M), if demands were linear."""
    return float(((residual + np.einsum("trof,otf->tr", slopes, basis.weights @ step)) ** 2).sum())


def _descended(
    demands: Demands, basis: SplineBasis, coefficients: np.ndarray, step: np.ndarray, cost: float
) -> tuple[np.ndarray, float]:
    """Coefficients moved along a step as far as the sum of squares falls, and that sum."""
    for share in 0.5 ** np.arange(HALVINGS_MAX):
        moved = coefficients + share * step
        left = float((demands(basis.weights @ moved) ** 2).sum())
        if left < cost:
            return moved, left
    return coefficients, cost
