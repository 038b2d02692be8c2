"""Smooth orientations that never repeat, known at every instant."""

from __future__ import annotations

import numpy as np

from gaitload.sync.quaternions import from_rotation_vector, multiply
from gaitload.sync.streams import Orientations


class Motion:
    """Sums of sines below 4 Hz about three axes, other ones for every segment."""

    def __init__(self, segments: int, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self._hz = rng.uniform(0.3, 4.0, (6, segments, 3))
        self._phase = rng.uniform(0, 2 * np.pi, (6, segments, 3))
        self._size = rng.uniform(0.05, 0.3, (6, segments, 3)) / self._hz

    def __call__(self, time_s: np.ndarray) -> np.ndarray:
        """Orientations, shape (T, S, 4)."""
        angle = 2 * np.pi * self._hz * np.asarray(time_s)[:, None, None, None] + self._phase
        return from_rotation_vector((self._size * np.sin(angle)).sum(axis=1))


def recorded(motion: Motion, time_s: np.ndarray, *, at_s: np.ndarray | None = None, before=None, after=None):
    """What a stream records at `time_s` of its clock, when the motion is at `at_s`; constant turns on both sides."""
    q = motion(time_s if at_s is None else at_s)
    q = q if before is None else multiply(before, q)
    q = q if after is None else multiply(q, after)
    return Orientations(tuple(f"s{number}" for number in range(q.shape[1])), time_s, q)
