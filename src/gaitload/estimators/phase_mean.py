"""The mean curve of training windows, whatever the sensors say."""

from __future__ import annotations

import numpy as np
import torch

from gaitload.estimators import Estimator
from gaitload.estimators._fitted import Fitted

ABOUT = Estimator("floor", source="what is left to explain beyond it is what sensors are for")


def fit(inputs: np.ndarray, covariates: np.ndarray, targets: np.ndarray, groups: np.ndarray) -> Curve:
    """Mean over subjects, each with the same weight, at every point of the window."""
    curve = np.mean([targets[groups == subject].mean(axis=0) for subject in np.unique(groups)], axis=0)
    return Curve(curve)


class Curve(Fitted):
    """One curve, shape (P, K), for every window."""

    def __init__(self, curve: np.ndarray) -> None:
        super().__init__()
        self.keep(curve=curve)

    def forward(self, inputs: torch.Tensor, covariates: torch.Tensor) -> torch.Tensor:
        return self.curve.expand(inputs.shape[0], *self.curve.shape)
