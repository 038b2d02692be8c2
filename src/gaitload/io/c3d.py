"""C3D recordings: markers in metres and force plates as wrenches, in the frame of the laboratory."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Collection
from io import BytesIO
from itertools import islice
from pathlib import Path

import c3d
import numpy as np

from gaitload.errors import DataError
from gaitload.io.c3d_layout import BLOCK_BYTES, require_chain, require_places, require_scales
from gaitload.io.c3d_parameters import continued_texts, texts
from gaitload.io.c3d_plates import plates_used, read_plates
from gaitload.io.files import require_content
from gaitload.io.units import metres_per
from gaitload.trial import Recording

_VIRTUAL = ("ANGLES", "FORCES", "MOMENTS", "POWERS", "SCALARS")
_MAGIC = 0x50
_COUNTER_MAX = 65535
_BROKEN = (
    AssertionError,
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    OverflowError,
    TypeError,
    UnboundLocalError,
    ValueError,
    ZeroDivisionError,
    struct.error,
)
"""What the c3d package raises on parameters that are damaged or contradict each other."""


def read_c3d(path: Path, *, plates: Collection[int] | None = None) -> Recording:
    """Read one C3D file.

    A point is missing where its residual is negative, and where it lies at exactly 0 0 0 whatever its residual: both
    spellings are in use. Virtual points (angles, forces, moments, powers, scalars) and points without a name are left
    out. A subject prefix `Name:` is taken off when all markers share it. Time is 0 at the first frame stored, whatever
    its number. No baseline is subtracted from the plates.

    Parameters
    ----------
    path : Path
    plates : collection of int, optional
        Force plates wanted, numbered from 1, `()` for none. By default all, or none when the file has no analog data.

    Returns
    -------
    Recording

    Raises
    ------
    DataError
        `FILE_MISSING`, `FILE_EMPTY`, `C3D_NOT_C3D`, `C3D_BROKEN`, `C3D_NO_FRAMES`, `C3D_TRUNCATED`, `C3D_NO_MARKERS`,
        `C3D_MARKER_TWICE`, `UNITS_UNKNOWN`, and those of `c3d_plates.read_plates`.
    """
    path = require_content(path)
    content = path.read_bytes()
    _require_magic(content, path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            require_chain(content)
            return _read(c3d.Reader(BytesIO(content)), content, path, plates)
        except _BROKEN as error:
            found = f"they do not ({type(error).__name__}: {error})"
            raise _error("C3D_BROKEN", path, "a header and parameters that agree", found) from error


def _read(reader: c3d.Reader, content: bytes, path: Path, plates: Collection[int] | None) -> Recording:
    points, analog = _frames(reader, content, path)
    names, kept = _markers(reader, points.shape[1], path)
    metres = metres_per("".join(texts(reader, "POINT:UNITS")[:1]), str(path))
    wanted = plates
    if wanted is None:
        wanted = range(1, plates_used(reader) + 1) if analog.size else ()
    wrenches = read_plates(reader, analog, wanted, str(path))
    rate_hz = float(reader.point_rate)
    force_rate_hz = rate_hz * len(analog) / len(points)
    return Recording(
        source=path.name,
        marker_names=names,
        marker_time_s=np.arange(len(points)) / rate_hz,
        marker_lab_m=_positions(points[:, kept]) * metres,
        force_time_s=np.arange(len(analog)) / force_rate_hz if wrenches else np.empty(0),
        plates=wrenches,
    )


def _frames(reader: c3d.Reader, content: bytes, path: Path) -> tuple[np.ndarray, np.ndarray]:
    # Points (T, M, 5) as the package yields them, and analog channels (T x samples per frame, C).
    promised = frames_promised(reader)
    if promised <= 0 or not 0.0 < reader.point_rate < np.inf:
        raise _error("C3D_NO_FRAMES", path, "at least one frame and its rate", f"{promised} at {reader.point_rate} Hz")
    if reader.point_used == 0:
        raise _error("C3D_NO_MARKERS", path, "markers", "a file without points")
    require_places(reader, content, promised)
    if reader.analog_used:
        require_scales(reader)
    frames = list(islice(reader.read_frames(), promised))
    if len(frames) < promised:
        raise _error("C3D_TRUNCATED", path, f"the {promised} frames its header promises", f"{len(frames)}")
    points = np.stack([points for _, points, _ in frames])
    if reader.analog_used == 0:
        return points, np.empty((0, 0))
    return points, np.concatenate([analog.T for _, _, analog in frames])


def frames_promised(reader: c3d.Reader) -> int:
    """Number of frames that a file says it has."""
    # The header counts to 65535 at most; only beyond that do the parameters know better. Below it they may not: some
    # files number their frames from 0, which makes their parameter POINT:FRAMES name a frame that is not there.
    first, last = reader.header.first_frame, reader.header.last_frame
    return last - first + 1 if first <= last < _COUNTER_MAX else reader.frame_count


def _markers(reader: c3d.Reader, points: int, path: Path) -> tuple[tuple[str, ...], list[int]]:
    labels = continued_texts(reader, "POINT:LABELS")[:points]
    virtual = {label for kind in _VIRTUAL for label in continued_texts(reader, f"POINT:{kind}")}
    kept = [index for index, label in enumerate(labels) if label and label not in virtual]
    names = _without_common_prefix([labels[index] for index in kept])
    twice = sorted({name for name in names if names.count(name) > 1})
    if not names:
        raise _error("C3D_NO_MARKERS", path, "markers with names in POINT:LABELS", f"{points} points, none a marker")
    if twice:
        raise _error("C3D_MARKER_TWICE", path, "every marker name once", f"{', '.join(twice)} more than once")
    return tuple(names), kept


def _without_common_prefix(names: list[str]) -> list[str]:
    prefixes = {name.partition(":")[0] if ":" in name else None for name in names}
    return [name.partition(":")[2] for name in names] if len(prefixes) == 1 and None not in prefixes else names


def _positions(points: np.ndarray) -> np.ndarray:
    position = points[..., :3].astype(float)
    missing = (points[..., 3] < 0) | (position == 0.0).all(axis=-1)
    position[missing] = np.nan
    return position


def _require_magic(content: bytes, path: Path) -> None:
    if len(content) < BLOCK_BYTES or content[1] != _MAGIC:
        expected = f"a C3D file ({BLOCK_BYTES} bytes at least, the second of them 50 in hexadecimal)"
        raise _error("C3D_NOT_C3D", path, expected, f"{len(content)} bytes that start with {content[:4].hex(' ')}")


def _error(code: str, path: Path, expected: str, found: str) -> DataError:
    do = "Export the recording again from the capture software, or leave it out of trials.tsv."
    return DataError(expected=expected, found=found, where=str(path), do=do, code=code)
