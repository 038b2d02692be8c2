"""Files that ezc3d has written, with random counts, scales and first frames: every number is what was written.

`GAITLOAD_C3D_FILES=200 pytest tests/unit/io/test_c3d_by_ezc3d.py` tries 200 of them; by default there are 40.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import ezc3d
import numpy as np
import pytest

from gaitload.io.c3d import read_c3d
from gaitload.io.c3d_frames import read_frames
from gaitload.io.c3d_layout import layout_of
from gaitload.io.c3d_parameters import continued_texts, open_c3d

COUNT = int(os.environ.get("GAITLOAD_C3D_FILES", "40"))
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


def write(path: Path, number: int) -> Written:
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


@pytest.mark.parametrize("number", range(COUNT))
def test_a_file_of_ezc3d_holds_what_was_written(tmp_path, number):
    path = tmp_path / "random.c3d"
    written = write(path, number)
    if np.isnan(written.points).all():
        pytest.skip("every point of this file is hidden")
    recording = read_c3d(path)
    assert recording.marker_names == tuple(f"M{index}" for index in range(written.points.shape[1]))
    assert recording.marker_lab_m.shape == written.points.shape
    np.testing.assert_array_equal(np.isnan(recording.marker_lab_m), np.isnan(written.points))
    np.testing.assert_allclose(recording.marker_lab_m, written.points * METRES[written.unit], rtol=0, atol=1e-6)
    # ezc3d keeps the lower 16 bits of a first frame.
    assert recording.first_frame == written.first_frame % 65536
    steps = np.diff(recording.marker_time_s)
    np.testing.assert_allclose(steps, 1.0 / written.rate_hz, rtol=1e-5)
    require_analog(path, written)


def require_analog(path: Path, written: Written):
    content = path.read_bytes()
    reader = open_c3d(content)
    layout = layout_of(reader, len(content))
    assert layout.channels == written.analog.shape[1]
    if layout.channels:
        assert continued_texts(reader, "ANALOG:LABELS") == [f"A{index}" for index in range(layout.channels)]
        found = read_frames(reader, content, layout).channels(range(layout.channels))
        np.testing.assert_allclose(found, written.analog, rtol=1e-6)


def test_more_frames_than_ezc3d_reads_itself_are_read(tmp_path):
    path, frames = tmp_path / "long.c3d", 70_000
    file = ezc3d.c3d()
    file["parameters"]["POINT"]["RATE"]["value"] = [100.0]
    file["parameters"]["POINT"]["UNITS"]["value"] = ["mm"]
    file["parameters"]["POINT"]["LABELS"]["value"] = ["A"]
    file["data"]["points"] = np.ones((4, 1, frames)) * np.arange(1.0, frames + 1)
    file.write(str(path))
    recording = read_c3d(path)
    np.testing.assert_allclose(recording.marker_lab_m[:, 0, 0], np.arange(1.0, frames + 1) * 1e-3, rtol=1e-6)
