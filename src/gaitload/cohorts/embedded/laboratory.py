"""What the instruments of the embedded laboratory make of a motion: axes, plates, noise and gaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gaitload.conventions import AXES, LATERAL_SIGN, SIDES

MARKER_RATE_HZ = 100.0
FORCE_RATE_HZ = 1000.0
MARKER_NOISE_SD_M = 0.0002
"""In each direction; the precision that manufacturers of camera systems state for volumes of this size."""
HIDDEN_MARKER, HIDDEN_S = "RTB2", (1.30, 1.38)
"""A marker, and the times between which it is hidden: shorter than the longest gap that ingest fills."""
STATIC_ONLY = ("knee_medial", "ankle_medial", "hip_centre", "knee_centre", "ankle_centre")
"""Landmarks whose markers come off after the static trial."""
PERSON_GROUND_M = np.array([0.9, 0.0, 0.6])
"""Where on the floor the person stands: not at the origin, so that a moment about the wrong point shows."""
PLATE_SIZE_M = (0.508, 0.464)
PLATE_DISTANCE_M = 0.470
"""Length along and width across the person, and distance of the middles of the two plates that lie side by side."""
PLATE_ORIGIN_M = np.array([0.0007, -0.0004, -0.0413])
"""From the plate's own origin to the middle of its surface, in its axes (z into the floor)."""


@dataclass(frozen=True)
class ForcePlate:
    """A plate of type 2 of the C3D manual and what it recorded.

    Attributes
    ----------
    channels : ndarray, shape (N, 6)
        Force (N) and moment about the plate's own origin (N m) on the person, in the plate's axes.
    corners_lab_m : ndarray, shape (4, 3)
    origin_plate_m : ndarray, shape (3,)
    """

    channels: np.ndarray
    corners_lab_m: np.ndarray
    origin_plate_m: np.ndarray


def lab_from_ground(forward: str, up: str) -> np.ndarray:
    """Rotation, shape (3, 3), from the ground frame to a lab whose axes `forward` and `up` (`"+x"`, ...) name."""
    ahead, above = ((1.0 if axis[0] == "+" else -1.0) * np.eye(3)[AXES.index(axis[1])] for axis in (forward, up))
    return np.column_stack((ahead, above, np.cross(ahead, above)))


def worn(landmarks: Sequence[str | None], *, static: bool) -> np.ndarray:
    """Which markers, by their landmarks, are on in a trial: shape (M,), bool."""
    return np.array([static or not (landmark or "").startswith(STATIC_ONLY) for landmark in landmarks])


def seen(
    markers_ground_m: np.ndarray, time_s: np.ndarray, names: Sequence[str], random: np.random.Generator
) -> np.ndarray:
    """Markers, shape (T, M, 3), as the cameras report them: with noise, NaN while hidden."""
    observed = markers_ground_m + MARKER_NOISE_SD_M * random.standard_normal(markers_ground_m.shape)
    hidden = (time_s >= HIDDEN_S[0]) & (time_s < HIDDEN_S[1])
    observed[np.ix_(hidden, [name == HIDDEN_MARKER for name in names])] = np.nan
    return observed


def plate_under(side: str, force_n: np.ndarray, moment_nm: np.ndarray, rotation: np.ndarray) -> ForcePlate:
    """The plate under a foot, and its channels.

    Parameters
    ----------
    side : str
    force_n, moment_nm : ndarray, shape (N, 3)
        On the foot, ground frame; moment about the origin of the ground frame.
    rotation : ndarray, shape (3, 3)
        Ground to lab.
    """
    middle = PERSON_GROUND_M + np.array([0.0, 0.0, LATERAL_SIGN[side] * PLATE_DISTANCE_M / 2.0])
    # Plate axes in the ground frame: x forward, y to the right, z into the floor.
    axes = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
    half = np.array([(1.0, 1.0, 0.0), (-1.0, 1.0, 0.0), (-1.0, -1.0, 0.0), (1.0, -1.0, 0.0)]) / 2.0
    corners = middle + half * np.array([*PLATE_SIZE_M, 0.0]) @ axes
    origin = middle - PLATE_ORIGIN_M @ axes
    moment_at_origin = moment_nm - np.cross(origin, force_n)
    channels = np.hstack((force_n @ axes.T, moment_at_origin @ axes.T))
    return ForcePlate(channels, corners @ rotation.T, PLATE_ORIGIN_M)


def plate_names() -> dict[str, str]:
    """Which foot stands on which plate, by the names that the reader of C3D files gives them."""
    return {f"plate_{number}": side for number, side in enumerate(SIDES, start=1)}
