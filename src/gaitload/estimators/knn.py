"""The curves of the training windows that look most alike."""

from __future__ import annotations

import numpy as np
import torch
from sklearn.decomposition import PCA

from gaitload.estimators import Estimator
from gaitload.estimators._fitted import Fitted
from gaitload.estimators._rows import inner_folds

ABOUT = Estimator(
    "floor", source="Song et al. 2024: neighbours in an embedding by singular values equal or beat an LSTM"
)
NEIGHBOURS = (3, 10, 30, 100)
COMPONENTS = 20
"""Principal components that windows are compared by; more let noise decide who is near."""
_SAME = 1e-6
"""Distance, in standard deviations, of windows that are the same; rounding leaves less."""


def fit(inputs: np.ndarray, covariates: np.ndarray, targets: np.ndarray, groups: np.ndarray) -> Neighbours:
    """Mean of the nearest, weighted by the inverse of their distance; as many as inner folds of subjects want."""
    folds = inner_folds(groups)
    errors = np.zeros(len(NEIGHBOURS))
    for fold in np.unique(folds) if folds.any() else ():
        left = folds == fold
        near = Neighbours(inputs[~left], covariates[~left], targets[~left])
        for number, near.count in enumerate(NEIGHBOURS):
            errors[number] += np.sum((near.exactly(inputs[left], covariates[left]) - targets[left]) ** 2)
    near = Neighbours(inputs, covariates, targets)
    near.count = NEIGHBOURS[int(np.argmin(errors))]
    return near


class Neighbours(Fitted):
    """Training windows in an embedding, and the mean of the curves of the nearest `count`."""

    graph_dtype = torch.float64
    count = NEIGHBOURS[0]

    def __init__(self, inputs: np.ndarray, covariates: np.ndarray, targets: np.ndarray) -> None:
        super().__init__()
        design = np.concatenate([inputs.reshape(len(inputs), -1), covariates], axis=1)
        embedding = PCA(min(COMPONENTS, *design.shape), svd_solver="covariance_eigh").fit(design)
        self.shape = targets.shape[1:]
        self.keep(
            mean=embedding.mean_,
            axes=embedding.components_.T,
            places=embedding.transform(design),
            curves=targets.reshape(len(targets), -1),
        )

    def forward(self, inputs: torch.Tensor, covariates: torch.Tensor) -> torch.Tensor:
        places = (torch.cat([inputs.flatten(1), covariates], dim=1) - self.mean) @ self.axes  # (M, 20)
        squares = (places**2).sum(1, keepdim=True) + (self.places**2).sum(1) - 2 * places @ self.places.T
        nearest, index = torch.topk(squares, min(self.count, len(self.places)), dim=1, largest=False)
        weights = 1.0 / nearest.clamp(min=_SAME**2).sqrt()  # (M, count)
        curves = self.curves[index] * (weights / weights.sum(1, keepdim=True)).unsqueeze(2)  # (M, count, P K)
        return curves.sum(1).unflatten(1, self.shape)
