"""Parameters of a C3D file as plain arrays and texts, whatever type they were stored in."""

from __future__ import annotations

from itertools import count

import c3d
import numpy as np


def numbers(reader: c3d.Reader, key: str) -> np.ndarray:
    """All values of a numeric parameter in the order of storage, shape (K,); empty when it does not exist."""
    parameter = _whole(reader, key)
    if parameter is None:
        return np.empty(0)
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
    entries = texts(reader, key)
    for number in count(2):
        if reader.get(f"{key}{number}") is None:
            return entries
        entries += texts(reader, f"{key}{number}")
    return entries


def _whole(reader: c3d.Reader, key: str) -> c3d.Param | None:
    # None when there is nothing in it. Dimensions beyond the bytes stored would keep the package busy for hours.
    parameter = reader.get(key)
    if parameter is None or parameter.total_bytes == 0:
        return None
    if len(parameter.bytes) != parameter.total_bytes:
        raise ValueError(f"{key} promises {parameter.total_bytes} bytes and holds {len(parameter.bytes)}")
    return parameter
