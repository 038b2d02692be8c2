"""Intervals about estimates that hold the label of a new person with a stated probability."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from gaitload.evaluation.agreement import conformal_half_width

PEOPLE_MIN = 10
"""Held-out people without which no interval is given: with nine, 90 % need all of them within it."""


@dataclass(frozen=True)
class Intervals:
    """Half widths about the estimates of one target, in its unit.

    Attributes
    ----------
    level : float
        Probability with which a new person's curve, peak, impulse or sum lies within.
    curve : list of float, shape (P,)
        All points of a new person's curve lie within this band at once.
    peak : float
    impulse : float
        Half width of the impulse of a window, per second of its duration.
    total_share : float
        Half width of the sum over a recording, as a share of the estimate.
    coverage : dict of str to float
        Mean over people of the share that the intervals made from all others held, by kind.
    people : int
    """

    level: float
    curve: list[float]
    peak: float
    impulse: float
    total_share: float
    coverage: dict[str, float]
    people: int

    def as_dict(self) -> dict:
        """Plain, for documents."""
        return asdict(self)


def intervals_of(
    estimate: np.ndarray, label: np.ndarray, duration_s: np.ndarray, person: np.ndarray, trial: np.ndarray, level: float
) -> Intervals | None:
    """Conformal intervals from people that their estimates were not learnt from; None for fewer than `PEOPLE_MIN`.

    People are the units, each with the same weight, whatever the number of their steps
    (`gaitload.evaluation.agreement.conformal_half_width`). A curve's score is the largest of its errors, each over the
    root mean square error at its point (Diquigiovanni et al. 2022, J Multivariate Anal 189:104879), so that the band is
    wide where estimates are poor.

    Parameters
    ----------
    estimate, label : ndarray, shape (N, P)
        Curves of one target.
    duration_s : ndarray, shape (N,)
        Time from the first to the last point of each window.
    person, trial : ndarray, shape (N,)
    """
    people = np.unique(person)
    if len(people) < PEOPLE_MIN:
        return None
    whole = _half_widths(estimate, label, duration_s, person, trial, level)
    held: dict[str, list[float]] = {name: [] for name in ("curve", "peak", "impulse", "total")}
    for each in people:
        own = person == each
        others = _half_widths(*(array[~own] for array in (estimate, label, duration_s, person, trial)), level)
        residuals = _residuals(*(array[own] for array in (estimate, label, duration_s, trial)))
        for name, found in residuals.items():
            inside = np.abs(found) <= others[name] * (1 + 1e-9)
            held[name].append(float((inside.all(axis=1) if inside.ndim == 2 else inside).mean()))
    return Intervals(
        level,
        whole["curve"].tolist(),
        float(whole["peak"]),
        float(whole["impulse"]),
        float(whole["total"]),
        {name: float(np.mean(shares)) for name, shares in held.items()},
        len(people),
    )


def _residuals(estimate: np.ndarray, label: np.ndarray, duration_s: np.ndarray, trial: np.ndarray) -> dict:
    """Errors of curves (N, P), peaks and impulses (N,), and of sums over trials as shares of the estimate (R,)."""
    trials, index = np.unique(trial, return_inverse=True)
    sums = [
        np.bincount(index, weights=curves.mean(axis=1) * duration_s, minlength=len(trials))
        for curves in (estimate, label)
    ]
    return {
        "curve": label - estimate,
        "peak": label.max(axis=1) - estimate.max(axis=1),
        "impulse": label.mean(axis=1) - estimate.mean(axis=1),
        "total": sums[1] / np.where(sums[0] == 0, np.nan, sums[0]) - 1.0,
    }


def _half_widths(estimate, label, duration_s, person, trial, level: float) -> dict:
    residuals = _residuals(estimate, label, duration_s, trial)
    members, index = np.unique(person, return_inverse=True)
    squares = np.stack([(residuals["curve"][index == number] ** 2).mean(axis=0) for number in range(len(members))])
    scale = np.maximum(np.sqrt(squares.mean(axis=0)), 1e-12)
    scores = np.abs(residuals["curve"] / scale).max(axis=1)
    _, first = np.unique(trial, return_index=True)
    return {
        "curve": conformal_half_width(scores, person, level) * scale,
        "peak": conformal_half_width(residuals["peak"], person, level),
        "impulse": conformal_half_width(residuals["impulse"], person, level),
        "total": conformal_half_width(residuals["total"], person[first], level),
    }
