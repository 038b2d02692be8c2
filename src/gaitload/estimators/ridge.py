"""Ridge regression from whole windows to whole curves."""

from __future__ import annotations

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from gaitload.estimators import Estimator, Predictor

ABOUT = Estimator(
    "floor",
    source="Hoerl & Kennard 1970; it meets published networks in running stance (Song et al. 2024 likewise)",
    deviations=(
        "solved from the Gram matrices of subjects, which inner folds share; the same as scikit-learn's Ridge",
    ),
)
PENALTIES = tuple(float(value) for value in np.geomspace(1e-1, 1e5, 13))
"""Of the squared weights, for inputs of unit variance, per window of training data / 1000: see `_penalty`."""
FOLDS = 5
"""Inner folds at most, each of whole subjects."""


def fit(inputs: np.ndarray, covariates: np.ndarray, targets: np.ndarray, groups: np.ndarray) -> Predictor:
    """The penalty is that with the smallest squared error on subjects left out by inner folds; a single subject takes
    folds of windows in their order."""
    design, wanted = flattened(inputs, covariates), targets.reshape(len(targets), -1).astype(float)
    folds = inner_folds(groups)
    moments = [_moments(design[folds == fold], wanted[folds == fold]) for fold in np.unique(folds)]
    whole = tuple(sum(parts) for parts in zip(*moments, strict=True))
    weights = _solved(whole, _penalty(design, wanted, folds, moments, whole))
    shape = targets.shape[1:]
    return lambda seen, also: (flattened(seen, also) @ weights).reshape(len(seen), *shape).astype(np.float32)


def flattened(inputs: np.ndarray, covariates: np.ndarray) -> np.ndarray:
    """Windows, covariates and a one as rows, shape (N, T C + V + 1), float64."""
    flat = inputs.reshape(len(inputs), inputs.shape[1] * inputs.shape[2])
    return np.concatenate([flat, covariates, np.ones((len(inputs), 1))], axis=1, dtype=float)


def inner_folds(groups: np.ndarray) -> np.ndarray:
    """Fold of each window, shape (N,): subjects in turn; for one subject, stretches of windows."""
    subjects, index = np.unique(groups, return_inverse=True)
    if len(subjects) > 1:
        return index % FOLDS
    return np.arange(len(groups)) * min(FOLDS, len(groups)) // len(groups)


def _moments(design: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Sums that regressions are solved from, and their number of windows."""
    return design.T @ design, design.T @ wanted, len(design)


def _solved(moments: tuple, penalty: float) -> np.ndarray:
    """Weights, shape (F, P K); the last input, the one, is not penalised."""
    gram, cross, count = moments
    ridge = np.full(len(gram), penalty * count / 1000)
    ridge[-1] = 1e-9 * count
    return cho_solve(cho_factor(gram + np.diag(ridge), lower=True, overwrite_a=True), cross)


def _penalty(design: np.ndarray, wanted: np.ndarray, folds: np.ndarray, moments: list[tuple], whole: tuple) -> float:
    if len(moments) < 2:
        return 1e3
    errors = np.zeros(len(PENALTIES))
    for fold, own in zip(np.unique(folds), moments, strict=True):
        others = tuple(everything - part for everything, part in zip(whole, own, strict=True))
        left = folds == fold
        for number, penalty in enumerate(PENALTIES):
            errors[number] += np.sum((design[left] @ _solved(others, penalty) - wanted[left]) ** 2)
    return PENALTIES[int(np.argmin(errors))]
