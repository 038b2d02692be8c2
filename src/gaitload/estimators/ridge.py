"""Ridge regression from whole windows to whole curves, with a random intercept for every person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from gaitload.estimators import Estimator
from gaitload.estimators._fitted import Fitted
from gaitload.estimators._rows import Rows, inner_folds

ABOUT = Estimator(
    "floor",
    source="Hoerl & Kennard 1970; it meets published networks in running stance (Song et al. 2024 likewise)",
    deviations=(
        "solved for all penalties by one decomposition, of windows where these are fewer than columns (dual form)",
        "random intercepts by quasi-demeaning (Fuller & Battese 1973), their weight chosen like the penalty",
    ),
)
PENALTIES = tuple(float(value) for value in np.geomspace(1e-1, 1e5, 13))
"""Of the squared weights, for rows of unit variance, per window of training data / 1000."""
INTERCEPTS = (0.0, 0.8)
"""Shares of each person's own mean that are taken out of rows and targets before they are regressed. 0 is plain ridge.
1 learns from differences within people alone; what is between people counts the less the nearer it is."""


def fit(inputs: np.ndarray, covariates: np.ndarray, targets: np.ndarray, groups: np.ndarray) -> Affine:
    """Penalty and intercepts are, for each target, those with the smallest squared error on subjects left out by inner
    folds; a single subject takes folds of windows in their order."""
    rows = Rows(inputs, covariates)
    design, wanted = rows.exactly(inputs, covariates), targets.reshape(len(targets), -1).astype(float)
    chosen = _chosen(design, wanted, groups, targets.shape[2])
    weights, offset = np.zeros((design.shape[1], wanted.shape[1])), wanted.mean(axis=0)
    solve = _solver(design, wanted, groups)
    for intercept in INTERCEPTS:
        solved = solve(intercept)
        for target, (own, penalty) in enumerate(chosen):
            if own == intercept:
                weights[:, target :: len(chosen)] = solved.weights(penalty)[:, target :: len(chosen)]
    return Affine(rows, weights, offset - design.mean(axis=0) @ weights, targets.shape[1:])


class Affine(Fitted):
    """Rows times weights, shape (F, P K), plus an offset, shape (P K,)."""

    def __init__(self, rows: Rows, weights: np.ndarray, offset: np.ndarray, shape: tuple[int, int]) -> None:
        super().__init__()
        self.rows, self.shape = rows, shape
        self.keep(weights=weights, offset=offset)

    def forward(self, inputs: torch.Tensor, covariates: torch.Tensor) -> torch.Tensor:
        return (self.rows(inputs, covariates) @ self.weights + self.offset).unflatten(1, self.shape)


@dataclass(frozen=True)
class _Solved:
    """A regression for all penalties.

    Attributes
    ----------
    values : ndarray, shape (R,)
        Squared singular values of the design, per window; R is the number of columns or, in the dual form, of windows.
    vectors : ndarray, shape (F, R)
    cross : ndarray, shape (R, P K)
        `vectors` times `cross / (values + penalty)` are the weights.
    """

    values: np.ndarray
    vectors: np.ndarray
    cross: np.ndarray

    def shrunk(self, penalty: float) -> np.ndarray:
        """Weights of the vectors, shape (R, P K)."""
        return self.cross / (self.values + penalty / 1000)[:, None]

    def weights(self, penalty: float) -> np.ndarray:
        """Weights of the columns, shape (F, P K)."""
        return self.vectors @ self.shrunk(penalty)


def _solver(design: np.ndarray, wanted: np.ndarray, groups: np.ndarray) -> Callable[[float], _Solved]:
    """From the share of a person's mean that is taken out to the regression about the mean of everybody."""
    if len(design) < design.shape[1]:
        return partial(_dual, design, wanted, groups)
    return partial(_primal, _moments(design, wanted, groups))


def _dual(design: np.ndarray, wanted: np.ndarray, groups: np.ndarray, intercept: float) -> _Solved:
    """By the products of windows with each other, shape (N, N)."""
    rows, targets = (_quasi_demeaned(array, groups, intercept) / np.sqrt(len(design)) for array in (design, wanted))
    values, vectors = np.linalg.eigh(rows @ rows.T)
    return _Solved(np.maximum(values, 0.0), rows.T @ vectors, vectors.T @ targets)


def _quasi_demeaned(array: np.ndarray, groups: np.ndarray, intercept: float) -> np.ndarray:
    """Rows about the mean of all, a share of what is left of their person's mean taken out."""
    centred = array - array.mean(axis=0)
    for group in np.unique(groups):
        own = groups == group
        centred[own] -= intercept * centred[own].mean(axis=0)
    return centred


@dataclass(frozen=True)
class _Moments:
    """Sums that regressions are solved from: of squares, of products with what is wanted, and by subject."""

    gram: np.ndarray
    cross: np.ndarray
    counts: np.ndarray
    design: np.ndarray
    wanted: np.ndarray


def _moments(design: np.ndarray, wanted: np.ndarray, groups: np.ndarray) -> _Moments:
    """Of the subjects in alphabetical order."""
    names, index = np.unique(groups, return_inverse=True)
    member = (index[:, None] == np.arange(len(names))).astype(float)
    return _Moments(design.T @ design, design.T @ wanted, member.sum(axis=0), member.T @ design, member.T @ wanted)


def _primal(moments: _Moments, intercept: float) -> _Solved:
    """By the products of columns with each other, shape (F, F)."""
    count = moments.counts.sum()
    means = [sums.sum(axis=0) / count for sums in (moments.design, moments.wanted)]
    gram = moments.gram / count - np.outer(means[0], means[0])
    cross = moments.cross / count - np.outer(*means)
    between = [
        np.sqrt(moments.counts / count)[:, None] * (sums / moments.counts[:, None] - mean)
        for sums, mean in zip((moments.design, moments.wanted), means, strict=True)
    ]
    share = 2 * intercept - intercept**2
    values, vectors = np.linalg.eigh(gram - share * between[0].T @ between[0])
    return _Solved(np.maximum(values, 1e-9), vectors, vectors.T @ (cross - share * between[0].T @ between[1]))


def _chosen(design: np.ndarray, wanted: np.ndarray, groups: np.ndarray, targets: int) -> list[tuple[float, float]]:
    """Intercept and penalty of each target."""
    folds = inner_folds(groups)
    if not folds.any():
        return [(0.0, 1e3)] * targets
    errors = np.zeros((len(INTERCEPTS), len(PENALTIES), targets))
    for fold in np.unique(folds):
        left = folds == fold
        solve = _solver(design[~left], wanted[~left], groups[~left])
        middle = design[~left].mean(axis=0), wanted[~left].mean(axis=0)
        for row, intercept in enumerate(INTERCEPTS):
            solved = solve(intercept)
            places = (design[left] - middle[0]) @ solved.vectors
            for number, penalty in enumerate(PENALTIES):
                missed = places @ solved.shrunk(penalty) + middle[1] - wanted[left]
                errors[row, number] += (missed**2).sum(axis=0).reshape(-1, targets).sum(axis=0)
    best = errors.reshape(-1, targets).argmin(axis=0)
    return [(INTERCEPTS[index // len(PENALTIES)], PENALTIES[index % len(PENALTIES)]) for index in best]
