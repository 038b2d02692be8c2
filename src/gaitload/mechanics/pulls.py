"""What single muscles do along a motion: lengths, moment arms, and forces on bodies of a unit tension."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gaitload.mechanics.body_tree import Mechanism
from gaitload.mechanics.freedom import every_column
from gaitload.mechanics.moment_arms import along_motion


@dataclass(frozen=True)
class Pulls:
    """K muscles over T frames of a mechanism with B bodies and C coordinates.

    Attributes
    ----------
    length_m, speed_m_s : ndarray, shape (T, K)
    arms : ndarray, shape (T, K, C)
        Generalized forces of unit tensions (m; 1 for translations).
    force, moment : ndarray, shape (T, K, B, 3)
        On every body, per unit tension; moment about the origin of the ground (m).
    """

    length_m: np.ndarray
    speed_m_s: np.ndarray
    arms: np.ndarray
    force: np.ndarray
    moment: np.ndarray


def wrapped_muscles(mechanism: Mechanism) -> np.ndarray:
    """Muscles whose paths go around cylinders, shape (K,)."""
    return np.flatnonzero(np.diff(mechanism.paths.wrap_start) > 0)


def balanced_pulls(mechanism: Mechanism, q: np.ndarray, u: np.ndarray, chosen: np.ndarray) -> Pulls:
    """Pulls of some muscles along shortest paths, see `gaitload.mechanics.paths`.

    Parameters
    ----------
    q, u : ndarray, shape (T, C)
        Coordinates and speeds (rad, m, s).
    chosen : ndarray of int, shape (K,)
    """
    q, u = np.ascontiguousarray(q, dtype=np.float64), np.ascontiguousarray(u, dtype=np.float64)
    chosen = np.ascontiguousarray(chosen, dtype=np.int64)
    frames, count, bodies = len(q), len(chosen), len(mechanism.bodies)
    found = Pulls(
        length_m=np.empty((frames, count)),
        speed_m_s=np.empty((frames, count)),
        arms=np.empty((frames, count, q.shape[1])),
        force=np.empty((frames, count, bodies, 3)),
        moment=np.empty((frames, count, bodies, 3)),
    )
    where = (mechanism.tree, every_column(mechanism), mechanism.paths, q, u)
    along_motion(*where, True, chosen, found.length_m, found.speed_m_s, found.arms, found.force, found.moment)
    return found
