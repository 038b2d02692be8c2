"""Where a sensor sits on a body, and how it is turned there."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial.transform import Rotation

from gaitload.errors import ConfigError

_ORTHONORMAL_MAX = 1e-6
"""Largest entry of R R' - 1 of a rotation: rounding of files with seven digits passes, a scaled axis does not."""


@dataclass(frozen=True)
class Placement:
    """A sensor on a body.

    Attributes
    ----------
    name : str
        Of the sensor.
    body : str
        Of the body that carries it.
    position_body_m : ndarray, shape (3,)
        Origin of the sensor in the body's frame.
    rotation_sensor_body : ndarray, shape (3, 3)
        Turns vectors of the body's frame into the sensor's; its rows are the sensor's axes in the body's frame.

    Raises
    ------
    ConfigError
        PLACEMENT_INVALID: a position that is not three finite numbers, or a matrix that is no rotation.
    """

    name: str
    body: str
    position_body_m: np.ndarray
    rotation_sensor_body: np.ndarray

    def __post_init__(self) -> None:
        where = f"placement of sensor {self.name}"
        position = np.asarray(self.position_body_m, dtype=float)
        if position.shape != (3,) or not np.isfinite(position).all():
            raise _invalid("a position of three finite numbers (m)", str(self.position_body_m), where)
        require_rotations(np.asarray(self.rotation_sensor_body, dtype=float), (3, 3), where)
        object.__setattr__(self, "position_body_m", position)
        object.__setattr__(self, "rotation_sensor_body", np.asarray(self.rotation_sensor_body, dtype=float))


@dataclass(frozen=True)
class Mounting:
    """How a sensor is worn and reset in fact, against what its placement says.

    Attributes
    ----------
    turn_sensor_rad : ndarray, shape (3,)
        Rotation vector, in the frame of the sensor as placed, that turns it into the sensor as worn.
    shift_body_m : ndarray, shape (3,)
        From where it is placed to where it is worn, in the body's frame.
    heading_rad : float
        Turn about the vertical, from the earth frame of the motion to the one that the sensor's orientation refers to.
    """

    turn_sensor_rad: np.ndarray
    shift_body_m: np.ndarray
    heading_rad: float

    def worn(self, placement: Placement) -> Placement:
        """The placement in fact."""
        turn = Rotation.from_rotvec(self.turn_sensor_rad).as_matrix()
        return replace(
            placement,
            position_body_m=placement.position_body_m + self.shift_body_m,
            # Axes of the turned sensor are the turned axes: the rows of the transpose, seen from the body.
            rotation_sensor_body=turn.T @ placement.rotation_sensor_body,
        )


AS_PLACED = Mounting(np.zeros(3), np.zeros(3), 0.0)
"""Worn exactly as placed, with the heading of the motion's earth frame."""


def draw_mounting(
    random: np.random.Generator, *, turn_sd_rad: float, shift_sd_m: float, heading_max_rad: float
) -> Mounting:
    """A mounting drawn at random: normal turns and shifts along each axis, uniform heading of either sign.

    Raises
    ------
    ConfigError
        MOUNTING_INVALID: a negative spread.
    """
    spreads = {"turn_sd_rad": turn_sd_rad, "shift_sd_m": shift_sd_m, "heading_max_rad": heading_max_rad}
    for name, value in spreads.items():
        if not (np.isfinite(value) and value >= 0):
            raise ConfigError(
                expected="a finite spread of at least 0",
                found=f"{value}",
                where=f"{name} of a sensor's mounting",
                do="Correct the value.",
                code="MOUNTING_INVALID",
            )
    return Mounting(
        turn_sensor_rad=turn_sd_rad * random.standard_normal(3),
        shift_body_m=shift_sd_m * random.standard_normal(3),
        heading_rad=float(heading_max_rad * random.uniform(-1.0, 1.0)),
    )


def require_rotations(rotation: np.ndarray, shape: tuple[int, ...], where: str) -> None:
    """Raise `ConfigError` (PLACEMENT_INVALID) unless every matrix is a proper rotation."""
    if rotation.shape != shape:
        raise _invalid(f"rotation matrices of shape {shape}", f"shape {rotation.shape}", where)
    off = np.abs(rotation @ np.swapaxes(rotation, -1, -2) - np.eye(3)).max()
    if not off <= _ORTHONORMAL_MAX:
        raise _invalid("orthonormal axes", f"products of axes {off:.2g} off", where)
    if (np.linalg.det(rotation) < 0).any():
        raise _invalid("a right-handed frame", "a mirrored one", where)


def _invalid(expected: str, found: str, where: str) -> ConfigError:
    return ConfigError(
        expected=expected, found=found, where=where, do="Correct the placement.", code="PLACEMENT_INVALID"
    )
