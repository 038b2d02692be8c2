"""A fitted estimator as a whole: scales, a floor below, a network, a floor beside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from gaitload.estimators._fitted import Fitted
from gaitload.study import StudyTraining
from gaitload.training.loop import Sample, Task, estimate
from gaitload.windows.normaliser import Normaliser


@dataclass(frozen=True)
class Composite:
    """From windows in their units to curves.

    Attributes
    ----------
    normaliser : Normaliser
    shape : tuple of int
        Points and targets of a window, (P, K).
    below : Fitted or None
        Floor whose estimates the network adds to, or the estimator itself where there is no network.
    network : torch module or None
    task : Task or None
        What the network needs to know of windows.
    beside : Fitted or None
        Floor that the sum is averaged with.
    shares : ndarray, shape (K,), or None
        Weight of the sum in that mean, by target.
    """

    normaliser: Normaliser
    shape: tuple[int, int]
    below: Fitted | None = None
    network: nn.Module | None = None
    task: Task | None = None
    beside: Fitted | None = None
    shares: np.ndarray | None = None

    def scaled(self, inputs: np.ndarray, covariates: np.ndarray, settings: StudyTraining) -> np.ndarray:
        """Estimates in standard deviations of the targets, shape (M, P, K).

        Parameters
        ----------
        inputs : ndarray, shape (M, T, C)
            In their units.
        covariates : ndarray, shape (M, V)
            In their units.
        settings
            Device and precision of the network.
        """
        seen = self.normaliser.inputs.scaled(inputs), self.normaliser.covariates.scaled(covariates)
        found = np.zeros((len(inputs), *self.shape), np.float32)
        if self.below is not None:
            found = found + self.below.estimate(*seen)
        if self.network is not None:
            found = found + estimate(self.network, self.task, Sample(inputs, seen[1], found), settings)
        if self.beside is not None:
            floor = self.beside.estimate(*seen)
            found = floor + self.shares * (found - floor)
        return found

    def estimate(self, inputs: np.ndarray, covariates: np.ndarray, settings: StudyTraining) -> np.ndarray:
        """Estimates in the units of the targets, shape (M, P, K); see `scaled`."""
        return self.normaliser.targets.restored(self.scaled(inputs, covariates, settings))


class Graph(nn.Module):
    """A `Composite` as one module, from inputs (M, T, C) and covariates (M, V) to curves (M, P, K), all in units."""

    def __init__(self, composite: Composite) -> None:
        super().__init__()
        self.floors = nn.ModuleDict(
            {name: getattr(composite, name) for name in ("below", "beside") if getattr(composite, name) is not None}
        )
        self.network = composite.network
        before = composite.task.before if composite.task else 0
        self.estimated = slice(before, before + composite.shape[0])
        for name in ("inputs", "covariates", "targets"):
            scale = getattr(composite.normaliser, name)
            for part in ("mean", "sd"):
                self.register_buffer(f"{name}_{part}", torch.as_tensor(getattr(scale, part), dtype=torch.float32))
        if composite.shares is not None:
            self.register_buffer("shares", torch.as_tensor(composite.shares, dtype=torch.float32))

    def forward(self, inputs: torch.Tensor, covariates: torch.Tensor) -> torch.Tensor:
        scaled = (inputs - self.inputs_mean) / self.inputs_sd
        also = (covariates - self.covariates_mean) / self.covariates_sd
        found = torch.zeros((), dtype=torch.float32)
        if "below" in self.floors:
            found = found + self._floor("below", scaled, also)
        if self.network is not None:
            constant = also.unsqueeze(1).expand(-1, scaled.shape[1], -1)
            found = found + self.network(torch.cat([scaled, constant], dim=2))[:, self.estimated]
        if "beside" in self.floors:
            floor = self._floor("beside", scaled, also)
            found = floor + self.shares * (found - floor)
        return found * self.targets_sd + self.targets_mean

    def _floor(self, name: str, scaled: torch.Tensor, also: torch.Tensor) -> torch.Tensor:
        floor = self.floors[name]
        return floor(scaled.to(floor.graph_dtype), also.to(floor.graph_dtype)).to(torch.float32)
