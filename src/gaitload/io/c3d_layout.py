"""Where things lie in a C3D file: what its header, its parameters and its size say of each other must agree.

The c3d package believes the header and passes over most contradictions, so that a damaged byte would move or scale
every number behind it.
"""

from __future__ import annotations

import struct

import c3d
import numpy as np

from gaitload.io.c3d_parameters import numbers, texts

BLOCK_BYTES = 512
_MIPS = 86
_TYPES = (-1, 1, 2, 4)
_DIMENSIONS_MAX = 7
_ENTRIES_MAX = 255
"""Of a parameter; further ones stand in its continuation."""
_FORMATS = ("", "SIGNED", "UNSIGNED")


def require_chain(content: bytes) -> None:
    """Walk from each group and parameter to the next, inside of their section, up to a record without a name.

    Raises
    ------
    ValueError, struct.error, IndexError
        A record that reaches beyond itself or the section, belongs to no group, or names a group that nobody names.
    """
    section = (content[0] - 1) * BLOCK_BYTES
    blocks, processor = content[section + 2], content[section + 3]
    order = ">h" if processor == _MIPS else "<h"
    place, end = section + 4, section + blocks * BLOCK_BYTES
    named, owned = set(), set()
    while place < end:
        length, group = struct.unpack_from("<bb", content, place)
        if length == 0:
            break
        if group == 0:
            raise ValueError("a parameter that belongs to no group")
        place += 2 + abs(length)
        (offset,) = struct.unpack_from(order, content, place)
        (named if group < 0 else owned).add(abs(group))
        if offset < 0 or place + offset > end:
            raise ValueError(f"a record that is followed by one {offset} bytes behind, outside of the parameters")
        if group > 0:
            # The last record of some files says nothing of a next one.
            _require_room(content, place, offset or end - place)
        if offset == 0:
            break
        place += offset
    if owned - named:
        raise ValueError(f"parameters of a group {min(owned - named)} without a name")


def require_places(reader: c3d.Reader, content: bytes, frames: int) -> None:
    """The data begin where header and parameters say, and nothing but the rest of a block follows their last frame.

    Parameters
    ----------
    reader : c3d.Reader
    content : bytes
        Of the whole file.
    frames : int
        As promised; too few bytes for them are found by reading them.

    Raises
    ------
    ValueError
    """
    start = int(next(iter(numbers(reader, "POINT:DATA_START")), 0)) % (1 << 16)
    if start not in (0, reader.header.data_block):
        raise ValueError(f"data from block {reader.header.data_block} on in the header, {start} in POINT:DATA_START")
    word = 4 if reader.point_scale < 0 else 2
    samples = int(reader.analog_used) * int(reader.analog_per_frame)
    needed = frames * word * (4 * int(reader.point_used) + samples)
    left = len(content) - (reader.header.data_block - 1) * BLOCK_BYTES - needed
    if left >= BLOCK_BYTES:
        raise ValueError(f"{frames} frames, and {left} bytes more than they need")
    counted = reader.get("POINT:FRAMES")
    if counted is not None and counted.bytes_per_element == 2 and frames < (1 << 16) - 1:
        off = int(counted.uint16_value) - frames
        # Some files number their frames from 0 and name the last one here; some store -1 for more than can be counted.
        if off not in (0, -1, 1) and counted.int16_value >= 0:
            raise ValueError(f"{frames} frames in the header, {frames + off} in POINT:FRAMES")


def require_scales(reader: c3d.Reader) -> None:
    """Analog channels have a scale, an offset and a unit each, and a format that is known.

    Raises
    ------
    ValueError
    """
    used = min(int(reader.analog_used), _ENTRIES_MAX)
    for name, wanted in {"GEN_SCALE": 1, "SCALE": used, "OFFSET": used}.items():
        stored = numbers(reader, f"ANALOG:{name}")
        if len(stored) < wanted:
            raise ValueError(f"{wanted} channels and {len(stored)} values of ANALOG:{name}")
        if not np.isfinite(stored).all():
            raise ValueError(f"ANALOG:{name} is not finite")
    spelled = "".join(texts(reader, "ANALOG:FORMAT")).upper()
    if spelled not in _FORMATS:
        raise ValueError(f"ANALOG:FORMAT {spelled!r}")


def _require_room(content: bytes, place: int, offset: int) -> None:
    # Behind the offset: type, number of dimensions, dimensions, values.
    kind, count = struct.unpack_from("<bB", content, place + 2)
    if kind not in _TYPES or count > _DIMENSIONS_MAX:
        raise ValueError(f"a parameter of type {kind} with {count} dimensions")
    size = abs(kind)
    for dimension in content[place + 4 : place + 4 + count]:
        size *= dimension
    if 4 + count + size > offset:
        raise ValueError(f"a parameter of {size} bytes in a record of {offset}")
