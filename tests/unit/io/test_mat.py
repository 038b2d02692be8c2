"""Markers of MATLAB files: what is a marker, and what the tables have to add."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from gaitload.errors import DataError
from gaitload.io.mat import read_mat

FRAMES = 7


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Two markers in mm, one of them hidden twice, beside what exporters write with them."""
    random = np.random.default_rng(1)
    markers = {name: random.uniform(100, 900, (FRAMES, 3)) for name in ("RASI", "LASI")}
    markers["LASI"][2] = 0.0
    markers["LASI"][3, 1] = np.nan
    others = {"Root": np.ones((FRAMES, 6)), "knee": np.ones((1, FRAMES)), "corner": np.ones((4, 3)), "about": "a walk"}
    savemat(tmp_path / "walk.mat", markers | others)
    return tmp_path / "walk.mat"


def test_variables_of_three_columns_are_markers_on_the_clock_that_is_declared(path: Path) -> None:
    recording = read_mat(path, rate_hz=50.0, length_unit="mm")
    assert recording.marker_names == ("LASI", "RASI")
    assert recording.marker_lab_m.shape == (FRAMES, 2, 3)
    np.testing.assert_allclose(recording.marker_time_s, np.arange(FRAMES) / 50)
    assert recording.plates == () and 0.1 < np.nanmean(recording.marker_lab_m) < 0.9
    missing = np.isnan(recording.marker_lab_m).all(axis=-1)
    assert np.flatnonzero(missing[:, 0]).tolist() == [2, 3] and not missing[:, 1].any()


@pytest.mark.parametrize(
    ("declared", "code", "key"),
    [
        ({"rate_hz": None, "length_unit": "mm"}, "MAT_RATE_UNKNOWN", "marker_rate_hz"),
        ({"rate_hz": 100.0, "length_unit": None}, "UNITS_UNKNOWN", "marker_length_unit"),
    ],
)
def test_what_the_file_does_not_say_is_never_guessed(path: Path, declared: dict, code: str, key: str) -> None:
    with pytest.raises(DataError, match=key) as caught:
        read_mat(path, **declared)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"no MATLAB file, whatever its name says" * 10, "MAT_UNREADABLE", "version 5 to 7"),
        (b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM", "MAT_UNREADABLE", "save"),
        (b"", "FILE_EMPTY", "empty"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes, code: str, words: str) -> None:
    (tmp_path / "odd.mat").write_bytes(content)
    with pytest.raises(DataError, match=words) as caught:
        read_mat(tmp_path / "odd.mat", rate_hz=100.0, length_unit="mm")
    assert caught.value.code == code


def test_a_file_cut_off_is_refused(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(DataError) as caught:
        read_mat(path, rate_hz=100.0, length_unit="mm")
    assert caught.value.code == "MAT_UNREADABLE"


def test_a_file_without_markers_names_what_it_holds(tmp_path: Path) -> None:
    savemat(tmp_path / "angles.mat", {"knee": np.ones((1, FRAMES))})
    with pytest.raises(DataError, match="knee, none of three columns") as caught:
        read_mat(tmp_path / "angles.mat", rate_hz=100.0, length_unit="mm")
    assert caught.value.code == "MAT_MARKERS"
