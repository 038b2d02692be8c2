"""Shortest paths of the muscles that go around cylinders, which OpenSim leaves off balance."""

from __future__ import annotations

import numpy as np
import opensim

from gaitload.errors import ConfigError
from gaitload.mechanics.pulls import Pulls, balanced_pulls, wrapped_muscles
from gaitload.opensim.export import export_mechanism
from gaitload.opensim.model import array, spatial_force, unsupported, vector
from gaitload.opensim.motion import Motion

CHUNK_FRAMES = 500
"""Frames that are kept at a time, some 50 kB each for forty muscles."""


class BalancedPaths:
    """Lengths, moment arms and forces of some muscles of a model, frame by frame along a motion.

    No call of OpenSim's gives them (see `gaitload.mechanics.paths`), so compiled kernels find them.

    Raises
    ------
    ConfigError
        ENGINE_UNSUPPORTED: the model has a feature that the kernels do not know; the message names it.
    """

    def __init__(self, model: str, where: str) -> None:
        try:
            self._mechanism = export_mechanism(model)
        except ConfigError as error:
            expected = "a model whose balanced paths can be found"
            raise unsupported(expected, error.found, where, do="Set muscles.balanced_paths: false.") from error
        self._chosen = wrapped_muscles(self._mechanism)
        self._pulls: Pulls | None = None
        self._first, self._row = 0, 0

    def pose(self, motion: Motion, frame: int) -> None:
        """Take a frame."""
        if self._pulls is None or not 0 <= frame - self._first < len(self._pulls.length_m):
            chunk = slice(frame, frame + CHUNK_FRAMES)
            self._pulls = balanced_pulls(self._mechanism, motion.value[chunk], motion.speed[chunk], self._chosen)
            self._first = frame
        self._row = frame - self._first

    def put_lengths(self, length_m: np.ndarray, speed_m_s: np.ndarray) -> None:
        """Put balanced lengths and lengthening speeds in their places among those of all muscles, shape (M,)."""
        length_m[self._chosen] = self._pulls.length_m[self._row]
        speed_m_s[self._chosen] = self._pulls.speed_m_s[self._row]

    def put_moment_arms(self, arms: np.ndarray, place: np.ndarray) -> None:
        """Put balanced moment arms in their places among those of all muscles, shape (M, U).

        Parameters
        ----------
        place : ndarray, shape (C,)
            Of the model's coordinates in the multibody tree.
        """
        arms[np.ix_(self._chosen, place)] = self._pulls.arms[self._row]

    def take_tensions(
        self, tension_n: np.ndarray, on_bodies: opensim.VectorOfSpatialVec, model: opensim.Model, state: opensim.State
    ) -> np.ndarray:
        """Add what balanced tensions do to the bodies at their origins; returns the tensions of the others, shape (M,).

        Parameters
        ----------
        tension_n : ndarray, shape (M,)
        model, state
            At the frame's pose.
        """
        own = tension_n[self._chosen]
        forces = np.einsum("k,kbi->bi", own, self._pulls.force[self._row])
        moments = np.einsum("k,kbi->bi", own, self._pulls.moment[self._row])
        for number in np.flatnonzero(forces.any(axis=1)):
            body = model.getBodySet().get(self._mechanism.bodies[number])
            index, at = int(body.getMobilizedBodyIndex()), array(body.getPositionInGround(state))
            before, more = on_bodies.get(index), spatial_force(forces[number], moments[number], at)
            total = (vector(array(before.get(part)) + array(more.get(part))) for part in range(2))
            on_bodies.set(index, opensim.SpatialVec(*total))
        others = tension_n.copy()
        others[self._chosen] = 0.0
        return others
