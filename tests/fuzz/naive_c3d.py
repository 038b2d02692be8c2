"""C3D files read a second time, byte by byte after the manual (Intel order only), without any package.

Every redundancy of the format must hold, else `Unreadable`: the header agrees with the parameters, the parameters chain
from one to the next, every parameter belongs to a group with a name, the data begin where both say, and after the last
frame no more than a block is left, or, where all counts agree, whole blocks. Two freedoms are those of writers in use:
rates and scales agree to four digits (of a scale of floats only the sign means something), and where the header's count
of frames does not fit the bytes, POINT:FRAMES counts.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

from tests.fuzz.naive_text import Unreadable

BLOCK = 512
_TYPES = {-1: "S1", 1: "<i1", 2: "<i2", 4: "<f4"}


@dataclass(frozen=True)
class C3d:
    """Points (T, M, 4) in the file's unit with the residual word, analog (N, C) scaled, and all parameters."""

    points: np.ndarray
    analog: np.ndarray
    rate_hz: float
    parameters: dict[str, np.ndarray]
    places: dict[str, tuple[int, int]]


def parse(content: bytes) -> C3d:
    """Decode a file; `Unreadable` where one of its promises is broken."""
    try:
        return _parse(content)
    except (struct.error, IndexError, KeyError, ValueError, UnicodeDecodeError) as error:
        raise Unreadable(f"{type(error).__name__}: {error}") from error


def with_frames(content: bytes, frames: int) -> bytes:
    """A readable file cut to its first frames, its counts put right."""
    whole = parse(content)
    used, channels, first = struct.unpack_from("<HHH", content, 2)
    scale, start = struct.unpack_from("<fH", content, 12)
    size = (4 * used + channels) * (4 if scale < 0 else 2)
    cut = bytearray(content[: (start - 1) * BLOCK + frames * size])
    struct.pack_into("<H", cut, 8, first + frames - 1)
    if "POINT:FRAMES" in whole.places:
        place, width = whole.places["POINT:FRAMES"]
        struct.pack_into("<f" if width == 4 else "<H", cut, place, frames)
    return bytes(cut)


def _parse(content: bytes) -> C3d:
    block, magic, used, channels, first, last = struct.unpack_from("<BBHHHH", content, 0)
    scale, start, samples, rate_hz = struct.unpack_from("<fHHf", content, 12)
    parameters, places = _parameters(content, (block - 1) * BLOCK)
    said = {"POINT:USED": used, "POINT:SCALE": scale, "POINT:RATE": rate_hz, "POINT:DATA_START": start}
    for name, value in said.items():
        stored = parameters.get(name)
        if stored is None or not stored.size:
            continue
        number = _number(stored)
        if number != 0 and not _agree(name, number, value):
            raise Unreadable(f"{name} contradicts the header")
        rate_hz = number or rate_hz if name == "POINT:RATE" else rate_hz
        scale = number or scale if name == "POINT:SCALE" else scale
    if magic != 0x50 or not 0 < rate_hz < np.inf or not np.isfinite(scale):
        raise Unreadable("header")
    word = 4 if scale < 0 else 2
    per_frame = 4 * used + channels
    data = content[(start - 1) * BLOCK :]
    counts = [last - first + 1]
    if parameters.get("POINT:FRAMES", np.empty(0)).size:
        counts.append(int(parameters["POINT:FRAMES"].ravel()[0]))
    fitting = [count for count in counts if count > 0 and 0 <= len(data) - count * per_frame * word <= BLOCK]
    whole_blocks = len(content) % BLOCK == 0 and max(counts) - min(counts) <= 1
    if not fitting and whole_blocks and 0 < max(counts) * per_frame * word <= len(data):
        fitting = counts
    if not fitting:
        raise Unreadable(f"{len(data)} bytes for {counts[0]} frames of {per_frame * word}")
    frames = fitting[0]
    raw = np.frombuffer(data, "<f4" if word == 4 else "<i2", frames * per_frame).reshape(frames, per_frame)
    points = raw[:, : 4 * used].reshape(frames, used, 4).astype(np.float32)
    if word == 2:
        points[..., :3] *= np.float32(abs(scale))
    analog = _analog(raw[:, 4 * used :], parameters, channels, samples, word, rate_hz)
    return C3d(points, analog, float(rate_hz), parameters, places)


def _number(stored: np.ndarray) -> float:
    return float(stored.ravel().view(np.uint16)[0] if stored.dtype == np.int16 else stored.ravel()[0])


def _agree(name: str, stored: float, header: float) -> bool:
    if name == "POINT:SCALE" and stored < 0:
        return header < 0
    loose = 1e-4 * abs(stored) if name in ("POINT:SCALE", "POINT:RATE") else 0.0
    return abs(stored - header) <= loose


def _analog(raw: np.ndarray, parameters: dict, channels: int, samples: int, word: int, rate_hz: float) -> np.ndarray:
    if not channels:
        return np.empty((0, 0))
    count = int(_number(parameters["ANALOG:USED"]))
    said = parameters.get("ANALOG:RATE", np.empty(0))
    by_rate = _number(said) / rate_hz if said.size else samples
    if not any(count * each == channels for each in (samples, round(by_rate))):
        raise Unreadable("analog channels contradict the header")
    spelled = parameters.get("ANALOG:FORMAT")
    unsigned = spelled is not None and spelled.tobytes().strip().upper() == b"UNSIGNED"
    if word == 2 and unsigned:
        raw = raw.astype("<i2").view("<u2")
    offset = parameters["ANALOG:OFFSET"].ravel()[:count]
    offset = (offset.view(np.uint16) if unsigned else offset).astype(float)
    scale = parameters["ANALOG:SCALE"].ravel()[:count].astype(float) * float(parameters["ANALOG:GEN_SCALE"].ravel()[0])
    if len(offset) < count or len(scale) < count:
        raise Unreadable("scales are missing")
    return (raw.reshape(-1, count).astype(float) - offset) * scale


def _parameters(content: bytes, section: int) -> tuple[dict[str, np.ndarray], dict[str, tuple[int, int]]]:
    blocks, processor = content[section + 2], content[section + 3]
    if processor != 84:
        raise Unreadable("not in Intel's order")
    groups, found, place, end = {}, [], section + 4, section + blocks * BLOCK
    while place < end:
        length, group = struct.unpack_from("<bb", content, place)
        if length == 0:
            break
        if group == 0:
            raise Unreadable("a record that belongs to no group")
        after = place + 2 + abs(length)
        name = content[place + 2 : after].decode("latin-1").upper()
        (offset,) = struct.unpack_from("<h", content, after)
        if group < 0:
            groups[-group] = name
        else:
            kind, count = struct.unpack_from("<bB", content, after + 2)
            shape = tuple(content[after + 4 : after + 4 + count])
            size = int(np.prod(shape, dtype=object)) if shape else 1
            if size * abs(kind) > end:
                raise Unreadable("a parameter larger than the section")
            values = np.frombuffer(content, _TYPES[kind], size, after + 4 + count).reshape(shape[::-1])
            if after + 4 + count + size * abs(kind) > place + 2 + abs(length) + offset and offset > 0:
                raise Unreadable("a parameter that reaches into the next")
            found.append((group, name, values, after + 4 + count))
        if offset <= 0:
            break
        place = after + offset
    named = {f"{groups[group]}:{name}": values for group, name, values, _ in found}
    return named, {f"{groups[group]}:{name}": (at, values.itemsize) for group, name, values, at in found}
