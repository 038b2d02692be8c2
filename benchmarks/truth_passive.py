"""Passive joint moments of a model beside those measured in people."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gaitload.config.motion import Muscles
from gaitload.mechanics.body_tree import Mechanism
from gaitload.mechanics.curves import capacities
from gaitload.mechanics.moment_arms import muscle_geometry
from gaitload.mechanics.tendons import balanced_tensions, elastic_muscles
from gaitload.models.family import Family
from gaitload.opensim.label_modes import physics_of

POSES_DEG = ((10, 0, 0), (10, 8, -10), (20, 20, 0), (0, 60, 15), (0, 90, 30), (0, 10, -20), (0, 5, 30))
"""Dorsiflexion, knee flexion and hip flexion."""
WITHIN_NM, WITHIN_SHARE = 10.0, 0.5
"""A moment counts as right within the larger of the two."""
JOINTS = {"ankle plantarflexion": "ankle_angle_r", "knee extension": "knee_angle_r", "hip flexion": "hip_flexion_r"}
SIGNS = {"ankle plantarflexion": -1.0, "knee extension": -1.0, "hip flexion": 1.0}


def measured_nm(dorsiflexion_deg: float, knee_deg: float, hip_deg: float) -> dict[str, float]:
    """Passive moments of ten men (Riener & Edrich 1999, J Biomech 32:539-544), with the signs of `JOINTS`."""
    a, k, h = -dorsiflexion_deg, knee_deg, hip_deg
    ankle = np.exp(2.1016 - 0.0843 * a - 0.0176 * k) - np.exp(-7.9763 + 0.1949 * a + 0.0008 * k) - 1.792
    knee = np.exp(1.800 - 0.0460 * a - 0.0352 * k + 0.0217 * h) - np.exp(-3.971 - 0.0004 * a + 0.0495 * k - 0.0128 * h)
    knee += np.exp(2.220 - 0.150 * k) - 4.820
    hip = np.exp(1.4655 - 0.0034 * k - 0.0750 * h) - np.exp(1.3403 - 0.0226 * k + 0.0305 * h) + 8.072
    return dict(zip(JOINTS, (float(ankle), -float(knee), float(hip)), strict=True))


def modelled_nm(mechanism: Mechanism, family: Family, muscles: Muscles) -> list[dict[str, float]]:
    """Moments of resting muscles in every pose, by joint.

    Parameters
    ----------
    muscles
        Settings of mode physical.
    """
    coordinates, names = mechanism.coordinates, mechanism.coordinate_names
    q = np.tile(coordinates.default, (len(POSES_DEG), 1))
    for row, pose in zip(q, POSES_DEG, strict=True):
        for name, degrees in zip(JOINTS.values(), pose, strict=True):
            row[names.index(name)] = np.radians(degrees)
    q = coordinates.slope * q[:, coordinates.leader] + coordinates.intercept
    length, speed, arms = muscle_geometry(mechanism, q, np.zeros_like(q), balanced=muscles.balanced_paths)
    still = np.zeros(len(mechanism.muscle_names), dtype=bool)
    _, passive = capacities(mechanism.muscles, length, speed, true_pennation=True, force_velocity=still)
    if not muscles.passive_force:
        passive[:] = 0.0
    if muscles.tendons == "elastic":
        strains = dict(physics_of("physical", muscles.model_dump(), family).tendon_strains)
        strain = np.array([strains.get(name, 0.049) for name in mechanism.muscle_names])
        rest, unmoved = np.zeros_like(length), np.ones_like(length)
        balanced, _, _ = balanced_tensions(mechanism.muscles, length, rest, strain, unmoved)
        passive = np.where(elastic_muscles(mechanism.muscles), balanced, passive)
    # The patella follows the knee; what acts on it belongs to the knee.
    arms = _with_followers(arms, mechanism)
    return [
        {joint: SIGNS[joint] * float(passive[row] @ arms[row, :, names.index(name)]) for joint, name in JOINTS.items()}
        for row in range(len(q))
    ]


def _with_followers(arms: np.ndarray, mechanism: Mechanism) -> np.ndarray:
    total = arms.copy()
    for follower, leader in enumerate(mechanism.coordinates.leader):
        if follower != leader:
            total[:, :, leader] += mechanism.coordinates.slope[follower] * arms[:, :, follower]
    return total


def outside(modelled: list[dict[str, float]]) -> Iterator[str]:
    """Every cell of the grid in which the moment is not right, in words."""
    for pose, moments in zip(POSES_DEG, modelled, strict=True):
        for joint, theirs in measured_nm(*pose).items():
            if abs(moments[joint] - theirs) > max(WITHIN_NM, WITHIN_SHARE * abs(theirs)):
                where = "ankle {} knee {} hip {} deg".format(*pose)
                yield f"{where}: {joint} {moments[joint]:.1f} N m, measured {theirs:.1f}"
