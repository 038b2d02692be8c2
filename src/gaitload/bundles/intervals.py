"""Intervals about estimates that hold the label of a new person with a stated probability."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from gaitload.evaluation.agreement import weighted_sizes

PEOPLE_MIN = 10
"""Held-out people without which no interval is given: with nine, 90 % need all of them within it."""
_LEVELS = np.linspace(0.8, 1.0, 81)
"""Shares of the residuals among which `half_width` chooses."""
_DRAWS, _SEED = 2000, 0
"""Number of samples of the bootstrap over people, and its seed."""
KINDS = ("curve", "peak", "impulse", "total")
"""Quantities that have intervals: all points of a curve at once, its peak and impulse, and the sum over a recording."""


@dataclass(frozen=True)
class Held:
    """How often intervals made from all other people held the labels of each person.

    Attributes
    ----------
    mean : float
        Mean of the shares of people.
    low, high : float
        90 % interval of that mean, by a bootstrap over people.
    worst : float
        Share of the person who was held least.
    """

    mean: float
    low: float
    high: float
    worst: float


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
    coverage : dict of str to Held
        By kind (`KINDS`).
    coverage_refused : dict of str to float
        Mean coverage by kind, recordings that would have been refused counted as missed.
    coverage_by_speed : dict of str to dict
        Mean coverage by speed (m/s) and kind.
    people : int
    """

    level: float
    curve: list[float]
    peak: float
    impulse: float
    total_share: float
    coverage: dict[str, Held]
    coverage_refused: dict[str, float]
    coverage_by_speed: dict[str, dict[str, float]]
    people: int

    def as_dict(self) -> dict:
        """Plain values for documents."""
        return asdict(self)


def intervals_of(
    estimate: np.ndarray,
    label: np.ndarray,
    duration_s: np.ndarray,
    person: np.ndarray,
    trial: np.ndarray,
    level: float,
    refused: np.ndarray | None = None,
    speed: np.ndarray | None = None,
) -> Intervals | None:
    """Intervals from people that their estimates were not learnt from; None for fewer than `PEOPLE_MIN`.

    People are the units, each with the same weight, whatever the number of their steps, see `half_width`. A curve's
    score is the largest of its errors, each over the root mean square error at its point (Diquigiovanni et al. 2022, J
    Multivariate Anal 189:104879), so that the band is wide where estimates are poor.

    Parameters
    ----------
    estimate, label : ndarray, shape (N, P)
        Curves of one target.
    duration_s : ndarray, shape (N,)
        Time from the first to the last point of each window.
    person, trial : ndarray, shape (N,)
    refused : ndarray of bool, shape (N,), optional
        Windows of recordings that would have been refused.
    speed : ndarray of str, shape (N,), optional
        Speed of each window, for the coverage at each speed; empty where it is not known.
    """
    people = np.unique(person)
    if len(people) < max(PEOPLE_MIN, round(1 / (1 - level))):
        return None
    arrays = (estimate, label, duration_s, person, trial)
    whole = _half_widths(*arrays, level)
    refused = np.zeros(len(person), dtype=bool) if refused is None else refused
    speed = np.full(len(person), "") if speed is None else speed
    crossed = [_crossed(arrays, level, each) for each in people]
    return Intervals(
        level,
        whole["curve"].tolist(),
        float(whole["peak"]),
        float(whole["impulse"]),
        float(whole["total"]),
        {name: held_of(np.array([found[name][1].mean() for found in crossed])) for name in KINDS},
        {
            name: float(
                np.mean([(inside & ~refused[rows]).mean() for found in crossed for rows, inside in [found[name]]])
            )
            for name in KINDS
        },
        {
            at: {name: _mean_where(speed == at, [found[name] for found in crossed]) for name in KINDS}
            for at in np.unique(speed).tolist()
            if at
        },
        len(people),
    )


def _crossed(arrays: tuple[np.ndarray, ...], level: float, who: object) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Whether intervals from all other people hold what one person has, by kind.

    Each kind has the rows of its windows, shape (M,), for sums the first of each trial; and bool of the same shape.
    `arrays` are those of `_half_widths`, in its order.
    """
    estimate, label, duration_s, person, trial = arrays
    own = person == who
    others = _half_widths(*(array[~own] for array in arrays), level)
    rows, (_, first) = np.flatnonzero(own), np.unique(trial[own], return_index=True)
    inside = _inside(others, *(array[own] for array in (estimate, label, duration_s, trial)))
    return {name: (rows[first] if name == "total" else rows, held) for name, held in inside.items()}


def _mean_where(chosen: np.ndarray, crossed: list[tuple[np.ndarray, np.ndarray]]) -> float:
    """Mean over people of the share held among chosen rows, bool of shape (N,); people without any do not count."""
    return float(np.mean([inside[chosen[rows]].mean() for rows, inside in crossed if chosen[rows].any()]))


def half_width(residual: np.ndarray, person: np.ndarray, level: float) -> float:
    """Half width of an interval about the estimate that aims to hold a new person's label with a probability.

    A share of all absolute residuals, each person weighing the same, of which people left out in turn were held at
    `level` in the mean by the same share of the others' (cross-validated choice of the level). Split conformal
    prediction over people (`gaitload.evaluation.agreement.conformal_half_width`) takes the share `level * (n + 1) / n`
    instead, which is right where residuals hardly differ within people: with twelve people it holds 93 to 97 % where 90
    were asked, by intervals that are 20 to 40 % wider (docs/benchmarks/intervals.md). This one has no guarantee for
    every distribution of people: on the twelve runners curves, which take the largest of all their points, are held in
    84 to 88 % and sums in 83 to 92 %.

    Parameters
    ----------
    residual : ndarray, shape (N,)
    person : ndarray, shape (N,)
    level : float
        Probability, between 0 and 1.
    """
    size, member, weight = weighted_sizes(residual, person)
    people = len(np.unique(person))
    reached = np.cumsum(weight)  # Shapes (N,), and (N, S) for shares of each person's own residuals.
    own = np.cumsum((member[:, None] == np.arange(people)) * weight[:, None], axis=0)
    held = np.zeros(len(_LEVELS))
    for each in range(people):
        others = (reached - own[:, each]) / (people - 1)
        widths = size[_first(others, _LEVELS)]
        within = np.searchsorted(size, widths * (1 + 1e-9), side="right") - 1
        held += own[within, each]
    enough = np.flatnonzero(held / people >= level - 1e-9)
    # All residuals of the others hold all but one person, whose are the largest: n - 1 of n.
    chosen = _LEVELS[enough[0]] if len(enough) else 1.0
    return float(size[_first(reached / people, np.array([chosen]))][0])


def _first(reached: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Where a cumulative share, shape (N,), first reaches others."""
    return np.minimum(np.searchsorted(reached, shares - 1e-9), len(reached) - 1)


def held_of(shares: np.ndarray) -> Held:
    """Mean, bootstrap interval and worst of the shares of people, shape (S,)."""
    drawn = np.random.default_rng(_SEED).choice(shares, (_DRAWS, len(shares))).mean(axis=1)
    low, high = np.quantile(drawn, [0.05, 0.95])
    return Held(float(shares.mean()), float(low), float(high), float(shares.min()))


def _inside(
    widths: Mapping, estimate: np.ndarray, label: np.ndarray, duration_s: np.ndarray, trial: np.ndarray
) -> dict[str, np.ndarray]:
    """Whether curves, peaks and impulses (N,), and sums over trials (R,), lie within half widths."""
    found = {}
    for name, residual in _residuals(estimate, label, duration_s, trial).items():
        inside = np.abs(residual) <= widths[name] * (1 + 1e-9)
        found[name] = inside.all(axis=1) if inside.ndim == 2 else inside
    return found


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
        "curve": half_width(scores, person, level) * scale,
        "peak": half_width(residuals["peak"], person, level),
        "impulse": half_width(residuals["impulse"], person, level),
        "total": half_width(residuals["total"], person[first], level),
    }
