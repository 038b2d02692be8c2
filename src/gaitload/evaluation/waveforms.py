"""Where in the stance or cycle a difference lies: statistical parametric mapping over people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import spm1d

PEOPLE_MIN = 3
PERMUTING_MIN = 6
"""2^6 = 64 sign changes are the fewest that reach a two-sided 0.05."""
NORMALITY_MIN = 8
"""With fewer people a test of normality finds nothing, and permutations are cheap: they are taken outright."""


def paired_waveforms(
    first: np.ndarray, second: np.ndarray, *, alpha: float, iterations: int = 1000, seed: int = 0
) -> dict:
    """Paired two-sided SPM{t} of curves; by permutations where their normality is not given.

    Parametric inference is random field theory (Pataky 2012, spm1d); it is taken for `NORMALITY_MIN` people or more
    whose differences pass D'Agostino and Pearson's test along the curve. Otherwise signs are permuted (Nichols & Holmes
    2002): all sign changes, or `iterations` random ones where there are more.

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
        `n`, `test` (`parametric` or `permutation`), `alpha`, `threshold` (of |t|), and `clusters`, each with
        `start_percent`, `end_percent` and `p`: the parts in which |t| is above the threshold. Or `not_made`.
    """
    n, points = first.shape
    needed = PEOPLE_MIN if n >= NORMALITY_MIN else PERMUTING_MIN
    if n < needed:
        return {"n": n, "not_made": f"{n} people; {PERMUTING_MIN} are needed"}
    difference = first - second
    if (difference.std(axis=0, ddof=1) <= 1e-12 * max(np.abs(first).max(), np.finfo(float).tiny)).any():
        return {"n": n, "not_made": "at some point of the curve everybody differs by the same"}
    parametric = n >= NORMALITY_MIN and not spm1d.stats.normality.ttest(difference).inference(alpha).h0reject
    if parametric:
        found = spm1d.stats.ttest(difference).inference(alpha, two_tailed=True)
    else:
        every = 2**n <= iterations
        with _seeded(seed):
            found = spm1d.stats.nonparam.ttest(difference).inference(
                alpha, two_tailed=True, iterations=-1 if every else iterations, force_iterations=True
            )
    return {
        "n": n,
        "test": "parametric" if parametric else "permutation",
        "alpha": alpha,
        "threshold": float(found.zstar),
        "clusters": [
            {
                "start_percent": 100.0 * float(cluster.endpoints[0]) / (points - 1),
                "end_percent": 100.0 * float(cluster.endpoints[1]) / (points - 1),
                "p": float(cluster.P),
            }
            for cluster in found.clusters
        ],
    }


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """spm1d draws from numpy's global generator: give it a seed and put back what was there."""
    state = np.random.get_state()
    np.random.seed(seed)
    try:
        yield
    finally:
        np.random.set_state(state)
