"""Inception modules: convolutions of several sizes side by side, over the window as an image."""

from __future__ import annotations

import torch
from torch import nn

from gaitload.estimators import Estimator

ABOUT = Estimator(
    "network",
    source="Szegedy et al. 2015; Sugiarto et al. 2025: Inception for ground reaction force in walking",
    deviations=(
        "trained from scratch: weights of ImageNet need images of three colours and are not shipped",
        "three modules of 16 maps a branch, never pooled in time, because every frame is estimated",
    ),
)


class Module(nn.Module):
    """Four branches: kernels of 1, 3 and 5, and the largest neighbour; their maps are put side by side."""

    def __init__(self, before: int, maps: int) -> None:
        super().__init__()
        self.point = nn.Conv2d(before, maps, 1)
        self.small = nn.Sequential(nn.Conv2d(before, maps, 1), nn.ReLU(), nn.Conv2d(maps, maps, 3, padding=1))
        self.large = nn.Sequential(nn.Conv2d(before, maps, 1), nn.ReLU(), nn.Conv2d(maps, maps, 5, padding=2))
        self.pooled = nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), nn.Conv2d(before, maps, 1))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        branches = [branch(image) for branch in (self.point, self.small, self.large, self.pooled)]
        return nn.functional.relu(torch.cat(branches, dim=1))  # (B, 4 maps, T, C)


class Network(nn.Module):
    """Modules one after another; channels of sensors are averaged at the end, frames are kept."""

    def __init__(self, outputs: int, *, modules: int, maps: int, dropout: float) -> None:
        super().__init__()
        first = nn.Conv2d(1, maps, (7, 3), padding=(3, 1))
        rest = [Module(maps if number == 0 else 4 * maps, maps) for number in range(modules)]
        self.layers = nn.Sequential(first, nn.ReLU(), *rest)
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(4 * maps, outputs))

    def forward(self, window: torch.Tensor) -> torch.Tensor:
        image = self.layers(window.unsqueeze(1))  # (B, T, C) -> (B, 1, T, C) -> (B, 4 maps, T, C)
        return self.head(image.mean(dim=3).transpose(1, 2))  # (B, 4 maps, T) -> (B, T, 4 maps) -> (B, T, K)


def build(inputs: int, outputs: int, frames: int, *, modules: int = 3, maps: int = 16, dropout: float = 0.0) -> Network:
    """A network for windows of any length."""
    return Network(outputs, modules=modules, maps=maps, dropout=dropout)
