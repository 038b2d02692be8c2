"""Files of sensors find their bodies and their trials, or are asked about."""

from __future__ import annotations

from pathlib import Path

import pytest

from gaitload.discovery.sensors import Sensors, sensors_of

TRIALS = ("p1/static.c3d", "p1/walk.c3d", "p1/run25.c3d")
FORMAT = "Xsens MT Manager text"


def _found(folder: Path, files: list[str], tables: tuple[str, ...] = ()) -> Sensors:
    return sensors_of(folder, dict.fromkeys(files, FORMAT), TRIALS, tables)


def test_files_called_after_bodies_are_on_them_and_their_folders_belong_to_trials(tmp_path: Path) -> None:
    files = [f"p1/{trial}_imu/{name}.txt" for trial in ("walk", "run25") for name in ("femur_r", "RightFoot")]
    found = _found(tmp_path, files)
    assert found.imu_files == {"femur_r": "femur_r.txt", "calcn_r": "RightFoot.txt"}
    assert found.imu_dirs == {"p1/walk.c3d": "p1/walk_imu", "p1/run25.c3d": "p1/run25_imu"}
    assert (found.questions, found.faults) == ((), ())


@pytest.mark.parametrize(
    ("mapping", "text"),
    [
        ("map.tsv", "sensor\tbody\n00B42268\tshank_l\n00B42279\tpelvis\n"),
        (
            "map.xml",
            '<OpenSimDocument><E><ExperimentalSensor name="_00B42268"><name_in_model>tibia_l_imu</name_in_model>'
            '</ExperimentalSensor><ExperimentalSensor name="_00B42279"><name_in_model>pelvis_imu</name_in_model>'
            "</ExperimentalSensor></E></OpenSimDocument>",
        ),
    ],
)
def test_serial_numbers_are_looked_up_in_a_mapping(tmp_path: Path, mapping: str, text: str) -> None:
    (tmp_path / mapping).write_text(text)
    files = [f"p1/walk/MT_0120_00-001_{serial}.txt" for serial in ("00B42268", "00B42279")]
    found = _found(tmp_path, files, ("map.tsv",) if mapping == "map.tsv" else ())
    assert found.imu_files == {"tibia_l": "MT_0120_00-001_00B42268.txt", "pelvis": "MT_0120_00-001_00B42279.txt"}
    assert found.imu_dirs == {"p1/walk.c3d": "p1/walk"}


def test_sensors_without_a_body_and_folders_without_a_trial_are_asked_about(tmp_path: Path) -> None:
    found = _found(tmp_path, ["p1/walk_imu/B42268.txt", "elsewhere/pelvis.txt"])
    assert [question.where for question in found.questions] == ["cohort.yaml, imu_files", "trials.tsv, imu_dir"]
    assert "B42268.txt" in found.questions[0].text


def test_a_body_whose_file_has_another_name_in_each_trial_is_a_fault(tmp_path: Path) -> None:
    found = _found(tmp_path, ["p1/walk_imu/pelvis_1.txt", "p1/run25_imu/pelvis_2.txt"])
    assert len(found.imu_dirs) == 1
    assert "Call the file of a body the same in every trial" in found.faults[0].do


def test_no_sensors_are_no_question(tmp_path: Path) -> None:
    assert _found(tmp_path, []) == Sensors({}, {})
