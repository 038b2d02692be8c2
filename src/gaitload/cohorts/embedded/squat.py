"""A slow squat on both legs, the same on either side: the knee's angle over time, and what follows from it at once.

Whatever else the body must do to keep its feet where they are and its weight above them, a model says
(`gaitload.opensim.virtual_motion`).
"""

from __future__ import annotations

import numpy as np

DURATION_S = 4.0
STILL_S = 0.2
"""Standing before the first and after the last repetition; as long as the padding of the labelled window."""
REPETITIONS = 2
STANDING_KNEE_RAD = np.radians(5.0)
"""Off the end of the model's range, at which inverse kinematics would be held by the range and not by the markers."""
DEEPEST_KNEE_RAD = np.radians(45.0)
"""Deeper, ankles bend so far that the passive soleus asks more of tibialis anterior than it has."""
ANKLE_AT_STRAIGHT_KNEE_RAD, ANKLE_PER_KNEE = np.radians(4.0), 0.36
"""Dorsiflexion grows with knee flexion so that the shanks lean about as much as the thighs; it stays off the end of the
model's range (30 deg)."""


def knee_flexion_rad(time_s: np.ndarray) -> np.ndarray:
    """Knee flexion at times from 0 to `DURATION_S`, shape (T,).

    Each way, down and up, is a minimum-jerk movement (Flash & Hogan 1985, J Neurosci 5:1688, equation 5): it starts
    and ends without velocity and without acceleration.
    """
    halves = 2 * REPETITIONS * np.clip((time_s - STILL_S) / (DURATION_S - 2 * STILL_S), 0.0, 1.0)
    phase = 1.0 - np.abs(1.0 - halves % 2.0)
    depth = phase**3 * (10.0 - 15.0 * phase + 6.0 * phase**2)
    return STANDING_KNEE_RAD + (DEEPEST_KNEE_RAD - STANDING_KNEE_RAD) * depth


def ankle_dorsiflexion_rad(knee_rad: np.ndarray) -> np.ndarray:
    """Ankle dorsiflexion that goes with knee flexion, shape (T,)."""
    return ANKLE_AT_STRAIGHT_KNEE_RAD + ANKLE_PER_KNEE * knee_rad


def halved(force_n: np.ndarray, moment_nm: np.ndarray, sole_z_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Divide what a motion that is the same left and right demands of the ground between the feet.

    Parameters
    ----------
    force_n, moment_nm : ndarray, shape (T, 3)
        On the person, ground frame; moment about the origin.
    sole_z_m : ndarray, shape (2,)
        Where across the floor the centre of pressure of each foot lies (ground Z); axis 0 runs over `SIDES`.

    Returns
    -------
    force_ground_n, moment_ground_nm : ndarray, shape (T, 2, 3)
        Half of the force on either foot, without free moment, at centres of pressure equally far ahead: together they
        are the wrench demanded wherever that is symmetric about the plane between the feet.

    Notes
    -----
    Feet that push against each other across the floor cancel; nothing in the motion tells how hard. Here they do not.
    """
    ahead_m = moment_nm[:, 2] / force_n[:, 1]
    force = np.repeat(force_n[:, None] / 2.0, 2, axis=1) * np.array([1.0, 1.0, 0.0])
    point = np.zeros_like(force)
    point[..., 0] = ahead_m[:, None]
    point[..., 2] = sole_z_m
    return force, np.cross(point, force)
