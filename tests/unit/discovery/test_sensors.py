"""Files of sensors find their bodies and their trials, or are asked about."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gaitload.discovery.sensors import Sensors, sensors_of
from gaitload.io.imu.quaternion_sto import write_quaternion_sto
from gaitload.io.imu.xsens_write import write_xsens
from gaitload.trial import ImuRecording
from imu_files import swing

TRIALS = ("p1/static.c3d", "p1/walk.c3d", "p1/run25.c3d")
FORMAT = "Xsens MT Manager text"


def _found(folder: Path, files: list[str], mappings: tuple[str, ...] = ()) -> Sensors:
    for number, file in enumerate(files):
        motion = swing()
        recording = ImuRecording(f"s{number}", np.arange(300) / 60.0, motion.acc, motion.gyr)
        write_xsens(folder / file, recording)
    return sensors_of(folder, dict.fromkeys(files, FORMAT), TRIALS, mappings)


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
    (tmp_path / "other.xml").write_text("<OpenSimDocument/>")
    found = _found(tmp_path, files, ("other.xml", mapping))
    assert found.mappings == (mapping,)
    assert found.imu_files == {"tibia_l": "MT_0120_00-001_00B42268.txt", "pelvis": "MT_0120_00-001_00B42279.txt"}
    assert found.imu_dirs == {"p1/walk.c3d": "p1/walk"}


def test_sensors_without_a_body_and_folders_without_a_trial_are_asked_about(tmp_path: Path) -> None:
    found = _found(tmp_path, ["p1/walk_imu/B42268.txt", "elsewhere/pelvis.txt"])
    assert [question.where for question in found.questions] == ["cohort.yaml, imu_files", "trials.tsv, imu_dir"]
    assert '{BODY: "B42268.txt"}' in found.questions[0].text


def test_files_that_differ_between_trials_are_told_by_how_they_end(tmp_path: Path) -> None:
    (tmp_path / "map.tsv").write_text("sensor\tbody\n00B42268\tshank_l\n00B42279\tpelvis\n")
    files = [
        f"p1/{trial}/MT-00{number}_{serial}.txt"
        for number, trial in enumerate(("walk", "run25"))
        for serial in ("00B42268", "00B42279")
    ]
    found = _found(tmp_path, files, ("map.tsv",))
    assert found.imu_files == {"tibia_l": "*_00B42268.txt", "pelvis": "*_00B42279.txt"}
    assert len(found.imu_dirs) == 2
    assert found.faults == ()


def test_files_that_end_in_nothing_common_are_a_fault(tmp_path: Path) -> None:
    found = _found(tmp_path, ["p1/walk_imu/pelvis_1.txt", "p1/run25_imu/sacrum_2.txt"])
    assert found.imu_files == {}
    assert "Call the file of a body alike in every trial" in found.faults[0].do


def test_a_trial_that_lacks_a_sensor_of_the_others_is_left_out(tmp_path: Path) -> None:
    files = [f"p1/{trial}_imu/{body}.txt" for trial in ("static", "walk", "run25") for body in ("pelvis", "torso")]
    found = _found(tmp_path, files[:-1])
    assert found.imu_files.keys() == {"pelvis", "torso"}
    assert found.imu_dirs.keys() == {"p1/static.c3d", "p1/walk.c3d"}
    assert "no sensor on torso" in found.faults[0].what


def test_sensors_that_share_a_file_are_picked_by_name(tmp_path: Path) -> None:
    motion = swing()
    for trial in ("walk", "run25"):
        recordings = [
            ImuRecording(name, np.arange(300) / 60.0, motion.acc, motion.gyr, None, motion.orientation_wxyz)
            for name in ("pelvis_imu", "femur_l_imu")
        ]
        (tmp_path / f"p1/{trial}_imu").mkdir(parents=True)
        write_quaternion_sto(tmp_path / f"p1/{trial}_imu/all.sto", recordings)
    files = {f"p1/{trial}_imu/all.sto": "OpenSim quaternion .sto" for trial in ("walk", "run25")}
    found = sensors_of(tmp_path, files, TRIALS, ())
    assert found.imu_files == {"pelvis": "all.sto#pelvis_imu", "femur_l": "all.sto#femur_l_imu"}
    assert len(found.imu_dirs) == 2


def test_a_rate_that_files_do_not_say_is_asked_for(tmp_path: Path) -> None:
    files = ["p1/walk_imu/pelvis.txt"]
    _found(tmp_path, files)
    path = tmp_path / files[0]
    path.write_text("\n".join(line for line in path.read_text().splitlines() if "Rate" not in line) + "\n")
    (question,) = sensors_of(tmp_path, dict.fromkeys(files, FORMAT), TRIALS, ()).questions
    assert question.where == "cohort.yaml, imu_rate_hz"
    assert question.needed


def test_no_sensors_are_no_question(tmp_path: Path) -> None:
    assert _found(tmp_path, []) == Sensors({}, {})


@pytest.mark.parametrize(
    ("names", "pattern"),
    [
        (("Pelvis_20210820_202113_836.csv", "Pelvis_20210821_101500_114.csv"), "Pelvis_*.csv"),
        (("Pelvis_20210820_202113_836.csv", "Pelvis_20210821_101500_836.csv"), "Pelvis_*.csv"),
        (("20210820_Pelvis_1.csv", "20210821_Pelvis_2.csv"), "*_Pelvis_*.csv"),
        (("20210820_Pelvis_1.csv", "20210821_Pelvis_1.csv"), "*_Pelvis_1.csv"),
        (("20210820-Pelvis.csv", "Take2-Pelvis.csv"), "*-Pelvis.csv"),
    ],
)
def test_files_named_after_bodies_and_dates_are_told_by_the_word_for_the_body(
    tmp_path: Path, names: tuple[str, str], pattern: str
) -> None:
    files = [f"p1/{trial}_imu/{name}" for trial, name in zip(("walk", "run25"), names, strict=True)]
    others = [file.replace("Pelvis", "LFemur") for file in files]
    found = _found(tmp_path, [*files, *others])
    assert found.imu_files == {"pelvis": pattern, "femur_l": pattern.replace("Pelvis", "LFemur")}
    assert found.imu_dirs == {"p1/walk.c3d": "p1/walk_imu", "p1/run25.c3d": "p1/run25_imu"}
    assert found.faults == ()


def test_sides_are_no_word_for_another_body(tmp_path: Path) -> None:
    """`Thigh_1.csv` alone fits both legs: the side belongs to the word."""
    names = ("R_Thigh", "L_Thigh")
    files = [f"p1/{trial}_imu/{name}_{trial}.csv" for trial in ("walk", "run25") for name in names]
    assert _found(tmp_path, files).imu_files == {"femur_r": "R_Thigh_*.csv", "femur_l": "L_Thigh_*.csv"}
