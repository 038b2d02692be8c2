"""Whole windows as rows of numbers for regressions: smooth, of unit variance, as few as curves of gait need."""

from __future__ import annotations

import numpy as np
import torch
from scipy.interpolate import BSpline

from gaitload.estimators._fitted import Fitted

SPLINES = 30
"""Cubic B-splines that a channel's curve is written in where a window has more points. Neighbouring points of a smooth
signal say the same: more splines cost time and let noise in; fewer lose the shock of the landing."""
FOLDS = 5
"""Inner folds at most, each of whole subjects."""


class Rows(Fitted):
    """From windows (M, T, C) and covariates (M, V) to rows (M, S C + V).

    Each channel is centred at every point and scaled as a whole, each covariate by itself, by what is given here: a
    channel counts by how windows differ in it and not by the curve that they have in common.
    """

    def __init__(self, inputs: np.ndarray, covariates: np.ndarray) -> None:
        super().__init__()
        basis, mean = splines(inputs.shape[1]), inputs.mean(axis=0, dtype=float)
        self.keep(
            basis=basis.T,
            mean=mean,
            sd=_unit(np.sqrt(np.einsum("ts,ntc->nsc", basis, inputs - mean).var(axis=(0, 1)))),
            middle=covariates.mean(axis=0, dtype=float),
            spread=_unit(covariates.std(axis=0, dtype=float)),
        )

    def forward(self, inputs: torch.Tensor, covariates: torch.Tensor) -> torch.Tensor:
        curves = self.basis @ ((inputs - self.mean) / self.sd)  # (S, T) @ (M, T, C) -> (M, S, C)
        if not len(self.middle):  # Graphs have no type for a subtraction of nothing.
            return curves.flatten(1)
        return torch.cat([curves.flatten(1), (covariates - self.middle) / self.spread], dim=1)


def splines(points: int, count: int = SPLINES) -> np.ndarray:
    """Orthonormal curves, shape (points, S), that span cubic B-splines; the points themselves where they are few."""
    if points <= count:
        return np.eye(points)
    knots = np.r_[[0.0] * 3, np.linspace(0, 1, count - 2), [1.0] * 3]
    inside = np.linspace(0, 1, points)
    return np.linalg.qr(BSpline.design_matrix(inside, knots, 3).toarray())[0]


def inner_folds(groups: np.ndarray) -> np.ndarray:
    """Fold of each window, shape (N,): subjects in turn; for one subject, stretches of windows."""
    subjects, index = np.unique(groups, return_inverse=True)
    if len(subjects) > 1:
        return index % FOLDS
    return np.arange(len(groups)) * min(FOLDS, len(groups)) // len(groups)


def _unit(sd: np.ndarray) -> np.ndarray:
    return np.where(sd > 1e-6, sd, 1.0)
