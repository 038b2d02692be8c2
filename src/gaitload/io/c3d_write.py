"""Writes C3D files with markers and force plates of type 2, as a laboratory exports them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import c3d
import numpy as np

from gaitload.io.files import write_aside

_MM_PER_M = 1e3
_CHANNELS = ("Fx", "Fy", "Fz", "Mx", "My", "Mz")
_UNITS = ("N", "N", "N", "Nmm", "Nmm", "Nmm")


def write_c3d(
    path: Path,
    *,
    marker_names: Sequence[str],
    marker_rate_hz: float,
    marker_lab_m: np.ndarray,
    force_rate_hz: float,
    channels: np.ndarray,
    corners_lab_m: np.ndarray,
    origins_plate_m: np.ndarray,
) -> None:
    """Write one recording; equal content gives equal bytes.

    Parameters
    ----------
    path : Path
    marker_names : sequence of str
        Length M.
    marker_rate_hz : float
    marker_lab_m : ndarray, shape (T, M, 3)
        Written in mm, NaN as 0 0 0.
    force_rate_hz : float
        A whole multiple S of the markers'.
    channels : ndarray, shape (P, T * S, 6)
        Force (N) and moment (N m, written in N mm) of each plate about its own origin, in its axes.
    corners_lab_m : ndarray, shape (P, 4, 3)
    origins_plate_m : ndarray, shape (P, 3)
        As in the C3D manual: from the plate's origin to the middle of its surface.
    """
    plates, frames = len(channels), len(marker_lab_m)
    writer = c3d.Writer(point_rate=marker_rate_hz, analog_rate=force_rate_hz, point_units="mm")
    writer.set_point_labels(marker_names)
    writer.set_analog_labels([f"{channel}{plate + 1}" for plate in range(plates) for channel in _CHANNELS])
    # Left to itself the package writes empty arrays here, which other readers die of.
    writer.set_analog_scales(np.ones(plates * len(_CHANNELS)))
    writer.set_analog_offsets(np.zeros(plates * len(_CHANNELS)))
    units, width = c3d.Writer.pack_labels(_UNITS * plates)
    writer.analog_group.add_str("UNITS", "Units of the channels", units, width, plates * len(_UNITS))
    group = writer.get_create("FORCE_PLATFORM")
    _add(group, "USED", np.array(plates, np.int16))
    _add(group, "TYPE", np.full(plates, 2, np.int16))
    _add(group, "ZERO", np.zeros(2, np.int16))
    _add(group, "CHANNEL", np.arange(1, plates * 6 + 1, dtype=np.int16).reshape(plates, 6))
    _add(group, "CORNERS", (corners_lab_m * _MM_PER_M).astype(np.float32))
    _add(group, "ORIGIN", (origins_plate_m * _MM_PER_M).astype(np.float32))
    stored = channels * np.array([1.0, 1.0, 1.0, _MM_PER_M, _MM_PER_M, _MM_PER_M])
    analog = stored.reshape(plates, frames, -1, 6).transpose(1, 0, 3, 2).reshape(frames, plates * 6, -1)
    points = np.zeros((*marker_lab_m.shape[:2], 5))
    points[..., :3] = np.nan_to_num(marker_lab_m) * _MM_PER_M
    pairs = np.empty((frames, 2), dtype=object)
    for frame in range(frames):
        pairs[frame] = points[frame], analog[frame]
    writer.add_frames(pairs)
    with write_aside(path) as aside, aside.open("wb") as handle:
        writer.write(handle)


def _add(group, name: str, values: np.ndarray) -> None:
    # The first dimension of a C3D parameter runs fastest; the package writes dimensions as it is told.
    group.add(name, name.capitalize(), values.itemsize, "", values.tobytes(), *values.shape[::-1])
