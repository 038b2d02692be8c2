"""Markers of C3D files, and what is said about files that cannot be read."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from c3d_bytes import BLOCK, c3d_bytes
from gaitload.errors import DataError
from gaitload.io.c3d import read_c3d

FRAMES = 5
MILLIMETRES = np.arange(FRAMES * 2 * 3, dtype=float).reshape(FRAMES, 2, 3) + 1.0


def points(positions: np.ndarray = MILLIMETRES, residual: float = 0.0) -> np.ndarray:
    return np.concatenate((positions, np.full((*positions.shape[:2], 1), residual)), axis=2)


@pytest.fixture
def read(tmp_path):
    def read(content: bytes, **options):
        path = tmp_path / "trial.c3d"
        path.write_bytes(content)
        return read_c3d(path, **options)

    return read


@pytest.mark.parametrize(("unit", "metres"), [("mm", 1e-3), ("cm", 1e-2), ("m", 1.0), ("MM ", 1e-3)])
def test_markers_come_out_in_metres(read, unit, metres):
    recording = read(c3d_bytes(points(), labels=["A", "B"], parameters={"POINT": {"UNITS": [unit]}}))
    # Stored as 32-bit floats: 24 bits of a number below 32.
    np.testing.assert_allclose(recording.marker_lab_m, MILLIMETRES * metres, rtol=1e-7)


def test_integers_are_scaled(read):
    recording = read(c3d_bytes(points(), labels=["A", "B"], scale=0.25))
    np.testing.assert_allclose(recording.marker_lab_m, MILLIMETRES * 0.25e-3, rtol=1e-7)


@pytest.mark.parametrize(("first_frame", "start_s"), [(0, 0.0), (1, 0.0), (501, 10.0)])
def test_time_is_that_of_the_capture_on_which_frame_1_is_at_zero(read, first_frame, start_s):
    recording = read(c3d_bytes(points(), labels=["A", "B"], rate_hz=50.0, first_frame=first_frame))
    np.testing.assert_allclose(recording.marker_time_s, start_s + np.arange(FRAMES) / 50.0)
    assert recording.first_frame == first_frame


@pytest.mark.parametrize("first_frame", [0, 1, 705])
def test_every_frame_is_read_whatever_the_first_frame_number(read, first_frame):
    assert len(read(c3d_bytes(points(), labels=["A", "B"], first_frame=first_frame)).marker_time_s) == FRAMES


def test_more_frames_than_a_header_can_count_are_read(read):
    many = np.broadcast_to([1.0, 2.0, 3.0, 0.0], (65540, 1, 4))
    end = {"ACTUAL_START_FIELD": np.array([1, 0], np.uint16), "ACTUAL_END_FIELD": np.array([4, 1], np.uint16)}
    recording = read(c3d_bytes(many, labels=["A"], scale=1.0, last_frame=65535, parameters={"TRIAL": end}))
    assert len(recording.marker_time_s) == 65540


def test_a_negative_residual_means_missing(read):
    stored = points()
    stored[2, 1, 3] = -1.0
    missing = np.isnan(read(c3d_bytes(stored, labels=["A", "B"])).marker_lab_m).all(axis=2)
    assert missing.sum() == 1
    assert missing[2, 1]


def test_a_point_at_the_origin_means_missing_whatever_its_residual(read):
    stored = points(residual=3.0)
    stored[1, 0, :3] = 0.0
    missing = np.isnan(read(c3d_bytes(stored, labels=["A", "B"])).marker_lab_m).all(axis=2)
    assert missing.sum() == 1
    assert missing[1, 0]


def test_a_marker_on_one_plane_of_the_lab_is_not_missing(read):
    stored = points()
    stored[1, 0, 1] = 0.0
    assert np.isfinite(read(c3d_bytes(stored, labels=["A", "B"])).marker_lab_m).all()


@pytest.mark.parametrize("kind", ["ANGLES", "FORCES", "MOMENTS", "POWERS", "SCALARS", "ANGLES2"])
def test_virtual_points_are_left_out(read, kind):
    virtual = {"POINT": {"ANGLES": ["other"], kind: ["LKneeAngles "]}}
    recording = read(c3d_bytes(points(), labels=["LKneeAngles", "B"], parameters=virtual))
    assert recording.marker_names == ("B",)
    np.testing.assert_allclose(recording.marker_lab_m[:, 0], MILLIMETRES[:, 1] * 1e-3, rtol=1e-7)


def test_names_go_on_in_the_second_list(read):
    recording = read(c3d_bytes(points(), labels=["A"], parameters={"POINT": {"LABELS2": ["B"]}}))
    assert recording.marker_names == ("A", "B")


def test_a_point_without_a_name_is_left_out(read):
    assert read(c3d_bytes(points(), labels=["", "B"])).marker_names == ("B",)


def refusal(read, content: bytes, code: str) -> DataError:
    with pytest.raises(DataError) as refused:
        read(content)
    assert refused.value.code == code
    assert "trial.c3d" in refused.value.where
    return refused.value


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(DataError, match="FILE_MISSING"):
        read_c3d(tmp_path / "nothing.c3d")


def test_an_empty_file_is_refused(read):
    assert "0 bytes" in refusal(read, b"", "FILE_EMPTY").found


@pytest.mark.parametrize("content", [b"time\tx\n0\t1\n", b"\x02\x50", bytes(2048)])
def test_something_else_than_a_c3d_is_refused(read, content):
    refusal(read, content, "C3D_NOT_C3D")


def test_a_truncated_file_is_refused_with_both_counts(read):
    content = c3d_bytes(points(), labels=["A", "B"])
    error = refusal(read, content[: -2 * 32], "C3D_TRUNCATED")
    assert "5" in error.expected
    assert error.found == "3"


def test_a_file_cut_inside_its_parameters_is_refused(read):
    refusal(read, c3d_bytes(points(), labels=["A", "B"])[: BLOCK + 40], "C3D_BROKEN")


def test_a_header_that_contradicts_its_parameters_is_refused(read):
    content = c3d_bytes(points(), labels=["A", "B"], parameters={"POINT": {"RATE": np.float32(99.0)}})
    assert "frame rate" in refusal(read, content, "C3D_BROKEN").found


def test_no_frames_are_refused(read):
    content = c3d_bytes(points()[:0], labels=["A", "B"])
    refusal(read, content, "C3D_NO_FRAMES")


def test_a_rate_of_zero_is_refused(read):
    refusal(read, c3d_bytes(points(), labels=["A", "B"], rate_hz=0.0), "C3D_NO_FRAMES")


@pytest.mark.parametrize("labels", [["", ""], None])
def test_points_without_any_name_are_refused(read, labels):
    refusal(read, c3d_bytes(points(), labels=labels), "C3D_NO_MARKERS")


def test_a_name_of_two_points_says_nothing_of_either(read):
    recording = read(c3d_bytes(np.repeat(points(), 2, axis=1), labels=["A", "A", "B", "C"]))
    assert recording.marker_names == ("B", "C")
    assert "left out: A, as several points have that name" in recording.notes
    refusal(read, c3d_bytes(points(), labels=["A", "A"]), "C3D_NO_MARKERS")


@pytest.mark.parametrize("unit", ["in", "", None])
def test_lengths_are_never_guessed(read, unit):
    units = {"POINT": {"UNITS": None if unit is None else [unit]}}
    refusal(read, c3d_bytes(points(), labels=["A", "B"], parameters=units), "UNITS_UNKNOWN")


WHOLE = c3d_bytes(points(), labels=["A", "B"], analog=np.ones((FRAMES, 2, 6)))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    flips=st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=6),
    length=st.integers(0, len(WHOLE)) | st.just(len(WHOLE)),
)
def test_damage_is_refused_or_harmless_but_never_a_crash(read, flips, length):
    content = bytearray(WHOLE)
    for place, value in flips:
        content[place] = value
    try:
        recording = read(bytes(content[:length]))
    except DataError as error:
        assert error.do
    else:
        assert recording.marker_lab_m.shape == (len(recording.marker_time_s), len(recording.marker_names), 3)
