"""Runs of samples without a gap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np


def true_runs(mask: np.ndarray) -> list[slice]:
    """Longest stretches, half-open, in which a mask of shape (T,) is True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(int)))
    return [slice(int(start), int(stop)) for start, stop in edges.reshape(-1, 2)]


def longest_run(mask: np.ndarray) -> slice:
    """The longest stretch in which a mask of shape (T,) is True; an empty one where it never is."""
    return max(true_runs(mask), key=lambda run: run.stop - run.start, default=slice(0, 0))


def most_strikes(contact: np.ndarray) -> np.ndarray:
    """First samples of the contacts that begin within a trial, of the foot that has more of them.

    Parameters
    ----------
    contact : ndarray of bool, shape (T, 2)
    """
    return max((np.flatnonzero(np.diff(foot.astype(int)) == 1) + 1 for foot in contact.T), key=len)


def finite_runs(values: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """Longest stretches of finite samples, with the columns that share them.

    Parameters
    ----------
    values : ndarray, shape (T, C)

    Yields
    ------
    run : slice
        Along axis 0, half-open.
    columns : ndarray of int
        All columns whose gaps are the same, so that they can be treated at once.
    """
    # Grouped by their bytes: sorting the masks took longer than the filters they are for.
    alike: dict[bytes, list[int]] = {}
    masks = np.ascontiguousarray(np.isfinite(values).T)
    for column, mask in enumerate(masks):
        alike.setdefault(mask.tobytes(), []).append(column)
    for columns in alike.values():
        for run in true_runs(masks[columns[0]]):
            yield run, np.array(columns)


def median_peak(values: np.ndarray, runs: Iterable[slice]) -> float:
    """Median over runs of the largest finite value in each; NaN without one."""
    peaks = [peak for run in runs if np.isfinite(peak := largest(values[run]))]
    return float(np.median(peaks)) if peaks else float("nan")


def largest(values: np.ndarray) -> float:
    """Largest finite value; NaN without one."""
    return float(np.nanmax(values)) if np.isfinite(values).any() else float("nan")
