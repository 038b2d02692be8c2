"""When a plate or a foot is loaded."""

from __future__ import annotations

import numpy as np

from gaitload.signals.runs import true_runs

RELEASE_SHARE = 0.5
"""Contact ends where the force falls below this share of the threshold that began it. Higher lets noise cut a stance in
two; lower lets noise in flight (standard deviation 8-15 N on an instrumented treadmill) draw it out."""
CONTACT_MIN_S = 0.06
"""Shorter loadings are knocks; the shortest running stance is twice as long."""
FLIGHT_MIN_S = 0.02
"""Shorter dips below the threshold belong to the stance around them."""


def loaded(
    vertical_force_n: np.ndarray,
    rate_hz: float,
    threshold_n: float,
    *,
    release_share: float = RELEASE_SHARE,
    contact_min_s: float = CONTACT_MIN_S,
    flight_min_s: float = FLIGHT_MIN_S,
) -> np.ndarray:
    """Contact by a threshold with hysteresis.

    Parameters
    ----------
    vertical_force_n : ndarray, shape (N,)
        Upward force on the person.
    rate_hz : float
    threshold_n : float
        Contact begins above it.
    release_share, contact_min_s, flight_min_s : float
        See the constants.

    Returns
    -------
    ndarray of bool, shape (N,)
    """
    above = vertical_force_n > release_share * threshold_n
    contact = np.zeros(len(above), dtype=bool)
    for run in true_runs(above):
        contact[run] = vertical_force_n[run].max() > threshold_n
    for run in true_runs(~contact):
        inside = run.start > 0 and run.stop < len(contact)
        contact[run] = inside and run.stop - run.start < flight_min_s * rate_hz
    return without_short(contact, contact_min_s * rate_hz)


def feet_loaded(
    force_ground_n: np.ndarray, rate_hz: float, threshold_n: float, *, release_share: float = RELEASE_SHARE
) -> np.ndarray:
    """Contact of each foot, shape (N, S), from the forces on it, shape (N, S, 3), by `loaded`."""
    feet = force_ground_n[..., 1].T
    return np.stack([loaded(upward_n, rate_hz, threshold_n, release_share=release_share) for upward_n in feet], axis=1)


def without_short(mask: np.ndarray, length_min: float, *, keep_ends: bool = True) -> np.ndarray:
    """`mask`, shape (N,), without its runs of fewer than `length_min` samples.

    With `keep_ends`, runs at either end stay whatever their length: they may go on outside.
    """
    kept = np.zeros(len(mask), dtype=bool)
    for run in true_runs(mask):
        at_end = run.start == 0 or run.stop == len(mask)
        kept[run] = run.stop - run.start >= length_min or (keep_ends and at_end)
    return kept


def zero_unloaded(values: np.ndarray, contact: np.ndarray) -> np.ndarray:
    """`values`, shape (N, ...), with zeros where `contact`, shape (N,), is False.

    Force and moment have to vanish together: a centre of pressure computed from what noise leaves of them runs to
    hundreds of metres.
    """
    return np.where(contact.reshape(-1, *[1] * (values.ndim - 1)), values, 0.0)
