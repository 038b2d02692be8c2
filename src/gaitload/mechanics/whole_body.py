"""What a motion demands of everything outside the body, and where chosen bodies are meanwhile."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gaitload.mechanics.body_tree import Tree
from gaitload.mechanics.compiling import kernel
from gaitload.mechanics.kinematics import empty_pose, empty_rates, move, place
from gaitload.mechanics.newton_euler import demand


class WholeBody(NamedTuple):
    """T frames, K bodies; ground frame.

    Attributes
    ----------
    force_n, moment_nm : (T, 3)
        The one wrench from outside that makes the motion possible; moment about the ground's origin.
    rotation, position_m : (T, K, 3, 3), (T, K, 3)
        Of the bodies' frames.
    spin_rad_per_s, velocity_m_per_s : (T, K, 3)
        Angular velocity, and velocity of the frames' origins.
    """

    force_n: np.ndarray
    moment_nm: np.ndarray
    rotation: np.ndarray
    position_m: np.ndarray
    spin_rad_per_s: np.ndarray
    velocity_m_per_s: np.ndarray


@kernel
def _whole_body(tree, bodies, q, u, udot, out):
    pose, rates = empty_pose(tree), empty_rates(tree)
    count = len(tree.mass_kg)
    force, moment = np.empty((count, 3)), np.empty((count, 3))
    nowhere, nothing = np.empty(0, dtype=np.int64), np.empty((0, 6))
    for frame in range(len(q)):
        place(tree, q[frame], pose)
        move(tree, u[frame], udot[frame], False, pose, rates)
        demand(tree, pose, rates, nowhere, nothing, force, moment)
        for i in range(3):
            out.force_n[frame, i], out.moment_nm[frame, i] = force[0, i], moment[0, i]
            for index in range(len(bodies)):
                body = bodies[index]
                out.position_m[frame, index, i] = pose.position[body, i]
                out.spin_rad_per_s[frame, index, i] = rates.angular_velocity[body, i]
                out.velocity_m_per_s[frame, index, i] = rates.velocity[body, i]
                for j in range(3):
                    out.rotation[frame, index, i, j] = pose.rotation[body, i, j]


def whole_body(tree: Tree, bodies: np.ndarray, q: np.ndarray, u: np.ndarray, udot: np.ndarray) -> WholeBody:
    """Follow a motion.

    Parameters
    ----------
    tree : Tree
    bodies : ndarray of int, shape (K,)
    q, u, udot : ndarray, shape (T, C)
        Coordinates, speeds and accelerations (rad, m, s); dependent and locked ones included.
    """
    frames, count = len(q), len(bodies)
    out = WholeBody(
        np.empty((frames, 3)),
        np.empty((frames, 3)),
        np.empty((frames, count, 3, 3)),
        *(np.empty((frames, count, 3)) for _ in range(3)),
    )
    q, u, udot = (np.ascontiguousarray(values, dtype=np.float64) for values in (q, u, udot))
    _whole_body(tree, np.ascontiguousarray(bodies, dtype=np.int64), q, u, udot, out)
    return out
