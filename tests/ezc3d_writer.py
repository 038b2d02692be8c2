"""Files that ezc3d writes, in a process of its own.

Both ezc3d and OpenSim tell their vectors of numbers by the same name; once ezc3d has written a file, OpenSim refuses
its own in that process.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import ezc3d
import numpy as np

METRES = {"mm": 1e-3, "m": 1.0}
HIDDEN_SHARE = 0.05


@dataclass(frozen=True)
class Written:
    """What was put into a file: points (T, M, 3) in its unit, NaN where hidden, and samples (N, C)."""

    points: np.ndarray
    analog: np.ndarray
    unit: str
    rate_hz: float
    first_frame: int


def write_random(path: Path, number: int) -> Written:
    """A file whose counts, scales and first frame follow from its number."""
    random = np.random.default_rng(number)
    many = number % 4 == 0
    frames = int(random.integers(1, 70 if many else 900))
    markers = int(random.integers(1, 600 if many else 60))
    channels = int(random.choice([0, random.integers(1, 60), random.integers(256, 700 if many else 300)]))
    samples = int(random.integers(1, 5 if many else 21))
    unit, rate_hz = str(random.choice(["mm", "m"])), float(random.choice([50.0, 100.0, 148.148, 200.0, 1000.0 / 3.0]))
    first_frame = int(random.choice([0, random.integers(1, 60_000), random.integers(65_536, 200_000)]))
    points = random.normal(scale=1.0 / METRES[unit], size=(frames, markers, 3)).astype(np.float32).astype(float)
    points[random.random((frames, markers)) < HIDDEN_SHARE] = np.nan
    analog = random.normal(scale=10.0 ** random.uniform(-3, 4), size=(frames * samples, channels)).astype(np.float32)
    file = ezc3d.c3d()
    point, channel = file["parameters"]["POINT"], file["parameters"]["ANALOG"]
    point["RATE"]["value"], point["UNITS"]["value"] = [rate_hz], [unit]
    point["LABELS"]["value"] = [f"M{index}" for index in range(markers)]
    if random.random() < 0.7:
        point["SCALE"]["value"] = [-(10.0 ** random.uniform(-6, 3))]
    file["data"]["points"] = np.concatenate((points, np.ones((frames, markers, 1))), axis=2).T
    if channels:
        channel["RATE"]["value"] = [rate_hz * samples]
        channel["LABELS"]["value"] = [f"A{index}" for index in range(channels)]
        file["data"]["analogs"] = analog.T[np.newaxis].astype(float)
    file["header"]["points"]["first_frame"] = first_frame
    file.write(str(path))
    return Written(points, analog, unit, rate_hz, first_frame + 1)


def write_long(path: Path, frames: int) -> None:
    """One marker that moves by a millimetre a frame."""
    file = ezc3d.c3d()
    file["parameters"]["POINT"]["RATE"]["value"] = [100.0]
    file["parameters"]["POINT"]["UNITS"]["value"] = ["mm"]
    file["parameters"]["POINT"]["LABELS"]["value"] = ["A"]
    file["data"]["points"] = np.ones((4, 1, frames)) * np.arange(1.0, frames + 1)
    file.write(str(path))


def elsewhere(function: Callable, *arguments):
    """What a function of this module returns in the other process."""
    return _process().submit(function, *arguments).result()


@cache
def _process() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"))
