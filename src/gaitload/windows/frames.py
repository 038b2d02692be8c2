"""Estimates of windows back on the frames of their trials."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gaitload.signals.resample import resample
from gaitload.windows.mirror import column_sign
from gaitload.windows.slicing import Windows


@dataclass(frozen=True)
class TrialEstimates:
    """Estimates of a trial.

    Attributes
    ----------
    trial : int
        Into `Windows.trials`.
    columns : dict of str to ndarray, shape (T, S)
        Label column -> estimates by each of S seeds on the frames of the trial, NaN where no window estimates them.
    """

    trial: int
    columns: dict[str, np.ndarray]


def onto_frames(windows: Windows, estimates: np.ndarray) -> list[TrialEstimates]:
    """Cubic splines through the points of each window, read at the frames within it; windows that overlap are averaged.

    Parameters
    ----------
    windows
        Those that were estimated.
    estimates : ndarray, shape (S, N, P, K)
        In the units of the targets, seen from the windows' side.

    Returns
    -------
    list of TrialEstimates
        One for each trial that has a window, in the order of the trials.
    """
    return [
        _of_trial(windows, int(index), np.flatnonzero(windows.trial == index), estimates)
        for index in np.unique(windows.trial)
    ]


def _of_trial(windows: Windows, index: int, rows: np.ndarray, estimates: np.ndarray) -> TrialEstimates:
    time_s, seeds = windows.trials[index].time_s, len(estimates)
    sums: dict[str, np.ndarray] = {}
    counts: dict[str, np.ndarray] = {}
    half_s = 1e-6 * (time_s[1] - time_s[0])
    for row in rows:
        start, stop = np.searchsorted(time_s, windows.time_s[row, [0, -1]] + [-half_s, half_s])
        curves = estimates[:, row].transpose(1, 0, 2)  # (P, S, K)
        on_frames = resample(curves, windows.time_s[row], time_s[start:stop])  # (F, S, K)
        for number, column in enumerate(windows.columns(row)):
            total = sums.setdefault(column, np.zeros((len(time_s), seeds)))
            count = counts.setdefault(column, np.zeros((len(time_s), 1)))
            total[start:stop] += column_sign(column, str(windows.side[row])) * on_frames[..., number]
            count[start:stop] += 1
    return TrialEstimates(
        index, {name: np.where(counts[name] > 0, sums[name] / np.maximum(counts[name], 1), np.nan) for name in sums}
    )
