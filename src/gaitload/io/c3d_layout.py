"""Where things lie in a C3D file: what its header, its parameters and its size say of each other must agree.

The format says most things twice, and known writers say one of the two wrongly. Where a contradiction has one known
explanation (a counter of 16 bits that ran over, a rate with fewer digits), it is resolved here; every other one is an
error, because a damaged byte would move or scale every number behind it.
"""

from __future__ import annotations

from dataclasses import dataclass

import c3d
import numpy as np

from gaitload.io.c3d_parameters import continued_numbers, numbers, texts

BLOCK_BYTES = 512
COUNTER_MAX = 65535
"""Largest number that the header's 16 bits hold; beyond it the header's counts of frames are wrong."""
_ROUNDING = 1e-4
"""Relative difference of two spellings of one number: writers keep five digits and more."""
_FORMATS = ("", "SIGNED", "UNSIGNED")


class TruncatedError(ValueError):
    """Fewer frames are stored than the file promises."""

    def __init__(self, promised: int, found: int) -> None:
        super().__init__(f"{promised} frames promised, {found} stored")
        self.promised, self.found = promised, found


@dataclass(frozen=True)
class Layout:
    """What the data section of a file holds.

    Attributes
    ----------
    points, channels, samples : int
        Points, analog channels, and samples of each channel per frame.
    frames, first_frame : int
        Number of frames stored, and the number that the capture software gave to the first of them.
    rate_hz : float
        Of the frames.
    is_float : bool
        Numbers are stored as 32-bit floats, else as 16-bit integers.
    scale : float
        Length of one unit of stored integers in POINT:UNITS; not used for floats.
    start : int
        Byte at which the data begin.
    counted : bool
        The file says how many frames it has; else their number is what the file has room for.
    notes : tuple of str
        Contradictions that were resolved, in words.
    """

    points: int
    channels: int
    samples: int
    frames: int
    first_frame: int
    rate_hz: float
    is_float: bool
    scale: float
    start: int
    counted: bool = True
    notes: tuple[str, ...] = ()

    @property
    def first_time_s(self) -> float:
        """Time of the first frame on the capture clock, on which frame 1 is at 0."""
        return max(self.first_frame - 1, 0) / self.rate_hz


def layout_of(reader: c3d.Reader, size: int) -> Layout:
    """Hold header, parameters and the size of the file (bytes) against each other.

    Raises
    ------
    ValueError
        Contradictions; `TruncatedError` where bytes are missing at the end.
    """
    header = reader.header
    points = _count(reader, "POINT:USED", header.point_count)
    rate_hz = _agreed("frame rate", header.frame_rate, _first(reader, "POINT:RATE"))
    if points != header.point_count:
        raise ValueError(f"{header.point_count} points in the header, {points} in POINT:USED")
    channels, samples = _analog_counts(reader, rate_hz)
    start = _data_start(reader)
    is_float, scale = _storage(reader)
    frame_bytes = (4 if is_float else 2) * (4 * points + channels * samples)
    frames, notes = _frames(reader, start, size, frame_bytes) if frame_bytes else (0, ())
    first = _first_frame(reader)
    if frames is None:
        frames, counted = _room(reader, start, size)[0] // frame_bytes, False
    else:
        counted = True
    return Layout(points, channels, samples, frames, first, rate_hz, is_float, scale, start, counted, notes)


def require_scales(reader: c3d.Reader, channels: int) -> None:
    """Analog channels have a scale and an offset each, and a format that is known.

    Raises
    ------
    ValueError
    """
    for name, wanted in {"GEN_SCALE": 1, "SCALE": channels, "OFFSET": channels}.items():
        stored = continued_numbers(reader, f"ANALOG:{name}")
        if len(stored) < wanted:
            raise ValueError(f"{wanted} channels and {len(stored)} values of ANALOG:{name}")
        if not np.isfinite(stored).all():
            raise ValueError(f"ANALOG:{name} is not finite")
    if analog_format(reader) not in _FORMATS:
        raise ValueError(f"ANALOG:FORMAT {analog_format(reader)!r}")


def analog_format(reader: c3d.Reader) -> str:
    """ANALOG:FORMAT in capitals: `SIGNED`, `UNSIGNED`, or empty where the file does not say it."""
    return "".join(texts(reader, "ANALOG:FORMAT")).upper()


def _first(reader: c3d.Reader, key: str) -> float | None:
    return next((float(value) for value in numbers(reader, key)), None)


def _count(reader: c3d.Reader, key: str, otherwise: int) -> int:
    value = _first(reader, key)
    return otherwise if value is None else int(value) % (COUNTER_MAX + 1)


def _agreed(what: str, header: float, parameter: float | None) -> float:
    """The parameter where it agrees with the header, or the one of both that is a rate."""
    if not parameter:
        return float(header)
    if header and not abs(header - parameter) <= _ROUNDING * abs(parameter):
        raise ValueError(f"{what} {header} in the header, {parameter} in the parameters")
    return parameter


def _analog_counts(reader: c3d.Reader, rate_hz: float) -> tuple[int, int]:
    """Channels, and samples of each in a frame: the pair whose product the header counts (modulo 16 bits)."""
    header = reader.header
    channels = _count(reader, "ANALOG:USED", 0)
    if not channels and not header.analog_count:
        return 0, 0
    rate = _first(reader, "ANALOG:RATE") or 0.0
    by_rate = round(rate / rate_hz) if 0.0 < rate_hz < np.inf else 0
    for samples in dict.fromkeys((by_rate, header.analog_per_frame)):
        if samples > 0 and channels * samples % (COUNTER_MAX + 1) == header.analog_count:
            return channels, samples
    found = f"{header.analog_count} analog words a frame in the header, {channels} channels at {rate:g} Hz"
    raise ValueError(f"{found} beside frames at {rate_hz:g} Hz in the parameters")


def _data_start(reader: c3d.Reader) -> int:
    said, block = _count(reader, "POINT:DATA_START", 0), reader.header.data_block
    if not block:
        raise ValueError("no block in the header at which the data begin")
    if said not in (0, block):
        raise ValueError(f"data from block {reader.header.data_block} on in the header, {said} in POINT:DATA_START")
    return (reader.header.data_block - 1) * BLOCK_BYTES


def _storage(reader: c3d.Reader) -> tuple[bool, float]:
    """Whether numbers are floats, and the scale of integers. For floats the size of the scale means nothing."""
    header, parameter = float(reader.header.scale_factor), _first(reader, "POINT:SCALE")
    if parameter is None:
        return header < 0, abs(header)
    if not np.isfinite([header, parameter]).all() or (header < 0) != (parameter < 0):
        raise ValueError(f"scale factor {header} in the header, {parameter} in POINT:SCALE")
    if parameter < 0:
        return True, 1.0
    return False, _agreed("scale factor", header, parameter)


def _first_frame(reader: c3d.Reader) -> int:
    """The header's number, or TRIAL:ACTUAL_START_FIELD where the header holds only the lower 16 bits of it."""
    said, actual = reader.header.first_frame, _field(reader, "TRIAL:ACTUAL_START_FIELD")
    cut = actual is not None and (actual % (COUNTER_MAX + 1) == said or said == COUNTER_MAX < actual)
    return actual if cut else said


def _field(reader: c3d.Reader, key: str) -> int | None:
    """A number of two 16-bit words, the lower first; None where it is missing or no number of a frame."""
    words = numbers(reader, key)
    if not len(words) or not np.isfinite(words).all():
        return None
    if reader.get(key).bytes_per_element == 2:
        words = words % (COUNTER_MAX + 1)
    value = int(words[0]) + (int(words[1]) << 16 if len(words) > 1 else 0)
    return value if value >= 0 else None


def _frames(reader: c3d.Reader, start: int, size: int, frame_bytes: int) -> tuple[int | None, tuple[str, ...]]:
    """Frames stored. The header counts them unless its 16 bits ran over; a count that is believed fits the bytes.

    None where no count says anything.
    """
    room, exact = _room(reader, start, size)
    held = room // frame_bytes

    def fits(count: int) -> bool:
        left = room - count * frame_bytes
        return 0 <= left <= (BLOCK_BYTES if exact else left)

    first, last = reader.header.first_frame, reader.header.last_frame
    by_header = last - first + 1 if first <= last < COUNTER_MAX else None
    others = _other_counts(reader)
    if by_header is not None and fits(by_header):
        _require_count(reader, by_header)
        return by_header, ()
    said = [by_header, *others.values()] if by_header is not None else list(others.values())
    for name, count in others.items():
        if fits(count):
            note = f"the header says {by_header} frames; {count} are stored, as {name} says"
            return count, (note,) if by_header is not None else ()
    for count in said:
        over = count + (held - count) // (COUNTER_MAX + 1) * (COUNTER_MAX + 1)
        if over > count and fits(over):
            return over, (f"the counts of frames ran over at 65,536; {over} frames are stored",)
    if not said and held >= COUNTER_MAX:
        return None, ()
    if not held:
        return 0, ()
    if not said:
        raise ValueError(f"no number of frames that can be: {first} to {last} in the header, room for {held}")
    if said[0] > held:
        raise TruncatedError(said[0], held)
    left = room - said[0] * frame_bytes
    agreed = said[0] > 0 and held - said[0] <= COUNTER_MAX and all(abs(count - said[0]) <= 1 for count in said)
    # Whole blocks were put behind the data. Other numbers of bytes were put in somewhere, and moved what follows.
    if not agreed or size % BLOCK_BYTES:
        raise ValueError(f"{said[0]} frames, and {left} bytes more than they need")
    return said[0], (f"{left} bytes behind the last frame belong to none and are left out",)


def _room(reader: c3d.Reader, start: int, size: int) -> tuple[int, bool]:
    """Bytes for frames, and whether their number is known: behind them may stand rotations, padded to a block."""
    if not _count(reader, "ROTATION:USED", 0):
        return size - start, True
    block = _count(reader, "ROTATION:DATA_START", 0)
    rotations = (block - 1) * BLOCK_BYTES
    return (rotations - start, True) if start < rotations <= size else (size - start, False)


def _other_counts(reader: c3d.Reader) -> dict[str, int]:
    """Numbers of frames by the parameters that may say one; 0, and what 16 bits cannot hold, says nothing."""
    counts = {}
    begin, end = (_field(reader, f"TRIAL:ACTUAL_{which}_FIELD") for which in ("START", "END"))
    if begin is not None and end is not None and end >= begin:
        counts["TRIAL:ACTUAL_END_FIELD"] = end - begin + 1
    for name in ("POINT:LONG_FRAMES", "POINT:FRAMES"):
        value = _first(reader, name)
        if value is None or not np.isfinite(value):
            continue
        if reader.get(name).bytes_per_element == 2:
            value = value % (COUNTER_MAX + 1) if value % (COUNTER_MAX + 1) != COUNTER_MAX else 0
        if value >= 1:
            counts[name] = int(value)
    return counts


def _require_count(reader: c3d.Reader, frames: int) -> None:
    # Some files number their frames from 0 and name the last one here; some count the first word modulo 16 bits.
    said = _other_counts(reader).get("POINT:FRAMES")
    if said is not None and said - frames not in (0, -1, 1):
        raise ValueError(f"{frames} frames in the header, {said} in POINT:FRAMES")
