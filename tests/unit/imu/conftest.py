"""A motion known in closed form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from gaitload.imu.placement import Placement

GRAVITY_GROUND = np.array([0.0, -9.80665, 0.0])


@dataclass(frozen=True)
class Flight:
    """A body that spins about a fixed ground axis at a varying rate while its origin swings along three."""

    axis: np.ndarray
    start: Rotation

    def angle(self, t: np.ndarray) -> np.ndarray:
        return 1.3 * t + 0.8 * np.sin(9.0 * t)

    def rotation(self, t: np.ndarray) -> np.ndarray:
        return (Rotation.from_rotvec(np.outer(self.angle(t), self.axis)) * self.start).as_matrix()

    def origin(self, t: np.ndarray) -> np.ndarray:
        return np.stack([1.2 * t, 0.9 + 0.04 * np.cos(12.0 * t), 0.03 * np.sin(6.0 * t)], axis=1)

    def spin(self, t: np.ndarray) -> np.ndarray:
        """Angular velocity, ground frame."""
        return np.outer(1.3 + 7.2 * np.cos(9.0 * t), self.axis)

    def acceleration(self, t: np.ndarray, position_body_m: np.ndarray) -> np.ndarray:
        """Of a point of the body, ground frame: origin, turning faster, and centripetal."""
        arm = self.rotation(t) @ position_body_m
        spin, spin_rate = self.spin(t), np.outer(-64.8 * np.sin(9.0 * t), self.axis)
        origin = np.stack([0 * t, -5.76 * np.cos(12.0 * t), -1.08 * np.sin(6.0 * t)], axis=1)
        return origin + np.cross(spin_rate, arm) + np.cross(spin, np.cross(spin, arm))


@pytest.fixture
def flight() -> Flight:
    """The motion; angular rates to 8.5 rad/s, accelerations to 2 g, as at a walking foot."""
    return Flight(np.array([2.0, 3.0, 6.0]) / 7.0, Rotation.from_rotvec([0.4, -0.2, 0.9]))


@pytest.fixture
def time_s() -> np.ndarray:
    """Three seconds at 100 Hz."""
    return np.arange(301) / 100


@pytest.fixture
def placed() -> Callable[..., Placement]:
    """A sensor away from the body's origin, turned against it."""

    def place(position_body_m=(0.05, -0.2, 0.08), rotation_vector=(0.3, -1.1, 0.5)) -> Placement:
        turn = Rotation.from_rotvec(rotation_vector).as_matrix()
        return Placement("shank", "tibia_r", np.array(position_body_m), turn)

    return place
