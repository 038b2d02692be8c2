"""The curves of the training windows that look most alike."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from sklearn.decomposition import PCA
from sklearn.neighbors import KNeighborsRegressor

from gaitload.estimators import Estimator, Predictor
from gaitload.estimators._rows import inner_folds

ABOUT = Estimator(
    "floor", source="Song et al. 2024: neighbours in an embedding by singular values equal or beat an LSTM"
)
NEIGHBOURS = (3, 10, 30, 100)
COMPONENTS = 20
"""Principal components that windows are compared by; more let noise decide who is near."""


def fit(inputs: np.ndarray, covariates: np.ndarray, targets: np.ndarray, groups: np.ndarray) -> Predictor:
    """Mean of the nearest, weighted by the inverse of their distance; as many as inner folds of subjects want."""
    design, wanted = _flattened(inputs, covariates), targets.reshape(len(targets), -1)
    folds = inner_folds(groups)
    errors = np.zeros(len(NEIGHBOURS))
    for fold in np.unique(folds) if folds.any() else ():
        left = folds == fold
        estimate = _fitted(design[~left], wanted[~left])
        errors += [np.sum((estimate(design[left], count) - wanted[left]) ** 2) for count in NEIGHBOURS]
    estimate, count = _fitted(design, wanted), NEIGHBOURS[int(np.argmin(errors))]
    shape = targets.shape[1:]
    return lambda seen, also: estimate(_flattened(seen, also), count).reshape(-1, *shape).astype(np.float32)


def _flattened(inputs: np.ndarray, covariates: np.ndarray) -> np.ndarray:
    """Windows and covariates as rows, shape (N, T C + V)."""
    return np.concatenate([inputs.reshape(len(inputs), inputs.shape[1] * inputs.shape[2]), covariates], axis=1)


def _fitted(design: np.ndarray, wanted: np.ndarray) -> Callable[[np.ndarray, int], np.ndarray]:
    """Function from windows, shape (M, F), and a number of neighbours to curves, shape (M, P K)."""
    embedding = PCA(min(COMPONENTS, *design.shape), svd_solver="covariance_eigh").fit(design)
    places = embedding.transform(design)

    def estimate(seen: np.ndarray, count: int) -> np.ndarray:
        if not len(seen):  # scikit-learn refuses to estimate nothing.
            return np.zeros((0, wanted.shape[1]))
        regressor = KNeighborsRegressor(min(count, len(places)), weights="distance").fit(places, wanted)
        return regressor.predict(embedding.transform(seen))

    return estimate
