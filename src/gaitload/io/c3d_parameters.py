"""Parameters of a C3D file as plain arrays and texts, whatever type they were stored in.

The c3d package reads header and parameters. Two things are put right around it: records that stand twice, at which it
stops, are taken out of the copy of the parameters that it is given, and its comparison of header and parameters, which
demands equality to the last bit, is replaced by `c3d_layout.layout_of`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import count

import c3d
import numpy as np

_BLOCK_BYTES = 512
_MIPS = 86
_NUMERIC = (1, 2, 4)
_TYPES = (-1, *_NUMERIC)
_DIMENSIONS_MAX = 7
_OFFSET_MAX = 32767
"""Longest record that the package reads; only lists of descriptions are longer, and nobody needs these."""


class _Reader(c3d.Reader):
    def _check_metadata(self) -> None:
        """Leave the comparison of header and parameters to `c3d_layout`."""


@dataclass(frozen=True)
class _Record:
    """A group (number below zero) or a parameter of one: its name and all its bytes."""

    name: str
    group: int
    content: bytes

    @property
    def key(self) -> tuple[str, int]:
        return self.name.upper(), self.group


def open_c3d(content: bytes) -> c3d.Reader:
    """Header and parameters of a file, from its first bytes up to the end of its parameters at least.

    Of a parameter that stands twice the last one counts, as in other readers.

    Raises
    ------
    ValueError, struct.error, IndexError
        A record that reaches beyond itself or the section, belongs to no group, or names a group that nobody names;
        and whatever the c3d package raises on parameters that it cannot read.
    """
    kept = {record.key: record for record in _records(content) if len(record.content) <= _OFFSET_MAX}
    section = (content[0] - 1) * _BLOCK_BYTES
    chain = b"".join(record.content for record in kept.values()) + b"\0\0"
    blocks = min(-(-(4 + len(chain)) // _BLOCK_BYTES), 255)
    tidy = content[section : section + 2] + bytes((blocks, content[section + 3])) + chain
    return _Reader(BytesIO(content[:section] + tidy.ljust(blocks * _BLOCK_BYTES, b"\0")))


def numbers(reader: c3d.Reader, key: str) -> np.ndarray:
    """All values of a numeric parameter in the order of storage, shape (K,); empty when it does not exist."""
    parameter = _whole(reader, key)
    if parameter is None:
        return np.empty(0)
    if parameter.bytes_per_element not in _NUMERIC:
        raise ValueError(f"{key} is a text and not a number")
    if parameter.bytes_per_element == 4:
        values = parameter.float_array if parameter.dimensions else parameter.float_value
    elif parameter.dimensions:
        values = parameter.int_array
    else:
        values = parameter.int16_value if parameter.bytes_per_element == 2 else parameter.int8_value
    return np.asarray(values, dtype=float).ravel()


def texts(reader: c3d.Reader, key: str) -> list[str]:
    """All entries of a text parameter, stripped of blanks and NULs; empty when it does not exist."""
    parameter = _whole(reader, key)
    if parameter is None:
        return []
    return [text.strip(" \0\t\r\n") for text in parameter.string_array.ravel()]


def continued_texts(reader: c3d.Reader, key: str) -> list[str]:
    """Entries of a text parameter and of its continuations `<key>2`, `<key>3`, ... (C3D stores 255 at most in one)."""
    return [entry for name in _with_continuations(reader, key) for entry in texts(reader, name)]


def continued_numbers(reader: c3d.Reader, key: str) -> np.ndarray:
    """Values of a numeric parameter and of its continuations, shape (K,)."""
    return np.concatenate([numbers(reader, name) for name in _with_continuations(reader, key)])


def _with_continuations(reader: c3d.Reader, key: str) -> Iterator[str]:
    yield key
    for number in count(2):
        if reader.get(f"{key}{number}") is None:
            return
        yield f"{key}{number}"


def _whole(reader: c3d.Reader, key: str) -> c3d.Param | None:
    # None when there is nothing in it. Dimensions beyond the bytes stored would keep the package busy for hours.
    parameter = reader.get(key)
    if parameter is None or parameter.total_bytes == 0:
        return None
    if len(parameter.bytes) != parameter.total_bytes:
        raise ValueError(f"{key} promises {parameter.total_bytes} bytes and holds {len(parameter.bytes)}")
    return parameter


def _records(content: bytes) -> Iterator[_Record]:
    """Walk from each group and parameter to the next, inside of their section, up to a record without a name."""
    section = (content[0] - 1) * _BLOCK_BYTES
    blocks, processor = content[section + 2], content[section + 3]
    order = ">H" if processor == _MIPS else "<H"
    place, end = section + 4, section + blocks * _BLOCK_BYTES
    named, owned = set(), set()
    while place < end:
        length, group = struct.unpack_from("<bb", content, place)
        if length == 0:
            break
        if group == 0:
            raise ValueError("a parameter that belongs to no group")
        (named if group < 0 else owned).add(abs(group))
        after = place + 2 + abs(length)
        (offset,) = struct.unpack_from(order, content, after)
        if after + offset > end:
            raise ValueError(f"a record that is followed by one {offset} bytes behind, outside of the parameters")
        # The last record of some files says nothing of a next one.
        behind = after + offset if offset else end
        if group > 0:
            _require_room(content, after, behind - after)
        yield _Record(content[place + 2 : after].decode("latin-1"), group, content[place:behind])
        if offset == 0:
            break
        place = behind
    if owned - named:
        raise ValueError(f"parameters of a group {min(owned - named)} without a name")


def _require_room(content: bytes, place: int, offset: int) -> None:
    # Behind the offset: type, number of dimensions, dimensions, values.
    kind, dimensions = struct.unpack_from("<bB", content, place + 2)
    if kind not in _TYPES or dimensions > _DIMENSIONS_MAX:
        raise ValueError(f"a parameter of type {kind} with {dimensions} dimensions")
    size = abs(kind)
    for dimension in content[place + 4 : place + 4 + dimensions]:
        size *= dimension
    if 4 + dimensions + size > offset:
        raise ValueError(f"a parameter of {size} bytes in a record of {offset}")
