"""Analog channels and gait events of a C3D file, on the capture clock."""

from __future__ import annotations

from pathlib import Path

import c3d
import numpy as np

from gaitload.errors import DataError
from gaitload.io.c3d import clock_of, decoded
from gaitload.io.c3d_frames import read_frames
from gaitload.io.c3d_layout import layout_of
from gaitload.io.c3d_parameters import continued_texts, numbers, texts
from gaitload.io.delimited import numbered

STRIKE, OFF = "Foot Strike", "Foot Off"
_SIDES = {"r": "Right", "l": "Left"}


def read_analog(path: Path) -> dict[str, np.ndarray]:
    """All analog channels by their labels, in their own units, shape (T,), and `time_s`, their capture times (s).

    Where a label stands several times, its channels are called `label#1`, `label#2`, ...

    Raises
    ------
    DataError
        Those of `gaitload.io.c3d.decoded`.
    """
    return decoded(path, _analog)


def _analog(reader: c3d.Reader, content: bytes) -> dict[str, np.ndarray]:
    layout = layout_of(reader, len(content))
    names = continued_texts(reader, "ANALOG:LABELS")[: layout.channels]
    samples = read_frames(reader, content, layout).channels(range(len(names)))
    named = dict(zip(numbered(names), samples.T, strict=True))
    return {**named, "time_s": clock_of(layout, len(samples), layout.samples)}


def read_cycle_events(path: Path, side: str) -> tuple[float, float, float]:
    """Times (s, capture clock) of the first gait cycle of a foot: strike, foot off, next strike.

    Raises
    ------
    DataError
        `EXTERNAL_EVENTS`: the file has no two strikes of this foot with a foot off between them; those of
        `gaitload.io.c3d.decoded`.
    """
    events = decoded(path, lambda reader, _: _events(reader))
    own = sorted((time_s, name) for time_s, name, context in events if context == _SIDES[side])
    strikes = [time_s for time_s, name in own if name == STRIKE]
    offs = [time_s for time_s, name in own if name == OFF and len(strikes) > 1 and strikes[0] < time_s < strikes[1]]
    if not offs:
        there = ", ".join(f"{name} of the {context} side at {time_s:.3f} s" for time_s, name, context in events)
        raise DataError(
            expected=f"two events {STRIKE} of the {_SIDES[side].lower()} side, and {OFF} between them",
            found=there or "no events",
            where=str(path),
            do="Set the events in the capture software, or give cycle_start_s and cycle_end_s in trials.tsv.",
            code="EXTERNAL_EVENTS",
        )
    return strikes[0], offs[0], strikes[1]


def _events(reader: c3d.Reader) -> list[tuple[float, str, str]]:
    """Time (s), name and side of each event, in the order of time."""
    names, sides = texts(reader, "EVENT:LABELS"), texts(reader, "EVENT:CONTEXTS")
    # Pairs of minutes and seconds on the capture clock.
    minutes, seconds = numbers(reader, "EVENT:TIMES").reshape(-1, 2).T
    return sorted((float(time_s), *of) for time_s, *of in zip(60 * minutes + seconds, names, sides, strict=True))
