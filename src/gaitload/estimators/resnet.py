"""Residual network of bottleneck blocks over the window as an image, as deep as ResNet50."""

from __future__ import annotations

import torch
from torch import nn

from gaitload.estimators import Estimator

ABOUT = Estimator(
    "network",
    source="He et al. 2016; Sugiarto et al. 2025: ResNet50 for ground reaction force in walking",
    deviations=(
        "trained from scratch: weights of ImageNet need images of three colours and are not shipped",
        "narrower (16 maps in place of 64) and never pooled in time, because every frame is estimated",
        "a norm over the maps of each window in place of batch norm",
    ),
)


class Bottleneck(nn.Module):
    """Three convolutions, the middle one narrow, beside a shortcut; `stride` pools channels of sensors, not frames."""

    def __init__(self, maps: int, narrow: int, stride: int) -> None:
        super().__init__()
        wide = 4 * narrow
        self.change = nn.Sequential(
            *(nn.Conv2d(maps, narrow, 1), nn.GroupNorm(1, narrow), nn.ReLU()),
            *(nn.Conv2d(narrow, narrow, 3, stride=(1, stride), padding=1), nn.GroupNorm(1, narrow), nn.ReLU()),
            *(nn.Conv2d(narrow, wide, 1), nn.GroupNorm(1, wide)),
        )
        same = maps == wide and stride == 1
        self.shortcut = nn.Identity() if same else nn.Conv2d(maps, wide, 1, stride=(1, stride))

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return nn.functional.relu(self.change(image) + self.shortcut(image))  # (B, 4 narrow, T, C / stride)


class Network(nn.Module):
    """Four groups of blocks, each twice as wide as the one before; the channels that are left are averaged."""

    def __init__(self, outputs: int, *, blocks: tuple[int, ...], maps: int, dropout: float) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(1, maps, (7, 3), padding=(3, 1)), nn.ReLU()]
        wide = maps
        for group, count in enumerate(blocks):
            narrow = maps * 2**group
            for number in range(count):
                layers.append(Bottleneck(wide, narrow, stride=2 if group and not number else 1))
                wide = 4 * narrow
        self.layers = nn.Sequential(*layers)
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(wide, outputs))

    def forward(self, window: torch.Tensor) -> torch.Tensor:
        image = self.layers(window.unsqueeze(1))  # (B, T, C) -> (B, 1, T, C) -> (B, W, T, C')
        return self.head(image.mean(dim=3).transpose(1, 2))  # (B, W, T) -> (B, T, W) -> (B, T, K)


def build(
    inputs: int,
    outputs: int,
    frames: int,
    *,
    blocks: tuple[int, ...] = (3, 4, 6, 3),
    maps: int = 16,
    dropout: float = 0.0,
) -> Network:
    """A network for windows of any length."""
    return Network(outputs, blocks=tuple(blocks), maps=maps, dropout=dropout)
