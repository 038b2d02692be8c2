"""Two layers of plain recurrence."""

from __future__ import annotations

import torch
from torch import nn

from gaitload.estimators import Estimator

ABOUT = Estimator(
    "network",
    source="Lee & Lee 2026: joint moments of walking and running from three or seven sensors",
    deviations=("an estimate for every frame of a window, from the frames up to it",),
)


class Network(nn.Module):
    """Recurrent layers, and one linear layer for every frame."""

    def __init__(self, inputs: int, outputs: int, *, layers: int = 2, width: int = 128, dropout: float = 0.1) -> None:
        super().__init__()
        self.recurrent = nn.RNN(inputs, width, layers, batch_first=True, dropout=dropout)
        self.head = nn.Linear(width, outputs)

    def forward(self, window: torch.Tensor) -> torch.Tensor:
        hidden, _ = self.recurrent(window)  # (B, T, C) -> (B, T, 128)
        return self.head(hidden)  # (B, T, K)


def build(inputs: int, outputs: int, frames: int) -> Network:
    """A network for windows of any length."""
    return Network(inputs, outputs)
