"""Time columns: what a file wrote with a few digits, as the uniform grid it stands for."""

from __future__ import annotations

import numpy as np

from gaitload.errors import DataError

_ROUNDING_S = 1.001e-3
_LARGEST_S = 1e12
"""Thirty thousand years: beyond it, and where a time is not finite, there is no grid to speak of."""
_JITTER_MAX = 0.25
"""A time may miss the uniform grid by what rounding to 1 ms makes of it, and never by more than this share of an
interval: one frame left out is at least 0.5 off."""
_ROWS_MIN = 4
"""With fewer rows nothing says which of two steps is the usual one."""


def rows_on_grid(time_s: np.ndarray) -> int:
    """Rows of a time column, shape (T,), that stand on one uniform grid, a last row of another step left out.

    T where all rows stand on one grid, and where more rows than the last one miss it.
    """
    rows = len(time_s)
    if rows < _ROWS_MIN or not _off_grid(time_s).any() or _off_grid(time_s[:-1]).any():
        return rows
    interval_s = (time_s[-2] - time_s[0]) / (rows - 2)
    return rows - 1 if 0.0 < time_s[-1] - time_s[-2] <= _LAST_STEP_MAX * interval_s else rows


_LAST_STEP_MAX = 3.0
"""Intervals to a last row that stands by itself; a time far off is a damaged number."""
_APART_MIN_S = 0.25
"""Clocks of one recording that differ by less are one clock; what delays forces is measured elsewhere."""
_ENDS_MAX_S = 0.06
"""By which two files of one recording may differ in length: some frames at either end."""


def on_clock_of(marker_time_s: np.ndarray, force_time_s: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """Times of forces, shape (N,), on the clock of the markers, shape (T,), and a note where they were shifted.

    Some software counts the time of one file from the start of the capture and that of the other from its first row.
    Where both are equally long, one of them begins at 0 and the other does not, both begin together.
    """
    if not (len(marker_time_s) and len(force_time_s)):
        return force_time_s, ()
    starts = float(marker_time_s[0]), float(force_time_s[0])
    lengths = float(marker_time_s[-1]) - starts[0], float(force_time_s[-1]) - starts[1]
    apart = starts[0] - starts[1]
    begins = min(abs(start) for start in starts) <= _ENDS_MAX_S
    if abs(apart) < _APART_MIN_S or not begins or abs(lengths[0] - lengths[1]) > _ENDS_MAX_S:
        return force_time_s, ()
    note = f"markers begin at {starts[0]:.2f} s and forces, as long, at {starts[1]:.2f} s: both begin together"
    return force_time_s + apart, (note,)


def uniform_time(time_s: np.ndarray, where: str, code: str) -> np.ndarray:
    """Put a time column, shape (T,), on an exactly uniform grid between its first and its last entry.

    Raises
    ------
    DataError
        `code`, when the times do not rise in equal steps.
    """
    off = _off_grid(time_s)
    if off.any():
        row = int(np.argmax(off))
        raise DataError(
            expected="times that rise in equal steps",
            found=f"{int(off.sum())} of {len(time_s)} rows off the grid, the first at {time_s[row]:g} s",
            where=where,
            do="Export the recording again without gaps in its time column; resampling it would hide the gap.",
            code=code,
        )
    return np.linspace(time_s[0], time_s[-1], len(time_s))


def _off_grid(time_s: np.ndarray) -> np.ndarray:
    """Rows, shape (T,), that miss the uniform grid between the first and the last one; all where times do not rise."""
    off = ~(np.abs(time_s) < _LARGEST_S)
    if off.any() or len(time_s) == 1:
        return off
    interval_s = (time_s[-1] - time_s[0]) / (len(time_s) - 1)
    if not interval_s > 0.0:
        return np.ones(len(time_s), dtype=bool)
    grid = np.linspace(time_s[0], time_s[-1], len(time_s))
    return ~(np.abs(time_s - grid) <= min(_JITTER_MAX * interval_s, _ROUNDING_S))
