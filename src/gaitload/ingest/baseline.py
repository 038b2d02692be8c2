"""What a force plate shows when nobody stands on it."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from gaitload.signals.runs import true_runs

UNLOADED_MIN_S = 0.04
"""Quiet stretches shorter than this are not trusted to be unloaded."""
TAIL_S = 0.013
"""Cut off either end of a quiet stretch: there the foot is landing or leaving."""
BASELINE_MAX_N = 100.0
"""No plate drifts further. Larger lets a light constant load pass for a baseline; on twelve treadmill runners baselines
reach 25 N."""
_PASSES = 3


@dataclass(frozen=True)
class Baseline:
    """Unloaded reading of one plate.

    Attributes
    ----------
    plate : str
    force_n, moment_nm : tuple of float
        Medians over the unloaded samples, lengths 3; zero when there are none.
    unloaded_share : float
        Share of the samples that are unloaded; 0 means that nothing could be measured.
    noise_n : float
        Standard deviation of the vertical force while unloaded; NaN when never unloaded.
    """

    plate: str
    force_n: tuple[float, ...]
    moment_nm: tuple[float, ...]
    unloaded_share: float
    noise_n: float

    def as_dict(self) -> dict:
        """For quality files."""
        return asdict(self)


def unloaded(vertical_force_n: np.ndarray, rate_hz: float, threshold_n: float) -> np.ndarray:
    """Samples in which a plate carries nobody, shape (N,), bool.

    Stretches of at least `UNLOADED_MIN_S` within `threshold_n` of a common level, without their ends. The level starts
    as the median of what lies within `BASELINE_MAX_N` of zero, and becomes the median of the stretches found.
    """
    tail = round(TAIL_S * rate_hz)
    quiet = np.abs(vertical_force_n) < BASELINE_MAX_N
    for _ in range(_PASSES):
        if not quiet.any():
            break
        level = np.median(vertical_force_n[quiet])
        quiet = np.zeros(len(vertical_force_n), dtype=bool)
        for run in true_runs(np.abs(vertical_force_n - level) < threshold_n):
            first = run.start + tail if run.start > 0 else 0
            last = run.stop - tail if run.stop < len(quiet) else run.stop
            quiet[first:last] = run.stop - run.start >= UNLOADED_MIN_S * rate_hz
    return quiet


def measure_baseline(
    plate: str, force_n: np.ndarray, moment_nm: np.ndarray, rate_hz: float, threshold_n: float, *, up: int = 1
) -> Baseline:
    """Unloaded reading of a plate from the samples in which it carries nobody.

    Parameters
    ----------
    plate : str
    force_n, moment_nm : ndarray, shape (N, 3)
        Wrench about one fixed point.
    rate_hz : float
    threshold_n : float
        The contact threshold.
    up : int
        Index of the vertical axis.

    Returns
    -------
    Baseline
    """
    quiet = unloaded(force_n[:, up], rate_hz, threshold_n)
    if not quiet.any():
        return Baseline(plate, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0), 0.0, float("nan"))
    return Baseline(
        plate=plate,
        force_n=tuple(np.median(force_n[quiet], axis=0).tolist()),
        moment_nm=tuple(np.median(moment_nm[quiet], axis=0).tolist()),
        unloaded_share=float(quiet.mean()),
        noise_n=float(force_n[quiet, up].std()),
    )


def without_baseline(force_n: np.ndarray, moment_nm: np.ndarray, baseline: Baseline) -> tuple[np.ndarray, np.ndarray]:
    """Wrench, shapes (N, 3), with the baseline taken off."""
    return force_n - np.array(baseline.force_n), moment_nm - np.array(baseline.moment_nm)
