"""Three convolutions along time, and one dense layer."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import nn

from gaitload.estimators import Estimator

ABOUT = Estimator(
    "network",
    source="Hur et al. 2025: 24, 8 and 10 channels, kernels of 5, for ten joint angles",
    deviations=(
        "head dense (default): the last layer is from all frames and channels to all frames and targets",
        "head time: as published, a linear map over time after as many channels as targets; nothing is pooled",
    ),
)


class Network(nn.Module):
    """Convolutions with kernels of 5 see 13 frames; the last layer sees the window."""

    def __init__(self, inputs: int, outputs: int, frames: int, *, widths: tuple[int, ...], kernel: int, head: str):
        super().__init__()
        ends = (inputs, *widths)
        layers = [
            layer
            for before, after in pairwise(ends)
            for layer in (nn.Conv1d(before, after, kernel, padding="same"), nn.ReLU())
        ]
        self.convolutions = nn.Sequential(*layers)
        self.shared = head == "time"
        self.head = nn.Linear(frames, frames) if self.shared else nn.Linear(widths[-1] * frames, outputs * frames)
        self.shape = (frames, outputs)

    def forward(self, window: torch.Tensor) -> torch.Tensor:
        maps = self.convolutions(window.transpose(1, 2))  # (B, T, C) -> (B, C, T) -> (B, widths[-1], T)
        if self.shared:
            return self.head(maps).transpose(1, 2)  # (B, K, T) -> (B, T, K)
        return self.head(maps.flatten(1)).unflatten(1, self.shape)  # (B, widths[-1] T) -> (B, T, K)


def build(
    inputs: int,
    outputs: int,
    frames: int,
    *,
    widths: tuple[int, ...] = (24, 8, 10),
    kernel: int = 5,
    head: str = "dense",
) -> Network:
    """A network for windows of `frames`; with `head` `time` the last of `widths` is the number of targets."""
    chosen = (*widths[:-1], outputs) if head == "time" else tuple(widths)
    return Network(inputs, outputs, frames, widths=chosen, kernel=kernel, head=head)
