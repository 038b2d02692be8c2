"""Reading what the tables of a cohort name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from gaitload.cohorts.recordings import read_recording
from gaitload.cohorts.spec import CohortSpec
from gaitload.cohorts.tables import Cohort, TrialRow
from gaitload.errors import DataError
from gaitload.io.sto import Table, write_sto
from gaitload.io.trc import write_trc
from gaitload.trial import Markers


@pytest.fixture
def cohort(tmp_path: Path) -> Cohort:
    """A walk in a marker file and a force file with two plates."""
    spec = CohortSpec(name="lab", title="", source="", licence="", raw_dir="raw", lab_forward="+x", lab_up="+y")
    times = np.arange(4) / 100
    write_trc(tmp_path / "walk.trc", Markers(("HEEL",), times, np.ones((4, 1, 3))))
    names = tuple(f"{plate}_{kind}{axis}" for plate in ("one", "two") for kind in ("v", "p", "m") for axis in "xyz")
    write_sto(tmp_path / "walk.mot", Table(names, times, np.ones((4, len(names)))), name="walk", in_degrees=False)
    return Cohort(spec, tmp_path, (), ())


def row(**changes) -> TrialRow:
    cells = {"participant_id": "p1", "trial_id": "walk", "role": "motion", "activity": "walk", "file": "walk.trc"}
    return TrialRow(**cells | {"forces_file": "walk.mot"} | changes)


def test_all_plates_are_taken_unless_the_sheet_names_some(cohort: Cohort) -> None:
    assert [plate.name for plate in read_recording(cohort, row()).plates] == ["one", "two"]
    assert [plate.name for plate in read_recording(cohort, row(plates="two")).plates] == ["two"]


def test_a_trc_file_that_is_called_a_text_file_is_read(cohort: Cohort, tmp_path: Path) -> None:
    (tmp_path / "walk.trc").rename(tmp_path / "walk.txt")
    assert read_recording(cohort, row(file="walk.txt")).marker_names == ("HEEL",)


def test_a_plate_that_is_not_in_the_file_is_refused_with_what_is(cohort: Cohort) -> None:
    with pytest.raises(DataError, match=r"forces of three; found 4 rows, plates one, two") as error:
        read_recording(cohort, row(plates="three"))
    assert error.value.code == "FORCES_NOT_FOUND"


def test_plates_of_a_c3d_file_go_by_their_numbers(cohort: Cohort, tmp_path: Path) -> None:
    (tmp_path / "walk.c3d").write_bytes(b"")
    with pytest.raises(DataError, match="plate_1") as error:
        read_recording(cohort, row(file="walk.c3d", forces_file=None, plates="left"))
    assert error.value.code == "PLATE_UNKNOWN"


def test_an_unknown_format_names_the_known_ones(cohort: Cohort) -> None:
    with pytest.raises(DataError, match=r"\.c3d, \.mat, \.trc") as error:
        read_recording(cohort, row(file="walk.csv"))
    assert error.value.code == "RECORDING_FORMAT"


def test_forces_that_count_from_their_first_row_come_on_the_clock_of_the_markers(
    cohort: Cohort, tmp_path: Path
) -> None:
    write_trc(tmp_path / "walk.trc", Markers(("HEEL",), 5.0 + np.arange(4) / 100, np.ones((4, 1, 3))))
    recording = read_recording(cohort, row())
    np.testing.assert_allclose(recording.force_time_s, recording.marker_time_s)
    assert any("both begin together" in note for note in recording.notes)


def test_of_several_subjects_the_sheet_says_whose_markers_are_meant(cohort: Cohort, tmp_path: Path) -> None:
    names = ("Ann:HEEL", "Box:c1")
    write_trc(tmp_path / "walk.trc", Markers(names, np.arange(4) / 100, np.ones((4, 2, 3))))
    assert read_recording(cohort, row(subject="Ann")).marker_names == ("HEEL",)
    with pytest.raises(DataError, match=r"SUBJECTS_SEVERAL.*Ann \(1 markers\), Box"):
        read_recording(cohort, row())


def test_a_plate_named_twice_is_refused() -> None:
    with pytest.raises(ValidationError, match="counted twice"):
        row(plates="two,two")
