"""Markers in MATLAB files (version 5 to 7): a variable for each marker, which holds frames by x, y and z.

The format is that of "MAT-File Format" (The MathWorks, 2019), of which numeric arrays are read and all else is passed
over. scipy reads more of it, and dies of damaged files.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from gaitload.errors import DataError
from gaitload.io.files import require_content
from gaitload.io.units import metres_per
from gaitload.trial import Recording

_HEADER_BYTES = 128
_MATRIX, _COMPRESSED = 14, 15
_NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
"""Type of an element -> how numpy calls it."""
_NUMERIC_CLASSES = range(6, 16)
_COMPLEX = 0x800
_BYTES_MAX = 2**31
"""Largest size of one unpacked variable; a damaged file may promise any size."""


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
        `FILE_MISSING`, `FILE_EMPTY`; `MAT_UNREADABLE`: no MATLAB file of these versions, or a damaged one;
        `MAT_MARKERS`: no variable of three columns; `MAT_RATE_UNKNOWN`, `UNITS_UNKNOWN`: cohort.yaml does not say the
        rate or the unit.
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


def _variables(path: Path) -> dict[str, np.ndarray]:
    """Real numeric variables of two dimensions, by their name."""
    content = path.read_bytes()
    if content[:4] == b"\x89HDF" or content[:10] == b"MATLAB 7.3":
        found, do = "a file of version 7.3 (HDF5)", "Save it again in MATLAB with save(..., '-v7')."
        raise _error("MAT_UNREADABLE", path, "a MATLAB file of version 5 to 7", found, do)
    try:
        order = {b"IM": "<", b"MI": ">"}[content[126:128]]
        return dict(_arrays(content[_HEADER_BYTES:], order))
    except (KeyError, ValueError, OverflowError, zlib.error) as error:
        found = "no header of such a file" if isinstance(error, KeyError) else str(error)[:120]
        do = "Copy the file again, or export it again from MATLAB."
        raise _error("MAT_UNREADABLE", path, "a MATLAB file of version 5 to 7", found, do) from error


def _arrays(content: bytes, order: str) -> Iterator[tuple[str, np.ndarray]]:
    for kind, data in _elements(content, order, padded=False):
        if kind == _COMPRESSED:
            unpacker = zlib.decompressobj()
            unpacked = unpacker.decompress(data, _BYTES_MAX)
            if not unpacker.eof:
                raise ValueError("a compressed variable that is cut off, or larger than 2 GB")
            yield from _arrays(unpacked, order)
        elif kind == _MATRIX:
            found = _matrix(data, order)
            if found is not None:
                yield found


def _matrix(data: bytes, order: str) -> tuple[str, np.ndarray] | None:
    """Name and values of a real numeric array of two dimensions; None of anything else."""
    (_, flags), (_, sizes), (_, name), *values = _elements(data, order, padded=True)
    word, dims = np.frombuffer(flags, f"{order}u4"), np.frombuffer(sizes, f"{order}i4")
    if not len(word) or word[0] & 0xFF not in _NUMERIC_CLASSES or word[0] & _COMPLEX or len(dims) != 2 or not values:
        return None
    kind, cells = values[0]
    if kind not in _NUMBERS:
        raise ValueError(f"numbers of the unknown type {kind}")
    numbers = np.frombuffer(cells, f"{order}{_NUMBERS[kind]}").astype(float)
    if min(dims) < 0 or len(numbers) != int(dims[0]) * int(dims[1]):
        raise ValueError(f"{len(numbers)} numbers in a variable of {dims[0]} x {dims[1]}")
    return name.decode("ascii", errors="replace"), numbers.reshape(tuple(dims), order="F")


def _elements(content: bytes, order: str, *, padded: bool) -> Iterator[tuple[int, bytes]]:
    """Type and bytes of each element of a stretch; `padded` ones are filled up to whole words of 8 bytes."""
    place = 0
    while place < len(content):
        tag = np.frombuffer(content[place : place + 8].ljust(8, b"\0"), f"{order}u4")
        kind, size, first = int(tag[0]), int(tag[1]), place + 8
        if kind >> 16:  # A small element has its length and up to four bytes in its tag.
            kind, size, first = kind & 0xFFFF, kind >> 16, place + 4
        if first + size > len(content) or (first == place + 4 and size > 4):
            raise ValueError(f"an element of {size} bytes of which {max(len(content) - first, 0)} are there")
        yield kind, content[first : first + size]
        place = place + 8 if first == place + 4 else first + (-(-size // 8) * 8 if padded else size)


def _places(variables: dict[str, np.ndarray], path: Path) -> dict[str, np.ndarray]:
    """Variables of three columns by their name, in the order of the alphabet, each of shape (T, 3)."""
    found = {name: values for name, values in sorted(variables.items()) if values.shape[1] == 3 and len(values)}
    if not found:
        names = ", ".join(variables) or "none"
        expected, do = "a variable of frames by x, y and z for each marker", "Export the markers as such variables."
        raise _error("MAT_MARKERS", path, expected, f"variables of numbers: {names}, none of three columns", do)
    frames = Counter(map(len, found.values())).most_common(1)[0][0]
    return {name: values for name, values in found.items() if len(values) == frames}


def _error(code: str, path: Path, expected: str, found: str, do: str) -> DataError:
    return DataError(expected=expected, found=found, where=str(path), do=do, code=code)
