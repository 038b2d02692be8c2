"""What the cameras and force plates of the embedded laboratory make of a motion: axes, plates, skin, noise and gaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gaitload.conventions import AXES, LATERAL_SIGN, SIDES

MARKER_RATE_HZ = 100.0
FORCE_RATE_HZ = 1000.0
STATIC_S = 1.0
"""How long the static trial lasts."""
LEAD_S = (0.2, 0.8)
"""Sensors run before the cameras start: by a time between these, drawn for each trial."""
STATIC_ONLY = ("knee_medial", "ankle_medial", "hip_centre", "knee_centre", "ankle_centre")
"""Landmarks whose markers come off after the static trial."""
SKIN_SHARES = {"femur": 1.0, "tibia": 0.6, "pelvis": 0.4, "torso": 0.4, "humerus": 0.6}
"""How far skin moves over a bone, as a share of what it does over the thigh; on feet and forearms not at all. Thigh
clusters move most (Leardini et al. 2005, Gait & Posture 21:212); the shares are chosen."""
SKIN_HARMONICS = 2
"""Of the stride, in which skin moves."""
HIDDEN_S = (0.03, 0.15)
"""Shortest and longest time that a marker is hidden; the longest is below the longest gap that ingest fills."""
PERSON_GROUND_M = np.array([0.9, 0.0, 0.6])
"""Where on the floor the person stands: not at the origin, so that a moment about the wrong point shows."""
BELT_SIZE_M, BELT_DISTANCE_M = (1.8, 0.464), 0.470
"""Length along and width across the person of one belt of two, and distance of their middles: chosen, about those of an
instrumented treadmill, with a gap between the belts."""
WIDE_BELT_SIZE_M = (1.8, 0.9)
"""Length and width of one belt for both feet; also chosen."""
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


def skin_motion_m(
    phase: np.ndarray, bodies: Sequence[str], amplitude_m: float, random: np.random.Generator
) -> np.ndarray:
    """How far the skin under each marker is from its place on the bone, shape (T, M, 3), in the frame of its body.

    Parameters
    ----------
    phase : ndarray, shape (T,)
        Strides that have passed.
    bodies : sequence of str
        Of the markers; length M.
    amplitude_m : float
        Root mean square of the distance, over the thigh.
    """
    moved = np.zeros((len(phase), len(bodies), 3))
    for harmonic in range(1, SKIN_HARMONICS + 1):
        terms = random.standard_normal((2, len(bodies), 3))
        turned = 2.0 * np.pi * harmonic * phase[:, None, None]
        moved += np.cos(turned) * terms[0] + np.sin(turned) * terms[1]
    shares = np.array([SKIN_SHARES.get(body.partition("_")[0], 0.0) for body in bodies])
    return amplitude_m / np.sqrt(3.0 * SKIN_HARMONICS) * shares[:, None] * moved


def seen(
    markers_ground_m: np.ndarray, may_hide: np.ndarray, *, noise_m: float, gaps: int, random: np.random.Generator
) -> np.ndarray:
    """Markers, shape (T, M, 3), as the cameras report them: with noise, NaN while hidden.

    Parameters
    ----------
    may_hide : ndarray of bool, shape (M,)
        Markers that something may come before; each is hidden once at most.
    noise_m : float
        Standard deviation in each direction.
    gaps : int
        How many markers are hidden for a while.
    """
    observed = markers_ground_m + noise_m * random.standard_normal(markers_ground_m.shape)
    candidates = random.permutation(np.flatnonzero(may_hide))
    for marker in candidates[:gaps]:
        length = round(MARKER_RATE_HZ * random.uniform(*HIDDEN_S))
        start = int(random.integers(1, len(observed) - length))
        observed[start : start + length, marker] = np.nan
    return observed


def belts(force_n: np.ndarray, moment_nm: np.ndarray, rotation: np.ndarray) -> list[ForcePlate]:
    """Two belts side by side, one under each foot; arguments as of `plate`, axis 1 running over `SIDES`."""
    return [
        plate(
            PERSON_GROUND_M + np.array([0.0, 0.0, LATERAL_SIGN[side] * BELT_DISTANCE_M / 2.0]),
            BELT_SIZE_M,
            force_n[:, index],
            moment_nm[:, index],
            rotation,
        )
        for index, side in enumerate(SIDES)
    ]


def wide_belt(force_n: np.ndarray, moment_nm: np.ndarray, rotation: np.ndarray) -> list[ForcePlate]:
    """One belt under both feet; arguments as of `belts`."""
    return [plate(PERSON_GROUND_M, WIDE_BELT_SIZE_M, force_n.sum(axis=1), moment_nm.sum(axis=1), rotation)]


def plate(
    middle_m: np.ndarray,
    size_m: tuple[float, float],
    force_n: np.ndarray,
    moment_nm: np.ndarray,
    rotation: np.ndarray,
) -> ForcePlate:
    """A plate and its channels.

    Parameters
    ----------
    middle_m : ndarray, shape (3,)
        Of its surface, ground frame.
    size_m : tuple of float
        Length along and width across the person.
    force_n, moment_nm : ndarray, shape (N, 3)
        On who stands on it, ground frame; moment about the origin of the ground frame.
    rotation : ndarray, shape (3, 3)
        Ground to lab.
    """
    # Plate axes in the ground frame: x forward, y to the right, z into the floor.
    axes = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
    half = np.array([(1.0, 1.0, 0.0), (-1.0, 1.0, 0.0), (-1.0, -1.0, 0.0), (1.0, -1.0, 0.0)]) / 2.0
    corners = middle_m + half * np.array([*size_m, 0.0]) @ axes
    origin = middle_m - PLATE_ORIGIN_M @ axes
    moment_at_origin = moment_nm - np.cross(origin, force_n)
    channels = np.hstack((force_n @ axes.T, moment_at_origin @ axes.T))
    return ForcePlate(channels, corners @ rotation.T, PLATE_ORIGIN_M)


def plate_noise(shape: tuple[int, ...], noise_n: float, random: np.random.Generator) -> np.ndarray:
    """Noise of channels, shape (P, N, 6): forces (N), and moments (N m) as of forces a tenth of a metre away."""
    return noise_n * np.array([1.0, 1.0, 1.0, 0.1, 0.1, 0.1]) * random.standard_normal(shape)
