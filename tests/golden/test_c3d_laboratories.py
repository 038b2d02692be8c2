"""C3D files of laboratories that were refused or misread once, held against another reader."""

from __future__ import annotations

from pathlib import Path

import ezc3d
import numpy as np
import pytest

from gaitload.discovery.draft import draft_cohort
from gaitload.discovery.looks import read_markers_file
from gaitload.discovery.make import known_marker_sets
from gaitload.errors import DataError
from gaitload.io.c3d import read_c3d
from gaitload.io.c3d_frames import read_frames
from gaitload.io.c3d_layout import layout_of
from gaitload.io.c3d_parameters import open_c3d
from gaitload.io.clock import on_clock_of
from gaitload.io.forces import read_forces
from gaitload.io.trc import read_trc
from gaitload.models.registry import find_model

METRES = {"m": 1.0, "mm": 1e-3}
REFUSED = {"Kistler.c3d": "C3D_NO_MARKERS", "Optotrak.c3d": "C3D_TRUNCATED"}
"""One has no points, the other holds 29 of the 1149 frames that header and parameters promise."""


@pytest.fixture(scope="module")
def sets():
    return known_marker_sets(find_model("rajagopal2015"), Path(__file__).parents[2])


def c3d_files(shared: Path) -> list[Path]:
    return sorted(
        path for folder in ("c3d_cases", "cases", "pig_children") for path in (shared / folder).rglob("*.c3d")
    )


def test_every_file_is_that_of_ezc3d_or_refused_for_what_it_lacks(shared):
    files = c3d_files(shared)
    assert len(files) > 40
    for path in files:
        if path.name in REFUSED:
            with pytest.raises(DataError, match=REFUSED[path.name]):
                read_c3d(path)
        else:
            require_same(path)


def require_same(path: Path) -> None:
    content = path.read_bytes()
    reader = open_c3d(content)
    layout = layout_of(reader, len(content))
    frames = read_frames(reader, content, layout)
    other = ezc3d.c3d(str(path))
    metres = METRES[other["parameters"]["POINT"]["UNITS"]["value"][0].strip()]
    found, expected = frames.positions() * metres, other["data"]["points"][:3].T * metres
    assert found.shape == expected.shape, path.name
    seen = np.isfinite(found).all(axis=2)
    np.testing.assert_allclose(found[seen], expected[seen], rtol=0, atol=1e-6, err_msg=path.name)
    assert (np.isnan(expected[~seen]) | (expected[~seen] == 0.0)).all(), path.name
    if layout.channels:
        channels, analog = frames.channels(range(layout.channels)), other["data"]["analogs"][0].T
        np.testing.assert_allclose(channels, analog, rtol=1e-6, atol=1e-9, err_msg=path.name)


@pytest.mark.parametrize(
    "file", ["c13b_Nm_blank_units", "c13c_Nm_unit_dot", "c13d_Nm_unit_newtonmeter", "c29b_type4_calmatrix_Nm"]
)
def test_moments_of_every_spelling_put_the_centre_of_pressure_where_the_same_walk_has_it(shared, file):
    wrenches = read_c3d(shared / f"cases/15-moment-units/{file}.c3d").plates
    reference = read_c3d(shared / "cases/51-c3d-and-trc-clocks/c06_first501.c3d").plates
    assert len(wrenches) == len(reference) == 2
    for wrench, same in zip(wrenches, reference, strict=True):
        np.testing.assert_allclose(wrench.force_lab_n, same.force_lab_n, atol=0.01)
        np.testing.assert_allclose(wrench.moment_lab_nm, same.moment_lab_nm, atol=0.01)


def test_plates_of_types_5_and_6_are_named_and_the_others_used(shared):
    recording = read_c3d(shared / "cases/13-plate-types/e07_second_type6.c3d")
    assert [plate.name for plate in recording.plates] == ["plate_1"]
    assert any("plate_2 left out: [C3D_PLATE_TYPE]" in note and "type 6" in note for note in recording.notes)
    both = read_c3d(shared / "cases/13-plate-types/c30_type5.c3d")
    assert both.plates == ()
    assert sum("type 5" in note for note in both.notes) == 2


@pytest.mark.parametrize("file", ["c07_prefix_unlabelled", "c07b_unlabelled_only"])
def test_prefixes_and_unlabelled_points_leave_the_names_of_the_set(shared, file):
    names = read_c3d(shared / f"cases/08-subject-prefix-unlabelled/{file}.c3d").marker_names
    assert names == read_c3d(shared / "cases/51-c3d-and-trc-clocks/c06_first501.c3d").marker_names


def test_c3d_trc_and_mot_of_one_recording_are_on_one_clock(shared):
    folder = shared / "cases/51-c3d-and-trc-clocks"
    recording, table = read_c3d(folder / "c06_first501.c3d"), read_trc(folder / "t04d_trc_from_5s_both.trc")
    assert (recording.first_frame, recording.marker_time_s[0]) == (501, 5.0)
    np.testing.assert_allclose(recording.marker_time_s, table.marker_time_s, atol=1e-9)
    common = [name for name in table.marker_names if name in recording.marker_names]
    assert len(common) > 40
    for name in common:
        ours = recording.marker_lab_m[:, recording.marker_names.index(name)]
        theirs = table.marker_lab_m[:, table.marker_names.index(name)]
        # A table may have other axes; the distance from the origin has none.
        np.testing.assert_allclose(np.linalg.norm(ours, axis=1), np.linalg.norm(theirs, axis=1), atol=1e-4)
    time_s, _ = read_forces(folder / "t04d_trc_from_5s_both.mot")
    assert on_clock_of(recording.marker_time_s, time_s) == (time_s, ())
    assert on_clock_of(recording.marker_time_s, time_s - 5.0)[0][0] == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("case", "markers"), [("lab-01_pig_outputs_and_unlabelled", 121), ("lab-02_ghost_unlabelled", 120)]
)
def test_outputs_of_plug_in_gait_and_ghosts_are_no_markers(shared, case, markers):
    folder = shared / "cases" / case / "S01"
    for path in sorted(folder.glob("*.c3d")):
        recording = read_markers_file(folder, path.name)
        assert len(recording.marker_names) <= markers
        assert not {"LFEO", "HEDA", "CentreOfMass", "LHipAngles", "*113"} & set(recording.marker_names)
        assert {"LASI", "RASI", "LHEE", "RTOE"} <= set(recording.marker_names)


def test_masses_and_heights_of_the_children_are_those_of_their_files(shared, sets):
    draft = draft_cohort(shared / "pig_children", "lab", sets)
    assert {one.participant_id: (one.mass_kg, one.height_m) for one in draft.people} == {
        "HC002D": (32.1, 1.45),
        "HC030A": (45.8, 1.48),
        "HC033A": (51.5, 1.605),
        "HC038A": (56.8, 1.74),
        "HC040A": (25.0, 1.225),
        "HC042A": (59.9, 1.79),
    }
    assert draft.suggested == frozenset()


def test_who_stands_beside_the_plates_weighs_what_the_file_says(shared, sets):
    draft = draft_cohort(shared / "cases/lab-03_static_off_plates", "lab", sets)
    assert draft.people[0].mass_kg == pytest.approx(32.9)
    assert "force of standing" not in " ".join(one.text for one in draft.questions)
