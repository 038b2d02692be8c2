"""Where windows begin and end."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from gaitload.conventions import SIDES, sampling_rate_hz
from gaitload.signals.runs import true_runs
from gaitload.study import StudyWindow
from gaitload.windows.tables import AlignedTrial

USUAL_SHARES = (0.7, 1.3)
"""Of the trial's median duration; a stance or cycle outside is not a whole one (Hur et al. 2025)."""


@dataclass(frozen=True)
class Cut:
    """One window of a trial.

    Attributes
    ----------
    side : str
        `r`, `l`, or empty where a window belongs to no foot.
    time_s : ndarray, shape (P,)
        Equidistant times of what is estimated.
    seen_s : ndarray, shape (P + X,)
        Times of what is seen; X points of context before and after.
    stride_s : float
        From the foot's contact to its next one, or from the one before where the trial has no next; NaN where it has
        neither, or the window belongs to no foot.
    """

    side: str
    time_s: np.ndarray
    seen_s: np.ndarray
    stride_s: float = np.nan

    def frames(self, time_s: np.ndarray) -> tuple[int, int]:
        """`[start, stop)` of the frames of a clock, shape (T,), that the window touches, context included."""
        half_s = 0.5 / sampling_rate_hz(time_s)
        start = np.searchsorted(time_s, self.seen_s[0] - half_s)
        return int(start), int(np.searchsorted(time_s, self.seen_s[-1] + half_s))


def sides_of(window: StudyWindow) -> tuple[str, ...]:
    """Sides that windows are seen from; one empty side where they are not."""
    return ("",) if window.kind == "fixed" else SIDES


def cuts_of(trial: AlignedTrial, window: StudyWindow) -> tuple[list[Cut], int]:
    """Windows of a trial, and how many stances or cycles were left out because of their duration.

    Stances and cycles that the ends of the trial cut are no windows.
    """
    if window.kind == "fixed":
        return _fixed(trial.time_s, window), 0
    cuts, odd = [], 0
    for side in SIDES:
        contact = trial.values[f"contact_{side}"].astype(bool)
        spans = _spans(contact, window.kind)
        strikes_s = trial.time_s[[run.start for run in true_runs(contact) if run.start > 0]]
        lengths = np.array([stop - start for start, stop in spans])
        usual = np.median(lengths) * np.array(USUAL_SHARES) if len(lengths) else (0, 0)
        for (start, stop), length in zip(spans, lengths, strict=True):
            if usual[0] <= length <= usual[1] and length > 1:
                cuts.append(_cut(side, trial.time_s[start], trial.time_s[stop - 1], window, strikes_s))
            else:
                odd += 1
    return cuts, odd


def _fixed(time_s: np.ndarray, window: StudyWindow) -> list[Cut]:
    frames = int(np.floor((time_s[-1] - time_s[0]) * window.rate_hz + 1e-6)) + 1
    clock_s = time_s[0] + np.arange(frames) / window.rate_hz
    starts = range(0, frames - window.length + 1, window.stride)
    return [Cut("", clock_s[start : start + window.length], clock_s[start : start + window.length]) for start in starts]


def _spans(contact: np.ndarray, kind: str) -> list[tuple[int, int]]:
    """`[start, stop)` of whole stances, or of cycles from one contact to the next (its first frame included)."""
    stances = [run for run in true_runs(contact) if run.start > 0]
    if kind == "stance":
        return [(run.start, run.stop) for run in stances if run.stop < len(contact)]
    return [(first.start, second.start + 1) for first, second in pairwise(stances)]


def _cut(side: str, start_s: float, end_s: float, window: StudyWindow, strikes_s: np.ndarray) -> Cut:
    before, after = window.context
    seen_s = start_s + np.arange(-before, window.points + after) * (end_s - start_s) / (window.points - 1)
    strides_s, own = np.diff(strikes_s), int(np.searchsorted(strikes_s, start_s - 1e-9))
    stride_s = strides_s[min(own, len(strides_s) - 1)] if len(strides_s) else np.nan
    return Cut(side, seen_s[before : before + window.points], seen_s, float(stride_s))
