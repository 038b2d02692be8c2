"""Which sample each row of a file is, by the packets' counter or by their time: lost packets keep their place."""

from __future__ import annotations

import numpy as np

from gaitload.errors import DataError

_JITTER_MAX = 0.25
"""Share of an interval by which the time between two rows may miss a whole number of intervals."""
_LOST_SHARE_MAX = 0.5
"""More than this share of all packets missing: no recording, or a counter that is none."""


def samples_by_counter(counter: np.ndarray, *, wraps_at: int, where: str) -> tuple[np.ndarray, int]:
    """Number of the sample of each row, and the counter's step from one sample to the next.

    Parameters
    ----------
    counter : ndarray, shape (T,)
        As in the file: begins anywhere, starts again at 0 after `wraps_at - 1`; one sample is its commonest step.
    wraps_at : int

    Returns
    -------
    samples : ndarray of int, shape (T,)
        Rising from 0.
    step : int

    Raises
    ------
    DataError
        `IMU_COUNTER`: no such counter; `IMU_COUNTER_BACK`: it stands still or jumps back; `IMU_PACKETS_LOST`: most of
        the packets are missing.
    """
    fits = np.isfinite(counter) & (counter >= 0) & (counter < wraps_at) & (counter == np.floor(counter))
    if not fits.all():
        row = int(np.argmin(fits))
        raise _error(
            "IMU_COUNTER", f"whole numbers from 0 to {wraps_at - 1}", f"{counter[row]:g} in sample {row}", where
        )
    steps = np.diff(counter.astype(np.int64)) % wraps_at
    back = (steps == 0) | (steps > wraps_at // 2)
    if back.any():
        row = int(np.argmax(back))
        found = f"{counter[row + 1]:.0f} after {counter[row]:.0f} in sample {row + 1}"
        raise _error("IMU_COUNTER_BACK", "a packet counter that rises", found, where)
    sizes, counts = np.unique(steps, return_counts=True)
    one = int(sizes[np.argmax(counts)])
    if (steps % one).any():
        found = f"steps of {', '.join(map(str, sizes[:6]))}"
        raise _error("IMU_COUNTER", f"a counter that rises by multiples of {one}", found, where)
    return _accepted(np.concatenate(([0], np.cumsum(steps // one))), where), one


def samples_by_time(time_s: np.ndarray, *, where: str) -> tuple[np.ndarray, float]:
    """Number of the sample of each row, and the interval (s) of the clock.

    Parameters
    ----------
    time_s : ndarray, shape (T,)
        Of each row, as in the file.

    Returns
    -------
    samples : ndarray of int, shape (T,)
        Rising from 0.
    interval_s : float
        Mean over the recording.

    Raises
    ------
    DataError
        `IMU_TIME`: times that do not rise by whole intervals; `IMU_PACKETS_LOST`.
    """
    steps_s = np.diff(time_s)
    # One of the steps, even of two: between them, there may be none.
    interval_s = float(np.quantile(steps_s, 0.5, method="lower"))
    if not (np.isfinite(time_s).all() and interval_s > 0.0):
        raise _error("IMU_TIME", "times that rise", f"a median step of {interval_s:g} s", where)
    # The median of times that were rounded is one of the rounded steps; over a long gap that adds up to samples.
    interval_s = float(np.mean(steps_s[np.abs(steps_s / interval_s - 1.0) < 0.5]))
    steps = steps_s / interval_s
    off = (np.abs(steps - np.rint(steps)) > _JITTER_MAX) | (steps < 0.5)
    if off.any():
        row = int(np.argmax(off))
        found = f"a step of {steps_s[row]:g} s after sample {row}"
        raise _error("IMU_TIME", f"times that rise by whole intervals of {interval_s:g} s", found, where)
    # Beyond what an integer holds there is no recording anyway.
    samples = _accepted(np.concatenate(([0], np.cumsum(np.rint(np.minimum(steps, 1e9)).astype(np.int64)))), where)
    return samples, float(time_s[-1] - time_s[0]) / int(samples[-1])


def spread(values: np.ndarray, samples: np.ndarray) -> np.ndarray:
    """Rows, shape (T, C), at their samples; NaN in lost ones: shape (samples[-1] + 1, C)."""
    whole = np.full((int(samples[-1]) + 1, values.shape[1]), np.nan)
    whole[samples] = values
    return whole


def unwrapped(ticks: np.ndarray, *, wraps_at: int) -> np.ndarray:
    """A clock that starts again at 0 after `wraps_at - 1`, shape (T,), as one that goes on by the shorter steps."""
    steps = (np.diff(ticks) + wraps_at / 2) % wraps_at - wraps_at / 2
    return ticks[0] + np.concatenate(([0.0], np.cumsum(steps)))


def _accepted(samples: np.ndarray, where: str) -> np.ndarray:
    lost = 1.0 - len(samples) / (int(samples[-1]) + 1)
    if lost > _LOST_SHARE_MAX:
        found = f"{100.0 * lost:.0f} % of {int(samples[-1]) + 1} missing"
        raise _error("IMU_PACKETS_LOST", "at least half of the packets", found, where)
    return samples


def _error(code: str, expected: str, found: str, where: str) -> DataError:
    do = "Export the recording again; if it stays so, leave this sensor or this part of the trial out."
    return DataError(expected=expected, found=found, where=where, do=do, code=code)
