"""Ridge regression from whole windows to whole curves, with a random intercept for every person."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from gaitload.estimators import Estimator
from gaitload.estimators._fitted import Fitted
from gaitload.estimators._rows import Rows, inner_folds

ABOUT = Estimator(
    "floor",
    source="Hoerl & Kennard 1970; it meets published networks in running stance (Song et al. 2024 likewise)",
    deviations=(
        "solved from moments that inner folds share, for all penalties by one decomposition",
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
    for intercept in INTERCEPTS:
        solved = _solved(_moments(design, wanted, groups), intercept)
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
class _Moments:
    """Sums that regressions are solved from: of squares, of products with what is wanted, and by subject."""

    gram: np.ndarray
    cross: np.ndarray
    counts: np.ndarray
    design: np.ndarray
    wanted: np.ndarray


@dataclass(frozen=True)
class _Solved:
    """A regression for all penalties: eigenvalues, eigenvectors and what is wanted of them."""

    values: np.ndarray
    vectors: np.ndarray
    cross: np.ndarray

    def weights(self, penalty: float) -> np.ndarray:
        """Shape (F, P K)."""
        return self.vectors @ (self.cross / (self.values + penalty / 1000)[:, None])


def _moments(design: np.ndarray, wanted: np.ndarray, groups: np.ndarray) -> _Moments:
    """Of the subjects in alphabetical order."""
    names, index = np.unique(groups, return_inverse=True)
    member = (index[:, None] == np.arange(len(names))).astype(float)
    return _Moments(design.T @ design, design.T @ wanted, member.sum(axis=0), member.T @ design, member.T @ wanted)


def _solved(moments: _Moments, intercept: float) -> _Solved:
    """The regression about the mean, a part of what is between subjects taken out."""
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
        moments = _moments(design[~left], wanted[~left], groups[~left])
        middle = [sums.sum(axis=0) / moments.counts.sum() for sums in (moments.design, moments.wanted)]
        for row, intercept in enumerate(INTERCEPTS):
            solved = _solved(moments, intercept)
            places = (design[left] - middle[0]) @ solved.vectors
            for number, penalty in enumerate(PENALTIES):
                weights = solved.cross / (solved.values + penalty / 1000)[:, None]
                missed = places @ weights + middle[1] - wanted[left]
                errors[row, number] += (missed**2).sum(axis=0).reshape(-1, targets).sum(axis=0)
    best = errors.reshape(-1, targets).argmin(axis=0)
    return [(INTERCEPTS[index // len(PENALTIES)], PENALTIES[index % len(PENALTIES)]) for index in best]
