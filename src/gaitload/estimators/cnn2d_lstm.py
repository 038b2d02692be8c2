"""Convolutions over time and channels, then an LSTM."""

from __future__ import annotations

import torch
from torch import nn

from gaitload.estimators import Estimator

ABOUT = Estimator(
    "network",
    source="Sugiarto et al. 2025: the best of ten networks for ground reaction force in walking",
    deviations=("widths chosen here: 16 and 16 maps, kernels of 5 by 3, one layer of 128", "nothing is pooled in time"),
)


class Network(nn.Module):
    """The window is an image, frames by channels, whose columns are read one after another."""

    def __init__(self, inputs: int, outputs: int, *, maps: int, width: int, dropout: float) -> None:
        super().__init__()
        self.convolutions = nn.Sequential(
            nn.Conv2d(1, maps, (5, 3), padding="same"),
            nn.ReLU(),
            nn.Conv2d(maps, maps, (5, 3), padding="same"),
            nn.ReLU(),
        )
        self.recurrent = nn.LSTM(maps * inputs, width, batch_first=True)
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(width, outputs))

    def forward(self, window: torch.Tensor) -> torch.Tensor:
        image = self.convolutions(window.unsqueeze(1))  # (B, T, C) -> (B, 1, T, C) -> (B, 16, T, C)
        columns = image.transpose(1, 2).flatten(2)  # (B, T, 16, C) -> (B, T, 16 C)
        hidden, _ = self.recurrent(columns)  # (B, T, 128)
        return self.head(hidden)  # (B, T, K)


def build(inputs: int, outputs: int, frames: int, *, maps: int = 16, width: int = 128, dropout: float = 0.0) -> Network:
    """A network for windows of any length."""
    return Network(inputs, outputs, maps=maps, width=width, dropout=dropout)
