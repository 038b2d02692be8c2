"""Exports of inertial sensors as their formats spell them, from signals that a test knows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation


@dataclass(frozen=True)
class Motion:
    """A sensor that swings about a hip, in SI units, with the gyroscope's turn since the sample before."""

    rate_hz: float
    acc: np.ndarray
    gyr: np.ndarray
    mag: np.ndarray
    orientation_wxyz: np.ndarray

    @property
    def rotation(self) -> Rotation:
        return Rotation.from_quat(self.orientation_wxyz, scalar_first=True)


def swing(samples: int = 300, rate_hz: float = 60.0) -> Motion:
    """Walking by and large: 35 deg either way, once a second, about a slanted axis."""
    time_s = np.arange(samples) / rate_hz
    axis = np.array([0.6, 0.0, 0.8])
    rotation = Rotation.from_rotvec([0.3, 0.5, 0.1]) * Rotation.from_rotvec(
        np.outer(0.6 * np.sin(2.0 * np.pi * time_s), axis)
    )
    gyr = np.vstack((np.zeros(3), (rotation[:-1].inv() * rotation[1:]).as_rotvec() * rate_hz))
    bounce = 9.81 + 2.0 * np.sin(4.0 * np.pi * time_s)
    acc = rotation.inv().apply(np.column_stack((np.zeros((samples, 2)), bounce)))
    mag = rotation.inv().apply([0.0, 0.5, -0.8])
    quaternion = rotation.as_quat(scalar_first=True)
    return Motion(rate_hz, acc, gyr, mag, np.where(quaternion[:, :1] < 0.0, -quaternion, quaternion))


def delimited(names: list[str], columns: list[np.ndarray], delimiter: str = ",") -> str:
    """A line of names and the rows below; whole numbers are written as such."""
    rows = zip(*(column.tolist() for column in columns), strict=True)
    cells = ([f"{cell:d}" if isinstance(cell, int) else f"{cell:.9f}" for cell in row] for row in rows)
    return "\n".join(delimiter.join(row) for row in (names, *cells)) + "\n"
