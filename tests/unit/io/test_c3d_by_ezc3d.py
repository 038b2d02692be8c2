"""Files that ezc3d has written, with random counts, scales and first frames: every number is what was written.

`GAITLOAD_C3D_FILES=200 pytest tests/unit/io/test_c3d_by_ezc3d.py` tries 200 of them; by default there are 40.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from ezc3d_writer import METRES, Written, elsewhere, write_long, write_random
from gaitload.io.c3d import read_c3d
from gaitload.io.c3d_frames import read_frames
from gaitload.io.c3d_layout import layout_of
from gaitload.io.c3d_parameters import continued_texts, open_c3d

COUNT = int(os.environ.get("GAITLOAD_C3D_FILES", "40"))


@pytest.mark.parametrize("number", range(COUNT))
def test_a_file_of_ezc3d_holds_what_was_written(tmp_path, number):
    path = tmp_path / "random.c3d"
    written = elsewhere(write_random, path, number)
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
    elsewhere(write_long, path, frames)
    recording = read_c3d(path)
    np.testing.assert_allclose(recording.marker_lab_m[:, 0, 0], np.arange(1.0, frames + 1) * 1e-3, rtol=1e-6)
