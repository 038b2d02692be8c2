"""Recurrent layers, and one linear layer for every frame."""

from __future__ import annotations

import torch
from torch import nn


class Recurrent(nn.Module):
    """Every frame is estimated from the window up to it.

    Parameters
    ----------
    cell
        `nn.RNN`, `nn.GRU` or `nn.LSTM`.
    """

    def __init__(
        self,
        cell: type[nn.RNNBase],
        inputs: int,
        outputs: int,
        *,
        layers: int,
        width: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.recurrent = cell(inputs, width, layers, batch_first=True, dropout=dropout if layers > 1 else 0.0)
        self.head = nn.Linear(width, outputs)

    def forward(self, window: torch.Tensor) -> torch.Tensor:
        hidden, _ = self.recurrent(window)  # (B, T, C) -> (B, T, width)
        return self.head(hidden)  # (B, T, K)
