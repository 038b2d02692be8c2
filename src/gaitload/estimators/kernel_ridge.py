"""Kernel ridge regression: linear, and bent where windows are many that look alike."""

from __future__ import annotations

from itertools import product

import numpy as np
import torch
from scipy.linalg import cho_factor, cho_solve
from scipy.spatial.distance import cdist

from gaitload.estimators import Estimator
from gaitload.estimators._fitted import Fitted
from gaitload.estimators._rows import Rows, inner_folds

ABOUT = Estimator(
    "floor",
    source="Saunders et al. 1998; the mean of a Gaussian process with a linear and a squared exponential covariance",
    deviations=("fitted to at most `WINDOWS` windows, spread evenly over people and trials",),
)
WINDOWS = 900
"""At most; the time goes with their cube. Neighbouring steps of a person say nearly the same."""
WIDTHS = (1.0, 2.0)
"""Of the squared exponential, in root mean squares of a row: larger bends less."""
INTERCEPTS = (0.0, 1.0)
"""Covariances of windows of one person that inputs do not explain: a random intercept; 0 is none."""
PENALTIES = tuple(float(value) for value in np.geomspace(1e-5, 1e-1, 5))
"""Variance of what no kernel explains, per window."""


def fit(inputs: np.ndarray, covariates: np.ndarray, targets: np.ndarray, groups: np.ndarray) -> Kernels:
    """Width, intercept and penalty are, for each target, those with the smallest squared error on subjects left out by
    inner folds."""
    some = np.unique(np.linspace(0, len(inputs) - 1, min(WINDOWS, len(inputs))).round().astype(int))
    rows = Rows(inputs, covariates)
    design, groups = rows.exactly(inputs[some], covariates[some]), groups[some]
    wanted = targets[some].reshape(len(some), -1).astype(float)
    middle, shape = wanted.mean(axis=0), targets.shape[1:]
    kernels = {width: _kernel(design, design, width) for width in WIDTHS}
    same = (groups[:, None] == groups).astype(float)
    chosen = _chosen(kernels, same, wanted, groups, shape[1])
    weights = {width: np.zeros_like(wanted) for width, *_ in chosen}
    for target, (width, *options) in enumerate(chosen):
        own = slice(target, None, shape[1])
        weights[width][:, own] = _solved(kernels[width], same, wanted[:, own] - middle[own], *options)
    return Kernels(rows, design, weights, middle, shape)


class Kernels(Fitted):
    """Covariances with the training windows, of each width, times weights of shape (N, P K), plus the middle."""

    graph_dtype = torch.float64

    def __init__(
        self, rows: Rows, design: np.ndarray, weights: dict[float, np.ndarray], middle: np.ndarray, shape: tuple
    ) -> None:
        super().__init__()
        self.rows, self.shape, self.widths = rows, shape, tuple(weights)
        self.keep(design=design, middle=middle, **{f"weights_{n}": part for n, part in enumerate(weights.values())})

    def forward(self, inputs: torch.Tensor, covariates: torch.Tensor) -> torch.Tensor:
        places, count = self.rows(inputs, covariates), self.design.shape[1]
        products = places @ self.design.T  # (M, N)
        squares = (places**2).sum(1, keepdim=True) + (self.design**2).sum(1) - 2 * products
        found = self.middle
        for number, width in enumerate(self.widths):
            kernel = products / count + torch.exp(-squares / (2 * count * width**2))
            found = found + kernel @ getattr(self, f"weights_{number}")
        return found.unflatten(1, self.shape)


def _kernel(some: np.ndarray, others: np.ndarray, width: float) -> np.ndarray:
    """Covariance of windows, shape (N, M), for rows of F numbers of unit variance."""
    count = some.shape[1]
    return some @ others.T / count + np.exp(-cdist(some, others, "sqeuclidean") / (2 * count * width**2))


def _solved(kernel: np.ndarray, same: np.ndarray, wanted: np.ndarray, intercept: float, penalty: float) -> np.ndarray:
    """Weights of the windows, shape (N, P K)."""
    noisy = kernel + intercept * same
    noisy[np.diag_indices_from(noisy)] += penalty * len(kernel)
    return cho_solve(cho_factor(noisy, lower=True, overwrite_a=True, check_finite=False), wanted, check_finite=False)


def _chosen(kernels: dict, same: np.ndarray, wanted: np.ndarray, groups: np.ndarray, targets: int) -> list[tuple]:
    """Width, intercept and penalty of each target."""
    options, folds = list(product(WIDTHS, INTERCEPTS, PENALTIES)), inner_folds(groups)
    if not folds.any():
        return [(WIDTHS[-1], 0.0, 1e-3)] * targets
    errors = np.zeros((len(options), targets))
    for fold in np.unique(folds):
        left = folds == fold
        middle, among = wanted[~left].mean(axis=0), np.ix_(~left, ~left)
        for number, (width, intercept, penalty) in enumerate(options):
            weights = _solved(kernels[width][among], same[among], wanted[~left] - middle, intercept, penalty)
            missed = kernels[width][np.ix_(left, ~left)] @ weights + middle - wanted[left]
            errors[number] += (missed**2).sum(axis=0).reshape(-1, targets).sum(axis=0)
    return [options[index] for index in errors.argmin(axis=0)]
