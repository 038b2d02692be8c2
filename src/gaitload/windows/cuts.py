"""Where windows begin and end."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from gaitload.conventions import SIDES, sampling_rate_hz
from gaitload.imu.rotations import rotation_of
from gaitload.signals.events import usual_durations
from gaitload.signals.flight import stances_by_flight
from gaitload.signals.runs import true_runs
from gaitload.signals.swing import stances_by_swing
from gaitload.study import PELVIS, SHANK, StudyWindow
from gaitload.windows.tables import AlignedTrial


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
    duration_s : float
        Of the stance or cycle, without margins; NaN where the window is neither.
    stride_s : float
        From the foot's contact to its next one, or from the one before where the trial has no next; NaN where it has
        neither, or the window belongs to no foot.
    """

    side: str
    time_s: np.ndarray
    seen_s: np.ndarray
    duration_s: float = np.nan
    stride_s: float = np.nan

    def frames(self, time_s: np.ndarray) -> tuple[int, int]:
        """`[start, stop)` of the frames of a clock, shape (T,), that the window touches, context included."""
        half_s = 0.5 / sampling_rate_hz(time_s)
        start = np.searchsorted(time_s, self.seen_s[0] - half_s)
        return int(start), int(np.searchsorted(time_s, self.seen_s[-1] + half_s))


def cuts_of(trial: AlignedTrial, window: StudyWindow) -> tuple[list[Cut], int]:
    """Windows of a trial, and how many stances or cycles were left out because of their duration.

    Stances and cycles that the ends of the trial cut are no windows. Which durations are usual is said by
    `gaitload.signals.events.usual_durations`, as in the evaluation.
    """
    if window.kind == "fixed":
        return _fixed(trial.time_s, window), 0
    rate_hz = sampling_rate_hz(trial.time_s)
    ends_of = _ENDS_OF[window.stance_times]
    cuts, odd = [], 0
    for side, (ends_s, strikes_s) in ends_of(trial, window.kind).items():
        usual = usual_durations((ends_s[:, 1] - ends_s[:, 0]) * rate_hz + 1.0, keep_share=window.duration_limits)
        cuts += [_cut(side, start_s, end_s, window, strikes_s) for start_s, end_s in ends_s[usual]]
        odd += int((~usual).sum())
    return cuts, odd


def _fixed(time_s: np.ndarray, window: StudyWindow) -> list[Cut]:
    frames = int(np.floor((time_s[-1] - time_s[0]) * window.rate_hz + 1e-6)) + 1
    clock_s = time_s[0] + np.arange(frames) / window.rate_hz
    starts = range(0, frames - window.length + 1, window.stride)
    return [Cut("", clock_s[start : start + window.length], clock_s[start : start + window.length]) for start in starts]


def _by_contact(trial: AlignedTrial, kind: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """By side: first and last times of whole stances, or of cycles from one contact to the next; and all strikes."""
    found = {}
    for side in SIDES if f"contact_{SIDES[0]}" in trial.values else ():
        contact = trial.values[f"contact_{side}"].astype(bool)
        stances = [run for run in true_runs(contact) if run.start > 0]
        if kind == "stance":
            frames = [(run.start, run.stop - 1) for run in stances if run.stop < len(contact)]
        else:
            frames = [(first.start, second.start) for first, second in pairwise(stances)]
        found[side] = (
            trial.time_s[np.array(frames, dtype=int).reshape(-1, 2)],
            trial.time_s[[run.start for run in stances]],
        )
    return found


def _seen_by_pelvis(trial: AlignedTrial, _: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The same for stances, as a sensor at the pelvis tells them."""
    if PELVIS not in trial.sensors:
        return {}
    acc, gyr = _in_earth(*(trial.signals(PELVIS, channel) for channel in ("acc", "gyr", "quat")))
    stances = stances_by_flight(acc, gyr, trial.time_s)
    ends_s = {
        side: np.array([(each.start_s, each.end_s) for each in stances if each.side == side]).reshape(-1, 2)
        for side in SIDES
    }
    return {side: (ends, ends[:, 0]) for side, ends in ends_s.items()}


def _seen_by_shank(trial: AlignedTrial, _: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The same for the legs whose shank wears a sensor, as its gyroscope tells them."""
    sensors = {side: f"{SHANK}_{side}" for side in SIDES if f"{SHANK}_{side}" in trial.sensors}
    ends_s = {side: stances_by_swing(trial.signals(name, "gyr"), trial.time_s) for side, name in sensors.items()}
    return {side: (ends, ends[:, 0]) for side, ends in ends_s.items()}


_ENDS_OF = {"contact": _by_contact, "pelvis_sensor": _seen_by_pelvis, "shank_sensor": _seen_by_shank}


def _in_earth(acc: np.ndarray, gyr: np.ndarray, quat_wxyz: np.ndarray) -> np.ndarray:
    """Specific force and angular rate in the earth frame, shape (2, T, 3); NaN where anything is missing."""
    known = np.isfinite(np.concatenate([acc, gyr, quat_wxyz], axis=1)).all(axis=1)
    to_earth = rotation_of(quat_wxyz[known])
    in_earth = np.full((2, len(known), 3), np.nan)
    in_earth[:, known] = [to_earth.apply(signal[known]) for signal in (acc, gyr)]
    return in_earth


def _cut(side: str, start_s: float, end_s: float, window: StudyWindow, strikes_s: np.ndarray) -> Cut:
    (before, after), duration_s = window.context, end_s - start_s
    spacing_s = (1.0 + 2.0 * window.margin) * duration_s / (window.points - 1)
    seen_s = start_s - window.margin * duration_s + np.arange(-before, window.points + after) * spacing_s
    strides_s, own = np.diff(strikes_s), int(np.searchsorted(strikes_s, start_s - 1e-9))
    stride_s = strides_s[min(own, len(strides_s) - 1)] if len(strides_s) else np.nan
    return Cut(side, seen_s[before : before + window.points], seen_s, float(duration_s), float(stride_s))
