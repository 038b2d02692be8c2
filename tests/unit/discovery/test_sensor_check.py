"""Files of sensors are read as the stages read them, and all that is wrong with them is told at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gaitload.cohorts.spec import CohortSpec
from gaitload.cohorts.tables import Cohort, Participant, TrialRow
from gaitload.config import Config
from gaitload.discovery.sensor_check import Seen, contradictions, sensors_of_trial, unused, worn_otherwise
from gaitload.io.imu.quaternion_sto import write_quaternion_sto
from gaitload.io.imu.xsens_write import write_xsens
from gaitload.stages.job import Job
from gaitload.trial import ImuRecording
from imu_files import swing

SPEC = {"name": "lab", "title": "", "source": "", "licence": "", "raw_dir": "raw", "lab_forward": "+x", "lab_up": "+y"}
ROW = TrialRow(participant_id="p1", trial_id="walk", role="motion", activity="walk", file="walk.trc", imu_dir="imu")
OPENSENSE = {
    "torso": "00B421E6",
    "tibia_l": "00B42268",
    "femur_r": "00B4227C",
    "calcn_r": "00B42279",
    "pelvis": "00B421ED",
    "femur_l": "00B4227D",
    "tibia_r": "00B421EE",
    "calcn_l": "00B421EF",
}


def _cohort(raw_dir: Path, row: TrialRow = ROW, **spec: object) -> Cohort:
    return Cohort(CohortSpec(**SPEC, **spec), raw_dir, (Participant(participant_id="p1"),), (row,))


def _seen(raw_dir: Path, imu_files: dict[str, str], *, row: TrialRow = ROW, **spec: object) -> Seen:
    cohort = _cohort(raw_dir, row, imu_files=imu_files, **spec)
    return sensors_of_trial(Job(Config(), cohort, cohort.participants[0], row, raw_dir / "results"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "imu").mkdir()
    return tmp_path


@pytest.fixture
def write(folder: Path) -> Callable[..., Path]:
    """Writes an Xsens file of one sensor at 100 Hz, which is no copy of another."""

    def written(name: str, samples: int = 500, rate_hz: float = 100.0) -> Path:
        motion, path = swing(samples, rate_hz), folder / f"imu/{name}.txt"
        own = motion.orientation_wxyz
        noise = np.random.default_rng(sum(map(ord, name))).normal(0.0, 0.01, (2, samples, 3))
        signals = (motion.acc + noise[0], motion.gyr + noise[1])
        write_xsens(path, ImuRecording(name, np.arange(samples) / rate_hz, *signals, None, own))
        return path

    return written


def test_sensors_are_counted_with_their_rate_and_duration(folder: Path, write: Callable) -> None:
    write("a"), write("b")
    assert _seen(folder, {"pelvis": "a.txt", "torso": "b.txt"}) == Seen(
        "2 sensors at 100 Hz for 5.0 s", duration_s=pytest.approx(4.99)
    )


def test_a_sensor_that_was_cut_off_between_lines_is_worth_a_second_look(folder: Path, write: Callable) -> None:
    write("a"), write("b", 200)
    seen = _seen(folder, {"pelvis": "a.txt", "torso": "b.txt"})
    assert seen.said == "2 sensors at 100 Hz for 5.0 s (torso lacks 60 % of it)"
    (remark,) = seen.remarks
    assert remark.startswith("IMU_SAMPLES_MISSING: share of samples that a sensor lacks: torso 60 %. It was cut off")


def test_a_file_that_is_there_twice_is_worth_a_second_look(folder: Path, write: Callable) -> None:
    text = write("a").read_text()
    (folder / "imu/b.txt").write_text(text.replace("DeviceId: a", "DeviceId: b"))
    (remark,) = _seen(folder, {"pelvis": "a.txt", "torso": "b.txt"}).remarks
    assert remark.startswith("IMU_RECORDING_TWICE") and ": pelvis and torso. " in remark


def test_too_short_a_recording_is_worth_a_second_look(folder: Path, write: Callable) -> None:
    write("a", 50)
    assert "recorded for 0.49 s" in _seen(folder, {"pelvis": "a.txt"}).remarks[0]


def test_each_file_that_cannot_be_read_is_told_in_the_words_of_its_reader(folder: Path, write: Callable) -> None:
    for name in ("a", "b", "c"):
        text = write(name).read_text()
        if name != "b":
            (folder / f"imu/{name}.txt").write_text(text[: len(text) // 2])
    (folder / "imu/d.txt").touch()
    files = {"pelvis": "a.txt", "torso": "b.txt", "tibia_l": "c.txt", "tibia_r": "d.txt", "femur_l": "e.txt"}
    told = _seen(folder, files).problems
    assert told[0] == f"no e.txt in {folder / 'imu'} (imu_dir, imu_files)"
    assert [(problem.partition("]")[0], Path(problem.split(":")[0].split()[-1]).name) for problem in told[1:]] == [
        ("[IMU_TRUNCATED", "a.txt"),
        ("[IMU_TRUNCATED", "c.txt"),
        ("[FILE_EMPTY", "d.txt"),
    ]
    del files["femur_l"]
    assert _seen(folder, files).problems == told[1:]


def test_a_file_that_the_machine_does_not_give_is_told_and_the_others_are_read(
    folder: Path, write: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("a"), write("b")
    read_bytes = Path.read_bytes

    def denied(path: Path) -> bytes:
        if path.name == "b.txt":
            raise PermissionError(13, "Permission denied", str(path))
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", denied)
    (problem,) = _seen(folder, {"pelvis": "a.txt", "torso": "b.txt"}).problems
    assert problem == f"{folder / 'imu/b.txt'} cannot be read: Permission denied"


def test_files_that_do_not_go_together_are_told_though_each_can_be_read(folder: Path, write: Callable) -> None:
    write("a")
    write("b", rate_hz=60.0)
    (problem,) = _seen(folder, {"pelvis": "a.txt", "torso": "b.txt"}).problems
    assert problem.startswith("[IMU_TRIAL_MIXED]")


def test_a_name_that_a_file_does_not_have_is_told_with_those_it_has(folder: Path) -> None:
    motion = swing(300, 100.0)
    own = motion.orientation_wxyz
    recordings = [
        ImuRecording(name, np.arange(300) / 100.0, motion.acc, motion.gyr, None, own) for name in ("Lumbar", "Chest")
    ]
    write_quaternion_sto(folder / "imu/all.sto", recordings)
    (problem,) = _seen(folder, {"pelvis": "all.sto#lumbar", "torso": "all.sto#Chest"}).problems
    assert problem.startswith("[IMU_SENSOR_UNKNOWN]")
    assert "2 sensors in all.sto: Lumbar, Chest; found #lumbar" in problem
    (problem,) = _seen(folder, {"pelvis": "all.sto"}).problems
    assert problem.startswith("[IMU_SENSORS_MANY]")
    assert "Lumbar, Chest" in problem
    assert _seen(folder, {"pelvis": "all.sto#Lumbar"}).said == "1 sensor at 100 Hz for 3.0 s"


def test_patterns_that_fit_several_files_or_one_file_twice_are_told(folder: Path, write: Callable) -> None:
    write("MT_1_a"), write("MT_1_b")
    (problem,) = _seen(folder, {"pelvis": "MT_*.txt", "torso": "*_b.txt"}).problems
    assert "[IMU_FILES_MANY]" in problem
    assert "MT_1_a.txt, MT_1_b.txt" in problem
    (problem,) = _seen(folder, {"pelvis": "*1_b.txt", "torso": "*_b.txt"}).problems
    assert "[IMU_FILES_SHARED]" in problem


def test_tables_of_ones_own_are_read_by_their_declared_columns(folder: Path) -> None:
    motion = swing(300, 100.0)
    columns = {"t": np.arange(300) / 100.0}
    columns |= {f"a{axis}": motion.acc[:, index] for index, axis in enumerate("xyz")}
    columns |= {f"g{axis}": motion.gyr[:, index] for index, axis in enumerate("xyz")}
    pd.DataFrame(columns).to_csv(folder / "imu/own.csv", index=False)
    declared = {"time": "t", "acc": ("ax", "ay", "az"), "gyr": ("gx", "gy", "gz")}
    units = {"acc_unit": "m/s2", "gyr_unit": "rad/s"}
    seen = _seen(folder, {"pelvis": "own.csv#mine"}, imu_columns={"mine": declared | units})
    assert seen == Seen("1 sensor at 100 Hz for 3.0 s", duration_s=pytest.approx(2.99))
    wrong = declared | units | {"gyr": ("gx", "gy", "wz")}
    assert "[IMU_COLUMNS_MISSING]" in _seen(folder, {"pelvis": "own.csv#mine"}, imu_columns={"mine": wrong}).problems[0]


def test_what_tables_say_of_sensors_has_to_fit_together(tmp_path: Path) -> None:
    assert "known: pelvis, torso" in next(contradictions(_cohort(tmp_path, imu_files={"thigh": "a.txt"})))
    assert "cohort.yaml has no imu_files" in next(contradictions(_cohort(tmp_path)))
    without = ROW.model_copy(update={"imu_dir": None})
    assert "no trial of trials.tsv an imu_dir" in next(
        unused(_cohort(tmp_path, without, imu_files={"pelvis": "a.txt"}))
    )
    assert list(unused(_cohort(tmp_path, imu_files={"pelvis": "a.txt"}))) == []


def test_eight_sensors_of_a_published_recording_are_read(shared: Path) -> None:
    files = {body: f"*_{serial}.txt" for body, serial in OPENSENSE.items()}
    row = ROW.model_copy(update={"imu_dir": "IMUData"})
    seen = _seen(shared / "opensense_example", files, row=row)
    assert seen == Seen("8 sensors at 100 Hz for 25.0 s (torso lacks 3 % of it)", duration_s=pytest.approx(25.04))
    seen = _seen(shared / "opensense_example", files | {"torso": "*_00B4*.txt"}, row=row)
    assert seen.problems[0].count("MT_012005D6_009-001_") == 8


def test_names_of_a_published_file_of_six_sensors_are_told(shared: Path) -> None:
    row = ROW.model_copy(update={"imu_dir": "APDM"})
    (problem,) = _seen(shared / "imu_cases", {"pelvis": "apdm_format7.csv#lumbar"}, row=row).problems
    assert "Lumbar, Right Ankle, Left Ankle, Left Foot, Chest, Right Foot; found #lumbar" in problem


def _up(*, turned_deg: float = 0.0) -> dict[str, np.ndarray]:
    angle = np.radians(turned_deg)
    return {"pelvis": np.array([0.0, np.sin(angle), np.cos(angle)]), "tibia_r": np.array([0.0, 1.0, 0.0])}


@pytest.mark.parametrize("turned_deg", [90.0, 180.0])
def test_a_sensor_that_is_worn_otherwise_than_in_the_other_trials_is_named(turned_deg: float) -> None:
    trials = {"p1/static": _up(), "p1/walk": _up(turned_deg=10.0), "p1/run": _up(turned_deg=turned_deg)}
    ((trial, remark),) = worn_otherwise(trials)
    assert trial == "p1/run"
    assert remark.startswith("IMU_WORN_OTHERWISE: the sensor on pelvis is turned by ") and "limit 60 deg" in remark


def test_sensors_worn_alike_raise_no_alarm() -> None:
    assert list(worn_otherwise({"p1/static": _up(), "p1/walk": _up(turned_deg=30.0), "p1/run": {}})) == []
    assert list(worn_otherwise({"p1/static": _up()})) == []


def test_the_axis_of_a_sensor_that_is_up_is_seen(folder: Path, write: Callable) -> None:
    write("a")
    up = _seen(folder, {"pelvis": "a.txt"}).up_sensor["pelvis"]
    expected = swing(500, 100.0).acc.mean(axis=0)
    np.testing.assert_allclose(up, expected / np.linalg.norm(expected), atol=0.01)
