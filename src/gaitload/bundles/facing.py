"""Which way sensors face, by the way that legs brake and push: what turning about the vertical changes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gaitload.windows.slicing import Windows

MARGIN = 1.5
"""Of the largest deviation of a training trial, beyond which a sensor faces another way."""
LIMIT_MAX_DEG = 80.0
"""With a larger limit a quarter turn would pass: such a sensor is not judged."""


def facings_deg(windows: Windows, sensors: tuple[str, ...], points: int) -> dict[str, np.ndarray]:
    """Heading of late less early specific force in stances, by sensor and trial (deg), in its upright frame.

    Legs brake early and push late, so that this difference points forward at the pelvis, and one way at every other
    body. Shape (R,) for the R trials that have windows, in their order.

    Parameters
    ----------
    windows
        Stances in the frame `heading_free`.
    sensors
        In the order of `windows.vectors`.
    points : int
        Of a stance, without context.
    """
    found = {}
    for sensor, vectors in zip(sensors, windows.vectors, strict=True):
        first = dict(vectors)["acc"]
        force = windows.inputs[:, windows.before : windows.before + points, first : first + 2]
        change = force[:, points // 2 :].mean(axis=1) - force[:, : points // 2].mean(axis=1)
        means = np.stack([change[windows.trial == trial].mean(axis=0) for trial in np.unique(windows.trial)])
        found[sensor] = np.degrees(np.arctan2(means[:, 1], means[:, 0]))
    return found


def training_facings(facings: Mapping[str, np.ndarray]) -> dict[str, list[float]]:
    """Mean and limit (deg) of each sensor that can be judged."""
    known = {}
    for sensor, angles in facings.items():
        mean = float(np.degrees(np.angle(np.exp(1j * np.radians(angles)).mean())))
        limit = MARGIN * float(np.abs(deviation_deg(angles, mean)).max())
        if limit <= LIMIT_MAX_DEG:
            known[sensor] = [mean, limit]
    return known


def deviation_deg(angle: np.ndarray | float, mean: float) -> np.ndarray:
    """Difference of angles, between -180 and 180 deg."""
    return (np.asarray(angle) - mean + 180.0) % 360.0 - 180.0
