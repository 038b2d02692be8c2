"""What a result must be like, given the damaged file: a literal reading of its own, and what no recording can be."""

from __future__ import annotations

from difflib import get_close_matches

import numpy as np

from gaitload.trial import PlateWrench, Recording, Trial
from tests.fuzz import naive_c3d, naive_text
from tests.fuzz.cases import Seed
from tests.fuzz.naive_text import Unreadable

ROUNDING = 1e-6


def recording(result: Recording) -> str | None:
    """Invariants of markers and forces."""
    shape = (len(result.marker_time_s), len(result.marker_names), 3)
    if result.marker_lab_m.shape != shape:
        return f"markers of shape {result.marker_lab_m.shape}, not {shape}"
    if np.isinf(result.marker_lab_m).any():
        return "infinite positions"
    return _clock(result.marker_time_s) or plates(result.plates, result.force_time_s)


def plates(wrenches: tuple[PlateWrench, ...], time_s: np.ndarray) -> str | None:
    """Invariants of forces."""
    for plate in wrenches:
        if plate.force_lab_n.shape != (len(time_s), 3) or plate.moment_lab_nm.shape != (len(time_s), 3):
            return f"{plate.name}: shapes that do not agree"
        if not (np.isfinite(plate.force_lab_n).all() and np.isfinite(plate.moment_lab_nm).all()):
            return f"{plate.name}: forces that are not finite"
    return _clock(time_s) if len(time_s) else None


def _clock(time_s: np.ndarray) -> str | None:
    if not np.isfinite(time_s).all():
        return "times that are not finite"
    steps = np.diff(time_s)
    if len(steps) and not (steps > 0).all():
        return "times that do not rise"
    if len(steps) > 1 and np.ptp(steps) > 1e-6 * steps.mean() + 1e-9 * np.abs(time_s).max():
        return "times that do not rise uniformly"
    return None


def c3d(seed: Seed, content: bytes, result: Recording, whole: Recording) -> str | None:
    """Against `naive_c3d`: every marker, the rate, and the size of the force of every plate of type 1 to 3."""
    try:
        literal = naive_c3d.parse(content)
    except Unreadable as error:
        return f"read, though {error}"
    if len(result.marker_time_s) != len(literal.points):
        return f"{len(result.marker_time_s)} frames of {len(literal.points)}"
    if len(literal.points) > 1 and not np.isclose(result.marker_rate_hz, literal.rate_hz, rtol=ROUNDING):
        return "another rate"
    names = [label.decode("latin-1").strip(" \0\t\r\n") for label in _texts(literal.parameters["POINT:LABELS"])]
    unit = _texts(literal.parameters["POINT:UNITS"])[0].decode().strip(" \0").lower()
    metres = {"mm": 1e-3, "cm": 1e-2, "m": 1.0}[unit]
    for index, name in enumerate(result.marker_names):
        if name not in names and not any(full.endswith(f":{name}") for full in names):
            if name.isascii():
                return f"a marker {name!r} that the file does not name"
            continue
        place = next(at for at, full in enumerate(names) if full == name or full.endswith(f":{name}"))
        stored = literal.points[:, place].astype(float)
        # A residual word that no integer holds counts as negative.
        unseen = (stored[:, 3] <= -1) | (np.abs(stored[:, 3]) >= 2.0**31) | ~np.isfinite(stored).all(axis=1)
        missing = unseen | (stored[:, :3] == 0).all(axis=1)
        expected = np.where(missing[:, np.newaxis], np.nan, stored[:, :3] * metres)
        if not _same(result.marker_lab_m[:, index], expected):
            return f"{name} elsewhere than stored"
    return recording(result) or _plate_sizes(literal, result)


def _place(name: str, names: list[str]) -> int | None:
    return next((at for at, full in enumerate(names) if full == name or full.endswith(f":{name}")), None)


def _texts(stored: np.ndarray) -> list[bytes]:
    rows = stored.reshape(-1, stored.shape[-1])
    return [row.tobytes() for row in rows]


def _plate_sizes(literal: naive_c3d.C3d, result: Recording) -> str | None:
    for plate in result.plates:
        number = int(plate.name.removeprefix("plate_")) - 1
        kind = int(literal.parameters["FORCE_PLATFORM:TYPE"].ravel()[number])
        channels = literal.parameters["FORCE_PLATFORM:CHANNEL"].reshape(-1, 8 if kind == 3 else 6)
        columns = channels[number].astype(int) - 1 if channels.shape[0] > number else []
        if kind > 3 or len(columns) < 6:
            continue
        analog = literal.analog[:, columns]
        if kind == 3:
            analog = np.column_stack([analog[:, part].sum(axis=1) for part in (slice(0, 2), slice(2, 4), slice(4, 8))])
        size = np.linalg.norm(analog[:, :3], axis=1)
        found = np.linalg.norm(plate.force_lab_n, axis=1)
        if found.shape != size.shape or not np.allclose(found, size, rtol=1e-5, atol=1e-6 * max(size.max(), 1.0)):
            return f"{plate.name}: another force than its channels hold"
    return None


def trc(seed: Seed, content: bytes, result: Recording, whole: Recording) -> str | None:
    """Against a literal reading of the cells."""
    try:
        names, metres, time_s, positions = naive_text.trc(content)
    except (Unreadable, LookupError, ValueError) as error:
        return f"read, though {type(error).__name__}: {error}"
    if _lost_odd_end(time_s, len(result.marker_time_s)):
        time_s, positions = time_s[:-1], positions[:-1]
    # Of a name, what stands before a `:` is a subject; unlabelled points and results of models are left out.
    places = [_place(name, names) for name in result.marker_names]
    if None in places or len(result.marker_lab_m) != len(positions):
        return "other markers or frames"
    if not any(mark in name for name in names for mark in ":*") and len(places) != len(names):
        return "fewer markers"
    positions = positions[:, places]
    missing = ~np.isfinite(positions).all(axis=2) | (positions == 0).all(axis=2)
    if not _same(result.marker_lab_m, np.where(missing[..., np.newaxis], np.nan, positions * metres)):
        return "positions other than written"
    if np.abs(result.marker_time_s - time_s).max() > 1.1e-3:
        return "times other than written"
    return recording(result) or _cut(seed, content, result.marker_lab_m, whole.marker_lab_m)


def mat(seed: Seed, content: bytes, result: Recording, whole: Recording) -> str | None:
    """A file of MATLAB has no check of its own numbers: what is read is a recording."""
    return recording(result)


def sto(seed: Seed, content: bytes, result, whole) -> str | None:
    """Against a literal reading of the cells."""
    try:
        literal = naive_text.sto(content)
    except Unreadable as error:
        return f"read, though {error}"
    if list(result.names) != literal.names[1:]:
        return "other names"
    _forget_open_row(literal, content, len(result.time_s))
    found = np.column_stack((result.time_s, result.values))
    return None if _same(found, literal.values) and not _cut(seed, content, found, None) else "cells other than written"


def forces(seed: Seed, content: bytes, result, whole) -> str | None:
    """Against a literal reading: the force of every plate, and its moment, written out in full."""
    time_s, wrenches = result
    try:
        literal = naive_text.sto(content)
        _forget_open_row(literal, content, len(time_s))
        if _lost_odd_end(literal.values[:, 0], len(time_s)):
            literal.cells.pop()
        for plate in wrenches:
            stem = plate.name
            triples = [f"{stem}_v", f"{stem}_p", f"{stem.replace('force', 'torque')}_"]
            force, point, torque = (
                np.column_stack([literal.column(_spelled(literal.names, start, axis)) for axis in "xyz"])
                for start in triples
            )
            loaded = (force != 0).any(axis=1)
            point = np.where(loaded[:, np.newaxis], point, 0.0)
            (px, py, pz), (fx, fy, fz) = point.T, force.T
            moment = np.column_stack((py * fz - pz * fy, pz * fx - px * fz, px * fy - py * fx))
            if not _same(plate.force_lab_n, force) or not _same(plate.moment_lab_nm, moment + torque):
                return f"{stem} other than written"
    except Unreadable as error:
        return f"read, though {error}"
    if np.abs(time_s - literal.values[:, 0]).max() > 1.1e-3:
        return "times other than written"
    wrong = plates(wrenches, time_s)
    if wrong or [plate.name for plate in wrenches] != [plate.name for plate in whole[1]]:
        return wrong
    pairs = zip(wrenches, whole[1], strict=True)
    cut = (_cut(seed, content, plate.force_lab_n, known.force_lab_n) for plate, known in pairs)
    return next(filter(None, cut), None)


def same_table(seed: Seed, content: bytes, result, whole) -> str | None:
    """A table of our own is what was written, or refused: it carries its own checksum."""
    values, meanings, document = result
    if list(values) != list(whole[0]) or meanings != whole[1] or document != whole[2]:
        return "other columns, meanings or document"
    if any(values[name].dtype != whole[0][name].dtype or not _same(values[name], whole[0][name]) for name in values):
        return "other values"
    return None


def same_trial(seed: Seed, content: bytes, result: Trial, whole: Trial) -> str | None:
    """A trial record is what was written, or refused: it carries its own checksum."""
    pairs = [
        (result.markers.position_ground_m, whole.markers.position_ground_m),
        (result.validity.mask, whole.validity.mask),
    ]
    if (result.forces is None) != (whole.forces is None):
        return "forces of which the other knows nothing"
    for name in ("time_s", "force_ground_n", "moment_ground_nm", "contact"):
        pairs.append((getattr(result.forces, name), getattr(whole.forces, name)))
    if not all(np.array_equal(found, known, equal_nan=True) for found, known in pairs):
        return "other values"
    told = [
        (one.markers.names, one.window_s, one.steps, [plate.name for plate in one.plates]) for one in (result, whole)
    ]
    return None if told[0] == told[1] else "another window, other steps or plates"


def _spelled(names: list[str], start: str, axis: str) -> str:
    """The name of a column; where damage made another one of it, the name along the same axis that is most like it."""
    whole = f"{start}{axis}"
    alike = [name for name in names if name.endswith(axis)]
    return whole if whole in names else next(iter(get_close_matches(whole, alike, n=1)), whole)


def _forget_open_row(literal: naive_text.Rows, content: bytes, rows: int) -> None:
    """Take the last row off a literal reading, where the file has no last line end and the reader left the row out."""
    if len(literal.cells) == rows + 1 and not content.endswith((b"\n", b"\r")):
        literal.cells.pop()


def _lost_odd_end(time_s: np.ndarray, rows: int) -> bool:
    """Whether a reader left out one row, the last, whose step differs from the others by a quarter or more."""
    steps = np.diff(time_s)
    usual = float(np.median(steps)) if len(steps) else 0.0
    return rows == len(time_s) - 1 and usual > 0 and abs(steps[-1] / usual - 1.0) > 0.2


def _cut(seed: Seed, content: bytes, found: np.ndarray, whole: np.ndarray | None) -> str | None:
    """A file that only lacks its end reads to rows of the whole one, or not at all."""
    if whole is None or len(content) >= len(seed.content) or not seed.content.startswith(content):
        return None
    if len(found) > len(whole) or not _same(found, whole[: len(found)]):
        return "cut off, and other values than the whole file's"
    return None


def _same(found: np.ndarray, expected: np.ndarray) -> bool:
    if found.shape != expected.shape or found.dtype.kind not in "fiub":
        return found.shape == expected.shape and bool((found == expected).all())
    return bool(np.allclose(found, expected, rtol=ROUNDING, atol=1e-12, equal_nan=True))
