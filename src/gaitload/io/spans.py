"""How long recordings are, by their headers alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gaitload.errors import DataError
from gaitload.io.c3d_layout import layout_of
from gaitload.io.c3d_parameters import open_c3d
from gaitload.io.cells import with_points
from gaitload.io.files import require_content
from gaitload.trial import Recording

_HEADER_BYTES = 1_000_000


def recorded_clock(path: Path) -> Recording:
    """A recording with the clock of its markers and nothing else, as the header of a C3D or TRC file promises it.

    Raises
    ------
    DataError
        `FILE_MISSING`, `FILE_EMPTY`; `HEADER_UNREADABLE`: the reader of the whole file says more.
    """
    path = require_content(path)
    try:
        first_s, frames, rate_hz = (_c3d if path.suffix.lower() == ".c3d" else _trc)(path)
        # No frame takes less than a byte; what a damaged header promises may not fit into any memory.
        if not (2 <= frames <= path.stat().st_size and 0.0 < rate_hz < np.inf):
            raise ValueError(f"{frames} frames at {rate_hz} Hz")
        time_s = first_s + np.arange(frames) / rate_hz
    except Exception as error:  # The c3d package raises whatever a damaged header makes it stumble over.
        raise DataError(
            expected="a header that says how many frames there are",
            found=f"{type(error).__name__}: {error}",
            where=str(path),
            do="Run `gaitload check`: it reads the whole file.",
            code="HEADER_UNREADABLE",
        ) from error
    return Recording(path.name, (), time_s, np.empty((len(time_s), 0, 3)), np.empty(0), ())


def _c3d(path: Path) -> tuple[float, int, float]:
    with path.open("rb") as handle:
        layout = layout_of(open_c3d(handle.read(_HEADER_BYTES)), path.stat().st_size)
    return layout.first_time_s, layout.frames, layout.rate_hz


def _trc(path: Path) -> tuple[float, int, float]:
    with path.open(encoding="utf-8-sig", errors="replace") as handle:
        lines = [line.replace('"', "") for line, _ in zip(handle, range(12), strict=False)]
    header = dict(zip(lines[1].split(), with_points(lines[2:3])[0].split(), strict=False))
    first = next(line.split("\t") for line in with_points(lines[5:]) if line.strip())
    return float(first[1]), int(float(header["NumFrames"])), float(header["DataRate"])
