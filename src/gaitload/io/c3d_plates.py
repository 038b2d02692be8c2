"""Force plates of a C3D file: from its parameters and analog channels to wrenches on the person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import c3d
import numpy as np

from gaitload.errors import DataError
from gaitload.io.c3d_frames import Frames
from gaitload.io.c3d_parameters import continued_texts, numbers, texts
from gaitload.io.c3d_units import PlateUnits, si_factors
from gaitload.io.units import metres_per
from gaitload.signals.plates import CHANNELS_OF_KIND, plate_wrench
from gaitload.trial import PlateWrench

_SKEW_MAX = 0.05
"""Share of a plate's size by which its corners may miss a rectangle: surveyed ones stay below 0.01."""
_OUTSIDE_MAX = 0.02
"""Share of a plate's size by which the sensors of a Kistler plate may lie outside of it: rounding of both."""
_OTHER_KINDS = {
    5: "eight channels and a calibration matrix",
    6: "a type that the C3D manual does not define; Treadmetrix treadmills use it",
    11: "a Kistler split-belt treadmill",
    12: "a Kistler split-belt treadmill",
    21: "an AMTI stairway",
}
"""Types of plates in use that cannot be read, and what they are."""


@dataclass(frozen=True)
class Plates:
    """Plates of a file: those that were read, and in words what became of the others and of units that nobody said."""

    wrenches: tuple[PlateWrench, ...]
    notes: tuple[str, ...]


def plates_used(reader: c3d.Reader) -> int:
    """Number of force plates the file declares; 0 when it says nothing about plates."""
    return int(next(iter(numbers(reader, "FORCE_PLATFORM:USED")), 0))


def read_plates(reader: c3d.Reader, frames: Frames, wanted: Iterable[int] | None, where: str) -> Plates:
    """Wrenches of the plates `wanted`, which are numbered from 1.

    With None, all plates that can be read are; the refusal of every other one is a note. FORCE_PLATFORM:ZERO is not
    applied. Neither is Qualisys' FPCOPPOLY, a correction of the centre of pressure of some Kistler plates that the
    manual does not know. Units are those of `c3d_units.si_factors`.

    Raises
    ------
    DataError
        `UNITS_UNKNOWN`, `C3D_PLATE_MISSING`, `C3D_PLATE_TYPE`, `C3D_PLATE_CHANNELS`, `C3D_PLATE_CORNERS`,
        `C3D_PLATE_ORIGIN`, `C3D_PLATE_UNITS`, `C3D_PLATE_PARAMETERS` or `C3D_PLATE_NOT_FINITE`; each names the plate.
    """
    wrenches, notes = [], []
    for number in range(1, plates_used(reader) + 1) if wanted is None else wanted:
        try:
            wrench, said = _read_plate(reader, frames, number, f"{where}, force plate {number}")
        except DataError as error:
            if wanted is not None:
                raise
            notes.append(f"plate_{number} left out: [{error.code}] expected {error.expected}; found {error.found}")
            continue
        wrenches.append(wrench)
        notes += [f"plate_{number}: {one}" for one in said]
    return Plates(tuple(wrenches), tuple(notes))


def _read_plate(reader: c3d.Reader, frames: Frames, number: int, where: str) -> tuple[PlateWrench, tuple[str, ...]]:
    used = plates_used(reader)
    if not 1 <= number <= used:
        raise _error("C3D_PLATE_MISSING", where, f"a plate out of the {used} in the file", "none of this number")
    metres = metres_per("".join(texts(reader, "POINT:UNITS")[:1]), where)
    kind = _kind(reader, number, where)
    columns = _columns(reader, number, CHANNELS_OF_KIND[kind], frames.layout.channels, where)
    corners = _corners(reader, number, where) * metres
    origin = _entry(reader, "ORIGIN", number, where)[:3] * metres
    if kind == 3:
        _require_sensors_on_plate(origin, corners, where)
    channels = frames.channels(columns)
    matrix = _cal_matrix(reader, number, where) if kind == 4 else None
    units = continued_texts(reader, "ANALOG:UNITS")
    spelled = tuple(units[column] if column < len(units) else "" for column in columns)
    plate = PlateUnits(kind, spelled, channels, corners, origin, matrix, metres, _largest(reader, frames))
    to_si, notes = si_factors(plate, where)
    if kind == 4:
        wrench = plate_wrench(kind, channels, corners, origin, to_si[:, np.newaxis] * matrix)
    else:
        wrench = plate_wrench(kind, channels * to_si, corners, origin)
    if not all(np.isfinite(part).all() for part in wrench):
        raise _error("C3D_PLATE_NOT_FINITE", where, "numbers in all samples", "NaN or infinite values")
    return PlateWrench(f"plate_{number}", *wrench, corners), notes


def _largest(reader: c3d.Reader, frames: Frames) -> float:
    """Largest reading of the channels of all plates."""
    columns = np.unique(numbers(reader, "FORCE_PLATFORM:CHANNEL").astype(int)) - 1
    columns = columns[(columns >= 0) & (columns < frames.layout.channels)]
    return float(np.abs(frames.channels(columns)).max(initial=0.0))


def _kind(reader: c3d.Reader, number: int, where: str) -> int:
    kind = int(_entry(reader, "TYPE", number, where)[0])
    if kind not in CHANNELS_OF_KIND:
        known = ", ".join(map(str, CHANNELS_OF_KIND))
        said = f" ({_OTHER_KINDS[kind]})" if kind in _OTHER_KINDS else ""
        raise _error("C3D_PLATE_TYPE", where, f"a force plate of type {known}", f"type {kind}{said}")
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
    skew = max(abs(x @ y) / np.linalg.norm(y), np.linalg.norm(x - (corners[3] - corners[2]))) if size else 0.0
    if not skew <= _SKEW_MAX * size or size == 0.0:
        found = "; ".join(" ".join(f"{value:.4g}" for value in corner) for corner in corners)
        raise _error("C3D_PLATE_CORNERS", where, "four corners of a rectangle", found)
    return corners


def _require_sensors_on_plate(origin_m: np.ndarray, corners_m: np.ndarray, where: str) -> None:
    # ORIGIN of a Kistler plate holds half the distances of its sensors along x and y: they lie within the corners.
    size = np.array([np.linalg.norm(corners_m[0] - corners_m[other]) for other in (1, 3)])
    distances = 2.0 * origin_m[:2]
    if (distances > 0.0).all() and (distances <= (1.0 + _OUTSIDE_MAX) * size).all():
        return
    swapped = (distances > 0.0).all() and (distances[::-1] <= (1.0 + _OUTSIDE_MAX) * size).all()
    found = (
        f"sensors {_mm(distances)} apart by ORIGIN on a plate of {_mm(size)} by CORNERS"
        f"{'; with x and y exchanged they fit' if swapped else ''}"
    )
    raise _error("C3D_PLATE_ORIGIN", where, "sensors of a Kistler plate (type 3) between its corners", found)


def _mm(pair_m: np.ndarray) -> str:
    return " x ".join(f"{1e3 * value:.0f}" for value in pair_m) + " mm"


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
