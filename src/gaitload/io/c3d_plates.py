"""Force plates of a C3D file: from its parameters and analog channels to wrenches on the person."""

from __future__ import annotations

from collections.abc import Iterable

import c3d
import numpy as np

from gaitload.errors import DataError
from gaitload.io.c3d_parameters import continued_texts, numbers, texts
from gaitload.io.units import METRES_PER, NEWTON_METRES_PER, metres_per
from gaitload.signals.plates import CHANNELS_OF_KIND, plate_wrench
from gaitload.trial import PlateWrench

_SKEW_MAX = 0.05
"""Share of a plate's size by which its corners may miss a rectangle: surveyed ones stay below 0.01."""


def plates_used(reader: c3d.Reader) -> int:
    """Number of force plates the file declares; 0 when it says nothing about plates."""
    return int(next(iter(numbers(reader, "FORCE_PLATFORM:USED")), 0))


def read_plates(reader: c3d.Reader, analog: np.ndarray, wanted: Iterable[int], where: str) -> tuple[PlateWrench, ...]:
    """Wrenches of the plates `wanted`, which are numbered from 1.

    Channels whose unit is a moment or a length are taken in that unit, all others in N and in N x POINT:UNITS, as the
    C3D manual demands one unit of length throughout. FORCE_PLATFORM:ZERO is not applied. Neither is Qualisys'
    FPCOPPOLY, a correction of the centre of pressure of some Kistler plates that the manual does not know.

    Parameters
    ----------
    analog : ndarray, shape (N, C)
        Scaled channels of the file.

    Raises
    ------
    DataError
        `UNITS_UNKNOWN`, `C3D_PLATE_MISSING`, `C3D_PLATE_TYPE`, `C3D_PLATE_CHANNELS`, `C3D_PLATE_CORNERS`,
        `C3D_PLATE_PARAMETERS` or `C3D_PLATE_NOT_FINITE`; each names the plate.
    """
    return tuple(_read_plate(reader, analog, number, f"{where}, force plate {number}") for number in wanted)


def _read_plate(reader: c3d.Reader, analog: np.ndarray, number: int, where: str) -> PlateWrench:
    used = plates_used(reader)
    if not 1 <= number <= used:
        raise _error("C3D_PLATE_MISSING", where, f"a plate out of the {used} in the file", "none of this number")
    metres = metres_per("".join(texts(reader, "POINT:UNITS")[:1]), where)
    kind = _kind(reader, number, where)
    columns = _columns(reader, number, CHANNELS_OF_KIND[kind], analog.shape[1], where)
    corners = _corners(reader, number, where) * metres
    origin = _entry(reader, "ORIGIN", number, where)[:3] * metres
    to_si = _si_factors(kind, continued_texts(reader, "ANALOG:UNITS"), columns, metres)
    if kind == 4:
        matrix = to_si[:, np.newaxis] * _cal_matrix(reader, number, where)
        wrench = plate_wrench(kind, analog[:, columns], corners, origin, matrix)
    else:
        wrench = plate_wrench(kind, analog[:, columns] * to_si, corners, origin)
    if not all(np.isfinite(part).all() for part in wrench):
        raise _error("C3D_PLATE_NOT_FINITE", where, "numbers in all samples", "NaN or infinite values")
    return PlateWrench(f"plate_{number}", *wrench, corners)


def _kind(reader: c3d.Reader, number: int, where: str) -> int:
    kind = int(_entry(reader, "TYPE", number, where)[0])
    if kind not in CHANNELS_OF_KIND:
        known = ", ".join(map(str, CHANNELS_OF_KIND))
        raise _error("C3D_PLATE_TYPE", where, f"a force plate of type {known}", f"type {kind}")
    return kind


def _columns(reader: c3d.Reader, number: int, needed: int, available: int, where: str) -> np.ndarray:
    columns = _entry(reader, "CHANNEL", number, where)[:needed].astype(int) - 1
    if len(columns) < needed or columns.min() < 0 or columns.max() >= available:
        found = f"channels {', '.join(map(str, columns + 1))} in a file that holds {available}"
        raise _error("C3D_PLATE_CHANNELS", where, f"{needed} analog channels", found)
    return columns


def _corners(reader: c3d.Reader, number: int, where: str) -> np.ndarray:
    corners = _entry(reader, "CORNERS", number, where).reshape(4, 3)
    x, y = corners[0] - corners[1], corners[0] - corners[3]
    size = min(np.linalg.norm(x), np.linalg.norm(y))
    skew = max(abs(x @ y) / np.linalg.norm(y), np.linalg.norm(x - (corners[3] - corners[2])))
    if not skew <= _SKEW_MAX * size or size == 0.0:
        found = "; ".join(" ".join(f"{value:.4g}" for value in corner) for corner in corners)
        raise _error("C3D_PLATE_CORNERS", where, "four corners of a rectangle", found)
    return corners


def _si_factors(kind: int, units: list[str], columns: np.ndarray, metres: float) -> np.ndarray:
    factors = np.ones(CHANNELS_OF_KIND[kind])
    if kind != 3:
        for index in (3, 4, 5):
            known = METRES_PER if kind == 1 and index < 5 else NEWTON_METRES_PER
            unit = units[columns[index]].lower() if columns[index] < len(units) else ""
            factors[index] = known.get(unit, metres)
    return factors


def _cal_matrix(reader: c3d.Reader, number: int, where: str) -> np.ndarray:
    stored_by_column = _entry(reader, "CAL_MATRIX", number, where)
    rows, columns = reader.get("FORCE_PLATFORM:CAL_MATRIX").dimensions[:2]
    return stored_by_column.reshape(columns, rows).T[:6, :6]


def _entry(reader: c3d.Reader, name: str, number: int, where: str) -> np.ndarray:
    values = numbers(reader, f"FORCE_PLATFORM:{name}")
    dimensions = reader.get(f"FORCE_PLATFORM:{name}").dimensions if len(values) else (0,)
    size = int(np.prod(dimensions[:-1]))
    if len(values) < number * max(size, 1):
        raise _error("C3D_PLATE_PARAMETERS", where, f"FORCE_PLATFORM:{name}", f"{len(values)} values in all")
    return values[(number - 1) * size : number * size]


def _error(code: str, where: str, expected: str, found: str) -> DataError:
    do = "Correct the plate in the capture software and export again, or leave this plate out (plates in trials.tsv)."
    return DataError(expected=expected, found=found, where=where, do=do, code=code)
