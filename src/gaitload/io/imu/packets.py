"""Which sample each row of a file is, by the packets' counter or by their time: lost packets keep their place."""

from __future__ import annotations

import numpy as np

from gaitload.errors import DataError

_JITTER_MAX = 0.25
"""Share of an interval by which the time between two rows may miss a whole number of intervals."""
_LOST_SHARE_MAX = 0.5
"""More than this share of all packets missing: no recording, or a counter that is none."""
_SAMPLES_MAX = 1e9
"""No recording has more samples."""
_RATE_TOLERANCE = 0.05
"""Share by which the interval of a counter may differ from the one that the file says; sensors' clocks differ by less
than a thousandth, rounded intervals (16 ms for 60 Hz) by 4 %."""
_FREQUENT_STEPS_MIN, _FREQUENT_SHARE_MIN = 5, 0.1
"""A step that occurs less often, in number or as a share of all, is a stumble of the clock and not its interval."""


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


def samples_by_time(time_s: np.ndarray, *, where: str, interval_s: float | None = None) -> tuple[np.ndarray, float]:
    """Number of the sample of each row, and the interval (s) of the clock.

    Parameters
    ----------
    time_s : ndarray, shape (T,)
        Of each row, as in the file.
    interval_s : float, optional
        Between two samples, as the file says. Without it the interval is the median step, or where most packets are
        lost the shortest step that occurs often.

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
    if not np.isfinite(time_s).all():
        row = int(np.argmin(np.isfinite(time_s)))
        raise _error("IMU_TIME", "a time in every row", f"none that can be read in sample {row}", where)
    steps_s = np.diff(time_s)
    # One of the steps, even of two: between them, there may be none.
    median_s = float(np.quantile(steps_s, 0.5, method="lower"))
    if not median_s > 0.0:
        raise _error("IMU_TIME", "times that rise", f"a median step of {median_s:g} s", where)
    candidates_s = [median_s, _frequent_s(steps_s)] if interval_s is None else [interval_s]
    fitting = [each for each in candidates_s if each and not _off(steps_s, _mean_s(steps_s, each)).any()]
    one_s = _mean_s(steps_s, fitting[0] if fitting else candidates_s[0])
    off = _off(steps_s, one_s)
    if off.any():
        row = int(np.argmax(off))
        raise DataError(
            expected=f"times that rise by whole intervals of {one_s:g} s",
            found=f"a step of {steps_s[row]:g} s after sample {row}",
            where=where,
            do="These may be times of arrival (Bluetooth) and not of sampling: export the sensor's own clock, or what "
            "the sensor stored itself. Else leave this sensor or this part of the trial out.",
            code="IMU_TIME",
        )
    # Beyond what an integer holds there is no recording anyway.
    steps = np.rint(np.minimum(steps_s / one_s, 1e9)).astype(np.int64)
    samples = _accepted(np.concatenate(([0], np.cumsum(steps))), where)
    return samples, float(time_s[-1] - time_s[0]) / int(samples[-1])


def samples_by_counter_and_time(
    counter: np.ndarray, time_s: np.ndarray, *, wraps_at: int, interval_s: float | None, where: str
) -> tuple[np.ndarray, float]:
    """Number of the sample of each row, and the interval (s), of rows that have a packet counter beside their time.

    The counter places the rows where it agrees with the clock: then lost packets show however many they are. A counter
    that numbers the packets that arrived, or that jumps, disagrees with the clock; then the clock places the rows.

    Parameters
    ----------
    counter : ndarray, shape (T,)
        As in the file: one a sample, begins again at 0 after `wraps_at - 1`.
    time_s : ndarray, shape (T,)
        Of each row, as in the file.
    wraps_at : int
    interval_s : float or None
        Between two samples, as the file says.

    Returns
    -------
    samples : ndarray of int, shape (T,)
        Rising from 0.
    interval_s : float
        Mean over the recording.

    Raises
    ------
    DataError
        Those of `samples_by_time`.
    """
    counts = np.isfinite(counter).all() and np.isfinite(time_s).all() and (counter == np.floor(counter)).all()
    steps = np.diff(counter) % wraps_at if counts else np.zeros(1)
    if not (steps >= 1).all() or steps.sum() > _SAMPLES_MAX:
        return samples_by_time(time_s, where=where, interval_s=interval_s)
    mean_s = float(time_s[-1] - time_s[0]) / float(steps.sum())
    agrees = mean_s > 0.0 and (np.abs(np.diff(time_s) - steps * mean_s) <= _JITTER_MAX * mean_s).all()
    if not agrees or (interval_s is not None and abs(mean_s / interval_s - 1.0) > _RATE_TOLERANCE):
        return samples_by_time(time_s, where=where, interval_s=interval_s)
    samples = np.concatenate(([0], np.cumsum(steps))).astype(np.int64)
    return _accepted(samples, where, by=f"the packet counter from {counter[0]:.0f} to {counter[-1]:.0f}"), mean_s


def _frequent_s(steps_s: np.ndarray) -> float | None:
    """The shortest step that occurs often, or None: the interval of a stream that lost most of its packets."""
    rising = np.sort(steps_s[steps_s > 0.0])
    enough = max(_FREQUENT_STEPS_MIN, _FREQUENT_SHARE_MIN * len(steps_s))
    ends = np.searchsorted(rising, rising * (1.0 + _JITTER_MAX), side="right")
    often = ends - np.arange(len(rising)) >= enough
    return float(rising[np.argmax(often)]) if often.any() else None


def _mean_s(steps_s: np.ndarray, interval_s: float) -> float:
    # One of the steps was perhaps rounded; over a long gap that adds up to samples.
    near = np.abs(steps_s / interval_s - 1.0) < 0.5
    return float(np.mean(steps_s[near])) if near.any() else interval_s


def _off(steps_s: np.ndarray, interval_s: float) -> np.ndarray:
    steps = steps_s / interval_s
    return (np.abs(steps - np.rint(steps)) > _JITTER_MAX) | (steps < 0.5)


def repeated_rows(time: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Whether each row, shape (T,), has the time and all values of the one before: a packet that was written twice.

    Parameters
    ----------
    time : ndarray, shape (T,)
    values : ndarray, shape (T, C)
    """
    same = (np.diff(time) == 0.0) & (np.diff(values, axis=0) == 0.0).all(axis=1)
    return np.concatenate(([False], same))


def spread(values: np.ndarray, samples: np.ndarray) -> np.ndarray:
    """Rows, shape (T, C), at their samples; NaN in lost ones: shape (samples[-1] + 1, C)."""
    whole = np.full((int(samples[-1]) + 1, values.shape[1]), np.nan)
    whole[samples] = values
    return whole


def unwrapped(ticks: np.ndarray, *, wraps_at: int) -> np.ndarray:
    """A clock that starts again at 0 after `wraps_at - 1`, shape (T,), as one that goes on by the shorter steps."""
    steps = (np.diff(ticks) + wraps_at / 2) % wraps_at - wraps_at / 2
    return ticks[0] + np.concatenate(([0.0], np.cumsum(steps)))


def _accepted(samples: np.ndarray, where: str, by: str = "the clock") -> np.ndarray:
    lost = 1.0 - len(samples) / (int(samples[-1]) + 1)
    if lost > _LOST_SHARE_MAX:
        found = f"{100.0 * lost:.0f} % of {int(samples[-1]) + 1} missing by {by}"
        raise _error("IMU_PACKETS_LOST", "at least half of the packets", found, where)
    return samples


def _error(code: str, expected: str, found: str, where: str) -> DataError:
    do = "Export the recording again; if it stays so, leave this sensor or this part of the trial out."
    return DataError(expected=expected, found=found, where=where, do=do, code=code)
