"""How the unloaded reading of a force plate changes within a trial: more than one offset, from its unloaded phases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gaitload.ingest.baseline import TAIL_S, UNLOADED_MIN_S
from gaitload.signals.runs import true_runs

WINDOW_S = 1.0
"""Length of the pieces in which the unloaded level is looked for: about one stride, so that each holds a phase."""
LEVEL_MAX_N = 200.0
"""Levels farther from the common one are loads, not drift."""
DRIFT_MIN_N = 15.0
"""Smaller changes of the unloaded reading are noise and the tails of contacts: one offset is taken off. Twelve clean
runners stay below; a plate that warms up or is knocked drifts by tens of newtons."""
DRIFT_PRESSURE_M = 0.015
"""Displacement of the centre of pressure under large forces by which a drift of a moment begins to matter. In 36 clean
runs on a belt, with noise of 4 to 17 N m between phases, it stays below 0.010 m."""
OFFSET_MAX_N, OFFSET_MAX_SHARE = 300.0, 0.25
"""Readings up to this, and up to this share of the large forces, are offsets of a plate where unloaded phases lie at
them; double support on one belt leaves half of the body weight and more."""
PHASES_MIN = 2
OFFSET_PHASES_MIN = 4
"""Fewer phases do not tell a plate that is not set to zero from one that always carries somebody."""
_NEIGHBOURS = 2


@dataclass(frozen=True)
class Drift:
    """Unloaded readings of one plate, phase by phase.

    Attributes
    ----------
    time_s : ndarray, shape (K,)
        Middles of the unloaded phases.
    reading : ndarray, shape (K, 6)
        Force (N) and moment (N m), medians over each phase and its neighbours; over each alone where there are few.
    share : float
        Of the samples that are unloaded.
    load_n : float
        Large vertical forces: the 95th percentile of what exceeds `LEVEL_MAX_N`; 0 where nothing does.
    pressure_m : tuple of float
        Mean centre of pressure (x, z) under them, from the point that the moments are about.
    """

    time_s: np.ndarray
    reading: np.ndarray
    share: float
    load_n: float
    pressure_m: tuple[float, float]

    @property
    def range_n(self) -> float:
        """Largest change of a force between two phases; 0 with fewer than `PHASES_MIN`."""
        return float(np.ptp(self.reading[:, :3], axis=0).max()) if len(self.time_s) >= PHASES_MIN else 0.0

    @property
    def range_nm(self) -> float:
        """Largest change of a horizontal moment about `pressure_m` between two phases; 0 with fewer than `PHASES_MIN`.

        About that point a drift of the vertical force alone has no moment.
        """
        if len(self.time_s) < PHASES_MIN:
            return 0.0
        x_m, z_m = self.pressure_m
        vertical_n, moment_x_nm, moment_z_nm = self.reading[:, [1, 3, 5]].T
        moments_nm = np.stack([moment_x_nm + z_m * vertical_n, moment_z_nm - x_m * vertical_n])
        return float(np.ptp(moments_nm, axis=1).max())

    @property
    def limit_nm(self) -> float:
        """Change of a moment that displaces the centre of pressure by `DRIFT_PRESSURE_M`; infinite without a load."""
        return DRIFT_PRESSURE_M * self.load_n if self.load_n > 0 else float("inf")

    @property
    def matters(self) -> bool:
        """Whether one offset for the whole trial would be wrong."""
        return self.range_n > DRIFT_MIN_N or self.range_nm > self.limit_nm

    @property
    def middle(self) -> tuple[float, ...]:
        """Median reading of the phases, length 6."""
        return tuple(np.median(self.reading, axis=0).tolist())

    def is_offset_of(self, force_n: np.ndarray) -> bool:
        """Whether the phases are a plate that is not set to zero, rather than one that always carries somebody."""
        if len(self.time_s) < OFFSET_PHASES_MIN:
            return False
        return abs(self.middle[1]) < min(OFFSET_MAX_N, OFFSET_MAX_SHARE * float(np.percentile(force_n[:, 1], 95)))

    def at(self, time_s: np.ndarray) -> np.ndarray:
        """Reading at times, shape (N, 6): straight lines between phases, constant before the first and after the
        last."""
        return np.stack([np.interp(time_s, self.time_s, column) for column in self.reading.T], axis=1)


def measure_drift(
    force_n: np.ndarray, moment_nm: np.ndarray, time_s: np.ndarray, threshold_n: float, *, beside: np.ndarray
) -> Drift:
    """Find the unloaded phases of a plate, each by the lowest level around it.

    Parameters
    ----------
    force_n, moment_nm : ndarray, shape (N, 3)
        Wrench in the ground frame about one fixed point.
    time_s : ndarray, shape (N,)
        Uniform.
    threshold_n : float
        Contact threshold: what lies within half of it of the lowest level is unloaded.
    beside : ndarray of bool, shape (N,)
        Samples in which other plates bear a load: few phases count only outside of them, because a plate reads a share
        of what its neighbours bear.
    """
    vertical, step_s = force_n[:, 1], float(np.median(np.diff(time_s)))
    level = _local_level(vertical, max(round(WINDOW_S / step_s), 1))
    quiet = (np.abs(vertical - level) < threshold_n / 2) & (np.abs(level - np.median(level)) < LEVEL_MAX_N)
    wrench = np.hstack((force_n, moment_nm))
    middles, readings = _phases(wrench, quiet, time_s)
    if len(middles) < OFFSET_PHASES_MIN:
        # Steps over plates in the floor leave long quiet parts, in which a fast drift lies above the lowest level.
        above, low = vertical - level, ~beside & (np.abs(vertical - level) < LEVEL_MAX_N)
        quiet = low & (np.abs(above - np.median(above[low])) < threshold_n / 2) if low.any() else low
        middles, readings = _phases(wrench, quiet, time_s)
    reach = min(_NEIGHBOURS, (len(readings) - 1) // 4)
    smooth = [np.median(readings[max(k - reach, 0) : k + reach + 1], axis=0) for k in range(len(readings))]
    large = vertical > LEVEL_MAX_N
    load_n = float(np.percentile(vertical[large], 95)) if large.any() else 0.0
    readings = np.array(smooth).reshape(-1, 6)
    return Drift(middles, readings, float(quiet.mean()), load_n, _mean_pressure_m(force_n[large], moment_nm[large]))


def _mean_pressure_m(force_n: np.ndarray, moment_nm: np.ndarray) -> tuple[float, float]:
    """Mean centre of pressure (x, z) by forces and moments, shape (N, 3), on a level plate; 0 without any."""
    total_n = float(force_n[:, 1].sum())
    if not total_n:
        return 0.0, 0.0
    return float(moment_nm[:, 2].sum() / total_n), float(-moment_nm[:, 0].sum() / total_n)


def _phases(wrench: np.ndarray, quiet: np.ndarray, time_s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Middles (s), shape (K,), and median readings, shape (K, 6), of the stretches of quiet samples."""
    step_s = float(np.median(np.diff(time_s)))
    tail, fewest, window = round(TAIL_S / step_s), round(UNLOADED_MIN_S / step_s), max(round(WINDOW_S / step_s), 1)
    middles, medians = [], []
    for run in true_runs(quiet):
        first = run.start + tail if run.start > 0 else 0
        last = run.stop - tail if run.stop < len(quiet) else run.stop
        for start in range(first, last, window):
            part = slice(start, min(start + window, last))
            if run.stop - run.start >= fewest and part.stop - part.start >= max(fewest // 4, 1):
                middles.append(float(time_s[part].mean()))
                medians.append(np.median(wrench[part], axis=0))
    return np.array(middles), np.array(medians).reshape(-1, 6)


def _local_level(vertical_n: np.ndarray, window: int) -> np.ndarray:
    """Second percentile of each piece of `window` samples, on straight lines between their middles, shape (N,)."""
    starts = range(0, max(len(vertical_n) - window // 2, 1), window)
    middles = [start + window / 2 for start in starts]
    levels = [np.percentile(vertical_n[start : start + window], 2) for start in starts]
    return np.interp(np.arange(len(vertical_n)), middles, levels)
