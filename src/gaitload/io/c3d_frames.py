"""The data section of a C3D file: points and analog channels of all frames at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import c3d
import numpy as np

from gaitload.io.c3d_layout import BLOCK_BYTES, Layout, analog_format, require_scales
from gaitload.io.c3d_parameters import continued_numbers, numbers

_RESIDUAL_MAX = 2.0**31
"""The fourth word of a point is an integer, also where it is stored as a float; nothing beyond 32 bits is one."""
_DEC = 0.25
"""The exponent of a DEC float is two above that of an IEEE float with the same bits."""


@dataclass(frozen=True)
class Frames:
    """All numbers of the data section as stored.

    Attributes
    ----------
    words : ndarray, shape (T, 4 x points + samples x channels)
        Floats, or signed integers of 16 bits.
    layout : Layout
    gain, offset : ndarray, shape (C,)
        A stored sample minus its offset, times its gain, is what was measured.
    unsigned : bool
        Samples are integers from 0 on.
    """

    words: np.ndarray
    layout: Layout
    gain: np.ndarray
    offset: np.ndarray
    unsigned: bool

    def positions(self) -> np.ndarray:
        """Places of all points in POINT:UNITS, shape (T, points, 3).

        NaN where the residual is negative or no number, where a coordinate is none, and at exactly 0 0 0.
        """
        layout = self.layout
        stored = self.words[:, : 4 * layout.points].reshape(len(self.words), layout.points, 4)
        position = stored[..., :3].astype(float)
        if not layout.is_float:
            position *= np.float32(layout.scale)
        seen = (stored[..., 3] > -1) & (np.abs(stored[..., 3].astype(float)) < _RESIDUAL_MAX)
        seen &= np.isfinite(position).all(axis=-1) & (position != 0.0).any(axis=-1)
        position[~seen] = np.nan
        return position

    def channels(self, columns: Sequence[int]) -> np.ndarray:
        """Samples of some analog channels in their own units, shape (T x samples, K)."""
        layout, columns = self.layout, list(columns)
        stored = self.words[:, 4 * layout.points :].reshape(-1, layout.channels)[:, columns]
        if self.unsigned and not layout.is_float:
            stored = stored.view(np.uint16)
        return (stored.astype(float) - self.offset[columns]) * self.gain[columns]

    @property
    def samples(self) -> int:
        """Samples of each channel in the whole file."""
        return len(self.words) * self.layout.samples if self.layout.channels else 0


def read_frames(reader: c3d.Reader, content: bytes, layout: Layout) -> Frames:
    """Decode the data section of a file whose layout is known.

    Raises
    ------
    ValueError
        Channels without a scale, an offset or a known format.
    """
    width = 4 * layout.points + layout.channels * layout.samples
    words = _words(reader, content, layout, width * layout.frames).reshape(layout.frames, width)
    if not layout.counted:
        words = _without_padding(words)
    if not layout.channels:
        return Frames(words, layout, np.empty(0), np.empty(0), False)
    require_scales(reader, layout.channels)
    unsigned = analog_format(reader) == "UNSIGNED"
    offset = continued_numbers(reader, "ANALOG:OFFSET")[: layout.channels]
    if unsigned:
        offset = offset % (1 << 16)
    general = numbers(reader, "ANALOG:GEN_SCALE")[0]
    gain = general * continued_numbers(reader, "ANALOG:SCALE")[: layout.channels]
    return Frames(words, layout, gain, offset, unsigned)


def _without_padding(words: np.ndarray) -> np.ndarray:
    """Without frames of zeros at the end, within the last block: where no count is stored, these are padding."""
    most, kept = BLOCK_BYTES // (words.itemsize * words.shape[1]), len(words)
    while kept > 1 and len(words) - kept < most and not words[kept - 1].any():
        kept -= 1
    return words[:kept]


def _words(reader: c3d.Reader, content: bytes, layout: Layout, count: int) -> np.ndarray:
    order = ">" if reader.proc_type == "MIPS" else "<"
    if not layout.is_float:
        return np.frombuffer(content, f"{order}i2", count, layout.start).astype("=i2", copy=False)
    if reader.proc_type != "DEC":
        return np.frombuffer(content, f"{order}f4", count, layout.start).astype("=f4", copy=False)
    high, low = np.frombuffer(content, "<u2", 2 * count, layout.start).reshape(-1, 2).astype(np.uint32).T
    return ((high << 16) | low).view(np.float32) * np.float32(_DEC)
