"""C3D files byte by byte, so that tests know every number in them and can break every promise."""

from __future__ import annotations

import struct

import numpy as np

BLOCK = 512
INTEL, DEC, MIPS = 84, 85, 86


def c3d_bytes(
    points: np.ndarray,
    *,
    labels: list[str],
    analog: np.ndarray | None = None,
    rate_hz: float = 100.0,
    scale: float = -1.0,
    unsigned: bool = False,
    first_frame: int = 1,
    last_frame: int | None = None,
    parameters: dict[str, dict] | None = None,
    processor: int = INTEL,
    header: dict[str, float] | None = None,
) -> bytes:
    """One C3D file.

    `points` has shape (T, M, 4): x, y, z and the residual word, as stored. `analog` has shape (T, S, C): S samples a
    frame, as stored. A negative `scale` stores floats, a positive one 16-bit integers. `parameters` adds to the usual
    groups or replaces in them; a value of None takes a parameter out. A name that ends in `!` stands a second time in
    its group. `processor` says how numbers are stored, and `header` replaces `scale`, `rate_hz`, `analog` (words a
    frame) and `samples` (of a channel) in the header alone.
    """
    frames, count = points.shape[:2]
    samples, channels = (0, 0) if analog is None else analog.shape[1:]
    last = first_frame + frames - 1 if last_frame is None else last_frame
    groups: dict[str, dict] = {
        "POINT": {
            "USED": np.int16(count),
            "FRAMES": np.uint16(min(frames, 65535)),
            "SCALE": np.float32(scale),
            "RATE": np.float32(rate_hz),
            "LABELS": labels,
            "DESCRIPTIONS": [""] * count,
            "UNITS": ["mm"],
        }
    }
    if channels:
        groups["ANALOG"] = {
            "USED": np.int16(channels),
            "RATE": np.float32(rate_hz * samples),
            "GEN_SCALE": np.float32(1.0),
            "SCALE": np.ones(channels, np.float32),
            "OFFSET": np.zeros(channels, np.uint16 if unsigned else np.int16),
            "FORMAT": ["UNSIGNED" if unsigned else "SIGNED"],
            "LABELS": [f"A{index + 1}" for index in range(channels)],
            "UNITS": ["N"] * channels,
        }
    for group, extra in (parameters or {}).items():
        groups.setdefault(group, {}).update(extra)
    for _ in range(2):
        blocks = -(-len(_parameters(groups, 0, processor)) // BLOCK)
        groups["POINT"]["DATA_START"] = np.int16(2 + blocks)
    said = {"scale": scale, "rate_hz": rate_hz, "analog": channels * samples, "samples": samples} | (header or {})
    words = (count, said["analog"] % 65536, first_frame % 65536, last % 65536, 0)
    order = ">" if processor == MIPS else "<"
    head = (
        struct.pack(f"{order}BB5H", 2, 0x50, *words)
        + _float(said["scale"], processor)
        + struct.pack(f"{order}2H", 2 + blocks, said["samples"])
        + _float(said["rate_hz"], processor)
    )
    section = _parameters(groups, blocks, processor).ljust(blocks * BLOCK, b"\0")
    return head.ljust(BLOCK, b"\0") + section + _data(points, analog, scale, unsigned, processor)


def plate_parameters(kind: int, corners: np.ndarray, origin: np.ndarray, **more) -> dict[str, dict]:
    """FORCE_PLATFORM group of one plate on the first channels."""
    count = 8 if kind == 3 else 6
    group = {
        "USED": np.int16(1),
        "TYPE": np.array([kind], np.int16),
        "CORNERS": np.asarray(corners, np.float32).reshape(1, 4, 3),
        "ORIGIN": np.asarray(origin, np.float32).reshape(1, 3),
        "CHANNEL": np.arange(1, count + 1, dtype=np.int16).reshape(1, count),
    }
    return {"FORCE_PLATFORM": group | more}


def _data(points: np.ndarray, analog: np.ndarray | None, scale: float, unsigned: bool, processor: int) -> bytes:
    integer = "u2" if unsigned else "i2"
    pieces = []
    for index, frame in enumerate(points):
        pieces.append(_numbers(frame.astype("f4" if scale < 0 else "i2"), processor))
        if analog is not None:
            pieces.append(_numbers(analog[index].astype("f4" if scale < 0 else integer), processor))
    return b"".join(pieces)


def _float(value: float, processor: int) -> bytes:
    return _numbers(np.array(value, np.float32), processor)


def _numbers(values: np.ndarray, processor: int) -> bytes:
    if processor == DEC and values.dtype == np.float32:
        # Four times the number in IEEE bits, the upper 16 of them first.
        return (values * np.float32(4.0)).astype("<f4").reshape(-1).view("<u2").reshape(-1, 2)[:, ::-1].tobytes()
    return values.astype(values.dtype.newbyteorder(">" if processor == MIPS else "<")).tobytes()


def _parameters(groups: dict[str, dict], blocks: int, processor: int) -> bytes:
    records = bytearray(bytes((1, 0x50, blocks, processor)))
    for number, (group, parameters) in enumerate(groups.items(), start=1):
        records += _record(group, -number, b"\0", processor)
        for name, value in parameters.items():
            if value is not None:
                records += _record(name.rstrip("!"), number, _value(value, processor) + b"\0", processor)
    return bytes(records) + b"\0\0"


def _record(name: str, number: int, body: bytes, processor: int) -> bytes:
    offset = struct.pack(">H" if processor == MIPS else "<H", 2 + len(body))
    return struct.pack("<bb", len(name), number) + name.encode() + offset + body


def _value(value, processor: int) -> bytes:
    if isinstance(value, list):
        width = max([len(text.encode()) for text in value], default=0)
        return struct.pack("<bBBB", -1, 2, width, len(value)) + b"".join(text.encode().ljust(width) for text in value)
    array = np.asarray(value)
    return struct.pack("<bB", array.itemsize, array.ndim) + bytes(array.shape[::-1]) + _numbers(array, processor)
