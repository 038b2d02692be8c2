"""Three layers of LSTM."""

from __future__ import annotations

from torch import nn

from gaitload.estimators import Estimator
from gaitload.estimators._recurrent import Recurrent

ABOUT = Estimator(
    "network",
    source="Hur et al. 2025: three layers of 128 for joint angles; Bogaert et al. 2026: LSTM for loads of running",
    deviations=("an estimate for every frame of a window, from the frames up to it",),
)


def build(
    inputs: int, outputs: int, frames: int, *, layers: int = 3, width: int = 128, dropout: float = 0.1
) -> nn.Module:
    """A network for windows of any length."""
    return Recurrent(nn.LSTM, inputs, outputs, layers=layers, width=width, dropout=dropout)
