"""Residual blocks of dilated convolutions along time."""

from __future__ import annotations

import torch
from torch import nn

from gaitload.estimators import Estimator

ABOUT = Estimator(
    "network",
    source="Bai et al. 2018; Derungs et al. 2026: contact force of the knee's compartments",
    deviations=(
        "not causal: windows are whole when they are estimated",
        "a norm over frames and channels in place of weight norm",
    ),
)


class Block(nn.Module):
    """Two dilated convolutions beside a shortcut."""

    def __init__(self, width: int, kernel: int, dilation: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(1, width)
        same = dilation * (kernel - 1) // 2  # Graphs for other runtimes cannot say "same" where there is a dilation.
        self.first = nn.Conv1d(width, width, kernel, padding=same, dilation=dilation)
        self.second = nn.Conv1d(width, width, kernel, padding=same, dilation=dilation)
        self.dropout = nn.Dropout(dropout)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        change = nn.functional.gelu(self.first(self.norm(maps)))  # (B, width, T)
        return maps + self.dropout(self.second(change))  # (B, width, T)


class Network(nn.Module):
    """Dilations of 1, 2, 4, ...; four blocks with kernels of 3 see 61 frames. Norms are taken over a whole window."""

    def __init__(self, inputs: int, outputs: int, *, width: int, kernel: int, blocks: int, dropout: float) -> None:
        super().__init__()
        dilations = [2**number for number in range(blocks)]
        self.widen = nn.Conv1d(inputs, width, 1)
        self.blocks = nn.Sequential(*(Block(width, kernel, dilation, dropout) for dilation in dilations))
        self.head = nn.Conv1d(width, outputs, 1)

    def forward(self, window: torch.Tensor) -> torch.Tensor:
        maps = self.widen(window.transpose(1, 2))  # (B, T, C) -> (B, C, T) -> (B, width, T)
        return self.head(self.blocks(maps)).transpose(1, 2)  # (B, K, T) -> (B, T, K)


def build(
    inputs: int,
    outputs: int,
    frames: int,
    *,
    width: int = 64,
    kernel: int = 3,
    blocks: int = 4,
    dropout: float = 0.1,
) -> Network:
    """A network for windows of any length; kernels are odd."""
    return Network(inputs, outputs, width=width, kernel=kernel, blocks=blocks, dropout=dropout)
