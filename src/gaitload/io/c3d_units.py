"""Units of the channels of a force plate: read where the file says them, decided by the data where it does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gaitload.errors import DataError
from gaitload.io.units import is_silent, length_of, newton_metres_of, newtons_of, reading_v
from gaitload.signals.plates import surface_wrench

_LOADED_MIN_N = 50.0
_LOADED_MAX_N = 30_000.0
"""No person loads a plate more."""
_AMPLIFIER_MAX_V = 50.0
"""Amplifiers of force plates give 5 or 10 V, so numbers above this are no volts, whatever the file calls them."""
_LOADED_SAMPLES_MIN = 10
_LOADED_SHARE = 0.3
"""Samples above this share of the largest force count: where the force is small, the centre of pressure is noise."""
_ON_PLATE_MIN = 0.9
_ON_PLATE_MARGIN = 1.05
_STILL_M = 1e-3
"""A centre of pressure that stays this near to the middle of the plate: there are no moments at all."""
_FORCES = {1: (0, 1, 2), 2: (0, 1, 2), 3: tuple(range(8)), 4: (0, 1, 2)}
_LENGTHS = {1: (3, 4), 2: (), 3: (), 4: ()}
_MOMENTS = {1: (5,), 2: (3, 4, 5), 3: (), 4: (3, 4, 5)}
_CANDIDATES = (1.0, 1e-2, 1e-3)
"""Metres of the lengths and levers that are tried, the largest first: the wrong smaller one moves every centre of
pressure into the middle of the plate, which lies on it too."""
_NAMES = {1.0: "m", 1e-2: "cm", 1e-3: "mm"}


@dataclass(frozen=True)
class PlateUnits:
    """A plate whose units are asked for.

    Attributes
    ----------
    kind : int
        Type of the C3D manual, 1 to 4.
    units : tuple of str
        As the file spells them, one a channel.
    channels : ndarray, shape (N, K)
    corners_lab_m : ndarray, shape (4, 3)
    origin_plate_m : ndarray, shape (3,)
    matrix : ndarray, shape (6, 6), or None
        Of type 4; its results are in the units asked for.
    metres : float
        Metres in one POINT:UNITS, which the manual wants levers to be in.
    largest : float
        Largest reading of all channels of plates in the file, which tells volts from newtons.
    """

    kind: int
    units: tuple[str, ...]
    channels: np.ndarray
    corners_lab_m: np.ndarray
    origin_plate_m: np.ndarray
    matrix: np.ndarray | None
    metres: float
    largest: float


def si_factors(plate: PlateUnits, where: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """What turns each channel (type 4: each result of the matrix) into N, N m or m, shape (K,), and notes.

    A unit that the file spells is taken, and one that is not known is refused. Where a file says nothing (no unit, or
    volts, while some channel reads more than any amplifier gives), forces are in N and levers in the largest of m, cm
    and mm that puts the centre of pressure on the plate. A plate without load keeps the manual's POINT:UNITS, with
    a note.

    Raises
    ------
    DataError
        `C3D_PLATE_UNITS`: a unit that is not known; volts or counts that were not scaled; moments that put the centre
        of pressure beside the plate in every unit; or no moments beside a load.
    """
    silent = sorted({plate.units[column] for column in _FORCES[plate.kind] if is_silent(plate.units[column])})
    if plate.kind == 4:
        silent = []  # Channels may be anything; by the manual the matrix makes newtons of them.
    factors, levers = _said(plate, where)
    if not (silent or levers):
        return factors, ()
    _require_scaled(plate, silent, where)
    peak_n = _peak_n(plate, factors)
    if not peak_n >= _LOADED_MIN_N:
        factors[levers] = plate.metres
        return factors, _unloaded_note(silent, peak_n)
    if silent and peak_n > _LOADED_MAX_N:
        raise _error(where, "forces of a person in N", f"{peak_n:.4g} if channels with {_spelled(silent)} are in N")
    notes = [f"forces are in N: up to {peak_n:.0f} N in channels with {_spelled(silent)}"] if silent else []
    if levers:
        lever_m = _lever_m(plate, factors, levers, where)
        factors[levers] = lever_m
        notes.append(f"moments are in N {_NAMES[lever_m]}, by the centre of pressure; the file does not say")
    return factors, tuple(notes)


def _require_scaled(plate: PlateUnits, silent: list[str], where: str) -> None:
    """Refuse readings of an amplifier or a converter, which only the calibration of the plate would turn into N."""
    for unit in filter(None, silent):
        volts = reading_v(unit)
        if volts is not None and plate.largest * volts <= _AMPLIFIER_MAX_V:
            found = f"{unit!r}, up to {plate.largest:.4g}: what an amplifier reads, before the calibration of the plate"
            raise _error(where, "channels in units of force", found)


def _said(plate: PlateUnits, where: str) -> tuple[np.ndarray, list[int]]:
    """Factors of the units that are spelled, 1 elsewhere, and the channels whose unit of length is not said."""
    factors, levers = np.ones(len(plate.units)), []
    columns = [(newtons_of, column) for column in _FORCES[plate.kind] if plate.kind != 4]
    columns += [(length_of, column) for column in _LENGTHS[plate.kind]]
    columns += [(newton_metres_of, column) for column in _MOMENTS[plate.kind]]
    for reads, column in columns:
        unit = plate.units[column]
        # Some systems write the unit of force beside all channels of a plate.
        if is_silent(unit) or (reads is newton_metres_of and newtons_of(unit) == 1.0):
            levers += [column] if reads is not newtons_of else []
        else:
            factors[column] = _known(reads, unit, column, where)
    return factors, levers


def _known(reads: Callable[[str], float | None], unit: str, column: int, where: str) -> float:
    size = reads(unit)
    if size is None:
        kinds = {newtons_of: "a force", length_of: "a length", newton_metres_of: "a moment"}
        raise _error(where, f"the unit of {kinds[reads]} in channel {column + 1} of the plate", repr(unit))
    return size


def _peak_n(plate: PlateUnits, factors: np.ndarray) -> float:
    force, _ = _wrench(plate, factors)
    vertical = np.abs(force[:, 2])
    return float(np.sort(vertical)[-min(_LOADED_SAMPLES_MIN, len(vertical))]) if len(vertical) else 0.0


def _lever_m(plate: PlateUnits, factors: np.ndarray, levers: list[int], where: str) -> float:
    """The largest candidate that puts the centre of pressure on the plate while it is loaded."""
    half = [0.5 * np.linalg.norm(plate.corners_lab_m[0] - plate.corners_lab_m[other]) for other in (1, 3)]
    for lever_m in _CANDIDATES:
        tried = factors.copy()
        tried[levers] = lever_m
        force, moment = _wrench(plate, tried)
        vertical = force[:, 2]
        loaded = np.abs(vertical) > max(_LOADED_MIN_N, _LOADED_SHARE * np.abs(vertical).max())
        cop = np.column_stack((-moment[loaded, 1], moment[loaded, 0])) / vertical[loaded, np.newaxis]
        on_plate = (np.abs(cop) <= _ON_PLATE_MARGIN * np.array(half)).all(axis=1).mean()
        if on_plate < _ON_PLATE_MIN:
            continue
        if np.percentile(np.abs(cop).max(axis=1), 95) < _STILL_M:
            break
        return lever_m
    expected = "moments in N m, N cm or N mm that put the centre of pressure on the plate"
    raise _error(where, expected, "a centre of pressure beside it, or no moments at all")


def _wrench(plate: PlateUnits, factors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if plate.kind == 4:
        return surface_wrench(4, plate.channels, plate.origin_plate_m, factors[:, np.newaxis] * plate.matrix)
    return surface_wrench(plate.kind, plate.channels * factors, plate.origin_plate_m)


def _unloaded_note(silent: list[str], peak_n: float) -> tuple[str, ...]:
    if not silent:
        return ()
    return (f"no load of a person (at most {peak_n:.1f}) in channels with {_spelled(silent)}: unloaded, or not in N",)


def _spelled(silent: list[str]) -> str:
    return " and ".join(f"the unit {unit!r}" if unit else "no unit" for unit in silent)


def _error(where: str, expected: str, found: str) -> DataError:
    do = (
        "Export the recording again with the units of its force plates (N and N mm or N m) in ANALOG:UNITS, or leave "
        "this plate out (plates in trials.tsv)."
    )
    return DataError(expected=expected, found=found, where=where, do=do, code="C3D_PLATE_UNITS")
