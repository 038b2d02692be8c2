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
    curves : DataFrame
        A row a window, target and point: time (s), estimate, low, high.
    summary : DataFrame
        A row a target: means of both sides, asymmetry, sum over the recording, with its interval.
    cadence_per_min : float
        Steps; NaN where windows are no stances.
    """

    windows: pd.DataFrame
    curves: pd.DataFrame
    summary: pd.DataFrame
    cadence_per_min: float


def outcome_of(prediction: Prediction, targets: Mapping[str, dict]) -> Outcome:
    """Stances and sums; `targets` is that of the bundle's document."""
    rows, curves = [], []
    for number, name in enumerate(prediction.targets):
        intervals = targets[name]["intervals"]
        band = np.array(intervals["curve"]) if intervals else np.full(prediction.estimates.shape[1], np.nan)
        for window, curve in enumerate(prediction.estimates[..., number]):
            time_s, side = prediction.windows.time_s[window], str(prediction.windows.side[window])
            rows.append(_row(name, window, side, time_s, curve, intervals))
            curves.append(
                pd.DataFrame(
                    {
                        "target": name,
                        "window": window,
                        "side": side,
                        "time_s": time_s,
                        "estimate": curve,
                        "low": curve - band,
                        "high": curve + band,
                    }
                )
            )
    windows = pd.DataFrame(rows)
    once = covered_share(prediction.windows.time_s[:, [0, -1]], prediction.windows.side)
    summary = pd.DataFrame([_summary(name, windows, targets[name], once) for name in prediction.targets])
    cadence = cadence_per_min(prediction.windows.time_s[:, 0], prediction.windows.side)
    return Outcome(windows, pd.concat(curves, ignore_index=True), summary, cadence)


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


def _summary(name: str, windows: pd.DataFrame, target: Mapping, once: float) -> dict:
    own = windows[windows["target"] == name]
    sides = own.groupby("side")["peak"].mean()
    left, right = sides.get("l", np.nan), sides.get("r", np.nan)
    total, intervals = once * float(own["impulse_s"].sum()), target["intervals"]
    return {
        "target": name,
        "unit": target["unit"],
        "windows": len(own),
        "peak_mean": float(own["peak"].mean()),
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
