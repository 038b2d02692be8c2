"""Markers in MATLAB files (version 5 to 7): a variable for each marker, which holds frames by x, y and z."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
from scipy.io import loadmat
from scipy.io.matlab import MatReadError

from gaitload.errors import DataError
from gaitload.io.files import require_content
from gaitload.io.units import metres_per
from gaitload.trial import Recording


def read_mat(path: Path, *, rate_hz: float | None, length_unit: str | None) -> Recording:
    """Read one file as exporters of Vicon write it with MATLAB.

    Every variable of three columns is a marker, or another quantity of three axes; the marker set tells which. All have
    the number of frames that most have. A marker is missing where a cell is not finite or where it lies at exactly
    0 0 0. Such a file says neither its rate nor its unit, and its first frame is at 0 s.

    Parameters
    ----------
    path : Path
    rate_hz : float or None
        `marker_rate_hz` of cohort.yaml.
    length_unit : str or None
        `marker_length_unit` of cohort.yaml.

    Returns
    -------
    Recording
        Without forces.

    Raises
    ------
    DataError
        `FILE_MISSING`, `FILE_EMPTY`; `MAT_UNREADABLE`: no MATLAB file of these versions; `MAT_MARKERS`: no variable of
        three columns; `MAT_RATE_UNKNOWN`, `UNITS_UNKNOWN`: cohort.yaml does not say the rate or the unit.
    """
    path = require_content(path)
    places = _places(_variables(path), path)
    if rate_hz is None:
        raise _error(
            "MAT_RATE_UNKNOWN",
            path,
            "marker_rate_hz in cohort.yaml, because a MATLAB file of markers does not say its rate",
            "none",
            "Write marker_rate_hz: 100 (the rate of the cameras) into cohort.yaml.",
        )
    if length_unit is None:
        raise _error(
            "UNITS_UNKNOWN",
            path,
            "marker_length_unit in cohort.yaml, because a MATLAB file of markers does not say its unit",
            "none",
            "Write marker_length_unit: mm (or cm, m) into cohort.yaml.",
        )
    position = np.stack(list(places.values()), axis=1) * metres_per(length_unit, str(path))
    position[~np.isfinite(position).all(axis=-1) | (position == 0.0).all(axis=-1)] = np.nan
    return Recording(
        source=path.name,
        marker_names=tuple(places),
        marker_time_s=np.arange(len(position)) / rate_hz,
        marker_lab_m=position,
        force_time_s=np.empty(0),
        plates=(),
    )


def _variables(path: Path) -> dict[str, object]:
    try:
        return loadmat(path)
    except NotImplementedError as error:
        found, do = "a file of version 7.3 (HDF5)", "Save it again in MATLAB with save(..., '-v7')."
        raise _error("MAT_UNREADABLE", path, "a MATLAB file of version 5 to 7", found, do) from error
    # scipy answers damage with whatever the damaged place happens to break.
    except (MatReadError, ValueError, TypeError, KeyError, IndexError, OSError, EOFError, MemoryError) as error:
        found = (str(error).splitlines() or [type(error).__name__])[0][:120]
        do = "Copy the file again, or export it again from MATLAB."
        raise _error("MAT_UNREADABLE", path, "a MATLAB file of version 5 to 7", found, do) from error


def _places(variables: dict[str, object], path: Path) -> dict[str, np.ndarray]:
    """Variables of three columns by their name, in the order of the alphabet, each of shape (T, 3)."""
    found = {
        name: np.array(values, dtype=float)
        for name, values in sorted(variables.items())
        if isinstance(values, np.ndarray) and values.dtype.kind in "fiu" and values.ndim == 2 and values.shape[1] == 3
    }
    if not found:
        names = ", ".join(name for name in variables if not name.startswith("__")) or "none"
        expected, do = "a variable of frames by x, y and z for each marker", "Export the markers as such variables."
        raise _error("MAT_MARKERS", path, expected, f"variables {names}, none of three columns", do)
    frames = Counter(map(len, found.values())).most_common(1)[0][0]
    return {name: values for name, values in found.items() if len(values) == frames}


def _error(code: str, path: Path, expected: str, found: str, do: str) -> DataError:
    return DataError(expected=expected, found=found, where=str(path), do=do, code=code)
