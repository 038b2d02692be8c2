"""The mean of ridge and kernel ridge: one is right about what all people share, the other about what bends."""

from __future__ import annotations

import numpy as np
import torch

from gaitload.estimators import Estimator, kernel_ridge, ridge
from gaitload.estimators._fitted import Fitted

ABOUT = Estimator("floor", source="forecasts that are combined with equal weights (Bates & Granger 1969)")


def fit(inputs: np.ndarray, covariates: np.ndarray, targets: np.ndarray, groups: np.ndarray) -> Mean:
    """Both are fitted to the same windows, each with its own choices."""
    return Mean([module.fit(inputs, covariates, targets, groups) for module in (ridge, kernel_ridge)])


class Mean(Fitted):
    """Mean of fitted floors."""

    graph_dtype = torch.float64

    def __init__(self, floors: list[Fitted]) -> None:
        super().__init__()
        self.floors = torch.nn.ModuleList(floors)

    def forward(self, inputs: torch.Tensor, covariates: torch.Tensor) -> torch.Tensor:
        return torch.stack([floor(inputs, covariates) for floor in self.floors]).mean(dim=0)
