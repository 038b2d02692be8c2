"""How far estimate and label of one person's step may lie apart: limits of agreement, and intervals that hold them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

PEOPLE_MIN = 3
"""Fewer have no variance worth a limit."""


@dataclass(frozen=True)
class Agreement:
    """Bland-Altman limits of agreement, in the unit of the differences.

    Attributes
    ----------
    bias, bias_ci
        Mean difference (each person weighs the same) and its confidence interval.
    low, high, low_ci, high_ci
        Limits between which `share` of the differences of new people's steps lie, and their confidence intervals.
    sd_between, sd_within
        Of people's mean differences, and of single differences about them.
    n, count
        People and differences.
    """

    bias: float
    bias_ci: tuple[float, float]
    low: float
    high: float
    low_ci: tuple[float, float]
    high_ci: tuple[float, float]
    sd_between: float
    sd_within: float
    n: int
    count: int


def limits_of_agreement(
    difference: np.ndarray, person: np.ndarray, *, share: float = 0.95, confidence: float = 0.95
) -> Agreement | None:
    """Limits of agreement with repeated measures of each person, the true value varying from one to the next.

    Bland & Altman 2007 (J Biopharm Stat 17:571), with the variance components and the confidence intervals (MOVER) of
    Zou 2013 (Stat Methods Med Res 22:630): with m_h the harmonic mean of the numbers of differences a person has,
    var = var(mean differences) + (1 - 1/m_h) var(within), so that a person with many steps weighs no more than others.

    Parameters
    ----------
    difference : ndarray, shape (N,)
        Estimate minus label.
    person : ndarray, shape (N,)

    Returns
    -------
    Agreement, or None for fewer than `PEOPLE_MIN` people.
    """
    people, member, count = np.unique(person, return_inverse=True, return_counts=True)
    n, total = len(people), len(difference)
    if n < PEOPLE_MIN:
        return None
    means = np.bincount(member, difference) / count
    between = float(means.var(ddof=1))
    freedom = total - n
    within = float(np.sum((difference - means[member]) ** 2) / freedom) if freedom else 0.0
    repeated = 1.0 - float(np.mean(1.0 / count))
    variance = between + repeated * within
    tail = (1.0 - confidence) / 2
    parts = [(between, n - 1), (repeated * within, freedom)]
    lowest = variance - np.sqrt(sum((part * (1 - df / stats.chi2.ppf(1 - tail, df))) ** 2 for part, df in parts if df))
    highest = variance + np.sqrt(sum((part * (df / stats.chi2.ppf(tail, df) - 1)) ** 2 for part, df in parts if df))
    bias, error = float(means.mean()), np.sqrt(between / n)
    reach, z = stats.norm.ppf((1 + share) / 2), stats.norm.ppf(1 - tail)
    sd = np.sqrt(variance)
    nearer = float(np.hypot(z * error, reach * (sd - np.sqrt(max(lowest, 0.0)))))
    farther = float(np.hypot(z * error, reach * (np.sqrt(highest) - sd)))
    low, high = float(bias - reach * sd), float(bias + reach * sd)
    half = float(stats.t.ppf(1 - tail, n - 1) * error)
    return Agreement(
        bias=bias,
        bias_ci=(bias - half, bias + half),
        low=low,
        high=high,
        low_ci=(low - farther, low + nearer),
        high_ci=(high - nearer, high + farther),
        sd_between=float(np.sqrt(between)),
        sd_within=float(np.sqrt(within)),
        n=n,
        count=total,
    )


def conformal_half_width(residual: np.ndarray, person: np.ndarray, level: float) -> float:
    """Half width of an interval about the estimate that holds the label of a new person's step with a probability.

    Split conformal prediction with people as units (Dunn, Wasserman & Ramdas 2023, JASA 118:2491, pooled): the
    `level` quantile of the absolute residuals of people who did not train the estimator, each person weighing
    1 / (n + 1) whatever the number of their steps, and the new person the rest, at infinity.

    Parameters
    ----------
    residual : ndarray, shape (N,)
    person : ndarray, shape (N,)
    level : float
        Probability, between 0 and 1.

    Returns
    -------
    float
        Infinite where there are too few people for the level: n / (n + 1) must reach it.
    """
    size, _, weight = weighted_sizes(residual, person)
    reached = np.cumsum(weight) / (len(np.unique(person)) + 1)
    inside = np.flatnonzero(reached >= level - 1e-12)
    return float(size[inside[0]]) if len(inside) else float("inf")


def weighted_sizes(residual: np.ndarray, person: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Absolute residuals in ascending order, the number of the person of each, and weights that sum to 1 per person.

    Parameters
    ----------
    residual, person : ndarray, shape (N,)

    Returns
    -------
    size, member, weight : ndarray, shape (N,)
    """
    _, member, count = np.unique(person, return_inverse=True, return_counts=True)
    order = np.argsort(np.abs(residual), kind="stable")
    return np.abs(residual)[order], member[order], 1.0 / count[member[order]]


def conformal_coverage(residual: np.ndarray, person: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Half widths for each person from all others, and the share of the person's own residuals within; shapes (S,).

    People are in the order of `numpy.unique`. Infinite half widths cover all.
    """
    widths, shares = [], []
    for each in np.unique(person):
        own = person == each
        widths.append(conformal_half_width(residual[~own], person[~own], level))
        shares.append(float(np.mean(np.abs(residual[own]) <= widths[-1])))
    return np.array(widths), np.array(shares)
