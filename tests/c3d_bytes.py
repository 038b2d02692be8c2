"""C3D files byte by byte, so that tests know every number in them and can break every promise."""

from __future__ import annotations

import struct

import numpy as np

BLOCK = 512
INTEL = 84


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
) -> bytes:
    """One C3D file.

    `points` has shape (T, M, 4): x, y, z and the residual word, as stored. `analog` has shape (T, S, C): S samples a
    frame, as stored. A negative `scale` stores floats, a positive one 16-bit integers. `parameters` adds to the usual
    groups or replaces in them; a value of None takes a parameter out.
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
    blocks = -(-len(_parameters(groups, 0)) // BLOCK)
    groups["POINT"]["DATA_START"] = np.int16(2 + blocks)
    blocks = -(-len(_parameters(groups, 0)) // BLOCK)
    groups["POINT"]["DATA_START"] = np.int16(2 + blocks)
    header = struct.pack(
        "<BBHHHHHfHHf", 2, 0x50, count, channels * samples, first_frame, last, 0, scale, 2 + blocks, samples, rate_hz
    )
    section = _parameters(groups, blocks).ljust(blocks * BLOCK, b"\0")
    return header.ljust(BLOCK, b"\0") + section + _data(points, analog, scale, unsigned)


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


def _data(points: np.ndarray, analog: np.ndarray | None, scale: float, unsigned: bool) -> bytes:
    real = scale < 0
    point_type = "<f4" if real else "<i2"
    analog_type = "<f4" if real else ("<u2" if unsigned else "<i2")
    pieces = []
    for index, frame in enumerate(points):
        pieces.append(frame.astype(point_type).tobytes())
        if analog is not None:
            pieces.append(analog[index].astype(analog_type).tobytes())
    return b"".join(pieces)


def _parameters(groups: dict[str, dict], blocks: int) -> bytes:
    records = bytearray(bytes((1, 0x50, blocks, INTEL)))
    for number, (group, parameters) in enumerate(groups.items(), start=1):
        records += _record(group, -number, b"\0")
        for name, value in parameters.items():
            if value is not None:
                records += _record(name, number, _value(value) + b"\0")
    return bytes(records) + b"\0\0"


def _record(name: str, number: int, body: bytes) -> bytes:
    return struct.pack("<bb", len(name), number) + name.encode() + struct.pack("<h", 2 + len(body)) + body


def _value(value) -> bytes:
    if isinstance(value, list):
        width = max([len(text.encode()) for text in value], default=0)
        return struct.pack("<bBBB", -1, 2, width, len(value)) + b"".join(text.encode().ljust(width) for text in value)
    array = np.asarray(value)
    dimensions = bytes(array.shape[::-1])
    return (
        struct.pack("<bB", array.itemsize, array.ndim)
        + dimensions
        + array.astype(array.dtype.newbyteorder("<")).tobytes()
    )
