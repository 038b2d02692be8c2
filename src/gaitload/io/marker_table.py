"""Markers in OpenSim's tables: what its C3D reader leaves when the table of markers is written as it is."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from gaitload.errors import DataError
from gaitload.io.sto import read_sto, read_sto_text
from gaitload.io.units import metres_per

_COMPONENT = re.compile(r"(.+)_([123xyz])", re.IGNORECASE)
_PLACE = {"1": 0, "2": 1, "3": 2, "x": 0, "y": 1, "z": 2}


def is_marker_table(lines: list[str]) -> bool:
    """Whether a file of these lines is a table of OpenSim and no TRC file, whatever its name says."""
    head = [line.strip().lower() for line in lines[:100]]
    return bool(lines) and not lines[0].startswith("PathFileType") and "endheader" in head


def read_marker_table(path: Path) -> tuple[tuple[str, ...], np.ndarray, np.ndarray, tuple[str, ...]]:
    """Markers of a table whose columns are `<marker>_1`, `<marker>_2`, `<marker>_3` (or `_x`, `_y`, `_z`).

    Returns
    -------
    names : tuple of str
        Length M.
    time_s : ndarray, shape (T,)
    position_lab_m : ndarray, shape (T, M, 3)
        NaN where missing.
    notes : tuple of str
        What was left aside of the file.

    Raises
    ------
    DataError
        Those of `read_sto`; TRC_HEADER: no unit, or columns that are no markers.
    """
    header = dict(entry.partition("=")[::2] for entry in read_sto_text(path).header if "=" in entry)
    table = read_sto(path)
    columns: dict[str, dict[int, int]] = {}
    for column, name in enumerate(table.names):
        part = _COMPONENT.fullmatch(name)
        if part:
            columns.setdefault(part[1], {})[_PLACE[part[2].lower()]] = column
    whole = {name: places for name, places in columns.items() if len(places) == 3}
    if not whole or "units" not in {key.strip() for key in header}:
        raise DataError(
            expected="a TRC file, or a table of OpenSim with columns <marker>_1, _2, _3 and a line `Units=`",
            found=f"{len(whole)} markers, {'a' if 'units' in header else 'no'} line `Units=`",
            where=str(path),
            do="Write the markers with OpenSim's TRCFileAdapter, or export them again from the capture software.",
            code="TRC_HEADER",
        )
    metres = metres_per({key.strip(): value.strip() for key, value in header.items()}["units"], str(path))
    position = np.stack([table.values[:, [places[k] for k in range(3)]] for places in whole.values()], axis=1)
    position[(position == 0.0).all(axis=2)] = np.nan
    return tuple(whole), table.time_s, position * metres, table.notes
