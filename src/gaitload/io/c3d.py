"""C3D recordings: markers in metres and force plates as wrenches, in the frame of the laboratory."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TypeVar

import c3d
import numpy as np

from gaitload.errors import DataError
from gaitload.io.c3d_frames import read_frames
from gaitload.io.c3d_layout import BLOCK_BYTES, Layout, TruncatedError, layout_of
from gaitload.io.c3d_parameters import continued_texts, open_c3d, texts
from gaitload.io.c3d_plates import read_plates
from gaitload.io.files import require_content
from gaitload.io.points import Chosen, choose_points
from gaitload.io.units import metres_per
from gaitload.trial import Recording

Content = TypeVar("Content")
_OUTPUTS = ("ANGLES", "FORCES", "MOMENTS", "POWERS", "SCALARS", "MODELED_MARKERS")
_MAGIC = 0x50
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


def read_c3d(path: Path, *, plates: Collection[int] | None = None, subject: str | None = None) -> Recording:
    """Read one C3D file.

    A point is missing where its residual is negative, and where it lies at exactly 0 0 0 whatever its residual: both
    spellings are in use. Points without a name, unlabelled ones, and results of models (angles, forces, moments,
    powers, scalars, virtual bones, centres of mass) are left out. The name of a subject before a `:` is taken off.
    Time is that of the capture, on which frame 1 is at 0: a file whose first frame is 501 at 100 Hz begins at 5.00 s.
    No baseline is subtracted from the plates.

    Parameters
    ----------
    path : Path
    plates : collection of int, optional
        Force plates wanted, numbered from 1, `()` for none. By default all that can be read.
    subject : str, optional
        Whose markers are wanted, where names of several people or objects stand before them.

    Returns
    -------
    Recording
        Its notes tell what was left out, and which contradictions of the file were resolved.

    Raises
    ------
    DataError
        `FILE_MISSING`, `FILE_EMPTY`, `C3D_NOT_C3D`, `C3D_BROKEN`, `C3D_NO_FRAMES`, `C3D_TRUNCATED`, `C3D_NO_MARKERS`,
        `UNITS_UNKNOWN`, those of `points.choose_points`, and where `plates` are named those of
        `c3d_plates.read_plates`.
    """
    return decoded(path, lambda reader, content: _read(reader, content, path, plates, subject))


def decoded(path: Path, read: Callable[[c3d.Reader, bytes], Content]) -> Content:
    """What a function makes of the reader and the bytes of a C3D file.

    Raises
    ------
    DataError
        `FILE_MISSING`, `FILE_EMPTY`, `C3D_NOT_C3D`, `C3D_BROKEN`, `C3D_TRUNCATED`, and those of the function.
    """
    path = require_content(path)
    content = path.read_bytes()
    _require_magic(content, path)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return read(open_c3d(content), content)
        except TruncatedError as error:
            expected = f"the {error.promised} frames its header promises"
            raise _error("C3D_TRUNCATED", path, expected, f"{error.found}") from error
        except _BROKEN as error:
            found = f"they do not ({type(error).__name__}: {error})"
            raise _error("C3D_BROKEN", path, "a header and parameters that agree", found) from error


def _read(
    reader: c3d.Reader, content: bytes, path: Path, plates: Collection[int] | None, subject: str | None
) -> Recording:
    layout = _layout(reader, len(content), path)
    frames = read_frames(reader, content, layout)
    position = frames.positions() * metres_per("".join(texts(reader, "POINT:UNITS")[:1]), str(path))
    markers = _markers(reader, layout.points, subject, path).without_bones(position)
    if not markers.kept:
        found = f"{layout.points} points, none a marker"
        raise _error("C3D_NO_MARKERS", path, "markers with names in POINT:LABELS", found)
    forces = read_plates(reader, frames, plates if frames.samples else plates or (), str(path))
    return Recording(
        source=path.name,
        marker_names=markers.names,
        marker_time_s=clock_of(layout, len(position), 1),
        marker_lab_m=position[:, markers.kept],
        force_time_s=clock_of(layout, frames.samples, layout.samples) if forces.wrenches else np.empty(0),
        plates=forces.wrenches,
        notes=(*layout.notes, *markers.notes, *forces.notes),
        first_frame=layout.first_frame,
    )


def _layout(reader: c3d.Reader, size: int, path: Path) -> Layout:
    layout = layout_of(reader, size)
    if layout.points == 0:
        raise _error("C3D_NO_MARKERS", path, "markers", "a file without points")
    if layout.frames <= 0 or not 0.0 < layout.rate_hz < np.inf:
        found = f"{layout.frames} at {layout.rate_hz} Hz"
        raise _error("C3D_NO_FRAMES", path, "at least one frame and its rate", found)
    return layout


def clock_of(layout: Layout, count: int, samples: int) -> np.ndarray:
    """Capture times (s) of so many samples (`count`), with `samples` of them to a frame of the cameras."""
    return layout.first_time_s + np.arange(count) / (layout.rate_hz * samples)


def _markers(reader: c3d.Reader, points: int, subject: str | None, path: Path) -> Chosen:
    labels = continued_texts(reader, "POINT:LABELS")[:points]
    kinds = dict.fromkeys((*_OUTPUTS, *texts(reader, "POINT:TYPE_GROUPS")))
    outputs = {label for kind in kinds if kind for label in continued_texts(reader, f"POINT:{kind}")}
    prefixes = texts(reader, "SUBJECTS:LABEL_PREFIXES")
    return choose_points(labels, outputs=outputs, prefixes=prefixes, subject=subject, where=str(path))


def _require_magic(content: bytes, path: Path) -> None:
    if len(content) < BLOCK_BYTES or content[1] != _MAGIC:
        expected = f"a C3D file ({BLOCK_BYTES} bytes at least, the second of them 50 in hexadecimal)"
        raise _error("C3D_NOT_C3D", path, expected, f"{len(content)} bytes that start with {content[:4].hex(' ')}")


def _error(code: str, path: Path, expected: str, found: str) -> DataError:
    do = "Export the recording again from the capture software, or leave it out of trials.tsv."
    return DataError(expected=expected, found=found, where=str(path), do=do, code=code)
