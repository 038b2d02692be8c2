"""C3D files that are written can be read, by us and by others."""

from __future__ import annotations

from pathlib import Path

import ezc3d
import numpy as np
import pytest

from gaitload.io.c3d import read_c3d
from gaitload.io.c3d_write import write_c3d

RANDOM = np.random.default_rng(3)
MARKERS_M = RANDOM.normal(size=(7, 12, 3))
CHANNELS = RANDOM.normal(size=(2, 70, 6)) * [100.0, 100.0, -500.0, 20.0, 20.0, 5.0]
CORNERS_M = np.array([[(0.5, 0.4, 0.0), (0.0, 0.4, 0.0), (0.0, 0.0, 0.0), (0.5, 0.0, 0.0)]] * 2)
CORNERS_M[1, :, 1] += 0.5


@pytest.fixture
def write(tmp_path: Path):
    """Write the same recording, or one that differs a little, under a name."""

    def run(name: str, **changed) -> Path:
        arguments = {
            "marker_names": [f"M{number}" for number in range(12)],
            "marker_rate_hz": 100.0,
            "marker_lab_m": MARKERS_M,
            "force_rate_hz": 1000.0,
            "channels": CHANNELS,
            "corners_lab_m": CORNERS_M,
            "origins_plate_m": np.array([(0.001, -0.002, -0.04)] * 2),
        }
        write_c3d(tmp_path / name, **arguments | changed)
        return tmp_path / name

    return run


def test_markers_come_back_to_a_micrometre(write):
    recording = read_c3d(write("a.c3d"))
    assert recording.marker_names == tuple(f"M{number}" for number in range(12))
    assert recording.marker_rate_hz == pytest.approx(100.0)
    # Single precision of millimetres: 1 m is known to 0.06 micrometres.
    assert np.abs(recording.marker_lab_m - MARKERS_M).max() < 1e-6


def test_a_hidden_marker_is_written_as_zeros_and_read_as_missing(write):
    hidden = MARKERS_M.copy()
    hidden[2:4, 5] = np.nan
    path = write("a.c3d", marker_lab_m=hidden)
    assert ezc3d.c3d(str(path))["data"]["points"][:3, 5, 2:4].tolist() == [[0.0, 0.0]] * 3
    read = read_c3d(path).marker_lab_m
    assert np.argwhere(np.isnan(read).all(axis=2)).tolist() == [[2, 5], [3, 5]]


def test_forces_are_those_an_independent_reader_finds(write):
    path = write("a.c3d")
    others = ezc3d.c3d(str(path), extract_forceplat_data=True)["data"]["platform"]
    ours = read_c3d(path).plates
    assert len(others) == len(ours) == 2
    for other, plate, corners in zip(others, ours, CORNERS_M, strict=True):
        assert pytest.approx(plate.force_lab_n, abs=1e-3) == other["force"].T
        about_centre = plate.moment_lab_nm - np.cross(corners.mean(axis=0), plate.force_lab_n)
        assert pytest.approx(about_centre, abs=1e-3) == other["moment"].T / 1e3


def test_equal_content_is_equal_bytes(write):
    first = write("a.c3d").read_bytes()
    assert write("b.c3d").read_bytes() == first
    assert write("c.c3d", marker_lab_m=MARKERS_M + 1e-3).read_bytes() != first
