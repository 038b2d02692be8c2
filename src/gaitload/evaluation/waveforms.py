"""Where in the stance or cycle a difference lies: the t statistic along the curve, with a threshold for its maximum."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import find_objects, label

PEOPLE_MIN = 6
"""2^6 = 64 sign changes are the fewest that reach a two-sided 0.05."""


def paired_waveforms(
    first: np.ndarray, second: np.ndarray, *, alpha: float, iterations: int = 1000, seed: int = 0
) -> dict:
    """Paired two-sided t along curves, with the permutation distribution of its largest value (Nichols & Holmes 2002).

    Signs of the differences are changed participant by participant: in all ways, or in `iterations` random ones where
    there are more. That needs no assumption on the shape of the distribution or the smoothness of the curves.

    Parameters
    ----------
    first, second : ndarray, shape (S, P)
        Mean curve of each person, in the same order.
    alpha : float
    iterations, seed
        Of permutations; equal seeds give equal results.

    Returns
    -------
    dict
        `n`, `alpha`, `threshold` (of |t|), and `clusters`, each with `start_percent`, `end_percent` and `p` (of its
        largest |t|): the parts in which |t| is above the threshold. Or `not_made`.
    """
    n, points = first.shape
    if n < PEOPLE_MIN:
        return {"n": n, "not_made": f"{n} people; {PEOPLE_MIN} are needed"}
    difference = first - second
    if (difference.std(axis=0, ddof=1) <= 1e-12 * max(np.abs(first).max(), np.finfo(float).tiny)).any():
        return {"n": n, "not_made": "at some point of the curve everybody differs by the same"}
    measured = _absolute_t(difference, np.ones((1, n)))[0]
    largest = _absolute_t(difference, _sign_changes(n, iterations, seed)).max(axis=1)
    threshold = float(np.quantile(largest, 1 - alpha, method="higher"))
    regions, _ = label(measured > threshold)
    return {
        "n": n,
        "alpha": alpha,
        "threshold": threshold,
        "clusters": [
            {
                "start_percent": 100.0 * region.start / (points - 1),
                "end_percent": 100.0 * (region.stop - 1) / (points - 1),
                "p": float((largest >= measured[region].max()).mean()),
            }
            for (region,) in find_objects(regions)
        ],
    }


def _absolute_t(difference: np.ndarray, signs: np.ndarray) -> np.ndarray:
    """|t| of the mean over people (S) along the curve (P) for each row of signs (N, S); shape (N, P)."""
    n = len(difference)
    mean = signs @ difference / n
    variance = (np.mean(difference**2, axis=0) - mean**2) * n / (n - 1)
    return np.abs(mean) / np.sqrt(np.maximum(variance, np.finfo(float).tiny) / n)


def _sign_changes(n: int, iterations: int, seed: int) -> np.ndarray:
    """Signs of n people, the unchanged ones first; shape (N, n)."""
    if 2**n <= iterations:
        return 1.0 - 2.0 * (np.arange(2**n)[:, None] >> np.arange(n) & 1)
    drawn = np.random.default_rng(seed).integers(0, 2, (iterations - 1, n))
    return np.vstack([np.ones(n), 1.0 - 2.0 * drawn])
