"""Numbers to a common scale, by what training windows show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gaitload.windows.slicing import Windows

CONSTANT = 1e-9
"""A standard deviation below it is that of rounding; such a channel is centred and not scaled."""


@dataclass(frozen=True)
class Scale:
    """Mean and standard deviation of each column, shapes (C,)."""

    mean: np.ndarray
    sd: np.ndarray

    def scaled(self, values: np.ndarray) -> np.ndarray:
        """Values, shape (..., C), in standard deviations from the mean."""
        return (values - self.mean) / self.sd

    def restored(self, values: np.ndarray) -> np.ndarray:
        """Inverse of `scaled`."""
        return values * self.sd + self.mean


def scale_of(values: np.ndarray) -> Scale:
    """Scale of the last axis of an array, over all others."""
    others = tuple(range(values.ndim - 1))
    sd = values.std(axis=others, dtype=float)
    return Scale(
        values.mean(axis=others, dtype=float).astype(np.float32), np.where(sd < CONSTANT, 1.0, sd).astype(np.float32)
    )


@dataclass(frozen=True)
class Normaliser:
    """Scales of inputs, covariates and targets, and the rows of the windows they were fitted to.

    What it saw travels with it, so that the guard against leaks (`leakage.require_no_leak`) judges what was used, and
    not what was meant.
    """

    inputs: Scale
    covariates: Scale
    targets: Scale
    rows: np.ndarray

    @classmethod
    def fitted(cls, windows: Windows, rows: np.ndarray) -> Normaliser:
        """Fit to some rows, shape (M,), of windows."""
        scales = (scale_of(array[rows]) for array in (windows.inputs, windows.covariates, windows.targets))
        return cls(*scales, rows=np.asarray(rows))
