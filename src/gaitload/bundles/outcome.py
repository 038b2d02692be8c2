"""What a prediction says about a recording: stances, and sums over all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gaitload.bundles.predict import Prediction
from gaitload.conventions import SIDES

RISE = (0.2, 0.8)
"""Shares of the peak between which the loading rate is the slope of the curve (Milner et al. 2006, Med Sci Sports Exerc
38:323, of the vertical ground reaction)."""


@dataclass(frozen=True)
class Outcome:
    """Tables of a prediction.

    Attributes
    ----------
    windows : DataFrame
        A row a window and target: side, start and end (s), peak, impulse, loading rate, with half widths of intervals.
    summary : DataFrame
        A row a target: means of both sides, half width of the interval of a single peak, asymmetry, sum over the
        recording with its interval.
    intervals : dict of str to mapping or None
        Of each target, as the bundle's document has them.
    cadence_per_min : float
        Steps; NaN where windows are no stances.
    """

    windows: pd.DataFrame
    summary: pd.DataFrame
    intervals: dict[str, Mapping | None]
    cadence_per_min: float


def outcome_of(prediction: Prediction, targets: Mapping[str, dict]) -> Outcome:
    """Stances and sums; `targets` is that of the bundle's document."""
    intervals = {name: intervals_for(targets[name], prediction.calibrated) for name in prediction.targets}
    times_s, sides = prediction.windows.time_s, prediction.windows.side
    rows = [
        _row(name, window, str(sides[window]), times_s[window], curve, intervals[name])
        for number, name in enumerate(prediction.targets)
        for window, curve in enumerate(prediction.estimates[..., number])
    ]
    windows = pd.DataFrame(rows)
    once = covered_share(times_s[:, [0, -1]], sides)
    summary = [_summary(name, windows, targets[name]["unit"], intervals[name], once) for name in prediction.targets]
    cadence = cadence_per_min(times_s[:, 0], sides)
    return Outcome(windows, pd.DataFrame(summary), intervals, cadence)


def intervals_for(target: Mapping, calibrated: bool) -> Mapping | None:
    """Intervals of a target, those of calibrated people where the person is one."""
    return target["calibrated"]["intervals"] if calibrated else target["intervals"]


def curves_of(prediction: Prediction, name: str, intervals: Mapping | None) -> pd.DataFrame:
    """A row a window and point of one target: side, time (s), estimate, low, high."""
    estimates = prediction.estimates[..., prediction.targets.index(name)]
    count, points = estimates.shape
    band = np.array(intervals["curve"]) if intervals else np.full(points, np.nan)
    return pd.DataFrame(
        {
            "target": name,
            "window": np.repeat(np.arange(count), points),
            "side": np.repeat(prediction.windows.side, points),
            "time_s": prediction.windows.time_s.ravel(),
            "estimate": estimates.ravel(),
            "low": (estimates - band).ravel(),
            "high": (estimates + band).ravel(),
        }
    )


def _row(name: str, window: int, side: str, time_s: np.ndarray, curve: np.ndarray, intervals: Mapping | None) -> dict:
    duration_s = float(time_s[-1] - time_s[0])
    return {
        "target": name,
        "window": window,
        "side": side,
        "start_s": float(time_s[0]),
        "end_s": float(time_s[-1]),
        "peak": float(curve.max()),
        "peak_half_width": intervals["peak"] if intervals else np.nan,
        "impulse_s": float(np.trapezoid(curve, time_s)),
        "impulse_half_width_s": intervals["impulse"] * duration_s if intervals else np.nan,
        "loading_rate_per_s": loading_rate(time_s, curve),
    }


def loading_rate(time_s: np.ndarray, curve: np.ndarray) -> float:
    """Slope between the times at which a curve, shape (P,), first passes the shares `RISE` of its peak; NaN without."""
    top = int(np.argmax(curve))
    levels = [share * curve[top] for share in RISE]
    rise = curve[: top + 1]
    if top == 0 or curve[top] <= 0 or rise[0] > levels[0]:
        return float("nan")
    times = [_first_crossing(time_s[: top + 1], rise, level) for level in levels]
    return float((levels[1] - levels[0]) / (times[1] - times[0]))


def _first_crossing(time_s: np.ndarray, curve: np.ndarray, level: float) -> float:
    after = int(np.argmax(curve >= level))
    before = max(after - 1, 0)
    return float(np.interp(level, curve[[before, after]], time_s[[before, after]]))


def covered_share(ends_s: np.ndarray, side: np.ndarray) -> float:
    """Time that windows cover over the sum of their durations: below 1 where windows of one side overlap.

    Parameters
    ----------
    ends_s : ndarray, shape (N, 2)
        First and last time of each window.
    side : ndarray, shape (N,)
    """
    covered = 0.0
    for foot in np.unique(side):
        own = ends_s[side == foot]
        own = own[np.argsort(own[:, 0])]
        before = np.concatenate([[-np.inf], np.maximum.accumulate(own[:-1, 1])])
        covered += float(np.maximum(own[:, 1] - np.maximum(own[:, 0], before), 0.0).sum())
    return covered / float((ends_s[:, 1] - ends_s[:, 0]).sum())


def _summary(name: str, windows: pd.DataFrame, unit: str, intervals: Mapping | None, once: float) -> dict:
    own = windows[windows["target"] == name]
    sides = own.groupby("side")["peak"].mean()
    left, right = sides.get("l", np.nan), sides.get("r", np.nan)
    total = once * float(own["impulse_s"].sum())
    return {
        "target": name,
        "unit": unit,
        "windows": len(own),
        "peak_mean": float(own["peak"].mean()),
        "peak_half_width": intervals["peak"] if intervals else np.nan,
        "peak_right": float(right),
        "peak_left": float(left),
        "asymmetry_percent": float(200 * (right - left) / (right + left)),
        "total_s": total,
        "total_half_width_s": total * intervals["total_share"] if intervals else np.nan,
        "level": intervals["level"] if intervals else np.nan,
    }


def cadence_per_min(start_s: np.ndarray, side: np.ndarray) -> float:
    """Steps a minute, two in the median stride of a foot; NaN where windows have no side, or no foot has two.

    Stances of one foot alone, whose shank alone wears a sensor, have the same cadence as those of both.

    Parameters
    ----------
    start_s, side : ndarray, shape (N,)
        Starts of windows, and the foot that each is of.
    """
    strides_s = np.concatenate([np.diff(np.sort(start_s[side == foot])) for foot in SIDES])
    return float(120.0 / np.median(strides_s)) if len(strides_s) else float("nan")
