"""Numbers that say how near estimated curves are to labelled ones.

Curves are arrays of shape (N, P): N stances or cycles, time-normalised to P points, both arrays finite. Where a number
has no meaning (a constant label, one curve) it is NaN. What each of them flatters is told in docs/evaluation.md.
"""

from __future__ import annotations

import numpy as np


def rmse(label: np.ndarray, estimate: np.ndarray) -> float:
    """Root of the mean squared error over all points, in the unit of the label."""
    return float(np.sqrt(np.mean((estimate - label) ** 2)))


def nrmse(label: np.ndarray, estimate: np.ndarray) -> float:
    """`rmse` as a share of the range of the label over all points."""
    return rmse(label, estimate) / float(np.ptp(label)) if np.ptp(label) > 0 else float("nan")


def bias(label: np.ndarray, estimate: np.ndarray) -> float:
    """Mean error, estimate minus label."""
    return float(np.mean(estimate - label))


def pearson_r(label: np.ndarray, estimate: np.ndarray) -> float:
    """Pearson's correlation of all points; blind to offset and scale."""
    a, b = (values.ravel() - values.mean() for values in (label, estimate))
    if _is_rounding(a, label) or _is_rounding(b, estimate):
        return float("nan")
    # Not by @: on a busy machine the threads of a linear algebra library wait for each other a thousand times as long.
    return float(np.sum(a * b) / np.sqrt(np.sum(a * a) * np.sum(b * b)))


def nrmse_per_segment(label: np.ndarray, estimate: np.ndarray) -> float:
    """Mean over segments of the root mean squared error of each as a share of its label's range (range of motion)."""
    span = np.ptp(label, axis=1)
    errors = np.sqrt(np.mean((estimate - label) ** 2, axis=1))
    return float(np.mean(errors[span > 0] / span[span > 0])) if (span > 0).any() else float("nan")


def pearson_r_per_segment(label: np.ndarray, estimate: np.ndarray) -> float:
    """Mean over segments of Pearson's correlation of each; segments without a spread have none."""
    each = [pearson_r(*pair) for pair in zip(label[:, None], estimate[:, None], strict=True)]
    return float(np.nanmean(each)) if np.isfinite(each).any() else float("nan")


def r2(label: np.ndarray, estimate: np.ndarray) -> float:
    """Coefficient of determination: 1 - squared error over the squares about the label's mean."""
    return r2_beyond(label, estimate, np.broadcast_to(label.mean(), label.shape))


def r2_beyond(label: np.ndarray, estimate: np.ndarray, expected: np.ndarray) -> float:
    """Share of what `expected` leaves unexplained that the estimate explains: 1 - squared error over that of it.

    Parameters
    ----------
    expected : ndarray, broadcast to (N, P)
        What was known without the estimator, for example the mean curve of the training subjects, which itself scores
        exactly 0.
    """
    left = label - expected
    if _is_rounding(left, label):
        return float("nan")
    return float(1.0 - np.sum((estimate - label) ** 2) / np.sum(left**2))


def peaks(curves: np.ndarray, direction: np.ndarray | float = 1.0) -> np.ndarray:
    """Largest value of each curve in the direction (+1 or -1) of its label, counted positive there; shape (N,)."""
    return np.max(curves * np.reshape(direction, (-1, 1)), axis=1)


def impulses(curves: np.ndarray, duration_s: np.ndarray) -> np.ndarray:
    """Time integral of each curve, shape (N,), in unit x s; `duration_s` has shape (N,)."""
    return np.trapezoid(curves, dx=1.0 / (curves.shape[1] - 1), axis=1) * duration_s


def rmse_per_sd(label: np.ndarray, estimate: np.ndarray, label_sd: np.ndarray) -> float:
    """Root mean squared error in standard deviations of the label, shape (N, P); points without one do not count.

    About 1: as far from the label as the label may be from the truth.
    """
    known = np.isfinite(label_sd) & (label_sd > 0)
    if not known.any():
        return float("nan")
    return float(np.sqrt(np.mean(((estimate - label)[known] / label_sd[known]) ** 2)))


def between_and_within(
    label: np.ndarray, estimate: np.ndarray, expected: np.ndarray, group: np.ndarray
) -> tuple[float, float]:
    """R2 of the mean curves of groups beyond what was expected of them, and R2 of the curves about these means.

    Parameters
    ----------
    expected : ndarray, shape (N, P)
    group : ndarray, shape (N,)
        Whose curve it is; a person's left and right are two where their mean curves differ.

    Returns
    -------
    between : float
        Does the estimator know *whose* curve it is? Groups weigh by their number of curves.
    within : float
        Does it know how this step differs from the person's others?
    """
    _, member, count = np.unique(group, return_inverse=True, return_counts=True)
    means = [_group_means(values, member, count) for values in (label, estimate, expected)]
    own_label, own_estimate, own_expected = (mean[member] for mean in means)
    between = r2_beyond(own_label, own_estimate, own_expected)
    within = r2_beyond(label - own_label, estimate - own_estimate, np.zeros_like(label))
    return between, within if (count > 1).any() else float("nan")


def r2_about_groups(label: np.ndarray, estimate: np.ndarray, group: np.ndarray) -> float:
    """R2 of numbers, shapes (N,), about the label's mean in each group: telling the groups apart earns nothing."""
    _, member, count = np.unique(group, return_inverse=True, return_counts=True)
    return r2_beyond(label, estimate, _group_means(label, member, count)[member])


def _group_means(values: np.ndarray, member: np.ndarray, count: np.ndarray) -> np.ndarray:
    sums = np.zeros((len(count), *values.shape[1:]))
    np.add.at(sums, member, values)
    return sums / count.reshape(-1, *[1] * (values.ndim - 1))


def _is_rounding(left: np.ndarray, values: np.ndarray) -> bool:
    """Whether what is left of `values` after something was subtracted is no more than their rounding."""
    return bool(np.abs(left).max() <= 64 * np.finfo(float).eps * np.abs(values).max())
