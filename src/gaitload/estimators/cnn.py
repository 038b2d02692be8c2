"""Three convolutions along time, and one dense layer."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import nn

from gaitload.estimators import Estimator

ABOUT = Estimator(
    "network",
    source="Hur et al. 2025: 24, 8 and 10 channels, kernels of 5, for joint angles",
    deviations=("the dense layer from all frames to all frames is ours; nothing is pooled",),
)


class Network(nn.Module):
    """Convolutions see 13 frames; the dense layer sees the window."""

    def __init__(
        self, inputs: int, outputs: int, frames: int, *, widths: tuple[int, ...] = (24, 8, 10), kernel: int = 5
    ) -> None:
        super().__init__()
        ends = (inputs, *widths)
        layers = [
            layer
            for before, after in pairwise(ends)
            for layer in (nn.Conv1d(before, after, kernel, padding="same"), nn.ReLU())
        ]
        self.convolutions = nn.Sequential(*layers)
        self.head = nn.Linear(widths[-1] * frames, outputs * frames)
        self.shape = (frames, outputs)

    def forward(self, window: torch.Tensor) -> torch.Tensor:
        maps = self.convolutions(window.transpose(1, 2))  # (B, T, C) -> (B, C, T) -> (B, 10, T)
        return self.head(maps.flatten(1)).unflatten(1, self.shape)  # (B, 10 T) -> (B, T, K)


def build(inputs: int, outputs: int, frames: int) -> Network:
    """A network for windows of `frames`."""
    return Network(inputs, outputs, frames)
