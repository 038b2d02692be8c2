"""A folder of inertial sensors without markers becomes a cohort that asks what sensors cannot tell."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gaitload.cohorts.reader import load_cohort
from gaitload.discovery.draft import draft_cohort
from gaitload.discovery.writing import write_cohort
from gaitload.errors import ConfigError
from gaitload.io.imu.xsens_write import write_xsens
from gaitload.trial import ImuRecording

BODIES = ("pelvis", "femur_r", "tibia_r")


def _sensors(folder: Path) -> None:
    folder.mkdir(parents=True)
    still = np.tile([0.0, 0.0, 9.81], (50, 1))
    level = np.tile([1.0, 0.0, 0.0, 0.0], (50, 1))
    for number, body in enumerate(BODIES):
        recording = ImuRecording(f"00B4{number}", np.arange(50) / 100, still, 0 * still, None, level)
        write_xsens(folder / f"{body}.txt", recording)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for who in ("S01", "S02"):
        for trial in ("calibration", "walk1", "task"):
            _sensors(tmp_path / "raw" / who / trial)
    return tmp_path / "raw"


def test_every_folder_of_sensors_is_a_trial_of_the_person_it_lies_in(folder: Path) -> None:
    draft = draft_cohort(folder, "lab", [])
    rows = {(row.participant_id, row.trial_id): (row.role, row.activity, row.file, row.imu_dir) for row in draft.trials}
    assert rows["S01", "calibration"] == ("static", "static", None, "S01/calibration")
    assert rows["S02", "walk1"] == ("motion", "walk", None, "S02/walk1")
    assert rows["S02", "task"] == ("motion", "other", None, "S02/task")
    assert len(rows) == 6 and draft.faults == ()
    assert draft.spec["imu_files"] == {body: f"{body}.txt" for body in BODIES}


def test_what_sensors_cannot_tell_is_asked_and_answered_once(folder: Path, tmp_path: Path) -> None:
    draft = draft_cohort(folder, "lab", [])
    (needed,) = [question for question in draft.questions if question.needed]
    assert needed.where == "cohort.yaml, imu_forward" and "imu_forward: {pelvis: +z}" in needed.text
    assert any("S01/task, S02/task" in question.text for question in draft.questions)
    place = tmp_path / "workflow/cohorts/lab"
    write_cohort(draft, place)
    with pytest.raises(ConfigError, match="no imu_forward"):
        load_cohort(place, root=tmp_path)
    with (place / "cohort.yaml").open("a") as file:
        file.write("imu_forward: {pelvis: +z}\n")
    cohort = load_cohort(place, root=tmp_path)
    assert [person.participant_id for person in cohort.movers] == ["S01", "S02"]


def test_a_matlab_file_beside_the_sensors_may_hold_the_markers(folder: Path) -> None:
    (folder / "markers.mat").write_bytes(b"MATLAB 5.0 MAT-file".ljust(200))
    asked = [question.text for question in draft_cohort(folder, "lab", []).questions]
    assert any("If markers.mat holds them, name it in `file`" in text for text in asked)
