"""Two layers of plain recurrence."""

from __future__ import annotations

from torch import nn

from gaitload.estimators import Estimator
from gaitload.estimators._recurrent import Recurrent

ABOUT = Estimator(
    "network",
    source="Lee & Lee 2026: joint moments of walking and running from three or seven sensors",
    deviations=("an estimate for every frame of a window, from the frames up to it",),
)


def build(
    inputs: int, outputs: int, frames: int, *, layers: int = 2, width: int = 128, dropout: float = 0.1
) -> nn.Module:
    """A network for windows of any length."""
    return Recurrent(nn.RNN, inputs, outputs, layers=layers, width=width, dropout=dropout)
