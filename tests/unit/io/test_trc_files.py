"""TRC files: spellings of missing, units, promises of the header, and what OpenSim makes of ours."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gaitload.errors import DataError
from gaitload.io.spans import recorded_clock
from gaitload.io.trc import read_trc, write_trc
from gaitload.trial import Markers

HEADER = "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames"


def trc(rows: list[str], *, frames: int | None = None, unit: str = "mm", names: str = "A\t\t\tB", rate: str = "100"):
    """A TRC file of two markers."""
    count = len(rows) if frames is None else frames
    values = f"{rate}\t{rate}\t{count}\t2\t{unit}\t{rate}\t1\t{count}"
    axes = "\t\tX1\tY1\tZ1\tX2\tY2\tZ2"
    return (
        "\n".join(["PathFileType\t4\t(X/Y/Z)\tx.trc", HEADER, values, f"Frame#\tTime\t{names}", axes, "", *rows]) + "\n"
    )


ROWS = ["1\t0.00\t1\t2\t3\t4\t5\t6", "2\t0.01\t7\t8\t9\t10\t11\t12", "3\t0.02\t1\t2\t3\t4\t5\t6"]
LATE = ["4\t0.04\t1\t2\t3\t4\t5\t6", "5\t0.05\t1\t2\t3\t4\t5\t6"]


@pytest.fixture
def read(tmp_path):
    def read(text: str):
        path = tmp_path / "walk.trc"
        path.write_text(text)
        return read_trc(path)

    return read


@pytest.mark.parametrize(("unit", "metres"), [("mm", 1e-3), ("m", 1.0), ("     mm", 1e-3), ("cm", 1e-2)])
def test_markers_come_out_in_metres(read, unit, metres):
    recording = read(trc(ROWS, unit=unit))
    np.testing.assert_allclose(recording.marker_lab_m[1], np.array([[7, 8, 9], [10, 11, 12]]) * metres)
    assert recording.marker_names == ("A", "B")
    assert recording.plates == ()


def test_quotes_line_ends_and_trailing_tabs_of_other_software_are_no_part_of_a_recording(read):
    plain = read(trc(ROWS))
    text = trc([f"{row}\t\t" for row in ROWS], names='"A"\t\t\t"B"\t\t').replace("\n", "\r\n")
    other = read(text)
    assert other.marker_names == plain.marker_names
    np.testing.assert_array_equal(other.marker_lab_m, plain.marker_lab_m)


def test_decimal_commas_are_read_where_no_number_has_a_point(read, tmp_path):
    rows = [row.replace("\t1\t", "\t1.5\t") for row in ROWS]
    points = read(trc(rows))
    header, numbers = trc(rows, rate="100.00").split("\n", 2)[0], trc(rows, rate="100.00").split("\n", 2)[1:]
    commas = read("\n".join([header, *numbers]).replace(".", ",").replace("x,trc", "x.trc"))
    np.testing.assert_array_equal(commas.marker_lab_m, points.marker_lab_m)
    np.testing.assert_array_equal(commas.marker_time_s, points.marker_time_s)
    np.testing.assert_allclose(recorded_clock(tmp_path / "walk.trc").marker_time_s, points.marker_time_s)
    with pytest.raises(DataError, match="TRC_NUMBER"):
        read(trc([ROWS[0], ROWS[1].replace("\t7\t", "\t7,5\t"), ROWS[2].replace("\t1\t", "\t1.5\t")]))


@pytest.mark.parametrize("cell", ["", "  ", "NaN", "nan", " NAN", "naN  "])
def test_every_spelling_of_missing_is_understood(read, cell):
    rows = [ROWS[0], f"2\t0.01\t{cell}\t{cell}\t{cell}\t10\t11\t12", ROWS[2]]
    missing = np.isnan(read(trc(rows)).marker_lab_m)
    assert missing[1, 0].all()
    assert missing.sum() == 3


def test_a_marker_with_one_blank_coordinate_is_missing_as_a_whole(read):
    missing = np.isnan(read(trc([ROWS[0], "2\t0.01\t7\t\t9\t10\t11\t12", ROWS[2]])).marker_lab_m)
    assert missing[1, 0].all()
    assert missing.sum() == 3


def test_a_marker_at_the_origin_is_missing(read):
    missing = np.isnan(read(trc([ROWS[0], "2\t0.01\t0\t0.000\t-0\t10\t0\t12", ROWS[2]])).marker_lab_m)
    assert missing[1, 0].all()
    assert missing.sum() == 3


@pytest.mark.parametrize("tail", ["\t", "\t\t\t", " ", "\t \t"])
def test_trailing_tabs_and_blanks_mean_nothing(read, tail):
    text = "\n".join(line + tail for line in trc(ROWS).splitlines())
    np.testing.assert_array_equal(read(text).marker_lab_m, read(trc(ROWS)).marker_lab_m)


def test_names_may_stand_one_tab_further(read):
    assert read(trc(ROWS, names="\tA\t\t\tB")).marker_names == ("A", "B")


def test_times_that_were_rounded_become_uniform(read):
    rows = [f"{index + 1}\t{index / 150:.3f}\t1\t2\t3\t4\t5\t6" for index in range(31)]
    time_s = read(trc(rows, rate="150")).marker_time_s
    np.testing.assert_allclose(np.diff(time_s), 1.0 / 150.0, rtol=1e-9)


def test_more_rows_than_promised_are_kept(read):
    assert len(read(trc(ROWS, frames=2)).marker_time_s) == 3


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        (trc(ROWS, frames=4), "TRC_TRUNCATED", "4 frames"),
        (trc([], frames=0), "TRC_TRUNCATED", "0 frames"),
        (trc(ROWS, unit="in"), "UNITS_UNKNOWN", "'in'"),
        (trc(ROWS, names="A"), "TRC_MARKERS", "1 names"),
        (trc(ROWS, names="A\t\t\tA"), "TRC_MARKERS", "A more than once"),
        (trc([ROWS[0], ROWS[1][:-3], ROWS[2]]), "TRC_COLUMNS", "7 in line 8"),
        (trc([ROWS[0], ROWS[1] + "\t13", ROWS[2]]), "TRC_COLUMNS", "9 in line 8"),
        (trc([ROWS[0], ROWS[1].replace("8", "8,5"), ROWS[2]]), "TRC_NUMBER", "8,5"),
        (trc([*ROWS, *LATE]), "TRC_TIME", "rows off the grid"),
        (trc([ROWS[0], ROWS[0], ROWS[0]]), "TRC_TIME", "off the grid"),
        (trc(ROWS, rate="1000"), "TRC_TIME", "DataRate 1000 Hz"),
        (trc(ROWS, rate="fast"), "TRC_HEADER", "fast"),
        ("\n".join(ROWS), "TRC_HEADER", "DataRate"),
    ],
)
def test_a_broken_promise_is_named(read, text, code, says):
    with pytest.raises(DataError) as refused:
        read(text)
    assert refused.value.code == code
    assert says in str(refused.value)
    assert "walk.trc" in refused.value.where


def test_a_last_frame_of_another_step_is_left_out_and_said(read):
    recording = read(trc([*ROWS, LATE[0]]))
    np.testing.assert_allclose(recording.marker_time_s, [0.0, 0.01, 0.02], atol=1e-12)
    assert len(recording.marker_lab_m) == 3
    (note,) = recording.notes
    assert "the last frame, at 0.04 s" in note


def markers(frames: int = 30) -> Markers:
    position = np.random.default_rng(0).normal(size=(frames, 3, 3))
    position[0] = np.nan
    position[4, 1] = np.nan
    position[7, 2] = np.nan
    return Markers(("R.Heel", "sternum top", "C7"), 0.23 + np.arange(frames) / 150.0, position)


def test_what_is_written_is_read_back(tmp_path):
    write_trc(tmp_path / "x.trc", markers())
    found = read_trc(tmp_path / "x.trc")
    assert found.marker_names == markers().names
    np.testing.assert_allclose(found.marker_time_s, markers().time_s, atol=1e-9)
    np.testing.assert_allclose(found.marker_lab_m, markers().position_ground_m, atol=1e-9)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seen=st.lists(st.booleans(), min_size=6, max_size=6), scale=st.floats(1e-3, 50.0))
def test_any_pattern_of_gaps_survives_a_round_trip(tmp_path, seen, scale):
    position = np.full((2, 3, 3), scale)
    position[~np.array(seen).reshape(2, 3)] = np.nan
    write_trc(tmp_path / "x.trc", Markers(("A", "B", "C"), np.array([0.0, 0.01]), position))
    np.testing.assert_allclose(read_trc(tmp_path / "x.trc").marker_lab_m, position, atol=1e-9)


def test_opensim_reads_the_same_markers_and_the_same_gaps(tmp_path):
    opensim = pytest.importorskip("opensim")
    path = tmp_path / "x.trc"
    write_trc(path, markers())
    table = opensim.TimeSeriesTableVec3(str(path))
    matrix = table.getMatrix()
    found = np.array([[[matrix.getElt(i, j)[k] for k in range(3)] for j in range(3)] for i in range(30)]) * 1e-3
    assert list(table.getColumnLabels()) == list(markers().names)
    assert table.getTableMetaDataString("Units") == "mm"
    np.testing.assert_allclose(table.getIndependentColumn(), markers().time_s, atol=1e-9)
    np.testing.assert_allclose(found, markers().position_ground_m, atol=1e-9)


def test_the_tools_of_opensim_read_the_same_markers(tmp_path):
    opensim = pytest.importorskip("opensim")
    path = tmp_path / "x.trc"
    write_trc(path, markers())
    data = opensim.MarkerData(str(path))
    assert (data.getNumFrames(), data.getNumMarkers()) == (30, 3)
    assert np.isnan(data.getFrame(7).getMarker(2)[0])
    assert data.getFrame(8).getMarker(2)[0] == pytest.approx(1e3 * markers().position_ground_m[8, 2, 0], abs=1e-6)


def test_names_of_subjects_are_taken_off_and_points_that_are_no_markers_left_out(tmp_path):
    path = tmp_path / "a.trc"
    position = np.random.default_rng(0).normal(size=(12, 4, 3))
    write_trc(path, Markers(("Ann:LASI", "Ann:RASI", "*113", "CentreOfMass"), np.arange(12) / 100.0, position))
    recording = read_trc(path)
    assert recording.marker_names == ("LASI", "RASI")
    np.testing.assert_allclose(recording.marker_lab_m, position[:, :2], atol=1e-8)
    assert any("1 unlabelled (*113)" in note for note in recording.notes)


def test_the_markers_of_the_subject_that_is_asked_for_are_read(tmp_path):
    path = tmp_path / "a.trc"
    position = np.random.default_rng(0).normal(size=(12, 3, 3))
    write_trc(path, Markers(("Ann:LASI", "Bob:LASI", "Box:c"), np.arange(12) / 100.0, position))
    recording = read_trc(path, subject="Bob")
    assert recording.marker_names == ("LASI",)
    np.testing.assert_allclose(recording.marker_lab_m[:, 0], position[:, 1], atol=1e-8)
