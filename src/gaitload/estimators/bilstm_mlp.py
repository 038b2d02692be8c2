"""LSTM in both directions, then a perceptron for every frame."""

from __future__ import annotations

import torch
from torch import nn

from gaitload.estimators import Estimator

ABOUT = Estimator(
    "network",
    source="Derungs et al. 2026: contact force of the knee's compartments",
    deviations=("widths chosen here: two layers of 64 either way, a perceptron of 64",),
)


class Network(nn.Module):
    """Every frame is estimated from the whole window."""

    def __init__(self, inputs: int, outputs: int, *, layers: int, width: int, dropout: float) -> None:
        super().__init__()
        between = dropout if layers > 1 else 0.0
        self.recurrent = nn.LSTM(inputs, width, layers, batch_first=True, bidirectional=True, dropout=between)
        self.head = nn.Sequential(
            nn.Dropout(dropout), nn.Linear(2 * width, width), nn.GELU(), nn.Linear(width, outputs)
        )

    def forward(self, window: torch.Tensor) -> torch.Tensor:
        hidden, _ = self.recurrent(window)  # (B, T, C) -> (B, T, 2 width): forwards and backwards
        return self.head(hidden)  # (B, T, K)


def build(inputs: int, outputs: int, frames: int, *, layers: int = 2, width: int = 64, dropout: float = 0.1) -> Network:
    """A network for windows of any length."""
    return Network(inputs, outputs, layers=layers, width=width, dropout=dropout)
